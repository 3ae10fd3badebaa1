//! The other side of a payment on one page, and buttons for the dials a curious person wants first.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Days, TimeDelta, Utc};
use serde::Deserialize;

use crate::gateway::books::Books;
use crate::gateway::charge::Charge;
use crate::gateway::events::Event;
use crate::gateway::faults::Fault;
use crate::gateway::settlement::{Play, SettlementFile};
use crate::gateway::{Gateway, Refusal};
use crate::mailbox::pages::Row as MailRow;
use crate::mailbox::store::Mailbox;
use crate::{calendar, cents};

/// So many of each are shown.
const SHOWN: usize = 30;

#[derive(Clone)]
pub(crate) struct Both {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) mailbox: Arc<Mailbox>,
}

pub(crate) fn routes() -> Router<Both> {
    Router::new()
        .route("/", get(overview))
        .route("/look/{reference}", get(history))
        .route("/clock/forward", post(forward))
        .route("/settle/now", post(settle_now))
        .route("/faults/clear", post(clear_faults))
        .route("/overview.css", get(style))
}

async fn overview(State(both): State<Both>) -> Response {
    let now = both.gateway.clock.now();
    let shown = both.gateway.tick_and_read(|books| Shown {
        charges: books
            .by_seq
            .values()
            .rev()
            .filter_map(|reference| books.charges.get(reference))
            .take(SHOWN)
            .map(|charge| ChargeRow::of(charge, books))
            .collect(),
        all_charges: books.charges.len(),
        refunds: books.refunds.values().take(SHOWN).map(RefundRow::of).collect(),
        events: books.events.values().rev().take(SHOWN).map(EventRow::of).collect(),
        all_events: books.events.len(),
        waiting: books.waiting.len(),
        files: books.files.values().rev().take(SHOWN).map(|file| FileRow::of(file, now)).collect(),
        lines: books.lines.len(),
    });
    let Ok(shown) = shown.await else { return Refusal::Broken.into_response() };
    let mails = both.mailbox.list(None);
    let day = calendar::entry_day(now);
    page(&Overview {
        shown,
        now: say_instant(now),
        ahead: say_ahead(both.gateway.clock.ahead()),
        day: day.format("%A, %B %-d, %Y").to_string(),
        cut_off: say_instant(calendar::cut_off(day)),
        webhook_url: both.gateway.keys.webhook_url(),
        faults: both.gateway.faults.list().iter().map(say_fault).collect(),
        all_mails: mails.len(),
        mails: mails.iter().take(10).map(MailRow::of).collect(),
    })
}

