//! A container's place on its networks: addresses while it runs, names that others find it by, and the
//! ports of the host that lead to it. Follows libnetwork's bridge driver, IPAM and port allocator.

use crate::Docker;
use crate::container::{Container, Endpoint};
use crate::fault::Fault;
use crate::ids;
use crate::network::Network;
use drydock_container::Machines;
use drydock_container::host::NAME_SERVER;
use drydock_container::space::{Net, NetId};
use drydock_machinery::sort::Arrange;
use drydock_network::address::{Cidr, Ip};
use drydock_network::dns::{Record, Resolver};
use imbl::Vector;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The embedded name server of user networks.
const EMBEDDED: Ip = Ip::new(127, 0, 0, 11);

impl Docker {
    /// The network of this name, or this id, or one whose id begins so.
    #[must_use]
    pub fn network(&self, typed: &str) -> Option<&Arc<Network>> {
        let by_name = self.networks.values().find(|n| &*n.name == typed);
        by_name.or_else(|| self.networks.get(typed)).or_else(|| {
            let mut found = self.networks.iter().filter(|(id, _)| !typed.is_empty() && id.starts_with(typed));
            let first = found.next()?;
            found.next().is_none().then_some(first.1)
        })
    }
    /// The lowest free address of a network.
    pub(crate) fn free_address(&self, machines: &Machines, network: &Network) -> Option<Ip> {
        let pool = network.range.or(network.subnet)?;
        let taken: BTreeSet<Ip> = self
            .containers
            .values()
            .flat_map(|c| c.endpoints.values())
            .filter(|e| e.network == network.id)
            .flat_map(|e| [Some(e.ip), e.wish].into_iter().flatten())
            .collect();
        let size = 1u32.checked_shl(32 - u32::from(pool.bits)).unwrap_or(u32::MAX);
        (0..size.min(65_536)).map(|n| pool.nth(n)).find(|ip| {
            let edge = network.subnet.is_some_and(|s| *ip == s.nth(0) || *ip == last(s));
            !edge && *ip != network.gateway && !taken.contains(ip) && !machines.addresses.contains_key(ip)
        })
    }
    /// Gives a starting container its addresses.
    ///
    /// # Errors
    /// Networks that are not there, addresses that are taken.
    pub(crate) fn join_networks(&mut self, machines: &mut Machines, id: &Arc<str>) -> Result<(), Fault> {
        let Some(container) = self.containers.get(id).cloned() else { return Ok(()) };
        let mode = container.network_mode().to_string();
        if let Some(other) = mode.strip_prefix("container:") {
            let other = self.container(other)?;
            if !other.state.status.is_up() {
                return Err(Fault::conflict(format!(
                    "cannot join network of a non running container: {}",
                    other.id
                )));
            }
            let net = machines.space(other.space).map(|s| (s.net, s.hostname.clone()));
            if let (Some((net, hostname)), Some(space)) = (net, machines.space_mut(container.space)) {
                (space.net, space.hostname) = (net, hostname);
            }
            return Ok(());
        }
        let mut ends: Vec<(Arc<str>, Endpoint)> =
            container.endpoints.iter().map(|(n, e)| (n.clone(), e.clone())).collect();
        ends.arrange_by_key(|e| e.1.order);
        for (name, end) in ends {
            let Some(network) = self.network(&name).cloned() else {
                return Err(Fault::not_found(format!("network {name} not found")));
            };
            let joined = self.place(machines, &container, &network, end)?;
            if let Some(container) = self.container_mut(id) {
                container.endpoints.remove(&name);
                container.endpoints.insert(network.name.clone(), joined);
            }
        }
        self.set_net(machines, id);
        let attached: Vec<Arc<str>> = self
            .containers
            .get(id)
            .map(|c| c.endpoints.values().map(|e| e.network.clone()).collect())
            .unwrap_or_default();
        for network in attached {
            self.note_connection(machines, &network, id, "connect");
            self.refresh_names(machines, &network);
        }
        Ok(())
    }
    pub(crate) fn note_connection(&mut self, machines: &mut Machines, network: &str, id: &str, action: &str) {
        let Some(network) = self.networks.get(network).cloned() else { return };
        let known = [("container", id), ("name", &*network.name), ("type", &*network.driver)];
        self.note_event(machines, "network", action, &network.id, &known);
    }
    /// An endpoint with its address, for a running container.
    pub(crate) fn place(
        &mut self,
        machines: &Machines,
        container: &Container,
        network: &Arc<Network>,
        end: Endpoint,
    ) -> Result<Endpoint, Fault> {
        if let Some(text) = wrong_settings(Some(network), &network.name, &end) {
            return Err(Fault::invalid(format!("invalid config for network {}: {text}", network.name)));
        }
        let ip = match (end.wish, network.subnet) {
            (_, None) => Ip::default(),
            (Some(wish), Some(_)) => {
                let mut others = self.containers.values().filter(|c| c.id != container.id && c.state.status.is_up());
                let used = others.any(|c| c.endpoints.values().any(|e| e.ip == wish));
                if used || wish == network.gateway {
                    return Err(Fault::forbidden("Address already in use"));
                }
                wish
            }
            (None, Some(_)) => self.free_address(machines, network).ok_or_else(|| {
                Fault::internal(format!("failed to allocate gateway: no available IPv4 addresses on this network's address pools: {} ({})", network.name, network.id))
            })?,
        };
        let names = if network.has_names() {
            let own = [container.name.clone()].into_iter().chain(end.aliases.iter().cloned());
            let mut names: Vec<Arc<str>> = Vec::new();
            let hostname = container.config["Hostname"].shared();
            for name in own.chain([ids::short(&container.id).into(), hostname]) {
                if !name.is_empty() && !names.contains(&name) {
                    names.push(name);
                }
            }
            names
        } else {
            Vec::new()
        };
        Ok(Endpoint {
            network: network.id.clone(),
            id: self.fresh_id(),
            ip,
            bits: network.subnet.map_or(0, |s| s.bits),
            gateway: if network.subnet.is_some() { network.gateway } else { Ip::default() },
            dns_names: names.into(),
            ..end
        })
    }
    /// Makes a container's network namespace what its endpoints say.
    pub(crate) fn set_net(&mut self, machines: &mut Machines, id: &str) {
        let Some(container) = self.containers.get(id).cloned() else { return };
        let mode = container.network_mode();
        if mode.starts_with("container:") {
            return;
        }
        if mode == "host" {
            let net = machines.space(self.host).map(|h| h.net);
            if let (Some(net), Some(space)) = (net, machines.space_mut(container.space)) {
                space.net = net;
            }
            return;
        }
        let mut ends: Vec<&Endpoint> =
            container.endpoints.values().filter(|e| e.ip != Ip::default()).collect();
        ends.arrange_by_key(|e| e.order);
        let nets: Vec<Arc<Network>> =
            ends.iter().filter_map(|e| self.networks.get(&e.network)).cloned().collect();
        let address = ends.first().map_or(Ip::default(), |e| e.ip);
        let named = nets.iter().any(|n| n.has_names());
        let host = &container.host_config;
        let texts = |v: &drydock_machinery::Value| crate::create::strings(v);
        let own_server = host["Dns"].items().iter().find_map(|d| Ip::parse(d.text()));
        let resolver = Resolver {
            nameserver: if named { EMBEDDED } else { own_server.unwrap_or(NAME_SERVER) },
            search: texts(&host["DnsSearch"]),
            ndots: 0,
            scope: if named { address } else { Ip::default() },
        };
        let mut hosts = self.extra_hosts(machines, &container);
        hosts.extend(self.link_hosts(&container));
        let segments: Arc<[u32]> = nets.iter().map(|n| n.segment).collect();
        let alone = container.endpoints.keys().any(|n| &**n == "none");
        let net = Net {
            address,
            host: self.host,
            resolver: Arc::new(resolver),
            hosts: hosts.into(),
            // A container without a network reaches nobody: it is alone on a segment of its own.
            segments: if alone { Arc::from([u32::MAX - container.number as u32]) } else { segments },
            others: ends.iter().skip(1).map(|e| e.ip).collect(),
            internal: alone || !nets.is_empty() && nets.iter().all(|n| n.internal),
        };
        let addresses: Vec<Ip> = ends.iter().map(|e| e.ip).collect();
        self.forget_addresses(machines, container.net);
        for ip in addresses {
            machines.addresses.insert(ip, container.net);
        }
        machines.nets.insert(container.net, Arc::new(net));
        if let Some(space) = machines.space_mut(container.space) {
            space.net = container.net;
        }
    }
    fn forget_addresses(&self, machines: &mut Machines, net: NetId) {
        let Some(old) = machines.net(net) else { return };
        let all: Vec<Ip> = [old.address].into_iter().chain(old.others.iter().copied()).collect();
        for ip in all {
            if machines.addresses.get(&ip) == Some(&net) {
                machines.addresses.remove(&ip);
            }
        }
    }
    fn extra_hosts(&self, machines: &Machines, container: &Container) -> Vec<(Ip, Arc<str>)> {
        let gateway = || {
            let bridge = self.network("bridge").map(|n| n.gateway);
            bridge.or_else(|| machines.space(self.host).and_then(|h| machines.net(h.net)).map(|n| n.address))
        };
        let entry = |text: &str| -> Option<(Ip, Arc<str>)> {
            let (name, ip) = text.split_once(':')?;
            let ip = if ip == "host-gateway" { gateway()? } else { Ip::parse(ip)? };
            Some((ip, name.into()))
        };
        container.host_config["ExtraHosts"].items().iter().filter_map(|e| entry(e.text())).collect()
    }
    /// `--link` on the default bridge: the other's address under its alias, id and name.
    fn link_hosts(&self, container: &Container) -> Vec<(Ip, Arc<str>)> {
        let mut out = Vec::new();
        for link in container.endpoints.values().flat_map(|e| e.links.iter()) {
            let (name, alias) = link.split_once(':').unwrap_or((link, link));
            let Ok(other) = self.container(name) else { continue };
            let Some(end) = other.endpoints.values().find(|e| e.ip != Ip::default()) else { continue };
            let names = [alias, ids::short(&other.id), &*other.name];
            let mut seen: Vec<&str> = Vec::new();
            for name in names {
                if !seen.contains(&name) {
                    seen.push(name);
                    out.push((end.ip, Arc::from(name)));
                }
            }
        }
        out
    }
    /// Gives back a container's addresses and ports.
    pub(crate) fn leave_networks(&mut self, machines: &mut Machines, id: &Arc<str>) {
        self.unpublish(machines, id);
        let Some(container) = self.containers.get(id).cloned() else { return };
        self.forget_addresses(machines, container.net);
        if let Some(net) = machines.net_mut(container.net) {
            (net.address, net.others) = (Ip::default(), Arc::default());
        }
        let networks: Vec<Arc<str>> =
            container.endpoints.values().filter(|e| !e.id.is_empty()).map(|e| e.network.clone()).collect();
        if let Some(container) = self.container_mut(id) {
            let names: Vec<Arc<str>> = container.endpoints.keys().cloned().collect();
            for name in names {
                if let Some(end) = container.endpoints.get_mut(&name) {
                    (end.ip, end.id, end.gateway) = (Ip::default(), "".into(), Ip::default());
                }
            }
        }
        for network in networks {
            self.note_connection(machines, &network, id, "disconnect");
            self.refresh_names(machines, &network);
        }
    }
    /// Tells everybody on a network who is there.
    pub(crate) fn refresh_names(&mut self, machines: &mut Machines, network: &str) {
        for (scope, name) in self.records.remove(network).unwrap_or_default() {
            machines.dns.remove_at(scope, &name);
        }
        let Some(known) = self.networks.get(network).cloned() else { return };
        if !known.has_names() {
            return;
        }
        let mut names: BTreeMap<Arc<str>, Vector<Ip>> = BTreeMap::new();
        let mut scopes: Vec<(Ip, Vec<Arc<str>>)> = Vec::new();
        for container in self.containers.values() {
            let Some(end) = container.endpoints.get(&known.name).filter(|e| e.ip != Ip::default()) else {
                continue;
            };
            for name in end.dns_names.iter() {
                names.entry(name.clone()).or_default().push_back(end.ip);
            }
            let scope = machines.net(container.net).map(|n| n.address).unwrap_or_default();
            scopes.push((scope, end.links.to_vec()));
        }
        let mut made = Vec::new();
        for (scope, links) in scopes {
            for (name, ips) in &names {
                machines.dns.set_at(scope, name, Record::A(ips.clone()));
                made.push((scope, name.clone()));
            }
            // Links on user networks are aliases only the linking container knows.
            for link in links {
                let (name, alias) = link.split_once(':').unwrap_or((&link, &link));
                if let Some(ips) = names.get(name) {
                    machines.dns.set_at(scope, alias, Record::A(ips.clone()));
                    made.push((scope, alias.into()));
                }
            }
        }
        self.records.insert(network.into(), made);
    }
}

