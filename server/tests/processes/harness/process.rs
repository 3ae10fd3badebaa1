//! Programs of ours as processes: started, waited for, told to stop, and killed.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a program of ours is run with.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// A program built beside the portal; built now where it is missing.
pub(crate) fn program(name: &str) -> PathBuf {
    let portal = portal_under_test();
    if let (Some(xtask), "xtask") = (std::env::var_os("PORTAL_XTASK"), name) {
        return xtask.into();
    }
    let beside = portal.with_file_name(name);
    if !beside.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "--quiet", "--package", name]).status();
        assert!(built.is_ok_and(|it| it.success()), "{name} cannot be built");
    }
    beside
}

pub(crate) fn portal_under_test() -> PathBuf {
    env!("CARGO_BIN_EXE_portal").into()
}

/// A portal, under a name of its own: a build that runs meanwhile does not change it.
pub(crate) fn put_portal(portal: &Path, folder: &Path) {
    let own = folder.join("portal");
    let _ = fs::remove_file(&own);
    if fs::hard_link(portal, &own).is_err() {
        fs::copy(portal, &own).unwrap();
    }
}

/// A command whose process ends with ours, where the system can do that (Linux): a red test must leave nothing behind.
/// The kernel watches the thread that starts it, so start it from the test's own.
pub(crate) fn tethered(program: &Path, farewell: &str) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let can = SETPRIV.get_or_init(|| {
        let tried = Command::new("setpriv").args(["--pdeathsig", "TERM", "true"]).status();
        tried.is_ok_and(|it| it.success())
    });
    if !can {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", farewell, "--"]).arg(program);
    command
}

pub(crate) fn kill(signal: &str, pids: &[u32]) {
    let pids: Vec<_> = pids.iter().map(ToString::to_string).collect();
    // One that has just ended by itself is no reason to fail.
    let _ = Command::new("kill").arg(format!("-{signal}")).args(&pids).stderr(Stdio::null()).status();
}

/// An address of the loopback interface nobody listens on now. It lies below the range from which the system gives ports to
/// those who connect: a portal that was killed finds its own again.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() * 50;
    loop {
        let port = 10_000 + (first + u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) % 20_000;
        let tried = TcpListener::bind(("127.0.0.1", u16::try_from(port).unwrap()));
        if let Ok(address) = tried.and_then(|it| it.local_addr()) {
            return address;
        }
    }
}

/// One process, its words going to a log.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(crate) fn start(program: &Path, args: &[&str], environment: &Environment, log: PathBuf) -> Self {
        let file = File::create(&log).unwrap();
        let child = tethered(program, "KILL")
            .args(args)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    pub(crate) fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for a line of its log.
    pub(crate) fn says(&mut self, words: &str, within: Duration) -> bool {
        let start = Instant::now();
        loop {
            if self.words().lines().any(|line| line == words) {
                return true;
            }
            if start.elapsed() > within || self.ended().is_some() {
                return false;
            }
            sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        kill(signal, &[self.child.id()]);
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command of the portal that stops for good at a crash point, when it comes there.
pub(crate) struct Halting {
    process: Process,
    /// Made to let it go on from there.
    until: PathBuf,
}

impl Halting {
    /// Starts it. `name` tells its files from those of others; `crash_at`: the point, as in the crash matrix.
    pub(crate) fn start(
        name: &str,
        args: &[&str],
        folder: &Path,
        environment: &Environment,
        crash_at: Option<&str>,
    ) -> Self {
        let until = folder.join(format!("until-{name}"));
        let _ = fs::remove_file(&until);
        let mut environment = environment.clone();
        environment.push(("PORTAL_CRASH_UNTIL", until.display().to_string()));
        environment.extend(crash_at.map(|point| ("PORTAL_CRASH_AT", point.to_owned())));
        let log = folder.join(format!("{name}.log"));
        let process = Process::start(&folder.join("portal"), args, &environment, log);
        Self { process, until }
    }

    /// Waits until it says that it stands at a crash point.
    pub(crate) fn reached(&mut self, point: &str, within: Duration) -> bool {
        self.process.says(&format!("crashpoint {point}"), within)
    }

    /// Lets it go on from where it stands.
    pub(crate) fn go_on(&self) {
        File::create(&self.until).unwrap();
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop, as a deployment does.
    pub(crate) fn terminate(&self) {
        self.process.signal("TERM");
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    /// How it ended by itself; none where it is still there after `within`.
    pub(crate) fn ends(&mut self, within: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while self.ended().is_none() && start.elapsed() < within {
            sleep(Duration::from_millis(10));
        }
        self.ended()
    }

    pub(crate) fn words(&self) -> String {
        self.process.words()
    }
}

/// One `portal serve`.
pub(crate) struct Portal {
    pub(crate) process: Halting,
    pub(crate) member: SocketAddr,
    pub(crate) ops: SocketAddr,
}

impl Portal {
    /// Starts it. `crash_at`: the place at which it stops for good, when it comes there.
    pub(crate) fn start(
        number: usize,
        addresses: (SocketAddr, SocketAddr, SocketAddr),
        folder: &Path,
        environment: &Environment,
        crash_at: Option<&str>,
    ) -> Self {
        let (member, desk, ops) = addresses;
        let mut environment = environment.clone();
        environment.push(("PORTAL_ADDR", member.to_string()));
        environment.push(("PORTAL_DESK_ADDR", desk.to_string()));
        environment.push(("PORTAL_OPS_ADDR", ops.to_string()));
        let name = format!("portal-{number}");
        let process = Halting::start(&name, &["serve"], folder, &environment, crash_at);
        Self { process, member, ops }
    }

    /// Waits until it takes work.
    pub(crate) async fn ready(&mut self, http: &reqwest::Client) {
        let start = Instant::now();
        loop {
            let answer = http.get(format!("http://{}/readyz", self.ops)).send().await;
            if answer.is_ok_and(|it| it.status().is_success()) {
                return;
            }
            let ended = self.process.ended();
            assert!(ended.is_none(), "the portal ended ({ended:?}):\n{}", self.process.words());
            let patient = start.elapsed() < Duration::from_mins(1);
            assert!(patient, "the portal does not get ready:\n{}", self.process.words());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
