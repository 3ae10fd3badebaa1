//! The gateway's events, shuffled, repeated, dropped and forged: in any order the same end, and the same ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use sqlx::Row as _;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{
    Details, Dice, HOOK_SECRET, Journal, Order, Pace, Person, Stack, card, fields, household, soaks,
};

/// How the life of a payment goes at the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Life {
    Card,
    /// With the extra step of the payer's own bank.
    AskedFirst,
    Declined,
    DeclinedThenPaid,
    Bank,
    Left,
    Cancelled,
}

const LIVES: [Life; 7] = [
    Life::Card,
    Life::AskedFirst,
    Life::Declined,
    Life::DeclinedThenPaid,
    Life::Bank,
    Life::Left,
    Life::Cancelled,
];

/// People who pay at once.
const AT_A_TIME: usize = 21;

/// What becomes of a payment's events on their way to us. Each payment has one sequence, so nothing that is lost of it comes
/// by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Shuffled; each arrives, and some twice or thrice.
    Arrive,
    /// Shuffled; some arrive twice or thrice, some never.
    Mistreated,
    /// None arrives: only the janitor can find out.
    AllLost,
}

/// For each life in turn.
const FATES: [Fate; 9] = {
    use Fate::{AllLost, Arrive, Mistreated};
    [Arrive, Mistreated, Mistreated, Arrive, Mistreated, Mistreated, Arrive, Mistreated, AllLost]
};

#[derive(Clone, Debug, Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    reference: String,
    sequence: u64,
    created_at: String,
}

