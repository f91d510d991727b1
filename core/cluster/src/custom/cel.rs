//! The Common Expression Language as rules of schemas use it: reading an expression.
//!
//! Operators, calls, members, indexes, lists, maps, macros (`has`, `all`, `exists`, `exists_one`, `map`,
//! `filter`). Evaluation is in `cel/run.rs`. Left out: message construction, namespaces, bytes.

pub(crate) mod run;

use drydock_machinery::Value;

/// Nesting of an expression.
const DEPTH: usize = 40;
/// Tokens of an expression.
const TOKENS: usize = 4_000;

/// A read expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Literal(Value),
    Name(String),
    Member(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    /// A function, with its receiver if it is a method.
    Call(String, Option<Box<Expr>>, Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Name(String),
    Mark(&'static str),
}

const MARKS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")",
    "[", "]", "{", "}",
];

/// Reads an expression.
///
/// # Errors
/// Where and why it is none, e.g. `1:6: Syntax error: …`.
pub(crate) fn parse(text: &str) -> Result<Expr, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let expr = parser.choice(DEPTH)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some((_, at)) => Err(format!("1:{}: Syntax error: extraneous input", at + 1)),
    }
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(out) };
        if out.len() > TOKENS {
            return Err(format!("1:{}: expression code point size exceeds limit", at + 1));
        }
        let (token, length) = if first.is_ascii_digit() {
            number(rest)
        } else if first == '_' || first.is_ascii_alphabetic() {
            let raw = rest.starts_with("r'") || rest.starts_with("r\"");
            if raw {
                let (value, length) = string(rest.get(1..).unwrap_or(""), true, at)?;
                (Token::Literal(value), length + 1)
            } else {
                word(rest)
            }
        } else if first == '\'' || first == '"' {
            let (value, length) = string(rest, false, at)?;
            (Token::Literal(value), length)
        } else {
            let Some(mark) = MARKS.iter().find(|m| rest.starts_with(**m)) else {
                return Err(format!("1:{}: Syntax error: token recognition error at: '{first}'", at + 1));
            };
            (Token::Mark(mark), mark.len())
        };
        out.push((token, at));
        rest = rest.get(length..).unwrap_or("");
    }
}

fn number(rest: &str) -> (Token, usize) {
    let mut length = 0;
    let mut float = false;
    for (at, c) in rest.char_indices() {
        let next_digit = rest.get(at + 1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        match c {
            '0'..='9' => {}
            '.' if !float && next_digit => float = true,
            _ => break,
        }
        length = at + 1;
    }
    let digits = rest.get(..length).unwrap_or("");
    let value = match float {
        true => digits.parse().map_or(Value::Null, Value::Float),
        false => digits.parse().map_or(Value::Null, Value::Int),
    };
    // The mark of an unsigned number changes nothing here.
    let unsigned = rest.get(length..).is_some_and(|r| r.starts_with(['u', 'U']));
    (Token::Literal(value), length + usize::from(unsigned))
}

fn word(rest: &str) -> (Token, usize) {
    let inner = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let length = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
    let name = rest.get(..length).unwrap_or("");
    let token = match name {
        "true" => Token::Literal(Value::Bool(true)),
        "false" => Token::Literal(Value::Bool(false)),
        "null" => Token::Literal(Value::Null),
        "in" => Token::Mark("in"),
        _ => Token::Name(name.to_string()),
    };
    (token, length)
}

/// A quoted text and its length with the quotes.
fn string(rest: &str, raw: bool, at: usize) -> Result<(Value, usize), String> {
    let mut chars = rest.char_indices();
    let quote = chars.next().map_or('"', |c| c.1);
    let mut out = String::new();
    while let Some((index, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((out.into(), index + 1)),
            '\\' if !raw => match chars.next().map(|c| c.1) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => break,
            },
            _ => out.push(c),
        }
    }
    Err(format!("1:{}: Syntax error: token recognition error", at + 1))
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
}

