//! FROM: tables, joins, derived tables, generate_series.

use super::*;

/// The rows of FROM.
pub(super) fn from(env: &Env<'_>, items: &[From], outer: Option<&Frame<'_>>) -> Ran<Rows> {
    let Some((first, rest)) = items.split_first() else {
        return Ok(Rows { fields: Vec::new(), rows: vec![Vec::new()] });
    };
    let mut out = source(env, first, outer)?;
    for item in rest {
        let right = source(env, item, outer)?;
        if let (true, Some(f)) = (
            right.fields.first().is_some_and(|f| out.fields.iter().any(|o| o.table == f.table)),
            right.fields.first(),
        ) {
            return Err(match env.dialect.is_mysql() {
                true => fault::mysql(1066, &format!("Not unique table/alias: '{}'", f.table)),
                false => {
                    fault::postgres("42712", &format!("table name \"{}\" specified more than once", f.table))
                }
            });
        }
        out = join(env, out, item, right, outer)?;
    }
    Ok(out)
}

pub(super) fn join(
    env: &Env<'_>,
    left: Rows,
    item: &From,
    right: Rows,
    outer: Option<&Frame<'_>>,
) -> Ran<Rows> {
    let d = env.dialect;
    let width = left.fields.len();
    let mut fields = left.fields.clone();
    fields.extend(right.fields.iter().cloned());
    let mut shared = item.using.clone();
    if item.natural {
        shared = left
            .fields
            .iter()
            .filter(|l| right.fields.iter().any(|r| r.name == l.name))
            .map(|l| l.name.clone())
            .collect();
    }
    let mut on = item.on.as_ref().map(|e| bind(env, e, &fields, outer, "on clause")).transpose()?;
    for name in &shared {
        let at = (
            find(d, &left.fields, None, name, "from clause", 0)?,
            find(d, &right.fields, None, name, "from clause", 0)?,
        );
        let (Some(l), Some(r)) = at else { return Err(fault::no_column(d, name, "from clause", 0)) };
        let equal = Expr::Binary(
            Op::Equal,
            Expr::Slot(l).into(),
            Expr::Slot(width + r).into(),
            crate::sql::ast::At::default(),
        );
        on = Some(match on {
            Some(on) => Expr::Binary(Op::And, on.into(), equal.into(), crate::sql::ast::At::default()),
            None => equal,
        });
        if let Some(field) = fields.get_mut(width + r) {
            field.hidden = true;
        }
    }
    let mut rows = Vec::new();
    let mut used = vec![false; right.rows.len()];
    for l in &left.rows {
        let mut matched = false;
        for (at, r) in right.rows.iter().enumerate() {
            env.spend()?;
            let row: Vec<Datum> = l.iter().chain(r).cloned().collect();
            let hit = match &on {
                Some(on) => {
                    truth(
                        env,
                        &eval(env, on, &Frame { fields: &fields, row: &row, aggregates: &[], outer })?,
                    )? == Some(true)
                }
                None => true,
            };
            if rows.len() > 2 * drydock_machinery::limits::SQL_ROWS {
                return Err(fault::too_much(d));
            }
            if hit {
                matched = true;
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
                rows.push(row);
            }
        }
        if !matched && matches!(item.join, Join::Left | Join::Full) {
            rows.push(l.iter().cloned().chain(right.fields.iter().map(|_| Datum::Null)).collect());
        }
    }
    if matches!(item.join, Join::Right | Join::Full) {
        for (r, _) in right.rows.iter().zip(&used).filter(|u| !u.1) {
            rows.push(left.fields.iter().map(|_| Datum::Null).chain(r.iter().cloned()).collect());
        }
    }
    Ok(Rows { fields, rows })
}

