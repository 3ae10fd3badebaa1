//! What the plan asks of a payment gateway. Adapters live in the server; the sandbox is their judge.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::Method;
use crate::{ids::AttemptId, money::Money};

/// The gateway's snapshot of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub reference: AttemptId,
    pub state: ChargeState,
    pub amount: Money,
    /// ISO 4217.
    pub currency: String,
    /// Grows with every change of this reference.
    pub sequence: i64,
    pub method: Option<Method>,
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub decline: Option<String>,
    pub return_code: Option<String>,
    pub captured_at: Option<DateTime<Utc>>,
    pub settled_on: Option<NaiveDate>,
}

/// A charge in the gateway's own list. Its reference is whatever stands there: money under one that is not ours is what
/// the list is held against our books for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub reference: String,
    pub state: ChargeState,
    pub amount: Money,
    /// ISO 4217.
    pub currency: String,
    /// Grows with every change of this reference.
    pub sequence: i64,
}

impl From<Charge> for Listed {
    fn from(charge: Charge) -> Self {
        let Charge { reference, state, amount, currency, sequence, .. } = charge;
        Self { reference: reference.to_string(), state, amount, currency, sequence }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeState {
    /// The hosted page is open and nobody has paid.
    Open,
    /// The person is in a further step (3-D Secure).
    Action,
    Authorised,
    Captured,
    Processing,
    Settled,
    Declined,
    Voided,
    Cancelled,
    Expired,
    Returned,
}

/// A hosted page to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPage {
    pub reference: AttemptId,
    pub amount: Money,
    pub method: Method,
    pub return_url: String,
    pub expires_at: DateTime<Utc>,
    /// Names no service and no person.
    pub description: String,
    /// `en | es`
    pub language: String,
}

/// Why a call brought no answer that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Time-out, 5xx, cut line, garbage: nothing is known.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// A definite 4xx: our fault; nothing was taken.
    #[error("rejected: {0}")]
    Rejected(String),
    /// The reference is fenced: the gateway will never take it.
    #[error("fenced")]
    Fenced,
    /// Too late to undo.
    #[error("too late")]
    TooLate,
}

/// What a line of a settlement file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Charge,
    Refund,
    Return,
}

impl LineKind {
    /// The word in files and in `settlement_line.kind`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Return => "return",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        [Self::Charge, Self::Refund, Self::Return].into_iter().find(|kind| kind.word() == word)
    }
}

/// A line of a settlement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementLine {
    pub line: i32,
    pub kind: LineKind,
    pub reference: String,
    pub gross: Money,
    pub fee: Money,
    pub net: Money,
    pub settled_on: NaiveDate,
    pub return_code: Option<String>,
}

/// A line that cannot be read: it may hold anything, so only its place is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: its {what} cannot be read")]
pub struct Unreadable {
    pub line: i32,
    /// Which of its fields.
    pub what: &'static str,
}

/// A card and bank gateway with a hosted page. Every call is bounded in time by the adapter and holds no connection of
/// ours. Demanded of any gateway: references unique for ever, query by reference, and a fence.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Opens the hosted page, or gives the open page of the same reference again. The answer is its address.
    async fn open_page(&self, page: &OpenPage) -> Result<String, GatewayError>;
    /// What the gateway knows of our reference; `None`: not found, which proves nothing before a fence.
    async fn find(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError>;
    /// Takes back a charge that is not in a settlement batch yet.
    async fn void(&self, reference: AttemptId) -> Result<Charge, GatewayError>;
    /// Fences the reference for good and closes its page; money already taken is not undone but told.
    async fn cancel(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError>;
    /// All changes after `seq`, oldest first, and the next `seq`. It is an error if any of them cannot be read: who skips
    /// one never sees it again.
    async fn list(&self, after: i64) -> Result<(Vec<Listed>, i64), GatewayError>;
    /// Numbers of the settlement files after `number`.
    async fn settlements(&self, after: i64) -> Result<Vec<i64>, GatewayError>;
    /// The lines of one settlement file, each read by itself.
    async fn settlement(&self, number: i64) -> Result<Vec<Result<SettlementLine, Unreadable>>, GatewayError>;
}
