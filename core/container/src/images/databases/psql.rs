//! psql, interactive and with -c or -f, and the small tools beside it: pg_isready, createdb, dropdb,
//! pg_dump. Texts as PostgreSQL 17's print them.
//!
//! Left out: variables of scripts besides ON_ERROR_STOP, \copy, \watch, pagers, pg_restore.

use super::boxes::Psql;
use super::link::{Broken, Link, POSTGRES_SOCKET};
use crate::fd::{Read, STDIN, STDOUT};
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sql::engine::Outcome;
use crate::sql::fault::Fault;
use crate::sql::wire::{Ask, Reply};
use crate::sql::{Dialect, lexer};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::Failure;
use std::collections::VecDeque;
use std::sync::Arc;

pub const PROGRAMS: &[Program] = &[
    Program { name: "psql", about: "client of PostgreSQL", start },
    Program { name: "pg_isready", about: "asks PostgreSQL whether it is ready", start },
    Program { name: "createdb", about: "makes a PostgreSQL database", start },
    Program { name: "dropdb", about: "removes a PostgreSQL database", start },
    Program { name: "pg_dump", about: "writes a PostgreSQL database as SQL", start },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Password,
    Login,
    Idle,
    Query,
    Meta,
    Dump,
}

/// Something to do: statements for the server, or a command of psql's own.
#[derive(Clone, Debug, Hash)]
enum Job {
    Query(String, usize),
    Meta(String),
}

#[derive(Clone, Hash)]
struct Client {
    name: Arc<str>,
    link: Link,
    user: String,
    database: String,
    password: Option<String>,
    ask_password: bool,
    session: u32,
    stage: Stage,
    style: Psql,
    interactive: bool,
    prompted: bool,
    stop: bool,
    quiet: bool,
    timing: bool,
    echo: bool,
    single: bool,
    buffer: String,
    jobs: VecDeque<Job>,
    /// The file -f reads, for messages.
    file: Option<String>,
    line: usize,
    /// No more input.
    ended: bool,
    failed: bool,
    /// ' ', '*' in a transaction, '!' in a failed one.
    mark: char,
    /// COPY … FROM stdin: table, and its rows so far.
    copy: Option<(String, Vec<String>)>,
    words: Vec<String>,
    options: Vec<String>,
    /// The statement whose results are due.
    sent: String,
    sent_line: usize,
}

const SOCKET: &str = "/var/run/postgresql/.s.PGSQL.5432";

/// An error as psql prints it, the place marked.
#[must_use]
pub fn error_text(fault: &Fault, source: &str) -> String {
    let mut out = format!("ERROR:  {}\n", fault.text);
    if let Some((before, after)) = fault.at.and_then(|at| source.split_at_checked(at)) {
        let number = before.matches('\n').count() + 1;
        let line_start = before.rsplit('\n').next().unwrap_or("");
        let rest = after.split('\n').next().unwrap_or("");
        let head = format!("LINE {number}: ");
        let spaces = head.chars().count() + line_start.chars().count();
        out += &format!("{head}{line_start}{rest}\n{}^\n", " ".repeat(spaces));
    }
    if !fault.detail.is_empty() {
        out += &format!("DETAIL:  {}\n", fault.detail);
    }
    if !fault.hint.is_empty() {
        out += &format!("HINT:  {}\n", fault.hint);
    }
    out
}

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let name: Arc<str> = crate::filesystem::base_name(args.first().map_or("", |a| a)).into();
    let env = |sys: &Sys<'_>, n: &str| sys.env(n).filter(|v| !v.is_empty()).map(|v| v.to_string());
    let uid = sys.process().map_or(0, |p| p.uid);
    let own = crate::utilities::accounts::user_name(sys, uid);
    let mut c = Client {
        name,
        link: Link::new(env(sys, "PGHOST").map(Arc::from), env(sys, "PGPORT").and_then(|p| p.parse().ok()).unwrap_or(5432), (SOCKET, POSTGRES_SOCKET)),
        user: env(sys, "PGUSER").unwrap_or_else(|| own.clone()),
        database: String::new(),
        password: env(sys, "PGPASSWORD"),
        ask_password: false,
        session: 0,
        stage: Stage::Login,
        style: Psql { separator: "|".into(), ..Psql::default() },
        interactive: false,
        prompted: false,
        stop: false,
        quiet: false,
        timing: false,
        echo: false,
        single: false,
        buffer: String::new(),
        jobs: VecDeque::new(),
        file: None,
        line: 1,
        ended: false,
        failed: false,
        mark: ' ',
        copy: None,
        words: Vec::new(),
        options: Vec::new(),
        sent: String::new(),
        sent_line: 0,
    };
    match c.options(sys, &args) {
        None => Box::new(c),
        Some(0) => Box::new(Once(|_| 0)),
        Some(1) => Box::new(Once(|_| 1)),
        Some(_) => Box::new(Once(|_| 3)),
    }
}

