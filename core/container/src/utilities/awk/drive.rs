//! Running an awk program as a process: its rules are carried out as one act; where they need something from
//! outside (a command's output, the next record, a file) the act is given up, that is got, and the act is
//! done again from its beginning with what is known by then. What it did before is not done twice.

use super::Awk;
use super::run::Stop;
use super::syntax::Program;
use super::value::Value;
use crate::errno::Errno;
use crate::fd::{Fd, FdNum, Read, STDIN};
use crate::machine::{Behave, Step};
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::utilities::filter::{Input, Next};
use crate::utilities::support::Opts;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records one step works through.
const RECORDS: usize = 256;

/// Something done to the outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Effect {
    Out(String),
    Err(String),
    /// Path, whether it is added to, text.
    File(Arc<str>, bool, String),
    Pipe(Arc<str>, String),
}

/// What the rules ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Need {
    Record,
    File(Arc<str>),
    /// A command's output.
    Output(Arc<str>),
    /// A command's exit status, once it ran.
    System(Arc<str>),
    /// A pipe or file is closed: what was printed into it runs now.
    Close(Arc<str>),
}

/// What they were told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    Record(Option<Arc<str>>),
    Lines(Option<Vec<Arc<str>>>),
    Status(i32),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Waiting {
    Child { pid: Pid, output: Option<FdNum>, text: Vec<u8> },
    Record,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Begin,
    Main,
    /// A record's rules.
    Rules,
    End,
    Pipes,
}

#[derive(Clone, Hash)]
pub(super) struct Driver {
    phase: Phase,
    input: Input,
    reads: bool,
    /// The program may have to begin its rules again.
    asks: bool,
    saved: Option<Box<Awk>>,
    committed: usize,
    waiting: Option<Waiting>,
    pipes: BTreeMap<Arc<str>, String>,
    files: BTreeMap<Arc<str>, bool>,
    failed: bool,
    /// Text of paragraphs or of all input, split by a pattern.
    gathered: Vec<Arc<str>>,
    whole: bool,
}

impl Driver {
    pub(super) fn new(program: &Program, input: Input) -> Driver {
        let reads = program.rules.iter().any(|r| r.when != "BEGIN");
        Driver {
            phase: Phase::Begin,
            input,
            reads,
            asks: program.asks,
            saved: None,
            committed: 0,
            waiting: None,
            pipes: BTreeMap::new(),
            files: BTreeMap::new(),
            failed: false,
            gathered: Vec::new(),
            whole: false,
        }
    }
}

