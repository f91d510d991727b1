//! ps, kill, killall, pkill, pgrep, pidof, top, free.

use super::accounts::user_name;
use super::list::human;
use super::support::{Flavor, Opts, Spec, done, flavor, own_name, usage};
use crate::machine::{Behave, Handled, Step};
use crate::process::{Pid, Process};
use crate::pseudo;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// What ps shows of a process.
struct Row {
    pid: u32,
    parent: u32,
    uid: u32,
    state: char,
    tty: bool,
    started: u64,
    command: String,
    args: String,
    kernel: Pid,
    group: Pid,
}

fn row(sys: &Sys<'_>, process: &Process) -> Row {
    Row {
        pid: process.ns_pid,
        parent: pseudo::parent_ns_pid(sys.machines, process),
        uid: process.uid,
        state: pseudo::state_letter(process),
        tty: process.fds.values().any(|f| matches!(f, crate::Fd::Tty { .. })),
        started: process.started,
        command: pseudo::comm(process).to_string(),
        args: process.argv.join(" "),
        kernel: process.pid,
        group: process.group,
    }
}

fn rows(sys: &Sys<'_>) -> Vec<Row> {
    let Some(space) = sys.process().map(|p| p.space) else { return Vec::new() };
    let residents = sys.machines.residents.range((space, 0)..=(space, u32::MAX));
    let mut rows: Vec<Row> =
        residents.filter_map(|r| sys.machines.process(r.1)).map(|p| row(sys, p)).collect();
    rows.arrange_by_key(|r| r.pid);
    rows
}

pub fn ps(sys: &mut Sys<'_>) -> i32 {
    let rows = rows(sys);
    let args = sys.args();
    if flavor(sys) == Flavor::Busybox {
        let mut out = String::from("PID   USER     TIME  COMMAND\n");
        for r in &rows {
            let user = user_name(sys, r.uid);
            let shown = if r.state == 'Z' { format!("[{}]", r.command) } else { r.args.clone() };
            out.push_str(&format!("{:5} {user:<8}  0:00 {shown}\n", r.pid));
        }
        sys.print(&out);
        return 0;
    }
    let words: String = args
        .iter()
        .skip(1)
        .take_while(|a| !matches!(&***a, "-o" | "-p"))
        .map(|a| a.trim_start_matches('-').to_string())
        .collect();
    let dashed = args.iter().skip(1).any(|a| a.starts_with('-'));
    let after = |flag: &str| args.iter().position(|a| &**a == flag).and_then(|at| args.get(at + 1)).cloned();
    let only: Option<Vec<u32>> =
        after("-p").map(|list| list.split([',', ' ']).filter_map(|p| p.parse().ok()).collect());
    let all = words.contains('e') || words.contains('A') || words.contains('a') || words.contains('x');
    let own = sys.process().map(|p| (p.group, p.uid));
    let own_tty = sys.tty().is_some();
    let chosen = |r: &&Row| match &only {
        Some(pids) => pids.contains(&r.pid),
        None => all || (Some(r.uid) == own.map(|o| o.1) && r.tty == own_tty),
    };
    let clock = |sys: &Sys<'_>, r: &Row| {
        super::date::format(sys.machines.clock.epoch + (r.started / 1000) as i64, "%H:%M")
    };
    let tty = |r: &Row| if r.tty { "pts/0" } else { "?" };
    let mut out = String::new();
    if let Some(format) = after("-o") {
        let columns: Vec<&str> = format.split(',').collect();
        let titled = |c: &str| match c.split('=').next().unwrap_or("") {
            "pid" => "    PID".to_string(),
            "ppid" => "   PPID".to_string(),
            "user" => "USER    ".to_string(),
            "cmd" => "CMD".to_string(),
            "args" | "command" => "COMMAND".to_string(),
            "comm" => "COMMAND        ".to_string(),
            "stat" | "state" => "STAT".to_string(),
            other => other.to_uppercase(),
        };
        if !columns.iter().all(|c| c.ends_with('=')) {
            out.push_str(&format!("{}\n", columns.iter().map(|c| titled(c)).collect::<Vec<_>>().join(" ")));
        }
        for r in rows.iter().filter(chosen) {
            let cells: Vec<String> = columns
                .iter()
                .map(|c| match c.trim_end_matches('=') {
                    "pid" => format!("{:7}", r.pid),
                    "ppid" => format!("{:7}", r.parent),
                    "user" => format!("{:<8}", user_name(sys, r.uid)),
                    "comm" => format!("{:<15}", r.command),
                    "cmd" | "args" | "command" => r.args.clone(),
                    "stat" | "state" => format!("{:<4}", r.state),
                    _ => "-".to_string(),
                })
                .collect();
            out.push_str(&format!("{}\n", cells.join(" ").trim_end()));
        }
    } else if words.contains('u') && !dashed || words.contains("aux") {
        out.push_str("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n");
        for r in rows.iter().filter(chosen) {
            let user = user_name(sys, r.uid);
            let shown = if r.state == 'Z' { format!("[{}] <defunct>", r.command) } else { r.args.clone() };
            out.push_str(&format!(
                "{user:<8} {:7}  0.0  0.0   4624  3584 {:<8} {:<4} {}   0:00 {shown}\n",
                r.pid,
                tty(r),
                r.state,
                clock(sys, r)
            ));
        }
    } else if words.contains('f') {
        out.push_str("UID          PID    PPID  C STIME TTY          TIME CMD\n");
        for r in rows.iter().filter(chosen) {
            let user = user_name(sys, r.uid);
            let shown = if r.state == 'Z' { format!("[{}] <defunct>", r.command) } else { r.args.clone() };
            out.push_str(&format!(
                "{user:<8} {:7} {:7}  0 {} {:<8} 00:00:00 {shown}\n",
                r.pid,
                r.parent,
                clock(sys, r),
                tty(r)
            ));
        }
    } else {
        out.push_str("    PID TTY          TIME CMD\n");
        for r in rows.iter().filter(chosen) {
            out.push_str(&format!("{:7} {:<8} 00:00:00 {}\n", r.pid, tty(r), r.command));
        }
    }
    sys.print(&out);
    0
}

