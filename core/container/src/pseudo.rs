//! Files that nobody stored: `/proc`, and those of `/etc` that the container runtime makes (hosts,
//! hostname, resolv.conf). Contents are made when read. Follows proc(5) as far as tools and learners
//! look; a write to a made file of `/etc` turns it into an ordinary one.
//!
//! Left out: `/sys`, most of `/proc/<pid>`, and everything writable below `/proc`.

use crate::fd::Fd;
use crate::filesystem::{Content, Inode};
use crate::machines::Machines;
use crate::path::Viewer;
use crate::process::{Process, State};
use crate::space::Space;
use drydock_machinery::sort::Arrange;
use drydock_network::address::Ip;
use std::fmt::Write;
use std::sync::Arc;

/// Files the runtime makes, by bit of `Space::own_etc`.
pub const MADE: [&str; 3] = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/// Fixed names of `/proc`.
const PROC: &[&str] = &[
    "cpuinfo",
    "filesystems",
    "loadavg",
    "meminfo",
    "mounts",
    "net",
    "self",
    "stat",
    "sys",
    "uptime",
    "version",
];
const PER_PROCESS: &[&str] = &[
    "cgroup", "cmdline", "comm", "cwd", "environ", "exe", "fd", "limits", "mounts", "root", "stat", "status",
];

/// A directory nobody stored.
#[must_use]
pub fn directory(mode: u16) -> Inode {
    Inode { content: Content::Directory, mode, uid: 0, gid: 0, mtime: 0, links: 2, size: 4096 }
}
fn file(text: String, mode: u16) -> Inode {
    let size = text.len() as u64;
    Inode { content: Content::File(text.into_bytes().into()), mode, uid: 0, gid: 0, mtime: 0, links: 1, size }
}
fn proc_file(text: String) -> Inode {
    Inode { size: 0, ..file(text, 0o444) }
}
fn symlink(to: &str) -> Inode {
    let size = to.len() as u64;
    Inode { content: Content::Symlink(to.into()), mode: 0o777, uid: 0, gid: 0, mtime: 0, links: 1, size }
}

/// Whether the runtime makes this file in this space right now.
#[must_use]
pub fn is_made(space: &Space, path: &str) -> bool {
    made_bit(path).is_some_and(|bit| space.own_etc & bit == 0) && space.mount(path).is_none()
}
/// The bit of a file of [`MADE`].
#[must_use]
pub fn made_bit(path: &str) -> Option<u8> {
    if !path.starts_with("/etc/") {
        return None;
    }
    MADE.iter().position(|m| *m == path).map(|at| 1 << at)
}
/// Links that lead to an open file rather than to a path.
#[must_use]
pub fn is_magic(path: &str) -> bool {
    fd_of(path).is_some()
}
/// Process and descriptor number of `/proc/<pid>/fd/<n>`.
#[must_use]
pub fn fd_of(path: &str) -> Option<(u32, u32)> {
    let (pid, fd) = path.strip_prefix("/proc/")?.split_once("/fd/")?;
    Some((pid.parse().ok()?, fd.parse().ok()?))
}

