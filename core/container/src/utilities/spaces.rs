//! Namespaces and terminals lightly: unshare, nsenter, lsns, stty, who, w, ssh-keygen, telnet.

use super::filter::ended;
use super::launch::Become;
use super::support::own_name;
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::{Failure, Payload, Target};
use std::sync::Arc;

/// `unshare …  command`, `nsenter -t PID … command`, `chroot`: only what needs no namespaces of one's own.
pub fn unshare(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let own = own_name(sys);
    let args = sys.args();
    if sys.process().is_some_and(|p| p.uid != 0) {
        sys.eprint(&match own.as_str() {
            "nsenter" => "nsenter: cannot open /proc/1/ns/ipc: Permission denied\n".to_string(),
            _ => format!("{own}: unshare failed: Operation not permitted\n"),
        });
        return ended(1);
    }
    let mut words = args.iter().skip(1).peekable();
    let mut names: Vec<&str> = Vec::new();
    while let Some(word) = words.peek().filter(|w| w.starts_with('-')).cloned() {
        words.next();
        match &**word {
            "-u" | "--uts" => names.push("uts"),
            "-t" | "--target" | "-S" | "-G" | "-R" | "-w" => _ = words.next(),
            "--" => break,
            _ => {}
        }
    }
    let rest: Vec<Arc<str>> = words.cloned().collect();
    if own == "nsenter" {
        sys.eprint("nsenter: entering another process' namespaces is not simulated in this sandbox; docker exec and kubectl exec do\n");
        return ended(1);
    }
    let argv = if rest.is_empty() { vec![Arc::from("/bin/sh")] } else { rest };
    sys.eprint(
        "unshare: the command runs, but shares all namespaces: they belong to containers in this sandbox\n",
    );
    Box::new(Become::new(argv))
}

pub fn lsns(sys: &mut Sys<'_>) -> i32 {
    let Some(process) = sys.process().cloned() else { return 1 };
    let count = sys.machines.processes.values().filter(|p| p.space == process.space).count();
    let user = super::accounts::user_name(sys, process.uid);
    let mut out = String::from("        NS TYPE   NPROCS   PID USER COMMAND\n");
    for (n, kind) in ["time", "cgroup", "user", "mnt", "uts", "ipc", "pid", "net"].iter().enumerate() {
        let shared = u32::from(*kind == "user" || *kind == "time" || *kind == "cgroup");
        let inode = 4_026_531_834 + u64::from(process.space.0 * (1 - shared)) * 16 + n as u64;
        out.push_str(&format!("{inode} {kind:<6} {count:>6} {:>5} {user} {}\n", 1, "init"));
    }
    sys.print(&out);
    0
}

pub fn stty(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    if !sys.is_tty(0) {
        sys.eprint("stty: 'standard input': Inappropriate ioctl for device\n");
        return 1;
    }
    match args.get(1).map(|a| &**a) {
        Some("size") => sys.print("24 80\n"),
        None | Some("-a") => sys.print("speed 38400 baud; rows 24; columns 80; line = 0;\n"),
        _ => {}
    }
    0
}

/// who, w: nobody logs in to a container; the learner sits at the laptop.
pub fn who(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let laptop = sys.stat("/home/learner").is_ok();
    let since = super::date::format(sys.machines.clock.epoch, "%Y-%m-%d %H:%M");
    if own == "w" {
        let now = super::date::format(sys.unix(), "%H:%M:%S");
        let up = sys.now() / 60_000;
        sys.print(&format!(" {now} up {up} min,  {} user,  load average: 0.00, 0.00, 0.00\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n", u8::from(laptop)));
    } else if laptop {
        sys.print(&format!("learner  tty1         {since}\n"));
    }
    0
}

