//! One move of an attempt, with all that belongs to it, in one statement.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Attempt;
use crate::{
    ids::NoticeId,
    ledger::{Lines, Posting},
    money::Money,
    payments::{PaymentState, decide::Move, gateway::Charge},
};

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
