//! apt install: what comes along, what is asked, and the words of apt and dpkg while it is done.

use super::apt::{DPKG_LOCK, READING, Request, STATUS, installed, listing, lists, release, size, suites};
use super::apt_table::{BASE, TABLE};
use super::{Act, Package, acting, closure, find, must_be_root, unpack};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use drydock_machinery::sort::Arrange;

pub(super) fn install(sys: &mut Sys<'_>, request: &Request) -> Box<dyn crate::Machine> {
    if !must_be_root(sys, DPKG_LOCK) {
        return ended(100);
    }
    let known = lists(sys);
    let there = installed(sys);
    let has = |name: &str| {
        there.iter().any(|t| t == name) || (find(TABLE, name).is_none() && find(BASE, name).is_some())
    };
    let quiet = request.quiet >= 2;
    let mut text = if quiet { String::new() } else { READING.to_string() };
    let (mut wanted, mut failed) = (Vec::new(), String::new());
    for word in request.words.iter().skip(1) {
        if word.starts_with("./") || word.starts_with('/') || word.ends_with(".deb") {
            failed.push_str(&format!("E: Unsupported file {word} given on commandline\n"));
            continue;
        }
        let name = word.split(['=', '/', ':']).next().unwrap_or("").trim_end_matches('+');
        let found = find(TABLE, name).filter(|_| known || has(name));
        match found.or_else(|| find(BASE, name)) {
            None => failed.push_str(&format!("E: Unable to locate package {name}\n")),
            Some(package) => {
                let version = word.split_once('=').map_or("", |v| v.1);
                let fits = version.is_empty()
                    || version == package.version
                    || version.strip_suffix('*').is_some_and(|v| package.version.starts_with(v));
                if !fits {
                    failed.push_str(&format!("E: Version '{version}' for '{name}' was not found\n"));
                } else if has(name) {
                    let version = package.version;
                    if !quiet {
                        text.push_str(&format!("{name} is already the newest version ({version}).\n"));
                    }
                } else {
                    wanted.push(package);
                }
            }
        }
    }
    sys.print(&text);
    if !failed.is_empty() {
        sys.eprint(&failed);
        return ended(100);
    }
    let order = closure(TABLE, &wanted, request.recommended, &has);
    let mut all = order.clone();
    all.arrange_by_key(|p| p.name);
    acting(installing(sys, request, &wanted, (&all, &order), &there), 0)
}

fn installing(
    sys: &mut Sys<'_>,
    request: &Request,
    wanted: &[Package],
    (all, order): (&[Package], &[Package]),
    there: &[String],
) -> Vec<Act> {
    let quiet = request.quiet >= 2;
    let mut acts = Vec::new();
    let mut text = String::new();
    let extra: Vec<&str> =
        all.iter().map(|p| p.name).filter(|n| !wanted.iter().any(|w| w.name == *n)).collect();
    if !extra.is_empty() {
        text.push_str(&listing("The following additional packages will be installed:", &extra));
    }
    if !request.recommended {
        let recommended: Vec<&str> =
            all.iter().flat_map(|p| p.needs().filter(|n| n.1).map(|n| n.0)).collect();
        if !recommended.is_empty() {
            text.push_str(&listing("Recommended packages:", &recommended));
        }
    }
    if !all.is_empty() {
        let names: Vec<&str> = all.iter().map(|p| p.name).collect();
        text.push_str(&listing("The following NEW packages will be installed:", &names));
    }
    let new = all.len();
    text.push_str(&format!("0 upgraded, {new} newly installed, 0 to remove and 0 not upgraded.\n"));
    let kb: u64 = all.iter().map(|p| p.kb).sum();
    if new > 0 {
        text.push_str(&format!("Need to get {} of archives.\n", size(kb)));
        let disk = size(kb * 3);
        text.push_str(&format!("After this operation, {disk} of additional disk space will be used.\n"));
    }
    if !quiet {
        acts.push(Act::Print(text));
    }
    if new == 0 || request.simulate {
        if request.simulate {
            let lines = |what: &str| {
                all.iter().map(|p| format!("{what} {} ({})\n", p.name, p.version)).collect::<String>()
            };
            acts.push(Act::Print(lines("Inst") + &lines("Conf")));
        }
        return acts;
    }
    if !request.yes && !extra.is_empty() {
        acts.push(Act::Ask("Do you want to continue? [Y/n] ".into(), "Abort.\n".into(), 1));
    }
    let (id, code) = release(sys);
    let (url, _) = suites(&id, &code);
    for (n, package) in all.iter().enumerate() {
        let Package { name, version, kb, .. } = package;
        if !quiet {
            let text = format!("Get:{} {url} {code}/main amd64 {name} amd64 {version} [{kb} kB]\n", n + 1);
            acts.push(Act::Print(text));
        }
        acts.push(Act::Pause(20 + kb / 20));
    }
    if !quiet {
        let seconds = (kb / 12_000).max(1);
        acts.push(Act::Print(format!("Fetched {} in {seconds}s ({} kB/s)\n", size(kb), kb / seconds)));
    }
    if request.only_download {
        acts.push(Act::Print("Download complete and in download only mode\n".into()));
        return acts;
    }
    acts.push(Act::Complain(
        "debconf: delaying package configuration, since apt-utils is not installed\n".into(),
    ));
    let files = 6_090 + there.len() * 40;
    for (n, package) in all.iter().enumerate() {
        let Package { name, version, .. } = package;
        acts.push(Act::Print(format!("Selecting previously unselected package {name}.\n")));
        if n == 0 {
            acts.push(Act::Print(format!(
                "(Reading database ... {files} files and directories currently installed.)\n"
            )));
        }
        let file = version.replace(':', "%3a");
        let stem = if all.len() > 9 {
            format!("{n:02}-")
        } else if all.len() > 1 {
            format!("{n}-")
        } else {
            String::new()
        };
        acts.push(Act::Print(format!(
            "Preparing to unpack .../{stem}{name}_{file}_amd64.deb ...\nUnpacking {name} ({version}) ...\n"
        )));
        acts.push(Act::Pause(40));
        unpack(package, &mut acts);
    }
    let mut status =
        sys.read_file(STATUS).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    for package in order {
        let Package { name, version, kb, .. } = package;
        acts.push(Act::Print(format!("Setting up {name} ({version}) ...\n")));
        if *name == "ca-certificates" {
            acts.push(Act::Print(
                "Updating certificates in /etc/ssl/certs...\n140 added, 0 removed; done.\n".into(),
            ));
        }
        let by_hand = if wanted.iter().any(|w| w.name == *name) { "" } else { "Auto-Installed: 1\n" };
        status.push_str(&format!(
            "Package: {name}\nStatus: install ok installed\n{by_hand}Installed-Size: {}\nArchitecture: amd64\nVersion: {version}\n\n",
            kb * 3
        ));
    }
    acts.push(Act::Write(STATUS.into(), status));
    acts.push(Act::Print("Processing triggers for libc-bin (2.36-9+deb12u13) ...\n".into()));
    acts
}
