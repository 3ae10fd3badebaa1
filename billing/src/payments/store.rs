//! Rows of payments. Decides nothing: what may move, and to where, is decided before it comes here.

mod change;
mod events;
mod order;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, PgPool, types::Json};

pub(crate) use self::change::{Change, MoneyMoves, Told, change};
pub(super) use self::{
    events::{event_worked, insert_event, is_attempt, open_events},
    order::{insert_attempt, insert_intent, is_repeat, known, lock_bill, look_alike, say_again},
};
use super::{
    Method, PaymentState,
    decide::{Books, Standing},
};
use crate::{
    access::Permit,
    bills::{Bill, BillKind, PaymentLine},
    error::Error,
    ids::{AttemptId, BillId, MemberId, PaymentId},
    money::Money,
    rules::RegionRows,
};

/// An attempt with its intent, as the view `attempt_now` gives it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the columns' own names")]
pub(crate) struct Attempt {
    pub(crate) attempt_id: AttemptId,
    pub(crate) payment_id: PaymentId,
    pub(crate) payer: MemberId,
    pub(crate) bill_id: BillId,
    pub(crate) bill_kind: BillKind,
    pub(crate) bill_number: String,
    pub(crate) bill_version: i32,
    pub(crate) billing_unit_id: Option<String>,
    pub(crate) region: String,
    pub(crate) zone: String,
    pub(crate) receivable: i64,
    pub(crate) amount: Money,
    pub(crate) method: Method,
    pub(crate) receipt_number: Option<String>,
    pub(crate) state: PaymentState,
    pub(crate) seq: i32,
    pub(crate) gateway_sequence: i64,
    pub(crate) checks: i16,
    pub(crate) surplus: bool,
    pub(crate) fenced_at: Option<DateTime<Utc>>,
    pub(crate) cancel_asked_at: Option<DateTime<Utc>>,
    pub(crate) called_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) next_check_at: Option<DateTime<Utc>>,
    pub(crate) deadline_at: Option<DateTime<Utc>>,
    pub(crate) received_at: Option<DateTime<Utc>>,
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    /// The posting that took the money into the ledger, if one did, and whether it was undone.
    pub(crate) posting_id: Option<i64>,
    pub(crate) reversed: bool,
}

impl Attempt {
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            reference: self.attempt_id,
            state: self.state,
            amount: self.amount,
            method: self.method,
            sequence: self.gateway_sequence,
            fenced: self.fenced_at.is_some(),
            checks: self.checks,
            called_at: self.called_at,
            expires_at: self.expires_at,
            deadline_at: self.deadline_at,
            changed_at: self.changed_at,
        }
    }

    /// Where its money stands in the ledger.
    pub(crate) fn books(&self) -> Books {
        match (self.posting_id, self.reversed) {
            (None, _) => Books::Nowhere,
            (Some(_), false) => Books::Posted,
            (Some(_), true) => Books::Undone,
        }
    }
}

pub(crate) async fn attempt(conn: &mut PgConnection, id: AttemptId) -> Result<Option<Attempt>, sqlx::Error> {
    sqlx::query_as!(
        Attempt,
        r#"SELECT attempt_id AS "attempt_id!: AttemptId", payment_id AS "payment_id!: PaymentId",
            payer AS "payer!: MemberId", bill_id AS "bill_id!: BillId", bill_kind AS "bill_kind!: BillKind",
            bill_number AS "bill_number!", bill_version AS "bill_version!", billing_unit_id, region AS "region!",
            time_zone AS "zone!", receivable AS "receivable!", amount AS "amount!: Money", method AS "method!: Method",
            receipt_number, state AS "state!: PaymentState", seq AS "seq!",
            gateway_sequence AS "gateway_sequence!", checks AS "checks!", surplus AS "surplus!", fenced_at,
            cancel_asked_at, called_at, expires_at, next_check_at, deadline_at, received_at, changed_at AS "changed_at!",
            created_at AS "created_at!", posting_id, reversed AS "reversed!"
           FROM attempt_now WHERE attempt_id = $1"#,
        id.0,
    )
    .fetch_optional(conn)
    .await
}

