//! `docker compose exec`: docker's own exec in a service's container.

use crate::cli::{Command, Error, Flag, Invocation, Outcome, dispatch};
use crate::compose::{root, state};
use crate::docker;
use drydock_container::fd::STDOUT;

pub const COMMAND: Command = Command {
    name: "exec",
    usage: "[OPTIONS] SERVICE COMMAND [ARGS...]",
    short: "Execute a command in a running container",
    flags: &[FLAGS],
    interspersed: false,
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("detach", 'd', false, "Do not wait for it"),
    Flag::array("env", 'e', "Set a variable").called("stringArray"),
    Flag::int("index", '\0', "0", "Which container of the service"),
    Flag::bool("interactive", 'i', true, "Keep stdin open").hidden(),
    Flag::bool("no-TTY", 'T', false, "No terminal"),
    Flag::bool("privileged", '\0', false, "With all privileges"),
    Flag::bool("tty", 't', true, "A terminal").hidden(),
    Flag::string("user", 'u', "", "As this user"),
    Flag::string("workdir", 'w', "", "In this folder"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.args.len() < 2 {
        return Err(Error::raw(
            "requires at least 2 arg(s), only received ".to_string()
                + &format!("{}\n", invocation.args.len()),
        )
        .with_code(1));
    }
    let service = invocation.arg(0).unwrap_or("").to_string();
    let project = root::project_or_name(invocation)?;
    if !project.services.is_empty() && !project.services.contains_key(&service) {
        return Err(Error::raw(format!("no such service: {service}\n")));
    }
    let engine = root::engine(invocation)?;
    let index = invocation.int("index");
    let found = state::containers(invocation.sys, &engine, &project.name, false)?;
    let chosen =
        found.iter().find(|f| f.service == service && f.is_running() && (index == 0 || f.number == index));
    let Some(chosen) = chosen else {
        return Err(Error::raw(format!(
            "service {} is not running\n",
            drydock_machinery::quote::go(&service)
        )));
    };
    let mut words = vec!["exec".to_string()];
    if invocation.bool("detach") {
        words.push("-d".into());
    } else {
        words.push("-i".into());
        if !invocation.bool("no-TTY") && invocation.bool("tty") && invocation.sys.is_tty(STDOUT) {
            words.push("-t".into());
        }
    }
    for (flag, list) in [("-e", invocation.list("env"))] {
        for value in list {
            words.extend([flag.to_string(), value]);
        }
    }
    for (name, flag) in [("user", "-u"), ("workdir", "-w")] {
        if !invocation.str(name).is_empty() {
            words.extend([flag.to_string(), invocation.str(name).to_string()]);
        }
    }
    if invocation.bool("privileged") {
        words.push("--privileged".into());
    }
    words.push(chosen.id.clone());
    words.extend(invocation.args.iter().skip(1).cloned());
    dispatch(&docker::STYLE, invocation.sys, &words, None)
}