/// A key pair: drawn bytes in OpenSSH's wrapping.
pub fn ssh_keygen(sys: &mut Sys<'_>) -> i32 {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use sha2::Digest;
    let args = sys.args();
    let value = |name: &str| args.iter().position(|a| &**a == name).and_then(|n| args.get(n + 1)).cloned();
    let kind = value("-t").unwrap_or_else(|| "ed25519".into());
    let (label, size, file) = match &*kind {
        "rsa" => ("ssh-rsa", 256, "id_rsa"),
        "ed25519" => ("ssh-ed25519", 32, "id_ed25519"),
        "ecdsa" => ("ecdsa-sha2-nistp256", 65, "id_ecdsa"),
        other => {
            sys.eprint(&format!("unknown key type {other}\n"));
            return 255;
        }
    };
    let home = sys.env("HOME").unwrap_or_else(|| "/root".into());
    let uid = sys.process().map_or(0, |p| p.uid);
    let (user, host) = (super::accounts::user_name(sys, uid), sys.hostname());
    let comment = value("-C").map_or_else(|| format!("{user}@{host}"), |c| c.to_string());
    let path = value("-f").map_or_else(|| format!("{home}/.ssh/{file}"), |f| f.to_string());
    if args.iter().any(|a| &**a == "-l" || &**a == "-y") {
        let Ok(bytes) = sys.read_file(&format!("{}.pub", path.trim_end_matches(".pub"))) else {
            sys.eprint(&format!("ssh-keygen: {path}: No such file or directory\n"));
            return 255;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut words = text.split_whitespace();
        let (Some(kind), Some(key)) = (words.next(), words.next()) else { return 255 };
        if args.iter().any(|a| &**a == "-y") {
            sys.print(&text);
            return 0;
        }
        let digest = STANDARD_NO_PAD.encode(sha2::Sha256::digest(STANDARD.decode(key).unwrap_or_default()));
        let bits = if kind == "ssh-rsa" { 3072 } else { 256 };
        let name = kind.trim_start_matches("ssh-").to_uppercase();
        sys.print(&format!("{bits} SHA256:{digest} {} ({name})\n", words.next().unwrap_or("no comment")));
        return 0;
    }
    if sys.stat(&path).is_ok() {
        sys.print(&format!(
            "Generating public/private {kind} key pair.\n{path} already exists.\nOverwrite (y/n)? \n"
        ));
        return 1;
    }
    let mut key: Vec<u8> = Vec::new();
    while key.len() < size {
        key.extend(sys.machines.clock.random.next_u64().to_be_bytes());
    }
    key.truncate(size);
    let part = |bytes: &[u8]| [(bytes.len() as u32).to_be_bytes().as_slice(), bytes].concat();
    let public = [part(label.as_bytes()), part(&key)].concat();
    let coded = STANDARD.encode(&public);
    let private =
        STANDARD.encode([b"openssh-key-v1\0".as_slice(), &public, &sha2::Sha256::digest(&key)].concat());
    let lines: String =
        private.as_bytes().chunks(70).map(|l| format!("{}\n", String::from_utf8_lossy(l))).collect();
    let text = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}-----END OPENSSH PRIVATE KEY-----\n");
    let full = crate::filesystem::normalise(&sys.cwd(), &path);
    let _ = sys.make_folders(crate::filesystem::parent(&full));
    if let Err(errno) = sys.write_file(&path, text.as_bytes(), false) {
        sys.eprint(&format!("Saving key \"{path}\" failed: {errno}\n"));
        return 1;
    }
    let _ = sys.chmod(&path, 0o600);
    let _ = sys.write_file(&format!("{path}.pub"), format!("{label} {coded} {comment}\n").as_bytes(), false);
    if !args.iter().any(|a| &**a == "-q") {
        let digest = STANDARD_NO_PAD.encode(sha2::Sha256::digest(&public));
        sys.print(&format!("Generating public/private {kind} key pair.\nYour identification has been saved in {path}\nYour public key has been saved in {path}.pub\nThe key fingerprint is:\nSHA256:{digest} {comment}\n"));
    }
    0
}

/// telnet: a connection as nc makes it, with telnet's words.
pub fn telnet(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let words: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with('-')).cloned().collect();
    let Some(host) = words.first().cloned() else {
        sys.eprint("telnet> \n");
        return ended(1);
    };
    let port = words.get(1).cloned().unwrap_or_else(|| "23".into());
    let Some(ip) = sys.resolve(&host).and_then(|ips| ips.first().copied()) else {
        sys.eprint(&format!("telnet: could not resolve {host}/{port}: Name or service not known\n"));
        return ended(1);
    };
    sys.print(&format!("Trying {ip}...\n"));
    let Ok(port) = port.parse() else {
        sys.eprint(&format!("telnet: bad port {port}\n"));
        return ended(1);
    };
    Box::new(Telnet { host, target: Target { ip, port }, asked: None })
}

#[derive(Clone, Hash)]
struct Telnet {
    host: Arc<str>,
    target: Target,
    asked: Option<u64>,
}

impl Behave for Telnet {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let id = match self.asked {
            Some(id) => id,
            None => {
                let id = sys.send(self.target, Payload::Connect, 127_000);
                self.asked = Some(id);
                id
            }
        };
        let (code, text) = match sys.answer(id) {
            None => return Step::wait(Wait::Answer(id)),
            Some(Ok(_)) => {
                sys.print(&format!("Connected to {}.\nEscape character is '^]'.\n", self.host));
                sys.eprint("Connection closed by foreign host.\n");
                return Step::Exit(1);
            }
            Some(Err(Failure::Refused)) => (1, "Connection refused"),
            Some(Err(Failure::TimedOut)) => (1, "Connection timed out"),
            Some(Err(Failure::Reset)) => (1, "Connection reset by peer"),
            Some(Err(Failure::Unreachable)) => (1, "No route to host"),
        };
        sys.eprint(&format!("telnet: Unable to connect to remote host: {text}\n"));
        Step::Exit(code)
    }
}
