//! `docker compose logs`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::compose::logs::{Logs, View};
use crate::compose::{root, state};
use crate::docker::{Engine, moment};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};

pub const COMMAND: Command = Command {
    name: "logs",
    usage: "[OPTIONS] [SERVICE...]",
    short: "View output from containers",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("follow", 'f', false, "Go on with what is printed from now on"),
    Flag::int("index", '\0', "0", "Which container of a service"),
    Flag::bool("no-color", '\0', false, "No colours"),
    Flag::bool("no-log-prefix", '\0', false, "No names in front of lines"),
    Flag::string("since", '\0', "", "From this moment on (2013-01-02T13:23:37Z, or 42m ago)"),
    Flag::string("tail", 'n', "all", "Only so many of the last lines"),
    Flag::bool("timestamps", 't', false, "When each line was printed"),
    Flag::string("until", '\0', "", "Up to this moment (2013-01-02T13:23:37Z, or 42m ago)"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let targets = invocation.args.clone();
    let project = root::project_or_name(invocation)?;
    if let Some(name) =
        targets.iter().find(|t| !project.services.is_empty() && !project.services.contains_key(*t))
    {
        return Err(Error::raw(format!("no such service: {name}\n")));
    }
    let engine = root::engine(invocation)?;
    let mut found = state::containers(invocation.sys, &engine, &project.name, false)?;
    let index = invocation.int("index");
    found.retain(|f| {
        (targets.is_empty() || targets.contains(&f.service)) && (index == 0 || f.number == index)
    });
    let mut query = vec![("tail", invocation.str("tail").to_string())];
    for flag in ["since", "until"] {
        if !invocation.str(flag).is_empty() {
            let at = moment::parse(invocation.sys, invocation.str(flag))
                .map_err(|text| Error::raw(format!("invalid value for \"{flag}\": {text}\n")))?;
            query.push((flag, at));
        }
    }
    if invocation.bool("follow") {
        query.push(("follow", "1".into()));
    }
    let view = View {
        no_prefix: invocation.bool("no-log-prefix"),
        no_colour: invocation.bool("no-color"),
        timestamps: invocation.bool("timestamps"),
        tells_ends: invocation.bool("follow"),
    };
    let logs = Logs::open(invocation.sys, &engine, &project.name, &found, view, &query);
    Ok(Flow::Continue(Box::new(Following { logs, engine })))
}

#[derive(Clone, Hash)]
struct Following {
    logs: Logs,
    engine: Engine,
}

impl Behave for Following {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let waits = self.logs.poll(sys, &self.engine);
        if waits.is_empty() { Step::Exit(0) } else { Step::Wait(waits) }
    }
}
