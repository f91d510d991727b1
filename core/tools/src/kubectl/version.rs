//! `kubectl version`.

use super::{Client, VERSION, client};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
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
            let all = match &server {
                Some(server) => all.with("serverVersion", server),
                None => all,
            };
            yaml::emit(&all) + "\n"
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
