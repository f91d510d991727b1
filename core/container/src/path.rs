//! Paths as processes see them: across mounts and symbolic links, with the files that the kernel or the
//! container runtime makes up (`/proc`, `/etc/hosts`). Follows path_resolution(7).

use crate::errno::Errno;
use crate::filesystem::{self, Content, Filesystem, Inode};
use crate::machines::Machines;
use crate::process::Pid;
use crate::pseudo;
use crate::space::SpaceId;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// Symbolic links followed before ELOOP, as Linux.
const LINKS: usize = 40;

/// Where a path leads: a filesystem and the path within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// A volume, or none for the space's own root.
    pub volume: Option<u32>,
    pub path: String,
    pub read_only: bool,
}

/// On whose behalf files are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// What `/proc/self` is; 0 for none.
    pub pid: Pid,
    pub uid: u32,
    pub gid: u32,
}

/// Permission bits asked for.
pub const READ: u16 = 4;
pub const WRITE: u16 = 2;
pub const EXECUTE: u16 = 1;

impl Viewer {
    /// Whether the mode bits allow all of `want`. Root may read and write everything.
    #[must_use]
    pub fn may(self, inode: &Inode, want: u16) -> bool {
        if self.uid == 0 {
            return want & EXECUTE == 0 || inode.mode & 0o111 != 0 || inode.content == Content::Directory;
        }
        let bits = if inode.uid == self.uid {
            inode.mode >> 6
        } else if inode.gid == self.gid {
            inode.mode >> 3
        } else {
            inode.mode
        };
        bits & want == want
    }
}

/// Marks a volume's number as that of a space, whose root is meant.
const SHARED: u32 = 1 << 31;

/// The number under which a host's own filesystem can be mounted elsewhere: bind mounts.
#[must_use]
pub fn volume_of_root(host: SpaceId) -> u32 {
    SHARED | host.0
}

/// The space whose root a volume's number stands for.
#[must_use]
pub fn shared_root(volume: u32) -> Option<SpaceId> {
    (volume & SHARED != 0).then_some(SpaceId(volume & !SHARED))
}

