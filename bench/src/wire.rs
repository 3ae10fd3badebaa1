//! A stand-in for the server's socket: passes everything on and writes down what was asked. What a page or a payment
//! costs in round trips is a fact of the wire, whatever a library or an extension counts.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixListener, UnixStream},
};

use crate::Result;

const PROTOCOL_3: u32 = 3;

/// What was asked over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Times the asker waited for an answer, preparing left out.
    pub round_trips: u64,
    /// Statements run, BEGIN and COMMIT among them, in order.
    pub statements: Vec<Arc<str>>,
    /// Round trips that only prepared a statement: each is paid once a connection, and is no part of a page's cost.
    pub prepared: u64,
    /// Whether the connection still lives. The pool asks once after each use, in a task nobody waits for; one more than
    /// uses would be a round trip before a use.
    pub pings: u64,
}

#[derive(Clone, Debug)]
enum Heard {
    RoundTrip,
    Prepared,
    Ping,
    Statement(Arc<str>),
}

type Log = Arc<Mutex<Vec<(Arc<str>, Heard)>>>;

/// The stand-in. Gone when dropped.
pub struct Wire {
    folder: PathBuf,
    log: Log,
}

#[derive(Clone)]
enum Server {
    Socket(PathBuf),
    Port(String, u16),
}

impl Wire {
    /// Listens in front of the server these options lead to.
    pub fn before(server: &PgConnectOptions) -> Result<Self> {
        let port = server.get_port();
        let behind = match server.get_socket() {
            Some(folder) => Server::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None if server.get_host().starts_with('/') => {
                Server::Socket(Path::new(server.get_host()).join(format!(".s.PGSQL.{port}")))
            }
            None => Server::Port(server.get_host().to_owned(), port),
        };
        let folder = std::env::temp_dir().join(format!("portal-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let socket = folder.join(format!(".s.PGSQL.{port}"));
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket)?;
        let log = Log::default();
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((asker, _)) = listener.accept().await {
                let (behind, log) = (behind.clone(), Arc::clone(&log));
                // A connection that breaks is told to its asker by breaking too.
                tokio::spawn(async move { pass(asker, behind, log).await.ok() });
            }
        });
        Ok(Self { folder, log: kept })
    }

    /// The same database by way of this wire.
    pub fn lead(&self, options: &PgConnectOptions) -> PgConnectOptions {
        options.clone().socket(&self.folder).ssl_mode(PgSslMode::Disable)
    }

    /// What these roles asked since the last time, and forgets it.
    pub fn take(&self, roles: &[&str]) -> Asked {
        let heard = std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner));
        let mut asked = Asked::default();
        for (_, heard) in heard.into_iter().filter(|(role, _)| roles.contains(&role.as_ref())) {
            match heard {
                Heard::RoundTrip => asked.round_trips = asked.round_trips.saturating_add(1),
                Heard::Prepared => asked.prepared = asked.prepared.saturating_add(1),
                Heard::Ping => asked.pings = asked.pings.saturating_add(1),
                Heard::Statement(sql) => asked.statements.push(sql),
            }
        }
        asked
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn pass(asker: UnixStream, behind: Server, log: Log) -> Result<()> {
    match behind {
        Server::Socket(path) => both_ways(asker, UnixStream::connect(path).await?, log).await,
        Server::Port(host, port) => {
            let server = TcpStream::connect((host, port)).await?;
            server.set_nodelay(true)?;
            both_ways(asker, server, log).await
        }
    }
}

async fn both_ways(
    asker: UnixStream,
    server: impl AsyncRead + AsyncWrite + Send + 'static,
    log: Log,
) -> Result<()> {
    let (mut from_asker, mut to_asker) = asker.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_asker).await;
        let _ = to_asker.shutdown().await;
    });
    let mut ear = Ear { log, ..Ear::default() };
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let count = from_asker.read(&mut bytes).await?;
        let said = bytes.get(..count).unwrap_or_default();
        if said.is_empty() {
            return Ok(to_server.shutdown().await?);
        }
        // Heard before it is passed on: whoever has an answer finds its question in the log.
        ear.hears(said);
        to_server.write_all(said).await?;
    }
}

/// Understands the asker's half of the protocol (PostgreSQL, "Message Formats").
#[derive(Default)]
struct Ear {
    log: Log,
    unread: Vec<u8>,
    /// The name the connection gave itself; ours are named after their role.
    role: Option<Arc<str>>,
    named: HashMap<Vec<u8>, Arc<str>>,
    bound: HashMap<Vec<u8>, Arc<str>>,
    /// What came since the last Sync.
    since: Since,
}

#[derive(Clone, Copy, Default)]
enum Since {
    #[default]
    Nothing,
    Parsed,
    Run,
}

