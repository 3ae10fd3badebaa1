//! A Postgres of our own that forces to disk, and can be stopped dead.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::process::{kill, program, tethered};

/// A running cluster of `xtask postgres`. It stops when this is dropped.
pub(crate) struct Cluster {
    folder: PathBuf,
    launcher: Launcher,
    pub(crate) url: String,
}

struct Launcher {
    child: Child,
    /// Kept open: the launcher may still want to say something.
    _words: BufReader<ChildStdout>,
}

impl Cluster {
    pub(crate) fn start(folder: &Path) -> Self {
        let (launcher, url) = launch(folder);
        Self { folder: folder.to_owned(), launcher, url }
    }

    /// Kills the server and every process of it at once, as a power cut does.
    pub(crate) fn kill(&mut self) {
        let data = self.folder.join("postgres/data");
        let all = processes_in(&data);
        assert!(!all.is_empty(), "no Postgres runs in {}", data.display());
        kill("KILL", &all);
        let start = Instant::now();
        while !processes_in(&data).is_empty() {
            assert!(start.elapsed() < Duration::from_secs(10), "Postgres outlives SIGKILL");
            sleep(Duration::from_millis(5));
        }
        let _ = self.launcher.child.wait();
    }

    pub(crate) fn is_up(&mut self) -> bool {
        matches!(self.launcher.child.try_wait(), Ok(None))
    }

    /// Starts the server again on what it left behind.
    pub(crate) fn restart(&mut self) {
        let (launcher, url) = launch(&self.folder);
        assert_eq!(url, self.url, "the portal would not find the database again");
        self.launcher = launcher;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if matches!(self.launcher.child.try_wait(), Ok(None)) {
            kill("TERM", &[self.launcher.child.id()]);
            let _ = self.launcher.child.wait();
        }
    }
}

#[expect(clippy::zombie_processes, reason = "whoever holds the launcher waits for it")]
fn launch(folder: &Path) -> (Launcher, String) {
    let log = File::create(folder.join("launcher.log")).unwrap();
    let mut child = tethered(&program("xtask"), "TERM")
        .args(["postgres", "--data"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut words = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    loop {
        line.clear();
        let read = words.read_line(&mut line).unwrap();
        let why = || fs::read_to_string(folder.join("launcher.log")).unwrap_or_default();
        assert!(read > 0, "Postgres did not start: {}", why());
        if let Some(url) = line.trim().strip_prefix("DATABASE_URL=") {
            return (Launcher { child, _words: words }, url.to_owned());
        }
    }
}

/// Every process of a server stands in its data folder; the postmaster, whose mark lies there, comes first.
fn processes_in(data: &Path) -> Vec<u32> {
    let postmaster = fs::read_to_string(data.join("postmaster.pid"))
        .ok()
        .and_then(|text| text.lines().next()?.trim().parse::<u32>().ok());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut all: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data))
        .collect();
    all.sort_by_key(|pid| (Some(*pid) != postmaster, *pid));
    all
}
