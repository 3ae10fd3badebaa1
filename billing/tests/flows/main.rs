//! The plan's verbs on a real Postgres, one database a test; and what needs none: the payment machine under a simulator,
//! the books under random histories.
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod audit;
mod bills;
mod claims;
mod demo;
mod explain;
mod faults;
mod history;
mod interleavings;
mod ledger;
mod notices;
mod payments;
mod properties;
mod review;
mod rules;
mod settlement;
mod sign_in;
mod simulator;
mod strangers;
mod visits;
