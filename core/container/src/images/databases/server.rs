//! What the SQL servers share once their start scripts are through: sessions over the network and the
//! socket, files in the data folder, the scripts of `/docker-entrypoint-initdb.d`.

use super::link::{MYSQL_SOCKET, POSTGRES_SOCKET};
use crate::exchange::Incoming;
use crate::filesystem::base_name;
use crate::sql::Dialect;
use crate::sql::dump::{self, Only};
use crate::sql::engine::{Engine, Moment, Outcome, micros};
use crate::sql::fault::Fault;
use crate::sql::save::{self, Saved};
use crate::sql::store::Store;
use crate::sql::wire::{Ask, Reply};
use crate::sql::{describe, lexer};
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::time::Timestamp;
use drydock_network::exchange::{Answer, Payload};
use std::sync::Arc;

/// The running part of a server.
#[derive(Clone, Hash)]
pub struct Served {
    pub engine: Engine,
    pub saved: Saved,
    /// The data folder.
    pub data: Arc<str>,
    pub port: u16,
    /// Nobody needs a password: POSTGRES_HOST_AUTH_METHOD=trust.
    pub trust: bool,
    /// A client asked it to end.
    pub stopping: bool,
}

/// `2026-11-21 19:00:00`
#[must_use]
pub fn day_and_time(sys: &Sys<'_>) -> String {
    Timestamp(sys.unix()).to_rfc3339().trim_end_matches('Z').replace('T', " ")
}

pub fn moment(sys: &mut Sys<'_>) -> Moment {
    Moment { now: micros(sys.machines.clock.unix_ms()), random: sys.machines.clock.random.next_u64() }
}

