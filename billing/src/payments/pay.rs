//! Paying one bill: the order, the payer's word, and the way to the gateway's page.
//!
//! The intent is durable before the gateway is asked, and the asking before the call. No connection is held while the
//! gateway works. A call without an answer is a state, not an error: the money may be on its way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{
    Next, PayBill, PayForm, PaymentRefusal, PaymentState, cancel,
    decide::{self, Move, PAGE_OPEN_FOR, Pace},
    gateway::{GatewayError, OpenPage},
    look_alike,
    resolve::Learnt,
    state::Evidence,
    store::{self, Attempt, Change},
};
use crate::{
    access::{Action, Permit, authorize},
    bills::Bill,
    crash,
    error::{Error, Refusal},
    ids::{AttemptId, BillId, PaymentId},
    jobs::Resolve,
    money::{self, Money},
    plan::{Billing, MemberScope},
    rules::{Mode, RegionRows, hours},
    words::{self, Language},
};

impl PayBill {
    /// What the order says, as one value: the same key with another is another order.
    pub fn fingerprint(&self) -> Vec<u8> {
        let said = format!(
            "{}|{}|{}|{}",
            self.bill_id,
            self.bill_version,
            self.amount,
            match self.method {
                super::Method::Card => "card",
                super::Method::Bank => "bank",
                super::Method::Check => "check",
                super::Method::Cash => "cash",
            }
        );
        Sha256::digest(said.as_bytes()).to_vec()
    }
}

