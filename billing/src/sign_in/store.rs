//! Rows of credentials, proofs, known devices and counts, all under the role that may see them.

mod forget;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgPool, PgTransaction};
use uuid::Uuid;

pub(super) use forget::{Old, forget};

use super::{Person, throttle::Counted};
use crate::{clock, ids::MemberId, words::Language};

/// A credential with its person, and whether the browser is known for them.
pub(super) struct Known {
    pub(super) person: Person,
    pub(super) password_hash: String,
    pub(super) disabled: bool,
    pub(super) device: bool,
}

pub(super) async fn credential(
    pool: &PgPool,
    email: &str,
    device: Option<&[u8]>,
) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT m.member_id AS "member_id: MemberId", m.given_name, m.family_name, m.mrn, c.email,
                  m.language AS "language: Language", r.time_zone, c.password_hash,
                  m.disabled_at IS NOT NULL AS "disabled!",
                  EXISTS (SELECT FROM known_device d WHERE d.device_hash = $2 AND d.member_id = m.member_id) AS "device!"
           FROM credential c JOIN member m USING (member_id) JOIN region r USING (region)
           WHERE lower(c.email) = lower($1)"#,
        email,
        device
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Known {
        person: Person {
            member_id: row.member_id,
            given_name: row.given_name,
            family_name: row.family_name,
            mrn: row.mrn,
            email: row.email,
            language: row.language,
            zone: row.time_zone,
        },
        password_hash: row.password_hash,
        disabled: row.disabled,
        device: row.device,
    }))
}

pub(super) async fn person_by_email(pool: &PgPool, email: &str) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"SELECT m.member_id AS "member_id: MemberId", m.given_name, m.family_name, m.mrn, c.email,
                  m.language AS "language: Language", r.time_zone AS zone
           FROM credential c JOIN member m USING (member_id) JOIN region r USING (region)
           WHERE lower(c.email) = lower($1) AND m.disabled_at IS NULL"#,
        email
    )
    .fetch_optional(pool)
    .await
}

/// A person with an address on file.
pub(super) struct Found {
    pub(super) person: Person,
    pub(super) registered: bool,
}

pub(super) async fn person_to_register(
    pool: &PgPool,
    mrn: &str,
    born_on: NaiveDate,
) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT m.member_id AS "member_id: MemberId", m.given_name, m.family_name, m.mrn, m.email AS "email!",
                  m.language AS "language: Language", r.time_zone, c.member_id IS NOT NULL AS "registered!"
           FROM member m JOIN region r USING (region) LEFT JOIN credential c USING (member_id)
           WHERE m.mrn = $1 AND m.birth_on = $2 AND m.email IS NOT NULL AND m.disabled_at IS NULL"#,
        mrn,
        born_on
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Found {
        person: Person {
            member_id: row.member_id,
            given_name: row.given_name,
            family_name: row.family_name,
            mrn: row.mrn,
            email: row.email,
            language: row.language,
            zone: row.time_zone,
        },
        registered: row.registered,
    }))
}

