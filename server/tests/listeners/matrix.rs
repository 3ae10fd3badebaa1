//! Every route for everybody: what the table says is what they get, and foreign looks like missing.

use axum::http::StatusCode;
use billing::{ids::PaymentId, testing::TestPlan};
use server::table::{Listener, Outcome, Route, TABLE};
use sqlx::PgPool;

use crate::desk::{Answer, Cookie, Portal};

/// Ids of somebody's things.
struct Things {
    bill: String,
    payment: String,
    version: String,
}

async fn things(portal: &Portal, person: &billing::testing::people::Registered) -> Things {
    let bill = person.member.owes("120.00").await;
    let order = bill.pay("20.00");
    person.member.orders(&order).await.expect("an order");
    let _: &TestPlan = &portal.plan;
    Things {
        bill: bill.id.to_string(),
        payment: order.payment_id.to_string(),
        version: order.bill_version.to_string(),
    }
}

fn missing() -> Things {
    Things {
        bill: billing::ids::BillId::mint().to_string(),
        payment: PaymentId::mint().to_string(),
        version: "1".to_owned(),
    }
}

fn path_of(row: &Route, things: &Things) -> String {
    if row.object == "payment" {
        return row.path.replace("{id}", &things.payment);
    }
    row.path.replace("{kind}", "bill-owed").replace("{id}", &things.bill)
}

async fn ask(portal: &Portal, row: &Route, things: &Things, cookie: &Cookie) -> Answer {
    let path = path_of(row, things);
    if row.method == "GET" {
        return portal.get(&path, cookie).await;
    }
    // `/api/pay` takes a key of its own each time; the other forms name an order that stands.
    let fresh = PaymentId::mint().to_string();
    let fields: Vec<(&str, &str)> = row
        .fields
        .iter()
        .map(|name| {
            let value = match name.as_str() {
                "payment_id" if row.path == "/api/pay" => fresh.as_str(),
                "payment_id" => things.payment.as_str(),
                "bill_id" => things.bill.as_str(),
                "bill_version" => things.version.as_str(),
                "amount" => "10.00",
                "method" => "card",
                "language" => "en",
                "back" => "/bills",
                _ => "",
            };
            (name.as_str(), value)
        })
        .collect();
    portal.post(&path, cookie, &fields).await
}

fn expected<'a>(row: &'a Route, actor: &str, relation: &str) -> Option<&'a str> {
    match row.outcome.get(actor)? {
        Outcome::Always(outcome) => Some(outcome),
        Outcome::By(relations) => relations.get(relation).map(String::as_str),
    }
}

fn holds(row: &Route, outcome: &str, answer: &Answer) -> bool {
    let to_sign_in = answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in");
    match outcome {
        "yes" if row.method == "GET" => answer.status == StatusCode::OK,
        "yes" => {
            answer.status == StatusCode::SEE_OTHER
                && (!to_sign_in || row.action == "leave" || row.action == "enter")
        }
        "sign-in" => to_sign_in,
        "404" => answer.status == StatusCode::NOT_FOUND,
        "signature" => answer.status == StatusCode::UNAUTHORIZED,
        other => panic!("{other} is no outcome"),
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn everybody_gets_what_the_table_says(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let mut cells = 0;
    for row in TABLE.as_ref().expect("a table that can be read") {
        if !matches!(row.listener, Listener::Member) || row.path == "/csp" {
            continue;
        }
        // Forms that sign people in or out change who sits there: each row gets its own people, and two hours of its
        // own, for the rate of the door.
        portal.plan.passes(chrono::TimeDelta::hours(2));
        let ana = portal.person("Ana").await;
        let ben = portal.person("Ben").await;
        let dan = portal.person("Dan").await;
        let (own, foreign) = (things(&portal, &ana).await, things(&portal, &ben).await);
        portal.disables(&dan).await;
        let ana_cookie = Cookie::of(ana.browser.key);

        // The stranger's ids first: what is the member's own may end their visit.
        let asked = [
            ("a1", "", Cookie::default(), &own),
            ("a7", "", Cookie::of(dan.browser.key), &own),
            ("a4", "r8", ana_cookie.clone(), &foreign),
            ("a4", "r1", ana_cookie, &own),
        ];
        for (actor, relation, cookie, things) in asked {
            let Some(outcome) = expected(row, actor, relation) else { continue };
            let answer = ask(&portal, row, things, &cookie).await;
            assert!(
                holds(row, outcome, &answer),
                "{} {} as {actor} {relation}: wanted {outcome}, got {} {}",
                row.method,
                row.path,
                answer.status,
                answer.location()
            );
            cells += 1;
        }
    }
    assert!(cells > 60, "only {cells} cells were asked");
    portal.plan.works().await;
    portal.plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn foreign_and_missing_look_the_same(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let ben = portal.person("Ben").await;
    let foreign = things(&portal, &ben).await;
    let cookie = Cookie::of(ana.browser.key);
    let mut compared = 0;
    for row in TABLE.as_ref().expect("a table that can be read") {
        if expected(row, "a4", "r8") != Some("404") {
            continue;
        }
        let foreign = ask(&portal, row, &foreign, &cookie).await;
        let nowhere = ask(&portal, row, &missing(), &cookie).await;
        assert_eq!(foreign.seen(), nowhere.seen(), "{} {}", row.method, row.path);
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} routes were compared");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_no_id_is_not_found_and_never_a_fault(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    for id in [
        "0",
        "-1",
        "1e3",
        "%00",
        "..",
        "%2e%2e",
        "null",
        "01a105b6-5d80-7007-8efb",
        "' OR 1=1 --".replace(' ', "%20").as_str(),
        "01A105B6-5D80-7007-8EFB-0FD6CD6B6BC0",
        "９",
        "%ff",
        &"9".repeat(300),
    ] {
        for path in [
            format!("/bills/{id}"),
            format!("/bills/{id}/pay"),
            format!("/payments/{id}"),
            format!("/explain/bill-owed/{id}"),
            format!("/explain/{id}/{id}"),
        ] {
            let Ok(uri) = path.parse::<axum::http::Uri>() else { continue };
            let answer = portal.get(&uri.to_string(), &cookie).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        let answer = portal.post("/api/pay/confirm", &cookie, &[("payment_id", id)]).await;
        assert!(answer.status.is_client_error(), "{id}: {}", answer.status);
    }
}
