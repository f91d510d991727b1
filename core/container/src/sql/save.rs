//! A server's state as files in its data folder, so that a volume keeps it: one file a table, holding its
//! definition and rows, one for accounts and one for databases. Only what changed is written.

use super::ast::{Account, Key, KeyKind};
use super::datum::Datum;
use super::decimal::Decimal;
use super::engine::Engine;
use super::store::{Database, Grant, Store, Table, User};
use super::{Dialect, dump, parser};
use imbl::{OrdMap, OrdSet};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

const HEAD: &str = "table 1\n";

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => out.push(match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(c) => c,
                None => '\\',
            }),
            (c, false) => out.push(c),
        }
    }
    out
}

fn write_datum(value: &Datum) -> String {
    match value {
        Datum::Null => "N".into(),
        Datum::Bool(b) => format!("b{}", u8::from(*b)),
        Datum::Int(n) => format!("i{n}"),
        Datum::Decimal(d) => format!("d{d}"),
        Datum::Float(bits) => format!("f{bits}"),
        Datum::Text(t) => format!("t{}", escape(t)),
        Datum::Date(n) => format!("D{n}"),
        Datum::Time(n) => format!("T{n}"),
        Datum::Stamp { micros, zone, digits } => format!("S{micros}:{}:{digits}", u8::from(*zone)),
        Datum::Interval { months, micros } => format!("I{months}:{micros}"),
    }
}

fn read_datum(text: &str) -> Option<Datum> {
    let (kind, rest) = text.split_at_checked(1)?;
    Some(match kind {
        "N" => Datum::Null,
        "b" => Datum::Bool(rest == "1"),
        "i" => Datum::Int(rest.parse().ok()?),
        "d" => Datum::Decimal(Decimal::parse(rest)?),
        "f" => Datum::Float(rest.parse().ok()?),
        "t" => Datum::text(&unescape(rest)),
        "D" => Datum::Date(rest.parse().ok()?),
        "T" => Datum::Time(rest.parse().ok()?),
        "S" => {
            let mut parts = rest.split(':');
            let micros = parts.next()?.parse().ok()?;
            Datum::Stamp { micros, zone: parts.next()? == "1", digits: parts.next()?.parse().ok()? }
        }
        "I" => {
            let (months, micros) = rest.split_once(':')?;
            Datum::Interval { months: months.parse().ok()?, micros: micros.parse().ok()? }
        }
        _ => return None,
    })
}

/// A table as a file.
#[must_use]
pub fn write_table(d: Dialect, table: &Table) -> String {
    let mut out =
        format!("{HEAD}owner {}\ncreated {}\nnext {}\n", table.owner, table.created, table.next_row);
    for (name, value) in &table.counters {
        _ = writeln!(out, "counter {name}\t{value}");
    }
    _ = writeln!(out, "define {}", escape(&dump::definition(d, table)));
    for key in table.shape.keys.iter().filter(|k| k.kind == KeyKind::Plain && !d.is_mysql()) {
        _ = writeln!(out, "key {}\t{}", key.name, key.columns.join(","));
    }
    for (id, row) in &table.rows {
        let values: Vec<String> = row.iter().map(write_datum).collect();
        _ = writeln!(out, "{id}\t{}", values.join("\t"));
    }
    out
}

/// A table from its file.
#[must_use]
pub fn read_table(d: Dialect, text: &str) -> Option<Table> {
    let mut table = Table::new("".into(), super::ast::Shape::default(), "".into(), 0);
    for line in text.strip_prefix(HEAD)?.lines() {
        if let Some(owner) = line.strip_prefix("owner ") {
            table.owner = owner.into();
        } else if let Some(created) = line.strip_prefix("created ") {
            table.created = created.parse().ok()?;
        } else if let Some(next) = line.strip_prefix("next ") {
            table.next_row = next.parse().ok()?;
        } else if let Some((name, value)) = line.strip_prefix("counter ").and_then(|l| l.split_once('\t')) {
            table.counters.insert(name.into(), value.parse().ok()?);
        } else if let Some(define) = line.strip_prefix("define ") {
            let source = unescape(define);
            let (super::ast::Statement::CreateTable { name, shape, .. }, _) =
                parser::parse(&source, d).ok()?.pop()?
            else {
                return None;
            };
            table.name = match name.schema {
                Some(schema) => format!("{schema}.{}", name.name).into(),
                None => name.name,
            };
            let mut shape = *shape;
            for key in shape.keys.iter_mut().filter(|k| k.name.is_empty()) {
                key.name = "PRIMARY".into();
            }
            table.shape = Arc::new(shape);
        } else if let Some((name, columns)) = line.strip_prefix("key ").and_then(|l| l.split_once('\t')) {
            let columns = columns.split(',').map(Arc::from).collect();
            Arc::make_mut(&mut table.shape).keys.push(Key {
                name: name.into(),
                kind: KeyKind::Plain,
                columns,
            });
        } else {
            let (id, values) = line.split_once('\t')?;
            let row: Option<Vec<Datum>> = values.split('\t').map(read_datum).collect();
            table.rows.insert(id.parse().ok()?, row?.into());
        }
    }
    table.reindex(d);
    Some(table)
}

