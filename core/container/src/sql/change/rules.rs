//! The rules of rows: NOT NULL, checks, unique keys, parents and children.

use super::*;

pub(super) fn failing(d: Dialect, row: &[Datum]) -> String {
    let values: Vec<String> =
        row.iter().map(|v| if v.is_null() { "null".into() } else { v.shown(d) }).collect();
    format!("Failing row contains ({}).", values.join(", "))
}

pub(super) fn nulls(env: &Env<'_>, table: &Table, row: &[Datum]) -> Ran<()> {
    let d = env.dialect;
    for (column, value) in table.shape.columns.iter().zip(row) {
        if value.is_null() && !column.nullable {
            return Err(match d.is_mysql() {
                true => fault::mysql(1048, &format!("Column '{}' cannot be null", column.name)),
                false => fault::postgres(
                    "23502",
                    &format!(
                        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                        column.name, table.name
                    ),
                )
                .detail(failing(d, row)),
            });
        }
    }
    Ok(())
}

pub(super) fn checks(env: &Env<'_>, table: &Table, row: &[Datum]) -> Ran<()> {
    let d = env.dialect;
    if table.shape.checks.is_empty() {
        return Ok(());
    }
    let fields = fields_of(table, &table.name);
    for check in &table.shape.checks {
        let bound = bind(env, &check.value, &fields, None, "check")?;
        let value = eval(env, &bound, &Frame { fields: &fields, row, aggregates: &[], outer: None })?;
        if value.as_truth() == Some(false) {
            return Err(match d {
                Dialect::Mysql => {
                    fault::mysql(3819, &format!("Check constraint '{}' is violated.", check.name))
                }
                Dialect::Mariadb => fault::mysql(
                    4025,
                    &format!(
                        "CONSTRAINT `{}` failed for `{}`.`{}`",
                        check.name,
                        env.session.database.as_deref().unwrap_or(""),
                        table.name
                    ),
                ),
                Dialect::Postgres => fault::postgres(
                    "23514",
                    &format!(
                        "new row for relation \"{}\" violates check constraint \"{}\"",
                        table.name, check.name
                    ),
                )
                .detail(failing(d, row)),
            });
        }
    }
    Ok(())
}

pub(super) fn key_text(d: Dialect, table: &Table, columns: &[Arc<str>], row: &[Datum], by: &str) -> String {
    let values = table.places(columns).into_iter().filter_map(|p| row.get(p)).map(|v| v.shown(d));
    values.collect::<Vec<_>>().join(by)
}

/// What a second row with the same key is told.
#[must_use]
pub fn duplicate(env: &Env<'_>, table: &Table, key: usize, row: &[Datum]) -> Fault {
    let d = env.dialect;
    let Some(key) = table.shape.keys.get(key) else { return fault::mysql(1062, "Duplicate entry") };
    if d.is_mysql() {
        let name = if key.kind == KeyKind::Primary { "PRIMARY" } else { &*key.name };
        let old = d == Dialect::Mariadb || env.info.version.starts_with("5.");
        let name = if old { name.to_string() } else { format!("{}.{name}", table.name) };
        return fault::mysql(
            1062,
            &format!("Duplicate entry '{}' for key '{name}'", key_text(d, table, &key.columns, row, "-")),
        );
    }
    fault::postgres("23505", &format!("duplicate key value violates unique constraint \"{}\"", key.name))
        .detail(format!(
            "Key ({})=({}) already exists.",
            key.columns.join(", "),
            key_text(d, table, &key.columns, row, ", ")
        ))
}

pub(super) fn shown_foreign(database: &str, table: &Table, f: &Foreign) -> String {
    let list = |names: &[Arc<str>]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let action = match f.on_delete {
        OnDelete::Cascade => " ON DELETE CASCADE",
        OnDelete::SetNull => " ON DELETE SET NULL",
        OnDelete::Restrict => "",
    };
    format!(
        "(`{database}`.`{}`, CONSTRAINT `{}` FOREIGN KEY ({}) REFERENCES `{}` ({}){action})",
        table.name,
        f.name,
        list(&f.columns),
        f.table,
        list(&f.targets)
    )
}

