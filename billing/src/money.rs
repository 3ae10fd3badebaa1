//! Amounts of money: exact, two decimal places, one currency (U.S. dollars).

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount the ledger holds, in cents: `numeric(14,2)`.
pub const MAX_CENTS: i64 = 99_999_999_999_999;

/// An exact amount in dollars and cents. May be negative (a credit); text with two decimals in JSON.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(transparent))]
pub struct Money(Decimal);

/// Why a number is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    #[error("more than two decimal places")]
    TooPrecise,
    #[error("larger than the ledger holds")]
    TooLarge,
    #[error("not a number")]
    NotANumber,
}

impl Money {
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// An amount of whole cents.
    pub fn from_cents(cents: i64) -> Self {
        Self(Decimal::new(cents, 2))
    }

    /// An exact decimal as money. Refuses a third decimal place: `numeric(14,2)` would round it silently.
    pub fn exact(value: Decimal) -> Result<Self, NotMoney> {
        let value = value.normalize();
        if value.scale() > 2 {
            return Err(NotMoney::TooPrecise);
        }
        let mut value = value;
        value.rescale(2);
        if value.abs() > Decimal::new(MAX_CENTS, 2) {
            return Err(NotMoney::TooLarge);
        }
        Ok(Self(value))
    }

    /// A decimal of any precision, rounded once to the cent, half away from zero.
    pub fn rounded(value: Decimal) -> Result<Self, NotMoney> {
        Self::exact(value.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    }

    /// Our own text form, `-?digits.dd`, as in JSON and files of ours. Typed amounts go through [`cents`].
    pub fn read(text: &str) -> Result<Self, NotMoney> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').ok_or(NotMoney::NotANumber)?;
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if fraction.len() != 2 || !all_digits(whole) || !all_digits(fraction) {
            return Err(NotMoney::NotANumber);
        }
        let cents: i64 = format!("{whole}{fraction}").parse().map_err(|_| NotMoney::TooLarge)?;
        if cents > MAX_CENTS {
            return Err(NotMoney::TooLarge);
        }
        Ok(Self::from_cents(if negative { cents.checked_neg().unwrap_or(0) } else { cents }))
    }

    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whole cents.
    pub fn to_cents(self) -> i64 {
        i64::try_from(self.0.mantissa()).unwrap_or(i64::MAX)
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    #[must_use]
    pub fn negated(self) -> Self {
        Self::ZERO.minus(self)
    }

    /// The amount times a rate, rounded once to the cent, half away from zero. With [`Money::split`] the only rounding.
    pub fn times(self, rate: Decimal) -> Result<Self, NotMoney> {
        Self::rounded(self.0.checked_mul(rate).ok_or(NotMoney::TooLarge)?)
    }

    /// Shares this amount by weight, to the cent, by largest remainder; the parts always sum to the whole.
    /// Equal remainders go to the earlier part. All weights zero: everything to the first part.
    pub fn split(self, weights: &[Decimal]) -> Vec<Self> {
        let total: Decimal = weights.iter().copied().map(|w| w.abs()).sum();
        if weights.is_empty() {
            return Vec::new();
        }
        let cents = Decimal::from(self.to_cents());
        let mut parts: Vec<(i64, Decimal)> = weights
            .iter()
            .enumerate()
            .map(|(index, weight)| {
                let exact = if total.is_zero() {
                    if index == 0 { cents } else { Decimal::ZERO }
                } else {
                    cents.saturating_mul(weight.abs()).checked_div(total).unwrap_or_default()
                };
                let floor = exact.floor();
                (i64::try_from(floor.mantissa()).unwrap_or_default(), exact.saturating_sub(floor))
            })
            .collect();
        let given: i64 = parts.iter().map(|p| p.0).fold(0, i64::saturating_add);
        let mut left = self.to_cents().saturating_sub(given);
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| {
            let remainder = |i: &usize| parts.get(*i).map_or(Decimal::ZERO, |p| p.1);
            remainder(b).cmp(&remainder(a)).then(a.cmp(b))
        });
        // A division of 28 digits may have rounded a share up to the next cent: what is too much comes off the end.
        let step = left.signum();
        let mut takers: Box<dyn Iterator<Item = usize>> =
            if left >= 0 { Box::new(order.into_iter()) } else { Box::new(order.into_iter().rev()) };
        while left != 0 {
            let Some(part) = takers.next().and_then(|index| parts.get_mut(index)) else { break };
            part.0 = part.0.saturating_add(step);
            left = left.saturating_sub(step);
        }
        parts.into_iter().map(|p| Self::from_cents(p.0)).collect()
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Money {
    /// `1240.50`: two decimals, no sign of currency, no commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).map_err(serde::de::Error::custom)
    }
}

/// The way money is shown to people in both languages: `$1,240.50`, `−$60.00`.
pub fn say(amount: Money) -> String {
    say_cents(amount.to_cents())
}

/// [`say`] for whole cents: the browser half brings no decimals along.
pub fn say_cents(cents: i64) -> String {
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    format!("{sign}${grouped}.{:02}", cents.unsigned_abs() % 100)
}

/// Why a typed amount was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AmountProblem {
    Empty,
    /// Letters, exponents, other scripts' digits, signs in odd places.
    NotANumber,
    Negative,
    Zero,
    /// More than two digits after the point.
    TooPrecise,
    /// A comma where a point or a group was meant, or a point where a group was meant: the likely reading in cents.
    Unclear {
        cents: i64,
    },
    TooLarge,
}

