//! Rows of notices.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, PgTransaction};

use super::{Claimed, NewNotice};
use crate::{ids::NoticeId, words::Language};

pub(super) async fn put(
    tx: &mut PgTransaction<'_>,
    id: NoticeId,
    notice: &NewNotice<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO notice (notice_id, key, member_id, address, template, language, words, created_at, next_try_at,
                             failed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, CASE WHEN $3::uuid IS NULL THEN $8::timestamptz END)
         ON CONFLICT (key) DO NOTHING",
        id.0,
        notice.key,
        notice.member.map(|member| member.0),
        notice.address,
        notice.template.word(),
        notice.language.tag(),
        notice.words,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a due notice for one try, until `lease`: whoever dies over it leaves it to the next.
pub(super) async fn claim(
    pool: &PgPool,
    id: NoticeId,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE notice SET tries = tries + 1, next_try_at = $3
           WHERE notice_id = $1 AND sent_at IS NULL AND failed_at IS NULL
             AND (next_try_at IS NULL OR next_try_at <= $2)
           RETURNING notice_id AS "id: NoticeId", address, template, language AS "language: Language", words,
                     created_at, tries"#,
        id.0,
        now,
        lease
    )
    .fetch_optional(pool)
    .await
}

pub(super) async fn due(
    pool: &PgPool,
    now: DateTime<Utc>,
    at_once: i64,
) -> Result<Vec<NoticeId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT notice_id AS "id: NoticeId" FROM notice
           WHERE sent_at IS NULL AND failed_at IS NULL AND (next_try_at IS NULL OR next_try_at <= $1)
           ORDER BY created_at LIMIT $2"#,
        now,
        at_once
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn mark_sent(pool: &PgPool, id: NoticeId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE notice SET sent_at = $2 WHERE notice_id = $1 AND sent_at IS NULL", id.0, now)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn put_off(pool: &PgPool, id: NoticeId, until: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE notice SET next_try_at = $2 WHERE notice_id = $1 AND sent_at IS NULL", id.0, until)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn give_up(pool: &PgPool, id: NoticeId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE notice SET failed_at = $2 WHERE notice_id = $1 AND sent_at IS NULL", id.0, now)
        .execute(pool)
        .await?;
    Ok(())
}