/// Every foreign key of a row must find its parent.
pub(super) fn parents(work: &Work<'_, '_>, name: &str, row: &[Datum]) -> Ran<()> {
    let d = work.env.dialect;
    let Some(table) = work.table(name) else { return Ok(()) };
    if crate::sql::variables::off(work.env, "foreign_key_checks") {
        return Ok(());
    }
    for f in &table.shape.foreign {
        let values: Vec<&Datum> = table.places(&f.columns).into_iter().filter_map(|p| row.get(p)).collect();
        if values.iter().any(|v| v.is_null()) {
            continue;
        }
        let found = work.table(&f.table).is_some_and(|parent| {
            let places = parent.places(&f.targets);
            let fits = |r: &[Datum]| {
                places.iter().zip(&values).all(|(p, v)| {
                    r.get(*p).is_some_and(|x| x.compare(v, d).is_some_and(std::cmp::Ordering::is_eq))
                })
            };
            (f.table == table.name && fits(row)) || parent.rows.values().any(|r| fits(r))
        });
        if !found {
            return Err(match d.is_mysql() {
                true => fault::mysql(
                    1452,
                    &format!(
                        "Cannot add or update a child row: a foreign key constraint fails {}",
                        shown_foreign(&work.database, table, f)
                    ),
                ),
                false => fault::postgres(
                    "23503",
                    &format!(
                        "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                        table.name, f.name
                    ),
                )
                .detail(format!(
                    "Key ({})=({}) is not present in table \"{}\".",
                    f.columns.join(", "),
                    key_text(d, table, &f.columns, row, ", "),
                    f.table
                )),
            });
        }
    }
    Ok(())
}

/// Children of a row that goes, or whose key changes: refused, removed or emptied.
pub(super) fn children(
    work: &mut Work<'_, '_>,
    name: &Arc<str>,
    row: &[Datum],
    new: Option<&[Datum]>,
    depth: usize,
) -> Ran<()> {
    let d = work.env.dialect;
    let Some(parent) = work.table(name).cloned() else { return Ok(()) };
    if depth > 16 || crate::sql::variables::off(work.env, "foreign_key_checks") {
        return Ok(());
    }
    let names: Vec<Arc<str>> = work
        .env
        .store
        .databases
        .get(&*work.database)
        .map(|x| x.tables.keys().cloned().collect())
        .unwrap_or_default();
    for child_name in names {
        let Some(child) = work.table(&child_name).cloned() else { continue };
        for f in child.shape.foreign.iter().filter(|f| f.table == *name) {
            let targets = parent.places(&f.targets);
            let values: Vec<Datum> = targets.iter().filter_map(|p| row.get(*p)).cloned().collect();
            let kept =
                new.is_some_and(|new| targets.iter().zip(&values).all(|(p, v)| new.get(*p) == Some(v)));
            if kept || values.iter().any(Datum::is_null) {
                continue;
            }
            let places = child.places(&f.columns);
            let hit = |r: &[Datum]| {
                places.iter().zip(&values).all(|(p, v)| {
                    r.get(*p).is_some_and(|x| x.compare(v, d).is_some_and(std::cmp::Ordering::is_eq))
                })
            };
            let rows: Vec<(u64, Arc<[Datum]>)> =
                child.rows.iter().filter(|(_, r)| hit(r)).map(|(id, r)| (*id, r.clone())).collect();
            if rows.is_empty() {
                continue;
            }
            match (f.on_delete, new) {
                (OnDelete::Cascade, None) => {
                    for (id, row) in rows {
                        children(work, &child_name, &row, None, depth + 1)?;
                        if let Some(table) = work.edit(&child_name) {
                            table.take(d, id);
                        }
                    }
                }
                (OnDelete::SetNull, None) => {
                    for (id, row) in rows {
                        let row: Vec<Datum> = row
                            .iter()
                            .enumerate()
                            .map(|(at, v)| if places.contains(&at) { Datum::Null } else { v.clone() })
                            .collect();
                        if let Some(table) = work.edit(&child_name) {
                            table.put(d, Some(id), row.into());
                        }
                    }
                }
                _ => {
                    return Err(match d.is_mysql() {
                        true => fault::mysql(1451, &format!("Cannot delete or update a parent row: a foreign key constraint fails {}", shown_foreign(&work.database, &child, f))),
                        false => fault::postgres("23503", &format!("update or delete on table \"{name}\" violates foreign key constraint \"{}\" on table \"{child_name}\"", f.name)).detail(
                            format!("Key ({})=({}) is still referenced from table \"{child_name}\".", f.targets.join(", "), key_text(d, &parent, &f.targets, row, ", ")),
                        ),
                    });
                }
            }
        }
    }
    Ok(())
}
