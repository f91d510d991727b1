//! Programs that start others: env, xargs, timeout, nohup, nice, time, watch, setsid.

use super::small::duration;
use super::support::{Flavor, Input, Next, Opts, Spec, done, ended, flavor, own_name, usage};
use crate::errno::Errno;
use crate::machine::{Behave, Handled, Step};
use crate::process::Pid;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use imbl::OrdMap;
use std::sync::Arc;

/// Becomes the program, as the last thing env and nohup do.
#[derive(Clone, Hash)]
pub struct Become {
    argv: Vec<Arc<str>>,
    env: Option<OrdMap<Arc<str>, Arc<str>>>,
}

impl Behave for Become {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let (Some(env), Some(process)) = (self.env.take(), sys.machines.process_mut(sys.pid)) {
            process.env = env;
            process.implicit_env = false;
        }
        let own = own_name(sys);
        match sys.exec(self.argv.clone()) {
            Ok(step) => step,
            Err(errno) => {
                let name = self.argv.first().cloned().unwrap_or_default();
                Step::Exit(cannot_run(sys, &own, &name, errno))
            }
        }
    }
}

/// The complaint about a program that does not start, and the status for it.
fn cannot_run(sys: &mut Sys<'_>, own: &str, name: &str, errno: Errno) -> i32 {
    let text = match (own, flavor(sys)) {
        (_, Flavor::Busybox) => format!("{own}: can't execute '{name}': {errno}\n"),
        ("xargs", _) => format!("xargs: {name}: {errno}\n"),
        ("env", _) => format!("env: '{name}': {errno}\n"),
        (own, _) => format!("{own}: failed to run command '{name}': {errno}\n"),
    };
    sys.eprint(&text);
    if errno == Errno::Enoent { 127 } else { 126 }
}

pub fn env(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "iu:0C:",
        long: &[("ignore-environment", 'i'), ("unset=", 'u'), ("null", '0'), ("chdir=", 'C')],
        code: 125,
    };
    let given: Vec<Arc<str>> =
        sys.args().iter().skip(1).map(|a| if &**a == "-" { Arc::from("-i") } else { a.clone() }).collect();
    let opts = match Opts::parse_leading(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut env = if opts.has('i') { OrdMap::new() } else { sys.environment() };
    for name in opts.values('u') {
        env.remove(&name);
    }
    let mut words = opts.args.as_slice();
    while let [first, rest @ ..] = words {
        let Some((name, value)) = first.split_once('=') else { break };
        env.insert(name.into(), value.into());
        words = rest;
    }
    if let Some(dir) = opts.value('C')
        && let Err(errno) = sys.chdir(dir)
    {
        return ended(done(sys, 125, &format!("cannot change directory to '{dir}': {errno}")));
    }
    if words.is_empty() {
        let end = if opts.has('0') { "\0" } else { "\n" };
        for (name, value) in &env {
            sys.print(&format!("{name}={value}{end}"));
        }
        return ended(0);
    }
    Box::new(Become { argv: words.to_vec(), env: Some(env) })
}

pub fn nohup(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let words: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    if words.is_empty() {
        return ended(usage(sys, 125, "missing operand"));
    }
    if sys.is_tty(1) {
        sys.eprint("nohup: ignoring input and appending output to 'nohup.out'\n");
        let options = crate::OpenOptions { write: true, create: true, append: true, ..Default::default() };
        if let Ok(fd) = sys.open("nohup.out", options) {
            let _ = sys.dup2(fd, 1);
            if sys.is_tty(2) {
                let _ = sys.dup2(fd, 2);
            }
            let _ = sys.close(fd);
        }
    }
    Box::new(Become { argv: words, env: None })
}

pub fn nice(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "n:", long: &[("adjustment=", 'n')], code: 125 };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    if opts.args.is_empty() {
        sys.print("0\n");
        return ended(0);
    }
    Box::new(Become { argv: opts.args, env: None })
}

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
    let Some((time, argv)) = words.split_first() else { return ended(usage(sys, 125, "missing operand")) };
    let Some(ms) = duration(time) else {
        return ended(usage(sys, 125, &format!("invalid time interval '{time}'")));
    };
    if argv.is_empty() {
        return ended(usage(sys, 125, &format!("missing operand after '{time}'")));
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

/// Items read from stdin become arguments.
#[derive(Clone, Hash)]
pub struct Xargs {
    command: Vec<Arc<str>>,
    replace: Option<Arc<str>>,
    per_run: usize,
    per_line: usize,
    separator: Option<u8>,
    no_run_if_empty: bool,
    trace: bool,
    input: Input,
    items: Vec<Arc<str>>,
    lines: usize,
    ended: bool,
    child: Option<Pid>,
    ran: bool,
    code: i32,
}

/// Splits a line as xargs does: blanks separate, quotes and backslashes protect.
fn words(line: &str) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => out.extend(word.take().map(Arc::from)),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word.map(Arc::from));
    out
}

