use std::{process::ExitCode, time::Duration};

use billing::{Billing, clock::Clock};
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
            if billing.job("demo").load_demo(&owner(&config.database).await?).await?.new {
                pay_by_bank(&billing, &config.gateway_url).await?;
            }
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

/// The bank payment of the demo that is under way: its payer types a test account on the gateway's own page. Where no
/// gateway answers, the bill stays open.
async fn pay_by_bank(billing: &Billing, gateway: &str) -> Result<(), Stop> {
    let failed = |error: reqwest::Error| Stop::Other(format!("the gateway's page: {error}"));
    let person = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(failed)?;
    if person.get(gateway).send().await.is_err() {
        eprintln!("no gateway answers: nobody's bank payment is under way");
        return Ok(());
    }
    let Some(order) = billing.demo_order().await? else { return Ok(()) };

    let page = person.get(&order.page).send().await.map_err(failed)?.text().await.map_err(failed)?;
    let attempt = page.split_once(r#"name="attempt" value=""#).and_then(|(_, rest)| rest.split_once('"'));
    let typed = [
        ("attempt", attempt.map_or("0", |(attempt, _)| attempt)),
        ("method", "bank"),
        ("account_name", "Ben Okafor"),
        ("account_type", "checking"),
        ("routing_number", "110000000"),
        ("account_number", "000123456789"),
        ("mandate", "yes"),
    ];
    person.post(&order.page).form(&typed).send().await.map_err(failed)?;
    Ok(billing.demo_back(&order).await?)
}
