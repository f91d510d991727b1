//! `kubectl logs`: what containers printed, once or followed. Follows `k8s.io/kubectl/pkg/cmd/logs`
//! and `polymorphichelpers/logsforobject.go`.

use drydock_machinery::sort::Arrange;
mod follow;

use super::builder::items_of;
use super::{Builder, Client, Failure, Info, client, common};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use drydock_container::fd::STDOUT;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Timestamp, Value};
use drydock_network::http::{Body, Request};
use follow::{Followed, Following, with_prefix};
use std::cmp::Reverse;

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

pub const COMMAND: Command = Command {
    name: "logs",
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    short: "Print the logs for a container in a pod",
    long: "Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.",
    examples: "# Logs of pod nginx with one container\nkubectl logs nginx\n\n# Of all containers of it\nkubectl logs nginx --all-containers=true\n\n# Of the container before its last restart\nkubectl logs -p -c ruby web-1\n\n# Go on printing\nkubectl logs -f -c ruby web-1\n\n# The last 20 lines\nkubectl logs --tail=20 nginx\n\n# Of the last hour\nkubectl logs --since=1h nginx",
    flags: &[common::SELECTOR, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all-containers", '\0', false, "Get all containers' logs in the pod(s)."),
    Flag::bool("all-pods", '\0', false, "Get logs from all pod(s). Sets prefix to true."),
    Flag::string("container", 'c', "", "Print the logs of this container"),
    Flag::bool("follow", 'f', false, "Specify if the logs should be streamed."),
    Flag::bool(
        "ignore-errors",
        '\0',
        false,
        "If watching / following pod logs, allow for any errors that occur to be non-fatal",
    ),
    Flag::bool(
        "insecure-skip-tls-verify-backend",
        '\0',
        false,
        "Skip verifying the identity of the kubelet that logs are requested from.",
    ),
    Flag::new(
        Kind::Int64,
        "limit-bytes",
        '\0',
        "0",
        "Maximum bytes of logs to return. Defaults to no limit.",
    ),
    Flag::int(
        "max-log-requests",
        '\0',
        "5",
        "Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.",
    ),
    Flag::duration(
        "pod-running-timeout",
        "20s",
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    ),
    Flag::bool(
        "prefix",
        '\0',
        false,
        "Prefix each log line with the log source (pod name and container name)",
    ),
    Flag::bool(
        "previous",
        'p',
        false,
        "If true, print the logs for the previous instance of the container in a pod if it exists.",
    ),
    Flag::duration(
        "since",
        "0s",
        "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.",
    ),
    Flag::string(
        "since-time",
        '\0',
        "",
        "Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.",
    ),
    Flag::new(
        Kind::Int64,
        "tail",
        '\0',
        "-1",
        "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
    ),
    Flag::bool("timestamps", '\0', false, "Include timestamps on each line in the log output"),
];

/// One log to print.
struct Source {
    pod: String,
    namespace: String,
    container: String,
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let container = validate(invocation)?;
    let mut client = Client::new(invocation)?;
    let pods = match invocation.str("selector").to_string() {
        selector if !selector.is_empty() => {
            let found = list(invocation, &client, client.namespace(), &selector)?;
            if found.is_empty() {
                let text = format!("No resources found in {} namespace.\n", client.namespace());
                invocation.eprint(&text);
                return Ok(Flow::Done(0));
            }
            found
        }
        _ => named(invocation, &mut client)?,
    };
    let mut sources = Vec::new();
    for pod in &pods {
        sources.extend(containers(invocation, pod, &container)?);
    }
    let follow = invocation.bool("follow");
    let allowed = invocation.int("max-log-requests");
    if follow && sources.len() as i64 > allowed && sources.len() > 1 {
        return Err(Error::new(format_args!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {allowed}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    print(invocation, &client, &sources, follow)
}

/// Checks flags and arguments; gives the container that was named.
fn validate(invocation: &Invocation<'_, '_>) -> Result<String, Error> {
    let mut container = invocation.str("container").to_string();
    let selects = !invocation.str("selector").is_empty();
    match invocation.args.as_slice() {
        [] if !selects => return Err(invocation.usage_error(USAGE)),
        [] => {}
        [_, ..] if selects => {
            return Err(invocation.usage_error("only a selector (-l) or a POD name is allowed"));
        }
        [_] => {}
        [_, inline] => {
            if !container.is_empty() {
                return Err(invocation.usage_error("only one of -c or an inline [CONTAINER] arg is allowed"));
            }
            container.clone_from(inline);
        }
        _ => return Err(invocation.usage_error(USAGE)),
    }
    if invocation.bool("all-containers") && !container.is_empty() {
        return Err(Error::new(format_args!(
            "--all-containers=true should not be specified with container name {container}"
        )));
    }
    if !invocation.str("since-time").is_empty() && invocation.duration("since") != 0 {
        return Err(Error::new("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    if invocation.duration("since") < 0 {
        return Err(Error::new("--since must be greater than 0"));
    }
    if invocation.changed("limit-bytes") && invocation.int("limit-bytes") <= 0 {
        return Err(Error::new("--limit-bytes must be greater than 0"));
    }
    if invocation.int("tail") < -1 {
        return Err(Error::new("--tail must be greater than or equal to -1"));
    }
    let since = invocation.str("since-time");
    if !since.is_empty() && Timestamp::parse(since).is_none() {
        let quoted = drydock_machinery::quote::go(since);
        return Err(Error::new(format_args!(
            "parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \"2006\""
        )));
    }
    Ok(container)
}

fn list(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    namespace: &str,
    selector: &str,
) -> Result<Vec<Value>, Failure> {
    let request = Request::get(format!("/api/v1/namespaces/{namespace}/pods"))
        .query("labelSelector", selector)
        .header("Accept", client::PROTO);
    Ok(items_of(&client.call(invocation.sys, request)?))
}

/// The pods of the object the first argument names: itself, its first one, or all with `--all-pods`.
fn named(invocation: &mut Invocation<'_, '_>, client: &mut Client) -> Result<Vec<Value>, Failure> {
    let word = invocation.arg(0).unwrap_or("").to_string();
    let words = if word.contains('/') { vec![word] } else { vec!["pods".into(), word] };
    let mut builder = Builder::new(invocation).args(&words);
    builder.selector.clear();
    builder.limit = 0;
    let plan = builder.plan(invocation, client)?;
    let Some(super::Item::Named(info)) = plan.items.into_iter().next() else { return Ok(Vec::new()) };
    let object =
        client.get(invocation.sys, &info.path(), client::ANY).map_err(|failure| worded(&failure, &info))?;
    let selector = match info.resource.kind.as_str() {
        "Pod" => return Ok(vec![object]),
        "Service" | "ReplicationController" => {
            let pairs: Vec<String> = object["spec"]["selector"]
                .entries()
                .iter()
                .map(|(k, v)| format!("{k}={}", v.text()))
                .collect();
            pairs.join(",")
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            LabelSelector::from_value(&object["spec"]["selector"]).map(|s| s.to_string()).unwrap_or_default()
        }
        kind => {
            let version = &info.resource.version;
            return Err(format!(
                "cannot get the logs from *{version}.{kind}: selector for *{version}.{kind} not implemented"
            )
            .into());
        }
    };
    let mut pods = list(invocation, client, &info.namespace, &selector)?;
    if invocation.bool("all-pods") {
        return Ok(pods);
    }
    pods.arrange_by_key(rank);
    let Some(first) = pods.first().cloned() else {
        return Err("timed out waiting for the condition".into());
    };
    if pods.len() > 1 {
        let text = format!("Found {} pods, using pod/{}\n", pods.len(), first["metadata"]["name"].text());
        invocation.eprint(&text);
    }
    Ok(vec![first])
}

/// A failed GET as this command words it.
fn worded(failure: &Failure, info: &Info) -> Failure {
    match failure {
        Failure::Status(status) => format!(
            "error from server ({}): {} in namespace \"{}\"",
            status["reason"].text(),
            status["message"].text(),
            info.namespace
        )
        .into(),
        other => other.clone(),
    }
}

/// The pod whose log is worth most: on a node, running, ready for longest, most restarts, oldest.
fn rank(pod: &Value) -> (bool, u8, bool, String, Reverse<i64>, String) {
    let status = &pod["status"];
    let phase = match status["phase"].text() {
        "Running" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let ready = status["conditions"].items().iter().find(|c| c["type"] == "Ready" && c["status"] == "True");
    let since = ready.map_or(String::new(), |c| c["lastTransitionTime"].text().into());
    let restarts = status["containerStatuses"].items().iter().map(|c| c["restartCount"].int()).max();
    let created = pod["metadata"]["creationTimestamp"].text().to_string();
    (
        pod["spec"]["nodeName"].is_empty(),
        phase,
        ready.is_none(),
        since,
        Reverse(restarts.unwrap_or(0)),
        created,
    )
}

/// The containers of a pod that are wanted.
fn containers(
    invocation: &mut Invocation<'_, '_>,
    pod: &Value,
    wanted: &str,
) -> Result<Vec<Source>, Failure> {
    let (metadata, spec) = (&pod["metadata"], &pod["spec"]);
    let names = |field: &str| -> Vec<String> {
        spec[field].items().iter().map(|c| c["name"].text().to_string()).collect()
    };
    let (own, init, ephemeral) = (names("containers"), names("initContainers"), names("ephemeralContainers"));
    let name = metadata["name"].text();
    let source = |container: &String| Source {
        pod: name.into(),
        namespace: metadata["namespace"].text().into(),
        container: container.clone(),
    };
    if invocation.bool("all-containers") {
        return Ok(init.iter().chain(&own).chain(&ephemeral).map(source).collect());
    }
    if !wanted.is_empty() {
        let known = own.iter().chain(&init).chain(&ephemeral).any(|c| c == wanted);
        if !known {
            return Err(format!("container {wanted} is not valid for pod {name}").into());
        }
        return Ok(vec![source(&wanted.to_string())]);
    }
    let chosen = metadata["annotations"][DEFAULT_CONTAINER].text();
    if !chosen.is_empty() {
        if own.iter().any(|c| c == chosen) {
            return Ok(vec![source(&chosen.to_string())]);
        }
        let text = format!("Default container name \"{chosen}\" not found in pod {name}\n");
        invocation.eprint(&text);
    }
    let Some(first) = own.first() else { return Ok(Vec::new()) };
    if own.len() + init.len() + ephemeral.len() > 1 {
        let all: Vec<String> = own
            .iter()
            .cloned()
            .chain(init.iter().map(|c| format!("{c} (init)")))
            .chain(ephemeral.iter().map(|c| format!("{c} (ephem)")))
            .collect();
        let text = format!("Defaulted container \"{first}\" out of: {}\n", all.join(", "));
        invocation.eprint(&text);
    }
    Ok(vec![source(first)])
}

fn request(invocation: &Invocation<'_, '_>, source: &Source) -> Request {
    let path = format!("/api/v1/namespaces/{}/pods/{}/log", source.namespace, source.pod);
    let mut request =
        Request::get(path).query("container", source.container.as_str()).header("Accept", client::ANY);
    for (flag, name) in [
        ("follow", "follow"),
        ("previous", "previous"),
        ("timestamps", "timestamps"),
        ("insecure-skip-tls-verify-backend", "insecureSkipTLSVerifyBackend"),
    ] {
        if invocation.bool(flag) {
            request = request.query(name, "true");
        }
    }
    let tail = match invocation.int("tail") {
        -1 if !invocation.str("selector").is_empty() && !invocation.changed("tail") => 10,
        tail => tail,
    };
    if tail >= 0 {
        request = request.query("tailLines", tail.to_string());
    }
    if invocation.int("limit-bytes") > 0 {
        request = request.query("limitBytes", invocation.int("limit-bytes").to_string());
    }
    let since = invocation.duration("since");
    if since > 0 {
        request = request.query("sinceSeconds", ((since + 999) / 1000).to_string());
    }
    if !invocation.str("since-time").is_empty() {
        request = request.query("sinceTime", invocation.str("since-time"));
    }
    request
}

fn print(invocation: &mut Invocation<'_, '_>, client: &Client, sources: &[Source], follow: bool) -> Outcome {
    let prefixed = invocation.bool("prefix") || invocation.bool("all-pods");
    let ignore = invocation.bool("ignore-errors");
    let mut following = Following { streams: Vec::new() };
    for source in sources {
        let prefix = match prefixed {
            true => format!("[pod/{}/{}] ", source.pod, source.container),
            false => String::new(),
        };
        let request = request(invocation, source);
        let response = client.send(invocation.sys, request)?;
        if !response.is_success() {
            let status = response.body.json().unwrap_or_default();
            let failure = if status["kind"] == "Status" {
                Failure::Status(status)
            } else {
                Failure::message("an error on the server has prevented the request from succeeding")
            };
            if !ignore {
                return Err(failure.into());
            }
            invocation.eprint(&format!("error: {}\n", failure.text()));
            continue;
        }
        match response.body {
            Body::Stream(stream) => {
                following.streams.push(Followed { stream, prefix, line: Vec::new(), ended: false });
            }
            body => invocation.sys.write(STDOUT, &with_prefix(&body.bytes(), &prefix)),
        }
    }
    if follow && !following.streams.is_empty() {
        return Ok(Flow::Continue(Box::new(following)));
    }
    Ok(Flow::Done(0))
}
