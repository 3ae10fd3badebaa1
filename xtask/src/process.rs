//! Other programs: found, started, waited for, and stopped when we are asked to stop.

use crate::fault::{Result, While, fault};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);

static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on Ctrl-C, TERM and HUP ask for an orderly end; a second one ends us at once.
pub(crate) fn listen_for_stop() -> Result {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&STOP))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&STOP)))
            .when("listening for signals")?;
    }
    Ok(())
}

/// Whether someone asked us to stop.
pub(crate) fn stop_asked() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// The checkout this xtask was built from.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Cargo's target folder: we are `<target>/<profile>/xtask` ourselves, so no setting has to be read.
pub(crate) fn target() -> Result<PathBuf> {
    let me = env::current_exe().when("finding the target folder")?;
    // Unit tests of xtask run one folder deeper.
    let me =
        if me.parent().is_some_and(|dir| dir.ends_with("deps")) { me.parent() } else { Some(me.as_path()) };
    me.and_then(Path::parent)
        .and_then(Path::parent)
        .map(Path::to_owned)
        .when("xtask does not run from a target folder")
}

/// Cargo in the checkout, with nothing asked of a live database.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(args);
    if env::var_os("SQLX_OFFLINE").is_none() {
        cargo.env("SQLX_OFFLINE", "true");
    }
    cargo
}

/// Words of a command line, none of which holds a blank.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// The first program of this name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs a command to its end; anything but success is a fault.
pub(crate) fn run(command: &mut Command) -> Result {
    let mut child = command.spawn().when(line(command))?;
    let status = wait(&mut child)?;
    if stop_asked() {
        return Err(fault("stopped"));
    }
    if status.success() { Ok(()) } else { Err(fault(format!("{}: {status}", line(command)))) }
}

/// Runs a command to its end and hands back what it printed. Its errors go to ours.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().when(line(command))?;
    if !output.status.success() {
        return Err(fault(format!("{}: {}", line(command), output.status)));
    }
    String::from_utf8(output.stdout).when(line(command))
}

/// Runs a command without a word and says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

/// Waits for a child that has a terminal of its own; a stop asked of us is passed on.
fn wait(child: &mut Child) -> Result<ExitStatus> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait().when("waiting")? {
            return Ok(status);
        }
        if stop_asked() && !told {
            signal(child, Signal::TERM);
            told = true;
        }
        sleep(TICK);
    }
}

/// Waits until the child has ended, at most so long.
pub(crate) fn ended_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if start.elapsed() > limit {
            return None;
        }
        sleep(TICK);
    }
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    // A child that is gone needs no signal; while we have not waited for it, its number is not given to another.
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Asks the child to end, and makes it after `grace`. Says whether force was needed.
pub(crate) fn stop(child: &mut Child, how: Signal, grace: Duration) -> bool {
    signal(child, how);
    if ended_within(child, grace).is_some() {
        return false;
    }
    let _ = child.kill();
    let _ = child.wait();
    true
}

/// A command whose process is told to end when we are killed outright, where the system can do that (Linux).
/// It must be started from the main thread: the kernel watches the thread, not the process.
pub(crate) fn tethered(program: &Path, farewell: &str) -> Command {
    static SETPRIV: OnceLock<Option<PathBuf>> = OnceLock::new();
    let setpriv = SETPRIV.get_or_init(|| {
        on_path("setpriv").filter(|it| succeeds(Command::new(it).args(["--pdeathsig", "TERM", "true"])))
    });
    match setpriv {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", farewell, "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// Runs one step under a heading and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n── {name}");
    let start = Instant::now();
    let done = work().when(format_args!("step “{name}” failed"))?;
    println!("── {name}: {:.1?}", start.elapsed());
    Ok(done)
}

fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}
