//! Settlement files: what the bank got, less the gateway's fees, and what the bank took back.
//!
//! A line is one fact however often and in whatever pieces its file comes: its effect is keyed by what it is about, the
//! line itself by file and number. What does not fit our books is classed and posted nowhere; it waits, see `lines`.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Outcome, store, unanswered};
use crate::{
    access::{Action, Object, authorize},
    error::{Error, Fault},
    ids::{AttemptId, SourceId},
    ledger::{self, Account, Kind, Posting},
    payments::{
        PaymentState,
        decide::{self, Move},
        gateway::{LineKind, SettlementLine},
        resolve::{Learnt, refused_by},
        state::Evidence,
        store::{self as payments, Attempt},
    },
    plan::JobScope,
};

/// A file that is shown after others with higher numbers is waited for while it is among so many: the two files of a
/// hundred business days.
const GAPS_AMONG: i64 = 200;

impl JobScope<'_> {
    /// Loads the settlement files not loaded yet, also one that is shown later than its followers, then tries what waits
    /// of earlier ones. Gives how many lines were new, or are done with now.
    ///
    /// A file, or a line, that is bad costs that one. A file is read again until every line of it can be.
    pub async fn settle_files(&self) -> Result<usize, Error> {
        let pool = &self.billing.pools.work;
        let after = store::before_first_gap(pool, GAPS_AMONG).await?;
        let shown = self.billing.gateway.settlements(after).await.map_err(|error| unanswered(&error))?;
        let mut new = 0_usize;
        let mut unheard = None;
        for number in store::missing_files(pool, &shown).await? {
            let lines = match self.billing.gateway.settlement(number).await {
                Ok(lines) => lines,
                Err(error) => {
                    unheard = Some(unanswered(&error));
                    continue;
                }
            };
            let now = self.billing.clock.now();
            let mut whole = true;
            for line in &lines {
                match line {
                    Ok(line) => {
                        let outcome = self.kept_line(number, line, false).await?;
                        new = new.saturating_add(usize::from(outcome.is_some()));
                    }
                    Err(unreadable) => {
                        tracing::error!(file = number, %unreadable, "a settlement line is kept unread");
                        whole &= !store::keep_unreadable(pool, number, *unreadable, now).await?;
                    }
                }
            }
            if whole {
                store::whole_file(pool, number, lines.len(), now).await?;
            }
        }
        new = new.saturating_add(self.retry_lines().await?);
        unheard.map_or(Ok(new), Err)
    }

    /// One line; where our own fault stops it, it is kept as failed, and the others go on.
    pub(super) async fn kept_line(
        &self,
        file: i64,
        line: &SettlementLine,
        again: bool,
    ) -> Result<Option<Outcome>, Error> {
        match self.settle(file, line, again).await {
            // Nothing else goes well either.
            Err(error @ Error::Unavailable { .. }) => Err(error),
            Err(error) => {
                let why = error.say();
                tracing::error!(file, line = line.line, error = why, "a settlement line failed");
                let now = self.billing.clock.now();
                store::keep_failed(&self.billing.pools.work, file, line, &why, now).await?;
                Ok(Some(Outcome::Failed))
            }
            outcome => outcome,
        }
    }

    /// One line, in one transaction. `None`: it was loaded before.
    pub async fn settle_line(&self, file: i64, line: &SettlementLine) -> Result<Option<Outcome>, Error> {
        self.settle(file, line, false).await
    }

    /// With `again`, a line that was loaded before and waits; else a new one.
    async fn settle(&self, file: i64, line: &SettlementLine, again: bool) -> Result<Option<Outcome>, Error> {
        let mut anew = false;
        loop {
            match self.try_line(file, line, again, anew).await {
                Err(error) if !anew && refused_by(&error, "bill_applied") => anew = true,
                other => return other,
            }
        }
    }

    async fn try_line(
        &self,
        file: i64,
        line: &SettlementLine,
        again: bool,
        anew: bool,
    ) -> Result<Option<Outcome>, Error> {
        let now = self.billing.clock.now();
        let mut tx = self.billing.pools.work.begin().await?;
        authorize(
            &mut tx,
            &self.who(),
            None,
            Action::Work,
            Object::Task("settlement_line", format!("{file}/{}", line.line)),
        )
        .await?;
        // The attempt before the line's own row: whoever else loads this line waits for one of them.
        let attempt = match line.reference.parse::<AttemptId>() {
            Ok(id) => payments::lock(&mut tx, id).await?,
            Err(_) => None,
        };
        let seq = attempt.as_ref().map(|attempt| attempt.seq);
        let source = if again {
            store::lock_open(&mut tx, file, line.line).await?
        } else {
            store::claim(&mut tx, file, line, SourceId::mint().0, now).await?
        };
        let Some(source) = source else { return Ok(None) };
        let outcome = match attempt {
            None => Outcome::UnknownReference,
            Some(attempt) => match line.kind {
                LineKind::Charge => self.settled(&mut tx, attempt, line, anew).await?,
                LineKind::Return => self.returned(&mut tx, attempt, line, source, anew).await?,
                // Refunds have a machine of their own; until it exists a refund's reference is nobody's.
                LineKind::Refund => Outcome::UnknownReference,
            },
        };
        if outcome != Outcome::Matched {
            tracing::warn!(
                file,
                line = line.line,
                outcome = outcome.word(),
                "a settlement line does not match"
            );
        }
        store::conclude(&mut tx, file, line.line, outcome, seq).await?;
        tx.commit().await?;
        Ok(Some(outcome))
    }

    /// The bank has the money: net to the bank, the rest to the gateway's fees.
    async fn settled(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        attempt: Attempt,
        line: &SettlementLine,
        anew: bool,
    ) -> Result<Outcome, Error> {
        if line.gross != attempt.amount || line.net.plus(line.fee) != line.gross || line.net.is_negative() {
            return Ok(Outcome::WrongAmount);
        }
        if ledger::written(tx, Kind::Settle, attempt.attempt_id.0).await?.is_some() {
            return Ok(Outcome::Repeated);
        }
        // Returned, and the money never left the bank's hands on the way: no cash of ours in this line.
        let states = if matches!(attempt.state, PaymentState::Settled | PaymentState::Returned) {
            Vec::new()
        } else {
            match decide::route_to_settled(attempt.state, attempt.method) {
                Some(states) => states,
                None => return Ok(Outcome::WrongState),
            }
        };
        if attempt.state == PaymentState::Returned && attempt.posting_id.is_none() {
            return Ok(Outcome::WrongState);
        }
        let id = attempt.attempt_id;
        let transit = Account::in_transit(attempt.method);
        let mut asking = self.asking();
        asking.reason = Some(format!("settlement file line {}", line.line));
        let moves: Vec<Move> =
            states.into_iter().map(|to| Move { to, event: "settled", evidence: Evidence::Bank }).collect();
        let learnt = Learnt { settled_on: Some(line.settled_on), anew, ..Learnt::nothing() };
        self.billing.take(tx, &asking, attempt, &moves, learnt).await?;
        let posting = cash(id.0, Kind::Settle, line.settled_on, &asking.actor)
            .received(self.billing.clock.now())
            .transfer(Account::Bank, transit, line.net)
            .transfer(Account::GatewayFees, transit, line.fee);
        ledger::post(tx, &posting).await?.ok_or_else(|| Fault::broken(format!("{id} is settled already")))?;
        Ok(Outcome::Matched)
    }

    /// The bank took the money back. What had settled leaves the bank; what had not never was there.
    async fn returned(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        attempt: Attempt,
        line: &SettlementLine,
        source: Uuid,
        anew: bool,
    ) -> Result<Outcome, Error> {
        let amount = line.gross.abs();
        if amount != attempt.amount {
            return Ok(Outcome::WrongAmount);
        }
        if store::return_matched(tx, &line.reference).await? {
            return Ok(Outcome::Repeated);
        }
        let id = attempt.attempt_id;
        let transit = Account::in_transit(attempt.method);
        let was_settled = ledger::written(tx, Kind::Settle, id.0).await?.is_some();
        let mut asking = self.asking();
        asking.reason = Some(format!("settlement file line {}", line.line));
        match attempt.state {
            // A query was faster than the file.
            PaymentState::Returned => {}
            state => {
                let states = match state {
                    PaymentState::Captured => None,
                    state if state.is_dead() && state != PaymentState::Expired => None,
                    state => decide::route(state, PaymentState::Returned),
                };
                let Some(states) = states else { return Ok(Outcome::WrongState) };
                let moves: Vec<Move> = states
                    .into_iter()
                    .map(|to| Move { to, event: "returned", evidence: Evidence::Bank })
                    .collect();
                let learnt = Learnt { return_code: line.return_code.as_deref(), anew, ..Learnt::nothing() };
                self.billing.take(tx, &asking, attempt, &moves, learnt).await?;
            }
        }
        if was_settled {
            let posting = cash(source, Kind::ReturnPaid, line.settled_on, &asking.actor)
                .received(self.billing.clock.now())
                .transfer(transit, Account::Bank, amount);
            ledger::post(tx, &posting).await?;
        }
        Ok(Outcome::Matched)
    }
}

fn cash(source: Uuid, kind: Kind, on: NaiveDate, actor: &str) -> Posting {
    Posting::new(source, kind, on).by(actor, "settlement file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    #[test]
    fn net_and_fee_make_the_gross() {
        let posting =
            cash(Uuid::nil(), Kind::Settle, NaiveDate::from_ymd_opt(2027, 1, 7).unwrap(), "job:settle")
                .transfer(Account::Bank, Account::CardInTransit, Money::from_cents(9_700))
                .transfer(Account::GatewayFees, Account::CardInTransit, Money::from_cents(300));
        assert_eq!(posting.total(), Money::from_cents(10_000));
    }
}
