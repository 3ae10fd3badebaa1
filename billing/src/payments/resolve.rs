//! Finding out what became of an attempt, and writing it down: state, bill, ledger, receipt and notice together.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{
    PaymentState, cancel,
    decide::{self, Effect, Move, Seen, Step},
    gateway::{Charge, ChargeState, GatewayError},
    pay::bounded,
    receipt,
    store::{self, Attempt, Change, MoneyMoves, Told},
};
use crate::{
    access::{Action, Object, Who, authorize},
    crash,
    error::{Error, Fault},
    ids::{AttemptId, MemberId, NoticeId},
    jobs::{Resolve, Tell},
    ledger::{self, Account, Kind, Posting},
    money::{self, Money},
    notices::Template,
    plan::{Billing, JobScope, MemberScope},
    rules::hours,
};

/// Who asks: for the access row, the events and the postings.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) who: Who,
    pub(crate) subject: Option<MemberId>,
    pub(crate) actor: String,
    pub(crate) second: Option<String>,
    pub(crate) reason: Option<String>,
}

/// What a move rests on, beside the deciding.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Learnt<'a> {
    pub(crate) snapshot: Option<&'a Charge>,
    pub(crate) settled_on: Option<NaiveDate>,
    /// The bank's reason for taking money back.
    pub(crate) return_code: Option<&'a str>,
    /// The bill was paid meanwhile: what it cannot take goes to the payer's credit.
    pub(crate) anew: bool,
}

impl Learnt<'_> {
    pub(crate) const fn nothing() -> Self {
        Self { snapshot: None, settled_on: None, return_code: None, anew: false }
    }
}

/// Where an attempt stands after asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) state: PaymentState,
    /// The gateway answered.
    pub(crate) heard: bool,
    /// It says that the money is with the bank, and we have not read so in its files yet.
    pub(crate) filed: bool,
}

impl Found {
    fn by(state: PaymentState, seen: &Seen) -> Self {
        let with_the_bank = matches!(seen, Seen::Charge(charge) if charge.state == ChargeState::Settled);
        Self {
            state,
            heard: *seen != Seen::NoAnswer,
            filed: with_the_bank && matches!(state, PaymentState::Captured | PaymentState::Processing),
        }
    }
}

/// What the decision under the lock came to.
enum Decided {
    Stands(PaymentState),
    Fence,
    /// The attempt moved while the gateway was asked, and its answer contradicts where it is now: an answer from before
    /// proves nothing against it.
    Outdated,
}

/// A look due sooner than this has a job of its own.
const SOON: Duration = Duration::from_mins(2);
/// Looks in one go, where each was outdated when it came.
const LOOKS: usize = 3;

impl MemberScope<'_> {
    pub(super) fn asking(&self) -> Asking {
        Asking {
            who: self.who(),
            subject: Some(self.member),
            actor: self.actor(),
            second: None,
            reason: None,
        }
    }
}

impl JobScope<'_> {
    pub(crate) fn asking(&self) -> Asking {
        Asking {
            who: self.who(),
            subject: None,
            actor: format!("job:{}", self.name),
            second: None,
            reason: None,
        }
    }

    /// Asks the gateway about one attempt and writes down what it says.
    pub async fn resolve(&self, attempt: AttemptId) -> Result<PaymentState, Error> {
        let found = self.billing.resolve(&self.billing.pools.work, &self.asking(), attempt).await?;
        Ok(found.state)
    }
}

