//! The sandbox's time: the wall clock, and how far a dial has moved it ahead.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

/// Ticks on like the wall clock, `ahead` milliseconds off it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// The sandbox's now, to the millisecond, so that what was written reads back equal.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let wall = wall();
        wall.checked_add_signed(TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))).unwrap_or(wall)
    }

    /// Milliseconds ahead of the wall.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    pub(crate) fn set_ahead(&self, milliseconds: i64) {
        self.ahead.store(milliseconds, Ordering::Relaxed);
    }
}

/// The real time, whatever the dial says.
#[expect(clippy::disallowed_methods, reason = "this is the clock; everything else asks it")]
pub(crate) fn wall() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// Milliseconds from the wall's now to `at`.
pub(crate) fn ahead_at(at: DateTime<Utc>) -> i64 {
    at.signed_duration_since(wall()).num_milliseconds()
}
