//! `/networks`: listed, inspected, made, removed, joined and left. Follows `api/server/router/network`
//! and `daemon/network.go` of moby 26.1.

use crate::Docker;
use crate::container::Container;
use crate::create::endpoint;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::{Filters, name_matches};
use crate::ids;
use crate::json::{Json, Object, ToJson};
use crate::network::join::last;
use crate::network::{Network, predefined};
use crate::system::answer;
use crate::{json, list};
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::address::{Cidr, Ip};
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// Private ranges that networks get by themselves, as dockerd's default address pools.
const POOLS: &[(Cidr, u8)] = &[
    (Cidr::new(Ip::new(172, 17, 0, 0), 16), 1),
    (Cidr::new(Ip::new(172, 18, 0, 0), 16), 14),
    (Cidr::new(Ip::new(192, 168, 0, 0), 20), 16),
];

fn connected<'a>(docker: &'a Docker, network: &'a Network) -> impl Iterator<Item = &'a Arc<Container>> {
    docker
        .containers
        .values()
        .filter(|c| c.state.status.is_up() && c.endpoints.values().any(|e| e.network == network.id))
}

/// As the API shows a network; with its containers for inspect.
fn shown(docker: &Docker, machines: &Machines, network: &Network, detailed: bool) -> Json {
    let mut pool = Object::default();
    if let Some(subnet) = network.subnet {
        pool.put("Subnet", format!("{}/{}", subnet.base, subnet.bits));
        if let Some(range) = network.range {
            pool.put("IPRange", format!("{}/{}", range.base, range.bits));
        }
        pool.put("Gateway", network.gateway.to_string());
    }
    let pools = if network.subnet.is_some() {
        Json::list([pool.done()])
    } else if network.is_predefined() {
        Json::null()
    } else {
        Json::list([])
    };
    let options = match network.ipam_options.is_map() {
        true => (&network.ipam_options).to_json(),
        false if network.is_predefined() => Json::null(),
        false => Json::empty(),
    };
    let mut containers = Object::default();
    if detailed {
        for c in connected(docker, network) {
            let Some(e) = c.endpoints.values().find(|e| e.network == network.id) else { continue };
            let address = if e.ip == Ip::default() { String::new() } else { format!("{}/{}", e.ip, e.bits) };
            containers.put(
                &c.id,
                json!({
                    "Name": &c.name, "EndpointID": &e.id, "MacAddress": list::mac(e.ip), "IPv4Address": address,
                    "IPv6Address": "",
                }),
            );
        }
    }
    json!({
        "Name": &network.name,
        "Id": &network.id,
        "Created": ids::moment(machines, network.created),
        "Scope": "local",
        "Driver": &network.driver,
        "EnableIPv6": false,
        "IPAM": json!({"Driver": "default", "Options": options, "Config": pools}),
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Ingress": false,
        "ConfigFrom": json!({"Network": ""}),
        "ConfigOnly": false,
        "Containers": containers.done(),
        "Options": &network.options,
        "Labels": &network.labels,
    })
}

/// `GET /networks`.
///
/// # Errors
/// Unknown filters.
pub fn list_all(call: &Call<'_>) -> Result<Response, Fault> {
    let known = ["dangling", "driver", "id", "label", "name", "scope", "type", "idOrName"];
    let filters = Filters::of(call.request, &known)?;
    let dangling = filters.flag("dangling")?;
    for kind in filters.values("type") {
        if !matches!(kind, "builtin" | "custom") {
            return Err(Fault::invalid(format!("invalid filter: 'type'='{kind}'")));
        }
    }
    let docker = &*call.docker;
    let mut found: Vec<&Arc<Network>> = docker
        .networks
        .values()
        .filter(|n| {
            filters.any("name", |p| name_matches(p, &n.name))
                && filters.any("id", |p| n.id.starts_with(p))
                && filters.any("driver", |d| d == &*n.driver)
                && filters.any("scope", |s| s == "local")
                && filters.any("type", |t| (t == "builtin") == n.is_predefined())
                && filters.labels(&n.labels)
                && dangling.is_none_or(|d| d == (!n.is_predefined() && connected(docker, n).next().is_none()))
        })
        .collect();
    found.arrange_by(|a, b| a.name.cmp(&b.name));
    Ok(answer(200, &Json::list(found.into_iter().map(|n| shown(docker, call.machines, n, false)))))
}

