//! One try at one payment: its states, and what may be done to it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::books::{Answer, Fact, Kind};
use super::events::EventType;
use super::instrument::{Behaviour, Decline, Instrument, Method, ReturnCode};
use super::page::Page;
use super::{Done, Refusal, Step};
use crate::{calendar, cents, ids};

/// How long a hold on a card lasts.
const HOLD: TimeDelta = TimeDelta::days(7);
/// How long the slow card takes.
pub(crate) const SLOW: TimeDelta = TimeDelta::seconds(20);
/// When a bank debit settles and when a bad one comes back, in business days after its entry day.
const SETTLES_AFTER: u32 = 4;
const RETURNS_AFTER: u32 = 3;
/// When a settled debit comes back as not authorised, in days after it settled.
const LATE_RETURN_AFTER: Days = Days::new(45);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The person may still pay on the page.
    Open,
    /// The person's bank asks them something.
    Action,
    Authorised,
    Captured,
    Processing,
    Settled,
    Declined,
    Voided,
    Cancelled,
    Expired,
    Returned,
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Action => "action",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Processing => "processing",
            Self::Settled => "settled",
            Self::Declined => "declined",
            Self::Voided => "voided",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Returned => "returned",
        }
    }

    /// Money was promised or taken, or at least held.
    pub(crate) const fn took_money(self) -> bool {
        matches!(self, Self::Authorised | Self::Captured | Self::Processing | Self::Settled)
    }

    /// The page still waits for the person.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Action)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "facts that come true one by one and in no fixed order")]
pub(crate) struct Charge {
    pub(crate) reference: String,
    pub(crate) state: State,
    pub(crate) cents: i64,
    pub(crate) sequence: u64,
    pub(crate) seq: u64,
    pub(crate) instrument: Option<Instrument>,
    pub(crate) decline: Option<Decline>,
    pub(crate) return_code: Option<ReturnCode>,
    pub(crate) captured_at: Option<DateTime<Utc>>,
    /// The day the money is or will be paid out; known once it is in a file.
    pub(crate) settled_on: Option<NaiveDate>,
    pub(crate) network_transaction_id: Option<String>,
    pub(crate) at: DateTime<Utc>,
    /// Take the money at once (else only hold it).
    pub(crate) capture: bool,
    pub(crate) page: Option<Page>,
    /// The slow card answers at this instant.
    pub(crate) answers_at: Option<DateTime<Utc>>,
    /// The day's batch has closed over it: too late to void.
    pub(crate) sent: bool,
    /// A settlement file lists it.
    pub(crate) filed: bool,
    pub(crate) returned_at: Option<DateTime<Utc>>,
    /// A settlement file takes it back.
    pub(crate) return_filed: bool,
}

impl Charge {
    pub(crate) fn new(reference: String, cents: i64, capture: bool, at: DateTime<Utc>) -> Self {
        Self {
            reference,
            state: State::Open,
            cents,
            sequence: 0,
            seq: 0,
            instrument: None,
            decline: None,
            return_code: None,
            captured_at: None,
            settled_on: None,
            network_transaction_id: None,
            at,
            capture,
            page: None,
            answers_at: None,
            sent: false,
            filed: false,
            returned_at: None,
            return_filed: false,
        }
    }

    /// The charge as the API tells it.
    pub(crate) fn view(&self) -> Value {
        let kept = self.instrument.as_ref().filter(|_| !matches!(self.state, State::Open | State::Action));
        let took_money = self.captured_at.is_some() || self.state == State::Authorised;
        json!({
            "reference": self.reference,
            "state": self.state.word(),
            "amount": cents::say(self.cents),
            "currency": "USD",
            "sequence": self.sequence,
            "seq": self.seq,
            "method": kept.map(|instrument| instrument.method),
            "brand": kept.and_then(|instrument| instrument.brand.as_deref()),
            "last4": kept.map(|instrument| &instrument.last4),
            "expires": kept.and_then(|instrument| instrument.expires.as_deref()),
            "token": kept.filter(|_| took_money).map(|instrument| &instrument.token),
            "decline": self.decline,
            "return_code": self.return_code,
            "captured_at": self.captured_at,
            "settled_on": self.settled_on,
            "network_transaction_id": self.network_transaction_id,
            "at": self.at,
        })
    }

