//! Rows of visits. Every write but `create` and `enter` asks that the visit is not revoked.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, PgTransaction, types::Json};
use uuid::Uuid;

use super::{RefusedForm, SignedIn, Visit};
use crate::{
    access::Permit,
    error::Refusal,
    ids::MemberId,
    rules::{Ask, ways},
    words::Language,
};

pub(super) async fn create(
    pool: &PgPool,
    id_hash: &[u8],
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO visit (id_hash, visit_id, language, created_at, seen_at, idle_end, absolute_end)
         VALUES ($1, $2, $3, $4, $4, $5, $6) ON CONFLICT DO NOTHING",
        id_hash,
        visit.visit_id,
        visit.language.map(Language::tag),
        now,
        visit.idle_end,
        visit.absolute_end
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn load(
    pool: &PgPool,
    id_hash: &[u8],
    now: DateTime<Utc>,
    idle_end: DateTime<Utc>,
    again: Option<Uuid>,
) -> Result<Option<(Visit, Option<RefusedForm>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT v.visit_id, coalesce(v.language, m.language) AS "language: Language", v.absolute_end,
                  f.path AS "path?", f.refusals AS "refusals?: Json<Vec<Refusal>>",
                  f.typed AS "typed?: Json<Vec<(String, String)>>", v.signed_in_at,
                  m.member_id AS "member_id?: MemberId", m.given_name AS "given_name?",
                  m.family_name AS "family_name?", m.region AS "region?", r.time_zone AS "zone?",
                  rep.lines[1] AS "rep_number?", rep.tty AS "rep_tty?",
                  (SELECT value FROM rule
                   WHERE rule = 'rep_hours' AND coalesce(region, m.region) = m.region AND state IS NULL
                       AND bill_kind IS NULL AND status = 'active' AND valid @> here.today
                   ORDER BY region NULLS LAST LIMIT 1) AS rep_hours,
                  coalesce(CASE WHEN v.seen_at <= $2::timestamptz - interval '15 seconds' THEN visit_seen($1, $2, $3) END,
                           v.idle_end) AS "idle_end!"
           FROM visit v LEFT JOIN member m USING (member_id) LEFT JOIN region r ON r.region = m.region
           CROSS JOIN LATERAL (SELECT ($2::timestamptz AT TIME ZONE r.time_zone)::date AS today) here
           LEFT JOIN region_contact rep ON rep.region = m.region AND rep.contact = 'rep_phone'
               AND rep.status = 'active' AND rep.valid @> here.today
           LEFT JOIN refused_form f ON f.refused_form_id = $4 AND f.visit_id = v.visit_id AND f.expires_at > $2
               AND (f.member_id IS NULL OR f.member_id = v.member_id)
           WHERE v.id_hash = $1 AND v.revoked_at IS NULL AND v.idle_end > $2 AND v.absolute_end > $2
             AND m.disabled_at IS NULL"#,
        id_hash,
        now,
        idle_end,
        again
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        let names = row.given_name.zip(row.family_name);
        let member = match (row.member_id, names, row.region, row.zone, row.signed_in_at) {
            (
                Some(member_id),
                Some((given_name, family_name)),
                Some(region),
                Some(zone),
                Some(signed_in_at),
            ) => {
                let rep = row.rep_number.zip(row.rep_tty);
                let rep =
                    rep.map(|(number, tty)| ways::rep(number, tty, row.rep_hours.as_deref(), &zone, now));
                let ask = Ask { rep, ..Ask::default() };
                Some(SignedIn { member_id, given_name, family_name, region, zone, ask, signed_in_at })
            }
            _ => None,
        };
        let visit = Visit {
            visit_id: row.visit_id,
            language: row.language,
            member,
            idle_end: row.idle_end,
            absolute_end: row.absolute_end,
        };
        let form = match (row.path, row.refusals, row.typed) {
            (Some(path), Some(Json(refusals)), Some(Json(typed))) => {
                Some(RefusedForm { path, refusals, typed })
            }
            _ => None,
        };
        (visit, form)
    }))
}

