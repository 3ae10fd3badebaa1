//! Held against the outside: settlement files of the gateway, and its own list of what it holds.

mod check;
mod lines;
mod settle;
mod store;

use serde::Serialize;

pub use check::{View, check};
pub use lines::OpenLine;

use crate::{
    error::{Error, Fault},
    payments::gateway::{ChargeState, Listed},
    plan::JobScope,
};

/// What came of one line of a settlement file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is one of ours, and is posted.
    Matched,
    UnknownReference,
    WrongAmount,
    /// Our own books say that nothing was taken, or that it went back already.
    WrongState,
    /// The same fact came before, in this file or another.
    Repeated,
    /// A fault of ours; it is tried again.
    Failed,
}

impl Outcome {
    /// The word in `settlement_line.outcome`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::UnknownReference => "unknown_reference",
            Self::WrongAmount => "wrong_amount",
            Self::WrongState => "wrong_state",
            Self::Repeated => "repeated",
            Self::Failed => "failed",
        }
    }
}

/// The word for a charge's state in `gateway_listing`.
pub(crate) const fn listed_as(state: ChargeState) -> &'static str {
    match state {
        ChargeState::Open => "open",
        ChargeState::Action => "action",
        ChargeState::Authorised => "authorised",
        ChargeState::Captured => "captured",
        ChargeState::Processing => "processing",
        ChargeState::Settled => "settled",
        ChargeState::Declined => "declined",
        ChargeState::Voided => "voided",
        ChargeState::Cancelled => "cancelled",
        ChargeState::Expired => "expired",
        ChargeState::Returned => "returned",
    }
}

fn unanswered(error: &crate::payments::gateway::GatewayError) -> Error {
    tracing::warn!(%error, "the gateway gives no answer");
    Error::Unavailable { retry_after: 60 }
}

impl JobScope<'_> {
    /// Fetches what changed at the gateway since the last time into `gateway_listing`, page by page. Gives how many
    /// charges it listed.
    pub async fn reconcile(&self) -> Result<usize, Error> {
        let pool = &self.billing.pools.work;
        let mut after = store::listed_until(pool).await?;
        let mut listed = 0_usize;
        loop {
            let (charges, next) =
                self.billing.gateway.list(after).await.map_err(|error| unanswered(&error))?;
            if charges.is_empty() || next <= after {
                return Ok(listed);
            }
            let now = self.billing.clock.now();
            store::list(pool, &latest(&charges), next, now).await?;
            listed =
                listed.checked_add(charges.len()).ok_or_else(|| Fault::broken("a listing without end"))?;
            after = next;
        }
    }
}

/// The last word on each reference: one statement cannot write a row twice.
fn latest(charges: &[Listed]) -> Vec<&Listed> {
    let mut last: std::collections::BTreeMap<_, &Listed> = std::collections::BTreeMap::new();
    for charge in charges {
        let known = last.entry(charge.reference.as_str()).or_insert(charge);
        if charge.sequence >= known.sequence {
            *known = charge;
        }
    }
    last.into_values().collect()
}
