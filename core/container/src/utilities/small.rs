//! Utilities of a few lines: echo, true, false, yes, basename, dirname, pwd, seq, sleep, printenv, which,
//! tty, nproc, clear, hostname, uname, uptime, sync, arch, test, mktemp, expr lives in its own file.

use super::support::{Flavor, Opts, Spec, base_of, done, flavor, hostname, own_name, usage};
use crate::machine::{Behave, Step};
use crate::shell::builtins::output::echo_bytes;
use crate::shell::predicates::{self, Voice};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::wait::Wait;
use std::sync::Arc;

const NONE: Spec = Spec { short: "", long: &[], code: 1 };

/// How `test` and `printf` word their complaints here.
fn voice(sys: &mut Sys<'_>) -> Voice {
    if flavor(sys) == Flavor::Busybox { Voice::Ash } else { Voice::Bash }
}

pub fn echo(sys: &mut Sys<'_>) -> i32 {
    let bytes = echo_bytes(&sys.args(), false);
    sys.write(1, &bytes);
    0
}

pub fn printf(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(template) = args.get(1).cloned() else { return usage(sys, 1, "missing operand") };
    let voice = voice(sys);
    let formatted = super::printf::format(&template, args.get(2..).unwrap_or(&[]), voice);
    sys.write(1, &formatted.bytes);
    for error in &formatted.errors {
        let text = match error.strip_suffix(": invalid number") {
            Some(value) => format!("'{value}': expected a numeric value"),
            None => error.clone(),
        };
        done(sys, 1, &text);
    }
    i32::from(!formatted.errors.is_empty())
}

pub fn test(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let mut words: &[Arc<str>] = args.get(1..).unwrap_or(&[]);
    if own_name(sys) == "[" {
        match words.split_last() {
            Some((last, rest)) if &**last == "]" => words = rest,
            _ => return done(sys, 2, "missing ']'"),
        }
    }
    let voice = voice(sys);
    match predicates::test(sys, words, voice) {
        Ok(truth) => i32::from(!truth),
        Err(text) => done(sys, 2, &text),
    }
}

/// Prints a line for ever.
#[derive(Clone, Hash)]
pub struct Yes(Arc<[u8]>);

impl Behave for Yes {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.write_error().is_some() {
            return Step::Exit(1);
        }
        sys.write_shared(1, self.0.clone());
        // A few megabytes a second are plenty; unbounded speed would only cost the simulation.
        Step::wait(Wait::Until(sys.now() + 1))
    }
}

pub fn yes(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let words = args.get(1..).unwrap_or(&[]).join(" ");
    let line = format!("{}\n", if words.is_empty() { "y" } else { &words });
    let bytes = line.repeat(1 + 4096 / line.len().max(1)).into_bytes();
    Box::new(Yes(bytes.into()))
}

pub fn basename(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "as:z", long: &[("multiple", 'a'), ("suffix=", 's'), ("zero", 'z')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let many = opts.has('a') || opts.has('s');
    let suffix = opts
        .value('s')
        .map(String::from)
        .or_else(|| (!many).then(|| opts.args.get(1).map(|s| s.to_string())).flatten());
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    if !many && opts.args.len() > 2 {
        let extra = opts.args.get(2).cloned().unwrap_or_default();
        return usage(sys, 1, &format!("extra operand '{extra}'"));
    }
    for name in opts.args.iter().take(if many { usize::MAX } else { 1 }) {
        let base = base_of(name);
        let shown =
            suffix.as_deref().and_then(|s| base.strip_suffix(s)).filter(|b| !b.is_empty()).unwrap_or(base);
        sys.print(&format!("{shown}\n"));
    }
    0
}

pub fn dirname(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    if args.len() < 2 {
        return usage(sys, 1, "missing operand");
    }
    for name in args.iter().skip(1) {
        let trimmed = name.trim_end_matches('/');
        let shown = match trimmed.rsplit_once('/') {
            _ if trimmed.is_empty() && name.starts_with('/') => "/",
            None => ".",
            Some((dir, _)) => match dir.trim_end_matches('/') {
                "" => "/",
                dir => dir,
            },
        };
        sys.print(&format!("{shown}\n"));
    }
    0
}

pub fn pwd(sys: &mut Sys<'_>) -> i32 {
    let cwd = sys.cwd();
    let shown = sys.real_path(&cwd).unwrap_or_else(|_| cwd.to_string());
    sys.print(&format!("{shown}\n"));
    0
}

pub fn seq(sys: &mut Sys<'_>) -> i32 {
    let mut separator = "\n".to_string();
    let mut pad = false;
    let mut format: Option<String> = None;
    let mut numbers: Vec<Arc<str>> = Vec::new();
    let args = sys.args();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "-w" | "--equal-width" => pad = true,
            "-s" => separator = words.next().map(|s| s.to_string()).unwrap_or_default(),
            "-f" => format = words.next().map(|s| s.to_string()),
            word if word.starts_with("-s") => separator = word.get(2..).unwrap_or("").into(),
            word if word.starts_with("-f") => format = word.get(2..).map(String::from),
            word if word.starts_with("--separator=") => separator = word.get(12..).unwrap_or("").into(),
            word => numbers.push(word.into()),
        }
    }
    if numbers.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    if let Some(extra) = numbers.get(3) {
        return usage(sys, 1, &std::format!("extra operand '{extra}'"));
    }
    let mut values = Vec::new();
    for text in &numbers {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            _ => return usage(sys, 1, &std::format!("invalid floating point argument: '{text}'")),
        }
    }
    let (first, step, last) = match values.as_slice() {
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        _ => return 1,
    };
    if step == 0.0 {
        let text = numbers.get(1).cloned().unwrap_or_default();
        return usage(sys, 1, &std::format!("invalid Zero increment value: '{text}'"));
    }
    let places = |text: &str| text.split_once('.').map_or(0, |(_, f)| f.len());
    let shown = numbers.len().saturating_sub(1);
    let precision = numbers.iter().take(shown.max(1)).map(|t| places(t)).max().unwrap_or(0);
    let precision = if numbers.len() == 1 { 0 } else { precision };
    let width = if pad {
        let of = |value: f64| std::format!("{value:.precision$}").len();
        of(first).max(of(last))
    } else {
        0
    };
    let count = ((last - first) / step + 1e-9).floor();
    let mut out = String::new();
    let mut at = 0u64;
    while (at as f64) <= count {
        let value = first + at as f64 * step;
        if at > 0 {
            out.push_str(&separator);
        }
        match &format {
            Some(format) => {
                let text: Arc<str> = value.to_string().into();
                let done = super::printf::format(format, &[text], Voice::Bash);
                out.push_str(&String::from_utf8_lossy(&done.bytes));
            }
            None => out.push_str(&std::format!("{value:0width$.precision$}")),
        }
        at += 1;
        if out.len() > drydock_machinery::limits::COMMAND_OUTPUT_BYTES {
            break;
        }
    }
    if at > 0 {
        out.push('\n');
    }
    sys.print(&out);
    0
}

