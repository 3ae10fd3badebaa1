//! Where everything listens, keeps its data, and what the portal and the sandbox have to agree on.

use crate::fault::{Result, While, fault};
use crate::postgres::{free_port, random_hex};
use crate::process::{root, target, tethered};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, path};

/// Where everything listens.
pub(crate) struct Addresses {
    pub(crate) member: SocketAddr,
    pub(crate) desk: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) sandbox: SocketAddr,
    pub(crate) smtp: SocketAddr,
}

impl Addresses {
    pub(crate) fn from_env() -> Result<Self> {
        Ok(Self {
            member: address("PORTAL_ADDR", 3000)?,
            desk: address("PORTAL_DESK_ADDR", 3100)?,
            ops: address("PORTAL_OPS_ADDR", 3200)?,
            sandbox: address("SANDBOX_ADDR", 4000)?,
            smtp: address("SANDBOX_SMTP_ADDR", 4025)?,
        })
    }

    pub(crate) fn free() -> Result<Self> {
        let free = || Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)));
        Ok(Self { member: free()?, desk: free()?, ops: free()?, sandbox: free()?, smtp: free()? })
    }
}

fn address(variable: &str, port: u16) -> Result<SocketAddr> {
    match env::var(variable) {
        Ok(text) if !text.is_empty() => {
            text.parse().when(format_args!("{variable}={text} is not an address such as 127.0.0.1:{port}"))
        }
        _ => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
    }
}

/// Everything `portal` and `sandbox` have to agree on.
pub(crate) struct Settings {
    pub(crate) data: PathBuf,
    pub(crate) addresses: Addresses,
    pub(crate) base_url: String,
    pub(crate) database_url: String,
    secret: String,
}

impl Settings {
    pub(crate) fn new(
        data: &Path,
        addresses: Addresses,
        base_url: Option<String>,
        database_url: String,
    ) -> Result<Self> {
        let base_url = base_url.unwrap_or_else(|| format!("http://localhost:{}", addresses.member.port()));
        let secret = secret(data)?;
        Ok(Self { data: data.to_owned(), addresses, base_url, database_url, secret })
    }

    /// Addresses a browser may open. The portal is `localhost` and the sandbox `127.0.0.1`: truly two sites.
    pub(crate) fn desk_url(&self) -> String {
        portal_at(self.addresses.desk)
    }

    pub(crate) fn ops_url(&self) -> String {
        portal_at(self.addresses.ops)
    }

    pub(crate) fn sandbox_url(&self) -> String {
        format!("http://{}", here(self.addresses.sandbox))
    }

    pub(crate) fn ready(&self) -> String {
        let member = self.base_url.trim_end_matches('/');
        format!(
            "ready member={member} desk={} ops={} sandbox={}",
            self.desk_url(),
            self.ops_url(),
            self.sandbox_url()
        )
    }

    /// A program of ours with the whole configuration in its environment.
    pub(crate) fn program(&self, name: &str) -> Result<Command> {
        let mut command = tethered(&target()?.join("debug").join(name), "TERM");
        command.current_dir(root()).envs(self.environment()?);
        Ok(command)
    }

    pub(crate) fn portal(&self, args: &[&str]) -> Result<Command> {
        let mut portal = self.program("portal")?;
        portal.args(args);
        Ok(portal)
    }

    /// The same, for a command whose log would stand between our own lines.
    pub(crate) fn quiet(&self, args: &[&str]) -> Result<Command> {
        let mut portal = self.portal(args)?;
        if env::var_os("PORTAL_LOG").is_none() {
            portal.env("PORTAL_LOG", "warn");
        }
        Ok(portal)
    }

    fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let to = &self.addresses;
        let data = self.data.display().to_string();
        let key = self.shared("GATEWAY_KEY", "PORTAL_GATEWAY_KEY");
        let hooks = self.shared("GATEWAY_WEBHOOK_SECRETS", "PORTAL_GATEWAY_WEBHOOK_SECRETS");
        Ok(vec![
            ("PORTAL_ADDR", to.member.to_string()),
            ("PORTAL_DESK_ADDR", to.desk.to_string()),
            ("PORTAL_OPS_ADDR", to.ops.to_string()),
            ("PORTAL_BASE_URL", self.base_url.clone()),
            ("PORTAL_HOSTS", self.hosts()),
            ("PORTAL_DATA", data.clone()),
            ("DATABASE_URL", self.database_url.clone()),
            ("PORTAL_GATEWAY_URL", self.sandbox_url()),
            ("PORTAL_GATEWAY_KEY", key.clone()),
            ("PORTAL_GATEWAY_WEBHOOK_SECRETS", hooks.clone()),
            ("PORTAL_SMTP_URL", format!("smtp://{}", here(to.smtp))),
            ("PORTAL_SECRET", self.secret.clone()),
            ("PORTAL_PROFILE", env::var("PORTAL_PROFILE").unwrap_or_else(|_| "all_on".to_owned())),
            ("PORTAL_SITE", target()?.join("site").display().to_string()),
            ("LEPTOS_OUTPUT_NAME", "portal".to_owned()),
            ("LEPTOS_SITE_ROOT", target()?.join("site").display().to_string()),
            ("LEPTOS_SITE_PKG_DIR", "pkg".to_owned()),
            ("LEPTOS_HASH_FILES", "true".to_owned()),
            ("SANDBOX_ADDR", to.sandbox.to_string()),
            ("SANDBOX_SMTP_ADDR", to.smtp.to_string()),
            ("SANDBOX_DATA", format!("{data}/sandbox")),
            ("SANDBOX_BASE_URL", self.sandbox_url()),
            ("SANDBOX_API_KEY", key),
            ("SANDBOX_WEBHOOK_URL", format!("http://{}/hooks/gateway", here(to.member))),
            ("SANDBOX_WEBHOOK_SECRETS", hooks),
            // Cron of the queue runs on local time.
            ("TZ", "UTC".to_owned()),
        ])
    }

    /// Names beside that of the base address: the gateway's events and our own look come by address.
    fn hosts(&self) -> String {
        let given = env::var("PORTAL_HOSTS").unwrap_or_default();
        let port = self.addresses.member.port();
        format!("{given},{},localhost:{port}", here(self.addresses.member)).trim_start_matches(',').to_owned()
    }

    /// A secret both sides know: given by hand, else derived from ours.
    fn shared(&self, purpose: &str, variable: &str) -> String {
        let derived = || hex::encode(Sha256::digest(format!("{purpose} {}", self.secret)));
        env::var(variable).ok().filter(|it| !it.is_empty()).unwrap_or_else(derived)
    }
}

/// Ours from the environment, else made once and kept.
fn secret(data: &Path) -> Result<String> {
    if let Ok(given) = env::var("PORTAL_SECRET") {
        return Ok(given);
    }
    let path = data.join("secret");
    if let Ok(kept) = fs::read_to_string(&path) {
        return Ok(kept.trim().to_owned());
    }
    let made = random_hex()?;
    private_file(&path, &made)?;
    Ok(made)
}

/// A file only its owner reads, written whole or not at all.
fn private_file(path: &Path, text: &str) -> Result {
    let unfinished = path.with_extension("unfinished");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&unfinished)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&unfinished, path))
        .when(path.display())
}

/// The data folder, ours alone while this lives.
pub(crate) struct DataFolder {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl DataFolder {
    pub(crate) fn open() -> Result<Self> {
        let named = env::var_os("PORTAL_DATA").filter(|it| !it.is_empty()).map(PathBuf::from);
        let path = path::absolute(named.unwrap_or_else(|| root().join("data"))).when("PORTAL_DATA")?;
        Self::at(path)
    }

    pub(crate) fn at(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(path.join("logs")).when(path.display())?;
        let lock = File::create(path.join("lock")).when(path.display())?;
        if lock.try_lock().is_err() {
            return Err(fault(format!(
                "another run uses {}: stop it, or name another PORTAL_DATA",
                path.display()
            )));
        }
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.log"))
    }

    /// Tells other programs where the database is, for as long as the answer lives.
    pub(crate) fn announce(&self, database_url: &str) -> Result<Announced> {
        let path = self.path.join("env");
        private_file(&path, &format!("DATABASE_URL={database_url}\n"))?;
        Ok(Announced(path))
    }

