//! Claims files in the plan: once each, in any order, to the cent.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use billing::{claims::Report, error::Error, money::Money, testing::TestPlan};
use rust_decimal::{Decimal, RoundingStrategy};
use sqlx::PgPool;

const BUNDLE: &str = include_str!("../fixtures/fhir/bundle.json");
const PHARMACY: &str = include_str!("../fixtures/fhir/pharmacy.ndjson");
const TOTAL: &str = include_str!("../fixtures/fhir/total.json");
const NOTHING_OWED: &str = include_str!("../fixtures/fhir/nothing_owed.json");

/// A plan into which files are loaded; the clock stands after the last of their dates.
struct Plan(TestPlan);

impl Plan {
    async fn new(pool: PgPool) -> Self {
        let plan = TestPlan::new(pool).await;
        plan.is_at("2027-01-05T18:00:00Z");
        Self(plan)
    }

    async fn load(&self, file: &str, text: impl AsRef<[u8]>) -> Report {
        self.0.job().load_fhir(file, text, "NCA").await.unwrap()
    }

    async fn text(&self, sql: &'static str) -> String {
        let text: Option<String> = sqlx::query_scalar(sql).fetch_one(self.0.owner()).await.unwrap();
        text.unwrap_or_default()
    }

    async fn check(&self) {
        self.0.check().await;
        assert_eq!(self.0.charges(), 0, "a file led to the gateway");
    }
}

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_file_becomes_a_member_a_bill_and_a_charge(pool: PgPool) {
    let plan = Plan::new(pool).await;

    let report = plan.load("set/bundle.json", BUNDLE).await;

    assert_eq!((report.members, report.eobs, report.bills, report.new_bills), (1, 1, 1, 1));
    assert_eq!(report.patient_responsibility, money("30.01"));
    assert_eq!(report.refused, []);
    assert_eq!(
        plan.text(
            "SELECT concat_ws('|', given_name, family_name, birth_on, region, email, phone, language, placeholder,
                              source_set, source_id) FROM member"
        )
        .await,
        "Guadalupe Inés|Ferrer|1984-07-19|NCA|lupe.ferrer@example.org|555-0100|es|f|fhir:set|\
         Patient/0f9b2c0e-0000-4000-8000-000000000001"
    );
    assert_eq!(
        plan.text(
            "SELECT concat_ws('|', kind, issued_on, due_on, period, provider, billed, discount, plan_paid, paid_before,
                              due, applied, region, source_id) FROM bill"
        )
        .await,
        "medical|2027-01-05|2027-02-04|[2025-02-03,2025-02-05)|Cedar Street Clinic|150.60|0.11|120.48|0.00|30.01|0.00|\
         NCA|ExplanationOfBenefit/eob-4"
    );
    // The claim's third item is on no line of the explanation: it is added, and owes nothing by itself.
    assert_eq!(
        plan.text("SELECT string_agg(concat_ws('|', line, description, served_on, billed, owed, source), E'\\n' ORDER BY line) FROM bill_line").await,
        "1|Office visit|2025-02-03|100.10|20.01|fhir:set ExplanationOfBenefit/eob-4 item 1\n\
         2|Tetanus vaccine|2025-02-04|50.50|10.00|fhir:set ExplanationOfBenefit/eob-4 item 2\n\
         3|Wound dressing|2025-02-03|12.00|0.00|fhir:set Claim/claim-3 item 2"
    );
    assert_eq!(
        plan.text("SELECT detail::text FROM bill_line WHERE line = 1").await,
        r#"{"deductible": "0.00", "coinsurance": "20.01"}"#
    );
    assert_eq!(
        plan.text(
            "SELECT concat_ws('|', p.kind, p.source_kind, p.effective_on, t.amount, c.kind, a.kind, a.balance, a.version)
             FROM posting p JOIN transfer t USING (posting_id) JOIN account a ON a.account_id = t.debit_account
             JOIN account c ON c.account_id = t.credit_account JOIN bill b ON b.bill_id = t.bill_id AND b.receivable = a.account_id"
        )
        .await,
        "charge|bill|2027-01-05|30.01|medical_revenue|medical|30.01|1"
    );
    assert_eq!(
        plan.text("SELECT concat_ws('|', method, responsibility, stated ->> 'payment', file, line) FROM eob")
            .await,
        "shares|30.008000000000004|120.47999999999999|bundle.json|4"
    );
    assert_eq!(
        plan.text("SELECT string_agg(concat_ws('|', actor_kind, action, object_kind, channel, allowed), ' ' ORDER BY access_row_id) FROM access_row").await,
        "machine|work|claims|job|t machine|work|member|job|t machine|work|bill|job|t"
    );
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn loading_twice_says_the_same_and_changes_nothing(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let state = "SELECT concat((SELECT count(*) FROM member), ' ', (SELECT count(*) FROM bill), ' ',
                               (SELECT count(*) FROM bill_line), ' ', (SELECT count(*) FROM posting), ' ',
                               (SELECT count(*) FROM access_row WHERE object_kind <> 'claims'), ' ', (SELECT sum(balance) FROM account))";
    for (file, text) in [("set/a.json", BUNDLE), ("set/b.ndjson", PHARMACY), ("set/c.json", TOTAL)] {
        let first = plan.load(file, text).await;
        let before = plan.text(state).await;

        let second = plan.load(file, text).await;

        assert_eq!(first.new_bills, first.bills);
        assert_eq!(second, Report { new_bills: 0, ..first });
        assert_eq!(plan.text(state).await, before);
    }
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn nothing_owed_is_a_bill_that_posts_nothing(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let report = plan.load("set/free.json", NOTHING_OWED).await;
    assert_eq!((report.bills, report.new_bills), (1, 1));
    assert_eq!(plan.text("SELECT concat(count(*), ' ', sum(due)) FROM bill").await, "1 0.00");
    assert_eq!(plan.text("SELECT count(*)::text FROM posting").await, "0");
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_pharmacy_bill_is_charged_as_pharmacy(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("set/rx.ndjson", PHARMACY).await;
    assert_eq!(
        plan.text(
            "SELECT string_agg(concat_ws('|', c.kind, a.kind, amount), ' ') FROM transfer
             JOIN account a ON a.account_id = debit_account JOIN account c ON c.account_id = credit_account"
        )
        .await,
        "pharmacy_revenue|pharmacy|12.50"
    );
    plan.check().await;
}

/// The bundle's resources as lines of their own, by type.
fn parts() -> BTreeMap<String, String> {
    let bundle: serde_json::Value = serde_json::from_str(&BUNDLE.replace("1e400", "1")).unwrap();
    let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone());
    resources
        .filter(serde_json::Value::is_object)
        .map(|resource| {
            let kind = resource["resourceType"].as_str().unwrap().to_owned();
            // References between files go by id: a `fullUrl` is good inside its Bundle.
            let text = resource
                .to_string()
                .replace("urn:uuid:0f9b2c0e-0000-4000-8000-000000000003", "Claim/claim-3");
            (kind, text)
        })
        .collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn files_may_come_in_any_order(pool: PgPool) {
    let lines =
        "SELECT string_agg(concat_ws('|', line, description, owed), ' ' ORDER BY line) FROM bill_line";
    let parts = parts();
    let orders = [
        ["Patient", "ExplanationOfBenefit", "Claim"],
        ["Claim", "ExplanationOfBenefit", "Patient"],
        ["ExplanationOfBenefit", "Patient", "Claim"],
        ["ExplanationOfBenefit", "Claim", "Patient"],
        ["Claim", "Patient", "ExplanationOfBenefit"],
        ["Patient", "Claim", "ExplanationOfBenefit"],
    ];
    let plan = Plan::new(pool).await;
    for (n, order) in orders.iter().enumerate() {
        for kind in order {
            let report = plan.load(&format!("set{n}/{kind}.json"), &parts[*kind]).await;
            assert_eq!(report.refused, [], "{order:?}");
            assert_eq!(report.members, usize::from(*kind != "Claim"));
            assert_eq!(report.new_bills, usize::from(*kind == "ExplanationOfBenefit"));
        }
        let of_set = |sql: &str| {
            format!(
                "SELECT ({}) AS found",
                sql.replace("WHERE", &format!("WHERE source_set = 'fhir:set{n}' AND"))
            )
        };
        let member: String = sqlx::query_scalar(sqlx::AssertSqlSafe(of_set(
            "SELECT concat_ws('|', family_name, birth_on, language, placeholder) FROM member WHERE true",
        )))
        .fetch_one(plan.0.owner())
        .await
        .unwrap();
        assert_eq!(member, "Ferrer|1984-07-19|es|f", "{order:?}");
        let found: String = sqlx::query_scalar(sqlx::AssertSqlSafe(of_set(&format!(
            "{lines} JOIN bill USING (bill_id) WHERE true"
        ))))
        .fetch_one(plan.0.owner())
        .await
        .unwrap();
        assert_eq!(found, "1|Office visit|20.01 2|Tetanus vaccine|10.00 3|Wound dressing|0.00", "{order:?}");
    }
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn one_named_before_their_own_record_waits_as_a_placeholder(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("set/eob.json", &parts()["ExplanationOfBenefit"]).await;
    let before = plan.text("SELECT concat_ws('|', member_id, mrn) FROM member WHERE placeholder").await;
    assert!(!before.is_empty());

    plan.load("set/patient.json", &parts()["Patient"]).await;

    assert_eq!(
        plan.text("SELECT concat_ws('|', member_id, mrn) FROM member WHERE NOT placeholder").await,
        before
    );
}

/// Two sources in folders of one name, whose ids mean different people.
#[sqlx::test(migrations = "../migrations")]
async fn a_patient_of_another_birth_date_is_refused_with_their_bills(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("one/set/bundle.json", BUNDLE).await;
    let before = plan.text("SELECT string_agg(member::text, '|') FROM member").await;

    let other = BUNDLE.replace("1984-07-19", "1999-01-02").replace("Ferrer", "Beta");
    let report = plan.load("other/set/bundle.json", other).await;

    let reasons: Vec<_> = report.refused.iter().map(|refused| refused.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons[0].contains("another date of birth") && reasons[1] == "its patient is refused",
        "{reasons:?}"
    );
    assert_eq!(plan.text("SELECT string_agg(member::text, '|') FROM member").await, before);
    assert_eq!(plan.text("SELECT count(*)::text FROM bill").await, "1");
    plan.check().await;
}

/// Q3: a source writes what it likes, and a card number in it is nobody's to read.
#[sqlx::test(migrations = "../migrations")]
async fn a_card_number_in_a_file_is_not_kept(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let file = BUNDLE
        .replace("Cedar Street Clinic", "Cedar 4242 4242 4242 4242 Clinic")
        .replace("Ferrer", "4242424242424242")
        .replace("lupe.ferrer@example.org", "4242424242424242@example.org")
        .replace("Office visit", "4242.4242.4242.4242");
    assert!(plan.load("set/bundle.json", file).await.refused.is_empty());
    assert_eq!(
        plan.text(
            "SELECT concat_ws('|', provider, family_name, email) FROM bill JOIN member USING (member_id)"
        )
        .await,
        "Cedar •••• •••• •••• 4242 Clinic|••••••••••••4242"
    );
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_claim_of_another_patient_adds_nothing(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("set/eob.json", &parts()["ExplanationOfBenefit"]).await;
    let other =
        parts()["Claim"].replace("urn:uuid:0f9b2c0e-0000-4000-8000-000000000001", "Patient/somebody-else");
    let report = plan.load("set/claim.json", other).await;
    assert_eq!((report.members, report.new_bills), (0, 0));
    assert_eq!(plan.text("SELECT count(*)::text FROM bill_line").await, "2");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_bill_is_not_changed_by_another_load(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("set/free.json", NOTHING_OWED).await;

    let report = plan.load("set/free.json", NOTHING_OWED.replace("0.0", "9.5")).await;

    assert_eq!(report.new_bills, 0);
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.refused[0].line, 1);
    assert_eq!(plan.text("SELECT sum(due)::text FROM bill").await, "0.00");
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn more_than_the_ledger_holds_is_refused_and_the_rest_goes_in(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let giant = |id: &str| NOTHING_OWED.trim().replace("free-1", id).replace("0.0", "999999999999.99");
    let lines = [giant("a"), giant("b"), NOTHING_OWED.trim().to_owned()].join("\n");
    let report = plan.load("set/giants.ndjson", &lines).await;
    assert_eq!((report.bills, report.new_bills), (3, 2));
    assert_eq!(report.refused.iter().map(|refused| refused.line).collect::<Vec<_>>(), [2]);
    plan.check().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_same_id_from_another_source_is_somebody_else(pool: PgPool) {
    let plan = Plan::new(pool).await;
    plan.load("one/free.json", NOTHING_OWED).await;
    let report = plan.load("other/free.json", NOTHING_OWED).await;
    assert_eq!(report.new_bills, 1);
    assert_eq!(plan.text("SELECT concat(count(*), ' ', count(DISTINCT mrn)) FROM member").await, "2 2");
}

#[sqlx::test(migrations = "../migrations")]
async fn two_with_one_address_are_both_taken_in(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let patient = |id: &str| {
        format!(
            r#"{{"resourceType":"Patient","id":"{id}","telecom":[{{"system":"email","value":"Both@example.org"}}]}}"#
        )
    };
    plan.load("set/a.ndjson", format!("{}\n{}", patient("a"), patient("b"))).await;
    plan.load("set/b.json", patient("c").replace("Both", "both")).await;
    assert_eq!(plan.text("SELECT concat(count(*), ' ', count(email)) FROM member").await, "3 1");
}

#[sqlx::test(migrations = "../migrations")]
async fn names_and_descriptions_are_stored_as_they_are(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let names = [
        "'; DROP TABLE member; --",
        "=HYPERLINK(\"http://x\")",
        "<img src=x onerror=alert(1)>",
        "\\",
        "Ω≈ç√",
        "\u{200B}",
        "{}",
        "$1",
    ];
    let lines: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            serde_json::json!({"resourceType": "Patient", "id": format!("p{n}"), "name": [{"family": name}]})
                .to_string()
        })
        .collect();
    let report = plan.load("set/names.ndjson", lines.join("\n")).await;
    assert_eq!(report.refused, []);
    let stored: Vec<String> = sqlx::query_scalar("SELECT family_name FROM member ORDER BY source_id")
        .fetch_all(plan.0.owner())
        .await
        .unwrap();
    assert_eq!(stored, names);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_unknown_region_is_refused_before_anything_is_taken_in(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let refused = plan.0.job().load_fhir("set/bundle.json", BUNDLE, "ATLANTIS").await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert_eq!(plan.text("SELECT count(*)::text FROM member").await, "0");
}

#[sqlx::test(migrations = "../migrations")]
async fn two_loads_at_once_make_one_bill(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let (one, other) =
        tokio::join!(plan.load("set/bundle.json", BUNDLE), plan.load("set/bundle.json", BUNDLE));
    assert_eq!(one.new_bills + other.new_bills, 1);
    assert_eq!(
        plan.text("SELECT concat(count(*), ' ', (SELECT count(*) FROM posting)) FROM bill").await,
        "1 1"
    );
    plan.check().await;
}

/// Ids of the patients that stand in a file as themselves, at its top or in its bundle.
fn patients_in(bytes: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>() {
        let value = value.unwrap();
        let entries = value["entry"].as_array().cloned().unwrap_or_default();
        let inside = entries.into_iter().map(|mut entry| entry["resource"].take());
        let all = inside.chain([value]).filter(|it| it["resourceType"] == "Patient");
        found.extend(all.map(|patient| patient["id"].as_str().unwrap().to_owned()));
    }
    found
}

/// The id a reference names: `Patient/ID`, `urn:uuid:ID`.
fn id_in(reference: &str) -> String {
    reference.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

/// One patient comes as themselves, another is only named by an explanation: two members.
#[sqlx::test(migrations = "../migrations")]
async fn members_are_all_patients_that_a_file_names(pool: PgPool) {
    let plan = Plan::new(pool).await;
    let another = r#"{"resourceType":"Patient","id":"somebody-else","name":[{"family":"Else"}]}"#;
    let eob: serde_json::Value = serde_json::from_str(TOTAL).unwrap();
    assert_eq!(eob["resourceType"], "ExplanationOfBenefit");
    let report = plan.load("set/mixed.ndjson", format!("{another}\n{eob}\n{another}\n")).await;
    assert_eq!((report.members, report.bills, report.refused), (2, 1, Vec::new()));
}

/// 98 files nobody here wrote, against totals worked out independently. `PORTAL_SAMPLES` is the folder of samples.
#[sqlx::test(migrations = "../migrations")]
async fn every_sample_is_matched_to_the_cent(pool: PgPool) {
    let Some(folder) = std::env::var_os("PORTAL_SAMPLES").filter(|folder| !folder.is_empty()) else {
        println!("SKIPPED: 1 sample tests");
        return;
    };
    let folder = PathBuf::from(folder).join("fhir");
    let expected = std::fs::read_to_string(folder.join("expected.json")).expect("the samples are incomplete");
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let files = expected["files"].as_object().unwrap();
    assert_eq!(files.len(), 98, "the samples are incomplete");

    let plan = Plan::new(pool).await;
    let mut first = Vec::new();
    let mut asked: BTreeMap<(String, Option<String>), Vec<Decimal>> = BTreeMap::new();
    for (name, file) in files {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|_| panic!("the samples are incomplete: {name}"));
        let report = plan.load(path.to_str().unwrap(), &bytes).await;

        let rows = file["eob"]["rows"].as_array().cloned().unwrap_or_default();
        let empty = serde_json::Map::new();
        let patients = file["eob"]["patients"].as_object().unwrap_or(&empty);
        let cents: i64 = patients.values().filter_map(|p| p["patient_responsibility_cents"].as_i64()).sum();
        let derivable = rows.iter().filter(|row| row["patient_responsibility"].is_string()).count();
        let mut members = patients_in(&bytes);
        assert_eq!(
            u64::try_from(members.len()).ok(),
            file["resources"]["Patient"].as_u64().or(Some(0)),
            "{name}"
        );
        members.extend(patients.keys().map(|reference| id_in(reference)));
        assert_eq!(report.refused, [], "{name}");
        assert_eq!(
            report.eobs,
            usize::try_from(file["eob"]["count"].as_u64().unwrap_or(0)).unwrap(),
            "{name}"
        );
        assert_eq!(report.bills, derivable, "{name}");
        assert_eq!(report.not_derivable, report.eobs.checked_sub(derivable).unwrap(), "{name}");
        assert_eq!(report.members, members.len(), "{name}");
        assert_eq!(report.patient_responsibility, Money::from_cents(cents), "{name}");
        let set = format!("fhir:{}", name.split('/').next().unwrap());
        for row in rows {
            let Some(exact) = row["patient_responsibility"].as_str() else { continue };
            let exact: Decimal = exact.parse().unwrap();
            let due = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            // What has no id is known by a hash of its own: of those, the amounts are compared.
            let id = row["id"].as_str().map(str::to_owned);
            asked.entry((set.clone(), id)).or_default().push(due);
        }
        first.push((path, bytes, report));
    }
    plan.check().await;

    // Each bill asks for what its explanation says, however many files repeat it.
    let bills: Vec<(String, String, Decimal)> = sqlx::query_as("SELECT source_set, source_id, due FROM bill")
        .fetch_all(plan.0.owner())
        .await
        .unwrap();
    assert!(bills.len() > 200);
    let mut due: BTreeMap<(String, Option<String>), Vec<Decimal>> = BTreeMap::new();
    for (set, id, amount) in bills {
        let id = id.strip_prefix("ExplanationOfBenefit/").map(str::to_owned);
        let known = id.filter(|id| asked.contains_key(&(set.clone(), Some(id.clone()))));
        due.entry((set, known)).or_default().push(amount);
    }
    for ((_, id), amounts) in asked.iter_mut().chain(&mut due) {
        amounts.sort_unstable();
        if id.is_some() {
            amounts.dedup();
        }
    }
    assert_eq!(due, asked);
    let balances = plan.text("SELECT sum(balance)::text FROM account").await;
    let due = plan.text("SELECT sum(due)::text FROM bill").await;
    assert_eq!(balances, due);

    for (path, bytes, report) in first {
        let again = plan.load(path.to_str().unwrap(), &bytes).await;
        assert_eq!(again, Report { new_bills: 0, ..report });
    }
    assert_eq!(plan.text("SELECT sum(balance)::text FROM account").await, balances);

    // Names that break programs.
    let naughty =
        std::fs::read(folder.with_file_name("fuzz").join("blns.txt")).expect("the samples are incomplete");
    let naughty = String::from_utf8_lossy(&naughty).into_owned();
    let lines: Vec<String> = naughty
        .lines()
        .enumerate()
        .map(|(n, name)| {
            serde_json::json!({"resourceType": "Patient", "id": format!("p{n}"), "name": [{"family": name, "given": [name]}]})
                .to_string()
        })
        .collect();
    let report = plan.load("naughty/names.ndjson", lines.join("\n")).await;
    assert_eq!((report.members, report.refused), (lines.len(), Vec::new()));
    plan.check().await;
}
