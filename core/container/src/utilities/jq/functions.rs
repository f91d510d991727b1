//! jq's functions.

use super::eval::eval;
use super::parse::Expr;
use super::value::{
    Results, Vars, arithmetic, each, from_number, number, order, plain, recurse, shown, string, truth,
    type_of,
};
use base64::Engine;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value, json};
use std::cmp::Ordering;

/// Calls a function by name.
pub(super) fn call(name: &str, args: &[Expr], input: &Value, vars: &Vars) -> Results {
    let one = |v: Value| Ok(vec![v]);
    let first = args.first();
    let arg = |at: usize| -> Result<Value, String> {
        match args.get(at) {
            Some(expr) => Ok(eval(expr, input, vars)?.into_iter().next().unwrap_or(Value::Null)),
            None => Ok(Value::Null),
        }
    };
    let list = || match input {
        Value::List(items) => Ok(items.to_vec()),
        other => Err(format!("Cannot iterate over {}", type_of(other))),
    };
    let keyed = |expr: &Expr| -> Result<Vec<(Value, Value)>, String> {
        let mut out = Vec::new();
        for item in list()? {
            out.push((Value::from_items(eval(expr, &item, vars)?), item));
        }
        out.arrange_by(|a, b| order(&a.0, &b.0));
        Ok(out)
    };
    match (name, args.len()) {
        ("empty", 0) => Ok(Vec::new()),
        ("not", 0) => one(Value::Bool(!truth(input))),
        ("error", _) => Err(plain(&if first.is_some() { arg(0)? } else { input.clone() })),
        ("length", 0) => one(match input {
            Value::Null => Value::Int(0),
            Value::Bool(_) => return Err(format!("boolean ({}) has no length", shown(input))),
            Value::List(items) => Value::Int(items.len() as i64),
            Value::Map(entries) => Value::Int(entries.len() as i64),
            other => match number(other) {
                Some(n) => from_number(n.abs()),
                None => Value::Int(other.text().chars().count() as i64),
            },
        }),
        ("keys" | "keys_unsorted", 0) => match input {
            Value::Map(entries) => {
                one(Value::from_items(entries.iter().map(|e| string(e.0.text())).collect()))
            }
            Value::List(items) => {
                one(Value::from_items((0..items.len()).map(|i| Value::Int(i as i64)).collect()))
            }
            other => Err(format!("{} ({}) has no keys", type_of(other), shown(other))),
        },
        ("values", 0) => Ok(if input.is_null() { Vec::new() } else { vec![input.clone()] }),
        ("has", 1) => {
            let key = arg(0)?;
            one(Value::Bool(match (input, number(&key)) {
                (Value::List(items), Some(at)) => at >= 0.0 && (at as usize) < items.len(),
                _ => input.find(key.text()).is_some(),
            }))
        }
        ("select", 1) => {
            let keep = first.map_or(Ok(Vec::new()), |e| eval(e, input, vars))?;
            Ok(keep.iter().filter(|v| truth(v)).map(|_| input.clone()).collect())
        }
        ("map", 1) => {
            let mut out = Vec::new();
            for item in each(input)? {
                out.extend(first.map_or(Ok(Vec::new()), |e| eval(e, &item, vars))?);
            }
            one(Value::from_items(out))
        }
        ("map_values", 1) => {
            let change = |v: &Value| -> Result<Option<Value>, String> {
                Ok(first.map_or(Ok(Vec::new()), |e| eval(e, v, vars))?.into_iter().next())
            };
            match input {
                Value::Map(entries) => {
                    let mut out: Vec<(Sym, Value)> = Vec::new();
                    for (key, value) in entries.iter() {
                        out.extend(change(value)?.map(|v| (*key, v)));
                    }
                    one(Value::from_entries(out))
                }
                _ => {
                    let mut out = Vec::new();
                    for item in list()? {
                        out.extend(change(&item)?);
                    }
                    one(Value::from_items(out))
                }
            }
        }
        ("recurse", 0) => {
            let mut out = Vec::new();
            recurse(input, &mut out);
            Ok(out)
        }
        ("type", 0) => one(string(type_of(input))),
        ("add", 0) => {
            let mut sum = Value::Null;
            for item in each(input)? {
                sum = arithmetic("+", &sum, &item)?;
            }
            one(sum)
        }
        ("any" | "all", n) => {
            let mut found = Vec::new();
            for item in each(input)? {
                found.push(if n == 0 {
                    truth(&item)
                } else {
                    first.map_or(Ok(Vec::new()), |e| eval(e, &item, vars))?.iter().any(truth)
                });
            }
            one(Value::Bool(if name == "any" { found.contains(&true) } else { !found.contains(&false) }))
        }
        ("sort", 0) => {
            let mut items = list()?;
            items.arrange_by(order);
            one(Value::from_items(items))
        }
        ("sort_by", 1) => {
            one(Value::from_items(first.map_or(Ok(Vec::new()), keyed)?.into_iter().map(|p| p.1).collect()))
        }
        ("group_by", 1) => {
            let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
            for (key, item) in first.map_or(Ok(Vec::new()), keyed)? {
                match groups.last_mut() {
                    Some(group) if order(&group.0, &key) == Ordering::Equal => group.1.push(item),
                    _ => groups.push((key, vec![item])),
                }
            }
            one(Value::from_items(groups.into_iter().map(|g| Value::from_items(g.1)).collect()))
        }
        ("unique", 0) => {
            let mut items = list()?;
            items.arrange_by(order);
            items.dedup_by(|a, b| order(a, b) == Ordering::Equal);
            one(Value::from_items(items))
        }
        ("unique_by", 1) => {
            let mut items = first.map_or(Ok(Vec::new()), keyed)?;
            items.dedup_by(|a, b| order(&a.0, &b.0) == Ordering::Equal);
            one(Value::from_items(items.into_iter().map(|p| p.1).collect()))
        }
        ("min" | "max", 0) => {
            let items = list()?;
            let best =
                if name == "min" { items.into_iter().min_by(order) } else { items.into_iter().max_by(order) };
            one(best.unwrap_or(Value::Null))
        }
        ("min_by" | "max_by", 1) => {
            let mut items = first.map_or(Ok(Vec::new()), keyed)?;
            let best = if name == "min_by" { items.into_iter().next() } else { items.pop() };
            one(best.map_or(Value::Null, |p| p.1))
        }
        ("reverse", 0) => one(Value::from_items(list()?.into_iter().rev().collect())),
        ("first", 0) => one(list()?.first().cloned().unwrap_or(Value::Null)),
        ("last", 0) => one(list()?.last().cloned().unwrap_or(Value::Null)),
        ("first", 1) => {
            Ok(first.map_or(Ok(Vec::new()), |e| eval(e, input, vars))?.into_iter().take(1).collect())
        }
        ("limit", 2) => {
            let most = number(&arg(0)?).unwrap_or(0.0).max(0.0) as usize;
            Ok(args.get(1).map_or(Ok(Vec::new()), |e| eval(e, input, vars))?.into_iter().take(most).collect())
        }
        ("range", n) => {
            let (from, to) = if n == 1 {
                (0.0, number(&arg(0)?))
            } else {
                (number(&arg(0)?).unwrap_or(0.0), number(&arg(1)?))
            };
            let to = to.unwrap_or(0.0).min(from + 100_000.0);
            Ok((0..(to - from).max(0.0).ceil() as i64).map(|i| from_number(from + i as f64)).collect())
        }
        ("flatten", 0) => {
            fn flat(value: &Value, out: &mut Vec<Value>) {
                match value {
                    Value::List(items) => items.iter().for_each(|v| flat(v, out)),
                    other => out.push(other.clone()),
                }
            }
            let mut out = Vec::new();
            flat(input, &mut out);
            one(Value::from_items(out))
        }
        ("join", 1) => {
            let separator = arg(0)?;
            let parts: Vec<String> =
                list()?.iter().map(|v| if v.is_null() { String::new() } else { plain(v) }).collect();
            one(string(&parts.join(separator.text())))
        }
        ("split", 1) => one(Value::from_items(input.text().split(arg(0)?.text()).map(string).collect())),
        ("tostring", 0) => one(string(&plain(input))),
        ("tojson", 0) => one(string(&json::to_string(input))),
        ("fromjson", 0) => json::parse(input.text().as_bytes()).map(|v| vec![v]).map_err(|e| e.to_string()),
        ("tonumber", 0) => match number(input) {
            Some(_) => one(input.clone()),
            None => match input.text().trim().parse::<f64>() {
                Ok(n) => one(from_number(n)),
                Err(_) => Err(format!("Cannot parse '{}' as JSON", input.text())),
            },
        },
        ("ascii_downcase", 0) => one(string(&input.text().to_ascii_lowercase())),
        ("ascii_upcase", 0) => one(string(&input.text().to_ascii_uppercase())),
        ("startswith", 1) => one(Value::Bool(input.text().starts_with(arg(0)?.text()))),
        ("endswith", 1) => one(Value::Bool(input.text().ends_with(arg(0)?.text()))),
        ("ltrimstr", 1) => one(string(input.text().strip_prefix(arg(0)?.text()).unwrap_or(input.text()))),
        ("rtrimstr", 1) => one(string(input.text().strip_suffix(arg(0)?.text()).unwrap_or(input.text()))),
        ("contains" | "inside", 1) => {
            let other = arg(0)?;
            let (whole, part) = if name == "contains" { (input, &other) } else { (&other, input) };
            one(Value::Bool(contains(whole, part)))
        }
        ("index", 1) => {
            one(input.text().find(arg(0)?.text()).map_or(Value::Null, |at| Value::Int(at as i64)))
        }
        ("test", _) => {
            let pattern = arg(0)?;
            let ignore = arg(1)?.text().contains('i');
            match crate::utilities::regex::compile(pattern.text(), ignore) {
                Ok(regex) => one(Value::Bool(regex.is_match(input.text()))),
                Err(text) => Err(text),
            }
        }
        ("to_entries", 0) => one(Value::from_items(
            input
                .entries()
                .iter()
                .map(|(k, v)| {
                    Value::from_entries(vec![
                        (Sym::from("key"), string(k.text())),
                        (Sym::from("value"), v.clone()),
                    ])
                })
                .collect(),
        )),
        ("from_entries", 0) => one(from_entries(&list()?)),
        ("with_entries", 1) => {
            let mut out = Vec::new();
            for (k, v) in input.entries() {
                let entry = Value::from_entries(vec![
                    (Sym::from("key"), string(k.text())),
                    (Sym::from("value"), v.clone()),
                ]);
                out.extend(first.map_or(Ok(Vec::new()), |e| eval(e, &entry, vars))?);
            }
            one(from_entries(&out))
        }
        ("del", 1) => match first {
            Some(Expr::Field(of, key)) if **of == Expr::Identity => {
                let key = eval(key, input, vars)?.into_iter().next().unwrap_or(Value::Null);
                one(input.without(key.text()))
            }
            Some(expr) => match path_of(expr) {
                Some(path) => one(input.without_at(&path.iter().map(String::as_str).collect::<Vec<_>>())),
                None => Err("del of this path is not simulated".into()),
            },
            None => one(input.clone()),
        },
        ("floor", 0) => one(number(input).map_or(Value::Null, |n| from_number(n.floor()))),
        ("ceil", 0) => one(number(input).map_or(Value::Null, |n| from_number(n.ceil()))),
        ("round", 0) => one(number(input).map_or(Value::Null, |n| from_number(n.round()))),
        ("strings", 0) => Ok(if type_of(input) == "string" { vec![input.clone()] } else { Vec::new() }),
        ("objects", 0) => Ok(if input.is_map() { vec![input.clone()] } else { Vec::new() }),
        ("arrays", 0) => Ok(if input.is_list() { vec![input.clone()] } else { Vec::new() }),
        ("@base64", 0) => one(string(&base64::engine::general_purpose::STANDARD.encode(plain(input)))),
        ("@base64d", 0) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(input.text());
            let bytes = bytes.map_err(|_| format!("string ({}) is not valid base64 data", shown(input)))?;
            one(string(&String::from_utf8_lossy(&bytes)))
        }
        ("@text", 0) => one(string(&plain(input))),
        ("@json", 0) => one(string(&json::to_string(input))),
        ("@csv" | "@tsv", 0) => {
            let csv = name == "@csv";
            let cells: Vec<String> = list()?
                .iter()
                .map(|v| match (v, csv) {
                    (Value::Null, _) => String::new(),
                    (Value::Str(_) | Value::Word(_), true) => {
                        format!("\"{}\"", v.text().replace('"', "\"\""))
                    }
                    _ => plain(v),
                })
                .collect();
            one(string(&cells.join(if csv { "," } else { "\t" })))
        }
        (name, count) => Err(format!("{name}/{count} is not defined")),
    }
}

