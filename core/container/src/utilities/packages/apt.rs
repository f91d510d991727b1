//! apt-get and apt: update, install, remove and what goes with them, as apt 2.6 says it when its output is
//! no terminal. Left out: pinning, sources of one's own, configuration questions, real signatures.

use super::apt_install::install;
use super::apt_remove::{remove, upgrade};
use super::{Act, MIRROR, acting, must_be_root};
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

pub(super) struct Request {
    pub(super) words: Vec<Arc<str>>,
    pub(super) yes: bool,
    pub(super) quiet: u8,
    pub(super) recommended: bool,
    pub(super) simulate: bool,
    pub(super) only_download: bool,
    pub(super) purge: bool,
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
pub(super) fn suites(id: &str, code: &str) -> (String, Vec<(String, u64, u64)>) {
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

pub(super) const READING: &str =
    "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";
pub(super) const DPKG_LOCK: &str = "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n\
    E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n";

/// Names as apt lists them: indented lines of at most 79 columns.
pub(super) fn listing(title: &str, names: &[&str]) -> String {
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
