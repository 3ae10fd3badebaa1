//! The chain over the access rows. A row is sealed once no older transaction is open, so none can slip in before it;
//! whoever changes a sealed row breaks every root after it. `portal check` recomputes them all.

mod store;

use crate::{error::Error, plan::JobScope};

impl JobScope<'_> {
    /// Seals what can be sealed, and says the head of the chain to the log, outside the database. How many rows were
    /// sealed.
    pub async fn seal(&self) -> Result<usize, Error> {
        let mut tx = self.billing.pools.work.begin().await?;
        store::one_at_a_time(&mut tx).await?;
        // A new statement, for a snapshot that sees what the one before us sealed.
        let sealed = store::seal(&mut tx, self.billing.clock.now()).await?;
        tx.commit().await?;

        let Some(sealed) = sealed else { return Ok(0) };
        tracing::info!(seal = sealed.seal_id, root = hex::encode(&sealed.root), rows = sealed.rows, "sealed");
        Ok(usize::try_from(sealed.rows).unwrap_or(usize::MAX))
    }
}
