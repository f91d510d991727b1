//! The start script of the postgres image and the server it becomes: what it insists on, initdb's words,
//! the log. After docker-library/postgres 17.

use super::server::{Kind, Served, day_and_time, fresh, init_files, kind_of, secret};
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sql::Dialect;
use crate::sql::ast::Account;
use crate::sql::engine::Outcome;
use crate::sql::store::Database;
use crate::sql::users::superuser;
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use std::sync::Arc;

pub const PROGRAM: Program =
    Program { name: "postgres-server", about: "PostgreSQL and its start script", start };

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
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
    told: Option<Signal>,
    scripts: Vec<String>,
    shell: u32,
    user: Arc<str>,
    database: Arc<str>,
}

const SOCKET: &str = "/var/run/postgresql/.s.PGSQL.5432";

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let own = crate::filesystem::base_name(args.first().map_or("", |a| a)).to_string();
    let entered = own == "docker-entrypoint.sh";
    let rest: Vec<Arc<str>> = args.iter().skip(usize::from(entered)).cloned().collect();
    let first = crate::filesystem::base_name(rest.first().map_or("", |a| a)).to_string();
    if entered && !first.starts_with('-') && first != "postgres" {
        return Box::new(ExecAll::new(rest.into(), "/usr/local/bin/docker-entrypoint.sh: line 351: exec"));
    }
    let version =
        sys.env("PG_VERSION").map_or("17.6".into(), |v| v.split('-').next().unwrap_or("").to_string());
    if rest.iter().any(|a| matches!(&**a, "--version" | "-V")) {
        sys.print(&format!("postgres (PostgreSQL) {version}\n"));
        return Box::new(Once(|_| 0));
    }
    if !entered && sys.process().is_some_and(|p| p.uid == 0) {
        sys.eprint("\"root\" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server.\n");
        return Box::new(Once(|_| 1));
    }
    let data = sys.env("PGDATA").unwrap_or_else(|| "/var/lib/postgresql/data".into());
    let port = rest.windows(2).find_map(|w| match w {
        [a, b] if &**a == "-p" => b.parse().ok(),
        [_, b] => b.strip_prefix("port=").and_then(|p| p.parse().ok()),
        _ => None,
    });
    let mut served = Served::new(sys, Dialect::Postgres, &version, &data, port.unwrap_or(5432));
    served.trust = sys.env("POSTGRES_HOST_AUTH_METHOD").is_some_and(|m| &*m == "trust");
    let mut server = Server {
        served,
        state: State::Ready,
        told: None,
        scripts: Vec::new(),
        shell: 0,
        user: "postgres".into(),
        database: "postgres".into(),
    };
    match server.boot(sys) {
        Ok(()) => Box::new(server),
        Err(()) => Box::new(Once(|_| 1)),
    }
}

