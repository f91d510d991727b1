//! `GET /containers/json`: the rows of `docker ps`, newest first, with every filter of the engine.
//! Follows `daemon/list.go` of moby 26.1.

use crate::Docker;
use crate::container::{Container, Endpoint, Status};
use crate::fault::Fault;
use crate::filters::{Filters, name_matches};
use crate::json::{Json, Object, ToJson};
use crate::{ids, json, status};
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::address::Ip;
use drydock_network::http::{Body, Request, Response};
use std::sync::Arc;

const FILTERS: &[&str] = &[
    "ancestor",
    "before",
    "exited",
    "id",
    "isolation",
    "label",
    "name",
    "status",
    "health",
    "since",
    "volume",
    "network",
    "is-task",
    "publish",
    "expose",
];
const STATES: &[&str] = &["paused", "restarting", "removing", "running", "dead", "created", "exited"];
const HEALTHS: &[&str] = &["starting", "healthy", "unhealthy", "none"];

/// Answers the request.
///
/// # Errors
/// Filters that make no sense, `before` and `since` that name no container.
pub fn list(docker: &Docker, machines: &Machines, request: &Request) -> Result<Response, Fault> {
    let filters = Filters::of(request, FILTERS)?;
    let flag = |name: &str| matches!(request.param(name), Some("1" | "true" | "True"));
    let limit: usize =
        request.param("limit").and_then(|l| l.parse::<i64>().ok()).map_or(0, |n| n.max(0) as usize);
    check(&filters)?;
    let bound = |name: &str| -> Result<Option<u64>, Fault> {
        filters.values(name).next().map(|typed| docker.container(typed).map(|c| c.number)).transpose()
    };
    let (before, since) = (bound("before")?, bound("since")?);
    let all = flag("all") || limit > 0 || before.is_some() || since.is_some();
    let asks_state = filters.get("status").is_some() || filters.get("exited").is_some();
    let ancestors: Option<Vec<Arc<str>>> = filters.get("ancestor").map(|set| {
        set.iter().filter_map(|typed| docker.images.get(typed)).map(|r| r.image.id.clone()).collect()
    });
    let mut found: Vec<&Arc<Container>> = docker
        .containers
        .values()
        .filter(|c| all || asks_state || c.state.status.is_up() || c.state.status == Status::Restarting)
        .filter(|c| before.is_none_or(|b| c.number < b) && since.is_none_or(|s| c.number > s))
        .filter(|c| ancestors.as_ref().is_none_or(|set| set.iter().any(|id| descends(docker, c, id))))
        .filter(|c| fits(docker, c, &filters))
        .collect();
    found.arrange_by_key(|c| std::cmp::Reverse(c.number));
    if limit > 0 {
        found.truncate(limit);
    }
    let rows = found.into_iter().map(|c| row(docker, machines, c, flag("size")));
    Ok(Response::new(200, Body::text(&(Json::list(rows).0 + "\n")))
        .header("Content-Type", "application/json"))
}

fn check(filters: &Filters) -> Result<(), Fault> {
    for code in filters.values("exited") {
        if code.parse::<i32>().is_err() {
            return Err(Fault::invalid(format!("strconv.Atoi: parsing {code:?}: invalid syntax")));
        }
    }
    for state in filters.values("status") {
        if !STATES.contains(&state) {
            return Err(Fault::invalid(format!("invalid filter 'status={state}'")));
        }
    }
    for health in filters.values("health") {
        if !HEALTHS.contains(&health) {
            return Err(Fault::invalid(format!("invalid filter 'health={health}'")));
        }
    }
    Ok(())
}

/// Whether a container's image is this one or was built on it.
fn descends(docker: &Docker, container: &Container, ancestor: &Arc<str>) -> bool {
    let mut at = container.image.id.clone();
    for _ in 0..256 {
        if at == *ancestor {
            return true;
        }
        match docker.images.records.get(&at) {
            Some(record) if !record.parent.is_empty() => at = record.parent.clone(),
            _ => return false,
        }
    }
    false
}

fn fits(docker: &Docker, c: &Container, filters: &Filters) -> bool {
    let slashed = format!("/{}", c.name);
    let health = c.state.health.as_ref().map_or("none", |h| &*h.status);
    let ports = || c.config["ExposedPorts"].entries().iter().map(|e| e.0.text().to_string());
    let port_fits = |want: &str, port: u16, proto: &str| {
        let (range, kind) = want.split_once('/').unwrap_or((want, "tcp"));
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(a), Ok(b)) if (a..=b).contains(&port))
            && kind == proto
    };
    filters.any("name", |p| name_matches(p.trim_start_matches('/'), &c.name) || name_matches(p, &slashed))
        && filters.any("id", |p| c.id.starts_with(p))
        && filters.any("status", |s| c.state.status.name() == s)
        && filters.any("health", |h| h == health)
        && filters
            .any("exited", |code| c.state.status == Status::Exited && code.parse() == Ok(c.state.exit_code))
        && filters.labels(c.labels())
        && filters.any("volume", |v| {
            c.mounts.iter().any(|m| &*m.name == v || &*m.destination == v || &*m.source == v)
        })
        && filters.any("network", |n| {
            c.endpoints.iter().any(|(name, e)| {
                &**name == n
                    || docker.networks.values().any(|net| *net.name == **name && net.id.starts_with(n))
                    || (!e.network.is_empty() && e.network.starts_with(n))
            })
        })
        && filters.any("publish", |want| c.ports.iter().any(|p| port_fits(want, p.host_port, &p.proto)))
        && filters.any("expose", |want| {
            ports().any(|p| {
                let (port, proto) = p.split_once('/').unwrap_or((&p, "tcp"));
                port.parse().is_ok_and(|port| port_fits(want, port, proto))
            })
        })
}

