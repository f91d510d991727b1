//! The process machine with tiny programs.

use crate::Signal;
use crate::machines::{Notice, Nowhere};
use crate::process::State;
use crate::testing::*;
use std::sync::Arc;

#[test]
fn output_goes_to_the_log_and_the_exit_code_to_a_notice() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["echo"]));
    assert!(m.start_container(&mut Nowhere, c).is_ok());
    run(&mut m, 10);
    assert_eq!(log_text(&m, c), "hello\noops\n");
    assert_eq!(m.logs(c).map(|l| l.iter().map(|e| e.error).collect::<Vec<_>>()), Some(vec![false, true]));
    assert_eq!(ended(&m, c), Some(3));
    assert!(
        m.processes.is_empty() && m.children.is_empty() && m.residents.is_empty() && m.waiters.is_empty()
    );
}

#[test]
fn start_errors_are_runcs() {
    let (mut m, host) = world();
    let text = |m: &mut crate::Machines, words: &[&str]| {
        let c = container(m, host, "busybox", 1, args(words));
        let error = m.start_container(&mut Nowhere, c).unwrap_err();
        (error.create_text(), error.code)
    };
    let prefix = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
    assert_eq!(
        text(&mut m, &["nosuchcmd"]),
        (format!("{prefix}exec: \"nosuchcmd\": executable file not found in $PATH: unknown"), 127)
    );
    assert_eq!(
        text(&mut m, &["/etc/passwd"]),
        (format!("{prefix}exec: \"/etc/passwd\": permission denied: unknown"), 126)
    );
    assert_eq!(
        text(&mut m, &["/etc"]),
        (format!("{prefix}exec: \"/etc\": is a directory: unknown: permission denied"), 126)
    );
    let (missing, code) = text(&mut m, &["/bin/nope"]);
    assert_eq!(
        (missing, code),
        (format!("{prefix}exec: \"/bin/nope\": stat /bin/nope: no such file or directory: unknown"), 127)
    );
}

#[test]
fn pid_1_ignores_what_it_does_not_handle() {
    let (mut m, host) = world();
    let plain = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    let handler = container(&mut m, host, "busybox", 2, args(&["tail"]));
    m.start_container(&mut Nowhere, plain).unwrap();
    m.start_container(&mut Nowhere, handler).unwrap();
    run(&mut m, 5);
    m.stop(plain, None);
    m.stop(handler, None);
    run(&mut m, 5);
    assert_eq!((ended(&m, plain), ended(&m, handler)), (None, Some(7)));
    m.stop(plain, Some(Signal::Kill));
    run(&mut m, 5);
    assert_eq!(ended(&m, plain), Some(137));
}

#[test]
fn an_exec_dies_of_term_and_with_pid_1() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let first = m.exec(&mut Nowhere, c, exec_of(&["sleep"])).unwrap();
    let second = m.exec(&mut Nowhere, c, exec_of(&["sleep"])).unwrap();
    run(&mut m, 5);
    m.kill(first.pid, Signal::Term);
    run(&mut m, 5);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: first.pid, code: 143 }));
    m.stop(c, Some(Signal::Kill));
    run(&mut m, 5);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: second.pid, code: 137 }));
    assert!(m.processes.is_empty());
}

#[test]
fn parents_wait_and_orphans_go_to_pid_1() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["env", "echo"]));
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 5);
    assert!(log_text(&m, c).ends_with("child 3\n"));
    // A child that leaves an orphan behind: the orphan lives on under PID 1.
    let c = container(&mut m, host, "busybox", 2, args(&["sleep"]));
    let init = m.start_container(&mut Nowhere, c).unwrap();
    m.exec(&mut Nowhere, c, exec_of(&["nohup", "sleep"])).unwrap();
    run(&mut m, 5);
    let orphan = m.processes.values().find(|p| p.pid != init).unwrap().clone();
    assert_eq!((orphan.parent, orphan.adopted), (init, true));
    m.kill(orphan.pid, Signal::Term);
    run(&mut m, 5);
    assert_eq!(m.processes.len(), 1, "an adopted child is reaped without anyone asking");
}

#[test]
fn a_child_nobody_waits_for_is_a_zombie() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    let argv: Arc<[Arc<str>]> = [Arc::from("echo")].into();
    let init = m.start_container(&mut Nowhere, c).unwrap();
    let spawn = |m: &crate::Machines, parent| crate::kernel::Spawn {
        parent,
        group: 0,
        space: c,
        argv: argv.clone(),
        env: imbl::OrdMap::new(),
        implicit_env: true,
        cwd: "/".into(),
        uid: 0,
        gid: 0,
        umask: 0,
        fds: m.standard_fds.clone(),
    };
    let asked = spawn(&m, init);
    let child = m.spawn(&mut Nowhere, asked).unwrap();
    // Only the child runs.
    m.run(&mut Nowhere, child);
    assert_eq!(m.process(child).map(|p| p.state.clone()), Some(State::Zombie(3)));
    m.remove_container(c);
    assert!(m.processes.is_empty() && m.residents.is_empty());
}

