//! Where a person's data must not be (abuse case 21): everything known of one person is planted, every page and form is
//! gone through, and all that leaves beside the pages themselves is searched.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use billing::{bills::BillKind, ids::PaymentId, testing::people::PASSWORD};
use metrics_exporter_prometheus::PrometheusBuilder;
use regex_lite::Regex;
use server::table::{Listener, TABLE};
use sqlx::PgPool;

use crate::{
    desk::{Answer, Cookie, ORIGIN, Portal, encoded, request},
    outside::{KEY, Outside},
    watch::Lines,
};

const NEW_PASSWORD: &str = "copper lantern on the 9th pier";

/// What is known of the person, by what it is. Each is a text that nothing else holds.
const PLANTED: [(&str, &str); 9] = [
    ("given name", "Xochitlcanary"),
    ("family name", "Quetzalcanary"),
    ("record number", "70911317"),
    ("telephone", "5550178834"),
    ("provider", "Canary Oncology"),
    ("service", "Chemotherapy canary"),
    ("covered person", "Tlalocanary"),
    ("last four digits", "9173"),
    ("bank", "Canary Savings"),
];

/// What was typed, for the form and its person alone.
const TYPED: &str = "typed canary";

/// Ids, instants and counts can hold anybody's digits by chance.
fn blank(text: &str) -> String {
    let chance = Regex::new(
        r#"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"timestamp":"[^"]*"|[0-9]+\.[0-9]{6,}"#,
    )
    .unwrap();
    chance.replace_all(text, "id").into_owned()
}

struct Walk {
    portal: Portal,
    answers: Vec<(String, Answer)>,
}

impl Walk {
    async fn get(&mut self, path: &str, cookie: &Cookie) -> Answer {
        let answer = self.portal.get(path, cookie).await;
        self.answers.push((format!("GET {path}"), answer.clone()));
        answer
    }

    async fn post(&mut self, path: &str, cookie: &Cookie, fields: &[(&str, &str)]) -> Answer {
        let answer = self.portal.post(path, cookie, fields).await;
        self.answers.push((format!("POST {path}"), answer.clone()));
        answer
    }

    /// A form, and the page it leads to.
    async fn send(&mut self, path: &str, cookie: &Cookie, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, cookie, fields).await;
        let next = answer.session().unwrap_or_else(|| cookie.clone());
        if answer.location().starts_with('/') {
            let place = answer.location().to_owned();
            self.get(&place, &next).await;
        }
        answer
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nothing_of_a_person_leaves_beside_their_pages(pool: PgPool) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let (lines, _guard) = Lines::listen();
    let opened = Portal::open(pool).await;
    let own = opened.person("Xochitlcanary").await;
    let cookie = Cookie::of(own.browser.key);
    let owner = opened.plan.owner().clone();
    let planted = |number: usize| PLANTED[number].1;
    sqlx::query("UPDATE member SET family_name = $2, mrn = $3, phone = $4 WHERE member_id = $1")
        .bind(own.member.id.0)
        .bind(planted(1))
        .bind(planted(2))
        .bind(planted(3))
        .execute(&owner)
        .await
        .expect("planted");
    let bills = [
        own.member.owes("120.00").await,
        own.member.owes("130.00").await,
        own.member.owes("140.00").await,
        own.member.is_billed(BillKind::Premium, "150.00").await,
    ];
    for bill in &bills {
        sqlx::query("UPDATE bill SET provider = $2 WHERE bill_id = $1")
            .bind(bill.id.0)
            .bind(planted(4))
            .execute(&owner)
            .await
            .expect("planted");
        sqlx::query(
            "INSERT INTO bill_line (bill_id, line, kind, description, person, owed, source)
             VALUES ($1, 1, 'service', $2, $3, 120, 'canary.json')",
        )
        .bind(bill.id.0)
        .bind(planted(5))
        .bind(planted(6))
        .execute(&owner)
        .await
        .expect("planted");
    }

