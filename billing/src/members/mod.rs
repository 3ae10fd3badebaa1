//! Members: what they see of themselves, and what they may set.

pub mod store;

use chrono::NaiveDate;

use crate::{
    access::{Action, Object, Permit, authorize},
    error::Error,
    plan::MemberScope,
    words::Language,
};

/// What a member sees of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub given_name: String,
    pub family_name: String,
    pub mrn: String,
    pub birth_on: Option<NaiveDate>,
    /// Where they sign in with, and where mail goes.
    pub email: Option<String>,
    pub region: String,
    /// IANA name of the region's zone.
    pub zone: String,
    pub language: Language,
}

impl MemberScope<'_> {
    pub async fn profile(&self) -> Result<Profile, Error> {
        let permit = Permit::to_see(self.visit, Action::See, Object::Profile)?;
        store::profile(&self.billing.pools.read, &permit).await
    }

    /// Keeps the language for pages of this and later visits, and for mail.
    pub async fn set_language(&self, language: Language) -> Result<(), Error> {
        let mut tx = self.billing.pools.write.begin().await?;
        let permit = authorize(&mut tx, &self.who(), self.member, Action::Change, Object::Profile).await?;
        store::set_language(&mut tx, &permit, language).await?;
        Ok(tx.commit().await?)
    }
}
