//! A cluster of three nodes, and a laptop whose kubectl is used for one command after another.

use super::cast;
use drydock_cluster::auth::User;
use drydock_cluster::boot::Config;
use drydock_cluster::{Actor, Cluster, kinds};
use drydock_container::fd::Fd;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::kernel::Spawn;
use drydock_container::pipe::Pipe;
use drydock_container::process::State;
use drydock_container::program::Programs;
use drydock_container::space::{Life, Net, NetId, Space, SpaceKind};
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::{Clock, Value, value};
use drydock_tools::PROGRAMS;
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

const CWD: &str = "/home/learner/work";
const SPACE: SpaceId = SpaceId(900_001);
const NET: NetId = NetId(900_001);
const ADMIN: Actor = Actor::admin();

/// What a command gave.
pub struct Run {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

/// See the module's head.
#[derive(Clone)]
pub struct Stage {
    machines: Machines,
    cluster: Cluster,
    began: u64,
    /// The revision at which each object was first seen.
    firsts: BTreeMap<String, u64>,
    /// What happens to machines, latest first.
    outages: Vec<Outage>,
}

/// A node's kubelet falls silent or speaks again.
#[derive(Clone, Copy)]
struct Outage {
    scenario: &'static str,
    /// Seconds since the beginning.
    at: f64,
    node: &'static str,
    up: bool,
}

/// What the recordings' scripts did to kubelets.
const OUTAGES: &[Outage] = &[
    Outage { scenario: "node-notready", at: 5.42, node: "node-2", up: false },
    Outage { scenario: "node-notready", at: 35.5, node: "node-2", up: true },
];

/// Milliseconds a client takes for one document.
const DOCUMENT: u64 = 30;

/// Milliseconds into a second at which scenarios begin: two commands of the recording fell into one second.
const PHASE: u64 = 930;

fn inode(content: Content, mode: u16) -> Inode {
    let size = if let Content::File(bytes) = &content { bytes.len() as u64 } else { 0 };
    Inode { content, mode, uid: 0, gid: 0, mtime: 0, links: 1, size }
}

fn put(root: &mut Filesystem, path: &str, content: Content, mode: u16) {
    let mut at = String::new();
    for part in drydock_container::filesystem::parent(path).split('/').filter(|p| !p.is_empty()) {
        at = format!("{at}/{part}");
        if root.get(&at).is_none() {
            root.put(&at, inode(Content::Directory, 0o755)).unwrap();
        }
    }
    root.put(path, inode(content, mode)).unwrap();
}

fn laptop(namespace: &str) -> Space {
    let mut root = Filesystem::default();
    put(&mut root, &format!("{CWD}/.keep"), Content::File(b"".as_slice().into()), 0o644);
    put(&mut root, "/tmp/.keep", Content::File(b"".as_slice().into()), 0o644);
    put(&mut root, "/usr/local/bin/kubectl", Content::Program("kubectl".into()), 0o755);
    let config = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {{server: \"https://kubernetes\"}}\ncontexts:\n- name: c\n  context: {{cluster: c, user: admin, namespace: {namespace}}}\ncurrent-context: c\nusers:\n- name: admin\n  user: {{token: admintoken}}\n"
    );
    let path = "/home/learner/.kube/config";
    put(&mut root, path, Content::File(config.as_bytes().into()), 0o600);
    Space {
        kind: SpaceKind::Laptop,
        life: Life::Running,
        root: Arc::new(root),
        next_ns_pid: 100,
        ..Space::new(SPACE, "dock".into(), Default::default(), Default::default(), NET, SPACE)
    }
}

impl Stage {
    /// A world for the scenario of this name, in which chance falls by `seed`; `text` is everything the
    /// scenario's commands and files say.
    pub fn new(namespace: &str, text: &str, seed: u64) -> Stage {
        let programs = Programs(&[cast::CAST, PROGRAMS, drydock_container::images::PROGRAMS]);
        let mut machines = Machines::new(Clock::new(seed, 1_795_000_000), programs);
        cast::publish(&mut machines, text);
        // No cloud, and a shorter patience with silent nodes than the default.
        let config =
            Config { cloud: false, node_grace_ms: 13_000, node_monitor_ms: 2_000, ..Config::default() };
        let mut cluster = Cluster::boot(&mut machines, &config);
        // The recordings' token file.
        cluster.add_token(
            "admintoken",
            User::new("kubernetes-admin", &["system:masters", "system:authenticated"]),
        );
        let alice = User::new("alice", &["dev", "qa", "system:authenticated"]);
        cluster.add_token("alicetoken", User { uid: "uid-alice".into(), ..alice });
        let mut outages: Vec<Outage> = OUTAGES.iter().filter(|o| o.scenario == namespace).copied().collect();
        outages.reverse();
        let mut stage = Stage { machines, cluster, began: 0, firsts: BTreeMap::new(), outages };
        stage.settle(2_000);
        stage.furnish(namespace);
        stage.machines.spaces.insert(SPACE, Arc::new(laptop(namespace)));
        stage.machines.nets.insert(NET, Arc::new(Net::default()));
        stage.settle(2_000);
        // The kubelets of the recording found every image present.
        for node in ["node-1", "node-2", "node-3"] {
            let Some(host) = stage.cluster.node_host(&mut stage.machines, node) else { continue };
            let images = &mut stage.machines.images;
            // Those of `ready` took their time to become ready.
            let present = images.registry.clone().into_iter().filter(|(name, _)| !name.contains("/ready:"));
            for (name, image) in present {
                images.local.insert((host, name), image);
            }
        }
        stage.settle(PHASE);
        stage.began = stage.machines.clock.now;
        stage
    }
    /// The recordings' cluster: three nodes in three zones, nothing of `kubeadm`'s.
    fn furnish(&mut self, namespace: &str) {
        let Stage { machines, cluster, .. } = self;
        for kind in [kinds::DEPLOYMENT, kinds::DAEMON_SET] {
            let doomed: Vec<_> = cluster.store.list_in(kind, "kube-system").map(|o| o.id).collect();
            for id in doomed {
                let _ = cluster.delete(machines, &ADMIN, id, &Default::default());
            }
        }
        let node = cluster.find(kinds::NODE, "", "control-plane").map(|n| n.id);
        let dns = cluster.find(kinds::SERVICE, "kube-system", "kube-dns").map(|n| n.id);
        for id in node.into_iter().chain(dns) {
            let _ = cluster.delete(machines, &ADMIN, id, &Default::default());
        }
        for (name, zone) in [("node-1", "zone-a"), ("node-2", "zone-b"), ("node-3", "zone-c")] {
            let patch = value!({"metadata": {"labels": {
                "topology.kubernetes.io/region": "r1", "topology.kubernetes.io/zone": zone}}});
            self.patch(&format!("/api/v1/nodes/{name}"), patch);
        }
        let Stage { machines, cluster, .. } = self;
        let object = value!({"metadata": {"name": namespace}});
        let _ = cluster.create(machines, &ADMIN, kinds::NAMESPACE, "", object);
    }
    fn patch(&mut self, path: &str, patch: Value) {
        use drydock_network::http::{Body, Method, Request};
        let request = Request::new(Method::Patch, path)
            .header("content-type", "application/merge-patch+json")
            .body(Body::Json(patch));
        let response = self.cluster.handle(&mut self.machines, &request);
        assert!(response.status < 300, "{:?}", response.body.json());
    }
    /// Lets time pass until `seconds` since the beginning.
    pub fn until(&mut self, seconds: f64) {
        while let Some(outage) = self.outages.last().copied().filter(|o| o.at <= seconds) {
            self.outages.pop();
            self.pass(outage.at);
            let Stage { machines, cluster, .. } = self;
            if outage.up {
                cluster.start_kubelet(machines, outage.node);
            } else {
                cluster.stop_kubelet(machines, outage.node);
            }
        }
        self.pass(seconds);
    }
    fn pass(&mut self, seconds: f64) {
        let until = self.began + (seconds * 1000.0) as u64;
        let now = self.machines.clock.now;
        self.settle(until.saturating_sub(now));
    }
    /// Lets time pass until something is written, but no further than `seconds` since the beginning.
    /// False when nothing was written until then.
    pub fn until_written(&mut self, seconds: f64) -> bool {
        let until = self.began + (seconds * 1000.0) as u64;
        let revision = self.cluster.store.revision;
        while let Some(task) = self.machines.clock.next(until) {
            if self.machines.handle(&mut self.cluster, task) {
                self.cluster.take_notices(&mut self.machines);
            } else {
                self.cluster.run_task(&mut self.machines, task);
            }
            if self.cluster.store.revision != revision {
                return true;
            }
        }
        false
    }
    fn settle(&mut self, ms: u64) {
        let until = self.machines.clock.now + ms;
        while let Some(task) = self.machines.clock.next(until) {
            if self.machines.handle(&mut self.cluster, task) {
                self.cluster.take_notices(&mut self.machines);
            } else {
                self.cluster.run_task(&mut self.machines, task);
            }
        }
        self.machines.clock.now = until;
    }
    /// A manifest with the uid and revision our own object has where the recorded one's stand.
    fn own(&self, text: &str) -> String {
        use drydock_machinery::yaml;
        let mut text = text.to_string();
        for document in yaml::load(&text).unwrap_or_default() {
            let (object, meta) = (&document.value, &document.value["metadata"]);
            let kind = kinds::find(object["apiVersion"].text(), object["kind"].text());
            let Some(kind) = kind else { continue };
            let found = self.cluster.find(kind, meta["namespace"].text(), meta["name"].text());
            let Some(found) = found else { continue };
            let (uid, own) = (meta["uid"].text(), found.uid.to_string());
            if uid.len() == own.len() {
                text = text.replace(uid, &own);
            }
            let made = drydock_machinery::Timestamp(found.created).to_rfc3339();
            if meta["creationTimestamp"].text().len() == made.len() {
                text = text.replace(meta["creationTimestamp"].text(), &made);
            }
            let first =
                self.firsts.get(&own).filter(|_| meta["resourceVersion"].text().parse::<u64>().is_ok());
            if let Some(first) = first {
                text = text.replace(&format!("'{}'", meta["resourceVersion"].text()), &format!("'{first}'"));
            }
        }
        text
    }
    /// Runs a command line to its end. A real client takes a moment for each document it applies, in which
    /// controllers act: the documents of one file are given one after the other.
    pub fn run(&mut self, argv: &[String], files: &BTreeMap<String, String>, stdin: &str) -> Run {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        let ["kubectl", "apply", "-f", name] = words.as_slice() else { return self.once(argv, files, stdin) };
        let documents: Vec<&str> =
            files.get(*name).map_or(Vec::new(), |text| text.split("\n---\n").collect());
        if documents.len() < 2 {
            return self.once(argv, files, stdin);
        }
        let mut all = Run { rc: 0, stdout: String::new(), stderr: String::new() };
        for document in documents {
            let part = BTreeMap::from([(name.to_string(), document.to_string())]);
            let run = self.once(argv, &part, stdin);
            all.rc = all.rc.max(run.rc);
            all.stdout += &run.stdout;
            all.stderr += &run.stderr;
            self.settle(DOCUMENT);
        }
        all
    }
    fn once(&mut self, argv: &[String], files: &BTreeMap<String, String>, stdin: &str) -> Run {
        let mut space = (**self.machines.spaces.get(&SPACE).unwrap()).clone();
        let mut root = (*space.root).clone();
        for (name, text) in files {
            let text = self.own(text);
            put(&mut root, &format!("{CWD}/{name}"), Content::File(text.as_bytes().into()), 0o644);
        }
        space.root = Arc::new(root);
        let machines = &mut self.machines;
        machines.spaces.insert(SPACE, Arc::new(space));
        let mut input = Pipe::default();
        input.readers = 1;
        input.push(stdin.as_bytes());
        let mut output = Pipe::default();
        output.readers = 1;
        let pipes = [900_001, 900_002, 900_003];
        for (id, pipe) in pipes.into_iter().zip([input, output.clone(), output]) {
            machines.pipes.insert(id, Arc::new(pipe));
        }
        let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
        env.insert("HOME".into(), "/home/learner".into());
        env.insert("PATH".into(), "/usr/local/bin:/usr/bin".into());
        let [input, out, err] = pipes;
        let spawn = Spawn {
            // A parent that nobody is, so that the exit code stays to be read.
            parent: 4_000_000,
            group: 0,
            space: SPACE,
            argv: argv.iter().map(|a| Arc::from(a.as_str())).collect::<Vec<Arc<str>>>().into(),
            env,
            implicit_env: false,
            cwd: CWD.into(),
            uid: 0,
            gid: 0,
            umask: 0o022,
            fds: [(0_u32, Fd::PipeRead(input)), (1, Fd::PipeWrite(out)), (2, Fd::PipeWrite(err))]
                .into_iter()
                .collect(),
        };
        let pid = machines.spawn(&mut self.cluster, spawn).unwrap();
        let limit = self.machines.clock.now + 600_000;
        let (mut stdout, mut stderr, mut rc) = (Vec::new(), Vec::new(), -1);
        loop {
            drain(&mut self.machines, out, &mut stdout);
            drain(&mut self.machines, err, &mut stderr);
            if let Some(State::Zombie(code)) = self.machines.process(pid).map(|p| p.state.clone()) {
                rc = code;
                break;
            }
            let Some(task) = self.machines.clock.next(limit) else { break };
            if self.machines.handle(&mut self.cluster, task) {
                self.cluster.take_notices(&mut self.machines);
            } else {
                self.cluster.run_task(&mut self.machines, task);
            }
        }
        for object in self.cluster.store.all() {
            self.firsts.entry(object.uid.to_string()).or_insert(object.revision);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { rc, stdout: text(&stdout), stderr: text(&stderr) }
    }
}

fn drain(machines: &mut Machines, id: u32, into: &mut Vec<u8>) {
    if let Some(pipe) = machines.pipes.get_mut(&id) {
        into.extend(Arc::make_mut(pipe).take(usize::MAX));
    }
    machines.wake(Key::PipeRoom(id));
}