    let outside = Outside::open().await;
    let mut walk = Walk { portal: outside.behind(&opened), answers: Vec::new() };
    let mut secrets: Vec<(&str, String)> =
        PLANTED.iter().map(|(what, text)| (*what, (*text).to_owned())).collect();
    secrets.extend([
        ("address", own.email.clone()),
        ("year of birth", "1980".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("new password", NEW_PASSWORD.to_owned()),
        ("what was typed", TYPED.to_owned()),
        ("gateway's key", KEY.to_owned()),
        ("hook's secret", "hook-secret".to_owned()),
    ]);

    // Payments: one at the gateway's page, one taken by the bank, one declined, one waiting for its person.
    let paid = own.member.starts(&bills[1].pay_by_bank("21.00")).await;
    opened.plan.gateway.person_pays(paid);
    opened.plan.job().resolve(paid).await.expect("resolved");
    sqlx::query("UPDATE payment_attempt SET last4 = $2, brand = $3 WHERE attempt_id = $1")
        .bind(paid.0)
        .bind(planted(7))
        .bind(planted(8))
        .execute(&owner)
        .await
        .expect("planted");
    let declined = own.member.starts(&bills[2].pay("22.00")).await;
    opened.plan.gateway.person_is_declined(declined, "insufficient");
    opened.plan.job().resolve(declined).await.expect("resolved");
    opened.plan.job().tell_due().await.expect("mail");
    let payment_of = async |attempt: billing::ids::AttemptId| -> String {
        let id: uuid::Uuid =
            sqlx::query_scalar("SELECT payment_id FROM payment_attempt WHERE attempt_id = $1")
                .bind(attempt.0)
                .fetch_one(&owner)
                .await
                .expect("a payment");
        id.to_string()
    };
    let payments = [payment_of(paid).await, payment_of(declined).await];

    let (id, bill) = (PaymentId::mint().to_string(), bills[0].id.to_string());
    let order = |amount| {
        [
            ("payment_id", id.as_str()),
            ("bill_id", &bill),
            ("bill_version", "1"),
            ("amount", amount),
            ("method", "bank"),
        ]
    };
    walk.send("/api/pay", &cookie, &order(TYPED)).await;
    walk.send("/api/pay", &cookie, &order("20.00")).await;
    let sent = walk.post("/api/pay/confirm", &cookie, &[("payment_id", &id), ("again", "yes")]).await;
    assert!(sent.location().starts_with(&outside.url), "{sent:?}");
    walk.post("/api/pay/continue", &cookie, &[("payment_id", &id)]).await;
    for path in ["/api/pay/check", "/api/pay/cancel"] {
        walk.send(path, &cookie, &[("payment_id", &id)]).await;
    }

    // Every page, as its person and as nobody; and addresses that say what they should not.
    let ids = [payments.as_slice(), std::slice::from_ref(&id)].concat();
    let mut paths = Vec::new();
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener == Listener::Member && row.method == "GET" {
            let things = if row.object == "payment" {
                ids.clone()
            } else {
                bills.iter().map(|bill| bill.id.to_string()).collect()
            };
            paths.extend(things.iter().map(|id| row.path.replace("{kind}", "bill-owed").replace("{id}", id)));
        }
    }
    for (_, text) in PLANTED.iter().chain([&("typed", TYPED)]) {
        let text = text.replace(' ', "%20");
        paths.extend([
            format!("/nothing/{text}"),
            format!("/bills/{text}"),
            format!("/explain/{text}/{text}"),
            format!("/sign-in?next={text}&kept={text}&again={text}"),
            format!("/register/finish?sent={text}"),
            format!("/reset?sent={text}"),
        ]);
    }
    for path in &paths {
        for cookie in [&cookie, &Cookie::default()] {
            walk.get(path, cookie).await;
        }
    }

    // The doors: refused, lost, new, out.
    let nobody = Cookie::default();
    walk.send("/api/sign-in", &nobody, &[("email", &own.email), ("password", TYPED)]).await;
    walk.send("/api/register", &nobody, &[("mrn", TYPED), ("birth_date", TYPED)]).await;
    walk.send("/api/register", &nobody, &[("mrn", planted(2)), ("birth_date", "02/29/1980")]).await;
    let asked = walk.post("/api/reset", &nobody, &[("email", &own.email)]).await;
    let browser = asked.session().expect("a visit");
    let page = walk.get(asked.location(), &browser).await.body;
    let code = Regex::new("[0-9]{3} [0-9]{3}").unwrap().find(&page).expect("a code").as_str().to_owned();
    opened.plan.job().tell_due().await.expect("mail");
    let token = opened.post.token_to(&own.email);
    for code in ["000 000", code.as_str()] {
        let fields = [("token", token.as_str()), ("code", code), ("password", NEW_PASSWORD)];
        walk.send("/api/reset-finish", &browser, &fields).await;
    }
    let entered = walk
        .send("/api/sign-in", &nobody, &[("email", own.email.as_str()), ("password", NEW_PASSWORD)])
        .await;
    let again = entered.session().expect("signed in");
    let device = entered
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .find_map(|line| line.to_str().ok()?.strip_prefix("device=")?.split(';').next())
        .expect("a mark")
        .to_owned();
    walk.send("/api/sign-out", &again, &[]).await;

