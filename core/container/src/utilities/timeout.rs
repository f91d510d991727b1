//! Programs that watch another one: timeout, time.

use super::filter::ended;
use super::launch::cannot_run;
use super::sleep::duration;
use super::support::{Flavor, Opts, Spec, flavor, own_name, usage};
use crate::machine::{Behave, Step};
use crate::process::Pid;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use std::sync::Arc;

/// timeout and time: one child.
#[derive(Clone, Hash)]
pub struct Watched {
    argv: Vec<Arc<str>>,
    child: Option<Pid>,
    deadline: Option<u64>,
    kill_after: Option<u64>,
    signal: Signal,
    timed_out: bool,
    preserve: bool,
    /// `time`: when it began.
    began: Option<u64>,
}

impl Behave for Watched {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let own = own_name(sys);
        let Some(child) = self.child else {
            return match sys.spawn(self.argv.clone(), SpawnOptions::default()) {
                Ok(pid) => {
                    self.child = Some(pid);
                    Step::Again
                }
                Err(errno) => {
                    let name = self.argv.first().cloned().unwrap_or_default();
                    Step::Exit(cannot_run(sys, &own, &name, errno))
                }
            };
        };
        if let WaitResult::Exited(_, code) = sys.wait(Some(child)) {
            if let Some(began) = self.began {
                let ms = sys.now() - began;
                let text = format!(
                    "real\t{}m {}.{:02}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n",
                    ms / 60_000,
                    ms / 1000 % 60,
                    ms % 1000 / 10
                );
                sys.eprint(&text);
            }
            let gnu = flavor(sys) == Flavor::Gnu;
            if self.timed_out && code == 137 && gnu {
                // It dies of the same signal, so that its parent is told.
                let own = sys.pid;
                sys.kill(own, Signal::Kill);
                return Step::wait(Wait::Signal);
            }
            let killed = self.timed_out && !self.preserve && code != 137;
            return Step::Exit(if killed {
                if flavor(sys) == Flavor::Busybox { 143 } else { 124 }
            } else {
                code
            });
        }
        let Some(deadline) = self.deadline else { return Step::wait(Wait::Child) };
        if sys.now() >= deadline {
            sys.kill(child, if self.timed_out { Signal::Kill } else { self.signal });
            self.deadline = if self.timed_out { None } else { self.kill_after.map(|ms| sys.now() + ms) };
            self.timed_out = true;
            let mut waits = vec![Wait::Child];
            waits.extend(self.deadline.map(Wait::Until));
            return Step::Wait(waits);
        }
        Step::Wait(vec![Wait::Child, Wait::Until(deadline)])
    }
}

pub fn timeout(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "s:k:vt:",
        long: &[
            ("signal=", 's'),
            ("kill-after=", 'k'),
            ("preserve-status", 'p'),
            ("foreground", 'f'),
            ("verbose", 'v'),
        ],
        code: 125,
    };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut words = opts.args.clone();
    if let Some(seconds) = opts.value('t') {
        words.insert(0, seconds.into());
    }
    const TRY: &str = "Try 'timeout --help' for more information.\n";
    let Some((time, argv)) = words.split_first() else {
        sys.eprint(TRY);
        return ended(125);
    };
    let Some(ms) = duration(time) else {
        return ended(usage(sys, 125, &format!("invalid time interval '{time}'")));
    };
    if argv.is_empty() {
        sys.eprint(TRY);
        return ended(125);
    }
    let signal = match opts.value('s') {
        None => Signal::Term,
        Some(name) => match Signal::parse(name) {
            Some(signal) => signal,
            None => return ended(usage(sys, 125, &format!("'{name}': invalid signal"))),
        },
    };
    Box::new(Watched {
        argv: argv.to_vec(),
        child: None,
        deadline: (ms > 0).then(|| sys.now() + ms),
        kill_after: opts.value('k').and_then(duration),
        signal,
        timed_out: false,
        preserve: opts.has('p'),
        began: None,
    })
}

pub fn time(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let argv: Vec<Arc<str>> = sys.args().iter().skip(1).filter(|a| &***a != "-p").cloned().collect();
    if argv.is_empty() {
        return ended(usage(sys, 1, "missing operand"));
    }
    let began = Some(sys.now());
    let (deadline, kill_after, signal) = (None, None, Signal::Term);
    Box::new(Watched {
        argv,
        child: None,
        deadline,
        kill_after,
        signal,
        timed_out: false,
        preserve: false,
        began,
    })
}
