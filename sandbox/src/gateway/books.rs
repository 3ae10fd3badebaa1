//! All the gateway knows, made from the journal's entries and from nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::charge::{Charge, State};
use super::events::{Dials, Event};
use super::instrument::Instrument;
use super::refund::Refund;
use super::settlement::SettlementFile;
use crate::cents;

/// One line of the journal file: what one call or one moment changed. It counts as a whole or not at all.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: DateTime<Utc>,
    pub(crate) facts: Vec<Fact>,
}

/// Facts carry whole records, so that reading them back needs no rule that may have changed since.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fact {
    /// A charge as it is now; `line` is the public line this makes, if any. A declined try is told as `declined`
    /// although the page stays open, so the line has a state of its own.
    Charge {
        line: Option<(Kind, State)>,
        charge: Box<Charge>,
    },
    /// A refund as it is now; `told` when that makes a public line.
    Refund {
        told: bool,
        refund: Box<Refund>,
    },
    /// A reference refused for good. `charge`: the state of what it named, if it named anything.
    Fence {
        reference: String,
        cents: i64,
        state: State,
    },
    Event(Box<Event>),
    File(Box<SettlementFile>),
    Answer(Box<Answer>),
    /// Milliseconds the clock stands ahead of the wall.
    Clock {
        ahead: i64,
    },
    Dials(Dials),
}

/// What a public line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Page,
    Charge,
    Authorise,
    Capture,
    Void,
    Refund,
    Cancel,
    Return,
    Settle,
}

/// A line of `GET /journal`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub(crate) n: u64,
    pub(crate) reference: String,
    pub(crate) kind: Kind,
    pub(crate) amount: String,
    pub(crate) currency: &'static str,
    pub(crate) state: &'static str,
    pub(crate) at: DateTime<Utc>,
}

/// An answer kept under its idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) key: String,
    /// Hash of path and body.
    pub(crate) fingerprint: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) status: u16,
    pub(crate) body: serde_json::Value,
}

impl Answer {
    /// Keys are forgotten after a day; references never.
    const KEPT: TimeDelta = TimeDelta::hours(24);

    pub(crate) fn is_kept(&self, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(self.at) < Self::KEPT
    }
}

/// Something that falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Charge(String),
    Refund(String),
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) charges: HashMap<String, Charge>,
    pub(crate) by_seq: BTreeMap<u64, String>,
    /// Hosted page to reference.
    pub(crate) pages: HashMap<String, String>,
    pub(crate) tokens: HashMap<String, Instrument>,
    pub(crate) refunds: HashMap<String, Refund>,
    pub(crate) fences: HashSet<String>,
    pub(crate) answers: HashMap<String, Answer>,
    pub(crate) events: BTreeMap<u64, Event>,
    /// Events still to be delivered, by when.
    pub(crate) waiting: BTreeSet<(DateTime<Utc>, u64)>,
    pub(crate) files: BTreeMap<u32, SettlementFile>,
    pub(crate) lines: Vec<Line>,
    pub(crate) dials: Dials,
    pub(crate) ahead: i64,
    pub(crate) seq: u64,
    /// What has a date to meet, by that date.
    pub(crate) due: BTreeSet<(DateTime<Utc>, Due)>,
    /// Charges and refunds with money not yet in a settlement file.
    pub(crate) unfiled: BTreeSet<Due>,
    expiring_answers: BTreeSet<(DateTime<Utc>, String)>,
}

impl Books {
    /// Whether anything was ever written.
    pub(crate) fn is_new(&self) -> bool {
        self.seq == 0 && self.answers.is_empty() && self.fences.is_empty() && self.ahead == 0
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        for fact in &entry.facts {
            self.apply_fact(fact, entry.at);
        }
    }

