//! The project's own commands: `cargo xtask run`, and what proves it.

mod before;
mod browser;
mod checks;
mod fault;
mod licences;
mod packages;
mod postgres;
mod prepare;
mod process;
mod rings;
mod run;
mod settings;
mod stack;
mod style;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build what is missing, start everything with the demo plan, print the addresses, stay until Ctrl-C
    Run,
    /// The same, and rebuild and restart the portal when a source changes
    Dev,
    /// Build the portal, the sandbox and the browser half
    Build {
        /// Optimised, without the demo plan
        #[arg(long)]
        release: bool,
    },
    /// Format, lints, migrations, what the release before asks, fresh queries, what the browser half may depend on, licences
    Lint,
    /// Every ring of tests: rules, flows, listeners, processes, budget, journeys, proof
    Test {
        /// Only rules, flows and listeners: no killed processes, no browser
        #[arg(long)]
        rings: bool,
    },
    /// Write billing/.sqlx anew from the queries and the migrations
    Prepare {
        /// Change nothing; fail when it is not as it would be written
        #[arg(long)]
        check: bool,
    },
    /// The crash and race tests at full length
    Soak,
    /// Weigh the browser half that was built last against its budget
    Budget,
    /// Only the database of a data folder, until Ctrl-C; prints its DATABASE_URL
    Postgres {
        /// The data folder
        #[arg(long, env = "PORTAL_DATA", default_value = "data")]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let task = Cli::parse().task;
    let done = process::listen_for_stop().and_then(|()| match task {
        Task::Run => run::run(),
        Task::Dev => run::dev(),
        Task::Build { release } => run::build(release),
        Task::Lint => checks::lint(),
        Task::Test { rings: true } => rings::inner(),
        Task::Test { rings: false } => rings::test(),
        Task::Prepare { check } => prepare::prepare(check),
        Task::Soak => rings::soak(),
        Task::Budget => browser::budget(),
        Task::Postgres { data } => run::postgres(&data),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why}");
            ExitCode::FAILURE
        }
    }
}
