//! kubectl v1.33.1: verbs as command records over a REST client. It knows the cluster only through
//! requests, so that what it sends and prints can be compared with the real one byte for byte.

pub mod annotate;
pub mod api_resources;
pub mod apply;
pub mod attach;
pub mod auth;
pub mod autoscale;
pub mod builder;
pub mod certificate;
pub mod client;
pub mod cluster_info;
pub mod common;
pub mod complete;
pub mod config;
pub mod cp;
pub mod create;
pub mod credentials;
pub mod debug;
pub mod delete;
pub mod deleting;
pub mod diff;
pub mod discovery;
pub mod drain;
pub mod edit;
pub mod events;
pub mod exec;
pub mod explain;
pub mod expose;
pub mod failure;
pub mod get;
pub mod help;
pub mod kubeconfig;
pub mod kustomize;
pub mod label;
pub mod local;
pub mod logs;
pub mod manifests;
pub mod node;
pub mod output;
pub mod patch;
pub mod podpick;
pub mod port_forward;
pub mod proxy;
pub mod record;
mod replace;
pub mod rollout;
mod root;
pub mod run;
pub mod scale;
pub mod session;
pub mod set;
pub mod taint;
pub mod top;
pub mod typed;
pub mod validation;
pub mod version;
pub mod wait;
pub mod watch;
pub mod watching;
pub mod wire_log;
pub mod writing;

pub use builder::{Builder, Info, Item, Plan};
pub use client::Client;
pub use discovery::{Discovery, Resource};
pub use failure::Failure;
pub use kubeconfig::{Kubeconfig, Target};
pub use root::{GLOBAL, GROUPS, ROOT, STYLE, group, unknown_subcommand};

use drydock_container::Program;

/// The version kubectl calls itself.
pub const VERSION: &str = "v1.33.1";

/// The executable.
pub const PROGRAM: Program = Program {
    name: "kubectl",
    about: "kubectl controls the Kubernetes cluster manager",
    start: |sys| crate::cli::launch(&STYLE, sys),
};

/// What Go says of a request nobody answered: `Get "http://localhost:8080/api": dial tcp …`.
#[must_use]
pub fn refused(client: &Client, method: &str, path: &str) -> String {
    let address = client.host().replace("localhost", "[::1]");
    let server = &client.target.server;
    format!("{method} \"{server}{path}\": dial tcp {address}: connect: connection refused")
}
