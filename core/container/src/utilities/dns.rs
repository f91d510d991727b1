//! Asking for names: nslookup, host, dig, getent.

use super::support::{Flavor, flavor, usage};
use crate::sys::Sys;
use drydock_network::address::Ip;
use std::sync::Arc;

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

/// Whose records are asked: in a container network each container's own.
fn asked(sys: &Sys<'_>, server: Ip) -> Ip {
    let net = sys.process().and_then(|p| sys.machines.space(p.space)).and_then(|s| sys.machines.net(s.net));
    net.map(|n| n.resolver.scope).filter(|scope| *scope != Ip::default()).unwrap_or(server)
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
    let found = if search { dns(sys, &name) } else { sys.machines.dns.absolute(asked(sys, server), &name) };
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
