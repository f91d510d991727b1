//! Commands on containers that are there: start, stop, restart, kill, pause, unpause, rm, wait, cp.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome, dispatch};
use crate::compose::model::Project;
use crate::compose::state::{self, Found};
use crate::compose::work::{Act, Call, Options, Work, post};
use crate::compose::{converge, root};
use crate::docker::{self, Engine};
use drydock_network::http::Request;

const TIMEOUT: &[Flag] = &[Flag::int("timeout", 't', "0", "Seconds a container has to stop")];

macro_rules! command {
    ($name:ident, $word:literal, $about:literal, $flags:expr, $run:expr) => {
        pub const $name: Command = Command {
            name: $word,
            usage: "[OPTIONS] [SERVICE...]",
            short: $about,
            flags: $flags,
            run: $run,
            ..Command::BASE
        };
    };
}

command!(START, "start", "Start services", &[], start);
command!(STOP, "stop", "Stop services", &[TIMEOUT], stop);
command!(
    RESTART,
    "restart",
    "Restart service containers",
    &[TIMEOUT, &[Flag::bool("no-deps", '\0', false, "Leave services that need them alone")]],
    restart
);
command!(
    KILL,
    "kill",
    "Force stop service containers",
    &[&[
        Flag::bool("remove-orphans", '\0', false, "Remove containers of services the files do not have"),
        Flag::string("signal", 's', "SIGKILL", "Signal to send"),
    ]],
    kill
);
command!(PAUSE, "pause", "Pause services", &[], |i| simple(i, "pause", ("Pausing", "Paused")));
command!(UNPAUSE, "unpause", "Unpause services", &[], |i| simple(i, "unpause", ("Unpausing", "Unpaused")));
command!(
    RM,
    "rm",
    "Removes stopped service containers",
    &[&[
        Flag::bool("all", 'a', false, "One-off containers too").hidden(),
        Flag::bool("force", 'f', false, "Do not ask"),
        Flag::bool("stop", 's', false, "Stop them first"),
        Flag::bool("volumes", 'v', false, "Remove their anonymous volumes, too"),
    ]],
    rm
);
command!(
    WAIT,
    "wait",
    "Block until containers stop",
    &[&[Flag::bool("down-project", '\0', false, "Take the project down when the first one stops")]],
    wait
);

pub const CP: Command = Command {
    name: "cp",
    usage: "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-",
    short: "Copy files/folders between a service container and the local filesystem",
    flags: &[&[
        Flag::bool("archive", 'a', false, "With owners"),
        Flag::bool("follow-link", 'L', false, "Follow symbolic links of the source"),
        Flag::int("index", '\0', "0", "Which container of the service"),
    ]],
    run: cp,
    ..Command::BASE
};

/// Project, engine, and the containers of the services named.
fn chosen(invocation: &mut Invocation<'_, '_>) -> Result<(Project, Engine, Vec<Found>), Error> {
    let targets = invocation.args.clone();
    let project = root::project_or_name(invocation)?;
    if let Some(name) =
        targets.iter().find(|t| !project.services.is_empty() && !project.services.contains_key(*t))
    {
        return Err(Error::raw(format!("no such service: {name}\n")));
    }
    let engine = root::engine(invocation)?;
    let mut found = state::containers(invocation.sys, &engine, &project.name, false)?;
    found.retain(|f| targets.is_empty() || targets.contains(&f.service));
    Ok((project, engine, found))
}

fn go(invocation: &mut Invocation<'_, '_>, project: Project, engine: Engine, acts: Vec<Act>) -> Outcome {
    let progress = root::progress(invocation.sys, "Running");
    let mut work = Work::new(project, engine, progress, Options::default());
    work.queue.extend(acts);
    Ok(Flow::Continue(Box::new(work)))
}

fn call(found: &Found, request: Request, (before, after): (&'static str, &'static str)) -> Call {
    Call { request, id: format!("Container {}", found.name), before, after, tolerated: &[304] }
}

fn simple(invocation: &mut Invocation<'_, '_>, verb: &str, words: (&'static str, &'static str)) -> Outcome {
    let (project, engine, found) = chosen(invocation)?;
    let running = found.iter().filter(|f| f.is_running());
    let calls = running.map(|f| call(f, post(format!("/containers/{}/{verb}", f.id)), words)).collect();
    go(invocation, project, engine, vec![Act::All(calls)])
}

fn start(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (project, engine, found) = chosen(invocation)?;
    if found.is_empty() {
        let service = invocation.arg(0).map(String::from).or_else(|| project.services.keys().next().cloned());
        return Err(Error::raw(format!(
            "service \"{}\" has no container to start\n",
            service.unwrap_or_default()
        )));
    }
    let services: std::collections::BTreeSet<String> = found.iter().map(|f| f.service.clone()).collect();
    let mut acts = Vec::new();
    for service in project.ordered(&services) {
        let mine = found.iter().filter(|f| f.service == service && !f.is_running());
        let calls: Vec<Call> = mine
            .map(|f| call(f, post(format!("/containers/{}/start", f.id)), ("Starting", "Started")))
            .collect();
        acts.push(Act::All(calls));
    }
    go(invocation, project, engine, acts)
}