/// Locks an attempt and its intent, then reads them: what is read is what stands when the lock is held.
pub(crate) async fn lock(conn: &mut PgConnection, id: AttemptId) -> Result<Option<Attempt>, sqlx::Error> {
    sqlx::query!(
        r#"SELECT 1 AS held FROM payment p JOIN payment_attempt a USING (payment_id)
           WHERE a.attempt_id = $1 FOR NO KEY UPDATE OF p, a"#,
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    attempt(conn, id).await
}

/// The attempt that speaks for a payment of this payer: its last.
pub(crate) async fn last_attempt(
    conn: &mut PgConnection,
    payer: MemberId,
    payment: PaymentId,
) -> Result<Option<AttemptId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT attempt_id AS "attempt_id: AttemptId" FROM payment_attempt JOIN payment USING (payment_id)
           WHERE payment_id = $1 AND payer = $2 ORDER BY number DESC LIMIT 1"#,
        payment.0,
        payer.0,
    )
    .fetch_optional(conn)
    .await
}

/// Whether another attempt of the intent is neither dead nor surplus.
pub(crate) async fn another_lives(conn: &mut PgConnection, attempt: &Attempt) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM payment_attempt
            WHERE payment_id = $1 AND attempt_id <> $2 AND NOT surplus
                AND state NOT IN ('declined', 'rejected', 'absent', 'voided', 'expired', 'returned', 'dispute_lost')
           ) AS "lives!""#,
        attempt.payment_id.0,
        attempt.attempt_id.0,
    )
    .fetch_one(conn)
    .await
}

/// Whether its payer was told, at some time, that we do not know yet and will write.
pub(crate) async fn was_waited_for(conn: &mut PgConnection, attempt: AttemptId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM payment_event
            WHERE attempt_id = $1
              AND to_state IN ('unknown', 'authorized', 'capture_pending', 'mismatch', 'needs_review')) AS "was!""#,
        attempt.0,
    )
    .fetch_one(conn)
    .await
}

