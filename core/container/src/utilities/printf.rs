//! printf: the format language shared by the builtin and /usr/bin/printf.

use crate::shell::escape::{Style, unescape};
use crate::shell::predicates::Voice;
use crate::shell::transform::backslash_quote;
use std::sync::Arc;

/// What formatting gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formatted {
    pub bytes: Vec<u8>,
    pub errors: Vec<String>,
}

/// One conversion's flags, width and precision.
#[derive(Default)]
struct Conversion {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Formats values; the format is used again while values remain.
#[must_use]
pub fn format(template: &str, values: &[Arc<str>], voice: Voice) -> Formatted {
    let mut out = Formatted::default();
    let mut values = values.iter();
    loop {
        let before = values.len();
        if once(template, &mut values, &mut out, voice) || values.len() == 0 || values.len() == before {
            return out;
        }
        if out.bytes.len() > drydock_machinery::limits::FILE_BYTES {
            return out;
        }
    }
}

/// A format with a second backslash before what is no escape in it: `\c`, and `\x` in dash.
fn plain(text: &str, voice: Voice) -> std::borrow::Cow<'_, str> {
    let kept = |c: char| c == 'c' || c == 'x' && voice == Voice::Dash;
    if !text.contains("\\c") && !text.contains("\\x") {
        return text.into();
    }
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\'
            && let Some(next) = chars.next()
        {
            out.push_str(if kept(next) { "\\" } else { "" });
            out.push(next);
        }
    }
    out.into()
}

/// True if the output ends here for good.
fn once(
    template: &str,
    values: &mut std::slice::Iter<'_, Arc<str>>,
    out: &mut Formatted,
    voice: Voice,
) -> bool {
    let mut rest = template;
    loop {
        let Some(at) = rest.find('%') else {
            let (bytes, stop) = unescape(&plain(rest, voice), Style::Format);
            out.bytes.extend(bytes);
            return stop;
        };
        let (bytes, stop) = unescape(&plain(rest.get(..at).unwrap_or(""), voice), Style::Format);
        out.bytes.extend(bytes);
        if stop {
            return true;
        }
        let spec = rest.get(at + 1..).unwrap_or("");
        if let Some(after) = spec.strip_prefix('%') {
            out.bytes.push(b'%');
            rest = after;
            continue;
        }
        let mut conversion = Conversion::default();
        let mut chars = spec.char_indices().peekable();
        while let Some((_, c)) = chars.next_if(|(_, c)| "-0+ #".contains(*c)) {
            match c {
                '-' => conversion.left = true,
                '0' => conversion.zero = true,
                '+' => conversion.plus = true,
                ' ' => conversion.space = true,
                _ => conversion.alternate = true,
            }
        }
        if chars.next_if(|(_, c)| *c == '*').is_some() {
            let width = values.next().and_then(|v| v.parse::<i64>().ok()).unwrap_or(0);
            conversion.left |= width < 0;
            conversion.width = width.unsigned_abs() as usize;
        }
        while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
            conversion.width = conversion.width.saturating_mul(10) + c.to_digit(10).unwrap_or(0) as usize;
        }
        if chars.next_if(|(_, c)| *c == '.').is_some() {
            let mut precision = 0usize;
            if chars.next_if(|(_, c)| *c == '*').is_some() {
                precision = values.next().and_then(|v| v.parse().ok()).unwrap_or(0);
            }
            while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
                precision = precision.saturating_mul(10) + c.to_digit(10).unwrap_or(0) as usize;
            }
            conversion.precision = Some(precision.min(1_000_000));
        }
        conversion.width = conversion.width.min(1_000_000);
        while voice != Voice::Dash && chars.next_if(|(_, c)| "hlLjzt".contains(*c)).is_some() {}
        let Some((end, letter)) = chars.next() else {
            out.errors.push(match voice {
                Voice::Bash => "`%': missing format character".into(),
                _ => "%: invalid directive".into(),
            });
            return true;
        };
        rest = spec.get(end + letter.len_utf8()..).unwrap_or("");
        if !"sbqdiouxXcfFeEgG".contains(letter) || (letter == 'q' && voice != Voice::Bash) {
            let shown: String = format!("%{}", spec.get(..end + letter.len_utf8()).unwrap_or(""));
            out.errors.push(match voice {
                Voice::Bash => format!("`{letter}': invalid format character"),
                Voice::Dash => format!("{shown}: invalid directive"),
                Voice::Ash => format!("{shown}: invalid format"),
            });
            return true;
        }
        let value = values.next();
        if convert(&conversion, letter, value.map(|v| &**v), out, voice) {
            return true;
        }
    }
}

