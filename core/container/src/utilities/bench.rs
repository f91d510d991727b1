//! Load makers: ab, hey and wrk. Requests really go through the network, so many at a time; reports have
//! the real programs' shape, with simulated times. Left out: TLS, keep-alive's savings, scripts.

use super::filter::ended;
use super::support::own_name;
use super::url::Url;
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::sort::Arrange;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Method, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Hash)]
struct Bench {
    own: Arc<str>,
    url: Arc<str>,
    request: Request,
    target: Target,
    /// Requests in all, or until this moment.
    most: u64,
    until: Option<u64>,
    at_once: u64,
    started: u64,
    sent: u64,
    /// Exchange and when it was sent.
    open: Vec<(u64, u64)>,
    times: Vec<u64>,
    statuses: BTreeMap<u16, u64>,
    failed: u64,
    refused: bool,
    bytes: u64,
    length: u64,
    stopped: bool,
    server: Arc<str>,
}

/// The most requests one run may make.
const MOST: u64 = 200_000;

pub fn bench(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let own = own_name(sys);
    let args = sys.args();
    let (mut most, mut at_once, mut seconds, mut url) = (None, None, None, None);
    let (mut method, mut body, mut headers) = (Method::Get, Body::Empty, Vec::new());
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let (flag, glued) = match word.strip_prefix('-') {
            Some(rest) if rest.len() > 1 && !rest.starts_with('-') && !rest.contains("disable") => {
                let (flag, value) = word.split_at(2);
                (flag, Some(Arc::<str>::from(value)))
            }
            _ => (&**word, None),
        };
        let mut value = || glued.clone().or_else(|| words.next().cloned()).unwrap_or_default();
        match (flag, &*own) {
            ("-n", _) => most = value().parse().ok(),
            ("-c", _) => at_once = value().parse().ok(),
            ("-t", "ab") => seconds = value().parse::<u64>().ok(),
            ("-z", "hey") | ("-d", "wrk") | ("--duration", _) => {
                seconds = super::sleep::duration(&value()).map(|ms| ms / 1000);
            }
            ("-m", _) => method = Method::parse(&value()).unwrap_or(Method::Get),
            ("-d", "hey") | ("-D", _) => body = Body::text(&value()),
            ("-p", "ab") => {
                let file = value();
                let Ok(bytes) = sys.read_file(&file) else {
                    sys.eprint(&format!(
                        "ab: Could not open POST data file ({file}): No such file or directory\n"
                    ));
                    return ended(1);
                };
                (method, body) = (Method::Post, Body::Bytes(bytes));
            }
            ("-H", _) => headers.push(value()),
            ("-T" | "-s" | "-q" | "-C" | "-A" | "-host" | "-e" | "-g", _) | ("-t", _) => _ = value(),
            ("-V", "ab") => {
                sys.print("This is ApacheBench, Version 2.3 <$Revision: 1923142 $>\n");
                return ended(0);
            }
            (flag, _) if flag.starts_with('-') => {}
            (text, _) => url = Some(text.to_string()),
        }
    }
    let Some(url) = url else {
        sys.eprint(&match &*own {
            "ab" => "ab: wrong number of arguments\nUsage: ab [options] [http[s]://]hostname[:port]/path\n"
                .to_string(),
            "hey" => "Usage: hey [options...] <url>\n".to_string(),
            _ => "Usage: wrk <options> <url>\n".to_string(),
        });
        return ended(1);
    };
    let full = if url.contains("://") { url.clone() } else { format!("http://{url}") };
    let Some(parsed) = Url::parse(&full).filter(|_| &*own != "ab" || full.splitn(4, '/').nth(3).is_some())
    else {
        sys.eprint(&format!("{own}: invalid URL\nUsage: {own} [options] [http[s]://]hostname[:port]/path\n"));
        return ended(1);
    };
    let (default_most, default_once) = match &*own {
        "ab" => (1, 1),
        "hey" => (200, 50),
        _ => (MOST, 10),
    };
    let seconds = seconds.or_else(|| (&*own == "wrk").then_some(10));
    let at_once: u64 = at_once.unwrap_or(default_once);
    let most: u64 = most.unwrap_or(if seconds.is_some() {
        if &*own == "ab" { 50_000 } else { MOST }
    } else {
        default_most
    });
    if &*own == "ab" && at_once > most {
        sys.eprint("ab: Cannot use concurrency level greater than total number of requests\nUsage: ab [options] [http[s]://]hostname[:port]/path\n");
        return ended(1);
    }
    let Some(ip) = sys.resolve(&parsed.host).and_then(|ips| ips.first().copied()) else {
        sys.eprint(&match &*own {
            "ab" => {
                format!("apr_sockaddr_info_get() for {}: Name or service not known (670002)\n", parsed.host)
            }
            "hey" => String::new(),
            _ => format!("unable to resolve {}:http Name or service not known\n", parsed.host),
        });
        return ended(1);
    };
    let mut request = Request::new(method, parsed.path.clone());
    request.query.clone_from(&parsed.query);
    request = request.header("Host", &parsed.authority()).header(
        "User-Agent",
        match &*own {
            "ab" => "ApacheBench/2.3",
            "hey" => "hey/0.0.1",
            _ => "",
        },
    );
    for header in &headers {
        if let Some((name, value)) = header.split_once(':') {
            request = request.header(name.trim(), value.trim());
        }
    }
    let request = request.header("Accept", "*/*").body(body);
    if &*own == "ab" {
        sys.print(&format!(
            "This is ApacheBench, Version 2.3 <$Revision: 1923142 $>\nCopyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/\nLicensed to The Apache Software Foundation, http://www.apache.org/\n\nBenchmarking {} (be patient)",
            parsed.host
        ));
        sys.print(if most >= 150 { "\n" } else { "....." });
    }
    let started = sys.now();
    Box::new(Bench {
        own: own.into(),
        url: full.into(),
        request,
        target: Target { ip, port: parsed.port },
        most: most.min(MOST),
        until: seconds.map(|s| started + s * 1000),
        at_once: at_once.clamp(1, 1_000),
        started,
        sent: 0,
        open: Vec::new(),
        times: Vec::new(),
        statuses: BTreeMap::new(),
        failed: 0,
        refused: false,
        bytes: 0,
        length: 0,
        stopped: false,
        server: "".into(),
    })
}