pub(super) fn from_entries(items: &[Value]) -> Value {
    let entries = items.iter().map(|item| {
        let key = ["key", "k", "name", "Name", "Key"]
            .iter()
            .map(|k| item.get(k))
            .find(|v| !v.is_null())
            .cloned()
            .unwrap_or(Value::Null);
        let value = ["value", "v", "Value"]
            .iter()
            .map(|k| item.get(k))
            .find(|v| !v.is_null())
            .cloned()
            .unwrap_or(Value::Null);
        (Sym::from(plain(&key).as_str()), value)
    });
    Value::from_entries(entries.collect())
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Map(_), Value::Map(entries)) => {
            entries.iter().all(|(k, v)| whole.find(k.text()).is_some_and(|w| contains(w, v)))
        }
        (Value::List(items), Value::List(parts)) => {
            parts.iter().all(|p| items.iter().any(|i| contains(i, p)))
        }
        _ => match (whole.as_str(), part.as_str()) {
            (Some(a), Some(b)) => a.contains(b),
            _ => order(whole, part) == Ordering::Equal,
        },
    }
}

/// The keys of a plain path such as `.a.b`.
fn path_of(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Identity => Some(Vec::new()),
        Expr::Field(of, key) => {
            let mut path = path_of(of)?;
            let key = eval(key, &Value::Null, &Vars::new()).ok()?.into_iter().next()?;
            path.push(key.as_str()?.to_string());
            Some(path)
        }
        _ => None,
    }
}