    // What no page of ours would send.
    for (method, path, content, body) in [
        (Method::PUT, "/bills", "text/plain", PLANTED[0].1.to_owned()),
        (Method::POST, "/api/pay", "text/plain", PLANTED[0].1.to_owned()),
        (Method::POST, "/api/pay", "application/x-www-form-urlencoded", encoded(&[(PLANTED[1].1, TYPED)])),
        (Method::POST, "/api/nothing", "application/x-www-form-urlencoded", encoded(&[("x", PLANTED[2].1)])),
        (Method::POST, "/hooks/gateway", "application/json", format!("{{\"id\":\"{}\"}}", PLANTED[5].1)),
        (Method::POST, "/csp", "application/csp-report", format!("{{\"x\":\"{}\"}}", PLANTED[4].1)),
        (Method::POST, "/api/reset", "application/x-www-form-urlencoded", "x".repeat(70 * 1024)),
    ] {
        let asked = request(method.clone(), path, &cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, ORIGIN)
            .header(header::REFERER, format!("{ORIGIN}/{}", PLANTED[6].1))
            .header(header::USER_AGENT, PLANTED[8].1)
            .header(header::CONTENT_TYPE, content);
        let answer = walk.portal.send(asked.body(Body::from(body)).expect("a request")).await;
        assert!(answer.status.as_u16() >= 400 || path == "/csp", "{path}: {}", answer.status);
        walk.answers.push((format!("{method} {path}"), answer));
    }
    let keys = [&cookie, &again, &browser]
        .map(|cookie| cookie.0.clone().unwrap().split_once('=').unwrap().1.to_owned());
    secrets.extend(keys.map(|key| ("a visit's key", key)));
    secrets.extend([("code", code.replace(' ', "")), ("code", code), ("device's mark", device)]);

    // It was all there to be seen, where it belongs.
    let pages: String = walk
        .answers
        .iter()
        .filter(|(_, answer)| answer.status == StatusCode::OK)
        .map(|(_, answer)| answer.body.as_str())
        .collect();
    for (what, text) in PLANTED.iter().filter(|(what, _)| !["telephone"].contains(what)) {
        assert!(pages.contains(text), "{what} is on no page");
    }
    assert!(pages.contains(TYPED), "what was typed did not come back");

    let mut left: BTreeMap<String, String> = BTreeMap::new();
    left.insert("the log".to_owned(), lines.text());
    left.insert("the metrics".to_owned(), recorder.handle().render());
    for (number, mail) in opened.post.arrived().iter().enumerate() {
        left.insert(format!("subject {number}"), format!("{} {}", mail.subject, mail.message_id));
    }
    let sent = outside.asked.lock().unwrap().clone();
    assert!(!sent.is_empty(), "no page was asked for");
    for page in &sent {
        let fields: BTreeSet<&str> = page.as_object().unwrap().keys().map(String::as_str).collect();
        let known = [
            "amount",
            "currency",
            "description",
            "expires_at",
            "language",
            "methods",
            "reference",
            "return_url",
        ];
        assert_eq!(fields, known.into_iter().collect());
        assert_eq!(page["return_url"], format!("{ORIGIN}/payments/{id}"));
        left.insert("the gateway's page".to_owned(), page.to_string());
    }
    let addresses = Regex::new(r#" (?:href|action|src|content|data-[a-z-]+)="([^"]*)""#).unwrap();
    let scripts = Regex::new(r"(?s)<script[^>]*>.*?</script>").unwrap();
    for (number, (what, answer)) in walk.answers.iter().enumerate() {
        if !what.ends_with("/icon.svg") && !what.contains("/csp") && !what.contains("/hooks") {
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        }
        // The token of a mailed link stands in the address of its own page, and nowhere else.
        let location = answer.location().replace(&token, "token");
        left.insert(format!("{number} {what}: Location"), location);
        let headers = answer.headers.iter().filter(|(name, _)| *name != header::SET_COOKIE);
        let headers: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default())).collect();
        let headers = headers.join("\n");
        left.insert(format!("{number} {what}: headers"), headers.replace(&token, "token"));
        let found: Vec<String> =
            addresses.captures_iter(&answer.body).map(|found| found[1].to_owned()).collect();
        left.insert(format!("{number} {what}: addresses"), found.join("\n"));
        let found: String = scripts.find_iter(&answer.body).map(|found| found.as_str().to_owned()).collect();
        left.insert(format!("{number} {what}: scripts"), found);
        if answer.status.as_u16() >= 400 {
            let main = answer.body.split_once("<main").map_or("", |(_, main)| main);
            left.insert(format!("{number} {what}: its page"), main.to_owned());
        }
    }
    secrets.push(("token", token));
    for (place, text) in &left {
        let text = blank(text).to_lowercase();
        for (what, secret) in &secrets {
            assert!(!text.contains(&secret.to_lowercase()), "{what} ({secret}) in {place}: {text}");
        }
    }
    println!(
        "{} answers, {} places beside the pages searched for {} secrets",
        walk.answers.len(),
        left.len(),
        secrets.len()
    );
}

