//! The table of routes (`authz.toml`): what the guard enforces and the tests hold everything against.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// One row: a listener, a method and a path.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub listener: Listener,
    pub method: String,
    pub path: String,
    pub action: String,
    pub object: String,
    pub rate: Rate,
    pub audit: String,
    /// Names of the fields a form may have. Unknown or doubled ones are refused.
    #[serde(default)]
    pub fields: Vec<String>,
    pub outcome: BTreeMap<String, Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listener {
    Member,
    Webhook,
    Desk,
    Ops,
}

/// How often: first values of the rate classes are in [`Rate::per_minute`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rate {
    Money,
    /// Counted by the sign-in verbs themselves, by account, device and address.
    SignIn,
    Read,
    Report,
    /// Limited by its signature alone.
    Signature,
    None,
}

impl Rate {
    /// Requests a minute for one person or address; `None`: not counted here.
    pub const fn per_minute(self) -> Option<u32> {
        match self {
            Self::Money => Some(10),
            Self::Read => Some(120),
            Self::Report => Some(5),
            Self::SignIn | Self::Signature | Self::None => None,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::SignIn => "sign-in",
            Self::Read => "read",
            Self::Report => "report",
            Self::Signature => "signature",
            Self::None => "none",
        }
    }
}

/// What an actor gets: the same for every relation, or by relation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    Always(String),
    By(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct File {
    route: Vec<Route>,
}

/// All rows. An unreadable table stops the first request and every test.
pub static TABLE: LazyLock<Result<Vec<Route>, String>> = LazyLock::new(|| {
    toml::from_str::<File>(include_str!("../authz.toml"))
        .map(|file| file.route)
        .map_err(|error| error.to_string())
});

/// The row of a request on a listener. `{name}` stands for one segment that is not empty.
pub fn find(listener: Listener, method: &str, path: &str) -> Option<&'static Route> {
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE
        .as_ref()
        .ok()?
        .iter()
        .find(|row| row.listener == listener && row.method == method && matches(&row.path, path))
}

fn matches(pattern: &str, path: &str) -> bool {
    if pattern == path {
        return true;
    }
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        match segments.next() {
            Some(segment) if expected.starts_with('{') => {
                if segment.is_empty() {
                    return false;
                }
            }
            Some(segment) if segment == expected => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_names_each_route_once() {
        let rows = TABLE.as_ref().unwrap();
        let mut seen = std::collections::HashSet::new();
        for row in rows {
            assert!(
                seen.insert((format!("{:?}", row.listener), &row.method, &row.path)),
                "{} twice",
                row.path
            );
        }
    }

    #[test]
    fn a_placeholder_is_one_segment() {
        assert!(matches("/bills/{id}/pay", "/bills/7/pay"));
        assert!(!matches("/bills/{id}", "/bills/7/pay"));
        assert!(!matches("/bills/{id}", "/bills/"));
        assert!(!matches("/bills", "/bills/7"));
    }
}
