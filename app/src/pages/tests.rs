//! Every page of money, shown from made-up data in both languages: no figure without what makes it, no untranslated
//! sentence, no inline style, nothing that needs a script.

use billing::{
    bills::{
        Bill, BillDetail, BillFilter, BillKind, BillLine, BilledTo, ComingUp, CoveredPerson, Overview,
        PaymentLine, Waterfall,
    },
    ids::{BillId, MemberId, PaymentId},
    ledger::explain::{About, ExplainRow, Explanation, Figure, Parts, SourceKind, SourceLine},
    money::Money,
    payments::{
        CutOff, History, HistoryFilter, HistoryLimit, Method, PayForm, PaymentState, PaymentView,
        PremiumsShown, Stage,
    },
    rules::{Ask, Hours, Line, Mode, Office, Phone, WaysToPay},
    visits::{SignedIn, Visit},
    words::Language,
};
use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use rstest::rstest;

use super::{bill, bills, explain, overview, pay, payment, payments, reset};
use crate::{
    components::{Again, WhomToAsk},
    sitting::Sitting,
};

const ZONE: &str = "America/Los_Angeles";

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dollars(text: &str) -> Money {
    Money::read(text).unwrap()
}

fn bill_id() -> BillId {
    "0193f7a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn other_bill_id() -> BillId {
    "0193f7a0-0000-7000-8000-000000000002".parse().unwrap()
}

fn payment_id() -> PaymentId {
    "0193f7a0-0000-7000-8000-0000000000aa".parse().unwrap()
}

fn ana() -> BilledTo {
    BilledTo { name: "Ana Reyes".into(), mrn: "10004217".into() }
}

fn medical() -> Bill {
    Bill {
        id: bill_id(),
        number: "M-10423".into(),
        kind: BillKind::Medical,
        region: "NCA".into(),
        billing_unit_id: None,
        issued_on: on("2026-11-09"),
        due_on: on("2026-12-09"),
        period: (on("2026-10-03"), on("2026-10-03")),
        provider: Some("Oakland Medical Center".into()),
        due: dollars("145.40"),
        applied: dollars("60.00"),
        underway: Money::ZERO,
        provisional: Money::ZERO,
        version: 3,
    }
}

fn premium() -> Bill {
    Bill {
        number: "P-2231".into(),
        kind: BillKind::Premium,
        billing_unit_id: Some("204881-5".into()),
        issued_on: on("2026-12-08"),
        due_on: on("2027-01-01"),
        period: (on("2027-01-01"), on("2027-01-31")),
        provider: None,
        due: dollars("424.51"),
        applied: Money::ZERO,
        ..medical()
    }
}

fn line() -> PaymentLine {
    PaymentLine {
        payment_id: payment_id(),
        receipt_number: Some("R-7Q2F-11K".into()),
        bill_id: bill_id(),
        bill_number: "M-10423".into(),
        bill_kind: BillKind::Medical,
        amount: dollars("60.00"),
        channel: "web".into(),
        method: Method::Card,
        brand: Some("visa".into()),
        last4: Some("4242".into()),
        state: PaymentState::Captured,
        received_at: at("2026-11-24T22:41:00Z"),
        posted_at: Some(at("2026-11-24T22:41:03Z")),
        settled_on: None,
        effective_on: on("2026-11-24"),
    }
}

fn service(owed: &str) -> BillLine {
    BillLine {
        line: 1,
        kind: "service".into(),
        description: "Office visit, established patient".into(),
        person: Some("Ana".into()),
        served_on: Some(on("2026-10-03")),
        quantity: Some("1".into()),
        billed: Some(dollars("1240.00")),
        discount: Some(dollars("612.40")),
        plan_paid: Some(dollars("482.20")),
        owed: dollars(owed),
        shares: vec![("coinsurance".into(), dollars("145.40"))],
        source: "eob.json#1".into(),
    }
}

