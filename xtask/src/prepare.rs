//! billing/.sqlx: what Postgres says of each query, so that the workspace compiles without a database.
//!
//! sqlx's macros write these files themselves while they compile against a live database, so sqlx-cli is not needed.

use crate::fault::{Result, While, fault};
use crate::postgres::Cluster;
use crate::process::{cargo, root, run, target, words};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// Writes the files anew, or only compares.
pub(crate) fn prepare(check: bool) -> Result {
    let cluster = Cluster::throw_away()?;
    migrate(&cluster, "portal", &migrations())?;
    queries(
        &cluster,
        check,
        &mut cargo(words("check --quiet --package billing --all-targets --features testing")),
    )
}

pub(crate) fn migrations() -> PathBuf {
    root().join("migrations")
}

/// Makes a database and runs every migration of the folder in order, each in one transaction.
pub(crate) fn migrate(cluster: &Cluster, database: &str, folder: &Path) -> Result {
    cluster.database(database)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).when(folder.display())?.flatten().map(|it| it.path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "sql"));
    files.sort();
    for file in &files {
        run(cluster.psql(database).stdout(Stdio::null()).arg("--single-transaction").arg("-f").arg(file))?;
    }
    println!("{} migrations", files.len());
    Ok(())
}

/// Compiles `billing` against the migrated database, by the command given, and holds the files that writes against
/// the committed ones.
pub(crate) fn queries(cluster: &Cluster, check: bool, compile: &mut Command) -> Result {
    let fresh = target()?.join("sqlx");
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh).when(fresh.display())?;

    // A crate that is up to date is not compiled, and only compiling writes the files.
    touch(&root().join("billing/src/lib.rs"))?;
    run(compile
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &fresh)
        .env("DATABASE_URL", cluster.url("portal")))?;

    let committed = root().join("billing/.sqlx");
    let (wanted, found) = (read(&fresh)?, read(&committed)?);
    if wanted == found {
        println!("{} queries, all as committed", wanted.len());
        return Ok(());
    }
    if check {
        let stale = found.keys().filter(|name| !wanted.contains_key(*name));
        let fresh =
            wanted.iter().filter(|(name, text)| found.get(*name) != Some(*text)).map(|(name, _)| name);
        let names: Vec<_> = stale.chain(fresh).map(String::as_str).collect();
        return Err(fault(format!(
            "billing/.sqlx is not fresh, run `cargo xtask prepare`: {}",
            names.join(", ")
        )));
    }
    fs::create_dir_all(&committed).when(committed.display())?;
    for (name, text) in &wanted {
        fs::write(committed.join(name), text).when(name)?;
    }
    for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
        fs::remove_file(committed.join(name)).when(name)?;
    }
    println!("{} queries written", wanted.len());
    Ok(())
}

/// The queries in a folder, by their files' names.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            files.insert(name, fs::read_to_string(entry.path()).when(entry.path().display())?);
        }
    }
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "cargo compares a file's time with the wall's")]
fn touch(file: &Path) -> Result {
    File::options()
        .append(true)
        .open(file)
        .and_then(|it| it.set_modified(SystemTime::now()))
        .when(file.display())
}