async fn history(State(both): State<Both>, Path(reference): Path<String>) -> Response {
    let found = both.gateway.tick_and_read(|books| {
        let charge = books.charges.get(&reference)?;
        let refunds: Vec<_> =
            books.refunds.values().filter(|refund| refund.charge_reference == reference).collect();
        let ours = |name: &str| name == reference || refunds.iter().any(|refund| refund.reference == name);
        Some(History {
            charge: ChargeRow::of(charge, books),
            lines: books
                .lines
                .iter()
                .filter(|line| ours(&line.reference))
                .map(|line| LineRow {
                    n: line.n,
                    at: say_instant(line.at),
                    kind: serde_json::to_value(line.kind)
                        .ok()
                        .and_then(|kind| kind.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                    state: line.state,
                    amount: line.amount.clone(),
                })
                .collect(),
            events: books.events.values().filter(|event| ours(&event.reference)).map(EventRow::of).collect(),
            refunds: refunds.iter().map(|refund| RefundRow::of(refund)).collect(),
            json: serde_json::to_string_pretty(&charge.view()).unwrap_or_default(),
        })
    });
    match found.await {
        Err(_) => Refusal::Broken.into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Ok(Some(history)) => page(&history),
    }
}

#[derive(Deserialize)]
struct Forward {
    by: String,
}

async fn forward(State(both): State<Both>, Form(forward): Form<Forward>) -> Response {
    let now = both.gateway.clock.now();
    let today = calendar::eastern_date(now);
    // A second past the hour, so that what happens on the hour has happened.
    let past = |at: DateTime<Utc>| at.checked_add_signed(TimeDelta::seconds(1));
    let to = match forward.by.as_str() {
        "hour" => now.checked_add_signed(TimeDelta::hours(1)),
        "cut_off" => past(calendar::cut_off(calendar::entry_day(now))),
        "business_day" => past(calendar::morning(calendar::plus_business_days(today, 1))),
        "week" => past(calendar::morning(calendar::plus_business_days(today, 5))),
        "sixty_days" => now.checked_add_days(Days::new(60)),
        "wall" => None,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match both.gateway.move_clock(to).await {
        Ok(_) => Redirect::to("/").into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn settle_now(State(both): State<Both>) -> Response {
    let closed =
        both.gateway.change(|step| step.close_batch(calendar::entry_day(step.now), &Play::default())).await;
    if closed.is_ok() { Redirect::to("/").into_response() } else { Refusal::Broken.into_response() }
}

async fn clear_faults(State(both): State<Both>) -> Response {
    both.gateway.faults.clear();
    Redirect::to("/").into_response()
}

async fn style() -> Response {
    let css = include_str!("../templates/overview.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

/// A page of ours: its own style, forms to ourselves, nothing else.
pub(crate) fn page(template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut answer = Html(html).into_response();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// An instant for people: Eastern time, because the banks' day is cut there.
pub(crate) fn say_instant(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::America::New_York).format("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

fn say_ahead(milliseconds: i64) -> Option<String> {
    let minutes = milliseconds / 60_000;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    (milliseconds != 0)
        .then(|| format!("{days} days, {hours} hours, {minutes} minutes ahead of the real time"))
}

fn say_fault(fault: &Fault) -> String {
    let word = |value: Result<serde_json::Value, serde_json::Error>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let whose =
        if fault.prefix.is_empty() { "any reference".to_owned() } else { format!("{}…", fault.prefix) };
    format!(
        "{} × {} on {} of {whose} ({} ms)",
        fault.count,
        word(serde_json::to_value(fault.kind)),
        word(serde_json::to_value(fault.op)),
        fault.ms
    )
}

struct Shown {
    charges: Vec<ChargeRow>,
    all_charges: usize,
    refunds: Vec<RefundRow>,
    events: Vec<EventRow>,
    all_events: usize,
    waiting: usize,
    files: Vec<FileRow>,
    lines: usize,
}

struct ChargeRow {
    reference: String,
    amount: String,
    state: &'static str,
    how: String,
    at: String,
    /// Decline class, return code, or the day it is paid out.
    note: String,
    steps: String,
}

impl ChargeRow {
    fn of(charge: &Charge, books: &Books) -> Self {
        let how = match (&charge.instrument, charge.state.is_open()) {
            (Some(instrument), false) => {
                let name = instrument.brand.as_deref().unwrap_or("Bank account");
                format!("{name} •••• {}", instrument.last4)
            }
            _ => "–".to_owned(),
        };
        let note = match (charge.return_code, charge.decline, charge.settled_on) {
            (Some(code), _, _) => format!("returned {}", code.word()),
            (_, Some(class), _) => class.word().to_owned(),
            (_, _, Some(day)) => format!("paid out on {day}"),
            _ if books.fences.contains(&charge.reference) => "fenced".to_owned(),
            _ => String::new(),
        };
        Self {
            reference: charge.reference.clone(),
            amount: cents::dollars(charge.cents),
            state: charge.state.word(),
            how,
            at: say_instant(charge.at),
            note,
            steps: charge.sequence.to_string(),
        }
    }
}

struct RefundRow {
    reference: String,
    charge_reference: String,
    amount: String,
    state: &'static str,
    at: String,
}

impl RefundRow {
    fn of(refund: &crate::gateway::refund::Refund) -> Self {
        Self {
            reference: refund.reference.clone(),
            charge_reference: refund.charge_reference.clone(),
            amount: cents::dollars(refund.cents),
            state: refund.state.word(),
            at: say_instant(refund.at),
        }
    }
}

struct EventRow {
    what: &'static str,
    reference: String,
    at: String,
    tries: String,
    state: String,
}

impl EventRow {
    fn of(event: &Event) -> Self {
        let state = match (event.next_try, event.tries.last()) {
            (Some(at), _) if event.tries.is_empty() => format!("goes out at {}", say_instant(at)),
            (Some(at), _) => format!("tried again at {}", say_instant(at)),
            (None, Some(last)) if last.arrived => "arrived".to_owned(),
            (None, Some(_)) => "given up".to_owned(),
            (None, None) => "not sent".to_owned(),
        };
        let mut tries: Vec<(&str, u32)> = Vec::new();
        for one in &event.tries {
            match tries.last_mut() {
                Some((outcome, times)) if *outcome == one.outcome => *times = times.saturating_add(1),
                _ => tries.push((&one.outcome, 1)),
            }
        }
        let tries = tries.iter().map(|(outcome, times)| match times {
            1 => (*outcome).to_owned(),
            _ => format!("{outcome} × {times}"),
        });
        let tries = tries.collect::<Vec<_>>().join(", ");
        Self {
            what: event.what.word(),
            reference: event.reference.clone(),
            at: say_instant(event.created_at),
            tries: if tries.is_empty() { "–".to_owned() } else { tries },
            state,
        }
    }
}

struct FileRow {
    number: u32,
    settled_on: String,
    lines: usize,
    net: String,
    is_shown: bool,
    csv: String,
}

impl FileRow {
    fn of(file: &SettlementFile, now: DateTime<Utc>) -> Self {
        Self {
            number: file.number,
            settled_on: file.settled_on.to_string(),
            lines: file.lines.len(),
            net: cents::dollars(file.net()),
            is_shown: file.is_shown(now),
            csv: file.csv(),
        }
    }
}

struct LineRow {
    n: u64,
    at: String,
    kind: String,
    state: &'static str,
    amount: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    shown: Shown,
    now: String,
    ahead: Option<String>,
    day: String,
    cut_off: String,
    webhook_url: Option<String>,
    faults: Vec<String>,
    all_mails: usize,
    mails: Vec<MailRow>,
}

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    charge: ChargeRow,
    lines: Vec<LineRow>,
    events: Vec<EventRow>,
    refunds: Vec<RefundRow>,
    json: String,
}
