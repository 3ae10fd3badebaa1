//! The part of cargo-deny we need where it is not installed: licences, sources and bans, from the same deny.toml.

use crate::fault::{Result, While, fault};
use crate::process::{cargo, output, root, words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use toml::Table;

/// The end of the source of every package that comes from the public registry.
const REGISTRY: &str = "/rust-lang/crates.io-index";

pub(crate) fn check() -> Result {
    let text = fs::read_to_string(root().join("deny.toml")).when("reading deny.toml")?;
    let rules = Rules::read(&text)?;
    let metadata = output(&mut cargo(words("metadata --format-version 1 --locked")))?;
    let metadata: Value = serde_json::from_str(&metadata).when("reading cargo metadata")?;
    let packages =
        metadata.get("packages").and_then(Value::as_array).when("cargo metadata names no packages")?;

    let packages: Vec<_> = packages.iter().filter_map(Package::read).collect();
    let wrong = rules.faults(&packages);
    if wrong.is_empty() {
        println!("{} packages (cargo-deny is not installed: checked by xtask)", packages.len());
        return Ok(());
    }
    Err(fault(wrong.join("\n")))
}

/// A package somebody else wrote.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    source: &'a str,
    licence: &'a str,
}

impl<'a> Package<'a> {
    /// Nothing for our own crates, which have no source.
    fn read(json: &'a Value) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        Some(Self {
            source: text("source")?,
            name: text("name")?,
            version: text("version")?,
            licence: text("license").unwrap_or_default(),
        })
    }
}

#[derive(Default)]
struct Rules {
    allowed: BTreeSet<String>,
    banned: BTreeSet<String>,
    once: BTreeSet<String>,
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let deny: Table = text.parse().when("reading deny.toml")?;
        let list = |section: &str, key: &str| deny.get(section)?.get(key)?.as_array();
        let mut rules = Self::default();
        let allowed = list("licenses", "allow").when("deny.toml allows no licence")?;
        rules.allowed.extend(allowed.iter().filter_map(|it| it.as_str()).map(str::to_owned));
        for ban in list("bans", "deny").into_iter().flatten() {
            let name =
                ban.get("crate").and_then(|it| it.as_str()).when("a ban in deny.toml names no crate")?;
            let only_twice = ban.get("deny-multiple-versions").and_then(toml::Value::as_bool) == Some(true);
            let names = if only_twice { &mut rules.once } else { &mut rules.banned };
            names.insert(name.to_owned());
        }
        Ok(rules)
    }

    fn faults(&self, packages: &[Package]) -> Vec<String> {
        let mut faults = Vec::new();
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in packages {
            let Package { name, version, source, licence } = package;
            versions.entry(name).or_default().push(version);
            if !(source.starts_with("registry+") && source.ends_with(REGISTRY)) {
                faults.push(format!("{name} {version} comes from {source}"));
            }
            if !self.allows(licence) {
                faults.push(format!("{name} {version} has the licence “{licence}”"));
            }
            if self.banned.contains(*name) {
                faults.push(format!("{name} {version} is banned"));
            }
        }
        for (name, found) in versions {
            if found.len() > 1 && self.once.contains(name) {
                faults.push(format!("{name} is here more than once: {}", found.join(", ")));
            }
        }
        faults
    }

    /// Whether an SPDX expression can be met with the licences we allow. The old `A/B` means `A OR B`.
    fn allows(&self, expression: &str) -> bool {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<_> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        self.any(&mut rest) && rest.is_empty()
    }

    fn any(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.all(rest);
        while let Some((&"OR", after)) = rest.split_first() {
            *rest = after;
            met |= self.all(rest);
        }
        met
    }

    fn all(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.one(rest);
        while let Some((&"AND", after)) = rest.split_first() {
            *rest = after;
            met &= self.one(rest);
        }
        met
    }

    fn one(&self, rest: &mut &[&str]) -> bool {
        match **rest {
            ["(", ref inside @ ..] => {
                *rest = inside;
                let met = self.any(rest);
                if let Some((&")", after)) = rest.split_first() {
                    *rest = after;
                    return met;
                }
                false
            }
            [licence, "WITH", exception, ref after @ ..] => {
                *rest = after;
                self.allowed.contains(&format!("{licence} WITH {exception}"))
            }
            [licence, ref after @ ..] => {
                *rest = after;
                self.allowed.contains(licence)
            }
            [] => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules::read(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"]
            [bans]
            deny = [{ crate = "openssl" }, { crate = "ring", deny-multiple-versions = true }]
            "#,
        )
        .unwrap()
    }

    #[test]
    fn an_expression_is_met_by_what_is_allowed() {
        let rules = rules();
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(GPL-2.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(rules.allows(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT WITH something",
            "MIT MIT",
            "ISC AND (GPL-2.0 OR LGPL-3.0)",
        ] {
            assert!(!rules.allows(bad), "{bad}");
        }
    }

    #[test]
    fn sources_bans_and_doubles_are_named() {
        let package = |name, version, source| Package { name, version, source, licence: "MIT" };
        let public = "registry+https://host/rust-lang/crates.io-index";
        let faults = rules().faults(&[
            package("fine", "1.0.0", public),
            package("fine", "2.0.0", public),
            package("ring", "0.16.0", public),
            package("ring", "0.17.0", public),
            package("openssl", "1.0.0", public),
            package("odd", "1.0.0", "git+https://host/odd"),
        ]);
        assert_eq!(
            faults,
            [
                "openssl 1.0.0 is banned",
                "odd 1.0.0 comes from git+https://host/odd",
                "ring is here more than once: 0.16.0, 0.17.0"
            ]
        );
    }
}
