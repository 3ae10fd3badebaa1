//! A payment of the same account and amount, made minutes before by any channel, is most likely the same payment: the
//! second needs the payer's explicit "yes, again" (rule R18).

use chrono::{DateTime, TimeDelta, Utc};

use crate::rules::RegionRows;

const MINUTES: i64 = 10;

/// From when on a payment counts as made just before `now`.
pub(super) fn since(region: &RegionRows, now: DateTime<Utc>) -> DateTime<Utc> {
    let minutes =
        region.setting("look_alike_minutes", None).and_then(|text| text.parse().ok()).unwrap_or(MINUTES);
    TimeDelta::try_minutes(minutes).and_then(|back| now.checked_sub_signed(back)).unwrap_or(now)
}

/// The same before the region's rows are read, for a page that reads them in the same statement.
pub(super) fn since_at_most(now: DateTime<Utc>) -> DateTime<Utc> {
    TimeDelta::try_minutes(MINUTES).and_then(|back| now.checked_sub_signed(back)).unwrap_or(now)
}