fn find(docker: &Docker, typed: &str) -> Result<Arc<Network>, Fault> {
    let several = docker.networks.keys().filter(|id| id.starts_with(typed)).count() > 1;
    match docker.network(typed) {
        Some(network) => Ok(network.clone()),
        None if several && !typed.is_empty() => {
            Err(Fault::invalid(format!("network {typed} is ambiguous (2 matches found based on ID prefix)")))
        }
        None => Err(Fault::not_found(format!("network {typed} not found"))),
    }
}

/// `GET /networks/{id}`.
///
/// # Errors
/// `network x not found`.
pub fn inspect(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let network = find(call.docker, typed)?;
    Ok(answer(200, &shown(call.docker, call.machines, &network, true)))
}

fn overlaps(a: Cidr, b: Cidr) -> bool {
    a.contains(b.base) || b.contains(a.base)
}

/// `POST /networks/create`.
///
/// # Errors
/// A name in use, drivers that are not there, subnets that overlap.
pub fn create(call: &mut Call<'_>) -> Result<Response, Fault> {
    let body = call.body()?;
    let name = body["Name"].text();
    let driver = match body["Driver"].text() {
        "" | "default" => "bridge",
        driver => driver,
    };
    if name.is_empty() {
        return Err(Fault::invalid("invalid name:  is invalid"));
    }
    if predefined(name) {
        return Err(Fault::forbidden(format!("operation is not permitted on predefined {name} network ")));
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)) {
        return Err(Fault::invalid(format!("invalid name: {name}")));
    }
    if call.docker.networks.values().any(|n| &*n.name == name) {
        return Err(Fault::conflict(format!("network with name {name} already exists")));
    }
    match driver {
        "bridge" | "macvlan" | "ipvlan" => {}
        "host" | "null" => {
            return Err(Fault::forbidden(format!("only one instance of \"{driver}\" network is allowed")));
        }
        "overlay" => {
            return Err(Fault::new(
                503,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
            ));
        }
        other => {
            return Err(Fault::not_found(format!("plugin \"{other}\" not found")));
        }
    }
    let (subnet, gateway, range, subnet_given) = addresses(call.docker, call.machines, &body)?;
    let id = call.docker.fresh_id();
    call.docker.segments += 1;
    let map = |v: &Value| if v.is_map() { v.clone() } else { Value::empty_map() };
    let network = Network {
        id: id.clone(),
        name: name.into(),
        created: call.machines.clock.now,
        driver: driver.into(),
        subnet: Some(subnet),
        gateway,
        range,
        internal: body["Internal"].bool(),
        attachable: body["Attachable"].bool(),
        segment: call.docker.segments,
        labels: map(&body["Labels"]),
        options: map(&body["Options"]),
        ipam_options: body["IPAM"]["Options"].clone(),
        subnet_given,
    };
    if let Some(net) = call.machines.space(call.docker.host).map(|h| h.net) {
        call.machines.addresses.insert(gateway, net);
    }
    call.docker.networks.insert(id.clone(), Arc::new(network));
    call.docker.note_event(call.machines, "network", "create", &id, &[("name", name), ("type", driver)]);
    Ok(answer(201, &json!({"Id": &id, "Warning": ""})))
}

type Addresses = (Cidr, Ip, Option<Cidr>, bool);

fn parse(what: &str, text: &str, wrong: &mut Vec<String>) -> Option<Cidr> {
    let parts = text.split_once('/').and_then(|(ip, bits)| Some((Ip::parse(ip)?, bits.parse::<u8>().ok()?)));
    let Some((ip, bits)) = parts.filter(|p| p.1 <= 32) else {
        wrong.push(format!("invalid {what} {text}: invalid CIDR block notation"));
        return None;
    };
    let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
    if ip.0 & !mask != 0 {
        wrong.push(format!("invalid {what} {text}: it should be {}/{bits}", Ip(ip.0 & mask)));
    }
    Some(Cidr::new(Ip(ip.0 & mask), bits))
}

