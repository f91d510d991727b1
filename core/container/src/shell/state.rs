//! What a shell holds: variables, functions, options, traps, jobs, and the stack of frames.

use super::Dialect;
use super::ast::Command;
use super::expand::Replay;
use super::frame::{Frame, Reader, Source};
use super::jobs::Job;
use super::vars::Vars;
use crate::process::Pid;
use crate::signal::Signal;
use crate::sys::Sys;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// `set -o` and `shopt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    pub allexport: bool,
    pub errexit: bool,
    pub noclobber: bool,
    pub noexec: bool,
    pub noglob: bool,
    pub nounset: bool,
    pub pipefail: bool,
    pub verbose: bool,
    pub xtrace: bool,
    pub monitor: bool,
    pub interactive: bool,
    pub dotglob: bool,
    pub nullglob: bool,
    pub expand_aliases: bool,
    pub nocasematch: bool,
    pub nocaseglob: bool,
    pub failglob: bool,
    pub extglob: bool,
    pub globstar: bool,
    pub lastpipe: bool,
    pub inherit_errexit: bool,
    pub errtrace: bool,
    pub functrace: bool,
}

/// A running shell. See the module's head.
#[derive(Clone, Hash)]
pub struct Shell {
    pub dialect: Dialect,
    pub vars: Vars,
    pub functions: OrdMap<Arc<str>, Arc<Command>>,
    /// Their bodies as written.
    pub function_texts: OrdMap<Arc<str>, Arc<str>>,
    pub aliases: OrdMap<Arc<str>, Arc<str>>,
    pub options: Options,
    /// `$1` and following.
    pub positional: Vector<Arc<str>>,
    /// `$0`
    pub name: Arc<str>,
    /// `$?`
    pub status: i32,
    pub pipe_status: Vec<i32>,
    /// The last link of an and-or list did not run.
    pub skipped: bool,
    /// `$!`
    pub last_background: u32,
    /// `$$`: a subshell keeps its parent's.
    pub shown_pid: u32,
    pub frames: Vec<Frame>,
    pub replay: Replay,
    /// By name: `EXIT`, `INT`, …; an empty action ignores.
    pub traps: OrdMap<Arc<str>, Arc<str>>,
    /// Signals that arrived and whose traps have not run yet.
    pub caught: Vec<Signal>,
    pub jobs: Vec<Job>,
    /// Children that ended before anyone waited for them.
    pub ended: OrdMap<Pid, i32>,
    /// What `$!` called background children.
    pub numbers: OrdMap<Pid, u32>,
    pub history: Vector<Arc<str>>,
    pub random: u32,
    pub started: u64,
    /// When this process may begin: starting one takes a moment, so that no chain of forks can go on
    /// for ever without time passing.
    pub awake: u64,
    /// Line of the command that runs.
    pub line: u32,
    pub is_subshell: bool,
    /// `-e` does nothing: the subshell is part of a condition.
    pub lenient: bool,
    /// The exit status once the EXIT trap has run.
    pub exiting: Option<i32>,
    /// `pushd`'s stack below the working directory.
    pub directories: Vec<Arc<str>>,
    /// Characters already read of the present getopts argument.
    pub getopts_at: usize,
    /// Ctrl-C came while a command ran in the foreground.
    pub interrupted: bool,
    /// `$_`: the last word of the command before.
    pub last_word: Arc<str>,
    /// Text of the pipeline that runs.
    pub command_text: Arc<str>,
    /// `BASH_SUBSHELL`
    pub subshells: u32,
    /// How often the first character of `PS4` is repeated.
    pub trace_level: usize,
    /// The DEBUG trap of the command to run next has been run.
    pub debugged: bool,
    /// What `trap` and `jobs` show in a subshell: the parent's.
    pub shown_traps: Option<OrdMap<Arc<str>, Arc<str>>>,
    pub shown_jobs: Vec<Job>,
    /// Builtins that `enable -n` took away.
    pub disabled: imbl::OrdSet<Arc<str>>,
    /// Pipes of `<(…)` that the command to begin uses.
    pub held: Vec<crate::fd::FdNum>,
}

