//! Notices: told once, however often it takes.

use billing::{
    notices::MailError,
    testing::people::{Browser, plan, registered},
    words::Language,
};
use chrono::TimeDelta;
use sqlx::PgPool;

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_notice_is_sent_once(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let before = post.arrived().len();
    let door = plan.billing.door(Some(&ana.browser.visit));
    door.start_reset(&ana.email, &ana.browser.client).await.unwrap();

    let job = plan.job();
    let (one, two) = tokio::join!(job.tell_due(), job.tell_due());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(job.tell_due().await.unwrap(), 0);
    assert_eq!(post.arrived().len(), before + 1);
}

/// K11: the mail was handed over, and the process died before it could note that. The repeat carries the same id.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_repeat_after_a_crash_can_be_told_from_news(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let door = plan.billing.door(Some(&ana.browser.visit));
    door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
    plan.job().tell_due().await.unwrap();
    let first = post.last_to(&ana.email);
    sqlx::query("UPDATE notice SET sent_at = NULL WHERE template = 'reset'")
        .execute(plan.owner())
        .await
        .unwrap();

    assert_eq!(plan.job().tell_due().await.unwrap(), 0, "whoever died over it had it for half a minute");
    plan.passes(TimeDelta::seconds(30));
    assert_eq!(plan.job().tell_due().await.unwrap(), 1);
    let again = post.last_to(&ana.email);
    assert_eq!(first, again);
    let ids: std::collections::HashSet<String> =
        post.arrived().into_iter().map(|mail| mail.message_id).collect();
    assert_eq!(ids.len(), post.arrived().len() - 1, "each other mail has its own");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_mail_server_that_is_away_is_asked_again(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let door = plan.billing.door(Some(&ana.browser.visit));
    door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
    let before = post.arrived().len();
    *post.moods.lock().unwrap() = vec![MailError::Later("away".to_owned()); 2];

    assert_eq!(plan.job().tell_due().await.unwrap(), 1);
    assert_eq!(plan.job().tell_due().await.unwrap(), 0);
    plan.passes(TimeDelta::seconds(30));
    assert_eq!(plan.job().tell_due().await.unwrap(), 1);
    plan.passes(TimeDelta::seconds(59));
    assert_eq!(plan.job().tell_due().await.unwrap(), 0);
    plan.passes(TimeDelta::seconds(1));
    assert_eq!(plan.job().tell_due().await.unwrap(), 1);
    assert_eq!(post.arrived().len(), before + 1);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_will_never_arrive_is_given_up(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let door = plan.billing.door(Some(&ana.browser.visit));
    let before = post.arrived().len();

    door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
    *post.moods.lock().unwrap() = vec![MailError::Never("no such address".to_owned())];
    plan.job().tell_due().await.unwrap();

    // A link that would be dead on arrival is not sent.
    door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
    plan.passes(TimeDelta::minutes(31));
    plan.job().tell_due().await.unwrap();

    // What was written for nobody is never sent.
    let browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    door.start_reset("nobody@example.test", &browser.client).await.unwrap();
    plan.passes(TimeDelta::days(2));
    assert_eq!(plan.job().tell_due().await.unwrap(), 0);

    assert_eq!(post.arrived().len(), before);
    let failed: i64 =
        sqlx::query_scalar("SELECT count(*) FROM notice WHERE failed_at IS NOT NULL AND sent_at IS NULL")
            .fetch_one(plan.owner())
            .await
            .unwrap();
    assert_eq!(failed, 3);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn people_are_told_in_their_language_and_rows_hold_no_secret(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    plan.billing.member(&ana.browser.visit).unwrap().set_language(Language::Spanish).await.unwrap();
    let door = plan.billing.door(Some(&ana.browser.visit));
    let asked = door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
    let code = door.shown_code(asked.id).await.unwrap().unwrap();
    plan.job().tell_due().await.unwrap();

    let mail = post.last_to(&ana.email);
    assert_eq!((mail.language, mail.subject.as_str()), (Language::Spanish, "Cree una contraseña nueva"));
    assert!(mail.html.contains("<html lang=\"es\">"));
    let token = post.token_to(&ana.email);
    assert!(
        mail.html.contains(&format!("<a href=\"http://localhost:3000/reset?token={token}\">")),
        "{}",
        mail.html
    );

    let queued: Vec<String> = sqlx::query_scalar(
        "SELECT notice::text FROM notice UNION ALL SELECT proof::text FROM proof
         UNION ALL SELECT payload::text FROM graphile_worker._private_jobs",
    )
    .fetch_all(plan.owner())
    .await
    .unwrap();
    assert!(queued.len() > 3);
    for row in queued {
        assert!(
            !row.contains(&token) && !row.contains(&code) && !row.contains(&code.replace(' ', "")),
            "{row}"
        );
    }
}
