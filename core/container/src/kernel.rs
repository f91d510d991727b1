//! The process machine: step, wait, wake. Processes wait under keys; whatever happens to a key arms one
//! wake-up task per waiting process, and a woken process looks again. Work takes simulated time, so that
//! nothing can go on for ever without it passing.

use crate::fd::Fd;
use crate::machine::Step;
use crate::machines::{Machines, Outside, actor};
use crate::process::{Pid, State};
use crate::space::SpaceId;
use crate::sys::Sys;
use crate::wait::{Key, Wait};
use imbl::OrdMap;
use std::sync::Arc;

/// Work (steps, and bytes moved by weight) a process may do within one simulated millisecond.
pub const SLICE: u64 = 2_000;

/// How a process is to be started.
#[derive(Clone, Debug)]
pub struct Spawn {
    pub parent: Pid,
    /// 0 makes a group of its own.
    pub group: Pid,
    pub space: SpaceId,
    pub argv: Arc<[Arc<str>]>,
    pub env: OrdMap<Arc<str>, Arc<str>>,
    /// See `Process::implicit_env`.
    pub implicit_env: bool,
    pub cwd: Arc<str>,
    pub uid: u32,
    pub gid: u32,
    pub umask: u16,
    pub fds: OrdMap<crate::fd::FdNum, Fd>,
}

impl Machines {
    /// Puts a wake-up for the process into the queue, once.
    pub fn arm(&mut self, pid: Pid) {
        let Some(process) = self.process_mut(pid) else { return };
        if !std::mem::replace(&mut process.armed, true) {
            self.clock.after(0, actor::PROCESS, u64::from(pid));
        }
    }
    /// Something happened to `key`: whoever waits for it looks again.
    pub fn wake(&mut self, key: Key) {
        let mut after = 0;
        while let Some((_, pid)) = self.waiters.range((key, after)..=(key, Pid::MAX)).next().copied() {
            self.arm(pid);
            let Some(next) = pid.checked_add(1) else { return };
            after = next;
        }
    }
    /// Has the process looked at again at `time`.
    fn wake_at(&mut self, pid: Pid, time: u64) {
        let now = self.clock.now;
        let Some(process) = self.process_mut(pid) else { return };
        // A timer that comes earlier anyway is enough: the process files itself again then.
        if process.timer <= now || process.timer > time {
            process.timer = time;
            self.clock.after(time.saturating_sub(now), actor::PROCESS, u64::from(pid));
        }
    }
    /// Runs a process until it waits, ends or its slice is over. The handler of `actor::PROCESS`.
    pub fn run(&mut self, outside: &mut dyn Outside, pid: Pid) {
        let now = self.clock.now;
        let Some(process) = self.process_mut(pid) else { return };
        process.armed = false;
        if process.steps_at != now {
            process.steps_at = now;
            process.account();
        }
        let keys = std::mem::take(&mut process.keys);
        for key in keys {
            self.waiters.remove(&(key, pid));
        }
        self.deliver(pid);
        if !self.flush(pid) {
            return;
        }
        loop {
            let Some(process) = self.process_mut(pid) else { return };
            if !matches!(process.state, State::Runnable | State::Waiting) {
                return;
            }
            process.state = State::Runnable;
            process.steps += 1;
            if process.steps > SLICE {
                // Computing takes time, so that nothing can loop without it passing.
                let over = process.steps / SLICE;
                process.account();
                return self.wake_at(pid, now + over);
            }
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
                    self.deliver(pid);
                    if !self.flush(pid) {
                        return;
                    }
                }
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
                    if time <= self.clock.now {
                        ready = true;
                    } else {
                        self.wake_at(pid, time);
                    }
                }
                Wait::Readable(fd) => match self.process(pid).and_then(|p| p.fds.get(&fd)) {
                    Some(Fd::PipeRead(id)) => keys.push(Key::Pipe(*id)),
                    Some(Fd::Tty { tty, .. }) => keys.push(Key::Tty(*tty)),
                    Some(Fd::File { open }) => {
                        if let Some(file) = self.files.get(open) {
                            keys.push(Key::of_file(SpaceId(file.space), file.volume, file.ino));
                        }
                    }
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
        if ready || self.is_ready(pid, waits) {
            self.arm(pid);
        }
    }
    /// Whether something waited for is there already: a machine may wait without looking first.
    fn is_ready(&self, pid: Pid, waits: &[Wait]) -> bool {
        waits.iter().any(|wait| match *wait {
            Wait::Readable(fd) => match self.process(pid).and_then(|p| p.fds.get(&fd)) {
                Some(Fd::PipeRead(id)) => self.pipes.get(id).is_none_or(|p| p.writers == 0),
                _ => false,
            },
            Wait::Answer(id) => {
                self.exchanges.get(&id).is_none_or(|e| e.phase == crate::exchange::Phase::Done)
            }
            Wait::Accept => self.backlog.range((pid, 0)..=(pid, u64::MAX)).next().is_some(),
            _ => false,
        })
    }
    /// Hands pending output to its readers. False while some of it has to wait, and when the process is
    /// no more.
    pub(crate) fn flush(&mut self, pid: Pid) -> bool {
        let Some(process) = self.process_mut(pid) else { return false };
        if process.pending.is_empty() {
            return self.finish_ending(pid);
        }
        let pending = std::mem::take(&mut process.pending);
        let mut rest = pending.into_iter();
        while let Some((fd, bytes)) = rest.next() {
            if let Some(key) = self.put_out(pid, &fd, &bytes) {
                self.waiters.insert((key, pid));
                if let Some(process) = self.process_mut(pid) {
                    process.pending = [(fd, bytes)].into_iter().chain(rest).collect();
                    process.keys.push(key);
                    if process.state == State::Runnable {
                        process.state = State::Waiting;
                    }
                }
                return false;
            }
            self.release(&fd);
        }
        self.finish_ending(pid)
    }
    /// Drops what was printed but not taken.
    pub(crate) fn drop_pending(&mut self, pid: Pid) {
        let Some(process) = self.process_mut(pid) else { return };
        for (fd, _) in std::mem::take(&mut process.pending) {
            self.release(&fd);
        }
    }
    /// Writes for a process: at once where there is room, else it is held back until there is.
    pub(crate) fn write_as(&mut self, pid: Pid, fd: crate::fd::FdNum, bytes: Arc<[u8]>) {
        let Some(process) = self.process(pid) else { return };
        let Some(target) = process.fds.get(&fd).cloned() else { return };
        if process.pending.is_empty() && self.put_out(pid, &target, &bytes).is_none() {
            return;
        }
        self.share(&target);
        if let Some(process) = self.process_mut(pid) {
            process.pending.push((target, bytes));
        }
    }
    fn finish_ending(&mut self, pid: Pid) -> bool {
        match self.process(pid).map(|p| &p.state) {
            Some(State::Ending(code)) => {
                let code = *code;
                self.bury(pid, code);
                false
            }
            Some(State::Zombie(_)) | None => false,
            Some(_) => true,
        }
    }
}
