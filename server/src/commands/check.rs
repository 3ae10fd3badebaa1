use std::process::ExitCode;

use super::{Stop, owner};
use crate::config::Database;

/// Runs every `invariant_*` view in one snapshot. Exit 1 when one has a row, and where there is none to run: a database
/// without promises keeps none.
pub async fn check(database: &Database, json: bool) -> Result<ExitCode, Stop> {
    let views = billing::reconcile::check(&owner(database).await?, None).await?;
    let ok = !views.is_empty() && views.iter().all(|view| view.rows.is_empty());
    if json {
        println!("{}", serde_json::json!({ "ok": ok, "views": views }));
    } else {
        if views.is_empty() {
            println!("This database has no promises to check. Is it the right one, and is it migrated?");
        }
        for view in &views {
            let mark = if view.rows.is_empty() { "holds " } else { "BROKEN" };
            println!("{mark} {}", view.name);
            for row in &view.rows {
                println!("       {row}");
            }
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
