//! The money trail: what makes a figure. Ledger transfers that sum to it, or the source it was read from; the amount is
//! added up from the rows shown, so the two cannot differ.

#[cfg(feature = "postgres")]
mod store;
#[cfg(feature = "postgres")]
mod trail;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::{
    bills::BillKind,
    ids::{BillId, PaymentId},
    money::Money,
    payments::HistoryFilter,
};

/// A figure pages show, named in URLs by kind and id: `/explain/<kind>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// What is owed on all bills of a kind.
    Owed(BillKind),
    /// What the plan owes the member, from bills of a kind.
    Credit(BillKind),
    /// What is left of a bill: what it asks for, less payments received.
    BillOwed(BillId),
    /// What is left less what is already under way: the most a new payment may be.
    BillPayable(BillId),
    /// What the bill asks for.
    BillDue(BillId),
    /// Payments received and not returned.
    BillPaid(BillId),
    /// Orders that may yet bring money.
    BillUnderway(BillId),
    /// Payments that are posted and not final.
    BillProvisional(BillId),
    /// A step of the waterfall before the bill.
    Stated(BillId, Step),
    /// An amount on one of its lines.
    Line(BillId, i16, LineAmount),
    /// A payment: its transfers, or the order where nothing has moved.
    Payment(PaymentId),
    /// What is left of the bill once an order that was not sent yet has been paid.
    After(PaymentId),
    /// A figure of a receipt.
    Receipt(PaymentId, String),
    /// The total of a history.
    History(HistoryFilter),
}

/// Steps from the amount billed down to the bill, always as the amount taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Billed,
    Discount,
    PlanPaid,
    PaidBefore,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Billed, Self::Discount, Self::PlanPaid, Self::PaidBefore];

    const fn kind(self) -> &'static str {
        match self {
            Self::Billed => "bill-billed",
            Self::Discount => "bill-discount",
            Self::PlanPaid => "bill-plan-paid",
            Self::PaidBefore => "bill-paid-before",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineAmount {
    Owed,
    Billed,
    Discount,
    PlanPaid,
    Deductible,
    Copay,
    Coinsurance,
}

impl LineAmount {
    pub const ALL: [Self; 7] = [
        Self::Owed,
        Self::Billed,
        Self::Discount,
        Self::PlanPaid,
        Self::Deductible,
        Self::Copay,
        Self::Coinsurance,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Billed => "billed",
            Self::Discount => "discount",
            Self::PlanPaid => "plan_paid",
            Self::Deductible => "deductible",
            Self::Copay => "copay",
            Self::Coinsurance => "coinsurance",
        }
    }
}

impl Figure {
    /// Reads kind and id as they stand in a URL. What names no figure of ours is `None`.
    pub fn read(kind: &str, id: &str) -> Option<Self> {
        let bill = || id.parse::<BillId>().ok();
        let payment = || id.parse::<PaymentId>().ok();
        if let Some(step) = Step::ALL.into_iter().find(|step| step.kind() == kind) {
            return Some(Self::Stated(bill()?, step));
        }
        Some(match kind {
            "owed" => Self::Owed(BillKind::read(id)?),
            "credit" => Self::Credit(BillKind::read(id)?),
            "bill-owed" => Self::BillOwed(bill()?),
            "bill-payable" => Self::BillPayable(bill()?),
            "bill-due" => Self::BillDue(bill()?),
            "bill-paid" => Self::BillPaid(bill()?),
            "bill-underway" => Self::BillUnderway(bill()?),
            "bill-provisional" => Self::BillProvisional(bill()?),
            "payment" => Self::Payment(payment()?),
            "after" => Self::After(payment()?),
            "receipt" => {
                let (payment, figure) = id.split_once(':')?;
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                if figure.is_empty() || figure.len() > 60 || !figure.bytes().all(plain) {
                    return None;
                }
                Self::Receipt(payment.parse().ok()?, figure.to_owned())
            }
            "line" => {
                let mut parts = id.splitn(3, ':');
                let bill = parts.next()?.parse().ok()?;
                let line =
                    parts.next().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
                let amount = match parts.next() {
                    Some(word) => LineAmount::ALL.into_iter().find(|amount| amount.word() == word)?,
                    None => LineAmount::Owed,
                };
                Self::Line(bill, line, amount)
            }
            "history" => Self::History(read_range(id)?),
            _ => return None,
        })
    }

