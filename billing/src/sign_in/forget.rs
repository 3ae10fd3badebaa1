//! What need not be kept: forms nobody took back, old counts, dead proofs, browsers not seen for a year, visits long over.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::store::{self, Old};
use crate::{clock, error::Error, plan::JobScope};

const PROOFS: TimeDelta = TimeDelta::days(7);
const COUNTS: TimeDelta = TimeDelta::days(2);
const DEVICES: TimeDelta = TimeDelta::days(365);
/// Who sat where is in the access rows, which are kept. A visit that is over serves nothing but looking into what was
/// lately: a form that came too late asks for one of the last day.
const VISITS: TimeDelta = TimeDelta::days(30);

/// Rows of one statement: well within the time limit of each role.
const BATCH: i64 = 1_000;
/// Statements of one run for each table; the next hour goes on.
const MOST: usize = 500;

impl JobScope<'_> {
    /// Removes what is past its time, in batches. How many rows went.
    pub async fn forget_due(&self) -> Result<usize, Error> {
        let pools = &self.billing.pools;
        let now = self.billing.clock.now();
        let mut gone = 0_usize;
        for (pool, old, before) in [
            (&pools.work, Old::Forms, now),
            (&pools.auth, Old::Proofs, clock::before(now, PROOFS)),
            (&pools.auth, Old::Tries, clock::before(now, COUNTS)),
            (&pools.auth, Old::Rates, clock::before(now, COUNTS)),
            (&pools.auth, Old::Devices, clock::before(now, DEVICES)),
            (&pools.auth, Old::Visits, clock::before(now, VISITS)),
        ] {
            gone = gone.saturating_add(forget(pool, old, before).await?);
        }
        Ok(gone)
    }
}

async fn forget(pool: &PgPool, old: Old, before: DateTime<Utc>) -> Result<usize, Error> {
    let mut gone = 0_usize;
    for _ in 0..MOST {
        let batch = store::forget(pool, old, before, BATCH).await?;
        gone = gone.saturating_add(usize::try_from(batch).unwrap_or(usize::MAX));
        if batch < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(gone)
}