/// A proof to be.
pub(super) struct Proof {
    pub(super) id: Uuid,
    pub(super) purpose: &'static str,
    pub(super) token_hash: Vec<u8>,
    pub(super) code_hash: Vec<u8>,
    /// Nobody, where nobody is known: the row is written all the same.
    pub(super) member: Option<MemberId>,
    pub(super) visit_id: Uuid,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn ask(
    tx: &mut PgTransaction<'_>,
    proof: &Proof,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO proof (proof_id, token_hash, purpose, member_id, code_hash, visit_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        proof.id,
        proof.token_hash,
        proof.purpose,
        proof.member.map(|member| member.0),
        proof.code_hash,
        proof.visit_id,
        now,
        proof.expires_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn is_open(
    pool: &PgPool,
    id: Uuid,
    purpose: &str,
    visit_id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT proof_open($1, $2, $3, $4) AS "open!""#, id, purpose, visit_id, now)
        .fetch_one(pool)
        .await
}

/// A proof somebody tries, the try already counted.
pub(super) struct Tried {
    pub(super) id: Uuid,
    pub(super) code_hash: Vec<u8>,
    pub(super) person: Option<Person>,
}

pub(super) async fn try_link(
    pool: &PgPool,
    token_hash: &[u8],
    now: DateTime<Utc>,
    most: i16,
) -> Result<Option<Tried>, sqlx::Error> {
    let row = sqlx::query!(
        r#"WITH tried AS (
               UPDATE proof SET tries = tries + 1
                WHERE token_hash = $1 AND purpose = 'reset' AND used_at IS NULL AND expires_at > $2 AND tries < $3
               RETURNING proof_id, code_hash, member_id
           )
           SELECT t.proof_id, t.code_hash, m.member_id AS "member_id?: MemberId", m.given_name AS "given_name?",
                  m.family_name AS "family_name?", m.mrn AS "mrn?", c.email AS "email?",
                  m.language AS "language?: Language", r.time_zone AS "zone?"
           FROM tried t LEFT JOIN member m ON m.member_id = t.member_id AND m.disabled_at IS NULL
               LEFT JOIN credential c ON c.member_id = m.member_id LEFT JOIN region r ON r.region = m.region"#,
        token_hash,
        now,
        most
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Tried {
        id: row.proof_id,
        code_hash: row.code_hash,
        person: person(
            row.member_id,
            row.given_name,
            row.family_name,
            row.mrn,
            row.email,
            row.language,
            row.zone,
        ),
    }))
}

pub(super) async fn try_code(
    pool: &PgPool,
    id: Uuid,
    visit_id: Uuid,
    now: DateTime<Utc>,
    most: i16,
) -> Result<Option<Tried>, sqlx::Error> {
    let row = sqlx::query!(
        r#"WITH tried AS (
               UPDATE proof SET tries = tries + 1
                WHERE proof_id = $1 AND purpose = 'register' AND visit_id = $2 AND used_at IS NULL
                  AND expires_at > $3 AND tries < $4
               RETURNING proof_id, code_hash, member_id
           )
           SELECT t.proof_id, t.code_hash, m.member_id AS "member_id?: MemberId", m.given_name AS "given_name?",
                  m.family_name AS "family_name?", m.mrn AS "mrn?", m.email AS "email?",
                  m.language AS "language?: Language", r.time_zone AS "zone?"
           FROM tried t LEFT JOIN member m ON m.member_id = t.member_id AND m.disabled_at IS NULL
               LEFT JOIN region r ON r.region = m.region"#,
        id,
        visit_id,
        now,
        most
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Tried {
        id: row.proof_id,
        code_hash: row.code_hash,
        person: person(
            row.member_id,
            row.given_name,
            row.family_name,
            row.mrn,
            row.email,
            row.language,
            row.zone,
        ),
    }))
}

fn person(
    member_id: Option<MemberId>,
    given_name: Option<String>,
    family_name: Option<String>,
    mrn: Option<String>,
    email: Option<String>,
    language: Option<Language>,
    zone: Option<String>,
) -> Option<Person> {
    Some(Person {
        member_id: member_id?,
        given_name: given_name?,
        family_name: family_name?,
        mrn: mrn?,
        email: email?,
        language: language?,
        zone: zone?,
    })
}

/// The try was no wrong code.
pub(super) async fn give_back(pool: &PgPool, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE proof SET tries = tries - 1 WHERE proof_id = $1 AND tries > 0", id)
        .execute(pool)
        .await?;
    Ok(())
}

