//! Bills: requests to pay, of one kind. What is owed and its status are computed from facts and a date, never stored.

pub mod csv;
#[cfg(feature = "postgres")]
mod history;
mod range;
#[cfg(feature = "postgres")]
mod read;
#[cfg(feature = "postgres")]
mod store;

pub use range::RangeProblem;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{BillId, PaymentId},
    money::Money,
};

/// The three receivables, never netted against each other (rule R2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum BillKind {
    Premium,
    Medical,
    Pharmacy,
}

impl BillKind {
    pub const ALL: [Self; 3] = [Self::Premium, Self::Medical, Self::Pharmacy];

    /// The word in URLs, files and rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Premium => "premium",
            Self::Medical => "medical",
            Self::Pharmacy => "pharmacy",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What a bill is on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillStatus {
    /// Owes nothing and never did.
    NothingOwed,
    Paid,
    /// Everything still owed is covered by payments not yet final.
    Pending,
    Due,
    /// Owed after its due date.
    PastDue,
}

/// One bill as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bill {
    pub id: BillId,
    /// For people: on paper, on the phone.
    pub number: String,
    pub kind: BillKind,
    pub region: String,
    pub billing_unit_id: Option<String>,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    /// First and last day, both included: the month covered, or the days of service.
    pub period: (NaiveDate, NaiveDate),
    pub provider: Option<String>,
    /// What the bill asks for.
    pub due: Money,
    /// Payments received and not returned, provisional ones included.
    pub applied: Money,
    /// Live attempts that have not posted yet: on the gateway's page, or unknown.
    pub underway: Money,
    /// The part of `applied` not settled yet.
    pub provisional: Money,
    pub version: i32,
}

impl Bill {
    /// What is still owed: `due - applied`.
    pub fn owed(&self) -> Money {
        self.due.minus(self.applied)
    }

    /// The most a new payment may be: what is owed less what is already under way.
    pub fn payable(&self) -> Money {
        self.owed().minus(self.underway).max(Money::ZERO)
    }

    pub fn status(&self, today: NaiveDate) -> BillStatus {
        if self.due.is_zero() {
            BillStatus::NothingOwed
        } else if self.owed().is_zero() {
            if self.provisional.is_zero() { BillStatus::Paid } else { BillStatus::Pending }
        } else if self.payable().is_zero() {
            BillStatus::Pending
        } else if today > self.due_on {
            BillStatus::PastDue
        } else {
            BillStatus::Due
        }
    }
}

/// One line of a bill. Amounts are `None` where the source does not state them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BillLine {
    pub line: i16,
    pub kind: String,
    pub description: String,
    pub person: Option<String>,
    pub served_on: Option<NaiveDate>,
    pub quantity: Option<String>,
    pub billed: Option<Money>,
    pub discount: Option<Money>,
    pub plan_paid: Option<Money>,
    pub owed: Money,
    /// Shares named by the source: (`deductible` | `copay` | `coinsurance`, amount).
    pub shares: Vec<(String, Money)>,
    /// Where it was read, for the money trail.
    pub source: String,
}

/// Steps from the amount billed to what is owed now; they sum: billed - discount - plan_paid - paid_before = due, and
/// due - payments = owed. There is none where the source does not state the amount billed, or its steps do not sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waterfall {
    pub billed: Money,
    pub discount: Money,
    pub plan_paid: Money,
    pub paid_before: Money,
    pub due: Money,
    pub payments: Money,
    pub owed: Money,
}

/// A person covered by a premium bill.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CoveredPerson {
    pub name: String,
    /// `subscriber | spouse | child | other`
    pub relation: String,
}

/// Whose bill it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BilledTo {
    pub name: String,
    pub mrn: String,
}

/// A payment as a line beside a bill, on the overview or in the history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PaymentLine {
    pub payment_id: PaymentId,
    pub receipt_number: Option<String>,
    pub bill_id: BillId,
    pub bill_number: String,
    pub bill_kind: BillKind,
    pub amount: Money,
    /// `web | phone | rep | mail | desk | autopay | guest`
    pub channel: String,
    pub method: crate::payments::Method,
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub state: crate::payments::PaymentState,
    /// When the payer's order or the mailed check reached us.
    pub received_at: chrono::DateTime<chrono::Utc>,
    pub posted_at: Option<chrono::DateTime<chrono::Utc>>,
    pub settled_on: Option<NaiveDate>,
    pub effective_on: NaiveDate,
}

/// What a payment that is not decided asks of its payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// It waits on the gateway's page, to be gone on with or stopped.
    Unfinished,
    /// Nobody knows yet whether the money was taken: it must not be paid again.
    Unsure,
}

/// Which of a bill's payments, latest first, the bank sent back, with none after it that took money and kept it.
pub fn sent_back(payments: &[PaymentLine]) -> Option<&PaymentLine> {
    use crate::payments::PaymentState as S;
    let moved = |payment: &&PaymentLine| payment.posted_at.is_some() && payment.state != S::Voided;
    let latest = payments.iter().find(moved)?;
    (latest.state == S::Returned).then_some(latest)
}

