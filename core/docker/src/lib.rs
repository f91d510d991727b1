//! dockerd as one value: the Engine API (v1.24 to v1.45, as Docker Engine 26.1 serves it) is its one door.
//!
//! [`Docker::handle`] answers at once. What takes simulated time answers with a stream:
//! - status 101 and a stream: a hijacked connection (attach, exec start). Frames of channel 1 and 2 are
//!   output; channel 0 is input, 255 closes the input. [`Docker::is_raw`] tells terminals apart.
//! - status 102 and a stream: the true answer comes later as one `Frame::Json` of the form
//!   `{"status": 204, "body": …}` (stop, restart, kill, remove, commit and all else that waits).
//! - status 200 and a stream: what goes on for a while. Pull, push, build, events, stats and wait give
//!   one JSON message a frame; followed logs give bytes of channel 1 and 2 without the eight-byte header
//!   that the HTTP server adds for containers without a terminal.

pub mod archive;
pub mod build;
pub mod check;
pub mod cloud;
pub mod container;
pub mod control;
pub mod coverage;
pub mod create;
pub mod docker;
pub mod door;
pub mod events;
pub mod exec;
pub mod fault;
pub mod filters;
pub mod find;
pub mod health;
pub mod hostconfig;
pub mod ids;
pub mod images;
pub mod init;
pub mod inspect;
pub mod json;
pub mod life;
pub mod list;
pub mod logs;
pub mod mounts;
pub mod names;
pub mod network;
pub mod registry;
pub mod status;
pub mod streams;
pub mod system;
pub mod usage;
pub mod volumes;
pub mod watch;

pub use docker::Docker;
pub use fault::Fault;

/// Programs the engine brings along.
pub const PROGRAMS: &[drydock_container::Program] = &[init::PROGRAM];
