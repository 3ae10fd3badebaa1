//! Money on its way back to the person who paid.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::books::Fact;
use super::charge::{State, check_amount, check_reference};
use super::events::EventType;
use super::instrument::Method;
use super::{Done, Refusal, Step};
use crate::{calendar, cents};

/// A refund to a bank account is on its way for this many business days; to a card it is done at once.
const BANK_TAKES: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundState {
    Pending,
    Succeeded,
    Failed,
}

impl RefundState {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The money is gone from the charge, or may be.
    pub(crate) const fn holds_money(self) -> bool {
        matches!(self, Self::Pending | Self::Succeeded)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) reference: String,
    pub(crate) charge_reference: String,
    pub(crate) state: RefundState,
    pub(crate) cents: i64,
    pub(crate) method: Method,
    pub(crate) sequence: u64,
    pub(crate) seq: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) settled_on: Option<NaiveDate>,
    /// A settlement file lists it.
    pub(crate) filed: bool,
}

impl Refund {
    pub(crate) fn view(&self) -> Value {
        json!({
            "reference": self.reference,
            "charge_reference": self.charge_reference,
            "state": self.state.word(),
            "amount": cents::say(self.cents),
            "currency": "USD",
            "sequence": self.sequence,
            "seq": self.seq,
            "settled_on": self.settled_on,
            "at": self.at,
        })
    }

    pub(crate) fn awaits_file(&self) -> bool {
        self.state == RefundState::Succeeded && !self.filed
    }

    /// The business day it leaves with.
    pub(crate) fn filed_with(&self) -> NaiveDate {
        calendar::entry_day(self.at)
    }

    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        match self.state {
            RefundState::Pending => {
                let day = calendar::plus_business_days(calendar::entry_day(self.created_at), BANK_TAKES);
                Some(calendar::morning(day))
            }
            RefundState::Succeeded if !self.filed => Some(calendar::cut_off(self.filed_with())),
            _ => None,
        }
    }
}

/// The body of `POST /v1/refunds`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    pub(crate) reference: String,
    charge_reference: String,
    amount: String,
    currency: String,
}

impl Step<'_> {
    pub(crate) fn refund(&mut self, order: NewRefund) -> Result<Done, Refusal> {
        check_reference(&order.reference)?;
        let cents = check_amount(&order.amount, &order.currency)?;
        self.check_unused(&order.reference)?;
        let charge = self.find(&order.charge_reference)?.clone();
        let Some(method) =
            charge.method().filter(|_| matches!(charge.state, State::Captured | State::Settled))
        else {
            return Err(Refusal::wrong_state(charge.state));
        };
        if cents.saturating_add(self.books.refunded(&charge.reference)) > charge.cents {
            return Err(Refusal::Amount);
        }

        let state = match method {
            Method::Card => RefundState::Succeeded,
            Method::Bank => RefundState::Pending,
        };
        let refund = self.change_refund(Refund {
            reference: order.reference,
            charge_reference: charge.reference,
            state,
            cents,
            method,
            sequence: 0,
            seq: 0,
            created_at: self.now,
            at: self.now,
            settled_on: None,
            filed: false,
        });
        Ok(Done::created(json!({"refund": refund.view()})))
    }

    /// Lets happen to a refund what falls due at this step's instant.
    pub(crate) fn refund_due(&mut self, reference: &str) {
        let Some(mut refund) = self.books.refunds.get(reference).cloned() else { return };
        if refund.state == RefundState::Pending {
            refund.state = RefundState::Succeeded;
            self.change_refund(refund);
        } else {
            self.close_batch(calendar::eastern_date(self.now), &super::settlement::Play::default());
        }
    }

    /// A dial: the person's bank sends a refund back, also after it succeeded.
    pub(crate) fn bounce_refund(&mut self, reference: &str) -> Result<Done, Refusal> {
        let mut refund = self.books.refunds.get(reference).ok_or(Refusal::NotFound)?.clone();
        if refund.state != RefundState::Failed {
            refund.state = RefundState::Failed;
            refund = self.change_refund(refund);
        }
        Ok(Done::ok(refund.view()))
    }

    fn change_refund(&mut self, mut refund: Refund) -> Refund {
        refund.sequence = refund.sequence.saturating_add(1);
        refund.seq = self.books.seq.saturating_add(1);
        refund.at = self.now;
        self.record(Fact::Refund { told: true, refund: Box::new(refund.clone()) });
        let event = match refund.state {
            RefundState::Pending => None,
            RefundState::Succeeded => Some(EventType::RefundSucceeded),
            RefundState::Failed => Some(EventType::RefundFailed),
        };
        if let Some(event) = event {
            self.announce(event, &refund.reference, refund.sequence);
        }
        refund
    }
}
