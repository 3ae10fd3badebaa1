//! Webhooks: signed, at least once, and on request doubled, shuffled, dropped.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use tokio::task::JoinSet;

use super::books::Fact;
use super::faults::{Fault, Kind, Op};
use super::{Gateway, Refusal, Step};
use crate::{clock, ids};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventType {
    #[serde(rename = "charge.authorised")]
    ChargeAuthorised,
    #[serde(rename = "charge.captured")]
    ChargeCaptured,
    #[serde(rename = "charge.processing")]
    ChargeProcessing,
    #[serde(rename = "charge.settled")]
    ChargeSettled,
    #[serde(rename = "charge.declined")]
    ChargeDeclined,
    #[serde(rename = "charge.action")]
    ChargeAction,
    #[serde(rename = "charge.voided")]
    ChargeVoided,
    #[serde(rename = "charge.expired")]
    ChargeExpired,
    #[serde(rename = "charge.returned")]
    ChargeReturned,
    #[serde(rename = "refund.succeeded")]
    RefundSucceeded,
    #[serde(rename = "refund.failed")]
    RefundFailed,
}

impl EventType {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::ChargeAuthorised => "charge.authorised",
            Self::ChargeCaptured => "charge.captured",
            Self::ChargeProcessing => "charge.processing",
            Self::ChargeSettled => "charge.settled",
            Self::ChargeDeclined => "charge.declined",
            Self::ChargeAction => "charge.action",
            Self::ChargeVoided => "charge.voided",
            Self::ChargeExpired => "charge.expired",
            Self::ChargeReturned => "charge.returned",
            Self::RefundSucceeded => "refund.succeeded",
            Self::RefundFailed => "refund.failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) n: u64,
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) what: EventType,
    pub(crate) reference: String,
    pub(crate) sequence: u64,
    pub(crate) created_at: DateTime<Utc>,
    /// When it is sent next; `None` when nothing is left to do.
    pub(crate) next_try: Option<DateTime<Utc>>,
    /// Dropped by a dial, or never meant to be sent.
    pub(crate) dropped: bool,
    pub(crate) tries: Vec<Try>,
}

/// One delivery, and what became of it: a status, or a word for what went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Try {
    pub(crate) at: DateTime<Utc>,
    pub(crate) outcome: String,
    pub(crate) arrived: bool,
}

impl Event {
    /// What is posted.
    pub(crate) fn body(&self) -> String {
        json!({
            "id": self.id,
            "type": self.what.word(),
            "reference": self.reference,
            "sequence": self.sequence,
            "created_at": self.created_at,
        })
        .to_string()
    }

    /// When to try again after a failure at `now`: 10 s, 1 m, 10 m, 1 h, then hourly for 3 days.
    fn after_failure(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wait = match self.tries.iter().filter(|one| !one.arrived).count() {
            0 | 1 => TimeDelta::seconds(10),
            2 => TimeDelta::minutes(1),
            3 => TimeDelta::minutes(10),
            _ => TimeDelta::hours(1),
        };
        let next = now.checked_add_signed(wait)?;
        (next.signed_duration_since(self.created_at) <= TimeDelta::days(3)).then_some(next)
    }
}

/// How events are mistreated on purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dials {
    /// Every event is sent twice.
    pub(crate) double: bool,
    /// Every event waits a random time of up to two seconds, so that they overtake each other.
    pub(crate) shuffle: bool,
    /// Events whose type begins with this are never sent.
    pub(crate) drop: Option<String>,
}

impl Step<'_> {
    /// Makes the event of a change. It is kept even when there is nobody to send it to: the overview shows it.
    pub(crate) fn announce(&mut self, event_type: EventType, reference: &str, sequence: u64) {
        let n = self.books.events.last_key_value().map_or(1, |(n, _)| n.saturating_add(1));
        let dials = self.books.dials.clone();
        let dropped = dials.drop.is_some_and(|prefix| event_type.word().starts_with(&prefix))
            || self.keys.webhook_url().is_none();
        let late = if dials.shuffle {
            TimeDelta::milliseconds(ids::below(2000).cast_signed())
        } else {
            TimeDelta::zero()
        };
        let event = Event {
            n,
            id: ids::fresh("evt"),
            what: event_type,
            reference: reference.to_owned(),
            sequence,
            created_at: self.now,
            next_try: self.now.checked_add_signed(late).filter(|_| !dropped),
            dropped,
            tries: Vec::new(),
        };
        self.record(Fact::Event(Box::new(event)));
    }

    /// Writes down how a delivery went.
    fn delivered(&mut self, n: u64, outcome: String, arrived: bool) {
        let Some(mut event) = self.books.events.get(&n).cloned() else { return };
        event.tries.push(Try { at: self.now, outcome, arrived });
        event.next_try = if arrived { None } else { event.after_failure(self.now) };
        self.record(Fact::Event(Box::new(event)));
    }

    /// Sends events once more: one by its id, or all of a reference.
    pub(crate) fn redeliver(&mut self, what: &str) -> Result<usize, Refusal> {
        let again: Vec<Event> = self
            .books
            .events
            .values()
            .filter(|event| event.id == what || event.reference == what)
            .cloned()
            .collect();
        if again.is_empty() {
            return Err(Refusal::NotFound);
        }
        let count = again.len();
        for mut event in again {
            event.next_try = Some(self.now);
            event.dropped = false;
            self.record(Fact::Event(Box::new(event)));
        }
        Ok(count)
    }

    pub(crate) fn set_dials(&mut self, dials: Dials) {
        self.record(Fact::Dials(dials));
    }
}

