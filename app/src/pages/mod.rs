//! The pages, one file each: a page loads, then shows.

mod bill;
mod bills;
mod explain;
mod language;
mod overview;
mod pay;
mod payment;
mod payments;
mod profile;
mod register;
mod reset;
mod sign_in;
mod stay;

pub use bill::BillPage;
pub use bills::BillsPage;
pub use explain::ExplainPage;
pub use language::LanguagePage;
pub use overview::OverviewPage;
pub use pay::PayPage;
pub use payment::PaymentPage;
pub use payments::PaymentsPage;
pub use profile::ProfilePage;
pub use register::{RegisterFinishPage, RegisterPage};
pub use reset::ResetPage;
pub use sign_in::SignInPage;
pub use stay::StayPage;

#[cfg(test)]
mod tests;
