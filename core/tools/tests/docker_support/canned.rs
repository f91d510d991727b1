//! The last recorded runs were made against an engine of fixed answers: chosen ages, sizes, states.

use super::{Case, Run};
use drydock_container::Machines;
use drydock_container::SpaceId;
use drydock_container::fd::Fd;
use drydock_container::filesystem::Content;
use drydock_container::kernel::Spawn;
use drydock_container::machines::{Frame, Outside};
use drydock_container::pipe::Pipe;
use drydock_container::process::State;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::wait::Key;
use drydock_machinery::{Clock, Value, value};
use drydock_network::address::Ip;
use drydock_network::http::{Body, Request, Response, Stream};
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The moment at which the fixed engine's answers were `now`.
const NOW: i64 = 1_795_168_510;

/// What answers a request; nothing for an engine that is not there.
type Answer = Box<dyn Fn(&Request) -> Option<Response>>;

/// One request as it was sent: method, path without version, query, body.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Value,
}

struct Door {
    answer: Answer,
    log: Vec<Sent>,
}

struct Fixed {
    answer: Value,
    name: String,
}

impl Fixed {
    fn answer(&self, request: &Request) -> Response {
        let path = request.path.trim_start_matches("/v1.50");
        if path == "/_ping" {
            return Response::text(200, "OK").header("Api-Version", "1.50");
        }
        let message = |status: u16, text: &str| Response::json(status, value!({"message": text}));
        let id = |c: &str| c.repeat(64 / c.len());
        match (self.name.as_str(), path) {
            ("rate limit error in stream", _) => Response::text(
                200,
                "{\"status\":\"Pulling from library/nginx\",\"id\":\"latest\"}\n{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"aaaaaaaaaaaa\"}\n{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"bbbbbbbbbbbb\"}\n{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"id\":\"bbbbbbbbbbbb\"}\n{\"errorDetail\":{\"message\":\"toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit\"},\"error\":\"x\"}\n",
            ),
            ("daemon 500", _) => message(
                500,
                "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
            ),
            ("daemon 403 with JSON string body", _) => {
                Response::text(403, "\"forbidden\"").header("Content-Type", "application/json")
            }
            ("409", _) if path.starts_with("/containers") => {
                message(409, "removal of container x is already in progress")
            }
            ("409", _) => message(
                409,
                "conflict: unable to remove repository reference \"nginx\" (must force) - container 010101010101 is using its referenced image 0d0d0d0d0d0d",
            ),
            ("rmi result list", _) => Response::json(
                200,
                value!([{"Untagged": "nginx:latest"}, {"Deleted": (format!("sha256:{}", id("ab")))}]),
            ),
            ("create ok with a warning", _) => Response::json(
                201,
                value!({"Id": (id("ab")), "Warnings": ["Your kernel does not support swap limit capabilities. Limitation discarded."]}),
            ),
            ("2 networks", _) => Response::json(
                200,
                value!([
                    {"Name": "bridge", "Id": (id("a")), "Driver": "bridge", "Scope": "local"},
                    {"Name": "a-long-network-name-here", "Id": (id("b")), "Driver": "overlay", "Scope": "swarm"}
                ]),
            ),
            ("search result", _) => Response::json(
                200,
                value!([
                    {"name": "nginx", "description": "Official build of Nginx.", "star_count": 20_645, "is_official": true},
                    {"name": "a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "description": (id("x")), "star_count": 5, "is_official": false}
                ]),
            ),
            ("top", _) => Response::json(
                200,
                value!({
                    "Titles": ["UID", "PID", "CMD"], "Processes": [["root", "1", "nginx: master"], ["systemd+", "33", "nginx: worker"]]
                }),
            ),
            ("port", _) => Response::json(
                200,
                value!({
                    "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8888"}, {"HostIp": "::", "HostPort": "8888"}]}}
                }),
            ),
            (_, "/volumes") => Response::json(200, value!({"Volumes": (&self.answer)})),
            (_, "/images/json") if self.answer.find("rule").is_some() => {
                Response::json(200, aged(&self.answer))
            }
            _ => Response::json(200, self.answer.clone()),
        }
    }
}

/// Tag `aN` was made N seconds before now.
fn aged(state: &Value) -> Value {
    state["images"]
        .items()
        .iter()
        .map(|i| {
            let tag = format!("img:{}", i["tag"].text());
            value!({
                "Id": "sha256:00", "RepoTags": [(tag)], "RepoDigests": [], "Created": (NOW - i["age_s"].int()),
                "Size": (i["size_bytes"].int()), "SharedSize": (-1), "Containers": (-1)
            })
        })
        .collect()
}

impl Outside for Door {
    fn request(&mut self, _: &mut Machines, _: SpaceId, to: &str, request: &Request) -> Option<Response> {
        if to != "unix:///var/run/docker.sock" {
            return None;
        }
        let path = request.path.trim_start_matches("/v1.50").to_string();
        if path != "/_ping" {
            self.log.push(Sent {
                method: request.method.name().into(),
                path,
                query: request.query.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
                body: request.body.json().unwrap_or_default(),
            });
        }
        (self.answer)(request)
    }
    fn read(&mut self, _: &mut Machines, _: Stream) -> Frame {
        Frame::End
    }
    fn write(&mut self, _: &mut Machines, _: Stream, _: u8, _: &[u8]) {}
    fn close(&mut self, _: &mut Machines, _: Stream) {}
}

