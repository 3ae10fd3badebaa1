//! The languages of the portal. Sentences live in `words/<language>/portal.ftl`.

#[cfg(feature = "postgres")]
mod ask;
#[cfg(feature = "postgres")]
mod dates;
#[cfg(feature = "postgres")]
mod payments;
#[cfg(feature = "postgres")]
mod sentences;
#[cfg(feature = "postgres")]
mod sources;

use serde::{Deserialize, Serialize};

#[cfg(feature = "postgres")]
pub use ask::{say_ask, say_line, say_phone, say_printed};
#[cfg(feature = "postgres")]
pub use dates::{day_in, say_date, say_day, say_deadline, say_hours, say_month, say_time, say_zone};
#[cfg(feature = "postgres")]
pub use payments::{brand_name, say_method, say_state};
#[cfg(feature = "postgres")]
pub use sentences::{say_refusal, sentence, words};
#[cfg(feature = "postgres")]
pub use sources::say_source;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    #[cfg_attr(feature = "postgres", sqlx(rename = "en"))]
    English,
    #[serde(rename = "es")]
    #[cfg_attr(feature = "postgres", sqlx(rename = "es"))]
    Spanish,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    pub fn read(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}
