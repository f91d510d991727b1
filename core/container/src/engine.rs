//! The container engine: what runc, containerd and dockerd have in common, for Docker on the laptop and
//! for the kubelet on nodes. Makes hosts, network namespaces and containers; starts, stops and removes
//! them. Texts and exit codes as runc 1.1 gives them.
//!
//! Left out: cgroup accounting, seccomp and capabilities, user namespaces.

pub mod exec;
pub mod pull;
pub mod start;

use crate::machines::Machines;
use crate::path::Viewer;
use crate::signal::Signal;
use crate::space::{Life, Net, NetId, Space, SpaceId, SpaceKind};
use crate::spec::{Config, ContainerSpec};
use drydock_network::address::Ip;
use std::sync::Arc;

impl Machines {
    /// A host with an operating system of its kind and a network namespace at `ip`.
    pub fn add_host(&mut self, name: &str, ip: Ip, kind: SpaceKind) -> SpaceId {
        let id = self.fresh_space();
        let image = self.host_image(kind);
        let net = self.add_net(ip, id);
        let config = Arc::new(Config::of(&image, crate::spec::Overrides::default()));
        let space = Space {
            kind,
            life: Life::Running,
            next_ns_pid: 1_000,
            ..Space::new(id, name.into(), image, config, net, id)
        };
        self.spaces.insert(id, Arc::new(space));
        id
    }
    /// A network namespace on a host: a pod's sandbox, or a container's own.
    pub fn add_net(&mut self, address: Ip, host: SpaceId) -> NetId {
        self.last_net += 1;
        let id = NetId(self.last_net);
        let (resolver, hosts) = (self.default_resolver.clone(), self.no_hosts.clone());
        self.nets.insert(id, Arc::new(Net { address, host, resolver, hosts, ..Net::default() }));
        if address != Ip::default() {
            self.addresses.insert(address, id);
        }
        id
    }
    /// Takes a network namespace away; what is under way to it gets lost.
    pub fn remove_net(&mut self, id: NetId) {
        let Some(net) = self.nets.remove(&id) else { return };
        if self.addresses.get(&net.address) == Some(&id) {
            self.addresses.remove(&net.address);
        }
        let ports: Vec<u16> = self.listeners.range((id, 0)..=(id, u16::MAX)).map(|l| l.0.1).collect();
        for port in ports {
            self.listeners.remove(&(id, port));
        }
    }
    pub(crate) fn fresh_space(&mut self) -> SpaceId {
        self.last_space += 1;
        SpaceId(self.last_space)
    }
    /// Makes a container without starting it.
    pub fn create_container(&mut self, spec: ContainerSpec) -> SpaceId {
        let id = self.fresh_space();
        let ContainerSpec { image, config, hostname, host, net, mounts } = spec;
        let mut space = Space::new(id, hostname, image, config, net, host);
        let links = mounts.iter().any(|(at, _)| has_link_above(&space.root, at));
        space.mounts = mounts;
        if space.config.read_only_root {
            Arc::make_mut(&mut space.root).read_only = true;
        }
        self.spaces.insert(id, Arc::new(space));
        if links {
            self.resolve_mounts(id);
        }
        id
    }
    /// Mount points lie where their paths lead in the root: `/var/run/x` at `/run/x` on Debian.
    fn resolve_mounts(&mut self, id: SpaceId) {
        let Some(space) = self.space_mut(id) else { return };
        let mounts = std::mem::take(&mut space.mounts);
        let resolved = mounts
            .iter()
            .map(|(at, mount)| {
                let mut above = at.as_ref();
                // What does not exist yet is made below what does.
                while above != "/" && self.real_path(id, "/", above).is_err() {
                    above = crate::filesystem::parent(above);
                }
                let real = self.real_path(id, "/", above).unwrap_or_else(|_| above.to_string());
                let rest = at.get(above.len()..).unwrap_or("");
                (Arc::from(format!("{}{rest}", real.trim_end_matches('/'))), mount.clone())
            })
            .collect();
        if let Some(space) = self.space_mut(id) {
            space.mounts = resolved;
        }
    }
    /// Sends a container's first process a signal: the one given, its image's stop signal, or TERM.
    pub fn stop(&mut self, id: SpaceId, signal: Option<Signal>) {
        let Some(space) = self.space(id) else { return };
        let signal = signal.or(space.config.stop_signal).unwrap_or(Signal::Term);
        if space.init != 0 && !space.is_host() {
            self.kill(space.init, signal);
        }
    }
    /// What a container printed.
    #[must_use]
    pub fn logs(&self, id: SpaceId) -> Option<&crate::log::Log> {
        self.space(id).map(|s| &s.log)
    }
    /// Removes a container with its processes, without notices; its volumes stay.
    pub fn remove_container(&mut self, id: SpaceId) {
        let Some(space) = self.space(id) else { return };
        if space.is_host() {
            return;
        }
        let (tty, stdin, init) = (space.tty, space.stdin, space.init);
        let own = crate::pseudo::MADE
            .iter()
            .filter(|m| crate::pseudo::made_bit(m).is_some_and(|b| space.own_etc & b != 0));
        let own: Vec<u32> = own.filter_map(|m| space.mount(m)).map(|m| m.volume).collect();
        let before = self.notices.clone();
        self.end_now(init);
        let rest: Vec<_> = self.residents.range((id, 0)..=(id, u32::MAX)).map(|r| r.1).collect();
        for pid in rest {
            self.end_now(pid);
        }
        // Who was told about execs that ended still is; the container's own end is no news.
        if self.notices.len() != before.len() {
            self.notices = self
                .notices
                .iter()
                .filter(|n| !matches!(n, crate::Notice::SpaceEnded { space, .. } if *space == id))
                .copied()
                .collect();
        }
        if tty != 0 {
            self.ttys.remove(&tty);
        }
        if stdin != 0 {
            self.close_input(stdin);
        }
        for volume in own {
            self.volumes.remove(&volume);
        }
        self.watched_logs.remove(&id);
        self.spaces.remove(&id);
    }
    /// Pauses or goes on: SIGSTOP and SIGCONT to everything in the container, PID 1 included.
    pub fn freeze(&mut self, id: SpaceId, frozen: bool) {
        let pids: Vec<_> = self.residents.range((id, 0)..=(id, u32::MAX)).map(|r| r.1).collect();
        for pid in pids {
            if frozen {
                self.stop_process(pid);
            } else {
                self.kill(pid, Signal::Cont);
            }
        }
    }
    /// Reads a file of a space as root would; symbolic links are followed.
    ///
    /// # Errors
    /// As open(2) and read(2).
    pub fn read_file(&self, id: SpaceId, path: &str) -> Result<Arc<[u8]>, crate::Errno> {
        let real = self.walk_path(id, Viewer::default(), "/", path, true)?;
        match self.inode_at(id, &real).ok_or(crate::Errno::Enoent)?.content.clone() {
            crate::filesystem::Content::File(bytes) => Ok(bytes),
            crate::filesystem::Content::Directory => Err(crate::Errno::Eisdir),
            _ => Err(crate::Errno::Einval),
        }
    }
    /// Writes a file of a space as `uid`:`uid`, making the folders above it.
    ///
    /// # Errors
    /// As open(2) and write(2).
    pub fn write_file(
        &mut self,
        id: SpaceId,
        path: &str,
        bytes: &[u8],
        uid: u32,
    ) -> Result<(), crate::Errno> {
        let real = self.walk_path(id, Viewer::default(), "/", path, true);
        let real = real.unwrap_or_else(|_| crate::filesystem::normalise("/", path));
        self.materialise(id, &real);
        let located = self.locate(id, &real);
        if located.read_only {
            return Err(crate::Errno::Erofs);
        }
        let mtime = self.clock.unix();
        let fs = self.filesystem_mut(id, located.volume).ok_or(crate::Errno::Enoent)?;
        Machines::make_directories(fs, crate::filesystem::parent(&located.path), mtime);
        let old = fs.get(&located.path).map(|i| i.mode);
        let inode = crate::filesystem::Inode {
            content: crate::filesystem::Content::File(bytes.into()),
            mode: old.unwrap_or(0o644),
            uid,
            gid: uid,
            mtime,
            links: 1,
            size: bytes.len() as u64,
        };
        fs.put(&located.path, inode).map(|_| ())
    }
    /// An empty volume (emptyDir, a named volume); gives its number.
    pub fn add_volume(&mut self) -> u32 {
        self.last_volume += 1;
        self.volumes.insert(self.last_volume, self.empty_volume.clone());
        self.last_volume
    }
    /// What lies at and below `path` in a space's root, as a filesystem of its own: a named volume begins
    /// as a copy of what its mount point holds in the image.
    #[must_use]
    pub fn subtree(&self, id: SpaceId, path: &str) -> crate::filesystem::Filesystem {
        let mut out = crate::filesystem::Filesystem::default();
        let Some(space) = self.space(id) else { return out };
        let path = path.trim_end_matches('/');
        for (at, inode) in space.root.walk(if path.is_empty() { "/" } else { path }) {
            let inner = at.strip_prefix(path).filter(|p| !p.is_empty()).unwrap_or("/");
            _ = out.put(inner, crate::filesystem::Inode::clone(inode));
        }
        out
    }
    /// A volume with this content.
    pub fn add_volume_of(&mut self, content: crate::filesystem::Filesystem) -> u32 {
        self.last_volume += 1;
        self.volumes.insert(self.last_volume, Arc::new(content));
        self.last_volume
    }
    /// Forgets a volume.
    pub fn remove_volume(&mut self, id: u32) {
        self.volumes.remove(&id);
    }
}

/// Whether a symbolic link is on the way to a path.
fn has_link_above(root: &crate::filesystem::Filesystem, path: &str) -> bool {
    let mut at = path;
    while at != "/" {
        if root.get(at).is_some_and(|i| matches!(i.content, crate::filesystem::Content::Symlink(_))) {
            return true;
        }
        at = crate::filesystem::parent(at);
    }
    false
}
