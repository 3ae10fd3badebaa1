//! The rows that make a figure, one statement each, the access row included.

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{PgPool, types::Json};

use super::{About, ExplainRow, Parts, SourceLine};
use crate::{
    access::Permit,
    bills::BillKind,
    error::Error,
    ids::{BillId, PaymentId},
    payments::HistoryFilter,
};

/// A figure of one bill or payment, as read.
#[derive(Debug, Deserialize)]
pub(super) struct Read {
    about: About,
    #[serde(default)]
    rows: Vec<ExplainRow>,
    #[serde(default)]
    sources: Vec<SourceLine>,
    #[serde(default)]
    later: Vec<ExplainRow>,
}

/// All transfers of the person's accounts of one kind.
pub(super) async fn accounts(
    pool: &PgPool,
    permit: &Permit,
    account_kind: &str,
    sign: i32,
) -> Result<Parts, Error> {
    let page = sqlx::query!(
        r#"
        SELECT json_build_object('rows', trail_json(array_agg(side.transfer_id), array_agg(a.account_id), $4))
            AS "rows: Json<Parts>", saw($2, true) AS seen
        FROM account a
        -- From 1000 on: the indexes of persons' accounts.
        CROSS JOIN LATERAL (
            SELECT transfer_id FROM transfer WHERE debit_account = a.account_id AND debit_account >= 1000
            UNION ALL
            SELECT transfer_id FROM transfer WHERE credit_account = a.account_id AND credit_account >= 1000
        ) side
        WHERE a.owner = $1 AND a.kind = $3
        "#,
        permit.subject()?.0,
        permit.row(),
        account_kind,
        sign,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

/// A figure of one bill: `owed | payable | due | paid | underway | provisional`. Where a bill asks for nothing, nothing
/// was posted, and its document is the source.
pub(super) async fn bill(
    pool: &PgPool,
    permit: &Permit,
    id: BillId,
    figure: &str,
) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', b.bill_id, 'bill_number', b.number, 'bill_kind', b.kind),
            'rows', (SELECT trail_json(array_agg(t.transfer_id), array_agg(a.account_id),
                        CASE WHEN $4 IN ('paid', 'provisional') THEN -1 ELSE 1 END)
                FROM transfer t JOIN posting p USING (posting_id)
                JOIN account a ON a.account_id = b.receivable AND a.account_id IN (t.debit_account, t.credit_account)
                WHERE t.bill_id = b.bill_id
                    AND CASE $4 WHEN 'owed' THEN true WHEN 'payable' THEN true
                        WHEN 'due' THEN p.source_kind = 'bill' WHEN 'paid' THEN p.source_kind <> 'bill'
                        WHEN 'provisional' THEN t.transfer_id IN (SELECT v.transfer_id
                            FROM transfer_provisional v WHERE v.bill_id = b.bill_id)
                        ELSE false END),
            'sources', (SELECT coalesce(json_agg(source), '[]') FROM (
                SELECT json_build_object('kind', 'order', 'description', '', 'source', '',
                    'amount', (CASE $4 WHEN 'payable' THEN -u.amount ELSE u.amount END)::text,
                    'link', json_build_array('payment', u.payment_id)) AS source
                FROM payment_underway u WHERE u.bill_id = b.bill_id AND $4 IN ('payable', 'underway')
                UNION ALL
                SELECT json_build_object('kind', 'document', 'description', coalesce(b.provider, ''),
                    'amount', b.due::text, 'source', concat_ws(' ', b.source_set, b.source_id),
                    'link', json_build_array('bill', b.bill_id))
                WHERE b.due = 0 AND $4 = 'due'
            ) AS found)
        ) FROM bill b WHERE b.bill_id = $3 AND b.member_id = $1) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
        figure,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// A step before the bill: its lines where they sum to it, else the document itself. Nothing where it is not stated.
