//! `docker compose down`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::compose::work::{Act, Call, Options, Work};
use crate::compose::{body, converge, root, state};
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "down",
    usage: "[OPTIONS] [SERVICES]",
    short: "Stop and remove containers, networks",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("remove-orphans", '\0', false, "Remove containers of services the files do not have"),
    Flag::string("rmi", '\0', "", "Remove images, too (\"local\"|\"all\")"),
    Flag::int("timeout", 't', "0", "Seconds a container has to stop"),
    Flag::bool("volumes", 'v', false, "Remove volumes, too"),
];

fn gone(path: String, id: String) -> Call {
    Call {
        request: Request::new(Method::Delete, path),
        id,
        before: "Removing",
        after: "Removed",
        tolerated: &[404],
    }
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let rmi = invocation.str("rmi").to_string();
    if !matches!(&*rmi, "" | "all" | "local") {
        return Err(Error::raw(format!("invalid value for --rmi: \"{rmi}\"\n")));
    }
    let targets = invocation.args.clone();
    let project = root::project_or_name(invocation)?;
    if let Some(name) = targets.iter().find(|t| !project.services.contains_key(*t)) {
        return Err(Error::raw(format!("no such service: {name}\n")));
    }
    let engine = root::engine(invocation)?;
    let all = state::containers(invocation.sys, &engine, &project.name, true)?;
    let orphan = |f: &&state::Found| {
        !project.services.contains_key(&f.service) && !project.disabled.contains_key(&f.service)
    };
    let by_name = project.services.is_empty();
    let orphans = all.iter().filter(orphan).filter(|f| !f.oneoff).count();
    let mine: Vec<state::Found> = all
        .iter()
        .filter(|f| {
            if orphan(f) {
                by_name || f.oneoff || invocation.bool("remove-orphans")
            } else {
                targets.is_empty() || targets.contains(&f.service)
            }
        })
        .cloned()
        .collect();
    let timeout = invocation.changed("timeout").then(|| invocation.int("timeout"));
    let mut acts = converge::remove(&project, &mine, timeout, invocation.bool("volumes"));
    if orphans > 0 && !invocation.bool("remove-orphans") && !by_name {
        let names: Vec<&str> = all.iter().filter(orphan).map(|f| f.name.as_str()).collect();
        let text = format!(
            "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.",
            names.join(" ")
        );
        crate::compose::progress::warn(invocation.sys, &text);
    }
    if targets.is_empty() {
        if rmi == "all" || rmi == "local" {
            for (name, service) in &project.services {
                let image = project.image(name);
                let own = service.find("image").is_none();
                if (rmi == "all" || own) && !state::image_id(invocation.sys, &engine, &image).is_empty() {
                    let shown = if image.contains(':') { image.clone() } else { format!("{image}:latest") };
                    acts.push(Act::Call(gone(format!("/images/{image}"), format!("Image {shown}"))));
                }
            }
        }
        if invocation.bool("volumes") {
            for (name, _) in owned(invocation, &engine, &project.name, "volumes")? {
                acts.push(Act::Call(gone(format!("/volumes/{name}"), format!("Volume {name}"))));
            }
        }
        for (name, id) in owned(invocation, &engine, &project.name, "networks")? {
            acts.push(Act::Call(gone(format!("/networks/{id}"), format!("Network {name}"))));
        }
    }
    if acts.is_empty() {
        invocation
            .eprint(&format!("Warning: No resource found to remove for project \"{}\".\n", project.name));
        return Ok(Flow::Done(0));
    }
    let progress = root::progress(invocation.sys, "Running");
    let mut work = Work::new(project, engine, progress, Options { timeout, ..Options::default() });
    work.queue.extend(acts);
    Ok(Flow::Continue(Box::new(work)))
}

/// Networks or volumes with the project's label: name and id.
fn owned(
    invocation: &mut Invocation<'_, '_>,
    engine: &crate::docker::Engine,
    project: &str,
    what: &str,
) -> Result<Vec<(String, String)>, Error> {
    let request = Request::get(format!("/{what}")).query("filters", body::project_filter(project));
    let answer = engine.call(invocation.sys, request)?.json();
    let list = if what == "volumes" { answer["Volumes"].clone() } else { answer };
    let name = |v: &Value| (v["Name"].text().to_string(), v["Id"].text().to_string());
    let mut out: Vec<(String, String)> = list.items().iter().map(name).collect();
    out.arrange();
    Ok(out)
}
