//! Card numbers (abuse case 22): no form takes one, wherever it is typed, and nothing of ours keeps, says or asks for one.

use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusBuilder;
use server::table::{Listener, TABLE};
use sqlx::PgPool;

use crate::{
    desk::{Cookie, Portal},
    forms::{forms, taken},
    watch::Lines,
};

/// The gateways' own test numbers, of each brand and each length.
const NUMBERS: [&str; 16] = [
    "4242424242424242",
    "4000056655665556",
    "4000000000009995",
    "4000002500003155",
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "5200828282828210",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "3056930009020004",
    "3566002020360505",
    "6759649826438453",
];

/// As people write them.
fn written(number: &str) -> [String; 5] {
    let groups = |between: &str| {
        let digits: Vec<char> = number.chars().collect();
        digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
    };
    [
        number.to_owned(),
        groups(" "),
        groups("-"),
        format!("my card {} 12/29", groups("\u{a0}")),
        number.chars().map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap()).collect(),
    ]
}

/// Digits of a text in a row, however they are parted.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_field_of_any_form_takes_a_card_number(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let forms = forms(&portal).await;
    let recorder = PrometheusBuilder::new().build_recorder();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let (lines, _guard) = Lines::listen();
    let before = all_but_forms(&portal).await;
    let mails = portal.post.arrived().len();
    let mut tried = 0;
    for number in NUMBERS {
        for typed in written(number) {
            for form in &forms {
                for (name, _) in &form.fields {
                    let answer = portal.post(form.path, &form.cookie, &form.with(name, &typed)).await;
                    assert!(!taken(form, &answer), "{} {name}: {typed}", form.path);
                    // Back to the form; where the field is no form's but the page's own, that page is not there.
                    let back = answer.location().contains("again=");
                    assert!(back || answer.status == StatusCode::NOT_FOUND, "{} {name}: {typed}", form.path);
                    for shown in [&answer.body, answer.location()] {
                        assert!(!shown.contains(&typed), "{} shows {typed}", form.path);
                        assert!(!digits(shown).contains(number), "{} shows {number}", form.path);
                    }
                    tried += 1;
                }
            }
        }
    }
    assert!(tried >= 2000, "only {tried} were tried");
    assert_eq!(all_but_forms(&portal).await, before, "something was kept");
    let (forms, with_card): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE holds_card(typed::text || path)) FROM refused_form",
    )
    .fetch_one(portal.plan.owner())
    .await
    .expect("counts");
    assert!(forms >= 1000 && with_card == 0, "{with_card} of {forms} refused forms hold a number");
    assert_eq!(portal.post.arrived().len(), mails, "something was mailed");
    let said = format!("{}{}", lines.text(), recorder.handle().render());
    assert!(said.contains("/api/pay/confirm"), "nothing was listened to");
    for number in NUMBERS {
        assert!(!said.contains(number) && !said.contains(&number[..8]), "{number} in {said}");
    }
    println!("{tried} fields with a card number, 0 taken");
}

/// Every table but the one of forms that went back.
async fn all_but_forms(portal: &Portal) -> Vec<(String, String)> {
    let tables = portal.plan.everything().await;
    tables.into_iter().filter(|(table, _)| table != "refused_form").collect()
}

/// The form comes back, says what is wrong at the field, and has lost nothing else.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_form_with_a_card_number_comes_back_with_the_rest(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let order = ana.member.owes("120.00").await.pay("20.00");
    let (payment, bill, version) =
        (order.payment_id.to_string(), order.bill_id.to_string(), order.bill_version.to_string());
    let typed = |amount, method| {
        [
            ("payment_id", payment.as_str()),
            ("bill_id", &bill),
            ("bill_version", &version),
            ("amount", amount),
            ("method", method),
        ]
    };
    let cookie = Cookie::of(ana.browser.key);
    let answer = portal.post("/api/pay", &cookie, &typed("4242 4242 4242 4242", "bank")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let form = portal.get(answer.location(), &cookie).await;
    assert_eq!(form.status, StatusCode::OK);
    assert_eq!(form.body.matches("This looks like a card number").count(), 2, "summary and field");
    assert!(!digits(&form.body).contains("4242424242424242"));
    let chosen = form.body.split("<input").find(|input| input.contains("checked")).expect("a method");
    assert!(chosen.contains("value=\"bank\""), "{chosen}");
}

/// The address of a page is a form, too: what is typed into it is not shown again and leads nowhere.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_page_takes_a_card_number_from_its_address(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let names =
        ["from", "to", "kind", "open", "status", "after", "again", "next", "kept", "sent", "token", "x"];
    for (path, typed) in [
        ("/payments", "4242424242424242"),
        ("/payments.csv", "4242+4242+4242+4242"),
        ("/bills", "4242-4242-4242-4242"),
        ("/sign-in", "%34242424242424242"),
        ("/reset", "4242%204242%204242%204242"),
        ("/register/finish", "x4242424242424242"),
    ] {
        for name in names {
            for cookie in [&cookie, &Cookie::default()] {
                let answer = portal.get(&format!("{path}?{name}={typed}"), cookie).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}?{name}={typed}");
                assert!(!digits(&answer.body).contains("4242424242424242"), "{path}?{name}={typed}");
            }
        }
    }
    for path in ["/bills/4242424242424242", "/explain/4242424242424242/4242424242424242", "/4242424242424242"]
    {
        let answer = portal.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!digits(&answer.body).contains("4242424242424242"), "{path}");
    }
}

/// No page asks for what is typed at the gateway alone, or lets a browser fill it in.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_page_has_a_field_for_a_card(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let order = ana.member.owes("120.00").await.pay("20.00");
    ana.member.orders(&order).await.expect("an order");
    let mut fields = 0;
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener != Listener::Member || row.method != "GET" {
            continue;
        }
        let id =
            if row.object == "payment" { order.payment_id.to_string() } else { order.bill_id.to_string() };
        let path = row.path.replace("{kind}", "bill-owed").replace("{id}", &id);
        for cookie in [&Cookie::of(ana.browser.key), &Cookie::default()] {
            let body = portal.get(&path, cookie).await.body.to_lowercase();
            // As a word of its own: an id may end a group of its digits so.
            let autofill = ["\"cc-", " cc-"].iter().any(|word| body.contains(word));
            assert!(!autofill && !body.contains("<iframe"), "{path}");
            for field in body.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
                for word in
                    ["card_", "cardnumber", "card-number", "\"pan\"", "cvc", "cvv", "expiry", "routing"]
                {
                    assert!(!field.contains(word), "{path}: {field}");
                }
                fields += 1;
            }
        }
    }
    assert!(fields >= 20, "only {fields} fields were looked at");
}
