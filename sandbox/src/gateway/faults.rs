//! The fault dial: the next calls that match go wrong in a chosen way. Faults live in memory; a restart ends them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Op {
    #[serde(rename = "pages")]
    Pages,
    #[serde(rename = "charges")]
    Charges,
    #[serde(rename = "capture")]
    Capture,
    #[serde(rename = "void")]
    Void,
    #[serde(rename = "cancel")]
    Cancel,
    #[serde(rename = "query")]
    Query,
    #[serde(rename = "refunds")]
    Refunds,
    #[serde(rename = "settlements")]
    Settlements,
    #[serde(rename = "webhook")]
    Webhook,
    #[serde(rename = "page_submit")]
    PageSubmit,
    #[serde(rename = "*")]
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    TimeoutBefore,
    TimeoutAfter,
    #[serde(rename = "5xx_before")]
    ErrorBefore,
    #[serde(rename = "5xx_after")]
    ErrorAfter,
    Cut,
    BadJson,
    Slow,
    WrongAmount,
    NotFound,
}

/// The body of `POST /faults`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) op: Op,
    #[serde(rename = "fault")]
    pub(crate) kind: Kind,
    #[serde(default = "one")]
    pub(crate) count: u32,
    /// Milliseconds of real time.
    #[serde(default = "fifteen_seconds")]
    pub(crate) ms: u64,
}

const fn one() -> u32 {
    1
}

const fn fifteen_seconds() -> u64 {
    15_000
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    /// References that were accepted and cannot be found until then.
    hidden: HashMap<String, Instant>,
}

impl Faults {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    /// What is still to come.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    /// The fault this call suffers, counted down.
    pub(crate) fn take(&self, op: Op, reference: &str) -> Option<Fault> {
        let mut state = self.state();
        let fault = state.faults.iter_mut().find(|fault| {
            // Events and pages are met by name only: "*" is the caller's side.
            let meets =
                fault.op == op || (fault.op == Op::Any && !matches!(op, Op::Webhook | Op::PageSubmit));
            meets && fault.count > 0 && reference.starts_with(&fault.prefix)
        })?;
        fault.count = fault.count.saturating_sub(1);
        let taken = fault.clone();
        state.faults.retain(|fault| fault.count > 0);
        Some(taken)
    }

    pub(crate) fn hide(&self, reference: &str, for_ms: u64) {
        if let Some(until) = Instant::now().checked_add(Duration::from_millis(for_ms)) {
            self.state().hidden.insert(reference.to_owned(), until);
        }
    }

    pub(crate) fn is_hidden(&self, reference: &str) -> bool {
        let mut state = self.state();
        if state.hidden.is_empty() {
            return false;
        }
        let now = Instant::now();
        state.hidden.retain(|_, until| *until > now);
        state.hidden.contains_key(reference)
    }
}
