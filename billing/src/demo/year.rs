//! Thirteen months of one member's bills and payments.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{
    book::{BillDraft, Book, End, LineDraft, Owner, PaymentDraft},
    people::{Person, Story},
};
use crate::{bills::BillKind, money::Money, payments::Method};

const MONTHS: u32 = 13;

/// What the services of a bill are, with what is usually billed for them, in cents.
const MEDICAL: [(&str, i64); 14] = [
    ("Office visit, established patient", 24_500),
    ("Office visit, new patient", 38_000),
    ("Blood test, lipid panel", 9_800),
    ("Blood test, complete count", 7_400),
    ("X-ray, wrist, 2 views", 21_600),
    ("X-ray, chest", 26_300),
    ("Ultrasound, abdomen", 61_000),
    ("MRI scan, knee", 184_000),
    ("Physical therapy, 45 minutes", 17_900),
    ("Vaccination", 8_800),
    ("Urgent care visit", 31_200),
    ("Emergency department visit", 214_000),
    ("Skin biopsy", 43_500),
    ("Eye examination", 19_900),
];
const PHARMACY: [(&str, i64); 6] = [
    ("Prescription, 30 days", 6_400),
    ("Prescription, 90 days", 17_200),
    ("Inhaler", 31_900),
    ("Antibiotic, 10 days", 4_100),
    ("Insulin, 3 vials", 44_800),
    ("Eye drops", 8_700),
];

/// Places of care by region; the names are made up.
fn provider(region: &str) -> &'static str {
    match region {
        "NCA" => "Oakland Medical Center",
        "SCA" => "Harbor View Medical Offices",
        "CO" => "Front Range Medical Offices",
        "GA" => "Peachtree Medical Center",
        "HI" => "Moanalua Ridge Clinic",
        "MAS" => "Potomac Medical Center",
        "OR_SWWA" => "Willamette Medical Offices",
        _ => "Puget Sound Medical Center",
    }
}

/// Writes the bills and payments of one member up to `today`.
pub(super) fn write(book: &mut Book<'_>, owner: &Owner, person: &Person, today: NaiveDate) {
    if person.story == Some(Story::NoBills) {
        return;
    }
    premiums(book, owner, person, today);
    match person.story {
        Some(story) => told(book, owner, person, story, today),
        None => care(book, owner, person, today),
    }
}

fn cents(cents: i64) -> Money {
    Money::from_cents(cents)
}

/// `percent` of an amount, to the cent.
fn part(amount: Money, percent: i64) -> Money {
    amount.times(rust_decimal::Decimal::new(percent, 2)).unwrap_or(Money::ZERO)
}

fn before(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_sub_days(Days::new(days.unsigned_abs())).unwrap_or(day)
}

fn after(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(day)
}

fn premiums(book: &mut Book<'_>, owner: &Owner, person: &Person, today: NaiveDate) {
    let first_of_month = today.with_day(1).unwrap_or(today);
    // Statements come in the first two weeks of the month before (S38): the newest bill is next month's, once issued.
    let ahead = u32::from(today.day() >= 10);
    let newest = first_of_month.checked_add_months(Months::new(ahead)).unwrap_or(first_of_month);
    for back in (0..MONTHS).rev() {
        let Some(month) = newest.checked_sub_months(Months::new(back)) else { continue };
        let issued_on = before(month, 25).with_day(10).unwrap_or(month).min(today);
        let mut due_on = month;
        if back == 0 && person.story == Some(Story::DueSoon) {
            due_on = after(today, 6);
        }
        let draft = premium(owner, person, month, issued_on, due_on);
        let payments = premium_payments(book, owner, person, &draft, back);
        book.bill(owner, &draft, &payments);
    }
}

fn premium(
    owner: &Owner,
    person: &Person,
    month: NaiveDate,
    issued_on: NaiveDate,
    due_on: NaiveDate,
) -> BillDraft {
    let last_day = month.checked_add_months(Months::new(1)).map_or(month, |next| before(next, 1));
    let line =
        |kind: &'static str, description: String, person: Option<String>, amount: i64, source: &str| {
            LineDraft {
                kind,
                description,
                person,
                served_on: None,
                stated: None,
                owed: cents(amount),
                share: None,
                source: format!("rate sheet {} {}, {source}", month.year(), owner.region),
            }
        };
    let name = |given: &str| format!("{given} {}", person.family);
    let mut lines =
        vec![line("premium", "Premium".to_owned(), Some(name(person.given)), person.price, "subscriber")];
    let mut people = vec![(person.given, person.family, "subscriber")];
    for (given, relation, price) in &person.family_members {
        lines.push(line("premium", "Premium".to_owned(), Some(name(given)), *price, relation));
        people.push((given, person.family, *relation));
    }
    if person.product == "exchange" {
        let credit = part(cents(person.price), 35).to_cents().saturating_neg();
        lines.push(line("credit", "Advance premium tax credit".to_owned(), None, credit, "exchange"));
    }
    BillDraft {
        number: format!("P{}-{}", owner.unit, month.format("%Y%m")),
        kind: BillKind::Premium,
        issued_on,
        due_on,
        period: (month, last_day),
        provider: None,
        paid_before: None,
        lines,
        people,
    }
}

