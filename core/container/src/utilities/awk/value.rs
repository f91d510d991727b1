//! awk's values: numbers, text, and text that looks like a number.

use super::eval::Run;
use super::run::Stop;
use crate::shell::predicates::Voice;
use std::sync::Arc;

/// A value: text, and a number where it has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(Arc<str>),
    /// Input that looks like a number compares as one.
    Input(Arc<str>),
}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Value::Number(n) => n.to_bits().hash(state),
            Value::Text(t) => (1, t).hash(state),
            Value::Input(t) => (2, t).hash(state),
        }
    }
}

/// The number a text begins with.
pub(super) fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let mut seen_dot = false;
    let mut seen_e = false;
    let bytes = text.as_bytes();
    while let Some(b) = bytes.get(end) {
        match b {
            b'0'..=b'9' => {}
            b'+' | b'-' if end == 0 => {}
            b'+' | b'-' if matches!(end.checked_sub(1).and_then(|e| bytes.get(e)), Some(b'e' | b'E')) => {}
            b'.' if !seen_dot && !seen_e => seen_dot = true,
            b'e' | b'E' if !seen_e && end > 0 => seen_e = true,
            _ => break,
        }
        end += 1;
    }
    while end > 0 {
        if let Some(n) = text.get(..end).and_then(|t| t.parse::<f64>().ok()) {
            return n;
        }
        end -= 1;
    }
    0.0
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(t) | Value::Input(t) => number(t),
        }
    }
    pub(super) fn text(&self) -> Arc<str> {
        match self {
            Value::Text(t) | Value::Input(t) => t.clone(),
            Value::Number(n) => shown(*n).into(),
        }
    }
    pub(super) fn is_numeric(&self) -> bool {
        match self {
            Value::Number(_) => true,
            Value::Text(_) => false,
            Value::Input(t) => t.trim().parse::<f64>().is_ok(),
        }
    }
    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(t) => !t.is_empty(),
            Value::Input(t) if self.is_numeric() => number(t) != 0.0,
            Value::Input(t) => !t.is_empty(),
        }
    }
}

/// A number as OFMT shows it.
fn shown(n: f64) -> String {
    if n.is_nan() || n.is_infinite() {
        let sign = if n.is_sign_negative() { "-" } else { "+" };
        return format!("{sign}{}", if n.is_nan() { "nan" } else { "inf" });
    }
    if n.fract() == 0.0 && n.abs() < 1e21 {
        return format!("{:.0}", if n == 0.0 { 0.0 } else { n });
    }
    let sign = if n < 0.0 { "-" } else { "" };
    format!("{sign}{}", crate::utilities::printf::float(n.abs(), 'g', 6, false))
}

/// A number by a format such as OFMT.
pub(super) fn shown_as(n: f64, template: &str) -> String {
    if template == "%.6g" {
        return shown(n);
    }
    String::from_utf8_lossy(&format_once(template, &[n.to_string().into()])).into_owned()
}

/// awk's printf uses its format once and takes missing values as empty.
pub(super) fn format_once(template: &str, values: &[Arc<str>]) -> Vec<u8> {
    let directives = template.replace("%%", "").matches('%').count();
    let mut values = values.to_vec();
    values.truncate(directives);
    // `%d` truncates numbers with a fraction.
    let mut kinds = template
        .replace("%%", "")
        .split('%')
        .skip(1)
        .map(|d| d.chars().find(char::is_ascii_alphabetic))
        .collect::<Vec<_>>()
        .into_iter();
    for value in &mut values {
        match kinds.next().flatten() {
            Some('c') => {
                // A number is a character's code, text its first one.
                let code = value.parse::<f64>().ok().and_then(|n| char::from_u32(n as u32));
                let first = code.or_else(|| value.chars().next());
                *value = first.map_or(String::new(), |c| c.to_string()).into();
            }
            Some('d' | 'i' | 'x' | 'X' | 'o' | 'u') => {
                *value = format!("{}", number(value).trunc() as i64).into()
            }
            Some('f' | 'e' | 'g' | 'E' | 'G') => *value = format!("{}", number(value)).into(),
            _ => {}
        }
    }
    // Escapes were decoded with the string; protect what is left of them.
    crate::utilities::printf::format(&template.replace('\\', "\\\\"), &values, Voice::Bash).bytes
}

pub(super) fn arithmetic(operator: &str, a: f64, b: f64) -> Run<f64> {
    Ok(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "^" | "**" => a.powf(b),
        "/" | "%" if b == 0.0 => {
            return Err(Stop::Failed(format!(
                "fatal: division by zero attempted{}",
                if operator == "%" { " in `%'" } else { "" }
            )));
        }
        "/" => a / b,
        _ => a % b,
    })
}
