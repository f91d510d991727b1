//! awk: BEGIN and END, patterns and ranges, fields, variables, arrays, print and printf, control flow,
//! the string functions, `getline`-less; `-F -v -f`. Left out: user functions, getline, pipes and
//! redirections of print other than to /dev/stderr.

use super::awk_parse::{Expr, Program, Statement, parse};
use super::regex;
use super::support::{Filter, Flow, Opts, Spec, ended, filtering};
use crate::shell::predicates::Voice;
use crate::sys::Sys;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Statements one record may run.
const STEPS: u64 = 2_000_000;

/// A value: text, and a number where it has one.
#[derive(Clone, Debug)]
enum Value {
    Number(f64),
    Text(Arc<str>),
    /// Input that looks like a number compares as one.
    Input(Arc<str>),
}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Value::Number(n) => n.to_bits().hash(state),
            Value::Text(t) => (1, t).hash(state),
            Value::Input(t) => (2, t).hash(state),
        }
    }
}

/// The number a text begins with.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let mut seen_dot = false;
    let mut seen_e = false;
    let bytes = text.as_bytes();
    while let Some(b) = bytes.get(end) {
        match b {
            b'0'..=b'9' => {}
            b'+' | b'-' if end == 0 => {}
            b'+' | b'-' if matches!(end.checked_sub(1).and_then(|e| bytes.get(e)), Some(b'e' | b'E')) => {}
            b'.' if !seen_dot && !seen_e => seen_dot = true,
            b'e' | b'E' if !seen_e && end > 0 => seen_e = true,
            _ => break,
        }
        end += 1;
    }
    while end > 0 {
        if let Some(n) = text.get(..end).and_then(|t| t.parse::<f64>().ok()) {
            return n;
        }
        end -= 1;
    }
    0.0
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(t) | Value::Input(t) => number(t),
        }
    }
    fn text(&self) -> Arc<str> {
        match self {
            Value::Text(t) | Value::Input(t) => t.clone(),
            Value::Number(n) => shown(*n).into(),
        }
    }
    fn is_numeric(&self) -> bool {
        match self {
            Value::Number(_) => true,
            Value::Text(_) => false,
            Value::Input(t) => t.trim().parse::<f64>().is_ok(),
        }
    }
    fn truth(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(t) => !t.is_empty(),
            Value::Input(t) if self.is_numeric() => number(t) != 0.0,
            Value::Input(t) => !t.is_empty(),
        }
    }
}

/// A number as OFMT shows it.
fn shown(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e16 {
        return format!("{}", n as i64);
    }
    let sign = if n < 0.0 { "-" } else { "" };
    format!("{sign}{}", super::printf::float(n.abs(), 'g', 6, false))
}

/// Why a statement list ended early.
enum Stop {
    Next,
    Exit,
    Break,
    Continue,
    Failed(String),
}

#[derive(Clone, Hash)]
pub struct Awk {
    program: Arc<Program>,
    vars: BTreeMap<Arc<str>, Value>,
    arrays: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Value>>,
    record: String,
    fields: Vec<Arc<str>>,
    /// Ranges under way.
    active: Vec<bool>,
    steps: u64,
    exit: Option<i32>,
    out: String,
    began: bool,
}

type Run<T> = Result<T, Stop>;

