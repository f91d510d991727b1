//! Further processes in a running container, and the pipes by which those outside talk to it: exec,
//! attach, port-less streams.

use crate::engine::start::{StartError, find_user};
use crate::fd::{Fd, STDERR, STDIN, STDOUT};
use crate::kernel::Spawn;
use crate::machines::{Machines, Outside};
use crate::process::Pid;
use crate::space::SpaceId;
use crate::spec::ExecSpec;
use crate::wait::Key;
use std::sync::Arc;

/// How those outside hold a process they started. Numbers of pipes; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExecHandle {
    pub pid: Pid,
    pub stdin: u32,
    /// With a terminal, everything it shows.
    pub stdout: u32,
    pub stderr: u32,
    pub tty: u32,
}

impl Machines {
    /// Starts a process in a running container. Its end comes as `Notice::ExecEnded`.
    ///
    /// # Errors
    /// What runc refuses; the exit code is Docker's.
    pub fn exec(
        &mut self,
        outside: &mut dyn Outside,
        id: SpaceId,
        spec: ExecSpec,
    ) -> Result<ExecHandle, StartError> {
        let refused = |code, text: String| StartError { text, code, denied: false };
        let Some(space) = self.space(id).filter(|s| s.init != 0 || s.is_host()) else {
            return Err(refused(128, "container is not running".into()));
        };
        let config = space.config.clone();
        let user_name = spec.user.as_deref().unwrap_or(&config.user);
        let user = find_user(&space.root, user_name).map_err(|text| refused(126, text))?;
        let cwd = spec.cwd.clone().unwrap_or_else(|| config.cwd.clone());
        let cwd: Arc<str> = if cwd.is_empty() { "/".into() } else { cwd };
        let real = self.real_path(id, "/", &cwd).ok();
        let is_directory = real
            .as_ref()
            .and_then(|p| self.inode_at(id, p))
            .map(|i| i.content == crate::filesystem::Content::Directory);
        match is_directory {
            Some(true) => {}
            found => {
                let reason = if found.is_none() { "no such file or directory" } else { "not a directory" };
                let text = format!("chdir to cwd (\"{cwd}\") set in config.json failed: {reason}");
                return Err(refused(if found.is_none() { 127 } else { 126 }, text));
            }
        }
        let mut env = config.env.clone();
        if spec.user.is_some() {
            env.insert("HOME".into(), user.home.clone());
        }
        if spec.tty && !env.contains_key("TERM") {
            env.insert("TERM".into(), "xterm".into());
        }
        env.extend(spec.env.iter().cloned());
        let mut handle = ExecHandle::default();
        let fds = if spec.tty {
            handle.tty = self.open_tty(80, 24);
            handle.stdout = self.outside_output();
            let mirror = handle.stdout;
            if let Some(tty) = self.tty_mut(handle.tty) {
                tty.mirror = Some(mirror);
            }
            Machines::tty_descriptors(handle.tty)
        } else {
            handle.stdout = self.outside_output();
            handle.stderr = self.outside_output();
            let input = if spec.stdin {
                handle.stdin = self.outside_input();
                Fd::PipeRead(handle.stdin)
            } else {
                Fd::Null
            };
            [(STDIN, input), (STDOUT, Fd::PipeWrite(handle.stdout)), (STDERR, Fd::PipeWrite(handle.stderr))]
                .into_iter()
                .collect()
        };
        let spawn = Spawn {
            parent: 0,
            group: 0,
            space: id,
            argv: spec.argv.into(),
            env,
            implicit_env: true,
            cwd,
            uid: user.uid,
            gid: user.gid,
            umask: 0o022,
            fds,
        };
        match self.start_or_explain(outside, spawn) {
            Ok(pid) => {
                handle.pid = pid;
                if let Some(tty) = self.tty_mut(handle.tty) {
                    (tty.foreground, tty.shell) = (pid, pid);
                }
                Ok(handle)
            }
            Err(error) => {
                self.close_exec(handle);
                Err(error)
            }
        }
    }
    /// Lets go of everything a handle holds; the process itself goes on until it notices.
    pub fn close_exec(&mut self, handle: ExecHandle) {
        for pipe in [handle.stdout, handle.stderr] {
            self.close_output(pipe);
        }
        self.close_input(handle.stdin);
        if handle.tty != 0 {
            self.close_tty(handle.tty);
        }
    }
    /// A pipe that those outside write and a process reads.
    pub fn outside_input(&mut self) -> u32 {
        let id = self.fresh_pipe();
        self.share(&Fd::PipeWrite(id));
        id
    }
    /// A pipe that a process writes and those outside read.
    pub fn outside_output(&mut self) -> u32 {
        let id = self.fresh_pipe();
        self.share(&Fd::PipeRead(id));
        if let Some(pipe) = self.pipes.get_mut(&id) {
            Arc::make_mut(pipe).outside = true;
        }
        id
    }
    /// Writes to a process' stdin pipe; false when nobody reads it anymore or it is full.
    pub fn write_input(&mut self, pipe: u32, bytes: &[u8]) -> bool {
        let Some(state) = self.pipes.get_mut(&pipe) else { return false };
        if state.readers == 0 || !state.has_room() {
            return false;
        }
        Arc::make_mut(state).push(bytes);
        self.wake(Key::Pipe(pipe));
        true
    }
    /// Closes a process' stdin pipe: it reads the end of input.
    pub fn close_input(&mut self, pipe: u32) {
        self.release(&Fd::PipeWrite(pipe));
    }
    /// Takes what a process wrote; `None` once it is read to the end.
    pub fn take_output(&mut self, pipe: u32, max: usize) -> Option<Vec<u8>> {
        let state = self.pipes.get_mut(&pipe)?;
        if state.is_empty() {
            return (state.writers > 0).then(Vec::new);
        }
        let bytes = Arc::make_mut(state).take(max);
        self.wake(Key::PipeRoom(pipe));
        Some(bytes)
    }
    /// Stops reading: the writer gets SIGPIPE.
    pub fn close_output(&mut self, pipe: u32) {
        self.release(&Fd::PipeRead(pipe));
    }
}
