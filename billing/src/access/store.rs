//! The access row of a change.

use serde_json::Value;
use sqlx::{PgExecutor, PgTransaction};

use super::Permit;

/// Writes the row of an allowed change where the object is the subject's; `false`, and no row, where it is not.
pub(super) async fn authorized(tx: &mut PgTransaction<'_>, permit: &Permit) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT authorized($1) AS "authorized!""#, permit.row()).fetch_one(&mut **tx).await
}

/// Ends the transaction undone and leaves the refusal's row behind. A new transaction is opened for the caller's
/// handle, which expects to close one.
pub(super) async fn refuse(tx: &mut PgTransaction<'_>, permit: &Value) -> Result<(), sqlx::Error> {
    sqlx::query!("ROLLBACK").execute(&mut **tx).await?;
    saw(&mut **tx, permit, false).await?;
    sqlx::query!("BEGIN").execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn saw(
    database: impl PgExecutor<'_>,
    permit: &Value,
    found: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT saw($1, $2) AS "written!""#, permit, found).fetch_one(database).await?;
    Ok(())
}
