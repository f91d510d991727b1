//! Tables, views, indexes, schemas and databases come and go.

use drydock_machinery::sort::Arrange;
mod database;
pub use database::{create_database, create_view, drop_database};
mod alter;
pub use alter::alter;

use super::ast::{Alter, ColumnDef, Expr, Foreign, Key, KeyKind, Path, Query, Shape};
use super::datum::Datum;
use super::eval::{Env, NOTHING, eval};
use super::fault::{self, Fault};
use super::store::{Database, Store, Table, View};
use super::{Dialect, change, select};
use drydock_machinery::limits;
use std::sync::Arc;

type Ran<T> = Result<T, Fault>;

/// The database and the key of a table's name.
///
/// # Errors
/// 1046 when no database is chosen; of a schema that is not there.
pub fn locate(env: &Env<'_>, path: &Path) -> Ran<(Arc<str>, Arc<str>)> {
    let current = env.session.database.clone();
    if env.dialect.is_mysql() {
        let Some(database) = path.schema.clone().or(current) else {
            return Err(fault::mysql(1046, "No database selected"));
        };
        return Ok((database, path.name.clone()));
    }
    let database = current.unwrap_or_default();
    Ok(match &path.schema {
        None => {
            // SET search_path TO a schema of one's own.
            let wanted =
                env.session.variables.get("search_path").map(|d| d.shown(env.dialect)).unwrap_or_default();
            let first = wanted.split(',').next().unwrap_or("").trim().trim_matches('"').to_string();
            let own = env.store.databases.get(&*database).is_some_and(|d| d.schemas.contains(first.as_str()));
            (database, if own { format!("{first}.{}", path.name).into() } else { path.name.clone() })
        }
        Some(schema) if &**schema == "public" => (database, path.name.clone()),
        Some(schema) => (database, format!("{schema}.{}", path.name).into()),
    })
}

/// The table and column a sequence `table_column_seq` belongs to.
#[must_use]
pub fn sequence_of(store: &Store, database: &str, name: &str) -> Option<(Arc<str>, Arc<str>)> {
    let name = name.trim_start_matches("public.");
    store.databases.get(database)?.tables.values().find_map(|t| {
        let column =
            t.shape.columns.iter().find(|c| c.auto && format!("{}_{}_seq", t.name, c.name) == name)?;
        Some((t.name.clone(), column.name.clone()))
    })
}

