//! Who sits at this browser. The row counts, not the cookie: it is read on each request, so that signing out and
//! disabling bind at once.

mod refused;
mod store;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use refused::{RefusedForm, RefusedScope};

use crate::{
    access::{Action, Object, authorize},
    clock,
    error::Error,
    ids::{self, MemberId},
    plan::{Billing, DoorScope, MemberScope},
    rules::Ask,
    sign_in::Event,
    words::Language,
};

/// A visit not used for so long is over.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A visit is over so long after it began, however busy.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(12);

/// A browser's visit as this request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub visit_id: Uuid,
    /// Chosen at this visit, else by the person signed in; none yet: the browser's wish.
    pub language: Option<Language>,
    pub member: Option<SignedIn>,
    /// The visit ends by itself at the earlier of these.
    pub idle_end: DateTime<Utc>,
    pub absolute_end: DateTime<Utc>,
}

impl Visit {
    /// When the visit ends by itself if nothing more is asked for.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.idle_end.min(self.absolute_end)
    }
}

/// The person signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub member_id: MemberId,
    pub given_name: String,
    pub family_name: String,
    pub region: String,
    /// IANA name of the region's zone.
    pub zone: String,
    /// Whom they can ask: the foot of every page says it.
    pub ask: Ask,
    pub signed_in_at: DateTime<Utc>,
}

/// The random id a cookie carries: 128 bits, the width of tower-sessions' ids. Stored only as its hash, never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionKey([u8; 16]);

impl SessionKey {
    pub fn mint() -> Self {
        Self(ids::random())
    }

    pub const fn to_i128(self) -> i128 {
        i128::from_le_bytes(self.0)
    }

    fn hash(self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl From<i128> for SessionKey {
    fn from(id: i128) -> Self {
        Self(id.to_le_bytes())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// The visits' rows, for the session store. Never revives a visit: `create` alone inserts, and every other write asks
/// that the visit is not revoked.
pub struct VisitScope<'a> {
    billing: &'a Billing,
}

impl Billing {
    pub fn visits(&self) -> VisitScope<'_> {
        VisitScope { billing: self }
    }

    /// Forms that were not taken at this visit.
    pub fn refused(&self, visit_id: Uuid) -> RefusedScope<'_> {
        RefusedScope { billing: self, visit_id }
    }
}

impl VisitScope<'_> {
    /// Opens a visit of nobody. `None`: the key is taken, mint another.
    pub async fn create(&self, key: SessionKey, language: Option<Language>) -> Result<Option<Visit>, Error> {
        let visit = Visit {
            visit_id: ids::mint_visit(),
            language,
            member: None,
            idle_end: clock::after(self.now(), IDLE),
            absolute_end: clock::after(self.now(), ABSOLUTE),
        };
        let created = store::create(&self.billing.pools.auth, &key.hash(), &visit, self.now()).await?;
        Ok(created.then_some(visit))
    }

    /// The visit, in one statement that also notes that it was used. `None`: there is no such visit, it is over, signed
    /// out, or its person is disabled.
    pub async fn load(&self, key: SessionKey) -> Result<Option<Visit>, Error> {
        Ok(self.load_with(key, None).await?.map(|(visit, _)| visit))
    }

    /// The same, with the form kept under the id `again`. No form: it is another visit's, another person's, too old, or
    /// there is none at all.
    pub async fn load_with(
        &self,
        key: SessionKey,
        again: Option<Uuid>,
    ) -> Result<Option<(Visit, Option<RefusedForm>)>, Error> {
        let idle_end = clock::after(self.now(), IDLE);
        Ok(store::load(&self.billing.pools.read, &key.hash(), self.now(), idle_end, again).await?)
    }

    /// Ends the visit, for good.
    pub async fn revoke(&self, key: SessionKey) -> Result<(), Error> {
        Ok(store::revoke(&self.billing.pools.auth, &key.hash(), self.now()).await?)
    }

    /// The same person under a new id; the old one is dead in the same commit. Ends do not move. `false`: the
    /// visit is over.
    pub async fn renew(&self, old: SessionKey, new: SessionKey) -> Result<bool, Error> {
        let (old, new) = (old.hash(), new.hash());
        Ok(store::renew(&self.billing.pools.auth, &old, &new, ids::mint_visit(), self.now()).await?)
    }

    /// Whose visit it was, where it ended by itself within the last day: for keeping the form that came too late.
    pub async fn ended(&self, key: SessionKey) -> Result<Option<MemberId>, Error> {
        Ok(store::ended(&self.billing.pools.read, &key.hash(), self.now()).await?)
    }

    fn now(&self) -> DateTime<Utc> {
        self.billing.clock.now()
    }
}

impl MemberScope<'_> {
    /// Ends this visit.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let mut tx = self.billing.pools.auth.begin().await?;
        let permit = authorize(&mut tx, &self.who(), self.member, Action::Leave, Object::Visits).await?;
        store::revoke_visit(&mut tx, &permit, self.visit.visit_id, self.billing.clock.now()).await?;
        tx.commit().await?;
        Event::SignedOut.happened(Some(self.member), Some(self.visit.visit_id));
        Ok(())
    }

    /// Ends all visits of this person, this one too.
    pub async fn sign_out_everywhere(&self) -> Result<(), Error> {
        let mut tx = self.billing.pools.auth.begin().await?;
        let permit = authorize(&mut tx, &self.who(), self.member, Action::Leave, Object::Visits).await?;
        store::revoke_all(&mut tx, permit.subject()?, self.billing.clock.now()).await?;
        tx.commit().await?;
        Event::SignedOutEverywhere.happened(Some(self.member), Some(self.visit.visit_id));
        Ok(())
    }
}

impl DoorScope<'_> {
    /// Keeps the language chosen before anybody signed in.
    ///
    /// `SignedOut`: there is no visit to keep it in.
    pub async fn set_language(&self, language: Language) -> Result<(), Error> {
        let visit = self.visit.ok_or(Error::SignedOut)?;
        Ok(store::set_language(&self.billing.pools.auth, visit.visit_id, language).await?)
    }
}

/// The language chosen at a visit of nobody. One of somebody says the language of that person.
pub(crate) fn chosen_at(visit: Option<&Visit>) -> Option<Language> {
    visit.filter(|visit| visit.member.is_none()).and_then(|visit| visit.language)
}

/// Opens the visit of a person who has just signed in, and closes the one they came with. The language they chose there
/// is theirs from now on, also for mail.
pub(crate) async fn enter(
    tx: &mut sqlx::PgTransaction<'_>,
    old: Option<&Visit>,
    key: SessionKey,
    member: MemberId,
    language: Option<Language>,
    now: DateTime<Utc>,
) -> Result<Uuid, sqlx::Error> {
    let chosen = chosen_at(old);
    let entered = store::Entered {
        id_hash: key.hash(),
        visit_id: ids::mint_visit(),
        member,
        language: chosen.or(language),
        chosen,
        idle_end: clock::after(now, IDLE),
        absolute_end: clock::after(now, ABSOLUTE),
    };
    store::enter(tx, old.map(|visit| visit.visit_id), &entered, now).await?;
    Ok(entered.visit_id)
}

pub(crate) use store::revoke_all;
