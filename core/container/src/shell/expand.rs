//! Word expansion (POSIX XCU 2.6): tilde, parameters, commands, arithmetic, field splitting,
//! pathnames, quotes.
//!
//! Where a command's output is needed the expansion stops with [`Halt::Run`]; the machine runs the
//! command, puts its output into [`Replay`], and expands again from the saved variables.

use super::ast::{Part, Script, Word};
use super::fields::{self, Fields};
use super::glob::{self, Mark};
use super::state::Shell;
use super::vars::Vars;
use super::{Dialect, brace};
use crate::sys::Sys;
use std::sync::Arc;

/// Why an expansion did not come to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// The output of this command is needed first.
    Run(Script),
    /// A process for `<(…)` is needed first: true if it is read from.
    Process(bool, Script),
    /// The command cannot run; the message has been printed. `exits` ends a non-interactive shell.
    Failed { status: i32, exits: bool },
}

pub type Expanded<T> = Result<T, Halt>;

/// What an expansion that is done again starts from.
#[derive(Clone, Debug, Default, Hash)]
pub struct Replay {
    /// Variables and random state before the first attempt.
    pub saved: Option<(Vars, u32)>,
    /// Outputs of the commands already run, in order.
    pub outputs: Vec<Arc<str>>,
    pub at: usize,
    /// Exit status of the last command substitution.
    pub status: Option<i32>,
    /// Pipes of `<(…)`.
    pub held: Vec<crate::fd::FdNum>,
}

