//! mongod with the start script of its image, and its shells: mongosh, and mongo of versions before 6.
//! After docker-library/mongo 8 and mongosh 2.
//!
//! Left out: the wire protocol, replica sets, sharding, JavaScript beyond calls on `db`.

mod client;
use client::start_shell;
mod bson;
mod query;
mod script;
mod shell;

use super::link::{Broken, Link, MONGO_SOCKET};
use super::server::{day_and_time, init_files, secret};
use crate::fd::{Read, STDIN, STDOUT};
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sql::wire::{pack, unpack};
use crate::sys::Sys;
use crate::sys_proc::{SpawnOptions, WaitResult};
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Failure, Payload};
use shell::{Caller, Data};
use std::collections::VecDeque;
use std::sync::Arc;

pub const PROGRAMS: &[Program] = &[
    Program { name: "mongo-server", about: "MongoDB and its start script", start: start_server },
    Program { name: "mongosh", about: "shell of MongoDB", start: start_shell },
];

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Starting(u64),
    Scripts,
    Ready,
}

#[derive(Clone, Hash)]
struct Server {
    data: Data,
    version: Arc<str>,
    folder: Arc<str>,
    port: u16,
    /// Passwords are asked for.
    auth: bool,
    state: State,
    told: bool,
    /// Digests of files as they are on disk.
    saved: Vec<(String, u64)>,
    scripts: Vec<String>,
    shell: u32,
    first: bool,
}

/// A new object id, as time and chance make one.
fn new_id(sys: &mut Sys<'_>) -> String {
    let random = sys.machines.clock.random.next_u64();
    format!("{:08x}{random:016x}", sys.unix() as u32)
}

fn start_server(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let entered = args.first().is_some_and(|a| a.ends_with("docker-entrypoint.sh"));
    let rest: Vec<Arc<str>> = args.iter().skip(usize::from(entered)).cloned().collect();
    let first = crate::filesystem::base_name(rest.first().map_or("", |a| a)).to_string();
    if entered && !first.starts_with('-') && first != "mongod" {
        return Box::new(ExecAll::new(rest.into(), "/usr/local/bin/docker-entrypoint.sh: line 420: exec"));
    }
    let version: Arc<str> = sys.env("MONGO_VERSION").unwrap_or_else(|| "8.0.13".into());
    if rest.iter().any(|a| &**a == "--version") {
        sys.print(&format!("db version v{version}\n"));
        return Box::new(Once(|_| 0));
    }
    let value = |name: &str| {
        rest.windows(2)
            .find_map(|w| match w {
                [a, b] if &**a == name => Some(b.to_string()),
                _ => None,
            })
            .or_else(|| rest.iter().find_map(|a| a.strip_prefix(&format!("{name}=")).map(String::from)))
    };
    let folder = value("--dbpath").unwrap_or_else(|| "/data/db".into());
    let port = value("--port").and_then(|p| p.parse().ok()).unwrap_or(27_017);
    let mut server = Server {
        data: Data::default(),
        version,
        folder: folder.as_str().into(),
        port,
        auth: rest.iter().any(|a| &**a == "--auth"),
        state: State::Ready,
        told: false,
        saved: Vec::new(),
        scripts: Vec::new(),
        shell: 0,
        first: false,
    };
    let credentials = (secret(sys, "MONGO_INITDB_ROOT_USERNAME"), secret(sys, "MONGO_INITDB_ROOT_PASSWORD"));
    let (user, password) = match credentials {
        (Ok(u), Ok(p)) => (u, p),
        (Err(e), _) | (_, Err(e)) => {
            sys.eprint(&format!("error: {}\n", e.replacen('B', "b", 1)));
            return Box::new(Once(|_| 1));
        }
    };
    if user.is_some() != password.is_some() {
        sys.eprint("error: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'\n       both must be specified for a user to be created\n");
        return Box::new(Once(|_| 1));
    }
    server.auth |= user.is_some() && entered;
    server.load(sys);
    if sys.stat(&format!("{folder}/WiredTiger")).is_err() {
        if !(folder == "/data/db" || sys.stat(&folder).is_ok()) {
            server.log(sys, "E", "CONTROL", 20557, "initandlisten", "DBException in initAndListen, terminating", &format!("{{\"error\":\"NonExistentPath: Data directory {folder} not found. Create the missing directory or specify another path using (1) the --dbpath command line option, or (2) by adding the 'storage.dbPath' option in the configuration file.\"}}"));
            return Box::new(Once(|_| 100));
        }
        _ = sys.make_folders(&folder);
        if sys.write_file(&format!("{folder}/WiredTiger"), b"WiredTiger\nWiredTiger 12.0.0\n", false).is_err()
        {
            server.log(
                sys,
                "E",
                "STORAGE",
                20568,
                "initandlisten",
                "Error setting up listener",
                "{\"error\":\"Permission denied\"}",
            );
            return Box::new(Once(|_| 100));
        }
        server.first = true;
        if let (Some(user), Some(password)) = (user, password) {
            let kept = crate::sql::store::digest(&password).to_string();
            server.data.users.push((user, "admin".into(), kept, vec!["root".into()]));
        }
        server.scripts = init_files(sys);
    }
    server.log(sys, "I", "CONTROL", 4_615_611, "initandlisten", "MongoDB starting", &format!("{{\"pid\":1,\"port\":{port},\"dbPath\":\"{folder}\",\"architecture\":\"64-bit\",\"host\":\"{}\"}}", sys.hostname()));
    let version = server.version.clone();
    server.log(sys, "I", "CONTROL", 23_403, "initandlisten", "Build Info", &format!("{{\"buildInfo\":{{\"version\":\"{version}\",\"gitVersion\":\"8dc5cd2a30c4524132e2d44bb314544dc477e611\",\"openSSLVersion\":\"OpenSSL 3.0.13 30 Jan 2024\",\"modules\":[],\"allocator\":\"tcmalloc-google\",\"environment\":{{\"distmod\":\"ubuntu2404\",\"distarch\":\"x86_64\",\"target_arch\":\"x86_64\"}}}}}}"));
    server.state = State::Starting(sys.now() + if server.first { 1_500 } else { 800 });
    Box::new(server)
}

