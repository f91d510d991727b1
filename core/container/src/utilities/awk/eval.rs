//! Evaluating awk expressions: variables, fields, operators and functions.

use super::Awk;
use super::run::STEPS;
use super::run::Stop;
use super::syntax::Expr;
use super::value::{Value, arithmetic, format_once, number};
use crate::utilities::regex;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) type Run<T> = Result<T, Stop>;

impl Awk {
    pub(super) fn var(&self, name: &str) -> Value {
        match name {
            "NF" => Value::Number(self.fields.len() as f64),
            _ => self.vars.get(name).cloned().unwrap_or(Value::Input("".into())),
        }
    }
    pub(super) fn set_record(&mut self, text: &str) {
        self.record = text.to_string();
        self.fields = self.split(text, &self.var("FS").text());
    }
    pub(super) fn split(&self, text: &str, separator: &str) -> Vec<Arc<str>> {
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
    pub(super) fn assign(&mut self, target: &Expr, value: Value) -> Run<()> {
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
    pub(super) fn key(&mut self, keys: &[Expr]) -> Run<Arc<str>> {
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
    pub(super) fn matches(&mut self, text: &str, pattern: &Expr) -> Run<bool> {
        let source = match pattern {
            Expr::Regex(source) => source.clone(),
            other => self.eval(other)?.text(),
        };
        match regex::compile(&regex::extended(&source), false) {
            Ok(regex) => Ok(regex.is_match(text)),
            Err(text) => Err(Stop::Failed(text)),
        }
    }
    pub(super) fn eval(&mut self, expr: &Expr) -> Run<Value> {
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
    pub(super) fn pattern(&mut self, expr: Option<&Expr>) -> Run<regex_lite::Regex> {
        let source = match expr {
            Some(Expr::Regex(source)) => source.clone(),
            Some(other) => self.eval(other)?.text(),
            None => "".into(),
        };
        regex::compile(&regex::extended(&source), false).map_err(Stop::Failed)
    }
}
