//! The mysql and mariadb clients, interactive and in batches, with mysqladmin and mysqldump. Texts as
//! MySQL 8.0's and MariaDB 11's print them.
//!
//! Left out: option files, completion, pagers, history, --protocol besides tcp and socket.

mod answer;
mod options;
mod tools;

use super::boxes;
use super::link::{Broken, Link, MYSQL_SOCKET};
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
    Program { name: "mysql", about: "client of MySQL and MariaDB", start },
    Program { name: "mysqladmin", about: "administers MySQL and MariaDB", start },
    Program { name: "mysqldump", about: "writes MySQL databases as SQL", start },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tool {
    Client,
    Admin,
    Dump,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Password,
    Login,
    Idle,
    /// A statement's results are due; whether `\G` ended it.
    Query(bool),
    Dump,
}

#[derive(Clone, Hash)]
struct Client {
    tool: Tool,
    maria: bool,
    /// The name in messages.
    name: Arc<str>,
    link: Link,
    user: String,
    password: Option<String>,
    database: Option<String>,
    session: u32,
    version: String,
    stage: Stage,
    /// A prompt is on the screen.
    prompted: bool,
    interactive: bool,
    /// Boxes rather than tabs.
    table: bool,
    names: bool,
    vertical: bool,
    raw: bool,
    force: bool,
    verbose: bool,
    delimiter: String,
    buffer: String,
    /// Lines read before the buffer's first.
    line: usize,
    queue: VecDeque<(String, bool, usize)>,
    ended: bool,
    failed: bool,
    /// Words that are no options: mysqladmin's commands, mysqldump's tables.
    words: Vec<String>,
    dump: Vec<String>,
    file: String,
    wait: u32,
}

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let name: Arc<str> = crate::filesystem::base_name(args.first().map_or("", |a| a)).into();
    let tool = match &*name {
        n if n.contains("admin") => Tool::Admin,
        n if n.contains("dump") => Tool::Dump,
        _ => Tool::Client,
    };
    // The client packages of Debian and Alpine are MariaDB's, too.
    let maria = name.starts_with("maria") || sys.env("MYSQL_VERSION").is_none();
    let mut c = Client {
        tool,
        maria,
        name,
        link: Link::new(None, 3306, ("/var/run/mysqld/mysqld.sock", MYSQL_SOCKET)),
        user: "root".into(),
        password: sys.env("MYSQL_PWD").map(|p| p.to_string()),
        database: None,
        session: 0,
        version: String::new(),
        stage: Stage::Login,
        prompted: false,
        interactive: false,
        table: sys.is_tty(STDOUT),
        names: true,
        vertical: false,
        raw: false,
        force: false,
        verbose: false,
        delimiter: ";".into(),
        buffer: String::new(),
        line: 1,
        queue: VecDeque::new(),
        ended: false,
        failed: false,
        words: Vec::new(),
        dump: Vec::new(),
        file: String::new(),
        wait: 0,
    };
    if let Some(code) = c.options(sys, &args) {
        return match code {
            0 => Box::new(Once(|_| 0)),
            1 => Box::new(Once(|_| 1)),
            _ => Box::new(Once(|_| 7)),
        };
    }
    Box::new(c)
}