/// Names what has none, checks columns, and makes keys' columns NOT NULL.
fn settle(env: &Env<'_>, database: &str, table: &Arc<str>, shape: &mut Shape) -> Ran<()> {
    let d = env.dialect;
    for (at, column) in shape.columns.iter().enumerate() {
        if shape.columns.iter().take(at).any(|c| c.name.eq_ignore_ascii_case(&column.name)) {
            return Err(match d.is_mysql() {
                true => fault::mysql(1060, &format!("Duplicate column name '{}'", column.name)),
                false => {
                    fault::postgres("42701", &format!("column \"{}\" specified more than once", column.name))
                }
            });
        }
        if let Some(default) = &column.default {
            let value = eval(env, default, &NOTHING)?;
            if column.kind.take(d, value, &column.name, 1).is_err() && d.is_mysql() {
                return Err(fault::mysql(1067, &format!("Invalid default value for '{}'", column.name)));
            }
        }
    }
    if shape.keys.iter().filter(|k| k.kind == KeyKind::Primary).count() > 1 {
        return Err(match d.is_mysql() {
            true => fault::mysql(1068, "Multiple primary key defined"),
            false => fault::postgres(
                "42P16",
                &format!("multiple primary keys for table \"{table}\" are not allowed"),
            ),
        });
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    for key in &mut shape.keys {
        for column in &mut key.columns {
            let Some(found) = shape.columns.iter_mut().find(|c| c.name.eq_ignore_ascii_case(column)) else {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1072, &format!("Key column '{column}' doesn't exist in table")),
                    false => {
                        fault::postgres("42703", &format!("column \"{column}\" named in key does not exist"))
                    }
                });
            };
            *column = found.name.clone();
            if key.kind == KeyKind::Primary {
                found.nullable = false;
            }
        }
        if key.name.is_empty() {
            let first = key.columns.first().cloned().unwrap_or_default();
            let base = match (d.is_mysql(), key.kind) {
                (true, KeyKind::Primary) => "PRIMARY".to_string(),
                (true, _) => first.to_string(),
                (false, KeyKind::Primary) => format!("{table}_pkey"),
                (false, KeyKind::Unique) => format!("{table}_{}_key", key.columns.join("_")),
                (false, KeyKind::Plain) => format!("{table}_{}_idx", key.columns.join("_")),
            };
            let mut name = base.clone();
            let mut n = 1 + usize::from(d.is_mysql());
            while names.iter().any(|x| **x == *name) {
                name = if d.is_mysql() { format!("{base}_{n}") } else { format!("{base}{n}") };
                n += 1;
            }
            key.name = name.into();
        }
        names.push(key.name.clone());
    }
    // MySQL lists the primary key first.
    shape.keys.arrange_by_key(|k| k.kind != KeyKind::Primary);
    if let (true, Some(c)) = (d.is_mysql(), shape.columns.iter().find(|c| c.auto)) {
        let keyed = shape.keys.iter().any(|k| k.columns.first().is_some_and(|f| *f == c.name));
        if !keyed || shape.columns.iter().filter(|c| c.auto).count() > 1 {
            return Err(fault::mysql(
                1075,
                "Incorrect table definition; there can be only one auto column and it must be defined as a key",
            ));
        }
    }
    for (n, check) in shape.checks.iter_mut().enumerate() {
        if check.name.is_empty() {
            let mut column = None;
            _ = super::eval::map(&check.value, &mut |e| {
                if let Expr::Column { name, .. } = e {
                    column = column.clone().or(Some(name.clone()));
                }
                Ok(None)
            })?;
            check.name = match d {
                Dialect::Mysql => format!("{table}_chk_{}", n + 1),
                Dialect::Mariadb => format!("CONSTRAINT_{}", n + 1),
                Dialect::Postgres => format!("{table}_{}_check", column.unwrap_or_default()),
            }
            .into();
        }
    }
    let own: Shape = shape.clone();
    for (n, f) in shape.foreign.iter_mut().enumerate() {
        foreign(env, database, table, &own, f, n)?;
    }
    Ok(())
}

fn foreign(
    env: &Env<'_>,
    database: &str,
    table: &Arc<str>,
    own: &Shape,
    f: &mut Foreign,
    n: usize,
) -> Ran<()> {
    let d = env.dialect;
    if f.name.is_empty() {
        f.name = match d.is_mysql() {
            true => format!("{table}_ibfk_{}", n + 1),
            false => format!("{table}_{}_fkey", f.columns.join("_")),
        }
        .into();
    }
    let parent = if f.table == *table { None } else { env.store.table(database, &f.table) };
    let shape = match (&parent, f.table == *table) {
        (Some(parent), _) => &*parent.shape,
        (None, true) => own,
        (None, false) => {
            if super::variables::off(env, "foreign_key_checks") {
                return Ok(());
            }
            return Err(match d.is_mysql() {
                true => fault::mysql(1824, &format!("Failed to open the referenced table '{}'", f.table)),
                false => Fault { at: None, ..fault::no_table(d, database, &f.table, 0) },
            });
        }
    };
    if f.targets.is_empty() {
        f.targets = shape
            .keys
            .iter()
            .find(|k| k.kind == KeyKind::Primary)
            .map(|k| k.columns.clone())
            .unwrap_or_default();
    }
    let unique =
        shape.keys.iter().any(|k| k.columns == f.targets && (k.kind != KeyKind::Plain || d.is_mysql()));
    if !unique {
        return Err(match d.is_mysql() {
            true => fault::mysql(
                1822,
                &format!(
                    "Failed to add the foreign key constraint. Missing index for constraint '{}' in the referenced table '{}'",
                    f.name, f.table
                ),
            ),
            false => fault::postgres(
                "42830",
                &format!(
                    "there is no unique constraint matching given keys for referenced table \"{}\"",
                    f.table
                ),
            ),
        });
    }
    Ok(())
}

