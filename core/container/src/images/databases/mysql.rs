//! The start script of the mysql and mariadb images and the server it becomes: what it insists on, how it
//! initialises its data folder, what it logs. After docker-library/mysql 8.0 and docker-library/mariadb 11.

mod boot;

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

pub const PROGRAM: Program =
    Program { name: "mysql-server", about: "MySQL or MariaDB and its start script", start };

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
        Some(v) => format!(
            "{}-MariaDB-ubu2404",
            v.split(['+', '-']).find(|p| p.contains('.')).unwrap_or("11.8.3").trim_start_matches("1:")
        ),
        None => {
            sys.env("MYSQL_VERSION").map_or("9.4.0".into(), |v| v.split('-').next().unwrap_or("").to_string())
        }
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
            true => format!(
                "mariadbd  Ver {version} for debian-linux-gnu on x86_64 (mariadb.org binary distribution)\n"
            ),
            false => format!(
                "/usr/sbin/mysqld  Ver {version} for Linux on x86_64 (MySQL Community Server - GPL)\n"
            ),
        };
        sys.print(&text);
        return Box::new(Once(|_| 0));
    }
    let port =
        rest.iter().find_map(|a| a.strip_prefix("--port=")).and_then(|p| p.parse().ok()).unwrap_or(3306);
    let data = rest.iter().find_map(|a| a.strip_prefix("--datadir=")).unwrap_or("/var/lib/mysql").to_string();
    let served = Served::new(sys, dialect, &version, &data, port);
    let mut server =
        Server { served, state: State::Ready, told: false, scripts: Vec::new(), shell: 0, entered };
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
    /// The real server starts.
    fn begin(&mut self, sys: &mut Sys<'_>, ms: u64) {
        let version = self.version();
        match self.maria() {
            true => {
                self.log(sys, 0, "Note", "", &format!("Starting MariaDB {version} source revision 51d4a8d2a8ed2d2f0d1b5c1fd3a0a5dc0a0ba1dc server_uid 0cxvk8rQyFtY3dM1hFq0gVn0aLg= as process 1"));
                self.log(sys, 0, "Note", "", "InnoDB: Compressed tables use zlib 1.3");
                self.log(
                    sys,
                    0,
                    "Note",
                    "",
                    "InnoDB: Initializing buffer pool, total size = 128.000MiB, chunk size = 2.000MiB",
                );
            }
            false => {
                self.log(
                    sys,
                    0,
                    "System",
                    "MY-010116",
                    &format!("/usr/sbin/mysqld (mysqld {version}) starting as process 1"),
                );
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
                    self.log(
                        sys,
                        0,
                        "System",
                        "MY-013172",
                        &format!(
                            "Received SHUTDOWN from user {from}. Shutting down mysqld (Version: {version})."
                        ),
                    );
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
                State::Making(at) | State::Temporary(at) | State::Closing(at) | State::Starting(at)
                    if sys.now() < at =>
                {
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
                        self.log(
                            sys,
                            0,
                            "System",
                            "MY-010116",
                            &format!("/usr/sbin/mysqld (mysqld {version}) starting as process 124"),
                        );
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
                    self.note(
                        sys,
                        "Note",
                        &format!("{} init process done. Ready for start up.", self.product()),
                    );
                    sys.print("\n");
                    self.served.flush(sys);
                    self.begin(sys, 1_500);
                }
                State::Starting(_) => {
                    let (port, socket) = (self.served.port, self.served.socket());
                    if sys.listen(port).is_err() || sys.listen(socket).is_err() {
                        self.log(
                            sys,
                            0,
                            "ERROR",
                            "MY-010262",
                            "Can't start server: Bind on TCP/IP port: Address already in use",
                        );
                        self.log(
                            sys,
                            0,
                            "ERROR",
                            "MY-010257",
                            &format!("Do you already have another mysqld server running on port: {port} ?"),
                        );
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
