//! mongosh and the old mongo shell.

use super::*;

#[derive(Clone, Hash)]
pub(super) struct Shell {
    link: Link,
    user: String,
    password: String,
    from: String,
    database: String,
    old: bool,
    quiet: bool,
    interactive: bool,
    prompted: bool,
    /// The version is known: there was an answer.
    greeted: bool,
    asked_password: bool,
    queue: VecDeque<String>,
    ended: bool,
    buffer: String,
}

pub(super) fn start_shell(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let own = crate::filesystem::base_name(args.first().map_or("", |a| a)).to_string();
    let old = own == "mongo";
    let mut s = Shell {
        link: Link::new(Some("127.0.0.1".into()), 27_017, ("/tmp/mongodb-27017.sock", MONGO_SOCKET)),
        user: String::new(),
        password: String::new(),
        from: String::new(),
        database: "test".into(),
        old,
        quiet: false,
        interactive: false,
        prompted: false,
        greeted: false,
        asked_password: false,
        queue: VecDeque::new(),
        ended: false,
        buffer: String::new(),
    };
    let mut words: VecDeque<String> = args.iter().skip(1).map(ToString::to_string).collect();
    while let Some(word) = words.pop_front() {
        let (flag, glued) = match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((f, v)) => (f.to_string(), Some(v.to_string())),
            None => (word.clone(), None),
        };
        let mut value = || glued.clone().or_else(|| words.pop_front()).unwrap_or_default();
        match flag.as_str() {
            "--host" | "-h" => {
                let host = value();
                let (host, port) = host
                    .rsplit('/')
                    .next()
                    .unwrap_or("")
                    .split(',')
                    .next()
                    .unwrap_or("")
                    .split_once(':')
                    .map_or((host.clone(), None), |(h, p)| (h.to_string(), p.parse().ok()));
                s.link.host = Some(host.as_str().into());
                s.link.port = port.unwrap_or(s.link.port);
            }
            "--port" => s.link.port = value().parse().unwrap_or(27_017),
            "-u" | "--username" => s.user = value(),
            "-p" | "--password" => {
                match words.front().filter(|_| glued.is_none()).is_some_and(|w| !w.starts_with('-'))
                    || glued.is_some()
                {
                    true => s.password = glued.clone().or_else(|| words.pop_front()).unwrap_or_default(),
                    false => s.asked_password = true,
                }
            }
            "--authenticationDatabase" => s.from = value(),
            "--eval" => {
                let text = value();
                s.queue.push_back(text);
                s.ended = true;
            }
            "--quiet" => s.quiet = true,
            "--version" => {
                sys.print(if old { "MongoDB shell version v4.4.29\n" } else { "2.5.8\n" });
                return Box::new(Once(|_| 0));
            }
            "--norc" | "--tls" | "--shell" | "--json" | "--nodb" => {}
            f if f.starts_with("--") => {
                if glued.is_none() && words.front().is_some_and(|w| !w.starts_with('-')) {
                    words.pop_front();
                }
            }
            file if std::path::Path::new(file).extension().is_some_and(|e| e == "js") => {
                match sys.read_file(file) {
                    Ok(bytes) => {
                        s.queue.push_back(String::from_utf8_lossy(&bytes).into_owned());
                        s.ended = true;
                    }
                    Err(_) => {
                        sys.eprint(&format!(
                            "MongoshRuntimeError: ENOENT: no such file or directory, open '{file}'\n"
                        ));
                        return Box::new(Once(|_| 1));
                    }
                }
            }
            name => s.address(name),
        }
    }
    if s.from.is_empty() && !s.user.is_empty() {
        s.from = if s.old || s.database == "test" { "admin".into() } else { s.database.clone() };
    }
    s.interactive = !s.ended && sys.is_tty(STDIN) && sys.is_tty(STDOUT);
    if s.asked_password {
        sys.print("Enter password: ");
    }
    Box::new(s)
}

