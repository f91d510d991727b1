//! Databases that lessons start: MySQL, MariaDB, PostgreSQL, MongoDB. They insist on their passwords,
//! take their time to initialise, say what the real ones say and hold their port; they run no queries.

use crate::images::{Catalogued, Draft, base, linux};
use crate::machine::{Behave, Handled, Machine, Step};
use crate::program::{Program, Programs};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::time::Timestamp;

/// One kind of database.
struct Kind {
    name: &'static str,
    port: u16,
    /// One of these variables must be set; else `refusal` is printed and the container ends.
    needs: &'static [&'static str],
    refusal: &'static str,
    /// Where data is kept: a start finds it initialised.
    data: &'static str,
    /// Milliseconds until it accepts connections, the first time and later.
    first: u64,
    later: u64,
    /// Log while starting and when ready; `%t` is the time, `%v` the version.
    starting: &'static str,
    ready: &'static str,
    stopped: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "mysqld",
        port: 3306,
        needs: &["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"],
        refusal: "%e [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n",
        data: "/var/lib/mysql",
        first: 12_000,
        later: 1_500,
        starting: "%e [Note] [Entrypoint]: Entrypoint script for MySQL Server %v started.\n%e [Note] [Entrypoint]: Switching to dedicated user 'mysql'\n%e [Note] [Entrypoint]: Initializing database files\n",
        ready: "%e [Note] [Entrypoint]: MySQL init process done. Ready for start up.\n\n%t 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '%v'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.\n",
        stopped: "%t 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete (mysqld %v)  MySQL Community Server - GPL.\n",
    },
    Kind {
        name: "mariadbd",
        port: 3306,
        needs: &[
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_RANDOM_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
        ],
        refusal: "%e [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD\n",
        data: "/var/lib/mysql",
        first: 8_000,
        later: 1_000,
        starting: "%e [Note] [Entrypoint]: Entrypoint script for MariaDB Server %v started.\n%e [Note] [Entrypoint]: Initializing database files\n",
        ready: "%e [Note] [Entrypoint]: MariaDB init process done. Ready for start up.\n\n%t 0 [Note] mariadbd: ready for connections.\nVersion: '%v'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution\n",
        stopped: "%t 0 [Note] mariadbd: Shutdown complete\n",
    },
    Kind {
        name: "postgres",
        port: 5432,
        needs: &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"],
        refusal: "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n",
        data: "/var/lib/postgresql/data",
        first: 4_000,
        later: 600,
        starting: "The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n\ncreating configuration files ... ok\nrunning bootstrap script ... ok\n",
        ready: "%p UTC [1] LOG:  starting PostgreSQL %v (Debian) on x86_64-pc-linux-gnu\n%p UTC [1] LOG:  listening on IPv4 address \"0.0.0.0\", port 5432\n%p UTC [1] LOG:  database system is ready to accept connections\n",
        stopped: "%p UTC [1] LOG:  received fast shutdown request\n%p UTC [1] LOG:  database system is shut down\n",
    },
    Kind {
        name: "mongod",
        port: 27_017,
        needs: &[],
        refusal: "",
        data: "/data/db",
        first: 1_500,
        later: 800,
        starting: "{\"t\":{\"$date\":\"%r\"},\"s\":\"I\",  \"c\":\"CONTROL\",  \"id\":4615611, \"ctx\":\"initandlisten\",\"msg\":\"MongoDB starting\",\"attr\":{\"pid\":1,\"port\":27017,\"dbPath\":\"/data/db\"}}\n",
        ready: "{\"t\":{\"$date\":\"%r\"},\"s\":\"I\",  \"c\":\"NETWORK\",  \"id\":23016,   \"ctx\":\"listener\",\"msg\":\"Waiting for connections\",\"attr\":{\"port\":27017,\"ssl\":\"off\"}}\n",
        stopped: "{\"t\":{\"$date\":\"%r\"},\"s\":\"I\",  \"c\":\"CONTROL\",  \"id\":23138,   \"ctx\":\"SignalHandler\",\"msg\":\"Shutting down\",\"attr\":{\"exitCode\":0}}\n",
    },
];

pub const MYSQL: Catalogued = Catalogued {
    names: &["docker.io/library/mysql"],
    tags: &["latest", "9", "8", "8.0", "8.0.36", "8.4", "5.7", "5.6"],
    make: |_, tag, programs| {
        draft(programs, "mysqld", tag, 590_000_000, &["3306/tcp", "33060/tcp"], &["/var/lib/mysql"])
    },
};
pub const MARIADB: Catalogued = Catalogued {
    names: &["docker.io/library/mariadb"],
    tags: &["latest", "11", "11.4", "10", "10.6", "10.11", "lts"],
    make: |_, tag, programs| {
        draft(programs, "mariadbd", tag, 407_000_000, &["3306/tcp"], &["/var/lib/mysql"])
    },
};
pub const POSTGRES: Catalogued = Catalogued {
    names: &["docker.io/library/postgres"],
    tags: &["latest", "17", "16", "15", "14", "13", "12", "16-alpine", "15-alpine", "17-alpine", "alpine"],
    make: |_, tag, programs| {
        let volumes = &["/var/lib/postgresql/data"];
        Draft {
            stop_signal: Some(Signal::Int),
            ..draft(programs, "postgres", tag, 432_000_000, &["5432/tcp"], volumes)
        }
    },
};
pub const MONGO: Catalogued = Catalogued {
    names: &["docker.io/library/mongo"],
    tags: &["latest", "8", "7", "7.0", "6", "6.0", "5", "5.0", "4.4"],
    make: |_, tag, programs| {
        draft(programs, "mongod", tag, 800_000_000, &["27017/tcp"], &["/data/configdb", "/data/db"])
    },
};

