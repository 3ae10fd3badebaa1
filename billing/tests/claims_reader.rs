//! The reader of claims files: every shape it takes, every way it refuses.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

use billing::{
    bills::BillKind,
    claims::{Facts, Identity, Method, Refused, read},
    money::Money,
};
use proptest::prelude::*;
use rstest::rstest;

const BUNDLE: &str = include_str!("fixtures/fhir/bundle.json");
const PHARMACY: &str = include_str!("fixtures/fhir/pharmacy.ndjson");
const TOTAL: &str = include_str!("fixtures/fhir/total.json");
const COVERAGE: &str = include_str!("fixtures/fhir/coverage.json");
const NOTHING_OWED: &str = include_str!("fixtures/fhir/nothing_owed.json");

fn facts(text: &str) -> Facts {
    read("file.json", text.as_bytes())
}

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

fn refused(text: &str) -> Vec<(usize, String)> {
    facts(text).refused.into_iter().map(|Refused { line, reason }| (line, reason)).collect()
}

/// A whole resource around what a test is about.
fn eob(inside: &str) -> String {
    format!(
        r#"{{"resourceType":"ExplanationOfBenefit","id":"e","status":"active","patient":{{"reference":"Patient/p"}},{inside}}}"#
    )
}

fn item(category: &str, value: &str) -> String {
    format!(
        r#"{{"adjudication":[{{"category":{{"coding":[{{"code":"{category}"}}]}},"amount":{{"value":{value},"currency":"USD"}}}}]}}"#
    )
}

#[test]
fn a_bundle_is_read_whole() {
    let facts = facts(BUNDLE);
    let report = facts.report("bundle.json");
    assert_eq!((report.members, report.eobs, report.bills, report.not_derivable), (1, 1, 1, 0));
    assert_eq!(report.refused, []);
    // 20.004000000000003 + 10.004000000000001: rounded first, they would make 30.00.
    assert_eq!(report.patient_responsibility, money("30.01"));

    let patient = &facts.patients[0].fact;
    assert_eq!((patient.given_name.as_str(), patient.family_name.as_str()), ("Guadalupe Inés", "Ferrer"));
    assert_eq!(patient.birth_on.unwrap().to_string(), "1984-07-19");
    assert_eq!(patient.language.as_deref(), Some("es"));
    assert_eq!(patient.email.as_deref(), Some("lupe.ferrer@example.org"));
    assert_eq!(patient.phone.as_deref(), Some("555-0100"));

    let eob = &facts.eobs[0].fact;
    assert_eq!(eob.kind, BillKind::Medical);
    assert_eq!(eob.provider.as_deref(), Some("Cedar Street Clinic"));
    assert_eq!(eob.patient, facts.patients[0].identity);
    assert_eq!(eob.claim, Some(Identity::Id("claim-3".to_owned())));
    let (first, last) = eob.period.unwrap();
    assert_eq!((first.to_string(), last.to_string()), ("2025-02-03".to_owned(), "2025-02-04".to_owned()));

    let steps = eob.steps.unwrap();
    assert_eq!((steps.billed, steps.plan_paid), (money("150.60"), money("120.48")));
    assert_eq!((steps.discount, steps.paid_before), (money("0.11"), money("0.00")));

    let claim = &facts.claims[0].fact;
    assert_eq!(claim.lines[1].description, "Wound dressing");
    assert_eq!(claim.lines[1].billed, Some(money("12.00")));
}

#[test]
fn the_lines_sum_to_the_bill() {
    let facts = facts(BUNDLE);
    let lines = &facts.eobs[0].fact.lines;
    assert_eq!(lines.iter().map(|line| line.owed).collect::<Vec<_>>(), [money("20.01"), money("10.00")]);
    assert_eq!(lines[0].shares, [("deductible", money("0.00")), ("coinsurance", money("20.01"))]);
    assert_eq!(lines[1].shares, [("coinsurance", money("10.00"))]);
    assert_eq!(lines[1].description, "Tetanus vaccine");
    assert_eq!(lines[1].quantity.as_deref(), Some("1"));
    assert_eq!(lines.iter().filter_map(|line| line.billed).sum::<Money>(), money("150.60"));
    assert_eq!(lines.iter().filter_map(|line| line.plan_paid).sum::<Money>(), money("120.48"));
}

