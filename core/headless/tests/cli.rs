//! The binary's contract with scripts: one JSON line a command, and its own exit codes.
// Tests may ask the machine for its programs, and panic.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::expect_used, clippy::indexing_slicing)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn drydock(words: &[&str], script: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_drydock"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("drydock starts");
    child.stdin.take().expect("stdin is a pipe").write_all(script.as_bytes()).expect("drydock reads");
    child.wait_with_output().expect("drydock ends")
}

#[test]
fn a_script_gives_one_line_a_command_and_success() {
    let done = drydock(&["run", "--json", "-"], "echo one\nkubectl get pod nope\n");
    assert_eq!(done.status.code(), Some(0), "commands may fail, the script was read");
    let text = String::from_utf8_lossy(&done.stdout);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|l| serde_json::from_str(l).expect("a JSON line")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["stdout"], &lines[0]["rc"]), (&"one\n".into(), &0.into()));
    assert_eq!(lines[1]["rc"], 1);
    assert_eq!(lines[1]["stderr"], "Error from server (NotFound): pods \"nope\" not found\n");
    assert!(lines[0]["t_ms"].as_u64() < lines[1]["t_ms"].as_u64(), "a person types");
}

#[test]
fn a_script_that_cannot_be_read_is_an_error() {
    let done = drydock(&["run", "/no/such/script"], "");
    assert_ne!(done.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&done.stderr).contains("/no/such/script"));
}