impl Shell {
    /// `mongodb://user:password@host:port/db?authSource=x`, `host:port/db`, `db`.
    fn address(&mut self, text: &str) {
        let url = text.strip_prefix("mongodb://").or_else(|| text.strip_prefix("mongodb+srv://"));
        let (rest, options) = url.unwrap_or(text).split_once('?').unwrap_or((url.unwrap_or(text), ""));
        let (place, database) = match (rest.split_once('/'), url.is_some()) {
            (Some((place, database)), _) => (place, database),
            (None, true) => (rest, ""),
            (None, false) if rest.contains(':') || rest.contains('.') => (rest, ""),
            (None, false) => ("", rest),
        };
        let (login, host) = place.rsplit_once('@').unwrap_or(("", place));
        if let Some((user, password)) = login.split_once(':') {
            (self.user, self.password) = (user.into(), password.into());
        }
        let host = host.split(',').next().unwrap_or("");
        let (host, port) = host.split_once(':').unwrap_or((host, "27017"));
        if !host.is_empty() {
            self.link.host = Some(host.into());
            self.link.port = port.parse().unwrap_or(27_017);
        }
        if !database.is_empty() {
            self.database = database.into();
        }
        if let Some(from) = options.split('&').find_map(|o| o.strip_prefix("authSource=")) {
            self.from = from.into();
        } else if !database.is_empty() && !self.user.is_empty() && self.from.is_empty() {
            self.from = database.into();
        }
    }
    fn send(&mut self, sys: &mut Sys<'_>, line: &str) -> Step {
        let parts = [
            "mongo",
            &self.user,
            &self.password,
            &self.from,
            &self.database,
            if self.old { "1" } else { "0" },
            line,
        ]
        .map(String::from);
        let sent = self.link.send_bytes(sys, pack(&parts), 30_000);
        match sent {
            Err(broken) => self.broken(sys, broken),
            Ok(()) => Step::Again,
        }
    }
    fn broken(&mut self, sys: &mut Sys<'_>, broken: Broken) -> Step {
        let host = self.link.host.as_deref().unwrap_or("127.0.0.1").to_string();
        let at = self.link.address.map_or_else(|| format!("{host}:{}", self.link.port), |a| a.to_string());
        let text = match (self.old, broken) {
            (true, Broken::Unknown) => format!(
                "Error: couldn't connect to server {host}:{}, connection attempt failed: HostNotFound: Could not find address for {host}:{}: SocketException: Host not found (authoritative) :\nconnect@src/mongo/shell/mongo.js:374:17\n@(connect):2:6\nexception: connect failed\nexiting with code 1",
                self.link.port, self.link.port
            ),
            (true, _) => format!(
                "Error: couldn't connect to server {host}:{}, connection attempt failed: SocketException: Error connecting to {at} :: caused by :: Connection refused :\nconnect@src/mongo/shell/mongo.js:374:17\n@(connect):2:6\nexception: connect failed\nexiting with code 1",
                self.link.port
            ),
            (false, Broken::Unknown) => format!("MongoNetworkError: getaddrinfo ENOTFOUND {host}"),
            (false, Broken::Failed(Failure::Refused)) => {
                format!("MongoNetworkError: connect ECONNREFUSED {at}")
            }
            (false, Broken::Failed(Failure::TimedOut)) => {
                "MongoServerSelectionError: Server selection timed out after 30000 ms".to_string()
            }
            (false, _) => format!("MongoNetworkError: connection 1 to {at} closed"),
        };
        sys.eprint(&format!("{text}\n"));
        Step::Exit(1)
    }
    fn greet(&mut self, sys: &mut Sys<'_>, version: &str) {
        self.greeted = true;
        let host = self.link.host.as_deref().unwrap_or("127.0.0.1");
        let port = self.link.port;
        if self.old && !self.quiet {
            let database = if self.database == "test" { String::new() } else { self.database.clone() };
            sys.print(&format!("MongoDB shell version v{version}\nconnecting to: mongodb://{host}:{port}/{database}?compressors=disabled&gssapiServiceName=mongodb\nMongoDB server version: {version}\n"));
            if self.interactive {
                sys.print("Welcome to the MongoDB shell.\nFor interactive help, type \"help\".\n");
            }
        } else if self.interactive && !self.quiet {
            let id = new_id(sys);
            let login = if self.user.is_empty() { String::new() } else { "<credentials>@".into() };
            sys.print(&format!("Current Mongosh Log ID:\t{id}\nConnecting to:\t\tmongodb://{login}{host}:{port}/?directConnection=true&serverSelectionTimeoutMS=2000&appName=mongosh+2.5.8\nUsing MongoDB:\t\t{version}\nUsing Mongosh:\t\t2.5.8\n\nFor mongosh info see: https://www.mongodb.com/docs/mongodb-shell/\n\n"));
        }
    }
    fn answered(&mut self, sys: &mut Sys<'_>, reply: Result<Arc<[u8]>, Broken>) -> Step {
        let bytes = match reply {
            Ok(bytes) => bytes,
            Err(broken) => return self.broken(sys, broken),
        };
        let parts = unpack(&bytes).unwrap_or_default();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match *parts {
            ["refused"] => {
                let text = match self.old {
                    true => {
                        "Error: Authentication failed. :\nconnect@src/mongo/shell/mongo.js:374:17\n@(connect):2:6\nexception: connect failed\nexiting with code 1\n"
                    }
                    false => "MongoServerError: Authentication failed.\n",
                };
                sys.eprint(text);
                Step::Exit(1)
            }
            ["said", text, error, database, end, version] => {
                if !self.greeted {
                    self.greet(sys, version);
                }
                self.database = database.into();
                let failed = error == "1";
                // Scripts' errors go to stderr, a person's to the screen.
                if failed && !self.interactive && !self.old {
                    sys.eprint(text)
                } else {
                    sys.print(text)
                }
                match (end == "1", failed && self.ended) {
                    (true, _) => Step::Exit(0),
                    (_, true) => Step::Exit(if self.old { 252 } else { 1 }),
                    _ => Step::Again,
                }
            }
            _ => self.broken(sys, Broken::Strange),
        }
    }
}

