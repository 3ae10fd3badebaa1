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
    format!("{}: {} · {tty}", say_line(phone.line, language), phone.number)
}
