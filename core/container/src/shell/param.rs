//! Reading `${…}`, `$'…'` and backquotes.

use super::ast::{Op, Param, Part, Script, Word};
use super::lexer::{Fault, Lexer, Parsed, is_name_char, is_name_start};
use super::parser;

impl Lexer<'_> {
    /// `${…}`, from the `{` on.
    pub(super) fn braced(&mut self) -> Parsed<Param> {
        let start = self.at;
        let line = self.line;
        self.bump();
        let mut indirect = false;
        let mut length = false;
        if self.looking_at("#") && !self.looking_at("#}") && !self.looking_at("##") && !self.looking_at("#%")
        {
            self.bump();
            length = true;
        } else if self.dialect.is_bash() && self.looking_at("!") && !self.looking_at("!}") {
            self.bump();
            indirect = true;
        }
        let name = self.param_name();
        let mut index = None;
        if self.dialect.is_bash() && self.looking_at("[") {
            self.bump();
            index = Some(self.parts(&|l| l.looking_at("]"))?);
            if !self.take("]") {
                return Err(Fault::Incomplete { matching: Some('}'), expecting: "", line });
            }
        }
        let mut op = if length { Op::Length } else { self.param_op(&name, indirect)? };
        if !self.looking_at("}") || name.is_empty() {
            // Not a substitution: remember it whole; bash complains when it gets there.
            let mut open = 0usize;
            loop {
                match self.peek() {
                    None => return Err(Fault::Incomplete { matching: Some('}'), expecting: "", line }),
                    Some('}') if open == 0 => break,
                    Some('}') => open -= 1,
                    Some('{') => open += 1,
                    Some(_) => {}
                }
                self.bump();
            }
            op = Op::Bad;
        }
        self.bump();
        if indirect && op == Op::None {
            let all = index.as_ref().and_then(Word::plain).is_some_and(|i| i == "@" || i == "*");
            if all {
                op = Op::Keys;
                indirect = false;
            }
        }
        if op == Op::Names {
            indirect = false;
        }
        let text = format!("${}", self.src.get(start..self.at).unwrap_or(""));
        Ok(Param { name: name.into(), index, indirect, op, text: text.into() })
    }
    fn param_name(&mut self) -> String {
        let mut name = String::new();
        match self.peek() {
            Some(c) if is_name_start(c) => {
                while let Some(c) = self.peek().filter(|c| is_name_char(*c)) {
                    name.push(c);
                    self.bump();
                }
            }
            Some(c) if c.is_ascii_digit() => {
                while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                    name.push(c);
                    self.bump();
                }
            }
            Some(c @ ('?' | '#' | '@' | '*' | '!' | '$' | '-')) => {
                name.push(c);
                self.bump();
            }
            _ => {}
        }
        name
    }
    fn param_op(&mut self, name: &str, indirect: bool) -> Parsed<Op> {
        let bash = self.dialect.is_bash();
        let more = !self.dialect.is_dash();
        let Some(c) = self.peek() else { return self.incomplete(Some('}')) };
        if indirect && (c == '@' || c == '*') && self.rest().get(1..2) == Some("}") && !name.is_empty() {
            self.bump();
            return Ok(Op::Names);
        }
        Ok(match c {
            '}' => Op::None,
            '-' | '=' | '?' | '+' => {
                self.bump();
                Op::Check { what: c, colon: false, word: self.operand(&['}'])? }
            }
            ':' => {
                self.bump();
                match self.peek() {
                    Some(what @ ('-' | '=' | '?' | '+')) => {
                        self.bump();
                        Op::Check { what, colon: true, word: self.operand(&['}'])? }
                    }
                    _ if more => {
                        let offset = self.operand(&[':', '}'])?;
                        let length = if self.take(":") { Some(self.operand(&['}'])?) } else { None };
                        Op::Slice { offset, length }
                    }
                    _ => Op::Bad,
                }
            }
            '#' | '%' => {
                self.bump();
                let longest = self.take(&c.to_string());
                Op::Trim { front: c == '#', longest, pattern: self.operand(&['}'])? }
            }
            '/' if more => {
                self.bump();
                let mode = match self.peek() {
                    Some(m @ ('/' | '#' | '%')) => {
                        self.bump();
                        m
                    }
                    _ => ' ',
                };
                let pattern = self.operand(&['/', '}'])?;
                let with = if self.take("/") { self.operand(&['}'])? } else { Word::default() };
                Op::Replace { mode, pattern, with }
            }
            '^' | ',' | '~' if bash => {
                self.bump();
                let all = self.take(&c.to_string());
                Op::Case { to: c, all, pattern: self.operand(&['}'])? }
            }
            '@' if bash => {
                self.bump();
                match self.bump() {
                    Some(t) => Op::Transform(t),
                    None => return self.incomplete(Some('}')),
                }
            }
            _ => Op::Bad,
        })
    }
    /// The word after an operator, up to one of `ends`.
    fn operand(&mut self, ends: &[char]) -> Parsed<Word> {
        let word = self.parts(&|l| l.peek().is_none_or(|c| ends.contains(&c)))?;
        if self.peek().is_none() {
            return self.incomplete(Some('}'));
        }
        Ok(word)
    }
    /// `$'…'` after the opening quote.
    pub(super) fn ansi_c(&mut self) -> Parsed<String> {
        let mut raw = String::new();
        loop {
            match self.bump() {
                None => return self.incomplete(Some('\'')),
                Some('\'') => break,
                Some('\\') => {
                    raw.push('\\');
                    match self.bump() {
                        Some('\'') => {
                            raw.pop();
                            raw.push('\'');
                        }
                        Some(c) => raw.push(c),
                        None => return self.incomplete(Some('\'')),
                    }
                }
                Some(c) => raw.push(c),
            }
        }
        let raw = if self.utf8 { raw } else { ascii_only(&raw) };
        Ok(String::from_utf8_lossy(&super::escape::unescape(&raw, super::escape::Style::DollarQuote).0)
            .into_owned())
    }
    /// The script within backquotes; inside double quotes `\"` also loses its backslash.
    pub(super) fn backquote(&mut self, in_double: bool) -> Parsed<Script> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(Fault::Incomplete { matching: Some('`'), expecting: "", line }),
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('$' | '`' | '\\')) => text.push(c),
                    Some('"') if in_double => text.push('"'),
                    Some(c) => {
                        text.push('\\');
                        text.push(c);
                    }
                    None => return self.incomplete(Some('`')),
                },
                Some(c) => text.push(c),
            }
        }
        let mut inner = Lexer { line, ended: true, depth: self.depth, ..Lexer::new(&text, self.dialect) };
        inner.aliases = self.aliases.clone();
        inner.enter()?;
        parser::script(&mut inner)
    }
    /// A script up to the `)` that closes it, which is taken.
    pub(super) fn script_until_paren(&mut self) -> Parsed<Script> {
        self.enter()?;
        let script = parser::list_until(self, &[])?;
        self.blanks();
        match self.peek() {
            Some(')') => _ = self.bump(),
            None => return Err(Fault::Incomplete { matching: Some(')'), expecting: ")", line: self.line }),
            Some(_) => return Err(parser::unexpected(self, "\")\"")),
        }
        self.leave();
        Ok(script)
    }
    /// Reads text where only `$` and backquotes mean something, as `PS1` and here-documents are read.
    pub fn template(text: &str, dialect: super::Dialect) -> Parsed<Word> {
        Lexer::new(text, dialect).quoted_parts(None).map(Word)
    }
    /// An expression such as `a[i]+1` that was found at run time, as a word.
    pub fn expression(text: &str, dialect: super::Dialect) -> Parsed<Word> {
        let parts = Lexer::new(text, dialect).quoted_parts(None)?;
        Ok(Word(vec![Part::Double(parts)]))
    }
}

/// Where the locale knows ASCII only, `\u00e9` stays as it is, in capitals.
fn ascii_only(raw: &str) -> String {
    let mut out = String::new();
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '\\' {
            continue;
        }
        let Some(letter) = chars.next() else { break };
        let mut digits = String::new();
        while matches!(letter, 'u' | 'U') && digits.len() < if letter == 'u' { 4 } else { 8 } {
            let Some(digit) = chars.next_if(char::is_ascii_hexdigit) else { break };
            digits.push(digit);
        }
        match u32::from_str_radix(&digits, 16) {
            Ok(code) if code > 127 && code < 0x1_0000 => out.push_str(&format!("\\u{code:04X}")),
            Ok(code) if code > 127 => out.push_str(&format!("\\U{code:08X}")),
            _ => {
                out.push(letter);
                out.push_str(&digits);
            }
        }
    }
    out
}
