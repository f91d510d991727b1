//! A server's sessions and statements: text in, results out. A statement that fails changes nothing.

use super::ast::{Alter, Expr, Key, KeyKind, Path, Statement};
use super::change::Changed;
use super::datum::{Datum, SECOND};
use super::eval::{Env, NOTHING, bind, eval};
use super::fault::{self, Fault};
use super::select::{self, Rows};
use super::session::{Session, Transaction};
use super::store::{Store, Table};
use super::types::Type;
use super::{Dialect, Info, change, define, parser, show, users, variables};
use drydock_machinery::limits;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a statement came to, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Rows {
        /// Names, and whether their values are numbers.
        columns: Vec<(String, bool)>,
        rows: Vec<Vec<Option<String>>>,
        /// PostgreSQL's `SELECT 3`.
        tag: String,
    },
    Done {
        tag: String,
        affected: i64,
        /// MySQL's second line: `Records: 2  Duplicates: 0  Warnings: 0`.
        info: String,
        notices: Vec<String>,
    },
    Failed(Fault),
}

/// A server.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Engine {
    pub dialect: Dialect,
    pub store: Store,
    pub sessions: BTreeMap<u32, Session>,
    pub version: Arc<str>,
    pub hostname: Arc<str>,
    /// Microseconds since 1970.
    pub started: i64,
    next: u32,
}

/// When and with what chance a statement runs.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Microseconds since 1970.
    pub now: i64,
    pub random: u64,
}

struct Effects {
    slept: u64,
}

type Ran<T> = Result<T, Fault>;

