//! K27: what an orderly stop does to people who pay meanwhile, and what a disorderly end of it does to their money.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{Pace, Payers, Person, Stack, Told, VICTIMS, Victim, card, household, patience};

/// Not ready any more and still answering; and no longer answering anybody new.
const POINTS: [&str; 2] = ["K27-leaving", "K27-draining"];

#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_not_noticed() {
    let mut stack = Stack::start("deploys", 2, Pace::chosen()).await;
    let people = household(&stack, 6, 1).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut payers = JoinSet::new();
    for person in people {
        payers.spawn(pay_on_and_on(person, Arc::clone(&over)));
    }

    tokio::time::sleep(Duration::from_secs(2)).await;
    stop_under_load(&mut stack).await;

    over.store(true, Ordering::Relaxed);
    let mut told = Vec::new();
    while let Some(heard) = payers.join_next().await {
        told.extend(heard.unwrap());
    }
    stack.portals.remove(0);
    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "deploys: {} payments taken meanwhile, {} statements made, without one error",
        figures.taken,
        told.len()
    );
    assert!(figures.taken >= 6, "too little was going on: {figures:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_portal_that_dies_while_it_stops_loses_nothing() {
    let mut stack = Stack::start("stops", 2, Pace::chosen()).await;
    let people = household(&stack, 6, 1).await;
    // A gateway that takes its time: there is always something under way.
    let slow = json!({ "prefix": "", "op": "pages", "fault": "slow", "count": 1_000_000, "ms": 120 });
    stack.dial("/faults", &slow).await;
    let payers = Payers::start(people);
    let started = Instant::now();
    for point in POINTS {
        for victim in VICTIMS {
            die_while_stopping(&mut stack, point, victim, &payers).await;
        }
    }

    let told = payers.stop().await;
    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "stops: {} points × {} victims in {:.0?}, {} payments taken meanwhile, {} statements made; 0 lost, doubled or stuck",
        POINTS.len(),
        VICTIMS.len(),
        started.elapsed(),
        figures.taken,
        told.len()
    );
}

/// One of two portals is told to stop, and something dies when it has come so far. The other one goes on.
async fn die_while_stopping(stack: &mut Stack, point: &str, victim: Victim, payers: &Payers) {
    stack.restart_portal(0, Some(point)).await;
    payers.one_more(patience()).await;
    let (member, ops) = (stack.portals[0].member, stack.portals[0].ops);
    stack.portals[0].process.terminate();
    let reached = stack.portals[0].process.reached(point, Duration::from_secs(20));
    assert!(reached, "{point} was not reached:\n{}", stack.portals[0].process.words());

    let ready = stack.http.get(format!("http://{ops}/readyz")).send().await.unwrap();
    assert_eq!(ready.status().as_u16(), 503, "{point}: ready");
    let page = || stack.http.get(format!("http://{member}/sign-in")).send();
    if point == "K27-leaving" {
        assert!(page().await.unwrap().status().is_success(), "{point}: no answer any more");
    } else {
        let (start, mut answers) = (Instant::now(), true);
        while answers && start.elapsed() < Duration::from_secs(2) {
            answers = page().await.is_ok();
        }
        assert!(!answers, "{point}: still open");
    }
    stack.doors.close(member);
    payers.one_more(patience()).await;

    stack.strike(victim).await;
    if victim == Victim::Postgres {
        let ended = stack.portals[0].process.ends(Duration::from_secs(20));
        assert!(ended.is_some_and(|it| it.success()), "{point}: {ended:?}, and should have stopped");
        stack.restart_portal(0, None).await;
    }
    stack.doors.open(member);
    payers.one_more(patience()).await;
}

/// Not ready first, everything under way answered, gone within ten seconds.
async fn stop_under_load(stack: &mut Stack) {
    let ops = stack.portals[0].ops;
    let member = stack.portals[0].member;
    let started = Instant::now();
    stack.portals[0].process.terminate();

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
    while stack.portals[0].process.ended().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "still there after ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(stack.portals[0].process.ended().unwrap().success());
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
