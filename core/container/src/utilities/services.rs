//! What has no init system, no cron and no kernel of its own here: systemctl, service, journalctl,
//! crontab, iptables, lsof, tcpdump, strace and friends, as containers and light machines answer them.

use super::support::{done, own_name};
use crate::sys::Sys;

/// Services of the hosts, which are up as long as the host is.
const UNITS: &[(&str, &str)] = &[
    ("containerd", "containerd container runtime"),
    ("cron", "Regular background program processing daemon"),
    ("docker", "Docker Application Container Engine"),
    ("kubelet", "kubelet: The Kubernetes Node Agent"),
    ("ssh", "OpenBSD Secure Shell server"),
    ("systemd-resolved", "Network Name Resolution"),
];

pub fn systemctl(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let words: Vec<&str> = args.iter().skip(1).filter(|a| !a.starts_with('-')).map(|a| &**a).collect();
    let space = sys.process().and_then(|p| sys.machines.space(p.space));
    if !space.is_some_and(|s| s.is_host()) {
        sys.eprint("System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n");
        return 1;
    }
    let node = sys.stat("/var/lib/kubelet").is_ok();
    let here: Vec<&(&str, &str)> =
        UNITS.iter().filter(|u| if node { u.0 != "docker" } else { u.0 != "kubelet" }).collect();
    let unit = words.get(1).map_or("", |u| u.trim_end_matches(".service"));
    let known = here.iter().find(|u| u.0 == unit);
    match (words.first().copied().unwrap_or("list-units"), known) {
        ("list-units" | "list-unit-files", _) => {
            let rows: String = here
                .iter()
                .map(|u| format!("  {:<26} loaded active running {}\n", format!("{}.service", u.0), u.1))
                .collect();
            sys.print(&format!("  UNIT                       LOAD   ACTIVE SUB     DESCRIPTION\n{rows}\n{} loaded units listed.\n", here.len()));
            0
        }
        ("daemon-reload" | "reset-failed", _) => 0,
        ("is-active", found) => {
            sys.print(if found.is_some() { "active\n" } else { "inactive\n" });
            if found.is_some() { 0 } else { 3 }
        }
        ("is-enabled", Some(_)) => {
            sys.print("enabled\n");
            0
        }
        ("is-enabled", None) => {
            sys.eprint(&format!(
                "Failed to get unit file state for {unit}.service: No such file or directory\n"
            ));
            1
        }
        ("status", Some((name, about))) => {
            sys.print(&format!(
                "● {name}.service - {about}\n     Loaded: loaded (/usr/lib/systemd/system/{name}.service; enabled; preset: enabled)\n     Active: active (running)\n   Main PID: 1 ({name})\n"
            ));
            0
        }
        ("status", None) => {
            sys.eprint(&format!("Unit {unit}.service could not be found.\n"));
            4
        }
        ("start" | "restart" | "reload" | "enable", Some(_)) => {
            if sys.process().is_some_and(|p| p.uid != 0) {
                sys.eprint(&format!(
                    "Failed to {} {unit}.service: Interactive authentication required.\n",
                    words.first().unwrap_or(&"")
                ));
                return 1;
            }
            0
        }
        ("stop" | "disable" | "mask" | "kill", Some(_)) => {
            sys.eprint(&format!("systemctl: stopping {unit} is not simulated in this sandbox\n"));
            1
        }
        (verb @ ("start" | "stop" | "restart" | "reload" | "enable" | "disable"), None) => {
            sys.eprint(&format!("Failed to {verb} {unit}.service: Unit {unit}.service not found.\n"));
            5
        }
        (verb, _) => {
            sys.eprint(&format!("Unknown command verb {verb}.\n"));
            1
        }
    }
}