pub(super) async fn stated(
    pool: &PgPool,
    permit: &Permit,
    id: BillId,
    column: &str,
) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH figure AS MATERIALIZED (
            SELECT b.bill_id, b.number, b.kind, b.provider, b.source_set, b.source_id, v.amount,
                (SELECT sum(CASE $4 WHEN 'billed' THEN l.billed WHEN 'discount' THEN l.discount
                        WHEN 'plan_paid' THEN l.plan_paid END)
                    FROM bill_line l WHERE l.bill_id = b.bill_id) AS lines
            FROM bill b CROSS JOIN LATERAL (VALUES (
                CASE $4 WHEN 'billed' THEN b.billed WHEN 'discount' THEN b.discount WHEN 'plan_paid' THEN b.plan_paid
                    WHEN 'paid_before' THEN b.paid_before END)) AS v (amount)
            WHERE b.bill_id = $3 AND b.member_id = $1 AND (v.amount IS NOT NULL OR b.billed IS NOT NULL)
        ), page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', f.bill_id, 'bill_number', f.number, 'bill_kind', f.kind),
            'sources', CASE WHEN f.lines = f.amount THEN (SELECT json_agg(json_build_object(
                    'kind', 'line', 'line_kind', l.kind, 'description', l.description, 'served_on', l.served_on,
                    'source', l.source,
                    'amount', (CASE $4 WHEN 'billed' THEN l.billed WHEN 'discount' THEN l.discount
                        WHEN 'plan_paid' THEN l.plan_paid END)::text,
                    'link', json_build_array('bill', f.bill_id)) ORDER BY l.line)
                FROM bill_line l WHERE l.bill_id = f.bill_id AND CASE $4 WHEN 'billed' THEN l.billed
                    WHEN 'discount' THEN l.discount WHEN 'plan_paid' THEN l.plan_paid END IS NOT NULL)
            ELSE json_build_array(json_build_object(
                'kind', 'document', 'description', coalesce(f.provider, ''),
                'source', concat_ws(' ', f.source_set, f.source_id), 'amount', coalesce(f.amount, 0.00)::text,
                'link', json_build_array('bill', f.bill_id))) END
        ) FROM figure f) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
        column,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// One amount of one line, a column of the row or a share it names.
pub(super) async fn line(
    pool: &PgPool,
    permit: &Permit,
    id: BillId,
    line: i16,
    column: &str,
    share: bool,
) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', b.bill_id, 'bill_number', b.number, 'bill_kind', b.kind,
                'line', l.description, 'line_kind', l.kind),
            'sources', json_build_array(json_build_object(
                'kind', 'line', 'line_kind', l.kind, 'description', l.description, 'served_on', l.served_on, 'source', l.source,
                'amount', v.amount::text, 'link', json_build_array('bill', b.bill_id)))
        ) FROM bill b JOIN bill_line l USING (bill_id) CROSS JOIN LATERAL (VALUES (
            CASE WHEN $6 THEN (l.detail ->> $5)::numeric(14, 2) ELSE CASE $5 WHEN 'owed' THEN l.owed
                WHEN 'billed' THEN l.billed WHEN 'discount' THEN l.discount WHEN 'plan_paid' THEN l.plan_paid END END
        )) AS v (amount)
        WHERE b.bill_id = $3 AND b.member_id = $1 AND l.line = $4 AND v.amount IS NOT NULL) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
        line,
        column,
        share,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// What a payment moved out of its payer's accounts, and what came of it; before that, the order.
pub(super) async fn payment(pool: &PgPool, permit: &Permit, id: PaymentId) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH paid AS MATERIALIZED (
            SELECT posting.posting_id FROM payment_attempt a
            JOIN posting ON posting.source_kind = 'attempt' AND posting.source_id = a.attempt_id
                AND posting.kind = 'payment'
            WHERE a.payment_id = $3 ORDER BY a.number DESC LIMIT 1
        ), page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', b.bill_id, 'bill_number', b.number, 'bill_kind', b.kind,
                'payment', p.payment_id),
            'rows', (SELECT trail_json(array_agg(t.transfer_id), array_agg(person.account_id), -1)
                FROM paid JOIN transfer t USING (posting_id)
                JOIN account person ON person.account_id = t.credit_account AND person.owner IS NOT NULL),
            'sources', CASE WHEN EXISTS (SELECT FROM paid) THEN '[]' ELSE json_build_array(json_build_object(
                'kind', 'order', 'description', '', 'source', '', 'amount', p.amount::text,
                'link', json_build_array('payment', p.payment_id))) END,
            'later', (SELECT trail_json(array_agg(t.transfer_id), array_agg(NULL::bigint))
                FROM payment_attempt a
                JOIN posting o ON o.source_kind = 'attempt' AND o.source_id = a.attempt_id AND o.kind <> 'payment'
                JOIN transfer t ON t.posting_id = o.posting_id
                WHERE a.payment_id = p.payment_id)
        ) FROM payment p JOIN bill b USING (bill_id) WHERE p.payment_id = $3 AND p.payer = $1) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// What is owed on a payment's bill, less the order where it has not been sent.
