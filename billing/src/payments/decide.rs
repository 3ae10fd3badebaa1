//! What to do when something is learnt of an attempt: pure, so that the simulator can run it by the million.
//!
//! Only the gateway's word about our own reference, a line of a settlement file or two people move an attempt once the
//! gateway may have been asked. "Not found" proves nothing while our request may be under way: the reference is fenced
//! first.

use std::time::Duration;

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};

use super::{
    Method, PaymentState,
    gateway::{Charge, ChargeState},
    state::Evidence,
};
use crate::{ids::AttemptId, money::Money, plan::Settings, rules::calendar};

/// What is durable of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub reference: AttemptId,
    pub state: PaymentState,
    pub amount: Money,
    pub method: Method,
    /// The gateway's number of the last snapshot that moved it.
    pub sequence: i64,
    /// The gateway has promised never to take this reference again.
    pub fenced: bool,
    /// Checks made since it came into this state, by the clock alone.
    pub checks: i16,
    /// The last call that could have made the gateway take the reference.
    pub called_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub deadline_at: Option<DateTime<Utc>>,
    /// It came into this state then.
    pub changed_at: DateTime<Utc>,
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Charge(Charge),
    NotFound,
    /// Nothing: a time-out, a cut line, garbage.
    NoAnswer,
}

/// One edge, to be taken in one transaction with those before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub to: PaymentState,
    pub event: &'static str,
    pub evidence: Evidence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing new.
    Stay,
    /// Ask the gateway to refuse this reference for good, then decide on its answer.
    Fence,
    Go(Vec<Move>),
}

/// How long things may take; see `Settings`.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub call_time_out: Duration,
    pub fence_after: Duration,
    pub haste: u32,
}

impl From<&Settings> for Pace {
    fn from(settings: &Settings) -> Self {
        Self {
            call_time_out: settings.call_time_out,
            fence_after: settings.fence_after,
            haste: settings.haste.max(1),
        }
    }
}

/// An intent nobody confirmed is given up after this.
pub const UNSENT_FOR: TimeDelta = TimeDelta::minutes(90);
/// The gateway's page stays open for this long.
pub const PAGE_OPEN_FOR: TimeDelta = TimeDelta::minutes(20);
/// A hold is captured or given back within this.
const HOLD_FOR: TimeDelta = TimeDelta::days(6);
/// From UNKNOWN: five quick looks, then one a day; after the last, people.
const LOOKS: [i64; 10] = [5, 15, 60, 300, 3_600, 86_400, 86_400, 86_400, 86_400, 86_400];
/// A capture or void on its way is asked for this often, hourly.
const CAPTURE_LOOKS: i16 = 26;
const CARD_SETTLES_WITHIN: TimeDelta = TimeDelta::days(5);
const BANK_SETTLES_WITHIN: u32 = 6;

impl Pace {
    fn janitor(&self, seconds: i64) -> TimeDelta {
        let millis = seconds.saturating_mul(1000).checked_div(i64::from(self.haste)).unwrap_or(0);
        TimeDelta::milliseconds(millis.max(10))
    }

    /// After a call without an answer, and a little, so that the look is due when its job runs.
    pub fn first_look(self) -> Duration {
        self.janitor(5).to_std().unwrap_or_default().saturating_add(Duration::from_millis(50))
    }

    fn fence(&self) -> TimeDelta {
        TimeDelta::from_std(self.fence_after).unwrap_or(TimeDelta::seconds(25))
    }

    /// The caller has this long to tell the outcome of its call; after that anyone may ask.
    fn caller(&self) -> TimeDelta {
        let call = TimeDelta::from_std(self.call_time_out).unwrap_or(TimeDelta::seconds(10));
        call.checked_add(&call.checked_div(2).unwrap_or_default()).unwrap_or(call)
    }
}

fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Decides by what was learnt, and on the clock.
pub fn decide(standing: &Standing, seen: &Seen, now: DateTime<Utc>, pace: Pace) -> Step {
    let step = match seen {
        Seen::Charge(charge) => by_charge(standing, charge, now),
        Seen::NotFound => by_absence(standing, now, pace),
        Seen::NoAnswer => by_silence(standing, now, pace),
    };
    if step == Step::Stay { by_deadline(standing, now) } else { step }
}

fn by_charge(standing: &Standing, charge: &Charge, now: DateTime<Utc>) -> Step {
    use PaymentState as S;

    // What people hold is theirs to move.
    if matches!(standing.state, S::Created | S::Mismatch | S::NeedsReview | S::Disputed | S::DisputeWon) {
        return Step::Stay;
    }
    if charge.sequence < standing.sequence {
        return Step::Stay;
    }
    let alike = charge.reference == standing.reference
        && charge.amount == standing.amount
        && charge.currency == "USD"
        && charge.method.is_none_or(|method| method == standing.method || !took_money(charge.state));
    if !alike {
        return freeze(standing.state, "differs");
    }

    let page_over = standing.expires_at.is_some_and(|end| now >= end);
    match charge.state {
        ChargeState::Open | ChargeState::Action => match standing.state {
            S::Submitting | S::Unknown => go(standing.state, S::RequiresAction, "page_open", Evidence::Query),
            S::RequiresAction if standing.fenced => {
                go(standing.state, S::Expired, "page_closed", Evidence::Sweep)
            }
            S::RequiresAction if page_over => Step::Fence,
            S::Authorized | S::CapturePending | S::Captured | S::Processing | S::Settled => {
                freeze(standing.state, "contradicts")
            }
            _ => Step::Stay,
        },
        ChargeState::Authorised => match standing.state {
            S::Submitting | S::RequiresAction | S::Unknown => {
                go(standing.state, S::Authorized, "held", Evidence::Query)
            }
            S::Authorized if now >= later(standing.changed_at, HOLD_FOR) && !standing.fenced => Step::Fence,
            S::Authorized if standing.fenced => {
                go(standing.state, S::Expired, "hold_given_back", Evidence::Sweep)
            }
            S::Captured | S::Processing | S::Settled => freeze(standing.state, "contradicts"),
            state if state.is_dead() => freeze(state, "came_back"),
            _ => Step::Stay,
        },
        // A settlement file, not the gateway's word, settles: it says how much, and when.
        ChargeState::Captured | ChargeState::Processing | ChargeState::Settled => {
            let taken = taken_state(charge, standing.method);
            match standing.state {
                S::Captured | S::Processing | S::Settled => Step::Stay,
                S::Expired => go(S::Expired, taken, "taken_late", Evidence::Query),
                state if state.is_dead() => freeze(state, "came_back"),
                state => go(state, taken, "taken", Evidence::Query),
            }
        }
        ChargeState::Declined => match standing.state {
            S::Declined => Step::Stay,
            S::Submitting | S::RequiresAction | S::Unknown => {
                go(standing.state, S::Declined, "declined", Evidence::Query)
            }
            state if state.is_dead() => Step::Stay,
            state => freeze(state, "contradicts"),
        },
        ChargeState::Voided => match standing.state {
            S::Settled => freeze(S::Settled, "contradicts"),
            S::Returned | S::Voided => Step::Stay,
            state if state.is_dead() => Step::Stay,
            state => go(state, S::Voided, "voided", Evidence::Query),
        },
        ChargeState::Cancelled => match standing.state {
            S::Captured | S::Processing | S::Settled => freeze(standing.state, "contradicts"),
            // Our own fence closed it, because its time was over.
            S::RequiresAction | S::Authorized if standing.fenced => {
                go(standing.state, S::Expired, "page_closed", Evidence::Sweep)
            }
            S::Submitting | S::RequiresAction | S::Unknown | S::Authorized | S::CapturePending => {
                go(standing.state, S::Voided, "closed", Evidence::Query)
            }
            _ => Step::Stay,
        },
        ChargeState::Expired => match standing.state {
            S::Captured | S::Processing | S::Settled => freeze(standing.state, "contradicts"),
            // That the page ran out is not yet the promise to refuse the reference.
            S::Submitting | S::RequiresAction | S::Unknown | S::Authorized if !standing.fenced => Step::Fence,
            S::Submitting | S::RequiresAction | S::Authorized => {
                go(standing.state, S::Expired, "page_closed", Evidence::Sweep)
            }
            S::Unknown | S::CapturePending => go(standing.state, S::Voided, "closed", Evidence::Query),
            _ => Step::Stay,
        },
        ChargeState::Returned => match standing.state {
            S::Returned => Step::Stay,
            state if state.is_dead() && state != S::Expired => freeze(state, "came_back"),
            S::Captured => freeze(S::Captured, "contradicts"),
            state => go(state, S::Returned, "returned", Evidence::Query),
        },
    }
}

