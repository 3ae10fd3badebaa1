//! A password that is made anew while something dies: the link is used up and the password stored, or neither.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::{Browser, Pace, Person, Stack, VICTIMS, fields, household};

const POINT: &str = "K25";

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_whole_or_has_not_happened() {
    let mut stack = Stack::start("resets", 1, Pace::chosen()).await;
    let mut people = household(&stack, VICTIMS.len(), 1).await;
    for (number, victim) in VICTIMS.into_iter().enumerate() {
        let person = &mut people[number];
        stack.restart_portal(0, Some(POINT)).await;
        let mut elsewhere = Browser::new(&stack.origin, &stack.doors, 100 + number);
        let form = asked_for_a_link(&stack, person, &mut elsewhere).await;

        let finish = {
            let (mut browser, form) = (elsewhere.clone(), form.clone());
            tokio::spawn(async move { browser.post("/api/reset-finish", &form).await })
        };
        let reached = stack.portals[0].process.reached(POINT, Duration::from_secs(20));
        assert!(reached, "{POINT} was not reached:\n{}", stack.portals[0].process.words());
        stack.strike(victim).await;
        let said = finish.await.unwrap().ok().and_then(|answer| answer.location);
        assert_ne!(said.as_deref(), Some("/reset?done=1"), "{victim:?}: told that it was done");

        // Nothing has happened: the old password is good, the visit lives, the link can still be used.
        let new = form["password"].clone();
        assert!(
            !signs_in(&stack, person, &new, 200 + number).await,
            "{victim:?}: a password without a commit"
        );
        assert!(signs_in(&stack, person, &person.password, 300 + number).await, "{victim:?}: locked out");
        assert_eq!(home(person).await, 200, "{victim:?}: the visit ended");
        let done = again(&mut elsewhere, &form).await;
        assert_eq!(done.as_deref(), Some("/reset?done=1"), "{victim:?}: the link was used up for nothing");

        // Now all of it has.
        assert!(!signs_in(&stack, person, &person.password, 400 + number).await, "{victim:?}: two passwords");
        assert!(signs_in(&stack, person, &new, 500 + number).await, "{victim:?}: no password");
        assert_eq!(home(person).await, 303, "{victim:?}: the old visit lives on");
        let used = again(&mut elsewhere, &form).await;
        assert_ne!(used.as_deref(), Some("/reset?done=1"), "{victim:?}: the link can be used twice");
    }
    stack.check();
}

async fn home(person: &mut Person) -> u16 {
    for _ in 0..20 {
        let page = person.browser.get("/").await.unwrap();
        if !page.is_trouble() {
            return page.status;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no page comes");
}

/// The form of the mailed link, filled in with the code shown where it was asked for.
async fn asked_for_a_link(stack: &Stack, person: &Person, browser: &mut Browser) -> BTreeMap<String, String> {
    let asked = browser.post("/api/reset", &fields([("email", &person.email)])).await.unwrap();
    let shown = browser.follow(asked).await.unwrap();
    let code = shown.body.split_once("code-shown\">").and_then(|(_, rest)| rest.split_once('<'));
    let code = code.unwrap_or_else(|| panic!("no code is shown: {shown}")).0;

    stack.portal(&["work", "--once"]);
    let token = mailed_token(stack, &person.email).await;
    let page = browser.get(&format!("/reset?token={token}")).await.unwrap();
    let mut form =
        page.form("/api/reset-finish").unwrap_or_else(|| panic!("no form behind the link: {page}"));
    form.extend(fields([("code", code), ("password", "quiet-marble-harbor-violin")]));
    form
}

/// The portal may be mailing the link at this very moment.
async fn mailed_token(stack: &Stack, email: &str) -> String {
    for _ in 0..50 {
        for mail in stack.mail_to(email).await {
            let text = mail["text"].as_str().unwrap_or_default();
            if let Some((_, rest)) = text.split_once("/reset?token=") {
                return rest.split_whitespace().next().unwrap().to_owned();
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no link was mailed to {email}");
}

/// The same form once more; a database that has just come back may say "busy" first.
async fn again(browser: &mut Browser, form: &BTreeMap<String, String>) -> Option<String> {
    for _ in 0..20 {
        let answer = browser.post("/api/reset-finish", form).await.unwrap();
        if !answer.is_trouble() {
            return answer.location;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    None
}

async fn signs_in(stack: &Stack, person: &Person, password: &str, number: usize) -> bool {
    for _ in 0..20 {
        let mut browser = Browser::new(&stack.origin, &stack.doors, number);
        let form =
            fields([("email", person.email.as_str()), ("password", password), ("next", ""), ("kept", "")]);
        let answer = browser.post("/api/sign-in", &form).await.unwrap();
        if !answer.is_trouble() {
            return answer.location.as_deref() == Some("/");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("nobody can sign in");
}
