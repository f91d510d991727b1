//! The command line of psql and the tools beside it.

use super::*;

impl Client {
    pub(super) fn options(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Option<i32> {
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
                    self.stop |= set
                        .split_once('=')
                        .is_some_and(|(n, v)| n == "ON_ERROR_STOP" && !matches!(v, "0" | "off"));
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
                    let v = sys
                        .env("PG_VERSION")
                        .map_or("17.6".to_string(), |v| v.split('-').next().unwrap_or("").to_string());
                    sys.print(&format!("{} (PostgreSQL) {v} (Debian {v}-1.pgdg12+1)\n", self.name));
                    return Some(0);
                }
                "-?" | "--help" => {
                    sys.print(&format!(
                        "{0} is a tool of PostgreSQL.\n\nUsage:\n  {0} [OPTION]... [DBNAME [USERNAME]]\n",
                        self.name
                    ));
                    return Some(0);
                }
                "-X" | "-w" | "-n" | "-e" | "-b" | "-O" | "-x_" | "-C" | "-S" => {}
                "-T" | "-Z" | "-j" | "-N" => _ = value(glued),
                _ => {
                    let bad = match flag.strip_prefix("--") {
                        Some(_) => format!("unrecognized option '{flag}'"),
                        None => format!("invalid option -- '{}'", flag.trim_start_matches('-')),
                    };
                    sys.eprint(&format!(
                        "{0}: {bad}\n{0}: hint: Try \"{0} --help\" for more information.\n",
                        if &*self.name == "psql" { "/usr/lib/postgresql/17/bin/psql" } else { &self.name }
                    ));
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
            self.words
                .iter_mut()
                .for_each(|w| *w = w.trim_start_matches('\u{1}').trim_start_matches("public.").to_string());
        } else if !self.name.ends_with("db") {
            self.words.clear();
        }
        let given = given.and_then(|g| self.url(&g).or(Some(g)));
        self.database = given
            .or_else(|| sys.env("PGDATABASE").map(|d| d.to_string()))
            .unwrap_or_else(|| self.user.clone());
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
    pub(super) fn url(&mut self, text: &str) -> Option<String> {
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
            let (user, password) =
                login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p.to_string())));
            self.user = user.into();
            self.password = password.or(self.password.take());
        }
        let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
        self.link.port = port.parse().unwrap_or(5432);
        self.link.host = (!host.is_empty()).then(|| host.into());
        let database = database.split('?').next().unwrap_or("");
        Some(if database.is_empty() { self.user.clone() } else { database.into() })
    }
    pub(super) fn set_style(&mut self, text: &str) -> Option<String> {
        let (name, value) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let on = |now: bool| match value {
            "on" => true,
            "off" => false,
            _ => !now,
        };
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
}

pub(super) fn long_flag(name: &str) -> String {
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
