//! Controllers, scheduler, kubelet and service routing at work together.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "control/anything.rs"]
mod anything;
#[path = "control/kubelet.rs"]
mod kubelet;
#[path = "control/nodes.rs"]
mod nodes;
#[path = "control/scale.rs"]
mod scale;
#[path = "control/services.rs"]
mod services;
#[path = "control/workloads.rs"]
mod workloads;
#[path = "control/world.rs"]
mod world;
