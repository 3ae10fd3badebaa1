//! The contract of `README.md`, through real connections.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod api;
mod bank;
mod crash;
mod events;
mod faults;
mod mailbox;
mod pages;
mod support;