impl Engine {
    #[must_use]
    pub fn new(dialect: Dialect, version: &str, hostname: &str, now: i64) -> Engine {
        let next = if dialect.is_mysql() { 8 } else { 62 };
        Engine { dialect, store: Store::default(), sessions: BTreeMap::new(), version: version.into(), hostname: hostname.into(), started: now, next }
    }
    fn banner(&self) -> String {
        match self.dialect {
            Dialect::Mysql => self.version.to_string(),
            Dialect::Mariadb => self.version.to_string(),
            Dialect::Postgres => format!("PostgreSQL {} on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit", self.version),
        }
    }
    /// Lets a client in without asking.
    pub fn open(&mut self, user: &str, host: &str, database: Option<&str>) -> u32 {
        let id = self.next;
        self.next += if self.dialect.is_mysql() { 1 } else { 7 };
        let matched = users::matching(&self.store, user, host).map_or_else(|| "%".into(), |a| a.0.host.clone());
        self.sessions.insert(id, Session {
            id,
            user: user.into(),
            host: host.into(),
            matched,
            database: database.map(Arc::from),
            last_id: 0,
            row_count: -1,
            variables: imbl::OrdMap::new(),
            transaction: None,
            query: "".into(),
        });
        // Clients that never said goodbye.
        while self.sessions.len() > limits::SQL_SESSIONS {
            self.sessions.pop_first();
        }
        id
    }
    /// Asks who comes: name, password, database.
    ///
    /// # Errors
    /// 1045, 1049, 1044, 1698; 28P01, 28000, 3D000.
    pub fn login(&mut self, user: &str, host: &str, password: Option<&str>, database: Option<&str>, trusted: bool) -> Ran<u32> {
        let account = users::matching(&self.store, user, host).map(|a| a.1.clone());
        let given = password.unwrap_or("");
        if !self.dialect.is_mysql() {
            let Some(account) = account.filter(|a| trusted || users::opens(a, given)) else {
                return Err(match trusted {
                    true => fault::postgres("28000", &format!("role \"{user}\" does not exist")),
                    false => fault::postgres("28P01", &format!("password authentication failed for user \"{user}\"")),
                });
            };
            if !account.options.contains("login") {
                return Err(fault::postgres("28000", &format!("role \"{user}\" is not permitted to log in")));
            }
            let database = database.unwrap_or(user);
            if !self.store.databases.contains_key(database) {
                return Err(fault::no_database(self.dialect, database));
            }
            return Ok(self.open(user, host, Some(database)));
        }
        if !account.is_some_and(|a| users::opens(&a, given)) {
            let using = if given.is_empty() { "NO" } else { "YES" };
            return Err(fault::mysql(1045, &format!("Access denied for user '{user}'@'{host}' (using password: {using})")));
        }
        let id = self.open(user, host, None);
        if let Some(database) = database.filter(|d| !d.is_empty()) {
            let used = self.choose(id, database);
            if used.is_err() {
                self.close(id);
            }
            used?;
        }
        Ok(id)
    }
    pub fn close(&mut self, id: u32) {
        self.sessions.remove(&id);
    }
    fn choose(&mut self, id: u32, name: &str) -> Ran<()> {
        let cell = (Cell::new(0), Cell::new(0), Cell::new(0), RefCell::new(BTreeMap::new()));
        let info = Info::default();
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let store = session.transaction.as_ref().map_or(&self.store, |t| &t.work);
        let known = store.databases.contains_key(name) || show::SYSTEM.contains(&name);
        let env = Env { dialect: self.dialect, store, session, now: 0, info: &info, random: &cell.0, budget: &cell.1, slept: &cell.2, drawn: &cell.3, with: Vec::new() };
        // Who may not know of a database is not told whether there is one.
        if !users::sees(&env, name) && name != "information_schema" && name != "performance_schema" {
            return Err(users::denied(&env, name));
        }
        if !known {
            return Err(fault::no_database(self.dialect, name));
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.database = Some(name.into());
        }
        Ok(())
    }
    fn info(&self) -> Info {
        let seen = |s: &Session| (s.id, s.user.clone(), s.database.clone().unwrap_or_default(), s.host.to_string(), s.query.to_string());
        Info {
            banner: self.banner(),
            version: self.version.to_string(),
            hostname: self.hostname.to_string(),
            started: self.started,
            sessions: self.sessions.values().map(seen).collect(),
        }
    }
    /// Runs a text's statements; gives their results and how many milliseconds they take.
    pub fn query(&mut self, id: u32, text: &str, moment: Moment) -> (Vec<Outcome>, u64) {
        let d = self.dialect;
        if text.len() > limits::SQL_TEXT {
            return (vec![Outcome::Failed(fault::mysql(1153, "Got a packet bigger than 'max_allowed_packet' bytes"))], 0);
        }
        let statements = match parser::parse(text, d) {
            Ok(statements) if statements.is_empty() && d.is_mysql() => {
                return (vec![Outcome::Failed(fault::mysql(1065, "Query was empty"))], 0);
            }
            Ok(statements) => statements,
            Err(fault) => {
                if let Some(t) = self.sessions.get_mut(&id).and_then(|s| s.transaction.as_mut()) {
                    t.failed |= !d.is_mysql();
                }
                return (vec![Outcome::Failed(fault)], 0);
            }
        };
        // Several statements in one message are one transaction in PostgreSQL.
        let before = (self.store.clone(), self.sessions.get(&id).is_some_and(|s| s.transaction.is_none()));
        let together = !d.is_mysql() && statements.len() > 1 && before.1;
        let (mut out, mut ms) = (Vec::new(), 0);
        for (statement, source) in statements {
            let Some(mut session) = self.sessions.remove(&id) else {
                return (vec![Outcome::Failed(fault::mysql(2006, "MySQL server has gone away"))], 0);
            };
            session.query = source.clone();
            let slow = !matches!(statement, Statement::Select(_) | Statement::Show { .. } | Statement::Use(_) | Statement::Describe(_) | Statement::Set(_) | Statement::Begin);
            self.sessions.insert(id, session.clone());
            let mut effects = Effects { slept: 0 };
            let target = match &statement {
                Statement::Insert(insert) => Some((insert.table.clone(), insert.columns.clone())),
                _ => None,
            };
            let ran = self.statement(&mut session, statement, &source, moment, &mut effects);
            if let (Err(f), Some((table, columns))) = (&ran, target)
                && f.state.starts_with("23")
            {
                self.burn(&session, &table, &columns);
            }
            ms += effects.slept + u64::from(slow) * 10;
            let failed = ran.is_err();
            if failed && let Some(t) = session.transaction.as_mut() {
                t.failed |= !d.is_mysql();
            }
            self.sessions.insert(id, session);
            let mut outcome = ran.unwrap_or_else(Outcome::Failed);
            if let (Outcome::Done { info, .. }, false) = (&mut outcome, d.is_mysql()) {
                info.clear();
            }
            out.push(outcome);
            if failed {
                if together {
                    self.store = before.0;
                }
                break;
            }
        }
        (out, ms)
    }
    fn statement(&mut self, session: &mut Session, statement: Statement, source: &Arc<str>, moment: Moment, effects: &mut Effects) -> Ran<Outcome> {
        let d = self.dialect;
        let failed = session.transaction.as_ref().is_some_and(|t| t.failed);
        if failed && !matches!(statement, Statement::Commit | Statement::Rollback | Statement::RollbackTo(_)) {
            return Err(fault::postgres("25P02", "current transaction is aborted, commands ignored until end of transaction block"));
        }
        // MySQL's definitions end a transaction.
        let defines = matches!(
            statement,
            Statement::CreateTable { .. } | Statement::CreateView { .. } | Statement::DropTable { .. } | Statement::Alter { .. } | Statement::CreateIndex { .. }
                | Statement::DropIndex { .. } | Statement::Truncate(_) | Statement::CreateDatabase { .. } | Statement::DropDatabase { .. } | Statement::CreateUser { .. }
                | Statement::AlterUser { .. } | Statement::DropUser { .. } | Statement::Grant { .. } | Statement::Begin
        );
        if d.is_mysql() && defines {
            self.commit(session);
        }
        let manual = session.variables.get("@@autocommit").is_some_and(|v| matches!(v.shown(d).to_uppercase().as_str(), "0" | "OFF"));
        if manual && !defines && session.transaction.is_none() && matches!(statement, Statement::Select(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_)) {
            self.begin(session);
        }
        match &statement {
            Statement::Begin => {
                let nested = session.transaction.is_some();
                if !nested {
                    self.begin(session);
                }
                let notices = if nested { vec!["WARNING:  there is already a transaction in progress".into()] } else { Vec::new() };
                let tag = if source.to_lowercase().starts_with("start") { "START TRANSACTION" } else { "BEGIN" };
                return Ok(Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices });
            }
            Statement::Commit | Statement::Rollback => {
                let commit = statement == Statement::Commit && !failed;
                let none = session.transaction.is_none();
                if commit { self.commit(session) } else { session.transaction = None }
                let notices = if none { vec!["WARNING:  there is no transaction in progress".into()] } else { Vec::new() };
                let tag = if commit || (none && statement == Statement::Commit) { "COMMIT" } else { "ROLLBACK" };
                return Ok(Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices });
            }
            Statement::Savepoint(name) => {
                let Some(t) = session.transaction.as_mut() else {
                    return if d.is_mysql() { Ok(done("", 0)) } else { Err(fault::postgres("25P01", "SAVEPOINT can only be used in transaction blocks")) };
                };
                let work = t.work.clone();
                t.savepoints.push((name.clone(), work));
                return Ok(done("SAVEPOINT", 0));
            }
            Statement::RollbackTo(name) | Statement::Release(name) => {
                let back = matches!(statement, Statement::RollbackTo(_));
                let missing = || match d.is_mysql() {
                    true => fault::mysql(1305, &format!("SAVEPOINT {name} does not exist")),
                    false => fault::postgres("3B001", &format!("savepoint \"{name}\" does not exist")),
                };
                let t = session.transaction.as_mut().ok_or_else(missing)?;
                let at = t.savepoints.iter().rposition(|s| s.0 == *name).ok_or_else(missing)?;
                if let (true, Some((_, work))) = (back, t.savepoints.get(at)) {
                    t.work = work.clone();
                    t.failed = false;
                }
                t.savepoints.truncate(at + usize::from(back));
                return Ok(done(if back { "ROLLBACK" } else { "RELEASE" }, 0));
            }
            Statement::Use(name) => {
                self.choose(session.id, name)?;
                session.database = Some(name.clone());
                return Ok(done("", 0));
            }
            _ => {}
        }
        let mut store = session.transaction.as_ref().map_or_else(|| self.store.clone(), |t| t.work.clone());
        let before = store.clone();
        let info = self.info();
        let cells = (Cell::new(moment.random), Cell::new(limits::SQL_BUDGET), Cell::new(0), RefCell::new(BTreeMap::new()));
        let quiet = session.clone();
        let env = Env { dialect: d, store: &before, session: &quiet, now: moment.now, info: &info, random: &cells.0, budget: &cells.1, slept: &cells.2, drawn: &cells.3, with: Vec::new() };
        users::allowed(&env, &statement)?;
        let out = run(&env, &mut store, session, statement)?;
        effects.slept = cells.2.get();
        let drawn = cells.3.take();
        for (name, value) in drawn {
            let database = session.database.clone().unwrap_or_default();
            if let Some((table, column)) = define::sequence_of(&store, &database, &name)
                && let Some(table) = store.table_mut(&database, &table)
            {
                table.counters.insert(column, value);
            }
        }
        match session.transaction.as_mut() {
            Some(t) => t.work = store,
            None => self.store = store,
        }
        if let Outcome::Done { affected, .. } = &out {
            session.row_count = *affected;
        } else if let Outcome::Rows { rows, .. } = &out {
            session.row_count = rows.len() as i64;
        }
        Ok(out)
    }
    /// A row that was refused has used up its automatic value all the same.
    fn burn(&mut self, session: &Session, path: &Path, columns: &[super::ast::Name]) {
        let database = path.schema.clone().filter(|_| self.dialect.is_mysql()).or_else(|| session.database.clone()).unwrap_or_default();
        let Some(table) = self.store.databases.get_mut(&database).and_then(|d| d.tables.get_mut(&path.name)) else { return };
        let Some(column) = table.shape.columns.iter().find(|c| c.auto && !columns.iter().any(|n| n.text == c.name)) else { return };
        let next = table.counters.get(&column.name).copied().unwrap_or(0) + 1;
        let name = column.name.clone();
        table.counters.insert(name, next);
    }
    fn begin(&self, session: &mut Session) {
        let (base, work) = (self.store.clone(), self.store.clone());
        session.transaction = Some(Box::new(Transaction { base, work, failed: false, savepoints: Vec::new() }));
    }
    /// Brings a transaction's changes to the store all see.
    fn commit(&mut self, session: &mut Session) {
        let Some(t) = session.transaction.take() else { return };
        let Transaction { base, work, .. } = *t;
        if base.version == self.store.version {
            self.store = work;
            return;
        }
        self.store.version = self.store.version.max(work.version) + 1;
        let version = self.store.version;
        for (name, content) in &work.databases {
            let old = base.databases.get(name);
            let now = self.store.databases.entry(name.clone()).or_insert_with(|| content.clone());
            for (table, ours) in &content.tables {
                match (old.and_then(|o| o.tables.get(table)), now.tables.get_mut(table)) {
                    (Some(b), _) if b.version == ours.version => {}
                    (Some(b), Some(there)) => {
                        there.merge(self.dialect, b, ours);
                        there.version = version;
                    }
                    _ => _ = now.tables.insert(table.clone(), ours.clone()),
                }
            }
            for gone in old.into_iter().flat_map(|o| o.tables.keys()).filter(|n| !content.tables.contains_key(*n)) {
                now.tables.remove(gone);
            }
        }
        if work.accounts_version != base.accounts_version {
            self.store.accounts = work.accounts;
            self.store.accounts_version = version;
        }
    }
}

