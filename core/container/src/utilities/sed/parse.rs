//! sed's grammar.

use super::script::{Act, Address, Command, Pattern, Piece};
use crate::utilities::regex;
use std::sync::Arc;

pub(super) struct Parser<'a> {
    pub(super) text: &'a [char],
    pub(super) at: usize,
    pub(super) extended: bool,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }
    fn bump(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }
    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value: Option<u64> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            self.at += 1;
        }
        value
    }
    /// The text of `a`, `i`, `c`. On the command's own line blanks before it go, unless a backslash keeps
    /// them; after `a\` and a newline the next line is taken as it is (GNU).
    fn text_argument(&mut self) -> Result<String, String> {
        self.blanks();
        if self.peek() == Some('\\') {
            self.at += 1;
            let kept = self.at;
            self.blanks();
            match self.peek() {
                Some('\n') => self.at += 1,
                _ => self.at = kept,
            }
        } else if self.peek().is_none() {
            return Err(self.error("expected \\ after `a', `c' or `i'"));
        }
        // `$a\` with nothing after it adds nothing; any other text ends with a newline.
        if self.peek().is_none() {
            return Ok(String::new());
        }
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '\n' => break,
                '\\' => text.extend(self.bump().map(|c| match c {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                })),
                c => text.push(c),
            }
        }
        text.push('\n');
        Ok(text)
    }
    fn error(&self, what: &str) -> String {
        format!("-e expression #1, char {}: {what}", self.at)
    }
    /// Text up to an unescaped delimiter; in a regex brackets protect it.
    pub(super) fn until(&mut self, delimiter: char, is_regex: bool) -> Option<String> {
        let mut out = String::new();
        let mut in_set = false;
        loop {
            let c = self.bump()?;
            if c == '\\' {
                let next = self.bump()?;
                if next == delimiter && !(is_regex && in_set) {
                    if is_regex && "|+?(){}.*[]^$".contains(delimiter) {
                        out.push('\\');
                    }
                    out.push(next);
                } else if next == '\n' && !is_regex {
                    out.push_str("\\\n");
                } else {
                    out.push('\\');
                    out.push(next);
                }
                continue;
            }
            if is_regex && c == '[' && !in_set {
                in_set = true;
                out.push(c);
                if self.peek() == Some('^') {
                    out.extend(self.bump());
                }
                if self.peek() == Some(']') {
                    out.extend(self.bump());
                }
                continue;
            }
            if c == ']' {
                in_set = false;
            }
            if c == delimiter && !in_set {
                return Some(out);
            }
            out.push(c);
        }
    }
    pub(super) fn pattern(&self, source: &str, ignore_case: bool) -> Parsed<Option<Pattern>> {
        if source.is_empty() {
            return Ok(None);
        }
        let translated = if self.extended { regex::extended(source) } else { regex::basic(source) };
        let regex = regex::compile(&translated, ignore_case).map_err(|e| self.error(&e))?;
        Ok(Some(Pattern { source: source.into(), regex }))
    }
    pub(super) fn address(&mut self) -> Parsed<Option<Address>> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('/') => {
                self.at += 1;
                let source = self.until('/', true).ok_or_else(|| self.error("unterminated address regex"))?;
                let ignore = self.peek() == Some('I');
                self.at += usize::from(ignore);
                Ok(Some(Address::Match(self.pattern(&source, ignore)?)))
            }
            Some('\\') => {
                self.at += 1;
                let delimiter = self.bump().ok_or_else(|| self.error("unterminated address regex"))?;
                let source =
                    self.until(delimiter, true).ok_or_else(|| self.error("unterminated address regex"))?;
                Ok(Some(Address::Match(self.pattern(&source, false)?)))
            }
            Some('+') => {
                self.at += 1;
                Ok(Some(Address::More(self.number().unwrap_or(0))))
            }
            Some(c) if c.is_ascii_digit() => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    let step = self.number().unwrap_or(0);
                    return Ok(Some(Address::Step(first, step)));
                }
                Ok(Some(Address::Line(first)))
            }
            _ => Ok(None),
        }
    }
    pub(super) fn script(&mut self) -> Parsed<Vec<Command>> {
        let mut out = Vec::new();
        let mut open = Vec::new();
        loop {
            while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
                self.at += 1;
            }
            if self.peek().is_none() {
                break;
            }
            if self.peek() == Some('#') {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let first = self.address()?;
            self.blanks();
            let mut second = None;
            if first.is_some() && self.peek() == Some(',') {
                self.at += 1;
                self.blanks();
                second = self.address()?;
                if second.is_none() {
                    return Err(self.error("unexpected `,'"));
                }
                self.blanks();
            }
            let mut negated = false;
            while self.peek() == Some('!') {
                self.at += 1;
                negated = true;
                self.blanks();
            }
            let Some(name) = self.bump() else { return Err(self.error("missing command")) };
            let act = match name {
                '{' => {
                    open.push(out.len());
                    Act::Open(0)
                }
                '}' => {
                    let Some(start) = open.pop() else { return Err(self.error("unexpected `}'")) };
                    let end = out.len();
                    if let Some(Command { act, .. }) = out.get_mut(start) {
                        *act = Act::Open(end);
                    }
                    Act::Close
                }
                's' => self.substitute()?,
                'y' => {
                    let delimiter = self.bump().ok_or_else(|| self.error("unterminated `y' command"))?;
                    let from =
                        self.until(delimiter, false).ok_or_else(|| self.error("unterminated `y' command"))?;
                    let to =
                        self.until(delimiter, false).ok_or_else(|| self.error("unterminated `y' command"))?;
                    let decode =
                        |t: &str| t.replace("\\n", "\n").replace("\\\\", "\\").chars().collect::<Vec<_>>();
                    let (from, to) = (decode(&from), decode(&to));
                    if from.len() != to.len() {
                        return Err(self.error("strings for `y' command are different lengths"));
                    }
                    Act::Translate(from, to)
                }
                'a' | 'i' | 'c' => Act::Text(name, self.text_argument()?.into()),
                ':' | 'b' | 't' | 'T' | 'r' | 'w' => {
                    self.blanks();
                    let ends = if matches!(name, 'r' | 'w') { "\n" } else { "\n;}" };
                    let mut word = String::new();
                    while let Some(c) = self.peek().filter(|c| !ends.contains(*c)) {
                        word.push(c);
                        self.at += 1;
                    }
                    let word: Arc<str> = word.trim().into();
                    match name {
                        ':' if word.is_empty() => return Err(self.error("\":\" lacks a label")),
                        ':' => Act::Label(word),
                        'r' => Act::Read(word),
                        'w' => Act::Write(word),
                        _ => Act::Jump(name, (!word.is_empty()).then_some(word)),
                    }
                }
                'q' | 'Q' => {
                    self.blanks();
                    Act::Quit(name, self.number().unwrap_or(0) as i32)
                }
                'd' | 'D' | 'p' | 'P' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' | 'z' => {
                    Act::Plain(name)
                }
                other => return Err(self.error(&format!("unknown command: `{other}'"))),
            };
            self.blanks();
            match self.peek() {
                None | Some('\n' | ';' | '}' | '#') => {}
                _ if matches!(act, Act::Open(_) | Act::Close | Act::Text(..)) => {}
                _ => {
                    self.at += 1;
                    return Err(self.error("extra characters after command"));
                }
            }
            out.push(Command { first, second, negated, act });
        }
        if !open.is_empty() {
            return Err("-e expression #1, char 0: unmatched `{'".into());
        }
        Ok(out)
    }
    fn substitute(&mut self) -> Parsed<Act> {
        let unterminated = "unterminated `s' command";
        let delimiter = self.bump().ok_or_else(|| self.error(unterminated))?;
        let source = self.until(delimiter, true).ok_or_else(|| self.error(unterminated))?;
        let with = self.until(delimiter, false).ok_or_else(|| self.error(unterminated))?;
        let (mut all, mut nth, mut print, mut ignore, mut file) = (false, 1, false, false, None);
        loop {
            match self.peek() {
                Some('g') => all = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore = true,
                Some('m' | 'M') => {}
                Some('w') => {
                    self.at += 1;
                    self.blanks();
                    let name: String = self.text.iter().skip(self.at).take_while(|c| **c != '\n').collect();
                    self.at += name.chars().count();
                    file = Some(Arc::from(name));
                    break;
                }
                Some(c) if c.is_ascii_digit() => {
                    nth = self.number().unwrap_or(1).max(1) as usize;
                    continue;
                }
                Some(c) if !c.is_whitespace() && !";}#".contains(c) => {
                    self.at += 1;
                    return Err(self.error("unknown option to `s'"));
                }
                _ => break,
            }
            self.at += 1;
        }
        let pattern = self.pattern(&source, ignore)?;
        Ok(Act::Substitute { pattern, with: pieces(&with, delimiter), all, nth, print, file })
    }
}

pub(super) fn pieces(with: &str, _: char) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut chars = with.chars();
    let flush = |text: &mut String, out: &mut Vec<Piece>| {
        if !text.is_empty() {
            out.push(Piece::Text(std::mem::take(text).into()));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '&' => {
                flush(&mut text, &mut out);
                out.push(Piece::Group(0));
            }
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => {
                    flush(&mut text, &mut out);
                    out.push(Piece::Group(d.to_digit(10).unwrap_or(0) as usize));
                }
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(c @ ('U' | 'L' | 'u' | 'l' | 'E')) => {
                    flush(&mut text, &mut out);
                    out.push(Piece::Case(c));
                }
                Some(c) => text.push(c),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    flush(&mut text, &mut out);
    out
}
