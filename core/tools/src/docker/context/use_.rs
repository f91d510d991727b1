//! `docker context use`.

use super::{check_name, not_found};
use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::settings::Settings;

pub const COMMAND: Command =
    Command { name: "use", usage: "CONTEXT", short: "Use another context from now on", run, ..Command::BASE };

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.args.len() != 1 {
        return Err(Error::raw(format!("accepts 1 arg(s), received {}\n", invocation.args.len())));
    }
    let name = invocation.arg(0).unwrap_or("").to_string();
    check_name(&name)?;
    let mut settings = Settings::load(invocation.sys);
    if name != "default" && invocation.sys.stat(&settings.context_file(&name)).is_err() {
        return Err(not_found(&settings, &name));
    }
    settings.config = if name == "default" {
        settings.config.without("currentContext")
    } else {
        settings.config.with("currentContext", name.as_str())
    };
    settings.save(invocation.sys)?;
    invocation.print(&format!("{name}\n"));
    invocation.eprint(&format!("Current context is now \"{name}\"\n"));
    Ok(Flow::Done(0))
}
