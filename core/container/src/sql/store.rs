//! What a server keeps: databases, tables with their rows and unique keys, views, accounts. All of it is
//! persistent maps, so that a transaction's private copy and a snapshot of the world cost nothing.

use super::Dialect;
use super::ast::{Account, KeyKind, Query, Shape};
use super::datum::{Datum, Row, folded};
use drydock_machinery::sort::Arrange;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// A table.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Table {
    pub name: Arc<str>,
    pub shape: Arc<Shape>,
    /// By a number of the row that never changes in MySQL; an update gives a new one in PostgreSQL,
    /// where the row moves to the heap's end.
    pub rows: OrdMap<u64, Row>,
    /// Values of primary and unique keys, and whose they are.
    pub index: OrdMap<Arc<str>, u64>,
    pub next_row: u64,
    /// The last value given to an automatic column.
    pub counters: OrdMap<Arc<str>, i64>,
    /// Grows with every change: what is not on disk yet.
    pub version: u64,
    pub owner: Arc<str>,
    /// Unix seconds.
    pub created: i64,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct View {
    pub query: Arc<Query>,
    pub source: Arc<str>,
    pub version: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Database {
    /// By name; tables of a PostgreSQL schema other than `public` are `schema.name`.
    pub tables: OrdMap<Arc<str>, Table>,
    pub views: OrdMap<Arc<str>, View>,
    /// PostgreSQL's, besides `public`.
    pub schemas: OrdSet<Arc<str>>,
    pub owner: Arc<str>,
    pub version: u64,
}

/// What an account may do, and where: everywhere, in a database, on a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    pub rights: OrdSet<Arc<str>>,
    pub database: Option<Arc<str>>,
    pub table: Option<Arc<str>>,
    /// WITH GRANT OPTION.
    pub option: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct User {
    /// A digest; none lets anybody in with an empty password.
    pub password: Option<Arc<str>>,
    pub grants: Vec<Grant>,
    /// PostgreSQL's `superuser`, `createdb`, `login`, …
    pub options: OrdSet<Arc<str>>,
}

#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Store {
    pub databases: OrdMap<Arc<str>, Database>,
    pub accounts: OrdMap<Account, User>,
    /// Global variables that were set.
    pub globals: OrdMap<Arc<str>, Arc<str>>,
    /// The last version given out.
    pub version: u64,
    /// That of the accounts.
    pub accounts_version: u64,
}

impl Store {
    pub fn fresh(&mut self) -> u64 {
        self.version += 1;
        self.version
    }
    #[must_use]
    pub fn table(&self, database: &str, name: &str) -> Option<&Table> {
        self.databases.get(database)?.tables.get(name)
    }
    /// A table to change; its version grows.
    pub fn table_mut(&mut self, database: &str, name: &str) -> Option<&mut Table> {
        let version = self.fresh();
        let table = self.databases.get_mut(database)?.tables.get_mut(name)?;
        table.version = version;
        Some(table)
    }
    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.databases.values().flat_map(|d| d.tables.values()).map(|t| t.rows.len()).sum()
    }
}

/// How a password is kept.
#[must_use]
pub fn digest(password: &str) -> Arc<str> {
    let hash = drydock_machinery::digest::hash_bytes(password.as_bytes());
    format!("*{hash:016X}").into()
}

