//! `drydock coverage`: what is simulated, what is refused, and what is accepted and not simulated.

use drydock_sandbox::coverage;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    json: bool,
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    let rows = coverage::register();
    if args.json {
        let rows: Vec<serde_json::Value> = rows
            .iter()
            .map(|r| serde_json::json!({"area": r.area, "thing": r.thing, "state": r.state.name(), "note": r.note}))
            .collect();
        println!("{}", serde_json::Value::Array(rows));
    } else {
        let mut area = String::new();
        for row in rows {
            if row.area != area {
                area.clone_from(&row.area);
                println!("\n{area}");
            }
            println!("  {:<24} {:<44} {}", row.state.name(), row.thing, row.note);
        }
    }
    Ok(ExitCode::SUCCESS)
}
