//! Every promise of the books, held against one snapshot.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{error::Error, plan::Billing};

/// One promise: the name of its view without `invariant_`, and what breaks it. No row is ever cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    pub name: String,
    pub rows: Vec<Value>,
}

impl Billing {
    /// Holds every promise against the database, by the plan's clock.
    pub async fn check(&self) -> Result<Vec<View>, Error> {
        check(&self.pools.work, Some(self.clock.now())).await
    }
}

/// Reads every `invariant_*` view in one repeatable-read snapshot, with no more rights than to read them. All is well
/// where none has a row. `now`: what deadlines are held against, where it is not the database's clock.
pub async fn check(pool: &PgPool, now: Option<DateTime<Utc>>) -> Result<Vec<View>, Error> {
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    sqlx::query!("SET LOCAL ROLE portal_check").execute(&mut *tx).await?;
    sqlx::query!(
        "SELECT set_config('app.now', $1, true) AS now, set_config('statement_timeout', '10min', true) AS patience",
        now.map(|now| now.to_rfc3339()).unwrap_or_default()
    )
    .fetch_one(&mut *tx)
    .await?;
    let names = sqlx::query_scalar!(
        r#"SELECT relname::text AS "name!" FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname LIKE 'invariant\_%' ORDER BY relname"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut views = Vec::with_capacity(names.len());
    for name in names {
        // The names are the catalogue's own, of views our migrations made.
        let sql = format!("SELECT to_jsonb(broken) FROM public.{name} AS broken");
        let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *tx).await?;
        let name = name.trim_start_matches("invariant_").to_owned();
        views.push(View { name, rows });
    }
    tx.rollback().await?;
    Ok(views)
}
