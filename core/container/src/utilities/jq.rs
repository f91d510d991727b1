//! jq: paths, `.[]`, slices, pipes, commas, literals, arithmetic, comparison, `and or not //`, if, object
//! and array construction, string interpolation and the common functions; `-r -c -e -n -s -j --arg`.
//! Left out: def, reduce, foreach, assignment operators, regular expressions beyond `test`.

use super::support::{Filter, Flow, Opts, Spec, ended, filtering};
use crate::sys::Sys;
use drydock_machinery::{Sym, Value, json, limits};
use std::cmp::Ordering;
use std::collections::BTreeMap;
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

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}
type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.rest().chars().next()
    }
    fn take(&mut self, token: &str) -> bool {
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
    fn unexpected(&mut self) -> String {
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
    fn word(&mut self) -> Option<String> {
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
    fn pipe(&mut self) -> Parsed<Expr> {
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
    fn binary(&mut self, level: usize) -> Parsed<Expr> {
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
    fn index(&mut self, of: Expr) -> Parsed<Expr> {
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
    fn string(&mut self) -> Parsed<Expr> {
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
    fn object(&mut self) -> Parsed<Expr> {
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
    fn value(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(0)?;
        while self.peek() == Some('|') {
            self.at += 1;
            left = Expr::Pipe(Box::new(left), Box::new(self.binary(0)?));
        }
        Ok(left)
    }
}

fn text(word: &str) -> Expr {
    Expr::Text(vec![(word.into(), None)])
}

pub(super) type Vars = BTreeMap<Arc<str>, Value>;
pub(super) type Results = Result<Vec<Value>, String>;

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Str(_) | Value::Word(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}
pub(super) fn shown(value: &Value) -> String {
    let text = json::to_string(value);
    if text.len() > 11 { format!("{}...", text.get(..10).unwrap_or(&text)) } else { text }
}
pub(super) fn truth(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}
pub(super) fn from_number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { Value::Int(n as i64) } else { Value::Float(n) }
}
pub(super) fn string(text: &str) -> Value {
    Value::Str(text.into())
}
/// jq's order: null, false, true, numbers, strings, arrays, objects.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    let rank = |v: &Value| match v {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Int(_) | Value::Float(_) => 3,
        Value::Str(_) | Value::Word(_) => 4,
        Value::List(_) => 5,
        Value::Map(_) => 6,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Value::List(a), Value::List(b)) => a
            .iter()
            .zip(b.iter())
            .map(|(x, y)| order(x, y))
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(a.len().cmp(&b.len())),
        (Value::Map(_), Value::Map(_)) => json::to_string(left).cmp(&json::to_string(right)),
        _ => match (number(left), number(right)) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => left.text().cmp(right.text()),
        },
    })
}

fn field(of: &Value, key: &Value) -> Result<Value, String> {
    match (of, key) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Map(_), Value::Str(_) | Value::Word(_)) => Ok(of.get(key.text()).clone()),
        (Value::List(items), key) if number(key).is_some() => {
            let at = number(key).unwrap_or(0.0).floor() as i64;
            let at = if at < 0 { at + items.len() as i64 } else { at };
            Ok(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null))
        }
        (of, Value::Str(_) | Value::Word(_)) => {
            Err(format!("Cannot index {} with string \"{}\"", type_of(of), key.text()))
        }
        (of, key) => Err(format!("Cannot index {} with {}", type_of(of), type_of(key))),
    }
}

pub(super) fn each(of: &Value) -> Results {
    match of {
        Value::List(items) => Ok(items.to_vec()),
        Value::Map(entries) => Ok(entries.iter().map(|e| e.1.clone()).collect()),
        Value::Null => Err("Cannot iterate over null".into()),
        other => Err(format!("Cannot iterate over {} ({})", type_of(other), shown(other))),
    }
}

pub(super) fn recurse(value: &Value, out: &mut Vec<Value>) {
    out.push(value.clone());
    if let Ok(items) = each(value) {
        items.iter().for_each(|v| recurse(v, out));
    }
}

