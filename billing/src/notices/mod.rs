//! Who is told what. A row is written in the transaction that makes it true; a job sends it.

mod store;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgTransaction;

use crate::{
    error::Error,
    ids::{MemberId, NoticeId},
    words::Language,
};

/// What people are told by mail. Its words are `mail-<template>-subject`, `-text` and what they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    Receipt,
    PaymentSettled,
    PaymentReturned,
    PaymentFailed,
    Reset,
    PasswordChanged,
    Register,
    /// Somebody registered who has an account.
    RegisteredAlready,
    Registered,
    SignedInNewDevice,
}

impl Template {
    pub const ALL: [Self; 10] = [
        Self::Receipt,
        Self::PaymentSettled,
        Self::PaymentReturned,
        Self::PaymentFailed,
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
            Self::PaymentSettled => "payment_settled",
            Self::PaymentReturned => "payment_returned",
            Self::PaymentFailed => "payment_failed",
            Self::Reset => "reset",
            Self::PasswordChanged => "password_changed",
            Self::Register => "register",
            Self::RegisteredAlready => "registered_already",
            Self::Registered => "registered",
            Self::SignedInNewDevice => "signed_in_new_device",
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
    /// Writes the row, in the transaction that makes it true. One with the same key stays as it is.
    pub(crate) async fn put(self, tx: &mut PgTransaction<'_>, now: DateTime<Utc>) -> Result<(), Error> {
        Ok(store::put(tx, NoticeId::mint(), &self, now).await?)
    }
}
