//! The rows of the demo plan: each bill with its charge, each payment with its attempt, events, postings and receipt, as
//! the portal's own flows leave them behind.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use crate::{
    bills::BillKind,
    ledger::{Account, Kind, credit_kind, receivable_kind},
    money::Money,
    payments::{Method, PaymentState, state::Evidence},
    rules::{calendar, hours},
};

/// One table's rows, as JSON objects by column.
pub(super) type Rows = Vec<Value>;

#[derive(Default)]
pub(super) struct Tables {
    pub(super) bills: Rows,
    pub(super) lines: Rows,
    pub(super) people: Rows,
    pub(super) payments: Rows,
    pub(super) attempts: Rows,
    pub(super) events: Rows,
    pub(super) postings: Rows,
    pub(super) transfers: Rows,
    pub(super) receipts: Rows,
}

/// Persons' accounts by owner and kind.
pub(super) type Accounts = HashMap<(Uuid, String), i64>;

/// Whose book is written, and where they are.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) id: Uuid,
    pub(super) region: &'static str,
    pub(super) zone: Tz,
    pub(super) unit: String,
}

pub(super) struct BillDraft {
    pub(super) number: String,
    pub(super) kind: BillKind,
    pub(super) issued_on: NaiveDate,
    pub(super) due_on: NaiveDate,
    /// First and last day.
    pub(super) period: (NaiveDate, NaiveDate),
    pub(super) provider: Option<&'static str>,
    /// What was paid before the bill, where its source states amounts.
    pub(super) paid_before: Option<Money>,
    pub(super) lines: Vec<LineDraft>,
    /// Given name, family name, relation.
    pub(super) people: Vec<(&'static str, &'static str, &'static str)>,
}

pub(super) struct LineDraft {
    pub(super) kind: &'static str,
    pub(super) description: String,
    pub(super) person: Option<String>,
    pub(super) served_on: Option<NaiveDate>,
    /// Billed, discount, paid by the plan.
    pub(super) stated: Option<(Money, Money, Money)>,
    pub(super) owed: Money,
    pub(super) share: Option<(&'static str, Money)>,
    pub(super) source: String,
}

#[derive(Clone, Copy)]
pub(super) struct PaymentDraft {
    pub(super) amount: Money,
    pub(super) channel: &'static str,
    pub(super) method: Method,
    pub(super) on: NaiveDate,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Settled,
    /// The bank took it back.
    Returned,
}

pub(super) struct Book<'a> {
    pub(super) tables: Tables,
    pub(super) dice: Dice,
    pub(super) now: DateTime<Utc>,
    pub(super) accounts: &'a Accounts,
}

impl Book<'_> {
    fn account(&self, owner: &Owner, kind: &str) -> i64 {
        self.accounts.get(&(owner.id, kind.to_owned())).copied().unwrap_or_default()
    }

    fn at(owner: &Owner, on: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        hours::instant(on, time, owner.zone).unwrap_or_default()
    }

    /// Writes a bill, its charge and its payments, oldest first.
    pub(super) fn bill(&mut self, owner: &Owner, draft: &BillDraft, payments: &[PaymentDraft]) {
        let issued_at = Self::at(owner, draft.issued_on, NaiveTime::MIN).max(DateTime::UNIX_EPOCH);
        let id = self.dice.id(issued_at);
        let sum = |pick: fn(&(Money, Money, Money)) -> Money| -> Option<Money> {
            draft.lines.iter().map(|line| line.stated.as_ref().map(pick)).sum()
        };
        let owed: Money = draft.lines.iter().map(|line| line.owed).sum();
        let due = owed.minus(draft.paid_before.unwrap_or(Money::ZERO));

        let receivable = self.account(owner, receivable_kind(draft.kind));
        if due.is_positive() {
            self.post(&Entry {
                kind: Kind::Charge,
                source: id,
                on: draft.issued_on,
                received_at: issued_at,
                recorded_at: issued_at,
                reason: "bill issued",
                reverses: false,
                transfers: &[(receivable, Account::revenue(draft.kind).id(), due, Some(id))],
            });
        }
        let mut standing = Standing { applied: Money::ZERO, version: 1 };
        for payment in payments {
            self.payment(owner, id, draft.kind, due, &mut standing, payment);
        }

        self.lines(id, draft);
        self.tables.bills.push(json!({
            "bill_id": id, "number": draft.number, "kind": draft.kind.word(), "member_id": owner.id,
            "billing_unit_id": (draft.kind == BillKind::Premium).then_some(&owner.unit), "region": owner.region,
            "receivable": receivable, "issued_on": draft.issued_on, "due_on": draft.due_on,
            "period": format!("[{},{}]", draft.period.0, draft.period.1), "provider": draft.provider,
            "billed": sum(|stated| stated.0), "discount": sum(|stated| stated.1), "plan_paid": sum(|stated| stated.2),
            "paid_before": draft.paid_before, "due": due, "applied": standing.applied, "version": standing.version,
            "source_set": "demo", "source_id": draft.number, "created_at": issued_at,
        }));
    }

