//! Validation of objects by kind (`k8s.io/kubernetes/pkg/apis/*/validation`, v1.33): what a well-formed
//! object may still not say, in the real words and in the real order.

pub mod api_service;
pub mod autoscaler;
mod common;
pub mod config;
pub mod cron_job;
pub mod definition;
pub mod endpoints;
pub mod event;
pub mod ingress;
pub mod job;
pub mod lease;
pub mod limit_range;
pub mod network_policy;
pub mod pod;
pub mod policy;
pub mod rbac;
mod resource_names;
pub mod resource_quota;
pub mod revision;
pub mod service;
pub mod signing_request;
pub mod storage;
pub mod volume;
pub mod webhook;
pub mod workload;