/// The inode of a made-up file.
#[must_use]
pub fn inode(machines: &Machines, space: &Space, viewer: Viewer, path: &str) -> Option<Inode> {
    if is_made(space, path) {
        let text = match path {
            "/etc/hosts" => hosts(machines, space),
            "/etc/hostname" => format!("{}\n", space.hostname),
            _ => resolv_conf(machines, space),
        };
        return Some(Inode { mtime: machines.clock.epoch, ..file(text, 0o644) });
    }
    let rest = path.strip_prefix("/proc")?;
    let Some(rest) = rest.strip_prefix('/') else {
        return rest.is_empty().then(|| directory(0o555));
    };
    let (first, inner) = rest.split_once('/').map_or((rest, None), |(a, b)| (a, Some(b)));
    if first.bytes().all(|b| b.is_ascii_digit()) {
        let process = find(machines, space, first.parse().ok()?)?;
        return of_process(machines, space, process, inner);
    }
    match (first, inner) {
        ("self", None) => {
            let process = machines.process(viewer.pid)?;
            Some(symlink(&process.ns_pid.to_string()))
        }
        ("mounts", None) => Some(symlink("self/mounts")),
        ("net" | "sys", None) => Some(directory(0o555)),
        ("sys", Some("kernel" | "net" | "net/ipv4" | "net/core")) => Some(directory(0o555)),
        ("sys", Some("kernel/hostname")) => Some(proc_file(format!("{}\n", space.hostname))),
        ("sys", Some("kernel/ostype")) => Some(proc_file("Linux\n".into())),
        ("sys", Some("kernel/osrelease")) => Some(proc_file(format!("{}\n", crate::host::KERNEL))),
        ("sys", Some("net/ipv4/ip_forward")) => Some(proc_file("1\n".into())),
        ("sys", Some("net/core/somaxconn")) => Some(proc_file("4096\n".into())),
        ("cpuinfo", None) => Some(proc_file(cpuinfo(machines, space))),
        ("meminfo", None) => Some(proc_file(meminfo(machines, space))),
        ("filesystems", None) => {
            Some(proc_file("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\toverlay\n\text4\n".into()))
        }
        ("loadavg", None) => {
            let (running, all) = load(machines, space);
            let last = space.next_ns_pid.saturating_sub(1);
            Some(proc_file(format!("0.08 0.03 0.01 {running}/{all} {last}\n")))
        }
        ("uptime", None) => {
            let up = machines.clock.now + crate::host::BOOTED_MS;
            let text = format!("{}.{:02} {}.{:02}\n", up / 1000, up % 1000 / 10, up * 3 / 1000, up % 97);
            Some(proc_file(text))
        }
        ("version", None) => Some(proc_file(format!(
            "Linux version {} (buildd@dock) (gcc 13.3.0, GNU ld 2.42) {}\n",
            crate::host::KERNEL,
            crate::host::KERNEL_VERSION
        ))),
        ("stat", None) => {
            let cpus: String =
                (0..crate::host::CPUS).map(|n| format!("cpu{n} 100 0 50 9000 0 0 0 0 0 0\n")).collect();
            let boot = machines.clock.epoch - (crate::host::BOOTED_MS / 1000) as i64;
            Some(proc_file(format!("cpu  400 0 200 36000 0 0 0 0 0 0\n{cpus}btime {boot}\n")))
        }
        _ => None,
    }
}

/// Names of made-up files in a directory.
#[must_use]
pub fn names(machines: &Machines, space: &Space, viewer: Viewer, path: &str) -> Vec<String> {
    if path == "/etc" {
        return MADE
            .iter()
            .filter(|m| is_made(space, m))
            .filter_map(|m| m.get(5..))
            .map(String::from)
            .collect();
    }
    let own = |list: &[&str]| list.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    let Some(rest) = path.strip_prefix("/proc") else { return Vec::new() };
    let parts: Vec<&str> = rest.split('/').filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [] => {
            let residents = machines.residents.range((space.id, 0)..=(space.id, u32::MAX));
            let pids = residents.filter_map(|r| machines.process(r.1)).map(|p| p.ns_pid.to_string());
            pids.chain(own(PROC)).filter(|n| n != "self" || viewer.pid != 0).collect()
        }
        ["sys"] => own(&["kernel", "net"]),
        ["sys", "kernel"] => own(&["hostname", "osrelease", "ostype"]),
        ["sys", "net"] => own(&["core", "ipv4"]),
        ["sys", "net", "ipv4"] => own(&["ip_forward"]),
        ["sys", "net", "core"] => own(&["somaxconn"]),
        [pid] if pid.parse::<u32>().is_ok() => own(PER_PROCESS),
        [pid, "fd"] => {
            let process = pid.parse().ok().and_then(|pid| find(machines, space, pid));
            process.into_iter().flat_map(|p| p.fds.keys()).map(u32::to_string).collect()
        }
        _ => Vec::new(),
    }
}

/// The process of a PID namespace with this number.
#[must_use]
pub fn find<'a>(machines: &'a Machines, space: &Space, ns_pid: u32) -> Option<&'a Process> {
    machines
        .residents
        .range((space.id, 0)..=(space.id, u32::MAX))
        .filter_map(|r| machines.process(r.1))
        .find(|p| p.ns_pid == ns_pid)
}

/// The name `ps` shows: the program's file name, at most 15 bytes.
#[must_use]
pub fn comm(process: &Process) -> &str {
    let name = process.argv.first().map_or("", |a| crate::filesystem::base_name(a));
    let name = name.trim_start_matches('-').trim_end_matches(':');
    name.get(..15).unwrap_or(name)
}

