//! The card and bank gateway. One lock guards the books; every change is a [`Step`] whose facts go to the journal as
//! one line, and no answer leaves before that line is on disk.

pub(crate) mod api;
pub(crate) mod books;
pub(crate) mod charge;
pub(crate) mod dials;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod instrument;
pub(crate) mod page;
pub(crate) mod refund;
pub(crate) mod settlement;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::Error;
use crate::clock::{self, Clock};
use crate::journal::{Journal, Mark, NotDurable};
use books::{Books, Due, Entry, Fact};
use charge::State;
use faults::Faults;

pub(crate) struct Gateway {
    books: Mutex<Books>,
    journal: Journal,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Faults,
    pub(crate) keys: Keys,
    /// Rung when something changed, for the deliverer of events.
    pub(crate) changed: Notify,
}

/// Secrets and addresses.
pub(crate) struct Keys {
    pub(crate) api_key: String,
    pub(crate) base_url: String,
    pub(crate) webhook_secrets: Vec<String>,
    pub(crate) webhook_url: Mutex<Option<String>>,
}

impl Keys {
    pub(crate) fn webhook_url(&self) -> Option<String> {
        self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_webhook_url(&self, url: Option<String>) {
        *self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner) = url;
    }
}

/// One change of the books, at one instant.
pub(crate) struct Step<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) books: &'a mut Books,
    pub(crate) keys: &'a Keys,
    facts: Vec<Fact>,
}

impl Step<'_> {
    pub(crate) fn record(&mut self, fact: Fact) {
        self.books.apply_fact(&fact, self.now);
        self.facts.push(fact);
    }
}

/// What a call ended in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The money is taken, but the caller is never told.
    pub(crate) silent: bool,
}

impl Done {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, silent: false }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, body, silent: false }
    }

    pub(crate) fn silent(self) -> Self {
        Self { silent: true, ..self }
    }
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Invalid(String),
    Unauthorised,
    NotFound,
    ReferenceTaken,
    Fenced,
    TooLate,
    WrongState(&'static str),
    IdempotencyMismatch,
    Amount,
    /// The journal cannot be written: nothing may be promised.
    Broken,
}

impl Refusal {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    pub(crate) fn wrong_state(state: State) -> Self {
        Self::WrongState(state.word())
    }

    pub(crate) fn done(&self) -> Done {
        let (status, code, message) = match self {
            Self::Invalid(message) => (StatusCode::BAD_REQUEST, "invalid", message.clone()),
            Self::Unauthorised => {
                (StatusCode::UNAUTHORIZED, "unauthorised", "the API key is wrong".to_owned())
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "there is no such thing".to_owned()),
            Self::ReferenceTaken => {
                (StatusCode::CONFLICT, "reference_taken", "the reference was used before".to_owned())
            }
            Self::Fenced => (StatusCode::CONFLICT, "fenced", "the reference is refused for good".to_owned()),
            Self::TooLate => (StatusCode::CONFLICT, "too_late", "it is in a settlement batch".to_owned()),
            Self::WrongState(state) => (StatusCode::CONFLICT, "wrong_state", format!("it is {state}")),
            Self::IdempotencyMismatch => (
                StatusCode::CONFLICT,
                "idempotency_mismatch",
                "the key came before with something else".to_owned(),
            ),
            Self::Amount => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "amount",
                "an amount is text with two decimals, more than 0.00 and no more than what is there"
                    .to_owned(),
            ),
            Self::Broken => {
                (StatusCode::SERVICE_UNAVAILABLE, "broken", "the journal cannot be written".to_owned())
            }
        };
        Done { status, body: json!({"error": {"code": code, "message": message}}), silent: false }
    }
}

impl From<NotDurable> for Refusal {
    fn from(_: NotDurable) -> Self {
        Self::Broken
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let done = self.done();
        (done.status, axum::Json(done.body)).into_response()
    }
}

