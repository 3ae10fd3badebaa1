//! Attempts only people can judge. Two of them, and never the same one twice.

use chrono::{DateTime, Utc};

use super::{
    Method, PaymentState,
    card::holds_card,
    decide::{Books, Move},
    resolve::{Asking, Learnt},
    state::Evidence,
    store,
};
use crate::{
    access::{Action, Object, authorize},
    error::{Error, Refusal},
    ids::{AttemptId, BillId, MemberId, PaymentId},
    money::Money,
    plan::JobScope,
};

/// One attempt that waits for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Review {
    pub attempt_id: AttemptId,
    pub payment_id: PaymentId,
    pub bill_id: BillId,
    pub payer: MemberId,
    pub amount: Money,
    pub method: Method,
    pub state: PaymentState,
    /// The event that brought it here, and when.
    pub event: String,
    pub since: DateTime<Utc>,
    pub deadline_at: Option<DateTime<Utc>>,
    /// Whether its money stands in the ledger.
    pub posted: bool,
}

/// Whether two different people stand behind a decision, and say why in words that may stand for good.
///
/// Refused: `review-two-people`, `review-no-reason`, `review-card-number`.
pub(crate) fn two_people(by: &str, second: &str, reason: &str) -> Result<(), Refusal> {
    if by.is_empty() || second.is_empty() || by.eq_ignore_ascii_case(second) {
        return Err(Refusal::of("second", "review-two-people"));
    }
    if reason.is_empty() {
        return Err(Refusal::of("reason", "review-no-reason"));
    }
    for (field, said) in [("by", by), ("second", second), ("reason", reason)] {
        if holds_card(said) {
            return Err(Refusal::of(field, "review-card-number"));
        }
    }
    Ok(())
}

impl JobScope<'_> {
    /// Attempts in MISMATCH and NEEDS_REVIEW, oldest first.
    pub async fn review_list(&self) -> Result<Vec<Review>, Error> {
        Ok(store::reviews(&self.billing.pools.work).await?)
    }

    /// Moves an attempt on the word of two different people, with their reason.
    ///
    /// Refused: as [`two_people`], `review-not-here` (no such edge), `review-posted` (its money is in
    /// the ledger: only settled, voided or returned can follow) and `review-undone` (its money went back once; a second
    /// posting would hide that).
    pub async fn review_decide(
        &self,
        id: AttemptId,
        to: PaymentState,
        by: &str,
        second: &str,
        reason: &str,
    ) -> Result<PaymentState, Error> {
        let (by, second, reason) = (by.trim(), second.trim(), reason.trim());
        two_people(by, second, reason)?;
        let mut anew = false;
        loop {
            let mut tx = self.billing.pools.work.begin().await?;
            authorize(&mut tx, &self.who(), None, Action::Work, Object::Task("attempt", id.to_string()))
                .await?;
            let attempt = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;

            // What is frozen is first brought before people, by the same two.
            let mut states = Vec::new();
            if attempt.state == PaymentState::Mismatch {
                states.push(PaymentState::NeedsReview);
            }
            let from = states.last().copied().unwrap_or(attempt.state);
            if from != PaymentState::NeedsReview || !(from.may_become(to) || from == to) {
                return Err(Refusal::of("state", "review-not-here").with("state", from.word()).into());
            }
            if from != to {
                states.push(to);
            }
            if attempt.books() == Books::Posted
                && !matches!(
                    to,
                    PaymentState::Settled
                        | PaymentState::Voided
                        | PaymentState::Returned
                        | PaymentState::Captured
                        | PaymentState::Processing
                        | PaymentState::NeedsReview
                )
            {
                return Err(Refusal::of("state", "review-posted").into());
            }
            if attempt.books() == Books::Undone && to.holds_money() {
                return Err(Refusal::of("state", "review-undone").into());
            }

            let asking = Asking {
                who: self.who(),
                subject: None,
                actor: format!("staff:{by}"),
                second: Some(format!("staff:{second}")),
                reason: Some(reason.to_owned()),
            };
            let moves: Vec<Move> =
                states.into_iter().map(|to| Move { to, event: "decided", evidence: Evidence::Two }).collect();
            match self
                .billing
                .take(&mut tx, &asking, attempt, &moves, Learnt { anew, ..Learnt::nothing() })
                .await
            {
                Ok(moved) => {
                    tx.commit().await?;
                    // What the bank said meanwhile waits for this word. The crontab tries again what is not tried now.
                    if let Err(error) = self.retry_lines().await {
                        tracing::warn!(error = error.say(), "settlement lines wait on");
                    }
                    return Ok(moved.state);
                }
                Err(error) if !anew && super::resolve::refused_by(&error, "bill_applied") => anew = true,
                Err(error) => return Err(error),
            }
        }
    }
}
