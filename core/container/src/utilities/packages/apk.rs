//! apk: Alpine's packages, as apk-tools 2.14 says it. Left out: sources and keys of one's own, pinning.

use super::apk_table::{BASE, TABLE};
use super::{Act, MIRROR, Package, acting, closure, find, table, unpack};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

const WORLD: &str = "/etc/apk/world";
const DATABASE: &str = "/lib/apk/db/installed";

fn lines_of(sys: &mut Sys<'_>, path: &str) -> Vec<String> {
    let text = sys.read_file(path).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    text.lines().filter(|l| !l.is_empty()).map(String::from).collect()
}

/// Names installed beyond the base, and the package that each virtual name (`-t`) stands for.
fn installed(sys: &mut Sys<'_>) -> Vec<String> {
    lines_of(sys, DATABASE)
}

fn branch(sys: &mut Sys<'_>) -> String {
    let version = sys
        .read_file("/etc/alpine-release")
        .map_or(String::new(), |b| String::from_utf8_lossy(&b).trim().to_string());
    match version.rsplit_once('.') {
        Some((release, _)) => format!("v{release}"),
        None => "edge".into(),
    }
}

pub fn apk(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let (mut words, mut quiet, mut virtual_name, mut cached, mut update) =
        (Vec::new(), false, None, true, false);
    let mut given = args.iter().skip(1);
    while let Some(word) = given.next() {
        match &**word {
            "-q" | "--quiet" => quiet = true,
            "--no-cache" => cached = false,
            "-U" | "--update" | "--update-cache" => update = true,
            "-t" | "--virtual" => virtual_name = given.next().cloned(),
            "-X" | "--repository" | "-p" | "--root" | "--wait" => _ = given.next(),
            "--version" | "-V" => {
                sys.print("apk-tools 2.14.9, compiled for x86_64.\n");
                return ended(0);
            }
            word if word.starts_with("--virtual=") => virtual_name = word.split_once('=').map(|w| w.1.into()),
            word if word.starts_with('-') && word.len() > 1 => {}
            _ => words.push(word.clone()),
        }
    }
    let Some(verb) = words.first().cloned() else {
        sys.print(
            "apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n",
        );
        return ended(1);
    };
    let rest: Vec<Arc<str>> = words.into_iter().skip(1).collect();
    let branch = branch(sys);
    let fetch = |always: bool, sys: &mut Sys<'_>| -> Vec<Act> {
        let there = sys.list("/var/cache/apk").is_ok_and(|n| n.iter().any(|n| n.starts_with("APKINDEX")));
        if there && !always {
            return Vec::new();
        }
        ["main", "community"]
            .iter()
            .flat_map(|repository| {
                let text = format!("fetch {MIRROR}/alpine/{branch}/{repository}/x86_64/APKINDEX.tar.gz\n");
                [Act::Print(if quiet { String::new() } else { text }), Act::Pause(350)]
            })
            .collect()
    };
    let keep_index = |acts: &mut Vec<Act>| {
        if cached {
            acts.push(Act::Write("/var/cache/apk/APKINDEX.0.tar.gz".into(), "main\n".into()));
            acts.push(Act::Write("/var/cache/apk/APKINDEX.1.tar.gz".into(), "community\n".into()));
        }
    };
    match &*verb {
        "add" => {
            if !root(sys) {
                return ended(99);
            }
            let mut acts = fetch(update || !cached, sys);
            if update {
                keep_index(&mut acts);
            }
            add(sys, &rest, virtual_name, quiet, acts)
        }
        "update" => {
            if !root(sys) {
                return ended(99);
            }
            let mut acts = fetch(true, sys);
            keep_index(&mut acts);
            acts.push(Act::Print(format!(
                "{branch}.0 [{MIRROR}/alpine/{branch}/main]\n{branch}.0 [{MIRROR}/alpine/{branch}/community]\nOK: {} distinct packages available\n",
                25_400 + table(TABLE).count()
            )));
            acting(acts, 0)
        }
        "upgrade" => {
            let mut acts = fetch(update || !cached, sys);
            acts.push(Act::Print(summary(&installed(sys))));
            acting(acts, 0)
        }
        "del" => {
            if !root(sys) {
                return ended(99);
            }
            delete(sys, &rest)
        }
        "info" => info(sys, &rest, &args),
        "list" => {
            let there = installed(sys);
            let only = args.iter().any(|a| matches!(&**a, "-I" | "--installed"));
            let rows: String = table(TABLE)
                .filter(|p| rest.is_empty() || rest.iter().any(|r| p.name.contains(r.trim_matches('*'))))
                .filter(|p| !only || there.iter().any(|t| t == p.name))
                .map(|p| {
                    let mark = if there.iter().any(|t| t == p.name) { " [installed]" } else { "" };
                    format!("{}-{} x86_64 {{{}}} (MIT){mark}\n", p.name, p.version, p.name)
                })
                .collect();
            sys.print(&rows);
            ended(0)
        }
        "search" => {
            let acts = fetch(!cached, sys);
            let rows: String = table(TABLE)
                .filter(|p| rest.is_empty() || rest.iter().any(|r| p.name.contains(r.trim_matches('*'))))
                .map(|p| format!("{}-{}\n", p.name, p.version))
                .collect();
            acting(acts.into_iter().chain([Act::Print(rows)]).collect(), 0)
        }
        "cache" | "fix" | "verify" | "audit" => ended(0),
        "--print-arch" => {
            sys.print("x86_64\n");
            ended(0)
        }
        other => {
            sys.eprint(&format!("ERROR: '{other}' is not an apk command. See 'apk --help'.\n"));
            ended(1)
        }
    }
}

