//! Postgres, the sandbox and one or two portals, sharing one configuration.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::browser::Doors;
use super::cluster::Cluster;
use super::process::{
    Environment, Halting, Portal, Process, free_address, portal_under_test, program, put_portal,
};
use super::soaks;

/// Signs the gateway's events.
pub(crate) const HOOK_SECRET: &str = "the gateway's own secret";

/// How fast the janitors are.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Call time-out, fence and intervals divided by 20.
    Hasty,
    /// As in production.
    Real,
}

impl Pace {
    /// A soak runs everything at real intervals.
    pub(crate) fn chosen() -> Self {
        if soaks() { Self::Real } else { Self::Hasty }
    }
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Victim {
    Portal,
    Postgres,
    Both,
}

pub(crate) const VICTIMS: [Victim; 3] = [Victim::Portal, Victim::Postgres, Victim::Both];

/// Everything that runs. The order of the fields is the order in which it ends.
pub(crate) struct Stack {
    pub(crate) portals: Vec<Portal>,
    sandbox: Process,
    pub(crate) cluster: Cluster,
    environment: Environment,
    addresses: Vec<(SocketAddr, SocketAddr, SocketAddr)>,
    pub(crate) origin: String,
    pub(crate) doors: Doors,
    pub(crate) gateway: String,
    pub(crate) http: reqwest::Client,
    folder: Folder,
    _place: File,
}

impl Stack {
    /// Starts Postgres, migrates, and starts the sandbox and so many portals.
    pub(crate) async fn start(name: &str, portals: usize, pace: Pace) -> Self {
        Self::start_with(&portal_under_test(), name, portals, pace).await
    }

    /// The same with a portal of somebody else's making.
    pub(crate) async fn start_with(portal: &Path, name: &str, portals: usize, pace: Pace) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            // The portal hangs up on lines that are silent for five seconds.
            .pool_idle_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let place = place().await;

