//! `docker info`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{VERSION, units, usage};
use drydock_machinery::go_template::{Dialect, Template};
use drydock_machinery::{Value, json, value};
use std::fmt::Write;

pub const COMMAND: Command = Command {
    name: "info",
    usage: "[OPTIONS]",
    short: "Show what the daemon is and has",
    long: "docker system info, docker info",
    flags: &[&[Flag::string("format", 'f', "", "How to print: 'json', or a Go template")]],
    run,
    ..Command::BASE
};

/// What extends the client: name, title, version, place.
const PLUGINS: [(&str, &str, &str); 2] = [
    ("buildx", "Docker Buildx (Docker Inc.)", "v0.24.0"),
    ("compose", "Docker Compose (Docker Inc.)", "v2.36.2"),
];
const PLUGIN_FOLDER: &str = "/usr/libexec/docker/cli-plugins";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let format = invocation.str("format").to_string();
    let connected = Engine::open(invocation.sys);
    let (context, server) = match &connected {
        Err(failure) => ("default".to_string(), Err(failure.clone())),
        Ok(engine) => (engine.settings.context(invocation.sys), engine.get(invocation.sys, "/info")),
    };
    let failure = server.as_ref().err().map(|f| f.text.clone());
    if !format.is_empty() {
        let server = server.unwrap_or_default();
        return formatted(invocation, &format, &server, &context, failure);
    }
    let mut out =
        format!("Client:\n Version:    {VERSION}\n Context:    {context}\n Debug Mode: false\n Plugins:\n");
    for (name, title, version) in PLUGINS {
        let _ = write!(
            out,
            "  {name}: {title}\n    Version:  {version}\n    Path:     {PLUGIN_FOLDER}/docker-{name}\n"
        );
    }
    out += "\nServer:\n";
    match &server {
        Ok(info) => out += &describe(info),
        Err(failure) => {
            invocation.print(&out);
            return Err(Error::raw(format!("{}\n", failure.text)));
        }
    }
    invocation.print(&(out + "\n"));
    for warning in server.iter().flat_map(|s| s["Warnings"].items().to_vec()) {
        invocation.eprint(&format!("{}\n", warning.text()));
    }
    failure.map_or(Ok(Flow::Done(0)), |text| Err(Error::raw(text + "\n")))
}

fn formatted(
    invocation: &mut Invocation<'_, '_>,
    format: &str,
    server: &Value,
    context: &str,
    failure: Option<String>,
) -> Outcome {
    let plugins: Value = PLUGINS
        .iter()
        .map(|(name, title, version)| {
            value!({
                "Name": (*name), "ShortDescription": (title.trim_end_matches(" (Docker Inc.)")), "Version": (*version),
                "Vendor": "Docker Inc.", "SchemaVersion": "0.1.0", "Path": (format!("{PLUGIN_FOLDER}/docker-{name}"))
            })
        })
        .collect();
    let client = value!({"Debug": false, "Version": VERSION, "Context": context, "Plugins": (plugins)});
    let whole = server.with("ClientInfo", client);
    if format == "json" {
        invocation.print(&(json::to_string(&whole) + "\n"));
        return Ok(Flow::Done(0));
    }
    let template = Template::parse_as(Dialect::Docker, "", format).map_err(|e| {
        // What went wrong with the daemon is told first.
        let before = failure.map(|f| format!("{f}\n")).unwrap_or_default();
        Error::raw(format!("{before}template parsing error: {}\n", e.0)).with_code(64)
    })?;
    let text = template.execute_with(&whole, false).map_err(|e| Error::raw(format!("{}\n", e.0)))?;
    invocation.print(&(text + "\n"));
    Ok(Flow::Done(0))
}

