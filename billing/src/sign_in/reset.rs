//! A forgotten password. The mailed link alone is worth nothing: it wants the code shown where it was asked for. Looking
//! at the link's page uses nothing up, so a mail scanner cannot either.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Asked, Client, Event, enter::plain, passwords, secrets::token_hash, store, throttle::Tries};
use crate::{
    access::{Action, Object, authorize},
    clock, crash,
    error::{Error, Refusal},
    ids,
    notices::{NewNotice, Template},
    plan::DoorScope,
    visits,
};

/// How long a mailed link or code can be used.
pub(super) const GOOD_FOR: TimeDelta = TimeDelta::minutes(30);
/// Wrong codes until it is dead.
pub(super) const TRIES: i16 = 5;

impl DoorScope<'_> {
    /// Asks for a link to make a new password. The answer and the work are the same for every address; mail goes out
    /// only where it is the address of an account. Bound to this visit, where [`Self::shown_code`] shows the code.
    ///
    /// `SignedOut` where there is no visit yet; `Refused` for an empty address; `TooMany`.
    pub async fn start_reset(&self, email: &str, client: &Client) -> Result<Asked, Error> {
        let visit = self.visit.ok_or(Error::SignedOut)?;
        let email = plain(email);
        if email.is_empty() {
            return Err(Refusal::of("email", "email-missing").into());
        }
        let billing = self.billing;
        let secret = billing.secret();
        Tries::at_account(secret, "reset", &email.to_lowercase(), client, None)?.count(self, None).await?;

        let now = billing.clock.now();
        let id = ids::mint_proof();
        let person = store::person_by_email(&billing.pools.auth, &email).await?;
        let proof = store::Proof {
            id,
            purpose: "reset",
            token_hash: token_hash(&secret.link_token(id)?).unwrap_or_default(),
            code_hash: secret.code_hash(id, &secret.shown_code(id)?)?.to_vec(),
            member: person.as_ref().map(|person| person.member_id),
            visit_id: visit.visit_id,
            expires_at: clock::after(now, GOOD_FOR),
        };
        let notice = NewNotice {
            key: format!("reset:{id}"),
            member: proof.member,
            address: person.as_ref().map_or("", |person| &person.email),
            template: Template::Reset,
            language: person.as_ref().map_or(visit.language.unwrap_or_default(), |person| person.language),
            words: json!({ "proof": id }),
        };

        let mut tx = billing.pools.auth.begin().await?;
        authorize(&mut tx, &self.who(), proof.member, Action::Enter, Object::Credential).await?;
        store::ask(&mut tx, &proof, now).await?;
        notice.put(billing, &mut tx, now).await?;
        tx.commit().await?;
        Event::ResetAsked.happened(proof.member, Some(visit.visit_id));
        Ok(Asked { id, until: proof.expires_at })
    }

    /// The code to show on the page after [`Self::start_reset`], in two groups: at the same visit, until it is used or
    /// too old. Nothing else about the request can be learnt from it.
    pub async fn shown_code(&self, asked: Uuid) -> Result<Option<String>, Error> {
        let Some(visit) = self.visit else { return Ok(None) };
        let now = self.billing.clock.now();
        if !store::is_open(&self.billing.pools.read, asked, "reset", visit.visit_id, now).await? {
            return Ok(None);
        }
        let code = self.billing.secret().shown_code(asked)?;
        let (head, tail) = code.split_at(3);
        Ok(Some(format!("{head} {tail}")))
    }

    /// Makes the new password. Using the link up, storing the hash and ending every visit of the person are one
    /// transaction: all or nothing. They are told by mail.
    ///
    /// `Refused`: the link is dead (unknown, used, too old, too often tried: all alike), the code is wrong, or the
    /// password is not taken.
    pub async fn finish_reset(&self, token: &str, code: &str, password: &str) -> Result<(), Error> {
        let billing = self.billing;
        let now = billing.clock.now();
        let dead = || Error::from(Refusal::of("", "link-dead"));
        let hash = token_hash(token).ok_or_else(dead)?;

        // The try is counted before the code is looked at.
        let proof = store::try_link(&billing.pools.auth, &hash, now, TRIES).await?.ok_or_else(dead)?;
        if code.trim().is_empty() {
            store::give_back(&billing.pools.auth, proof.id).await?;
            return Err(Refusal::of("code", "code-missing").into());
        }
        if !billing.secret().is_code(proof.id, code, &proof.code_hash)? {
            let member = proof.person.as_ref().map(|person| person.member_id);
            Event::Refused("code-wrong").happened(member, self.who().visit_id);
            return Err(Refusal::of("code", "code-wrong").into());
        }
        let person = proof.person.ok_or_else(dead)?;
        if let Err(refusal) = passwords::accept(password, &person) {
            store::give_back(&billing.pools.auth, proof.id).await?;
            return Err(refusal.into());
        }
        let password_hash = Zeroizing::new(passwords::hash(password).await?);

        let mut tx = billing.pools.auth.begin().await?;
        authorize(&mut tx, &self.who(), person.member_id, Action::Enter, Object::Credential).await?;
        if !store::use_up(&mut tx, proof.id, now).await? {
            return Err(dead());
        }
        crash::point("K25");
        store::change_password(&mut tx, person.member_id, &password_hash, now).await?;
        store::close_proofs(&mut tx, person.member_id, now).await?;
        store::forget_devices(&mut tx, person.member_id).await?;
        visits::revoke_all(&mut tx, person.member_id, now).await?;
        NewNotice {
            key: format!("password-changed:{}", proof.id),
            member: Some(person.member_id),
            address: &person.email,
            template: Template::PasswordChanged,
            language: person.language,
            words: json!({}),
        }
        .put(billing, &mut tx, now)
        .await?;
        tx.commit().await?;
        Event::ResetDone.happened(Some(person.member_id), self.who().visit_id);
        Ok(())
    }
}
