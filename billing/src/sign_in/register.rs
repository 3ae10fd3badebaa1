//! Registering for the first time: medical record number, date of birth, and a code mailed to the address on file.

use chrono::{Datelike, NaiveDate};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Asked, Client, Event, SignedInVisit, passwords,
    reset::{GOOD_FOR, TRIES},
    secrets::token_hash,
    store,
    throttle::Tries,
};
use crate::{
    access::{Action, Object, authorize},
    clock,
    error::{Error, Refusal},
    ids,
    notices::{NewNotice, Template},
    plan::DoorScope,
};

impl DoorScope<'_> {
    /// Asks for a code by mail. The answer and the work are the same whether or not there is such a person and whether
    /// or not we have their address: "if we have an e-mail for you, we sent a code; if none comes, call".
    ///
    /// `SignedOut` where there is no visit yet; `Refused` for what is no number or no date; `TooMany`.
    pub async fn start_registration(
        &self,
        mrn: &str,
        birth_date: &str,
        client: &Client,
    ) -> Result<Asked, Error> {
        let visit = self.visit.ok_or(Error::SignedOut)?;
        let billing = self.billing;
        let now = billing.clock.now();
        let (mrn, born_on) = match (read_mrn(mrn), read_birth_date(birth_date, now.date_naive())) {
            (Ok(mrn), Ok(born_on)) => (mrn, born_on),
            (mrn, born_on) => {
                return Err(Error::Refused(mrn.err().into_iter().chain(born_on.err()).collect()));
            }
        };
        let secret = billing.secret();
        Tries::at_account(secret, "register", &mrn, client, None)?.count(self, None).await?;

        let id = ids::mint_proof();
        let found = store::person_to_register(&billing.pools.auth, &mrn, born_on).await?;
        // Who has registered before gets a mail that says so, and no code that would work.
        let new = found.as_ref().filter(|found| !found.registered).map(|found| &found.person);
        let person = found.as_ref().map(|found| &found.person);
        let proof = store::Proof {
            id,
            purpose: "register",
            token_hash: token_hash(&secret.link_token(id)?).unwrap_or_default(),
            code_hash: secret.code_hash(id, &secret.mailed_code(id)?)?.to_vec(),
            member: new.map(|person| person.member_id),
            visit_id: visit.visit_id,
            expires_at: clock::after(now, GOOD_FOR),
        };
        let notice = NewNotice {
            key: format!("register:{id}"),
            member: person.map(|person| person.member_id),
            address: person.map_or("", |person| &person.email),
            template: if new.is_some() || person.is_none() {
                Template::Register
            } else {
                Template::RegisteredAlready
            },
            language: visit.language.or(person.map(|person| person.language)).unwrap_or_default(),
            words: json!({ "proof": id }),
        };

        let mut tx = billing.pools.auth.begin().await?;
        authorize(&mut tx, &self.who(), notice.member, Action::Enter, Object::Credential).await?;
        store::ask(&mut tx, &proof, now).await?;
        notice.put(billing, &mut tx, now).await?;
        tx.commit().await?;
        Event::RegistrationAsked.happened(person.map(|person| person.member_id), Some(visit.visit_id));
        Ok(Asked { id, until: proof.expires_at })
    }

    /// Whether a code can still be typed for what was asked at this visit.
    pub async fn registration_open(&self, asked: Uuid) -> Result<bool, Error> {
        let Some(visit) = self.visit else { return Ok(false) };
        let now = self.billing.clock.now();
        Ok(store::is_open(&self.billing.pools.read, asked, "register", visit.visit_id, now).await?)
    }

    /// Registers with the mailed code and a password, and signs in.
    ///
    /// `Refused`: too old, too often tried or not asked at this visit (all alike), the code is wrong, or the password is
    /// not taken.
    pub async fn finish_registration(
        &self,
        asked: Uuid,
        code: &str,
        password: &str,
        client: &Client,
    ) -> Result<SignedInVisit, Error> {
        let billing = self.billing;
        let now = billing.clock.now();
        let dead = || Error::from(Refusal::of("", "registration-over"));
        let visit = self.visit.ok_or_else(dead)?;
        if code.trim().is_empty() {
            return Err(Refusal::of("code", "code-missing").into());
        }

        let proof = store::try_code(&billing.pools.auth, asked, visit.visit_id, now, TRIES)
            .await?
            .ok_or_else(dead)?;
        let (true, Some(person)) =
            (billing.secret().is_code(proof.id, code, &proof.code_hash)?, proof.person)
        else {
            Event::Refused("code-wrong").happened(None, Some(visit.visit_id));
            return Err(Refusal::of("code", "code-wrong").into());
        };
        if let Err(refusal) = passwords::accept(password, &person) {
            store::give_back(&billing.pools.auth, proof.id).await?;
            return Err(refusal.into());
        }
        let password_hash = Zeroizing::new(passwords::hash(password).await?);

        let mut tx = billing.pools.auth.begin().await?;
        authorize(&mut tx, &self.who(), person.member_id, Action::Enter, Object::Credential).await?;
        if !store::use_up(&mut tx, proof.id, now).await?
            || !store::register(&mut tx, &person, &password_hash, now).await?
        {
            return Err(dead());
        }
        store::close_proofs(&mut tx, person.member_id, now).await?;
        NewNotice {
            key: format!("registered:{}", proof.id),
            member: Some(person.member_id),
            address: &person.email,
            template: Template::Registered,
            language: self.spoken_to(&person),
            words: json!({}),
        }
        .put(billing, &mut tx, now)
        .await?;
        tx.commit().await?;
        Event::Registered.happened(Some(person.member_id), Some(visit.visit_id));

        self.enter(&person, client, false, None).await
    }
}

