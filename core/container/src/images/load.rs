//! Images that use up what they are given: the memory and CPU hogs of the Kubernetes documentation and
//! the server of its autoscaling example.

use crate::images::small::scratch;
use crate::images::{Catalogued, Draft, base, linux, web};
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::quantity::Quantity;
use drydock_network::exchange::{Answer, Payload};
use std::collections::VecDeque;

pub const STRESS: Catalogued = Catalogued {
    names: &["docker.io/polinux/stress", "docker.io/progrium/stress"],
    tags: &["latest"],
    make: |_, tag, programs| {
        let created = 1_552_000_000;
        let mut root = base::alpine(programs, created, linux::alpine_version("3.12"));
        root.program("/usr/local/bin/stress", "stress", 60_000);
        let draft = scratch(programs, "stress", tag, "/stress", "stress", 9_740_000);
        Draft { base: "alpine", base_size: 7_797_760, layers: 4, root: root.fs, created, ..draft }
    },
};
pub const VISH_STRESS: Catalogued = Catalogued {
    names: &["docker.io/vish/stress"],
    tags: &["latest"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/stress"],
        ..scratch(programs, "vish-stress", tag, "/stress", "vish-stress", 4_700_000)
    },
};
pub const HPA_EXAMPLE: Catalogued = Catalogued {
    names: &["registry.k8s.io/hpa-example", "k8s.gcr.io/hpa-example", "gcr.io/google_containers/hpa-example"],
    tags: &["latest"],
    make: |_, tag, programs| {
        let created = 1_460_000_000;
        let mut root = base::debian(programs, created, &linux::debian_release("10"));
        root.program("/usr/local/bin/apache2-foreground", "hpa-example", 1_345);
        root.file("/var/www/html/index.php", "<?php\n  $x = 0.0001;\n  for ($i = 0; $i <= 1000000; $i++) { $x += sqrt($x); }\n  echo \"OK!\";\n?>\n");
        Draft {
            family: "hpa-example",
            version: tag.into(),
            base: "php-apache",
            base_size: 480_000_000,
            layers: 10,
            size: 481_000_000,
            cmd: &["apache2-foreground"],
            exposed: &["80/tcp"],
            cwd: "/var/www/html",
            env: linux::path(),
            created,
            root: root.fs,
            ..Draft::default()
        }
    },
};

pub const PROGRAMS: &[Program] = &[
    Program { name: "stress", about: "uses CPU and memory as told", start: start_stress },
    Program { name: "vish-stress", about: "uses CPU and memory as told", start: start_vish },
    Program { name: "hpa-example", about: "burns CPU for each request", start: start_hpa },
];

/// Uses what it was told to until `until`, or for ever.
#[derive(Clone, Hash)]
struct Hog {
    cpu: u32,
    memory: u64,
    until: Option<u64>,
    /// Ends on SIGTERM as PID 1 too.
    handles: bool,
    told: bool,
    started: u64,
}

impl Behave for Hog {
    fn signal(&mut self, signal: Signal) -> Handled {
        if self.handles && matches!(signal, Signal::Term | Signal::Int) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told {
            return Step::Exit(2);
        }
        sys.use_cpu(self.cpu);
        sys.use_memory(self.memory);
        match self.until {
            Some(until) if sys.now() >= until => {
                let took = (sys.now() - self.started) / 1000;
                sys.print(&format!("stress: info: [1] successful run completed in {took}s\n"));
                Step::Exit(0)
            }
            Some(until) => Step::wait(Wait::Until(until)),
            None => Step::wait(Wait::Signal),
        }
    }
}

fn start_stress(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let (mut cpu, mut io, mut vm, mut hdd, mut bytes, mut until) =
        (0u32, 0u32, 0u32, 0u32, 256u64 << 20, None);
    let mut words = args.iter().skip(1).flat_map(|a| a.splitn(2, '='));
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or("");
        match word {
            "-c" | "--cpu" => cpu = value().parse().unwrap_or(1),
            "-i" | "--io" => io = value().parse().unwrap_or(1),
            "-m" | "--vm" => vm = value().parse().unwrap_or(1),
            "-d" | "--hdd" => hdd = value().parse().unwrap_or(1),
            "--vm-bytes" => bytes = size(value()),
            "-t" | "--timeout" => {
                let text = value();
                let number: u64 = text.trim_end_matches(['s', 'm', 'h']).parse().unwrap_or(0);
                let unit = if text.ends_with('m') {
                    60
                } else if text.ends_with('h') {
                    3600
                } else {
                    1
                };
                until = Some(sys.now() + number.saturating_mul(unit * 1000));
            }
            "--vm-hang" | "--vm-stride" | "--hdd-bytes" | "--backoff" => _ = value(),
            "--vm-keep" | "-v" | "--verbose" | "-q" | "--quiet" => {}
            other => {
                sys.eprint(&format!("stress: FAIL: [1] (244) unrecognized option: {other}\n"));
                return Box::new(Once(|_| 1));
            }
        }
    }
    if cpu + io + vm + hdd == 0 {
        sys.print("`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
        return Box::new(Once(|_| 0));
    }
    sys.print(&format!("stress: info: [1] dispatching hogs: {cpu} cpu, {io} io, {vm} vm, {hdd} hdd\n"));
    let started = sys.now();
    let memory = bytes.saturating_mul(u64::from(vm)).max(1 << 20);
    let cpu = (cpu + io + vm).saturating_mul(1000);
    Box::new(Hog { cpu, memory, until, handles: true, told: false, started })
}

