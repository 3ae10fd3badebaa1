//! Passwords: which ones are taken, and their hashes (argon2id, 19 MiB, two passes).

use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::Person;
use crate::{
    error::{Error, Fault, Refusal},
    ids,
};

/// Characters, until a second factor exists (security design, section 1).
const SHORTEST: usize = 15;
const LONGEST: usize = 128;
/// What is left of a password without the words anybody would guess for this person.
const LEAST_OF_ITS_OWN: usize = 8;
const OUR_WORDS: [&str; 8] =
    ["kaiser", "permanente", "health", "member", "billing", "portal", "password", "contraseña"];

/// Whether this person may choose this password. The field is `password`.
pub(super) fn accept(password: &str, person: &Person) -> Result<(), Refusal> {
    let refuse = |code: &str| Err(Refusal::of("password", code));
    let length = password.chars().count();
    if password.is_empty() {
        return refuse("password-missing");
    }
    if length < SHORTEST {
        return refuse("password-too-short");
    }
    if length > LONGEST {
        return refuse("password-too-long");
    }

    let mut own_words: Vec<String> = [&person.given_name, &person.family_name, &person.mrn, &person.email]
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .chain(OUR_WORDS)
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    // The longest first: "ana" would tear "anabel" apart.
    own_words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = password.to_lowercase();
    for word in &own_words {
        rest = rest.replace(word.as_str(), "");
    }
    if rest.chars().count() < LEAST_OF_ITS_OWN {
        return refuse("password-about-you");
    }

    let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    if zxcvbn(password, &own_words).score() < Score::Three {
        return refuse("password-too-common");
    }
    Ok(())
}

/// Hashing takes memory and a whole core: so many at a time in this process, so many waiting, then come back later.
static ROOM: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from).min(2)));
static WAITING: AtomicUsize = AtomicUsize::new(0);
const QUEUE: usize = 20;
const COME_BACK: u32 = 5;

/// Leaves the queue however the wait ends.
struct InQueue;

impl Drop for InQueue {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
    }
}

async fn in_the_room<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let permit = if let Ok(free) = ROOM.try_acquire() {
        free
    } else {
        let waiting = WAITING.fetch_add(1, Ordering::AcqRel);
        let _queue = InQueue;
        if waiting >= QUEUE {
            return Err(Error::Unavailable { retry_after: COME_BACK });
        }
        ROOM.acquire().await.map_err(|_| Fault::broken("the hashing room is closed"))?
    };
    // The permit goes along: work that nobody waits for any more still fills the room.
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    })
    .await
    .map_err(|_| Fault::broken("hashing stopped").into())
}

fn hasher() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|_| Fault::broken("argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password's hash, in the PHC text form.
pub(crate) async fn hash(password: &str) -> Result<String, Error> {
    let password = Zeroizing::new(password.to_owned());
    Ok(in_the_room(move || hash_now(password.as_bytes())).await??)
}

fn hash_now(password: &[u8]) -> Result<String, Fault> {
    let hash: PasswordHash =
        hasher()?.hash_password(password).map_err(|_| Fault::broken("a password could not be hashed"))?;
    Ok(hash.to_string())
}

/// What is compared with where nobody is known: the hash of something nobody knows.
static NOBODY: LazyLock<Result<String, String>> =
    LazyLock::new(|| hash_now(&ids::random::<32>()).map_err(|fault| fault.to_string()));

/// The outcome of comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verified {
    Right,
    /// Right, but hashed with less than is asked today.
    RightButWeak,
    Wrong,
}

/// Compares a password with a stored hash; without one it does the same work and says no.
pub(super) async fn verify(password: &str, stored: Option<String>) -> Result<Verified, Error> {
    let password = Zeroizing::new(password.to_owned());
    Ok(in_the_room(move || verify_now(password.as_bytes(), stored.as_deref())).await??)
}

