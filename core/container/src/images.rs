//! Images: what a registry serves, as data. Each file of `images/` is one image (or a family of tags)
//! with the programs it brings; [`REGISTRY`] lists them. An image's root filesystem is made once per
//! world when it is first pulled and shared by every container.

pub mod base;
pub mod hosts;
pub mod linux;
pub mod nginx;
pub mod reference;
pub mod store;
pub mod web;

use crate::filesystem::Filesystem;
use crate::program::{Program, Programs};
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

/// An image as its file describes it, before digests are made.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What it is, for digests and history: `nginx`.
    pub family: &'static str,
    pub version: String,
    /// The distribution below, whose layer images share, and that layer's bytes.
    pub base: &'static str,
    pub base_size: u64,
    pub layers: usize,
    /// Bytes in all.
    pub size: u64,
    pub entrypoint: &'static [&'static str],
    pub cmd: &'static [&'static str],
    pub env: Vec<(String, String)>,
    pub cwd: &'static str,
    pub user: &'static str,
    pub exposed: &'static [&'static str],
    pub volumes: &'static [&'static str],
    pub labels: &'static [(&'static str, &'static str)],
    pub stop_signal: Option<Signal>,
    /// Unix seconds.
    pub created: i64,
    pub flavour: Flavour,
    pub root: Filesystem,
}

/// An image the simulated registries serve.
#[derive(Clone, Copy)]
pub struct Catalogued {
    /// Full repository names.
    pub names: &'static [&'static str],
    pub tags: &'static [&'static str],
    /// Makes the image for a name and tag of these.
    pub make: fn(&str, &str, Programs) -> Draft,
}

/// Everything that can be pulled.
pub const REGISTRY: &[Catalogued] =
    &[nginx::IMAGE, linux::BUSYBOX, linux::ALPINE, linux::DEBIAN, linux::UBUNTU];

/// Programs that images bring along.
pub const PROGRAMS: &[Program] = &[nginx::ENTRYPOINT, nginx::NGINX];