pub(super) fn source(env: &Env<'_>, item: &From, outer: Option<&Frame<'_>>) -> Ran<Rows> {
    let (mut rows, name) = match &item.source {
        Source::Query(query) => (run(env, query, outer)?, "".into()),
        Source::Values(list) => {
            let mut rows = Vec::new();
            for row in list {
                rows.push(
                    row.iter()
                        .map(|e| eval(env, e, &outer.copied().unwrap_or(crate::sql::eval::NOTHING)))
                        .collect::<Ran<Vec<_>>>()?,
                );
            }
            let first = rows.first().cloned().unwrap_or_default();
            let field = |v: &Datum| Field {
                table: "".into(),
                name: "".into(),
                kind: Some(Type::of(v)),
                hidden: false,
            };
            (Rows { fields: first.iter().map(field).collect(), rows }, "".into())
        }
        Source::Call { name, args, at } => (series(env, name, args, at.0)?, name.clone()),
        Source::Table(path) => (table(env, path, outer)?, path.name.clone()),
    };
    let alias = item.alias.clone().unwrap_or(name);
    if !alias.is_empty() || !item.columns.is_empty() {
        // A function's one column is called as its alias is.
        let own = matches!(item.source, Source::Call { .. }) && item.columns.is_empty();
        rename(&mut rows.fields, &alias, if own { std::slice::from_ref(&alias) } else { &item.columns });
    }
    Ok(rows)
}

pub(super) fn series(env: &Env<'_>, name: &str, args: &[Expr], at: usize) -> Ran<Rows> {
    if name != "generate_series" || env.dialect.is_mysql() {
        return Err(crate::sql::functions::unknown(env, name, &[], at));
    }
    let mut values =
        args.iter().map(|e| eval(env, e, &crate::sql::eval::NOTHING)).collect::<Ran<Vec<_>>>()?.into_iter();
    let (Some(mut next), Some(end)) = (values.next(), values.next()) else {
        return Err(crate::sql::functions::unknown(env, name, &[], at));
    };
    let step = values.next().unwrap_or(Datum::Int(1));
    let down = matches!(step, Datum::Int(n) if n < 0);
    let mut rows = Vec::new();
    while next.compare(&end, env.dialect).is_some_and(|o| o.is_eq() || o.is_lt() != down)
        && step != Datum::Int(0)
    {
        env.spend()?;
        if rows.len() > 2 * drydock_machinery::limits::SQL_ROWS {
            return Err(fault::too_much(env.dialect));
        }
        rows.push(vec![next.clone()]);
        next = crate::sql::eval::binary(env, Op::Plus, next, step.clone())?;
    }
    let kind = rows.first().and_then(|r| r.first()).map_or(INT, Type::of);
    Ok(Rows {
        fields: vec![Field { table: name.into(), name: name.into(), kind: Some(kind), hidden: false }],
        rows,
    })
}

/// A table's, a view's or a made-up table's rows.
pub(super) fn table(env: &Env<'_>, path: &crate::sql::ast::Path, outer: Option<&Frame<'_>>) -> Ran<Rows> {
    let d = env.dialect;
    if let (None, Some((_, rows))) = (&path.schema, env.with.iter().rev().find(|w| w.0 == path.name)) {
        return Ok((**rows).clone());
    }
    if let Some(rows) = virtuals::read(env, path) {
        return rows;
    }
    let (database, name) = crate::sql::define::locate(env, path)?;
    let Some(content) = env.store.databases.get(&*database) else {
        return Err(fault::no_database(d, &database));
    };
    if let Some(view) = content.views.get(&*name) {
        return run(env, &view.query, outer);
    }
    let Some(table) = content.tables.get(&*name) else {
        return Err(no_table(d, &database, path));
    };
    users::check(env, "SELECT", &database, Some(table))?;
    let fields = table
        .shape
        .columns
        .iter()
        .map(|c| Field {
            table: table.name.clone(),
            name: c.name.clone(),
            kind: Some(c.kind.clone()),
            hidden: false,
        })
        .collect();
    let rows = table.scan(d).into_iter().map(|(_, row)| row.to_vec()).collect();
    Ok(Rows { fields, rows })
}

/// What a missing table is told, with its schema where one was named.
#[must_use]
pub fn no_table(d: Dialect, database: &str, path: &crate::sql::ast::Path) -> Fault {
    let name = match &path.schema {
        Some(schema) if !d.is_mysql() => format!("{schema}.{}", path.name),
        _ => path.name.to_string(),
    };
    fault::no_table(d, database, &name, path.at.0)
}

pub(super) fn rename(fields: &mut [Field], table: &Arc<str>, columns: &[Arc<str>]) {
    for (at, field) in fields.iter_mut().enumerate() {
        field.table = table.clone();
        field.hidden = false;
        if let Some(name) = columns.get(at) {
            field.name = name.clone();
        }
    }
}
