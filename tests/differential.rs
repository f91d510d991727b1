//! The same course-like scripts typed at the simulated laptop (our kubectl) and at a real shell (the real
//! kubectl against `drydock apiserver`), in worlds of the same seed whose time goes alike: stdout, stderr and
//! exit code are equal byte for byte. What must differ is masked, see [`masked`]; what may differ stands with
//! its reason in `differential/known.txt`. Skipped loudly where no real kubectl is installed.
//!
//! `ONLY=name` plays one script, `CLIENT=1.33` one client.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use drydock_tests::live::{Real, masked, same};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Games played at once, each of one script with one client.
const AT_ONCE: usize = 4;

/// What one command printed.
struct Outcome {
    rc: i64,
    stdout: String,
    stderr: String,
}

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("differential")
}

/// The scripts, by name.
fn scripts() -> Vec<(String, Vec<String>)> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(dir()).expect("the scripts are there").flatten().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "sh"));
    paths.sort();
    let named = paths.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a script is text");
        let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
        (name, lines.map(String::from).collect())
    });
    named.filter(|(name, _)| only.is_empty() || *name == only).collect()
}

/// Our side: every command's outcome, with the moments it began and ended.
fn ours(drydock: &Path, lines: &[String]) -> Vec<(Outcome, u64, u64)> {
    let script = std::env::temp_dir().join(format!("drydock-differential-{}.sh", std::process::id()));
    std::fs::write(&script, lines.join("\n") + "\n").expect("a temporary file");
    let out = Command::new(drydock)
        .args(["run", "--json", "--pace", "1s", "--files"])
        .arg(dir().join("files"))
        .arg(&script)
        .output()
        .expect("drydock runs");
    // The script has been read.
    _ = std::fs::remove_file(&script);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let results: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("a JSON line")).collect();
    assert_eq!(results.len(), lines.len(), "one result a line: {}", String::from_utf8_lossy(&out.stderr));
    let outcome = |r: &Value| Outcome {
        rc: r["rc"].as_i64().unwrap_or(-1),
        stdout: r["stdout"].as_str().unwrap_or_default().into(),
        stderr: r["stderr"].as_str().unwrap_or_default().into(),
    };
    let moment = |r: &Value, field: &str| r[field].as_u64().unwrap_or(0);
    results.iter().map(|r| (outcome(r), moment(r, "started_ms"), moment(r, "t_ms"))).collect()
}

/// The real kubectls here, by minor version: one that sends JSON, one that sends protocol buffers.
fn clients() -> Vec<(String, PathBuf)> {
    let only = std::env::var("CLIENT").unwrap_or_default();
    let dirs = ["/usr/lib/google-cloud-sdk/bin", "/usr/local/bin", "/usr/bin"];
    let find = |version: &str| {
        let named = dirs.iter().map(|dir| Path::new(dir).join(format!("kubectl.{version}")));
        Some((version.to_string(), named.into_iter().find(|path| path.is_file())?))
    };
    let wanted = ["1.33", "1.31"].into_iter().filter(|v| only.is_empty() || *v == only);
    wanted.filter_map(find).collect()
}

/// `client ¦ script ¦ command ¦ reason` of what differs, or may differ where the reason is `random: …`.
fn known() -> Vec<([String; 3], bool)> {
    let text = std::fs::read_to_string(dir().join("known.txt")).expect("the list is there");
    let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    let fields = |line: &str| {
        let mut parts = line.split(" ¦ ").map(|p| p.trim().to_string());
        let mut next = || parts.next().unwrap_or_default();
        let key = [next(), next(), next()];
        let reason = next();
        assert!(!reason.is_empty(), "a reason for {line}");
        (key, reason.starts_with("random"))
    };
    lines.map(fields).collect()
}

#[test]
fn both_kubectls_print_the_same() {
    let clients = clients();
    if clients.is_empty() {
        println!("SKIPPED: no real kubectl 1.31 or 1.33 on this machine; nothing was compared with it");
        return;
    }
    let drydock = drydock_tests::drydock();
    let known = known();
    let played = scripts().into_iter().map(|(name, lines)| {
        let played = ours(&drydock, &lines);
        (name, lines, played)
    });
    let played: Vec<_> = played.collect();
    let games: Vec<_> = clients.iter().flat_map(|client| played.iter().map(move |p| (client, p))).collect();
    // Every game waits most of the time, for a server of its own: a handful at once. A port can be had by
    // one only.
    let (next, ports, wrong) = (AtomicUsize::new(0), Mutex::new(()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(((version, kubectl), (name, lines, played))) =
            games.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let alone = lines.iter().any(|l| l.contains("port-forward") || l.contains("kubectl proxy"));
            let turn = alone.then(|| ports.lock().expect("no game panicked"));
            let real = Real::start(&drydock, kubectl, &dir().join("files"));
            let differ = judge(real, version, name, lines, played, &known);
            drop(turn);
            wrong.lock().expect("no game panicked").extend(differ);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("no game panicked");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Plays a script with one real client; what differs and is not listed.
fn judge(
    mut real: Real,
    version: &str,
    name: &str,
    lines: &[String],
    played: &[(Outcome, u64, u64)],
    known: &[([String; 3], bool)],
) -> Vec<String> {
    let (mut wrong, mut equal) = (Vec::new(), 0);
    for (line, (ours, from, to)) in lines.iter().zip(played) {
        let (rc, stdout, stderr) = real.play(line, *from, *to);
        let theirs = Outcome { rc, stdout, stderr };
        let mut differences = compare(ours, &theirs, &real);
        // The real client describes a Go map in its random order: there the same lines are equal.
        let (mine, real_lines) = (sorted(&ours.stdout), sorted(&theirs.stdout));
        if line.contains("kubectl describe") && ours.rc == theirs.rc && mine == real_lines {
            differences.clear();
        }
        let is = |k: &[String; 3]| (k[0] == version || k[0] == "*") && k[1] == name && k[2] == *line;
        let listed = known.iter().find(|(key, _)| is(key)).map(|(_, random)| *random);
        match (differences.is_empty(), listed) {
            (true, None | Some(true)) => equal += 1,
            (false, Some(_)) => {}
            (true, Some(false)) => wrong.push(format!("{version} {name}: equal now, but listed: {line}")),
            (false, None) => wrong.push(format!("{version} {name}: $ {line}\n{differences}")),
        }
    }
    println!("{name} with kubectl {version}: {equal} of {} commands equal", lines.len());
    wrong
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    lines.sort_unstable();
    lines
}

fn compare(ours: &Outcome, theirs: &Outcome, real: &Real) -> String {
    let mut text = String::new();
    if ours.rc != theirs.rc {
        text.push_str(&format!("  rc: ours {}, real {}\n", ours.rc, theirs.rc));
    }
    for (what, a, b) in [("stdout", &ours.stdout, &theirs.stdout), ("stderr", &ours.stderr, &theirs.stderr)] {
        let (a, b) = (masked(a, real), masked(b, real));
        if !same(&a, &b) {
            text.push_str(&format!("  {what}, ours (-) and real (+):\n{}", lines_of(&a, &b)));
        }
    }
    text
}

/// The lines that differ, from the first one on.
fn lines_of(a: &str, b: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('\n').collect(), b.split('\n').collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(x, y)| x == y).count();
    let show = |mark: char, lines: &[&str]| -> String {
        let shown = lines[same..lines.len() - tail].iter().take(12);
        shown.map(|l| format!("    {mark}{}\n", l.chars().take(300).collect::<String>())).collect()
    };
    show('-', &a) + &show('+', &b)
}
