//! Runs SELECT: joins, filter, groups, order, limit. Tables are read whole; a budget of rows bounds it.
//!
//! Left out: plans, indexes for speed, recursive WITH, LATERAL, window functions.

use drydock_machinery::sort::Arrange;
mod items;
use items::{Shown, expand};
mod from;
pub use from::no_table;
use from::{from, rename};

use super::aggregate::{self, Aggregate};
use super::ast::{Expr, From, Item, Join, Op, Order, Query, SetOp, Source};
use super::datum::Datum;
use super::eval::{Env, Field, Frame, bind, eval, find, kind_of, map, truth};
use super::fault::{self, Fault};
use super::functions::is_aggregate;
use super::types::{INT, Type};
use super::{Dialect, users, virtuals};
use std::cmp::Ordering;
use std::sync::Arc;

/// What a query gives.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub fields: Vec<Field>,
    pub rows: Vec<Vec<Datum>>,
}

type Ran<T> = Result<T, Fault>;

/// Runs a query; `outer` is the row of the query around.
///
/// # Errors
/// Of names, types and limits.
pub fn run(env: &Env<'_>, query: &Query, outer: Option<&Frame<'_>>) -> Ran<Rows> {
    if !query.with.is_empty() {
        let mut inner = env.again();
        for (name, columns, query) in &query.with {
            let mut rows = run(&inner, query, outer)?;
            rename(&mut rows.fields, name, columns);
            inner.with.push((name.clone(), Arc::new(rows)));
        }
        let plain = Query { with: Vec::new(), ..query.clone() };
        return run(&inner, &plain, outer);
    }
    if query.more.is_empty() {
        return single(env, query, outer);
    }
    let own = Query { more: Vec::new(), order: Vec::new(), limit: None, offset: None, ..query.clone() };
    let mut out = run(env, &own, outer)?;
    for (op, all, next) in &query.more {
        let next = run(env, next, outer)?;
        if next.fields.len() != out.fields.len() {
            return Err(match env.dialect.is_mysql() {
                true => fault::mysql(1222, "The used SELECT statements have a different number of columns"),
                false => fault::postgres("42601", "each UNION query must have the same number of columns"),
            });
        }
        match op {
            SetOp::Union => out.rows.extend(next.rows),
            SetOp::Intersect => out.rows.retain(|r| next.rows.iter().any(|n| same(env.dialect, r, n))),
            SetOp::Except => out.rows.retain(|r| !next.rows.iter().any(|n| same(env.dialect, r, n))),
        }
        if !all {
            distinct(env, &mut out.rows)?;
        }
    }
    let mut keyed = Vec::new();
    for row in out.rows {
        let mut keys = Vec::new();
        for order in &query.order {
            let bound = match &order.value {
                Expr::Literal(Datum::Int(n)) => Expr::Slot((*n - 1).max(0) as usize),
                other => bind(env, other, &out.fields, outer, "order clause")?,
            };
            keys.push(eval(env, &bound, &Frame { fields: &out.fields, row: &row, aggregates: &[], outer })?);
        }
        keyed.push((keys, row));
    }
    sort(env.dialect, &query.order, &mut keyed);
    out.rows = keyed.into_iter().map(|k| k.1).collect();
    limit(env, query, &mut out.rows, outer)?;
    Ok(out)
}

fn same(d: Dialect, a: &[Datum], b: &[Datum]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a.is_null() && b.is_null()) || a.compare(b, d) == Some(Ordering::Equal))
}

fn distinct(env: &Env<'_>, rows: &mut Vec<Vec<Datum>>) -> Ran<()> {
    let mut kept: Vec<Vec<Datum>> = Vec::new();
    for row in std::mem::take(rows) {
        let mut new = true;
        for k in &kept {
            env.spend()?;
            if same(env.dialect, k, &row) {
                new = false;
                break;
            }
        }
        if new {
            kept.push(row);
        }
    }
    *rows = kept;
    Ok(())
}