fn ways(online: Mode) -> WaysToPay {
    let phone = |line: Line, number: &str| Phone {
        line,
        number: number.into(),
        tty: "711".into(),
        hours: Some("hours-always".into()),
        office: None,
    };
    WaysToPay {
        region: "NCA".into(),
        zone: ZONE.into(),
        online,
        online_target: (online == Mode::HandOff).then(|| "kp.org/mas/onlinebilling".into()),
        mail: Some(vec![
            "Kaiser Permanente".into(),
            "P.O. Box 7165".into(),
            "Pasadena, CA 91109-7165".into(),
        ]),
        phone: Some(phone(Line::Premiums, "1 877 365 9900")),
        other_phone: Some(phone(Line::AllBills, "1 800 464 4000")),
        ask: Ask { about: Some(BillKind::Medical), rep: Some(rep()), automated: None },
    }
}

/// People, who answer in office hours and do not now.
fn rep() -> Phone {
    Phone {
        line: Line::MemberServices,
        number: "1 800 464 4999".into(),
        tty: "711".into(),
        hours: None,
        office: Some(Office {
            hours: Hours::read("Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00").unwrap(),
            zone: ZONE.into(),
            open_now: false,
            opens_at: Some(at("2026-11-25T17:00:00Z")),
        }),
    }
}

fn cut_off() -> CutOff {
    CutOff { at: at("2026-11-25T07:59:00Z"), zone: ZONE.into() }
}

fn view_of(stage: Stage, state: PaymentState) -> PaymentView {
    PaymentView {
        line: PaymentLine { state, ..line() },
        stage,
        bill: medical(),
        payer_name: "Ana Reyes".into(),
        changed_at: "2027-01-05T18:30:00Z".parse().unwrap(),
        zone: ZONE.into(),
        today: on("2026-11-24"),
        allocation: vec![("M-10423".into(), dollars("60.00"))],
        owed_after: dollars("85.40"),
        cut_off: cut_off(),
        ways: ways(Mode::On),
    }
}

fn explain_row(amount: &str) -> ExplainRow {
    ExplainRow {
        received_at: at("2026-11-24T22:41:00Z"),
        posted_at: at("2026-11-24T22:41:03Z"),
        settled_on: None,
        effective_on: on("2026-11-24"),
        undone: None,
        from: "card_in_transit".into(),
        to: "medical".into(),
        amount: dollars(amount),
        running: Money::ZERO,
        posting_id: 48112,
        posting_kind: "payment".into(),
        source: String::new(),
        link: Some(("payment".into(), payment_id().to_string())),
    }
}

/// Shows a view as the listener would, to somebody who chose `language`.
fn shown<V: IntoView>(language: Language, view: impl FnOnce() -> V) -> String {
    let member = SignedIn {
        member_id: "0193f7a0-0000-7000-8000-0000000000ff".parse::<MemberId>().unwrap(),
        given_name: "Ana".into(),
        family_name: "Reyes".into(),
        region: "NCA".into(),
        zone: ZONE.into(),
        ask: Ask { about: None, rep: Some(rep()), automated: None },
        signed_in_at: at("2026-11-24T22:00:00Z"),
    };
    let visit = Visit {
        visit_id: "0193f7a0-0000-7000-8000-0000000000ee".parse().unwrap(),
        language: Some(language),
        member: Some(member),
        idle_end: at("2026-11-24T23:00:00Z"),
        absolute_end: at("2026-11-25T07:00:00Z"),
    };
    Owner::new().with(|| {
        provide_meta_context();
        provide_context(Sitting { visit: Some(visit), ..Sitting::default() });
        view().into_view().to_html()
    })
}

