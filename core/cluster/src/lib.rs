//! Kubernetes: the store and its watch log, the one REST door, kinds, admission, controllers,
//! scheduler, kubelets, service routing and cluster DNS.
//!
//! [`Cluster`] is one value. Every change to an object goes through `door.rs`: default → admit →
//! validate → commit → watch.

pub mod access;
pub mod addresses;
pub mod admission;
mod aggregation;
pub mod auth;
mod binding;
pub mod boot;
mod cel;
pub mod cells;
mod clean;
pub mod cloud;
pub mod cluster;
pub mod conditions;
pub mod connect;
pub mod control;
pub mod controller;
pub mod controllers;
pub mod coverage;
mod custom;
pub mod delete;
mod dependents;
pub mod dns;
pub mod door;
pub mod draft;
mod edit;
mod event_object;
pub mod events;
pub mod face;
pub mod field;
mod heartbeat;
pub mod index;
pub mod kinds;
pub mod kube_proxy;
pub mod kubelet;
mod managed;
pub mod metadata;
pub mod object;
pub mod outside;
mod past;
pub mod rbac;
pub mod replay;
pub mod rest;
pub mod scheduler;
mod share;
pub mod status;
pub mod store;
pub mod streams;
pub mod table;
pub mod validate;
mod warnings;
pub mod watch;

pub use cluster::{Actor, Cluster};
pub use delete::DeleteOptions;
pub use door::Edit;
pub use events::Source;
pub use kinds::{Kind, KindId};
pub use managed::{Managed, Writing};
pub use object::{Id, Object};
pub use status::Status;
pub use store::Change;