impl Client {
    /// Adds input and takes complete statements out of it.
    fn take(&mut self, text: &str, last: bool) {
        self.buffer += text;
        let d = if self.maria { Dialect::Mariadb } else { Dialect::Mysql };
        let parts = lexer::split(&self.buffer, d, &self.delimiter);
        let mut rest = String::new();
        for (part, complete) in parts {
            let lead = part.len() - part.trim_start().len();
            let at = self.line + part.get(..lead).map_or(0, |p| p.matches('\n').count());
            let lines = part.matches('\n').count();
            if !complete && !last {
                // \G and \g end a statement, too.
                match part
                    .trim_end()
                    .strip_suffix("\\G")
                    .map(|p| (p, true))
                    .or_else(|| part.trim_end().strip_suffix("\\g").map(|p| (p, false)))
                {
                    Some((sql, vertical)) => {
                        self.queue.push_back((sql.trim().to_string(), vertical, at));
                        self.line += lines;
                    }
                    None => rest = part,
                }
                continue;
            }
            self.line += lines;
            let sql = part.trim();
            let (sql, vertical) = sql.strip_suffix("\\G").map_or((sql, false), |s| (s.trim(), true));
            let comment = sql.lines().all(|l| {
                l.trim().is_empty() || l.trim_start().starts_with("--") || l.trim_start().starts_with('#')
            });
            if !sql.is_empty() && !comment {
                self.queue.push_back((sql.to_string(), vertical, at));
            }
        }
        self.buffer = rest;
    }
    fn ask(&mut self, sys: &mut Sys<'_>, ask: &Ask, stage: Stage) -> Step {
        match self.link.send(sys, ask, 3_600_000) {
            Ok(()) => {
                self.stage = stage;
                Step::Again
            }
            Err(broken) => {
                let fault = self.broken(broken);
                self.lost(sys, &fault)
            }
        }
    }
    fn greet(&self, sys: &mut Sys<'_>) {
        let text = match self.maria {
            true => format!(
                "Welcome to the MariaDB monitor.  Commands end with ; or \\g.\nYour MariaDB connection id is {}\nServer version: {} mariadb.org binary distribution\n\nCopyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n",
                self.session, self.version
            ),
            false => format!(
                "Welcome to the MySQL monitor.  Commands end with ; or \\g.\nYour MySQL connection id is {}\nServer version: {} MySQL Community Server - GPL\n\nCopyright (c) 2000, 2025, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n",
                self.session, self.version
            ),
        };
        sys.print(&text);
    }
    fn prompt(&self) -> String {
        let quote = self.buffer.chars().fold(None, |open: Option<char>, c| match (open, c) {
            (None, '\'' | '"' | '`') => Some(c),
            (Some(o), c) if o == c => None,
            (open, _) => open,
        });
        let mark = quote.map_or('-', |q| q);
        match (self.buffer.trim().is_empty(), self.maria) {
            (true, true) => format!("MariaDB [{}]> ", self.database.as_deref().unwrap_or("(none)")),
            (true, false) => "mysql> ".into(),
            (false, _) => format!("    {mark}> "),
        }
    }
    /// The client's own commands; true when the line was one.
    fn own_command(&mut self, sys: &mut Sys<'_>, line: &str) -> Option<Step> {
        let bare = line.trim().trim_end_matches(';').trim();
        let (word, rest) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
        if !self.buffer.trim().is_empty() && word != "\\c" && word != "exit" {
            return None;
        }
        match word.to_lowercase().as_str() {
            "exit" | "quit" | "\\q" => {
                sys.print(if self.interactive { "Bye\n" } else { "" });
                _ = self.link.send(sys, &Ask::Quit { session: self.session }, 1_000);
                return Some(Step::Exit(0));
            }
            "\\c" | "clear" => self.buffer.clear(),
            "delimiter" | "\\d" if word != "\\D" => self.delimiter = rest.trim().to_string(),
            "source" | "\\." => match sys.read_file(rest.trim()) {
                Ok(bytes) => self.take(&String::from_utf8_lossy(&bytes), true),
                Err(error) => sys.eprint(&format!("ERROR: \nFailed to open file '{}', error: {}\n", rest.trim(), if error == crate::Errno::Enoent { 2 } else { 13 })),
            },
            "use" | "\\u" => self.queue.push_back((format!("use `{}`", rest.trim().trim_matches('`')), false, self.line)),
            "help" | "\\h" | "?" | "\\?" => sys.print("\nFor information about MySQL products and services, visit:\n   http://www.mysql.com/\n\nList of all MySQL commands:\nNote that all text commands must be first on line and end with ';'\n?         (\\?) Synonym for `help'.\nclear     (\\c) Clear the current input statement.\ndelimiter (\\d) Set statement delimiter.\nego       (\\G) Send command to mysql server, display result vertically.\nexit      (\\q) Exit mysql. Same as quit.\ngo        (\\g) Send command to mysql server.\nhelp      (\\h) Display this help.\nquit      (\\q) Quit mysql.\nsource    (\\.) Execute an SQL script file. Takes a file name as an argument.\nstatus    (\\s) Get status information from the server.\nuse       (\\u) Use another database. Takes database name as argument.\n\n"),
            "status" | "\\s" => {
                let text = format!("--------------\n{}  Ver {} for Linux on x86_64\n\nConnection id:\t\t{}\nCurrent database:\t{}\nCurrent user:\t\t{}@{}\nSSL:\t\t\tNot in use\nUsing delimiter:\t{}\nServer version:\t\t{}\nProtocol version:\t10\nConnection:\t\t{}\n--------------\n\n", self.name, self.version, self.session, self.database.as_deref().unwrap_or(""), self.user, "localhost", self.delimiter, self.version, self.link.host.as_deref().map_or("Localhost via UNIX socket".into(), |h| format!("{h} via TCP/IP")));
                sys.print(&text);
            }
            _ => return None,
        }
        Some(Step::Again)
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
                if let Some(step) = self.own_command(sys, &line) {
                    self.line += usize::from(!self.interactive);
                    return step;
                }
                self.take(&line, false);
                Step::Again
            }
            Read::Block => Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => {
                self.ended = true;
                self.take("", true);
                if self.interactive {
                    sys.print("Bye\n");
                    return Step::Exit(0);
                }
                Step::Again
            }
        }
    }
    fn next(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.failed && !self.interactive && !self.force {
            return Step::Exit(1);
        }
        match self.tool {
            Tool::Admin => return self.admin(sys),
            Tool::Dump => return self.dump_next(sys),
            Tool::Client => {}
        }
        if let Some((sql, vertical, line)) = self.queue.front().cloned() {
            let low = sql.to_lowercase();
            if matches!(low.as_str(), "exit" | "quit") {
                return Step::Exit(0);
            }
            if self.verbose && !self.interactive {
                sys.print(&format!("--------------\n{sql}\n--------------\n\n"));
            }
            _ = line;
            return self.ask(sys, &Ask::Query { session: self.session, text: sql }, Stage::Query(vertical));
        }
        if self.ended {
            _ = self.link.send(sys, &Ask::Quit { session: self.session }, 1_000);
            return Step::Exit(i32::from(self.failed));
        }
        self.read(sys)
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
                Read::End | Read::Failed(_) => {
                    self.stage = Stage::Login;
                    Step::Again
                }
            },
            Stage::Login => {
                let database = self.database.clone().filter(|_| self.tool == Tool::Client);
                let ask = Ask::Login {
                    user: self.user.clone(),
                    password: self.password.clone(),
                    database,
                    socket: self.link.host.is_none(),
                };
                self.ask(sys, &ask, Stage::Login)
            }
            _ => self.next(sys),
        }
    }
}
