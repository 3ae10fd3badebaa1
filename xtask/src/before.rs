//! The release before, as the history has it: the tree on which the newest migration was laid. While a deployment rolls,
//! its code works on our schema beside ours (crash matrix, K26), so a migration adds, and a later one takes away.

use crate::fault::{Result, While, fault};
use crate::postgres::Cluster;
use crate::prepare;
use crate::process::{cargo, output, root, run, target, words};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Its files, in a folder of their own; none where this checkout has no history.
fn tree() -> Result<Option<PathBuf>> {
    let Some(commit) = commit() else {
        println!("SKIPPED: the release before (this checkout does not have the history of its migrations)");
        return Ok(None);
    };
    let folder = target()?.join("before").join(&commit);
    if !folder.exists() {
        let archive = folder.with_extension("tar");
        let unpacked = folder.with_extension("unpacked");
        let _ = fs::remove_dir_all(target()?.join("before"));
        fs::create_dir_all(&unpacked).when(unpacked.display())?;
        run(git("archive --output").arg(&archive).arg(&commit))?;
        run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&unpacked))?;
        fs::rename(&unpacked, &folder).when(folder.display())?;
    }
    Ok(Some(folder))
}

fn commit() -> Option<String> {
    let said = |command: &mut Command| {
        let output = command.stderr(Stdio::null()).output().ok().filter(|it| it.status.success())?;
        let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        if line.is_empty() { None } else { Some(line) }
    };
    let newest = said(&mut git("log -1 --diff-filter=A --format=%H -- migrations"))?;
    said(git("rev-parse --verify --quiet").arg(format!("{newest}^")))
}

fn git(args: &str) -> Command {
    let mut git = Command::new("git");
    git.current_dir(root()).args(words(args));
    git
}

/// Each of its statements takes and gives on our schema, in the database `ours`, what it did on its own.
pub(crate) fn understood(cluster: &Cluster, ours: &str) -> Result {
    let Some(tree) = tree()? else { return Ok(()) };
    prepare::migrate(cluster, "before", &tree.join("migrations"))?;
    let (script, statements) = asking(&prepare::read(&tree.join("billing/.sqlx"))?)?;
    let file = tree.join("statements.sql");
    fs::write(&file, script).when(file.display())?;
    let answers = |database: &str| output(cluster.psql(database).arg("-f").arg(&file));
    let (before, now) = (answers("before")?, answers(ours).when("the release before is not understood")?);
    let other: Vec<_> = before
        .lines()
        .zip(now.lines())
        .filter(|(before, now)| before != now)
        .map(|(before, now)| format!("\n{before}\n{now}"))
        .collect();
    if before == now {
        println!("{statements} statements, all as before");
        return Ok(());
    }
    Err(fault(format!(
        "what the release before was given (first) it would no longer be (second):{}",
        other.concat()
    )))
}

/// What can be prepared; the rest, as ROLLBACK, asks for nothing of ours.
const PREPARED: [&str; 5] = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"];

/// A script that describes each of these queries that can be, and how many they are.
fn asking(queries: &BTreeMap<String, String>) -> Result<(String, usize)> {
    let mut script = String::new();
    let mut asked = Vec::new();
    for (name, text) in queries {
        let query: Value = serde_json::from_str(text).when(name)?;
        let sql = query.get("query").and_then(Value::as_str).when(format_args!("{name} has no query"))?;
        if words(sql).next().is_some_and(|first| PREPARED.contains(&first)) {
            asked.push(name);
            let _ = write!(
                script,
                "\\echo {name}\n{sql} \\gdesc\nPREPARE one AS {sql};\n\
                 SELECT parameter_types FROM pg_prepared_statements WHERE name = 'one';\nDEALLOCATE one;\n"
            );
        }
    }
    Ok((script, asked.len()))
}

/// Its portal, built with what the crash tests need.
pub(crate) fn portal() -> Result<Option<PathBuf>> {
    let Some(tree) = tree()? else { return Ok(None) };
    // A folder of its own: cargo names a crate by its place in the workspace, and would take ours for its.
    let built = tree.join("target");
    run(cargo(words(
        "build --quiet --package server --bin portal --features server/demo,server/crashpoint",
    ))
    .current_dir(&tree)
    .env("CARGO_TARGET_DIR", &built)
    .env_remove("CARGO_BUILD_BUILD_DIR"))?;
    Ok(Some(built.join("debug/portal")))
}
