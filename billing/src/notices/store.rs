//! Rows of notices.

use chrono::{DateTime, Utc};
use sqlx::PgTransaction;

use super::NewNotice;
use crate::ids::NoticeId;

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
