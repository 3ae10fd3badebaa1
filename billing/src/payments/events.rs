//! The gateway's events. Kept before they are believed; then only a hint to ask. Any order, any number of times: the same
//! end.

use std::time::Duration;

use chrono::TimeDelta;

use super::store;
use crate::{crash, error::Error, ids::AttemptId, jobs::Events, plan::JobScope};

/// One event as it came in, its signature already held against the raw bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayEventIn {
    pub gateway: String,
    pub event_id: String,
    pub kind: String,
    pub reference: String,
}

/// An event may come before our own commit. After this one nobody waits for is let go, loudly.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);
const ROUND: i64 = 500;

impl JobScope<'_> {
    /// Keeps an event, once, and queues its work. Answer 2xx after this, never before.
    pub async fn take_event(&self, event: &GatewayEventIn) -> Result<(), Error> {
        crash::point("K12");
        let mut tx = self.billing.pools.work.begin().await?;
        let is_new = store::insert_event(&mut tx, event, self.billing.clock.now()).await?;
        if is_new {
            self.billing.queue(&mut tx, &Events {}, Duration::ZERO).await?;
        }
        tx.commit().await?;
        crash::point("K13");
        Ok(())
    }

    /// Asks about every reference an open event names, and reads the settlement files where one says that it settled.
    /// Gives how many events are done with; those whose reference nobody knows yet, or about which the gateway is silent,
    /// stay.
    pub async fn work_events(&self) -> Result<usize, Error> {
        let pool = &self.billing.pools.work;
        let mut done = 0_usize;
        let mut filed = false;
        for open in store::open_events(pool, ROUND).await? {
            let now = self.billing.clock.now();
            let attempt = match open.reference.parse::<AttemptId>() {
                Ok(id) if store::is_attempt(pool, id).await? => Some(id),
                _ => None,
            };
            let heard = if let Some(id) = attempt {
                match self.billing.resolve(pool, &self.asking(), id).await {
                    Ok(found) => {
                        filed |= found.filed;
                        found.heard
                    }
                    Err(error) => {
                        tracing::error!(attempt = %id, error = error.say(), "an event cannot be worked");
                        false
                    }
                }
            } else {
                let waited = now.signed_duration_since(open.since);
                if waited > PATIENCE {
                    tracing::warn!(reference = open.reference, "an event about a reference nobody knows");
                }
                waited > PATIENCE
            };
            crash::point("K14");
            if heard {
                done = done.saturating_add(store::event_worked(pool, &open.event_ids, now).await?);
            }
        }
        // Who waits for their bank learns at once; the crontab reads the files anyway.
        if filed && let Err(error) = self.settle_files().await {
            tracing::warn!(error = error.say(), "settlement files are not to be had");
        }
        Ok(done)
    }
}
