//! A small SQL engine behind the MySQL, MariaDB and PostgreSQL images: words (`lexer`), tree (`ast`,
//! `parser`), values (`datum`, `types`), tables (`store`), and statements run on them (`engine`). Two
//! dialects share it; each has its own syntax, results' texts and errors, after MySQL 8 and PostgreSQL 17.
//!
//! Left out: what `coverage::NOT_SIMULATED` lists; it is refused, never ignored.

pub mod aggregate;
pub mod ast;
pub mod change;
pub mod dates;
pub mod datum;
pub mod decimal;
pub mod define;
pub mod describe;
pub mod dump;
pub mod engine;
pub mod eval;
pub mod fault;
pub mod functions;
pub mod lexer;
pub mod parser;
pub mod save;
pub mod select;
pub mod session;
pub mod show;
pub mod store;
pub mod types;
pub mod users;
pub mod variables;
pub mod virtuals;
pub mod wire;

use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    Mysql,
    Mariadb,
    Postgres,
}

impl Dialect {
    /// MySQL or MariaDB.
    #[must_use]
    pub fn is_mysql(self) -> bool {
        self != Dialect::Postgres
    }
}

/// A session as others see it: id, user, database, host, last query.
pub type Seen = (u32, Arc<str>, Arc<str>, String, String);

/// What a server says about itself.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// What VERSION() gives.
    pub banner: String,
    pub version: String,
    pub hostname: String,
    /// Microseconds since 1970.
    pub started: i64,
    pub sessions: Vec<Seen>,
}

#[cfg(test)]
mod tests;
