//! A recorded kubectl call, played again: a laptop with nothing but kubectl, a cluster that holds exactly
//! the case's objects with nothing reconciling, and a recorder of every request between the two.

use crate::boot::PROGRAMS;
use drydock_cluster::Cluster;
use drydock_container::fd::Fd;
use drydock_container::filesystem::{Content, Inode};
use drydock_container::kernel::Spawn;
use drydock_container::machines::{Frame, Outside};
use drydock_container::pipe::Pipe;
use drydock_container::process::State;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::{Clock, Value};
use drydock_network::address::Ip;
use drydock_network::http::{Request, Response, Stream};
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a case's files lie and its command runs.
pub const FOLDER: &str = "/home/learner/work";
/// Exit code of a case that had to be stopped.
const STOPPED: i32 = 124;

/// What to run, and in what world.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Arguments after `kubectl`.
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub stdin: Option<String>,
    /// Files of the working folder by relative path.
    pub files: BTreeMap<String, String>,
    /// Unix seconds.
    pub now: i64,
    /// Objects of the cluster; without them there is no server and no kubeconfig.
    pub objects: Option<Vec<Value>>,
    /// Simulated milliseconds after which the command is ended by TERM.
    pub limit_ms: Option<u64>,
}

/// A request as kubectl sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub method: String,
    pub path: String,
    /// Encoded, in the order of sending.
    pub query: String,
    pub content_type: String,
    pub body: String,
}

/// What a case came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
    pub requests: Vec<Sent>,
    /// The working folder afterwards.
    pub files: BTreeMap<String, String>,
}

/// The cluster behind a notebook.
struct Recorder {
    cluster: Option<Cluster>,
    requests: Vec<Sent>,
}

impl Outside for Recorder {
    fn request(
        &mut self,
        machines: &mut Machines,
        from: SpaceId,
        to: &str,
        request: &Request,
    ) -> Option<Response> {
        let cluster = self.cluster.as_mut()?;
        self.requests.push(Sent {
            method: request.method.name().into(),
            path: request.path.to_string(),
            query: drydock_tools::kubectl::client::encode_query(&request.query),
            content_type: request.headers.get("content-type").unwrap_or("").into(),
            body: String::from_utf8_lossy(&request.body.bytes()).into_owned(),
        });
        cluster.request(machines, from, to, request)
    }
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        self.cluster.as_mut().map_or(Frame::End, |c| c.read(machines, stream))
    }
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        if let Some(cluster) = self.cluster.as_mut() {
            Outside::write(cluster, machines, stream, channel, bytes);
        }
    }
    fn close(&mut self, machines: &mut Machines, stream: Stream) {
        if let Some(cluster) = self.cluster.as_mut() {
            cluster.close(machines, stream);
        }
    }
}

impl Case {
    /// Runs the case to its end.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let mut machines = Machines::new(Clock::new(1, self.now), Programs(PROGRAMS));
        let laptop = machines.add_host("dock", Ip::new(192, 168, 65, 1), SpaceKind::Laptop);
        let config = self.objects.as_ref().map(|_| drydock_tools::kubeconfig_for("https://kubernetes"));
        for (name, text) in &self.files {
            crate::boot::put_file(&mut machines, laptop, &format!("{FOLDER}/{name}"), text);
        }
        if let Some(config) = config {
            crate::boot::put_file(&mut machines, laptop, "/home/learner/.kube/config", &config);
        }
        self.make_folder(&mut machines, laptop);
        let cluster = self.objects.as_ref().map(|objects| Cluster::bare(&mut machines, self.now, objects).0);
        let mut outside = Recorder { cluster, requests: Vec::new() };
        let mut output = Pipe::default();
        output.readers = 1;
        let mut stdin = output.clone();
        stdin.push(self.stdin.as_deref().unwrap_or("").as_bytes());
        for (id, pipe) in [(1, stdin), (2, output.clone()), (3, output)] {
            machines.pipes.insert(id, Arc::new(pipe));
        }
        let mut outcome = Outcome { rc: STOPPED, ..Outcome::default() };
        match machines.spawn(&mut outside, self.spawn(laptop)) {
            Ok(pid) => self.wait(&mut machines, &mut outside, pid, &mut outcome),
            Err(error) => outcome.stderr = error.to_string(),
        }
        outcome.requests = outside.requests;
        if let Some(fs) = machines.filesystem(laptop, None) {
            let prefix = format!("{FOLDER}/");
            for (path, inode) in fs.walk(FOLDER) {
                if let (Content::File(bytes), Some(name)) = (&inode.content, path.strip_prefix(&prefix)) {
                    outcome.files.insert(name.into(), String::from_utf8_lossy(bytes).into_owned());
                }
            }
        }
        outcome
    }
    fn make_folder(&self, machines: &mut Machines, laptop: SpaceId) {
        if self.files.is_empty()
            && let Some(fs) = machines.filesystem_mut(laptop, None)
        {
            let uid = crate::boot::UID;
            let folder = Inode {
                content: Content::Directory,
                mode: 0o755,
                uid,
                gid: uid,
                mtime: self.now,
                links: 2,
                size: 4096,
            };
            // The home folder is there on every laptop.
            _ = fs.put(FOLDER, folder);
        }
    }
    fn spawn(&self, space: SpaceId) -> Spawn {
        let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
        env.insert("HOME".into(), "/home/learner".into());
        env.insert("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into());
        for (name, value) in &self.env {
            env.insert(name.as_str().into(), value.as_str().into());
        }
        let argv: Vec<Arc<str>> =
            ["kubectl"].into_iter().chain(self.argv.iter().map(String::as_str)).map(Arc::from).collect();
        Spawn {
            // A parent that nobody is, so that the exit code stays to be read.
            parent: u32::MAX,
            group: 0,
            space,
            argv: argv.into(),
            env,
            implicit_env: false,
            cwd: FOLDER.into(),
            uid: crate::boot::UID,
            gid: crate::boot::UID,
            umask: 0o022,
            fds: [(0_u32, Fd::PipeRead(1)), (1, Fd::PipeWrite(2)), (2, Fd::PipeWrite(3))]
                .into_iter()
                .collect(),
        }
    }
    fn wait(&self, machines: &mut Machines, outside: &mut Recorder, pid: u32, outcome: &mut Outcome) {
        let limit = self.limit_ms.unwrap_or(drydock_machinery::limits::COMMAND_MS);
        let until = machines.clock.now + limit;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        loop {
            for (pipe, into) in [(2, &mut stdout), (3, &mut stderr)] {
                if let Some(pipe) = machines.pipes.get_mut(&pipe) {
                    into.extend(Arc::make_mut(pipe).take(usize::MAX));
                }
                machines.wake(Key::PipeRoom(pipe));
            }
            if let Some(State::Zombie(code)) = machines.process(pid).map(|p| p.state.clone()) {
                outcome.rc = code;
                break;
            }
            let Some(task) = machines.clock.next(until) else { break };
            if !machines.handle(outside, task)
                && let Some(cluster) = outside.cluster.as_mut()
            {
                cluster.run_task(machines, task);
            }
        }
        outcome.stdout = String::from_utf8_lossy(&stdout).into_owned();
        outcome.stderr = String::from_utf8_lossy(&stderr).into_owned();
    }
}
