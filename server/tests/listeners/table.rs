//! The table of routes, the routers and the registered forms name the same things.

use std::collections::BTreeSet;

use app::MemberApp;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use server::{
    hooks,
    listeners::{Way, desk, member, ops},
    table::{Listener, Rate, TABLE},
};
use sqlx::PgPool;

use crate::desk::{Cookie, Portal};

fn named(method: &str, api: bool) -> BTreeSet<String> {
    let rows = TABLE.as_ref().expect("a table that can be read");
    rows.iter()
        .filter(|row| row.listener == Listener::Member && row.method == method)
        .filter(|row| row.path.starts_with("/api/") == api)
        .map(|row| row.path.clone())
        .collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_page_and_every_form_stands_in_the_table(pool: PgPool) {
    // Server functions register themselves when their code is linked in; the router does that.
    let _portal = Portal::open(pool).await;

    let forms: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(forms, named("POST", true));
    assert!(server_fn_paths().all(|(_, method)| method == "POST"), "a form is a POST");

    let mut pages: BTreeSet<String> =
        generate_route_list(MemberApp).iter().map(|route| route.path().to_owned()).collect();
    pages.extend(member::files().map(|way| way.path.to_owned()));
    assert_eq!(pages, named("GET", false));
    assert!(member::files().iter().all(|way| way.method == "GET"));
}

/// The rest of the routers, both ways: what is mounted stands in the table, and what stands there is mounted.
#[test]
fn every_other_route_stands_in_the_table() {
    fn mounted<S>(ways: &[Way<S>]) -> BTreeSet<(String, String)> {
        ways.iter().map(|way| (way.method.to_owned(), way.path.to_owned())).collect()
    }
    for (listener, ways) in [
        (Listener::Webhook, mounted(&hooks::ways())),
        (Listener::Ops, mounted(&ops::ways())),
        (Listener::Desk, mounted(&desk::ways())),
    ] {
        let rows = TABLE.as_ref().expect("a table that can be read").iter();
        let known: BTreeSet<(String, String)> = rows
            .filter(|row| row.listener == listener)
            .map(|row| (row.method.clone(), row.path.clone()))
            .collect();
        assert_eq!(ways, known, "{listener:?}");
    }
    let reports: BTreeSet<String> = mounted(&member::reports()).into_iter().map(|(_, path)| path).collect();
    assert_eq!(reports, named("POST", false));
}

#[test]
fn every_form_is_rated_and_names_its_fields() {
    for row in TABLE.as_ref().expect("a table that can be read") {
        if row.path.starts_with("/api/") {
            let free = ["/api/language", "/api/sign-out", "/api/sign-out-everywhere"];
            let rated = matches!(row.rate, Rate::Money | Rate::SignIn);
            assert!(rated || free.contains(&row.path.as_str()), "{} has no rate class", row.path);
        } else if row.listener == Listener::Member && row.method == "GET" && row.path != "/icon.svg" {
            assert!(matches!(row.rate, Rate::Read | Rate::Report), "{} has no rate class", row.path);
        }
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_not_in_the_table_is_not_found(pool: PgPool) {
    let portal = Portal::open(pool).await;
    for path in
        ["/desk", "/api/desk/find", "/healthz", "/metrics", "/api", "/api/nothing", "/bills/", "//bills"]
    {
        let answer = portal.get(path, &Cookie::default()).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("<h1>"), "{path} answers with a page");
    }
    for path in ["/api/desk/find", "/api/nothing"] {
        let answer = portal.post(path, &Cookie::default(), &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains(path), "{path} is not repeated");
    }
}
