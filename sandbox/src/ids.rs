//! Names nobody can guess: a hosted page's name is all that protects it.

use uuid::Uuid;

/// A fresh name such as `tok_0f…`, 122 random bits.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that makes ids")]
pub(crate) fn fresh(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}

/// A random number below `limit`; 0 when `limit` is 0.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that draws random numbers")]
pub(crate) fn below(limit: u64) -> u64 {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    // The top bits are all random; version and variant stand lower.
    high.checked_shr(16).unwrap_or_default().checked_rem(limit).unwrap_or_default()
}
