//! Evaluates expressions: names looked up once per query, then operators as each dialect has them.

mod operators;
pub use operators::{binary, cast, decimal_quotient, text_of};
mod bind;
pub use bind::{bind, find, kind_of, map};

use super::Dialect;
use super::ast::{Expr, Op, Query};
use super::datum::{DAY, Datum, add_months};
use super::decimal::Decimal;
use super::fault::{self, Fault};
use super::session::Session;
use super::store::Store;
use super::types::{INT, TEXT, Type, unit_of};
use super::{functions, select};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A column in reach of an expression.
#[derive(Clone, Debug)]
pub struct Field {
    pub table: Arc<str>,
    pub name: Arc<str>,
    pub kind: Option<Type>,
    /// Hidden by USING: only its table's `*` shows it.
    pub hidden: bool,
}

/// The row at hand, and those of the queries around.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub fields: &'a [Field],
    pub row: &'a [Datum],
    pub aggregates: &'a [Datum],
    pub outer: Option<&'a Frame<'a>>,
}

pub const NOTHING: Frame<'static> = Frame { fields: &[], row: &[], aggregates: &[], outer: None };

/// What a statement runs in.
pub struct Env<'a> {
    pub dialect: Dialect,
    pub store: &'a Store,
    pub session: &'a Session,
    /// Microseconds since 1970.
    pub now: i64,
    pub info: &'a super::Info,
    pub random: &'a Cell<u64>,
    /// Rows that may still be looked at.
    pub budget: &'a Cell<u64>,
    /// Milliseconds slept.
    pub slept: &'a Cell<u64>,
    /// Values of sequences that were drawn.
    pub drawn: &'a RefCell<BTreeMap<String, i64>>,
    /// Queries of WITH.
    pub with: Vec<(Arc<str>, Arc<select::Rows>)>,
}

type Evaluated<T> = Result<T, Fault>;

