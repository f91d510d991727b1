//! The real docker client runs a script against `drydock apiserver --docker-listen`, ours runs it in a
//! world of its own, and both must print the same. Skipped loudly where no docker client is installed.
//!
//! Masked on both sides: ids and digests, spans of time (the clients' clocks differ), process numbers,
//! the path of the configuration file, and two blemishes of the real 28.2.2 client (a stray `exit status 1`
//! after failed removals, and `See` instead of `Run` in front of some help lines).
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = include_str!("docker/script.txt");

/// A running server; dropping it ends it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// What a command came to: code, output, errors.
type Outcome = (i64, String, String);

fn client() -> Option<PathBuf> {
    let found =
        ["/usr/local/bin", "/usr/bin"].iter().map(|dir| Path::new(dir).join("docker")).find(|p| p.is_file());
    if found.is_none() {
        println!("SKIPPED: no real docker client on this machine; nothing was compared with it");
    }
    found
}

fn drydock() -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    (drydock_tests::drydock(), target)
}

fn of_the_real_client(drydock: &Path, folder: &Path) -> Vec<Outcome> {
    let mut child = Command::new(drydock)
        .args(["apiserver", "--speed", "20", "--docker-listen", "127.0.0.1:0", "--kubeconfig"])
        .arg(folder.join("kubeconfig"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("drydock starts");
    let out = child.stdout.take().expect("stdout is a pipe");
    let _server = Server(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).expect("drydock says where it listens");
    let ready: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
    let address = ready["docker"].as_str().expect("the engine's address").to_string();
    let run = |line: &str| {
        let done = Command::new("sh")
            .args(["-c", line])
            .env("DOCKER_HOST", &address)
            .env("DOCKER_CONFIG", folder.join("config"))
            .env("DOCKER_BUILDKIT", "0")
            .env("DOCKER_CLI_HINTS", "false")
            .stdin(Stdio::null())
            .output()
            .expect("sh runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (i64::from(done.status.code().unwrap_or(-1)), text(&done.stdout), text(&done.stderr))
    };
    SCRIPT.lines().map(run).collect()
}

fn of_ours(drydock: &Path, folder: &Path) -> Vec<Outcome> {
    let script = folder.join("script.txt");
    std::fs::write(&script, SCRIPT).expect("the folder can be written");
    let done = Command::new(drydock).args(["run", "--json"]).arg(&script).output().expect("drydock runs");
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let parsed = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let field = |v: &serde_json::Value, name: &str| v[name].as_str().unwrap_or("").to_string();
    parsed.map(|v| (v["rc"].as_i64().unwrap_or(-1), field(&v, "stdout"), field(&v, "stderr"))).collect()
}

/// Replaces each run of at least `least` characters that `fits`, standing alone, by what `with` says.
fn replaced(text: &str, fits: impl Fn(char) -> bool, with: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if fits(c) {
            word.push(c);
            continue;
        }
        out.push_str(with(&word).unwrap_or(&word));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

const UNITS: &[&str] = &["second", "minute", "hour", "day", "week", "month", "year"];

/// `5 seconds`, `About a minute`, `Less than a second`: one mark.
fn without_ages(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut out: Vec<&str> = Vec::new();
    for word in words {
        let bare = word.trim_end_matches('s');
        if !UNITS.contains(&bare) {
            out.push(word);
            continue;
        }
        while out
            .last()
            .is_some_and(|w| matches!(*w, "a" | "an" | "than" | "Less" | "About") || w.parse::<u32>().is_ok())
        {
            out.pop();
        }
        out.push("<AGE>");
    }
    out.join(" ")
}

fn masked(text: &str) -> String {
    let text = replaced(
        text,
        |c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase(),
        |word| match word.len() {
            64 => Some("<ID64>"),
            12 => Some("<ID>"),
            _ => None,
        },
    );
    let mut lines = Vec::new();
    for line in text.lines() {
        if line == "exit status 1" {
            continue;
        }
        let line = without_ages(line).replace("See 'docker", "Run 'docker");
        let number = line.bytes().take_while(u8::is_ascii_digit).count();
        let is_process = number > 0 && line.get(number..).is_some_and(|rest| rest.starts_with("     "));
        let line = if is_process { format!("<PID>{}", &line[number..].trim_start()) } else { line };
        let line = match (line.find(" in '"), line.find("config.json'")) {
            (Some(a), Some(b)) if a < b => format!("{} in <CONFIG>{}", &line[..a], &line[b + 12..]),
            _ => line,
        };
        lines.push(line.trim_end().to_string());
    }
    lines.join("\n")
}

#[test]
fn the_real_client_and_ours_print_the_same() {
    if client().is_none() {
        return;
    }
    let (drydock, target) = drydock();
    let folder = target.join(format!("real-docker-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let real = of_the_real_client(&drydock, &folder);
    let ours = of_ours(&drydock, &folder);
    // Left behind it would only take room.
    _ = std::fs::remove_dir_all(&folder);
    let lines: Vec<&str> = SCRIPT.lines().collect();
    assert_eq!((real.len(), ours.len()), (lines.len(), lines.len()));
    let mut report = String::new();
    for ((line, a), b) in lines.iter().zip(&real).zip(&ours) {
        let seen = |o: &Outcome| (o.0, masked(&o.1), masked(&o.2));
        let (a, b) = (seen(a), seen(b));
        if a != b {
            report += &format!("$ {line}\nreal: {a:?}\nours: {b:?}\n");
        }
    }
    println!("{} commands compared", lines.len());
    assert!(report.is_empty(), "{report}");
}

#[test]
fn masks_hide_what_must_differ_and_nothing_else() {
    assert_eq!(masked("Up 5 seconds   x"), "Up <AGE>   x");
    assert_eq!(masked("Exited (0) Less than a second ago"), "Exited (0) <AGE> ago");
    assert_eq!(masked(&"a".repeat(64)), "<ID64>");
    assert_eq!(masked("exit status 1\nkept 12"), "kept 12");
}
