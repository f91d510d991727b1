//! The memcached image: the text protocol over a connection, values in memory only, as 1.6 answers.
//!
//! Left out: the binary and meta protocols, eviction, SASL.

use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::limits;
use drydock_network::exchange::{Answer, Payload};
use imbl::OrdMap;
use std::fmt::Write;
use std::sync::Arc;

pub const IMAGE: Catalogued = Catalogued {
    names: &["docker.io/library/memcached"],
    tags: &["latest", "1", "1.6", "1.6.39", "1.5", "alpine", "1.6-alpine", "1-alpine"],
    make: |_, tag, programs| {
        let created = 1_727_500_000;
        let alpine = tag.contains("alpine");
        let mut root = match alpine {
            true => base::alpine(programs, created, linux::alpine_version("3.22")),
            false => base::debian(programs, created, &linux::debian_release("12")),
        };
        root.program("/usr/local/bin/docker-entrypoint.sh", "memcached-entrypoint", 300).program(
            "/usr/local/bin/memcached",
            "memcached",
            400_000,
        );
        let mut env = linux::path();
        env.push(("MEMCACHED_VERSION".into(), "1.6.39".into()));
        Draft {
            family: "memcached",
            version: format!("1.6.39{}", if alpine { "-alpine" } else { "" }),
            base: if alpine { "alpine" } else { "debian-slim" },
            base_size: if alpine { 7_797_760 } else { 74_800_000 },
            layers: 6,
            size: if alpine { 10_400_000 } else { 84_900_000 },
            entrypoint: &["docker-entrypoint.sh"],
            cmd: &["memcached"],
            exposed: &["11211/tcp"],
            user: "11211",
            env,
            created,
            flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
            root: root.fs,
            ..Draft::default()
        }
    },
};

pub const PROGRAMS: &[Program] = &[
    Program { name: "memcached-entrypoint", about: "start script of the memcached image", start: entrypoint },
    Program { name: "memcached", about: "memory cache", start },
];

fn entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let rest: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let flag = rest.first().is_some_and(|a| a.starts_with('-'));
    let argv = if flag { [Arc::from("memcached")].into_iter().chain(rest).collect() } else { rest };
    Box::new(ExecAll::new(argv.into(), "/usr/local/bin/docker-entrypoint.sh: 10: exec"))
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Item {
    flags: u32,
    value: Vec<u8>,
    /// When it vanishes, in simulated milliseconds.
    until: Option<u64>,
    unique: u64,
}

#[derive(Clone, Hash)]
struct Server {
    items: OrdMap<Vec<u8>, Item>,
    /// Gets, hits, sets, connections, the last unique number.
    counts: [u64; 5],
    started: u64,
    /// Bytes a value may have.
    largest: usize,
    memory: u64,
    told: bool,
}

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    if args.iter().any(|a| matches!(&**a, "-V" | "--version")) {
        sys.print("memcached 1.6.39\n");
        return Box::new(Once(|_| 0));
    }
    let value = |names: [&str; 2]| {
        args.windows(2)
            .find_map(|w| match w {
                [a, b] if names.contains(&&**a) => Some(b.to_string()),
                _ => None,
            })
            .or_else(|| {
                args.iter().find_map(|a| a.strip_prefix(names[1])?.strip_prefix('=').map(String::from))
            })
    };
    let port: u16 = value(["-p", "--port"]).and_then(|p| p.parse().ok()).unwrap_or(11_211);
    let memory = value(["-m", "--memory-limit"]).and_then(|m| m.parse().ok()).unwrap_or(64u64);
    if sys.process().is_some_and(|p| p.uid == 0) && value(["-u", "--user"]).is_none() {
        sys.eprint("can't run as root without the -u switch\n");
        return Box::new(Once(|_| 64));
    }
    if sys.listen(port).is_err() {
        sys.eprint(&format!(
            "bind(): Address already in use\nfailed to listen on TCP port {port}: Address already in use\n"
        ));
        return Box::new(Once(|_| 71));
    }
    Box::new(Server {
        items: OrdMap::new(),
        counts: [0; 5],
        started: sys.now(),
        largest: 1 << 20,
        memory,
        told: false,
    })
}

