//! Taking a payment back, by its payer, until the day's cut-off.

use chrono::{DateTime, NaiveTime, Utc};

use super::{
    CutOff, Next, PaymentState,
    decide::Move,
    gateway::{Charge, ChargeState, GatewayError},
    pay::bounded,
    resolve::Learnt,
    state::Evidence,
    store::{self, Attempt},
};
use crate::{
    access::{Action, authorize},
    error::{Error, Refusal},
    ids::PaymentId,
    jobs::Resolve,
    plan::MemberScope,
    rules::{RegionRows, calendar, hours},
};

/// Until when a payment received at `received_at` can be taken back: the cut-off of the business day it counts to, told
/// in the region's zone. Days banks rest belong to the next one that is open.
///
/// Fails where the rule row cannot be read.
pub(super) fn cut_off(region: &RegionRows, received_at: DateTime<Utc>) -> Result<CutOff, Error> {
    let rule = region.setting("cancel_cut_off", None).unwrap_or_default();
    let at = cut_off_at(rule, received_at).ok_or_else(|| region.unreadable("cancel_cut_off", rule))?;
    Ok(CutOff { at, zone: region.zone.clone() })
}

/// `16:00 America/New_York`: a time of day, and the zone it is meant in.
fn cut_off_at(rule: &str, received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (time, zone) = rule.split_once(' ')?;
    let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    let zone = hours::zone(zone)?;
    let day = calendar::on_or_after(received_at.with_timezone(&zone).date_naive());
    let today = hours::instant(day, time, zone)?;
    if received_at < today {
        return Some(today);
    }
    hours::instant(calendar::plus_business_days(day, 1), time, zone)
}

impl MemberScope<'_> {
    /// Takes a payment back: one not sent yet at once, one on the gateway's page by closing the page, one received by
    /// voiding it before the cut-off. The bill is open again as if it had never been paid.
    ///
    /// Refused (`too-late-to-cancel`) at and after the cut-off, or where the gateway says so; (`cancel-not-yet`) while
    /// nobody knows whether the money was taken.
    pub async fn cancel(&self, payment: PaymentId) -> Result<Next, Error> {
        let attempt = self.ask_to_cancel(payment).await?;
        let answer = match attempt.state {
            PaymentState::Voided | PaymentState::Expired => return Ok(Next::Payment(payment)),
            PaymentState::RequiresAction => {
                bounded(self.billing, self.billing.gateway.cancel(attempt.attempt_id))
                    .await
                    .map(|charge| charge.filter(|charge| charge.state != ChargeState::Voided))
            }
            _ => bounded(self.billing, self.billing.gateway.void(attempt.attempt_id)).await.map(Some),
        };
        match answer {
            Ok(Some(charge)) if takes_back(&attempt, &charge) => self.cancelled(&attempt, &charge).await,
            Err(GatewayError::TooLate) => Err(too_late()),
            // Nothing was taken back, or nobody can say: asking tells.
            _ => self.ask_about(&attempt).await,
        }
    }

    /// The payer's wish, durable before the gateway is asked: a crash in between is finished by the next look.
    async fn ask_to_cancel(&self, payment: PaymentId) -> Result<Attempt, Error> {
        let now = self.billing.clock.now();
        let mut tx = self.billing.pools.write.begin().await?;
        authorize(&mut tx, &self.who(), self.member, Action::Cancel, payment).await?;
        let id = store::last_attempt(&mut tx, self.member, payment).await?.ok_or(Error::NotFound)?;
        let mut attempt = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
        match attempt.state {
            PaymentState::Voided | PaymentState::Expired => return Ok(attempt),
            PaymentState::Created => {
                let take = Move { to: PaymentState::Voided, event: "withdrawn", evidence: Evidence::Person };
                attempt =
                    self.billing.take(&mut tx, &self.asking(), attempt, &[take], Learnt::nothing()).await?;
                tx.commit().await?;
                return Ok(attempt);
            }
            PaymentState::RequiresAction => {}
            PaymentState::Captured | PaymentState::Processing => {
                let today = hours::today(&attempt.zone, now);
                let profile = self.billing.settings.profile.word();
                let region = store::region(&mut tx, &attempt.region, profile, today).await?;
                let received_at = attempt.received_at.unwrap_or(attempt.created_at);
                if now >= cut_off(&region, received_at)?.at {
                    return Err(too_late());
                }
            }
            PaymentState::Submitting
            | PaymentState::Unknown
            | PaymentState::Authorized
            | PaymentState::CapturePending
            | PaymentState::Mismatch
            | PaymentState::NeedsReview => return Err(Refusal::of("", "cancel-not-yet").into()),
            _ => return Err(too_late()),
        }
        store::cancel_asked(&mut tx, id, now).await?;
        self.billing.queue(&mut tx, &Resolve { attempt: id }, self.billing.pace().first_look()).await?;
        tx.commit().await?;
        Ok(attempt)
    }

    async fn cancelled(&self, asked: &Attempt, charge: &Charge) -> Result<Next, Error> {
        let now = self.billing.clock.now();
        let mut tx = self.billing.pools.write.begin().await?;
        authorize(&mut tx, &self.who(), self.member, Action::Cancel, asked.payment_id).await?;
        let attempt = store::lock(&mut tx, asked.attempt_id).await?.ok_or(Error::NotFound)?;
        if attempt.state == asked.state && charge.sequence >= attempt.gateway_sequence {
            if asked.state == PaymentState::RequiresAction {
                store::fenced(&mut tx, asked.attempt_id, now).await?;
            }
            let take = Move { to: PaymentState::Voided, event: "cancelled", evidence: Evidence::Answer };
            let learnt = Learnt { snapshot: Some(charge), ..Learnt::nothing() };
            self.billing.take(&mut tx, &self.asking(), attempt, &[take], learnt).await?;
            tx.commit().await?;
        }
        Ok(Next::Payment(asked.payment_id))
    }
}

