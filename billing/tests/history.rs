//! Payments of all channels, in any range, page by page and as a file.
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeSet;

use billing::{
    bills::{BillKind, PaymentLine},
    money::Money,
    payments::{HistoryFilter, Method, PaymentState},
    testing::{TestPlan, date},
};
use chrono::TimeDelta;
use sqlx::PgPool;

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_channel_is_there_and_pages_add_up(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.loads_demo().await;
    let visit = plan.sits_with("More than 40 bills").await;
    let member = plan.billing.member(&visit).unwrap();

    let mut filter = HistoryFilter::default();
    let mut all: Vec<PaymentLine> = Vec::new();
    let mut totals = BTreeSet::new();
    loop {
        let page = member.payments(&filter).await.unwrap();
        assert_eq!(page.first, filter.after.is_none());
        assert!(page.payments.len() <= 25);
        totals.insert(page.total);
        all.extend(page.payments);
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }

    assert!(all.len() > 40);
    let keys: Vec<_> = all.iter().map(|payment| (payment.received_at, payment.payment_id)).collect();
    assert!(keys.is_sorted_by(|a, b| a > b), "latest first, none twice");
    let channels: BTreeSet<_> = all.iter().map(|payment| payment.channel.as_str()).collect();
    assert_eq!(channels.into_iter().collect::<Vec<_>>(), ["desk", "mail", "phone"]);
    assert_eq!(totals, BTreeSet::from([all.iter().map(|payment| payment.amount).sum::<Money>()]));

    // The file holds what the pages hold.
    let file = member.payments_csv(&HistoryFilter::default()).await.unwrap();
    let lines: Vec<_> = file.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), all.len() + 1);
    assert!(lines[0].starts_with("received_on,posted_on,settled_on,effective_on,amount_usd,state,"));
    for (line, payment) in lines.iter().skip(1).zip(&all) {
        assert!(line.ends_with(&payment.payment_id.to_string()), "{line}");
        assert!(line.contains(&format!(",{},settled,", payment.amount)), "{line}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_range_is_of_days_in_the_members_region(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let lei = plan.member_in("Lei", "HI").await;
    let bill = lei.owes("300.00").await;
    // Ten in the evening of January 5 in Honolulu: the sixth elsewhere.
    plan.is_at("2027-01-06T08:00:00Z");
    lei.pay(&bill.pay("50.00")).await.unwrap();
    plan.is_at("2027-01-06T10:00:00Z");
    lei.pay(&bill.after(1).pay("60.00")).await.unwrap();

    let total = |from: Option<&str>, to: Option<&str>| {
        let filter = HistoryFilter { from: from.map(date), to: to.map(date), ..HistoryFilter::default() };
        let lei = lei.clone();
        async move { lei.scope().payments(&filter).await.unwrap().total }
    };
    assert_eq!(total(None, None).await, money("110.00"));
    assert_eq!(total(Some("2027-01-05"), Some("2027-01-05")).await, money("50.00"));
    assert_eq!(total(Some("2027-01-06"), None).await, money("60.00"));
    assert_eq!(total(None, Some("2027-01-04")).await, money("0.00"));
    assert_eq!(total(Some("2027-01-06"), Some("2027-01-05")).await, money("0.00"));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_came_back_is_shown_and_not_counted_and_what_was_never_sent_is_neither(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("300.00").await;
    let returned = bill.pay_by_bank("50.00");
    ana.pay(&returned).await.unwrap();
    plan.gateway.bank_returns(ana.attempt(&returned).await, "R01");
    plan.hears().await;
    plan.works().await;
    plan.passes(TimeDelta::minutes(11));

    let paid = bill.after(2).pay("70.00");
    ana.pay(&paid).await.unwrap();
    let unsent = bill.after(3).pay("30.00");
    ana.orders(&unsent).await.unwrap();

    let history = ana.scope().payments(&HistoryFilter::default()).await.unwrap();
    let shown: Vec<_> = history.payments.iter().map(|payment| (payment.amount, payment.state)).collect();
    assert_eq!(shown, [(money("70.00"), PaymentState::Captured), (money("50.00"), PaymentState::Returned)]);
    assert_eq!(history.total, money("70.00"));
    let line = &history.payments[0];
    assert_eq!(
        (line.method, line.last4.as_deref(), line.bill_kind),
        (Method::Card, Some("4242"), BillKind::Medical)
    );
    assert_eq!((line.effective_on, line.settled_on), (date("2027-01-05"), None));

    let premium = HistoryFilter { kind: Some(BillKind::Premium), ..HistoryFilter::default() };
    let none = ana.scope().payments(&premium).await.unwrap();
    assert!(none.payments.is_empty());
    assert_eq!(none.total, Money::ZERO);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nobody_sees_anothers_payments(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let order = ana.owes("80.00").await.pay_in_full();
    ana.pay(&order).await.unwrap();

    let filter = HistoryFilter { after: Some(order.payment_id), ..HistoryFilter::default() };
    for filter in [HistoryFilter::default(), filter] {
        let history = ben.scope().payments(&filter).await.unwrap();
        assert!(history.payments.is_empty());
        assert_eq!(history.total, Money::ZERO);
        assert_eq!(ben.scope().payments_csv(&filter).await.unwrap().lines().count(), 1);
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_file_of_history_holds_no_formula(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("80.00").await;
    ana.pay(&bill.pay_in_full()).await.unwrap();
    sqlx::query("UPDATE bill SET number = '=HYPERLINK(\"http://x\",\"y\")' WHERE bill_id = $1")
        .bind(bill.id.0)
        .execute(plan.owner())
        .await
        .unwrap();

    let file = ana.scope().payments_csv(&HistoryFilter::default()).await.unwrap();

    assert!(file.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), "{file}");
}
