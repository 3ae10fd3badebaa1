//! T13: two that act on one payment at once, stepped through the orders their transactions and gateway calls can come in.
//! Within a transaction the row's lock makes the other wait; between two, anything may happen, and all of it happens here.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use billing::{
    Billing, Pools,
    error::Error,
    ids::AttemptId,
    money::Money,
    payments::{
        PayBill, PaymentState,
        gateway::{Charge, ChargeState, Gateway, GatewayError, Listed, OpenPage, SettlementLine, Unreadable},
    },
    testing::{TestGateway, TestMember, TestPlan, date},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::{mpsc, oneshot};

/// Which of the two says so, and how it is told to go on; nothing, where it is done.
type Arrival = (usize, Option<oneshot::Sender<()>>);

tokio::task_local! {
    /// Which of the two this is, and where it says that it waits.
    static SESSION: (usize, mpsc::UnboundedSender<Arrival>);
}

/// Waits for its turn; whoever is none of the two passes.
async fn turn() {
    let Ok((number, says)) = SESSION.try_with(Clone::clone) else { return };
    let (go, waits) = oneshot::channel();
    if says.send((number, Some(go))).is_ok() {
        let _ = waits.await;
    }
}

/// The test's gateway, a turn before each call and one before its answer arrives.
struct Stepped(TestGateway);

impl Stepped {
    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        turn().await;
        let answer = call.await;
        turn().await;
        answer
    }
}

#[async_trait]
impl Gateway for Stepped {
    async fn open_page(&self, page: &OpenPage) -> Result<String, GatewayError> {
        self.call(self.0.open_page(page)).await
    }
    async fn find(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        self.call(self.0.find(reference)).await
    }
    async fn void(&self, reference: AttemptId) -> Result<Charge, GatewayError> {
        self.call(self.0.void(reference)).await
    }
    async fn cancel(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        self.call(self.0.cancel(reference)).await
    }
    async fn list(&self, after: i64) -> Result<(Vec<Listed>, i64), GatewayError> {
        self.0.list(after).await
    }
    async fn settlements(&self, after: i64) -> Result<Vec<i64>, GatewayError> {
        self.call(self.0.settlements(after)).await
    }
    async fn settlement(&self, number: i64) -> Result<Vec<Result<SettlementLine, Unreadable>>, GatewayError> {
        self.0.settlement(number).await
    }
}

/// A plan whose connections are handed out in turn.
async fn stepped(owner: PgPool) -> TestPlan {
    let mut plan = TestPlan::new(owner).await;
    let pool = |pool: &PgPool| {
        PgPoolOptions::new()
            .max_connections(4)
            .before_acquire(|_, _| {
                Box::pin(async {
                    turn().await;
                    Ok(true)
                })
            })
            .connect_lazy_with((*pool.connect_options()).clone())
    };
    let own = plan.billing.pools();
    let pools = Pools {
        read: pool(&own.read),
        write: pool(&own.write),
        work: pool(&own.work),
        auth: own.auth.clone(),
    };
    // A connection that is made when it is wanted takes no turn: they are all made now.
    for pool in [&pools.read, &pools.write, &pools.work] {
        let mut made = Vec::new();
        for _ in 0..4 {
            made.push(pool.acquire().await.unwrap());
        }
    }
    let settings = plan.billing.settings().clone();
    plan.billing = Billing::new(pools, Arc::new(Stepped(plan.gateway.clone())), plan.clock.clone(), settings);
    plan
}

/// What one of the two does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Confirm,
    Cancel,
    /// The payer pays on the gateway's page and comes back.
    PayAndReturn,
    /// The job that asks the gateway.
    Resolve,
    /// The gateway's file of the day, and the job that reads it.
    Settle,
    /// The bank takes the debit back, and the job hears of it.
    BankReturns,
}

#[derive(Clone)]
struct Payment {
    plan: TestPlan,
    ana: TestMember,
    order: PayBill,
    attempt: AttemptId,
}

