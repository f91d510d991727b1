//! Plays recorded scenarios of a real control plane (`tests/goldens/real-behaviour.jsonl`) through our
//! kubectl in a booted cluster, each in a namespace and world of its own, at the recorded moments.
//!
//! Compared are exit code and both outputs of every command, in the form `behaviour/normal.rs` gives
//! them. Known differences stand in `tests/goldens/behaviour-known-failures.txt`, one a line with the
//! reason behind a `#`; the test fails on a difference that does not stand there and on one that stands
//! there and is none; what depends on the moment of looking is only counted. `ONLY=rbac` plays one scenario, `SHOW=<text>` prints the differences of commands
//! that contain the text (`SHOW=` all), `UPDATE=1` rewrites the list and keeps the reasons.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "behaviour/cast.rs"]
mod cast;
#[path = "behaviour/normal.rs"]
mod normal;
#[path = "behaviour/record.rs"]
mod record;
#[path = "behaviour/stage.rs"]
mod stage;

use record::{KNOWN, Scenario, Step};
use stage::{Run, Stage};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a scenario went.
struct Played {
    name: String,
    compared: usize,
    /// `scenario | n | command`, one for each that differs.
    failed: Vec<String>,
    report: String,
}

#[allow(clippy::disallowed_methods)]
fn wanted(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn differences(scenario: &str, step: &Step, run: &Run) -> String {
    let mut out = String::new();
    if step.rc != run.rc {
        let _ = writeln!(out, "  rc: want {}, got {}", step.rc, run.rc);
    }
    let ours = normal::without_new_columns(&run.stdout, &step.stdout);
    let mut out_pair =
        (normal::stdout(&step.argv, &step.stdout, true), normal::stdout(&step.argv, &ours, false));
    let mut err_pair = (normal::stderr(&step.stderr, true), normal::stderr(&run.stderr, false));
    if normal::is_partial(&step.argv, scenario) && step.rc == run.rc {
        out_pair = normal::common_rows(&out_pair.0, &out_pair.1);
        let nothing = |text: &str| text.starts_with("No resources found");
        if nothing(&err_pair.0) || nothing(&err_pair.1) {
            err_pair = Default::default();
        }
    }
    let pairs = [("stdout", out_pair.0, out_pair.1), ("stderr", err_pair.0, err_pair.1)];
    for (what, want, got) in pairs {
        // One more or less empty line at the end is the recorder's doing.
        if want.trim_end() == got.trim_end() {
            continue;
        }
        let _ = writeln!(out, "  {what}");
        let (a, b): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
        for line in a.iter().filter(|l| !b.contains(l)) {
            let _ = writeln!(out, "    want {line}");
        }
        for line in b.iter().filter(|l| !a.contains(l)) {
            let _ = writeln!(out, "    got  {line}");
        }
        if a.iter().all(|l| b.contains(l)) && b.iter().all(|l| a.contains(l)) {
            let _ = writeln!(out, "    the same lines in another order or number");
        }
    }
    out
}

fn play(scenario: &Scenario) -> Played {
    let mut stage = Stage::new(&scenario.name, &scenario.text());
    let mut played =
        Played { name: scenario.name.clone(), compared: 0, failed: Vec::new(), report: String::new() };
    let show = wanted("SHOW");
    for step in scenario.steps.iter().filter(|s| !s.argv.is_empty()) {
        stage.until(step.at);
        let run = stage.run(&step.argv, &step.files, &step.stdin);
        if step.skip.is_some() {
            continue;
        }
        played.compared += 1;
        let found = differences(&scenario.name, step, &run);
        if found.is_empty() {
            continue;
        }
        let name = format!("{} | {} | {}", scenario.name, step.n, step.argv.join(" ").replace('\n', " "));
        if show.as_ref().is_some_and(|s| name.contains(s.as_str())) {
            let _ = writeln!(played.report, "=== {name}");
            if step.argv.iter().any(|a| a.ends_with(".yaml")) {
                for text in step.files.iter().filter(|f| step.argv.contains(f.0)).map(|f| f.1) {
                    let _ = writeln!(played.report, "{text}");
                }
            }
            played.report += &found;
        }
        played.failed.push(name);
    }
    played
}

/// Plays the scenarios on as many threads as there are processors.
#[allow(clippy::disallowed_methods)]
fn play_all(scenarios: &[Scenario]) -> Vec<Played> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = play(scenario);
                    done.lock().unwrap().push(played);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by(|a: &Played, b| a.name.cmp(&b.name));
    done
}

#[test]
fn recorded_scenarios_happen_again() {
    let only = wanted("ONLY");
    let chosen = |s: &Scenario| only.as_ref().is_none_or(|o| o.split(',').any(|name| name == s.name));
    let scenarios: Vec<Scenario> = record::scenarios().into_iter().filter(chosen).collect();
    assert!(!scenarios.is_empty(), "no such scenario");
    let played = play_all(&scenarios);
    let (mut equal, mut all) = (0, 0);
    for p in &played {
        print!("{}", p.report);
    }
    for p in &played {
        let good = p.compared - p.failed.len();
        println!("{:20} {good:4}/{:<4} {:3} %", p.name, p.compared, 100 * good / p.compared.max(1));
        equal += good;
        all += p.compared;
    }
    println!("{:20} {equal:4}/{all:<4} {:3} %", "all", 100 * equal / all.max(1));
    let text = record::read(KNOWN);
    let known: BTreeMap<&str, &str> =
        text.lines().map(|l| l.split_once(" # ").unwrap_or((l, ""))).filter(|k| !k.0.is_empty()).collect();
    let failed: Vec<&str> = played.iter().flat_map(|p| p.failed.iter().map(String::as_str)).collect();
    let mine = |name: &str| played.iter().any(|p| name.split(" | ").next() == Some(&p.name));
    let moment = |name: &str| {
        let mut parts = name.split(" | ");
        let (scenario, command) = (parts.next().unwrap_or(""), parts.nth(1).unwrap_or(""));
        record::is_moment(scenario, command)
    };
    if wanted("UPDATE").is_some() {
        let mut lines: BTreeMap<&str, &str> =
            known.iter().filter(|k| !mine(k.0) && !moment(k.0)).map(|(a, b)| (*a, *b)).collect();
        for name in failed.iter().copied().filter(|name| !moment(name)) {
            lines.insert(name, known.get(name).copied().unwrap_or(""));
        }
        let line = |(name, reason): (&&str, &&str)| match *reason {
            "" => format!("{name}\n"),
            reason => format!("{name} # {reason}\n"),
        };
        record::write(KNOWN, &lines.iter().map(line).collect::<String>());
        return;
    }
    let new: Vec<&&str> = failed.iter().filter(|f| !known.contains_key(**f) && !moment(f)).collect();
    let fixed: Vec<&&str> = known.keys().filter(|k| mine(k) && !failed.contains(*k) && !moment(k)).collect();
    assert!(new.is_empty(), "{} newly differ (SHOW=<text> shows how):\n{new:#?}", new.len());
    assert!(
        fixed.is_empty(),
        "{} are equal now; take them off the list (UPDATE=1):\n{fixed:#?}",
        fixed.len()
    );
}
