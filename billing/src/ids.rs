//! Identities and secrets. Public ids are UUIDs of version 7: in order of time inside the database, and with 74
//! random bits nobody can guess.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text is not an id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Only the form we print: lower case, with hyphens.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
                if id.hyphenated().to_string() == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }
    )+};
}

id!(
    /// A person covered, who may also sign in and pay.
    MemberId,
    BillId,
    /// An intent to pay: minted with the form, before anything is stored.
    PaymentId,
    /// One try at the gateway; its text is the gateway's reference.
    AttemptId,
    NoticeId,
    /// One line of one kind of ledger cause.
    SourceId,
);

#[cfg(feature = "postgres")]
pub use minting::*;

#[cfg(feature = "postgres")]
mod minting {
    use super::{AttemptId, BillId, MemberId, NoticeId, PaymentId, SourceId, Uuid};

    macro_rules! mint {
        ($($name:ident),+) => {$(
            impl $name {
                /// A new id, never seen before.
                #[expect(clippy::disallowed_methods, reason = "ids are made here")]
                pub fn mint() -> Self {
                    Self(Uuid::now_v7())
                }
            }
        )+};
    }

    mint!(MemberId, BillId, PaymentId, AttemptId, NoticeId, SourceId);

    /// The inner id of a visit, in access rows; what the cookie holds is another.
    #[expect(clippy::disallowed_methods, reason = "ids are made here")]
    pub(crate) fn mint_visit() -> Uuid {
        Uuid::now_v7()
    }

    /// A refused form's id stands in an address: all of it is random.
    #[expect(clippy::disallowed_methods, reason = "ids are made here")]
    pub(crate) fn mint_refused_form() -> Uuid {
        Uuid::new_v4()
    }

    /// A mailed proof's id stands in an address too, and its secrets are derived from it.
    #[expect(clippy::disallowed_methods, reason = "ids are made here")]
    pub(crate) fn mint_proof() -> Uuid {
        Uuid::new_v4()
    }

    /// `N` bytes nobody can guess.
    #[expect(clippy::disallowed_methods, reason = "secrets are made here")]
    pub fn random<const N: usize>() -> [u8; N] {
        let mut bytes = [0; N];
        // Without randomness there is no safe way on: the operating system promises it from boot.
        if getrandom::fill(&mut bytes).is_err() {
            std::process::abort();
        }
        bytes
    }
}
