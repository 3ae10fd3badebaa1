//! Office hours: on which days, from when to when a person answers.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

/// Office hours as a row holds them: `Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00`. A later part overrides the earlier ones
/// on its days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First and last day of the week.
    pub days: (Weekday, Weekday),
    /// Only the so many-eth such weekday of the month.
    pub nth: Option<u32>,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

impl Hours {
    pub fn read(text: &str) -> Option<Self> {
        let parts = text.split(';').map(|part| Part::read(part.trim())).collect::<Option<Vec<_>>>()?;
        Some(Self { parts })
    }
}

impl Part {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let first = words.next()?;
        let nth = first.get(..1).and_then(|digit| digit.parse().ok());
        let days = if nth.is_some() { words.next()? } else { first };
        let hours = words.next()?;
        let (from, to) = days.split_once('-').unwrap_or((days, days));
        let (opens, closes) = hours.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let part = Self {
            days: (from.parse().ok()?, to.parse().ok()?),
            nth,
            opens: time(opens)?,
            closes: time(closes)?,
        };
        (words.next().is_none() && part.opens < part.closes).then_some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("")]
    #[case("Mon-Fri")]
    #[case("Mon-Fri 16:30-09:00")]
    #[case("Mon-Fri 09:00-16:30 or so")]
    #[case("Someday 09:00-16:30")]
    fn hours_that_cannot_be_read_are_none(#[case] text: &str) {
        assert_eq!(Hours::read(text), None);
    }
}
