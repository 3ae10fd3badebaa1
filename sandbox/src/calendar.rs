//! When banks work: weekends and the Federal Reserve's holidays left out, the day cut at 17:00 Eastern.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Utc, Weekday};
use chrono_tz::America::New_York;

/// Whether the Federal Reserve Banks are closed for a holiday. One that falls on a Sunday is kept on the Monday;
/// one that falls on a Saturday is not moved (their holiday schedule's own rule, unlike the government's).
pub(crate) fn is_holiday(date: NaiveDate) -> bool {
    let moved_from_sunday = date.weekday() == Weekday::Mon && date.pred_opt().is_some_and(is_fixed_holiday);
    moved_from_sunday || is_fixed_holiday(date) || is_weekday_holiday(date)
}

fn is_fixed_holiday(date: NaiveDate) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (7, 4) | (11, 11) | (12, 25) => true,
        // Juneteenth: a Reserve Bank holiday since 2022.
        (6, 19) => date.year() >= 2022,
        _ => false,
    }
}

fn is_weekday_holiday(date: NaiveDate) -> bool {
    let week = date.day().saturating_add(6) / 7;
    let last_week = date.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != date.month());
    match (date.month(), date.weekday()) {
        // Martin Luther King, Washington.
        (1 | 2, Weekday::Mon) => week == 3,
        // Memorial Day.
        (5, Weekday::Mon) => last_week,
        // Labor Day.
        (9, Weekday::Mon) => week == 1,
        // Columbus Day.
        (10, Weekday::Mon) => week == 2,
        // Thanksgiving.
        (11, Weekday::Thu) => week == 4,
        _ => false,
    }
}

/// Whether banks work on `date`.
pub(crate) fn is_business_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(date)
}

/// `date` itself when banks work on it, else the next day they do.
pub(crate) fn on_or_after(mut date: NaiveDate) -> NaiveDate {
    while !is_business_day(date) {
        match date.succ_opt() {
            Some(next) => date = next,
            None => break,
        }
    }
    date
}

/// The `days`th business day after `date`.
pub(crate) fn plus_business_days(mut date: NaiveDate, days: u32) -> NaiveDate {
    for _ in 0..days {
        date = on_or_after(date.succ_opt().unwrap_or(date));
    }
    date
}

/// The last business day before `date`.
pub(crate) fn previous_business_day(mut date: NaiveDate) -> NaiveDate {
    while let Some(day) = date.pred_opt() {
        date = day;
        if is_business_day(day) {
            break;
        }
    }
    date
}

/// 17:00 Eastern of `date`: what came before it belongs to the day.
pub(crate) fn cut_off(date: NaiveDate) -> DateTime<Utc> {
    eastern(date, 17)
}

/// 06:00 Eastern of `date`, when returns and settlements of the day arrive.
pub(crate) fn morning(date: NaiveDate) -> DateTime<Utc> {
    eastern(date, 6)
}

/// The business day something done at `at` belongs to.
pub(crate) fn entry_day(at: DateTime<Utc>) -> NaiveDate {
    let date = eastern_date(at);
    let open = is_business_day(date) && at < cut_off(date);
    if open { date } else { plus_business_days(date, 1) }
}

/// The date on the wall calendar in New York.
pub(crate) fn eastern_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&New_York).date_naive()
}

/// Neither hour used here is ever skipped or doubled by summer time.
fn eastern(date: NaiveDate, hour: u32) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
    New_York.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn holidays(year: i32) -> Vec<String> {
        NaiveDate::from_ymd_opt(year, 1, 1)
            .unwrap()
            .iter_days()
            .take_while(|day| day.year() == year)
            .filter(|day| is_holiday(*day) && day.weekday() != Weekday::Sat && day.weekday() != Weekday::Sun)
            .map(|day| day.to_string())
            .collect()
    }

    #[test]
    fn the_holidays_are_those_the_reserve_banks_publish() {
        assert_eq!(
            holidays(2026),
            [
                "2026-01-01",
                "2026-01-19",
                "2026-02-16",
                "2026-05-25",
                "2026-06-19",
                "2026-09-07",
                "2026-10-12",
                "2026-11-11",
                "2026-11-26",
                "2026-12-25"
            ]
        );
        // Independence Day on a Sunday moves to the Monday; Juneteenth and Christmas on a Saturday do not move.
        assert_eq!(
            holidays(2027),
            [
                "2027-01-01",
                "2027-01-18",
                "2027-02-15",
                "2027-05-31",
                "2027-07-05",
                "2027-09-06",
                "2027-10-11",
                "2027-11-11",
                "2027-11-25"
            ]
        );
        assert!(is_business_day(date("2026-07-03")), "the day before a Saturday holiday is worked");
        assert!(!holidays(2020).contains(&"2020-06-19".to_owned()));
    }

    #[test]
    fn the_cut_off_follows_summer_time() {
        assert_eq!(cut_off(date("2026-03-06")).to_rfc3339(), "2026-03-06T22:00:00+00:00");
        assert_eq!(cut_off(date("2026-03-09")).to_rfc3339(), "2026-03-09T21:00:00+00:00");
        assert_eq!(cut_off(date("2026-10-30")).to_rfc3339(), "2026-10-30T21:00:00+00:00");
        assert_eq!(cut_off(date("2026-11-02")).to_rfc3339(), "2026-11-02T22:00:00+00:00");
    }

    #[test]
    fn what_comes_after_the_cut_off_belongs_to_the_next_business_day() {
        let day = |at: &str| entry_day(at.parse().unwrap()).to_string();
        assert_eq!(day("2026-11-25T21:59:59Z"), "2026-11-25");
        assert_eq!(day("2026-11-25T22:00:00Z"), "2026-11-27", "Thanksgiving lies between");
        assert_eq!(day("2026-11-27T23:00:00Z"), "2026-11-30");
        assert_eq!(day("2026-11-28T15:00:00Z"), "2026-11-30");
        assert_eq!(plus_business_days(date("2026-12-24"), 2).to_string(), "2026-12-29");
        assert_eq!(previous_business_day(date("2026-11-27")).to_string(), "2026-11-25");
    }
}
