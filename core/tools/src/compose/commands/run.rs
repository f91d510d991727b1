//! `docker compose run`: a one-off container of a service, after what it needs was started.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome, dispatch};
use crate::compose::model::canonical::{pairs, words};
use crate::compose::work::{Act, Options, Work};
use crate::compose::{body, converge, root, state};
use crate::docker::{self, Engine, api};
use drydock_container::fd::{STDIN, STDOUT};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Machine, Signal, Step, Sys};
use drydock_machinery::{Value, value};
use drydock_network::http::{Method, Request};
use std::hash::{Hash, Hasher};

pub const COMMAND: Command = Command {
    name: "run",
    usage: "[OPTIONS] SERVICE [COMMAND] [ARGS...]",
    short: "Run a one-off command on a service",
    flags: &[FLAGS],
    interspersed: false,
    run,
    ..Command::BASE
};

#[rustfmt::skip]
const FLAGS: &[Flag] = &[
    Flag::bool("build", '\0', false, "Build the image first"),
    Flag::bool("detach", 'd', false, "Leave the container running and print its name"),
    Flag::string("entrypoint", '\0', "", "Another entry point"),
    Flag::array("env", 'e', "Set a variable").called("stringArray"),
    Flag::bool("interactive", 'i', true, "Keep stdin open"),
    Flag::array("label", 'l', "Add a label").called("stringArray"),
    Flag::string("name", '\0', "", "Name of the container"),
    Flag::bool("no-TTY", 'T', false, "No terminal"),
    Flag::bool("no-deps", '\0', false, "Leave services it needs alone"),
    Flag::array("publish", 'p', "Publish a port").called("stringArray"),
    Flag::bool("quiet-pull", '\0', false, "Do not show how pulling goes"),
    Flag::bool("remove-orphans", '\0', false, "Remove containers of services the files do not have"),
    Flag::bool("rm", '\0', false, "Remove the container when it ends"),
    Flag::bool("service-ports", 'P', false, "Publish the service's ports"),
    Flag::bool("use-aliases", '\0', false, "Use the service's names on its networks"),
    Flag::string("user", 'u', "", "As this user"),
    Flag::array("volume", 'v', "Mount a volume").called("stringArray"),
    Flag::string("workdir", 'w', "", "In this folder"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let Some(service) = invocation.arg(0).map(String::from) else {
        return Err(Error::raw("requires at least 1 arg(s), only received 0\n"));
    };
    let project = root::project(invocation, std::slice::from_ref(&service))?;
    if !project.services.contains_key(&service) {
        return Err(Error::raw(format!("no such service: {service}\n")));
    }
    let engine = root::engine(invocation)?;
    let mut needed = if invocation.bool("no-deps") {
        std::collections::BTreeSet::new()
    } else {
        project.selected(std::slice::from_ref(&service), true)?
    };
    needed.remove(&service);
    let services = project.ordered(&needed);
    let mut acts = Vec::new();
    for name in services.iter().chain([&service]) {
        let missing = state::image_id(invocation.sys, &engine, &project.image(name)).is_empty();
        let builds = project.services.get(name).is_some_and(|s| s.find("build").is_some());
        if builds && (missing || (invocation.bool("build") && *name == service)) {
            acts.push(Act::Build(name.clone()));
        } else if missing {
            acts.push(Act::Pull(name.clone(), true));
        }
    }
    let all: Vec<String> = services.iter().cloned().chain([service.clone()]).collect();
    acts.extend(
        converge::resources(invocation.sys, &engine, &project, &all)
            .map_err(|text| Error::raw(text + "\n"))?,
    );
    if !services.is_empty() {
        acts.push(Act::Converge);
    }
    let suffix = invocation.sys.machines.clock.chance(invocation.sys.now() ^ 0x0C0, u64::MAX);
    let name = match invocation.str("name") {
        "" => format!("{}-{service}-run-{:012x}", project.name, suffix & 0xffff_ffff_ffff),
        name => name.to_string(),
    };
    let mut document = body::container(&project, &service, 1, &name, "", true);
    let rest: Vec<Value> = invocation.args.iter().skip(1).map(Value::from).collect();
    if !rest.is_empty() {
        document = document.with("Cmd", Value::from_items(rest));
    }
    if invocation.changed("entrypoint") {
        let list = words(invocation.str("entrypoint")).into_iter().map(Value::from).collect();
        document = document.with("Entrypoint", Value::from_items(list));
    }
    for (flag, field) in [("user", "User"), ("workdir", "WorkingDir")] {
        if invocation.changed(flag) {
            document = document.with(field, invocation.str(flag));
        }
    }
    let mut environment: Vec<Value> = document["Env"].items().to_vec();
    let given = pairs(&invocation.list("env").iter().map(Value::from).collect());
    for (name, value) in given.entries() {
        let value = if value.is_null() {
            invocation.sys.env(name.text()).map(|v| v.to_string()).unwrap_or_default()
        } else {
            value.text().to_string()
        };
        environment.retain(|e| e.text().split('=').next() != Some(name.text()));
        environment.push(Value::from(format!("{}={value}", name.text())));
    }
    document = document.with("Env", Value::from_items(environment));
    let mut host = document["HostConfig"].clone();
    if !invocation.bool("service-ports") {
        host = host.with("PortBindings", Value::empty_map());
    }
    let mut binds: Vec<Value> = host["Binds"].items().to_vec();
    let cwd = invocation.sys.cwd().to_string();
    for volume in invocation.list("volume") {
        let (source, rest) = volume.split_once(':').unwrap_or((&volume, ""));
        let source = if source.starts_with('.') {
            drydock_container::filesystem::normalise(&cwd, source)
        } else {
            source.to_string()
        };
        binds.push(Value::from(format!("{source}:{rest}")));
    }
    if !binds.is_empty() {
        host = host.with("Binds", Value::from_items(binds));
    }
    for port in invocation.list("publish") {
        let (host_port, container) = port.rsplit_once(':').unwrap_or(("", &port));
        let key = if container.contains('/') { container.to_string() } else { format!("{container}/tcp") };
        let entry = value!([{ "HostIp": "", "HostPort": host_port }]);
        host = host.with_at(&["PortBindings", &key], entry);
    }
    if invocation.bool("rm") {
        host = host.with("AutoRemove", !invocation.bool("interactive") || invocation.bool("detach"));
    }
    let detach = invocation.bool("detach");
    let tty = !detach
        && !invocation.bool("no-TTY")
        && invocation.sys.is_tty(STDOUT)
        && invocation.sys.is_tty(STDIN);
    document = document
        .with("HostConfig", host)
        .with("Tty", tty)
        .with("OpenStdin", !detach && invocation.bool("interactive"))
        .with("StdinOnce", !detach && invocation.bool("interactive"))
        .with("AttachStdin", !detach && invocation.bool("interactive"));
    let request = api::post("/containers/create", document).query("name", name.as_str());
    let progress = root::progress(invocation.sys, "Creating");
    let options = Options { services, began: invocation.sys.unix(), ..Options::default() };
    let mut before = Work::new(project, engine.clone(), progress, options);
    before.queue.extend(acts);
    let machine = OneOff {
        before: Box::new(before),
        engine,
        request,
        name,
        detach,
        remove: invocation.bool("rm"),
        docker: None,
        prepared: false,
    };
    Ok(Flow::Continue(Box::new(machine)))
}

/// First what the service needs, then its container, then docker's own `start -ai`.
#[derive(Clone)]
struct OneOff {
    before: Box<Work>,
    engine: Engine,
    request: Request,
    name: String,
    detach: bool,
    remove: bool,
    docker: Option<Box<dyn Machine>>,
    prepared: bool,
}

impl Hash for OneOff {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.before, &self.name, self.prepared).hash(state);
        self.docker.as_ref().map(|m| m.digest()).hash(state);
    }
}

