//! A Postgres cluster of our own: found or installed, made, started, stopped.
//!
//! Postgres refuses to run as root. Then it runs under another user, in a folder that user can reach.

mod account;
mod programs;

use crate::fault::{Result, While, fault};
use crate::process::{ended_within, output, run, signal, succeeds, tethered, words};
use account::Account;
use programs::Programs;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const USER: &str = "portal";
/// The shortest limit of the systems we run on (104 on macOS), less the terminating zero.
const LONGEST_SOCKET: usize = 103;
const THROWN_AWAY: &str = "portal-test-";

/// What the cluster is for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// Kept between runs; as safe as in production.
    Keep,
    /// Gone at the end; nothing is forced to disk.
    ThrowAway,
    /// Gone at the end, and until then as safe as one that is kept: for counting what safety costs.
    Measure,
}

/// A running cluster. It stops when this is dropped.
pub(crate) struct Cluster {
    server: Child,
    programs: Programs,
    home: PathBuf,
    address: Address,
    purpose: Purpose,
    log: PathBuf,
    /// Held while a thrown-away cluster is in use, so that a later run knows a forgotten one.
    _in_use: Option<File>,
}

enum Address {
    Socket,
    Port { port: u16, password: String },
}

impl Cluster {
    /// Starts the cluster that belongs to the data folder `data`, making it at first.
    pub(crate) fn keep(data: &Path, log: &Path) -> Result<Self> {
        let account = Account::choose()?;
        let home = home(data, account)?;
        Self::start(home, account, Purpose::Keep, log, None)
    }

    /// Starts an empty cluster that is gone when it is dropped.
    pub(crate) fn throw_away() -> Result<Self> {
        Self::passing(Purpose::ThrowAway, "")
    }

    /// The same, with a kept cluster's settings.
    pub(crate) fn measure() -> Result<Self> {
        Self::passing(Purpose::Measure, "-measured")
    }

    fn passing(purpose: Purpose, kind: &str) -> Result<Self> {
        sweep();
        let account = Account::choose()?;
        let home = PathBuf::from("/var/tmp").join(format!("{THROWN_AWAY}{}{kind}", std::process::id()));
        if !account.may_use(&home)? {
            return Err(fault(format!("Postgres cannot use {}", home.display())));
        }
        let in_use = File::create(home.join("in-use")).when("marking the test cluster")?;
        in_use.lock().when("marking the test cluster")?;
        let log = home.join("log");
        Self::start(home, account, purpose, &log, Some(in_use))
    }

    fn start(
        home: PathBuf,
        account: Account,
        purpose: Purpose,
        log: &Path,
        in_use: Option<File>,
    ) -> Result<Self> {
        let data = home.join("data");
        let made_by = fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|it| it.trim().parse().ok());
        let programs = Programs::find_or_install(made_by)?;
        programs.usable_by(account)?;

        let had_pid_file = end_leftover(&data)?;
        if made_by.is_none() {
            make(&programs, account, &home, purpose)?;
        }
        let address = Address::choose(&home)?;

        // After a kill -9 the old server's processes may need a moment to notice and leave.
        let patience = Instant::now();
        let mut server = loop {
            let mut server = spawn(&programs, account, &home, &address, purpose, log)?;
            if accepts(&programs, account, &home, &address, &mut server) {
                break server;
            }
            let _ = server.kill();
            let _ = server.wait();
            if !had_pid_file || patience.elapsed() > Duration::from_secs(20) {
                return Err(fault(format!("Postgres did not start:\n{}", tail(log))));
            }
            sleep(Duration::from_millis(500));
        };
        if let Ok(Some(status)) = server.try_wait() {
            return Err(fault(format!("Postgres ended at once ({status}):\n{}", tail(log))));
        }