/// `false`: somebody has used it, or it is too old.
pub(super) async fn use_up(
    tx: &mut PgTransaction<'_>,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE proof SET used_at = $2 WHERE proof_id = $1 AND used_at IS NULL AND expires_at > $2",
        id,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What else was asked for this person can no longer be used.
pub(super) async fn close_proofs(
    tx: &mut PgTransaction<'_>,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE proof SET used_at = $2 WHERE member_id = $1 AND used_at IS NULL", member.0, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn change_password(
    tx: &mut PgTransaction<'_>,
    member: MemberId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE credential SET password_hash = $2, changed_at = $3 WHERE member_id = $1",
        member.0,
        password_hash,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// `false`: they have registered already, or their address is another account's.
pub(super) async fn register(
    tx: &mut PgTransaction<'_>,
    person: &Person,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO credential (member_id, email, password_hash, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        person.member_id.0,
        person.email,
        password_hash,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The same password under today's parameters; not over a password changed meanwhile.
pub(super) async fn rehash(
    pool: &PgPool,
    member: MemberId,
    old: &str,
    password_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE credential SET password_hash = $3 WHERE member_id = $1 AND password_hash = $2",
        member.0,
        old,
        password_hash
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Knows a browser by its new mark, and whoever was known by the old one too. Whether the person had any before.
pub(super) async fn know_device(
    tx: &mut PgTransaction<'_>,
    member: MemberId,
    old: Option<&[u8]>,
    new: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH moved AS (
               UPDATE known_device SET device_hash = $3 WHERE device_hash = $2 AND $2 <> $3 AND member_id <> $1
           )
           INSERT INTO known_device (device_hash, member_id, seen_at) VALUES ($3, $1, $4)
           ON CONFLICT (device_hash, member_id) DO UPDATE SET seen_at = excluded.seen_at
           RETURNING EXISTS (SELECT FROM known_device d WHERE d.member_id = $1) AS "had!""#,
        member.0,
        old,
        new,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

pub(super) async fn forget_devices(tx: &mut PgTransaction<'_>, member: MemberId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM known_device WHERE member_id = $1", member.0).execute(&mut **tx).await?;
    Ok(())
}

/// Counts a try; or, where it comes too early, says when the next may come and counts nothing.
pub(super) async fn count_try(
    tx: &mut PgTransaction<'_>,
    counted: &Counted,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let forgotten_before = clock::before(now, counted.forgotten_after);
    let counted_one = sqlx::query_scalar!(
        r#"INSERT INTO throttle AS t (subject, failures, free_at, changed_at) VALUES ($1, 1, $2, $2)
           ON CONFLICT (subject) DO UPDATE SET
               failures = CASE WHEN t.changed_at < $3 THEN 1 ELSE t.failures + 1 END,
               free_at = CASE WHEN t.changed_at < $3 OR t.failures + 1 < $4 THEN $2
                   ELSE $2::timestamptz + least(interval '15 minutes',
                       interval '30 seconds' * (1 << least(t.failures + 1 - $4, 10))) END,
               changed_at = $2
           WHERE t.free_at <= $2
           RETURNING true AS "counted!""#,
        counted.subject.as_slice(),
        now,
        forgotten_before,
        counted.free
    )
    .fetch_optional(&mut **tx)
    .await?;
    if counted_one.is_some() {
        return Ok(None);
    }
    let free_at =
        sqlx::query_scalar!("SELECT free_at FROM throttle WHERE subject = $1", counted.subject.as_slice())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(Some(free_at.unwrap_or(now)))
}

pub(super) async fn take_back_try(
    tx: &mut PgTransaction<'_>,
    counted: &Counted,
    all: bool,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE throttle SET failures = CASE WHEN $2 THEN 0 ELSE greatest(failures - 1, 0) END,
                free_at = least(free_at, $3), changed_at = $3
         WHERE subject = $1",
        counted.subject.as_slice(),
        all,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn count_rate(
    pool: &PgPool,
    rate_class: &str,
    subject: &[u8],
    now: DateTime<Utc>,
) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO rate_count AS r (rate_class, subject, minute, count)
         VALUES ($1, $2, date_trunc('minute', $3::timestamptz), 1)
         ON CONFLICT (rate_class, subject, minute) DO UPDATE SET count = r.count + 1
         RETURNING count",
        rate_class,
        subject,
        now
    )
    .fetch_one(pool)
    .await
}

/// Refused sign-ins of everybody in this window, and how many raise the alarm: a row of the rules, none where there is
/// no alarm.
pub(super) struct RefusedCount {
    pub(super) count: i32,
    pub(super) most: Option<i32>,
}

/// Counts one more refused sign-in. Windows stand side by side, ten minutes each, so that one row is enough.
pub(super) async fn count_refused(pool: &PgPool, now: DateTime<Utc>) -> Result<RefusedCount, sqlx::Error> {
    sqlx::query_as!(
        RefusedCount,
        r#"INSERT INTO rate_count AS r (rate_class, subject, minute, count)
           VALUES ('sign-in refused', '', date_bin('10 minutes', $1, 'epoch'), 1)
           ON CONFLICT (rate_class, subject, minute) DO UPDATE SET count = r.count + 1
           RETURNING count, (SELECT value::int FROM rule
               WHERE rule = 'sign_in_alarm' AND region IS NULL AND status = 'active'
                 AND valid @> $1::timestamptz::date) AS most"#,
        now
    )
    .fetch_one(pool)
    .await
}
