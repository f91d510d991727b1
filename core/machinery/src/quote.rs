//! Quoting: Go's `%q` (error texts of kubectl and docker are full of it) and the shell's.

use std::fmt::Write;

/// `strconv.Quote`: printable Unicode stays, control characters become escapes.
#[must_use]
pub fn go(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ => push_rune(&mut out, c),
        }
    }
    out.push('"');
    out
}

/// `strconv.QuoteRune`, as `%q` prints a character.
#[must_use]
pub fn go_rune(c: char) -> String {
    let mut out = String::from("'");
    match c {
        '\'' => out.push_str("\\'"),
        '\\' => out.push_str("\\\\"),
        _ => push_rune(&mut out, c),
    }
    out.push('\'');
    out
}

fn push_rune(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0b' => out.push_str("\\v"),
        '\x0c' => out.push_str("\\f"),
        c if (c as u32) < 0x20 || c == '\x7f' => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c if is_printable(c) => out.push(c),
        c if (c as u32) < 0x1_0000 => {
            let _ = write!(out, "\\u{:04x}", c as u32);
        }
        c => {
            let _ = write!(out, "\\U{:08x}", c as u32);
        }
    }
}

/// Go's `unicode.IsPrint` without its tables: what people type is printable; controls, separators
/// other than the space, formats and private use are not.
fn is_printable(c: char) -> bool {
    !matches!(c as u32,
        0x80..=0xa0 | 0xad | 0x200b..=0x200f | 0x2000..=0x200a | 0x2028..=0x202f | 0x205f..=0x206f
        | 0x3000 | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xf0000..)
}

/// Undoes Go's escapes in a text between quotes; nothing if it has wrong ones.
#[must_use]
pub fn go_unescape(text: &str, quote: char) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { escape(&mut chars, quote)? } else { c });
    }
    Some(out)
}

fn escape(chars: &mut std::str::Chars<'_>, quote: char) -> Option<char> {
    let kind = chars.next()?;
    let (digits, radix, first) = match kind {
        'a' => return Some('\x07'),
        'b' => return Some('\x08'),
        'f' => return Some('\x0c'),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'v' => return Some('\x0b'),
        'x' => (2, 16, 0),
        'u' => (4, 16, 0),
        'U' => (8, 16, 0),
        '0'..='7' => (2, 8, kind.to_digit(8)?),
        _ => return (kind == '\\' || kind == quote).then_some(kind),
    };
    let mut n: u32 = first;
    for _ in 0..digits {
        n = n.checked_mul(radix)?.checked_add(chars.next()?.to_digit(radix)?)?;
    }
    char::from_u32(n)
}

/// A word the shell reads back as `text`: as it is where harmless, else in single quotes.
#[must_use]
pub fn shell(text: &str) -> String {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"@%_-+=:,./".contains(&b);
    if !text.is_empty() && text.bytes().all(harmless) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_quotes_controls_and_keeps_letters() {
        assert_eq!(go("a\"b\\\n\x01"), "\"a\\\"b\\\\\\n\\x01\"");
        assert_eq!(go("파드 🚢"), "\"파드 🚢\"");
        assert_eq!(go("\u{200b}"), "\"\\u200b\"");
        assert_eq!(go_rune('\''), "'\\''");
    }

    #[test]
    fn shell_words_survive() {
        assert_eq!(shell("nginx:1.27"), "nginx:1.27");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("it's"), "'it'\\''s'");
    }
}