fn took_money(state: ChargeState) -> bool {
    matches!(
        state,
        ChargeState::Captured | ChargeState::Processing | ChargeState::Settled | ChargeState::Returned
    )
}

/// Card money is captured, bank money is processing: by what was paid with, not by what was meant.
fn taken_state(charge: &Charge, meant: Method) -> PaymentState {
    match charge.method.unwrap_or(meant) {
        Method::Bank => PaymentState::Processing,
        _ => PaymentState::Captured,
    }
}

fn by_absence(standing: &Standing, now: DateTime<Utc>, pace: Pace) -> Step {
    use PaymentState as S;
    match standing.state {
        S::Submitting if standing.called_at.is_none_or(|at| now >= later(at, pace.caller())) => {
            go(S::Submitting, S::Unknown, "not_found", Evidence::Query)
        }
        // It had a page there once. It is looked for like any other that is missing.
        S::RequiresAction => go(S::RequiresAction, S::Unknown, "not_found", Evidence::Query),
        S::Authorized => go(S::Authorized, S::Unknown, "not_found", Evidence::Query),
        S::Unknown if standing.fenced => go(S::Unknown, S::Absent, "absent", Evidence::Query),
        S::Unknown if standing.called_at.is_none_or(|at| now >= later(at, pace.fence())) => Step::Fence,
        _ => Step::Stay,
    }
}

fn by_silence(standing: &Standing, now: DateTime<Utc>, pace: Pace) -> Step {
    match standing.state {
        PaymentState::Submitting if standing.called_at.is_none_or(|at| now >= later(at, pace.caller())) => {
            go(PaymentState::Submitting, PaymentState::Unknown, "no_answer", Evidence::Ours)
        }
        // Its page or its hold is over by our clock, and nobody says how it ended.
        state @ (PaymentState::RequiresAction | PaymentState::Authorized)
            if standing.deadline_at.is_some_and(|deadline| now >= deadline) =>
        {
            go(state, PaymentState::Unknown, "no_answer", Evidence::Ours)
        }
        _ => Step::Stay,
    }
}

/// The last resort is people, never silence.
fn by_deadline(standing: &Standing, now: DateTime<Utc>) -> Step {
    use PaymentState as S;
    let over = standing.deadline_at.is_some_and(|deadline| now >= deadline);
    match standing.state {
        S::Created if over => go(S::Created, S::Expired, "unsent", Evidence::Sweep),
        S::Unknown if over || usize::try_from(standing.checks).is_ok_and(|checks| checks >= LOOKS.len()) => {
            go(S::Unknown, S::NeedsReview, "overdue", Evidence::Query)
        }
        S::CapturePending if over || standing.checks >= CAPTURE_LOOKS => {
            go(S::CapturePending, S::NeedsReview, "overdue", Evidence::Sweep)
        }
        S::Captured | S::Processing | S::Mismatch if over => {
            go(standing.state, S::NeedsReview, "overdue", Evidence::Sweep)
        }
        _ => Step::Stay,
    }
}

