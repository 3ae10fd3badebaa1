//! The crash matrix: the portal, Postgres or both stopped dead at a point the portal itself said it had reached.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::harness::{Order, Pace, Person, Stack, Told, VICTIMS, Victim, card, household, patience};

/// Points of a payment, in its order.
const POINTS: [&str; 15] =
    ["K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K13", "K14", "K15"];

#[test]
fn a_payment_survives_a_crash_at_every_point() {
    let crashes: Vec<_> =
        POINTS.iter().flat_map(|point| VICTIMS.map(|victim| (*point, victim))).rev().collect();
    let (count, left) = (crashes.len(), Mutex::new(crashes));
    let started = Instant::now();
    // A thread each, which waits for processes as long as it likes.
    let lanes: Vec<_> = std::thread::scope(|scope| {
        let lanes = [0, 1].map(|lane| {
            let left = &left;
            scope.spawn(move || Runtime::new().unwrap().block_on(crash_on_and_on(lane, left)))
        });
        lanes.map(|lane| lane.join().unwrap()).into()
    });
    let done: usize = lanes.iter().map(|(crashes, _)| crashes).sum();
    assert_eq!(done, count, "crashes");
    println!(
        "crash: {} points × {} victims in {:.0?}, {} statements made; 0 lost, doubled or stuck",
        POINTS.len(),
        VICTIMS.len(),
        started.elapsed(),
        lanes.iter().map(|(_, statements)| statements).sum::<usize>()
    );
}

/// One crash after the other on a stack of its own, until none is left. Gives how many, and how much was told.
async fn crash_on_and_on(lane: usize, left: &Mutex<Vec<(&'static str, Victim)>>) -> (usize, usize) {
    let mut stack = Stack::start(&format!("crash-{lane}"), 1, Pace::chosen()).await;
    let mut people = household(&stack, 6, 2).await;
    let (mut told, mut done) = (Vec::new(), 0);
    let next = || left.lock().unwrap().pop();
    while let Some((point, victim)) = next() {
        let person = &mut people[done % 6];
        crash_at(&mut stack, person, point, victim, &mut told).await;
        done += 1;
    }
    (done, told.len())
}

/// One payment, one crash, one comparison.
async fn crash_at(
    stack: &mut Stack,
    person: &mut Person,
    point: &str,
    victim: Victim,
    told: &mut Vec<(Uuid, Told)>,
) {
    stack.restart_portal(0, Some(point)).await;
    let fault = match point {
        "K4" => Some("timeout_before"),
        "K5" => Some("timeout_after"),
        _ => None,
    };
    if let Some(fault) = fault {
        let dial = json!({ "prefix": "", "op": "pages", "fault": fault, "count": 1, "ms": 2000 });
        stack.dial("/faults", &dial).await;
    }

    let bill = person.bills[0];
    let order = person.fill_in(bill, "card").await.unwrap().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let payer = tokio::spawn(pay(person.clone(), order.clone(), Arc::clone(&heard)));

    let reached = stack.portals[0].process.reached(point, Duration::from_secs(20));
    assert!(reached, "{point} was not reached:\n{}", stack.portals[0].process.words());
    if point == "K15" {
        // The other one wins: the person asks, and is told, while the event's work stands still.
        let ended = tokio::time::timeout(patience(), wait_for_end(&heard)).await;
        assert!(ended.is_ok(), "K15: the answer did not overtake: {heard:?}");
    }
    stack.strike(victim).await;

    stack.settle_down(patience()).await;
    let end = payer.await.unwrap();
    stack.clear_faults().await;
    stack.settle_down(patience()).await;

    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let may_end = |end: Told| end.is_taken() || (matches!(point, "K3" | "K4") && end == Told::NotTaken);
    assert!(end.is_some_and(may_end), "{point} × {victim:?}: ended {end:?}, heard {heard:?}");
    told.extend(heard.into_iter().map(|told| (order.payment, told)));
    stack.books_agree(told).await;

    // Told by mail once: with a receipt of money that was taken, or, as promised, that none was.
    let mail = stack.mail_to(&person.email).await;
    let about =
        mail.iter().filter(|mail| mail["text"].as_str().unwrap().contains(&order.payment.to_string()));
    let subjects: Vec<_> = about.map(|mail| mail["subject"].as_str().unwrap()).collect();
    let due = if end.is_some_and(Told::is_taken) { "Your receipt" } else { "Your payment was not taken" };
    assert_eq!(subjects, [due], "{point} × {victim:?}: mailed");
}

async fn pay(mut person: Person, order: Order, heard: Arc<Mutex<Vec<Told>>>) -> Option<Told> {
    let mut hear = |told| heard.lock().unwrap().push(told);
    person.see_through(&order, &card("4242424242424242"), patience(), &mut hear).await
}

async fn wait_for_end(heard: &Mutex<Vec<Told>>) {
    while !heard.lock().unwrap().iter().any(|told| told.is_taken()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
