//! Carrying out awk statements and rules.

use super::Awk;
use super::eval::Run;
use super::syntax::{Expr, Statement};
use super::value::{Value, format_once};
use crate::sys::Sys;
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
}

impl Awk {
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
    pub(super) fn statement(&mut self, statement: &Statement, sys: &mut Sys<'_>) -> Run<()> {
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
    pub(super) fn rules(&mut self, sys: &mut Sys<'_>, when: &str) -> bool {
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
    pub(super) fn rule(&mut self, at: usize, rule: &super::syntax::Rule, sys: &mut Sys<'_>) -> Run<()> {
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
    pub(super) fn begin(&mut self, sys: &mut Sys<'_>) -> bool {
        self.began || {
            self.began = true;
            self.rules(sys, "BEGIN")
        }
    }
}
