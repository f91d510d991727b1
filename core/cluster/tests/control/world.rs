//! A small world for scenarios: nodes, a few images of tiny programs, and a loop that runs tasks.

use drydock_cluster::{Actor, Cluster, Edit, Object, kinds};
use drydock_container::images::{Draft, Image};
use drydock_container::machine::{Behave, Handled, Machine, Step};
use drydock_container::program::{Program, Programs};
use drydock_container::{Machines, Signal, Sys, Wait};
use drydock_machinery::{Clock, Value, value};
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::Response;
use std::sync::Arc;

/// Serves 200 on 80 (503 on /ready for its first `SLOW` ms); TERM ends it.
#[derive(Clone, Hash)]
struct Server {
    slow: u64,
    ending: bool,
    up: bool,
    began: u64,
}
impl Behave for Server {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.ending {
            return Step::Exit(0);
        }
        if !self.up {
            self.up = true;
            self.began = sys.now();
            if sys.listen(80).is_err() {
                return Step::Exit(1);
            }
            sys.print("serving\n");
        }
        while let Some(incoming) = sys.accept() {
            let ready = sys.now() >= self.began + self.slow;
            let answer = match &incoming.payload {
                Payload::Http(r) if &*r.path == "/ready" && !ready => {
                    Answer::Http(Response::text(503, "no\n"))
                }
                Payload::Http(_) => Answer::Http(Response::text(200, "ok\n")),
                _ => Answer::Connected,
            };
            sys.respond(incoming.id, answer);
        }
        Step::Wait(vec![Wait::Accept, Wait::Signal])
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Term {
            self.ending = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}

/// Prints and exits with a code after some time; 0 ms never.
#[derive(Clone, Hash)]
struct Timer {
    ms: u64,
    code: i32,
    until: u64,
}
impl Behave for Timer {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.until == 0 {
            self.until = sys.now() + self.ms;
            sys.print("begin\n");
        }
        if sys.now() >= self.until { Step::Exit(self.code) } else { Step::wait(Wait::Until(self.until)) }
    }
}

fn server(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Server { slow: 0, ending: false, up: false, began: 0 })
}
fn slow(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Server { slow: 20_000, ending: false, up: false, began: 0 })
}
fn crash(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Timer { ms: 2_000, code: 1, until: 0 })
}
fn done(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Timer { ms: 1_000, code: 0, until: 0 })
}
/// Ignores TERM for ever.
fn stubborn(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Timer { ms: 1_000_000_000, code: 0, until: 0 })
}
fn env(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let names = ["A", "B", "HOST_IP", "WEB_SERVICE_HOST", "KEY"];
    for name in names {
        if let Some(value) = sys.env(name) {
            sys.print(&format!("{name}={value}\n"));
        }
    }
    for path in ["/etc/config/k", "/etc/config/..data/k"] {
        if let Ok(bytes) = sys.read_file(path) {
            sys.print(&format!("{path}: {}\n", String::from_utf8_lossy(&bytes)));
        }
    }
    Box::new(Timer { ms: 1_000_000_000, code: 0, until: 0 })
}

const PROGRAMS: &[Program] = &[
    Program { name: "t-server", about: "", start: server },
    Program { name: "t-slow", about: "", start: slow },
    Program { name: "t-crash", about: "", start: crash },
    Program { name: "t-done", about: "", start: done },
    Program { name: "t-stubborn", about: "", start: stubborn },
    Program { name: "t-env", about: "", start: env },
];

fn image(program: &str) -> Image {
    use drydock_container::filesystem::{Content, Filesystem, Inode};
    let mut root = Filesystem::default();
    let inode = |content, mode| Inode { content, mode, uid: 0, gid: 0, mtime: 0, links: 1, size: 0 };
    for dir in ["/bin", "/etc", "/dev"] {
        root.put(dir, inode(Content::Directory, 0o755)).unwrap();
    }
    for p in PROGRAMS {
        root.put(&format!("/bin/{}", p.name), inode(Content::Program(p.name.into()), 0o755)).unwrap();
    }
    let _ = Draft::default();
    Image {
        id: format!("{program:0<64}").into(),
        digest: format!("{:0<64}", "ab").into(),
        entrypoint: vec![Arc::from(format!("/bin/{program}"))].into(),
        size: 10_000_000,
        root: Arc::new(root),
        ..Image::default()
    }
}

/// A cluster of `nodes` workers with a clock.
pub struct World {
    pub machines: Machines,
    pub cluster: Cluster,
}

pub const ADMIN: Actor = Actor::admin();

