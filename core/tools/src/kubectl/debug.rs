//! `kubectl debug`: an ephemeral container in a pod, a changed copy of a pod, or a pod on a node.
//!
//! Follows `k8s.io/kubectl/pkg/cmd/debug` (v1.33). Left out: sessions in more than one of several targets.

mod copied;
mod made;
mod profile;

use super::attach::HINT;
use super::client::{ANY, Client};
use super::podpick::pod_path;
use super::run::is_image_reference;
use super::session::{self, Progress, Session, Wanted};
use super::watching::{Event, Next, Watching};
use super::{Failure, common};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};
use drydock_machinery::{Value, quote};
use drydock_network::http::Request;
use profile::Profile;

pub const COMMAND: Command = Command {
    name: "debug",
    usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    short: "Create debugging sessions for troubleshooting workloads and nodes",
    long: "Debug cluster resources using interactive debugging containers.\n\n 'debug' provides automation for common debugging tasks for cluster objects identified by resource and name. Pods will be used by default if no resource is specified.",
    examples: "# Create an interactive debugging session in pod mypod and immediately attach to it.\nkubectl debug mypod -it --image=busybox\n\n# Create a copy of mypod changing the command of mycontainer\nkubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh\n\n# Create an interactive debugging session on a node and immediately attach to it.\nkubectl debug node/mynode -it --image=busybox",
    flags: &[common::FILES, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool(
        "arguments-only",
        '\0',
        false,
        "If specified, everything after -- will be passed to the new container as Args instead of Command.",
    ),
    Flag::bool(
        "attach",
        '\0',
        false,
        "If true, wait for the container to start running, and then attach as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true.",
    ),
    Flag::string("container", 'c', "", "Container name to use for debug container."),
    Flag::string("copy-to", '\0', "", "Create a copy of the target Pod with this name."),
    Flag::string(
        "custom",
        '\0',
        "",
        "Path to a JSON or YAML file containing a partial container spec to customize built-in debug profiles.",
    ),
    Flag::pairs("env", '\0', "Environment variables to set in the container."),
    Flag::string("image", '\0', "", "Container image to use for debug container."),
    Flag::string(
        "image-pull-policy",
        '\0',
        "",
        "The image pull policy for the container. If left empty, this value will not be specified by the client and defaulted by the server.",
    ),
    Flag::bool(
        "keep-annotations",
        '\0',
        false,
        "If true, keep the original pod annotations.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-init-containers",
        '\0',
        true,
        "Run the init containers for the pod. Defaults to true.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-labels",
        '\0',
        false,
        "If true, keep the original pod labels.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-liveness",
        '\0',
        false,
        "If true, keep the original pod liveness probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-readiness",
        '\0',
        false,
        "If true, keep the original pod readiness probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-startup",
        '\0',
        false,
        "If true, keep the original startup probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::string(
        "profile",
        '\0',
        "legacy",
        "Options are \"legacy\", \"general\", \"baseline\", \"netadmin\", \"restricted\" or \"sysadmin\".",
    ),
    Flag::bool("quiet", 'q', false, "If true, suppress informational messages."),
    Flag::bool("replace", '\0', false, "When used with '--copy-to', delete the original Pod."),
    Flag::bool(
        "same-node",
        '\0',
        false,
        "When used with '--copy-to', schedule the copy of target Pod on the same node.",
    ),
    Flag::pairs(
        "set-image",
        '\0',
        "When used with '--copy-to', a list of name=image pairs for changing container images, similar to how 'kubectl set image' works.",
    ),
    Flag::bool(
        "share-processes",
        '\0',
        true,
        "When used with '--copy-to', enable process namespace sharing in the copy.",
    ),
    Flag::bool(
        "stdin",
        'i',
        false,
        "Keep stdin open on the container(s) in the pod, even if nothing is attached.",
    ),
    Flag::string(
        "target",
        '\0',
        "",
        "When using an ephemeral container, target processes in this container name.",
    ),
    Flag::bool("tty", 't', false, "Allocate a TTY for the debugging container."),
];

const LEGACY: &str = "--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example \"--profile=general\".\n";

/// What the flags and arguments come to, checked.
struct Plan {
    names: Vec<String>,
    words: Vec<String>,
    profile: Profile,
    /// `--custom`: a partial container.
    custom: Option<Value>,
}

fn plan(invocation: &mut Invocation<'_, '_>) -> Result<Plan, Error> {
    let profile = Profile::from_flags(invocation)?;
    let custom = profile::custom(invocation)?;
    let given = |flag: &str| !invocation.str(flag).is_empty();
    let (image, copies, container) = (given("image"), given("copy-to"), given("container"));
    let images = invocation.list("set-image");
    let before_dash = invocation.dash.unwrap_or(invocation.args.len());
    let names: Vec<String> = invocation.args.iter().take(before_dash).cloned().collect();
    let words: Vec<String> = invocation.args.iter().skip(before_dash).cloned().collect();
    let refuse = |text: &str| Err(Error::new(text));
    if invocation.bool("attach") && invocation.changed("attach") && !image && !container {
        return refuse(
            "you must specify --container or create a new container using --image in order to attach.",
        );
    }
    if copies {
        if !image && images.is_empty() && words.is_empty() {
            return refuse("you must specify --image, --set-image or command arguments.");
        }
        if !words.is_empty() && !container && !image {
            return refuse("you must specify an existing container or a new image when specifying args.");
        }
    } else {
        for (flag, there) in [
            ("replace", invocation.bool("replace")),
            ("same-node", invocation.bool("same-node")),
            ("set-image", !images.is_empty()),
        ] {
            if there {
                return Err(Error::new(format_args!("--{flag} may only be used with --copy-to.")));
            }
        }
        if !image {
            return refuse("you must specify --image when not using --copy-to.");
        }
    }
    let format = "invalid reference format";
    let bad = |name: &str| !is_image_reference(name);
    if image && bad(invocation.str("image")) {
        let name = quote::go(invocation.str("image"));
        return Err(Error::new(format_args!("invalid image name {name}: {format}")));
    }
    if names.is_empty() && invocation.list("filename").is_empty() {
        return refuse("NAME or filename is required for debug");
    }
    let policy = invocation.str("image-pull-policy");
    if !matches!(policy, "" | "Always" | "IfNotPresent" | "Never") {
        return Err(Error::new(format_args!("invalid image pull policy: {policy}")));
    }
    for (name, image) in images.iter().filter_map(|pair| pair.split_once('=')) {
        if bad(image) {
            let (image, name) = (quote::go(image), quote::go(name));
            return Err(Error::new(format_args!(
                "invalid image name {image} for container {name}: {format}"
            )));
        }
    }
    let target = invocation.str("target").to_string();
    if !target.is_empty() && copies {
        return refuse("--target is incompatible with --copy-to. Use --share-processes instead.");
    }
    if !target.is_empty() && !invocation.bool("quiet") {
        let target = quote::go(&target);
        invocation.print(&format!("Targeting container {target}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n"));
    }
    if invocation.bool("tty") && !invocation.bool("stdin") {
        return refuse("-i/--stdin is required for containers with -t/--tty=true");
    }
    let fixed = ["name", "command", "image", "lifecycle", "volumeDevices"];
    if custom.as_ref().is_some_and(|custom| fixed.iter().any(|field| !custom[*field].is_empty())) {
        return refuse(
            "name, command, image, lifecycle and volume devices are not modifiable via custom profile",
        );
    }
    if invocation.str("profile") == "legacy" {
        invocation.eprint(LEGACY);
    }
    Ok(Plan { names, words, profile, custom })
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let plan = plan(invocation)?;
    let mut client = Client::new(invocation)?;
    let targets: Vec<String> = match plan.names.iter().any(|name| name.contains('/')) {
        true => plan.names.clone(),
        false if plan.names.is_empty() => Vec::new(),
        false => std::iter::once("pods".to_string()).chain(plan.names.iter().cloned()).collect(),
    };
    let mut builder = super::Builder::new(invocation).args(&targets);
    builder.limit = 0;
    let (infos, failures) = builder.fetch(invocation, &mut client)?;
    let mut first = None;
    for info in infos {
        let made = match info.resource.kind.as_str() {
            "Node" => made::on_node(invocation, &client, &info.name, &plan)?,
            "Pod" if invocation.str("copy-to").is_empty() => {
                made::ephemeral(invocation, &client, &info.object, &plan)?
            }
            "Pod" => copied::create(invocation, &client, &info.object, &plan)?,
            kind => {
                let (group, version) = (&info.resource.group, &info.resource.version);
                let what = format!("{group}/{version}, Kind={kind}");
                return Err(Error::new(format_args!("{} not supported by debug", quote::go(&what))));
            }
        };
        first.get_or_insert(made);
    }
    if !failures.is_empty() {
        return Err(super::failure::aggregate(&failures));
    }
    let Some((pod, container)) = first else { return Ok(Flow::Done(0)) };
    let attach =
        if invocation.changed("attach") { invocation.bool("attach") } else { invocation.bool("stdin") };
    if !attach || container.is_empty() {
        return Ok(Flow::Done(0));
    }
    let path = format!("/api/v1/namespaces/{}/pods", pod["metadata"]["namespace"].text());
    Ok(Flow::Continue(Box::new(Debug {
        watching: Watching::at(&client, &path, pod["metadata"]["name"].text()),
        client,
        pod,
        container,
        stdin: invocation.bool("stdin"),
        tty: invocation.bool("tty"),
        quiet: invocation.bool("quiet"),
        session: None,
    })))
}

/// The process that waits for its container and attaches.
#[derive(Clone, Hash)]
struct Debug {
    client: Client,
    watching: Watching,
    pod: Value,
    container: String,
    stdin: bool,
    tty: bool,
    quiet: bool,
    session: Option<Session>,
}

impl Debug {
    fn state(&self) -> Value {
        let status = &self.pod["status"];
        let lists = ["ephemeralContainerStatuses", "containerStatuses", "initContainerStatuses"];
        let all = lists.iter().flat_map(|l| status[*l].items());
        all.filter(|s| s["name"] == self.container.as_str())
            .map(|s| s["state"].clone())
            .next()
            .unwrap_or_default()
    }
    fn turn(&mut self, sys: &mut Sys<'_>) -> Result<Step, Failure> {
        if let Some(session) = &mut self.session {
            return Ok(match session.poll(sys)? {
                Progress::Wait(on) => Step::Wait(on),
                Progress::Done(_) => Step::Exit(0),
            });
        }
        loop {
            match self.watching.next(sys)? {
                Next::Event(Event::Seen(pod)) => self.pod = pod,
                Next::Event(Event::Deleted(_)) => return Err("pod was deleted".into()),
                Next::Event(Event::Absent) => {}
                Next::Wait(on) => return Ok(Step::wait(on)),
            }
            let state = self.state();
            if !state["terminated"].is_null() {
                self.watching.close(sys);
                let request = Request::get(pod_path(&self.pod, "log"))
                    .header("Accept", ANY)
                    .query("container", self.container.as_str());
                let log = self.client.send(sys, request)?;
                sys.write(drydock_container::fd::STDOUT, &log.body.bytes());
                return Ok(Step::Exit(0));
            }
            if !state["running"].is_null() {
                self.watching.close(sys);
                if self.stdin && !self.quiet {
                    sys.eprint(HINT);
                }
                let tty = session::terminal(sys, self.stdin, self.tty, self.quiet) || self.tty;
                let wanted = Wanted {
                    subresource: "attach",
                    command: Vec::new(),
                    container: self.container.clone(),
                    stdin: self.stdin,
                    tty,
                };
                self.session = Some(Session::open(sys, &self.client, &self.pod, &wanted)?);
                return Ok(Step::Again);
            }
        }
    }
}

impl Behave for Debug {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.turn(sys).unwrap_or_else(|failure| {
            sys.eprint(&format!("{}\n", failure.describe()));
            Step::Exit(1)
        })
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.session.as_mut().map_or(Handled::Default, |s| s.signal(signal))
    }
}