impl Server {
    /// The server's lines, of process `pid`.
    fn log(&self, sys: &mut Sys<'_>, pid: u32, text: &str) {
        let (time, ms) = (day_and_time(sys), sys.now() % 1000);
        sys.eprint(&format!("{time}.{ms:03} UTC [{pid}] {text}\n"));
    }
    fn starting(&self, sys: &mut Sys<'_>, pid: u32) {
        let v = self.served.engine.version.clone();
        self.log(sys, pid, &format!("LOG:  starting PostgreSQL {v} (Debian {v}-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit"));
        if pid == 1 {
            let port = self.served.port;
            self.log(sys, 1, &format!("LOG:  listening on IPv4 address \"0.0.0.0\", port {port}"));
            self.log(sys, 1, &format!("LOG:  listening on IPv6 address \"::\", port {port}"));
        }
        self.log(sys, pid, &format!("LOG:  listening on Unix socket \"{SOCKET}\""));
    }
    fn socket_file(sys: &mut Sys<'_>, there: bool) {
        if there {
            _ = sys.make_folders("/var/run/postgresql");
            _ = sys.write_file(SOCKET, b"", false);
        } else {
            _ = sys.unlink(SOCKET);
        }
    }
    fn boot(&mut self, sys: &mut Sys<'_>) -> Result<(), ()> {
        let fail = |sys: &mut Sys<'_>, text: &str| {
            sys.eprint(text);
            Err(())
        };
        let mut secrets = Vec::new();
        for name in ["POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB"] {
            match secret(sys, name) {
                Ok(value) => secrets.push(value),
                Err(text) if text.starts_with("Both") => {
                    return fail(sys, &format!("error: {}\n", text.replacen('B', "b", 1)));
                }
                Err(text) => {
                    return fail(sys, &format!("/usr/local/bin/docker-entrypoint.sh: line 21: {text}\n"));
                }
            }
        }
        let [password, user, database] = &*secrets else { return Err(()) };
        self.user = user.as_deref().unwrap_or("postgres").into();
        self.database = database.as_deref().unwrap_or(&self.user).into();
        let data = self.served.data.clone();
        if sys.make_folders(&data).is_err() {
            return fail(sys, &format!("mkdir: cannot create directory '{data}': Permission denied\n"));
        }
        if self.served.initialised(sys) {
            sys.print(
                "\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n",
            );
            let major = sys
                .read_file(&format!("{data}/PG_VERSION"))
                .map(|b| String::from_utf8_lossy(&b).trim().to_string())
                .unwrap_or_default();
            let own = self.served.engine.version.split('.').next().unwrap_or("").to_string();
            if !major.is_empty() && major != own {
                let full = self.served.engine.version.clone();
                self.log(sys, 1, "FATAL:  database files are incompatible with server");
                self.log(sys, 1, &format!("DETAIL:  The data directory was initialized by PostgreSQL version {major}, which is not compatible with this version {full} (Debian {full}-1.pgdg12+1)."));
                return Err(());
            }
            self.served.load(sys);
            self.begin(sys);
            return Ok(());
        }
        let trust = self.served.trust;
        if password.is_none() && !trust {
            return fail(
                sys,
                "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n\n       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about \"trust\":\n       https://www.postgresql.org/docs/current/auth-trust.html\n",
            );
        }
        if trust {
            sys.eprint("********************************************************************************\nWARNING: POSTGRES_HOST_AUTH_METHOD has been set to \"trust\". This will allow\n         anyone with access to the Postgres port to access your database without\n         a password, even if POSTGRES_PASSWORD is set. See PostgreSQL\n         documentation about \"trust\":\n         https://www.postgresql.org/docs/current/auth-trust.html\n         In Docker's default configuration, this is effectively any other\n         container on the same system.\n\n         It is not recommended to use POSTGRES_HOST_AUTH_METHOD=trust. Replace\n         it with \"-e POSTGRES_PASSWORD=password\" instead to set a password in\n         \"docker run\".\n********************************************************************************\n");
        }
        sys.print("The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n\nThe database cluster will be initialized with locale \"en_US.utf8\".\nThe default database encoding has accordingly been set to \"UTF8\".\nThe default text search configuration will be set to \"english\".\n\nData page checksums are disabled.\n\n");
        let files = self.served.foreign_files(sys);
        if !files.is_empty() {
            let lost = if files.iter().any(|f| f == "lost+found") {
                "initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n".to_string()
            } else {
                format!(
                    "initdb: hint: If you want to create a new database system, either remove or empty the directory \"{data}\" or run initdb with an argument other than \"{data}\".\n"
                )
            };
            return fail(
                sys,
                &format!("initdb: error: directory \"{data}\" exists but is not empty\n{lost}"),
            );
        }
        let major = self.served.engine.version.split('.').next().unwrap_or("").to_string();
        if sys.write_file(&format!("{data}/PG_VERSION"), format!("{major}\n").as_bytes(), false).is_err() {
            return fail(
                sys,
                &format!(
                    "initdb: error: could not change permissions of directory \"{data}\": Operation not permitted\n"
                ),
            );
        }
        _ = sys.write_file(
            &format!("{data}/postgresql.conf"),
            b"listen_addresses = '*'\nmax_connections = 100\nshared_buffers = 128MB\n",
            false,
        );
        let method = if trust { "trust" } else { "scram-sha-256" };
        _ = sys.write_file(&format!("{data}/pg_hba.conf"), format!("local   all             all                                     trust\nhost    all             all             127.0.0.1/32            trust\nhost all all all {method}\n").as_bytes(), false);
        sys.print(&format!("fixing permissions on existing directory {data} ... ok\ncreating subdirectories ... ok\nselecting dynamic shared memory implementation ... posix\nselecting default \"max_connections\" ... 100\nselecting default \"shared_buffers\" ... 128MB\nselecting default time zone ... Etc/UTC\ncreating configuration files ... ok\n"));
        self.state = State::Making(sys.now() + 1_500);
        Ok(())
    }
    fn begin(&mut self, sys: &mut Sys<'_>) {
        self.starting(sys, 1);
        let pid = format!("{}/postmaster.pid", self.served.data);
        let time = day_and_time(sys);
        if sys.stat(&pid).is_ok() {
            self.log(sys, 29, &format!("LOG:  database system was interrupted; last known up at {time} UTC"));
            self.log(
                sys,
                29,
                "LOG:  database system was not properly shut down; automatic recovery in progress",
            );
            self.log(sys, 29, "LOG:  redo starts at 0/14EB4D8");
            self.log(sys, 29, "LOG:  redo done at 0/1953098 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.00 s");
        } else {
            self.log(sys, 29, &format!("LOG:  database system was shut down at {time} UTC"));
        }
        _ = sys.write_file(&pid, format!("1\n{}\n", self.served.data).as_bytes(), false);
        self.state = State::Starting(sys.now() + 100);
    }
    fn setup(&mut self, sys: &mut Sys<'_>) {
        let mut store = fresh();
        let password = secret(sys, "POSTGRES_PASSWORD").ok().flatten();
        let account = Account { name: self.user.clone(), host: "".into() };
        store.accounts.insert(account, superuser(password.as_deref()));
        let mut names: Vec<Arc<str>> = vec!["postgres".into(), "template0".into(), "template1".into()];
        if &*self.database != "postgres" {
            names.push(self.database.clone());
        }
        for name in names {
            let version = store.fresh();
            store
                .databases
                .insert(name, Database { owner: self.user.clone(), version, ..Database::default() });
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
        let kind = kind_of(&path);
        let verb = match kind {
            Kind::Other | Kind::Packed => "ignoring",
            Kind::Shell if !sys.may(&path, 1) => "sourcing",
            _ => "running",
        };
        sys.print(&format!("/usr/local/bin/docker-entrypoint.sh: {verb} {path}\n"));
        match kind {
            Kind::Shell => {
                let argv: Vec<Arc<str>> = vec!["bash".into(), path.as_str().into()];
                let mut env = sys.environment();
                // The script's psql finds the temporary server without a password.
                env.insert("POSTGRES_USER".into(), self.user.clone());
                env.insert("POSTGRES_DB".into(), self.database.clone());
                env.insert("PGUSER".into(), self.user.clone());
                match sys.spawn(argv, SpawnOptions { env: Some(env), ..SpawnOptions::default() }) {
                    Ok(pid) => self.shell = pid,
                    Err(error) => sys
                        .eprint(&format!("/usr/local/bin/docker-entrypoint.sh: {path}: {}\n", error.text())),
                }
            }
            Kind::Sql => {
                let text = sys
                    .read_file(&path)
                    .map(|b| String::from_utf8_lossy(&b).into_owned())
                    .unwrap_or_default();
                let (user, database) = (self.user.clone(), self.database.clone());
                let mut shown = String::new();
                let style = super::boxes::Psql::default();
                let mut show = |outcome: &Outcome| match outcome {
                    Outcome::Rows { columns, rows, .. } => shown += &style.table("", columns, rows, &[]),
                    Outcome::Done { tag, .. } => shown += &format!("{tag}\n"),
                    Outcome::Failed(_) => {}
                };
                let ran = self.served.script(sys, &user, Some(&database), &text, &mut show);
                sys.print(&shown);
                if let Err(wrong) = ran {
                    let (fault, line, statement) = *wrong;
                    let at = fault.at.map_or(String::new(), |at| format!(" at character {}", at + 1));
                    self.log(sys, 62, &format!("ERROR:  {}{at}", fault.text));
                    self.log(sys, 62, &format!("STATEMENT:  {statement}"));
                    sys.eprint(&format!(
                        "psql:{path}:{line}: {}",
                        super::psql::error_text(&fault, &statement)
                    ));
                    return Err(3);
                }
                sys.print("\n\n");
            }
            Kind::Packed | Kind::Other => {}
        }
        self.served.flush(sys);
        Ok(false)
    }
}

