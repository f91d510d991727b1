//! The one face of the simulated world for lessons, the page, the headless binary and the tests.
//!
//! `world = fold(seed, inputs)`: a [`Sandbox`] is a [`World`] with the log of the [`Input`]s that made
//! it and snapshots on the way. The log is the save file and the share link. Invariant: nothing changes
//! a world but [`World::apply`], and equal logs give equal hashes natively and as wasm.

mod boot;
mod browser;
mod complete;
mod complete_docker;
mod complete_kubectl;
pub mod coverage;
mod diagnose;
#[cfg(test)]
mod docker_tests;
pub mod doors;
mod frame;
mod history;
mod input;
mod internet;
mod log;
mod look;
mod query;
pub mod replay;
mod terminal;
mod why;
mod world;

pub use browser::{Browser, Page};
pub use complete::{Candidate, Completion};
pub use diagnose::{Diagnostic, Severity};
pub use drydock_container::tty::{Chunk, Edit, Kind as ChunkKind};
pub use frame::{
    ActorKind, Beat, Frame, FrameMark, HopView, NodeView, Owner, Phase, Place, PodView, ServiceView,
    WorkloadView,
};
pub use history::{HistoryEntry, Sandbox};
pub use input::Input;
pub use log::{InputLog, LoadError};
pub use look::{EventRow, FileEntry};
pub use terminal::CommandResult;
pub use why::WhyStep;
pub use world::{Config, World};
