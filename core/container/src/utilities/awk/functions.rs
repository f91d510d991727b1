//! awk's built-in functions.

use super::Awk;
use super::drive::{Known, Need};
use super::eval::Run;
use super::run::Stop;
use super::syntax::Expr;
use super::value::{Value, format_once};
use std::sync::Arc;

/// Their names.
pub(super) const NAMES: [&str; 25] = [
    "atan2", "close", "cos", "exp", "fflush", "gensub", "gsub", "index", "int", "length", "log", "match",
    "rand", "sin", "split", "sprintf", "sqrt", "srand", "strftime", "sub", "substr", "system", "systime",
    "tolower", "toupper",
];

impl Awk {
    pub(super) fn built_in(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
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
                Some(Expr::Var(name)) if self.is_array(name) => {
                    let name = self.array_name(name);
                    Value::Number(self.arrays.get(&name).map_or(0, imbl::OrdMap::len) as f64)
                }
                Some(arg) => Value::Number(self.eval(arg)?.text().chars().count() as f64),
            },
            "substr" => {
                let chars: Vec<char> = text(0).chars().collect();
                // gawk counts the length from the first character when the start lies before it.
                let from = num(1).round().max(1.0);
                let end = if values.len() > 2 { from + num(2).round() } else { f64::INFINITY };
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
            "atan2" => Value::Number(num(0).atan2(num(1))),
            "rand" => {
                self.drawn = self.drawn.wrapping_add(1);
                let mixed = drydock_machinery::digest::mix(0x9e37, self.drawn);
                Value::Number((mixed >> 11) as f64 / (1u64 << 53) as f64)
            }
            "srand" => {
                let before = std::mem::replace(&mut self.drawn, (num(0) as u64) << 32);
                Value::Number((before >> 32) as f64)
            }
            "systime" => Value::Number(self.unix as f64),
            "strftime" => {
                let form = if values.is_empty() { "%a %b %e %H:%M:%S %Z %Y".into() } else { text(0) };
                let time = if values.len() > 1 { num(1) as i64 } else { self.unix };
                Value::Text(crate::utilities::date::format(time, &form).into())
            }
            "fflush" => Value::Number(0.0),
            "system" | "close" => {
                let need = if name == "system" { Need::System(text(0)) } else { Need::Close(text(0)) };
                if name == "close" {
                    // What getline read of it begins anew.
                    self.reads.retain(|k, _| **k != *text(0) && k.get(1..) != Some(&*text(0)));
                }
                match self.ask(need)? {
                    Known::Status(status) => Value::Number(f64::from(status)),
                    _ => Value::Number(-1.0),
                }
            }
            "gensub" => {
                let compiled = self.pattern(args.first())?;
                let (with, how) = (text(1), text(2));
                let subject = if values.len() > 3 { text(3) } else { self.record.as_str().into() };
                let nth = how.parse::<usize>().ok();
                let (mut out, mut at, mut count) = (String::new(), 0, 0);
                for found in compiled.captures_iter(&subject) {
                    let Some(all) = found.get(0) else { break };
                    count += 1;
                    if nth.is_some_and(|n| n != count) {
                        continue;
                    }
                    out.push_str(subject.get(at..all.start()).unwrap_or(""));
                    let mut chars = with.chars();
                    while let Some(c) = chars.next() {
                        match c {
                            '&' => out.push_str(all.as_str()),
                            '\\' => match chars.next() {
                                Some(d) if d.is_ascii_digit() => {
                                    let group = d.to_digit(10).unwrap_or(0) as usize;
                                    out.push_str(found.get(group).map_or("", |g| g.as_str()));
                                }
                                Some(c) => out.push(c),
                                None => out.push('\\'),
                            },
                            c => out.push(c),
                        }
                    }
                    at = all.end();
                }
                out.push_str(subject.get(at..).unwrap_or(""));
                Value::Text(out.into())
            }
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
                let array = self.array_name(array);
                self.arrays.insert(array, items.collect());
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
            other => return Err(Stop::Failed(format!("fatal: function `{other}' not defined"))),
        })
    }
}
