//! mongod with its start script, and mongosh.

use crate::machine::{Machine, Once};
use crate::program::Program;
use crate::sys::Sys;

pub const PROGRAMS: &[Program] = &[Program { name: "mongo-server", about: "MongoDB and its start script", start }];

fn start(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Once(|_| 1))
}