impl Server {
    #[allow(clippy::too_many_arguments)] // the fields of a log line
    fn log(
        &self,
        sys: &mut Sys<'_>,
        level: &str,
        part: &str,
        id: u32,
        context: &str,
        text: &str,
        attr: &str,
    ) {
        let (time, ms) = (day_and_time(sys).replace(' ', "T"), sys.now() % 1000);
        let part = format!("\"{part}\",");
        sys.print(&format!("{{\"t\":{{\"$date\":\"{time}.{ms:03}+00:00\"}},\"s\":\"{level}\",  \"c\":{part:<11} \"id\":{:<8} \"ctx\":\"{context}\",\"msg\":\"{text}\"{}}}\n", format!("{id},"), if attr.is_empty() { String::new() } else { format!(",\"attr\":{attr}") }));
    }
    fn load(&mut self, sys: &mut Sys<'_>) {
        for file in sys.list(&self.folder).unwrap_or_default() {
            let Some(name) = file.strip_suffix(".wt") else { continue };
            let bytes = sys.read_file(&format!("{}/{file}", self.folder)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if name == "_mdb_catalog" {
                for line in text.lines() {
                    if let [user, database, password, roles] = *line.split('\t').collect::<Vec<_>>() {
                        let roles = roles.split(',').filter(|r| !r.is_empty()).map(String::from).collect();
                        self.data.users.push((user.into(), database.into(), password.into(), roles));
                    }
                }
                continue;
            }
            let Some((database, collection)) =
                name.strip_prefix("collection-").and_then(|n| n.split_once('-'))
            else {
                continue;
            };
            let docs = text.lines().filter_map(|line| {
                match script::read(line, 0, &mut String::new).ok()?.pop()? {
                    script::Script::Value(doc) => Some(doc),
                    _ => None,
                }
            });
            self.data.databases.entry(database.into()).or_default().insert(collection.into(), docs.collect());
        }
    }
    fn flush(&mut self, sys: &mut Sys<'_>) {
        let mut now = Vec::new();
        let mut files = Vec::new();
        let users: String = self
            .data
            .users
            .iter()
            .map(|u| format!("{}\t{}\t{}\t{}\n", u.0, u.1, u.2, u.3.join(",")))
            .collect();
        files.push(("_mdb_catalog.wt".to_string(), users));
        for (database, content) in &self.data.databases {
            for (collection, docs) in content {
                let text: String = docs.iter().map(|d| d.kept() + "\n").collect();
                files.push((format!("collection-{database}-{collection}.wt"), text));
            }
        }
        for (file, text) in files {
            let digest = drydock_machinery::digest::hash_bytes(text.as_bytes());
            if !self.saved.contains(&(file.clone(), digest)) {
                _ = sys.write_file(&format!("{}/{file}", self.folder), text.as_bytes(), false);
            }
            now.push((file, digest));
        }
        for (file, _) in self.saved.iter().filter(|f| !now.iter().any(|n| n.0 == f.0)) {
            _ = sys.unlink(&format!("{}/{file}", self.folder));
        }
        self.saved = now;
    }
    /// Runs a line for somebody: what it printed, whether it failed, the database after it.
    fn run(&mut self, sys: &mut Sys<'_>, database: &str, known: bool, old: bool, line: &str) -> shell::Said {
        let now = sys.machines.clock.unix_ms();
        let version = self.version.clone();
        let mut ids = || new_id(sys);
        let mut caller =
            Caller { database: database.into(), known, old, version: &version, now, ids: &mut ids };
        shell::run(&mut self.data, &mut caller, line)
    }
    fn serve(&mut self, sys: &mut Sys<'_>) {
        let mut any = false;
        while let Some(incoming) = sys.accept() {
            let own = sys.address() == Some(incoming.from) || incoming.from.is_loopback();
            let Payload::Bytes(bytes) = &incoming.payload else {
                let answer = match &incoming.payload {
                    Payload::Http(request) => {
                        let text = "It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n";
                        let length = text.len().to_string();
                        let headers = [
                            ("Connection", "close"),
                            ("Content-Type", "text/plain"),
                            ("Content-Length", &*length),
                        ];
                        crate::images::web::reply(request, 200, &headers, text.as_bytes())
                    }
                    _ => Answer::Connected,
                };
                sys.respond(incoming.id, answer);
                continue;
            };
            if incoming.port < 10 && !own {
                sys.reset(incoming.id);
                continue;
            }
            let parts = unpack(bytes).unwrap_or_default();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let ["mongo", user, password, from, database, old, line] = *parts else {
                sys.reset(incoming.id);
                continue;
            };
            any = true;
            let kept = crate::sql::store::digest(password);
            let account = self
                .data
                .users
                .iter()
                .find(|u| u.0 == user && (u.1 == from || from.is_empty()) && *u.2 == *kept);
            let refused = !user.is_empty() && account.is_none();
            let reply = if refused {
                self.log(sys, "I", "ACCESS", 5_286_307, "conn7", "Failed to authenticate", &format!("{{\"client\":\"{}:41234\",\"isSpeculative\":true,\"mechanism\":\"SCRAM-SHA-256\",\"user\":\"{user}\",\"db\":\"{from}\",\"error\":\"AuthenticationFailed: SCRAM authentication failed, storedKey mismatch\"}}", incoming.from));
                pack(&["refused".into()])
            } else {
                // The localhost exception: nobody is there yet who could sign in.
                let known = !self.auth || account.is_some() || (self.data.users.is_empty() && own);
                let said = self.run(sys, database, known, old == "1", line);
                pack(&[
                    "said".into(),
                    said.text,
                    u8::from(said.error).to_string(),
                    said.database,
                    u8::from(said.end).to_string(),
                    self.version.to_string(),
                ])
            };
            sys.respond(incoming.id, Answer::Bytes(reply.into()));
        }
        if any {
            self.flush(sys);
        }
    }
    /// The next script of initdb.d; true when none is left.
    fn script(&mut self, sys: &mut Sys<'_>) -> Result<bool, i32> {
        if self.shell != 0 {
            match sys.wait(Some(self.shell)) {
                WaitResult::Exited(_, 0) => self.shell = 0,
                WaitResult::Exited(_, code) => return Err(code),
                _ => return Ok(false),
            }
        }
        if self.scripts.is_empty() {
            return Ok(true);
        }
        let path = self.scripts.remove(0);
        let kind = path.rsplit('.').next().unwrap_or("");
        let verb = if matches!(kind, "sh" | "js") { "running" } else { "ignoring" };
        sys.print(&format!("/usr/local/bin/docker-entrypoint.sh: {verb} {path}\n"));
        match kind {
            "sh" => {
                if let Ok(pid) = sys.spawn(vec!["bash".into(), path.as_str().into()], SpawnOptions::default())
                {
                    self.shell = pid;
                }
            }
            "js" => {
                let text = sys
                    .read_file(&path)
                    .map(|b| String::from_utf8_lossy(&b).into_owned())
                    .unwrap_or_default();
                let database = sys.env("MONGO_INITDB_DATABASE").unwrap_or_else(|| "test".into());
                let said = self.run(sys, &database, true, false, &text);
                sys.print(&said.text);
                sys.print("\n\n");
                if said.error {
                    return Err(1);
                }
            }
            _ => {}
        }
        Ok(false)
    }
}

impl Behave for Server {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int | Signal::Quit) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told {
            self.log(
                sys,
                "I",
                "CONTROL",
                23_377,
                "SignalHandler",
                "Received signal",
                "{\"signal\":15,\"error\":\"Terminated\"}",
            );
            self.log(sys, "I", "STORAGE", 22_279, "SignalHandler", "shutdown: removing fs lock...", "");
            self.log(sys, "I", "CONTROL", 23_138, "SignalHandler", "Shutting down", "{\"exitCode\":0}");
            self.flush(sys);
            return Step::Exit(0);
        }
        loop {
            match self.state {
                State::Starting(at) if sys.now() < at => return Step::wait(Wait::Until(at)),
                State::Starting(_) => {
                    _ = sys.listen(MONGO_SOCKET);
                    self.state = State::Scripts;
                }
                State::Scripts => {
                    self.serve(sys);
                    match self.script(sys) {
                        Err(code) => return Step::Exit(code),
                        Ok(false) if self.shell != 0 => return Step::Wait(vec![Wait::Child, Wait::Accept]),
                        Ok(false) => {}
                        Ok(true) => {
                            if sys.listen(self.port).is_err() {
                                self.log(
                                    sys,
                                    "E",
                                    "NETWORK",
                                    23_024,
                                    "initandlisten",
                                    "Failed to bind to socket",
                                    "{\"error\":\"Address already in use\"}",
                                );
                                return Step::Exit(48);
                            }
                            self.flush(sys);
                            let port = self.port;
                            if !self.auth {
                                self.log(sys, "W", "CONTROL", 22_120, "initandlisten", "Access control is not enabled for the database. Read and write access to data and configuration is unrestricted", "");
                            }
                            self.log(
                                sys,
                                "I",
                                "NETWORK",
                                23_015,
                                "listener",
                                "Listening on",
                                "{\"address\":\"/tmp/mongodb-27017.sock\"}",
                            );
                            self.log(
                                sys,
                                "I",
                                "NETWORK",
                                23_015,
                                "listener",
                                "Listening on",
                                "{\"address\":\"0.0.0.0\"}",
                            );
                            self.log(
                                sys,
                                "I",
                                "NETWORK",
                                23_016,
                                "listener",
                                "Waiting for connections",
                                &format!("{{\"port\":{port},\"ssl\":\"off\"}}"),
                            );
                            self.state = State::Ready;
                        }
                    }
                }
                State::Ready => {
                    self.serve(sys);
                    return Step::wait(Wait::Accept);
                }
            }
        }
    }
}
