//! Networks: the default three, and those of users. Follows libnetwork's bridge, host and null drivers.

pub mod api;
pub mod join;
pub mod publish;

use crate::Docker;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::address::{Cidr, Ip};
use std::sync::Arc;

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub id: Arc<str>,
    pub name: Arc<str>,
    /// Simulated milliseconds.
    pub created: u64,
    /// `bridge`, `host` or `null`.
    pub driver: Arc<str>,
    pub subnet: Option<Cidr>,
    pub gateway: Ip,
    /// Addresses are given from here; the whole subnet if there is none.
    pub range: Option<Cidr>,
    pub internal: bool,
    pub attachable: bool,
    /// Segment number of the exchange layer; 0 for networks without addresses.
    pub segment: u32,
    pub labels: Value,
    pub options: Value,
    /// What was asked for at creation, as it is shown again.
    pub ipam_options: Value,
    /// The subnet was asked for: only then addresses may be.
    pub subnet_given: bool,
}

impl Network {
    /// The networks that are always there.
    #[must_use]
    pub fn is_predefined(&self) -> bool {
        predefined(&self.name)
    }
    /// Whether containers find each other by name here.
    #[must_use]
    pub fn has_names(&self) -> bool {
        &*self.driver == "bridge" && !self.is_predefined()
    }
}

/// Whether a name is that of a network that is always there.
#[must_use]
pub fn predefined(name: &str) -> bool {
    matches!(name, "bridge" | "host" | "none" | "default")
}

/// The default bridge's addresses.
pub const BRIDGE: Cidr = Cidr::new(Ip::new(172, 17, 0, 0), 16);

impl Docker {
    pub(crate) fn make_default_networks(&mut self, machines: &mut Machines) {
        let bridge_options = Value::from_iter([
            ("com.docker.network.bridge.default_bridge", Value::from("true")),
            ("com.docker.network.bridge.enable_icc", Value::from("true")),
            ("com.docker.network.bridge.enable_ip_masquerade", Value::from("true")),
            ("com.docker.network.bridge.host_binding_ipv4", Value::from("0.0.0.0")),
            ("com.docker.network.bridge.name", Value::from("docker0")),
            ("com.docker.network.driver.mtu", Value::from("1500")),
        ]);
        for (name, driver) in [("bridge", "bridge"), ("host", "host"), ("none", "null")] {
            let bridge = name == "bridge";
            let id = self.fresh_id();
            let network = Network {
                id: id.clone(),
                name: name.into(),
                created: machines.clock.now,
                driver: driver.into(),
                subnet: bridge.then_some(BRIDGE),
                gateway: if bridge { Ip::new(172, 17, 0, 1) } else { Ip::default() },
                range: None,
                internal: false,
                attachable: false,
                segment: u32::from(bridge),
                labels: Value::empty_map(),
                options: if bridge { bridge_options.clone() } else { Value::empty_map() },
                ipam_options: Value::Null,
                subnet_given: false,
            };
            if let Some(net) = machines.space(self.host).map(|h| h.net).filter(|_| bridge) {
                machines.addresses.insert(network.gateway, net);
            }
            self.networks.insert(id, Arc::new(network));
        }
    }
}
