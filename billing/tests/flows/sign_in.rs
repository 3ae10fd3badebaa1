//! Signing in, registering, and making a new password.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use billing::{
    error::Error,
    sign_in::{RateClass, RateSubject},
    testing::{
        TestPlan,
        people::{Browser, PASSWORD, Post, codes, plan, refused, registered},
    },
};
use chrono::TimeDelta;
use sqlx::PgPool;
use uuid::Uuid;

const OTHER_PASSWORD: &str = "copper lantern on the 9th pier";

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn who_has_registered_signs_in_and_out(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;

    let mut browser = Browser::open(&plan.billing).await;
    let signed_in = browser.signs_in(&plan.billing, &ana.email.to_uppercase(), PASSWORD).await.unwrap();
    assert_eq!(signed_in.member_id, ana.member.id);
    browser.goes_on(&plan.billing, &signed_in).await;
    assert_eq!(browser.visit.member.as_ref().unwrap().member_id, ana.member.id);

    plan.billing.member(&browser.visit).unwrap().sign_out().await.unwrap();
    assert_eq!(browser.load(&plan.billing).await, None);
    assert!(ana.browser.load(&plan.billing).await.is_some(), "the other browser stays");

    plan.billing.member(&ana.browser.visit).unwrap().sign_out_everywhere().await.unwrap();
    assert_eq!(ana.browser.load(&plan.billing).await, None);
}

/// What a try leaves behind, table by table: equal work leaves equal rows.
async fn rows(plan: &TestPlan) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["access_row", "throttle", "proof", "notice", "graphile_worker._private_jobs", "visit"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(plan.owner()).await.unwrap());
    }
    counts
}

