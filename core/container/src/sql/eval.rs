//! Evaluates expressions: names looked up once per query, then operators as each dialect has them.

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

/// Rebuilds an expression; `change` gives what stands for a part, or nothing to go on below it.
///
/// # Errors
/// Those of `change`.
pub fn map(expr: &Expr, change: &mut dyn FnMut(&Expr) -> Evaluated<Option<Expr>>) -> Evaluated<Expr> {
    if let Some(new) = change(expr)? {
        return Ok(new);
    }
    let mut one = |e: &Expr| map(e, change).map(Box::new);
    Ok(match expr {
        Expr::Not(e) => Expr::Not(one(e)?),
        Expr::Negative(e) => Expr::Negative(one(e)?),
        Expr::Binary(op, a, b, at) => Expr::Binary(*op, one(a)?, one(b)?, *at),
        Expr::Call { name, args, star, distinct, at } => Expr::Call {
            name: name.clone(),
            args: args.iter().map(|a| map(a, change)).collect::<Evaluated<_>>()?,
            star: *star,
            distinct: *distinct,
            at: *at,
        },
        Expr::In { value, list, not } => Expr::In {
            value: one(value)?,
            list: list.iter().map(|a| map(a, change)).collect::<Evaluated<_>>()?,
            not: *not,
        },
        Expr::InQuery { value, query, not } => Expr::InQuery { value: one(value)?, query: query.clone(), not: *not },
        Expr::Between { value, low, high, not } => {
            Expr::Between { value: one(value)?, low: one(low)?, high: one(high)?, not: *not }
        }
        Expr::Like { value, pattern, not, any_case } => {
            Expr::Like { value: one(value)?, pattern: one(pattern)?, not: *not, any_case: *any_case }
        }
        Expr::Matches { value, pattern, not, any_case } => {
            Expr::Matches { value: one(value)?, pattern: one(pattern)?, not: *not, any_case: *any_case }
        }
        Expr::IsNull { value, not } => Expr::IsNull { value: one(value)?, not: *not },
        Expr::IsTruth { value, truth, not } => Expr::IsTruth { value: one(value)?, truth: *truth, not: *not },
        Expr::Case { value, arms, other } => {
            let value = value.as_ref().map(|v| one(v)).transpose()?;
            let other = other.as_ref().map(|v| one(v)).transpose()?;
            let arms = arms.iter().map(|(w, t)| Ok((map(w, change)?, map(t, change)?))).collect::<Evaluated<_>>()?;
            Expr::Case { value, arms, other }
        }
        Expr::Cast { value, to } => Expr::Cast { value: one(value)?, to: to.clone() },
        Expr::Interval { value, unit } => Expr::Interval { value: one(value)?, unit: unit.clone() },
        leaf => leaf.clone(),
    })
}

/// Where a name leads among fields.
///
/// # Errors
/// When it leads to several.
pub fn find(dialect: Dialect, fields: &[Field], table: Option<&str>, name: &str, clause: &str, at: usize) -> Evaluated<Option<usize>> {
    let same = |a: &str, b: &str| if dialect.is_mysql() { a.eq_ignore_ascii_case(b) } else { a == b };
    let fits = |f: &Field| same(&f.name, name) && table.map_or(!f.hidden, |t| same(&f.table, t));
    let mut found = fields.iter().enumerate().filter(|(_, f)| fits(f)).map(|f| f.0);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => {
            let full = table.map_or(name.to_string(), |t| format!("{t}.{name}"));
            Err(fault::ambiguous(dialect, &full, clause, at))
        }
        (first, _) => Ok(first),
    }
}

