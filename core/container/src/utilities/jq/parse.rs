//! jq's grammar.

use drydock_machinery::limits;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    Identity,
    Literal(Arc<str>),
    Text(Vec<(Arc<str>, Option<Expr>)>),
    Var(Arc<str>),
    Field(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    Each(Box<Expr>),
    Try(Box<Expr>),
    Pipe(Box<Expr>, Box<Expr>),
    Comma(Box<Expr>, Box<Expr>),
    Binary(Arc<str>, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Array(Option<Box<Expr>>),
    Object(Vec<(Expr, Expr)>),
    If(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Call(Arc<str>, Vec<Expr>),
    As(Box<Expr>, Arc<str>, Box<Expr>),
    Recurse,
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
    pub(super) fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.rest().chars().next()
    }
    pub(super) fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        let word = token.ends_with(|c: char| c.is_ascii_alphabetic());
        let next = self.rest().get(token.len()..).and_then(|r| r.chars().next());
        if found && !(word && next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')) {
            self.at += token.len();
            return true;
        }
        false
    }
    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected()) }
    }
    pub(super) fn unexpected(&mut self) -> String {
        self.blanks();
        match self.rest().chars().next() {
            None => {
                "syntax error, unexpected end of file (Unix shell quoting issues?) at <top-level>, line 1:"
                    .into()
            }
            Some(c) if c.is_ascii_punctuation() => {
                format!("syntax error, unexpected '{c}' (Unix shell quoting issues?) at <top-level>, line 1:")
            }
            Some(_) => {
                "syntax error, unexpected IDENT (Unix shell quoting issues?) at <top-level>, line 1:".into()
            }
        }
    }
    pub(super) fn word(&mut self) -> Option<String> {
        self.blanks();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = rest.get(..end)?.to_string();
        self.at += end;
        Some(word)
    }
    pub(super) fn pipe(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err("expression is too deep".into());
        }
        let left = self.comma()?;
        let expr = if self.take("as") {
            self.expect("$")?;
            let name = self.word().ok_or_else(|| self.unexpected())?;
            self.expect("|")?;
            Expr::As(Box::new(left), name.into(), Box::new(self.pipe()?))
        } else if self.peek() == Some('|') && !self.rest().starts_with("|=") {
            self.at += 1;
            Expr::Pipe(Box::new(left), Box::new(self.pipe()?))
        } else {
            left
        };
        self.depth -= 1;
        Ok(expr)
    }
    fn comma(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(0)?;
        while self.take(",") {
            left = Expr::Comma(Box::new(left), Box::new(self.binary(0)?));
        }
        Ok(left)
    }
    pub(super) fn binary(&mut self, level: usize) -> Parsed<Expr> {
        const LEVELS: [&[&str]; 6] =
            [&["//"], &["or"], &["and"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.postfix() };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            if self.rest().starts_with("//") && level == 5 {
                return Ok(left);
            }
            let Some(operator) = operators.iter().find(|o| self.take(o)) else { return Ok(left) };
            // `//` binds to the right.
            let right = if level == 0 { self.binary(0)? } else { self.binary(level + 1)? };
            left = Expr::Binary((*operator).into(), Box::new(left), Box::new(right));
        }
    }
    fn postfix(&mut self) -> Parsed<Expr> {
        let mut expr = self.term()?;
        loop {
            if self.rest().starts_with('?') {
                self.at += 1;
                expr = Expr::Try(Box::new(expr));
            } else if self.rest().starts_with('[') {
                self.at += 1;
                expr = self.index(expr)?;
            } else if self.rest().starts_with('.') && !self.rest().starts_with("..") {
                self.at += 1;
                expr = self.dotted(expr)?;
            } else {
                return Ok(expr);
            }
        }
    }
    /// After a `.`.
    fn dotted(&mut self, of: Expr) -> Parsed<Expr> {
        if self.rest().starts_with('[') {
            self.at += 1;
            return self.index(of);
        }
        if self.rest().starts_with('"') {
            let key = self.string()?;
            return Ok(Expr::Field(Box::new(of), Box::new(key)));
        }
        let rest = self.rest();
        if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let word = self.word().unwrap_or_default();
            return Ok(Expr::Field(Box::new(of), Box::new(text(&word))));
        }
        Ok(of)
    }
    /// After a `[`.
    pub(super) fn index(&mut self, of: Expr) -> Parsed<Expr> {
        if self.take("]") {
            return Ok(Expr::Each(Box::new(of)));
        }
        if self.take(":") {
            let to = self.pipe()?;
            self.expect("]")?;
            return Ok(Expr::Slice(Box::new(of), None, Some(Box::new(to))));
        }
        let key = self.pipe()?;
        if self.take(":") {
            let to = if self.peek() == Some(']') { None } else { Some(Box::new(self.pipe()?)) };
            self.expect("]")?;
            return Ok(Expr::Slice(Box::new(of), Some(Box::new(key)), to));
        }
        self.expect("]")?;
        Ok(Expr::Field(Box::new(of), Box::new(key)))
    }
    pub(super) fn string(&mut self) -> Parsed<Expr> {
        self.at += 1;
        let mut parts = Vec::new();
        let mut now = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else { return Err(self.unexpected()) };
            self.at += c.len_utf8();
            match c {
                '"' => break,
                '\\' => {
                    let Some(e) = self.rest().chars().next() else { return Err(self.unexpected()) };
                    self.at += e.len_utf8();
                    match e {
                        'n' => now.push('\n'),
                        't' => now.push('\t'),
                        'r' => now.push('\r'),
                        'u' => {
                            let code = self.rest().get(..4).and_then(|h| u32::from_str_radix(h, 16).ok());
                            self.at += 4;
                            now.extend(code.and_then(char::from_u32));
                        }
                        '(' => {
                            let inner = self.pipe()?;
                            self.expect(")")?;
                            parts.push((Arc::from(std::mem::take(&mut now)), Some(inner)));
                        }
                        other => now.push(other),
                    }
                }
                c => now.push(c),
            }
        }
        parts.push((now.into(), None));
        Ok(Expr::Text(parts))
    }
    fn term(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Some('.') if self.rest().starts_with("..") => {
                self.at += 2;
                Ok(Expr::Recurse)
            }
            Some('.') => {
                self.at += 1;
                self.dotted(Expr::Identity)
            }
            Some('"') => self.string(),
            Some('@') => {
                self.at += 1;
                let name = self.word().unwrap_or_default();
                Ok(Expr::Call(format!("@{name}").into(), Vec::new()))
            }
            Some('$') => {
                self.at += 1;
                let name = self.word().ok_or_else(|| self.unexpected())?;
                Ok(Expr::Var(name.into()))
            }
            Some('(') => {
                self.at += 1;
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some('[') => {
                self.at += 1;
                if self.take("]") {
                    return Ok(Expr::Array(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(Expr::Array(Some(Box::new(inner))))
            }
            Some('{') => {
                self.at += 1;
                self.object()
            }
            Some('-') => {
                self.at += 1;
                Ok(Expr::Negate(Box::new(self.postfix()?)))
            }
            Some(c) if c.is_ascii_digit() => {
                let rest = self.rest();
                let end =
                    rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != 'e').unwrap_or(rest.len());
                let number = rest.get(..end).unwrap_or("0").to_string();
                self.at += end;
                Ok(Expr::Literal(number.into()))
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.word().unwrap_or_default();
                match name.as_str() {
                    "null" | "true" | "false" => Ok(Expr::Literal(name.into())),
                    "if" => self.condition(),
                    _ => {
                        let mut args = Vec::new();
                        if self.rest().starts_with('(') {
                            self.at += 1;
                            loop {
                                args.push(self.pipe()?);
                                if !self.take(";") {
                                    break;
                                }
                            }
                            self.expect(")")?;
                        }
                        Ok(Expr::Call(name.into(), args))
                    }
                }
            }
            _ => Err(self.unexpected()),
        }
    }
    fn condition(&mut self) -> Parsed<Expr> {
        let mut arms = Vec::new();
        loop {
            let test = self.pipe()?;
            self.expect("then")?;
            arms.push((test, self.pipe()?));
            if self.take("elif") {
                continue;
            }
            let otherwise = if self.take("else") { Some(Box::new(self.pipe()?)) } else { None };
            self.expect("end")?;
            return Ok(Expr::If(arms, otherwise));
        }
    }
    pub(super) fn object(&mut self) -> Parsed<Expr> {
        let mut entries = Vec::new();
        while !self.take("}") {
            let (key, short) = match self.peek() {
                Some('"') => {
                    let key = self.string()?;
                    (key.clone(), Expr::Field(Box::new(Expr::Identity), Box::new(key)))
                }
                Some('(') => {
                    self.at += 1;
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (key, Expr::Identity)
                }
                Some('$') => {
                    self.at += 1;
                    let name = self.word().ok_or_else(|| self.unexpected())?;
                    (text(&name), Expr::Var(name.into()))
                }
                _ => {
                    let name = self.word().ok_or_else(|| self.unexpected())?;
                    (text(&name), Expr::Field(Box::new(Expr::Identity), Box::new(text(&name))))
                }
            };
            let value = if self.take(":") { self.value()? } else { short };
            entries.push((key, value));
            if !self.take(",") && self.peek() != Some('}') {
                return Err(self.unexpected());
            }
        }
        Ok(Expr::Object(entries))
    }
    /// A value in an object: everything but a comma; pipes bind.
    pub(super) fn value(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(0)?;
        while self.peek() == Some('|') {
            self.at += 1;
            left = Expr::Pipe(Box::new(left), Box::new(self.binary(0)?));
        }
        Ok(left)
    }
}

pub(super) fn text(word: &str) -> Expr {
    Expr::Text(vec![(word.into(), None)])
}
