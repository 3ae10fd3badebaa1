//! Random kills of the portal and of Postgres while people pay.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{Dice, Pace, Person, Stack, Told, card, household, soaks};

/// How much of it.
struct Size {
    kills: usize,
    writers: usize,
    people: usize,
    /// Payments accepted until the last kill, at least.
    accepted: usize,
    pace: Pace,
    /// Between two kills, at least and at most.
    pause: (Duration, Duration),
}

impl Size {
    fn chosen() -> Self {
        let ms = Duration::from_millis;
        if soaks() {
            let pause = (ms(2_000), ms(15_000));
            Self { kills: 200, writers: 16, people: 192, accepted: 5_000, pace: Pace::Real, pause }
        } else {
            Self {
                kills: 40,
                writers: 8,
                people: 16,
                accepted: 40,
                pace: Pace::Hasty,
                pause: (ms(100), ms(900)),
            }
        }
    }
}

/// What the writers did, for all to see.
#[derive(Default)]
struct Tally {
    over: AtomicBool,
    accepted: AtomicUsize,
    /// Ended without money, as the page said.
    not_taken: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn random_kills_lose_nothing_and_double_nothing() {
    let size = Size::chosen();
    let mut dice = Dice::new();
    let mut stack = Stack::start("kills", 1, size.pace).await;
    let people = household(&stack, size.people, 2).await;
    // A gateway that takes its time: there is always something under way.
    let slow = json!({ "prefix": "", "op": "pages", "fault": "slow", "count": 1_000_000, "ms": 120 });
    stack.dial("/faults", &slow).await;

    let tally = Arc::new(Tally::default());
    let mut shares: Vec<Vec<Person>> = (0..size.writers).map(|_| Vec::new()).collect();
    for (number, person) in people.into_iter().enumerate() {
        shares[number % size.writers].push(person);
    }
    let mut writers = JoinSet::new();
    for share in shares {
        writers.spawn(write(share, Arc::clone(&tally)));
    }

    let (mut kills, mut in_flight) = (0, 0);
    let mut calls = Calls::default();
    let started = Instant::now();
    while kills < size.kills || tally.accepted.load(Ordering::Relaxed) < size.accepted {
        let (least, most) = size.pause;
        let extra = usize::try_from(most.saturating_sub(least).as_millis()).unwrap();
        tokio::time::sleep(least + Duration::from_millis(u64::try_from(dice.below(extra)).unwrap())).await;
        if kills % 2 == 0 {
            calls.wait_for_one(&stack).await;
        }
        match dice.below(10) {
            0..=5 => stack.portals[0].process.kill(),
            6..=7 => stack.cluster.kill(),
            _ => {
                stack.cluster.kill();
                stack.portals[0].process.kill();
            }
        }
        kills += 1;
        if !stack.cluster.is_up() {
            stack.cluster.restart();
        }
        in_flight += usize::from(calls.cut_off(&stack).await > 0);
        if stack.portals[0].process.ended().is_some() {
            stack.restart_portal(0, None).await;
        }
    }
    tally.over.store(true, Ordering::Relaxed);
    let mut told = Vec::new();
    while let Some(heard) = writers.join_next().await {
        told.extend(heard.unwrap());
    }

    // By itself: nobody runs a janitor by hand.
    let limit = if soaks() { Duration::from_mins(10) } else { Duration::from_secs(100) };
    stack.wait_for_rest(limit).await;
    stack.portal(&["work", "--once"]);
    let figures = stack.books_agree(&told).await;
    let (accepted, not_taken) =
        (tally.accepted.load(Ordering::Relaxed), tally.not_taken.load(Ordering::Relaxed));
    println!(
        "kills: {kills} under {} writers in {:.0?} (seed {}), {in_flight} with a call in flight; {accepted} payments \
         accepted, {not_taken} not taken, {} attempts, {} taken, {} statements made; 0 lost, doubled or stuck",
        size.writers,
        started.elapsed(),
        dice.seed,
        figures.attempts,
        figures.taken,
        told.len(),
    );
    assert!(in_flight * 2 >= kills, "only {in_flight} of {kills} kills met a call in flight");
    assert!(accepted >= size.accepted, "only {accepted} payments were accepted");
}

/// Pays bill after bill. Gives what it was told.
async fn write(mut people: Vec<Person>, tally: Arc<Tally>) -> Vec<(Uuid, Told)> {
    let mut told = Vec::new();
    let mut turn = 0;
    while !tally.over.load(Ordering::Relaxed) {
        turn += 1;
        let number = turn % people.len();
        let person = &mut people[number];
        let bill = person.bills[turn / 2 % person.bills.len()];
        let Ok(Some(order)) = person.fill_in(bill, "card").await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let mut hear = |heard| told.push((order.payment, heard));
        let patience = Duration::from_mins(if soaks() { 10 } else { 2 });
        let end = person.see_through(&order, &card("4242424242424242"), patience, &mut hear).await;
        let end = end.unwrap_or_else(|| panic!("no page says how payment {} ended", order.payment));
        let ended = if end.is_taken() { &tally.accepted } else { &tally.not_taken };
        ended.fetch_add(1, Ordering::Relaxed);
    }
    told
}

/// Calls to the gateway that a kill found without an answer in our books. What an earlier kill left behind, and nobody has
/// looked at since, is none of this one.
#[derive(Default)]
struct Calls {
    left_behind: BTreeSet<Uuid>,
}

impl Calls {
    /// Waits a little until a call is under way that no earlier kill cut off.
    async fn wait_for_one(&self, stack: &Stack) {
        let (start, most) = (Instant::now(), Duration::from_secs(if soaks() { 20 } else { 5 }));
        while sent(stack).await.is_subset(&self.left_behind) && start.elapsed() < most {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many calls the last kill cut off.
    async fn cut_off(&mut self, stack: &Stack) -> usize {
        let sent = sent(stack).await;
        let cut_off = sent.difference(&self.left_behind).count();
        self.left_behind.extend(sent);
        cut_off
    }
}

/// Attempts that were sent, with neither an answer nor the want of one in our books.
async fn sent(stack: &Stack) -> BTreeSet<Uuid> {
    let owner = stack.owner().await;
    let sql = "SELECT attempt_id FROM payment_attempt WHERE state = 'submitting'";
    let sent: Vec<Uuid> = sqlx::query_scalar(sql).fetch_all(&owner).await.unwrap();
    owner.close().await;
    sent.into_iter().collect()
}
