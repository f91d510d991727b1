//! What machine this is: hostname, uname, arch, nproc, uptime, tty, dmesg; and true, false, clear, sync.

use super::support::{Flavor, Opts, Spec, done, flavor, hostname};
use crate::sys::Sys;

const NONE: Spec = Spec { short: "", long: &[], code: 1 };

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
