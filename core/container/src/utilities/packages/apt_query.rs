//! Questions to apt and apt-cache: list, search, show, policy.

use super::apt::{installed, lists, release};
use super::apt_table::{BASE, TABLE};
use super::{Package, find, table};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// `apt-cache`
pub fn cache(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let words: Vec<Arc<str>> = sys.args().iter().skip(1).filter(|w| !w.starts_with('-')).cloned().collect();
    if words.is_empty() {
        sys.print("apt 2.6.1 (amd64)\nUsage: apt-cache [options] command\n       apt-cache [options] show pkg1 [pkg2 ...]\n");
        return ended(1);
    }
    query(sys, "apt-cache", &words)
}

/// What a package is, from its name and what it brings.
fn about(sys: &Sys<'_>, package: &Package) -> String {
    let known = package.programs().find_map(|(_, name)| sys.machines.programs.find(name));
    known.map_or_else(|| format!("{} for Debian", package.name), |p| p.about.to_string())
}

pub(super) fn query(sys: &mut Sys<'_>, own: &str, words: &[Arc<str>]) -> Box<dyn crate::Machine> {
    let verb = words.first().map_or("", |w| w).to_string();
    let (_, code) = release(sys);
    let known = lists(sys);
    let there = installed(sys);
    let has = |name: &str| there.iter().any(|t| t == name) || find(BASE, name).is_some();
    let all: Vec<Package> = table(TABLE).filter(|p| known || has(p.name)).chain(table(BASE)).collect();
    let asked: Vec<&Arc<str>> = words.iter().skip(1).filter(|w| !w.starts_with('-')).collect();
    let mut out = String::new();
    let mut errors = String::new();
    match verb.as_str() {
        "list" => {
            sys.print("Listing...\n");
            let only = words.iter().any(|w| &**w == "--installed");
            if words.iter().any(|w| &**w == "--upgradable") {
                return ended(0);
            }
            let mut rows: Vec<&Package> = all.iter().collect();
            rows.arrange_by_key(|p| p.name);
            for p in rows {
                let wanted = asked.is_empty() || asked.iter().any(|a| glob(a, p.name));
                let mark = match (has(p.name), there.iter().any(|t| t == p.name)) {
                    (true, true) => " [installed]",
                    (true, false) => " [installed,local]",
                    _ => "",
                };
                if wanted && (!only || !mark.is_empty()) {
                    let suite = if mark == " [installed,local]" { "now" } else { &*code };
                    out.push_str(&format!("{}/{suite} {} amd64{mark}\n", p.name, p.version));
                }
            }
        }
        "search" => {
            for p in &all {
                let text = about(sys, p);
                if asked
                    .iter()
                    .all(|a| p.name.contains(&***a) || text.to_lowercase().contains(&a.to_lowercase()))
                {
                    out.push_str(&if own == "apt" {
                        format!("{}/{code} {} amd64\n  {text}\n\n", p.name, p.version)
                    } else {
                        format!("{} - {text}\n", p.name)
                    });
                }
            }
            if own == "apt" {
                out.insert_str(0, "Sorting...\nFull Text Search...\n");
            }
        }
        "show" | "depends" => {
            for name in &asked {
                match all.iter().find(|p| p.name == &***name) {
                    None => errors.push_str(&format!("N: Unable to locate package {name}\n")),
                    Some(p) => {
                        let needs: Vec<&str> = p.needs().filter(|n| !n.1).map(|n| n.0).collect();
                        out.push_str(&format!(
                            "Package: {}\nVersion: {}\nPriority: optional\nInstalled-Size: {} kB\n{}Download-Size: {} kB\nAPT-Sources: {}/debian {code}/main amd64 Packages\nDescription: {}\n\n",
                            p.name,
                            p.version,
                            p.kb * 3,
                            if needs.is_empty() { String::new() } else { format!("Depends: {}\n", needs.join(", ")) },
                            p.kb,
                            super::MIRROR,
                            about(sys, p)
                        ));
                    }
                }
            }
            if !errors.is_empty() {
                errors.push_str("E: No packages found\n");
            }
        }
        "policy" | "madison" => {
            for name in &asked {
                match all.iter().find(|p| p.name == &***name) {
                    None => errors.push_str(&format!("N: Unable to locate package {name}\n")),
                    Some(p) if verb == "madison" => out.push_str(&format!(
                        "{:>10} | {} | {}/debian {code}/main amd64 Packages\n",
                        p.name,
                        p.version,
                        super::MIRROR
                    )),
                    Some(p) => {
                        let own = if has(p.name) { p.version } else { "(none)" };
                        let star = if has(p.name) { "***" } else { "   " };
                        out.push_str(&format!(
                            "{}:\n  Installed: {own}\n  Candidate: {}\n  Version table:\n {star} {} 500\n        500 {}/debian {code}/main amd64 Packages\n",
                            p.name,
                            p.version,
                            p.version,
                            super::MIRROR
                        ));
                    }
                }
            }
        }
        other => {
            sys.eprint(&format!("E: Invalid operation {other}\n"));
            return ended(100);
        }
    }
    sys.print(&out);
    sys.eprint(&errors);
    ended(if errors.contains("E: ") { 100 } else { 0 })
}

/// A name with `*` at its ends.
fn glob(pattern: &str, name: &str) -> bool {
    match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(start), None) => name.starts_with(start),
        (None, Some(end)) => name.ends_with(end),
        (Some(_), Some(_)) => name.contains(pattern.trim_matches('*')),
        (None, None) => name == pattern,
    }
}
