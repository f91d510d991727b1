//! INSERT, UPDATE, DELETE and the rules of rows: types, NOT NULL, keys, checks, foreign keys.

mod rules;
pub use rules::duplicate;
use rules::{checks, children, nulls, parents};

use super::ast::{Change, Clash, Expr, Foreign, Insert, Item, KeyKind, Name, OnDelete, Path, Query, Rows};
use super::datum::Datum;
use super::eval::{Env, Field, Frame, NOTHING, bind, eval, truth};
use super::fault::{self, Fault};
use super::store::Table;
use super::{Dialect, define, select, users};
use drydock_machinery::limits;
use std::collections::BTreeMap;
use std::sync::Arc;

type Ran<T> = Result<T, Fault>;

/// What a statement changed.
#[derive(Default)]
pub struct Changed {
    /// Tables by database and name.
    pub tables: BTreeMap<(Arc<str>, Arc<str>), Table>,
    pub affected: i64,
    pub matched: i64,
    /// The first automatic value given.
    pub last_id: Option<i64>,
    pub duplicates: i64,
    pub returned: Option<select::Rows>,
}

/// Tables as this statement has them so far.
struct Work<'a, 'e> {
    env: &'a Env<'e>,
    database: Arc<str>,
    tables: BTreeMap<(Arc<str>, Arc<str>), Table>,
}

impl Work<'_, '_> {
    fn table(&self, name: &str) -> Option<&Table> {
        self.tables
            .get(&(self.database.clone(), Arc::from(name)))
            .or_else(|| self.env.store.table(&self.database, name))
    }
    fn edit(&mut self, name: &Arc<str>) -> Option<&mut Table> {
        let key = (self.database.clone(), name.clone());
        if !self.tables.contains_key(&key) {
            let table = self.env.store.table(&self.database, name)?.clone();
            self.tables.insert(key.clone(), table);
        }
        self.tables.get_mut(&key)
    }
}

fn open<'a, 'e>(env: &'a Env<'e>, path: &Path, right: &str) -> Ran<(Work<'a, 'e>, Table)> {
    let (database, name) = define::locate(env, path)?;
    let Some(table) = env.store.table(&database, &name) else {
        let view = env.store.databases.get(&*database).is_some_and(|d| d.views.contains_key(&*name));
        return Err(match view {
            true => fault::unsupported(env.dialect, "changes through views"),
            false => select::no_table(env.dialect, &database, path),
        });
    };
    users::check(env, right, &database, Some(table))?;
    Ok((Work { env, database, tables: BTreeMap::new() }, table.clone()))
}

fn fields_of(table: &Table, alias: &Arc<str>) -> Vec<Field> {
    let columns = table.shape.columns.iter();
    columns
        .map(|c| Field {
            table: alias.clone(),
            name: c.name.clone(),
            kind: Some(c.kind.clone()),
            hidden: false,
        })
        .collect()
}

