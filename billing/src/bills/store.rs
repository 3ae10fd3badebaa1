//! Pages of bills and payments: one statement each, the access row included.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{PgPool, types::Json};

use super::{Bill, BillFilter, BillKind, BillLine, BilledTo, CoveredPerson, PaymentLine, Stated};
use crate::{
    access::Permit, error::Error, ids::BillId, money::Money, payments::HistoryFilter, rules::RegionRows,
};

#[derive(Debug, Deserialize)]
pub(super) struct OverviewRows {
    pub(super) given_name: String,
    /// Owed, or covered by payments that are not final, soonest due first.
    pub(super) bills: Vec<Bill>,
    /// Those that are not final or may yet bring money, and the latest others since the instant asked for, latest
    /// first.
    pub(super) payments: Vec<PaymentLine>,
    pub(super) credits: Vec<(BillKind, Money)>,
    /// The regions of the open bills.
    pub(super) regions: Vec<RegionRows>,
}

pub(super) async fn overview(
    pool: &PgPool,
    permit: &Permit,
    since: DateTime<Utc>,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<OverviewRows, Error> {
    let page = sqlx::query!(
        r#"
        SELECT (SELECT json_build_object(
            'given_name', m.given_name,
            'bills', (SELECT coalesce(json_agg(bill_json(b) ORDER BY b.due_on, b.bill_id), '[]')
                FROM bill_standing b
                WHERE b.member_id = m.member_id AND (b.applied < b.due OR b.provisional > 0)),
            'payments', (SELECT coalesce(json_agg(payment_json(p) ORDER BY p.received_at DESC, p.payment_id DESC), '[]')
                FROM payment_standing p
                WHERE p.payer = m.member_id AND NOT p.surplus AND CASE
                    WHEN p.posted_at IS NOT NULL THEN p.received_at >= $3 OR p.state = 'processing'
                    ELSE EXISTS (SELECT FROM payment_underway u WHERE u.payment_id = p.payment_id) END),
            'credits', (SELECT coalesce(json_agg(json_build_array(kind, owed::text) ORDER BY kind), '[]')
                FROM (
                    SELECT split_part(kind, '_', 1) AS kind, -sum(balance) AS owed FROM account
                    WHERE owner = m.member_id AND kind IN ('premium_credit', 'medical_credit', 'pharmacy_credit')
                    GROUP BY 1 HAVING sum(balance) < 0
                ) credit),
            'regions', (SELECT coalesce(json_agg(region_json(region, $4, ($5 AT TIME ZONE time_zone)::date)), '[]')
                FROM region
                WHERE region IN (SELECT b.region FROM bill b WHERE b.member_id = m.member_id AND b.applied < b.due))
        ) FROM member m WHERE m.member_id = $1) AS "rows: Json<OverviewRows>", saw($2, true) AS seen
        "#,
        permit.subject()?.0,
        permit.row(),
        since,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

/// Bills after the filter's cursor, newest first, one more than `limit` where there are more.
pub(super) async fn bills(
    pool: &PgPool,
    permit: &Permit,
    filter: &BillFilter,
    limit: i64,
) -> Result<Vec<Bill>, Error> {
    let page = sqlx::query!(
        r#"
        SELECT (SELECT coalesce(json_agg(bill_json(page.b) ORDER BY issued_on DESC, bill_id DESC), '[]')
            FROM (
                SELECT b, issued_on, bill_id FROM bill_standing b
                WHERE b.member_id = $1
                    AND ($3::text IS NULL OR b.kind = $3)
                    AND ($4::boolean IS NULL OR (b.applied < b.due) = $4)
                    AND ($5::uuid IS NULL OR (b.issued_on, b.bill_id) <
                        (SELECT issued_on, bill_id FROM bill WHERE bill_id = $5 AND member_id = $1))
                ORDER BY b.issued_on DESC, b.bill_id DESC LIMIT $6::bigint + 1
            ) page
        ) AS "rows: Json<Vec<Bill>>", saw($2, true) AS seen
        "#,
        permit.subject()?.0,
        permit.row(),
        filter.kind.map(BillKind::word),
        filter.open,
        filter.after.map(|id| id.0),
        limit,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

#[derive(Debug, Deserialize)]
pub(super) struct BillRows {
    pub(super) member: BilledTo,
    pub(super) bill: Bill,
    pub(super) stated: Stated,
    pub(super) lines: Vec<BillLine>,
    pub(super) people: Vec<CoveredPerson>,
    pub(super) payments: Vec<PaymentLine>,
    pub(super) region: RegionRows,
}

pub(super) async fn bill(
    pool: &PgPool,
    permit: &Permit,
    id: BillId,
    profile: &str,
    now: DateTime<Utc>,
) -> Result<BillRows, Error> {
    let page = sqlx::query!(
        r#"
        WITH page AS MATERIALIZED (SELECT (SELECT json_build_object(
            'member', json_build_object('name', concat_ws(' ', m.given_name, m.family_name), 'mrn', m.mrn),
            'bill', bill_json(b),
            'stated', json_build_object('billed', b.billed::text, 'discount', b.discount::text,
                'plan_paid', b.plan_paid::text, 'paid_before', b.paid_before::text),
            'lines', (SELECT coalesce(json_agg(json_build_object(
                    'line', line, 'kind', l.kind, 'description', description, 'person', person, 'served_on', served_on,
                    'quantity', quantity, 'billed', l.billed::text, 'discount', l.discount::text,
                    'plan_paid', l.plan_paid::text, 'owed', owed::text, 'source', source,
                    'shares', (SELECT coalesce(json_agg(json_build_array(key, value::numeric(14, 2)::text)
                            ORDER BY array_position(ARRAY['deductible', 'copay', 'coinsurance'], key)), '[]')
                        FROM jsonb_each_text(detail) WHERE key IN ('deductible', 'copay', 'coinsurance'))
                ) ORDER BY line), '[]') FROM bill_line l WHERE l.bill_id = b.bill_id),
            'people', (SELECT coalesce(json_agg(json_build_object(
                    'name', concat_ws(' ', given_name, family_name), 'relation', relation) ORDER BY line), '[]')
                FROM bill_person r WHERE r.bill_id = b.bill_id),
            'payments', (SELECT coalesce(json_agg(payment_json(p) ORDER BY p.received_at DESC, p.payment_id DESC), '[]')
                FROM payment_standing p WHERE p.bill_id = b.bill_id AND p.payer = b.member_id AND p.shown),
            'region', region_json(b.region, $4, ($5 AT TIME ZONE b.time_zone)::date)
        ) FROM bill_standing b JOIN member m USING (member_id) WHERE b.bill_id = $3 AND b.member_id = $1) AS rows)
        SELECT rows AS "rows: Json<BillRows>", saw($2, rows IS NOT NULL) AS seen FROM page
        "#,
        permit.subject()?.0,
        permit.row(),
        id.0,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

#[derive(Debug, Deserialize)]
pub(super) struct HistoryRows {
    pub(super) payments: Vec<PaymentLine>,
    pub(super) total: Money,
    /// The regions of this person's premiums, with what their history holds there.
    pub(super) premiums: Vec<PremiumRows>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PremiumRows {
    /// Whether premium payments are shown at all; then from when on, and of which channels. `None` is no limit.
    pub(super) open: bool,
    pub(super) since: Option<NaiveDate>,
    pub(super) channels: Option<Vec<String>>,
    pub(super) region: RegionRows,
}

/// Payments after the filter's cursor, latest first, one more than `limit` where there are more; the total is of all.
pub(super) async fn payments(
    pool: &PgPool,
    permit: &Permit,
    filter: &HistoryFilter,
    zone: &str,
    profile: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<HistoryRows, Error> {
    let page = sqlx::query!(
        r#"
        WITH mine AS (
            SELECT payment AS p, (payment).received_at, (payment).payment_id, (payment).amount, (payment).counts
            FROM payment_history($1, $9, $10)
            WHERE ($3::text IS NULL OR bill_kind = $3)
                AND ($4::date IS NULL OR ((payment).received_at AT TIME ZONE $6)::date >= $4)
                AND ($5::date IS NULL OR ((payment).received_at AT TIME ZONE $6)::date <= $5)
        )
        SELECT json_build_object(
            'payments', (SELECT coalesce(json_agg(payment_json(page.p) ORDER BY received_at DESC, payment_id DESC), '[]')
                FROM (
                    SELECT * FROM mine
                    WHERE $7::uuid IS NULL OR (received_at, payment_id) <
                        (SELECT received_at, payment_id FROM payment_standing WHERE payment_id = $7 AND payer = $1)
                    ORDER BY received_at DESC, payment_id DESC LIMIT $8::bigint + 1
                ) page),
            'total', (SELECT coalesce(sum(amount) FILTER (WHERE counts), 0.00)::text FROM mine),
            'premiums', (SELECT coalesce(json_agg(json_build_object('open', open, 'since', since, 'channels', channels,
                    'region', region_json(region, $9, today)) ORDER BY region), '[]')
                FROM history_premium($1, $9, $10))
        ) AS "rows: Json<HistoryRows>", saw($2, true) AS seen
        "#,
        permit.subject()?.0,
        permit.row(),
        filter.kind.map(BillKind::word),
        filter.from,
        filter.to,
        zone,
        filter.after.map(|id| id.0),
        limit,
        profile,
        now,
    )
    .fetch_one(pool)
    .await?;
    found(permit, page.rows)
}

fn found<T: DeserializeOwned>(permit: &Permit, rows: Option<Json<T>>) -> Result<T, Error> {
    permit.seen(rows).map(|Json(rows)| rows)
}