impl Event {
    fn body(&self) -> String {
        json!({
            "id": self.id, "type": self.kind, "reference": self.reference, "sequence": self.sequence,
            "created_at": self.created_at,
        })
        .to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_in_any_order_come_to_the_same_end() {
    let rounds = LIVES.len() * FATES.len();
    let (sequences, members) = if soaks() { (10_000, 2 * rounds) } else { (1_000, rounds) };
    // Janitors at their real pace: what moves within seconds was moved by events.
    let stack = Arc::new(Stack::start("events", 2, Pace::Real).await);
    let mut people = household(&stack, members, 1).await;
    // They come by our hand alone.
    stack.send_events_to(None).await;
    let mut dice = Dice::new();
    let started = Instant::now();

    let (mut played, mut posted, mut lost, mut by_events) = (0, 0, 0, 0);
    let mut lives = BTreeMap::new();
    while played < sequences {
        // A few at a time: whoever has paid is told of before anybody would look by themselves.
        let mut living = JoinSet::new();
        let (first, turn) = (lives.len(), people.len().saturating_sub(AT_A_TIME));
        for (number, person) in people.split_off(turn).into_iter().enumerate() {
            let number = first + number;
            let life = LIVES[number % LIVES.len()];
            let fate = FATES[number / LIVES.len() % FATES.len()];
            living.spawn(async move { (live(person, life).await, fate) });
        }
        let lived = living.join_all().await;
        let events = events(&stack).await;
        let references = references(&stack).await;
        let (mut deliveries, mut told) = (JoinSet::new(), BTreeSet::new());
        for ((person, life, order), fate) in lived {
            people.insert(0, person);
            let reference = references[&order.payment];
            lives.insert(reference, life);
            let of_it: Vec<_> = events.iter().filter(|it| it.reference == reference.to_string()).collect();
            assert!(!of_it.is_empty(), "{life:?}: nothing to tell");
            let sequence = mistreat(&of_it, fate, &mut dice);
            if sequence.is_empty() {
                lost += 1;
                continue;
            }
            played += 1;
            posted += sequence.len();
            told.insert(reference);
            deliveries.spawn(deliver(Arc::clone(&stack), sequence));
        }
        deliveries.join_all().await;
        // Nobody moves the clock: what was told of, its events move.
        ended(&stack, &told).await;
        by_events = moved_by_their_events(&stack).await;
    }
    assert!(by_events * 2 > played, "only {by_events} of {played} were moved by their events");
    let forged = forgeries(&stack, lives.keys().next().copied().unwrap()).await;
    stack.settle_down(Duration::from_secs(90)).await;
    // What nobody told us of is looked after by the janitor, within a minute.
    let then = billing::clock::Clock::System.now() + chrono::TimeDelta::minutes(2);
    stack.portal(&["work", "--once", "--at", &then.to_rfc3339()]);
    stack.settle_down(Duration::from_secs(90)).await;

    stack.books_agree(&[]).await;
    let ends = ends(&stack).await;
    let held = Journal::of(&stack).await.holds();
    let mut by_life: BTreeMap<Life, BTreeSet<(String, bool)>> = BTreeMap::new();
    for (reference, life) in &lives {
        by_life.entry(*life).or_default().insert((ends[reference].clone(), held.contains_key(reference)));
    }
    for (life, ends) in &by_life {
        assert_eq!(ends.len(), 1, "{life:?} came to more than one end: {ends:?} (seed {})", dice.seed);
    }
    println!(
        "events: {played} sequences, {posted} events of {} payments, {lost} of them never told of, {forged} forgeries \
         refused, in {:.0?} (seed {}): {:?}",
        lives.len(),
        started.elapsed(),
        dice.seed,
        by_life.iter().map(|(life, ends)| (life, &ends.first().unwrap().0)).collect::<BTreeMap<_, _>>()
    );
}

/// A payment to its end at the gateway, which nobody tells us of.
async fn live(mut person: Person, life: Life) -> (Person, Life, Order) {
    let method = if life == Life::Bank { "bank" } else { "card" };
    let (order, url) = person.order_and_confirm(person.bills[0], method).await;
    let pay = async |details: Details| person.browser.pay_at_gateway(&url, &details).await.unwrap();
    let press = async |what: &str, form: BTreeMap<String, String>| {
        person.browser.press_at_gateway(&format!("{url}/{what}"), &form).await.unwrap()
    };
    match life {
        Life::Card => drop(pay(card("4242424242424242")).await),
        Life::AskedFirst => {
            pay(card("4000002500003155")).await;
            press("verify", fields([("answer", "approve")])).await;
        }
        Life::Declined => {
            for _ in 0..3 {
                pay(card("4000000000009995")).await;
            }
        }
        Life::DeclinedThenPaid => {
            pay(card("4000000000000002")).await;
            pay(card("5555555555554444")).await;
        }
        Life::Bank => {
            let details = [
                ("account_name", "Ana Test"),
                ("account_type", "checking"),
                ("routing_number", "110000000"),
                ("account_number", "000123456789"),
                ("mandate", "yes"),
            ];
            pay(fields(details)).await;
        }
        Life::Left => drop(press("cancel", BTreeMap::new()).await),
        Life::Cancelled => {
            pay(card("4242424242424242")).await;
            let form = fields([("payment_id", &order.payment.to_string())]);
            person.browser.post("/api/pay/check", &form).await.unwrap();
            person.browser.post("/api/pay/cancel", &form).await.unwrap();
        }
    }
    (person, life, order)
}

async fn events(stack: &Stack) -> Vec<Event> {
    let url = format!("{}/events", stack.gateway);
    let all: serde_json::Value = stack.http.get(url).send().await.unwrap().json().await.unwrap();
    serde_json::from_value(all["events"].clone()).unwrap()
}

/// One sequence of a payment's events.
fn mistreat(events: &[&Event], fate: Fate, dice: &mut Dice) -> Vec<Event> {
    let mut sequence = Vec::new();
    for event in events {
        let times = match fate {
            Fate::Arrive => [1, 1, 1, 2, 3][dice.below(5)],
            Fate::Mistreated => [0, 0, 1, 1, 1, 2, 3][dice.below(7)],
            Fate::AllLost => 0,
        };
        sequence.extend(std::iter::repeat_n((*event).clone(), times));
    }
    dice.shuffle(&mut sequence);
    sequence
}

/// Waits until each of these attempts has come to its end.
async fn ended(stack: &Stack, told: &BTreeSet<Uuid>) {
    let (start, most) = (Instant::now(), Duration::from_secs(30));
    loop {
        let ends = ends(stack).await;
        let moving: Vec<_> = told
            .iter()
            .filter(|it| matches!(ends[*it].as_str(), "submitting" | "requires_action" | "unknown"))
            .collect();
        if moving.is_empty() {
            return;
        }
        assert!(start.elapsed() < most, "told of, and not moved: {moving:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Whatever was told of within ten seconds was moved to its end by its events, or by the payer who asked: the first look
/// of a worker comes fifteen seconds after the call. So one that marks events as worked and asks nobody is seen. Gives how
/// many were moved by their events.
async fn moved_by_their_events(stack: &Stack) -> usize {
    let owner = stack.owner().await;
    let sql = "SELECT a.attempt_id, last.actor
               FROM payment_attempt a
               JOIN (SELECT reference, min(received_at) AS at FROM gateway_event GROUP BY 1) told
                 ON told.reference = a.attempt_id::text
               JOIN payment_event opened ON opened.attempt_id = a.attempt_id AND opened.event = 'page_open'
               JOIN payment_event last ON last.attempt_id = a.attempt_id AND last.seq = a.seq
               WHERE told.at < opened.at + interval '10 seconds'";
    let rows = sqlx::query(sql).fetch_all(&owner).await.unwrap();
    owner.close().await;
    let actor = |row: &sqlx::postgres::PgRow| row.get::<String, _>("actor");
    let by_others: Vec<_> = rows
        .iter()
        .filter(|row| !actor(row).starts_with("member:") && actor(row) != "job:events")
        .map(|row| (row.get::<Uuid, _>("attempt_id"), actor(row)))
        .collect();
    assert!(by_others.is_empty(), "told of in time, and moved by others: {by_others:?}");
    rows.iter().filter(|row| actor(row) == "job:events").count()
}

/// All at once, to whichever portal.
async fn deliver(stack: Arc<Stack>, sequence: Vec<Event>) {
    let mut posts = JoinSet::new();
    for event in sequence {
        let stack = Arc::clone(&stack);
        posts.spawn(async move {
            let body = event.body();
            // Whoever has no time now is told again, as the gateway does.
            for _ in 0..50 {
                let signature = sign(HOOK_SECRET, now(), &body);
                let status = post(&stack, Some(signature), body.clone()).await;
                if status != 503 {
                    assert!((200..300).contains(&status), "an event was answered {status}");
                    return;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            panic!("an event was never taken");
        });
    }
    posts.join_all().await;
}

async fn post(stack: &Stack, signature: Option<String>, body: String) -> u16 {
    let url = format!("http://{}/hooks/gateway", stack.doors.next());
    let mut request = stack.http.post(url).header("content-type", "application/json").body(body);
    if let Some(signature) = signature {
        request = request.header("sandbox-signature", signature);
    }
    request.send().await.unwrap().status().as_u16()
}

/// Two hundred events nobody at the gateway ever signed. None is taken, none leaves a trace.
async fn forgeries(stack: &Stack, reference: Uuid) -> usize {
    let mut refused = 0;
    for number in 0..200 {
        let event = Event {
            id: format!("evt_forged_{number}"),
            kind: "charge.captured".to_owned(),
            reference: reference.to_string(),
            sequence: 99,
            created_at: "2027-01-05T18:00:00Z".to_owned(),
        };
        let body = event.body();
        let at = now();
        let good = sign(HOOK_SECRET, at, &body);
        let (signature, body) = match number % 10 {
            0 => (None, body),
            1 => (Some(sign("a guess", at, &body)), body),
            2 => (Some(sign(HOOK_SECRET, at - 301 - 3600 * number, &body)), body),
            3 => (Some(sign(HOOK_SECRET, at + 330, &body)), body),
            4 => (Some(good), body.replace("captured", "settled")),
            5 => (Some(good), format!("{body} ")),
            6 => (Some(good.replace(&format!("t={at}"), &format!("t={}", at + 1))), body),
            7 => (Some(good[..good.len() - 2].to_owned()), body),
            8 => (Some(format!("t={at},v1={}", "0".repeat(64))), body),
            _ => (Some(format!("t={at}")), body),
        };
        let status = post(stack, signature, body).await;
        assert!((400..500).contains(&status), "forgery {number} was answered {status}");
        refused += 1;
    }
    let owner = stack.owner().await;
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM gateway_event WHERE event_id LIKE 'evt_forged_%'")
            .fetch_one(&owner)
            .await
            .unwrap();
    owner.close().await;
    assert_eq!(kept, 0, "a forgery left a trace");
    refused
}

fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// Signatures are as old as the wall says, whatever the plan's clock does.
fn now() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// The gateway's references by payment.
async fn references(stack: &Stack) -> BTreeMap<Uuid, Uuid> {
    let owner = stack.owner().await;
    let rows =
        sqlx::query("SELECT payment_id, attempt_id FROM payment_attempt").fetch_all(&owner).await.unwrap();
    owner.close().await;
    rows.iter().map(|row| (row.get("payment_id"), row.get("attempt_id"))).collect()
}

async fn ends(stack: &Stack) -> BTreeMap<Uuid, String> {
    let owner = stack.owner().await;
    let rows = sqlx::query("SELECT attempt_id, state FROM payment_attempt").fetch_all(&owner).await.unwrap();
    owner.close().await;
    rows.iter().map(|row| (row.get("attempt_id"), row.get("state"))).collect()
}
