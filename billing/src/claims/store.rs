//! Claims data in the database. Everything here takes a whole file at once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::{PgTransaction, types::Json};
use uuid::Uuid;

use super::{
    Claim, ClaimLine, Eob, Patient, Placed,
    load::{CLAIM, Load, source_id},
};
use crate::{
    bills::BillKind,
    ids::{BillId, MemberId},
    ledger::{Account, Kind, receivable_kind},
    money::Money,
};

type Done = Result<(), sqlx::Error>;

pub(super) struct KnownMember {
    pub(super) member_id: MemberId,
    pub(super) region: String,
    pub(super) birth_on: Option<NaiveDate>,
}

pub(super) struct NewMember {
    pub(super) member_id: MemberId,
    pub(super) mrn: String,
    /// `None`: a placeholder.
    pub(super) patient: Option<Patient>,
    pub(super) email: Option<String>,
    pub(super) source_id: String,
}

pub(super) struct KnownBill {
    pub(super) member_id: MemberId,
    pub(super) due: Money,
}

pub(super) struct NewBill<'f> {
    pub(super) bill_id: BillId,
    pub(super) member_id: MemberId,
    pub(super) region: String,
    pub(super) source_id: String,
    pub(super) patient_id: String,
    pub(super) claim_id: Option<String>,
    pub(super) due: Money,
    pub(super) eob: &'f Placed<Eob>,
}

pub(super) struct NewLine {
    pub(super) bill_id: BillId,
    pub(super) line: i16,
    pub(super) description: String,
    pub(super) served_on: Option<NaiveDate>,
    pub(super) quantity: Option<String>,
    pub(super) billed: Option<Money>,
    pub(super) discount: Option<Money>,
    pub(super) plan_paid: Option<Money>,
    pub(super) owed: Money,
    pub(super) detail: BTreeMap<String, Money>,
    pub(super) source: String,
}

/// A bill and the claim its explanation names, of the same patient.
pub(super) struct BillOfClaim {
    pub(super) bill_id: BillId,
    pub(super) claim_id: String,
    pub(super) sequences: Vec<String>,
    pub(super) lines: Vec<ClaimLine>,
    pub(super) last_line: i16,
    pub(super) sources: Vec<String>,
}

pub(super) async fn lock(tx: &mut PgTransaction<'_>) -> Done {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('portal load fhir'))")
        .execute(&mut **tx)
        .await
        .map(drop)
}

pub(super) async fn region_exists(tx: &mut PgTransaction<'_>, region: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM region WHERE region = $1) AS "exists!""#, region)
        .fetch_one(&mut **tx)
        .await
}

pub(super) async fn members(
    tx: &mut PgTransaction<'_>,
    set: &str,
    ids: &[String],
) -> Result<BTreeMap<String, KnownMember>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT source_id AS "source_id!", member_id AS "member_id: MemberId", region, birth_on
           FROM member WHERE source_set = $1 AND source_id = ANY($2)"#,
        set,
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let member = |member_id, region, birth_on| KnownMember { member_id, region, birth_on };
    let rows = rows.into_iter();
    Ok(rows.map(|row| (row.source_id, member(row.member_id, row.region, row.birth_on))).collect())
}

pub(super) async fn used_mrns(
    tx: &mut PgTransaction<'_>,
    mrns: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!("SELECT mrn FROM member WHERE mrn = ANY($1)", mrns).fetch_all(&mut **tx).await
}

/// The columns of patients, as arrays.
#[derive(Default)]
struct People {
    ids: Vec<Uuid>,
    mrns: Vec<String>,
    given_names: Vec<String>,
    family_names: Vec<String>,
    births: Vec<Option<NaiveDate>>,
    emails: Vec<Option<String>>,
    phones: Vec<Option<String>>,
    languages: Vec<Option<String>>,
    placeholders: Vec<bool>,
    source_ids: Vec<String>,
}

impl People {
    fn of(members: &[NewMember]) -> Self {
        let mut people = Self::default();
        for member in members {
            let patient = member.patient.as_ref();
            people.ids.push(member.member_id.0);
            people.mrns.push(member.mrn.clone());
            people.given_names.push(patient.map_or_else(String::new, |p| p.given_name.clone()));
            people.family_names.push(patient.map_or_else(String::new, |p| p.family_name.clone()));
            people.births.push(patient.and_then(|p| p.birth_on));
            people.emails.push(member.email.clone());
            people.phones.push(patient.and_then(|p| p.phone.clone()));
            people.languages.push(patient.and_then(|p| p.language.clone()));
            people.placeholders.push(patient.is_none());
            people.source_ids.push(member.source_id.clone());
        }
        people
    }
}

