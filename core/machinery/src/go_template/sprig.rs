//! The part of sprig that charts use, as Helm v3 has it.

use super::dialect::{or_default, string, text_of, to_yaml};
use super::exec::Held;
use super::functions::{Call, go_type, truth};
use crate::sort::Arrange;
use crate::{Sym, Value, hash, json, patch, quote, text, yaml};

/// Texts and lists a function makes are no longer than this.
const LONGEST: usize = 1 << 20;

pub(super) fn call(name: &str, arguments: &[Held]) -> Call {
    let first = arguments.first().cloned().flatten();
    let second = arguments.get(1).cloned().flatten();
    if let Some(value) = strings(name, arguments)? {
        return Ok(Some(value));
    }
    if let Some(n) = numbers(name, arguments)? {
        return Ok(Some(n));
    }
    Ok(match name {
        "required" => match second {
            Some(value) if !(value.as_str().is_some_and(str::is_empty)) => Some(value),
            _ => return Err(string(arguments, 0)),
        },
        "fail" => return Err(string(arguments, 0)),
        "lookup" => Some(Value::empty_map()),
        "default" => or_default(arguments),
        "empty" => Some(Value::Bool(!truth(&first))),
        "coalesce" => arguments.iter().find(|value| truth(value)).cloned().flatten(),
        "ternary" => {
            if truth(arguments.get(2).unwrap_or(&None)) {
                first
            } else {
                second
            }
        }
        "toYaml" => Some(to_yaml(&first).into()),
        "fromYaml" => {
            yaml::load(&string(arguments, 0)).ok().and_then(|docs| docs.into_iter().next()).map(|d| d.value)
        }
        "toJson" => Some(json::to_string(&first.unwrap_or_default()).into()),
        "fromJson" => json::parse(string(arguments, 0).as_bytes()).ok(),
        "kindOf" => Some(kind(&first).into()),
        "kindIs" => Some(Value::Bool(kind(&second) == string(arguments, 0))),
        "typeOf" => Some(go_type(&first).into()),
        _ => return collections(name, arguments),
    })
}

fn kind(value: &Held) -> &'static str {
    match value {
        None => "invalid",
        Some(Value::List(_)) => "slice",
        Some(Value::Map(_)) => "map",
        _ => go_type(value),
    }
}

fn strings(name: &str, arguments: &[Held]) -> Result<Option<Value>, String> {
    let (a, b) = (string(arguments, 0), string(arguments, 1));
    let count = || arguments.first().cloned().flatten().map_or(0, |v| v.int());
    let quoted = |quote: &dyn Fn(&str) -> String| {
        let shown: Vec<String> = arguments.iter().flatten().map(|v| quote(&text::go_print(v))).collect();
        shown.join(" ")
    };
    let indent = |text: &str| {
        let margin = " ".repeat(usize::try_from(count()).unwrap_or(0).min(1000));
        margin.clone() + &text.replace('\n', &format!("\n{margin}"))
    };
    Ok(Some(match name {
        "quote" => quoted(&quote::go).into(),
        "squote" => quoted(&|s| format!("'{s}'")).into(),
        "upper" => a.to_uppercase().into(),
        "lower" => a.to_lowercase().into(),
        "title" => text::title(&a).into(),
        "trim" => a.trim().into(),
        "trimAll" => b.trim_matches(|c| a.contains(c)).into(),
        "trimPrefix" => b.strip_prefix(a.as_str()).unwrap_or(&b).into(),
        "trimSuffix" => b.strip_suffix(a.as_str()).unwrap_or(&b).into(),
        "trunc" => {
            let (n, length) = (count(), b.chars().count());
            let size = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX);
            let kept: String = match n {
                0.. => b.chars().take(size).collect(),
                _ => b.chars().skip(length.saturating_sub(size)).collect(),
            };
            kept.into()
        }
        "replace" => {
            let source = string(arguments, 2);
            let replaced = if a.is_empty() { source } else { source.replace(&a, &b) };
            if replaced.len() > LONGEST {
                return Err("text is too long".into());
            }
            replaced.into()
        }
        "contains" => Value::Bool(b.contains(&a)),
        "hasPrefix" => Value::Bool(b.starts_with(&a)),
        "hasSuffix" => Value::Bool(b.ends_with(&a)),
        "repeat" => {
            let times = usize::try_from(count()).unwrap_or(0);
            if times.saturating_mul(b.len()) > LONGEST {
                return Err("text is too long".into());
            }
            b.repeat(times).into()
        }
        "indent" => indent(&b).into(),
        "nindent" => format!("\n{}", indent(&b)).into(),
        "cat" => {
            let shown: Vec<String> = arguments.iter().flatten().map(text::go_print).collect();
            shown.join(" ").into()
        }
        "toString" => a.into(),
        "b64enc" => hash::base64_encode(a.as_bytes()).into(),
        "b64dec" => match hash::base64_decode(&a) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
            Err(e) => e.into(),
        },
        "sha256sum" => hash::sha256_hex(a.as_bytes()).into(),
        "splitList" => b.split(&a).map(Value::from).collect(),
        "join" => {
            let list = arguments.get(1).cloned().flatten().unwrap_or_default();
            let items: Vec<String> = list.items().iter().map(text::go_print).collect();
            if list.is_list() { items.join(&a).into() } else { text::go_print(&list).into() }
        }
        _ => return Ok(None),
    }))
}

