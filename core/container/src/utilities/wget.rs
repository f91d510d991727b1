//! wget, as GNU and busybox have it.

use super::filter::ended;
use super::support::{Flavor, Opts, Spec, done, flavor};
use super::url::{Url, percent_decode, reason, response_head};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request, Response};

#[derive(Clone, Hash)]
pub struct Wget {
    opts: Opts,
    url: Url,
    busybox: bool,
    asked: Option<u64>,
    tries: u32,
    pause: u64,
    redirects: u32,
}

impl Wget {
    fn say(&self, sys: &mut Sys<'_>, text: &str) {
        if !self.opts.has('q') {
            sys.eprint(text);
        }
    }
    fn ask(&mut self, sys: &mut Sys<'_>) -> Step {
        let url = self.url.clone();
        let Some(ip) = sys.resolve(&url.host).and_then(|ips| ips.first().copied()) else {
            if self.busybox {
                return Step::Exit(done(sys, 1, &format!("bad address '{}'", url.host)));
            }
            self.say(sys, &format!("--{}--  {}\n", super::date::format(sys.unix(), "%F %T"), url.text()));
            self.say(sys, &format!("Resolving {0} ({0})... failed: Name or service not known.\n", url.host));
            return Step::Exit(if self.opts.has('q') {
                4
            } else {
                done(sys, 4, &format!("unable to resolve host address '{}'", url.host))
            });
        };
        if self.busybox {
            self.say(sys, &format!("Connecting to {} ({ip}:{})\n", url.authority(), url.port));
        } else {
            self.say(sys, &format!("--{}--  {}\n", super::date::format(sys.unix(), "%F %T"), url.text()));
            let target = if Ip::parse(&url.host).is_some() {
                format!("{ip}:{}", url.port)
            } else {
                format!("{} ({})|{ip}|:{}", url.host, url.host, url.port)
            };
            if Ip::parse(&url.host).is_none() {
                self.say(sys, &format!("Resolving {0} ({0})... {ip}\n", url.host));
            }
            self.say(sys, &format!("Connecting to {target}... "));
        }
        let posts = self.opts.value('p').map(String::from);
        let method = if posts.is_some() {
            Method::Post
        } else if self.opts.has('s') && !self.busybox {
            Method::Head
        } else {
            Method::Get
        };
        let mut headers = Headers::default();
        headers.add("Host", &url.authority());
        headers.add(
            "User-Agent",
            self.opts.value('U').unwrap_or(if self.busybox { "Wget" } else { "Wget/1.21.4" }),
        );
        if !self.busybox {
            headers.add("Accept", "*/*");
        }
        for header in self.opts.values('H') {
            if let Some((name, value)) = header.split_once(':') {
                headers.add(name, value.trim());
            }
        }
        let request = Request {
            method,
            path: percent_decode(&url.path, false).into(),
            query: url.query.clone(),
            headers,
            body: posts.map_or(Body::Empty, |p| Body::text(&p)),
            peer: None,
        };
        let timeout = self.opts.value('T').and_then(super::sleep::duration).unwrap_or(134_000).max(1);
        let id = sys.send(Target { ip, port: url.port }, Payload::Http(request), timeout);
        self.asked = Some(id);
        Step::wait(Wait::Answer(id))
    }
    pub(super) fn failed(&mut self, sys: &mut Sys<'_>, failure: Failure) -> Step {
        let text = match failure {
            Failure::Refused => "Connection refused",
            Failure::TimedOut => "Connection timed out",
            Failure::Unreachable => "No route to host",
            Failure::Reset => "Connection reset by peer",
        };
        if self.busybox {
            let text = match failure {
                Failure::TimedOut if self.opts.has('T') => "download timed out".to_string(),
                Failure::Reset => "error getting response".to_string(),
                _ => {
                    let ip = sys.resolve(&self.url.host).and_then(|i| i.first().copied()).unwrap_or_default();
                    let shown =
                        if matches!(failure, Failure::TimedOut) { "Operation timed out" } else { text };
                    format!("can't connect to remote host ({ip}): {shown}")
                }
            };
            return Step::Exit(done(sys, 1, &text));
        }
        self.say(sys, &format!("failed: {text}.\n"));
        self.tries += 1;
        let most: u32 = self.opts.value('t').and_then(|t| t.parse().ok()).unwrap_or(20);
        if matches!(failure, Failure::TimedOut | Failure::Reset) && (self.tries < most || most == 0) {
            self.say(sys, "Retrying.\n\n");
            self.pause = sys.now() + u64::from(self.tries.min(10)) * 1000;
            return Step::wait(Wait::Until(self.pause));
        }
        Step::Exit(4)
    }
    pub(super) fn received(&mut self, sys: &mut Sys<'_>, response: &Response) -> Step {
        let status = response.status;
        let words = format!("{status} {}", reason(status));
        if !self.busybox {
            self.say(sys, "connected.\nHTTP request sent, awaiting response... ");
            self.say(sys, &format!("{words}\n"));
        }
        if self.opts.has('S') {
            let head = response_head(response);
            for line in head.trim_end().lines() {
                sys.eprint(&format!("  {line}\n"));
            }
        }
        if let Some(next) = response
            .headers
            .get("Location")
            .filter(|_| (300..400).contains(&status))
            .and_then(|l| self.url.join(l))
            && self.redirects < 20
        {
            if !self.busybox {
                self.say(sys, &format!("Location: {} [following]\n", next.text()));
            }
            self.redirects += 1;
            self.url = next;
            return Step::Again;
        }
        if status >= 400 {
            if self.busybox {
                return Step::Exit(done(sys, 1, &format!("server returned error: HTTP/1.1 {words}")));
            }
            if self.opts.has('s') {
                self.say(sys, "Remote file does not exist -- broken link!!!\n\n");
            } else {
                self.say(
                    sys,
                    &format!(
                        "{} ERROR {status}: {}.\n\n",
                        super::date::format(sys.unix(), "%F %T"),
                        reason(status)
                    ),
                );
            }
            return Step::Exit(8);
        }
        if self.opts.has('s') {
            if self.busybox {
                self.say(sys, "remote file exists\n");
            } else {
                self.say(sys, "Length: unspecified\nRemote file exists.\n\n");
            }
            return Step::Exit(0);
        }
        let body = response.body.bytes();
        let base = super::support::base_of(&self.url.path);
        let named = if base.is_empty() || base == "/" { "index.html" } else { base };
        let file = self.opts.value('O').map_or_else(
            || match self.opts.value('P') {
                Some(dir) => format!("{dir}/{named}"),
                None => named.to_string(),
            },
            String::from,
        );
        if file == "-" {
            sys.write(1, &body);
        } else if let Err(errno) = sys.write_file(&file, &body, false) {
            let text = if self.busybox {
                format!("can't open '{file}': {errno}")
            } else {
                format!("{file}: {errno}")
            };
            return Step::Exit(done(sys, if self.busybox { 1 } else { 3 }, &text));
        }
        let size = body.len();
        if self.busybox {
            let shown = if file == "-" { "-".to_string() } else { format!("'{file}'") };
            if file != "-" {
                self.say(sys, &format!("saving to {shown}\n"));
            } else {
                self.say(sys, "writing to stdout\n");
            }
            self.say(
                sys,
                &format!("{file:<20} 100% |********************************| {size:5}  0:00:00 ETA\n"),
            );
            let tail =
                if file == "-" { "written to stdout\n".to_string() } else { format!("{shown} saved\n") };
            self.say(sys, &tail);
        } else {
            let kind = response
                .headers
                .get("Content-Type")
                .map_or(String::new(), |c| format!(" [{}]", c.split(';').next().unwrap_or("")));
            self.say(
                sys,
                &format!(
                    "Length: {size}{kind}\nSaving to: '{}'\n\n",
                    if file == "-" { "STDOUT" } else { &file }
                ),
            );
            self.say(
                sys,
                &format!("\r{file:<20}100%[===================>] {size:7}  --.-KB/s    in 0s      \n\n"),
            );
            let stamp = super::date::format(sys.unix(), "%F %T");
            self.say(sys, &format!("{stamp} (10.0 MB/s) - '{file}' saved [{size}/{size}]\n\n"));
        }
        Step::Exit(0)
    }
}

