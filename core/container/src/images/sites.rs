//! Servers of the course's images that are told by their behaviour: registry, prometheus, grafana,
//! tomcat, jenkins, elasticsearch, rabbitmq, fluentd, wordpress, the guestbook, the voting app, httpbin,
//! echo servers and the microservices of the mesh lessons. Each is a row of [`SITES`] and an answering
//! function; an answer may first ask other servers.
//!
//! Left out: everything they do beyond the pages and interfaces their answers give.

pub mod apps;
pub mod echo;
pub mod images;
mod microservices;
mod pages;
mod products;
mod stored;

use crate::images::serve::Visit;
use crate::machine::{Behave, ExecAll, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::time::Timestamp;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::Request;
use std::sync::Arc;

/// What came of a call to another server.
pub type Outcome = Result<Answer, Failure>;

/// What a server does with a request, given what its calls so far came to.
pub enum Turn {
    Answer(Answer),
    /// After so many milliseconds.
    Later(Answer, u64),
    Call {
        host: String,
        port: u16,
        payload: Payload,
    },
}

/// One server.
pub struct Site {
    /// The image's family; also the text of the marker file in its image.
    pub name: &'static str,
    /// Names of the commands that start it.
    pub commands: &'static [&'static str],
    pub ports: &'static [u16],
    /// Log at once and when ready; `%t` is RFC 3339, `%l` Apache's time, `%h` the host name.
    pub starting: &'static str,
    pub ready: &'static str,
    pub ready_ms: u64,
    /// Exit code on SIGTERM; none ignores it as PID 1.
    pub on_term: Option<i32>,
    /// What keeps it from starting: text and exit code.
    pub check: fn(&mut Sys<'_>) -> Option<(String, i32)>,
    pub answer: fn(&mut Sys<'_>, &Visit<'_>, u64, &[Outcome]) -> Turn,
}

pub const SITES: &[&[Site]] = &[apps::SITES, echo::SITES, microservices::SITES];
/// Which server an image has.
pub const MARKER: &str = "/usr/local/share/drydock-server";

pub const PROGRAM: Program = Program { name: "site", about: "server of its image", start };

/// The row and its place.
fn find(name: &str) -> Option<(usize, &'static Site)> {
    SITES.iter().flat_map(|list| list.iter()).enumerate().find(|s| s.1.name == name)
}

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let marker = sys.read_file(MARKER).unwrap_or_default();
    let name = String::from_utf8_lossy(&marker).trim().to_string();
    let Some((at, site)) = find(&name) else {
        sys.eprint("this server runs in its own image only\n");
        return Box::new(Once(|_| 1));
    };
    let args = sys.args();
    let base = |a: &Arc<str>| crate::filesystem::base_name(a).to_string();
    let own = args.first().map(base).unwrap_or_default();
    let is_server = |word: &str| site.commands.contains(&word);
    if !is_server(&own) {
        // A start script: the first word that is no option of its own is what it becomes.
        let rest: Vec<Arc<str>> = args.iter().skip(1).skip_while(|a| a.starts_with('-')).cloned().collect();
        let first = rest.first().map(base).unwrap_or_default();
        if !rest.is_empty() && !is_server(&first) && !first.ends_with(".sh") && !first.ends_with(".yml") {
            return Box::new(ExecAll::new(rest.into(), &own));
        }
    }
    if args.iter().any(|a| matches!(&**a, "--version" | "-version")) {
        sys.print(&format!(
            "{name}, version {}\n",
            sys.env("SITE_VERSION").unwrap_or_else(|| "latest".into())
        ));
        return Box::new(Once(|_| 0));
    }
    if name == "worker" {
        return Box::new(stored::Worker::new());
    }
    if let Some((text, code)) = (site.check)(sys) {
        say(sys, &text);
        return Box::new(Running {
            at,
            state: State::Failing(code),
            told: false,
            count: 0,
            open: Vec::new(),
        });
    }
    say(sys, site.starting);
    let ready = sys.now() + site.ready_ms;
    Box::new(Running { at, state: State::Starting(ready), told: false, count: 0, open: Vec::new() })
}

fn say(sys: &mut Sys<'_>, text: &str) {
    let rfc = Timestamp(sys.unix()).to_rfc3339();
    let ms = sys.now() % 1000;
    let host = sys.hostname();
    let ip = sys.address().unwrap_or_default().to_string();
    let text = text
        .replace("%t", &format!("{}.{ms:03}Z", rfc.trim_end_matches('Z')))
        .replace("%s", rfc.trim_end_matches('Z').replace('T', " ").as_str())
        .replace("%h", &host)
        .replace("%i", &ip);
    sys.eprint(&text);
}