/// Looks up every name; those of queries around are left for the moment of evaluation.
///
/// # Errors
/// Of unknown and ambiguous names, and of types PostgreSQL does not compare.
pub fn bind(env: &Env<'_>, expr: &Expr, fields: &[Field], outer: Option<&Frame<'_>>, clause: &str) -> Evaluated<Expr> {
    map(expr, &mut |e| {
        if let Expr::Binary(op, a, b, at) = e
            && !env.dialect.is_mysql()
        {
            let (left, right) = (bind(env, a, fields, outer, clause)?, bind(env, b, fields, outer, clause)?);
            check_types(*op, kind_of(env, &left, fields), kind_of(env, &right, fields), at.0)?;
            return Ok(Some(Expr::Binary(*op, left.into(), right.into(), *at)));
        }
        if let Expr::Call { name, args, at, .. } = e
            && !functions::exists(env.dialect, name)
        {
            let kinds: Vec<Option<Type>> = args.iter().map(|a| bind(env, a, fields, outer, clause).map(|b| kind_of(env, &b, fields))).collect::<Evaluated<_>>()?;
            return Err(functions::unknown(env, name, &kinds, at.0));
        }
        let Expr::Column { table, name, at } = e else { return Ok(None) };
        if let Some(place) = find(env.dialect, fields, table.as_deref(), name, clause, at.0)? {
            return Ok(Some(Expr::Slot(place)));
        }
        let mut next = outer;
        while let Some(frame) = next {
            if find(env.dialect, frame.fields, table.as_deref(), name, clause, at.0)?.is_some() {
                return Ok(Some(e.clone()));
            }
            next = frame.outer;
        }
        // Quoted words are texts to those who come from MySQL.
        let known = table.as_ref().is_none_or(|t| fields.iter().any(|f| f.table.eq_ignore_ascii_case(t)));
        match table {
            Some(t) if !known && !env.dialect.is_mysql() => {
                Err(fault::postgres("42P01", &format!("missing FROM-clause entry for table \"{t}\"")).at(at.0))
            }
            Some(t) => Err(fault::no_column(env.dialect, &format!("{t}.{name}"), clause, at.0)),
            None => {
                let near = fields.iter().find(|f| f.name.starts_with(&**name) || name.starts_with(&*f.name));
                let mut fault = fault::no_column(env.dialect, name, clause, at.0);
                if let (Some(f), false) = (near, env.dialect.is_mysql()) {
                    fault = fault.hint(&format!("Perhaps you meant to reference the column \"{}.{}\".", f.table, f.name));
                }
                Err(fault)
            }
        }
    })
}

fn check_types(op: Op, a: Option<Type>, b: Option<Type>, at: usize) -> Evaluated<()> {
    let (Some(a), Some(b)) = (a, b) else { return Ok(()) };
    let texty = |t: &Type| matches!(t, Type::Text(_) | Type::Varchar(_) | Type::Char(_));
    let clash = match op {
        Op::Equal | Op::Differs | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            let odd = |t: &Type| t.is_number() || *t == Type::Bool || matches!(t, Type::Date | Type::Stamp { .. });
            (texty(&a) && odd(&b)) || (texty(&b) && odd(&a)) || ((a == Type::Bool) != (b == Type::Bool) && (a.is_number() || b.is_number()))
        }
        Op::Plus | Op::Minus | Op::Times | Op::Divide => texty(&a) || texty(&b),
        _ => false,
    };
    if !clash {
        return Ok(());
    }
    let name = |t: &Type| t.shown(Dialect::Postgres).split('(').next().unwrap_or("").to_string();
    Err(fault::postgres("42883", &format!("operator does not exist: {} {} {}", name(&a), op.sign(), name(&b)))
        .at(at)
        .hint("No operator matches the given name and argument types. You might need to add explicit type casts."))
}