impl Shell {
    /// All fields of some words: the arguments of a command.
    pub fn expand_words(&mut self, sys: &mut Sys<'_>, words: &[Word]) -> Expanded<Vec<Arc<str>>> {
        let mut out = Vec::new();
        for word in words {
            let alternatives = if self.dialect.is_bash() { brace::expand(word) } else { vec![word.clone()] };
            for word in &alternatives {
                for field in self.fields(sys, word)? {
                    self.pathnames(sys, &field, &mut out)?;
                }
            }
        }
        Ok(out)
    }
    fn pathnames(&mut self, sys: &mut Sys<'_>, field: &[Mark], out: &mut Vec<Arc<str>>) -> Expanded<()> {
        if !self.options.noglob && glob::has_pattern(field) {
            let options = &self.options;
            let how =
                glob::How { dot: options.dotglob, deep: options.globstar, any_case: options.nocaseglob };
            let found = glob::expand(sys, field, how);
            if !found.is_empty() {
                out.extend(found.into_iter().map(Arc::from));
                return Ok(());
            }
            if self.options.failglob {
                self.complain(sys, &format!("no match: {}", fields::text(field)));
                return Err(Halt::Failed { status: 1, exits: false });
            }
            if self.options.nullglob {
                return Ok(());
            }
        }
        out.push(fields::text(field).into());
        Ok(())
    }
    fn fields(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<Vec<Vec<Mark>>> {
        let mut out = Fields::default();
        self.tilde_then_parts(sys, word, &mut out, true, false)?;
        Ok(out.finish())
    }
    /// One string without splitting: assignments, redirections, here-documents.
    pub fn expand_text(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<String> {
        Ok(fields::text(&self.expand_marks(sys, word, false)?))
    }
    /// As [`Shell::expand_text`], with tilde after each `:` as in assignments.
    pub fn expand_value(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<String> {
        Ok(fields::text(&self.expand_marks(sys, word, true)?))
    }
    /// One string that remembers what was quoted: patterns.
    pub fn expand_pattern(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<Vec<Mark>> {
        self.expand_marks(sys, word, false)
    }
    fn expand_marks(&mut self, sys: &mut Sys<'_>, word: &Word, assigned: bool) -> Expanded<Vec<Mark>> {
        let mut out = Fields::default();
        self.tilde_then_parts(sys, word, &mut out, false, assigned)?;
        Ok(out.finish().into_iter().reduce(|a, b| [a, vec![(' ', true)], b].concat()).unwrap_or_default())
    }
    fn tilde_then_parts(
        &mut self,
        sys: &mut Sys<'_>,
        word: &Word,
        out: &mut Fields,
        split: bool,
        assigned: bool,
    ) -> Expanded<()> {
        let whole = word.0.len() == 1;
        // bash: `name=~/x` as an argument is like an assignment.
        if split
            && self.dialect.is_bash()
            && let Some((Part::Text(first), rest)) = word.0.split_first()
            && let Some((name, value)) = first.split_once('=')
            && super::lexer::is_name(name)
            && value.contains('~')
        {
            out.push(name, false);
            out.push("=", false);
            self.tilde(value, true, rest.is_empty() || value.contains('/'), true, out);
            for part in rest {
                self.part(sys, part, out, split, false)?;
            }
            return Ok(());
        }
        for (at, part) in word.0.iter().enumerate() {
            if let Part::Text(text) = part
                && text.contains('~')
                && (at == 0 || assigned)
            {
                self.tilde(text, at == 0, whole || text.contains('/'), assigned, out);
                continue;
            }
            self.part(sys, part, out, split, false)?;
        }
        Ok(())
    }
    fn tilde(&mut self, text: &str, first: bool, ends: bool, assigned: bool, out: &mut Fields) {
        let pieces: Vec<&str> = if assigned { text.split(':').collect() } else { vec![text] };
        for (at, piece) in pieces.into_iter().enumerate() {
            if at > 0 {
                out.push(":", false);
            }
            let Some(rest) = piece.strip_prefix('~').filter(|_| first || at > 0) else {
                out.push(piece, false);
                continue;
            };
            let (user, tail) = rest.find('/').map_or((rest, ""), |i| rest.split_at(i));
            let home = match user {
                _ if !ends && tail.is_empty() => None,
                "" => self.vars.text("HOME"),
                "+" => self.vars.text("PWD"),
                "-" => self.vars.text("OLDPWD"),
                "root" => Some("/root".into()),
                user => (self.vars.text("USER").as_deref() == Some(user))
                    .then(|| self.vars.text("HOME"))
                    .flatten(),
            };
            match home {
                Some(home) => {
                    out.push(&home, true);
                    out.push(tail, false);
                }
                None => out.push(piece, false),
            }
        }
    }
    /// Adds what one part expands to.
    pub(super) fn part(
        &mut self,
        sys: &mut Sys<'_>,
        part: &Part,
        out: &mut Fields,
        split: bool,
        quoted: bool,
    ) -> Expanded<()> {
        match part {
            Part::Text(text) => out.push(text, quoted),
            Part::Quoted(text) => out.push(text, true),
            Part::Double(parts) => {
                // "$@" without parameters is no field at all; anything else between quotes is one.
                if !matches!(parts.as_slice(), [Part::Param(p)] if super::params::is_all(p)) {
                    out.touch();
                }
                for part in parts {
                    self.part(sys, part, out, split, true)?;
                }
            }
            Part::Param(param) => self.param(sys, param, out, split, quoted)?,
            Part::Command(script) => {
                let text = self.output_of(sys, script)?;
                self.add(&text, out, split, quoted);
            }
            Part::Arith(word) => {
                let value = self.arithmetic(sys, word)?;
                self.add(&value.to_string(), out, split, quoted);
            }
            Part::Process(reads, script) => match self.replayed() {
                Some(path) => out.push(&path, true),
                None => return Err(Halt::Process(*reads, script.clone())),
            },
        }
        Ok(())
    }
    /// Adds the result of an expansion, split where that is due.
    pub(super) fn add(&mut self, text: &str, out: &mut Fields, split: bool, quoted: bool) {
        if split && !quoted {
            out.split(text, &self.ifs());
        } else if quoted {
            out.push(text, true);
        } else {
            text.chars().for_each(|c| out.push(c.encode_utf8(&mut [0; 4]), c == '\\'));
        }
    }
    #[must_use]
    pub fn ifs(&self) -> Arc<str> {
        match self.vars.get("IFS") {
            Some(var) => var.value.scalar().unwrap_or_else(|| " \t\n".into()),
            None => " \t\n".into(),
        }
    }
    fn replayed(&mut self) -> Option<Arc<str>> {
        let output = self.replay.outputs.get(self.replay.at).cloned()?;
        self.replay.at += 1;
        Some(output)
    }
    fn output_of(&mut self, sys: &mut Sys<'_>, script: &Script) -> Expanded<Arc<str>> {
        if let Some(output) = self.replayed() {
            return Ok(output);
        }
        // `$(<file)` needs no process.
        if let Some(word) = super::reader::only_a_file(script)
            && !self.dialect.is_dash()
        {
            let path = self.expand_text(sys, word)?;
            let bytes = match sys.read_file(&path) {
                Ok(bytes) => bytes,
                Err(errno) => {
                    self.complain(sys, &self.cannot_open(&path, errno));
                    self.replay.status = Some(1);
                    return Ok("".into());
                }
            };
            self.replay.status = Some(0);
            return Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\n').into());
        }
        Err(Halt::Run(script.clone()))
    }
    /// The value of an arithmetic expression.
    pub fn arithmetic(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<i64> {
        let text = self.expand_text(sys, word)?;
        self.evaluate(sys, &text)
    }
    /// The value of `((…))`, which `set -x` shows.
    pub(super) fn counted(&mut self, sys: &mut Sys<'_>, word: &Word) -> Expanded<i64> {
        let text = self.expand_text(sys, word)?;
        self.trace_line(sys, &format!("(( {text} ))"));
        self.evaluate_in(sys, &text, "((: ")
    }
    /// Evaluates an expression's text, with the shell's own complaint where it fails.
    pub fn evaluate(&mut self, sys: &mut Sys<'_>, text: &str) -> Expanded<i64> {
        self.evaluate_in(sys, text, "")
    }
    /// As [`Shell::evaluate`]; `within` begins bash's complaint.
    pub(super) fn evaluate_in(&mut self, sys: &mut Sys<'_>, text: &str, within: &str) -> Expanded<i64> {
        let outcome = super::arith::evaluate(text, &mut Scope { shell: self, sys }, 0);
        outcome.map_err(|message| {
            match self.dialect {
                Dialect::Bash => self.complain(sys, &format!("{within}{message}")),
                Dialect::Dash if message.starts_with("Illegal number") => self.complain(sys, &message),
                Dialect::Dash => {
                    let what = if message.contains("division by 0") {
                        "division by zero"
                    } else if message.contains("operand expected") {
                        "expecting primary"
                    } else {
                        "expecting EOF"
                    };
                    self.complain(sys, &format!("arithmetic expression: {what}: \"{text}\""));
                }
                Dialect::Ash => {
                    let by_zero = message.contains("division by 0");
                    self.complain(sys, if by_zero { "divide by zero" } else { "arithmetic syntax error" });
                }
            }
            Halt::Failed {
                status: if self.dialect.is_bash() { 1 } else { 2 },
                exits: !self.dialect.is_bash(),
            }
        })
    }
}

/// The shell's variables as arithmetic sees them.
struct Scope<'s, 'y, 'm> {
    shell: &'s mut Shell,
    sys: &'y mut Sys<'m>,
}

impl super::arith::Names for Scope<'_, '_, '_> {
    fn is_strict(&self) -> bool {
        self.shell.dialect.is_dash()
    }
    fn value(&mut self, name: &str, index: Option<&str>) -> Result<String, String> {
        let value = match index {
            None => self.shell.special(self.sys, name).or_else(|| self.shell.vars.text(name)),
            Some(index) => {
                let index = self.shell.index_from_text(self.sys, name, index)?;
                self.shell.vars.item(name, &index)
            }
        };
        if value.is_none() && self.shell.options.nounset {
            return Err(format!("{name}: unbound variable"));
        }
        Ok(value.map_or_else(String::new, |v| v.to_string()))
    }
    fn assign(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String> {
        if self.shell.vars.is_readonly(name) {
            return Err(format!("{name}: readonly variable"));
        }
        match index {
            None => self.shell.vars.set(name, &value.to_string()),
            Some(index) => {
                let index = self.shell.index_from_text(self.sys, name, index)?;
                self.shell.vars.set_item(name, &index, &value.to_string());
            }
        }
        Ok(())
    }
}
