//! What a charge is paid with, and what the test numbers do. Card and account numbers end here: all that goes on is
//! the brand, the last four and what the number does.

use serde::{Deserialize, Serialize};

use crate::ids;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Card,
    Bank,
}

/// Why the bank said no, as a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decline {
    InsufficientFunds,
    DoNotHonour,
    ExpiredCard,
    WrongDetails,
    LostOrStolen,
    Limit,
    Fraud,
    ClosedAccount,
    TryLater,
}

impl Decline {
    pub(crate) const ALL: [Self; 9] = [
        Self::InsufficientFunds,
        Self::DoNotHonour,
        Self::ExpiredCard,
        Self::WrongDetails,
        Self::LostOrStolen,
        Self::Limit,
        Self::Fraud,
        Self::ClosedAccount,
        Self::TryLater,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::DoNotHonour => "do_not_honour",
            Self::ExpiredCard => "expired_card",
            Self::WrongDetails => "wrong_details",
            Self::LostOrStolen => "lost_or_stolen",
            Self::Limit => "limit",
            Self::Fraud => "fraud",
            Self::ClosedAccount => "closed_account",
            Self::TryLater => "try_later",
        }
    }
}

/// What happens when a number is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Behaviour {
    Succeeds,
    /// The card's bank wants to hear from its holder first; only on a page.
    AsksFirst,
    Declines(Decline),
    /// Succeeds, but only after a while.
    Slow,
    /// Succeeds, and never answers.
    Silent,
    /// A bank debit that comes back instead of settling.
    Returns(ReturnCode),
    /// A bank debit that settles and comes back weeks later.
    ReturnsLate(ReturnCode),
}

/// Nacha return reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReturnCode {
    R01,
    R02,
    R03,
    R04,
    R07,
    R09,
    R10,
    R29,
}

impl ReturnCode {
    pub(crate) const ALL: [Self; 8] =
        [Self::R01, Self::R02, Self::R03, Self::R04, Self::R07, Self::R09, Self::R10, Self::R29];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::R01 => "R01",
            Self::R02 => "R02",
            Self::R03 => "R03",
            Self::R04 => "R04",
            Self::R07 => "R07",
            Self::R09 => "R09",
            Self::R10 => "R10",
            Self::R29 => "R29",
        }
    }
}

/// A card or bank account as the gateway keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instrument {
    pub(crate) method: Method,
    pub(crate) brand: Option<String>,
    pub(crate) last4: String,
    /// `MM/YYYY`, cards only.
    pub(crate) expires: Option<String>,
    pub(crate) token: String,
    pub(crate) behaviour: Behaviour,
}

/// A test card as the hosted page lists it.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    pub(crate) behaviour: Behaviour,
}

const fn card(number: &'static str, behaviour: Behaviour) -> TestCard {
    TestCard { number, behaviour }
}

pub(crate) const CARDS: [TestCard; 13] = [
    card("4242424242424242", Behaviour::Succeeds),
    card("5555555555554444", Behaviour::Succeeds),
    card("4000002500003155", Behaviour::AsksFirst),
    card("4000000000009995", Behaviour::Declines(Decline::InsufficientFunds)),
    card("4000000000000002", Behaviour::Declines(Decline::DoNotHonour)),
    card("4000000000000069", Behaviour::Declines(Decline::ExpiredCard)),
    card("4000000000000127", Behaviour::Declines(Decline::WrongDetails)),
    card("4000000000009979", Behaviour::Declines(Decline::LostOrStolen)),
    card("4000000000006975", Behaviour::Declines(Decline::Limit)),
    card("4100000000000019", Behaviour::Declines(Decline::Fraud)),
    card("4000000000000119", Behaviour::Declines(Decline::TryLater)),
    card("4000000000000341", Behaviour::Slow),
    card("4000000000000259", Behaviour::Silent),
];

/// A test account as the hosted page lists it.
pub(crate) struct TestAccount {
    pub(crate) number: &'static str,
    pub(crate) behaviour: Behaviour,
}

const fn account(number: &'static str, behaviour: Behaviour) -> TestAccount {
    TestAccount { number, behaviour }
}

/// The one routing number the test accounts stand at.
pub(crate) const ROUTING: &str = "110000000";

pub(crate) const ACCOUNTS: [TestAccount; 11] = [
    account("000123456789", Behaviour::Succeeds),
    account("000111111116", Behaviour::Returns(ReturnCode::R01)),
    account("000111111113", Behaviour::Returns(ReturnCode::R02)),
    account("000111111121", Behaviour::Returns(ReturnCode::R03)),
    account("000111111129", Behaviour::Returns(ReturnCode::R04)),
    account("000111111137", Behaviour::Returns(ReturnCode::R07)),
    account("000111111145", Behaviour::Returns(ReturnCode::R10)),
    account("000111111153", Behaviour::Returns(ReturnCode::R29)),
    account("000111111161", Behaviour::Returns(ReturnCode::R09)),
    account("000111111227", Behaviour::Declines(Decline::ClosedAccount)),
    account("000111111210", Behaviour::ReturnsLate(ReturnCode::R10)),
];

impl Instrument {
    /// The card with this number of digits only. One that is no test card is declined as wrong details: real
    /// numbers have no business here.
    pub(crate) fn card(number: &str, expires: String) -> Self {
        let known = CARDS.iter().find(|card| card.number == number);
        Self {
            method: Method::Card,
            brand: Some(brand(number).to_owned()),
            last4: last4(number),
            expires: Some(expires),
            token: ids::fresh("tok"),
            behaviour: known.map_or(Behaviour::Declines(Decline::WrongDetails), |card| card.behaviour),
        }
    }