    fn lines(&mut self, bill: Uuid, draft: &BillDraft) {
        for (line, number) in draft.lines.iter().zip(1_i16..) {
            let detail = line.share.map_or_else(|| json!({}), |(word, amount)| json!({ word: amount }));
            let stated = line.stated.as_ref();
            self.tables.lines.push(json!({
                "bill_id": bill, "line": number, "kind": line.kind, "description": line.description,
                "person": line.person, "served_on": line.served_on, "billed": stated.map(|stated| stated.0),
                "discount": stated.map(|stated| stated.1), "plan_paid": stated.map(|stated| stated.2),
                "owed": line.owed, "detail": detail, "source": line.source,
            }));
        }
        for ((given, family, relation), number) in draft.people.iter().zip(1_i16..) {
            self.tables.people.push(json!({
                "bill_id": bill, "line": number, "given_name": given, "family_name": family, "relation": relation,
            }));
        }
    }

    /// One payment through its states, in the order its events happened.
    fn payment(
        &mut self,
        owner: &Owner,
        bill: Uuid,
        kind: BillKind,
        due: Money,
        standing: &mut Standing,
        draft: &PaymentDraft,
    ) {
        let received_at = Self::at(owner, draft.on, self.dice.time());
        let days = |start: NaiveDate, count: u32| calendar::plus_business_days(start, count);
        // A mailed check is opened and written down on the next business day; the others at once.
        let posted_at = if draft.method == Method::Check {
            Self::at(owner, days(draft.on, 1), self.dice.time())
        } else {
            received_at.checked_add_signed(TimeDelta::seconds(40)).unwrap_or(received_at)
        };
        let posted_on = hours_on(posted_at, owner.zone);
        let ends_on = days(posted_on, if draft.method == Method::Bank { 4 } else { 2 });
        let ends_at = Self::at(owner, ends_on, self.dice.time());

        let (payment, attempt) = (self.dice.id(received_at), self.dice.id(received_at));
        let taken =
            if draft.method == Method::Bank { PaymentState::Processing } else { PaymentState::Captured };
        let word = if draft.channel == "phone" { Evidence::Answer } else { Evidence::Bank };
        let mut moves = vec![
            (PaymentState::Created, "ordered", Evidence::Ours, received_at),
            (PaymentState::Submitting, "confirmed", Evidence::Ours, received_at),
            (taken, "taken", word, posted_at),
        ];
        match draft.end {
            End::Settled => moves.push((PaymentState::Settled, "settled", Evidence::Bank, ends_at)),
            End::Returned => moves.push((PaymentState::Returned, "returned", Evidence::Bank, ends_at)),
        }
        let state = moves.last().map_or(PaymentState::Created, |(state, ..)| *state);
        self.events(attempt, draft.channel, &moves);

        let receivable = self.account(owner, receivable_kind(kind));
        let to_bill = draft.amount.min(due.minus(standing.applied));
        let rest = draft.amount.minus(to_bill);
        let transit = Account::in_transit(draft.method).id();
        let mut transfers = vec![(transit, receivable, to_bill, Some(bill))];
        if rest.is_positive() {
            transfers.push((transit, self.account(owner, credit_kind(kind)), rest, None));
        }
        let entry = Entry {
            kind: Kind::Payment,
            source: attempt,
            on: draft.on,
            received_at,
            recorded_at: posted_at,
            reason: "payment",
            reverses: false,
            transfers: &transfers,
        };
        self.post(&entry);
        let owed_after = due.minus(standing.applied).minus(to_bill);
        let bill_version = standing.version;
        standing.version = standing.version.saturating_add(1);
        standing.applied = standing.applied.plus(to_bill);
        match draft.end {
            End::Settled => self.post(&Entry {
                kind: Kind::Settle,
                recorded_at: ends_at,
                reason: "settled",
                transfers: &[(Account::Bank.id(), transit, draft.amount, None)],
                ..entry
            }),
            End::Returned => {
                let back: Vec<_> = transfers
                    .iter()
                    .map(|(debit, credit, amount, bill)| (*credit, *debit, *amount, *bill))
                    .collect();
                self.post(&Entry {
                    kind: Kind::PaymentReturned,
                    on: ends_on,
                    received_at: ends_at,
                    recorded_at: ends_at,
                    reason: "R01",
                    reverses: true,
                    transfers: &back,
                    ..entry
                });
                standing.version = standing.version.saturating_add(1);
                standing.applied = standing.applied.minus(to_bill);
            }
        }

        let receipt = self.dice.receipt();
        let brand = (draft.method == Method::Card).then(|| self.dice.pick(&["visa", "mastercard"], "visa"));
        let last4 = match draft.method {
            Method::Card | Method::Bank => Some(format!("{:04}", self.dice.between(1000, 9999))),
            Method::Check | Method::Cash => None,
        };
        self.tables.payments.push(json!({
            "payment_id": payment, "payer": owner.id, "channel": draft.channel, "bill_id": bill,
            "bill_version": bill_version, "receivable": receivable, "amount": draft.amount, "method": draft.method,
            "fingerprint": "\\x64656d6f", "again": false, "receipt_number": receipt, "created_at": received_at,
        }));
        self.tables.attempts.push(json!({
            "attempt_id": attempt, "payment_id": payment, "number": 1, "state": state, "seq": moves.len(),
            "brand": brand, "last4": last4, "return_code": (draft.end == End::Returned).then_some("R01"),
            "received_at": received_at, "posted_at": posted_at,
            "settled_on": (draft.end == End::Settled).then_some(ends_on),
            "changed_at": moves.last().map(|(.., at)| at),
        }));
        self.tables.receipts.push(json!({
            "receipt_number": receipt, "payment_id": payment, "attempt_id": attempt, "bill_id": bill,
            "issued_at": posted_at, "amount": draft.amount, "applied": to_bill, "owed_after": owed_after,
        }));
    }

