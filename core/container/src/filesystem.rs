//! A filesystem as a value: names to inodes, inodes to contents, both persistent. A container's root is
//! a copy of its image's (a reference count), so that layers, `docker diff` and undo are one mechanism:
//! the difference between two values.
//!
//! Paths here are absolute and normalised, without symbolic links in front of the last part; `Sys`
//! resolves what programs say, across mounts.

use crate::errno::Errno;
use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::limits;
use imbl::OrdMap;
use std::sync::Arc;

/// What an inode holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    Directory,
    File(Arc<[u8]>),
    /// An executable that stands for a built-in program, by its registry name.
    Program(Arc<str>),
    Symlink(Arc<str>),
    /// `null`, `zero`, `random`, `tty`, `full`.
    Device(&'static str),
}

/// A file of any type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inode {
    pub content: Content,
    /// Permission bits with set-id and sticky.
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// Modification time, unix seconds.
    pub mtime: i64,
    pub links: u32,
    /// Size shown for a built-in program or a file whose bytes are not kept.
    pub size: u64,
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Filesystem {
    names: OrdMap<Arc<str>, u64>,
    inodes: OrdMap<u64, Arc<Inode>>,
    next: u64,
    /// Bytes of all files' contents.
    pub used: u64,
    pub read_only: bool,
}

impl Default for Filesystem {
    fn default() -> Self {
        let root = Inode {
            content: Content::Directory,
            mode: 0o755,
            uid: 0,
            gid: 0,
            mtime: 0,
            links: 2,
            size: 4096,
        };
        Filesystem {
            names: OrdMap::unit("/".into(), 1),
            inodes: OrdMap::unit(1, Arc::new(root)),
            next: 2,
            used: 0,
            read_only: false,
        }
    }
}

/// The directory part of a normalised path.
#[must_use]
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => path.get(..at).unwrap_or("/"),
    }
}

/// The last part of a normalised path; "" for the root.
#[must_use]
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or("")
}