pub(super) async fn add_members(tx: &mut PgTransaction<'_>, load: &Load, members: &[NewMember]) -> Done {
    if members.is_empty() {
        return Ok(());
    }
    let people = People::of(members);
    sqlx::query!(
        "INSERT INTO member (member_id, mrn, given_name, family_name, birth_on, region, email, phone, language,
                             placeholder, source_set, source_id, created_at)
         SELECT new.member_id, mrn, given_name, family_name, birth_on, $11,
                CASE WHEN NOT EXISTS (SELECT FROM member m WHERE lower(m.email) = lower(new.email)) THEN new.email END,
                phone, coalesce(language, 'en'), placeholder, $12, source_id, $13
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[],
                     $9::bool[], $10::text[])
              AS new (member_id, mrn, given_name, family_name, birth_on, email, phone, language, placeholder, source_id)",
        &people.ids,
        &people.mrns,
        &people.given_names,
        &people.family_names,
        &people.births as &[Option<NaiveDate>],
        &people.emails as &[Option<String>],
        &people.phones as &[Option<String>],
        &people.languages as &[Option<String>],
        &people.placeholders,
        &people.source_ids,
        load.region,
        load.set,
        load.at,
    )
    .execute(&mut **tx)
    .await?;
    record(tx, load, "member", &people.ids, &people.ids).await
}

/// Gives members what their own record says. Contacts and language, once there, are the member's to change.
pub(super) async fn complete_members(tx: &mut PgTransaction<'_>, load: &Load, members: &[NewMember]) -> Done {
    if members.is_empty() {
        return Ok(());
    }
    let people = People::of(members);
    let changed = sqlx::query_scalar!(
        r#"UPDATE member m
           SET given_name = new.given_name, family_name = new.family_name, birth_on = coalesce(new.birth_on, m.birth_on),
               email = coalesce(m.email, CASE WHEN NOT EXISTS
                   (SELECT FROM member o WHERE lower(o.email) = lower(new.email)) THEN new.email END),
               phone = coalesce(m.phone, new.phone),
               language = CASE WHEN m.placeholder THEN coalesce(new.language, m.language) ELSE m.language END,
               placeholder = false
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[])
                AS new (member_id, given_name, family_name, birth_on, email, phone, language)
           WHERE m.member_id = new.member_id
             AND (m.placeholder OR (m.given_name, m.family_name, m.birth_on)
                  IS DISTINCT FROM (new.given_name, new.family_name, coalesce(new.birth_on, m.birth_on)))
           RETURNING m.member_id"#,
        &people.ids,
        &people.given_names,
        &people.family_names,
        &people.births as &[Option<NaiveDate>],
        &people.emails as &[Option<String>],
        &people.phones as &[Option<String>],
        &people.languages as &[Option<String>],
    )
    .fetch_all(&mut **tx)
    .await?;
    record(tx, load, "member", &changed, &changed).await
}

pub(super) async fn bills(
    tx: &mut PgTransaction<'_>,
    set: &str,
    ids: &[String],
) -> Result<BTreeMap<String, KnownBill>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT source_id, member_id AS "member_id: MemberId", due AS "due: Money"
           FROM bill WHERE source_set = $1 AND source_id = ANY($2)"#,
        set,
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let known = |member_id, due| KnownBill { member_id, due };
    Ok(rows.into_iter().map(|row| (row.source_id, known(row.member_id, row.due))).collect())
}

/// What members owe by kind, before this load.
pub(super) async fn owed(
    tx: &mut PgTransaction<'_>,
    members: impl Iterator<Item = MemberId>,
) -> Result<BTreeMap<(MemberId, BillKind), Money>, sqlx::Error> {
    let members: Vec<Uuid> = members.map(|member| member.0).collect();
    let rows = sqlx::query!(
        r#"SELECT owner AS "owner!: MemberId", kind, balance AS "balance!: Money" FROM account WHERE owner = ANY($1)"#,
        &members,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let kind = BillKind::ALL.into_iter().find(|kind| receivable_kind(*kind) == row.kind)?;
            Some(((row.owner, kind), row.balance))
        })
        .collect())
}

