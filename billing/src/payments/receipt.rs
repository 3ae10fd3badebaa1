//! Numbers people read out on the telephone.

/// Digits and letters that are not taken for one another.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new receipt number, like `R-7Q2F-11K`: random, so that it says nothing of other payments. The database holds it
/// unique; one in thirty-four thousand million is taken twice.
#[cfg(feature = "postgres")]
pub(crate) fn number() -> String {
    spell(crate::ids::random::<7>())
}

fn spell(random: [u8; 7]) -> String {
    let mut text = String::from("R-");
    for (index, byte) in random.into_iter().enumerate() {
        if index == 4 {
            text.push('-');
        }
        if let Some(sign) = SIGNS.get(usize::from(byte % 32)) {
            text.push(char::from(*sign));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_no_letters_taken_for_digits() {
        assert_eq!(spell([7, 23, 2, 15, 1, 1, 19]), "R-7Q2F-11K");
        assert_eq!(spell([255; 7]), "R-ZZZZ-ZZZ");
        for sign in ["I", "L", "O", "U"] {
            assert!(!SIGNS.iter().any(|known| char::from(*known).to_string() == sign));
        }
    }
}
