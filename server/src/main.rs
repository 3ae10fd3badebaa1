//! The binary `portal`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::{beside, commands, config};

/// The member billing portal: serves members, works its queue, and keeps its books.
#[derive(Parser)]
#[command(name = "portal", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer members, staff and machines; also works the queue.
    Serve {
        #[command(flatten)]
        plan: config::Plan,
        #[command(flatten)]
        listen: config::Listen,
        /// Leave the queue to `portal work`.
        #[arg(long)]
        no_work: bool,
    },
    /// Work the queue.
    Work {
        #[command(flatten)]
        plan: config::Plan,
        /// Do everything that is due, then stop.
        #[arg(long)]
        once: bool,
        /// With `--once`: as if it were this instant (RFC 3339). Only where the demo plan may be loaded.
        #[arg(long, requires = "once", value_name = "INSTANT")]
        at: Option<chrono::DateTime<chrono::Utc>>,
    },
    /// Bring the database's schema to this version.
    Migrate {
        #[command(flatten)]
        database: config::Database,
    },
    /// The demo plan.
    #[cfg(feature = "demo")]
    Demo {
        #[command(subcommand)]
        what: commands::demo::Demo,
    },
    /// Read files of others into the plan.
    Load {
        #[command(subcommand)]
        what: commands::load::Load,
    },
    /// Payments that need people.
    Review {
        #[command(subcommand)]
        what: commands::review::Review,
    },
    /// Whether the books balance: runs every invariant, prints what is broken, exits 1 if anything is.
    Check {
        #[command(flatten)]
        database: config::Database,
        /// One JSON object: {ok, views: [{name, rows}]}.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let cli: Cli = beside::command_line();
    commands::start(async {
        match cli.command {
            Command::Serve { plan, listen, no_work } => commands::serve::serve(plan, listen, !no_work).await,
            Command::Work { plan, once, at } => commands::work::work(plan, once, at).await,
            Command::Migrate { database } => commands::migrate(&database).await,
            #[cfg(feature = "demo")]
            Command::Demo { what } => commands::demo::demo(what).await,
            Command::Load { what } => commands::load::load(what).await,
            Command::Review { what } => commands::review::review(what).await,
            Command::Check { database, json } => commands::check::check(&database, json).await,
        }
    })
}