pub(super) fn eval(expr: &Expr, input: &Value, vars: &Vars) -> Results {
    match expr {
        Expr::Identity => Ok(vec![input.clone()]),
        Expr::Literal(literal) => Ok(vec![json::parse(literal.as_bytes()).unwrap_or(Value::Null)]),
        Expr::Var(name) if &**name == "ENV" => Ok(vec![Value::empty_map()]),
        Expr::Var(name) => match vars.get(name) {
            Some(value) => Ok(vec![value.clone()]),
            None => Err(format!("${name} is not defined")),
        },
        Expr::Text(parts) => {
            let mut outs = vec![String::new()];
            for (before, inner) in parts {
                outs.iter_mut().for_each(|o| o.push_str(before));
                if let Some(inner) = inner {
                    let values = eval(inner, input, vars)?;
                    outs = outs
                        .iter()
                        .flat_map(|o| values.iter().map(move |v| format!("{o}{}", plain(v))))
                        .collect();
                }
            }
            Ok(outs.iter().map(|o| string(o)).collect())
        }
        Expr::Field(of, key) => {
            let mut out = Vec::new();
            for of in eval(of, input, vars)? {
                for key in eval(key, input, vars)? {
                    out.push(field(&of, &key)?);
                }
            }
            Ok(out)
        }
        Expr::Slice(of, from, to) => {
            let bound = |e: &Option<Box<Expr>>| -> Result<Option<f64>, String> {
                match e {
                    Some(e) => Ok(eval(e, input, vars)?.first().and_then(number)),
                    None => Ok(None),
                }
            };
            let (from, to) = (bound(from)?, bound(to)?);
            let cut = |size: usize| {
                let at = |n: Option<f64>, other: usize| match n {
                    None => other,
                    Some(n) if n < 0.0 => (size as i64 + n as i64).max(0) as usize,
                    Some(n) => (n as usize).min(size),
                };
                let (a, b) = (at(from, 0), at(to, size));
                (a, b.max(a))
            };
            eval(of, input, vars)?
                .iter()
                .map(|v| match v {
                    Value::Null => Ok(Value::Null),
                    Value::List(items) => {
                        let (a, b) = cut(items.len());
                        Ok(Value::from_items(items.get(a..b).unwrap_or(&[]).to_vec()))
                    }
                    Value::Str(_) | Value::Word(_) => {
                        let chars: Vec<char> = v.text().chars().collect();
                        let (a, b) = cut(chars.len());
                        Ok(string(&chars.get(a..b).unwrap_or(&[]).iter().collect::<String>()))
                    }
                    other => Err(format!("Cannot index {} with object", type_of(other))),
                })
                .collect()
        }
        Expr::Each(of) => {
            let mut out = Vec::new();
            for of in eval(of, input, vars)? {
                out.extend(each(&of)?);
            }
            Ok(out)
        }
        Expr::Try(inner) => Ok(eval(inner, input, vars).unwrap_or_default()),
        Expr::Pipe(left, right) => {
            let mut out = Vec::new();
            for value in eval(left, input, vars)? {
                out.extend(eval(right, &value, vars)?);
                if out.len() > limits::NODES {
                    return Err("too many results".into());
                }
            }
            Ok(out)
        }
        Expr::As(of, name, body) => {
            let mut out = Vec::new();
            for value in eval(of, input, vars)? {
                let mut inner = vars.clone();
                inner.insert(name.clone(), value);
                out.extend(eval(body, input, &inner)?);
            }
            Ok(out)
        }
        Expr::Comma(left, right) => {
            let mut out = eval(left, input, vars)?;
            out.extend(eval(right, input, vars)?);
            Ok(out)
        }
        Expr::Negate(inner) => eval(inner, input, vars)?
            .iter()
            .map(|v| {
                number(v)
                    .map(|n| from_number(-n))
                    .ok_or_else(|| format!("{} ({}) cannot be negated", type_of(v), shown(v)))
            })
            .collect(),
        Expr::Array(None) => Ok(vec![Value::from_items(Vec::new())]),
        Expr::Array(Some(inner)) => Ok(vec![Value::from_items(eval(inner, input, vars)?)]),
        Expr::Object(entries) => {
            let mut outs: Vec<Vec<(Sym, Value)>> = vec![Vec::new()];
            for (key, value) in entries {
                let keys = eval(key, input, vars)?;
                let values = eval(value, input, vars)?;
                let mut next = Vec::new();
                for out in &outs {
                    for key in &keys {
                        if key.as_str().is_none() {
                            return Err(format!("Object keys must be strings, not {}", type_of(key)));
                        }
                        for value in &values {
                            let mut out = out.clone();
                            out.push((Sym::from(key.text()), value.clone()));
                            next.push(out);
                        }
                    }
                }
                outs = next;
            }
            Ok(outs.into_iter().map(Value::from_entries).collect())
        }
        Expr::If(arms, otherwise) => {
            for (test, then) in arms {
                if eval(test, input, vars)?.first().is_some_and(truth) {
                    return eval(then, input, vars);
                }
            }
            match otherwise {
                Some(expr) => eval(expr, input, vars),
                None => Ok(vec![input.clone()]),
            }
        }
        Expr::Recurse => {
            let mut out = Vec::new();
            recurse(input, &mut out);
            Ok(out)
        }
        Expr::Binary(operator, left, right) => binary(operator, left, right, input, vars),
        Expr::Call(name, args) => super::jq_functions::call(name, args, input, vars),
    }
}

