//! A plan for tests: members, bills and payments as verbs, on a database of its own and in the roles of production.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test's plan that cannot be made is a failed test"
)]

mod demo;
mod dice;
mod gateway;
mod mail;
pub mod people;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

pub use self::{
    dice::Dice,
    gateway::{Books, Op, TestGateway, Wrong, garbled},
    mail::TestMailer,
};
use crate::{
    bills::BillKind,
    clock::Clock,
    error::Error,
    ids::{AttemptId, BillId, MemberId, PaymentId},
    jobs,
    ledger::{self, Account, Kind, Posting},
    money::Money,
    payments::{Method, Next, PayBill, PaymentState, PaymentView, store},
    plan::{Billing, JobScope, Pools, Settings},
    pools::{self, Sizes},
    rules::Ask,
    rules::Profile,
    visits::{SignedIn, Visit},
    words::Language,
};

/// Tuesday, ten in the morning in California.
pub const START: &str = "2027-01-05T18:00:00Z";

/// Tells plans of one process apart, for keys that must differ.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The plan of one test.
#[derive(Clone)]
pub struct TestPlan {
    pub billing: Billing,
    pub gateway: TestGateway,
    pub mail: TestMailer,
    pub clock: Clock,
    /// The owner, for planting what no role may do. Never handed to the plan.
    owner: PgPool,
}

impl TestPlan {
    /// A plan on the database of `owner`, whose pools take their roles as in production.
    ///
    /// Panics where one of them could change what must never change: a test that ran as owner would prove nothing.
    pub async fn new(owner: PgPool) -> Self {
        Self::with(owner, |_| {}).await
    }

    /// The same with other settings.
    pub async fn with(owner: PgPool, change: impl FnOnce(&mut Settings)) -> Self {
        jobs::migrate(&owner).await.expect("the queue's migrations");
        pools::grant_check(&owner).await.expect("rights on the views");
        let options = owner.connect_options();
        let pools = Pools::open(options.as_ref(), Sizes { read: 4, write: 8, work: 4, auth: 2 });
        pools.refuse_owner().await.expect("pools in their roles");

        let clock = Clock::fixed(START.parse().expect("an instant"));
        let gateway = TestGateway::new(clock.clone());
        let mut settings = Settings {
            profile: Profile::AllOn,
            secret: Arc::new([7; 32]),
            base_url: "http://localhost:3000".to_owned(),
            call_time_out: Duration::from_secs(10),
            fence_after: Duration::from_secs(25),
            haste: 1,
            slack: 1,
        };
        change(&mut settings);
        let mail = TestMailer::default();
        let billing = Billing::new(pools, Arc::new(gateway.clone()), clock.clone(), settings)
            .with_mailer(Arc::new(mail.clone()));
        Self { billing, gateway, mail, clock, owner }
    }

    /// The owner's own connection, for planting violations.
    pub fn owner(&self) -> &PgPool {
        &self.owner
    }

    pub fn job(&self) -> JobScope<'_> {
        self.billing.job("test")
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock on.
    pub fn passes(&self, time: TimeDelta) {
        self.clock.set(self.now().checked_add_signed(time).expect("an instant"));
    }

    pub fn is_at(&self, instant: &str) {
        self.clock.set(instant.parse().expect("an instant"));
    }

    /// A member in Northern California.
    pub async fn member(&self, given_name: &str) -> TestMember {
        self.member_in(given_name, "NCA").await
    }

    pub async fn member_in(&self, given_name: &str, region: &str) -> TestMember {
        let id = MemberId::mint();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let zone = sqlx::query_scalar!("SELECT time_zone FROM region WHERE region = $1", region)
            .fetch_one(&self.owner)
            .await
            .expect("a region");
        sqlx::query!(
            "INSERT INTO member (member_id, mrn, given_name, family_name, birth_on, region, email, created_at)
             VALUES ($1, $2, $3, 'Test', '1980-02-29', $4, $5, $6)",
            id.0,
            format!("{number:08}"),
            given_name,
            region,
            format!("{}{number}@example.test", given_name.to_lowercase()),
            self.now(),
        )
        .execute(&self.owner)
        .await
        .expect("a member");
        let now = self.now();
        let later = |hours| now.checked_add_signed(TimeDelta::hours(hours)).expect("an instant");
        let visit = Visit {
            visit_id: Uuid::from_u128(u128::from(number)),
            language: Some(Language::English),
            member: Some(SignedIn {
                member_id: id,
                given_name: given_name.to_owned(),
                family_name: "Test".to_owned(),
                region: region.to_owned(),
                zone,
                ask: Ask::default(),
                signed_in_at: now,
            }),
            idle_end: later(1),
            absolute_end: later(12),
        };
        TestMember { plan: self.clone(), id, visit, region: region.to_owned() }
    }