/// What pages hand to their islands, in the markup around them: island or attribute, and the pages that carry it. Islands
/// take no props. A new one stands here before it stands in a page.
const HANDED: [(&str, &[&str]); 15] = [
    ("TimeLeft", &EVERY),
    ("data-seconds", &EVERY),
    ("data-warning", &EVERY),
    ("data-over", &EVERY),
    ("data-longer", &EVERY),
    ("AmountReading", &["/bills/{id}/pay"]),
    ("data-most", &["/bills/{id}/pay"]),
    ("data-owed", &["/bills/{id}/pay"]),
    ("data-reading", &["/bills/{id}/pay"]),
    ("data-left", &["/bills/{id}/pay"]),
    ("data-too-much", &["/bills/{id}/pay"]),
    ("PrintPage", &["/bills/{id}", "/payments", "/payments/{id}"]),
    ("CopyButton", &["/payments/{id}"]),
    ("data-done", &["/payments/{id}"]),
    // Read by the journeys that add up a trail.
    ("data-total", &["/explain/{kind}/{id}"]),
];

/// The pages that a visit carries: each says when it ends.
const EVERY: [&str; 14] = [
    "/",
    "/bills",
    "/bills/{id}",
    "/bills/{id}/pay",
    "/explain/{kind}/{id}",
    "/language",
    "/payments",
    "/payments/{id}",
    "/profile",
    "/register",
    "/register/finish",
    "/reset",
    "/sign-in",
    "/stay",
];

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_pages_hand_to_islands_is_listed(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let ana = portal.person("Ana").await;
    let cookie = Cookie::of(ana.browser.key);
    let medical = ana.member.owes("120.00").await;
    let premium = ana.member.is_billed(BillKind::Premium, "90.00").await;
    let orders = [medical.pay("20.00"), premium.pay("21.00")];
    ana.member.orders(&orders[0]).await.expect("an order");
    ana.member.pay(&orders[1]).await.expect("paid");
    let island = Regex::new(r"<leptos-island([^>]*)>").unwrap();
    let named = Regex::new(r#"data-component="([A-Za-z]+)_[0-9]+""#).unwrap();
    let attribute = Regex::new(r" (data-[a-z-]+)[= >]").unwrap();
    let mut handed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.listener != Listener::Member || row.method != "GET" {
            continue;
        }
        let things = if row.object == "payment" {
            orders.iter().map(|order| order.payment_id.to_string()).collect::<Vec<_>>()
        } else {
            [&medical, &premium].map(|bill| bill.id.to_string()).to_vec()
        };
        for id in things {
            for cookie in [&cookie, &Cookie::default()] {
                let path = row.path.replace("{kind}", "bill-owed").replace("{id}", &id);
                let body = portal.get(&path, cookie).await.body;
                let mut note = |what: String| handed.entry(what).or_default().insert(row.path.clone());
                for found in island.captures_iter(&body) {
                    let name = named.captures(&found[1]).expect("an island's name")[1].to_owned();
                    let props = found[1].split_once("data-props=").map_or("", |(_, props)| props);
                    note(format!("{name} {props}").trim().to_owned());
                }
                let body = island.replace_all(&body, "");
                for found in attribute.captures_iter(&body) {
                    note(found[1].to_owned());
                }
            }
        }
    }
    let listed: BTreeMap<String, BTreeSet<String>> = HANDED
        .iter()
        .map(|(what, pages)| ((*what).to_owned(), pages.iter().map(|page| (*page).to_owned()).collect()))
        .collect();
    assert_eq!(handed, listed);
}
