//! Decimals of a source, held exactly as written.
//!
//! Amounts in claims files carry the noise of somebody's floating point (`28.104000000000003`). They are added as
//! written and rounded once, at the end: rounding each first moves cents. [`Decimal`] rounds silently when a sum needs
//! more than 28 digits; this one refuses.

use rust_decimal::Decimal;

use crate::money::{MAX_CENTS, Money};

/// Digits an `i128` holds whatever they are.
const DIGITS: u32 = 38;
/// Decimal places that matter when shares are weighed: noise lies beyond them.
const WEIGHT_PLACES: u32 = 6;

/// `mantissa / 10^scale`, without trailing zeros after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    mantissa: i128,
    scale: u32,
}

/// Why a number of the source cannot be an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    #[error("not a decimal number")]
    NotANumber,
    #[error("larger than the ledger holds")]
    TooLarge,
    #[error("has more digits than can be added exactly")]
    TooFine,
}

impl Exact {
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// Reads a JSON number, exponent included, without losing a digit.
    pub fn read(literal: &str) -> Result<Self, NotExact> {
        let (negative, rest) = literal.strip_prefix('-').map_or((false, literal), |rest| (true, rest));
        let (number, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || number.ends_with('.') {
            return Err(NotExact::NotANumber);
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        let exponent = read_exponent(exponent)?;
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }

        // value = significant × 10^power
        let trailing = digits.len().saturating_sub(digits.trim_end_matches('0').len());
        let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let power = exponent.saturating_sub(length(fraction.len())).saturating_add(length(trailing));
        // 13 digits before the point: more than the ledger holds, checked again when it becomes money.
        if length(significant.len()).saturating_add(power) > 13 {
            return Err(NotExact::TooLarge);
        }
        let mantissa: i128 = significant.parse().map_err(|_| NotExact::TooFine)?;
        let mantissa = if negative { mantissa.saturating_neg() } else { mantissa };
        let places = u32::try_from(power.unsigned_abs()).map_err(|_| NotExact::TooFine)?;
        if power >= 0 {
            let mantissa =
                ten_to(places).and_then(|ten| mantissa.checked_mul(ten)).ok_or(NotExact::TooLarge)?;
            Ok(Self { mantissa, scale: 0 })
        } else if places > DIGITS {
            Err(NotExact::TooFine)
        } else {
            Ok(Self { mantissa, scale: places })
        }
    }

    pub fn plus(self, other: Self) -> Result<Self, NotExact> {
        let scale = self.scale.max(other.scale);
        let at_scale =
            |n: Self| ten_to(scale.saturating_sub(n.scale)).and_then(|ten| n.mantissa.checked_mul(ten));
        let (a, b) = (at_scale(self).ok_or(NotExact::TooFine)?, at_scale(other).ok_or(NotExact::TooFine)?);
        Ok(Self { mantissa: a.checked_add(b).ok_or(NotExact::TooFine)?, scale }.normal())
    }

    /// Adds exactly; the sum of nothing is `None`, which is not zero.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Option<Self>, NotExact> {
        amounts.into_iter().try_fold(None, |sum, amount| match sum {
            None => Ok(Some(amount)),
            Some(sum) => Self::plus(sum, amount).map(Some),
        })
    }

    /// Rounded once to the cent, half up (away from zero).
    pub fn to_money(self) -> Result<Money, NotExact> {
        let cents = if self.scale <= 2 {
            ten_to(2_u32.saturating_sub(self.scale)).and_then(|ten| self.mantissa.checked_mul(ten))
        } else {
            ten_to(self.scale.saturating_sub(2)).and_then(|unit| {
                let (whole, rest) = (self.mantissa.checked_div(unit)?, self.mantissa.checked_rem(unit)?);
                let up = rest.unsigned_abs() >= unit.unsigned_abs().saturating_sub(rest.unsigned_abs());
                whole.checked_add(if up { self.mantissa.signum() } else { 0 })
            })
        };
        let cents = cents.and_then(|cents| i64::try_from(cents).ok()).ok_or(NotExact::TooLarge)?;
        if cents.unsigned_abs() > MAX_CENTS.unsigned_abs() {
            return Err(NotExact::TooLarge);
        }
        Ok(Money::from_cents(cents))
    }

