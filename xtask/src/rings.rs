//! `test` and `soak`: the five rings, from rules alone to people in a browser, and the proof after them.

use crate::before;
use crate::browser::{self, Wasm};
use crate::fault::{Result, While, fault};
use crate::packages;
use crate::postgres::Cluster;
use crate::process::{cargo, on_path, output, root, run, step, target, words};
use crate::run::build_dev;
use crate::settings::{Addresses, DataFolder, Settings};
use crate::stack::Stack;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

const EVERYTHING: &str = "--package app --package billing --package server --package sandbox --package bench \
                          --package xtask --features app/ssr,billing/testing,server/demo,server/crashpoint";

/// Every ring on a database of its own. The first red step ends it.
pub(crate) fn test() -> Result {
    let start = Instant::now();
    packages::wasm_target()?;
    let cluster = Cluster::throw_away()?;
    let url = cluster.url("portal");

    // Tests start the sandbox as a process of its own.
    step("build", || build_dev(Wasm::Optimised))?;
    step("a migrated template", || template(&cluster))?;
    step("weight of the browser half", browser::budget)?;
    step("islands known to both halves", browser::islands)?;
    step("ring 1: rules alone", || tests("--package billing", &url))?;
    step("rings 1–3: rules, flows, listeners", || tests(EVERYTHING, &url))?;
    if env::var_os("PORTAL_SAMPLES").is_none_or(|folder| folder.is_empty()) {
        println!("SKIPPED: {} sample tests", sample_tests());
    }
    step("counters of a payment and of the pages", counters)?;
    // The tests' portal, which can be made to crash, has taken the place of the one people use.
    step("build again", || build_dev(Wasm::Optimised))?;
    with_stack(&cluster)?;

    println!("\nall green in {:.0?}", start.elapsed());
    Ok(())
}

/// Rules, flows and listeners, on a database of their own: what needs neither a killed process nor a browser.
pub(crate) fn inner() -> Result {
    let cluster = Cluster::throw_away()?;
    let url = cluster.url("portal");
    // Tests start the sandbox as a process of its own.
    step("the programs", || run(cargo(words("build --quiet --bins")).args(words(EVERYTHING))))?;
    step("a migrated template", || template(&cluster))?;
    step("ring 1: rules alone", || tests("--package billing", &url))?;
    let which = if on_path("cargo-nextest").is_some() {
        format!("{EVERYTHING} -E not(binary(processes))")
    } else {
        // By their whole names: other programs have modules of the same names.
        format!("{EVERYTHING} -- --exact --skip {}", killed()?.join(" --skip "))
    };
    step("rings 1–3: rules, flows, listeners", || tests(&which, &url))
}

/// The tests that kill processes, by name.
fn killed() -> Result<Vec<String>> {
    let mut list = cargo(words("test --quiet"));
    let listed =
        output(list.args(words(EVERYTHING)).args(words("--test processes -- --list --format terse")))?;
    let names: Vec<_> =
        listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect();
    if names.is_empty() { Err(fault("the tests that kill processes are not listed")) } else { Ok(names) }
}

/// New databases are copies of this one: migrated once here, it spares each test a second of migrations of its own.
fn template(cluster: &Cluster) -> Result {
    let mut portal = Command::new(target()?.join("debug/portal"));
    run(portal.arg("migrate").env("PORTAL_LOG", "warn").env("DATABASE_URL", cluster.url("template1")))
}

/// Tests that read the public samples. Each asks for the folder itself, so the places that ask are counted; what they
/// print of their own stays with the runner, since they pass.
fn sample_tests() -> usize {
    ["app", "billing", "sandbox", "server"].iter().map(|krate| places(&root().join(krate))).sum()
}

fn places(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let count = |path: PathBuf| {
        if path.is_dir() {
            places(&path)
        } else if path.extension().is_some_and(|it| it == "rs") {
            fs::read_to_string(&path).unwrap_or_default().matches("(\"PORTAL_SAMPLES\")").count()
        } else {
            0
        }
    };
    entries.map(count).sum()
}

