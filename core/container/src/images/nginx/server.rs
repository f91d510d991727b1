//! nginx at work: answers from the container's files, proxies to upstreams, logs as the packaged
//! configuration does (access to stdout, errors to stderr).

use crate::images::nginx::conf::{self, Conf, Location, Matcher, Server};
use crate::images::web::{self, stamp};
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::Request;
use std::sync::{Arc, LazyLock};

/// What the packaged configuration says.
static PACKAGED: LazyLock<Arc<Conf>> = LazyLock::new(|| {
    let root = Some("/usr/share/nginx/html".to_string());
    let index = Some(vec!["index.html".to_string(), "index.htm".to_string()]);
    let at = |matcher, index| Location {
        matcher: Some(matcher),
        root: root.clone(),
        index,
        ..Location::default()
    };
    let own = Location { default_type: Some("application/octet-stream".into()), ..Location::default() };
    let server = Server {
        listen: vec![(80, false)],
        names: vec!["localhost".into()],
        own,
        locations: vec![
            at(Matcher::Prefix("/".into(), false), index),
            at(Matcher::Exact("/50x.html".into()), None),
        ],
        error_pages: [500, 502, 503, 504].map(|c| (c, "/50x.html".to_string())).to_vec(),
    };
    Arc::new(Conf { servers: vec![server], upstreams: Vec::new(), access_log: true })
});

/// A request handed on to an upstream.
#[derive(Clone, Hash)]
pub(super) struct Proxied {
    pub(super) incoming: u64,
    pub(super) exchange: u64,
    pub(super) request: Request,
    pub(super) from: Arc<str>,
    pub(super) server: u16,
    /// `host:port` as configured.
    pub(super) upstream: String,
}

#[derive(Clone, Hash)]
pub(super) struct Nginx {
    pub(super) conf: Arc<Conf>,
    pub(super) path: Arc<str>,
    pub(super) version: Arc<str>,
    /// Requests so far; the log numbers connections by it.
    pub(super) connections: u64,
    pub(super) proxied: Vec<Proxied>,
    pub(super) turn: u64,
    pub(super) told: Option<Signal>,
}

/// Reads the configuration, takes the ports and says what nginx says at its start.
pub(super) fn start(sys: &mut Sys<'_>, path: Arc<str>, version: Arc<str>) -> Box<dyn Machine> {
    let fail = |sys: &mut Sys<'_>, text: String| -> Box<dyn Machine> {
        let line = format!("{} [emerg] 1#1: {text}\nnginx: [emerg] {text}\n", stamp(sys.unix()));
        sys.eprint(&line);
        Box::new(Once(|_| 1))
    };
    let packaged = &*path == "/etc/nginx/nginx.conf" && sys.unchanged("/etc/nginx");
    let conf = match if packaged { Ok(PACKAGED.clone()) } else { conf::load(sys, &path).map(Arc::new) } {
        Ok(conf) => conf,
        Err(text) => return fail(sys, text),
    };
    for (port, _) in conf.servers.iter().flat_map(|s| &s.listen) {
        if let Err(error) = sys.listen(*port) {
            let text = format!("bind() to 0.0.0.0:{port} failed (98: {})", error.text());
            return fail(sys, text);
        }
    }
    let (kernel, workers) = (crate::host::KERNEL, crate::host::CPUS);
    let number = version.clone();
    let text = sys.shared_text("nginx", |unix| {
        let at = stamp(unix);
        let line = |text: &str| format!("{at} [notice] 1#1: {text}\n");
        let mut out = line("using the \"epoll\" event method");
        out.push_str(&line(&format!("nginx/{number}")));
        out.push_str(&line("built by gcc 12.2.0 (Debian 12.2.0-14) "));
        out.push_str(&line(&format!("OS: Linux {kernel}")));
        out.push_str(&line("getrlimit(RLIMIT_NOFILE): 1048576:1048576"));
        out.push_str(&line("start worker processes"));
        (0..workers).for_each(|n| out.push_str(&line(&format!("start worker process {}", 29 + n))));
        out
    });
    sys.write_shared(2, text);
    Box::new(Nginx { conf, path, version, connections: 0, proxied: Vec::new(), turn: 0, told: None })
}

