//! The redis image: the server with the commands lessons use, kept in its memory and saved to
//! `/data/dump.rdb` when it ends, and `redis-cli`. Commands travel as RESP.
//!
//! Left out: replication, clustering, scripting, streams, pub/sub and transactions.

pub mod cli;
mod collections;
pub mod data;
pub mod resp;

use crate::images::redis::data::Data;
use crate::images::redis::resp::{Reply, parse_command};
use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::time::Timestamp;
use drydock_network::exchange::{Answer, Payload};
use std::sync::Arc;

pub const IMAGE: Catalogued = Catalogued {
    names: &["docker.io/library/redis", "registry.k8s.io/redis", "gcr.io/google-samples/gb-redis-follower"],
    tags: &[
        "latest",
        "8",
        "8.2",
        "7",
        "7.4",
        "7.2",
        "7.0",
        "6",
        "6.2",
        "6.0",
        "5",
        "5.0",
        "5.0.4",
        "4",
        "3.2",
        "alpine",
        "7-alpine",
        "7.4-alpine",
        "7.2-alpine",
        "6-alpine",
        "6.2-alpine",
        "e2e",
        "v1",
        "v2",
        "bookworm",
        "7.2.4",
        "6.0.5",
    ],
    make: |_, tag, programs| {
        let created = 1_727_900_000;
        let alpine = tag.contains("alpine");
        let version = match tag.split('-').next().unwrap_or("") {
            "7" | "7.4" => "7.4.5",
            "7.2" => "7.2.10",
            "7.2.4" => "7.2.4",
            "7.0" => "7.0.15",
            "6" | "6.2" => "6.2.19",
            "6.0" | "6.0.5" => "6.0.20",
            "5" | "5.0" | "5.0.4" => "5.0.14",
            "4" => "4.0.14",
            "3.2" | "e2e" | "v1" => "3.2.12",
            _ => "8.2.1",
        };
        let mut root = if alpine {
            base::alpine(programs, created, linux::alpine_version("3.22"))
        } else {
            base::debian(programs, created, &linux::debian_release("12"))
        };
        root.program("/usr/local/bin/docker-entrypoint.sh", "redis-entrypoint", 661)
            .program("/usr/local/bin/redis-server", "redis-server", 16_500_000)
            .program("/usr/local/bin/redis-cli", "redis-cli", 7_100_000);
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
             redis:x:999:999::/home/redis:/bin/sh\n",
        );
        root.file("/etc/group", "root:x:0:\nredis:x:999:\nnogroup:x:65534:\n");
        root.owner(999).dir("/data", 0o755);
        let mut env = linux::path();
        env.push(("REDIS_VERSION".into(), version.into()));
        Draft {
            family: "redis",
            version: format!("{version}{}", if alpine { "-alpine" } else { "" }),
            base: if alpine { "alpine" } else { "debian-slim" },
            base_size: if alpine { 7_797_760 } else { 74_800_000 },
            layers: 8,
            size: if alpine { 41_400_000 } else { 117_000_000 },
            entrypoint: &["docker-entrypoint.sh"],
            cmd: &["redis-server"],
            exposed: &["6379/tcp"],
            volumes: &["/data"],
            cwd: "/data",
            env,
            created,
            flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
            root: root.fs,
            ..Draft::default()
        }
    },
};

pub const PROGRAMS: &[Program] = &[
    Program { name: "redis-entrypoint", about: "start script of the redis image", start: start_entrypoint },
    Program { name: "redis-server", about: "key-value server", start: start_server },
    Program { name: "redis-cli", about: "client of the key-value server", start: cli::start },
];

fn start_entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let rest: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
    let flag = rest.first().is_none_or(|a| a.starts_with('-') || a.ends_with(".conf"));
    let argv = if flag { [Arc::from("redis-server")].into_iter().chain(rest).collect() } else { rest };
    Box::new(ExecAll::new(argv.into(), "/usr/local/bin/docker-entrypoint.sh: 27: exec"))
}

#[derive(Clone, Hash)]
struct Server {
    data: Data,
    password: Option<Arc<str>>,
    told: Option<Signal>,
    port: u16,
}

const FILE: &str = "dump.rdb";

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

fn start_server(sys: &mut Sys<'_>) -> Box<dyn Machine> {
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
        if let (Some(name), Some(value)) = (word.strip_prefix("--"), words.peek()) {
            settings.push((name.to_lowercase(), value.to_string()));
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
    if let Ok(bytes) = sys.read_file(FILE) {
        data.load(&bytes);
        out.push_str(&line(sys, 'M', '*', &format!("Loading RDB produced by version {version}")));
        out.push_str(&line(
            sys,
            'M',
            '*',
            &format!("Done loading RDB, keys loaded: {}, keys expired: 0.", data.len()),
        ));
    }
    out.push_str(&line(sys, 'M', '*', "Ready to accept connections tcp"));
    sys.print(&out);
    let password = setting("requirepass").filter(|p| !p.is_empty()).map(Arc::from);
    Box::new(Server { data, password, told: None, port })
}

impl Server {
    fn save(&mut self, sys: &mut Sys<'_>) -> bool {
        let bytes = self.data.dump();
        let saved = sys.write_file(FILE, &bytes, false).is_ok();
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
            let text = line(sys, 'M', '#', "User requested shutdown...");
            let number = signal.number();
            let name = if number == 2 { "SIGINT" } else { "SIGTERM" };
            let head = line(sys, 'S', '#', &format!("Received {name} scheduling shutdown..."));
            sys.print(&head.replacen(":S ", ":signal-handler ", 1));
            sys.print(&text);
            if !self.data.is_empty() {
                let text = line(sys, 'M', '*', "Saving the final RDB snapshot before exiting.");
                sys.print(&text);
                self.save(sys);
            }
            let text = line(sys, 'M', '#', "Redis is now ready to exit, bye bye...");
            sys.print(&text);
            return Step::Exit(0);
        }
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
                _ if !authenticated && name != "AUTH" => Reply::Error("NOAUTH Authentication required.".into()),
                "AUTH" => match &self.password {
                    None => Reply::Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".into()),
                    Some(p) if words.get(1).is_some_and(|w| w == p.as_bytes()) => Reply::Status("OK".into()),
                    Some(_) => Reply::Error("WRONGPASS invalid username-password pair or user is disabled.".into()),
                },
                "SAVE" | "BGSAVE" => match (self.save(sys), name.as_str()) {
                    (false, _) => Reply::Error("ERR".into()),
                    (true, "SAVE") => Reply::Status("OK".into()),
                    (true, _) => Reply::Status("Background saving started".into()),
                },
                "SHUTDOWN" => {
                    self.told = Some(Signal::Term);
                    sys.reset(incoming.id);
                    continue;
                }
                "INFO" => {
                    let version = sys.env("REDIS_VERSION").unwrap_or_default();
                    let keys = self.data.len();
                    let db = if keys == 0 { String::new() } else { format!("db0:keys={keys},expires=0,avg_ttl=0\r\n") };
                    let text = format!(
                        "# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\nprocess_id:1\r\ntcp_port:{}\r\n\r\n# Clients\r\nconnected_clients:1\r\n\r\n\
                         # Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n{db}",
                        self.port
                    );
                    Reply::Bulk(text.into_bytes())
                }
                _ => self.data.command(sys.now(), &words),
            };
            sys.respond(incoming.id, Answer::Bytes(reply.encode().into()));
            if self.told.is_some() {
                return Step::Again;
            }
        }
        Step::wait(Wait::Accept)
    }
}
