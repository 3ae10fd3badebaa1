//! One-time payments: the intent, its attempts at the gateway, and the machine they move through.

#[cfg(feature = "postgres")]
mod cancel;
pub mod card;
#[cfg(feature = "postgres")]
pub mod decide;
#[cfg(feature = "postgres")]
mod events;
#[cfg(feature = "postgres")]
mod expire;
#[cfg(feature = "postgres")]
pub mod gateway;
#[cfg(feature = "postgres")]
mod look_alike;
#[cfg(feature = "postgres")]
mod pay;
#[cfg(feature = "postgres")]
mod receipt;
#[cfg(feature = "postgres")]
mod repeat;
#[cfg(feature = "postgres")]
pub(crate) mod resolve;
#[cfg(feature = "postgres")]
pub(crate) mod review;
pub mod state;
#[cfg(feature = "postgres")]
pub(crate) mod store;
#[cfg(feature = "postgres")]
mod view;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    bills::{Bill, BillKind, PaymentLine},
    error::Refusal,
    ids::{BillId, PaymentId},
    money::Money,
    rules::Ask,
};

#[cfg(feature = "postgres")]
pub(crate) use view::final_on;
#[cfg(feature = "postgres")]
pub use {events::GatewayEventIn, review::Review};

/// What the payer chose to pay with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Card,
    Bank,
    Check,
    Cash,
}

/// Where one attempt stands. The moves between them: [`PaymentState::may_become`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    Created,
    Submitting,
    RequiresAction,
    Unknown,
    Authorized,
    CapturePending,
    Captured,
    Processing,
    Settled,
    Declined,
    Rejected,
    Absent,
    Voided,
    Expired,
    Returned,
    Mismatch,
    Disputed,
    DisputeWon,
    DisputeLost,
    NeedsReview,
}

/// A member's order to pay one bill, as typed and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayBill {
    pub payment_id: PaymentId,
    pub bill_id: BillId,
    pub bill_version: i32,
    pub amount: Money,
    pub method: Method,
}

/// Why an order is not taken. Its sentence is `refusal-` and the code it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentRefusal {
    NothingOwed,
    /// All that is owed is covered by payments under way.
    AlreadyUnderway,
    MoreThanOwed {
        most: Money,
    },
    /// The bill is not the one the form was filled in against.
    BillChanged,
    /// The region does not take this in the portal.
    NotOnline,
    BelowFloor {
        least: Money,
    },
}

impl Bill {
    /// Whether `order` may be taken against this bill when `payable` is left on it: owed less what is under way.
    pub fn accept(&self, order: &PayBill, payable: Money) -> Result<(), PaymentRefusal> {
        if !self.owed().is_positive() {
            return Err(PaymentRefusal::NothingOwed);
        }
        if !payable.is_positive() {
            return Err(PaymentRefusal::AlreadyUnderway);
        }
        if order.bill_version != self.version {
            return Err(PaymentRefusal::BillChanged);
        }
        if order.amount > payable {
            return Err(PaymentRefusal::MoreThanOwed { most: payable });
        }
        Ok(())
    }
}

/// Where the person goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The payment's own page: answers to check, "we are confirming", or the receipt.
    Payment(PaymentId),
    /// The gateway's hosted page, at its configured origin.
    Gateway(String),
}

/// What the pay form shows.
#[derive(Clone, Debug)]
pub struct PayForm {
    /// Minted with the form; nothing is stored until it is sent.
    pub payment_id: PaymentId,
    pub today: NaiveDate,
    pub bill: Bill,
    /// The payer's own payments of this bill that are under way, latest first: the form tells them apart.
    pub underway: Vec<PaymentLine>,
    /// What the payer had ordered, where they came back to change it.
    pub ordered: Option<(Money, Method)>,
    pub ways: crate::rules::WaysToPay,
    /// Until when a payment made now can be taken back.
    pub cut_off: CutOff,
}

/// Until when a payment made now can be undone by its payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    pub at: DateTime<Utc>,
    /// IANA name of the zone it is told in: the region's.
    pub zone: String,
}

