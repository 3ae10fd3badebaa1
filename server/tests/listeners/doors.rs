//! Signing in and out through the forms: new ids, dead ids, and cookies that say nothing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::http::{StatusCode, header};
use billing::testing::people::{Browser, PASSWORD};
use sqlx::PgPool;

use crate::desk::{Answer, Cookie, Portal};

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_in_gives_a_new_id_and_kills_the_old_one(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;

    // A visit of nobody, planted by whoever: a refused form opens one.
    let planted = portal.post("/api/sign-in", &Cookie::default(), &[("email", "x"), ("password", "x")]).await;
    let planted = planted.session().expect("a visit for the refused form");

    let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
    let entered = portal.post("/api/sign-in", &planted, &fields).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/"));
    let own = entered.session().expect("a cookie");
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

/// T8: at every change of power there is today, the id from before it is dead afterwards, whoever knew it.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_change_of_power_gives_a_new_id_and_kills_the_old_one(pool: PgPool) {
    const NEW_PASSWORD: &str = "copper lantern on the 9th pier";
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let dee = portal.plan.member("Dee").await.scope().profile().await.unwrap();
    let opened = async || Cookie::of(Browser::open(&portal.plan.billing).await.key);
    let alive = async |cookie: &Cookie| {
        let key = cookie.0.as_deref().and_then(|pair| pair.strip_prefix("session=")).unwrap();
        let key = key.parse::<tower_sessions::session::Id>().unwrap().0.into();
        portal.plan.billing.visits().load(key).await.unwrap().is_some()
    };
    let number = |answer: &Answer, name: &str| {
        let (_, rest) = answer.location().split_once(&format!("{name}=")).expect("an id in the address");
        rest.to_owned()
    };

    // Signing in.
    let planted = opened().await;
    let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
    let signed_in = portal.post("/api/sign-in", &planted, &fields).await.session().expect("a new id");
    assert!(signed_in.0 != planted.0 && !alive(&planted).await && alive(&signed_in).await);

    // Signing out: the browser is given none, and gets another with its next form.
    let left = portal.post("/api/sign-out", &signed_in, &[]).await;
    assert!(left.session().is_none() && !alive(&signed_in).await);
    let next = portal.post("/api/reset", &signed_in, &[("email", "")]).await.session().expect("a new id");
    assert!(next.0 != signed_in.0 && alive(&next).await);

    // Registering.
    let planted = opened().await;
    let fields = [("mrn", dee.mrn.as_str()), ("birth_date", "02/29/1980")];
    let sent = number(&portal.post("/api/register", &planted, &fields).await, "sent");
    portal.plan.job().tell_due().await.unwrap();
    let code = portal.post.code_to(dee.email.as_deref().unwrap());
    let fields = [("sent", sent.as_str()), ("code", &code), ("password", PASSWORD)];
    let registered =
        portal.post("/api/register-finish", &planted, &fields).await.session().expect("a new id");
    assert!(registered.0 != planted.0 && !alive(&planted).await && alive(&registered).await);

    // A new password, from a browser where nobody is signed in and from one of the person's own.
    for own in [false, true] {
        let fields = [("email", ana.email.as_str()), ("password", if own { NEW_PASSWORD } else { PASSWORD })];
        let elsewhere = portal.post("/api/sign-in", &Cookie::default(), &fields).await.session().unwrap();
        let planted = if own { elsewhere.clone() } else { opened().await };
        let asked = portal.post("/api/reset", &planted, &[("email", &ana.email)]).await;
        let sent = number(&asked, "sent").parse().unwrap();
        let key = planted.0.as_deref().unwrap().strip_prefix("session=").unwrap();
        let key = key.parse::<tower_sessions::session::Id>().unwrap().0.into();
        let visit = portal.plan.billing.visits().load(key).await.unwrap().unwrap();
        let code = portal.plan.billing.door(Some(&visit)).shown_code(sent).await.unwrap().unwrap();
        portal.plan.job().tell_due().await.unwrap();
        let token = portal.post.token_to(&ana.email);
        let fields = [("token", token.as_str()), ("code", &code), ("password", NEW_PASSWORD)];
        let changed = portal.post("/api/reset-finish", &planted, &fields).await;
        assert!(changed.location().contains("done"), "{changed:?}");
        assert!(!alive(&planted).await && !alive(&elsewhere).await);
        match changed.session() {
            Some(goes_on) => assert!(!own && goes_on.0 != planted.0 && alive(&goes_on).await),
            None => assert!(own, "a visit of nobody goes on under a new id"),
        }
    }
}

