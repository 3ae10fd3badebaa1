//! Settlement files: what the bank got, less the gateway's fees, and what the bank took back.
//!
//! A line is one fact however often and in whatever pieces its file comes: its effect is keyed by what it is about, the
//! line itself by file and number. What does not fit our books is classed and posted nowhere.

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
        gateway::SettlementLine,
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
    /// Loads the settlement files not loaded yet, also one that is shown later than its followers. Gives how many lines
    /// were new.
    pub async fn settle_files(&self) -> Result<usize, Error> {
        let pool = &self.billing.pools.work;
        let after = store::before_first_gap(pool, GAPS_AMONG).await?;
        let shown = self.billing.gateway.settlements(after).await.map_err(|error| unanswered(&error))?;
        let mut new = 0_usize;
        for number in store::missing_files(pool, &shown).await? {
            let lines = self.billing.gateway.settlement(number).await.map_err(|error| unanswered(&error))?;
            for line in &lines {
                if self.settle_line(number, line).await?.is_some() {
                    new = new.saturating_add(1);
                }
            }
            store::whole_file(pool, number, lines.len(), self.billing.clock.now()).await?;
        }
        Ok(new)
    }

    /// One line, in one transaction. `None`: it was loaded before.
    pub async fn settle_line(&self, file: i64, line: &SettlementLine) -> Result<Option<Outcome>, Error> {
        let mut anew = false;
        loop {
            match self.try_line(file, line, anew).await {
                Err(error) if !anew && refused_by(&error, "bill_applied") => anew = true,
                other => return other,
            }
        }
    }

    async fn try_line(&self, file: i64, line: &SettlementLine, anew: bool) -> Result<Option<Outcome>, Error> {
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
        let source = SourceId::mint();
        let attempt = match line.reference.parse::<AttemptId>() {
            Ok(id) => payments::lock(&mut tx, id).await?,
            Err(_) => None,
        };
        // The line's own row first: whoever else loads this file waits for it.
        if !store::claim(&mut tx, file, line, source.0, now).await? {
            return Ok(None);
        }
        let outcome = match attempt {
            None => Outcome::UnknownReference,
            Some(attempt) => match line.kind.as_str() {
                "charge" => self.settled(&mut tx, attempt, line, anew).await?,
                "return" => self.returned(&mut tx, attempt, line, source.0, anew).await?,
                // Refunds have a machine of their own; until it exists a refund's reference is nobody's.
                _ => Outcome::UnknownReference,
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
        store::conclude(&mut tx, file, line.line, outcome).await?;
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