fn convert(
    conversion: &Conversion,
    letter: char,
    value: Option<&str>,
    out: &mut Formatted,
    voice: Voice,
) -> bool {
    let text = value.unwrap_or("");
    let mut stop = false;
    let body: Vec<u8> = match letter {
        's' => clip(text.as_bytes().to_vec(), conversion.precision),
        'b' => {
            let (bytes, stopped) = unescape(text, Style::Echo);
            stop = stopped;
            clip(bytes, conversion.precision)
        }
        'q' => backslash_quote(text).into_bytes(),
        'c' => text.chars().next().map(String::from).unwrap_or_default().into_bytes(),
        'd' | 'i' => {
            let number = integer(text, out, voice);
            let sign = match (number < 0, conversion.plus, conversion.space) {
                (true, ..) => "-",
                (_, true, _) => "+",
                (_, _, true) => " ",
                _ => "",
            };
            return finish_number(conversion, sign, &number.unsigned_abs().to_string(), out);
        }
        'u' | 'o' | 'x' | 'X' => {
            let number = integer(text, out, voice) as u64;
            let (prefix, digits) = match letter {
                'u' => ("", number.to_string()),
                'o' => (if conversion.alternate { "0" } else { "" }, format!("{number:o}")),
                'x' => (if conversion.alternate { "0x" } else { "" }, format!("{number:x}")),
                _ => (if conversion.alternate { "0X" } else { "" }, format!("{number:X}")),
            };
            return finish_number(conversion, prefix, &digits, out);
        }
        _ => {
            let number = match text.trim() {
                "" => 0.0,
                text => text.parse::<f64>().unwrap_or_else(|_| {
                    out.errors.push(invalid(text, voice));
                    0.0
                }),
            };
            let shown = float(number.abs(), letter, conversion.precision.unwrap_or(6), conversion.alternate);
            let sign = match (number.is_sign_negative(), conversion.plus) {
                (true, _) => "-",
                (_, true) => "+",
                _ => "",
            };
            return finish_number(&Conversion { precision: None, ..copy(conversion) }, sign, &shown, out);
        }
    };
    pad(conversion, body, out);
    stop
}

fn copy(c: &Conversion) -> Conversion {
    Conversion {
        left: c.left,
        zero: c.zero,
        plus: c.plus,
        space: c.space,
        alternate: c.alternate,
        width: c.width,
        precision: c.precision,
    }
}

fn clip(mut bytes: Vec<u8>, precision: Option<usize>) -> Vec<u8> {
    if let Some(most) = precision {
        bytes.truncate(most);
    }
    bytes
}

fn pad(conversion: &Conversion, body: Vec<u8>, out: &mut Formatted) {
    let fill = conversion.width.saturating_sub(body.len());
    if conversion.left {
        out.bytes.extend(body);
        out.bytes.extend(std::iter::repeat_n(b' ', fill));
    } else {
        out.bytes.extend(std::iter::repeat_n(b' ', fill));
        out.bytes.extend(body);
    }
}

fn finish_number(conversion: &Conversion, sign: &str, digits: &str, out: &mut Formatted) -> bool {
    let mut digits = digits.to_string();
    if let Some(precision) = conversion.precision {
        digits = format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len())));
    }
    let length = sign.len() + digits.len();
    if conversion.zero && !conversion.left && conversion.precision.is_none() {
        digits = format!("{}{digits}", "0".repeat(conversion.width.saturating_sub(length)));
    }
    pad(conversion, format!("{sign}{digits}").into_bytes(), out);
    false
}

fn invalid(text: &str, voice: Voice) -> String {
    match voice {
        Voice::Bash => format!("{text}: invalid number"),
        Voice::Dash => format!("{text}: expected numeric value"),
        Voice::Ash => format!("invalid number '{text}'"),
    }
}

/// An integer as C's strtol reads it; `'x` gives the character's code.
fn integer(text: &str, out: &mut Formatted, voice: Voice) -> i64 {
    let trimmed = text.trim_start();
    if let Some(c) = trimmed.strip_prefix(['\'', '"']).and_then(|t| t.chars().next()) {
        return i64::from(u32::from(c));
    }
    if trimmed.is_empty() {
        if voice == Voice::Ash {
            out.errors.push(invalid(text, voice));
        }
        return 0;
    }
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let length = digits.chars().take_while(|c| c.is_digit(radix)).count();
    let number = i64::from_str_radix(digits.get(..length).unwrap_or(""), radix);
    if length < digits.len() || number.is_err() {
        out.errors.push(match voice {
            Voice::Dash if length > 0 => format!("{text}: not completely converted"),
            _ => invalid(text, voice),
        });
    }
    // busybox takes all or nothing.
    let number = if voice == Voice::Ash && length < digits.len() { 0 } else { number.unwrap_or(0) };
    if negative { -number } else { number }
}

/// A floating-point number as C's printf writes it, without its sign.
#[must_use]
pub fn float(number: f64, letter: char, precision: usize, alternate: bool) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return "inf".into();
    }
    let precision = precision.min(340);
    match letter {
        'e' | 'E' => {
            let text = exponential(number, precision);
            if letter == 'E' { text.to_uppercase() } else { text }
        }
        'g' | 'G' => {
            let significant = precision.max(1);
            let shown = exponential(number, significant - 1);
            let exponent: i32 = shown.rsplit('e').next().and_then(|e| e.parse().ok()).unwrap_or(0);
            let mut text = if exponent < -4 || exponent >= significant as i32 {
                shown
            } else {
                format!("{number:.*}", (significant as i32 - 1 - exponent).max(0) as usize)
            };
            if !alternate {
                let (mantissa, tail) = match text.split_once('e') {
                    Some((m, e)) => (m.to_string(), format!("e{e}")),
                    None => (text.clone(), String::new()),
                };
                let mantissa = match mantissa.contains('.') {
                    true => mantissa.trim_end_matches('0').trim_end_matches('.').to_string(),
                    false => mantissa,
                };
                text = format!("{mantissa}{tail}");
            }
            if letter == 'G' { text.to_uppercase() } else { text }
        }
        _ => format!("{number:.precision$}"),
    }
}

fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
