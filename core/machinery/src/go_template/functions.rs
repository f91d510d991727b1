//! Go's own functions: comparison, `index`, `len`, `print` and the escapers.

use super::exec::Held;
use crate::Value;
use std::cmp::Ordering;

pub(super) type Call = Result<Held, String>;

/// A value as an action prints it.
pub(super) fn printed(value: &Held) -> String {
    match value {
        None | Some(Value::Null) => "<no value>".into(),
        Some(value) => crate::text::go_print(value),
    }
}

/// Go's truth: anything but zero and empty.
pub(super) fn truth(value: &Held) -> bool {
    value.as_ref().is_some_and(|value| !value.is_empty())
}

/// Go's name of a value's type.
pub(super) fn go_type(value: &Held) -> &'static str {
    match value {
        None | Some(Value::Null) => "<nil>",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Int(_)) => "int64",
        Some(Value::Float(_)) => "float64",
        Some(Value::List(_)) => "[]interface {}",
        Some(Value::Map(_)) => "map[string]interface {}",
        Some(_) => "string",
    }
}

/// How few and how many arguments a function of Go's takes.
pub(super) fn arity(name: &str) -> Option<(usize, Option<usize>)> {
    Some(match name {
        "not" | "len" => (1, Some(1)),
        "ne" | "lt" | "le" | "gt" | "ge" => (2, Some(2)),
        "eq" | "and" | "or" | "index" | "slice" | "printf" | "call" => (1, None),
        "print" | "println" | "html" | "js" | "urlquery" => (0, None),
        _ => return None,
    })
}

pub(super) fn call(name: &str, arguments: &[Held]) -> Call {
    let first = arguments.first().cloned().flatten();
    let text = |s: String| Ok(Some(Value::from(s)));
    match name {
        "not" => Ok(Some(Value::Bool(!truth(&first)))),
        "len" => match &first {
            Some(Value::List(items)) => Ok(Some(Value::from(items.len()))),
            Some(Value::Map(entries)) => Ok(Some(Value::from(entries.len()))),
            Some(v @ (Value::Str(_) | Value::Word(_))) => Ok(Some(Value::from(v.text().len()))),
            None | Some(Value::Null) => Err("reflect: call of reflect.Value.Type on zero Value".into()),
            other => Err(format!("len of type {}", go_type(other))),
        },
        "eq" => equal(arguments).map(|b| Some(Value::Bool(b))),
        "ne" => equal(arguments).map(|b| Some(Value::Bool(!b))),
        "lt" | "le" | "gt" | "ge" => {
            let second = arguments.get(1).cloned().flatten();
            let less = order(&first, &second)?;
            let holds = match name {
                "lt" => less == Some(Ordering::Less),
                "le" => matches!(less, Some(Ordering::Less | Ordering::Equal)),
                "gt" => less == Some(Ordering::Greater),
                _ => matches!(less, Some(Ordering::Greater | Ordering::Equal)),
            };
            Ok(Some(Value::Bool(holds)))
        }
        "index" => arguments.iter().skip(1).try_fold(first, |item, at| index(&item, at)),
        "slice" => slice(&first, arguments.get(1..).unwrap_or(&[])),
        "print" => text(joined(arguments, false)),
        "println" => text(joined(arguments, true) + "\n"),
        "printf" => text(super::printf::printf(
            first.as_ref().map_or("", Value::text),
            arguments.get(1..).unwrap_or(&[]),
        )),
        "html" => text(escaped(arguments, |c| match c {
            '<' => Some("&lt;".into()),
            '>' => Some("&gt;".into()),
            '&' => Some("&amp;".into()),
            '"' => Some("&#34;".into()),
            '\'' => Some("&#39;".into()),
            '\0' => Some("\u{fffd}".into()),
            _ => None,
        })),
        "js" => text(escaped(arguments, |c| match c {
            '\\' | '\'' | '"' => Some(format!("\\{c}")),
            '<' | '>' | '&' | '=' => Some(format!("\\u{:04X}", c as u32)),
            c if (c as u32) < 0x20 => Some(format!("\\u{:04X}", c as u32)),
            _ => None,
        })),
        "urlquery" => text(url_query(&joined_plain(arguments))),
        "call" => Err("call of nil".into()),
        _ => Err(format!("{name} is not a function")),
    }
}

fn is_text(value: &Held) -> bool {
    matches!(value, Some(Value::Str(_) | Value::Word(_)))
}

/// `fmt.Sprint` and `Sprintln`: blanks between operands, for the first only where neither is a string.
fn joined(arguments: &[Held], always: bool) -> String {
    let mut out = String::new();
    for (at, value) in arguments.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| arguments.get(before));
        let blank = before.is_some_and(|before| always || (!is_text(value) && !is_text(before)));
        if blank {
            out.push(' ');
        }
        out.push_str(&match value {
            None => "<nil>".into(),
            Some(value) => crate::text::go_print(value),
        });
    }
    out
}

