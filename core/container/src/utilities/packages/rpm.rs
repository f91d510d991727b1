//! yum, dnf, microdnf and rpm: the packages of CentOS and its relatives, named by the Debian table. Left
//! out: groups, modules, repositories of one's own.

use super::{Act, Package, acting, apt_table, closure, find, must_be_root, unpack};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use crate::utilities::support::own_name;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

const DATABASE: &str = "/var/lib/rpm/installed";
const BASE: &[&str] =
    &["bash", "coreutils", "glibc", "rpm", "yum", "curl", "tar", "gzip", "sed", "grep", "which", "procps-ng"];

/// The name a package has in Debian's table.
fn debian_name(name: &str) -> &str {
    match name {
        "httpd" => "apache2",
        "httpd-tools" => "apache2-utils",
        "bind-utils" => "bind9-dnsutils",
        "nmap-ncat" | "nc" => "netcat-openbsd",
        "iputils" => "iputils-ping",
        "iproute" => "iproute2",
        "procps-ng" | "procps" => "procps",
        "vim-enhanced" | "vim" => "vim",
        "vim-minimal" => "vim-tiny",
        "java-11-openjdk" | "java-17-openjdk" | "java-1.8.0-openjdk" => "default-jre",
        "mysql" | "mariadb" => "mariadb-client",
        "redis" => "redis-server",
        "postgresql" => "postgresql-client",
        "gettext" => "gettext-base",
        "python3-pip" => "python3-pip",
        "gcc-c++" => "g++",
        "openssh-clients" => "openssh-client",
        "epel-release" => "tzdata",
        other => other,
    }
}

fn version(package: &Package) -> String {
    let plain = package.version.rsplit(':').next().unwrap_or("");
    plain.split(['-', '+', '~']).next().unwrap_or("1").to_string() + "-1.el9"
}