/// The name shown in `IMAGE`: as typed while it still means the same image, else the image's id.
#[must_use]
pub fn shown_image(docker: &Docker, c: &Container) -> String {
    match docker.images.get(&c.image_name) {
        Some(record) if record.image.id == c.image.id => c.image_name.to_string(),
        _ => format!("sha256:{}", c.image.id),
    }
}

/// One row.
#[must_use]
pub fn row(docker: &Docker, machines: &Machines, c: &Container, sized: bool) -> Json {
    let networks: Vec<(String, Json)> =
        c.endpoints.iter().map(|(name, e)| (name.to_string(), endpoint(e, c.state.status.is_up()))).collect();
    let mut networks_json = Object::default();
    for (name, e) in &networks {
        networks_json.put(name, e);
    }
    let mut o = Object::default();
    o.put("Id", &c.id)
        .put("Names", Json::strings([format!("/{}", c.name)]))
        .put("Image", shown_image(docker, c))
        .put("ImageID", format!("sha256:{}", c.image.id))
        .put("Command", c.command())
        .put("Created", ids::unix(machines, c.created))
        .put("Ports", Json::list(port_rows(c)));
    if sized {
        let own = docker.rw_size(machines, c);
        o.put_some("SizeRw", Some(own).filter(|s| *s > 0)).put("SizeRootFs", c.image.size + own);
    }
    o.put("Labels", if c.labels().is_map() { c.labels().clone() } else { Value::empty_map() })
        .put("State", c.state.status.name())
        .put("Status", status::text(c, machines.clock.now))
        .put("HostConfig", json!({"NetworkMode": c.network_mode()}))
        .put("NetworkSettings", json!({"Networks": networks_json.done()}))
        .put("Mounts", Json::list(c.mounts.iter().map(crate::container::MountPoint::json)));
    o.done()
}

/// Published and exposed ports of a running container.
fn port_rows(c: &Container) -> Vec<Json> {
    if !c.state.status.is_up() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    if c.network_mode() == "host" {
        return rows;
    }
    for exposed in c.config["ExposedPorts"].entries() {
        let (port, proto) = exposed.0.text().split_once('/').unwrap_or((exposed.0.text(), "tcp"));
        let number: u16 = port.parse().unwrap_or(0);
        let mut bound = c.ports.iter().filter(|p| p.port == number && *p.proto == *proto).peekable();
        if bound.peek().is_none() {
            rows.push(json!({"PrivatePort": number, "Type": proto}));
        }
        for p in bound {
            rows.push(
                json!({"IP": &p.host_ip, "PrivatePort": number, "PublicPort": p.host_port, "Type": proto}),
            );
        }
    }
    for p in c.ports.iter() {
        let key = format!("{}/{}", p.port, p.proto);
        if c.config["ExposedPorts"].find(&key).is_none() {
            rows.push(
                json!({"IP": &p.host_ip, "PrivatePort": p.port, "PublicPort": p.host_port, "Type": &p.proto}),
            );
        }
    }
    rows
}

/// `EndpointSettings`.
#[must_use]
pub fn endpoint(e: &Endpoint, up: bool) -> Json {
    let shown = |ip: Ip| if up && ip != Ip::default() { ip.to_string() } else { String::new() };
    let wish = e.wish.map(|ip| json!({"IPv4Address": ip.to_string()}));
    let names = if e.aliases.is_empty() { Json::null() } else { Json::strings(e.aliases.iter()) };
    json!({
        "IPAMConfig": wish,
        "Links": Json::list_or_null(e.links.iter().map(|l| (&**l).to_json())),
        "Aliases": names,
        "MacAddress": if up { mac(e.ip) } else { String::new() },
        "NetworkID": &e.network,
        "EndpointID": if up { &*e.id } else { "" },
        "Gateway": shown(e.gateway),
        "IPAddress": shown(e.ip),
        "IPPrefixLen": if up { u32::from(e.bits) } else { 0 },
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DriverOpts": if e.driver_opts.is_empty() { Json::null() } else { (&e.driver_opts).to_json() },
        "DNSNames": dns_names(e),
    })
}

fn dns_names(e: &Endpoint) -> Json {
    Json::list_or_null(e.dns_names.iter().map(|n| (&**n).to_json()))
}

/// `02:42:` and the address.
#[must_use]
pub fn mac(ip: Ip) -> String {
    if ip == Ip::default() {
        return String::new();
    }
    let [a, b, c, d] = ip.0.to_be_bytes();
    format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}