/// A page by name, so that each test below walks all of them.
fn page(name: &str, language: Language) -> String {
    let seen = payment::Seen {
        undo: false,
        back: false,
        look: payment::waiting::Look::read(None),
        now: at("2026-11-24T22:45:00Z"),
    };
    let back = payment::Seen { back: true, ..seen };
    let stage = |stage: Stage, state: PaymentState, seen: payment::Seen| {
        let payment = view_of(stage, state);
        shown(language, move || view! { <payment::PaymentShown payment again=Again::default() seen/> })
    };
    let bank = |stage: Stage, state: PaymentState| {
        let mut payment = view_of(stage, state);
        payment.line.method = Method::Bank;
        payment.line.brand = None;
        shown(language, move || view! { <payment::PaymentShown payment again=Again::default() seen/> })
    };
    let underway = |state: PaymentState| {
        let detail = BillDetail {
            today: on("2026-11-24"),
            zone: ZONE.into(),
            member: ana(),
            bill: Bill { underway: dollars("85.40"), ..medical() },
            waterfall: None,
            lines: vec![],
            people: vec![],
            payments: vec![PaymentLine { state, posted_at: None, ..line() }],
            ways: ways(Mode::On),
        };
        shown(language, move || view! { <bill::BillShown detail/> })
    };
    let late = |online: Mode| {
        let detail = BillDetail {
            today: on("2027-01-24"),
            zone: ZONE.into(),
            member: ana(),
            bill: premium(),
            waterfall: None,
            lines: vec![],
            people: vec![],
            payments: vec![],
            ways: ways(online),
        };
        shown(language, move || view! { <bill::BillShown detail/> })
    };
    let pay_underway = |amount: &str, state: Option<PaymentState>| {
        let form = PayForm {
            ordered: None,
            payment_id: payment_id(),
            today: on("2026-11-24"),
            bill: Bill { underway: dollars(amount), ..medical() },
            underway: state
                .into_iter()
                .map(|state| PaymentLine { state, posted_at: None, ..line() })
                .collect(),
            ways: ways(Mode::On),
            cut_off: cut_off(),
        };
        shown(language, move || view! { <pay::PayShown form again=Again::default() part=false/> })
    };
    match name {
        "overview" => {
            let elsewhere = Bill { id: other_bill_id(), ..premium() };
            let overview = Overview {
                today: on("2026-11-24"),
                given_name: "Ana".into(),
                zone: ZONE.into(),
                needs_you_now: vec![medical(), elsewhere],
                elsewhere: vec![other_bill_id()],
                unfinished: vec![PaymentLine { state: PaymentState::RequiresAction, ..line() }],
                unsure: vec![PaymentLine { state: PaymentState::Unknown, ..line() }],
                sent_back: vec![PaymentLine { state: PaymentState::Returned, ..line() }],
                coming_up: vec![
                    ComingUp::BillDue {
                        bill: bill_id(),
                        kind: BillKind::Premium,
                        number: "P-2231".into(),
                        on: on("2027-01-01"),
                        amount: dollars("424.51"),
                    },
                    ComingUp::PaymentFinal {
                        payment: payment_id(),
                        bill: BillKind::Medical,
                        number: "M-10423".into(),
                        on: on("2026-11-30"),
                        amount: dollars("60.00"),
                    },
                ],
                done_lately: vec![line()],
                balances: [
                    (BillKind::Premium, dollars("424.51"), 1),
                    (BillKind::Medical, dollars("85.40"), 1),
                    (BillKind::Pharmacy, Money::ZERO, 0),
                ],
                credits: vec![(BillKind::Premium, dollars("3.10"))],
            };
            shown(language, move || view! { <overview::Home overview/> })
        }
        "overview-empty" => {
            let overview = Overview {
                today: on("2026-11-24"),
                given_name: "Ana".into(),
                zone: ZONE.into(),
                needs_you_now: vec![],
                elsewhere: vec![],
                unfinished: vec![],
                unsure: vec![],
                sent_back: vec![],
                coming_up: vec![],
                done_lately: vec![],
                balances: BillKind::ALL.map(|kind| (kind, Money::ZERO, 0)),
                credits: vec![],
            };
            shown(language, move || view! { <overview::Home overview/> })
        }
        "bills" => {
            let paid = Bill { applied: dollars("145.40"), number: "M-1".into(), ..medical() };
            let list = billing::bills::BillPage {
                today: on("2026-12-24"),
                bills: vec![premium(), medical(), paid],
                next: Some(bill_id()),
                first: false,
            };
            let filter = BillFilter { kind: Some(BillKind::Medical), open: None, after: None };
            shown(language, move || view! { <bills::BillList filter page=list/> })
        }
        "bill" => {
            let waterfall = Waterfall {
                billed: dollars("1240.00"),
                discount: dollars("612.40"),
                plan_paid: dollars("482.20"),
                paid_before: Money::ZERO,
                due: dollars("145.40"),
                payments: dollars("60.00"),
                owed: dollars("85.40"),
            };
            let detail = BillDetail {
                today: on("2026-11-24"),
                zone: ZONE.into(),
                member: ana(),
                bill: medical(),
                waterfall: Some(waterfall),
                lines: vec![service("145.40")],
                people: vec![],
                payments: vec![line()],
                ways: ways(Mode::On),
            };
            shown(language, move || view! { <bill::BillShown detail/> })
        }
        "bill-late" => late(Mode::On),
        "bill-late-elsewhere" => late(Mode::HandOff),
        "bill-unfinished" => underway(PaymentState::RequiresAction),
        "bill-unsure" => underway(PaymentState::Unknown),
        "bill-premium" => {
            let person =
                |name: &str, relation: &str| CoveredPerson { name: name.into(), relation: relation.into() };
            let own = |kind: &str, description: &str, owed: &str| BillLine {
                kind: kind.into(),
                description: description.into(),
                person: None,
                served_on: None,
                quantity: None,
                billed: None,
                discount: None,
                plan_paid: None,
                shares: vec![],
                ..service(owed)
            };
            let detail = BillDetail {
                today: on("2026-11-24"),
                zone: ZONE.into(),
                member: ana(),
                bill: premium(),
                waterfall: None,
                lines: vec![
                    own("premium", "Premium", "500.00"),
                    own("credit", "Advance premium tax credit", "-75.49"),
                ],
                people: vec![person("Ana Reyes", "subscriber"), person("Leo Reyes", "child")],
                payments: vec![],
                ways: ways(Mode::HandOff),
            };
            shown(language, move || view! { <bill::BillShown detail/> })
        }
        "pay" => {
            let form = PayForm {
                ordered: None,
                payment_id: payment_id(),
                today: on("2026-11-24"),
                bill: medical(),
                underway: vec![],
                ways: ways(Mode::On),
                cut_off: cut_off(),
            };
            shown(language, move || view! { <pay::PayShown form again=Again::default() part=false/> })
        }
        "pay-elsewhere" => {
            let form = PayForm {
                ordered: None,
                payment_id: payment_id(),
                today: on("2026-11-24"),
                bill: premium(),
                underway: vec![],
                ways: ways(Mode::Contact),
                cut_off: cut_off(),
            };
            shown(language, move || view! { <pay::PayShown form again=Again::default() part=false/> })
        }
        "pay-underway" => pay_underway("85.40", None),
        "pay-unfinished" => pay_underway("85.40", Some(PaymentState::RequiresAction)),
        "pay-unsure" => pay_underway("85.40", Some(PaymentState::Unknown)),
        "pay-rest-unfinished" => pay_underway("5.40", Some(PaymentState::RequiresAction)),
        "check" => stage(Stage::Check, PaymentState::Created, seen),
        "looks-alike" => stage(Stage::LooksAlike { other: Box::new(line()) }, PaymentState::Created, seen),
        "looks-alike-begun" => {
            let other = Box::new(PaymentLine { state: PaymentState::RequiresAction, ..line() });
            stage(Stage::LooksAlike { other }, PaymentState::Created, seen)
        }
        "looks-alike-unsure" => {
            let other = Box::new(PaymentLine { state: PaymentState::Unknown, ..line() });
            stage(Stage::LooksAlike { other }, PaymentState::Created, seen)
        }
        "at-gateway" => stage(Stage::AtGateway, PaymentState::RequiresAction, seen),
        "back" => stage(Stage::AtGateway, PaymentState::RequiresAction, back),
        "confirming" => {
            stage(Stage::Confirming { answer_by: at("2026-11-24T23:15:00Z") }, PaymentState::Unknown, seen)
        }
        "in-review" => stage(Stage::InReview, PaymentState::NeedsReview, seen),
        "take-back" => stage(
            Stage::Received { cancel_until: Some(cut_off()), final_on: None },
            PaymentState::Captured,
            payment::Seen { undo: true, ..seen },
        ),
        "received" => stage(
            Stage::Received { cancel_until: Some(cut_off()), final_on: Some(on("2026-11-27")) },
            PaymentState::Captured,
            seen,
        ),
        "pending" => bank(
            Stage::Received { cancel_until: None, final_on: Some(on("2026-12-01")) },
            PaymentState::Processing,
        ),
        "settled" => stage(Stage::Settled, PaymentState::Settled, seen),
        "declined" => {
            stage(Stage::Declined { class: "insufficient_funds".into() }, PaymentState::Declined, seen)
        }
        "cancelled" => stage(Stage::Cancelled, PaymentState::Voided, seen),
        "expired" => stage(Stage::Expired, PaymentState::Expired, seen),
        "not-taken" => stage(Stage::NotTaken, PaymentState::Absent, seen),
        "returned" => bank(Stage::Returned { code: "R01".into() }, PaymentState::Returned),
        "history" | "history-limited" => {
            let limit = |region: &str, shown: Option<PremiumsShown>| HistoryLimit {
                region: region.into(),
                ask: Ask { about: Some(BillKind::Premium), rep: None, automated: ways(Mode::HandOff).phone },
                shown,
            };
            let some = PremiumsShown {
                since: Some(on("2025-10-24")),
                channels: Some(vec!["web".into(), "phone".into()]),
            };
            let history = History {
                limits: if name == "history" {
                    vec![]
                } else {
                    vec![limit("WA", None), limit("OR_SWWA", Some(some))]
                },
                today: on("2026-11-24"),
                zone: ZONE.into(),
                payments: vec![line(), PaymentLine { settled_on: Some(on("2026-11-27")), ..line() }],
                total: dollars("120.00"),
                next: Some(payment_id()),
                first: true,
            };
            let filter = HistoryFilter { from: Some(on("2026-01-01")), ..HistoryFilter::default() };
            let asked = payments::Asked {
                filter,
                from: "2026-01-01".into(),
                to: String::new(),
                again: Again::default(),
            };
            shown(language, move || view! { <payments::HistoryShown asked history/> })
        }
        "explain" => {
            let parts = Parts {
                rows: vec![
                    ExplainRow { posting_kind: "charge".into(), ..explain_row("145.40") },
                    explain_row("-60.00"),
                ],
                sources: vec![],
                later: vec![explain_row("60.00")],
            };
            let about = About {
                bill: Some(bill_id()),
                bill_number: Some("M-10423".into()),
                bill_kind: Some(BillKind::Medical),
                ..About::default()
            };
            let explanation = Explanation::of(Figure::BillOwed(bill_id()), about, ZONE.into(), parts);
            shown(language, move || view! { <explain::ExplainShown explanation/> })
        }
        "explain-source" => {
            let source = SourceLine {
                kind: SourceKind::Line,
                description: "Office visit".into(),
                line_kind: Some("service".into()),
                served_on: Some(on("2026-10-03")),
                amount: dollars("145.40"),
                running: Money::ZERO,
                source: "eob.json#1".into(),
                link: None,
            };
            let parts = Parts { rows: vec![], sources: vec![source], later: vec![] };
            let figure = Figure::Line(bill_id(), 1, billing::ledger::explain::LineAmount::Owed);
            let explanation = Explanation::of(figure, About::default(), ZONE.into(), parts);
            shown(language, move || view! { <explain::ExplainShown explanation/> })
        }
        "explain-premium" => {
            let source = SourceLine {
                kind: SourceKind::Line,
                description: "Advance premium tax credit".into(),
                line_kind: Some("credit".into()),
                served_on: None,
                amount: dollars("-75.49"),
                running: Money::ZERO,
                source: String::new(),
                link: None,
            };
            let parts = Parts { rows: vec![], sources: vec![source], later: vec![] };
            let about = About {
                line: Some("Advance premium tax credit".into()),
                line_kind: Some("credit".into()),
                ..About::default()
            };
            let figure = Figure::Line(bill_id(), 2, billing::ledger::explain::LineAmount::Owed);
            let explanation = Explanation::of(figure, about, ZONE.into(), parts);
            shown(language, move || view! { <explain::ExplainShown explanation/> })
        }
        "password" => shown(language, move || view! { <reset::Ask again=Again::default()/> }),
        other => panic!("no page {other}"),
    }
}

