//! `docker compose build`, `pull` and `push`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::compose::root;
use crate::compose::work::{Act, Options, Work};
use crate::docker::build as docker_build;

pub const BUILD: Command = Command {
    name: "build",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Build or rebuild services",
    flags: &[&[
        Flag::array("build-arg", '\0', "Set a build-time variable").called("stringArray"),
        Flag::string("builder", '\0', "", "Which builder").hidden(),
        Flag::string("memory", 'm', "0", "Memory limit of the steps"),
        Flag::bool("no-cache", '\0', false, "Do not use cached steps"),
        Flag::bool("pull", '\0', false, "Always look for newer base images"),
        Flag::bool("push", '\0', false, "Push the results"),
        Flag::bool("quiet", 'q', false, "Print nothing"),
        Flag::string("ssh", '\0', "", "SSH agent or keys"),
        Flag::bool("with-dependencies", '\0', false, "Build what they need, too"),
    ]],
    run: build,
    ..Command::BASE
};

pub const PULL: Command = Command {
    name: "pull",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Pull service images",
    flags: &[&[
        Flag::bool("ignore-buildable", '\0', false, "Leave images that can be built"),
        Flag::bool("ignore-pull-failures", '\0', false, "Go on when an image cannot be pulled"),
        Flag::bool("include-deps", '\0', false, "Pull what they need, too"),
        Flag::string("policy", '\0', "", "\"missing\" or \"always\""),
        Flag::bool("quiet", 'q', false, "Print nothing"),
    ]],
    run: pull,
    ..Command::BASE
};

pub const PUSH: Command = Command {
    name: "push",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Push service images",
    flags: &[&[
        Flag::bool("ignore-push-failures", '\0', false, "Go on when an image cannot be pushed"),
        Flag::bool("include-deps", '\0', false, "Push what they need, too"),
        Flag::bool("quiet", 'q', false, "Print nothing"),
    ]],
    run: push,
    ..Command::BASE
};

fn build(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let targets = invocation.args.clone();
    let project = root::project(invocation, &targets)?;
    let selected = project.selected(&targets, invocation.bool("with-dependencies"))?;
    let plan = docker_build::Plan {
        given: docker_build::given(invocation.sys, &invocation.list("build-arg")),
        no_cache: invocation.bool("no-cache"),
        pull: invocation.bool("pull"),
        quiet: invocation.bool("quiet"),
        ..docker_build::Plan::default()
    };
    let services = project.ordered(&selected);
    let buildable =
        services.iter().filter(|s| project.services.get(*s).is_some_and(|v| v.find("build").is_some()));
    let acts: Vec<Act> = buildable.map(|s| Act::Build(s.clone())).collect();
    if acts.is_empty() {
        crate::compose::progress::warn(invocation.sys, "No services to build");
        return Ok(Flow::Done(0));
    }
    let engine = root::engine(invocation)?;
    let progress = root::progress(invocation.sys, "Building");
    let mut work = Work::new(project, engine, progress, Options { build: plan, ..Options::default() });
    work.queue.extend(acts);
    Ok(Flow::Continue(Box::new(work)))
}

fn pull(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let targets = invocation.args.clone();
    let project = root::project(invocation, &targets)?;
    let selected = project.selected(&targets, invocation.bool("include-deps"))?;
    let engine = root::engine(invocation)?;
    let mut progress = root::progress(invocation.sys, "Pulling");
    progress.quiet |= invocation.bool("quiet");
    let mut acts = Vec::new();
    for service in project.ordered(&selected) {
        let Some(given) = project.services.get(&service) else { continue };
        if given.find("image").is_none() {
            if !invocation.bool("ignore-buildable") {
                progress.say(
                    invocation.sys,
                    &service,
                    "Skipped - No image to be pulled",
                    "",
                    crate::compose::progress::Status::Done,
                );
            }
            continue;
        }
        if given.find("build").is_some() && invocation.bool("ignore-buildable") {
            continue;
        }
        acts.push(Act::Pull(service, true));
    }
    let mut work = Work::new(project, engine, progress, Options::default());
    work.queue.extend(acts);
    Ok(Flow::Continue(Box::new(work)))
}

fn push(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let targets = invocation.args.clone();
    let project = root::project(invocation, &targets)?;
    let selected = project.selected(&targets, false)?;
    let services = project.ordered(&selected);
    let image = services
        .iter()
        .filter(|s| {
            project.services.get(*s).is_some_and(|v| v.find("build").is_some() && v.find("image").is_some())
        })
        .map(|s| project.image(s))
        .next();
    let Some(image) = image else {
        return Err(Error::raw(
            "no service to push: only services that are built and have an image name are pushed\n",
        ));
    };
    // One image at a time, as docker push shows it.
    let words: Vec<String> = ["push".to_string(), image].to_vec();
    crate::cli::dispatch(&crate::docker::STYLE, invocation.sys, &words, None)
}