impl Env<'_> {
    /// Counts a row that was looked at.
    ///
    /// # Errors
    /// When there were too many.
    pub fn spend(&self) -> Evaluated<()> {
        let left = self.budget.get();
        if left == 0 {
            return Err(fault::too_much(self.dialect));
        }
        self.budget.set(left - 1);
        Ok(())
    }
    pub fn draw(&self) -> u64 {
        // SplitMix64, from a number of the world's own chance.
        let next = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// The value of a bound expression.
///
/// # Errors
/// Of what does not calculate: division by zero, overflow, wrong texts.
pub fn eval(env: &Env<'_>, expr: &Expr, frame: &Frame<'_>) -> Evaluated<Datum> {
    let d = env.dialect;
    Ok(match expr {
        Expr::Literal(value) => value.clone(),
        Expr::Slot(at) => frame.row.get(*at).cloned().unwrap_or(Datum::Null),
        Expr::Aggregate(at) => frame.aggregates.get(*at).cloned().unwrap_or(Datum::Null),
        Expr::Column { table, name, at } => {
            let mut next = Some(frame);
            while let Some(f) = next {
                if let Some(place) = find(d, f.fields, table.as_deref(), name, "field list", at.0)? {
                    return Ok(f.row.get(place).cloned().unwrap_or(Datum::Null));
                }
                next = f.outer;
            }
            return Err(fault::no_column(d, name, "field list", at.0));
        }
        Expr::Not(e) => match truth(env, &eval(env, e, frame)?)? {
            Some(b) => Datum::truth(d, !b),
            None => Datum::Null,
        },
        Expr::Negative(e) => match eval(env, e, frame)? {
            Datum::Int(n) => Datum::Int(n.checked_neg().ok_or_else(|| fault::out_of_range(d, "-"))?),
            Datum::Decimal(x) => Datum::Decimal(Decimal { mantissa: -x.mantissa, ..x }),
            Datum::Null => Datum::Null,
            Datum::Interval { months, micros } => Datum::Interval { months: -months, micros: -micros },
            other => Datum::float(-other.as_float()),
        },
        Expr::Binary(op @ (Op::And | Op::Or), a, b, _) => {
            let stop = *op == Op::Or;
            let left = truth(env, &eval(env, a, frame)?)?;
            if left == Some(stop) {
                return Ok(Datum::truth(d, stop));
            }
            match (left, truth(env, &eval(env, b, frame)?)?) {
                (_, Some(b)) if b == stop => Datum::truth(d, stop),
                (Some(_), Some(b)) => Datum::truth(d, b),
                _ => Datum::Null,
            }
        }
        Expr::Binary(op, a, b, _) => binary(env, *op, eval(env, a, frame)?, eval(env, b, frame)?)?,
        Expr::In { value, list, not } => {
            let value = eval(env, value, frame)?;
            let list = list.iter().map(|e| eval(env, e, frame)).collect::<Evaluated<Vec<_>>>()?;
            is_in(d, &value, list.iter(), *not)
        }
        Expr::InQuery { value, query, not } => {
            let value = eval(env, value, frame)?;
            let rows = column(env, query, frame)?;
            is_in(d, &value, rows.iter(), *not)
        }
        Expr::Between { value, low, high, not } => {
            let value = eval(env, value, frame)?;
            let low = value.compare(&eval(env, low, frame)?, d).map(Ordering::is_ge);
            let high = value.compare(&eval(env, high, frame)?, d).map(Ordering::is_le);
            match (low, high) {
                (Some(a), Some(b)) => Datum::truth(d, (a && b) != *not),
                (Some(false), _) | (_, Some(false)) => Datum::truth(d, *not),
                _ => Datum::Null,
            }
        }
        Expr::Like { value, pattern, not, any_case } => {
            match (eval(env, value, frame)?, eval(env, pattern, frame)?) {
                (Datum::Null, _) | (_, Datum::Null) => Datum::Null,
                (value, pattern) => {
                    let (mut value, mut pattern) = (value.shown(d), pattern.shown(d));
                    if *any_case {
                        (value, pattern) = (value.to_lowercase(), pattern.to_lowercase());
                    }
                    Datum::truth(d, like(&value, &pattern) != *not)
                }
            }
        }
        Expr::Matches { value, pattern, not, any_case } => {
            match (eval(env, value, frame)?, eval(env, pattern, frame)?) {
                (Datum::Null, _) | (_, Datum::Null) => Datum::Null,
                (value, pattern) => {
                    let pattern = pattern.shown(d);
                    let regex = regex_lite::RegexBuilder::new(&pattern)
                        .case_insensitive(*any_case)
                        .size_limit(1 << 18)
                        .build();
                    let regex = regex.map_err(|_| match d.is_mysql() {
                        true => fault::mysql(
                            3692,
                            "The regular expression contains an unclosed bracket expression.",
                        ),
                        false => {
                            fault::postgres("2201B", "invalid regular expression: brackets [] not balanced")
                        }
                    })?;
                    Datum::truth(d, regex.is_match(&value.shown(d)) != *not)
                }
            }
        }
        Expr::IsNull { value, not } => Datum::truth(d, eval(env, value, frame)?.is_null() != *not),
        Expr::IsTruth { value, truth: wanted, not } => {
            Datum::truth(d, (truth(env, &eval(env, value, frame)?)? == Some(*wanted)) != *not)
        }
        Expr::Case { value, arms, other } => {
            let value = value.as_ref().map(|v| eval(env, v, frame)).transpose()?;
            for (when, then) in arms {
                let when = eval(env, when, frame)?;
                let hit = match &value {
                    Some(value) => value.compare(&when, d) == Some(Ordering::Equal),
                    None => truth(env, &when)? == Some(true),
                };
                if hit {
                    return eval(env, then, frame);
                }
            }
            match other {
                Some(other) => eval(env, other, frame)?,
                None => Datum::Null,
            }
        }
        Expr::Cast { value, to } => cast(d, eval(env, value, frame)?, to)?,
        Expr::Query(query) => {
            let rows = column(env, query, frame)?;
            if rows.len() > 1 {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1242, "Subquery returns more than 1 row"),
                    false => fault::postgres(
                        "21000",
                        "more than one row returned by a subquery used as an expression",
                    ),
                });
            }
            rows.into_iter().next().unwrap_or(Datum::Null)
        }
        Expr::Exists(query) => Datum::truth(d, !select::run(env, query, Some(frame))?.rows.is_empty()),
        Expr::Variable(name) => super::variables::read(env, name)?,
        Expr::Interval { value, unit } => {
            let value = eval(env, value, frame)?;
            match (unit_of(unit), value) {
                (_, Datum::Null) => Datum::Null,
                (Some((true, months)), v) => {
                    Datum::Interval { months: v.as_int().unwrap_or(0).saturating_mul(months), micros: 0 }
                }
                (Some((false, micros)), v) => {
                    Datum::Interval { months: 0, micros: (v.as_float() * micros as f64) as i64 }
                }
                (None, _) => return Err(fault::unsupported(d, &format!("INTERVAL {unit}"))),
            }
        }
        Expr::Call { name, args, at, .. } => {
            if functions::is_aggregate(name) {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1111, "Invalid use of group function"),
                    false => {
                        fault::postgres("42803", "aggregate functions are not allowed in WHERE").at(at.0)
                    }
                });
            }
            functions::call(env, name, args, frame, at.0)?
        }
        Expr::Default => return Err(fault::syntax(d, "DEFAULT", 0, "DEFAULT")),
    })
}