#[test]
fn a_full_pipe_holds_its_writer_back() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let h = m.exec(&mut Nowhere, c, exec_of(&["yes"])).unwrap();
    let tasks = run(&mut m, 1_000);
    assert!(tasks < 50, "blocked writers do not run: {tasks}");
    let held = m.pipes.get(&h.stdout).map_or(0, |p| p.len());
    assert!((65_536..80_000).contains(&held), "{held}");
    let got = m.take_output(h.stdout, usize::MAX).map_or(0, |b| b.len());
    assert_eq!(got, held);
    run(&mut m, 1);
    assert!(m.pipes.get(&h.stdout).is_some_and(|p| p.len() >= 65_536), "it goes on once there is room");
    // Nobody reads anymore: SIGPIPE.
    m.close_output(h.stdout);
    run(&mut m, 5);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: h.pid, code: 141 }));
}

#[test]
fn input_and_its_end_reach_the_reader() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let spec = crate::ExecSpec { stdin: true, ..exec_of(&["cat"]) };
    let h = m.exec(&mut Nowhere, c, spec).unwrap();
    assert!(m.write_input(h.stdin, b"one\ntw"));
    run(&mut m, 1);
    assert_eq!(m.take_output(h.stdout, 100), Some(b"one\n".to_vec()));
    m.write_input(h.stdin, b"o");
    m.close_input(h.stdin);
    run(&mut m, 1);
    assert_eq!(m.take_output(h.stdout, 100), Some(b"two".to_vec()));
    assert_eq!(m.take_output(h.stdout, 100), None);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: h.pid, code: 0 }));
}

#[test]
fn a_terminal_interrupts_and_ends() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let spec = crate::ExecSpec { tty: true, stdin: true, ..exec_of(&["cat"]) };
    let h = m.exec(&mut Nowhere, c, spec.clone()).unwrap();
    m.feed(h.tty, b"hi\n");
    run(&mut m, 1);
    assert_eq!(m.take_output(h.stdout, 100), Some(b"hi\n".to_vec()));
    m.feed(h.tty, &[4]);
    run(&mut m, 1);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: h.pid, code: 0 }));
    let h = m.exec(&mut Nowhere, c, spec).unwrap();
    run(&mut m, 1);
    m.feed(h.tty, &[3]);
    run(&mut m, 1);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: h.pid, code: 130 }));
}

#[test]
fn stopped_processes_do_not_run() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["sleep"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let spec = crate::ExecSpec { stdin: true, ..exec_of(&["cat"]) };
    let h = m.exec(&mut Nowhere, c, spec).unwrap();
    run(&mut m, 1);
    m.kill(h.pid, Signal::Stop);
    run(&mut m, 1);
    m.write_input(h.stdin, b"x\n");
    run(&mut m, 5);
    assert_eq!(m.take_output(h.stdout, 9), Some(Vec::new()));
    m.kill(h.pid, Signal::Cont);
    run(&mut m, 5);
    assert_eq!(m.take_output(h.stdout, 9), Some(b"x\n".to_vec()));
}

#[test]
fn nothing_runs_for_ever_without_time_passing() {
    let (mut m, host) = world();
    let busy = container(&mut m, host, "busybox", 1, args(&["true"]));
    m.start_container(&mut Nowhere, busy).unwrap();
    assert!(run(&mut m, 100) <= 102);
    m.remove_container(busy);
    // A writer whose output is always taken.
    let c = container(&mut m, host, "busybox", 2, args(&["yes"]));
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 100);
    assert!(m.logs(c).is_some_and(|l| l.bytes() <= drydock_machinery::limits::LOG_BYTES));
}

#[test]
fn a_fork_bomb_meets_the_limit() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["nice"]));
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 1_000);
    assert!(m.processes.len() <= drydock_machinery::limits::PROCESSES + m.spaces.len());
    m.stop(c, Some(Signal::Kill));
    run(&mut m, 10);
    assert!(m.processes.is_empty());
}

#[test]
fn clones_go_their_own_ways_and_agree() {
    let (mut m, host) = world();
    let c = container(&mut m, host, "busybox", 1, args(&["yes"]));
    m.start_container(&mut Nowhere, c).unwrap();
    let mut twin = m.clone();
    run(&mut m, 20);
    run(&mut twin, 20);
    assert_eq!(m.digest(), twin.digest());
    run(&mut twin, 20);
    assert_ne!(m.digest(), twin.digest());
}
