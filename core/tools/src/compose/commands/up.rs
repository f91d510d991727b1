//! `docker compose up`, `create` and `scale`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::compose::logs::View;
use crate::compose::model::Project;
use crate::compose::work::{Act, Options, Work};
use crate::compose::{converge, root, state};
use crate::docker::build;
use std::collections::BTreeMap;

pub const COMMAND: Command = Command {
    name: "up",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Create and start containers",
    flags: &[CREATING, FLAGS],
    run: up,
    ..Command::BASE
};

pub const CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Creates containers for a service",
    flags: &[CREATING],
    run: |invocation| start(invocation, true),
    ..Command::BASE
};

pub const SCALE: Command = Command {
    name: "scale",
    usage: "[SERVICE=REPLICAS...]",
    short: "Scale services",
    flags: &[&[Flag::bool("no-deps", '\0', false, "Leave services they need alone")]],
    run: scale,
    ..Command::BASE
};

#[rustfmt::skip]
const CREATING: &[Flag] = &[
    Flag::bool("build", '\0', false, "Build images first"),
    Flag::bool("force-recreate", '\0', false, "Replace containers even if nothing changed"),
    Flag::bool("no-build", '\0', false, "Do not build, even if the image is missing"),
    Flag::bool("no-recreate", '\0', false, "Keep containers that exist"),
    Flag::string("pull", '\0', "policy", "Pull images first (\"always\"|\"missing\"|\"never\")"),
    Flag::bool("quiet-pull", '\0', false, "Do not show how pulling goes"),
    Flag::bool("remove-orphans", '\0', false, "Remove containers of services the files do not have"),
    Flag::array("scale", '\0', "Number of containers of a service (SERVICE=NUM)").called("scale"),
    Flag::bool("yes", 'y', false, "Answer yes to every question").hidden(),
];
#[rustfmt::skip]
const FLAGS: &[Flag] = &[
    Flag::bool("abort-on-container-exit", '\0', false, "Stop all when one ends"),
    Flag::bool("always-recreate-deps", '\0', false, "Replace what they need, too"),
    Flag::array("attach", '\0', "Only show the output of these services").called("stringArray"),
    Flag::bool("attach-dependencies", '\0', false, "Show the output of services they need, too"),
    Flag::bool("detach", 'd', false, "Leave the containers running and come back"),
    Flag::string("exit-code-from", '\0', "", "End with this service's exit code; implies --abort-on-container-exit"),
    Flag::array("no-attach", '\0', "Do not show the output of these services").called("stringArray"),
    Flag::bool("no-color", '\0', false, "No colours"),
    Flag::bool("no-deps", '\0', false, "Leave services they need alone"),
    Flag::bool("no-log-prefix", '\0', false, "No names in front of lines"),
    Flag::bool("no-start", '\0', false, "Only make the containers"),
    Flag::bool("renew-anon-volumes", 'V', false, "New anonymous volumes instead of the old ones"),
    Flag::int("timeout", 't', "0", "Seconds a container has to stop"),
    Flag::bool("timestamps", '\0', false, "When each line was printed"),
    Flag::bool("wait", '\0', false, "Come back when all are running or healthy; implies -d"),
    Flag::int("wait-timeout", '\0', "0", "How long to wait at most"),
    Flag::bool("watch", 'w', false, "Rebuild when files change").hidden(),
];

fn up(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let plain = |text: &str| Err(Error::raw(format!("{text}\n")));
    let detach = invocation.bool("detach") || invocation.bool("wait");
    let aborts = invocation.bool("abort-on-container-exit") || invocation.changed("exit-code-from");
    if detach && aborts {
        return plain(
            "--detach cannot be combined with --abort-on-container-exit or --attach/--attach-dependencies",
        );
    }
    if invocation.bool("force-recreate") && invocation.bool("no-recreate") {
        return plain("--force-recreate and --no-recreate are incompatible");
    }
    if invocation.bool("build") && invocation.bool("no-build") {
        return plain("--build and --no-build are incompatible");
    }
    start(invocation, invocation.bool("no-start"))
}

/// `web=3`.
fn scales(given: &[String]) -> Result<BTreeMap<String, i64>, Error> {
    let one = |text: &String| {
        let (name, count) = text.split_once('=').ok_or_else(|| {
            Error::raw(format!("invalid --scale option \"{text}\". Should be SERVICE=NUM\n"))
        })?;
        let count = count.parse().map_err(|_| {
            Error::raw(format!(
                "strconv.Atoi: parsing {}: invalid syntax\n",
                drydock_machinery::quote::go(count)
            ))
        })?;
        Ok((name.to_string(), count))
    };
    given.iter().map(one).collect()
}