impl Machines {
    /// A space's root or a volume.
    #[must_use]
    pub fn filesystem(&self, space: SpaceId, volume: Option<u32>) -> Option<&Filesystem> {
        match volume {
            Some(volume) => match shared_root(volume) {
                Some(host) => self.space(host).map(|s| &*s.root),
                None => self.volumes.get(&volume).map(|v| &**v),
            },
            None => self.space(space).map(|s| &*s.root),
        }
    }
    pub fn filesystem_mut(&mut self, space: SpaceId, volume: Option<u32>) -> Option<&mut Filesystem> {
        match volume {
            Some(volume) => match shared_root(volume) {
                Some(host) => self.space_mut(host).map(|s| Arc::make_mut(&mut s.root)),
                None => self.volumes.get_mut(&volume).map(Arc::make_mut),
            },
            None => self.space_mut(space).map(|s| Arc::make_mut(&mut s.root)),
        }
    }
    /// Which filesystem an absolute, resolved path belongs to: the longest mount point wins.
    #[must_use]
    pub fn locate(&self, space: SpaceId, path: &str) -> Located {
        let mounts = self.space(space).map(|s| &*s.mounts).unwrap_or_default();
        let found = mounts.iter().filter(|(at, _)| is_below(path, at)).max_by_key(|(at, _)| at.len());
        match found {
            Some((at, mount)) => {
                let rest = path.get(at.len()..).unwrap_or("");
                let inner = filesystem::normalise("/", &format!("{}/{rest}", mount.sub_path));
                Located { volume: Some(mount.volume), path: inner, read_only: mount.read_only }
            }
            None => Located { volume: None, path: path.to_string(), read_only: false },
        }
    }
    /// The inode at an absolute, resolved path; made-up files included.
    #[must_use]
    pub fn inode_at(&self, space: SpaceId, path: &str) -> Option<Arc<Inode>> {
        self.inode_seen(space, Viewer::default(), path)
    }
    /// As [`Machines::inode_at`]; `viewer` decides what `/proc/self` is.
    #[must_use]
    pub fn inode_seen(&self, space: SpaceId, viewer: Viewer, path: &str) -> Option<Arc<Inode>> {
        let owner = self.space(space)?;
        if !owner.mounts.iter().any(|(at, _)| is_below(path, at) || is_below(at, path)) {
            // The common case without a copy of the path.
            let real = owner.root.get(path);
            if real.is_some() && !pseudo::is_made(owner, path) {
                return real.cloned();
            }
            return pseudo::inode(self, owner, viewer, path).map(Arc::new).or_else(|| real.cloned());
        }
        let located = self.locate(space, path);
        if located.volume.is_none()
            && let Some(inode) = pseudo::inode(self, owner, viewer, path)
        {
            return Some(Arc::new(inode));
        }
        let real = self.filesystem(space, located.volume)?.get(&located.path).cloned();
        // Folders that only exist because something is mounted below them.
        real.or_else(|| {
            let above = owner.mounts.iter().any(|(at, _)| is_below(at, path));
            above.then(|| Arc::new(pseudo::directory(0o755)))
        })
    }
    /// Names in a directory, in byte order, mount points and made-up files included.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR.
    pub fn names_in(&self, space: SpaceId, viewer: Viewer, path: &str) -> Result<Vec<String>, Errno> {
        let inode = self.inode_seen(space, viewer, path).ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        let owner = self.space(space).ok_or(Errno::Enoent)?;
        let located = self.locate(space, path);
        let mut names: Vec<String> = self
            .filesystem(space, located.volume)
            .into_iter()
            .flat_map(|fs| fs.list(&located.path))
            .map(|(name, _)| name.to_string())
            .collect();
        names.extend(pseudo::names(self, owner, viewer, path));
        for (at, _) in &*owner.mounts {
            let rest = if path == "/" { at.strip_prefix('/') } else { below(at, path) };
            if let Some(name) = rest.and_then(|r| r.split('/').next()).filter(|n| !n.is_empty()) {
                names.push(name.to_string());
            }
        }
        names.arrange();
        names.dedup();
        Ok(names)
    }
    /// Resolves a path to its end: symbolic links followed in every part but a missing last one.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
    pub fn real_path(&self, space: SpaceId, cwd: &str, path: &str) -> Result<String, Errno> {
        self.walk_path(space, Viewer::default(), cwd, path, true)
    }
    /// As [`Machines::real_path`], without following the last part: for lstat, unlink, rename.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
    pub fn link_path(&self, space: SpaceId, cwd: &str, path: &str) -> Result<String, Errno> {
        self.walk_path(space, Viewer::default(), cwd, path, false)
    }
    pub(crate) fn walk_path(
        &self,
        space: SpaceId,
        viewer: Viewer,
        cwd: &str,
        path: &str,
        follow_last: bool,
    ) -> Result<String, Errno> {
        if path.is_empty() {
            return Err(Errno::Enoent);
        }
        if path.len() > 4096 {
            return Err(Errno::Enametoolong);
        }
        // Names in a filesystem are real paths: one that is found as it stands needs no walking.
        if viewer.uid == 0
            && path.starts_with('/')
            && let Some(owner) = self.space(space)
            && !owner.mounts.iter().any(|(at, _)| is_below(path, at))
            && let Some(inode) = owner.root.get(path)
            && !matches!(inode.content, Content::Symlink(_))
        {
            return Ok(path.to_string());
        }
        let (mut at, start) = match path.strip_prefix('/') {
            Some(rest) => (String::from("/"), rest),
            // The working directory is already resolved.
            None => (cwd.to_string(), path),
        };
        let slash_at_end = path.ends_with('/');
        let mut todo: Vec<Arc<str>> = start.split('/').rev().map(Arc::from).collect();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            match &*part {
                "" | "." => continue,
                ".." => {
                    at = filesystem::parent(&at).to_string();
                    continue;
                }
                _ => {}
            }
            let next = if at == "/" { format!("/{part}") } else { format!("{at}/{part}") };
            let is_last = todo.iter().all(|p| p.is_empty());
            let Some(inode) = self.inode_seen(space, viewer, &next) else {
                if is_last {
                    at = next;
                    continue;
                }
                return Err(Errno::Enoent);
            };
            match &inode.content {
                Content::Symlink(to)
                    if (follow_last || !is_last || slash_at_end) && !pseudo::is_magic(&next) =>
                {
                    links += 1;
                    if links > LINKS {
                        return Err(Errno::Eloop);
                    }
                    todo.extend(to.split('/').rev().map(Arc::from));
                    if to.starts_with('/') {
                        at = String::from("/");
                    }
                }
                Content::Directory => {
                    if !is_last && viewer.uid != 0 && !viewer.may(&inode, EXECUTE) {
                        return Err(Errno::Eacces);
                    }
                    at = next;
                }
                _ if is_last && !slash_at_end => at = next,
                _ => return Err(Errno::Enotdir),
            }
        }
        Ok(at)
    }
}

pub(crate) fn is_below(path: &str, mount: &str) -> bool {
    path == mount || mount == "/" || below(path, mount).is_some()
}

/// What is left of `path` under the folder `top`.
fn below<'a>(path: &'a str, top: &str) -> Option<&'a str> {
    path.strip_prefix(top)?.strip_prefix('/')
}
