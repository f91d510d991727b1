//! Signals sent and acted upon: handlers first, then default actions, which PID 1 of a container does
//! not have (kill(2), pid_namespaces(7)).

use crate::machine::Handled;
use crate::machines::Machines;
use crate::process::{Pid, State};
use crate::signal::Signal;
use crate::wait::Key;
use drydock_machinery::limits;

impl Machines {
    /// Sends a signal to one process.
    pub fn kill(&mut self, pid: Pid, signal: Signal) {
        let Some(process) = self.process_mut(pid) else { return };
        if process.is_alive() {
            if process.signals.len() < limits::SIGNALS || signal == Signal::Kill {
                process.signals.push(signal);
            }
            self.arm(pid);
        } else if signal == Signal::Kill && matches!(process.state, State::Ending(_)) {
            // It only waits for a reader; now it does not.
            self.drop_pending(pid);
            self.flush(pid);
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
    pub(crate) fn deliver(&mut self, pid: Pid) {
        let Some(process) = self.process_mut(pid) else { return };
        if process.signals.is_empty() {
            return;
        }
        let signals = std::mem::take(&mut process.signals);
        for signal in signals {
            let is_init = self.process(pid).and_then(|p| self.space(p.space)).is_some_and(|s| s.init == pid);
            let Some(process) = self.process_mut(pid) else { return };
            if !process.is_alive() {
                return;
            }
            match signal {
                Signal::Kill => return self.end_by_signal(pid, signal),
                Signal::Stop if is_init => {}
                Signal::Stop => self.stop_process(pid),
                Signal::Cont => {
                    if process.state == State::Stopped {
                        process.state = State::Runnable;
                        self.arm(pid);
                    }
                    if let Some(machine) = self.process_mut(pid).and_then(|p| p.machine.as_mut()) {
                        machine.signal(signal);
                    }
                }
                _ => {
                    let handled = process.machine.as_mut().map_or(Handled::Default, |m| m.signal(signal));
                    match handled {
                        Handled::Caught => self.arm(pid),
                        Handled::Ignored => {}
                        // PID 1 of a PID namespace gets no default actions.
                        Handled::Default if is_init && signal != Signal::Pipe => {}
                        Handled::Default if signal.is_fatal() => return self.end_by_signal(pid, signal),
                        Handled::Default if signal == Signal::Tstp => self.stop_process(pid),
                        Handled::Default => {}
                    }
                }
            }
        }
    }
    pub(crate) fn stop_process(&mut self, pid: Pid) {
        let Some(process) = self.process_mut(pid) else { return };
        process.state = State::Stopped;
        process.stop_news = true;
        let parent = process.parent;
        self.wake(Key::Children(parent));
    }
    fn end_by_signal(&mut self, pid: Pid, signal: Signal) {
        self.drop_pending(pid);
        if let Some(process) = self.process_mut(pid) {
            process.killed = Some(signal);
        }
        self.end(pid, 128 + i32::from(signal.number()));
    }
}
