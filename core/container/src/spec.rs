//! What a container is made from: the merged configuration of image and request, as the `process`
//! section of an OCI runtime configuration. Kept behind one pointer so that replicas share it.

use crate::engine::start::find_user;
use crate::images::Image;
use crate::signal::Signal;
use crate::space::{Mount, NetId, SpaceId};
use imbl::OrdMap;
use std::sync::Arc;

/// Everything about a container's first process that replicas have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Entrypoint and arguments.
    pub argv: Arc<[Arc<str>]>,
    pub env: OrdMap<Arc<str>, Arc<str>>,
    /// Names of variables in the order `env` prints them; names it does not list come by themselves.
    pub env_order: Arc<[Arc<str>]>,
    /// Working directory; made when missing.
    pub cwd: Arc<str>,
    /// `user[:group]` by name or number, as in the image; "" is root.
    pub user: Arc<str>,
    /// A terminal as standard streams.
    pub tty: bool,
    /// Standard input stays open.
    pub stdin: bool,
    pub read_only_root: bool,
    pub stop_signal: Option<Signal>,
    /// Bytes of memory the container may use; 0 for no limit.
    pub memory: u64,
    /// CPU limit in thousandths; 0 for no limit.
    pub cpu_milli: u64,
}

/// What may be said about a container on top of its image. `None` leaves the image's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Replaces the entrypoint, and clears the image's arguments.
    pub entrypoint: Option<Vec<Arc<str>>>,
    /// Replaces the arguments.
    pub args: Option<Vec<Arc<str>>>,
    /// Added to the image's environment in order.
    pub env: Vec<(Arc<str>, Arc<str>)>,
    pub cwd: Option<Arc<str>>,
    pub user: Option<Arc<str>>,
    pub tty: bool,
    pub stdin: bool,
    pub read_only_root: bool,
    pub memory: u64,
    pub cpu_milli: u64,
}

impl Config {
    /// Image and overrides merged as Docker and the kubelet do.
    #[must_use]
    pub fn of(image: &Image, over: Overrides) -> Config {
        let cmd = || image.cmd.iter().cloned().collect::<Vec<_>>();
        let (entrypoint, args) = match (over.entrypoint, over.args) {
            (Some(entrypoint), args) => (entrypoint, args.unwrap_or_default()),
            (None, args) => (image.entrypoint.to_vec(), args.unwrap_or_else(cmd)),
        };
        let user = over.user.filter(|u| !u.is_empty()).unwrap_or_else(|| image.user.clone());
        let mut env = image.env.clone();
        for (name, value) in over.env {
            env.insert(name, value);
        }
        // What runc adds.
        env.entry("PATH".into()).or_insert_with(|| crate::life::DEFAULT_PATH.into());
        if !env.contains_key("HOME") {
            let home = find_user(&image.root, &user).map_or_else(|_| "/".into(), |u| u.home);
            env.insert("HOME".into(), home);
        }
        if over.tty {
            env.entry("TERM".into()).or_insert_with(|| "xterm".into());
        }
        Config {
            argv: entrypoint.into_iter().chain(args).collect(),
            env,
            env_order: Arc::default(),
            cwd: over.cwd.filter(|c| !c.is_empty()).unwrap_or_else(|| image.cwd.clone()),
            user,
            tty: over.tty,
            stdin: over.stdin,
            read_only_root: over.read_only_root,
            stop_signal: image.stop_signal,
            memory: over.memory,
            cpu_milli: over.cpu_milli,
        }
    }
}

/// A container to be made.
#[derive(Clone, Debug)]
pub struct ContainerSpec {
    pub image: Arc<Image>,
    pub config: Arc<Config>,
    pub hostname: Arc<str>,
    /// The host it runs on.
    pub host: SpaceId,
    /// Its network namespace: a pod's, its own, or its host's.
    pub net: NetId,
    /// By mount point.
    pub mounts: Arc<[(Arc<str>, Mount)]>,
}

/// A process to be started in a running container.
#[derive(Clone, Debug, Default)]
pub struct ExecSpec {
    pub argv: Vec<Arc<str>>,
    /// On top of the container's.
    pub env: Vec<(Arc<str>, Arc<str>)>,
    pub tty: bool,
    pub stdin: bool,
    pub cwd: Option<Arc<str>>,
    pub user: Option<Arc<str>>,
}
