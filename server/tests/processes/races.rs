//! One intent submitted from everywhere at once, over two portals: one charge, one answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{
    Answer, Browser, Journal, Order, Pace, Person, Stack, Told, card, fields, household, patience, soaks,
};

const WAYS: usize = 64;

/// Answers that asked to come again.
static BUSY: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_submitted_from_everywhere_charges_once() {
    let intents = if soaks() { 500 } else { 50 };
    let stack = Stack::start("races", 2, Pace::chosen()).await;
    // One person each: what a minute allows one person is less than this.
    let mut people = household(&stack, intents + 3, 1).await;
    let started = Instant::now();
    let mut payments = Vec::new();
    for person in &mut people[..intents] {
        let order = person.fill_in(person.bills[0], "card").await.unwrap().unwrap();
        submit_from_everywhere(person, &order).await;
        payments.push(order.payment);
    }
    println!(
        "races: {intents} intents submitted {WAYS} ways over two portals in {:.0?}; {} answers asked to come again",
        started.elapsed(),
        BUSY.load(Ordering::Relaxed)
    );

    let mut told: Vec<_> = payments.iter().map(|payment| (*payment, Told::Received)).collect();
    told.extend(double_submit_and_back_button(&mut people[intents]).await);
    told.extend(two_tabs_that_look_alike(&mut people[intents + 1]).await);
    told.extend(many_forms_for_all_that_is_owed(&mut people[intents + 2]).await);

    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    assert_eq!(figures.taken, intents + 1 + 2 + 1, "charges");
    let charges = Journal::of(&stack).await.0.into_iter().filter(|line| line.kind == "charge");
    let references: Vec<_> = charges.map(|line| line.reference).collect();
    let once: BTreeSet<_> = references.iter().collect();
    assert_eq!(once.len(), references.len(), "a reference was charged twice");
}

/// The same form 64 times, its check page confirmed 64 times, the gateway's page sent 8 times: all at once.
async fn submit_from_everywhere(person: &mut Person, order: &Order) {
    let page = format!("/payments/{}", order.payment);
    for answer in at_once(person, WAYS, "/api/pay", order.form.clone()).await {
        assert_eq!((answer.status, answer.location.as_deref()), (303, Some(page.as_str())), "{answer}");
    }

    let confirm = fields([("payment_id", &order.payment.to_string())]);
    let answers = at_once(person, WAYS, "/api/pay/confirm", confirm).await;
    let mut gateway = BTreeSet::new();
    for answer in &answers {
        assert_eq!(answer.status, 303, "{answer}");
        let to = answer.location.clone().unwrap();
        if to != page {
            assert!(person.browser.path_of(&to).is_none(), "led astray: {answer}");
            gateway.insert(to);
        }
    }
    assert!(gateway.len() <= 1, "two pages of the gateway: {gateway:?}");

    if let Some(url) = gateway.first() {
        let mut submits = JoinSet::new();
        for _ in 0..8 {
            let (browser, url) = (person.browser.clone(), url.clone());
            submits
                .spawn(async move { browser.pay_at_gateway(&url, &card("4242424242424242")).await.unwrap() });
        }
        while let Some(answer) = submits.join_next().await {
            let back = answer.unwrap().location.unwrap();
            assert!(person.browser.path_of(&back).unwrap().starts_with(&page), "{back}");
        }
    }
    let mut hear = |_| ();
    let card = card("4242424242424242");
    let end = person.see_through(order, &card, Duration::from_secs(30), &mut hear).await;
    assert_eq!(end, Some(Told::Received));
}

/// The answers to one form sent so many ways. Who is told "busy, come again" comes again, as a browser's person would.
async fn at_once(
    person: &Person,
    ways: usize,
    path: &'static str,
    form: BTreeMap<String, String>,
) -> Vec<Answer> {
    let mut posts = JoinSet::new();
    for _ in 0..ways {
        let (browser, form) = (person.browser.clone(), form.clone());
        posts.spawn(until_answered(browser, path, form));
    }
    posts.join_all().await
}