    /// The kind in URLs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Owed(_) => "owed",
            Self::Credit(_) => "credit",
            Self::BillOwed(_) => "bill-owed",
            Self::BillPayable(_) => "bill-payable",
            Self::BillDue(_) => "bill-due",
            Self::BillPaid(_) => "bill-paid",
            Self::BillUnderway(_) => "bill-underway",
            Self::BillProvisional(_) => "bill-provisional",
            Self::Stated(_, step) => step.kind(),
            Self::Line(..) => "line",
            Self::Payment(_) => "payment",
            Self::After(_) => "after",
            Self::Receipt(..) => "receipt",
            Self::History(_) => "history",
        }
    }

    /// The id in URLs.
    pub fn id(&self) -> String {
        match self {
            Self::Owed(kind) | Self::Credit(kind) => kind.word().to_owned(),
            Self::BillOwed(bill)
            | Self::BillPayable(bill)
            | Self::BillDue(bill)
            | Self::BillPaid(bill)
            | Self::BillUnderway(bill)
            | Self::BillProvisional(bill)
            | Self::Stated(bill, _) => bill.to_string(),
            Self::Line(bill, line, LineAmount::Owed) => format!("{bill}:{line}"),
            Self::Line(bill, line, amount) => format!("{bill}:{line}:{}", amount.word()),
            Self::Payment(payment) | Self::After(payment) => payment.to_string(),
            Self::Receipt(payment, figure) => format!("{payment}:{figure}"),
            Self::History(filter) => {
                let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
                let kind = filter.kind.map(|kind| format!(":{}", kind.word())).unwrap_or_default();
                format!("{}..{}{kind}", day(filter.from), day(filter.to))
            }
        }
    }
}

/// `<from>..<to>[:<kind>]`, either date left out for an open end.
fn read_range(id: &str) -> Option<HistoryFilter> {
    let (range, kind) = match id.split_once(':') {
        Some((range, kind)) => (range, Some(BillKind::read(kind)?)),
        None => (id, None),
    };
    let (from, to) = range.split_once("..")?;
    HistoryFilter::read(from, to, kind).ok()
}

/// What makes a figure. `amount` is the last running sum of its rows and sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub figure: Figure,
    pub about: About,
    pub amount: Money,
    /// IANA name of the zone its instants are told in.
    pub zone: String,
    /// Transfers that sum to the figure, oldest first; running sums go on over `sources`.
    pub rows: Vec<ExplainRow>,
    /// Where it was read from, or orders that have moved no money yet.
    pub sources: Vec<SourceLine>,
    /// What came of it afterwards: settlement, return, cancellation. No part of the sum.
    pub later: Vec<ExplainRow>,
}

/// What the figure belongs to, for the heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct About {
    pub bill: Option<BillId>,
    pub bill_number: Option<String>,
    pub bill_kind: Option<BillKind>,
    pub payment: Option<PaymentId>,
    /// What the line is for, as its source says it.
    pub line: Option<String>,
    /// What kind of line it is: a premium's own lines have names of ours.
    pub line_kind: Option<String>,
}

/// One transfer on the way to a figure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExplainRow {
    pub received_at: DateTime<Utc>,
    pub posted_at: DateTime<Utc>,
    pub settled_on: Option<NaiveDate>,
    pub effective_on: NaiveDate,
    /// Of a payment: the kind and day of the posting that undid it. Then it will never settle.
    pub undone: Option<(String, NaiveDate)>,
    /// Kinds of accounts (words `account-<kind>`, `_` written `-`): where the money came from and where it went, the same
    /// in every figure the transfer is part of.
    pub from: String,
    pub to: String,
    /// What it adds to the figure; negative where it takes off.
    pub amount: Money,
    #[serde(skip)]
    pub running: Money,
    pub posting_id: i64,
    /// `charge | payment | …` (words `posting-<kind>`, `_` written `-`).
    pub posting_kind: String,
    /// Why it was posted, as the ledger has it.
    pub source: String,
    /// The page of its cause: (`bill` | `payment`, id).
    pub link: Option<(String, String)>,
}

/// What kind of source a figure was read from: the key of its sentence is `source-<word>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A line of the bill, as the explanation of benefits, claim or rate it came from has it.
    Line,
    /// The bill's own document, where its lines do not state the amount.
    Document,
    /// A member's order, before any money has moved.
    Order,
    /// Nothing was ever posted, so the sum is zero.
    Nothing,
}

