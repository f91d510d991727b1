//! `GET /containers/{id}/json`: all there is to know of a container, in the order of the engine's
//! structs. Follows `daemon/inspect.go` of moby 26.1.

use crate::container::{Container, Health, Status};
use crate::door::Call;
use crate::fault::Fault;
use crate::json::{Json, Object, ToJson};
use crate::system::answer;
use crate::{Docker, hostconfig, ids, json, list};
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_machinery::hash::sha256_hex;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Response;
use std::sync::Arc;

/// Answers the request.
///
/// # Errors
/// `No such container: x`.
pub fn inspect(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    Ok(answer(200, &shown(call.docker, call.machines, &container, call.flag("size"))))
}

fn state(machines: &Machines, c: &Container) -> Json {
    let s = &c.state;
    let pid = machines.space(c.space).map_or(0, |space| space.init);
    let mut o = Object::default();
    o.put("Status", s.status.name())
        .put("Running", s.status.is_up() || s.status == Status::Restarting)
        .put("Paused", s.status == Status::Paused)
        .put("Restarting", s.status == Status::Restarting)
        .put("OOMKilled", s.oom)
        .put("Dead", s.status == Status::Dead)
        .put("Pid", if s.status.is_up() { pid } else { 0 })
        .put("ExitCode", s.exit_code)
        .put("Error", &s.error)
        .put("StartedAt", ids::moment_or_zero(machines, s.started))
        .put("FinishedAt", ids::moment_or_zero(machines, s.finished));
    if let Some(health) = &s.health {
        o.put("Health", health_shown(machines, health));
    }
    o.done()
}

fn health_shown(machines: &Machines, health: &Health) -> Json {
    let log = health.log.iter().map(|r| {
        json!({
            "Start": ids::moment(machines, r.start),
            "End": ids::moment(machines, r.end),
            "ExitCode": r.code,
            "Output": &r.output,
        })
    });
    json!({"Status": &health.status, "FailingStreak": health.failing, "Log": Json::list_or_null(log)})
}

/// A configuration as images and containers show it.
#[must_use]
pub fn config_shown(config: &Value) -> Json {
    let text = |name: &str| config[name].text().to_string();
    let flag = |name: &str| config[name].bool();
    let list = |name: &str| {
        let items = crate::create::strings(&config[name]);
        Json::list_or_null(items.iter().map(|i| (&**i).to_json()))
    };
    let map = |name: &str| if config[name].is_map() { config.get(name).to_json() } else { Json::null() };
    let mut o = Object::default();
    o.put("Hostname", text("Hostname"))
        .put("Domainname", text("Domainname"))
        .put("User", text("User"))
        .put("AttachStdin", flag("AttachStdin"))
        .put("AttachStdout", flag("AttachStdout"))
        .put("AttachStderr", flag("AttachStderr"));
    if !config["ExposedPorts"].is_empty() {
        o.put("ExposedPorts", &config["ExposedPorts"]);
    }
    o.put("Tty", flag("Tty"))
        .put("OpenStdin", flag("OpenStdin"))
        .put("StdinOnce", flag("StdinOnce"))
        .put("Env", list("Env"))
        .put("Cmd", list("Cmd"));
    if config["Healthcheck"].is_map() {
        o.put("Healthcheck", health_config(&config["Healthcheck"]));
    }
    if flag("ArgsEscaped") {
        o.put("ArgsEscaped", true);
    }
    o.put("Image", text("Image"))
        .put("Volumes", map("Volumes"))
        .put("WorkingDir", text("WorkingDir"))
        .put("Entrypoint", list("Entrypoint"));
    if flag("NetworkDisabled") {
        o.put("NetworkDisabled", true);
    }
    if !text("MacAddress").is_empty() {
        o.put("MacAddress", text("MacAddress"));
    }
    o.put("OnBuild", list("OnBuild")).put("Labels", map("Labels"));
    if !text("StopSignal").is_empty() {
        o.put("StopSignal", text("StopSignal"));
    }
    if let Some(seconds) = config["StopTimeout"].as_int() {
        o.put("StopTimeout", seconds);
    }
    if !config["Shell"].is_empty() {
        o.put("Shell", list("Shell"));
    }
    o.done()
}

fn health_config(check: &Value) -> Json {
    let mut o = Object::default();
    if !check["Test"].is_empty() {
        o.put("Test", &check["Test"]);
    }
    for field in ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] {
        o.put_some(field, check[field].as_int().filter(|n| *n != 0));
    }
    o.done()
}

