//! Rows of payments. Decides nothing: what may move, and to where, is decided before it comes here.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use sqlx::{PgConnection, PgPool, types::Json};
use uuid::Uuid;

use super::{
    Method, PayBill, PaymentState,
    decide::{Books, Move, Standing},
    gateway::Charge,
};
use crate::{
    access::Permit,
    bills::{Bill, BillKind, PaymentLine},
    error::Error,
    ids::{AttemptId, BillId, MemberId, NoticeId, PaymentId},
    ledger::{Lines, Posting},
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

/// What an earlier order under the same key said: its payer and fingerprint.
pub(super) async fn known(
    conn: &mut PgConnection,
    payment: PaymentId,
) -> Result<Option<(MemberId, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT payer AS "payer: MemberId", fingerprint FROM payment WHERE payment_id = $1"#,
        payment.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.payer, row.fingerprint)))
}

/// Writes the intent, if its key is new and the bill is the payer's.
pub(super) async fn insert_intent(
    conn: &mut PgConnection,
    permit: &Permit,
    order: &PayBill,
    fingerprint: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let written = sqlx::query!(
        "INSERT INTO payment (payment_id, payer, channel, bill_id, bill_version, receivable, amount, method, fingerprint, created_at)
         SELECT $1, $2, $3, bill_id, $5, receivable, $6, $7, $8, $9 FROM bill WHERE bill_id = $4 AND member_id = $2
         ON CONFLICT (payment_id) DO NOTHING",
        order.payment_id.0,
        permit.subject()?.0,
        permit.who().channel,
        order.bill_id.0,
        order.bill_version,
        order.amount as Money,
        order.method as Method,
        fingerprint,
        now,
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Locks a bill, and with `account` its receivable, then reads the bill as every page sees it. Another payment of the
/// same account waits here until this transaction ends.
pub(super) async fn lock_bill(conn: &mut PgConnection, bill: BillId, account: bool) -> Result<Bill, Error> {
    let receivable =
        sqlx::query_scalar!("SELECT receivable FROM bill WHERE bill_id = $1 FOR NO KEY UPDATE", bill.0)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or(Error::NotFound)?;
    if account {
        sqlx::query_scalar!("SELECT lock_account($1)", receivable).fetch_one(&mut *conn).await?;
    }
    let Json(bill) = sqlx::query_scalar!(
        r#"SELECT bill_json(b) AS "bill!: Json<Bill>" FROM bill_standing b WHERE bill_id = $1"#,
        bill.0
    )
    .fetch_one(conn)
    .await?;
    Ok(bill)
}

/// The first attempt of a new intent, with its first event.
pub(super) async fn insert_attempt(
    conn: &mut PgConnection,
    attempt: AttemptId,
    payment: PaymentId,
    actor: &str,
    now: DateTime<Utc>,
    deadline: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH attempt AS (
            INSERT INTO payment_attempt (attempt_id, payment_id, number, state, changed_at, next_check_at, deadline_at)
            SELECT $1, $2, 1 + count(*), 'created', $4, $5, $5 FROM payment_attempt WHERE payment_id = $2
            RETURNING attempt_id
         )
         INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at)
         SELECT attempt_id, 1, NULL, 'created', 'ordered', 'ours', $3, $4 FROM attempt",
        attempt.0,
        payment.0,
        actor,
        now,
        deadline,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One move with all that belongs to it.
pub(crate) struct Change<'a> {
    pub(crate) attempt: &'a Attempt,
    pub(crate) take: Move,
    pub(crate) actor: &'a str,
    pub(crate) second: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at: DateTime<Utc>,
    /// The gateway's snapshot it rests on.
    pub(crate) snapshot: Option<&'a Charge>,
    pub(crate) next_check_at: Option<DateTime<Utc>>,
    pub(crate) deadline_at: Option<DateTime<Utc>>,
    /// Set once the gateway is about to be asked, `None` leaves them.
    pub(crate) called_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) settled_on: Option<NaiveDate>,
    /// The bank's reason, where its file and not the gateway's snapshot gives it.
    pub(crate) return_code: Option<&'a str>,
    pub(crate) surplus: bool,
    pub(crate) money: Option<MoneyMoves<'a>>,
    pub(crate) notice: Option<Told>,
}