/// Joins and normalises lexically: `.` and `..` go, slashes are single.
#[must_use]
pub fn normalise(cwd: &str, path: &str) -> String {
    let joined = if path.starts_with('/') { path.to_string() } else { format!("{cwd}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Filesystem {
    #[must_use]
    pub fn ino(&self, path: &str) -> Option<u64> {
        self.names.get(path).copied()
    }
    #[must_use]
    pub fn inode(&self, ino: u64) -> Option<&Arc<Inode>> {
        self.inodes.get(&ino)
    }
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Arc<Inode>> {
        self.inode(self.ino(path)?)
    }
    /// All paths with their inode numbers.
    pub(crate) fn names(&self) -> &OrdMap<Arc<str>, u64> {
        &self.names
    }
    pub(crate) fn inodes(&self) -> &OrdMap<u64, Arc<Inode>> {
        &self.inodes
    }
    /// Number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.len() <= 1
    }
    /// Names directly in a directory, in byte order.
    pub fn list<'a>(&'a self, directory: &str) -> impl Iterator<Item = (&'a str, &'a Arc<Inode>)> + 'a {
        let prefix: Arc<str> = if directory == "/" { "/".into() } else { format!("{directory}/").into() };
        let length = prefix.len();
        let mut from: Arc<str> = prefix.clone();
        std::iter::from_fn(move || {
            loop {
                let (path, ino) = self.names.range(from.clone()..).find(|(path, _)| path.len() > length)?;
                let name = path.strip_prefix(&*prefix)?;
                match name.split_once('/') {
                    // Jump over what lies deeper: '0' is the byte after '/'.
                    Some((directory, _)) => from = format!("{prefix}{directory}0").into(),
                    None => {
                        from = format!("{path}\u{0}").into();
                        return Some((name, self.inodes.get(ino)?));
                    }
                }
            }
        })
    }
    /// Every path at or below `path`, parents first.
    pub fn walk<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a Arc<str>, &'a Arc<Inode>)> + 'a {
        let own: Arc<str> = path.into();
        let prefix = if path == "/" { String::from("/") } else { format!("{path}/") };
        let below = self.names.range(Arc::<str>::from(prefix.as_str())..);
        self.names
            .get_key_value(&own)
            .into_iter()
            .chain(below.take_while(move |(p, _)| p.starts_with(&prefix)).filter(move |(p, _)| **p != own))
            .filter_map(|(path, ino)| Some((path, self.inodes.get(ino)?)))
    }
    /// Puts an inode under a new or existing name. The parent must be a directory.
    pub fn put(&mut self, path: &str, inode: Inode) -> Result<u64, Errno> {
        if self.read_only {
            return Err(Errno::Erofs);
        }
        if path.len() > 4096 || base_name(path).len() > 255 {
            return Err(Errno::Enametoolong);
        }
        match self.get(parent(path)).map(|i| &i.content) {
            Some(Content::Directory) => {}
            Some(_) => return Err(Errno::Enotdir),
            None => return Err(Errno::Enoent),
        }
        if let Some(ino) = self.ino(path) {
            return self.replace(ino, inode).map(|()| ino);
        }
        if self.names.len() >= limits::FILES {
            return Err(Errno::Enospc);
        }
        let ino = self.next;
        self.next += 1;
        self.charge(0, weight(&inode))?;
        self.names.insert(path.into(), ino);
        self.inodes.insert(ino, Arc::new(inode));
        Ok(ino)
    }
    /// Exchanges the inode behind every name that refers to it.
    pub fn replace(&mut self, ino: u64, inode: Inode) -> Result<(), Errno> {
        if self.read_only {
            return Err(Errno::Erofs);
        }
        let old = self.inodes.get(&ino).map_or(0, |i| weight(i));
        self.charge(old, weight(&inode))?;
        self.inodes.insert(ino, Arc::new(inode));
        Ok(())
    }
    fn charge(&mut self, old: u64, new: u64) -> Result<(), Errno> {
        if new > limits::FILE_BYTES as u64 {
            return Err(Errno::Efbig);
        }
        let used = self.used.saturating_sub(old).saturating_add(new);
        if new > old && used > limits::DISK_BYTES as u64 {
            return Err(Errno::Enospc);
        }
        self.used = used;
        Ok(())
    }
    /// One more name for an inode.
    pub fn link(&mut self, ino: u64, path: &str) -> Result<(), Errno> {
        let inode = self.inodes.get(&ino).ok_or(Errno::Enoent)?;
        if self.names.contains_key(path) {
            return Err(Errno::Eexist);
        }
        let more = Inode { links: inode.links + 1, ..Inode::clone(inode) };
        self.replace(ino, more)?;
        self.names.insert(path.into(), ino);
        Ok(())
    }
    /// Takes one name away; the inode goes with its last name. Directories must be empty.
    pub fn unlink(&mut self, path: &str) -> Result<(), Errno> {
        if self.read_only {
            return Err(Errno::Erofs);
        }
        let ino = self.ino(path).ok_or(Errno::Enoent)?;
        let inode = self.inodes.get(&ino).cloned().ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory && self.list(path).next().is_some() {
            return Err(Errno::Enotempty);
        }
        self.names.remove(path);
        if inode.content != Content::Directory && inode.links > 1 {
            let less = Inode { links: inode.links - 1, ..Inode::clone(&inode) };
            self.inodes.insert(ino, Arc::new(less));
        } else {
            self.used = self.used.saturating_sub(weight(&inode));
            self.inodes.remove(&ino);
        }
        Ok(())
    }
    /// Moves a name and everything below it.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        if self.read_only {
            return Err(Errno::Erofs);
        }
        if to.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
            return Err(Errno::Einval);
        }
        if !matches!(self.get(parent(to)).map(|i| &i.content), Some(Content::Directory)) {
            return Err(Errno::Enoent);
        }
        let moved: Vec<(Arc<str>, u64)> =
            self.walk(from).filter_map(|(p, _)| Some((p.clone(), self.ino(p)?))).collect();
        if moved.is_empty() {
            return Err(Errno::Enoent);
        }
        if self.names.contains_key(to) && from != to {
            self.unlink(to)?;
        }
        for (path, ino) in &moved {
            self.names.remove(path);
            if let Some(rest) = path.strip_prefix(from) {
                self.names.insert(format!("{to}{rest}").into(), *ino);
            }
        }
        Ok(())
    }
    /// Content hash; O(files).
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.names.iter().fold(0, |h, (path, ino)| {
            let inode = self.inodes.get(ino).map_or(0, |i| digest(i));
            mix(mix(h, hash_bytes(path.as_bytes())), inode)
        })
    }
}

fn weight(inode: &Inode) -> u64 {
    if let Content::File(bytes) = &inode.content { bytes.len() as u64 } else { 0 }
}

fn digest(inode: &Inode) -> u64 {
    let content = match &inode.content {
        Content::Directory => 1,
        Content::File(bytes) => mix(2, hash_bytes(bytes)),
        Content::Program(name) => mix(3, hash_bytes(name.as_bytes())),
        Content::Symlink(to) => mix(4, hash_bytes(to.as_bytes())),
        Content::Device(name) => mix(5, hash_bytes(name.as_bytes())),
    };
    let owner = mix(u64::from(inode.uid), u64::from(inode.gid));
    mix(mix(content, u64::from(inode.mode)), mix(owner, inode.mtime as u64))
}
