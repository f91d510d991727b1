//! A process: its program's state, descriptors, environment and place in the process tree.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum};
use crate::machine::Machine;
use crate::signal::Signal;
use crate::space::SpaceId;
use crate::wait::Key;
use imbl::OrdMap;
use std::sync::Arc;

/// A world-wide process number. What programs see in their PID namespace is `Process::ns_pid`.
pub type Pid = u32;

/// Where a process is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Runnable,
    /// Filed under `keys` and woken by any of them.
    Waiting,
    /// SIGSTOP'ped.
    Stopped,
    /// Has ended but still writes out what it printed; then it becomes a zombie.
    Ending(i32),
    /// Waits for its parent to read the exit status.
    Zombie(i32),
}

/// See the module's head. `machine` is absent while it is being stepped and after it has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    pub pid: Pid,
    /// The number inside its PID namespace (its space's).
    pub ns_pid: u32,
    pub parent: Pid,
    /// Process group; Ctrl-C goes to the terminal's foreground group.
    pub group: Pid,
    pub space: SpaceId,
    pub argv: Arc<[Arc<str>]>,
    pub env: OrdMap<Arc<str>, Arc<str>>,
    /// `HOSTNAME` is in the environment without standing in `env`: containers of one template share
    /// one map.
    pub implicit_env: bool,
    pub cwd: Arc<str>,
    pub uid: u32,
    pub gid: u32,
    pub umask: u16,
    pub fds: OrdMap<FdNum, Fd>,
    pub state: State,
    pub machine: Option<Box<dyn Machine>>,
    /// Printed but not yet taken by its reader: the process is not stepped while this is not empty.
    /// Each entry counts as a descriptor of its own.
    pub pending: Vec<(Fd, Arc<[u8]>)>,
    pub signals: Vec<Signal>,
    /// What it is filed under while waiting.
    pub keys: Vec<Key>,
    /// Start time, simulated milliseconds.
    pub started: u64,
    /// A write met a closed pipe.
    pub broken_pipe: bool,
    /// A wake-up task is in the queue.
    pub armed: bool,
    /// Work done at the moment `steps_at`; see `kernel::SLICE`.
    pub steps: u64,
    pub steps_at: u64,
    /// The next moment a timer in the queue wakes it; stale once passed.
    pub timer: u64,
    /// What it said it uses (`usage`): bytes, thousandths of a processor; 0 for a little.
    pub memory: u64,
    pub cpu_milli: u32,
    /// CPU time used up to `cpu_since`, nanoseconds, without the work of the moment `steps_at`.
    pub cpu_ns: u64,
    /// Since when it uses `cpu_milli`, simulated milliseconds.
    pub cpu_since: u64,
    /// A write failed since it was last asked.
    pub write_error: Option<Errno>,
    /// Came to PID 1 when its own parent ended: reaped without anyone asking.
    pub adopted: bool,
    /// The last stop has not been reported to the parent yet.
    pub stop_news: bool,
    /// The signal that ended it.
    pub killed: Option<Signal>,
}

impl Process {
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, State::Zombie(_) | State::Ending(_))
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        use drydock_machinery::Digest;
        let machine = self.machine.as_ref().map_or(0, |m| m.digest());
        let place = (self.pid, self.parent, self.group, self.space, &self.argv, &self.cwd, self.uid);
        let fds: Vec<_> = self.fds.iter().collect();
        Digest::of(&(machine, place, &self.state, fds, &self.pending))
    }
}