fn stop(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let timeout = invocation.changed("timeout").then(|| invocation.int("timeout"));
    let (project, engine, found) = chosen(invocation)?;
    let running: Vec<Found> = found.into_iter().filter(Found::is_running).collect();
    let acts = converge::stop(&project, &running, timeout);
    go(invocation, project, engine, acts)
}

fn restart(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let timeout = invocation.changed("timeout").then(|| invocation.int("timeout").to_string());
    let (project, engine, found) = chosen(invocation)?;
    let services: std::collections::BTreeSet<String> = found.iter().map(|f| f.service.clone()).collect();
    let mut acts = Vec::new();
    for service in project.ordered(&services) {
        let calls = found.iter().filter(|f| f.service == service).map(|f| {
            let request = post(format!("/containers/{}/restart", f.id));
            let request = match &timeout {
                Some(t) => request.query("t", t.as_str()),
                None => request,
            };
            call(f, request, ("Restarting", "Started"))
        });
        acts.push(Act::All(calls.collect()));
    }
    go(invocation, project, engine, acts)
}

fn kill(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let signal = invocation.str("signal").to_string();
    let (project, engine, found) = chosen(invocation)?;
    let calls: Vec<Call> = found
        .iter()
        .filter(|f| f.is_running())
        .map(|f| {
            call(
                f,
                post(format!("/containers/{}/kill", f.id)).query("signal", signal.as_str()),
                ("Killing", "Killed"),
            )
        })
        .collect();
    if calls.is_empty() {
        invocation.eprint("no container to kill");
        return Ok(Flow::Done(0));
    }
    go(invocation, project, engine, vec![Act::All(calls)])
}

fn rm(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if !invocation.bool("force") {
        let (_, _, found) = chosen(invocation)?;
        let names: Vec<String> = going(invocation, &found).iter().map(|f| f.name.clone()).collect();
        if names.is_empty() {
            invocation.eprint("No stopped containers\n");
            return Ok(Flow::Done(0));
        }
        let question = format!("? Going to remove {}", names.join(", "));
        return docker::confirm::unless_forced(invocation, &question, remove);
    }
    remove(invocation)
}

fn going(invocation: &Invocation<'_, '_>, found: &[Found]) -> Vec<Found> {
    found.iter().filter(|f| invocation.bool("stop") || !f.is_running()).cloned().collect()
}

fn remove(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (project, engine, found) = chosen(invocation)?;
    let stopped = going(invocation, &found);
    if stopped.is_empty() {
        invocation.eprint("No stopped containers\n");
        return Ok(Flow::Done(0));
    }
    if invocation.bool("force") {
        let names: Vec<&str> = stopped.iter().map(|f| f.name.as_str()).collect();
        invocation.eprint(&format!("Going to remove {}\n", names.join(", ")));
    }
    let volumes = invocation.bool("volumes");
    let mut acts = Vec::new();
    if invocation.bool("stop") {
        let running: Vec<Found> = stopped.iter().filter(|f| f.is_running()).cloned().collect();
        acts.extend(converge::stop(&project, &running, None));
    }
    acts.push(Act::All(stopped.iter().map(|f| converge::remove_call(f, volumes)).collect()));
    go(invocation, project, engine, acts)
}

fn wait(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (_, _, found) = chosen(invocation)?;
    let names: Vec<String> = found.iter().map(|f| f.id.clone()).collect();
    if names.is_empty() {
        return Err(Error::raw("no containers for project\n"));
    }
    let words: Vec<String> = std::iter::once("wait".to_string()).chain(names).collect();
    dispatch(&docker::STYLE, invocation.sys, &words, None)
}

fn cp(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let [from, to] = invocation.args.as_slice() else {
        return Err(Error::raw(format!(
            "requires exactly 2 arg(s), only received {}\n",
            invocation.args.len()
        )));
    };
    let (mut from, mut to) = (from.clone(), to.clone());
    let project = root::project_or_name(invocation)?;
    let engine = root::engine(invocation)?;
    let found = state::containers(invocation.sys, &engine, &project.name, false)?;
    let mut any = false;
    for side in [&mut from, &mut to] {
        if let Some((service, path)) = side.clone().split_once(':')
            && !service.contains('/')
        {
            let Some(container) = found.iter().find(|f| f.service == service) else {
                return Err(Error::raw(format!(
                    "no container found for service {}\n",
                    drydock_machinery::quote::go(service)
                )));
            };
            *side = format!("{}:{path}", container.id);
            any = true;
        }
    }
    if !any {
        return Err(Error::raw("unknown copy direction\n"));
    }
    let words: Vec<String> = ["cp".to_string(), from, to].to_vec();
    dispatch(&docker::STYLE, invocation.sys, &words, None)
}
