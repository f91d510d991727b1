//! `kubectl top`: usage by metrics-server's account. Follows `k8s.io/kubectl/pkg/cmd/top` and
//! `metricsutil`.

use super::{Client, Failure, client, common, root};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers::go_sort;
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::time::go_duration_string;
use drydock_machinery::{Quantity, Timestamp, Value};
use drydock_network::http::Request;
use std::collections::BTreeMap;

/// `Accept` of the metrics client.
const ACCEPT: &str = "application/vnd.kubernetes.protobuf, */*";
const API: &str = "/apis/metrics.k8s.io/v1beta1";
/// How long a pod may be without metrics before that is called an error.
const DELAY_MS: i64 = 120_000;

pub const COMMAND: Command = Command {
    name: "top",
    usage: "top [flags]",
    short: "Display resource (CPU/memory) usage",
    long: "Display resource (CPU/memory) usage.\n\n The top command allows you to see the resource consumption for nodes or pods.\n\n This command requires Metrics Server to be correctly configured and working on the server.",
    subcommands: &[&NODE, &POD],
    run: root::group,
    ..Command::BASE
};

const NODE: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    usage: "node [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of nodes",
    long: "Display resource (CPU/memory) usage of nodes.\n\n The top-node command allows you to see the resource consumption of nodes.",
    flags: &[
        common::SELECTOR,
        SHARED,
        &[Flag::bool(
            "show-capacity",
            '\0',
            false,
            "Print node resources based on Capacity instead of Allocatable(default) of the nodes.",
        )],
    ],
    run: node,
    ..Command::BASE
};

const POD: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    usage: "pod [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of pods",
    long: "Display resource (CPU/memory) usage of pods.\n\n The 'top pod' command allows you to see the resource consumption of pods. Due to the metrics pipeline delay, they may be unavailable for a few minutes since pod creation.",
    flags: &[
        common::SELECTOR,
        common::FIELD_SELECTOR,
        common::ALL_NAMESPACES,
        SHARED,
        &[
            Flag::bool("containers", '\0', false, "If present, print usage of containers within a pod."),
            Flag::bool("sum", '\0', false, "Print the sum of the resource usage"),
        ],
    ],
    run: pod,
    ..Command::BASE
};

const SHARED: &[Flag] = &[
    Flag::bool("no-headers", '\0', false, "If present, print output without headers"),
    Flag::string(
        "sort-by",
        '\0',
        "",
        "If non-empty, sort list using specified field. The field can be either 'cpu' or 'memory'.",
    ),
    Flag::bool("use-protocol-buffers", '\0', true, "Enables using protocol-buffers to access Metrics API."),
];

/// What both commands begin with; `what` names the selecting flag.
fn check(invocation: &mut Invocation<'_, '_>, what: &str) -> Result<Client, Error> {
    if !matches!(invocation.str("sort-by"), "" | "cpu" | "memory") {
        return Err(Error::new("--sort-by accepts only cpu or memory"));
    }
    if invocation.args.len() > 1 {
        let usage = invocation.command.usage;
        return Err(invocation.usage_error(format_args!("{usage}")));
    }
    let selects = !invocation.str("field-selector").is_empty() || !invocation.str("selector").is_empty();
    if !invocation.args.is_empty() && selects {
        return Err(Error::new(format_args!("only one of NAME or {what} can be provided")));
    }
    let client = Client::new(invocation)?;
    // The groups are asked for anew, past the cache.
    let mut available = false;
    for path in ["/api", "/apis"] {
        let groups = client.get(invocation.sys, path, super::discovery::ACCEPT)?;
        let groups = groups["items"].items().iter().filter(|g| g["metadata"]["name"] == "metrics.k8s.io");
        // Versions of servers that cannot be reached do not count.
        available |= groups.flat_map(|g| g["versions"].items()).any(|v| v["freshness"] != "Stale");
    }
    if !available {
        return Err(Error::new("Metrics API not available"));
    }
    Ok(client)
}

