//! Dates and hours where a region is: today, and when a person answers the telephone.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::office::{Hours, Part};

/// An IANA zone by name.
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// The date at `now` in the zone of that name. A name no zone has is a broken row; its date is that of the coordinated
/// time, so that a page still opens.
pub fn today(zone_name: &str, now: DateTime<Utc>) -> NaiveDate {
    zone(zone_name).map_or(now.date_naive(), |zone| now.with_timezone(&zone).date_naive())
}

/// The instant a local day and time mean. A time the clocks skip is the first one after it; one they show twice is the
/// first.
pub fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    let found = zone.from_local_datetime(&local);
    found
        .earliest()
        .or_else(|| {
            let an_hour_on = local.checked_add_signed(chrono::TimeDelta::hours(1))?;
            zone.from_local_datetime(&an_hour_on).earliest()
        })
        .map(|at| at.with_timezone(&Utc))
}

impl Hours {
    fn on(&self, day: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        self.parts.iter().rev().find(|part| holds(part, day)).map(|part| (part.opens, part.closes))
    }

    /// Whether somebody answers at `now`: from the opening minute on, until just before the closing one.
    pub fn open_at(&self, now: DateTime<Utc>, zone: Tz) -> bool {
        let local = now.with_timezone(&zone);
        self.on(local.date_naive()).is_some_and(|(opens, closes)| (opens..closes).contains(&local.time()))
    }

    /// The next opening after `now`, if there is one within a month.
    pub fn next_opening(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        (0..=31).find_map(|ahead| {
            let day = today.checked_add_days(Days::new(ahead))?;
            let (opens, _) = self.on(day)?;
            instant(day, opens, zone).filter(|at| *at > now)
        })
    }
}

fn holds(part: &Part, day: NaiveDate) -> bool {
    let number = |weekday: Weekday| weekday.num_days_from_monday();
    (number(part.days.0)..=number(part.days.1)).contains(&number(day.weekday()))
        && part.nth.is_none_or(|nth| day.day0() / 7 == nth.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const CALIFORNIA: Tz = chrono_tz::America::Los_Angeles;

    /// Mon-Fri 9:00-16:30, closed from 15:00 on the third Thursday of each month (S26); Pacific time (A1).
    #[rstest]
    // Tuesday, January 5, 2027; Pacific standard time is eight hours behind.
    #[case("2027-01-05T16:59:59Z", false)]
    #[case("2027-01-05T17:00:00Z", true)]
    #[case("2027-01-06T00:29:59Z", true)]
    #[case("2027-01-06T00:30:00Z", false)]
    // Thursdays: January 14 is the second, 21 the third, 28 the fourth.
    #[case("2027-01-14T23:30:00Z", true)]
    #[case("2027-01-21T22:59:59Z", true)]
    #[case("2027-01-21T23:00:00Z", false)]
    #[case("2027-01-28T23:30:00Z", true)]
    // Saturday and Sunday.
    #[case("2027-01-09T20:00:00Z", false)]
    #[case("2027-01-10T20:00:00Z", false)]
    // Daylight time: seven hours behind. The first of July 2027 is a Thursday, so the third is the 15th.
    #[case("2027-07-15T21:59:00Z", true)]
    #[case("2027-07-15T22:00:00Z", false)]
    #[case("2027-07-06T16:00:00Z", true)]
    fn a_person_answers_in_office_hours(#[case] now: &str, #[case] open: bool) {
        let hours = Hours::read("Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00").unwrap();
        assert_eq!(hours.open_at(at(now), CALIFORNIA), open);
    }

    #[rstest]
    #[case("2027-01-05T12:00:00Z", "2027-01-05T17:00:00Z")]
    // After closing on Friday the eighth: Monday.
    #[case("2027-01-09T00:30:00Z", "2027-01-11T17:00:00Z")]
    // The third Thursday after three: Friday.
    #[case("2027-01-21T23:00:00Z", "2027-01-22T17:00:00Z")]
    // Over the weekend on which the clocks move: Monday at nine, daylight time.
    #[case("2027-03-13T20:00:00Z", "2027-03-15T16:00:00Z")]
    fn the_next_opening_is_told(#[case] now: &str, #[case] opens: &str) {
        let hours = Hours::read("Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00").unwrap();
        assert_eq!(hours.next_opening(at(now), CALIFORNIA), Some(at(opens)));
    }

    #[rstest]
    #[case("America/Los_Angeles", "2027-01-06T07:59:59Z", "2027-01-06T08:00:00Z")]
    #[case("America/Denver", "2027-01-06T06:59:59Z", "2027-01-06T07:00:00Z")]
    #[case("America/New_York", "2027-01-06T04:59:59Z", "2027-01-06T05:00:00Z")]
    #[case("Pacific/Honolulu", "2027-01-06T09:59:59Z", "2027-01-06T10:00:00Z")]
    // In July only Hawaii keeps its time.
    #[case("America/Los_Angeles", "2027-07-06T06:59:59Z", "2027-07-06T07:00:00Z")]
    #[case("Pacific/Honolulu", "2027-07-06T09:59:59Z", "2027-07-06T10:00:00Z")]
    fn the_day_turns_at_the_regions_midnight(#[case] name: &str, #[case] before: &str, #[case] after: &str) {
        let day = today(name, at(before));
        assert_eq!(today(name, at(after)), day.succ_opt().unwrap());
    }
}
