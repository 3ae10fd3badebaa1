//! The places of the member portal, as a type: every link and every redirect is written by it, so that no address
//! is ever copied from a request.

use std::fmt;

use billing::{
    bills::BillKind,
    ids::{BillId, PaymentId},
    ledger::explain::Figure,
};

/// A page of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    Home,
    SignIn,
    Register,
    /// Second step: the mailed code and a password.
    RegisterFinish,
    Reset,
    Bills,
    Bill(BillId),
    Pay(BillId),
    Payments,
    Payment(PaymentId),
    Explain(String, String),
    Profile,
    Language,
    /// Light, changes nothing, and so keeps a visit alive.
    Stay,
}

impl Path {
    /// Reads the path of one of our pages; anything else is none.
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let parts: Vec<&str> = rest.split('/').collect();
        Some(match parts.as_slice() {
            [""] => Self::Home,
            ["sign-in"] => Self::SignIn,
            ["register"] => Self::Register,
            ["register", "finish"] => Self::RegisterFinish,
            ["reset"] => Self::Reset,
            ["bills"] => Self::Bills,
            ["bills", id] => Self::Bill(id.parse().ok()?),
            ["bills", id, "pay"] => Self::Pay(id.parse().ok()?),
            ["payments"] => Self::Payments,
            ["payments", id] => Self::Payment(id.parse().ok()?),
            // Only a figure of ours: whatever else stands in an address is not carried on.
            ["explain", kind, id] if plain(kind) && plain(id) && Figure::read(kind, id).is_some() => {
                Self::Explain((*kind).to_owned(), (*id).to_owned())
            }
            ["profile"] => Self::Profile,
            ["language"] => Self::Language,
            ["stay"] => Self::Stay,
            _ => return None,
        })
    }

    /// The list of bills of one kind.
    pub fn bills_of(kind: BillKind) -> Place {
        Place::from(Self::Bills).with("kind", kind.word())
    }

    /// Whether only a signed-in person sees it.
    pub fn is_private(&self) -> bool {
        !matches!(
            self,
            Self::SignIn | Self::Register | Self::RegisterFinish | Self::Reset | Self::Language | Self::Stay
        )
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::SignIn => f.write_str("/sign-in"),
            Self::Register => f.write_str("/register"),
            Self::RegisterFinish => f.write_str("/register/finish"),
            Self::Reset => f.write_str("/reset"),
            Self::Bills => f.write_str("/bills"),
            Self::Bill(id) => write!(f, "/bills/{id}"),
            Self::Pay(id) => write!(f, "/bills/{id}/pay"),
            Self::Payments => f.write_str("/payments"),
            Self::Payment(id) => write!(f, "/payments/{id}"),
            Self::Explain(kind, id) => write!(f, "/explain/{kind}/{id}"),
            Self::Profile => f.write_str("/profile"),
            Self::Language => f.write_str("/language"),
            Self::Stay => f.write_str("/stay"),
        }
    }
}

/// A page with the part of its address after `?`. Only names in [`QUERY`] with plain values survive reading, so a
/// place can be carried by a form and come back as nothing but a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: Path,
    query: Vec<(&'static str, String)>,
}

/// What may stand after `?` on our pages.
const QUERY: [&str; 14] = [
    "after", "again", "change", "done", "ended", "from", "kept", "kind", "next", "sent", "status", "step",
    "to", "token",
];

impl Place {
    /// Reads `/bills?kind=medical`; a path of nobody's is none, a strange query is left out.
    pub fn read(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut place = Self::from(Path::read(path)?);
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace("%2F", "/");
            if let Some(name) = QUERY.into_iter().find(|known| *known == name) {
                place = place.with(name, &value);
            }
        }
        Some(place)
    }

    /// The same place with one more word in its query; a value that is not plain is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        let carried = if name == "next" { Path::read(&value).is_some() } else { plain(&value) };
        if carried {
            self.query.retain(|(known, _)| *known != name);
            self.query.push((name, value));
        }
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self
    }
}

impl From<Path> for Place {
    fn from(path: Path) -> Self {
        Self { path, query: Vec::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// Needs no escaping in an address, and is no way out of it.
fn plain(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
        && text.bytes().any(|b| b != b'.')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn our_places_come_back_as_written() {
        for text in [
            "/",
            "/bills",
            "/bills?kind=medical&status=open",
            "/bills/0193f7a0-0000-7000-8000-000000000001/pay?again=0193f7a0-0000-7000-8000-000000000002",
            "/explain/line/0193f7a0-0000-7000-8000-000000000001:3:billed",
            "/sign-in?ended=1&next=/bills/0193f7a0-0000-7000-8000-000000000001",
            "/reset?token=AbC-_9",
        ] {
            assert_eq!(Place::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn no_place_leads_elsewhere() {
        for text in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/bills/../x",
            "/bills/1",
            "/explain/../..",
            "/explain/ana/4242424242424242",
            "/explain/a/b%0d%0a",
            "/%2f%2fevil.example",
            "javascript:alert(1)",
            "/sign-in/",
            " /bills",
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
        for text in
            ["/sign-in?next=//evil.example", "/sign-in?next=https://evil.example", "/sign-in?x=1&next=\r\n"]
        {
            assert_eq!(Place::read(text).unwrap().to_string(), "/sign-in", "{text}");
        }
    }

    /// Every name behind `call`, as the sources of our pages have it.
    fn names_in(folder: &std::path::Path, call: &str, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names_in(&path, call, names);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                names.extend(
                    text.split(call).skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())),
                );
            }
        }
    }

    #[test]
    fn what_our_pages_write_may_be_carried() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut written = BTreeSet::new();
        names_in(&folder, ".with(\"", &mut written);
        let carried: BTreeSet<String> = QUERY.map(str::to_owned).into();
        assert_eq!(written, carried);
    }
}