/// Bills, what they were read from, and their charges. A bill is issued the day it is made, in its region: it cannot be
/// late before anybody could know of it.
pub(super) async fn add_bills(tx: &mut PgTransaction<'_>, load: &Load, bills: &[NewBill<'_>]) -> Done {
    if bills.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = bills.iter().map(|bill| bill.bill_id.0).collect();
    let owners: Vec<Uuid> = bills.iter().map(|bill| bill.member_id.0).collect();
    insert_bills(tx, load, bills, &ids, &owners).await?;

    let patients: Vec<String> = bills.iter().map(|bill| bill.patient_id.clone()).collect();
    let claims: Vec<Option<String>> = bills.iter().map(|bill| bill.claim_id.clone()).collect();
    let sequences: Vec<Json<Vec<&str>>> = bills
        .iter()
        .map(|bill| {
            Json(bill.eob.fact.lines.iter().flat_map(|l| l.sequences.iter().map(String::as_str)).collect())
        })
        .collect();
    let derived = |bill: &NewBill<'_>| bill.eob.fact.responsibility.clone();
    let methods: Vec<String> =
        bills.iter().map(|b| derived(b).map_or_else(String::new, |r| r.method.word().to_owned())).collect();
    let exact: Vec<String> =
        bills.iter().map(|b| derived(b).map_or_else(String::new, |r| r.exact.to_string())).collect();
    let stated: Vec<Json<BTreeMap<&str, String>>> = bills
        .iter()
        .map(|bill| {
            Json(bill.eob.fact.stated.iter().map(|(what, a)| (what.as_str(), a.to_string())).collect())
        })
        .collect();
    let places: Vec<i32> =
        bills.iter().map(|bill| i32::try_from(bill.eob.line).unwrap_or(i32::MAX)).collect();
    sqlx::query!(
        "INSERT INTO eob (bill_id, source_set, patient_id, claim_id, sequences, method, responsibility, stated, file, line)
         SELECT bill_id, $9, patient_id, claim_id, ARRAY(SELECT jsonb_array_elements_text(sequences)), method,
                responsibility, stated, $10, line
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::jsonb[], $8::int[])
              AS new (bill_id, patient_id, claim_id, sequences, method, responsibility, stated, line)",
        &ids,
        &patients,
        &claims as &[Option<String>],
        &sequences as &[Json<Vec<&str>>],
        &methods,
        &exact,
        &stated as &[Json<BTreeMap<&str, String>>],
        &places,
        load.set,
        load.file,
    )
    .execute(&mut **tx)
    .await?;

    charge(tx, load, &ids).await?;
    record(tx, load, "bill", &owners, &ids).await
}

