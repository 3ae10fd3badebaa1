//! Whom to ask, in words.

use i18n_embed_fl::fl;

use super::{Language, words};
use crate::{
    bills::BillKind,
    rules::{Ask, Line},
};

/// "Automated line for premiums": what answers a number.
pub fn say_line(line: Line, language: Language) -> String {
    let words = words(language);
    match line {
        Line::Premiums => fl!(words, "line-premiums"),
        Line::AllBills => fl!(words, "line-all-bills"),
        Line::MemberServices => fl!(words, "line-member-services"),
    }
}

/// Where the number is printed, for who is in a region without a published line of people (S46, S76, S81).
pub fn say_printed(about: Option<BillKind>, language: Language) -> String {
    let words = words(language);
    match about {
        Some(BillKind::Premium) => fl!(words, "ask-premium"),
        Some(BillKind::Medical | BillKind::Pharmacy) => fl!(words, "ask-bill"),
        None => fl!(words, "ask-any"),
    }
}

/// Whom to ask, in one line for mail.
pub fn say_ask(ask: &Ask, language: Language) -> String {
    let Some(phone) = &ask.rep else { return say_printed(ask.about, language) };
    let tty = fl!(words(language), "ways-tty", number = phone.tty.clone());
    format!("{}: {} · {tty}", say_line(phone.line, language), say_phone(&phone.number))
}

/// "1-800-464-4000": a number of the country in one shape, however its source wrote it. Any other stays as it is.
pub fn say_phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let parts = (digits.get(..1), digits.get(1..4), digits.get(4..7), digits.get(7..));
    match parts {
        (Some("1"), Some(area), Some(exchange), Some(line)) if line.len() == 4 => {
            format!("1-{area}-{exchange}-{line}")
        }
        _ => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_country_have_one_shape() {
        for written in ["1 877 365 9900", "1-877-365-9900", "1 (877) 365-9900", "18773659900"] {
            assert_eq!(say_phone(written), "1-877-365-9900");
        }
        for written in ["711", "", "+44 20 7946 0958", "1 877 365 990"] {
            assert_eq!(say_phone(written), written);
        }
    }
}