/// The type of a bound expression, where it can be told without running it; texts in quotes have none.
#[must_use]
pub fn kind_of(env: &Env<'_>, expr: &Expr, fields: &[Field]) -> Option<Type> {
    let kind = |e: &Expr| kind_of(env, e, fields);
    match expr {
        Expr::Literal(Datum::Null | Datum::Text(_)) => None,
        Expr::Literal(value) => Some(Type::of(value)),
        Expr::Slot(at) => fields.get(*at)?.kind.clone(),
        Expr::Negative(e) => kind(e),
        Expr::Binary(op, a, b, _) => match op {
            Op::Plus | Op::Minus | Op::Times | Op::Divide | Op::Modulo | Op::Power | Op::Whole => {
                let (a, b) = (kind(a), kind(b));
                if let Some(t @ (Type::Stamp { .. } | Type::Date | Type::Interval)) = a.as_ref().or(b.as_ref()) {
                    return if a == b { None } else { Some(t.clone()) };
                }
                match (a, b) {
                    (Some(Type::Double | Type::Float), _) | (_, Some(Type::Double | Type::Float)) => Some(Type::Double),
                    (Some(Type::Decimal(_)), _) | (_, Some(Type::Decimal(_))) => Some(Type::Decimal(None)),
                    _ if *op == Op::Divide && env.dialect.is_mysql() => Some(Type::Decimal(None)),
                    (a, b) => a.or(b),
                }
            }
            Op::Concat | Op::ArrowText => Some(TEXT),
            Op::Arrow => None,
            _ if env.dialect.is_mysql() => Some(INT),
            _ => Some(Type::Bool),
        },
        Expr::Not(_) | Expr::In { .. } | Expr::InQuery { .. } | Expr::Between { .. } | Expr::Like { .. } | Expr::Matches { .. } | Expr::IsNull { .. } | Expr::IsTruth { .. } | Expr::Exists(_) => {
            Some(if env.dialect.is_mysql() { INT } else { Type::Bool })
        }
        Expr::Case { arms, other, .. } => arms.iter().find_map(|a| kind(&a.1)).or_else(|| other.as_ref().and_then(|o| kind(o))),
        Expr::Cast { to, .. } => Some(to.clone()),
        Expr::Call { name, args, .. } => functions::kind(env.dialect, name, &args.iter().map(kind).collect::<Vec<_>>()),
        _ => None,
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
        Expr::Like { value, pattern, not, any_case } => match (eval(env, value, frame)?, eval(env, pattern, frame)?) {
            (Datum::Null, _) | (_, Datum::Null) => Datum::Null,
            (value, pattern) => {
                let (mut value, mut pattern) = (value.shown(d), pattern.shown(d));
                if *any_case {
                    (value, pattern) = (value.to_lowercase(), pattern.to_lowercase());
                }
                Datum::truth(d, like(&value, &pattern) != *not)
            }
        },
        Expr::Matches { value, pattern, not, any_case } => match (eval(env, value, frame)?, eval(env, pattern, frame)?) {
            (Datum::Null, _) | (_, Datum::Null) => Datum::Null,
            (value, pattern) => {
                let pattern = pattern.shown(d);
                let regex = regex_lite::RegexBuilder::new(&pattern).case_insensitive(*any_case).size_limit(1 << 18).build();
                let regex = regex.map_err(|_| match d.is_mysql() {
                    true => fault::mysql(3692, "The regular expression contains an unclosed bracket expression."),
                    false => fault::postgres("2201B", "invalid regular expression: brackets [] not balanced"),
                })?;
                Datum::truth(d, regex.is_match(&value.shown(d)) != *not)
            }
        },
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
                    false => fault::postgres("21000", "more than one row returned by a subquery used as an expression"),
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
                (Some((true, months)), v) => Datum::Interval { months: v.as_int().unwrap_or(0).saturating_mul(months), micros: 0 },
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
                    false => fault::postgres("42803", "aggregate functions are not allowed in WHERE").at(at.0),
                });
            }
            functions::call(env, name, args, frame, at.0)?
        }
        Expr::Default => return Err(fault::syntax(d, "DEFAULT", 0, "DEFAULT")),
    })
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

