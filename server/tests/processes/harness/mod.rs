//! The portal as it runs: processes of its own, killed without warning, and people at browsers without JavaScript who
//! remember what they were told.

use std::time::Duration;

mod books;
mod browser;
mod cluster;
mod dice;
mod household;
mod payers;
mod process;
mod stack;

pub(crate) use books::{Books, Journal};
pub(crate) use browser::{Answer, Browser, Told};
pub(crate) use dice::Dice;
pub(crate) use household::{Details, Order, Person, card, fields, household};
pub(crate) use payers::Payers;
pub(crate) use process::{Halting, portal_under_test};
pub(crate) use stack::{HOOK_SECRET, Pace, Stack, VICTIMS, Victim};

/// As long as a real person would never wait, and a janitor in a hurry never needs; at real length, a fence alone takes
/// half a minute.
pub(crate) fn patience() -> Duration {
    Duration::from_secs(if soaks() { 300 } else { 60 })
}

/// Whether the full figures at real intervals are asked for (`cargo xtask soak`).
pub(crate) fn soaks() -> bool {
    std::env::var_os("PORTAL_SOAK").is_some_and(|it| it == "1")
}