impl MemberScope<'_> {
    /// What the pay form of a bill shows, filled in as in `change` where that is an order of this payer for this bill that
    /// was not sent. The payment's id is minted with it; nothing is stored.
    pub async fn pay_form(&self, bill: BillId, change: Option<PaymentId>) -> Result<PayForm, Error> {
        let permit = Permit::to_see(self.visit, Action::See, bill.into())?;
        let now = self.billing.clock.now();
        let profile = self.billing.settings.profile.word();
        let rows = store::form(&self.billing.pools.read, &permit, bill, change, profile, now).await?;
        Ok(PayForm {
            payment_id: PaymentId::mint(),
            today: hours::today(&rows.region.zone, now),
            ways: rows.region.ways(rows.bill.kind, now),
            cut_off: cancel::cut_off(&rows.region, now)?,
            bill: rows.bill,
            underway: rows.underway,
            ordered: rows.ordered,
        })
    }

    /// Takes an order to pay one bill. Safe to repeat: one `payment_id` is one order with one answer. Nothing is sent to
    /// the gateway before [`MemberScope::confirm`].
    ///
    /// `Conflict`: the key came before with other contents. `NotFound`: not this person's bill, or not their key.
    pub async fn pay(&self, order: PayBill) -> Result<Next, Error> {
        let now = self.billing.clock.now();
        crash::point("K1");
        let mut tx = self.billing.pools.write.begin().await?;
        let permit = authorize(&mut tx, &self.who(), self.member, Action::Pay, order.bill_id).await?;

        let fingerprint = order.fingerprint();
        let is_new = store::insert_intent(&mut tx, &permit, &order, &fingerprint, now).await?;
        if !is_new {
            let (payer, earlier) = store::known(&mut tx, order.payment_id).await?.ok_or(Error::NotFound)?;
            return match (payer == self.member, earlier == fingerprint) {
                (true, true) => Ok(Next::Payment(order.payment_id)),
                (true, false) => Err(Error::Conflict),
                (false, _) => Err(Error::NotFound),
            };
        }

        let bill = store::lock_bill(&mut tx, order.bill_id, false).await?;
        let region = self.region_of(&mut tx, &bill, now).await?;
        bill.takes_online(&region, order.amount, now)?;
        bill.accept(&order, bill.payable())?;
        let deadline = decide::deadline(PaymentState::Created, order.method, now, self.billing.pace());
        store::insert_attempt(&mut tx, AttemptId::mint(), order.payment_id, &self.actor(), now, deadline)
            .await?;
        tx.commit().await?;
        crash::point("K2");
        Ok(Next::Payment(order.payment_id))
    }

    /// The payer has checked their answers: sends them to the gateway's page. `again` is their word that a payment like
    /// one made minutes before is meant.
    ///
    /// Refused (`bill-changed`, `more-than-owed`, `nothing-owed`, `already-underway`) where the bill cannot take it any
    /// more, and (`looks-alike`) where the word is missing.
    pub async fn confirm(&self, payment: PaymentId, again: bool) -> Result<Next, Error> {
        let Some(attempt) = self.submit(payment, again).await? else {
            return Ok(Next::Payment(payment));
        };
        crash::point("K3");

        // Outside any transaction: a slow gateway must not hold our locks.
        let answer = crash::during(&["K4", "K5"], self.billing.open_page(&attempt, self.language())).await;
        crash::point("K6");
        self.record(&attempt, answer).await
    }

    /// Back to the gateway's page, where it is still open for this payment.
    pub async fn continue_at_gateway(&self, payment: PaymentId) -> Result<Next, Error> {
        let now = self.billing.clock.now();
        let mut tx = self.billing.pools.write.begin().await?;
        let attempt = self.own_attempt(&mut tx, payment).await?;
        let open = attempt.state == PaymentState::RequiresAction
            && attempt.fenced_at.is_none()
            && attempt.expires_at.is_none_or(|end| now < end);
        if open {
            // The same page is asked for again: until it has answered, its absence proves nothing.
            store::called(&mut tx, attempt.attempt_id, now).await?;
        }
        tx.commit().await?;
        if open && let Ok(url) = self.billing.open_page(&attempt, self.language()).await {
            return Ok(Next::Gateway(url));
        }
        self.ask_about(&attempt).await
    }

    /// Asks the gateway now, for a payer who does not want to wait for the next look, or who thinks they paid on a page
    /// that has run out.
    pub async fn check_again(&self, payment: PaymentId) -> Result<Next, Error> {
        let mut tx = self.billing.pools.write.begin().await?;
        let attempt = self.own_attempt(&mut tx, payment).await?;
        tx.commit().await?;
        self.ask_about(&attempt).await
    }

    pub(super) async fn ask_about(&self, attempt: &Attempt) -> Result<Next, Error> {
        let unsent = attempt.state == PaymentState::Created;
        let over = attempt.state.is_dead() && attempt.state != PaymentState::Expired;
        if !unsent && !over {
            self.billing.resolve(&self.billing.pools.write, &self.asking(), attempt.attempt_id).await?;
        }
        Ok(Next::Payment(attempt.payment_id))
    }

    /// 'created' → 'submitting', committed before the call. `None`: it was sent before.
    async fn submit(&self, payment: PaymentId, again: bool) -> Result<Option<Attempt>, Error> {
        let now = self.billing.clock.now();
        let mut tx = self.billing.pools.write.begin().await?;
        authorize(&mut tx, &self.who(), self.member, Action::Pay, payment).await?;
        let id = store::last_attempt(&mut tx, self.member, payment).await?.ok_or(Error::NotFound)?;
        let attempt = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if attempt.state != PaymentState::Created {
            return Ok(None);
        }

        let bill = store::lock_bill(&mut tx, attempt.bill_id, true).await?;
        let region = self.region_of(&mut tx, &bill, now).await?;
        bill.takes_online(&region, attempt.amount, now)?;
        bill.accept(&attempt.order(), bill.payable())?;
        let alike = store::look_alike(&mut tx, &attempt, look_alike::since(&region, now)?).await?;
        if alike.is_some() && !again {
            return Err(Refusal::of("again", "looks-alike").into());
        }
        if alike.is_some() {
            store::say_again(&mut tx, payment).await?;
        }

        let expires_at = now.checked_add_signed(PAGE_OPEN_FOR);
        let pace = self.billing.pace();
        let mut sent = attempt.clone();
        sent.state = PaymentState::Submitting;
        sent.called_at = Some(now);
        sent.expires_at = expires_at;
        sent.changed_at = now;
        let next_check_at = decide::next_check(&sent.standing(), now, pace);
        let deadline_at = decide::deadline(PaymentState::Submitting, attempt.method, now, pace);
        let actor = self.actor();
        let change = Change {
            called_at: Some(now),
            expires_at,
            next_check_at,
            deadline_at,
            ..Change::of(
                &attempt,
                Move { to: PaymentState::Submitting, event: "confirmed", evidence: Evidence::Ours },
                &actor,
                now,
            )
        };
        let changed = store::change(&mut tx, &change).await?;
        if changed.is_none() {
            return Ok(None);
        }
        let after = next_check_at
            .map_or(Duration::ZERO, |at| wait(now, at))
            .saturating_add(Duration::from_millis(50));
        self.billing.queue(&mut tx, &Resolve { attempt: id }, after).await?;
        tx.commit().await?;
        sent.seq = sent.seq.saturating_add(1);
        Ok(Some(sent))
    }

    /// What the gateway answered, in a transaction of its own. Somebody may have asked and moved it meanwhile.
    async fn record(&self, sent: &Attempt, answer: Result<String, GatewayError>) -> Result<Next, Error> {
        let take = match &answer {
            Ok(_) => {
                Move { to: PaymentState::RequiresAction, event: "page_open", evidence: Evidence::Answer }
            }
            Err(GatewayError::Rejected(_)) => {
                Move { to: PaymentState::Rejected, event: "rejected", evidence: Evidence::Answer }
            }
            Err(_) => Move { to: PaymentState::Unknown, event: "no_answer", evidence: Evidence::Answer },
        };
        if let Err(GatewayError::Rejected(why)) = &answer {
            tracing::error!(attempt = %sent.attempt_id, why, "the gateway refuses what we send");
        }

        let mut tx = self.billing.pools.write.begin().await?;
        authorize(&mut tx, &self.who(), self.member, Action::Pay, sent.payment_id).await?;
        let attempt = store::lock(&mut tx, sent.attempt_id).await?.ok_or(Error::NotFound)?;
        crash::point("K7");
        let mut state = attempt.state;
        if state == PaymentState::Submitting {
            let moved =
                self.billing.take(&mut tx, &self.asking(), attempt, &[take], Learnt::nothing()).await?;
            state = moved.state;
            if state == PaymentState::Unknown {
                self.billing
                    .queue(&mut tx, &Resolve { attempt: sent.attempt_id }, self.billing.pace().first_look())
                    .await?;
            }
        }
        crash::handing_over("K8", tx.commit()).await?;
        crash::point("K9");
        match answer {
            Ok(url) if state == PaymentState::RequiresAction => Ok(Next::Gateway(url)),
            _ => Ok(Next::Payment(sent.payment_id)),
        }
    }

    /// The attempt that speaks for this person's payment, once they may pay it.
    async fn own_attempt(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        payment: PaymentId,
    ) -> Result<Attempt, Error> {
        authorize(tx, &self.who(), self.member, Action::Pay, payment).await?;
        let id = store::last_attempt(tx, self.member, payment).await?.ok_or(Error::NotFound)?;
        store::attempt(tx, id).await?.ok_or(Error::NotFound)
    }

    /// Who stands in events and postings.
    pub(super) fn actor(&self) -> String {
        format!("member:{}", self.member)
    }

    fn language(&self) -> Language {
        self.visit.language.unwrap_or_default()
    }

    async fn region_of(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        bill: &Bill,
        now: DateTime<Utc>,
    ) -> Result<RegionRows, Error> {
        let zone = &self.visit.member.as_ref().ok_or(Error::SignedOut)?.zone;
        let profile = self.billing.settings.profile.word();
        store::region(tx, &bill.region, profile, hours::today(zone, now)).await
    }
}