const PAGES: [&str; 38] = [
    "overview",
    "overview-empty",
    "bills",
    "bill",
    "bill-late",
    "bill-late-elsewhere",
    "bill-unfinished",
    "bill-unsure",
    "bill-premium",
    "pay",
    "pay-elsewhere",
    "pay-underway",
    "pay-unfinished",
    "pay-unsure",
    "pay-rest-unfinished",
    "check",
    "looks-alike",
    "looks-alike-begun",
    "looks-alike-unsure",
    "at-gateway",
    "back",
    "confirming",
    "in-review",
    "take-back",
    "received",
    "pending",
    "settled",
    "declined",
    "cancelled",
    "expired",
    "not-taken",
    "returned",
    "history",
    "history-limited",
    "explain",
    "explain-source",
    "explain-premium",
    "password",
];

/// Takes out every element `<name …>…</name>` that `is` says yes to.
fn without(html: &str, name: &str, is: impl Fn(&str) -> bool) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut kept = String::new();
    let mut parts = html.split(&open);
    kept.push_str(parts.next().unwrap());
    for part in parts {
        let (element, after) = part.split_once(&close).unwrap_or((part, ""));
        if !is(element) {
            kept.push_str(&open);
            kept.push_str(element);
            kept.push_str(&close);
        }
        kept.push_str(after);
    }
    kept
}

