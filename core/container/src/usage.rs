//! What processes use: memory against the container's limit, as the kernel's OOM killer sees it (cgroup
//! v2 with group kill), and CPU as a metrics server would measure it, throttled at the limit.

use crate::machines::Machines;
use crate::process::Pid;
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

impl Machines {
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
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.cpu_milli = milli;
        }
    }
}
