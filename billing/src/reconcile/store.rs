//! Rows of settlement files and of the gateway's listing.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Outcome, listed_as};
use crate::{
    money::Money,
    payments::gateway::{Charge, SettlementLine},
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

/// The line's own row, once; `false` where the line was loaded before.
pub(super) async fn claim(
    conn: &mut PgConnection,
    file: i64,
    line: &SettlementLine,
    source: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "INSERT INTO settlement_line (file_number, line, kind, reference, gross, fee, net, settled_on, return_code, source_id,
            outcome, loaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'unknown_reference', $11)
         ON CONFLICT (file_number, line) DO NOTHING",
        file,
        line.line,
        line.kind,
        line.reference,
        line.gross as Money,
        line.fee as Money,
        line.net as Money,
        line.settled_on,
        line.return_code,
        source,
        now,
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected() == 1)
}

pub(super) async fn conclude(
    conn: &mut PgConnection,
    file: i64,
    line: i32,
    outcome: Outcome,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE settlement_line SET outcome = $3 WHERE file_number = $1 AND line = $2",
        file,
        line,
        outcome.word()
    )
    .execute(conn)
    .await?;
    Ok(())
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
    charges: &[&Charge],
    until: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let references: Vec<String> = charges.iter().map(|charge| charge.reference.to_string()).collect();
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
