//! The server: settings, sessions, saving, replicas. A client that waits (BLPOP, a replica for news) is
//! kept until there is something for it.

mod commands;
mod replica;

use super::data::{Bytes, Data};
use super::resp::{Reply, parse_command};
use crate::exchange::Incoming;
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::time::Timestamp;
use drydock_network::exchange::{Answer, Payload, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Commands that change something.
const WRITES: &[&str] = &[
    "SET",
    "SETNX",
    "SETEX",
    "PSETEX",
    "GETSET",
    "MSET",
    "MSETNX",
    "GETDEL",
    "GETEX",
    "APPEND",
    "SETRANGE",
    "INCR",
    "DECR",
    "INCRBY",
    "DECRBY",
    "INCRBYFLOAT",
    "DEL",
    "UNLINK",
    "RENAME",
    "RENAMENX",
    "COPY",
    "EXPIRE",
    "PEXPIRE",
    "EXPIREAT",
    "PEXPIREAT",
    "PERSIST",
    "FLUSHALL",
    "FLUSHDB",
    "LPUSH",
    "RPUSH",
    "LPUSHX",
    "RPUSHX",
    "LPOP",
    "RPOP",
    "BLPOP",
    "BRPOP",
    "LREM",
    "LTRIM",
    "LSET",
    "LINSERT",
    "RPOPLPUSH",
    "LMOVE",
    "SADD",
    "SREM",
    "SPOP",
    "SMOVE",
    "HSET",
    "HMSET",
    "HSETNX",
    "HDEL",
    "HINCRBY",
    "HINCRBYFLOAT",
    "ZADD",
    "ZREM",
    "ZINCRBY",
    "ZPOPMIN",
    "ZPOPMAX",
];

/// Who waits for what.
#[derive(Clone, Debug, Hash)]
enum Held {
    /// BLPOP and BRPOP: keys, from the left, until when (0 for ever).
    Pop(Vec<Bytes>, bool, u64),
    /// A replica that has everything up to this version.
    News,
}

/// How a replica stands with its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Follow {
    Start,
    /// The exchange whose answer brings news.
    Asked(u64),
    Pause(u64),
}

#[derive(Clone, Hash)]
struct Server {
    data: Data,
    password: Option<Arc<str>>,
    told: Option<Signal>,
    port: u16,
    file: Arc<str>,
    /// Everything is on disk as soon as it is said.
    append: bool,
    settings: BTreeMap<String, String>,
    started: u64,
    saved: i64,
    /// Commands so far.
    count: u64,
    version: u64,
    held: Vec<(u64, Held)>,
    leader: Option<(Arc<str>, u16)>,
    leader_password: Option<Arc<str>>,
    follow: Follow,
}

fn line(sys: &Sys<'_>, role: char, mark: char, text: &str) -> String {
    let t = Timestamp(sys.unix()).civil();
    let (pid, ms) = (sys.process().map_or(1, |p| p.ns_pid), sys.now() % 1000);
    format!(
        "{pid}:{role} {:02} {} {} {:02}:{:02}:{:02}.{ms:03} {mark} {text}\n",
        t.day,
        t.month_name(),
        t.year,
        t.hour,
        t.minute,
        t.second
    )
}

