//! `drydock replay` on the recordings of the real kubectl v1.33.1: output and exit code of every case that
//! does not stand in `goldens/kubectl-known-failures.txt`. The tools crate's own harness judges stderr,
//! requests and written files, too, and keeps that list.
#![cfg(not(target_arch = "wasm32"))]
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn replay(area: &str, name: &str, base: Option<&str>) {
    let drydock = drydock_tests::drydock();
    let cases = dir().join(name);
    let mut command = Command::new(drydock);
    command.arg("replay");
    if let Some(base) = base {
        command.arg("--base").arg(dir().join(base));
    }
    let out = command.arg(&cases).output().expect("drydock runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let known = std::fs::read_to_string(dir().join("kubectl-known-failures.txt")).expect("the list is there");
    let recorded = lines(&std::fs::read_to_string(&cases).expect("the cases are there"));
    let recorded: Vec<&Value> = recorded.iter().filter(|c| c.get("shared").is_none()).collect();
    let played = lines(&String::from_utf8_lossy(&out.stdout));
    assert_eq!(played.len(), recorded.len());
    let mut judged = 0;
    for (case, outcome) in recorded.iter().zip(&played) {
        let name = outcome["case"].as_str().unwrap_or_default();
        let informative = case["compare"].as_str().is_some_and(|c| c != "bytes");
        if informative || known.contains(&format!("{area} | {name} | ")) {
            continue;
        }
        judged += 1;
        assert_eq!(outcome["rc"], case["rc"], "{name}");
        assert_eq!(masked(&outcome["stdout"]), masked(&case["stdout"]), "{name}");
    }
    println!("{area}: {judged} of {} cases equal", recorded.len());
    assert!(judged > 150, "only {judged} cases were judged");
}

/// Without what no two runs have in common: times of files in the heads of a diff, and its folders.
fn masked(text: &Value) -> String {
    let line = |l: &str| {
        if l.starts_with("--- ") || l.starts_with("+++ ") || l.starts_with("diff ") { "" } else { l }
            .to_string()
    };
    text.as_str().unwrap_or_default().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn calls_without_a_server_print_what_the_real_kubectl_printed() {
    replay("client", "kubectl-client.jsonl", None);
}

#[test]
fn calls_with_a_server_print_what_the_real_kubectl_printed() {
    replay("server", "kubectl-server.jsonl", Some("kubectl-server.base.json"));
}
