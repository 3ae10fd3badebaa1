//! Forms that were not taken: shown again for ten minutes with what was typed and why it was refused, at this visit
//! alone. Reading deletes nothing, so a reload shows the same.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::store;
use crate::{
    clock,
    error::{Error, Refusal},
    ids::{self, MemberId},
    payments::card::holds_card,
    plan::Billing,
};

/// How long a refused form can be shown again.
const KEPT: TimeDelta = TimeDelta::minutes(10);

/// A form that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedForm {
    /// The page it stands on.
    pub path: String,
    pub refusals: Vec<Refusal>,
    /// Field names and what was typed, without what is never kept.
    pub typed: Vec<(String, String)>,
}

impl RefusedForm {
    /// What was typed into a field; empty where nothing was, or nothing was kept.
    pub fn typed(&self, field: &str) -> &str {
        self.typed.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }
}

pub struct RefusedScope<'a> {
    pub(super) billing: &'a Billing,
    pub(super) visit_id: Uuid,
}

impl RefusedScope<'_> {
    /// Keeps a form; the answer goes into the address as `?again=…`.
    pub async fn keep(
        &self,
        path: &str,
        refusals: &[Refusal],
        typed: &[(String, String)],
    ) -> Result<Uuid, Error> {
        self.keep_of(None, path, refusals, typed).await
    }

    /// Keeps a form that came after its person's visit had ended: nobody sees it before that person has signed in again.
    pub async fn keep_for(
        &self,
        member: MemberId,
        path: &str,
        refusals: &[Refusal],
        typed: &[(String, String)],
    ) -> Result<Uuid, Error> {
        self.keep_of(Some(member), path, refusals, typed).await
    }

    async fn keep_of(
        &self,
        member: Option<MemberId>,
        path: &str,
        refusals: &[Refusal],
        typed: &[(String, String)],
    ) -> Result<Uuid, Error> {
        let id = ids::mint_refused_form();
        let typed: Vec<_> = typed.iter().filter(|(name, value)| may_be_kept(name, value)).collect();
        let form = store::NewForm { id, visit_id: self.visit_id, member, path, refusals, typed: &typed };
        store::keep_form(&self.billing.pools.write, &form, clock::after(self.now(), KEPT)).await?;
        Ok(id)
    }

    fn now(&self) -> DateTime<Utc> {
        self.billing.clock.now()
    }
}

/// Fields that are secret by name, wherever the words stand in it.
const SECRET: [&str; 8] = ["password", "code", "token", "secret", "card", "account", "routing", "cvc"];
/// Longer runs of digits may be the number of a card, a bank account or a person.
const LONGEST_RUN: usize = 8;
/// Longer texts are not worth typing again.
const LONGEST: usize = 500;

/// Never kept: passwords, codes, and long runs of digits, even in groups. An id of ours is kept, and so is an address of
/// e-mail: some people's begins with their telephone number. What may be a card number never is.
fn may_be_kept(field: &str, value: &str) -> bool {
    let field = field.to_ascii_lowercase();
    if SECRET.iter().any(|secret| field.contains(secret))
        || value.chars().count() > LONGEST
        || value.contains('\0')
    {
        return false;
    }
    let is_address = field == "email" && value.contains('@');
    Uuid::try_parse(value).is_ok()
        || (!holds_card(value) && (is_address || longest_run(value) <= LONGEST_RUN))
}

fn longest_run(value: &str) -> usize {
    let mut longest = 0_usize;
    let mut run = 0_usize;
    for character in value.chars() {
        if character.is_numeric() {
            run = run.saturating_add(1);
            longest = longest.max(run);
        } else if !character.is_whitespace() && character != '-' {
            run = 0;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_kept_is_not() {
        for (field, value) in [
            ("password", "correct horse"),
            ("new_password", ""),
            ("code", "123456"),
            ("Token", "abc"),
            ("note", "4242424242424242"),
            ("note", "my card is 4242 4242-4242 4242, thanks"),
            ("note", "４２４２４２４２４２４２４２４２"),
            ("mrn", "123456789"),
            ("email", "123456789"),
            ("email", "4242.4242.4242.4242@example.org"),
        ] {
            assert!(!may_be_kept(field, value), "{field} {value}");
        }
    }

    #[test]
    fn what_was_typed_comes_back() {
        for (field, value) in [
            ("email", "ana@example.org"),
            ("email", "rosa.79176360-15@example.org"),
            ("amount", "1,234.56"),
            ("birth_date", "01/31/1980"),
            ("birth_date", "1980-01-31"),
            ("payment_id", "01234567-8901-7234-8567-890123456789"),
            ("amount", ""),
        ] {
            assert!(may_be_kept(field, value), "{field} {value}");
        }
    }
}
