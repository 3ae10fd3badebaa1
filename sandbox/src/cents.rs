//! Amounts: integer cents inside, text with two decimals on the wire.

/// The most an amount may be: 999,999,999,999.99.
const MOST: i64 = 99_999_999_999_999;

/// Cents of a text such as `"85.40"`. Only plain digits, a point and two decimals; more than zero.
pub(crate) fn read(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if part.len() != 2 || whole.len() > 12 || !digits(whole) || !digits(part) {
        return None;
    }
    let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
    (1..=MOST).contains(&cents).then_some(cents)
}

/// `8540` as `"85.40"`, `-5` as `"-0.05"`.
pub(crate) fn say(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// `8540` as `"$85.40"` with commas in the thousands, for people.
pub(crate) fn dollars(cents: i64) -> String {
    let plain = say(cents);
    let (sign, size) = plain.strip_prefix('-').map_or(("", plain.as_str()), |size| ("-", size));
    let (whole, part) = size.split_once('.').unwrap_or((size, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len().saturating_sub(at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{part}")
}

/// The gateway's fee on a card charge: 2.9 % rounded half up to the cent, and 30 cents.
pub(crate) fn card_fee(cents: i64) -> i64 {
    (cents.saturating_mul(29).saturating_add(500) / 1000).saturating_add(30)
}

/// The gateway's fee on a bank debit, in cents.
pub(crate) const BANK_FEE: i64 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_amounts_are_read() {
        assert_eq!(read("85.40"), Some(8540));
        assert_eq!(read("999999999999.99"), Some(MOST));
        for odd in [
            "",
            "0.00",
            "-1.00",
            "1",
            "1.0",
            "1.000",
            "1e3.00",
            "+1.00",
            " 1.00",
            "1_0.00",
            "１.00",
            ".50",
            "1000000000000.00",
            "NaN",
            "85,40",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn amounts_are_said_with_two_decimals() {
        assert_eq!(say(5), "0.05");
        assert_eq!(say(-8540), "-85.40");
        assert_eq!(dollars(123_456_789), "$1,234,567.89");
        assert_eq!(dollars(99), "$0.99");
    }

    #[test]
    fn fees_round_half_up() {
        assert_eq!(card_fee(8540), 278);
        assert_eq!(card_fee(50), 31);
        assert_eq!(card_fee(500), 45);
    }
}