impl OneOff {
    fn end(&self, sys: &mut Sys<'_>, code: i32) -> Step {
        if self.remove && !self.detach {
            let request = Request::new(Method::Delete, format!("/containers/{}", self.name))
                .query("force", "1")
                .query("v", "1");
            self.engine.begin(sys, request);
        }
        Step::Exit(code)
    }
}

impl Behave for OneOff {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(docker) = &mut self.docker {
            return match docker.step(sys) {
                Step::Exit(code) => self.end(sys, code),
                other => other,
            };
        }
        if !self.prepared {
            match Behave::step(&mut *self.before, sys) {
                Step::Exit(0) => self.prepared = true,
                other => return other,
            }
        }
        if let Err(failure) = self.engine.call(sys, self.request.clone()) {
            sys.eprint(&format!("{}\n", failure.text));
            return Step::Exit(1);
        }
        if self.detach {
            let started =
                self.engine.call(sys, api::post(format!("/containers/{}/start", self.name), Value::Null));
            if let Err(failure) = started {
                sys.eprint(&format!("{}\n", failure.text));
                return Step::Exit(1);
            }
            sys.print(&format!("{}\n", self.name));
            return Step::Exit(0);
        }
        let words: Vec<String> = ["start", "-ai", &self.name].map(String::from).to_vec();
        match dispatch(&docker::STYLE, sys, &words, None) {
            Ok(Flow::Done(code)) => self.end(sys, code),
            Ok(Flow::Continue(machine)) => {
                self.docker = Some(machine);
                Step::Again
            }
            Err(error) => {
                sys.eprint(&error.text);
                self.end(sys, error.code)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        match &mut self.docker {
            Some(docker) => docker.signal(signal),
            None => Behave::signal(&mut *self.before, signal),
        }
    }
}
