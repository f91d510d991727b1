//! numfmt: numbers to and from their short forms (`--to=iec|iec-i|si`, `--from=…`, `--suffix`, `--padding`,
//! `--field`, `--header`). Follows coreutils 9.1; `--format` and `--round` are left out.

use super::filter::{Filter, Flow, Start, ended, filtering, options};
use super::support::{Spec, done};
use crate::sys::Sys;
use std::sync::Arc;

const UNITS: &str = "KMGTPEZY";

#[derive(Clone, Hash)]
struct Numfmt {
    from: Arc<str>,
    to: Arc<str>,
    suffix: Arc<str>,
    padding: i64,
    field: usize,
    header: usize,
    words: Vec<Arc<str>>,
    failed: bool,
}

/// A number with its unit as bytes; the complaint where it is none.
fn read(text: &str, from: &str) -> Result<f64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !"+-.".contains(c)).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits.parse().map_err(|_| format!("invalid number: '{text}'"))?;
    let letter = unit.trim_end_matches('i').chars().next();
    match (letter, from) {
        (None, _) => Ok(value),
        (Some(_), "" | "none") => Err(format!("rejecting suffix in input: '{text}' (consider using --from)")),
        (Some(c), from) => {
            let power = UNITS
                .find(c.to_ascii_uppercase())
                .ok_or_else(|| format!("invalid suffix in input: '{text}'"))?;
            let base = if from == "si" { 1000f64 } else { 1024f64 };
            Ok(value * base.powi(power as i32 + 1))
        }
    }
}

fn show(value: f64, to: &str) -> String {
    if matches!(to, "" | "none") {
        return if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value}") };
    }
    let base = if to == "si" { 1000f64 } else { 1024f64 };
    let (mut rest, mut power) = (value.abs(), 0usize);
    while rest >= base && power < UNITS.len() {
        rest /= base;
        power += 1;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let unit = power.checked_sub(1).and_then(|at| UNITS.chars().nth(at));
    let unit = unit.map_or(String::new(), |c| format!("{c}{}", if to == "iec-i" { "i" } else { "" }));
    // Away from zero, with one digit after the point below ten.
    let number = match power {
        0 => format!("{rest:.0}"),
        _ if (rest * 10.0).ceil() < 100.0 => format!("{:.1}", (rest * 10.0).ceil() / 10.0),
        _ => format!("{:.0}", rest.ceil()),
    };
    format!("{sign}{number}{unit}")
}

impl Numfmt {
    fn convert(&mut self, sys: &mut Sys<'_>, line: &str) {
        let mut words: Vec<String> = line.split(' ').map(String::from).collect();
        let place = words.iter().enumerate().filter(|(_, w)| !w.is_empty()).nth(self.field - 1).map(|p| p.0);
        let Some(word) = place.and_then(|at| words.get_mut(at)) else {
            return sys.print(&format!("{line}\n"));
        };
        match read(word.trim_end_matches(&*self.suffix), &self.from) {
            Ok(value) => {
                let text = show(value, &self.to) + &self.suffix;
                let width = self.padding.unsigned_abs().min(1_000) as usize;
                *word = if self.padding < 0 { format!("{text:<width$}") } else { format!("{text:>width$}") };
                sys.print(&format!("{}\n", words.join(" ")));
            }
            Err(text) => {
                self.failed = true;
                done(sys, 2, &text);
            }
        }
    }
}

impl Filter for Numfmt {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        let text = String::from_utf8_lossy(line).into_owned();
        if self.header > 0 {
            self.header -= 1;
            sys.print(&format!("{text}\n"));
            return Flow::More;
        }
        self.convert(sys, &text);
        if self.failed { Flow::Stop } else { Flow::More }
    }
    fn end(&mut self, _: &mut Sys<'_>, _: bool) -> i32 {
        if self.failed { 2 } else { 0 }
    }
}

pub fn numfmt(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "d:z",
        long: &[
            ("from=", 'f'),
            ("to=", 't'),
            ("suffix=", 's'),
            ("padding=", 'p'),
            ("field=", 'F'),
            ("header?", 'H'),
            ("grouping", 'g'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let text = |letter: char| Arc::from(opts.value(letter).unwrap_or(""));
    let number = |letter: char| opts.value(letter).and_then(|v| v.parse::<i64>().ok());
    let header = if opts.has('H') { number('H').unwrap_or(1).max(0) as usize } else { 0 };
    let mut numfmt = Numfmt {
        from: text('f'),
        to: text('t'),
        suffix: text('s'),
        padding: number('p').unwrap_or(0),
        field: number('F').unwrap_or(1).max(1) as usize,
        header,
        words: opts.args.clone(),
        failed: false,
    };
    if numfmt.words.is_empty() {
        return filtering(numfmt, &[]);
    }
    for word in std::mem::take(&mut numfmt.words) {
        numfmt.convert(sys, &word);
    }
    ended(if numfmt.failed { 2 } else { 0 })
}