fn grown(before: &[i64], after: &[i64]) -> Vec<i64> {
    before.iter().zip(after).map(|(before, after)| after - before).collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn known_and_unknown_get_the_same_answer_for_the_same_work_at_sign_in(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let ben = registered(&plan, &post, "Ben").await;
    sqlx::query("UPDATE member SET disabled_at = now() WHERE member_id = $1")
        .bind(ben.member.id)
        .execute(plan.owner())
        .await
        .unwrap();

    let mut seen = Vec::new();
    for (number, (email, password)) in [
        (ana.email.as_str(), OTHER_PASSWORD),
        ("nobody@example.test", PASSWORD),
        (ben.email.as_str(), PASSWORD),
        ("no address at all\0", PASSWORD),
    ]
    .into_iter()
    .enumerate()
    {
        let browser = Browser::open_from(&plan.billing, &format!("198.51.{number}.1")).await;
        let before = rows(&plan).await;
        let answer = codes(browser.signs_in(&plan.billing, email, password).await);
        seen.push((answer, grown(&before, &rows(&plan).await)));
    }
    assert_eq!(seen[0].0, [(String::new(), "sign-in-wrong".to_owned())]);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn known_and_unknown_get_the_same_answer_for_the_same_work_elsewhere(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let cai = plan.member("Cai").await.scope().profile().await.unwrap();
    let dee = plan.member("Dee").await;
    let without_address = dee.scope().profile().await.unwrap().mrn;
    sqlx::query("UPDATE member SET email = NULL WHERE member_id = $1")
        .bind(dee.id)
        .execute(plan.owner())
        .await
        .unwrap();

    let mut resets = Vec::new();
    let mut registrations = Vec::new();
    let mut network = 0;
    let mut from = async |plan: &TestPlan| {
        network += 1;
        Browser::open_from(&plan.billing, &format!("198.51.{network}.1")).await
    };
    for email in [ana.email.as_str(), "nobody@example.test", "\0"] {
        let browser = from(&plan).await;
        let before = rows(&plan).await;
        let door = plan.billing.door(Some(&browser.visit));
        let email = if email == "\0" { "x" } else { email };
        let asked = door.start_reset(email, &browser.client).await.unwrap();
        assert!(door.shown_code(asked.id).await.unwrap().is_some());
        resets.push((asked.until, grown(&before, &rows(&plan).await)));
    }
    for (mrn, born) in [
        (cai.mrn.as_str(), "02/29/1980"),
        (cai.mrn.as_str(), "03/01/1980"),
        ("99999999", "02/29/1980"),
        (without_address.as_str(), "02/29/1980"),
        (ana.mrn.as_str(), "02/29/1980"),
    ] {
        let browser = from(&plan).await;
        // The same number twice is the same account, counted in one row.
        sqlx::query("DELETE FROM throttle").execute(plan.owner()).await.unwrap();
        let before = rows(&plan).await;
        let door = plan.billing.door(Some(&browser.visit));
        let asked = door.start_registration(mrn, born, &browser.client).await.unwrap();
        assert!(door.registration_open(asked.id).await.unwrap());
        registrations.push((asked.until, grown(&before, &rows(&plan).await)));
        // A wrong code is wrong for all of them.
        refused(
            door.finish_registration(asked.id, "0000 0000", PASSWORD, &browser.client).await,
            "code",
            "code-wrong",
        );
    }
    assert!(resets.iter().all(|one| *one == resets[0]), "{resets:?}");
    assert!(registrations.iter().all(|one| *one == registrations[0]), "{registrations:?}");

    let before = post.arrived().len();
    plan.job().tell_due().await.unwrap();
    let told: Vec<String> = post.arrived().drain(before..).map(|mail| mail.to).collect();
    assert_eq!(told.iter().filter(|to| **to == ana.email).count(), 2, "{told:?}");
    assert_eq!(told.len(), 3, "Ana twice and Cai once, nobody else: {told:?}");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn signing_in_kills_a_planted_id(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let planted = Browser::open(&plan.billing).await;

    let signed_in = planted.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();

    assert!(signed_in.key != planted.key);
    assert_eq!(planted.load(&plan.billing).await, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_planted_device_mark_is_worth_nothing(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let mut browser = Browser::open(&plan.billing).await;
    browser.client.device = Some("planted by somebody".to_owned());

    let signed_in = browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();

    assert_ne!(signed_in.device, "planted by somebody");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn waits_double_and_never_last(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let stranger = Browser::open_from(&plan.billing, "198.51.100.1").await;

    for _ in 0..5 {
        refused(stranger.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await, "", "sign-in-wrong");
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        // Right or wrong makes no difference while the wait lasts.
        match stranger.signs_in(&plan.billing, &ana.email, PASSWORD).await {
            Err(Error::TooMany { retry_after }) => assert_eq!(i64::from(retry_after), wait + 1),
            other => panic!("{other:?}"),
        }
        plan.passes(TimeDelta::seconds(wait));
        refused(stranger.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await, "", "sign-in-wrong");
    }
    plan.passes(TimeDelta::minutes(15));
    let signed_in = stranger.signs_in(&plan.billing, &ana.email, PASSWORD).await;
    assert!(signed_in.is_ok(), "{signed_in:?}");
    // Signed in: the account's count starts anew.
    for _ in 0..5 {
        refused(stranger.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await, "", "sign-in-wrong");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_stranger_cannot_lock_a_member_out_of_their_own_browser(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let stranger = Browser::open_from(&plan.billing, "203.0.113.99").await;
    for _ in 0..5 {
        let _ = stranger.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await;
    }
    assert!(matches!(
        stranger.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await,
        Err(Error::TooMany { .. })
    ));

    let known = Browser::open(&plan.billing).await;
    let client = ana.browser.client.clone();
    let door = plan.billing.door(Some(&known.visit));
    let signed_in = door.sign_in(&ana.email, PASSWORD, &client).await.unwrap();
    assert_eq!(Some(signed_in.device), client.device, "the mark stays");

    // The device has a count of its own.
    let next = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&next.visit));
    for _ in 0..5 {
        refused(door.sign_in(&ana.email, OTHER_PASSWORD, &client).await, "", "sign-in-wrong");
    }
    assert!(matches!(door.sign_in(&ana.email, PASSWORD, &client).await, Err(Error::TooMany { .. })));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn tries_at_once_count_as_tries(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let billing = &plan.billing;
    let browser = Browser::open(billing).await;
    let tries = (0..24).map(|_| {
        let (billing, visit, client) = (billing.clone(), browser.visit.clone(), browser.client.clone());
        tokio::spawn(async move {
            billing.door(Some(&visit)).sign_in("nobody@example.test", PASSWORD, &client).await
        })
    });
    let mut looked_at = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Err(Error::Refused(_)) => looked_at += 1,
            Err(Error::TooMany { .. } | Error::Unavailable { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(looked_at <= 5, "{looked_at} of 24 were looked at");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn one_network_cannot_try_account_after_account(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let billing = &plan.billing;
    for number in 0..20 {
        let browser = Browser::open_from(billing, &format!("198.51.100.{number}")).await;
        let email = format!("nobody{number}@example.test");
        refused(browser.signs_in(billing, &email, PASSWORD).await, "", "sign-in-wrong");
    }
    let same = Browser::open_from(billing, "198.51.100.200").await;
    assert!(matches!(
        same.signs_in(billing, "nobody20@example.test", PASSWORD).await,
        Err(Error::TooMany { .. })
    ));
    let other = Browser::open_from(billing, "198.51.101.200").await;
    refused(other.signs_in(billing, "nobody20@example.test", PASSWORD).await, "", "sign-in-wrong");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_missing_is_said_at_once(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let missing = codes(browser.signs_in(&plan.billing, "  ", "").await);
    assert_eq!(missing.len(), 2, "{missing:?}");
    refused(door.start_reset(" ", &browser.client).await, "email", "email-missing");
    let unclear = codes(door.start_registration("12", "13/13/13", &browser.client).await);
    assert_eq!(
        unclear,
        [
            ("mrn".to_owned(), "mrn-unclear".to_owned()),
            ("birth_date".to_owned(), "birth-date-unclear".to_owned())
        ]
    );
    let nobody = plan.billing.door(None);
    assert!(matches!(nobody.start_reset("a@example.test", &browser.client).await, Err(Error::SignedOut)));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_new_password_ends_every_visit_and_is_told(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_reset(&ana.email, &browser.client).await.unwrap();
    let code = door.shown_code(asked.id).await.unwrap().unwrap();
    plan.job().tell_due().await.unwrap();
    let token = post.token_to(&ana.email);
    assert!(ana.browser.load(&plan.billing).await.is_some());

    // The link may be opened in another browser than the one that shows the code.
    let other = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&other.visit));
    door.finish_reset(&token, &code, OTHER_PASSWORD).await.unwrap();

    assert_eq!(ana.browser.load(&plan.billing).await, None);
    plan.job().tell_due().await.unwrap();
    assert_eq!(post.last_to(&ana.email).subject, "Your password was changed");
    refused(other.signs_in(&plan.billing, &ana.email, PASSWORD).await, "", "sign-in-wrong");
    assert!(other.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await.is_ok());
    refused(door.finish_reset(&token, &code, PASSWORD).await, "", "link-dead");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_mail_scanner_uses_no_link_up(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_reset(&ana.email, &browser.client).await.unwrap();
    let code = door.shown_code(asked.id).await.unwrap().unwrap();
    plan.job().tell_due().await.unwrap();
    let token = post.token_to(&ana.email);

    // The mail says nothing of the code, and another visit does not get to see it.
    assert!(!post.last_to(&ana.email).text.contains(&code));
    let scanner = Browser::open(&plan.billing).await;
    let at_scanner = plan.billing.door(Some(&scanner.visit));
    assert_eq!(at_scanner.shown_code(asked.id).await.unwrap(), None);
    for _ in 0..20 {
        refused(at_scanner.finish_reset(&token, "", "x").await, "code", "code-missing");
    }
    // A password that is not taken uses nothing up either.
    for _ in 0..20 {
        refused(door.finish_reset(&token, &code, "too short").await, "password", "password-too-short");
    }
    door.finish_reset(&token, &code, OTHER_PASSWORD).await.unwrap();
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_link_dies_of_wrong_codes_of_age_and_of_use(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let ask = async || {
        let asked = door.start_reset(&ana.email, &browser.client).await.unwrap();
        let code = door.shown_code(asked.id).await.unwrap().unwrap();
        plan.job().tell_due().await.unwrap();
        (code, post.token_to(&ana.email))
    };

    let (code, token) = ask().await;
    let wrong = if code == "000 000" { "000 001" } else { "000 000" };
    for _ in 0..5 {
        refused(door.finish_reset(&token, wrong, OTHER_PASSWORD).await, "code", "code-wrong");
    }
    refused(door.finish_reset(&token, &code, OTHER_PASSWORD).await, "", "link-dead");

    let (code, token) = ask().await;
    plan.passes(TimeDelta::minutes(30));
    refused(door.finish_reset(&token, &code, OTHER_PASSWORD).await, "", "link-dead");

    let (first_code, first_token) = ask().await;
    let (code, token) = ask().await;
    door.finish_reset(&token, &code, OTHER_PASSWORD).await.unwrap();
    refused(door.finish_reset(&first_token, &first_code, OTHER_PASSWORD).await, "", "link-dead");
    for no_token in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "a\0"] {
        refused(door.finish_reset(no_token, &code, OTHER_PASSWORD).await, "", "link-dead");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn one_link_makes_one_password_however_often_it_is_sent(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_reset(&ana.email, &browser.client).await.unwrap();
    let code = door.shown_code(asked.id).await.unwrap().unwrap();
    plan.job().tell_due().await.unwrap();
    let token = post.token_to(&ana.email);

    let (one, two) = tokio::join!(
        door.finish_reset(&token, &code, OTHER_PASSWORD),
        door.finish_reset(&token, &code, "a wholly different sentence 7")
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

/// K25: the token is used, the hash is stored and the visits end in one commit, or none of it happens.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_reset_that_dies_half_way_did_nothing(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_reset(&ana.email, &browser.client).await.unwrap();
    let code = door.shown_code(asked.id).await.unwrap().unwrap();
    plan.job().tell_due().await.unwrap();
    let token = post.token_to(&ana.email);

    for table in ["credential", "visit", "notice"] {
        let event = if table == "notice" { "INSERT" } else { "UPDATE" };
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "CREATE TRIGGER struck BEFORE {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )))
        .execute(plan.owner())
        .await
        .unwrap();

        assert!(matches!(door.finish_reset(&token, &code, OTHER_PASSWORD).await, Err(Error::Fault(_))));

        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER struck ON {table}")))
            .execute(plan.owner())
            .await
            .unwrap();
        assert!(ana.browser.load(&plan.billing).await.is_some(), "{table}");
        assert!(browser.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await.is_err(), "{table}");
    }

    door.finish_reset(&token, &code, OTHER_PASSWORD).await.unwrap();
    assert_eq!(ana.browser.load(&plan.billing).await, None);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_code_registers_once_at_the_visit_that_asked(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let profile = plan.member("Ana").await.scope().profile().await.unwrap();
    let email = profile.email.unwrap();
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_registration(&profile.mrn, "1980-02-29", &browser.client).await.unwrap();
    plan.job().tell_due().await.unwrap();
    let code = post.code_to(&email);

    let other = Browser::open(&plan.billing).await;
    let elsewhere = plan.billing.door(Some(&other.visit));
    refused(
        elsewhere.finish_registration(asked.id, &code, PASSWORD, &other.client).await,
        "",
        "registration-over",
    );
    refused(
        door.finish_registration(Uuid::from_u128(7), &code, PASSWORD, &browser.client).await,
        "",
        "registration-over",
    );
    refused(door.finish_registration(asked.id, " ", PASSWORD, &browser.client).await, "code", "code-missing");
    refused(
        door.finish_registration(asked.id, &code, &format!("{email}{}", profile.mrn), &browser.client).await,
        "password",
        "password-about-you",
    );
    for _ in 0..4 {
        refused(
            door.finish_registration(asked.id, "1", PASSWORD, &browser.client).await,
            "code",
            "code-wrong",
        );
    }
    door.finish_registration(asked.id, &code, PASSWORD, &browser.client).await.unwrap();
    refused(
        door.finish_registration(asked.id, &code, PASSWORD, &browser.client).await,
        "",
        "registration-over",
    );

    // Who asks again is told by mail that they have an account, with no code.
    let again = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&again.visit));
    door.start_registration(&profile.mrn, "1980-02-29", &again.client).await.unwrap();
    plan.job().tell_due().await.unwrap();
    assert_eq!(post.last_to(&email).subject, "You are registered already");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_registration_code_dies_of_wrong_tries(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let profile = plan.member("Ana").await.scope().profile().await.unwrap();
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door.start_registration(&profile.mrn, "1980-02-29", &browser.client).await.unwrap();
    plan.job().tell_due().await.unwrap();
    let code = post.code_to(&profile.email.unwrap());
    for _ in 0..5 {
        refused(
            door.finish_registration(asked.id, "1", PASSWORD, &browser.client).await,
            "code",
            "code-wrong",
        );
    }
    refused(
        door.finish_registration(asked.id, &code, PASSWORD, &browser.client).await,
        "",
        "registration-over",
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_weak_hash_grows_at_the_next_sign_in(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    let hash: PasswordHash = weak.hash_password(PASSWORD.as_bytes()).unwrap();
    sqlx::query("UPDATE credential SET password_hash = $2 WHERE member_id = $1")
        .bind(ana.member.id)
        .bind(hash.to_string())
        .execute(plan.owner())
        .await
        .unwrap();

    let browser = Browser::open(&plan.billing).await;
    browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();

    let stored: String = sqlx::query_scalar("SELECT password_hash FROM credential WHERE member_id = $1")
        .bind(ana.member.id)
        .fetch_one(plan.owner())
        .await
        .unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_browser_not_seen_before_is_told_by_mail(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let about_devices =
        |post: &Post| post.arrived().iter().filter(|mail| mail.subject == "A new sign-in").count();
    assert_eq!(about_devices(&post), 0, "the first browser is no news");

    let mut browser = Browser::open(&plan.billing).await;
    let signed_in = browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();
    browser.goes_on(&plan.billing, &signed_in).await;
    plan.job().tell_due().await.unwrap();
    assert_eq!(about_devices(&post), 1);
    let mail = post.last_to(&ana.email);
    assert!(mail.text.contains("January 5, 2027, 10:00 AM Pacific time"), "{}", mail.text);

    browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();
    plan.job().tell_due().await.unwrap();
    assert_eq!(about_devices(&post), 1, "a known browser is no news");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn ten_orders_a_minute_are_enough(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let count = async |who| plan.billing.count(RateClass::Money, RateSubject::Person(who)).await;
    for _ in 0..10 {
        count(ana.id).await.unwrap();
    }
    assert!(matches!(count(ana.id).await, Err(Error::TooMany { retry_after: 60 })));
    count(ben.id).await.unwrap();
    plan.billing.count(RateClass::Money, RateSubject::Address("203.0.113.7")).await.unwrap();
    plan.passes(TimeDelta::minutes(1));
    count(ana.id).await.unwrap();
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_need_not_be_kept_goes_when_its_time_has_come(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let browser = Browser::open_from(&plan.billing, "198.51.100.1").await;
    plan.billing.refused(browser.visit.visit_id).keep("/sign-in", &[], &[]).await.unwrap();
    refused(browser.signs_in(&plan.billing, &ana.email, OTHER_PASSWORD).await, "", "sign-in-wrong");
    plan.billing.count(RateClass::Money, RateSubject::Address("198.51.100.1")).await.unwrap();

    assert_eq!(plan.job().forget_due().await.unwrap(), 0, "all of it is young");
    plan.passes(TimeDelta::minutes(10));
    assert_eq!(plan.job().forget_due().await.unwrap(), 1, "the form");
    plan.passes(TimeDelta::days(3));
    let counts = plan.job().forget_due().await.unwrap();
    assert!(counts >= 3, "two tries and a rate: {counts}");
    plan.passes(TimeDelta::days(7));
    assert_eq!(plan.job().forget_due().await.unwrap(), 1, "the proof of the registration");
    plan.passes(TimeDelta::days(22));
    assert!(plan.job().forget_due().await.unwrap() >= 1, "the visits");
    plan.passes(TimeDelta::days(343));
    assert_eq!(plan.job().forget_due().await.unwrap(), 1, "the browser");
    assert!(browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.is_ok());
}

/// What one statement removed, of these tables.
async fn counts_removals(plan: &TestPlan) {
    sqlx::raw_sql(
        "CREATE TABLE removed (name text, rows bigint);
         CREATE FUNCTION removed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             INSERT INTO public.removed SELECT TG_TABLE_NAME, count(*) FROM gone;
             RETURN NULL;
         END $$;",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    for table in ["refused_form", "proof", "throttle", "rate_count", "known_device", "visit"] {
        let sql = format!(
            "CREATE TRIGGER removed AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
             FOR EACH STATEMENT EXECUTE FUNCTION removed()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(plan.owner()).await.unwrap();
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_backlog_of_what_need_not_be_kept_goes_in_batches(pool: PgPool) {
    let (plan, _) = plan(pool).await;
    plan.member("Ana").await;
    counts_removals(&plan).await;
    for sql in [
        "INSERT INTO refused_form SELECT gen_random_uuid(), gen_random_uuid(), NULL, '/', '[]', '[]', '2020-01-01' FROM n",
        "INSERT INTO proof SELECT gen_random_uuid(), n::text::bytea, 'reset', NULL, 'x', NULL, 0, '2020-01-01', '2020-01-01' FROM n",
        "INSERT INTO throttle SELECT n::text::bytea, 1, '2020-01-01', '2020-01-01' FROM n",
        "INSERT INTO rate_count SELECT 'money', n::text::bytea, '2020-01-01', 1 FROM n",
        "INSERT INTO known_device SELECT n::text::bytea, member_id, '2020-01-01' FROM n, member",
        "INSERT INTO visit (id_hash, visit_id, created_at, seen_at, idle_end, absolute_end)
         SELECT n::text::bytea, gen_random_uuid(), '2020-01-01', '2020-01-01', '2020-01-01', '2020-01-01' FROM n",
    ] {
        let sql = format!("WITH n AS (SELECT n FROM generate_series(1, 2500) AS n) {sql}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(plan.owner()).await.unwrap();
    }
    assert_eq!(plan.job().forget_due().await.unwrap(), 6 * 2500);

    let largest: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT name, max(rows)::bigint, sum(rows)::bigint FROM removed GROUP BY name ORDER BY name",
    )
    .fetch_all(plan.owner())
    .await
    .unwrap();
    assert_eq!(largest.len(), 6);
    for (table, rows, sum) in largest {
        assert!(rows <= 1_000 && sum == 2_500, "{table}: {rows} rows by one statement, {sum} in all");
    }
    assert_eq!(plan.job().forget_due().await.unwrap(), 0);

    // Whoever has many rows that are young finds the old ones by an index.
    for (table, column) in [
        ("refused_form", "expires_at"),
        ("proof", "expires_at"),
        ("throttle", "changed_at"),
        ("rate_count", "minute"),
        ("known_device", "seen_at"),
        ("visit", "absolute_end"),
    ] {
        let found: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                            WHERE i.indrelid = $1::regclass AND a.attname = $2 AND i.indpred IS NULL)",
        )
        .bind(table)
        .bind(column)
        .fetch_one(plan.owner())
        .await
        .unwrap();
        assert!(found, "{table} has no index by {column}");
    }
}

/// A visit is kept for a month after its end, whichever end it came to; one that could still be used is never touched.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_visit_goes_a_month_after_its_end(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    plan.billing.visits().revoke(ana.browser.key).await.unwrap();
    let visits = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM visit").fetch_one(plan.owner()).await.unwrap()
    };
    let all = visits().await;
    assert!(all >= 2, "{all}");
    plan.passes(TimeDelta::days(30));
    let young = Browser::open(&plan.billing).await;
    plan.job().forget_due().await.unwrap();
    assert_eq!(visits().await, all + 1, "not yet");
    plan.passes(TimeDelta::hours(13));
    plan.job().forget_due().await.unwrap();
    assert_eq!(visits().await, 1);
    assert!(young.load(&plan.billing).await.is_none(), "over, and still there");
}