async fn insert_bills(
    tx: &mut PgTransaction<'_>,
    load: &Load,
    bills: &[NewBill<'_>],
    ids: &[Uuid],
    owners: &[Uuid],
) -> Done {
    let kinds: Vec<String> = bills.iter().map(|bill| bill.eob.fact.kind.word().to_owned()).collect();
    let accounts: Vec<String> =
        bills.iter().map(|bill| receivable_kind(bill.eob.fact.kind).to_owned()).collect();
    let regions: Vec<String> = bills.iter().map(|bill| bill.region.clone()).collect();
    let first: Vec<Option<NaiveDate>> = bills.iter().map(|bill| bill.eob.fact.period.map(|p| p.0)).collect();
    let last: Vec<Option<NaiveDate>> = bills.iter().map(|bill| bill.eob.fact.period.map(|p| p.1)).collect();
    let providers: Vec<Option<String>> = bills.iter().map(|bill| bill.eob.fact.provider.clone()).collect();
    let step = |pick: fn(&super::Steps) -> Money| -> Vec<Option<Decimal>> {
        bills.iter().map(|bill| bill.eob.fact.steps.as_ref().map(|steps| pick(steps).decimal())).collect()
    };
    let (billed, discount) = (step(|s| s.billed), step(|s| s.discount));
    let (plan_paid, paid_before) = (step(|s| s.plan_paid), step(|s| s.paid_before));
    let due: Vec<Decimal> = bills.iter().map(|bill| bill.due.decimal()).collect();
    let source_ids: Vec<String> = bills.iter().map(|bill| bill.source_id.clone()).collect();

    // Accounts first, each once: a function that opens one does not see what its own statement opened elsewhere.
    sqlx::query!(
        "SELECT person_account(owner, kind) FROM
         (SELECT DISTINCT owner, kind FROM unnest($1::uuid[], $2::text[]) AS new (owner, kind) ORDER BY owner, kind) one",
        owners,
        &accounts,
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO bill (bill_id, number, kind, member_id, region, receivable, issued_on, due_on, period, provider,
                           billed, discount, plan_paid, paid_before, due, source_set, source_id, created_at)
         SELECT new.bill_id, 'E' || lpad(nextval('eob_bill_number')::text, 9, '0'), new.kind, new.owner, new.region,
                a.account_id, day.today, day.today + coalesce(days.value, '30')::int,
                daterange(coalesce(new.first, day.today), coalesce(new.last, day.today), '[]'), new.provider,
                new.billed, new.discount, new.plan_paid, new.paid_before, new.due, $15, new.source_id, $16
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::date[], $8::text[],
                     $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::text[])
              WITH ORDINALITY AS new (bill_id, kind, owner, region, account, first, last, provider, billed, discount,
                                      plan_paid, paid_before, due, source_id, n)
         JOIN account a ON a.owner = new.owner AND a.kind = new.account AND a.billing_unit_id IS NULL
         JOIN region r ON r.region = new.region
         CROSS JOIN LATERAL (SELECT ($16::timestamptz AT TIME ZONE r.time_zone)::date AS today) day
         LEFT JOIN LATERAL (
             SELECT value FROM rule
             WHERE rule = 'bill_due_days' AND status = 'active' AND valid @> day.today AND state IS NULL
               AND (rule.region IS NULL OR rule.region = new.region)
               AND (rule.bill_kind IS NULL OR rule.bill_kind = new.kind)
             ORDER BY rule.region NULLS LAST, rule.bill_kind NULLS LAST LIMIT 1
         ) days ON true
         ORDER BY new.n",
        ids,
        &kinds,
        owners,
        &regions,
        &accounts,
        &first as &[Option<NaiveDate>],
        &last as &[Option<NaiveDate>],
        &providers as &[Option<String>],
        &billed as &[Option<Decimal>],
        &discount as &[Option<Decimal>],
        &plan_paid as &[Option<Decimal>],
        &paid_before as &[Option<Decimal>],
        &due,
        &source_ids,
        load.set,
        load.at,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Posts what the bills ask for; one that owes nothing posts nothing. In the order of the accounts, as everywhere.
async fn charge(tx: &mut PgTransaction<'_>, load: &Load, bills: &[Uuid]) -> Done {
    sqlx::query!(
        "SELECT ledger_post($2, $3, bill_id, issued_on, $4, $5, $6,
                            ARRAY[receivable], ARRAY[CASE kind WHEN 'pharmacy' THEN $7::bigint ELSE $8::bigint END],
                            ARRAY[due], ARRAY[bill_id])
         FROM (SELECT * FROM bill WHERE bill_id = ANY($1) AND due > 0 ORDER BY receivable, bill_id) new",
        bills,
        Kind::Charge.word(),
        Kind::Charge.source_kind(),
        load.at,
        load.job,
        format!("read from {}", load.set),
        Account::PharmacyRevenue.id(),
        Account::MedicalRevenue.id(),
    )
    .fetch_all(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn add_lines(tx: &mut PgTransaction<'_>, lines: &[NewLine]) -> Done {
    if lines.is_empty() {
        return Ok(());
    }
    let decimal = |amount: Option<Money>| amount.map(Money::decimal);
    let bills: Vec<Uuid> = lines.iter().map(|line| line.bill_id.0).collect();
    let numbers: Vec<i16> = lines.iter().map(|line| line.line).collect();
    let descriptions: Vec<String> = lines.iter().map(|line| line.description.clone()).collect();
    let served: Vec<Option<NaiveDate>> = lines.iter().map(|line| line.served_on).collect();
    let quantities: Vec<Option<String>> = lines.iter().map(|line| line.quantity.clone()).collect();
    let billed: Vec<Option<Decimal>> = lines.iter().map(|line| decimal(line.billed)).collect();
    let discounts: Vec<Option<Decimal>> = lines.iter().map(|line| decimal(line.discount)).collect();
    let plan_paid: Vec<Option<Decimal>> = lines.iter().map(|line| decimal(line.plan_paid)).collect();
    let owed: Vec<Decimal> = lines.iter().map(|line| line.owed.decimal()).collect();
    let details: Vec<Json<&BTreeMap<String, Money>>> = lines.iter().map(|line| Json(&line.detail)).collect();
    let sources: Vec<String> = lines.iter().map(|line| line.source.clone()).collect();
    sqlx::query!(
        "INSERT INTO bill_line (bill_id, line, kind, description, served_on, quantity, billed, discount, plan_paid,
                                owed, detail, source)
         SELECT bill_id, line, 'service', description, served_on, quantity, billed, discount, plan_paid, owed, detail,
                source
         FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::date[], $5::text[], $6::numeric[], $7::numeric[],
                     $8::numeric[], $9::numeric[], $10::jsonb[], $11::text[])
              AS new (bill_id, line, description, served_on, quantity, billed, discount, plan_paid, owed, detail, source)",
        &bills,
        &numbers,
        &descriptions,
        &served as &[Option<NaiveDate>],
        &quantities as &[Option<String>],
        &billed as &[Option<Decimal>],
        &discounts as &[Option<Decimal>],
        &plan_paid as &[Option<Decimal>],
        &owed,
        &details as &[Json<&BTreeMap<String, Money>>],
        &sources,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn keep_claims(tx: &mut PgTransaction<'_>, load: &Load, claims: &[Placed<Claim>]) -> Done {
    if claims.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = claims.iter().map(|claim| source_id(CLAIM, &claim.identity)).collect();
    let patients: Vec<String> =
        claims.iter().map(|claim| source_id("Patient", &claim.fact.patient)).collect();
    let lines: Vec<Json<&[ClaimLine]>> =
        claims.iter().map(|claim| Json(claim.fact.lines.as_slice())).collect();
    let places: Vec<i32> = claims.iter().map(|claim| i32::try_from(claim.line).unwrap_or(i32::MAX)).collect();
    sqlx::query!(
        "INSERT INTO claim (source_set, source_id, patient_id, lines, file, line)
         SELECT $5, source_id, patient_id, lines, $6, line
         FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::int[]) AS new (source_id, patient_id, lines, line)
         ON CONFLICT (source_set, source_id) DO UPDATE
         SET patient_id = excluded.patient_id, lines = excluded.lines, file = excluded.file, line = excluded.line
         WHERE (claim.patient_id, claim.lines) IS DISTINCT FROM (excluded.patient_id, excluded.lines)",
        &ids,
        &patients,
        &lines as &[Json<&[ClaimLine]>],
        &places,
        load.set,
        load.file,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Bills whose explanation names one of these claims, where both are of the same patient.
pub(super) async fn bills_of_claims(
    tx: &mut PgTransaction<'_>,
    set: &str,
    claims: &[String],
) -> Result<Vec<BillOfClaim>, sqlx::Error> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"SELECT e.bill_id AS "bill_id: BillId", e.sequences, c.source_id, c.lines AS "lines: Json<Vec<ClaimLine>>",
                  now.last_line AS "last_line!", now.sources AS "sources!"
           FROM eob e
           JOIN claim c ON c.source_set = e.source_set AND c.source_id = e.claim_id AND c.patient_id = e.patient_id
           CROSS JOIN LATERAL (
               SELECT coalesce(max(line), 0)::smallint AS last_line, coalesce(array_agg(source), '{}') AS sources
               FROM bill_line WHERE bill_line.bill_id = e.bill_id
           ) now
           WHERE e.source_set = $1 AND e.claim_id = ANY($2)"#,
        set,
        claims,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| BillOfClaim {
            bill_id: row.bill_id,
            claim_id: row.source_id,
            sequences: row.sequences,
            lines: row.lines.0,
            last_line: row.last_line,
            sources: row.sources,
        })
        .collect())
}

/// An access row for each thing made or changed: a load changes health and money data.
async fn record(
    tx: &mut PgTransaction<'_>,
    load: &Load,
    kind: &str,
    subjects: &[Uuid],
    objects: &[Uuid],
) -> Done {
    sqlx::query!(
        "SELECT leave_access($3, NULL, subject, $6, $4, object::text, true, $5, $7, NULL)
         FROM unnest($1::uuid[], $2::uuid[]) AS new (subject, object)",
        subjects,
        objects,
        load.permit.who().actor.kind(),
        kind,
        load.job,
        load.permit.action().word(),
        load.permit.who().channel,
    )
    .fetch_all(&mut **tx)
    .await
    .map(drop)
}
