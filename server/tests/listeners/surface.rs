//! The HTTP surface: headers on every answer, limits, hosts, and fields that no form has.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use billing::{
    testing::{Op, Wrong},
    words::{Language, sentence},
};
use sqlx::PgPool;

use crate::{
    desk::{Answer, Cookie, GATEWAY, ORIGIN, Portal, encoded, request},
    forms::{forms, taken},
};

fn guarded(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), value, "{what} ({}): {name}", answer.status);
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what} ({}): {policy}", answer.status);
    assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe-inline"), "{what}: {policy}");
    assert!(!answer.header("permissions-policy").is_empty(), "{what}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_answer_carries_the_headers(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let bill = ana.member.owes("120.00").await;
    let pay = format!("/bills/{}/pay", bill.id);

    for (path, status) in [
        ("/", 200),
        ("/bills", 200),
        (&*pay, 200),
        ("/nothing", 404),
        ("/bills/nothing", 404),
        ("/pkg/nothing.js", 404),
    ] {
        let answer = portal.get(path, &cookie).await;
        assert_eq!(answer.status, status, "{path}");
        guarded(&answer, path);
        assert!(answer.body.contains("<!DOCTYPE html>"), "{path}");
    }
    let pays = portal.get(&pay, &cookie).await;
    assert!(pays.header("content-security-policy").contains(&format!("form-action 'self' {GATEWAY};")));
    let reads = portal.get("/bills", &cookie).await;
    assert!(reads.header("content-security-policy").contains("form-action 'self';"));

    for (method, path, status) in [
        (Method::PUT, "/bills", StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, "/api/pay", StatusCode::METHOD_NOT_ALLOWED),
        (Method::OPTIONS, "/api/pay", StatusCode::METHOD_NOT_ALLOWED),
        (Method::PATCH, "/", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer =
            portal.send(request(method, path, &cookie).body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, status, "{path}");
        guarded(&answer, path);
    }
    let forged = request(Method::POST, "/api/pay", &cookie).body(Body::empty()).expect("a request");
    let forged = portal.send(forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    guarded(&forged, "forged");
    // Else a browser asks for one by itself, and for nothing.
    assert!(forged.body.contains("<link rel=\"icon\" href=\"/icon.svg\">"), "{}", forged.body);
}

/// A fault of ours ends in a page like any other: in its person's language, under every header, with the number that
/// finds it in the log.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_panic_ends_in_a_page(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    portal.post("/api/language", &cookie, &[("language", "es"), ("back", "/")]).await;
    let order = ana.member.owes("120.00").await.pay_in_full();
    ana.member.starts(&order).await;
    portal.plan.gateway.goes_wrong(Op::Find, Wrong::Panic);

    let asked = [("payment_id", order.payment_id.to_string())];
    let asked: Vec<_> = asked.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = portal.post("/api/pay/check", &cookie, &asked).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    guarded(&answer, "a panic");
    assert!(answer.body.contains("<html lang=\"es\""), "{}", answer.body);
    assert!(answer.body.contains(&sentence(Language::Spanish, "answer-fault", &[])), "{}", answer.body);
    assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    // Nothing is worse for it.
    let answer = portal.post("/api/pay/check", &cookie, &asked).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// What the guard turns away never reaches its page, and speaks the language chosen there all the same.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_turned_away_speaks_the_language_chosen(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let chosen = portal.post("/api/language", &cookie, &[("language", "es"), ("back", "/")]).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);

    let forged = request(Method::POST, "/api/pay", &cookie)
        .header(header::ACCEPT_LANGUAGE, "en-US")
        .body(Body::empty())
        .expect("a request");
    let forged = portal.send(forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(forged.body.contains("<html lang=\"es\">"), "{}", forged.body);
    guarded(&forged, "forged");
    let card = portal.get("/payments?from=4242424242424242", &cookie).await;
    assert_eq!(card.status, StatusCode::BAD_REQUEST);
    assert!(card.body.contains("<html lang=\"es\">"), "{}", card.body);

    // Who has chosen nothing is answered as their browser wishes.
    let stranger = request(Method::POST, "/api/pay", &Cookie::default())
        .header(header::ACCEPT_LANGUAGE, "en-US")
        .body(Body::empty())
        .expect("a request");
    assert!(portal.send(stranger).await.body.contains("<html lang=\"en\">"));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn each_nonce_is_fresh_and_stands_on_every_script(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let nonce = async || {
        let answer = portal.get("/sign-in", &Cookie::default()).await;
        let policy = answer.header("content-security-policy").to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
        assert!(nonce.len() >= 16, "{nonce}");
        for script in answer.body.split("<script").skip(1) {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "a script without it: {script}");
        }
        assert!(!answer.body.contains(" style="), "no style attributes");
        nonce
    };
    assert_ne!(nonce().await, nonce().await);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn hosts_of_others_get_nothing(pool: PgPool) {
    let portal = Portal::open(pool).await;
    for host in ["evil.example", "localhost", "localhost:3001", "localhost:3000.evil.example", ""] {
        let asked = axum::http::Request::builder().uri("/reset").header(header::HOST, host);
        let answer = portal.send(asked.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(!answer.body.contains("evil"), "{host}");
    }
    let asked = request(Method::GET, "/reset", &Cookie::default()).header("x-forwarded-host", "evil.example");
    let answer = portal.send(asked.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("evil"));
}

/// Abuse case 7: whatever a request says of where it was sent, the link in the mail leads to us.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn mailed_links_lead_to_us_whatever_the_request_says(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let form = encoded(&[("email", ana.email.as_str())]);
    let mailed = || portal.post.arrived().into_iter().filter(|mail| mail.to == ana.email).count();
    let (mut taken, mut refused) = (0, 0);
    for (name, value) in [
        ("host", "evil.example"),
        ("host", "localhost:3000@evil.example"),
        ("host", "evil.example:3000"),
        ("host", "localhost:3000.evil.example"),
        ("host", "localhost:3000, evil.example"),
        ("host", "localhost:3000#evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-server", "evil.example"),
        ("x-host", "evil.example"),
        ("x-original-host", "evil.example"),
        ("x-original-url", "https://evil.example/reset"),
        ("x-rewrite-url", "https://evil.example/reset"),
        ("x-forwarded-proto", "evil"),
        ("x-forwarded-port", "666"),
        ("x-forwarded-prefix", "//evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("referer", "https://evil.example/"),
    ] {
        // A row's hour is its own: the door counts what is asked of it.
        portal.plan.passes(chrono::TimeDelta::hours(25));
        let before = mailed();
        let mut asked = request(Method::POST, "/api/reset", &Cookie::default())
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.clone()))
            .expect("a request");
        let header = header::HeaderName::from_static(name);
        asked.headers_mut().insert(header, value.parse().expect("a value"));
        let answer = portal.send(asked).await;
        portal.plan.job().tell_due().await.expect("mail");
        if name == "host" {
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{name}: {value}");
            assert_eq!(mailed(), before, "{name}: {value} mailed something");
            refused += 1;
        } else {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}: {value}");
            assert_eq!(mailed(), before + 1, "{name}: {value}");
            let mail = portal.post.last_to(&ana.email);
            assert!(mail.text.contains(&format!("{ORIGIN}/reset?token=")), "{name}: {}", mail.text);
            assert!(!format!("{} {}", mail.text, mail.html).contains("evil"), "{name}: {}", mail.text);
            taken += 1;
        }
    }
    assert_eq!((taken, refused), (11, 6));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_too_long_is_refused(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let long = format!("/bills?after={}", "x".repeat(5000));
    assert_eq!(portal.get(&long, &Cookie::default()).await.status, StatusCode::URI_TOO_LONG);
    let big = "x".repeat(70 * 1024);
    let answer = portal.post("/api/sign-in", &Cookie::default(), &[("email", &big)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for cookie in [
        "session=",
        "session=%%%",
        "session=AAAA",
        "session=\u{1}",
        ";;;=",
        &format!("session={}", "A".repeat(9000)),
    ] {
        let Ok(asked) = request(Method::GET, "/", &Cookie(Some(cookie.to_owned()))).body(Body::empty())
        else {
            continue;
        };
        let answer = portal.send(asked).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{cookie}");
    }
}

/// T17: no column can be written by naming it in a form, though the form be right in every other field; and a field
/// that comes twice is no field.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_form_takes_a_field_it_does_not_have(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let forms = forms(&portal).await;
    let columns = sqlx::query_scalar::<_, String>(
        "SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let mut names = columns.fetch_all(portal.plan.owner()).await.expect("columns");
    names.extend(["__path", "__err", "_method", "csrf", "role", "is_admin"].map(str::to_owned));
    let before = portal.plan.everything().await;
    let mut tried = 0;
    for form in &forms {
        let right = form.pairs();
        for name in names.iter().filter(|name| right.iter().all(|(known, _)| known != name)) {
            let mut more = right.clone();
            more.push((name, "captured"));
            let answer = portal.post(form.path, &form.cookie, &more).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} took {name}", form.path);
            tried += 1;
        }
        for (name, value) in &right {
            for second in [value, "2"] {
                let mut twice = right.clone();
                twice.push((name, second));
                let answer = portal.post(form.path, &form.cookie, &twice).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} took {name} twice", form.path);
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "only {tried} were tried");
    assert_eq!(portal.plan.everything().await, before, "a row has changed");

    // It was the one field more: without it each of them is taken.
    for form in &forms {
        let answer = form.send(&portal).await;
        assert!(taken(form, &answer), "{}: {} {}", form.path, answer.status, answer.location());
    }
    println!("{tried} forms with a field too many, 0 taken; {} without it, all taken", forms.len());
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn an_event_without_our_gateways_signature_is_not_kept(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let before = portal.rows().await;
    let body = r#"{"id":"evt_1","type":"charge.captured","reference":"x","sequence":1}"#;
    for signature in ["", "t=1,v1=00", "v1=", "t=99999999999,v1=deadbeef"] {
        let event = axum::http::Request::builder()
            .method(Method::POST)
            .uri("/hooks/gateway")
            .header(header::HOST, "localhost:3000")
            .header("sandbox-signature", signature);
        let answer = portal.send(event.body(Body::from(body)).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{signature}");
    }
    assert_eq!(portal.rows().await, before);
    let form = request(Method::POST, "/csp", &Cookie::default())
        .header(header::ORIGIN, ORIGIN)
        .body(Body::from(encoded(&[("x", "y")])))
        .expect("a request");
    assert_eq!(portal.send(form).await.status, StatusCode::NO_CONTENT);
}
