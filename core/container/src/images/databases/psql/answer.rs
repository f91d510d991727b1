//! What comes back: results, errors, no connection.

use super::*;

impl Client {
    pub(super) fn place(&self) -> String {
        match (&self.link.host, self.link.address) {
            (None, _) => format!("on socket \"{SOCKET}\""),
            (Some(host), Some(at)) if **host != *at.ip.to_string() => {
                format!("at \"{host}\" ({}), port {}", at.ip, self.link.port)
            }
            (Some(host), _) => format!("at \"{host}\", port {}", self.link.port),
        }
    }
    pub(super) fn broken(&mut self, sys: &mut Sys<'_>, broken: Broken) -> Step {
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
            Broken::Unknown => format!(
                "could not translate host name \"{}\" to address: Name or service not known",
                self.link.host.as_deref().unwrap_or("")
            ),
            Broken::NoSocket => format!(
                "connection to server {} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?",
                self.place()
            ),
            Broken::Failed(failure) => {
                let why = match failure {
                    Failure::Refused => "Connection refused",
                    Failure::Unreachable => "No route to host",
                    Failure::TimedOut => "Connection timed out",
                    Failure::Reset => {
                        "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request."
                    }
                };
                let question = match (&self.link.host, failure) {
                    (_, Failure::Reset) => String::new(),
                    (None, _) => {
                        "\n\tIs the server running locally and accepting connections on that socket?".into()
                    }
                    _ => "\n\tIs the server running on that host and accepting TCP/IP connections?".into(),
                };
                format!("connection to server {} failed: {why}{question}", self.place())
            }
            Broken::Strange => format!(
                "connection to server {} failed: received invalid response to SSL negotiation: H",
                self.place()
            ),
        };
        sys.eprint(&format!("{tool}: error: {text}\n"));
        Step::Exit(if &*tool == "psql" { 2 } else { 1 })
    }
    pub(super) fn show(&mut self, sys: &mut Sys<'_>, outcome: Outcome) {
        match outcome {
            Outcome::Rows { columns, rows, tag } => {
                if tag.starts_with("SELECT") || tag == "SHOW" || tag == "EXPLAIN" {
                    sys.print(&self.style.table("", &columns, &rows, &[]));
                } else {
                    sys.print(&format!(
                        "{}{}",
                        self.style.table("", &columns, &rows, &[]),
                        if self.quiet { String::new() } else { format!("{tag}\n") }
                    ));
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
    pub(super) fn refused(&mut self, sys: &mut Sys<'_>, fault: &Fault) -> Step {
        if self.password.is_none() && fault.state == "28P01" {
            if sys.is_tty(STDIN) {
                sys.print(&format!("Password for user {}: ", self.user));
                self.stage = Stage::Password;
                return Step::Again;
            }
            sys.eprint(&format!(
                "{}: error: connection to server {} failed: fe_sendauth: no password supplied\n",
                self.name,
                self.place()
            ));
            return Step::Exit(if &*self.name == "psql" { 2 } else { 1 });
        }
        if self.session != 0 {
            // \c keeps the connection there was.
            if let Some(old) = self.options.pop() {
                self.database = old;
            }
            sys.eprint(&format!(
                "connection to server {} failed: FATAL:  {}\nPrevious connection kept\n",
                self.place(),
                fault.text
            ));
            return Step::Again;
        }
        sys.eprint(&format!(
            "{}: error: connection to server {} failed: FATAL:  {}\n",
            self.name,
            self.place(),
            fault.text
        ));
        Step::Exit(if &*self.name == "psql" { 2 } else { 1 })
    }
    pub(super) fn answered(&mut self, sys: &mut Sys<'_>, reply: Result<Reply, Broken>) -> Step {
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
                    sys.print(&format!(
                        "You are now connected to database \"{}\" as user \"{}\".\n",
                        self.database, self.user
                    ));
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
                    let columns: Vec<(String, bool)> =
                        drawn.columns.iter().map(|c| (c.clone(), false)).collect();
                    let rows =
                        drawn.rows.iter().map(|r| r.iter().map(|c| Some(c.clone())).collect()).collect();
                    let detail = drawn.title.starts_with("Table ") || drawn.title.starts_with("View ");
                    let text = self.style.table(&drawn.title, &columns, &rows, &drawn.notes);
                    // Descriptions have no count of rows.
                    sys.print(&if detail && drawn.notes.is_empty() {
                        text.replace(
                            &format!(
                                "({} row{})\n",
                                drawn.rows.len(),
                                if drawn.rows.len() == 1 { "" } else { "s" }
                            ),
                            "",
                        )
                    } else {
                        text
                    });
                }
            }
            (_, Reply::Results(outcomes)) => {
                let tool = self.name.ends_with("db");
                for outcome in outcomes {
                    match (tool, outcome) {
                        (true, Outcome::Failed(fault)) => {
                            let verb = if &*self.name == "createdb" { "creation" } else { "removal" };
                            sys.eprint(&format!(
                                "{}: error: database {verb} failed: ERROR:  {}\n",
                                self.name, fault.text
                            ));
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
    pub(super) fn prefix(&self) -> String {
        self.file.as_ref().map_or(String::new(), |f| format!("psql:{f}:{}: ", self.sent_line))
    }
}
