//! The start script of the mysql and mariadb images and the server it becomes: what it insists on, how it
//! initialises its data folder, what it logs. After docker-library/mysql 8.0 and docker-library/mariadb 11.

use super::server::{Kind, Served, day_and_time, fresh, init_files, kind_of, secret};
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sql::Dialect;
use crate::sql::ast::Account;
use crate::sql::engine::Outcome;
use crate::sql::store::{Database, Grant, User, digest};
use crate::sql::users::superuser;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use imbl::OrdSet;
use std::sync::Arc;

pub const PROGRAM: Program = Program { name: "mysql-server", about: "MySQL or MariaDB and its start script", start };

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    /// Until the data folder is made, the temporary server is up, the real one is.
    Making(u64),
    Temporary(u64),
    Scripts,
    Closing(u64),
    Starting(u64),
    Ready,
}

#[derive(Clone, Hash)]
struct Server {
    served: Served,
    state: State,
    told: bool,
    /// Scripts still to run, and the shell that runs one.
    scripts: Vec<String>,
    shell: u32,
    /// The entrypoint's own pid 1, or mysqld alone.
    entered: bool,
}

fn maria(sys: &Sys<'_>) -> bool {
    sys.env("MARIADB_VERSION").is_some()
}

/// The version mysqld says.
fn version(sys: &Sys<'_>) -> String {
    match sys.env("MARIADB_VERSION") {
        Some(v) => format!("{}-MariaDB-ubu2404", v.split(['+', '-']).find(|p| p.contains('.')).unwrap_or("11.8.3").trim_start_matches("1:")),
        None => sys.env("MYSQL_VERSION").map_or("9.4.0".into(), |v| v.split('-').next().unwrap_or("").to_string()),
    }
}

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let own = crate::filesystem::base_name(args.first().map_or("", |a| a)).to_string();
    let entered = own == "docker-entrypoint.sh";
    let rest: Vec<Arc<str>> = args.iter().skip(usize::from(entered)).cloned().collect();
    let first = crate::filesystem::base_name(rest.first().map_or("", |a| a)).to_string();
    let flags = first.starts_with('-');
    if entered && !flags && !matches!(first.as_str(), "mysqld" | "mariadbd") {
        return Box::new(ExecAll::new(rest.into(), "/usr/local/bin/docker-entrypoint.sh: line 425: exec"));
    }
    let maria = maria(sys);
    let dialect = if maria { Dialect::Mariadb } else { Dialect::Mysql };
    let version = version(sys);
    if args.iter().any(|a| matches!(&**a, "--version" | "-V")) {
        let text = match maria {
            true => format!("mariadbd  Ver {version} for debian-linux-gnu on x86_64 (mariadb.org binary distribution)\n"),
            false => format!("/usr/sbin/mysqld  Ver {version} for Linux on x86_64 (MySQL Community Server - GPL)\n"),
        };
        sys.print(&text);
        return Box::new(Once(|_| 0));
    }
    let port = rest.iter().find_map(|a| a.strip_prefix("--port=")).and_then(|p| p.parse().ok()).unwrap_or(3306);
    let data = rest.iter().find_map(|a| a.strip_prefix("--datadir=")).unwrap_or("/var/lib/mysql").to_string();
    let served = Served::new(sys, dialect, &version, &data, port);
    let mut server = Server { served, state: State::Ready, told: false, scripts: Vec::new(), shell: 0, entered };
    match server.boot(sys, &rest) {
        Ok(()) => Box::new(server),
        Err(()) => Box::new(Once(|_| 1)),
    }
}