    /// For [`Money::split`]: as large as the amount, cut off where the noise begins.
    pub fn weight(self) -> Decimal {
        let cut = self.scale.saturating_sub(WEIGHT_PLACES);
        let kept = ten_to(cut).and_then(|unit| self.mantissa.checked_div(unit)).unwrap_or_default();
        Decimal::try_from_i128_with_scale(kept, self.scale.min(WEIGHT_PLACES)).unwrap_or_default()
    }

    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    fn normal(mut self) -> Self {
        while self.scale > 0 && self.mantissa.checked_rem(10) == Some(0) {
            self.mantissa = self.mantissa.checked_div(10).unwrap_or_default();
            self.scale = self.scale.saturating_sub(1);
        }
        self
    }
}

impl std::fmt::Display for Exact {
    /// Every digit, no exponent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let places = usize::try_from(self.scale).unwrap_or_default();
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = places.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

fn ten_to(power: u32) -> Option<i128> {
    10_i128.checked_pow(power)
}

fn read_exponent(text: &str) -> Result<i64, NotExact> {
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotExact::NotANumber);
    }
    // Beyond a few hundred it is out of every range; only the sign still matters.
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
    Ok(if negative { size.saturating_neg() } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("28.104000000000003", "28.104000000000003", "28.10")]
    #[case("0", "0", "0.00")]
    #[case("-0.0", "0", "0.00")]
    #[case("0e999999999999999999999", "0", "0.00")]
    #[case("5.684341886080802E-14", "0.00000000000005684341886080802", "0.00")]
    #[case("1.5e2", "150", "150.00")]
    #[case("150.00e-2", "1.5", "1.50")]
    #[case("0.005", "0.005", "0.01")]
    #[case("0.00499999999999999999999999999999", "0.00499999999999999999999999999999", "0.00")]
    #[case("-0.005", "-0.005", "-0.01")]
    #[case("2.675", "2.675", "2.68")]
    #[case("999999999999.99", "999999999999.99", "999999999999.99")]
    fn a_number_keeps_every_digit_and_is_rounded_once(
        #[case] literal: &str,
        #[case] exact: &str,
        #[case] money: &str,
    ) {
        let read = Exact::read(literal).unwrap();
        assert_eq!(read.to_string(), exact);
        assert_eq!(read.to_money().unwrap().to_string(), money);
    }

    #[rstest]
    #[case("1e13", NotExact::TooLarge)]
    #[case("1e999999999999999999999999", NotExact::TooLarge)]
    #[case("9223372036854775808", NotExact::TooLarge)]
    #[case("1e-39", NotExact::TooFine)]
    #[case("1.000000000000000000000000000000000000001", NotExact::TooFine)]
    #[case("", NotExact::NotANumber)]
    #[case("-", NotExact::NotANumber)]
    #[case("NaN", NotExact::NotANumber)]
    #[case("1.", NotExact::NotANumber)]
    #[case("1_000", NotExact::NotANumber)]
    #[case("\u{ff11}", NotExact::NotANumber)]
    fn what_cannot_be_held_exactly_is_refused(#[case] literal: &str, #[case] why: NotExact) {
        assert_eq!(Exact::read(literal), Err(why));
    }

    #[test]
    fn a_sum_beyond_the_digits_is_refused_rather_than_rounded() {
        let large = Exact::read("123456789012.5").unwrap();
        let fine = Exact::read("1e-38").unwrap();
        assert_eq!(large.plus(fine), Err(NotExact::TooFine));
    }

    #[test]
    fn money_of_more_than_the_ledger_holds_is_refused() {
        assert_eq!(Exact::read("9999999999999").unwrap().to_money(), Err(NotExact::TooLarge));
    }

    proptest! {
        #[test]
        fn whole_cents_come_back_unchanged(cents in -MAX_CENTS..MAX_CENTS) {
            let money = Money::from_cents(cents);
            prop_assert_eq!(Exact::read(&money.to_string()).unwrap().to_money(), Ok(money));
        }

        #[test]
        fn sums_do_not_depend_on_order(mut cents in prop::collection::vec(-10_000_000_i64..10_000_000, 1..20)) {
            let add = |list: &[i64]| Exact::sum(list.iter().map(|c| Exact::read(&format!("{c}e-5")).unwrap()));
            let forward = add(&cents).unwrap();
            cents.reverse();
            prop_assert_eq!(add(&cents).unwrap(), forward);
        }

        #[test]
        fn reading_never_panics(literal in "[-+0-9.eE]{0,60}") {
            let _ = Exact::read(&literal).and_then(Exact::to_money);
        }
    }
}
