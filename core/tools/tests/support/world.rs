//! A laptop with nothing but kubectl, and in front of the server a recorder of requests.

use super::{Case, Run, Sent};
use drydock_cluster::Cluster;
use drydock_container::fd::Fd;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::kernel::Spawn;
use drydock_container::machines::{Frame, Outside};
use drydock_container::pipe::Pipe;
use drydock_container::process::State;
use drydock_container::program::Programs;
use drydock_container::space::{Life, Net, NetId, Space, SpaceKind};
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::Clock;
use drydock_network::http::{Request, Response, Stream};
use drydock_tools::PROGRAMS;
use imbl::OrdMap;
use std::sync::Arc;

pub const CWD: &str = "/home/learner/work";
const SPACE: SpaceId = SpaceId(1);
const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: \"https://kubernetes\"}\nusers:\n- name: dev\n  user: {token: t}\ncontexts:\n- name: c\n  context: {cluster: c, user: dev}\ncurrent-context: c\n";

/// Passes requests on and writes them down.
struct Recorder {
    server: Option<Cluster>,
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
        let server = self.server.as_mut()?;
        self.requests.push(Sent {
            method: request.method.name().into(),
            path: request.path.to_string(),
            query: drydock_tools::kubectl::client::encode_query(&request.query),
        });
        Outside::request(server, machines, from, to, request)
    }
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        self.server.as_mut().map_or(Frame::End, |s| Outside::read(s, machines, stream))
    }
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        if let Some(server) = self.server.as_mut() {
            Outside::write(server, machines, stream, channel, bytes);
        }
    }
    fn close(&mut self, machines: &mut Machines, stream: Stream) {
        if let Some(server) = self.server.as_mut() {
            Outside::close(server, machines, stream);
        }
    }
}

fn inode(content: Content, mode: u16) -> Inode {
    let size = if let Content::File(bytes) = &content { bytes.len() as u64 } else { 0 };
    Inode { content, mode, uid: 0, gid: 0, mtime: 0, links: 1, size }
}

fn directories(root: &mut Filesystem, path: &str) {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        at = format!("{at}/{part}");
        if root.get(&at).is_none() {
            root.put(&at, inode(Content::Directory, 0o755)).unwrap();
        }
    }
}

fn put(root: &mut Filesystem, path: &str, content: Content, mode: u16) {
    directories(root, drydock_container::filesystem::parent(path));
    root.put(path, inode(content, mode)).unwrap();
}

fn laptop(case: &Case) -> Space {
    let mut root = Filesystem::default();
    directories(&mut root, CWD);
    directories(&mut root, "/tmp");
    put(&mut root, "/usr/local/bin/kubectl", Content::Program("kubectl".into()), 0o755);
    if case.objects.is_some() {
        put(&mut root, "/home/learner/.kube/config", Content::File(KUBECONFIG.as_bytes().into()), 0o600);
    }
    for (name, text) in &case.files {
        put(&mut root, &format!("{CWD}/{name}"), Content::File(text.as_bytes().into()), 0o644);
    }
    Space {
        kind: SpaceKind::Laptop,
        life: Life::Running,
        root: Arc::new(root),
        next_ns_pid: 100,
        ..Space::new(SPACE, "dock".into(), Default::default(), Default::default(), NetId(1), SPACE)
    }
}

/// Runs a case to its end.
pub fn run(case: &Case) -> Run {
    let mut machines = Machines::new(Clock::new(1, case.now), Programs(&[PROGRAMS]));
    machines.spaces.insert(SPACE, Arc::new(laptop(case)));
    machines.nets.insert(NetId(1), Arc::new(Net::default()));
    let mut stdin = Pipe::default();
    stdin.readers = 1;
    stdin.push(case.stdin.as_deref().unwrap_or("").as_bytes());
    let mut output = Pipe::default();
    output.readers = 1;
    for (id, pipe) in [(1, stdin), (2, output.clone()), (3, output)] {
        machines.pipes.insert(id, Arc::new(pipe));
    }
    let mut outside = Recorder {
        server: case.objects.as_ref().map(|objects| Cluster::bare(&mut machines, case.now, objects).0),
        requests: Vec::new(),
    };
    let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
    env.insert("HOME".into(), "/home/learner".into());
    env.insert("PATH".into(), "/usr/local/bin:/usr/bin".into());
    for (name, value) in &case.env {
        env.insert(name.as_str().into(), value.as_str().into());
    }
    let argv: Vec<Arc<str>> =
        ["kubectl"].into_iter().map(Arc::from).chain(case.argv.iter().map(|a| a.as_str().into())).collect();
    let fds = [(0_u32, Fd::PipeRead(1)), (1, Fd::PipeWrite(2)), (2, Fd::PipeWrite(3))].into_iter().collect();
    let spawn = Spawn {
        parent: 0,
        group: 0,
        space: SPACE,
        argv: argv.into(),
        env,
        implicit_env: false,
        cwd: CWD.into(),
        uid: 0,
        gid: 0,
        umask: 0o022,
        fds,
    };
    // A parent that nobody is, so that the exit code stays to be read.
    let pid = machines.spawn(&mut outside, Spawn { parent: 4_000_000, ..spawn }).unwrap();
    let mut run = Run { rc: -1, ..Run::default() };
    let until = machines.clock.now + 3_600_000;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        drain(&mut machines, 2, &mut stdout);
        drain(&mut machines, 3, &mut stderr);
        if let Some(State::Zombie(code)) = machines.process(pid).map(|p| p.state.clone()) {
            run.rc = code;
            break;
        }
        let Some(task) = machines.clock.next(until) else { break };
        machines.handle(&mut outside, task);
    }
    run.stdout = String::from_utf8_lossy(&stdout).into_owned();
    run.stderr = String::from_utf8_lossy(&stderr).into_owned();
    run.requests = outside.requests;
    let root = machines.space(SPACE).unwrap().root.clone();
    for (path, inode) in root.walk(CWD) {
        if let (Content::File(bytes), Some(name)) = (&inode.content, path.strip_prefix(&format!("{CWD}/"))) {
            run.files.insert(name.into(), String::from_utf8_lossy(bytes).into_owned());
        }
    }
    run
}

fn drain(machines: &mut Machines, id: u32, into: &mut Vec<u8>) {
    if let Some(pipe) = machines.pipes.get_mut(&id) {
        into.extend(Arc::make_mut(pipe).take(usize::MAX));
    }
    machines.wake(Key::PipeRoom(id));
}
