//! Putting files into place: the helper that images' root filesystems are made with.

use crate::filesystem::{Content, Filesystem, Inode, parent};
use crate::program::Programs;
use crate::pseudo;

/// A root filesystem in the making.
pub struct Root {
    pub fs: Filesystem,
    pub(super) programs: Programs,
    /// Modification time of what is added.
    pub time: i64,
    owner: u32,
}

impl Root {
    /// An empty root with the folders the kernel and the runtime mount.
    #[must_use]
    pub fn new(programs: Programs, time: i64) -> Root {
        let mut root = Root { fs: Filesystem::default(), programs, time, owner: 0 };
        for dir in ["/dev", "/dev/pts", "/dev/shm", "/etc", "/proc", "/sys"] {
            root.dir(dir, 0o755);
        }
        for device in ["null", "zero", "full", "random", "urandom", "tty"] {
            root.put(&format!("/dev/{device}"), Content::Device(device), 0o666, 0);
        }
        for (name, to) in [("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
            root.link(&format!("/dev/{name}"), &format!("/proc/self/{to}"));
        }
        root.link("/dev/fd", "/proc/self/fd");
        root
    }
    pub(super) fn put(&mut self, path: &str, content: Content, mode: u16, size: u64) {
        crate::Machines::make_directories(&mut self.fs, parent(path), self.time);
        let (uid, mtime) = (self.owner, self.time);
        _ = self.fs.put(path, Inode { content, mode, uid, gid: uid, mtime, links: 1, size });
    }
    /// What is added from now on belongs to this user and group.
    pub fn owner(&mut self, id: u32) -> &mut Root {
        self.owner = id;
        self
    }
    pub fn dir(&mut self, path: &str, mode: u16) -> &mut Root {
        crate::Machines::make_directories(&mut self.fs, parent(path), self.time);
        let (uid, mtime) = (self.owner, self.time);
        _ = self.fs.put(path, Inode { uid, gid: uid, mtime, ..pseudo::directory(mode) });
        self
    }
    pub fn dirs(&mut self, paths: &[&str]) -> &mut Root {
        for path in paths {
            self.dir(path, 0o755);
        }
        self
    }
    pub fn file(&mut self, path: &str, text: &str) -> &mut Root {
        self.put(path, Content::File(text.as_bytes().into()), 0o644, text.len() as u64);
        self
    }
    /// An executable file of text.
    pub fn script(&mut self, path: &str, text: &str) -> &mut Root {
        self.put(path, Content::File(text.as_bytes().into()), 0o755, text.len() as u64);
        self
    }
    pub fn link(&mut self, path: &str, to: &str) -> &mut Root {
        self.put(path, Content::Symlink(to.into()), 0o777, to.len() as u64);
        self
    }
    /// Takes a file away that the distribution below had.
    pub fn remove(&mut self, path: &str) -> &mut Root {
        _ = self.fs.unlink(path);
        self
    }
    /// A built-in program of about `size` bytes, if there is one of that name.
    pub fn program(&mut self, path: &str, name: &str, size: u64) -> &mut Root {
        if self.programs.find(name).is_some() {
            self.put(path, Content::Program(name.into()), 0o755, size);
        }
        self
    }
    /// Programs under their own names in one folder.
    pub fn programs(&mut self, dir: &str, names: &[&str]) -> &mut Root {
        for name in names {
            let size = 24_000 + drydock_machinery::digest::hash_bytes(name.as_bytes()) % 160_000;
            self.program(&format!("{dir}/{name}"), name, size);
        }
        self
    }
}