impl Served {
    #[must_use]
    pub fn new(sys: &mut Sys<'_>, dialect: Dialect, version: &str, data: &str, port: u16) -> Served {
        let now = micros(sys.machines.clock.unix_ms());
        let engine = Engine::new(dialect, version, &sys.hostname(), now);
        Served { engine, saved: Saved::new(), data: data.into(), port, trust: false, stopping: false }
    }
    /// Whether the data folder holds a server's data.
    pub fn initialised(&self, sys: &mut Sys<'_>) -> bool {
        sys.stat(&format!("{}/{}", self.data, save::catalogue(self.engine.dialect))).is_ok()
    }
    /// Files of the data folder that are none of a server's.
    pub fn foreign_files(&self, sys: &mut Sys<'_>) -> Vec<String> {
        let names = sys.list(&self.data).unwrap_or_default();
        names.into_iter().filter(|n| !matches!(n.as_str(), "." | "..") && !n.starts_with('.')).collect()
    }
    /// Reads what is kept.
    pub fn load(&mut self, sys: &mut Sys<'_>) {
        let d = self.engine.dialect;
        let read = |sys: &mut Sys<'_>, path: &str| {
            sys.read_file(path).ok().map(|b| String::from_utf8_lossy(&b).into_owned())
        };
        let catalogue = read(sys, &format!("{}/{}", self.data, save::catalogue(d)));
        let mut store = catalogue.and_then(|t| save::read_catalogue(d, &t)).unwrap_or_default();
        let names: Vec<Arc<str>> = store.databases.keys().cloned().collect();
        for database in names {
            let folder = if d.is_mysql() {
                format!("{}/{database}", self.data)
            } else {
                format!("{}/base/{database}", self.data)
            };
            for file in sys.list(&folder).unwrap_or_default() {
                let Some(table) =
                    read(sys, &format!("{folder}/{file}")).and_then(|t| save::read_table(d, &t))
                else {
                    continue;
                };
                if let Some(content) = store.databases.get_mut(&database) {
                    content.tables.insert(table.name.clone(), table);
                }
            }
        }
        self.engine.store = store;
        // What was just read needs no writing.
        _ = save::changes(&self.engine, &mut self.saved);
    }
    /// Writes what changed since the last time.
    pub fn flush(&mut self, sys: &mut Sys<'_>) {
        let (write, gone) = save::changes(&self.engine, &mut self.saved);
        for (file, text) in write {
            let path = format!("{}/{file}", self.data);
            _ = sys.make_folders(crate::filesystem::parent(&path));
            _ = sys.write_file(&path, text.as_bytes(), false);
        }
        for file in gone {
            _ = sys.unlink(&format!("{}/{file}", self.data));
        }
        let d = self.engine.dialect;
        for database in self.engine.store.databases.keys().filter(|_| d.is_mysql()) {
            _ = sys.mkdir(&format!("{}/{database}", self.data), 0o750);
        }
    }
    #[must_use]
    pub fn socket(&self) -> u16 {
        if self.engine.dialect.is_mysql() { MYSQL_SOCKET } else { POSTGRES_SOCKET }
    }
    /// Answers everybody who waits; lines for the log come back.
    pub fn serve(&mut self, sys: &mut Sys<'_>) -> Vec<String> {
        let mut log = Vec::new();
        let mut any = false;
        while let Some(incoming) = sys.accept() {
            any = true;
            let own = sys.address();
            let local = own == Some(incoming.from) || incoming.from.is_loopback();
            if incoming.port < 10 && !local {
                sys.reset(incoming.id);
                continue;
            }
            match &incoming.payload {
                Payload::Bytes(bytes) => match Ask::decode(bytes) {
                    Some(ask) => self.answer(sys, &incoming, ask, local, &mut log),
                    None => self.strange(sys, &incoming, &mut log),
                },
                Payload::Http(_) => self.strange(sys, &incoming, &mut log),
                Payload::Connect => sys.respond(incoming.id, Answer::Connected),
            }
        }
        if any {
            self.flush(sys);
        }
        log
    }
    /// Bytes of another protocol: MySQL greets whoever comes, PostgreSQL waits for a length it can read.
    fn strange(&self, sys: &mut Sys<'_>, incoming: &Incoming, log: &mut Vec<String>) {
        if self.engine.dialect.is_mysql() {
            let greeting =
                [b"J\0\0\0\x0a", self.engine.version.as_bytes(), b"\0\x08\0\0\0caching_sha2_password\0"]
                    .concat();
            return sys.respond(incoming.id, Answer::Bytes(greeting.into()));
        }
        log.push("LOG:  invalid length of startup packet".into());
        sys.reset(incoming.id);
    }
    fn answer(
        &mut self,
        sys: &mut Sys<'_>,
        incoming: &Incoming,
        ask: Ask,
        local: bool,
        log: &mut Vec<String>,
    ) {
        let (reply, ms) = match ask {
            Ask::Ping => (Reply::Pong(true), 0),
            Ask::Login { user, password, database, socket } => {
                // PostgreSQL's image trusts its own machine.
                let trusted = !self.engine.dialect.is_mysql() && (self.trust || local);
                let host = if socket {
                    "localhost".into()
                } else if local {
                    "127.0.0.1".to_string()
                } else {
                    incoming.from.to_string()
                };
                match self.engine.login(&user, &host, password.as_deref(), database.as_deref(), trusted) {
                    Ok(id) => (Reply::Session { id, version: self.engine.version.to_string(), user }, 0),
                    Err(fault) => {
                        if !self.engine.dialect.is_mysql() {
                            log.push(format!("FATAL:  {}", fault.text));
                            if fault.state == "28P01" {
                                log.push(format!("DETAIL:  Connection matched file \"{}/pg_hba.conf\" line 128: \"host all all all scram-sha-256\"", self.data));
                            }
                        }
                        (Reply::Fault(fault), 0)
                    }
                }
            }
            Ask::Query { session, text } => {
                if !self.engine.sessions.contains_key(&session) {
                    return sys.reset(incoming.id);
                }
                let at = moment(sys);
                let (outcomes, ms) = self.engine.query(session, &text, at);
                if !self.engine.dialect.is_mysql() {
                    for outcome in &outcomes {
                        if let Outcome::Failed(fault) = outcome {
                            log.extend(complaint(fault, &text));
                        }
                    }
                }
                (Reply::Results(outcomes), ms)
            }
            Ask::Meta { session, command } => match describe::run(&self.engine, session, &command) {
                Ok(drawn) => (Reply::Drawn(drawn), 0),
                Err(text) => (Reply::Text(text), 0),
            },
            Ask::Dump { session, database, tables, options } => {
                let has = |name: &str| options.iter().any(|o| o == name);
                let only = Only {
                    schema: has("schema"),
                    data: has("data"),
                    database: has("database"),
                    inserts: has("inserts"),
                };
                let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
                let text = match self.engine.dialect.is_mysql() {
                    true => dump::mysql(&self.engine, &database, &tables, only),
                    false => dump::postgres(&self.engine, &database, &tables, only),
                };
                _ = session;
                match text {
                    Some(text) => (Reply::Text(text), 0),
                    None => (Reply::Fault(crate::sql::fault::no_database(self.engine.dialect, &database)), 0),
                }
            }
            Ask::Quit { session } => {
                self.engine.close(session);
                (Reply::Text(String::new()), 0)
            }
            Ask::Shutdown { session } => {
                self.stopping = self.engine.sessions.contains_key(&session);
                (Reply::Text(String::new()), 0)
            }
        };
        sys.respond_after(incoming.id, Answer::Bytes(reply.encode().into()), ms);
    }
    /// Runs a script in a database as the superuser; the first error ends it: text and line.
    ///
    /// # Errors
    /// That error.
    pub fn script(
        &mut self,
        sys: &mut Sys<'_>,
        user: &str,
        database: Option<&str>,
        text: &str,
        show: &mut dyn FnMut(&Outcome),
    ) -> Result<(), Box<(Fault, usize, String)>> {
        let id = self.engine.open(user, "localhost", database);
        let d = self.engine.dialect;
        let mut at = 0;
        for (statement, _) in lexer::split(text, d, ";") {
            let found = text.get(at..).and_then(|t| t.find(statement.as_str())).map_or(at, |n| at + n);
            let lead = statement.len() - statement.trim_start().len();
            let line = text.get(..found + lead).map_or(0, |t| t.matches('\n').count()) + 1;
            at = found + statement.len();
            if statement.trim().is_empty() {
                continue;
            }
            let now = moment(sys);
            let (outcomes, _) = self.engine.query(id, statement.trim(), now);
            for outcome in outcomes {
                match outcome {
                    Outcome::Failed(fault) if fault.code == 1065 => {}
                    Outcome::Failed(fault) => {
                        self.engine.close(id);
                        return Err(Box::new((fault, line, statement.trim().to_string())));
                    }
                    other => show(&other),
                }
            }
        }
        self.engine.close(id);
        Ok(())
    }
}