fn wait(now: DateTime<Utc>, until: DateTime<Utc>) -> Duration {
    until.signed_duration_since(now).to_std().unwrap_or_default()
}

impl Billing {
    pub(crate) fn pace(&self) -> Pace {
        Pace::from(&self.settings)
    }

    async fn open_page(&self, attempt: &Attempt, language: Language) -> Result<String, GatewayError> {
        let page = OpenPage {
            reference: attempt.attempt_id,
            amount: attempt.amount,
            method: attempt.method,
            return_url: format!(
                "{}/payments/{}",
                self.settings.base_url.trim_end_matches('/'),
                attempt.payment_id
            ),
            expires_at: attempt.expires_at.unwrap_or_default(),
            description: words::sentence(language, "gateway-page-description", &[]),
            language: language.tag().to_owned(),
        };
        bounded(self, self.gateway.open_page(&page)).await
    }
}

/// The adapter bounds its calls; a gateway that hangs all the same is one without an answer.
pub(super) async fn bounded<T>(
    billing: &Billing,
    call: impl Future<Output = Result<T, GatewayError>>,
) -> Result<T, GatewayError> {
    let limit = billing.settings.call_time_out.saturating_mul(2);
    tokio::time::timeout(limit, call)
        .await
        .unwrap_or_else(|_| Err(GatewayError::NoAnswer("no end in sight".to_owned())))
}

impl Attempt {
    fn order(&self) -> PayBill {
        PayBill {
            payment_id: self.payment_id,
            bill_id: self.bill_id,
            bill_version: self.bill_version,
            amount: self.amount,
            method: self.method,
        }
    }
}

impl Bill {
    /// Whether this region takes this amount in the portal at all.
    fn takes_online(&self, region: &RegionRows, amount: Money, now: DateTime<Utc>) -> Result<(), Error> {
        if region.ways(self.kind, now).online != Mode::On {
            return Err(PaymentRefusal::NotOnline.into());
        }
        let least = region.amount("payment_floor", Some(self.kind.word()))?;
        if amount < least {
            return Err(PaymentRefusal::BelowFloor { least }.into());
        }
        Ok(())
    }
}

impl From<PaymentRefusal> for Error {
    fn from(refusal: PaymentRefusal) -> Self {
        let refusal = match refusal {
            PaymentRefusal::NothingOwed => Refusal::of("", "nothing-owed"),
            PaymentRefusal::AlreadyUnderway => Refusal::of("", "already-underway"),
            PaymentRefusal::BillChanged => Refusal::of("", "bill-changed"),
            PaymentRefusal::NotOnline => Refusal::of("", "not-online"),
            PaymentRefusal::MoreThanOwed { most } => {
                Refusal::of("amount", "more-than-owed").with("most", money::say(most))
            }
            PaymentRefusal::BelowFloor { least } => {
                Refusal::of("amount", "below-floor").with("least", money::say(least))
            }
        };
        refusal.into()
    }
}
