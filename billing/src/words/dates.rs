//! Dates and deadlines as people say them. A deadline always names its zone.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use i18n_embed_fl::fl;

use super::{Language, words};
use crate::rules::{Hours, Part};

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
    say_clock(at.with_timezone(&read_zone(zone)).time(), language)
}

/// "11:59 PM", "11:59 p. m.".
fn say_clock(time: NaiveTime, language: Language) -> String {
    let (afternoon, hour) = time.hour12();
    let clock = format!("{hour}:{:02}", time.minute());
    if afternoon {
        fl!(words(language), "time-pm", clock = clock)
    } else {
        fl!(words(language), "time-am", clock = clock)
    }
}

/// "Monday to Friday, 9:00 AM to 4:30 PM; on the third Thursday of each month, 9:00 AM to 3:00 PM, Pacific time".
pub fn say_hours(hours: &Hours, zone: &str, language: Language) -> String {
    let parts = hours.parts.iter().map(|part| say_part(part, language)).collect::<Vec<_>>().join("; ");
    let said = fl!(words(language), "hours-all", parts = parts, zone = say_zone(zone, language));
    let mut letters = said.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn say_part(part: &Part, language: Language) -> String {
    let words = words(language);
    let (first, last) = part.days;
    let (from, to) = (say_clock(part.opens, language), say_clock(part.closes, language));
    let day = weekday_name(first, language);
    match part.nth {
        Some(nth) => {
            let nth = super::sentence(language, &format!("nth-{nth}"), &[]);
            fl!(words, "hours-nth", nth = nth, day = day, from = from, to = to)
        }
        None if first == last => fl!(words, "hours-day", day = day, from = from, to = to),
        None => {
            let last = weekday_name(last, language);
            fl!(words, "hours-days", first = day, last = last, from = from, to = to)
        }
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

fn weekday_name(day: Weekday, language: Language) -> String {
    let words = words(language);
    match day {
        Weekday::Mon => fl!(words, "weekday-monday"),
        Weekday::Tue => fl!(words, "weekday-tuesday"),
        Weekday::Wed => fl!(words, "weekday-wednesday"),
        Weekday::Thu => fl!(words, "weekday-thursday"),
        Weekday::Fri => fl!(words, "weekday-friday"),
        Weekday::Sat => fl!(words, "weekday-saturday"),
        Weekday::Sun => fl!(words, "weekday-sunday"),
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

    #[test]
    fn office_hours_are_said_from_their_row() {
        let hours = Hours::read("Mon-Fri 09:00-16:30; Sat 10:00-12:00; 3rd Thu 09:00-15:00").unwrap();
        assert_eq!(
            say_hours(&hours, "America/Los_Angeles", English),
            "Monday to Friday, 9:00 AM to 4:30 PM; every Saturday, 10:00 AM to 12:00 PM; on the third Thursday of each \
             month, 9:00 AM to 3:00 PM, Pacific time"
        );
        assert_eq!(
            say_hours(&hours, "America/Los_Angeles", Spanish),
            "De lunes a viernes, de 9:00 a.\u{a0}m. a 4:30 p.\u{a0}m.; cada sábado, de 10:00 a.\u{a0}m. a 12:00 \
             p.\u{a0}m.; el tercer jueves de cada mes, de 9:00 a.\u{a0}m. a 3:00 p.\u{a0}m., hora del Pacífico"
        );
    }
}