/// The storage driver's folders: sums over ids, as nothing is stored there.
#[must_use]
pub fn graph_driver(own: &str, layers: &[drydock_container::images::Layer], container: bool) -> Json {
    let dir = |what: &str| format!("/var/lib/docker/overlay2/{}", sha256_hex(what.as_bytes()));
    let mut lower: Vec<String> = layers.iter().rev().map(|l| dir(&l.diff_id) + "/diff").collect();
    let mut o = Object::default();
    let own = if container {
        lower.insert(0, dir(own) + "-init/diff");
        dir(own)
    } else {
        // An image's upper folder is its last layer's.
        if lower.is_empty() { dir(own) } else { lower.remove(0).trim_end_matches("/diff").to_string() }
    };
    if !lower.is_empty() {
        o.put("LowerDir", lower.join(":"));
    }
    o.put("MergedDir", format!("{own}/merged"))
        .put("UpperDir", format!("{own}/diff"))
        .put("WorkDir", format!("{own}/work"));
    json!({"Data": o.done(), "Name": "overlay2"})
}

/// The whole of it.
#[must_use]
pub fn shown(docker: &Docker, machines: &Machines, c: &Container, sized: bool) -> Json {
    let folder = format!("/var/lib/docker/containers/{}", c.id);
    let mut o = Object::default();
    o.put("Id", &c.id)
        .put("Created", ids::moment(machines, c.created))
        .put("Path", &c.path)
        .put("Args", Json::strings(c.args.iter()))
        .put("State", state(machines, c))
        .put("Image", format!("sha256:{}", c.image.id))
        .put("ResolvConfPath", if c.starts == 0 { String::new() } else { format!("{folder}/resolv.conf") })
        .put("HostnamePath", if c.starts == 0 { String::new() } else { format!("{folder}/hostname") })
        .put("HostsPath", if c.starts == 0 { String::new() } else { format!("{folder}/hosts") })
        .put("LogPath", if c.starts == 0 { String::new() } else { format!("{folder}/{}-json.log", c.id) })
        .put("Name", format!("/{}", c.name))
        .put("RestartCount", c.state.restarts)
        .put("Driver", "overlay2")
        .put("Platform", "linux")
        .put("MountLabel", "")
        .put("ProcessLabel", "")
        .put("AppArmorProfile", "")
        .put("ExecIDs", Json::list_or_null(c.execs.iter().map(|e| (&**e).to_json())))
        .put("HostConfig", hostconfig::shown(&c.host_config))
        .put("GraphDriver", graph_driver(&c.id, &c.image.layers, true));
    if sized {
        let own = docker.rw_size(machines, c);
        o.put("SizeRw", own).put("SizeRootFs", c.image.size + own);
    }
    o.put("Mounts", Json::list(c.mounts.iter().map(crate::container::MountPoint::json)))
        .put("Config", config_shown(&c.config))
        .put("NetworkSettings", networks(c));
    o.done()
}

fn networks(c: &Container) -> Json {
    let up = c.state.status.is_up();
    let mut all = Object::default();
    for (name, e) in &c.endpoints {
        all.put(name, list::endpoint(e, up));
    }
    let sandbox = sha256_hex(format!("sandbox {} {}", c.id, c.starts).as_bytes());
    let default = c.endpoints.get("bridge").filter(|_| up);
    let text = |f: &dyn Fn(&crate::container::Endpoint) -> String| default.map(f).unwrap_or_default();
    json!({
        "Bridge": "",
        "SandboxID": if up { sandbox.as_str() } else { "" },
        "SandboxKey": if up { format!("/var/run/docker/netns/{}", ids::short(&sandbox)) } else { String::new() },
        "Ports": ports(c),
        "HairpinMode": false,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": Json::null(),
        "SecondaryIPv6Addresses": Json::null(),
        "EndpointID": text(&|e| e.id.to_string()),
        "Gateway": text(&|e| e.gateway.to_string()),
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "IPAddress": text(&|e| e.ip.to_string()),
        "IPPrefixLen": default.map_or(0, |e| u32::from(e.bits)),
        "IPv6Gateway": "",
        "MacAddress": text(&|e| list::mac(e.ip)),
        "Networks": all.done(),
    })
}

/// Exposed and published ports by key.
fn ports(c: &Container) -> Json {
    if !c.state.status.is_up() || c.network_mode() == "host" {
        return Json::empty();
    }
    let mut keys: Vec<String> =
        c.config["ExposedPorts"].entries().iter().map(|e| e.0.text().to_string()).collect();
    keys.extend(c.ports.iter().map(|p| format!("{}/{}", p.port, p.proto)));
    keys.arrange();
    keys.dedup();
    let mut o = Object::default();
    for key in keys {
        let bound = c.ports.iter().filter(|p| format!("{}/{}", p.port, p.proto) == key);
        let rows = bound.map(|p| json!({"HostIp": &p.host_ip, "HostPort": p.host_port.to_string()}));
        o.put(&key, Json::list_or_null(rows));
    }
    o.done()
}

/// A container's configuration with the image's name: what commit starts from.
#[must_use]
pub fn config_of(c: &Arc<Container>) -> Value {
    c.config.clone()
}