    fn events(
        &mut self,
        attempt: Uuid,
        channel: &str,
        moves: &[(PaymentState, &str, Evidence, DateTime<Utc>)],
    ) {
        let mut from = None;
        for ((to, event, evidence, at), seq) in moves.iter().zip(1_i32..) {
            self.tables.events.push(json!({
                "attempt_id": attempt, "seq": seq, "from_state": from, "to_state": to, "event": event,
                "evidence": evidence.word(), "actor": channel, "at": at,
            }));
            from = Some(to);
        }
    }

    fn post(&mut self, entry: &Entry<'_>) {
        let key = (entry.kind.source_kind(), entry.source, entry.kind.word());
        self.tables.postings.push(json!({
            "source_kind": key.0, "source_id": key.1, "kind": key.2, "effective_on": entry.on,
            "received_at": entry.received_at, "recorded_at": entry.recorded_at, "reason": entry.reason,
            "reverses": entry.reverses,
        }));
        for ((debit, credit, amount, bill), line) in entry.transfers.iter().zip(1_i16..) {
            self.tables.transfers.push(json!({
                "source_kind": key.0, "source_id": key.1, "kind": key.2, "line": line,
                "debit_account": debit, "credit_account": credit, "amount": amount, "bill_id": bill,
            }));
        }
    }

    /// The last day on which a payment of this method can have been made and be settled by now.
    pub(super) fn settled_by_now(&self, zone: Tz) -> NaiveDate {
        let today = hours_on(self.now, zone);
        today.checked_sub_days(Days::new(9)).unwrap_or(today)
    }
}

fn hours_on(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// What was applied to a bill so far.
struct Standing {
    applied: Money,
    version: i32,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    kind: Kind,
    source: Uuid,
    on: NaiveDate,
    received_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    reason: &'static str,
    /// Undoes the payment of the same source.
    reverses: bool,
    /// Debit, credit, amount, bill.
    transfers: &'a [(i64, i64, Money, Option<Uuid>)],
}
