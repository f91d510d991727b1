//! kubectl v1.33.1: verbs as command records over a REST client. It knows the cluster only through
//! requests, so that what it sends and prints can be compared with the real one byte for byte.

pub mod builder;
pub mod client;
pub mod common;
pub mod discovery;
pub mod failure;
pub mod get;
pub mod kubeconfig;
pub mod kustomize;
pub mod manifests;
mod root;
pub mod watch;

pub use builder::{Builder, Info, Item, Plan};
pub use client::Client;
pub use discovery::{Discovery, Resource};
pub use failure::Failure;
pub use kubeconfig::{Kubeconfig, Target};
pub use root::{GROUPS, ROOT, STYLE, group, unknown_subcommand};

use drydock_container::Program;

/// The version kubectl calls itself.
pub const VERSION: &str = "v1.33.1";

/// The executable.
pub const PROGRAM: Program = Program {
    name: "kubectl",
    about: "kubectl controls the Kubernetes cluster manager",
    start: |sys| crate::cli::launch(&STYLE, sys),
};