#[rstest]
fn no_figure_stands_without_what_makes_it(
    #[values(Language::English, Language::Spanish)] language: Language,
) {
    for name in PAGES.into_iter().filter(|name| !name.starts_with("explain")) {
        let html = page(name, language);
        let figures =
            without(&html, "a", |element| element.contains("class=\"amount") || element.contains("button"));
        let buttons = without(&figures, "button", |_| true);
        let text: String =
            buttons.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
        assert!(!text.contains('$'), "{name}: {text}");
    }
}

#[rstest]
fn every_sentence_has_words(#[values(Language::English, Language::Spanish)] language: Language) {
    for name in PAGES {
        let html = page(name, language);
        assert!(!html.contains("No localization for id"), "{name}");
        assert!(!html.contains('\u{e000}') && !html.contains('\u{e001}'), "{name}: a figure is missing");
        assert!(!html.contains(" style="), "{name}");
    }
}

#[rstest]
fn a_page_has_one_heading_and_at_most_one_full_button(
    #[values(Language::English, Language::Spanish)] language: Language,
) {
    for name in PAGES {
        let html = page(name, language);
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        let full = html.matches("class=\"button\"").count();
        assert!(full <= 1, "{name}: {full} full buttons");
    }
}

/// Where a region's history is not all of it, the page says what it holds, and gives a number for the rest.
#[test]
fn a_history_that_is_not_all_says_so() {
    let html = page("history-limited", Language::English);
    for says in [
        "Premium payments, Washington",
        "They cannot be seen online yet.",
        "Call the phone number printed on your monthly statement.",
        "Automated line for premiums",
        "href=\"tel:+18773659900\"",
        "those we received from October 24, 2025 on",
        "included: online, by phone. Not included, though we keep them too: autopay, by a guest, with Member Services, by \
         mail, in person.",
        "Counts only the payments this page shows.",
    ] {
        assert!(html.contains(says), "{says}");
    }
    let all = page("history", Language::English);
    for says in ["Premium payments,", "Counts only", "Automated line"] {
        assert!(!all.contains(says), "{says}");
    }
}

