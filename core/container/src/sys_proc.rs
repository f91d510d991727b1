//! System calls on processes: spawn, exec, wait, groups, environment; and those on the terminal that an
//! interactive program needs.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum};
use crate::kernel::Spawn;
use crate::machine::{Machine, Step};
use crate::process::{Pid, State};
use crate::sys::Sys;
use crate::tty::{Edit, Kind};
use imbl::OrdMap;
use std::sync::Arc;

/// What a child gets instead of a copy of its parent's.
#[derive(Clone, Debug, Default)]
pub struct SpawnOptions {
    pub env: Option<OrdMap<Arc<str>, Arc<str>>>,
    /// Its whole descriptor table.
    pub fds: Option<OrdMap<FdNum, Fd>>,
    /// `Some(0)` makes it the leader of a group of its own.
    pub group: Option<Pid>,
    pub cwd: Option<Arc<str>>,
}

/// What wait(2) found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitResult {
    /// A child has ended and is forgotten now; 128 + n if signal n ended it.
    Exited(Pid, i32),
    /// Children live on: `Wait::Child`.
    None,
    /// There is no such child.
    NoChildren,
}

impl Sys<'_> {
    fn spawning(&self, argv: Vec<Arc<str>>, options: SpawnOptions) -> Result<Spawn, Errno> {
        let process = self.process().ok_or(Errno::Esrch)?;
        Ok(Spawn {
            parent: self.pid,
            group: options.group.unwrap_or(process.group),
            space: process.space,
            argv: argv.into(),
            implicit_env: options.env.is_none() && process.implicit_env,
            env: options.env.unwrap_or_else(|| process.env.clone()),
            cwd: options.cwd.unwrap_or_else(|| process.cwd.clone()),
            uid: process.uid,
            gid: process.gid,
            umask: process.umask,
            fds: options.fds.unwrap_or_else(|| process.fds.clone()),
        })
    }
    /// Starts a program as a child of the caller.
    ///
    /// # Errors
    /// As execve(2); EAGAIN when there are too many processes.
    pub fn spawn(&mut self, argv: Vec<Arc<str>>, options: SpawnOptions) -> Result<Pid, Errno> {
        let spawn = self.spawning(argv, options)?;
        self.machines.spawn(self.outside, spawn)
    }
    /// Starts a machine as a child of the caller, as fork(2) does: subshells.
    ///
    /// # Errors
    /// EAGAIN when there are too many processes.
    pub fn spawn_machine(
        &mut self,
        machine: Box<dyn Machine>,
        argv: Vec<Arc<str>>,
        options: SpawnOptions,
    ) -> Result<Pid, Errno> {
        let spawn = self.spawning(argv, options)?;
        self.machines.spawn_machine(spawn, machine)
    }
    /// Replaces the caller's program; return the step it gives.
    ///
    /// # Errors
    /// As execve(2); the caller goes on.
    pub fn exec(&mut self, argv: Vec<Arc<str>>) -> Result<Step, Errno> {
        let spawn = self.spawning(argv, SpawnOptions::default())?;
        let (program, argv) = self.machines.resolve_program(&spawn)?;
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.argv = argv;
            (process.memory, process.cpu_milli) = (0, 0);
        }
        let machine = (program.start)(&mut Sys::new(self.machines, self.outside, self.pid));
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.machine = Some(machine);
        }
        Ok(Step::Again)
    }
    /// Asks for a child that has ended: a certain one, or any.
    pub fn wait(&mut self, pid: Option<Pid>) -> WaitResult {
        let children: Vec<Pid> =
            self.machines.children_of(self.pid).filter(|c| pid.is_none_or(|p| p == *c)).collect();
        if children.is_empty() {
            return WaitResult::NoChildren;
        }
        for child in children {
            if let Some(State::Zombie(code)) = self.machines.process(child).map(|p| p.state.clone()) {
                self.machines.reap(child);
                return WaitResult::Exited(child, code);
            }
        }
        WaitResult::None
    }
    /// A child that was stopped since this was last asked (job control).
    pub fn stopped_child(&mut self) -> Option<Pid> {
        let children: Vec<Pid> = self.machines.children_of(self.pid).collect();
        children.into_iter().find(|child| {
            self.machines
                .process_mut(*child)
                .is_some_and(|p| p.state == State::Stopped && std::mem::take(&mut p.stop_news))
        })
    }
    /// Sets or removes an environment variable of the caller.
    pub fn set_env(&mut self, name: &str, value: Option<&str>) {
        let env = self.environment();
        if let Some(process) = self.machines.process_mut(self.pid) {
            if process.implicit_env && name == "HOSTNAME" {
                process.env = env;
                process.implicit_env = false;
            }
            match value {
                Some(value) => _ = process.env.insert(name.into(), value.into()),
                None => _ = process.env.remove(name),
            }
        }
    }
    /// The caller's whole environment.
    #[must_use]
    pub fn environment(&self) -> OrdMap<Arc<str>, Arc<str>> {
        self.machines.environment_of(self.pid)
    }
    /// Puts a process into a group; 0 stands for the process itself.
    pub fn set_group(&mut self, pid: Pid, group: Pid) {
        if let Some(process) = self.machines.process_mut(pid) {
            process.group = if group == 0 { pid } else { group };
        }
    }
    /// Sends a signal to every process of a group.
    pub fn kill_group(&mut self, group: Pid, signal: crate::Signal) {
        self.machines.kill_group(group, signal);
    }
    /// Translates between the caller's PID namespace and the world.
    #[must_use]
    pub fn pid_from_namespace(&self, ns_pid: u32) -> Option<Pid> {
        let space = self.machines.space(self.process()?.space)?;
        crate::pseudo::find(self.machines, space, ns_pid).map(|p| p.pid)
    }
    /// The caller's terminal: that of stdin, else of stdout or stderr.
    #[must_use]
    pub fn tty(&self) -> Option<u32> {
        let process = self.process()?;
        [0, 1, 2].iter().find_map(|n| match process.fds.get(n) {
            Some(Fd::Tty { tty, .. }) => Some(*tty),
            _ => None,
        })
    }
    /// Makes a group the one that Ctrl-C of the caller's terminal reaches.
    pub fn set_foreground(&mut self, group: Pid) {
        if let Some(tty) = self.tty().and_then(|id| self.machines.tty_mut(id)) {
            tty.foreground = group;
        }
    }
    /// Prints a prompt and marks the terminal as waiting for a command.
    pub fn prompt(&mut self, text: &str) {
        let Some(id) = self.tty() else { return self.eprint(text) };
        self.machines.tty_print(id, Kind::Prompt, text.as_bytes());
        if let Some(tty) = self.machines.tty_mut(id) {
            tty.at_prompt = true;
        }
    }
    /// Reads single keys from the caller's terminal from now on (termios' raw mode), until it ends or
    /// [`Sys::cooked`] is called. False without a terminal.
    pub fn raw(&mut self) -> bool {
        let pid = self.pid;
        let Some(tty) = self.tty().and_then(|id| self.machines.tty_mut(id)) else { return false };
        tty.raw = pid;
        true
    }
    /// Whole lines again.
    pub fn cooked(&mut self) {
        if let Some(tty) = self.tty().and_then(|id| self.machines.tty_mut(id)) {
            tty.raw = 0;
        }
    }
    /// Columns and rows of the caller's terminal.
    #[must_use]
    pub fn window(&self) -> (usize, usize) {
        let tty = self.tty().and_then(|id| self.machines.tty(id));
        let size = tty.map_or((0, 0), |t| (usize::from(t.columns), usize::from(t.rows)));
        (if size.0 == 0 { 80 } else { size.0 }, if size.1 < 2 { 24 } else { size.1 })
    }
    /// Opens the learner's editor on a file; wait for `Wait::Editor`, then [`Sys::edit_result`].
    ///
    /// # Errors
    /// EISDIR and friends; ENOTTY without a terminal.
    pub fn edit(&mut self, path: &str, program: &str) -> Result<(), Errno> {
        let id = self.tty().ok_or(Errno::Enotty)?;
        let text = match self.read_file(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).as_ref().into(),
            Err(Errno::Enoent) => "".into(),
            Err(error) => return Err(error),
        };
        let edit = Edit { pid: self.pid, path: path.into(), program: program.into(), text, result: None };
        if let Some(tty) = self.machines.tty_mut(id) {
            tty.edit = Some(edit);
        }
        Ok(())
    }
    /// What became of the edit: the text to save, or `Some(None)` if the learner left without saving.
    pub fn edit_result(&mut self) -> Option<Option<Arc<str>>> {
        let pid = self.pid;
        let tty = self.machines.tty_mut(self.tty()?)?;
        tty.edit.as_ref().filter(|e| e.pid == pid)?.result.as_ref()?;
        tty.edit.take()?.result
    }
}
