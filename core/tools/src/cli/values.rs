//! The values flags got, and what Go's `strconv` says of bad ones.

use super::flags::{Flag, Kind};
use drydock_machinery::{quote, time};
use std::collections::BTreeMap;

/// Values by flag name, defaults included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(BTreeMap<&'static str, Got>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Got {
    kind: u8,
    short: char,
    default: &'static str,
    values: Vec<String>,
}

impl Flags {
    pub(super) fn defaults(known: &[&'static Flag]) -> Flags {
        let got = |f: &&'static Flag| {
            (f.name, Got { kind: f.kind as u8, short: f.short, default: f.default, values: Vec::new() })
        };
        // Of equal names the command's own flag stands first and wins over a global one.
        Flags(known.iter().rev().map(got).collect())
    }
    pub(super) fn set(&mut self, flag: &'static Flag, value: String) {
        if let Some(got) = self.0.get_mut(flag.name) {
            got.values.push(value);
        }
    }
    /// The last value, or the default.
    #[must_use]
    pub fn str(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |got| got.values.last().map_or(got.default, String::as_str))
    }
    #[must_use]
    pub fn bool(&self, name: &str) -> bool {
        parse_bool(self.str(name)).unwrap_or(false)
    }
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        parse_int(self.str(name)).unwrap_or(0)
    }
    /// Milliseconds.
    #[must_use]
    pub fn duration(&self, name: &str) -> i64 {
        time::parse_go_duration(self.str(name)).unwrap_or(0)
    }
    /// The items of a slice or array.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let Some(got) = self.0.get(name) else { return Vec::new() };
        if got.values.is_empty() {
            let default = got.default.trim_start_matches('[').trim_end_matches(']');
            return if default.is_empty() {
                Vec::new()
            } else {
                default.split(',').map(Into::into).collect()
            };
        }
        if got.kind == Kind::Slice as u8 || got.kind == Kind::Pairs as u8 {
            got.values.iter().flat_map(|v| split_csv(v)).collect()
        } else {
            got.values.clone()
        }
    }
    #[must_use]
    pub fn changed(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|got| !got.values.is_empty())
    }
    /// The flags that stood on the command line, with their letters and values.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, char, &[String])> {
        let given = self.0.iter().filter(|(_, got)| !got.values.is_empty());
        given.map(|(name, got)| (*name, got.short, got.values.as_slice()))
    }
    /// True for a flag that may be given several times.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        let lists = [Kind::Slice as u8, Kind::Array as u8];
        self.0.get(name).is_some_and(|got| lists.contains(&got.kind))
    }
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// One line of `encoding/csv`: commas separate, double quotes keep them.
fn split_csv(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let (mut items, mut item, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                item.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if item.is_empty() => quoted = true,
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    items.push(item);
    items
}

/// `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseInt(text, 0, 64)` for the notations people type.
fn parse_int(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match (lower.get(..2), lower.get(2..)) {
        (Some("0x"), Some(rest)) => (16, rest),
        (Some("0b"), Some(rest)) => (2, rest),
        (Some("0o"), Some(rest)) => (8, rest),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.as_str()),
        _ => (10, lower.as_str()),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    Some(i64::from_str_radix(digits, radix).ok()? * sign)
}

/// What is wrong with a value, in Go's words.
pub(super) fn check(kind: Kind, text: &str) -> Result<(), String> {
    let bad =
        |function: &str, why: &str| Err(format!("strconv.{function}: parsing {}: {why}", quote::go(text)));
    let all_digits =
        || text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
    match kind {
        Kind::Bool if parse_bool(text).is_none() => bad("ParseBool", "invalid syntax"),
        Kind::Int | Kind::Int32 | Kind::Int64 => match parse_int(text) {
            None if all_digits() => bad("ParseInt", "value out of range"),
            None => bad("ParseInt", "invalid syntax"),
            Some(n) if kind == Kind::Int32 && i32::try_from(n).is_err() => {
                bad("ParseInt", "value out of range")
            }
            Some(_) => Ok(()),
        },
        Kind::Uint => match parse_int(text) {
            Some(n) if n >= 0 && !text.starts_with('+') => Ok(()),
            _ => bad("ParseUint", "invalid syntax"),
        },
        Kind::Float if text.parse::<f64>().is_err() => bad("ParseFloat", "invalid syntax"),
        Kind::Duration => time::parse_go_duration(text).map(|_| ()),
        Kind::Pairs => match split_csv(text).iter().find(|p| !p.contains('=')) {
            Some(pair) => Err(format!("{pair} must be formatted as key=value")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_numbers_as_go_reads_them() {
        assert_eq!(split_csv("a,\"b,c\",d"), ["a", "b,c", "d"]);
        assert_eq!(parse_int("0x10"), Some(16));
        assert_eq!(parse_int("-3"), Some(-3));
        assert_eq!(check(Kind::Int, "x"), Err("strconv.ParseInt: parsing \"x\": invalid syntax".into()));
        assert_eq!(
            check(Kind::Int32, "9999999999"),
            Err("strconv.ParseInt: parsing \"9999999999\": value out of range".into())
        );
    }
}
