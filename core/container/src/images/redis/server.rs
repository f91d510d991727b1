//! The server: settings, sessions, saving, replicas. A client that waits (BLPOP, a replica for news) is
//! kept until there is something for it.

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
    fn info(&self, sys: &Sys<'_>, wanted: &str) -> String {
        let version = sys.env("REDIS_VERSION").unwrap_or_default();
        let uptime = (sys.now() - self.started) / 1000;
        let replicas = self.held.iter().filter(|h| matches!(h.1, Held::News)).count();
        let used = 1_000_000 + self.data.dump().len() * 3;
        let (keys, expiring) = (self.data.len(), self.data.expiring());
        let sections = [
            (
                "Server",
                format!(
                    "redis_version:{version}\r\nredis_git_sha1:00000000\r\nredis_mode:standalone\r\nos:Linux 6.6 x86_64\r\narch_bits:64\r\nprocess_id:1\r\ntcp_port:{}\r\nuptime_in_seconds:{uptime}\r\nuptime_in_days:{}\r\nexecutable:/data/redis-server\r\nconfig_file:\r\n",
                    self.port,
                    uptime / 86_400
                ),
            ),
            (
                "Clients",
                format!(
                    "connected_clients:1\r\nmaxclients:10000\r\nblocked_clients:{}\r\n",
                    self.held.len() - replicas
                ),
            ),
            (
                "Memory",
                format!(
                    "used_memory:{used}\r\nused_memory_human:{:.2}M\r\nmaxmemory:0\r\nmaxmemory_human:0B\r\nmaxmemory_policy:noeviction\r\nmem_allocator:jemalloc-5.3.0\r\n",
                    used as f64 / 1_048_576.0
                ),
            ),
            (
                "Persistence",
                format!(
                    "loading:0\r\nrdb_changes_since_last_save:0\r\nrdb_last_save_time:{}\r\nrdb_last_bgsave_status:ok\r\naof_enabled:{}\r\n",
                    self.saved,
                    u8::from(self.append)
                ),
            ),
            (
                "Stats",
                format!(
                    "total_connections_received:{0}\r\ntotal_commands_processed:{0}\r\nexpired_keys:0\r\nevicted_keys:0\r\n",
                    self.count
                ),
            ),
            (
                "Replication",
                match &self.leader {
                    None => format!(
                        "role:master\r\nconnected_slaves:{replicas}\r\nmaster_repl_offset:{}\r\n",
                        if replicas > 0 { self.version * 42 } else { 0 }
                    ),
                    Some((host, port)) => format!(
                        "role:slave\r\nmaster_host:{host}\r\nmaster_port:{port}\r\nmaster_link_status:{}\r\nslave_read_only:1\r\nconnected_slaves:0\r\n",
                        if matches!(self.follow, Follow::Asked(_)) { "up" } else { "down" }
                    ),
                },
            ),
            ("CPU", "used_cpu_sys:0.1\r\nused_cpu_user:0.1\r\n".into()),
            ("Cluster", "cluster_enabled:0\r\n".into()),
            (
                "Keyspace",
                if keys == 0 {
                    String::new()
                } else {
                    format!("db0:keys={keys},expires={expiring},avg_ttl=0\r\n")
                },
            ),
        ];
        let all = wanted.is_empty() || ["all", "default", "everything"].contains(&wanted);
        let shown = sections.iter().filter(|s| all || s.0.eq_ignore_ascii_case(wanted));
        shown.map(|(name, text)| format!("# {name}\r\n{text}")).collect::<Vec<_>>().join("\r\n")
    }
    fn config(&mut self, args: &[String]) -> Reply {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words.as_slice() {
            [get, patterns @ ..] if get.eq_ignore_ascii_case("get") && !patterns.is_empty() => {
                let mut out = Vec::new();
                for (name, or) in SETTINGS {
                    if patterns
                        .iter()
                        .any(|p| super::data::glob(p.to_lowercase().as_bytes(), name.as_bytes()))
                    {
                        let set = match *name {
                            "requirepass" => self.password.as_ref().map(|p| p.to_string()),
                            "port" => Some(self.port.to_string()),
                            name => self.settings.get(name).cloned(),
                        };
                        out.extend([bulk(name), bulk(&set.unwrap_or_else(|| (*or).into()))]);
                    }
                }
                Reply::Many(out)
            }
            [set, name, value] if set.eq_ignore_ascii_case("set") => {
                let name = name.to_lowercase();
                if !SETTINGS.iter().any(|s| s.0 == name) {
                    return Reply::Error(format!(
                        "ERR Unknown option or number of arguments for CONFIG SET - '{name}'"
                    ));
                }
                match name.as_str() {
                    "requirepass" => {
                        self.password = Some(Arc::from(*value)).filter(|p: &Arc<str>| !p.is_empty())
                    }
                    "appendonly" => self.append = *value == "yes",
                    _ => {}
                }
                self.settings.insert(name, (*value).to_string());
                ok()
            }
            [word] if ["rewrite", "resetstat"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {
                match word.eq_ignore_ascii_case("rewrite") {
                    true => Reply::Error("ERR The server is running without a config file".into()),
                    false => ok(),
                }
            }
            _ => Reply::Error("ERR wrong number of arguments for 'config' command".into()),
        }
    }
    /// A command's reply; none for one that has to wait.
    fn run(&mut self, sys: &mut Sys<'_>, incoming: &Incoming, words: &[Bytes]) -> Option<Reply> {
        let name = words.first().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
        let args: Vec<String> =
            words.iter().skip(1).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        let first = args.first().map(|a| a.to_ascii_lowercase()).unwrap_or_default();
        self.count += 1;
        let writes = WRITES.contains(&name.as_str());
        if writes && self.leader.is_some() {
            return Some(Reply::Error("READONLY You can't write against a read only replica.".into()));
        }
        Some(match name.as_str() {
            "SAVE" | "BGSAVE" => match (self.save(sys), name.as_str()) {
                (false, _) => Reply::Error("ERR".into()),
                (true, "SAVE") => ok(),
                (true, _) => Reply::Status("Background saving started".into()),
            },
            "BGREWRITEAOF" => Reply::Status("Background append only file rewriting started".into()),
            "LASTSAVE" => Reply::Number(self.saved),
            "INFO" => bulk(&self.info(sys, &first)),
            "CONFIG" => self.config(&args),
            "ROLE" => Reply::Many(match &self.leader {
                None => vec![bulk("master"), Reply::Number(0), Reply::Many(Vec::new())],
                Some((host, port)) => vec![
                    bulk("slave"),
                    bulk(host),
                    Reply::Number((*port).into()),
                    bulk("connected"),
                    Reply::Number(0),
                ],
            }),
            "REPLICAOF" | "SLAVEOF" => {
                self.leader = match args.as_slice() {
                    [host, port] if !host.eq_ignore_ascii_case("no") => {
                        port.parse().ok().map(|p| (Arc::from(host.as_str()), p))
                    }
                    _ => None,
                };
                self.follow = Follow::Start;
                ok()
            }
            "CLIENT" => match first.as_str() {
                "id" => Reply::Number(self.count as i64 + 2),
                "getname" => Reply::Nil,
                "list" => bulk(&format!(
                    "id={} addr={}:52344 laddr={}:{} fd=8 name= age=0 idle=0 flags=N db=0 cmd=client|list user=default\n",
                    self.count + 2,
                    incoming.from,
                    sys.address().unwrap_or_default(),
                    self.port
                )),
                _ => ok(),
            },
            "BLPOP" | "BRPOP" => {
                let Some((wait, keys)) = args.split_last().filter(|a| !a.1.is_empty()) else {
                    return Some(Reply::Error(format!(
                        "ERR wrong number of arguments for '{}' command",
                        name.to_lowercase()
                    )));
                };
                let Ok(seconds) = wait.parse::<f64>() else {
                    return Some(Reply::Error("ERR timeout is not a float or out of range".into()));
                };
                let keys: Vec<Bytes> = keys.iter().map(|k| k.as_bytes().to_vec()).collect();
                let left = name == "BLPOP";
                match self.pop(sys, &keys, left) {
                    Some(reply) => reply,
                    None => {
                        let until =
                            if seconds > 0.0 { sys.now() + (seconds.min(1e6) * 1000.0) as u64 } else { 0 };
                        self.held.push((incoming.id, Held::Pop(keys, left, until)));
                        return None;
                    }
                }
            }
            // How replicas of the sandbox keep up; the real ones stream.
            "DRYDOCK.FOLLOW" => {
                if first == self.version.to_string() {
                    self.held.push((incoming.id, Held::News));
                    return None;
                }
                Reply::Many(vec![Reply::Number(self.version as i64), Reply::Bulk(self.data.dump())])
            }
            "SUBSCRIBE" | "PSUBSCRIBE" | "MONITOR" | "SYNC" | "PSYNC" | "WATCH" | "MULTI" | "EXEC"
            | "DISCARD" | "EVAL" | "EVALSHA" | "SCRIPT" | "XADD" | "XREAD" | "XRANGE" | "CLUSTER"
            | "FUNCTION" => {
                Reply::Error(format!("ERR {} is not simulated in the sandbox", name.to_lowercase()))
            }
            "PUBLISH" => Reply::Number(0),
            _ => {
                let reply = self.data.command(sys.now(), words);
                if writes && !matches!(reply, Reply::Error(_)) {
                    self.changed(sys);
                }
                reply
            }
        })
    }
    /// A value off one of the lists, if there is one.
    fn pop(&mut self, sys: &mut Sys<'_>, keys: &[Bytes], left: bool) -> Option<Reply> {
        for key in keys {
            let word = if left { "LPOP" } else { "RPOP" };
            match self.data.command(sys.now(), &[word.as_bytes().to_vec(), key.clone()]) {
                Reply::Bulk(value) => {
                    self.changed(sys);
                    return Some(Reply::Many(vec![Reply::Bulk(key.clone()), Reply::Bulk(value)]));
                }
                error @ Reply::Error(_) => return Some(error),
                _ => {}
            }
        }
        None
    }
    fn changed(&mut self, sys: &mut Sys<'_>) {
        self.version += 1;
        if self.append {
            self.write(sys);
        }
    }
    /// Serves those who wait; gives when to look again.
    fn serve_held(&mut self, sys: &mut Sys<'_>) -> Option<u64> {
        let mut next = None;
        let mut still = Vec::new();
        for (id, held) in std::mem::take(&mut self.held) {
            let gone = sys.machines.exchanges.get(&id).is_none_or(|e| e.answer.is_some());
            let reply = match &held {
                _ if gone => continue,
                Held::Pop(keys, left, until) => match self.pop(sys, &keys.clone(), *left) {
                    None if *until != 0 && *until <= sys.now() => Some(Reply::Nil),
                    found => found,
                },
                Held::News => None,
            };
            match reply {
                Some(reply) => sys.respond(id, Answer::Bytes(reply.encode().into())),
                None => {
                    if let Held::Pop(_, _, until) = &held
                        && *until != 0
                    {
                        next = Some(next.map_or(*until, |n: u64| n.min(*until)));
                    }
                    still.push((id, held));
                }
            }
        }
        self.held = still;
        next
    }
    /// Replicas hear of changes.
    fn tell(&mut self, sys: &mut Sys<'_>) {
        let news =
            Reply::Many(vec![Reply::Number(self.version as i64), Reply::Bulk(self.data.dump())]).encode();
        let (replicas, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|h| matches!(h.1, Held::News));
        self.held = others;
        for (id, _) in replicas {
            sys.respond(id, Answer::Bytes(news.clone().into()));
        }
    }
    /// A replica's own work; what to wait for.
    fn keep_up(&mut self, sys: &mut Sys<'_>) -> Option<Wait> {
        let (host, port) = self.leader.clone()?;
        if let Follow::Asked(id) = self.follow {
            let Some(answer) = sys.answer(id) else { return Some(Wait::Answer(id)) };
            self.follow = Follow::Pause(sys.now() + 1_000);
            match answer {
                Ok(Answer::Bytes(bytes)) => match Reply::decode(&bytes) {
                    Some((Reply::Many(parts), _)) => {
                        if let [Reply::Number(version), Reply::Bulk(dump)] = parts.as_slice() {
                            let first = self.version == 0;
                            self.data = Data::default();
                            self.data.load(dump);
                            self.version = *version as u64;
                            if first {
                                let text =
                                    line(sys, 'S', '*', "MASTER <-> REPLICA sync: Finished with success");
                                sys.print(&text);
                            }
                            self.follow = Follow::Start;
                        }
                    }
                    _ => {
                        let text =
                            line(sys, 'S', '#', "Unable to AUTH to MASTER: -NOAUTH Authentication required.");
                        sys.print(&text);
                    }
                },
                Err(drydock_network::exchange::Failure::TimedOut) => self.follow = Follow::Start,
                _ => {
                    let text = line(sys, 'S', '#', "Error condition on socket for SYNC: Connection refused");
                    sys.print(&text);
                    self.version = 0;
                }
            }
        }
        if let Follow::Pause(until) = self.follow
            && sys.now() < until
        {
            return Some(Wait::Until(until));
        }
        let again = self.version != 0 && self.follow == Follow::Start;
        if !again {
            let text = line(sys, 'S', '*', &format!("Connecting to MASTER {host}:{port}"))
                + &line(sys, 'S', '*', "MASTER <-> REPLICA sync started");
            sys.print(&text);
            self.version = 0;
        }
        let Some(ip) = sys.resolve(&host).and_then(|i| i.first().copied()) else {
            let text = line(sys, 'S', '#', "Unable to connect to MASTER: Name or service not known");
            sys.print(&text);
            let until = sys.now() + 1_000;
            self.follow = Follow::Pause(until);
            return Some(Wait::Until(until));
        };
        let auth = self.leader_password.iter().flat_map(|p| [b"AUTH".to_vec(), p.as_bytes().to_vec()]);
        let words = auth
            .chain([b"DRYDOCK.FOLLOW".to_vec(), self.version.to_string().into_bytes()])
            .map(Reply::Bulk)
            .collect();
        let bytes: Arc<[u8]> = Reply::Many(words).encode().into();
        let id = sys.send(Target { ip, port }, Payload::Bytes(bytes), 3_600_000);
        self.follow = Follow::Asked(id);
        Some(Wait::Answer(id))
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
