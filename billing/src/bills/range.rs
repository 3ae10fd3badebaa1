//! A range of payments as it stands in an address: read once, for the page, the file and the explanation of its total.

use chrono::{Datelike as _, NaiveDate};

use super::BillKind;
use crate::payments::HistoryFilter;

/// Why a range could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeProblem {
    NotADate,
    WrongOrder,
}

impl HistoryFilter {
    /// Reads both ends; an empty one is open. A range that cannot be read is none at all: half of it would be a wrong
    /// total.
    pub fn read(from: &str, to: &str, kind: Option<BillKind>) -> Result<Self, RangeProblem> {
        let (from, to) = (day(from)?, day(to)?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(RangeProblem::WrongOrder);
        }
        Ok(Self { from, to, kind, after: None })
    }
}

/// A calendar goes further than the database's dates (22008), and no payment is so old: years of people now living.
fn day(text: &str) -> Result<Option<NaiveDate>, RangeProblem> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<NaiveDate>() {
            Ok(day) if (1900..=2199).contains(&day.year()) => Ok(Some(day)),
            _ => Err(RangeProblem::NotADate),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: &str, to: &str) -> Result<(Option<NaiveDate>, Option<NaiveDate>), RangeProblem> {
        HistoryFilter::read(from, to, None).map(|filter| (filter.from, filter.to))
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_has_open_ends() {
        assert_eq!(read("", ""), Ok((None, None)));
        assert_eq!(read("2026-01-01", ""), Ok((Some(on("2026-01-01")), None)));
        assert_eq!(read(" ", "2026-12-31"), Ok((None, Some(on("2026-12-31")))));
        assert_eq!(read("1900-01-01", "2199-12-31"), Ok((Some(on("1900-01-01")), Some(on("2199-12-31")))));
    }

    #[test]
    fn a_range_that_cannot_be_read_is_none() {
        for wrong in [
            "01/31/2026",
            "2026-02-30",
            "yesterday",
            "+99999-01-01",
            "-200000-01-01",
            "0001-01-01",
            "1899-12-31",
            "2200-01-01",
        ] {
            assert_eq!(read("", wrong), Err(RangeProblem::NotADate), "{wrong}");
            assert_eq!(read(wrong, ""), Err(RangeProblem::NotADate), "{wrong}");
        }
        assert_eq!(read("2026-02-01", "2026-01-01"), Err(RangeProblem::WrongOrder));
    }
}
