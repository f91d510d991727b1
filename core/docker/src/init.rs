//! `docker-init` (tini): PID 1 of containers that ask for one. Starts its arguments, passes signals on,
//! reaps what comes to it, and ends with its child's code. Follows tini 0.19.

use drydock_container::machine::Machine;
use drydock_container::process::Pid;
use drydock_container::{Behave, Handled, Program, Signal, SpawnOptions, Step, Sys, Wait, WaitResult};
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "docker-init",
    about: "a tiny init for containers",
    start: |_| -> Box<dyn Machine> { Box::new(Init::default()) },
};

#[derive(Clone, Hash, Default)]
struct Init {
    child: Pid,
    /// Signals to pass on.
    got: Vec<u8>,
    signals: Vec<Signal>,
}

impl Behave for Init {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.child == 0 {
            let argv: Vec<Arc<str>> =
                sys.args().iter().skip_while(|a| &***a != "--").skip(1).cloned().collect();
            let name = argv.first().cloned().unwrap_or_default();
            match sys.spawn(argv, SpawnOptions { group: Some(0), ..SpawnOptions::default() }) {
                Ok(pid) => {
                    self.child = pid;
                    let tty = sys.process().and_then(|p| p.fds.get(&0)).cloned();
                    if matches!(tty, Some(drydock_container::Fd::Tty { .. })) {
                        sys.set_foreground(pid);
                    }
                }
                Err(error) => {
                    sys.eprint(&format!("[FATAL tini (7)] exec {name} failed: {}\n", error.text()));
                    return Step::Exit(127);
                }
            }
        }
        for signal in std::mem::take(&mut self.signals) {
            sys.kill(self.child, signal);
        }
        self.got.clear();
        loop {
            match sys.wait(None) {
                WaitResult::Exited(pid, code) if pid == self.child => return Step::Exit(code),
                WaitResult::Exited(..) => {}
                WaitResult::None => return Step::wait(Wait::Child),
                WaitResult::NoChildren => return Step::Exit(1),
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Chld | Signal::Kill | Signal::Stop | Signal::Cont) {
            return Handled::Default;
        }
        self.got.push(signal.number());
        self.signals.push(signal);
        Handled::Caught
    }
}
