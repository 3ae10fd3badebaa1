//! Payments of all channels, in any range, page by page and as a file.

use std::collections::BTreeSet;

use billing::{
    bills::{BillKind, PaymentLine},
    money::Money,
    payments::{History, HistoryFilter, Method, PaymentState, PremiumsShown},
    rules::{Line, Profile},
    testing::{TestMember, TestPlan, date},
    words::Language,
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
    let file = member.payments_csv(&HistoryFilter::default(), Language::English).await.unwrap();
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
        assert_eq!(ben.scope().payments_csv(&filter, Language::English).await.unwrap().lines().count(), 1);
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

    let file = ana.scope().payments_csv(&HistoryFilter::default(), Language::English).await.unwrap();

    assert!(file.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), "{file}");
}

/// Payments of premiums and of a medical bill, over fourteen months.
async fn has_paid(plan: &TestPlan, member: &TestMember) {
    plan.is_at("2025-11-30T18:00:00Z");
    let premium = member.is_billed(BillKind::Premium, "400.00").await;
    let medical = member.owes("300.00").await;
    for (count, at, amount, channel) in [
        (0, "2025-11-30T18:00:00Z", "10.00", "web"),
        // Half past midnight in California, the evening before in Honolulu.
        (1, "2025-12-05T08:30:00Z", "20.00", "web"),
        (2, "2026-06-01T18:00:00Z", "30.00", "mail"),
        (3, "2026-07-01T18:00:00Z", "40.00", "phone"),
    ] {
        plan.is_at(at);
        paid(plan, member, &premium.after(count).pay(amount), channel).await;
    }
    plan.is_at("2025-11-30T19:00:00Z");
    paid(plan, member, &medical.pay("50.00"), "mail").await;
    plan.is_at(billing::testing::START);
}

async fn paid(plan: &TestPlan, member: &TestMember, order: &billing::payments::PayBill, channel: &str) {
    member.pay(order).await.unwrap();
    sqlx::query("UPDATE payment SET channel = $2 WHERE payment_id = $1")
        .bind(order.payment_id.0)
        .bind(channel)
        .execute(plan.owner())
        .await
        .unwrap();
}

/// The history as its page shows it; the file and the trail of its total say the same.
async fn history(plan: &TestPlan, member: &TestMember, filter: &HistoryFilter) -> History {
    let scope = plan.billing.member(&member.visit).unwrap();
    let page = scope.payments(filter).await.unwrap();
    let file = scope.payments_csv(filter, Language::English).await.unwrap();
    let shown: Vec<_> = page.payments.iter().map(|payment| payment.payment_id.to_string()).collect();
    let in_file: Vec<_> =
        file.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().to_owned()).collect();
    assert_eq!(shown, in_file);
    let kind = filter.kind.map(|kind| format!(":{}", kind.word())).unwrap_or_default();
    let trail = scope.explain("history", &format!("..{}{kind}", page.today)).await.unwrap();
    assert_eq!(trail.amount, page.total);
    page
}

