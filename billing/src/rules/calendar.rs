//! Business days of U.S. banks: not weekends, not the holidays of the Federal Reserve Banks
//! (federalreserve.gov/aboutthefed/k8.htm). A holiday on a Sunday is kept on Monday; on a Saturday it is not kept.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Whether banks move money on this day.
pub fn is_business_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && holiday(day).is_none()
}

/// This day if it is a business day, else the next one that is.
pub fn on_or_after(day: NaiveDate) -> NaiveDate {
    let mut day = day;
    while !is_business_day(day) {
        day = tomorrow(day);
    }
    day
}

/// The business day `count` business days after `day`; a day that is none counts as the next that is.
pub fn plus_business_days(day: NaiveDate, count: u32) -> NaiveDate {
    let mut day = on_or_after(day);
    for _ in 0..count {
        day = on_or_after(tomorrow(day));
    }
    day
}

/// The holiday kept on this day, if any.
pub fn holiday(day: NaiveDate) -> Option<&'static str> {
    let (year, month, number) = (day.year(), day.month(), day.day());
    let kept = |holiday: u32| {
        number == holiday || (number == holiday.saturating_add(1) && day.weekday() == Weekday::Mon)
    };
    let on_saturday = |holiday: u32| {
        NaiveDate::from_ymd_opt(year, month, holiday).is_some_and(|date| date.weekday() == Weekday::Sat)
    };
    let fixed = |holiday: u32| kept(holiday) && !(number == holiday && on_saturday(holiday));
    // The n-th of its weekday in the month, counted from 1.
    let nth = number.saturating_sub(1).wrapping_div(7).saturating_add(1);
    let monday = day.weekday() == Weekday::Mon;
    match month {
        1 if fixed(1) => Some("New Year's Day"),
        1 if monday && nth == 3 => Some("Birthday of Martin Luther King, Jr"),
        2 if monday && nth == 3 => Some("Washington's Birthday"),
        5 if monday && number >= 25 => Some("Memorial Day"),
        6 if year >= 2021 && fixed(19) => Some("Juneteenth National Independence Day"),
        7 if fixed(4) => Some("Independence Day"),
        9 if monday && nth == 1 => Some("Labor Day"),
        10 if monday && nth == 2 => Some("Columbus Day"),
        11 if fixed(11) => Some("Veterans Day"),
        11 if day.weekday() == Weekday::Thu && nth == 4 => Some("Thanksgiving Day"),
        12 if fixed(25) => Some("Christmas Day"),
        _ => None,
    }
}

fn tomorrow(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("2027-01-01", "New Year's Day")]
    #[case("2027-01-18", "Birthday of Martin Luther King, Jr")]
    #[case("2027-02-15", "Washington's Birthday")]
    #[case("2027-05-31", "Memorial Day")]
    #[case("2026-06-19", "Juneteenth National Independence Day")]
    #[case("2027-07-05", "Independence Day")] // the 4th is a Sunday
    #[case("2027-09-06", "Labor Day")]
    #[case("2027-10-11", "Columbus Day")]
    #[case("2027-11-11", "Veterans Day")]
    #[case("2027-11-25", "Thanksgiving Day")]
    #[case("2028-12-25", "Christmas Day")]
    #[case("2023-01-02", "New Year's Day")] // the 1st is a Sunday
    fn banks_rest(#[case] day: &str, #[case] name: &str) {
        assert_eq!(holiday(date(day)), Some(name));
        assert!(!is_business_day(date(day)));
    }

    #[rstest]
    #[case("2027-12-24")] // Christmas is a Saturday: not kept, not on Friday either
    #[case("2027-12-27")]
    #[case("2021-12-31")] // New Year's Day 2022 is a Saturday
    #[case("2026-07-03")]
    #[case("2020-06-19")] // before it was a holiday
    #[case("2027-06-18")]
    #[case("2027-01-05")]
    #[case("2028-02-29")]
    fn banks_work(#[case] day: &str) {
        assert!(is_business_day(date(day)));
    }

    #[rstest]
    #[case("2027-01-05", 1, "2027-01-06")]
    #[case("2027-01-15", 1, "2027-01-19")] // over a weekend and a Monday holiday
    #[case("2027-01-16", 0, "2027-01-19")]
    #[case("2026-12-31", 2, "2027-01-05")] // Friday is New Year's Day
    #[case("2027-11-24", 4, "2027-12-01")]
    fn business_days_are_counted(#[case] from: &str, #[case] count: u32, #[case] expected: &str) {
        assert_eq!(plus_business_days(date(from), count), date(expected));
    }

    /// The sample's test dates, written by other people, judge this calendar.
    #[test]
    fn the_published_test_dates_agree() {
        let Some(folder) = std::env::var("PORTAL_SAMPLES").ok().filter(|folder| !folder.is_empty()) else {
            println!("SKIPPED: 1 sample tests");
            return;
        };
        let path = std::path::Path::new(&folder).join("calendar/federalreservebanks.yaml");
        let text = std::fs::read_to_string(&path).expect("the sample calendar");
        let mut checked = 0;
        let (_, tests) = text.split_once("\ntests:").expect("the sample's own tests");
        for test in tests.split("- given:").skip(1) {
            let dates: Vec<NaiveDate> = test.split('\'').filter_map(|piece| piece.parse().ok()).collect();
            let expected = test.split("name: \"").nth(1).and_then(|rest| rest.split('"').next());
            let no_holiday = test.contains("holiday: false");
            assert!(expected.is_some() || no_holiday, "a test without an expectation: {test}");
            for day in dates {
                if !test.contains("observed") && holiday(day).is_none() && expected.is_some() {
                    // Asked for the nominal date, kept on another day.
                    continue;
                }
                assert_eq!(holiday(day), expected, "{day}");
                checked += 1;
            }
        }
        assert!(checked > 10, "only {checked} dates were found in the sample");
    }
}