impl Client {
    fn options(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Option<i32> {
        let mut words: VecDeque<String> = args.iter().skip(1).map(ToString::to_string).collect();
        let mut database = None;
        let dump = &*self.name == "pg_dump";
        while let Some(word) = words.pop_front() {
            let (flag, glued) = match word.strip_prefix("--") {
                Some(long) => {
                    let (n, v) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
                    (long_flag(n), v)
                }
                None if word.starts_with('-') && word.len() > 1 => {
                    let (flag, rest) = word.split_at_checked(2).unwrap_or((&word, ""));
                    if !"hpUdcfvFRPTnNOZj".contains(flag.get(1..).unwrap_or("-")) && !rest.is_empty() {
                        words.push_front(format!("-{rest}"));
                        (flag.to_string(), None)
                    } else {
                        (flag.to_string(), (!rest.is_empty()).then(|| rest.to_string()))
                    }
                }
                None => {
                    self.words.push(word);
                    continue;
                }
            };
            let mut value = |glued: Option<String>| glued.or_else(|| words.pop_front()).unwrap_or_default();
            match flag.as_str() {
                "-h" => {
                    let host = value(glued);
                    self.link.host = (!host.starts_with('/')).then(|| host.as_str().into());
                }
                "-p" => self.link.port = value(glued).parse().unwrap_or(5432),
                "-U" => self.user = value(glued),
                "-d" => database = Some(value(glued)),
                "-c" if !dump => {
                    let text = value(glued);
                    match text.trim_start().starts_with('\\') {
                        true => self.jobs.push_back(Job::Meta(text.trim().into())),
                        false => self.jobs.push_back(Job::Query(text, 1)),
                    }
                    self.ended = true;
                }
                "-f" if !dump => {
                    let path = value(glued);
                    if path != "-" {
                        match sys.read_file(&path) {
                            Ok(bytes) => {
                                self.file = Some(path);
                                self.take(&String::from_utf8_lossy(&bytes), true);
                                self.ended = true;
                            }
                            Err(error) => {
                                sys.eprint(&format!("psql: error: {path}: {}\n", error.text()));
                                return Some(1);
                            }
                        }
                    }
                }
                "-l" => {
                    self.jobs.push_back(Job::Meta("\\l".into()));
                    self.ended = true;
                    database = database.or(Some("postgres".into()));
                }
                "-v" if !dump => {
                    let set = value(glued);
                    self.stop |= set.split_once('=').is_some_and(|(n, v)| n == "ON_ERROR_STOP" && !matches!(v, "0" | "off"));
                }
                "-t" if dump => {
                    let table = value(glued);
                    self.words.push(format!("\u{1}{table}"));
                }
                "-t" => self.style.tuples = true,
                "-A" => self.style.unaligned = true,
                "-x" => self.style.expanded = true,
                "-q" => self.quiet = true,
                "-a" if !dump => self.echo = true,
                "-1" => self.single = true,
                "-F" if !dump => self.style.separator = value(glued),
                "-P" => {
                    let set = value(glued);
                    self.set_style(&set.replacen('=', " ", 1));
                }
                "--csv" => self.style.csv = true,
                "-W" => self.ask_password = true,
                "-s" if dump => self.options.push("schema".into()),
                "-a" if dump => self.options.push("data".into()),
                "--inserts" | "--column-inserts" => self.options.push("inserts".into()),
                "-V" => {
                    let v = sys.env("PG_VERSION").map_or("17.6".to_string(), |v| v.split('-').next().unwrap_or("").to_string());
                    sys.print(&format!("{} (PostgreSQL) {v} (Debian {v}-1.pgdg12+1)\n", self.name));
                    return Some(0);
                }
                "-?" | "--help" => {
                    sys.print(&format!("{0} is a tool of PostgreSQL.\n\nUsage:\n  {0} [OPTION]... [DBNAME [USERNAME]]\n", self.name));
                    return Some(0);
                }
                "-X" | "-w" | "-n" | "-e" | "-b" | "-O" | "-x_" | "-C" | "-S" => {}
                "-T" | "-Z" | "-j" | "-N" => _ = value(glued),
                _ => {
                    let bad = match flag.strip_prefix("--") {
                        Some(_) => format!("unrecognized option '{flag}'"),
                        None => format!("invalid option -- '{}'", flag.trim_start_matches('-')),
                    };
                    sys.eprint(&format!("{0}: {bad}\n{0}: hint: Try \"{0} --help\" for more information.\n", if &*self.name == "psql" { "/usr/lib/postgresql/17/bin/psql" } else { &self.name }));
                    return Some(1);
                }
            }
        }
        let tables = self.words.iter().any(|w| w.starts_with('\u{1}'));
        let plain: Vec<String> = self.words.iter().filter(|w| !w.starts_with('\u{1}')).cloned().collect();
        let given = database.or_else(|| plain.first().cloned().filter(|_| !self.name.ends_with("db")));
        if let Some(user) = plain.get(1).filter(|_| &*self.name == "psql") {
            self.user = user.clone();
        }
        if tables {
            self.words.retain(|w| w.starts_with('\u{1}'));
            self.words.iter_mut().for_each(|w| *w = w.trim_start_matches('\u{1}').trim_start_matches("public.").to_string());
        } else if !self.name.ends_with("db") {
            self.words.clear();
        }
        let given = given.and_then(|g| self.url(&g).or(Some(g)));
        self.database = given.or_else(|| sys.env("PGDATABASE").map(|d| d.to_string())).unwrap_or_else(|| self.user.clone());
        if self.name.ends_with("db") {
            self.database = "postgres".into();
        }
        self.interactive = &*self.name == "psql" && !self.ended && sys.is_tty(STDIN) && sys.is_tty(STDOUT);
        if self.ask_password {
            sys.print("Password: ");
            self.stage = Stage::Password;
        }
        None
    }
    /// `postgresql://user:password@host:port/database`, or `host=… user=…`; the database comes back.
    fn url(&mut self, text: &str) -> Option<String> {
        if text.contains('=') && !text.contains("://") {
            let mut database = None;
            for (key, value) in text.split_whitespace().filter_map(|p| p.split_once('=')) {
                match key {
                    "host" => self.link.host = Some(value.into()),
                    "port" => self.link.port = value.parse().unwrap_or(5432),
                    "user" => self.user = value.into(),
                    "password" => self.password = Some(value.into()),
                    "dbname" => database = Some(value.to_string()),
                    _ => {}
                }
            }
            return database.or_else(|| Some(self.user.clone()));
        }
        let rest = text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))?;
        let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, host) = place.rsplit_once('@').unwrap_or(("", place));
        if !login.is_empty() {
            let (user, password) = login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p.to_string())));
            self.user = user.into();
            self.password = password.or(self.password.take());
        }
        let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
        self.link.port = port.parse().unwrap_or(5432);
        self.link.host = (!host.is_empty()).then(|| host.into());
        let database = database.split('?').next().unwrap_or("");
        Some(if database.is_empty() { self.user.clone() } else { database.into() })
    }
    fn set_style(&mut self, text: &str) -> Option<String> {
        let (name, value) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let on = |now: bool| match value { "on" => true, "off" => false, _ => !now };
        match name {
            "t" | "tuples_only" => self.style.tuples = on(self.style.tuples),
            "x" | "expanded" => self.style.expanded = on(self.style.expanded),
            "format" => (self.style.unaligned, self.style.csv) = (value == "unaligned", value == "csv"),
            "null" => self.style.null = value.trim_matches('\'').into(),
            "fieldsep" => self.style.separator = value.trim_matches('\'').into(),
            _ => return None,
        }
        Some(name.into())
    }
    /// Adds input and takes complete statements and commands out of it.
    fn take(&mut self, text: &str, last: bool) {
        for line in text.split_inclusive('\n') {
            let plain = line.trim_end_matches(['\n', '\r']);
            if let Some((head, rows)) = &mut self.copy {
                if plain == "\\." {
                    let sql = copied(head, rows);
                    self.copy = None;
                    if !sql.is_empty() {
                        self.jobs.push_back(Job::Query(sql, self.line));
                    }
                } else {
                    rows.push(plain.to_string());
                }
                self.line += 1;
                continue;
            }
            let trimmed = plain.trim_start();
            if trimmed.starts_with('\\') && self.buffer.trim().is_empty() {
                self.buffer.clear();
                self.jobs.push_back(Job::Meta(trimmed.trim_end().to_string()));
                self.line += 1;
                continue;
            }
            // \gx and friends after a statement.
            let line = match plain.trim_end().strip_suffix("\\gx").or_else(|| plain.trim_end().strip_suffix("\\g")) {
                Some(sql) => format!("{sql};\n"),
                None => line.to_string(),
            };
            self.buffer += &line;
            let mut rest = String::new();
            for (part, complete) in lexer::split(&self.buffer, Dialect::Postgres, ";") {
                if !complete {
                    rest = part;
                    continue;
                }
                self.complete(&part);
            }
            self.buffer = rest;
            self.line += 1;
            if self.buffer.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with("--")) {
                self.buffer.clear();
            }
        }
        if last && !self.buffer.trim().is_empty() {
            let part = std::mem::take(&mut self.buffer);
            self.complete(&part);
        }
    }
    fn complete(&mut self, part: &str) {
        let sql = part.lines().skip_while(|l| l.trim().is_empty() || l.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
        let sql = sql.trim().to_string();
        let low = sql.to_lowercase();
        if low.starts_with("copy ") && low.ends_with("from stdin") {
            self.copy = Some((sql, Vec::new()));
        } else if !sql.is_empty() {
            self.jobs.push_back(Job::Query(sql, self.line));
        }
    }
    fn place(&self) -> String {
        match (&self.link.host, self.link.address) {
            (None, _) => format!("on socket \"{SOCKET}\""),
            (Some(host), Some(at)) if **host != *at.ip.to_string() => format!("at \"{host}\" ({}), port {}", at.ip, self.link.port),
            (Some(host), _) => format!("at \"{host}\", port {}", self.link.port),
        }
    }
    fn broken(&mut self, sys: &mut Sys<'_>, broken: Broken) -> Step {
        let tool = self.name.clone();
        if &*tool == "pg_isready" {
            let at = self.link.host.as_deref().unwrap_or("/var/run/postgresql").to_string();
            sys.print(&format!("{at}:{} - no response\n", self.link.port));
            return Step::Exit(2);
        }
        if self.session != 0 {
            sys.eprint("server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\nconnection to server was lost\n");
            return Step::Exit(2);
        }
        let text = match broken {
            Broken::Unknown => format!("could not translate host name \"{}\" to address: Name or service not known", self.link.host.as_deref().unwrap_or("")),
            Broken::NoSocket => format!("connection to server {} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?", self.place()),
            Broken::Failed(failure) => {
                let why = match failure {
                    Failure::Refused => "Connection refused",
                    Failure::Unreachable => "No route to host",
                    Failure::TimedOut => "Connection timed out",
                    Failure::Reset => "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.",
                };
                let question = match (&self.link.host, failure) {
                    (_, Failure::Reset) => String::new(),
                    (None, _) => "\n\tIs the server running locally and accepting connections on that socket?".into(),
                    _ => "\n\tIs the server running on that host and accepting TCP/IP connections?".into(),
                };
                format!("connection to server {} failed: {why}{question}", self.place())
            }
            Broken::Strange => format!("connection to server {} failed: received invalid response to SSL negotiation: H", self.place()),
        };
        sys.eprint(&format!("{tool}: error: {text}\n"));
        Step::Exit(if &*tool == "psql" { 2 } else { 1 })
    }
    fn ask(&mut self, sys: &mut Sys<'_>, ask: &Ask, stage: Stage) -> Step {
        match self.link.send(sys, ask, 3_600_000) {
            Ok(()) => {
                self.stage = stage;
                Step::Again
            }
            Err(broken) => self.broken(sys, broken),
        }
    }
    fn after_login(&mut self, sys: &mut Sys<'_>, version: &str) {
        if self.interactive && self.stage == Stage::Login && !self.quiet {
            sys.print(&format!("psql ({version} (Debian {version}-1.pgdg12+1))\nType \"help\" for help.\n\n"));
        }
    }
    fn prompt(&self) -> String {
        // The sandbox's users of psql are superusers nearly always.
        let sharp = if self.user == "postgres" { '#' } else { '>' };
        let mark = if self.mark == ' ' { String::new() } else { self.mark.to_string() };
        let state = match () {
            () if self.buffer.trim().is_empty() => '=',
            () if self.buffer.matches('\'').count() % 2 == 1 => '\'',
            () if self.buffer.matches('(').count() > self.buffer.matches(')').count() => '(',
            () => '-',
        };
        if self.copy.is_some() {
            return ">> ".into();
        }
        format!("{}{state}{mark}{sharp} ", self.database)
    }
    /// psql's own commands.
    fn meta(&mut self, sys: &mut Sys<'_>, command: &str) -> Step {
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim().trim_end_matches(';');
        match word {
            "\\q" | "\\quit" => return Step::Exit(0),
            "\\c" | "\\connect" => {
                let mut words = rest.split_whitespace();
                if let Some(url) = words.next().filter(|w| *w != "-") {
                    self.options = vec![self.database.clone()];
                    self.database = self.url(url).filter(|_| url.contains("://")).unwrap_or_else(|| url.trim_matches('"').to_string());
                }
                if let Some(user) = words.next().filter(|w| *w != "-") {
                    self.user = user.into();
                }
                let ask = Ask::Login { user: self.user.clone(), password: self.password.clone(), database: Some(self.database.clone()), socket: self.link.host.is_none() };
                self.mark = ' ';
                return self.ask(sys, &ask, Stage::Idle);
            }
            "\\conninfo" => {
                let place = match &self.link.host {
                    None => "via socket in \"/var/run/postgresql\" at port \"5432\"".to_string(),
                    Some(host) => format!("on host \"{host}\" (address \"{}\") at port \"{}\"", self.link.address.map_or(String::new(), |a| a.ip.to_string()), self.link.port),
                };
                sys.print(&format!("You are connected to database \"{}\" as user \"{}\" {place}.\n", self.database, self.user));
            }
            "\\x" => {
                self.set_style(&format!("x {rest}"));
                sys.print(&format!("Expanded display is {}.\n", if self.style.expanded { "on" } else { "off" }));
            }
            "\\t" => {
                self.set_style(&format!("t {rest}"));
                sys.print(&format!("Tuples only is {}.\n", if self.style.tuples { "on" } else { "off" }));
            }
            "\\a" => {
                self.style.unaligned = !self.style.unaligned;
                sys.print(&format!("Output format is {}.\n", if self.style.unaligned { "unaligned" } else { "aligned" }));
            }
            "\\timing" => {
                self.timing = if rest.is_empty() { !self.timing } else { rest == "on" };
                sys.print(&format!("Timing is {}.\n", if self.timing { "on" } else { "off" }));
            }
            "\\pset" => {
                if self.set_style(rest).is_none() {
                    sys.eprint(&format!("\\pset: unknown option: {}\n", rest.split_whitespace().next().unwrap_or("")));
                }
            }
            "\\echo" | "\\qecho" => sys.print(&format!("{}\n", rest.trim_matches('\''))),
            "\\set" => self.stop |= rest.starts_with("ON_ERROR_STOP") && !rest.ends_with("off"),
            "\\r" | "\\reset" | "\\encoding" | "\\unset" | "\\pager" | "\\restrict" | "\\unrestrict" => {}
            "\\i" | "\\include" | "\\ir" => match sys.read_file(rest) {
                Ok(bytes) => self.take(&String::from_utf8_lossy(&bytes), true),
                Err(error) => sys.eprint(&format!("{rest}: {}\n", error.text())),
            },
            "\\?" | "\\h" | "\\help" => sys.print("General\n  \\q                     quit psql\n\nInformational\n  \\d[S+]  NAME           describe table, view, sequence, or index\n  \\di[S+] [PATTERN]      list indexes\n  \\dn[S+] [PATTERN]      list schemas\n  \\dt[S+] [PATTERN]      list tables\n  \\du[S+] [PATTERN]      list roles\n  \\dv[S+] [PATTERN]      list views\n  \\l[+]   [PATTERN]      list databases\n\nFormatting\n  \\a                     toggle between unaligned and aligned output mode\n  \\t [on|off]            show only rows\n  \\x [on|off|auto]       toggle expanded output\n\nConnection\n  \\c[onnect] [DBNAME]    connect to new database\n  \\conninfo              display information about current connection\n\nInput/Output\n  \\i FILE                execute commands from file\n  \\echo [STRING]         write string to standard output\n  \\timing [on|off]       toggle timing of commands\n"),
            "\\copy" | "\\watch" | "\\e" | "\\ef" | "\\gexec" | "\\!" | "\\o" | "\\w" | "\\if" | "\\password" => {
                sys.eprint(&format!("{word} is not simulated\n"));
            }
            _ => {
                let command = command.to_string();
                return self.ask(sys, &Ask::Meta { session: self.session, command }, Stage::Meta);
            }
        }
        Step::Again
    }
    fn show(&mut self, sys: &mut Sys<'_>, outcome: Outcome) {
        match outcome {
            Outcome::Rows { columns, rows, tag } => {
                if tag.starts_with("SELECT") || tag == "SHOW" || tag == "EXPLAIN" {
                    sys.print(&self.style.table("", &columns, &rows, &[]));
                } else {
                    sys.print(&format!("{}{}", self.style.table("", &columns, &rows, &[]), if self.quiet { String::new() } else { format!("{tag}\n") }));
                }
            }
            Outcome::Done { tag, notices, .. } => {
                for notice in notices {
                    sys.eprint(&format!("{}{notice}\n", self.prefix()));
                }
                match tag.as_str() {
                    "BEGIN" | "START TRANSACTION" => self.mark = '*',
                    "COMMIT" | "ROLLBACK" => self.mark = ' ',
                    _ => {}
                }
                if !self.quiet {
                    sys.print(&format!("{tag}\n"));
                }
            }
            Outcome::Failed(fault) => {
                self.failed = true;
                if self.mark == '*' {
                    self.mark = '!';
                }
                let source = self.sent.clone();
                sys.eprint(&format!("{}{}", self.prefix(), error_text(&fault, &source)));
            }
        }
    }
    fn prefix(&self) -> String {
        self.file.as_ref().map_or(String::new(), |f| format!("psql:{f}:{}: ", self.sent_line))
    }
    fn next(&mut self, sys: &mut Sys<'_>) -> Step {
        if &*self.name == "pg_dump" {
            let (database, tables, options) = (self.database.clone(), self.words.clone(), self.options.clone());
            return self.ask(sys, &Ask::Dump { session: self.session, database, tables, options }, Stage::Dump);
        }
        if self.name.ends_with("db") && !self.ended {
            self.ended = true;
            let verb = if &*self.name == "createdb" { "CREATE" } else { "DROP" };
            let name = self.words.first().cloned().unwrap_or_else(|| self.user.clone());
            self.jobs.push_back(Job::Query(format!("{verb} DATABASE {}", crate::sql::dump::ident(&name)), 1));
        }
        if self.failed && self.stop {
            return Step::Exit(3);
        }
        match self.jobs.pop_front() {
            Some(Job::Meta(command)) => self.meta(sys, &command),
            Some(Job::Query(text, line)) => {
                let low = text.trim().trim_end_matches(';').to_lowercase();
                if matches!(low.as_str(), "exit" | "quit") && self.interactive {
                    return Step::Exit(0);
                }
                if self.echo {
                    sys.print(&format!("{text}\n"));
                }
                (self.sent, self.sent_line) = (text.clone(), line);
                self.ask(sys, &Ask::Query { session: self.session, text }, Stage::Query)
            }
            None if self.ended => {
                _ = self.link.send(sys, &Ask::Quit { session: self.session }, 1_000);
                Step::Exit(i32::from(self.failed && self.file.is_none() && !self.sent.is_empty() && self.code()))
            }
            None => self.read(sys),
        }
    }
    /// Whether an error counts: those of -c and of the small tools do, those of scripts do not.
    fn code(&self) -> bool {
        self.options.iter().all(|o| o != "\u{2}")
    }
    fn read(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.interactive && !self.prompted {
            let prompt = self.prompt();
            sys.print(&prompt);
            self.prompted = true;
        }
        match sys.read_line(STDIN) {
            Read::Data(bytes) => {
                self.prompted = false;
                let line = String::from_utf8_lossy(&bytes).into_owned();
                let word = line.trim().trim_end_matches(';').to_lowercase();
                if self.interactive && self.buffer.trim().is_empty() && matches!(word.as_str(), "exit" | "quit") {
                    return Step::Exit(0);
                }
                if self.interactive && self.buffer.trim().is_empty() && word == "help" {
                    sys.print("You are using psql, the command-line interface to PostgreSQL.\nType:  \\copyright for distribution terms\n       \\h for help with SQL commands\n       \\? for help with psql commands\n       \\g or terminate with semicolon to execute query\n       \\q to quit\n");
                    return Step::Again;
                }
                self.take(&line, false);
                Step::Again
            }
            Read::Block => Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => {
                self.ended = true;
                self.options.push("\u{2}".into());
                self.take("", true);
                if self.interactive {
                    sys.print("\\q\n");
                    return Step::Exit(0);
                }
                Step::Again
            }
        }
    }
    fn refused(&mut self, sys: &mut Sys<'_>, fault: &Fault) -> Step {
        if self.password.is_none() && fault.state == "28P01" {
            if sys.is_tty(STDIN) {
                sys.print(&format!("Password for user {}: ", self.user));
                self.stage = Stage::Password;
                return Step::Again;
            }
            sys.eprint(&format!("{}: error: connection to server {} failed: fe_sendauth: no password supplied\n", self.name, self.place()));
            return Step::Exit(if &*self.name == "psql" { 2 } else { 1 });
        }
        if self.session != 0 {
            // \c keeps the connection there was.
            if let Some(old) = self.options.pop() {
                self.database = old;
            }
            sys.eprint(&format!("connection to server {} failed: FATAL:  {}\nPrevious connection kept\n", self.place(), fault.text));
            return Step::Again;
        }
        sys.eprint(&format!("{}: error: connection to server {} failed: FATAL:  {}\n", self.name, self.place(), fault.text));
        Step::Exit(if &*self.name == "psql" { 2 } else { 1 })
    }
    fn answered(&mut self, sys: &mut Sys<'_>, reply: Result<Reply, Broken>) -> Step {
        let reply = match reply {
            Ok(reply) => reply,
            Err(broken) => return self.broken(sys, broken),
        };
        let stage = self.stage;
        match (stage, reply) {
            (_, Reply::Pong(ready)) => {
                let at = self.link.host.as_deref().unwrap_or("/var/run/postgresql").to_string();
                let text = if ready { "accepting connections" } else { "rejecting connections" };
                if !self.quiet {
                    sys.print(&format!("{at}:{} - {text}\n", self.link.port));
                }
                return Step::Exit(i32::from(!ready));
            }
            (_, Reply::Session { id, version, .. }) => {
                if self.session != 0 {
                    sys.print(&format!("You are now connected to database \"{}\" as user \"{}\".\n", self.database, self.user));
                }
                self.session = id;
                self.after_login(sys, &version);
            }
            (Stage::Dump, Reply::Fault(fault)) => {
                sys.eprint(&format!("pg_dump: error: {}\n", fault.text));
                return Step::Exit(1);
            }
            (_, Reply::Fault(fault)) => return self.refused(sys, &fault),
            (Stage::Dump, Reply::Text(text)) => {
                sys.print(&text);
                return Step::Exit(0);
            }
            (_, Reply::Text(text)) => {
                self.failed |= text.starts_with("invalid");
                sys.eprint(&format!("{text}\n"));
            }
            (_, Reply::Drawn(list)) => {
                for drawn in list {
                    let columns: Vec<(String, bool)> = drawn.columns.iter().map(|c| (c.clone(), false)).collect();
                    let rows = drawn.rows.iter().map(|r| r.iter().map(|c| Some(c.clone())).collect()).collect();
                    let detail = drawn.title.starts_with("Table ") || drawn.title.starts_with("View ");
                    let text = self.style.table(&drawn.title, &columns, &rows, &drawn.notes);
                    // Descriptions have no count of rows.
                    sys.print(&if detail && drawn.notes.is_empty() { text.replace(&format!("({} row{})\n", drawn.rows.len(), if drawn.rows.len() == 1 { "" } else { "s" }), "") } else { text });
                }
            }
            (_, Reply::Results(outcomes)) => {
                let tool = self.name.ends_with("db");
                for outcome in outcomes {
                    match (tool, outcome) {
                        (true, Outcome::Failed(fault)) => {
                            let verb = if &*self.name == "createdb" { "creation" } else { "removal" };
                            sys.eprint(&format!("{}: error: database {verb} failed: ERROR:  {}\n", self.name, fault.text));
                            return Step::Exit(1);
                        }
                        (true, _) => return Step::Exit(0),
                        (false, outcome) => self.show(sys, outcome),
                    }
                }
                if self.timing {
                    let ms = sys.now().saturating_sub(self.link.asked);
                    sys.print(&format!("Time: {ms}.{:03} ms\n", 412));
                }
            }
        }
        self.stage = Stage::Idle;
        Step::Again
    }
}

