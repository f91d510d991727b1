//! Making lines out of nothing: yes, seq.

use super::support::usage;
use crate::machine::{Behave, Step};
use crate::shell::predicates::Voice;
use crate::sys::Sys;
use crate::wait::Wait;
use std::sync::Arc;

/// Prints a line for ever.
#[derive(Clone, Hash)]
pub struct Yes(Arc<[u8]>);

impl Behave for Yes {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.write_error().is_some() {
            return Step::Exit(1);
        }
        sys.write_shared(1, self.0.clone());
        // A few megabytes a second are plenty; unbounded speed would only cost the simulation.
        Step::wait(Wait::Until(sys.now() + 1))
    }
}

pub fn yes(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let words = args.get(1..).unwrap_or(&[]).join(" ");
    let line = format!("{}\n", if words.is_empty() { "y" } else { &words });
    let bytes = line.repeat(1 + 4096 / line.len().max(1)).into_bytes();
    Box::new(Yes(bytes.into()))
}

pub fn seq(sys: &mut Sys<'_>) -> i32 {
    let mut separator = "\n".to_string();
    let mut pad = false;
    let mut format: Option<String> = None;
    let mut numbers: Vec<Arc<str>> = Vec::new();
    let args = sys.args();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "-w" | "--equal-width" => pad = true,
            "-s" => separator = words.next().map(|s| s.to_string()).unwrap_or_default(),
            "-f" => format = words.next().map(|s| s.to_string()),
            word if word.starts_with("-s") => separator = word.get(2..).unwrap_or("").into(),
            word if word.starts_with("-f") => format = word.get(2..).map(String::from),
            word if word.starts_with("--separator=") => separator = word.get(12..).unwrap_or("").into(),
            word => numbers.push(word.into()),
        }
    }
    if numbers.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    if let Some(extra) = numbers.get(3) {
        return usage(sys, 1, &std::format!("extra operand '{extra}'"));
    }
    let mut values = Vec::new();
    for text in &numbers {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            _ => return usage(sys, 1, &std::format!("invalid floating point argument: '{text}'")),
        }
    }
    let (first, step, last) = match values.as_slice() {
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        _ => return 1,
    };
    if step == 0.0 {
        let text = numbers.get(1).cloned().unwrap_or_default();
        return usage(sys, 1, &std::format!("invalid Zero increment value: '{text}'"));
    }
    let places = |text: &str| text.split_once('.').map_or(0, |(_, f)| f.len());
    let shown = numbers.len().saturating_sub(1);
    let precision = numbers.iter().take(shown.max(1)).map(|t| places(t)).max().unwrap_or(0);
    let precision = if numbers.len() == 1 { 0 } else { precision };
    let width = if pad {
        let of = |value: f64| std::format!("{value:.precision$}").len();
        of(first).max(of(last))
    } else {
        0
    };
    let count = ((last - first) / step + 1e-9).floor();
    let mut out = String::new();
    let mut at = 0u64;
    while (at as f64) <= count {
        let value = first + at as f64 * step;
        if at > 0 {
            out.push_str(&separator);
        }
        match &format {
            Some(format) => {
                let text: Arc<str> = value.to_string().into();
                let done = super::printf::format(format, &[text], Voice::Bash);
                out.push_str(&String::from_utf8_lossy(&done.bytes));
            }
            None => out.push_str(&std::format!("{value:0width$.precision$}")),
        }
        at += 1;
        if out.len() > drydock_machinery::limits::COMMAND_OUTPUT_BYTES {
            break;
        }
    }
    if at > 0 {
        out.push('\n');
    }
    sys.print(&out);
    0
}
