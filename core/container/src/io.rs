//! Descriptors at work: sharing and closing, reading, writing, pipes' back-pressure, terminals and
//! container logs.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum, Read};
use crate::filesystem::{Content, Inode};
use crate::log::LogEntry;
use crate::machines::{Machines, Notice};
use crate::process::Pid;
use crate::signal::Signal;
use crate::space::SpaceId;
use crate::tty::{Chunk, Kind};
use crate::wait::Key;
use drydock_machinery::limits;
use std::sync::Arc;

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
                let (ended, broken, outside) = (pipe.writers == 0, pipe.readers == 0, pipe.outside);
                if ended && broken {
                    self.pipes.remove(id);
                }
                if ended {
                    self.wake(Key::Pipe(*id));
                    if outside {
                        self.wake(Key::Streams);
                    }
                }
                if broken {
                    self.wake(Key::PipeRoom(*id));
                }
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
    /// Reads bytes, or one line.
    pub(crate) fn read_fd(&mut self, pid: Pid, fd: FdNum, max: usize, line: bool) -> Read {
        let target = self.process(pid).and_then(|p| p.fds.get(&fd)).cloned();
        match target {
            Some(Fd::PipeRead(id)) => {
                let Some(pipe) = self.pipes.get_mut(&id).map(Arc::make_mut) else { return Read::End };
                let data = if line { pipe.take_line().unwrap_or_default() } else { pipe.take(max) };
                if !data.is_empty() {
                    self.wake(Key::PipeRoom(id));
                    self.charge(pid, data.len() / 512);
                    return Read::Data(data);
                }
                if pipe.writers == 0 { Read::End } else { Read::Block }
            }
            Some(Fd::Tty { tty, .. }) => {
                let raw = self.is_raw(tty);
                let Some(tty) = self.tty_mut(tty) else { return Read::End };
                if raw {
                    let keys = tty.input.take(max);
                    let ended = keys.is_empty() && std::mem::take(&mut tty.eof);
                    return match keys.is_empty() {
                        true if ended => Read::End,
                        true => Read::Block,
                        false => Read::Data(keys),
                    };
                }
                let data =
                    if line || max == 0 { tty.input.take_line() } else { tty.input.take_line_up_to(max) };
                match data {
                    Some(data) if !data.is_empty() => Read::Data(data),
                    // Ctrl-D hands over an unfinished line, or is the end of input on an empty one.
                    _ if std::mem::take(&mut tty.eof) => {
                        let rest = tty.input.take(max);
                        if rest.is_empty() { Read::End } else { Read::Data(rest) }
                    }
                    _ => Read::Block,
                }
            }
            Some(Fd::File { open }) => {
                let read = self.read_open(open, max, line);
                if let Read::Data(data) = &read {
                    self.charge(pid, data.len() / 512);
                }
                read
            }
            Some(Fd::Null) => Read::End,
            Some(Fd::PipeWrite(_) | Fd::Log { .. }) | None => Read::Failed(Errno::Ebadf),
        }
    }
    fn read_open(&mut self, open: u64, max: usize, line: bool) -> Read {
        let Some(file) = self.files.get(&open) else { return Read::Failed(Errno::Ebadf) };
        if !file.readable {
            return Read::Failed(Errno::Ebadf);
        }
        let inode = self.filesystem(SpaceId(file.space), file.volume).and_then(|f| f.inode(file.ino));
        let content = match (&file.detached, inode.map(|i| &i.content)) {
            (Some(bytes), _) | (None, Some(Content::File(bytes))) => bytes.clone(),
            (None, Some(Content::Program(name))) => {
                format!("\u{7f}ELF\u{2}\u{1}\u{1} {name}\n").into_bytes().into()
            }
            (None, Some(Content::Device("zero" | "full"))) => return Read::Data(vec![0; max.min(65_536)]),
            (None, Some(Content::Device("random" | "urandom"))) => {
                let random = &mut self.clock.random;
                return Read::Data((0..max.min(4_096)).map(|_| random.next_u32() as u8).collect());
            }
            (None, Some(Content::Directory)) => return Read::Failed(Errno::Eisdir),
            _ => return Read::End,
        };
        let rest = content.get(file.offset as usize..).unwrap_or(&[]);
        let rest = rest.get(..rest.len().min(max)).unwrap_or(rest);
        let size = match rest.iter().position(|b| *b == b'\n') {
            Some(at) if line => at + 1,
            _ => rest.len(),
        };
        let data = rest.get(..size).unwrap_or(&[]).to_vec();
        if let Some(file) = self.files.get_mut(&open) {
            file.offset += data.len() as u64;
        }
        if data.is_empty() { Read::End } else { Read::Data(data) }
    }
    /// Hands bytes to what a descriptor refers to; gives the key to wait for when there is no room.
    pub(crate) fn put_out(&mut self, pid: Pid, target: &Fd, bytes: &Arc<[u8]>) -> Option<Key> {
        match target {
            Fd::PipeWrite(id) => {
                let pipe = Arc::make_mut(self.pipes.get_mut(id)?);
                if pipe.readers == 0 {
                    if let Some(process) = self.process_mut(pid) {
                        process.broken_pipe = true;
                    }
                    self.kill(pid, Signal::Pipe);
                    return None;
                }
                if !pipe.has_room() {
                    return Some(Key::PipeRoom(*id));
                }
                pipe.push_shared(bytes.clone());
                let outside = pipe.outside;
                self.wake(Key::Pipe(*id));
                if outside {
                    self.wake(Key::Streams);
                }
                self.charge(pid, bytes.len() / 512);
            }
            Fd::Tty { tty, error } => {
                let kind = if *error { Kind::Stderr } else { Kind::Stdout };
                // A terminal is slow: it takes 32 KiB a millisecond.
                self.charge(pid, bytes.len() / 16);
                self.tty_print(*tty, kind, bytes);
            }
            Fd::Log { error } => {
                self.charge(pid, bytes.len() / 64);
                let space = self.process(pid)?.space;
                self.log(space, *error, bytes.clone());
            }
            Fd::File { open } => self.write_open(pid, *open, bytes),
            Fd::Null | Fd::PipeRead(_) => {}
        }
        None
    }
    /// Writes at an open file's offset, or its end.
    fn write_open(&mut self, pid: Pid, open: u64, bytes: &[u8]) {
        let Some(file) = self.files.get(&open).cloned() else { return };
        if !file.writable {
            return;
        }
        let now = self.clock.unix();
        let Some(fs) = self.filesystem_mut(SpaceId(file.space), file.volume) else { return };
        let Some(inode) = fs.inode(file.ino).cloned() else { return };
        let Content::File(old) = &inode.content else { return };
        let at = if file.append { old.len() } else { (file.offset as usize).min(limits::FILE_BYTES) };
        let mut new = Vec::with_capacity(old.len().max(at + bytes.len()));
        new.extend_from_slice(old.get(..at).unwrap_or(old));
        new.resize(at, 0);
        new.extend_from_slice(bytes);
        new.extend_from_slice(old.get(at + bytes.len()..).unwrap_or(&[]));
        let size = new.len() as u64;
        let next = Inode { content: Content::File(new.into()), mtime: now, size, ..Inode::clone(&inode) };
        let written = fs.replace(file.ino, next);
        if let Some(file) = self.files.get_mut(&open)
            && written.is_ok()
        {
            file.offset = (at + bytes.len()) as u64;
        }
        if let (Err(error), Some(process)) = (written, self.process_mut(pid)) {
            process.write_error = Some(error);
        }
        // Copying the file is real work: programs that write byte by byte pay for it in time.
        self.charge(pid, size as usize / 4_096 + 1);
        self.wake(Key::of_file(SpaceId(file.space), file.volume, file.ino));
    }
    /// Adds to a terminal's transcript, and to whatever listens to it.
    pub fn tty_print(&mut self, id: u32, kind: Kind, bytes: &[u8]) {
        let time = self.clock.now;
        let Some(tty) = self.tty_mut(id) else { return };
        let text = String::from_utf8_lossy(bytes);
        tty.push(Chunk { time, kind, text: text.as_ref().into() });
        let (mirror, log) = (tty.mirror, tty.log);
        if kind == Kind::Echo {
            return;
        }
        if let Some(pipe) = mirror.and_then(|id| self.pipes.get_mut(&id)) {
            Arc::make_mut(pipe).push(bytes);
            self.wake(Key::Streams);
            if let Some(mirror) = mirror {
                self.wake(Key::Pipe(mirror));
            }
        }
        if let Some(space) = log {
            self.log(space, false, bytes.into());
        }
    }
    /// Adds to a container's log.
    pub fn log(&mut self, id: SpaceId, error: bool, bytes: Arc<[u8]>) {
        let time = self.clock.now;
        let Some(space) = self.space_mut(id) else { return };
        space.log.push(LogEntry { time, error, bytes });
        if self.watched_logs.contains(&id) {
            self.notices.push_back(Notice::Logged { space: id });
            self.wake(Key::Streams);
        }
    }
    /// Counts work of a process; see `kernel::SLICE`.
    pub(crate) fn charge(&mut self, pid: Pid, steps: usize) {
        if let Some(process) = self.process_mut(pid) {
            process.steps += steps as u64;
        }
    }
}
