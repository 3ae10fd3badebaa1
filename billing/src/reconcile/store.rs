//! Rows of settlement files and of the gateway's listing.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{OpenLine, Outcome, listed_as};
use crate::{
    error::{Error, Fault},
    ids::SourceId,
    money::Money,
    payments::gateway::{LineKind, Listed, SettlementLine, Unreadable},
};

/// The number before the first file that is missing among the last `span`: a file is looked for from there on.
pub(super) async fn before_first_gap(pool: &PgPool, span: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH whole AS (SELECT coalesce(max(file_number), 0) AS last FROM settlement_file)
           SELECT coalesce(
               (SELECT min(number) - 1 FROM generate_series(greatest(1, last - $1 + 1), last) AS number
                 WHERE NOT EXISTS (SELECT FROM settlement_file WHERE file_number = number)),
               last) AS "before!"
           FROM whole"#,
        span
    )
    .fetch_one(pool)
    .await
}

/// Those of `numbers` that are not loaded yet, in their order.
pub(super) async fn missing_files(pool: &PgPool, numbers: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT number AS "number!" FROM unnest($1::bigint[]) AS number
            WHERE NOT EXISTS (SELECT FROM settlement_file WHERE file_number = number) ORDER BY number"#,
        numbers
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn whole_file(
    pool: &PgPool,
    number: i64,
    lines: usize,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO settlement_file (file_number, lines, loaded_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        number,
        i32::try_from(lines).unwrap_or(i32::MAX),
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The line's own row, once, with the id of what it posts; `None` where the line was loaded before. One that could not be
/// read then is new.
pub(super) async fn claim(
    conn: &mut PgConnection,
    file: i64,
    line: &SettlementLine,
    source: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO settlement_line (file_number, line, kind, reference, gross, fee, net, settled_on, return_code, source_id,
            outcome, loaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'unknown_reference', $11)
         ON CONFLICT (file_number, line) DO UPDATE SET kind = excluded.kind, reference = excluded.reference,
            gross = excluded.gross, fee = excluded.fee, net = excluded.net, settled_on = excluded.settled_on,
            return_code = excluded.return_code, outcome = excluded.outcome, why = NULL
          WHERE settlement_line.outcome = 'unreadable' AND settlement_line.closed_at IS NULL
         RETURNING source_id",
        file,
        line.line,
        line.kind.word(),
        line.reference,
        line.gross as Money,
        line.fee as Money,
        line.net as Money,
        line.settled_on,
        line.return_code,
        source,
        now,
    )
    .fetch_optional(conn)
    .await
}

/// Locks a line that waits; `None` where it waits no longer.
pub(super) async fn lock_open(
    conn: &mut PgConnection,
    file: i64,
    line: i32,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT source_id FROM settlement_line
          WHERE file_number = $1 AND line = $2 AND closed_at IS NULL AND outcome NOT IN ('matched', 'repeated')
            FOR NO KEY UPDATE",
        file,
        line
    )
    .fetch_optional(conn)
    .await
}

/// `seq`: where the line's attempt stood, if it has one.
pub(super) async fn conclude(
    conn: &mut PgConnection,
    file: i64,
    line: i32,
    outcome: Outcome,
    seq: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE settlement_line SET outcome = $3, tried_seq = $4, why = NULL WHERE file_number = $1 AND line = $2",
        file,
        line,
        outcome.word(),
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps a line that we could not work, to be tried again.
pub(super) async fn keep_failed(
    pool: &PgPool,
    file: i64,
    line: &SettlementLine,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut tx = pool.begin().await?;
    claim(&mut tx, file, line, SourceId::mint().0, now).await?;
    sqlx::query!(
        "UPDATE settlement_line SET outcome = 'failed', why = $3
          WHERE file_number = $1 AND line = $2 AND closed_at IS NULL AND outcome NOT IN ('matched', 'repeated')",
        file,
        line.line,
        why,
    )
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Keeps the place of a line that cannot be read. Gives whether it waits.
pub(super) async fn keep_unreadable(
    pool: &PgPool,
    file: i64,
    unreadable: Unreadable,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO settlement_line (file_number, line, source_id, outcome, why, loaded_at)
         VALUES ($1, $2, $3, 'unreadable', $4, $5) ON CONFLICT (file_number, line) DO NOTHING",
        file,
        unreadable.line,
        SourceId::mint().0,
        unreadable.what,
        now,
    )
    .execute(pool)
    .await?;
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM settlement_line
            WHERE file_number = $1 AND line = $2 AND outcome = 'unreadable' AND closed_at IS NULL) AS "waits!""#,
        file,
        unreadable.line
    )
    .fetch_one(pool)
    .await
}

