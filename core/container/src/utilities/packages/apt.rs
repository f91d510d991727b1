//! apt-get and apt: update, install, remove and what goes with them, as apt 2.6 says it when its output is
//! no terminal. Left out: pinning, sources of one's own, configuration questions, real signatures.

use super::apt_table::{BASE, TABLE};
use super::{Act, MIRROR, Package, acting, closure, find, must_be_root, table, unpack};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use crate::utilities::support::own_name;
use std::sync::Arc;

pub(super) const STATUS: &str = "/var/lib/dpkg/status";
const LISTS: &str = "/var/lib/apt/lists";

/// Distribution and code name.
pub(super) fn release(sys: &mut Sys<'_>) -> (String, String) {
    let text =
        sys.read_file("/etc/os-release").map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let field = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or("").trim_matches('"').to_string()
    };
    (field("ID"), field("VERSION_CODENAME"))
}

/// Names of packages installed beyond the base, in order of installation.
pub(super) fn installed(sys: &mut Sys<'_>) -> Vec<String> {
    let text = sys.read_file(STATUS).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    text.lines().filter_map(|l| l.strip_prefix("Package: ")).map(String::from).collect()
}

/// `315 kB`, `12.3 MB`: apt's sizes.
pub(super) fn size(kb: u64) -> String {
    match kb {
        0..10_000 => format!("{kb} kB"),
        10_000..100_000 => format!("{:.1} MB", kb as f64 / 1000.0),
        _ => format!("{} MB", kb / 1000),
    }
}

struct Request {
    words: Vec<Arc<str>>,
    yes: bool,
    quiet: u8,
    recommended: bool,
    simulate: bool,
    only_download: bool,
    purge: bool,
}

pub fn apt(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let own = own_name(sys);
    let mut request = Request {
        words: Vec::new(),
        yes: false,
        quiet: 0,
        recommended: true,
        simulate: false,
        only_download: false,
        purge: false,
    };
    let args = sys.args();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "-y" | "--yes" | "--assume-yes" | "--force-yes" => request.yes = true,
            "-q" | "--quiet" => request.quiet = request.quiet.max(1),
            "-qq" | "-q=2" => (request.quiet, request.yes) = (2, true),
            "-yq" | "-qy" => (request.quiet, request.yes) = (request.quiet.max(1), true),
            "-yqq" | "-qqy" => (request.quiet, request.yes) = (2, true),
            "--no-install-recommends" => request.recommended = false,
            "-s" | "--simulate" | "--dry-run" => request.simulate = true,
            "-d" | "--download-only" => request.only_download = true,
            "--purge" => request.purge = true,
            "-o" | "-t" | "-c" => _ = words.next(),
            "-v" | "--version" => {
                sys.print("apt 2.6.1 (amd64)\n");
                return ended(0);
            }
            "-h" | "--help" => request.words.insert(0, "help".into()),
            word if word.starts_with("-o") || word.starts_with("--") => {
                const KNOWN: [&str; 12] = [
                    "--allow",
                    "--no-",
                    "--fix",
                    "--ignore",
                    "--only",
                    "--reinstall",
                    "--auto",
                    "--target",
                    "--default",
                    "--show",
                    "--installed",
                    "--upgradable",
                ];
                let known = word.starts_with("-o") || KNOWN.iter().any(|k| word.starts_with(k));
                if matches!(word, "--installed" | "--upgradable") {
                    request.words.push(word.into());
                } else if !known {
                    sys.eprint(&format!("E: Command line option {word} is not understood\n"));
                    return ended(100);
                }
            }
            "-f" | "-m" | "-u" | "-V" | "-b" => {}
            word if word.starts_with('-') && word.len() > 1 => {
                let letter = word.chars().nth(1).unwrap_or('-');
                sys.eprint(&format!(
                    "E: Command line option '{letter}' [from {word}] is not understood in combination with the other options.\n"
                ));
                return ended(100);
            }
            _ => request.words.push(word.clone()),
        }
    }
    if own == "apt" && !sys.is_tty(1) {
        sys.eprint("\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n");
    }
    let Some(verb) = request.words.first().cloned() else {
        sys.print(&format!(
            "apt 2.6.1 (amd64)\nUsage: {own} [options] command\n       {own} [options] install|remove pkg1 [pkg2 ...]\n"
        ));
        return ended(u8::from(own == "apt").into());
    };
    match &*verb {
        "update" => update(sys, &request),
        "install" | "reinstall" => install(sys, &request),
        "remove" | "purge" | "autoremove" | "autopurge" => remove(sys, &request, &verb),
        "upgrade" | "dist-upgrade" | "full-upgrade" => upgrade(sys),
        "clean" | "autoclean" | "check" => ended(0),
        "list" | "search" | "show" | "policy" | "madison" | "depends" => {
            super::apt_query::query(sys, &own, &request.words)
        }
        "help" => {
            sys.print(&format!(
                "apt 2.6.1 (amd64)\nUsage: {own} [options] command\n\nMost used commands:\n  update - Retrieve new lists of packages\n  upgrade - Perform an upgrade\n  install - Install new packages\n  remove - Remove packages\n  purge - Remove packages and config files\n  autoremove - Remove automatically all unused packages\n  clean - Erase downloaded archive files\n"
            ));
            ended(0)
        }
        other => {
            sys.eprint(&format!("E: Invalid operation {other}\n"));
            ended(100)
        }
    }
}

