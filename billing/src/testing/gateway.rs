//! A gateway in memory, as nasty as it is asked to be. Everything it does is plain and synchronous, so that the simulator
//! can run it without a runtime.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::NaiveDate;

use crate::{
    clock::Clock,
    ids::AttemptId,
    money::Money,
    payments::{
        GatewayEventIn, Method,
        gateway::{
            Charge, ChargeState, Gateway, GatewayError, LineKind, Listed, OpenPage, SettlementLine,
            Unreadable,
        },
    },
    rules::calendar,
};

/// A call of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    OpenPage,
    Find,
    Void,
    Cancel,
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// No answer, and nothing was done.
    TimeOutBefore,
    /// No answer, and it was done.
    TimeOutAfter,
    /// It was done, and the gateway denies it for now.
    NotFound,
    /// The answer names one dollar more.
    WrongAmount,
    /// The answer names another currency.
    WrongCurrency,
    /// A definite refusal.
    Reject,
    /// Never answers at all: the caller's own time-out has to end it.
    Hang,
    /// Whoever asked panics.
    Panic,
}

#[derive(Clone, Debug)]
struct Held {
    charge: Charge,
    method: Method,
    seq: i64,
    page_open: bool,
    filed: bool,
}

/// What the gateway knows.
#[derive(Debug, Default)]
pub struct Books {
    charges: BTreeMap<AttemptId, Held>,
    fences: BTreeSet<AttemptId>,
    seq: i64,
    faults: BTreeMap<Op, VecDeque<Wrong>>,
    /// Money under references that we never gave.
    foreign: Vec<(i64, Listed)>,
    files: Vec<Vec<Result<SettlementLine, Unreadable>>>,
    /// Files that are not to be had yet.
    held_back: BTreeSet<i64>,
    events: Vec<GatewayEventIn>,
    calls: BTreeMap<Op, usize>,
}

/// The gateway of a test plan.
#[derive(Clone)]
pub struct TestGateway {
    books: Arc<Mutex<Books>>,
    clock: Clock,
}

impl TestGateway {
    pub fn new(clock: Clock) -> Self {
        Self { books: Arc::default(), clock }
    }

    /// The books, for a test that wants to look or to play the person on the page.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call of `op` goes wrong like this; more than one queue up.
    pub fn goes_wrong(&self, op: Op, wrong: Wrong) {
        self.books().faults.entry(op).or_default().push_back(wrong);
    }

    /// The person pays on the page of this reference. `false`: there is none, or it is closed.
    pub fn person_pays(&self, reference: AttemptId) -> bool {
        let now = self.clock.now();
        self.books().pay(reference, now)
    }

    pub fn person_is_declined(&self, reference: AttemptId, class: &str) -> bool {
        self.books().decline(reference, class)
    }

    pub fn person_leaves(&self, reference: AttemptId) -> bool {
        self.books().close(reference, ChargeState::Cancelled)
    }

    /// Takes the money although the page was closed, as no gateway should.
    pub fn takes_late(&self, reference: AttemptId) -> bool {
        let now = self.clock.now();
        self.books().reopen(reference) && self.person_pays_at(reference, now)
    }

    fn person_pays_at(&self, reference: AttemptId, now: chrono::DateTime<chrono::Utc>) -> bool {
        self.books().pay(reference, now)
    }

    /// Closes the batch: a file with every charge not filed yet, less the gateway's fees. Gives its number.
    pub fn settles(&self, on: NaiveDate) -> i64 {
        self.books().settle(on)
    }

    /// The bank takes it back.
    pub fn bank_returns(&self, reference: AttemptId, code: &str) {
        self.books().give_back(reference, code);
    }

    /// How many charges hold money, and what they hold.
    pub fn charges(&self) -> usize {
        self.books().taken().count()
    }

    pub fn holds(&self) -> Money {
        self.books().taken().map(|charge| charge.amount).sum()
    }

    /// All events so far, oldest first.
    pub fn events(&self) -> Vec<GatewayEventIn> {
        self.books().events.clone()
    }

    pub fn calls(&self, op: Op) -> usize {
        self.books().calls.get(&op).copied().unwrap_or(0)
    }
}

