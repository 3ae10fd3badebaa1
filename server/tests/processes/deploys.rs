//! K27: what an orderly stop does to people who pay meanwhile, and what a disorderly end of it does to their money. K26: the
//! same while one release follows another.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Pace, Payers, Stack, VICTIMS, Victim, household, patience, portal_under_test};

/// Not ready any more and still answering; and no longer answering anybody new.
const POINTS: [&str; 2] = ["K27-leaving", "K27-draining"];

#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_not_noticed() {
    let mut stack = Stack::start("deploys", 2, Pace::chosen()).await;
    let payers = Payers::undisturbed(household(&stack, 6, 1).await);

    payers.some_more(6, patience()).await;
    stop_under_load(&mut stack, 0).await;

    let told = payers.stop().await;
    stack.portals.remove(0);
    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "deploys: {} payments taken meanwhile, {} statements made, without one error",
        figures.taken,
        told.len()
    );
}

/// The code of the release before works on the schema of this one, beside its code, and after a start of its own. Both find
/// the books in order.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the portal of the release before, which `cargo xtask soak` builds"]
async fn a_release_follows_another_unnoticed() {
    let Some(before) = std::env::var_os("PORTAL_BEFORE").map(PathBuf::from) else {
        println!("SKIPPED: a release after another (PORTAL_BEFORE names no portal)");
        return;
    };
    let mut stack = Stack::start_with(&before, "releases", 2, Pace::chosen()).await;
    let payers = Payers::undisturbed(household(&stack, 6, 1).await);
    payers.some_more(6, patience()).await;

    stack.deploy(&portal_under_test());
    stack.portal(&["migrate"]);
    payers.some_more(6, patience()).await;
    stack.deploy(&before);
    replace(&mut stack, 1).await;
    payers.some_more(6, patience()).await;
    stack.check();

    stack.deploy(&portal_under_test());
    for number in [0, 1] {
        replace(&mut stack, number).await;
        payers.some_more(6, patience()).await;
        stack.check();
    }

    let told = payers.stop().await;
    stack.settle_down(patience()).await;
    let figures = stack.books_agree(&told).await;
    println!(
        "releases: {} payments taken while one followed another, {} statements made, without one error",
        figures.taken,
        told.len()
    );
}

/// One portal makes room, in order, for the one deployed last.
async fn replace(stack: &mut Stack, number: usize) {
    stop_under_load(stack, number).await;
    stack.restart_portal(number, None).await;
    stack.doors.open(stack.portals[number].member);
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
async fn stop_under_load(stack: &mut Stack, number: usize) {
    let ops = stack.portals[number].ops;
    let member = stack.portals[number].member;
    let started = Instant::now();
    stack.portals[number].process.terminate();

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
    while stack.portals[number].process.ended().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "still there after ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(stack.portals[number].process.ended().unwrap().success());
    println!("deploys: drained in {:.1?}", started.elapsed());
}