/// Runs a case of the last recordings against its fixed answer.
pub fn run(case: &Case) -> Run {
    let answer = case.answer.clone().unwrap();
    let fixed = Fixed { name: answer.as_str().unwrap_or("").to_string(), answer };
    let setting = Setting { argv: case.argv.clone(), ..Setting::default() };
    play(&setting, Box::new(move |request| Some(fixed.answer(request)))).run
}

/// A call and what it finds.
#[derive(Debug, Default, Clone)]
pub struct Setting {
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub stdin: String,
    /// Below the home folder.
    pub files: BTreeMap<String, String>,
}

/// What came of it.
pub struct Played {
    pub run: Run,
    pub requests: Vec<Sent>,
    /// All files below the home folder.
    pub files: BTreeMap<String, String>,
}

const HOME: &str = "/home/learner";

/// Answers by method and path, the first that fits; a path may end in `*`.
pub fn table(answers: Value) -> Answer {
    Box::new(move |request| {
        let path = request.path.trim_start_matches("/v1.50");
        if path == "/_ping" {
            return Some(Response::text(200, "OK").header("Api-Version", "1.50"));
        }
        let fits = |rule: &&Value| {
            let wanted = rule[1].text();
            rule[0] == request.method.name()
                && match wanted.strip_suffix('*') {
                    Some(start) => path.starts_with(start),
                    None => path == wanted,
                }
        };
        let Some(rule) = answers.items().iter().find(fits) else {
            return Some(Response::json(404, value!({"message": "page not found"})));
        };
        let status = rule[2].int() as u16;
        let body = match rule[3].as_str() {
            Some(text) => Body::text(text),
            None => Body::Json(rule[3].clone()),
        };
        Some(Response::new(status, body))
    })
}

/// Runs a call to its end.
pub fn play(setting: &Setting, answer: Answer) -> Played {
    let mut door = Door { answer, log: Vec::new() };
    let programs = Programs(&[drydock_tools::PROGRAMS]);
    let mut machines = Machines::new(Clock::new(1, NOW), programs);
    let laptop = machines.add_host("dock", Ip::new(192, 168, 65, 1), SpaceKind::Laptop);
    let root = Arc::make_mut(&mut machines.space_mut(laptop).unwrap().root);
    super::world::directories(root, &format!("{HOME}/work"));
    for (name, text) in &setting.files {
        super::world::put(root, &format!("{HOME}/{name}"), text, NOW);
    }
    for id in 1..=3 {
        let mut pipe = Pipe::default();
        pipe.readers = 1;
        if id == 1 {
            pipe.push(setting.stdin.as_bytes());
        }
        machines.pipes.insert(id, Arc::new(pipe));
    }
    machines.last_pipe = 3;
    let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
    env.insert("HOME".into(), HOME.into());
    env.insert("PATH".into(), "/usr/bin".into());
    for (name, text) in &setting.env {
        env.insert(name.as_str().into(), text.as_str().into());
    }
    let spawn = Spawn {
        parent: 4_000_000,
        group: 0,
        space: laptop,
        argv: setting.argv.iter().map(|a| Arc::from(a.as_str())).collect(),
        env,
        implicit_env: false,
        cwd: format!("{HOME}/work").into(),
        uid: 0,
        gid: 0,
        umask: 0o022,
        fds: [(0_u32, Fd::PipeRead(1)), (1, Fd::PipeWrite(2)), (2, Fd::PipeWrite(3))].into_iter().collect(),
    };
    let pid = machines.spawn(&mut door, spawn).unwrap();
    let mut run = Run { rc: -1, ..Run::default() };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        for (id, into) in [(2, &mut stdout), (3, &mut stderr)] {
            if let Some(pipe) = machines.pipes.get_mut(&id) {
                into.extend(Arc::make_mut(pipe).take(usize::MAX));
            }
            machines.wake(Key::PipeRoom(id));
        }
        if let Some(State::Zombie(code)) = machines.process(pid).map(|p| p.state.clone()) {
            run.rc = code;
            break;
        }
        let Some(task) = machines.clock.next(1_000_000) else { break };
        machines.handle(&mut door, task);
    }
    run.stdout = String::from_utf8_lossy(&stdout).into_owned();
    run.stderr = String::from_utf8_lossy(&stderr).into_owned();
    let root = machines.space(laptop).unwrap().root.clone();
    let mut files = BTreeMap::new();
    for (path, inode) in root.walk(HOME) {
        if let (Content::File(bytes), Some(name)) = (&inode.content, path.strip_prefix(&format!("{HOME}/"))) {
            files.insert(name.to_string(), String::from_utf8_lossy(bytes).into_owned());
        }
    }
    Played { run, requests: door.log, files }
}
