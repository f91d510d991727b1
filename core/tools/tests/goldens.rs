//! Runs recorded calls of the real kubectl v1.33.1 through ours and compares every byte.
//!
//! `tests/goldens/*.jsonl` at the repository's root hold the recordings. Cases that are known to fail
//! stand in `kubectl-known-failures.txt`: a case that fails without standing there fails the test,
//! and so does one that stands there and passes. `SHOW=<text>` prints the differences of the cases
//! whose name contains the text; `UPDATE=1` rewrites the list.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use support::{Case, Run, known, show};

/// Runs all cases and compares the failures with the list.
fn judge(area: &str, cases: Vec<Case>, run: fn(&Case) -> Run) {
    let (mut failed, mut passed, mut report) = (BTreeSet::new(), 0, String::new());
    for case in &cases {
        let got = run(case);
        let problems = case.problems(&got);
        for problem in &problems {
            failed.insert(format!("{area} | {} | {problem}", case.name));
        }
        passed += usize::from(!problems.iter().any(|p| *p != "requests"));
        if show(&case.name) && !problems.is_empty() {
            let _ = writeln!(report, "{}", case.difference(&got));
        }
    }
    println!("{area}: {passed}/{} with equal output", cases.len());
    let traces = failed.iter().filter(|f| f.ends_with("| requests")).count();
    println!("{area}: {}/{} with equal requests", cases.len() - traces, cases.len());
    println!("{report}");
    if !support::informative() {
        known::compare(area, &failed);
    }
}

#[test]
fn client() {
    judge("client", support::client_cases(), support::run);
}

#[test]
fn server() {
    judge("server", support::server_cases(), support::run);
}

/// Candidates as the shell asks for them, against the recorded cluster.
#[test]
fn completion() {
    let recorded = support::server_cases().into_iter().next().unwrap();
    for (line, expected) in [
        ("ge", "get\n"),
        ("rollout st", "status\n"),
        ("get deploym", "deployments.apps\n"),
        ("get pods nginx-6f5d7c9b8-h", "nginx-6f5d7c9b8-hw4tn\n"),
        ("describe pod/cra", "pod/crash\n"),
        ("-n kube-system get ds f", "fluentd\n"),
        ("get pods -n kube-n", "kube-node-lease\n"),
        ("get pods --output=ya", "--output=yaml\n"),
        ("logs kitchen-sink -c side", "sidecar\n"),
        ("drain worker-", "worker-1\nworker-2\n"),
        ("get pods --show-l", "--show-labels\n"),
        ("--warn", "--warnings-as-errors\n"),
    ] {
        let argv: Vec<String> = ["__complete"].into_iter().chain(line.split(' ')).map(Into::into).collect();
        let case = Case { argv, objects: recorded.objects.clone(), now: recorded.now, ..Case::default() };
        assert_eq!(support::run(&case).stdout, format!("{expected}:4\n"), "{line}");
    }
}