fn is_in<'a>(d: Dialect, value: &Datum, mut list: impl Iterator<Item = &'a Datum> + Clone, not: bool) -> Datum {
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

/// # Errors
/// Of a value that is none of the type.
pub fn cast(d: Dialect, value: Datum, to: &Type) -> Evaluated<Datum> {
    if d.is_mysql() {
        // MySQL's casts take what they can.
        return Ok(match to {
            Type::Int { .. } => Datum::Int(value.as_int().unwrap_or(0)).null_if(value.is_null()),
            Type::Decimal(size) => {
                let decimal = value.as_decimal().or_else(|| Decimal::parse(super::datum::leading_number(&value.shown(d))));
                let scale = size.map_or(0, |s| s.1);
                Datum::Decimal(decimal.and_then(|x| x.rescale(scale)).unwrap_or(Decimal::of(0))).null_if(value.is_null())
            }
            to => to.take(d, value, "", 1).unwrap_or(Datum::Null),
        });
    }
    match (to, &value) {
        (Type::Char(n) | Type::Varchar(Some(n)), v) if !v.is_null() => {
            Ok(Datum::text(&TEXT.take(d, value, "", 1)?.shown(d).chars().take(*n as usize).collect::<String>()))
        }
        (Type::Int { .. }, Datum::Text(t)) if t.trim().parse::<i64>().is_err() => {
            Err(fault::postgres("22P02", &format!("invalid input syntax for type {}: \"{t}\"", to.shown(d))))
        }
        (Type::Text("regclass" | "name"), _) => Ok(value),
        _ => to.take(d, value, "", 1),
    }
}

impl Datum {
    fn null_if(self, null: bool) -> Datum {
        if null { Datum::Null } else { self }
    }
}

/// # Errors
/// As the operator.
pub fn binary(env: &Env<'_>, op: Op, a: Datum, b: Datum) -> Evaluated<Datum> {
    let d = env.dialect;
    if op == Op::Same {
        return Ok(Datum::truth(d, (a.is_null() && b.is_null()) || a.compare(&b, d) == Some(Ordering::Equal)));
    }
    if a.is_null() || b.is_null() {
        return Ok(Datum::Null);
    }
    if matches!(op, Op::Equal | Op::Differs | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual) {
        strict(d, &a, &b)?;
    }
    let test = |hit: fn(Ordering) -> bool| a.compare(&b, d).map_or(Datum::Null, |o| Datum::truth(d, hit(o)));
    Ok(match op {
        Op::Equal if matches!((&a, &b), (Datum::Text(_), Datum::Text(_))) && !d.is_mysql() => Datum::Bool(a == b),
        Op::Equal => test(Ordering::is_eq),
        Op::Differs => test(Ordering::is_ne),
        Op::Less => test(Ordering::is_lt),
        Op::LessEqual => test(Ordering::is_le),
        Op::Greater => test(Ordering::is_gt),
        Op::GreaterEqual => test(Ordering::is_ge),
        Op::Xor => Datum::truth(d, a.as_truth() != b.as_truth()),
        Op::Concat => Datum::text(&format!("{}{}", text_of(&a, d), text_of(&b, d))),
        Op::BitAnd | Op::BitOr | Op::ShiftLeft | Op::ShiftRight => {
            let (a, b) = (a.as_int().unwrap_or(0), b.as_int().unwrap_or(0));
            Datum::Int(match op {
                Op::BitAnd => a & b,
                Op::BitOr => a | b,
                Op::ShiftLeft => u32::try_from(b).ok().and_then(|b| a.checked_shl(b)).unwrap_or(0),
                _ => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).unwrap_or(0),
            })
        }
        Op::Arrow | Op::ArrowText => functions::arrow(d, &a, &b, op == Op::ArrowText),
        _ => arithmetic(d, op, a, b)?,
    })
}

/// PostgreSQL reads a text in quotes as the type on the other side.
fn strict(d: Dialect, a: &Datum, b: &Datum) -> Evaluated<()> {
    if d.is_mysql() {
        return Ok(());
    }
    for (a, b) in [(a, b), (b, a)] {
        if let (Datum::Text(_), Datum::Int(_) | Datum::Bool(_) | Datum::Date(_) | Datum::Stamp { .. }) = (a, b) {
            cast(d, a.clone(), &Type::of(b))?;
        }
    }
    Ok(())
}

/// The text `||` and concat make of a value.
#[must_use]
pub fn text_of(value: &Datum, d: Dialect) -> String {
    match value {
        Datum::Bool(b) => b.to_string(),
        other => other.shown(d),
    }
}

fn arithmetic(d: Dialect, op: Op, a: Datum, b: Datum) -> Evaluated<Datum> {
    if let Some(time) = calendar(d, op, &a, &b) {
        return Ok(time);
    }
    if !d.is_mysql() {
        let like = |y: &Datum| if y.is_number() { Type::of(y) } else { INT };
        if let Datum::Text(_) = a {
            let number = cast(d, a, &like(&b))?;
            return arithmetic(d, op, number, b);
        }
        if let Datum::Text(_) = b {
            let number = cast(d, b, &like(&a))?;
            return arithmetic(d, op, a, number);
        }
    }
    let overflow = || fault::out_of_range(d, op.sign());
    let floating = matches!(a, Datum::Float(_)) || matches!(b, Datum::Float(_)) || op == Op::Power
        || (d.is_mysql() && (matches!(a, Datum::Text(_)) || matches!(b, Datum::Text(_))));
    let zero = b.as_float() == 0.0;
    if zero && matches!(op, Op::Divide | Op::Modulo | Op::Whole) {
        return if d.is_mysql() { Ok(Datum::Null) } else { Err(fault::division(d)) };
    }
    if floating {
        let (a, b) = (a.as_float(), b.as_float());
        let f = match op {
            Op::Plus => a + b,
            Op::Minus => a - b,
            Op::Times => a * b,
            Op::Divide => a / b,
            Op::Modulo => a % b,
            Op::Power => a.powf(b),
            _ => return Ok(Datum::Int((a / b) as i64)),
        };
        return if f.is_finite() { Ok(Datum::float(f)) } else { Err(overflow()) };
    }
    if let (Datum::Int(x), Datum::Int(y)) = (&a, &b) {
        let (x, y) = (*x, *y);
        let n = match op {
            Op::Plus => x.checked_add(y),
            Op::Minus => x.checked_sub(y),
            Op::Times => x.checked_mul(y),
            Op::Modulo => x.checked_rem(y),
            Op::Whole => x.checked_div(y),
            Op::Divide if !d.is_mysql() => x.checked_div(y),
            _ => return decimal_quotient(d, Decimal::of(x), Decimal::of(y)).ok_or_else(overflow),
        };
        return n.map(Datum::Int).ok_or_else(overflow);
    }
    let (x, y) = (a.as_decimal().unwrap_or(Decimal::of(0)), b.as_decimal().unwrap_or(Decimal::of(0)));
    let out = match op {
        Op::Plus => x.plus(y),
        Op::Minus => x.minus(y),
        Op::Times => x.times(y),
        Op::Modulo => x.remainder(y),
        Op::Whole => return x.divided(y, 4).and_then(|q| q.truncate(0)?.whole()).map(Datum::Int).ok_or_else(overflow),
        _ => return decimal_quotient(d, x, y).ok_or_else(overflow),
    };
    out.map(Datum::Decimal).ok_or_else(overflow)
}

