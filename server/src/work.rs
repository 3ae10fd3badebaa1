//! The queue's handlers and its crontab. Each handler is a verb of billing; cron only ticks, billing decides what is due.

use std::{fmt, time::Duration};

use billing::{
    Billing,
    clock::Clock,
    error::Error,
    jobs::{
        Check, Events, Expire, Forget, Job, Reconcile, Resolve, ResolveDue, SCHEMA, Seal, Settle, Tell,
        TellDue,
    },
};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use crate::commands::Stop;

/// Every minute unless said otherwise; in UTC.
const CRONTAB: &str = "
* * * * * resolve_due {}
* * * * * events {}
* * * * * tell_due {}
* * * * * expire {}
* * * * * seal {}
*/5 * * * * settle {}
*/15 * * * * reconcile {}
7 * * * * forget {}
37 * * * * check {}
";

/// What a job does, and how much of it there was.
trait Task: Job + DeserializeOwned + Send + Sync + 'static {
    fn run(self, billing: &Billing) -> impl Future<Output = Result<usize, Error>> + Send;
}

macro_rules! tasks {
    ($($job:ident => |$plan:ident, $it:ident| $verb:expr),+ $(,)?) => {$(
        impl Task for $job {
            async fn run(self, billing: &Billing) -> Result<usize, Error> {
                let ($plan, $it) = (billing.job(Self::TASK), self);
                let _ = &$it;
                $verb.await
            }
        }
    )+};
}

tasks! {
    Resolve => |plan, job| async move { plan.resolve(job.attempt).await.map(|_| 1) },
    ResolveDue => |plan, _job| plan.resolve_due(),
    Events => |plan, _job| plan.work_events(),
    Expire => |plan, _job| plan.expire_due(),
    Settle => |plan, _job| plan.settle_files(),
    Reconcile => |plan, _job| plan.reconcile(),
    Tell => |plan, job| plan.tell(job.notice),
    TellDue => |plan, _job| plan.tell_due(),
    Seal => |plan, _job| plan.seal(),
    Forget => |plan, _job| plan.forget_due(),
    Check => |plan, _job| async move { plan.check_promises().await.map(|looked| looked.len()) },
}

/// A job of billing, as the queue's library wants it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Handled<J>(J);

#[derive(Clone)]
struct Plan(Billing);

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plan")
    }
}

impl<J: Task> TaskHandler for Handled<J> {
    const IDENTIFIER: &'static str = J::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(Plan(billing)) = context.get_ext::<Plan>().cloned() else {
            return Err("no plan".to_owned());
        };
        match self.0.run(&billing).await {
            Ok(done) => {
                metrics::counter!("jobs_total", "task" => J::TASK, "end" => "done").increment(1);
                tracing::debug!(task = J::TASK, done, "worked");
                Ok(())
            }
            Err(error) => {
                metrics::counter!("jobs_total", "task" => J::TASK, "end" => "failed").increment(1);
                tracing::error!(task = J::TASK, %error, "a job failed and will be tried again");
                Err(error.to_string())
            }
        }
    }
}

/// How long a queue that cannot be worked is left alone.
const AGAIN: Duration = Duration::from_secs(1);

/// Works the queue until told to stop. A database that goes away comes back, and then the work goes on: pages are served
/// meanwhile, as far as they can be.
pub async fn run(billing: &Billing, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = work(billing, stop.clone()).await {
            metrics::counter!("queue_broken_total").increment(1);
            tracing::error!(%error, "the queue cannot be worked and will be tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn work(billing: &Billing, stop: CancellationToken) -> Result<(), Stop> {
    let broken = |error: &dyn fmt::Display| Stop::Other(format!("the queue: {error}"));
    billing.job("start").catch_up().await?;
    let worker = WorkerOptions::default()
        .schema(SCHEMA)
        .pg_pool(billing.pools().work.clone())
        .concurrency(4)
        .poll_interval(Duration::from_millis(500))
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stop.cancelled().await })
        .shutdown_grace_period(Duration::from_secs(10))
        // Off by default: without it a killed worker's jobs stay locked for four hours.
        .heartbeat_interval(Duration::from_secs(5))
        .sweep_interval(Duration::from_secs(10))
        .sweep_threshold(Duration::from_secs(20))
        .add_extension(Plan(billing.clone()))
        .define_job::<Handled<Resolve>>()
        .define_job::<Handled<ResolveDue>>()
        .define_job::<Handled<Events>>()
        .define_job::<Handled<Expire>>()
        .define_job::<Handled<Settle>>()
        .define_job::<Handled<Reconcile>>()
        .define_job::<Handled<Tell>>()
        .define_job::<Handled<TellDue>>()
        .define_job::<Handled<Seal>>()
        .define_job::<Handled<Forget>>()
        .define_job::<Handled<Check>>()
        .with_cron(CRONTAB)
        .map_err(|error| broken(&error))?
        .init()
        .await
        .map_err(|error| broken(&error))?;
    worker.run().await.map_err(|error| broken(&error))
}

/// Does everything that is due by the plan's clock, without the queue; how much it was.
pub async fn drain(billing: &Billing) -> Result<usize, Stop> {
    let plan = billing.job("drain");
    let mut all: usize = 0;
    // What one verb does makes work for the next: round and round until nothing moves.
    for _ in 0..50 {
        let done = [
            plan.work_events().await?,
            plan.resolve_due().await?,
            plan.expire_due().await?,
            plan.settle_files().await?,
            plan.tell_due().await?,
        ]
        .into_iter()
        .fold(0_usize, usize::saturating_add);
        all = all.saturating_add(done);
        if done == 0 {
            break;
        }
    }
    plan.reconcile().await?;
    plan.seal().await?;
    plan.forget_due().await?;
    tracing::debug!(clock = ?matches!(billing.clock(), Clock::Fixed(_)), all, "drained");
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nobody queues must be in the crontab, once; the books are looked at every hour (money design, section 1).
    #[test]
    fn every_round_has_its_line() {
        let lines: Vec<&str> = CRONTAB.lines().filter(|line| !line.is_empty()).collect();
        let rounds = [
            (ResolveDue::TASK, "*"),
            (Events::TASK, "*"),
            (TellDue::TASK, "*"),
            (Expire::TASK, "*"),
            (Seal::TASK, "*"),
            (Settle::TASK, "*/5"),
            (Reconcile::TASK, "*/15"),
            (Forget::TASK, "7"),
            (Check::TASK, "37"),
        ];
        for (task, minute) in rounds {
            let line = format!("{minute} * * * * {task} {{}}");
            assert_eq!(lines.iter().filter(|found| **found == line).count(), 1, "{line}");
        }
        assert_eq!(lines.len(), rounds.len());
    }
}
