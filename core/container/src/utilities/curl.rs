//! curl 8.5: HTTP over exchanges. `-s -S -i -I -v -o -O -w -X -d -H -L -k -f -m --connect-timeout --retry -u
//! -A -e -G -F refused`. HTTPS is a plain exchange to port 443 whose certificate is trusted with `-k` or
//! `--cacert`.

mod answer;
mod request;

use super::filter::ended;
use super::support::{Opts, Spec, own_name};
use super::url::Url;
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use drydock_network::http::Method;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Hash)]
enum Stage {
    Start,
    Asked(u64),
    /// Waits before another try.
    Pause(u64),
}

#[derive(Clone, Hash)]
pub struct Curl {
    opts: Opts,
    urls: Vec<Arc<str>>,
    at: usize,
    url: Option<Url>,
    first_url: Option<Url>,
    method: Option<Method>,
    stage: Stage,
    began: u64,
    sent: u64,
    ip: Ip,
    redirects: u32,
    tries: u32,
    code: i32,
    body: Option<Arc<[u8]>>,
}

impl Curl {
    fn fail(&mut self, sys: &mut Sys<'_>, code: i32, text: &str) -> Step {
        if !self.opts.has('s') || self.opts.has('S') {
            if self.meter(sys) {
                sys.eprint(
                    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0",
                );
                sys.eprint("\n");
            }
            let own = own_name(sys);
            sys.eprint(&format!("{own}: ({code}) {text}\n"));
        }
        if let Some(format) = self.opts.value('w').map(String::from) {
            self.write_out(sys, &format, None, 0);
        }
        self.code = code;
        self.next()
    }
    fn next(&mut self) -> Step {
        self.at += 1;
        self.url = None;
        self.first_url = None;
        self.redirects = 0;
        self.tries = 0;
        self.stage = Stage::Start;
        if self.at >= self.urls.len() { Step::Exit(self.code) } else { Step::Again }
    }
    /// Whether the progress meter is shown.
    fn meter(&self, sys: &Sys<'_>) -> bool {
        let quiet = self.opts.has('s') || self.opts.has('#');
        !quiet && (self.opts.has('o') || self.opts.has('O') || !sys.is_tty(1))
    }
}

impl Behave for Curl {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.stage {
            Stage::Start => self.start(sys),
            Stage::Asked(id) => match sys.answer(id) {
                Some(answer) => self.answered(sys, answer),
                None => Step::wait(Wait::Answer(id)),
            },
            Stage::Pause(until) => {
                if sys.now() < until {
                    return Step::wait(Wait::Until(until));
                }
                self.stage = Stage::Start;
                Step::Again
            }
        }
    }
}

pub fn curl(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "sSiIvo:Ow:X:d:H:Lkfm:u:A:e:Gb:c:#gN46Zx:T:F:pqr:Jl",
        long: &[
            ("silent", 's'),
            ("show-error", 'S'),
            ("include", 'i'),
            ("head", 'I'),
            ("verbose", 'v'),
            ("output=", 'o'),
            ("remote-name", 'O'),
            ("write-out=", 'w'),
            ("request=", 'X'),
            ("data=", 'd'),
            ("data-raw=", 'd'),
            ("data-ascii=", 'd'),
            ("data-binary=", 'D'),
            ("data-urlencode=", 'd'),
            ("json=", 'j'),
            ("header=", 'H'),
            ("location", 'L'),
            ("insecure", 'k'),
            ("cacert=", 'C'),
            ("cert=", 'E'),
            ("key=", 'K'),
            ("fail", 'f'),
            ("fail-with-body", 'f'),
            ("max-time=", 'm'),
            ("connect-timeout=", 'c'),
            ("retry=", 'R'),
            ("retry-delay=", 'y'),
            ("retry-connrefused", 'Q'),
            ("retry-all-errors", 'q'),
            ("retry-max-time=", 'z'),
            ("user=", 'u'),
            ("user-agent=", 'A'),
            ("referer=", 'e'),
            ("get", 'G'),
            ("cookie=", 'b'),
            ("cookie-jar=", 'B'),
            ("max-redirs=", 'M'),
            ("resolve=", 'r'),
            ("progress-bar", '#'),
            ("http1.1", '1'),
            ("http1.0", '1'),
            ("http2", '1'),
            ("compressed", '1'),
            ("no-buffer", 'N'),
            ("no-progress-meter", 's'),
            ("globoff", 'g'),
            ("ipv4", '4'),
            ("url=", 'U'),
            ("location-trusted", 'L'),
            ("path-as-is", '1'),
            ("version", 'V'),
        ],
        code: 2,
    };
    let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    if args.is_empty() {
        sys.eprint("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return ended(2);
    }
    if args.iter().any(|a| matches!(&**a, "-V" | "--version")) {
        sys.print("curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0 OpenSSL/3.0.13 zlib/1.3\nRelease-Date: 2023-12-06, security patched: 8.5.0-2ubuntu10.6\nProtocols: http https\n");
        return ended(0);
    }
    let trailer = "curl: try 'curl --help' or 'curl --manual' for more information\n";
    let known = |a: &str| match a.strip_prefix("--") {
        Some(long) => {
            let name = long.split('=').next().unwrap_or("");
            SPEC.long.iter().any(|l| l.0.trim_end_matches('=').starts_with(name)) || name == "help"
        }
        None => a.chars().nth(1).is_none_or(|c| SPEC.short.contains(c)),
    };
    // A short option's value may begin with a dash; only words in option position are looked at.
    let mut after_value = false;
    for arg in &args {
        let is_option = arg.starts_with('-') && arg.len() > 1 && !after_value;
        after_value = is_option
            && !arg.starts_with("--")
            && arg.chars().last().is_some_and(|c| SPEC.short.contains(&format!("{c}:")));
        after_value |= is_option
            && arg.starts_with("--")
            && SPEC.long.iter().any(|l| l.0.strip_suffix('=') == arg.strip_prefix("--"));
        if is_option && !known(arg) {
            sys.eprint(&format!("curl: option {arg}: is unknown\n{trailer}"));
            return ended(2);
        }
    }
    if let Some(last) = args.last()
        && after_value
    {
        sys.eprint(&format!("curl: option {last}: requires parameter\n{trailer}"));
        return ended(2);
    }
    let opts = match Opts::parse_words(sys, &SPEC, &args) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut urls = opts.args.clone();
    urls.extend(opts.values('U'));
    if urls.is_empty() {
        sys.eprint(&format!("curl: (2) no URL specified\n{trailer}"));
        return ended(2);
    }
    let has_data = opts.last_of("dDj").is_some();
    let method = match opts.value('X') {
        Some(name) => match Method::parse(&name.to_uppercase()) {
            Some(method) => method,
            None => Method::Get,
        },
        None if opts.has('I') => Method::Head,
        None if has_data && !opts.has('G') => Method::Post,
        None => Method::Get,
    };
    let method = Some(method);
    Box::new(Curl {
        opts,
        urls,
        at: 0,
        url: None,
        first_url: None,
        method,
        stage: Stage::Start,
        began: 0,
        sent: 0,
        ip: Ip::default(),
        redirects: 0,
        tries: 0,
        code: 0,
        body: None,
    })
}
