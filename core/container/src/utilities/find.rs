//! find: -name -iname -path -type -size -mtime -mmin -newer -maxdepth -mindepth -empty -perm -user -o -a !
//! ( ) -print -print0 -delete -exec -execdir(as exec) -ls -prune -quit.

use super::support::{Flavor, base_of, flavor, join, own_name};
use crate::machine::{Behave, Step};
use crate::process::Pid;
use crate::shell::glob;
use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

#[derive(Clone, Debug, Hash)]
enum Test {
    Name(Arc<str>, bool),
    Path(Arc<str>),
    Kind(char),
    /// Sign and count in 1-byte units, and the unit.
    Size(char, u64, u64),
    /// Sign and seconds.
    Age(char, i64, i64),
    Newer(i64),
    Empty,
    Perm(char, u16),
    User(u32),
    True(bool),
    Print(&'static str),
    List,
    Delete,
    Exec(Vec<Arc<str>>, bool),
    Prune,
    Quit,
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

#[derive(Clone, Hash)]
pub struct Find {
    /// Still to visit, the next one last: path, depth, and whether only its actions remain (`-depth`).
    todo: Vec<(String, usize, bool)>,
    test: Test,
    most: usize,
    least: usize,
    depth_first: bool,
    acts: bool,
    child: Option<Pid>,
    /// Paths gathered for `-exec … +`.
    batch: Vec<Arc<str>>,
    commands: Vec<Vec<Arc<str>>>,
    quit: bool,
    code: i32,
}

struct Parser<'a> {
    words: &'a [Arc<str>],
    at: usize,
    most: usize,
    least: usize,
    depth: bool,
    acts: bool,
    nesting: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|w| &**w)
    }
    fn value(&mut self, name: &str) -> Result<Arc<str>, String> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| format!("missing argument to `{name}'"))
    }
    fn or(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        self.nesting += 1;
        if self.nesting > 50 {
            return Err("expression is too deep".into());
        }
        let mut any = vec![self.and(sys)?];
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            any.push(self.and(sys)?);
        }
        self.nesting -= 1;
        Ok(Test::Or(any))
    }
    fn and(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        let mut all = Vec::new();
        loop {
            match self.peek() {
                None | Some("-o" | "-or" | ")") => break,
                Some("-a" | "-and") => self.at += 1,
                Some(_) => all.push(self.primary(sys)?),
            }
        }
        Ok(Test::And(all))
    }
    fn primary(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        let name = self.value("")?;
        Ok(match &*name {
            "!" | "-not" => Test::Not(Box::new(self.primary(sys)?)),
            "(" => {
                let inner = self.or(sys)?;
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one."
                            .into(),
                    );
                }
                self.at += 1;
                inner
            }
            "-name" => Test::Name(self.value(&name)?, false),
            "-iname" => Test::Name(self.value(&name)?, true),
            "-path" | "-wholename" => Test::Path(self.value(&name)?),
            "-type" => {
                let kind = self.value(&name)?;
                match kind.chars().next() {
                    Some(c) if "fdlcbps".contains(c) => Test::Kind(c),
                    _ => return Err(format!("Unknown argument to -type: {kind}")),
                }
            }
            "-size" => {
                let text = self.value(&name)?;
                let (sign, rest) = sign(&text);
                let (digits, unit) = match rest.chars().last() {
                    Some('c') => (rest.trim_end_matches('c'), 1),
                    Some('k') => (rest.trim_end_matches('k'), 1024),
                    Some('M') => (rest.trim_end_matches('M'), 1 << 20),
                    Some('G') => (rest.trim_end_matches('G'), 1 << 30),
                    _ => (rest.trim_end_matches('b'), 512),
                };
                Test::Size(
                    sign,
                    digits.parse().map_err(|_| format!("invalid argument `{text}' to -size"))?,
                    unit,
                )
            }
            "-mtime" | "-mmin" | "-ctime" | "-cmin" | "-atime" | "-amin" => {
                let text = self.value(&name)?;
                let (sign, digits) = sign(&text);
                let unit = if name.ends_with("min") { 60 } else { 86_400 };
                Test::Age(
                    sign,
                    digits.parse().map_err(|_| format!("invalid argument `{text}' to `{name}'"))?,
                    unit,
                )
            }
            "-newer" => {
                let file = self.value(&name)?;
                Test::Newer(sys.stat(&file).map_err(|e| format!("'{file}': {e}"))?.mtime)
            }
            "-perm" => {
                let text = self.value(&name)?;
                let (kind, digits) = match text.chars().next() {
                    Some(c @ ('-' | '/')) => (c, text.get(1..).unwrap_or("")),
                    _ => ('=', &*text),
                };
                let mode = super::chmod::parse_mode(digits, 0, 0, false);
                Test::Perm(kind, mode.ok_or_else(|| format!("invalid mode '{text}'"))?)
            }
            "-user" => {
                let user = self.value(&name)?;
                let id = super::accounts::user_id(sys, &user);
                Test::User(id.ok_or_else(|| format!("'{user}' is not the name of a known user"))?)
            }
            "-empty" => Test::Empty,
            "-true" => Test::True(true),
            "-false" => Test::True(false),
            "-maxdepth" | "-mindepth" => {
                let text = self.value(&name)?;
                let depth = text.parse::<usize>().map_err(|_| {
                    format!("Expected a positive decimal integer argument to {name}, but got '{text}'")
                })?;
                if &*name == "-maxdepth" {
                    self.most = depth
                } else {
                    self.least = depth
                }
                Test::True(true)
            }
            "-depth" | "-d" => {
                self.depth = true;
                Test::True(true)
            }
            "-xdev" | "-mount" | "-follow" | "-noleaf" => Test::True(true),
            "-print" => {
                self.acts = true;
                Test::Print("\n")
            }
            "-print0" => {
                self.acts = true;
                Test::Print("\0")
            }
            "-ls" => {
                self.acts = true;
                Test::List
            }
            "-delete" => {
                self.acts = true;
                self.depth = true;
                Test::Delete
            }
            "-prune" => Test::Prune,
            "-quit" => Test::Quit,
            "-exec" | "-execdir" | "-ok" => {
                self.acts = true;
                let mut words = Vec::new();
                loop {
                    let word = self
                        .words
                        .get(self.at)
                        .cloned()
                        .ok_or_else(|| format!("missing argument to `{name}'"))?;
                    self.at += 1;
                    match &*word {
                        ";" => break Test::Exec(words, false),
                        "+" if words.last().is_some_and(|w: &Arc<str>| &**w == "{}") => {
                            words.pop();
                            break Test::Exec(words, true);
                        }
                        _ => words.push(word),
                    }
                }
            }
            other if other.starts_with('-') => return Err(format!("unknown predicate `{other}'")),
            other => return Err(format!("paths must precede expression: `{other}'")),
        })
    }
}

