//! The command line of mysql, mysqladmin and mysqldump.

use super::*;

impl Client {
    pub(super) fn options(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Option<i32> {
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
                "-s" => {}
                "-B" if self.tool != Tool::Dump => self.table = false,
                "-t" if self.tool == Tool::Client => self.table = true,
                "-E" => self.vertical = true,
                "-r" => self.raw = true,
                "-f" => self.force = true,
                "-v" => self.verbose = true,
                "-w" => self.wait = 30,
                "-B" | "--databases" => self.dump.push("database".into()),
                "-A" | "--all-databases" if self.tool == Tool::Dump => {
                    self.dump.extend(["all".into(), "database".into()])
                }
                "-d" | "--no-data" => self.dump.push("schema".into()),
                "-t" | "--no-create-info" => self.dump.push("data".into()),
                "-V" => {
                    let version = match self.maria {
                        true => format!(
                            "{} from {}, client 15.2 for debian-linux-gnu (x86_64) using  EditLine wrapper\n",
                            self.name,
                            sys.env("MARIADB_VERSION").map_or("11.8.3-MariaDB".into(), |v| format!(
                                "{}-MariaDB",
                                v.trim_start_matches("1:").split('+').next().unwrap_or("")
                            ))
                        ),
                        false => format!(
                            "{}  Ver {} for Linux on x86_64 (MySQL Community Server - GPL)\n",
                            self.name,
                            sys.env("MYSQL_VERSION").unwrap_or_default().split('-').next().unwrap_or("")
                        ),
                    };
                    sys.print(&version);
                    return Some(0);
                }
                "-?" | "--help" => {
                    sys.print(&format!("Usage: {} [OPTIONS] [database]\n", self.name));
                    return Some(0);
                }
                _ if QUIET.iter().any(|q| flag.trim_start_matches("--").starts_with(q))
                    || matches!(flag.as_str(), "-C" | "-A" | "-n" | "-q" | "-i" | "-a" | "-R" | "-F") => {}
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
            sys.eprint(&format!(
                "{}: [Warning] Using a password on the command line interface can be insecure.\n",
                self.name
            ));
        }
        self.interactive =
            self.tool == Tool::Client && !self.ended && sys.is_tty(STDIN) && sys.is_tty(STDOUT);
        if !self.interactive && !self.ended && !sys.is_tty(STDIN) && self.tool == Tool::Client {
            self.table &= args.iter().any(|a| &**a == "-t" || &**a == "--table");
        }
        if ask {
            sys.print("Enter password: ");
            self.stage = Stage::Password;
        }
        None
    }
}

/// Options without effect here, by what they begin with.
pub(super) const QUIET: &[&str] = &[
    "ssl",
    "skip",
    "default",
    "single-transaction",
    "quick",
    "routines",
    "triggers",
    "events",
    "column-statistics",
    "set-gtid",
    "compress",
    "opt",
    "no-tablespaces",
    "hex-blob",
    "extended-insert",
    "complete",
    "add-drop",
    "comments",
    "compact",
    "silent",
    "no-auto-rehash",
    "connect",
    "reconnect",
    "login-path",
    "get-server",
    "enable-cleartext",
    "loose",
    "no-create-db",
    "force",
    "max",
    "tls",
    "disable",
    "local-infile",
    "lock-tables",
    "create-options",
    "result",
    "master-data",
    "source-data",
    "flush",
    "count",
    "sleep",
    "no-beep",
    "pager",
    "prompt",
    "unbuffered",
    "binary",
];

pub(super) fn long_flag(name: &str) -> String {
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