impl Books {
    /// The fault queued for this call, if any.
    pub fn fault(&mut self, op: Op) -> Option<Wrong> {
        let count = self.calls.entry(op).or_default();
        *count = count.saturating_add(1);
        self.faults.get_mut(&op).and_then(VecDeque::pop_front)
    }

    pub fn taken(&self) -> impl Iterator<Item = &Charge> {
        self.charges.values().map(|held| &held.charge).filter(|charge| {
            matches!(charge.state, ChargeState::Captured | ChargeState::Processing | ChargeState::Settled)
        })
    }

    pub fn charge(&self, reference: AttemptId) -> Option<&Charge> {
        self.charges.get(&reference).map(|held| &held.charge)
    }

    pub fn is_fenced(&self, reference: AttemptId) -> bool {
        self.fences.contains(&reference)
    }

    fn changed(&mut self, reference: AttemptId, kind: &str, state: ChargeState) -> bool {
        self.seq = self.seq.saturating_add(1);
        let seq = self.seq;
        let Some(held) = self.charges.get_mut(&reference) else { return false };
        held.charge.state = state;
        held.charge.sequence = held.charge.sequence.saturating_add(1);
        held.seq = seq;
        self.events.push(GatewayEventIn {
            gateway: "test".to_owned(),
            event_id: format!("evt_{seq}"),
            kind: format!("charge.{kind}"),
            reference: reference.to_string(),
        });
        true
    }

    pub fn open(
        &mut self,
        reference: AttemptId,
        amount: Money,
        method: Method,
    ) -> Result<String, GatewayError> {
        if self.fences.contains(&reference) {
            return Err(GatewayError::Fenced);
        }
        if let Some(held) = self.charges.get(&reference) {
            return if held.page_open && held.charge.amount == amount {
                Ok(format!("https://pay.example/{reference}"))
            } else {
                Err(GatewayError::Rejected("reference_taken".to_owned()))
            };
        }
        self.seq = self.seq.saturating_add(1);
        let charge = Charge {
            reference,
            state: ChargeState::Open,
            amount,
            currency: "USD".to_owned(),
            sequence: 1,
            method: None,
            brand: None,
            last4: None,
            decline: None,
            return_code: None,
            captured_at: None,
            settled_on: None,
        };
        self.charges.insert(reference, Held { charge, method, seq: self.seq, page_open: true, filed: false });
        Ok(format!("https://pay.example/{reference}"))
    }

    pub fn pay(&mut self, reference: AttemptId, now: chrono::DateTime<chrono::Utc>) -> bool {
        let Some(held) = self.charges.get_mut(&reference).filter(|held| held.page_open) else { return false };
        held.page_open = false;
        let method = held.method;
        held.charge.method = Some(method);
        held.charge.captured_at = Some(now);
        held.charge.last4 = Some(if method == Method::Bank { "6789" } else { "4242" }.to_owned());
        held.charge.brand = Some(if method == Method::Bank { "Test bank" } else { "Visa" }.to_owned());
        let (kind, state) = if method == Method::Bank {
            ("processing", ChargeState::Processing)
        } else {
            ("captured", ChargeState::Captured)
        };
        self.changed(reference, kind, state)
    }

    pub fn decline(&mut self, reference: AttemptId, class: &str) -> bool {
        let Some(held) = self.charges.get_mut(&reference).filter(|held| held.page_open) else { return false };
        held.page_open = false;
        held.charge.method = Some(held.method);
        held.charge.decline = Some(class.to_owned());
        self.changed(reference, "declined", ChargeState::Declined)
    }

    /// Opens a closed page behind everybody's back.
    pub fn reopen(&mut self, reference: AttemptId) -> bool {
        self.charges.get_mut(&reference).is_some_and(|held| {
            held.page_open = true;
            true
        })
    }

    /// The page is closed without money.
    pub fn close(&mut self, reference: AttemptId, state: ChargeState) -> bool {
        let Some(held) = self.charges.get_mut(&reference).filter(|held| held.page_open) else { return false };
        held.page_open = false;
        self.changed(reference, "expired", state)
    }

    pub fn fence(&mut self, reference: AttemptId) -> Option<Charge> {
        self.fences.insert(reference);
        self.close(reference, ChargeState::Cancelled);
        self.charge(reference).cloned()
    }

