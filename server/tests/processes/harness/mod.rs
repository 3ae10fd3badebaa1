//! The portal as it runs: processes of its own, killed without warning, and people at browsers without JavaScript who
//! remember what they were told.

mod books;
mod browser;
mod cluster;
mod household;
mod process;
mod stack;

pub(crate) use books::{Figures, Journal};
pub(crate) use browser::{Answer, Browser, Cut, Told};
pub(crate) use household::{Order, Person, card, household};
pub(crate) use process::Portal;
pub(crate) use stack::{Pace, Stack};

/// Whether the full figures at real intervals are asked for (`cargo xtask soak`).
pub(crate) fn soaks() -> bool {
    std::env::var_os("PORTAL_SOAK").is_some_and(|it| it == "1")
}