impl<'a> Env<'a> {
    /// The same once more, for an inner query.
    #[must_use]
    pub fn again(&self) -> Env<'a> {
        Env {
            dialect: self.dialect,
            store: self.store,
            session: self.session,
            now: self.now,
            info: self.info,
            random: self.random,
            budget: self.budget,
            slept: self.slept,
            drawn: self.drawn,
            with: self.with.clone(),
        }
    }
}

/// # Errors
/// PostgreSQL takes booleans only.
pub fn truth(env: &Env<'_>, value: &Datum) -> Evaluated<Option<bool>> {
    match value {
        Datum::Text(t) if !env.dialect.is_mysql() => match super::datum::parse_bool(t) {
            Some(b) => Ok(Some(b)),
            None => Err(fault::postgres("22P02", &format!("invalid input syntax for type boolean: \"{t}\""))),
        },
        Datum::Int(_) if !env.dialect.is_mysql() => {
            Err(fault::postgres("42804", "argument of WHERE must be type boolean, not type integer"))
        }
        other => Ok(other.as_truth()),
    }
}

fn column(env: &Env<'_>, query: &Query, frame: &Frame<'_>) -> Evaluated<Vec<Datum>> {
    let rows = select::run(env, query, Some(frame))?;
    if rows.fields.len() != 1 {
        return Err(match env.dialect.is_mysql() {
            true => fault::mysql(1241, "Operand should contain 1 column(s)"),
            false => fault::postgres("42601", "subquery must return only one column"),
        });
    }
    Ok(rows.rows.into_iter().filter_map(|r| r.into_iter().next()).collect())
}

fn is_in<'a>(
    d: Dialect,
    value: &Datum,
    mut list: impl Iterator<Item = &'a Datum> + Clone,
    not: bool,
) -> Datum {
    if value.is_null() {
        return Datum::Null;
    }
    let unknown = list.clone().any(Datum::is_null);
    match list.any(|x| value.compare(x, d) == Some(Ordering::Equal)) {
        true => Datum::truth(d, !not),
        false if unknown => Datum::Null,
        false => Datum::truth(d, not),
    }
}

/// `%` and `_`, with backslashes that take their meaning away.
#[must_use]
pub fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut wanted: Vec<(char, bool)> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => wanted.extend(chars.next().map(|c| (c, false))),
            c => wanted.push((c, matches!(c, '%' | '_'))),
        }
    }
    let (mut t, mut p, mut star) = (0, 0, None);
    while t < text.len() {
        match wanted.get(p) {
            Some(('%', true)) => {
                star = Some((p, t));
                p += 1;
            }
            Some(('_', true)) => (t, p) = (t + 1, p + 1),
            Some((c, false)) if Some(c) == text.get(t) => (t, p) = (t + 1, p + 1),
            _ => match star {
                Some((at, from)) => {
                    (p, t) = (at + 1, from + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    wanted.iter().skip(p).all(|w| *w == ('%', true))
}

impl Datum {
    fn null_if(self, null: bool) -> Datum {
        if null { Datum::Null } else { self }
    }
}