/// Every number stands under the name of what answers it, and a machine's name is never that of people (S25, A1).
#[rstest]
fn every_number_says_what_answers_it(#[values(Language::English, Language::Spanish)] language: Language) {
    let (people, premiums, all) = match language {
        Language::English => ("Member Services: people answer", "line for premiums", "line for all bills"),
        Language::Spanish => {
            ("Servicio a los Miembros: atienden personas", "para primas", "para todas las facturas")
        }
    };
    let lines = [("+18004644999", people), ("+18773659900", premiums), ("+18004644000", all)];
    let mut numbers = vec![];
    for name in PAGES {
        let html = page(name, language);
        let parts: Vec<&str> = html.split("<a href=\"tel:").collect();
        for pair in parts.windows(2) {
            let [before, after] = pair else { unreachable!() };
            let (_, is) = lines.into_iter().find(|(number, _)| after.starts_with(number)).unwrap();
            let title = before.trim_end().trim_end_matches("<br>").trim_end();
            assert!(title.ends_with(is), "{name}: {title}");
            numbers.push(name);
        }
        assert_eq!(parts.windows(2).count(), html.matches("tel:").count(), "{name}");
    }
    assert!(numbers.len() > 10, "{numbers:?}");
}

/// Where the plan publishes no person's line, the paper has the number (S46, S76, S81): nothing is invented, and nobody
/// on the bill's page is sent to "the bill".
#[rstest]
#[case(None, "printed on your paper bill or on your monthly statement")]
#[case(Some(BillKind::Premium), "printed on your monthly statement")]
#[case(Some(BillKind::Medical), "printed on the paper bill we sent you")]
#[case(Some(BillKind::Pharmacy), "printed on the paper bill we sent you")]
fn without_a_published_line_the_paper_is_named(#[case] about: Option<BillKind>, #[case] says: &str) {
    let ask = Ask { about, ..Ask::default() };
    let html = shown(Language::English, move || view! { <WhomToAsk ask/> });
    assert!(html.contains(says) && !html.contains("tel:") && !html.contains("Member Services"), "{html}");
}

