//! watch: a command again and again.

use super::filter::ended;
use super::launch::cannot_run;
use super::sleep::duration;
use super::support::{Opts, Spec};
use crate::machine::{Behave, Handled, Step};
use crate::process::Pid;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use std::sync::Arc;

/// Runs a command again and again under a title.
#[derive(Clone, Hash)]
pub struct Repeat {
    argv: Vec<Arc<str>>,
    title: Arc<str>,
    every: u64,
    child: Option<Pid>,
    next: u64,
    quit: bool,
}

impl Behave for Repeat {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.quit {
            return Step::Exit(0);
        }
        if let Some(child) = self.child {
            match sys.wait(Some(child)) {
                WaitResult::Exited(..) => self.child = None,
                _ => return Step::wait(Wait::Child),
            }
        }
        if sys.now() < self.next {
            return Step::wait(Wait::Until(self.next));
        }
        self.next = sys.now() + self.every;
        sys.print("\u{1b}[H\u{1b}[2J");
        if !self.title.is_empty() {
            let host = super::support::hostname(sys);
            let clock = super::date::format(sys.unix(), "%a %b %e %H:%M:%S %Y");
            let seconds = format!("{:.1}", self.every as f64 / 1000.0);
            let left = format!("Every {seconds}s: {}", self.title);
            let right = format!("{host}: {clock}");
            let gap = 80usize.saturating_sub(left.chars().count() + right.chars().count()).max(2);
            sys.print(&format!("{left}{}{right}\n\n", " ".repeat(gap)));
        }
        match sys.spawn(self.argv.clone(), SpawnOptions::default()) {
            Ok(pid) => {
                self.child = Some(pid);
                Step::wait(Wait::Child)
            }
            Err(errno) => {
                let name = self.argv.first().cloned().unwrap_or_default();
                Step::Exit(cannot_run(sys, "watch", &name, errno))
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int {
            self.quit = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}

pub fn watch(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "n:td::cegx",
        long: &[
            ("interval=", 'n'),
            ("no-title", 't'),
            ("differences?", 'd'),
            ("color", 'c'),
            ("errexit", 'e'),
            ("chgexit", 'g'),
            ("exec", 'x'),
        ],
        code: 1,
    };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    if opts.args.is_empty() {
        sys.eprint("Usage:\n watch [options] command\n");
        return ended(1);
    }
    let every = opts.value('n').and_then(duration).unwrap_or(2000).max(100);
    let text = opts.args.join(" ");
    let argv =
        if opts.has('x') { opts.args.clone() } else { vec!["sh".into(), "-c".into(), text.as_str().into()] };
    let title = if opts.has('t') { "".into() } else { text.into() };
    Box::new(Repeat { argv, title, every, child: None, next: 0, quit: false })
}
