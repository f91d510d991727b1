//! Conformance of the shells and utilities: every case of `tests/shell/*.txt` gives what the real bash,
//! dash and busybox gave when `record.py` recorded them. `CASE=text` runs those whose shell, title or file has it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // helpers of tests
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // the environment says which cases

use drydock_container::filesystem::{Content, Inode};
use drydock_container::machines::Nowhere;
use drydock_container::program::Programs;
use drydock_container::space::{SpaceId, SpaceKind};
use drydock_container::{ExecSpec, Machines, Notice, images, shell, utilities};
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use std::sync::Arc;

fn world() -> (Machines, SpaceId) {
    let programs = Programs(&[images::PROGRAMS, shell::PROGRAMS, utilities::PROGRAMS]);
    let mut m = Machines::new(Clock::new(1, 1_795_000_000), programs);
    let host = m.add_host("dock", Ip::new(10, 0, 0, 2), SpaceKind::Laptop);
    let ash = Inode {
        content: Content::Program("ash".into()),
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime: 0,
        links: 1,
        size: 1,
    };
    m.filesystem_mut(host, None).unwrap().put("/usr/bin/ash", ash).unwrap();
    (m, host)
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs a script until it ends or `ms` of simulated time have passed.
fn run(m: &mut Machines, host: SpaceId, argv: &[&str], env: &[(&str, &str)], cwd: &str, ms: u64) -> Ran {
    let text = |t: &str| -> Arc<str> { t.into() };
    let spec = ExecSpec {
        argv: argv.iter().map(|a| text(a)).collect(),
        env: env.iter().map(|(n, v)| (text(n), text(v))).collect(),
        cwd: Some(cwd.into()),
        ..ExecSpec::default()
    };
    let handle = m.exec(&mut Nowhere, host, spec).unwrap_or_else(|e| panic!("{}", e.text));
    let until = m.clock.now + ms;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut code = None;
    let mut tasks = 0u64;
    loop {
        let mut take = |m: &mut Machines| {
            out.extend(m.take_output(handle.stdout, usize::MAX).unwrap_or_default());
            err.extend(m.take_output(handle.stderr, usize::MAX).unwrap_or_default());
        };
        take(m);
        while let Some(notice) = m.notices.pop_front() {
            if let Notice::ExecEnded { pid, code: status } = notice
                && pid == handle.pid
            {
                code = Some(status);
            }
        }
        if code.is_some() || out.len() > 8 << 20 {
            break;
        }
        let Some(task) = m.clock.next(until) else { break };
        tasks += 1;
        assert!(tasks < 3_000_000, "too many tasks");
        m.handle(&mut Nowhere, task);
    }
    out.extend(m.take_output(handle.stdout, usize::MAX).unwrap_or_default());
    err.extend(m.take_output(handle.stderr, usize::MAX).unwrap_or_default());
    m.close_exec(handle);
    let text = |b: Vec<u8>| without_numbers(&String::from_utf8_lossy(&b));
    Ran { code, out: text(out), err: text(err) }
}

/// As the recorder, puts PID for the number of a killed process.
fn without_numbers(text: &str) -> String {
    let numbered = |line: &str| -> Option<String> {
        let (head, rest) = line.split_once(": line ").and_then(|(_, r)| r.split_once(": "))?;
        let tail = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let names = [" Hangup", " Quit", " Aborted", " Killed", " User defined", " Segmentation", " Alarm"];
        let known = tail.len() < rest.trim_start().len() && names.iter().any(|n| tail.starts_with(n));
        let start = line.len() - rest.len();
        let _ = head;
        known.then(|| format!("{}PID{tail}", &line[..start]))
    };
    text.split_inclusive('\n').map(|l| numbered(l).unwrap_or_else(|| l.to_string())).collect()
}

const ENV: &[(&str, &str)] =
    &[("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LC_ALL", "C"), ("USER", "root"), ("LANG", "C")];

fn untag(lines: &[&str], tag: &str) -> String {
    let mut out = String::new();
    for line in lines.iter().filter_map(|l| l.strip_prefix(tag)) {
        match line.strip_suffix("\\c") {
            Some(text) => out.push_str(text),
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[test]
fn conformance() {
    let (mut total, mut failed) = (0, Vec::new());
    let only = std::env::var("CASE").ok();
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shell");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|x| x == "txt")) {
        let text = std::fs::read_to_string(file).unwrap();
        let known: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("known: ")).collect();
        for case in text.split("\n#### ").flat_map(|c| c.strip_prefix("#### ").or(Some(c))) {
            let Some((title, body)) = case.split_once('\n') else { continue };
            let mut parts = body.split("\n==== ");
            let script = parts.next().unwrap_or("");
            for recorded in parts {
                let lines: Vec<&str> = recorded.lines().collect();
                let head: Vec<&str> = lines[0].split(' ').collect();
                let (name, code) = (head[0], head[2].parse::<i32>().unwrap());
                let label = format!("{name}: {title}");
                if only.as_ref().is_some_and(|o| !format!("{label} {}", file.display()).contains(o.as_str()))
                    || known.contains(&label.as_str())
                {
                    continue;
                }
                total += 1;
                let (mut m, host) = world();
                let made = run(&mut m, host, &["mkdir", "-p", "/tmp/w"], ENV, "/", 1000);
                assert_eq!(made.code, Some(0), "{}", made.err);
                let got = run(&mut m, host, &[name, "-c", script], ENV, "/tmp/w", 60_000);
                let (out, err) = (untag(&lines, "out>"), untag(&lines, "err>"));
                if got.code != Some(code) || got.out != out || got.err != err {
                    let show = |what: &str, want: &str, got: &str| match want == got {
                        true => String::new(),
                        false => format!("  {what}\n    want {want:?}\n    got  {got:?}\n"),
                    };
                    let codes = show("rc", &format!("{:?}", Some(code)), &format!("{:?}", got.code));
                    failed.push(format!(
                        "{label}\n  {script:?}\n{codes}{}{}",
                        show("stdout", &out, &got.out),
                        show("stderr", &err, &got.err)
                    ));
                }
            }
        }
    }
    println!("{} of {total} cases equal", total - failed.len());
    assert!(failed.is_empty(), "{} of {total} differ\n\n{}", failed.len(), failed.join("\n"));
}

/// Runs a script for a while; gives what it did and how many tasks a shell beside it may need.
fn bounded(script: &str, ms: u64) -> Ran {
    let (mut m, host) = world();
    let ran = run(&mut m, host, &["bash", "-c", script], ENV, "/tmp", ms);
    let after = run(&mut m, host, &["sh", "-c", "echo alive"], ENV, "/tmp", 60_000);
    assert!(after.code.is_some(), "the world is stuck after {script}");
    ran
}

#[test]
fn endless_loops_and_output_are_bounded() {
    assert_eq!(bounded("while true; do :; done", 50).code, None);
    assert_eq!(bounded("yes > /dev/null", 20).code, None);
    assert!(bounded("yes", 20).out.len() > 1000);
    assert_eq!(bounded("cat /dev/zero > /dev/null", 20).code, None);
    assert_eq!(bounded("yes | head -n 2", 5_000).out, "y\ny\n");
    assert_eq!(bounded("cat /dev/zero | head -c 5 | wc -c", 5_000).out, "5\n");
    assert_eq!(bounded("timeout 1 yes | tail -n 1", 60_000).out, "y\n");
}

#[test]
fn recursion_and_forks_are_bounded() {
    let ran = bounded("f() { f; }; f; echo after", 60_000);
    assert!(ran.code.is_some_and(|c| c != 0) && ran.err.contains("nesting level"), "{:?}", ran.err);
    let (mut m, host) = world();
    run(&mut m, host, &["bash", "-c", "b() { b | b & }; b; sleep 1"], ENV, "/tmp", 30);
    assert!(m.processes.len() <= drydock_machinery::limits::PROCESSES + m.spaces.len());
    assert_eq!(bounded("echo $((((((((((((((((((((((1))))))))))))))))))))))", 1000).code, Some(0));
    let deep = format!("echo {}1{}", "$(echo ".repeat(300), ")".repeat(300));
    assert_eq!(bounded(&deep, 1000).code, Some(2));
}

#[test]
fn a_large_here_document_passes() {
    let line = "x".repeat(99);
    let script = format!("wc -c <<E\n{}E\n", format!("{line}\n").repeat(10_000));
    assert_eq!(bounded(&script, 10_000).out, "1000000\n");
}

#[test]
fn files_of_a_gigabyte_do_not_fit() {
    let ran = bounded("dd if=/dev/zero of=big bs=1M count=1024; echo $?; wc -c < big", 120_000);
    assert!(ran.err.contains("dd: error writing 'big': File too large"), "{}", ran.err);
    assert!(ran.out.starts_with("1\n8"), "{}", ran.out);
    let ran = bounded("truncate -s 1G g; echo $?", 60_000);
    assert!(ran.code.is_some(), "{}", ran.err);
}
