//! Parameter expansion (POSIX XCU 2.6.2 and bash's operators).

use super::ast::{Op, Param, Word};
use super::expand::{Expanded, Halt};
use super::fields::Fields;
use super::frame::{Frame, Source};
use super::glob;
use super::state::Shell;
use super::transform;
use super::vars::{Index, Value};
use crate::sys::Sys;
use std::sync::Arc;

/// Arrays that are computed when they are asked for.
const COMPUTED: [&str; 3] = ["PIPESTATUS", "FUNCNAME", "BASH_SOURCE"];

/// What a parameter holds.
enum Held {
    Unset,
    One(Arc<str>),
    /// `$@`, `$*`, `${a[@]}`: true for `*`.
    Many(Vec<Arc<str>>, bool),
}

/// Whether a parameter stands for all of a list (`$@`, `${a[@]}`).
#[must_use]
pub fn is_all(param: &Param) -> bool {
    let all_items = param.index.as_ref().and_then(Word::plain) == Some("@");
    (&*param.name == "@" || all_items || (param.op == Op::Names)) && param.op != Op::Length
}

impl Shell {
    /// Special parameters and variables the shell computes.
    pub fn special(&mut self, sys: &mut Sys<'_>, name: &str) -> Option<Arc<str>> {
        let number = |n: u64| Some(Arc::from(n.to_string()));
        match name {
            "?" => Some(self.status.to_string().into()),
            "#" => number(self.positional.len() as u64),
            "$" => number(u64::from(self.shown_pid)),
            "!" => (self.last_background != 0).then(|| self.last_background.to_string().into()),
            "-" => Some(self.option_letters().into()),
            "0" => Some(self.name.clone()),
            "RANDOM" if !self.dialect.is_dash() && self.vars.get(name).is_none() => {
                let drawn =
                    sys.machines.clock.chance(u64::from(self.random) ^ (u64::from(sys.pid) << 32), 32768);
                self.random = self.random.wrapping_add(1);
                number(drawn)
            }
            "SECONDS" if self.dialect.is_bash() && self.vars.get(name).is_none() => {
                number(sys.now().saturating_sub(self.started) / 1000)
            }
            "EPOCHSECONDS" if !self.dialect.is_dash() => Some(sys.unix().to_string().into()),
            "LINENO" => number(u64::from(self.line)),
            "BASHPID" if self.dialect.is_bash() => number(u64::from(sys.process().map_or(0, |p| p.ns_pid))),
            "_" if self.dialect.is_bash() => Some(self.last_word.clone()),
            "BASH_SUBSHELL" if self.dialect.is_bash() => number(u64::from(self.subshells)),
            "BASH_COMMAND" if self.dialect.is_bash() => Some(self.command_text.clone()),
            _ if self.dialect.is_bash() && COMPUTED.contains(&name) => {
                self.computed(name).and_then(|list| list.into_iter().next())
            }
            _ if name.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => {
                let at: usize = name.parse().ok()?;
                self.positional.get(at.checked_sub(1)?).cloned()
            }
            _ => None,
        }
    }
    /// Arrays the shell itself keeps.
    fn computed(&self, name: &str) -> Option<Vec<Arc<str>>> {
        if !self.dialect.is_bash() || !COMPUTED.contains(&name) {
            return None;
        }
        let script = match self.frames.first() {
            Some(Frame::Reader(reader)) if reader.source == Source::Script => Some(self.name.clone()),
            _ => None,
        };
        let calls = self.frames.iter().rev().filter_map(|frame| match frame {
            Frame::Call { name, .. } => Some((name.clone(), None)),
            Frame::Sourced { file, .. } => Some(("source".into(), Some(file.clone()))),
            _ => None,
        });
        let calls: Vec<(Arc<str>, Option<Arc<str>>)> = calls.collect();
        Some(match name {
            "PIPESTATUS" => self.pipe_status.iter().map(|s| s.to_string().into()).collect(),
            "FUNCNAME" => {
                let main = (!calls.is_empty() && script.is_some()).then(|| "main".into());
                calls.into_iter().map(|c| c.0).chain(main).collect()
            }
            // A function's file is that of what was sourced around it, else the script.
            _ => {
                let mut files: Vec<Arc<str>> = Vec::new();
                for (at, (_, file)) in calls.iter().enumerate() {
                    let around = calls.iter().skip(at).find_map(|c| c.1.clone());
                    let own = file.clone().or(around).or_else(|| script.clone());
                    files.push(own.unwrap_or_else(|| "environment".into()));
                }
                files.extend(script);
                files
            }
        })
    }
    fn is_special(name: &str) -> bool {
        !name.starts_with(super::lexer::is_name_start)
    }
    fn held(&mut self, sys: &mut Sys<'_>, param: &Param) -> Expanded<Held> {
        let name = &*param.name;
        if name == "@" || name == "*" {
            return Ok(Held::Many(self.positional.iter().cloned().collect(), name == "*"));
        }
        if param.op == Op::Names {
            let names = self.vars.0.keys().filter(|n| n.starts_with(name)).cloned().collect();
            return Ok(Held::Many(names, false));
        }
        match param.index.as_ref() {
            None => {
                let special = self.special(sys, name);
                Ok(special.or_else(|| self.vars.text(name)).map_or(Held::Unset, Held::One))
            }
            Some(index) => match index.plain() {
                Some(all @ ("@" | "*")) => {
                    let computed = self.computed(name);
                    let value = self.vars.get(name).map(|v| v.value.clone()).unwrap_or_default();
                    let items = match (&param.op, computed) {
                        (Op::Keys, _) => value.keys(),
                        (_, Some(computed)) => computed,
                        _ => value.all(),
                    };
                    Ok(Held::Many(items, all == "*"))
                }
                _ => {
                    let text = self.expand_text(sys, index)?;
                    let index = self.index_or_fail(sys, name, &text)?;
                    if let Some(list) = self.computed(name) {
                        let Index::Number(at) = index else { return Ok(Held::Unset) };
                        let at = if at < 0 { at + list.len() as i64 } else { at };
                        let item = list.get(usize::try_from(at).unwrap_or(usize::MAX));
                        return Ok(item.map_or(Held::Unset, |s| Held::One(s.clone())));
                    }
                    Ok(self.vars.item(name, &index).map_or(Held::Unset, Held::One))
                }
            },
        }
    }
    fn index_or_fail(&mut self, sys: &mut Sys<'_>, name: &str, text: &str) -> Expanded<Index> {
        self.index_from_text(sys, name, text).map_err(|message| {
            self.complain(sys, &message);
            Halt::Failed { status: 1, exits: false }
        })
    }
    /// An index as written: a key of an associative array, else an expression.
    pub fn index_from_text(&mut self, sys: &mut Sys<'_>, name: &str, text: &str) -> Result<Index, String> {
        if matches!(self.vars.get(name).map(|v| &v.value), Some(Value::Map(_))) {
            return Ok(Index::Key(text.into()));
        }
        match self.evaluate(sys, text) {
            Ok(number) => Ok(Index::Number(number)),
            Err(_) => Err(format!("{name}: bad array subscript")),
        }
    }
    /// Adds what a parameter expands to.
    pub(super) fn param(
        &mut self,
        sys: &mut Sys<'_>,
        param: &Param,
        out: &mut Fields,
        split: bool,
        quoted: bool,
    ) -> Expanded<()> {
        if param.op == Op::Bad {
            let text = match self.dialect {
                super::Dialect::Bash => format!("{}: bad substitution", param.text),
                super::Dialect::Dash => "Bad substitution".to_string(),
                super::Dialect::Ash => "syntax error: bad substitution".to_string(),
            };
            self.complain(sys, &text);
            return Err(Halt::Failed {
                status: if self.dialect.is_bash() { 1 } else { 2 },
                exits: !self.dialect.is_bash(),
            });
        }
        if param.indirect {
            let target = match self.held(sys, param)? {
                Held::One(target) => target,
                _ => {
                    self.complain(sys, &format!("{}: invalid indirect expansion", param.name));
                    return Err(Halt::Failed { status: 1, exits: false });
                }
            };
            let (name, index) = match target.split_once('[') {
                Some((name, rest)) => (name, Some(Word::text(rest.trim_end_matches(']')))),
                None => (&*target, None),
            };
            let direct = Param { name: name.into(), index, indirect: false, ..param.clone() };
            return self.param(sys, &direct, out, split, quoted);
        }
        let held = self.held(sys, param)?;
        if let Op::Check { what, colon, word } = &param.op {
            return self.check(sys, (param, &held), (*what, *colon, word), out, split, quoted);
        }
        let held = match held {
            Held::Unset if self.options.nounset && param.op != Op::Keys => {
                let name = match &param.index {
                    Some(_) => param.text.trim_matches(['$', '{', '}']).to_string(),
                    None => param.name.to_string(),
                };
                let name =
                    if Self::is_special(&name) && self.dialect.is_bash() { format!("${name}") } else { name };
                let what = if self.dialect.is_bash() { "unbound variable" } else { "parameter not set" };
                self.complain(sys, &format!("{name}: {what}"));
                let status = if self.dialect.is_bash() { self.fatal_status() } else { 2 };
                return Err(Halt::Failed { status, exits: true });
            }
            held => held,
        };
        if param.op == Op::Length {
            let length = match held {
                Held::Unset => 0,
                Held::One(text) => text.chars().count(),
                Held::Many(items, _) => items.len(),
            };
            self.add(&length.to_string(), out, split, quoted);
            return Ok(());
        }
        match held {
            Held::Unset => Ok(()),
            Held::One(text) => {
                let text = self.operate(sys, param, &text)?;
                self.add(&text, out, split, quoted);
                Ok(())
            }
            Held::Many(mut items, star) => {
                if let Op::Slice { offset, length } = &param.op {
                    if &*param.name == "@" || &*param.name == "*" {
                        items.insert(0, self.name.clone());
                    }
                    items = self.slice_list(sys, items, offset, length.as_ref())?;
                } else {
                    for item in &mut items {
                        *item = self.operate(sys, param, &item.clone())?;
                    }
                }
                self.add_list(&items, star, out, split, quoted);
                Ok(())
            }
        }
    }
    fn add_list(&mut self, items: &[Arc<str>], star: bool, out: &mut Fields, split: bool, quoted: bool) {
        if quoted && star || !split {
            let ifs = self.ifs();
            let separator: String = if star { ifs.chars().take(1).collect() } else { " ".into() };
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(&separator, true);
                }
                out.push(item, quoted);
            }
            return;
        }
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.end();
            }
            if quoted {
                out.touch();
                out.push(item, true);
            } else {
                self.add(item, out, split, false);
            }
        }
    }
    fn check(
        &mut self,
        sys: &mut Sys<'_>,
        (param, held): (&Param, &Held),
        (what, colon, word): (char, bool, &Word),
        out: &mut Fields,
        split: bool,
        quoted: bool,
    ) -> Expanded<()> {
        let has = match held {
            Held::Unset => false,
            Held::One(text) => !colon || !text.is_empty(),
            Held::Many(items, _) => !items.is_empty() && (!colon || items.iter().any(|i| !i.is_empty())),
        };
        match (what, has) {
            ('+', false) => Ok(()),
            ('+', true) | ('-', false) => {
                for (at, part) in word.0.iter().enumerate() {
                    match part {
                        super::ast::Part::Text(text) if at == 0 && text.starts_with('~') && !quoted => {
                            let text = self.expand_text(sys, &Word::text(text))?;
                            out.push(&text, true);
                        }
                        super::ast::Part::Text(text) if split && !quoted => self.add(text, out, true, false),
                        part => self.part(sys, part, out, split, quoted)?,
                    }
                }
                Ok(())
            }
            ('=', false) => {
                let text = self.expand_text(sys, word)?;
                if Self::is_special(&param.name) {
                    self.complain(sys, &format!("${}: cannot assign in this way", param.name));
                    return Err(Halt::Failed { status: 1, exits: true });
                }
                self.assign_checked(sys, &param.name, &text)?;
                self.add(&text, out, split, quoted);
                Ok(())
            }
            ('?', false) => {
                let text = self.expand_text(sys, word)?;
                let text = match (text.as_str(), colon) {
                    ("", true) if self.dialect.is_bash() => "parameter null or not set".to_string(),
                    ("", false) if self.dialect.is_bash() => "parameter not set".to_string(),
                    ("", true) => "parameter not set or null".to_string(),
                    ("", false) => "parameter not set".to_string(),
                    (text, _) => text.to_string(),
                };
                self.complain(sys, &format!("{}: {text}", param.name));
                let status = if self.dialect.is_bash() { self.fatal_status() } else { 2 };
                Err(Halt::Failed { status, exits: true })
            }
            _ => {
                match held {
                    Held::Unset => {}
                    Held::One(text) => self.add(text, out, split, quoted),
                    Held::Many(items, star) => self.add_list(items, *star, out, split, quoted),
                }
                Ok(())
            }
        }
    }
    fn operate(&mut self, sys: &mut Sys<'_>, param: &Param, text: &Arc<str>) -> Expanded<Arc<str>> {
        Ok(match &param.op {
            Op::Trim { front, longest, pattern } => {
                let pattern = self.expand_pattern(sys, pattern)?;
                transform::trim(text, &pattern, *front, *longest).into()
            }
            Op::Replace { mode, pattern, with } => {
                let pattern = self.expand_pattern(sys, pattern)?;
                let with = self.expand_text(sys, with)?;
                transform::replace(text, &pattern, &with, *mode).into()
            }
            Op::Case { to, all, pattern } => {
                let mut pattern = self.expand_pattern(sys, pattern)?;
                if pattern.is_empty() {
                    pattern = glob::marks("?");
                }
                transform::case(text, &pattern, *to, *all).into()
            }
            Op::Slice { offset, length } => {
                let offset = self.arithmetic(sys, offset)?;
                let length = match length {
                    Some(length) => Some(self.arithmetic(sys, length)?),
                    None => None,
                };
                match transform::slice(text, offset, length) {
                    Some(text) => text.into(),
                    None => {
                        let shown = length.map_or(String::new(), |l| l.to_string());
                        self.complain(sys, &format!("{shown}: substring expression < 0"));
                        return Err(Halt::Failed { status: 1, exits: false });
                    }
                }
            }
            Op::Transform(what) => transform::transform(text, *what).into(),
            _ => text.clone(),
        })
    }
    fn slice_list(
        &mut self,
        sys: &mut Sys<'_>,
        items: Vec<Arc<str>>,
        offset: &Word,
        length: Option<&Word>,
    ) -> Expanded<Vec<Arc<str>>> {
        let offset = self.arithmetic(sys, offset)?;
        let start = if offset < 0 { (items.len() as i64 + offset).max(0) } else { offset };
        let length = match length {
            Some(length) => self.arithmetic(sys, length)?.max(0),
            None => i64::MAX,
        };
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(items.into_iter().skip(start).take(length).collect())
    }
}