/// S43 to S46: thirteen months in six regions, without mail; none in Maryland, Virginia and Washington. Medical payments
/// are never left out, and with everything on nothing is.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_history_holds_what_its_region_publishes_and_says_whom_to_call(pool: PgPool) {
    let all_on = TestPlan::new(pool.clone()).await;
    let seed = TestPlan::with(pool, |settings| settings.profile = Profile::Seed).await;
    let months = || {
        let channels = ["web", "autopay", "guest", "phone", "rep"].map(str::to_owned).to_vec();
        Some(PremiumsShown { since: Some(date("2025-12-05")), channels: Some(channels) })
    };
    for (region, total, shown, line, number) in [
        ("NCA", "110.00", months(), Line::MemberServices, "1-800-464-4000"),
        ("HI", "90.00", months(), Line::Premiums, "1 877 578 2700"),
        ("MAS", "50.00", None, Line::Premiums, "1 800 777 7902"),
        ("WA", "50.00", None, Line::Premiums, "1 844 632 2045"),
    ] {
        let member = all_on.member_in("Ana", region).await;
        has_paid(&all_on, &member).await;

        let whole = history(&all_on, &member, &HistoryFilter::default()).await;
        assert_eq!((whole.total, whole.payments.len()), (money("150.00"), 5), "{region}");
        assert_eq!(whole.limits, [], "{region}");

        let published = history(&seed, &member, &HistoryFilter::default()).await;
        assert_eq!(published.total, money(total), "{region}");
        let [limit] = published.limits.as_slice() else { panic!("{region}: {:?}", published.limits) };
        assert_eq!((&limit.shown, limit.ask.about), (&shown, Some(BillKind::Premium)), "{region}");
        assert_eq!(limit.region, region);
        let phone = limit.ask.rep.clone().or(limit.ask.automated.clone()).unwrap();
        assert_eq!(
            (phone.line, phone.number.as_str(), phone.tty.as_str()),
            (line, number, "711"),
            "{region}"
        );

        let premium = HistoryFilter { kind: Some(BillKind::Premium), ..HistoryFilter::default() };
        assert_eq!(
            history(&seed, &member, &premium).await.total,
            money(total).minus(money("50.00")),
            "{region}"
        );
        let medical = HistoryFilter { kind: Some(BillKind::Medical), ..HistoryFilter::default() };
        assert_eq!(history(&seed, &member, &medical).await.total, money("50.00"), "{region}");
    }
}

/// A row with a date turns it on at midnight of the region, complete at once.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_history_turned_on_is_complete_at_once(pool: PgPool) {
    let all_on = TestPlan::new(pool.clone()).await;
    let seed = TestPlan::with(pool, |settings| settings.profile = Profile::Seed).await;
    let gus = all_on.member_in("Gus", "WA").await;
    has_paid(&all_on, &gus).await;
    sqlx::raw_sql(
        "UPDATE region_feature SET valid = '(,2027-02-01)'
             WHERE profile = 'seed' AND region = 'WA' AND feature LIKE 'history_%';
         INSERT INTO region_feature (profile, region, feature, mode, valid, status, source, owner)
             SELECT 'seed', 'WA', unnest(ARRAY['history_view', 'history_range']), 'on', '[2027-02-01,)', 'active',
                 'test', 'test';",
    )
    .execute(all_on.owner())
    .await
    .unwrap();

    for (at, total, limits) in [("2027-02-01T07:59:59Z", "50.00", 1), ("2027-02-01T08:00:00Z", "150.00", 0)] {
        seed.is_at(at);
        let found = history(&seed, &gus, &HistoryFilter::default()).await;
        assert_eq!((found.total, found.limits.len()), (money(total), limits), "{at}");
    }
}

/// The region is the billing unit's, wherever its subscriber lives; who has no premium is told of home.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_history_is_of_the_billing_units_region(pool: PgPool) {
    let all_on = TestPlan::new(pool.clone()).await;
    let seed = TestPlan::with(pool, |settings| settings.profile = Profile::Seed).await;
    let ana = all_on.member("Ana").await;
    let order = ana.is_billed(BillKind::Premium, "60.00").await.pay_in_full();
    ana.pay(&order).await.unwrap();
    let moved = |to: &'static str| {
        sqlx::query("UPDATE member SET region = $2 WHERE member_id = $1").bind(ana.id.0).bind(to)
    };
    moved("WA").execute(all_on.owner()).await.unwrap();

    let found = history(&seed, &ana, &HistoryFilter::default()).await;
    assert_eq!(found.total, money("60.00"));
    assert_eq!(found.limits.iter().map(|limit| limit.region.as_str()).collect::<Vec<_>>(), ["NCA"]);

    let gus = all_on.member_in("Gus", "WA").await;
    let found = history(&seed, &gus, &HistoryFilter::default()).await;
    let limits: Vec<_> = found.limits.iter().map(|limit| (limit.region.as_str(), &limit.shown)).collect();
    assert_eq!(limits, [("WA", &None)]);
}