fn freeze(from: PaymentState, event: &'static str) -> Step {
    go(from, PaymentState::Mismatch, event, Evidence::Query)
}

fn go(from: PaymentState, to: PaymentState, event: &'static str, evidence: Evidence) -> Step {
    match route(from, to) {
        Some(states) => Step::Go(states.into_iter().map(|to| Move { to, event, evidence }).collect()),
        None => Step::Stay,
    }
}

/// The states to go through, `to` included: one edge, or the jumps that leave nothing out.
pub fn route(from: PaymentState, to: PaymentState) -> Option<Vec<PaymentState>> {
    use PaymentState as S;
    if from.may_become(to) {
        return Some(vec![to]);
    }
    let through: &[PaymentState] = match (from, to) {
        (S::Submitting, S::Voided | S::Expired) | (S::Unknown, S::Expired) => &[S::RequiresAction],
        (S::Submitting, S::Absent | S::NeedsReview) | (S::RequiresAction | S::Authorized, S::Absent) => {
            &[S::Unknown]
        }
        (S::Submitting | S::RequiresAction | S::Unknown | S::Expired, S::Returned) => &[S::Processing],
        (S::Authorized, S::Captured) => &[S::CapturePending],
        (S::Authorized | S::CapturePending, S::Declined | S::Processing) => &[S::Unknown],
        (S::Authorized | S::CapturePending, S::Returned) => &[S::Unknown, S::Processing],
        (S::Expired, S::Mismatch) => &[S::Captured],
        _ => return None,
    };
    let mut states = through.to_vec();
    states.push(to);
    Some(states)
}

/// Like [`route`], to SETTLED, through the state that stands for money taken by this method.
pub fn route_to_settled(from: PaymentState, method: Method) -> Option<Vec<PaymentState>> {
    use PaymentState as S;
    let taken = if method == Method::Bank { S::Processing } else { S::Captured };
    match from {
        S::Captured | S::Processing => Some(vec![S::Settled]),
        S::Submitting | S::RequiresAction | S::Unknown | S::Expired | S::Authorized | S::CapturePending => {
            let mut states = route(from, taken)?;
            states.push(S::Settled);
            Some(states)
        }
        _ => None,
    }
}

/// By when it has to have left `state`, which it entered at `now`.
pub fn deadline(
    state: PaymentState,
    method: Method,
    now: DateTime<Utc>,
    pace: Pace,
) -> Option<DateTime<Utc>> {
    use PaymentState as S;
    let looks: i64 = LOOKS.iter().copied().fold(3_600, i64::saturating_add);
    match state {
        S::Created => Some(later(now, UNSENT_FOR)),
        S::Submitting => Some(later(now, later_of(pace.janitor(60), pace.fence()))),
        S::RequiresAction => {
            Some(later(now, PAGE_OPEN_FOR.checked_add(&TimeDelta::minutes(10)).unwrap_or(PAGE_OPEN_FOR)))
        }
        S::Unknown => Some(later(now, TimeDelta::seconds(looks))),
        S::Authorized => Some(later(now, HOLD_FOR.checked_add(&TimeDelta::days(1)).unwrap_or(HOLD_FOR))),
        S::CapturePending => Some(later(now, TimeDelta::hours(27))),
        S::Captured => Some(later(now, card_settles_within(now))),
        S::Processing => Some(bank_deadline(now, method)),
        S::Mismatch => Some(later(now, TimeDelta::days(1))),
        S::NeedsReview => Some(review_deadline(now)),
        // Its date is set when evidence is asked for; until disputes exist, a month.
        S::Disputed => Some(later(now, TimeDelta::days(30))),
        _ => None,
    }
}

