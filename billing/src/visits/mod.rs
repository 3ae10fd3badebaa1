//! Who sits at this browser. The row counts, not the cookie: it is read on each request.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{ids::MemberId, words::Language};

/// A browser's visit as this request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub visit_id: Uuid,
    /// Chosen by the person; none yet: the browser's wish.
    pub language: Option<Language>,
    pub member: Option<SignedIn>,
    /// The visit ends by itself at the earlier of these.
    pub idle_end: DateTime<Utc>,
    pub absolute_end: DateTime<Utc>,
}

/// The person signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub member_id: MemberId,
    pub given_name: String,
    pub region: String,
    /// IANA name of the region's zone.
    pub zone: String,
    pub signed_in_at: DateTime<Utc>,
}