/// A duration such as `5`, `0.5`, `2m`, `1h`, `infinity`, in milliseconds.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    if text == "infinity" || text == "inf" {
        return Some(u64::MAX / 4);
    }
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(digits) => (digits, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let number = digits.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)?;
    let size = match unit {
        'm' => 60_000.0,
        'h' => 3_600_000.0,
        'd' => 86_400_000.0,
        _ => 1000.0,
    };
    Some((number * size).min(1e15) as u64)
}

/// Waits for a moment.
#[derive(Clone, Hash)]
pub struct Sleep(u64);

impl Behave for Sleep {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.now() >= self.0 { Step::Exit(0) } else { Step::wait(Wait::Until(self.0)) }
    }
}

pub fn sleep(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let mut total = 0u64;
    let mut bad = 0;
    for text in args.iter().skip(1) {
        match duration(text) {
            Some(ms) => total = total.saturating_add(ms),
            None => {
                bad += 1;
                match flavor(sys) {
                    Flavor::Gnu => _ = done(sys, 1, &std::format!("invalid time interval '{text}'")),
                    Flavor::Busybox => _ = done(sys, 1, &std::format!("invalid number '{text}'")),
                }
            }
        }
    }
    if args.len() < 2 {
        return super::support::ended(usage(sys, 1, "missing operand"));
    }
    if bad > 0 {
        if flavor(sys) == Flavor::Gnu {
            let name = own_name(sys);
            sys.eprint(&std::format!("Try '{name} --help' for more information.\n"));
        }
        return super::support::ended(1);
    }
    Box::new(Sleep(sys.now().saturating_add(total)))
}

pub fn usleep(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let micros = sys.args().get(1).and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    Box::new(Sleep(sys.now() + micros.div_ceil(1000)))
}

pub fn printenv(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let env = sys.environment();
    if args.len() < 2 {
        for (name, value) in &env {
            sys.print(&format!("{name}={value}\n"));
        }
        return 0;
    }
    let mut code = 0;
    for name in args.iter().skip(1) {
        match env.get(name) {
            Some(value) => sys.print(&format!("{value}\n")),
            None => code = 1,
        }
    }
    code
}

pub fn which(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let path = sys.env("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let mut code = 0;
    let all = args.iter().any(|a| &**a == "-a");
    for name in args.iter().skip(1).filter(|a| &***a != "-a") {
        let mut found = false;
        let places: Vec<String> = match name.contains('/') {
            true => vec![name.to_string()],
            false => path.split(':').map(|d| format!("{d}/{name}")).collect(),
        };
        for at in places {
            if sys.stat(&at).is_ok_and(|s| s.kind != FileKind::Directory && s.mode & 0o111 != 0) {
                sys.print(&format!("{at}\n"));
                found = true;
                if !all {
                    break;
                }
            }
        }
        if !found {
            code = 1;
        }
    }
    code
}

pub fn tty(sys: &mut Sys<'_>) -> i32 {
    if sys.is_tty(0) {
        sys.print("/dev/pts/0\n");
        return 0;
    }
    sys.print("not a tty\n");
    1
}

pub fn nproc(sys: &mut Sys<'_>) -> i32 {
    let host = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.host).unwrap_or_default();
    let (cpus, _) = sys.machines.host_size(host);
    sys.print(&format!("{cpus}\n"));
    0
}

