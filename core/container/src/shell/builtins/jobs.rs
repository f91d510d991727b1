//! jobs, fg, bg, wait, kill, disown.

use super::{Outcome, flags};
use crate::process::Pid;
use crate::shell::Dialect;
use crate::shell::frame::Frame;
use crate::shell::jobs::{Job, JobState};
use crate::shell::state::Shell;
use crate::signal::Signal;
use crate::sys::Sys;
use std::collections::BTreeMap;
use std::sync::Arc;

fn no_such_job(shell: &Shell, sys: &mut Sys<'_>, builtin: &str, word: &str) -> i32 {
    let text = match shell.dialect {
        Dialect::Bash => format!("{word}: no such job"),
        Dialect::Dash if word.is_empty() => "No current job".to_string(),
        Dialect::Dash => format!("No such job: {word}"),
        Dialect::Ash if word.is_empty() => "No current job".to_string(),
        Dialect::Ash => format!("{word}: no such job"),
    };
    shell.complain_as(sys, builtin, &text);
    if shell.dialect.is_bash() { 1 } else { 2 }
}

pub(super) fn jobs(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    shell.reap(sys);
    let (letters, words, bad) = flags(args, "lprs");
    if let Some(letter) = bad {
        return shell.bad_option(
            sys,
            "jobs",
            letter,
            "jobs [-lnprs] [jobspec ...] or jobs -x command [args]",
        );
    }
    let chosen: Vec<Job> = if words.is_empty() && shell.jobs.is_empty() {
        shell.shown_jobs.clone()
    } else if words.is_empty() {
        shell.jobs.clone()
    } else {
        let mut chosen = Vec::new();
        for word in words {
            match shell.find_job(word) {
                Some(job) => chosen.push(job.clone()),
                None => return Outcome::Status(no_such_job(shell, sys, "jobs", word)),
            }
        }
        chosen
    };
    for job in &chosen {
        let shown = sys.machines.process(job.group).map_or(job.group, |p| p.ns_pid);
        if letters.contains('p') {
            sys.print(&format!("{shown}\n"));
            continue;
        }
        if (letters.contains('r') && job.state != JobState::Running)
            || (letters.contains('s') && job.state != JobState::Stopped)
        {
            continue;
        }
        let line = job.line(shell.job_mark(job.id), shell.dialect.is_dash());
        if letters.contains('l') {
            let head = format!("[{}]{} ", job.id, shell.job_mark(job.id));
            let tail = line.get(head.len()..).unwrap_or("").trim_start();
            sys.print(&format!("{head}{shown} {tail}"));
        } else {
            sys.print(&line);
        }
    }
    shell.jobs.retain(|j| j.state != JobState::Done);
    Outcome::Status(0)
}

