//! The official Python client lists, watches, creates, patches, execs and streams logs against
//! `drydock apiserver`. The test makes a virtual environment for it; skipped loudly where that cannot be had.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python that has the client; made once and kept beside the build.
fn python(target: &Path) -> Option<PathBuf> {
    let home = target.join("python-client");
    let python = home.join("bin/python");
    let has_client = |python: &Path| {
        let asked = Command::new(python).args(["-c", "import kubernetes"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    if has_client(&python) {
        return Some(python);
    }
    let ran = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    if !ran(Command::new("python3").args(["-m", "venv"]).arg(&home)) {
        println!("SKIPPED: no python3 with venv on this machine; the Python client was not tried");
        return None;
    }
    if !ran(Command::new(&python).args(["-m", "pip", "install", "--quiet", "kubernetes"])) {
        println!("SKIPPED: the package kubernetes cannot be installed; the Python client was not tried");
        return None;
    }
    has_client(&python).then_some(python)
}

#[test]
fn the_python_client_works() {
    let drydock = drydock_tests::drydock();
    let target = drydock.parent().and_then(Path::parent).expect("the binary is in target/debug");
    let Some(python) = python(target) else { return };
    let kubeconfig = target.join(format!("kubeconfig-python-{}", std::process::id()));
    let mut server = Command::new(&drydock)
        .args(["apiserver", "--speed", "5", "--kubeconfig"])
        .arg(&kubeconfig)
        .stdout(Stdio::piped())
        .spawn()
        .expect("drydock starts");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("stdout is a pipe"))
        .read_line(&mut line)
        .expect("it is ready");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python_client.py");
    let out = Command::new(&python).arg(script).arg(&kubeconfig).output().expect("python runs");
    // It may have ended by itself.
    _ = server.kill();
    server.wait().expect("drydock ends");
    // It was read.
    _ = std::fs::remove_file(&kubeconfig);
    let text = String::from_utf8_lossy(&out.stdout);
    println!("{text}");
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("10 steps"), "{text}");
}
