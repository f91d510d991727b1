//! xargs: command lines out of stdin.

use super::filter::{Input, Next, ended};
use super::launch::cannot_run;
use super::support::{Opts, Spec, usage};
use crate::machine::{Behave, Step};
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use std::sync::Arc;

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

/// Splits a line as xargs does: blanks separate, quotes and backslashes protect. The quote that is left
/// open comes beside.
pub(super) fn words(line: &str) -> (Vec<Arc<str>>, Option<char>) {
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
    (out, quote)
}

fn unmatched(sys: &mut Sys<'_>, quote: char) -> i32 {
    let kind = if quote == '"' { "double" } else { "single" };
    sys.eprint(&format!(
        "xargs: unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option\n"
    ));
    1
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
                            let (found, open) = words(&text.replace(' ', "\\ ").replace('\t', "\\\t"));
                            if let Some(quote) = open {
                                return Step::Exit(unmatched(sys, quote));
                            }
                            self.items.extend(found.into_iter().next());
                        }
                    } else {
                        let (found, open) = words(&text);
                        if let Some(quote) = open {
                            return Step::Exit(unmatched(sys, quote));
                        }
                        self.lines += usize::from(!found.is_empty());
                        self.items.extend(found);
                    }
                }
                Next::File(_) => {}
                Next::Bad(name, errno) => {
                    sys.eprint(&format!("xargs: Cannot open input file '{name}': {errno}\n"));
                    return Step::Exit(1);
                }
                Next::End => self.ended = true,
                Next::Wait(step) => return step,
            }
        }
    }
}

pub fn xargs(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "n:L:I:i::0rtpP:d:s:xa:",
        long: &[
            ("max-args=", 'n'),
            ("max-lines?", 'L'),
            ("replace?", 'I'),
            ("null", '0'),
            ("no-run-if-empty", 'r'),
            ("verbose", 't'),
            ("max-procs=", 'P'),
            ("delimiter=", 'd'),
            ("arg-file=", 'a'),
            ("exit", 'x'),
            ("interactive", 'p'),
            ("max-chars=", 's'),
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
        input: Input::new(&opts.values('a')),
        items: Vec::new(),
        lines: 0,
        ended: false,
        child: None,
        ran: false,
        code: 0,
    })
}
