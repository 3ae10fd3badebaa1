//! A member's bills: what is owed, by when, and whose they are.

use billing::{
    bills::{BillFilter, BillKind, BillStatus, BilledTo, ComingUp, PaymentLine},
    error::Error,
    ids::BillId,
    money::Money,
    payments::PaymentState,
    rules::Profile,
    testing::{Op, TestPlan, Wrong, date},
};
use chrono::{Days, NaiveDate, TimeDelta};
use sqlx::PgPool;

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

async fn is_due(plan: &TestPlan, bill: BillId, on: NaiveDate) {
    sqlx::query("UPDATE bill SET due_on = $2 WHERE bill_id = $1")
        .bind(bill.0)
        .bind(on)
        .execute(plan.owner())
        .await
        .unwrap();
}

/// A bill due on the fifth is due to the last second of that day in its region, and late in the first of the next.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_bill_is_late_at_its_regions_midnight(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    for (region, last_second) in [
        ("NCA", "2027-01-06T07:59:59Z"),
        ("SCA", "2027-01-06T07:59:59Z"),
        ("OR_SWWA", "2027-01-06T07:59:59Z"),
        ("WA", "2027-01-06T07:59:59Z"),
        ("CO", "2027-01-06T06:59:59Z"),
        ("GA", "2027-01-06T04:59:59Z"),
        ("MAS", "2027-01-06T04:59:59Z"),
        ("HI", "2027-01-06T09:59:59Z"),
    ] {
        let member = plan.member_in("Ana", region).await;
        let bill = member.owes("10.00").await;
        is_due(&plan, bill.id, date("2027-01-05")).await;

        plan.is_at(last_second);
        let page = member.scope().bill(bill.id).await.unwrap();
        assert_eq!(page.bill.status(page.today), BillStatus::Due, "{region}");
        let list = member.scope().bills(&BillFilter::default()).await.unwrap();
        assert_eq!(list.bills.first().unwrap().status(list.today), BillStatus::Due, "{region}");

        plan.passes(TimeDelta::seconds(1));
        let page = member.scope().bill(bill.id).await.unwrap();
        assert_eq!(
            (page.today, page.bill.status(page.today)),
            (date("2027-01-06"), BillStatus::PastDue),
            "{region}"
        );
        let overview = member.scope().overview().await.unwrap();
        assert_eq!(
            overview.needs_you_now.first().unwrap().status(overview.today),
            BillStatus::PastDue,
            "{region}"
        );
        plan.is_at("2027-01-05T18:00:00Z");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn status_follows_the_payments(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let today = date("2027-01-05");
    let bill = ana.owes("120.00").await;
    let stands = |id: BillId| {
        let ana = ana.clone();
        async move {
            let bill = ana.scope().bill(id).await.unwrap().bill;
            (bill.status(today), bill.owed(), bill.payable(), bill.underway, bill.provisional)
        }
    };
    let zero = Money::ZERO;
    assert_eq!(stands(bill.id).await, (BillStatus::Due, money("120.00"), money("120.00"), zero, zero));

    // An order is nothing yet; on the gateway's page it is under way.
    let order = bill.pay_by_bank("120.00");
    ana.orders(&order).await.unwrap();
    assert_eq!(stands(bill.id).await.3, zero);
    ana.confirms(&order).await.unwrap();
    assert_eq!(stands(bill.id).await, (BillStatus::Pending, money("120.00"), zero, money("120.00"), zero));

    // Bank money is applied and not final; settled it is.
    ana.pay(&order).await.unwrap();
    assert_eq!(stands(bill.id).await, (BillStatus::Pending, zero, zero, zero, money("120.00")));
    let overview = ana.scope().overview().await.unwrap();
    let [ComingUp::PaymentFinal { on, amount, .. }] = overview.coming_up.as_slice() else {
        panic!("{overview:?}")
    };
    assert_eq!((*on, *amount), (date("2027-01-12"), money("120.00")));

    plan.passes(TimeDelta::days(2));
    plan.gateway.settles(date("2027-01-07"));
    plan.works().await;
    assert_eq!(stands(bill.id).await, (BillStatus::Paid, zero, zero, zero, zero));
    let overview = ana.scope().overview().await.unwrap();
    assert_eq!(overview.done_lately.len(), 1);
    assert!(overview.needs_you_now.is_empty() && overview.coming_up.is_empty());

    // And taken back by the bank, it is owed again.
    plan.gateway.bank_returns(ana.attempt(&order).await, "R01");
    plan.hears().await;
    plan.works().await;
    assert_eq!(stands(bill.id).await, (BillStatus::Due, money("120.00"), money("120.00"), zero, zero));
    let sent_back = async || {
        let overview = ana.scope().overview().await.unwrap();
        overview.sent_back.iter().map(|payment| payment.payment_id).collect::<Vec<_>>()
    };
    assert_eq!(sent_back().await, [order.payment_id]);
    // Whoever has paid something on it since knows, as long as it is not taken back.
    let next = bill.after(2).pay("20.00");
    ana.pay(&next).await.unwrap();
    assert_eq!(sent_back().await, []);
    ana.scope().cancel(next.payment_id).await.unwrap();
    plan.works().await;
    assert_eq!(sent_back().await, [order.payment_id]);

    // A card's promise counts at once.
    let card = ana.owes("30.00").await;
    ana.pay(&card.pay_in_full()).await.unwrap();
    assert_eq!(stands(card.id).await.0, BillStatus::Paid);
    let nothing = ana.owes("0.00").await;
    assert_eq!(stands(nothing.id).await.0, BillStatus::NothingOwed);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_overview_is_ordered_by_what_needs_doing(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let today = date("2027-01-05");
    let in_days = |days: u64| today.checked_add_days(Days::new(days)).unwrap();
    let (late, soon, later) = (ana.owes("10.00").await, ana.owes("20.00").await, ana.owes("40.00").await);
    let premium = ana.is_billed(BillKind::Premium, "412.20").await;
    let paid = ana.owes("5.00").await;
    is_due(&plan, late.id, date("2027-01-04")).await;
    is_due(&plan, soon.id, in_days(14)).await;
    is_due(&plan, later.id, in_days(16)).await;
    is_due(&plan, premium.id, in_days(15)).await;
    ana.pay(&paid.pay_in_full()).await.unwrap();

    let overview = ana.scope().overview().await.unwrap();

    let now: Vec<_> = overview.needs_you_now.iter().map(|bill| bill.id).collect();
    assert_eq!(now, [late.id, soon.id]);
    let ahead: Vec<_> = overview.coming_up.iter().map(|coming| (coming.on(), coming.amount())).collect();
    assert_eq!(ahead, [(in_days(15), money("412.20")), (in_days(16), money("40.00"))]);
    assert_eq!(
        overview.balances,
        [
            (BillKind::Premium, money("412.20"), 1),
            (BillKind::Medical, money("70.00"), 3),
            (BillKind::Pharmacy, Money::ZERO, 0)
        ]
    );
    assert_eq!(
        overview.done_lately.iter().map(|payment| payment.amount).collect::<Vec<_>>(),
        [money("5.00")]
    );
    assert_eq!(overview.credits, []);
}

/// A bill whose whole amount is under way is in no list of bills to pay, so the payment itself has to say what it waits
/// for: one left on the gateway's page needs its payer, one nobody knows of must not be paid again.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_payment_under_way_stands_on_the_overview(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let stands = || async {
        let overview = ana.scope().overview().await.unwrap();
        assert!(overview.needs_you_now.is_empty() && overview.coming_up.is_empty(), "{overview:?}");
        let states = |lines: &[PaymentLine]| lines.iter().map(|line| line.state).collect::<Vec<_>>();
        let form = ana.scope().pay_form(order.bill_id, None).await.unwrap();
        let undecided = [overview.unfinished.clone(), overview.unsure.clone()].concat();
        assert_eq!(states(&form.underway), states(&undecided), "the pay form tells the same");
        (states(&overview.unfinished), states(&overview.unsure), states(&overview.done_lately))
    };

    // An order that was never sent asks for nothing.
    ana.orders(&order).await.unwrap();
    let overview = ana.scope().overview().await.unwrap();
    assert!(overview.unfinished.is_empty() && overview.unsure.is_empty(), "{overview:?}");

    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    ana.confirms(&order).await.unwrap();
    assert_eq!(stands().await, (vec![], vec![PaymentState::Unknown], vec![]));

    // The page was opened after all, and waits there.
    plan.passes(TimeDelta::seconds(6));
    plan.works().await;
    assert_eq!(stands().await, (vec![PaymentState::RequiresAction], vec![], vec![]));
    let ben = plan.member("Ben").await;
    let others = ben.scope().overview().await.unwrap();
    assert!(others.unfinished.is_empty() && others.unsure.is_empty());

    ana.pay(&order).await.unwrap();
    assert_eq!(stands().await, (vec![], vec![], vec![PaymentState::Captured]));
}