impl<'a> Change<'a> {
    /// A move that changes nothing beside the state.
    pub(crate) fn of(attempt: &'a Attempt, take: Move, actor: &'a str, at: DateTime<Utc>) -> Self {
        Self {
            attempt,
            take,
            actor,
            second: None,
            reason: None,
            at,
            snapshot: None,
            next_check_at: None,
            deadline_at: None,
            called_at: None,
            expires_at: None,
            settled_on: None,
            return_code: None,
            surplus: false,
            money: None,
            notice: None,
        }
    }
}

/// The ledger's side of a move.
pub(crate) struct MoneyMoves<'a> {
    pub(crate) posting: &'a Posting,
    /// By how much the bill's `applied` changes.
    pub(crate) applied: Money,
    /// The number of the receipt to give, where the payment has none.
    pub(crate) receipt: Option<&'a str>,
}

/// A notice to the payer, where an address is known.
pub(crate) struct Told {
    pub(crate) id: NoticeId,
    pub(crate) key: String,
    pub(crate) template: &'static str,
    pub(crate) words: Value,
}

/// What came of a change.
pub(crate) struct Changed {
    pub(crate) posting_id: Option<i64>,
    pub(crate) noticed: bool,
}

/// Takes one edge: state, event, bill, posting, receipt with its cited figures, and notice, in one statement. `None`:
/// someone moved it first.
///
/// Fails on the constraint `bill_applied` where the bill cannot take `applied` any more.
pub(crate) async fn change(
    conn: &mut PgConnection,
    change: &Change<'_>,
) -> Result<Option<Changed>, sqlx::Error> {
    let attempt = change.attempt;
    let money = change.money.as_ref();
    let posting = money.map(|money| money.posting);
    let lines = posting.map(Lines::of).unwrap_or_default();
    let applied = money.map_or(Money::ZERO, |money| money.applied);
    let total = posting.map_or(Money::ZERO, Posting::total);
    let told = change.notice.as_ref();

    let row = sqlx::query!(
        r#"
        WITH moved AS (
            UPDATE payment_attempt
               SET state = $4, seq = seq + 1, changed_at = $5, checks = 0, next_check_at = $6, deadline_at = $7,
                   gateway_sequence = greatest(gateway_sequence, $8), brand = coalesce($9, brand),
                   last4 = coalesce($10, last4), decline = coalesce($11, decline),
                   return_code = coalesce($12, return_code), called_at = coalesce($13, called_at),
                   received_at = CASE WHEN $4 = 'submitting' THEN $5 ELSE received_at END,
                   expires_at = coalesce($14, expires_at), settled_on = coalesce($15, settled_on),
                   surplus = surplus OR $16,
                   posted_at = CASE WHEN $17 = 'payment' THEN $5 ELSE posted_at END
             WHERE attempt_id = $1 AND state = $2 AND seq = $3
            RETURNING attempt_id, payment_id, seq
        ), event AS (
            INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, second, reason, at)
            SELECT attempt_id, seq, $2, $4, $18, $19, $20, $21, $22, $5 FROM moved
        ), applied AS (
            UPDATE bill SET applied = applied + $23::numeric, version = version + 1
              FROM moved WHERE bill.bill_id = $24 AND $23::numeric <> 0
            RETURNING bill.due - bill.applied AS owed
        ), posted AS (
            SELECT moved.payment_id, applied.owed,
                   CASE WHEN $17::text IS NOT NULL THEN
                       ledger_post($17, $25, $26, $27, $28, $20, coalesce($22, $18), $29, $30, $31, $32, $33) END AS posting_id
              FROM moved LEFT JOIN applied ON true
        ), receipted AS (
            UPDATE payment SET receipt_number = $34
              FROM posted
             WHERE payment.payment_id = posted.payment_id AND posted.posting_id IS NOT NULL
               AND $34::text IS NOT NULL AND payment.receipt_number IS NULL
            RETURNING payment.payment_id
        ), receipt AS (
            INSERT INTO receipt (receipt_number, payment_id, issued_at) SELECT $34, payment_id, $5 FROM receipted
        ), cited AS (
            INSERT INTO cited_figure (document_kind, document_id, figure, amount, transfers, measure)
            SELECT 'receipt', $34, figure.figure, figure.amount, figure.transfers, figure.measure
              FROM posted JOIN receipted USING (payment_id), LATERAL (VALUES
                  ('amount', $35::numeric, posting_transfers(posted.posting_id), 'amounts'),
                  ('applied', $23::numeric, posting_transfers(posted.posting_id, $24), 'amounts'),
                  ('credited', $35::numeric - $23::numeric, credit_transfers(posted.posting_id), 'amounts'),
                  ('owed_after', coalesce(posted.owed, (SELECT due - applied FROM bill WHERE bill_id = $24)),
                      bill_transfers($24, posted.posting_id), 'balance')
              ) AS figure (figure, amount, transfers, measure)
             WHERE figure.amount IS NOT NULL AND figure.transfers IS NOT NULL
        ), told AS (
            INSERT INTO notice (notice_id, key, member_id, address, template, language, words, created_at)
            SELECT $36, $37, m.member_id, m.email, $38, m.language, $39, $5
              FROM moved JOIN payment p USING (payment_id) JOIN member m ON m.member_id = p.payer
             WHERE $36::uuid IS NOT NULL AND m.email IS NOT NULL
            ON CONFLICT (key) DO NOTHING
            RETURNING notice_id
        )
        SELECT posting_id, EXISTS (SELECT FROM told) AS "noticed!" FROM posted
        "#,
        attempt.attempt_id.0,
        attempt.state as PaymentState,
        attempt.seq,
        change.take.to as PaymentState,
        change.at,
        change.next_check_at,
        change.deadline_at,
        change.snapshot.map_or(0, |charge| charge.sequence),
        change.snapshot.and_then(|charge| charge.brand.as_deref()),
        change.snapshot.and_then(|charge| charge.last4.as_deref()),
        change.snapshot.and_then(|charge| charge.decline.as_deref()),
        change.return_code.or_else(|| change.snapshot.and_then(|charge| charge.return_code.as_deref())),
        change.called_at,
        change.expires_at,
        change.settled_on,
        change.surplus,
        posting.map(|posting| posting.kind.word()),
        change.take.event,
        change.take.evidence.word(),
        change.actor,
        change.second,
        change.reason,
        applied.decimal(),
        attempt.bill_id.0,
        posting.map(|posting| posting.kind.source_kind()),
        posting.map(|posting| posting.source),
        posting.map(|posting| posting.effective_on),
        posting.map(|posting| posting.received_at),
        &lines.debits,
        &lines.credits,
        &lines.amounts as &[Decimal],
        &lines.bills as &[Option<Uuid>],
        posting.and_then(|posting| posting.reverses),
        money.and_then(|money| money.receipt),
        total.decimal(),
        told.map(|told| told.id.0),
        told.map(|told| told.key.as_str()),
        told.map(|told| told.template),
        told.map(|told| &told.words),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Changed { posting_id: row.posting_id, noticed: row.noticed }))
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

