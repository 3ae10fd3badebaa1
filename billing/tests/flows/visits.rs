//! Visits: who sits at a browser, and for how long.

use billing::{
    Billing,
    error::{Error, Refusal},
    testing::{
        TestPlan,
        people::{Browser, PASSWORD, plan, registered},
    },
    visits::SessionKey,
    words::Language,
};
use chrono::TimeDelta;
use sqlx::PgPool;
use uuid::Uuid;

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_visit_ends_when_it_is_not_used(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let browser = Browser::open(&plan.billing).await;

    plan.passes(TimeDelta::minutes(29));
    assert!(browser.load(&plan.billing).await.is_some());
    plan.passes(TimeDelta::minutes(29));
    assert!(browser.load(&plan.billing).await.is_some(), "use moves the end");
    plan.passes(TimeDelta::minutes(30));
    assert_eq!(browser.load(&plan.billing).await, None);
    plan.passes(TimeDelta::minutes(-1));
    assert!(browser.load(&plan.billing).await.is_some(), "not revoked, only late");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_visit_ends_after_twelve_hours_however_busy(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let browser = Browser::open(&plan.billing).await;
    for _ in 0..(12 * 3 - 1) {
        plan.passes(TimeDelta::minutes(20));
        assert!(browser.load(&plan.billing).await.is_some(), "{}", plan.now());
    }
    plan.passes(TimeDelta::seconds(20 * 60 - 1));
    let last = browser.load(&plan.billing).await.unwrap();
    assert_eq!(last.ends_at(), last.absolute_end);
    plan.passes(TimeDelta::seconds(1));
    assert_eq!(browser.load(&plan.billing).await, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn use_is_noted_at_most_every_fifteen_seconds(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let browser = Browser::open(&plan.billing).await;
    let end = browser.visit.idle_end;
    plan.passes(TimeDelta::seconds(14));
    assert_eq!(browser.load(&plan.billing).await.unwrap().idle_end, end);
    plan.passes(TimeDelta::seconds(1));
    assert_eq!(browser.load(&plan.billing).await.unwrap().idle_end, end + TimeDelta::seconds(15));
    assert_eq!(browser.load(&plan.billing).await.unwrap().idle_end, end + TimeDelta::seconds(15));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn an_id_is_used_once_and_stored_nowhere(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let browser = Browser::open(&plan.billing).await;
    let taken = plan.billing.visits().create(browser.key, None).await.unwrap();
    assert_eq!(taken, None);
    assert_eq!(plan.billing.visits().load(SessionKey::mint()).await.unwrap(), None);
    let bytes = browser.key.to_i128().to_le_bytes();
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM visit WHERE id_hash = $1 OR visit::text LIKE '%' || encode($1, 'hex') || '%'",
    )
    .bind(bytes.as_slice())
    .fetch_one(plan.owner())
    .await
    .unwrap();
    assert_eq!(found, 0);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nothing_revives_a_visit(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let billing = &plan.billing;
    let browser = Browser::open(billing).await;
    billing.visits().revoke(browser.key).await.unwrap();

    assert!(!billing.visits().renew(browser.key, SessionKey::mint()).await.unwrap());
    assert_eq!(billing.visits().create(browser.key, None).await.unwrap(), None);
    plan.passes(TimeDelta::minutes(1));
    assert_eq!(browser.load(billing).await, None);
    assert!(matches!(
        billing.door(Some(&browser.visit)).set_language(Language::Spanish).await,
        Ok(()) | Err(Error::SignedOut)
    ));
    assert_eq!(browser.load(billing).await, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_renewed_visit_goes_on_under_its_new_id_alone(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let mut ana = registered(&plan, &post, "Ana").await;
    let billing = &plan.billing;
    let form = billing.refused(ana.browser.visit.visit_id).keep("/profile", &[], &[]).await.unwrap();
    plan.passes(TimeDelta::minutes(5));

    let (old, new) = (ana.browser.key, SessionKey::mint());
    assert!(billing.visits().renew(old, new).await.unwrap());

    assert_eq!(billing.visits().load(old).await.unwrap(), None);
    ana.browser.key = new;
    let visit = ana.browser.load(billing).await.unwrap();
    assert_eq!(visit.member, ana.browser.visit.member);
    assert_eq!(visit.absolute_end, ana.browser.visit.absolute_end, "the end does not move");
    assert!(ana.browser.again(billing, form).await.is_some(), "forms move along");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_disabled_person_is_signed_out_at_once_and_for_good(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    for disabled in ["now()", "NULL"] {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE member SET disabled_at = {disabled} WHERE member_id = $1"
        )))
        .bind(ana.member.id)
        .execute(plan.owner())
        .await
        .unwrap();
        assert_eq!(ana.browser.load(&plan.billing).await, None);
    }
}

/// A second process on the same database.
async fn another_node(plan: &TestPlan) -> Billing {
    TestPlan::new(plan.owner().clone()).await.billing
}

/// T9: a visit signed out while requests are in flight on two nodes is over for every later request, and stays so.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_out_beats_every_request_in_flight(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let nodes = [plan.billing.clone(), another_node(&plan).await];
    for round in 0..8 {
        let mut browser = Browser::open(&plan.billing).await;
        browser.client = ana.browser.client.clone();
        let signed_in = browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();
        browser.goes_on(&plan.billing, &signed_in).await;
        // Every request wants to note the visit's use.
        plan.passes(TimeDelta::seconds(20));

        let requests: Vec<_> = (0..64)
            .map(|number| {
                let node = nodes[number % 2].clone();
                let key = browser.key;
                tokio::spawn(async move {
                    node.visits().load(key).await.unwrap();
                })
            })
            .collect();
        tokio::task::yield_now().await;
        plan.billing.member(&browser.visit).unwrap().sign_out().await.unwrap();
        for node in &nodes {
            assert_eq!(node.visits().load(browser.key).await.unwrap(), None, "round {round}");
        }
        for request in requests {
            request.await.unwrap();
        }

        for node in &nodes {
            assert_eq!(node.visits().load(browser.key).await.unwrap(), None, "round {round}");
        }
        let alive: i64 =
            sqlx::query_scalar("SELECT count(*) FROM visit WHERE visit_id = $1 AND revoked_at IS NULL")
                .bind(browser.visit.visit_id)
                .fetch_one(plan.owner())
                .await
                .unwrap();
        assert_eq!(alive, 0, "round {round}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_refused_form_is_shown_at_its_own_visit_for_ten_minutes(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let billing = &plan.billing;
    let browser = Browser::open(billing).await;
    let refusals = [Refusal::of("amount", "amount-unclear").with("reading", "$1.50")];
    let typed = [
        ("amount".to_owned(), "1,50".to_owned()),
        ("password".to_owned(), "secret".to_owned()),
        ("note".to_owned(), "4242 4242 4242 4242".to_owned()),
        ("nul".to_owned(), "a\0b".to_owned()),
    ];

    let id = billing.refused(browser.visit.visit_id).keep("/bills/x/pay", &refusals, &typed).await.unwrap();

    for _ in 0..2 {
        let shown = browser.again(billing, id).await.unwrap();
        assert_eq!(shown.path, "/bills/x/pay");
        assert_eq!(shown.refusals, refusals);
        assert_eq!(shown.typed, typed[..1]);
        assert_eq!(shown.typed("amount"), "1,50");
        assert_eq!(shown.typed("password"), "");
    }
    let other = Browser::open(billing).await;
    assert_eq!(other.again(billing, id).await, None);
    assert_eq!(browser.again(billing, Uuid::from_u128(1)).await, None);
    plan.passes(TimeDelta::minutes(10));
    assert_eq!(browser.again(billing, id).await, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_form_that_came_too_late_waits_for_its_own_person(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let ben = registered(&plan, &post, "Ben").await;
    let billing = &plan.billing;
    plan.passes(TimeDelta::minutes(31));
    assert_eq!(ana.browser.load(billing).await, None);
    assert_eq!(billing.visits().ended(ana.browser.key).await.unwrap(), Some(ana.member.id));
    assert_eq!(billing.visits().ended(SessionKey::mint()).await.unwrap(), None);

    for (person, sees) in [(&ben, false), (&ana, true)] {
        let mut browser = Browser::open(billing).await;
        let kept = billing
            .refused(browser.visit.visit_id)
            .keep_for(ana.member.id, "/bills/x/pay", &[], &[("amount".to_owned(), "12.00".to_owned())])
            .await
            .unwrap();
        assert_eq!(browser.again(billing, kept).await, None, "nobody yet");
        let signed_in = browser.signs_in(billing, &person.email, PASSWORD).await.unwrap();
        browser.goes_on(billing, &signed_in).await;
        let shown = browser.again(billing, kept).await;
        assert_eq!(shown.is_some(), sees);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_language_chosen_before_signing_in_is_kept(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let billing = &plan.billing;
    let mut browser = Browser::open(billing).await;
    billing.door(Some(&browser.visit)).set_language(Language::Spanish).await.unwrap();
    browser.visit = browser.load(billing).await.unwrap();
    assert_eq!(browser.visit.language, Some(Language::Spanish));
    let signed_in = browser.signs_in(billing, &ana.email, PASSWORD).await.unwrap();
    browser.goes_on(billing, &signed_in).await;
    assert_eq!(browser.visit.language, Some(Language::Spanish));

    billing.member(&browser.visit).unwrap().set_language(Language::English).await.unwrap();
    assert_eq!(browser.load(billing).await.unwrap().language, Some(Language::English));
    assert_eq!(billing.member(&browser.visit).unwrap().profile().await.unwrap().language, Language::English);
}