fn verify_now(password: &[u8], stored: Option<&str>) -> Result<Verified, Fault> {
    // Made by whoever comes first, known or not.
    let nobody = &*NOBODY;
    let hash = match (stored, nobody) {
        (Some(stored), _) => stored,
        (None, Ok(nobody)) => nobody,
        (None, Err(fault)) => return Err(Fault::broken(fault.clone())),
    };
    let hash = PasswordHash::new(hash).map_err(|_| Fault::broken("a stored password hash cannot be read"))?;
    let hasher = hasher()?;
    if hasher.verify_password(password, &hash).is_err() || stored.is_none() {
        return Ok(Verified::Wrong);
    }
    let today = hasher.params();
    let enough = Params::try_from(&hash)
        .is_ok_and(|params| params.m_cost() >= today.m_cost() && params.t_cost() >= today.t_cost());
    Ok(if enough { Verified::Right } else { Verified::RightButWeak })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::MemberId, words::Language};

    fn ana() -> Person {
        Person {
            member_id: MemberId::mint(),
            given_name: "Ana María".to_owned(),
            family_name: "Santos".to_owned(),
            mrn: "110000001".to_owned(),
            email: "ana.santos@example.org".to_owned(),
            language: Language::English,
            zone: "America/Los_Angeles".to_owned(),
        }
    }

    #[test]
    fn a_long_password_of_ones_own_is_taken() {
        for password in [
            "violet harbor 42 umbrella",
            "tRh7-kkw0-pQ2z-mm1x",
            "caballo violeta en la lluvia",
            "密碼很長而且很難猜到對不對呀嗎",
        ] {
            let length = password.chars().count();
            assert_eq!(accept(password, &ana()), Ok(()), "{password} of {length}");
        }
    }

    #[test]
    fn every_other_password_gets_its_reason() {
        for (password, code) in [
            ("", "password-missing"),
            ("short", "password-too-short"),
            ("fourteen chars", "password-too-short"),
            (&"x7Q!".repeat(33), "password-too-long"),
            ("KaiserPermanente2027", "password-about-you"),
            ("ana.santos110000001", "password-about-you"),
            ("MaríaSantos1234", "password-about-you"),
            ("ana.santos@example.org", "password-about-you"),
            ("aaaaaaaaaaaaaaaaaaaa", "password-too-common"),
            ("1234567890123456", "password-too-common"),
            ("qwertyuiopasdfghjkl", "password-too-common"),
        ] {
            assert_eq!(accept(password, &ana()), Err(Refusal::of("password", code)), "{password}");
        }
    }

    #[test]
    fn a_hash_says_how_it_was_made_and_is_never_the_same_twice() {
        let (one, two) = (hash_now(b"violet harbor 42").unwrap(), hash_now(b"violet harbor 42").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert_eq!(verify_now(b"violet harbor 42", Some(&one)).unwrap(), Verified::Right);
        assert_eq!(verify_now(b"violet harbor 43", Some(&one)).unwrap(), Verified::Wrong);
        assert_eq!(verify_now(b"violet harbor 42", None).unwrap(), Verified::Wrong);
    }

    #[test]
    fn a_hash_made_with_less_is_right_and_told_apart() {
        let weak =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let hash: PasswordHash = weak.hash_password(b"violet harbor 42").unwrap();
        assert_eq!(verify_now(b"violet harbor 42", Some(&hash.to_string())).unwrap(), Verified::RightButWeak);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_is_turned_away_and_the_queue_drains() {
        let slow = || std::thread::sleep(std::time::Duration::from_millis(30));
        let all = (0..60).map(|_| tokio::spawn(in_the_room(slow)));
        let mut turned_away = 0;
        for one in all.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(()) => {}
                Err(Error::Unavailable { retry_after }) if retry_after > 0 => turned_away += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(turned_away >= 60 - 2 - QUEUE - 4, "only {turned_away} turned away");
        assert_eq!(WAITING.load(Ordering::Acquire), 0);
        assert!(in_the_room(|| ()).await.is_ok());
    }
}