impl World {
    pub fn new(nodes: u32) -> World {
        let clock = Clock::new(7, 1_790_000_000);
        let mut machines = Machines::new(clock, Programs(&[PROGRAMS, drydock_container::images::PROGRAMS]));
        for program in PROGRAMS {
            let name = program.name.strip_prefix("t-").unwrap();
            let full: Arc<str> = format!("docker.io/library/{name}:1").into();
            machines.images.registry.insert(full, Arc::new(image(program.name)));
        }
        let mut cluster = Cluster::empty();
        for name in ["default", "kube-system"] {
            cluster
                .create(&mut machines, &ADMIN, kinds::NAMESPACE, "", value!({"metadata": {"name": name}}))
                .unwrap();
        }
        let mut world = World { machines, cluster };
        for n in 1..=nodes {
            world.node(n, "4", 110);
        }
        world.run(100);
        world
    }
    pub fn node(&mut self, n: u32, cpu: &str, pods: u32) {
        let name = format!("node-{n}");
        let list = value!({"cpu": cpu, "memory": "8Gi", "pods": pods.to_string()});
        let ip = format!("172.18.{}.{}", n / 250, n % 250 + 2);
        let status = value!({
            "addresses": [{"type": "InternalIP", "address": ip}],
            "allocatable": list.clone(), "capacity": list,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": null, "lastTransitionTime": null, "message": "m"}],
        });
        let object =
            value!({"metadata": {"name": name.as_str(), "labels": {"kubernetes.io/hostname": name}}});
        let node = self.cluster.create(&mut self.machines, &ADMIN, kinds::NODE, "", object).unwrap();
        self.cluster.update_status(&mut self.machines, &ADMIN, node.id, status).unwrap();
    }
    /// Lets `ms` of simulated time pass.
    pub fn run(&mut self, ms: u64) {
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
    /// Runs until `done`, at most `ms`; gives the time it took.
    pub fn until(&mut self, ms: u64, done: impl Fn(&World) -> bool) -> Option<u64> {
        let begin = self.machines.clock.now;
        while self.machines.clock.now < begin + ms {
            if done(self) {
                return Some(self.machines.clock.now - begin);
            }
            self.run(50);
        }
        done(self).then_some(ms)
    }
    pub fn create(&mut self, kind: kinds::KindId, object: Value) -> Arc<Object> {
        let namespace = object["metadata"]["namespace"].text().to_string();
        let namespace = if namespace.is_empty() { "default" } else { namespace.as_str() };
        self.cluster.create(&mut self.machines, &ADMIN, kind, namespace, object).unwrap()
    }
    pub fn create_in(&mut self, namespace: &str, kind: kinds::KindId, object: Value) -> Arc<Object> {
        self.cluster.create(&mut self.machines, &ADMIN, kind, namespace, object).unwrap()
    }
    /// The body of an answer as text.
    pub fn text(&mut self, request: &drydock_network::http::Request) -> String {
        let response = self.cluster.handle(&mut self.machines, request);
        String::from_utf8_lossy(&response.body.bytes()).into_owned()
    }
    pub fn deployment(&mut self, name: &str, replicas: i64, image: &str) -> Arc<Object> {
        self.create(kinds::DEPLOYMENT, deployment(name, replicas, image))
    }
    pub fn edit(&mut self, kind: kinds::KindId, name: &str, change: impl Fn(&Value) -> Value) {
        let object = self.cluster.find(kind, "default", name).unwrap().clone();
        let spec = change(object.spec());
        self.cluster.update(&mut self.machines, &ADMIN, object.id, None, Edit::spec(spec)).unwrap();
    }
    pub fn get(&self, kind: kinds::KindId, name: &str) -> Value {
        self.cluster.find(kind, "default", name).map(|o| o.value()).unwrap_or_default()
    }
    pub fn pods(&self) -> Vec<Arc<Object>> {
        self.cluster.store.list_in(kinds::POD, "default").cloned().collect()
    }
    pub fn ready(&self) -> usize {
        self.pods().iter().filter(|p| p.is_ready()).count()
    }
    /// `type reason message xN` of every event about objects whose name begins so.
    pub fn events(&self, name: &str) -> Vec<String> {
        self.cluster
            .event_rows()
            .filter(|row| row.about.name.starts_with(name))
            .map(|row| {
                let kind = if row.warning { "Warning" } else { "Normal" };
                format!("{kind} {} {} x{}", row.reason, row.message, row.count)
            })
            .collect()
    }
}

pub fn deployment(name: &str, replicas: i64, image: &str) -> Value {
    value!({
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "c", "image": image, "ports": [{"containerPort": 80}]}]},
            },
        },
    })
}

pub fn pod(name: &str, image: &str, more: Value) -> Value {
    let mut spec = value!({"containers": [{"name": "c", "image": image}]});
    for (key, value) in more.entries() {
        spec = spec.with(*key, value.clone());
    }
    value!({"metadata": {"name": name, "labels": {"app": name}}, "spec": spec})
}
