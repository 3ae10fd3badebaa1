//! What the clock brings: looks at attempts whose time has come, and gives up intents nobody confirmed.

use std::time::Duration;

use super::{PaymentState, store};
use crate::{
    error::Error,
    jobs::{Events, ResolveDue, TellDue},
    plan::JobScope,
};

/// So many attempts in one round; the next round takes the rest.
const ROUND: i64 = 200;

impl JobScope<'_> {
    /// When a process starts, or comes back to its database: nobody waits for the next look. What is overdue or unknown
    /// is looked at now, and what waits to be told is told.
    pub async fn catch_up(&self) -> Result<(), Error> {
        let mut tx = self.billing.pools.work.begin().await?;
        store::hurry(&mut tx, self.billing.clock.now()).await?;
        self.billing.queue(&mut tx, &ResolveDue {}, Duration::ZERO).await?;
        self.billing.queue(&mut tx, &Events {}, Duration::ZERO).await?;
        self.billing.queue(&mut tx, &TellDue {}, Duration::ZERO).await?;
        Ok(tx.commit().await?)
    }

    /// The janitor: asks about every attempt whose next look is due. Gives how many it moved or looked at.
    ///
    /// Settlement files are loaded first: an attempt whose time to settle is over may be in one of them.
    pub async fn resolve_due(&self) -> Result<usize, Error> {
        let now = self.billing.clock.now();
        let due = store::due(&self.billing.pools.work, now, None, ROUND).await?;
        if due.is_empty() {
            return Ok(0);
        }
        if let Err(error) = self.settle_files().await {
            tracing::warn!(error = error.say(), "settlement files are not to be had");
        }
        self.look_at(due).await
    }

    /// Ends orders that were never confirmed, without asking anyone: the gateway has not heard of them.
    pub async fn expire_due(&self) -> Result<usize, Error> {
        let now = self.billing.clock.now();
        let due = store::due(&self.billing.pools.work, now, Some(PaymentState::Created), ROUND).await?;
        self.look_at(due).await
    }

    async fn look_at(&self, due: Vec<crate::ids::AttemptId>) -> Result<usize, Error> {
        let mut done = 0_usize;
        for attempt in due {
            // One attempt's fault costs that attempt.
            match self.resolve(attempt).await {
                Ok(_) => done = done.saturating_add(1),
                Err(error) => tracing::error!(%attempt, error = error.say(), "an attempt cannot be resolved"),
            }
        }
        Ok(done)
    }
}