fn premium_payments(
    book: &mut Book<'_>,
    owner: &Owner,
    person: &Person,
    draft: &BillDraft,
    back: u32,
) -> Vec<PaymentDraft> {
    let due: Money = draft.lines.iter().map(|line| line.owed).sum();
    // People with a story pay early, so that what stands out is their story.
    let days = if person.story.is_some() { book.dice.between(1, 4) } else { book.dice.between(1, 20) };
    let on = after(draft.issued_on, days);
    if on > book.settled_by_now(owner.zone) {
        return Vec::new();
    }
    if back == 0 && person.story == Some(Story::DueSoon) {
        return Vec::new();
    }
    let over = person.story == Some(Story::Credit) && back == 3;
    let paid = person.story.is_some() || book.dice.chance(94);
    let amount = match (over, paid) {
        (true, _) => due.plus(cents(10_000)),
        (false, true) => due,
        (false, false) if book.dice.chance(50) => part(due, 60),
        (false, false) => return Vec::new(),
    };
    let payment = settled(book, amount, on);
    vec![if over { PaymentDraft { channel: "mail", method: Method::Check, ..payment } } else { payment }]
}

/// A payment by one of the ways that need no portal: mail, telephone, a desk.
fn settled(book: &mut Book<'_>, amount: Money, on: NaiveDate) -> PaymentDraft {
    let ways = [
        ("mail", Method::Check),
        ("mail", Method::Check),
        ("phone", Method::Card),
        ("phone", Method::Card),
        ("phone", Method::Bank),
        ("desk", Method::Cash),
        ("desk", Method::Check),
    ];
    let (channel, method) = book.dice.pick(&ways, ("mail", Method::Check));
    PaymentDraft { amount, channel, method, on, end: End::Settled }
}

/// A medical or pharmacy bill; its number of lines and its amounts are left to chance.
fn visit(
    book: &mut Book<'_>,
    owner: &Owner,
    kind: BillKind,
    served_on: NaiveDate,
    lines: i64,
    number: i64,
) -> BillDraft {
    let services: &[(&str, i64)] = if kind == BillKind::Pharmacy { &PHARMACY } else { &MEDICAL };
    let document = format!("EOB {}-{:05}", served_on.format("%Y%m%d"), book.dice.between(1, 99_999));
    let lines = (1..=lines)
        .map(|line| {
            let (description, usual) = book.dice.pick(services, ("Office visit", 20_000));
            let billed = part(cents(usual), book.dice.between(85, 130));
            let discount = part(billed, book.dice.between(20, 55));
            let allowed = billed.minus(discount);
            let (share, percent) = book.dice.pick(
                &[("coinsurance", 20), ("coinsurance", 30), ("deductible", 100), ("copay", 15)],
                ("copay", 15),
            );
            let owed = if book.dice.chance(20) { Money::ZERO } else { part(allowed, percent) };
            LineDraft {
                kind: "service",
                description: description.to_owned(),
                person: None,
                served_on: Some(served_on),
                stated: Some((billed, discount, allowed.minus(owed))),
                owed,
                share: owed.is_positive().then_some((share, owed)),
                source: format!("{document}, line {line}"),
            }
        })
        .collect();
    care_bill(owner, kind, served_on, lines, number)
}

fn care_bill(
    owner: &Owner,
    kind: BillKind,
    served_on: NaiveDate,
    lines: Vec<LineDraft>,
    number: i64,
) -> BillDraft {
    let issued_on = after(served_on, 18);
    let letter = if kind == BillKind::Pharmacy { 'R' } else { 'M' };
    BillDraft {
        number: format!("{letter}{}-{number:03}", owner.unit),
        kind,
        issued_on,
        due_on: after(issued_on, 30),
        period: (served_on, served_on),
        provider: Some(provider(owner.region)),
        paid_before: Some(Money::ZERO),
        lines,
        people: Vec::new(),
    }
}

/// One service with amounts that tell the story: billed, discount, paid by the plan, owed, all in cents.
fn service(
    description: &str,
    served_on: NaiveDate,
    amounts: (i64, i64, i64, i64),
    share: &'static str,
) -> LineDraft {
    let (billed, discount, plan_paid, owed) = amounts;
    LineDraft {
        kind: "service",
        description: description.to_owned(),
        person: None,
        served_on: Some(served_on),
        stated: Some((cents(billed), cents(discount), cents(plan_paid))),
        owed: cents(owed),
        share: (owed > 0).then_some((share, cents(owed))),
        source: format!("EOB {}-00017, {description}", served_on.format("%Y%m%d")),
    }
}