#[must_use]
pub fn done(tag: &str, affected: i64) -> Outcome {
    Outcome::Done { tag: tag.into(), affected, info: String::new(), notices: Vec::new() }
}

/// Rows as clients get them.
#[must_use]
pub fn sent(d: Dialect, rows: Rows, tag: &str) -> Outcome {
    let columns = rows.fields.iter().enumerate().map(|(at, f)| {
        let first = || rows.rows.iter().filter_map(|r| r.get(at)).find(|v| !v.is_null()).map(Type::of);
        let number = f.kind.clone().or_else(first).is_some_and(|k| k.is_number());
        (f.name.to_string(), number)
    });
    let columns = columns.collect();
    let tag = if tag.is_empty() { format!("SELECT {}", rows.rows.len()) } else { tag.into() };
    let cells = |r: Vec<Datum>| r.into_iter().map(|v| (!v.is_null()).then(|| v.shown(d))).collect();
    Outcome::Rows { columns, rows: rows.rows.into_iter().map(cells).collect(), tag }
}

fn keep(store: &mut Store, changed: BTreeMap<(Arc<str>, Arc<str>), Table>) {
    for ((database, name), table) in changed {
        if let Some(slot) = store.table_mut(&database, &name) {
            let version = slot.version;
            *slot = Table { version, ..table };
        }
    }
}

