//! nc: a connection from stdin and to stdout.

use super::filter::ended;
use super::support::{Flavor, Opts, Spec, done, flavor};
use super::url::{Url, percent_decode, response_head};
use crate::fd::{Read, STDIN};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request};
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Nc {
    target: Target,
    name: Arc<str>,
    scan: bool,
    verbose: bool,
    busybox: bool,
    timeout: u64,
    gathered: Vec<u8>,
    asked: Option<u64>,
}

impl Behave for Nc {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.asked.is_none() && !self.scan {
            loop {
                match sys.read(STDIN, 65_536) {
                    Read::Data(bytes) => {
                        self.gathered.extend(bytes);
                        if sys.is_tty(STDIN) {
                            break;
                        }
                    }
                    Read::Block => return Step::wait(Wait::Readable(STDIN)),
                    Read::End | Read::Failed(_) => break,
                }
            }
        }
        let Some(id) = self.asked else {
            let payload = if self.scan {
                Payload::Connect
            } else {
                parse_http(&self.gathered).unwrap_or_else(|| Payload::Bytes(self.gathered.as_slice().into()))
            };
            let id = sys.send(self.target, payload, self.timeout);
            self.asked = Some(id);
            return Step::wait(Wait::Answer(id));
        };
        let Some(answer) = sys.answer(id) else { return Step::wait(Wait::Answer(id)) };
        let (ip, port) = (self.target.ip, self.target.port);
        match answer {
            Ok(answer) => {
                if self.verbose {
                    let text = match self.busybox {
                        true => format!("{} ({ip}:{port}) open\n", self.name),
                        false => {
                            format!("Connection to {} ({ip}) {port} port [tcp/*] succeeded!\n", self.name)
                        }
                    };
                    sys.eprint(&text);
                }
                match answer {
                    Answer::Bytes(bytes) => sys.write(1, &bytes),
                    Answer::Http(response) => {
                        let head = response_head(&response).replace('\n', "\r\n");
                        sys.print(&head);
                        sys.write(1, &response.body.bytes());
                    }
                    Answer::Connected => {}
                }
                Step::Exit(0)
            }
            Err(failure) => {
                let text = match failure {
                    Failure::Refused => "Connection refused",
                    Failure::TimedOut if self.busybox => "Operation timed out",
                    Failure::TimedOut => "Connection timed out",
                    Failure::Reset => "Connection reset by peer",
                    Failure::Unreachable => "No route to host",
                };
                if self.busybox {
                    sys.eprint(&format!("nc: {} ({ip}:{port}): {text}\n", self.name));
                } else if self.verbose {
                    sys.eprint(&format!(
                        "nc: connect to {} ({ip}) port {port} (tcp) failed: {text}\n",
                        self.name
                    ));
                }
                Step::Exit(1)
            }
        }
    }
}

/// A typed HTTP request.
fn parse_http(bytes: &[u8]) -> Option<Payload> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut first = lines.next()?.split_whitespace();
    let method = Method::parse(first.next()?)?;
    let url = Url::parse(&format!("http://x{}", first.next()?))?;
    first.next().filter(|v| v.starts_with("HTTP/"))?;
    let mut headers = Headers::default();
    for line in lines.by_ref().take_while(|l| !l.trim().is_empty()) {
        let (name, value) = line.split_once(':')?;
        headers.add(name, value.trim());
    }
    let rest: Vec<&str> = lines.collect();
    let body = if rest.is_empty() { Body::Empty } else { Body::text(&rest.join("\n")) };
    Some(Payload::Http(Request {
        method,
        path: percent_decode(&url.path, false).into(),
        query: url.query,
        headers,
        body,
        peer: None,
    }))
}

pub fn nc(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "zvw:nlukp:q:N4", long: &[], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    if opts.has('l') {
        return ended(done(sys, 1, "listening is not simulated"));
    }
    let (Some(name), Some(port)) =
        (opts.args.first().cloned(), opts.args.get(1).and_then(|p| p.parse().ok()))
    else {
        sys.eprint("usage: nc [-46nvz] [-w timeout] [destination] [port]\n");
        return ended(1);
    };
    let busybox = flavor(sys) == Flavor::Busybox;
    let Some(ip) = sys.resolve(&name).and_then(|i| i.first().copied()) else {
        let text = match busybox {
            true => format!("nc: bad address '{name}'\n"),
            false => format!("nc: getaddrinfo for host \"{name}\" port {port}: Name or service not known\n"),
        };
        sys.eprint(&text);
        return ended(1);
    };
    let timeout = opts.value('w').and_then(super::sleep::duration).unwrap_or(127_000);
    Box::new(Nc {
        target: Target { ip, port },
        name,
        scan: opts.has('z'),
        verbose: opts.has('v'),
        busybox,
        timeout,
        gathered: Vec::new(),
        asked: None,
    })
}
