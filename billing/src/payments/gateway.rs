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

/// A line of a settlement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementLine {
    pub line: i32,
    /// `charge | refund | return`
    pub kind: String,
    pub reference: String,
    pub gross: Money,
    pub fee: Money,
    pub net: Money,
    pub settled_on: NaiveDate,
    pub return_code: Option<String>,
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
    /// All changes after `seq`, oldest first, and the next `seq`.
    async fn list(&self, after: i64) -> Result<(Vec<Charge>, i64), GatewayError>;
    /// Numbers of the settlement files after `number`.
    async fn settlements(&self, after: i64) -> Result<Vec<i64>, GatewayError>;
    async fn settlement(&self, number: i64) -> Result<Vec<SettlementLine>, GatewayError>;
}
