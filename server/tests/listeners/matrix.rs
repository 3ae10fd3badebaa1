//! Every route for everybody: what the table says is what they get, and foreign looks like missing.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use billing::ids::PaymentId;
use server::table::{Listener, Outcome, Route, TABLE};
use sqlx::PgPool;

use crate::{
    desk::{Answer, Cookie, Portal},
    forms::{forms, taken},
};

/// Ids of somebody's things.
struct Things {
    bill: String,
    payment: String,
    version: String,
}

async fn things(person: &billing::testing::people::Registered) -> Things {
    let bill = person.member.owes("120.00").await;
    let order = bill.pay("20.00");
    person.member.orders(&order).await.expect("an order");
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
        // What is typed at a door here opens none: that it is answered is all. Every other form is taken.
        "yes" if row.action == "enter" => answer.status == StatusCode::SEE_OTHER,
        "yes" => {
            answer.status == StatusCode::SEE_OTHER
                && !answer.location().contains("again=")
                && (!to_sign_in || row.action == "leave")
        }
        "sign-in" => to_sign_in,
        "404" => answer.status == StatusCode::NOT_FOUND,
        "signature" => answer.status == StatusCode::UNAUTHORIZED,
        other => panic!("{other} is no outcome"),
    }
}

/// An access row, as far as the table speaks of it.
#[derive(Debug, sqlx::FromRow)]
struct Access {
    action: String,
    allowed: bool,
    actor: Option<uuid::Uuid>,
    xid: String,
}

impl Access {
    fn said(&self) -> (String, bool, Option<uuid::Uuid>) {
        (self.action.clone(), self.allowed, self.actor)
    }
}

/// The newest access row, to look for those after it.
async fn newest_access(portal: &Portal) -> i64 {
    let sql = "SELECT coalesce(max(access_row_id), 0) FROM access_row";
    sqlx::query_scalar(sql).fetch_one(portal.plan.owner()).await.unwrap()
}

async fn access_since(portal: &Portal, newest: i64) -> Vec<Access> {
    let sql =
        "SELECT action, allowed, actor, xid::text FROM access_row WHERE access_row_id > $1 ORDER BY 1, 2";
    let rows: Vec<Access> = sqlx::query_as(sql).bind(newest).fetch_all(portal.plan.owner()).await.unwrap();
    let transactions: BTreeSet<_> = rows.iter().map(|row| row.xid.clone()).collect();
    assert_eq!(transactions.len(), rows.len(), "one row a transaction: {rows:?}");
    rows
}

/// What a request has to leave behind, by the table (Q2): one row, of what was seen or changed and of what was refused.
/// Nothing where nobody's data is touched: at the doors, by people who are signed in nowhere, and by what is refused there.
fn access_due(
    row: &Route,
    actor: &str,
    outcome: &str,
    person: uuid::Uuid,
) -> Vec<(String, bool, Option<uuid::Uuid>)> {
    if row.audit == "none" || row.action == "enter" || actor != "a4" {
        return Vec::new();
    }
    // Confirming is two changes, before and after the gateway is called, each in a transaction of its own.
    let changes = if row.path == "/api/pay/confirm" && outcome == "yes" { 2 } else { 1 };
    vec![(row.action.clone(), outcome == "yes", Some(person)); changes]
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn everybody_gets_what_the_table_says(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let (mut cells, mut audited) = (0, 0);
    let mut actors = BTreeSet::new();
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
        let (own, foreign) = (things(&ana).await, things(&ben).await);
        portal.disables(&dan).await;
        let ana_cookie = Cookie::of(ana.browser.key);

        // The stranger's ids first: what is the member's own may end their visit.
        let asked = [
            ("a1", "", Cookie::default(), &own),
            ("a7", "", Cookie::of(dan.browser.key), &own),
            ("a4", "r8", ana_cookie.clone(), &foreign),
            ("a4", "r1", ana_cookie, &own),
        ];
        actors.extend(row.outcome.keys());
        for (actor, relation, cookie, things) in asked {
            let Some(outcome) = expected(row, actor, relation) else { continue };
            let newest = newest_access(&portal).await;
            let answer = ask(&portal, row, things, &cookie).await;
            assert!(
                holds(row, outcome, &answer),
                "{} {} as {actor} {relation}: wanted {outcome}, got {} {}",
                row.method,
                row.path,
                answer.status,
                answer.location()
            );
            let kept: Vec<_> = access_since(&portal, newest).await.iter().map(Access::said).collect();
            let wanted = access_due(row, actor, outcome, ana.member.id.0);
            assert_eq!(kept, wanted, "{} {} as {actor} {relation}", row.method, row.path);
            cells += 1;
            audited += wanted.len();
        }
    }
    assert!(cells > 60, "only {cells} cells were asked");
    assert!(audited > 25, "only {audited} access rows were left");
    // Whoever has outcomes in the table is asked above.
    assert_eq!(actors.into_iter().collect::<Vec<_>>(), ["a1", "a4", "a7"]);
    portal.plan.works().await;
    portal.plan.check().await;
}

/// Each form as people send it, taken: its one access row, whoever sends it and wherever they stand (Q2).
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_form_that_is_taken_leaves_its_access_row(pool: PgPool) {
    let portal = Portal::open(pool).await;
    for form in forms(&portal).await {
        let rows = TABLE.as_ref().expect("a table that can be read").iter();
        let row = rows.clone().find(|row| row.path == form.path).expect("a row");
        let newest = newest_access(&portal).await;
        let answer = form.send(&portal).await;
        assert!(taken(&form, &answer), "{}: {}", form.path, answer.location());
        let kept: Vec<_> =
            access_since(&portal, newest).await.into_iter().map(|row| (row.action, row.allowed)).collect();
        // Two changes, each in a transaction of its own: before and after the gateway is called, or the code is used and
        // then who gave it is signed in.
        let twice = ["/api/pay/confirm", "/api/pay/cancel", "/api/register-finish"];
        let changes = if twice.contains(&form.path) { 2 } else { 1 };
        assert_eq!(kept, vec![(row.action.clone(), true); changes], "{}", form.path);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn foreign_and_missing_look_the_same(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let ben = portal.person("Ben").await;
    let foreign = things(&ben).await;
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
