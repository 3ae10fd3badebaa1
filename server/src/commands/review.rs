use std::process::ExitCode;

use billing::{
    ids::AttemptId,
    payments::PaymentState,
    words::{Language, say_refusal},
};
use clap::Subcommand;

use super::{Stop, plan_at_rest};
use crate::config::Plan;

#[derive(Subcommand)]
pub enum Review {
    /// Attempts that need people, oldest first, one JSON object a line.
    List {
        #[command(flatten)]
        plan: Plan,
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
            for item in billing.job("review").review_list().await? {
                println!("{}", serde_json::to_string(&item).map_err(|error| Stop::Other(error.to_string()))?);
            }
            Ok(ExitCode::SUCCESS)
        }
        Review::Decide { plan: config, id, state, by, second, reason } => {
            let billing = plan_at_rest(&config).await?;
            match billing.job("review").review_decide(id, state, &by, &second, &reason).await {
                Ok(state) => {
                    println!("{}", state.word());
                    Ok(ExitCode::SUCCESS)
                }
                Err(billing::error::Error::Refused(refusals)) => {
                    for refusal in refusals {
                        let sentence = say_refusal(Language::English, &refusal);
                        println!("refused: {sentence}");
                    }
                    Ok(ExitCode::FAILURE)
                }
                Err(billing::error::Error::NotFound) => Err(Stop::Other("no attempt has this id".to_owned())),
                Err(error) => Err(error.into()),
            }
        }
    }
}

fn state(word: &str) -> Result<PaymentState, String> {
    PaymentState::read(word).ok_or_else(|| {
        let known = PaymentState::ALL.map(PaymentState::word).join(", ");
        format!("no such state; there are {known}")
    })
}