/// COPY's rows as an INSERT.
fn copied(head: &str, rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let target = head.get(5..).unwrap_or("");
    let end = target.to_lowercase().rfind("from stdin").unwrap_or(target.len());
    let values: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .split('\t')
                .map(|c| match c {
                    "\\N" => "NULL".into(),
                    c => format!("'{}'", c.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\").replace('\'', "''")),
                })
                .collect();
            format!("({})", cells.join(", "))
        })
        .collect();
    format!("INSERT INTO {} VALUES {}", target.get(..end).unwrap_or(""), values.join(", "))
}

fn long_flag(name: &str) -> String {
    let short = match name {
        "host" => "-h",
        "port" => "-p",
        "username" => "-U",
        "dbname" => "-d",
        "command" => "-c",
        "file" => "-f",
        "list" => "-l",
        "set" | "variable" => "-v",
        "tuples-only" => "-t",
        "table" => "-t",
        "no-align" => "-A",
        "expanded" => "-x",
        "quiet" => "-q",
        "echo-all" | "data-only" => "-a",
        "schema-only" => "-s",
        "single-transaction" => "-1",
        "field-separator" => "-F",
        "pset" => "-P",
        "password" => "-W",
        "no-password" => "-w",
        "version" => "-V",
        "no-psqlrc" => "-X",
        "no-owner" => "-O",
        "clean" | "create" | "no-privileges" | "no-acl" | "if-exists" | "verbose" => "-n",
        "timeout" => "-T",
        "format" => "-T",
        _ => return format!("--{name}"),
    };
    short.into()
}

impl Behave for Client {
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int && self.interactive && self.stage == Stage::Idle {
            self.buffer.clear();
            self.prompted = false;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(id) = self.link.waiting() {
            return match self.link.poll(sys) {
                None => Step::wait(Wait::Answer(id)),
                Some(reply) => self.answered(sys, reply),
            };
        }
        match self.stage {
            Stage::Password => match sys.read_line(STDIN) {
                Read::Data(line) => {
                    self.password = Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string());
                    self.stage = Stage::Login;
                    Step::Again
                }
                Read::Block => Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => Step::Exit(2),
            },
            Stage::Login if &*self.name == "pg_isready" => self.ask(sys, &Ask::Ping, Stage::Login),
            Stage::Login => {
                let ask = Ask::Login { user: self.user.clone(), password: self.password.clone(), database: Some(self.database.clone()), socket: self.link.host.is_none() };
                self.ask(sys, &ask, Stage::Login)
            }
            _ => self.next(sys),
        }
    }
}
