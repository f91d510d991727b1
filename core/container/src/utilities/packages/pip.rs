//! pip: Python's packages by name, version and what they need. They are listed and found again; their
//! code is not simulated. Left out: wheels, sources and indexes of one's own.

use super::{Act, MIRROR, Package, acting, closure, find};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

const TABLE: &str = "
blinker|1.9.0|9||
certifi|2025.10.5|163||
charset-normalizer|3.4.4|153||
click|8.3.0|107||click=absent
django|5.2.7|8300|asgiref sqlparse|django-admin
asgiref|3.10.0|24||
sqlparse|0.5.3|44||
fastapi|0.119.1|107|pydantic starlette|fastapi
flask|3.1.2|103|blinker click itsdangerous jinja2 markupsafe werkzeug|/usr/local/bin/flask
gunicorn|23.0.0|85|packaging|/usr/local/bin/gunicorn
idna|3.11|71||
itsdangerous|2.2.0|16||
jinja2|3.1.6|135|markupsafe|
markupsafe|3.0.3|23||
numpy|2.3.4|16600||
packaging|25.0|66||
pandas|2.3.3|12300|numpy python-dateutil pytz|
psycopg2-binary|2.9.11|4200||
pydantic|2.12.3|462|typing-extensions|
python-dateutil|2.9.0.post0|230|six|
pytz|2025.2|509||
pymongo|4.15.3|1500||
pymysql|1.1.2|45||
redis|7.0.1|339||
requests|2.32.5|65|charset-normalizer idna urllib3 certifi|
six|1.17.0|11||
starlette|0.48.0|73||
typing-extensions|4.15.0|44||
urllib3|2.5.0|130||
uvicorn|0.38.0|68|click|/usr/local/bin/uvicorn
werkzeug|3.1.3|224|markupsafe|
pyyaml|6.0.3|806||
boto3|1.40.55|139||
kubernetes|34.1.0|2000|requests pyyaml|
";
const DATABASE: &str = "/usr/local/lib/python3/site-packages/installed.txt";

pub fn pip(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let mut words: Vec<Arc<str>> = Vec::new();
    let (mut files, mut quiet, mut given) = (Vec::new(), false, args.iter().skip(1));
    while let Some(word) = given.next() {
        match &**word {
            "-r" | "--requirement" => files.extend(given.next().cloned()),
            "-q" | "--quiet" => quiet = true,
            "-i" | "--index-url" | "-t" | "--target" | "--prefix" | "-c" => _ = given.next(),
            "-V" | "--version" => {
                sys.print("pip 25.2 from /usr/local/lib/python3.13/site-packages/pip (python 3.13)\n");
                return ended(0);
            }
            word if word.starts_with('-') => {}
            _ => words.push(word.clone()),
        }
    }
    let text = sys.read_file(DATABASE).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let there: Vec<String> = text.lines().map(String::from).collect();
    match words.first().map_or("", |w| w) {
        "install" => {
            let mut names: Vec<String> = words.iter().skip(1).map(|w| w.to_string()).collect();
            for file in &files {
                match sys.read_file(file) {
                    Ok(bytes) => names.extend(
                        String::from_utf8_lossy(&bytes)
                            .lines()
                            .map(|l| l.split('#').next().unwrap_or("").trim().to_string())
                            .filter(|l| !l.is_empty() && !l.starts_with('-')),
                    ),
                    Err(_) => {
                        sys.eprint(&format!(
                            "ERROR: Could not open requirements file: [Errno 2] No such file or directory: '{file}'\n"
                        ));
                        return ended(1);
                    }
                }
            }
            install(sys, &names, &there, quiet)
        }
        "uninstall" => {
            let mut kept = there.clone();
            for name in words.iter().skip(1) {
                let lower = name.to_lowercase();
                match find(TABLE, &lower).filter(|p| there.iter().any(|t| t == p.name)) {
                    Some(p) => {
                        sys.print(&format!("Found existing installation: {0} {1}\nUninstalling {0}-{1}:\n  Successfully uninstalled {0}-{1}\n", p.name, p.version));
                        kept.retain(|k| k != p.name);
                    }
                    None => sys.eprint(&format!("WARNING: Skipping {name} as it is not installed.\n")),
                }
            }
            _ = sys.write_file(
                DATABASE,
                kept.iter().map(|k| format!("{k}\n")).collect::<String>().as_bytes(),
                false,
            );
            ended(0)
        }
        "list" | "freeze" => {
            let freeze = words.first().is_some_and(|w| &**w == "freeze");
            let mut rows: Vec<Package> = there.iter().filter_map(|t| find(TABLE, t)).collect();
            rows.arrange_by_key(|p| p.name);
            if !freeze {
                sys.print("Package            Version\n------------------ ---------\n");
            }
            let mut out: String = rows
                .iter()
                .map(|p| {
                    if freeze {
                        format!("{}=={}\n", p.name, p.version)
                    } else {
                        format!("{:<18} {}\n", p.name, p.version)
                    }
                })
                .collect();
            if !freeze {
                out.push_str("pip                25.2\n");
            }
            sys.print(&out);
            ended(0)
        }
        "show" => {
            let mut code = 1;
            for name in words.iter().skip(1) {
                match find(TABLE, &name.to_lowercase()).filter(|p| there.iter().any(|t| t == p.name)) {
                    Some(p) => {
                        code = 0;
                        let needs: Vec<&str> = p.needs().map(|n| n.0).collect();
                        sys.print(&format!("Name: {}\nVersion: {}\nLocation: /usr/local/lib/python3.13/site-packages\nRequires: {}\n", p.name, p.version, needs.join(", ")));
                    }
                    None => sys.eprint(&format!("WARNING: Package(s) not found: {name}\n")),
                }
            }
            ended(code)
        }
        "download" | "cache" | "config" | "check" => {
            sys.print("No broken requirements found.\n");
            ended(0)
        }
        "" | "help" => {
            sys.print("\nUsage:   \n  pip <command> [options]\n\nCommands:\n  install                     Install packages.\n  uninstall                   Uninstall packages.\n  freeze                      Output installed packages in requirements format.\n  list                        List installed packages.\n  show                        Show information about installed packages.\n");
            ended(0)
        }
        other => {
            sys.eprint(&format!("ERROR: unknown command \"{other}\"\n"));
            ended(1)
        }
    }
}

