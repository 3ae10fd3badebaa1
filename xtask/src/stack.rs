//! The portal and its outside world, started together, watched, and stopped in order.

use crate::fault::{Fault, Result, While, fault};
use crate::postgres::tail;
use crate::process::{output, run, signal, stop, stop_asked};
use crate::settings::{Announced, DataFolder, Settings, here};
use rustix::process::Signal;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the portal may finish what it has begun.
const GRACE: Duration = Duration::from_secs(40);

/// The running portal and sandbox. They stop, the portal first, when this is dropped.
pub(crate) struct Stack {
    pub(crate) settings: Settings,
    portal: Service,
    sandbox: Service,
    _announced: Announced,
}

impl Stack {
    /// Migrates, loads the demo plan, starts both, and waits until all of it answers.
    pub(crate) fn start(settings: Settings, logs: &DataFolder) -> Result<Self> {
        // The demo plan's payment under way is paid on the gateway's page, so the gateway has to be there first.
        let announced = logs.announce_all(&settings)?;
        let mut sandbox = Service::start("sandbox", settings.program("sandbox")?, logs)?;
        run(&mut settings.quiet(&["migrate"])?)?;
        sandbox.answers(settings.addresses.sandbox, "/healthz", true)?;
        run(&mut settings.quiet(&["demo", "load"])?)?;

        let portal = Service::start("portal", settings.portal(&["serve"])?, logs)?;
        let mut stack = Self { settings, portal, sandbox, _announced: announced };
        stack.wait_for_portal()?;
        Ok(stack)
    }

    /// Starts the portal anew, from the program as it is now.
    pub(crate) fn restart_portal(&mut self, logs: &DataFolder) -> Result {
        self.portal.end();
        run(&mut self.settings.quiet(&["migrate"])?)?;
        self.portal = Service::start("portal", self.settings.portal(&["serve"])?, logs)?;
        self.wait_for_portal()
    }

    fn wait_for_portal(&mut self) -> Result {
        let to = &self.settings.addresses;
        self.portal.answers(to.ops, "/healthz", true)?;
        self.portal.answers(to.member, "/sign-in", true)?;
        // The desk has no page for strangers yet: that it answers is what counts.
        self.portal.answers(to.desk, "/", false)
    }

    /// Why one of the two is no longer there.
    pub(crate) fn died(&mut self) -> Option<Fault> {
        self.portal.died().or_else(|| self.sandbox.died())
    }

    /// The demo sign-ins as a table.
    pub(crate) fn sign_ins(&self) -> Result<String> {
        let json = output(&mut self.settings.quiet(&["demo", "accounts", "--json"])?)?;
        sign_ins(&json)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.portal.end();
        self.sandbox.end();
    }
}

fn sign_ins(json: &str) -> Result<String> {
    let accounts: Vec<serde_json::Value> = serde_json::from_str(json).when("reading the demo accounts")?;
    let mut table = String::from("Demo sign-ins:\n");
    for account in &accounts {
        let of = |key: &str| account.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let how = if of("password").is_empty() {
            format!("not registered: medical record {}, born {}", of("mrn"), of("birth_date"))
        } else {
            format!("{:<28} {}", of("email"), of("password"))
        };
        let line = format!("  {:<7} {how:<54} {:<8} {}", of("role"), of("region"), of("story"));
        table.push_str(line.trim_end());
        table.push('\n');
    }
    Ok(table)
}

/// One of our programs, its words going to a log.
struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Service {
    fn start(name: &'static str, mut command: Command, logs: &DataFolder) -> Result<Self> {
        let log = logs.log(name);
        let file = File::create(&log).when(log.display())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().when(log.display())?)
            .stderr(file)
            // Ctrl-C reaches the whole group of the terminal; we end our children one after the other.
            .process_group(0)
            .spawn()
            .when(format_args!("starting {name}"))?;
        Ok(Self { name, child, log })
    }

    /// Waits for an answer below 500, or for 200 alone.
    fn answers(&mut self, address: SocketAddr, path: &str, ok: bool) -> Result {
        let start = Instant::now();
        loop {
            if let Some(why) = self.died() {
                return Err(why);
            }
            if stop_asked() {
                return Err(fault("stopped"));
            }
            if get(here(address), path).is_some_and(|status| if ok { status == 200 } else { status < 500 }) {
                return Ok(());
            }
            if start.elapsed() > Duration::from_secs(90) {
                return Err(fault(format!(
                    "{} does not answer at {address}{path}:\n{}",
                    self.name,
                    tail(&self.log)
                )));
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn died(&mut self) -> Option<Fault> {
        let status = self.child.try_wait().ok()??;
        Some(fault(format!("{} ended ({status}):\n{}", self.name, tail(&self.log))))
    }

    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && stop(&mut self.child, Signal::TERM, GRACE) {
            println!("{} did not end within {GRACE:?} and was killed", self.name);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(&self.child, Signal::TERM);
            self.end();
        }
    }
}

/// The status of one plain GET; nothing where nobody answers.
fn get(address: SocketAddr, path: &str) -> Option<u16> {
    let limit = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    let ask = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_ins_are_listed_with_their_story() {
        let table = sign_ins(
            r#"[{"role":"member","email":"ana@example.org","password":"long enough","region":"NCA","story":"owes"}]"#,
        );
        assert!(table.unwrap().ends_with("owes\n"));
    }
}
