//! Command lines in the manner of cobra and pflag (as kubectl 1.33 and docker use them): commands as
//! records, flags anywhere between arguments, the exact error texts, help from the same records.

mod dispatch;
mod flags;
mod help;
mod values;

pub use dispatch::{Chosen, choose, dispatch, launch};
pub use flags::{Flag, Kind, Parsed};

pub use help::{describe_flag, help, list, rpad, usage};
pub use values::Flags;

use drydock_container::{Machine, Sys};

/// Parses words as the flags and arguments of a command.
///
/// # Errors
/// pflag's texts.
pub fn parse_words(command: &Command, global: &'static [Flag], words: &[String]) -> Result<Parsed, String> {
    flags::parse(command, global, words)
}

/// What a command came to. The text of an error is ready for stderr.
pub type Outcome = Result<Flow, Error>;

/// How a command goes on.
pub enum Flow {
    /// It is over, with this exit code.
    Done(i32),
    /// It waits: this machine takes the process over.
    Continue(Box<dyn Machine>),
}

/// A failed command: what to print on stderr, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// Complete, with its final newline; may be empty.
    pub text: String,
    pub code: i32,
}

impl Error {
    /// `error: message`, exit code 1.
    #[must_use]
    pub fn new(message: impl std::fmt::Display) -> Error {
        Error { text: format!("error: {message}\n"), code: 1 }
    }
    /// An error whose text is already whole.
    #[must_use]
    pub fn raw(text: impl Into<String>) -> Error {
        Error { text: text.into(), code: 1 }
    }
    /// Nothing to print, just the exit code.
    #[must_use]
    pub fn silent(code: i32) -> Error {
        Error { text: String::new(), code }
    }
    #[must_use]
    pub fn with_code(mut self, code: i32) -> Error {
        self.code = code;
        self
    }
}

/// The function behind a command.
pub type Run = fn(&mut Invocation<'_, '_>) -> Outcome;

/// One command of a program. Write records as `Command { name: "get", …, ..Command::BASE }`.
#[derive(Clone, Copy)]
pub struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// What follows the parent's path in the usage line: `get [(-o|--output=)…] [flags]`.
    pub usage: &'static str,
    /// One line for the list of commands.
    pub short: &'static str,
    pub long: &'static str,
    pub examples: &'static str,
    /// Groups of flags, so that verbs share them.
    pub flags: &'static [&'static [Flag]],
    pub subcommands: &'static [&'static Command],
    pub run: Run,
    pub hidden: bool,
    /// False: the first argument ends the flags (docker run, docker exec).
    pub interspersed: bool,
    /// True: nothing is a flag, all words are arguments (cobra's `DisableFlagParsing`).
    pub raw: bool,
    /// Whether this command line takes all of stdin before it begins.
    pub takes_stdin: fn(&Parsed) -> bool,
}

impl Command {
    /// Defaults for all that a record leaves out.
    pub const BASE: Command = Command {
        name: "",
        aliases: &[],
        usage: "",
        short: "",
        long: "",
        examples: "",
        flags: &[],
        subcommands: &[],
        run: |_| Ok(Flow::Done(0)),
        hidden: false,
        interspersed: true,
        raw: false,
        takes_stdin: |_| false,
    };
    /// Its own flags in the order of their groups.
    pub fn own_flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.flags.iter().flat_map(|group| group.iter())
    }
    /// The subcommand called so, by name or alias.
    #[must_use]
    pub fn subcommand(&self, name: &str) -> Option<&'static Command> {
        self.subcommands.iter().copied().find(|c| c.name == name || c.aliases.contains(&name))
    }
}

/// What differs between programs.
#[derive(Clone, Copy)]
pub struct Style {
    pub root: &'static Command,
    /// Flags every command takes.
    pub global: &'static [Flag],
    /// The root's own flags stand before the command only (docker); else they may stand anywhere.
    pub root_flags_first: bool,
    /// A command line that cannot be parsed: the command, its path, the message.
    pub flag_error: fn(&Command, &str, &str) -> Error,
    /// No such command below the root; the names to suggest come with it.
    pub unknown: fn(&str, &[&str]) -> Error,
    /// The whole help text of a command.
    pub help: fn(&Style, &Command, &str) -> String,
}

/// One call of a command.
pub struct Invocation<'a, 'b> {
    pub sys: &'a mut Sys<'b>,
    pub style: &'static Style,
    pub command: &'static Command,
    /// `kubectl create deployment`.
    pub path: String,
    /// Positional arguments, those after `--` included.
    pub args: Vec<String>,
    /// How many arguments came before `--`, if there was one.
    pub dash: Option<usize>,
    pub flags: Flags,
    /// All of stdin, where the command line says `-` for a file.
    pub stdin: Option<Vec<u8>>,
}

impl Invocation<'_, '_> {
    /// The text of a flag, its default when not given.
    #[must_use]
    pub fn str(&self, flag: &str) -> &str {
        self.flags.str(flag)
    }
    #[must_use]
    pub fn bool(&self, flag: &str) -> bool {
        self.flags.bool(flag)
    }
    #[must_use]
    pub fn int(&self, flag: &str) -> i64 {
        self.flags.int(flag)
    }
    /// The items of a slice or array flag.
    #[must_use]
    pub fn list(&self, flag: &str) -> Vec<String> {
        self.flags.list(flag)
    }
    /// A duration in milliseconds.
    #[must_use]
    pub fn duration(&self, flag: &str) -> i64 {
        self.flags.duration(flag)
    }
    /// Whether the flag stood on the command line.
    #[must_use]
    pub fn changed(&self, flag: &str) -> bool {
        self.flags.changed(flag)
    }
    pub fn print(&mut self, text: &str) {
        self.sys.print(text);
    }
    pub fn eprint(&mut self, text: &str) {
        self.sys.eprint(text);
    }
    /// `message\nSee 'path -h' for help and examples`: kubectl's usage error.
    #[must_use]
    pub fn usage_error(&self, message: impl std::fmt::Display) -> Error {
        Error::new(format_args!("{message}\nSee '{} -h' for help and examples", self.path))
    }
    /// Its own help text.
    #[must_use]
    pub fn help(&self) -> String {
        (self.style.help)(self.style, self.command, &self.path)
    }
    /// The argument at a place.
    #[must_use]
    pub fn arg(&self, at: usize) -> Option<&str> {
        self.args.get(at).map(String::as_str)
    }
}

/// Commands under their headings, as a root's help lists them.
pub type Group = (&'static str, &'static [&'static Command]);

/// How many commands some groups have together.
#[must_use]
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, so that a bad index cannot be")]
pub const fn count(groups: &[Group]) -> usize {
    let (mut group, mut sum) = (0, 0);
    while group < groups.len() {
        sum += groups[group].1.len();
        group += 1;
    }
    sum
}

/// The commands of all groups in one list; `any` fills it before its places are known.
#[must_use]
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, so that a bad index cannot be")]
pub const fn flatten<const N: usize>(groups: &[Group], any: &'static Command) -> [&'static Command; N] {
    let mut all = [any; N];
    let (mut group, mut at) = (0, 0);
    while group < groups.len() {
        let commands = groups[group].1;
        let mut command = 0;
        while command < commands.len() {
            all[at] = commands[command];
            (at, command) = (at + 1, command + 1);
        }
        group += 1;
    }
    all
}