async fn until_answered(mut browser: Browser, path: &'static str, form: BTreeMap<String, String>) -> Answer {
    for _ in 0..20 {
        let answer = browser.post(path, &form).await.unwrap();
        if !answer.is_trouble() {
            return answer;
        }
        assert!(matches!(answer.status, 429 | 503), "{path}: {answer}");
        BUSY.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{path}: busy for ever");
}

/// Twice quickly, and once more from the history of the browser when all is over.
async fn double_submit_and_back_button(person: &mut Person) -> Vec<(Uuid, Told)> {
    let order = person.fill_in(person.bills[0], "card").await.unwrap().unwrap();
    submit_from_everywhere(person, &order).await;
    let page = format!("/payments/{}", order.payment);
    for path in ["/api/pay", "/api/pay/confirm", "/api/pay/continue"] {
        let form = if path == "/api/pay" {
            order.form.clone()
        } else {
            fields([("payment_id", &order.payment.to_string())])
        };
        let again = person.browser.post(path, &form).await.unwrap();
        assert_eq!((again.status, again.location.as_deref()), (303, Some(page.as_str())), "{path}: {again}");
        let shown = person.browser.follow(again).await.unwrap();
        assert_eq!(shown.told(), Some(Told::Received), "{path}");
    }

    // The same key with another amount is another order: refused, and nothing moves.
    let mut other = order.form.clone();
    other.insert("amount".to_owned(), "999.99".to_owned());
    let refused = person.browser.post("/api/pay", &other).await.unwrap();
    assert_eq!(refused.status, 409, "{refused}");
    vec![(order.payment, Told::Received)]
}

/// The same amount for the same bill within minutes, under another key. A tab opened before the first payment shows a bill
/// that has changed since; one opened after it needs an explicit yes.
async fn two_tabs_that_look_alike(person: &mut Person) -> Vec<(Uuid, Told)> {
    let bill = person.bills[0];
    let first = person.fill_in(bill, "card").await.unwrap().unwrap();
    let tab = person.same_again(&first).await;
    // Both tabs get as far as their check page before either is sent.
    for order in [&first, &tab] {
        let answer = person.browser.post("/api/pay", &order.form).await.unwrap();
        assert_eq!(answer.location, Some(format!("/payments/{}", order.payment)), "{answer}");
    }
    let card = card("4242424242424242");
    let mut hear = |_| ();
    let end = person.see_through(&first, &card, Duration::from_secs(30), &mut hear).await;
    assert_eq!(end, Some(Told::Received));
    not_sent_without_a_word(person, &tab).await;

    let second = person.same_again(&first).await;
    person.browser.post("/api/pay", &second.form).await.unwrap();
    not_sent_without_a_word(person, &second).await;
    let asked = person.look(second.payment).await.unwrap();
    assert_eq!(asked.told(), Some(Told::LooksAlike), "{asked}");

    let yes = fields([("payment_id", second.payment.to_string().as_str()), ("again", "yes")]);
    let sent = person.browser.post("/api/pay/confirm", &yes).await.unwrap();
    let url = sent.location.clone().filter(|to| person.browser.path_of(to).is_none());
    let url = url.unwrap_or_else(|| panic!("a yes is not enough: {sent}"));
    person.browser.pay_at_gateway(&url, &card).await.unwrap();
    let end = person.see_through(&second, &card, Duration::from_secs(30), &mut hear).await;
    assert_eq!(end, Some(Told::Received));
    vec![(first.payment, Told::Received), (second.payment, Told::Received)]
}

async fn not_sent_without_a_word(person: &Person, order: &Order) {
    let confirm = fields([("payment_id", &order.payment.to_string())]);
    for answer in at_once(person, 8, "/api/pay/confirm", confirm).await {
        let back = answer.location.unwrap_or_default();
        assert!(person.browser.path_of(&back).is_some(), "sent without a word: {back}");
    }
}

/// 64 forms with keys of their own, each for the whole bill: one goes through.
async fn many_forms_for_all_that_is_owed(person: &mut Person) -> Vec<(Uuid, Told)> {
    let bill = person.bills[0];
    let mut orders = Vec::new();
    for _ in 0..WAYS {
        let page = person.browser.get(&format!("/bills/{bill}/pay")).await.unwrap();
        let mut form = page.form("/api/pay").unwrap();
        form.insert("method".to_owned(), "card".to_owned());
        let payment: Uuid = form["payment_id"].parse().unwrap();
        orders.push(Order { payment, form });
    }
    let mut posts = JoinSet::new();
    for order in &orders {
        let (browser, form, payment) =
            (person.browser.clone(), order.form.clone(), order.payment.to_string());
        posts.spawn(async move {
            until_answered(browser.clone(), "/api/pay", form).await;
            until_answered(browser, "/api/pay/confirm", fields([("payment_id", &payment)])).await
        });
    }
    let answers = posts.join_all().await;
    let gateway: Vec<_> = answers
        .iter()
        .filter_map(|it| it.location.clone())
        .filter(|to| person.browser.path_of(to).is_none())
        .collect();
    assert_eq!(gateway.len(), 1, "sent to the gateway: {gateway:?}");
    assert!(answers.iter().all(|answer| answer.status < 500), "{:?}", answers.iter().map(|it| it.status));

    person.browser.pay_at_gateway(&gateway[0], &card("4242424242424242")).await.unwrap();
    let mut told = Vec::new();
    for order in &orders {
        let page = person.browser.get(&format!("/payments/{}", order.payment)).await.unwrap();
        if page.told() == Some(Told::AtGateway) {
            let end = person
                .see_through(order, &card("4242424242424242"), Duration::from_secs(30), &mut |_| ())
                .await;
            assert_eq!(end, Some(Told::Received));
            told.push((order.payment, Told::Received));
        }
    }
    told
}
