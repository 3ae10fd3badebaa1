//! The mailed receipt: what the page of the payment says, in the payer's language (rule R35).

use i18n_embed_fl::fl;

use crate::{
    money,
    payments::{Method, PaymentView, Stage},
    words::{Language, say_ask, say_date, say_deadline, say_method, sentence, words},
};

/// The facts `mail-receipt` names, as they stand when the mail is written.
pub(super) fn facts(payment: &PaymentView, language: Language) -> Vec<(String, String)> {
    let line = &payment.line;
    let channel = sentence(language, &format!("channel-{}", line.channel), &[]);
    let facts = [
        ("parts", parts(payment, language)),
        ("method", say_method(line, language)),
        ("payer", format!("{}, {channel}", payment.payer_name)),
        ("received", say_deadline(line.received_at, &payment.zone, language)),
        (
            "posted",
            line.posted_at.map_or_else(
                || fl!(words(language), "trail-not-yet"),
                |at| say_deadline(at, &payment.zone, language),
            ),
        ),
        ("settled", settled(payment, language)),
        ("left", money::say(payment.owed_after)),
        ("undo", undo(payment, language)),
    ];
    facts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// "bill M-1042, $120.00; your credit with us, $5.00".
fn parts(payment: &PaymentView, language: Language) -> String {
    let parts = payment.allocation.iter().map(|(what, amount)| {
        let amount = money::say(*amount);
        if what == "credit" {
            fl!(words(language), "mail-receipt-part-credit", amount = amount)
        } else {
            fl!(words(language), "mail-receipt-part", bill = what.clone(), amount = amount)
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn settled(payment: &PaymentView, language: Language) -> String {
    match (payment.line.settled_on, &payment.stage) {
        (Some(on), _) => say_date(on, language),
        (None, Stage::Received { final_on: Some(on), .. }) => {
            fl!(words(language), "payment-settled-by", date = say_date(*on, language))
        }
        (None, _) => fl!(words(language), "payment-settled-not"),
    }
}

/// By oneself until the cut-off, afterwards with people.
fn undo(payment: &PaymentView, language: Language) -> String {
    let words = words(language);
    match &payment.stage {
        Stage::Received { cancel_until: Some(cut_off), .. } => {
            let until =
                fl!(words, "payment-undo-until", when = say_deadline(cut_off.at, &cut_off.zone, language));
            let comes_back = match payment.line.method {
                Method::Bank => fl!(words, "payment-undo-bank"),
                _ => fl!(words, "payment-undo-card"),
            };
            let after = fl!(words, "payment-undo-after");
            format!("{until} {comes_back} {after} {}", say_ask(&payment.ways.ask, language))
        }
        Stage::Received { cancel_until: None, .. } | Stage::Settled => {
            format!("{} {}", fl!(words, "payment-undo-late"), say_ask(&payment.ways.ask, language))
        }
        _ => fl!(words, "mail-receipt-moved-on"),
    }
}