    /// Tells `portal work` and its like, run beside us, everything they have to agree on with what runs.
    pub(crate) fn announce_all(&self, settings: &Settings) -> Result<Announced> {
        let path = self.path.join("run.env");
        let environment = settings.environment()?;
        let lines =
            environment.iter().filter(|(name, _)| name.starts_with("PORTAL_") || *name == "DATABASE_URL");
        let lines: Vec<_> = lines.map(|(name, value)| format!("{name}={value}\n")).collect();
        private_file(&path, &lines.concat())?;
        Ok(Announced(path))
    }
}

/// A file that is there while something runs.
pub(crate) struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The address by which this machine reaches a listener that may listen on all of its addresses.
pub(crate) fn here(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

/// `localhost` where that leads to it, else the address itself.
fn portal_at(address: SocketAddr) -> String {
    let address = here(address);
    if [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&address.ip()) {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base_url: Option<&str>) -> Settings {
        let at = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let addresses = Addresses { member: at(1), desk: at(2), ops: at(3), sandbox: at(4), smtp: at(5) };
        let base_url = base_url.map_or_else(|| "http://localhost:1".to_owned(), str::to_owned);
        let (data, database_url) = (PathBuf::from("/nowhere"), String::new());
        Settings { data, addresses, base_url, database_url, secret: "00".to_owned() }
    }

    #[test]
    fn the_ready_line_has_addresses_a_browser_may_open() {
        assert_eq!(
            settings(None).ready(),
            "ready member=http://localhost:1 desk=http://localhost:2 ops=http://localhost:3 sandbox=http://127.0.0.1:4"
        );
        assert!(
            settings(Some("https://plan.example/"))
                .ready()
                .starts_with("ready member=https://plan.example desk=")
        );
    }

    #[test]
    fn a_portal_elsewhere_is_named_by_its_address() {
        let at = |address: &str| portal_at(address.parse().unwrap());
        assert_eq!(at("0.0.0.0:3100"), "http://localhost:3100");
        assert_eq!(at("[::1]:3100"), "http://localhost:3100");
        assert_eq!(at("192.0.2.7:3100"), "http://192.0.2.7:3100");
        assert_eq!(at("127.0.0.2:3100"), "http://127.0.0.2:3100");
    }

    #[test]
    fn both_sides_know_the_same_secrets() {
        let environment = settings(None).environment().unwrap();
        let of =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        assert_eq!(of("PORTAL_GATEWAY_KEY"), of("SANDBOX_API_KEY"));
        assert_eq!(of("PORTAL_GATEWAY_WEBHOOK_SECRETS"), of("SANDBOX_WEBHOOK_SECRETS"));
        assert_ne!(of("SANDBOX_API_KEY"), of("SANDBOX_WEBHOOK_SECRETS"));
        assert_eq!(of("SANDBOX_WEBHOOK_URL").as_deref(), Some("http://127.0.0.1:1/hooks/gateway"));
        assert_eq!(of("PORTAL_SMTP_URL").as_deref(), Some("smtp://127.0.0.1:5"));
    }

    /// Every variable a program's flags read stands in .env.example, which is where people look for it.
    #[test]
    fn the_example_names_every_variable() {
        let example = fs::read_to_string(root().join(".env.example")).unwrap();
        for source in ["server/src/config.rs", "sandbox/src/main.rs", "sandbox/src/lib.rs"] {
            let text = fs::read_to_string(root().join(source)).unwrap_or_default();
            for (_, rest) in
                text.match_indices("env = \"").map(|(at, _)| text.split_at(at + "env = \"".len()))
            {
                let name = rest.split('"').next().unwrap();
                let name = name.strip_suffix("_FILE").unwrap_or(name);
                assert!(example.contains(&format!("{name}=")), "{name} of {source}");
            }
        }
    }

    #[test]
    fn a_data_folder_has_one_run_at_a_time() {
        let path = env::temp_dir().join(format!("xtask-data-{}", std::process::id()));
        let first = DataFolder::at(path.clone()).unwrap();
        assert!(DataFolder::at(path.clone()).is_err());
        let announced = first.announce("postgres://x").unwrap();
        assert_eq!(fs::read_to_string(path.join("env")).unwrap(), "DATABASE_URL=postgres://x\n");
        drop(announced);
        assert!(!path.join("env").exists());
        drop(first);
        fs::remove_dir_all(&path).unwrap();
    }
}
