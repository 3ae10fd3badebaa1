//! The page of one payment: answers to check, a page to wait on, or the receipt.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    CutOff, Method, PaymentState, PaymentView, Stage, cancel, decide, look_alike,
    store::{self, ViewRows},
};
use crate::{
    access::{Action, Permit},
    bills::PaymentLine,
    error::Error,
    ids::PaymentId,
    money::Money,
    plan::{Billing, MemberScope},
    rules::{calendar, hours},
};

/// Card money is at the bank so many business days after the batch it is in.
const CARD_FINAL_AFTER: u32 = 2;
/// The bank's word on a debit comes within so many business days (rule R12).
const BANK_FINAL_AFTER: u32 = 5;

impl MemberScope<'_> {
    /// One payment of this person, with what can be done about it now.
    pub async fn payment(&self, payment: PaymentId) -> Result<PaymentView, Error> {
        let permit = Permit::to_see(self.visit, Action::See, payment.into())?;
        let now = self.billing.clock.now();
        let rows = store::view(
            &self.billing.pools.read,
            &permit,
            payment,
            self.billing.settings.profile.word(),
            now,
        )
        .await?;
        self.billing.payment_view(rows, now)
    }
}

impl Billing {
    /// One payment, for a mail to its payer.
    pub(crate) async fn payment_to_tell(&self, payment: PaymentId) -> Result<PaymentView, Error> {
        let now = self.clock.now();
        let rows = store::view_to_tell(&self.pools.work, payment, self.settings.profile.word(), now).await?;
        self.payment_view(rows.ok_or(Error::NotFound)?, now)
    }

    fn payment_view(&self, rows: ViewRows, now: DateTime<Utc>) -> Result<PaymentView, Error> {
        let cut_off = cancel::cut_off(
            &rows.region,
            if rows.line.state == PaymentState::Created { now } else { rows.line.received_at },
        )?;
        let stage = self.stage(&rows, &cut_off, now)?;
        let owed_after = rows.owed_after.unwrap_or_else(|| match rows.line.state {
            PaymentState::Created => rows.bill.owed().minus(rows.line.amount).max(Money::ZERO),
            _ => rows.bill.owed(),
        });
        let mut allocation = Vec::new();
        if !rows.to_bill.is_zero() {
            allocation.push((rows.bill.number.clone(), rows.to_bill));
        }
        if !rows.to_credit.is_zero() {
            allocation.push(("credit".to_owned(), rows.to_credit));
        }
        if allocation.is_empty() {
            allocation.push((rows.bill.number.clone(), rows.line.amount));
        }
        Ok(PaymentView {
            stage,
            payer_name: rows.payer_name,
            zone: rows.region.zone.clone(),
            today: hours::today(&rows.region.zone, now),
            ways: rows.region.ways(rows.bill.kind, now),
            line: rows.line,
            bill: rows.bill,
            allocation,
            owed_after,
            cut_off,
            changed_at: rows.changed_at,
        })
    }

    fn stage(&self, rows: &ViewRows, cut_off: &CutOff, now: DateTime<Utc>) -> Result<Stage, Error> {
        Ok(match rows.line.state {
            PaymentState::Created => {
                let since = look_alike::since(&rows.region, now)?;
                match rows.look_alike.as_ref().filter(|other| other.received_at > since) {
                    Some(other) => Stage::LooksAlike { other: Box::new(other.clone()) },
                    None => Stage::Check,
                }
            }
            PaymentState::RequiresAction => Stage::AtGateway,
            PaymentState::Submitting
            | PaymentState::Unknown
            | PaymentState::Authorized
            | PaymentState::CapturePending => Stage::Confirming {
                answer_by: decide::answer_by(rows.called_at, rows.changed_at, self.pace()),
            },
            PaymentState::Captured | PaymentState::Processing => Stage::Received {
                cancel_until: (now < cut_off.at).then(|| cut_off.clone()),
                final_on: Some(final_on(&rows.line, &rows.region.zone)),
            },
            PaymentState::Settled | PaymentState::DisputeWon => Stage::Settled,
            PaymentState::Declined => Stage::Declined { class: rows.decline.clone().unwrap_or_default() },
            PaymentState::Voided if rows.closed_by_us => Stage::NotTaken,
            PaymentState::Voided => Stage::Cancelled,
            PaymentState::Expired => Stage::Expired,
            PaymentState::Rejected | PaymentState::Absent => Stage::NotTaken,
            PaymentState::Returned => Stage::Returned { code: rows.return_code.clone().unwrap_or_default() },
            PaymentState::Mismatch
            | PaymentState::NeedsReview
            | PaymentState::Disputed
            | PaymentState::DisputeLost => Stage::InReview,
        })
    }
}

/// When nothing is likely to come back any more, counted from the day the money was taken where the bill was made.
pub(crate) fn final_on(payment: &PaymentLine, zone: &str) -> NaiveDate {
    let taken = hours::today(zone, payment.posted_at.unwrap_or(payment.received_at));
    let after = if payment.method == Method::Bank { BANK_FINAL_AFTER } else { CARD_FINAL_AFTER };
    calendar::plus_business_days(taken, after)
}