/// Nothing moved: when to look again.
pub(crate) async fn look_again(
    conn: &mut PgConnection,
    attempt: AttemptId,
    counted: bool,
    next_check_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payment_attempt SET checks = checks + $2::int::smallint, next_check_at = $3 WHERE attempt_id = $1",
        attempt.0,
        i32::from(counted),
        next_check_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// It could not be looked at: it is due again at `until`, unless something moved it meanwhile.
pub(crate) async fn put_off(
    conn: &mut PgConnection,
    attempt: AttemptId,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payment_attempt SET next_check_at = $2 WHERE attempt_id = $1 AND next_check_at < $2",
        attempt.0,
        until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The gateway has promised never to take this reference again.
pub(crate) async fn fenced(
    conn: &mut PgConnection,
    attempt: AttemptId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payment_attempt SET fenced_at = coalesce(fenced_at, $2) WHERE attempt_id = $1",
        attempt.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Another call is about to be made that could make the gateway take the reference.
pub(super) async fn called(
    conn: &mut PgConnection,
    attempt: AttemptId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE payment_attempt SET called_at = $2 WHERE attempt_id = $1", attempt.0, at)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn cancel_asked(
    conn: &mut PgConnection,
    attempt: AttemptId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE payment_attempt SET cancel_asked_at = $2 WHERE attempt_id = $1", attempt.0, at)
        .execute(conn)
        .await?;
    Ok(())
}

/// A person's account, opened where there is none.
pub(crate) async fn person_account(
    conn: &mut PgConnection,
    owner: MemberId,
    kind: &str,
    billing_unit_id: Option<&str>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT person_account($1, $2, $3) AS "id!""#, owner.0, kind, billing_unit_id)
        .fetch_one(conn)
        .await
}

/// The settings in force for a region on a day.
pub(crate) async fn region(
    conn: &mut PgConnection,
    region: &str,
    profile: &str,
    on: NaiveDate,
) -> Result<RegionRows, Error> {
    let rows = sqlx::query_scalar!(
        r#"SELECT region_json($1, $2, $3) AS "rows: Json<RegionRows>""#,
        region,
        profile,
        on
    )
    .fetch_one(conn)
    .await?;
    rows.map(|Json(rows)| rows).ok_or(Error::NotFound)
}

/// Attempts somebody has to look at by `now`, oldest first; only those in `state`, where one is named.
pub(crate) async fn due(
    pool: &PgPool,
    now: DateTime<Utc>,
    state: Option<PaymentState>,
    limit: i64,
) -> Result<Vec<AttemptId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT attempt_id AS "attempt_id: AttemptId" FROM payment_attempt
           WHERE next_check_at <= $1 AND ($2::text IS NULL OR state = $2) ORDER BY next_check_at LIMIT $3"#,
        now,
        state.map(PaymentState::word),
        limit,
    )
    .fetch_all(pool)
    .await
}

/// What nobody knows of is due now. Rows somebody works on are theirs.
pub(super) async fn hurry(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payment_attempt SET next_check_at = $1 WHERE attempt_id IN (
             SELECT attempt_id FROM payment_attempt WHERE state = 'unknown' AND next_check_at > $1
             FOR NO KEY UPDATE SKIP LOCKED)",
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the pay form reads.
#[derive(Debug, Deserialize)]
pub(super) struct FormRows {
    pub(super) bill: Bill,
    pub(super) underway: Vec<PaymentLine>,
    pub(super) ordered: Option<(Money, Method)>,
    pub(super) region: RegionRows,
}

pub(super) async fn form(
    pool: &PgPool,
    permit: &Permit,
    bill: BillId,
    change: Option<PaymentId>,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<FormRows, Error> {
    let page = sqlx::query!(
        r#"
        SELECT rows AS "rows: Json<FormRows>", saw($2, rows IS NOT NULL) AS seen
        FROM (SELECT (SELECT json_build_object(
            'bill', bill_json(b),
            'underway', (SELECT coalesce(json_agg(payment_json(p) ORDER BY p.received_at DESC, p.payment_id DESC), '[]')
                FROM payment_underway u JOIN payment_standing p USING (payment_id)
                WHERE u.bill_id = b.bill_id AND u.payer = $1),
            'ordered', (SELECT json_build_array(o.amount::text, o.method)
                FROM payment o JOIN payment_attempt a USING (payment_id)
                WHERE o.payment_id = $6 AND o.bill_id = b.bill_id AND o.payer = $1 AND a.state = 'created'),
            'region', region_json(b.region, $4, ($5 AT TIME ZONE b.time_zone)::date)
        ) FROM bill_standing b WHERE b.bill_id = $3 AND b.member_id = $1)) page (rows)
        "#,
        permit.subject()?.0,
        permit.row(),
        bill.0,
        profile,
        now,
        change.map(|payment| payment.0),
    )
    .fetch_one(pool)
    .await?;
    permit.seen(page.rows).map(|Json(rows)| rows)
}

/// What the page of a payment reads.
#[derive(Debug, Deserialize)]
pub(super) struct ViewRows {
    pub(super) line: PaymentLine,
    pub(super) bill: Bill,
    pub(super) region: RegionRows,
    pub(super) payer_name: String,
    pub(super) called_at: Option<DateTime<Utc>>,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) decline: Option<String>,
    pub(super) return_code: Option<String>,
    /// Our fence closed its page at the gateway, and no payer asked for that.
    pub(super) closed_by_us: bool,
    /// Transfers of the posting that took the money: to the bill, or to the payer's credit.
    pub(super) to_bill: Money,
    pub(super) to_credit: Money,
    pub(super) owed_after: Option<Money>,
    pub(super) look_alike: Option<PaymentLine>,
}

pub(super) async fn view(
    pool: &PgPool,
    permit: &Permit,
    payment: PaymentId,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<ViewRows, Error> {
    let page = sqlx::query!(
        r#"
        SELECT rows AS "rows: Json<ViewRows>", saw($2, rows IS NOT NULL) AS seen
        FROM (SELECT (SELECT payment_view_json(payment_id, $4, $5)
            FROM payment WHERE payment_id = $3 AND payer = $1)) page (rows)
        "#,
        permit.subject()?.0,
        permit.row(),
        payment.0,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    permit.seen(page.rows).map(|Json(rows)| rows)
}

/// The same for a machine that tells the payer, whoever that is.
pub(super) async fn view_to_tell(
    pool: &PgPool,
    payment: PaymentId,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<Option<ViewRows>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"SELECT payment_view_json($1, $2, $3) AS "rows: Json<ViewRows>""#,
        payment.0,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    Ok(rows.map(|Json(rows)| rows))
}

pub(super) async fn reviews(pool: &PgPool) -> Result<Vec<super::review::Review>, sqlx::Error> {
    sqlx::query_as!(
        super::review::Review,
        r#"SELECT a.attempt_id AS "attempt_id!: AttemptId", a.payment_id AS "payment_id!: PaymentId",
            a.bill_id AS "bill_id!: BillId", a.payer AS "payer!: MemberId", a.amount AS "amount!: Money",
            a.method AS "method!: Method", a.state AS "state!: PaymentState", e.event AS "event!", a.changed_at AS "since!",
            a.deadline_at, a.posting_id IS NOT NULL AND NOT a.reversed AS "posted!"
           FROM attempt_now a JOIN payment_event e ON e.attempt_id = a.attempt_id AND e.seq = a.seq
           WHERE a.state IN ('mismatch', 'needs_review') ORDER BY a.changed_at, a.attempt_id"#
    )
    .fetch_all(pool)
    .await
}