/// Several reasons in one message, as the engine joins them.
#[must_use]
pub fn joined(reasons: &[String]) -> String {
    match reasons {
        [one] => one.clone(),
        all => all.iter().map(|r| format!("* {r}")).collect::<Vec<_>>().join("\n"),
    }
}

fn addresses(docker: &Docker, machines: &Machines, body: &Value) -> Result<Addresses, Fault> {
    let config = &body["IPAM"]["Config"][0];
    let used = || docker.networks.values().filter_map(|n| n.subnet);
    let (asked, gateway_text, range_text) =
        (config["Subnet"].text(), config["Gateway"].text(), config["IPRange"].text());
    if asked.is_empty() {
        if !gateway_text.is_empty() || !range_text.is_empty() {
            return Err(Fault::invalid(
                "invalid network config:\ninvalid subnet : invalid CIDR block notation",
            ));
        }
        // A range that routes of this machine use already is passed over.
        let free = |c: &Cidr| {
            !used().any(|u| overlaps(u, *c)) && machines.addresses.range(c.base..=last(*c)).next().is_none()
        };
        let mut all = POOLS.iter().flat_map(|(pool, count)| {
            let step = 1u32.checked_shl(32 - u32::from(pool.bits)).unwrap_or(1);
            (0..u32::from(*count)).map(move |n| Cidr::new(Ip(pool.base.0 + n * step), pool.bits))
        });
        let subnet = all
            .find(free)
            .ok_or_else(|| Fault::not_found("all predefined address pools have been fully subnetted"))?;
        return Ok((subnet, subnet.nth(1), None, false));
    }
    let mut wrong = Vec::new();
    let mut range = None;
    let mut gateway = Ip::default();
    let subnet = parse("subnet", asked, &mut wrong);
    if let Some(subnet) = subnet {
        if !range_text.is_empty() {
            range = parse("ip-range", range_text, &mut wrong);
            if let Some(range) = range {
                if range.bits < subnet.bits {
                    wrong.push(format!(
                        "invalid ip-range {range_text}: CIDR block is bigger than its parent subnet {asked}"
                    ));
                }
                if !overlaps(range, subnet) {
                    wrong.push(format!(
                        "invalid ip-range {range_text}: parent subnet {asked} doesn't contain ip-range"
                    ));
                }
            }
        }
        gateway = subnet.nth(1);
        match (gateway_text, Ip::parse(gateway_text)) {
            ("", _) => {}
            (_, Some(ip)) if subnet.contains(ip) => gateway = ip,
            (text, Some(_)) => {
                wrong.push(format!(
                    "invalid gateway {text}: parent subnet {asked} doesn't contain this address"
                ));
            }
            (text, None) => wrong.push(format!("invalid gateway {text}: invalid address")),
        }
    }
    let Some(subnet) = subnet.filter(|_| wrong.is_empty()) else {
        return Err(Fault::invalid(format!("invalid network config:\n{}", joined(&wrong))));
    };
    if used().any(|u| overlaps(u, subnet)) {
        return Err(Fault::forbidden("Pool overlaps with other one on this address space"));
    }
    Ok((subnet, gateway, range, true))
}

/// Takes a network away.
fn drop_network(docker: &mut Docker, machines: &mut Machines, network: &Network) {
    docker.networks.remove(&network.id);
    docker.refresh_names(machines, &network.id);
    machines.addresses.remove(&network.gateway);
    let known = [("name", &*network.name), ("type", &*network.driver)];
    docker.note_event(machines, "network", "destroy", &network.id, &known);
}

/// `DELETE /networks/{id}`.
///
/// # Errors
/// Predefined ones, and those with containers on them.
pub fn remove(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let network = find(call.docker, typed)?;
    if network.is_predefined() {
        return Err(Fault::forbidden(format!(
            "{} is a pre-defined network and cannot be removed",
            network.name
        )));
    }
    if connected(call.docker, &network).next().is_some() {
        return Err(Fault::forbidden(format!(
            "error while removing network: network {} id {} has active endpoints",
            network.name, network.id
        )));
    }
    drop_network(call.docker, call.machines, &network);
    Ok(Response::new(204, Body::Empty))
}