fn binary(operator: &str, left: &Expr, right: &Expr, input: &Value, vars: &Vars) -> Results {
    if operator == "//" {
        let found: Vec<Value> =
            eval(left, input, vars).unwrap_or_default().into_iter().filter(truth).collect();
        return if found.is_empty() { eval(right, input, vars) } else { Ok(found) };
    }
    let mut out = Vec::new();
    for a in eval(left, input, vars)? {
        match operator {
            "and" if !truth(&a) => {
                out.push(Value::Bool(false));
                continue;
            }
            "or" if truth(&a) => {
                out.push(Value::Bool(true));
                continue;
            }
            _ => {}
        }
        for b in eval(right, input, vars)? {
            out.push(match operator {
                "and" | "or" => Value::Bool(truth(&b)),
                "==" => Value::Bool(order(&a, &b) == Ordering::Equal),
                "!=" => Value::Bool(order(&a, &b) != Ordering::Equal),
                "<" => Value::Bool(order(&a, &b) == Ordering::Less),
                ">" => Value::Bool(order(&a, &b) == Ordering::Greater),
                "<=" => Value::Bool(order(&a, &b) != Ordering::Greater),
                ">=" => Value::Bool(order(&a, &b) != Ordering::Less),
                operator => arithmetic(operator, &a, &b)?,
            });
        }
    }
    Ok(out)
}

pub(super) fn arithmetic(operator: &str, a: &Value, b: &Value) -> Result<Value, String> {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return match operator {
            "+" => Ok(from_number(x + y)),
            "-" => Ok(from_number(x - y)),
            "*" => Ok(from_number(x * y)),
            _ if y == 0.0 => Err(format!(
                "number ({}) and number ({}) cannot be divided because the divisor is zero",
                shown(a),
                shown(b)
            )),
            "/" => Ok(from_number(x / y)),
            _ => Ok(Value::Int((x as i64).checked_rem(y as i64).unwrap_or(0))),
        };
    }
    Ok(match (operator, a, b) {
        ("+", Value::Null, other) | ("+", other, Value::Null) => other.clone(),
        ("+", Value::Str(_) | Value::Word(_), Value::Str(_) | Value::Word(_)) => {
            string(&format!("{}{}", a.text(), b.text()))
        }
        ("+", Value::List(x), Value::List(y)) => Value::from_items([x.as_ref(), y.as_ref()].concat()),
        ("+" | "*", Value::Map(x), Value::Map(y)) => Value::from_entries([x.as_ref(), y.as_ref()].concat()),
        ("-", Value::List(x), Value::List(y)) => Value::from_items(
            x.iter().filter(|v| !y.iter().any(|w| order(v, w) == Ordering::Equal)).cloned().collect(),
        ),
        ("/", Value::Str(_) | Value::Word(_), Value::Str(_) | Value::Word(_)) => {
            Value::from_items(a.text().split(b.text()).map(string).collect())
        }
        _ => {
            let verb = match operator {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            return Err(format!(
                "{} ({}) and {} ({}) cannot be {verb}",
                type_of(a),
                shown(a),
                type_of(b),
                shown(b)
            ));
        }
    })
}

/// A value as `-r` and interpolation show it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), String::from)
}

#[derive(Clone, Hash)]
pub struct Jq {
    expr: Expr,
    opts: Opts,
    data: Vec<u8>,
    vars: Vec<(Arc<str>, Arc<str>)>,
}

fn pretty(value: &Value, indent: usize, out: &mut String) {
    let pad = |n: usize| "  ".repeat(n);
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                out.push_str(&pad(indent + 1));
                pretty(item, indent + 1, out);
                out.push_str(if at + 1 < items.len() { ",\n" } else { "\n" });
            }
            out.push_str(&pad(indent));
            out.push(']');
        }
        Value::Map(entries) if !entries.is_empty() => {
            out.push_str("{\n");
            for (at, (key, item)) in entries.iter().enumerate() {
                out.push_str(&format!("{}{}: ", pad(indent + 1), json::to_string(&string(key.text()))));
                pretty(item, indent + 1, out);
                out.push_str(if at + 1 < entries.len() { ",\n" } else { "\n" });
            }
            out.push_str(&pad(indent));
            out.push('}');
        }
        other => out.push_str(&json::to_string(other)),
    }
}