/// # Errors
/// As the rules of rows.
pub fn insert(env: &Env<'_>, insert: &Insert) -> Ran<Changed> {
    let d = env.dialect;
    let (mut work, table) = open(env, &insert.table, "INSERT")?;
    let name = table.name.clone();
    let mut places = Vec::new();
    for column in &insert.columns {
        let Some(at) = table.column(&column.text) else { return Err(no_such(d, &table, column)) };
        if places.contains(&at) {
            return Err(match d.is_mysql() {
                true => fault::mysql(1110, &format!("Column '{}' specified twice", column.text)),
                false => {
                    fault::postgres("42701", &format!("column \"{}\" specified more than once", column.text))
                        .at(column.at.0)
                }
            });
        }
        places.push(at);
    }
    let all = insert.columns.is_empty();
    if all {
        places = (0..table.shape.columns.len()).collect();
    }
    let mut given: Vec<Vec<Option<Datum>>> = Vec::new();
    match &insert.rows {
        Rows::Default => given.push(Vec::new()),
        Rows::Values(rows) => {
            for (n, row) in rows.iter().enumerate() {
                let empty = row.is_empty() && d.is_mysql() && all;
                let few = !d.is_mysql() && all && row.len() < places.len() && !row.is_empty();
                if row.len() != places.len() && !empty && !few {
                    return Err(match (d.is_mysql(), row.len() > places.len()) {
                        (true, _) => fault::mysql(
                            1136,
                            &format!("Column count doesn't match value count at row {}", n + 1),
                        ),
                        (false, true) => {
                            fault::postgres("42601", "INSERT has more expressions than target columns")
                        }
                        (false, false) => {
                            fault::postgres("42601", "INSERT has more target columns than expressions")
                        }
                    });
                }
                let one = |e: &Expr| match e {
                    Expr::Default => Ok(None),
                    e => {
                        bind(env, e, &[], None, "field list").and_then(|e| eval(env, &e, &NOTHING)).map(Some)
                    }
                };
                given.push(row.iter().map(one).collect::<Ran<_>>()?);
            }
        }
        Rows::Query(query) => {
            let rows = select::run(env, query, None)?;
            if rows.fields.len() != places.len() {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1136, "Column count doesn't match value count at row 1"),
                    false => fault::postgres("42601", "INSERT has more target columns than expressions"),
                });
            }
            given.extend(rows.rows.into_iter().map(|r| r.into_iter().map(Some).collect()));
        }
    }
    let mut out = Changed::default();
    let mut made = Vec::new();
    for (n, given) in given.into_iter().enumerate() {
        if env.store.rows() + n >= limits::SQL_ROWS {
            return Err(match d.is_mysql() {
                true => fault::mysql(1114, &format!("The table '{name}' is full")),
                false => fault::postgres("53100", "could not extend file: No space left on device"),
            });
        }
        let table = work.edit(&name).ok_or_else(|| fault::no_table(d, "", &name, 0))?;
        let mut row: Vec<Option<Datum>> = vec![None; table.shape.columns.len()];
        for (place, value) in places.iter().zip(given) {
            if let Some(slot) = row.get_mut(*place) {
                *slot = value;
            }
        }
        let row = complete(env, table, row, n + 1, &mut out)?;
        let clash =
            table.entries(d, &row).into_iter().find_map(|(at, e)| Some((at, *table.index.get(&e)?, e)));
        let Some((key, id, _)) = clash else {
            parents(&work, &name, &row)?;
            let table = work.edit(&name).ok_or_else(|| fault::no_table(d, "", &name, 0))?;
            made.push(table.put(d, None, row.into()));
            out.affected += 1;
            continue;
        };
        match &insert.clash {
            Clash::Fail => return Err(duplicate(env, table, key, &row)),
            Clash::Skip => out.duplicates += 1,
            Clash::Replace => {
                table.take(d, id);
                made.push(table.put(d, None, row.into()));
                out.affected += 2;
            }
            Clash::Update { sets, filter } => {
                let old = table.rows.get(&id).cloned().unwrap_or_else(|| Arc::from([]));
                let both = both_fields(table);
                let values: Vec<Datum> = old.iter().chain(row.iter()).cloned().collect();
                let frame = Frame { fields: &both, row: &values, aggregates: &[], outer: None };
                if let Some(filter) = filter
                    && truth(env, &eval(env, &bind(env, filter, &both, None, "where clause")?, &frame)?)?
                        != Some(true)
                {
                    continue;
                }
                let table = table.clone();
                let sets = bind_sets(env, &table, sets, &both)?;
                let new = apply(env, &table, &old, &sets, &frame, n + 1)?;
                let changed = new.as_slice() != &*old;
                out.affected += if changed || !d.is_mysql() { 1 + i64::from(d.is_mysql()) } else { 0 };
                put(&mut work, &name, id, new)?;
                made.push(id);
            }
        }
    }
    if !insert.returning.is_empty() {
        let table = work.table(&name).cloned();
        out.returned = table.map(|t| returning(env, &t, &insert.returning, &made)).transpose()?;
    }
    out.tables = work.tables;
    Ok(out)
}

/// A row's fields, and those of the row that was to be inserted under `excluded` and VALUES().
fn both_fields(table: &Table) -> Vec<Field> {
    let mut both = fields_of(table, &table.name);
    both.extend(fields_of(table, &"excluded".into()).into_iter().map(|f| Field { hidden: true, ..f }));
    both
}

fn returning(env: &Env<'_>, table: &Table, items: &[Item], ids: &[u64]) -> Ran<select::Rows> {
    let rows = ids.iter().filter_map(|id| table.rows.get(id)).map(|r| r.to_vec()).collect();
    let mut inner = env.again();
    inner
        .with
        .push((table.name.clone(), Arc::new(select::Rows { fields: fields_of(table, &table.name), rows })));
    let from = super::ast::From {
        source: super::ast::Source::Table(Path {
            schema: None,
            name: table.name.clone(),
            at: super::ast::At::default(),
        }),
        alias: None,
        columns: Vec::new(),
        join: super::ast::Join::Inner,
        on: None,
        using: Vec::new(),
        natural: false,
    };
    select::run(&inner, &Query { items: items.to_vec(), from: vec![from], ..Query::default() }, None)
}