fn exists(d: Dialect, name: &str) -> Fault {
    match d.is_mysql() {
        true => fault::mysql(1050, &format!("Table '{name}' already exists")),
        false => fault::postgres("42P07", &format!("relation \"{name}\" already exists")),
    }
}

/// CREATE TABLE; gives the rows that AS SELECT brought, or none when the table was there already.
///
/// # Errors
/// Of the definition.
pub fn create_table(
    env: &Env<'_>,
    path: &Path,
    quiet: bool,
    shape: &Shape,
    from: Option<&Query>,
    like: Option<&Path>,
) -> Ran<Option<(Arc<str>, Table)>> {
    let d = env.dialect;
    let (database, name) = locate(env, path)?;
    let Some(content) = env.store.databases.get(&*database) else {
        return Err(fault::no_database(d, &database));
    };
    if let (Some(schema), false) = (&path.schema, d.is_mysql())
        && &**schema != "public"
        && !content.schemas.contains(schema)
    {
        return Err(fault::postgres("3F000", &format!("schema \"{schema}\" does not exist")).at(path.at.0));
    }
    if content.tables.contains_key(&*name) || content.views.contains_key(&*name) {
        return if quiet { Ok(None) } else { Err(exists(d, &path.name)) };
    }
    if content.tables.len() >= limits::SQL_TABLES {
        return Err(fault::too_much(d));
    }
    let mut shape = shape.clone();
    if let Some(like) = like {
        let (db, other) = locate(env, like)?;
        let Some(table) = env.store.table(&db, &other) else { return Err(select::no_table(d, &db, like)) };
        shape = Shape { foreign: Vec::new(), ..(*table.shape).clone() };
        for key in shape.keys.iter_mut().filter(|_| !d.is_mysql()) {
            key.name = "".into();
        }
    }
    let rows = from.map(|q| select::run(env, q, None)).transpose()?;
    if let (Some(rows), true) = (&rows, shape.columns.is_empty()) {
        shape.columns = rows
            .fields
            .iter()
            .enumerate()
            .map(|(at, f)| {
                let first = rows.rows.iter().filter_map(|r| r.get(at)).find(|v| !v.is_null());
                plain_column(
                    f.name.clone(),
                    f.kind
                        .clone()
                        .or_else(|| first.map(super::types::Type::of))
                        .unwrap_or(super::types::TEXT),
                )
            })
            .collect();
    }
    settle(env, &database, &name, &mut shape)?;
    let mut table = Table::new(name, shape, env.session.user.clone(), env.now / super::datum::SECOND);
    for row in rows.map(|r| r.rows).unwrap_or_default() {
        table.put(d, None, row.into());
    }
    if d.is_mysql()
        && let Some(clash) = table.reindex(d)
    {
        return Err(change::duplicate(env, &table, clash.0, &clash.1));
    }
    Ok(Some((database, table)))
}

fn plain_column(name: Arc<str>, kind: super::types::Type) -> ColumnDef {
    ColumnDef {
        name,
        kind,
        nullable: true,
        default: None,
        default_text: "".into(),
        auto: false,
        identity: false,
        touched: false,
        comment: "".into(),
    }
}

