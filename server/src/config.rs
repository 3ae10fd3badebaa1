//! What the portal is run with: flags, environment, and files for secrets.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use billing::{Settings, rules::Profile};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

/// Where the database is. Commands that touch nothing else take only this.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The owner's address of the database; without it, the cluster that runs in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folder of the own cluster, its `env` file and the kept secret.
    #[arg(long, env = "PORTAL_DATA", default_value = "data")]
    pub data: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("no DATABASE_URL is set and {0} holds none: is the cluster of this data folder running?")]
    NoDatabase(PathBuf),
    #[error("{name} cannot be read from {path}: {error}")]
    SecretFile { name: &'static str, path: PathBuf, error: std::io::Error },
    #[error("{0} is missing: set it, or {0}_FILE")]
    Missing(&'static str),
    #[error("PORTAL_SECRET must be 64 hexadecimal digits")]
    Secret,
    #[error("{0} is not an address")]
    Url(&'static str),
}

impl Database {
    /// The owner's database address.
    pub fn url(&self) -> Result<String, ConfigError> {
        if let Some(url) = self.database_url.as_ref().filter(|url| !url.is_empty()) {
            return Ok(url.clone());
        }
        let file = self.data.join("env");
        let text = std::fs::read_to_string(&file).map_err(|_| ConfigError::NoDatabase(file.clone()))?;
        text.lines()
            .find_map(|line| line.strip_prefix("DATABASE_URL="))
            .map(str::to_owned)
            .ok_or(ConfigError::NoDatabase(file))
    }
}

/// What flows need: the database, the secret, the gateway and the mail server.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub database: Database,
    /// Public address of the member portal, for links in mail.
    #[arg(long, env = "PORTAL_BASE_URL", default_value = "http://localhost:3000")]
    pub base_url: String,
    /// Which feature rows are in force: `seed` (the plan's published text) or `all_on`.
    #[arg(long, env = "PORTAL_PROFILE", default_value = "seed", value_parser = ["seed", "all_on"])]
    pub profile: String,
    /// The gateway's API. Its origin is also where payers are sent.
    #[arg(long, env = "PORTAL_GATEWAY_URL", default_value = "http://127.0.0.1:4000")]
    pub gateway_url: String,
    #[arg(long, env = "PORTAL_GATEWAY_KEY", hide_env_values = true)]
    pub gateway_key: Option<SecretString>,
    #[arg(long, env = "PORTAL_GATEWAY_KEY_FILE")]
    pub gateway_key_file: Option<PathBuf>,
    /// Secrets that sign gateway events, comma separated: two live at once while one is replaced.
    #[arg(long, env = "PORTAL_GATEWAY_WEBHOOK_SECRETS", hide_env_values = true)]
    pub gateway_webhook_secrets: Option<SecretString>,
    #[arg(long, env = "PORTAL_GATEWAY_WEBHOOK_SECRETS_FILE")]
    pub gateway_webhook_secrets_file: Option<PathBuf>,
    /// Where mail is handed over: `smtp://host:port` or `smtps://user:password@host:port`.
    #[arg(long, env = "PORTAL_SMTP_URL", default_value = "smtp://127.0.0.1:4025", hide_env_values = true)]
    pub smtp_url: String,
    /// What stands in From of our mail.
    #[arg(long, env = "PORTAL_MAIL_FROM", default_value = "Member billing <billing@portal.example>")]
    pub mail_from: String,
    /// 64 hexadecimal digits; keys derived secrets and stored hashes. Without it, the file `secret` of the data folder.
    #[arg(long, env = "PORTAL_SECRET", hide_env_values = true)]
    pub secret: Option<SecretString>,
    #[arg(long, env = "PORTAL_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
    /// Longest wait for one gateway call, in milliseconds.
    #[arg(long, env = "PORTAL_CALL_TIME_OUT", default_value_t = 10_000)]
    pub call_time_out: u64,
    /// Wait from the last call to the fence of a reference nobody found, in milliseconds: more than two call time-outs.
    #[arg(long, env = "PORTAL_FENCE_AFTER", default_value_t = 25_000)]
    pub fence_after: u64,
    /// Divides every janitor interval; 1 outside tests.
    #[arg(long, env = "PORTAL_HASTE", default_value_t = 1)]
    pub haste: u32,
    /// Multiplies what a minute allows a person or an address; 1 outside tests.
    #[arg(long, env = "PORTAL_SLACK", default_value_t = 1)]
    pub slack: u32,
}

impl Plan {
    /// What billing is run with.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        Ok(self.settings_with(self.key()?))
    }

    /// For commands that sign nobody in and mint no link: where no secret is given, any will do.
    pub fn settings_at_rest(&self) -> Result<Settings, ConfigError> {
        match self.key() {
            Ok(key) => Ok(self.settings_with(key)),
            Err(ConfigError::Missing(_)) => Ok(self.settings_with(billing::ids::random())),
            Err(error) => Err(error),
        }
    }

    fn key(&self) -> Result<[u8; 32], ConfigError> {
        let kept = self.database.data.join("secret");
        let file = self.secret_file.clone().or_else(|| kept.exists().then_some(kept));
        let secret = secret("PORTAL_SECRET", self.secret.as_ref(), file.as_ref())?;
        let bytes = hex::decode(secret.expose_secret().trim()).map_err(|_| ConfigError::Secret)?;
        bytes.try_into().map_err(|_| ConfigError::Secret)
    }

    fn settings_with(&self, key: [u8; 32]) -> Settings {
        Settings {
            profile: if self.profile == "all_on" { Profile::AllOn } else { Profile::Seed },
            secret: Arc::new(key),
            base_url: self.base_url.trim_end_matches('/').to_owned(),
            call_time_out: Duration::from_millis(self.call_time_out),
            fence_after: Duration::from_millis(self.fence_after),
            haste: self.haste.max(1),
            slack: self.slack.max(1),
        }
    }

    pub fn gateway_key(&self) -> Result<SecretString, ConfigError> {
        secret("PORTAL_GATEWAY_KEY", self.gateway_key.as_ref(), self.gateway_key_file.as_ref())
    }

    pub fn webhook_secrets(&self) -> Result<Vec<SecretString>, ConfigError> {
        let all = secret(
            "PORTAL_GATEWAY_WEBHOOK_SECRETS",
            self.gateway_webhook_secrets.as_ref(),
            self.gateway_webhook_secrets_file.as_ref(),
        )?;
        Ok(all.expose_secret().split(',').map(|one| SecretString::from(one.trim().to_owned())).collect())
    }
}