        let log = log.to_owned();
        let cluster = Self { server, programs, home, address, purpose, log, _in_use: in_use };
        cluster.database(USER)?;
        Ok(cluster)
    }

    /// Makes the database when it is missing, and says how to connect to it as its owner.
    pub(crate) fn database(&self, name: &str) -> Result<String> {
        let found = self.ask("postgres", &format!("select 1 from pg_database where datname = '{name}'"))?;
        if found.trim().is_empty() {
            self.ask("postgres", &format!("create database {name}"))?;
        }
        Ok(self.url(name))
    }

    pub(crate) fn url(&self, database: &str) -> String {
        match &self.address {
            Address::Socket => {
                format!("postgres://{USER}@localhost:5432/{database}?host={}", self.home.display())
            }
            Address::Port { port, password } => {
                format!("postgres://{USER}:{password}@127.0.0.1:{port}/{database}")
            }
        }
    }

    /// psql on one of our databases, stopping at the first error.
    pub(crate) fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.path("psql"));
        psql.env("PGOPTIONS", "-c client_min_messages=warning")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(self.url(database));
        psql
    }

    fn ask(&self, database: &str, sql: &str) -> Result<String> {
        output(self.psql(database).args(["-c", sql]))
    }

    /// Why the server is no longer there.
    pub(crate) fn died(&mut self) -> Option<String> {
        let status = self.server.try_wait().ok()??;
        Some(format!("Postgres ended ({status}):\n{}", tail(&self.log)))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // INT is Postgres' fast shutdown: sessions are cut, the data is closed cleanly. QUIT leaves it as it lies.
        let (how, grace) = match self.purpose {
            Purpose::Keep => (Signal::INT, Duration::from_mins(1)),
            Purpose::ThrowAway | Purpose::Measure => (Signal::QUIT, Duration::from_secs(10)),
        };
        signal(&self.server, how);
        if ended_within(&mut self.server, grace).is_none() {
            signal(&self.server, Signal::QUIT);
            let _ = self.server.wait();
        }
        if self.purpose != Purpose::Keep {
            let _ = fs::remove_dir_all(&self.home);
        }
    }
}

impl Address {
    fn choose(home: &Path) -> Result<Self> {
        // A path with a character that means something in a URL would need quoting everyone agrees on.
        let plain = home.to_str().is_some_and(|path| {
            path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
                && path.len().saturating_add("/.s.PGSQL.5432".len()) <= LONGEST_SOCKET
        });
        let probe = home.join("probe");
        if plain && UnixListener::bind(&probe).is_ok() {
            fs::remove_file(&probe).when("looking for a place for the socket")?;
            return Ok(Self::Socket);
        }
        let password = fs::read_to_string(home.join("password")).when("reading the cluster's password")?;
        Ok(Self::Port { port: free_port()?, password: password.trim().to_owned() })
    }
}

/// A port of the loopback interface nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").when("looking for a free port")?;
    Ok(listener.local_addr().when("looking for a free port")?.port())
}

fn spawn(
    programs: &Programs,
    account: Account,
    home: &Path,
    address: &Address,
    purpose: Purpose,
    log: &Path,
) -> Result<Child> {
    let log = File::create(log).when(log.display())?;
    let mut postgres = tethered(&programs.path("postgres"), "INT");
    account.take(&mut postgres);
    postgres
        .arg("-D")
        .arg(home.join("data"))
        .args(words("-c timezone=UTC -c log_timezone=UTC -c max_connections=300"));
    match address {
        Address::Socket => postgres.args(["-c", "listen_addresses=", "-p", "5432", "-k"]).arg(home),
        Address::Port { port, .. } => postgres
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-p"])
            .arg(port.to_string()),
    };
    if purpose == Purpose::ThrowAway {
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
        {
            postgres.args(["-c", setting]);
        }
    }
    postgres
        .stdin(Stdio::null())
        .stdout(log.try_clone().when("opening the log")?)
        .stderr(log)
        // Ctrl-C reaches the whole group of the terminal; the database must outlive those who write to it.
        .process_group(0)
        .spawn()
        .when("starting Postgres")
}

/// Waits until the server takes connections; false when it ended instead.
fn accepts(
    programs: &Programs,
    account: Account,
    home: &Path,
    address: &Address,
    server: &mut Child,
) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(1) {
        if !matches!(server.try_wait(), Ok(None)) {
            return false;
        }
        let mut ready = Command::new(programs.path("pg_isready"));
        account.take(&mut ready);
        ready.args(["-q", "-d", "postgres", "-U", USER]);
        match address {
            Address::Socket => ready.args(["-p", "5432", "-h"]).arg(home),
            Address::Port { port, .. } => ready.args(["-h", "127.0.0.1", "-p"]).arg(port.to_string()),
        };
        if succeeds(&mut ready) {
            return true;
        }
        sleep(Duration::from_millis(50));
    }
    false
}