/// Everything else as a file.
#[must_use]
pub fn write_catalogue(store: &Store) -> String {
    let mut out = String::from("catalogue 1\n");
    for (name, database) in &store.databases {
        let schemas: Vec<&str> = database.schemas.iter().map(|s| &**s).collect();
        _ = writeln!(out, "database\t{name}\t{}\t{}", database.owner, schemas.join(","));
        for (view, content) in &database.views {
            _ = writeln!(out, "view\t{name}\t{view}\t{}", escape(&content.source));
        }
    }
    for (account, user) in &store.accounts {
        let options: Vec<&str> = user.options.iter().map(|s| &**s).collect();
        _ = writeln!(
            out,
            "account\t{}\t{}\t{}\t{}",
            account.name,
            account.host,
            user.password.as_deref().unwrap_or(""),
            options.join(",")
        );
        for g in &user.grants {
            let rights: Vec<&str> = g.rights.iter().map(|s| &**s).collect();
            let part = |p: &Option<Arc<str>>| p.as_ref().map_or("-".to_string(), |p| format!("={p}"));
            _ = writeln!(
                out,
                "grant\t{}\t{}\t{}\t{}",
                rights.join(","),
                part(&g.database),
                part(&g.table),
                u8::from(g.option)
            );
        }
    }
    out
}

/// Reads [`write_catalogue`]'s text.
#[must_use]
pub fn read_catalogue(d: Dialect, text: &str) -> Option<Store> {
    let mut store = Store::default();
    let mut last: Option<Account> = None;
    let set = |list: &str| -> OrdSet<Arc<str>> {
        list.split(',').filter(|s| !s.is_empty()).map(Arc::from).collect()
    };
    for line in text.strip_prefix("catalogue 1\n")?.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        match *parts.as_slice() {
            ["database", name, owner, schemas] => {
                let database = Database { owner: owner.into(), schemas: set(schemas), ..Database::default() };
                store.databases.insert(name.into(), database);
            }
            ["view", database, name, source] => {
                let source = unescape(source);
                let (super::ast::Statement::Select(query), _) = parser::parse(&source, d).ok()?.pop()? else {
                    return None;
                };
                let view = super::store::View {
                    query: Arc::from(query),
                    source: source.as_str().into(),
                    version: 0,
                };
                store.databases.get_mut(database)?.views.insert(name.into(), view);
            }
            ["account", name, host, password, options] => {
                let account = Account { name: name.into(), host: host.into() };
                let password = Some(password).filter(|p| !p.is_empty()).map(Arc::from);
                store
                    .accounts
                    .insert(account.clone(), User { password, grants: Vec::new(), options: set(options) });
                last = Some(account);
            }
            ["grant", rights, database, table, option] => {
                let part = |p: &str| p.strip_prefix('=').map(Arc::from);
                let grant = Grant {
                    rights: set(rights),
                    database: part(database),
                    table: part(table),
                    option: option == "1",
                };
                store.accounts.get_mut(last.as_ref()?)?.grants.push(grant);
            }
            _ => return None,
        }
    }
    Some(store)
}

/// What is on disk: versions by file.
pub type Saved = OrdMap<Arc<str>, u64>;

/// Where a table's file is, from the data folder.
#[must_use]
pub fn place(d: Dialect, database: &str, table: &str) -> String {
    if d.is_mysql() {
        return format!("{database}/{table}.ibd");
    }
    format!("base/{database}/{table}")
}

/// Name of the file of [`write_catalogue`].
#[must_use]
pub fn catalogue(d: Dialect) -> &'static str {
    if d.is_mysql() { "mysql.ibd" } else { "global/pg_catalog" }
}

/// Files to write and to remove since `saved`, which then says what is there.
pub fn changes(engine: &Engine, saved: &mut Saved) -> (BTreeMap<String, String>, Vec<String>) {
    let (d, store) = (engine.dialect, &engine.store);
    let (mut write, mut now) = (BTreeMap::new(), Saved::new());
    for (database, content) in &store.databases {
        for (name, table) in &content.tables {
            let place: Arc<str> = place(d, database, name).into();
            if saved.get(&place) != Some(&table.version) {
                write.insert(place.to_string(), write_table(d, table));
            }
            now.insert(place, table.version);
        }
    }
    let general =
        store.databases.values().map(|d| d.version).chain([store.accounts_version]).max().unwrap_or(0);
    let shape = general.wrapping_mul(1_000_003).wrapping_add(store.databases.len() as u64);
    let place: Arc<str> = catalogue(d).into();
    if saved.get(&place) != Some(&shape) {
        write.insert(place.to_string(), write_catalogue(store));
    }
    now.insert(place, shape);
    let gone = saved.keys().filter(|k| !now.contains_key(*k)).map(ToString::to_string).collect();
    *saved = now;
    (write, gone)
}
