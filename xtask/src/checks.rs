//! `lint`: everything that can be known without running the product.

use crate::fault::{Result, fault};
use crate::postgres::Cluster;
use crate::process::{cargo, on_path, output, root, run, step, words};
use crate::{before, licences, packages, prepare};
use std::process::Command;

/// What the browser half must never pull in.
const NOT_IN_THE_BROWSER: [&str; 5] = ["sqlx", "axum", "argon2", "tokio", "leptos_router"];

const SERVER_HALF: &str = "--package app --package billing --package server --package sandbox --package bench \
                           --package xtask";

pub(crate) fn lint() -> Result {
    step("format", || run(&mut cargo(words("fmt --all --check"))))?;
    step("dependencies of the browser half", browser_half)?;
    step("licences, sources, bans", deny)?;

    let cluster = Cluster::throw_away()?;
    step("migrations on an empty database", || prepare::migrate(&cluster, "portal", &prepare::migrations()))?;
    step("statements of the release before", || before::understood(&cluster, "portal"))?;
    // Never both halves of `app` in one call. This one also asks the database about each query.
    step("clippy: the server half; queries as committed", || {
        let what = format!("{SERVER_HALF} --all-targets --features app/ssr,billing/testing");
        prepare::queries(&cluster, true, &mut clippy(&what))
    })?;
    drop(cluster);
    step("clippy: the demo and the points of crash tests", || {
        let features = "app/ssr,billing/testing,server/demo,server/crashpoint";
        run(&mut clippy(&format!("{SERVER_HALF} --all-targets --features {features}")))
    })?;
    step("clippy: the rules alone", || run(&mut clippy("--package billing")))?;
    packages::wasm_target()?;
    step("clippy: the browser half", || {
        run(&mut clippy("--package app --features hydrate --target wasm32-unknown-unknown"))
    })
}

fn clippy(what: &str) -> Command {
    let mut clippy = cargo(words("clippy --quiet"));
    clippy.args(words(what)).args(["--", "-D", "warnings"]);
    clippy
}

fn browser_half() -> Result {
    let tree = output(&mut cargo(words(
        "tree --package app --features hydrate --target wasm32-unknown-unknown --edges normal --prefix none",
    )))?;
    let found: Vec<_> = tree.lines().filter(|line| is_banned(line)).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(fault(format!("the browser half depends on {}", found.join(", "))))
}

fn is_banned(line: &str) -> bool {
    line.split(' ').next().is_some_and(|name| NOT_IN_THE_BROWSER.contains(&name))
}

/// cargo-deny where it is installed; else we read its lists ourselves, so that the check never goes missing.
fn deny() -> Result {
    if on_path("cargo-deny").is_some() {
        return run(Command::new("cargo-deny")
            .current_dir(root())
            .args(words("--offline check bans licenses sources")));
    }
    licences::check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_banned() {
        assert!(is_banned("tokio v1.54.1"));
        assert!(!is_banned("tokio-util v0.7.20"));
        assert!(!is_banned("leptos v0.8.23"));
    }
}
