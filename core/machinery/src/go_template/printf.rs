//! Go's `fmt.Sprintf` over JSON values: the verbs templates use, with `%!d(string=x)` for misfits.

use super::exec::Held;
use super::functions::go_type;
use crate::{Value, quote, text};

#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// The widest a template may pad, so that output stays bounded.
const WIDEST: usize = 1000;

/// The formatted text.
pub(super) fn printf(format: &str, arguments: &[Held]) -> String {
    let mut out = String::new();
    let mut next = 0;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = Flags::default();
        while let Some(flag) = chars.next_if(|c| "-+# 0".contains(*c)) {
            match flag {
                '-' => flags.minus = true,
                '+' => flags.plus = true,
                '#' => flags.sharp = true,
                ' ' => flags.space = true,
                _ => flags.zero = true,
            }
        }
        let mut number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            if chars.next_if_eq(&'*').is_some() {
                let value = arguments.get(next).cloned().flatten();
                next += 1;
                return value
                    .and_then(|v| v.as_int())
                    .and_then(|n| usize::try_from(n).ok())
                    .map(|n| n.min(WIDEST));
            }
            let mut n = None;
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                let digit = digit.to_digit(10).unwrap_or(0) as usize;
                n = Some((n.unwrap_or(0) * 10 + digit).min(WIDEST));
            }
            n
        };
        flags.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            flags.precision = Some(number(&mut chars).unwrap_or(0));
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => {
                match arguments.get(next) {
                    Some(value) => out.push_str(&formatted(verb, flags, value)),
                    None => out.push_str(&format!("%!{verb}(MISSING)")),
                }
                next += 1;
            }
        }
    }
    if next < arguments.len() {
        let extra = arguments.iter().skip(next).map(|value| match value {
            None => "<nil>".into(),
            Some(v) => format!("{}={}", go_type(value), text::go_print(v)),
        });
        out.push_str(&format!("%!(EXTRA {})", extra.collect::<Vec<String>>().join(", ")));
    }
    out
}

fn formatted(verb: char, flags: Flags, value: &Held) -> String {
    let misfit = || match value {
        None => format!("%!{verb}(<nil>)"),
        Some(v) => format!("%!{verb}({}={})", go_type(value), text::go_print(v)),
    };
    let Some(value) = value else {
        return if verb == 'v' { padded("<nil>".into(), flags, false) } else { misfit() };
    };
    match (verb, value) {
        ('v', Value::Float(f)) => padded(signed(text::go_float(*f), flags), flags, true),
        ('v', Value::Int(n)) => padded(signed(n.to_string(), flags), flags, true),
        ('v', Value::Str(_) | Value::Word(_)) if flags.sharp => padded(quote::go(value.text()), flags, false),
        ('v', _) => padded(text::go_print(value), flags, false),
        ('T', _) => padded(go_type(&Some(value.clone())).into(), flags, false),
        ('t', Value::Bool(b)) => padded(b.to_string(), flags, false),
        ('s' | 'q' | 'x' | 'X', Value::Str(_) | Value::Word(_)) => {
            let full = value.text();
            let kept: String = match flags.precision {
                Some(most) => full.chars().take(most).collect(),
                None => full.into(),
            };
            let shown = match verb {
                's' => kept,
                'q' if flags.sharp && !kept.contains('`') => format!("`{kept}`"),
                'q' => quote::go(&kept),
                _ => hex(kept.as_bytes(), verb == 'X'),
            };
            padded(shown, flags, false)
        }
        ('s' | 'q', Value::List(items)) => {
            let items: Vec<String> =
                items.iter().map(|v| formatted(verb, Flags::default(), &Some(v.clone()))).collect();
            padded(format!("[{}]", items.join(" ")), flags, false)
        }
        ('s' | 'q', Value::Map(entries)) => {
            let entries = entries.iter().map(|(k, v)| {
                let key = formatted(verb, Flags::default(), &Some(Value::from(k.text())));
                format!("{key}:{}", formatted(verb, Flags::default(), &Some(v.clone())))
            });
            padded(format!("map[{}]", entries.collect::<Vec<String>>().join(" ")), flags, false)
        }
        ('d', Value::Int(n)) => padded(signed(n.to_string(), flags), flags, true),
        ('b', Value::Int(n)) => padded(signed(radix(*n, |n| format!("{n:b}")), flags), flags, true),
        ('o', Value::Int(n)) => padded(signed(radix(*n, |n| format!("{n:o}")), flags), flags, true),
        ('x', Value::Int(n)) => padded(signed(radix(*n, |n| format!("{n:x}")), flags), flags, true),
        ('X', Value::Int(n)) => padded(signed(radix(*n, |n| format!("{n:X}")), flags), flags, true),
        ('c', Value::Int(n)) => {
            let c = u32::try_from(*n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            padded(c.to_string(), flags, false)
        }
        ('q', Value::Int(n)) => {
            let c = u32::try_from(*n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            padded(quote::go_rune(c), flags, false)
        }
        ('U', Value::Int(n)) => padded(format!("U+{n:04X}"), flags, false),
        ('f' | 'F', Value::Float(f)) => {
            padded(signed(format!("{f:.*}", flags.precision.unwrap_or(6)), flags), flags, true)
        }
        ('e', Value::Float(f)) => {
            let shown = format!("{f:.*e}", flags.precision.unwrap_or(6));
            let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
            let n: i32 = exponent.parse().unwrap_or(0);
            let sign = if n < 0 { '-' } else { '+' };
            padded(signed(format!("{mantissa}e{sign}{:02}", n.abs()), flags), flags, true)
        }
        ('g' | 'G', Value::Float(f)) => padded(signed(text::go_float(*f), flags), flags, true),
        _ => misfit(),
    }
}

fn radix(n: i64, show: impl Fn(u64) -> String) -> String {
    let digits = show(n.unsigned_abs());
    if n < 0 { format!("-{digits}") } else { digits }
}

fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
}

fn signed(text: String, flags: Flags) -> String {
    match () {
        () if text.starts_with('-') => text,
        () if flags.plus => format!("+{text}"),
        () if flags.space => format!(" {text}"),
        () => text,
    }
}

fn padded(text: String, flags: Flags, number: bool) -> String {
    let length = text.chars().count();
    let Some(missing) = flags.width.and_then(|width| width.checked_sub(length)) else { return text };
    if flags.minus {
        return text + &" ".repeat(missing);
    }
    if flags.zero && number {
        let digits = text.trim_start_matches(['+', '-']);
        let sign = text.get(..text.len() - digits.len()).unwrap_or("");
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    " ".repeat(missing) + &text
}
