//! `docker context create`.

use super::check_name;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::settings::Settings;
use crate::docker::usage;
use drydock_machinery::json;

pub const COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] CONTEXT",
    short: "Make a context",
    flags: &[&[
        Flag::string("description", '\0', "", "What it is for"),
        Flag::slice("docker", '\0', "Where the daemon listens (host=…)").called("stringToString"),
        Flag::string("from", '\0', "", "Context to copy"),
    ]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    check_name(&name)?;
    let settings = Settings::load(invocation.sys);
    let file = settings.context_file(&name);
    if name == "default" {
        return Err(Error::raw("\"default\" is a reserved context name\n"));
    }
    if invocation.sys.stat(&file).is_ok() {
        return Err(Error::raw(format!("context \"{name}\" already exists\n")));
    }
    let given = invocation.list("docker");
    let host = given.iter().find_map(|pair| pair.strip_prefix("host=")).map(str::to_string);
    let from = invocation.str("from").to_string();
    let from = if from.is_empty() { "default".to_string() } else { from };
    let copied = super::all(invocation.sys, &settings).into_iter().find(|c| c.name == from);
    let host = host.or(copied.map(|c| c.host)).unwrap_or_default();
    // In the order of the fields of Go's struct.
    let meta = format!(
        "{{\"Name\":{},\"Metadata\":{{\"Description\":{}}},\"Endpoints\":{{\"docker\":{{\"Host\":{},\"SkipTLSVerify\":false}}}}}}",
        json::quote(&name),
        json::quote(invocation.str("description")),
        json::quote(&host)
    );
    let mut path = String::new();
    for part in file.rsplit_once('/').map_or("", |(folder, _)| folder).split('/').filter(|p| !p.is_empty()) {
        path = format!("{path}/{part}");
        if invocation.sys.stat(&path).is_err() {
            let _ = invocation.sys.mkdir(&path, 0o755);
        }
    }
    invocation
        .sys
        .write_file(&file, meta.as_bytes(), false)
        .map_err(|e| Error::raw(format!("open {file}: {}\n", e.text().to_lowercase())))?;
    invocation.print(&format!("{name}\n"));
    invocation.eprint(&format!("Successfully created context \"{name}\"\n"));
    Ok(Flow::Done(0))
}