impl Awk {
    /// What the rules were told for their next question, or the question itself.
    pub(super) fn ask(&mut self, need: Need) -> Result<Known, Stop> {
        match self.known.get(self.used).cloned() {
            Some(known) => {
                self.used += 1;
                Ok(known)
            }
            None => Err(Stop::Need(need)),
        }
    }
    fn commit(&mut self, sys: &mut Sys<'_>) {
        let from = self.driver.committed;
        let effects: Vec<Effect> = self.effects.iter().skip(from).cloned().collect();
        self.driver.committed = self.effects.len();
        let mut out = String::new();
        for effect in effects {
            match effect {
                Effect::Out(text) => out.push_str(&text),
                Effect::Err(text) => {
                    sys.print(&std::mem::take(&mut out));
                    sys.eprint(&text);
                }
                Effect::File(path, append, text) => {
                    let opened = self.driver.files.insert(path.clone(), true).is_some();
                    if let Err(errno) = sys.write_file(&path, text.as_bytes(), append || opened) {
                        sys.eprint(&format!(
                            "{} fatal: cannot redirect to `{path}': {errno}\n",
                            super::PLACE
                        ));
                        self.exit = Some(2);
                    }
                }
                Effect::Pipe(command, text) => self.driver.pipes.entry(command).or_default().push_str(&text),
            }
        }
        sys.print(&out);
    }
    /// Carries out the rules of `when`; false if something has to be got first.
    fn act(&mut self, sys: &mut Sys<'_>, when: &str) -> Option<Need> {
        self.used = 0;
        let outcome = self.rules(when);
        match outcome {
            Err(Stop::Need(need)) => {
                self.commit(sys);
                if let Some(saved) = self.driver.saved.clone() {
                    let driver = self.driver.clone();
                    let known = std::mem::take(&mut self.known);
                    let effects = self.effects.len();
                    *self = *saved;
                    self.driver = driver;
                    self.known = known;
                    self.effects.clear();
                    // Done again they come again, in the same order.
                    self.driver.committed = effects;
                }
                return Some(need);
            }
            Err(Stop::Failed(text)) => {
                self.effects.push(Effect::Err(format!("{} {text}\n", super::PLACE)));
                self.exit = Some(2);
            }
            Err(Stop::Exit) => self.exit = Some(self.exit.unwrap_or(0)),
            _ => {}
        }
        self.commit(sys);
        self.effects.clear();
        self.driver.committed = 0;
        self.known.clear();
        self.driver.saved = None;
        None
    }
    fn save(&mut self) {
        if self.driver.asks {
            let mut saved = self.clone();
            saved.driver.saved = None;
            self.driver.saved = Some(Box::new(saved));
        }
    }
    /// The next record; `Err`: wait, `None`: no more.
    fn next_record(&mut self, sys: &mut Sys<'_>) -> Result<Option<Arc<str>>, Step> {
        let separator = self.var("RS").text();
        let single = separator.len() == 1;
        if !single && !separator.is_empty() && !self.driver.whole {
            // A pattern: all is read first.
            let mut all = String::new();
            loop {
                match self.driver.input.line(sys) {
                    Next::Line(line, newline) => {
                        all.push_str(&String::from_utf8_lossy(&line));
                        all.push_str(if newline { "\n" } else { "" });
                        if all.len() > limits::FILE_BYTES {
                            break;
                        }
                    }
                    Next::File(name) => self.file_begins(&name),
                    Next::Bad(name, errno) => self.bad_file(sys, &name, errno),
                    Next::End => break,
                    Next::Wait(step) => {
                        self.driver.gathered.insert(0, all.into());
                        return Err(step);
                    }
                }
            }
            let before: String = self.driver.gathered.drain(..).map(|t| t.to_string()).collect();
            let all = before + all.trim_end_matches('\n');
            self.driver.whole = true;
            let mut parts = self.split(&all, &separator);
            parts.reverse();
            self.driver.gathered = parts;
        }
        if self.driver.whole {
            return Ok(self.driver.gathered.pop());
        }
        loop {
            let end = separator.bytes().next().unwrap_or(b'\n');
            match self.driver.input.line_until(sys, end) {
                Next::Line(line, _) => {
                    let text: Arc<str> = String::from_utf8_lossy(&line).into();
                    if single {
                        return Ok(Some(text));
                    }
                    if !text.is_empty() {
                        self.driver.gathered.push(text);
                    } else if !self.driver.gathered.is_empty() {
                        return Ok(Some(std::mem::take(&mut self.driver.gathered).join("\n").into()));
                    }
                }
                Next::File(name) => self.file_begins(&name),
                Next::Bad(name, errno) => self.bad_file(sys, &name, errno),
                Next::End if !self.driver.gathered.is_empty() => {
                    return Ok(Some(std::mem::take(&mut self.driver.gathered).join("\n").into()));
                }
                Next::End => return Ok(None),
                Next::Wait(step) => return Err(step),
            }
        }
    }
    fn file_begins(&mut self, name: &Arc<str>) {
        let name = if &**name == "-" { "".into() } else { name.clone() };
        self.vars.insert("FILENAME".into(), Value::Text(name));
        self.vars.insert("FNR".into(), Value::Number(0.0));
    }
    fn bad_file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        self.driver.failed = true;
        match errno {
            Errno::Eisdir => {
                sys.eprint(&format!(
                    "awk: warning: command line argument `{name}' is a directory: skipped\n"
                ));
            }
            _ => sys.eprint(&format!("awk: fatal: cannot open file `{name}' for reading: {errno}\n")),
        }
    }
    /// Gets what the rules asked for, or begins to.
    fn serve(&mut self, sys: &mut Sys<'_>, need: Need) {
        match need {
            Need::Record => self.driver.waiting = Some(Waiting::Record),
            Need::File(path) => {
                let lines = sys.read_file(&path).ok().map(|bytes| lines_of(&bytes));
                self.known.push(Known::Lines(lines));
            }
            Need::Output(command) => self.spawn(sys, &command, None, true),
            Need::System(command) => self.spawn(sys, &command, None, false),
            Need::Close(name) => match self.driver.pipes.remove(&name) {
                Some(text) => self.spawn(sys, &name, Some(text), false),
                None => {
                    let known = if self.driver.files.remove(&name).is_some() { 0 } else { -1 };
                    self.known.push(Known::Status(known));
                }
            },
        }
    }
    /// Starts `sh -c command` with this input, its output to be gathered or not.
    fn spawn(&mut self, sys: &mut Sys<'_>, command: &str, input: Option<String>, gather: bool) {
        let mut fds = sys.process().map(|p| p.fds.clone()).unwrap_or_default();
        let mut own = Vec::new();
        if let Some(text) = input
            && let Ok((read, write)) = sys.pipe()
        {
            if let Some(Fd::PipeWrite(id)) = sys.fd(write)
                && let Some(pipe) = sys.machines.pipes.get_mut(&id)
            {
                Arc::make_mut(pipe).push(text.as_bytes());
            }
            _ = sys.close(write);
            fds.extend(sys.fd(read).map(|fd| (STDIN, fd)));
            own.push(read);
        }
        let mut output = None;
        if gather && let Ok((read, write)) = sys.pipe() {
            fds.extend(sys.fd(write).map(|fd| (crate::fd::STDOUT, fd)));
            own.push(write);
            output = Some(read);
        }
        let argv = vec!["sh".into(), "-c".into(), command.into()];
        let started = sys.spawn(argv, SpawnOptions { fds: Some(fds), ..SpawnOptions::default() });
        for fd in own {
            _ = sys.close(fd);
        }
        match started {
            Ok(pid) => self.driver.waiting = Some(Waiting::Child { pid, output, text: Vec::new() }),
            Err(_) => self.known.push(if gather { Known::Lines(None) } else { Known::Status(127) }),
        }
    }
    /// Waits for what was begun; a step while it is not there.
    fn waited(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        match self.driver.waiting.take()? {
            Waiting::Record => match self.next_record(sys) {
                Ok(record) => self.known.push(Known::Record(record)),
                Err(step) => {
                    self.driver.waiting = Some(Waiting::Record);
                    return Some(step);
                }
            },
            Waiting::Child { pid, output, mut text } => {
                while let Some(fd) = output {
                    match sys.read(fd, limits::PIPE_BYTES) {
                        Read::Data(bytes) if text.len() < limits::FILE_BYTES => text.extend(bytes),
                        Read::Block => {
                            self.driver.waiting = Some(Waiting::Child { pid, output, text });
                            return Some(Step::wait(Wait::Readable(fd)));
                        }
                        _ => break,
                    }
                }
                let WaitResult::Exited(_, status) = sys.wait(Some(pid)) else {
                    self.driver.waiting = Some(Waiting::Child { pid, output, text });
                    return Some(Step::wait(Wait::Child));
                };
                match output {
                    Some(fd) => {
                        _ = sys.close(fd);
                        self.known.push(Known::Lines(Some(lines_of(&text))));
                    }
                    None => self.known.push(Known::Status(status)),
                }
            }
        }
        None
    }
}

