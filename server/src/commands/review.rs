use std::process::ExitCode;

use billing::{
    error::Error,
    ids::AttemptId,
    payments::PaymentState,
    words::{Language, say_refusal},
};
use clap::Subcommand;
use serde::Serialize;

use super::{Stop, plan_at_rest};
use crate::config::Plan;

#[derive(Subcommand)]
pub enum Review {
    /// Attempts that need people, oldest first, one JSON object a line.
    List {
        #[command(flatten)]
        plan: Plan,
    },
    /// Lines of settlement files that fit nothing we know, one JSON object a line.
    Lines {
        #[command(flatten)]
        plan: Plan,
    },
    /// Closes such a line on the word of two people. Nothing is posted.
    Close {
        #[command(flatten)]
        plan: Plan,
        file: i64,
        line: i32,
        /// Who decides.
        #[arg(long)]
        by: String,
        /// Who else looked and agrees: another person.
        #[arg(long)]
        second: String,
        /// What became of the money.
        #[arg(long)]
        reason: String,
    },
    /// Moves an attempt on the word of two people.
    Decide {
        #[command(flatten)]
        plan: Plan,
        id: AttemptId,
        /// A state it may move to, as `captured`, `absent` or `voided`.
        #[arg(value_parser = state)]
        state: PaymentState,
        /// Who decides.
        #[arg(long)]
        by: String,
        /// Who else looked and agrees: another person.
        #[arg(long)]
        second: String,
        #[arg(long)]
        reason: String,
    },
}

pub async fn review(what: Review) -> Result<ExitCode, Stop> {
    match what {
        Review::List { plan: config } => {
            let billing = plan_at_rest(&config).await?;
            print(&billing.job("review").review_list().await?)
        }
        Review::Lines { plan: config } => {
            let billing = plan_at_rest(&config).await?;
            print(&billing.job("review").open_lines().await?)
        }
        Review::Close { plan: config, file, line, by, second, reason } => {
            let billing = plan_at_rest(&config).await?;
            let closed = billing.job("review").close_line(file, line, &by, &second, &reason).await;
            end(closed.map(|()| "closed"), "no line that waits has this number")
        }
        Review::Decide { plan: config, id, state, by, second, reason } => {
            let billing = plan_at_rest(&config).await?;
            let decided = billing.job("review").review_decide(id, state, &by, &second, &reason).await;
            end(decided.map(PaymentState::word), "no attempt has this id")
        }
    }
}

fn print(items: &[impl Serialize]) -> Result<ExitCode, Stop> {
    for item in items {
        println!("{}", serde_json::to_string(item).map_err(|error| Stop::Other(error.to_string()))?);
    }
    Ok(ExitCode::SUCCESS)
}

fn end(answer: Result<&'static str, Error>, missing: &str) -> Result<ExitCode, Stop> {
    match answer {
        Ok(word) => {
            println!("{word}");
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Refused(refusals)) => {
            for refusal in refusals {
                println!("refused: {}", say_refusal(Language::English, &refusal));
            }
            Ok(ExitCode::FAILURE)
        }
        Err(Error::NotFound) => Err(Stop::Other(missing.to_owned())),
        Err(error) => Err(error.into()),
    }
}

fn state(word: &str) -> Result<PaymentState, String> {
    PaymentState::read(word).ok_or_else(|| {
        let known = PaymentState::ALL.map(PaymentState::word).join(", ");
        format!("no such state; there are {known}")
    })
}
