//! Plays the recorded builds of the real client (docker 28.2.2 with the classic builder and with buildx
//! 0.13) through ours and our engine, in order, in one world, and compares what they print.
//!
//! Beside what `docker_support/normal.rs` masks, durations and the sizes of what was transferred are
//! masked: file contents of the recording are not known. `SHOW=<text>` prints differences; `UPDATE=1`
//! rewrites the list of known failures.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods, dead_code)]

#[path = "docker_support/mod.rs"]
mod docker_support;

use docker_support::{Case, Run, cases, normal, world::World};
use regex_lite::Regex;
use std::collections::BTreeSet;

/// Number and why it says nothing of docker.
const EXCLUDED: &[(i64, &str)] = &[
    (284, "images of the recording before the builds"),
    (285, "images of the recording before the builds"),
    (294, "group of the stand-in's nobody"),
    (295, "group of the stand-in's nobody"),
    (370, "layers of the stand-in redis"),
    (371, "rows of the recording's whole cache"),
    (372, "counts of the recording's whole day"),
    (373, "images of the recording's whole day"),
    (374, "images of the recording's whole day"),
    (375, "images of the recording's whole day"),
    (386, "layers of the stand-in alpine are busybox' own"),
];

const MASKS: &[(&str, &str)] = &[
    // As a recorder that reads text lines sees them.
    (r"\r\n", "\n"),
    (r"\r", "\n"),
    (r"(?m)^#(\d+) (transferring \w+:|naming to [^ ]+)\n", ""),
    (r"(transferring \w+:) [0-9.]+[kM]?B", "$1 <SIZE>"),
    (r" \d+\.\ds done", " done"),
    (r"DONE \d+\.\ds", "DONE <T>"),
    (r"(?m)^(#\d+ )?\d+\.\d{3} ", "$1<T> "),
    (r"ref [0-9a-f-]{36}::[a-z0-9]{25}", "ref <REF>"),
    (r"lstat /oracle/b/[^/]+/", "lstat $$CWD/"),
    (r"sha256:[0-9a-f]{64}", "<SHA>"),
    (r"lookup nohost\.invalid.*", "lookup nohost.invalid <WHY>"),
    (r"build context to Docker daemon +[0-9.]+kB", "build context <SIZE>"),
    // The recording machine made its folders in parallel with the metadata.
    (r"(?m)^(\s+=> .*) +\d+\.\ds$", "$1 <T>"),
];

fn masked(text: &str) -> String {
    let mut text = text.to_string();
    for (pattern, mask) in MASKS {
        text = Regex::new(pattern).unwrap().replace_all(&text, *mask).into_owned();
    }
    normal::masked(&text)
}

/// The last frame of a drawing, and what follows it.
fn settled(text: &str) -> String {
    match text.rfind("[+] Building") {
        Some(at) => {
            let text = Regex::new(r"\d+\.\ds").unwrap().replace_all(&text[at..], "<T>").into_owned();
            // Longer names fill the room of shorter times.
            Regex::new(r"(writing image sha256:)[0-9a-f]+").unwrap().replace_all(&text, "$1<ID>").into_owned()
        }
        None => text.to_string(),
    }
}

fn problems(case: &Case, got: &Run) -> Vec<&'static str> {
    let same = |a: &str, b: &str| {
        if case.tty { masked(&settled(a)) == masked(&settled(b)) } else { masked(a) == masked(b) }
    };
    let mut found = Vec::new();
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

#[test]
fn recorded_builds() {
    let wanted = std::env::var("SHOW").unwrap_or_default();
    let mut world = World::new();
    let (mut failed, mut passed, mut excluded) = (BTreeSet::new(), 0, 0);
    let first =
        Case { argv: ["docker", "pull", "-q", "busybox"].map(String::from).to_vec(), ..Case::default() };
    world.run(&first);
    for case in cases().into_iter().filter(|c| (272..=387).contains(&c.id) && c.answer.is_none()) {
        world.prepare(&case);
        let got = world.run(&case);
        if EXCLUDED.iter().any(|e| e.0 == case.id) {
            excluded += 1;
            continue;
        }
        let found = problems(&case, &got);
        if !found.is_empty()
            && !wanted.is_empty()
            && wanted.split(',').any(|w| w == "all" || w == case.id.to_string())
        {
            println!("=== {} | {} | {found:?} rc {} {}", case.id, case.line(), case.rc, got.rc);
            let (settle, mask) = (|t: &str| if case.tty { settled(t) } else { t.to_string() }, masked);
            for (what, a, b) in [("stdout", &case.stdout, &got.stdout), ("stderr", &case.stderr, &got.stderr)]
            {
                let (a, b) = (mask(&settle(a)), mask(&settle(b)));
                if a != b {
                    println!("--- {what}\nwant:\n{a}\ngot:\n{b}");
                }
            }
        }
        if found.is_empty() { passed += 1 } else { _ = failed.insert(format!("{} {}", case.id, case.line())) }
    }
    println!("docker build: {passed} of {} pass, {excluded} excluded", passed + failed.len());
    failed.iter().for_each(|f| println!("  fails: {f}"));
    let path = docker_support::path("docker-build-known-failures.txt");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, failed.iter().map(|l| format!("{l}\n")).collect::<String>()).unwrap();
    }
    let known: BTreeSet<String> =
        std::fs::read_to_string(&path).unwrap_or_default().lines().map(Into::into).collect();
    let new: Vec<&String> = failed.difference(&known).collect();
    let fixed: Vec<&String> = known.difference(&failed).collect();
    assert!(new.is_empty(), "newly failing: {new:#?}");
    assert!(fixed.is_empty(), "pass now; take them off the list (UPDATE=1): {fixed:#?}");
}
