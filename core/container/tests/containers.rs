//! What one finds inside containers: the cases of `tests/containers/*.txt`. A case is
//! `#### IMAGE [NAME=VALUE…] [idle]`, then commands after `$ ` as `sh -c` of one container runs them, each with the
//! output (stdout and stderr as they come) that follows it and `[rc N]` where it failed. `UPDATE=1` rewrites
//! the outputs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // helpers of tests
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // the environment says what to do

use drydock_container::machines::Nowhere;
use drydock_container::program::Programs;
use drydock_container::space::{SpaceId, SpaceKind};
use drydock_container::spec::{Config, ContainerSpec, Overrides};
use drydock_container::{ExecSpec, Machines, Notice, images, shell, utilities};
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use std::fmt::Write;
use std::sync::Arc;

fn world() -> (Machines, SpaceId) {
    let programs = Programs(&[images::PROGRAMS, shell::PROGRAMS, utilities::PROGRAMS]);
    let mut m = Machines::new(Clock::new(1, 1_795_000_000), programs);
    let host = m.add_host("laptop", Ip::new(10, 0, 0, 2), SpaceKind::Laptop);
    (m, host)
}

/// A started container at 10.1.0.1; at `rest` it sleeps instead of doing what its image says.
fn container(m: &mut Machines, host: SpaceId, name: &str, env: &[(String, String)], rest: bool) -> SpaceId {
    let (_, image) = m.find_image(name).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    let net = m.add_net(Ip::new(10, 1, 0, 1), host);
    let n = 1;
    let env = env.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect();
    let idle = || ["sleep", "infinity"].map(Arc::from).to_vec();
    let over = Overrides { env, stdin: true, entrypoint: rest.then(idle), ..Overrides::default() };
    let config = Arc::new(Config::of(&image, over));
    let hostname = format!("c{n}").into();
    let spec = ContainerSpec { image, config, hostname, host, net, mounts: Arc::default() };
    let id = m.create_container(spec);
    m.start_container(&mut Nowhere, id).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    pass(m, 30_000);
    id
}

fn pass(m: &mut Machines, ms: u64) {
    let until = m.clock.now + ms;
    while let Some(task) = m.clock.next(until) {
        m.handle(&mut Nowhere, task);
    }
    m.clock.now = until;
}

/// Output and exit code of a command, given up after ten minutes.
fn run(m: &mut Machines, space: SpaceId, line: &str) -> (String, Option<i32>) {
    let argv = ["sh", "-c", line].map(Arc::from).to_vec();
    let handle = match m.exec(&mut Nowhere, space, ExecSpec { argv, ..ExecSpec::default() }) {
        Ok(handle) => handle,
        Err(error) => return (format!("{}\n", error.exec_text()), Some(126)),
    };
    let until = m.clock.now + 600_000;
    let (mut out, mut code) = (Vec::new(), None);
    loop {
        for pipe in [handle.stdout, handle.stderr] {
            out.extend(m.take_output(pipe, usize::MAX).unwrap_or_default());
        }
        while let Some(notice) = m.notices.pop_front() {
            match notice {
                Notice::ExecEnded { pid, code: status } if pid == handle.pid => code = Some(status),
                _ => {}
            }
        }
        if code.is_some() {
            break;
        }
        let Some(task) = m.clock.next(until) else { break };
        m.handle(&mut Nowhere, task);
    }
    for pipe in [handle.stdout, handle.stderr] {
        out.extend(m.take_output(pipe, usize::MAX).unwrap_or_default());
    }
    m.close_exec(handle);
    (String::from_utf8_lossy(&out).into_owned(), code)
}

/// A case played again: its text as it should be.
fn play(case: &str) -> String {
    let (title, body) = case.split_once('\n').unwrap_or((case, ""));
    let mut words = title.split_whitespace();
    let image = words.next().unwrap_or("");
    let env: Vec<(String, String)> =
        words.filter_map(|w| w.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
    let (mut m, host) = world();
    let space =
        if image == "laptop" { host } else { container(&mut m, host, image, &env, title.ends_with(" idle")) };
    let mut out = format!("{title}\n");
    for line in body.lines().filter(|l| l.starts_with("$ ") || l.starts_with("#: ")) {
        let _ = writeln!(out, "{line}");
        if let Some(command) = line.strip_prefix("$ ") {
            let (text, code) = run(&mut m, space, command);
            out.push_str(&text);
            if !text.is_empty() && !text.ends_with('\n') {
                out.push_str("\\c\n");
            }
            match code {
                Some(0) => {}
                Some(code) => _ = writeln!(out, "[rc {code}]"),
                None => out.push_str("[still running]\n"),
            }
        }
    }
    out
}

#[test]
fn what_one_finds_inside() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/containers");
    let update = std::env::var_os("UPDATE").is_some();
    let only = std::env::var("CASE").unwrap_or_default();
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let (mut total, mut wrong) = (0, Vec::new());
    for file in files.iter().filter(|f| f.extension().is_some_and(|x| x == "txt")) {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, rest) = text.split_once("#### ").unwrap_or((&text, ""));
        let mut again = head.to_string();
        for case in rest.split("\n#### ").filter(|c| !c.is_empty()) {
            let case = case.trim_end().to_string() + "\n";
            let played = if case.contains(&only) { play(&case) } else { case.clone() };
            total += 1;
            if played.trim_end() != case.trim_end() {
                wrong.push(format!("want:\n{case}\ngot:\n{played}"));
            }
            let _ = writeln!(again, "#### {played}");
        }
        if update {
            std::fs::write(file, again.trim_end().to_string() + "\n").unwrap();
        }
    }
    println!("{} of {total} cases equal", total - wrong.len());
    assert!(update || wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

/// Plays the case in the file that `TRY` names and prints it.
#[test]
#[ignore = "prints what a file says"]
fn try_it() {
    let file = std::env::var("TRY").unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    for case in text.split("\n#### ").skip(1) {
        println!("#### {}", play(case));
    }
}