fn describe(info: &Value) -> String {
    let mut out = String::new();
    let number = |key: &str| info[key].int().to_string();
    let text = |key: &str| info[key].text().to_string();
    let truth = |key: &str| info[key].bool().to_string();
    let mut line = |indent: usize, name: &str, value: &str| {
        let _ = writeln!(out, "{}{name}: {value}", " ".repeat(indent));
    };
    line(1, "Containers", &number("Containers"));
    line(2, "Running", &number("ContainersRunning"));
    line(2, "Paused", &number("ContainersPaused"));
    line(2, "Stopped", &number("ContainersStopped"));
    line(1, "Images", &number("Images"));
    for (name, key) in [("Server Version", "ServerVersion"), ("Storage Driver", "Driver")] {
        if !text(key).is_empty() {
            line(1, name, &text(key));
        }
    }
    for pair in info["DriverStatus"].items() {
        line(2, pair.items().first().map_or("", Value::text), pair.items().get(1).map_or("", Value::text));
    }
    for (name, key) in [
        ("Logging Driver", "LoggingDriver"),
        ("Cgroup Driver", "CgroupDriver"),
        ("Cgroup Version", "CgroupVersion"),
    ] {
        if !text(key).is_empty() {
            line(1, name, &text(key));
        }
    }
    let joined = |list: &Value| list.items().iter().map(Value::text).collect::<Vec<_>>().join(" ");
    let plugins = &info["Plugins"];
    out += " Plugins:\n";
    for (name, key) in [("Volume", "Volume"), ("Network", "Network"), ("Log", "Log")] {
        let _ = writeln!(out, "  {name}: {}", joined(&plugins[key]));
    }
    let _ = writeln!(out, " Swarm: {}", info["Swarm"]["LocalNodeState"].text());
    let runtimes: Vec<&str> = info["Runtimes"].entries().iter().map(|(name, _)| name.text()).collect();
    if !runtimes.is_empty() {
        let _ = writeln!(out, " Runtimes: {}", runtimes.join(" "));
        let _ = writeln!(out, " Default Runtime: {}", info["DefaultRuntime"].text());
    }
    if !info["InitBinary"].text().is_empty() {
        let _ = writeln!(out, " Init Binary: {}", info["InitBinary"].text());
        for (name, key) in
            [("containerd", "ContainerdCommit"), ("runc", "RuncCommit"), ("init", "InitCommit")]
        {
            let _ = writeln!(out, " {name} version: {}", info[key]["ID"].text());
        }
    }
    if !info["SecurityOptions"].is_empty() {
        out += " Security Options:\n";
        for option in info["SecurityOptions"].items() {
            for (at, field) in option.text().split(',').enumerate() {
                let (key, value) = field.split_once('=').unwrap_or((field, ""));
                let _ = match (at, key) {
                    (0, _) => writeln!(out, "  {value}"),
                    (_, "profile") => writeln!(out, "   Profile: {value}"),
                    _ => writeln!(out, "   {key}: {value}"),
                };
            }
        }
    }
    for (name, key) in [
        ("Kernel Version", "KernelVersion"),
        ("Operating System", "OperatingSystem"),
        ("OSType", "OSType"),
        ("Architecture", "Architecture"),
    ] {
        if !info[key].text().is_empty() {
            let _ = writeln!(out, " {name}: {}", info[key].text());
        }
    }
    let _ = writeln!(out, " CPUs: {}", info["NCPU"].int());
    let _ = writeln!(out, " Total Memory: {}", units::memory(info["MemTotal"].int()));
    for (name, key) in [("Name", "Name"), ("ID", "ID"), ("Docker Root Dir", "DockerRootDir")] {
        let _ = writeln!(out, " {name}: {}", info[key].text());
    }
    let _ = writeln!(out, " Debug Mode: {}", truth("Debug"));
    for (name, key) in [("HTTP Proxy", "HttpProxy"), ("HTTPS Proxy", "HttpsProxy"), ("No Proxy", "NoProxy")] {
        if !info[key].text().is_empty() {
            let _ = writeln!(out, " {name}: {}", info[key].text());
        }
    }
    if !info["Username"].text().is_empty() {
        let _ = writeln!(out, " Username: {}", info["Username"].text());
    }
    if !info["Labels"].is_empty() {
        out += " Labels:\n";
        for label in info["Labels"].items() {
            let _ = writeln!(out, "  {}", label.text());
        }
    }
    let _ = writeln!(out, " Experimental: {}", truth("ExperimentalBuild"));
    let insecure = info["RegistryConfig"]["InsecureRegistryCIDRs"].items();
    if !insecure.is_empty() {
        out += " Insecure Registries:\n";
        for cidr in insecure {
            let _ = writeln!(out, "  {}", cidr.text());
        }
    }
    let _ = writeln!(out, " Live Restore Enabled: {}", truth("LiveRestoreEnabled"));
    if !info["DefaultAddressPools"].is_empty() {
        out += " Default Address Pools:\n";
        for pool in info["DefaultAddressPools"].items() {
            let _ = writeln!(out, "   Base: {}, Size: {}", pool["Base"].text(), pool["Size"].int());
        }
    }
    out
}