/// `250M`, as stress counts: powers of 1024.
fn size(text: &str) -> u64 {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().unwrap_or(0);
    let shift = match text.bytes().last().map(|b| b.to_ascii_lowercase()) {
        Some(b'k') => 10,
        Some(b'm') => 20,
        Some(b'g') => 30,
        _ => 0,
    };
    number.saturating_mul(1 << shift)
}

fn start_vish(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let mut words = args.iter().skip(1).flat_map(|a| a.splitn(2, '='));
    let (mut cpus, mut memory, mut shown) = (0u32, 1u64 << 20, "0".to_string());
    while let Some(word) = words.next() {
        match word.trim_start_matches('-') {
            "cpus" => cpus = words.next().and_then(|n| n.parse().ok()).unwrap_or(0),
            "mem-total" => {
                shown = words.next().unwrap_or("0").to_string();
                let bytes = Quantity::parse(&shown).map_or(0, |q| q.value());
                memory += u64::try_from(bytes).unwrap_or(0);
            }
            _ => _ = words.next(),
        }
    }
    let at = web::stamp(sys.unix());
    sys.eprint(&format!(
        "{at} Allocating \"{shown}\" memory, in \"4Ki\" chunks, with a 1ms sleep between allocations\n"
    ));
    (0..cpus.min(64)).for_each(|_| sys.eprint(&format!("{at} Spawning a thread to consume CPU\n")));
    sys.eprint(&format!("{at} Allocated \"{shown}\" memory\n"));
    let started = sys.now();
    Box::new(Hog { cpu: cpus.saturating_mul(1000), memory, until: None, handles: true, told: false, started })
}

/// CPU time one request takes, and the time over which use is averaged, in milliseconds.
const COST: u64 = 90;
const WINDOW: u64 = 15_000;

#[derive(Clone, Hash)]
struct Burner {
    /// Second and requests in it, oldest first.
    recent: VecDeque<(u64, u64)>,
    told: bool,
}

fn start_hpa(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let ip = sys.address().unwrap_or_default();
    let line = format!(
        "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using {ip}. \
         Set the 'ServerName' directive globally to suppress this message\n"
    );
    sys.eprint(&line);
    if sys.listen(80).is_err() {
        return Box::new(Once(|_| 1));
    }
    Box::new(Burner { recent: VecDeque::new(), told: false })
}

impl Behave for Burner {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Winch) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told {
            return Step::Exit(0);
        }
        let now = sys.now();
        let second = now / 1000;
        while let Some(incoming) = sys.accept() {
            let Payload::Http(request) = &incoming.payload else {
                sys.respond(incoming.id, Answer::Connected);
                continue;
            };
            match self.recent.back_mut() {
                Some(last) if last.0 == second => last.1 += 1,
                _ => self.recent.push_back((second, 1)),
            }
            let (date, log) = (web::http_date(sys.unix()), web::log_date(sys.unix()));
            let agent = request.headers.get("User-Agent").unwrap_or("-").to_string();
            sys.print(&format!(
                "{} - - [{log}] \"{} {} HTTP/1.1\" 200 205 \"-\" \"{agent}\"\n",
                incoming.from,
                request.method.name(),
                web::request_uri(request)
            ));
            let headers = [
                ("Date", &*date),
                ("Server", "Apache/2.4.10 (Debian)"),
                ("Content-Length", "3"),
                ("Content-Type", "text/html; charset=UTF-8"),
            ];
            sys.respond_after(incoming.id, web::reply(request, 200, &headers, b"OK!"), COST);
        }
        while self.recent.front().is_some_and(|f| f.0 * 1000 + WINDOW <= now) {
            self.recent.pop_front();
        }
        let busy: u64 = self.recent.iter().map(|r| r.1 * COST).sum();
        sys.use_cpu(u32::try_from(busy * 1000 / WINDOW).unwrap_or(u32::MAX).max(1));
        if self.recent.is_empty() {
            return Step::wait(Wait::Accept);
        }
        Step::Wait(vec![Wait::Accept, Wait::Until(now + 1_000)])
    }
}
