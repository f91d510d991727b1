//! Evaluating an expression: what it is worth, or the words of what went wrong.

use super::library::function;
use super::worth::{Worth, order, overload, same};
use super::{COMPREHENSIONS, Expr, Node};
use drydock_machinery::{Timestamp, Value};

/// Steps one rule may take; the real server bounds the cost of rules likewise.
const STEPS: usize = 200_000;

pub(crate) type Outcome = Result<Worth, String>;

/// The names an expression may use, innermost last.
pub(crate) struct Scope<'a> {
    names: Vec<(&'a str, Worth)>,
    steps: usize,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(names: Vec<(&'a str, Worth)>) -> Scope<'a> {
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
    match &expr.node {
        Node::Literal(value) => Ok(Worth::Data(value.clone())),
        Node::Name(name) => {
            let found = scope.names.iter().rev().find(|n| n.0 == name);
            found.map(|n| n.1.clone()).ok_or_else(|| format!("no such attribute(s): {name}"))
        }
        Node::Member(inner, name, maybe) => {
            let tree = run(inner, scope)?;
            select(tree, &name.as_str().into(), *maybe)
        }
        Node::Index(inner, index, maybe) => {
            let (tree, index) = (run(inner, scope)?, run(index, scope)?);
            select(tree, &index, *maybe)
        }
        Node::Not(inner) => Ok((!run(inner, scope)?.truth()?).into()),
        Node::Negate(inner) => match run(inner, scope)? {
            Worth::Data(Value::Int(n)) => Ok(n.wrapping_neg().into()),
            Worth::Data(Value::Float(f)) => Ok(Worth::Data(Value::Float(-f))),
            Worth::Duration(nanos) => Ok(Worth::Duration(nanos.wrapping_neg())),
            _ => Err(overload()),
        },
        Node::Choice(test, yes, no) => {
            let chosen = if run(test, scope)?.truth()? { yes } else { no };
            run(chosen, scope)
        }
        Node::List(items) => {
            Ok(Worth::list(items.iter().map(|item| run(item, scope)).collect::<Result<Vec<_>, _>>()?))
        }
        Node::Map(entries) => {
            let mut out = Vec::new();
            for (key, value) in entries {
                out.push((run(key, scope)?.written()?, run(value, scope)?));
            }
            Ok(Worth::Map(out))
        }
        Node::Binary(operator, left, right) => binary(operator, left, right, scope),
        Node::Call(name, receiver, arguments) => call(expr, name, receiver.as_deref(), arguments, scope),
    }
}

/// A field, an item or what a key stands for.
fn select(tree: Worth, index: &Worth, maybe: bool) -> Outcome {
    let (tree, maybe) = match tree {
        // What may be missing is asked on.
        Worth::Optional(None) => return Ok(Worth::Optional(None)),
        Worth::Optional(Some(inner)) => (*inner, true),
        tree => (tree, maybe),
    };
    let found = match (tree.items(), index.int()) {
        (Ok(items), Ok(at)) => {
            let found = usize::try_from(at).ok().and_then(|at| items.get(at).cloned());
            found.ok_or_else(|| format!("index out of bounds: {at}"))
        }
        _ if !tree.is_map() => Err(overload()),
        _ => {
            let key = index.written()?;
            tree.find(&key).ok_or_else(|| format!("no such key: {key}"))
        }
    };
    match maybe {
        true => Ok(Worth::Optional(found.ok().map(Box::new))),
        false => found,
    }
}

fn binary<'a>(operator: &str, left: &'a Expr, right: &'a Expr, scope: &mut Scope<'a>) -> Outcome {
    if matches!(operator, "&&" | "||") {
        // An error on one side does not matter if the other decides.
        let decides = operator == "||";
        let a = run(left, scope).and_then(|v| v.truth());
        if a == Ok(decides) {
            return Ok(decides.into());
        }
        let b = run(right, scope).and_then(|v| v.truth());
        return match (a, b) {
            (_, Ok(b)) if b == decides => Ok(decides.into()),
            (Err(why), _) | (_, Err(why)) => Err(why),
            _ => Ok((!decides).into()),
        };
    }
    let (a, b) = (run(left, scope)?, run(right, scope)?);
    match operator {
        "==" => Ok(same(&a, &b).into()),
        "!=" => Ok((!same(&a, &b)).into()),
        "<" => Ok(order(&a, &b)?.is_lt().into()),
        "<=" => Ok(order(&a, &b)?.is_le().into()),
        ">" => Ok(order(&a, &b)?.is_gt().into()),
        ">=" => Ok(order(&a, &b)?.is_ge().into()),
        "in" if b.is_map() => Ok(a.written().is_ok_and(|key| b.find(&key).is_some()).into()),
        "in" => Ok(b.items()?.iter().any(|item| same(item, &a)).into()),
        _ => arithmetic(operator, &a, &b),
    }
}

pub(super) fn arithmetic(operator: &str, a: &Worth, b: &Worth) -> Outcome {
    let checked = |n: Option<i64>, why: &str| n.map(Worth::from).ok_or_else(|| why.to_string());
    let overflow = "integer overflow";
    let sum = |(a, x): (i64, u32), nanos: i64| {
        let total = i128::from(a) * 1_000_000_000 + i128::from(x) + i128::from(nanos);
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).map_err(|_| "timestamp overflow")?;
        Ok(Worth::Time(seconds, u32::try_from(total.rem_euclid(1_000_000_000)).unwrap_or(0)))
    };
    match (operator, a, b) {
        ("+", Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => checked(a.checked_add(*b), overflow),
        ("-", Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => checked(a.checked_sub(*b), overflow),
        ("*", Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => checked(a.checked_mul(*b), overflow),
        ("/", Worth::Data(Value::Int(_)), Worth::Data(Value::Int(0))) => Err("division by zero".into()),
        ("/", Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => checked(a.checked_div(*b), overflow),
        ("%", Worth::Data(Value::Int(_)), Worth::Data(Value::Int(0))) => Err("modulus by zero".into()),
        ("%", Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => checked(a.checked_rem(*b), overflow),
        ("+", Worth::Duration(a), Worth::Duration(b)) => Ok(Worth::Duration(a.saturating_add(*b))),
        ("-", Worth::Duration(a), Worth::Duration(b)) => Ok(Worth::Duration(a.saturating_sub(*b))),
        ("+", Worth::Time(a, x), Worth::Duration(d)) | ("+", Worth::Duration(d), Worth::Time(a, x)) => {
            sum((*a, *x), *d)
        }
        ("-", Worth::Time(a, x), Worth::Duration(d)) => sum((*a, *x), d.saturating_neg()),
        ("-", Worth::Time(a, x), Worth::Time(b, y)) => {
            let nanos = (i128::from(*a) - i128::from(*b)) * 1_000_000_000 + i128::from(*x) - i128::from(*y);
            i64::try_from(nanos).map(Worth::Duration).map_err(|_| "duration overflow".into())
        }
        ("+", ..) if a.items().is_ok() && b.items().is_ok() => {
            Ok(Worth::list(a.items()?.into_iter().chain(b.items()?).collect()))
        }
        ("+", ..) if a.text().is_ok() => Ok(format!("{}{}", a.text()?, b.text()?).into()),
        // Whole numbers and others do not mix.
        (_, Worth::Data(Value::Float(a)), Worth::Data(Value::Float(b))) => {
            Ok(Worth::Data(Value::Float(match operator {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "/" => a / b,
                _ => return Err(overload()),
            })))
        }
        _ => Err(overload()),
    }
}

fn call<'a>(
    whole: &'a Expr,
    name: &str,
    receiver: Option<&'a Expr>,
    arguments: &'a [Expr],
    scope: &mut Scope<'a>,
) -> Outcome {
    if name == "has" && receiver.is_none() {
        let Some(Node::Member(inner, field, _)) = arguments.first().map(|a| &a.node) else {
            return Err("invalid argument to has() macro".into());
        };
        return Ok(run(inner, scope)?.find(field).is_some_and(|v| !v.is_null()).into());
    }
    let variable = arguments.first().map(|a| &a.node);
    if let (Some(receiver), Some(Node::Name(variable)), true) =
        (receiver, variable, COMPREHENSIONS.contains(&name) && arguments.len() > 1)
    {
        return comprehend(name, receiver, variable, arguments, scope);
    }
    let spaced = whole.qualified();
    if spaced.as_deref() == Some("optional.none") {
        return Ok(Worth::Optional(None));
    }
    let subject = match (&spaced, receiver) {
        (None, Some(receiver)) => Some(run(receiver, scope)?),
        _ => None,
    };
    let rest = arguments.iter().map(|a| run(a, scope)).collect::<Result<Vec<Worth>, String>>()?;
    // `size(x)` and `x.size()` are the same.
    let all: Vec<Worth> = subject.into_iter().chain(rest).collect();
    function(spaced.as_deref().unwrap_or(name), &all)
}

fn comprehend<'a>(
    name: &str,
    receiver: &'a Expr,
    variable: &'a str,
    arguments: &'a [Expr],
    scope: &mut Scope<'a>,
) -> Outcome {
    let items = run(receiver, scope)?.range()?;
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
                if value.truth()? {
                    kept.push(run(step, scope)?);
                }
                Ok(true)
            }
            ("filter", _) => {
                if value.truth()? {
                    kept.push(item.clone());
                }
                Ok(true)
            }
            _ => value.truth(),
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
        (Some(decided), _) => Ok(decided.into()),
        (None, Some(why)) => Err(why),
        (None, None) => Ok(Worth::list(kept)),
    }
}

/// The parts of a moment that functions ask for.
pub(super) fn civil(seconds: i64) -> drydock_machinery::time::Civil {
    Timestamp(seconds).civil()
}