/// `POST /networks/prune`.
///
/// # Errors
/// Unknown filters.
pub fn prune(call: &mut Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, &["label", "label!", "until"])?;
    let until = filters.values("until").next().and_then(crate::images::list::until_seconds);
    let mut unused: Vec<Arc<Network>> = call
        .docker
        .networks
        .values()
        .filter(|n| !n.is_predefined() && filters.labels(&n.labels))
        .filter(|n| until.is_none_or(|u| ids::unix(call.machines, n.created) < u))
        .filter(|n| !call.docker.containers.values().any(|c| c.endpoints.contains_key(&n.name)))
        .cloned()
        .collect();
    unused.arrange_by(|a, b| a.name.cmp(&b.name));
    for network in &unused {
        drop_network(call.docker, call.machines, network);
    }
    let names = Json::list_or_null(unused.iter().map(|n| (&*n.name).to_json()));
    Ok(answer(200, &json!({"NetworksDeleted": names})))
}

/// `POST /networks/{id}/connect`.
///
/// # Errors
/// Already there, host mode, addresses that are taken.
pub fn connect(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let body = call.body()?;
    let network = find(call.docker, typed)?;
    let container = call.docker.container(body["Container"].text())?;
    let mode = container.network_mode();
    if mode.starts_with("container:") {
        return Err(Fault::invalid(
            "container sharing network namespace with another container or host cannot be connected to any other network",
        ));
    }
    if mode == "host" || &*network.driver == "host" {
        return Err(Fault::forbidden(
            "container cannot be connected to host network - container can be connected to only one network when host mode is used",
        ));
    }
    if container.endpoints.contains_key("none") || &*network.driver == "null" {
        return Err(Fault::forbidden(
            "container cannot be connected to multiple networks with one of the networks in private (none) mode",
        ));
    }
    if container.endpoints.contains_key(&network.name) {
        return Err(Fault::forbidden(format!(
            "endpoint with name {} already exists in network {}",
            container.name, network.name
        )));
    }
    let order = container.endpoints.values().map(|e| e.order).max().unwrap_or(0) + 1;
    let mut end = endpoint(&body["EndpointConfig"], order);
    if let Some(text) = crate::network::join::wrong_settings(Some(&network), &network.name, &end) {
        return Err(Fault::invalid(text));
    }
    end.network = network.id.clone();
    if container.state.status.is_up() {
        end = call.docker.place(call.machines, &container, &network, end)?;
    }
    if let Some(container) = call.docker.container_mut(&container.id) {
        container.endpoints.insert(network.name.clone(), end);
    }
    if container.state.status.is_up() {
        after_change(call, &container.id, &network, "connect");
    }
    Ok(Response::new(200, Body::Empty))
}

/// `POST /networks/{id}/disconnect`.
///
/// # Errors
/// Not connected.
pub fn disconnect(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let body = call.body()?;
    let network = find(call.docker, typed)?;
    let container = call.docker.container(body["Container"].text())?;
    if container.network_mode() == "host" {
        return Err(Fault::forbidden(
            "container cannot be disconnected from host network - container can be connected to only one network when host mode is used",
        ));
    }
    if !container.endpoints.contains_key(&network.name) {
        return Err(Fault::forbidden(format!(
            "container {} is not connected to network {}",
            container.id, network.name
        )));
    }
    if let Some(container) = call.docker.container_mut(&container.id) {
        container.endpoints.remove(&network.name);
    }
    if container.state.status.is_up() {
        after_change(call, &container.id, &network, "disconnect");
    }
    Ok(Response::new(200, Body::Empty))
}

/// A running container's networks have changed: its addresses, and every name on all of them.
fn after_change(call: &mut Call<'_>, id: &Arc<str>, network: &Network, action: &str) {
    call.docker.set_net(call.machines, id);
    call.docker.note_connection(call.machines, &network.id, id, action);
    let mut all: Vec<Arc<str>> = vec![network.id.clone()];
    if let Some(container) = call.docker.containers.get(id) {
        all.extend(container.endpoints.values().map(|e| e.network.clone()));
    }
    for network in all {
        call.docker.refresh_names(call.machines, &network);
    }
}
