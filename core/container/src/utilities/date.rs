//! date: the simulated clock, UTC. `-u`, `+FORMAT`, `-d` with @seconds, ISO dates and simple offsets,
//! `-I`, `-R`, `-s` refused.

use super::support::{Opts, Spec, done};
use crate::sys::Sys;
use drydock_machinery::time::{Civil, DAYS, MONTHS, Timestamp, days_from_civil};

fn civil(unix: i64) -> Civil {
    Timestamp(unix).civil()
}

/// strftime(3).
#[must_use]
pub fn format(unix: i64, template: &str) -> String {
    let c = civil(unix);
    let hour12 = if c.hour.is_multiple_of(12) { 12 } else { c.hour % 12 };
    let mut out = String::new();
    let mut chars = template.chars();
    while let Some(ch) = chars.next() {
        if ch != '%' {
            out.push(ch);
            continue;
        }
        let mut directive = chars.next().unwrap_or('%');
        let unpadded = directive == '-';
        if matches!(directive, '-' | '_' | '0' | '^') {
            directive = chars.next().unwrap_or('%');
        }
        let digits = |n: u32| if unpadded { n.to_string() } else { format!("{n:02}") };
        let text = match directive {
            'Y' => c.year.to_string(),
            'C' => format!("{:02}", c.year / 100),
            'y' => format!("{:02}", c.year.rem_euclid(100)),
            'm' => digits(c.month),
            'd' => digits(c.day),
            'e' => format!("{:2}", c.day),
            'H' => digits(c.hour),
            'k' => format!("{:2}", c.hour),
            'I' => digits(hour12),
            'l' => format!("{hour12:2}"),
            'M' => digits(c.minute),
            'S' => digits(c.second),
            'N' => "000000000".into(),
            'p' => if c.hour < 12 { "AM" } else { "PM" }.into(),
            'j' => format!("{:03}", c.yearday()),
            'U' => format!("{:02}", (c.yearday() - 1 + 7 - c.weekday) / 7),
            'W' => format!("{:02}", (c.yearday() - 1 + 7 - (c.weekday + 6) % 7) / 7),
            'V' | 'G' | 'g' => iso_week(&c, directive),
            'P' => if c.hour < 12 { "am" } else { "pm" }.into(),
            'q' => ((c.month - 1) / 3 + 1).to_string(),
            'u' => if c.weekday == 0 { 7 } else { c.weekday }.to_string(),
            'w' => c.weekday.to_string(),
            'A' => c.day().into(),
            'a' => c.day_name().into(),
            'B' => c.month().into(),
            'b' | 'h' => c.month_name().into(),
            's' => unix.to_string(),
            'F' => format(unix, "%Y-%m-%d"),
            'T' => format(unix, "%H:%M:%S"),
            'R' => format(unix, "%H:%M"),
            'D' | 'x' => format(unix, "%m/%d/%y"),
            'X' => format(unix, "%H:%M:%S"),
            'c' => format(unix, "%a %b %e %H:%M:%S %Y"),
            'r' => format(unix, "%I:%M:%S %p"),
            'Z' => "UTC".into(),
            'z' => "+0000".into(),
            ':' => {
                chars.next();
                "+00:00".into()
            }
            'n' => "\n".into(),
            't' => "\t".into(),
            '%' => "%".into(),
            other => format!("%{other}"),
        };
        out.push_str(&text);
    }
    out
}

/// The number of a month by its English name.
fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_end_matches([',', '.']).to_lowercase();
    let at = MONTHS.iter().position(|m| word.len() >= 3 && m.to_lowercase().starts_with(&word))?;
    u32::try_from(at + 1).ok()
}

/// ISO 8601's week (`V`) and the year it belongs to (`G`, `g`).
fn iso_week(c: &Civil, directive: char) -> String {
    // The Thursday of the same week decides.
    let thursday = days_from_civil(c.year, c.month, c.day) - i64::from((c.weekday + 6) % 7) + 3;
    let year = civil(thursday * 86_400);
    match directive {
        'V' => format!("{:02}", (year.yearday() - 1) / 7 + 1),
        'G' => year.year.to_string(),
        _ => format!("{:02}", year.year.rem_euclid(100)),
    }
}

