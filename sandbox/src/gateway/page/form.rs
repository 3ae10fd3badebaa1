//! What a person types on the hosted page, and what is wrong with it.

use chrono::{DateTime, Datelike as _, Utc};
use serde::Deserialize;

use super::words::Words;
use crate::calendar;
use crate::gateway::instrument::{Instrument, Method, luhn, routing_checks};

/// The fields of the form, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PayForm {
    pub(crate) method: String,
    /// How many declines the page had when the form was shown: makes a second submit harmless.
    pub(crate) attempt: String,
    pub(crate) card_number: String,
    pub(crate) expiry: String,
    pub(crate) cvc: String,
    pub(crate) name: String,
    pub(crate) account_name: String,
    pub(crate) account_type: String,
    pub(crate) routing_number: String,
    pub(crate) account_number: String,
    pub(crate) mandate: String,
}

// No Debug: a card number must not get into a log by accident.

/// Something to mend: the field, and a sentence.
pub(crate) struct Problem {
    pub(crate) field: &'static str,
    pub(crate) sentence: &'static str,
}

impl PayForm {
    pub(crate) fn method(&self) -> Method {
        if self.method == "bank" { Method::Bank } else { Method::Card }
    }

    pub(crate) fn attempt(&self) -> Option<u8> {
        self.attempt.parse().ok()
    }

    /// What may be shown again: neither the numbers nor the code.
    pub(crate) fn without_secrets(mut self) -> Self {
        self.card_number.clear();
        self.cvc.clear();
        self.account_number.clear();
        self
    }

    /// The card or account typed, or everything that is wrong with it.
    pub(crate) fn instrument(&self, now: DateTime<Utc>, words: &Words) -> Result<Instrument, Vec<Problem>> {
        match self.method() {
            Method::Card => self.card(now, words),
            Method::Bank => self.bank(words),
        }
    }

    fn card(&self, now: DateTime<Utc>, words: &Words) -> Result<Instrument, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut wrong = |field, sentence| problems.push(Problem { field, sentence });
        let number = digits(&self.card_number);
        if !number.as_deref().is_some_and(|number| (12..=19).contains(&number.len()) && luhn(number)) {
            wrong("card_number", words.bad_card_number);
        }
        let expiry = read_expiry(&self.expiry);
        let today = calendar::eastern_date(now);
        match expiry {
            None => wrong("expiry", words.bad_expiry),
            Some((month, year)) if (year, month) < (today.year(), today.month()) => {
                wrong("expiry", words.past_expiry);
            }
            Some((_, year)) if year > today.year().saturating_add(25) => wrong("expiry", words.bad_expiry),
            Some(_) => {}
        }
        let code = self.cvc.trim();
        if !(3..=4).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            wrong("cvc", words.bad_cvc);
        }
        if !is_name(&self.name) {
            wrong("name", words.bad_name);
        }
        match (number, expiry) {
            (Some(number), Some((month, year))) if problems.is_empty() => {
                Ok(Instrument::card(&number, format!("{month:02}/{year}")))
            }
            _ => Err(problems),
        }
    }

    fn bank(&self, words: &Words) -> Result<Instrument, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut wrong = |field, sentence| problems.push(Problem { field, sentence });
        if !is_name(&self.account_name) {
            wrong("account_name", words.bad_account_name);
        }
        let routing = digits(&self.routing_number);
        if !routing.as_deref().is_some_and(routing_checks) {
            wrong("routing_number", words.bad_routing);
        }
        let account = digits(&self.account_number);
        if !account.as_deref().is_some_and(|account| (4..=17).contains(&account.len())) {
            wrong("account_number", words.bad_account);
        }
        if self.mandate.is_empty() {
            wrong("mandate", words.no_mandate);
        }
        match (routing, account) {
            (Some(routing), Some(account)) if problems.is_empty() => Ok(Instrument::bank(&routing, &account)),
            _ => Err(problems),
        }
    }
}

/// The digits of a number people group with spaces or hyphens; nothing when anything else is in it.
fn digits(text: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in text.trim().chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            ' ' | '-' | '\u{a0}' => {}
            _ => return None,
        }
    }
    Some(digits).filter(|digits| !digits.is_empty())
}

/// Month and year of `12/30`, `12 / 2030`, `1230`.
fn read_expiry(text: &str) -> Option<(u32, i32)> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (month, year) = plain.split_once(['/', '-']).or_else(|| plain.split_at_checked(2))?;
    if !month.bytes().chain(year.bytes()).all(|byte| byte.is_ascii_digit()) || !(1..=2).contains(&month.len())
    {
        return None;
    }
    let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let year: i32 = match year.len() {
        2 => year.parse::<i32>().ok()?.checked_add(2000)?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    Some((month, year))
}

fn is_name(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::page::Language;

    #[test]
    fn expiries_are_read_as_people_write_them() {
        for text in ["12/30", "12 / 30", "12/2030", "1230", "122030", "12-30"] {
            assert_eq!(read_expiry(text), Some((12, 2030)), "{text}");
        }
        assert_eq!(read_expiry("1/30"), Some((1, 2030)));
        for text in ["", "13/30", "00/30", "12/3", "12/20300", "12", "１２/30", "a/b"] {
            assert_eq!(read_expiry(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let form = PayForm {
            card_number: "4242 4242 4242 4242".into(),
            expiry: "03/26".into(),
            cvc: "123".into(),
            name: "Ana Ruiz".into(),
            ..PayForm::default()
        };
        let words = Words::of(Language::En);
        // Still March in New York.
        assert!(form.instrument("2026-04-01T03:00:00Z".parse().unwrap(), words).is_ok());
        let problems = form.instrument("2026-04-01T05:00:00Z".parse().unwrap(), words).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["expiry"]);
    }

    #[test]
    fn an_empty_form_names_every_field() {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        let words = Words::of(Language::Es);
        let fields = |form: &PayForm| {
            form.instrument(now, words).unwrap_err().iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&PayForm::default()), ["card_number", "expiry", "cvc", "name"]);
        let bank = PayForm { method: "bank".into(), ..PayForm::default() };
        assert_eq!(fields(&bank), ["account_name", "routing_number", "account_number", "mandate"]);
    }
}