fn no_such(d: Dialect, table: &Table, column: &Name) -> Fault {
    match d.is_mysql() {
        true => fault::no_column(d, &column.text, "field list", column.at.0),
        false => fault::postgres(
            "42703",
            &format!("column \"{}\" of relation \"{}\" does not exist", column.text, table.name),
        )
        .at(column.at.0),
    }
}

/// Fills a row up: automatic values, defaults, types, NOT NULL.
fn complete(
    env: &Env<'_>,
    table: &mut Table,
    given: Vec<Option<Datum>>,
    n: usize,
    out: &mut Changed,
) -> Ran<Vec<Datum>> {
    let d = env.dialect;
    let shape = table.shape.clone();
    let mut row = Vec::new();
    for (column, value) in shape.columns.iter().zip(given) {
        let automatic = column.auto
            && match &value {
                None => true,
                Some(v) => d.is_mysql() && (v.is_null() || *v == Datum::Int(0)),
            };
        if automatic {
            let next = table.counters.get(&column.name).copied().unwrap_or(0) + 1;
            table.counters.insert(column.name.clone(), next);
            out.last_id = out.last_id.or(Some(next));
            row.push(column.kind.take(d, Datum::Int(next), &column.name, n)?);
            continue;
        }
        let value = match (value, &column.default) {
            (Some(value), _) => value,
            (None, Some(default)) => eval(env, default, &NOTHING)?,
            (None, None) if !column.nullable && d.is_mysql() => {
                return Err(fault::mysql(
                    1364,
                    &format!("Field '{}' doesn't have a default value", column.name),
                ));
            }
            (None, None) => Datum::Null,
        };
        let value = column.kind.take(d, value, &column.name, n)?;
        if let (true, Datum::Int(v)) = (column.auto && d.is_mysql(), &value) {
            let counter = table.counters.get(&column.name).copied().unwrap_or(0);
            table.counters.insert(column.name.clone(), counter.max(*v));
        }
        row.push(value);
    }
    nulls(env, table, &row)?;
    checks(env, table, &row)?;
    Ok(row)
}

type Sets = Vec<(usize, Option<Expr>)>;

fn bind_sets(env: &Env<'_>, table: &Table, sets: &[(Name, Expr)], fields: &[Field]) -> Ran<Sets> {
    let mut out = Vec::new();
    for (name, value) in sets {
        let Some(at) = table.column(&name.text) else { return Err(no_such(env.dialect, table, name)) };
        let value = match value {
            Expr::Default => None,
            value => {
                // VALUES(x) of ON DUPLICATE KEY UPDATE is what was to be inserted.
                let value = super::eval::map(value, &mut |e| match e {
                    Expr::Call { name, args, .. } if &**name == "values" => Ok(match args.first() {
                        Some(Expr::Column { name, at, .. }) => {
                            Some(Expr::Column { table: Some("excluded".into()), name: name.clone(), at: *at })
                        }
                        _ => None,
                    }),
                    _ => Ok(None),
                })?;
                Some(bind(env, &value, fields, None, "field list")?)
            }
        };
        out.push((at, value));
    }
    Ok(out)
}

/// A row after SET.
fn apply(
    env: &Env<'_>,
    table: &Table,
    old: &[Datum],
    sets: &Sets,
    frame: &Frame<'_>,
    n: usize,
) -> Ran<Vec<Datum>> {
    let mut new = old.to_vec();
    for (at, value) in sets {
        let Some(column) = table.shape.columns.get(*at) else { continue };
        let value = match (value, &column.default) {
            (Some(e), _) => eval(env, e, frame)?,
            (None, Some(default)) => eval(env, default, &NOTHING)?,
            (None, None) => Datum::Null,
        };
        let value = column.kind.take(env.dialect, value, &column.name, n)?;
        if let Some(slot) = new.get_mut(*at) {
            *slot = value;
        }
    }
    if new != old {
        for (at, column) in table.shape.columns.iter().enumerate() {
            if let (true, Some(slot)) = (column.touched && !sets.iter().any(|s| s.0 == at), new.get_mut(at)) {
                *slot = column.kind.take(
                    env.dialect,
                    Datum::Stamp { micros: env.now, zone: false, digits: 0 },
                    &column.name,
                    n,
                )?;
            }
        }
    }
    nulls(env, table, &new)?;
    checks(env, table, &new)?;
    Ok(new)
}

