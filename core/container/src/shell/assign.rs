//! Assignments.

use super::ast::{Assign, AssignValue, Redirect, RedirectKind, Word};
use super::expand::{Expanded, Halt};
use super::frame::{Assigned, Ready, Redirected};
use super::state::Shell;
use super::vars::{Index, Value};
use crate::sys::Sys;
use imbl::OrdMap;
use std::sync::Arc;

impl Shell {
    /// Expands all of a simple command: words, then redirections, then assignments.
    pub(super) fn prepare(
        &mut self,
        sys: &mut Sys<'_>,
        assigns: &[Assign],
        words: &[Word],
        redirects: &[Redirect],
    ) -> Expanded<Ready> {
        let declares = words.first().and_then(Word::plain).filter(|w| is_declaration(w));
        let words = match declares {
            Some(_) => self.declaration_words(sys, words)?,
            None => self.expand_words(sys, words)?,
        };
        let redirects = self.expand_redirects(sys, redirects)?;
        let (mut out, mut shown, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for assign in assigns {
            let value = self.assigned(sys, assign, words.get(1).is_some_and(|w| w.starts_with("-A")))?;
            if self.options.xtrace {
                shown.push(self.show_assignment(assign, &value));
            }
            // Later assignments of the same command see the earlier ones.
            if !words.is_empty() {
                before.push((assign.name.clone(), self.vars.get(&assign.name).cloned()));
            }
            if words.is_empty() || !self.vars.is_readonly(&assign.name) {
                self.carry_out(sys, &assign.name, &value)?;
            }
            out.push((assign.name.clone(), value));
        }
        self.put_back(before);
        Ok(Ready { words, assigns: out, redirects, substituted: self.replay.status, shown })
    }
    /// `export a=$b` does not split its assignments.
    fn declaration_words(&mut self, sys: &mut Sys<'_>, words: &[Word]) -> Expanded<Vec<Arc<str>>> {
        let mut out = Vec::new();
        for word in words {
            let assigns = match word.0.first() {
                Some(super::ast::Part::Text(text)) => text
                    .split_once('=')
                    .is_some_and(|(name, _)| super::lexer::is_name(name.trim_end_matches('+'))),
                _ => false,
            };
            if assigns && !self.dialect.is_dash() {
                out.push(self.expand_value(sys, word)?.into());
            } else {
                out.extend(self.expand_words(sys, std::slice::from_ref(word))?);
            }
        }
        Ok(out)
    }
    pub(super) fn expand_redirects(
        &mut self,
        sys: &mut Sys<'_>,
        redirects: &[Redirect],
    ) -> Expanded<Vec<Redirected>> {
        let mut out = Vec::new();
        for redirect in redirects {
            let here = matches!(redirect.kind, RedirectKind::Here | RedirectKind::HereString);
            let target = if here || !self.dialect.is_bash() {
                let mut target = self.expand_text(sys, &redirect.target)?;
                if redirect.kind == RedirectKind::HereString {
                    target.push('\n');
                }
                Ok(target.into())
            } else {
                match self.expand_words(sys, std::slice::from_ref(&redirect.target))?.as_slice() {
                    [one] => Ok(one.clone()),
                    _ => Err(format!("{}: ambiguous redirect", redirect.text).into()),
                }
            };
            let (fd, var, kind) = (redirect.fd, redirect.var.clone(), redirect.kind);
            out.push(Redirected { fd, var, kind, target });
        }
        Ok(out)
    }
    fn assigned(&mut self, sys: &mut Sys<'_>, assign: &Assign, associative: bool) -> Expanded<Assigned> {
        let name = &*assign.name;
        match &assign.value {
            AssignValue::Word(word) => {
                let text = self.expand_value(sys, word)?;
                let index = match &assign.index {
                    None => None,
                    Some(index) => {
                        let text = self.expand_text(sys, index)?;
                        Some(self.index_from_text(sys, name, &text).map_err(|message| {
                            self.complain(sys, &message);
                            Halt::Failed { status: 1, exits: false }
                        })?)
                    }
                };
                let old = match &index {
                    None => self.vars.text(name),
                    Some(index) => self.vars.item(name, index),
                };
                let integer = self.vars.get(name).is_some_and(|v| v.integer);
                let text = match (assign.append, integer) {
                    (true, true) => {
                        let sum = format!("{}+({text})", old.as_deref().unwrap_or("0"));
                        self.evaluate(sys, &sum)?.to_string()
                    }
                    (true, false) => format!("{}{text}", old.unwrap_or_default()),
                    (false, true) => self.evaluate(sys, &text)?.to_string(),
                    (false, false) => text,
                };
                Ok(match index {
                    None => Assigned::Scalar(text.into()),
                    Some(index) => Assigned::Item(index, text.into()),
                })
            }
            AssignValue::Array(items) => {
                let old = self.vars.get(name).map(|v| v.value.clone()).unwrap_or_default();
                if associative || matches!(old, Value::Map(_)) {
                    let mut map = match old {
                        Value::Map(map) if assign.append => map,
                        _ => OrdMap::new(),
                    };
                    for (key, word) in items {
                        let value = self.expand_value(sys, word)?;
                        let key = match key {
                            Some(key) => self.expand_text(sys, key)?,
                            None => continue,
                        };
                        map.insert(key.into(), value.into());
                    }
                    return Ok(Assigned::Whole(Value::Map(map)));
                }
                let mut list = match old {
                    Value::List(list) if assign.append => list,
                    Value::Text(text) if assign.append => OrdMap::unit(0, text),
                    _ => OrdMap::new(),
                };
                let mut next = list.get_max().map_or(0, |(k, _)| k + 1);
                for (key, word) in items {
                    if let Some(key) = key {
                        let text = self.expand_text(sys, key)?;
                        if let Ok(Index::Number(number)) = self.index_from_text(sys, name, &text) {
                            next = number;
                        }
                        list.insert(next, self.expand_value(sys, word)?.into());
                        next += 1;
                        continue;
                    }
                    for value in self.expand_words(sys, std::slice::from_ref(word))? {
                        list.insert(next, value);
                        next += 1;
                    }
                }
                Ok(Assigned::Whole(Value::List(list)))
            }
        }
    }
    /// Assigns to a variable, unless it is readonly.
    pub(super) fn carry_out(&mut self, sys: &mut Sys<'_>, name: &str, value: &Assigned) -> Expanded<()> {
        if self.vars.is_readonly(name) {
            return Err(self.readonly(sys, name));
        }
        match value {
            Assigned::Scalar(text) if name == "RANDOM" && !self.dialect.is_dash() => {
                self.random = text.parse::<u32>().unwrap_or(0).wrapping_mul(31) | 1 << 31;
            }
            Assigned::Scalar(text) if name == "SECONDS" && self.dialect.is_bash() => {
                let ahead = text.parse::<u64>().unwrap_or(0).saturating_mul(1_000);
                self.started = sys.now().saturating_sub(ahead);
            }
            Assigned::Scalar(text) => self.vars.set(name, text),
            Assigned::Item(index, text) => self.vars.set_item(name, index, text),
            Assigned::Whole(value) => self.vars.set_value(name, value.clone()),
        }
        if self.options.allexport {
            self.vars.export(name, true);
        }
        if name == "OPTIND" {
            self.getopts_at = 0;
        }
        Ok(())
    }
    fn readonly(&mut self, sys: &mut Sys<'_>, name: &str) -> Halt {
        let bash = self.dialect.is_bash();
        self.complain(sys, &format!("{name}: {}", if bash { "readonly variable" } else { "is read only" }));
        Halt::Failed { status: if bash { 1 } else { 2 }, exits: !bash }
    }
    pub fn assign_checked(&mut self, sys: &mut Sys<'_>, name: &str, text: &str) -> Expanded<()> {
        self.carry_out(sys, name, &Assigned::Scalar(text.into()))
    }
}

fn is_declaration(name: &str) -> bool {
    matches!(name, "declare" | "typeset" | "local" | "export" | "readonly")
}
