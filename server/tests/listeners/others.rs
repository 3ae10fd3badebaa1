//! What is no page and no form: the gateway's events, the watchers' questions, the browsers' reports, and the closed
//! desk.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use billing::{
    clock::Clock,
    words::{Language, sentence},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use metrics_exporter_prometheus::PrometheusBuilder;
use server::{
    hooks::{self, Hooks},
    listeners::{
        desk,
        ops::{self, Ops, Ready},
    },
    table::{Listener, Outcome, TABLE},
};
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::desk::{ORIGIN, Portal};

const SECRET: &str = "hook-secret";

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let answer = router.clone().oneshot(request).await.expect("routers do not fail");
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole body");
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

fn plain(method: &str, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
    request.body(Body::empty()).expect("a request")
}

/// The header by which the gateway signs `body` with `secret` at `stamp`.
pub fn signature(secret: &str, stamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(format!("{stamp}.").as_bytes());
    mac.update(body);
    format!("t={stamp},v1={}", hex::encode(mac.finalize().into_bytes()))
}

pub fn event(signature: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/hooks/gateway")
        .header(header::HOST, "localhost:3000")
        .header("sandbox-signature", signature)
        .body(body.into())
        .expect("a request")
}

fn signed(body: &str) -> Request<Body> {
    event(&signature(SECRET, Clock::System.now().timestamp(), body.as_bytes()), body.to_owned())
}

