//! Card numbers are typed at the gateway and nowhere else (abuse case 22). What could hold one is told here, before
//! anything reads, keeps or shows it; `holds_card` in the database is the last wall behind it (Q3).

/// Digits a card number has (ISO/IEC 7812).
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;
/// Between two groups of its digits stands no more than this.
const LONGEST_GAP: usize = 3;

/// Whether a text holds what could be a card number: 13 to 19 digits that pass the Luhn test, whole or in groups, however
/// they are written. Ids of ours and dates (ISO 8601) are no cards.
pub fn holds_card(text: &str) -> bool {
    find(text).is_some()
}

/// The text with all but the last four digits of each such number made unreadable: for what others have written, which
/// cannot be sent back.
pub fn without_cards(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(places) = find(&text) {
        let hidden = places.get(..places.len().saturating_sub(4)).unwrap_or_default();
        text = text.char_indices().map(|(at, c)| if hidden.contains(&at) { '•' } else { c }).collect();
    }
    text
}

/// Where the digits of the first such number stand, in bytes.
fn find(text: &str) -> Option<Vec<usize>> {
    let groups = groups(text);
    (0..groups.len()).find_map(|first| {
        let mut found: Vec<Digit> = Vec::new();
        for (number, group) in groups.iter().skip(first).enumerate() {
            if number > 0 && group.gap > LONGEST_GAP {
                break;
            }
            found.extend(&group.digits);
            if found.len() > *LENGTHS.end() {
                break;
            }
            if LENGTHS.contains(&found.len()) && passes_luhn(&found) {
                return Some(found.iter().map(|digit| digit.at).collect());
            }
        }
        None
    })
}

#[derive(Clone, Copy)]
struct Digit {
    at: usize,
    value: u32,
}

/// Digits that stand together, after so many characters that keep groups of one number apart.
struct Group {
    gap: usize,
    digits: Vec<Digit>,
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut gap = usize::MAX;
    for (at, character) in without_ids_and_dates(text).char_indices() {
        let Some(value) = digit(character) else {
            gap = if parts(character) { gap.saturating_add(1) } else { usize::MAX };
            continue;
        };
        let digit = Digit { at, value };
        match groups.last_mut().filter(|_| gap == 0) {
            Some(group) => group.digits.push(digit),
            None => groups.push(Group { gap, digits: vec![digit] }),
        }
        gap = 0;
    }
    groups
}

/// The value of a digit of any keyboard: ASCII, full-width, Arabic.
fn digit(character: char) -> Option<u32> {
    let zero = match character {
        '0'..='9' => '0',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return None,
    };
    u32::from(character).checked_sub(u32::from(zero))
}

/// What people write between the groups of a number: white space, dots, dashes of any kind, and what is not seen.
fn parts(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '-' | '.' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The text, as long as it was, with ids of ours (8-4-4-4-12 hexadecimal digits) and dates (2027-01-31) struck out: some
/// of them pass the test.
fn without_ids_and_dates(text: &str) -> String {
    const ID: usize = 36;
    const DATE: usize = 10;
    let mut rest = text;
    let mut left = String::with_capacity(text.len());
    while let Some(character) = rest.chars().next() {
        let is_id = rest.get(..ID).is_some_and(|word| uuid::Uuid::try_parse(word).is_ok());
        let digit_next = |next: Option<char>| next.and_then(digit).is_some();
        let is_date = !digit_next(left.chars().next_back())
            && rest.get(..DATE).is_some_and(is_date)
            && !digit_next(rest.get(DATE..).and_then(|rest| rest.chars().next()));
        let length = if is_id {
            ID
        } else if is_date {
            DATE
        } else {
            left.push(character);
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
            continue;
        };
        left.extend(std::iter::repeat_n('/', length));
        rest = rest.get(length..).unwrap_or_default();
    }
    left
}

/// No card number begins with these centuries.
fn is_date(text: &str) -> bool {
    (text.starts_with("19") || text.starts_with("20")) && text.parse::<chrono::NaiveDate>().is_ok()
}

fn passes_luhn(digits: &[Digit]) -> bool {
    let sum = digits.iter().rev().enumerate().fold(0_u32, |sum, (place, digit)| {
        let counted = match (place.is_multiple_of(2), digit.value.saturating_mul(2)) {
            (true, _) => digit.value,
            (false, twice @ 0..=9) => twice,
            (false, twice) => twice.saturating_sub(9),
        };
        sum.saturating_add(counted)
    });
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_others_keeps_its_last_four_digits() {
        for (text, hidden) in [
            ("to card 4242 4242 4242 4242, thanks", "to card •••• •••• •••• 4242, thanks"),
            ("4242424242424242/4000002500003155", "••••••••••••4242/••••••••••••3155"),
            ("６０１１１１１１１１１１１１１７", "••••••••••••１１１７"),
            ("Dr. Vale, 2019-03-05 2019-03-17", "Dr. Vale, 2019-03-05 2019-03-17"),
        ] {
            assert_eq!(without_cards(text), hidden);
        }
    }

    #[test]
    fn a_card_number_is_found_however_it_is_written() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "4242.4242.4242.4242",
            "4242 - 4242 - 4242 - 4242",
            "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
            "3782 822463 10005",
            "378282246310005",
            "６０１１１１１１１１１１１１１７",
            "4242\u{200b}4242\u{a0}4242\u{2013}4242",
            "my card: 4242424242424242, 12/27, 123",
            "4242 4242 4242 4242 12 27 123",
            "12 4242 4242 4242 4242",
            "4242424242424242@example.test",
            "cc4242424242424242x",
            "6759649826438453",
            "4222222222222",
            "6304000000000000000",
            "a\n4242\t4242\r4242\0 4242",
        ] {
            assert!(holds_card(text), "{text:?}");
        }
    }

    #[test]
    fn other_digits_are_no_card() {
        for text in [
            "",
            "120.00",
            "1,234,567.89",
            "4242424242424241",
            "424242424242",
            "42424242424242424242",
            "110000001",
            "01/31/1980",
            "1 877 365 9900",
            "2027-01-05T18:00:00Z",
            "42424242-4242-4242-4242-424242424242",
            "/payments/42424242-4242-4242-4242-424242424242?again=42424242-4242-4242-4242-424242424242",
            "4242 or 4242, 4242; 4242",
            "violet harbor 42 umbrella",
            "AbC-_9xZ0123456789AbC-_9xZ0123456789AbC-_9x",
            "é４２",
            "2019-03-05 2019-03-17",
        ] {
            assert!(!holds_card(text), "{text:?}");
        }
    }
}
