//! The promises of the books, looked at every hour (money design, section 1). The command `check` shows the rows; here
//! whoever watches is told the names.

use std::time::Duration;

use super::store;
use crate::{
    error::{Error, Fault},
    plan::JobScope,
};

/// The longest look at one promise: all of them, one after another, are done within the hour. The role's own limit of 30
/// seconds is for what people wait for.
const PATIENCE: Duration = Duration::from_mins(2);

/// One promise, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Its view without `invariant_`.
    pub name: String,
    /// Rows that break it. `None`: it could not be looked at.
    pub broken: Option<i64>,
}

impl JobScope<'_> {
    /// Looks at every promise by the plan's clock, each in a snapshot of its own, for each holds in any; one connection
    /// at a time, so that no other work waits. What is found goes to the gauge `invariant_broken` by the view's name, and
    /// what is broken to the log, by its name and nothing else.
    ///
    /// A promise that cannot be looked at costs itself: `invariant_unseen_total` counts it.
    pub async fn check_promises(&self) -> Result<Vec<Looked>, Error> {
        let pool = &self.billing.pools.work;
        let patience = PATIENCE.checked_div(self.billing.settings.haste.max(1)).unwrap_or(PATIENCE);
        let mut looked = Vec::new();
        for view in store::promises(pool).await? {
            let found =
                store::broken(pool, &view, self.billing.clock.now(), patience).await.map_err(Fault::from);
            let name = view.trim_start_matches("invariant_").to_owned();
            match &found {
                Ok(rows) => {
                    if *rows > 0 {
                        tracing::error!(promise = name, "a promise of the books is broken");
                    }
                    metrics::gauge!("invariant_broken", "view" => name.clone())
                        .set(i32::try_from(*rows).unwrap_or(i32::MAX));
                }
                Err(error) => {
                    metrics::counter!("invariant_unseen_total", "view" => name.clone()).increment(1);
                    tracing::error!(promise = name, %error, "a promise of the books could not be looked at");
                }
            }
            looked.push(Looked { name, broken: found.ok() });
        }
        Ok(looked)
    }
}
