//! A real kubectl in a real shell against `drydock apiserver`, with simulated time held by hand.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Wall time a command may take beyond what is simulated.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the children of process `$1` (other than this script) have not used the processor for a moment:
/// what they had to say is said. At most ten seconds; on a busy machine longer than on an idle one.
const REST: &str = r#"#!/bin/bash
used() {
  local asking=$BASHPID
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v of=$1 -v me=$$ -v asking=$asking \
    '$4 == of && $1 != me && $1 != asking { print $1, $14 + $15 }'
}
rest() {
  local before now calm=0 n=0
  while [ $calm -lt 2 ] && [ $((n++)) -lt 70 ]; do
    /bin/sleep 0.15
    now=$(used $1)
    if [ "$now" = "$before" ]; then calm=$((calm + 1)); else calm=0; fi
    before=$now
  done
}
exec 3<>/dev/tcp/${CONTROL/:/\/}
"#;

/// `sleep` passes simulated time.
const SLEEP: &str = r#"rest $PPID
echo "advance $1" >&3
read -r _ <&3
"#;

/// `timeout` stops a command after simulated time. The command has a moment to print before and after.
const TIMEOUT: &str = r#"limit=$1
shift
"$@" 3>&- &
pid=$!
rest $$
if kill -0 $pid 2>/dev/null; then
  echo "advance $limit" >&3
  read -r _ <&3
  rest $$
fi
if kill $pid 2>/dev/null; then
  wait $pid 2>/dev/null
  exit 124
fi
wait $pid
"#;

/// The server, and the shell that speaks to it.
pub struct Real {
    server: Child,
    shell: Child,
    typed: ChildStdin,
    answers: Receiver<String>,
    control: (TcpStream, BufReader<TcpStream>),
    address: String,
    root: PathBuf,
}

impl Drop for Real {
    fn drop(&mut self) {
        // They may be gone already.
        for child in [&mut self.shell, &mut self.server] {
            _ = child.kill();
            _ = child.wait();
        }
        _ = std::fs::remove_dir_all(&self.root);
    }
}