/// Whether a line needs more below it.
pub(super) fn open(text: &str) -> bool {
    let (mut depth, mut quote) = (0i32, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

impl Behave for Shell {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(id) = self.link.waiting() {
            return match self.link.poll_bytes(sys) {
                None => Step::wait(Wait::Answer(id)),
                Some(reply) => self.answered(sys, reply),
            };
        }
        if self.asked_password {
            match sys.read_line(STDIN) {
                Read::Data(line) => {
                    self.password = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string()
                }
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => {}
            }
            self.asked_password = false;
        }
        if !self.greeted && self.queue.is_empty() && !self.ended {
            return self.send(sys, "");
        }
        if let Some(line) = self.queue.pop_front() {
            return self.send(sys, &line);
        }
        if self.ended {
            return Step::Exit(0);
        }
        if self.interactive && !self.prompted {
            let prompt = match (self.buffer.is_empty(), self.old) {
                (true, true) => "> ".to_string(),
                (true, false) => format!("{}> ", self.database),
                (false, _) => "... ".into(),
            };
            sys.print(&prompt);
            self.prompted = true;
        }
        match sys.read_line(STDIN) {
            Read::Data(line) => {
                self.prompted = false;
                self.buffer += &String::from_utf8_lossy(&line);
                if open(&self.buffer) {
                    return Step::Again;
                }
                let line = std::mem::take(&mut self.buffer);
                if line.trim().is_empty() {
                    return Step::Again;
                }
                if line.trim() == ".exit" {
                    return Step::Exit(0);
                }
                self.send(sys, &line)
            }
            Read::Block => Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => Step::Exit(0),
        }
    }
}
