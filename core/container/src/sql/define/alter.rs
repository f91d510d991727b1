//! ALTER TABLE, one action at a time.

use super::*;

/// One action of ALTER TABLE; a new name for the table comes back.
///
/// # Errors
/// Of columns, values that do not fit, keys.
pub fn alter(env: &Env<'_>, database: &str, table: &mut Table, change: &Alter) -> Ran<Option<Arc<str>>> {
    let d = env.dialect;
    let place = |table: &Table, name: &str| table.column(name).ok_or_else(|| missing_column(d, table, name));
    match change {
        Alter::Nothing => {}
        Alter::Counter(n) => {
            if let Some(c) = table.shape.columns.iter().find(|c| c.auto) {
                let counter = table.counters.get(&c.name).copied().unwrap_or(0).max(n - 1);
                table.counters.insert(c.name.clone(), counter);
            }
        }
        Alter::Owner(owner) => table.owner = owner.clone(),
        Alter::Rename(path) => return Ok(Some(path.name.clone())),
        Alter::Add(shape, position, quiet) => {
            for column in &shape.columns {
                if table.column(&column.name).is_some() {
                    if *quiet {
                        return Ok(None);
                    }
                    return Err(match d.is_mysql() {
                        true => fault::mysql(1060, &format!("Duplicate column name '{}'", column.name)),
                        false => fault::postgres(
                            "42701",
                            &format!(
                                "column \"{}\" of relation \"{}\" already exists",
                                column.name, table.name
                            ),
                        ),
                    });
                }
                let at = match position {
                    Some(None) => 0,
                    Some(Some(after)) => place(table, after)? + 1,
                    None => table.shape.columns.len(),
                };
                Arc::make_mut(&mut table.shape).columns.insert(at, column.clone());
                fill(env, table, at, column)?;
            }
            add_shape(env, database, table, shape)?;
        }
        Alter::AddShape(shape) => add_shape(env, database, table, shape)?,
        Alter::Drop { name, if_exists } => {
            let at = match table.column(name) {
                Some(at) => at,
                None if *if_exists => return Ok(None),
                None if d.is_mysql() => {
                    return Err(fault::mysql(
                        1091,
                        &format!("Can't DROP '{name}'; check that column/key exists"),
                    ));
                }
                None => return Err(missing_column(d, table, name)),
            };
            let shape = Arc::make_mut(&mut table.shape);
            let gone = shape.columns.remove(at).name;
            for key in &mut shape.keys {
                key.columns.retain(|c| *c != gone);
            }
            shape.keys.retain(|k| !k.columns.is_empty());
            shape.foreign.retain(|f| !f.columns.contains(&gone));
            for (id, row) in table.rows.clone() {
                let row: Vec<Datum> =
                    row.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, v)| v.clone()).collect();
                table.rows.insert(id, row.into());
            }
            unique_again(env, table)?;
        }
        Alter::DropPrimary => {
            Arc::make_mut(&mut table.shape).keys.retain(|k| k.kind != KeyKind::Primary);
            unique_again(env, table)?;
        }
        Alter::DropKey(name) => {
            let shape = Arc::make_mut(&mut table.shape);
            let before = (shape.keys.len(), shape.foreign.len(), shape.checks.len());
            shape.keys.retain(|k| k.name != *name);
            shape.foreign.retain(|k| k.name != *name);
            shape.checks.retain(|k| k.name != *name);
            if before == (shape.keys.len(), shape.foreign.len(), shape.checks.len()) {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1091, &format!("Can't DROP '{name}'; check that column/key exists")),
                    false => fault::postgres(
                        "42704",
                        &format!("constraint \"{name}\" of relation \"{}\" does not exist", table.name),
                    ),
                });
            }
            unique_again(env, table)?;
        }
        Alter::Change(old, shape) => {
            let at = place(table, old)?;
            let Some(column) = shape.columns.first() else { return Ok(None) };
            rename_column(table, old, &column.name);
            if let Some(slot) = Arc::make_mut(&mut table.shape).columns.get_mut(at) {
                *slot = column.clone();
            }
            convert(env, table, at)?;
            add_shape(env, database, table, &Shape { columns: Vec::new(), ..(**shape).clone() })?;
        }
        Alter::Type(name, kind) => {
            let at = place(table, name)?;
            if let Some(column) = Arc::make_mut(&mut table.shape).columns.get_mut(at) {
                column.kind = kind.clone();
            }
            convert(env, table, at)?;
        }
        Alter::Default(name, default) => {
            let at = place(table, name)?;
            if let Some(column) = Arc::make_mut(&mut table.shape).columns.get_mut(at) {
                column.default = default.as_ref().map(|d| d.0.clone());
                column.default_text = default.as_ref().map(|d| d.1.clone()).unwrap_or_default();
            }
        }
        Alter::Nullable(name, nullable) => {
            let at = place(table, name)?;
            if !nullable && table.rows.values().any(|r| r.get(at).is_none_or(Datum::is_null)) {
                return Err(fault::postgres(
                    "23502",
                    &format!("column \"{name}\" of relation \"{}\" contains null values", table.name),
                ));
            }
            if let Some(column) = Arc::make_mut(&mut table.shape).columns.get_mut(at) {
                column.nullable = *nullable;
            }
        }
        Alter::RenameColumn(old, new) => {
            place(table, old)?;
            rename_column(table, old, new);
        }
    }
    Ok(None)
}