/// Reads an amount as people type it, into whole cents: optional `$`, commas only in correct groups of three,
/// none to two decimals. `85,40` and `1.240` are refused with the likely reading, never guessed.
/// The one reader of typed amounts, for the server and for the browser.
pub fn cents(typed: &str) -> Result<i64, AmountProblem> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(AmountProblem::Empty);
    }
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let text = text.strip_prefix('$').map_or(text, str::trim_start);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.') {
        return Err(AmountProblem::NotANumber);
    }
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return Err(AmountProblem::NotANumber);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains(['.', ',']) || text.ends_with('.') || whole.is_empty() {
        return Err(AmountProblem::NotANumber);
    }
    let digits = ungroup(whole, fraction.is_empty())?;
    if fraction.len() == 3 && digits.len() <= 3 && whole == digits {
        return Err(likely(&format!("{digits}{fraction}00")));
    }
    if fraction.len() > 2 {
        return Err(AmountProblem::TooPrecise);
    }
    let value = to_cents(&format!("{digits}{fraction:0<2}"))?;
    if negative {
        return Err(AmountProblem::Negative);
    }
    if value == 0 {
        return Err(AmountProblem::Zero);
    }
    Ok(value)
}

/// Takes commas out of `whole` where they stand in groups of three.
fn ungroup(whole: &str, may_be_decimal: bool) -> Result<String, AmountProblem> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    if rest.is_empty() {
        return Ok(first.to_owned());
    }
    if (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3) {
        return Ok(format!("{first}{}", rest.concat()));
    }
    match rest.as_slice() {
        [decimals] if may_be_decimal && (1..=2).contains(&decimals.len()) && !first.is_empty() => {
            Err(likely(&format!("{first}{decimals:0<2}")))
        }
        _ => Err(AmountProblem::NotANumber),
    }
}

fn likely(digits: &str) -> AmountProblem {
    match to_cents(digits) {
        Ok(cents) => AmountProblem::Unclear { cents },
        Err(problem) => problem,
    }
}

fn to_cents(digits: &str) -> Result<i64, AmountProblem> {
    let digits = digits.trim_start_matches('0');
    if digits.len() > 14 {
        return Err(AmountProblem::TooLarge);
    }
    if digits.is_empty() { Ok(0) } else { digits.parse().map_err(|_| AmountProblem::NotANumber) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("85.40", 8540)]
    #[case(" $1,240.5 ", 124_050)]
    #[case("$ 7", 700)]
    #[case("0012", 1200)]
    #[case("12,345,678.90", 1_234_567_890)]
    #[case("999999999999.99", MAX_CENTS)]
    fn amounts_people_type_are_read(#[case] typed: &str, #[case] expected: i64) {
        assert_eq!(cents(typed), Ok(expected));
    }

    #[rstest]
    #[case("", AmountProblem::Empty)]
    #[case("  ", AmountProblem::Empty)]
    #[case("-5", AmountProblem::Negative)]
    #[case("0", AmountProblem::Zero)]
    #[case("0.00", AmountProblem::Zero)]
    #[case("1e3", AmountProblem::NotANumber)]
    #[case("1_0", AmountProblem::NotANumber)]
    #[case("NaN", AmountProblem::NotANumber)]
    #[case("8\u{ff15}.40", AmountProblem::NotANumber)]
    #[case("1.2.3", AmountProblem::NotANumber)]
    #[case(".50", AmountProblem::NotANumber)]
    #[case("5.", AmountProblem::NotANumber)]
    #[case("12,34,567", AmountProblem::NotANumber)]
    #[case("12.3456", AmountProblem::TooPrecise)]
    #[case("85,40", AmountProblem::Unclear { cents: 8540 })]
    #[case("1.240", AmountProblem::Unclear { cents: 124_000 })]
    #[case("9223372036854775808", AmountProblem::TooLarge)]
    #[case("1000000000000", AmountProblem::TooLarge)]
    fn what_cannot_be_read_is_refused(#[case] typed: &str, #[case] expected: AmountProblem) {
        assert_eq!(cents(typed), Err(expected));
    }

    #[test]
    fn json_is_text_with_two_decimals() {
        assert_eq!(serde_json::to_string(&Money::from_cents(1250)).unwrap(), "\"12.50\"");
        assert_eq!(serde_json::from_str::<Money>("\"12.50\"").unwrap(), Money::from_cents(1250));
        assert!(serde_json::from_str::<Money>("12.5").is_err());
    }

    #[test]
    fn people_see_dollars_with_commas() {
        assert_eq!(say(Money::from_cents(124_050)), "$1,240.50");
        assert_eq!(say(Money::from_cents(-6000)), "\u{2212}$60.00");
        assert_eq!(say(Money::from_cents(5)), "$0.05");
        assert_eq!(say(Money::from_cents(100_000_000)), "$1,000,000.00");
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0_i64..10_000, 1..20)) {
            let weights: Vec<Decimal> = weights.into_iter().map(Decimal::from).collect();
            let parts = Money::from_cents(total).split(&weights);
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(parts.into_iter().sum::<Money>(), Money::from_cents(total));
        }

        #[test]
        fn what_is_said_is_read_back(value in 1_i64..MAX_CENTS) {
            prop_assert_eq!(cents(&say(Money::from_cents(value))), Ok(value));
        }

        #[test]
        fn reading_never_panics(typed in "\\PC{0,24}") {
            let _ = cents(&typed);
        }
    }
}
