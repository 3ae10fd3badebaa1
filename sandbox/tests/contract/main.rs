//! The contract of `README.md`, through real connections.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod api;
mod bank;
mod crash;
mod events;
mod faults;
mod mailbox;
mod pages;
mod support;