fn whole(value: &Held) -> i64 {
    match value {
        Some(Value::Int(n)) => *n,
        Some(Value::Float(f)) => *f as i64,
        Some(Value::Bool(b)) => i64::from(*b),
        other => text_of(other).trim().parse().unwrap_or(0),
    }
}

fn numbers(name: &str, arguments: &[Held]) -> Result<Option<Value>, String> {
    let all: Vec<i64> = arguments.iter().map(whole).collect();
    let (a, b) = (all.first().copied().unwrap_or(0), all.get(1).copied().unwrap_or(0));
    Ok(Some(Value::Int(match name {
        "int" | "int64" => a,
        "float64" => {
            let float = match arguments.first() {
                Some(Some(Value::Float(f))) => *f,
                Some(value) => text_of(value).trim().parse().unwrap_or(0.0),
                None => 0.0,
            };
            return Ok(Some(Value::Float(float)));
        }
        "add" => all.iter().fold(0, |sum: i64, n| sum.wrapping_add(*n)),
        "add1" => a.wrapping_add(1),
        "sub" => a.wrapping_sub(b),
        "mul" => all.iter().fold(1, |product: i64, n| product.wrapping_mul(*n)),
        "div" => a.checked_div(b).ok_or("integer divide by zero")?,
        "mod" => a.checked_rem(b).ok_or("integer divide by zero")?,
        "max" => all.iter().copied().max().unwrap_or(0),
        "min" => all.iter().copied().min().unwrap_or(0),
        _ => return Ok(None),
    })))
}

fn collections(name: &str, arguments: &[Held]) -> Call {
    let first = arguments.first().cloned().flatten().unwrap_or_default();
    let second = arguments.get(1).cloned().flatten().unwrap_or_default();
    let items = first.items();
    Ok(Some(match name {
        "list" => arguments.iter().map(|v| v.clone().unwrap_or_default()).collect(),
        "dict" => {
            let pairs = arguments.chunks(2).map(|pair| {
                let key = pair.first().map(text_of).unwrap_or_default();
                (Sym::from(key), pair.get(1).cloned().flatten().unwrap_or_else(|| Value::from("")))
            });
            pairs.collect()
        }
        "get" => first.find(second.text()).cloned().unwrap_or_else(|| Value::from("")),
        "hasKey" => Value::Bool(first.find(second.text()).is_some()),
        "keys" => first.entries().iter().map(|(key, _)| Value::from(key.text())).collect(),
        "values" => first.entries().iter().map(|(_, value)| value.clone()).collect(),
        "pick" | "omit" => {
            let named = |key: &str| arguments.iter().skip(1).flatten().any(|v| v == key);
            let kept = first.entries().iter().filter(|(key, _)| named(key.text()) == (name == "pick"));
            kept.map(|(key, value)| (*key, value.clone())).collect()
        }
        // What stands further left wins.
        "merge" => {
            arguments.iter().flatten().rev().fold(Value::empty_map(), |merged, v| patch::merge(&merged, v))
        }
        "first" => return Ok(items.first().cloned()),
        "last" => return Ok(items.last().cloned()),
        "rest" => items.iter().skip(1).cloned().collect(),
        "initial" => items.iter().take(items.len().saturating_sub(1)).cloned().collect(),
        "append" => first.with_item(second),
        "concat" => arguments.iter().flatten().flat_map(Value::items).cloned().collect(),
        "has" => Value::Bool(second.items().contains(&first)),
        "uniq" => items
            .iter()
            .enumerate()
            .filter(|(at, v)| !items.iter().take(*at).any(|seen| seen == *v))
            .map(|(_, v)| v.clone())
            .collect(),
        "until" => {
            let count = usize::try_from(first.int()).unwrap_or(0).min(LONGEST / 16);
            (0..count).map(Value::from).collect()
        }
        "sortAlpha" => {
            let mut texts: Vec<String> = items.iter().map(text::go_print).collect();
            texts.arrange();
            texts.into_iter().map(Value::from).collect()
        }
        _ => return Err(format!("{name} is not a function")),
    }))
}