fn of_process(machines: &Machines, space: &Space, process: &Process, inner: Option<&str>) -> Option<Inode> {
    let Some(inner) = inner else { return Some(directory(0o555)) };
    if let Some(number) = inner.strip_prefix("fd/") {
        return Some(symlink(&describe(machines, process.fds.get(&number.parse::<u32>().ok()?)?)));
    }
    let joined = |parts: &mut dyn Iterator<Item = String>| parts.map(|p| p + "\0").collect::<String>();
    Some(match inner {
        "fd" => directory(0o500),
        "cmdline" => proc_file(joined(&mut process.argv.iter().map(|a| a.to_string()))),
        "comm" => proc_file(format!("{}\n", comm(process))),
        "environ" => {
            let env = machines.in_order(process.pid, &machines.environment_of(process.pid));
            Inode { mode: 0o400, ..proc_file(joined(&mut env.iter().map(|(k, v)| format!("{k}={v}")))) }
        }
        "cwd" => symlink(&process.cwd),
        "root" => symlink("/"),
        "exe" => symlink(process.argv.first()?),
        "cgroup" => proc_file("0::/\n".into()),
        "mounts" => proc_file(mounts(space)),
        "limits" => proc_file(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max processes             unlimited            unlimited            processes \n\
             Max open files            1048576              1048576              files     \n"
                .into(),
        ),
        "stat" => {
            let parent = parent_ns_pid(machines, process);
            let state = state_letter(process);
            proc_file(format!(
                "{} ({}) {state} {parent} {} 0 0 -1 0 0\n",
                process.ns_pid,
                comm(process),
                process.group
            ))
        }
        "status" => {
            let state = state_letter(process);
            let word = match state {
                'R' => "running",
                'T' => "stopped",
                'Z' => "zombie",
                _ => "sleeping",
            };
            let (uid, gid) = (process.uid, process.gid);
            proc_file(format!(
                "Name:\t{}\nUmask:\t{:04o}\nState:\t{state} ({word})\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{}\n\
                 Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{gid}\t{gid}\t{gid}\t{gid}\nThreads:\t1\n",
                comm(process),
                process.umask,
                parent_ns_pid(machines, process),
                pid = process.ns_pid,
            ))
        }
        _ => return None,
    })
}

/// The parent's number as seen from the process' own namespace; 0 from outside.
#[must_use]
pub fn parent_ns_pid(machines: &Machines, process: &Process) -> u32 {
    let parent = machines.process(process.parent).filter(|p| p.space == process.space);
    parent.map_or(0, |p| p.ns_pid)
}

/// R, S, T or Z as `ps` shows it.
#[must_use]
pub fn state_letter(process: &Process) -> char {
    match process.state {
        State::Runnable => 'R',
        State::Waiting | State::Ending(_) => 'S',
        State::Stopped => 'T',
        State::Zombie(_) => 'Z',
    }
}

/// What `/proc/<pid>/fd/<n>` links to.
fn describe(machines: &Machines, fd: &Fd) -> String {
    match fd {
        Fd::Null => "/dev/null".into(),
        Fd::PipeRead(id) | Fd::PipeWrite(id) => format!("pipe:[{}]", 20_000 + id),
        Fd::Tty { tty, .. } => format!("/dev/pts/{}", if *tty < crate::terminal::FIRST { *tty } else { 0 }),
        Fd::Log { error } => format!("pipe:[{}]", 19_000 + u32::from(*error)),
        Fd::File { open } => machines.files.get(open).map_or(String::new(), |f| f.path.to_string()),
    }
}

fn hosts(machines: &Machines, space: &Space) -> String {
    let Some(net) = machines.net(space.net) else { return String::new() };
    let mut text = String::new();
    let pod = machines.is_pod(space);
    if space.is_host() {
        _ = write!(text, "127.0.0.1\tlocalhost\n127.0.1.1\t{}\n", space.hostname);
    } else {
        text.push_str(if pod {
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
        } else {
            "127.0.0.1\tlocalhost\n"
        });
    }
    // The kubelet's file and Docker's differ in their IPv6 lines.
    text.push_str("::1\tlocalhost ip6-localhost ip6-loopback\n");
    text.push_str(if pod {
        "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
    } else {
        "fe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
    });
    // The kubelet's own line comes first, Docker's after what was asked for.
    let own = |text: &mut String| {
        for ip in [net.address].iter().chain(&*net.others).filter(|ip| **ip != Ip::default()) {
            _ = writeln!(text, "{ip}\t{}", space.hostname);
        }
    };
    if pod {
        own(&mut text);
        if !net.hosts.is_empty() {
            text.push_str("\n# Entries added by HostAliases.\n");
        }
    }
    let mut hosts = net.hosts.iter().peekable();
    while let Some((ip, name)) = hosts.next() {
        _ = write!(text, "{ip}\t{name}");
        while let Some((_, name)) = hosts.next_if(|next| next.0 == *ip) {
            _ = write!(text, "{}{name}", if pod { '\t' } else { ' ' });
        }
        text.push('\n');
    }
    if !pod && !space.is_host() {
        own(&mut text);
    }
    text
}

