//! What parameter operators do to a text.

use super::glob::{Mark, matches};

/// `#`, `##`, `%`, `%%`.
#[must_use]
pub fn trim(text: &str, pattern: &[Mark], front: bool, longest: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let size = chars.len();
    let fits = |length: &usize| {
        let part = if front { chars.get(..*length) } else { chars.get(size - *length..) };
        part.is_some_and(|part| matches(pattern, part))
    };
    let found = if longest { (0..=size).rev().find(fits) } else { (0..=size).find(fits) };
    let length = found.unwrap_or(0);
    let kept = if front { chars.get(length..) } else { chars.get(..size - length) };
    kept.unwrap_or(&[]).iter().collect()
}

/// `/` (first), `//` (all), `/#` (at the front), `/%` (at the end); matches are the longest.
#[must_use]
pub fn replace(text: &str, pattern: &[Mark], with: &str, mode: char) -> String {
    if pattern.is_empty() {
        return text.to_string();
    }
    let chars: Vec<char> = text.chars().collect();
    let size = chars.len();
    let fixed = !super::glob::has_pattern(pattern);
    let longest = |start: usize| {
        let ends = if fixed {
            (start + pattern.len()).min(size)..=(start + pattern.len()).min(size)
        } else {
            start..=size
        };
        ends.rev().find(|end| chars.get(start..*end).is_some_and(|part| matches(pattern, part)))
    };
    if mode == '%' {
        let start = (0..=size).find(|s| chars.get(*s..).is_some_and(|part| matches(pattern, part)));
        return match start {
            Some(start) => chars.iter().take(start).collect::<String>() + with,
            None => text.to_string(),
        };
    }
    let mut out = String::new();
    let mut at = 0;
    while at <= size {
        match longest(at).filter(|end| *end > at) {
            Some(end) => {
                out.push_str(with);
                at = end;
                if mode != '/' {
                    break;
                }
            }
            None => {
                out.extend(chars.get(at));
                at += 1;
            }
        }
        if mode == '#' {
            break;
        }
    }
    out.extend(chars.iter().skip(at));
    out
}

/// `^`, `^^`, `,`, `,,`, `~`, `~~`.
#[must_use]
pub fn case(text: &str, pattern: &[Mark], to: char, all: bool) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if (all || at == 0) && matches(pattern, &[c]) {
            let up = to == '^' || to == '~' && c.is_lowercase();
            match up {
                true => out.extend(c.to_uppercase()),
                false => out.extend(c.to_lowercase()),
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// `:offset:length`; none when a negative length reaches before the offset.
#[must_use]
pub fn slice(text: &str, offset: i64, length: Option<i64>) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let size = chars.len() as i64;
    let start = if offset < 0 { size + offset } else { offset };
    if start < 0 || start > size {
        return Some(String::new());
    }
    let end = match length {
        None => size,
        Some(length) if length < 0 => size + length,
        Some(length) => start.saturating_add(length).min(size),
    };
    if end < start {
        return None;
    }
    Some(chars.get(start as usize..end as usize).unwrap_or(&[]).iter().collect())
}

/// `@Q`, `@U`, `@u`, `@L`, `@E`.
#[must_use]
pub fn transform(text: &str, what: char) -> String {
    match what {
        'Q' => quote(text),
        'U' => text.to_uppercase(),
        'L' => text.to_lowercase(),
        'u' => case(text, &super::glob::marks("?"), '^', false),
        'E' => {
            let (bytes, _) = super::escape::unescape(text, super::escape::Style::DollarQuote);
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => text.to_string(),
    }
}

/// A text in single quotes, as `set`, `alias` and `@Q` show it.
#[must_use]
pub fn quote(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return dollar_quote(text);
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn dollar_quote(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\E"),
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A text with backslashes, as `printf %q` shows it.
#[must_use]
pub fn backslash_quote(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    if text.chars().any(char::is_control) {
        return dollar_quote(text);
    }
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        let plain = c.is_alphanumeric() || "_-./:@%+=".contains(c) || (at > 0 && "~#".contains(c));
        if !plain {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
