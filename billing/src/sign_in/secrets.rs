//! Secrets that are derived, never stored: keyed hashes under the plan's own secret, each for one purpose.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{error::Fault, ids};

/// The plan's secret, as a maker of keyed hashes.
#[derive(Clone, Copy)]
pub(crate) struct Secret<'a>(pub(crate) &'a [u8; 32]);

impl Secret<'_> {
    /// HMAC-SHA-256 of the parts under this purpose; parts are length-prefixed, so none can be mistaken for another.
    pub(crate) fn keyed(self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], Fault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0)
            .map_err(|_| Fault::broken("the plan's secret is no key"))?;
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().into())
    }

    /// The secret part of a mailed link.
    pub(crate) fn link_token(self, proof: Uuid) -> Result<String, Fault> {
        Ok(URL_SAFE_NO_PAD.encode(self.keyed("link", &[proof.as_bytes()])?))
    }

    /// Six digits, shown where a link was asked for.
    pub(crate) fn shown_code(self, proof: Uuid) -> Result<String, Fault> {
        Ok(digits(&self.keyed("shown code", &[proof.as_bytes()])?, 6))
    }

    /// Eight digits, mailed.
    pub(crate) fn mailed_code(self, proof: Uuid) -> Result<String, Fault> {
        Ok(digits(&self.keyed("mailed code", &[proof.as_bytes()])?, 8))
    }

    /// What is stored of a code.
    pub(crate) fn code_hash(self, proof: Uuid, code: &str) -> Result<[u8; 32], Fault> {
        self.keyed("code", &[proof.as_bytes(), code.as_bytes()])
    }

    /// Whether a typed code is the stored one; spaces and hyphens between digits do not count.
    pub(crate) fn is_code(self, proof: Uuid, typed: &str, stored: &[u8]) -> Result<bool, Fault> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        Ok(self.code_hash(proof, &typed)?.as_slice().ct_eq(stored).into())
    }
}

/// What is stored of a link's token. `None`: it is no token of ours.
pub(crate) fn token_hash(token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32)?;
    Some(Sha256::digest(bytes).to_vec())
}

/// 128 random bits as text, for the mark of a device.
pub(crate) fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(ids::random::<16>())
}

/// The first eight bytes as a number, cut to so many decimal digits. The unevenness is below 10^-11.
fn digits(bytes: &[u8; 32], width: u32) -> String {
    let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let bound = 10_u64.checked_pow(width).unwrap_or(u64::MAX);
    let width = usize::try_from(width).unwrap_or(0);
    format!("{:0width$}", number.checked_rem(bound).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_and_each_proof_has_its_own_secret() {
        let secret = Secret(&[7; 32]);
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_ne!(secret.link_token(one).unwrap(), secret.link_token(two).unwrap());
        assert_ne!(secret.keyed("a", &[b"bc"]).unwrap(), secret.keyed("ab", &[b"c"]).unwrap());
        assert_ne!(secret.link_token(one).unwrap(), Secret(&[8; 32]).link_token(one).unwrap());
    }

    #[test]
    fn a_code_is_taken_as_people_type_it() {
        let secret = Secret(&[7; 32]);
        let proof = Uuid::from_u128(1);
        let code = secret.mailed_code(proof).unwrap();
        assert_eq!(code.len(), 8);
        let stored = secret.code_hash(proof, &code).unwrap();
        let (head, tail) = code.split_at(4);
        for typed in [code.clone(), format!(" {head} {tail}"), format!("{head}-{tail} ")] {
            assert!(secret.is_code(proof, &typed, &stored).unwrap(), "{typed}");
        }
        assert!(!secret.is_code(proof, "00000000", &stored).unwrap());
        assert!(!secret.is_code(Uuid::from_u128(2), &code, &stored).unwrap());
    }

    #[test]
    fn only_our_own_form_of_token_is_looked_up() {
        let token = Secret(&[7; 32]).link_token(Uuid::from_u128(1)).unwrap();
        assert!(token_hash(&token).is_some());
        for other in ["", "abc", "a\0b", &format!("{token}="), &token[1..], "é"] {
            assert!(token_hash(other).is_none(), "{other}");
        }
    }
}
