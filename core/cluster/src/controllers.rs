//! The controllers: one file each and one line here.

use crate::controller::Controller;

pub mod api_service;
pub mod definitions;
pub mod deployment;
pub mod endpoint_ports;
pub mod endpoint_slice;
pub mod endpoints;
pub mod garbage_collector;
pub mod namespace;
pub mod node_lifecycle;
pub mod protection;
pub mod quota;
pub mod registration;
pub mod replica_set;
pub mod role_aggregation;
pub mod service_account;
pub mod signer;
pub mod token;

/// In the order in which they hear of a write.
pub static CONTROLLERS: &[&Controller] = &[
    &deployment::CONTROLLER,
    &replica_set::CONTROLLER,
    &crate::scheduler::CONTROLLER,
    &crate::kubelet::CONTROLLER,
    &endpoint_slice::CONTROLLER,
    &crate::kube_proxy::CONTROLLER,
    &garbage_collector::CONTROLLER,
    &namespace::CONTROLLER,
    &service_account::CONTROLLER,
    &node_lifecycle::CONTROLLER,
    &crate::cloud::CONTROLLER,
    &role_aggregation::CONTROLLER,
    &token::CONTROLLER,
    &signer::CONTROLLER,
    &definitions::CONTROLLER,
    &quota::CONTROLLER,
    &protection::CONTROLLER,
    &api_service::CONTROLLER,
    &registration::CONTROLLER,
    &crate::aggregation::scrape::CONTROLLER,
];

/// The number of the controller of this name.
#[must_use]
pub fn number_of(name: &str) -> Option<u16> {
    CONTROLLERS.iter().position(|c| c.name == name).and_then(|n| u16::try_from(n).ok())
}
