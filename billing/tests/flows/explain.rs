//! The money trail: every figure a page shows opens to the same amount, over histories made by chance.

use std::collections::BTreeMap;

use billing::{
    MemberScope,
    bills::{BillFilter, BillKind, ComingUp},
    error::Error,
    ids::{BillId, PaymentId},
    ledger::explain::{Explanation, Figure, LineAmount, SourceKind, Step},
    money::Money,
    payments::{HistoryFilter, PayBill, PaymentState},
    testing::{TestBill, TestMember, TestPlan, date},
};
use chrono::TimeDelta;
use sqlx::PgPool;

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

/// Opens a figure and holds it to the amount a page shows, and to its own sums.
async fn opens(member: &MemberScope<'_>, figure: Figure, shown: Money) -> Explanation {
    let (kind, id) = (figure.kind(), figure.id());
    let trail = member.explain(kind, &id).await.unwrap_or_else(|error| panic!("{kind}/{id}: {error:?}"));
    assert_eq!(trail.amount, shown, "{kind}/{id}: {trail:#?}");
    assert!(!trail.rows.is_empty() || !trail.sources.is_empty(), "{kind}/{id} opens nothing");
    let mut running = Money::ZERO;
    for (amount, sum) in trail
        .rows
        .iter()
        .map(|row| (row.amount, row.running))
        .chain(trail.sources.iter().map(|source| (source.amount, source.running)))
    {
        running = running.plus(amount);
        assert_eq!(running, sum);
    }
    assert_eq!(running, shown);
    let read = |source: &billing::ledger::explain::SourceLine| {
        matches!(source.kind, SourceKind::Line | SourceKind::Document)
    };
    for source in trail.sources.iter().filter(|source| read(source)) {
        assert!(!source.source.is_empty(), "{kind}/{id} was read from nowhere");
    }
    trail
}

