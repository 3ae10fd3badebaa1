//! How a payment was made, in words.

use i18n_embed_fl::fl;

use super::{Language, words};
use crate::{
    bills::PaymentLine,
    payments::{Method, PaymentState},
};

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

/// Where a payment stands, in a word.
pub fn say_state(state: PaymentState, language: Language) -> String {
    use PaymentState as S;
    let words = words(language);
    match state {
        S::Created => fl!(words, "payment-state-created"),
        S::RequiresAction => fl!(words, "payment-state-at-gateway"),
        S::Submitting | S::Unknown | S::Authorized | S::CapturePending => {
            fl!(words, "payment-state-confirming")
        }
        S::Captured => fl!(words, "payment-state-received"),
        S::Processing => fl!(words, "payment-state-pending"),
        S::Settled | S::DisputeWon => fl!(words, "payment-state-settled"),
        S::Declined => fl!(words, "payment-state-declined"),
        S::Voided => fl!(words, "payment-state-cancelled"),
        S::Expired => fl!(words, "payment-state-expired"),
        S::Rejected | S::Absent => fl!(words, "payment-state-not-taken"),
        S::Returned => fl!(words, "payment-state-returned"),
        S::Mismatch | S::NeedsReview => fl!(words, "payment-state-review"),
        S::Disputed | S::DisputeLost => fl!(words, "payment-state-disputed"),
    }
}

/// A brand as people know it: some gateways write `visa`, others `Visa`. One we do not know is said as it was written.
pub fn brand_name(brand: &str) -> String {
    match brand.to_ascii_lowercase().as_str() {
        "visa" => "Visa".to_owned(),
        "mastercard" => "Mastercard".to_owned(),
        "amex" | "american express" => "American Express".to_owned(),
        "discover" => "Discover".to_owned(),
        _ => brand.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_is_said_one_way_however_it_was_written() {
        for written in ["visa", "Visa", "VISA"] {
            assert_eq!(brand_name(written), "Visa");
        }
        for written in ["amex", "American Express", "AMERICAN EXPRESS"] {
            assert_eq!(brand_name(written), "American Express");
        }
        assert_eq!(brand_name("Local Card"), "Local Card");
    }
}
