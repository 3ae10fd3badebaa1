//! Dates and deadlines as people say them. A deadline always names its zone.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use i18n_embed_fl::fl;

use super::{Language, words};

/// "January 10, 2027", "10 de enero de 2027".
pub fn say_date(date: NaiveDate, language: Language) -> String {
    let month = month_name(date, language);
    let (day, year) = (date.day().to_string(), date.year().to_string());
    fl!(words(language), "date", month = month, day = day, year = year)
}

/// "January 2027", "enero de 2027".
pub fn say_month(date: NaiveDate, language: Language) -> String {
    let month = month_name(date, language);
    fl!(words(language), "date-month", month = month, year = date.year().to_string())
}

/// "January 10", "10 de enero": where the year is clear.
pub fn say_day(date: NaiveDate, language: Language) -> String {
    fl!(words(language), "date-day", month = month_name(date, language), day = date.day().to_string())
}

/// "11:59 PM", "11:59 p. m.", on the clock of `zone`.
pub fn say_time(at: DateTime<Utc>, zone: &str, language: Language) -> String {
    let (afternoon, hour) = at.with_timezone(&read_zone(zone)).hour12();
    let clock = format!("{hour}:{:02}", at.with_timezone(&read_zone(zone)).minute());
    if afternoon {
        fl!(words(language), "time-pm", clock = clock)
    } else {
        fl!(words(language), "time-am", clock = clock)
    }
}

/// "Pacific time", "hora del Pacífico".
pub fn say_zone(zone: &str, language: Language) -> String {
    zone_name(read_zone(zone), language)
}

/// "January 10, 2027, 11:59 PM Pacific time", "10 de enero de 2027, 11:59 p. m., hora del Pacífico". `zone` is an IANA
/// name; one that is not known is said in UTC.
pub fn say_deadline(at: DateTime<Utc>, zone: &str, language: Language) -> String {
    let date = say_date(at.with_timezone(&read_zone(zone)).date_naive(), language);
    let time = say_time(at, zone, language);
    fl!(words(language), "deadline", date = date, time = time, zone = say_zone(zone, language))
}

/// The day an instant falls on, where `zone`'s clocks tell it.
pub fn day_in(at: DateTime<Utc>, zone: &str) -> NaiveDate {
    at.with_timezone(&read_zone(zone)).date_naive()
}

/// Zones are rows of ours; one that is not known is told in UTC rather than not at all.
fn read_zone(zone: &str) -> Tz {
    zone.parse().unwrap_or(Tz::UTC)
}

fn month_name(date: NaiveDate, language: Language) -> String {
    let words = words(language);
    match date.month() {
        1 => fl!(words, "month-january"),
        2 => fl!(words, "month-february"),
        3 => fl!(words, "month-march"),
        4 => fl!(words, "month-april"),
        5 => fl!(words, "month-may"),
        6 => fl!(words, "month-june"),
        7 => fl!(words, "month-july"),
        8 => fl!(words, "month-august"),
        9 => fl!(words, "month-september"),
        10 => fl!(words, "month-october"),
        11 => fl!(words, "month-november"),
        _ => fl!(words, "month-december"),
    }
}

fn zone_name(zone: Tz, language: Language) -> String {
    let words = words(language);
    match zone {
        Tz::America__New_York => fl!(words, "zone-eastern"),
        Tz::America__Chicago => fl!(words, "zone-central"),
        Tz::America__Denver => fl!(words, "zone-mountain"),
        Tz::America__Los_Angeles => fl!(words, "zone-pacific"),
        Tz::America__Anchorage => fl!(words, "zone-alaska"),
        Tz::Pacific__Honolulu => fl!(words, "zone-hawaii"),
        _ => zone.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Spanish};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_said_as_people_say_them() {
        let date = NaiveDate::from_ymd_opt(2027, 1, 10).unwrap();
        assert_eq!(say_date(date, English), "January 10, 2027");
        assert_eq!(say_date(date, Spanish), "10 de enero de 2027");
        assert_eq!(say_month(date, English), "January 2027");
        assert_eq!(say_month(date, Spanish), "enero de 2027");
    }

    #[test]
    fn a_deadline_names_the_zone_it_is_told_in() {
        let end_of_day = at("2027-01-11T07:59:00Z");
        for (zone, english, spanish) in [
            (
                "America/Los_Angeles",
                "January 10, 2027, 11:59 PM Pacific time",
                "10 de enero de 2027, 11:59 p.\u{a0}m., hora del Pacífico",
            ),
            (
                "America/New_York",
                "January 11, 2027, 2:59 AM Eastern time",
                "11 de enero de 2027, 2:59 a.\u{a0}m., hora del Este",
            ),
            (
                "America/Chicago",
                "January 11, 2027, 1:59 AM Central time",
                "11 de enero de 2027, 1:59 a.\u{a0}m., hora del Centro",
            ),
            (
                "America/Denver",
                "January 11, 2027, 12:59 AM Mountain time",
                "11 de enero de 2027, 12:59 a.\u{a0}m., hora de la Montaña",
            ),
            (
                "America/Anchorage",
                "January 10, 2027, 10:59 PM Alaska time",
                "10 de enero de 2027, 10:59 p.\u{a0}m., hora de Alaska",
            ),
            (
                "Pacific/Honolulu",
                "January 10, 2027, 9:59 PM Hawaii time",
                "10 de enero de 2027, 9:59 p.\u{a0}m., hora de Hawái",
            ),
            ("no zone", "January 11, 2027, 7:59 AM UTC", "11 de enero de 2027, 7:59 a.\u{a0}m., UTC"),
        ] {
            assert_eq!(say_deadline(end_of_day, zone, English), english);
            assert_eq!(say_deadline(end_of_day, zone, Spanish), spanish);
        }
    }

    #[test]
    fn summer_time_is_the_zones_own() {
        assert_eq!(
            say_deadline(at("2027-07-01T23:00:00Z"), "America/Los_Angeles", English),
            "July 1, 2027, 4:00 PM Pacific time"
        );
    }
}
