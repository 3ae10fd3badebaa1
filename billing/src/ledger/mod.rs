//! The ledger: every kind of posting it knows, and the accounts of the plan itself.
//!
//! A posting is one business event, a transfer one movement of it from one account to another, so nothing can be
//! unbalanced. Nothing is changed once written: a correction is a posting that names the one it reverses.

pub mod explain;
#[cfg(feature = "postgres")]
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    bills::BillKind,
    ids::{AttemptId, BillId},
    money::Money,
    payments::Method,
};

/// An account of the plan, or a person's account by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    CardInTransit,
    AchInTransit,
    Bank,
    Suspense,
    PremiumRevenue,
    MedicalRevenue,
    PharmacyRevenue,
    FeeIncome,
    WriteOff,
    Losses,
    GatewayFees,
    MailInTransit,
    DeskInTransit,
    Person(i64),
}

impl Account {
    /// The plan's own accounts, in the order of their numbers.
    pub const SYSTEM: [(Self, &'static str); 13] = [
        (Self::CardInTransit, "card_in_transit"),
        (Self::AchInTransit, "ach_in_transit"),
        (Self::Bank, "bank"),
        (Self::Suspense, "suspense"),
        (Self::PremiumRevenue, "premium_revenue"),
        (Self::MedicalRevenue, "medical_revenue"),
        (Self::PharmacyRevenue, "pharmacy_revenue"),
        (Self::FeeIncome, "fee_income"),
        (Self::WriteOff, "write_off"),
        (Self::Losses, "losses"),
        (Self::GatewayFees, "gateway_fees"),
        (Self::MailInTransit, "mail_in_transit"),
        (Self::DeskInTransit, "desk_in_transit"),
    ];

    /// The number in `account`, fixed by the migration that opened it.
    pub const fn id(self) -> i64 {
        match self {
            Self::CardInTransit => 1,
            Self::AchInTransit => 2,
            Self::Bank => 3,
            Self::Suspense => 4,
            Self::PremiumRevenue => 5,
            Self::MedicalRevenue => 6,
            Self::PharmacyRevenue => 7,
            Self::FeeIncome => 8,
            Self::WriteOff => 9,
            Self::Losses => 10,
            Self::GatewayFees => 11,
            Self::MailInTransit => 12,
            Self::DeskInTransit => 13,
            Self::Person(id) => id,
        }
    }

    /// Where a bill of this kind is earned.
    pub const fn revenue(kind: BillKind) -> Self {
        match kind {
            BillKind::Premium => Self::PremiumRevenue,
            BillKind::Medical => Self::MedicalRevenue,
            BillKind::Pharmacy => Self::PharmacyRevenue,
        }
    }

    /// Where money paid this way stands until the bank has it.
    pub const fn in_transit(method: Method) -> Self {
        match method {
            Method::Card => Self::CardInTransit,
            Method::Bank => Self::AchInTransit,
            Method::Check => Self::MailInTransit,
            Method::Cash => Self::DeskInTransit,
        }
    }
}

/// The kind of a person's account for what they owe on bills of this kind; it carries the kind's own word.
pub const fn receivable_kind(kind: BillKind) -> &'static str {
    kind.word()
}

/// The kind of a person's account for what the plan owes them, from bills of this kind.
pub const fn credit_kind(kind: BillKind) -> &'static str {
    match kind {
        BillKind::Premium => "premium_credit",
        BillKind::Medical => "medical_credit",
        BillKind::Pharmacy => "pharmacy_credit",
    }
}

/// The kind of a person's account for fees.
pub const FEE_RECEIVABLE: &str = "fee";

/// What a posting records. With its cause, the key under which it is written once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A bill asks for money: receivable from revenue. Cause: the bill.
    Charge,
    /// Money came in, or is promised by the gateway: in transit from receivable. Cause: the attempt.
    Payment,
    /// The payer took the payment back before the cut-off. Reverses `Payment`. Cause: the attempt.
    PaymentCancelled,
    /// The bank took the payment back. Reverses `Payment`. Cause: the attempt.
    PaymentReturned,
    /// A fee for a returned payment, by rule. Cause: the attempt.
    ReturnFee,
    /// The bank has the money: bank and gateway fees from in transit. Cause: the attempt.
    Settle,
    /// Money already at the bank went back: in transit from bank. Cause: the line of the settlement file.
    ReturnPaid,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Charge,
        Self::Payment,
        Self::PaymentCancelled,
        Self::PaymentReturned,
        Self::ReturnFee,
        Self::Settle,
        Self::ReturnPaid,
    ];

    /// The word in `posting.kind`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Payment => "payment",
            Self::PaymentCancelled => "payment_cancelled",
            Self::PaymentReturned => "payment_returned",
            Self::ReturnFee => "return_fee",
            Self::Settle => "settle",
            Self::ReturnPaid => "return_paid",
        }
    }

    /// The word in `posting.source_kind`: what `source_id` names.
    pub const fn source_kind(self) -> &'static str {
        match self {
            Self::Charge => "bill",
            Self::Payment
            | Self::PaymentCancelled
            | Self::PaymentReturned
            | Self::ReturnFee
            | Self::Settle => "attempt",
            Self::ReturnPaid => "settlement_line",
        }
    }
}

