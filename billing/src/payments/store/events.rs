//! The gateway's events, kept until they are worked.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::{ids::AttemptId, payments::events::GatewayEventIn};

/// Keeps an event; `false` where it came before.
pub(in crate::payments) async fn insert_event(
    conn: &mut PgConnection,
    event: &GatewayEventIn,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "INSERT INTO gateway_event (gateway, event_id, kind, reference, received_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (gateway, event_id) DO NOTHING",
        event.gateway,
        event.event_id,
        event.kind,
        event.reference,
        now,
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// The open events of one reference.
pub(in crate::payments) struct OpenEvents {
    pub(in crate::payments) reference: String,
    pub(in crate::payments) since: DateTime<Utc>,
    /// `gateway/event`
    pub(in crate::payments) event_ids: Vec<String>,
}

pub(in crate::payments) async fn open_events(
    pool: &PgPool,
    limit: i64,
) -> Result<Vec<OpenEvents>, sqlx::Error> {
    sqlx::query_as!(
        OpenEvents,
        r#"SELECT reference, min(received_at) AS "since!", array_agg(gateway || '/' || event_id) AS "event_ids!"
           FROM gateway_event WHERE worked_at IS NULL GROUP BY reference ORDER BY 2 LIMIT $1"#,
        limit,
    )
    .fetch_all(pool)
    .await
}

pub(in crate::payments) async fn event_worked(
    pool: &PgPool,
    event_ids: &[String],
    now: DateTime<Utc>,
) -> Result<usize, sqlx::Error> {
    let worked = sqlx::query!(
        "UPDATE gateway_event SET worked_at = $2 WHERE worked_at IS NULL AND gateway || '/' || event_id = ANY($1)",
        event_ids,
        now,
    )
    .execute(pool)
    .await?;
    Ok(usize::try_from(worked.rows_affected()).unwrap_or(usize::MAX))
}

pub(in crate::payments) async fn is_attempt(pool: &PgPool, id: AttemptId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM payment_attempt WHERE attempt_id = $1) AS "is!""#, id.0)
        .fetch_one(pool)
        .await
}