pub(super) fn rename_column(table: &mut Table, old: &str, new: &Arc<str>) {
    let shape = Arc::make_mut(&mut table.shape);
    let swap = |name: &mut Arc<str>| {
        if name.eq_ignore_ascii_case(old) {
            *name = new.clone();
        }
    };
    shape.columns.iter_mut().for_each(|c| swap(&mut c.name));
    shape.keys.iter_mut().flat_map(|k| k.columns.iter_mut()).for_each(swap);
    shape.foreign.iter_mut().flat_map(|k| k.columns.iter_mut()).for_each(swap);
    if let Some(counter) = table.counters.remove(old) {
        table.counters.insert(new.clone(), counter);
    }
}

pub(super) fn add_shape(env: &Env<'_>, database: &str, table: &mut Table, shape: &Shape) -> Ran<()> {
    for key in &shape.keys {
        add_key(env, table, key.clone())?;
    }
    let name = table.name.clone();
    let whole = Arc::make_mut(&mut table.shape);
    whole.foreign.extend(shape.foreign.iter().cloned());
    whole.checks.extend(shape.checks.iter().cloned());
    settle(env, database, &name, whole)
}

/// Values of a new column for the rows there are.
pub(super) fn fill(env: &Env<'_>, table: &mut Table, at: usize, column: &ColumnDef) -> Ran<()> {
    let d = env.dialect;
    let mut counter = 0;
    for (id, row) in table.rows.clone() {
        let value = match &column.default {
            _ if column.auto => {
                counter += 1;
                Datum::Int(counter)
            }
            Some(default) => column.kind.take(d, eval(env, default, &NOTHING)?, &column.name, 1)?,
            None if column.nullable => Datum::Null,
            None if d.is_mysql() => match column.kind.is_number() {
                true => column.kind.take(d, Datum::Int(0), &column.name, 1)?,
                false => column.kind.take(d, Datum::text(""), &column.name, 1).unwrap_or(Datum::Null),
            },
            None => {
                return Err(fault::postgres(
                    "23502",
                    &format!(
                        "column \"{}\" of relation \"{}\" contains null values",
                        column.name, table.name
                    ),
                ));
            }
        };
        let mut row = row.to_vec();
        row.insert(at.min(row.len()), value);
        table.rows.insert(id, row.into());
    }
    if column.auto {
        table.counters.insert(column.name.clone(), counter);
    }
    Ok(())
}

pub(super) fn convert(env: &Env<'_>, table: &mut Table, at: usize) -> Ran<()> {
    let Some(column) = table.shape.columns.get(at).cloned() else { return Ok(()) };
    for (n, (id, row)) in table.rows.clone().into_iter().enumerate() {
        let mut row = row.to_vec();
        if let Some(slot) = row.get_mut(at) {
            if slot.is_null() && !column.nullable && env.dialect.is_mysql() {
                return Err(fault::mysql(
                    1265,
                    &format!("Data truncated for column '{}' at row {}", column.name, n + 1),
                ));
            }
            *slot = column.kind.take(env.dialect, slot.clone(), &column.name, n + 1)?;
        }
        table.rows.insert(id, row.into());
    }
    unique_again(env, table)
}

pub(super) fn missing_column(d: Dialect, table: &Table, name: &str) -> Fault {
    match d.is_mysql() {
        true => fault::mysql(1054, &format!("Unknown column '{name}' in '{}'", table.name)),
        false => fault::postgres(
            "42703",
            &format!("column \"{name}\" of relation \"{}\" does not exist", table.name),
        ),
    }
}
