//! What machines have to do, queued in the transaction that makes it due. The queue may run a job twice: every effect is
//! written once by a key of its own. Its clock is the wall; the plan's clock decides what is due.

use std::time::Duration;

use graphile_worker::{JobKeyMode, JobSpec, WorkerUtils};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, PgTransaction};

use crate::{
    clock::Clock,
    error::{Error, Fault},
    ids::{AttemptId, NoticeId},
    plan::Billing,
};

/// The queue's own schema.
pub const SCHEMA: &str = "graphile_worker";

/// One kind of job: its name in the queue, and the key under which an equal one is queued once.
pub trait Job: Serialize {
    const TASK: &'static str;

    fn key(&self) -> Option<String> {
        Some(Self::TASK.to_owned())
    }
}

macro_rules! jobs {
    ($($(#[$doc:meta])* $name:ident $task:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
        pub struct $name {}

        impl Job for $name {
            const TASK: &'static str = $task;
        }
    )+};
}

jobs!(
    /// Works off the gateway's events.
    Events "events",
    /// Loads the settlement files not loaded yet.
    Settle "settle",
    /// Fetches the gateway's listing, the other side of the books.
    Reconcile "reconcile",
    /// Gives up intents nobody confirmed.
    Expire "expire",
    /// Looks at every attempt whose time has come.
    ResolveDue "resolve_due",
    /// Sends every notice whose time has come.
    TellDue "tell_due",
    /// Seals the access rows.
    Seal "seal",
    /// Looks at every promise of the books.
    Check "check",
    /// Removes what is past its time: refused forms, proofs, counts, devices.
    Forget "forget",
);

/// Asks the gateway about one attempt.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Resolve {
    pub attempt: AttemptId,
}

impl Job for Resolve {
    const TASK: &'static str = "resolve";

    fn key(&self) -> Option<String> {
        Some(format!("resolve:{}", self.attempt))
    }
}

/// Sends one notice.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Tell {
    pub notice: NoticeId,
}

impl Job for Tell {
    const TASK: &'static str = "tell";

    fn key(&self) -> Option<String> {
        Some(format!("tell:{}", self.notice))
    }
}

impl Billing {
    /// Queues a job in this transaction, to be run `after` so long.
    pub async fn queue<J: Job>(
        &self,
        tx: &mut PgTransaction<'_>,
        job: &J,
        after: Duration,
    ) -> Result<(), Error> {
        let run_at = (!after.is_zero())
            .then(|| Clock::System.now().checked_add_signed(chrono::TimeDelta::from_std(after).ok()?))
            .flatten();
        let mut spec = JobSpec::default();
        spec.set_run_at(run_at);
        spec.set_job_key(job.key());
        spec.set_job_key_mode(Some(JobKeyMode::Replace));
        WorkerUtils::new(self.pools.write.clone(), SCHEMA)
            .with_executor(&mut *tx)
            .add_raw_job(J::TASK, job, spec)
            .await
            .map_err(|error| Fault::broken(format!("queue {}: {error}", J::TASK)))?;
        Ok(())
    }
}

/// Makes the queue's tables, and lets our roles use them: its tables have row security on and no policy of their own.
pub(crate) async fn migrate(owner: &PgPool) -> Result<(), Fault> {
    WorkerUtils::new(owner.clone(), SCHEMA)
        .migrate()
        .await
        .map_err(|error| Fault::broken(format!("the queue's migrations: {error}")))?;
    sqlx::raw_sql(
        r"DO $$
        DECLARE named record;
        BEGIN
            GRANT USAGE ON SCHEMA graphile_worker TO portal_write, portal_worker, portal_auth, portal_check;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker
                TO portal_write, portal_worker, portal_auth;
            GRANT SELECT ON ALL TABLES IN SCHEMA graphile_worker TO portal_check;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO portal_write, portal_worker, portal_auth;
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO portal_write, portal_worker, portal_auth;
            FOR named IN
                SELECT relname FROM pg_class
                WHERE relnamespace = 'graphile_worker'::regnamespace AND relkind = 'r' AND relrowsecurity
                  AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'portal')
            LOOP
                EXECUTE format('CREATE POLICY portal ON graphile_worker.%I TO portal_write, portal_worker, portal_auth,
                    portal_check USING (true) WITH CHECK (true)', named.relname);
            END LOOP;
        END $$",
    )
    .execute(owner)
    .await?;
    Ok(())
}