        let folder = PathBuf::from(format!("/var/tmp/portal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        put_portal(portal, &folder);
        let cluster = Cluster::start(&folder);

        let addresses: Vec<_> =
            (0..portals.max(1)).map(|_| (free_address(), free_address(), free_address())).collect();
        let (gateway, smtp) = (free_address(), free_address());
        let origin = format!("http://localhost:{}", addresses[0].0.port());
        let (call, fence, haste) = match pace {
            Pace::Hasty => (500, 1250, 20),
            Pace::Real => (10_000, 25_000, 1),
        };
        let environment = vec![
            ("DATABASE_URL", cluster.url.clone()),
            ("PORTAL_DATA", folder.display().to_string()),
            ("PORTAL_BASE_URL", origin.clone()),
            ("PORTAL_GATEWAY_URL", format!("http://{gateway}")),
            ("PORTAL_GATEWAY_KEY", "key".to_owned()),
            ("PORTAL_GATEWAY_WEBHOOK_SECRETS", HOOK_SECRET.to_owned()),
            ("PORTAL_SMTP_URL", format!("smtp://{smtp}")),
            ("PORTAL_SECRET", "5e".repeat(32)),
            ("PORTAL_PROFILE", "all_on".to_owned()),
            ("PORTAL_SITE", folder.join("site").display().to_string()),
            ("PORTAL_PROXIES", "1".to_owned()),
            ("PORTAL_CALL_TIME_OUT", call.to_string()),
            ("PORTAL_FENCE_AFTER", fence.to_string()),
            ("PORTAL_HASTE", haste.to_string()),
            // What a minute allows is held elsewhere: here a person does in seconds what takes others days.
            ("PORTAL_SLACK", "20".to_owned()),
            ("SANDBOX_ADDR", gateway.to_string()),
            ("SANDBOX_SMTP_ADDR", smtp.to_string()),
            ("SANDBOX_DATA", folder.join("sandbox").display().to_string()),
            ("SANDBOX_API_KEY", "key".to_owned()),
            ("SANDBOX_WEBHOOK_URL", format!("http://{}/hooks/gateway", addresses[0].0)),
            ("SANDBOX_WEBHOOK_SECRETS", HOOK_SECRET.to_owned()),
            ("TZ", "UTC".to_owned()),
        ];
        let sandbox = Process::start(&program("sandbox"), &[], &environment, folder.join("sandbox.log"));
        let mut stack = Self {
            portals: Vec::new(),
            sandbox,
            cluster,
            environment,
            addresses,
            origin,
            doors: Doors::default(),
            gateway: format!("http://{gateway}"),
            http,
            folder: Folder(folder),
            _place: place,
        };
        stack.sandbox_answers().await;
        stack.portal(&["migrate"]);
        for number in 0..portals {
            let portal = stack.launch(number, None);
            stack.doors.open(portal.member);
            stack.portals.push(portal);
        }
        stack.ready().await;
        stack
    }

    /// One portal's process, at its own addresses.
    fn launch(&self, number: usize, crash_at: Option<&str>) -> Portal {
        Portal::start(number, self.addresses[number], &self.folder.0, &self.environment, crash_at)
    }

    /// Kills a portal and starts it again; `crash_at`: where the new process shall stop.
    pub(crate) async fn restart_portal(&mut self, number: usize, crash_at: Option<&str>) {
        self.portals[number].process.kill();
        self.portals[number] = self.launch(number, crash_at);
        self.portals[number].ready(&self.http).await;
    }

    /// Kills what the first portal's crash point was waited for, and starts it again. A portal whose database alone was
    /// killed goes on from where it stands.
    pub(crate) async fn strike(&mut self, victim: Victim) {
        match victim {
            Victim::Portal => self.restart_portal(0, None).await,
            Victim::Postgres => {
                self.cluster.kill();
                self.cluster.restart();
                self.portals[0].process.go_on();
            }
            Victim::Both => {
                self.cluster.kill();
                self.portals[0].process.kill();
                self.cluster.restart();
                self.restart_portal(0, None).await;
            }
        }
    }

    /// Puts a portal in the place of the one there. Who runs already goes on with theirs.
    pub(crate) fn deploy(&self, portal: &Path) {
        put_portal(portal, &self.folder.0);
    }

    pub(crate) async fn ready(&mut self) {
        for portal in &mut self.portals {
            portal.ready(&self.http).await;
        }
    }

    async fn sandbox_answers(&mut self) {
        let start = Instant::now();
        while !self
            .http
            .get(format!("{}/healthz", self.gateway))
            .send()
            .await
            .is_ok_and(|it| it.status().is_success())
        {
            let alive = self.sandbox.ended().is_none() && start.elapsed() < Duration::from_secs(30);
            assert!(alive, "the sandbox does not answer:\n{}", self.sandbox.words());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs a command of the portal to its end; anything but success fails.
    pub(crate) fn portal(&self, args: &[&str]) -> String {
        let output = self.try_portal(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "portal {}: {}\n{errors}", args.join(" "), output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn try_portal(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.file("portal"));
        command.args(args).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// A file of its own for what a test gives to the portal.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// A connection as the owner. Not kept: the database does not live long here.
    pub(crate) async fn owner(&self) -> PgPool {
        PgPoolOptions::new().max_connections(1).connect(&self.cluster.url).await.unwrap()
    }

    /// The address of a new database, which nobody has migrated yet.
    pub(crate) async fn empty_database(&self, name: &str) -> String {
        let owner = self.owner().await;
        let sql = format!("CREATE DATABASE {name}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&owner).await.unwrap();
        owner.close().await;
        self.cluster.url.replacen("/portal?", &format!("/{name}?"), 1)
    }

    /// `portal migrate` on the database at `url`. `name` tells those from each other that run side by side; `crash_at`:
    /// where it shall stop.
    pub(crate) fn migration(&self, name: &str, url: &str, crash_at: Option<&str>) -> Halting {
        let mut environment = self.environment.clone();
        environment.push(("DATABASE_URL", url.to_owned()));
        let name = format!("migrate-{name}");
        Halting::start(&name, &["migrate"], &self.folder.0, &environment, crash_at)
    }

    /// Where the sandbox sends its events from now on; `None`: nowhere.
    pub(crate) async fn send_events_to(&self, portal: Option<usize>) {
        let url = portal.map(|number| format!("http://{}/hooks/gateway", self.addresses[number].0));
        self.dial("/events", &serde_json::json!({ "url": url.unwrap_or_default() })).await;
    }

    /// Turns a dial of the sandbox.
    pub(crate) async fn dial(&self, path: &str, told: &serde_json::Value) -> serde_json::Value {
        let answer = self.http.post(format!("{}{path}", self.gateway)).json(told).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub(crate) async fn clear_faults(&self) {
        let answer = self.http.delete(format!("{}/faults", self.gateway)).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Mail to an address, newest first.
    pub(crate) async fn mail_to(&self, address: &str) -> Vec<serde_json::Value> {
        let url = format!("{}/mailbox.json?to={address}", self.gateway);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

/// A place on this machine for one stack, kept until the file is closed. There are as many as processors: each stack waits
/// half of its time, for a start or for a janitor, and more of them would starve each other.
async fn place() -> File {
    let places = std::thread::available_parallelism().map_or(1, usize::from);
    loop {
        for number in 0..places {
            let file = File::create(format!("/var/tmp/portal-processes-{number}.lock")).unwrap();
            if file.try_lock().is_ok() {
                return file;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Gone at the end, unless the test is red.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept to look at: {}", self.0.display());
        } else {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