/// A quotient with the digits the dialect gives it: four more than the dividend has in MySQL.
#[must_use]
pub fn decimal_quotient(d: Dialect, a: Decimal, b: Decimal) -> Option<Datum> {
    let scale = if d.is_mysql() { (a.scale + 4).min(30) } else { a.quotient_scale(b) };
    a.divided(b, scale).map(Datum::Decimal)
}

/// Dates, times and intervals.
fn calendar(d: Dialect, op: Op, a: &Datum, b: &Datum) -> Option<Datum> {
    let sign = if op == Op::Minus { -1 } else { 1 };
    if !matches!(op, Op::Plus | Op::Minus) {
        return match (a, b) {
            (Datum::Interval { months, micros }, n) if op == Op::Times && n.is_number() => {
                let f = n.as_float();
                Some(Datum::Interval { months: (*months as f64 * f) as i64, micros: (*micros as f64 * f) as i64 })
            }
            (n, Datum::Interval { .. }) if op == Op::Times && n.is_number() => calendar(d, op, b, a),
            _ => None,
        };
    }
    match (a, b) {
        (Datum::Interval { months: m, micros: u }, Datum::Interval { months, micros }) => {
            Some(Datum::Interval { months: m + sign * months, micros: u + sign * micros })
        }
        (Datum::Interval { .. }, _) if op == Op::Plus => calendar(d, op, b, a),
        (_, Datum::Interval { months, micros }) => {
            if let Datum::Time(t) = a {
                return Some(Datum::Time(t + sign * micros));
            }
            let start = match a.as_micros() {
                Some(start) => start,
                None => return Some(Datum::Null),
            };
            let moved = add_months(start, sign * months).checked_add(sign * micros)?;
            Some(match a {
                Datum::Date(_) if d.is_mysql() && micros % DAY == 0 => Datum::Date(moved.div_euclid(DAY)),
                Datum::Stamp { zone, digits, .. } => Datum::Stamp { micros: moved, zone: *zone, digits: *digits },
                // MySQL keeps a text's own form.
                Datum::Text(t) if d.is_mysql() && t.len() <= 10 && micros % DAY == 0 => {
                    Datum::text(&super::datum::date_text(moved.div_euclid(DAY)))
                }
                Datum::Text(_) if d.is_mysql() => {
                    Datum::text(&Datum::Stamp { micros: moved, zone: false, digits: 0 }.shown(d))
                }
                _ => Datum::Stamp { micros: moved, zone: false, digits: 0 },
            })
        }
        (Datum::Date(x), Datum::Date(y)) if op == Op::Minus && !d.is_mysql() => Some(Datum::Int(x - y)),
        (Datum::Date(x), Datum::Int(n)) if !d.is_mysql() => Some(Datum::Date(x + sign * n)),
        (Datum::Int(n), Datum::Date(x)) if !d.is_mysql() && op == Op::Plus => Some(Datum::Date(x + n)),
        (Datum::Stamp { .. } | Datum::Date(_), Datum::Stamp { .. } | Datum::Date(_)) if op == Op::Minus && !d.is_mysql() => {
            Some(Datum::Interval { months: 0, micros: a.as_micros()? - b.as_micros()? })
        }
        _ => None,
    }
}