#[test]
fn every_amount_keeps_its_digits_for_the_money_trail() {
    let facts = facts(BUNDLE);
    let stated: Vec<(&str, String)> =
        facts.eobs[0].fact.stated.iter().map(|(what, amount)| (what.as_str(), amount.to_string())).collect();
    assert!(stated.contains(&("item.line_coinsrnc_amt", "30.008000000000004".to_owned())));
    assert!(stated.contains(&("payment", "120.47999999999999".to_owned())));
    assert!(stated.contains(&("total.submitted", "150.6".to_owned())));
}

#[test]
fn ndjson_refuses_a_line_and_takes_the_rest() {
    let facts = read("rx.ndjson", PHARMACY.as_bytes());
    let report = facts.report("rx.ndjson");
    assert_eq!((report.members, report.eobs, report.bills, report.not_derivable), (1, 2, 1, 1));
    assert_eq!(report.patient_responsibility, money("12.50"));
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.refused[0].line, 4);
    assert!(report.refused[0].reason.starts_with("not JSON: EOF"), "{}", report.refused[0].reason);

    let eob = &facts.eobs[0].fact;
    assert_eq!(eob.kind, BillKind::Pharmacy);
    assert_eq!(eob.responsibility.as_ref().unwrap().method, Method::PatientPay);
    assert_eq!(eob.lines[0].description, "00002-0001-01");
    assert_eq!(eob.lines[0].quantity.as_deref(), Some("30 TAB"));
    // Gross drug cost coded as coinsurance is nobody's to pay, with a patient pay amount beside it or without.
    assert_eq!(facts.eobs[1].fact.responsibility, None);
    // A year is no birth day.
    assert_eq!(facts.patients[0].fact.birth_on, None);
    assert_eq!(facts.patients[0].fact.family_name, "Ola Brandt");
}

#[test]
fn ndjson_is_known_by_its_lines_whatever_the_name() {
    assert_eq!(facts(PHARMACY).report("x"), read("x.ndjson", PHARMACY.as_bytes()).report("x"));
    let windows = PHARMACY.replace('\n', "\r\n");
    assert_eq!(facts(&windows).report("x"), facts(PHARMACY).report("x"));
}

#[test]
fn a_resource_without_id_is_known_by_its_contents() {
    let one = facts(TOTAL);
    let spread = TOTAL.replace("\",\"", "\" ,\n \"").replace(":{", ": {");
    let other = facts(&spread);
    assert_eq!(one.eobs[0].identity, other.eobs[0].identity);
    assert!(matches!(one.eobs[0].identity, Identity::Contents(_)));
    let changed = facts(&TOTAL.replace("7.005", "7.006"));
    assert_ne!(one.eobs[0].identity, changed.eobs[0].identity);
}

#[test]
fn a_contained_patient_and_provider_are_read() {
    let facts = facts(TOTAL);
    let eob = &facts.eobs[0].fact;
    assert_eq!(facts.patients[0].fact.family_name, "Haddad");
    assert_eq!(eob.patient, facts.patients[0].identity);
    assert_eq!(eob.provider.as_deref(), Some("Ida Moss"));
}

#[test]
fn an_explanation_in_totals_makes_one_line_that_holds_the_bill() {
    let facts = facts(TOTAL);
    let eob = &facts.eobs[0].fact;
    assert_eq!(eob.responsibility.as_ref().unwrap().amount, money("7.01"));
    assert_eq!(eob.lines.len(), 1);
    assert_eq!(eob.lines[0].owed, money("7.01"));
    assert_eq!(eob.lines[0].description, "Institutional");
    // Billed 5.00 and owing 7.01: steps that do not close are not shown.
    assert_eq!(eob.steps, None);
}