pub(super) async fn open_lines(pool: &PgPool) -> Result<Vec<OpenLine>, sqlx::Error> {
    sqlx::query_as!(
        OpenLine,
        r#"SELECT file_number AS "file_number!", line AS "line!", outcome AS "outcome!", why, kind, reference,
            gross AS "gross: Money", fee AS "fee: Money", net AS "net: Money", settled_on, return_code, state,
            loaded_at AS "loaded_at!"
           FROM open_line ORDER BY file_number, line"#
    )
    .fetch_all(pool)
    .await
}

/// Lines after `after` that can end otherwise than last time, each with the number of its file.
pub(super) async fn moved_lines(
    pool: &PgPool,
    after: (i64, i32),
    limit: i64,
) -> Result<Vec<(i64, SettlementLine)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT file_number AS "file_number!", line AS "line!", kind AS "kind!", reference AS "reference!",
            gross AS "gross!: Money", fee AS "fee!: Money", net AS "net!: Money", settled_on AS "settled_on!", return_code
           FROM open_line
           WHERE (file_number, line) > ($1, $2)
             AND (outcome = 'failed'
                OR (outcome IN ('unknown_reference', 'wrong_state') AND seq IS DISTINCT FROM tried_seq))
           ORDER BY file_number, line LIMIT $3"#,
        after.0,
        after.1,
        limit,
    )
    .fetch_all(pool)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let kind = LineKind::read(&row.kind).ok_or_else(|| Fault::broken("a line of no kind"))?;
        let line = SettlementLine {
            line: row.line,
            kind,
            reference: row.reference,
            gross: row.gross,
            fee: row.fee,
            net: row.net,
            settled_on: row.settled_on,
            return_code: row.return_code,
        };
        Ok((row.file_number, line))
    });
    lines.collect()
}

/// Closes a line that waits; `false` where it does not.
pub(super) async fn close(
    conn: &mut PgConnection,
    (file, line): (i64, i32),
    (by, second): &(String, String),
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let closed = sqlx::query!(
        "UPDATE settlement_line SET closed_at = $3, closed_by = $4, closed_second = $5, closed_reason = $6
          WHERE file_number = $1 AND line = $2 AND closed_at IS NULL AND outcome NOT IN ('matched', 'repeated')",
        file,
        line,
        now,
        by,
        second,
        reason,
    )
    .execute(conn)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// Whether a return of this reference was matched before.
pub(super) async fn return_matched(conn: &mut PgConnection, reference: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM settlement_line
            WHERE reference = $1 AND kind = 'return' AND outcome = 'matched') AS "was!""#,
        reference
    )
    .fetch_one(conn)
    .await
}

/// Up to which change of the gateway the listing goes.
pub(super) async fn listed_until(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT coalesce(max(gateway_seq), 0) AS "last!" FROM gateway_listing"#)
        .fetch_one(pool)
        .await
}

/// Writes the last word on each charge; `until` is the gateway's number of the page's last change.
pub(super) async fn list(
    pool: &PgPool,
    charges: &[&Listed],
    until: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let references: Vec<String> = charges.iter().map(|charge| charge.reference.clone()).collect();
    let states: Vec<String> = charges.iter().map(|charge| listed_as(charge.state).to_owned()).collect();
    let amounts: Vec<Decimal> = charges.iter().map(|charge| charge.amount.decimal()).collect();
    let currencies: Vec<String> = charges.iter().map(|charge| charge.currency.clone()).collect();
    sqlx::query!(
        "INSERT INTO gateway_listing (reference, state, amount, currency, gateway_seq, listed_at)
         SELECT reference, state, amount, currency, $5, $6
           FROM unnest($1::text[], $2::text[], $3::numeric[], $4::text[]) AS c (reference, state, amount, currency)
         ON CONFLICT (reference) DO UPDATE SET state = excluded.state, amount = excluded.amount,
             currency = excluded.currency, gateway_seq = excluded.gateway_seq, listed_at = excluded.listed_at
          WHERE gateway_listing.gateway_seq <= excluded.gateway_seq",
        &references,
        &states,
        &amounts,
        &currencies,
        until,
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}
