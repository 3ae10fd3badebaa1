//! What a deployment does to people who pay meanwhile: migrations, and an orderly stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{Pace, Person, Stack, Told, card, household};

#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_not_noticed() {
    let mut stack = Stack::start("deploys", 2, Pace::Hasty).await;
    let people = household(&stack, 6, 1).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut payers = JoinSet::new();
    for person in people {
        payers.spawn(pay_on_and_on(person, Arc::clone(&over)));
    }

    migrate_under_load(&stack).await;
    stop_under_load(&mut stack).await;

    over.store(true, Ordering::Relaxed);
    let mut told = Vec::new();
    while let Some(heard) = payers.join_next().await {
        told.extend(heard.unwrap());
    }
    stack.portals.remove(0);
    stack.settle_down(Duration::from_mins(1)).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "deploys: {} payments taken meanwhile, {} statements made, without one error",
        figures.taken,
        told.len()
    );
    assert!(figures.taken >= 6, "too little was going on: {figures:?}");
}

/// Two at once, as two nodes do that start together: one works, the other waits, both are content. There is one release
/// so far; the schema of the one before joins here with the next.
async fn migrate_under_load(stack: &Stack) {
    for url in [stack.cluster.url.clone(), stack.empty_database().await] {
        let migrate = || stack.command(&["migrate"]).env("DATABASE_URL", &url).spawn().unwrap();
        let mut both = [migrate(), migrate()];
        for one in &mut both {
            assert!(one.wait().unwrap().success(), "two migrations at once");
        }
    }
    stack.check();
}

/// Not ready first, everything under way answered, gone within ten seconds.
async fn stop_under_load(stack: &mut Stack) {
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ops = stack.portals[0].ops;
    let member = stack.portals[0].member;
    let started = Instant::now();
    stack.portals[0].terminate();

    let mut said_so = false;
    while started.elapsed() < Duration::from_secs(10) {
        match stack.http.get(format!("http://{ops}/readyz")).send().await {
            Ok(answer) if answer.status().as_u16() == 503 => {
                if !said_so {
                    let page = stack.http.get(format!("http://{member}/sign-in")).send().await;
                    let page = page.unwrap_or_else(|why| panic!("not ready, and gone at once: {why}"));
                    assert!(
                        page.status().is_success(),
                        "not ready, and no answer any more: {}",
                        page.status()
                    );
                }
                said_so = true;
                stack.doors.close(member);
            }
            Ok(_) => {}
            Err(_) => break,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(said_so, "it left without a word");
    while stack.portals[0].ended().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "still there after ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(stack.portals[0].ended().unwrap().success());
    println!("deploys: drained in {:.1?}", started.elapsed());
}

/// Pays part after part, through whichever portal is ready. One error is one too many.
async fn pay_on_and_on(mut person: Person, over: Arc<AtomicBool>) -> Vec<(Uuid, Told)> {
    let mut told = Vec::new();
    let bill = person.bills[0];
    while !over.load(Ordering::Relaxed) {
        for path in ["/".to_owned(), format!("/bills/{bill}"), "/payments".to_owned()] {
            let page = person.browser.get(&path).await.unwrap_or_else(|why| panic!("{path}: {why:?}"));
            assert_eq!(page.status, 200, "{path}: {page}");
        }
        let order = person.fill_in(bill, "card").await.unwrap().unwrap();
        let mut hear = |heard| told.push((order.payment, heard));
        let patience = Duration::from_secs(20);
        let end = person.see_through(&order, &card("4242424242424242"), patience, &mut hear).await;
        assert!(end.is_some_and(Told::is_taken), "{end:?}");
        assert_eq!(person.browser.troubles, 0, "an error was seen");
    }
    told
}
