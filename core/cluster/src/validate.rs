//! Validation of objects by kind (`k8s.io/kubernetes/pkg/apis/*/validation`, v1.33): what a well-formed
//! object may still not say, in the real words and in the real order.

mod common;
pub mod config;
pub mod endpoints;
pub mod event;
pub mod lease;
pub mod pod;
pub mod service;
pub mod workload;