    pub fn void(&mut self, reference: AttemptId) -> Result<Charge, GatewayError> {
        let held =
            self.charges.get(&reference).ok_or_else(|| GatewayError::Rejected("not_found".to_owned()))?;
        match held.charge.state {
            ChargeState::Voided => {}
            ChargeState::Captured | ChargeState::Processing | ChargeState::Authorised if !held.filed => {
                self.changed(reference, "voided", ChargeState::Voided);
            }
            ChargeState::Captured | ChargeState::Processing | ChargeState::Settled => {
                return Err(GatewayError::TooLate);
            }
            _ => return Err(GatewayError::Rejected("wrong_state".to_owned())),
        }
        self.charge(reference).cloned().ok_or_else(|| GatewayError::Rejected("not_found".to_owned()))
    }

    pub fn settle(&mut self, on: NaiveDate) -> i64 {
        let due: Vec<AttemptId> = self
            .charges
            .iter()
            .filter(|(_, held)| {
                !held.filed && matches!(held.charge.state, ChargeState::Captured | ChargeState::Processing)
            })
            .map(|(reference, _)| *reference)
            .collect();
        let mut lines = Vec::new();
        for reference in due {
            let Some(held) = self.charges.get_mut(&reference) else { continue };
            held.filed = true;
            held.charge.settled_on = Some(on);
            let gross = held.charge.amount;
            let fee = Money::from_cents(30).min(gross);
            lines.push((LineKind::Charge, reference, gross, fee, None));
            self.changed(reference, "settled", ChargeState::Settled);
        }
        self.file(lines, on)
    }

    /// A bank debit that comes back; one that was in a file comes in the next one, too.
    pub fn give_back(&mut self, reference: AttemptId, code: &str) {
        let Some(held) = self.charges.get_mut(&reference) else { return };
        held.charge.return_code = Some(code.to_owned());
        let (filed, amount, on) = (held.filed, held.charge.amount, held.charge.settled_on);
        self.changed(reference, "returned", ChargeState::Returned);
        if filed {
            let on = on.map_or(NaiveDate::MIN, |day| calendar::plus_business_days(day, 3));
            self.file(
                vec![(LineKind::Return, reference, amount.negated(), Money::ZERO, Some(code.to_owned()))],
                on,
            );
        }
    }

    /// A file of these lines as they are, for a bank that errs.
    pub fn add_file(&mut self, lines: Vec<SettlementLine>) -> i64 {
        self.add_read_file(lines.into_iter().map(Ok).collect())
    }

    /// A file not every line of which can be read.
    pub fn add_read_file(&mut self, lines: Vec<Result<SettlementLine, Unreadable>>) -> i64 {
        self.files.push(lines);
        i64::try_from(self.files.len()).unwrap_or(i64::MAX)
    }

    fn file(
        &mut self,
        lines: Vec<(LineKind, AttemptId, Money, Money, Option<String>)>,
        settled_on: NaiveDate,
    ) -> i64 {
        let lines = (1..)
            .zip(lines)
            .map(|(line, (kind, reference, gross, fee, return_code))| SettlementLine {
                line,
                kind,
                reference: reference.to_string(),
                gross,
                fee,
                net: gross.minus(fee),
                settled_on,
                return_code,
            })
            .collect();
        self.add_file(lines)
    }

    /// The gateway takes money for us under a reference that is not of ours.
    pub fn take_foreign(&mut self, reference: &str, amount: Money) {
        self.seq = self.seq.saturating_add(1);
        let listed = Listed {
            reference: reference.to_owned(),
            state: ChargeState::Captured,
            amount,
            currency: "USD".to_owned(),
            sequence: 1,
        };
        self.foreign.push((self.seq, listed));
    }

    /// The file of this number comes late: it is not to be had until it is shown.
    pub fn hold_back(&mut self, number: i64) {
        self.held_back.insert(number);
    }

    pub fn show(&mut self, number: i64) {
        self.held_back.remove(&number);
    }

    /// The gateway mends what could not be read.
    pub fn mend_file(&mut self, number: i64, lines: Vec<SettlementLine>) {
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(file) = self.files.get_mut(index) {
            *file = lines.into_iter().map(Ok).collect();
        }
    }