/// Where the portal answers.
#[derive(Args, Clone, Debug)]
pub struct Listen {
    #[arg(long, env = "PORTAL_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    #[arg(long, env = "PORTAL_DESK_ADDR", default_value = "127.0.0.1:3100")]
    pub desk_addr: SocketAddr,
    #[arg(long, env = "PORTAL_OPS_ADDR", default_value = "127.0.0.1:3200")]
    pub ops_addr: SocketAddr,
    /// Folder whose `pkg/` holds the style sheet and what browsers download.
    #[arg(long, env = "PORTAL_SITE", default_value = "target/site")]
    pub site: PathBuf,
    /// Proxies in front of us, counted from the right of `X-Forwarded-For`; 0: the header is not read.
    #[arg(long, env = "PORTAL_PROXIES", default_value_t = 0)]
    pub proxies: usize,
    /// Further host names this portal answers to, comma separated, besides that of its base address.
    #[arg(long, env = "PORTAL_HOSTS", value_delimiter = ',')]
    pub hosts: Vec<String>,
}

fn secret(
    name: &'static str,
    given: Option<&SecretString>,
    file: Option<&PathBuf>,
) -> Result<SecretString, ConfigError> {
    if let Some(value) = given {
        return Ok(value.clone());
    }
    let path = file.ok_or(ConfigError::Missing(name))?;
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::SecretFile {
        name,
        path: path.clone(),
        error,
    })?;
    Ok(SecretString::from(text.trim().to_owned()))
}

/// Scheme, host and port of an address, as browsers compare them.
pub fn origin(url: &str, name: &'static str) -> Result<String, ConfigError> {
    let parsed = reqwest::Url::parse(url).map_err(|_| ConfigError::Url(name))?;
    Ok(parsed.origin().ascii_serialization())
}
