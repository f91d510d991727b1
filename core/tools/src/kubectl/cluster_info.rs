//! `kubectl cluster-info` and its dump.

use super::{Client, Failure, client};
use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::printers::{Format, Printer};
use drydock_container::fd::STDOUT;
use drydock_machinery::{Value, json, schema};

pub const COMMAND: Command = Command {
    name: "cluster-info",
    short: "Display cluster information",
    long: "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    examples: "# Addresses of the control plane and cluster services\nkubectl cluster-info",
    subcommands: &[&DUMP],
    run: cluster_info,
    ..Command::BASE
};

fn cluster_info(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut client = Client::new(invocation)?;
    client.discover(invocation.sys)?;
    let request = drydock_network::http::Request::get("/api/v1/namespaces/kube-system/services")
        .query("labelSelector", "kubernetes.io/cluster-service=true")
        .query("limit", "500")
        .header("Accept", client::JSON);
    let services = client.call(invocation.sys, request)?;
    let server = client.target.server.clone();
    // Coloured whatever stdout is, as the real one.
    let put =
        |name: &str, link: &str| format!("\x1b[0;32m{name}\x1b[0m is running at \x1b[0;33m{link}\x1b[0m\n");
    let mut text = put("Kubernetes control plane", &server);
    for service in services["items"].items() {
        let name = service["metadata"]["name"].text();
        let shown = match service["metadata"]["labels"]["kubernetes.io/name"].text() {
            "" => name,
            title => title,
        };
        let link = match service["status"]["loadBalancer"]["ingress"][0]["ip"].text() {
            "" => {
                let port = match service["spec"]["ports"][0]["name"].text() {
                    "" => String::new(),
                    port => format!(":{port}"),
                };
                format!("{server}/api/v1/namespaces/kube-system/services/{name}{port}/proxy")
            }
            ip => format!("http://{ip}:{}", service["spec"]["ports"][0]["port"].int()),
        };
        text += &put(shown, &link);
    }
    text += "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n";
    invocation.print(&text);
    Ok(Flow::Done(0))
}

const DUMP: Command = Command {
    name: "dump",
    usage: "dump [flags]",
    short: "Dump relevant information for debugging and diagnosis",
    long: "Dump cluster information out suitable for debugging and diagnosing cluster problems, to stdout: nodes, then events, controllers, services, workloads, pods and their logs of the chosen namespaces.",
    flags: &[
        &[
            Flag::slice("namespaces", '\0', "A comma separated list of namespaces to dump."),
            Flag::bool(
                "all-namespaces",
                'A',
                false,
                "If true, dump all namespaces.  If true, --namespaces is ignored.",
            ),
            Flag::string(
                "output-directory",
                '\0',
                "",
                "Where to output the files.  If empty or '-' uses stdout, otherwise creates a directory hierarchy in that directory",
            ),
        ],
        crate::printers::FLAGS,
    ],
    run: dump,
    ..Command::BASE
};

/// Where the dump goes: one document after the other, or a file each.
struct Sink {
    /// "" for stdout.
    directory: String,
    printer: Option<Printer>,
}

impl Sink {
    fn put(&mut self, invocation: &mut Invocation<'_, '_>, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.directory.is_empty() {
            invocation.sys.write(STDOUT, bytes);
            return Ok(());
        }
        let path = format!("{}/{file}", self.directory);
        let mut at = String::new();
        for step in path.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev() {
            at = if at.is_empty() { step.to_string() } else { format!("{at}/{step}") };
            if !at.is_empty() {
                // What is there already may stay; whether it can be used shows below.
                let _ = invocation.sys.mkdir(&at, 0o755);
            }
        }
        let written = invocation.sys.write_file(&path, bytes, false);
        written.map_err(|errno| Failure::Message(format!("open {path}: {errno}")))
    }
    fn list(
        &mut self,
        invocation: &mut Invocation<'_, '_>,
        client: &Client,
        path: &str,
        file: &str,
    ) -> Result<Value, Failure> {
        let list = client.get(invocation.sys, path, client::PROTO)?;
        let (text, end) = match &mut self.printer {
            Some(printer) if printer.format != Format::Json => (printer.print(&list)?, "yaml"),
            _ => (typed_list(&list) + "\n", "json"),
        };
        self.put(invocation, &format!("{file}.{end}"), text.as_bytes())?;
        Ok(list)
    }
}