/// Makes the cluster aside and moves it into place, so that half a cluster is never mistaken for one.
fn make(programs: &Programs, account: Account, home: &Path, purpose: Purpose) -> Result {
    let unfinished = home.join("data.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).when(unfinished.display())?;
    }
    let password = home.join("password");
    fs::write(&password, random_hex()?).when(password.display())?;
    account.own(&password, 0o600)?;

    let mut initdb = Command::new(programs.path("initdb"));
    account.take(&mut initdb);
    initdb
        .args(["--username", USER, "--encoding", "UTF8", "--data-checksums", "--auth-local", "trust"])
        .args([
            "--auth-host",
            "scram-sha-256",
            "--locale",
            if cfg!(target_os = "linux") { "C.UTF-8" } else { "C" },
        ])
        .arg("--pwfile")
        .arg(&password)
        .arg("-D")
        .arg(&unfinished)
        .stdout(Stdio::null());
    if purpose != Purpose::Keep {
        initdb.arg("--no-sync");
    }
    run(&mut initdb)?;
    fs::rename(&unfinished, home.join("data")).when("moving the new cluster into place")
}

/// Ends a server that outlived the run that started it. Says whether one had left its mark.
fn end_leftover(data: &Path) -> Result<bool> {
    let mark = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&mark) else {
        return Ok(false);
    };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok()).and_then(Pid::from_raw);
    let Some(pid) = pid.filter(|it| test_kill_process(*it).is_ok()) else {
        return Ok(true);
    };
    // The number may belong to another program by now: a postmaster stands in its data folder.
    let stands_in = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()));
    let ours = match stands_in {
        Ok(folder) => fs::canonicalize(data).is_ok_and(|data| data == folder),
        Err(why) => why.kind() == io::ErrorKind::NotFound && !Path::new("/proc/self").exists(),
    };
    if !ours {
        fs::remove_file(&mark).when(mark.display())?;
        return Ok(true);
    }
    println!("ending a Postgres that outlived its run (process {})", pid.as_raw_nonzero());
    for how in [Signal::INT, Signal::QUIT] {
        let _ = kill_process(pid, how);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if test_kill_process(pid).is_err() {
                return Ok(true);
            }
            sleep(Duration::from_millis(50));
        }
    }
    Err(fault(format!("process {} still holds {}", pid.as_raw_nonzero(), data.display())))
}

/// Removes thrown-away clusters whose run was killed before it could.
fn sweep() {
    let Ok(entries) = fs::read_dir("/var/tmp") else { return };
    for home in entries.flatten().map(|entry| entry.path()) {
        let ours = home.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(THROWN_AWAY));
        let forgotten = || File::open(home.join("in-use")).is_ok_and(|mark| mark.try_lock().is_ok());
        if ours && forgotten() && end_leftover(&home.join("data")).is_ok() {
            let _ = fs::remove_dir_all(&home);
        }
    }
}

/// Where the cluster of a data folder lives: in it, or, where the database's user cannot reach that, aside.
fn home(data: &Path, account: Account) -> Result<PathBuf> {
    let data = fs::canonicalize(data).when(data.display())?;
    let digest = hex::encode(Sha256::digest(data.as_os_str().as_encoded_bytes()));
    let aside = Path::new("/var/lib").join(format!("portal-{}", digest.get(..12).unwrap_or(&digest)));
    let inside = data.join("postgres");
    if !aside.join("data/PG_VERSION").exists() && account.may_use(&inside)? {
        return Ok(inside);
    }
    if account.may_use(&aside)? {
        println!(
            "the database's user cannot reach {}: its cluster is in {}",
            data.display(),
            aside.display()
        );
        return Ok(aside);
    }
    Err(fault(format!("Postgres can use neither {} nor {}", inside.display(), aside.display())))
}

/// 32 random bytes in hexadecimal.
pub(crate) fn random_hex() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .when("reading /dev/urandom")?;
    Ok(hex::encode(bytes))
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let (_, last) = lines.split_at(lines.len().saturating_sub(20));
    format!("{}\n(the whole of it: {})", last.join("\n"), log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_odd_path_gets_a_port_instead_of_a_socket() {
        let home = std::env::temp_dir().join(format!("xtask-address-{}", std::process::id()));
        let long = home.join("x".repeat(100));
        let odd = home.join("a b");
        for folder in [&long, &odd] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("password"), "secret\n").unwrap();
            let Address::Port { port, password } = Address::choose(folder).unwrap() else {
                panic!("a socket")
            };
            assert!(port > 0);
            assert_eq!(password, "secret");
        }
        assert!(matches!(Address::choose(&home), Ok(Address::Socket)));
        fs::remove_dir_all(&home).unwrap();
    }
}