/// A figure, or a part of it, that was read rather than posted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SourceLine {
    pub kind: SourceKind,
    pub description: String,
    /// Of a bill's line: what kind of line it is.
    #[serde(default)]
    pub line_kind: Option<String>,
    pub served_on: Option<NaiveDate>,
    pub amount: Money,
    #[serde(skip)]
    pub running: Money,
    /// Where it stands: file and place, or the rule or rate row.
    pub source: String,
    pub link: Option<(String, String)>,
}

impl Explanation {
    /// Adds up what a figure is made of. A figure made of nothing is zero and says so.
    pub fn of(figure: Figure, about: About, zone: String, parts: Parts) -> Self {
        let Parts { mut rows, mut sources, later } = parts;
        let mut running = Money::ZERO;
        for row in &mut rows {
            running = running.plus(row.amount);
            row.running = running;
        }
        if rows.is_empty() && sources.is_empty() {
            sources.push(SourceLine::nothing());
        }
        for source in &mut sources {
            running = running.plus(source.amount);
            source.running = running;
        }
        Self { figure, about, amount: running, zone, rows, sources, later }
    }
}

impl SourceLine {
    fn nothing() -> Self {
        Self {
            kind: SourceKind::Nothing,
            description: String::new(),
            line_kind: None,
            served_on: None,
            amount: Money::ZERO,
            running: Money::ZERO,
            source: String::new(),
            link: None,
        }
    }
}

/// The parts of a figure, as read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Parts {
    pub rows: Vec<ExplainRow>,
    pub sources: Vec<SourceLine>,
    pub later: Vec<ExplainRow>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const ID: &str = "0193f7a0-0000-7000-8000-000000000001";

    #[rstest]
    #[case("owed", "premium")]
    #[case("credit", "medical")]
    #[case("bill-owed", ID)]
    #[case("bill-payable", ID)]
    #[case("bill-due", ID)]
    #[case("bill-paid", ID)]
    #[case("bill-underway", ID)]
    #[case("bill-provisional", ID)]
    #[case("bill-billed", ID)]
    #[case("bill-discount", ID)]
    #[case("bill-plan-paid", ID)]
    #[case("bill-paid-before", ID)]
    #[case("payment", ID)]
    #[case("after", ID)]
    #[case("line", "0193f7a0-0000-7000-8000-000000000001:3")]
    #[case("line", "0193f7a0-0000-7000-8000-000000000001:3:plan_paid")]
    #[case("receipt", "0193f7a0-0000-7000-8000-000000000001:owed-after")]
    #[case("history", "2026-01-01..2026-12-31")]
    #[case("history", "2026-01-01..:medical")]
    #[case("history", "..")]
    fn a_figure_is_named_as_it_is_read(#[case] kind: &str, #[case] id: &str) {
        let figure = Figure::read(kind, id).unwrap();
        assert_eq!((figure.kind(), figure.id().as_str()), (kind, id));
    }

    #[rstest]
    #[case("owed", "dental")]
    #[case("owed", "")]
    #[case("bill-owed", "1")]
    #[case("bill-owed", "0193F7A0-0000-7000-8000-000000000001")]
    #[case("line", ID)]
    #[case("line", "0193f7a0-0000-7000-8000-000000000001:-1")]
    #[case("line", "0193f7a0-0000-7000-8000-000000000001:99999")]
    #[case("line", "0193f7a0-0000-7000-8000-000000000001:3:gross")]
    #[case("receipt", "0193f7a0-0000-7000-8000-000000000001:")]
    #[case("receipt", "0193f7a0-0000-7000-8000-000000000001:a b")]
    #[case("history", "2026-02-30..")]
    #[case("history", "-200000-01-01..")]
    #[case("history", "..+262000-01-01")]
    #[case("history", "2026-02-01..2026-01-01")]
    #[case("history", "2026-01-01")]
    #[case("history", "..:dental")]
    #[case("balance", "premium")]
    fn what_names_no_figure_is_none(#[case] kind: &str, #[case] id: &str) {
        assert_eq!(Figure::read(kind, id), None);
    }

    #[test]
    fn a_figure_of_nothing_is_zero_and_says_so() {
        let figure = Figure::Owed(BillKind::Pharmacy);
        let empty = Explanation::of(figure, About::default(), "UTC".to_owned(), Parts::default());
        assert_eq!(empty.amount, Money::ZERO);
        assert_eq!(empty.sources.len(), 1);
    }
}