/// `service NAME ACTION`: starts what has a program in the container.
pub fn service(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    use super::filter::ended;
    let args = sys.args();
    let (name, action) =
        (args.get(1).map_or("", |a| a).to_string(), args.get(2).map_or("", |a| a).to_string());
    if name.is_empty() || (action.is_empty() && name != "--status-all") {
        sys.eprint(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n",
        );
        return ended(1);
    }
    let program = match name.as_str() {
        "nginx" => "nginx",
        "apache2" | "httpd" => "apache2",
        "redis-server" | "redis" => "redis-server",
        "cron" | "ssh" | "docker" => "true",
        _ => "",
    };
    let path = ["/usr/sbin", "/usr/bin", "/usr/local/bin"]
        .iter()
        .map(|d| format!("{d}/{program}"))
        .find(|p| sys.stat(p).is_ok());
    let Some(path) = path.filter(|_| !program.is_empty()) else {
        sys.eprint(&format!("{name}: unrecognized service\n"));
        return ended(1);
    };
    let running = sys.machines.processes.values().any(|p| {
        Some(p.space) == sys.process().map(|q| q.space)
            && p.argv.first().is_some_and(|a| a.ends_with(program))
    });
    match action.as_str() {
        "start" | "restart" if !running || action == "restart" => {
            sys.print(&format!(
                "{}ing {name}: {name}.\n",
                if action == "start" { "Start" } else { "Restart" }
            ));
            if program == "true" || action == "restart" && running {
                return ended(0);
            }
            Box::new(super::launch::Become::new(vec![path.into()]))
        }
        "status" => {
            sys.print(&format!(" * {name} is {}running\n", if running { "" } else { "not " }));
            ended(if running { 0 } else { 3 })
        }
        "stop" => {
            let pids: Vec<u32> = sys
                .machines
                .processes
                .values()
                .filter(|p| {
                    Some(p.space) == sys.process().map(|q| q.space)
                        && p.argv.first().is_some_and(|a| a.ends_with(program))
                })
                .map(|p| p.pid)
                .collect();
            for pid in pids {
                sys.kill(pid, crate::Signal::Term);
            }
            sys.print(&format!("Stopping {name}: {name}.\n"));
            ended(0)
        }
        _ => ended(0),
    }
}

const SPOOL: &str = "/var/spool/cron/crontabs";

pub fn crontab(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let uid = sys.process().map_or(0, |p| p.uid);
    let user = super::accounts::user_name(sys, uid);
    let file = format!("{SPOOL}/{user}");
    match args.get(1).map(|a| &**a) {
        Some("-l") => match sys.read_file(&file) {
            Ok(bytes) => {
                sys.write(1, &bytes);
                0
            }
            Err(_) => {
                sys.eprint(&format!("no crontab for {user}\n"));
                1
            }
        },
        Some("-r") => match sys.unlink(&file) {
            Ok(()) => 0,
            Err(_) => {
                sys.eprint(&format!("no crontab for {user}\n"));
                1
            }
        },
        Some("-e") | None => done(
            sys,
            1,
            "edit a file and give its name: crontab FILE (entries are kept, not run, in this sandbox)",
        ),
        Some(name) => {
            let name = name.to_string();
            let text = match sys.read_file(&name) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(errno) => {
                    sys.eprint(&format!("{name}: {errno}\n"));
                    return 1;
                }
            };
            for (n, line) in text.lines().enumerate() {
                let line = line.trim();
                let fields = line.split_whitespace().count();
                let good =
                    line.is_empty() || line.starts_with(['#', '@']) || line.contains('=') || fields >= 6;
                if !good {
                    sys.eprint(&format!(
                        "\"{name}\":{}: bad minute\nerrors in crontab file, can't install.\n",
                        n + 1
                    ));
                    return 1;
                }
            }
            let made = sys.make_folders(SPOOL);
            match made.and_then(|()| sys.write_file(&file, text.as_bytes(), false)) {
                Ok(()) => 0,
                Err(errno) => done(sys, 1, &format!("{file}: {errno}")),
            }
        }
    }
}