fn after(d: Dialect, changed: &mut Changed, tag: &str, info: String) -> Outcome {
    match changed.returned.take() {
        Some(rows) => sent(d, rows, tag),
        None => Outcome::Done { tag: tag.into(), affected: changed.affected, info, notices: Vec::new() },
    }
}

fn run(env: &Env<'_>, store: &mut Store, session: &mut Session, statement: Statement) -> Ran<Outcome> {
    let d = env.dialect;
    Ok(match statement {
        Statement::Select(query) => sent(d, select::run(env, &query, None)?, ""),
        Statement::Insert(insert) => {
            let mut changed = change::insert(env, &insert)?;
            keep(store, std::mem::take(&mut changed.tables));
            if let Some(id) = changed.last_id {
                session.last_id = id;
            }
            let many = match &insert.rows {
                super::ast::Rows::Values(rows) => rows.len(),
                _ => 2,
            };
            let records = changed.affected + changed.duplicates;
            let info = if many > 1 { format!("Records: {records}  Duplicates: {}  Warnings: {}", changed.duplicates, changed.duplicates) } else { String::new() };
            let tag = format!("INSERT 0 {}", changed.affected);
            after(d, &mut changed, &tag, info)
        }
        Statement::Update(update) => {
            let mut changed = change::update(env, &update)?;
            keep(store, std::mem::take(&mut changed.tables));
            let info = format!("Rows matched: {}  Changed: {}  Warnings: 0", changed.matched, changed.affected);
            let tag = format!("UPDATE {}", changed.affected);
            after(d, &mut changed, &tag, info)
        }
        Statement::Delete(delete) => {
            let mut changed = change::delete(env, &delete)?;
            keep(store, std::mem::take(&mut changed.tables));
            let tag = format!("DELETE {}", changed.affected);
            after(d, &mut changed, &tag, String::new())
        }
        Statement::CreateTable { name, if_not_exists, shape, from, like } => {
            let made = define::create_table(env, &name, if_not_exists, &shape, from.as_deref(), like.as_ref())?;
            let Some((database, table)) = made else {
                let notices = vec![format!("NOTICE:  relation \"{}\" already exists, skipping", name.name)];
                return Ok(Outcome::Done { tag: "CREATE TABLE".into(), affected: 0, info: String::new(), notices });
            };
            let version = store.fresh();
            let rows = table.rows.len() as i64;
            if let Some(content) = store.databases.get_mut(&database) {
                content.tables.insert(table.name.clone(), Table { version, ..table });
            }
            match from {
                Some(_) => Outcome::Done { tag: format!("SELECT {rows}"), affected: rows, info: format!("Records: {rows}  Duplicates: 0  Warnings: 0"), notices: Vec::new() },
                None => done("CREATE TABLE", 0),
            }
        }
        Statement::CreateView { name, replace, query, source } => {
            define::create_view(env, store, &name, replace, &query, &source)?;
            done("CREATE VIEW", 0)
        }
        Statement::DropTable { names, if_exists, view, cascade } => {
            let notices = define::drop_tables(env, store, &names, if_exists, view, cascade)?;
            Outcome::Done { tag: if view { "DROP VIEW" } else { "DROP TABLE" }.into(), affected: 0, info: String::new(), notices }
        }
        Statement::Alter { table, changes } => alter(env, store, &table, &changes)?,
        Statement::CreateIndex { name, unique, table, columns, if_not_exists } => {
            let (database, key_table) = define::locate(env, &table)?;
            let Some(mut found) = env.store.table(&database, &key_table).cloned() else { return Err(select::no_table(d, &database, &table)) };
            let kind = if unique { KeyKind::Unique } else { KeyKind::Plain };
            let name = name.unwrap_or_default();
            if if_not_exists && found.shape.keys.iter().any(|k| k.name == name) {
                let notices = vec![format!("NOTICE:  relation \"{name}\" already exists, skipping")];
                return Ok(Outcome::Done { tag: "CREATE INDEX".into(), affected: 0, info: String::new(), notices });
            }
            define::add_key(env, &mut found, Key { name, kind, columns })?;
            keep(store, BTreeMap::from([((database, key_table), found)]));
            Outcome::Done { tag: "CREATE INDEX".into(), affected: 0, info: "Records: 0  Duplicates: 0  Warnings: 0".into(), notices: Vec::new() }
        }
        Statement::DropIndex { name, table, if_exists } => {
            let (database, key_table) = match &table {
                Some(table) => define::locate(env, table)?,
                None => {
                    let database = env.session.database.clone().unwrap_or_default();
                    let owner = env.store.databases.get(&database).and_then(|c| c.tables.values().find(|t| t.shape.keys.iter().any(|k| k.name == name)));
                    match owner {
                        Some(t) => (database, t.name.clone()),
                        None if if_exists => return Ok(done("DROP INDEX", 0)),
                        None => return Err(fault::postgres("42704", &format!("index \"{name}\" does not exist"))),
                    }
                }
            };
            let Some(mut found) = env.store.table(&database, &key_table).cloned() else { return Err(fault::no_table(d, &database, &key_table, 0)) };
            define::alter(env, &database, &mut found, &Alter::DropKey(name))?;
            keep(store, BTreeMap::from([((database, key_table), found)]));
            Outcome::Done { tag: "DROP INDEX".into(), affected: 0, info: "Records: 0  Duplicates: 0  Warnings: 0".into(), notices: Vec::new() }
        }
        Statement::Truncate(tables) => {
            for path in &tables {
                let (database, name) = define::locate(env, path)?;
                let mut others = store.databases.get(&database).into_iter().flat_map(|c| c.tables.values());
                let user = others.find_map(|t| t.shape.foreign.iter().find(|f| f.table == name && t.name != name).map(|f| (t.name.clone(), f.clone())));
                if let (Some((child, f)), true) = (user, d.is_mysql() && !variables::off(env, "foreign_key_checks")) {
                    return Err(fault::mysql(1701, &format!("Cannot truncate a table referenced in a foreign key constraint (`{database}`.`{child}`, CONSTRAINT `{}`)", f.name)));
                }
                let Some(table) = store.table_mut(&database, &name) else { return Err(select::no_table(d, &database, path)) };
                table.rows = imbl::OrdMap::new();
                table.index = imbl::OrdMap::new();
                if d.is_mysql() || session.query.to_lowercase().contains("restart identity") {
                    table.counters = imbl::OrdMap::new();
                }
            }
            done("TRUNCATE TABLE", 0)
        }
        Statement::CreateDatabase { name, if_not_exists, owner } => {
            if !d.is_mysql() && session.transaction.is_some() {
                return Err(fault::postgres("25001", "CREATE DATABASE cannot run inside a transaction block"));
            }
            define::create_database(env, store, &name, if_not_exists, owner.as_ref())?;
            done("CREATE DATABASE", 1)
        }
        Statement::DropDatabase { name, if_exists } => {
            let tables = define::drop_database(env, store, &name, if_exists)?;
            if session.database.as_ref() == Some(&name) {
                session.database = None;
            }
            let notices = if tables.is_none() { vec![format!("NOTICE:  database \"{name}\" does not exist, skipping")] } else { Vec::new() };
            Outcome::Done { tag: "DROP DATABASE".into(), affected: tables.unwrap_or(0) as i64, info: String::new(), notices }
        }
        Statement::CreateSchema { name, if_not_exists } => {
            let version = store.fresh();
            let database = session.database.clone().unwrap_or_default();
            if let Some(content) = store.databases.get_mut(&database) {
                content.version = version;
                if (content.schemas.insert(name.clone()).is_some() || &*name == "public") && !if_not_exists {
                    return Err(fault::postgres("42P06", &format!("schema \"{name}\" already exists")));
                }
            }
            done("CREATE SCHEMA", 0)
        }
        Statement::DropSchema { name, if_exists } => {
            let version = store.fresh();
            let database = session.database.clone().unwrap_or_default();
            if let Some(content) = store.databases.get_mut(&database) {
                content.version = version;
                if content.schemas.remove(&name).is_none() && !if_exists {
                    return Err(fault::postgres("3F000", &format!("schema \"{name}\" does not exist")));
                }
                let prefix = format!("{name}.");
                content.tables = content.tables.iter().filter(|t| !t.0.starts_with(&prefix)).map(|t| (t.0.clone(), t.1.clone())).collect();
            }
            done("DROP SCHEMA", 0)
        }
        Statement::Show { what, like, table } => sent(d, show::run(env, &what, like.as_deref(), table.as_ref())?, "SHOW"),
        Statement::Describe(path) => sent(d, show::describe(env, &path)?, ""),
        Statement::Explain(inner, _) => explain(env, &inner)?,
        Statement::Set(sets) => {
            for (name, value) in sets {
                set(env, store, session, &name, &value)?;
            }
            done("SET", 0)
        }
        Statement::CreateUser { role, .. } => {
            let tag = if role || !d.is_mysql() { "CREATE ROLE" } else { "" };
            let notices = users::change(env, store, &statement)?;
            Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices }
        }
        Statement::AlterUser { .. } | Statement::DropUser { .. } | Statement::Grant { .. } => {
            let tag = match &statement {
                Statement::AlterUser { .. } => "ALTER ROLE",
                Statement::DropUser { .. } => "DROP ROLE",
                Statement::Grant { give: true, .. } => "GRANT",
                _ => "REVOKE",
            };
            let notices = users::change(env, store, &statement)?;
            Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices }
        }
        Statement::Nothing(tag) => done(tag, 0),
        Statement::Begin | Statement::Commit | Statement::Rollback | Statement::Savepoint(_) | Statement::RollbackTo(_) | Statement::Release(_) | Statement::Use(_) => done("", 0),
    })
}

