//! After the payment: taken back by the payer, settled, returned by the bank, or come back from the dead.

use billing::{
    error::Error,
    ids::AttemptId,
    ledger::Account,
    money::Money,
    payments::{
        Method, Next, PaymentState, Stage,
        decide::{self, Seen, Step},
        gateway::{LineKind, SettlementLine, Unreadable},
        state::Evidence,
    },
    reconcile::Outcome,
    testing::{Op, TestMember, TestPlan, Wrong, date},
};
use chrono::TimeDelta;
use sqlx::PgPool;

fn money(text: &str) -> Money {
    Money::read(text).unwrap()
}

fn code(answer: Result<Next, Error>) -> String {
    match answer {
        Err(Error::Refused(refusals)) => refusals.first().unwrap().code.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

fn line(number: i32, kind: &str, reference: &str, gross: &str, fee: &str) -> SettlementLine {
    SettlementLine {
        line: number,
        kind: LineKind::read(kind).unwrap(),
        reference: reference.to_owned(),
        gross: money(gross),
        fee: money(fee),
        net: money(gross).minus(money(fee)),
        settled_on: date("2027-01-07"),
        return_code: (kind == "return").then(|| "R01".to_owned()),
    }
}

/// The cut-off of Tuesday, January 5, 2027, is 16:00 in New York: 21:00 in coordinated time.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_payment_is_taken_back_until_the_second_before_the_cut_off(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let order = bill.pay_in_full();
    ana.pay(&order).await.unwrap();

    plan.is_at("2027-01-05T20:59:59Z");
    assert_eq!(ana.scope().cancel(order.payment_id).await.unwrap(), Next::Payment(order.payment_id));

    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Cancelled);
    assert_eq!(ana.owed().await, money("120.00"));
    assert_eq!(plan.balance(Account::CardInTransit).await, Money::ZERO);
    assert_eq!(plan.charges(), 0);
    // Twice is once.
    assert_eq!(ana.scope().cancel(order.payment_id).await.unwrap(), Next::Payment(order.payment_id));
    plan.check().await;
    ana.pay(&bill.after(2).pay_in_full()).await.unwrap();
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn at_the_cut_off_and_after_it_nothing_is_taken_back(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    ana.pay(&order).await.unwrap();
    for instant in ["2027-01-05T21:00:00Z", "2027-01-05T21:00:01Z"] {
        plan.is_at(instant);
        assert_eq!(code(ana.scope().cancel(order.payment_id).await), "too-late-to-cancel");
        assert!(matches!(ana.sees(&order).await.unwrap().stage, Stage::Received { cancel_until: None, .. }));
    }
    assert_eq!(plan.gateway.calls(Op::Void), 0);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_gateway_that_says_too_late_is_believed(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    ana.pay(&order).await.unwrap();
    plan.gateway.settles(date("2027-01-07"));
    assert_eq!(code(ana.scope().cancel(order.payment_id).await), "too-late-to-cancel");
    assert_eq!(ana.owed().await, Money::ZERO);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_void_that_is_not_heard_is_found(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for wrong in [Wrong::TimeOutAfter, Wrong::TimeOutBefore] {
        let order = ana.owes("120.00").await.pay_in_full();
        ana.pay(&order).await.unwrap();
        plan.gateway.goes_wrong(Op::Void, wrong);
        // One way or the other: what was asked is done, or the next look asks again.
        ana.scope().cancel(order.payment_id).await.unwrap();
        plan.passes(TimeDelta::minutes(11));
        ana.scope().check_again(order.payment_id).await.unwrap();
        assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Cancelled, "{wrong:?}");
    }
    assert_eq!(plan.charges(), 0);
    assert_eq!(ana.owed().await, money("240.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_is_not_sent_or_still_on_the_page_is_simply_stopped(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let unsent = bill.pay_in_full();
    ana.orders(&unsent).await.unwrap();
    ana.scope().cancel(unsent.payment_id).await.unwrap();
    assert_eq!(ana.sees(&unsent).await.unwrap().stage, Stage::Cancelled);
    assert_eq!(plan.gateway.calls(Op::Cancel), 0);

    let on_page = bill.pay_in_full();
    let attempt = ana.starts(&on_page).await;
    ana.scope().cancel(on_page.payment_id).await.unwrap();
    assert_eq!(ana.sees(&on_page).await.unwrap().stage, Stage::Cancelled);
    assert!(!plan.gateway.person_pays(attempt), "the page is closed");
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn who_pays_while_stopping_has_paid(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.gateway.person_pays(attempt);
    ana.scope().cancel(order.payment_id).await.unwrap();
    assert!(matches!(ana.sees(&order).await.unwrap().stage, Stage::Received { .. }));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nobody_stops_what_nobody_knows(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    ana.starts(&order).await;
    assert_eq!(code(ana.scope().cancel(order.payment_id).await), "cancel-not-yet");
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_settlement_file_pays_out_net_of_fees_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let (card, bank) = (ana.owes("120.00").await, ana.owes("80.00").await);
    let (by_card, by_bank) = (card.pay_in_full(), bank.pay_by_bank("80.00"));
    ana.pay(&by_card).await.unwrap();
    ana.pay(&by_bank).await.unwrap();
    assert!(matches!(ana.sees(&by_bank).await.unwrap().stage, Stage::Received { .. }));
    assert_eq!(plan.state(ana.attempt(&by_bank).await).await, PaymentState::Processing);

    plan.passes(TimeDelta::days(2));
    plan.gateway.settles(date("2027-01-07"));
    plan.works().await;
    assert_eq!(plan.job().settle_files().await.unwrap(), 0);

    for order in [&by_card, &by_bank] {
        let view = ana.sees(order).await.unwrap();
        assert_eq!(view.stage, Stage::Settled);
        assert_eq!(view.line.settled_on, Some(date("2027-01-07")));
    }
    assert_eq!(plan.balance(Account::Bank).await, money("199.40"));
    assert_eq!(plan.balance(Account::GatewayFees).await, money("0.60"));
    assert_eq!(plan.balance(Account::CardInTransit).await, Money::ZERO);
    assert_eq!(plan.balance(Account::AchInTransit).await, Money::ZERO);
    plan.check().await;
}

/// Nobody waits for the crontab once the gateway has told that the money is with the bank.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn an_event_of_settling_reads_the_file_at_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (_ana, _order, attempt) = paid_by_bank(&plan).await;
    plan.hears().await;
    plan.job().work_events().await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::Processing, "no file yet");

    plan.gateway.settles(date("2027-01-07"));
    plan.hears().await;
    plan.job().work_events().await.unwrap();
    assert_eq!(plan.state(attempt).await, PaymentState::Settled);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn lines_that_do_not_fit_are_classed_and_post_nothing(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let (paid, dead) = (ana.owes("120.00").await.pay_in_full(), ana.owes("30.00").await.pay_in_full());
    ana.pay(&paid).await.unwrap();
    let declined = ana.starts(&dead).await;
    plan.gateway.person_is_declined(declined, "limit");
    ana.scope().check_again(dead.payment_id).await.unwrap();
    let reference = ana.attempt(&paid).await.to_string();

    let job = plan.job();
    for (line, outcome) in [
        (line(1, "charge", &reference, "121.00", "0.30"), Outcome::WrongAmount),
        (line(2, "charge", "nobody", "120.00", "0.30"), Outcome::UnknownReference),
        (line(3, "charge", &declined.to_string(), "30.00", "0.30"), Outcome::WrongState),
        (line(4, "return", &reference, "120.00", "0.00"), Outcome::WrongState),
        (line(5, "charge", &reference, "120.00", "0.30"), Outcome::Matched),
        (line(6, "charge", &reference, "120.00", "0.30"), Outcome::Repeated),
        (
            SettlementLine { net: money("1.00"), ..line(7, "charge", &reference, "120.00", "0.30") },
            Outcome::WrongAmount,
        ),
        (line(8, "refund", &reference, "120.00", "0.00"), Outcome::UnknownReference),
    ] {
        assert_eq!(job.settle_line(1, &line).await.unwrap(), Some(outcome), "line {}", line.line);
        assert_eq!(job.settle_line(1, &line).await.unwrap(), None);
    }
    assert_eq!(plan.balance(Account::Bank).await, money("119.70"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_loaders_of_one_file_settle_once(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for _ in 0..5 {
        let order = ana.owes("120.00").await.pay_in_full();
        ana.orders(&order).await.unwrap();
        ana.scope().confirm(order.payment_id, true).await.unwrap();
        plan.gateway.person_pays(ana.attempt(&order).await);
        ana.scope().check_again(order.payment_id).await.unwrap();
    }
    plan.gateway.settles(date("2027-01-07"));
    let job = plan.job();
    let (first, second) = tokio::join!(job.settle_files(), job.settle_files());
    assert_eq!(first.unwrap() + second.unwrap(), 5);
    assert_eq!(plan.balance(Account::Bank).await, money("598.50"));
    plan.check().await;
}

/// Sandbox, `POST /settle {"late": true}`: a file is shown after the file of the next day.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_file_that_comes_after_its_followers_is_loaded(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let mut paid = Vec::new();
    for _ in 0..3 {
        let order = ana.owes("120.00").await.pay_in_full();
        ana.pay(&order).await.unwrap();
        let attempt = ana.attempt(&order).await;
        paid.push((attempt, plan.gateway.settles(date("2027-01-07"))));
        plan.passes(TimeDelta::minutes(11));
    }
    let (late, number) = paid[1];
    plan.gateway.books().hold_back(number);
    assert_eq!(plan.job().settle_files().await.unwrap(), 2);
    assert_eq!(plan.state(late).await, PaymentState::Captured);
    assert_eq!(plan.job().settle_files().await.unwrap(), 0);

    plan.gateway.books().show(number);
    assert_eq!(plan.job().settle_files().await.unwrap(), 1);
    assert_eq!(plan.state(late).await, PaymentState::Settled);
    assert_eq!(plan.balance(Account::Bank).await, money("359.10"));
    assert_eq!(plan.balance(Account::CardInTransit).await, Money::ZERO);
    assert_eq!(plan.job().settle_files().await.unwrap(), 0);
    plan.check().await;
}

/// A line that nobody can read, and one that our own fault stops, cost no other line and no other file.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_bad_line_is_kept_and_the_rest_goes_on(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let mut paid = Vec::new();
    for _ in 0..3 {
        let order = ana.owes("120.00").await.pay_in_full();
        ana.pay(&order).await.unwrap();
        paid.push(ana.attempt(&order).await);
        plan.passes(TimeDelta::minutes(11));
    }
    // The ledger takes no posting of this one.
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "ALTER TABLE posting ADD CONSTRAINT stuck CHECK (kind <> 'settle' OR source_id <> '{}')",
        paid[0]
    )))
    .execute(plan.owner())
    .await
    .unwrap();
    let good = |number, attempt: AttemptId| line(number, "charge", &attempt.to_string(), "120.00", "0.30");
    let number = plan.gateway.books().add_read_file(vec![
        Ok(good(1, paid[0])),
        Err(Unreadable { line: 2, what: "kind" }),
        Ok(good(3, paid[1])),
    ]);
    plan.gateway.books().add_file(vec![good(1, paid[2])]);

    plan.job().settle_files().await.unwrap();
    assert_eq!(plan.state(paid[0]).await, PaymentState::Captured);
    assert_eq!(plan.state(paid[1]).await, PaymentState::Settled);
    assert_eq!(plan.state(paid[2]).await, PaymentState::Settled);
    let open = async || -> Vec<(i32, String, Option<String>)> {
        let lines = plan.job().open_lines().await.unwrap();
        lines.into_iter().map(|line| (line.line, line.outcome, line.why)).collect()
    };
    let (failed, unread) = ("failed".to_owned(), "unreadable".to_owned());
    let why = Some("fault: database 23514 stuck on posting".to_owned());
    assert_eq!(open().await, [(1, failed.clone(), why.clone()), (2, unread, Some("kind".to_owned()))]);

    // Each is tried again until it goes well.
    plan.gateway.books().mend_file(number, vec![good(1, paid[0]), good(2, paid[1]), good(3, paid[1])]);
    assert_eq!(plan.job().settle_files().await.unwrap(), 1);
    assert_eq!(open().await, [(1, failed, why)]);
    sqlx::query("ALTER TABLE posting DROP CONSTRAINT stuck").execute(plan.owner()).await.unwrap();
    assert_eq!(plan.job().settle_files().await.unwrap(), 1);
    assert_eq!(plan.state(paid[0]).await, PaymentState::Settled);
    assert_eq!(open().await, []);
    assert_eq!(plan.job().settle_files().await.unwrap(), 0);
    assert_eq!(plan.balance(Account::Bank).await, money("359.10"));
    plan.check().await;
}

/// Two people decide after the file has come: its line is posted then, and nothing is left on the way.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_line_that_came_under_review_is_posted_when_people_decide(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    for to in [PaymentState::Captured, PaymentState::Settled] {
        plan.passes(TimeDelta::minutes(11));
        let order = ana.owes("120.00").await.pay_in_full();
        let attempt = ana.is_frozen(&order).await;
        let before = (plan.balance(Account::Bank).await, plan.balance(Account::CardInTransit).await);
        plan.gateway.settles(date("2027-01-07"));
        assert_eq!(plan.job().settle_files().await.unwrap(), 1);
        assert_eq!(plan.state(attempt).await, PaymentState::Mismatch);
        let open = plan.job().open_lines().await.unwrap();
        assert_eq!((open.len(), open[0].outcome.as_str()), (1, "wrong_state"));
        assert_eq!(open[0].state.as_deref(), Some("mismatch"));
        assert_eq!(plan.job().settle_files().await.unwrap(), 0);

        plan.job().review_decide(attempt, to, "rosa", "sam", "120.00, said by phone").await.unwrap();

        assert_eq!(plan.state(attempt).await, PaymentState::Settled);
        assert_eq!(plan.job().open_lines().await.unwrap(), []);
        assert_eq!(plan.balance(Account::Bank).await.minus(before.0), money("119.70"));
        assert_eq!(plan.balance(Account::CardInTransit).await, before.1);
        plan.check().await;
    }
}

/// P11: a day, then `portal check` says so; two people close what can never match.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn what_fits_nothing_is_red_after_a_day_until_two_people_close_it(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.gateway.books().add_file(vec![line(1, "charge", "nobody", "120.00", "0.30")]);
    plan.job().settle_files().await.unwrap();
    plan.check().await;
    plan.passes(TimeDelta::hours(25));
    let broken = plan.broken().await;
    assert!(broken.len() == 1 && broken[0].starts_with("file_line: "), "{broken:?}");

    let job = plan.job();
    for (by, second, reason) in [("rosa", "Rosa", "sent back"), ("rosa", "sam", " ")] {
        assert!(matches!(job.close_line(1, 1, by, second, reason).await, Err(Error::Refused(_))));
    }
    assert!(matches!(job.close_line(1, 2, "rosa", "sam", "sent back").await, Err(Error::NotFound)));
    job.close_line(1, 1, "rosa", "sam", "sent back").await.unwrap();
    assert!(matches!(job.close_line(1, 1, "rosa", "sam", "sent back").await, Err(Error::NotFound)));
    assert_eq!(job.open_lines().await.unwrap(), []);
    plan.check().await;
}

