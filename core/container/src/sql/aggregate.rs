//! COUNT, SUM, AVG, MIN, MAX and the gathering ones, over the rows of a group.

use super::ast::Expr;
use super::datum::Datum;
use super::eval::{Env, Frame, eval, text_of};
use super::fault::{self, Fault};
use std::cmp::Ordering;
use std::sync::Arc;

pub const NAMES: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "group_concat",
    "string_agg",
    "bool_and",
    "bool_or",
    "any_value",
    "every",
    "std",
    "stddev",
    "variance",
];

/// One aggregate of a query, its arguments bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub name: Arc<str>,
    pub args: Vec<Expr>,
    pub star: bool,
    pub distinct: bool,
}

/// Its value over a group.
///
/// # Errors
/// Of its arguments, and of sums that overflow.
pub fn value(env: &Env<'_>, aggregate: &Aggregate, rows: &[Frame<'_>]) -> Result<Datum, Fault> {
    let d = env.dialect;
    if aggregate.star {
        return Ok(Datum::Int(rows.len() as i64));
    }
    let Some(first) = aggregate.args.first() else {
        return Err(match d.is_mysql() {
            true => fault::mysql(
                1582,
                &format!("Incorrect parameter count in the call to native function '{}'", aggregate.name),
            ),
            false => fault::postgres("42883", &format!("function {}() does not exist", aggregate.name)),
        });
    };
    let mut values = Vec::new();
    for frame in rows {
        let value = eval(env, first, frame)?;
        let seen = || values.iter().any(|v: &Datum| v.compare(&value, d) == Some(Ordering::Equal));
        let again = aggregate.distinct && seen();
        if !value.is_null() && !again {
            values.push(value);
        }
    }
    let overflow = || fault::out_of_range(d, &aggregate.name);
    let sum = |values: &[Datum]| -> Result<Datum, Fault> {
        let floating = values
            .iter()
            .any(|v| matches!(v, Datum::Float(_)) || (d.is_mysql() && matches!(v, Datum::Text(_))));
        if floating {
            return Ok(Datum::float(values.iter().map(Datum::as_float).sum()));
        }
        let mut total = super::decimal::Decimal::of(0);
        for v in values {
            let Some(n) = v.as_decimal() else {
                let kind = super::types::Type::of(v).shown(d);
                return Err(fault::postgres("42883", &format!("function {}({kind}) does not exist", aggregate.name))
                    .hint("No function matches the given name and argument types. You might need to add explicit type casts."));
            };
            total = total.plus(n).ok_or_else(overflow)?;
        }
        let whole = values.iter().all(|v| matches!(v, Datum::Int(_)));
        Ok(match total.whole().filter(|_| whole && total.scale == 0) {
            Some(n) => Datum::Int(n),
            None => Datum::Decimal(total),
        })
    };
    Ok(match &*aggregate.name {
        "count" => Datum::Int(values.len() as i64),
        _ if values.is_empty() => Datum::Null,
        "sum" => sum(&values)?,
        "avg" => match sum(&values)? {
            Datum::Float(bits) => Datum::float(f64::from_bits(bits) / values.len() as f64),
            total => {
                let total = total.as_decimal().ok_or_else(overflow)?;
                let count = super::decimal::Decimal::of(values.len() as i64);
                super::eval::decimal_quotient(d, total, count).ok_or_else(overflow)?
            }
        },
        "std" | "stddev" | "variance" => {
            let numbers: Vec<f64> = values.iter().map(Datum::as_float).collect();
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            let squares: f64 = numbers.iter().map(|n| (n - mean) * (n - mean)).sum();
            let by = if d.is_mysql() { numbers.len() } else { numbers.len() - 1 };
            if by == 0 {
                return Ok(Datum::Null);
            }
            let variance = squares / by as f64;
            Datum::float(if &*aggregate.name == "variance" { variance } else { variance.sqrt() })
        }
        "min" | "max" => {
            let wanted = if &*aggregate.name == "min" { Ordering::Less } else { Ordering::Greater };
            let mut values = values.into_iter();
            let mut best = values.next().unwrap_or(Datum::Null);
            for value in values {
                if value.compare(&best, d) == Some(wanted) {
                    best = value;
                }
            }
            best
        }
        "bool_and" | "every" => Datum::Bool(values.iter().all(|v| v.as_truth() == Some(true))),
        "bool_or" => Datum::Bool(values.iter().any(|v| v.as_truth() == Some(true))),
        "any_value" => values.into_iter().next().unwrap_or(Datum::Null),
        _ => {
            let by = match (aggregate.args.get(1), rows.first()) {
                (Some(by), Some(frame)) => text_of(&eval(env, by, frame)?, d),
                _ => ",".into(),
            };
            Datum::text(&values.iter().map(|v| text_of(v, d)).collect::<Vec<_>>().join(&by))
        }
    })
}