impl Payment {
    async fn does(self, act: Act) -> Result<(), Error> {
        let (scope, job) = (self.ana.scope(), self.plan.job());
        match act {
            Act::Confirm => scope.confirm(self.order.payment_id, false).await.map(drop),
            Act::Cancel => scope.cancel(self.order.payment_id).await.map(drop),
            Act::PayAndReturn => {
                turn().await;
                self.plan.gateway.person_pays(self.attempt);
                scope.check_again(self.order.payment_id).await.map(drop)
            }
            Act::Resolve => job.resolve(self.attempt).await.map(drop),
            Act::Settle => {
                turn().await;
                self.plan.gateway.settles(date("2027-01-06"));
                job.settle_files().await.map(drop)
            }
            Act::BankReturns => {
                turn().await;
                self.plan.gateway.bank_returns(self.attempt, "R01");
                job.resolve(self.attempt).await.map(drop)
            }
        }
    }
}

/// Runs the two. Each time both wait, the one whose turn it is goes on, or the other, as `picks` says; where it says
/// nothing more, the turn does not change. It changes `most` times at most, not counting who begins and who is left over.
/// Gives what was picked out of how many.
async fn run(
    payment: &Payment,
    acts: [Act; 2],
    picks: &[usize],
    most: usize,
) -> (Vec<(usize, usize)>, [Result<(), Error>; 2]) {
    let (says, mut hears) = mpsc::unbounded_channel::<Arrival>();
    let sessions = [0, 1].map(|number| {
        let doing = payment.clone().does(acts[number]);
        let says = says.clone();
        tokio::spawn(SESSION.scope((number, says.clone()), async move {
            turn().await;
            let answer = doing.await;
            let _ = says.send((number, None));
            answer
        }))
    });
    let mut waiting: [Option<oneshot::Sender<()>>; 2] = [None, None];
    let mut done = [false; 2];
    let (mut whose, mut changes) = (0, 0);
    let mut picked: Vec<(usize, usize)> = Vec::new();
    while done != [true; 2] {
        // Until each waits for its turn or is done. One that is held up by the other's lock is neither.
        while (0..2).any(|number| waiting[number].is_none() && !done[number]) {
            match tokio::time::timeout(Duration::from_millis(60), hears.recv()).await {
                Ok(Some((number, Some(go)))) => waiting[number] = Some(go),
                Ok(Some((number, None))) => done[number] = true,
                Ok(None) | Err(_) => break,
            }
        }
        if waiting.iter().all(Option::is_some) {
            let begins = picked.is_empty();
            let ways = if begins || changes < most { 2 } else { 1 };
            let pick = picks.get(picked.len()).copied().unwrap_or(0);
            picked.push((pick, ways));
            changes += usize::from(pick == 1 && !begins);
            whose = (whose + pick) % 2;
        } else if waiting[whose].is_none() {
            whose = 1 - whose;
        }
        if let Some(go) = waiting[whose].take() {
            go.send(()).unwrap();
        }
    }
    let [one, other] = sessions;
    (picked, [one.await.unwrap(), other.await.unwrap()])
}

/// The next order to try, depth first; none where all have been.
fn next(mut picked: Vec<(usize, usize)>) -> Option<Vec<usize>> {
    while let Some((pick, of)) = picked.pop() {
        if pick + 1 < of {
            let mut picks: Vec<usize> = picked.iter().map(|(pick, _)| *pick).collect();
            picks.push(pick + 1);
            return Some(picks);
        }
    }
    None
}

/// Brings a payment to where the two begin.
async fn begins(plan: &TestPlan, ana: &TestMember, from: PaymentState, number: usize) -> Payment {
    // Each its own amount, so that none looks like another.
    let bill = ana.owes("9999.00").await;
    let amount = format!("{}.{:02}", 20 + number / 100, number % 100);
    let order = if from == PaymentState::Processing { bill.pay_by_bank(&amount) } else { bill.pay(&amount) };
    ana.orders(&order).await.unwrap();
    if from != PaymentState::Created {
        ana.confirms(&order).await.unwrap();
    }
    let attempt = ana.attempt(&order).await;
    if from.holds_money() {
        plan.gateway.person_pays(attempt);
        ana.scope().check_again(order.payment_id).await.unwrap();
    }
    assert_eq!(plan.state(attempt).await, from);
    Payment { plan: plan.clone(), ana: ana.clone(), order, attempt }
}