/// A requirement's name and the version asked for with `==`.
fn requirement(text: &str) -> (String, Option<String>) {
    let end = text.find(['=', '<', '>', '~', '!', '[', ';', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let exact = rest.split_once("==").map(|v| v.1.trim().to_string());
    (name.to_lowercase().replace('_', "-"), exact)
}

fn install(sys: &mut Sys<'_>, names: &[String], there: &[String], quiet: bool) -> Box<dyn crate::Machine> {
    if names.is_empty() {
        sys.eprint("ERROR: You must give at least one requirement to install (see \"pip help install\")\n");
        return ended(1);
    }
    let mut acts = Vec::new();
    let mut wanted: Vec<(Package, Option<String>)> = Vec::new();
    let say = |text: String, acts: &mut Vec<Act>| {
        if !quiet {
            acts.push(Act::Print(text));
        }
    };
    for text in names {
        let (name, exact) = requirement(text);
        match find(TABLE, &name) {
            Some(p) if there.iter().any(|t| t == p.name) => say(
                format!(
                    "Requirement already satisfied: {text} in /usr/local/lib/python3.13/site-packages ({})\n",
                    p.version
                ),
                &mut acts,
            ),
            Some(p) => wanted.push((p, exact)),
            None if name == "pip" => {
                say(
                    "Requirement already satisfied: pip in /usr/local/lib/python3.13/site-packages (25.2)\n"
                        .into(),
                    &mut acts,
                );
            }
            None => {
                acts.push(Act::Pause(400));
                acts.push(Act::Complain(format!(
                    "ERROR: Could not find a version that satisfies the requirement {text} (from versions: none)\nERROR: No matching distribution found for {text}\n"
                )));
                return acting(acts, 1);
            }
        }
    }
    let packages: Vec<Package> = wanted.iter().map(|w| w.0).collect();
    let all = closure(TABLE, &packages, false, &|n| there.iter().any(|t| t == n));
    let version = |p: &Package| {
        let asked = wanted.iter().find(|w| w.0.name == p.name).and_then(|w| w.1.clone());
        asked.unwrap_or_else(|| p.version.to_string())
    };
    for p in packages.iter().chain(all.iter().filter(|p| !packages.iter().any(|w| w.name == p.name))) {
        let parent = all
            .iter()
            .find(|q| q.needs().any(|n| n.0 == p.name) && !packages.iter().any(|w| w.name == p.name));
        let from = parent.map_or(String::new(), |q| format!(" (from {})", q.name));
        let file = p.name.replace('-', "_");
        say(
            format!(
                "Collecting {}{from}\n  Downloading {MIRROR}/simple/{file}-{}-py3-none-any.whl ({} kB)\n",
                p.name,
                version(p),
                p.kb
            ),
            &mut acts,
        );
        acts.push(Act::Pause(60 + p.kb / 20));
    }
    if !all.is_empty() {
        let mut order: Vec<&str> = all.iter().map(|p| p.name).collect();
        say(format!("Installing collected packages: {}\n", order.join(", ")), &mut acts);
        acts.push(Act::Pause(300));
        order.arrange();
        let done: Vec<String> = order
            .iter()
            .filter_map(|n| all.iter().find(|p| p.name == *n))
            .map(|p| format!("{}-{}", p.name, version(p)))
            .collect();
        for p in &all {
            acts.extend(
                p.programs()
                    .filter(|(_, n)| *n != "absent")
                    .map(|(path, n)| Act::Program(path, n.into(), 300)),
            );
        }
        let names: String = there
            .iter()
            .map(String::as_str)
            .chain(all.iter().map(|p| p.name))
            .map(|n| format!("{n}\n"))
            .collect();
        acts.push(Act::Write(DATABASE.into(), names));
        say(format!("Successfully installed {}\n", done.join(" ")), &mut acts);
    }
    if !quiet && sys.process().is_some_and(|p| p.uid == 0) {
        acts.push(Act::Complain("WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead. Use the --root-user-action option if you know what you are doing and want to suppress this warning.\n".into()));
    }
    acting(acts, 0)
}
