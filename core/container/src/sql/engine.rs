//! A server's sessions and statements: text in, results out. A statement that fails changes nothing.

mod others;
mod transaction;
use others::{alter, explain, set};
mod execute;
use execute::{keep, run};

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
        Engine {
            dialect,
            store: Store::default(),
            sessions: BTreeMap::new(),
            version: version.into(),
            hostname: hostname.into(),
            started: now,
            next,
        }
    }
    fn banner(&self) -> String {
        match self.dialect {
            Dialect::Mysql => self.version.to_string(),
            Dialect::Mariadb => self.version.to_string(),
            Dialect::Postgres => format!(
                "PostgreSQL {} on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit",
                self.version
            ),
        }
    }
    /// Lets a client in without asking.
    pub fn open(&mut self, user: &str, host: &str, database: Option<&str>) -> u32 {
        let id = self.next;
        self.next += if self.dialect.is_mysql() { 1 } else { 7 };
        let matched =
            users::matching(&self.store, user, host).map_or_else(|| "%".into(), |a| a.0.host.clone());
        self.sessions.insert(
            id,
            Session {
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
            },
        );
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
    pub fn login(
        &mut self,
        user: &str,
        host: &str,
        password: Option<&str>,
        database: Option<&str>,
        trusted: bool,
    ) -> Ran<u32> {
        let account = users::matching(&self.store, user, host).map(|a| a.1.clone());
        let given = password.unwrap_or("");
        if !self.dialect.is_mysql() {
            let Some(account) = account.filter(|a| trusted || users::opens(a, given)) else {
                return Err(match trusted {
                    true => fault::postgres("28000", &format!("role \"{user}\" does not exist")),
                    false => fault::postgres(
                        "28P01",
                        &format!("password authentication failed for user \"{user}\""),
                    ),
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
            return Err(fault::mysql(
                1045,
                &format!("Access denied for user '{user}'@'{host}' (using password: {using})"),
            ));
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
        let env = Env {
            dialect: self.dialect,
            store,
            session,
            now: 0,
            info: &info,
            random: &cell.0,
            budget: &cell.1,
            slept: &cell.2,
            drawn: &cell.3,
            with: Vec::new(),
        };
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
        let seen = |s: &Session| {
            (
                s.id,
                s.user.clone(),
                s.database.clone().unwrap_or_default(),
                s.host.to_string(),
                s.query.to_string(),
            )
        };
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
            return (
                vec![Outcome::Failed(fault::mysql(
                    1153,
                    "Got a packet bigger than 'max_allowed_packet' bytes",
                ))],
                0,
            );
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
            let slow = !matches!(
                statement,
                Statement::Select(_)
                    | Statement::Show { .. }
                    | Statement::Use(_)
                    | Statement::Describe(_)
                    | Statement::Set(_)
                    | Statement::Begin
            );
            self.sessions.insert(id, session.clone());
            let mut effects = Effects { slept: 0 };
            let target = match &statement {
                Statement::Insert(insert) => Some((insert.table.clone(), insert.columns.clone())),
                _ => None,
            };
            let ran = self.statement(&mut session, statement, &source, moment, &mut effects);
            if let (Err(f), Some((table, columns))) = (&ran, target)
                && f.state.starts_with("23")
                && f.code != 1048
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
    fn statement(
        &mut self,
        session: &mut Session,
        statement: Statement,
        source: &Arc<str>,
        moment: Moment,
        effects: &mut Effects,
    ) -> Ran<Outcome> {
        let d = self.dialect;
        let failed = session.transaction.as_ref().is_some_and(|t| t.failed);
        if failed && !matches!(statement, Statement::Commit | Statement::Rollback | Statement::RollbackTo(_))
        {
            return Err(fault::postgres(
                "25P02",
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        // MySQL's definitions end a transaction.
        let defines = matches!(
            statement,
            Statement::CreateTable { .. }
                | Statement::CreateView { .. }
                | Statement::DropTable { .. }
                | Statement::Alter { .. }
                | Statement::CreateIndex { .. }
                | Statement::DropIndex { .. }
                | Statement::Truncate(_)
                | Statement::CreateDatabase { .. }
                | Statement::DropDatabase { .. }
                | Statement::CreateUser { .. }
                | Statement::AlterUser { .. }
                | Statement::DropUser { .. }
                | Statement::Grant { .. }
                | Statement::Begin
        );
        if d.is_mysql() && defines {
            self.commit(session);
        }
        let manual = session
            .variables
            .get("@@autocommit")
            .is_some_and(|v| matches!(v.shown(d).to_uppercase().as_str(), "0" | "OFF"));
        if manual
            && !defines
            && session.transaction.is_none()
            && matches!(
                statement,
                Statement::Select(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_)
            )
        {
            self.begin(session);
        }
        match &statement {
            Statement::Begin => {
                let nested = session.transaction.is_some();
                if !nested {
                    self.begin(session);
                }
                let notices = if nested {
                    vec!["WARNING:  there is already a transaction in progress".into()]
                } else {
                    Vec::new()
                };
                let tag =
                    if source.to_lowercase().starts_with("start") { "START TRANSACTION" } else { "BEGIN" };
                return Ok(Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices });
            }
            Statement::Commit | Statement::Rollback => {
                let commit = statement == Statement::Commit && !failed;
                let none = session.transaction.is_none();
                if commit {
                    self.commit(session)
                } else {
                    session.transaction = None
                }
                let notices = if none {
                    vec!["WARNING:  there is no transaction in progress".into()]
                } else {
                    Vec::new()
                };
                let tag =
                    if commit || (none && statement == Statement::Commit) { "COMMIT" } else { "ROLLBACK" };
                return Ok(Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices });
            }
            Statement::Savepoint(name) => {
                let Some(t) = session.transaction.as_mut() else {
                    return if d.is_mysql() {
                        Ok(done("", 0))
                    } else {
                        Err(fault::postgres("25P01", "SAVEPOINT can only be used in transaction blocks"))
                    };
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
        let cells = (
            Cell::new(moment.random),
            Cell::new(limits::SQL_BUDGET),
            Cell::new(0),
            RefCell::new(BTreeMap::new()),
        );
        let quiet = session.clone();
        let env = Env {
            dialect: d,
            store: &before,
            session: &quiet,
            now: moment.now,
            info: &info,
            random: &cells.0,
            budget: &cells.1,
            slept: &cells.2,
            drawn: &cells.3,
            with: Vec::new(),
        };
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

/// Microseconds of a clock's milliseconds.
#[must_use]
pub fn micros(unix_ms: i64) -> i64 {
    unix_ms.saturating_mul(SECOND / 1000)
}
