//! The writer: compact, and indented by four spaces as `kubectl -o json` prints.

use crate::Value;
use std::fmt::Write;

/// Compact JSON, as `json.Marshal` writes it.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    compact(&mut out, value, true);
    out
}

/// Compact JSON that leaves `<`, `>` and `&` as they are (`SetEscapeHTML(false)`), as docker prints.
#[must_use]
pub fn to_plain(value: &Value) -> String {
    let mut out = String::new();
    compact(&mut out, value, false);
    out
}

/// JSON indented by four spaces, without a newline at the end.
#[must_use]
pub fn to_pretty(value: &Value) -> String {
    let mut out = String::new();
    pretty(&mut out, value, 0);
    out
}

/// A JSON string with its quotes; `<`, `>`, `&` and the line separators escaped as Go does.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text, true);
    out
}

/// A number as `encoding/json` writes a float64: `1`, `0.5`, `1e+21`, `1e-7`.
#[must_use]
pub fn float(f: f64) -> String {
    let size = f.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{f:e}");
        return match text.split_once('e') {
            Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
            _ => text,
        };
    }
    format!("{f}")
}

fn push_string(out: &mut String, text: &str, html: bool) {
    out.push('"');
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\x08' => "\\b",
            '\x0c' => "\\f",
            '<' if html => "\\u003c",
            '>' if html => "\\u003e",
            '&' if html => "\\u0026",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            c if (c as u32) < 0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(plain..at).unwrap_or(""));
        if escape.is_empty() {
            let _ = write!(out, "\\u{:04x}", c as u32);
        } else {
            out.push_str(escape);
        }
        plain = at + c.len_utf8();
    }
    out.push_str(text.get(plain..).unwrap_or(""));
    out.push('"');
}

fn scalar(out: &mut String, value: &Value, html: bool) {
    match value {
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => {
            let _ = write!(out, "{n}");
        }
        Value::Float(f) => out.push_str(&float(*f)),
        Value::Str(s) => push_string(out, s, html),
        Value::Word(w) => push_string(out, w.text(), html),
        _ => out.push_str("null"),
    }
}

fn compact(out: &mut String, value: &Value, html: bool) {
    match value {
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                compact(out, item, html);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                push_string(out, key.text(), html);
                out.push(':');
                compact(out, item, html);
            }
            out.push('}');
        }
        _ => scalar(out, value, html),
    }
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("    ");
    }
}

fn pretty(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                pretty(out, item, depth + 1);
            }
            line(out, depth);
            out.push(']');
        }
        Value::Map(entries) if !entries.is_empty() => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                push_string(out, key.text(), true);
                out.push_str(": ");
                pretty(out, item, depth + 1);
            }
            line(out, depth);
            out.push('}');
        }
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
        _ => scalar(out, value, true),
    }
}
