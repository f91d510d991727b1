//! psql, interactive and with -c or -f, and the small tools beside it: pg_isready, createdb, dropdb,
//! pg_dump. Texts as PostgreSQL 17's print them.
//!
//! Left out: variables of scripts besides ON_ERROR_STOP, \copy, \watch, pagers, pg_restore.

mod answer;
mod input;
mod options;

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
        link: Link::new(
            env(sys, "PGHOST").map(Arc::from),
            env(sys, "PGPORT").and_then(|p| p.parse().ok()).unwrap_or(5432),
            (SOCKET, POSTGRES_SOCKET),
        ),
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
            sys.print(&format!(
                "psql ({version} (Debian {version}-1.pgdg12+1))\nType \"help\" for help.\n\n"
            ));
        }
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
    fn next(&mut self, sys: &mut Sys<'_>) -> Step {
        if &*self.name == "pg_dump" {
            let (database, tables, options) =
                (self.database.clone(), self.words.clone(), self.options.clone());
            return self.ask(
                sys,
                &Ask::Dump { session: self.session, database, tables, options },
                Stage::Dump,
            );
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
                Step::Exit(i32::from(
                    self.failed && self.file.is_none() && !self.sent.is_empty() && self.code(),
                ))
            }
            None => self.read(sys),
        }
    }
    /// Whether an error counts: those of -c and of the small tools do, those of scripts do not.
    fn code(&self) -> bool {
        self.options.iter().all(|o| o != "\u{2}")
    }
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
                    self.password =
                        Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string());
                    self.stage = Stage::Login;
                    Step::Again
                }
                Read::Block => Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => Step::Exit(2),
            },
            Stage::Login if &*self.name == "pg_isready" => self.ask(sys, &Ask::Ping, Stage::Login),
            Stage::Login => {
                let ask = Ask::Login {
                    user: self.user.clone(),
                    password: self.password.clone(),
                    database: Some(self.database.clone()),
                    socket: self.link.host.is_none(),
                };
                self.ask(sys, &ask, Stage::Login)
            }
            _ => self.next(sys),
        }
    }
}
