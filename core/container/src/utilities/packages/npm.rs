//! npm: installing what package.json asks for, init, run, list. Modules are counted and listed, their
//! code is not simulated; `npm run` and `npm start` carry out the script through sh.

use super::{Act, acting};
use crate::sys::Sys;
use crate::utilities::filter::ended;
use crate::utilities::launch::Become;
use drydock_machinery::{Value, json};
use std::sync::Arc;

/// Modules of the course and how many others come along.
const KNOWN: &[(&str, &str, usize)] = &[
    ("express", "5.1.0", 66),
    ("body-parser", "2.2.0", 26),
    ("cors", "2.8.5", 3),
    ("dotenv", "17.2.3", 0),
    ("ejs", "3.1.10", 15),
    ("jest", "30.2.0", 270),
    ("koa", "3.0.3", 41),
    ("lodash", "4.17.21", 0),
    ("mongoose", "8.19.2", 16),
    ("mongodb", "6.20.0", 11),
    ("morgan", "1.10.1", 6),
    ("mysql", "2.18.1", 10),
    ("mysql2", "3.15.3", 12),
    ("nodemon", "3.1.10", 28),
    ("pg", "8.16.3", 14),
    ("react", "19.2.0", 0),
    ("react-dom", "19.2.0", 1),
    ("react-scripts", "5.0.1", 1300),
    ("redis", "5.9.0", 6),
    ("ioredis", "5.8.2", 9),
    ("socket.io", "4.8.1", 20),
    ("sqlite3", "5.1.7", 115),
    ("typescript", "5.9.3", 0),
    ("uuid", "13.0.0", 0),
    ("axios", "1.12.2", 22),
    ("yarn", "1.22.22", 0),
    ("pm2", "6.0.13", 140),
    ("http-server", "14.1.1", 47),
    ("serve", "14.2.5", 86),
];

pub fn npm(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let words: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with('-')).cloned().collect();
    let flag = |names: &[&str]| args.iter().any(|a| names.contains(&&**a));
    if flag(&["-v", "--version"]) {
        sys.print("10.9.3\n");
        return ended(0);
    }
    let manifest = sys.read_file("package.json").ok();
    let manifest = manifest.and_then(|b| json::parse(&b).ok());
    match words.first().map_or("", |w| w) {
        "install" | "i" | "ci" | "add" => {
            install(sys, words.get(1..).unwrap_or(&[]), manifest, flag(&["-g", "--global"]), &words)
        }
        "run" | "run-script" | "start" | "test" => {
            let verb = words.first().map_or("", |w| w);
            let script = if verb.starts_with("run") { words.get(1).map_or("", |w| w) } else { verb };
            let Some(manifest) = manifest else { return missing(sys) };
            let line = manifest["scripts"][script].text().to_string();
            let line = match (line.is_empty(), script) {
                (true, "start") if sys.stat("server.js").is_ok() => "node server.js".to_string(),
                (true, "") => {
                    sys.print(&format!("Scripts available in {}:\n", manifest["name"].text()));
                    return ended(0);
                }
                (true, _) => {
                    sys.eprint(&format!(
                        "npm error Missing script: \"{script}\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\n"
                    ));
                    return ended(1);
                }
                (false, _) => line,
            };
            let name = manifest["name"].text().to_string();
            let version = manifest["version"].text().to_string();
            sys.print(&format!("\n> {name}@{version} {script}\n> {line}\n\n"));
            Box::new(Become::new(vec!["sh".into(), "-c".into(), line.into()]))
        }
        "init" => {
            let name = sys.cwd().rsplit('/').next().unwrap_or("app").to_string();
            let text = format!(
                "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\",\n  \"main\": \"index.js\",\n  \"scripts\": {{\n    \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"\n  }},\n  \"keywords\": [],\n  \"author\": \"\",\n  \"license\": \"ISC\",\n  \"description\": \"\"\n}}\n"
            );
            _ = sys.write_file("package.json", text.as_bytes(), false);
            sys.print(&format!("Wrote to {}/package.json:\n\n{text}\n\n", sys.cwd()));
            ended(0)
        }
        "ls" | "list" => {
            let cwd = sys.cwd();
            let names = sys.list("node_modules").unwrap_or_default();
            let name = manifest
                .as_ref()
                .map_or(String::new(), |m| format!("{}@{} ", m["name"].text(), m["version"].text()));
            sys.print(&format!("{name}{cwd}\n"));
            if names.is_empty() {
                sys.print("└── (empty)\n");
            }
            for (n, module) in names.iter().enumerate() {
                let branch = if n + 1 == names.len() { "└──" } else { "├──" };
                let version = KNOWN.iter().find(|k| k.0 == module).map_or("1.0.0", |k| k.1);
                sys.print(&format!("{branch} {module}@{version}\n"));
            }
            ended(0)
        }
        "config" | "cache" | "audit" | "set" | "prune" | "update" | "fund" => ended(0),
        "" | "help" => {
            sys.print("npm <command>\n\nUsage:\n\nnpm install        install all the dependencies in your project\nnpm install <foo>  add the <foo> dependency to your project\nnpm test           run this project's tests\nnpm run <foo>      run the script named <foo>\n");
            ended(i32::from(words.is_empty()))
        }
        other => {
            sys.eprint(&format!(
                "Unknown command: \"{other}\"\n\nTo see a list of supported npm commands, run:\n  npm help\n"
            ));
            ended(1)
        }
    }
}

