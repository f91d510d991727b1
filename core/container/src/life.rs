//! A process' life: its program found as execvp does, started, ended, mourned. PID 1 of a container
//! takes everything with it; children that lose their parent come to PID 1.

use crate::errno::Errno;
use crate::filesystem::Content;
use crate::kernel::Spawn;
use crate::machines::{Machines, Notice, Outside};
use crate::process::{Pid, Process, State};
use crate::program::Program;
use crate::space::{Life, SpaceId};
use crate::sys::Sys;
use crate::wait::Key;
use drydock_machinery::limits;
use std::sync::Arc;

/// What execvp searches when `PATH` is unset.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program and the argument list it gets.
pub(crate) type Resolved = (&'static Program, Arc<[Arc<str>]>);

impl Machines {
    /// Starts a process. The program is looked up as `execvp` does: with a slash as a path, else along
    /// `PATH`; scripts with `#!` start their interpreter.
    ///
    /// # Errors
    /// ENOENT, EACCES, ENOEXEC as `execve`; EAGAIN above `limits::PROCESSES`.
    pub fn spawn(&mut self, outside: &mut dyn Outside, spawn: Spawn) -> Result<Pid, Errno> {
        let (program, argv) = self.resolve_program(&spawn)?;
        self.spawn_program(outside, Spawn { argv, ..spawn }, program)
    }
    /// Starts a process of a program that was found already.
    pub(crate) fn spawn_program(
        &mut self,
        outside: &mut dyn Outside,
        spawn: Spawn,
        program: &'static Program,
    ) -> Result<Pid, Errno> {
        let pid = self.insert(spawn)?;
        let machine = (program.start)(&mut Sys::new(self, outside, pid));
        if let Some(process) = self.process_mut(pid) {
            process.machine = Some(machine);
        }
        self.arm(pid);
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
        self.arm(pid);
        Ok(pid)
    }
    fn insert(&mut self, spawn: Spawn) -> Result<Pid, Errno> {
        if self.processes.len() >= limits::PROCESSES + self.spaces.len() {
            return Err(Errno::Eagain);
        }
        let pid = self.next_pid;
        let now = self.clock.now;
        let space = self.space_mut(spawn.space).ok_or(Errno::Esrch)?;
        let ns_pid = space.next_ns_pid.max(1);
        space.next_ns_pid = ns_pid + 1;
        if space.init == 0 && !space.is_host() {
            space.init = pid;
        }
        self.next_pid += 1;
        for fd in spawn.fds.values() {
            self.share(fd);
        }
        let process = Process {
            pid,
            ns_pid,
            parent: spawn.parent,
            group: if spawn.group == 0 { pid } else { spawn.group },
            space: spawn.space,
            argv: spawn.argv,
            env: spawn.env,
            implicit_env: spawn.implicit_env,
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
            started: now,
            broken_pipe: false,
            armed: false,
            steps: 0,
            steps_at: now,
            timer: 0,
            memory: 0,
            cpu_milli: 0,
            cpu_ns: 0,
            cpu_since: now,
            write_error: None,
            adopted: false,
            stop_news: false,
            killed: None,
        };
        self.processes.insert(pid, Arc::new(process));
        self.children.insert((spawn.parent, pid));
        self.residents.insert((spawn.space, pid));
        Ok(pid)
    }
    /// The program and the argument list it gets.
    pub(crate) fn resolve_program(&self, spawn: &Spawn) -> Result<Resolved, Errno> {
        let bytes: usize = spawn.argv.iter().map(|a| a.len() + 9).sum();
        if bytes > limits::ARGUMENT_BYTES {
            return Err(Errno::E2big);
        }
        let name = spawn.argv.first().ok_or(Errno::Enoent)?;
        let (path, called) = self.find_executable(spawn, name)?;
        self.interpret(spawn, &path, &called)
    }
    /// What runs when the kernel executes the file at a resolved path; a script's interpreter is told what the
    /// file was `called`.
    pub(crate) fn interpret(&self, spawn: &Spawn, path: &str, called: &str) -> Result<Resolved, Errno> {
        let inode = self.inode_at(spawn.space, path).ok_or(Errno::Enoent)?;
        match &inode.content {
            Content::Program(program) => Ok((self.applet(program, &spawn.argv)?, spawn.argv.clone())),
            Content::File(bytes) => {
                let first = bytes.split(|b| *b == b'\n').next().unwrap_or(&[]);
                let first = String::from_utf8_lossy(first.get(..first.len().min(256)).unwrap_or(&[]));
                let line = first.strip_prefix("#!").ok_or(Errno::Enoexec)?.trim();
                // All after the interpreter is one argument, as Linux does it.
                let (interpreter, option) = match line.split_once(char::is_whitespace) {
                    Some((interpreter, option)) => (interpreter, Some(option.trim())),
                    None => (line, None),
                };
                let head = [Some(interpreter), option, Some(called)].into_iter().flatten().map(Arc::from);
                let argv: Arc<[Arc<str>]> = head.chain(spawn.argv.iter().skip(1).cloned()).collect();
                let at = self.real_path(spawn.space, "/", interpreter)?;
                match self.inode_at(spawn.space, &at).as_ref().map(|i| &i.content) {
                    Some(Content::Program(program)) => Ok((self.applet(program, &argv)?, argv)),
                    Some(_) => Err(Errno::Enoexec),
                    None => Err(Errno::Enoent),
                }
            }
            _ => Err(Errno::Eacces),
        }
    }
    /// The executable a command name stands for, as a resolved path and as it was found.
    ///
    /// # Errors
    /// ENOENT, or EACCES when all that was found may not be executed.
    pub(crate) fn find_executable(&self, spawn: &Spawn, name: &str) -> Result<(String, String), Errno> {
        let who = crate::path::Viewer { pid: 0, uid: spawn.uid, gid: spawn.gid };
        let check = |candidate: &str| -> Result<(String, String), Errno> {
            let path = self.walk_path(spawn.space, who, &spawn.cwd, candidate, true)?;
            let inode = self.inode_at(spawn.space, &path).ok_or(Errno::Enoent)?;
            let plain = inode.content != Content::Directory;
            if plain && who.may(&inode, crate::path::EXECUTE) {
                Ok((path, candidate.to_string()))
            } else {
                Err(Errno::Eacces)
            }
        };
        if name.contains('/') {
            return check(name);
        }
        if name.is_empty() {
            return Err(Errno::Enoent);
        }
        let mut error = Errno::Enoent;
        for dir in spawn.env.get("PATH").map_or(DEFAULT_PATH, |p| p).split(':') {
            match check(&format!("{}/{name}", if dir.is_empty() { "." } else { dir })) {
                Ok(path) => return Ok(path),
                Err(Errno::Eacces) => error = Errno::Eacces,
                Err(_) => {}
            }
        }
        Err(error)
    }
    /// A program by registry name; `busybox` is whichever of its applets the arguments name.
    fn applet(&self, program: &str, argv: &[Arc<str>]) -> Result<&'static Program, Errno> {
        let name = match program {
            "busybox" => match crate::filesystem::base_name(argv.first().map_or("", |a| a)) {
                "sh" => "ash",
                applet => applet,
            },
            other => other,
        };
        let found = self.programs.find(name).or_else(|| self.programs.find(program));
        found.ok_or(Errno::Enoexec)
    }
    /// The process has nothing more to do but to get rid of its output.
    pub(crate) fn end(&mut self, pid: Pid, code: i32) {
        let now = self.clock.now;
        let Some(process) = self.process_mut(pid) else { return };
        if !process.is_alive() {
            return;
        }
        // From here on it computes no more.
        process.cpu_ns = process.cpu_time(now);
        (process.cpu_milli, process.cpu_since, process.steps) = (0, u64::MAX, 0);
        process.state = State::Ending(code & 0xff);
        process.machine = None;
        self.flush(pid);
    }
    /// Ends and forgets a process whose namespace is going, whatever it is waiting for.
    pub(crate) fn end_now(&mut self, pid: Pid) {
        self.drop_pending(pid);
        match self.process(pid).map(|p| p.state.clone()) {
            Some(State::Ending(_)) => _ = self.flush(pid),
            Some(State::Zombie(_)) | None => {}
            Some(_) => self.end(pid, 137),
        }
        self.reap(pid);
    }
    /// Ends a process for good: descriptors close, children go to init, the parent is told.
    pub(crate) fn bury(&mut self, pid: Pid, code: i32) {
        self.close_connections(pid);
        let Some(process) = self.process_mut(pid) else { return };
        process.state = State::Zombie(code);
        let fds = std::mem::take(&mut process.fds);
        let keys = std::mem::take(&mut process.keys);
        let (parent, space, adopted) = (process.parent, process.space, process.adopted);
        for key in keys {
            self.waiters.remove(&(key, pid));
        }
        for fd in fds.values() {
            self.release(fd);
        }
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
                p.adopted = true;
                matches!(p.state, State::Zombie(_))
            });
            if zombie {
                self.reap(child);
            }
        }
        if adopted || parent == 0 {
            if !adopted {
                self.notices.push_back(Notice::ExecEnded { pid, code });
            }
            self.reap(pid);
        } else {
            self.kill(parent, crate::Signal::Chld);
            self.wake(Key::Children(parent));
        }
    }
    /// PID 1 is gone: the kernel kills everything else in its namespace.
    fn space_ends(&mut self, id: SpaceId, pid: Pid, parent: Pid, code: i32) {
        if let Some(space) = self.space_mut(id) {
            space.init = 0;
        }
        let rest: Vec<Pid> =
            self.residents.range((id, 0)..=(id, Pid::MAX)).map(|r| r.1).filter(|p| *p != pid).collect();
        for other in rest {
            self.end_now(other);
        }
        let now = self.clock.now;
        if let Some(space) = self.space_mut(id) {
            space.life = Life::Exited(code);
            space.finished = now;
        }
        self.reap(pid);
        if parent != 0 {
            self.wake(Key::Children(parent));
        }
        self.notices.push_back(Notice::SpaceEnded { space: id, code });
    }
    /// Forgets a dead process.
    pub fn reap(&mut self, pid: Pid) {
        if let Some(process) = self.processes.remove(&pid) {
            let used = process.cpu_time(self.clock.now);
            if let Some(space) = self.space_mut(process.space).filter(|_| used > 0) {
                space.cpu_ns = space.cpu_ns.saturating_add(used);
            }
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
}
