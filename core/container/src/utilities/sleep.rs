//! Passing time: sleep, usleep, and how durations are written.

use super::support::{Flavor, done, flavor, own_name, usage};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;

/// A duration such as `5`, `0.5`, `2m`, `1h`, `infinity`, in milliseconds.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    if text == "infinity" || text == "inf" {
        return Some(u64::MAX / 4);
    }
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(digits) => (digits, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let number = digits.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)?;
    let size = match unit {
        'm' => 60_000.0,
        'h' => 3_600_000.0,
        'd' => 86_400_000.0,
        _ => 1000.0,
    };
    Some((number * size).min(1e15) as u64)
}

/// Waits for a moment.
#[derive(Clone, Hash)]
pub struct Sleep(u64);

impl Behave for Sleep {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.now() >= self.0 { Step::Exit(0) } else { Step::wait(Wait::Until(self.0)) }
    }
}

pub fn sleep(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let mut total = 0u64;
    let mut bad = 0;
    for text in args.iter().skip(1) {
        match duration(text) {
            Some(ms) => total = total.saturating_add(ms),
            None => {
                bad += 1;
                match flavor(sys) {
                    Flavor::Gnu => _ = done(sys, 1, &std::format!("invalid time interval '{text}'")),
                    Flavor::Busybox => _ = done(sys, 1, &std::format!("invalid number '{text}'")),
                }
            }
        }
    }
    if args.len() < 2 {
        return super::filter::ended(usage(sys, 1, "missing operand"));
    }
    if bad > 0 {
        if flavor(sys) == Flavor::Gnu {
            let name = own_name(sys);
            sys.eprint(&std::format!("Try '{name} --help' for more information.\n"));
        }
        return super::filter::ended(1);
    }
    Box::new(Sleep(sys.now().saturating_add(total)))
}

pub fn usleep(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let micros = sys.args().get(1).and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    Box::new(Sleep(sys.now() + micros.div_ceil(1000)))
}