/// Whether this answer means that the payment is undone: a closed page without money, or a charge given back.
fn takes_back(attempt: &Attempt, charge: &Charge) -> bool {
    let undone = if attempt.state == PaymentState::RequiresAction {
        matches!(
            charge.state,
            ChargeState::Cancelled | ChargeState::Expired | ChargeState::Open | ChargeState::Action
        )
    } else {
        charge.state == ChargeState::Voided
    };
    undone && charge.reference == attempt.attempt_id && charge.amount == attempt.amount
}

fn too_late() -> Error {
    Refusal::of("", "too-late-to-cancel").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    // Tuesday, January 5, 2027; New York is five hours behind.
    #[case("2027-01-05T18:00:00Z", "2027-01-05T21:00:00Z")]
    #[case("2027-01-05T20:59:59Z", "2027-01-05T21:00:00Z")]
    #[case("2027-01-05T21:00:00Z", "2027-01-06T21:00:00Z")]
    // Friday evening before a holiday on Monday: Tuesday.
    #[case("2027-01-15T22:00:00Z", "2027-01-19T21:00:00Z")]
    #[case("2027-01-16T12:00:00Z", "2027-01-19T21:00:00Z")]
    // Daylight time: four hours.
    #[case("2027-07-06T18:00:00Z", "2027-07-06T20:00:00Z")]
    // The night the clocks move, and late on New Year's Eve (a Thursday; Friday is a holiday).
    #[case("2027-03-14T12:00:00Z", "2027-03-15T20:00:00Z")]
    #[case("2027-01-01T02:00:00Z", "2027-01-04T21:00:00Z")]
    fn the_cut_off_is_that_of_the_next_business_day(#[case] received: &str, #[case] cut_off: &str) {
        let received = received.parse().unwrap();
        assert_eq!(cut_off_at("16:00 America/New_York", received), Some(cut_off.parse().unwrap()));
    }

    #[rstest]
    #[case("")]
    #[case("16:00")]
    #[case("16:00 Mars/Olympus")]
    #[case("25:00 America/New_York")]
    fn a_rule_that_cannot_be_read_has_no_cut_off(#[case] rule: &str) {
        assert_eq!(cut_off_at(rule, "2027-01-05T18:00:00Z".parse().unwrap()), None);
    }
}