#[test]
fn nothing_owed_is_a_bill_of_zero() {
    let report = facts(NOTHING_OWED).report("x");
    assert_eq!((report.eobs, report.bills, report.not_derivable), (1, 1, 0));
    assert_eq!(report.patient_responsibility, Money::ZERO);
}

#[test]
fn a_coverage_names_no_member() {
    let report = facts(COVERAGE).report("x");
    assert_eq!((report.members, report.eobs), (0, 0));
    assert_eq!(report.refused, []);
}

#[test]
fn the_report_has_its_exact_shape() {
    let json = serde_json::to_value(facts(BUNDLE).report("bundle.json")).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "file": "bundle.json", "members": 1, "eobs": 1, "bills": 1, "not_derivable": 0,
            "patient_responsibility": "30.01", "new_bills": 0, "refused": [],
        })
    );
    let refused = serde_json::to_value(facts("").report("x")).unwrap();
    assert_eq!(refused["refused"], serde_json::json!([{"line": 1, "reason": "the file is empty"}]));
}

#[rstest]
#[case::total_comes_first(r#""total":[{"category":{"coding":[{"code":"memberliability"}]},"amount":{"value":3}}],"item":[ITEM copay 5]"#, Some("3.00"))]
#[case::shares_are_added(r#""item":[ITEM deductible 1.5,ITEM copay 2,ITEM coinsurance 0.25]"#, Some("3.75"))]
#[case::other_categories_are_not(
    r#""item":[ITEM submitted 100,ITEM benefit 80,ITEM copay 20]"#,
    Some("20.00")
)]
#[case::paid_by_patient_is_last(r#""item":[ITEM paidbypatient 9.99]"#, Some("9.99"))]
#[case::shares_come_before_it(r#""item":[ITEM paidbypatient 9.99,ITEM copay 1]"#, Some("1.00"))]
#[case::a_total_paid_by_patient(
    r#""total":[{"category":{"coding":[{"code":"paidbypatient"}]},"amount":{"value":4}}]"#,
    Some("4.00")
)]
#[case::a_category_without_amount_says_nothing(
    r#""item":[{"adjudication":[{"category":{"coding":[{"code":"copay"}]}}]}]"#,
    None
)]
#[case::header_amounts_are_not_the_members(
    r#""adjudication":[{"category":{"coding":[{"code":"copay"}]},"amount":{"value":4}}]"#,
    None
)]
#[case::half_a_cent_goes_up(r#""item":[ITEM copay 0.0025,ITEM copay 0.0025]"#, Some("0.01"))]
#[case::exponents_are_numbers(
    r#""item":[ITEM copay 1.25e1,ITEM copay 5.684341886080802E-14]"#,
    Some("12.50")
)]
#[case::a_credit_on_a_line_lessens_the_bill(r#""item":[ITEM copay 12,ITEM copay -2]"#, Some("10.00"))]
#[case::a_cancelled_one_owes_nothing(r#""status":"cancelled","item":[ITEM copay 5]"#, None)]
#[case::an_enquiry_owes_nothing(r#""use":"predetermination","item":[ITEM copay 5]"#, None)]
fn responsibility_is_derived_in_order(#[case] inside: &str, #[case] expected: Option<&str>) {
    let mut inside = inside.to_owned();
    while let Some((before, rest)) = inside.clone().split_once("ITEM ") {
        let end = rest.find([',', ']']).unwrap();
        let (category, value) = rest[..end].split_once(' ').unwrap();
        inside = format!("{before}{}{}", item(category, value), &rest[end..]);
    }
    let text = eob(&inside);
    let text = if inside.contains("\"status\"") { text.replace(r#""status":"active","#, "") } else { text };
    let facts = facts(&text);
    assert_eq!(facts.refused, []);
    let found = facts.eobs[0].fact.responsibility.as_ref().map(|r| r.amount);
    assert_eq!(found, expected.map(money));
    if let Some(found) = found {
        assert_eq!(facts.eobs[0].fact.lines.iter().map(|line| line.owed).sum::<Money>(), found);
    }
}

#[rstest]
#[case::empty("", "the file is empty")]
#[case::white_space(" \n\t ", "the file is empty")]
#[case::not_json("hello", "not JSON: expected value at line 1 column 1")]
#[case::a_list("[{\"resourceType\":\"Patient\"}]", "not a FHIR resource")]
#[case::a_number("12", "not a FHIR resource")]
#[case::no_type("{}", "no `resourceType`")]
#[case::type_of_wrong_type(r#"{"resourceType":5}"#, "`resourceType` is not text")]
#[case::nul(
    r#"{"resourceType":"Patient","id":"a","name":[{"family":"a\u0000b"}]}"#,
    "a text holds a NUL character"
)]
#[case::twice(r#"{"resourceType":"Patient","id":"a","id":"b"}"#, "a key stands twice in one object")]
#[case::id_of_wrong_type(r#"{"resourceType":"Patient","id":5}"#, "`id` is not text")]
#[case::id_with_a_slash(
    r#"{"resourceType":"Patient","id":"../a"}"#,
    "`id` is not an id: 1 to 128 visible characters without a slash"
)]
#[case::empty_id(
    r#"{"resourceType":"Patient","id":""}"#,
    "`id` is not an id: 1 to 128 visible characters without a slash"
)]
#[case::name_of_wrong_type(r#"{"resourceType":"Patient","id":"a","name":"Ana"}"#, "`name` is not a list")]
#[case::given_of_wrong_type(
    r#"{"resourceType":"Patient","id":"a","name":[{"given":[1]}]}"#,
    "`given` holds something that is not text"
)]
#[case::no_such_day(
    r#"{"resourceType":"Patient","id":"a","birthDate":"2023-02-30"}"#,
    "a date that is not a date"
)]
#[case::no_patient(r#"{"resourceType":"ExplanationOfBenefit","id":"a"}"#, "no `patient.reference`")]
#[case::patient_by_business_identifier(
    r#"{"resourceType":"ExplanationOfBenefit","id":"a","patient":{"identifier":{"value":"1"}}}"#,
    "no `patient.reference`"
)]
#[case::patient_that_is_a_group(
    r#"{"resourceType":"ExplanationOfBenefit","id":"a","patient":{"reference":"Group/1"}}"#,
    "a reference that leads to no Patient"
)]
#[case::patient_not_contained(
    r##"{"resourceType":"ExplanationOfBenefit","id":"a","patient":{"reference":"#p"}}"##,
    "a patient that is not contained in it"
)]
#[case::coverage_of_nobody(r#"{"resourceType":"Coverage","id":"a"}"#, "no `beneficiary.reference`")]
#[case::claim_of_nobody(r#"{"resourceType":"Claim","id":"a"}"#, "no `patient.reference`")]
#[case::entry_of_wrong_type(r#"{"resourceType":"Bundle","entry":{}}"#, "`entry` is not a list")]
#[case::comma_at_the_end(
    r#"{"resourceType":"Bundle","entry":[],}"#,
    "not JSON: key must be a string at line 1 column 37"
)]
#[case::truncated(
    r#"{"resourceType":"Patient","id":"a""#,
    "not JSON: EOF while parsing an object at line 1 column 34"
)]
fn what_is_not_right_is_refused_with_its_reason(#[case] text: &str, #[case] reason: &str) {
    assert_eq!(refused(text), [(1, reason.to_owned())]);
}