fn sign(text: &str) -> (char, &str) {
    match text.chars().next() {
        Some(c @ ('+' | '-')) => (c, text.get(1..).unwrap_or("")),
        _ => ('=', text),
    }
}

fn compare(sign: char, value: u64, wanted: u64) -> bool {
    match sign {
        '+' => value > wanted,
        '-' => value < wanted,
        _ => value == wanted,
    }
}

/// What looking at one file came to.
#[derive(Default)]
struct Looked {
    prune: bool,
}

impl Find {
    fn evaluate(
        &mut self,
        sys: &mut Sys<'_>,
        test: &Test,
        path: &str,
        stat: &Stat,
        looked: &mut Looked,
    ) -> bool {
        match test {
            Test::Name(pattern, fold) => {
                let fix = |t: &str| if *fold { t.to_lowercase() } else { t.to_string() };
                let chars: Vec<char> = fix(base_of(path)).chars().collect();
                glob::matches(&glob::marks(&fix(pattern)), &chars)
            }
            Test::Path(pattern) => glob::matches(&glob::marks(pattern), &path.chars().collect::<Vec<_>>()),
            Test::Kind(kind) => matches!(
                (kind, stat.kind),
                ('f', FileKind::File)
                    | ('d', FileKind::Directory)
                    | ('l', FileKind::Symlink)
                    | ('c', FileKind::Device)
            ),
            Test::Size(sign, wanted, unit) => compare(*sign, stat.size.div_ceil(*unit), *wanted),
            Test::Age(sign, wanted, unit) => {
                let age = (sys.unix() - stat.mtime).max(0) / unit;
                compare(*sign, age as u64, *wanted as u64)
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
            Test::True(truth) => *truth,
            Test::Print(end) => {
                sys.print(&format!("{path}{end}"));
                true
            }
            Test::List => {
                let text = super::list::mode_text(stat);
                let time = super::date::format(stat.mtime, "%b %e %H:%M");
                let owner = super::accounts::user_name(sys, stat.uid);
                let group = super::accounts::group_name(sys, stat.gid);
                let blocks = super::disk::blocks(stat);
                sys.print(&format!(
                    "{:9} {blocks:6} {text} {:3} {owner:<8} {group:<8} {:8} {time} {path}\n",
                    stat.ino, stat.links, stat.size
                ));
                true
            }
            Test::Delete => {
                let gone = if stat.kind == FileKind::Directory { sys.rmdir(path) } else { sys.unlink(path) };
                if let Err(errno) = gone {
                    let own = own_name(sys);
                    sys.eprint(&format!("{own}: cannot delete '{path}': {errno}\n"));
                    self.code = 1;
                }
                gone.is_ok()
            }
            Test::Exec(words, true) => {
                self.batch.push(path.into());
                if self.commands.is_empty() {
                    self.commands.push(words.clone());
                }
                true
            }
            Test::Exec(words, false) => {
                let argv: Vec<Arc<str>> = words.iter().map(|w| w.replace("{}", path).into()).collect();
                self.launch(sys, argv);
                true
            }
            Test::Prune => {
                looked.prune = true;
                true
            }
            Test::Quit => {
                self.quit = true;
                true
            }
            Test::Not(inner) => !self.evaluate(sys, inner, path, stat, looked),
            Test::And(all) => all.iter().all(|t| self.evaluate(sys, t, path, stat, looked)),
            Test::Or(any) => any.iter().any(|t| self.evaluate(sys, t, path, stat, looked)),
        }
    }
    fn launch(&mut self, sys: &mut Sys<'_>, argv: Vec<Arc<str>>) {
        let name = argv.first().cloned().unwrap_or_default();
        match sys.spawn(argv, SpawnOptions::default()) {
            Ok(pid) => self.child = Some(pid),
            Err(errno) => {
                let own = own_name(sys);
                sys.eprint(&format!("{own}: '{name}': {errno}\n"));
                self.code = 1;
            }
        }
    }
    fn visit(&mut self, sys: &mut Sys<'_>, path: String, depth: usize, after: bool) {
        let stat = match sys.lstat(&path) {
            Ok(stat) => stat,
            Err(errno) => {
                let own = own_name(sys);
                let text = match flavor(sys) {
                    Flavor::Busybox => format!("{own}: {path}: {errno}\n"),
                    Flavor::Gnu => format!("{own}: '{path}': {errno}\n"),
                };
                sys.eprint(&text);
                self.code = 1;
                return;
            }
        };
        let mut looked = Looked::default();
        let descends = stat.kind == FileKind::Directory && depth < self.most && depth < limits::DEPTH;
        let now = !self.depth_first || after || !descends;
        if now && depth >= self.least {
            let test = self.test.clone();
            let truth = self.evaluate(sys, &test, &path, &stat, &mut looked);
            if truth && !self.acts {
                sys.print(&format!("{path}\n"));
            }
        }
        if !descends || after || looked.prune {
            return;
        }
        if self.depth_first {
            self.todo.push((path.clone(), depth, true));
        }
        match sys.list(&path) {
            Ok(mut names) => {
                names.sort();
                self.todo.extend(names.into_iter().rev().map(|n| (join(&path, &n), depth + 1, false)));
            }
            Err(errno) => {
                let own = own_name(sys);
                sys.eprint(&format!("{own}: '{path}': {errno}\n"));
                self.code = 1;
            }
        }
    }
}

impl Behave for Find {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(child) = self.child {
            match sys.wait(Some(child)) {
                WaitResult::Exited(_, code) => {
                    self.child = None;
                    if code != 0 && !self.batch.is_empty() {
                        self.code = 1;
                    }
                }
                _ => return Step::wait(Wait::Child),
            }
        }
        for _ in 0..64 {
            if self.quit {
                self.todo.clear();
            }
            let Some((path, depth, after)) = self.todo.pop() else {
                if let Some(words) = self.commands.pop() {
                    let batch = std::mem::take(&mut self.batch);
                    let argv = words.into_iter().chain(batch).collect();
                    self.launch(sys, argv);
                    return Step::Again;
                }
                return Step::Exit(self.code);
            };
            self.visit(sys, path, depth, after);
            if self.child.is_some() {
                break;
            }
        }
        Step::Again
    }
}