/// What is wrong with the settings of a place on a network.
#[must_use]
pub fn wrong_settings(network: Option<&Network>, name: &str, end: &Endpoint) -> Option<String> {
    let mut wrong = Vec::new();
    if crate::network::predefined(name) {
        if end.wish.is_some() {
            wrong.push("user specified IP address is supported on user defined networks only".to_string());
        }
        if !end.aliases.is_empty() {
            wrong.push(
                "network-scoped alias is supported only for containers in user defined networks".to_string(),
            );
        }
    } else if let (Some(network), Some(wish)) = (network, end.wish) {
        if !network.subnet_given {
            wrong.push(
                "user specified IP address is supported only when connecting to networks with user configured subnets"
                    .to_string(),
            );
        } else if !network.subnet.is_some_and(|s| s.contains(wish)) {
            wrong.push(format!("no configured subnet or ip-range contain the IP address {wish}"));
        }
    }
    if wrong.is_empty() {
        return None;
    }
    Some(format!("invalid endpoint settings:\n{}", crate::network::api::joined(&wrong)))
}

/// The broadcast address of a range.
#[must_use]
pub fn last(subnet: Cidr) -> Ip {
    let hosts = u32::MAX.checked_shr(u32::from(subnet.bits)).unwrap_or(0);
    Ip(subnet.base.0 | hosts)
}
