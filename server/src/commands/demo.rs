use std::process::ExitCode;

use billing::clock::Clock;
use clap::Subcommand;

use super::{Stop, owner, plan};
use crate::config::Plan;

#[derive(Subcommand)]
pub enum Demo {
    /// Loads the demo plan: the same members, bills and payments however often it is loaded.
    Load {
        #[command(flatten)]
        plan: Box<Plan>,
    },
    /// Who can sign in, with their story.
    Accounts {
        /// An array of {role, email, password, mrn, birth_date, billing_unit_id, region, story}.
        #[arg(long)]
        json: bool,
    },
}

pub async fn demo(what: Demo) -> Result<ExitCode, Stop> {
    match what {
        Demo::Load { plan: config } => {
            let billing = plan(&config, Clock::System).await?;
            billing.job("demo").load_demo(&owner(&config.database).await?).await?;
        }
        Demo::Accounts { json } => {
            let accounts = billing::demo::accounts();
            if json {
                let text =
                    serde_json::to_string(&accounts).map_err(|error| Stop::Other(error.to_string()))?;
                println!("{text}");
            } else {
                for account in accounts {
                    println!("{:<40} {}  {}", account.email, account.password, account.story);
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