impl Behave for Server {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int | Signal::Quit) {
            self.told = Some(signal);
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(signal) = self.told {
            if !matches!(self.state, State::Ready | State::Starting(_)) {
                return Step::Exit(128 + signal.number() as i32);
            }
            // A smart shutdown waits for its clients; those of the sandbox ask anew each time.
            let kind = if signal == Signal::Term { "smart" } else { "fast" };
            self.log(sys, 1, &format!("LOG:  received {kind} shutdown request"));
            self.log(sys, 1, "LOG:  aborting any active transactions");
            self.log(
                sys,
                1,
                "LOG:  background worker \"logical replication launcher\" (PID 32) exited with exit code 1",
            );
            self.log(sys, 27, "LOG:  shutting down");
            self.log(sys, 27, "LOG:  checkpoint starting: shutdown immediate");
            self.log(sys, 1, "LOG:  database system is shut down");
            self.served.flush(sys);
            Server::socket_file(sys, false);
            _ = sys.unlink(&format!("{}/postmaster.pid", self.served.data));
            return Step::Exit(0);
        }
        loop {
            match self.state {
                State::Making(at) | State::Temporary(at) | State::Closing(at) | State::Starting(at)
                    if sys.now() < at =>
                {
                    return Step::wait(Wait::Until(at));
                }
                State::Making(_) => {
                    sys.print("running bootstrap script ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n\n");
                    sys.eprint("initdb: warning: enabling \"trust\" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n");
                    sys.print(&format!("\nSuccess. You can now start the database server using:\n\n    pg_ctl -D {} -l logfile start\n\nwaiting for server to start....", self.served.data));
                    self.starting(sys, 48);
                    let time = day_and_time(sys);
                    self.log(sys, 51, &format!("LOG:  database system was shut down at {time} UTC"));
                    self.state = State::Temporary(sys.now() + 200);
                }
                State::Temporary(_) => {
                    self.log(sys, 48, "LOG:  database system is ready to accept connections");
                    sys.print(" done\nserver started\n");
                    self.setup(sys);
                    if &*self.database != "postgres" {
                        sys.print("CREATE DATABASE\n\n");
                    }
                    Server::socket_file(sys, true);
                    _ = sys.listen(self.served.socket());
                    self.scripts = init_files(sys);
                    let none = self.scripts.is_empty();
                    sys.print(if none {
                        "\n/usr/local/bin/docker-entrypoint.sh: ignoring /docker-entrypoint-initdb.d/*\n\n"
                    } else {
                        "\n"
                    });
                    self.state = State::Scripts;
                }
                State::Scripts => {
                    for line in self.served.serve(sys) {
                        self.log(sys, 62, &line);
                    }
                    match self.script(sys) {
                        Err(code) => return Step::Exit(code),
                        Ok(false) if self.shell != 0 => return Step::Wait(vec![Wait::Child, Wait::Accept]),
                        Ok(false) => {}
                        Ok(true) => {
                            sys.print("waiting for server to shut down....");
                            self.log(sys, 48, "LOG:  received fast shutdown request");
                            self.log(sys, 48, "LOG:  aborting any active transactions");
                            self.log(sys, 48, "LOG:  background worker \"logical replication launcher\" (PID 54) exited with exit code 1");
                            self.log(sys, 49, "LOG:  shutting down");
                            self.log(sys, 49, "LOG:  checkpoint starting: shutdown immediate");
                            self.served.engine.sessions.clear();
                            Server::socket_file(sys, false);
                            sys.unlisten(self.served.socket());
                            self.state = State::Closing(sys.now() + 200);
                        }
                    }
                }
                State::Closing(_) => {
                    self.log(sys, 48, "LOG:  database system is shut down");
                    sys.print(
                        " done\nserver stopped\n\nPostgreSQL init process complete; ready for start up.\n\n",
                    );
                    self.served.flush(sys);
                    self.begin(sys);
                }
                State::Starting(_) => {
                    let (port, socket) = (self.served.port, self.served.socket());
                    if sys.listen(port).is_err() || sys.listen(socket).is_err() {
                        self.log(
                            sys,
                            1,
                            "LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use",
                        );
                        self.log(sys, 1, &format!("HINT:  Is another postmaster already running on port {port}? If not, wait a few seconds and retry."));
                        self.log(sys, 1, "FATAL:  could not create any TCP/IP sockets");
                        return Step::Exit(1);
                    }
                    Server::socket_file(sys, true);
                    self.log(sys, 1, "LOG:  database system is ready to accept connections");
                    self.served.flush(sys);
                    self.state = State::Ready;
                }
                State::Ready => {
                    for line in self.served.serve(sys) {
                        self.log(sys, 62, &line);
                    }
                    return Step::wait(Wait::Accept);
                }
            }
        }
    }
}