impl Real {
    /// Starts both; `files` are copied into the shell's home.
    ///
    /// # Panics
    /// If one of them does not start.
    #[must_use]
    pub fn start(drydock: &Path, kubectl: &Path, files: &Path) -> Real {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("drydock-live-{}-{number}", std::process::id()));
        let (home, bin) = (root.join("home"), root.join("bin"));
        std::fs::create_dir_all(home.join(".kube")).expect("a temporary folder");
        std::fs::create_dir_all(&bin).expect("a temporary folder");
        let copied = Command::new("cp").arg("-r").arg(files.join(".")).arg(&home).status();
        assert!(copied.expect("cp runs").success());
        std::os::unix::fs::symlink(kubectl, bin.join("kubectl")).expect("a link to kubectl");
        for (name, text) in [("sleep", SLEEP), ("timeout", TIMEOUT)] {
            let path = bin.join(name);
            std::fs::write(&path, format!("{REST}{text}")).expect("a script");
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&path, executable).expect("its mode");
        }
        let mut server = Command::new(drydock)
            .args(["apiserver", "--control", "127.0.0.1:0", "--kubeconfig"])
            .arg(home.join(".kube/config"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("drydock starts");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("stdout is a pipe"))
            .read_line(&mut line)
            .expect("drydock says where it listens");
        let ready: serde_json::Value = serde_json::from_str(&line).expect("one JSON line");
        let text = |field: &str| ready[field].as_str().unwrap_or_default().to_string();
        let control = TcpStream::connect(text("control")).expect("the control line");
        let reader = BufReader::new(control.try_clone().expect("a second handle"));
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(&home)
            .env_clear()
            .env("PATH", path)
            .env("HOME", &home)
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("CONTROL", text("control"))
            .env("TMPDIR", &root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash starts");
        let typed = shell.stdin.take().expect("stdin is a pipe");
        let lines = BufReader::new(shell.stdout.take().expect("stdout is a pipe")).lines();
        let (answer, answers) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| answer.send(line)));
        let address = text("apiserver");
        Real { server, shell, typed, answers, control: (control, reader), address, root }
    }

    fn hand(&mut self, command: &str) -> serde_json::Value {
        self.control.0.write_all(format!("{command}\n").as_bytes()).expect("the control line is open");
        let mut line = String::new();
        self.control.1.read_line(&mut line).expect("the control line answers");
        serde_json::from_str(&line).expect("one JSON line")
    }

    /// Plays a command that began and ended at these moments on the other side.
    ///
    /// # Panics
    /// If the shell has gone.
    pub fn play(&mut self, line: &str, from: u64, to: u64) -> (i64, String, String) {
        self.hand(&format!("until {from}"));
        // Latencies differ by what numbers exchanges have: waiting may take a moment longer here.
        self.hand(&format!("allow {}", to + 400));
        let (out, err) = (self.root.join("stdout"), self.root.join("stderr"));
        let command =
            format!("{{ {line}\n}} >{} 2>{} </dev/null; echo \"rc $?\"\n", out.display(), err.display());
        self.typed.write_all(command.as_bytes()).expect("bash reads");
        let begun = Instant::now();
        let mut more = 400;
        let rc = loop {
            match self.answers.recv_timeout(Duration::from_millis(500)) {
                Ok(answer) => break answer.trim_start_matches("rc ").parse().unwrap_or(-1),
                Err(RecvTimeoutError::Disconnected) => panic!("bash ended during {line}"),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() > PATIENCE => {
                    // Whatever it is that hangs: the next command finds the shell again.
                    let group = format!("pkill -P {}", self.shell.id());
                    _ = Command::new("bash").args(["-c", &group]).status();
                    if begun.elapsed() > PATIENCE * 2 {
                        break -2;
                    }
                }
                // A client that was busy when it could have waited: a moment more, which the pause between
                // two commands swallows. `timeout` passes its time itself.
                Err(RecvTimeoutError::Timeout)
                    if begun.elapsed() > PATIENCE / 8 && !line.starts_with("timeout ") =>
                {
                    more = (more + 50).min(900);
                    self.hand(&format!("allow {}", to + more));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        // What a background command still prints belongs to its own file.
        let read =
            |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        (rc, read(&out), read(&err))
    }
}

/// A text without what the two sides cannot have in common: the address of the server, by HTTPS there and by
/// HTTP here, and the home folder; colours, which only a terminal gets; klog's date, process number and
/// source line; the names and times of files in the heads of a diff; how long a request took.
#[must_use]
pub fn masked(text: &str, real: &Real) -> String {
    let home = real.root.join("home").display().to_string();
    let text = text.replace(&home, "/home/learner").replace(&real.address, "https://127.0.0.1:6443");
    let text =
        ["[0m", "[0;32m", "[0;33m"].into_iter().fold(text, |t, c| t.replace(&format!("\u{1b}{c}"), ""));
    let text = text.replace(real.address.trim_start_matches("http://"), "127.0.0.1:6443");
    // An interactive shell tells of its background jobs.
    let job = |line: &&str| !(line.starts_with('[') && line.as_bytes().get(2) == Some(&b']'));
    let lines: Vec<String> = text.split('\n').filter(job).map(|line| masked_line(line, &real.root)).collect();
    lines.join("\n")
}

/// Whether two texts are the same but for ages that the real client took from its own clock, which does not
/// go with the simulated one: there they are hundreds of days, and columns are as wide as those.
#[must_use]
pub fn same(ours: &str, real: &str) -> bool {
    let age = |word: &str| {
        let digits = word.trim_end_matches('d');
        digits.len() >= 3 && digits.len() < word.len() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let short =
        |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['s', 'm', 'h', 'd']);
    let words = |text: &str| -> Vec<Vec<String>> {
        let line = |l: &str| l.split_whitespace().map(|w| w.trim_matches(['(', ')']).to_string()).collect();
        text.split('\n').map(line).collect()
    };
    if ours == real {
        return true;
    }
    let (ours, real) = (words(ours), words(real));
    if ours.len() != real.len() || !real.iter().flatten().any(|w| age(w)) {
        return false;
    }
    ours.iter()
        .zip(&real)
        .all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x == y || age(y) && short(x)))
}

fn masked_line(line: &str, root: &Path) -> String {
    let bytes = line.as_bytes();
    let klog = bytes.len() > 30
        && b"IWEF".contains(&bytes[0])
        && bytes[1..5].iter().all(u8::is_ascii_digit)
        && bytes[5] == b' ';
    if klog && let Some((_, rest)) = line.split_once("] ") {
        let cut = rest.find(" milliseconds=").map_or(rest, |at| &rest[..at]);
        // Switches stand in the random order of a Go map.
        let cut = if cut.starts_with("\"Feature gate") { "a feature gate" } else { cut };
        return format!("{}KLOG] {cut}", &line[..1]);
    }
    for mark in ["--- ", "+++ ", "diff -"] {
        if line.starts_with(mark) && (line.contains("/LIVE-") || line.contains("/MERGED-")) {
            let name = line.rsplit('/').next().unwrap_or_default().split('\t').next().unwrap_or_default();
            return format!("{mark}{name}");
        }
    }
    let line = line.replace(&root.display().to_string(), "/tmp");
    let line = unnamed(&line, "/tmp/kubectl-edit-", 10);
    let line = unnamed(&line, "node-debugger-node-1-", 5);
    unnamed(&unnamed(&line, "debugger-", 5), "failed to start exec \"", 32)
}

/// A text without the letters drawn at random that follow a mark.
fn unnamed(line: &str, mark: &str, length: usize) -> String {
    let Some((before, after)) = line.split_once(mark) else { return line.to_string() };
    let drawn = after.chars().take(length).take_while(char::is_ascii_alphanumeric).count();
    format!("{before}{mark}*{}", &after[drawn..])
}
