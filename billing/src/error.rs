//! People are refused, machines fail.

use std::fmt;

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
    #[error("refused: {}", codes(.0))]
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
    #[error("fault: {0}")]
    Fault(#[from] Fault),
}

/// A machine's failure, for the log only.
///
/// What it displays is fit for a log: codes, names of ours, and our own words. A database's own sentences and its DETAIL
/// can carry what stands in a row (security design, section 5), so they stay behind `{:?}`, which no log may use, and it
/// gives no `source`, which whoever prints a chain would print.
#[derive(Debug)]
pub enum Fault {
    #[cfg(feature = "postgres")]
    Database(sqlx::Error),
    Broken(String),
}

impl Fault {
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "postgres")]
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                write!(f, "database {code}")?;
                if let Some(constraint) = error.constraint() {
                    write!(f, " {constraint}")?;
                }
                if let Some(table) = error.table() {
                    write!(f, " on {table}")?;
                }
                // About statements, roles, databases and the server, not about rows.
                if ["42", "28", "3D", "53", "55", "57"].iter().any(|class| code.starts_with(class)) {
                    write!(f, " {}", error.message())?;
                }
                Ok(())
            }
            #[cfg(feature = "postgres")]
            Self::Database(sqlx::Error::ColumnDecode { index, .. }) => {
                write!(f, "database: column {index} unreadable")
            }
            #[cfg(feature = "postgres")]
            Self::Database(sqlx::Error::Io(error)) => write!(f, "database: {error}"),
            #[cfg(feature = "postgres")]
            Self::Database(error) => {
                let text = format!("{error:?}");
                let kind = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                write!(f, "database: {kind}")
            }
            Self::Broken(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(feature = "postgres")]
impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Error {
    /// For the log: what it displays.
    pub fn say(&self) -> String {
        self.to_string()
    }
}

/// Field and code of each, without what their sentences name.
fn codes(refusals: &[Refusal]) -> String {
    let codes =
        refusals.iter().map(|refusal| format!("{} {}", refusal.field, refusal.code).trim_start().to_owned());
    codes.collect::<Vec<_>>().join(", ")
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
