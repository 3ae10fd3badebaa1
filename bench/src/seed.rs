//! Tier S: the rows the counters are taken on.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, Row as _};

use crate::{Result, counters::Line, database};

const SQL: &str = include_str!("seed.sql");

/// Tables a seed fills, with what of their rows is derived from the member's number. Whole rows but what the server
/// adds by itself.
const FILLED: [(&str, &str, &str); 9] = [
    ("member", "m.*", "member_id"),
    ("billing_unit", "m.*", "billing_unit_id"),
    ("account", "account_id, kind, owner, balance, version", "account_id"),
    ("bill", "m.*", "bill_id"),
    ("bill_line", "m.*", "bill_id"),
    ("payment", "m.*", "payment_id"),
    ("payment_attempt", "attempt_id, payment_id, state, received_at, settled_on", "attempt_id"),
    ("posting", "m.*", "posting_id"),
    ("transfer", "m.*", "transfer_id"),
];

/// The tier of the speed design with so many members, or its tenth.
pub fn tier(members: u32) -> &'static str {
    match members {
        10_000.. => "S",
        1_000..10_000 => "S/10",
        _ => "less than S/10",
    }
}

/// Makes the schema and fills it.
pub async fn fill(owner: &PgPool, members: u32) -> Result<()> {
    billing::migrate(owner).await?;
    let sql = SQL.replace(":members", &members.to_string());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await?;
    sqlx::raw_sql("VACUUM (FREEZE, ANALYZE)").execute(owner).await?;
    Ok(())
}

/// Tells a seeded database of these migrations and this seed from one of others.
pub fn mark(members: u32) -> String {
    let mut hasher = DefaultHasher::new();
    SQL.hash(&mut hasher);
    for migration in billing::MIGRATOR.iter() {
        migration.checksum.hash(&mut hasher);
    }
    format!("{members} members {:016x}", hasher.finish())
}

/// `bench seed`: fills the mould where it is not, and says what it holds. The checksum is that of every derived value.
pub async fn seed(url: &str, members: u32) -> Result<Line> {
    let cluster = url.parse::<sqlx::postgres::PgConnectOptions>()?;
    let name = database::mould(&cluster, members).await?;
    let owner = database::one(cluster.database(&name)).await?;
    let mut tx = owner.begin().await?;
    sqlx::raw_sql("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'").execute(&mut *tx).await?;
    let (mut rows, mut sums) = (0_i64, Vec::new());
    for (table, columns, key) in FILLED {
        let of = if table == "account" { " WHERE owner IS NOT NULL" } else { "" };
        let sql = format!(
            "SELECT count(*), md5(string_agg(md5(row::text), '' ORDER BY key)) AS sum
             FROM (SELECT {key} AS key, ROW({columns}) AS row FROM {table} m{of}) AS derived"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *tx).await?;
        rows = rows.saturating_add(row.try_get(0)?);
        sums.push(row.try_get::<String, _>(1)?);
    }
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM payment_event").fetch_one(&mut *tx).await?;
    let checksum: String =
        sqlx::query_scalar("SELECT md5($1)").bind(sums.concat()).fetch_one(&mut *tx).await?;
    let bytes: i64 =
        sqlx::query_scalar("SELECT pg_database_size(current_database())").fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    owner.close().await;
    Ok(Line::of("seed", tier(members))
        .with("members", json!(members))
        .with("rows", json!(rows.saturating_add(events)))
        .with("bytes", json!(bytes))
        .with("checksum", json!(checksum)))
}