/// Every order of two acts from one state, each with a payment of its own. Gives how many there were, and the ends.
async fn explore(
    plan: &TestPlan,
    ana: &TestMember,
    from: PaymentState,
    acts: [Act; 2],
) -> BTreeMap<PaymentState, usize> {
    let most = if std::env::var_os("PORTAL_SOAK").is_some() { CHANGES_IN_SOAK } else { CHANGES };
    let mut ends = BTreeMap::new();
    let mut picks = Some(Vec::new());
    let mut tried = 0;
    while let Some(order) = picks.take() {
        let payment = begins(plan, ana, from, tried).await;
        let owed = ana.owed().await;
        let (picked, answers) = run(&payment, acts, &order, most).await;
        for answer in &answers {
            let fits = matches!(answer, Ok(()) | Err(Error::Refused(_) | Error::Conflict | Error::Stale));
            assert!(fits, "{acts:?} from {from:?} by {picked:?}: {answers:?}");
        }

        // What is under way is heard in the end; then both books say the same, and nothing is taken twice.
        let said = format!("{acts:?} from {from:?} by {picked:?}: {answers:?}");
        for _ in 0..2 {
            ana.scope().check_again(payment.order.payment_id).await.unwrap();
            plan.job().settle_files().await.unwrap();
        }
        let state = plan.state(payment.attempt).await;
        let charge = plan.gateway.books().charge(payment.attempt).cloned();
        let held = charge.as_ref().is_some_and(|charge| {
            matches!(charge.state, ChargeState::Captured | ChargeState::Processing | ChargeState::Settled)
        });
        assert_eq!(state.holds_money(), held, "{said}: {state:?} here, {charge:?} there");
        let holds = if held { payment.order.amount } else { Money::ZERO };
        let held_before = if from.holds_money() { payment.order.amount } else { Money::ZERO };
        assert_eq!(ana.owed().await, owed.plus(held_before).minus(holds), "{said}: {state:?}");
        *ends.entry(state).or_default() += 1;
        tried += 1;
        picks = next(picked);
        plan.passes(chrono::TimeDelta::seconds(1));
    }
    ends
}

/// So often the turn changes where the time is short: each stops once, anywhere, for all that the other does.
const CHANGES: usize = 1;
/// In long runs. What goes wrong between two goes wrong with few changes of turn; with all of them there would be more
/// orders than anybody waits for.
const CHANGES_IN_SOAK: usize = 3;

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn two_on_one_payment_agree_with_the_gateway_in_every_order(pool: PgPool) {
    use Act::{BankReturns, Cancel, Confirm, PayAndReturn, Resolve, Settle};
    use PaymentState::{Captured, Created, Processing, RequiresAction};
    let plan = stepped(pool).await;
    let mut all = 0;
    for (from, acts) in [
        (Created, [Confirm, Cancel]),
        (Created, [Confirm, Confirm]),
        (RequiresAction, [PayAndReturn, Cancel]),
        (RequiresAction, [PayAndReturn, Resolve]),
        (RequiresAction, [Resolve, Cancel]),
        (Captured, [Cancel, Settle]),
        (Captured, [Cancel, Cancel]),
        (Captured, [Cancel, Resolve]),
        (Processing, [Cancel, BankReturns]),
        (Processing, [Settle, BankReturns]),
        (Processing, [Cancel, Settle]),
    ] {
        // Each two have a person of their own: what a payment looks like is nobody else's.
        let ana = plan.member("Ana").await;
        let ends = explore(&plan, &ana, from, acts).await;
        println!("{acts:?} from {from:?}: {ends:?}");
        all += ends.values().sum::<usize>();
    }
    plan.check().await;
    println!("{all} orders, nothing taken twice and both books alike");
}
