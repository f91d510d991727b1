//! A laptop with docker, its engine, and nothing else.

use super::{Case, Run, standins};
use drydock_container::fd::Fd;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::kernel::Spawn;
use drydock_container::machines::Outside;
use drydock_container::pipe::Pipe;
use drydock_container::process::State;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_docker::Docker;
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use imbl::OrdMap;
use std::sync::Arc;

const CWD: &str = "/home/learner/work";
/// What lies between two recorded calls, in simulated milliseconds.
const PAUSE_MS: u64 = 300;
/// The recording's day.
const EPOCH: i64 = 1_795_168_000;

/// See the module's head.
pub struct World {
    machines: Machines,
    docker: Docker,
    laptop: SpaceId,
    /// The case that ran last.
    last: i64,
}

impl World {
    pub fn new() -> World {
        let programs = Programs(&[
            drydock_tools::PROGRAMS,
            drydock_docker::PROGRAMS,
            drydock_container::shell::PROGRAMS,
            drydock_container::utilities::PROGRAMS,
            drydock_container::images::PROGRAMS,
        ]);
        let mut machines = Machines::new(Clock::new(1, EPOCH), programs);
        let laptop = machines.add_host("dock", Ip::new(192, 168, 65, 1), SpaceKind::Laptop);
        machines.host_sizes.insert(laptop, (2, 25_275_000_000));
        let docker = Docker::boot(&mut machines, laptop);
        standins::install(&mut machines);
        let mut world = World { machines, docker, laptop, last: -1 };
        world.script("mkdir -p /home/learner/work");
        world
    }
    /// What the recorder did between the calls it kept.
    pub fn prepare(&mut self, case: &Case) {
        let passed = |id: i64| self.last < id && case.id >= id;
        let mut scripts: Vec<&str> = Vec::new();
        for (id, script) in SETUPS {
            if passed(*id) {
                scripts.push(script);
            }
        }
        for script in scripts {
            self.script(script);
        }
        self.files(case);
        self.last = case.id;
    }
    fn script(&mut self, script: &str) {
        let case = Case { argv: ["sh", "-c", script].map(String::from).to_vec(), ..Case::default() };
        let got = self.run(&case);
        if std::env::var("VERBOSE").is_ok() {
            println!("--- {script}\n{}{}", got.stdout, got.stderr);
        }
    }
    /// The working folder of a build.
    fn files(&mut self, case: &Case) {
        if case.dockerfile.is_none() && case.files.is_empty() {
            return;
        }
        let now = self.machines.clock.unix();
        let Some(space) = self.machines.space_mut(self.laptop) else { return };
        let root = Arc::make_mut(&mut space.root);
        let old: Vec<String> =
            root.walk(CWD).map(|(path, _)| path.to_string()).filter(|p| p != CWD).collect();
        for path in old.iter().rev() {
            let _ = root.unlink(path);
        }
        let mut put = |name: &str, text: &str| {
            directories(root, drydock_container::filesystem::parent(&format!("{CWD}/{name}")));
            root.put(&format!("{CWD}/{name}"), inode(Content::File(text.as_bytes().into()), 0o644, now))
                .unwrap();
        };
        if let Some(text) = case.dockerfile.as_deref().filter(|t| !t.starts_with("None")) {
            // The list keeps them without their last newline.
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            put("Dockerfile", &format!("{text}{end}"));
        }
        for name in &case.files {
            match name.as_str() {
                "Dockerfile" if case.dockerfile.is_some() => {}
                "Dockerfile" => put("Dockerfile", builds(case.id)),
                "Dockerfile.dev" => put(name, "FROM busybox\nRUN true\n"),
                ".dockerignore" => put(name, "*.log\n!keep.log\nnode_modules\n"),
                "node_modules" => put("node_modules/x.js", "x\n"),
                "sub" => put("sub/c.log", "c\n"),
                "a.txt" if (276..400).contains(&case.id) && case.id < 278 => put(name, "B\n"),
                "a.txt" if case.id == 366 || case.id == 367 => put(name, "T\n"),
                "a.txt" => put(name, "A\n"),
                name => put(name, "x\n"),
            }
        }
    }
    /// Runs a call to its end.
    pub fn run(&mut self, case: &Case) -> Run {
        let pause = self.machines.clock.now + PAUSE_MS;
        self.pass_time(pause);
        let first = self.machines.last_pipe + 1;
        let mut stdin = Pipe::default();
        (stdin.readers, stdin.writers) = (1, 0);
        stdin.push(case.stdin.as_deref().unwrap_or("").as_bytes());
        let mut output = Pipe::default();
        (output.readers, output.writers) = (1, 0);
        for (id, pipe) in [(first, stdin), (first + 1, output.clone()), (first + 2, output)] {
            self.machines.pipes.insert(id, Arc::new(pipe));
        }
        self.machines.last_pipe = first + 2;
        let tty = case.tty.then(|| self.machines.open_tty(80, 24));
        let fds = match tty {
            Some(tty) => [
                (0_u32, Fd::PipeRead(first)),
                (1, Fd::Tty { tty, error: false }),
                (2, Fd::Tty { tty, error: true }),
            ],
            None => {
                [(0_u32, Fd::PipeRead(first)), (1, Fd::PipeWrite(first + 1)), (2, Fd::PipeWrite(first + 2))]
            }
        };
        let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
        env.insert("HOME".into(), "/home/learner".into());
        env.insert("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into());
        for (name, value) in &case.env {
            env.insert(name.as_str().into(), value.as_str().into());
        }
        let cwd = if self.last < 0 && case.argv.first().is_some_and(|a| a == "sh") { "/" } else { CWD };
        let spawn = Spawn {
            // A parent that nobody is, so that the exit code stays to be read.
            parent: 4_000_000,
            group: 0,
            space: self.laptop,
            argv: case.argv.iter().map(|a| Arc::from(a.as_str())).collect(),
            env,
            implicit_env: false,
            cwd: cwd.into(),
            uid: 0,
            gid: 0,
            umask: 0o022,
            fds: fds.into_iter().collect(),
        };
        let outside: &mut dyn Outside = &mut self.docker;
        let Ok(pid) = self.machines.spawn(outside, spawn) else {
            return Run { rc: -2, ..Run::default() };
        };
        let mut run = Run { rc: -1, ..Run::default() };
        let until = self.machines.clock.now + 600_000;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        loop {
            self.drain(first + 1, &mut stdout);
            self.drain(first + 2, &mut stderr);
            if let Some(State::Zombie(code)) = self.machines.process(pid).map(|p| p.state.clone()) {
                run.rc = code;
                break;
            }
            if !self.step(until) {
                break;
            }
        }
        self.machines.reap(pid);
        if let Some(tty) = tty {
            let chunks = self.machines.tty(tty).map(|t| t.output.clone()).unwrap_or_default();
            run.stdout = chunks.iter().map(|c| c.text.replace('\r', "\n")).collect();
            return run;
        }
        run.stdout = String::from_utf8_lossy(&stdout).into_owned();
        run.stderr = String::from_utf8_lossy(&stderr).into_owned();
        run
    }
    fn step(&mut self, until: u64) -> bool {
        let Some(task) = self.machines.clock.next(until) else { return false };
        if !self.machines.handle(&mut self.docker, task) {
            self.docker.run_task(&mut self.machines, task);
        }
        if !self.machines.notices.is_empty() {
            self.docker.take_notices(&mut self.machines);
        }
        true
    }
    fn pass_time(&mut self, until: u64) {
        while self.step(until) {}
        self.machines.clock.now = self.machines.clock.now.max(until);
    }
    fn drain(&mut self, id: u32, into: &mut Vec<u8>) {
        if let Some(pipe) = self.machines.pipes.get_mut(&id) {
            into.extend(Arc::make_mut(pipe).take(usize::MAX));
        }
        self.machines.wake(Key::PipeRoom(id));
    }
}

/// Dockerfiles of the recorder's own.
fn builds(case: i64) -> &'static str {
    match case {
        366 | 367 => {
            "FROM busybox\nWORKDIR /app\nCOPY a.txt .\nRUN echo building && cat a.txt > b.txt\nENV MODE=prod\nEXPOSE 8080\nCMD [\"cat\",\"b.txt\"]\n"
        }
        368 => "FROM busybox\nRUN echo hi; exit 2\n",
        _ => "FROM busybox\nRUN echo hi\n",
    }
}

