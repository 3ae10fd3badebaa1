//! The chain over the access rows. A row is sealed once no older transaction is open, so none can slip in before it;
//! whoever changes a sealed row breaks every root after it. `portal check` recomputes them all.

mod promises;
mod store;

pub use promises::Looked;

use crate::{error::Error, plan::JobScope};

/// Rows of one seal, about: a second's work.
const BATCH: i64 = 5_000;
/// Seals of one run; the next run goes on.
const MOST: usize = 40;

impl JobScope<'_> {
    /// Seals what can be sealed, batch by batch, each in a transaction of its own, and says the head of the chain to the
    /// log, outside the database. How many rows were sealed.
    pub async fn seal(&self) -> Result<usize, Error> {
        let mut rows = 0_usize;
        for _ in 0..MOST {
            let sealed = self.seal_batch().await?;
            rows = rows.saturating_add(usize::try_from(sealed).unwrap_or(usize::MAX));
            if sealed < BATCH {
                break;
            }
        }
        Ok(rows)
    }

    async fn seal_batch(&self) -> Result<i64, Error> {
        let mut tx = self.billing.pools.work.begin().await?;
        store::one_at_a_time(&mut tx).await?;
        // A new statement, for a snapshot that sees what the one before us sealed.
        let sealed = store::seal(&mut tx, self.billing.clock.now(), BATCH).await?;
        tx.commit().await?;

        let Some(sealed) = sealed else { return Ok(0) };
        tracing::info!(seal = sealed.seal_id, root = hex::encode(&sealed.root), rows = sealed.rows, "sealed");
        Ok(sealed.rows)
    }
}
