//! The docker client 28.2.2: commands as records over the Engine API. It knows the daemon only through
//! requests, so that what it sends and prints can be compared with the real one byte for byte.

pub mod api;
pub mod build;
pub mod confirm;
pub mod container;
pub mod context;
pub mod each;
pub mod filters;
pub mod formatter;
pub mod help;
pub mod image;
pub mod image_config;
pub mod inspect;
pub mod login;
pub mod logout;
pub mod machine;
pub mod manifest;
pub mod moment;
pub mod network;
pub mod options;
pub mod ports;
pub mod progress;
pub mod raw;
pub mod reference;
pub mod refused;
mod root;
pub mod session;
pub mod settings;
pub mod system;
pub mod units;
pub mod usage;
pub mod volume;

pub use api::{Engine, Failure};
pub use root::{GROUPS, ROOT, STYLE};

use drydock_container::Program;

/// The version the client calls itself.
pub const VERSION: &str = "28.2.2";

/// The executable.
pub const PROGRAM: Program =
    Program { name: "docker", about: "runs containers", start: |sys| crate::cli::launch(&STYLE, sys) };
