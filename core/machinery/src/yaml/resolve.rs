//! What a plain scalar means: goyaml.v2's `resolve`, YAML 1.1 with Go's integers.

use crate::Value;

/// A plain scalar's meaning; anything that is not a null, bool or number is a string.
pub(super) fn plain(text: &str) -> Value {
    lookup(text).unwrap_or_else(|| Value::from(text))
}

/// Whether a string written plainly would be read back as something else.
pub(super) fn is_ambiguous(text: &str) -> bool {
    lookup(text).is_some() || is_timestamp(text) || is_base60(text)
}

fn lookup(text: &str) -> Option<Value> {
    match text.as_bytes().first() {
        None => Some(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') => special_float(text).or_else(|| float(text)),
        Some(b'+' | b'-' | b'0'..=b'9') => special_float(text).or_else(|| number(text)),
        _ => None,
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Value::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::Bool(false))
        }
        _ => None,
    }
}

fn special_float(text: &str) -> Option<Value> {
    let f = match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    };
    Some(Value::Float(f))
}

fn number(text: &str) -> Option<Value> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    integer(&plain).or_else(|| float(&plain))
}

/// `strconv.ParseInt(s, 0, 64)` and `ParseUint`: the prefix tells the base.
fn integer(text: &str) -> Option<Value> {
    let (negative, signed, body) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (radix, digits) = match body.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, body.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, body.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, body.get(2..)?),
        [b'0', _, ..] => (8, body.get(1..)?),
        _ => (10, body),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let n = if negative { -size } else { size };
    match i64::try_from(n) {
        Ok(n) => Some(Value::Int(n)),
        // Unsigned numbers take no sign; JSON then holds them as a float.
        Err(_) if !signed => Some(Value::Float(size as f64)),
        Err(_) => float(text),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` within the range of a float64; a whole one
/// is an integer, because JSON lies between YAML and the object.
fn float(text: &str) -> Option<Value> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (body.get(..at)?, Some(body.get(at + 1..)?)),
        None => (body, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let f: f64 = text.parse().ok()?;
    f.is_finite().then(|| whole_or_float(f))
}

/// A float as it comes out of a round through JSON.
pub(super) fn whole_or_float(f: f64) -> Value {
    match crate::json::float(f).parse::<i64>() {
        Ok(n) => Value::Int(n),
        Err(_) => Value::Float(f),
    }
}

/// The forms of a date that goyaml knows: a day, or a day and a time.
fn is_timestamp(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count();
    if year != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let short = |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    let upto =
        |s: &str, min: u32, max: u32| short(s) && s.parse().is_ok_and(|n: u32| (min..=max).contains(&n));
    let rest = text.get(5..).unwrap_or("");
    let (date, time) = match rest.find(['T', 't', ' ']) {
        Some(at) => (rest.get(..at).unwrap_or(""), rest.get(at..).unwrap_or("")),
        None => (rest, ""),
    };
    let Some((month, day)) = date.split_once('-') else { return false };
    if !upto(month, 1, 12) || !upto(day, 1, 31) {
        return false;
    }
    let time = match time.as_bytes().first() {
        None => return true,
        Some(b' ') => time.get(1..).unwrap_or(""),
        _ => match time.get(1..).and_then(zone_cut) {
            Some(time) => time,
            None => return false,
        },
    };
    let clock = time.split_once('.').map_or(time, |(clock, fraction)| {
        if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) { clock } else { "" }
    });
    let mut parts = clock.split(':');
    let ok = [23, 59, 59].iter().all(|max| parts.next().is_some_and(|part| upto(part, 0, *max)));
    ok && parts.next().is_none()
}

/// A time without its zone, `Z` or `+09:00`.
fn zone_cut(time: &str) -> Option<&str> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some(time);
    }
    let at = time.len().checked_sub(6)?;
    match time.as_bytes().get(at..)? {
        [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) => time.get(..at),
        _ => None,
    }
}

/// Numbers to the base 60 (`12:30`), which other parsers read as numbers: always quoted.
fn is_base60(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or("");
    let mut bytes = first.bytes();
    if !bytes.next().is_some_and(|b| b.is_ascii_digit()) || !bytes.all(|b| b.is_ascii_digit() || b == b'_') {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let sixty = |s: &str| match s.as_bytes() {
        [d] => d.is_ascii_digit(),
        [t, d] => (b'0'..=b'5').contains(t) && d.is_ascii_digit(),
        _ => false,
    };
    let (whole, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.iter().all(|s| sixty(s))
        && sixty(whole)
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

/// A float as goyaml writes it: Go's shortest `%g`.
pub(super) fn go_g(f: f64) -> String {
    if f.is_nan() {
        return ".nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    crate::text::go_float(f)
}