/// The full version a tag stands for.
fn version(name: &str, tag: &str) -> String {
    let tag = tag.trim_end_matches("-alpine");
    let number = if tag.starts_with(|c: char| c.is_ascii_digit()) { tag } else { "" };
    match (name, number) {
        ("mysqld", "" | "9") => "9.4.0".into(),
        ("mysqld", "8" | "8.4") => "8.4.6".into(),
        ("mysqld", "8.0") => "8.0.43".into(),
        ("mysqld", "5.7") => "5.7.44".into(),
        ("mariadbd", "") => "11.8.3-MariaDB".into(),
        ("mariadbd", n) => format!("{n}.2-MariaDB"),
        ("postgres", "") => "17.6".into(),
        ("postgres", n) => format!("{n}.9"),
        ("mongod", "") => "8.0.13".into(),
        (_, n) => n.to_string(),
    }
}

fn draft(
    programs: Programs,
    name: &'static str,
    tag: &str,
    size: u64,
    exposed: &'static [&'static str],
    volumes: &'static [&'static str],
) -> Draft {
    let created = 1_727_400_000;
    let mut root = base::debian(programs, created, &linux::debian_release("12"));
    root.program("/usr/local/bin/docker-entrypoint.sh", "database", 14_000);
    root.program(&format!("/usr/sbin/{name}"), "database", 60_000_000);
    root.dirs(volumes);
    let mut env = linux::path();
    env.push(("DATABASE_VERSION".into(), version(name, tag)));
    Draft {
        family: name,
        version: version(name, tag),
        base: "debian-slim",
        base_size: 74_800_000,
        layers: 10,
        size,
        entrypoint: &["docker-entrypoint.sh"],
        cmd: match name {
            "mysqld" => &["mysqld"],
            "mariadbd" => &["mariadbd"],
            "postgres" => &["postgres"],
            _ => &["mongod"],
        },
        env,
        exposed,
        volumes,
        created,
        root: root.fs,
        ..Draft::default()
    }
}

pub const PROGRAM: Program = Program { name: "database", about: "database server of its image", start };

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let entered = args.first().is_some_and(|a| a.ends_with("docker-entrypoint.sh"));
    let rest: std::sync::Arc<[std::sync::Arc<str>]> =
        args.iter().skip(usize::from(entered)).cloned().collect();
    let command = rest.first().map_or("", |a| crate::filesystem::base_name(a));
    let own =
        sys.process().and_then(|p| sys.machines.space(p.space)).and_then(|s| s.image.cmd.first().cloned());
    let wanted = if command.starts_with('-') { own.as_deref().unwrap_or("") } else { command };
    let Some(at) = KINDS.iter().position(|k| k.name == wanted) else {
        return Box::new(crate::machine::ExecAll::new(rest, "docker-entrypoint.sh"));
    };
    Box::new(Database { kind: at, state: State::New, told: false })
}

#[derive(Clone, Copy, Hash)]
enum State {
    New,
    Starting(u64),
    Ready,
}

#[derive(Clone, Hash)]
struct Database {
    /// Place in [`KINDS`].
    kind: usize,
    state: State,
    told: bool,
}

fn say(sys: &mut Sys<'_>, text: &str) {
    let version = sys.env("DATABASE_VERSION").unwrap_or_default();
    let rfc = Timestamp(sys.unix()).to_rfc3339();
    let plain = rfc.trim_end_matches('Z').to_string();
    let ms = sys.now() % 1000;
    let text = text
        .replace("%v", &version)
        .replace("%e", &format!("{}+00:00", plain.replace('T', " ")))
        .replace("%t", &format!("{plain}.{ms:03}000Z"))
        .replace("%p", &format!("{}.{ms:03}", plain.replace('T', " ")))
        .replace("%r", &format!("{plain}.{ms:03}+00:00"));
    sys.eprint(&text);
}

impl Behave for Database {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int | Signal::Quit) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(kind) = KINDS.get(self.kind) else { return Step::Exit(1) };
        if self.told {
            say(sys, kind.stopped);
            return Step::Exit(0);
        }
        let marker = format!("{}/.initialised", kind.data);
        match self.state {
            State::New => {
                let old = sys.stat(&marker).is_ok();
                let given = kind.needs.iter().any(|n| sys.env(n).is_some_and(|v| !v.is_empty()));
                if !old && !given && !kind.needs.is_empty() {
                    say(sys, kind.refusal);
                    return Step::Exit(1);
                }
                if !old {
                    say(sys, kind.starting);
                }
                let ready = sys.now() + if old { kind.later } else { kind.first };
                self.state = State::Starting(ready);
                Step::wait(Wait::Until(ready))
            }
            State::Starting(at) if sys.now() < at => Step::wait(Wait::Until(at)),
            State::Starting(_) => {
                if sys.write_file(&marker, b"", false).is_err() || sys.listen(kind.port).is_err() {
                    say(sys, "%t 0 [ERROR] cannot write the data directory or bind the port\n");
                    return Step::Exit(1);
                }
                say(sys, kind.ready);
                self.state = State::Ready;
                Step::Again
            }
            State::Ready => {
                while let Some(incoming) = sys.accept() {
                    sys.reset(incoming.id);
                }
                Step::wait(Wait::Accept)
            }
        }
    }
}