fn alter(env: &Env<'_>, store: &mut Store, path: &Path, changes: &[Alter]) -> Ran<Outcome> {
    let d = env.dialect;
    let (database, name) = define::locate(env, path)?;
    let Some(mut table) = env.store.table(&database, &name).cloned() else { return Err(select::no_table(d, &database, path)) };
    let mut renamed = None;
    for change in changes {
        renamed = define::alter(env, &database, &mut table, change)?.or(renamed);
    }
    let copied = changes.iter().any(|c| matches!(c, Alter::Change(..) | Alter::DropPrimary));
    let records = if copied { table.rows.len() } else { 0 };
    match renamed {
        None => keep(store, BTreeMap::from([((database, name), table)])),
        Some(new) => {
            let version = store.fresh();
            let Some(content) = store.databases.get_mut(&database) else { return Err(fault::no_database(d, &database)) };
            if content.tables.contains_key(&new) {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1050, &format!("Table '{new}' already exists")),
                    false => fault::postgres("42P07", &format!("relation \"{new}\" already exists")),
                });
            }
            content.version = version;
            content.tables.remove(&name);
            content.tables.insert(new.clone(), Table { name: new.clone(), version, ..table });
            let children: Vec<Arc<str>> = content.tables.keys().cloned().collect();
            for child in children {
                let Some(child) = content.tables.get_mut(&child) else { continue };
                if child.shape.foreign.iter().any(|f| f.table == name) {
                    child.version = version;
                    Arc::make_mut(&mut child.shape).foreign.iter_mut().filter(|f| f.table == name).for_each(|f| f.table = new.clone());
                }
            }
            return Ok(done("ALTER TABLE", 0));
        }
    }
    Ok(Outcome::Done { tag: "ALTER TABLE".into(), affected: records as i64, info: format!("Records: {records}  Duplicates: 0  Warnings: 0"), notices: Vec::new() })
}

