//! Who is told what. A row is written in the transaction that makes it true; a job sends it, as often as it takes.

mod mail;
mod receipt;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgTransaction;

pub use mail::{Mail, MailError, Mailer, NoMailer};

use crate::{
    clock, crash,
    error::Error,
    ids::{MemberId, NoticeId},
    jobs::Tell,
    payments::PaymentView,
    plan::{Billing, JobScope},
    words::Language,
};

/// What people are told by mail. Its words are `mail-<template>-subject` and `mail-<template>`. Subjects name no service,
/// amount or person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    Receipt,
    PaymentSettled,
    PaymentReturned,
    /// Taken back by its payer, or given back by us.
    PaymentCancelled,
    /// What we promised to write about came to nothing: no money was taken.
    PaymentNotTaken,
    Reset,
    PasswordChanged,
    Register,
    /// Somebody registered who has an account.
    RegisteredAlready,
    Registered,
    SignedInNewDevice,
}

impl Template {
    pub const ALL: [Self; 11] = [
        Self::Receipt,
        Self::PaymentSettled,
        Self::PaymentReturned,
        Self::PaymentCancelled,
        Self::PaymentNotTaken,
        Self::Reset,
        Self::PasswordChanged,
        Self::Register,
        Self::RegisteredAlready,
        Self::Registered,
        Self::SignedInNewDevice,
    ];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::PaymentSettled => "payment-settled",
            Self::PaymentReturned => "payment-returned",
            Self::PaymentCancelled => "payment-cancelled",
            Self::PaymentNotTaken => "payment-not-taken",
            Self::Reset => "reset",
            Self::PasswordChanged => "password-changed",
            Self::Register => "register",
            Self::RegisteredAlready => "registered-already",
            Self::Registered => "registered",
            Self::SignedInNewDevice => "signed-in-new-device",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.word() == word)
    }
}

/// A notice to be.
pub(crate) struct NewNotice<'a> {
    /// The same key is told once.
    pub(crate) key: String,
    /// Nobody: the row is written all the same, for equal work, and never sent.
    pub(crate) member: Option<MemberId>,
    pub(crate) address: &'a str,
    pub(crate) template: Template,
    pub(crate) language: Language,
    /// What the words name, as finished text; never a secret.
    pub(crate) words: Value,
}

impl NewNotice<'_> {
    /// Writes the row and queues its job, in the transaction that makes it true. One with the same key stays as it is.
    pub(crate) async fn put(
        self,
        billing: &Billing,
        tx: &mut PgTransaction<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let notice = NoticeId::mint();
        store::put(tx, notice, &self, now).await?;
        billing.queue(tx, &Tell { notice }, std::time::Duration::ZERO).await
    }
}

/// A notice to send, its try counted.
struct Claimed {
    id: NoticeId,
    address: String,
    template: String,
    language: Language,
    words: Value,
    created_at: DateTime<Utc>,
    tries: i16,
}

/// Tries until a notice is given up: with the waits between them, about a day.
const MOST_TRIES: i16 = 30;
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Due notices taken in one go.
const AT_ONCE: i64 = 200;

impl JobScope<'_> {
    /// Sends one notice, if it is due. How many were worked on: 0 or 1.
    ///
    /// Killed between handing the mail over and noting it, it is handed over again under the same Message-ID.
    pub async fn tell(&self, notice: NoticeId) -> Result<usize, Error> {
        let billing = self.billing;
        let now = billing.clock.now();
        let lease = billing.hasten(FIRST_WAIT);
        let Some(claimed) = store::claim(&billing.pools.work, notice, now, clock::after(now, lease)).await?
        else {
            return Ok(0);
        };

        crash::point("K10");
        match self.deliver(&claimed, now).await {
            Ok(()) => {
                crash::point("K11");
                store::mark_sent(&billing.pools.work, notice, billing.clock.now()).await?;
            }
            Err(MailError::Later(reason)) if claimed.tries < MOST_TRIES => {
                tracing::warn!(%notice, reason, "a notice could not be sent yet");
                let wait = billing.hasten(wait_after(claimed.tries));
                store::put_off(&billing.pools.work, notice, clock::after(now, wait)).await?;
            }
            Err(MailError::Later(reason) | MailError::Never(reason)) => {
                tracing::error!(%notice, reason, "a notice was given up");
                store::give_up(&billing.pools.work, notice, now).await?;
            }
        }
        Ok(1)
    }

    /// Sends every notice that is due. One that fails is said in the log, and tried again with the next run.
    pub async fn tell_due(&self) -> Result<usize, Error> {
        let due = store::due(&self.billing.pools.work, self.billing.clock.now(), AT_ONCE).await?;
        let mut told = 0_usize;
        for notice in due {
            // One notice's fault costs that notice.
            match self.tell(notice).await {
                Ok(one) => told = told.saturating_add(one),
                Err(error) => tracing::error!(%notice, %error, "a notice cannot be worked on"),
            }
        }
        Ok(told)
    }

    async fn deliver(&self, claimed: &Claimed, now: DateTime<Utc>) -> Result<(), MailError> {
        let template = Template::read(&claimed.template)
            .ok_or_else(|| MailError::Never(format!("no template {}", claimed.template)))?;
        let paid = if template == Template::Receipt { Some(self.paid(claimed).await?) } else { None };
        let mail = mail::write(self.billing, claimed, template, paid.as_ref(), now)?;
        self.billing.mailer.send(&mail).await
    }

    /// The payment a receipt is of, as it stands now: its figures are those of the receipt's own rows.
    async fn paid(&self, claimed: &Claimed) -> Result<PaymentView, MailError> {
        let id = claimed.words.get("payment").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| MailError::Never("names no payment".to_owned()))?;
        self.billing.payment_to_tell(id).await.map_err(|error| MailError::Later(error.to_string()))
    }
}

impl Billing {
    /// A wait of ours, divided by the plan's haste.
    fn hasten(&self, wait: TimeDelta) -> TimeDelta {
        let haste = i32::try_from(self.settings.haste.max(1)).unwrap_or(1);
        wait.checked_div(haste).unwrap_or(wait)
    }
}

/// Doubling from half a minute to an hour.
fn wait_after(tries: i16) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 8)).unwrap_or(1).saturating_sub(1);
    let factor = 2_i32.checked_pow(doublings).unwrap_or(1);
    FIRST_WAIT.checked_mul(factor).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_half_a_minute_to_an_hour() {
        let waits: Vec<i64> = (1..=9).map(|tries| wait_after(tries).num_seconds()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(wait_after(MOST_TRIES), LONGEST_WAIT);
    }

    #[test]
    fn a_template_is_read_as_it_is_written() {
        for template in Template::ALL {
            assert_eq!(Template::read(template.word()), Some(template));
        }
        assert_eq!(Template::read("no such"), None);
    }
}