/// Before the case of this number.
const SETUPS: &[(i64, &str)] = &[
    (
        76,
        "docker rm -f $(docker ps -aq); docker volume prune -af; docker rmi -f nginx:1.27 redis:latest; docker tag redis:7 x; docker rmi x",
    ),
    (250, "docker rm -f $(docker ps -aq)"),
    (253, "docker rm -f busy"),
    (256, "docker run -d --name tt busybox sleep 1000"),
    (265, "sleep 3"),
    (268, "sleep 6"),
    (272, "docker rm -f $(docker ps -aq); docker pull -q nginx"),
    (370, "docker rmi -f redis:7"),
    (
        388,
        "docker rm -f $(docker ps -aq); docker rmi -f $(docker images -aq); docker pull -q busybox; docker pull -q nginx; docker pull -q redis:7; docker tag busybox learner/myapp:v1; docker tag busybox other/x",
    ),
];

pub fn inode(content: Content, mode: u16, mtime: i64) -> Inode {
    let size = if let Content::File(bytes) = &content { bytes.len() as u64 } else { 0 };
    Inode { content, mode, uid: 0, gid: 0, mtime, links: 1, size }
}

pub fn directories(root: &mut Filesystem, path: &str) {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        at = format!("{at}/{part}");
        if root.get(&at).is_none() {
            root.put(&at, inode(Content::Directory, 0o755, 0)).unwrap();
        }
    }
}

/// Puts a file, its folders with it.
pub fn put(root: &mut Filesystem, path: &str, text: &str, mtime: i64) {
    directories(root, drydock_container::filesystem::parent(path));
    root.put(path, inode(Content::File(text.as_bytes().into()), 0o644, mtime)).unwrap();
}