impl Awk {
    fn var(&self, name: &str) -> Value {
        match name {
            "NF" => Value::Number(self.fields.len() as f64),
            _ => self.vars.get(name).cloned().unwrap_or(Value::Input("".into())),
        }
    }
    fn set_record(&mut self, text: &str) {
        self.record = text.to_string();
        self.fields = self.split(text, &self.var("FS").text());
    }
    fn split(&self, text: &str, separator: &str) -> Vec<Arc<str>> {
        if text.is_empty() {
            return Vec::new();
        }
        match separator {
            " " => text.split([' ', '\t', '\n']).filter(|f| !f.is_empty()).map(Arc::from).collect(),
            "" => text.chars().map(|c| Arc::from(c.to_string())).collect(),
            s if s.chars().count() == 1 && s != "\\" => text.split(s).map(Arc::from).collect(),
            s => match regex::compile(&regex::extended(s), false) {
                Ok(regex) => regex.split(text).map(Arc::from).collect(),
                Err(_) => vec![text.into()],
            },
        }
    }
    fn join_fields(&mut self) {
        let separator = self.var("OFS").text();
        self.record = self.fields.join(&separator);
    }
    fn assign(&mut self, target: &Expr, value: Value) -> Run<()> {
        match target {
            Expr::Var(name) if &**name == "NF" => {
                self.fields.resize((value.number().max(0.0) as usize).min(10_000), "".into());
                self.join_fields();
            }
            Expr::Var(name) => _ = self.vars.insert(name.clone(), value),
            Expr::Field(index) => {
                let at = self.eval(index)?.number() as usize;
                if at == 0 {
                    self.set_record(&value.text());
                } else if at < 10_000 {
                    if self.fields.len() < at {
                        self.fields.resize(at, "".into());
                    }
                    if let Some(field) = self.fields.get_mut(at - 1) {
                        *field = value.text();
                    }
                    self.join_fields();
                }
            }
            Expr::Item(name, keys) => {
                let key = self.key(keys)?;
                let array = self.arrays.entry(name.clone()).or_default();
                if array.len() > 200_000 {
                    return Err(Stop::Failed("array is too large".into()));
                }
                array.insert(key, value);
            }
            _ => return Err(Stop::Failed("assignment to a value".into())),
        }
        Ok(())
    }
    fn key(&mut self, keys: &[Expr]) -> Run<Arc<str>> {
        let mut parts = Vec::new();
        for key in keys {
            parts.push(self.eval(key)?.text());
        }
        Ok(parts.join("\u{1c}").into())
    }
    fn compare(&self, a: &Value, b: &Value) -> std::cmp::Ordering {
        if a.is_numeric() && b.is_numeric() {
            return a.number().partial_cmp(&b.number()).unwrap_or(std::cmp::Ordering::Equal);
        }
        a.text().cmp(&b.text())
    }
    fn matches(&mut self, text: &str, pattern: &Expr) -> Run<bool> {
        let source = match pattern {
            Expr::Regex(source) => source.clone(),
            other => self.eval(other)?.text(),
        };
        match regex::compile(&regex::extended(&source), false) {
            Ok(regex) => Ok(regex.is_match(text)),
            Err(text) => Err(Stop::Failed(text)),
        }
    }
    fn eval(&mut self, expr: &Expr) -> Run<Value> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(Stop::Failed("too many steps for one record".into()));
        }
        let flag = |t: bool| Value::Number(f64::from(u8::from(t)));
        Ok(match expr {
            Expr::Number(text) => Value::Number(number(text)),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(_) => {
                let record = self.record.clone();
                flag(self.matches(&record, expr)?)
            }
            Expr::Var(name) => self.var(name),
            Expr::Field(index) => {
                let at = self.eval(index)?.number() as usize;
                match at {
                    0 => Value::Input(self.record.as_str().into()),
                    at => Value::Input(self.fields.get(at - 1).cloned().unwrap_or_default()),
                }
            }
            Expr::Item(name, keys) => {
                let key = self.key(keys)?;
                let array = self.arrays.entry(name.clone()).or_default();
                array.entry(key).or_insert_with(|| Value::Input("".into())).clone()
            }
            Expr::In(keys, name) => {
                let key = self.key(keys)?;
                flag(self.arrays.get(name).is_some_and(|a| a.contains_key(&key)))
            }
            Expr::Not(inner) => flag(!self.eval(inner)?.truth()),
            Expr::Negate(inner) => Value::Number(-self.eval(inner)?.number()),
            Expr::And(a, b) => flag(self.eval(a)?.truth() && self.eval(b)?.truth()),
            Expr::Or(a, b) => flag(self.eval(a)?.truth() || self.eval(b)?.truth()),
            Expr::Choose(test, yes, no) => match self.eval(test)?.truth() {
                true => self.eval(yes)?,
                false => self.eval(no)?,
            },
            Expr::Match(text, pattern, negated) => {
                let text = self.eval(text)?.text();
                flag(self.matches(&text, pattern)? != *negated)
            }
            Expr::Join(a, b) => {
                let text = format!("{}{}", self.eval(a)?.text(), self.eval(b)?.text());
                if text.len() > drydock_machinery::limits::FILE_BYTES {
                    return Err(Stop::Failed("string is too long".into()));
                }
                Value::Text(text.into())
            }
            Expr::Assign(operator, target, value) => {
                let mut value = self.eval(value)?;
                if &**operator != "=" {
                    let old = self.eval(target)?.number();
                    value = Value::Number(arithmetic(operator.trim_end_matches('='), old, value.number())?);
                }
                self.assign(target, value.clone())?;
                value
            }
            Expr::Step(target, by, before) => {
                let old = self.eval(target)?.number();
                let new = old + f64::from(*by);
                self.assign(target, Value::Number(new))?;
                Value::Number(if *before { new } else { old })
            }
            Expr::Binary(operator, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                match &**operator {
                    "<" => flag(self.compare(&a, &b).is_lt()),
                    "<=" => flag(self.compare(&a, &b).is_le()),
                    "==" => flag(self.compare(&a, &b).is_eq()),
                    "!=" => flag(self.compare(&a, &b).is_ne()),
                    ">" => flag(self.compare(&a, &b).is_gt()),
                    ">=" => flag(self.compare(&a, &b).is_ge()),
                    operator => Value::Number(arithmetic(operator, a.number(), b.number())?),
                }
            }
            Expr::Call(name, args) => self.call(name, args)?,
        })
    }
    fn call(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
        let mut values = Vec::new();
        if !matches!(name, "split" | "sub" | "gsub" | "match" | "length") {
            for arg in args {
                values.push(self.eval(arg)?);
            }
        }
        let text = |at: usize| values.get(at).map_or_else(|| Arc::from(""), Value::text);
        let num = |at: usize| values.get(at).map_or(0.0, Value::number);
        Ok(match name {
            "length" => match args.first() {
                None => Value::Number(self.record.chars().count() as f64),
                Some(Expr::Var(name)) if self.arrays.contains_key(name) => {
                    Value::Number(self.arrays.get(name).map_or(0, BTreeMap::len) as f64)
                }
                Some(arg) => Value::Number(self.eval(arg)?.text().chars().count() as f64),
            },
            "substr" => {
                let chars: Vec<char> = text(0).chars().collect();
                let from = num(1).round();
                let end = if values.len() > 2 { from + num(2).round() } else { f64::INFINITY };
                let from = from.max(1.0);
                let taken = chars.iter().enumerate().filter(|(at, _)| {
                    let place = *at as f64 + 1.0;
                    place >= from && place < end
                });
                Value::Text(taken.map(|(_, c)| *c).collect::<String>().into())
            }
            "index" => {
                let (whole, part) = (text(0), text(1));
                let at =
                    whole.find(&*part).map_or(0, |b| whole.get(..b).map_or(0, |t| t.chars().count()) + 1);
                Value::Number(at as f64)
            }
            "toupper" => Value::Text(text(0).to_uppercase().into()),
            "tolower" => Value::Text(text(0).to_lowercase().into()),
            "int" => Value::Number(num(0).trunc()),
            "sqrt" => Value::Number(num(0).sqrt()),
            "exp" => Value::Number(num(0).exp()),
            "log" => Value::Number(num(0).ln()),
            "sin" => Value::Number(num(0).sin()),
            "cos" => Value::Number(num(0).cos()),
            "srand" | "rand" => Value::Number(0.0),
            "systime" => Value::Number(0.0),
            "sprintf" => {
                let rest: Vec<Arc<str>> = values.iter().skip(1).map(Value::text).collect();
                Value::Text(String::from_utf8_lossy(&format_once(&text(0), &rest)).as_ref().into())
            }
            "split" => {
                let subject = args.first().map_or(Ok(Value::Text("".into())), |a| self.eval(a))?.text();
                let Some(Expr::Var(array)) = args.get(1) else {
                    return Err(Stop::Failed("split: no array".into()));
                };
                let separator = match args.get(2) {
                    Some(Expr::Regex(source)) => source.clone(),
                    Some(other) => self.eval(other)?.text(),
                    None => self.var("FS").text(),
                };
                let parts = self.split(&subject, &separator);
                let count = parts.len();
                let items = parts
                    .into_iter()
                    .enumerate()
                    .map(|(at, p)| (Arc::from((at + 1).to_string()), Value::Input(p)));
                self.arrays.insert(array.clone(), items.collect());
                Value::Number(count as f64)
            }
            "match" => {
                let subject = args.first().map_or(Ok(Value::Text("".into())), |a| self.eval(a))?.text();
                let compiled = self.pattern(args.get(1))?;
                let found = compiled.find(&subject).map(|m| (m.start(), m.as_str().chars().count()));
                let (start, length) = match found {
                    Some((at, length)) => {
                        (subject.get(..at).map_or(0, |t| t.chars().count()) as f64 + 1.0, length as f64)
                    }
                    None => (0.0, -1.0),
                };
                self.vars.insert("RSTART".into(), Value::Number(start));
                self.vars.insert("RLENGTH".into(), Value::Number(length));
                Value::Number(start)
            }
            "sub" | "gsub" => {
                let compiled = self.pattern(args.first())?;
                let with = args.get(1).map_or(Ok(Value::Text("".into())), |a| self.eval(a))?.text();
                let whole = Expr::Field(Box::new(Expr::Number("0".into())));
                let target = args.get(2).unwrap_or(&whole).clone();
                let subject = self.eval(&target)?.text();
                let mut out = String::new();
                let (mut at, mut count) = (0, 0);
                for found in compiled.find_iter(&subject) {
                    out.push_str(subject.get(at..found.start()).unwrap_or(""));
                    let mut chars = with.chars();
                    while let Some(c) = chars.next() {
                        match c {
                            '&' => out.push_str(found.as_str()),
                            '\\' => match chars.next() {
                                Some('&') => out.push('&'),
                                Some(c) => {
                                    out.push('\\');
                                    out.push(c);
                                }
                                None => out.push('\\'),
                            },
                            c => out.push(c),
                        }
                    }
                    at = found.end();
                    count += 1;
                    if name == "sub" {
                        break;
                    }
                }
                if count > 0 {
                    out.push_str(subject.get(at..).unwrap_or(""));
                    self.assign(&target, Value::Text(out.into()))?;
                }
                Value::Number(f64::from(count))
            }
            other => return Err(Stop::Failed(format!("function `{other}' not defined"))),
        })
    }
    fn pattern(&mut self, expr: Option<&Expr>) -> Run<regex_lite::Regex> {
        let source = match expr {
            Some(Expr::Regex(source)) => source.clone(),
            Some(other) => self.eval(other)?.text(),
            None => "".into(),
        };
        regex::compile(&regex::extended(&source), false).map_err(Stop::Failed)
    }
    fn block(&mut self, body: &[Statement], sys: &mut Sys<'_>) -> Run<()> {
        body.iter().try_for_each(|s| self.statement(s, sys))
    }
    /// Runs a loop's body; true when the loop is to end.
    fn turn(&mut self, body: &Statement, sys: &mut Sys<'_>) -> Run<bool> {
        match self.statement(body, sys) {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(stop) => Err(stop),
        }
    }
    fn statement(&mut self, statement: &Statement, sys: &mut Sys<'_>) -> Run<()> {
        match statement {
            Statement::Block(body) => self.block(body, sys)?,
            Statement::Expr(expr) => _ = self.eval(expr)?,
            Statement::Print(items, to) => {
                let mut parts = Vec::new();
                for item in items {
                    parts.push(self.eval(item)?.text());
                }
                let text =
                    if items.is_empty() { self.record.clone() } else { parts.join(&self.var("OFS").text()) };
                let line = format!("{text}{}", self.var("ORS").text());
                self.put(&line, to.as_ref(), sys)?;
            }
            Statement::Printf(items, to) => {
                let mut parts = Vec::new();
                for item in items {
                    parts.push(self.eval(item)?.text());
                }
                let (template, rest) =
                    parts.split_first().map_or((Arc::from(""), [].as_slice()), |(t, r)| (t.clone(), r));
                let text = String::from_utf8_lossy(&format_once(&template, rest)).into_owned();
                self.put(&text, to.as_ref(), sys)?;
            }
            Statement::If(test, yes, no) => {
                if self.eval(test)?.truth() {
                    self.statement(yes, sys)?;
                } else if let Some(no) = no {
                    self.statement(no, sys)?;
                }
            }
            Statement::While(test, body) => {
                while self.eval(test)?.truth() {
                    if self.turn(body, sys)? {
                        break;
                    }
                }
            }
            Statement::Do(body, test) => loop {
                if self.turn(body, sys)? || !self.eval(test)?.truth() {
                    break;
                }
            },
            Statement::For(init, test, step, body) => {
                if let Some(init) = init {
                    self.statement(init, sys)?;
                }
                loop {
                    if let Some(test) = test
                        && !self.eval(test)?.truth()
                    {
                        break;
                    }
                    self.steps += 1;
                    if self.steps > STEPS {
                        return Err(Stop::Failed("too many steps for one record".into()));
                    }
                    if self.turn(body, sys)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.statement(step, sys)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                let keys: Vec<Arc<str>> =
                    self.arrays.get(array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.vars.insert(name.clone(), Value::Input(key));
                    if self.turn(body, sys)? {
                        break;
                    }
                }
            }
            Statement::Delete(name, keys) => {
                let key = self.key(keys)?;
                if keys.is_empty() {
                    self.arrays.remove(name);
                } else if let Some(array) = self.arrays.get_mut(name) {
                    array.remove(&key);
                }
            }
            Statement::Next => return Err(Stop::Next),
            Statement::Break => return Err(Stop::Break),
            Statement::Continue => return Err(Stop::Continue),
            Statement::Exit(code) => {
                self.exit = Some(match code {
                    Some(code) => self.eval(code)?.number() as i32,
                    None => self.exit.unwrap_or(0),
                });
                return Err(Stop::Exit);
            }
        }
        Ok(())
    }
    fn put(&mut self, text: &str, to: Option<&(bool, Expr)>, sys: &mut Sys<'_>) -> Run<()> {
        let Some((append, file)) = to else {
            self.out.push_str(text);
            return Ok(());
        };
        let file = self.eval(file)?.text();
        match &*file {
            "/dev/stderr" => sys.eprint(text),
            "/dev/stdout" => self.out.push_str(text),
            file => {
                // The first write empties the file, later ones add to it.
                let seen: Arc<str> = format!("\u{0}{file}").into();
                let first = self.vars.insert(seen, Value::Number(1.0)).is_none();
                if let Err(errno) = sys.write_file(file, text.as_bytes(), *append || !first) {
                    return Err(Stop::Failed(format!("can't redirect to `{file}' ({errno})")));
                }
            }
        }
        Ok(())
    }
    /// Runs the rules whose pattern holds. False when the program is to stop.
    fn rules(&mut self, sys: &mut Sys<'_>, when: &str) -> bool {
        self.steps = 0;
        let program = self.program.clone();
        for (at, rule) in program.rules.iter().enumerate() {
            if rule.when != when {
                continue;
            }
            let outcome = self.rule(at, rule, sys);
            match outcome {
                Ok(()) => {}
                Err(Stop::Next) => break,
                Err(Stop::Exit) => {
                    self.flush(sys);
                    return false;
                }
                Err(Stop::Failed(text)) => {
                    self.flush(sys);
                    sys.eprint(&format!("awk: {text}\n"));
                    self.exit = Some(2);
                    return false;
                }
                Err(Stop::Break | Stop::Continue) => {}
            }
        }
        self.flush(sys);
        true
    }
    fn rule(&mut self, at: usize, rule: &super::awk_parse::Rule, sys: &mut Sys<'_>) -> Run<()> {
        let holds = match (&rule.pattern, &rule.until) {
            (None, _) => true,
            (Some(pattern), None) => self.eval(pattern)?.truth(),
            (Some(pattern), Some(until)) => {
                let was = self.active.get(at).copied().unwrap_or(false);
                let inside = was || self.eval(pattern)?.truth();
                if inside {
                    let ends = self.eval(until)?.truth();
                    if let Some(slot) = self.active.get_mut(at) {
                        *slot = !ends;
                    }
                }
                inside
            }
        };
        if holds { self.block(&rule.body, sys) } else { Ok(()) }
    }
    fn flush(&mut self, sys: &mut Sys<'_>) {
        let out = std::mem::take(&mut self.out);
        sys.print(&out);
    }
    fn begin(&mut self, sys: &mut Sys<'_>) -> bool {
        self.began || {
            self.began = true;
            self.rules(sys, "BEGIN")
        }
    }
}