impl Filter for Jq {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.data.extend_from_slice(bytes);
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        sys.eprint(&format!("jq: error: Could not open {name}: {errno}\n"));
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        let mut vars: Vars = Vars::new();
        for (name, text) in &self.vars {
            let value = match name.strip_prefix('=') {
                Some(_) => json::parse(text.as_bytes()).unwrap_or(Value::Null),
                None => string(text),
            };
            vars.insert(name.trim_start_matches('=').into(), value);
        }
        let mut inputs = Vec::new();
        let mut code = if failed { 2 } else { 0 };
        if self.opts.has('n') {
            inputs.push(Value::Null);
        } else if self.opts.has('R') {
            inputs.extend(String::from_utf8_lossy(&self.data).lines().map(string));
        } else {
            for document in documents(&self.data) {
                match json::parse(document) {
                    Ok(value) => inputs.push(value),
                    Err(error) => {
                        sys.eprint(&format!("jq: parse error: {error}\n"));
                        code = 2;
                        break;
                    }
                }
            }
        }
        if self.opts.has('s') {
            inputs = vec![Value::from_items(inputs)];
        }
        let mut last = None;
        for input in &inputs {
            match eval(&self.expr, input, &vars) {
                Ok(values) => {
                    for value in values {
                        let raw = self.opts.has('r') || self.opts.has('j');
                        let mut out = String::new();
                        if let (true, Some(text)) = (raw, value.as_str()) {
                            out.push_str(text);
                        } else if self.opts.has('c') {
                            out.push_str(&json::to_string(&value));
                        } else {
                            pretty(&value, 0, &mut out);
                        }
                        if !self.opts.has('j') {
                            out.push('\n');
                        }
                        sys.print(&out);
                        last = Some(value);
                    }
                }
                Err(text) => {
                    sys.eprint(&format!(
                        "jq: error (at <stdin>:{}): {text}\n",
                        self.data.iter().filter(|b| **b == b'\n').count()
                    ));
                    code = 5;
                }
            }
        }
        if self.opts.has('e') && code == 0 {
            code = match last {
                None => 4,
                Some(value) => i32::from(!truth(&value)),
            };
        }
        code
    }
}

/// Splits a stream of JSON documents at their ends.
fn documents(data: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut start) = (0i64, false, false, None);
    for (at, byte) in data.iter().enumerate() {
        if quoted {
            match (escaped, byte) {
                (true, _) => escaped = false,
                (false, b'\\') => escaped = true,
                (false, b'"') => quoted = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        let blank = byte.is_ascii_whitespace() && !quoted;
        if start.is_none() && !blank {
            start = Some(at);
        }
        let closes = !quoted && depth == 0 && matches!(byte, b'}' | b']');
        if let Some(from) = start
            && depth <= 0
            && !quoted
            && (blank || closes)
        {
            let end = if closes { at + 1 } else { at };
            out.extend(data.get(from..end));
            start = None;
        }
    }
    if let Some(from) = start {
        out.extend(data.get(from..));
    }
    out
}

pub fn jq(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "rcensjSMCRa",
        long: &[
            ("raw-output", 'r'),
            ("compact-output", 'c'),
            ("exit-status", 'e'),
            ("null-input", 'n'),
            ("slurp", 's'),
            ("join-output", 'j'),
            ("sort-keys", 'S'),
            ("raw-input", 'R'),
            ("tab", 't'),
            ("monochrome-output", 'M'),
            ("color-output", 'C'),
        ],
        code: 2,
    };
    let mut vars = Vec::new();
    let mut words = Vec::new();
    let args = sys.args();
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        match &**word {
            "--arg" | "--argjson" => {
                let mark = if &**word == "--argjson" { "=" } else { "" };
                if let (Some(name), Some(value)) = (rest.next(), rest.next()) {
                    vars.push((Arc::from(format!("{mark}{name}")), value.clone()));
                }
            }
            _ => words.push(word.clone()),
        }
    }
    let opts = match Opts::parse_words(sys, &SPEC, &words) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let (source, files) = match opts.args.split_first() {
        Some((source, files)) => (source.clone(), files.to_vec()),
        None => (Arc::from("."), Vec::new()),
    };
    let mut parser = Parser { text: &source, at: 0, depth: 0 };
    let parsed = if source.trim().is_empty() { Ok(Expr::Identity) } else { parser.pipe() };
    parser.blanks();
    let parsed = parsed.and_then(|e| if parser.at < source.len() { Err(parser.unexpected()) } else { Ok(e) });
    match parsed {
        Ok(expr) => {
            let bare = opts.has('n') && files.is_empty();
            let jq = Jq { expr, opts, data: Vec::new(), vars };
            if bare {
                let mut jq = jq;
                return ended(jq.end(sys, false));
            }
            filtering(jq, &files)
        }
        Err(text) => {
            sys.eprint(&format!("jq: error: {text}\n{source}\njq: 1 compile error\n"));
            ended(3)
        }
    }
}