impl PaymentLine {
    pub const fn undecided(&self) -> Option<Undecided> {
        use crate::payments::PaymentState as S;
        match self.state {
            S::RequiresAction => Some(Undecided::Unfinished),
            S::Submitting | S::Unknown | S::Authorized | S::CapturePending | S::Mismatch | S::NeedsReview => {
                Some(Undecided::Unsure)
            }
            S::Created
            | S::Captured
            | S::Processing
            | S::Settled
            | S::Declined
            | S::Rejected
            | S::Absent
            | S::Voided
            | S::Expired
            | S::Returned
            | S::Disputed
            | S::DisputeWon
            | S::DisputeLost => None,
        }
    }
}

/// What the amounts billed and their reductions are, as a bill's source states them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Stated {
    pub billed: Option<Money>,
    pub discount: Option<Money>,
    pub plan_paid: Option<Money>,
    pub paid_before: Option<Money>,
}

impl Stated {
    /// The steps down to what `bill` leaves to pay.
    pub fn waterfall(self, bill: &Bill) -> Option<Waterfall> {
        let step = |amount: Option<Money>| amount.unwrap_or(Money::ZERO);
        let waterfall = Waterfall {
            billed: self.billed?,
            discount: step(self.discount),
            plan_paid: step(self.plan_paid),
            paid_before: step(self.paid_before),
            due: bill.due,
            payments: bill.applied,
            owed: bill.owed(),
        };
        let left = waterfall.billed.minus(waterfall.discount).minus(waterfall.plan_paid);
        (left.minus(waterfall.paid_before) == waterfall.due).then_some(waterfall)
    }
}

/// Bills due within so many days stand first on the overview; those after them are coming up.
const NEEDS_YOU_WITHIN: Days = Days::new(14);

impl Bill {
    /// Whether the member has to act: owed, not covered by a payment under way, and late or due soon.
    pub fn needs_you(&self, today: NaiveDate) -> bool {
        let soon = today.checked_add_days(NEEDS_YOU_WITHIN).unwrap_or(NaiveDate::MAX);
        self.payable().is_positive() && self.due_on <= soon
    }
}

/// Which bills a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillFilter {
    pub kind: Option<BillKind>,
    /// In URLs `open` (something is owed) or `paid`.
    pub open: Option<bool>,
    /// The last bill of the page before.
    pub after: Option<BillId>,
}

impl BillFilter {
    /// Reads the values of a URL. What is not a value of ours is no filter.
    pub fn read(kind: Option<&str>, status: Option<&str>, after: Option<&str>) -> Self {
        Self {
            kind: kind.and_then(BillKind::read),
            open: match status {
                Some("open") => Some(true),
                Some("paid") => Some(false),
                _ => None,
            },
            after: after.and_then(|id| id.parse().ok()),
        }
    }
}

/// A page of bills, newest first. Paged by key: `next` is the `after` of the next page.
#[derive(Clone, Debug)]
pub struct BillPage {
    pub today: NaiveDate,
    pub bills: Vec<Bill>,
    pub next: Option<BillId>,
    /// Whether no bills were passed over before this page.
    pub first: bool,
}

#[derive(Clone, Debug)]
pub struct BillDetail {
    /// In the bill's region.
    pub today: NaiveDate,
    /// IANA name of the zone of the bill's region.
    pub zone: String,
    pub member: BilledTo,
    pub bill: Bill,
    pub waterfall: Option<Waterfall>,
    pub lines: Vec<BillLine>,
    pub people: Vec<CoveredPerson>,
    pub payments: Vec<PaymentLine>,
    /// How to pay and whom to call in this bill's region.
    pub ways: crate::rules::WaysToPay,
}

/// The first page a member sees.
#[derive(Clone, Debug)]
pub struct Overview {
    pub today: NaiveDate,
    pub given_name: String,
    /// IANA name of the zone of the member's region.
    pub zone: String,
    /// Late or due soon, and not covered by a payment under way, soonest due first.
    pub needs_you_now: Vec<Bill>,
    /// Those among them that their region does not take online.
    pub elsewhere: Vec<BillId>,
    /// Wait on the gateway's page: they need the member too.
    pub unfinished: Vec<PaymentLine>,
    /// Nobody knows yet whether their money was taken.
    pub unsure: Vec<PaymentLine>,
    /// Sent back by the bank lately, where their bill is still to be paid: latest first, one a bill.
    pub sent_back: Vec<PaymentLine>,
    /// By day.
    pub coming_up: Vec<ComingUp>,
    pub done_lately: Vec<PaymentLine>,
    /// What is owed per kind, each kept apart, with the number of open bills.
    pub balances: [(BillKind, Money, usize); 3],
    /// What the plan owes the member, per kind, where it owes anything. Explained under `credit`.
    pub credits: Vec<(BillKind, Money)>,
}

/// Something that will happen on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComingUp {
    /// A bill falls due.
    BillDue { bill: BillId, kind: BillKind, number: String, on: NaiveDate, amount: Money },
    /// A payment will be final.
    PaymentFinal { payment: PaymentId, bill: BillKind, number: String, on: NaiveDate, amount: Money },
}