fn root(sys: &mut Sys<'_>) -> bool {
    super::must_be_root(
        sys,
        "ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n",
    )
}

fn summary(there: &[String]) -> String {
    let kb: u64 = there.iter().filter_map(|t| find(TABLE, t)).map(|p| p.kb).sum();
    format!(
        "OK: {} MiB in {} packages\n",
        8 + kb / 1024,
        BASE.len() + there.iter().filter(|t| !t.starts_with('.')).count()
    )
}

/// The name and what may be said about its version: `curl=8.1`, `nodejs>18`, `git@edge`.
fn bare(word: &str) -> (&str, Option<&str>) {
    let end = word.find(['=', '<', '>', '~', '@']).unwrap_or(word.len());
    let (name, rest) = word.split_at(end);
    (name, rest.strip_prefix('='))
}

fn add(
    sys: &mut Sys<'_>,
    rest: &[Arc<str>],
    virtual_name: Option<Arc<str>>,
    quiet: bool,
    mut acts: Vec<Act>,
) -> Box<dyn crate::Machine> {
    let there = installed(sys);
    let mut world = lines_of(sys, WORLD);
    let (mut wanted, mut failed) = (Vec::new(), String::new());
    for word in rest {
        let (name, version) = bare(word);
        if BASE.contains(&name) {
            continue;
        }
        match find(TABLE, name) {
            Some(package) if version.is_none_or(|v| v == package.version) => wanted.push(package),
            Some(package) => {
                failed.push_str(&format!("  {name}-{}:\n    breaks: world[{word}]\n", package.version))
            }
            None => {
                failed.push_str(&format!("  {name} (no such package):\n    required by: world[{word}]\n"))
            }
        }
    }
    if !failed.is_empty() {
        acts.push(Act::Complain(format!("ERROR: unable to select packages:\n{failed}")));
        return acting(acts, failed.matches("required by").count().max(1) as i32);
    }
    let all = closure(TABLE, &wanted, false, &|name| there.iter().any(|t| t == name));
    let many = all.len() + usize::from(virtual_name.is_some());
    let mut database = there.clone();
    for (n, package) in all.iter().enumerate() {
        if !quiet {
            acts.push(Act::Print(format!(
                "({}/{many}) Installing {} ({})\n",
                n + 1,
                package.name,
                package.version
            )));
        }
        acts.push(Act::Pause(30 + package.kb / 60));
        unpack(package, &mut acts);
        if package.name == "nginx" {
            super::files::of("nginx-alpine")
                .iter()
                .for_each(|(path, text)| acts.push(Act::Write((*path).into(), (*text).into())));
        }
        database.push(package.name.into());
    }
    match &virtual_name {
        Some(name) => {
            if !quiet {
                let stamp = crate::utilities::date::format(sys.unix(), "%Y%m%d.%H%M%S");
                acts.push(Act::Print(format!("({many}/{many}) Installing {name} ({stamp})\n")));
            }
            let names: Vec<&str> = rest.iter().map(|r| &**r).collect();
            world.retain(|w| !w.starts_with(&format!("{name}=")));
            world.push(format!("{name}={}", names.join(",")));
        }
        None => {
            for word in rest {
                if !world.iter().any(|w| **w == **word) {
                    world.push(word.to_string());
                }
            }
        }
    }
    if !quiet && many > 0 {
        acts.push(Act::Print("Executing busybox-1.37.0-r18.trigger\n".into()));
        if all.iter().any(|p| p.name.starts_with("ca-certificates") && !p.name.ends_with("bundle")) {
            acts.push(Act::Print("Executing ca-certificates-20250911-r0.trigger\n".into()));
        }
    }
    acts.push(Act::Write(DATABASE.into(), database.iter().map(|d| format!("{d}\n")).collect()));
    acts.push(Act::Write(WORLD.into(), world.iter().map(|d| format!("{d}\n")).collect()));
    if !quiet {
        acts.push(Act::Print(summary(&database)));
    }
    acting(acts, 0)
}