fn start(invocation: &mut Invocation<'_, '_>, no_start: bool) -> Outcome {
    let targets = invocation.args.clone();
    let project = root::project(invocation, &targets)?;
    if project.services.is_empty() {
        return Err(Error::raw("no service selected\n"));
    }
    let no_deps = invocation.flags.has("no-deps") && invocation.bool("no-deps");
    let selected = project.selected(&targets, !no_deps)?;
    let scale = scales(&invocation.list("scale"))?;
    if let Some(name) = scale.keys().find(|n| !project.services.contains_key(*n)) {
        return Err(Error::raw(format!("no such service: {name}\n")));
    }
    let is_up = invocation.flags.has("detach");
    let detach = !is_up || invocation.bool("detach") || invocation.bool("wait") || no_start;
    let timeout = is_up && invocation.changed("timeout");
    let options = Options {
        services: project.ordered(&selected),
        force_recreate: invocation.bool("force-recreate"),
        no_recreate: invocation.bool("no-recreate"),
        no_start: no_start || !is_up,
        remove_orphans: invocation.bool("remove-orphans"),
        scale,
        timeout: timeout.then(|| invocation.int("timeout")),
        abort_on_exit: is_up
            && (invocation.bool("abort-on-container-exit") || invocation.changed("exit-code-from")),
        exit_code_from: if is_up { invocation.str("exit-code-from").into() } else { String::new() },
        wait: is_up && invocation.bool("wait"),
        view: View {
            no_prefix: is_up && invocation.bool("no-log-prefix"),
            no_colour: is_up && invocation.bool("no-color"),
            timestamps: is_up && invocation.bool("timestamps"),
            tells_ends: true,
        },
        quiet_pull: invocation.bool("quiet-pull"),
        began: invocation.sys.unix(),
        build: build::Plan::default(),
    };
    let attached: Vec<String> =
        if detach { Vec::new() } else { attached(invocation, &project, &targets, &options) };
    let pull = invocation.str("pull").to_string();
    let (build, no_build) = (invocation.bool("build"), invocation.bool("no-build"));
    let work = prepare(invocation, project, options, &pull, build, no_build)?;
    let mut work = work;
    work.queue.push_back(Act::Converge);
    if !detach {
        work.queue.push_back(Act::Attach(attached));
    }
    Ok(Flow::Continue(Box::new(work)))
}

/// Services whose output is shown.
fn attached(
    invocation: &Invocation<'_, '_>,
    project: &Project,
    targets: &[String],
    options: &Options,
) -> Vec<String> {
    let (only, without) = (invocation.list("attach"), invocation.list("no-attach"));
    let shown = |s: &&String| {
        let own = targets.is_empty() || targets.contains(s) || invocation.bool("attach-dependencies");
        let attach = project.services.get(*s).is_none_or(|v| {
            v.find("attach").is_none_or(|a| a.text() != "false" && a.as_bool() != Some(false))
        });
        (if only.is_empty() { own && attach } else { only.contains(s) }) && !without.contains(s)
    };
    options.services.iter().filter(shown).cloned().collect()
}

/// Images, networks and volumes before containers.
fn prepare(
    invocation: &mut Invocation<'_, '_>,
    project: Project,
    options: Options,
    pull: &str,
    build: bool,
    no_build: bool,
) -> Result<Work, Error> {
    let engine = root::engine(invocation)?;
    let progress = root::progress(invocation.sys, "Running");
    let services = options.services.clone();
    let mut acts = Vec::new();
    for service in &services {
        let Some(given) = project.services.get(service) else { continue };
        let policy = match pull {
            "policy" | "" => given["pull_policy"].text(),
            flag => flag,
        };
        let builds = given.find("build").is_some() && !no_build;
        let missing = state::image_id(invocation.sys, &engine, &project.image(service)).is_empty();
        if builds && (build || policy == "build" || missing) {
            acts.push(Act::Build(service.clone()));
        } else if !builds && (missing && policy != "never" || policy == "always") {
            acts.push(Act::Pull(service.clone(), true));
        } else if missing && policy == "never" {
            return Err(Error::raw(format!(
                "Error response from daemon: No such image: {}\n",
                project.image(service)
            )));
        }
    }
    // Several services may use one image: it is pulled once.
    let mut seen = std::collections::BTreeSet::new();
    acts.retain(|act| match act {
        Act::Pull(service, _) => seen.insert(project.image(service)),
        _ => true,
    });
    let resources = converge::resources(invocation.sys, &engine, &project, &services)
        .map_err(|text| Error::raw(text + "\n"))?;
    acts.extend(resources);
    let mut work = Work::new(project, engine, progress, options);
    work.queue.extend(acts);
    Ok(work)
}

fn scale(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.args.is_empty() {
        return Err(Error::raw(
            "\"docker compose scale\" requires at least 1 argument.\nSee 'docker compose scale --help'.\n\nUsage:  docker compose scale [SERVICE=REPLICAS...]\n\nScale services \n",
        ));
    }
    let mut scale = BTreeMap::new();
    for word in invocation.args.clone() {
        let Some((name, count)) = word.split_once('=') else {
            return Err(Error::raw(format!("invalid scale specifier: {word}\n")));
        };
        let Ok(count) = count.parse::<i64>() else {
            return Err(Error::raw(format!(
                "invalid scale specifier: can't parse replica value as int: {word}\n"
            )));
        };
        scale.insert(name.to_string(), count);
    }
    let targets: Vec<String> = scale.keys().cloned().collect();
    let project = root::project(invocation, &targets)?;
    let selected = project.selected(&targets, !invocation.bool("no-deps"))?;
    let options = Options {
        services: project.ordered(&selected),
        scale,
        began: invocation.sys.unix(),
        ..Options::default()
    };
    let mut work = prepare(invocation, project, options, "", false, false)?;
    work.queue.push_back(Act::Converge);
    Ok(Flow::Continue(Box::new(work)))
}