fn chosen_job(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Result<Job, i32> {
    let builtin = args.first().cloned().unwrap_or_default();
    if !shell.options.monitor && shell.dialect.is_bash() {
        shell.complain_as(sys, &builtin, "no job control");
        return Err(1);
    }
    shell.reap(sys);
    let word = args.get(1).cloned().unwrap_or_default();
    match shell.find_job(&word).filter(|j| j.state != JobState::Done) {
        Some(job) => Ok(job.clone()),
        None => {
            let shown = if word.is_empty() && shell.dialect.is_bash() { "current" } else { &*word };
            Err(no_such_job(shell, sys, &builtin, shown))
        }
    }
}

pub(super) fn foreground(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let job = match chosen_job(shell, sys, args) {
        Ok(job) => job,
        Err(status) => return Outcome::Status(status),
    };
    sys.print(&format!("{}\n", job.text));
    sys.set_foreground(job.group);
    sys.kill_group(job.group, Signal::Cont);
    let statuses = vec![None; job.pids.len()];
    shell.frames.push(Frame::Foreground {
        job: Some(job.id),
        pids: job.pids.clone(),
        statuses,
        text: job.text,
    });
    Outcome::Pushed
}

pub(super) fn background(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let job = match chosen_job(shell, sys, args) {
        Ok(job) => job,
        Err(status) => return Outcome::Status(status),
    };
    if let Some(found) = shell.jobs.iter_mut().find(|j| j.id == job.id) {
        found.state = JobState::Running;
    }
    sys.kill_group(job.group, Signal::Cont);
    sys.print(&format!("[{}]{} {} &\n", job.id, shell.job_mark(job.id), job.text));
    Outcome::Status(0)
}

pub(super) fn disown(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let word = args.get(1).cloned().unwrap_or_default();
    match shell.find_job(&word).map(|j| j.id) {
        Some(id) => {
            shell.jobs.retain(|j| j.id != id);
            Outcome::Status(0)
        }
        None => Outcome::Status(no_such_job(
            shell,
            sys,
            "disown",
            if word.is_empty() { "current" } else { &word },
        )),
    }
}

pub(super) fn wait(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, _) = flags(args, "nfp");
    shell.reap(sys);
    if words.is_empty() {
        if letters.contains('n') {
            let first = shell.jobs.iter().find_map(|j| j.pids.first().copied());
            let Some(pid) = first else { return Outcome::Status(127) };
            shell.frames.push(Frame::Wait { pids: Some(vec![pid]), status: 0 });
            return Outcome::Pushed;
        }
        shell.frames.push(Frame::Wait { pids: None, status: 0 });
        return Outcome::Pushed;
    }
    let mut pids: Vec<Pid> = Vec::new();
    let mut status = 0;
    for word in words {
        if word.starts_with('%') {
            match shell.find_job(word) {
                Some(job) if job.state == JobState::Done => status = job.status,
                Some(job) => pids.extend(&job.pids),
                None => {
                    status = {
                        no_such_job(shell, sys, "wait", word);
                        127
                    }
                }
            }
            continue;
        }
        let Ok(shown) = word.parse::<u32>() else {
            let text = match shell.dialect {
                Dialect::Bash => format!("`{word}': not a pid or valid job spec"),
                _ => format!("Illegal number: {word}"),
            };
            shell.complain_as(sys, "wait", &text);
            return Outcome::Status(if shell.dialect.is_bash() { 1 } else { 2 });
        };
        let ended = shell
            .ended
            .iter()
            .find(|(pid, _)| child_number(shell, sys, **pid) == shown)
            .map(|(p, s)| (*p, *s));
        let own = sys.pid;
        let child =
            sys.pid_from_namespace(shown).filter(|pid| sys.machines.children_of(own).any(|c| c == *pid));
        match (child, ended) {
            (Some(pid), _) => pids.push(pid),
            (None, Some((_, code))) => status = code,
            (None, None) => {
                if shell.dialect.is_bash() {
                    shell.complain_as(sys, "wait", &format!("pid {shown} is not a child of this shell"));
                }
                status = 127;
            }
        }
    }
    if pids.is_empty() {
        return Outcome::Status(status);
    }
    shell.frames.push(Frame::Wait { pids: Some(pids), status });
    Outcome::Pushed
}

/// The number a reaped child had in its namespace.
fn child_number(shell: &Shell, sys: &Sys<'_>, pid: Pid) -> u32 {
    shell.numbers.get(&pid).copied().unwrap_or_else(|| sys.machines.process(pid).map_or(pid, |p| p.ns_pid))
}