/// A medical record number as typed: 8 to 12 digits, spaces and hyphens between them do not count.
pub fn read_mrn(typed: &str) -> Result<String, Refusal> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if digits.is_empty() {
        Err(Refusal::of("mrn", "mrn-missing"))
    } else if !(8..=12).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Err(Refusal::of("mrn", "mrn-unclear"))
    } else {
        Ok(digits)
    }
}

/// A date of birth as typed: month, day, year (01/31/1980, 1-31-1980, 1.31.1980) or year, month, day (1980-01-31).
pub fn read_birth_date(typed: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    let refuse = |code: &str| Refusal::of("birth_date", code);
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(refuse("birth-date-missing"));
    }
    let unclear = || refuse("birth-date-unclear");
    let parts: Vec<&str> = typed.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts.as_slice() else { return Err(unclear()) };
    let number = |text: &str| -> Option<u32> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let (year, month, day) = match (first.len(), second.len(), third.len()) {
        (4, 1..=2, 1..=2) => (first, second, third),
        (1..=2, 1..=2, 4) => (third, first, second),
        _ => return Err(unclear()),
    };
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return Err(unclear());
    };

    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let Some(date) = date else {
        // Most of the world writes the day before the month.
        let day_first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, day, month));
        return Err(match day_first {
            Some(date) => refuse("birth-date-day-first").with("reading", date.format("%m/%d/%Y").to_string()),
            None => refuse("birth-date-impossible"),
        });
    };
    if date > today {
        return Err(refuse("birth-date-future"));
    }
    if date.year() < 1890 {
        return Err(refuse("birth-date-too-early"));
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_birth_date_is_read_as_people_type_it() {
        for typed in
            ["01/31/1980", "1/31/1980", "1980-01-31", " 01-31-1980 ", "1.31.1980", "1980/1/31", "01 31 1980"]
        {
            assert_eq!(read_birth_date(typed, day("2027-01-05")), Ok(day("1980-01-31")), "{typed}");
        }
    }

    #[test]
    fn every_other_birth_date_gets_its_reason() {
        for (typed, code) in [
            ("", "birth-date-missing"),
            ("   ", "birth-date-missing"),
            ("yesterday", "birth-date-unclear"),
            ("01/31/80", "birth-date-unclear"),
            ("0131980", "birth-date-unclear"),
            ("1/31/1980/2", "birth-date-unclear"),
            ("+1/31/1980", "birth-date-unclear"),
            ("０１/31/1980", "birth-date-unclear"),
            ("02/30/1980", "birth-date-impossible"),
            ("31/01/1980", "birth-date-day-first"),
            ("01/06/2027", "birth-date-future"),
            ("01/31/1850", "birth-date-too-early"),
            ("00/00/0000", "birth-date-impossible"),
        ] {
            let refusal = read_birth_date(typed, day("2027-01-05")).unwrap_err();
            assert_eq!((refusal.field.as_str(), refusal.code.as_str()), ("birth_date", code), "{typed}");
        }
    }

    #[test]
    fn a_medical_record_number_is_digits() {
        assert_eq!(read_mrn(" 1100-0000 1 "), Ok("110000001".to_owned()));
        for (typed, code) in [
            ("", "mrn-missing"),
            ("1234567", "mrn-unclear"),
            ("1234567890123", "mrn-unclear"),
            ("12a45678", "mrn-unclear"),
            ("１２３４５６７８", "mrn-unclear"),
        ] {
            assert_eq!(read_mrn(typed).unwrap_err().code, code, "{typed}");
        }
    }
}
