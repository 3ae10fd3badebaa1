//! Bills: requests to pay, of one kind. What is owed and its status are computed from facts and a date, never stored.

use chrono::NaiveDate;
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Share named by the source: (`deductible` | `copay` | `coinsurance`, amount).
    pub shares: Vec<(String, Money)>,
    /// Where it was read, for the money trail.
    pub source: String,
}

/// Steps from the amount billed to what is owed now; they sum: billed - discount - plan_paid - paid_before = due, and
/// due - payments = owed. `None` where the source does not state the amount billed.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredPerson {
    pub name: String,
    /// `subscriber | spouse | child | other`
    pub relation: String,
}

/// A payment as a line beside a bill, on the overview or in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A page of bills. Keys page: `next` is the cursor of the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillFilter {
    pub kind: Option<BillKind>,
    /// `open | paid`
    pub open: Option<bool>,
    pub after: Option<BillId>,
}

#[derive(Clone, Debug)]
pub struct BillPage {
    pub today: NaiveDate,
    pub bills: Vec<Bill>,
    pub next: Option<BillId>,
    /// Whether bills were passed over before this page.
    pub first: bool,
}

#[derive(Clone, Debug)]
pub struct BillDetail {
    pub today: NaiveDate,
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
    /// Owed and not covered by a payment under way, soonest due first.
    pub needs_you_now: Vec<Bill>,
    pub coming_up: Vec<ComingUp>,
    pub done_lately: Vec<PaymentLine>,
    /// What is owed per kind, each kept apart, with the number of open bills.
    pub balances: [(BillKind, Money, usize); 3],
}

/// Something that will happen on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComingUp {
    /// A bill falls due.
    BillDue { bill: BillId, kind: BillKind, number: String, on: NaiveDate, amount: Money },
    /// A payment will be final.
    PaymentFinal { payment: PaymentId, on: NaiveDate, amount: Money },
}
