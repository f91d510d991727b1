//! apt remove, purge, autoremove and upgrade: what goes and what is then no longer needed.

use super::apt::{DPKG_LOCK, READING, Request, STATUS, installed, listing, size};
use super::apt_table::{BASE, TABLE};
use super::{Act, Package, acting, find, must_be_root, table};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use drydock_machinery::sort::Arrange;

pub(super) fn remove(sys: &mut Sys<'_>, request: &Request, verb: &str) -> Box<dyn crate::Machine> {
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
    gone.arrange();
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    if !unneeded.is_empty() {
        unneeded.arrange();
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

pub(super) fn upgrade(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    if !must_be_root(sys, DPKG_LOCK) {
        return ended(100);
    }
    sys.print(READING);
    sys.print("Calculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
    ended(0)
}