fn lines_of(bytes: &[u8]) -> Vec<Arc<str>> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(Arc::from).collect()
}

impl Behave for Awk {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.unix = sys.unix();
        for _ in 0..RECORDS {
            if let Some(step) = self.waited(sys) {
                return step;
            }
            let when = match self.driver.phase {
                Phase::Begin => "BEGIN",
                Phase::Main => {
                    let reads = self.driver.reads && self.exit.is_none();
                    match if reads { self.next_record(sys) } else { Ok(None) } {
                        Err(step) => return step,
                        Ok(Some(record)) => {
                            self.count_record();
                            self.set_record(&record);
                            self.driver.phase = Phase::Rules;
                        }
                        Ok(None) => self.driver.phase = Phase::End,
                    }
                    self.save();
                    continue;
                }
                Phase::Rules => "",
                Phase::End => "END",
                Phase::Pipes => {
                    self.known.clear();
                    let Some((command, text)) = self.driver.pipes.pop_first() else {
                        let failed = if self.driver.failed { 2 } else { 0 };
                        return Step::Exit(self.exit.unwrap_or(failed));
                    };
                    self.spawn(sys, &command, Some(text), false);
                    continue;
                }
            };
            if self.driver.phase == Phase::Begin && self.driver.saved.is_none() {
                self.save();
            }
            if let Some(need) = self.act(sys, when) {
                self.serve(sys, need);
                continue;
            }
            self.driver.phase = match (self.driver.phase, self.exit) {
                (Phase::End, _) => Phase::Pipes,
                (Phase::Begin | Phase::Rules, Some(2)) => Phase::Pipes,
                (Phase::Begin | Phase::Rules, Some(_)) => Phase::End,
                _ => Phase::Main,
            };
            if self.driver.phase == Phase::End {
                self.save();
            }
            if sys.unwritten() > limits::PIPE_BYTES {
                break;
            }
        }
        Step::Again
    }
}

/// `-f -`: the program itself comes from stdin.
#[derive(Clone, Hash)]
pub(super) struct Late {
    opts: Opts,
    text: Vec<u8>,
    /// What it becomes.
    awk: Option<Box<Awk>>,
}

impl Late {
    pub(super) fn new(opts: Opts) -> Late {
        Late { opts, text: Vec::new(), awk: None }
    }
}

impl Behave for Late {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(awk) = &mut self.awk {
            return awk.step(sys);
        }
        loop {
            match sys.read(STDIN, limits::PIPE_BYTES) {
                Read::Data(bytes) => self.text.extend(bytes),
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => break,
            }
        }
        let source = String::from_utf8_lossy(&self.text).into_owned();
        match super::start(sys, &self.opts, &source, &self.opts.args) {
            Ok(awk) => {
                self.awk = Some(awk);
                Step::Again
            }
            Err(code) => Step::Exit(code),
        }
    }
}