#[rstest]
#[case("NaN", "not JSON: expected value")]
#[case("Infinity", "not JSON: expected value")]
#[case("\"5.00\"", "item 1: `value` is not a number")]
#[case("[5]", "item 1: `value` is not a number")]
#[case("1e30", "item 1: an amount is larger than the ledger holds")]
#[case("9223372036854775808", "item 1: an amount is larger than the ledger holds")]
#[case("1e-300", "item 1: an amount has more digits than can be added exactly")]
#[case("-5", "patient responsibility is negative")]
#[case("9999999999999", "an amount is larger than the ledger holds")]
#[case("05", "not JSON: invalid number")]
fn an_amount_that_is_none_is_refused(#[case] value: &str, #[case] reason: &str) {
    let refused = refused(&eob(&format!("\"item\":[{}]", item("copay", value))));
    assert_eq!(refused.len(), 1);
    assert!(refused[0].1.starts_with(reason), "{}", refused[0].1);
}

#[test]
fn other_money_is_refused() {
    let text = eob(&format!("\"item\":[{}]", item("copay", "5"))).replace("USD", "CAD");
    assert_eq!(refused(&text), [(1, "item 1: an amount is not in US dollars".to_owned())]);
}

#[test]
fn a_bundle_cut_off_gives_what_stands_before_the_cut() {
    let cut = &BUNDLE[..BUNDLE.find("claim-3").unwrap()];
    let facts = facts(cut);
    assert_eq!(facts.patients.len(), 1);
    assert_eq!(facts.refused.len(), 1);
    assert_eq!(facts.refused[0].line, 3);
    assert!(facts.refused[0].reason.starts_with("not JSON: EOF"));
}