impl Gateway {
    /// Opens the journal and rebuilds the books from it. `starts_at` sets the clock of a new one.
    pub(crate) fn open(path: &Path, keys: Keys, starts_at: Option<DateTime<Utc>>) -> Result<Self, Error> {
        let mut books = Books::default();
        let journal = Journal::open(path, |line| {
            books.apply(&serde_json::from_str::<Entry>(line)?);
            Ok(())
        })?;
        let clock = Arc::new(Clock::default());
        clock.set_ahead(books.ahead);
        let is_new = books.is_new();
        let gateway = Self {
            books: Mutex::new(books),
            journal,
            clock,
            faults: Faults::default(),
            keys,
            changed: Notify::new(),
        };
        if let (Some(at), true) = (starts_at, is_new) {
            gateway.set_ahead(clock::ahead_at(at));
        }
        Ok(gateway)
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the books, and waits until what was read is safe: nobody may hear of a fact that a crash could undo.
    pub(crate) async fn read<T>(
        &self,
        look: impl FnOnce(&Books, DateTime<Utc>) -> T,
    ) -> Result<T, NotDurable> {
        let (seen, mark) = {
            let books = self.lock();
            (look(&books, self.clock.now()), self.journal.mark())
        };
        self.journal.durable(mark).await?;
        Ok(seen)
    }

    /// The same, after what is due by now has happened.
    pub(crate) async fn tick_and_read<T>(&self, look: impl FnOnce(&Books) -> T) -> Result<T, NotDurable> {
        self.tick();
        self.read(|books, _| look(books)).await
    }

    /// Changes the books, and waits until the change is on disk.
    pub(crate) async fn change<T>(&self, act: impl FnOnce(&mut Step<'_>) -> T) -> Result<T, NotDurable> {
        let (result, mark) = self.step(self.clock.now(), act);
        self.journal.durable(mark).await?;
        Ok(result)
    }

    /// Changes the books without waiting. What is due by now has happened before.
    fn step<T>(&self, now: DateTime<Utc>, act: impl FnOnce(&mut Step<'_>) -> T) -> (T, Mark) {
        let mut books = self.lock();
        self.run_due(&mut books, now);
        let result = self.write(&mut books, now, act);
        (result, self.journal.mark())
    }

    fn write<T>(&self, books: &mut Books, now: DateTime<Utc>, act: impl FnOnce(&mut Step<'_>) -> T) -> T {
        let mut step = Step { now, books, keys: &self.keys, facts: Vec::new() };
        let result = act(&mut step);
        let facts = std::mem::take(&mut step.facts);
        if !facts.is_empty() {
            match serde_json::to_string(&Entry { at: now, facts }) {
                Ok(line) => drop(self.journal.append(line)),
                Err(fault) => tracing::error!(%fault, "an entry cannot be written down"),
            }
            self.changed.notify_waiters();
        }
        result
    }

    /// Lets everything happen that falls due by `now`, each at its own instant and in its order.
    fn run_due(&self, books: &mut Books, now: DateTime<Utc>) {
        while let Some((at, what)) = books.due.first().cloned() {
            if at > now {
                return;
            }
            self.write(books, at, |step| match &what {
                Due::Charge(reference) => step.charge_due(reference),
                Due::Refund(reference) => step.refund_due(reference),
            });
            if books.due.contains(&(at, what.clone())) {
                // Would turn for ever: better one charge stands still than all.
                tracing::error!(?what, "something due did not move");
                books.due.remove(&(at, what));
            }
        }
    }

    /// Lets what is due happen; called by the ticker and by the clock's dial.
    pub(crate) fn tick(&self) {
        self.run_due(&mut self.lock(), self.clock.now());
    }

    fn set_ahead(&self, ahead: i64) {
        let mut books = self.lock();
        self.clock.set_ahead(ahead);
        self.write(&mut books, self.clock.now(), |step| step.record(Fact::Clock { ahead }));
    }

    /// Moves the clock, and runs what falls due on the way; `None` goes back to the wall.
    pub(crate) async fn move_clock(&self, to: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, Refusal> {
        match to {
            None => self.set_ahead(0),
            Some(to) => {
                // Someone who sets the same instant twice finds the clock a little past it: nothing to do.
                let now = self.clock.now();
                let behind = now.signed_duration_since(to);
                if behind > chrono::TimeDelta::minutes(10) {
                    return Err(Refusal::invalid(format!("the clock stands at {now} and does not go back")));
                }
                if behind < chrono::TimeDelta::zero() {
                    self.set_ahead(clock::ahead_at(to));
                }
            }
        }
        self.tick();
        Ok(self.read(|_, now| now).await?)
    }
}

/// Runs for as long as the sandbox does: the clock ticks on by itself.
pub(crate) async fn keep_time(gateway: Arc<Gateway>) {
    let mut pulse = tokio::time::interval(std::time::Duration::from_millis(200));
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        gateway.tick();
    }
}
