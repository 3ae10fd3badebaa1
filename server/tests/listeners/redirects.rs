//! Where forms lead (abuse cases 16 and 20): to pages of ours or to the gateway, whatever the request says.

use axum::http::StatusCode;
use sqlx::PgPool;

use crate::desk::{Cookie, Portal};

const ELSEWHERE: [&str; 28] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/bills/../../evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "//localhost:3000@evil.example",
    "http://localhost:3000.evil.example",
    "http://localhost:3000@evil.example",
    "http://127.0.0.1:4000.evil.example/",
    "/bills\r\nLocation: https://evil.example",
    "/bills%0d%0aLocation:%20https://evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.//evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/bills?__err=You%20owe%20nothing",
    "/sign-in?__path=/x&__err=x",
    "/api/pay",
];

/// What parsers of addresses disagree on, before a name that is not ours.
const BEFORE: [&str; 24] = [
    "/\\/",
    "\\/",
    "/\\",
    "/ /",
    "/\u{b}/",
    "/\r/",
    "\u{0}//",
    "\u{feff}//",
    "\u{a0}//",
    "/\u{2028}/",
    "\u{ff0f}\u{ff0f}",
    "/\u{ff0f}",
    "/%09/",
    "/%0d%0a//",
    "/%2f",
    "/%5c",
    "%2f%2f",
    "/..//",
    "/bills/..//",
    "/%2e%2e//",
    "https:/",
    "https:///",
    "ht\ttps://",
    "//localhost:3000%2f@",
];

/// The names behind them.
const NAMES: [&str; 4] =
    ["evil.example", "evil.example/bills", "evil.example:3000", "EVIL.example%23.localhost:3000"];

fn ways_out() -> Vec<String> {
    let made = BEFORE.iter().flat_map(|before| NAMES.map(|name| format!("{before}{name}")));
    ELSEWHERE.map(str::to_owned).into_iter().chain(made).collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn no_form_leads_elsewhere(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let ways = ways_out();
    assert!(ways.len() >= 120, "only {} ways out", ways.len());
    for way in &ways {
        let way = way.as_str();
        let language = portal
            .post("/api/language", &Cookie::of(ana.browser.key), &[("language", "en"), ("back", way)])
            .await;
        let right =
            [("email", ana.email.as_str()), ("password", billing::testing::people::PASSWORD), ("next", way)];
        let enter = portal.post("/api/sign-in", &Cookie::default(), &right).await;
        let wrong = [("email", ana.email.as_str()), ("password", "x"), ("next", way)];
        let stay = portal.post("/api/sign-in", &Cookie::default(), &wrong).await;
        // Where a page asks to sign in first, and where signing in then leads.
        let asked = way.parse::<axum::http::Uri>().ok().filter(|_| way.starts_with('/'));
        let turned = match asked {
            Some(uri) => portal.get(&uri.to_string(), &Cookie::default()).await,
            None => portal.get("/", &Cookie::default()).await,
        };
        let location = turned.location();
        assert!(location.is_empty() || location.starts_with("/sign-in"), "{way}: {location}");
        for answer in [language, enter, stay] {
            assert!(answer.status == StatusCode::SEE_OTHER || answer.status.is_client_error(), "{way}");
            let location = answer.location();
            assert!(
                location.is_empty() || (location.starts_with('/') && !location.starts_with("//")),
                "{way}: {location}"
            );
            for word in ["evil", "__err", "__path", "\\", "%5c", "%2f", "\t"] {
                assert!(!location.to_lowercase().contains(word), "{way}: {location}");
            }
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_words_of_an_address_are_never_shown_as_ours(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let spoof = "__err=eyJFcnJvciI6IllvdSBhcmUgY3V0IG9mZiJ9&__path=/api/pay&again=YouAreCutOff&ended=YouAreCutOff&done=YouAreCutOff";
    for path in ["/", "/bills", "/payments", "/profile", "/sign-in", "/register", "/reset"] {
        for cookie in [&cookie, &Cookie::default()] {
            let answer = portal.get(&format!("{path}?{spoof}"), cookie).await;
            assert!(!answer.status.is_server_error(), "{path}");
            let body = answer.body.replace("&amp;", "&");
            let main = body.split("<main").nth(1).unwrap_or_default();
            let shown = main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
            for text in shown {
                assert!(!text.contains("YouAreCutOff"), "{path} shows {text}");
            }
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn coming_back_from_the_gateway_moves_nothing(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let order = ana.member.owes("120.00").await.pay("20.00");
    let attempt = ana.member.starts(&order).await;
    let cookie = Cookie::of(ana.browser.key);
    let state = portal.plan.state(attempt).await;
    for query in
        ["reference=x", "state=captured", "success=true&amount=20.00", "reference=&reference=", "paid=1#paid"]
    {
        let answer = portal.get(&format!("/payments/{}?{query}", order.payment_id), &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(portal.plan.state(attempt).await, state, "{query}");
    }
    portal.plan.check().await;
}