fn missing(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let cwd = sys.cwd();
    sys.eprint(&format!(
        "npm error code ENOENT\nnpm error syscall open\nnpm error path {cwd}/package.json\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{cwd}/package.json'\nnpm error enoent This is related to npm not being able to find a file.\nnpm error enoent\n"
    ));
    ended(254)
}

fn install(
    sys: &mut Sys<'_>,
    names: &[Arc<str>],
    manifest: Option<Value>,
    global: bool,
    words: &[Arc<str>],
) -> Box<dyn crate::Machine> {
    let ci = words.first().is_some_and(|w| &**w == "ci");
    if ci && sys.stat("package-lock.json").is_err() {
        sys.eprint("npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or\nnpm error later to generate a package-lock.json file, then try again.\n");
        return ended(1);
    }
    let mut modules: Vec<String> = names.iter().map(|n| n.to_string()).collect();
    if modules.is_empty() {
        let Some(manifest) = &manifest else { return missing(sys) };
        for list in ["dependencies", "devDependencies"] {
            modules.extend(manifest[list].entries().iter().map(|e| e.0.text().to_string()));
        }
    }
    let (mut acts, mut count) = (Vec::new(), 0);
    let folder = if global { "/usr/local/lib/node_modules" } else { "node_modules" };
    let mut changed = manifest.clone().unwrap_or_else(Value::empty_map);
    for module in &modules {
        let at = module.rfind('@').filter(|at| *at > 0);
        let (name, wanted) = module.split_at(at.unwrap_or(module.len()));
        let known = KNOWN.iter().find(|k| k.0 == name);
        let Some((_, version, others)) = known else {
            if !names.is_empty() {
                acts.push(Act::Pause(500));
                acts.push(Act::Complain(format!(
                    "npm error code E404\nnpm error 404 Not Found - GET {}/npm/{name} - Not found\nnpm error 404\nnpm error 404  '{module}@*' is not in this registry.\nnpm error 404\nnpm error 404 Note that you can also install from a\nnpm error 404 tarball, folder, http url, or git url.\n",
                    super::MIRROR
                )));
                return acting(acts, 1);
            }
            count += 1;
            acts.push(Act::Write(
                format!("{folder}/{name}/package.json"),
                format!("{{\"name\":\"{name}\"}}\n"),
            ));
            continue;
        };
        count += others + 1;
        let version = wanted
            .strip_prefix('@')
            .filter(|w| w.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or(version);
        acts.push(Act::Write(
            format!("{folder}/{name}/package.json"),
            format!("{{\"name\":\"{name}\",\"version\":\"{version}\"}}\n"),
        ));
        if !names.is_empty() && !global {
            let dependencies = changed["dependencies"].with(name, format!("^{version}").as_str());
            changed = changed.with("dependencies", dependencies);
        }
    }
    acts.insert(0, Act::Pause(900 + count as u64 * 20));
    if !names.is_empty() && !global {
        acts.push(Act::Write("package.json".into(), json::to_pretty(&changed) + "\n"));
    }
    if !global && !ci {
        let name = changed["name"].text();
        acts.push(Act::Write(
            "package-lock.json".into(),
            format!("{{\n  \"name\": \"{name}\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {{}}\n}}\n"),
        ));
    }
    let seconds = (900 + count * 20) / 1000 + 1;
    let plural = if count == 1 { "" } else { "s" };
    acts.push(Act::Print(match count {
        0 => format!("\nup to date, audited 1 package in {seconds}s\n\nfound 0 vulnerabilities\n"),
        _ if global => format!("\nadded {count} package{plural} in {seconds}s\n"),
        _ => format!(
            "\nadded {count} package{plural}, and audited {} packages in {seconds}s\n\nfound 0 vulnerabilities\n",
            count + 1
        ),
    }));
    acting(acts, 0)
}