fn dump(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let printer = Printer::from_flags(invocation)?;
    let directory = match invocation.str("output-directory") {
        "-" => String::new(),
        directory => directory.trim_end_matches('/').to_string(),
    };
    let mut sink = Sink { directory, printer };
    let client = Client::new(invocation)?;
    let mut namespaces = invocation.list("namespaces");
    if invocation.bool("all-namespaces") {
        let all = client.get(invocation.sys, "/api/v1/namespaces", client::PROTO)?;
        namespaces = all["items"].items().iter().map(|n| n["metadata"]["name"].text().to_string()).collect();
    } else if namespaces.is_empty() {
        namespaces = vec!["kube-system".into(), client.namespace().into()];
    }
    sink.list(invocation, &client, "/api/v1/nodes", "nodes")?;
    for namespace in namespaces {
        let core = format!("/api/v1/namespaces/{namespace}");
        let apps = format!("/apis/apps/v1/namespaces/{namespace}");
        for (root, kind, file) in [
            (&core, "events", "events"),
            (&core, "replicationcontrollers", "replication-controllers"),
            (&core, "services", "services"),
            (&apps, "daemonsets", "daemonsets"),
            (&apps, "deployments", "deployments"),
            (&apps, "replicasets", "replicasets"),
        ] {
            sink.list(invocation, &client, &format!("{root}/{kind}"), &format!("{namespace}/{file}"))?;
        }
        let pods = sink.list(invocation, &client, &format!("{core}/pods"), &format!("{namespace}/pods"))?;
        for pod in pods["items"].items() {
            logs(invocation, &client, &mut sink, &namespace, pod)?;
        }
    }
    if !sink.directory.is_empty() {
        invocation.print(&format!("Cluster info dumped to {}\n", sink.directory));
    }
    Ok(Flow::Done(0))
}

/// The logs of a pod's containers, one after the other.
fn logs(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    sink: &mut Sink,
    namespace: &str,
    pod: &Value,
) -> Result<(), Failure> {
    let name = pod["metadata"]["name"].text();
    let mut bytes: Vec<u8> = Vec::new();
    for container in pod["spec"]["containers"].items() {
        let what =
            format!("logs for container {} of pod {namespace}/{name} ====\n", container["name"].text());
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log");
        let request = drydock_network::http::Request::get(path)
            .query("container", container["name"].text())
            .header("Accept", client::ANY);
        let response = client.send(invocation.sys, request)?;
        bytes.extend_from_slice(format!("==== START {what}").as_bytes());
        bytes.extend_from_slice(&response.body.bytes());
        bytes.extend_from_slice(format!("==== END {what}").as_bytes());
    }
    sink.put(invocation, &format!("{namespace}/{name}/logs.txt"), &bytes)
}

/// A list as its Go struct prints: its own fields first, items in struct order without their kinds.
fn typed_list(list: &Value) -> String {
    let schema = schema::builtin();
    let kind = list["kind"].text().trim_end_matches("List");
    let ty = schema.kind(list["apiVersion"].text(), kind);
    let each = |item: &Value| {
        let bare = item.without("kind").without("apiVersion");
        let text = match ty {
            Some(ty) => schema::go::to_pretty(schema, ty, &bare),
            None => json::to_pretty(&bare),
        };
        let lines: Vec<String> = text.lines().map(|line| format!("        {line}")).collect();
        lines.join("\n")
    };
    let items: Vec<String> = list["items"].items().iter().map(each).collect();
    let items = if items.is_empty() { "[]".into() } else { format!("[\n{}\n    ]", items.join(",\n")) };
    format!(
        "{{\n    \"kind\": {},\n    \"apiVersion\": {},\n    \"metadata\": {{\n        \"resourceVersion\": {}\n    }},\n    \"items\": {items}\n}}",
        json::quote(list["kind"].text()),
        json::quote(list["apiVersion"].text()),
        json::quote(list["metadata"]["resourceVersion"].text())
    )
}
