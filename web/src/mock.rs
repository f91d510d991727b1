//! A stand-in for the sandbox facade while it is being built: same names, a handful of pods.
#![allow(missing_docs, dead_code, clippy::panic)]
use drydock_machinery::Value;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Copy)]
pub enum Phase {
    Pending,
    Creating,
    Running,
    Ready,
    Failing,
    Terminating,
    Succeeded,
    Failed,
    Unknown,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Outside,
    Laptop,
    Node(String),
    Pod(u32),
    Api,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Kubectl,
    Api,
    Controller(String),
    Scheduler,
    Kubelet(String),
    Proxy,
}
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    pub name: String,
    pub ready: bool,
    pub schedulable: bool,
    pub control_plane: bool,
    pub cpu_used_milli: i64,
    pub cpu_total_milli: i64,
    pub memory_used: i64,
    pub memory_total: i64,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub kind: String,
    pub name: String,
}
#[derive(Clone, Debug, PartialEq)]
pub struct PodView {
    pub id: u32,
    pub namespace: String,
    pub name: String,
    pub node: Option<String>,
    pub phase: Phase,
    pub status: String,
    pub ready: String,
    pub restarts: u32,
    pub owner: Option<Owner>,
    pub labels: Vec<(String, String)>,
    pub ip: Option<String>,
    pub deleting: bool,
    pub created_ms: u64,
    pub image: String,
}
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceView {
    pub id: u32,
    pub namespace: String,
    pub name: String,
    pub kind: String,
    pub cluster_ip: String,
    pub external: String,
    pub ports: String,
    pub selector: Vec<(String, String)>,
    pub ready: Vec<u32>,
    pub not_ready: Vec<u32>,
}
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadView {
    pub id: u32,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub desired: u32,
    pub ready: u32,
    pub updated: u32,
    pub owner: Option<Owner>,
}
#[derive(Clone, Debug, PartialEq)]
pub struct HopView {
    pub time_ms: u64,
    pub from: Place,
    pub via: Option<u32>,
    pub to: Place,
    pub status: u16,
    pub path: String,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    pub time_ms: u64,
    pub actor: ActorKind,
    pub about: Option<u32>,
    pub text: String,
    pub cause: u32,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameMark(pub u64);
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    pub version: u64,
    pub now_ms: u64,
    pub mark: FrameMark,
    pub nodes: Vec<NodeView>,
    pub pods: Vec<PodView>,
    pub services: Vec<ServiceView>,
    pub workloads: Vec<WorkloadView>,
    pub hops: Vec<HopView>,
    pub beats: Vec<Beat>,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stdout,
    Stderr,
    Prompt,
    Echo,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    pub time: u64,
    pub kind: Kind,
    pub text: Arc<str>,
}
#[derive(Clone, Debug)]
pub struct Candidate {
    pub text: String,
    pub about: String,
}
#[derive(Clone, Debug, Default)]
pub struct Completion {
    pub start: usize,
    pub candidates: Vec<Candidate>,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub program: Arc<str>,
    pub path: Arc<str>,
    pub text: Arc<str>,
}
#[derive(Clone, Debug, PartialEq)]
pub struct FileEntry {
    pub name: String,
    pub is_dir: bool,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub line: usize,
    pub column: usize,
    pub length: usize,
    pub message: String,
    pub severity: Severity,
}
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub age_ms: u64,
    pub event_type: String,
    pub reason: String,
    pub message: String,
    pub count: u32,
    pub source: String,
}
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStep {
    pub at_ms: u64,
    pub text: String,
}
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    pub at_ms: u64,
    pub label: String,
}
#[derive(Clone, Debug)]
pub enum Input {
    Line { tty: u32, text: String },
    Interrupt { tty: u32 },
    Eof { tty: u32 },
    Stop { tty: u32 },
    File { path: String, text: String },
    Edit { tty: u32, text: Option<String> },
    Opened { what: String },
    Terminal { tty: u32 },
}

