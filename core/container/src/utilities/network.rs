//! Network clients besides curl: wget, nslookup, dig, host, ping, nc, getent, ip, ifconfig.

use super::accounts::user_name;
use super::curl::{Url, percent_decode, reason, response_head};
use super::support::{Flavor, Opts, Spec, done, ended, flavor, own_name, usage};
use crate::fd::{Read, STDIN};
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request, Response};
use std::sync::Arc;

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
        };
        let timeout = self.opts.value('T').and_then(super::small::duration).unwrap_or(134_000).max(1);
        let id = sys.send(Target { ip, port: url.port }, Payload::Http(request), timeout);
        self.asked = Some(id);
        Step::wait(Wait::Answer(id))
    }
    fn failed(&mut self, sys: &mut Sys<'_>, failure: Failure) -> Step {
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
    fn received(&mut self, sys: &mut Sys<'_>, response: &Response) -> Step {
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

fn nameserver(sys: &Sys<'_>) -> Ip {
    let net = sys.process().and_then(|p| sys.machines.space(p.space)).and_then(|s| sys.machines.net(s.net));
    net.map(|n| n.resolver.nameserver).unwrap_or_default()
}

/// What DNS alone says, without `/etc/hosts`.
fn dns(sys: &Sys<'_>, name: &str) -> Option<drydock_network::dns::Found> {
    let space = sys.process().and_then(|p| sys.machines.space(p.space))?;
    let net = sys.machines.net(space.net)?;
    sys.machines.dns.resolve(&net.resolver, name)
}

pub fn nslookup(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let words: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with('-')).cloned().collect();
    let Some(name) = words.first().cloned() else { return usage(sys, 1, "missing operand") };
    let server = nameserver(sys);
    let found = dns(sys, &name);
    let busybox = flavor(sys) == Flavor::Busybox;
    sys.print(&format!("Server:\t\t{server}\nAddress:\t{server}{}53\n\n", if busybox { ":" } else { "#" }));
    match found {
        Some(found) => {
            for ip in &found.ips {
                sys.print(&format!("Name:\t{}\nAddress: {ip}\n", found.name));
            }
            sys.print("\n");
            0
        }
        None => {
            let shown = name.trim_end_matches('.');
            sys.print(&format!("** server can't find {shown}: NXDOMAIN\n\n"));
            1
        }
    }
}

pub fn host(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(name) = args.iter().skip(1).find(|a| !a.starts_with('-')).cloned() else {
        return usage(sys, 1, "missing operand");
    };
    match dns(sys, &name) {
        Some(found) => {
            for ip in &found.ips {
                sys.print(&format!("{} has address {ip}\n", found.name));
            }
            0
        }
        None => {
            sys.print(&format!("Host {name} not found: 3(NXDOMAIN)\n"));
            1
        }
    }
}

pub fn dig(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let short = args.iter().any(|a| &**a == "+short");
    let search = args.iter().any(|a| &**a == "+search");
    let kind = args
        .iter()
        .skip(1)
        .find(|a| matches!(&***a, "A" | "AAAA" | "SRV" | "TXT" | "MX" | "NS" | "CNAME"))
        .cloned();
    let name =
        args.iter().skip(1).find(|a| !a.starts_with(['+', '-', '@']) && Some(*a) != kind.as_ref()).cloned();
    let Some(name) = name else { return usage(sys, 1, "missing operand") };
    let server = nameserver(sys);
    let found = if search { dns(sys, &name) } else { sys.machines.dns.absolute(server, &name) };
    let ips = found.map(|f| f.ips);
    let is_a = kind.as_deref().is_none_or(|k| k == "A");
    if short {
        for ip in ips.into_iter().flatten().filter(|_| is_a) {
            sys.print(&format!("{ip}\n"));
        }
        return 0;
    }
    let full = format!("{}.", name.trim_end_matches('.'));
    let kind = kind.unwrap_or_else(|| "A".into());
    let status = if ips.is_some() { "NOERROR" } else { "NXDOMAIN" };
    let answers: Vec<Ip> = ips.unwrap_or_default().into_iter().filter(|_| is_a).collect();
    let id = sys.machines.clock.chance(u64::from(sys.pid), 65_536);
    let server = nameserver(sys);
    let mut out = format!(
        "\n; <<>> DiG 9.18.28-0ubuntu0.24.04.1-Ubuntu <<>> {}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: {id}\n;; flags: qr aa rd; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;{full}\t\tIN\t{kind}\n\n",
        args.get(1..).unwrap_or(&[]).join(" "),
        answers.len()
    );
    if !answers.is_empty() {
        out.push_str(";; ANSWER SECTION:\n");
        for ip in answers {
            out.push_str(&format!("{full}\t30\tIN\tA\t{ip}\n"));
        }
        out.push('\n');
    }
    let when = super::date::format(sys.unix(), "%a %b %d %H:%M:%S UTC %Y");
    out.push_str(&format!(";; Query time: 1 msec\n;; SERVER: {server}#53({server}) (UDP)\n;; WHEN: {when}\n;; MSG SIZE  rcvd: 100\n\n"));
    sys.print(&out);
    0
}

pub fn getent(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    match args.get(1).map(|a| &**a) {
        Some("hosts" | "ahosts" | "ahostsv4") => {
            let mut code = 0;
            for name in args.iter().skip(2) {
                match sys.lookup(name) {
                    Some(found) => {
                        for ip in found.ips {
                            sys.print(&format!("{:<15} {}\n", ip.to_string(), found.name));
                        }
                    }
                    None => code = 2,
                }
            }
            code
        }
        Some(table @ ("passwd" | "group")) => {
            let file = format!("/etc/{table}");
            let bytes = sys.read_file(&file).unwrap_or_else(|_| Arc::from([]));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some(key) = args.get(2) else {
                sys.print(&text);
                return 0;
            };
            let hit =
                text.lines().find(|l| l.split(':').next() == Some(key) || l.split(':').nth(2) == Some(key));
            match hit {
                Some(line) => {
                    sys.print(&format!("{line}\n"));
                    0
                }
                None => 2,
            }
        }
        Some(other) => {
            sys.eprint(&format!(
                "Unknown database: {other}\nTry `getent --help' or `getent --usage' for more information.\n"
            ));
            1
        }
        None => {
            sys.eprint("getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n");
            1
        }
    }
}

#[derive(Clone, Hash)]
pub struct Ping {
    name: Arc<str>,
    ip: Ip,
    left: u64,
    sent: u64,
    received: u64,
    every: u64,
    next: u64,
    busybox: bool,
    times: Vec<u64>,
    quit: bool,
    quiet: bool,
    last: u64,
}

impl Ping {
    fn finish(&self, sys: &mut Sys<'_>) -> Step {
        let loss = ((self.sent - self.received) * 100).checked_div(self.sent).unwrap_or(0);
        let micro = |n: u64| format!("{}.{:03}", n / 1000, n % 1000);
        let (least, most) =
            (self.times.iter().min().copied().unwrap_or(0), self.times.iter().max().copied().unwrap_or(0));
        let mean = self.times.iter().sum::<u64>().checked_div(self.times.len() as u64).unwrap_or(0);
        let mut out = format!("\n--- {} ping statistics ---\n", self.name);
        if self.busybox {
            out.push_str(&format!(
                "{} packets transmitted, {} packets received, {loss}% packet loss\n",
                self.sent, self.received
            ));
            if self.received > 0 {
                out.push_str(&format!(
                    "round-trip min/avg/max = {}/{}/{} ms\n",
                    micro(least),
                    micro(mean),
                    micro(most)
                ));
            }
        } else {
            let errors = "";
            out.push_str(&format!(
                "{} packets transmitted, {} received,{errors} {loss}% packet loss, time {}ms\n",
                self.sent,
                self.received,
                (self.sent.max(1) - 1) * self.every + self.sent
            ));
            if self.received > 0 {
                out.push_str(&format!(
                    "rtt min/avg/max/mdev = {}/{}/{}/0.010 ms\n",
                    micro(least),
                    micro(mean),
                    micro(most)
                ));
            } else {
                out.push('\n');
            }
        }
        sys.print(&out);
        Step::Exit(i32::from(self.received == 0))
    }
}

impl Behave for Ping {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.quit {
            return self.finish(sys);
        }
        if sys.now() < self.next {
            return Step::wait(Wait::Until(self.next));
        }
        if self.left == 0 {
            return self.finish(sys);
        }
        // Pods and hosts answer; a Service's address is no machine and stays silent.
        let alive = self.ip.is_loopback() || sys.machines.addresses.contains_key(&self.ip);
        let seq = self.sent + u64::from(!self.busybox);
        self.sent += 1;
        self.left = self.left.saturating_sub(1);
        if alive {
            let micros = 40 + sys.machines.clock.chance(self.sent ^ (u64::from(self.ip.0) << 8), 60);
            self.received += 1;
            self.times.push(micros);
            if !self.quiet {
                let name = if self.busybox { "seq" } else { "icmp_seq" };
                let bytes = 64;
                let time = format!("0.{micros:03}");
                sys.print(&format!("{bytes} bytes from {}: {name}={seq} ttl=64 time={time} ms\n", self.ip));
            }
        }
        self.next = sys.now()
            + if self.left == 0 && alive {
                0
            } else if self.left == 0 {
                self.last
            } else {
                self.every
            };
        Step::Again
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int {
            self.quit = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}

pub fn ping(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "c:i:W:w:q4ns:t:", long: &[], code: 2 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let busybox = flavor(sys) == Flavor::Busybox;
    let Some(name) = opts.args.first().cloned() else {
        return ended(done(sys, 1, "usage error: Destination address required"));
    };
    let Some(found) = sys.lookup(&name) else {
        let text = if busybox {
            format!("bad address '{name}'")
        } else {
            format!("{name}: Name or service not known")
        };
        return ended(done(sys, if busybox { 1 } else { 2 }, &text));
    };
    let ip = found.ips.first().copied().unwrap_or_default();
    let sizes = if busybox { "56 data bytes" } else { "56(84) bytes of data." };
    let colon = if busybox { ":" } else { "" };
    sys.print(&format!("PING {name} ({ip}){colon} {sizes}\n"));
    let number = |letter| opts.value(letter).and_then(super::small::duration);
    Box::new(Ping {
        name,
        ip,
        left: opts.value('c').and_then(|c| c.parse().ok()).unwrap_or(u64::MAX),
        sent: 0,
        received: 0,
        every: number('i').unwrap_or(1000).max(10),
        next: 0,
        busybox,
        times: Vec::new(),
        quit: false,
        quiet: opts.has('q'),
        last: number('W').unwrap_or(10_000),
    })
}

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
    let timeout = opts.value('w').and_then(super::small::duration).unwrap_or(127_000);
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

pub fn ip(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let what = args.iter().skip(1).find(|a| !a.starts_with('-')).map_or("addr", |a| &**a).to_string();
    let address = sys.address().unwrap_or_default();
    match what.as_str() {
        w if "address".starts_with(w) => sys.print(&format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n    link/ether 02:42:{:02x}:{:02x}:{:02x}:{:02x} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    inet {address}/24 scope global eth0\n       valid_lft forever preferred_lft forever\n",
            address.0 >> 24, address.0 >> 16 & 255, address.0 >> 8 & 255, address.0 & 255
        )),
        w if "route".starts_with(w) => {
            let gateway = Ip((address.0 & !255) + 1);
            sys.print(&format!("default via {gateway} dev eth0\n{}/24 dev eth0 proto kernel scope link src {address}\n", Ip(address.0 & !255)));
        }
        w if "link".starts_with(w) => sys.print("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default\n"),
        other => {
            sys.eprint(&format!("Object \"{other}\" is unknown, try \"ip help\".\n"));
            return 1;
        }
    }
    0
}

pub fn ifconfig(sys: &mut Sys<'_>) -> i32 {
    let address = sys.address().unwrap_or_default();
    sys.print(&format!("eth0      Link encap:Ethernet  HWaddr 02:42:0A:00:00:02\n          inet addr:{address}  Bcast:{}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n", Ip(address.0 | 255)));
    0
}

/// netstat -tln and ss -tln: the ports listened on.
pub fn listening(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let Some(net) = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.net) else { return 1 };
    let found: Vec<(u16, u32, String, u32)> = sys
        .machines
        .listeners
        .iter()
        .filter(|((n, _), _)| *n == net)
        .filter_map(|((_, port), pid)| {
            let process = sys.machines.process(*pid)?;
            Some((*port, process.ns_pid, crate::pseudo::comm(process).to_string(), process.uid))
        })
        .collect();
    let with_programs = sys.args().iter().any(|a| a.starts_with('-') && a.contains('p'));
    if own == "ss" {
        sys.print("State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port  Process\n");
        for (port, pid, name, _) in found {
            let tail =
                if with_programs { format!("users:((\"{name}\",pid={pid},fd=6))") } else { String::new() };
            sys.print(&format!(
                "LISTEN   0        511              0.0.0.0:{port:<12} 0.0.0.0:*      {tail}\n"
            ));
        }
        return 0;
    }
    sys.print("Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ");
    sys.print(if with_programs { "PID/Program name    \n" } else { "\n" });
    for (port, pid, name, uid) in found {
        let _ = user_name(sys, uid);
        let tail = if with_programs { format!("{pid}/{name}") } else { String::new() };
        sys.print(&format!(
            "tcp        0      0 {:<23} {:<23} LISTEN      {tail}\n",
            format!("0.0.0.0:{port}"),
            "0.0.0.0:*"
        ));
    }
    0
}
