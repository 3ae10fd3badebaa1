//! The binary `sandbox`: flags, JSON logs, and an end when asked for one.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::Settings;
use tokio::signal::unix::{SignalKind, signal};

/// The outside world in small: a card and bank gateway with its hosted page, and a mailbox.
#[derive(Parser)]
#[command(version)]
struct Flags {
    /// Address of the gateway, its hosted page, the dials and the mailbox's page
    #[arg(long, env = "SANDBOX_ADDR", default_value = "127.0.0.1:4000")]
    addr: SocketAddr,
    /// Address that takes mail
    #[arg(long, env = "SANDBOX_SMTP_ADDR", default_value = "127.0.0.1:4025")]
    smtp_addr: SocketAddr,
    /// Folder of journal.jsonl and mail.jsonl
    #[arg(long, env = "SANDBOX_DATA", default_value = "data/sandbox")]
    data: PathBuf,
    /// What a browser calls the sandbox [default: http://ADDR]
    #[arg(long, env = "SANDBOX_BASE_URL")]
    base_url: Option<String>,
    /// What callers of /v1 must know
    #[arg(long, env = "SANDBOX_API_KEY", default_value = "sandbox-key", hide_env_values = true)]
    api_key: String,
    /// Where events are posted [default: nowhere]
    #[arg(long, env = "SANDBOX_WEBHOOK_URL")]
    webhook_url: Option<String>,
    /// Secrets that sign events, comma separated
    #[arg(
        long,
        env = "SANDBOX_WEBHOOK_SECRETS",
        value_delimiter = ',',
        default_value = "sandbox-secret",
        hide_env_values = true
    )]
    webhook_secrets: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_env_filter(filter).init();
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            tracing::error!(%fault, "the sandbox did not run");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), sandbox::Error> {
    let mut ends = signal(SignalKind::terminate())?;
    let running = sandbox::start(Settings {
        http: flags.addr,
        smtp: flags.smtp_addr,
        data: Some(flags.data),
        base_url: flags.base_url,
        api_key: flags.api_key,
        webhook_url: flags.webhook_url,
        webhook_secrets: flags.webhook_secrets,
        starts_at: None,
    })
    .await?;
    tracing::info!(http = %running.http, smtp = %running.smtp, base_url = running.base_url(), "ready");
    tokio::select! {
        _ = ends.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}
