//! `bench`: what a payment and a page cost, in counters that are the same on every machine: round trips, statements,
//! records and bytes of the write-ahead log. With `--gate` a change that costs more is red. No seconds.
//!
//! Its databases stand beside the one of `DATABASE_URL`, on the same cluster, which must have nothing else to do while
//! the log is counted.

mod counters;
mod database;
mod pages;
mod post;
mod seed;
mod wire;

use std::{fs, process::ExitCode};

use clap::{Parser, Subcommand};
use serde_json::json;
use sqlx::{PgPool, postgres::PgConnectOptions};

use crate::counters::{Gate, Line};

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "bench", about = "Counters first, then side-by-side ratios, never bare seconds")]
struct Cli {
    #[command(subcommand)]
    what: What,
    /// The owner's address of a database; the bench makes its own beside it
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true, default_value = "")]
    database_url: String,
    /// Members of tier S, with 13 months each. A tenth of it does where time counts: no counter depends on it
    #[arg(long, global = true, default_value_t = 10_000)]
    members: u32,
    /// Fail where a counter is above its floor or above bench/baseline.json
    #[arg(long, global = true)]
    gate: bool,
    /// Write what was counted into bench/baseline.json, for this server's major version
    #[arg(long, global = true, conflicts_with = "gate")]
    rebase: bool,
    /// Also print the statements that were counted
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Subcommand)]
enum What {
    /// Fill the database the counters are taken on; it is kept
    Seed,
    /// A card payment, commit by commit, and the posting alone
    Post,
    /// Every page of a member
    Pages,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Box::pin(run(&Cli::parse())).await {
        Ok(drifted) if drifted.is_empty() => ExitCode::SUCCESS,
        Ok(drifted) => {
            for sentence in drifted {
                eprintln!("DRIFT {sentence}");
            }
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

async fn run(cli: &Cli) -> Result<Vec<String>> {
    if cli.database_url.is_empty() {
        return Err(
            "DATABASE_URL is not set: `cargo xtask postgres --data DIR` starts a cluster and prints it"
                .into(),
        );
    }
    let url = cli.database_url.as_str();
    let owner = database::one(url.parse::<PgConnectOptions>()?).await?;
    let major = counters::major(&owner).await?;
    println!("{}", env(&owner).await?);
    owner.close().await;

    let lines = match cli.what {
        What::Seed => vec![seed::seed(url, cli.members).await?],
        What::Post => Box::pin(post::post(url, cli.members, cli.verbose)).await?,
        What::Pages => pages::pages(url, cli.members, cli.verbose).await?,
    };
    lines.iter().for_each(Line::print);
    if cli.rebase {
        counters::rebase(major, &lines)?;
    }
    if !cli.gate {
        return Ok(Vec::new());
    }
    let mut gate = Gate::read(major)?;
    match cli.what {
        What::Seed => lines.iter().for_each(|line| gate.pinned(line)),
        What::Post => post::gate(&mut gate, &lines),
        What::Pages => pages::gate(&mut gate, &lines),
    }
    Ok(gate.drifted())
}

/// What the figures below were taken on.
async fn env(owner: &PgPool) -> Result<serde_json::Value> {
    let mut settings = serde_json::Map::new();
    for name in
        ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "data_checksums"]
    {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(owner).await?;
        settings.insert(name.to_owned(), json!(value));
    }
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_matches([':', '\t', ' ']));
    let load = read("/proc/loadavg");
    // Of all processors together, in ticks since the machine started (proc(5)).
    let steal = read("/proc/stat")
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(8)?.parse::<u64>().ok());
    Ok(json!({
        "bench": "env", "cores": std::thread::available_parallelism().map(std::num::NonZero::get).ok(), "cpu": cpu,
        "load": load.split_whitespace().next(), "steal_ticks": steal, "postgres": settings, "optimised": !cfg!(debug_assertions),
    }))
}