/// Reads the settings and takes the port.
pub(super) fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let version = sys.env("REDIS_VERSION").unwrap_or_else(|| "8.2.1".into());
    let args = sys.args();
    if args.iter().any(|a| matches!(&**a, "-v" | "--version")) {
        sys.print(&format!(
            "Redis server v={version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1a2b3c4d5e6f7081\n"
        ));
        return Box::new(Once(|_| 0));
    }
    let mut settings: Vec<(String, String)> = Vec::new();
    let has_file = args.get(1).is_some_and(|a| !a.starts_with("--"));
    if let (true, Some(path)) = (has_file, args.get(1)) {
        match sys.read_file(path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
                settings.extend(
                    lines
                        .filter_map(|l| l.split_once(' '))
                        .map(|(k, v)| (k.to_lowercase(), v.trim().trim_matches('"').into())),
                );
            }
            Err(_) => {
                let text = line(
                    sys,
                    'C',
                    '#',
                    &format!("Fatal error, can't open config file '{path}': No such file or directory"),
                );
                sys.print(&text);
                return Box::new(Once(|_| 1));
            }
        }
    }
    let mut words = args.iter().skip(1 + usize::from(has_file)).peekable();
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            // `--save 60 1`, `--replicaof host port`.
            let mut values = Vec::new();
            while let Some(value) = words.next_if(|w| !w.starts_with("--")) {
                values.push(value.to_string());
            }
            settings.push((name.to_lowercase(), values.join(" ")));
        }
    }
    let setting = |name: &str| settings.iter().rev().find(|s| s.0 == name).map(|s| s.1.as_str());
    let port: u16 = setting("port").and_then(|p| p.parse().ok()).unwrap_or(6379);
    let mut out = line(sys, 'C', '*', "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    out.push_str(&line(
        sys,
        'C',
        '*',
        &format!("Redis version={version}, bits=64, commit=00000000, modified=0, pid=1, just started"),
    ));
    out.push_str(&if has_file {
        line(sys, 'C', '*', "Configuration loaded")
    } else {
        line(sys, 'C', '#', "Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
    });
    out.push_str(&line(sys, 'M', '*', "monotonic clock: POSIX clock_gettime"));
    out.push_str(&line(sys, 'M', '*', &format!("Running mode=standalone, port={port}.")));
    if sys.listen(port).is_err() {
        out.push_str(&line(
            sys,
            'M',
            '#',
            &format!(
                "Warning: Could not create server TCP listening socket *:{port}: bind: Address already in use"
            ),
        ));
        out.push_str(&line(sys, 'M', '#', "Failed listening on port 6379 (tcp), aborting."));
        sys.print(&out);
        return Box::new(Once(|_| 1));
    }
    out.push_str(&line(sys, 'M', '*', "Server initialized"));
    let mut data = Data::default();
    let folder = setting("dir").map_or(String::new(), |d| format!("{}/", d.trim_end_matches('/')));
    let append = setting("appendonly") == Some("yes");
    let file = format!(
        "{folder}{}",
        if append {
            "appendonlydir/appendonly.aof.1.incr.aof"
        } else {
            setting("dbfilename").unwrap_or("dump.rdb")
        }
    );
    if append {
        _ = sys.make_folders(&format!("{folder}appendonlydir"));
    }
    if let Ok(bytes) = sys.read_file(&file) {
        data.load(&bytes);
        out.push_str(&line(sys, 'M', '*', &format!("Loading RDB produced by version {version}")));
        out.push_str(&line(
            sys,
            'M',
            '*',
            &format!("Done loading RDB, keys loaded: {}, keys expired: 0.", data.len()),
        ));
    }
    let leader = setting("replicaof").or(setting("slaveof")).and_then(|r| {
        let (host, port) = r.split_once(' ')?;
        Some((Arc::from(host), port.trim().parse().ok()?))
    });
    if leader.is_none() {
        out.push_str(&line(sys, 'M', '*', "Ready to accept connections tcp"));
    }
    sys.print(&out);
    let password = setting("requirepass").filter(|p| !p.is_empty()).map(Arc::from);
    let leader_password: Option<Arc<str>> = setting("masterauth").filter(|p| !p.is_empty()).map(Arc::from);
    Box::new(Server {
        data,
        password,
        told: None,
        port,
        file: file.as_str().into(),
        append,
        settings: settings.iter().cloned().collect(),
        started: sys.now(),
        saved: sys.unix(),
        count: 0,
        version: 1,
        held: Vec::new(),
        leader,
        leader_password,
        follow: Follow::Start,
    })
}

/// What CONFIG GET knows of besides what was set.
const SETTINGS: &[(&str, &str)] = &[
    ("appendonly", "no"),
    ("appendfsync", "everysec"),
    ("bind", "* -::*"),
    ("databases", "16"),
    ("dbfilename", "dump.rdb"),
    ("dir", "/data"),
    ("hz", "10"),
    ("loglevel", "notice"),
    ("masterauth", ""),
    ("maxclients", "10000"),
    ("maxmemory", "0"),
    ("maxmemory-policy", "noeviction"),
    ("port", "6379"),
    ("protected-mode", "no"),
    ("replicaof", ""),
    ("requirepass", ""),
    ("save", "3600 1 300 100 60 10000"),
    ("slowlog-log-slower-than", "10000"),
    ("tcp-keepalive", "300"),
    ("timeout", "0"),
];

