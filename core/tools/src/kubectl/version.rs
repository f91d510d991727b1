//! `kubectl version`, `api-versions`, `api-resources`, `cluster-info`, `options`, `plugin`, `help`.

use super::discovery::Resource;
use super::{Client, Failure, VERSION, client};
use crate::cli::{self, Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::{Value, json, value, yaml};

const KUSTOMIZE: &str = "v5.6.0";

pub const COMMAND: Command = Command {
    name: "version",
    usage: "version [flags]",
    short: "Print the client and server version information",
    long: "Print the client and server version information for the current context.",
    examples: "# Both versions\nkubectl version",
    flags: &[&[
        Flag::bool("client", '\0', false, "If true, shows client version only (no server required)."),
        Flag::string("output", 'o', "", "One of 'yaml' or 'json'."),
    ]],
    run: version,
    ..Command::BASE
};

/// What the client says of itself.
fn own() -> Value {
    value!({
        "major": "1", "minor": "33", "gitVersion": VERSION, "gitCommit": "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828",
        "gitTreeState": "clean", "buildDate": "2025-05-15T08:27:33Z", "goVersion": "go1.24.2", "compiler": "gc",
        "platform": "linux/amd64",
    })
}

/// Fields of a version in the order of their Go struct.
const ORDER: [&str; 13] = [
    "major",
    "minor",
    "emulationMajor",
    "emulationMinor",
    "minCompatibilityMajor",
    "minCompatibilityMinor",
    "gitVersion",
    "gitCommit",
    "gitTreeState",
    "buildDate",
    "goVersion",
    "compiler",
    "platform",
];

fn version(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = invocation.str("output").to_string();
    if !invocation.args.is_empty() {
        return Err(Error::new(format_args!("extra arguments: [{}]", invocation.args.join(" "))));
    }
    if !matches!(output.as_str(), "" | "yaml" | "json") {
        return Err(Error::new("--output must be 'yaml' or 'json'"));
    }
    let (mut server, mut failed) = (None, None);
    if !invocation.bool("client") {
        let client = Client::new(invocation)?;
        let request = drydock_network::http::Request::get("/version")
            .query("timeout", "32s")
            .header("Accept", client::ANY);
        match client.call(invocation.sys, request) {
            Ok(version) => server = Some(version),
            Err(failure) => failed = Some(failure),
        }
    }
    let text = match output.as_str() {
        "" => {
            let mut text = format!("Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}\n");
            if let Some(server) = &server {
                text += &format!("Server Version: {}\n", server["gitVersion"].text());
            }
            text
        }
        "yaml" => {
            let all = value!({"clientVersion": (own()), "kustomizeVersion": KUSTOMIZE});
            yaml::emit(&match &server {
                Some(server) => all.with("serverVersion", server),
                None => all,
            })
        }
        _ => {
            let mut parts =
                vec![object("clientVersion", &own()), format!("  \"kustomizeVersion\": \"{KUSTOMIZE}\"")];
            parts.extend(server.as_ref().map(|s| object("serverVersion", s)));
            format!("{{\n{}\n}}\n", parts.join(",\n"))
        }
    };
    invocation.print(&text);
    if let Some(server) = &server {
        skew(invocation, server);
    }
    failed.map_or(Ok(Flow::Done(0)), |failure| Err(failure.into()))
}

fn object(name: &str, version: &Value) -> String {
    let fields: Vec<String> = ORDER
        .iter()
        .filter(|f| !version[**f].is_null())
        .map(|f| format!("    \"{f}\": {}", json::quote(version[*f].text())))
        .collect();
    format!("  \"{name}\": {{\n{}\n  }}", fields.join(",\n"))
}

/// Client and server may be one minor version apart.
fn skew(invocation: &mut Invocation<'_, '_>, server: &Value) {
    let minor: i64 = server["minor"].text().trim_end_matches('+').parse().unwrap_or(33);
    if (minor - 33).abs() > 1 {
        let text = format!(
            "WARNING: version difference between client (1.33) and server ({}.{minor}) exceeds the supported minor version skew of +/-1\n",
            server["major"].text()
        );
        invocation.eprint(&text);
    }
}

pub const API_VERSIONS: Command = Command {
    name: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    long: "Print the supported API versions on the server, in the form of \"group/version\".",
    examples: "# The supported API versions\nkubectl api-versions",
    run: |invocation| {
        if !invocation.args.is_empty() {
            return Err(
                invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
            );
        }
        let mut client = Client::new(invocation)?;
        let discovery = client.discover(invocation.sys)?;
        let mut versions = discovery.versions.clone();
        versions.sort();
        versions.dedup();
        invocation.print(&versions.iter().map(|v| format!("{v}\n")).collect::<String>());
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const API_RESOURCES: Command = Command {
    name: "api-resources",
    usage: "api-resources [flags]",
    short: "Print the supported API resources on the server",
    long: "Print the supported API resources on the server.",
    examples: "# All of them\nkubectl api-resources\n\n# With verbs and categories\nkubectl api-resources -o wide\n\n# Those in namespaces\nkubectl api-resources --namespaced=true\n\n# Those of a group\nkubectl api-resources --api-group=rbac.authorization.k8s.io",
    flags: &[&[
        Flag::string("api-group", '\0', "", "Limit to resources in the specified API group."),
        Flag::bool("cached", '\0', false, "Use the cached list of resources if available."),
        Flag::slice("categories", '\0', "Limit to resources that belong to the specified categories."),
        Flag::bool(
            "namespaced",
            '\0',
            true,
            "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
        ),
        Flag::bool(
            "no-headers",
            '\0',
            false,
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::string("output", 'o', "", "Output format. One of: (json, yaml, name, wide)."),
        Flag::string(
            "sort-by",
            '\0',
            "",
            "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
        ),
        Flag::slice("verbs", '\0', "Limit to resources that support the specified verbs."),
    ]],
    run: api_resources,
    ..Command::BASE
};

fn api_resources(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = invocation.str("output").to_string();
    if !matches!(output.as_str(), "" | "wide" | "name" | "json" | "yaml") {
        return Err(Error::new(format_args!("--output {output} is not available")));
    }
    if !matches!(invocation.str("sort-by"), "" | "name" | "kind") {
        return Err(Error::new("--sort-by accepts only name or kind"));
    }
    if !invocation.args.is_empty() {
        return Err(
            invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
        );
    }
    let mut client = Client::new(invocation)?;
    let discovery = client.discover(invocation.sys)?;
    let (group, verbs, categories) =
        (invocation.str("api-group"), invocation.list("verbs"), invocation.list("categories"));
    let chosen = |r: &&std::sync::Arc<Resource>| {
        discovery.is_preferred(r)
            && (!invocation.changed("api-group") || r.group == group)
            && (!invocation.changed("namespaced") || r.namespaced == invocation.bool("namespaced"))
            && verbs.iter().all(|v| r.verbs.contains(v))
            && categories.iter().all(|c| r.categories.contains(c))
            && !r.verbs.is_empty()
    };
    let mut found: Vec<&Resource> = discovery.resources.iter().filter(chosen).map(|r| &**r).collect();
    match invocation.str("sort-by") {
        "name" => found.sort_by(|a, b| a.plural.cmp(&b.plural)),
        "kind" => found.sort_by(|a, b| a.kind.cmp(&b.kind)),
        _ => found.sort_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural))),
    }
    let text = match output.as_str() {
        "name" => found.iter().map(|r| r.qualified() + "\n").collect(),
        "json" | "yaml" => {
            let list = value!({"apiVersion": "v1", "kind": "APIResourceList", "groupVersion": "", "resources": (found.iter().map(|r| record(r)).collect::<Value>())});
            if output == "json" { json::to_pretty(&list) + "\n" } else { yaml::emit(&list) }
        }
        _ => table(&found, output == "wide", invocation.bool("no-headers")),
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}

fn record(r: &Resource) -> Value {
    let texts = |list: &[String]| list.iter().map(Value::from).collect::<Value>();
    let fields = [
        ("name", Value::from(&r.plural)),
        ("singularName", Value::from(&r.singular)),
        ("namespaced", Value::Bool(r.namespaced)),
        ("kind", Value::from(&r.kind)),
        ("group", Value::from(&r.group)),
        ("version", Value::from(&r.version)),
        ("verbs", texts(&r.verbs)),
        ("shortNames", texts(&r.short)),
        ("categories", texts(&r.categories)),
    ];
    fields.into_iter().filter(|f| matches!(f.0, "namespaced" | "singularName") || !f.1.is_empty()).collect()
}

fn table(found: &[&Resource], wide: bool, no_headers: bool) -> String {
    let mut out = drydock_machinery::tabwriter::TabWriter::kubectl();
    if !no_headers {
        let more = if wide { "\tVERBS\tCATEGORIES" } else { "" };
        out.write(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{more}\n"));
    }
    for r in found {
        let mut line =
            format!("{}\t{}\t{}\t{}\t{}", r.plural, r.short.join(","), r.api_version(), r.namespaced, r.kind);
        if wide {
            line += &format!("\t{}\t{}", r.verbs.join(","), r.categories.join(","));
        }
        out.write(&(line + "\n"));
    }
    out.flush()
}

pub const CLUSTER_INFO: Command = Command {
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
        let schema = drydock_machinery::schema::builtin();
        let text = match schema.kind(list["apiVersion"].text(), list["kind"].text()) {
            Some(ty) => drydock_machinery::schema::go::to_pretty(schema, ty, &list),
            None => json::to_pretty(&list),
        };
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

pub const OPTIONS: Command = Command {
    name: "options",
    short: "Print the list of flags inherited by all commands",
    long: "Print the list of flags inherited by all commands",
    hidden: true,
    run: |invocation| {
        let mut text = String::from("The following options can be passed to any command:\n\n");
        for flag in invocation.style.global {
            cli::describe_flag(&mut text, flag);
        }
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const HELP: Command = Command {
    name: "help",
    usage: "help [command]",
    short: "Help about any command",
    long: "Help provides help for any command in the application. Simply type kubectl help [path to command] for full details.",
    hidden: true,
    run: |invocation| {
        let chosen = cli::choose(invocation.style, &invocation.args);
        let is_root = std::ptr::eq(chosen.command, invocation.style.root);
        if is_root && !invocation.args.is_empty() {
            let topics: Vec<String> = invocation.args.iter().map(|a| format!("`{a}`")).collect();
            let text = format!("Unknown help topic [{}]\n{}", topics.join(" "), super::root::root_usage());
            invocation.eprint(&text);
            return Ok(Flow::Done(0));
        }
        let text = (invocation.style.help)(invocation.style, chosen.command, &chosen.path);
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const PLUGIN: Command = Command {
    name: "plugin",
    usage: "plugin [flags]",
    short: "Provides utilities for interacting with plugins",
    long: "Provides utilities for interacting with plugins.\n\n Plugins provide extended functionality that is not part of the major command-line distribution: executables on the PATH whose names begin with kubectl-.",
    examples: "# List all available plugins\nkubectl plugin list",
    subcommands: &[&PLUGIN_LIST],
    run: super::root::group,
    ..Command::BASE
};

const PLUGIN_LIST: Command = Command {
    name: "list",
    usage: "list [flags]",
    short: "List all visible plugin executables on a user's PATH",
    flags: &[&[Flag::bool(
        "name-only",
        '\0',
        false,
        "If true, display only the binary name of each plugin, rather than its full path",
    )]],
    run: |invocation| {
        let path = invocation.sys.env("PATH").unwrap_or_default();
        let mut found = Vec::new();
        for directory in path.split(':').filter(|d| !d.is_empty()) {
            let names = super::manifests::list(invocation.sys, directory).ok().flatten().unwrap_or_default();
            let plugins = names.into_iter().filter(|n| n.starts_with("kubectl-"));
            found.extend(plugins.map(|name| match invocation.bool("name-only") {
                true => name,
                false => format!("{directory}/{name}"),
            }));
        }
        if found.is_empty() {
            return Err(Error::new("unable to find any kubectl plugins in your PATH"));
        }
        let text = format!("The following compatible plugins are available:\n\n{}\n", found.join("\n"));
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