/// A signal option in front: `-9`, `-TERM`, `-s TERM`.
fn signal_of(words: &mut Vec<Arc<str>>) -> Result<Signal, String> {
    let Some(first) = words.first().cloned() else { return Ok(Signal::Term) };
    let Some(spec) = first.strip_prefix('-').filter(|s| !s.is_empty()) else { return Ok(Signal::Term) };
    if matches!(spec, "f" | "x" | "l" | "a" | "u" | "c" | "o" | "n" | "-")
        || (spec.len() > 1 && spec.bytes().all(|b| b"flaxo".contains(&b)))
    {
        return Ok(Signal::Term);
    }
    words.remove(0);
    let name = match spec {
        "s" => words.first().cloned().map(|n| {
            words.remove(0);
            n.to_string()
        }),
        spec => Some(spec.to_string()),
    };
    let name = name.unwrap_or_default();
    Signal::parse(&name).ok_or(name)
}

pub fn kill(sys: &mut Sys<'_>) -> i32 {
    let mut words: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let signal = match signal_of(&mut words) {
        Ok(signal) => signal,
        Err(name) => return done(sys, 1, &format!("unknown signal {name}")),
    };
    if words.is_empty() {
        return usage(sys, 1, "you need to specify whom to kill");
    }
    let own = sys.process().map_or(0, |p| p.uid);
    let mut code = 0;
    for word in words {
        match word.parse::<u32>().ok().and_then(|n| sys.pid_from_namespace(n)) {
            Some(pid) if own == 0 || sys.machines.process(pid).is_some_and(|p| p.uid == own) => {
                sys.kill(pid, signal)
            }
            Some(_) => code = done(sys, 1, &format!("({word}): Operation not permitted")),
            None => code = done(sys, 1, &format!("({word}): No such process")),
        }
    }
    code
}

/// pgrep, pkill, killall, pidof.
pub fn by_name(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let mut words: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let signal = match signal_of(&mut words) {
        Ok(signal) => signal,
        Err(name) => return done(sys, 1, &format!("{name}: unknown signal")),
    };
    let flags: String = words.iter().filter_map(|w| w.strip_prefix('-')).collect();
    words.retain(|w| !w.starts_with('-'));
    if words.is_empty() {
        return usage(sys, 2, "no matching criteria specified");
    }
    let exact = matches!(own.as_str(), "killall" | "pidof") || flags.contains('x');
    let me = sys.pid;
    let mut hits: Vec<Row> = Vec::new();
    for r in rows(sys).into_iter().filter(|r| r.kernel != me && r.state != 'Z') {
        let text = if flags.contains('f') { &r.args } else { &r.command };
        let fits = words.iter().any(|w| match exact {
            true => text == &**w,
            false => {
                super::regex::compile(&super::regex::extended(w), false).is_ok_and(|re| re.is_match(text))
            }
        });
        if fits {
            hits.push(r);
        }
    }
    if hits.is_empty() {
        if own == "killall" {
            let name = words.first().cloned().unwrap_or_default();
            sys.eprint(&format!("{name}: no process found\n"));
        }
        return 1;
    }
    match own.as_str() {
        "pgrep" => {
            for r in &hits {
                let tail = if flags.contains('a') {
                    format!(" {}", r.args)
                } else if flags.contains('l') {
                    format!(" {}", r.command)
                } else {
                    String::new()
                };
                sys.print(&format!("{}{tail}\n", r.pid));
            }
        }
        "pidof" => {
            let pids: Vec<String> = hits.iter().rev().map(|r| r.pid.to_string()).collect();
            sys.print(&format!("{}\n", pids.join(" ")));
        }
        _ => hits.iter().for_each(|r| sys.kill(r.kernel, signal)),
    }
    0
}