impl Billing {
    /// Asks with no connection held, then decides under the attempt's lock. A reference that is not found is fenced
    /// before it counts as absent.
    pub(crate) async fn resolve(
        &self,
        pool: &sqlx::PgPool,
        asking: &Asking,
        id: AttemptId,
    ) -> Result<Found, Error> {
        for _ in 0..LOOKS {
            let attempt = {
                let mut connection = pool.acquire().await?;
                store::attempt(&mut connection, id).await?.ok_or(Error::NotFound)?
            };
            if attempt.state == PaymentState::Created {
                // The gateway was never asked about it: only the clock can say something.
                let decided = self.learn(pool, asking, &attempt, &Seen::NoAnswer, None).await?;
                return Ok(Found { state: decided.or(attempt.state), heard: true, filed: false });
            }

            let seen = seen(bounded(self, self.gateway.find(id)).await);
            let seen = self.undo_if_asked(&attempt, seen).await?;
            crash::point("K15");
            match self.learn(pool, asking, &attempt, &seen, None).await? {
                Decided::Stands(state) => return Ok(Found::by(state, &seen)),
                Decided::Fence => {
                    let answer = bounded(self, self.gateway.cancel(id)).await;
                    let fenced_at = answer.is_ok().then(|| self.clock.now());
                    let seen = seen_after_fence(answer);
                    let decided = self.learn(pool, asking, &attempt, &seen, fenced_at).await?;
                    return Ok(Found::by(decided.or(attempt.state), &seen));
                }
                Decided::Outdated => {}
            }
        }
        // It moves faster than we can look; whoever moves it knows more.
        let mut connection = pool.acquire().await?;
        let attempt = store::attempt(&mut connection, id).await?.ok_or(Error::NotFound)?;
        Ok(Found { state: attempt.state, heard: false, filed: false })
    }

    /// The payer asked for their money back and we died before the gateway heard of it: while there is time, it hears.
    async fn undo_if_asked(&self, attempt: &Attempt, seen: Seen) -> Result<Seen, Error> {
        let Seen::Charge(charge) = &seen else { return Ok(seen) };
        let taken = matches!(attempt.state, PaymentState::Captured | PaymentState::Processing);
        let now = self.clock.now();
        if attempt.cancel_asked_at.is_none() || !taken || charge.state == ChargeState::Voided {
            return Ok(seen);
        }
        let region = {
            let mut connection = self.pools.read.acquire().await?;
            let today = hours::today(&attempt.zone, now);
            store::region(&mut connection, &attempt.region, self.settings.profile.word(), today).await?
        };
        if now >= cancel::cut_off(&region, attempt.received_at.unwrap_or(attempt.created_at))?.at {
            return Ok(seen);
        }
        match bounded(self, self.gateway.void(attempt.attempt_id)).await {
            Ok(voided) => Ok(Seen::Charge(voided)),
            Err(_) => Ok(seen),
        }
    }

