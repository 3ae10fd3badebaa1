//! Whom the database runs as. Postgres refuses to run as root.

use crate::fault::{Result, While};
use crate::process::{is_root, succeeds};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The user the database runs as: ourselves, unless we are root.
#[derive(Clone, Copy)]
pub(super) struct Account(Option<(u32, u32)>);

impl Account {
    pub(super) fn choose() -> Result<Self> {
        if !is_root() {
            return Ok(Self(None));
        }
        if let Some(ids) = ids_of("postgres").or_else(|| ids_of("portal-postgres")) {
            return Ok(Self(Some(ids)));
        }
        succeeds(Command::new("useradd").args([
            "--system",
            "--no-create-home",
            "--shell",
            "/bin/false",
            "portal-postgres",
        ]));
        ids_of("portal-postgres")
            .or_else(|| ids_of("nobody"))
            .map(|ids| Self(Some(ids)))
            .when("Postgres refuses to run as root, and there is no other user to run it as: add one named postgres")
    }

    /// Lets the command run as this user, from a folder everyone can stand in.
    pub(super) fn take(self, command: &mut Command) {
        command.current_dir("/");
        if let Some((uid, gid)) = self.0 {
            command.uid(uid).gid(gid);
        }
    }

    pub(super) fn own(self, path: &Path, mode: u32) -> Result {
        if let Some((uid, gid)) = self.0 {
            chown(path, Some(uid), Some(gid)).when(path.display())?;
        }
        fs::set_permissions(path, Permissions::from_mode(mode)).when(path.display())
    }

    /// Makes the folder this user's own; false when the user cannot get there all the same.
    pub(super) fn may_use(self, folder: &Path) -> Result<bool> {
        if let Err(why) = fs::create_dir_all(folder) {
            return if why.kind() == io::ErrorKind::PermissionDenied {
                Ok(false)
            } else {
                Err(why).when(folder.display())
            };
        }
        self.own(folder, 0o700)?;
        let mut test = Command::new("test");
        self.take(&mut test);
        let reached = succeeds(test.arg("-w").arg(folder));
        if !reached {
            // Only an empty one goes.
            let _ = fs::remove_dir(folder);
        }
        Ok(reached)
    }
}

fn ids_of(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').next() == Some(user))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