pub(super) async fn revoke(pool: &PgPool, id_hash: &[u8], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE visit SET revoked_at = $2 WHERE id_hash = $1 AND revoked_at IS NULL", id_hash, now)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn renew(
    pool: &PgPool,
    old: &[u8],
    new: &[u8],
    visit_id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "WITH old AS (
             UPDATE visit SET revoked_at = $4
              WHERE id_hash = $1 AND revoked_at IS NULL AND idle_end > $4 AND absolute_end > $4
             RETURNING *
         ), forms AS (
             UPDATE refused_form SET visit_id = $3 FROM old WHERE refused_form.visit_id = old.visit_id
         )
         INSERT INTO visit (id_hash, visit_id, member_id, language, created_at, signed_in_at, seen_at, idle_end,
                            absolute_end, factor_at)
         SELECT $2, $3, member_id, language, created_at, signed_in_at, $4, idle_end, absolute_end, factor_at
         FROM old",
        old,
        new,
        visit_id,
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn ended(
    pool: &PgPool,
    id_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<MemberId>, sqlx::Error> {
    let member = sqlx::query_scalar!(
        r#"SELECT member_id AS "member_id: MemberId" FROM visit
           WHERE id_hash = $1 AND revoked_at IS NULL AND least(idle_end, absolute_end) BETWEEN $2::timestamptz - interval '1 day' AND $2"#,
        id_hash,
        now
    )
    .fetch_optional(pool)
    .await?;
    Ok(member.flatten())
}

/// The visit of a person who has just signed in.
pub(super) struct Entered {
    pub(super) id_hash: Vec<u8>,
    pub(super) visit_id: Uuid,
    pub(super) member: MemberId,
    pub(super) language: Option<Language>,
    /// To be kept with the person.
    pub(super) chosen: Option<Language>,
    pub(super) idle_end: DateTime<Utc>,
    pub(super) absolute_end: DateTime<Utc>,
}

pub(super) async fn enter(
    tx: &mut PgTransaction<'_>,
    old: Option<Uuid>,
    entered: &Entered,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH old AS (
             UPDATE visit SET revoked_at = $8 WHERE visit_id = $7 AND revoked_at IS NULL
         ), forms AS (
             UPDATE refused_form SET visit_id = $2 WHERE visit_id = $7
         ), spoken AS (
             UPDATE member SET language = $9 WHERE member_id = $3 AND language <> $9
         )
         INSERT INTO visit (id_hash, visit_id, member_id, language, created_at, signed_in_at, seen_at, idle_end,
                            absolute_end)
         VALUES ($1, $2, $3, $4, $8, $8, $8, $5, $6)",
        entered.id_hash,
        entered.visit_id,
        entered.member.0,
        entered.language.map(Language::tag),
        entered.idle_end,
        entered.absolute_end,
        old,
        now,
        entered.chosen.map(Language::tag)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn revoke_visit(
    tx: &mut PgTransaction<'_>,
    permit: &Permit,
    visit_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), crate::error::Error> {
    sqlx::query!(
        "UPDATE visit SET revoked_at = $3 WHERE visit_id = $1 AND member_id = $2 AND revoked_at IS NULL",
        visit_id,
        permit.subject()?.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends all visits of a person, within the transaction that makes it so.
pub(crate) async fn revoke_all(
    tx: &mut PgTransaction<'_>,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE visit SET revoked_at = $2 WHERE member_id = $1 AND revoked_at IS NULL",
        member.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn set_language(
    pool: &PgPool,
    visit_id: Uuid,
    language: Language,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE visit SET language = $2 WHERE visit_id = $1 AND revoked_at IS NULL",
        visit_id,
        language.tag()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A form to be kept.
pub(super) struct NewForm<'a> {
    pub(super) id: Uuid,
    pub(super) visit_id: Uuid,
    pub(super) member: Option<MemberId>,
    pub(super) path: &'a str,
    pub(super) refusals: &'a [Refusal],
    pub(super) typed: &'a [&'a (String, String)],
}

pub(super) async fn keep_form(
    pool: &PgPool,
    form: &NewForm<'_>,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO refused_form (refused_form_id, visit_id, member_id, path, refusals, typed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        form.id,
        form.visit_id,
        form.member.map(|member| member.0),
        form.path,
        Json(form.refusals) as _,
        Json(form.typed) as _,
        until
    )
    .execute(pool)
    .await?;
    Ok(())
}