fn later_of(a: TimeDelta, b: TimeDelta) -> TimeDelta {
    a.max(b)
}

/// Five days, and the days banks rest in between.
fn card_settles_within(now: DateTime<Utc>) -> TimeDelta {
    let today = now.date_naive();
    let end = calendar::plus_business_days(today, 3);
    let rest = TimeDelta::days(i64::from(end.num_days_from_ce().saturating_sub(today.num_days_from_ce())));
    rest.max(CARD_SETTLES_WITHIN)
}

fn bank_deadline(now: DateTime<Utc>, _method: Method) -> DateTime<Utc> {
    let end = calendar::plus_business_days(now.date_naive(), BANK_SETTLES_WITHIN);
    end.checked_add_days(Days::new(1)).unwrap_or(end).and_time(chrono::NaiveTime::MIN).and_utc()
}

fn review_deadline(now: DateTime<Utc>) -> DateTime<Utc> {
    let end = calendar::plus_business_days(now.date_naive(), 1);
    end.checked_add_days(Days::new(1)).unwrap_or(end).and_time(chrono::NaiveTime::MIN).and_utc()
}

/// When to look again at an attempt that stands in `state`, `None` where nobody has to.
pub fn next_check(standing: &Standing, now: DateTime<Utc>, pace: Pace) -> Option<DateTime<Utc>> {
    use PaymentState as S;
    let deadline = standing.deadline_at;
    match standing.state {
        S::Created => deadline,
        S::Submitting => {
            Some(later(standing.called_at.unwrap_or(now), pace.caller()).max(later(now, pace.janitor(5))))
        }
        S::RequiresAction => {
            let soon = later(now, pace.janitor(60));
            Some(standing.expires_at.map_or(soon, |end| if end > now { soon.min(end) } else { soon }))
        }
        S::Unknown => {
            let look = usize::try_from(standing.checks).unwrap_or(0);
            let wait = LOOKS.get(look).or(LOOKS.last()).copied().unwrap_or(86_400);
            let next = later(now, pace.janitor(wait));
            let fence = standing.called_at.map(|at| later(at, pace.fence())).filter(|at| *at > now);
            Some(fence.map_or(next, |fence| next.min(fence)))
        }
        S::Authorized | S::CapturePending => Some(later(now, pace.janitor(3_600))),
        S::Captured | S::Processing | S::Mismatch => deadline.map(|at| at.max(later(now, pace.janitor(5)))),
        _ => None,
    }
}

/// By when a person who waits will have an answer: once the reference is fenced, the next look tells. Said once for a wait,
/// from when it began: a promise that moves on with the clock is none.
pub fn answer_by(called_at: Option<DateTime<Utc>>, since: DateTime<Utc>, pace: Pace) -> DateTime<Utc> {
    let fence = called_at.map_or(since, |at| later(at, pace.fence()));
    later(fence.max(since), TimeDelta::minutes(1))
}

/// Where an attempt's money stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Books {
    Nowhere,
    Posted,
    /// Posted and undone: it is not posted a second time.
    Undone,
}

/// What a move does in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    /// The money is taken in: to the bill, or, as `surplus`, to the payer's credit.
    Take {
        surplus: bool,
    },
    /// What was taken in is undone in full.
    GiveBack,
}

/// What moving from `from` to `to` does in the ledger. `frozen`: the move is part of a jump that ends frozen, and what
/// ends frozen is no money of ours to post. `another_lives`: another attempt of the same intent is neither dead nor
/// surplus, so this one's money must never reach the bill.
pub fn effect(
    from: PaymentState,
    to: PaymentState,
    books: Books,
    frozen: bool,
    another_lives: bool,
) -> Effect {
    match books {
        Books::Nowhere if to.holds_money() && !frozen => {
            Effect::Take { surplus: from.is_dead() && another_lives }
        }
        Books::Posted if to.is_dead() => Effect::GiveBack,
        _ => Effect::None,
    }
}
