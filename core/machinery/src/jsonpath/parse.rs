//! The parser: `{` opens an action, in which fields, indexes, filters and quoted texts follow each other.

use super::{Bound, Node};
use crate::{Value, limits};

type Parse<T> = Result<T, String>;

/// Reads a whole template.
pub(super) fn template(text: &str) -> Parse<Vec<Node>> {
    if text.len() > limits::LINE_BYTES {
        return Err("template is too long".into());
    }
    let mut parser = Parser { input: text.chars().collect(), at: 0, depth: 0 };
    let nodes = parser.template()?;
    let is_range = |node: &&Node| *node == &Node::Identifier("range".into());
    let ranges = nodes
        .iter()
        .filter(|node| if let Node::List(l) = node { l.iter().any(|n| is_range(&n)) } else { false });
    if ranges.count() > limits::DEPTH {
        return Err("too many ranges".into());
    }
    Ok(nodes)
}

/// The nodes of one action without its braces.
fn action(text: &[char], depth: usize) -> Parse<Vec<Node>> {
    if depth > limits::DEPTH / 4 {
        return Err("template is nested too deeply".into());
    }
    let input = ['{'].iter().chain(text).chain(&['}']).copied().collect();
    let nodes = Parser { input, at: 0, depth }.template()?;
    match nodes.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser {
    input: Vec<char>,
    at: usize,
    depth: usize,
}

fn is_terminator(c: Option<char>) -> bool {
    c.is_none_or(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}'))
}
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.input.get(self.at).copied()
    }
    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }
    fn starts_with(&self, text: &str) -> bool {
        self.input.get(self.at..).unwrap_or(&[]).iter().copied().take(text.len()).eq(text.chars())
    }
    fn slice(&self, from: usize, to: usize) -> &[char] {
        self.input.get(from..to).unwrap_or(&[])
    }
    fn text(&self, from: usize) -> String {
        self.slice(from, self.at).iter().collect()
    }
    fn template(&mut self) -> Parse<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|c| c != '{') {
                self.at += 1;
            }
            if self.at > start {
                nodes.push(Node::Text(self.text(start)));
            }
            if self.next().is_none() {
                return Ok(nodes);
            }
            nodes.push(Node::List(self.action()?));
        }
    }
    /// From behind the opening brace to behind the closing one.
    fn action(&mut self) -> Parse<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            if self.starts_with("[?(") {
                self.at += 3;
                nodes.push(self.filter()?);
                continue;
            }
            if self.starts_with("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".into());
                }
                self.at += 2;
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(is_word) {
                    nodes.push(self.field());
                }
                continue;
            }
            let start = self.at;
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".into()),
                Some('}') => return Ok(nodes),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(start, quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_numeric() => nodes.push(self.number(start)?),
                Some(c) if is_word(c) => {
                    while !is_terminator(self.peek()) {
                        self.at += 1;
                    }
                    let word = self.text(start);
                    nodes.push(match word.as_str() {
                        "true" | "false" => Node::Constant(Value::Bool(word == "true")),
                        _ => Node::Identifier(word),
                    });
                }
                Some(c) => {
                    return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32));
                }
            }
        }
    }
    fn field(&mut self) -> Node {
        let start = self.at;
        loop {
            match self.peek() {
                Some('\\') => self.at = (self.at + 2).min(self.input.len()),
                c if is_terminator(c) => break,
                _ => self.at += 1,
            }
        }
        let name = self.text(start);
        if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) }
    }
    fn number(&mut self, start: usize) -> Parse<Node> {
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.at += 1;
        }
        let text = self.text(start);
        if let Ok(n) = text.parse::<i64>() {
            return Ok(Node::Constant(Value::Int(n)));
        }
        match text.parse::<f64>() {
            Ok(f) if f.is_finite() => Ok(Node::Constant(Value::Float(f))),
            _ => Err(format!("cannot parse number {text}")),
        }
    }
    fn quoted(&mut self, start: usize, quote: char) -> Parse<Node> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".into()),
                Some(c) if c == quote && self.slice(self.at.saturating_sub(2), self.at - 1) != ['\\'] => {
                    break;
                }
                _ => {}
            }
        }
        let inner: String = self.slice(start + 1, self.at - 1).iter().collect();
        match crate::quote::go_unescape(&inner, quote) {
            Some(text) => Ok(Node::Text(text)),
            None => Err(format!("unquote string {} error invalid syntax", self.text(start))),
        }
    }
    fn array(&mut self, nodes: &mut Vec<Node>) -> Parse<()> {
        let start = self.at;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".into()),
                Some(']') => break,
                _ => {}
            }
        }
        let text: String = self.slice(start, self.at - 1).iter().collect();
        if text.contains(',') {
            let parts = text.split(',').map(|part| {
                let part: Vec<char> = format!("[{}]", part.trim_matches(' ')).chars().collect();
                action(&part, self.depth + 1)
            });
            nodes.push(Node::Union(parts.collect::<Parse<_>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).filter(|t| !t.contains('\''));
        if let Some(key) = key {
            let path: Vec<char> = format!(".{key}").chars().collect();
            nodes.extend(action(&path, self.depth + 1)?);
            return Ok(());
        }
        nodes.push(Node::Slice(bounds(if text == "*" { ":" } else { &text })?));
        Ok(())
    }
    fn filter(&mut self) -> Parse<Node> {
        let start = self.at;
        let (mut quote, mut closed) = (None, false);
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".into()),
                Some(c @ ('"' | '\'')) => match quote {
                    None => quote = Some(c),
                    Some(open)
                        if c == open && self.slice(self.at.saturating_sub(2), self.at - 1) != ['\\'] =>
                    {
                        closed = true;
                    }
                    _ => {}
                },
                Some(')') if quote.is_some() == closed => break,
                _ => {}
            }
        }
        let end = self.at - 1;
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".into());
        }
        let text = self.slice(start, end).to_vec();
        let is_operator = |c: &char| matches!(c, '!' | '<' | '>' | '=');
        let from = text.iter().position(is_operator);
        let found = from.filter(|from| *from > 0).and_then(|from| {
            let rest = text.get(from..)?;
            // The comparison leaves at least one character to compare with.
            let length = rest.iter().take_while(|c| is_operator(c)).count().min(rest.len() - 1);
            let (operator, right) = rest.split_at_checked(length.max(1))?;
            (!right.is_empty()).then(|| (from, operator.iter().collect::<String>(), right))
        });
        let depth = self.depth + 1;
        match found {
            Some((from, operator, right)) => Ok(Node::Filter {
                left: action(text.get(..from).unwrap_or(&[]), depth)?,
                operator,
                right: action(right, depth)?,
            }),
            None => {
                Ok(Node::Filter { left: action(&text, depth)?, operator: "exists".into(), right: Vec::new() })
            }
        }
    }
}

/// `a`, `a:b`, `a:b:c`, each number of them optional and perhaps negative.
fn bounds(text: &str) -> Parse<[Bound; 3]> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |s: &&str| s.strip_prefix('-').unwrap_or(s).bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(format!("invalid array index {text}"));
    }
    let read = |at: usize| -> Parse<Bound> {
        match parts.get(at) {
            None | Some(&"") => Ok(Bound::default()),
            Some(n) => {
                let value = n.parse().map_err(|_| format!("array index {n} is not a number"))?;
                Ok(Bound { value, known: true, derived: false })
            }
        }
    };
    let (first, mut second, third) = (read(0)?, read(1)?, read(2)?);
    if parts.len() == 1 {
        second = Bound { value: first.value.saturating_add(1), known: true, derived: true };
    }
    Ok([first, second, third])
}