    /// Decides under the lock on what was seen, and takes the moves. A bill that was paid meanwhile refuses the first
    /// try; the second gives it what it can take.
    async fn learn(
        &self,
        pool: &sqlx::PgPool,
        asking: &Asking,
        asked: &Attempt,
        seen: &Seen,
        fenced_at: Option<DateTime<Utc>>,
    ) -> Result<Decided, Error> {
        let id = asked.attempt_id;
        let now = self.clock.now();
        let mut anew = false;
        loop {
            let mut tx = pool.begin().await?;
            let mut attempt = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
            if let Some(at) = fenced_at {
                store::fenced(&mut tx, id, at).await?;
                attempt.fenced_at = Some(at);
            }
            let moves = match decide::decide(&attempt.standing(), seen, now, self.pace()) {
                Step::Fence => return Ok(Decided::Fence),
                Step::Stay => {
                    let counted = attempt.next_check_at.is_some_and(|at| at <= now);
                    let mut standing = attempt.standing();
                    standing.checks = standing.checks.saturating_add(i16::from(counted));
                    let next = decide::next_check(&standing, now, self.pace());
                    if counted || fenced_at.is_some() {
                        store::look_again(&mut tx, id, counted, next).await?;
                        // The crontab ticks by the minute; who waits for an answer is asked for sooner.
                        let soon = next.and_then(|at| at.signed_duration_since(now).to_std().ok());
                        if let Some(soon) = soon.filter(|soon| *soon < SOON) {
                            self.queue(
                                &mut tx,
                                &Resolve { attempt: id },
                                soon.saturating_add(Duration::from_millis(50)),
                            )
                            .await?;
                        }
                        tx.commit().await?;
                    }
                    return Ok(Decided::Stands(attempt.state));
                }
                Step::Go(moves) => moves,
            };
            if attempt.seq != asked.seq && moves.iter().any(|take| take.to == PaymentState::Mismatch) {
                if fenced_at.is_some() {
                    tx.commit().await?;
                }
                return Ok(Decided::Outdated);
            }

            authorize(
                &mut tx,
                &asking.who,
                asking.subject,
                Action::for_asking(asking),
                attempt.object(asking),
            )
            .await?;
            let snapshot = match seen {
                Seen::Charge(charge) => Some(charge),
                Seen::NotFound | Seen::NoAnswer => None,
            };
            let learnt = Learnt { snapshot, anew, ..Learnt::nothing() };
            match self.take(&mut tx, asking, attempt, &moves, learnt).await {
                Ok(moved) => {
                    keep(tx, &moved).await?;
                    return Ok(Decided::Stands(moved.state));
                }
                Err(error) if !anew && refused_by(&error, "bill_applied") => anew = true,
                // A number that is taken: the next one is free.
                Err(error)
                    if refused_by(&error, "receipt_pkey")
                        || refused_by(&error, "payment_receipt_number_key") => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes moves in order, all in the caller's transaction and under the attempt's lock.
    pub(crate) async fn take(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        asking: &Asking,
        attempt: Attempt,
        moves: &[Move],
        learnt: Learnt<'_>,
    ) -> Result<Attempt, Error> {
        // What ends frozen is no money of ours to post: people will say what it is.
        let frozen = moves.iter().any(|take| take.to == PaymentState::Mismatch);
        let mut attempt = attempt;
        for take in moves {
            attempt = self.take_one(tx, asking, attempt, *take, learnt, frozen).await?;
        }
        Ok(attempt)
    }

    async fn take_one(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        asking: &Asking,
        attempt: Attempt,
        take: Move,
        learnt: Learnt<'_>,
        frozen: bool,
    ) -> Result<Attempt, Error> {
        let now = self.clock.now();
        let pace = self.pace();

        let mut moved = attempt.clone();
        moved.state = take.to;
        moved.seq = attempt.seq.saturating_add(1);
        moved.changed_at = now;
        moved.checks = 0;
        moved.deadline_at = decide::deadline(take.to, attempt.method, now, pace);
        moved.next_check_at = decide::next_check(&moved.standing(), now, pace);
        if let Some(charge) = learnt.snapshot {
            moved.gateway_sequence = moved.gateway_sequence.max(charge.sequence);
        }

        let another_lives = attempt.state.is_dead() && store::another_lives(tx, &attempt).await?;
        let effect = decide::effect(attempt.state, take.to, attempt.books(), frozen, another_lives);
        let gives_back = effect == Effect::GiveBack;
        let takes_money = matches!(effect, Effect::Take { .. });
        let surplus = effect == Effect::Take { surplus: true };
        moved.surplus |= surplus;

        let number = receipt::number();
        let (posting, applied) = if takes_money {
            let (posting, applied) = self.taken(tx, asking, &attempt, surplus, learnt.anew).await?;
            (Some(posting), applied)
        } else if gives_back {
            let (posting, applied) = self.given_back(tx, asking, &attempt, take.to).await?;
            (Some(posting), applied)
        } else {
            (None, Money::ZERO)
        };
        let receipt = (takes_money && !surplus).then_some(number.as_str());
        let ended = effect == Effect::None && take.to.is_dead() && take.to != PaymentState::DisputeLost;
        let not_taken = ended && store::was_waited_for(tx, attempt.attempt_id).await?;
        let notice = template(&attempt, take.to, effect, not_taken)
            .map(|template| notice(self, &attempt, take.to, template, &number));

        let change = Change {
            second: asking.second.as_deref(),
            reason: asking.reason.as_deref(),
            snapshot: learnt.snapshot,
            next_check_at: moved.next_check_at,
            deadline_at: moved.deadline_at,
            settled_on: learnt.settled_on.filter(|_| take.to == PaymentState::Settled),
            return_code: learnt.return_code,
            surplus,
            money: posting.as_ref().map(|posting| MoneyMoves { posting, applied, receipt }),
            notice,
            ..Change::of(&attempt, take, &asking.actor, now)
        };
        let told = change.notice.as_ref().map(|told| told.id);
        let changed = store::change(tx, &change)
            .await?
            .ok_or_else(|| Fault::broken(format!("{} moved under its lock", attempt.attempt_id)))?;
        if posting.is_some() && changed.posting_id.is_none() {
            return Err(Fault::broken(format!("{} is posted already", attempt.attempt_id)).into());
        }
        if takes_money {
            moved.posting_id = changed.posting_id;
            moved.receipt_number = moved.receipt_number.or(Some(number));
        }
        moved.reversed |= gives_back;

        if let (Some(notice), true) = (told, changed.noticed) {
            self.queue(tx, &Tell { notice }, Duration::ZERO).await?;
        }
        if take.to == PaymentState::Returned && gives_back {
            self.charge_return_fee(tx, asking, &moved).await?;
        }
        if take.to == PaymentState::Unknown {
            self.queue(tx, &Resolve { attempt: attempt.attempt_id }, pace.first_look()).await?;
        }
        Ok(moved)
    }

    /// The posting that takes an attempt's money in, and how much of it the bill gets.
    async fn taken(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        asking: &Asking,
        attempt: &Attempt,
        surplus: bool,
        anew: bool,
    ) -> Result<(Posting, Money), Error> {
        let to_bill = if surplus {
            Money::ZERO
        } else if anew {
            let bill = store::lock_bill(tx, attempt.bill_id, false).await?;
            attempt.amount.min(bill.owed().max(Money::ZERO))
        } else {
            attempt.amount
        };
        let rest = attempt.amount.minus(to_bill);
        let received_at = attempt.received_at.unwrap_or(attempt.created_at);
        let transit = Account::in_transit(attempt.method);
        let mut posting =
            Posting::new(attempt.attempt_id, Kind::Payment, hours::today(&attempt.zone, received_at))
                .received(received_at)
                .by(&asking.actor, if surplus { "surplus" } else { "payment" })
                .transfer_on(attempt.bill_id, transit, Account::Person(attempt.receivable), to_bill);
        if !rest.is_zero() {
            let credit = store::person_account(
                tx,
                attempt.payer,
                ledger::credit_kind(attempt.bill_kind),
                attempt.billing_unit_id.as_deref(),
            )
            .await?;
            posting = posting.transfer(transit, Account::Person(credit), rest);
        }
        Ok((posting, to_bill))
    }

    /// The posting that undoes it in full: the bill is open again as if it had never been paid.
    async fn given_back(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        asking: &Asking,
        attempt: &Attempt,
        to: PaymentState,
    ) -> Result<(Posting, Money), Error> {
        let (number, transfers) = ledger::written(tx, Kind::Payment, attempt.attempt_id.0)
            .await?
            .ok_or_else(|| Fault::broken(format!("{} has no posting", attempt.attempt_id)))?;
        let kind = if to == PaymentState::Returned { Kind::PaymentReturned } else { Kind::PaymentCancelled };
        let now = self.clock.now();
        let applied: Money = transfers
            .iter()
            .filter(|transfer| transfer.bill == Some(attempt.bill_id))
            .map(|transfer| transfer.amount)
            .sum();
        let posting = Posting::new(attempt.attempt_id, kind, hours::today(&attempt.zone, now))
            .received(now)
            .by(&asking.actor, to.word())
            .reversing(number, &transfers);
        Ok((posting, applied.negated()))
    }

    /// Once for an item, never on a fee; zero until the plan confirms its row (A7).
    async fn charge_return_fee(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        asking: &Asking,
        attempt: &Attempt,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let today = hours::today(&attempt.zone, now);
        let region = store::region(tx, &attempt.region, self.settings.profile.word(), today).await?;
        let fee = region.amount("returned_payment_fee", Some(attempt.bill_kind.word()))?;
        if !fee.is_positive() {
            return Ok(());
        }
        let account = store::person_account(tx, attempt.payer, ledger::FEE_RECEIVABLE, None).await?;
        let posting = Posting::new(attempt.attempt_id, Kind::ReturnFee, today)
            .received(now)
            .by(&asking.actor, "returned payment fee")
            .transfer(Account::Person(account), Account::FeeIncome, fee);
        ledger::post(tx, &posting).await?;
        Ok(())
    }
}

/// Commits what was learnt. The transaction that posts money has places of its own in the crash matrix (K7 to K9).
async fn keep(tx: sqlx::PgTransaction<'_>, moved: &Attempt) -> Result<(), sqlx::Error> {
    if moved.posting_id.is_none() {
        return tx.commit().await;
    }
    crash::point("K7-posting");
    crash::handing_over("K8-posting", tx.commit()).await?;
    crash::point("K9-posting");
    Ok(())
}

impl Decided {
    fn or(self, state: PaymentState) -> PaymentState {
        match self {
            Self::Stands(state) => state,
            Self::Fence | Self::Outdated => state,
        }
    }
}

fn seen(answer: Result<Option<Charge>, GatewayError>) -> Seen {
    match answer {
        Ok(Some(charge)) => Seen::Charge(charge),
        Ok(None) => Seen::NotFound,
        Err(error) => {
            if !matches!(error, GatewayError::NoAnswer(_)) {
                tracing::error!(%error, "the gateway refuses a query");
            }
            Seen::NoAnswer
        }
    }
}

/// The gateway's word after a fence: what it holds, or that it never will.
fn seen_after_fence(answer: Result<Option<Charge>, GatewayError>) -> Seen {
    match answer {
        Ok(Some(charge)) => Seen::Charge(charge),
        Ok(None) => Seen::NotFound,
        Err(_) => Seen::NoAnswer,
    }
}

/// Whether the database refused by the constraint of this name.
pub(crate) fn refused_by(error: &Error, constraint: &str) -> bool {
    matches!(error, Error::Fault(Fault::Database(sqlx::Error::Database(database)))
        if database.constraint() == Some(constraint))
}

/// What the payer is told of a move, by mail. `not_taken`: they were promised that we would write, and nothing was taken.
/// Who saw their bank's "no" on the gateway's page was not.
fn template(attempt: &Attempt, to: PaymentState, effect: Effect, not_taken: bool) -> Option<Template> {
    match (effect, to) {
        (Effect::Take { surplus: false }, _) => Some(Template::Receipt),
        (Effect::GiveBack, PaymentState::Returned) => Some(Template::PaymentReturned),
        (Effect::GiveBack, _) => Some(Template::PaymentCancelled),
        (_, PaymentState::Settled) if attempt.method == super::Method::Bank => Some(Template::PaymentSettled),
        _ => not_taken.then_some(Template::PaymentNotTaken),
    }
}

fn notice(billing: &Billing, attempt: &Attempt, to: PaymentState, template: Template, number: &str) -> Told {
    let given = attempt.receipt_number.as_deref();
    let number = if template == Template::Receipt { number } else { given.unwrap_or_default() };
    let link = format!("{}/payments/{}", billing.settings.base_url.trim_end_matches('/'), attempt.payment_id);
    Told {
        id: NoticeId::mint(),
        key: format!("{}:{}", template.word(), attempt.attempt_id),
        template: template.word(),
        words: json!({
            "payment": attempt.payment_id,
            "number": number,
            "amount": money::say(attempt.amount),
            "bill": attempt.bill_number,
            "pending": if to == PaymentState::Processing { "yes" } else { "no" },
            "link": link,
        }),
    }
}

impl Attempt {
    fn object(&self, asking: &Asking) -> Object {
        match asking.subject {
            Some(_) => Object::Payment(self.payment_id),
            None => Object::Task("attempt", self.attempt_id.to_string()),
        }
    }
}

impl Action {
    fn for_asking(asking: &Asking) -> Self {
        if asking.subject.is_some() { Self::Pay } else { Self::Work }
    }
}
