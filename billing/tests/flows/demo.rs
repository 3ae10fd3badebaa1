//! The demo plan: whole, true to the ledger, and the same every time.

use std::collections::BTreeSet;

use billing::{
    bills::{BillFilter, BillStatus, ComingUp},
    demo::accounts,
    ids::AttemptId,
    money::Money,
    payments::{HistoryFilter, PaymentState},
    testing::TestPlan,
};
use sqlx::PgPool;

async fn demo(pool: PgPool) -> TestPlan {
    let plan = TestPlan::new(pool).await;
    plan.loads_demo().await;
    plan
}

async fn count(plan: &TestPlan, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(plan.owner()).await.unwrap()
}

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn the_demo_keeps_every_invariant_and_loads_once(pool: PgPool) {
    let started = std::time::Instant::now();
    let plan = demo(pool).await;
    println!("loaded in {:?}", started.elapsed());
    plan.check().await;

    let counted = "SELECT (SELECT count(*) FROM member) * 1000000000 + (SELECT count(*) FROM bill) * 10000
        + (SELECT count(*) FROM posting)";
    let before = count(&plan, counted).await;
    let again = plan.billing.job("demo").load_demo(plan.owner()).await.unwrap();
    assert!(!again.new);
    assert_eq!(count(&plan, counted).await, before);

    assert!(count(&plan, "SELECT count(*) FROM member").await > 300);
    assert_eq!(count(&plan, "SELECT count(DISTINCT region) FROM bill").await, 8);
    assert!(count(&plan, "SELECT count(*) FROM bill WHERE kind = 'premium'").await > 3_900);
    assert!(count(&plan, "SELECT count(*) FROM bill WHERE kind = 'pharmacy'").await > 100);
    assert_eq!(
        count(&plan, "SELECT count(*) FROM payment WHERE channel IN ('web', 'autopay', 'guest')").await,
        0
    );
    // Bills are issued, and money moves, in the past only.
    assert_eq!(count(&plan, "SELECT count(*) FROM bill WHERE issued_on > '2027-01-05'").await, 0);
    assert_eq!(
        count(&plan, "SELECT count(*) FROM posting WHERE recorded_at > '2027-01-05T18:00:00Z'").await,
        0
    );
    assert_eq!(
        count(
            &plan,
            "SELECT count(*) FROM payment_attempt a JOIN payment_attempt b USING (attempt_id)
            WHERE a.state NOT IN ('settled', 'returned', 'processing')"
        )
        .await,
        0
    );
}

#[test]
fn accounts_are_told_without_a_database() {
    let accounts = accounts();
    assert_eq!(accounts.len(), 12);
    let regions: BTreeSet<_> = accounts.iter().map(|account| account.region.as_str()).collect();
    assert_eq!(regions.len(), 8);
    let password = &accounts.first().unwrap().password;
    assert!(password.chars().count() >= 15);
    let json = serde_json::to_value(&accounts).unwrap();
    for key in ["role", "email", "password", "mrn", "birth_date", "billing_unit_id", "region", "story"] {
        assert!(json.get(0).unwrap().get(key).is_some(), "{key}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn each_story_is_what_it_says(pool: PgPool) {
    let plan = demo(pool).await;
    let today = "2027-01-05".parse().unwrap();

    let visit = plan.sits_with("overdue").await;
    let ana = plan.billing.member(&visit).unwrap().overview().await.unwrap();
    assert_eq!(ana.given_name, "Ana");
    let [bill] = ana.needs_you_now.as_slice() else { panic!("{ana:?}") };
    assert_eq!((bill.status(today), bill.owed()), (BillStatus::PastDue, money("85.40")));
    let detail = plan.billing.member(&visit).unwrap().bill(bill.id).await.unwrap();
    let waterfall = detail.waterfall.unwrap();
    assert_eq!(
        (waterfall.billed, waterfall.discount, waterfall.plan_paid, waterfall.paid_before, waterfall.owed),
        (money("1240.00"), money("612.40"), money("482.20"), money("60.00"), money("85.40"))
    );

    let order = plan.billing.demo_order().await.unwrap().expect("an order");
    assert!(plan.billing.demo_order().await.unwrap().is_none(), "ordered twice");
    let visit = plan.sits_with("pending").await;
    let attempt = sqlx::query_scalar("SELECT attempt_id FROM payment_attempt WHERE payment_id = $1")
        .bind(order.payment.0)
        .fetch_one(plan.owner())
        .await
        .unwrap();
    assert!(plan.gateway.person_pays(AttemptId(attempt)));
    plan.billing.demo_back(&order).await.unwrap();
    let ben = plan.billing.member(&visit).unwrap().overview().await.unwrap();
    assert!(
        ben.coming_up.iter().any(
            |coming| matches!(coming, ComingUp::PaymentFinal { amount, .. } if *amount == money("113.20"))
        )
    );
    let bills = plan.billing.member(&visit).unwrap().bills(&BillFilter::default()).await.unwrap();
    assert!(bills.bills.iter().any(|bill| bill.status(today) == BillStatus::Pending));

    let visit = plan.sits_with("in part").await;
    let chloe = plan.billing.member(&visit).unwrap().overview().await.unwrap();
    let [bill] = chloe.needs_you_now.as_slice() else { panic!("{chloe:?}") };
    assert_eq!((bill.due, bill.applied, bill.owed()), (money("250.00"), money("100.00"), money("150.00")));

    let visit = plan.sits_with("six days").await;
    let dora = plan.billing.member(&visit).unwrap().overview().await.unwrap();
    let [bill] = dora.needs_you_now.as_slice() else { panic!("{dora:?}") };
    assert_eq!((bill.kind.word(), bill.due_on.to_string().as_str()), ("premium", "2027-01-11"));

    let visit = plan.sits_with("without any bill").await;
    let member = plan.billing.member(&visit).unwrap();
    let emil = member.overview().await.unwrap();
    assert!(emil.needs_you_now.is_empty() && emil.coming_up.is_empty() && emil.done_lately.is_empty());
    assert!(member.bills(&BillFilter::default()).await.unwrap().bills.is_empty());
    assert!(member.payments(&HistoryFilter::default()).await.unwrap().payments.is_empty());

    let visit = plan.sits_with("came back").await;
    let member = plan.billing.member(&visit).unwrap();
    let marcus = member.payments(&HistoryFilter::default()).await.unwrap();
    let returned = marcus.payments.iter().find(|payment| payment.state == PaymentState::Returned).unwrap();
    let bill = member.bill(returned.bill_id).await.unwrap().bill;
    assert_eq!((bill.applied, bill.owed()), (money("0.00"), returned.amount));

    let visit = plan.sits_with("credit").await;
    let tessa = plan.billing.member(&visit).unwrap().overview().await.unwrap();
    assert_eq!(tessa.credits, [(billing::bills::BillKind::Premium, money("100.00"))]);

    let large = plan.sits_with("very large").await;
    let bills = plan.billing.member(&large).unwrap().overview().await.unwrap();
    assert!(bills.balances.iter().any(|(_, owed, _)| *owed >= money("98765.43")));
}
