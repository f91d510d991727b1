//! Descriptors and files at work: sharing and closing, reading, paths across mounts and symbolic links,
//! terminals and container logs.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum, Read};
use crate::filesystem::{self, Content, Filesystem, Inode};
use crate::machines::{Machines, Notice};
use crate::process::Pid;
use crate::space::{LogEntry, SpaceId};
use crate::tty::{Chunk, Kind};
use crate::wait::Key;
use drydock_machinery::limits;
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

impl Machines {
    /// One more descriptor refers to `fd`.
    pub(crate) fn share(&mut self, fd: &Fd) {
        match fd {
            Fd::PipeRead(id) => {
                if let Some(pipe) = self.pipes.get_mut(id) {
                    Arc::make_mut(pipe).readers += 1;
                }
            }
            Fd::PipeWrite(id) => {
                if let Some(pipe) = self.pipes.get_mut(id) {
                    Arc::make_mut(pipe).writers += 1;
                }
            }
            Fd::File { open } => {
                if let Some(file) = self.files.get_mut(open) {
                    file.users += 1;
                }
            }
            Fd::Null | Fd::Tty { .. } | Fd::Log { .. } => {}
        }
    }
    /// One descriptor less refers to `fd`.
    pub(crate) fn release(&mut self, fd: &Fd) {
        match fd {
            Fd::PipeRead(id) | Fd::PipeWrite(id) => {
                let Some(pipe) = self.pipes.get_mut(id).map(Arc::make_mut) else { return };
                if matches!(fd, Fd::PipeRead(_)) {
                    pipe.readers = pipe.readers.saturating_sub(1);
                } else {
                    pipe.writers = pipe.writers.saturating_sub(1);
                }
                if pipe.readers == 0 && pipe.writers == 0 {
                    self.pipes.remove(id);
                }
                self.wake(Key::Pipe(*id));
                self.wake(Key::PipeRoom(*id));
            }
            Fd::File { open } => {
                let gone = self.files.get_mut(open).is_some_and(|file| {
                    file.users = file.users.saturating_sub(1);
                    file.users == 0
                });
                if gone {
                    self.files.remove(open);
                }
            }
            Fd::Null | Fd::Tty { .. } | Fd::Log { .. } => {}
        }
    }
    pub(crate) fn close_listeners(&mut self, pid: Pid) {
        let Some(net) = self.process(pid).and_then(|p| self.space(p.space)).map(|s| s.net) else { return };
        if let Some(net) = self.net_mut(net)
            && net.listeners.values().any(|p| *p == pid)
        {
            net.listeners =
                net.listeners.iter().filter(|l| *l.1 != pid).map(|(port, p)| (*port, *p)).collect();
        }
    }
    /// Reads bytes, or one line.
    pub(crate) fn read_fd(&mut self, pid: Pid, fd: FdNum, max: usize, line: bool) -> Read {
        let target = self.process(pid).and_then(|p| p.fds.get(&fd)).cloned();
        match target {
            Some(Fd::PipeRead(id)) => {
                let Some(pipe) = self.pipes.get_mut(&id).map(Arc::make_mut) else { return Read::End };
                let data = if line { pipe.take_line().unwrap_or_default() } else { pipe.take(max) };
                if !data.is_empty() {
                    self.wake(Key::PipeRoom(id));
                    return Read::Data(data);
                }
                if pipe.writers == 0 { Read::End } else { Read::Block }
            }
            Some(Fd::Tty { tty, .. }) => {
                let Some(tty) = self.tty_mut(tty) else { return Read::End };
                let data = tty.input.take_line().unwrap_or_default();
                if !data.is_empty() {
                    Read::Data(data)
                } else if std::mem::take(&mut tty.eof) {
                    Read::End
                } else {
                    Read::Block
                }
            }
            Some(Fd::File { open }) => self.read_open(open, max, line),
            Some(Fd::Null) => Read::End,
            Some(Fd::PipeWrite(_) | Fd::Log { .. }) | None => Read::Failed(Errno::Ebadf),
        }
    }
    fn read_open(&mut self, open: u64, max: usize, line: bool) -> Read {
        let Some(file) = self.files.get(&open) else { return Read::Failed(Errno::Ebadf) };
        if !file.readable {
            return Read::Failed(Errno::Ebadf);
        }
        let content = self
            .filesystem(SpaceId(file.space), file.volume)
            .and_then(|f| f.inode(file.ino))
            .map(|i| &i.content);
        let data = match content {
            Some(Content::File(bytes)) => {
                let rest = bytes.get(file.offset as usize..).unwrap_or(&[]);
                let size = match rest.iter().position(|b| *b == b'\n') {
                    Some(at) if line => at + 1,
                    _ => rest.len(),
                };
                rest.get(..size.min(max)).unwrap_or(&[]).to_vec()
            }
            Some(Content::Device("zero")) => vec![0; max.min(4096)],
            Some(Content::Directory) => return Read::Failed(Errno::Eisdir),
            _ => Vec::new(),
        };
        if let Some(file) = self.files.get_mut(&open) {
            file.offset += data.len() as u64;
        }
        if data.is_empty() { Read::End } else { Read::Data(data) }
    }
    /// Writes at an open file's offset, or its end.
    pub(crate) fn append_open(&mut self, open: u64, bytes: &[u8]) {
        let Some(file) = self.files.get(&open).cloned() else { return };
        let now = self.clock.unix();
        let Some(fs) = self.filesystem_mut(SpaceId(file.space), file.volume) else { return };
        let Some(inode) = fs.inode(file.ino).cloned() else { return };
        let Content::File(old) = &inode.content else { return };
        let at = if file.append { old.len() } else { file.offset as usize };
        let mut new = old.to_vec();
        new.resize(new.len().max(at), 0);
        let kept = new.split_off(at.min(new.len()));
        new.extend_from_slice(bytes);
        new.extend_from_slice(kept.get(bytes.len()..).unwrap_or(&[]));
        let end = (at + bytes.len()) as u64;
        let size = new.len() as u64;
        let next = Inode { content: Content::File(new.into()), mtime: now, size, ..Inode::clone(&inode) };
        if fs.replace(file.ino, next).is_ok()
            && let Some(file) = self.files.get_mut(&open)
        {
            file.offset = end;
        }
        self.wake(Key::File(open));
    }
    /// A space's root or a volume.
    #[must_use]
    pub fn filesystem(&self, space: SpaceId, volume: Option<u32>) -> Option<&Filesystem> {
        match volume {
            Some(volume) => self.volumes.get(&volume).map(|v| &**v),
            None => self.space(space).map(|s| &s.root),
        }
    }
    pub fn filesystem_mut(&mut self, space: SpaceId, volume: Option<u32>) -> Option<&mut Filesystem> {
        match volume {
            Some(volume) => self.volumes.get_mut(&volume).map(Arc::make_mut),
            None => self.space_mut(space).map(|s| &mut s.root),
        }
    }
    /// Which filesystem an absolute, resolved path belongs to: the longest mount point wins.
    #[must_use]
    pub fn locate(&self, space: SpaceId, path: &str) -> Located {
        let mounts = self.space(space).map(|s| &s.mounts);
        let found =
            mounts.into_iter().flatten().filter(|(at, _)| is_below(path, at)).max_by_key(|(at, _)| at.len());
        match found {
            Some((at, mount)) => {
                let rest = path.get(at.len()..).unwrap_or("");
                let inner = filesystem::normalise("/", &format!("{}/{rest}", mount.sub_path));
                Located { volume: Some(mount.volume), path: inner, read_only: mount.read_only }
            }
            None => Located { volume: None, path: path.to_string(), read_only: false },
        }
    }
    /// The inode at an absolute, resolved path.
    #[must_use]
    pub fn inode_at(&self, space: SpaceId, path: &str) -> Option<&Arc<Inode>> {
        let located = self.locate(space, path);
        self.filesystem(space, located.volume)?.get(&located.path)
    }
    /// Resolves a path to its end: symbolic links followed in every part but a missing last one.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP.
    pub fn real_path(&self, space: SpaceId, cwd: &str, path: &str) -> Result<String, Errno> {
        self.walk_path(space, cwd, path, true)
    }
    /// As [`Machines::real_path`], without following the last part: for lstat, unlink, rename.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP.
    pub fn link_path(&self, space: SpaceId, cwd: &str, path: &str) -> Result<String, Errno> {
        self.walk_path(space, cwd, path, false)
    }
    fn walk_path(&self, space: SpaceId, cwd: &str, path: &str, follow_last: bool) -> Result<String, Errno> {
        if path.is_empty() {
            return Err(Errno::Enoent);
        }
        if path.len() > 4096 {
            return Err(Errno::Enametoolong);
        }
        let full = if path.starts_with('/') { path.to_string() } else { format!("{cwd}/{path}") };
        let mut todo: Vec<String> = full.split('/').rev().map(String::from).collect();
        let mut at = String::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at = filesystem::parent(&at).to_string();
                    continue;
                }
                _ => {}
            }
            let next = if at == "/" { format!("/{part}") } else { format!("{at}/{part}") };
            let is_last = todo.iter().all(|p| p.is_empty());
            match self.inode_at(space, &next).map(|i| &i.content) {
                Some(Content::Symlink(to)) if follow_last || !is_last => {
                    links += 1;
                    if links > LINKS {
                        return Err(Errno::Eloop);
                    }
                    todo.extend(to.split('/').rev().map(String::from));
                    if to.starts_with('/') {
                        at = String::from("/");
                    }
                }
                Some(Content::Directory) => at = next,
                Some(_) if is_last && !full.ends_with('/') => at = next,
                Some(_) => return Err(Errno::Enotdir),
                // A mount point below a folder that the root does not have still exists.
                None if is_last => at = next,
                None => return Err(Errno::Enoent),
            }
        }
        Ok(at)
    }
    pub(crate) fn read_file_as(&mut self, pid: Pid, path: &str) -> Result<Arc<[u8]>, Errno> {
        let process = self.process(pid).ok_or(Errno::Esrch)?;
        let (space, uid) = (process.space, process.uid);
        let real = self.real_path(space, &process.cwd, path)?;
        let inode = self.inode_at(space, &real).ok_or(Errno::Enoent)?;
        if uid != 0 && inode.uid != uid && inode.mode & 0o044 == 0 {
            return Err(Errno::Eacces);
        }
        match &inode.content {
            Content::File(bytes) => Ok(bytes.clone()),
            Content::Program(name) => Ok(format!("\u{7f}ELF {name}").into_bytes().into()),
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
        let process = self.process(pid).ok_or(Errno::Esrch)?;
        let (space, uid, gid, umask) = (process.space, process.uid, process.gid, process.umask);
        let real = self.real_path(space, &process.cwd, path)?;
        let located = self.locate(space, &real);
        if located.read_only {
            return Err(Errno::Erofs);
        }
        let mtime = self.clock.unix();
        let fs = self.filesystem_mut(space, located.volume).ok_or(Errno::Enoent)?;
        let old = fs.get(&located.path).cloned();
        if let Some(old) = &old
            && uid != 0
            && ((old.uid == uid && old.mode & 0o200 == 0) || (old.uid != uid && old.mode & 0o022 == 0))
        {
            return Err(Errno::Eacces);
        }
        if old.is_none() && uid != 0 {
            let dir = fs.get(filesystem::parent(&located.path)).ok_or(Errno::Enoent)?;
            if dir.uid != uid && dir.mode & 0o022 == 0 {
                return Err(Errno::Eacces);
            }
        }
        let content = match old.as_ref().map(|i| &i.content) {
            Some(Content::Directory) => return Err(Errno::Eisdir),
            Some(Content::Device(_)) => return Ok(()),
            Some(Content::File(before)) if append => [before, bytes].concat(),
            _ => bytes.to_vec(),
        };
        let size = content.len() as u64;
        let content = Content::File(content.into());
        let inode = match old {
            Some(old) => Inode { content, mtime, size, ..Inode::clone(&old) },
            None => Inode { content, mode: 0o666 & !umask, uid, gid, mtime, links: 1, size },
        };
        fs.put(&located.path, inode).map(|_| ())
    }
    /// Adds to a terminal's transcript.
    pub fn tty_print(&mut self, id: u32, kind: Kind, bytes: &[u8]) {
        let time = self.clock.now;
        let Some(tty) = self.tty_mut(id) else { return };
        let text = String::from_utf8_lossy(bytes);
        tty.output.push_back(Chunk { time, kind, text: text.as_ref().into() });
        let mirror = tty.mirror;
        if let Some(pipe) = mirror.and_then(|id| self.pipes.get_mut(&id)) {
            Arc::make_mut(pipe).push(bytes);
            self.wake(Key::Streams);
        }
    }
    /// Adds to a container's log.
    pub fn log(&mut self, id: SpaceId, error: bool, bytes: &[u8]) {
        let time = self.clock.now;
        let Some(space) = self.space_mut(id) else { return };
        let text = String::from_utf8_lossy(bytes);
        space.log.bytes += text.len();
        space.log.entries.push_back(LogEntry { time, error, text: text.as_ref().into() });
        while space.log.bytes > limits::LOG_BYTES {
            let Some(old) = space.log.entries.pop_front() else { break };
            space.log.bytes = space.log.bytes.saturating_sub(old.text.len());
            space.log.dropped += 1;
        }
        self.notices.push_back(Notice::Logged { space: id });
        self.wake(Key::Streams);
    }
}

fn is_below(path: &str, mount: &str) -> bool {
    path == mount || mount == "/" || path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
}
