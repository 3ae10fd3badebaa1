//! The demo plan: a few hundred members in all regions with thirteen months of bills and payments, and some with a story
//! who can sign in. The same people and chances every time, with dates up to today.
//!
//! Payments of the past came by mail, telephone and desk: the gateway knows nothing of them, and is never asked. The one
//! that is under way is ordered as anybody orders it.

mod book;
mod dice;
mod pending;
mod people;
mod store;
mod year;

use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

pub use self::pending::PendingOrder;
use self::{
    book::{Accounts, Book, Owner, Rows, Tables},
    dice::Dice,
    people::{Person, Story, story_of},
};
use crate::{
    access::{Action, Object, authorize},
    bills::BillKind,
    error::{Error, Fault},
    ledger::{credit_kind, receivable_kind},
    plan::JobScope,
    rules::hours,
    sign_in,
};

/// One password for all demo members who can sign in.
const PASSWORD: &str = "quiet-lantern-orbit-47";

/// A demo member with a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoAccount {
    pub role: &'static str,
    /// Empty: none on file.
    pub email: String,
    /// Empty: has not registered.
    pub password: String,
    pub mrn: String,
    /// `YYYY-MM-DD`
    pub birth_date: String,
    pub billing_unit_id: String,
    pub region: String,
    pub story: String,
}

/// The demo members with a story, in a fixed order.
pub fn accounts() -> Vec<DemoAccount> {
    people::all()
        .iter()
        .enumerate()
        .filter_map(|(index, person)| {
            let told = story_of(index)?;
            Some(DemoAccount {
                role: "member",
                email: person.email.clone().unwrap_or_default(),
                password: if is_registered(told.story) { PASSWORD.to_owned() } else { String::new() },
                mrn: person.mrn.clone(),
                birth_date: person.birth_on.to_string(),
                billing_unit_id: person.unit.clone(),
                region: person.region.to_owned(),
                story: told.text.to_owned(),
            })
        })
        .collect()
}

const fn is_registered(story: Story) -> bool {
    !matches!(story, Story::Unregistered | Story::NoEmail)
}

/// What a load did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// `false`: it was there already.
    pub new: bool,
    pub members: usize,
    pub bills: usize,
    pub payments: usize,
}

impl JobScope<'_> {
    /// Loads the demo plan, once. `owner` is a pool of the database's owner: nobody else may write history.
    pub async fn load_demo(&self, owner: &PgPool) -> Result<Loaded, Error> {
        let now = self.billing.clock.now();
        let mut tx = owner.begin().await?;
        if !store::is_new(&mut tx).await? {
            return Ok(Loaded { new: false, members: 0, bills: 0, payments: 0 });
        }
        authorize(&mut tx, &self.who(), None, Action::Work, Object::Task("demo", "load".to_owned())).await?;

        let people = people::all();
        let mut dice = Dice::new(0x00de_3001);
        let ids: Vec<Uuid> = people.iter().map(|_| dice.id(joined(now))).collect();
        store::members(&mut tx, &members(&people, &ids, now)).await?;
        let registered: Vec<Uuid> = ids
            .iter()
            .zip(&people)
            .filter(|(_, person)| person.story.is_some_and(is_registered))
            .map(|(id, _)| *id)
            .collect();
        let hash = sign_in::hash(PASSWORD).await?;
        store::credentials(&mut tx, &registered, &hash, now).await?;

        let accounts = store::accounts(&mut tx, &account_rows(&people, &ids)).await?;
        let zones: HashMap<String, String> = store::zones(&mut tx).await?.into_iter().collect();
        let tables = histories(&people, &ids, &zones, &accounts, dice, now)?;
        store::history(&mut tx, &tables).await?;
        tx.commit().await?;
        Ok(Loaded {
            new: true,
            members: people.len(),
            bills: tables.bills.len(),
            payments: tables.payments.len(),
        })
    }
}

/// When the demo's members joined.
fn joined(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_days(Days::new(500)).unwrap_or(now)
}

fn members(people: &[Person], ids: &[Uuid], now: DateTime<Utc>) -> Rows {
    let row = |(person, id): (&Person, &Uuid)| {
        json!({
            "member_id": id, "mrn": person.mrn, "given_name": person.given, "family_name": person.family,
            "birth_on": person.birth_on, "region": person.region, "email": person.email, "language": person.language,
            "created_at": joined(now), "unit": person.unit, "product": person.product,
        })
    };
    people.iter().zip(ids).map(row).collect()
}

fn account_rows(people: &[Person], ids: &[Uuid]) -> Rows {
    let mut rows = Rows::new();
    for (person, id) in people.iter().zip(ids) {
        for kind in BillKind::ALL {
            let unit = (kind == BillKind::Premium).then_some(&person.unit);
            rows.push(json!({ "kind": receivable_kind(kind), "owner": id, "billing_unit_id": unit }));
        }
        if person.story == Some(Story::Credit) {
            let kind = credit_kind(BillKind::Premium);
            rows.push(json!({ "kind": kind, "owner": id, "billing_unit_id": person.unit }));
        }
    }
    rows
}

fn histories(
    people: &[Person],
    ids: &[Uuid],
    zones: &HashMap<String, String>,
    accounts: &Accounts,
    dice: Dice,
    now: DateTime<Utc>,
) -> Result<Tables, Error> {
    let mut book = Book { tables: Tables::default(), dice, now, accounts };
    for (person, id) in people.iter().zip(ids) {
        let zone = zones
            .get(person.region)
            .and_then(|name| hours::zone(name))
            .ok_or_else(|| Fault::broken(format!("region {} has no zone", person.region)))?;
        let owner = Owner { id: *id, region: person.region, zone, unit: person.unit.clone() };
        let today = now.with_timezone(&zone).date_naive();
        year::write(&mut book, &owner, person, today);
    }
    Ok(book.tables)
}
