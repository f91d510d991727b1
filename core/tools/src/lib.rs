//! The programs a learner types on the laptop. Each is a `Program` whose verbs are `Command` records;
//! they speak to the simulated servers only in HTTP requests, as the real ones do.

pub mod admin;
pub mod aws;
pub mod cli;
pub mod compose;
pub mod coverage;
pub mod describe;
pub mod docker;
pub mod kubectl;
pub mod printers;

pub use admin::{kubeconfig_for, kubeconfig_text};
use drydock_container::Program;

/// Every program of this crate, for the laptop's registry.
pub const PROGRAMS: &[Program] =
    &[kubectl::PROGRAM, docker::PROGRAM, compose::PROGRAM, docker::machine::PROGRAM, aws::PROGRAM];