/// What the page of a payment says, by what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not sent: check your answers.
    Check,
    /// On the gateway's page; can be continued there.
    AtGateway,
    /// We do not know yet: do not pay again; we will have the answer by then.
    Confirming {
        answer_by: DateTime<Utc>,
    },
    /// A look-alike was made minutes ago; a second needs an explicit yes.
    LooksAlike {
        other: Box<PaymentLine>,
    },
    /// Card: received. Bank: received, pending until settled.
    Received {
        cancel_until: Option<CutOff>,
        final_on: Option<NaiveDate>,
    },
    Settled,
    /// No money was taken; the class of the decline.
    Declined {
        class: String,
    },
    /// Cancelled by the payer; no money was taken or it was given back in full.
    Cancelled,
    /// Ran out of time without being paid.
    Expired,
    /// Never reached the gateway, or was refused there through our fault. No money was taken.
    NotTaken,
    /// The bank took it back; the bill is open again.
    Returned {
        code: String,
    },
    /// People are looking at it: do not pay again.
    InReview,
}

/// One payment as its payer sees it: check page, waiting page, or receipt.
#[derive(Clone, Debug)]
pub struct PaymentView {
    pub line: PaymentLine,
    pub stage: Stage,
    pub bill: Bill,
    pub payer_name: String,
    /// When it came to where it stands.
    pub changed_at: DateTime<Utc>,
    pub zone: String,
    pub today: NaiveDate,
    /// Where the money went: (what: bill number or `credit`, amount); the sum is the amount.
    pub allocation: Vec<(String, Money)>,
    /// What is owed on the bill after this payment, as it stood then (receipt) or would stand (check).
    pub owed_after: Money,
    pub cut_off: CutOff,
    pub ways: crate::rules::WaysToPay,
}

/// The ways a payment reaches us: words `channel-…`.
pub const CHANNELS: [&str; 7] = ["web", "autopay", "guest", "phone", "rep", "mail", "desk"];

/// History of payments of all channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub kind: Option<BillKind>,
    pub after: Option<PaymentId>,
}

#[derive(Clone, Debug)]
pub struct History {
    pub today: NaiveDate,
    pub zone: String,
    pub payments: Vec<PaymentLine>,
    /// Sum of the payments in the range that count (received and not returned), over all its pages.
    pub total: Money,
    pub next: Option<PaymentId>,
    pub first: bool,
    /// What it leaves out, region by region. Neither the pages nor the total nor the file hold that.
    pub limits: Vec<HistoryLimit>,
}

/// What is shown of the premium payments of a region, where that is not all, and whom to ask for the rest (S43 to S46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLimit {
    /// `None`: none of them.
    pub shown: Option<PremiumsShown>,
    pub region: String,
    pub ask: Ask,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PremiumsShown {
    /// Received on this day or later.
    pub since: Option<NaiveDate>,
    /// Of these channels alone.
    pub channels: Option<Vec<String>>,
}

impl PayBill {
    /// Reads the form as typed. Field names: `amount`, `method`. Ids that are not ids: [`crate::error::Error::NotFound`].
    pub fn read(
        payment_id: &str,
        bill_id: &str,
        bill_version: &str,
        amount: &str,
        method: &str,
    ) -> Result<Self, crate::error::Error> {
        let not_found = |_| crate::error::Error::NotFound;
        let ids = (
            payment_id.parse().map_err(not_found)?,
            bill_id.parse().map_err(not_found)?,
            bill_version.parse::<i32>().map_err(|_| crate::error::Error::NotFound)?,
        );
        let mut refusals = Vec::new();
        let read_amount =
            crate::money::cents(amount).map_err(|problem| refusals.push(amount_refusal(problem)));
        let read_method = match method {
            "card" => Some(Method::Card),
            "bank" => Some(Method::Bank),
            _ => {
                refusals.push(Refusal::of("method", "method-missing"));
                None
            }
        };
        match (read_amount, read_method) {
            (Ok(cents), Some(method)) => Ok(Self {
                payment_id: ids.0,
                bill_id: ids.1,
                bill_version: ids.2,
                amount: Money::from_cents(cents),
                method,
            }),
            _ => Err(crate::error::Error::Refused(refusals)),
        }
    }
}

fn amount_refusal(problem: crate::money::AmountProblem) -> Refusal {
    use crate::money::AmountProblem as P;
    match problem {
        P::Empty => Refusal::of("amount", "amount-empty"),
        P::NotANumber => Refusal::of("amount", "amount-not-a-number"),
        P::Negative => Refusal::of("amount", "amount-negative"),
        P::Zero => Refusal::of("amount", "amount-zero"),
        P::TooPrecise => Refusal::of("amount", "amount-too-precise"),
        P::TooLarge => Refusal::of("amount", "amount-too-large"),
        P::Unclear { cents } => Refusal::of("amount", "amount-unclear")
            .with("reading", crate::money::say(Money::from_cents(cents))),
    }
}
