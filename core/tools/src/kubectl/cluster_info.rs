//! `kubectl cluster-info` and its dump.

use super::{Client, Failure, client};
use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
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

fn dump(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let client = Client::new(invocation)?;
    let mut namespaces = invocation.list("namespaces");
    if invocation.bool("all-namespaces") {
        let all = client.get(invocation.sys, "/api/v1/namespaces", client::PROTO)?;
        namespaces = all["items"].items().iter().map(|n| n["metadata"]["name"].text().to_string()).collect();
    } else if namespaces.is_empty() {
        namespaces = vec!["kube-system".into(), client.namespace().into()];
    }
    let print = |invocation: &mut Invocation<'_, '_>, path: &str| -> Result<Value, Failure> {
        let list = client.get(invocation.sys, path, client::PROTO)?;
        let text = typed_list(&list);
        invocation.print(&(text + "\n"));
        Ok(list)
    };
    print(invocation, "/api/v1/nodes")?;
    for namespace in namespaces {
        let core = format!("/api/v1/namespaces/{namespace}");
        let apps = format!("/apis/apps/v1/namespaces/{namespace}");
        for kind in ["events", "replicationcontrollers", "services"] {
            print(invocation, &format!("{core}/{kind}"))?;
        }
        for kind in ["daemonsets", "deployments", "replicasets"] {
            print(invocation, &format!("{apps}/{kind}"))?;
        }
        let pods = print(invocation, &format!("{core}/pods"))?;
        for pod in pods["items"].items() {
            let name = pod["metadata"]["name"].text();
            for container in pod["spec"]["containers"].items() {
                let container = container["name"].text();
                let head =
                    format!("==== START logs for container {container} of pod {namespace}/{name} ====\n");
                let request = drydock_network::http::Request::get(format!("{core}/pods/{name}/log"))
                    .query("container", container)
                    .header("Accept", client::ANY);
                let response = client.send(invocation.sys, request)?;
                let logs = String::from_utf8_lossy(&response.body.bytes()).into_owned();
                invocation.print(&format!(
                    "{head}{logs}==== END logs for container {container} of pod {namespace}/{name} ====\n"
                ));
            }
        }
    }
    Ok(Flow::Done(0))
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