/// A date as `-d` takes it.
#[must_use]
pub fn parse(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let mut base = now;
    let mut words: Vec<&str> = text.split_whitespace().collect();
    match words.first().copied() {
        Some("now" | "today") => _ = words.remove(0),
        Some("yesterday") => {
            words.remove(0);
            base -= 86_400;
        }
        Some("tomorrow") => {
            words.remove(0);
            base += 86_400;
        }
        Some(first)
            if first.len() >= 8 && first.contains('-') && first.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            words.remove(0);
            let (date, clock) = first.split_once('T').unwrap_or((first, ""));
            let mut parts = date.split('-').map(str::parse::<i64>);
            let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
            if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
                return None;
            }
            base = days_from_civil(year, month as u32, day as u32) * 86_400;
            let clock = match (clock, words.first()) {
                ("", Some(word)) if word.contains(':') => words.remove(0),
                (clock, _) => clock,
            };
            let clock = clock.trim_end_matches('Z').split('+').next().unwrap_or("");
            for (part, unit) in clock.split(':').zip([3600, 60, 1]) {
                if !part.is_empty() {
                    base += part.split('.').next().unwrap_or("").parse::<i64>().ok()? * unit;
                }
            }
        }
        _ => {}
    }
    // `1 Jan 2025`, `Jan 1 2025`: a month by name with numbers around it.
    if let Some(at) = words.iter().position(|w| month_of(w).is_some()) {
        let month = words.get(at).and_then(|w| month_of(w))?;
        words.remove(at);
        let number = |w: &&str| w.trim_end_matches(',').parse::<i64>().ok();
        let mut taken: Vec<i64> = Vec::new();
        while let Some(n) = words.first().and_then(number).filter(|_| taken.len() < 2) {
            taken.push(n);
            words.remove(0);
        }
        let (day, year) = match taken.as_slice() {
            [day, year] if *day <= 31 => (*day, *year),
            [year, day] => (*day, *year),
            [day] if *day <= 31 => (*day, civil(now).year),
            [year] => (1, *year),
            _ => return None,
        };
        base = days_from_civil(year, month, u32::try_from(day).ok()?) * 86_400;
    }
    if let Some(word) =
        words.first().filter(|w| w.contains(':') && w.starts_with(|c: char| c.is_ascii_digit()))
    {
        base -= base.rem_euclid(86_400);
        for (part, unit) in word.split(':').zip([3600, 60, 1]) {
            base += part.split('.').next().unwrap_or("").parse::<i64>().ok()? * unit;
        }
        words.remove(0);
    }
    let mut words = words.into_iter().filter(|w| !matches!(*w, "UTC" | "Z" | "GMT")).peekable();
    while let Some(word) = words.next() {
        let weekday = |w: &str| {
            DAYS.iter().position(|d| w.len() >= 3 && d.to_lowercase().starts_with(&w.to_lowercase()))
        };
        let (amount, unit) = match (word, word.parse::<i64>()) {
            (_, Ok(amount)) => (amount, words.next()?),
            ("next" | "last" | "this", _) => {
                let sign = match word {
                    "next" => 1,
                    "last" => -1,
                    _ => 0,
                };
                (sign, words.next()?)
            }
            (day, _) => (0, day),
        };
        if let Some(day) = weekday(unit) {
            let ahead = (day as i64 + 7 - i64::from(civil(base).weekday)) % 7;
            base -= base.rem_euclid(86_400);
            base += match amount {
                1 if ahead == 0 => 7,
                -1 => ahead - 7,
                _ => ahead,
            } * 86_400;
            continue;
        }
        let unit = unit.trim_end_matches('s');
        if matches!(unit, "month" | "year") {
            let sign = if words.next_if_eq(&"ago").is_some() { -1 } else { 1 };
            let c = civil(base);
            let months =
                c.year * 12 + i64::from(c.month) - 1 + amount * sign * if unit == "year" { 12 } else { 1 };
            let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
            base = days_from_civil(months.div_euclid(12), month, c.day) * 86_400 + base.rem_euclid(86_400);
            continue;
        }
        let size = match unit {
            "sec" | "second" => 1,
            "min" | "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            "week" => 604_800,
            "fortnight" => 1_209_600,
            _ => return None,
        };
        let sign = if words.next_if_eq(&"ago").is_some() { -1 } else { 1 };
        base += amount * size * sign;
    }
    Some(base)
}

pub fn run(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "ud:I::Rs:r:",
        long: &[
            ("utc", 'u'),
            ("universal", 'u'),
            ("date=", 'd'),
            ("iso-8601?", 'I'),
            ("rfc-email", 'R'),
            ("rfc-3339=", '3'),
            ("set=", 's'),
            ("reference=", 'r'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let mut unix = sys.unix();
    if let Some(text) = opts.value('d') {
        match parse(text, unix) {
            Some(parsed) => unix = parsed,
            None => return done(sys, 1, &format!("invalid date '{text}'")),
        }
    }
    if let Some(file) = opts.value('r') {
        match sys.stat(file) {
            Ok(stat) => unix = stat.mtime,
            Err(errno) => return done(sys, 1, &format!("{file}: {errno}")),
        }
    }
    if opts.has('s') {
        return done(sys, 1, "cannot set date: Operation not permitted");
    }
    let mut template = "%a %b %e %H:%M:%S %Z %Y".to_string();
    if opts.has('R') {
        template = "%a, %d %b %Y %H:%M:%S %z".into();
    }
    if opts.has('I') {
        template = match opts.value('I').unwrap_or("") {
            "s" | "seconds" => "%Y-%m-%dT%H:%M:%S+00:00",
            "m" | "minutes" => "%Y-%m-%dT%H:%M+00:00",
            "h" | "hours" => "%Y-%m-%dT%H+00:00",
            "ns" => "%Y-%m-%dT%H:%M:%S,%N+00:00",
            _ => "%Y-%m-%d",
        }
        .into();
    }
    if opts.has('3') {
        template = "%Y-%m-%d %H:%M:%S+00:00".into();
    }
    if let Some(extra) = opts.args.get(1) {
        return super::support::usage(sys, 1, &format!("extra operand '{extra}'"));
    }
    if let Some(arg) = opts.args.first() {
        match arg.strip_prefix('+') {
            Some(format) => template = format.to_string(),
            None => return done(sys, 1, &format!("invalid date '{arg}'")),
        }
    }
    let ms = sys.machines.clock.unix_ms().rem_euclid(1000);
    let template = template.replace("%3N", &format!("{ms:03}")).replace("%N", &format!("{ms:03}000000"));
    let text = format(unix, &template);
    sys.print(&format!("{text}\n"));
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_parses() {
        assert_eq!(format(1_700_000_000, "%F %T %a %j"), "2023-11-14 22:13:20 Tue 318");
        assert_eq!(parse("2023-11-14T22:13:20Z", 0), Some(1_700_000_000));
        assert_eq!(parse("2 hours ago", 7200), Some(0));
        assert_eq!(days_from_civil(1970, 1, 1), 0);
    }
}