/// The lists' parts: suite, kilobytes of its release file and of its index.
fn suites(id: &str, code: &str) -> (String, Vec<(String, u64, u64)>) {
    let sizes = [(151, 8793), (55, 7), (48, 276)];
    let (base, names) = if id == "ubuntu" {
        ("ubuntu", vec![code.to_string(), format!("{code}-updates"), format!("{code}-security")])
    } else {
        ("debian", vec![code.to_string(), format!("{code}-updates"), format!("{code}-security")])
    };
    let all = names.into_iter().zip(sizes).map(|(n, (a, b))| (n, a, b)).collect();
    (format!("{MIRROR}/{base}"), all)
}

fn update(sys: &mut Sys<'_>, request: &Request) -> Box<dyn crate::Machine> {
    const LOCK: &str = "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\n\
        E: Unable to lock directory /var/lib/apt/lists/\n";
    if !must_be_root(sys, LOCK) {
        return ended(100);
    }
    let (id, code) = release(sys);
    let (url, suites) = suites(&id, &code);
    let known = lists(sys);
    let mut acts = Vec::new();
    let (mut number, mut kb) = (1, 0);
    let mut say = |text: String| {
        if request.quiet < 2 {
            acts.push(Act::Print(text));
        }
        acts.push(Act::Pause(180));
    };
    for (suite, own, _) in &suites {
        if known {
            say(format!("Hit:{number} {url} {suite} InRelease\n"));
        } else {
            say(format!("Get:{number} {url} {suite} InRelease [{own} kB]\n"));
            kb += own;
        }
        number += 1;
    }
    if !known {
        for (suite, _, index) in &suites {
            say(format!("Get:{number} {url} {suite}/main amd64 Packages [{index} kB]\n"));
            kb += index;
            number += 1;
        }
        let seconds = 2;
        say(format!("Fetched {} in {seconds}s ({} kB/s)\n", size(kb), kb / seconds));
    }
    for (suite, _, _) in &suites {
        let host = url.trim_start_matches("http://").replace('/', "_");
        acts.push(Act::Write(
            format!("{LISTS}/{host}_dists_{suite}_main_binary-amd64_Packages"),
            format!("Suite: {suite}\n"),
        ));
    }
    if request.quiet < 2 {
        acts.push(Act::Print("Reading package lists...\n".into()));
        if own_name(sys) == "apt" {
            acts.push(Act::Print(
                "Building dependency tree...\nReading state information...\nAll packages are up to date.\n"
                    .into(),
            ));
        }
    }
    acting(acts, 0)
}

/// Whether package lists are there.
pub(super) fn lists(sys: &mut Sys<'_>) -> bool {
    sys.list(LISTS).is_ok_and(|names| names.iter().any(|n| n.ends_with("_Packages")))
}

const READING: &str = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";
const DPKG_LOCK: &str = "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n\
    E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n";

/// Names as apt lists them: indented lines of at most 79 columns.
fn listing(title: &str, names: &[&str]) -> String {
    let mut out = format!("{title}\n");
    let mut line = String::from(" ");
    for name in names {
        if line.len() + name.len() + 1 > 79 {
            out.push_str(&line);
            out.push('\n');
            line = " ".into();
        }
        line.push(' ');
        line.push_str(name);
    }
    out + &line + "\n"
}