fn resolv_conf(machines: &Machines, space: &Space) -> String {
    let Some(net) = machines.net(space.net) else { return String::new() };
    let mut text = String::new();
    let resolver = &net.resolver;
    let of_docker = !space.is_host() && !machines.is_pod(space);
    if of_docker {
        text.push_str(
            "# Generated by Docker Engine.\n# This file can be edited; Docker Engine will not make further changes once it\n\
             # has been modified.\n\n",
        );
        _ = writeln!(text, "nameserver {}", resolver.nameserver);
    }
    if !resolver.search.is_empty() {
        _ = writeln!(text, "search {}", resolver.search.join(" "));
    }
    if !of_docker {
        _ = writeln!(text, "nameserver {}", resolver.nameserver);
        if resolver.ndots > 1 {
            _ = writeln!(text, "options ndots:{}", resolver.ndots);
        }
        return text;
    }
    if resolver.scope != Ip::default() {
        let above = crate::host::NAME_SERVER;
        _ = write!(
            text,
            "options ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n\
             # ExtServers: [host({above})]\n# Overrides: []\n# Option ndots from: internal\n"
        );
    } else {
        text.push_str("\n# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n");
    }
    text
}

fn cpuinfo(machines: &Machines, space: &Space) -> String {
    let cpus = machines.host_size(space.host).0;
    (0..cpus)
        .map(|n| {
            format!(
                "processor\t: {n}\nvendor_id\t: GenuineIntel\nmodel name\t: Drydock Virtual CPU @ 2.40GHz\n\
                 cpu MHz\t\t: 2400.000\ncache size\t: 16384 KB\ncpu cores\t: {cpus}\n\n"
            )
        })
        .collect()
}

fn meminfo(machines: &Machines, space: &Space) -> String {
    let total = machines.host_size(space.host).1 / 1024;
    let (free, available, cached) = (total / 2, total / 4 * 3, total / 5);
    [
        ("MemTotal", total),
        ("MemFree", free),
        ("MemAvailable", available),
        ("Buffers", total / 50),
        ("Cached", cached),
        ("SwapTotal", 0),
        ("SwapFree", 0),
    ]
    .iter()
    .map(|(name, kb)| format!("{:<15} {kb:>8} kB\n", format!("{name}:")))
    .collect()
}

fn mounts(space: &Space) -> String {
    let root = if space.is_host() {
        "/dev/vda1 / ext4 rw,relatime 0 0\n"
    } else {
        "overlay / overlay rw,relatime 0 0\n"
    };
    let mut text = String::from(root);
    text.push_str("proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\ntmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\n");
    for (at, mount) in &*space.mounts {
        _ = writeln!(text, "/dev/vda1 {at} ext4 {},relatime 0 0", if mount.read_only { "ro" } else { "rw" });
    }
    if !space.is_host() {
        for made in MADE {
            _ = writeln!(text, "/dev/vda1 {made} ext4 rw,relatime 0 0");
        }
    }
    text
}

/// Runnable and all processes of a space.
fn load(machines: &Machines, space: &Space) -> (usize, usize) {
    let all = machines.residents.range((space.id, 0)..=(space.id, u32::MAX));
    all.filter_map(|r| machines.process(r.1))
        .fold((0, 0), |(r, a), p| (r + usize::from(p.state == State::Runnable), a + 1))
}

impl Machines {
    /// Variables in the order in which a process' container got them; others after them, by name.
    #[must_use]
    pub fn in_order(&self, pid: u32, env: &imbl::OrdMap<Arc<str>, Arc<str>>) -> Vec<(Arc<str>, Arc<str>)> {
        let config = self.process(pid).and_then(|p| self.space(p.space)).map(|s| s.config.clone());
        let listed: &[Arc<str>] = config.as_ref().map_or(&[], |c| &c.env_order);
        let place = |name: &Arc<str>| listed.iter().position(|n| n == name).unwrap_or(listed.len());
        let mut all: Vec<_> = env.iter().map(|(k, v)| (place(k), k.clone(), v.clone())).collect();
        all.arrange_by_key(|e| e.0);
        all.into_iter().map(|(_, k, v)| (k, v)).collect()
    }
    /// The environment of a process, its implied variables included.
    #[must_use]
    pub fn environment_of(&self, pid: u32) -> imbl::OrdMap<Arc<str>, Arc<str>> {
        let Some(process) = self.process(pid) else { return imbl::OrdMap::new() };
        match self.space(process.space) {
            Some(space) if process.implicit_env => {
                let mut env = process.env.clone();
                env.entry("HOSTNAME".into()).or_insert_with(|| space.hostname.clone());
                env
            }
            _ => process.env.clone(),
        }
    }
}
