//! The shell at a terminal: prompts, continuation lines, the record of each command, Ctrl-C, jobs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // helpers of tests

use drydock_container::machines::Nowhere;
use drydock_container::program::Programs;
use drydock_container::space::{SpaceId, SpaceKind};
use drydock_container::tty::Kind;
use drydock_container::{ExecSpec, Machines, images, shell, utilities};
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use std::sync::Arc;

struct Session {
    m: Machines,
    tty: u32,
}

fn session(argv: &[&str]) -> Session {
    let programs = Programs(&[images::PROGRAMS, shell::PROGRAMS, utilities::PROGRAMS]);
    let mut m = Machines::new(Clock::new(1, 1_795_000_000), programs);
    let host: SpaceId = m.add_host("dock", Ip::new(10, 0, 0, 2), SpaceKind::Laptop);
    let spec = ExecSpec {
        argv: argv.iter().map(|a| Arc::from(*a)).collect(),
        env: vec![("HOME".into(), "/home/learner".into())],
        tty: true,
        stdin: true,
        user: Some("learner".into()),
        cwd: Some("/home/learner".into()),
    };
    let handle = m.exec(&mut Nowhere, host, spec).unwrap_or_else(|e| panic!("{}", e.text));
    let mut session = Session { m, tty: handle.tty };
    session.pass(10);
    session
}

impl Session {
    fn pass(&mut self, ms: u64) {
        let until = self.m.clock.now + ms;
        let mut tasks = 0;
        while let Some(task) = self.m.clock.next(until) {
            self.m.handle(&mut Nowhere, task);
            tasks += 1;
            assert!(tasks < 1_000_000, "too many tasks");
        }
        self.m.clock.now = until;
    }
    fn line(&mut self, line: &str) -> &mut Session {
        self.m.type_line(self.tty, line);
        self.pass(50);
        self
    }
    fn screen(&self) -> String {
        self.m.tty(self.tty).unwrap().output.iter().map(|c| c.text.to_string()).collect()
    }
    fn last_done(&self) -> (String, i32, String) {
        let tty = self.m.tty(self.tty).unwrap();
        let done = tty.done.last().unwrap();
        let chunks = tty.output.iter().skip((done.chunks.0 - tty.dropped) as usize);
        let own = chunks.take((done.chunks.1 - done.chunks.0) as usize);
        let text = own
            .filter(|c| matches!(c.kind, Kind::Stdout | Kind::Stderr))
            .map(|c| c.text.to_string())
            .collect();
        (done.command.to_string(), done.status, text)
    }
}

#[test]
fn prompts_and_records() {
    let mut s = session(&["bash"]);
    assert!(s.screen().ends_with("$ "), "{:?}", s.screen());
    assert!(s.m.tty(s.tty).unwrap().at_prompt);
    s.line("echo hi; false");
    assert_eq!(s.last_done(), ("echo hi; false".into(), 1, "hi\n".into()));
    s.line("for i in 1 2");
    assert!(s.m.tty(s.tty).unwrap().continued);
    s.line("do echo $i").line("done");
    assert_eq!(s.last_done(), ("for i in 1 2\ndo echo $i\ndone".into(), 0, "1\n2\n".into()));
    s.line("nope");
    assert_eq!(s.last_done(), ("nope".into(), 127, "bash: nope: command not found\n".into()));
    s.line("echo )");
    assert_eq!(s.last_done(), ("echo )".into(), 2, "bash: syntax error near unexpected token `)'\n".into()));
    s.line("x='a").line("b'; echo \"$x\"");
    assert_eq!(s.last_done().2, "a\nb\n");
    s.line("cat <<E").line("body $((1+1))").line("E");
    assert_eq!(s.last_done().2, "body 2\n");
    s.line("cd /tmp && pwd");
    assert_eq!(s.last_done().2, "/tmp\n");
    s.line("history | tail -n 2");
    assert_eq!(s.last_done().2, "    7  cd /tmp && pwd\n    8  history | tail -n 2\n");
    s.line("ls /nope | cat");
    assert_eq!(s.last_done().2, "ls: cannot access '/nope': No such file or directory\n");
}

#[test]
fn prompt_of_the_learner() {
    let mut s = session(&["bash"]);
    s.line("PS1='\\u@\\h:\\w\\$ '");
    assert!(s.screen().ends_with("learner@dock:~$ "), "{:?}", s.screen());
    s.line("cd /usr/lib");
    assert!(s.screen().ends_with("learner@dock:/usr/lib$ "), "{:?}", s.screen());
    let mut s = session(&["sh"]);
    assert!(s.screen().ends_with("$ "), "{:?}", s.screen());
    s.line("nope");
    assert_eq!(s.last_done().2, "sh: 1: nope: not found\n");
    s.line("nope2");
    assert_eq!(s.last_done().2, "sh: 2: nope2: not found\n");
}

#[test]
fn interrupts() {
    let mut s = session(&["bash"]);
    s.line("sleep 1000; echo not reached");
    assert!(!s.m.tty(s.tty).unwrap().at_prompt);
    s.m.interrupt(s.tty);
    s.pass(20);
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "{:?}", s.screen());
    assert_eq!(s.last_done().1, 130);
    assert!(!s.screen().contains("not reached\n\n") && !s.screen().ends_with("not reached\n"));
    s.line("while true; do :; done");
    s.m.interrupt(s.tty);
    s.pass(20);
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "{:?}", s.screen());
    s.line("cat");
    s.line("typed");
    s.m.end_of_input(s.tty);
    s.pass(20);
    assert_eq!(s.last_done().2, "typed\n");
    s.m.interrupt(s.tty);
    s.pass(20);
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "{:?}", s.screen());
    s.line("echo alive $?");
    assert_eq!(s.last_done().2, "alive 130\n");
}

