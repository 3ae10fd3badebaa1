//! Rows past their time, taken away in batches.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// What is removed once it is past its time. Each statement takes at most `most` rows, the oldest first, so that none runs
/// into the role's time limit however much has piled up; the row is looked at again where it was touched meanwhile.
#[derive(Clone, Copy, Debug)]
pub(in crate::sign_in) enum Old {
    Forms,
    Proofs,
    /// Failed tries whose wait is over, and so old that the next would start anew.
    Tries,
    Rates,
    Devices,
    Visits,
}

pub(in crate::sign_in) async fn forget(
    pool: &PgPool,
    old: Old,
    before: DateTime<Utc>,
    most: i64,
) -> Result<u64, sqlx::Error> {
    macro_rules! delete {
        ($sql:literal) => {
            sqlx::query!($sql, before, most).execute(pool).await?
        };
    }
    let gone = match old {
        Old::Forms => delete!(
            "DELETE FROM refused_form WHERE expires_at <= $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM refused_form WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))"
        ),
        Old::Proofs => delete!(
            "DELETE FROM proof WHERE expires_at < $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM proof WHERE expires_at < $1 ORDER BY expires_at LIMIT $2))"
        ),
        Old::Tries => delete!(
            "DELETE FROM throttle WHERE changed_at < $1 AND free_at < $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM throttle WHERE changed_at < $1 AND free_at < $1 ORDER BY changed_at LIMIT $2))"
        ),
        Old::Rates => delete!(
            "DELETE FROM rate_count WHERE minute < $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM rate_count WHERE minute < $1 ORDER BY minute LIMIT $2))"
        ),
        Old::Devices => delete!(
            "DELETE FROM known_device WHERE seen_at < $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM known_device WHERE seen_at < $1 ORDER BY seen_at LIMIT $2))"
        ),
        // No visit ends later than this, however it ends.
        Old::Visits => delete!(
            "DELETE FROM visit WHERE absolute_end < $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM visit WHERE absolute_end < $1 ORDER BY absolute_end LIMIT $2))"
        ),
    };
    Ok(gone.rows_affected())
}