fn ok() -> Reply {
    Reply::Status("OK".into())
}
fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

impl Server {
    fn role(&self) -> char {
        if self.leader.is_some() { 'S' } else { 'M' }
    }
    fn write(&mut self, sys: &mut Sys<'_>) -> bool {
        let bytes = self.data.dump();
        self.saved = sys.unix();
        sys.write_file(&self.file, &bytes, false).is_ok()
    }
    fn save(&mut self, sys: &mut Sys<'_>) -> bool {
        let saved = self.write(sys);
        let text = if saved {
            line(sys, 'M', '*', "DB saved on disk")
        } else {
            line(
                sys,
                'M',
                '#',
                "Failed opening the temp RDB file temp-1.rdb (in server root dir unknown) for saving: Permission denied",
            )
        };
        sys.print(&text);
        saved
    }
    fn changed(&mut self, sys: &mut Sys<'_>) {
        self.version += 1;
        if self.append {
            self.write(sys);
        }
    }
}

impl Behave for Server {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int) {
            self.told = Some(signal);
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(signal) = self.told {
            let text = line(sys, self.role(), '#', "User requested shutdown...");
            let name = if signal.number() == 2 { "SIGINT" } else { "SIGTERM" };
            let head = line(sys, 'S', '#', &format!("Received {name} scheduling shutdown..."));
            sys.print(&head.replacen(":S ", ":signal-handler ", 1));
            sys.print(&text);
            let off = self.settings.get("save").is_some_and(|s| s.trim_matches(['"', '\'']).is_empty());
            if !self.data.is_empty() && !off {
                let text = line(sys, 'M', '*', "Saving the final RDB snapshot before exiting.");
                sys.print(&text);
                self.save(sys);
            }
            let text = line(sys, 'M', '#', "Redis is now ready to exit, bye bye...");
            sys.print(&text);
            return Step::Exit(0);
        }
        let before = self.version;
        while let Some(incoming) = sys.accept() {
            let Payload::Bytes(bytes) = &incoming.payload else {
                // HTTP on this port: redis notices the Host header and hangs up.
                sys.reset(incoming.id);
                continue;
            };
            let mut words = parse_command(bytes);
            // A password travels in front of each command: a connection is one exchange.
            let mut authenticated = self.password.is_none();
            if words.first().is_some_and(|w| w.eq_ignore_ascii_case(b"AUTH")) && words.len() > 2 {
                let given = words.get(1).cloned().unwrap_or_default();
                authenticated |= self.password.as_ref().is_some_and(|p| p.as_bytes() == given);
                words.drain(..2);
            }
            let name =
                words.first().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
            let reply = match name.as_str() {
                _ if !authenticated && name != "AUTH" => Some(Reply::Error("NOAUTH Authentication required.".into())),
                "AUTH" => Some(match &self.password {
                    None => Reply::Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".into()),
                    Some(p) if words.last().is_some_and(|w| w == p.as_bytes()) => ok(),
                    Some(_) => Reply::Error("WRONGPASS invalid username-password pair or user is disabled.".into()),
                }),
                "SHUTDOWN" => {
                    self.told = Some(Signal::Term);
                    sys.reset(incoming.id);
                    return Step::Again;
                }
                _ => self.run(sys, &incoming, &words),
            };
            if let Some(reply) = reply {
                sys.respond(incoming.id, Answer::Bytes(reply.encode().into()));
            }
        }
        let until = self.serve_held(sys);
        if self.version != before && self.leader.is_none() {
            self.tell(sys);
        }
        let mut waits = vec![Wait::Accept];
        waits.extend(until.map(Wait::Until));
        waits.extend(self.keep_up(sys));
        Step::Wait(waits)
    }
}