impl Xargs {
    fn due(&self) -> bool {
        self.items.len() >= self.per_run || self.lines >= self.per_line
    }
    fn launch(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        let most = self.per_run.min(self.items.len());
        let items: Vec<Arc<str>> = self.items.drain(..most).collect();
        self.lines = 0;
        self.ran = true;
        let argv: Vec<Arc<str>> = match &self.replace {
            Some(mark) => {
                let item = items.first().cloned().unwrap_or_default();
                self.command.iter().map(|w| w.replace(&**mark, &item).into()).collect()
            }
            None => self.command.iter().cloned().chain(items).collect(),
        };
        if self.trace {
            sys.eprint(&format!("{}\n", argv.join(" ")));
        }
        let mut fds = sys.process().map(|p| p.fds.clone()).unwrap_or_default();
        fds.insert(0, crate::Fd::Null);
        match sys.spawn(argv, SpawnOptions { fds: Some(fds), ..SpawnOptions::default() }) {
            Ok(pid) => {
                self.child = Some(pid);
                None
            }
            Err(errno) => {
                let name = self.command.first().cloned().unwrap_or_default();
                Some(Step::Exit(cannot_run(sys, "xargs", &name, errno)))
            }
        }
    }
}

impl Behave for Xargs {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(child) = self.child {
            match sys.wait(Some(child)) {
                WaitResult::Exited(_, code) => {
                    self.child = None;
                    match code {
                        0 => {}
                        255 => {
                            let name = self.command.first().cloned().unwrap_or_default();
                            sys.eprint(&format!("xargs: {name}: exited with status 255; aborting\n"));
                            return Step::Exit(124);
                        }
                        code if code > 128 => return Step::Exit(125),
                        _ => self.code = 123,
                    }
                }
                _ => return Step::wait(Wait::Child),
            }
        }
        loop {
            if self.due() {
                return self.launch(sys).unwrap_or(Step::Again);
            }
            if self.ended {
                if !self.items.is_empty() || (!self.ran && !self.no_run_if_empty && self.replace.is_none()) {
                    return self.launch(sys).unwrap_or(Step::Again);
                }
                return Step::Exit(self.code);
            }
            match self.input.line_until(sys, self.separator.unwrap_or(b'\n')) {
                Next::Line(line, _) => {
                    let text = String::from_utf8_lossy(&line);
                    if self.separator.is_some() {
                        self.items.push(text.as_ref().into());
                    } else if self.replace.is_some() {
                        let text = text.trim_start();
                        if !text.is_empty() {
                            self.items.push(
                                words(&text.replace(' ', "\\ ").replace('\t', "\\\t"))
                                    .into_iter()
                                    .next()
                                    .unwrap_or_default(),
                            );
                        }
                    } else {
                        let found = words(&text);
                        self.lines += usize::from(!found.is_empty());
                        self.items.extend(found);
                    }
                }
                Next::File(_) | Next::Bad(..) => {}
                Next::End => self.ended = true,
                Next::Wait(step) => return step,
            }
        }
    }
}

pub fn xargs(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "n:L:I:i::0rtpP:d:s:x",
        long: &[
            ("max-args=", 'n'),
            ("max-lines?", 'L'),
            ("replace?", 'I'),
            ("null", '0'),
            ("no-run-if-empty", 'r'),
            ("verbose", 't'),
            ("max-procs=", 'P'),
            ("delimiter=", 'd'),
        ],
        code: 1,
    };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let number = |letter| opts.value(letter).and_then(|v| v.parse::<usize>().ok());
    if let Some(text) = opts.value('n')
        && number('n').is_none()
    {
        return ended(usage(sys, 1, &format!("invalid number \"{text}\" for -n option")));
    }
    let replace = opts.last_of("Ii").map(|l| Arc::from(opts.value(l).unwrap_or("{}")));
    if replace.is_some() && number('n').is_some() {
        sys.eprint("xargs: warning: options --max-args and --replace/-I/-i are mutually exclusive, ignoring previous --max-args value\n");
    }
    let separator = match opts.last_of("0d") {
        Some('0') => Some(0),
        Some(_) => {
            let (bytes, _) = crate::shell::escape::unescape(
                opts.value('d').unwrap_or("\\n"),
                crate::shell::escape::Style::Format,
            );
            bytes.first().copied()
        }
        None => None,
    };
    let command = if opts.args.is_empty() { vec![Arc::from("echo")] } else { opts.args.clone() };
    let per_run = if replace.is_some() { 1 } else { number('n').unwrap_or(usize::MAX).max(1) };
    Box::new(Xargs {
        command,
        replace,
        per_run,
        per_line: number('L').unwrap_or(usize::MAX).max(1),
        separator,
        no_run_if_empty: opts.has('r'),
        trace: opts.has('t'),
        input: Input::new(&[]),
        items: Vec::new(),
        lines: 0,
        ended: false,
        child: None,
        ran: false,
        code: 0,
    })
}

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