/// What people have to look at is not to be paid again either.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_payment_in_review_stands_on_the_overview(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    ana.is_frozen(&order).await;

    let overview = ana.scope().overview().await.unwrap();
    let [unsure] = overview.unsure.as_slice() else { panic!("{overview:?}") };
    assert_eq!((unsure.payment_id, unsure.state), (order.payment_id, PaymentState::Mismatch));
    assert!(overview.unfinished.is_empty() && overview.needs_you_now.is_empty());
}

/// A region that takes a kind only elsewhere gets no button that promises to take it here.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn bills_not_paid_online_are_told_apart(pool: PgPool) {
    for profile in [Profile::Seed, Profile::AllOn] {
        let plan = TestPlan::with(pool.clone(), |settings| settings.profile = profile).await;
        let ana = plan.member_in("Ana", "WA").await;
        let (medical, premium) = (ana.owes("10.00").await, ana.is_billed(BillKind::Premium, "20.00").await);
        is_due(&plan, medical.id, date("2027-01-06")).await;
        is_due(&plan, premium.id, date("2027-01-07")).await;

        let overview = ana.scope().overview().await.unwrap();
        assert_eq!(overview.needs_you_now.len(), 2);
        let elsewhere = if profile == Profile::Seed { vec![premium.id] } else { vec![] };
        assert_eq!(overview.elsewhere, elsewhere, "{profile:?}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_bill_says_whose_it_is(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("10.00").await;
    let mrn: String = sqlx::query_scalar("SELECT mrn FROM member WHERE member_id = $1")
        .bind(ana.id.0)
        .fetch_one(plan.owner())
        .await
        .unwrap();
    assert_eq!(
        ana.scope().bill(bill.id).await.unwrap().member,
        BilledTo { name: "Ana Test".to_owned(), mrn }
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn lists_page_by_key_and_filter(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.loads_demo().await;
    let visit = plan.sits_with("More than 40 bills").await;
    let member = plan.billing.member(&visit).unwrap();
    let walk = |filter: BillFilter| {
        let member = &member;
        async move {
            let (mut filter, mut all, mut pages) = (filter, Vec::new(), 0_usize);
            loop {
                let page = member.bills(&filter).await.unwrap();
                assert_eq!(page.first, filter.after.is_none());
                assert!(page.bills.len() <= 20);
                pages = pages.saturating_add(1);
                all.extend(page.bills);
                filter.after = page.next;
                if page.next.is_none() {
                    return (all, pages);
                }
            }
        }
    };

    let (all, pages) = walk(BillFilter::default()).await;
    assert!(all.len() > 40 && pages >= 3, "{} bills on {pages} pages", all.len());
    assert!(all.is_sorted_by(|a, b| (a.issued_on, a.id) > (b.issued_on, b.id)), "newest first, none twice");

    let mut parts = 0_usize;
    for kind in BillKind::ALL {
        for open in [true, false] {
            let (some, _) = walk(BillFilter { kind: Some(kind), open: Some(open), after: None }).await;
            assert!(some.iter().all(|bill| bill.kind == kind && bill.owed().is_positive() == open));
            parts = parts.saturating_add(some.len());
        }
    }
    assert_eq!(parts, all.len());

    assert_eq!(BillFilter::read(Some("dental"), Some("lost"), Some("1")), BillFilter::default());
    assert_eq!(
        BillFilter::read(Some("premium"), Some("open"), None),
        BillFilter { kind: Some(BillKind::Premium), open: Some(true), after: None }
    );
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn anothers_bill_and_none_look_the_same(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let bill = ana.owes("80.00").await;

    assert!(ana.scope().bill(bill.id).await.is_ok());
    for id in [bill.id, BillId::mint()] {
        assert!(matches!(ben.scope().bill(id).await, Err(Error::NotFound)));
    }
    assert!(ben.scope().bills(&BillFilter::default()).await.unwrap().bills.is_empty());
    let after = BillFilter { after: Some(bill.id), ..BillFilter::default() };
    assert!(ben.scope().bills(&after).await.unwrap().bills.is_empty());
    assert!(ben.scope().overview().await.unwrap().needs_you_now.is_empty());

    let refused: Vec<String> = sqlx::query_scalar(
        "SELECT action || ' ' || object_kind FROM access_row WHERE actor = $1 AND NOT allowed",
    )
    .bind(ben.id.0)
    .fetch_all(plan.owner())
    .await
    .unwrap();
    assert_eq!(refused, ["see bill", "see bill"]);
    plan.check().await;
}