/// The matrix of the listeners without members: anybody for their own outcome, and the machine.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_other_route_answers_as_the_table_says(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ready = Ready::default();
    ready.set(true);
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let ops = ops::router(Ops { ready: ready.clone(), billing: portal.plan.billing.clone(), metrics });
    let desk = desk::router(ORIGIN);
    let hooks =
        hooks::router(Hooks { billing: portal.plan.billing.clone(), secrets: Arc::new([SECRET.into()]) });

    let mut asked = 0;
    for row in TABLE.as_ref().expect("a table that can be read") {
        let router = match row.listener {
            Listener::Member if row.path == "/csp" => &portal.router,
            Listener::Member => continue,
            Listener::Webhook => &hooks,
            Listener::Desk => &desk,
            Listener::Ops => &ops,
        };
        for (actor, outcome) in &row.outcome {
            let request = if row.listener == Listener::Webhook && actor == "a14" {
                signed(r#"{"id":"evt_1","type":"charge.captured","reference":"x"}"#)
            } else {
                plain(&row.method, &row.path)
            };
            let (status, headers, _) = ask(router, request).await;
            // Hooks stand behind the member listener, and under its headers.
            if row.listener != Listener::Webhook {
                assert_eq!(
                    headers.get("x-content-type-options").map(HeaderValue::as_bytes),
                    Some(&b"nosniff"[..])
                );
                assert!(headers.contains_key("content-security-policy"), "{}", row.path);
            }
            let held = match outcome {
                Outcome::Always(word) if word == "yes" => status.is_success(),
                Outcome::Always(word) if word == "signature" => status == StatusCode::UNAUTHORIZED,
                other => panic!("{} {}: {other:?} is asked by nobody", row.method, row.path),
            };
            assert!(held, "{} {} as {actor}: {status}", row.method, row.path);
            asked += 1;
        }
        // Each of them exists by its own method, on its own listener.
        let other = if row.method == "GET" { "POST" } else { "GET" };
        let (status, ..) = ask(router, plain(other, &row.path)).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{other} {}", row.path);
        for elsewhere in
            [&ops, &desk, &hooks].into_iter().filter(|elsewhere| !std::ptr::eq(*elsewhere, router))
        {
            if row.path != "/" {
                let (status, ..) = ask(elsewhere, plain(&row.method, &row.path)).await;
                assert_eq!(status, StatusCode::NOT_FOUND, "{} on another listener", row.path);
            }
        }
    }
    assert!(asked >= 13, "only {asked} cells were asked");
    ready.set(false);
    assert_eq!(ask(&ops, plain("GET", "/readyz")).await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_closed_desk_says_so_in_both_languages() {
    let desk = desk::router("https://bills.example");
    let (status, headers, body) = ask(&desk, plain("GET", "/")).await;
    assert_eq!(status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ] {
        assert_eq!(headers.get(name).and_then(|value| value.to_str().ok()), Some(value), "{name}");
    }
    let policy = headers.get("content-security-policy").and_then(|value| value.to_str().ok());
    assert!(policy.is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert!(body.contains("<title>Member billing: The staff desk</title>"), "{body}");
    assert!(body.contains("<a href=\"https://bills.example\">"), "{body}");
    for language in Language::ALL {
        let own = body.split(&format!("<section lang=\"{}\">", language.tag())).nth(1).expect("a part");
        let own = own.split("</section>").next().unwrap_or_default();
        for key in ["desk-title", "desk-closed", "desk-members", "desk-reps"] {
            let said = sentence(language, key, &[]);
            assert!(!said.is_empty() && own.contains(&said), "{key} in {}: {own}", language.tag());
        }
    }
    for path in ["/bills", "/api/pay", "/sign-in", "/hooks/gateway", "/metrics", "/desk"] {
        assert_eq!(ask(&desk, plain("GET", path)).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

/// What the database cannot hold would be sent again for days: it is refused for good.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_signed_event_nobody_can_keep_is_refused_for_good(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let before = portal.rows().await;
    let long = "x".repeat(4000);
    let bodies = [
        r#"{"id":"evt\u0000","type":"charge.captured","reference":"x"}"#.to_owned(),
        r#"{"id":"evt_1","type":"charge\u0000","reference":"x"}"#.to_owned(),
        r#"{"id":"evt_1","type":"charge.captured","reference":"\u0000"}"#.to_owned(),
        r#"{"id":"","type":"charge.captured","reference":"x"}"#.to_owned(),
        format!(r#"{{"id":"{long}","type":"charge.captured","reference":"x"}}"#),
        format!(r#"{{"id":"evt_1","type":"charge.captured","reference":"{long}"}}"#),
        r#"{"id":"evt_1","type":"charge.captured"}"#.to_owned(),
        "{}".to_owned(),
        "\0".to_owned(),
    ];
    for body in bodies {
        let answer = portal.send(signed(&body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(portal.rows().await, before);
    // The same, sound, is kept.
    let answer = portal.send(signed(r#"{"id":"evt_1","type":"charge.captured","reference":"x"}"#)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_ne!(portal.rows().await, before);
}

/// Abuse case 15: two hundred events the gateway did not sign, and the one it did.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_hundred_forged_events_are_refused(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let before = portal.rows().await;
    let now = Clock::System.now().timestamp();
    let mut forged = 0;
    for number in 0..20 {
        let body =
            format!(r#"{{"id":"evt_{number}","type":"charge.captured","reference":"x","amount":"1.00"}}"#);
        let good = signature(SECRET, now, body.as_bytes());
        let digest = good.split("v1=").nth(1).expect("a digest");
        let (rest, last) = digest.split_at(digest.len() - 1);
        let flipped = if last == "0" { "1" } else { "0" };
        for (header, sent) in [
            (String::new(), body.clone()),
            (signature("another-secret", now, body.as_bytes()), body.clone()),
            (signature("", now, body.as_bytes()), body.clone()),
            (signature(SECRET, now - 400 - number, body.as_bytes()), body.clone()),
            (signature(SECRET, now + 400 + number, body.as_bytes()), body.clone()),
            (format!("t={},v1={digest}", now - 1), body.clone()),
            (format!("t={now},v1={rest}{flipped}"), body.clone()),
            (format!("t={now},v1={rest}"), body.clone()),
            (format!("t={now},v0={digest}"), body.clone()),
            (format!("v1={digest}"), body.clone()),
            (format!("t= {now},v1={digest}"), body.clone()),
            (good.clone(), body.replace("1.00", "9.00")),
            (good.clone(), format!("{body} ")),
            (signature(SECRET, now, b""), body.clone()),
        ] {
            let answer = portal.send(event(&header, sent)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header}");
            forged += 1;
        }
    }
    assert!(forged >= 200, "only {forged} were forged");
    assert_eq!(portal.rows().await, before);

    // The gateway's own is kept once, however often it comes.
    for _ in 0..3 {
        let answer = portal.send(signed(r#"{"id":"evt_0","type":"charge.captured","reference":"x"}"#)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway_event")
        .fetch_one(portal.plan.owner())
        .await
        .expect("a count");
    assert_eq!(kept, 1);
}