pub(super) async fn say_again(conn: &mut PgConnection, payment: PaymentId) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE payment SET again = true WHERE payment_id = $1", payment.0).execute(conn).await?;
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

/// A payment of the same account and amount, sent by any channel since `since`, that did not end without money.
pub(super) async fn look_alike(
    conn: &mut PgConnection,
    attempt: &Attempt,
    since: DateTime<Utc>,
) -> Result<Option<PaymentId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT p.payment_id AS "payment_id: PaymentId" FROM payment p JOIN payment_attempt a USING (payment_id)
           WHERE p.receivable = $1 AND p.amount = $2 AND p.payment_id <> $3 AND a.received_at > $4
             AND a.state NOT IN ('created', 'declined', 'rejected', 'absent', 'voided', 'expired')
           ORDER BY a.received_at DESC LIMIT 1"#,
        attempt.receivable,
        attempt.amount as Money,
        attempt.payment_id.0,
        since,
    )
    .fetch_optional(conn)
    .await
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
    pub(super) region: RegionRows,
}

pub(super) async fn form(
    pool: &PgPool,
    permit: &Permit,
    bill: BillId,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<FormRows, Error> {
    let page = sqlx::query!(
        r#"
        SELECT rows AS "rows: Json<FormRows>", saw($2, rows IS NOT NULL) AS seen
        FROM (SELECT (SELECT json_build_object(
            'bill', bill_json(b),
            'region', region_json(b.region, $4, ($5 AT TIME ZONE b.time_zone)::date)
        ) FROM bill_standing b WHERE b.bill_id = $3 AND b.member_id = $1)) page (rows)
        "#,
        permit.subject()?.0,
        permit.row(),
        bill.0,
        profile,
        now,
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
    pub(super) next_check_at: Option<DateTime<Utc>>,
    pub(super) decline: Option<String>,
    pub(super) return_code: Option<String>,
    pub(super) captured_at: Option<DateTime<Utc>>,
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
    look_alike_since: DateTime<Utc>,
) -> Result<ViewRows, Error> {
    let page = sqlx::query!(
        r#"
        SELECT rows AS "rows: Json<ViewRows>", saw($2, rows IS NOT NULL) AS seen
        FROM (SELECT (SELECT json_build_object(
            'line', payment_json(p),
            'bill', bill_json(b),
            'region', region_json(b.region, $4, ($5 AT TIME ZONE b.time_zone)::date),
            'payer_name', concat_ws(' ', m.given_name, m.family_name),
            'called_at', a.called_at, 'next_check_at', a.next_check_at, 'decline', a.decline,
            'return_code', a.return_code,
            'captured_at', a.posted_at,
            'to_bill', coalesce((SELECT sum(t.amount) FROM transfer t JOIN posting USING (posting_id)
                WHERE source_kind = 'attempt' AND source_id = a.attempt_id AND kind = 'payment'
                  AND t.bill_id IS NOT NULL), 0.00)::text,
            'to_credit', coalesce((SELECT sum(t.amount) FROM transfer t JOIN posting USING (posting_id)
                WHERE source_kind = 'attempt' AND source_id = a.attempt_id AND kind = 'payment'
                  AND t.bill_id IS NULL), 0.00)::text,
            'owed_after', (SELECT amount::text FROM cited_figure
                WHERE document_kind = 'receipt' AND document_id = p.receipt_number AND figure = 'owed_after'),
            'look_alike', (SELECT payment_json(other) FROM payment_standing other JOIN payment op USING (payment_id)
                WHERE op.receivable = i.receivable AND op.amount = i.amount AND op.payment_id <> i.payment_id
                  AND op.payer = i.payer AND other.received_at > $6
                  AND a.state = 'created' AND NOT i.again
                  AND other.state NOT IN ('created', 'declined', 'rejected', 'absent', 'voided', 'expired')
                ORDER BY other.received_at DESC LIMIT 1)
        )
        FROM payment_standing p
        JOIN payment i USING (payment_id)
        JOIN payment_attempt a ON a.attempt_id = p.attempt_id
        JOIN bill_standing b ON b.bill_id = p.bill_id
        JOIN member m ON m.member_id = p.payer
        WHERE p.payment_id = $3 AND p.payer = $1)) page (rows)
        "#,
        permit.subject()?.0,
        permit.row(),
        payment.0,
        profile,
        now,
        look_alike_since,
    )
    .fetch_one(pool)
    .await?;
    permit.seen(page.rows).map(|Json(rows)| rows)
}

/// Keeps an event; `false` where it came before.
pub(super) async fn insert_event(
    conn: &mut PgConnection,
    event: &super::events::GatewayEventIn,
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
pub(super) struct OpenEvents {
    pub(super) reference: String,
    pub(super) since: DateTime<Utc>,
    /// `gateway/event`
    pub(super) event_ids: Vec<String>,
}

pub(super) async fn open_events(pool: &PgPool, limit: i64) -> Result<Vec<OpenEvents>, sqlx::Error> {
    sqlx::query_as!(
        OpenEvents,
        r#"SELECT reference, min(received_at) AS "since!", array_agg(gateway || '/' || event_id) AS "event_ids!"
           FROM gateway_event WHERE worked_at IS NULL GROUP BY reference ORDER BY 2 LIMIT $1"#,
        limit,
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn event_worked(
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

pub(super) async fn is_attempt(pool: &PgPool, id: AttemptId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM payment_attempt WHERE attempt_id = $1) AS "is!""#, id.0)
        .fetch_one(pool)
        .await
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

/// Whether `payer` has given this order; with `sent`, whether an attempt of it has moved on from 'created'.
pub(super) async fn is_repeat(
    pool: &PgPool,
    payer: MemberId,
    payment: PaymentId,
    sent: bool,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM payment JOIN payment_attempt USING (payment_id)
               WHERE payment_id = $1 AND payer = $2 AND (NOT $3 OR state <> 'created')
           ) AS "found!""#,
        payment.0,
        payer.0,
        sent,
    )
    .fetch_one(pool)
    .await
}