/// An error as PostgreSQL's server logs it.
fn complaint(fault: &Fault, text: &str) -> Vec<String> {
    let at = fault
        .at
        .and_then(|at| text.get(..at))
        .map(|t| format!(" at character {}", t.chars().count() + 1))
        .unwrap_or_default();
    let mut out = vec![format!("ERROR:  {}{at}", fault.text)];
    out.extend((!fault.detail.is_empty()).then(|| format!("DETAIL:  {}", fault.detail)));
    out.extend((!fault.hint.is_empty()).then(|| format!("HINT:  {}", fault.hint)));
    out.push(format!("STATEMENT:  {}", text.trim()));
    out
}

/// Files of `/docker-entrypoint-initdb.d` in order.
pub fn init_files(sys: &mut Sys<'_>) -> Vec<String> {
    let mut names = sys.list("/docker-entrypoint-initdb.d").unwrap_or_default();
    names.retain(|n| !matches!(n.as_str(), "." | ".."));
    names.arrange();
    names.into_iter().map(|n| format!("/docker-entrypoint-initdb.d/{n}")).collect()
}

/// What a start script does with such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shell,
    Sql,
    Packed,
    Other,
}

#[must_use]
pub fn kind_of(path: &str) -> Kind {
    let name = base_name(path);
    match name.rsplit('.').next().unwrap_or("") {
        "sh" => Kind::Shell,
        "sql" => Kind::Sql,
        "gz" | "xz" | "zst" if name.contains(".sql.") => Kind::Packed,
        _ => Kind::Other,
    }
}

/// A variable, or what the file holds that NAME_FILE names.
///
/// # Errors
/// The name, when both are set; the path, when the file is not there.
pub fn secret(sys: &mut Sys<'_>, name: &str) -> Result<Option<String>, String> {
    let value = sys.env(name).filter(|v| !v.is_empty());
    match (value, sys.env(&format!("{name}_FILE")).filter(|v| !v.is_empty())) {
        (Some(_), Some(_)) => Err(format!("Both {name} and {name}_FILE are set (but are exclusive)")),
        (None, Some(path)) => match sys.read_file(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_string())),
            Err(error) => Err(format!("{path}: {}", error.text())),
        },
        (value, None) => Ok(value.map(|v| v.to_string())),
    }
}

/// A fresh store with its accounts.
#[must_use]
pub fn fresh() -> Store {
    Store { version: 1, accounts_version: 1, ..Store::default() }
}
