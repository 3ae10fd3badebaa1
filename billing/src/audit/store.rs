//! Seals and their rows, and the promises of the books.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool, PgTransaction};

/// A link of the chain.
pub(super) struct Sealed {
    pub(super) seal_id: i64,
    pub(super) root: Vec<u8>,
    pub(super) rows: i64,
}

pub(super) async fn one_at_a_time(tx: &mut PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('portal seal'))").execute(&mut **tx).await?;
    Ok(())
}

/// Rows of the transactions after the head's, as far as the oldest one still open: whole transactions, until `most` rows
/// are together. What an older version sealed beyond its head is passed over, row by row: `OFFSET 0` keeps the planner
/// from joining with all that was ever sealed.
pub(super) async fn seal(
    tx: &mut PgTransaction<'_>,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Option<Sealed>, sqlx::Error> {
    sqlx::query_as!(
        Sealed,
        r#"WITH head AS (
               SELECT coalesce(max(seal_id), 0) AS seal_id,
                      coalesce((SELECT root FROM seal ORDER BY seal_id DESC LIMIT 1), decode(repeat('00', 32), 'hex')) AS root
               FROM seal
           ), last AS MATERIALIZED (
               SELECT xid FROM (
                   SELECT r.xid FROM access_row r
                   WHERE r.xid > (SELECT sealed_up_to()) AND r.xid < pg_snapshot_xmin(pg_current_snapshot())
                     AND NOT EXISTS (SELECT FROM sealed_row s WHERE s.access_row_id = r.access_row_id OFFSET 0)
                   ORDER BY r.xid LIMIT $2
               ) first
               ORDER BY xid DESC LIMIT 1
           ), batch AS MATERIALIZED (
               SELECT r.access_row_id, sha256(access_row_bytes(r)) AS hash
               FROM access_row r
               WHERE r.xid > (SELECT sealed_up_to()) AND r.xid <= (SELECT xid FROM last)
                 AND NOT EXISTS (SELECT FROM sealed_row s WHERE s.access_row_id = r.access_row_id OFFSET 0)
           ), sealed AS (
               INSERT INTO seal (seal_id, root, previous, sealed_at, up_to)
               SELECT head.seal_id + 1, sha256(head.root || string_agg(batch.hash, ''::bytea ORDER BY batch.access_row_id)),
                      head.root, $1, (SELECT xid FROM last)
               FROM head, batch GROUP BY head.seal_id, head.root
               RETURNING seal_id, root
           ), rows AS (
               INSERT INTO sealed_row (access_row_id, seal_id)
               SELECT batch.access_row_id, sealed.seal_id FROM batch, sealed
               RETURNING access_row_id
           )
           SELECT seal_id, root, (SELECT count(*) FROM rows) AS "rows!" FROM sealed"#,
        now,
        most
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The names of all views that must be empty.
pub(super) async fn promises(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT relname::text AS "view!" FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname LIKE 'invariant\_%' ORDER BY relname"#
    )
    .fetch_all(pool)
    .await
}

/// The rows of one of them, counted in the role that may read them and nothing more. Given up after `patience`.
pub(super) async fn broken(
    pool: &PgPool,
    view: &str,
    now: DateTime<Utc>,
    patience: Duration,
) -> Result<i64, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    sqlx::query!("SET LOCAL ROLE portal_check").execute(&mut *tx).await?;
    sqlx::query!(
        "SELECT set_config('app.now', $1, true) AS now, set_config('statement_timeout', $2, true) AS patience",
        now.to_rfc3339(),
        patience.as_millis().to_string()
    )
    .fetch_one(&mut *tx)
    .await?;
    // The name is the catalogue's own, of a view our migrations made.
    let sql = format!("SELECT count(*) FROM public.{view}");
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    Ok(rows)
}
