//! Carrying out awk statements and rules.

use super::Awk;
use super::drive::{Effect, Need};
use super::eval::Run;
use super::syntax::{Statement, To};
use super::value::{Value, format_once};
use std::sync::Arc;

/// Statements one record may run.
pub(super) const STEPS: u64 = 2_000_000;

/// Why a statement list ended early.
pub(super) enum Stop {
    Next,
    Exit,
    Break,
    Continue,
    Failed(String),
    Return(Value),
    NextFile,
    /// Something has to be got from outside first.
    Need(Need),
}

impl Awk {
    pub(super) fn block(&mut self, body: &[Statement]) -> Run<()> {
        body.iter().try_for_each(|s| self.statement(s))
    }
    /// Runs a loop's body; true when the loop is to end.
    fn turn(&mut self, body: &Statement) -> Run<bool> {
        match self.statement(body) {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(stop) => Err(stop),
        }
    }
    pub(super) fn statement(&mut self, statement: &Statement) -> Run<()> {
        match statement {
            Statement::Block(body) => self.block(body)?,
            Statement::Expr(expr) => _ = self.eval(expr)?,
            Statement::Print(items, to) => {
                let mut parts = Vec::new();
                for item in items {
                    let value = self.eval(item)?;
                    parts.push(self.printed(&value));
                }
                let text =
                    if items.is_empty() { self.record.clone() } else { parts.join(&self.var("OFS").text()) };
                let line = format!("{text}{}", self.var("ORS").text());
                self.put(&line, to)?;
            }
            Statement::Printf(items, to) => {
                let mut parts = Vec::new();
                for item in items {
                    parts.push(self.eval(item)?.text());
                }
                let (template, rest) =
                    parts.split_first().map_or((Arc::from(""), [].as_slice()), |(t, r)| (t.clone(), r));
                let text = String::from_utf8_lossy(&format_once(&template, rest)).into_owned();
                self.put(&text, to)?;
            }
            Statement::If(test, yes, no) => {
                if self.eval(test)?.truth() {
                    self.statement(yes)?;
                } else if let Some(no) = no {
                    self.statement(no)?;
                }
            }
            Statement::While(test, body) => {
                while self.eval(test)?.truth() {
                    if self.turn(body)? {
                        break;
                    }
                }
            }
            Statement::Do(body, test) => loop {
                if self.turn(body)? || !self.eval(test)?.truth() {
                    break;
                }
            },
            Statement::For(init, test, step, body) => {
                if let Some(init) = init {
                    self.statement(init)?;
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
                    if self.turn(body)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.statement(step)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                let array = self.array_name(array);
                let keys: Vec<Arc<str>> =
                    self.arrays.get(&array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.set_var(name, Value::Input(key));
                    if self.turn(body)? {
                        break;
                    }
                }
            }
            Statement::Delete(name, keys) => {
                let key = self.key(keys)?;
                let name = self.array_name(name);
                if keys.is_empty() {
                    self.arrays.insert(name, imbl::OrdMap::new());
                } else if let Some(array) = self.arrays.get_mut(&name) {
                    array.remove(&key);
                }
            }
            Statement::Next => return Err(Stop::Next),
            Statement::NextFile => return Err(Stop::NextFile),
            Statement::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => Value::Input("".into()),
                };
                return Err(Stop::Return(value));
            }
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
    fn put(&mut self, text: &str, to: &To) -> Run<()> {
        let effect = match to {
            To::Out => Effect::Out(text.into()),
            To::Pipe(command) => Effect::Pipe(self.eval(command)?.text(), text.into()),
            To::File(append, file) => {
                let file = self.eval(file)?.text();
                match &*file {
                    "/dev/stderr" => Effect::Err(text.into()),
                    "/dev/stdout" | "-" => Effect::Out(text.into()),
                    _ => Effect::File(file, *append, text.into()),
                }
            }
        };
        // Many prints are one write.
        match (self.effects.last_mut(), effect) {
            (Some(Effect::Out(before)), Effect::Out(text)) => before.push_str(&text),
            (Some(Effect::File(path, _, before)), Effect::File(same, _, text)) if *path == same => {
                before.push_str(&text);
            }
            (_, effect) => self.effects.push(effect),
        }
        Ok(())
    }
    /// Runs the rules whose pattern holds.
    pub(super) fn rules(&mut self, when: &str) -> Run<()> {
        self.steps = 0;
        let program = self.program.clone();
        for (at, rule) in program.rules.iter().enumerate().filter(|(_, r)| r.when == when) {
            match self.rule(at, rule) {
                Err(Stop::Next | Stop::NextFile) => break,
                Ok(()) | Err(Stop::Break | Stop::Continue | Stop::Return(_)) => {}
                stop => return stop,
            }
        }
        Ok(())
    }
    fn rule(&mut self, at: usize, rule: &super::syntax::Rule) -> Run<()> {
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
        if holds { self.block(&rule.body) } else { Ok(()) }
    }
}
