//! System calls on files: open, stat, directories, links, modes. Errors as the Linux calls of the same
//! names give them.
//!
//! Left out: advisory locks, extended attributes, sparse files.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum, OpenFile, OpenOptions};
use crate::filesystem::{self, Content, Filesystem, Inode};
use crate::machines::Machines;
use crate::path::{EXECUTE, Located, READ, Viewer, WRITE};
use crate::process::Pid;
use crate::pseudo;
use crate::space::SpaceId;
use crate::sys::Sys;
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
struct Place {
    space: SpaceId,
    who: Viewer,
    umask: u16,
    /// Absolute, in the process' view.
    real: String,
    at: Located,
    inode: Option<Arc<Inode>>,
}

impl Machines {
    pub(crate) fn viewer(&self, pid: Pid) -> Viewer {
        self.process(pid).map_or(Viewer::default(), |p| Viewer { pid, uid: p.uid, gid: p.gid })
    }
    fn place(&self, pid: Pid, path: &str, follow: bool) -> Result<Place, Errno> {
        let process = self.process(pid).ok_or(Errno::Esrch)?;
        let (space, who) = (process.space, self.viewer(pid));
        let real = self.walk_path(space, who, &process.cwd, path, follow)?;
        let inode = self.inode_seen(space, who, &real);
        let at = self.locate(space, &real);
        Ok(Place { space, who, umask: process.umask, real, at, inode })
    }
    /// The filesystem behind a place, if it may be changed there.
    fn writable(&mut self, place: &Place) -> Result<&mut Filesystem, Errno> {
        if place.at.read_only {
            return Err(Errno::Erofs);
        }
        if place.at.volume.is_none() && (place.real == "/proc" || place.real.starts_with("/proc/")) {
            return Err(Errno::Eperm);
        }
        self.materialise(place.space, &place.real);
        let fs = self.filesystem_mut(place.space, place.at.volume).ok_or(Errno::Enoent)?;
        if fs.read_only { Err(Errno::Erofs) } else { Ok(fs) }
    }
    /// A file the runtime makes becomes an ordinary one before its first change.
    fn materialise(&mut self, space: SpaceId, path: &str) {
        let Some(bit) = pseudo::made_bit(path) else { return };
        let Some(owner) = self.space(space) else { return };
        if !pseudo::is_made(owner, path) {
            return;
        }
        let Some(inode) = pseudo::inode(self, owner, Viewer::default(), path) else { return };
        if let Some(owner) = self.space_mut(space) {
            owner.own_etc |= bit;
            let root = Arc::make_mut(&mut owner.root);
            // A read-only root stays so; the runtime's own mounts are writable all the same.
            let read_only = std::mem::replace(&mut root.read_only, false);
            _ = root.put(path, inode);
            root.read_only = read_only;
        }
    }
    /// Checks that the process may add or remove names in the directory of `place`.
    fn may_change_directory(&self, place: &Place) -> Result<(), Errno> {
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
        let mut place = self.place(pid, path, true)?;
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

impl Sys<'_> {
    /// Opens a file and gives the lowest free descriptor.
    ///
    /// # Errors
    /// As open(2).
    pub fn open(&mut self, path: &str, options: OpenOptions) -> Result<FdNum, Errno> {
        self.machines.open_as(self.pid, path, options)
    }
    /// Closes a descriptor.
    ///
    /// # Errors
    /// EBADF.
    pub fn close(&mut self, fd: FdNum) -> Result<(), Errno> {
        self.machines.close_as(self.pid, fd)
    }
    /// Makes `to` refer to what `from` does, closing it first.
    ///
    /// # Errors
    /// EBADF.
    pub fn dup2(&mut self, from: FdNum, to: FdNum) -> Result<(), Errno> {
        let fd = self.fd(from).ok_or(Errno::Ebadf)?;
        if to as usize >= limits::DESCRIPTORS {
            return Err(Errno::Ebadf);
        }
        if from != to {
            self.machines.share(&fd);
            let old = self.machines.process_mut(self.pid).and_then(|p| p.fds.insert(to, fd));
            if let Some(old) = old {
                self.machines.release(&old);
            }
        }
        Ok(())
    }
    /// What a descriptor refers to, for handing to a child.
    #[must_use]
    pub fn fd(&self, fd: FdNum) -> Option<Fd> {
        self.process()?.fds.get(&fd).cloned()
    }
    /// A new pipe: reading end, writing end.
    ///
    /// # Errors
    /// EMFILE.
    pub fn pipe(&mut self) -> Result<(FdNum, FdNum), Errno> {
        let id = self.machines.fresh_pipe();
        let (read, write) = (Fd::PipeRead(id), Fd::PipeWrite(id));
        self.machines.share(&read);
        self.machines.share(&write);
        let ends = self
            .machines
            .install(self.pid, read)
            .and_then(|r| self.machines.install(self.pid, write).map(|w| (r, w)).map_err(|e| (r, e).1));
        if ends.is_err() {
            self.machines.pipes.remove(&id);
        }
        ends
    }
    /// What a path leads to, symbolic links followed.
    ///
    /// # Errors
    /// As stat(2).
    pub fn stat(&mut self, path: &str) -> Result<Stat, Errno> {
        self.machines.stat_as(self.pid, path, true)
    }
    /// As [`Sys::stat`], but of a last symbolic link itself.
    ///
    /// # Errors
    /// As lstat(2).
    pub fn lstat(&mut self, path: &str) -> Result<Stat, Errno> {
        self.machines.stat_as(self.pid, path, false)
    }
    /// Names in a directory, sorted, without `.` and `..`.
    ///
    /// # Errors
    /// As opendir(3).
    pub fn list(&mut self, path: &str) -> Result<Vec<String>, Errno> {
        let place = self.machines.place(self.pid, path, true)?;
        let inode = place.inode.ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if !place.who.may(&inode, READ) {
            return Err(Errno::Eacces);
        }
        let names = self.machines.names_in(place.space, place.who, &place.real)?;
        self.machines.charge(self.pid, names.len() / 16);
        Ok(names)
    }
    /// Makes a directory with `mode & ~umask`.
    ///
    /// # Errors
    /// As mkdir(2).
    pub fn mkdir(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        if place.inode.is_some() {
            return Err(Errno::Eexist);
        }
        self.machines.may_change_directory(&place)?;
        let mtime = self.unix();
        let (uid, gid) = (place.who.uid, place.who.gid);
        let inode = Inode { uid, gid, mtime, ..pseudo::directory(mode & !place.umask) };
        self.machines.writable(&place)?.put(&place.at.path, inode).map(|_| ())
    }
    /// Removes an empty directory.
    ///
    /// # Errors
    /// As rmdir(2).
    pub fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        let inode = place.inode.as_ref().ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if self.is_mount_point(&place) || place.real == "/" {
            return Err(Errno::Ebusy);
        }
        self.machines.may_change_directory(&place)?;
        self.machines.writable(&place)?.unlink(&place.at.path)
    }
    /// Takes away a name that is no directory.
    ///
    /// # Errors
    /// As unlink(2).
    pub fn unlink(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        let inode = place.inode.clone().ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory {
            return Err(Errno::Eisdir);
        }
        if self.is_mount_point(&place) {
            return Err(Errno::Ebusy);
        }
        self.machines.may_change_directory(&place)?;
        let fs = self.machines.writable(&place)?;
        let ino = fs.ino(&place.at.path).unwrap_or(0);
        fs.unlink(&place.at.path)?;
        let last = inode.links <= 1;
        // Whoever has it open keeps its bytes.
        if let (true, Content::File(bytes)) = (last, &inode.content) {
            let (space, volume) = (place.space.0, place.at.volume);
            let open: Vec<u64> = self
                .machines
                .files
                .iter()
                .filter(|(_, f)| f.ino == ino && f.volume == volume && (volume.is_some() || f.space == space))
                .map(|(id, _)| *id)
                .collect();
            for id in open {
                if let Some(file) = self.machines.files.get_mut(&id) {
                    file.detached.get_or_insert_with(|| bytes.clone());
                }
            }
        }
        Ok(())
    }
    /// A file the runtime mounted by itself counts as a mount point.
    fn is_mount_point(&self, place: &Place) -> bool {
        let space = self.machines.space(place.space);
        space.is_some_and(|s| {
            s.mount(&place.real).is_some() || (!s.is_host() && pseudo::made_bit(&place.real).is_some())
        })
    }
    /// Moves a name; replaces what is there.
    ///
    /// # Errors
    /// As rename(2); EXDEV between mounts.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.machines.place(self.pid, from, false)?;
        let target = self.machines.place(self.pid, to, false)?;
        let inode = source.inode.clone().ok_or(Errno::Enoent)?;
        if self.is_mount_point(&source) || self.is_mount_point(&target) {
            return Err(Errno::Ebusy);
        }
        if source.at.volume != target.at.volume {
            return Err(Errno::Exdev);
        }
        let is_directory = inode.content == Content::Directory;
        match target.inode.as_ref().map(|i| i.content == Content::Directory) {
            Some(true) if !is_directory => return Err(Errno::Eisdir),
            Some(false) if is_directory => return Err(Errno::Enotdir),
            _ => {}
        }
        self.machines.may_change_directory(&source)?;
        self.machines.may_change_directory(&target)?;
        self.machines.materialise(source.space, &source.real);
        self.machines.writable(&target)?.rename(&source.at.path, &target.at.path)
    }
    /// Makes a symbolic link at `path`.
    ///
    /// # Errors
    /// As symlink(2).
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        if place.inode.is_some() {
            return Err(Errno::Eexist);
        }
        self.machines.may_change_directory(&place)?;
        let inode = Inode {
            content: Content::Symlink(target.into()),
            mode: 0o777,
            uid: place.who.uid,
            gid: place.who.gid,
            mtime: self.unix(),
            links: 1,
            size: target.len() as u64,
        };
        self.machines.writable(&place)?.put(&place.at.path, inode).map(|_| ())
    }
    /// One more name for a file.
    ///
    /// # Errors
    /// As link(2).
    pub fn link(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.machines.place(self.pid, from, false)?;
        let target = self.machines.place(self.pid, to, false)?;
        let inode = source.inode.as_ref().ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory {
            return Err(Errno::Eperm);
        }
        if target.inode.is_some() {
            return Err(Errno::Eexist);
        }
        if source.at.volume != target.at.volume {
            return Err(Errno::Exdev);
        }
        self.machines.may_change_directory(&target)?;
        let fs = self.machines.writable(&target)?;
        let ino = fs.ino(&source.at.path).ok_or(Errno::Exdev)?;
        fs.link(ino, &target.at.path)
    }
    /// Where a symbolic link leads.
    ///
    /// # Errors
    /// As readlink(2).
    pub fn readlink(&mut self, path: &str) -> Result<String, Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        match &place.inode.ok_or(Errno::Enoent)?.content {
            Content::Symlink(to) => Ok(to.to_string()),
            _ => Err(Errno::Einval),
        }
    }
    /// Changes an inode in place, for its owner or root.
    fn change(
        &mut self,
        path: &str,
        change: impl FnOnce(&Viewer, &mut Inode) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, true)?;
        let inode = place.inode.as_ref().ok_or(Errno::Enoent)?;
        let mut new = Inode::clone(inode);
        change(&place.who, &mut new)?;
        let fs = self.machines.writable(&place)?;
        let ino = fs.ino(&place.at.path).ok_or(Errno::Eperm)?;
        fs.replace(ino, new)
    }
    /// Sets permission bits.
    ///
    /// # Errors
    /// As chmod(2).
    pub fn chmod(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        self.change(path, |who, inode| {
            if who.uid != 0 && who.uid != inode.uid {
                return Err(Errno::Eperm);
            }
            inode.mode = mode & 0o7777;
            Ok(())
        })
    }
    /// Sets owner and group; `None` leaves one as it is.
    ///
    /// # Errors
    /// As chown(2).
    pub fn chown(&mut self, path: &str, uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
        self.change(path, |who, inode| {
            let own = uid.is_none_or(|u| u == inode.uid) && gid.is_none_or(|g| g == who.gid);
            if who.uid != 0 && !(who.uid == inode.uid && own) {
                return Err(Errno::Eperm);
            }
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
            Ok(())
        })
    }
    /// Cuts or extends a file with zero bytes.
    ///
    /// # Errors
    /// As truncate(2).
    pub fn truncate(&mut self, path: &str, size: u64) -> Result<(), Errno> {
        if size > limits::FILE_BYTES as u64 {
            return Err(Errno::Efbig);
        }
        let now = self.unix();
        self.change(path, |who, inode| {
            if !who.may(inode, WRITE) {
                return Err(Errno::Eacces);
            }
            match &inode.content {
                Content::File(bytes) => {
                    let mut bytes = bytes.to_vec();
                    bytes.resize(size as usize, 0);
                    *inode =
                        Inode { content: Content::File(bytes.into()), size, mtime: now, ..inode.clone() };
                    Ok(())
                }
                Content::Directory => Err(Errno::Eisdir),
                _ => Err(Errno::Einval),
            }
        })
    }
    /// Sets the modification time, making an empty file where there is none.
    ///
    /// # Errors
    /// As open(2) and utime(2).
    pub fn touch(&mut self, path: &str, unix: i64) -> Result<(), Errno> {
        match self.machines.place(self.pid, path, true)?.inode {
            None => {
                let fd = self.open(path, OpenOptions { truncate: false, ..OpenOptions::WRITE })?;
                self.close(fd)?;
            }
            Some(inode) if matches!(inode.content, Content::Device(_)) => return Ok(()),
            Some(_) => {}
        }
        self.change(path, |who, inode| {
            if who.uid != inode.uid && !who.may(inode, WRITE) {
                return Err(Errno::Eacces);
            }
            inode.mtime = unix;
            Ok(())
        })
    }
    /// The absolute path without symbolic links; the last part may be missing.
    ///
    /// # Errors
    /// As realpath(3).
    pub fn real_path(&self, path: &str) -> Result<String, Errno> {
        self.machines.place(self.pid, path, true).map(|p| p.real)
    }
    /// Whether access(2) allows all of `want` (`path::READ | WRITE | EXECUTE`).
    #[must_use]
    pub fn may(&self, path: &str, want: u16) -> bool {
        let Ok(place) = self.machines.place(self.pid, path, true) else { return false };
        let read_only = place.at.read_only
            || self.machines.filesystem(place.space, place.at.volume).is_some_and(|fs| fs.read_only);
        place.inode.is_some_and(|inode| place.who.may(&inode, want) && !(want & WRITE != 0 && read_only))
    }
    /// Changes the working directory.
    ///
    /// # Errors
    /// As chdir(2).
    pub fn chdir(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, true)?;
        let inode = place.inode.ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if !place.who.may(&inode, EXECUTE) {
            return Err(Errno::Eacces);
        }
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.cwd = place.real.into();
        }
        Ok(())
    }
}
