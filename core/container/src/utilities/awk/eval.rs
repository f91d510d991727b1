//! Evaluating awk expressions: variables, fields, operators and functions.

use super::Awk;
use super::run::STEPS;
use super::run::Stop;
use super::syntax::Expr;
use super::value::{Value, arithmetic, number};
use crate::utilities::regex;
use std::sync::Arc;

pub(super) type Run<T> = Result<T, Stop>;

impl Awk {
    pub(super) fn var(&self, name: &str) -> Value {
        match name {
            "NF" => Value::Number(self.fields.len() as f64),
            _ => match self.frames.last().and_then(|f| f.get(name)) {
                Some(super::Local::Value(value)) => value.clone(),
                Some(_) => Value::Input("".into()),
                None => self.vars.get(name).cloned().unwrap_or(Value::Input("".into())),
            },
        }
    }
    /// Assigns to a parameter or a variable.
    pub(super) fn set_var(&mut self, name: &Arc<str>, value: Value) {
        match self.frames.last_mut().and_then(|f| f.get_mut(name)) {
            Some(local) => *local = super::Local::Value(value),
            None => _ = self.vars.insert(name.clone(), value),
        }
    }
    /// The global name of an array, which a parameter may stand for.
    pub(super) fn array_name(&mut self, name: &Arc<str>) -> Arc<str> {
        match self.frames.last_mut().and_then(|f| f.get_mut(name)) {
            Some(super::Local::Array(global)) => global.clone(),
            Some(local @ super::Local::Maybe(_)) => {
                let super::Local::Maybe(global) = local.clone() else { return name.clone() };
                *local = super::Local::Array(global.clone());
                global
            }
            _ => name.clone(),
        }
    }
    /// One more record was read.
    pub(super) fn count_record(&mut self) {
        for name in ["NR", "FNR"] {
            let next = self.vars.get(name).map_or(0.0, Value::number) + 1.0;
            self.vars.insert(name.into(), Value::Number(next));
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
            " " if self.var("RS").text().is_empty() => text.split_whitespace().map(Arc::from).collect(),
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
            Expr::Var(name) => self.set_var(name, value),
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
                let name = self.array_name(name);
                let array = self.arrays.entry(name).or_default();
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
    fn joined(&mut self, expr: &Expr) -> Run<Arc<str>> {
        let value = self.eval(expr)?;
        Ok(match value {
            Value::Number(n) if n.fract() != 0.0 => {
                super::value::shown_as(n, &self.var("CONVFMT").text()).into()
            }
            value => value.text(),
        })
    }
    /// A value as print shows it.
    pub(super) fn printed(&self, value: &Value) -> Arc<str> {
        match value {
            Value::Number(n) if n.fract() != 0.0 => {
                super::value::shown_as(*n, &self.var("OFMT").text()).into()
            }
            value => value.text(),
        }
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
                let name = self.array_name(name);
                let array = self.arrays.entry(name).or_default();
                array.entry(key).or_insert_with(|| Value::Input("".into())).clone()
            }
            Expr::In(keys, name) => {
                let key = self.key(keys)?;
                let name = self.array_name(name);
                flag(self.arrays.get(&name).is_some_and(|a| a.contains_key(&key)))
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
                let text = format!("{}{}", self.joined(a)?, self.joined(b)?);
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
            Expr::Getline(from, target) => self.getline(from, target.as_deref())?,
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