/// What anyone's year brings.
fn care(book: &mut Book<'_>, owner: &Owner, person: &Person, today: NaiveDate) {
    for number in 1..=book.dice.between(0, 5) {
        let kind = if book.dice.chance(65) { BillKind::Medical } else { BillKind::Pharmacy };
        let served_on = before(today, book.dice.between(25, 380));
        let lines = book.dice.between(1, 4);
        let mut draft = visit(book, owner, kind, served_on, lines, number);
        let owed: Money = draft.lines.iter().map(|line| line.owed).sum();
        if person.price > 60_000 && owed > cents(6_000) {
            draft.paid_before = Some(cents(2_000));
        }
        let due = owed.minus(draft.paid_before.unwrap_or_default());
        let on = after(draft.issued_on, book.dice.between(3, 28));
        let mut payments = Vec::new();
        if due.is_positive() && on <= book.settled_by_now(owner.zone) && book.dice.chance(85) {
            let amount = if book.dice.chance(88) { due } else { part(due, 40) };
            if amount.is_positive() {
                payments.push(settled(book, amount, on));
            }
        }
        book.bill(owner, &draft, &payments);
    }
}

fn told(book: &mut Book<'_>, owner: &Owner, person: &Person, story: Story, today: NaiveDate) {
    match story {
        Story::Overdue => {
            let served_on = before(today, 68);
            let lines = vec![
                service(
                    "Office visit, established patient",
                    served_on,
                    (38_000, 18_260, 14_500, 5_240),
                    "coinsurance",
                ),
                service("Blood test, lipid panel", served_on, (12_000, 6_980, 5_020, 0), "copay"),
                service("X-ray, wrist, 2 views", served_on, (74_000, 36_000, 28_700, 9_300), "coinsurance"),
            ];
            let mut draft = care_bill(owner, BillKind::Medical, served_on, lines, 1);
            draft.paid_before = Some(cents(6_000));
            book.bill(owner, &draft, &[]);
        }
        Story::PendingBank => {
            let draft = one_service(owner, today, (96_000, 41_000, 43_680, 11_320));
            book.bill(owner, &draft, &[]);
        }
        Story::PartPaid => {
            let draft = one_service(owner, before(today, 10), (184_000, 92_000, 67_000, 25_000));
            let payment = PaymentDraft {
                amount: cents(10_000),
                channel: "mail",
                method: Method::Check,
                on: before(today, 14),
                end: End::Settled,
            };
            book.bill(owner, &draft, &[payment]);
        }
        Story::Spanish => {
            let draft = visit(book, owner, BillKind::Pharmacy, before(today, 30), 2, 2);
            book.bill(owner, &draft, &[]);
            let draft = one_service(owner, today, (31_200, 12_480, 14_980, 3_740));
            book.bill(owner, &draft, &[]);
        }
        Story::Large => {
            let served_on = before(today, 40);
            let lines = vec![service(
                "Hospital stay with cardiac surgery, intensive care and rehabilitation, 41 days",
                served_on,
                (128_431_077, 70_000_000, 48_554_534, 9_876_543),
                "coinsurance",
            )];
            book.bill(owner, &care_bill(owner, BillKind::Medical, served_on, lines, 1), &[]);
        }
        Story::Many => {
            for number in 1..=45_i64 {
                let kind =
                    if number.checked_rem(3) == Some(0) { BillKind::Pharmacy } else { BillKind::Medical };
                let served_on = before(today, number.saturating_mul(8).saturating_add(20));
                let draft = visit(book, owner, kind, served_on, 2, number);
                let due: Money = draft.lines.iter().map(|line| line.owed).sum();
                let on = after(draft.issued_on, 12);
                let pays = due.is_positive() && on <= book.settled_by_now(owner.zone);
                let payments = if pays { vec![settled(book, due, on)] } else { Vec::new() };
                book.bill(owner, &draft, &payments);
            }
        }
        Story::Returned => {
            let draft = one_service(owner, before(today, 12), (61_000, 24_400, 28_640, 7_960));
            let payment = PaymentDraft {
                amount: cents(7_960),
                channel: "phone",
                method: Method::Bank,
                on: before(today, 20),
                end: End::Returned,
            };
            book.bill(owner, &draft, &[payment]);
        }
        Story::Unregistered | Story::NoEmail => care(book, owner, person, today),
        Story::DueSoon | Story::Credit | Story::NoBills => {}
    }
}

fn one_service(owner: &Owner, today: NaiveDate, amounts: (i64, i64, i64, i64)) -> BillDraft {
    let served_on = before(today, 34);
    let lines = vec![service("Urgent care visit", served_on, amounts, "coinsurance")];
    care_bill(owner, BillKind::Medical, served_on, lines, 1)
}