pub(super) fn sort<T>(d: Dialect, order: &[Order], rows: &mut [(Vec<Datum>, T)]) {
    rows.arrange_by(|a, b| {
        for ((x, y), order) in a.0.iter().zip(&b.0).zip(order) {
            let found = match (order.nulls, x.is_null(), y.is_null()) {
                (Some(first), true, false) => {
                    if first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (Some(first), false, true) => {
                    if first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
                _ if order.descending => y.order(x, d),
                _ => x.order(y, d),
            };
            if found.is_ne() {
                return found;
            }
        }
        Ordering::Equal
    });
}

fn limit(env: &Env<'_>, query: &Query, rows: &mut Vec<Vec<Datum>>, outer: Option<&Frame<'_>>) -> Ran<()> {
    let frame = outer.copied().unwrap_or(super::eval::NOTHING);
    let count = |e: &Option<Expr>| -> Ran<Option<usize>> {
        let Some(e) = e else { return Ok(None) };
        let value = eval(env, e, &frame)?;
        if value.as_int().is_some_and(|n| n < 0) && !env.dialect.is_mysql() {
            return Err(fault::postgres("2201W", "LIMIT must not be negative"));
        }
        Ok(value.as_int().map(|n| n.max(0) as usize))
    };
    if let Some(skip) = count(&query.offset)? {
        rows.drain(..skip.min(rows.len()));
    }
    if let Some(most) = count(&query.limit)? {
        rows.truncate(most);
    }
    Ok(())
}

/// A row on its way: the tables' values, and the aggregates of its group.
struct Group {
    rows: Vec<Vec<Datum>>,
    aggregates: Vec<Datum>,
}

fn single(env: &Env<'_>, query: &Query, outer: Option<&Frame<'_>>) -> Ran<Rows> {
    let d = env.dialect;
    let mut base = from(env, &query.from, outer)?;
    if let Some(filter) = &query.filter {
        let filter = bind(env, filter, &base.fields, outer, "where clause")?;
        let mut kept = Vec::new();
        for row in std::mem::take(&mut base.rows) {
            env.spend()?;
            let value =
                eval(env, &filter, &Frame { fields: &base.fields, row: &row, aggregates: &[], outer })?;
            if truth(env, &value)? == Some(true) {
                kept.push(row);
            }
        }
        base.rows = kept;
    }
    let items = expand(env, &query.items, &base.fields)?;
    let aliased = |e: &Expr, first: bool| -> Expr {
        let Expr::Column { table: None, name, .. } = e else { return e.clone() };
        let inner = !first && base.fields.iter().any(|f| f.name.eq_ignore_ascii_case(name));
        let hit = items.iter().find(|i| i.alias.as_ref().is_some_and(|a| a.eq_ignore_ascii_case(name)));
        hit.filter(|_| !inner).map_or_else(|| e.clone(), |i| i.value.clone())
    };
    let position = |e: &Expr| -> Option<Expr> {
        let Expr::Literal(Datum::Int(n)) = e else { return None };
        items.get(usize::try_from(n - 1).ok()?).map(|i| i.value.clone())
    };
    // What is grouped by, what is shown, what is sorted by: bound, aggregates taken out.
    let mut aggregates: Vec<Aggregate> = Vec::new();
    let groups: Vec<Expr> = query
        .group
        .iter()
        .map(|e| {
            bind(
                env,
                &position(e).unwrap_or_else(|| aliased(e, false)),
                &base.fields,
                outer,
                "group statement",
            )
        })
        .collect::<Ran<_>>()?;
    let mut shown = Vec::new();
    for item in &items {
        shown.push(extract(&bind(env, &item.value, &base.fields, outer, "field list")?, &mut aggregates)?);
    }
    let having = match &query.having {
        Some(e) => {
            let e = map(e, &mut |e| Ok(matches!(e, Expr::Column { .. }).then(|| aliased(e, false))))?;
            Some(extract(&bind(env, &e, &base.fields, outer, "having clause")?, &mut aggregates)?)
        }
        None => None,
    };
    let mut keys = Vec::new();
    for order in &query.order {
        if let (Expr::Literal(Datum::Int(n)), None) = (&order.value, position(&order.value)) {
            return Err(match d.is_mysql() {
                true => fault::mysql(1054, &format!("Unknown column '{n}' in 'order clause'")),
                false => fault::postgres("42P10", &format!("ORDER BY position {n} is not in select list")),
            });
        }
        let value = position(&order.value).unwrap_or_else(|| aliased(&order.value, true));
        let value = map(&value, &mut |e| {
            Ok(matches!(e, Expr::Column { .. }).then(|| aliased(e, !matches!(value, Expr::Column { .. }))))
        })?;
        keys.push(extract(&bind(env, &value, &base.fields, outer, "order clause")?, &mut aggregates)?);
    }
    let fields: Vec<Field> = items
        .iter()
        .zip(&shown)
        .map(|(item, bound)| {
            let bound = restore(bound, &aggregates);
            Field {
                table: item.table.clone(),
                name: item.name.clone(),
                kind: kind_of(env, &bound, &base.fields),
                hidden: false,
            }
        })
        .collect();
    let grouped = !query.group.is_empty() || !aggregates.is_empty() || query.having.is_some();
    if grouped && d != Dialect::Mariadb {
        for (n, e) in shown.iter().chain(&keys).enumerate() {
            check_grouped(env, query, &base.fields, &groups, e, n, items.get(n))?;
        }
    }
    let mut work: Vec<Group> = Vec::new();
    if grouped {
        work = group(env, &base, &groups, outer)?;
        if work.is_empty() && query.group.is_empty() {
            work.push(Group { rows: Vec::new(), aggregates: Vec::new() });
        }
        for group in &mut work {
            let frames: Vec<Frame<'_>> = group
                .rows
                .iter()
                .map(|row| Frame { fields: &base.fields, row, aggregates: &[], outer })
                .collect();
            group.aggregates =
                aggregates.iter().map(|a| aggregate::value(env, a, &frames)).collect::<Ran<_>>()?;
        }
    } else {
        work.extend(base.rows.into_iter().map(|row| Group { rows: vec![row], aggregates: Vec::new() }));
    }
    let mut keyed = Vec::new();
    for group in &work {
        env.spend()?;
        let row = group.rows.first().map_or(&[][..], Vec::as_slice);
        let frame = Frame { fields: &base.fields, row, aggregates: &group.aggregates, outer };
        if let Some(having) = &having
            && truth(env, &eval(env, having, &frame)?)? != Some(true)
        {
            continue;
        }
        let out = shown.iter().map(|e| eval(env, e, &frame)).collect::<Ran<Vec<_>>>()?;
        let sorted = keys.iter().map(|e| eval(env, e, &frame)).collect::<Ran<Vec<_>>>()?;
        keyed.push((sorted, out));
    }
    sort(d, &query.order, &mut keyed);
    let mut rows: Vec<Vec<Datum>> = keyed.into_iter().map(|k| k.1).collect();
    if query.distinct {
        distinct(env, &mut rows)?;
    }
    limit(env, query, &mut rows, outer)?;
    Ok(Rows { fields, rows })
}

fn group(env: &Env<'_>, base: &Rows, groups: &[Expr], outer: Option<&Frame<'_>>) -> Ran<Vec<Group>> {
    let mut found: Vec<(Vec<Datum>, Group)> = Vec::new();
    for row in &base.rows {
        let frame = Frame { fields: &base.fields, row, aggregates: &[], outer };
        let key = groups.iter().map(|e| eval(env, e, &frame)).collect::<Ran<Vec<_>>>()?;
        let mut place = None;
        for (at, (k, _)) in found.iter().enumerate() {
            env.spend()?;
            if same(env.dialect, k, &key) {
                place = Some(at);
                break;
            }
        }
        match place.and_then(|at| found.get_mut(at)) {
            Some((_, group)) => group.rows.push(row.clone()),
            None => found.push((key, Group { rows: vec![row.clone()], aggregates: Vec::new() })),
        }
    }
    Ok(found.into_iter().map(|f| f.1).collect())
}

/// Takes aggregates out of a bound expression.
fn extract(expr: &Expr, out: &mut Vec<Aggregate>) -> Ran<Expr> {
    map(expr, &mut |e| {
        let Expr::Call { name, args, star, distinct, .. } = e else { return Ok(None) };
        if !is_aggregate(name) {
            return Ok(None);
        }
        let found = Aggregate { name: name.clone(), args: args.clone(), star: *star, distinct: *distinct };
        let at = out.iter().position(|a| *a == found).unwrap_or_else(|| {
            out.push(found);
            out.len() - 1
        });
        Ok(Some(Expr::Aggregate(at)))
    })
}

/// The other way round, to tell its type.
fn restore(expr: &Expr, aggregates: &[Aggregate]) -> Expr {
    let back = map(expr, &mut |e| {
        let Expr::Aggregate(at) = e else { return Ok(None) };
        Ok(aggregates.get(*at).map(|a| Expr::Call {
            name: a.name.clone(),
            args: a.args.clone(),
            star: a.star,
            distinct: a.distinct,
            at: super::ast::At::default(),
        }))
    });
    back.unwrap_or_else(|_| expr.clone())
}

/// Only what is grouped by, or depends on it, may stand outside aggregates.
fn check_grouped(
    env: &Env<'_>,
    query: &Query,
    fields: &[Field],
    groups: &[Expr],
    e: &Expr,
    n: usize,
    item: Option<&Shown>,
) -> Ran<()> {
    let mut loose = None;
    _ = map(e, &mut |e| {
        if groups.contains(e) {
            return Ok(Some(e.clone()));
        }
        if let Expr::Slot(at) = e
            && loose.is_none()
        {
            loose = Some(*at);
        }
        Ok(None)
    })?;
    let Some(field) = loose.and_then(|at| fields.get(at)) else { return Ok(()) };
    // A table's primary key determines its columns.
    let database = env.session.database.as_deref().unwrap_or("");
    let real = query.from.iter().find_map(|f| match &f.source {
        Source::Table(path) if f.alias.as_deref().unwrap_or(&path.name) == &*field.table => {
            Some(path.name.clone())
        }
        _ => None,
    });
    let table = real.as_ref().and_then(|name| env.store.table(database, name));
    let depends = table.and_then(|t| Some((t, t.primary()?))).is_some_and(|(t, places)| {
        places.iter().all(|p| {
            let name = t.shape.columns.get(*p).map(|c| c.name.clone()).unwrap_or_default();
            groups.iter().any(|g| matches!(g, Expr::Slot(at) if fields.get(*at).is_some_and(|f| f.table == field.table && f.name == name)))
        })
    });
    if depends {
        return Ok(());
    }
    if !env.dialect.is_mysql() {
        let at = item.and_then(|i| i.at).unwrap_or(0);
        return Err(fault::postgres(
            "42803",
            &format!(
                "column \"{}.{}\" must appear in the GROUP BY clause or be used in an aggregate function",
                field.table, field.name
            ),
        )
        .at(at));
    }
    let column = format!("{database}.{}.{}", field.table, field.name);
    Err(match (groups.is_empty(), item) {
        (true, _) => fault::mysql(
            1140,
            &format!(
                "In aggregated query without GROUP BY, expression #{} of SELECT list contains nonaggregated column '{column}'; this is incompatible with sql_mode=only_full_group_by",
                n + 1
            ),
        ),
        (false, Some(_)) => fault::mysql(
            1055,
            &format!(
                "Expression #{} of SELECT list is not in GROUP BY clause and contains nonaggregated column '{column}' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by",
                n + 1
            ),
        ),
        (false, None) => fault::mysql(
            1055,
            &format!(
                "Expression #1 of ORDER BY clause is not in GROUP BY clause and contains nonaggregated column '{column}' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by"
            ),
        ),
    })
}