impl Behave for Nginx {
    fn signal(&mut self, signal: Signal) -> Handled {
        match signal {
            Signal::Term | Signal::Int | Signal::Quit | Signal::Hup | Signal::Usr1 => {
                self.told = Some(signal);
                Handled::Caught
            }
            Signal::Pipe | Signal::Winch => Handled::Ignored,
            _ => Handled::Default,
        }
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(signal) = self.told.take() {
            let at = stamp(sys.unix());
            let name = format!("signal {} (SIG{}) received", signal.number(), signal.name());
            match signal {
                Signal::Hup => self.reload(sys, &at),
                Signal::Usr1 => sys.eprint(&format!(
                    "{at} [notice] 1#1: {name}, reopening logs\n{at} [notice] 1#1: reopening logs\n"
                )),
                _ => {
                    let (how, word) = match signal {
                        Signal::Quit => ("shutting down", "gracefully shutting down"),
                        _ => ("exiting", "exiting"),
                    };
                    let mut out = format!("{at} [notice] 1#1: {name}, {how}\n");
                    for worker in 29..29 + crate::host::CPUS {
                        out.push_str(&format!(
                            "{at} [notice] {worker}#{worker}: {word}\n{at} [notice] {worker}#{worker}: exit\n"
                        ));
                    }
                    for worker in 29..29 + crate::host::CPUS {
                        out.push_str(&format!(
                            "{at} [notice] 1#1: signal 17 (SIGCHLD) received from {worker}\n\
                             {at} [notice] 1#1: worker process {worker} exited with code 0\n"
                        ));
                    }
                    out.push_str(&format!("{at} [notice] 1#1: exit\n"));
                    sys.eprint(&out);
                    return Step::Exit(0);
                }
            }
        }
        while let Some(incoming) = sys.accept() {
            self.connections += 1;
            let from: Arc<str> = incoming.from.to_string().into();
            match incoming.payload {
                Payload::Http(request) => self.serve(sys, incoming.id, incoming.port, &from, request),
                Payload::Connect => sys.respond(incoming.id, Answer::Connected),
                Payload::Bytes(_) => {
                    let body = self.page(400);
                    self.log(sys, &from, None, 400, body.len());
                    sys.respond(incoming.id, Answer::Bytes(body.into_bytes().into()));
                }
            }
        }
        self.collect(sys);
        let mut waits = Vec::with_capacity(1 + self.proxied.len());
        waits.push(Wait::Accept);
        waits.extend(self.proxied.iter().map(|p| Wait::Answer(p.exchange)));
        Step::Wait(waits)
    }
}

impl Nginx {
    fn reload(&mut self, sys: &mut Sys<'_>, at: &str) {
        sys.eprint(&format!(
            "{at} [notice] 1#1: signal 1 (SIGHUP) received, reconfiguring\n{at} [notice] 1#1: reconfiguring\n"
        ));
        match conf::load(sys, &self.path) {
            Ok(conf) => {
                for (port, _) in self.conf.servers.iter().flat_map(|s| &s.listen) {
                    if !conf.servers.iter().flat_map(|s| &s.listen).any(|l| l.0 == *port) {
                        sys.unlisten(*port);
                    }
                }
                for (port, _) in conf.servers.iter().flat_map(|s| &s.listen) {
                    _ = sys.listen(*port);
                }
                self.conf = Arc::new(conf);
                sys.eprint(&format!("{at} [notice] 1#1: start worker processes\n"));
            }
            Err(text) => sys.eprint(&format!("{at} [emerg] 1#1: {text}\n")),
        }
    }
    /// nginx' own page for a status.
    pub(super) fn page(&self, status: u16) -> String {
        let title = match status {
            302 => "302 Found",
            503 => "503 Service Temporarily Unavailable",
            504 => "504 Gateway Time-out",
            _ => &format!("{status} {}", web::reason(status)),
        };
        format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx/{}</center>\r\n</body>\r\n</html>\r\n",
            self.version
        )
    }
    pub(super) fn log(
        &self,
        sys: &mut Sys<'_>,
        from: &str,
        request: Option<&Request>,
        status: u16,
        size: usize,
    ) {
        if !self.conf.access_log {
            return;
        }
        let header = |name: &str| request.and_then(|r| r.headers.get(name)).unwrap_or("-").to_string();
        let line = request
            .map_or(String::new(), |r| format!("{} {} HTTP/1.1", r.method.name(), web::request_uri(r)));
        let text = format!(
            "{from} - - [{}] \"{line}\" {status} {size} \"{}\" \"{}\" \"{}\"\n",
            web::log_date(sys.unix()),
            header("Referer"),
            header("User-Agent"),
            header("X-Forwarded-For")
        );
        sys.print(&text);
    }
    pub(super) fn complain(
        &self,
        sys: &mut Sys<'_>,
        what: &str,
        from: &str,
        server: &str,
        request: &Request,
        upstream: &str,
    ) {
        let host = request.headers.get("Host").unwrap_or("").to_string();
        let text = format!(
            "{} [error] 29#29: *{} {what}, client: {from}, server: {server}, request: \"{} {} HTTP/1.1\"{upstream}, host: \"{host}\"\n",
            stamp(sys.unix()),
            self.connections,
            request.method.name(),
            web::request_uri(request)
        );
        sys.eprint(&text);
    }
}