/// P3: money at the gateway under a reference we never gave is what its list is held against our books for.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn money_under_a_foreign_reference_is_seen(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    plan.gateway.books().take_foreign("somebody-else", money("5.00"));
    assert_eq!(plan.job().reconcile().await.unwrap(), 1);
    plan.passes(TimeDelta::minutes(11));
    let broken = plan.broken().await;
    assert!(broken.len() == 1 && broken[0].starts_with("gateway_match: "), "{broken:?}");
    assert!(broken[0].contains("somebody-else"), "{broken:?}");
}

async fn paid_by_bank(plan: &TestPlan) -> (TestMember, billing::payments::PayBill, AttemptId) {
    let ana = plan.member("Ana").await;
    let order = ana.owes("80.00").await.pay_by_bank("80.00");
    ana.pay(&order).await.unwrap();
    let attempt = ana.attempt(&order).await;
    (ana, order, attempt)
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_return_before_settlement_opens_the_bill_again(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    for (number, code) in (1..).zip(["R01", "R02", "R03", "R04", "R07", "R09", "R10", "R29"]) {
        let (ana, order, attempt) = paid_by_bank(&plan).await;
        plan.passes(TimeDelta::hours(number));
        plan.gateway.bank_returns(attempt, code);
        plan.hears().await;
        plan.works().await;

        assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Returned { code: code.to_owned() });
        assert_eq!(ana.owed().await, money("80.00"));
        assert_eq!(plan.balance(Account::AchInTransit).await, Money::ZERO);
        assert_eq!(plan.balance(Account::FeeIncome).await, Money::ZERO, "no fee until the plan confirms one");
    }
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_return_after_settlement_takes_the_money_from_the_bank(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, order, attempt) = paid_by_bank(&plan).await;
    plan.gateway.settles(date("2027-01-12"));
    plan.works().await;
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Settled);
    plan.passes(TimeDelta::days(45));

    plan.gateway.bank_returns(attempt, "R10");
    plan.works().await;

    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::Returned { code: "R10".to_owned() });
    assert_eq!(ana.owed().await, money("80.00"));
    // The gateway keeps its fee.
    assert_eq!(plan.balance(Account::Bank).await, money("-0.30"));
    assert_eq!(plan.balance(Account::GatewayFees).await, money("0.30"));
    assert_eq!(plan.balance(Account::AchInTransit).await, Money::ZERO);
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_confirmed_fee_is_charged_once_for_a_return(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    sqlx::query("UPDATE rule SET status = 'retired' WHERE rule = 'returned_payment_fee' AND region IS NULL AND status = 'active'")
        .execute(plan.owner())
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO rule (rule, value, valid, status, source) VALUES ('returned_payment_fee', '20.00', '(,)', 'active', 'test')",
    )
    .execute(plan.owner())
    .await
    .unwrap();
    let (ana, _, attempt) = paid_by_bank(&plan).await;
    plan.gateway.bank_returns(attempt, "R01");
    plan.hears().await;
    plan.works().await;
    plan.hears().await;
    plan.works().await;
    assert_eq!(ana.owed().await, money("100.00"));
    assert_eq!(plan.balance(Account::FeeIncome).await, money("-20.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_file_that_knows_more_than_we_do_is_believed(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    plan.gateway.goes_wrong(Op::OpenPage, Wrong::TimeOutAfter);
    let attempt = ana.starts(&order).await;
    plan.gateway.person_pays(attempt);
    plan.gateway.settles(date("2027-01-07"));
    assert_eq!(plan.state(attempt).await, PaymentState::Unknown);
    assert_eq!(plan.job().settle_files().await.unwrap(), 1);
    assert_eq!(plan.state(attempt).await, PaymentState::Settled);
    assert_eq!(ana.owed().await, Money::ZERO);
    assert!(ana.sees(&order).await.unwrap().line.receipt_number.is_some());
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn late_money_for_a_bill_paid_meanwhile_is_the_payers_credit(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let late = bill.pay_in_full();
    let attempt = ana.starts(&late).await;
    plan.passes(TimeDelta::minutes(21));
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Expired);
    ana.pay(&bill.pay("100.00")).await.unwrap();

    assert!(plan.gateway.takes_late(attempt));
    plan.hears().await;
    plan.works().await;

    assert_eq!(plan.state(attempt).await, PaymentState::Captured);
    assert_eq!(ana.owed().await, Money::ZERO);
    assert_eq!(ana.credit().await, money("100.00"));
    let view = ana.sees(&late).await.unwrap();
    assert_eq!(view.allocation.len(), 2);
    assert_eq!(view.allocation.iter().map(|(_, amount)| *amount).sum::<Money>(), money("120.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_dead_attempt_that_comes_back_beside_a_living_one_is_surplus(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let bill = ana.owes("120.00").await;
    let order = bill.pay_in_full();
    let first = ana.starts(&order).await;
    plan.passes(TimeDelta::minutes(21));
    plan.works().await;
    let second = AttemptId::mint();
    sqlx::query(
        "WITH a AS (INSERT INTO payment_attempt (attempt_id, payment_id, number, state, changed_at, next_check_at, deadline_at)
            VALUES ($1, $2, 2, 'created', $3, $3, $3 + interval '1 hour') RETURNING attempt_id)
         INSERT INTO payment_event (attempt_id, seq, to_state, event, evidence, actor, at)
         SELECT attempt_id, 1, 'created', 'ordered', 'ours', 'test', $3 FROM a",
    )
    .bind(second)
    .bind(order.payment_id)
    .bind(plan.now())
    .execute(plan.owner())
    .await
    .unwrap();

    assert!(plan.gateway.takes_late(first));
    plan.hears().await;
    plan.works().await;

    assert_eq!(plan.state(first).await, PaymentState::Captured);
    assert_eq!(ana.owed().await, money("120.00"), "never to the bill");
    assert_eq!(ana.credit().await, money("120.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn money_on_a_declined_reference_freezes(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    plan.gateway.person_is_declined(attempt, "limit");
    plan.hears().await;
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Declined);
    plan.gateway.takes_late(attempt);
    plan.hears().await;
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Mismatch);
    assert_eq!(ana.owed().await, money("120.00"));
    plan.check().await;
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn nothing_waits_in_silence(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let (ana, order, attempt) = paid_by_bank(&plan).await;
    // The bank never says a word: six business days, then people.
    plan.is_at("2027-01-13T12:00:00Z");
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::Processing);
    plan.is_at("2027-01-14T00:00:01Z");
    plan.works().await;
    assert_eq!(plan.state(attempt).await, PaymentState::NeedsReview);
    assert_eq!(ana.sees(&order).await.unwrap().stage, Stage::InReview);
    assert_eq!(ana.owed().await, Money::ZERO, "the money stays where it is until people know");
    plan.check().await;
}

/// P8: an outage of the gateway that outlasts the page is no deadline missed: nobody knows, and that is a state.
#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn a_page_that_ran_out_in_silence_is_unknown(pool: PgPool) {
    let plan = TestPlan::new(pool).await;
    let ana = plan.member("Ana").await;
    let order = ana.owes("120.00").await.pay_in_full();
    let attempt = ana.starts(&order).await;
    assert_eq!(plan.state(attempt).await, PaymentState::RequiresAction);
    for _ in 0..10 {
        plan.gateway.goes_wrong(Op::Find, Wrong::TimeOutBefore);
        plan.passes(TimeDelta::minutes(10));
        plan.works().await;
    }
    assert_eq!(plan.state(attempt).await, PaymentState::Unknown);
    assert_eq!(plan.gateway.calls(Op::Cancel), 0);
    plan.check().await;

    // The person had paid before the silence ended.
    plan.gateway.person_pays(attempt);
    for _ in 0..10 {
        plan.job().resolve(attempt).await.unwrap();
    }
    assert_eq!(plan.state(attempt).await, PaymentState::Captured);
    plan.check().await;
}

#[test]
fn silence_past_a_deadline_is_unknown_from_the_page_and_from_a_hold() {
    let deadline_at: chrono::DateTime<chrono::Utc> = "2027-01-12T17:00:00Z".parse().unwrap();
    let pace = decide::Pace {
        call_time_out: std::time::Duration::from_secs(10),
        fence_after: std::time::Duration::from_secs(25),
        haste: 1,
    };
    for state in [PaymentState::RequiresAction, PaymentState::Authorized] {
        let standing = decide::Standing {
            reference: AttemptId::mint(),
            state,
            amount: money("120.00"),
            method: Method::Card,
            sequence: 2,
            fenced: false,
            checks: 3,
            called_at: None,
            expires_at: None,
            deadline_at: Some(deadline_at),
            changed_at: deadline_at - TimeDelta::hours(1),
        };
        let at = |now| decide::decide(&standing, &Seen::NoAnswer, now, pace);
        assert_eq!(at(deadline_at - TimeDelta::seconds(1)), Step::Stay);
        let unknown =
            decide::Move { to: PaymentState::Unknown, event: "no_answer", evidence: Evidence::Ours };
        assert_eq!(at(deadline_at), Step::Go(vec![unknown]));
    }
}
