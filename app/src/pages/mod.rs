//! The pages, one file each: a page loads, then shows.

mod language;
mod stay;

pub use language::LanguagePage;
pub use stay::StayPage;
