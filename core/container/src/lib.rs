//! Hosts, filesystems, images, processes and the shell: everything one finds inside a container, on
//! the laptop and on a node.
//!
//! [`Machines`] is the whole of it as one value. It knows no Kubernetes: the cluster starts
//! containers through it and answers requests to the API server through [`Outside`].

pub mod errno;
pub mod fd;
pub mod filesystem;
pub mod io;
pub mod kernel;
pub mod machine;
pub mod machines;
pub mod pipe;
pub mod process;
pub mod program;
pub mod signal;
pub mod space;
pub mod sys;
pub mod tty;
pub mod wait;

pub use errno::Errno;
pub use machine::{Machine, Step};
pub use machines::{Machines, Notice, Outside};
pub use process::{Pid, Process};
pub use program::Program;
pub use signal::Signal;
pub use space::{Space, SpaceId};
pub use sys::Sys;
pub use wait::Wait;
