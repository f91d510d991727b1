//! `kubectl run`: one pod with one container, optionally a Service for it, optionally attached to.

mod attached;

use super::Failure;
use super::client::{Client, content};
use super::common::{self, DryRun, field_manager};
use super::create::names::{metadata, parse_labels};
use super::create::with_last_applied_typed;
use super::output::{Output, SAVE_CONFIG};
use super::writing::with_dry_run;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::{Value, json, patch, quote, schema, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "run",
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    short: "Run a particular image on the cluster",
    long: "Create and run a particular image in a pod.",
    examples: "# Start a nginx pod\nkubectl run nginx --image=nginx\n\n# Start a hazelcast pod and let the container expose port 5701\nkubectl run hazelcast --image=hazelcast/hazelcast --port=5701\n\n# Start a busybox pod and keep it in the foreground, don't restart it if it exits\nkubectl run -i -t busybox --image=busybox --restart=Never\n\n# Start the nginx pod using the default command, but use custom arguments (arg1 .. argN) for that command\nkubectl run nginx --image=nginx -- <arg1> <arg2> ... <argN>",
    flags: &[
        common::DRY_RUN,
        printers::FLAGS,
        SAVE_CONFIG,
        FLAGS,
        &[field_manager("kubectl-run")],
        super::record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::array("annotations", '\0', "Annotations to apply to the pod."),
    Flag::bool(
        "attach",
        '\0',
        false,
        "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called.",
    ),
    Flag::bool(
        "command",
        '\0',
        false,
        "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
    ),
    Flag::array("env", '\0', "Environment variables to set in the container."),
    Flag::bool(
        "expose",
        '\0',
        false,
        "If true, create a ClusterIP service associated with the pod.  Requires `--port`.",
    ),
    Flag::string("image", '\0', "", "The image for the container to run.").required(),
    Flag::string(
        "image-pull-policy",
        '\0',
        "",
        "The image pull policy for the container.  If left empty, this value will not be specified by the client and defaulted by the server.",
    ),
    Flag::string(
        "labels",
        'l',
        "",
        "Comma separated labels to apply to the pod. Will override previous values.",
    ),
    Flag::bool(
        "leave-stdin-open",
        '\0',
        false,
        "If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes. By default, stdin will be closed after the first attach completes.",
    ),
    Flag::string("overrides", '\0', "", "An inline JSON override for the generated object."),
    Flag::string(
        "override-type",
        '\0',
        "merge",
        "The method used to override the generated object: json, merge, or strategic.",
    ),
    Flag::duration(
        "pod-running-timeout",
        "1m0s",
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    ),
    Flag::string("port", '\0', "", "The port that this container exposes."),
    Flag::bool("privileged", '\0', false, "If true, run the container in privileged mode."),
    Flag::bool("quiet", 'q', false, "If true, suppress prompt messages."),
    Flag::string(
        "restart",
        '\0',
        "Always",
        "The restart policy for this Pod.  Legal values [Always, OnFailure, Never].",
    ),
    Flag::bool(
        "rm",
        '\0',
        false,
        "If true, delete the pod after it exits.  Only valid when attaching to the container, e.g. with '--attach' or with '-i/--stdin'.",
    ),
    Flag::bool(
        "stdin",
        'i',
        false,
        "Keep stdin open on the container in the pod, even if nothing is attached.",
    ),
    Flag::bool("tty", 't', false, "Allocate a TTY for the container in the pod."),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let (name, words) = match invocation.args.split_first() {
        Some((name, words)) if invocation.dash != Some(0) => (name.clone(), words.to_vec()),
        _ => return Err(invocation.usage_error("NAME is required for run")),
    };
    let attach = check(invocation, output.dry_run)?;
    let mut client = Client::new(invocation)?;
    let pod = pod(invocation, &client, &name, &words)?;
    client.discover(invocation.sys)?;
    let service = if invocation.bool("expose") { Some(service(invocation, &client, &name)?) } else { None };
    let pod = send(invocation, &client, &output, pod, "pods")?;
    if let Some(service) = service {
        let service = send(invocation, &client, &output, service, "services")?;
        output.print_typed(invocation.sys, &service, "created")?;
        if output.is_yaml() {
            invocation.print("---\n");
        }
    }
    if attach {
        return attached::start(invocation, client, &pod);
    }
    output.print_typed(invocation.sys, &pod, "created")?;
    Ok(Flow::Done(0))
}

/// Looks the flags over; whether to attach.
fn check(invocation: &Invocation<'_, '_>, dry_run: DryRun) -> Result<bool, Error> {
    let image = invocation.str("image");
    if image.is_empty() {
        return Err(Error::new("--image is required"));
    }
    if !is_image_reference(image) {
        let image = quote::go(image);
        return Err(Error::new(format_args!("Invalid image name {image}: invalid reference format")));
    }
    let (stdin, tty) = (invocation.bool("stdin"), invocation.bool("tty"));
    if tty && !stdin {
        return Err(invocation.usage_error("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if invocation.bool("expose") && invocation.str("port").is_empty() {
        return Err(invocation.usage_error("--port must be set when exposing a service"));
    }
    let restart = invocation.str("restart");
    if !["Always", "OnFailure", "Never", ""].contains(&restart) {
        return Err(invocation.usage_error(format_args!("invalid restart policy: {restart}")));
    }
    let attach = if invocation.changed("attach") { invocation.bool("attach") } else { stdin };
    if invocation.bool("rm") && !attach {
        return Err(invocation.usage_error("--rm should only be used for attached containers"));
    }
    if attach && dry_run != DryRun::None {
        return Err(invocation.usage_error(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        ));
    }
    let pull = invocation.str("image-pull-policy");
    if !["", "Always", "IfNotPresent", "Never"].contains(&pull) {
        return Err(invocation.usage_error(format_args!("invalid image pull policy: {pull}")));
    }
    Ok(attach)
}

/// Whether a text is a reference to an image: `[host[:port]/]path[:tag][@digest]`.
pub(super) fn is_image_reference(text: &str) -> bool {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if digest.is_some_and(|d| !d.contains(':') || d.contains(char::is_whitespace)) {
        return false;
    }
    let last = rest.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match rest.get(last..).and_then(|tail| tail.split_once(':')) {
        Some((name, tag)) => (format!("{}{name}", rest.get(..last).unwrap_or("")), Some(tag)),
        None => (rest.to_string(), None),
    };
    let tag_is_fine = tag.is_none_or(|t| {
        !t.is_empty() && t.len() <= 128 && t.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    });
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 1
        && parts.first().is_some_and(|host| {
            host.contains(['.', ':']) || *host == "localhost" || host.chars().any(|c| c.is_ascii_uppercase())
        })
    {
        parts.remove(0);
    }
    let part_is_fine = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    tag_is_fine && parts.iter().all(part_is_fine)
}

fn pod(
    invocation: &Invocation<'_, '_>,
    client: &Client,
    name: &str,
    words: &[String],
) -> Result<Value, Failure> {
    let mut container = value!({"name": name, "image": (invocation.str("image")), "resources": {}});
    let texts = |items: &[String]| items.iter().map(Value::from).collect::<Value>();
    if !words.is_empty() {
        container = container.with(if invocation.bool("command") { "command" } else { "args" }, texts(words));
    }
    let mut env = Vec::new();
    for pair in invocation.list("env") {
        match pair.split_once('=') {
            Some((key, text)) if drydock_machinery::names::is_env_var_name(key).is_empty() => {
                env.push(value!({"name": key, "value": text}));
            }
            _ => return Err(format!("invalid env: {pair}").into()),
        }
    }
    if !env.is_empty() {
        container = container.with("env", env);
    }
    if !invocation.str("image-pull-policy").is_empty() {
        container = container.with("imagePullPolicy", invocation.str("image-pull-policy"));
    }
    if !invocation.str("port").is_empty() {
        container = container.with("ports", value!([{"containerPort": (port(invocation)?)}]));
    }
    if invocation.bool("privileged") {
        container = container.with("securityContext", value!({"privileged": true}));
    }
    if invocation.bool("stdin") {
        container = container.with("stdin", true);
        if !invocation.bool("leave-stdin-open") {
            container = container.with("stdinOnce", true);
        }
    }
    if invocation.bool("tty") {
        container = container.with("tty", true);
    }
    let labels = match invocation.str("labels") {
        "" => value!({"run": name}),
        text => parse_labels(text)?,
    };
    let namespace = client.target.namespace_given.then_some(client.namespace());
    let mut meta = metadata(name, namespace).with("labels", labels);
    for pair in invocation.list("annotations") {
        let (key, text) = pair
            .split_once('=')
            .ok_or_else(|| Failure::Message(format!("invalid annotation format: {pair}")))?;
        meta = meta.with_at(&["annotations", key], text);
    }
    let restart = if invocation.str("restart").is_empty() { "Always" } else { invocation.str("restart") };
    let pod = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {}
    });
    overridden(invocation, pod)
}

fn port(invocation: &Invocation<'_, '_>) -> Result<i64, Failure> {
    let text = invocation.str("port");
    text.parse()
        .map_err(|_| Failure::Message(format!("strconv.Atoi: parsing {}: invalid syntax", quote::go(text))))
}

fn overridden(invocation: &Invocation<'_, '_>, pod: Value) -> Result<Value, Failure> {
    let text = invocation.str("overrides");
    if text.is_empty() {
        return Ok(pod);
    }
    let overrides =
        json::parse(text.as_bytes()).map_err(|_| Failure::message("Invalid JSON Patch".to_string()))?;
    let made = match invocation.str("override-type") {
        "json" => patch::json_patch(&pod, &overrides)?,
        "strategic" => match schema::builtin().kind("v1", "Pod") {
            Some(ty) => patch::strategic(&pod, &overrides, schema::builtin(), ty)?,
            None => pod,
        },
        "merge" => patch::merge(&pod, &overrides),
        other => {
            return Err(format!("invalid override type: {other}").into());
        }
    };
    Ok(made)
}

fn service(invocation: &Invocation<'_, '_>, client: &Client, name: &str) -> Result<Value, Failure> {
    let namespace = client.target.namespace_given.then_some(client.namespace());
    let selector = match invocation.str("labels") {
        "" => value!({"run": name}),
        text => parse_labels(text)?,
    };
    let port = port(invocation)?;
    Ok(value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, namespace),
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": selector
        },
        "status": {"loadBalancer": {}}
    }))
}

fn send(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    output: &Output,
    object: Value,
    plural: &str,
) -> Result<Value, Failure> {
    let object = if invocation.bool("save-config") { with_last_applied_typed(&object) } else { object };
    if output.dry_run == DryRun::Client {
        return Ok(object);
    }
    let path = format!("/api/v1/namespaces/{}/{plural}", client.namespace());
    let request = Client::write(Method::Post, &path, content::JSON, object)
        .query("fieldManager", invocation.str("field-manager"));
    client.call(invocation.sys, with_dry_run(request, output.dry_run))
}