#[test]
fn jobs() {
    let mut s = session(&["bash"]);
    s.line("sleep 2 &");
    assert!(s.last_done().2.starts_with("[1] "), "{:?}", s.last_done());
    s.line("jobs");
    assert_eq!(s.last_done().2, "[1]+  Running                 sleep 2 &\n");
    s.pass(3000);
    s.line("");
    assert!(s.screen().contains("[1]+  Done                    sleep 2\n"), "{:?}", s.screen());
    s.line("sleep 100 &").line("kill %1");
    s.line("");
    assert!(s.screen().contains("[1]+  Terminated              sleep 100\n"), "{:?}", s.screen());
    s.line("sleep 1 | cat &").line("fg");
    s.pass(2000);
    assert_eq!(s.last_done().0, "fg");
    assert_eq!(s.last_done().1, 0);
    s.line("sleep 100");
    s.m.feed(s.tty, &[26]);
    s.pass(20);
    assert!(s.screen().contains("[1]+  Stopped                 sleep 100\n"), "{:?}", s.screen());
    s.line("bg; kill %1");
    s.line("exit");
    s.line("exit");
    assert!(s.screen().contains("exit\n"));
}

impl Session {
    fn keys(&mut self, keys: &str) -> &mut Session {
        self.m.type_keys(self.tty, keys);
        self.pass(50);
        self
    }
    /// What the screen shows since it was last cleared, without the cursor's place.
    fn picture(&self) -> Vec<String> {
        let all = self.screen();
        let last = all.rsplit("\u{1b}[2J").next().unwrap_or("");
        let text = last.split("\u{1b}[").next().unwrap_or("");
        text.lines().map(|l| l.trim_end().to_string()).collect()
    }
}

#[test]
fn less_shows_a_screenful_at_a_time() {
    let mut s = session(&["bash"]);
    s.line("seq 100 > n; less n");
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "without keys it prints through");
    assert!(s.last_done().2.ends_with("100\n"));
    s.keys("").line("less n");
    assert_eq!((s.picture()[0].as_str(), s.picture().last().unwrap().as_str()), ("1", "n"));
    let first = |s: &Session| s.picture()[0].clone();
    let seen = |s: &mut Session, keys: &str| {
        s.keys(keys);
        first(s)
    };
    assert_eq!(seen(&mut s, " "), "24");
    assert_eq!(seen(&mut s, "b"), "1");
    assert_eq!(seen(&mut s, "/55\r"), "55");
    assert_eq!(seen(&mut s, "3j\u{1b}[Bk"), "58");
    assert_eq!(seen(&mut s, "G"), "78");
    assert_eq!(s.picture().last().unwrap(), "(END)");
    assert_eq!(seen(&mut s, "g/^9\rnn"), "91");
    assert_eq!(seen(&mut s, "20g"), "20");
    s.keys("/nothing here\r");
    assert_eq!(s.picture().last().unwrap(), "Pattern not found  (press RETURN)");
    s.keys("q");
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "{:?}", s.screen());
    s.line("seq 100 | less").keys("dq").line("seq 3 | more").line("echo $?");
    assert_eq!(s.last_done().2, "0\n");
    s.line("less /nope");
    assert!(s.screen().contains("/nope: No such file or directory\n"));
}

#[test]
fn vi_and_nano_edit_on_the_screen() {
    // The learner's own terminals, whose numbers are low, open the page's editor instead.
    let mut s = session(&["bash"]);
    s.line("printf 'one\\ntwo\\nthree\\n' > f; vi f");
    assert_eq!(s.picture()[..4], ["one", "two", "three", "~"]);
    assert_eq!(s.picture().last().unwrap(), "\"f\" 3L, 14B");
    s.keys("ddp").keys("Onew line\r").keys("x\u{7f}y\u{1b}").keys(":%s/e/E/g\r");
    assert_eq!(s.picture()[..5], ["two", "nEw linE", "y", "onE", "thrEE"]);
    s.keys(":set nu\r");
    assert_eq!(s.picture()[0], "  1 two");
    s.keys(":q\r");
    assert_eq!(s.picture().last().unwrap(), "E37: No write since last change (add ! to override)");
    s.keys(":w\r");
    assert_eq!(s.picture().last().unwrap(), "\"f\" 5L, 25B written");
    s.keys("ggixyz\u{3}:q!\r");
    assert!(s.m.tty(s.tty).unwrap().at_prompt, "{:?}", s.screen());
    s.line("cat f");
    assert_eq!(s.last_done().2, "two\nnEw linE\ny\nonE\nthrEE\n");
    s.line("nano g").keys("hello\rworld").keys("\u{18}y\r").line("cat g");
    assert_eq!(s.last_done().2, "hello\nworld\n");
    s.line("nano g").keys("\u{b}\u{1b}[B\u{15}\u{f}\r\u{18}").line("cat g");
    assert_eq!(s.last_done().2, "world\nhello\n");
}