#[test]
fn whoever_is_signed_in_changes_a_password_and_has_forgotten_none() {
    let html = page("password", Language::English);
    assert!(html.contains("<h1>Change your password</h1>") && html.contains("href=\"/profile\""), "{html}");
    assert!(!html.contains("Forgot") && !html.contains("href=\"/sign-in\""), "{html}");
}

#[test]
fn an_explanation_says_its_total_for_machines() {
    let html = page("explain", Language::English);
    assert!(html.contains("data-total=\"85.40\""));
}

#[test]
fn only_a_page_that_waits_looks_again_by_itself() {
    // The refresh itself goes to the head; its way out stands on the page.
    for (name, waits) in [("confirming", true), ("back", true), ("at-gateway", false), ("received", false)] {
        assert_eq!(page(name, Language::English).contains("step=quiet"), waits, "{name}");
    }
}

#[test]
fn an_undecided_payment_says_not_to_pay_again() {
    for name in ["confirming", "back", "in-review"] {
        assert!(page(name, Language::English).contains("do not pay again"), "{name}");
        assert!(page(name, Language::Spanish).contains("no pague otra vez"), "{name}");
    }
    for name in ["declined", "not-taken"] {
        assert!(page(name, Language::English).contains("<h1>No money was taken.</h1>"), "{name}");
    }
}

/// A first payment that took no money is never told as paid, and one that was paid not as unfinished.
#[test]
fn a_look_alike_says_how_far_the_first_one_got() {
    let says =
        ["looks-alike", "looks-alike-begun", "looks-alike-unsure"].map(|name| page(name, Language::English));
    for (html, sentence) in says.iter().zip(["You paid", "no money was taken for it", "do not know yet"]) {
        assert!(html.contains(sentence), "{sentence}: {html}");
        assert!(html.contains("This second payment has not been sent"));
    }
    let [paid, begun, unsure] = says;
    assert!(!begun.contains("You paid") && !unsure.contains("You paid") && !paid.contains("not finished"));
}

/// One press on "take back" takes nothing back yet.
#[test]
fn what_taking_back_does_is_said_before_it_is_done() {
    let (receipt, step) = (page("received", Language::English), page("take-back", Language::English));
    assert!(!receipt.contains("/api/pay/cancel") && receipt.contains("step=undo"), "{receipt}");
    assert!(receipt.contains("After that, ask"), "{receipt}");
    assert!(step.contains("/api/pay/cancel") && step.contains("is owed again, due by"), "{step}");
}

/// What went another way still says which payment it was and what is owed now.
#[test]
fn a_payment_that_ended_says_which_it_was() {
    for name in ["declined", "cancelled", "expired", "not-taken", "returned"] {
        let html = page(name, Language::English);
        for says in ["R-7Q2F-11K", "M-10423", "You owe now", "ending 4242", "Started"] {
            let bank = name == "returned" && says == "ending 4242";
            assert!(bank || html.contains(says), "{name}: {says}");
        }
    }
}

