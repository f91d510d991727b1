//! `kubectl debug`: an ephemeral container in a pod, a changed copy of a pod, or a pod on a node.
//!
//! Follows kubectl's `debug` package with its legacy profile. Left out: the other profiles' security
//! settings, `--custom`.

mod copied;

use super::attach::HINT;
use super::client::{ANY, Client, content};
use super::podpick::pod_path;
use super::session::{self, Progress, Session, Wanted};
use super::watching::{Event, Next, Watching};
use super::{Failure, common};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};
use drydock_machinery::{Value, value};
use drydock_network::http::{Method, Request};

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
    Flag::array("env", '\0', "Environment variables to set in the container."),
    Flag::string("image", '\0', "", "Container image to use for debug container."),
    Flag::string(
        "image-pull-policy",
        '\0',
        "",
        "The image pull policy for the container. If left empty, this value will not be specified by the client and defaulted by the server.",
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
    Flag::array(
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

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (image, copy) = (invocation.str("image").to_string(), invocation.str("copy-to").to_string());
    if image.is_empty() && copy.is_empty() {
        return Err(Error::new("you must specify --image when not using --copy-to."));
    }
    let before_dash = invocation.dash.unwrap_or(invocation.args.len());
    let names: Vec<String> = invocation.args.iter().take(before_dash).cloned().collect();
    if names.is_empty() && invocation.list("filename").is_empty() {
        return Err(Error::new("NAME or filename is required for debug"));
    }
    if invocation.bool("tty") && !invocation.bool("stdin") {
        return Err(Error::new("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if !copy.is_empty() && !invocation.str("target").is_empty() {
        return Err(Error::new("--target is incompatible with --copy-to. Use --share-processes instead."));
    }
    if invocation.str("profile") == "legacy" {
        invocation.eprint(LEGACY);
    }
    let mut client = Client::new(invocation)?;
    let words: Vec<String> = invocation.args.iter().skip(before_dash).cloned().collect();
    let target = match names.as_slice() {
        [one] if one.contains('/') => names.clone(),
        [one] => vec!["pods".to_string(), one.clone()],
        many => many.to_vec(),
    };
    let mut builder = super::Builder::new(invocation).args(&target);
    builder.limit = 0;
    let (infos, failures) = builder.fetch(invocation, &mut client)?;
    if !failures.is_empty() {
        return Err(super::failure::aggregate(&failures));
    }
    let Some(info) = infos.into_iter().next() else { return Err(Error::new("no objects passed to debug")) };
    let (pod, container) = match info.resource.kind.as_str() {
        "Node" => on_node(invocation, &client, &info.name, &words)?,
        "Pod" if copy.is_empty() => ephemeral(invocation, &client, &info.object, &words)?,
        "Pod" => copied::create(invocation, &client, &info.object, &words)?,
        kind => {
            let version = &info.resource.version;
            return Err(Error::new(format_args!(
                "\"{}\" not supported by debug (*{version}.{kind})",
                info.name
            )));
        }
    };
    let attach =
        if invocation.changed("attach") { invocation.bool("attach") } else { invocation.bool("stdin") };
    if !attach {
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

/// The container the flags describe.
fn debugger(invocation: &Invocation<'_, '_>, name: &str, words: &[String]) -> Value {
    let mut container = value!({
        "name": name,
        "image": (invocation.str("image")),
        "resources": {},
        "terminationMessagePolicy": "File"
    });
    if !words.is_empty() {
        let field = if invocation.bool("arguments-only") { "args" } else { "command" };
        container = container.with(field, words.iter().map(Value::from).collect::<Value>());
    }
    let env: Vec<Value> = invocation
        .list("env")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, text)| value!({"name": key, "value": text}))
        .collect();
    if !env.is_empty() {
        container = container.with("env", env);
    }
    if !invocation.str("image-pull-policy").is_empty() {
        container = container.with("imagePullPolicy", invocation.str("image-pull-policy"));
    }
    for (flag, field) in [("stdin", "stdin"), ("tty", "tty")] {
        if invocation.bool(flag) {
            container = container.with(field, true);
        }
    }
    container
}

/// The name for the new container: the flag's, or a fresh one that is told.
fn name(invocation: &mut Invocation<'_, '_>) -> String {
    let given = invocation.str("container").to_string();
    if !given.is_empty() {
        return given;
    }
    let name = format!("debugger-{}", super::common::suffix(invocation.sys));
    if !invocation.bool("quiet") {
        invocation.print(&format!("Defaulting debug container name to {name}.\n"));
    }
    name
}

fn ephemeral(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    pod: &Value,
    words: &[String],
) -> Result<(Value, String), Failure> {
    let target = invocation.str("target").to_string();
    if !target.is_empty() && !invocation.bool("quiet") {
        invocation.print(&format!("Targeting container \"{target}\". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n"));
    }
    let name = name(invocation);
    let mut container = debugger(invocation, &name, words);
    if !target.is_empty() {
        container = container.with("targetContainerName", target);
    }
    let patch = value!({"spec": {"ephemeralContainers": [container]}});
    let path = pod_path(pod, "ephemeralcontainers");
    let request = Client::write(Method::Patch, &path, content::STRATEGIC, patch);
    let pod = client.call(invocation.sys, request)?;
    Ok((pod, name))
}

fn on_node(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    node: &str,
    words: &[String],
) -> Result<(Value, String), Failure> {
    let pod_name = format!("node-debugger-{node}-{}", super::common::suffix(invocation.sys));
    let container = match invocation.str("container") {
        "" => "debugger".to_string(),
        name => name.to_string(),
    };
    if !invocation.bool("quiet") {
        invocation.print(&format!(
            "Creating debugging pod {pod_name} with container {container} on node {node}.\n"
        ));
    }
    let debugger = debugger(invocation, &container, words)
        .with("volumeMounts", value!([{"name": "host-root", "mountPath": "/host"}]));
    let mut metadata = value!({"creationTimestamp": null, "name": pod_name});
    if client.target.namespace_given {
        metadata = metadata.with("namespace", client.namespace());
    }
    let pod = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "containers": [debugger],
            "hostIPC": true,
            "hostNetwork": true,
            "hostPID": true,
            "nodeName": node,
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
            "volumes": [{"name": "host-root", "hostPath": {"path": "/"}}]
        },
        "status": {}
    });
    let path = format!("/api/v1/namespaces/{}/pods", client.namespace());
    let made = client.call(invocation.sys, Client::write(Method::Post, &path, content::PROTO, pod))?;
    Ok((made, container))
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