    pub(crate) fn method(&self) -> Option<Method> {
        self.instrument.as_ref().map(|instrument| instrument.method)
    }

    fn behaviour(&self) -> Behaviour {
        self.instrument.as_ref().map_or(Behaviour::Succeeds, |instrument| instrument.behaviour)
    }

    /// The business day its money was taken on.
    pub(crate) fn taken_on(&self) -> Option<NaiveDate> {
        self.captured_at.map(calendar::entry_day)
    }

    /// The day a bank debit settles, if nothing comes between.
    pub(crate) fn bank_settles_on(&self) -> Option<NaiveDate> {
        self.taken_on().map(|day| calendar::plus_business_days(day, SETTLES_AFTER))
    }

    /// When a bank debit comes back, and why.
    fn comes_back(&self) -> Option<(DateTime<Utc>, ReturnCode)> {
        match self.behaviour() {
            Behaviour::Returns(code) if self.state == State::Processing => {
                let day = calendar::plus_business_days(self.taken_on()?, RETURNS_AFTER);
                Some((calendar::morning(day), code))
            }
            Behaviour::ReturnsLate(code) if self.state == State::Settled => {
                let day = calendar::on_or_after(self.settled_on?.checked_add_days(LATE_RETURN_AFTER)?);
                Some((calendar::morning(day), code))
            }
            _ => None,
        }
    }

    /// The next instant at which something happens to it by itself.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        let returns = self.comes_back().map(|(at, _)| at);
        let next = match self.state {
            State::Open | State::Action => {
                let closes = self.page.as_ref().map(|page| page.expires_at);
                return [closes, self.answers_at].into_iter().flatten().min();
            }
            State::Authorised => self.at.checked_add_signed(HOLD),
            State::Captured if self.filed => self.settled_on.map(calendar::morning),
            State::Captured => self.taken_on().map(calendar::cut_off),
            State::Processing if !self.sent => self.taken_on().map(calendar::cut_off),
            State::Processing if self.filed => self.settled_on.map(calendar::morning),
            State::Processing => self.files_on().map(calendar::cut_off),
            State::Returned if self.awaits_file() => {
                self.returned_at.map(calendar::entry_day).map(calendar::cut_off)
            }
            _ => None,
        };
        [returns, next].into_iter().flatten().min()
    }

    /// The business day whose file lists a bank debit: the one before it settles.
    pub(crate) fn files_on(&self) -> Option<NaiveDate> {
        self.bank_settles_on().map(calendar::previous_business_day)
    }

    /// Whether its money, or the return of money already paid out, still has to appear in a settlement file.
    pub(crate) fn awaits_file(&self) -> bool {
        match self.state {
            State::Captured => !self.filed,
            State::Processing => !self.sent || !self.filed,
            State::Returned => self.filed && !self.return_filed,
            _ => false,
        }
    }

    /// Takes or holds the money, or says why not. Gives the public line's kind and the event that tell of it.
    pub(crate) fn pay_with(
        &mut self,
        instrument: Instrument,
        now: DateTime<Utc>,
    ) -> (Option<Kind>, EventType) {
        let behaviour = instrument.behaviour;
        let method = instrument.method;
        self.instrument = Some(instrument);
        self.answers_at = None;
        match behaviour {
            Behaviour::Declines(class) => {
                self.state = State::Declined;
                self.decline = Some(class);
                return (Some(Kind::Charge), EventType::ChargeDeclined);
            }
            Behaviour::AsksFirst
            | Behaviour::Succeeds
            | Behaviour::Slow
            | Behaviour::Silent
            | Behaviour::Returns(_)
            | Behaviour::ReturnsLate(_) => {}
        }
        self.decline = None;
        self.network_transaction_id = Some(ids::fresh("net"));
        if !self.capture && method == Method::Card {
            self.state = State::Authorised;
            return (Some(Kind::Authorise), EventType::ChargeAuthorised);
        }
        self.captured_at = Some(now);
        match method {
            Method::Card => {
                self.state = State::Captured;
                (Some(Kind::Charge), EventType::ChargeCaptured)
            }
            Method::Bank => {
                self.state = State::Processing;
                (Some(Kind::Charge), EventType::ChargeProcessing)
            }
        }
    }
}

