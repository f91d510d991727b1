//! What processes use: memory against the container's limit, as the kernel's OOM killer sees it (cgroup
//! v2 with group kill), and CPU as a counter (`cpu.stat`'s `usage_usec`) and as a rate, throttled at the
//! limit.

use crate::kernel::SLICE;
use crate::machines::Machines;
use crate::process::{Pid, Process};
use crate::signal::Signal;
use crate::space::SpaceId;
use crate::sys::Sys;
use drydock_machinery::digest::hash_bytes;

/// What a space uses right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// Thousandths of a processor.
    pub cpu_milli: u64,
    /// Bytes.
    pub memory: u64,
}

/// Nanoseconds a step takes: a slice is a millisecond's work.
const STEP_NS: u64 = 1_000_000 / SLICE;

impl Process {
    /// CPU time used till now, nanoseconds: the steps it took and what it said it uses.
    #[must_use]
    pub fn cpu_time(&self, now: u64) -> u64 {
        let claimed = now.saturating_sub(self.cpu_since).saturating_mul(u64::from(self.cpu_milli) * 1000);
        self.cpu_ns.saturating_add(self.steps * STEP_NS).saturating_add(claimed)
    }
    /// Puts the steps of a moment that is over on the account.
    pub(crate) fn account(&mut self) {
        self.cpu_ns = self.cpu_ns.saturating_add(std::mem::take(&mut self.steps) * STEP_NS);
    }
}

impl Machines {
    /// CPU time a space's processes have used since it began, nanoseconds.
    #[must_use]
    pub fn cpu_time(&self, id: SpaceId) -> u64 {
        let Some(space) = self.space(id) else { return 0 };
        let residents = self.residents.range((id, 0)..=(id, Pid::MAX));
        let alive = residents.filter_map(|r| self.process(r.1)).map(|p| p.cpu_time(self.clock.now));
        alive.fold(space.cpu_ns, u64::saturating_add)
    }
    /// The sum over a space's processes. A process that never said what it needs counts with a little,
    /// by its name.
    #[must_use]
    pub fn usage(&self, id: SpaceId) -> Usage {
        let Some(space) = self.space(id) else { return Usage::default() };
        let residents = self.residents.range((id, 0)..=(id, Pid::MAX));
        let mut sum = Usage::default();
        for process in residents.filter_map(|r| self.process(r.1)).filter(|p| p.is_alive()) {
            let name = hash_bytes(crate::pseudo::comm(process).as_bytes());
            sum.memory += if process.memory == 0 { (2 << 20) + name % (6 << 20) } else { process.memory };
            sum.cpu_milli += if process.cpu_milli == 0 { name % 2 } else { u64::from(process.cpu_milli) };
        }
        if space.config.cpu_milli > 0 {
            sum.cpu_milli = sum.cpu_milli.min(space.config.cpu_milli);
        }
        sum
    }
}

impl Sys<'_> {
    /// Says how much memory the caller uses from now on. Above the container's limit everything in the
    /// container is killed.
    pub fn use_memory(&mut self, bytes: u64) {
        let Some(process) = self.machines.process_mut(self.pid) else { return };
        process.memory = bytes.max(1);
        let id = process.space;
        let used = self.machines.usage(id).memory;
        let Some(space) = self.machines.space_mut(id) else { return };
        if space.config.memory == 0 || used <= space.config.memory {
            return;
        }
        space.oom_killed = true;
        let init = space.init;
        self.machines.kill(if init == 0 { self.pid } else { init }, Signal::Kill);
    }
    /// Says how much CPU the caller would use from now on, in thousandths of a processor.
    pub fn use_cpu(&mut self, milli: u32) {
        let now = self.machines.clock.now;
        if let Some(process) = self.machines.process_mut(self.pid) {
            let claimed = now.saturating_sub(process.cpu_since) * u64::from(process.cpu_milli) * 1000;
            process.cpu_ns = process.cpu_ns.saturating_add(claimed);
            (process.cpu_milli, process.cpu_since) = (milli, now);
        }
    }
}