pub fn find(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args: Vec<Arc<str>> =
        sys.args().iter().skip(1).filter(|a| !matches!(&***a, "-L" | "-H" | "-P")).cloned().collect();
    let first = args
        .iter()
        .position(|a| (a.starts_with('-') && a.len() > 1) || &**a == "(" || &**a == "!")
        .unwrap_or(args.len());
    let (starts, words) = args.split_at(first);
    let mut parser =
        Parser { words, at: 0, most: usize::MAX, least: 0, depth: false, acts: false, nesting: 0 };
    let test = match parser.or(sys) {
        Ok(test) if parser.at >= words.len() => test,
        Ok(_) => {
            return super::filter::ended(super::support::done(
                sys,
                1,
                "invalid expression; you have used a ')' but not seen a '(' somewhere.",
            ));
        }
        Err(text) => return super::filter::ended(super::support::done(sys, 1, &text)),
    };
    let starts: Vec<Arc<str>> = if starts.is_empty() { vec![".".into()] } else { starts.to_vec() };
    Box::new(Find {
        todo: starts.iter().rev().map(|s| (s.to_string(), 0, false)).collect(),
        test,
        most: parser.most,
        least: parser.least,
        depth_first: parser.depth,
        acts: parser.acts,
        child: None,
        batch: Vec::new(),
        commands: Vec::new(),
        quit: false,
        code: 0,
    })
}