impl Ear {
    fn hears(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
        let unread = std::mem::take(&mut self.unread);
        let mut rest = unread.as_slice();
        loop {
            let next = match self.role {
                None => message(rest).map(|(body, rest)| (0, body, rest)),
                Some(_) => rest
                    .split_first()
                    .and_then(|(kind, rest)| message(rest).map(|(body, rest)| (*kind, body, rest))),
            };
            let Some((kind, body, after)) = next else { break };
            rest = after;
            self.understands(kind, body);
        }
        self.unread = rest.to_vec();
    }

    fn understands(&mut self, kind: u8, body: &[u8]) {
        match kind {
            0 => self.starts(body),
            b'P' => {
                let Some((name, rest)) = text(body) else { return };
                let Some((sql, _)) = text(rest) else { return };
                self.named.insert(name.to_vec(), String::from_utf8_lossy(sql).into());
                self.since = Since::Parsed;
            }
            b'B' => {
                let Some((portal, rest)) = text(body) else { return };
                let Some(sql) = text(rest).and_then(|(name, _)| self.named.get(name)) else { return };
                self.bound.insert(portal.to_vec(), Arc::clone(sql));
            }
            b'E' => {
                let sql = text(body).and_then(|(portal, _)| self.bound.get(portal)).cloned();
                self.since = Since::Run;
                self.notes(Heard::Statement(sql.unwrap_or_else(|| "?".into())));
            }
            b'Q' => {
                let sql = text(body).map(|(sql, _)| String::from_utf8_lossy(sql)).unwrap_or_default();
                self.notes(Heard::Statement(sql.as_ref().into()));
                self.notes(Heard::RoundTrip);
            }
            b'S' => {
                let heard = match std::mem::take(&mut self.since) {
                    Since::Nothing => Heard::Ping,
                    Since::Parsed => Heard::Prepared,
                    Since::Run => Heard::RoundTrip,
                };
                self.notes(heard);
            }
            _ => {}
        }
    }

    /// The first message: version 3 and parameters by name. What asks for encryption comes before it, and is not it.
    fn starts(&mut self, body: &[u8]) {
        let Some((version, mut rest)) = body.split_first_chunk::<4>() else { return };
        if u32::from_be_bytes(*version) >> 16 != PROTOCOL_3 {
            return;
        }
        let mut role = "";
        while let Some((name, after)) = text(rest) {
            let Some((value, after)) = text(after) else { break };
            if name == b"application_name" {
                role = std::str::from_utf8(value).unwrap_or_default();
            }
            rest = after;
        }
        self.role = Some(role.into());
    }

    fn notes(&self, heard: Heard) {
        let role = self.role.clone().unwrap_or_else(|| "".into());
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((role, heard));
    }
}

/// The body of a message whose length stands first, and what comes after it.
fn message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    // The length counts itself.
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_sub(4)?;
    rest.split_at_checked(length)
}

/// A text ended by zero, and what comes after it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test adds small numbers")]
mod tests {
    use super::*;

    fn said(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, body].concat()
    }

    fn started() -> Ear {
        let mut ear = Ear::default();
        let mut first = vec![0, 3, 0, 0];
        first.extend_from_slice(b"user\0portal\0application_name\0portal_read\0\0");
        ear.hears(&said(0, &first)[1..]);
        ear
    }

    fn heard(ear: &Ear) -> Asked {
        let wire = Wire { folder: PathBuf::from("/nowhere/at/all"), log: Arc::clone(&ear.log) };
        wire.take(&["portal_read"])
    }

    #[test]
    fn a_prepared_statement_is_known_by_its_text_and_preparing_and_pings_are_told_apart() {
        let mut ear = started();
        let prepares = [said(b'P', b"s1\0SELECT 1\0\0\0"), said(b'D', b"Ss1\0"), said(b'S', b"")].concat();
        let runs = [said(b'B', b"\0s1\0\0\0\0\0\0\0"), said(b'E', b"\0\0\0\0\0"), said(b'S', b"")].concat();
        ear.hears(&prepares);
        ear.hears(&runs);
        ear.hears(&runs);
        ear.hears(&said(b'S', b""));

        let asked = heard(&ear);
        assert_eq!((asked.prepared, asked.round_trips, asked.pings), (1, 2, 1));
        assert_eq!(asked.statements, ["SELECT 1".into(), "SELECT 1".into()]);
    }

    #[test]
    fn a_message_cut_anywhere_is_one_message() {
        let whole = [said(b'Q', b"BEGIN\0"), said(b'Q', b"COMMIT\0")].concat();
        for cut in 0..=whole.len() {
            let mut ear = started();
            let (one, other) = whole.split_at(cut);
            ear.hears(one);
            ear.hears(other);
            let asked = heard(&ear);
            assert_eq!(asked.round_trips, 2);
            assert_eq!(asked.statements, ["BEGIN".into(), "COMMIT".into()]);
        }
    }
}