fn memory(sys: &Sys<'_>) -> (u64, u64) {
    let host = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.host).unwrap_or_default();
    let (_, total) = sys.machines.host_size(host);
    let used = total / 8 + sys.machines.processes.len() as u64 * 2_000_000;
    (total, used.min(total / 2))
}

pub fn free(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "hmgkbwts:c:",
        long: &[("human", 'h'), ("mebi", 'm'), ("gibi", 'g'), ("kibi", 'k'), ("bytes", 'b'), ("total", 't')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (total, used) = memory(sys);
    let cache = total / 4;
    let free = total - used - cache;
    let show = |n: u64| match opts.last_of("hmgkb") {
        Some('h') => {
            let text = human(n);
            if n >= 1024 { format!("{text}i") } else { format!("{n}B") }
        }
        Some('m') => (n >> 20).to_string(),
        Some('g') => (n >> 30).to_string(),
        Some('b') => n.to_string(),
        _ => (n >> 10).to_string(),
    };
    sys.print("               total        used        free      shared  buff/cache   available\n");
    let cells = [total, used, free, 4 << 20, cache, free + cache].map(show);
    let line: String = cells.iter().map(|c| format!("{c:>12}")).collect();
    sys.print(&format!("Mem:    {}\n", line.strip_prefix(' ').unwrap_or(&line)));
    let swap: String = [0, 0, 0].map(show).iter().map(|c| format!("{c:>12}")).collect();
    sys.print(&format!("Swap:   {}\n", swap.strip_prefix(' ').unwrap_or(&swap)));
    0
}

/// top: once with `-n 1` or `-b`, else every few seconds until interrupted.
#[derive(Clone, Hash)]
pub struct Top {
    left: u64,
    next: u64,
    batch: bool,
    quit: bool,
}

impl Behave for Top {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.quit || self.left == 0 {
            return Step::Exit(0);
        }
        if sys.now() < self.next {
            return Step::wait(Wait::Until(self.next));
        }
        self.next = sys.now() + 3000;
        self.left -= 1;
        let rows = rows(sys);
        let (total, used) = memory(sys);
        let clock = super::date::format(sys.unix(), "%H:%M:%S");
        let minutes = (sys.now() + crate::host::BOOTED_MS) / 60_000;
        let running = rows.iter().filter(|r| r.state == 'R').count();
        let mut out = if self.batch { String::new() } else { "\u{1b}[H\u{1b}[2J".to_string() };
        let mib = |n: u64| n as f64 / f64::from(1 << 20);
        out.push_str(&format!(
            "top - {clock} up {:2}:{:02},  1 user,  load average: 0.08, 0.03, 0.01\nTasks: {:3} total, {running:3} running, {:3} sleeping,   0 stopped,   0 zombie\n%Cpu(s):  0.7 us,  0.3 sy,  0.0 ni, 99.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\nMiB Mem : {:8.1} total, {:8.1} free, {:8.1} used, {:8.1} buff/cache\nMiB Swap:      0.0 total,      0.0 free,      0.0 used. {:8.1} avail Mem\n\n    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n",
            minutes / 60, minutes % 60, rows.len(), rows.len() - running,
            mib(total), mib(total - used - total / 4), mib(used), mib(total / 4), mib(total - used)
        ));
        for r in &rows {
            let user = user_name(sys, r.uid);
            out.push_str(&format!(
                "{:7} {user:<8}  20   0    4624   3584   3200 {}   0.0   0.0   0:00.00 {}\n",
                r.pid, r.state, r.command
            ));
            let _ = r.group;
        }
        sys.print(&out);
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

pub fn top(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "bn:d:p:u:HiSc", long: &[], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return super::filter::ended(code),
    };
    let left = opts.value('n').and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
    let batch = opts.has('b') || !sys.is_tty(1);
    Box::new(Top { left, next: 0, batch, quit: false })
}
