//! How a payment was made, in words.

use i18n_embed_fl::fl;

use super::{Language, words};
use crate::{bills::PaymentLine, payments::Method};

/// "Visa card ending 4242", "cuenta bancaria terminada en 6789".
pub fn say_method(line: &PaymentLine, language: Language) -> String {
    let words = words(language);
    match (line.method, &line.brand, &line.last4) {
        (Method::Card, Some(brand), Some(last4)) => {
            fl!(words, "method-card-ending", brand = brand_name(brand), last4 = last4.clone())
        }
        (Method::Card, None, Some(last4)) => fl!(words, "method-any-card-ending", last4 = last4.clone()),
        (Method::Card, _, None) => fl!(words, "method-card"),
        (Method::Bank, _, Some(last4)) => fl!(words, "method-bank-ending", last4 = last4.clone()),
        (Method::Bank, _, None) => fl!(words, "method-bank"),
        (Method::Check, ..) => fl!(words, "method-check"),
        (Method::Cash, ..) => fl!(words, "method-cash"),
    }
}

/// Gateways write brands in small letters.
fn brand_name(brand: &str) -> String {
    match brand {
        "visa" => "Visa".to_owned(),
        "mastercard" => "Mastercard".to_owned(),
        "amex" => "American Express".to_owned(),
        "discover" => "Discover".to_owned(),
        other => other.to_owned(),
    }
}
