//! Images: what a registry serves, as data. Each file of `images/` is one image (or a family of tags)
//! with the programs it brings; [`REGISTRY`] lists them. An image's root filesystem is made once per
//! world when it is first pulled and shared by every container.

pub mod reference;
pub mod store;

use crate::filesystem::Filesystem;
use crate::program::Program;
use crate::signal::Signal;
use imbl::OrdMap;
use std::sync::Arc;

/// Whose utilities an image has: their messages differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// coreutils and friends.
    #[default]
    Gnu,
    Busybox,
}

/// One layer as `docker history` and `docker pull` show it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layer {
    /// sha256 of the uncompressed layer, hexadecimal.
    pub diff_id: Arc<str>,
    /// Bytes, uncompressed.
    pub size: u64,
    /// The instruction that made it.
    pub created_by: Arc<str>,
}

/// An image: configuration and root filesystem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// sha256 of the configuration, hexadecimal: the image id.
    pub id: Arc<str>,
    /// sha256 of the manifest, hexadecimal; "" for images built here and never pushed.
    pub digest: Arc<str>,
    pub entrypoint: Arc<[Arc<str>]>,
    pub cmd: Arc<[Arc<str>]>,
    pub env: OrdMap<Arc<str>, Arc<str>>,
    pub cwd: Arc<str>,
    pub user: Arc<str>,
    /// Such as `80/tcp`.
    pub exposed: Arc<[Arc<str>]>,
    pub volumes: Arc<[Arc<str>]>,
    pub labels: OrdMap<Arc<str>, Arc<str>>,
    pub stop_signal: Option<Signal>,
    pub layers: Arc<[Layer]>,
    /// Bytes, as `docker images` shows them.
    pub size: u64,
    /// Unix seconds.
    pub created: i64,
    pub flavour: Flavour,
    pub root: Arc<Filesystem>,
}

/// Programs that images bring along.
pub const PROGRAMS: &[Program] = &[];
