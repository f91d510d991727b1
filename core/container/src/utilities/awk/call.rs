//! Functions of one's own and getline.

use super::drive::{Known, Need};
use super::eval::Run;
use super::run::Stop;
use super::syntax::{Expr, From};
use super::value::Value;
use super::{Awk, Local};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Functions within one another.
const CALLS: usize = 80;

impl Awk {
    /// Whether a name is that of an array here.
    pub(super) fn is_array(&self, name: &str) -> bool {
        match self.frames.last().and_then(|f| f.get(name)) {
            Some(Local::Array(_)) => true,
            Some(_) => false,
            None => self.arrays.contains_key(name),
        }
    }
    pub(super) fn call(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
        let program = self.program.clone();
        let Some(function) = program.functions.get(name) else { return self.built_in(name, args) };
        if self.frames.len() >= CALLS {
            return Err(Stop::Failed(format!("fatal: function `{name}' is called too deeply")));
        }
        let mut locals = BTreeMap::new();
        let mut made = Vec::new();
        for (at, parameter) in function.parameters.iter().enumerate() {
            let local = match args.get(at) {
                Some(Expr::Var(name)) if self.is_array(name) => Local::Array(self.array_name(name)),
                // A name without a value may turn out to be an array.
                Some(Expr::Var(name)) if self.is_unset(name) => {
                    match self.frames.last().and_then(|f| f.get(name)) {
                        Some(Local::Maybe(global)) => Local::Maybe(global.clone()),
                        _ => Local::Maybe(name.clone()),
                    }
                }
                Some(arg) => Local::Value(self.eval(arg)?),
                None => {
                    self.made += 1;
                    let own: Arc<str> = format!("\u{1}{}", self.made).into();
                    made.push(own.clone());
                    Local::Maybe(own)
                }
            };
            locals.insert(parameter.clone(), local);
        }
        self.frames.push(locals);
        let outcome = self.block(&function.body);
        self.frames.pop();
        for own in made {
            self.arrays.remove(&own);
        }
        match outcome {
            Ok(()) => Ok(Value::Input("".into())),
            Err(Stop::Return(value)) => Ok(value),
            Err(stop) => Err(stop),
        }
    }
    fn is_unset(&self, name: &str) -> bool {
        match self.frames.last().and_then(|f| f.get(name)) {
            Some(local) => matches!(local, Local::Maybe(_)),
            None => !self.vars.contains_key(name) && name != "NF",
        }
    }
    /// 1 for a line, 0 at the end, -1 where nothing can be read.
    pub(super) fn getline(&mut self, from: &From, target: Option<&Expr>) -> Run<Value> {
        let line = match from {
            From::Main => match self.ask(Need::Record)? {
                Known::Record(Some(line)) => {
                    self.count_record();
                    line
                }
                _ => return Ok(Value::Number(0.0)),
            },
            From::File(name) | From::Command(name) => {
                let text = self.eval(name)?.text();
                let (key, need): (Arc<str>, Need) = match from {
                    From::File(_) => (format!("<{text}").into(), Need::File(text)),
                    _ => (text.clone(), Need::Output(text)),
                };
                if !self.reads.contains_key(&key) {
                    let Known::Lines(Some(lines)) = self.ask(need)? else { return Ok(Value::Number(-1.0)) };
                    self.reads.insert(key.clone(), lines);
                }
                let Some(line) = self.reads.get_mut(&key).and_then(Vec::pop) else {
                    return Ok(Value::Number(0.0));
                };
                if !matches!(from, From::File(_)) {
                    let next = self.var("NR").number() + 1.0;
                    self.vars.insert("NR".into(), Value::Number(next));
                }
                line
            }
        };
        match target {
            None => self.set_record(&line),
            Some(target) => self.assign(target, Value::Input(line))?,
        }
        Ok(Value::Number(1.0))
    }
}