    /// Those lines of a file that can be read.
    pub fn file_lines(&self, number: i64) -> Vec<SettlementLine> {
        self.read_file(number).into_iter().flatten().collect()
    }

    fn read_file(&self, number: i64) -> Vec<Result<SettlementLine, Unreadable>> {
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        self.files.get(index).cloned().unwrap_or_default()
    }
}

/// An answer as this fault lets it through; `None`: there is none.
pub fn garbled(charge: Charge, wrong: Option<Wrong>) -> Charge {
    match wrong {
        Some(Wrong::WrongAmount) => Charge { amount: charge.amount.plus(Money::from_cents(100)), ..charge },
        Some(Wrong::WrongCurrency) => Charge { currency: "CAD".to_owned(), ..charge },
        _ => charge,
    }
}

fn silence<T>() -> Result<T, GatewayError> {
    Err(GatewayError::NoAnswer("time-out".to_owned()))
}

impl TestGateway {
    async fn call<T>(
        &self,
        op: Op,
        work: impl FnOnce(&mut Books) -> Result<T, GatewayError> + Send,
    ) -> (Result<T, GatewayError>, Option<Wrong>) {
        // Others run while an answer is on its way.
        tokio::task::yield_now().await;
        let (answer, wrong) = {
            let mut books = self.books();
            let wrong = books.fault(op);
            let answer = match wrong {
                Some(Wrong::TimeOutBefore | Wrong::Hang) => silence(),
                Some(Wrong::Reject) => Err(GatewayError::Rejected("invalid".to_owned())),
                Some(Wrong::TimeOutAfter) => work(&mut books).and_then(|_| silence()),
                _ => work(&mut books),
            };
            (answer, wrong)
        };
        assert_ne!(wrong, Some(Wrong::Panic), "as a test asked");
        if wrong == Some(Wrong::Hang) {
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        tokio::task::yield_now().await;
        (answer, wrong)
    }
}

#[async_trait]
impl Gateway for TestGateway {
    async fn open_page(&self, page: &OpenPage) -> Result<String, GatewayError> {
        let (answer, _) =
            self.call(Op::OpenPage, |books| books.open(page.reference, page.amount, page.method)).await;
        answer
    }

    async fn find(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        let (answer, wrong) = self.call(Op::Find, |books| Ok(books.charge(reference).cloned())).await;
        match wrong {
            Some(Wrong::NotFound) => Ok(None),
            _ => answer.map(|charge| charge.map(|charge| garbled(charge, wrong))),
        }
    }

    async fn void(&self, reference: AttemptId) -> Result<Charge, GatewayError> {
        let (answer, wrong) = self.call(Op::Void, |books| books.void(reference)).await;
        answer.map(|charge| garbled(charge, wrong))
    }

    async fn cancel(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        let (answer, wrong) = self.call(Op::Cancel, |books| Ok(books.fence(reference))).await;
        answer.map(|charge| charge.map(|charge| garbled(charge, wrong)))
    }

    async fn list(&self, after: i64) -> Result<(Vec<Listed>, i64), GatewayError> {
        let books = self.books();
        let ours = books.charges.values().map(|held| (held.seq, Listed::from(held.charge.clone())));
        let foreign = books.foreign.iter().cloned();
        let mut changed: Vec<(i64, Listed)> = ours.chain(foreign).filter(|(seq, _)| *seq > after).collect();
        changed.sort_by_key(|(seq, _)| *seq);
        changed.truncate(100);
        let next = changed.last().map_or(after, |(seq, _)| *seq);
        Ok((changed.into_iter().map(|(_, charge)| charge).collect(), next))
    }

    async fn settlements(&self, after: i64) -> Result<Vec<i64>, GatewayError> {
        let books = self.books();
        let files = i64::try_from(books.files.len()).unwrap_or(i64::MAX);
        Ok((1..=files).filter(|number| *number > after && !books.held_back.contains(number)).collect())
    }

    async fn settlement(&self, number: i64) -> Result<Vec<Result<SettlementLine, Unreadable>>, GatewayError> {
        Ok(self.books().read_file(number))
    }
}
