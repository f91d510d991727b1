//! `docker build`: the context is gathered here and sent to the daemon, which builds. BuildKit's way unless
//! `DOCKER_BUILDKIT=0`. Follows `docker/cli` 28 for the classic builder and buildx 0.13 for BuildKit, each
//! with its own words for the same mistakes.
//!
//! Left out: exporters other than the image store, remote builders, provenance; see the coverage register.

pub mod buildx;
pub mod check;
mod classic;
mod context;
mod follow;
mod graph;
pub mod plain;
pub mod prune;
mod secrets;
pub mod terminal;

pub use context::{Context, gather};
pub use follow::{Finished, Follow, Mode, Progress};

use super::api::{Engine, Failure};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::Sys;
use drydock_machinery::{Value, json};
use drydock_network::http::{Body, Method, Request};
use secrets::secrets;

pub const COMMAND: Command = Command {
    name: "build",
    usage: "[OPTIONS] PATH | URL | -",
    short: "Build an image from a Dockerfile",
    long: "docker image build, docker build, docker buildx build, docker builder build",
    flags: &[FLAGS],
    takes_stdin: |parsed| parsed.args.iter().any(|a| a == "-") || parsed.flags.str("file") == "-",
    run,
    ..Command::BASE
};

#[rustfmt::skip]
const FLAGS: &[Flag] = &[
    Flag::array("add-host", '\0', "Add a line to the steps' /etc/hosts (host:ip)"),
    Flag::array("build-arg", '\0', "Set a build-time variable"),
    Flag::array("build-context", '\0', "A further context by name").called("stringArray"),
    Flag::array("cache-from", '\0', "Where to look for cached steps").called("stringArray"),
    Flag::array("cache-to", '\0', "Where to put cached steps").called("stringArray"),
    Flag::bool("check", '\0', false, "Only look for mistakes in the Dockerfile"),
    Flag::bool("compress", '\0', false, "Compress the context").hidden(),
    Flag::string("file", 'f', "", "Name of the Dockerfile (default: PATH/Dockerfile)"),
    Flag::bool("force-rm", '\0', false, "Remove the containers of failed steps, too"),
    Flag::string("iidfile", '\0', "", "Write the image's id to this file"),
    Flag::string("isolation", '\0', "", "Isolation technology of containers").hidden(),
    Flag::array("label", '\0', "Add a label to the image"),
    Flag::bool("load", '\0', false, "Load the result into the engine's images"),
    Flag::string("memory", 'm', "", "Memory limit of the steps").hidden(),
    Flag::string("metadata-file", '\0', "", "Write what is known of the result to this file"),
    Flag::string("network", '\0', "default", "Network of the steps"),
    Flag::bool("no-cache", '\0', false, "Do not use cached steps"),
    Flag::array("no-cache-filter", '\0', "Do not use cached steps of these stages").called("stringArray"),
    Flag::array("output", 'o', "Where the result goes").called("stringArray"),
    Flag::string("platform", '\0', "", "Platform to build for"),
    Flag::string("progress", '\0', "auto", "How to show what goes on (\"auto\", \"plain\", \"tty\", \"quiet\")"),
    Flag::string("provenance", '\0', "", "Attest where the image comes from"),
    Flag::bool("pull", '\0', false, "Always look for newer base images"),
    Flag::bool("push", '\0', false, "Push the result"),
    Flag::bool("quiet", 'q', false, "Print the image's id when it is done, and nothing else"),
    Flag::bool("rm", '\0', true, "Remove the steps' containers").hidden(),
    Flag::string("sbom", '\0', "", "Attest what is in the image"),
    Flag::array("secret", '\0', "A secret for RUN --mount=type=secret (id=NAME[,src=FILE|,env=NAME])").called("stringArray"),
    Flag::string("shm-size", '\0', "", "Size of /dev/shm of the steps"),
    Flag::array("ssh", '\0', "SSH agent or keys for RUN --mount=type=ssh").called("stringArray"),
    Flag::array("tag", 't', "Name of the image (name:tag)"),
    Flag::string("target", '\0', "", "Stage to build"),
    Flag::array("ulimit", '\0', "Limits of the steps"),
];