#[test]
fn a_bundle_without_its_last_bracket_gives_everything_and_says_so() {
    let cut = BUNDLE.trim_end().strip_suffix('}').unwrap();
    let facts = facts(cut);
    assert_eq!(facts.report("x").patient_responsibility, money("30.01"));
    assert_eq!(facts.refused.iter().map(|r| r.line).collect::<Vec<_>>(), [7]);
}

#[test]
fn one_bad_entry_costs_only_itself() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for bad in [
        r#"{"resource":{"resourceType":"Patient","id":7}}"#.to_owned(),
        r#"{"resource":"Patient"}"#.to_owned(),
        "5".to_owned(),
        "null".to_owned(),
        String::new(),
        r#"{"resource":{"resourceType":"Patient","id":"n","name":NaN}}"#.to_owned(),
        r#"{"resource":{"resourceType":"Patient","id":"n",}}"#.to_owned(),
        r#"{"resource":{"resourceType":"Patient","id":"\q"}}"#.to_owned(),
        r"{'resource':{}}".to_owned(),
        format!("{{\"resource\":{deep}}}"),
        r#"{"fullUrl":4,"resource":{"resourceType":"Patient"}}"#.to_owned(),
        r#"{"resource":{"resourceType":"Bundle"}}"#.to_owned(),
        format!(r#"{{"resource":{{"resourceType":"Patient","id":"d","name":{deep}}}}}"#),
        format!(r#"{{"fullUrl":{deep}}}"#),
    ] {
        let text = BUNDLE.replacen("\"entry\": [", &format!("\"entry\": [{bad},"), 1);
        let facts = facts(&text);
        assert_eq!(
            facts.refused.iter().map(|r| r.line).collect::<Vec<_>>(),
            [1],
            "{}",
            &bad[..bad.len().min(60)]
        );
        assert_eq!(facts.report("x").patient_responsibility, money("30.01"));
    }
}

#[test]
fn the_same_twice_is_one_and_another_under_its_id_is_refused() {
    let line = eob(&format!("\"item\":[{}]", item("copay", "5")));
    let changed = eob(&format!("\"item\":[{}]", item("copay", "6")));
    let facts = facts(&format!("{line}\n{line}\n{changed}\n"));
    assert_eq!(facts.eobs.len(), 1);
    assert_eq!(
        facts.refused,
        [Refused { line: 3, reason: "the same id stands at 1 with other contents".to_owned() }]
    );
}

#[test]
fn bytes_that_are_not_text_cost_their_own_line() {
    let good = eob(&format!("\"item\":[{}]", item("copay", "5")));
    let mut bytes = br#"{"resourceType":"Patient","id":"a","name":[{"family":"#.to_vec();
    bytes.extend(b"\"\xff\xfe\"}]}\n");
    bytes.extend(good.as_bytes());
    let facts = read("x", &bytes);
    assert_eq!(facts.refused, [Refused { line: 1, reason: "not UTF-8 text".to_owned() }]);
    assert_eq!(facts.eobs.len(), 1);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_file() {
    assert_eq!(facts(&format!("\u{feff}{BUNDLE}")), facts(BUNDLE));
}

#[rstest]
#[case("=1+1", "=1+1")]
#[case("<script>alert(1)</script>", "<script>alert(1)</script>")]
#[case("'; DROP TABLE member; --", "'; DROP TABLE member; --")]
#[case("a\tb\nc\u{7}", "a b c")]
#[case("\u{202e}evil", "evil")]
#[case("田中さん", "田中さん")]
#[case("👩‍👩‍👧", "👩‍👩‍👧")]
fn a_name_is_kept_as_text_on_one_line(#[case] name: &str, #[case] kept: &str) {
    let json = serde_json::json!({"resourceType": "Patient", "id": "a", "name": [{"family": name}]});
    let facts = facts(&json.to_string());
    assert_eq!(facts.refused, []);
    assert_eq!(facts.patients[0].fact.family_name, kept);
}

#[test]
fn a_name_without_end_is_cut() {
    let json =
        serde_json::json!({"resourceType": "Patient", "id": "a", "name": [{"family": "ñ".repeat(100_000)}]});
    assert_eq!(facts(&json.to_string()).patients[0].fact.family_name.chars().count(), 200);
}

#[test]
fn a_reason_repeats_nothing_of_the_file() {
    for text in [
        r#"{"resourceType":"Patient","id":"a","birthDate":"Secret"}"#,
        r#"{"resourceType":"Patient","id":"Secret/"}"#,
        r#"{"resourceType":"Secret"#,
        r#"["Secret"]"#,
        r#"{"resourceType":"Coverage","beneficiary":{"reference":"Secret"}}"#,
    ] {
        let refused = refused(text);
        assert_eq!(refused.len(), 1, "{text}");
        assert!(!refused[0].1.contains("Secret"), "{}", refused[0].1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Bytes cut, doubled, overwritten or moved: the reader says what it makes of it and lives.
    #[test]
    fn no_mutation_of_a_file_stops_the_reader(
        which in 0_usize..5, at in any::<prop::sample::Index>(), length in 0_usize..40, with in prop::collection::vec(any::<u8>(), 0..12),
        to in any::<prop::sample::Index>(),
    ) {
        let mut bytes = [BUNDLE, PHARMACY, TOTAL, COVERAGE, NOTHING_OWED][which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = (at + length).min(bytes.len());
        let taken: Vec<u8> = bytes.splice(at..end, with).collect();
        let to = to.index(bytes.len().max(1)).min(bytes.len());
        bytes.splice(to..to, taken);
        let facts = read("x.json", &bytes);
        for eob in &facts.eobs {
            if let Some(responsibility) = &eob.fact.responsibility {
                prop_assert_eq!(eob.fact.lines.iter().map(|line| line.owed).sum::<Money>(), responsibility.amount);
            }
        }
    }

    /// Values of any type in any place of a resource.
    #[test]
    fn no_value_in_any_place_stops_the_reader(place in any::<prop::sample::Index>(), value in prop::sample::select(vec![
        "null", "true", "0", "-1", "1e400", "1e-400", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "[null]", "[[]]", "{}",
        "{\"reference\":5}", "[{\"coding\":7}]", "99999999999999999999999999999999999999999999", "\"2025-13-40\"",
    ])) {
        let places: Vec<usize> = BUNDLE.match_indices(": ").map(|(at, _)| at + 2).collect();
        let at = *place.get(&places);
        let rest = &BUNDLE[at..];
        let end = rest.find(['\n', ',', '}']).unwrap();
        let text = format!("{}{value}{}", &BUNDLE[..at], &rest[end..]);
        let _ = read("x.json", text.as_bytes());
    }
}
