//! Evaluating an expression: a value, or the words of what went wrong.

use super::Expr;
use drydock_machinery::schema::openapi;
use drydock_machinery::{Value, json};

/// Steps one rule may take; the real server bounds the cost of rules likewise.
const STEPS: usize = 200_000;

type Outcome = Result<Value, String>;

/// The names an expression may use, innermost last.
pub(crate) struct Scope<'a> {
    names: Vec<(&'a str, Value)>,
    steps: usize,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(names: Vec<(&'a str, Value)>) -> Scope<'a> {
        Scope { names, steps: 0 }
    }
}

/// What an expression is worth.
///
/// # Errors
/// The words of the language: `no such key: x`, `no such overload`.
pub(crate) fn run<'a>(expr: &'a Expr, scope: &mut Scope<'a>) -> Outcome {
    scope.steps += 1;
    if scope.steps > STEPS {
        return Err("operation cancelled: actual cost limit exceeded".into());
    }
    match expr {
        Expr::Literal(value) => Ok(value.clone()),
        Expr::Name(name) => {
            let found = scope.names.iter().rev().find(|n| n.0 == name);
            found.map(|n| n.1.clone()).ok_or_else(|| format!("undeclared reference to '{name}'"))
        }
        Expr::Member(inner, name) => {
            let tree = run(inner, scope)?;
            tree.find(name).cloned().ok_or_else(|| format!("no such key: {name}"))
        }
        Expr::Index(inner, index) => {
            let (tree, index) = (run(inner, scope)?, run(index, scope)?);
            match (&tree, index.as_int()) {
                (Value::List(items), Some(at)) => {
                    let found = usize::try_from(at).ok().and_then(|at| items.get(at));
                    found.cloned().ok_or_else(|| format!("index out of bounds: {at}"))
                }
                _ => tree.find(index.text()).cloned().ok_or_else(|| format!("no such key: {}", index.text())),
            }
        }
        Expr::Not(inner) => Ok(Value::Bool(!truth(&run(inner, scope)?)?)),
        Expr::Negate(inner) => match run(inner, scope)? {
            Value::Int(n) => Ok(Value::Int(n.wrapping_neg())),
            Value::Float(f) => Ok(Value::Float(-f)),
            _ => Err(overload()),
        },
        Expr::Choice(test, yes, no) => {
            let chosen = if truth(&run(test, scope)?)? { yes } else { no };
            run(chosen, scope)
        }
        Expr::List(items) => {
            items.iter().map(|item| run(item, scope)).collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        Expr::Map(entries) => {
            let mut out = Value::empty_map();
            for (key, value) in entries {
                let key = run(key, scope)?;
                out = out.with(key.text(), run(value, scope)?);
            }
            Ok(out)
        }
        Expr::Binary(operator, left, right) => binary(operator, left, right, scope),
        Expr::Call(name, receiver, arguments) => call(name, receiver.as_deref(), arguments, scope),
    }
}

fn overload() -> String {
    "no such overload".into()
}

fn truth(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(overload)
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (float(a), float(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn order(a: &Value, b: &Value) -> Result<std::cmp::Ordering, String> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
        _ => match (float(a), float(b), a.as_str(), b.as_str()) {
            (Some(a), Some(b), ..) => a.partial_cmp(&b).ok_or_else(overload),
            (_, _, Some(a), Some(b)) => Ok(a.cmp(b)),
            _ => Err(overload()),
        },
    }
}

fn binary<'a>(operator: &str, left: &'a Expr, right: &'a Expr, scope: &mut Scope<'a>) -> Outcome {
    if matches!(operator, "&&" | "||") {
        // An error on one side does not matter if the other decides.
        let decides = operator == "||";
        let (a, b) = (run(left, scope).and_then(|v| truth(&v)), run(right, scope).and_then(|v| truth(&v)));
        return match (a, b) {
            (Ok(a), _) if a == decides => Ok(Value::Bool(decides)),
            (_, Ok(b)) if b == decides => Ok(Value::Bool(decides)),
            (Err(why), _) | (_, Err(why)) => Err(why),
            _ => Ok(Value::Bool(!decides)),
        };
    }
    let (a, b) = (run(left, scope)?, run(right, scope)?);
    let bool = |b: bool| Ok(Value::Bool(b));
    match operator {
        "==" => bool(same(&a, &b)),
        "!=" => bool(!same(&a, &b)),
        "<" => bool(order(&a, &b)?.is_lt()),
        "<=" => bool(order(&a, &b)?.is_le()),
        ">" => bool(order(&a, &b)?.is_gt()),
        ">=" => bool(order(&a, &b)?.is_ge()),
        "in" => match &b {
            Value::List(items) => bool(items.iter().any(|item| same(item, &a))),
            Value::Map(_) => bool(b.find(a.text()).is_some()),
            _ => Err(overload()),
        },
        _ => arithmetic(operator, &a, &b),
    }
}

fn arithmetic(operator: &str, a: &Value, b: &Value) -> Outcome {
    let checked = |n: Option<i64>, why: &str| n.map(Value::Int).ok_or_else(|| why.to_string());
    match (operator, a, b) {
        ("+", Value::Int(a), Value::Int(b)) => checked(a.checked_add(*b), "integer overflow"),
        ("-", Value::Int(a), Value::Int(b)) => checked(a.checked_sub(*b), "integer overflow"),
        ("*", Value::Int(a), Value::Int(b)) => checked(a.checked_mul(*b), "integer overflow"),
        ("/", Value::Int(a), Value::Int(b)) => checked(a.checked_div(*b), "division by zero"),
        ("%", Value::Int(a), Value::Int(b)) => checked(a.checked_rem(*b), "modulus by zero"),
        ("+", Value::List(a), Value::List(b)) => Ok(a.iter().chain(b.iter()).cloned().collect()),
        _ => match (float(a), float(b), a.as_str(), b.as_str()) {
            (_, _, Some(a), Some(b)) if operator == "+" => Ok(format!("{a}{b}").into()),
            (Some(a), Some(b), ..) => Ok(Value::Float(match operator {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "/" => a / b,
                _ => return Err(overload()),
            })),
            _ => Err(overload()),
        },
    }
}

fn call<'a>(name: &str, receiver: Option<&'a Expr>, arguments: &'a [Expr], scope: &mut Scope<'a>) -> Outcome {
    if name == "has" && receiver.is_none() {
        let Some(Expr::Member(inner, field)) = arguments.first() else {
            return Err("invalid argument to has() macro".into());
        };
        return Ok(Value::Bool(run(inner, scope)?.find(field).is_some_and(|v| !v.is_null())));
    }
    if let (Some(receiver), Some(Expr::Name(variable)), true) = (
        receiver,
        arguments.first(),
        matches!(name, "all" | "exists" | "exists_one" | "existsOne" | "map" | "filter"),
    ) {
        return comprehend(name, receiver, variable, arguments, scope);
    }
    let subject = receiver.map(|r| run(r, scope)).transpose()?;
    let rest = arguments.iter().map(|a| run(a, scope)).collect::<Result<Vec<Value>, String>>()?;
    // `size(x)` and `x.size()` are the same.
    let mut all: Vec<Value> = subject.into_iter().collect();
    all.extend(rest);
    function(name, &all)
}

fn comprehend<'a>(
    name: &str,
    receiver: &'a Expr,
    variable: &'a str,
    arguments: &'a [Expr],
    scope: &mut Scope<'a>,
) -> Outcome {
    let subject = run(receiver, scope)?;
    let items: Vec<Value> = match &subject {
        Value::Map(entries) => entries.iter().map(|(key, _)| key.text().into()).collect(),
        other => other.items().to_vec(),
    };
    let (condition, step) = match arguments {
        [_, one] => (one, None),
        [_, condition, step] => (condition, Some(step)),
        _ => return Err(overload()),
    };
    let mut kept = Vec::new();
    let (mut yes, mut problem) = (0, None);
    let total = items.len();
    for item in items {
        scope.names.push((variable, item.clone()));
        let outcome = run(condition, scope).and_then(|value| match (name, step) {
            ("map", None) => {
                kept.push(value);
                Ok(true)
            }
            ("map", Some(step)) => {
                if truth(&value)? {
                    kept.push(run(step, scope)?);
                }
                Ok(true)
            }
            ("filter", _) => {
                if truth(&value)? {
                    kept.push(item.clone());
                }
                Ok(true)
            }
            _ => truth(&value),
        });
        scope.names.pop();
        match outcome {
            Ok(good) => yes += usize::from(good),
            Err(why) => problem = Some(why),
        }
    }
    let decided = match name {
        "map" | "filter" => None,
        "all" if problem.is_none() || yes < total.saturating_sub(1) => Some(yes == total),
        "exists" if problem.is_none() || yes > 0 => Some(yes > 0),
        "exists_one" | "existsOne" if problem.is_none() => Some(yes == 1),
        _ => None,
    };
    match (decided, problem) {
        (Some(decided), _) => Ok(Value::Bool(decided)),
        (None, Some(why)) => Err(why),
        (None, None) => Ok(kept.into()),
    }
}

