//! The portal as it runs: processes of its own, killed without warning, and people at browsers without JavaScript who
//! remember what they were told.

mod books;
mod browser;
mod cluster;
mod dice;
mod household;
mod process;
mod stack;

pub(crate) use books::Journal;
pub(crate) use browser::{Answer, Browser, Told};
pub(crate) use dice::Dice;
pub(crate) use household::{Details, Order, Person, card, fields, household};
pub(crate) use stack::{HOOK_SECRET, Pace, Stack, VICTIMS, Victim};

/// Whether the full figures at real intervals are asked for (`cargo xtask soak`).
pub(crate) fn soaks() -> bool {
    std::env::var_os("PORTAL_SOAK").is_some_and(|it| it == "1")
}