fn joined_plain(arguments: &[Held]) -> String {
    match arguments {
        [one] => printed(one),
        _ => joined(arguments, false),
    }
}

fn escaped(arguments: &[Held], escape: impl Fn(char) -> Option<String>) -> String {
    joined_plain(arguments).chars().fold(String::new(), |mut out, c| {
        match escape(c) {
            Some(text) => out.push_str(&text),
            None => out.push(c),
        }
        out
    })
}

fn url_query(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{b:02X}")),
        }
        out
    })
}

/// `eq`: the first equals any of the others; like may be compared with like only.
fn equal(arguments: &[Held]) -> Result<bool, String> {
    let (first, others) = match arguments.split_first() {
        Some((first, others)) if !others.is_empty() => (first, others),
        _ => return Err("missing argument for comparison".into()),
    };
    for value in std::iter::once(first).chain(others) {
        if let Some(Value::List(_) | Value::Map(_)) = value {
            let shown = super::printf::printf("%s", std::slice::from_ref(value));
            return Err(format!("non-comparable type {shown}: {}", go_type(value)));
        }
    }
    for other in others {
        let same = match (first, other) {
            (None, None) => true,
            (None, _) | (_, None) => false,
            (Some(a), Some(b)) if is_text(first) && is_text(other) => a.text() == b.text(),
            (Some(Value::Int(a)), Some(Value::Int(b))) => a == b,
            (Some(Value::Float(a)), Some(Value::Float(b))) => a == b,
            (Some(Value::Bool(a)), Some(Value::Bool(b))) => a == b,
            _ => return Err("incompatible types for comparison".into()),
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn order(a: &Held, b: &Held) -> Result<Option<Ordering>, String> {
    let basic = |v: &Held| !matches!(v, None | Some(Value::Null | Value::List(_) | Value::Map(_)));
    if !basic(a) || !basic(b) {
        return Err("invalid type for comparison".into());
    }
    match (a, b) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => Ok(Some(a.cmp(b))),
        (Some(Value::Float(a)), Some(Value::Float(b))) => Ok(a.partial_cmp(b)),
        (Some(Value::Bool(_)), Some(Value::Bool(_))) => Err("invalid type for comparison".into()),
        (Some(x), Some(y)) if is_text(a) && is_text(b) => Ok(Some(x.text().cmp(y.text()))),
        _ => Err("incompatible types for comparison".into()),
    }
}

/// A position in a list: whole numbers only.
fn position(at: &Held, length: usize, limit: usize) -> Result<usize, String> {
    let n = match at {
        Some(Value::Int(n)) => *n,
        None | Some(Value::Null) => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", go_type(other))),
    };
    match usize::try_from(n) {
        Ok(at) if at < limit && limit <= length + 1 => Ok(at),
        _ => Err(format!("index out of range: {n}")),
    }
}

fn index(item: &Held, at: &Held) -> Call {
    match item {
        None | Some(Value::Null) => Err("index of untyped nil".into()),
        Some(Value::List(items)) => {
            let at = position(at, items.len(), items.len())?;
            Ok(items.get(at).cloned())
        }
        Some(map @ Value::Map(_)) => match at {
            Some(key @ (Value::Str(_) | Value::Word(_))) => Ok(map.find(key.text()).cloned()),
            None => Err("value is nil; should be of type string".into()),
            // Mostly a constant, which is an int.
            Some(Value::Int(_)) => Err("value has type int; should be string".into()),
            other => Err(format!("value has type {}; should be string", go_type(other))),
        },
        Some(text @ (Value::Str(_) | Value::Word(_))) => {
            let bytes = text.text().as_bytes();
            let at = position(at, bytes.len(), bytes.len())?;
            Ok(bytes.get(at).map(|b| Value::Int(i64::from(*b))))
        }
        other => Err(format!("can't index item of type {}", go_type(other))),
    }
}

fn slice(item: &Held, bounds: &[Held]) -> Call {
    let length = match item {
        Some(Value::List(items)) => items.len(),
        Some(text @ (Value::Str(_) | Value::Word(_))) => text.text().len(),
        None | Some(Value::Null) => return Err("slice of untyped nil".into()),
        other => return Err(format!("can't slice item of type {}", go_type(other))),
    };
    if bounds.len() > 3 {
        return Err(format!("too many slice indexes: {}", bounds.len()));
    }
    let bound = |at: usize, default: usize| match bounds.get(at) {
        Some(at) => position(at, length, length + 1),
        None => Ok(default),
    };
    let (from, to) = (bound(0, 0)?, bound(1, length)?);
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    Ok(match item {
        Some(Value::List(items)) => items.get(from..to).map(|items| Value::from_items(items.to_vec())),
        Some(text) => text.text().get(from..to).map(Value::from),
        None => None,
    })
}
