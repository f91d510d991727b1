//! The simulated network: addresses, HTTP exchanges, name service and routing tables.
//!
//! Programmed by others and ignorant of them: kube-proxy, DNS and the container engine fill its
//! tables; it knows no Kubernetes object. Latency is simulated; nothing ever leaves the sandbox.

pub mod address;
pub mod dns;
pub mod exchange;
pub mod http;
pub mod routing;
