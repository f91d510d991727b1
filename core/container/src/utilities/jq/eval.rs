//! Evaluating jq filters: every input gives any number of results.

use super::parse::Expr;
use super::value::{
    Results, Vars, arithmetic, each, from_number, number, order, recurse, shown, string, truth, type_of,
};
use super::value::{field, plain};
use drydock_machinery::{Sym, Value, json, limits};
use std::cmp::Ordering;

pub(super) fn eval(expr: &Expr, input: &Value, vars: &Vars) -> Results {
    match expr {
        Expr::Identity => Ok(vec![input.clone()]),
        Expr::Literal(literal) => Ok(vec![json::parse(literal.as_bytes()).unwrap_or(Value::Null)]),
        Expr::Var(name) if &**name == "ENV" => Ok(vec![Value::empty_map()]),
        Expr::Var(name) => match vars.get(name) {
            Some(value) => Ok(vec![value.clone()]),
            None => Err(format!("${name} is not defined")),
        },
        Expr::Text(parts) => {
            let mut outs = vec![String::new()];
            for (before, inner) in parts {
                outs.iter_mut().for_each(|o| o.push_str(before));
                if let Some(inner) = inner {
                    let values = eval(inner, input, vars)?;
                    outs = outs
                        .iter()
                        .flat_map(|o| values.iter().map(move |v| format!("{o}{}", plain(v))))
                        .collect();
                }
            }
            Ok(outs.iter().map(|o| string(o)).collect())
        }
        Expr::Field(of, key) => {
            let mut out = Vec::new();
            for of in eval(of, input, vars)? {
                for key in eval(key, input, vars)? {
                    out.push(field(&of, &key)?);
                }
            }
            Ok(out)
        }
        Expr::Slice(of, from, to) => {
            let bound = |e: &Option<Box<Expr>>| -> Result<Option<f64>, String> {
                match e {
                    Some(e) => Ok(eval(e, input, vars)?.first().and_then(number)),
                    None => Ok(None),
                }
            };
            let (from, to) = (bound(from)?, bound(to)?);
            let cut = |size: usize| {
                let at = |n: Option<f64>, other: usize| match n {
                    None => other,
                    Some(n) if n < 0.0 => (size as i64 + n as i64).max(0) as usize,
                    Some(n) => (n as usize).min(size),
                };
                let (a, b) = (at(from, 0), at(to, size));
                (a, b.max(a))
            };
            eval(of, input, vars)?
                .iter()
                .map(|v| match v {
                    Value::Null => Ok(Value::Null),
                    Value::List(items) => {
                        let (a, b) = cut(items.len());
                        Ok(Value::from_items(items.get(a..b).unwrap_or(&[]).to_vec()))
                    }
                    Value::Str(_) | Value::Word(_) => {
                        let chars: Vec<char> = v.text().chars().collect();
                        let (a, b) = cut(chars.len());
                        Ok(string(&chars.get(a..b).unwrap_or(&[]).iter().collect::<String>()))
                    }
                    other => Err(format!("Cannot index {} with object", type_of(other))),
                })
                .collect()
        }
        Expr::Each(of) => {
            let mut out = Vec::new();
            for of in eval(of, input, vars)? {
                out.extend(each(&of)?);
            }
            Ok(out)
        }
        Expr::Try(inner) => Ok(eval(inner, input, vars).unwrap_or_default()),
        Expr::Pipe(left, right) => {
            let mut out = Vec::new();
            for value in eval(left, input, vars)? {
                out.extend(eval(right, &value, vars)?);
                if out.len() > limits::NODES {
                    return Err("too many results".into());
                }
            }
            Ok(out)
        }
        Expr::As(of, name, body) => {
            let mut out = Vec::new();
            for value in eval(of, input, vars)? {
                let mut inner = vars.clone();
                inner.insert(name.clone(), value);
                out.extend(eval(body, input, &inner)?);
            }
            Ok(out)
        }
        Expr::Comma(left, right) => {
            let mut out = eval(left, input, vars)?;
            out.extend(eval(right, input, vars)?);
            Ok(out)
        }
        Expr::Negate(inner) => eval(inner, input, vars)?
            .iter()
            .map(|v| {
                number(v)
                    .map(|n| from_number(-n))
                    .ok_or_else(|| format!("{} ({}) cannot be negated", type_of(v), shown(v)))
            })
            .collect(),
        Expr::Array(None) => Ok(vec![Value::from_items(Vec::new())]),
        Expr::Array(Some(inner)) => Ok(vec![Value::from_items(eval(inner, input, vars)?)]),
        Expr::Object(entries) => {
            let mut outs: Vec<Vec<(Sym, Value)>> = vec![Vec::new()];
            for (key, value) in entries {
                let keys = eval(key, input, vars)?;
                let values = eval(value, input, vars)?;
                let mut next = Vec::new();
                for out in &outs {
                    for key in &keys {
                        if key.as_str().is_none() {
                            return Err(format!("Object keys must be strings, not {}", type_of(key)));
                        }
                        for value in &values {
                            let mut out = out.clone();
                            out.push((Sym::from(key.text()), value.clone()));
                            next.push(out);
                        }
                    }
                }
                outs = next;
            }
            Ok(outs.into_iter().map(Value::from_entries).collect())
        }
        Expr::If(arms, otherwise) => {
            for (test, then) in arms {
                if eval(test, input, vars)?.first().is_some_and(truth) {
                    return eval(then, input, vars);
                }
            }
            match otherwise {
                Some(expr) => eval(expr, input, vars),
                None => Ok(vec![input.clone()]),
            }
        }
        Expr::Recurse => {
            let mut out = Vec::new();
            recurse(input, &mut out);
            Ok(out)
        }
        Expr::Binary(operator, left, right) => binary(operator, left, right, input, vars),
        Expr::Call(name, args) => super::functions::call(name, args, input, vars),
    }
}

pub(super) fn binary(operator: &str, left: &Expr, right: &Expr, input: &Value, vars: &Vars) -> Results {
    if operator == "//" {
        let found: Vec<Value> =
            eval(left, input, vars).unwrap_or_default().into_iter().filter(truth).collect();
        return if found.is_empty() { eval(right, input, vars) } else { Ok(found) };
    }
    let mut out = Vec::new();
    for a in eval(left, input, vars)? {
        match operator {
            "and" if !truth(&a) => {
                out.push(Value::Bool(false));
                continue;
            }
            "or" if truth(&a) => {
                out.push(Value::Bool(true));
                continue;
            }
            _ => {}
        }
        for b in eval(right, input, vars)? {
            out.push(match operator {
                "and" | "or" => Value::Bool(truth(&b)),
                "==" => Value::Bool(order(&a, &b) == Ordering::Equal),
                "!=" => Value::Bool(order(&a, &b) != Ordering::Equal),
                "<" => Value::Bool(order(&a, &b) == Ordering::Less),
                ">" => Value::Bool(order(&a, &b) == Ordering::Greater),
                "<=" => Value::Bool(order(&a, &b) != Ordering::Greater),
                ">=" => Value::Bool(order(&a, &b) != Ordering::Less),
                operator => arithmetic(operator, &a, &b)?,
            });
        }
    }
    Ok(out)
}