impl Table {
    #[must_use]
    pub fn new(name: Arc<str>, shape: Shape, owner: Arc<str>, created: i64) -> Table {
        Table {
            name,
            shape: Arc::new(shape),
            rows: OrdMap::new(),
            index: OrdMap::new(),
            next_row: 1,
            counters: OrdMap::new(),
            version: 0,
            owner,
            created,
        }
    }
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.shape.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
    }
    /// Places of a key's columns.
    #[must_use]
    pub fn places(&self, columns: &[Arc<str>]) -> Vec<usize> {
        columns.iter().filter_map(|c| self.column(c)).collect()
    }
    #[must_use]
    pub fn primary(&self) -> Option<Vec<usize>> {
        let key = self.shape.keys.iter().find(|k| k.kind == KeyKind::Primary)?;
        Some(self.places(&key.columns))
    }
    /// The entries a row has in the index, each with the place of its key; nulls make none.
    #[must_use]
    pub fn entries(&self, dialect: Dialect, row: &[Datum]) -> Vec<(usize, Arc<str>)> {
        let unique = self.shape.keys.iter().enumerate().filter(|(_, k)| k.kind != KeyKind::Plain);
        unique
            .filter_map(|(at, key)| {
                let mut entry = format!("{at}");
                for place in self.places(&key.columns) {
                    let value = row.get(place).filter(|v| !v.is_null())?;
                    let text = match value {
                        Datum::Text(t) => folded(dialect, t),
                        Datum::Decimal(d) => d.normal().to_string(),
                        other => other.shown(dialect),
                    };
                    entry += &format!("\u{1}{text}");
                }
                Some((at, entry.into()))
            })
            .collect()
    }
    /// Puts a row in place of another, or a new one at the end.
    pub fn put(&mut self, dialect: Dialect, old: Option<u64>, row: Row) -> u64 {
        if let Some(old) = old {
            self.take(dialect, old);
        }
        let id = match old {
            Some(id) if dialect.is_mysql() => id,
            _ => {
                self.next_row += 1;
                self.next_row - 1
            }
        };
        for (_, entry) in self.entries(dialect, &row) {
            self.index.insert(entry, id);
        }
        self.rows.insert(id, row);
        id
    }
    pub fn take(&mut self, dialect: Dialect, id: u64) {
        if let Some(row) = self.rows.remove(&id) {
            for (_, entry) in self.entries(dialect, &row) {
                self.index.remove(&entry);
            }
        }
    }
    /// Builds the index anew; gives the entry two rows share.
    pub fn reindex(&mut self, dialect: Dialect) -> Option<(usize, Row)> {
        self.index = OrdMap::new();
        for (id, row) in &self.rows.clone() {
            for (at, entry) in self.entries(dialect, row) {
                if self.index.insert(entry, *id).is_some() {
                    return Some((at, row.clone()));
                }
            }
        }
        None
    }
    /// Rows in the order a scan gives them: InnoDB keeps them by primary key, a heap as they came.
    #[must_use]
    pub fn scan(&self, dialect: Dialect) -> Vec<(u64, Row)> {
        let mut rows: Vec<(u64, Row)> = self.rows.iter().map(|(id, row)| (*id, row.clone())).collect();
        if dialect.is_mysql()
            && let Some(places) = self.primary()
        {
            rows.arrange_by(|a, b| {
                places
                    .iter()
                    .filter_map(|p| Some(a.1.get(*p)?.order(b.1.get(*p)?, dialect)))
                    .find(|o| o.is_ne())
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        rows
    }
    /// What differs between `base` and `ours` is done to `self`: a transaction's changes at COMMIT.
    pub fn merge(&mut self, dialect: Dialect, base: &Table, ours: &Table) {
        if self.version == base.version {
            *self = ours.clone();
            return;
        }
        for (id, row) in &base.rows {
            if ours.rows.get(id).is_none_or(|r| !Arc::ptr_eq(r, row)) {
                self.take(dialect, *id);
            }
        }
        for (id, row) in &ours.rows {
            if base.rows.get(id).is_none_or(|r| !Arc::ptr_eq(r, row)) {
                let free = !self.rows.contains_key(id);
                let at = if free { *id } else { self.next_row.max(ours.next_row) };
                self.next_row = self.next_row.max(at + 1);
                for (_, entry) in self.entries(dialect, row) {
                    self.index.insert(entry, at);
                }
                self.rows.insert(at, row.clone());
            }
        }
        for (name, value) in &ours.counters {
            let mine = self.counters.get(name).copied().unwrap_or(0);
            self.counters.insert(name.clone(), mine.max(*value));
        }
        self.shape = ours.shape.clone();
        self.version = ours.version.max(self.version) + 1;
    }
}