impl Shell {
    /// A shell as started with the process' arguments.
    #[must_use]
    pub fn new(sys: &mut Sys<'_>, dialect: Dialect) -> Shell {
        let args = sys.args();
        let name: Arc<str> = args.first().cloned().unwrap_or_else(|| "sh".into());
        let mut shell = Shell {
            dialect,
            vars: Vars::default(),
            functions: OrdMap::new(),
            function_texts: OrdMap::new(),
            aliases: OrdMap::new(),
            options: Options::default(),
            positional: Vector::new(),
            name: name.trim_start_matches('-').into(),
            status: 0,
            pipe_status: vec![0],
            skipped: false,
            last_background: 0,
            shown_pid: sys.process().map_or(0, |p| p.ns_pid),
            frames: Vec::new(),
            replay: Replay::default(),
            traps: OrdMap::new(),
            caught: Vec::new(),
            jobs: Vec::new(),
            ended: OrdMap::new(),
            numbers: OrdMap::new(),
            history: Vector::new(),
            random: 0,
            started: sys.now(),
            awake: sys.now() + 1,
            line: 1,
            is_subshell: false,
            lenient: false,
            exiting: None,
            directories: Vec::new(),
            getopts_at: 0,
            interrupted: false,
            last_word: name.clone(),
            command_text: "".into(),
            subshells: 0,
            trace_level: 1,
            debugged: false,
            shown_traps: None,
            shown_jobs: Vec::new(),
            disabled: imbl::OrdSet::new(),
            held: Vec::new(),
        };
        shell.import(sys);
        let rest: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
        shell.read_arguments(sys, &rest, name.starts_with('-'));
        shell
    }
    fn import(&mut self, sys: &mut Sys<'_>) {
        let env = sys.environment();
        for (name, value) in &env {
            if super::lexer::is_name(name) {
                self.vars.set(name, value);
                self.vars.export(name, true);
            }
        }
        let cwd = sys.cwd();
        self.vars.set("PWD", &cwd);
        if self.dialect.is_bash() {
            self.vars.export("PWD", true);
            let level = self.vars.text("SHLVL").and_then(|l| l.parse::<i64>().ok()).unwrap_or(0);
            self.vars.set("SHLVL", &(level + 1).to_string());
            self.vars.export("SHLVL", true);
            self.vars.set("BASH_VERSION", "5.2.15(1)-release");
            self.vars.set("BASH", "/bin/bash");
            let version = ["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"];
            let list = version.iter().enumerate().map(|(at, v)| (at as i64, Arc::from(*v))).collect();
            self.vars.set_value("BASH_VERSINFO", super::vars::Value::List(list));
            self.vars.set("UID", &sys.process().map_or(0, |p| p.uid).to_string());
            self.vars.set("EUID", &sys.process().map_or(0, |p| p.uid).to_string());
            self.vars.attributes("UID").readonly = true;
            self.vars.attributes("EUID").readonly = true;
            let host = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.hostname.clone());
            self.vars.set("HOSTNAME", &host.unwrap_or_default());
            self.vars.set("OSTYPE", "linux-gnu");
            self.vars.set("HOSTTYPE", "x86_64");
            self.vars.set("MACHTYPE", "x86_64-pc-linux-gnu");
        }
        self.vars.set("IFS", " \t\n");
        self.vars.set("OPTIND", "1");
        let parent = sys.process().map_or(0, |p| p.parent);
        let parent = sys.machines.process(parent).map_or(0, |p| p.ns_pid);
        self.vars.set("PPID", &parent.to_string());
        if self.vars.get("PATH").is_none() {
            self.vars.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }
    }
    /// `bash [-exu…] [-c text | file] [arguments]`.
    fn read_arguments(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>], login: bool) {
        let mut args = args.iter();
        let mut command = false;
        let mut from_stdin = false;
        let mut interactive = false;
        let mut login = login;
        let mut first = None;
        while let Some(arg) = args.next() {
            if &**arg == "--" {
                first = args.next();
                break;
            }
            let Some(letters) = arg.strip_prefix(['-', '+']).filter(|l| !l.is_empty()) else {
                first = Some(arg);
                break;
            };
            let on = arg.starts_with('-');
            if let Some(long) = letters.strip_prefix('-') {
                match long {
                    "login" => login = true,
                    "norc" | "noprofile" | "posix" | "noediting" => {}
                    "version" => {
                        sys.print("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n");
                        self.exiting = Some(0);
                        return;
                    }
                    _ => {
                        sys.eprint(&format!("{}: {arg}: invalid option\n", self.name));
                        self.exiting = Some(2);
                        return;
                    }
                }
                continue;
            }
            for letter in letters.chars() {
                match letter {
                    'c' => command = true,
                    's' => from_stdin = true,
                    'i' => interactive = true,
                    'l' => login = true,
                    'o' => {
                        if let Some(name) = args.next()
                            && let Some(option) = self.option_mut(name)
                        {
                            *option = on;
                        }
                    }
                    letter => {
                        if let Some(option) = self.option_of_letter(letter) {
                            *option = on;
                        } else {
                            let text = match self.dialect {
                                Dialect::Bash => format!("{}: -{letter}: invalid option\n", self.name),
                                Dialect::Dash => format!("{}: 0: Illegal option -{letter}\n", self.name),
                                Dialect::Ash => format!("{}: illegal option -{letter}\n", self.name),
                            };
                            sys.eprint(&text);
                            self.exiting = Some(2);
                            return;
                        }
                    }
                }
            }
        }
        if command {
            let Some(text) = first else {
                let text = match self.dialect {
                    Dialect::Bash => format!("{}: -c: option requires an argument\n", self.name),
                    Dialect::Dash => format!("{}: 0: -c requires an argument\n", self.name),
                    Dialect::Ash => format!("{}: -c requires an argument\n", self.name),
                };
                sys.eprint(&text);
                self.exiting = Some(2);
                return;
            };
            if let Some(name) = args.next() {
                self.name = name.clone();
            }
            self.positional = args.cloned().collect();
            self.start_interactive_if(sys, interactive, login);
            self.frames.insert(0, Frame::Reader(Reader::text(text, Source::Command)));
            return;
        }
        if let Some(file) = first.filter(|_| !from_stdin) {
            self.name = file.clone();
            self.positional = args.cloned().collect();
            match self.read_script(sys, file) {
                Ok(text) => self.frames.push(Frame::Reader(Reader::text(&text, Source::Script))),
                Err(status) => self.exiting = Some(status),
            }
            return;
        }
        self.positional = first.into_iter().chain(args).cloned().collect();
        let is_terminal = sys.is_tty(crate::fd::STDIN);
        self.start_interactive_if(sys, interactive || is_terminal, login);
        let source = if is_terminal { Source::Terminal } else { Source::Stdin };
        self.frames.insert(0, Frame::Reader(Reader::text("", source)));
    }
    /// The option a `set -o` name stands for.
    pub fn option_mut(&mut self, name: &str) -> Option<&mut bool> {
        let options = &mut self.options;
        Some(match name {
            "allexport" => &mut options.allexport,
            "errexit" => &mut options.errexit,
            "noclobber" => &mut options.noclobber,
            "noexec" => &mut options.noexec,
            "noglob" => &mut options.noglob,
            "nounset" => &mut options.nounset,
            "pipefail" if self.dialect != Dialect::Dash => &mut options.pipefail,
            "verbose" => &mut options.verbose,
            "xtrace" => &mut options.xtrace,
            "monitor" => &mut options.monitor,
            "errtrace" if self.dialect.is_bash() => &mut options.errtrace,
            "functrace" if self.dialect.is_bash() => &mut options.functrace,
            _ => return None,
        })
    }
    pub fn option_of_letter(&mut self, letter: char) -> Option<&mut bool> {
        let name = match letter {
            'a' => "allexport",
            'C' => "noclobber",
            'e' => "errexit",
            'f' => "noglob",
            'm' => "monitor",
            'n' => "noexec",
            'u' => "nounset",
            'v' => "verbose",
            'x' => "xtrace",
            'E' => "errtrace",
            'T' => "functrace",
            _ => return None,
        };
        self.option_mut(name)
    }
    /// `$-`
    #[must_use]
    pub fn option_letters(&self) -> String {
        let o = &self.options;
        let bash = self.dialect.is_bash();
        let from_command =
            matches!(self.frames.first(), Some(Frame::Reader(r)) if r.source == Source::Command);
        let set = [
            ('a', o.allexport),
            ('e', o.errexit),
            ('f', o.noglob),
            ('h', bash),
            ('i', o.interactive),
            ('m', o.monitor),
            ('n', o.noexec),
            ('u', o.nounset),
            ('v', o.verbose),
            ('x', o.xtrace),
            ('B', bash),
            ('C', o.noclobber),
            ('E', o.errtrace),
            ('H', bash && o.interactive),
            ('T', o.functrace),
            ('c', bash && from_command),
            (
                's',
                !from_command
                    && matches!(self.frames.first(), Some(Frame::Reader(r)) if r.source != Source::Script),
            ),
        ];
        set.into_iter().filter(|(_, on)| *on).map(|(letter, _)| letter).collect()
    }
    /// A function as `declare -f` prints it.
    #[must_use]
    pub fn function_text(&self, name: &str) -> String {
        super::show::function(name, self.function_texts.get(name).map_or("", |t| t))
    }
    /// Names of the functions that run, innermost first.
    #[must_use]
    pub fn function_names(&self) -> Vec<Arc<str>> {
        let names = self.frames.iter().rev();
        names
            .filter_map(|f| if let Frame::Call { name, .. } = f { Some(name.clone()) } else { None })
            .collect()
    }
}