impl Server {
    fn maria(&self) -> bool {
        self.served.engine.dialect == Dialect::Mariadb
    }
    /// The start script's lines.
    fn note(&self, sys: &mut Sys<'_>, level: &str, text: &str) {
        let time = day_and_time(sys);
        let line = format!("{time}+00:00 [{level}] [Entrypoint]: {text}\n");
        if level == "Note" { sys.print(&line) } else { sys.eprint(&line) }
    }
    /// The server's lines: thread, level, code of MySQL, text.
    fn log(&self, sys: &mut Sys<'_>, thread: u32, level: &str, code: &str, text: &str) {
        let time = day_and_time(sys);
        let line = match self.maria() {
            true => format!("{time} {thread} [{level}] {text}\n"),
            false => {
                let part = if code.starts_with("MY-0135") { "InnoDB" } else { "Server" };
                let us = sys.now() % 1000 * 1000 + u64::from(thread) * 7 + 113;
                format!("{}.{us:06}Z {thread} [{level}] [{code}] [{part}] {text}\n", time.replace(' ', "T"))
            }
        };
        sys.eprint(&line);
    }
    fn product(&self) -> &'static str {
        if self.maria() { "MariaDB" } else { "MySQL" }
    }
    fn version(&self) -> Arc<str> {
        self.served.engine.version.clone()
    }
    /// A variable under either product's name.
    fn secret(&self, sys: &mut Sys<'_>, name: &str) -> Result<Option<String>, String> {
        if self.maria()
            && let Some(value) = secret(sys, &format!("MARIADB_{name}"))?
        {
            return Ok(Some(value));
        }
        secret(sys, &format!("MYSQL_{name}"))
    }
    /// The beginning: checks, and the first start's initialisation.
    fn boot(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Result<(), ()> {
        let (product, version) = (self.product(), self.version());
        let full = if self.maria() { "1:".to_string() + &version.replace("-MariaDB-", "+maria~") } else { sys.env("MYSQL_VERSION").map_or_else(|| version.to_string(), |v| v.to_string()) };
        if self.entered {
            self.note(sys, "Note", &format!("Entrypoint script for {product} Server {full} started."));
            self.note(sys, "Note", "Switching to dedicated user 'mysql'");
            self.note(sys, "Note", &format!("Entrypoint script for {product} Server {full} started."));
        }
        let major: u32 = version.split('.').next().and_then(|v| v.parse().ok()).unwrap_or(9);
        let gone = args.iter().find_map(|a| a.strip_prefix("--").filter(|a| a.starts_with("default-authentication-plugin") && (major >= 9 || version.starts_with("8.4")) && !self.maria()));
        let unknown = args.iter().filter_map(|a| a.strip_prefix("--")).find(|a| !known_option(a));
        if let Some(option) = gone.or(unknown) {
            if self.entered && !self.maria() {
                self.note(sys, "ERROR", "mysqld failed while attempting to check config\n\tcommand was: mysqld --verbose --help --log-bin-index=/tmp/tmp.1");
            }
            let what = if option.contains('=') { "variable" } else { "option" };
            let shown = if option.contains('=') { option.to_string() } else { format!("--{option}") };
            self.log(sys, 0, "ERROR", "MY-000067", &format!("{}unknown {what} '{shown}'{}", if self.maria() { "mariadbd: " } else { "" }, if self.maria() { "" } else { "." }));
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        if self.served.initialised(sys) {
            self.served.load(sys);
            if self.entered && self.maria() {
                self.note(sys, "Note", "MariaDB upgrade not required");
            }
            self.begin(sys, if self.maria() { 900 } else { 1_400 });
            return Ok(());
        }
        if !self.entered {
            self.log(sys, 1, "ERROR", "MY-011011", "Failed to find valid data directory.");
            self.log(sys, 0, "ERROR", "MY-010020", "Data Dictionary initialization failed.");
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        self.verify(sys)?;
        self.note(sys, "Note", "Initializing database files");
        let data = self.served.data.clone();
        let files = self.served.foreign_files(sys);
        if !files.is_empty() && !files.iter().all(|f| f == "lost+found") && !self.maria() {
            self.log(sys, 0, "ERROR", "MY-010457", "--initialize specified but the data directory has files in it. Aborting.");
            self.log(sys, 0, "ERROR", "MY-013236", "The designated data directory /var/lib/mysql/ is unusable. You can remove all files that the server added to it.");
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        if sys.make_folders(&data).is_err() || sys.write_file(&format!("{data}/auto.cnf"), b"[auto]\nserver-uuid=6ccd780c-baba-1026-9564-5b8c656024db\n", false).is_err() {
            self.note(sys, "ERROR", &format!("mkdir: cannot create directory '{data}': Permission denied"));
            return Err(());
        }
        if !self.maria() {
            self.log(sys, 0, "System", "MY-013169", &format!("/usr/sbin/mysqld (mysqld {version}) initializing of server in progress as process 80"));
            self.log(sys, 1, "System", "MY-013576", "InnoDB initialization has started.");
        }
        self.state = State::Making(sys.now() + if self.maria() { 3_000 } else { 6_000 });
        Ok(())
    }
    /// What the start script insists on.
    fn verify(&self, sys: &mut Sys<'_>) -> Result<(), ()> {
        let names: &[&str] = if self.maria() { &["ROOT_PASSWORD", "ROOT_PASSWORD_HASH"] } else { &["ROOT_PASSWORD"] };
        let mut given = false;
        for name in names.iter().chain(&["DATABASE", "USER", "PASSWORD"]) {
            match self.secret(sys, name) {
                Ok(value) => given |= value.is_some() && name.starts_with("ROOT"),
                Err(text) => {
                    self.note(sys, "ERROR", &text);
                    return Err(());
                }
            }
        }
        let set = |sys: &Sys<'_>, n: &str| ["MYSQL_", "MARIADB_"].iter().any(|p| sys.env(&format!("{p}{n}")).is_some_and(|v| !v.is_empty()));
        given |= set(sys, "ALLOW_EMPTY_PASSWORD") || set(sys, "RANDOM_ROOT_PASSWORD") || (self.maria() && set(sys, "ALLOW_EMPTY_ROOT_PASSWORD"));
        if !given {
            let text = match self.maria() {
                true => "Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD",
                false => "Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD",
            };
            self.note(sys, "ERROR", text);
            return Err(());
        }
        if !self.maria() && self.secret(sys, "USER").ok().flatten().as_deref() == Some("root") {
            self.note(sys, "ERROR", "MYSQL_USER=\"root\", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user\n    Remove MYSQL_USER=\"root\" and use one of the following to control the root user password:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD");
            return Err(());
        }
        Ok(())
    }
    /// The real server starts.
    fn begin(&mut self, sys: &mut Sys<'_>, ms: u64) {
        let version = self.version();
        match self.maria() {
            true => {
                self.log(sys, 0, "Note", "", &format!("Starting MariaDB {version} source revision 51d4a8d2a8ed2d2f0d1b5c1fd3a0a5dc0a0ba1dc server_uid 0cxvk8rQyFtY3dM1hFq0gVn0aLg= as process 1"));
                self.log(sys, 0, "Note", "", "InnoDB: Compressed tables use zlib 1.3");
                self.log(sys, 0, "Note", "", "InnoDB: Initializing buffer pool, total size = 128.000MiB, chunk size = 2.000MiB");
            }
            false => {
                self.log(sys, 0, "System", "MY-010116", &format!("/usr/sbin/mysqld (mysqld {version}) starting as process 1"));
                self.log(sys, 1, "System", "MY-013576", "InnoDB initialization has started.");
            }
        }
        self.state = State::Starting(sys.now() + ms);
    }
    fn ready(&self, sys: &mut Sys<'_>, port: u16) {
        let version = self.version();
        match self.maria() {
            true => {
                self.log(sys, 0, "Note", "", "Server socket created on IP: '0.0.0.0', port: '3306'.");
                self.log(sys, 0, "Note", "", &format!("mariadbd: ready for connections.\nVersion: '{version}'  socket: '/run/mysqld/mysqld.sock'  port: {port}  mariadb.org binary distribution"));
            }
            false => {
                self.log(sys, 1, "System", "MY-013577", "InnoDB initialization has ended.");
                self.log(sys, 0, "Warning", "MY-010068", "CA certificate ca.pem is self signed.");
                self.log(sys, 0, "System", "MY-013602", "Channel mysql_main configured to support TLS. Encrypted connections are now supported for this channel.");
                self.log(sys, 0, "System", "MY-010931", &format!("/usr/sbin/mysqld: ready for connections. Version: '{version}'  socket: '/var/run/mysqld/mysqld.sock'  port: {port}  MySQL Community Server - GPL."));
            }
        }
    }
    fn socket_file(&self, sys: &mut Sys<'_>, there: bool) {
        let path = "/var/run/mysqld/mysqld.sock";
        if there {
            _ = sys.make_folders("/var/run/mysqld");
            _ = sys.write_file(path, b"", false);
        } else {
            _ = sys.unlink(path);
        }
    }
    /// Accounts, the database and the user of the environment.
    fn setup(&mut self, sys: &mut Sys<'_>) {
        let mut store = fresh();
        let mut password = self.secret(sys, "ROOT_PASSWORD").ok().flatten().unwrap_or_default();
        let random = ["MYSQL_RANDOM_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD"].iter().any(|n| sys.env(n).is_some_and(|v| !v.is_empty()));
        if random {
            password = sys.machines.clock.random.suffix(32);
            self.note(sys, "Note", &format!("GENERATED ROOT PASSWORD: {password}"));
        }
        let account = |name: &str, host: &str| Account { name: name.into(), host: host.into() };
        let hosts = sys.env("MYSQL_ROOT_HOST").or_else(|| sys.env("MARIADB_ROOT_HOST")).unwrap_or_else(|| "%".into());
        for host in ["localhost", &hosts] {
            store.accounts.insert(account("root", host), superuser(Some(&password)));
        }
        let locked = User { password: Some("*LOCKED".into()), ..User::default() };
        let system: &[&str] = if self.maria() { &["mariadb.sys", "healthcheck"] } else { &["mysql.infoschema", "mysql.session", "mysql.sys"] };
        for name in system {
            store.accounts.insert(account(name, "localhost"), locked.clone());
        }
        let database = self.secret(sys, "DATABASE").ok().flatten();
        if let Some(name) = &database {
            self.note(sys, "Note", &format!("Creating database {name}"));
            let version = store.fresh();
            store.databases.insert(name.as_str().into(), Database { owner: "root".into(), version, ..Database::default() });
        }
        let user = (self.secret(sys, "USER").ok().flatten(), self.secret(sys, "PASSWORD").ok().flatten());
        if let (Some(name), Some(password)) = &user {
            self.note(sys, "Note", &format!("Creating user {name}"));
            let usage = Grant { rights: OrdSet::unit("USAGE".into()), database: None, table: None, option: false };
            let mut made = User { password: Some(digest(password)), grants: vec![usage], options: OrdSet::new() };
            if let Some(database) = &database {
                self.note(sys, "Note", &format!("Giving user {name} access to schema {database}"));
                made.grants.push(Grant { rights: OrdSet::unit("ALL PRIVILEGES".into()), database: Some(database.as_str().into()), table: None, option: false });
            }
            store.accounts.insert(account(name, "%"), made);
        } else if user.0.is_some() {
            self.note(sys, "Warn", "MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created");
        } else if user.1.is_some() {
            self.note(sys, "Warn", "MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored");
        }
        self.served.engine.store = store;
    }
    /// The next script of initdb.d; true when none is left.
    fn script(&mut self, sys: &mut Sys<'_>) -> Result<bool, i32> {
        if self.shell != 0 {
            match sys.wait(Some(self.shell)) {
                WaitResult::Exited(_, 0) => self.shell = 0,
                WaitResult::Exited(_, code) => return Err(code),
                _ => return Ok(false),
            }
        }
        if self.scripts.is_empty() {
            return Ok(true);
        }
        let path = self.scripts.remove(0);
        let (verb, own) = match kind_of(&path) {
            Kind::Other | Kind::Packed => ("ignoring", "Warn"),
            Kind::Shell if sys.may(&path, 1) => ("running", "Note"),
            Kind::Shell => ("sourcing", "Note"),
            Kind::Sql => ("running", "Note"),
        };
        self.note(sys, own, &format!("/usr/local/bin/docker-entrypoint.sh: {verb} {path}"));
        match kind_of(&path) {
            Kind::Shell => {
                let argv: Vec<Arc<str>> = vec!["bash".into(), path.as_str().into()];
                match sys.spawn(argv, SpawnOptions::default()) {
                    Ok(pid) => self.shell = pid,
                    Err(error) => sys.eprint(&format!("/usr/local/bin/docker-entrypoint.sh: {path}: {}\n", error.text())),
                }
            }
            Kind::Sql => {
                let text = sys.read_file(&path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
                let database = self.secret(sys, "DATABASE").ok().flatten();
                let mut shown = String::new();
                let mut show = |outcome: &Outcome| {
                    if let Outcome::Rows { columns, rows, .. } = outcome {
                        shown += &super::boxes::tabs(columns, rows, true, false);
                    }
                };
                let ran = self.served.script(sys, "root", database.as_deref(), &text, &mut show);
                sys.print(&shown);
                if let Err((fault, line, _)) = ran {
                    sys.eprint(&format!("ERROR {} ({}) at line {line}: {}\n", fault.code, fault.state, fault.text));
                    return Err(1);
                }
                sys.print("\n\n");
            }
            Kind::Packed | Kind::Other => {}
        }
        self.served.flush(sys);
        Ok(false)
    }
}

/// Options mysqld has, by what they begin with.
fn known_option(option: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "character", "collation", "default", "skip", "innodb", "max", "sql", "port", "datadir", "bind", "log", "general", "slow",
        "server", "gtid", "binlog", "lower", "explicit", "performance", "table", "thread", "wait", "interactive", "key", "query",
        "secure", "local", "tmp", "read", "net", "transaction", "init", "user", "console", "socket", "pid", "relay", "replicate",
        "report", "event", "mysqlx", "authentication", "host", "ssl", "tls", "require", "disable", "enable", "group", "plugin",
        "federated", "join", "sort", "open", "back", "connect", "lc", "ft", "optimizer", "wsrep", "aria", "expire", "sync",
        "no-defaults", "verbose", "help", "mysql-native-password", "mysql_native_password", "range", "symbolic", "long", "activate",
        "concurrent", "completion", "automatic", "temptable", "unix", "version", "slave", "replica", "master", "source", "rpl",
    ];
    BEGINNINGS.iter().any(|b| option.starts_with(b))
}

impl Behave for Server {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int | Signal::Quit) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let version = self.version();
        if self.told || (self.served.stopping && self.state == State::Ready) {
            if matches!(self.state, State::Ready | State::Starting(_)) {
                if self.maria() {
                    self.log(sys, 0, "Note", "", "mariadbd (initiated by: unknown): Normal shutdown");
                    self.log(sys, 0, "Note", "", "InnoDB: FTS optimize thread exiting.");
                    self.log(sys, 0, "Note", "", "mariadbd: Shutdown complete");
                } else {
                    let from = if self.told { "<via user signal>" } else { "root" };
                    self.log(sys, 0, "System", "MY-013172", &format!("Received SHUTDOWN from user {from}. Shutting down mysqld (Version: {version})."));
                    self.log(sys, 0, "System", "MY-010910", &format!("/usr/sbin/mysqld: Shutdown complete (mysqld {version})  MySQL Community Server - GPL."));
                }
                self.served.flush(sys);
                self.socket_file(sys, false);
                return Step::Exit(0);
            }
            // The start script ends by the signal itself.
            return Step::Exit(143);
        }
        loop {
            match self.state {
                State::Making(at) | State::Temporary(at) | State::Closing(at) | State::Starting(at) if sys.now() < at => {
                    return Step::wait(Wait::Until(at));
                }
                State::Making(_) => {
                    if !self.maria() {
                        self.log(sys, 1, "System", "MY-013577", "InnoDB initialization has ended.");
                        self.log(sys, 6, "Warning", "MY-010453", "root@localhost is created with an empty password ! Please consider switching off the --initialize-insecure option.");
                    }
                    self.note(sys, "Note", "Database files initialized");
                    self.note(sys, "Note", "Starting temporary server");
                    if !self.maria() {
                        self.log(sys, 0, "System", "MY-010116", &format!("/usr/sbin/mysqld (mysqld {version}) starting as process 124"));
                        self.log(sys, 1, "System", "MY-013576", "InnoDB initialization has started.");
                    }
                    self.state = State::Temporary(sys.now() + 1_500);
                }
                State::Temporary(_) => {
                    self.ready(sys, 0);
                    self.note(sys, "Note", "Temporary server started.");
                    self.setup(sys);
                    self.socket_file(sys, true);
                    _ = sys.listen(self.served.socket());
                    self.scripts = init_files(sys);
                    sys.print("\n");
                    self.state = State::Scripts;
                }
                State::Scripts => {
                    self.served.serve(sys);
                    match self.script(sys) {
                        Err(code) => return Step::Exit(code),
                        Ok(false) if self.shell != 0 => return Step::Wait(vec![Wait::Child, Wait::Accept]),
                        Ok(false) => {}
                        Ok(true) => {
                            self.note(sys, "Note", "Stopping temporary server");
                            if !self.maria() {
                                self.log(sys, 10, "System", "MY-013172", &format!("Received SHUTDOWN from user root. Shutting down mysqld (Version: {version})."));
                            }
                            self.served.engine.sessions.clear();
                            self.socket_file(sys, false);
                            sys.unlisten(self.served.socket());
                            self.state = State::Closing(sys.now() + 1_000);
                        }
                    }
                }
                State::Closing(_) => {
                    if !self.maria() {
                        self.log(sys, 0, "System", "MY-010910", &format!("/usr/sbin/mysqld: Shutdown complete (mysqld {version})  MySQL Community Server - GPL."));
                    }
                    self.note(sys, "Note", "Temporary server stopped");
                    sys.print("\n");
                    self.note(sys, "Note", &format!("{} init process done. Ready for start up.", self.product()));
                    sys.print("\n");
                    self.served.flush(sys);
                    self.begin(sys, 1_500);
                }
                State::Starting(_) => {
                    let (port, socket) = (self.served.port, self.served.socket());
                    if sys.listen(port).is_err() || sys.listen(socket).is_err() {
                        self.log(sys, 0, "ERROR", "MY-010262", "Can't start server: Bind on TCP/IP port: Address already in use");
                        self.log(sys, 0, "ERROR", "MY-010257", &format!("Do you already have another mysqld server running on port: {port} ?"));
                        self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
                        return Step::Exit(1);
                    }
                    self.socket_file(sys, true);
                    self.ready(sys, port);
                    self.served.flush(sys);
                    self.state = State::Ready;
                }
                State::Ready => {
                    self.served.serve(sys);
                    return if self.served.stopping { Step::Again } else { Step::wait(Wait::Accept) };
                }
            }
        }
    }
}