impl Server {
    fn count(&mut self, at: usize) -> u64 {
        match self.counts.get_mut(at) {
            Some(n) => {
                *n += 1;
                *n
            }
            None => 0,
        }
    }
    /// Answers a connection's lines; what was said before `quit`.
    fn talk(&mut self, sys: &Sys<'_>, input: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = input;
        self.count(3);
        let now = sys.now();
        self.items = self
            .items
            .iter()
            .filter(|i| i.1.until.is_none_or(|u| u > now))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            rest = after;
            let text = String::from_utf8_lossy(line).trim_end().to_string();
            let words: Vec<&str> = text.split_whitespace().collect();
            match words.as_slice() {
                [] => out.extend(b"ERROR\r\n"),
                ["quit", ..] => return out,
                [
                    verb @ ("set" | "add" | "replace" | "append" | "prepend" | "cas"),
                    key,
                    flags,
                    ttl,
                    size,
                    more @ ..,
                ] => {
                    let Ok(size) = size.parse::<usize>() else {
                        out.extend(b"CLIENT_ERROR bad data chunk\r\n");
                        continue;
                    };
                    let block = rest.get(..size);
                    let end = rest.get(size..).unwrap_or(&[]);
                    let tail = if end.starts_with(b"\r\n") { 2 } else { 1 };
                    let sound = block.is_some() && (end.starts_with(b"\r\n") || end.starts_with(b"\n"));
                    let data = block.unwrap_or(&[]).to_vec();
                    rest = match sound {
                        true => end.get(tail..).unwrap_or(&[]),
                        // The rest of a line that is too long is taken for a command.
                        false => rest
                            .iter()
                            .position(|b| *b == b'\n')
                            .and_then(|n| rest.get(n + 1..))
                            .unwrap_or(&[]),
                    };
                    let reply = if !sound {
                        "CLIENT_ERROR bad data chunk\r\nERROR"
                    } else if size > self.largest || self.items.len() >= limits::SQL_ROWS {
                        "SERVER_ERROR object too large for cache"
                    } else if key.len() > 250 {
                        "CLIENT_ERROR"
                    } else {
                        self.store(
                            now,
                            verb,
                            key,
                            flags.parse().unwrap_or(0),
                            ttl.parse().unwrap_or(0),
                            data,
                            more,
                        )
                    };
                    if more.last() != Some(&"noreply") {
                        out.extend(format!("{reply}\r\n").as_bytes());
                    }
                }
                ["get" | "gets", keys @ ..] if !keys.is_empty() => {
                    for key in keys {
                        self.count(0);
                        if let Some(item) = self.items.get(key.as_bytes()).cloned() {
                            self.count(1);
                            let unique = if words.first() == Some(&"gets") {
                                format!(" {}", item.unique)
                            } else {
                                String::new()
                            };
                            out.extend(
                                format!("VALUE {key} {} {}{unique}\r\n", item.flags, item.value.len())
                                    .as_bytes(),
                            );
                            out.extend(&item.value);
                            out.extend(b"\r\n");
                        }
                    }
                    out.extend(b"END\r\n");
                }
                ["delete", key, ..] => out.extend(if self.items.remove(key.as_bytes()).is_some() {
                    &b"DELETED\r\n"[..]
                } else {
                    b"NOT_FOUND\r\n"
                }),
                [verb @ ("incr" | "decr"), key, by, ..] => {
                    let Ok(by) = by.parse::<u64>() else {
                        out.extend(b"CLIENT_ERROR invalid numeric delta argument\r\n");
                        continue;
                    };
                    match self.items.get_mut(key.as_bytes()) {
                        None => out.extend(b"NOT_FOUND\r\n"),
                        Some(item) => match String::from_utf8_lossy(&item.value).trim().parse::<u64>() {
                            Err(_) => out
                                .extend(b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"),
                            Ok(old) => {
                                let new = if *verb == "incr" {
                                    old.wrapping_add(by)
                                } else {
                                    old.saturating_sub(by)
                                };
                                item.value = new.to_string().into_bytes();
                                out.extend(format!("{new}\r\n").as_bytes());
                            }
                        },
                    }
                }
                ["touch", key, ttl, ..] => match self.items.get_mut(key.as_bytes()) {
                    None => out.extend(b"NOT_FOUND\r\n"),
                    Some(item) => {
                        item.until = lifetime(now, ttl.parse().unwrap_or(0));
                        out.extend(b"TOUCHED\r\n");
                    }
                },
                ["flush_all", ..] => {
                    self.items = OrdMap::new();
                    out.extend(b"OK\r\n");
                }
                ["version"] => out.extend(b"VERSION 1.6.39\r\n"),
                ["verbosity", ..] => out.extend(b"OK\r\n"),
                ["stats"] => out.extend(self.stats(sys).as_bytes()),
                ["stats", "items" | "slabs" | "settings" | "sizes"] => out.extend(b"END\r\n"),
                ["stats", "reset"] => {
                    self.counts = [0; 5];
                    out.extend(b"RESET\r\n");
                }
                [
                    "set" | "add" | "replace" | "append" | "prepend" | "cas" | "get" | "delete" | "incr"
                    | "decr",
                    ..,
                ] => out.extend(b"ERROR\r\n"),
                _ => out.extend(b"ERROR\r\n"),
            }
        }
        out
    }
    #[allow(clippy::too_many_arguments)] // the words of a storage command
    fn store(
        &mut self,
        now: u64,
        verb: &str,
        key: &str,
        flags: u32,
        ttl: i64,
        data: Vec<u8>,
        more: &[&str],
    ) -> &'static str {
        let old = self.items.get(key.as_bytes()).cloned();
        self.count(2);
        let unique = self.count(4);
        let item = |value: Vec<u8>| Item { flags, value, until: lifetime(now, ttl), unique };
        let new = match (verb, old) {
            ("add", Some(_)) | ("replace" | "append" | "prepend", None) => return "NOT_STORED",
            ("cas", None) => return "NOT_FOUND",
            ("cas", Some(old)) if more.first() != Some(&old.unique.to_string().as_str()) => return "EXISTS",
            ("append", Some(old)) => Item { value: [old.value.clone(), data].concat(), unique, ..old },
            ("prepend", Some(old)) => Item { value: [data, old.value.clone()].concat(), unique, ..old },
            _ => item(data),
        };
        self.items.insert(key.as_bytes().to_vec(), new);
        "STORED"
    }
    fn stats(&self, sys: &Sys<'_>) -> String {
        let [gets, hits, sets, connections, _] = self.counts;
        let bytes: usize = self.items.iter().map(|(k, v)| k.len() + v.value.len() + 50).sum();
        let rows = [
            ("pid", "1".to_string()),
            ("uptime", ((sys.now() - self.started) / 1000).to_string()),
            ("time", sys.unix().to_string()),
            ("version", "1.6.39".into()),
            ("pointer_size", "64".into()),
            ("max_connections", "1024".into()),
            ("curr_connections", "2".into()),
            ("total_connections", (connections + 1).to_string()),
            ("cmd_get", gets.to_string()),
            ("cmd_set", sets.to_string()),
            ("get_hits", hits.to_string()),
            ("get_misses", (gets - hits).to_string()),
            ("limit_maxbytes", (self.memory << 20).to_string()),
            ("threads", "4".into()),
            ("bytes", bytes.to_string()),
            ("curr_items", self.items.len().to_string()),
            ("total_items", sets.to_string()),
            ("evictions", "0".into()),
        ];
        let mut out = String::new();
        for (name, value) in rows {
            _ = write!(out, "STAT {name} {value}\r\n");
        }
        out + "END\r\n"
    }
}

/// When an item with this many seconds to live vanishes; 0 for never, less than 0 for at once.
fn lifetime(now: u64, ttl: i64) -> Option<u64> {
    match ttl {
        0 => None,
        t if t < 0 => Some(now),
        t => Some(now.saturating_add(t as u64 * 1000)),
    }
}

impl Behave for Server {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told {
            sys.eprint("Signal handled: Terminated.\n");
            return Step::Exit(0);
        }
        while let Some(incoming) = sys.accept() {
            match &incoming.payload {
                Payload::Bytes(bytes) => {
                    let answer = self.talk(sys, bytes);
                    sys.respond(incoming.id, Answer::Bytes(answer.into()));
                }
                Payload::Http(_) => sys.respond(incoming.id, Answer::Bytes(b"ERROR\r\n".as_slice().into())),
                Payload::Connect => sys.respond(incoming.id, Answer::Connected),
            }
        }
        Step::wait(Wait::Accept)
    }
}