    /// Charges that hold money at the gateway.
    pub fn charges(&self) -> usize {
        self.gateway.charges()
    }

    /// All that machines have to do now, until nothing is left.
    pub async fn works(&self) {
        let job = self.job();
        for _ in 0..50 {
            let mut done = job.work_events().await.expect("events");
            done = done.saturating_add(job.settle_files().await.expect("settlement files"));
            done = done.saturating_add(job.resolve_due().await.expect("the janitor"));
            done = done.saturating_add(job.tell_due().await.expect("notices"));
            if done == 0 {
                break;
            }
        }
    }

    /// Delivers every event of the gateway so far.
    pub async fn hears(&self) {
        for event in self.gateway.events() {
            self.job().take_event(&event).await.expect("an event");
        }
    }

    /// Fetches the gateway's list, then holds every promise of the books against the database.
    pub async fn check(&self) {
        self.job().reconcile().await.expect("the gateway's list");
        let broken = self.broken().await;
        assert!(broken.is_empty(), "broken promises: {broken:#?}");
    }

    /// The names of the promises that are broken.
    pub async fn broken(&self) -> Vec<String> {
        let views = self.billing.check().await.expect("the views");
        views
            .into_iter()
            .filter(|view| !view.rows.is_empty())
            .map(|view| format!("{}: {}", view.name, serde_json::Value::from(view.rows)))
            .collect()
    }

    /// Every table of ours with the sum of all its rows: what is the same before and after did not move at all.
    pub async fn everything(&self) -> Vec<(String, String)> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT relname::text FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname",
        )
        .fetch_all(&self.owner)
        .await
        .expect("tables");
        let mut sums = Vec::new();
        for table in tables {
            let sum =
                format!("SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {table} t");
            let sum = sqlx::query_scalar(sqlx::AssertSqlSafe(sum)).fetch_one(&self.owner).await;
            sums.push((table, sum.expect("a sum")));
        }
        sums
    }

    pub async fn state(&self, attempt: AttemptId) -> PaymentState {
        let mut connection = self.owner.acquire().await.expect("a connection");
        store::attempt(&mut connection, attempt).await.expect("a row").expect("an attempt").state
    }

    /// The balance of an account of the plan: debits less credits.
    pub async fn balance(&self, account: Account) -> Money {
        let sum = sqlx::query_scalar!(
            r#"SELECT coalesce((SELECT sum(amount) FROM transfer WHERE debit_account = $1), 0)
                    - coalesce((SELECT sum(amount) FROM transfer WHERE credit_account = $1), 0) AS "sum!: Money""#,
            account.id()
        )
        .fetch_one(&self.owner)
        .await
        .expect("a sum");
        Money::exact(sum.decimal()).expect("money")
    }
}

/// A person of a test plan.
#[derive(Clone)]
pub struct TestMember {
    plan: TestPlan,
    pub id: MemberId,
    pub visit: Visit,
    region: String,
}

/// A bill of a test plan, as it was when it was made.
#[derive(Clone, Debug)]
pub struct TestBill {
    pub id: BillId,
    pub due: Money,
    version: i32,
}

impl TestBill {
    /// An order for this much; each call is a form of its own.
    pub fn pay(&self, amount: &str) -> PayBill {
        PayBill {
            payment_id: PaymentId::mint(),
            bill_id: self.id,
            bill_version: self.version,
            amount: Money::read(amount).expect("an amount"),
            method: Method::Card,
        }
    }

    pub fn pay_in_full(&self) -> PayBill {
        self.pay(&self.due.to_string())
    }

    pub fn pay_by_bank(&self, amount: &str) -> PayBill {
        PayBill { method: Method::Bank, ..self.pay(amount) }
    }

    /// The bill as a form sees it after `changes` payments.
    #[must_use]
    pub fn after(&self, changes: i32) -> Self {
        Self { version: self.version.saturating_add(changes), ..self.clone() }
    }
}