/// Drops tables or views; gives notices.
///
/// # Errors
/// Of what is not there, or still needed.
pub fn drop_tables(
    env: &Env<'_>,
    store: &mut Store,
    names: &[Path],
    quiet: bool,
    view: bool,
    cascade: bool,
) -> Ran<Vec<String>> {
    let d = env.dialect;
    let mut notices = Vec::new();
    let mut missing = Vec::new();
    for path in names {
        let (database, name) = locate(env, path)?;
        let version = store.fresh();
        let known = store
            .databases
            .get(&*database)
            .is_some_and(|c| if view { c.views.contains_key(&*name) } else { c.tables.contains_key(&*name) });
        if !known {
            let kind = if view { "view" } else { "table" };
            match (d.is_mysql(), quiet) {
                (false, true) => {
                    notices.push(format!("NOTICE:  {kind} \"{}\" does not exist, skipping", path.name))
                }
                (false, false) => {
                    return Err(fault::postgres(
                        "42P01",
                        &format!("{kind} \"{}\" does not exist", path.name),
                    ));
                }
                (true, true) => {}
                (true, false) => missing.push(format!("{database}.{name}")),
            }
            continue;
        }
        let users: Vec<(Arc<str>, Arc<str>)> = store
            .databases
            .get(&*database)
            .map(|c| {
                let others =
                    c.tables.values().filter(|t| t.name != name && !names.iter().any(|n| n.name == t.name));
                others
                    .flat_map(|t| {
                        t.shape
                            .foreign
                            .iter()
                            .filter(|f| f.table == name)
                            .map(|f| (t.name.clone(), f.name.clone()))
                    })
                    .collect()
            })
            .unwrap_or_default();
        if let (Some((child, constraint)), false, false) = (users.first(), view, cascade) {
            if d.is_mysql() && !super::variables::off(env, "foreign_key_checks") {
                return Err(fault::mysql(
                    3730,
                    &format!(
                        "Cannot drop table '{name}' referenced by a foreign key constraint '{constraint}' on table '{child}'."
                    ),
                ));
            }
            if !d.is_mysql() {
                return Err(fault::postgres(
                    "2BP01",
                    &format!("cannot drop table {name} because other objects depend on it"),
                )
                .detail(format!("constraint {constraint} on table {child} depends on table {name}"))
                .hint("Use DROP ... CASCADE to drop the dependent objects too."));
            }
        }
        for (child, constraint) in users.iter().filter(|_| cascade) {
            notices.push(format!("NOTICE:  drop cascades to constraint {constraint} on table {child}"));
            if let Some(table) = store.table_mut(&database, child) {
                Arc::make_mut(&mut table.shape).foreign.retain(|f| f.table != name);
            }
        }
        if let Some(content) = store.databases.get_mut(&*database) {
            content.version = version;
            if view { _ = content.views.remove(&*name) } else { _ = content.tables.remove(&*name) }
        }
    }
    if !missing.is_empty() {
        return Err(fault::mysql(1051, &format!("Unknown table '{}'", missing.join(","))));
    }
    Ok(notices)
}

/// CREATE INDEX, and keys added later.
///
/// # Errors
/// Of columns, names, and rows that are no longer unique.
pub fn add_key(env: &Env<'_>, table: &mut Table, key: Key) -> Ran<()> {
    let d = env.dialect;
    if !key.name.is_empty() && table.shape.keys.iter().any(|k| k.name == key.name) {
        return Err(match d.is_mysql() {
            true => fault::mysql(1061, &format!("Duplicate key name '{}'", key.name)),
            false => fault::postgres("42P07", &format!("relation \"{}\" already exists", key.name)),
        });
    }
    let name = table.name.clone();
    let shape = Arc::make_mut(&mut table.shape);
    shape.keys.push(key);
    settle(env, env.session.database.as_deref().unwrap_or(""), &name, shape)?;
    unique_again(env, table)
}

fn unique_again(env: &Env<'_>, table: &mut Table) -> Ran<()> {
    let Some((key, row)) = table.reindex(env.dialect) else { return Ok(()) };
    let clash = change::duplicate(env, table, key, &row);
    if env.dialect.is_mysql() {
        return Err(clash);
    }
    let name = table.shape.keys.get(key).map(|k| k.name.clone()).unwrap_or_default();
    let detail = clash.detail.replace("already exists", "is duplicated");
    Err(fault::postgres("23505", &format!("could not create unique index \"{name}\"")).detail(detail))
}
