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

pub mod build;
pub mod container;
pub mod coverage;
pub mod docker;
pub mod door;
pub mod fault;
pub mod filters;
pub mod find;
pub mod ids;
pub mod images;
pub mod json;
pub mod list;
pub mod network;
pub mod status;
pub mod streams;
pub mod system;

pub use docker::Docker;
pub use fault::Fault;