/// One movement: `amount` from the credited account to the debited one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
    pub bill: Option<BillId>,
}

/// One business event, to be written once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub kind: Kind,
    pub source: Uuid,
    /// The day it counts from, in the region of what it is about.
    pub effective_on: NaiveDate,
    /// When its cause reached us.
    pub received_at: DateTime<Utc>,
    pub actor: String,
    pub reason: String,
    /// The number of the posting this one undoes.
    pub reverses: Option<i64>,
    pub transfers: Vec<Transfer>,
}

impl Posting {
    /// A posting of `kind` for `source`, counting from `on`. Say who and why with [`Posting::by`].
    pub fn new(source: impl Into<Uuid>, kind: Kind, on: NaiveDate) -> Self {
        Self {
            kind,
            source: source.into(),
            effective_on: on,
            received_at: on.and_time(chrono::NaiveTime::MIN).and_utc(),
            actor: "plan".to_owned(),
            reason: kind.word().to_owned(),
            reverses: None,
            transfers: Vec::new(),
        }
    }

    /// Adds a movement of `amount` to `debit` from `credit`. An amount of zero moves nothing and is left out.
    #[must_use]
    pub fn transfer(self, debit: Account, credit: Account, amount: Money) -> Self {
        self.with(Transfer { debit, credit, amount, bill: None })
    }

    /// The same, for one bill.
    #[must_use]
    pub fn transfer_on(self, bill: BillId, debit: Account, credit: Account, amount: Money) -> Self {
        self.with(Transfer { debit, credit, amount, bill: Some(bill) })
    }

    fn with(mut self, transfer: Transfer) -> Self {
        if !transfer.amount.is_zero() {
            self.transfers.push(transfer);
        }
        self
    }

    #[must_use]
    pub fn by(mut self, actor: impl Into<String>, reason: impl Into<String>) -> Self {
        self.actor = actor.into();
        self.reason = reason.into();
        self
    }

    #[must_use]
    pub fn received(mut self, at: DateTime<Utc>) -> Self {
        self.received_at = at;
        self
    }

    /// Undoes posting number `posting` in full: the transfers of the original, in their order, with the sides swapped.
    #[must_use]
    pub fn reversing(mut self, posting: i64, original: &[Transfer]) -> Self {
        self.reverses = Some(posting);
        self.transfers = original
            .iter()
            .map(|transfer| Transfer { debit: transfer.credit, credit: transfer.debit, ..*transfer })
            .collect();
        self
    }

    /// The sum of its transfers.
    pub fn total(&self) -> Money {
        self.transfers.iter().map(|transfer| transfer.amount).sum()
    }
}

impl From<BillId> for Uuid {
    fn from(id: BillId) -> Self {
        id.0
    }
}

impl From<AttemptId> for Uuid {
    fn from(id: AttemptId) -> Self {
        id.0
    }
}

#[cfg(feature = "postgres")]
pub use store::{Lines, post, written};

#[cfg(test)]
mod tests {
    use super::*;

    fn on() -> NaiveDate {
        NaiveDate::from_ymd_opt(2027, 1, 5).unwrap()
    }

    #[test]
    fn the_plans_accounts_are_numbered_in_order() {
        for (index, (account, _)) in Account::SYSTEM.iter().enumerate() {
            assert_eq!(account.id(), i64::try_from(index).unwrap() + 1);
        }
    }

    #[test]
    fn nothing_is_moved_by_an_amount_of_zero() {
        let posting = Posting::new(Uuid::nil(), Kind::Settle, on())
            .transfer(Account::Bank, Account::CardInTransit, Money::from_cents(100))
            .transfer(Account::GatewayFees, Account::CardInTransit, Money::ZERO);
        assert_eq!(posting.transfers.len(), 1);
    }

    #[test]
    fn a_reversal_mirrors_its_original() {
        let bill = BillId(Uuid::nil());
        let original = Posting::new(Uuid::nil(), Kind::Payment, on())
            .transfer_on(bill, Account::CardInTransit, Account::Person(1000), Money::from_cents(8000))
            .transfer(Account::CardInTransit, Account::Person(1001), Money::from_cents(2000));
        let reversal =
            Posting::new(Uuid::nil(), Kind::PaymentReturned, on()).reversing(7, &original.transfers);

        assert_eq!(reversal.reverses, Some(7));
        assert_eq!(reversal.total(), original.total());
        for (back, forth) in reversal.transfers.iter().zip(&original.transfers) {
            assert_eq!((back.debit, back.credit), (forth.credit, forth.debit));
            assert_eq!((back.amount, back.bill), (forth.amount, forth.bill));
        }
    }

    #[test]
    fn each_kind_has_a_word_of_its_own() {
        let mut words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
    }
}
