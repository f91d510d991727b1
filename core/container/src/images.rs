//! Images: what a registry serves, as data. Each file of `images/` is one image (or a family of tags)
//! with the programs it brings; [`REGISTRY`] lists them. An image's root filesystem is made once per
//! world when it is first pulled and shared by every container.

pub mod base;
pub mod curl;
pub mod databases;
pub mod distributions;
pub mod greeters;
pub mod hosts;
pub mod httpd;
pub mod kubia;
pub mod linux;
pub mod load;
pub mod memcached;
pub mod nginx;
pub mod rabbit;
pub mod redis;
pub mod reference;
pub mod root;
pub mod scripts;
pub mod serve;
pub mod sites;
pub mod small;
pub mod store;
pub mod system;
pub mod web;

use crate::filesystem::Filesystem;
use crate::program::{Program, Programs};
use crate::signal::Signal;
use drydock_machinery::Value;
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
    pub extras: Arc<Extras>,
}

/// What an image's configuration says beyond what running it needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// `NAME=value` in the order it was set; empty for images whose order is that of the names.
    pub env: Vec<Arc<str>>,
    pub author: Arc<str>,
    pub comment: Arc<str>,
    /// `{"Test": ["CMD-SHELL", …], "Interval": …}` in nanoseconds, or null.
    pub healthcheck: Value,
    pub on_build: Vec<Arc<str>>,
    /// Of the Dockerfile's shell form; empty for `/bin/sh -c`.
    pub shell: Vec<Arc<str>>,
    /// CMD or ENTRYPOINT is a shell's line, as BuildKit notes.
    pub args_escaped: bool,
    /// Oldest first; entries that are not `empty` stand for the layers in order.
    pub history: Vec<History>,
    /// The Dockerfile's or image's author's engine: `DockerVersion`; "" when BuildKit made it.
    pub docker_version: Arc<str>,
}

/// One entry of an image's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// Unix seconds.
    pub created: i64,
    pub created_by: Arc<str>,
    pub comment: Arc<str>,
    pub author: Arc<str>,
    /// It only changed the configuration.
    pub empty: bool,
    /// Bytes it added.
    pub size: u64,
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
pub const REGISTRY: &[Catalogued] = &together::<
    { OWN.len() + sites::images::IMAGES.len() + distributions::IMAGES.len() },
>(&[OWN, sites::images::IMAGES, distributions::IMAGES]);
/// Images with files of their own.
const OWN: &[Catalogued] = &[
    nginx::IMAGE,
    httpd::IMAGE,
    redis::IMAGE,
    linux::BUSYBOX,
    linux::ALPINE,
    linux::DEBIAN,
    linux::UBUNTU,
    curl::CURL,
    curl::BUSYBOXPLUS,
    curl::FORTUNE,
    curl::BATCH_JOB,
    kubia::KUBIA,
    kubia::UNHEALTHY,
    kubia::PET,
    small::PAUSE,
    small::HELLO_WORLD,
    small::CRASH,
    small::SLOW_START,
    greeters::HTTP_ECHO,
    greeters::WHOAMI,
    greeters::HELLO_APP,
    greeters::BOOTCAMP,
    greeters::LIVENESS,
    load::STRESS,
    load::VISH_STRESS,
    load::HPA_EXAMPLE,
    databases::MYSQL,
    databases::MARIADB,
    databases::POSTGRES,
    databases::MONGO,
    memcached::IMAGE,
    system::COREDNS,
    system::CONTROL_PLANE,
    system::ETCD,
    system::METRICS_SERVER,
    system::LOCAL_PATH,
];

/// Programs that images bring along.
pub const PROGRAMS: &[Program] = &joined::<{ count(BROUGHT) }>(BROUGHT);
const BROUGHT: &[&[Program]] = &[
    SINGLE,
    scripts::PROGRAMS,
    redis::PROGRAMS,
    small::PROGRAMS,
    greeters::PROGRAMS,
    load::PROGRAMS,
    databases::SERVERS,
    memcached::PROGRAMS,
    databases::MYSQL_TOOLS,
    databases::POSTGRES_TOOLS,
    databases::MONGO_TOOLS,
];
const SINGLE: &[Program] = &[
    nginx::ENTRYPOINT,
    nginx::NGINX,
    httpd::APACHE,
    httpd::BUSYBOX_HTTPD,
    curl::ENTRYPOINT,
    system::PROGRAM,
    sites::PROGRAM,
    rabbit::PROGRAM,
];

/// The images of several lists.
#[allow(clippy::indexing_slicing)] // evaluated when compiling
const fn together<const N: usize>(lists: &[&[Catalogued]]) -> [Catalogued; N] {
    let mut out = [nginx::IMAGE; N];
    let (mut at, mut rest) = (0, lists);
    while let [list, others @ ..] = rest {
        let mut left = *list;
        while let [image, more @ ..] = left {
            out[at] = *image;
            at += 1;
            left = more;
        }
        rest = others;
    }
    out
}

const fn count(lists: &[&[Program]]) -> usize {
    let (mut sum, mut rest) = (0, lists);
    while let [list, others @ ..] = rest {
        sum += list.len();
        rest = others;
    }
    sum
}
/// The lists one after the other.
#[allow(clippy::indexing_slicing)] // evaluated when compiling
const fn joined<const N: usize>(lists: &[&[Program]]) -> [Program; N] {
    let mut out = [nginx::NGINX; N];
    let (mut at, mut rest) = (0, lists);
    while let [list, others @ ..] = rest {
        let mut left = *list;
        while let [program, more @ ..] = left {
            out[at] = *program;
            at += 1;
            left = more;
        }
        rest = others;
    }
    out
}

#[cfg(test)]
mod image_tests;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_there_once_and_every_image_starts_with_one() {
        let mut names: Vec<&str> = PROGRAMS.iter().map(|p| p.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!((names.len(), all), (all, count(BROUGHT)));
    }
    #[test]
    fn every_tag_of_every_image_can_be_pulled() {
        let (mut m, _) = crate::testing::world();
        for entry in REGISTRY {
            for (name, tag) in entry.names.iter().flat_map(|n| entry.tags.iter().map(move |t| (n, t))) {
                let (_, image) = m.find_image(&format!("{name}:{tag}")).unwrap();
                assert!(
                    image.size > 0 && image.layers.iter().map(|l| l.size).sum::<u64>() <= image.size,
                    "{name}:{tag}"
                );
            }
        }
    }
}