impl Bench {
    fn taken(&mut self, sys: &mut Sys<'_>, sent: u64, outcome: Result<Answer, Failure>) {
        self.times.push((sys.now() - sent).max(1));
        match outcome {
            Ok(Answer::Http(response)) => {
                *self.statuses.entry(response.status).or_default() += 1;
                let size = response.body.bytes().len() as u64;
                self.bytes += size;
                self.length = size;
                if let Some(server) = response.headers.get("Server") {
                    self.server = server.into();
                }
            }
            Ok(_) => self.failed += 1,
            Err(failure) => {
                self.failed += 1;
                self.refused |= failure == Failure::Refused && self.statuses.is_empty();
            }
        }
    }
    fn percentile(&self, sorted: &[u64], percent: usize) -> u64 {
        sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
    }
    fn report(&self, sys: &mut Sys<'_>) -> i32 {
        let took = (sys.now() - self.started).max(1);
        let done = self.times.len() as u64;
        let mut sorted = self.times.clone();
        sorted.arrange();
        let total: u64 = sorted.iter().sum();
        let mean = total as f64 / done.max(1) as f64;
        let rate = done as f64 * 1000.0 / took as f64;
        let good: u64 = self.statuses.iter().filter(|s| (200..300).contains(s.0)).map(|s| s.1).sum();
        let bad = done - self.failed - good.min(done - self.failed);
        let head = 180;
        let transferred = self.bytes + head * (done - self.failed);
        let (least, last) = (sorted.first().copied().unwrap_or(0), sorted.last().copied().unwrap_or(0));
        match &*self.own {
            "ab" => {
                if self.refused {
                    sys.eprint("apr_socket_recv: Connection refused (111)\n");
                    return 111;
                }
                if self.most >= 150 {
                    let step = (self.most / 10).max(100);
                    let mut at = step;
                    while at <= done {
                        sys.eprint(&format!("Completed {at} requests\n"));
                        at += step;
                    }
                    sys.eprint(&format!("Finished {done} requests\n"));
                } else {
                    sys.print("done\n");
                }
                let path = web_path(&self.request);
                let mut out = format!(
                    "\n\nServer Software:        {}\nServer Hostname:        {}\nServer Port:            {}\n\nDocument Path:          {path}\nDocument Length:        {} bytes\n\nConcurrency Level:      {}\nTime taken for tests:   {:.3} seconds\nComplete requests:      {done}\nFailed requests:        {}\n",
                    self.server,
                    Url::parse(&self.url).map_or(String::new(), |u| u.host.to_string()),
                    self.target.port,
                    self.length,
                    self.at_once,
                    took as f64 / 1000.0,
                    self.failed
                );
                if bad > 0 {
                    out.push_str(&format!("Non-2xx responses:      {bad}\n"));
                }
                out.push_str(&format!(
                    "Total transferred:      {transferred} bytes\nHTML transferred:       {} bytes\nRequests per second:    {rate:.2} [#/sec] (mean)\nTime per request:       {:.3} [ms] (mean)\nTime per request:       {:.3} [ms] (mean, across all concurrent requests)\nTransfer rate:          {:.2} [Kbytes/sec] received\n\n",
                    self.bytes,
                    took as f64 * self.at_once as f64 / done.max(1) as f64,
                    took as f64 / done.max(1) as f64,
                    transferred as f64 / 1.024 / took as f64
                ));
                let median = self.percentile(&sorted, 50);
                let spread = (sorted.iter().map(|t| (*t as f64 - mean).powi(2)).sum::<f64>()
                    / done.max(1) as f64)
                    .sqrt();
                out.push_str("Connection Times (ms)\n              min  mean[+/-sd] median   max\n");
                out.push_str("Connect:        0    0   0.0      0       0\n");
                for title in ["Processing:", "Waiting:   ", "Total:     "] {
                    out.push_str(&format!(
                        "{title} {least:>5} {:>4} {spread:>5.1} {median:>6} {last:>7}\n",
                        mean as u64
                    ));
                }
                if done > 1 {
                    out.push_str("\nPercentage of the requests served within a certain time (ms)\n");
                    for percent in [50usize, 66, 75, 80, 90, 95, 98, 99] {
                        out.push_str(&format!("  {percent}% {:>6}\n", self.percentile(&sorted, percent)));
                    }
                    out.push_str(&format!(" 100% {last:>6} (longest request)\n"));
                }
                sys.print(&out);
            }
            "hey" => {
                let secs = |ms: f64| format!("{:.4}", ms / 1000.0);
                let mut out = format!(
                    "\nSummary:\n  Total:\t{} secs\n  Slowest:\t{} secs\n  Fastest:\t{} secs\n  Average:\t{} secs\n  Requests/sec:\t{rate:.4}\n\n  Total data:\t{} bytes\n  Size/request:\t{} bytes\n\nLatency distribution:\n",
                    secs(took as f64),
                    secs(last as f64),
                    secs(least as f64),
                    secs(mean),
                    self.bytes,
                    self.bytes / done.max(1)
                );
                for percent in [10usize, 25, 50, 75, 90, 95, 99] {
                    out.push_str(&format!(
                        "  {percent}% in {} secs\n",
                        secs(self.percentile(&sorted, percent) as f64)
                    ));
                }
                out.push_str("\nStatus code distribution:\n");
                for (status, count) in &self.statuses {
                    out.push_str(&format!("  [{status}]\t{count} responses\n"));
                }
                if self.failed > 0 {
                    out.push_str(&format!("\nError distribution:\n  [{}]\tGet \"{}\": dial tcp {}: connect: connection refused\n", self.failed, self.url, self.target));
                }
                sys.print(&(out + "\n"));
            }
            _ => {
                let mut out = format!(
                    "Running {}s test @ {}\n  2 threads and {} connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency  {:>7.2}ms {:>7.2}ms {:>6.2}ms   70.00%\n    Req/Sec  {:>7.2}   {:>7.2}   {:>7.2}     70.00%\n  {done} requests in {:.2}s, {:.2}KB read\n",
                    took / 1000,
                    self.url,
                    self.at_once,
                    mean,
                    mean / 4.0,
                    last as f64,
                    rate / 2.0,
                    rate / 20.0,
                    rate / 1.8,
                    took as f64 / 1000.0,
                    transferred as f64 / 1024.0
                );
                if self.failed > 0 {
                    out.push_str(&format!(
                        "  Socket errors: connect {}, read 0, write 0, timeout 0\n",
                        self.failed
                    ));
                }
                if bad > 0 {
                    out.push_str(&format!("  Non-2xx or 3xx responses: {bad}\n"));
                }
                out.push_str(&format!(
                    "Requests/sec: {rate:>10.2}\nTransfer/sec: {:>10.2}KB\n",
                    transferred as f64 / 1.024 / took as f64
                ));
                sys.print(&out);
            }
        }
        0
    }
}

fn web_path(request: &Request) -> String {
    crate::images::web::request_uri(request)
}

impl Behave for Bench {
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int {
            self.stopped = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let mut still = Vec::with_capacity(self.open.len());
        for (id, sent) in std::mem::take(&mut self.open) {
            match sys.answer(id) {
                Some(outcome) => self.taken(sys, sent, outcome),
                None => still.push((id, sent)),
            }
        }
        self.open = still;
        let over = self.stopped || self.refused || self.until.is_some_and(|u| sys.now() >= u);
        let more = !over && self.sent < self.most;
        if (!more && self.open.is_empty()) || self.stopped || self.refused {
            return Step::Exit(self.report(sys));
        }
        if more {
            while (self.open.len() as u64) < self.at_once && self.sent < self.most {
                let id = sys.send(self.target, Payload::Http(self.request.clone()), 30_000);
                self.open.push((id, sys.now()));
                self.sent += 1;
            }
        }
        let mut waits: Vec<Wait> = self.open.iter().map(|o| Wait::Answer(o.0)).collect();
        waits.extend(self.until.filter(|_| more).map(Wait::Until));
        Step::Wait(waits)
    }
}
