//! Helpers of this crate's unit tests: a world with one host, one image and tiny programs.

use crate::images::Image;
use crate::machine::{Behave, Handled, Once, Step};
use crate::machines::{Machines, Notice, Nowhere};
use crate::program::{Program, Programs};
use crate::signal::Signal;
use crate::space::{SpaceId, SpaceKind};
use crate::spec::{Config, ContainerSpec, ExecSpec, Overrides};
use crate::sys::Sys;
use crate::wait::Wait;
use crate::{Read, WaitResult};
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use std::sync::Arc;

/// Copies stdin to stdout, a line at a time.
#[derive(Clone, Hash)]
pub struct Cat;
impl Behave for Cat {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match sys.read_line(0) {
            Read::Data(data) => {
                sys.write(1, &data);
                Step::Again
            }
            Read::Block => Step::wait(Wait::Readable(0)),
            Read::End => Step::Exit(0),
            Read::Failed(_) => Step::Exit(1),
        }
    }
}
/// Writes for ever.
#[derive(Clone, Hash)]
pub struct Yes(u64);
impl Behave for Yes {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.0 += 1;
        sys.write(1, &b"y\n".repeat(2048));
        Step::Again
    }
}
/// Waits for a signal; `catch` exits 7 on TERM.
#[derive(Clone, Hash)]
pub struct Pause {
    catch: bool,
    got: bool,
}
impl Behave for Pause {
    fn step(&mut self, _: &mut Sys<'_>) -> Step {
        if self.got { Step::Exit(7) } else { Step::wait(Wait::Signal) }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if self.catch && signal == Signal::Term {
            self.got = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}
/// Starts its arguments as a child and reports its end.
#[derive(Clone, Hash)]
pub struct Parent(u32);
impl Behave for Parent {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.0 == 0 {
            let argv = sys.args().iter().skip(1).cloned().collect();
            match sys.spawn(argv, crate::SpawnOptions::default()) {
                Ok(pid) => self.0 = pid,
                Err(error) => {
                    sys.eprint(&format!("{error}\n"));
                    return Step::Exit(127);
                }
            }
        }
        match sys.wait(None) {
            WaitResult::Exited(_, code) => {
                sys.print(&format!("child {code}\n"));
                Step::Exit(0)
            }
            WaitResult::None => Step::wait(Wait::Child),
            WaitResult::NoChildren => Step::Exit(10),
        }
    }
}
/// Starts a child and ends at once.
fn leave(sys: &mut Sys<'_>) -> i32 {
    let argv = sys.args().iter().skip(1).cloned().collect();
    i32::from(sys.spawn(argv, crate::SpawnOptions::default()).is_err())
}
/// Starts copies of itself, twice each time.
#[derive(Clone, Hash)]
pub struct Bomb;
impl Behave for Bomb {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        for _ in 0..2 {
            if sys.spawn(sys.args().to_vec(), crate::SpawnOptions::default()).is_err() {
                return Step::Exit(1);
            }
        }
        Step::wait(Wait::Signal)
    }
}
/// Never waits.
#[derive(Clone, Hash)]
pub struct Busy;
impl Behave for Busy {
    fn step(&mut self, _: &mut Sys<'_>) -> Step {
        Step::Again
    }
}
fn hello(sys: &mut Sys<'_>) -> i32 {
    sys.print("hello\n");
    sys.eprint("oops\n");
    3
}

pub const TEST_PROGRAMS: &[Program] = &[
    Program { name: "cat", about: "", start: |_| Box::new(Cat) },
    Program { name: "yes", about: "", start: |_| Box::new(Yes(0)) },
    Program { name: "sleep", about: "", start: |_| Box::new(Pause { catch: false, got: false }) },
    Program { name: "tail", about: "", start: |_| Box::new(Pause { catch: true, got: false }) },
    Program { name: "env", about: "", start: |_| Box::new(Parent(0)) },
    Program { name: "nohup", about: "", start: |_| Box::new(Once(leave)) },
    Program { name: "nice", about: "", start: |_| Box::new(Bomb) },
    Program { name: "true", about: "", start: |_| Box::new(Busy) },
    Program { name: "echo", about: "", start: |_| Box::new(Once(hello)) },
];

/// A world with a node at 10.0.0.2.
pub fn world() -> (Machines, SpaceId) {
    let programs = Programs(&[TEST_PROGRAMS, crate::images::PROGRAMS]);
    let mut m = Machines::new(Clock::new(1, 1_795_000_000), programs);
    let host = m.add_host("node-1", Ip::new(10, 0, 0, 2), SpaceKind::Node);
    (m, host)
}
/// The image a reference names.
pub fn image(m: &mut Machines, name: &str) -> Arc<Image> {
    m.find_image(name).unwrap_or_else(|e| panic!("{e:?}")).1
}
/// A container with a network namespace of its own at 10.1.0.`n`.
pub fn container(m: &mut Machines, host: SpaceId, image_name: &str, n: u8, over: Overrides) -> SpaceId {
    let image = image(m, image_name);
    let net = m.add_net(Ip::new(10, 1, 0, n), host);
    let config = Arc::new(Config::of(&image, over));
    let hostname = format!("c{n}").into();
    m.create_container(ContainerSpec { image, config, hostname, host, net, mounts: Arc::default() })
}
/// Overrides with these arguments.
pub fn args(words: &[&str]) -> Overrides {
    Overrides { args: Some(words.iter().map(|w| Arc::from(*w)).collect()), ..Overrides::default() }
}
pub fn exec_of(words: &[&str]) -> ExecSpec {
    ExecSpec { argv: words.iter().map(|w| Arc::from(*w)).collect(), ..ExecSpec::default() }
}
/// Runs everything due within `ms`; gives the number of tasks.
pub fn run(m: &mut Machines, ms: u64) -> usize {
    let until = m.clock.now + ms;
    let mut tasks = 0;
    while let Some(task) = m.clock.next(until) {
        m.handle(&mut Nowhere, task);
        tasks += 1;
        assert!(tasks < 2_000_000, "too many tasks");
    }
    m.clock.now = until;
    tasks
}
pub fn log_text(m: &Machines, id: SpaceId) -> String {
    let log = m.logs(id).map(|l| l.iter().flat_map(|e| e.bytes.to_vec()).collect::<Vec<_>>());
    String::from_utf8(log.unwrap_or_default()).unwrap_or_default()
}
pub fn ended(m: &Machines, id: SpaceId) -> Option<i32> {
    m.notices.iter().find_map(|n| match n {
        Notice::SpaceEnded { space, code } if *space == id => Some(*code),
        _ => None,
    })
}