pub fn clear(sys: &mut Sys<'_>) -> i32 {
    sys.print("\u{1b}[H\u{1b}[2J\u{1b}[3J");
    0
}

pub fn hostname_(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "sfiIdA",
        long: &[
            ("short", 's'),
            ("fqdn", 'f'),
            ("long", 'f'),
            ("ip-address", 'i'),
            ("all-ip-addresses", 'I'),
            ("domain", 'd'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.has('i') || opts.has('I') {
        let tail = if opts.has('I') { " " } else { "" };
        if let Some(address) = sys.address() {
            sys.print(&format!("{address}{tail}\n"));
        }
        return 0;
    }
    if !opts.args.is_empty() {
        return done(sys, 1, "you must be root to change the host name");
    }
    let name = hostname(sys);
    let shown = match opts.last_of("sd") {
        Some('s') => name.split('.').next().unwrap_or("").to_string(),
        Some(_) => name.split_once('.').map_or(String::new(), |(_, d)| d.to_string()),
        None => name.to_string(),
    };
    sys.print(&format!("{shown}\n"));
    0
}

pub fn uname(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "asnrvmpio",
        long: &[
            ("all", 'a'),
            ("kernel-name", 's'),
            ("nodename", 'n'),
            ("kernel-release", 'r'),
            ("kernel-version", 'v'),
            ("machine", 'm'),
            ("processor", 'p'),
            ("hardware-platform", 'i'),
            ("operating-system", 'o'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let all = opts.has('a');
    let node = hostname(sys);
    let mut words: Vec<&str> = Vec::new();
    if all || opts.has('s') || opts.given.is_empty() {
        words.push("Linux");
    }
    if all || opts.has('n') {
        words.push(&node);
    }
    if all || opts.has('r') {
        words.push(crate::host::KERNEL);
    }
    if all || opts.has('v') {
        words.push(crate::host::KERNEL_VERSION);
    }
    if all || opts.has('m') {
        words.push("x86_64");
    }
    if !all && opts.has('p') {
        words.push("x86_64");
    }
    if !all && opts.has('i') {
        words.push("x86_64");
    }
    let busybox = flavor(sys) == Flavor::Busybox;
    if all || opts.has('o') {
        words.push(if busybox { "Linux" } else { "GNU/Linux" });
    }
    sys.print(&format!("{}\n", words.join(" ")));
    0
}

pub fn arch(sys: &mut Sys<'_>) -> i32 {
    sys.print("x86_64\n");
    0
}

pub fn uptime(sys: &mut Sys<'_>) -> i32 {
    let seconds = (sys.now() + crate::host::BOOTED_MS) / 1000;
    let clock = super::date::format(sys.unix(), "%H:%M:%S");
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let mut up = String::new();
    if days > 0 {
        up = format!("{days} day{}, ", if days == 1 { "" } else { "s" });
    }
    up.push_str(&if hours > 0 { format!("{hours:2}:{minutes:02}") } else { format!("{minutes} min") });
    sys.print(&format!(" {clock} up {up},  1 user,  load average: 0.08, 0.03, 0.01\n"));
    0
}

pub fn nothing(_: &mut Sys<'_>) -> i32 {
    0
}

pub fn true_(_: &mut Sys<'_>) -> i32 {
    0
}

pub fn false_(_: &mut Sys<'_>) -> i32 {
    1
}

pub fn mktemp(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "duqtp:", long: &[("directory", 'd'), ("dry-run", 'u'), ("tmpdir?", 'p')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let base = opts
        .value('p')
        .map(String::from)
        .or_else(|| sys.env("TMPDIR").map(|t| t.to_string()))
        .unwrap_or_else(|| "/tmp".into());
    let template = match opts.args.first() {
        Some(template) if opts.has('t') || opts.has('p') => format!("{base}/{template}"),
        Some(template) => template.to_string(),
        None => format!("{base}/tmp.XXXXXXXXXX"),
    };
    let trimmed = template.trim_end_matches('X');
    let size = template.len() - trimmed.len();
    if size < 3 {
        return done(sys, 1, &format!("too few X's in template '{template}'"));
    }
    let suffix = sys.machines.clock.random.suffix(size);
    let path = format!("{trimmed}{suffix}");
    if !opts.has('u') {
        let made = if opts.has('d') {
            sys.mkdir(&path, 0o700)
        } else {
            sys.write_file(&path, b"", false).and_then(|()| sys.chmod(&path, 0o600))
        };
        if let Err(errno) = made {
            let what = if opts.has('d') { "directory" } else { "file" };
            return done(sys, 1, &format!("failed to create {what} via template '{template}': {errno}"));
        }
    }
    sys.print(&format!("{path}\n"));
    0
}

pub fn dmesg(sys: &mut Sys<'_>) -> i32 {
    if let Err(code) = Opts::read(sys, &NONE) {
        return code;
    }
    sys.print(&format!(
        "[    0.000000] Linux version {} ({})\n",
        crate::host::KERNEL,
        crate::host::KERNEL_VERSION
    ));
    0
}