fn delete(sys: &mut Sys<'_>, rest: &[Arc<str>]) -> Box<dyn crate::Machine> {
    let there = installed(sys);
    let mut world = lines_of(sys, WORLD);
    let mut acts = Vec::new();
    for name in rest {
        let is_it = |w: &String| bare(w).0 == &**name;
        if !world.iter().any(is_it) && !there.iter().any(|t| **t == **name) {
            let text = format!(
                "World updated, but the following packages are not removed due to:\n  {name}: (not installed)\n"
            );
            acts.push(Act::Complain(text));
        }
        world.retain(|w| !is_it(w));
    }
    let roots: Vec<Package> = world
        .iter()
        .flat_map(|w| match w.split_once('=') {
            Some((_, names)) if w.starts_with('.') || names.contains(',') => names.split(',').collect(),
            _ => vec![bare(w).0],
        })
        .filter_map(|n| find(TABLE, n))
        .collect();
    let stay = closure(TABLE, &roots, false, &|_| false);
    let gone: Vec<Package> = there
        .iter()
        .rev()
        .filter(|t| !stay.iter().any(|s| s.name == **t))
        .filter_map(|t| find(TABLE, t))
        .collect();
    for (n, package) in gone.iter().enumerate() {
        acts.push(Act::Print(format!(
            "({}/{}) Purging {} ({})\n",
            n + 1,
            gone.len(),
            package.name,
            package.version
        )));
        acts.push(Act::Pause(15));
        acts.extend(package.programs().map(|p| Act::Remove(p.0)));
    }
    let kept: Vec<String> = there.into_iter().filter(|t| !gone.iter().any(|g| g.name == t)).collect();
    acts.push(Act::Print("Executing busybox-1.37.0-r18.trigger\n".into()));
    acts.push(Act::Write(DATABASE.into(), kept.iter().map(|d| format!("{d}\n")).collect()));
    acts.push(Act::Write(WORLD.into(), world.iter().map(|d| format!("{d}\n")).collect()));
    acts.push(Act::Print(summary(&kept)));
    acting(acts, 0)
}

fn info(sys: &mut Sys<'_>, rest: &[Arc<str>], args: &[Arc<str>]) -> Box<dyn crate::Machine> {
    let there = installed(sys);
    let has = |name: &str| BASE.contains(&name) || there.iter().any(|t| t == name);
    if rest.is_empty() {
        let mut names: Vec<&str> = BASE.into_iter().chain(there.iter().map(String::as_str)).collect();
        names.arrange();
        sys.print(&names.iter().map(|n| format!("{n}\n")).collect::<String>());
        return ended(0);
    }
    if args.iter().any(|a| matches!(&**a, "-e" | "--installed")) {
        let found: Vec<&Arc<str>> = rest.iter().filter(|r| has(r)).collect();
        sys.print(&found.iter().map(|n| format!("{n}\n")).collect::<String>());
        return ended(i32::from(found.len() < rest.len()));
    }
    for name in rest {
        if let Some(p) = find(TABLE, name) {
            let about = p.programs().find_map(|(_, n)| sys.machines.programs.find(n)).map_or("", |p| p.about);
            sys.print(&format!(
                "{0}-{1} description:\n{about}\n\n{0}-{1} webpage:\n{MIRROR}/\n\n{0}-{1} installed size:\n{2} KiB\n\n",
                p.name, p.version, p.kb
            ));
        }
    }
    ended(0)
}
