//! Looking (abuse case 12, Q6): every page for every kind of visitor, with nothing at hand that could write.

use axum::http::StatusCode;
use billing::{
    Billing, Pools,
    ids::PaymentId,
    testing::{START, people::Browser},
};
use server::table::{Listener, TABLE};
use sqlx::PgPool;

use crate::desk::{Cookie, GATEWAY, Portal};

/// The same plan, held by pages that can reach the role of pages and no other.
async fn reading_only(portal: &Portal) -> Portal {
    let pools = portal.plan.billing.pools();
    let closed =
        sqlx::postgres::PgPoolOptions::new().connect_lazy_with((*pools.read.connect_options()).clone());
    closed.close().await;
    let pools = Pools { read: pools.read.clone(), write: closed.clone(), work: closed.clone(), auth: closed };
    let plan = &portal.plan;
    let settings = plan.billing.settings().clone();
    let billing =
        Billing::new(pools, std::sync::Arc::new(plan.gateway.clone()), plan.clock.clone(), settings);
    portal.over(billing, GATEWAY)
}

/// T12, Q6: with every other pool closed, a page that asked for more than the role of pages gives would be a fault.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_page_is_read_in_the_role_of_pages(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let (ana, ben, dan) =
        (portal.person("Ana").await, portal.person("Ben").await, portal.person("Dan").await);
    let cookie = Cookie::of(ana.browser.key);
    let order = ana.member.owes("120.00").await.pay("20.00");
    ana.member.starts(&order).await;
    portal.disables(&dan).await;

    // What pages of forms and doors look up besides: a form kept for its visit, and what was asked for at it.
    let nobody = Cookie::of(Browser::open(&portal.plan.billing).await.key);
    let refused = portal.post("/api/sign-in", &nobody, &[("email", "x"), ("password", "x")]).await;
    let reset = portal.post("/api/reset", &nobody, &[("email", &ana.email)]).await;
    let register = [("mrn", ben.mrn.as_str()), ("birth_date", "02/29/1980")];
    let register = portal.post("/api/register", &nobody, &register).await;
    let bill = format!("/bills/{}/pay", order.bill_id);
    let (id, of, version) =
        (PaymentId::mint().to_string(), order.bill_id.to_string(), order.bill_version.to_string());
    let unpaid = [
        ("payment_id", id.as_str()),
        ("bill_id", &of),
        ("bill_version", &version),
        ("amount", "1e3"),
        ("method", "card"),
    ];
    let unpaid = portal.post("/api/pay", &cookie, &unpaid).await;
    let mut paths: Vec<String> = [&refused, &reset, &register, &unpaid]
        .iter()
        .map(|answer| answer.location().to_owned())
        .inspect(|location| assert!(location.contains('='), "{location}"))
        .collect();
    paths.extend([
        "/reset?token=x".to_owned(),
        "/reset?done=1".to_owned(),
        "/register/finish".to_owned(),
        "/bills?kind=medical&status=open".to_owned(),
        "/payments?from=2027-01-01&to=2027-01-31".to_owned(),
        "/stay?again=x".to_owned(),
        format!("/payments/{}?success=true", order.payment_id),
        "/nothing".to_owned(),
        bill,
    ]);
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener == Listener::Member && row.method == "GET" {
            let id = if row.object == "payment" {
                order.payment_id.to_string()
            } else {
                order.bill_id.to_string()
            };
            paths.push(row.path.replace("{kind}", "bill-owed").replace("{id}", &id));
        }
    }
    assert!(paths.len() >= 24, "only {} pages", paths.len());

    let visitors = [
        ("nobody", Cookie::default()),
        ("a visit of nobody", nobody),
        ("a member", cookie),
        ("another member", Cookie::of(ben.browser.key)),
        ("a disabled person", Cookie::of(dan.browser.key)),
        ("a cookie of nothing", Cookie(Some("session=AAAAAAAAAAAAAAAAAAAAAA".to_owned()))),
        ("a broken cookie", Cookie(Some("session=%%%".to_owned()))),
    ];
    let reading = reading_only(&portal).await;
    let before = (portal.rows().await, portal.contents().await);
    let mut asked = 0;
    // At once, when each visit wants to note that it is used, and when it is over.
    for minutes in [0, 1, 120] {
        portal.plan.is_at(START);
        portal.plan.passes(chrono::TimeDelta::minutes(minutes));
        for (visitor, cookie) in &visitors {
            for path in &paths {
                let answer = reading.get(path, cookie).await;
                // The same as with every role at hand.
                assert!(!answer.status.is_server_error(), "{path} as {visitor}: {}", answer.status);
                if minutes == 0 {
                    let whole = portal.get(path, cookie).await;
                    assert_eq!(answer.seen(), whole.seen(), "{path} as {visitor}");
                }
                asked += 1;
            }
        }
    }
    println!("{asked} looks, none of them in a role that could write");
    assert_eq!((portal.rows().await, portal.contents().await), before);

    // The wall is there: a form cannot pass it.
    let written = reading.post("/api/reset", &visitors[1].1, &[("email", &ana.email)]).await;
    assert!(written.status.is_server_error(), "{}", written.status);
}

/// A calendar goes further than the database's dates do, in both directions.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_date_in_an_address_is_a_fault(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let cookie = Cookie::of(portal.person("Ana").await.browser.key);
    for far in ["-200000-01-01", "%2B262000-01-01", "0000-01-01", "9999-12-31"] {
        for (path, status) in [
            (format!("/payments?from={far}"), StatusCode::OK),
            (format!("/payments?to={far}"), StatusCode::OK),
            (format!("/payments.csv?from={far}"), StatusCode::BAD_REQUEST),
            (format!("/payments.csv?to={far}"), StatusCode::BAD_REQUEST),
            (format!("/explain/history/{far}.."), StatusCode::NOT_FOUND),
            (format!("/explain/history/..{far}"), StatusCode::NOT_FOUND),
        ] {
            assert_eq!(portal.get(&path, &cookie).await.status, status, "{path}");
        }
    }
}

/// A table that is held for longer than a page waits: come again, and when.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_file_from_a_busy_database_is_to_be_had_later(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let cookie = Cookie::of(portal.person("Ana").await.browser.key);
    let mut held = portal.plan.owner().begin().await.unwrap();
    sqlx::query("LOCK TABLE payment IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    let busy = portal.get("/payments.csv", &cookie).await;
    assert_eq!((busy.status, busy.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    held.rollback().await.unwrap();
    assert_eq!(portal.get("/payments.csv", &cookie).await.status, StatusCode::OK);
}
