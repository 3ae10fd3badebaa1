//! The listeners, through their own routers: every route and every form, for everybody, from anywhere.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed, and what it counts is small"
)]

mod canary;
mod cards;
mod desk;
mod doors;
mod forged;
mod forms;
mod looking;
mod matrix;
mod others;
mod outside;
mod redirects;
mod stored;
mod surface;
mod table;
mod timing;
mod watch;