    /// The bank account with these numbers; likewise.
    pub(crate) fn bank(routing: &str, number: &str) -> Self {
        let known = ACCOUNTS.iter().find(|account| routing == ROUTING && account.number == number);
        Self {
            method: Method::Bank,
            brand: None,
            last4: last4(number),
            expires: None,
            token: ids::fresh("tok"),
            behaviour: known.map_or(Behaviour::Declines(Decline::WrongDetails), |account| account.behaviour),
        }
    }

    /// What a ready-made test token stands for: `tok_test_visa`, `tok_test_mastercard`, `tok_test_slow`,
    /// `tok_test_silent`, `tok_test_<decline class>`, `tok_test_bank`, `tok_test_bank_<return code>`,
    /// `tok_test_bank_late_R10`.
    pub(crate) fn test_token(token: &str) -> Option<Self> {
        let name = token.strip_prefix("tok_test_")?;
        let bank = |behaviour| (Method::Bank, behaviour);
        let (method, behaviour) = match name {
            "visa" | "mastercard" => (Method::Card, Behaviour::Succeeds),
            "slow" => (Method::Card, Behaviour::Slow),
            "silent" => (Method::Card, Behaviour::Silent),
            "bank" => bank(Behaviour::Succeeds),
            "bank_late_R10" => bank(Behaviour::ReturnsLate(ReturnCode::R10)),
            other => {
                if let Some(code) = other.strip_prefix("bank_") {
                    let code = ReturnCode::ALL.into_iter().find(|known| known.word() == code)?;
                    bank(Behaviour::Returns(code))
                } else {
                    let class = Decline::ALL.into_iter().find(|class| class.word() == other)?;
                    let method = if class == Decline::ClosedAccount { Method::Bank } else { Method::Card };
                    (method, Behaviour::Declines(class))
                }
            }
        };
        let number = match (method, name) {
            (Method::Card, "mastercard") => "5555555555554444",
            (Method::Card, _) => CARDS
                .iter()
                .find(|card| card.behaviour == behaviour)
                .map_or("4242424242424242", |card| card.number),
            (Method::Bank, _) => ACCOUNTS
                .iter()
                .find(|one| one.behaviour == behaviour)
                .map_or("000123456789", |one| one.number),
        };
        Some(Self {
            method,
            brand: (method == Method::Card).then(|| brand(number).to_owned()),
            last4: last4(number),
            expires: (method == Method::Card).then(|| "12/2035".to_owned()),
            token: token.to_owned(),
            behaviour,
        })
    }
}

fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "Visa",
        [b'5', b'1'..=b'5', ..] | [b'2', ..] => "Mastercard",
        [b'3', b'4' | b'7', ..] => "American Express",
        [b'6', ..] => "Discover",
        _ => "Card",
    }
}

fn last4(number: &str) -> String {
    number.chars().skip(number.chars().count().saturating_sub(4)).collect()
}

/// The check digit all card numbers end in (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn(number: &str) -> bool {
    let mut sum: u32 = 0;
    for (at, letter) in number.chars().rev().enumerate() {
        let Some(digit) = letter.to_digit(10) else { return false };
        let doubled = digit.saturating_mul(2);
        let weighed = match at % 2 {
            0 => digit,
            _ if doubled > 9 => doubled.saturating_sub(9),
            _ => doubled,
        };
        sum = sum.saturating_add(weighed);
    }
    !number.is_empty() && sum.is_multiple_of(10)
}

/// The check digit of a nine-digit routing number: weights 3, 7, 1.
pub(crate) fn routing_checks(number: &str) -> bool {
    let sum =
        number.chars().zip([3_u32, 7, 1].into_iter().cycle()).try_fold(0_u32, |sum, (letter, weight)| {
            Some(sum.saturating_add(letter.to_digit(10)?.saturating_mul(weight)))
        });
    number.len() == 9 && sum.is_some_and(|sum| sum > 0 && sum.is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decline_has_a_test_number() {
        for class in Decline::ALL {
            let behaviour = Behaviour::Declines(class);
            let card = CARDS.iter().any(|card| card.behaviour == behaviour);
            assert!(
                card || ACCOUNTS.iter().any(|account| account.behaviour == behaviour),
                "{}",
                class.word()
            );
        }
    }

    #[test]
    fn every_test_number_passes_its_check_digit() {
        for card in &CARDS {
            assert!(luhn(card.number), "{}", card.number);
        }
        assert!(routing_checks(ROUTING));
        assert!(!luhn("4242424242424241"));
        assert!(!luhn(""));
        assert!(!routing_checks("110000001"));
        assert!(!routing_checks("000000000"));
    }

    #[test]
    fn a_number_that_is_no_test_number_is_refused() {
        assert_eq!(
            Instrument::card("4111111111111111", "12/2030".into()).behaviour,
            Behaviour::Declines(Decline::WrongDetails)
        );
        assert_eq!(
            Instrument::bank("021000021", "000123456789").behaviour,
            Behaviour::Declines(Decline::WrongDetails)
        );
    }

    #[test]
    fn test_tokens_cover_every_ending() {
        for class in Decline::ALL {
            let token = format!("tok_test_{}", class.word());
            assert_eq!(Instrument::test_token(&token).unwrap().behaviour, Behaviour::Declines(class));
        }
        for code in ReturnCode::ALL {
            let token = format!("tok_test_bank_{}", code.word());
            assert_eq!(Instrument::test_token(&token).unwrap().behaviour, Behaviour::Returns(code));
        }
        assert_eq!(Instrument::test_token("tok_test_nonsense"), None);
        assert_eq!(Instrument::test_token("tok_other"), None);
    }
}
