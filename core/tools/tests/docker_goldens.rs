//! Plays the recorded runs of the real docker client 28.2.2 through ours and our engine, in order, in
//! one world, and compares what they print.
//!
//! `tests/goldens/docker.jsonl` holds the recordings. Ids, times, spans of time, ports, addresses and
//! sizes that depend on the recording machine are masked on both sides (`docker_support/normal.rs`).
//! Cases about stand-ins that no simulated image resembles stand in `docker_support/excluded.rs` with
//! their reasons. Cases known to fail stand in `docker-known-failures.txt`; one that fails without
//! standing there fails the test, and so does one that stands there and passes. Builds are run for what they leave behind; another test judges them. `SHOW=<text>` prints
//! the differences of cases whose number or command contains the text; `UPDATE=1` rewrites the list.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods, dead_code)]

#[path = "docker_support/mod.rs"]
mod docker_support;

use docker_support::{Case, Run, canned, cases, excluded, normal, world::World};
use std::collections::BTreeSet;

fn problems(case: &Case, got: &Run) -> Vec<&'static str> {
    let mut found = Vec::new();
    // Images of one second are listed in either order.
    let sorts = case.argv.get(1).is_some_and(|c| c == "images");
    let view = |text: &str| {
        let text = normal::masked(text);
        let mut lines: Vec<&str> = text.lines().collect();
        if sorts {
            lines.sort_unstable();
        }
        lines.join("\n")
    };
    let same = |a: &str, b: &str| view(a) == view(b);
    if case.rc != got.rc {
        found.push("rc");
    }
    if !same(&case.stdout, &got.stdout) {
        found.push("stdout");
    }
    if !same(&case.stderr, &got.stderr) {
        found.push("stderr");
    }
    found
}

fn shown(case: &Case) -> bool {
    let wanted = std::env::var("SHOW").unwrap_or_default();
    !wanted.is_empty()
        && wanted.split(',').any(|w| w == case.id.to_string() || (w.len() > 3 && case.line().contains(w)))
}

fn difference(case: &Case, got: &Run) -> String {
    let mut out = format!("=== {} | {}\n", case.id, case.line());
    if case.rc != got.rc {
        out += &format!("rc: expected {}, got {}\n", case.rc, got.rc);
    }
    for (what, a, b) in [("stdout", &case.stdout, &got.stdout), ("stderr", &case.stderr, &got.stderr)] {
        let (a, b) = (normal::masked(a), normal::masked(b));
        if a != b {
            out += &format!("--- {what}\nwant:\n{a}\ngot:\n{b}\n");
        }
    }
    out
}

#[test]
fn recorded_runs() {
    let only_canned = std::env::var("ONLY_CANNED").is_ok();
    let mut world = World::new();
    let (mut failed, mut report) = (BTreeSet::new(), String::new());
    let (mut passed, mut judged, mut builds, mut builds_passed) = (0, 0, 0, 0);
    for case in cases() {
        if only_canned && case.answer.is_none() || excluded::SKIPPED.contains(&case.id) {
            continue;
        }
        let got = match &case.answer {
            Some(_) => canned::run(&case),
            None => {
                world.prepare(&case);
                world.run(&case)
            }
        };
        if excluded::reason(&case).is_some() {
            continue;
        }
        let found = problems(&case, &got);
        if case.is_build() {
            builds += 1;
            builds_passed += usize::from(found.is_empty());
        } else {
            judged += 1;
            passed += usize::from(found.is_empty());
        }
        if !found.is_empty() && !case.is_build() {
            failed.insert(format!(
                "{:03} | {} | {}",
                case.id,
                case.line().replace('\n', "\\n"),
                found.join(",")
            ));
        }
        if shown(&case) && !found.is_empty() {
            report += &difference(&case, &got);
        }
    }
    println!("docker: {passed}/{judged} equal, {} excluded", excluded::count());
    println!("docker build: {builds_passed}/{builds} equal");
    println!("{report}");
    if !only_canned {
        docker_support::known("docker-known-failures.txt", &failed);
    }
}