/// Whether BuildKit builds: unless the environment says no.
pub fn is_buildkit(sys: &Sys<'_>) -> bool {
    !matches!(sys.env("DOCKER_BUILDKIT").as_deref(), Some("0" | "false" | "F" | "f" | "FALSE" | "False"))
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let buildx = invocation.path.contains("buildx");
    if !buildx && !is_buildkit(invocation.sys) {
        return classic::run(invocation);
    }
    if invocation.args.len() != 1 {
        return Err(Error::raw(
            "ERROR: \"docker buildx build\" requires exactly 1 argument.\nSee 'docker buildx build --help'.\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nStart a build\n",
        ));
    }
    let failed = |text: String| Error::raw(format!("ERROR: {text}\n"));
    for tag in invocation.list("tag") {
        if let Err(why) = super::reference::Reference::parse(&tag) {
            // distribution's own words here, without the client's.
            let why = if why.contains("must be lowercase") {
                "repository name must be lowercase".into()
            } else {
                why
            };
            return Err(failed(format!("invalid tag {}: {why}", drydock_machinery::quote::go(&tag))));
        }
    }
    let plan = plan(invocation, true);
    if invocation.bool("check") {
        return check::run(invocation, &plan);
    }
    let mode = follow::mode(invocation)?;
    let context = gather(invocation.sys, &plan).map_err(failed)?;
    let secrets = secrets(invocation.sys, &invocation.list("secret")).map_err(failed)?;
    let engine = Engine::open(invocation.sys).map_err(|f| failed(f.text))?;
    let request = request(&plan, &context, &secrets, true);
    let messages = engine.messages(invocation.sys, request).map_err(|f: Failure| failed(f.text))?;
    let after = Finished {
        iidfile: invocation.str("iidfile").into(),
        metadata: invocation.str("metadata-file").into(),
        print_id: mode == follow::Mode::Quiet,
        tags: plan.tags.clone(),
        dockerfile: context.dockerfile.clone(),
    };
    Ok(Flow::Continue(Box::new(Follow::new(messages, mode, after, invocation.sys))))
}

/// What a build needs, whoever asks for it: the command line, or a compose file.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Plan {
    /// Folder, `-`, or an address.
    pub context: String,
    /// As typed; empty for the default.
    pub file: String,
    /// A Dockerfile given as text (`-f -`, compose's `dockerfile_inline`).
    pub inline: Option<String>,
    pub stdin: Option<Vec<u8>>,
    pub tags: Vec<String>,
    pub target: String,
    /// `NAME=value`, or `NAME` from the environment.
    pub args: Vec<String>,
    pub labels: Vec<String>,
    pub no_cache: bool,
    pub pull: bool,
    pub quiet: bool,
    pub force_rm: bool,
    pub buildkit: bool,
    /// Build arguments with their values.
    pub given: Vec<(String, Option<String>)>,
}

fn plan(invocation: &mut Invocation<'_, '_>, buildkit: bool) -> Plan {
    let file = invocation.str("file").to_string();
    let stdin = invocation.stdin.clone();
    let inline =
        (file == "-").then(|| String::from_utf8_lossy(stdin.as_deref().unwrap_or_default()).into_owned());
    let args = invocation.list("build-arg");
    Plan {
        context: invocation.arg(0).unwrap_or("").to_string(),
        given: given(invocation.sys, &args),
        args,
        file: if file == "-" { String::new() } else { file },
        inline,
        stdin,
        tags: invocation.list("tag"),
        target: invocation.str("target").into(),
        labels: invocation.list("label"),
        no_cache: invocation.bool("no-cache"),
        pull: invocation.bool("pull"),
        quiet: invocation.bool("quiet"),
        force_rm: invocation.bool("force-rm"),
        buildkit,
    }
}

/// Build arguments with their values; a bare name takes the caller's, if it has one.
#[must_use]
pub fn given(sys: &Sys<'_>, args: &[String]) -> Vec<(String, Option<String>)> {
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    for arg in args {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name.to_string(), Some(value.to_string())),
            None => (arg.clone(), sys.env(arg).map(|v| v.to_string())),
        };
        out.retain(|o| o.0 != name);
        out.push((name, value));
    }
    out
}

/// The request that starts a build.
#[must_use]
pub fn request(plan: &Plan, context: &Context, secrets: &[(String, Vec<u8>)], buildkit: bool) -> Request {
    let mut request = Request::new(Method::Post, "/build").query("dockerfile", context.dockerfile.as_str());
    for tag in &plan.tags {
        request = request.query("t", tag.as_str());
    }
    if !plan.target.is_empty() {
        request = request.query("target", plan.target.as_str());
    }
    let map = |pairs: Vec<(String, Value)>| {
        let entries = pairs.into_iter().map(|(k, v)| (drydock_machinery::Sym::from(k.as_str()), v));
        json::to_string(&Value::from_entries(entries.collect()))
    };
    if !plan.given.is_empty() {
        let values = plan.given.iter().map(|(k, v)| (k.clone(), v.as_ref().map_or(Value::Null, Value::from)));
        request = request.query("buildargs", map(values.collect()));
    }
    if !plan.labels.is_empty() {
        let pair = |l: &String| {
            let (name, value) = l.split_once('=').unwrap_or((l, ""));
            (name.to_string(), Value::from(value))
        };
        request = request.query("labels", map(plan.labels.iter().map(pair).collect()));
    }
    for (name, on) in [
        ("nocache", plan.no_cache),
        ("pull", plan.pull),
        ("q", plan.quiet && !buildkit),
        ("forcerm", plan.force_rm),
    ] {
        if on {
            request = request.query(name, "1");
        }
    }
    if buildkit {
        request = request.query("folder", context.folder.as_str());
    }
    request
        .query("version", if buildkit { "2" } else { "1" })
        .header("Content-Type", "application/x-tar")
        .body(Body::Bytes(context.archive(secrets, buildkit).into()))
}
