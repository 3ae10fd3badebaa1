//! What need not be kept: forms nobody took back, old counts, dead proofs, browsers not seen for a year.

use chrono::TimeDelta;

use super::store;
use crate::{clock, error::Error, plan::JobScope};

const PROOFS: TimeDelta = TimeDelta::days(7);
const COUNTS: TimeDelta = TimeDelta::days(2);
const DEVICES: TimeDelta = TimeDelta::days(365);

impl JobScope<'_> {
    /// Removes what is past its time. How many rows went.
    pub async fn forget_due(&self) -> Result<usize, Error> {
        let pools = &self.billing.pools;
        let now = self.billing.clock.now();
        let gone = store::forget_forms(&pools.work, now)
            .await?
            .saturating_add(store::forget_proofs(&pools.auth, clock::before(now, PROOFS)).await?)
            .saturating_add(store::forget_counts(&pools.auth, clock::before(now, COUNTS)).await?)
            .saturating_add(store::forget_old_devices(&pools.auth, clock::before(now, DEVICES)).await?);
        Ok(usize::try_from(gone).unwrap_or(usize::MAX))
    }
}
