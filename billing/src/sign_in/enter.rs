//! Signing in with e-mail and password.

use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Client, Event, Person, SignedInVisit, passwords, passwords::Verified, secrets::random_text, store,
    throttle::Tries,
};
use crate::{
    access::{Action, Object, authorize, refused},
    error::{Error, Refusal},
    notices::{NewNotice, Template},
    plan::DoorScope,
    visits::{self, SessionKey},
    words::{self, Language},
};

/// Longer texts than any password we took are not worth a hash.
const LONGEST_TYPED: usize = 1024;

impl DoorScope<'_> {
    /// Signs a person in: a new visit under a new id, and the old visit is over.
    ///
    /// `Refused` alike for an unknown address, a wrong password and a disabled person; `TooMany` after repeated tries;
    /// `Unavailable` when too many people sign in at once.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<SignedInVisit, Error> {
        let email = plain(email);
        let mut missing = Vec::new();
        if email.is_empty() {
            missing.push(Refusal::of("email", "email-missing"));
        }
        if password.is_empty() {
            missing.push(Refusal::of("password", "password-missing"));
        }
        if !missing.is_empty() {
            return Err(Error::Refused(missing));
        }
        if email.len() > LONGEST_TYPED || password.len() > LONGEST_TYPED {
            return Err(wrong());
        }

        let billing = self.billing;
        let device = client.device.as_deref().map(|device| self.device_hash(device)).transpose()?;
        let known = store::credential(&billing.pools.auth, &email, device.as_deref()).await?;
        let known_device = known.as_ref().is_some_and(|known| known.device);
        let tries = Tries::at_account(
            billing.secret(),
            "sign-in",
            &email.to_lowercase(),
            client,
            client.device.as_deref().filter(|_| known_device),
        )?;
        let subject = known.as_ref().map(|known| known.person.member_id);
        tries.count(self, subject).await?;

        let stored = known.as_ref().map(|known| known.password_hash.clone());
        let verified = passwords::verify(password, stored).await?;
        let person = known.as_ref().filter(|known| !known.disabled).map(|known| &known.person);
        let (Some(person), Verified::Right | Verified::RightButWeak) = (person, verified) else {
            let reason = "wrong password";
            refused(&billing.pools.auth, &self.who(), subject, Action::Enter, Object::Credential, reason)
                .await?;
            billing.count_refused().await?;
            Event::Refused("wrong-password").happened(subject, self.who().visit_id);
            return Err(wrong());
        };

        let signed_in = self.enter(person, client, known_device, Some(&tries)).await?;
        if verified == Verified::RightButWeak {
            let hash = Zeroizing::new(passwords::hash(password).await?);
            let old = known.as_ref().map_or("", |known| &known.password_hash);
            store::rehash(&billing.pools.auth, person.member_id, old, &hash).await?;
        }
        Ok(signed_in)
    }

    /// Opens the visit of a person who has proved who they are.
    pub(super) async fn enter(
        &self,
        person: &Person,
        client: &Client,
        known_device: bool,
        tries: Option<&Tries>,
    ) -> Result<SignedInVisit, Error> {
        let billing = self.billing;
        let now = billing.clock.now();
        let member = person.member_id;
        let key = SessionKey::mint();
        let mark = match (&client.device, known_device) {
            (Some(mark), true) => mark.clone(),
            _ => random_text(),
        };

        let mut tx = billing.pools.auth.begin().await?;
        authorize(&mut tx, &self.who(), member, Action::Enter, Object::Credential).await?;
        let visit = visits::enter(&mut tx, self.visit, key, member, Some(person.language), now).await?;
        if let Some(tries) = tries {
            tries.take_back(&mut tx, now).await?;
        }

        // A mark not known for this person is replaced, so that a planted one is worth nothing; who else is known by
        // it moves along.
        let old = client.device.as_deref().map(|device| self.device_hash(device)).transpose()?;
        let had_devices =
            store::know_device(&mut tx, member, old.as_deref(), &self.device_hash(&mark)?, now).await?;
        if had_devices && !known_device {
            self.tell_new_device(&mut tx, person, visit).await?;
        }
        tx.commit().await?;
        Event::SignedIn.happened(Some(member), Some(visit));
        Ok(SignedInVisit { member_id: member, key, device: mark })
    }

    async fn tell_new_device(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        person: &Person,
        visit: Uuid,
    ) -> Result<(), Error> {
        let now = self.billing.clock.now();
        let when = words::say_deadline(now, &person.zone, self.spoken_to(person));
        NewNotice {
            key: format!("signed-in:{visit}"),
            member: Some(person.member_id),
            address: &person.email,
            template: Template::SignedInNewDevice,
            language: self.spoken_to(person),
            words: json!({ "when": when }),
        }
        .put(self.billing, tx, now)
        .await
    }

    /// The language of a person who enters: as chosen at this visit, else as they chose before.
    pub(super) fn spoken_to(&self, person: &Person) -> Language {
        visits::chosen_at(self.visit).unwrap_or(person.language)
    }

    fn device_hash(&self, mark: &str) -> Result<Vec<u8>, Error> {
        Ok(self.billing.secret().keyed("device", &[mark.as_bytes()])?.to_vec())
    }
}

/// Typed text as the database can hold it.
pub(super) fn plain(typed: &str) -> String {
    typed.trim().chars().filter(|c| !c.is_control()).collect()
}

fn wrong() -> Error {
    Refusal::of("", "sign-in-wrong").into()
}