impl Behave for Wget {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.now() < self.pause {
            return Step::wait(Wait::Until(self.pause));
        }
        let Some(id) = self.asked else { return self.ask(sys) };
        let Some(answer) = sys.answer(id) else { return Step::wait(Wait::Answer(id)) };
        self.asked = None;
        match answer {
            Ok(Answer::Http(response)) => self.received(sys, &response),
            Ok(_) => self.failed(sys, Failure::Reset),
            Err(failure) => self.failed(sys, failure),
        }
    }
}

pub fn wget(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "qO:T:t:SP:U:cY:nv",
        long: &[
            ("quiet", 'q'),
            ("output-document=", 'O'),
            ("timeout=", 'T'),
            ("tries=", 't'),
            ("server-response", 'S'),
            ("spider", 's'),
            ("header=", 'H'),
            ("post-data=", 'p'),
            ("user-agent=", 'U'),
            ("directory-prefix=", 'P'),
            ("no-check-certificate", 'k'),
            ("no-verbose", 'n'),
            ("continue", 'c'),
        ],
        code: 2,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let Some(text) = opts.args.first().cloned() else {
        sys.eprint(
            "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n",
        );
        return ended(1);
    };
    let Some(url) = Url::parse(&text) else {
        return ended(done(sys, 1, &format!("{text}: Invalid host name.")));
    };
    let busybox = flavor(sys) == Flavor::Busybox;
    Box::new(Wget { opts, url, busybox, asked: None, tries: 0, pause: 0, redirects: 0 })
}