/// Refuses what cannot be a reference.
pub(crate) fn check_reference(reference: &str) -> Result<(), Refusal> {
    let plain = reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plain || !(1..=64).contains(&reference.len()) {
        return Err(Refusal::invalid("reference must be 1 to 64 letters, digits and hyphens"));
    }
    Ok(())
}

/// Cents of an amount in the one currency there is.
pub(crate) fn check_amount(amount: &str, currency: &str) -> Result<i64, Refusal> {
    if currency != "USD" {
        return Err(Refusal::invalid("currency must be USD"));
    }
    cents::read(amount).ok_or(Refusal::Amount)
}

/// The body of `POST /v1/charges`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCharge {
    pub(crate) reference: String,
    amount: String,
    currency: String,
    token: String,
    #[serde(default = "yes")]
    capture: bool,
}

const fn yes() -> bool {
    true
}

impl Step<'_> {
    /// Charges a kept token. `silent` in the answer: the money is taken, the caller never hears.
    pub(crate) fn charge(&mut self, order: NewCharge) -> Result<Done, Refusal> {
        check_reference(&order.reference)?;
        let cents = check_amount(&order.amount, &order.currency)?;
        let known = self.books.tokens.get(&order.token).cloned();
        let Some(instrument) = known.or_else(|| Instrument::test_token(&order.token)) else {
            return Err(Refusal::invalid("no such token"));
        };
        self.check_unused(&order.reference)?;

        let mut charge = Charge::new(order.reference, cents, order.capture, self.now);
        let behaviour = instrument.behaviour;
        if behaviour == Behaviour::Slow {
            charge.instrument = Some(instrument);
            charge.answers_at = self.now.checked_add_signed(SLOW);
            let charge = self.change(None, None, charge);
            return Ok(Done::created(charge.view()));
        }
        let (kind, event) = charge.pay_with(instrument, self.now);
        let charge = self.change(kind, Some(event), charge);
        let done = Done::created(charge.view());
        Ok(if behaviour == Behaviour::Silent { done.silent() } else { done })
    }

    pub(crate) fn capture(&mut self, reference: &str) -> Result<Done, Refusal> {
        let mut charge = self.find(reference)?.clone();
        match charge.state {
            State::Captured | State::Settled => return Ok(Done::ok(charge.view())),
            State::Authorised if self.books.fences.contains(reference) => return Err(Refusal::Fenced),
            State::Authorised => {}
            _ => return Err(Refusal::wrong_state(charge.state)),
        }
        charge.state = State::Captured;
        charge.captured_at = Some(self.now);
        let charge = self.change(Some(Kind::Capture), Some(EventType::ChargeCaptured), charge);
        Ok(Done::ok(charge.view()))
    }

    pub(crate) fn void(&mut self, reference: &str) -> Result<Done, Refusal> {
        let mut charge = self.find(reference)?.clone();
        match charge.state {
            State::Voided => return Ok(Done::ok(charge.view())),
            State::Settled => return Err(Refusal::TooLate),
            State::Captured | State::Processing if charge.sent || charge.filed => {
                return Err(Refusal::TooLate);
            }
            State::Captured | State::Processing if self.books.refunded(reference) > 0 => {
                return Err(Refusal::wrong_state(charge.state));
            }
            State::Authorised | State::Captured | State::Processing => {}
            _ => return Err(Refusal::wrong_state(charge.state)),
        }
        charge.state = State::Voided;
        let charge = self.change(Some(Kind::Void), Some(EventType::ChargeVoided), charge);
        Ok(Done::ok(charge.view()))
    }

    /// The fence: refuses the reference for good, closes its page, lets a hold go. Money taken stays taken.
    pub(crate) fn cancel(&mut self, reference: &str) -> Result<Done, Refusal> {
        check_reference(reference)?;
        let mut charge = self.books.charges.get(reference).cloned();
        if let Some(found) = charge.as_mut() {
            match found.state {
                State::Open | State::Action => {
                    found.state = State::Cancelled;
                    found.answers_at = None;
                    *found = self.change(None, Some(EventType::ChargeExpired), found.clone());
                }
                State::Authorised => {
                    found.state = State::Voided;
                    *found = self.change(Some(Kind::Void), Some(EventType::ChargeVoided), found.clone());
                }
                _ => {}
            }
        }
        if !self.books.fences.contains(reference) {
            let (cents, state) =
                charge.as_ref().map_or((0, State::Cancelled), |found| (found.cents, found.state));
            self.record(Fact::Fence { reference: reference.to_owned(), cents, state });
        }
        let view = charge.as_ref().map(Charge::view);
        Ok(Done::ok(json!({"reference": reference, "fenced": true, "charge": view})))
    }

    /// Lets happen to a charge what falls due at this step's instant.
    pub(crate) fn charge_due(&mut self, reference: &str) {
        let Some(mut charge) = self.books.charges.get(reference).cloned() else { return };
        if let Some((at, code)) = charge.comes_back()
            && at <= self.now
        {
            charge.state = State::Returned;
            charge.return_code = Some(code);
            charge.returned_at = Some(self.now);
            self.change(Some(Kind::Return), Some(EventType::ChargeReturned), charge);
            return;
        }
        match charge.state {
            State::Open | State::Action => {
                let answered = charge.answers_at.is_some_and(|at| at <= self.now);
                if let Some(instrument) = charge.instrument.clone().filter(|_| answered) {
                    let (kind, event) = charge.pay_with(instrument, self.now);
                    self.change(kind, Some(event), charge);
                } else {
                    charge.state = State::Expired;
                    charge.answers_at = None;
                    self.change(Some(Kind::Page), Some(EventType::ChargeExpired), charge);
                }
            }
            State::Authorised => {
                charge.state = State::Expired;
                self.change(Some(Kind::Void), Some(EventType::ChargeExpired), charge);
            }
            State::Captured | State::Processing if charge.filed => {
                charge.state = State::Settled;
                self.change(Some(Kind::Settle), Some(EventType::ChargeSettled), charge);
            }
            State::Captured | State::Processing | State::Returned => {
                self.close_batch(calendar::eastern_date(self.now), &super::settlement::Play::default());
            }
            _ => {}
        }
    }

    /// A charge by its reference.
    pub(crate) fn find(&self, reference: &str) -> Result<&Charge, Refusal> {
        self.books.charges.get(reference).ok_or(Refusal::NotFound)
    }

    /// Stores the charge as it now is, numbered anew, with its public line and its event.
    pub(crate) fn change(&mut self, kind: Option<Kind>, event: Option<EventType>, charge: Charge) -> Charge {
        let line = kind.map(|kind| (kind, charge.state));
        self.change_as(line, event, charge)
    }

    /// The same, with a line that tells of another state than the charge ends in.
    pub(crate) fn change_as(
        &mut self,
        line: Option<(Kind, State)>,
        event: Option<EventType>,
        mut charge: Charge,
    ) -> Charge {
        charge.sequence = charge.sequence.saturating_add(1);
        charge.seq = self.books.seq.saturating_add(1);
        charge.at = self.now;
        self.record(Fact::Charge { line, charge: Box::new(charge.clone()) });
        if let Some(event) = event {
            self.announce(event, &charge.reference, charge.sequence);
        }
        charge
    }

    pub(crate) fn check_unused(&self, reference: &str) -> Result<(), Refusal> {
        if self.books.fences.contains(reference) {
            return Err(Refusal::Fenced);
        }
        if self.books.charges.contains_key(reference) || self.books.refunds.contains_key(reference) {
            return Err(Refusal::ReferenceTaken);
        }
        Ok(())
    }

    /// The answer kept under a key, or a refusal when the key came with another body before.
    pub(crate) fn kept_answer(&self, key: &str, fingerprint: &str) -> Result<Option<Answer>, Refusal> {
        match self.books.answers.get(key).filter(|answer| answer.is_kept(self.now)) {
            Some(answer) if answer.fingerprint == fingerprint => Ok(Some(answer.clone())),
            Some(_) => Err(Refusal::IdempotencyMismatch),
            None => Ok(None),
        }
    }
}
