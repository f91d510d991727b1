//! Published ports: the host's ports that lead to a running container's. Follows libnetwork's port
//! allocator and the bridge driver's port mapping.

use crate::Docker;
use crate::container::{Endpoint, Port};
use crate::fault::Fault;
use drydock_container::Machines;
use drydock_container::space::{NetId, Published};
use drydock_machinery::sort::Arrange;
use drydock_network::address::Ip;
use drydock_network::exchange::Target;
use std::sync::Arc;

/// Ports given to those who want any.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// A container's port, its protocol, and the host's addresses and ports that were asked for.
type Wanted = (u16, Arc<str>, Vec<(String, String)>);

impl Docker {
    /// Opens the host's ports of a starting container.
    ///
    /// # Errors
    /// `port is already allocated` and its like, with the container's endpoint.
    pub(crate) fn publish(&mut self, machines: &mut Machines, id: &Arc<str>) -> Result<(), Fault> {
        let Some(container) = self.containers.get(id).cloned() else { return Ok(()) };
        let mut ends: Vec<&Endpoint> =
            container.endpoints.values().filter(|e| e.ip != Ip::default()).collect();
        ends.arrange_by_key(|e| e.order);
        let Some(end) = ends.first() else { return Ok(()) };
        let mut wanted: Vec<Wanted> = Vec::new();
        let bindings = &container.host_config["PortBindings"];
        for (key, list) in bindings.entries() {
            let (port, proto) = key.text().split_once('/').unwrap_or((key.text(), "tcp"));
            let Ok(port) = port.parse() else { continue };
            let pairs = list.items().iter();
            let mut pairs: Vec<_> =
                pairs.map(|b| (b["HostIp"].text().to_string(), b["HostPort"].text().to_string())).collect();
            if pairs.is_empty() {
                pairs.push((String::new(), String::new()));
            }
            wanted.push((port, proto.into(), pairs));
        }
        if container.host_config["PublishAllPorts"].bool() {
            for (key, _) in container.config["ExposedPorts"].entries() {
                let (port, proto) = key.text().split_once('/').unwrap_or((key.text(), "tcp"));
                if let Ok(port) = port.parse()
                    && !wanted.iter().any(|w| w.0 == port && *w.1 == *proto)
                {
                    wanted.push((port, proto.into(), vec![(String::new(), String::new())]));
                }
            }
        }
        wanted.arrange_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let failed = |text: String| {
            Fault::internal(format!(
                "driver failed programming external connectivity on endpoint {} ({}): {text}",
                container.name, end.id
            ))
        };
        let host_net = machines.space(self.host).map(|h| h.net).unwrap_or_default();
        let mut bound: Vec<Port> = Vec::new();
        for (port, proto, pairs) in wanted {
            for (ip, given) in pairs {
                let host_ip = if ip.is_empty() { "0.0.0.0" } else { ip.as_str() };
                let number =
                    self.host_port(machines, &bound, host_ip, &given, &proto, host_net).map_err(&failed)?;
                let one = |host_ip: &str| Port {
                    port,
                    proto: proto.clone(),
                    host_ip: host_ip.into(),
                    host_port: number,
                };
                bound.push(one(host_ip));
                if ip.is_empty() {
                    bound.push(one("::"));
                }
            }
        }
        for port in bound.iter().filter(|p| &*p.proto == "tcp") {
            if let Some(ip) = Ip::parse(&port.host_ip) {
                let published =
                    Published { to: Target { ip: end.ip, port: port.port }, gateway: end.gateway };
                machines.published.insert((host_net, port.host_port, ip), published);
            }
        }
        if let Some(container) = self.container_mut(id) {
            container.ports = bound.into();
        }
        Ok(())
    }
    fn host_port(
        &mut self,
        machines: &Machines,
        bound: &[Port],
        host_ip: &str,
        given: &str,
        proto: &str,
        host_net: NetId,
    ) -> Result<u16, String> {
        let range = match given.split_once('-') {
            Some((from, to)) => Some((from.parse().unwrap_or(0), to.parse().unwrap_or(0))),
            None => given.parse::<u16>().ok().filter(|p| *p != 0).map(|p| (p, p)),
        };
        if let Some(ip) = Ip::parse(host_ip)
            && !ip.is_loopback()
            && ip != Ip::default()
            && machines.addresses.get(&ip) != Some(&host_net)
        {
            let port = range.map_or(0, |r| r.0);
            return Err(format!(
                "Error starting userland proxy: listen {proto}4 {host_ip}:{port}: bind: cannot assign requested address"
            ));
        }
        let clashes = |p: &Port, number: u16| {
            p.host_port == number
                && *p.proto == *proto
                && (*p.host_ip == *host_ip || [&*p.host_ip, host_ip].contains(&"0.0.0.0"))
                && &*p.host_ip != "::"
        };
        let taken = |number: u16| {
            bound
                .iter()
                .chain(self.containers.values().flat_map(|c| c.ports.iter()))
                .any(|p| clashes(p, number))
        };
        let listened = |number: u16| proto == "tcp" && machines.listeners.contains_key(&(host_net, number));
        match range {
            Some((one, end)) if one == end => {
                if taken(one) {
                    return Err(format!("Bind for {host_ip}:{one} failed: port is already allocated"));
                }
                if listened(one) {
                    return Err(format!(
                        "Error starting userland proxy: listen {proto}4 {host_ip}:{one}: bind: address already in use"
                    ));
                }
                Ok(one)
            }
            Some((from, to)) => (from..=to)
                .find(|n| !taken(*n) && !listened(*n))
                .ok_or_else(|| format!("Bind for {host_ip}:{from} failed: port is already allocated")),
            None => {
                let start = self.next_port.max(*EPHEMERAL.start());
                let found = (start..=*EPHEMERAL.end())
                    .chain(*EPHEMERAL.start()..start)
                    .find(|n| !taken(*n) && !listened(*n))
                    .ok_or_else(|| "all ports are allocated".to_string())?;
                self.next_port = if found == *EPHEMERAL.end() { *EPHEMERAL.start() } else { found + 1 };
                Ok(found)
            }
        }
    }
    /// Closes the host's ports of a container.
    pub(crate) fn unpublish(&mut self, machines: &mut Machines, id: &Arc<str>) {
        let host_net = machines.space(self.host).map(|h| h.net).unwrap_or_default();
        let Some(container) = self.container_mut(id) else { return };
        for port in std::mem::take(&mut container.ports).iter() {
            if let Some(ip) = Ip::parse(&port.host_ip)
                && &*port.proto == "tcp"
            {
                machines.published.remove(&(host_net, port.host_port, ip));
            }
        }
    }
}