/// Every figure of every page of a member. Gives how many there were.
async fn walk(member: &MemberScope<'_>) -> usize {
    let mut figures = Vec::new();

    let overview = member.overview().await.unwrap();
    for (kind, owed, _) in overview.balances {
        figures.push((Figure::Owed(kind), owed));
        let credit = overview.credits.iter().find(|(credit, _)| *credit == kind);
        figures.push((Figure::Credit(kind), credit.map_or(Money::ZERO, |(_, amount)| *amount)));
    }
    for coming in &overview.coming_up {
        figures.push(match coming {
            ComingUp::BillDue { bill, amount, .. } => (Figure::BillPayable(*bill), *amount),
            ComingUp::PaymentFinal { payment, amount, .. } => (Figure::Payment(*payment), *amount),
        });
    }
    for payment in &overview.done_lately {
        figures.push((Figure::Payment(payment.payment_id), payment.amount));
    }

    let mut filter = BillFilter::default();
    loop {
        let page = member.bills(&filter).await.unwrap();
        for bill in &page.bills {
            figures.extend(bill_figures(member, bill.id).await);
        }
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }

    for kind in BillKind::ALL.map(Some).into_iter().chain([None]) {
        let mut range = HistoryFilter { kind, from: Some(date("2026-06-01")), ..HistoryFilter::default() };
        loop {
            let page = member.payments(&range).await.unwrap();
            figures.push((Figure::History(HistoryFilter { after: None, ..range.clone() }), page.total));
            for payment in page.payments.iter().filter(|_| kind.is_none()) {
                figures.extend(payment_figures(member, payment.payment_id).await);
            }
            range.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
    }

    // The same figure of two pages is opened once, and shown alike.
    let mut opened: BTreeMap<(&str, String), Money> = BTreeMap::new();
    let mut ways = BTreeMap::new();
    for (figure, shown) in figures {
        if let Some(before) = opened.insert((figure.kind(), figure.id()), shown) {
            assert_eq!(before, shown, "{figure:?}");
        } else {
            reads_alike(&mut ways, &opens(member, figure, shown).await);
        }
    }
    opened.len()
}

/// Holds each transfer to one reading: from and to the same, whatever figure it is part of.
fn reads_alike(ways: &mut BTreeMap<(i64, [String; 2]), String>, trail: &Explanation) {
    for row in trail.rows.iter().chain(&trail.later) {
        let mut between = [row.from.clone(), row.to.clone()];
        between.sort();
        let before = ways.entry((row.posting_id, between)).or_insert_with(|| row.from.clone());
        assert_eq!(*before, row.from, "posting {} in {:?}", row.posting_id, trail.figure);
    }
}

async fn bill_figures(member: &MemberScope<'_>, id: BillId) -> Vec<(Figure, Money)> {
    let detail = member.bill(id).await.unwrap();
    let bill = &detail.bill;
    let mut figures = vec![
        (Figure::BillOwed(id), bill.owed()),
        (Figure::BillPayable(id), bill.payable()),
        (Figure::BillDue(id), bill.due),
        (Figure::BillPaid(id), bill.applied),
        (Figure::BillUnderway(id), bill.underway),
        (Figure::BillProvisional(id), bill.provisional),
    ];
    if let Some(waterfall) = detail.waterfall {
        figures.extend([
            (Figure::Stated(id, Step::Billed), waterfall.billed),
            (Figure::Stated(id, Step::Discount), waterfall.discount),
            (Figure::Stated(id, Step::PlanPaid), waterfall.plan_paid),
            (Figure::Stated(id, Step::PaidBefore), waterfall.paid_before),
        ]);
        let left = waterfall.billed.minus(waterfall.discount).minus(waterfall.plan_paid);
        assert_eq!(left.minus(waterfall.paid_before), waterfall.due);
        assert_eq!(waterfall.due.minus(waterfall.payments), waterfall.owed);
    }
    for line in &detail.lines {
        let opened = member.explain("line", &format!("{id}:{}", line.line)).await.unwrap();
        let kinds = [opened.about.line_kind.as_deref(), opened.sources[0].line_kind.as_deref()];
        assert_eq!(kinds, [Some(line.kind.as_str()); 2], "a line is told by its kind where it is opened");
        let stated = [
            (LineAmount::Owed, Some(line.owed)),
            (LineAmount::Billed, line.billed),
            (LineAmount::Discount, line.discount),
            (LineAmount::PlanPaid, line.plan_paid),
        ];
        let shares = line.shares.iter().map(|(word, amount)| {
            let share = LineAmount::ALL.into_iter().find(|share| share.word() == word).unwrap();
            (share, Some(*amount))
        });
        for (amount, shown) in stated.into_iter().chain(shares) {
            figures.extend(shown.map(|shown| (Figure::Line(id, line.line, amount), shown)));
        }
    }
    for payment in &detail.payments {
        figures.push((Figure::Payment(payment.payment_id), payment.amount));
    }
    figures
}

async fn payment_figures(member: &MemberScope<'_>, id: PaymentId) -> Vec<(Figure, Money)> {
    let view = member.payment(id).await.unwrap();
    let mut figures = vec![(Figure::Payment(id), view.line.amount)];
    if view.line.receipt_number.is_some() {
        figures.push((Figure::Receipt(id, "amount".to_owned()), view.line.amount));
        figures.push((Figure::Receipt(id, "owed_after".to_owned()), view.owed_after));
        for (what, amount) in view.allocation {
            let part = if what == "credit" { "credited" } else { "applied" };
            figures.push((Figure::Receipt(id, part.to_owned()), amount));
        }
    } else {
        figures.push((Figure::After(id), view.owed_after));
    }
    figures
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_figure_of_the_demo_opens_what_makes_it(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.loads_demo().await;
    // Those with a story, but the one with forty bills.
    let mrns: Vec<String> = sqlx::query_scalar(
        "SELECT mrn FROM member WHERE source_set = 'demo' AND given_name <> 'Priya' ORDER BY mrn LIMIT 10",
    )
    .fetch_all(plan.owner())
    .await
    .unwrap();
    let mut figures = 0;
    for mrn in mrns {
        let visit = plan.sits(&mrn).await;
        figures += walk(&plan.billing.member(&visit).unwrap()).await;
    }
    assert!(figures > 500, "{figures} figures");
}

/// Chance for histories: the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One thing that may happen to a member's payments. What the rules refuse did not happen.
async fn happens(
    plan: &TestPlan,
    member: &TestMember,
    bills: &[TestBill],
    orders: &mut Vec<PayBill>,
    chance: &mut Chance,
) {
    let any = |chance: &mut Chance, orders: &[PayBill]| {
        (!orders.is_empty())
            .then(|| orders[usize::try_from(chance.below(orders.len() as u64)).unwrap()].clone())
    };
    match chance.below(9) {
        0..=2 => {
            let bill = &bills[usize::try_from(chance.below(bills.len() as u64)).unwrap()];
            let version = member.scope().bill(bill.id).await.unwrap().bill.version;
            let amount = Money::from_cents(i64::try_from(1 + chance.below(9_000)).unwrap());
            let order = match chance.below(2) {
                0 => bill.pay(&amount.to_string()),
                _ => bill.pay_by_bank(&amount.to_string()),
            };
            let order = PayBill { bill_version: version, ..order };
            if member.orders(&order).await.is_ok() {
                orders.push(order);
            }
        }
        3 | 4 => {
            if let Some(order) = any(chance, orders) {
                let _ = member.confirms(&order).await;
            }
        }
        5 => {
            if let Some(order) = any(chance, orders) {
                plan.gateway.person_pays(member.attempt(&order).await);
                plan.hears().await;
            }
        }
        6 => {
            if let Some(order) = any(chance, orders) {
                let _ = member.scope().cancel(order.payment_id).await;
            }
        }
        7 => {
            plan.passes(TimeDelta::hours(9));
            plan.gateway.settles(plan.now().date_naive());
        }
        _ => {
            if let Some(order) = any(chance, orders) {
                let attempt = member.attempt(&order).await;
                let state = plan.state(attempt).await;
                if matches!(state, PaymentState::Processing | PaymentState::Settled) {
                    plan.gateway.bank_returns(attempt, "R01");
                    plan.hears().await;
                }
            }
        }
    }
    plan.works().await;
    plan.passes(TimeDelta::minutes(11));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_figure_of_any_history_opens_what_makes_it(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    for seed in 1..=6_u64 {
        let mut chance = Chance(seed);
        let member = plan.member("Ana").await;
        let bills = [
            member.is_billed(BillKind::Medical, "120.00").await,
            member.is_billed(BillKind::Premium, "412.20").await,
            member.is_billed(BillKind::Pharmacy, "0.00").await,
        ];
        let mut orders = Vec::new();
        for _ in 0..16 {
            happens(&plan, &member, &bills, &mut orders, &mut chance).await;
        }
        walk(&member.scope()).await;
        for order in &orders {
            for (figure, shown) in payment_figures(&member.scope(), order.payment_id).await {
                opens(&member.scope(), figure, shown).await;
            }
        }
        plan.job().reconcile().await.unwrap();
        // Nobody mails in this plan: what it owes to tell may wait.
        let broken: Vec<_> =
            plan.broken().await.into_iter().filter(|view| !view.starts_with("outbox")).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_trail_has_four_dates_and_says_what_came_later(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let order = bill.pay_by_bank("45.00");
    ana.pay(&order).await.unwrap();
    plan.passes(TimeDelta::days(2));
    plan.gateway.settles(date("2027-01-07"));
    plan.works().await;

    let scope = ana.scope();
    let trail = opens(&scope, Figure::BillOwed(bill.id), money("75.00")).await;
    let [charge, paid] = trail.rows.as_slice() else { panic!("{trail:#?}") };
    assert_eq!((charge.amount, charge.running), (money("120.00"), money("120.00")));
    assert_eq!((charge.from.as_str(), charge.to.as_str()), ("medical_revenue", "medical"));
    assert_eq!(charge.link, Some(("bill".to_owned(), bill.id.to_string())));
    assert_eq!((paid.amount, paid.running), (money("-45.00"), money("75.00")));
    assert_eq!((paid.from.as_str(), paid.to.as_str()), ("ach_in_transit", "medical"));
    assert_eq!(paid.link, Some(("payment".to_owned(), order.payment_id.to_string())));
    assert_eq!((paid.effective_on, paid.settled_on), (date("2027-01-05"), Some(date("2027-01-07"))));

    let trail = opens(&scope, Figure::Payment(order.payment_id), money("45.00")).await;
    assert_eq!(trail.rows.len(), 1);
    assert!(trail.later.iter().any(|row| row.posting_kind == "settle" && row.to == "bank"), "{trail:#?}");

    plan.gateway.bank_returns(ana.attempt(&order).await, "R01");
    plan.hears().await;
    plan.works().await;
    let trail = opens(&scope, Figure::BillOwed(bill.id), money("120.00")).await;
    assert_eq!(trail.rows.len(), 3);
    opens(&scope, Figure::BillPaid(bill.id), money("0.00")).await;
    opens(&scope, Figure::Payment(order.payment_id), money("45.00")).await;
}

/// A payment reads from its money on the way to what is owed, and its return the other way round, in every figure. What
/// was undone waits for no settlement.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_return_reads_opposite_to_its_payment(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let (returned, taken_back) = (bill.pay_by_bank("45.00"), bill.pay_by_bank("30.00"));
    ana.pay(&returned).await.unwrap();
    plan.passes(TimeDelta::minutes(11));
    let version = ana.scope().bill(bill.id).await.unwrap().bill.version;
    let taken_back = PayBill { bill_version: version, ..taken_back };
    ana.pay(&taken_back).await.unwrap();
    ana.scope().cancel(taken_back.payment_id).await.unwrap();
    plan.works().await;
    plan.gateway.bank_returns(ana.attempt(&returned).await, "R01");
    plan.hears().await;
    plan.works().await;

    for (order, undone_by) in [(returned, "payment_returned"), (taken_back, "payment_cancelled")] {
        let receipt = |part: &str| Figure::Receipt(order.payment_id, part.to_owned());
        let mut seen = BTreeMap::new();
        for figure in [
            Figure::Owed(BillKind::Medical),
            Figure::BillOwed(bill.id),
            Figure::BillPaid(bill.id),
            Figure::Payment(order.payment_id),
            receipt("amount"),
            receipt("applied"),
            receipt("owed_after"),
        ] {
            let trail = ana.scope().explain(figure.kind(), &figure.id()).await.unwrap();
            let link = Some(("payment".to_owned(), order.payment_id.to_string()));
            for row in trail.rows.into_iter().chain(trail.later).filter(|row| row.link == link) {
                let way = [row.from.as_str(), row.to.as_str()];
                let undone = row.undone.as_ref().map(|(kind, _)| kind.as_str());
                match row.posting_kind.as_str() {
                    "payment" => assert_eq!((way, undone), (["ach_in_transit", "medical"], Some(undone_by))),
                    kind if kind == undone_by => {
                        assert_eq!((way, undone), (["medical", "ach_in_transit"], None));
                    }
                    _ => continue,
                }
                *seen.entry(row.posting_kind).or_insert(0) += 1;
            }
        }
        assert!(seen["payment"] >= 7 && seen[undone_by] >= 4, "{seen:?}");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn anothers_figures_and_none_look_the_same(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let bill = ana.owes("120.00").await;
    let order = bill.pay("20.00");
    ana.pay(&order).await.unwrap();

    for figure in [
        Figure::BillOwed(bill.id),
        Figure::BillDue(bill.id),
        Figure::Stated(bill.id, Step::Billed),
        Figure::Line(bill.id, 1, LineAmount::Owed),
        Figure::Payment(order.payment_id),
        Figure::After(order.payment_id),
        Figure::Receipt(order.payment_id, "amount".to_owned()),
        Figure::BillOwed(BillId::mint()),
        Figure::Payment(PaymentId::mint()),
    ] {
        let answer = ben.scope().explain(figure.kind(), &figure.id()).await;
        assert!(matches!(answer, Err(Error::NotFound)), "{figure:?}: {answer:?}");
    }
    for (kind, id) in [("bill-owed", "1"), ("nothing", "at-all"), ("owed", "dental")] {
        assert!(matches!(ben.scope().explain(kind, id).await, Err(Error::NotFound)));
    }
    opens(&ben.scope(), Figure::Owed(BillKind::Medical), Money::ZERO).await;
    opens(&ben.scope(), Figure::History(HistoryFilter::default()), Money::ZERO).await;

    // Each look left its row; what was not found says so.
    let rows: (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE NOT allowed), count(*) FILTER (WHERE allowed) FROM access_row
         WHERE actor = $1 AND object_kind = 'figure'",
    )
    .bind(ben.id.0)
    .fetch_one(plan.owner())
    .await
    .unwrap();
    assert_eq!(rows, (9, 2));
}

/// The bill is paid at the desk while the payer is on the gateway's page: what it cannot take is kept as credit, and the
/// receipt cites each part of what was paid, and what was left then.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_a_receipt_keeps_as_credit_opens_too(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for (at_the_desk, parts) in [
        ("50.00", [("applied", "70.00"), ("credited", "50.00")].as_slice()),
        ("120.00", &[("credited", "120.00")]),
    ] {
        plan.passes(TimeDelta::minutes(11));
        let bill = ana.owes("120.00").await;
        let order = bill.pay_in_full();
        let attempt = ana.starts(&order).await;
        sqlx::query(
            "WITH b AS (UPDATE bill SET applied = $2::numeric, version = version + 1 WHERE bill_id = $1
                        RETURNING bill_id, receivable)
             SELECT ledger_post('payment', 'desk', gen_random_uuid(), '2027-01-05', now(), 'desk', 'cash',
                ARRAY[13::bigint], ARRAY[receivable], ARRAY[$2::numeric], ARRAY[bill_id]) FROM b",
        )
        .bind(bill.id)
        .bind(at_the_desk.parse::<rust_decimal::Decimal>().unwrap())
        .execute(plan.owner())
        .await
        .unwrap();
        plan.gateway.person_pays(attempt);
        ana.scope().check_again(order.payment_id).await.unwrap();

        let view = ana.sees(&order).await.unwrap();
        assert!(view.line.receipt_number.is_some());
        assert_eq!(view.owed_after, Money::ZERO);
        let figures = payment_figures(&ana.scope(), order.payment_id).await;
        for (part, amount) in parts {
            assert!(
                figures.contains(&(Figure::Receipt(order.payment_id, (*part).to_owned()), money(amount)))
            );
        }
        for (figure, shown) in figures {
            opens(&ana.scope(), figure, shown).await;
        }
    }
    plan.check().await;
}
