//! What differs by region, product or year: rows with periods (domain reference, section 3).

pub mod calendar;
#[cfg(feature = "postgres")]
pub mod hours;
mod office;
#[cfg(feature = "postgres")]
pub(crate) mod ways;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use office::{Hours, Part};

use crate::{
    bills::BillKind,
    error::{Error, Fault},
    money::Money,
};

/// Whether a feature works in the portal, elsewhere, through a person, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Mode {
    #[serde(rename = "on")]
    On,
    #[serde(rename = "handoff")]
    HandOff,
    #[serde(rename = "contact")]
    Contact,
    #[serde(rename = "off")]
    Off,
}

/// Which set of feature rows is in force: the plan's published text, or everything on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Seed,
    AllOn,
}

impl Profile {
    /// The word in rows and in `PORTAL_PROFILE`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::AllOn => "all_on",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        [Self::Seed, Self::AllOn].into_iter().find(|profile| profile.word() == word)
    }
}

/// How to pay and whom to call, for one bill in its region: honest about what works there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaysToPay {
    pub region: String,
    /// IANA zone of the region.
    pub zone: String,
    pub online: Mode,
    /// The outside site of a hand-off.
    pub online_target: Option<String>,
    /// `None`: "use the address on your bill" (S81, A2).
    pub mail: Option<Vec<String>>,
    /// Automated. Premium: the region's own line (A10).
    pub phone: Option<Phone>,
    /// A second automated line, where the region has one for all bills (S21, A10).
    pub other_phone: Option<Phone>,
    pub ask: Ask,
}

/// Whom to ask in a region. A line on which people answer stands here only where the plan publishes one (S21, S25, S26);
/// elsewhere the number is on paper alone (S46, S76, S81), and none is invented.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `None`: about anything.
    pub about: Option<BillKind>,
    pub rep: Option<Phone>,
    /// For a premium where no person's line is published: the region's line for paying. It answers no questions.
    pub automated: Option<Phone>,
}

/// What answers a number. It goes with the number, so that no page can call one thing another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Line {
    /// The region's own machine for premiums (section 3.1).
    Premiums,
    /// California's machine for all bills (S21, A10).
    AllBills,
    /// People (S25, A1).
    MemberServices,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    pub line: Line,
    pub number: String,
    pub tty: String,
    /// A key of the words (`hours-…`), none where the source states no hours.
    pub hours: Option<String>,
    /// Of people: when they answer (rule row `rep_hours`).
    pub office: Option<Office>,
}

/// When people answer, told at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    pub hours: Hours,
    /// IANA zone the hours are meant in.
    pub zone: String,
    pub open_now: bool,
    /// When next, where they do not answer now.
    pub opens_at: Option<DateTime<Utc>>,
}

/// The rows that hold in one region on one day, as the SQL function `region_json` gives them.
#[derive(Clone, Debug, Deserialize)]
pub struct RegionRows {
    pub region: String,
    /// IANA zone of the region.
    pub zone: String,
    pub features: Vec<FeatureRow>,
    pub contacts: Vec<ContactRow>,
    pub settings: Vec<SettingRow>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct FeatureRow {
    pub feature: String,
    pub state: Option<String>,
    pub product: Option<String>,
    pub mode: Mode,
    pub target: Option<String>,
    /// What is said where the feature is not on: a key of the words.
    pub text_key: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ContactRow {
    pub contact: String,
    pub lines: Vec<String>,
    pub hours: Option<String>,
    pub tty: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct SettingRow {
    pub rule: String,
    pub region: Option<String>,
    pub state: Option<String>,
    pub bill_kind: Option<String>,
    pub value: String,
}

impl RegionRows {
    /// A feature's row for a whole region. A feature without a row is off.
    pub fn feature(&self, feature: &str) -> Option<&FeatureRow> {
        self.features
            .iter()
            .find(|row| row.feature == feature && row.state.is_none() && row.product.is_none())
    }

    pub fn mode(&self, feature: &str) -> Mode {
        self.feature(feature).map_or(Mode::Off, |row| row.mode)
    }

    /// A setting, the more particular row before the general one: this kind of bill before all kinds, this region
    /// before all regions.
    pub fn setting(&self, rule: &str, bill_kind: Option<&str>) -> Option<&str> {
        self.settings
            .iter()
            .filter(|row| row.rule == rule && row.state.is_none())
            .filter(|row| row.bill_kind.is_none() || row.bill_kind.as_deref() == bill_kind)
            .max_by_key(|row| (row.bill_kind.is_some(), row.region.is_some()))
            .map(|row| row.value.as_str())
    }

    /// A setting as a number.
    ///
    /// Fails where no row holds or its value is none: nothing is guessed in place of a rule.
    pub fn number<T: FromStr>(&self, rule: &str, bill_kind: Option<&str>) -> Result<T, Error> {
        let value = self.setting(rule, bill_kind).unwrap_or_default();
        value.parse().map_err(|_| self.unreadable(rule, value))
    }

    /// A setting as an amount in dollars and cents.
    ///
    /// Fails as [`RegionRows::number`] does.
    pub fn amount(&self, rule: &str, bill_kind: Option<&str>) -> Result<Money, Error> {
        let value = self.setting(rule, bill_kind).unwrap_or_default();
        Money::read(value).map_err(|_| self.unreadable(rule, value))
    }

    pub(crate) fn unreadable(&self, rule: &str, value: &str) -> Error {
        Fault::broken(format!("the rule {rule} of {} is {value:?}", self.region)).into()
    }
}

/// Whether lines end in a place the post can find: a town, a state, and a ZIP code with or without its four digits. What
/// does not is never printed (A2).
pub fn is_address(lines: &[String]) -> bool {
    let Some((place, before)) = lines.split_last() else { return false };
    let Some((town, rest)) = place.rsplit_once(", ") else { return false };
    let Some((state, zip)) = rest.split_once(' ') else { return false };
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let zip_code = match zip.split_once('-') {
        Some((five, four)) => digits(five, 5) && digits(four, 4),
        None => digits(zip, 5),
    };
    !before.is_empty()
        && before.iter().all(|line| !line.trim().is_empty())
        && !town.trim().is_empty()
        && STATES.contains(&state)
        && zip_code
}

/// Postal abbreviations: the states and the District of Columbia.
const STATES: [&str; 51] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
    "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
    "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
];
