use std::{path::PathBuf, process::ExitCode};

use billing::claims::Report;
use clap::Subcommand;

use super::{Stop, plan_at_rest};
use crate::config::Plan;

#[derive(Subcommand)]
pub enum Load {
    /// FHIR R4: a resource, a Bundle or NDJSON with Patient, Coverage, ExplanationOfBenefit and Claim.
    Fhir {
        #[command(flatten)]
        plan: Plan,
        /// Region of members these files name for the first time.
        #[arg(long, default_value = "NCA", value_name = "KEY")]
        region: String,
        /// One JSON object a file.
        #[arg(long)]
        json: bool,
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// Exit 0: everything loaded; 1: something was refused.
pub async fn load(what: Load) -> Result<ExitCode, Stop> {
    let Load::Fhir { plan: config, region, json, files } = what;
    let billing = plan_at_rest(&config).await?;
    let mut refused = false;
    for file in files {
        let name = file.display().to_string();
        let report = match std::fs::read(&file) {
            Ok(bytes) => billing.job("load").load_fhir(&name, bytes, &region).await?,
            Err(error) => Report::unread(name, format!("the file cannot be read: {error}")),
        };
        refused |= !report.refused.is_empty();
        let line = serde_json::to_string(&report).map_err(|error| Stop::Other(error.to_string()))?;
        if json {
            println!("{line}");
        } else {
            println!(
                "{}: {} members, {} explanations of benefits, {} bills ({} new), {} owed by patients",
                report.file,
                report.members,
                report.eobs,
                report.bills,
                report.new_bills,
                report.patient_responsibility
            );
            for refusal in &report.refused {
                println!("  refused at {}: {}", refusal.line, refusal.reason);
            }
        }
    }
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
