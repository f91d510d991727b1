//! find: walks trees and tests what it meets, as GNU findutils 4.9 does. An action that starts a program
//! suspends the test of a file; when the program has ended the test is done again with the outcomes of the
//! actions so far at hand, so that `-exec grep -q x {} \; -print` prints what grep found.
//! Left out: -fprintf, -fls, -ok's question, -context, file flags; directories come in the order of names.

use drydock_machinery::sort::Arrange;
mod format;
mod parse;

use super::support::{Flavor, base_of, done, fits, flavor, join, own_name};
use crate::machine::{Behave, Step};
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use drydock_machinery::limits;
use parse::{Parser, Run, Test, When};
use std::sync::Arc;

/// Files looked at before other processes may.
const AT_ONCE: usize = 64;
/// Paths of one `-exec … +`.
const BATCH: usize = 4_096;

/// A file to visit: its path, how deep it lies, and whether only its actions remain (`-depth`).
#[derive(Clone, Hash)]
struct Visit {
    path: String,
    depth: usize,
    after: bool,
    start: usize,
}

#[derive(Clone, Hash)]
pub struct Find {
    /// Still to visit, the next one last.
    todo: Vec<Visit>,
    test: Arc<Test>,
    most: usize,
    least: usize,
    depth_first: bool,
    acts: bool,
    follow: bool,
    child: Option<Pid>,
    /// The file whose test waits for a program, and the outcomes of its actions so far.
    waiting: Option<(Visit, Vec<bool>)>,
    /// Paths gathered for each `-exec … +`, in the order of the expression.
    batches: Vec<(Run, Vec<Arc<str>>)>,
    batching: bool,
    quit: bool,
    code: i32,
}

/// What looking at one file came to.
struct Looked<'a> {
    visit: &'a Visit,
    stat: &'a Stat,
    prune: bool,
    /// Outcomes of actions done before, and how many of them were asked for again.
    outcomes: Vec<bool>,
    seen: usize,
    /// A program was started: nothing more is decided now.
    suspended: bool,
}

