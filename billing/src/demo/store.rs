//! The demo plan's rows, a table at a time. The owner writes them: history carries the instants at which it was
//! recorded, which `ledger_post` never takes from anyone.

use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::book::{Accounts, Rows, Tables};

/// One loader at a time; whether there is nothing yet.
pub(super) async fn is_new(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('portal demo'))").execute(&mut *conn).await?;
    sqlx::query_scalar!(r#"SELECT NOT EXISTS (SELECT FROM member WHERE source_set = 'demo') AS "new!""#)
        .fetch_one(conn)
        .await
}

pub(super) async fn zones(conn: &mut PgConnection) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!("SELECT region, time_zone FROM region").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.region, row.time_zone)).collect())
}

pub(super) async fn members(conn: &mut PgConnection, members: &Rows) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO member (member_id, mrn, given_name, family_name, birth_on, region, email, language, source_set,
             source_id, created_at)
         SELECT member_id, mrn, given_name, family_name, birth_on, region, email, language, 'demo', mrn, created_at
         FROM jsonb_populate_recordset(NULL::member, $1)",
        Json(members) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO billing_unit (billing_unit_id, subscriber, region, product)
         SELECT unit, member_id, region, product
         FROM jsonb_to_recordset($1) AS m (unit text, member_id uuid, region text, product text)",
        Json(members) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets these people sign in.
pub(super) async fn credentials(
    conn: &mut PgConnection,
    members: &[Uuid],
    hash: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO credential (member_id, email, password_hash, changed_at)
         SELECT member_id, email, $2, $3 FROM member WHERE member_id = ANY ($1) AND email IS NOT NULL",
        members,
        hash,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Opens the accounts the demo's history moves, and tells their numbers.
pub(super) async fn accounts(conn: &mut PgConnection, accounts: &Rows) -> Result<Accounts, sqlx::Error> {
    let rows = sqlx::query!(
        r#"INSERT INTO account (kind, owner, billing_unit_id, balance, version)
           SELECT kind, owner, billing_unit_id, 0, 0
           FROM jsonb_to_recordset($1) AS a (kind text, owner uuid, billing_unit_id text)
           RETURNING account_id, owner AS "owner!", kind"#,
        Json(accounts) as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.owner, row.kind), row.account_id)).collect())
}

pub(super) async fn history(conn: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
    bills(conn, tables).await?;
    payments(conn, tables).await?;
    ledger(conn, tables).await?;
    receipts(conn, tables).await
}