/// awk's printf uses its format once and takes missing values as empty.
fn format_once(template: &str, values: &[Arc<str>]) -> Vec<u8> {
    let directives = template.replace("%%", "").matches('%').count();
    let mut values = values.to_vec();
    values.truncate(directives);
    // `%d` truncates numbers with a fraction.
    let mut kinds = template
        .replace("%%", "")
        .split('%')
        .skip(1)
        .map(|d| d.chars().find(char::is_ascii_alphabetic))
        .collect::<Vec<_>>()
        .into_iter();
    for value in &mut values {
        match kinds.next().flatten() {
            Some('d' | 'i' | 'x' | 'X' | 'o' | 'u') => {
                *value = format!("{}", number(value).trunc() as i64).into()
            }
            Some('f' | 'e' | 'g' | 'E' | 'G') => *value = format!("{}", number(value)).into(),
            _ => {}
        }
    }
    // Escapes were decoded with the string; protect what is left of them.
    super::printf::format(&template.replace('\\', "\\\\"), &values, Voice::Bash).bytes
}

fn arithmetic(operator: &str, a: f64, b: f64) -> Run<f64> {
    Ok(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "^" | "**" => a.powf(b),
        "/" | "%" if b == 0.0 => {
            return Err(Stop::Failed(format!(
                "division by zero{}",
                if operator == "%" { " in %" } else { "" }
            )));
        }
        "/" => a / b,
        _ => a % b,
    })
}

