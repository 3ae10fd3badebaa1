//! Whether the books balance: every rule of the ledger has a view that must be empty.

use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool};

use crate::error::Fault;

/// One invariant, and the rows that break it: none where it holds.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    pub name: String,
    pub rows: Vec<serde_json::Value>,
}

/// Runs every `invariant_*` view in one snapshot. Rows are never cut.
pub async fn check(pool: &PgPool) -> Result<Vec<View>, Fault> {
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let names = sqlx::query_scalar!(
        r#"SELECT viewname::text AS "name!" FROM pg_views
           WHERE schemaname = 'public' AND viewname LIKE 'invariant\_%' ORDER BY 1"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut views = Vec::with_capacity(names.len());
    for name in names {
        // The name comes from the catalogue, and is quoted by it.
        let sql = format!("SELECT to_jsonb(v) FROM public.\"{name}\" v");
        let rows = sqlx::query_scalar::<_, serde_json::Value>(AssertSqlSafe(sql)).fetch_all(&mut *tx).await?;
        views.push(View { name, rows });
    }
    tx.commit().await?;
    Ok(views)
}
