//! Signing in, registering, and making a new password. Known and unknown people get the same answers for the same work.

mod enter;
mod forget;
mod passwords;
mod register;
mod reset;
mod secrets;
mod store;
mod throttle;
mod watch;

use chrono::{DateTime, Utc};
use uuid::Uuid;

#[cfg(feature = "demo")]
pub(crate) use passwords::hash;
pub use register::{read_birth_date, read_mrn};
pub use throttle::{RateClass, RateSubject};
pub(crate) use watch::Event;

use crate::{ids::MemberId, visits::SessionKey};

/// Where a try comes from, for throttles alone.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The network address as text.
    pub address: String,
    /// The mark an earlier full sign-in left at this browser.
    pub device: Option<String>,
}

/// Somebody has signed in: what the browser is given.
#[derive(Clone, Debug)]
pub struct SignedInVisit {
    pub member_id: MemberId,
    /// The new visit's; the old one is dead.
    pub key: SessionKey,
    /// The mark of this browser as a known device; kept for a year.
    pub device: String,
}

/// A mailed proof was asked for. It looks the same whether or not we know the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// For the address of the next page; worthless at another visit.
    pub id: Uuid,
    pub until: DateTime<Utc>,
}

/// A member who can sign in, or might.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) member_id: MemberId,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) mrn: String,
    pub(crate) email: String,
    pub(crate) language: crate::words::Language,
    /// IANA name of their region's zone.
    pub(crate) zone: String,
}
