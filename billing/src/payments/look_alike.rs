//! A payment of the same account and amount, made minutes before by any channel, is most likely the same payment: the
//! second needs the payer's explicit "yes, again" (rule R18).

use chrono::{DateTime, TimeDelta, Utc};

use crate::{error::Error, rules::RegionRows};

/// From when on a payment counts as made just before `now`.
///
/// Fails where the rule row cannot be read.
pub(super) fn since(region: &RegionRows, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    let minutes: u16 = region.number("look_alike_minutes", None)?;
    Ok(now.checked_sub_signed(TimeDelta::minutes(minutes.into())).unwrap_or(now))
}
