//! Forms that no page of ours sent (abuse case 12): nothing happens.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use server::table::{Listener, TABLE};
use sqlx::PgPool;

use crate::desk::{Cookie, ORIGIN, Portal, encoded, request};

const FORM: &str = "application/x-www-form-urlencoded";

/// What a page elsewhere, an old browser or a script could send: (Sec-Fetch-Site, Origin, Content-Type).
const VARIANTS: [(Option<&str>, Option<&str>, Option<&str>); 15] = [
    (None, None, Some(FORM)),
    (Some("cross-site"), None, Some(FORM)),
    (Some("same-site"), None, Some(FORM)),
    (Some("none"), None, Some(FORM)),
    (Some("cross-site"), Some(ORIGIN), Some(FORM)),
    (Some("same-origin"), Some("https://evil.example"), Some(FORM)),
    (None, Some("https://evil.example"), Some(FORM)),
    (None, Some("null"), Some(FORM)),
    (None, Some("http://localhost:30000"), Some(FORM)),
    (None, Some("http://localhost"), Some(FORM)),
    (None, Some("https://localhost:3000"), Some(FORM)),
    (Some("same-origin"), Some(ORIGIN), Some("text/plain")),
    (Some("same-origin"), Some(ORIGIN), Some("application/json")),
    (Some("same-origin"), Some(ORIGIN), Some("multipart/form-data; boundary=x")),
    (Some("same-origin"), Some(ORIGIN), None),
];

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_form_from_elsewhere_changes_nothing(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let order = ana.member.owes("120.00").await.pay("20.00");
    ana.member.orders(&order).await.expect("an order");
    let cookie = Cookie::of(ana.browser.key);
    let payment = order.payment_id.to_string();
    let before = (portal.rows().await, portal.contents().await);

    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener != Listener::Member || row.method != "POST" || row.path == "/csp" {
            continue;
        }
        let fields: Vec<(&str, &str)> = row
            .fields
            .iter()
            .map(|name| match name.as_str() {
                "payment_id" => ("payment_id", payment.as_str()),
                "language" => ("language", "es"),
                name => (name, "1"),
            })
            .collect();
        for (site, origin, kind) in VARIANTS {
            let mut forged: axum::http::request::Builder = request(Method::POST, &row.path, &cookie);
            for (name, value) in [
                ("sec-fetch-site", site),
                (header::ORIGIN.as_str(), origin),
                (header::CONTENT_TYPE.as_str(), kind),
            ] {
                if let Some(value) = value {
                    forged = forged.header(name, value);
                }
            }
            let answer = portal.send(forged.body(Body::from(encoded(&fields))).expect("a request")).await;
            let refused =
                [StatusCode::FORBIDDEN, StatusCode::UNSUPPORTED_MEDIA_TYPE].contains(&answer.status);
            assert!(refused, "{} with {site:?} {origin:?} {kind:?}: {}", row.path, answer.status);
        }
    }
    assert_eq!((portal.rows().await, portal.contents().await), before, "a forged form had an effect");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn looking_changes_nothing(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let order = ana.member.owes("120.00").await.pay("20.00");
    ana.member.orders(&order).await.expect("an order");
    let cookie = Cookie::of(ana.browser.key);
    let before = portal.rows().await;
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener != Listener::Member {
            continue;
        }
        let id =
            if row.object == "payment" { order.payment_id.to_string() } else { order.bill_id.to_string() };
        let path = row.path.replace("{kind}", "bill-owed").replace("{id}", &id);
        // Forms too, asked for by GET.
        let answer = portal.get(&path, &cookie).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
        let head = Request::builder().method(Method::HEAD).uri(&path).header(header::HOST, "localhost:3000");
        let answer = portal.send(head.body(Body::empty()).expect("a request")).await;
        assert!(!answer.status.is_server_error(), "HEAD {path}: {}", answer.status);
    }
    assert_eq!(portal.rows().await, before, "a look had an effect");
}
