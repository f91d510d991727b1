//! The flags of `run`, `create` and `update`, and what they come to in the Engine API's words. Follows
//! `docker/cli` 28's `opts` package and `cli/command/container/opts.go`.

pub mod body;
pub mod checks;
pub mod flags;
pub mod host;
pub mod mounts;
pub mod networks;
pub mod ports;
pub mod variables;

pub use body::create_body;
pub use flags::{CREATE, RUN_ONLY, RUNNING};
