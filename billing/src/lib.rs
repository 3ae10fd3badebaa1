//! The plan's billing: bills, payments, ledger, people and rules. Knows no web.
//!
//! Without features only words and pure rules compile, safe for a browser; `postgres` brings the flows.
//! [`Billing`] hands out scopes: a [`MemberScope`] for a signed-in person, a [`JobScope`] for machines, a
//! [`DoorScope`] for people not signed in yet. Each has only the verbs its holder may use.

pub mod bills;
pub mod claims;
pub mod error;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod payments;
pub mod rules;
pub mod words;

#[cfg(feature = "postgres")]
pub mod access;
#[cfg(feature = "postgres")]
pub mod audit;
#[cfg(feature = "postgres")]
pub mod clock;
#[cfg(feature = "crashpoint")]
pub mod crash;
#[cfg(not(feature = "crashpoint"))]
#[path = "crash_off.rs"]
pub mod crash;
#[cfg(feature = "demo")]
pub mod demo;
#[cfg(feature = "postgres")]
pub mod jobs;
#[cfg(feature = "postgres")]
pub mod members;
#[cfg(feature = "postgres")]
pub mod notices;
#[cfg(feature = "postgres")]
mod plan;
#[cfg(feature = "postgres")]
mod pools;
#[cfg(feature = "postgres")]
pub mod reconcile;
#[cfg(feature = "postgres")]
pub mod sign_in;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "postgres")]
pub mod visits;
#[cfg(feature = "postgres")]
pub use plan::{Billing, DoorScope, JobScope, MemberScope, Pools, Settings};
#[cfg(feature = "postgres")]
pub use pools::{MIGRATOR, Sizes, migrate};