impl Filter for Awk {
    fn file(&mut self, _: &mut Sys<'_>, name: &Arc<str>) {
        self.vars
            .insert("FILENAME".into(), Value::Text(if &**name == "-" { "".into() } else { name.clone() }));
        self.vars.insert("FNR".into(), Value::Number(0.0));
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if !self.program.rules.iter().any(|r| r.when.is_empty() || r.when == "END") {
            return Flow::Stop;
        }
        for name in ["NR", "FNR"] {
            let next = self.var(name).number() + 1.0;
            self.vars.insert(name.into(), Value::Number(next));
        }
        let text = String::from_utf8_lossy(line).into_owned();
        self.set_record(&text);
        if self.rules(sys, "") { Flow::More } else { Flow::Stop }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        sys.eprint(&format!("awk: warning: command line argument `{name}' : {errno}\n"));
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        if self.exit.is_none() {
            self.rules(sys, "END");
        }
        self.exit.unwrap_or(if failed { 2 } else { 0 })
    }
}

pub fn awk(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "F:v:f:",
        long: &[("field-separator=", 'F'), ("assign=", 'v'), ("file=", 'f')],
        code: 2,
    };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut args = opts.args.clone();
    let source = match opts.value('f') {
        Some(file) => match sys.read_file(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => {
                sys.eprint(&format!("awk: fatal: cannot open source file `{file}' for reading: {errno}\n"));
                return ended(2);
            }
        },
        None if args.is_empty() => {
            sys.eprint("Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
            return ended(2);
        }
        None => args.remove(0).to_string(),
    };
    let program = match parse(&source) {
        Ok(program) => program,
        Err(text) => {
            sys.eprint(&format!("awk: cmd. line:1: {source}\nawk: cmd. line:1: {text}\n"));
            return ended(2);
        }
    };
    let unescaped = |t: &str| {
        let (bytes, _) = crate::shell::escape::unescape(t, crate::shell::escape::Style::Format);
        Arc::<str>::from(String::from_utf8_lossy(&bytes).as_ref())
    };
    let mut vars: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, text) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("SUBSEP", "\u{1c}")] {
        vars.insert(name.into(), Value::Text(text.into()));
    }
    if let Some(separator) = opts.value('F') {
        let separator = if separator == "t" { "\t".into() } else { unescaped(separator) };
        vars.insert("FS".into(), Value::Text(separator));
    }
    for pair in opts.values('v') {
        if let Some((name, value)) = pair.split_once('=') {
            vars.insert(name.into(), Value::Input(unescaped(value)));
        }
    }
    let mut arrays = BTreeMap::new();
    let environment = sys.environment().into_iter().map(|(k, v)| (k, Value::Input(v))).collect();
    arrays.insert(Arc::from("ENVIRON"), environment);
    let reads = program.rules.iter().any(|r| r.when != "BEGIN");
    let active = vec![false; program.rules.len()];
    let mut awk = Awk {
        program: Arc::new(program),
        vars,
        arrays,
        record: String::new(),
        fields: Vec::new(),
        active,
        steps: 0,
        exit: None,
        out: String::new(),
        began: false,
    };
    let goes_on = awk.begin(sys);
    if !goes_on || !reads {
        return ended(awk.exit.unwrap_or(0));
    }
    filtering(awk, &args)
}
