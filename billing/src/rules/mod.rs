//! What differs by region, product or year: rows with periods (domain reference, section 3).

use chrono::{DateTime, Utc};

/// Whether a feature works in the portal, elsewhere, through a person, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    On,
    HandOff,
    Contact,
    Off,
}

/// Which set of feature rows is in force: the plan's published text, or everything on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Seed,
    AllOn,
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
    pub phone: Option<Phone>,
    pub rep: Option<Phone>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    pub number: String,
    pub tty: String,
    /// A key of the words (`hours-…`), none where the source states no hours.
    pub hours: Option<String>,
    /// For a person: whether they answer now, and when next.
    pub open_now: Option<bool>,
    pub opens_at: Option<DateTime<Utc>>,
}
