//! Notices: told once, however often it takes.

use billing::{
    notices::{Mail, MailError},
    payments::PaymentState,
    testing::{
        Op, TestPlan, Wrong,
        people::{Browser, PASSWORD, plan, registered},
    },
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

/// One notice whose row cannot be touched costs that notice; those behind it are sent.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn one_bad_notice_stops_no_other(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let door = plan.billing.door(Some(&ana.browser.visit));
    for _ in 0..3 {
        door.start_reset(&ana.email, &ana.browser.client).await.unwrap();
        plan.passes(TimeDelta::seconds(1));
    }
    let before = post.arrived().len();
    sqlx::raw_sql(
        "CREATE FUNCTION no_notice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'bad'; END $$;
         DO $$ BEGIN EXECUTE format('CREATE TRIGGER no_notice BEFORE UPDATE ON notice FOR EACH ROW
             WHEN (OLD.notice_id = %L) EXECUTE FUNCTION no_notice()',
             (SELECT notice_id FROM notice WHERE template = 'reset' ORDER BY created_at LIMIT 1)); END $$",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    assert_eq!(plan.job().tell_due().await.unwrap(), 2);
    assert_eq!(post.arrived().len(), before + 2);
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

/// What the mails to a member say that tell of a payment not taken.
async fn not_taken(plan: &TestPlan) -> Vec<Mail> {
    plan.works().await;
    plan.works().await;
    plan.mail.sent().into_iter().filter(|mail| mail.subject == "Your payment was not taken").collect()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn who_was_promised_an_answer_is_written_to_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutBefore);
    let attempt = ana.starts(&order).await;
    assert!(not_taken(&plan).await.is_empty(), "nobody knows yet");

    plan.passes(TimeDelta::seconds(30));
    let mails = not_taken(&plan).await;
    assert_eq!(plan.state(attempt).await, PaymentState::Absent);
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(mail.text.contains("no money was taken") && mail.text.contains("$120.00"), "{}", mail.text);
    assert!(
        mail.html.contains(&format!("<a href=\"http://localhost:3000/payments/{}\">", order.payment_id)),
        "{}",
        mail.html
    );
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_people_who_decide_are_told_of_too(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.gateway.goes_wrong(Op::Find, Wrong::WrongAmount);
    ana.scope().check_again(order.payment_id).await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::Mismatch);
    assert!(not_taken(&plan).await.is_empty());

    let job = plan.job();
    job.review_decide(attempt, PaymentState::Voided, "rosa", "sam", "the page was never paid").await.unwrap();
    assert_eq!(not_taken(&plan).await.len(), 1);
}

/// The gateway was silent, then its page was open, then nobody paid: three looks, one promise.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_promise_is_kept_however_long_the_way(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    let attempt = ana.starts(&order).await;
    assert_eq!(plan.state(attempt).await, PaymentState::Unknown);
    ana.scope().check_again(order.payment_id).await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::RequiresAction);
    assert!(not_taken(&plan).await.is_empty());

    plan.passes(TimeDelta::hours(1));
    assert_eq!(not_taken(&plan).await.len(), 1);
    assert_eq!(plan.state(attempt).await, PaymentState::Expired);
}

/// The bank's "no" was read on the gateway's page; nobody promised to write.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn who_saw_a_decline_is_not_written_to(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.gateway.person_is_declined(attempt, "do_not_honour");
    ana.scope().check_again(order.payment_id).await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::Declined);
    assert!(not_taken(&plan).await.is_empty());
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_language_chosen_at_the_door_is_kept(pool: PgPool) {
    let (plan, post) = plan(pool).await;
    let ana = registered(&plan, &post, "Ana").await;
    let language = async || ana.member.scope().profile().await.unwrap().language;
    assert_eq!(language().await, Language::English);

    let mut browser = Browser::open(&plan.billing).await;
    plan.billing.door(Some(&browser.visit)).set_language(Language::Spanish).await.unwrap();
    browser.visit = browser.load(&plan.billing).await.unwrap();
    let signed_in = browser.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();
    browser.goes_on(&plan.billing, &signed_in).await;
    assert_eq!(browser.visit.language, Some(Language::Spanish));
    assert_eq!(language().await, Language::Spanish);
    plan.job().tell_due().await.unwrap();
    assert_eq!(post.last_to(&ana.email).language, Language::Spanish);

    // Where nothing is chosen, the person's own language goes on.
    let mut other = Browser::open(&plan.billing).await;
    let signed_in = other.signs_in(&plan.billing, &ana.email, PASSWORD).await.unwrap();
    other.goes_on(&plan.billing, &signed_in).await;
    assert_eq!(other.visit.language, Some(Language::Spanish));
    assert_eq!(language().await, Language::Spanish);
}

/// The mailed receipt of the only payment so far.
async fn receipt(plan: &TestPlan) -> Mail {
    plan.works().await;
    let is_receipt = |mail: &Mail| ["Your receipt", "Su recibo"].contains(&mail.subject.as_str());
    let mails: Vec<Mail> = plan.mail.sent().into_iter().filter(is_receipt).collect();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    mail.clone()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_mailed_receipt_says_what_its_page_says(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let order = bill.pay("50.00");
    let number = ana.pay(&order).await.unwrap();
    let mail = receipt(&plan).await;
    let view = ana.sees(&order).await.unwrap();
    for said in [
        format!("Receipt number: {number}"),
        format!("Paid to: bill {}, $50.00", view.bill.number),
        "Paid with: Visa card ending 4242".to_owned(),
        "Paid by: Ana Test, online".to_owned(),
        "Received: January 5, 2027, 10:00 AM Pacific time".to_owned(),
        "Posted to the bill: January 5, 2027, 10:00 AM Pacific time".to_owned(),
        "Settled: Not yet. Expected by January 7, 2027".to_owned(),
        "Left on the bill after this payment: $70.00".to_owned(),
        "until January 5, 2027, 1:00 PM Pacific time".to_owned(),
        format!("/payments/{}", order.payment_id),
    ] {
        assert!(mail.text.contains(&said), "{said}\n{}", mail.text);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_receipt_mailed_late_says_what_is_still_possible(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    sqlx::query("UPDATE member SET language = 'es'").execute(plan.owner()).await.unwrap();
    let mut order = ana.owes("120.00").await.pay_in_full();
    order.method = billing::payments::Method::Bank;
    ana.pay(&order).await.unwrap();
    plan.passes(TimeDelta::days(1));
    let mail = receipt(&plan).await;
    let view = ana.sees(&order).await.unwrap();
    let rep = view.ways.ask.rep.unwrap();
    for said in [
        "pendiente",
        "cuenta bancaria que termina en 6789",
        "$0.00",
        "hora del Pacífico",
        rep.number.as_str(),
    ] {
        assert!(mail.text.contains(said), "{said}\n{}", mail.text);
    }
    assert!(!mail.text.contains("Puede anular"), "{}", mail.text);
}
