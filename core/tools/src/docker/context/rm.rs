//! `docker context rm`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::settings::Settings;
use crate::docker::usage;

pub const COMMAND: Command = Command {
    name: "rm",
    aliases: &["remove"],
    usage: "CONTEXT [CONTEXT...]",
    short: "Remove contexts",
    long: "docker context rm, docker context remove",
    flags: &[&[Flag::bool("force", 'f', false, "Even the one in use")]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let settings = Settings::load(invocation.sys);
    let current = settings.context(invocation.sys);
    let mut failures = Vec::new();
    for name in invocation.args.clone() {
        if name == "default" {
            failures.push("context \"default\" cannot be removed".to_string());
            continue;
        }
        if name == current && !invocation.bool("force") {
            failures.push(format!("context \"{name}\" is in use, set -f flag to force remove"));
            continue;
        }
        let file = settings.context_file(&name);
        if invocation.sys.unlink(&file).is_err() {
            failures.push(format!("context \"{name}\" does not exist"));
            continue;
        }
        if let Some((folder, _)) = file.rsplit_once('/') {
            let _ = invocation.sys.rmdir(folder);
        }
        invocation.print(&format!("{name}\n"));
    }
    if failures.is_empty() {
        return Ok(Flow::Done(0));
    }
    Err(Error::raw(failures.join("\n") + "\n"))
}
