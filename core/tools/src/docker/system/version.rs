//! `docker version`: the client's and the daemon's.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{API_VERSION, Engine};
use crate::docker::{VERSION, raw, usage};
use drydock_machinery::go_template::{Dialect, Template};
use drydock_machinery::{Value, value};
use std::fmt::Write;

pub const COMMAND: Command = Command {
    name: "version",
    usage: "[OPTIONS]",
    short: "Show versions of client and daemon",
    flags: &[&[Flag::string("format", 'f', "", "How to print: 'json', or a Go template")]],
    run,
    ..Command::BASE
};

/// The commit and the day this client calls itself built from.
pub const COMMIT: &str = "e6534b4";
const GO: &str = "go1.24.3";
const BUILT: &str = "Fri May 30 12:07:14 2025";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let format = invocation.str("format").to_string();
    let template = match format.as_str() {
        "" => None,
        "json" => Some("{{json .}}".to_string()),
        text => Some(text.to_string()),
    };
    let template = template
        .map(|t| Template::parse_as(Dialect::Docker, "version", &t))
        .transpose()
        .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)).with_code(64))?;
    let connected = Engine::open(invocation.sys);
    let (api, context, server) = match &connected {
        Err(failure) => (API_VERSION.to_string(), "default".to_string(), Err(failure.clone())),
        Ok(engine) => (
            engine.version.clone(),
            engine.settings.context(invocation.sys),
            engine.call(invocation.sys, drydock_network::http::Request::get("/version")),
        ),
    };
    let raw_server = server.as_ref().ok().map(|reply| reply.text());
    let server = server.map(|reply| reply.json());
    let failure = server.as_ref().err().map(|f| f.text.clone());
    if format == "json" {
        let document = raw_server.as_deref().map(in_order).unwrap_or_else(|| "null".into());
        let text = format!(
            "{{\"Client\":{{\"Version\":\"{VERSION}\",\"ApiVersion\":\"{api}\",\"DefaultAPIVersion\":\"{API_VERSION}\",\"GitCommit\":\"{COMMIT}\",\"GoVersion\":\"{GO}\",\"Os\":\"linux\",\"Arch\":\"amd64\",\"BuildTime\":\"{BUILT}\",\"Context\":\"{context}\"}},\"Server\":{}}}\n",
            document
        );
        invocation.print(&text);
        return finish(failure);
    }
    let mut client = value!({
        "Version": VERSION, "ApiVersion": (api.as_str()), "DefaultAPIVersion": API_VERSION, "GitCommit": COMMIT,
        "GoVersion": GO, "Os": "linux", "Arch": "amd64", "BuildTime": BUILT, "Context": (context.as_str())
    });
    if let Some(template) = template {
        if let Ok(server) = &server {
            // Go's name of the field and its name in JSON both work.
            let server = described(server).with("APIVersion", server["ApiVersion"].clone());
            let client_too = client.with("APIVersion", client["ApiVersion"].clone());
            client = value!({"Client": (client_too), "Server": (server)});
        } else {
            client = value!({"Client": (client), "Server": null});
        }
        return match template.execute_with(&client, false) {
            Ok(text) => {
                invocation.print(&(text + "\n"));
                finish(failure)
            }
            Err(error) => {
                // What came before the misfit is printed already.
                let text = match error.0.split_once(": map has no entry for key ") {
                    Some((before, key)) => format!(
                        "{before}: can't evaluate field {} in type system.versionInfo",
                        key.trim_matches('"')
                    ),
                    None => error.0,
                };
                Err(Error::raw(format!("{text}\n")))
            }
        };
    }
    let mut out = String::from("Client:\n");
    let shown = if api == API_VERSION { api } else { format!("{api} (downgraded from {API_VERSION})") };
    for (name, text) in [
        ("Version", VERSION),
        ("API version", &shown),
        ("Go version", GO),
        ("Git commit", COMMIT),
        ("Built", BUILT),
        ("OS/Arch", "linux/amd64"),
        ("Context", &context),
    ] {
        let _ = writeln!(out, " {:18} {text}", format!("{name}:"));
    }
    if let Ok(server) = &server {
        out += &server_text(&described(server));
    }
    invocation.print(&out);
    finish(failure)
}

fn finish(failure: Option<String>) -> Outcome {
    failure.map_or(Ok(Flow::Done(0)), |text| Err(Error::raw(text + "\n")))
}

/// The daemon's answer with the build time as people read it.
fn described(server: &Value) -> Value {
    let readable = |text: &str| {
        let at = drydock_machinery::Timestamp::parse(text).map(drydock_machinery::Timestamp::civil);
        at.map_or_else(
            || text.to_string(),
            |d| {
                format!(
                    "{} {} {:2} {:02}:{:02}:{:02} {}",
                    d.day_name(),
                    d.month_name(),
                    d.day,
                    d.hour,
                    d.minute,
                    d.second,
                    d.year
                )
            },
        )
    };
    let components: Value = server["Components"]
        .items()
        .iter()
        .map(|component| match component["Details"]["BuildTime"].text() {
            "" => component.clone(),
            built => component.with_at(&["Details", "BuildTime"], readable(built)),
        })
        .collect();
    let whole = server.with("Components", components);
    match server["BuildTime"].text() {
        "" => whole,
        built => whole.with("BuildTime", readable(built)),
    }
}

fn server_text(server: &Value) -> String {
    let name = server["Platform"]["Name"].text();
    let mut out = if name.is_empty() { "\nServer:\n".to_string() } else { format!("\nServer: {name}\n") };
    for component in server["Components"].items() {
        let details = &component["Details"];
        let _ = writeln!(out, " {}:", component["Name"].text());
        let mut line = |name: &str, text: &str| {
            let _ = writeln!(out, "  {:17} {text}", format!("{name}:"));
        };
        line("Version", component["Version"].text());
        if component["Name"] == "Engine" {
            let api = format!(
                "{} (minimum version {})",
                details["ApiVersion"].text(),
                details["MinAPIVersion"].text()
            );
            line("API version", &api);
            line("Go version", details["GoVersion"].text());
            line("Git commit", details["GitCommit"].text());
            line("Built", details["BuildTime"].text());
            line("OS/Arch", &format!("{}/{}", details["Os"].text(), details["Arch"].text()));
            line("Experimental", details["Experimental"].text());
        } else {
            for (key, value) in details.entries() {
                line(key.text(), value.text());
            }
        }
    }
    out
}

/// As `docker --version` says it.
#[must_use]
pub fn short() -> String {
    format!("Docker version {VERSION}, build {COMMIT}\n")
}

/// The daemon's answer with its fields in the order of the client's own struct.
fn in_order(text: &str) -> String {
    const ORDER: [&str; 11] = [
        "Platform",
        "Components",
        "Version",
        "ApiVersion",
        "MinAPIVersion",
        "GitCommit",
        "GoVersion",
        "Os",
        "Arch",
        "KernelVersion",
        "BuildTime",
    ];
    let fields: Vec<String> = ORDER
        .iter()
        .filter_map(|name| Some(format!("\"{name}\":{}", raw::compact(raw::find(text, &[name])?))))
        .collect();
    format!("{{{}}}", fields.join(","))
}