/// Binary operators by how loosely they bind.
const LEVELS: &[&[&str]] =
    &[&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|t| &t.0)
    }
    fn take(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(m)) if *m == mark);
        self.at += usize::from(found);
        found
    }
    fn fail(&self) -> String {
        let at = self.tokens.get(self.at).map_or_else(|| self.tokens.last().map_or(0, |t| t.1 + 1), |t| t.1);
        let what = if self.at < self.tokens.len() { "extraneous input" } else { "mismatched input '<EOF>'" };
        format!("1:{}: Syntax error: {what}", at + 1)
    }
    fn need(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) { Ok(()) } else { Err(self.fail()) }
    }
    fn choice(&mut self, depth: usize) -> Result<Expr, String> {
        if depth == 0 {
            return Err("1:1: expression recursion limit exceeded".into());
        }
        let test = self.binary(0, depth - 1)?;
        if !self.take("?") {
            return Ok(test);
        }
        let yes = self.binary(0, depth - 1)?;
        self.need(":")?;
        let no = self.choice(depth - 1)?;
        Ok(Expr::Choice(test.into(), yes.into(), no.into()))
    }
    fn binary(&mut self, level: usize, depth: usize) -> Result<Expr, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.binary(level + 1, depth)?;
        while let Some(operator) = operators.iter().find(|o| self.take(o)) {
            let right = self.binary(level + 1, depth)?;
            left = Expr::Binary(operator, left.into(), right.into());
        }
        Ok(left)
    }
    fn unary(&mut self, depth: usize) -> Result<Expr, String> {
        if depth == 0 {
            return Err("1:1: expression recursion limit exceeded".into());
        }
        if self.take("!") {
            return Ok(Expr::Not(self.unary(depth - 1)?.into()));
        }
        if self.take("-") {
            return Ok(Expr::Negate(self.unary(depth - 1)?.into()));
        }
        let mut expr = self.primary(depth)?;
        loop {
            if self.take(".") {
                let Some(Token::Name(name)) = self.peek().cloned() else { return Err(self.fail()) };
                self.at += 1;
                expr = match self.take("(") {
                    true => Expr::Call(name, Some(expr.into()), self.list(")", depth)?),
                    false => Expr::Member(expr.into(), plain(&name)),
                };
            } else if self.take("[") {
                let index = self.choice(depth - 1)?;
                self.need("]")?;
                expr = Expr::Index(expr.into(), index.into());
            } else {
                return Ok(expr);
            }
        }
    }
    fn list(&mut self, end: &str, depth: usize) -> Result<Vec<Expr>, String> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.choice(depth.saturating_sub(1))?);
            if !self.take(",") {
                self.need(end)?;
                break;
            }
        }
        Ok(items)
    }
    fn primary(&mut self, depth: usize) -> Result<Expr, String> {
        if self.take("(") {
            let inner = self.choice(depth - 1)?;
            self.need(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expr::List(self.list("]", depth)?));
        }
        if self.take("{") {
            let mut entries = Vec::new();
            while !self.take("}") {
                let key = self.choice(depth - 1)?;
                self.need(":")?;
                entries.push((key, self.choice(depth - 1)?));
                if !self.take(",") {
                    self.need("}")?;
                    break;
                }
            }
            return Ok(Expr::Map(entries));
        }
        match self.peek().cloned() {
            Some(Token::Literal(value)) => {
                self.at += 1;
                Ok(Expr::Literal(value))
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                match self.take("(") {
                    true => Ok(Expr::Call(name, None, self.list(")", depth)?)),
                    false => Ok(Expr::Name(name)),
                }
            }
            _ => Err(self.fail()),
        }
    }
}

/// Names that are words of the language or hold marks are written escaped.
fn plain(name: &str) -> String {
    name.replace("__dash__", "-")
        .replace("__dot__", ".")
        .replace("__slash__", "/")
        .replace("__underscores__", "__")
}

impl Expr {
    /// Whether the expression speaks of a name.
    pub(crate) fn mentions(&self, wanted: &str) -> bool {
        let any = |list: &[Expr]| list.iter().any(|e| e.mentions(wanted));
        match self {
            Expr::Literal(_) => false,
            Expr::Name(name) => name == wanted,
            Expr::Member(inner, _) | Expr::Not(inner) | Expr::Negate(inner) => inner.mentions(wanted),
            Expr::Index(a, b) | Expr::Binary(_, a, b) => a.mentions(wanted) || b.mentions(wanted),
            Expr::Call(_, receiver, list) => {
                receiver.as_ref().is_some_and(|r| r.mentions(wanted)) || any(list)
            }
            Expr::Choice(a, b, c) => a.mentions(wanted) || b.mentions(wanted) || c.mentions(wanted),
            Expr::List(list) => any(list),
            Expr::Map(entries) => entries.iter().any(|(k, v)| k.mentions(wanted) || v.mentions(wanted)),
        }
    }
}
