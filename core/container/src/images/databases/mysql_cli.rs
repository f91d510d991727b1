//! The mysql and mariadb clients, interactive and in batches, with mysqladmin and mysqldump. Texts as
//! MySQL 8.0's and MariaDB 11's print them.
//!
//! Left out: option files, completion, pagers, history, --protocol besides tcp and socket.

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
    fn options(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Option<i32> {
        let mut words = args.iter().skip(1).map(|a| a.to_string()).collect::<VecDeque<_>>();
        let (mut ask, mut insecure, mut tcp, mut host) = (false, false, false, None);
        while let Some(word) = words.pop_front() {
            let (flag, glued) = match word.strip_prefix("--") {
                Some(long) => match long.split_once('=') {
                    Some((n, v)) => (long_flag(n).to_string(), Some(v.to_string())),
                    None => (long_flag(long).to_string(), None),
                },
                None if word.starts_with('-') && word.len() > 1 => {
                    let (flag, rest) = word.split_at_checked(2).unwrap_or((&word, ""));
                    // -BN, -Ns
                    if !"hPuDeSp".contains(flag.get(1..).unwrap_or("")) && !rest.is_empty() {
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
            let mut value = |glued: Option<String>| glued.or_else(|| words.pop_front());
            match flag.as_str() {
                "-h" => host = value(glued),
                "-P" => {
                    self.link.port = value(glued).and_then(|p| p.parse().ok()).unwrap_or(3306);
                    tcp |= false;
                }
                "-u" => self.user = value(glued).unwrap_or_default(),
                "-D" => self.database = value(glued),
                "-e" => {
                    let text = value(glued).unwrap_or_default();
                    self.take(&text, true);
                    self.ended = true;
                }
                "-p" => match glued {
                    Some(password) => {
                        self.password = Some(password);
                        insecure = true;
                    }
                    None => ask = true,
                },
                "-S" | "--socket" => _ = value(glued),
                "--protocol" => tcp = value(glued).is_some_and(|p| p.eq_ignore_ascii_case("tcp")),
                "-N" | "--skip-column-names" => self.names = false,
                "-s" if self.tool == Tool::Client => self.table = false,
                "-B" if self.tool != Tool::Dump => self.table = false,
                "-t" if self.tool == Tool::Client => self.table = true,
                "-E" => self.vertical = true,
                "-r" => self.raw = true,
                "-f" => self.force = true,
                "-v" => self.verbose = true,
                "-w" => self.wait = 30,
                "-B" | "--databases" => self.dump.push("database".into()),
                "-A" | "--all-databases" if self.tool == Tool::Dump => self.dump.extend(["all".into(), "database".into()]),
                "-d" | "--no-data" => self.dump.push("schema".into()),
                "-t" | "--no-create-info" => self.dump.push("data".into()),
                "-V" => {
                    let version = match self.maria {
                        true => format!("{} from {}, client 15.2 for debian-linux-gnu (x86_64) using  EditLine wrapper\n", self.name, sys.env("MARIADB_VERSION").map_or("11.8.3-MariaDB".into(), |v| format!("{}-MariaDB", v.trim_start_matches("1:").split('+').next().unwrap_or("")))),
                        false => format!("{}  Ver {} for Linux on x86_64 (MySQL Community Server - GPL)\n", self.name, sys.env("MYSQL_VERSION").unwrap_or_default().split('-').next().unwrap_or("")),
                    };
                    sys.print(&version);
                    return Some(0);
                }
                "-?" | "--help" => {
                    sys.print(&format!("Usage: {} [OPTIONS] [database]\n", self.name));
                    return Some(0);
                }
                _ if QUIET.iter().any(|q| flag.trim_start_matches("--").starts_with(q)) || matches!(flag.as_str(), "-C" | "-A" | "-n" | "-q" | "-i" | "-a" | "-R" | "-F") => {}
                _ => {
                    let text = match flag.strip_prefix("--") {
                        Some(_) if self.maria => format!("{}: unknown option '{flag}'\n", self.name),
                        Some(_) => format!("{}: [ERROR] unknown option '{flag}'.\n", self.name),
                        None if self.maria => format!("{}: unknown option '{flag}'\n", self.name),
                        None => format!("{}: [ERROR] {}: unknown option '{flag}'.\n", self.name, self.name),
                    };
                    sys.eprint(&text);
                    return Some(2);
                }
            }
        }
        self.link.host = match host {
            Some(h) if h == "localhost" && !tcp => None,
            Some(h) => Some(h.as_str().into()),
            None => tcp.then(|| "127.0.0.1".into()),
        };
        if self.tool == Tool::Client {
            self.database = self.words.first().cloned().or(self.database.take());
        }
        if self.tool == Tool::Dump && self.words.is_empty() && !self.dump.iter().any(|d| d == "all") {
            sys.print(&format!("Usage: {0} [OPTIONS] database [tables]\nOR     {0} [OPTIONS] --databases [OPTIONS] DB1 [DB2 DB3...]\nOR     {0} [OPTIONS] --all-databases [OPTIONS]\nFor more options, use {0} --help\n", self.name));
            return Some(1);
        }
        if insecure && !self.maria {
            sys.eprint(&format!("{}: [Warning] Using a password on the command line interface can be insecure.\n", self.name));
        }
        self.interactive = self.tool == Tool::Client && !self.ended && sys.is_tty(STDIN) && sys.is_tty(STDOUT);
        if !self.interactive && !self.ended && !sys.is_tty(STDIN) && self.tool == Tool::Client {
            self.table &= args.iter().any(|a| &**a == "-t" || &**a == "--table");
        }
        if ask {
            sys.print("Enter password: ");
            self.stage = Stage::Password;
        }
        None
    }
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
                match part.trim_end().strip_suffix("\\G").map(|p| (p, true)).or_else(|| part.trim_end().strip_suffix("\\g").map(|p| (p, false))) {
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
            let comment = sql.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with("--") || l.trim_start().starts_with('#'));
            if !sql.is_empty() && !comment {
                self.queue.push_back((sql.to_string(), vertical, at));
            }
        }
        self.buffer = rest;
    }
    fn fault(&self, sys: &mut Sys<'_>, fault: &Fault, line: usize) {
        let at = if self.interactive || line == 0 { String::new() } else { format!(" at line {line}") };
        let dashes = if self.verbose && !self.interactive { "--------------\n" } else { "" };
        sys.eprint(&format!("{dashes}ERROR {} ({}){at}: {}\n", fault.code, fault.state, fault.text));
    }
    /// Why there is no connection.
    fn broken(&self, broken: Broken) -> Fault {
        let host = self.link.host.as_deref().unwrap_or("localhost");
        let socket = self.link.socket.0;
        let product = if self.maria { "" } else { "MySQL " };
        let shown = if self.maria { socket.replace("/var/run", "/run") } else { socket.to_string() };
        let error = |code: u16, text: String| Fault { code, state: "HY000".into(), text, ..Fault::default() };
        match (broken, &self.link.host) {
            (Broken::NoSocket, _) => error(2002, format!("Can't connect to local {product}server through socket '{shown}' (2)")),
            (Broken::Failed(Failure::Refused), None) => error(2002, format!("Can't connect to local {product}server through socket '{shown}' (111)")),
            (Broken::Unknown, _) => error(2005, format!("Unknown {product}server host '{host}' (-2)")),
            (Broken::Failed(Failure::Reset) | Broken::Strange, _) if self.session != 0 => error(2013, format!("Lost connection to {product}server during query")),
            (Broken::Failed(Failure::Reset) | Broken::Strange, _) => error(2013, format!("Lost connection to {product}server at 'reading initial communication packet', system error: 0")),
            (Broken::Failed(failure), _) => {
                let number = match failure {
                    Failure::Refused => 111,
                    Failure::Unreachable => 113,
                    _ => 110,
                };
                match self.maria {
                    true => error(2002, format!("Can't connect to server on '{host}' ({})", if number == 111 { 115 } else { number })),
                    false => error(2003, format!("Can't connect to MySQL server on '{host}:{}' ({number})", self.link.port)),
                }
            }
        }
    }
    /// The connection cannot be made, or is lost.
    fn lost(&mut self, sys: &mut Sys<'_>, fault: &Fault) -> Step {
        match self.tool {
            Tool::Client => self.fault(sys, fault, 0),
            Tool::Dump => sys.eprint(&format!("{}: Got error: {}: {} when trying to connect\n", self.name, fault.code, fault.text.replace('\'', "\"").replace('"', "'"))),
            Tool::Admin => {
                let text = &fault.text;
                let mut out = match self.maria {
                    true => format!("{}: connect to server at '{}' failed\nerror: '{text}'\n", self.name, self.link.host.as_deref().unwrap_or("localhost")),
                    false => format!("{}: connect to server at '{}' failed\nerror: '{text}'\n", self.name, self.link.host.as_deref().unwrap_or("localhost")),
                };
                if fault.code == 2002 && self.link.host.is_none() {
                    out += &format!("Check that {} is running and that the socket: '{}' exists!\n", if self.maria { "mariadbd" } else { "mysqld" }, self.link.socket.0);
                } else if fault.code == 2003 || fault.code == 2002 {
                    let host = self.link.host.as_deref().unwrap_or("");
                    out += &format!("Check that mysqld is running on {host} and that the port is {}.\nYou can check this by doing 'telnet {host} {}'\n", self.link.port, self.link.port);
                }
                sys.eprint(&out);
            }
        }
        Step::Exit(if self.tool == Tool::Dump { 2 } else { 1 })
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
            true => format!("Welcome to the MariaDB monitor.  Commands end with ; or \\g.\nYour MariaDB connection id is {}\nServer version: {} mariadb.org binary distribution\n\nCopyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n", self.session, self.version),
            false => format!("Welcome to the MySQL monitor.  Commands end with ; or \\g.\nYour MySQL connection id is {}\nServer version: {} MySQL Community Server - GPL\n\nCopyright (c) 2000, 2025, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n", self.session, self.version),
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
    fn show(&mut self, sys: &mut Sys<'_>, outcome: Outcome, vertical: bool, line: usize) {
        let seconds = self.link.seconds(sys);
        match outcome {
            Outcome::Rows { columns, rows, .. } if rows.is_empty() => {
                _ = columns;
                if self.interactive {
                    sys.print(&format!("Empty set ({seconds} sec)\n\n"));
                }
            }
            Outcome::Rows { columns, rows, .. } => {
                let count = rows.len();
                let text = match () {
                    () if vertical || self.vertical => boxes::vertical(&columns, &rows),
                    () if self.table && self.names => boxes::mysql(&columns, &rows),
                    () if self.table => {
                        // A box without its names.
                        let all = boxes::mysql(&columns, &rows);
                        all.lines().enumerate().filter(|(n, _)| *n != 1 && *n != 2).map(|(_, l)| format!("{l}\n")).collect()
                    }
                    () => boxes::tabs(&columns, &rows, self.names, self.raw),
                };
                sys.print(&text);
                if self.interactive {
                    sys.print(&format!("{count} row{} in set ({seconds} sec)\n\n", if count == 1 { "" } else { "s" }));
                }
            }
            Outcome::Done { affected, info, .. } => {
                if self.interactive {
                    let info = if info.is_empty() { String::new() } else { format!("{info}\n") };
                    sys.print(&format!("Query OK, {affected} row{} affected ({seconds} sec)\n{info}\n", if affected == 1 { "" } else { "s" }));
                }
            }
            Outcome::Failed(fault) => {
                self.failed = true;
                self.fault(sys, &fault, line);
            }
        }
    }
    fn admin(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(command) = self.words.first().cloned() else { return Step::Exit(0) };
        self.words.remove(0);
        let query = match command.as_str() {
            "ping" => {
                sys.print(if self.maria { "mysqld is alive\n" } else { "mysqld is alive\n" });
                return Step::Again;
            }
            "shutdown" => {
                _ = self.link.send(sys, &Ask::Shutdown { session: self.session }, 1_000);
                return Step::Exit(0);
            }
            "version" | "status" => {
                let text = format!("Uptime: {}  Threads: 2  Questions: 8  Slow queries: 0  Opens: 148  Flush tables: 3  Open tables: 67  Queries per second avg: 0.012\n", sys.now() / 1000);
                sys.print(&text);
                return Step::Again;
            }
            "processlist" => "SHOW PROCESSLIST".to_string(),
            "variables" => "SHOW VARIABLES".into(),
            "extended-status" => "SHOW STATUS".into(),
            "create" if !self.words.is_empty() => format!("CREATE DATABASE `{}`", self.words.remove(0)),
            "drop" if !self.words.is_empty() => format!("DROP DATABASE `{}`", self.words.remove(0)),
            "password" if !self.words.is_empty() => {
                let password = self.words.remove(0);
                format!("SET PASSWORD = '{}'", password.replace('\'', "''"))
            }
            "flush-privileges" | "reload" | "refresh" | "flush-hosts" | "flush-logs" => "FLUSH PRIVILEGES".into(),
            other => {
                sys.eprint(&format!("{}: Unknown command: '{other}'\n", self.name));
                return Step::Exit(1);
            }
        };
        self.table = true;
        self.ask(sys, &Ask::Query { session: self.session, text: query }, Stage::Query(false))
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
    fn dump_next(&mut self, sys: &mut Sys<'_>) -> Step {
        let all = self.dump.iter().any(|d| d == "all");
        if all && self.stage == Stage::Idle && self.file.is_empty() {
            self.file = "-".into();
            return self.ask(sys, &Ask::Query { session: self.session, text: "SHOW DATABASES".into() }, Stage::Query(false));
        }
        let many = self.dump.iter().any(|d| d == "database");
        if self.words.is_empty() {
            let time = super::server::day_and_time(sys);
            sys.print(&format!("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n-- Dump completed on {time}\n"));
            return Step::Exit(0);
        }
        let database = self.words.remove(0);
        let tables = if many { Vec::new() } else { std::mem::take(&mut self.words) };
        if !self.verbose {
            // The head is printed once.
            self.verbose = true;
            let host = self.link.host.as_deref().unwrap_or("localhost");
            sys.print(&format!("-- {} dump 10.13  Distrib {}, for Linux (x86_64)\n--\n-- Host: {host}    Database: {}\n-- ------------------------------------------------------\n-- Server version\t{}\n\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n/*!50503 SET NAMES utf8mb4 */;\n/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n", if self.maria { "MariaDB" } else { "MySQL" }, self.version, if many { "" } else { &database }, self.version));
        }
        let options = self.dump.clone();
        self.ask(sys, &Ask::Dump { session: self.session, database, tables, options }, Stage::Dump)
    }
    fn answered(&mut self, sys: &mut Sys<'_>, reply: Result<Reply, Broken>) -> Step {
        let reply = match reply {
            Ok(reply) => reply,
            Err(broken) => {
                if self.stage == Stage::Login && self.wait > 0 {
                    self.wait -= 1;
                }
                let fault = self.broken(broken);
                return self.lost(sys, &fault);
            }
        };
        let stage = std::mem::replace(&mut self.stage, Stage::Idle);
        match (stage, reply) {
            (Stage::Login, Reply::Session { id, version, .. }) => {
                (self.session, self.version) = (id, version);
                if self.interactive {
                    self.greet(sys);
                }
                Step::Again
            }
            (Stage::Login, Reply::Fault(fault)) => {
                // A ping that is refused has found somebody alive.
                if self.tool == Tool::Admin && self.words.first().is_some_and(|w| w == "ping") && fault.code == 1045 {
                    let host = self.link.host.as_deref().unwrap_or("localhost");
                    sys.eprint(&format!("{}: connect to server at '{host}' failed\nerror: '{}'\n", self.name, fault.text));
                    sys.print("mysqld is alive\n");
                    return Step::Exit(0);
                }
                self.lost(sys, &fault)
            }
            (Stage::Query(vertical), Reply::Results(outcomes)) => {
                let (sql, _, line) = self.queue.pop_front().unwrap_or_default();
                if self.tool == Tool::Dump {
                    for outcome in outcomes {
                        if let Outcome::Rows { rows, .. } = outcome {
                            let names = rows.into_iter().flatten().flatten().filter(|n| !matches!(n.as_str(), "information_schema" | "performance_schema" | "sys" | "mysql"));
                            self.words.extend(names);
                        }
                    }
                    return Step::Again;
                }
                for outcome in outcomes {
                    let low = sql.trim_start().to_lowercase();
                    if let (Outcome::Done { .. }, Some(rest)) = (&outcome, low.strip_prefix("use").filter(|r| r.starts_with([' ', '`']))) {
                        let length = rest.trim().trim_matches('`').len();
                        let name = sql.trim().trim_end_matches('`');
                        self.database = name.get(name.len().saturating_sub(length)..).map(String::from);
                        if self.interactive {
                            sys.print("Database changed\n");
                        }
                        continue;
                    }
                    if let (Outcome::Failed(f), Tool::Admin) = (&outcome, self.tool) {
                        sys.eprint(&format!("{}: {}; error: '{}'\n", self.name, if sql.starts_with("DROP") { "DROP DATABASE failed" } else { "CREATE DATABASE failed" }, f.text));
                        return Step::Exit(1);
                    }
                    self.show(sys, outcome, vertical, line);
                }
                Step::Again
            }
            (Stage::Dump, Reply::Text(text)) => {
                sys.print(&text);
                Step::Again
            }
            (Stage::Dump, Reply::Fault(fault)) => {
                sys.eprint(&format!("{}: Got error: {}: {} when selecting the database\n", self.name, fault.code, fault.text));
                Step::Exit(2)
            }
            _ => Step::Again,
        }
    }
}

/// Options without effect here, by what they begin with.
const QUIET: &[&str] = &[
    "ssl", "skip", "default", "single-transaction", "quick", "routines", "triggers", "events", "column-statistics", "set-gtid",
    "compress", "opt", "no-tablespaces", "hex-blob", "extended-insert", "complete", "add-drop", "comments", "compact", "silent",
    "no-auto-rehash", "connect", "reconnect", "login-path", "get-server", "enable-cleartext", "loose", "no-create-db", "force",
    "max", "tls", "disable", "local-infile", "lock-tables", "create-options", "result", "master-data", "source-data", "flush",
    "count", "sleep", "no-beep", "pager", "prompt", "unbuffered", "binary",
];

fn long_flag(name: &str) -> String {
    let short = match name {
        "host" => "-h",
        "port" => "-P",
        "user" => "-u",
        "password" => "-p",
        "database" => "-D",
        "execute" => "-e",
        "batch" => "-B",
        "table" => "-t",
        "vertical" => "-E",
        "raw" => "-r",
        "force" => "-f",
        "silent" => "-s",
        "verbose" => "-v",
        "version" => "-V",
        "wait" => "-w",
        "socket" => "-S",
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
                Read::End | Read::Failed(_) => {
                    self.stage = Stage::Login;
                    Step::Again
                }
            },
            Stage::Login => {
                let database = self.database.clone().filter(|_| self.tool == Tool::Client);
                let ask = Ask::Login { user: self.user.clone(), password: self.password.clone(), database, socket: self.link.host.is_none() };
                self.ask(sys, &ask, Stage::Login)
            }
            _ => self.next(sys),
        }
    }
}
