//! Reading words: quotes, expansions, here-documents. The parser drives it, for what a character means
//! depends on the grammar around it (POSIX XCU 2.3).

use super::Dialect;
use super::ast::{Part, Word};
use super::parts::{Parts, simple_param};
use drydock_machinery::limits;
use imbl::OrdMap;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The text ends within something: more lines may complete it.
    Incomplete {
        /// The closing quote or bracket that is missing.
        matching: Option<char>,
        /// The reserved word that would have closed the construct ("fi").
        expecting: &'static str,
        line: u32,
    },
    /// A token that cannot stand there.
    Unexpected { token: String, expecting: &'static str, line: u32, is_word: bool },
    /// Any other complaint, in full.
    Message { text: String, line: u32 },
}

pub type Parsed<T> = Result<T, Fault>;

/// A place in a script's text.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    /// Borrowed until an alias is put in.
    pub src: Cow<'a, str>,
    pub at: usize,
    pub line: u32,
    pub dialect: Dialect,
    pub aliases: OrdMap<Arc<str>, Arc<str>>,
    pub depth: usize,
    /// Where here-document bodies of the present line begin or have been read to:
    /// (position of the newline, position after the bodies, lines in them).
    pub bodies: Option<(usize, usize, u32)>,
    /// Aliases whose text is being read, and how far that text goes: they do not expand again.
    pub alias_end: Option<(usize, Vec<Arc<str>>)>,
    /// `?(…)`, `*(…)`, `+(…)`, `@(…)`, `!(…)` are patterns.
    pub extglob: bool,
    /// Characters outside of ASCII can be named by number.
    pub utf8: bool,
    /// Nothing follows the text: its end also ends a here-document.
    pub ended: bool,
    /// Line and delimiter of the here-documents that the text's end ended.
    pub unclosed: Vec<(u32, Arc<str>)>,
    /// Where `$((` turned out to be `$( (`: found out once, or every one within would double the work.
    pub subshells: BTreeSet<usize>,
}

/// Characters that end an unquoted word.
#[must_use]
pub fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

#[must_use]
pub fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}
#[must_use]
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
/// Whether the whole text is a variable name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