impl TestMember {
    pub fn scope(&self) -> crate::plan::MemberScope<'_> {
        self.plan.billing.member(&self.visit).expect("signed in")
    }

    /// Is sent a medical bill of this amount, due in three weeks.
    pub async fn owes(&self, amount: &str) -> TestBill {
        self.is_billed(BillKind::Medical, amount).await
    }

    pub async fn is_billed(&self, kind: BillKind, amount: &str) -> TestBill {
        let due = Money::read(amount).expect("an amount");
        let id = BillId::mint();
        let today = self.plan.now().date_naive();
        let due_on = today.checked_add_days(Days::new(21)).expect("a day");
        let mut tx = self.plan.billing.pools.work.begin().await.expect("a transaction");
        let unit = if kind == BillKind::Premium { Some(self.billing_unit(&mut tx).await) } else { None };
        let receivable =
            store::person_account(&mut tx, self.id, ledger::receivable_kind(kind), unit.as_deref())
                .await
                .expect("an account");
        sqlx::query!(
            "INSERT INTO bill (bill_id, number, kind, member_id, billing_unit_id, region, receivable, issued_on, due_on, period,
                due, source_set, source_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, daterange($8, $9), $10, 'test', $2, $11)",
            id.0,
            // Written as an id: a bare run of its digits now and then passes for a card number.
            format!("T-{}", id.0),
            kind as BillKind,
            self.id.0,
            unit,
            self.region,
            receivable,
            today,
            due_on,
            due as Money,
            self.plan.now(),
        )
        .execute(&mut *tx)
        .await
        .expect("a bill");
        let posting = Posting::new(id, Kind::Charge, today).by("test", "bill").transfer_on(
            id,
            Account::Person(receivable),
            Account::revenue(kind),
            due,
        );
        if due.is_positive() {
            ledger::post(&mut tx, &posting).await.expect("a charge");
        }
        tx.commit().await.expect("committed");
        TestBill { id, due, version: 1 }
    }

    async fn billing_unit(&self, tx: &mut sqlx::PgTransaction<'_>) -> String {
        let known = sqlx::query_scalar!(
            "SELECT billing_unit_id FROM billing_unit WHERE subscriber = $1 LIMIT 1",
            self.id.0
        )
        .fetch_optional(&mut **tx)
        .await
        .expect("a unit");
        if let Some(known) = known {
            return known;
        }
        let unit = format!("{:09}", NEXT.fetch_add(1, Ordering::Relaxed));
        sqlx::query!(
            "INSERT INTO billing_unit (billing_unit_id, subscriber, region, product) VALUES ($1, $2, $3, 'individual')",
            unit,
            self.id.0,
            self.region,
        )
        .execute(&mut **tx)
        .await
        .expect("a unit");
        unit
    }

    /// Sends the form.
    pub async fn orders(&self, order: &PayBill) -> Result<Next, Error> {
        self.scope().pay(order.clone()).await
    }

    pub async fn confirms(&self, order: &PayBill) -> Result<Next, Error> {
        self.scope().confirm(order.payment_id, false).await
    }

    /// The whole way: form, confirmation, the gateway's page, and back. Gives the receipt's number.
    pub async fn pay(&self, order: &PayBill) -> Result<String, Error> {
        self.orders(order).await?;
        self.confirms(order).await?;
        for _ in 0..200 {
            let attempt = self.attempt(order).await;
            self.plan.gateway.person_pays(attempt);
            self.scope().check_again(order.payment_id).await?;
            if let Some(number) = self.sees(order).await?.line.receipt_number {
                return Ok(number);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(Error::Unavailable { retry_after: 1 })
    }

    /// Sends the form and the confirmation; the gateway's page is open or its answer is lost.
    pub async fn starts(&self, order: &PayBill) -> AttemptId {
        self.orders(order).await.expect("ordered");
        self.confirms(order).await.expect("confirmed");
        self.attempt(order).await
    }

    /// Pays at the gateway, which then tells a wrong amount once: the payment is frozen for people to look at.
    pub async fn is_frozen(&self, order: &PayBill) -> AttemptId {
        let attempt = self.starts(order).await;
        self.plan.gateway.person_pays(attempt);
        self.plan.gateway.goes_wrong(Op::Find, Wrong::WrongAmount);
        self.scope().check_again(order.payment_id).await.expect("asked");
        assert_eq!(self.plan.state(attempt).await, PaymentState::Mismatch);
        attempt
    }

    pub async fn sees(&self, order: &PayBill) -> Result<PaymentView, Error> {
        self.scope().payment(order.payment_id).await
    }

    /// The gateway's reference of an order: its last attempt.
    pub async fn attempt(&self, order: &PayBill) -> AttemptId {
        let mut connection = self.plan.owner.acquire().await.expect("a connection");
        store::last_attempt(&mut connection, self.id, order.payment_id)
            .await
            .expect("a row")
            .expect("an attempt")
    }

    /// What this person owes on all bills, by the ledger.
    pub async fn owed(&self) -> Money {
        self.has(&["premium", "medical", "pharmacy", "fee"]).await
    }

    /// What the plan owes this person.
    pub async fn credit(&self) -> Money {
        self.has(&["premium_credit", "medical_credit", "pharmacy_credit"]).await.negated()
    }

    async fn has(&self, kinds: &[&str]) -> Money {
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let sum = sqlx::query_scalar!(
            r#"SELECT coalesce(sum(balance), 0.00) AS "sum!: Money" FROM account WHERE owner = $1 AND kind = ANY($2)"#,
            self.id.0,
            &kinds,
        )
        .fetch_one(&self.plan.owner)
        .await
        .expect("a sum");
        Money::exact(sum.decimal()).expect("money")
    }
}

/// A date, for tests.
pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
