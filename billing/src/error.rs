//! People are refused, machines fail.

use serde::{Deserialize, Serialize};

/// Everything a verb of the plan can end in, other than well.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in at this visit, or no longer.
    #[error("signed out")]
    SignedOut,
    /// It does not exist, or is not this person's to see: the two look the same.
    #[error("not found")]
    NotFound,
    /// The rules say no; each refusal is a sentence for the person, bound to a field or to the whole form.
    #[error("refused: {0:?}")]
    Refused(Vec<Refusal>),
    /// The same key with other contents, or the form's subject is not the visit's.
    #[error("conflict")]
    Conflict,
    /// What the form was filled in against has changed.
    #[error("stale")]
    Stale,
    /// Too many tries; seconds until the next.
    #[error("too many")]
    TooMany { retry_after: u32 },
    /// Busy or down for the moment; seconds until it is worth another try.
    #[error("unavailable")]
    Unavailable { retry_after: u32 },
    /// A fault of ours. Logged once where it became an answer; never shown.
    #[error("fault")]
    Fault(#[from] Fault),
}

/// A machine's failure, for the log only: it may name keys and statements.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[cfg(feature = "postgres")]
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Broken(String),
}

impl Fault {
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }

    /// For the log: codes and names of ours. A database's own sentences can carry what stands in a row.
    pub fn say(&self) -> String {
        match self {
            #[cfg(feature = "postgres")]
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                // Class 42 is about statements, not about rows.
                let about =
                    if code.starts_with("42") { error.message() } else { error.constraint().unwrap_or("") };
                format!("database {code} {about}")
            }
            #[cfg(feature = "postgres")]
            Self::Database(sqlx::Error::ColumnDecode { index, .. }) => {
                format!("database: column {index} unreadable")
            }
            #[cfg(feature = "postgres")]
            Self::Database(error) => {
                let text = format!("{error:?}");
                let kind = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                format!("database: {kind}")
            }
            Self::Broken(what) => what.clone(),
        }
    }
}

impl Error {
    /// For the log: see [`Fault::say`].
    pub fn say(&self) -> String {
        match self {
            Self::Fault(fault) => fault.say(),
            other => other.to_string(),
        }
    }
}

#[cfg(feature = "postgres")]
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            error if is_passing(&error) => Self::Unavailable { retry_after: 5 },
            other => Self::Fault(Fault::Database(other)),
        }
    }
}

/// Whether the same call can go well a moment later: the database is busy, starting, stopping, or cut off.
#[cfg(feature = "postgres")]
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // Lock and statement time-outs, deadlocks, too many connections, shutdown, and broken connections.
            matches!(
                &*code,
                "55P03" | "57014" | "40P01" | "40001" | "53300" | "57P01" | "57P02" | "57P03" | "25006"
            ) || code.starts_with("08")
        }),
        _ => false,
    }
}

/// Why a person's form was not taken. `code` is the key of a sentence in the words (`refusal-<code>`), `field` the
/// name of the input it belongs to (empty: the form as a whole), `with` what the sentence names, as finished text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub field: String,
    pub code: String,
    #[serde(default)]
    pub with: Vec<(String, String)>,
}

impl Refusal {
    pub fn of(field: &str, code: &str) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), with: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.with.push((name.to_owned(), value.into()));
        self
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}
