//! Names looked up before a query runs, and the types that can be told then.

use super::*;

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
        Expr::InQuery { value, query, not } => {
            Expr::InQuery { value: one(value)?, query: query.clone(), not: *not }
        }
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
            let arms =
                arms.iter().map(|(w, t)| Ok((map(w, change)?, map(t, change)?))).collect::<Evaluated<_>>()?;
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
pub fn find(
    dialect: Dialect,
    fields: &[Field],
    table: Option<&str>,
    name: &str,
    clause: &str,
    at: usize,
) -> Evaluated<Option<usize>> {
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
pub fn bind(
    env: &Env<'_>,
    expr: &Expr,
    fields: &[Field],
    outer: Option<&Frame<'_>>,
    clause: &str,
) -> Evaluated<Expr> {
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
            let kinds: Vec<Option<Type>> = args
                .iter()
                .map(|a| bind(env, a, fields, outer, clause).map(|b| kind_of(env, &b, fields)))
                .collect::<Evaluated<_>>()?;
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
                Err(fault::postgres("42P01", &format!("missing FROM-clause entry for table \"{t}\""))
                    .at(at.0))
            }
            Some(t) => Err(fault::no_column(env.dialect, &format!("{t}.{name}"), clause, at.0)),
            None => {
                let near = fields.iter().find(|f| f.name.starts_with(&**name) || name.starts_with(&*f.name));
                let mut fault = fault::no_column(env.dialect, name, clause, at.0);
                if let (Some(f), false) = (near, env.dialect.is_mysql()) {
                    fault = fault.hint(&format!(
                        "Perhaps you meant to reference the column \"{}.{}\".",
                        f.table, f.name
                    ));
                }
                Err(fault)
            }
        }
    })
}

pub(super) fn check_types(op: Op, a: Option<Type>, b: Option<Type>, at: usize) -> Evaluated<()> {
    let (Some(a), Some(b)) = (a, b) else { return Ok(()) };
    let texty = |t: &Type| matches!(t, Type::Text(_) | Type::Varchar(_) | Type::Char(_));
    let clash = match op {
        Op::Equal | Op::Differs | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            let odd =
                |t: &Type| t.is_number() || *t == Type::Bool || matches!(t, Type::Date | Type::Stamp { .. });
            (texty(&a) && odd(&b))
                || (texty(&b) && odd(&a))
                || ((a == Type::Bool) != (b == Type::Bool) && (a.is_number() || b.is_number()))
        }
        Op::Plus | Op::Minus | Op::Times | Op::Divide => texty(&a) || texty(&b),
        _ => false,
    };
    if !clash {
        return Ok(());
    }
    let name = |t: &Type| t.shown(Dialect::Postgres).split('(').next().unwrap_or("").to_string();
    Err(fault::postgres(
        "42883",
        &format!("operator does not exist: {} {} {}", name(&a), op.sign(), name(&b)),
    )
    .at(at)
    .hint(
        "No operator matches the given name and argument types. You might need to add explicit type casts.",
    ))
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
                if let Some(t @ (Type::Stamp { .. } | Type::Date | Type::Interval)) =
                    a.as_ref().or(b.as_ref())
                {
                    return if a == b { None } else { Some(t.clone()) };
                }
                match (a, b) {
                    (Some(Type::Double | Type::Float), _) | (_, Some(Type::Double | Type::Float)) => {
                        Some(Type::Double)
                    }
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
        Expr::Not(_)
        | Expr::In { .. }
        | Expr::InQuery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::Matches { .. }
        | Expr::IsNull { .. }
        | Expr::IsTruth { .. }
        | Expr::Exists(_) => Some(if env.dialect.is_mysql() { INT } else { Type::Bool }),
        Expr::Case { arms, other, .. } => {
            arms.iter().find_map(|a| kind(&a.1)).or_else(|| other.as_ref().and_then(|o| kind(o)))
        }
        Expr::Cast { to, .. } => Some(to.clone()),
        Expr::Call { name, args, .. } => {
            functions::kind(env.dialect, name, &args.iter().map(kind).collect::<Vec<_>>())
        }
        _ => None,
    }
}
