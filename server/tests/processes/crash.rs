//! The crash matrix: the portal, Postgres or both stopped dead at a point the portal itself said it had reached.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::harness::{
    Books, Journal, Order, Pace, Person, Stack, Told, VICTIMS, Victim, card, household, patience,
};

/// Points of a payment, in its order. K7 to K9 stand around two commits: that of the gateway's page, and that which posts.
const POINTS: [&str; 18] = [
    "K1",
    "K2",
    "K3",
    "K4",
    "K5",
    "K6",
    "K7",
    "K8",
    "K9",
    "K12",
    "K13",
    "K14",
    "K15",
    "K7-posting",
    "K8-posting",
    "K9-posting",
    "K10",
    "K11",
];

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
    stands_where_it_says(stack, point, order.payment).await;
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

/// What is durable when the process stands still: how far the gateway came, and whether our ledger has it.
async fn stands_where_it_says(stack: &Stack, point: &str, payment: Uuid) {
    let at_gateway = match point {
        "K1" | "K2" | "K3" | "K4" => None,
        "K5" | "K6" | "K7" | "K8" | "K9" => Some("open"),
        _ => Some("captured"),
    };
    let posted = match point {
        "K9-posting" | "K10" | "K11" | "K15" => Some(true),
        // COMMIT was sent, or the payer and the event are about the same money at once: either is legal.
        "K8-posting" | "K12" | "K13" | "K14" => None,
        _ => Some(false),
    };
    // It answers nobody before its line is on disk, and has not answered yet.
    let (start, most) = (Instant::now(), Duration::from_secs(5));
    let (journal, books) = loop {
        let (journal, books) = (Journal::of(stack).await, Books::of(stack).await);
        let attempt = books.attempts.iter().find(|attempt| attempt.payment == payment);
        let stands = attempt.and_then(|attempt| journal.state_of(attempt.id)).map(str::to_owned);
        if stands.as_deref() == at_gateway || start.elapsed() > most {
            assert_eq!(stands.as_deref(), at_gateway, "{point}: where the gateway stands at the kill");
            break (journal, books);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let attempt = books.attempts.iter().find(|attempt| attempt.payment == payment);
    assert_eq!(attempt.is_some(), point != "K1", "{point}: what we had written down at the kill");
    if let (Some(attempt), Some(posted)) = (attempt, posted) {
        assert_eq!(books.posted.contains_key(&attempt.id), posted, "{point}: posted at the kill");
        let page = journal.0.iter().filter(|line| line.reference == attempt.id.to_string());
        let pages = page.filter(|line| line.kind == "page" && line.state == "open").count();
        assert_eq!(pages, usize::from(at_gateway.is_some()), "{point}: pages opened at the kill");
    }
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