impl<'a> Lexer<'a> {
    #[must_use]
    pub fn new(src: &'a str, dialect: Dialect) -> Lexer<'a> {
        Lexer {
            src: Cow::Borrowed(src),
            at: 0,
            line: 1,
            dialect,
            aliases: OrdMap::new(),
            depth: 0,
            bodies: None,
            alias_end: None,
            extglob: false,
            utf8: true,
            ended: false,
            unclosed: Vec::new(),
            subshells: BTreeSet::new(),
        }
    }
    /// After the text itself was changed.
    pub fn forget_places(&mut self) {
        self.subshells.clear();
    }
    #[must_use]
    pub fn rest(&self) -> &str {
        self.src.get(self.at..).unwrap_or("")
    }
    #[must_use]
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
    #[must_use]
    pub fn looking_at(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }
    /// Takes one character; a newline jumps over the here-documents that begin after it.
    pub fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            if let Some((newline, after, lines)) = self.bodies
                && newline + 1 == self.at
            {
                self.at = after;
                self.line += lines;
                self.bodies = None;
            }
        }
        Some(c)
    }
    pub fn take(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            for _ in text.chars() {
                self.bump();
            }
        }
        found
    }
    pub fn incomplete<T>(&self, matching: Option<char>) -> Parsed<T> {
        Err(Fault::Incomplete { matching, expecting: "", line: self.line })
    }
    pub fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err(Fault::Message { text: "maximum nesting level exceeded".into(), line: self.line });
        }
        Ok(())
    }
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
    /// Skips blanks, escaped newlines and a comment.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => _ = self.bump(),
                Some('\\') if self.looking_at("\\\n") => _ = self.take("\\\n"),
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }
    /// Reads one word; none when an operator or the end comes first.
    pub fn word(&mut self) -> Parsed<Option<Word>> {
        let bash = self.dialect.is_bash();
        let starts_process = |s: &Self| bash && (s.looking_at("<(") || s.looking_at(">("));
        match self.peek() {
            None => return Ok(None),
            Some(c) if is_meta(c) && !starts_process(self) => return Ok(None),
            _ => {}
        }
        self.parts(&|lexer| {
            lexer
                .peek()
                .is_none_or(|c| is_meta(c) && !(bash && (lexer.looking_at("<(") || lexer.looking_at(">("))))
        })
        .map(Some)
    }
    /// Reads unquoted parts until `stop` says so.
    pub fn parts(&mut self, stop: &dyn Fn(&Self) -> bool) -> Parsed<Word> {
        let mut out = Parts::default();
        // Groups of extended patterns that are open: what ends words does not within them.
        let mut groups = 0usize;
        while groups > 0 || !stop(self) {
            if self.extglob && self.starts_group() {
                let operator = self.bump().unwrap_or('@');
                self.bump();
                out.text(operator);
                out.text('(');
                groups += 1;
                continue;
            }
            if groups > 0 && self.peek() == Some(')') {
                self.bump();
                out.text(')');
                groups -= 1;
                continue;
            }
            match self.peek() {
                None => break,
                Some('\\') => {
                    self.bump();
                    match self.bump() {
                        Some('\n') => {}
                        Some(c) => out.quoted(&c.to_string()),
                        None => out.text('\\'),
                    }
                }
                Some('\'') => {
                    self.bump();
                    let text = self.single()?;
                    out.quoted(&text);
                }
                Some('"') => {
                    self.bump();
                    out.push(Part::Double(self.double()?));
                }
                Some('$') => self.dollar(&mut out, false)?,
                Some('`') => {
                    let script = self.backquote(false)?;
                    out.push(Part::Command(script));
                }
                Some('<' | '>') if self.looking_at("<(") || self.looking_at(">(") => {
                    let reads = self.bump() == Some('<');
                    self.bump();
                    let script = self.script_until_paren()?;
                    out.push(Part::Process(reads, script));
                }
                Some(c) => {
                    self.bump();
                    out.text(c);
                }
            }
        }
        Ok(out.done())
    }
    /// Whether a group of an extended pattern begins here.
    fn starts_group(&self) -> bool {
        let mut chars = self.rest().chars();
        matches!((chars.next(), chars.next()), (Some('?' | '*' | '+' | '@' | '!'), Some('(')))
    }
    /// After the opening `'`.
    fn single(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let line = self.line;
        loop {
            match self.bump() {
                None => return Err(Fault::Incomplete { matching: Some('\''), expecting: "", line }),
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }
    /// After the opening `"`.
    pub fn double(&mut self) -> Parsed<Vec<Part>> {
        let line = self.line;
        let word = self.quoted_parts(Some('"'))?;
        if self.bump() != Some('"') {
            return Err(Fault::Incomplete { matching: Some('"'), expecting: "", line });
        }
        Ok(word)
    }
    /// Parts as within double quotes up to `end` (not taken) or the end of the text.
    pub fn quoted_parts(&mut self, end: Option<char>) -> Parsed<Vec<Part>> {
        let mut out = Parts::default();
        while let Some(c) = self.peek() {
            if Some(c) == end {
                break;
            }
            match c {
                '\\' => {
                    self.bump();
                    match self.peek() {
                        Some('\n') => _ = self.bump(),
                        Some(c @ ('$' | '`' | '\\')) => {
                            self.bump();
                            out.quoted(&c.to_string());
                        }
                        Some('"') if end.is_some() => {
                            self.bump();
                            out.quoted("\"");
                        }
                        _ => out.quoted("\\"),
                    }
                }
                '$' => self.dollar(&mut out, true)?,
                '`' => {
                    let script = self.backquote(end.is_some())?;
                    out.push(Part::Command(script));
                }
                c => {
                    self.bump();
                    out.quote_char(c);
                }
            }
        }
        Ok(out.done().0)
    }
    fn dollar(&mut self, out: &mut Parts, quoted: bool) -> Parsed<()> {
        self.enter()?;
        self.bump();
        let literal = |out: &mut Parts| if quoted { out.quoted("$") } else { out.text('$') };
        match self.peek() {
            Some('(') if self.looking_at("((") && !self.subshells.contains(&self.at) => {
                let saved = (self.at, self.line, self.bodies);
                let unclosed = self.unclosed.len();
                self.take("((");
                match self.arith_text() {
                    Ok(Some(word)) => out.push(Part::Arith(word)),
                    Ok(None) if !self.dialect.is_bash() => {
                        let ash = self.dialect.is_ash();
                        let text =
                            if ash { "syntax error: missing '))'" } else { "Syntax error: Missing '))'" };
                        return Err(Fault::Message { text: text.into(), line: self.line });
                    }
                    Ok(None) => {
                        // It was `$( (` after all.
                        (self.at, self.line, self.bodies) = saved;
                        self.unclosed.truncate(unclosed);
                        self.subshells.insert(self.at);
                        self.bump();
                        let script = self.script_until_paren()?;
                        out.push(Part::Command(script));
                    }
                    Err(fault) => return Err(fault),
                }
            }
            Some('(') => {
                self.bump();
                let script = self.script_until_paren()?;
                out.push(Part::Command(script));
            }
            Some('{') => {
                let param = self.braced()?;
                out.push(Part::Param(Box::new(param)));
            }
            Some('\'') if !quoted && self.dialect.has_dollar_quote() => {
                self.bump();
                let text = self.ansi_c()?;
                out.quoted(&text);
            }
            Some('"') if !quoted && self.dialect.is_bash() => {
                self.bump();
                out.push(Part::Double(self.double()?));
            }
            Some(c) if is_name_start(c) => {
                let start = self.at;
                while self.peek().is_some_and(is_name_char) {
                    self.bump();
                }
                out.push(simple_param(self.src.get(start..self.at).unwrap_or("")));
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '?' | '#' | '@' | '*' | '!' | '$' | '-') => {
                self.bump();
                out.push(simple_param(&c.to_string()));
            }
            _ => literal(out),
        }
        self.leave();
        Ok(())
    }
    /// After `$((`: the expression up to `))`; none if it does not end so.
    pub fn arith_text(&mut self) -> Parsed<Option<Word>> {
        let mut out = Parts::default();
        let mut open = 0usize;
        loop {
            match self.peek() {
                None => return self.incomplete(Some(')')),
                Some('(') => {
                    open += 1;
                    self.bump();
                    out.quote_char('(');
                }
                Some(')') if open > 0 => {
                    open -= 1;
                    self.bump();
                    out.quote_char(')');
                }
                Some(')') => return Ok(self.take("))").then(|| out.done())),
                Some('$') => self.dollar(&mut out, true)?,
                Some('`') => {
                    let script = self.backquote(true)?;
                    out.push(Part::Command(script));
                }
                Some('"') => _ = self.bump(),
                Some('\\') if self.looking_at("\\\n") => _ = self.take("\\\n"),
                Some(c) => {
                    self.bump();
                    out.quote_char(c);
                }
            }
        }
    }
    /// Reads a whole here-document body from the lines after the present one: what it expands to, and its text.
    pub fn here_body(&mut self, delimiter: &str, strip: bool, quoted: bool) -> Parsed<(Word, Arc<str>)> {
        let (newline, start, before) = match self.bodies {
            Some(bodies) => bodies,
            None => match self.rest().find('\n') {
                Some(at) => (self.at + at, self.at + at + 1, 0),
                None if self.ended => (self.src.len(), self.src.len(), 0),
                None => return Err(Fault::Incomplete { matching: None, expecting: "<<", line: self.line }),
            },
        };
        let mut at = start;
        let mut lines = before;
        let mut body = String::new();
        loop {
            let rest = self.src.get(at..).unwrap_or("");
            if rest.is_empty() && self.ended {
                self.unclosed.push((self.line, delimiter.into()));
                if !body.is_empty() && !body.ends_with('\n') {
                    body.push('\n');
                }
                break;
            }
            if rest.is_empty() {
                return Err(Fault::Incomplete { matching: None, expecting: "<<", line: self.line });
            }
            let full = rest.split_inclusive('\n').next().unwrap_or("");
            at += full.len();
            lines += 1;
            let line = if strip { full.trim_start_matches('\t') } else { full };
            if line.trim_end_matches('\n') == delimiter {
                break;
            }
            body.push_str(line);
        }
        self.bodies = Some((newline, at, lines));
        let text: Arc<str> = body.as_str().into();
        if quoted {
            return Ok((Word(vec![Part::Quoted(text.clone())]), text));
        }
        let mut inner = Lexer { line: self.line + 1, depth: self.depth, ..Lexer::new(&body, self.dialect) };
        Ok((Word(inner.quoted_parts(None)?), text))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialect;
    use super::super::parser::{Completeness, is_complete};

    #[test]
    fn subshells_that_look_like_arithmetic_are_read_in_good_time() {
        let deep = format!("echo {}c{}", "$((echo a; echo ".repeat(24), ") )".repeat(24));
        assert_eq!(is_complete(&deep, Dialect::Bash), Completeness::Complete);
    }
}