async fn bills(conn: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO bill (bill_id, number, kind, member_id, billing_unit_id, region, receivable, issued_on, due_on,
             period, provider, billed, discount, plan_paid, paid_before, due, applied, version, source_set, source_id,
             created_at)
         SELECT bill_id, number, kind, member_id, billing_unit_id, region, receivable, issued_on, due_on, period,
             provider, billed, discount, plan_paid, paid_before, due, applied, version, source_set, source_id, created_at
         FROM jsonb_populate_recordset(NULL::bill, $1)",
        Json(&tables.bills) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO bill_line SELECT * FROM jsonb_populate_recordset(NULL::bill_line, $1)",
        Json(&tables.lines) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO bill_person SELECT * FROM jsonb_populate_recordset(NULL::bill_person, $1)",
        Json(&tables.people) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn payments(conn: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO payment (payment_id, payer, channel, bill_id, bill_version, receivable, amount, method,
             fingerprint, again, receipt_number, created_at)
         SELECT payment_id, payer, channel, bill_id, bill_version, receivable, amount, method, fingerprint, again,
             receipt_number, created_at
         FROM jsonb_populate_recordset(NULL::payment, $1)",
        Json(&tables.payments) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO payment_attempt (attempt_id, payment_id, number, state, seq, brand, last4, return_code,
             received_at, posted_at, settled_on, changed_at)
         SELECT attempt_id, payment_id, number, state, seq, brand, last4, return_code, received_at, posted_at,
             settled_on, changed_at
         FROM jsonb_populate_recordset(NULL::payment_attempt, $1)",
        Json(&tables.attempts) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at)
         SELECT attempt_id, seq, from_state, to_state, event, evidence, actor, at
         FROM jsonb_populate_recordset(NULL::payment_event, $1)",
        Json(&tables.events) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Postings in the order they were recorded, reversals after what they undo; then balances as sums of what was moved.
async fn ledger(conn: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, recorded_at, actor, reason)
         SELECT kind, source_kind, source_id, effective_on, received_at, recorded_at, 'demo', reason
         FROM jsonb_to_recordset($1) AS p (kind text, source_kind text, source_id uuid, effective_on date,
             received_at timestamptz, recorded_at timestamptz, reason text, reverses boolean)
         WHERE NOT reverses ORDER BY recorded_at",
        Json(&tables.postings) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO posting (kind, source_kind, source_id, reverses, effective_on, received_at, recorded_at, actor,
             reason)
         SELECT p.kind, p.source_kind, p.source_id, o.posting_id, p.effective_on, p.received_at, p.recorded_at, 'demo',
             p.reason
         FROM jsonb_to_recordset($1) AS p (kind text, source_kind text, source_id uuid, effective_on date,
             received_at timestamptz, recorded_at timestamptz, reason text, reverses boolean)
         JOIN posting o ON o.source_kind = p.source_kind AND o.source_id = p.source_id AND o.kind = 'payment'
         WHERE p.reverses ORDER BY p.recorded_at",
        Json(&tables.postings) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO transfer (posting_id, line, debit_account, credit_account, amount, bill_id)
         SELECT posting_id, line, debit_account, credit_account, amount, bill_id
         FROM jsonb_to_recordset($1) AS t (kind text, source_kind text, source_id uuid, line smallint,
             debit_account bigint, credit_account bigint, amount numeric, bill_id uuid)
         JOIN posting USING (kind, source_kind, source_id)
         ORDER BY posting_id, line",
        Json(&tables.transfers) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE account SET balance = moved.balance, version = moved.transfers
         FROM (
             SELECT side.account, sum(side.amount) AS balance, count(*) AS transfers
             FROM transfer t
             CROSS JOIN LATERAL (VALUES (debit_account, amount), (credit_account, -amount)) AS side (account, amount)
             WHERE side.account >= 1000 GROUP BY side.account
         ) moved
         JOIN account a ON a.account_id = moved.account JOIN member m ON m.member_id = a.owner AND m.source_set = 'demo'
         WHERE account.account_id = moved.account",
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn receipts(conn: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO receipt (receipt_number, payment_id, issued_at)
         SELECT receipt_number, payment_id, issued_at FROM jsonb_populate_recordset(NULL::receipt, $1)",
        Json(&tables.receipts) as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO cited_figure (document_kind, document_id, figure, amount, transfers, measure)
         SELECT 'receipt', r.receipt_number, f.figure, f.amount, f.transfers, f.measure
         FROM jsonb_to_recordset($1) AS r (receipt_number text, attempt_id uuid, bill_id uuid, amount numeric,
             applied numeric, owed_after numeric)
         JOIN posting p ON p.source_kind = 'attempt' AND p.source_id = r.attempt_id AND p.kind = 'payment'
         CROSS JOIN LATERAL (
             SELECT array_agg(transfer_id ORDER BY line) AS all_of_it,
                 array_agg(transfer_id ORDER BY line) FILTER (WHERE bill_id = r.bill_id) AS of_the_bill,
                 array_agg(transfer_id ORDER BY line) FILTER (WHERE bill_id IS NULL) AS to_credit
             FROM transfer WHERE transfer.posting_id = p.posting_id
         ) own
         CROSS JOIN LATERAL (
             SELECT array_agg(transfer_id ORDER BY transfer_id) AS until_then
             FROM transfer WHERE transfer.bill_id = r.bill_id AND transfer.posting_id <= p.posting_id
         ) standing
         CROSS JOIN LATERAL (VALUES
             ('amount', r.amount, own.all_of_it, 'amounts'),
             ('applied', r.applied, own.of_the_bill, 'amounts'),
             ('credited', r.amount - r.applied, own.to_credit, 'amounts'),
             ('owed_after', r.owed_after, standing.until_then, 'balance')
         ) AS f (figure, amount, transfers, measure)
         WHERE f.transfers IS NOT NULL",
        Json(&tables.receipts) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