pub fn iptables(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let own = own_name(sys);
    if sys.process().is_some_and(|p| p.uid != 0) {
        sys.eprint(&format!("{own} v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n"));
        return 4;
    }
    let listing = own.ends_with("-save")
        || args
            .iter()
            .any(|a| matches!(&**a, "-L" | "-S" | "--list" | "-nL" | "-nvL" | "-Ln" | "-vnL" | "-Lnv"));
    let nat = args.windows(2).any(|w| matches!(w, [t, n] if &**t == "-t" && &**n == "nat"));
    if !listing {
        if args.len() == 1 {
            sys.eprint(&format!("{own} v1.8.9 (nf_tables): no command specified\nTry `iptables -h' or 'iptables --help' for more information.\n"));
            return 2;
        }
        if args.iter().any(|a| matches!(&**a, "-V" | "--version")) {
            sys.print(&format!("{own} v1.8.9 (nf_tables)\n"));
            return 0;
        }
        sys.eprint(&format!("{own}: rules of one's own are not simulated in this sandbox; traffic follows services and network policies\n"));
        return 1;
    }
    if own.ends_with("-save") || args.iter().any(|a| &**a == "-S") {
        sys.print("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");
        return 0;
    }
    let chains: &[&str] =
        if nat { &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"] } else { &["INPUT", "FORWARD", "OUTPUT"] };
    let text: Vec<String> = chains
        .iter()
        .map(|c| {
            format!(
                "Chain {c} (policy ACCEPT)\ntarget     prot opt source               destination         \n"
            )
        })
        .collect();
    sys.print(&text.join("\n"));
    0
}

/// What needs a look into the kernel or at packets.
pub fn refused(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let root = sys.process().is_some_and(|p| p.uid == 0);
    let args = sys.args();
    match own.as_str() {
        "tcpdump" if !root => sys.eprint("tcpdump: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n"),
        "tcpdump" => sys.eprint("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\ntcpdump: traffic in this sandbox is whole messages, not packets: the map and `curl -v` show it\n"),
        "strace" => sys.eprint("strace: programs in this sandbox make no system calls that could be traced\n"),
        "tmux" | "screen" if args.iter().any(|a| matches!(&**a, "ls" | "list-sessions")) => sys.eprint("no server running on /tmp/tmux-1000/default\n"),
        "tmux" | "screen" => sys.eprint(&format!("{own}: one terminal holds one shell in this sandbox; open another terminal instead\n")),
        "journalctl" => {
            sys.print("No journal files were found.\n-- No entries --\n");
            return 0;
        }
        "mkfifo" => sys.eprint(&format!("mkfifo: cannot create fifo '{}': Operation not permitted\n", args.get(1).map_or("", |a| a))),
        other => sys.eprint(&format!("{other}: not simulated in this sandbox\n")),
    }
    1
}

pub fn lsof(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let port = args
        .iter()
        .find_map(|a| a.rsplit(':').next().filter(|_| a.contains(':')).and_then(|p| p.parse::<u16>().ok()));
    let Some(space) = sys.process().and_then(|p| sys.machines.space(p.space)) else { return 1 };
    let net = space.net;
    let listeners: Vec<(u16, u32)> =
        sys.machines.listeners.iter().filter(|l| l.0.0 == net && l.0.1 > 9).map(|l| (l.0.1, *l.1)).collect();
    let mut rows = String::new();
    for (number, pid) in listeners.into_iter().filter(|l| port.is_none_or(|p| l.0 == p)) {
        let Some(process) = sys.machines.process(pid).cloned() else { continue };
        let name = crate::filesystem::base_name(process.argv.first().map_or("", |a| a)).to_string();
        let user = super::accounts::user_name(sys, process.uid);
        let name: String = name.chars().take(9).collect();
        rows.push_str(&format!(
            "{name:<9} {:>5} {user:>8}    3u  IPv4  {:>6}      0t0  TCP *:{number} (LISTEN)\n",
            process.ns_pid,
            20_000 + u32::from(number)
        ));
    }
    if rows.is_empty() {
        return 1;
    }
    sys.print(&format!("COMMAND     PID     USER   FD   TYPE  DEVICE SIZE/OFF NODE NAME\n{rows}"));
    0
}