/// T9: what is asked after a sign-out was answered is asked by nobody, on every node, however many requests were under
/// way; and nothing under way brings the visit back.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nothing_under_way_survives_a_sign_out(pool: PgPool) {
    const UNDER_WAY: usize = 64;
    let rounds = if std::env::var_os("PORTAL_SOAK").is_some() { 500 } else { 5 };
    let nodes = [Portal::open(pool.clone()).await, Portal::open(pool).await].map(Arc::new);
    let ana = nodes[0].person("Ana").await;
    let order = ana.member.owes("50.00").await.pay_in_full();
    ana.member.orders(&order).await.unwrap();
    let order = order.payment_id.to_string();
    let mut before_all = 0;
    for round in 0..rounds {
        let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
        let cookie = nodes[0].post("/api/sign-in", &Cookie::default(), &fields).await.session().unwrap();
        // Every request wants to note that the visit was used.
        for node in &nodes {
            node.plan.passes(chrono::TimeDelta::seconds(20));
        }

        let (out, before) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let under_way: Vec<_> = (0..UNDER_WAY)
            .map(|number| {
                let (node, cookie, order) = (nodes[number % 2].clone(), cookie.clone(), order.clone());
                let (out, before) = (out.clone(), before.clone());
                tokio::spawn(async move {
                    let mut given = Vec::new();
                    // On until two were asked after the sign-out had been answered.
                    let mut after = 0;
                    while after < 2 {
                        let asked_after = out.load(Ordering::SeqCst);
                        let answer = match number % 4 {
                            0 | 1 => node.get("/payments.csv", &cookie).await,
                            2 => node.get("/profile", &cookie).await,
                            _ => node.post("/api/pay/check", &cookie, &[("payment_id", &order)]).await,
                        };
                        // A form's answer leads to the payment, or to the door.
                        let authorised = answer.status == StatusCode::OK
                            || (number % 4 == 3 && answer.location() == format!("/payments/{order}"));
                        if asked_after {
                            after += 1;
                            assert!(!authorised, "{answer:?}");
                        } else if authorised {
                            before.fetch_add(1, Ordering::SeqCst);
                        }
                        given.extend(answer.session());
                    }
                    given
                })
            })
            .collect();
        while before.load(Ordering::SeqCst) < UNDER_WAY / 4 + round % 7 {
            tokio::task::yield_now().await;
        }
        let left = nodes[round % 2].post("/api/sign-out", &cookie, &[]).await;
        out.store(true, Ordering::SeqCst);
        assert_eq!(left.status, StatusCode::SEE_OTHER);

        let mut given = Vec::new();
        for one in under_way {
            given.extend(one.await.unwrap());
        }
        before_all += before.load(Ordering::SeqCst);
        for node in &nodes {
            assert_eq!(node.get("/profile", &cookie).await.status, StatusCode::SEE_OTHER, "round {round}");
        }
        // Whoever got a new visit meanwhile sits at it as nobody.
        let alive: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM visit WHERE member_id = $1 AND revoked_at IS NULL AND visit_id <> $2",
        )
        .bind(ana.member.id)
        .bind(ana.browser.visit.visit_id)
        .fetch_one(nodes[0].plan.owner())
        .await
        .unwrap();
        assert_eq!(alive, 0, "round {round}: {} ids given meanwhile", given.len());
    }
    println!(
        "{before_all} answers of a signed-in person before the sign-outs, 0 of {} after",
        rounds * UNDER_WAY * 2
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_out_everywhere_ends_the_other_browser(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
    let first = portal.post("/api/sign-in", &Cookie::default(), &fields).await.session().expect("a cookie");
    let second = portal.post("/api/sign-in", &Cookie::default(), &fields).await.session().expect("a cookie");
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
            let cookie = answer.session().unwrap_or_default();
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
