//! The images of the recordings: their kubelet was a fake one that ran nothing. `fail:*` crashes,
//! `done:*` completes, `nope:*` cannot be pulled, `linger:*` takes its time to end; everything else stays
//! and answers.

use drydock_container::Machines;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::images::Image;
use drydock_container::machine::{Behave, Handled, Machine, Step};
use drydock_container::program::Program;
use drydock_container::{Signal, Sys, Wait};
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::Response;
use std::sync::Arc;

/// Serves until told to end, and then for `linger` ms.
#[derive(Clone, Hash)]
struct Stay {
    up: bool,
    linger: u64,
    ending: Option<u64>,
    told: bool,
}
impl Behave for Stay {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told && self.ending.is_none() {
            self.ending = Some(sys.now() + self.linger);
        }
        if let Some(end) = self.ending {
            return if sys.now() >= end { Step::Exit(0) } else { Step::wait(Wait::Until(end)) };
        }
        if !self.up {
            self.up = true;
            for port in [80, 8080] {
                let _ = sys.listen(port);
            }
        }
        while let Some(incoming) = sys.accept() {
            let answer = match &incoming.payload {
                Payload::Http(_) => Answer::Http(Response::text(200, "ok\n")),
                _ => Answer::Connected,
            };
            sys.respond(incoming.id, answer);
        }
        Step::Wait(vec![Wait::Accept, Wait::Signal])
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.told |= signal == Signal::Term;
        if signal == Signal::Term { Handled::Caught } else { Handled::Default }
    }
}

/// Ends after a second.
#[derive(Clone, Hash)]
struct Brief {
    code: i32,
    until: u64,
}
impl Behave for Brief {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.until == 0 {
            self.until = sys.now() + 1_000;
        }
        if sys.now() >= self.until { Step::Exit(self.code) } else { Step::wait(Wait::Until(self.until)) }
    }
}

fn stay(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Stay { up: false, linger: 0, ending: None, told: false })
}
fn linger(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Stay { up: false, linger: 6_000, ending: None, told: false })
}
fn fail(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Brief { code: 1, until: 0 })
}
fn done(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Brief { code: 0, until: 0 })
}

pub const CAST: &[Program] = &[
    Program { name: "cast-stay", about: "", start: stay },
    Program { name: "cast-linger", about: "", start: linger },
    Program { name: "cast-fail", about: "", start: fail },
    Program { name: "cast-done", about: "", start: done },
];

/// Words that manifests of the recordings start containers with.
const COMMANDS: &[&str] = &["true", "sh", "sleep", "x", "echo"];

fn image(program: &'static str) -> Image {
    let mut root = Filesystem::default();
    let inode = |content, mode| Inode { content, mode, uid: 0, gid: 0, mtime: 0, links: 1, size: 0 };
    for dir in ["/bin", "/etc", "/dev", "/tmp"] {
        root.put(dir, inode(Content::Directory, 0o755)).unwrap();
    }
    for name in COMMANDS.iter().chain([&program]) {
        root.put(&format!("/bin/{name}"), inode(Content::Program(program.into()), 0o755)).unwrap();
    }
    Image {
        id: format!("{:0<64}", program.len()).into(),
        digest: format!("{:0<64}", "ab").into(),
        entrypoint: vec![Arc::from(format!("/bin/{program}"))].into(),
        size: 1_000,
        root: Arc::new(root),
        ..Image::default()
    }
}

/// Puts every image that `text` (manifests, command lines) may name into the registry.
pub fn publish(machines: &mut Machines, text: &str) {
    let pattern = regex_lite::Regex::new(r#"[a-z0-9]+(:[a-z0-9.]+)?"#).unwrap();
    for word in pattern.find_iter(text).map(|m| m.as_str()) {
        let (name, tag) = word.split_once(':').unwrap_or((word, "latest"));
        let known = ["nginx", "busybox", "fail", "done", "ready", "unready", "linger", "x", "y", "i"];
        if !known.contains(&name) {
            continue;
        }
        let program = match name {
            "fail" => "cast-fail",
            "done" => "cast-done",
            "linger" => "cast-linger",
            _ => "cast-stay",
        };
        let full: Arc<str> = format!("docker.io/library/{name}:{tag}").into();
        machines.images.registry.entry(full).or_insert_with(|| Arc::new(image(program)));
    }
}
