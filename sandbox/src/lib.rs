//! The outside world in small: a card and bank gateway with its hosted page, and a mailbox that takes SMTP.
//! `README.md` is the contract; this crate knows nothing of whoever calls it.

mod calendar;
mod cents;
mod clock;
mod gateway;
mod ids;
mod journal;
mod listener;
mod mailbox;
mod overview;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use gateway::{Gateway, Keys};
use mailbox::store::Mailbox;
use overview::Both;

/// Where the sandbox listens, where it keeps things, and what it shares with its callers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port 0 takes a free one.
    pub http: SocketAddr,
    /// Port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The folder of `journal.jsonl` and `mail.jsonl`; `None`: a new one, removed at the end.
    pub data: Option<PathBuf>,
    /// What a browser calls it; `None`: `http://` and the address it listens on.
    pub base_url: Option<String>,
    pub api_key: String,
    /// Where events go; `None`: nowhere.
    pub webhook_url: Option<String>,
    /// All of them sign.
    pub webhook_secrets: Vec<String>,
    /// Where the clock of a new journal stands; `None`: at the wall's.
    pub starts_at: Option<DateTime<Utc>>,
}

impl Default for Settings {
    /// Free ports on the loopback, a folder of its own, the keys of the contract.
    fn default() -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            http: free,
            smtp: free,
            data: None,
            base_url: None,
            api_key: "sandbox-key".to_owned(),
            webhook_url: None,
            webhook_secrets: vec!["sandbox-secret".to_owned()],
            starts_at: None,
        }
    }
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    Journal { path: PathBuf, source: std::io::Error },
    #[error("{path}: line {line} is damaged, and it is not the last")]
    Damaged { path: PathBuf, line: usize },
    #[error("{0} is in use by another sandbox")]
    InUse(PathBuf),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot send events: {0}")]
    Client(#[from] reqwest::Error),
    #[error("no folder to keep things in: {0}")]
    Folder(#[from] std::io::Error),
}

/// A running sandbox. Dropping it stops it at once; [`Running::stop`] lets answers under way finish.
#[derive(Debug)]
pub struct Running {
    pub http: SocketAddr,
    pub smtp: SocketAddr,
    base_url: String,
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<()>>,
    tasks: Vec<JoinHandle<()>>,
    folder: Option<TempFolder>,
}

impl Running {
    /// What a browser calls it, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Takes no more calls, finishes those under way, and gives files and ports back.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        for listener in std::mem::take(&mut self.listeners) {
            let _ = listener.await;
        }
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            let _ = task.await;
        }
        drop(self.folder.take());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in self.listeners.iter().chain(&self.tasks) {
            task.abort();
        }
    }
}

/// Starts gateway and mailbox, and answers once both listen.
pub async fn start(settings: Settings) -> Result<Running, Error> {
    // Someone else in this process may have chosen already; any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (data, folder) = if let Some(data) = settings.data {
        std::fs::create_dir_all(&data)?;
        (data, None)
    } else {
        let folder = TempFolder::new()?;
        (folder.path().to_owned(), Some(folder))
    };
    let listen = async |address: SocketAddr| {
        let listener =
            TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
        let bound = listener.local_addr().map_err(|source| Error::Listen { address, source })?;
        Ok::<_, Error>((listener, bound))
    };
    let (http_listener, http) = listen(settings.http).await?;
    let (smtp_listener, smtp) = listen(settings.smtp).await?;
    let base_url =
        settings.base_url.unwrap_or_else(|| format!("http://{http}")).trim_end_matches('/').to_owned();

    let keys = Keys {
        api_key: settings.api_key,
        base_url: base_url.clone(),
        webhook_secrets: settings.webhook_secrets,
        webhook_url: std::sync::Mutex::new(settings.webhook_url.filter(|url| !url.is_empty())),
    };
    let gateway = Arc::new(Gateway::open(&data.join("journal.jsonl"), keys, settings.starts_at)?);
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;

    let mailbox = Arc::new(Mailbox::open(&data.join("mail.jsonl"), Arc::clone(&gateway.clock))?);

    let (stop, stopping) = watch::channel(false);
    let router = router(Arc::clone(&gateway), Arc::clone(&mailbox));
    let listeners = vec![
        tokio::spawn(listener::serve(http_listener, router, stopping.clone())),
        tokio::spawn(mailbox::smtp::serve(smtp_listener, mailbox, stopping)),
    ];
    let tasks = vec![
        tokio::spawn(gateway::keep_time(Arc::clone(&gateway))),
        tokio::spawn(gateway::events::deliver(gateway, client)),
    ];
    Ok(Running { http, smtp, base_url, stop, listeners, tasks, folder })
}

fn router(gateway: Arc<Gateway>, mailbox: Arc<Mailbox>) -> Router {
    let both = Both { gateway: Arc::clone(&gateway), mailbox: Arc::clone(&mailbox) };
    let dials = gateway::dials::routes()
        .with_state(Arc::clone(&gateway))
        .merge(mailbox::pages::routes().with_state(mailbox))
        .merge(overview::routes().with_state(both));
    Router::new()
        .merge(gateway::api::routes())
        .merge(gateway::page::show::routes())
        .with_state(gateway)
        .merge(gateway::dials::guarded(dials))
        .route("/healthz", get(async || "ok\n"))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .layer(DefaultBodyLimit::max(64 * 1024))
}

/// A folder that goes when its owner goes.
#[derive(Debug)]
pub(crate) struct TempFolder(PathBuf);

impl TempFolder {
    pub(crate) fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(ids::fresh("sandbox"));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // Left behind in the folder for temporary things if it fails: no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