pub fn yum(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let own = own_name(sys);
    let args = sys.args();
    let words: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with('-')).cloned().collect();
    let yes = args.iter().any(|a| {
        a.starts_with("-y")
            || &**a == "--assumeyes"
            || (a.starts_with('-') && !a.starts_with("--") && a.contains('y'))
    });
    let text = sys.read_file(DATABASE).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let there: Vec<&str> = text.lines().collect();
    let has = |name: &str| there.contains(&name) || BASE.contains(&name);
    match words.first().map_or("", |w| w) {
        "" => {
            sys.eprint(&format!("usage: {own} [options] COMMAND\n"));
            ended(1)
        }
        "makecache" | "check-update" | "clean" | "update" | "upgrade" => {
            sys.print("Last metadata expiration check: 0:00:01 ago.\nDependencies resolved.\nNothing to do.\nComplete!\n");
            ended(0)
        }
        "install" | "reinstall" => {
            if !must_be_root(
                sys,
                "Error: This command has to be run with superuser privileges (under the root user on most systems).\n",
            ) {
                return ended(1);
            }
            let (mut wanted, mut failed) = (Vec::new(), Vec::new());
            let mut out = String::from("Last metadata expiration check: 0:00:01 ago.\n");
            for name in words.iter().skip(1) {
                match find(apt_table::TABLE, debian_name(name)) {
                    _ if has(name) => out.push_str(&format!("Package {name} is already installed.\n")),
                    Some(package) => wanted.push((name.clone(), package)),
                    None => failed.push(name.clone()),
                }
            }
            if !failed.is_empty() {
                let lines: String = failed.iter().map(|n| format!("No match for argument: {n}\n")).collect();
                sys.print(&(out + &lines));
                let names: Vec<&str> = failed.iter().map(|n| &**n).collect();
                sys.eprint(&format!("Error: Unable to find a match: {}\n", names.join(" ")));
                return ended(1);
            }
            if wanted.is_empty() {
                sys.print(&(out + "Dependencies resolved.\nNothing to do.\nComplete!\n"));
                return ended(0);
            }
            let rule = "=".repeat(80);
            out.push_str(&format!(
                "Dependencies resolved.\n{rule}\n Package            Arch        Version                  Repository       Size\n{rule}\nInstalling:\n"
            ));
            let packages: Vec<Package> = wanted.iter().map(|w| w.1).collect();
            let all = closure(apt_table::TABLE, &packages, false, &|n| there.contains(&n));
            let row = |name: &str, p: &Package| {
                format!(" {name:<18} x86_64      {:<24} baseos       {:>5} k\n", version(p), p.kb)
            };
            for (name, package) in &wanted {
                out.push_str(&row(name, package));
            }
            let extra: Vec<&Package> =
                all.iter().filter(|p| !packages.iter().any(|w| w.name == p.name)).collect();
            if !extra.is_empty() {
                out.push_str("Installing dependencies:\n");
                extra.iter().for_each(|p| out.push_str(&row(p.name, p)));
            }
            let kb: u64 = all.iter().map(|p| p.kb).sum();
            out.push_str(&format!(
                "\nTransaction Summary\n{rule}\nInstall  {} Package{}\n\nTotal download size: {kb} k\nInstalled size: {} k\n",
                all.len(),
                if all.len() == 1 { "" } else { "s" },
                kb * 3
            ));
            let mut acts = vec![Act::Print(out)];
            if !yes {
                acts.push(Act::Ask("Is this ok [y/N]: ".into(), "Operation aborted.\n".into(), 1));
            }
            acts.push(Act::Print("Downloading Packages:\n".into()));
            acts.push(Act::Pause(300 + kb / 10));
            acts.push(Act::Print("Running transaction check\nTransaction check succeeded.\nRunning transaction test\nTransaction test succeeded.\nRunning transaction\n".into()));
            for (n, p) in all.iter().enumerate() {
                let name = wanted.iter().find(|w| w.1.name == p.name).map_or(p.name, |w| &w.0);
                acts.push(Act::Print(format!(
                    "  Installing       : {name}-{}.x86_64 {:>20}/{}\n",
                    version(p),
                    n + 1,
                    all.len()
                )));
                unpack(p, &mut acts);
            }
            let lines: String = all.iter().map(|p| format!("  {}-{}.x86_64\n", p.name, version(p))).collect();
            acts.push(Act::Print(format!("\nInstalled:\n{lines}\nComplete!\n")));
            let names: String = wanted
                .iter()
                .map(|w| format!("{}\n", w.0))
                .chain(all.iter().map(|p| format!("{}\n", p.name)))
                .collect();
            acts.push(Act::Write(DATABASE.into(), text.clone() + &names));
            acting(acts, 0)
        }
        "remove" | "erase" | "autoremove" => {
            let mut acts = Vec::new();
            let mut kept: Vec<&str> = there.clone();
            for name in words.iter().skip(1) {
                match find(apt_table::TABLE, debian_name(name)).filter(|_| has(name)) {
                    Some(package) => {
                        acts.push(Act::Print(format!(
                            "  Erasing          : {name}-{}.x86_64\n",
                            version(&package)
                        )));
                        acts.extend(package.programs().map(|p| Act::Remove(p.0)));
                        kept.retain(|k| *k != &**name && *k != package.name);
                    }
                    None => acts.push(Act::Print(format!(
                        "No match for argument: {name}\nNo packages marked for removal.\n"
                    ))),
                }
            }
            acts.push(Act::Write(DATABASE.into(), kept.iter().map(|k| format!("{k}\n")).collect()));
            acts.push(Act::Print("Complete!\n".into()));
            acting(acts, 0)
        }
        "list" => {
            let rows: String =
                BASE.iter().chain(&there).map(|n| format!("{n:<40}{:<24}@System\n", "")).collect();
            sys.print(&format!("Installed Packages\n{rows}"));
            ended(0)
        }
        "search" | "info" | "provides" => {
            let asked = words.get(1).cloned().unwrap_or_default();
            let rows: String = super::table(apt_table::TABLE)
                .filter(|p| p.name.contains(&*asked))
                .map(|p| format!("{}.x86_64 : {}\n", p.name, version(&p)))
                .collect();
            if rows.is_empty() {
                sys.eprint("No matches found.\n");
                return ended(1);
            }
            sys.print(&rows);
            ended(0)
        }
        other => {
            sys.eprint(&format!("No such command: {other}. Please use /usr/bin/{own} --help\n"));
            ended(1)
        }
    }
}

pub fn rpm(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let text = sys.read_file(DATABASE).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let mut names: Vec<&str> = BASE.iter().copied().chain(text.lines()).collect();
    names.arrange();
    names.dedup();
    match args.get(1).map_or("", |a| a) {
        "-qa" => {
            sys.print(&names.iter().map(|n| format!("{n}-1.el9.x86_64\n")).collect::<String>());
            0
        }
        "-q" => {
            let mut code = 0;
            for name in args.iter().skip(2) {
                if names.contains(&&**name) {
                    sys.print(&format!("{name}-1.el9.x86_64\n"));
                } else {
                    sys.print(&format!("package {name} is not installed\n"));
                    code = 1;
                }
            }
            code
        }
        _ => {
            sys.eprint("RPM version 4.16.1.3\nThis sandbox only answers rpm -q and rpm -qa.\n");
            1
        }
    }
}
