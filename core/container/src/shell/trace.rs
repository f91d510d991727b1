//! `set -x`: what a command has become, as each shell shows it.

use super::Dialect;
use super::ast::{Assign, AssignValue, Part, Word};
use super::frame::{Assigned, Frame, Ready, Source};
use super::lexer::Lexer;
use super::state::Shell;
use super::vars::Index;
use crate::sys::Sys;

impl Shell {
    /// How often the first character of `PS4` stands before a command: once more within each command
    /// substitution, `eval` and sourced file.
    pub(super) fn trace_depth(&self) -> usize {
        let evals = self.frames.iter().filter(|f| matches!(f, Frame::Reader(r) if r.source == Source::Eval));
        self.trace_level + if self.dialect.is_bash() { evals.count() } else { 0 }
    }
    /// Shows a line, if `-x` is on.
    pub(super) fn trace_line(&mut self, sys: &mut Sys<'_>, line: &str) {
        if !self.options.xtrace {
            return;
        }
        let prefix = self.vars.text("PS4").unwrap_or_else(|| "+ ".into());
        let mut prefix = self.expand_prompt_text(sys, &prefix);
        if let Some(first) = prefix.chars().next() {
            let more: String = std::iter::repeat_n(first, self.trace_depth().saturating_sub(1)).collect();
            prefix.insert_str(0, &more);
        }
        sys.eprint(&format!("{prefix}{line}\n"));
    }
    /// Variables in a prompt; commands in it are left as they stand.
    fn expand_prompt_text(&mut self, sys: &mut Sys<'_>, text: &str) -> String {
        if !text.contains('$') {
            return text.to_string();
        }
        let Ok(parts) = Lexer::new(text, self.dialect).quoted_parts(None) else { return text.to_string() };
        if parts.iter().any(|p| matches!(p, Part::Command(_) | Part::Process(..))) {
            return text.to_string();
        }
        let status = self.status;
        let expanded = self.expand_text(sys, &Word(vec![Part::Double(parts)]));
        self.status = status;
        expanded.unwrap_or_else(|_| text.to_string())
    }
    pub(super) fn trace(&mut self, sys: &mut Sys<'_>, ready: &Ready) {
        if !self.options.xtrace {
            return;
        }
        let mut line = ready.shown.clone();
        if self.dialect.is_bash() {
            for assign in line.drain(..) {
                self.trace_line(sys, &assign);
            }
        }
        line.extend(ready.words.iter().map(|w| self.quote_for_trace(w)));
        if !line.is_empty() {
            self.trace_line(sys, &line.join(" "));
        }
    }
    /// An assignment with its value as expanded; arrays as written.
    pub(super) fn show_assignment(&self, assign: &Assign, value: &Assigned) -> String {
        let sign = if assign.append { "+=" } else { "=" };
        let name = &assign.name;
        match (value, &assign.value) {
            (Assigned::Whole(_), _) | (_, AssignValue::Array(_)) => assign.text.to_string(),
            (Assigned::Item(index, text), _) => {
                let index = match index {
                    Index::Number(n) => n.to_string(),
                    Index::Key(key) => key.to_string(),
                };
                format!("{name}[{index}]{sign}{}", self.quote_value(text))
            }
            (Assigned::Scalar(text), AssignValue::Word(word)) if assign.append => {
                // What was added, not the sum; where that is computed the sum has to do.
                let added = word.plain().unwrap_or(text);
                format!("{name}+={}", self.quote_value(added))
            }
            (Assigned::Scalar(text), _) => format!("{name}{sign}{}", self.quote_value(text)),
        }
    }
    fn quote_value(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.quote_for_trace(text) }
    }
    fn quote_for_trace(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Bash => {
                let special = |c: char| !(c.is_alphanumeric() || "_-./:@%+=,".contains(c));
                if text.is_empty() || text.chars().any(special) {
                    if text.contains('\n') {
                        format!("'{}'", text.replace('\'', "'\\''"))
                    } else {
                        super::transform::quote(text)
                    }
                } else {
                    text.to_string()
                }
            }
            Dialect::Dash => text.to_string(),
            Dialect::Ash => {
                let special = |c: char| c < '+' || (';'..='?').contains(&c) || "`[\\".contains(c) || c > 'z';
                if text.chars().any(special) {
                    format!("'{}'", text.replace('\'', "'\"'\"'"))
                } else {
                    text.to_string()
                }
            }
        }
    }
}
