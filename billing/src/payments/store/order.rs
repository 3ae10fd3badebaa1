//! Rows of an order: the intent, its first attempt, and what stands beside it.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, types::Json};

use super::Attempt;
use crate::{
    access::Permit,
    bills::Bill,
    error::Error,
    ids::{AttemptId, BillId, MemberId, PaymentId},
    money::Money,
    payments::{Method, PayBill},
};

/// What an earlier order under the same key said: its payer and fingerprint.
pub(in crate::payments) async fn known(
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
pub(in crate::payments) async fn insert_intent(
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
pub(in crate::payments) async fn lock_bill(
    conn: &mut PgConnection,
    bill: BillId,
    account: bool,
) -> Result<Bill, Error> {
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
pub(in crate::payments) async fn insert_attempt(
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

pub(in crate::payments) async fn say_again(
    conn: &mut PgConnection,
    payment: PaymentId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE payment SET again = true WHERE payment_id = $1", payment.0).execute(conn).await?;
    Ok(())
}

/// A payment of the same account and amount, sent by any channel since `since`, that did not end without money.
pub(in crate::payments) async fn look_alike(
    conn: &mut PgConnection,
    attempt: &Attempt,
    since: DateTime<Utc>,
) -> Result<Option<PaymentId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT p.payment_id AS "payment_id: PaymentId" FROM payment p JOIN payment_attempt a USING (payment_id)
           WHERE p.receivable = $1 AND p.amount = $2 AND p.payment_id <> $3 AND a.received_at > $4
             AND a.state NOT IN ('created', 'declined', 'rejected', 'absent', 'voided', 'expired')
           ORDER BY a.posted_at IS NULL, a.received_at DESC LIMIT 1"#,
        attempt.receivable,
        attempt.amount as Money,
        attempt.payment_id.0,
        since,
    )
    .fetch_optional(conn)
    .await
}

/// Whether `payer` has given this order; with `sent`, whether an attempt of it has moved on from 'created'.
pub(in crate::payments) async fn is_repeat(
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
