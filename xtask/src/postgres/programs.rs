//! Postgres' own programs: named, found or installed.

use super::account::Account;
use crate::fault::{Result, While, fault};
use crate::packages::{self, System};
use crate::process::{on_path, output, succeeds};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The oldest release the schema is written for.
const OLDEST: u32 = 15;

/// Postgres' own programs, all of one release.
#[derive(Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    release: u32,
}

impl Programs {
    /// The programs of the release that made the cluster, or of the newest one for a new cluster.
    pub(super) fn find_or_install(made_by: Option<u32>) -> Result<Self> {
        let fits = |it: &Self| it.release >= OLDEST && made_by.is_none_or(|release| it.release == release);
        if let Some(found) = Self::found().into_iter().find(fits) {
            return Ok(found);
        }
        if let Some(release) = made_by {
            return Err(fault(format!(
                "the cluster was made by Postgres {release}, which is not here any more: \
                 install it, name its folder in PORTAL_PG_BIN, or move the cluster away"
            )));
        }
        println!("there is no Postgres {OLDEST} or newer here: installing one");
        let names = System {
            debian: "postgresql postgresql-client",
            fedora: "postgresql-server postgresql",
            brew: "postgresql@17",
        };
        packages::install(
            &names,
            "Postgres 15 or newer (or name the folder of its programs in PORTAL_PG_BIN)",
        )?;
        Self::found().into_iter().find(fits).when(
            "the Postgres this system installs is older than 15: name a newer one's folder in PORTAL_PG_BIN",
        )
    }

    fn found() -> Vec<Self> {
        if let Some(named) = env::var_os("PORTAL_PG_BIN") {
            return Self::at(named.into()).into_iter().collect();
        }
        let configured = on_path("pg_config").and_then(|it| output(Command::new(it).arg("--bindir")).ok());
        let mut folders: Vec<PathBuf> = configured.into_iter().map(|it| it.trim().into()).collect();
        folders.extend(on_path("initdb").and_then(|it| it.parent().map(Path::to_owned)));

        let mut packaged = Vec::new();
        for (parent, prefix) in [
            ("/usr/lib/postgresql", ""),
            ("/usr", "pgsql-"),
            ("/opt/homebrew/opt", "postgresql"),
            ("/usr/local/opt", "postgresql"),
        ] {
            let entries = fs::read_dir(parent).into_iter().flatten().flatten();
            let named = entries.filter(|it| it.file_name().to_string_lossy().starts_with(prefix));
            packaged.extend(named.filter_map(|it| Self::at(it.path().join("bin"))));
        }
        packaged.sort_by_key(|it| std::cmp::Reverse(it.release));
        folders.into_iter().filter_map(Self::at).chain(packaged).collect()
    }

    fn at(folder: PathBuf) -> Option<Self> {
        let all = ["postgres", "initdb", "psql", "pg_isready"];
        if !all.iter().all(|name| folder.join(name).is_file()) {
            return None;
        }
        let version = output(Command::new(folder.join("postgres")).arg("--version")).ok()?;
        Some(Self { release: release(&version)?, folder })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn usable_by(&self, account: Account) -> Result {
        let mut postgres = Command::new(self.path("postgres"));
        account.take(&mut postgres);
        if succeeds(postgres.arg("--version")) {
            return Ok(());
        }
        Err(fault(format!("the database's user may not run the programs in {}", self.folder.display())))
    }
}

/// The release in a line such as `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn release(line: &str) -> Option<u32> {
    let number =
        line.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_from_what_postgres_says_of_itself() {
        assert_eq!(release("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(release("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(release("postgres"), None);
    }
}