impl Find {
    fn evaluate(&mut self, sys: &mut Sys<'_>, test: &Test, looked: &mut Looked<'_>) -> bool {
        match test {
            Test::Not(inner) => !self.evaluate(sys, inner, looked) && !looked.suspended,
            Test::And(all) => all.iter().all(|t| self.evaluate(sys, t, looked) && !looked.suspended),
            Test::Or(any) => any.iter().any(|t| self.evaluate(sys, t, looked) || looked.suspended),
            test if test.acts() => {
                let at = looked.seen;
                looked.seen += 1;
                if let Some(outcome) = looked.outcomes.get(at) {
                    return *outcome;
                }
                let outcome = self.act(sys, test, looked);
                if !looked.suspended {
                    looked.outcomes.push(outcome);
                }
                outcome
            }
            test => holds(sys, test, &looked.visit.path, looked.stat),
        }
    }
    fn act(&mut self, sys: &mut Sys<'_>, test: &Test, looked: &mut Looked<'_>) -> bool {
        let (path, stat) = (&looked.visit.path, looked.stat);
        match test {
            Test::Print(end) => sys.print(&format!("{path}{end}")),
            Test::Format(text) => {
                let (depth, start) = (looked.visit.depth, looked.visit.start);
                let text = format::format(sys, text, path, depth, start, stat);
                sys.print(&text);
            }
            Test::PrintTo(file) => {
                if let Err(errno) = sys.write_file(file, format!("{path}\n").as_bytes(), true) {
                    self.code = done(sys, 1, &format!("'{file}': {errno}"));
                }
            }
            Test::List => {
                let text = format::listing(sys, path, stat);
                sys.print(&text);
            }
            Test::Delete => {
                let gone = if stat.kind == FileKind::Directory { sys.rmdir(path) } else { sys.unlink(path) };
                if let Err(errno) = gone {
                    self.code = done(sys, 1, &format!("cannot delete '{path}': {errno}"));
                }
                return gone.is_ok();
            }
            Test::Exec(run) if run.batch => {
                match self.batches.iter_mut().find(|b| b.0 == *run) {
                    Some((_, paths)) => paths.push(path.as_str().into()),
                    None => self.batches.push((run.clone(), vec![path.as_str().into()])),
                }
                return true;
            }
            Test::Exec(run) => {
                let name = if run.inside { format!("./{}", base_of(path)) } else { path.clone() };
                let argv = run.words.iter().map(|w| w.replace("{}", &name).into()).collect();
                looked.suspended = self.launch(sys, argv, run.inside.then(|| folder(path)));
                return looked.suspended;
            }
            Test::Prune => looked.prune = true,
            Test::Quit => self.quit = true,
            _ => {}
        }
        true
    }
    /// Starts a program; false if it cannot be.
    fn launch(&mut self, sys: &mut Sys<'_>, argv: Vec<Arc<str>>, inside: Option<String>) -> bool {
        let name = argv.first().cloned().unwrap_or_default();
        let cwd = inside.and_then(|folder| sys.real_path(&folder).ok()).map(Arc::from);
        match sys.spawn(argv, SpawnOptions { cwd, ..SpawnOptions::default() }) {
            Ok(pid) => self.child = Some(pid),
            Err(errno) => _ = done(sys, 1, &format!("'{name}': {errno}")),
        }
        self.child.is_some()
    }
    fn complain(&mut self, sys: &mut Sys<'_>, path: &str, errno: crate::Errno) {
        let own = own_name(sys);
        let text = match flavor(sys) {
            Flavor::Busybox => format!("{own}: {path}: {errno}\n"),
            Flavor::Gnu => format!("{own}: '{path}': {errno}\n"),
        };
        sys.eprint(&text);
        self.code = 1;
    }
    fn visit(&mut self, sys: &mut Sys<'_>, visit: Visit, outcomes: Vec<bool>) {
        let Visit { path, depth, after, start } = &visit;
        // A link that leads nowhere is looked at itself.
        let followed = if self.follow { sys.stat(path).ok() } else { None };
        let stat = match followed.map_or_else(|| sys.lstat(path), Ok) {
            Ok(stat) => stat,
            Err(errno) => return self.complain(sys, path, errno),
        };
        let descends = stat.kind == FileKind::Directory && *depth < self.most && *depth < limits::DEPTH;
        let now = !self.depth_first || *after || !descends;
        let mut prune = false;
        if now && *depth >= self.least {
            let test = self.test.clone();
            let mut looked =
                Looked { visit: &visit, stat: &stat, prune: false, outcomes, seen: 0, suspended: false };
            let truth = self.evaluate(sys, &test, &mut looked);
            if looked.suspended {
                self.waiting = Some((visit.clone(), looked.outcomes));
                return;
            }
            prune = looked.prune;
            if truth && !self.acts {
                sys.print(&format!("{path}\n"));
            }
        }
        if !descends || *after || prune || self.quit {
            return;
        }
        if self.depth_first {
            self.todo.push(Visit { after: true, ..visit.clone() });
        }
        match sys.list(path) {
            Ok(mut names) => {
                names.arrange();
                let below =
                    |n: String| Visit { path: join(path, &n), depth: depth + 1, after: false, start: *start };
                self.todo.extend(names.into_iter().rev().map(below));
            }
            Err(errno) => self.complain(sys, path, errno),
        }
    }
    /// Starts what a gathered `-exec … +` names, when it is full or all is visited.
    fn flush(&mut self, sys: &mut Sys<'_>, least: usize) -> bool {
        let Some(at) = self.batches.iter().position(|b| b.1.len() >= least) else { return false };
        let (run, paths) = self.batches.remove(at);
        let argv = run.words.iter().cloned().chain(paths).collect();
        self.batching = true;
        self.launch(sys, argv, None);
        true
    }
}

/// The folder a file lies in.
fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder }).to_string()
}

fn compare(when: When, value: u64, wanted: u64) -> bool {
    match when {
        When::More => value > wanted,
        When::Less => value < wanted,
        When::Same => value == wanted,
    }
}

