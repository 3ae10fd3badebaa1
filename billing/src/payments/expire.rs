//! What the clock brings: looks at attempts whose time has come, and gives up intents nobody confirmed.

use std::{
    collections::HashSet,
    mem,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures_util::{StreamExt as _, future, stream};

use super::{PaymentState, store};
use crate::{
    clock,
    error::Error,
    ids::AttemptId,
    jobs::{Events, ResolveDue, TellDue},
    plan::JobScope,
};

/// So many attempts are taken from the database at once.
const ROUND: i64 = 200;
/// So many are asked about at once: most of the time goes by waiting for the gateway.
const AT_ONCE: usize = 8;
/// So long one run goes on; the next takes the rest.
const RUN: Duration = Duration::from_secs(50);
/// What cannot be looked at for a fault of ours is looked at again after this.
const AFTER_A_FAULT: TimeDelta = TimeDelta::minutes(5);

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
        let due = self.due(None).await?;
        if due.is_empty() {
            return Ok(0);
        }
        if let Err(error) = self.settle_files().await {
            tracing::warn!(error = error.say(), "settlement files are not to be had");
        }
        self.look_at(due, None).await
    }

    /// Ends orders that were never confirmed, without asking anyone: the gateway has not heard of them.
    pub async fn expire_due(&self) -> Result<usize, Error> {
        let created = Some(PaymentState::Created);
        self.look_at(self.due(created).await?, created).await
    }

    async fn due(&self, state: Option<PaymentState>) -> Result<Vec<AttemptId>, Error> {
        Ok(store::due(&self.billing.pools.work, self.billing.clock.now(), state, ROUND).await?)
    }

    /// Looks at what is due, round by round until none is new. Nothing is looked at twice in one run: what cannot be moved
    /// on is due again at once.
    async fn look_at(&self, mut due: Vec<AttemptId>, state: Option<PaymentState>) -> Result<usize, Error> {
        let begun = Instant::now();
        let mut looked = HashSet::new();
        let mut done = 0_usize;
        loop {
            due.retain(|attempt| looked.insert(*attempt));
            if due.is_empty() || begun.elapsed() >= RUN {
                return Ok(done);
            }
            let looks = mem::take(&mut due).into_iter().map(|attempt| self.look_at_one(attempt));
            let looks = stream::iter(looks).buffer_unordered(AT_ONCE);
            done = done.saturating_add(looks.filter(|seen| future::ready(*seen)).count().await);
            due = self.due(state).await?;
        }
    }

    /// One attempt's fault costs that attempt, and puts it behind the others.
    async fn look_at_one(&self, attempt: AttemptId) -> bool {
        let Err(error) = self.resolve(attempt).await else { return true };
        tracing::error!(%attempt, error = error.say(), "an attempt cannot be resolved");
        let later = clock::after(self.billing.clock.now(), AFTER_A_FAULT);
        let put_off = async {
            let mut connection = self.billing.pools.work.acquire().await?;
            store::put_off(&mut connection, attempt, later).await
        };
        if let Err(error) = put_off.await {
            tracing::error!(%attempt, error = Error::from(error).say(), "an attempt cannot be put off");
        }
        false
    }
}
