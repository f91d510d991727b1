//! What comes back: results, errors, no connection.

use super::*;

impl Client {
    pub(super) fn fault(&self, sys: &mut Sys<'_>, fault: &Fault, line: usize) {
        let at = if self.interactive || line == 0 { String::new() } else { format!(" at line {line}") };
        let dashes = if self.verbose && !self.interactive { "--------------\n" } else { "" };
        sys.eprint(&format!("{dashes}ERROR {} ({}){at}: {}\n", fault.code, fault.state, fault.text));
    }
    /// Why there is no connection.
    pub(super) fn broken(&self, broken: Broken) -> Fault {
        let host = self.link.host.as_deref().unwrap_or("localhost");
        let socket = self.link.socket.0;
        let product = if self.maria { "" } else { "MySQL " };
        let shown = if self.maria { socket.replace("/var/run", "/run") } else { socket.to_string() };
        let error = |code: u16, text: String| Fault { code, state: "HY000".into(), text, ..Fault::default() };
        match (broken, &self.link.host) {
            (Broken::NoSocket, _) => {
                error(2002, format!("Can't connect to local {product}server through socket '{shown}' (2)"))
            }
            (Broken::Failed(Failure::Refused), None) => {
                error(2002, format!("Can't connect to local {product}server through socket '{shown}' (111)"))
            }
            (Broken::Unknown, _) => error(2005, format!("Unknown {product}server host '{host}' (-2)")),
            (Broken::Failed(Failure::Reset) | Broken::Strange, _) if self.session != 0 => {
                error(2013, format!("Lost connection to {product}server during query"))
            }
            (Broken::Failed(Failure::Reset) | Broken::Strange, _) => error(
                2013,
                format!(
                    "Lost connection to {product}server at 'reading initial communication packet', system error: 0"
                ),
            ),
            (Broken::Failed(failure), _) => {
                let number = match failure {
                    Failure::Refused => 111,
                    Failure::Unreachable => 113,
                    _ => 110,
                };
                match self.maria {
                    true => error(
                        2002,
                        format!(
                            "Can't connect to server on '{host}' ({})",
                            if number == 111 { 115 } else { number }
                        ),
                    ),
                    false => error(
                        2003,
                        format!("Can't connect to MySQL server on '{host}:{}' ({number})", self.link.port),
                    ),
                }
            }
        }
    }
    /// The connection cannot be made, or is lost.
    pub(super) fn lost(&mut self, sys: &mut Sys<'_>, fault: &Fault) -> Step {
        match self.tool {
            Tool::Client => self.fault(sys, fault, 0),
            Tool::Dump => sys.eprint(&format!(
                "{}: Got error: {}: {} when trying to connect\n",
                self.name,
                fault.code,
                fault.text.replace('\'', "\"").replace('"', "'")
            )),
            Tool::Admin => {
                let text = &fault.text;
                let mut out = match self.maria {
                    true => format!(
                        "{}: connect to server at '{}' failed\nerror: '{text}'\n",
                        self.name,
                        self.link.host.as_deref().unwrap_or("localhost")
                    ),
                    false => format!(
                        "{}: connect to server at '{}' failed\nerror: '{text}'\n",
                        self.name,
                        self.link.host.as_deref().unwrap_or("localhost")
                    ),
                };
                if fault.code == 2002 && self.link.host.is_none() {
                    out += &format!(
                        "Check that {} is running and that the socket: '{}' exists!\n",
                        if self.maria { "mariadbd" } else { "mysqld" },
                        self.link.socket.0
                    );
                } else if fault.code == 2003 || fault.code == 2002 {
                    let host = self.link.host.as_deref().unwrap_or("");
                    out += &format!(
                        "Check that mysqld is running on {host} and that the port is {}.\nYou can check this by doing 'telnet {host} {}'\n",
                        self.link.port, self.link.port
                    );
                }
                sys.eprint(&out);
            }
        }
        Step::Exit(if self.tool == Tool::Dump { 2 } else { 1 })
    }
    pub(super) fn show(&mut self, sys: &mut Sys<'_>, outcome: Outcome, vertical: bool, line: usize) {
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
                        all.lines()
                            .enumerate()
                            .filter(|(n, _)| *n != 1 && *n != 2)
                            .map(|(_, l)| format!("{l}\n"))
                            .collect()
                    }
                    () => boxes::tabs(&columns, &rows, self.names, self.raw),
                };
                sys.print(&text);
                if self.interactive {
                    sys.print(&format!(
                        "{count} row{} in set ({seconds} sec)\n\n",
                        if count == 1 { "" } else { "s" }
                    ));
                }
            }
            Outcome::Done { affected, info, .. } => {
                if self.interactive {
                    let info = if info.is_empty() { String::new() } else { format!("{info}\n") };
                    sys.print(&format!(
                        "Query OK, {affected} row{} affected ({seconds} sec)\n{info}\n",
                        if affected == 1 { "" } else { "s" }
                    ));
                }
            }
            Outcome::Failed(fault) => {
                self.failed = true;
                self.fault(sys, &fault, line);
            }
        }
    }
    pub(super) fn answered(&mut self, sys: &mut Sys<'_>, reply: Result<Reply, Broken>) -> Step {
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
                if self.tool == Tool::Admin
                    && self.words.first().is_some_and(|w| w == "ping")
                    && fault.code == 1045
                {
                    let host = self.link.host.as_deref().unwrap_or("localhost");
                    sys.eprint(&format!(
                        "{}: connect to server at '{host}' failed\nerror: '{}'\n",
                        self.name, fault.text
                    ));
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
                            let names = rows.into_iter().flatten().flatten().filter(|n| {
                                !matches!(
                                    n.as_str(),
                                    "information_schema" | "performance_schema" | "sys" | "mysql"
                                )
                            });
                            self.words.extend(names);
                        }
                    }
                    return Step::Again;
                }
                for outcome in outcomes {
                    let low = sql.trim_start().to_lowercase();
                    if let (Outcome::Done { .. }, Some(rest)) =
                        (&outcome, low.strip_prefix("use").filter(|r| r.starts_with([' ', '`'])))
                    {
                        let length = rest.trim().trim_matches('`').len();
                        let name = sql.trim().trim_end_matches('`');
                        self.database = name.get(name.len().saturating_sub(length)..).map(String::from);
                        if self.interactive {
                            sys.print("Database changed\n");
                        }
                        continue;
                    }
                    if let (Outcome::Failed(f), Tool::Admin) = (&outcome, self.tool) {
                        sys.eprint(&format!(
                            "{}: {}; error: '{}'\n",
                            self.name,
                            if sql.starts_with("DROP") {
                                "DROP DATABASE failed"
                            } else {
                                "CREATE DATABASE failed"
                            },
                            f.text
                        ));
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
                sys.eprint(&format!(
                    "{}: Got error: {}: {} when selecting the database\n",
                    self.name, fault.code, fault.text
                ));
                Step::Exit(2)
            }
            _ => Step::Again,
        }
    }
}