/// What a payment asks of its payer is told as it is: one on the gateway's page has to be gone on with, one nobody knows
/// of must not be paid again, and neither is on its way.
#[test]
fn a_payment_under_way_says_what_it_waits_for() {
    let link = format!("href=\"/payments/{}\"", payment_id());
    let (unfinished, unsure) =
        (page("bill-unfinished", Language::English), page("bill-unsure", Language::English));
    assert!(unfinished.contains("Your payment for it is not finished yet") && unfinished.contains(&link));
    assert!(!unfinished.contains("do not pay"), "{unfinished}");
    assert!(unsure.contains("Please do not pay again") && unsure.contains(&link));
    assert!(!unsure.contains("not finished"), "{unsure}");
    assert!(page("pay-underway", Language::English).contains("do not pay again"));

    let [unfinished, unsure, rest] =
        ["pay-unfinished", "pay-unsure", "pay-rest-unfinished"].map(|name| page(name, Language::English));
    assert!(unfinished.contains("Your payment for it is not finished") && unfinished.contains(&link));
    assert!(!unfinished.contains("do not pay"), "{unfinished}");
    assert!(unsure.contains("whether your payment for it was taken. Please do not pay again"));
    assert!(unsure.contains(&link) && !unsure.contains("not finished"), "{unsure}");
    assert!(rest.contains("Your payment is not finished") && rest.contains("/api/pay"), "{rest}");

    let home = page("overview", Language::English);
    let (head, needs) = home.split_once("id=\"needs-you-now\"").unwrap();
    assert!(head.contains("A payment of yours is not finished") && head.contains("Please do not pay twice"));
    assert!(needs.split_once("id=\"coming-up\"").unwrap().0.contains("Your payment is not finished"));
}

#[test]
fn a_bill_not_paid_online_offers_no_amount_to_pay() {
    let home = page("overview", Language::English);
    let (online, elsewhere) =
        (format!("/bills/{}/pay", bill_id()), format!("/bills/{}/pay", other_bill_id()));
    let button =
        |href: &str| home.split(&format!("href=\"{href}\"")).nth(1).unwrap().split("</a>").next().unwrap();
    assert!(button(&online).contains("Pay $85.40"));
    assert!(button(&elsewhere).contains("How to pay") && !button(&elsewhere).contains('$'));
}

#[test]
fn a_late_bill_is_paid_here_only_where_it_can_be() {
    assert!(page("bill-late", Language::English).contains("You can still pay it here."));
    let elsewhere = page("bill-late-elsewhere", Language::English);
    assert!(elsewhere.contains("It was due by") && !elsewhere.contains("still pay"), "{elsewhere}");
}

#[test]
fn a_paid_bill_still_says_what_it_was() {
    let list = page("bills", Language::English);
    let paid = list.rsplit("bill-row\"").next().unwrap();
    assert!(paid.contains("$0.00") && paid.contains("$145.40") && paid.contains("billed to you"), "{paid}");
}

/// Our own lines speak the page's language; what a source wrote is told apart from it.
#[test]
fn lines_are_named_in_the_language_of_the_page() {
    let own = page("bill-premium", Language::Spanish);
    assert!(
        own.contains("Crédito fiscal anticipado para la prima")
            && !own.contains("Advance premium tax credit")
    );
    let source = "Office visit, established patient";
    assert!(page("bill", Language::Spanish).contains(&format!("<p><span lang=\"en\">{source}")));
    assert!(page("bill", Language::English).contains(&format!("<p>{source}")));
    let figure = page("explain-premium", Language::Spanish);
    assert_eq!(
        figure.matches("Crédito fiscal anticipado para la prima").count(),
        2,
        "name and line: {figure}"
    );
    assert!(!figure.contains("Advance premium tax credit"), "{figure}");
    assert!(page("explain-source", Language::Spanish).contains("<span lang=\"en\">Office visit</span>"));
}

#[test]
fn a_printed_bill_and_history_say_whose_they_are() {
    let bill = page("bill", Language::English);
    assert!(bill.contains("Ana Reyes") && bill.contains("10004217"));
    let history = page("history", Language::English);
    assert!(history.contains("Ana Reyes") && history.contains("print-page"));
}

/// A charge moves no money between banks, so it never settles; a figure that was only read moved nothing at all.
#[test]
fn only_what_moved_speaks_of_moves_and_settling() {
    let moved = page("explain", Language::English);
    assert_eq!(moved.matches("<dt>Settled</dt>").count(), 2, "two of its three moves are payments");
    assert!(moved.contains("Each move takes money"));
    assert!(!page("explain-source", Language::English).contains("Each move takes money"));
}