    pub(crate) fn apply_fact(&mut self, fact: &Fact, at: DateTime<Utc>) {
        match fact {
            Fact::Charge { line, charge } => {
                if let Some((kind, state)) = line {
                    self.write_line(&charge.reference, *kind, charge.cents, state.word(), at);
                }
                self.put_charge((**charge).clone());
            }
            Fact::Refund { told, refund } => {
                if *told {
                    self.write_line(&refund.reference, Kind::Refund, refund.cents, refund.state.word(), at);
                }
                self.put_refund((**refund).clone());
            }
            Fact::Fence { reference, cents, state } => {
                self.write_line(reference, Kind::Cancel, *cents, state.word(), at);
                self.fences.insert(reference.clone());
            }
            Fact::Event(event) => self.put_event((**event).clone()),
            Fact::File(file) => {
                self.files.insert(file.number, (**file).clone());
            }
            Fact::Answer(answer) => self.put_answer((**answer).clone()),
            Fact::Clock { ahead } => self.ahead = *ahead,
            Fact::Dials(dials) => self.dials = dials.clone(),
        }
    }

    fn write_line(
        &mut self,
        reference: &str,
        kind: Kind,
        cents: i64,
        state: &'static str,
        at: DateTime<Utc>,
    ) {
        let n = u64::try_from(self.lines.len()).unwrap_or(u64::MAX).saturating_add(1);
        let amount = cents::say(cents);
        self.lines.push(Line {
            n,
            reference: reference.to_owned(),
            kind,
            amount,
            currency: "USD",
            state,
            at,
        });
    }

    fn put_charge(&mut self, charge: Charge) {
        let name = Due::Charge(charge.reference.clone());
        if let Some(old) = self.charges.get(&charge.reference) {
            self.by_seq.remove(&old.seq);
            if let Some(due) = old.due() {
                self.due.remove(&(due, name.clone()));
            }
        }
        self.seq = self.seq.max(charge.seq);
        self.by_seq.insert(charge.seq, charge.reference.clone());
        if let Some(page) = &charge.page {
            self.pages.insert(page.id.clone(), charge.reference.clone());
        }
        if let (Some(instrument), true) = (&charge.instrument, charge.state.took_money()) {
            self.tokens.insert(instrument.token.clone(), instrument.clone());
        }
        if let Some(due) = charge.due() {
            self.due.insert((due, name.clone()));
        }
        if charge.awaits_file() {
            self.unfiled.insert(name);
        } else {
            self.unfiled.remove(&name);
        }
        self.charges.insert(charge.reference.clone(), charge);
    }

    fn put_refund(&mut self, refund: Refund) {
        let name = Due::Refund(refund.reference.clone());
        if let Some(due) = self.refunds.get(&refund.reference).and_then(Refund::due) {
            self.due.remove(&(due, name.clone()));
        }
        self.seq = self.seq.max(refund.seq);
        if let Some(due) = refund.due() {
            self.due.insert((due, name.clone()));
        }
        if refund.awaits_file() {
            self.unfiled.insert(name);
        } else {
            self.unfiled.remove(&name);
        }
        self.refunds.insert(refund.reference.clone(), refund);
    }

    fn put_event(&mut self, event: Event) {
        if let Some(next) = self.events.get(&event.n).and_then(|old| old.next_try) {
            self.waiting.remove(&(next, event.n));
        }
        if let Some(next) = event.next_try {
            self.waiting.insert((next, event.n));
        }
        self.events.insert(event.n, event);
    }

    fn put_answer(&mut self, answer: Answer) {
        // What has lapsed is let go here, or the books would grow for ever.
        while let Some((at, key)) = self.expiring_answers.first().cloned() {
            if answer.at.signed_duration_since(at) < Answer::KEPT {
                break;
            }
            self.expiring_answers.pop_first();
            if self.answers.get(&key).is_some_and(|kept| kept.at == at) {
                self.answers.remove(&key);
            }
        }
        self.expiring_answers.insert((answer.at, answer.key.clone()));
        self.answers.insert(answer.key.clone(), answer);
    }

    /// Cents already refunded or on their way back out of a charge.
    pub(crate) fn refunded(&self, charge: &str) -> i64 {
        self.refunds
            .values()
            .filter(|refund| refund.charge_reference == charge && refund.state.holds_money())
            .fold(0, |sum, refund| sum.saturating_add(refund.cents))
    }
}