pub(super) fn kill(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let mut words = args.get(1..).unwrap_or(&[]);
    let mut signal = Signal::Term;
    if let [first, rest @ ..] = words
        && let Some(spec) = first.strip_prefix('-').filter(|s| !s.is_empty() && *s != "-")
    {
        words = rest;
        let spec = match spec {
            "l" | "L" => return list(shell, sys, words),
            "s" | "n" => {
                let Some((name, rest)) = words.split_first() else { return Outcome::Status(1) };
                words = rest;
                &**name
            }
            spec => spec,
        };
        match Signal::parse(spec) {
            Some(found) => signal = found,
            None if spec == "0" => {
                let alive =
                    words.iter().all(|w| w.parse::<u32>().is_ok_and(|n| sys.pid_from_namespace(n).is_some()));
                if !alive {
                    let word = words.first().cloned().unwrap_or_default();
                    no_such_process(shell, sys, &word);
                }
                return Outcome::Status(i32::from(!alive));
            }
            None => {
                let text = match shell.dialect {
                    Dialect::Bash => format!("{spec}: invalid signal specification"),
                    Dialect::Dash => format!("Illegal option -{}", spec.chars().next().unwrap_or('?')),
                    Dialect::Ash => format!("bad signal name '{spec}'"),
                };
                match shell.dialect {
                    Dialect::Ash => shell.complain(sys, &text),
                    _ => shell.complain_as(sys, "kill", &text),
                }
                return Outcome::Status(if shell.dialect.is_dash() { 2 } else { 1 });
            }
        }
    }
    if let [dashes, rest @ ..] = words
        && &**dashes == "--"
    {
        words = rest;
    }
    if words.is_empty() {
        if shell.dialect.is_bash() {
            sys.eprint("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
        } else if shell.dialect.is_dash() {
            let usage =
                "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]";
            shell.complain_as(sys, "kill", usage);
        } else {
            sys.eprint(&format!("{}: you need to specify whom to kill\n", shell.name));
        }
        return Outcome::Status(2);
    }
    let mut status = 0;
    for word in words {
        if word.starts_with('%') {
            match shell.find_job(word).map(|j| (j.group, j.pids.clone())) {
                Some((group, _)) if shell.options.monitor => sys.kill_group(group, signal),
                Some((_, pids)) => pids.into_iter().for_each(|pid| sys.kill(pid, signal)),
                None => status = no_such_job(shell, sys, "kill", word),
            }
            continue;
        }
        let number = word.trim_start_matches('-').parse::<u32>();
        let Ok(number) = number else {
            let text = match shell.dialect {
                Dialect::Bash => format!("{word}: arguments must be process or job IDs"),
                Dialect::Dash => format!("Illegal number: {word}"),
                Dialect::Ash => format!("invalid number '{word}'"),
            };
            if shell.dialect.is_ash() {
                shell.complain(sys, &text)
            } else {
                shell.complain_as(sys, "kill", &text)
            }
            status = 1;
            continue;
        };
        match sys.pid_from_namespace(number) {
            Some(pid) if word.starts_with('-') => sys.kill_group(pid, signal),
            Some(pid) if may_signal(sys, pid) => sys.kill(pid, signal),
            Some(_) => {
                shell.complain_as(sys, "kill", &format!("({word}) - Operation not permitted"));
                status = 1;
            }
            None => {
                no_such_process(shell, sys, word);
                status = 1;
            }
        }
    }
    Outcome::Status(status)
}

fn may_signal(sys: &Sys<'_>, pid: Pid) -> bool {
    let own = sys.process().map_or(0, |p| p.uid);
    own == 0 || sys.machines.process(pid).is_some_and(|p| p.uid == own)
}

fn no_such_process(shell: &Shell, sys: &mut Sys<'_>, word: &str) {
    match shell.dialect {
        Dialect::Bash => shell.complain_as(sys, "kill", &format!("({word}) - No such process")),
        Dialect::Dash => shell.complain_as(sys, "kill", "No such process\n"),
        Dialect::Ash => shell.complain(sys, &format!("can't kill pid {word}: No such process")),
    }
}

fn list(shell: &Shell, sys: &mut Sys<'_>, words: &[Arc<str>]) -> Outcome {
    for word in words {
        let number = word.parse::<u8>().ok().map(|n| if n > 128 { n - 128 } else { n });
        match number {
            Some(number) => {
                if let Some(signal) = Signal::parse(&number.to_string()) {
                    sys.print(&format!("{}\n", signal.name()));
                }
            }
            None => {
                if let Some(signal) = Signal::parse(word) {
                    sys.print(&format!("{}\n", signal.number()));
                }
            }
        }
    }
    if words.is_empty() {
        let text = match shell.dialect {
            Dialect::Bash => signal_table(),
            // dash has no name for these three.
            Dialect::Dash => {
                let named: BTreeMap<usize, String> = signals().collect();
                let shown =
                    |n: usize| named.get(&n).filter(|_| n != 16).cloned().unwrap_or_else(|| n.to_string());
                (0..=64).map(|n| shown(n) + "\n").collect()
            }
            Dialect::Ash => signals().map(|(n, name)| format!("{n:>2}) {name}\n")).collect(),
        };
        sys.print(&text);
    }
    Outcome::Status(0)
}

/// Linux' signals by number.
fn signals() -> impl Iterator<Item = (usize, String)> {
    const FIRST: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    let named = FIRST.iter().enumerate().map(|(at, name)| (at + 1, (*name).to_string()));
    let real_time = (34..=64).map(|n| match n {
        34 => (n, "RTMIN".to_string()),
        35..=49 => (n, format!("RTMIN+{}", n - 34)),
        50..=63 => (n, format!("RTMAX-{}", 64 - n)),
        _ => (n, "RTMAX".to_string()),
    });
    named.chain(real_time)
}

/// As bash lists them, five in a row.
pub(super) fn signal_table() -> String {
    let mut out = String::new();
    for (at, (number, name)) in signals().enumerate() {
        out.push_str(&format!("{number:>2}) SIG{name}{}", if at % 5 == 4 { '\n' } else { '\t' }));
    }
    out + "\n"
}
