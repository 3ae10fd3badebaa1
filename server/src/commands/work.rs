use std::process::ExitCode;

use billing::clock::Clock;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::{Stop, plan, serve::told_to_stop};
use crate::{config::Plan, work};

/// Works the queue until told to stop; or, once, everything that is due now or at another instant.
pub async fn work(config: Plan, once: bool, at: Option<DateTime<Utc>>) -> Result<ExitCode, Stop> {
    if at.is_some() && !cfg!(feature = "demo") {
        return Err(Stop::Other("--at moves time: this portal was built without the demo plan".to_owned()));
    }
    let clock = at.map_or(Clock::System, Clock::fixed);
    let billing = plan(&config, clock).await?;
    if once {
        let done = work::drain(&billing).await?;
        println!("{}", serde_json::json!({ "done": done }));
        return Ok(ExitCode::SUCCESS);
    }
    let stop = CancellationToken::new();
    let worker = work::run(&billing, stop.clone());
    tokio::pin!(worker);
    tokio::select! {
        () = &mut worker => {}
        () = told_to_stop() => {
            stop.cancel();
            worker.await;
        }
    }
    Ok(ExitCode::SUCCESS)
}