/// Writes a changed row, its keys and foreign keys looked after.
fn put(work: &mut Work<'_, '_>, name: &Arc<str>, id: u64, new: Vec<Datum>) -> Ran<u64> {
    let d = work.env.dialect;
    parents(work, name, &new)?;
    let Some(table) = work.table(name) else { return Ok(id) };
    let old = table.rows.get(&id).cloned().unwrap_or_else(|| Arc::from([]));
    let clash = table
        .entries(d, &new)
        .into_iter()
        .find(|(_, e)| table.index.get(e).is_some_and(|other| *other != id));
    if let Some((key, _)) = clash {
        return Err(duplicate(work.env, table, key, &new));
    }
    children(work, name, &old, Some(&new), 0)?;
    let Some(table) = work.edit(name) else { return Ok(id) };
    Ok(table.put(d, Some(id), new.into()))
}

/// The rows a WHERE, ORDER BY and LIMIT pick.
fn picked(env: &Env<'_>, table: &Table, change: &Change, fields: &[Field]) -> Ran<Vec<(u64, Arc<[Datum]>)>> {
    let filter = change.filter.as_ref().map(|f| bind(env, f, fields, None, "where clause")).transpose()?;
    let keys = change
        .order
        .iter()
        .map(|o| bind(env, &o.value, fields, None, "order clause"))
        .collect::<Ran<Vec<_>>>()?;
    let mut keyed = Vec::new();
    for (id, row) in table.scan(env.dialect) {
        env.spend()?;
        let frame = Frame { fields, row: &row, aggregates: &[], outer: None };
        if let Some(filter) = &filter
            && truth(env, &eval(env, filter, &frame)?)? != Some(true)
        {
            continue;
        }
        let sorted = keys.iter().map(|k| eval(env, k, &frame)).collect::<Ran<Vec<_>>>()?;
        keyed.push((sorted, (id, row)));
    }
    select::sort(env.dialect, &change.order, &mut keyed);
    let mut rows: Vec<(u64, Arc<[Datum]>)> = keyed.into_iter().map(|k| k.1).collect();
    if let Some(limit) = &change.limit {
        rows.truncate(eval(env, limit, &NOTHING)?.as_int().unwrap_or(0).max(0) as usize);
    }
    Ok(rows)
}

/// # Errors
/// As the rules of rows.
pub fn update(env: &Env<'_>, change: &Change) -> Ran<Changed> {
    let (mut work, table) = open(env, &change.table, "UPDATE")?;
    let alias = change.alias.clone().unwrap_or_else(|| table.name.clone());
    let fields = fields_of(&table, &alias);
    let sets = bind_sets(env, &table, &change.sets, &fields)?;
    let mut out = Changed::default();
    let mut ids = Vec::new();
    for (n, (id, row)) in picked(env, &table, change, &fields)?.into_iter().enumerate() {
        let frame = Frame { fields: &fields, row: &row, aggregates: &[], outer: None };
        let new = apply(env, &table, &row, &sets, &frame, n + 1)?;
        out.matched += 1;
        if env.dialect.is_mysql() && new.as_slice() == &*row {
            continue;
        }
        out.affected += 1;
        ids.push(put(&mut work, &table.name, id, new)?);
    }
    if !change.returning.is_empty() {
        let table = work.table(&table.name).cloned();
        out.returned = table.map(|t| returning(env, &t, &change.returning, &ids)).transpose()?;
    }
    out.tables = work.tables;
    Ok(out)
}

/// # Errors
/// Of foreign keys.
pub fn delete(env: &Env<'_>, change: &Change) -> Ran<Changed> {
    let (mut work, table) = open(env, &change.table, "DELETE")?;
    let alias = change.alias.clone().unwrap_or_else(|| table.name.clone());
    let fields = fields_of(&table, &alias);
    let mut out = Changed::default();
    let rows = picked(env, &table, change, &fields)?;
    if !change.returning.is_empty() {
        let ids: Vec<u64> = rows.iter().map(|r| r.0).collect();
        out.returned = Some(returning(env, &table, &change.returning, &ids)?);
    }
    for (id, row) in rows {
        children(&mut work, &table.name, &row, None, 0)?;
        if let Some(table) = work.edit(&table.name) {
            table.take(env.dialect, id);
        }
        out.affected += 1;
    }
    out.tables = work.tables;
    Ok(out)
}
