//! Random histories of orders, payments, events, returns and files keep every promise; the order in which the gateway's
//! events come changes nothing; sixty-four ways at once make one charge.

use std::collections::{BTreeMap, BTreeSet};

use billing::{
    bills::BillKind,
    error::Error,
    ids::AttemptId,
    money::Money,
    payments::{GatewayEventIn, Method, PayBill, PaymentState},
    testing::{Dice, Op, TestBill, TestMember, TestPlan, Wrong},
};
use chrono::TimeDelta;
use sqlx::PgPool;

/// A history of its own for each seed.
struct History {
    plan: TestPlan,
    people: Vec<TestMember>,
    bills: Vec<(usize, TestBill)>,
    orders: Vec<(usize, PayBill)>,
    dice: Dice,
}

impl History {
    async fn step(&mut self) {
        let plan = self.plan.clone();
        match self.dice.below(16) {
            0 | 1 => {
                let who = self.dice.below(self.people.len());
                let amount = ["12.00", "80.00", "120.00"][self.dice.below(3)];
                let kind = BillKind::ALL[self.dice.below(BillKind::ALL.len())];
                let bill = self.people[who].is_billed(kind, amount).await;
                self.bills.push((who, bill));
            }
            2..=6 if !self.bills.is_empty() => {
                let (who, bill) = self.bills[self.dice.below(self.bills.len())].clone();
                let member = self.people[who].clone();
                let Ok(form) = member.scope().pay_form(bill.id, None).await else { return };
                let amount =
                    if self.dice.below(2) == 0 { form.bill.payable() } else { Money::from_cents(600) };
                let method = if self.dice.below(2) == 0 { Method::Card } else { Method::Bank };
                let order = PayBill {
                    payment_id: form.payment_id,
                    bill_id: bill.id,
                    bill_version: form.bill.version,
                    amount,
                    method,
                };
                if amount.is_positive() && member.orders(&order).await.is_ok() {
                    if self.dice.below(4) == 0 {
                        let wrong =
                            [Wrong::TimeOutBefore, Wrong::TimeOutAfter, Wrong::Reject][self.dice.below(3)];
                        plan.gateway.goes_wrong(Op::OpenPage, wrong);
                    }
                    let again = self.dice.below(2) == 0;
                    match member.scope().confirm(order.payment_id, again).await {
                        Ok(_) | Err(Error::Refused(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                    self.orders.push((who, order));
                }
            }
            7..=9 if !self.orders.is_empty() => {
                let (who, order) = self.orders[self.dice.below(self.orders.len())].clone();
                let attempt = self.people[who].attempt(&order).await;
                match self.dice.below(6) {
                    0 => drop(plan.gateway.person_is_declined(attempt, "limit")),
                    1 => drop(plan.gateway.person_leaves(attempt)),
                    _ => drop(plan.gateway.person_pays(attempt)),
                }
            }
            10 if !self.orders.is_empty() => {
                let (who, order) = self.orders[self.dice.below(self.orders.len())].clone();
                if self.dice.below(3) == 0 {
                    let op = [Op::Find, Op::Void, Op::Cancel][self.dice.below(3)];
                    let wrong = [Wrong::TimeOutBefore, Wrong::TimeOutAfter][self.dice.below(2)];
                    plan.gateway.goes_wrong(op, wrong);
                }
                match self.people[who].scope().cancel(order.payment_id).await {
                    Ok(_) | Err(Error::Refused(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            11 if !self.orders.is_empty() => {
                let (who, order) = self.orders[self.dice.below(self.orders.len())].clone();
                let attempt = self.people[who].attempt(&order).await;
                let state = plan.state(attempt).await;
                if order.method == Method::Bank
                    && matches!(state, PaymentState::Processing | PaymentState::Settled)
                {
                    plan.gateway.bank_returns(attempt, "R01");
                }
            }
            12 => {
                let today = plan.now().date_naive();
                plan.gateway.settles(today);
                plan.job().settle_files().await.unwrap();
            }
            13 => {
                for event in plan.gateway.events() {
                    if self.dice.below(3) > 0 {
                        plan.job().take_event(&event).await.unwrap();
                    }
                }
                plan.job().work_events().await.unwrap();
            }
            14 => plan.passes(TimeDelta::seconds([5, 30, 700, 40_000][self.dice.below(4)])),
            _ => plan.works().await,
        }
    }
}

/// What is displayed is the sum of what is cited, for every payment and bill there is.
async fn shows_what_it_cites(history: &History) {
    for (who, order) in &history.orders {
        let view = history.people[*who].sees(order).await.unwrap();
        let allocated: Money = view.allocation.iter().map(|(_, amount)| *amount).sum();
        assert_eq!(allocated, view.line.amount);
        if let Some(number) = &view.line.receipt_number {
            let cited: Vec<(String, Money)> = sqlx::query_as(
                "SELECT figure, amount FROM cited_figure WHERE document_kind = 'receipt' AND document_id = $1",
            )
            .bind(number)
            .fetch_all(history.plan.owner())
            .await
            .unwrap();
            let cited: BTreeMap<String, Money> = cited.into_iter().collect();
            assert_eq!(cited.get("amount"), Some(&view.line.amount));
            assert_eq!(cited.get("owed_after"), Some(&view.owed_after));
            let parts = ["applied", "credited"].iter().filter_map(|part| cited.get(*part).copied());
            assert_eq!(parts.sum::<Money>(), view.line.amount);
        }
    }
    for (who, member) in history.people.iter().enumerate() {
        let mut shown = Money::ZERO;
        for (owner, bill) in &history.bills {
            if *owner == who {
                shown = shown.plus(member.scope().bill(bill.id).await.unwrap().bill.owed());
            }
        }
        assert_eq!(member.owed().await, shown, "what the pages show is what the ledger says");
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn random_histories_keep_every_promise(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let seeds: u64 = std::env::var("HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    for seed in 1..=seeds {
        println!("seed {seed}");
        let people = vec![plan.member("Ana").await, plan.member("Ben").await];
        let mut history = History {
            plan: plan.clone(),
            people,
            bills: Vec::new(),
            orders: Vec::new(),
            dice: Dice::new(seed),
        };
        for step in 0..60 {
            history.step().await;
            if step % 20 == 19 {
                plan.works().await;
                plan.check().await;
            }
        }
        shows_what_it_cites(&history).await;
        // Gateway and workers are there all the while: what does not move for days is for people.
        for pause in [TimeDelta::minutes(2), TimeDelta::hours(2), TimeDelta::days(1), TimeDelta::days(10)] {
            plan.passes(pause);
            plan.gateway.settles(plan.now().date_naive());
            plan.works().await;
        }
        plan.check().await;
        shows_what_it_cites(&history).await;
    }
    let ends: BTreeSet<String> = sqlx::query_scalar("SELECT DISTINCT state FROM payment_attempt")
        .fetch_all(plan.owner())
        .await
        .unwrap()
        .into_iter()
        .collect();
    let wanted = ["settled", "returned", "voided", "declined", "absent", "expired"];
    assert!(wanted.iter().all(|end| ends.contains(*end)), "histories end in {ends:?} only");
}

/// How one payment ends at the gateway, and what we must end in, however its events come.
#[derive(Clone, Copy, Debug)]
enum Story {
    Paid,
    PaidByBank,
    Declined,
    Left,
    ReturnedByBank,
    Never,
}

const STORIES: [(Story, PaymentState); 6] = [
    (Story::Paid, PaymentState::Captured),
    (Story::PaidByBank, PaymentState::Processing),
    (Story::Declined, PaymentState::Declined),
    (Story::Left, PaymentState::Voided),
    (Story::ReturnedByBank, PaymentState::Returned),
    (Story::Never, PaymentState::Expired),
];

async fn tells(plan: &TestPlan, member: &TestMember, number: usize) -> (AttemptId, PaymentState) {
    let (story, end) = STORIES[number % STORIES.len()];
    let order = member.owes("10.00").await.pay_in_full();
    let method =
        if matches!(story, Story::PaidByBank | Story::ReturnedByBank) { Method::Bank } else { Method::Card };
    let order = PayBill { method, ..order };
    member.orders(&order).await.unwrap();
    member.scope().confirm(order.payment_id, true).await.unwrap();
    let attempt = member.attempt(&order).await;
    match story {
        Story::Paid | Story::PaidByBank => drop(plan.gateway.person_pays(attempt)),
        Story::Declined => drop(plan.gateway.person_is_declined(attempt, "limit")),
        Story::Left => drop(plan.gateway.person_leaves(attempt)),
        Story::ReturnedByBank => {
            plan.gateway.person_pays(attempt);
            plan.gateway.bank_returns(attempt, "R01");
        }
        Story::Never => {}
    }
    (attempt, end)
}

/// Shuffled, doubled, dropped, forged: a thousand sequences, one end each.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn events_in_any_order_lead_to_one_end(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let sequences: usize =
        std::env::var("SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let mut dice = Dice::new(7);
    let mut ends = Vec::new();
    let (mut told, mut told_of) = (0, BTreeSet::new());
    for round in 0..sequences.div_ceil(100) {
        let members: Vec<_> = futures(&plan, round, sequences.min(100)).await;
        ends.extend(members);

        let all = plan.gateway.events();
        let mut events: Vec<GatewayEventIn> = Vec::new();
        for event in &all[told..] {
            match dice.below(10) {
                0..3 => {}
                3..6 => events.extend([event.clone(), event.clone()]),
                6 => {
                    // The right signature, the wrong story: an event says that something changed, not what.
                    let kind = "charge.captured".to_owned();
                    events.push(GatewayEventIn {
                        kind,
                        event_id: format!("{}x", event.event_id),
                        ..event.clone()
                    });
                }
                _ => events.push(event.clone()),
            }
        }
        told = all.len();
        dice.shuffle(&mut events);
        told_of.extend(events.iter().map(|event| event.reference.clone()));
        for (number, event) in events.iter().enumerate() {
            plan.job().take_event(event).await.unwrap();
            if number % 40 == 0 {
                plan.job().work_events().await.unwrap();
            }
        }
        while plan.job().work_events().await.unwrap() > 0 {}
    }
    // Whoever was told of is where it ends, before any clock moves and any janitor looks.
    let by_events: Vec<_> =
        ends.iter().filter(|(attempt, _)| told_of.contains(&attempt.to_string())).collect();
    assert!(by_events.len() * 2 > ends.len(), "only {} of {} were told of", by_events.len(), ends.len());
    for (attempt, end) in by_events {
        assert_eq!(plan.state(*attempt).await, *end, "{attempt}, of which events told");
    }
    // What no event told, the janitor finds.
    plan.passes(TimeDelta::minutes(25));
    plan.works().await;
    plan.passes(TimeDelta::days(1));
    plan.works().await;
    for (attempt, end) in ends {
        assert_eq!(plan.state(attempt).await, end, "{attempt}");
    }
    plan.check().await;
}

async fn futures(plan: &TestPlan, round: usize, count: usize) -> Vec<(AttemptId, PaymentState)> {
    let tasks: Vec<_> = (0..4)
        .map(|lane| {
            let plan = plan.clone();
            tokio::spawn(async move {
                let member = plan.member("Ana").await;
                let mut ends = Vec::new();
                for number in (lane..count).step_by(4) {
                    ends.push(tells(&plan, &member, round + number).await);
                }
                ends
            })
        })
        .collect();
    let mut ends = Vec::new();
    for task in tasks {
        ends.extend(task.await.unwrap());
    }
    ends
}

/// An answer to the same key is the same, or "come again"; never a second charge.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn sixty_four_ways_at_once_make_one_charge(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let intents: usize = std::env::var("INTENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    for number in 1..=intents {
        let order = ana.owes("10.00").await.pay_in_full();
        let ways: Vec<_> = (0..64)
            .map(|_| {
                let (ana, order) = (ana.clone(), order.clone());
                tokio::spawn(async move {
                    let ordered = ana.orders(&order).await;
                    let confirmed = ana.scope().confirm(order.payment_id, true).await;
                    (ordered, confirmed)
                })
            })
            .collect();
        let mut taken = 0;
        for way in ways {
            let (ordered, confirmed) = way.await.unwrap();
            for answer in [ordered, confirmed] {
                match answer {
                    Ok(_) => taken += 1,
                    Err(Error::Unavailable { .. } | Error::NotFound) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
        assert!(taken > 0);
        assert_eq!(plan.gateway.calls(Op::OpenPage), number);
        ana.pay(&order).await.unwrap();
        assert_eq!(plan.charges(), number);
    }
    assert_eq!(ana.owed().await, Money::ZERO);
    plan.check().await;
}

/// Sixty-four orders against one bill: together never more than it owes.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn many_orders_never_pay_more_than_is_owed(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("100.00").await;
    let ways: Vec<_> = (0..64)
        .map(|_| {
            let (ana, order) = (ana.clone(), bill.pay("30.00"));
            tokio::spawn(async move {
                ana.orders(&order).await.ok()?;
                ana.scope().confirm(order.payment_id, true).await.ok()?;
                Some(order)
            })
        })
        .collect();
    for way in ways {
        if let Some(order) = way.await.unwrap() {
            plan.gateway.person_pays(ana.attempt(&order).await);
        }
    }
    plan.hears().await;
    plan.works().await;
    assert!(plan.charges() <= 3, "{} charges", plan.charges());
    assert!(!ana.owed().await.is_negative());
    assert!(ana.credit().await.is_zero());
    plan.check().await;
}
