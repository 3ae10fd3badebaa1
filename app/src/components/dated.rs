use billing::words;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use leptos::prelude::*;

use crate::{sitting::language, t};

/// A day in full: `<Dated on=bill.due_on/>`.
#[component]
pub fn Dated(on: NaiveDate) -> impl IntoView {
    view! { <time datetime=on.to_string()>{say_date(on)}</time> }
}

/// An instant in full, in the zone where it counts.
#[component]
pub fn Timed(at: DateTime<Utc>, #[prop(into)] zone: String) -> impl IntoView {
    view! { <time datetime=at.format("%Y-%m-%dT%H:%M:%SZ").to_string()>{say_when(at, &zone)}</time> }
}

/// "December 9, 2026".
pub fn say_date(on: NaiveDate) -> String {
    words::say_date(on, language())
}

/// "December 9": where the year is clear.
pub fn say_day(on: NaiveDate) -> String {
    words::say_day(on, language())
}

/// "December 2026".
pub fn say_month(on: NaiveDate) -> String {
    words::say_month(on, language())
}

/// "3:15 PM", on the clock of `zone`.
pub fn say_time(at: DateTime<Utc>, zone: &str) -> String {
    words::say_time(at, zone, language())
}

/// "December 9, 2026, 3:15 PM Pacific time".
pub fn say_when(at: DateTime<Utc>, zone: &str) -> String {
    words::say_deadline(at, zone, language())
}

/// The day an instant falls on, in `zone`.
pub(crate) fn day_in(at: DateTime<Utc>, zone: &str) -> NaiveDate {
    words::day_in(at, zone)
}

/// "Pacific time".
pub fn zone_name(zone: &str) -> String {
    words::say_zone(zone, language())
}

/// The days a bill is for: one day, a whole month, or from–to.
pub fn say_period((first, last): (NaiveDate, NaiveDate)) -> String {
    let whole_month = first.day() == 1
        && last.succ_opt().is_some_and(|next| next.day() == 1)
        && (first.year(), first.month()) == (last.year(), last.month());
    if first == last {
        say_date(first)
    } else if whole_month {
        say_month(first)
    } else {
        t!("date-period", from = say_date(first), to = say_date(last))
    }
}
