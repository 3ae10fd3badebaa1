//! Real processes, stopped by SIGKILL where it hurts: crashes at each point of the matrix, random kills under load, one
//! intent submitted from everywhere at once, and the gateway's events in any order. Afterwards the gateway's journal,
//! our ledger and what people were told must be one story.
//!
//! In a hurry (call time-out, fence and janitors divided by 20) as part of the tests; at real length with
//! `cargo xtask soak`.
#![cfg(feature = "crashpoint")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail where it stands"
)]

mod commands;
mod crash;
mod deploys;
mod events;
mod harness;
mod kills;
mod migrations;
mod races;
mod resets;