#[derive(Clone, Default)]
pub struct Sandbox {
    now: u64,
    version: u64,
    next: u32,
    pods: Vec<PodView>,
    chunks: Vec<Chunk>,
    inputs: Vec<String>,
    want: u32,
    past: Vec<Sandbox>,
    ahead: Vec<Sandbox>,
    beats: Vec<Beat>,
    hops: Vec<HopView>,
    busy: Option<u64>,
    files: Vec<(String, String)>,
}
const PROMPT: &str = "learner@dock:~$ ";
impl Sandbox {
    pub fn new(_seed: u64) -> Sandbox {
        let mut s = Sandbox { want: 3, ..Default::default() };
        s.say(Kind::Prompt, PROMPT);
        s.files.push(("/home/learner/web.yaml".into(), "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3 # wanted\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n        - name: web\n          image: nginx:1.27\n          command: [\"sh\", \"-c\"]\n          args:\n            - |\n              echo hi\n              sleep 5\n          resources:\n            requests: {cpu: 100m, memory: 64Mi}\n".into()));
        for _ in 0..3 {
            s.spawn();
        }
        for (i, n) in ["coredns-6d4b75cb6d-2xk8p", "coredns-6d4b75cb6d-9hv4r"].iter().enumerate() {
            s.next += 1;
            s.pods.push(PodView {
                id: s.next,
                namespace: "kube-system".into(),
                name: (*n).into(),
                node: Some(format!("node-{}", i + 1)),
                phase: Phase::Ready,
                status: "Running".into(),
                ready: "1/1".into(),
                restarts: 0,
                owner: Some(Owner { kind: "ReplicaSet".into(), name: "coredns-6d4b75cb6d".into() }),
                labels: vec![],
                ip: None,
                deleting: false,
                created_ms: 0,
                image: "coredns".into(),
            });
        }
        for p in &mut s.pods {
            p.phase = Phase::Ready;
            p.status = "Running".into();
            p.ready = "1/1".into();
        }
        s
    }
    fn spawn(&mut self) {
        self.next += 1;
        let id = self.next;
        let tail: String = (0..5)
            .map(|k| {
                "bcdfghjklmnpqrstvwxz2456789"
                    .chars()
                    .nth(((id * 7919 + k * 31 * id) % 27) as usize)
                    .unwrap_or('x')
            })
            .collect();
        self.pods.push(PodView {
            id,
            namespace: "default".into(),
            name: format!("web-7d9c5b8f4-{tail}"),
            node: None,
            phase: Phase::Pending,
            status: "Pending".into(),
            ready: "0/1".into(),
            restarts: 0,
            owner: Some(Owner { kind: "ReplicaSet".into(), name: "web-7d9c5b8f4".into() }),
            labels: vec![("app".into(), "web".into())],
            ip: None,
            deleting: false,
            created_ms: self.now,
            image: "nginx:1.27".into(),
        });
        self.beat(
            ActorKind::Controller("replicaset".into()),
            format!("ReplicaSet web-7d9c5b8f4 created pod web-7d9c5b8f4-{tail}"),
        );
    }
    fn beat(&mut self, actor: ActorKind, text: String) {
        self.beats.push(Beat { time_ms: self.now, actor, about: None, text, cause: 1 });
        self.version += 1;
    }
    fn say(&mut self, kind: Kind, text: &str) {
        self.chunks.push(Chunk { time: self.now, kind, text: text.into() });
    }
    pub fn apply(&mut self, input: Input) {
        if let Input::Line { text, .. } = &input {
            let mut before = self.clone();
            before.ahead.clear();
            self.past.push(before);
            self.ahead.clear();
            self.inputs.push(text.clone());
            self.say(Kind::Echo, &format!("{text}\n"));
            let words: Vec<&str> = text.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                ["kubectl", "get", "pods" | "pod" | "po"] => {
                    let mut out =
                        String::from("NAME                  READY   STATUS              RESTARTS   AGE\n");
                    for p in self.pods.iter().filter(|p| p.namespace == "default") {
                        out += &format!(
                            "{:<22}{:<8}{:<20}{:<11}{}s\n",
                            p.name,
                            p.ready,
                            p.status,
                            p.restarts,
                            (self.now - p.created_ms) / 1000
                        );
                    }
                    self.say(Kind::Stdout, &out);
                }
                ["kubectl", "delete", "pod", name] => {
                    let now = self.now;
                    match self.pods.iter_mut().find(|p| p.name == *name) {
                        Some(p) => {
                            p.deleting = true;
                            p.phase = Phase::Terminating;
                            p.status = "Terminating".into();
                            p.created_ms = now;
                            let t = format!("pod \"{name}\" deleted\n");
                            self.say(Kind::Stdout, &t);
                            self.busy = Some(now + 1500);
                            self.beat(ActorKind::Kubectl, format!("kubectl deleted pod {name}"));
                        }
                        None => {
                            let t = format!("Error from server (NotFound): pods \"{name}\" not found\n");
                            self.say(Kind::Stderr, &t);
                        }
                    }
                }
                ["kubectl", "scale", .., n] => {
                    self.want = n.trim_start_matches("--replicas=").parse().unwrap_or(3);
                    self.say(Kind::Stdout, "deployment.apps/web scaled\n");
                    self.beat(ActorKind::Kubectl, "kubectl scaled web".into());
                }
                ["break"] => {
                    if let Some(p) = self.pods.first_mut() {
                        p.phase = Phase::Failing;
                        p.status = "CrashLoopBackOff".into();
                        p.ready = "0/1".into();
                        p.restarts = 4;
                    }
                }
                ["panic"] => panic!("asked to panic"),
                [first, ..] => {
                    let t = format!("{first}: command not found\n");
                    self.say(Kind::Stderr, &t);
                }
            }
            if self.busy.is_none() {
                self.say(Kind::Prompt, PROMPT);
            }
            self.version += 1;
        }
        if let Input::File { path, text } = input {
            self.files.retain(|f| f.0 != path);
            self.files.push((path, text));
        }
    }
    pub fn advance(&mut self, ms: u64, _max: usize) -> u64 {
        let before = self.now;
        self.now += ms;
        if self.busy.is_some_and(|t| t <= self.now) {
            self.busy = None;
            self.say(Kind::Prompt, PROMPT);
            self.version += 1;
        }
        let now = self.now;
        let gone = self.pods.len();
        self.pods.retain(|p| !(p.deleting && now > p.created_ms + 1500));
        if self.pods.len() != gone {
            self.version += 1;
        }
        let live = self.pods.iter().filter(|p| p.namespace == "default" && !p.deleting).count() as u32;
        for _ in live..self.want {
            self.spawn();
        }
        if live > self.want {
            for p in self
                .pods
                .iter_mut()
                .filter(|p| p.namespace == "default" && !p.deleting)
                .rev()
                .take((live - self.want) as usize)
            {
                p.deleting = true;
                p.phase = Phase::Terminating;
                p.status = "Terminating".into();
                p.created_ms = now;
            }
            self.version += 1;
        }
        let mut beats = vec![];
        for p in self.pods.iter_mut().filter(|p| !p.deleting && p.namespace == "default") {
            let age = now - p.created_ms;
            let next = if age > 1600 {
                Phase::Ready
            } else if age > 1200 {
                Phase::Running
            } else if age > 500 {
                Phase::Creating
            } else {
                Phase::Pending
            };
            if next != p.phase && p.phase != Phase::Ready && p.phase != Phase::Failing {
                p.phase = next;
                let node = format!("node-{}", 1 + p.id % 3);
                (p.status, p.ready) = match next {
                    Phase::Ready => ("Running".into(), "1/1".into()),
                    Phase::Running => ("Running".into(), "0/1".into()),
                    Phase::Creating => {
                        beats.push((ActorKind::Scheduler, format!("scheduler placed {} on {node}", p.name)));
                        ("ContainerCreating".into(), "0/1".into())
                    }
                    _ => ("Pending".into(), "0/1".into()),
                };
                p.node = Some(node.clone());
                if next == Phase::Ready {
                    beats.push((ActorKind::Kubelet(node), format!("kubelet: {} is ready", p.name)));
                }
            }
        }
        for (a, t) in beats {
            self.beat(a, t);
        }
        if before / 700 != now / 700 {
            let ready: Vec<u32> = self
                .pods
                .iter()
                .filter(|p| p.phase == Phase::Ready && p.namespace == "default")
                .map(|p| p.id)
                .collect();
            if let Some(id) = ready.get((now / 700) as usize % ready.len().max(1)) {
                self.hops.push(HopView {
                    time_ms: now,
                    from: Place::Outside,
                    via: Some(900),
                    to: Place::Pod(*id),
                    status: 200,
                    path: "/".into(),
                });
                self.version += 1;
            }
        }
        ms
    }
    pub fn settle(&mut self, max_ms: u64) -> u64 {
        for _ in 0..max_ms / 100 {
            self.advance(100, 1000);
        }
        max_ms.min(5000)
    }
    pub fn is_busy(&self, _tty: u32) -> bool {
        self.busy.is_some()
    }
    pub fn undo(&mut self) -> bool {
        let Some(mut old) = self.past.pop() else { return false };
        let v = self.version;
        let mut ahead = std::mem::take(&mut self.ahead);
        let past = std::mem::take(&mut self.past);
        let mut cur = self.clone();
        cur.past.clear();
        ahead.push(cur);
        old.past = past;
        old.ahead = ahead;
        old.version = v + 1;
        *self = old;
        true
    }
    pub fn redo(&mut self) -> bool {
        let Some(mut new) = self.ahead.pop() else { return false };
        let v = self.version;
        let ahead = std::mem::take(&mut self.ahead);
        let mut past = std::mem::take(&mut self.past);
        let mut cur = self.clone();
        cur.past.clear();
        past.push(cur);
        new.past = past;
        new.ahead = ahead;
        new.version = v + 1;
        *self = new;
        true
    }
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }
    pub fn can_redo(&self) -> bool {
        !self.ahead.is_empty()
    }
    pub fn goto(&mut self, _ms: u64) {}
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.past
            .iter()
            .zip(&self.inputs)
            .map(|(s, l)| HistoryEntry { at_ms: s.now, label: l.clone() })
            .collect()
    }
    pub fn now(&self) -> u64 {
        self.now
    }
    pub fn save(&self) -> String {
        self.inputs.join("\n")
    }
    pub fn load(text: &str) -> Result<Sandbox, String> {
        let mut s = Sandbox::new(1);
        for l in text.lines() {
            s.apply(Input::Line { tty: 0, text: l.into() });
            s.advance(3000, 1000);
        }
        Ok(s)
    }
    pub fn frame(&self, since: FrameMark) -> Frame {
        let ready = |r: bool| {
            self.pods
                .iter()
                .filter(|p| p.namespace == "default" && (p.phase == Phase::Ready) == r)
                .map(|p| p.id)
                .collect()
        };
        Frame {
            version: self.version,
            now_ms: self.now,
            mark: FrameMark((self.beats.len() as u64) << 32 | self.hops.len() as u64),
            nodes: ["control-plane", "node-1", "node-2", "node-3"]
                .iter()
                .enumerate()
                .map(|(i, n)| NodeView {
                    name: (*n).into(),
                    ready: true,
                    schedulable: i > 0,
                    control_plane: i == 0,
                    cpu_used_milli: 300 + 500 * i as i64,
                    cpu_total_milli: 4000,
                    memory_used: (1 + i as i64) << 30,
                    memory_total: 8 << 30,
                })
                .collect(),
            pods: self.pods.clone(),
            services: vec![ServiceView {
                id: 900,
                namespace: "default".into(),
                name: "web".into(),
                kind: "LoadBalancer".into(),
                cluster_ip: "10.96.12.7".into(),
                external: "203.0.113.7".into(),
                ports: "80/TCP".into(),
                selector: vec![("app".into(), "web".into())],
                ready: ready(true),
                not_ready: ready(false),
            }],
            workloads: vec![WorkloadView {
                id: 901,
                kind: "Deployment".into(),
                namespace: "default".into(),
                name: "web".into(),
                desired: self.want,
                ready: 3,
                updated: 3,
                owner: None,
            }],
            hops: self.hops.iter().skip((since.0 & 0xffff_ffff) as usize).cloned().collect(),
            beats: self.beats.iter().skip((since.0 >> 32) as usize).cloned().collect(),
        }
    }
    pub fn transcript(&self, _tty: u32, from: u64) -> Vec<Chunk> {
        self.chunks.iter().skip(from as usize).cloned().collect()
    }
    pub fn transcript_len(&self, _tty: u32) -> u64 {
        self.chunks.len() as u64
    }
    pub fn prompt(&self, _tty: u32) -> String {
        PROMPT.into()
    }
    pub fn complete(&self, _tty: u32, line: &str, cursor: usize) -> Completion {
        let head = line.get(..cursor).unwrap_or(line);
        let start = head.rfind(' ').map_or(0, |i| i + 1);
        let word = head.get(start..).unwrap_or("");
        let mut all: Vec<String> = ["kubectl", "get", "delete", "pods", "pod", "scale", "deployment"]
            .iter()
            .map(|s| (*s).to_string())
            .collect();
        all.extend(self.pods.iter().map(|p| p.name.clone()));
        Completion {
            start,
            candidates: all
                .into_iter()
                .filter(|c| c.starts_with(word))
                .map(|text| Candidate { text, about: String::new() })
                .collect(),
        }
    }
    pub fn editing(&self, _tty: u32) -> Option<Edit> {
        None
    }
    pub fn files(&self, dir: &str) -> Vec<FileEntry> {
        self.files
            .iter()
            .filter_map(|f| f.0.strip_prefix(dir))
            .map(|n| FileEntry { name: n.trim_start_matches('/').into(), is_dir: false })
            .collect()
    }
    pub fn read_file(&self, path: &str) -> Option<String> {
        self.files.iter().find(|f| f.0 == path).map(|f| f.1.clone())
    }
    pub fn diagnose(&self, text: &str) -> Vec<Diagnostic> {
        text.lines()
            .enumerate()
            .filter(|(_, l)| l.contains("imagee"))
            .map(|(i, l)| Diagnostic {
                line: i + 1,
                column: l.find("imagee").unwrap_or(0) + 1,
                length: 6,
                message: "unknown field \"spec.template.spec.containers[0].imagee\"".into(),
                severity: Severity::Error,
            })
            .collect()
    }
    pub fn read(&self, _path: &str) -> Option<Value> {
        None
    }
    pub fn events(&self, _ns: &str, _kind: &str, _name: &str) -> Vec<EventRow> {
        vec![
            EventRow {
                age_ms: 4000,
                event_type: "Normal".into(),
                reason: "Scheduled".into(),
                message: "Successfully assigned default/web to node-1".into(),
                count: 1,
                source: "default-scheduler".into(),
            },
            EventRow {
                age_ms: 2000,
                event_type: "Warning".into(),
                reason: "BackOff".into(),
                message: "Back-off restarting failed container".into(),
                count: 3,
                source: "kubelet".into(),
            },
        ]
    }
    pub fn logs(&self, _ns: &str, _pod: &str, _c: Option<&str>, _tail: usize) -> Result<String, String> {
        Ok("10.244.1.1 - - GET / 200\n".repeat(5))
    }
    pub fn yaml(&self, path: &str) -> Option<String> {
        Some(format!("# {path}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n"))
    }
    pub fn why(&self, _cause: u32) -> Vec<WhyStep> {
        vec![
            WhyStep { at_ms: 900, text: "kubelet started the container".into() },
            WhyStep { at_ms: 500, text: "scheduler placed the pod".into() },
            WhyStep { at_ms: 10, text: "kubectl delete pod".into() },
        ]
    }
}