pub(super) async fn after(pool: &PgPool, permit: &Permit, id: PaymentId) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', b.bill_id, 'bill_number', b.number, 'bill_kind', b.kind,
                'payment', p.payment_id),
            'rows', (SELECT trail_json(array_agg(t.transfer_id), array_agg(a.account_id))
                FROM transfer t
                JOIN account a ON a.account_id = b.receivable AND a.account_id IN (t.debit_account, t.credit_account)
                WHERE t.bill_id = b.bill_id),
            'sources', CASE WHEN p.state = 'created' THEN json_build_array(json_build_object(
                'kind', 'order', 'description', '', 'source', '', 'amount', (-least(p.amount, b.due - b.applied))::text,
                'link', json_build_array('payment', p.payment_id))) ELSE '[]' END
        ) FROM payment_standing p JOIN bill b USING (bill_id)
        WHERE p.payment_id = $3 AND p.payer = $1) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// A figure as its receipt cites it: transfers (their amounts, or what they did to persons' accounts), an account up to
/// a version, or a source by name.
pub(super) async fn receipt(
    pool: &PgPool,
    permit: &Permit,
    id: PaymentId,
    figure: &str,
) -> Result<(About, Parts), Error> {
    let page = sqlx::query!(
        r#"
        WITH page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'about', json_build_object('bill', b.bill_id, 'bill_number', b.number, 'bill_kind', b.kind,
                'payment', p.payment_id),
            'rows', (SELECT trail_json(array_agg(cited.transfer_id), array_agg(cited.account_id)) FROM (
                SELECT t.transfer_id, NULL::bigint AS account_id
                FROM unnest(f.transfers) AS t (transfer_id) WHERE f.measure = 'amounts'
                UNION ALL
                SELECT t.transfer_id, a.account_id
                FROM unnest(f.transfers) AS cited (transfer_id) JOIN transfer t USING (transfer_id)
                CROSS JOIN LATERAL (VALUES (t.debit_account), (t.credit_account)) AS side (account_id)
                JOIN account a USING (account_id)
                WHERE f.measure = 'balance' AND a.owner IS NOT NULL
                UNION ALL
                -- From 1000 on: the indexes of persons' accounts.
                (SELECT side.transfer_id, f.account_id FROM (
                    SELECT transfer_id FROM transfer WHERE debit_account = f.account_id AND debit_account >= 1000
                    UNION ALL
                    SELECT transfer_id FROM transfer WHERE credit_account = f.account_id AND credit_account >= 1000
                ) side ORDER BY side.transfer_id LIMIT f.account_version)
            ) AS cited),
            'sources', CASE WHEN f.source IS NULL THEN '[]' ELSE json_build_array(json_build_object(
                'kind', 'document', 'description', '', 'source', f.source, 'amount', f.amount::text)) END
        ) FROM payment p JOIN bill b USING (bill_id) JOIN receipt r USING (payment_id)
        JOIN cited_figure f ON f.document_kind = 'receipt' AND f.document_id = r.receipt_number AND f.figure = $4
        WHERE p.payment_id = $3 AND p.payer = $1) AS rows)
        SELECT rows AS "rows: Json<Read>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
        figure,
    )
    .fetch_one(pool)
    .await?;
    both(permit, page.rows)
}

/// What the payments of a range that count took out of their payer's accounts.
pub(super) async fn history(
    pool: &PgPool,
    permit: &Permit,
    filter: &HistoryFilter,
    zone: &str,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<Parts, Error> {
    let page = sqlx::query!(
        r#"
        SELECT json_build_object('rows', trail_json(array_agg(t.transfer_id), array_agg(a.account_id), -1))
            AS "rows: Json<Parts>", saw($2, true) AS seen
        FROM payment_history($1, $7, $8) h
        JOIN posting ON posting.source_kind = 'attempt' AND posting.source_id = (h.payment).attempt_id
            AND posting.kind = 'payment'
        JOIN transfer t USING (posting_id)
        JOIN account a ON a.account_id = t.credit_account AND a.owner IS NOT NULL
        WHERE (h.payment).counts
            AND ($3::text IS NULL OR h.bill_kind = $3)
            AND ($4::date IS NULL OR ((h.payment).received_at AT TIME ZONE $6)::date >= $4)
            AND ($5::date IS NULL OR ((h.payment).received_at AT TIME ZONE $6)::date <= $5)
        "#,
        permit.subject()?.0,
        permit.row(),
        filter.kind.map(BillKind::word),
        filter.from,
        filter.to,
        zone,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

fn both(permit: &Permit, rows: Option<Json<Read>>) -> Result<(About, Parts), Error> {
    let Read { about, rows, sources, later } = found(permit, rows)?;
    Ok((about, Parts { rows, sources, later }))
}

fn found<T: DeserializeOwned>(permit: &Permit, rows: Option<Json<T>>) -> Result<T, Error> {
    permit.seen(rows).map(|Json(rows)| rows)
}
