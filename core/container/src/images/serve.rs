//! A small HTTP server as data: a table of how it starts and answers, and its state. Most course images
//! are one of these.

use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::Request;
use std::hash::{Hash, Hasher};

/// A request as a handler sees it.
pub struct Visit<'a> {
    pub from: Ip,
    /// The client's port.
    pub from_port: u16,
    /// The port it came in on.
    pub port: u16,
    pub request: &'a Request,
}

/// What a server does with a request.
pub enum Reply {
    Now(Answer),
    /// After so many milliseconds of work.
    After(Answer, u64),
    /// Answers and ends with this exit code.
    Last(Answer, i32),
}

/// How a server behaves.
pub struct App<S: 'static> {
    pub name: &'static str,
    pub handle: fn(&mut S, &mut Sys<'_>, &Visit<'_>) -> Reply,
    /// Exit code on SIGTERM and SIGINT; none for programs without a handler, which as PID 1 ignore it.
    pub on_term: Option<i32>,
}

/// A running [`App`].
pub struct Serving<S: 'static> {
    app: &'static App<S>,
    state: S,
    told: bool,
}

impl<S: Clone> Clone for Serving<S> {
    fn clone(&self) -> Self {
        Serving { app: self.app, state: self.state.clone(), told: self.told }
    }
}
impl<S: Hash> Hash for Serving<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.app.name, &self.state, self.told).hash(state);
    }
}

/// Takes the port and serves; `taken` is what the program says when somebody has it.
pub fn start<S: Clone + Hash + Send + Sync>(
    sys: &mut Sys<'_>,
    app: &'static App<S>,
    port: u16,
    state: S,
    taken: &str,
) -> Box<dyn Machine> {
    if sys.listen(port).is_err() {
        sys.eprint(taken);
        return Box::new(Once(|_| 1));
    }
    serving(app, state)
}

/// Serves on whatever ports the process has taken.
pub fn serving<S: Clone + Hash + Send + Sync>(app: &'static App<S>, state: S) -> Box<dyn Machine> {
    Box::new(Serving { app, state, told: false })
}

impl<S: Clone + Hash + Send + Sync> Behave for Serving<S> {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let (true, Some(code)) = (self.told, self.app.on_term) {
            return Step::Exit(code);
        }
        while let Some(incoming) = sys.accept() {
            let Payload::Http(request) = &incoming.payload else {
                sys.respond(incoming.id, bad_request());
                continue;
            };
            let from_port = 32_768 + (incoming.id % 28_232) as u16;
            let visit = Visit { from: incoming.from, from_port, port: incoming.port, request };
            match (self.app.handle)(&mut self.state, sys, &visit) {
                Reply::Now(answer) => sys.respond(incoming.id, answer),
                Reply::After(answer, ms) => sys.respond_after(incoming.id, answer, ms),
                Reply::Last(answer, code) => {
                    sys.respond(incoming.id, answer);
                    return Step::Exit(code);
                }
            }
        }
        Step::wait(Wait::Accept)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int) && self.app.on_term.is_some() {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}

/// What Go's server sends for bytes that are no HTTP.
fn bad_request() -> Answer {
    let text = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";
    Answer::Bytes(text.as_bytes().into())
}
