//! Reading an expression: tokens and the grammar's levels, with the complaints of its generated parser.

use super::{Expr, Node, located};
use drydock_machinery::Value;

/// Nesting of an expression.
const DEPTH: usize = 40;
/// Tokens of an expression.
const TOKENS: usize = 4_000;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Name(String),
    Mark(&'static str),
}

const MARKS: &[&str] = &[
    ".?", "[?", "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".",
    ",", "(", ")", "[", "]", "{", "}",
];

/// Reads an expression.
///
/// # Errors
/// Where and why it is none: `ERROR: <input>:1:6: Syntax error: …`.
pub(crate) fn parse(text: &str) -> Result<Expr, String> {
    read(text).map_err(|(at, what)| located(text, at, &what))
}

type Problem = (usize, String);

fn read(text: &str) -> Result<Expr, Problem> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), text };
    let expr = parser.choice(DEPTH)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some((_, at)) => {
            let input = parser.shown();
            Err((*at, format!("Syntax error: mismatched input '{input}' expecting <EOF>")))
        }
    }
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Problem> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(out) };
        if out.len() > TOKENS {
            return Err((at, "expression code point size exceeds limit".into()));
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
                return Err((at, format!("Syntax error: token recognition error at: '{first}'")));
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
fn string(rest: &str, raw: bool, at: usize) -> Result<(Value, usize), Problem> {
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
    Err((at, format!("Syntax error: token recognition error at: '{rest}'")))
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    end: usize,
    text: &'a str,
}

/// Binary operators by how loosely they bind.
const LEVELS: &[&[&str]] =
    &[&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

/// What may begin an expression, as the generated parser lists it.
const BEGINNINGS: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|t| &t.0)
    }
    /// Where the next token stands.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |t| t.1)
    }
    /// The next token as it is written.
    fn shown(&self) -> String {
        let Some((_, from)) = self.tokens.get(self.at) else { return "<EOF>".into() };
        let to = self.tokens.get(self.at + 1).map_or(self.end, |t| t.1);
        self.text.get(*from..to).unwrap_or("").trim_end().to_string()
    }
    fn take(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(m)) if *m == mark);
        self.at += usize::from(found);
        found
    }
    fn fail(&self, expecting: &str) -> Problem {
        (self.place(), format!("Syntax error: mismatched input '{}' expecting {expecting}", self.shown()))
    }
    fn need(&mut self, mark: &str) -> Result<(), Problem> {
        if self.take(mark) { Ok(()) } else { Err(self.fail(&format!("'{mark}'"))) }
    }
    fn deeper(&self, depth: usize) -> Result<usize, Problem> {
        depth.checked_sub(1).ok_or_else(|| (self.place(), "expression recursion limit exceeded".into()))
    }
    fn choice(&mut self, depth: usize) -> Result<Expr, Problem> {
        let depth = self.deeper(depth)?;
        let test = self.binary(0, depth)?;
        let at = self.place();
        if !self.take("?") {
            return Ok(test);
        }
        let yes = self.binary(0, depth)?;
        self.need(":")?;
        let no = self.choice(depth)?;
        Ok(Expr { at, node: Node::Choice(test.into(), yes.into(), no.into()) })
    }
    fn binary(&mut self, level: usize, depth: usize) -> Result<Expr, Problem> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.binary(level + 1, depth)?;
        loop {
            let at = self.place();
            let Some(operator) = operators.iter().find(|o| self.take(o)) else { return Ok(left) };
            let right = self.binary(level + 1, depth)?;
            left = Expr { at, node: Node::Binary(operator, left.into(), right.into()) };
        }
    }
    fn unary(&mut self, depth: usize) -> Result<Expr, Problem> {
        let depth = self.deeper(depth)?;
        let at = self.place();
        if self.take("!") {
            return Ok(Expr { at, node: Node::Not(self.unary(depth)?.into()) });
        }
        if self.take("-") {
            return Ok(Expr { at, node: Node::Negate(self.unary(depth)?.into()) });
        }
        let mut expr = self.primary(depth)?;
        loop {
            let at = self.place();
            let maybe = matches!(self.peek(), Some(Token::Mark(".?" | "[?")));
            if self.take(".") || self.take(".?") {
                let Some(Token::Name(name)) = self.peek().cloned() else {
                    return Err(self.fail("IDENTIFIER"));
                };
                self.at += 1;
                let open = self.place();
                expr = match !maybe && self.take("(") {
                    true => {
                        let list = self.list(")", depth)?;
                        Expr { at: open, node: Node::Call(name, Some(expr.into()), list) }
                    }
                    false => Expr { at, node: Node::Member(expr.into(), plain(&name), maybe) },
                };
            } else if self.take("[") || self.take("[?") {
                let index = self.choice(depth)?;
                self.need("]")?;
                expr = Expr { at, node: Node::Index(expr.into(), index.into(), maybe) };
            } else {
                return Ok(expr);
            }
        }
    }
    fn list(&mut self, end: &str, depth: usize) -> Result<Vec<Expr>, Problem> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.choice(depth)?);
            if !self.take(",") {
                self.need(end)?;
                break;
            }
        }
        Ok(items)
    }
    fn primary(&mut self, depth: usize) -> Result<Expr, Problem> {
        let at = self.place();
        if self.take("(") {
            let inner = self.choice(depth)?;
            self.need(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expr { at, node: Node::List(self.list("]", depth)?) });
        }
        if self.take("{") {
            let mut entries = Vec::new();
            while !self.take("}") {
                let key = self.choice(depth)?;
                self.need(":")?;
                entries.push((key, self.choice(depth)?));
                if !self.take(",") {
                    self.need("}")?;
                    break;
                }
            }
            return Ok(Expr { at, node: Node::Map(entries) });
        }
        match self.peek().cloned() {
            Some(Token::Literal(value)) => {
                self.at += 1;
                Ok(Expr { at, node: Node::Literal(value) })
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                let open = self.place();
                match self.take("(") {
                    true => Ok(Expr { at: open, node: Node::Call(name, None, self.list(")", depth)?) }),
                    false => Ok(Expr { at, node: Node::Name(name) }),
                }
            }
            _ => Err(self.fail(BEGINNINGS)),
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