/// Whether a file is as a test without effect asks.
fn holds(sys: &mut Sys<'_>, test: &Test, path: &str, stat: &Stat) -> bool {
    let fold = |text: &str, fold: bool| if fold { text.to_lowercase() } else { text.to_string() };
    match test {
        Test::Name(pattern, any_case) => fits(&fold(pattern, *any_case), &fold(base_of(path), *any_case)),
        Test::Path(pattern, any_case) => fits(&fold(pattern, *any_case), &fold(path, *any_case)),
        Test::LinkName(pattern) => stat.target.as_ref().is_some_and(|to| fits(pattern, to)),
        Test::Regex(pattern, any_case) => {
            super::regex::compile(pattern, *any_case).is_ok_and(|regex| regex.is_match(path))
        }
        Test::Kind(kinds) => kinds.contains(&format::kind_letter(stat.kind)),
        Test::Size(when, wanted, unit) => compare(*when, stat.size.div_ceil(*unit), *wanted),
        Test::Age(when, wanted, unit) => {
            let age = (sys.unix() - stat.mtime).max(0) / unit;
            compare(*when, age as u64, *wanted)
        }
        Test::Newer(time) => stat.mtime > *time,
        Test::Empty => match stat.kind {
            FileKind::Directory => sys.list(path).is_ok_and(|l| l.is_empty()),
            FileKind::File => stat.size == 0,
            _ => false,
        },
        Test::Perm(kind, mode) => match kind {
            '-' => stat.mode & mode == *mode,
            '/' => *mode == 0 || stat.mode & mode != 0,
            _ => stat.mode & 0o7777 == *mode,
        },
        Test::User(uid) => stat.uid == *uid,
        Test::Group(gid) => stat.gid == *gid,
        Test::NoUser => super::accounts::user_name(sys, stat.uid).parse::<u32>().is_ok(),
        Test::Links(when, wanted) => compare(*when, u64::from(stat.links), *wanted),
        Test::Inode(when, wanted) => compare(*when, stat.ino, *wanted),
        Test::SameFile(device, ino) => (stat.device, stat.ino) == (*device, *ino),
        Test::May(want) => sys.may(path, *want),
        Test::True(truth) => *truth,
        _ => true,
    }
}

impl Behave for Find {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(child) = self.child {
            let WaitResult::Exited(_, code) = sys.wait(Some(child)) else { return Step::wait(Wait::Child) };
            self.child = None;
            if std::mem::take(&mut self.batching) && code != 0 {
                self.code = 1;
            }
            if let Some((visit, mut outcomes)) = self.waiting.take() {
                outcomes.push(code == 0);
                self.visit(sys, visit, outcomes);
            }
        }
        for _ in 0..AT_ONCE {
            if self.child.is_some() {
                return Step::wait(Wait::Child);
            }
            if self.flush(sys, BATCH) {
                continue;
            }
            if self.quit {
                self.todo.clear();
            }
            match self.todo.pop() {
                Some(visit) => self.visit(sys, visit, Vec::new()),
                None if self.flush(sys, 1) => {}
                None => return Step::Exit(self.code),
            }
        }
        Step::Again
    }
}

pub fn find(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let options =
        args.iter().take_while(|a| matches!(&***a, "-L" | "-H" | "-P" | "-O1" | "-O2" | "-O3")).count();
    let (options, args) = args.split_at(options);
    let first = args
        .iter()
        .position(|a| (a.starts_with('-') && a.len() > 1) || matches!(&**a, "(" | ")" | "!" | ","))
        .unwrap_or(args.len());
    let (starts, words) = args.split_at(first);
    let mut parser = Parser::new(words);
    let test = match parser.whole(sys) {
        Ok(test) => test,
        Err(text) => return super::filter::ended(done(sys, 1, &text)),
    };
    let starts: Vec<Arc<str>> = if starts.is_empty() { vec![".".into()] } else { starts.to_vec() };
    let visit = |s: &Arc<str>| Visit { path: s.to_string(), depth: 0, after: false, start: s.len() };
    Box::new(Find {
        todo: starts.iter().rev().map(visit).collect(),
        test: Arc::new(test),
        most: parser.most,
        least: parser.least,
        depth_first: parser.depth,
        acts: parser.acts,
        follow: parser.follow || options.iter().any(|o| &**o == "-L"),
        child: None,
        waiting: None,
        batches: Vec::new(),
        batching: false,
        quit: false,
        code: 0,
    })
}
