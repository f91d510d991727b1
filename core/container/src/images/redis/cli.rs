//! `redis-cli`: one command from its arguments, or commands from its input; formatted for people on a
//! terminal and raw otherwise.

use crate::fd::{Read, STDIN, STDOUT};
use crate::images::redis::resp::Reply;
use crate::machine::{Behave, Machine, Once, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use std::sync::Arc;

#[derive(Clone, Hash)]
struct Cli {
    host: Arc<str>,
    port: u16,
    password: Option<Arc<str>>,
    /// The one command to run, if it came as arguments.
    command: Option<Vec<Vec<u8>>>,
    exchange: u64,
    prompted: bool,
    failed: bool,
    repeat: u32,
    raw: bool,
}

/// Reads the arguments.
pub(super) fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let mut cli = Cli {
        host: "127.0.0.1".into(),
        port: 6379,
        password: sys.env("REDISCLI_AUTH"),
        command: None,
        exchange: 0,
        prompted: false,
        failed: false,
        repeat: 1,
        raw: !sys.is_tty(STDOUT),
    };
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "-h" => cli.host = words.next().cloned().unwrap_or(cli.host),
            "-p" => cli.port = words.next().and_then(|p| p.parse().ok()).unwrap_or(6379),
            "-a" | "--pass" => cli.password = words.next().cloned(),
            "-n" | "-u" | "--user" | "-i" => _ = words.next(),
            "-r" => cli.repeat = words.next().and_then(|n| n.parse().ok()).unwrap_or(1),
            "--raw" => cli.raw = true,
            "--no-raw" => cli.raw = false,
            "--no-auth-warning" | "-c" => {}
            "-v" | "--version" => {
                let version = sys.env("REDIS_VERSION").unwrap_or_default();
                sys.print(&format!("redis-cli {version}\n"));
                return Box::new(Once(|_| 0));
            }
            first => {
                let rest =
                    [first.as_bytes().to_vec()].into_iter().chain(words.map(|w| w.as_bytes().to_vec()));
                cli.command = Some(rest.collect());
                break;
            }
        }
    }
    Box::new(cli)
}

impl Cli {
    /// Sends a command; a failure to find the host is said at once.
    fn send(&mut self, sys: &mut Sys<'_>, words: &[Vec<u8>]) -> bool {
        let Some(ip) = sys.resolve(&self.host).and_then(|ips| ips.first().copied()) else {
            sys.eprint(&format!(
                "Could not connect to Redis at {}:{}: Name or service not known\n",
                self.host, self.port
            ));
            return false;
        };
        let auth = self.password.iter().flat_map(|p| [b"AUTH".to_vec(), p.as_bytes().to_vec()]);
        let words = auth.chain(words.iter().cloned()).map(Reply::Bulk).collect();
        let bytes: Arc<[u8]> = Reply::Many(words).encode().into();
        self.exchange = sys.send(Target { ip, port: self.port }, Payload::Bytes(bytes), 5_000);
        true
    }
    fn show(&mut self, sys: &mut Sys<'_>, answer: Result<Answer, Failure>) {
        let text = match answer {
            Ok(Answer::Bytes(bytes)) => match Reply::decode(&bytes) {
                Some((reply, _)) => {
                    self.failed |= matches!(reply, Reply::Error(_));
                    if self.raw { raw(&reply) + "\n" } else { pretty(&reply, "") }
                }
                None => "Error: Protocol error, got \"H\" as reply type byte\n".into(),
            },
            Ok(_) => "Error: Protocol error, got \"H\" as reply type byte\n".into(),
            Err(failure) => {
                self.failed = true;
                let why = match failure {
                    Failure::Refused => "Connection refused",
                    Failure::Unreachable => "No route to host",
                    Failure::TimedOut => "Connection timed out",
                    Failure::Reset => {
                        return sys.eprint("Error: Server closed the connection\n");
                    }
                };
                return sys
                    .eprint(&format!("Could not connect to Redis at {}:{}: {why}\n", self.host, self.port));
            }
        };
        sys.print(&text);
    }
}

impl Behave for Cli {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.exchange != 0 {
            match sys.answer(self.exchange) {
                None => return Step::wait(Wait::Answer(self.exchange)),
                Some(answer) => {
                    self.exchange = 0;
                    self.show(sys, answer);
                    if self.command.is_some() {
                        self.repeat = self.repeat.saturating_sub(1);
                        if self.repeat == 0 || self.failed {
                            return Step::Exit(i32::from(self.failed));
                        }
                    }
                }
            }
        }
        if let Some(words) = self.command.clone() {
            return if self.send(sys, &words) {
                Step::wait(Wait::Answer(self.exchange))
            } else {
                Step::Exit(1)
            };
        }
        if sys.is_tty(STDIN) && !self.prompted {
            sys.print(&format!("{}:{}> ", self.host, self.port));
            self.prompted = true;
        }
        match sys.read_line(STDIN) {
            Read::Data(line) => {
                self.prompted = false;
                let words = split(&String::from_utf8_lossy(&line));
                match words.first().map(|w| w.to_ascii_lowercase()).as_deref() {
                    None => Step::Again,
                    Some(b"quit" | b"exit") => Step::Exit(0),
                    Some(_) if self.send(sys, &words) => Step::wait(Wait::Answer(self.exchange)),
                    Some(_) => Step::Again,
                }
            }
            Read::Block => Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => Step::Exit(0),
        }
    }
}

/// Words of a line, with quotes.
fn split(line: &str) -> Vec<Vec<u8>> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), Vec::new(), None, false);
    for c in line.trim().bytes() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, b'"' | b'\'') => {
                quote = Some(c);
                open = true;
            }
            (None, c) if c.is_ascii_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

fn raw(reply: &Reply) -> String {
    match reply {
        Reply::Status(text) => text.clone(),
        Reply::Error(text) => format!("{text}\n"),
        Reply::Number(n) => n.to_string(),
        Reply::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Reply::Nil => String::new(),
        Reply::Many(list) => list.iter().map(raw).collect::<Vec<_>>().join("\n"),
    }
}

fn pretty(reply: &Reply, indent: &str) -> String {
    match reply {
        Reply::Status(text) => format!("{text}\n"),
        Reply::Error(text) => format!("(error) {text}\n"),
        Reply::Number(n) => format!("(integer) {n}\n"),
        Reply::Bulk(bytes) => {
            let text = String::from_utf8_lossy(bytes)
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
                .replace('\r', "\\r");
            format!("\"{text}\"\n")
        }
        Reply::Nil => "(nil)\n".into(),
        Reply::Many(list) if list.is_empty() => "(empty array)\n".into(),
        Reply::Many(list) => {
            let width = list.len().to_string().len();
            let mut out = String::new();
            for (n, item) in list.iter().enumerate() {
                let head = format!("{:>width$}) ", n + 1);
                let inner = format!("{indent}{}", " ".repeat(head.len()));
                out.push_str(&format!("{}{head}{}", if n == 0 { "" } else { indent }, pretty(item, &inner)));
            }
            out
        }
    }
}
