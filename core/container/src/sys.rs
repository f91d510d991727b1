//! System calls: all a program can see and do. One `Sys` lives for one step.

use crate::errno::Errno;
use crate::fd::{FdNum, Read};
use crate::machines::{Frame, Machines, Outside};
use crate::process::{Pid, Process};
use crate::signal::Signal;
use drydock_network::http::{Request, Response, Stream};
use std::sync::Arc;

/// The view of one process on its world.
pub struct Sys<'a> {
    pub machines: &'a mut Machines,
    pub outside: &'a mut dyn Outside,
    pub pid: Pid,
}

impl<'a> Sys<'a> {
    pub fn new(machines: &'a mut Machines, outside: &'a mut dyn Outside, pid: Pid) -> Sys<'a> {
        Sys { machines, outside, pid }
    }
    /// The calling process.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        self.machines.process(self.pid)
    }
    /// Simulated milliseconds since the world began.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.machines.clock.now
    }
    /// Unix seconds.
    #[must_use]
    pub fn unix(&self) -> i64 {
        self.machines.clock.unix()
    }
    /// All arguments, the program's name first.
    #[must_use]
    pub fn args(&self) -> Arc<[Arc<str>]> {
        self.process().map_or_else(|| Arc::from([]), |p| p.argv.clone())
    }
    /// Replaces the arguments, as a start script that becomes another program does.
    pub fn set_args(&mut self, argv: Arc<[Arc<str>]>) {
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.argv = argv;
        }
    }
    /// Whether everything at and below `path` certainly is as in the image: a server may then spare
    /// itself the reading of its configuration.
    #[must_use]
    pub fn unchanged(&self, path: &str) -> bool {
        let Some(space) = self.process().and_then(|p| self.machines.space(p.space)) else { return false };
        let mounted = || {
            space
                .mounts
                .iter()
                .any(|(at, _)| crate::path::is_below(at, path) || crate::path::is_below(path, at))
        };
        Arc::ptr_eq(&space.root, &space.image.root) && !mounted()
    }
    /// The host name of the caller's space.
    #[must_use]
    pub fn hostname(&self) -> Arc<str> {
        let space = self.process().and_then(|p| self.machines.space(p.space));
        space.map_or_else(|| "localhost".into(), |s| s.hostname.clone())
    }
    /// Whose utilities the caller's image has.
    #[must_use]
    pub fn flavour(&self) -> crate::images::Flavour {
        let space = self.process().and_then(|p| self.machines.space(p.space));
        space.map_or(crate::images::Flavour::Gnu, |s| s.image.flavour)
    }
    /// An environment variable.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<Arc<str>> {
        let process = self.process()?;
        match process.env.get(name) {
            None if process.implicit_env && name == "HOSTNAME" => {
                self.machines.space(process.space).map(|s| s.hostname.clone())
            }
            found => found.cloned(),
        }
    }
    /// The working directory.
    #[must_use]
    pub fn cwd(&self) -> Arc<str> {
        self.process().map_or_else(|| "/".into(), |p| p.cwd.clone())
    }
    /// Writes to a descriptor. Never fails and never blocks: the kernel keeps the process from being
    /// stepped while its readers are behind, and sends SIGPIPE when they are gone.
    pub fn write(&mut self, fd: FdNum, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.machines.write_as(self.pid, fd, bytes.into());
        }
    }
    /// As [`Sys::write`], sharing the bytes: for texts that many containers print.
    pub fn write_shared(&mut self, fd: FdNum, bytes: Arc<[u8]>) {
        if !bytes.is_empty() {
            self.machines.write_as(self.pid, fd, bytes);
        }
    }
    /// Bytes written but not yet taken by their readers: a polite producer waits when there are some.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.process().map_or(0, |p| p.pending.iter().map(|w| w.1.len()).sum())
    }
    /// Why the last write to a file failed (ENOSPC, EFBIG, EROFS), once.
    pub fn write_error(&mut self) -> Option<Errno> {
        self.machines.process_mut(self.pid)?.write_error.take()
    }
    /// A text that many containers print at the same moment, made once per simulated second.
    pub fn shared_text(&mut self, name: &'static str, make: impl FnOnce(i64) -> String) -> Arc<[u8]> {
        let unix = self.unix();
        match self.machines.texts.get(name) {
            Some((at, text)) if *at == unix as u64 => text.clone(),
            _ => {
                let text: Arc<[u8]> = make(unix).into_bytes().into();
                self.machines.texts.insert(name, (unix as u64, text.clone()));
                text
            }
        }
    }
    /// Writes text to stdout.
    pub fn print(&mut self, text: &str) {
        self.write(crate::fd::STDOUT, text.as_bytes());
    }
    /// Writes text to stderr.
    pub fn eprint(&mut self, text: &str) {
        self.write(crate::fd::STDERR, text.as_bytes());
    }
    /// Reads at most `max` bytes.
    pub fn read(&mut self, fd: FdNum, max: usize) -> Read {
        self.machines.read_fd(self.pid, fd, max, false)
    }
    /// Reads one line with its newline; at the end of input what is left of one.
    pub fn read_line(&mut self, fd: FdNum) -> Read {
        self.machines.read_fd(self.pid, fd, usize::MAX, true)
    }
    /// Whether a descriptor is a terminal.
    #[must_use]
    pub fn is_tty(&self, fd: FdNum) -> bool {
        self.process().and_then(|p| p.fds.get(&fd)).is_some_and(|fd| matches!(fd, crate::fd::Fd::Tty { .. }))
    }
    /// The bytes of a file; relative paths from the working directory, symbolic links followed.
    ///
    /// # Errors
    /// As open(2) and read(2).
    pub fn read_file(&mut self, path: &str) -> Result<Arc<[u8]>, Errno> {
        self.machines.read_file_as(self.pid, path)
    }
    /// Writes a whole file (creating it with 0666 & ~umask), or appends to it.
    ///
    /// # Errors
    /// As open(2) and write(2).
    pub fn write_file(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        self.machines.write_file_as(self.pid, path, bytes, append)
    }
    /// Asks something outside the containers (the API server, the cloud): answers at once.
    pub fn request(&mut self, to: &str, request: &Request) -> Option<Response> {
        let space = self.process()?.space;
        self.outside.request(self.machines, space, to, request)
    }
    /// The next frame of an outside stream; wait with `Wait::Stream` on `Pending`.
    pub fn read_stream(&mut self, stream: Stream) -> Frame {
        self.outside.read(self.machines, stream)
    }
    /// Sends into an outside stream on a channel.
    pub fn write_stream(&mut self, stream: Stream, channel: u8, bytes: &[u8]) {
        self.outside.write(self.machines, stream, channel, bytes);
    }
    /// Ends an outside stream.
    pub fn close_stream(&mut self, stream: Stream) {
        self.outside.close(self.machines, stream);
    }
    /// Sends a signal.
    pub fn kill(&mut self, pid: Pid, signal: Signal) {
        // From within a PID namespace nobody can kill or stop its first process.
        let own = self.process().map(|p| p.space);
        let init = own.and_then(|space| self.machines.space(space)).map(|s| s.init);
        if init == Some(pid) && matches!(signal, Signal::Kill | Signal::Stop) {
            return;
        }
        self.machines.kill(pid, signal);
    }
}
