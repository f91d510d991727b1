//! Hosts, filesystems, images, processes and the shell: everything one finds inside a container, on
//! the laptop and on a node.
//!
//! [`Machines`] is the whole of it as one value. It knows no Kubernetes: the cluster starts
//! containers through it and answers requests to the API server through [`Outside`].

pub mod coverage;
pub mod difference;
pub mod digest;
pub mod engine;
pub mod errno;
pub mod exchange;
pub mod fd;
pub mod files;
pub mod filesystem;
pub mod host;
pub mod images;
pub mod io;
pub mod kernel;
pub mod life;
pub mod log;
pub mod machine;
pub mod machines;
pub mod path;
pub mod pipe;
pub mod process;
pub mod program;
pub mod pseudo;
pub mod shell;
pub mod signal;
pub mod signals;
pub mod space;
pub mod spec;
pub mod sql;
pub mod sys;
pub mod sys_fs;
pub mod sys_install;
pub mod sys_net;
pub mod sys_proc;
pub mod tar;
pub mod terminal;
pub mod tree;
pub mod tty;
pub mod usage;
pub mod utilities;
pub mod wait;

pub use errno::Errno;
pub use fd::{Fd, FdNum, OpenOptions, Read};
pub use machine::{Behave, Handled, Machine, Once, Step};
pub use machines::{Machines, Notice, Outside};
pub use process::{Pid, Process};
pub use program::Program;
pub use signal::Signal;
pub use space::{Space, SpaceId};
pub use spec::{Config, ContainerSpec, ExecSpec, Overrides};
pub use sys::Sys;
pub use sys_fs::{FileKind, Stat};
pub use sys_proc::{SpawnOptions, WaitResult};
pub use wait::Wait;

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod kernel_tests;
#[cfg(test)]
mod network_tests;
#[cfg(test)]
mod testing;