#[derive(Clone, Copy, Hash)]
enum State {
    Starting(u64),
    Ready,
    Failing(i32),
}

/// A request whose answer waits for another server.
#[derive(Clone, Hash)]
struct Open {
    id: u64,
    from: Ip,
    port: u16,
    request: Request,
    call: Option<u64>,
    outcomes: Vec<Outcome>,
}

#[derive(Clone, Hash)]
struct Running {
    /// Place in [`SITES`].
    at: usize,
    state: State,
    told: bool,
    count: u64,
    open: Vec<Open>,
}

impl Running {
    fn site(&self) -> Option<&'static Site> {
        SITES.iter().flat_map(|list| list.iter()).nth(self.at)
    }
    /// Answers or calls on; false when the request is done with.
    fn turn(&self, sys: &mut Sys<'_>, site: &Site, open: &mut Open) -> bool {
        // A chain of calls has an end.
        for _ in 0..16 {
            let from_port = 32_768 + (open.id % 28_232) as u16;
            let visit = Visit { from: open.from, from_port, port: open.port, request: &open.request };
            match (site.answer)(sys, &visit, self.count, &open.outcomes) {
                Turn::Answer(answer) => {
                    sys.respond(open.id, answer);
                    return false;
                }
                Turn::Later(answer, ms) => {
                    sys.respond_after(open.id, answer, ms);
                    return false;
                }
                Turn::Call { host, port, payload } => {
                    let Some(ip) = sys.resolve(&host).and_then(|ips| ips.first().copied()) else {
                        open.outcomes.push(Err(Failure::Unreachable));
                        continue;
                    };
                    open.call = Some(sys.send(Target { ip, port }, payload, 60_000));
                    return true;
                }
            }
        }
        sys.reset(open.id);
        false
    }
}

impl Behave for Running {
    fn signal(&mut self, signal: Signal) -> Handled {
        let handles = self.site().is_some_and(|s| s.on_term.is_some());
        if handles && matches!(signal, Signal::Term | Signal::Int | Signal::Quit | Signal::Winch) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(site) = self.site() else { return Step::Exit(1) };
        if let (true, Some(code)) = (self.told, site.on_term) {
            return Step::Exit(code);
        }
        match self.state {
            State::Failing(code) => return Step::Exit(code),
            State::Starting(at) if sys.now() < at => return Step::wait(Wait::Until(at)),
            State::Starting(_) => {
                for port in site.ports {
                    if sys.listen(*port).is_err() {
                        sys.eprint(&format!("listen tcp 0.0.0.0:{port}: bind: address already in use\n"));
                        return Step::Exit(1);
                    }
                }
                say(sys, site.ready);
                self.state = State::Ready;
            }
            State::Ready => {}
        }
        while let Some(incoming) = sys.accept() {
            match incoming.payload {
                Payload::Http(request) => {
                    // Health checks are not counted, nor what only changes the manners.
                    let told =
                        ["/health", "/misbehave", "/behave"].iter().any(|p| request.path.starts_with(p));
                    self.count += u64::from(!told);
                    let mut open = Open {
                        id: incoming.id,
                        from: incoming.from,
                        port: incoming.port,
                        request,
                        call: None,
                        outcomes: Vec::new(),
                    };
                    if self.turn(sys, site, &mut open) {
                        self.open.push(open);
                    }
                }
                Payload::Bytes(bytes) => match raw(sys, site, &bytes) {
                    Some(answer) => sys.respond(incoming.id, Answer::Bytes(answer.into())),
                    None => sys.respond(incoming.id, Answer::Connected),
                },
                Payload::Connect => sys.respond(incoming.id, Answer::Connected),
            }
        }
        let mut still = Vec::new();
        for mut open in std::mem::take(&mut self.open) {
            match open.call.and_then(|call| sys.answer(call)) {
                None => still.push(open),
                Some(outcome) => {
                    open.outcomes.push(outcome);
                    open.call = None;
                    if self.turn(sys, site, &mut open) {
                        still.push(open);
                    }
                }
            }
        }
        self.open = still;
        let calls = self.open.iter().filter_map(|o| o.call).map(Wait::Answer);
        Step::Wait(std::iter::once(Wait::Accept).chain(calls).collect())
    }
}

/// What a server answers to bytes that are no HTTP.
fn raw(sys: &mut Sys<'_>, site: &Site, bytes: &[u8]) -> Option<Vec<u8>> {
    (site.name == "fluentd").then(|| {
        let text = String::from_utf8_lossy(bytes);
        sys.print(&text);
        Vec::new()
    })
}

fn no_check(_: &mut Sys<'_>) -> Option<(String, i32)> {
    None
}