fn function(name: &str, all: &[Value]) -> Outcome {
    let text = |at: usize| all.get(at).and_then(Value::as_str).ok_or_else(overload);
    let first = all.first().cloned().unwrap_or_default();
    match name {
        "size" => Ok(Value::Int(match &first {
            Value::List(items) => items.len() as i64,
            Value::Map(entries) => entries.len() as i64,
            _ => text(0)?.chars().count() as i64,
        })),
        "startsWith" => Ok(Value::Bool(text(0)?.starts_with(text(1)?))),
        "endsWith" => Ok(Value::Bool(text(0)?.ends_with(text(1)?))),
        "contains" => Ok(Value::Bool(text(0)?.contains(text(1)?))),
        "matches" | "find" => {
            let found = openapi::matches(text(1)?, text(0)?);
            Ok(Value::Bool(found))
        }
        "lowerAscii" => Ok(text(0)?.to_ascii_lowercase().into()),
        "upperAscii" => Ok(text(0)?.to_ascii_uppercase().into()),
        "trim" => Ok(text(0)?.trim().into()),
        "replace" => Ok(text(0)?.replace(text(1)?, text(2)?).into()),
        "split" => Ok(text(0)?.split(text(1)?).map(Value::from).collect()),
        "join" => {
            let separator = all.get(1).map_or("", Value::text);
            Ok(first.items().iter().map(Value::text).collect::<Vec<_>>().join(separator).into())
        }
        "substring" => {
            let bound = |at: usize, or: usize| {
                all.get(at).and_then(Value::as_int).and_then(|n| usize::try_from(n).ok()).unwrap_or(or)
            };
            let chars: Vec<char> = text(0)?.chars().collect();
            let found = chars.get(bound(1, 0)..bound(2, chars.len()));
            found.map(|c| c.iter().collect::<String>().into()).ok_or_else(|| "index out of range".into())
        }
        "indexOf" => Ok(Value::Int(match &first {
            Value::List(items) => place(items.iter().position(|i| all.get(1).is_some_and(|w| same(i, w)))),
            _ => place(text(0)?.find(text(1)?)),
        })),
        "int" => match &first {
            Value::Float(f) => Ok(Value::Int(*f as i64)),
            Value::Int(n) => Ok(Value::Int(*n)),
            other => other.text().parse().map(Value::Int).map_err(|_| "type conversion error".into()),
        },
        "double" => match float(&first) {
            Some(f) => Ok(Value::Float(f)),
            None => first.text().parse().map(Value::Float).map_err(|_| "type conversion error".into()),
        },
        "string" => Ok(first.as_str().map_or_else(|| json::to_string(&first), str::to_string).into()),
        "bool" => Ok(Value::Bool(first.bool() || first.text() == "true")),
        "type" => Ok(crate::custom::schema::type_of(&first).into()),
        "dyn" => Ok(first),
        "isSorted" => {
            let items = first.items();
            let pairs = items.iter().zip(items.iter().skip(1));
            let sorted: Result<Vec<bool>, String> = pairs.map(|(a, b)| Ok(order(a, b)?.is_le())).collect();
            Ok(Value::Bool(sorted?.into_iter().all(|s| s)))
        }
        "sum" => first.items().iter().try_fold(Value::Int(0), |sum, item| arithmetic("+", &sum, item)),
        "min" | "max" => {
            let mut best: Option<&Value> = None;
            for item in first.items() {
                let better = match best {
                    None => true,
                    Some(known) => {
                        let order = order(item, known)?;
                        if name == "min" { order.is_lt() } else { order.is_gt() }
                    }
                };
                best = if better { Some(item) } else { best };
            }
            best.cloned().ok_or_else(|| format!("{name} called on empty list"))
        }
        _ => Err(format!("undeclared reference to '{name}'")),
    }
}

fn place(found: Option<usize>) -> i64 {
    found.map_or(-1, |at| at as i64)
}