/// `t=<unix seconds>,v1=<hex>` with one `v1` per secret, over `<t>.<body>`.
pub(crate) fn sign(secrets: &[String], at: DateTime<Utc>, body: &str) -> String {
    let mut header = format!("t={}", at.timestamp());
    let signed = format!("{}.{body}", at.timestamp());
    for secret in secrets {
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
            mac.update(signed.as_bytes());
            header.push_str(",v1=");
            header.push_str(&hex::encode(mac.finalize().into_bytes()));
        }
    }
    header
}

/// Sends what waits, sixteen at a time, for as long as the sandbox runs.
pub(crate) async fn deliver(gateway: Arc<Gateway>, client: reqwest::Client) {
    let under_way = Arc::new(Mutex::new(HashSet::<u64>::new()));
    let mut sending = JoinSet::new();
    loop {
        let rung = gateway.changed.notified();
        let waiting = gateway.read(|books, now| {
            let busy = under_way.lock().unwrap_or_else(PoisonError::into_inner);
            let due =
                books.waiting.iter().take_while(|(at, _)| *at <= now).filter(|(_, n)| !busy.contains(n));
            due.filter_map(|(_, n)| books.events.get(n).cloned()).take(16).collect::<Vec<_>>()
        });
        // A journal that cannot be written has said so; events of facts that may vanish are not sent.
        let waiting = waiting.await.unwrap_or_default();
        if waiting.is_empty() || sending.len() >= 16 {
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
                Some(_) = sending.join_next(), if !sending.is_empty() => {}
            }
            continue;
        }
        for event in waiting {
            under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(event.n);
            let (gateway, client, under_way) = (Arc::clone(&gateway), client.clone(), Arc::clone(&under_way));
            sending.spawn(async move {
                let n = event.n;
                send(&gateway, &client, event).await;
                under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&n);
            });
        }
        while sending.try_join_next().is_some() {}
    }
}

async fn send(gateway: &Gateway, client: &reqwest::Client, event: Event) {
    let (outcome, arrived) = match gateway.faults.take(Op::Webhook, &event.reference) {
        None => post(gateway, client, &event, event.body()).await,
        Some(fault) => send_badly(gateway, client, &event, fault).await,
    };
    let twice = arrived && gateway.read(|books, _| books.dials.double).await.unwrap_or(false);
    if twice {
        post(gateway, client, &event, event.body()).await;
    }
    let n = event.n;
    if gateway.change(|step| step.delivered(n, outcome, arrived)).await.is_err() {
        tracing::error!(event = %event.id, "a delivery could not be written down");
    }
}

/// A delivery under a fault: lost on the way, lost on the way back, late, or garbled.
async fn send_badly(
    gateway: &Gateway,
    client: &reqwest::Client,
    event: &Event,
    fault: Fault,
) -> (String, bool) {
    let pause = Duration::from_millis(fault.ms);
    match fault.kind {
        Kind::TimeoutBefore => {
            tokio::time::sleep(pause).await;
            ("timeout_before".to_owned(), false)
        }
        Kind::TimeoutAfter | Kind::ErrorAfter => {
            post(gateway, client, event, event.body()).await;
            ("sent, answer lost".to_owned(), false)
        }
        Kind::BadJson => {
            let mut body = event.body();
            body.truncate(body.len() / 2);
            post(gateway, client, event, body).await;
            ("sent garbled".to_owned(), false)
        }
        Kind::Slow => {
            tokio::time::sleep(pause).await;
            post(gateway, client, event, event.body()).await
        }
        Kind::NotFound => ("never sent".to_owned(), true),
        Kind::ErrorBefore | Kind::Cut | Kind::WrongAmount => ("lost".to_owned(), false),
    }
}

async fn post(gateway: &Gateway, client: &reqwest::Client, event: &Event, body: String) -> (String, bool) {
    let Some(url) = gateway.keys.webhook_url() else { return ("no address".to_owned(), false) };
    // The signature is as old as the sending, by the wall: a moved clock must not make events look forged.
    let signature = sign(&gateway.keys.webhook_secrets, clock::wall(), &body);
    let sent = client
        .post(url)
        .header("content-type", "application/json")
        .header("sandbox-signature", signature)
        .body(body)
        .send()
        .await;
    match sent {
        Ok(answer) => (answer.status().as_u16().to_string(), answer.status().is_success()),
        Err(fault) => {
            let word = if fault.is_timeout() { "timeout" } else { "no connection" };
            tracing::warn!(event = %event.id, word, "an event did not arrive");
            (word.to_owned(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_contract() {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let header = sign(&["one".to_owned(), "two".to_owned()], at, "{}");
        // Reckoned with another implementation: printf '1700000000.{}' | openssl dgst -sha256 -hmac one
        let expected = "t=1700000000,v1=4d15bf3ea0a52170f550b594e8e29052cb85827caad0da7695dbbffb71a5643e,v1=";
        assert!(header.starts_with(expected), "{header}");
        assert_eq!(header.matches(",v1=").count(), 2);
    }

    #[test]
    fn retries_slow_down_and_end_after_three_days() {
        let start: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let mut event = Event {
            n: 1,
            id: "evt_1".into(),
            what: EventType::ChargeCaptured,
            reference: "r".into(),
            sequence: 1,
            created_at: start,
            next_try: Some(start),
            dropped: false,
            tries: Vec::new(),
        };
        let mut waits = Vec::new();
        let mut now = start;
        for _ in 0..200 {
            event.tries.push(Try { at: now, outcome: "500".into(), arrived: false });
            match event.after_failure(now) {
                Some(next) => {
                    waits.push((next - now).num_seconds());
                    now = next;
                }
                None => break,
            }
        }
        assert_eq!(&waits[..6], &[10, 60, 600, 3600, 3600, 3600]);
        assert_eq!(waits.len(), 3 + 71);
    }
}
