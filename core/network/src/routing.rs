//! Virtual addresses and their backends, by kube-proxy's iptables rules: a service's address and port,
//! node ports on every node, external and load-balancer addresses. A service without backends refuses.

use crate::address::Ip;
use crate::exchange::Target;
use imbl::{OrdMap, OrdSet, Vector};

/// One virtual port and where its connections go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Ready endpoints, in the order of their slices.
    pub backends: Vector<Target>,
    /// `sessionAffinity: ClientIP`.
    pub sticky: bool,
    /// An id of the programmer's, given back with each decision (the map draws it).
    pub about: u64,
}

/// The tables of all nodes: they are equal, so they are kept once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routing {
    services: OrdMap<Target, Service>,
    node_ports: OrdMap<u16, Service>,
    nodes: OrdSet<Ip>,
}

/// Where a connection to an address really goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Not virtual: straight to that address.
    Direct(Target),
    Backend {
        to: Target,
        about: u64,
    },
    /// A virtual address with nobody behind it: REJECT.
    Refused {
        about: u64,
    },
}

impl Routing {
    pub fn set(&mut self, virtual_address: Target, service: Service) {
        self.services.insert(virtual_address, service);
    }
    pub fn remove(&mut self, virtual_address: Target) {
        self.services.remove(&virtual_address);
    }
    pub fn set_node_port(&mut self, port: u16, service: Service) {
        self.node_ports.insert(port, service);
    }
    pub fn remove_node_port(&mut self, port: u16) {
        self.node_ports.remove(&port);
    }
    pub fn add_node(&mut self, ip: Ip) {
        self.nodes.insert(ip);
    }
    pub fn remove_node(&mut self, ip: Ip) {
        self.nodes.remove(&ip);
    }
    /// Decides for one new connection. `chance` is a random number, `from` the client's address for
    /// sticky services.
    #[must_use]
    pub fn route(&self, from: Ip, to: Target, chance: u64) -> Route {
        let service = match self.services.get(&to) {
            Some(service) => service,
            None if self.nodes.contains(&to.ip) => match self.node_ports.get(&to.port) {
                Some(service) => service,
                None => return Route::Direct(to),
            },
            None => return Route::Direct(to),
        };
        let draw = if service.sticky {
            drydock_machinery::digest::mix(u64::from(from.0), service.about)
        } else {
            chance
        };
        let at = draw.checked_rem(service.backends.len() as u64);
        match at.and_then(|at| service.backends.get(at as usize)) {
            Some(backend) => Route::Backend { to: *backend, about: service.about },
            None => Route::Refused { about: service.about },
        }
    }
    /// Whether the address is known at all; unknown ones time out.
    #[must_use]
    pub fn is_virtual_ip(&self, ip: Ip) -> bool {
        self.services.range(Target { ip, port: 0 }..=Target { ip, port: u16::MAX }).next().is_some()
    }
}