fn install(sys: &mut Sys<'_>, request: &Request) -> Box<dyn crate::Machine> {
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
    all.sort_by_key(|p| p.name);
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

fn remove(sys: &mut Sys<'_>, request: &Request, verb: &str) -> Box<dyn crate::Machine> {
    if !must_be_root(sys, DPKG_LOCK) {
        return ended(100);
    }
    let there = installed(sys);
    let text = sys.read_file(STATUS).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let entries: Vec<&str> = text.split("\n\n").filter(|e| !e.trim().is_empty()).collect();
    let name_of =
        |entry: &str| entry.lines().find_map(|l| l.strip_prefix("Package: ")).unwrap_or("").to_string();
    let mut out = READING.to_string();
    let mut gone: Vec<String> = Vec::new();
    for word in request.words.iter().skip(1) {
        if there.iter().any(|t| **t == **word) {
            gone.push(word.to_string());
        } else if find(TABLE, word).is_some() {
            out.push_str(&format!("Package '{word}' is not installed, so not removed\n"));
        } else if find(BASE, word).is_some() {
            sys.print(READING);
            sys.eprint("E: Removing essential system-critical packages is not permitted. This might break the system.\n");
            return ended(100);
        } else {
            sys.print(READING);
            sys.eprint(&format!("E: Unable to locate package {word}\n"));
            return ended(100);
        }
    }
    let auto = |name: &str| entries.iter().any(|e| name_of(e) == name && e.contains("Auto-Installed: 1"));
    // What came along and nothing that stays needs any more.
    let mut unneeded: Vec<String> = Vec::new();
    loop {
        let stays: Vec<&String> =
            there.iter().filter(|t| !gone.contains(t) && !unneeded.contains(t)).collect();
        let more = stays.iter().find(|t| {
            auto(t) && !stays.iter().any(|s| find(TABLE, s).is_some_and(|p| p.needs().any(|n| n.0 == ***t)))
        });
        match more {
            Some(name) => unneeded.push((*name).clone()),
            None => break,
        }
    }
    if verb.starts_with("auto") || request.words.iter().any(|w| &**w == "--auto-remove") {
        gone.append(&mut unneeded);
    }
    gone.sort();
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    if !unneeded.is_empty() {
        unneeded.sort();
        let names: Vec<&str> = unneeded.iter().map(String::as_str).collect();
        let them = if names.len() == 1 { ("package was", "it") } else { ("packages were", "them") };
        out.push_str(&listing(
            &format!(
                "The following {} automatically installed and {} no longer required:",
                them.0,
                if names.len() == 1 { "is" } else { "are" }
            ),
            &names,
        ));
        out.push_str(&format!("Use 'apt autoremove' to remove {}.\n", them.1));
    }
    if !names.is_empty() {
        let purging = verb.ends_with("purge") || request.purge;
        let shown: Vec<String> =
            names.iter().map(|n| if purging { format!("{n}*") } else { (*n).to_string() }).collect();
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        out.push_str(&listing("The following packages will be REMOVED:", &shown));
    }
    out.push_str(&format!("0 upgraded, 0 newly installed, {} to remove and 0 not upgraded.\n", names.len()));
    let packages: Vec<Package> = table(TABLE).filter(|p| names.contains(&p.name)).collect();
    if !packages.is_empty() {
        let freed = size(packages.iter().map(|p| p.kb * 3).sum());
        out.push_str(&format!("After this operation, {freed} disk space will be freed.\n"));
    }
    let mut acts = vec![Act::Print(if request.quiet >= 2 { String::new() } else { out })];
    if !request.yes && !packages.is_empty() {
        acts.push(Act::Ask("Do you want to continue? [Y/n] ".into(), "Abort.\n".into(), 1));
    }
    for package in &packages {
        acts.push(Act::Print(format!("Removing {} ({}) ...\n", package.name, package.version)));
        acts.push(Act::Pause(40));
        acts.extend(package.programs().map(|p| Act::Remove(p.0)));
    }
    let kept: String = entries
        .iter()
        .filter(|e| !gone.contains(&name_of(e)))
        .map(|e| format!("{}\n\n", e.trim_end()))
        .collect();
    acts.push(Act::Write(STATUS.into(), kept));
    acting(acts, 0)
}

fn upgrade(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    if !must_be_root(sys, DPKG_LOCK) {
        return ended(100);
    }
    sys.print(READING);
    sys.print("Calculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
    ended(0)
}
