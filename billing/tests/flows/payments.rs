//! One bill, paid: the good way, twice, late, with other contents, and by someone else.

use billing::{
    bills::BillKind,
    error::{Error, Refusal},
    ledger::Account,
    money::Money,
    payments::{Next, PayBill, PaymentState, Stage},
    testing::{Op, TestPlan, Wrong},
};
use chrono::TimeDelta;
use sqlx::PgPool;

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

fn code(answer: Result<Next, Error>) -> String {
    match answer {
        Err(Error::Refused(refusals)) => {
            refusals.iter().map(|refusal| refusal.code.clone()).collect::<Vec<_>>().join(" ")
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_bill_is_paid_in_full_by_card(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();

    assert_eq!(ana.orders(&order).await.unwrap(), Next::Payment(order.payment_id));
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Check);
    let Next::Gateway(_) = ana.confirms(&order).await.unwrap() else { panic!("not sent to the gateway") };
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::AtGateway);
    assert_eq!(ana.owed().await, money("120.00"));

    let number = ana.pay(&order).await.unwrap();

    let view = ana.sees(&order).await.unwrap();
    assert!(matches!(view.stage, Stage::Received { cancel_until: Some(_), .. }), "{:?}", view.stage);
    assert_eq!(view.line.receipt_number.as_deref(), Some(number.as_str()));
    assert_eq!(view.line.last4.as_deref(), Some("4242"));
    assert_eq!(view.owed_after, Money::ZERO);
    assert_eq!(view.allocation.iter().map(|(_, amount)| *amount).sum::<Money>(), money("120.00"));
    assert_eq!(ana.owed().await, Money::ZERO);
    assert_eq!(plan.balance(Account::CardInTransit).await, money("120.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn paying_twice_with_one_form_charges_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();

    let (first, second) = tokio::join!(ana.pay(&order), ana.pay(&order));

    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(plan.charges(), 1);
    assert_eq!(ana.owed().await, Money::ZERO);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn the_same_key_with_other_contents_is_a_conflict(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay("50.00");
    ana.orders(&order).await.unwrap();

    let other = PayBill { amount: money("60.00"), ..order.clone() };
    assert!(matches!(ana.orders(&other).await, Err(Error::Conflict)));
    assert_eq!(ana.orders(&order).await.unwrap(), Next::Payment(order.payment_id));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn another_persons_bill_and_key_do_not_exist(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, ben) = (plan.member("Ana").await, plan.member("Ben").await);
    let order = ana.owes("120.00").await.pay_in_full();
    let bens = ben.owes("120.00").await;

    assert!(matches!(ben.orders(&order).await, Err(Error::NotFound)));
    ana.orders(&order).await.unwrap();
    let stolen = PayBill { payment_id: order.payment_id, ..bens.pay_in_full() };
    assert!(matches!(ben.orders(&stolen).await, Err(Error::NotFound)));
    for answer in [
        ben.scope().confirm(order.payment_id, false).await,
        ben.scope().continue_at_gateway(order.payment_id).await,
        ben.scope().cancel(order.payment_id).await,
        ben.scope().check_again(order.payment_id).await,
    ] {
        assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
    }
    assert!(matches!(ben.sees(&order).await, Err(Error::NotFound)));
    assert!(matches!(ben.scope().pay_form(order.bill_id, None).await, Err(Error::NotFound)));
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Check);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn amounts_are_held_against_the_bill(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;

    let refused = ana.orders(&bill.pay("120.01")).await;
    assert!(
        matches!(&refused, Err(Error::Refused(refusals))
            if refusals == &[Refusal::of("amount", "more-than-owed").with("most", "$120.00")]),
        "{refused:?}"
    );
    ana.pay(&bill.pay("20.00")).await.unwrap();
    assert_eq!(code(ana.orders(&bill.pay("30.00")).await), "bill-changed");
    assert_eq!(code(ana.orders(&bill.after(1).pay("100.01")).await), "more-than-owed");
    ana.pay(&bill.after(1).pay("100.00")).await.unwrap();
    assert_eq!(code(ana.orders(&bill.after(2).pay("1.00")).await), "nothing-owed");
    assert_eq!(ana.owed().await, Money::ZERO);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_under_way_cannot_be_paid_again(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    ana.starts(&bill.pay("70.00")).await;

    assert_eq!(code(ana.orders(&bill.pay("50.01")).await), "more-than-owed");
    let rest = bill.pay("50.00");
    ana.starts(&rest).await;
    assert_eq!(code(ana.orders(&bill.pay("1.00")).await), "already-underway");
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn of_two_tabs_one_pays(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let (one, two) = (bill.pay_in_full(), bill.pay_in_full());
    ana.orders(&one).await.unwrap();
    ana.orders(&two).await.unwrap();

    let (first, second) = tokio::join!(ana.confirms(&one), ana.confirms(&two));

    let sent = [&first, &second].into_iter().filter(|answer| matches!(answer, Ok(Next::Gateway(_)))).count();
    assert_eq!(sent, 1, "{first:?} {second:?}");
    let refused = if first.is_ok() { second } else { first };
    assert_eq!(code(refused), "already-underway");
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_look_alike_needs_a_word_of_its_own(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let (bill, other_bill) = (ana.owes("50.00").await, ana.owes("50.00").await);
    let first = bill.pay_in_full();
    ana.pay(&first).await.unwrap();
    plan.passes(TimeDelta::minutes(9));

    let second = other_bill.pay_in_full();
    ana.orders(&second).await.unwrap();
    let Stage::LooksAlike { other } = ana.sees(&second).await.unwrap().stage else {
        panic!("the page does not say that it looks alike")
    };
    assert_eq!(other.payment_id, first.payment_id);
    assert_eq!(code(ana.confirms(&second).await), "looks-alike");
    assert!(matches!(ana.scope().confirm(second.payment_id, true).await, Ok(Next::Gateway(_))));
    plan.check().await;

    // The one that took money is named, though another was begun after it.
    let next = ana.owes("50.00").await.pay_in_full();
    ana.orders(&next).await.unwrap();
    let Stage::LooksAlike { other } = ana.sees(&next).await.unwrap().stage else {
        panic!("the page does not say that it looks alike")
    };
    assert_eq!(other.payment_id, first.payment_id);

    // Ten minutes on it is a payment like any other.
    plan.passes(TimeDelta::minutes(10));
    let third = ana.owes("50.00").await.pay_in_full();
    ana.orders(&third).await.unwrap();
    assert_eq!(ana.sees(&third).await.unwrap().stage, Stage::Check);
    assert!(matches!(ana.confirms(&third).await, Ok(Next::Gateway(_))));
}

/// The page and the confirm go by one rule row, whatever it says.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn how_long_payments_look_alike_is_a_rule(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let rule = async |minutes: &str| {
        sqlx::query("UPDATE rule SET value = $1 WHERE rule = 'look_alike_minutes'")
            .bind(minutes)
            .execute(plan.owner())
            .await
            .unwrap();
    };
    rule("30").await;
    ana.pay(&ana.owes("50.00").await.pay_in_full()).await.unwrap();
    plan.passes(TimeDelta::minutes(29));
    let second = ana.owes("50.00").await.pay_in_full();
    ana.orders(&second).await.unwrap();
    assert!(matches!(ana.sees(&second).await.unwrap().stage, Stage::LooksAlike { .. }));
    assert_eq!(code(ana.confirms(&second).await), "looks-alike");

    rule("5").await;
    assert_eq!(ana.sees(&second).await.unwrap().stage, Stage::Check);
    assert!(matches!(ana.confirms(&second).await, Ok(Next::Gateway(_))));
    plan.check().await;

    // What cannot be read is a fault of ours, and no payment passes it.
    rule("ten").await;
    let third = ana.owes("70.00").await.pay_in_full();
    ana.orders(&third).await.unwrap();
    assert!(matches!(ana.confirms(&third).await, Err(Error::Fault(_))));
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_a_region_does_not_take_is_refused(pool: PgPool) {
    let plan = TestPlan::with(pool, |settings| settings.profile = billing::rules::Profile::Seed).await;
    let ana = plan.member_in("Ana", "WA").await;
    let premium = ana.is_billed(BillKind::Premium, "300.00").await;
    assert_eq!(code(ana.orders(&premium.pay_in_full()).await), "not-online");
    let medical = ana.owes("30.00").await;
    assert!(ana.orders(&medical.pay_in_full()).await.is_ok());
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn every_decline_leaves_the_bill_open(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    for class in [
        "insufficient_funds",
        "do_not_honour",
        "expired_card",
        "wrong_details",
        "lost_or_stolen",
        "limit",
        "fraud",
        "closed_account",
        "try_later",
    ] {
        let order = bill.pay_in_full();
        let attempt = ana.starts(&order).await;
        assert!(plan.gateway.person_is_declined(attempt, class));
        ana.scope().check_again(order.payment_id).await.unwrap();
        assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Declined { class: class.to_owned() });
    }
    assert_eq!(ana.owed().await, money("120.00"));
    assert_eq!(plan.charges(), 0);
    // No look-alike: nothing was taken.
    ana.pay(&bill.pay_in_full()).await.unwrap();
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_refusal_of_ours_is_told_as_not_taken(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::Reject);
    let attempt = ana.starts(&order).await;
    assert_eq!(plan.state(attempt).await, PaymentState::Rejected);
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::NotTaken);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_page_that_opened_unheard_is_found(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    let attempt = ana.starts(&order).await;
    assert_eq!(plan.state(attempt).await, PaymentState::Unknown);
    assert!(matches!(ana.sees(&order).await.unwrap().stage, Stage::Confirming { .. }));

    plan.passes(TimeDelta::seconds(6));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::RequiresAction);
    assert!(matches!(ana.scope().continue_at_gateway(order.payment_id).await, Ok(Next::Gateway(_))));
    ana.pay(&order).await.unwrap();
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn money_taken_unheard_is_found(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    let attempt = ana.starts(&order).await;
    plan.gateway.person_pays(attempt);

    plan.passes(TimeDelta::seconds(6));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Captured);
    assert_eq!(ana.owed().await, Money::ZERO);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn not_found_is_absent_only_behind_a_fence(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutBefore);
    let attempt = ana.starts(&order).await;

    // Under twenty-five seconds our request may still be on its way.
    for _ in 0..2 {
        plan.passes(TimeDelta::seconds(12));
        plan.works().await;
        ana.scope().check_again(order.payment_id).await.unwrap();
        assert_eq!(plan.state(attempt).await, PaymentState::Unknown);
        assert_eq!(plan.gateway.calls(Op::Cancel), 0);
    }
    plan.passes(TimeDelta::seconds(1));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Absent);
    assert!(plan.gateway.books().is_fenced(attempt));
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::NotTaken);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_page_our_fence_closes_is_told_as_not_taken_and_a_payers_as_cancelled(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    plan.gateway.goes_wrong(Op::Find, Wrong::NotFound);
    let attempt = ana.starts(&order).await;
    plan.passes(TimeDelta::seconds(26));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Voided);
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::NotTaken);

    let order = ana.owes("80.00").await.pay_in_full();
    ana.starts(&order).await;
    ana.scope().cancel(order.payment_id).await.unwrap();
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Cancelled);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_gateway_that_denies_for_a_while_is_not_believed(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    let attempt = ana.starts(&order).await;
    plan.gateway.person_pays(attempt);
    plan.gateway.goes_wrong(Op::Find, Wrong::NotFound);

    plan.passes(TimeDelta::seconds(30));
    plan.works().await;
    // The fence's own answer tells of the money.
    assert_eq!(plan.state(attempt).await, PaymentState::Captured);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_page_nobody_comes_back_from_expires_behind_a_fence(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.passes(TimeDelta::minutes(19));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::RequiresAction);
    plan.passes(TimeDelta::minutes(2));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Expired);
    assert!(plan.gateway.books().is_fenced(attempt));
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Expired);

    // A payer who is sure of having paid presses "check again", and we do ask.
    let asked = plan.gateway.calls(Op::Find);
    ana.scope().check_again(order.payment_id).await.unwrap();
    assert_eq!(plan.gateway.calls(Op::Find), asked + 1);
    assert_eq!(plan.state(attempt).await, PaymentState::Expired);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn an_answer_is_promised_for_one_time_and_owned_up_to_when_late(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    ana.orders(&order).await.unwrap();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutBefore);
    for op in [Op::Find, Op::Cancel] {
        for _ in 0..20 {
            plan.gateway.goes_wrong(op, Wrong::TimeOutBefore);
        }
    }
    let sent = plan.now();
    ana.confirms(&order).await.unwrap();
    let promised = async || match ana.sees(&order).await.unwrap().stage {
        Stage::Confirming { answer_by } => answer_by,
        other => panic!("{other:?}"),
    };
    let first = promised().await;
    assert!(first > sent && first <= sent + TimeDelta::minutes(2), "{first}");
    for _ in 0..4 {
        plan.passes(TimeDelta::minutes(1));
        plan.works().await;
        assert_eq!(promised().await, first);
    }
    assert!(plan.now() > first, "late, and the page can say so");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn an_order_nobody_confirms_is_given_up(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    ana.orders(&order).await.unwrap();
    plan.passes(TimeDelta::minutes(89));
    assert_eq!(plan.job().expire_due().await.unwrap(), 0);
    plan.passes(TimeDelta::minutes(2));
    assert_eq!(plan.job().expire_due().await.unwrap(), 1);
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Expired);
    assert_eq!(plan.gateway.calls(Op::OpenPage), 0);
    assert_eq!(ana.confirms(&order).await.unwrap(), Next::Payment(order.payment_id));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn another_amount_or_currency_freezes(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for wrong in [Wrong::WrongAmount, Wrong::WrongCurrency] {
        let order = ana.owes("120.00").await.pay_in_full();
        ana.orders(&order).await.unwrap();
        ana.scope().confirm(order.payment_id, true).await.unwrap();
        let attempt = ana.attempt(&order).await;
        plan.gateway.person_pays(attempt);
        plan.gateway.goes_wrong(Op::Find, wrong);
        ana.scope().check_again(order.payment_id).await.unwrap();
        assert_eq!(plan.state(attempt).await, PaymentState::Mismatch);
        assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::InReview);
        assert_eq!(
            plan.job().review_list().await.unwrap().len(),
            if wrong == Wrong::WrongAmount { 1 } else { 2 }
        );
    }
    assert_eq!(ana.owed().await, money("240.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_gateway_that_hangs_holds_no_connection(pool: PgPool) {
    let plan = TestPlan::with(pool, |settings| {
        settings.call_time_out = std::time::Duration::from_millis(200);
    })
    .await;
    let ana = plan.member("Ana").await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        let order = ana.owes("10.00").await.pay_in_full();
        ana.orders(&order).await.unwrap();
        plan.gateway.goes_wrong(Op::OpenPage, Wrong::Hang);
        orders.push(order);
    }
    let hanging: Vec<_> = orders
        .iter()
        .map(|order| {
            let (ana, id) = (ana.clone(), order.payment_id);
            tokio::spawn(async move { ana.scope().confirm(id, true).await })
        })
        .collect();
    for order in &orders {
        ana.sees(order).await.unwrap();
    }
    for hung in hanging {
        assert!(matches!(hung.await.unwrap(), Ok(Next::Payment(_))));
    }
    plan.check().await;
}