/// A read of one object or of what the selectors choose.
fn select(invocation: &Invocation<'_, '_>, path: &str, accept: &str) -> Request {
    let mut request = Request::get(path).header("Accept", accept);
    for (flag, name) in [("selector", "labelSelector"), ("field-selector", "fieldSelector")] {
        if !invocation.str(flag).is_empty() {
            request = request.query(name, invocation.str(flag));
        }
    }
    request
}

fn metrics(invocation: &mut Invocation<'_, '_>, client: &Client, path: &str) -> Result<Vec<Value>, Failure> {
    let accept = if invocation.bool("use-protocol-buffers") { ACCEPT } else { client::ANY };
    let request = select(invocation, path, accept);
    let found = client.call(invocation.sys, request)?;
    Ok(if found["items"].is_list() { found["items"].items().to_vec() } else { vec![found] })
}

fn amount(usage: &Value, name: &str) -> Quantity {
    Quantity::from_value(&usage[name]).unwrap_or_else(|| Quantity::from_int(0))
}

fn cpu(q: Quantity) -> String {
    format!("{}m", q.milli())
}
fn memory(q: Quantity) -> String {
    format!("{}Mi", q.value() / (1024 * 1024))
}

fn node(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let client = check(invocation, "--selector")?;
    let name = invocation.arg(0).map(String::from);
    let tail = name.as_ref().map_or(String::new(), |n| format!("/{n}"));
    let mut rows = metrics(invocation, &client, &format!("{API}/nodes{tail}"))?;
    if rows.is_empty() {
        return Err(Error::new("metrics not available yet"));
    }
    let mut request = Request::get(format!("/api/v1/nodes{tail}")).header("Accept", client::PROTO);
    if !invocation.str("selector").is_empty() {
        request = request.query("labelSelector", invocation.str("selector"));
    }
    let nodes = client.call(invocation.sys, request)?;
    let nodes = if nodes["items"].is_list() { nodes["items"].items().to_vec() } else { vec![nodes] };
    let field = if invocation.bool("show-capacity") { "capacity" } else { "allocatable" };
    let whole: BTreeMap<String, Value> = nodes
        .iter()
        .map(|n| (n["metadata"]["name"].text().to_string(), n["status"][field].clone()))
        .collect();
    order(&mut rows, invocation.str("sort-by"), |m, name| amount(&m["usage"], name));
    let mut out = TabWriter::kubectl();
    if !invocation.bool("no-headers") {
        out.write("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n");
    }
    let mut seen = Vec::new();
    for row in &rows {
        let name = row["metadata"]["name"].text();
        seen.push(name.to_string());
        let share = |resource: &str| {
            let all = whole.get(name).map(|w| amount(w, resource)).filter(|q| !q.is_zero());
            match all {
                Some(all) => {
                    format!("{}%", amount(&row["usage"], resource).milli() * 100 / all.milli().max(1))
                }
                None => "<unknown>".into(),
            }
        };
        let (c, m) = (amount(&row["usage"], "cpu"), amount(&row["usage"], "memory"));
        out.write(&format!("{name}\t{}\t{}\t{}\t{}\t\n", cpu(c), share("cpu"), memory(m), share("memory")));
    }
    for name in whole.keys().filter(|n| !seen.contains(n)) {
        out.write(&format!("{name}\t<unknown>\t<unknown>\t<unknown>\t<unknown>\t\n"));
    }
    let text = out.flush();
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// Usage of all containers of a pod.
fn total(pod: &Value, name: &str) -> Quantity {
    pod["containers"].items().iter().fold(Quantity::from_int(0), |sum, c| sum + amount(&c["usage"], name))
}

/// Largest first when asked for, else by namespace (where it is shown) and name.
fn order(rows: &mut [Value], by: &str, amount: impl Fn(&Value, &str) -> Quantity) {
    match by {
        "cpu" => go_sort::sort(rows, &|a: &Value, b: &Value| amount(a, by).milli() > amount(b, by).milli()),
        "memory" => {
            go_sort::sort(rows, &|a: &Value, b: &Value| amount(a, by).value() > amount(b, by).value())
        }
        _ => {
            let key = |v: &Value| {
                let name = v["metadata"]["name"].text();
                let name = if name.is_empty() { v["name"].text() } else { name };
                (v["metadata"]["namespace"].text().to_string(), name.to_string())
            };
            go_sort::sort(rows, &|a: &Value, b: &Value| key(a) < key(b));
        }
    }
}

/// Why nothing was measured: `MetricsNotYetAvailable` for young pods, another text for old ones; nothing
/// is wrong where there are no pods.
fn explain_nothing(invocation: &mut Invocation<'_, '_>, client: &Client) -> Result<(), Error> {
    // Also with -A the pods of the namespace are looked at.
    let path = format!("/api/v1/namespaces/{}/pods", client.namespace());
    let request = select(invocation, &path, client::PROTO);
    let pods = client.call(invocation.sys, request)?;
    if pods["items"].is_empty() {
        return Ok(());
    }
    let now = invocation.sys.unix();
    let part = (invocation.sys.now() % 1000) as i64;
    for pod in pods["items"].items() {
        let meta = &pod["metadata"];
        let created = Timestamp::parse(meta["creationTimestamp"].text()).map_or(now, |t| t.0);
        let age = (now - created) * 1000 + part;
        if age > DELAY_MS {
            let age = go_duration_string(age);
            return Err(Error::new(format_args!(
                "Metrics not available for pod {}/{}, age: {age}",
                meta["namespace"].text(),
                meta["name"].text()
            )));
        }
    }
    Err(Error::new("metrics not available yet"))
}

fn pod(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let client = check(invocation, "selector")?;
    let all = invocation.bool("all-namespaces");
    let tail = invocation.arg(0).map_or(String::new(), |n| format!("/{n}"));
    let path = match all {
        true => format!("{API}/pods"),
        false => format!("{API}/namespaces/{}/pods{tail}", client.namespace()),
    };
    let mut rows = metrics(invocation, &client, &path)?;
    if rows.is_empty() {
        explain_nothing(invocation, &client)?;
        let text = match all {
            true => "No resources found\n".to_string(),
            false => format!("No resources found in {} namespace.\n", client.namespace()),
        };
        invocation.eprint(&text);
        return Ok(Flow::Done(0));
    }
    order(&mut rows, invocation.str("sort-by"), total);
    let containers = invocation.bool("containers");
    let mut out = TabWriter::kubectl();
    if !invocation.bool("no-headers") {
        let place = if all { "NAMESPACE\t" } else { "" };
        let name = if containers { "POD\tNAME" } else { "NAME" };
        out.write(&format!("{place}{name}\tCPU(cores)\tMEMORY(bytes)\t\n"));
    }
    let (mut all_cpu, mut all_memory) = (Quantity::from_int(0), Quantity::from_int(0));
    for row in &rows {
        let name = row["metadata"]["name"].text();
        let place = if all { format!("{}\t", row["metadata"]["namespace"].text()) } else { String::new() };
        all_cpu += total(row, "cpu");
        all_memory += total(row, "memory");
        if containers {
            let mut parts = row["containers"].items().to_vec();
            order(&mut parts, invocation.str("sort-by"), |c, name| amount(&c["usage"], name));
            for c in &parts {
                let (used, held) = (amount(&c["usage"], "cpu"), amount(&c["usage"], "memory"));
                out.write(&format!(
                    "{place}{name}\t{}\t{}\t{}\t\n",
                    c["name"].text(),
                    cpu(used),
                    memory(held)
                ));
            }
        } else {
            out.write(&format!(
                "{place}{name}\t{}\t{}\t\n",
                cpu(total(row, "cpu")),
                memory(total(row, "memory"))
            ));
        }
    }
    if invocation.bool("sum") {
        // Columns are counted where they are headed.
        let headed = !invocation.bool("no-headers");
        let indent = "\t".repeat(usize::from(headed && all) + usize::from(headed && containers));
        out.write(&format!("{indent}\t________\t________\t\n"));
        out.write(&format!("{indent}\t{}\t{}\t\n", cpu(all_cpu), memory(all_memory)));
    }
    let text = out.flush();
    invocation.print(&text);
    Ok(Flow::Done(0))
}