fn set(env: &Env<'_>, store: &mut Store, session: &mut Session, name: &Arc<str>, value: &Expr) -> Ran<()> {
    let value = eval(env, &bind(env, value, &[], None, "field list")?, &NOTHING)?;
    if let Some(global) = name.strip_prefix("@@global.") {
        if variables::system(env, global, true).is_none() {
            return Err(variables::unknown(env.dialect, global));
        }
        store.fresh();
        store.globals.insert(global.to_lowercase().into(), value.shown(env.dialect).into());
        return Ok(());
    }
    if name.starts_with('@') && !name.starts_with("@@") {
        session.variables.insert(name.clone(), value);
        return Ok(());
    }
    let plain = name.trim_start_matches("@@").trim_start_matches("session.").to_lowercase();
    if variables::system(env, &plain, false).is_none() && !plain.contains('.') {
        // A dump sets and restores what a server of its version has.
        if env.dialect.is_mysql() && ["sql_quote_show_create", "character_set_client", "saved_cs_client"].contains(&plain.as_str()) {
            return Ok(());
        }
        return Err(variables::unknown(env.dialect, &plain));
    }
    let key = if env.dialect.is_mysql() { format!("@@{plain}") } else { plain };
    session.variables.insert(key.into(), value);
    Ok(())
}