/// The crash and race tests at full length, on a database that forces to disk.
pub(crate) fn soak() -> Result {
    println!(
        "soak: the crash and race tests at full length and real intervals: 200 kills under 16 writers, \
         500 intents submitted 64 ways at once, 10,000 webhook sequences, 20,000 simulator seeds. This takes hours."
    );
    let data = DataFolder::at(PathBuf::from("/var/tmp").join(format!("portal-soak-{}", std::process::id())))?;
    let cluster = Cluster::keep(&data.path, &data.log("postgres"))?;
    let url = cluster.database("portal")?;
    let before = step("the release before", before::portal)?;
    let soaked = step("soak", || {
        let mut soak = cargo(words("test"));
        if let Some(before) = &before {
            soak.env("PORTAL_BEFORE", before);
        }
        // One after the other, and aloud: what they print is their result.
        run(soak
            .args(words(EVERYTHING))
            .args(words("--no-fail-fast -- --include-ignored --nocapture --test-threads 1"))
            .env("PORTAL_SOAK", "1")
            .env("SIMULATOR_SEEDS", "20000")
            .env("HISTORIES", "100")
            .env("SEQUENCES", "10000")
            .env("INTENTS", "500")
            .env("PORTAL_XTASK", env::current_exe().when("finding xtask")?)
            .env("DATABASE_URL", &url))
    });
    drop(cluster);
    if soaked.is_ok() {
        fs::remove_dir_all(&data.path).when(data.path.display())?;
    } else {
        println!("kept to look at: {}", data.path.display());
    }
    soaked
}

fn tests(which: &str, url: &str) -> Result {
    let mut runner = if on_path("cargo-nextest").is_some() {
        cargo(words("nextest run --no-tests pass --no-fail-fast --cargo-quiet --status-level slow"))
    } else {
        cargo(words("test --quiet"))
    };
    // Tests that stop a Postgres dead start one of their own: `xtask postgres --data DIR`.
    run(runner
        .args(words(which))
        .env("DATABASE_URL", url)
        .env("PORTAL_XTASK", env::current_exe().when("finding xtask")?))
}

/// What a payment and a page cost, against the committed baseline, on a cluster with nothing else to do.
fn counters() -> Result {
    // The package list is that of the programs, so that what they are built on is not built again.
    run(&mut cargo(words(
        "build --quiet --package bench --package server --package sandbox --bin bench --features server/demo",
    )))?;
    let cluster = Cluster::measure()?;
    for what in ["post", "pages"] {
        let mut bench = Command::new(target()?.join("debug/bench"));
        bench.current_dir(root()).args([what, "--gate"]);
        run(bench.env("DATABASE_URL", cluster.url("portal")))?;
    }
    Ok(())
}

/// The journeys against a portal of their own, then the proof on what they left behind.
fn with_stack(cluster: &Cluster) -> Result {
    let journeys = root().join("end2end/journeys");
    // Under target, so that its logs are there to read after a red journey.
    let data = target()?.join("journeys");
    let _ = fs::remove_dir_all(&data);
    let data = DataFolder::at(data)?;
    let url = cluster.database("journeys")?;
    let stack = step("start the portal with its demo plan", || {
        Stack::start(Settings::new(&data.path, Addresses::free()?, None, url)?, &data)
    })?;
    if has_specs(&journeys) {
        step("journeys", || browse(&stack.settings))?;
    } else {
        println!("SKIPPED: journeys (end2end/journeys has none)");
    }
    step("proof: portal check", || run(&mut stack.settings.portal(&["check"])?))
}

fn has_specs(folder: &Path) -> bool {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().ends_with(".spec.ts"))
}

fn browse(settings: &Settings) -> Result {
    if !packages::node_modules()? {
        return Err(fault("the journeys need Node 20 or newer: install it and run again"));
    }
    let folder = root().join("end2end");
    run(Command::new(folder.join("node_modules/.bin/playwright"))
        .arg("test")
        .current_dir(&folder)
        .env("PORTAL_CHROMIUM", packages::chromium()?)
        .env("PORTAL_BIN", target()?.join("debug/portal"))
        .env("PORTAL_URL", &settings.base_url)
        .env("OPS_URL", settings.ops_url())
        .env("SANDBOX_URL", settings.sandbox_url())
        .env("PORTAL_DATA", &settings.data)
        .env("PORTAL_EXPORTS", target()?.join("site/exports.txt"))
        .env("DATABASE_URL", &settings.database_url))
}
