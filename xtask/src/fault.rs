//! What went wrong, as a sentence for the person at the terminal.

use std::fmt::{self, Display};

#[derive(Debug)]
pub(crate) struct Fault(String);

pub(crate) type Result<T = ()> = std::result::Result<T, Fault>;

/// A fault that says `why`.
pub(crate) fn fault(why: impl Display) -> Fault {
    Fault(why.to_string())
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Puts what we were doing before what the machine answered.
pub(crate) trait While<T> {
    fn when(self, doing: impl Display) -> Result<T>;
}

impl<T, E: Display> While<T> for std::result::Result<T, E> {
    fn when(self, doing: impl Display) -> Result<T> {
        self.map_err(|why| Fault(format!("{doing}: {why}")))
    }
}

impl<T> While<T> for Option<T> {
    fn when(self, missing: impl Display) -> Result<T> {
        self.ok_or_else(|| Fault(missing.to_string()))
    }
}