fn explain(env: &Env<'_>, statement: &Statement) -> Ran<Outcome> {
    let d = env.dialect;
    let Statement::Select(query) = statement else { return Err(fault::unsupported(d, "EXPLAIN of changes")) };
    let mut tables = Vec::new();
    for from in &query.from {
        let super::ast::Source::Table(path) = &from.source else { return Err(fault::unsupported(d, "EXPLAIN of derived tables")) };
        let (database, name) = define::locate(env, path)?;
        let Some(table) = env.store.table(&database, &name) else { return Err(select::no_table(d, &database, path)) };
        tables.push(table);
    }
    if let Some(f) = &query.filter {
        let fields: Vec<_> = tables.iter().flat_map(|t| t.shape.columns.iter().map(|c| super::eval::Field { table: t.name.clone(), name: c.name.clone(), kind: Some(c.kind.clone()), hidden: false })).collect();
        bind(env, f, &fields, None, "where clause")?;
    }
    if !d.is_mysql() {
        let [table] = *tables.as_slice() else { return Err(fault::unsupported(d, "EXPLAIN of joins")) };
        let rows = table.rows.len().max(1);
        let line = format!("Seq Scan on {}  (cost=0.00..{}.{:02} rows={rows} width=36)", table.name, rows / 100 + 1, rows % 100);
        return Ok(sent(d, show::rows(&["QUERY PLAN"], vec![vec![Datum::text(&line)]]), "EXPLAIN"));
    }
    let list = tables.iter().map(|t| {
        let key = t.shape.keys.first().filter(|_| query.filter.is_some()).map(|k| k.columns.clone()).unwrap_or_default();
        let by_key = query.filter.as_ref().is_some_and(|f| matches!(f, Expr::Binary(super::ast::Op::Equal, a, _, _) if matches!(&**a, Expr::Column { name, .. } if key.contains(name))));
        let text = |t: &str| Datum::text(t);
        let (access, key, rows) = if by_key { ("const", text("PRIMARY"), 1) } else { ("ALL", Datum::Null, t.rows.len() as i64) };
        let extra = if query.filter.is_some() && !by_key { text("Using where") } else { Datum::Null };
        vec![Datum::Int(1), text("SIMPLE"), Datum::Text(t.name.clone()), Datum::Null, text(access), key.clone(), key, Datum::Null, Datum::Null, Datum::Int(rows), text("100.00"), extra]
    });
    let columns = ["id#", "select_type", "table", "partitions", "type", "possible_keys", "key", "key_len#", "ref", "rows#", "filtered#", "Extra"];
    Ok(sent(d, show::rows(&columns, list.collect()), ""))
}

impl<'a> Env<'a> {
    /// The same once more, for an inner query.
    #[must_use]
    pub fn again(&self) -> Env<'a> {
        Env {
            dialect: self.dialect,
            store: self.store,
            session: self.session,
            now: self.now,
            info: self.info,
            random: self.random,
            budget: self.budget,
            slept: self.slept,
            drawn: self.drawn,
            with: self.with.clone(),
        }
    }
}

/// Microseconds of a clock's milliseconds.
#[must_use]
pub fn micros(unix_ms: i64) -> i64 {
    unix_ms.saturating_mul(SECOND / 1000)
}
