//! What the binary does, a file for each command. Every command ends in an exit code and a clear sentence.

pub mod check;
#[cfg(feature = "demo")]
pub mod demo;
pub mod load;
pub mod review;
pub mod serve;
pub mod work;

use std::{future::Future, process::ExitCode, sync::Arc};

use billing::words::{Language, say_refusal};
use billing::{Billing, Pools, Settings, Sizes, clock::Clock, error::Fault};
use secrecy::SecretString;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{ConfigError, Database, Plan},
    outside::{gateway::HostedGateway, mail::SmtpMailer},
};

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the database cannot be reached or used: {0}")]
    Database(#[source] Fault),
    #[error("{}", describe(.0))]
    Billing(#[from] billing::error::Error),
    #[error("{0}")]
    Fault(#[from] Fault),
    #[error("{0}")]
    Other(String),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// What is logged unless `PORTAL_LOG` says otherwise: libraries say more than may be kept.
pub const LOGGED: &str = "info,sqlx=warn,tower_sessions=error,tower_sessions_core=off,graphile_worker=warn";

/// Logging, cryptography and the runtime; then the command.
pub fn start(command: impl Future<Output = Result<ExitCode, Stop>>) -> ExitCode {
    let filter = EnvFilter::try_from_env("PORTAL_LOG").unwrap_or_else(|_| EnvFilter::new(LOGGED));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    // The place of a panic, never its message: that may hold a person's data.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::warn!("a cryptography provider was installed already");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("portal: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command) {
        Ok(code) => code,
        Err(stop) => {
            eprintln!("portal: {stop}");
            ExitCode::FAILURE
        }
    }
}

/// A pool of the owner's, for commands that migrate or check.
pub async fn owner(database: &Database) -> Result<PgPool, Stop> {
    Ok(PgPoolOptions::new().max_connections(2).connect(&database.url()?).await?)
}

/// The plan as a process runs it: pools that took their roles, the gateway, the mail server.
pub async fn plan(config: &Plan, clock: Clock) -> Result<Billing, Stop> {
    assemble(config, clock, config.settings()?, config.gateway_key()?).await
}

/// The plan for commands that only read and write the books, so that a database is all they need: nobody signs in, and
/// the gateway is not called.
pub async fn plan_at_rest(config: &Plan) -> Result<Billing, Stop> {
    let key = config.gateway_key().unwrap_or_default();
    assemble(config, Clock::System, config.settings_at_rest()?, key).await
}

async fn assemble(
    config: &Plan,
    clock: Clock,
    settings: Settings,
    key: SecretString,
) -> Result<Billing, Stop> {
    let gateway = HostedGateway::new(&config.gateway_url, key, settings.call_time_out)
        .map_err(|error| Stop::Other(format!("the gateway's client cannot be made: {error}")))?;
    let mailer = SmtpMailer::new(&config.smtp_url, &config.mail_from)
        .map_err(|error| Stop::Other(error.to_string()))?;
    let pools = Pools::connect(&config.database.url()?, Sizes::default())?;
    pools.refuse_owner().await?;
    Ok(Billing::new(pools, Arc::new(gateway), clock, settings).with_mailer(Arc::new(mailer)))
}

pub async fn migrate(database: &Database) -> Result<ExitCode, Stop> {
    billing::migrate(&owner(database).await?).await?;
    Ok(ExitCode::SUCCESS)
}

/// An error for the person at the terminal: a refusal as its sentence.
fn describe(error: &billing::error::Error) -> String {
    match error {
        billing::error::Error::Refused(refusals) => {
            let sentences = refusals.iter().map(|refusal| say_refusal(Language::English, refusal));
            sentences.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
