//! Every promise of the books, held against one snapshot.

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
    /// Reads every `invariant_*` view in one repeatable-read snapshot, with no more rights than to read them. All is well
    /// where none has a row.
    pub async fn check(&self) -> Result<Vec<View>, Error> {
        check(&self.pools.work, &self.clock.now().to_rfc3339()).await
    }
}

async fn check(pool: &PgPool, now: &str) -> Result<Vec<View>, Error> {
    let mut tx = pool.begin().await?;
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *tx).await?;
    sqlx::query!("SET LOCAL ROLE portal_check").execute(&mut *tx).await?;
    sqlx::query!(
        "SELECT set_config('app.now', $1, true) AS now, set_config('statement_timeout', '10min', true) AS patience",
        now
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
