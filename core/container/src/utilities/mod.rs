//! The utilities: one file each or a tight family, one line each in [`PROGRAMS`].

pub mod accounts;
pub mod chmod;
pub mod date;
pub mod printf;
pub mod regex;
pub mod support;

use crate::program::Program;

pub const PROGRAMS: &[Program] = &[];
