//! `docker logout`: forgets a login.

use super::settings::{Settings, auth_key};
use super::usage;
use crate::cli::{Command, Flow, Invocation, Outcome};

pub const COMMAND: Command =
    Command { name: "logout", usage: "[SERVER]", short: "Log out from a registry", run, ..Command::BASE };

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_most(invocation, 1)?;
    let server = invocation.arg(0).unwrap_or("").to_string();
    let server = server.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let key = auth_key(server);
    let mut settings = Settings::load(invocation.sys);
    invocation.print(&format!("Removing login credentials for {key}\n"));
    let auths = settings.config["auths"].clone();
    if auths.find(&key).is_some() {
        settings.config = settings.config.with("auths", auths.without(&key));
        settings.save(invocation.sys)?;
    }
    Ok(Flow::Done(0))
}
