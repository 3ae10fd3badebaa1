//! Signing in and out through the forms: new ids, dead ids, and cookies that say nothing.

use axum::http::{StatusCode, header};
use billing::testing::people::PASSWORD;
use sqlx::PgPool;

use crate::desk::{Answer, Cookie, Portal};

fn session(answer: &Answer) -> Option<Cookie> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|line| line.split(';').next())
        .find(|pair| pair.starts_with("session="))
        .map(|pair| Cookie(Some(pair.to_owned())))
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_in_gives_a_new_id_and_kills_the_old_one(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;

    // A visit of nobody, planted by whoever: a refused form opens one.
    let planted = portal.post("/api/sign-in", &Cookie::default(), &[("email", "x"), ("password", "x")]).await;
    let planted = session(&planted).expect("a visit for the refused form");

    let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
    let entered = portal.post("/api/sign-in", &planted, &fields).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/"));
    let own = session(&entered).expect("a cookie");
    assert_ne!(own.0, planted.0);
    assert_eq!(portal.get("/", &own).await.status, StatusCode::OK);
    assert_eq!(portal.get("/", &planted).await.status, StatusCode::SEE_OTHER);

    let set =
        entered.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned());
    for line in set {
        assert!(
            line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"),
            "{line}"
        );
    }

    let left = portal.post("/api/sign-out", &own, &[]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(left.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(portal.get("/", &own).await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_out_everywhere_ends_the_other_browser(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
    let first = session(&portal.post("/api/sign-in", &Cookie::default(), &fields).await).expect("a cookie");
    let second = session(&portal.post("/api/sign-in", &Cookie::default(), &fields).await).expect("a cookie");
    portal.post("/api/sign-out-everywhere", &first, &[]).await;
    for cookie in [first, second, Cookie::of(ana.browser.key)] {
        assert_eq!(portal.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn known_and_unknown_people_get_the_same_answer(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    for (form, known, unknown) in [
        (
            "/api/sign-in",
            vec![("email", ana.email.as_str()), ("password", "not the one it is 42")],
            vec![("email", "nobody@example.test"), ("password", "not the one it is 42")],
        ),
        ("/api/reset", vec![("email", ana.email.as_str())], vec![("email", "nobody@example.test")]),
        (
            "/api/register",
            vec![("mrn", ana.mrn.as_str()), ("birth_date", "02/29/1980")],
            vec![("mrn", "99999999"), ("birth_date", "02/29/1980")],
        ),
    ] {
        let answers = [
            portal.post(form, &Cookie::default(), &known).await,
            portal.post(form, &Cookie::default(), &unknown).await,
        ];
        let mut pages = Vec::new();
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}");
            let cookie = session(answer).unwrap_or_default();
            pages.push(portal.get(answer.location(), &cookie).await);
        }
        let words =
            |answer: &Answer| answer.body.replace(&ana.email, "who").replace("nobody@example.test", "who");
        let words = |answer: &Answer| words(answer).replace(&ana.mrn, "which").replace("99999999", "which");
        assert_eq!(blank(&words(&pages[0])), blank(&words(&pages[1])), "{form}");
    }
}

/// Ids, codes and nonces differ from answer to answer.
fn blank(body: &str) -> String {
    let ids = regex_lite::Regex::new(
        "[0-9a-f]{8}-[0-9a-f-]{27}|nonce=\"[^\"]*\"|[0-9]{1,2}:[0-9]{2} [AP]M|[0-9]{3,4} ?[0-9]{3,4}",
    )
    .unwrap();
    ids.replace_all(body, "-").into_owned()
}
