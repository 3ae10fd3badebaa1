//! What only people can decide: two of them, with a reason, and along the edges there are.

use billing::{
    error::Error,
    ids::AttemptId,
    money::Money,
    payments::{PayBill, PaymentState, Stage},
    testing::{TestMember, TestPlan},
};
use chrono::TimeDelta;
use sqlx::PgPool;

fn code(answer: Result<PaymentState, Error>) -> String {
    match answer {
        Err(Error::Refused(refusals)) => refusals.first().unwrap().code.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A payment whose amount the gateway told wrong once.
async fn frozen(plan: &TestPlan) -> (TestMember, PayBill, AttemptId) {
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.is_frozen(&order).await;
    (ana, order, attempt)
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_people_bring_frozen_money_to_its_bill(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, order, attempt) = frozen(&plan).await;
    let job = plan.job();
    let listed = job.review_list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].attempt_id, listed[0].posted), (attempt, false));
    assert_eq!(listed[0].event, "differs");

    let state = job
        .review_decide(
            attempt,
            PaymentState::Captured,
            "rosa",
            "sam",
            "the gateway confirmed 120.00 by phone",
        )
        .await
        .unwrap();

    assert_eq!(state, PaymentState::Captured);
    assert_eq!(ana.owed().await, Money::ZERO);
    assert!(ana.sees(&order).await.unwrap().line.receipt_number.is_some());
    assert!(job.review_list().await.unwrap().is_empty());
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn one_person_is_not_two(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (_, _, attempt) = frozen(&plan).await;
    let job = plan.job();
    for (by, second, reason, refused) in [
        ("rosa", "rosa", "sure", "review-two-people"),
        ("rosa", " Rosa ", "sure", "review-two-people"),
        ("rosa", "", "sure", "review-two-people"),
        ("", "sam", "sure", "review-two-people"),
        ("rosa", "sam", "paid with 4242 4242 4242 4242", "review-card-number"),
        ("4242424242424242", "sam", "sure", "review-card-number"),
        ("rosa", "sam", "  ", "review-no-reason"),
    ] {
        let answer = job.review_decide(attempt, PaymentState::Captured, by, second, reason).await;
        assert_eq!(code(answer), refused);
    }
    assert_eq!(plan.state(attempt).await, PaymentState::Mismatch);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn people_too_move_along_the_edges_only(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, _, frozen) = frozen(&plan).await;
    let job = plan.job();
    for to in [PaymentState::Created, PaymentState::Expired, PaymentState::Rejected, PaymentState::Mismatch] {
        assert_eq!(code(job.review_decide(frozen, to, "rosa", "sam", "sure").await), "review-not-here");
    }
    // What nobody has to review is nobody's to decide.
    let order = ana.owes("10.00").await.pay_in_full();
    ana.pay(&order).await.unwrap();
    let healthy = ana.attempt(&order).await;
    assert_eq!(
        code(job.review_decide(healthy, PaymentState::Voided, "rosa", "sam", "sure").await),
        "review-not-here"
    );
    assert!(matches!(
        job.review_decide(AttemptId::mint(), PaymentState::Voided, "rosa", "sam", "sure").await,
        Err(Error::NotFound)
    ));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn money_in_the_ledger_is_settled_or_given_back(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("80.00").await.pay_by_bank("80.00");
    ana.pay(&order).await.unwrap();
    let attempt = ana.attempt(&order).await;
    plan.passes(TimeDelta::days(12));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::NeedsReview);
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::InReview);

    let job = plan.job();
    for to in [PaymentState::Declined, PaymentState::Absent, PaymentState::Unknown] {
        assert_eq!(code(job.review_decide(attempt, to, "rosa", "sam", "sure").await), "review-posted");
    }
    job.review_decide(attempt, PaymentState::Returned, "rosa", "sam", "the bank's letter of the 14th")
        .await
        .unwrap();
    assert_eq!(ana.owed().await, Money::read("80.00").unwrap());

    // It went back once: a second posting would hide that.
    assert_eq!(
        code(job.review_decide(attempt, PaymentState::Captured, "rosa", "sam", "sure").await),
        "review-not-here"
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_people_find_for_a_bill_paid_meanwhile_is_credit(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, order, attempt) = frozen(&plan).await;
    // The bill is paid at the desk while the money is frozen.
    sqlx::query("UPDATE payment_attempt SET surplus = surplus WHERE attempt_id = $1")
        .bind(attempt)
        .execute(plan.owner())
        .await
        .unwrap();
    sqlx::query(
        "WITH b AS (UPDATE bill SET applied = due, version = version + 1 WHERE bill_id = $1 RETURNING bill_id, receivable, due)
         SELECT ledger_post('payment', 'desk', gen_random_uuid(), '2027-01-05', now(), 'desk', 'cash', ARRAY[13::bigint],
            ARRAY[receivable], ARRAY[due], ARRAY[bill_id]) FROM b",
    )
    .bind(order.bill_id)
    .execute(plan.owner())
    .await
    .unwrap();

    plan.job().review_decide(attempt, PaymentState::Captured, "rosa", "sam", "found").await.unwrap();

    assert_eq!(ana.owed().await, Money::ZERO);
    assert_eq!(ana.credit().await, Money::read("120.00").unwrap());
    plan.check().await;
}
