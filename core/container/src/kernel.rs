//! The process machine: start, step, wake, signal, end. Processes wait under keys; whatever happens to
//! a key arms one wake-up task per waiting process, and a woken process looks again.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum};
use crate::filesystem::Content;
use crate::machine::{Handled, Step};
use crate::machines::{Machines, Notice, Outside, actor};
use crate::process::{Pid, Process, State};
use crate::signal::Signal;
use crate::space::SpaceId;
use crate::sys::Sys;
use crate::wait::{Key, Wait};
use drydock_machinery::limits;
use imbl::OrdMap;
use std::sync::Arc;

/// Steps after which a process that never waits is put off by one simulated millisecond.
const SLICE: u64 = 2_000;

/// How a process is to be started.
#[derive(Clone, Debug)]
pub struct Spawn {
    pub parent: Pid,
    /// 0 makes a group of its own.
    pub group: Pid,
    pub space: SpaceId,
    pub argv: Vec<Arc<str>>,
    pub env: OrdMap<Arc<str>, Arc<str>>,
    pub cwd: Arc<str>,
    pub uid: u32,
    pub gid: u32,
    pub umask: u16,
    pub fds: OrdMap<FdNum, Fd>,
}

impl Machines {
    /// Starts a process. The program is looked up as `execvp` does: with a slash as a path, else along
    /// `PATH`; scripts with `#!` start their interpreter.
    ///
    /// # Errors
    /// ENOENT, EACCES, ENOEXEC as `execve`; EAGAIN above `limits::PROCESSES`.
    pub fn spawn(&mut self, outside: &mut dyn Outside, spawn: Spawn) -> Result<Pid, Errno> {
        let (program, argv) = self.resolve_program(&spawn)?;
        let program = self.programs.find(&program).ok_or(Errno::Enoexec)?;
        let pid = self.insert(Spawn { argv, ..spawn })?;
        let mut sys = Sys::new(self, outside, pid);
        let machine = (program.start)(&mut sys);
        if let Some(process) = self.process_mut(pid) {
            process.machine = Some(machine);
        }
        self.arm(pid, 0);
        Ok(pid)
    }
    /// Starts a process whose machine is given: the shell's subshells and functions in pipelines.
    ///
    /// # Errors
    /// EAGAIN above `limits::PROCESSES`.
    pub fn spawn_machine(&mut self, spawn: Spawn, machine: Box<dyn crate::Machine>) -> Result<Pid, Errno> {
        let pid = self.insert(spawn)?;
        if let Some(process) = self.process_mut(pid) {
            process.machine = Some(machine);
        }
        self.arm(pid, 0);
        Ok(pid)
    }
    fn insert(&mut self, spawn: Spawn) -> Result<Pid, Errno> {
        if self.processes.len() >= limits::PROCESSES + self.spaces.len() {
            return Err(Errno::Eagain);
        }
        let pid = self.next_pid;
        self.next_pid += 1;
        let space = self.space_mut(spawn.space).ok_or(Errno::Esrch)?;
        let ns_pid = space.next_ns_pid.max(1);
        space.next_ns_pid = ns_pid + 1;
        if space.init == 0 {
            space.init = pid;
        }
        for fd in spawn.fds.values() {
            self.share(fd);
        }
        let process = Process {
            pid,
            ns_pid,
            parent: spawn.parent,
            group: if spawn.group == 0 { pid } else { spawn.group },
            space: spawn.space,
            argv: spawn.argv.into(),
            env: spawn.env,
            cwd: spawn.cwd,
            uid: spawn.uid,
            gid: spawn.gid,
            umask: spawn.umask,
            fds: spawn.fds,
            state: State::Runnable,
            machine: None,
            pending: Vec::new(),
            signals: Vec::new(),
            keys: Vec::new(),
            started: self.clock.now,
            broken_pipe: false,
            armed: false,
            steps: 0,
        };
        self.processes.insert(pid, Arc::new(process));
        self.children.insert((spawn.parent, pid));
        self.residents.insert((spawn.space, pid));
        Ok(pid)
    }
    /// The program's registry name and the argument list it gets.
    fn resolve_program(&self, spawn: &Spawn) -> Result<(String, Vec<Arc<str>>), Errno> {
        let name = spawn.argv.first().ok_or(Errno::Enoent)?;
        let path = if name.contains('/') {
            self.real_path(spawn.space, &spawn.cwd, name)?
        } else {
            let path = spawn
                .env
                .get("PATH")
                .map_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", |p| p);
            let found = path.split(':').find_map(|dir| {
                let at = self.real_path(spawn.space, &spawn.cwd, &format!("{dir}/{name}")).ok()?;
                self.inode_at(spawn.space, &at)
                    .filter(|i| i.mode & 0o111 != 0 && i.content != Content::Directory)?;
                Some(at)
            });
            found.ok_or(Errno::Enoent)?
        };
        let inode = self.inode_at(spawn.space, &path).ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory || inode.mode & 0o111 == 0 {
            return Err(Errno::Eacces);
        }
        match &inode.content {
            Content::Program(program) => Ok((program.to_string(), spawn.argv.clone())),
            Content::File(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let first = text.lines().next().unwrap_or("");
                let Some(line) = first.strip_prefix("#!") else { return Err(Errno::Enoexec) };
                let mut words = line.split_whitespace().map(Arc::from);
                let interpreter: Arc<str> = words.next().ok_or(Errno::Enoexec)?;
                let rest = spawn.argv.iter().skip(1).cloned();
                let script: Vec<Arc<str>> = [interpreter.clone()]
                    .into_iter()
                    .chain(words)
                    .chain([path.as_str().into()])
                    .chain(rest)
                    .collect();
                let at = self.real_path(spawn.space, "/", &interpreter)?;
                match self.inode_at(spawn.space, &at).map(|i| &i.content) {
                    Some(Content::Program(program)) => Ok((program.to_string(), script)),
                    Some(_) => Err(Errno::Enoexec),
                    None => Err(Errno::Enoent),
                }
            }
            _ => Err(Errno::Eacces),
        }
    }
    /// Puts a wake-up for the process into the queue, once.
    pub fn arm(&mut self, pid: Pid, delay: u64) {
        let Some(process) = self.process_mut(pid) else { return };
        if delay == 0 {
            if process.armed {
                return;
            }
            process.armed = true;
        }
        self.clock.after(delay, actor::PROCESS, u64::from(pid));
    }
    /// Something happened to `key`: whoever waits for it looks again.
    pub fn wake(&mut self, key: Key) {
        let woken: Vec<Pid> = self.waiters.range((key, 0)..=(key, Pid::MAX)).map(|w| w.1).collect();
        for pid in woken {
            self.arm(pid, 0);
        }
    }
    /// Runs a process until it waits, ends or its slice is over. The handler of `actor::PROCESS`.
    pub fn run(&mut self, outside: &mut dyn Outside, pid: Pid) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let process = Arc::make_mut(process);
        process.armed = false;
        let keys = std::mem::take(&mut process.keys);
        for key in keys {
            self.waiters.remove(&(key, pid));
        }
        if !self.flush(pid) {
            return;
        }
        self.deliver(pid);
        for turn in 0..SLICE {
            let Some(process) = self.process_mut(pid) else { return };
            if !matches!(process.state, State::Runnable | State::Waiting) {
                return;
            }
            process.state = State::Runnable;
            let Some(mut machine) = process.machine.take() else { return };
            let step = machine.step(&mut Sys::new(self, outside, pid));
            let Some(process) = self.process_mut(pid) else { return };
            // A machine that was replaced while it ran (exec) leaves its successor in place.
            if process.machine.is_none() {
                process.machine = Some(machine);
            }
            match step {
                Step::Exit(code) => return self.end(pid, code),
                Step::Wait(waits) => {
                    if self.flush(pid) {
                        self.file(pid, &waits);
                        self.deliver(pid);
                    }
                    return;
                }
                Step::Again => {
                    if !self.flush(pid) {
                        return;
                    }
                    self.deliver(pid);
                }
            }
            if turn + 1 == SLICE {
                // Busy: computing takes simulated time, so that nothing can loop without it passing.
                self.clock.after(1, actor::PROCESS, u64::from(pid));
            }
        }
    }
    /// Files a waiting process under the keys of what it waits for.
    fn file(&mut self, pid: Pid, waits: &[Wait]) {
        let mut keys = Vec::with_capacity(waits.len());
        let mut ready = false;
        for wait in waits {
            match *wait {
                Wait::Until(time) => {
                    let delay = time.saturating_sub(self.clock.now);
                    if delay == 0 {
                        ready = true;
                    } else {
                        self.clock.after(delay, actor::PROCESS, u64::from(pid));
                    }
                }
                Wait::Readable(fd) => match self.process(pid).and_then(|p| p.fds.get(&fd)) {
                    Some(Fd::PipeRead(id)) => keys.push(Key::Pipe(*id)),
                    Some(Fd::Tty { tty, .. }) => keys.push(Key::Tty(*tty)),
                    Some(Fd::File { open }) => keys.push(Key::File(*open)),
                    _ => ready = true,
                },
                Wait::Child => keys.push(Key::Children(pid)),
                Wait::Answer(exchange) => keys.push(Key::Answer(exchange)),
                Wait::Accept => keys.push(Key::Accept(pid)),
                Wait::Stream(_) => keys.push(Key::Streams),
                Wait::Editor => keys.push(Key::Editor(pid)),
                Wait::Signal => {}
            }
        }
        for key in &keys {
            self.waiters.insert((*key, pid));
        }
        if let Some(process) = self.process_mut(pid) {
            process.keys = keys;
            process.state = State::Waiting;
        }
        if ready {
            self.arm(pid, 0);
        }
    }
    /// Hands pending output to its readers. False while some of it has to wait.
    pub(crate) fn flush(&mut self, pid: Pid) -> bool {
        let Some(process) = self.process_mut(pid) else { return false };
        if process.pending.is_empty() {
            return self.finish_ending(pid);
        }
        let pending = std::mem::take(&mut process.pending);
        let mut blocked: Vec<(FdNum, Arc<[u8]>)> = Vec::new();
        let mut block_on = None;
        for (fd, bytes) in pending {
            if block_on.is_some() {
                blocked.push((fd, bytes));
                continue;
            }
            let target = self.process(pid).and_then(|p| p.fds.get(&fd)).cloned();
            if let Some(key) = self.put_out(pid, target.as_ref(), &bytes) {
                block_on = Some(key);
                blocked.push((fd, bytes));
            }
        }
        let Some(key) = block_on else { return self.finish_ending(pid) };
        self.waiters.insert((key, pid));
        if let Some(process) = self.process_mut(pid) {
            process.pending = blocked;
            process.keys.push(key);
            if process.is_alive() {
                process.state = State::Waiting;
            }
        }
        false
    }
    /// Writes to what a descriptor refers to; gives the key to wait for when there is no room.
    fn put_out(&mut self, pid: Pid, target: Option<&Fd>, bytes: &[u8]) -> Option<Key> {
        match target {
            Some(Fd::PipeWrite(id)) => {
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
                pipe.push(bytes);
                self.wake(Key::Pipe(*id));
            }
            Some(Fd::Tty { tty, error }) => {
                let kind = if *error { crate::tty::Kind::Stderr } else { crate::tty::Kind::Stdout };
                self.tty_print(*tty, kind, bytes);
            }
            Some(Fd::Log { space, error }) => self.log(SpaceId(*space), *error, bytes),
            Some(Fd::File { open }) => self.append_open(*open, bytes),
            Some(Fd::Null | Fd::PipeRead(_)) | None => {}
        }
        None
    }
    fn finish_ending(&mut self, pid: Pid) -> bool {
        match self.process(pid).map(|p| &p.state) {
            Some(State::Ending(code)) => {
                let code = *code;
                self.bury(pid, code);
                false
            }
            Some(_) => true,
            None => false,
        }
    }
    /// The process has nothing more to do but to get rid of its output.
    pub(crate) fn end(&mut self, pid: Pid, code: i32) {
        let Some(process) = self.process_mut(pid) else { return };
        if !process.is_alive() {
            return;
        }
        process.state = State::Ending(code);
        process.machine = None;
        self.flush(pid);
    }
    /// Ends a process for good: descriptors close, children go to init, the parent is told.
    fn bury(&mut self, pid: Pid, code: i32) {
        let Some(process) = self.process_mut(pid) else { return };
        process.state = State::Zombie(code);
        let fds = std::mem::take(&mut process.fds);
        let (parent, space) = (process.parent, process.space);
        for fd in fds.values() {
            self.release(fd);
        }
        self.close_listeners(pid);
        let init = self.space(space).map_or(0, |s| s.init);
        if init == pid {
            return self.space_ends(space, pid, parent, code);
        }
        let orphans: Vec<Pid> = self.children_of(pid).collect();
        for child in orphans {
            self.children.remove(&(pid, child));
            self.children.insert((init, child));
            let zombie = self.process_mut(child).is_some_and(|p| {
                p.parent = init;
                matches!(p.state, State::Zombie(_))
            });
            if zombie {
                self.reap(child);
            }
        }
        if parent == 0 {
            self.notices.push_back(Notice::ExecEnded { pid, code });
            self.reap(pid);
        } else {
            self.wake(Key::Children(parent));
        }
    }
    /// PID 1 is gone: the kernel kills everything else in its namespace.
    fn space_ends(&mut self, space: SpaceId, pid: Pid, parent: Pid, code: i32) {
        let rest: Vec<Pid> =
            self.residents.range((space, 0)..=(space, Pid::MAX)).map(|r| r.1).filter(|p| *p != pid).collect();
        for other in rest {
            if let Some(process) = self.process_mut(other) {
                process.pending.clear();
            }
            self.end(other, 137);
            self.reap(other);
        }
        if let Some(space) = self.space_mut(space) {
            space.init = 0;
        }
        self.reap(pid);
        if parent != 0 {
            self.wake(Key::Children(parent));
        }
        self.notices.push_back(Notice::SpaceEnded { space, code });
    }
    /// Forgets a dead process.
    pub fn reap(&mut self, pid: Pid) {
        if let Some(process) = self.processes.remove(&pid) {
            self.children.remove(&(process.parent, pid));
            self.residents.remove(&(process.space, pid));
            for key in &process.keys {
                self.waiters.remove(&(*key, pid));
            }
        }
    }
    pub fn children_of(&self, pid: Pid) -> impl Iterator<Item = Pid> + '_ {
        self.children.range((pid, 0)..=(pid, Pid::MAX)).map(|c| c.1)
    }
    /// Sends a signal to one process.
    pub fn kill(&mut self, pid: Pid, signal: Signal) {
        let Some(process) = self.process_mut(pid) else { return };
        if process.is_alive() {
            process.signals.push(signal);
            self.arm(pid, 0);
        }
    }
    /// Sends a signal to every process of a group.
    pub fn kill_group(&mut self, group: Pid, signal: Signal) {
        let members: Vec<Pid> =
            self.processes.values().filter(|p| p.group == group && p.is_alive()).map(|p| p.pid).collect();
        for pid in members {
            self.kill(pid, signal);
        }
    }
    /// Acts on signals that have arrived.
    fn deliver(&mut self, pid: Pid) {
        let Some(process) = self.process_mut(pid) else { return };
        let signals = std::mem::take(&mut process.signals);
        for signal in signals {
            let is_init = self
                .process(pid)
                .and_then(|p| self.space(p.space))
                .is_some_and(|s| s.init == pid && s.host != s.id);
            let Some(process) = self.process_mut(pid) else { return };
            if !process.is_alive() {
                return;
            }
            match signal {
                Signal::Kill => return self.end_by_signal(pid, signal),
                Signal::Stop => process.state = State::Stopped,
                Signal::Cont => {
                    if process.state == State::Stopped {
                        process.state = State::Runnable;
                        self.arm(pid, 0);
                    }
                }
                _ => {
                    let handled = process.machine.as_mut().map_or(Handled::Default, |m| m.signal(signal));
                    match handled {
                        Handled::Caught => self.arm(pid, 0),
                        Handled::Ignored => {}
                        // PID 1 of a PID namespace gets no default actions.
                        Handled::Default if is_init && signal != Signal::Pipe => {}
                        Handled::Default if signal.is_fatal() => return self.end_by_signal(pid, signal),
                        Handled::Default => {}
                    }
                }
            }
        }
    }
    fn end_by_signal(&mut self, pid: Pid, signal: Signal) {
        if let Some(process) = self.process_mut(pid) {
            process.pending.clear();
        }
        self.end(pid, 128 + i32::from(signal.number()));
    }
}
