//! Files on behalf of a process: resolved, checked against their modes, opened, described. The ground
//! under the system calls of `sys_fs`.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum, OpenFile, OpenOptions};
use crate::filesystem::{self, Content, Filesystem, Inode};
use crate::machines::Machines;
use crate::path::{Located, READ, Viewer, WRITE};
use crate::process::Pid;
use crate::pseudo;
use crate::space::{Mount, SpaceId};
use crate::wait::Key;
use drydock_machinery::limits;
use std::sync::Arc;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Directory,
    Symlink,
    Device,
}

/// What stat(2) tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub kind: FileKind,
    pub ino: u64,
    /// The volume, or 0 for the root filesystem.
    pub device: u32,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    /// Unix seconds.
    pub mtime: i64,
    pub links: u32,
    /// Where a symbolic link leads.
    pub target: Option<Arc<str>>,
    /// The registry name of the built-in program an executable stands for.
    pub program: Option<Arc<str>>,
}

/// A path resolved for one process.
pub(crate) struct Place {
    pub space: SpaceId,
    pub who: Viewer,
    pub umask: u16,
    /// Absolute, in the process' view.
    pub real: String,
    pub at: Located,
    pub inode: Option<Arc<Inode>>,
}

impl Machines {
    pub(crate) fn viewer(&self, pid: Pid) -> Viewer {
        self.process(pid).map_or(Viewer::default(), |p| Viewer { pid, uid: p.uid, gid: p.gid })
    }
    pub(crate) fn place(&self, pid: Pid, path: &str, follow: bool) -> Result<Place, Errno> {
        let process = self.process(pid).ok_or(Errno::Esrch)?;
        let (space, who) = (process.space, self.viewer(pid));
        let real = self.walk_path(space, who, &process.cwd, path, follow)?;
        let inode = self.inode_seen(space, who, &real);
        let at = self.locate(space, &real);
        Ok(Place { space, who, umask: process.umask, real, at, inode })
    }
    /// As [`Machines::place`], for a change.
    pub(crate) fn place_to_change(&mut self, pid: Pid, path: &str, follow: bool) -> Result<Place, Errno> {
        let place = self.place(pid, path, follow)?;
        if pseudo::made_bit(&place.real).is_none() {
            return Ok(place);
        }
        self.materialise(place.space, &place.real);
        self.place(pid, path, follow)
    }
    /// The filesystem behind a place, if it may be changed there.
    pub(crate) fn writable(&mut self, place: &Place) -> Result<&mut Filesystem, Errno> {
        if place.at.read_only {
            return Err(Errno::Erofs);
        }
        if place.at.volume.is_none() && (place.real == "/proc" || place.real.starts_with("/proc/")) {
            return Err(Errno::Eperm);
        }
        let fs = self.filesystem_mut(place.space, place.at.volume).ok_or(Errno::Enoent)?;
        if fs.read_only { Err(Errno::Erofs) } else { Ok(fs) }
    }
    /// A file the runtime makes becomes an ordinary one before its first change.
    pub(crate) fn materialise(&mut self, space: SpaceId, path: &str) {
        let Some(bit) = pseudo::made_bit(path) else { return };
        let Some(owner) = self.space(space) else { return };
        if !pseudo::is_made(owner, path) {
            return;
        }
        let Some(inode) = pseudo::inode(self, owner, Viewer::default(), path) else { return };
        if owner.is_host() {
            if let Some(owner) = self.space_mut(space) {
                owner.own_etc |= bit;
                _ = Arc::make_mut(&mut owner.root).put(path, inode);
            }
            return;
        }
        // As a mount of its own: it can be written even where the root cannot.
        let mut fs = Filesystem::default();
        let name: Arc<str> = format!("/{}", filesystem::base_name(path)).into();
        _ = fs.put(&name, inode);
        let volume = self.add_volume_of(fs);
        if let Some(owner) = self.space_mut(space) {
            owner.own_etc |= bit;
            let mount = Mount { volume, sub_path: name, read_only: false };
            owner.mounts = owner.mounts.iter().cloned().chain([(path.into(), mount)]).collect();
        }
    }
    /// Checks that the process may add or remove names in the directory of `place`.
    pub(crate) fn may_change_directory(&self, place: &Place) -> Result<(), Errno> {
        let above = filesystem::parent(&place.real);
        let dir = self.inode_seen(place.space, place.who, above).ok_or(Errno::Enoent)?;
        if dir.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if !place.who.may(&dir, WRITE) {
            return Err(Errno::Eacces);
        }
        // Sticky directories (/tmp): only the owner may remove or rename.
        if dir.mode & 0o1000 != 0
            && place.who.uid != 0
            && place.inode.as_ref().is_some_and(|i| i.uid != place.who.uid && dir.uid != place.who.uid)
        {
            return Err(Errno::Eperm);
        }
        Ok(())
    }
    /// Makes directories above a path as the container runtime does for mounts and working folders.
    pub fn make_directories(fs: &mut Filesystem, path: &str, mtime: i64) {
        if fs.get(path).is_some() || path.len() > 4096 {
            return;
        }
        let mut at = String::new();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            at.push('/');
            at.push_str(part);
            if fs.get(&at).is_none() {
                _ = fs.put(&at, Inode { mtime, ..pseudo::directory(0o755) });
            }
        }
    }
    pub(crate) fn read_file_as(&mut self, pid: Pid, path: &str) -> Result<Arc<[u8]>, Errno> {
        let place = self.place(pid, path, true)?;
        let inode = place.inode.as_ref().ok_or(Errno::Enoent)?;
        if !place.who.may(inode, READ) {
            return Err(Errno::Eacces);
        }
        match &inode.content {
            Content::File(bytes) => {
                let bytes = bytes.clone();
                self.charge(pid, bytes.len() / 4_096);
                Ok(bytes)
            }
            Content::Program(name) => Ok(format!("\u{7f}ELF\u{2}\u{1}\u{1} {name}\n").into_bytes().into()),
            Content::Directory => Err(Errno::Eisdir),
            Content::Symlink(_) => Err(Errno::Eloop),
            Content::Device(_) => Ok(Arc::from([])),
        }
    }
    pub(crate) fn write_file_as(
        &mut self,
        pid: Pid,
        path: &str,
        bytes: &[u8],
        append: bool,
    ) -> Result<(), Errno> {
        let options = if append { OpenOptions::APPEND } else { OpenOptions::WRITE };
        let fd = self.open_as(pid, path, options)?;
        let target = self.process(pid).and_then(|p| p.fds.get(&fd)).cloned();
        if let Some(target) = target {
            self.put_out(pid, &target, &bytes.into());
        }
        self.close_as(pid, fd)?;
        let failed = self.process_mut(pid).and_then(|p| p.write_error.take());
        failed.map_or(Ok(()), Err)
    }
    /// open(2); see [`Sys::open`].
    pub(crate) fn open_as(&mut self, pid: Pid, path: &str, options: OpenOptions) -> Result<FdNum, Errno> {
        let fd = self.open_description(pid, path, options)?;
        self.share(&fd);
        let result = self.install(pid, fd.clone());
        if result.is_err() {
            self.release(&fd);
        }
        result
    }
    /// Puts a descriptor under the lowest free number.
    pub(crate) fn install(&mut self, pid: Pid, fd: Fd) -> Result<FdNum, Errno> {
        let process = self.process_mut(pid).ok_or(Errno::Esrch)?;
        if process.fds.len() >= limits::DESCRIPTORS {
            return Err(Errno::Emfile);
        }
        let number = (0..).find(|n| !process.fds.contains_key(n)).unwrap_or(0);
        process.fds.insert(number, fd);
        Ok(number)
    }
    pub(crate) fn close_as(&mut self, pid: Pid, fd: FdNum) -> Result<(), Errno> {
        let process = self.process_mut(pid).ok_or(Errno::Esrch)?;
        let fd = process.fds.remove(&fd).ok_or(Errno::Ebadf)?;
        self.release(&fd);
        Ok(())
    }
    fn open_description(&mut self, pid: Pid, path: &str, options: OpenOptions) -> Result<Fd, Errno> {
        let OpenOptions { read, write, append, create, truncate, create_new } = options;
        let mut place =
            if write { self.place_to_change(pid, path, true)? } else { self.place(pid, path, true)? };
        if let Some((ns_pid, fd)) = pseudo::fd_of(&place.real) {
            return self.reopen(&place, ns_pid, fd, options);
        }
        if path.ends_with('/') && place.inode.as_ref().is_none_or(|i| i.content != Content::Directory) {
            return Err(if place.inode.is_none() { Errno::Eisdir } else { Errno::Enotdir });
        }
        let inode = match place.inode.take() {
            Some(_) if create_new => return Err(Errno::Eexist),
            Some(inode) => inode,
            None if create || create_new => {
                self.may_change_directory(&place)?;
                let inode = Inode {
                    content: Content::File(Arc::from([])),
                    mode: 0o666 & !place.umask,
                    uid: place.who.uid,
                    gid: place.who.gid,
                    mtime: self.clock.unix(),
                    links: 1,
                    size: 0,
                };
                let at = place.at.path.clone();
                self.writable(&place)?.put(&at, inode.clone())?;
                Arc::new(inode)
            }
            None => return Err(Errno::Enoent),
        };
        let want = if read { READ } else { 0 } | if write { WRITE } else { 0 };
        if !place.who.may(&inode, want) {
            return Err(Errno::Eacces);
        }
        match &inode.content {
            Content::Device("null") => return Ok(Fd::Null),
            Content::Device("tty") => {
                let fds = self.process(pid).map(|p| p.fds.clone()).unwrap_or_default();
                return fds.values().find(|fd| matches!(fd, Fd::Tty { .. })).cloned().ok_or(Errno::Enxio);
            }
            Content::Directory if write => return Err(Errno::Eisdir),
            Content::Program(_) if write => return Err(Errno::Etxtbsy),
            _ => {}
        }
        let mut detached = None;
        if write && matches!(inode.content, Content::File(_)) {
            let at = place.at.path.clone();
            let now = self.clock.unix();
            let key = (place.space, place.at.volume);
            let fs = self.writable(&place)?;
            if truncate
                && inode.size > 0
                && let Some(ino) = fs.ino(&at)
            {
                let empty = Inode {
                    content: Content::File(Arc::from([])),
                    size: 0,
                    mtime: now,
                    ..Inode::clone(&inode)
                };
                fs.replace(ino, empty)?;
                self.wake(Key::of_file(key.0, key.1, ino));
            }
        }
        let ino = self.filesystem(place.space, place.at.volume).and_then(|fs| fs.ino(&place.at.path));
        let made = self
            .space(place.space)
            .is_some_and(|s| place.at.volume.is_none() && pseudo::is_made(s, &place.real));
        if let Content::File(bytes) = &inode.content
            && (ino.is_none() || made)
        {
            detached = Some(bytes.clone());
        }
        let open = self.fresh_id();
        let file = OpenFile {
            path: place.real.as_str().into(),
            ino: ino.unwrap_or(0),
            volume: place.at.volume,
            space: place.space.0,
            offset: 0,
            append,
            readable: read,
            writable: write,
            users: 0,
            detached,
        };
        self.files.insert(open, file);
        Ok(Fd::File { open })
    }
    /// Opening `/proc/<pid>/fd/<n>` gives what that descriptor refers to.
    fn reopen(&mut self, place: &Place, ns_pid: u32, fd: FdNum, options: OpenOptions) -> Result<Fd, Errno> {
        let owner = self.space(place.space).ok_or(Errno::Enoent)?;
        let process = pseudo::find(self, owner, ns_pid).ok_or(Errno::Enoent)?;
        if place.who.uid != 0 && place.who.uid != process.uid {
            return Err(Errno::Eacces);
        }
        let fd = process.fds.get(&fd).cloned().ok_or(Errno::Enoent)?;
        match &fd {
            Fd::File { open } => {
                let file = self.files.get(open).cloned().ok_or(Errno::Enoent)?;
                let open = self.fresh_id();
                let (readable, writable) = (options.read, options.write);
                let file =
                    OpenFile { offset: 0, users: 0, append: options.append, readable, writable, ..file };
                self.files.insert(open, file);
                Ok(Fd::File { open })
            }
            Fd::PipeRead(id) if options.write => Ok(Fd::PipeWrite(*id)),
            Fd::PipeWrite(id) if options.read && !options.write => Ok(Fd::PipeRead(*id)),
            other => Ok(other.clone()),
        }
    }
    pub(crate) fn stat_as(&self, pid: Pid, path: &str, follow: bool) -> Result<Stat, Errno> {
        let place = self.place(pid, path, follow)?;
        let inode = place.inode.ok_or(Errno::Enoent)?;
        let real = self.filesystem(place.space, place.at.volume).and_then(|fs| fs.ino(&place.at.path));
        let (kind, target, program) = match &inode.content {
            Content::File(_) => (FileKind::File, None, None),
            Content::Program(name) => (FileKind::File, None, Some(name.clone())),
            Content::Directory => (FileKind::Directory, None, None),
            Content::Symlink(to) => (FileKind::Symlink, Some(to.clone()), None),
            Content::Device(_) => (FileKind::Device, None, None),
        };
        Ok(Stat {
            kind,
            ino: real.unwrap_or(4_026_531_840),
            device: place.at.volume.unwrap_or(0),
            mode: inode.mode,
            uid: inode.uid,
            gid: inode.gid,
            size: inode.size,
            mtime: inode.mtime,
            links: inode.links,
            target,
            program,
        })
    }
}
