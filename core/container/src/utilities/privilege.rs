//! Acting as another user: sudo, su, gosu. The learner of the laptop may do everything without a
//! password. Left out: sudoers rules, passwords, login sessions.

use super::accounts::{group_id, user_id, user_name};
use super::filter::ended;
use super::launch::Become;
use super::support::own_name;
use crate::sys::Sys;
use std::sync::Arc;

/// Becomes a user: ids, then `HOME`, `USER` and `LOGNAME` where `login` asks for them.
fn become_user(sys: &mut Sys<'_>, name: &str, login: bool) -> Result<(), String> {
    let (user, group) = name.split_once(':').map_or((name, None), |(u, g)| (u, Some(g)));
    let uid = user_id(sys, user).ok_or_else(|| user.to_string())?;
    let own_group = field(sys, user, 3).and_then(|g| g.parse().ok()).unwrap_or(uid);
    let gid = group.and_then(|g| group_id(sys, g)).unwrap_or(own_group);
    let home = field(sys, user, 5).unwrap_or_else(|| "/".into());
    let shown = user_name(sys, uid);
    if login {
        sys.set_env("HOME", Some(&home));
        sys.set_env("USER", Some(&shown));
        sys.set_env("LOGNAME", Some(&shown));
    }
    if let Some(process) = sys.machines.process_mut(sys.pid) {
        (process.uid, process.gid) = (uid, gid);
    }
    Ok(())
}

/// A field of a user's line in /etc/passwd.
fn field(sys: &mut Sys<'_>, user: &str, at: usize) -> Option<String> {
    let bytes = sys.read_file("/etc/passwd").ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = text.lines().find(|l| {
        let mut fields = l.split(':');
        fields.next() == Some(user) || fields.nth(1) == Some(user)
    })?;
    line.split(':').nth(at).map(String::from)
}

pub fn sudo(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let (mut user, mut login, mut keep) = ("root".to_string(), false, false);
    let mut words = args.iter().skip(1).peekable();
    let mut shell = false;
    while let Some(word) = words.peek().filter(|w| w.starts_with('-')).cloned() {
        words.next();
        match &**word {
            "-u" | "--user" => user = words.next().map_or(String::new(), |u| u.to_string()),
            "-g" | "-p" | "-C" | "-D" => _ = words.next(),
            "-i" | "--login" => (login, shell) = (true, true),
            "-s" | "--shell" => shell = true,
            "-E" | "--preserve-env" => keep = true,
            "-V" | "--version" => {
                sys.print("Sudo version 1.9.15p5\n");
                return ended(0);
            }
            "-l" | "--list" => {
                let (host, who) = (sys.hostname(), sys.process().map_or(0, |p| p.uid));
                let who = user_name(sys, who);
                sys.print(&format!(
                    "User {who} may run the following commands on {host}:\n    (ALL : ALL) NOPASSWD: ALL\n"
                ));
                return ended(0);
            }
            "-v" | "-k" | "-K" => return ended(0),
            "--" => break,
            _ => {}
        }
    }
    let mut rest: Vec<Arc<str>> = words.cloned().collect();
    let from = sys.process().map_or((0, 0), |p| (p.uid, p.gid));
    let caller = user_name(sys, from.0);
    // Who may: root, members of sudo, and the learner.
    let groups =
        sys.read_file("/etc/group").map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let member = groups
        .lines()
        .filter(|l| l.starts_with("sudo:") || l.starts_with("wheel:"))
        .any(|l| l.rsplit(':').next().is_some_and(|m| m.split(',').any(|m| m == caller)));
    if from.0 != 0 && !member {
        sys.eprint(&format!("{caller} is not in the sudoers file.\n"));
        return ended(1);
    }
    let mut assignments = Vec::new();
    while let Some((name, value)) = rest.first().and_then(|w| w.split_once('=')) {
        assignments.push((name.to_string(), value.to_string()));
        rest.remove(0);
    }
    if rest.is_empty() && !shell {
        sys.eprint("usage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]\nusage: sudo [-ABbEHnPS] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n");
        return ended(1);
    }
    if !keep {
        // Only what sudoers keeps; the rest starts anew.
        for (name, _) in sys.environment().iter() {
            let kept =
                matches!(&**name, "PATH" | "TERM" | "LANG" | "LC_ALL" | "HOSTNAME" | "DISPLAY" | "PWD");
            if !kept {
                sys.set_env(name, None);
            }
        }
    }
    if let Err(unknown) = become_user(sys, &user, true) {
        sys.eprint(&format!(
            "sudo: unknown user {unknown}\nsudo: error initializing audit plugin sudoers_audit\n"
        ));
        return ended(1);
    }
    sys.set_env("SUDO_USER", Some(&caller));
    sys.set_env("SUDO_UID", Some(&from.0.to_string()));
    sys.set_env("SUDO_GID", Some(&from.1.to_string()));
    for (name, value) in assignments {
        sys.set_env(&name, Some(&value));
    }
    if shell {
        let program = field(sys, &user, 6).filter(|s| !s.is_empty()).unwrap_or_else(|| "/bin/sh".into());
        if login {
            let home = field(sys, &user, 5).unwrap_or_else(|| "/".into());
            let _ = sys.chdir(&home);
        }
        let mut argv = vec![Arc::from(program)];
        if !rest.is_empty() {
            let line: Vec<&str> = rest.iter().map(|w| &**w).collect();
            argv.extend([Arc::from("-c"), line.join(" ").into()]);
        }
        return Box::new(Become::new(argv));
    }
    let name = rest.first().cloned().unwrap_or_default();
    let path = sys.env("PATH").unwrap_or_default();
    let there = name.contains('/') || path.split(':').any(|d| sys.stat(&format!("{d}/{name}")).is_ok());
    if !there {
        sys.eprint(&format!("sudo: {name}: command not found\n"));
        return ended(1);
    }
    Box::new(Become::new(rest))
}

/// `gosu user command`, `su-exec user command`
fn exec_as(sys: &mut Sys<'_>, own: &str) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let (Some(user), true) = (args.get(1).cloned(), args.len() > 2) else {
        sys.eprint(&format!("Usage: {own} user-spec command [args]\n"));
        return ended(1);
    };
    if let Err(unknown) = become_user(sys, &user, true) {
        sys.eprint(&format!("error: failed switching to \"{unknown}\": unable to find user {unknown}: no matching entries in passwd file\n"));
        return ended(1);
    }
    Box::new(Become::new(args.iter().skip(2).cloned().collect()))
}

pub fn su(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let own = own_name(sys);
    if own != "su" {
        return exec_as(sys, &own);
    }
    let args = sys.args();
    let (mut login, mut command, mut user, mut shell, mut keep) = (false, None, None, None, false);
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "-" | "-l" | "--login" => login = true,
            "-c" | "--command" => command = words.next().cloned(),
            "-s" | "--shell" => shell = words.next().map(|s| s.to_string()),
            "-m" | "-p" | "--preserve-environment" => keep = true,
            word if word.starts_with('-') => {}
            name if user.is_none() => user = Some(name.to_string()),
            _ => {}
        }
    }
    let user = user.unwrap_or_else(|| "root".into());
    if field(sys, &user, 0).is_none() {
        sys.eprint(&format!(
            "su: user {user} does not exist or the user entry does not contain all the required fields\n"
        ));
        return ended(1);
    }
    if sys.process().is_some_and(|p| p.uid != 0) {
        sys.eprint("Password: \nsu: Authentication failure\n");
        return ended(1);
    }
    let program =
        shell.or_else(|| field(sys, &user, 6)).filter(|s| !s.is_empty()).unwrap_or_else(|| "/bin/sh".into());
    if program.ends_with("nologin") || program.ends_with("/false") {
        sys.eprint("This account is currently not available.\n");
        return ended(1);
    }
    if become_user(sys, &user, !keep).is_err() {
        return ended(1);
    }
    if login {
        let home = field(sys, &user, 5).unwrap_or_else(|| "/".into());
        let _ = sys.chdir(&home);
    }
    let mut argv = vec![Arc::from(program)];
    if let Some(command) = command {
        argv.extend([Arc::from("-c"), command]);
    }
    Box::new(Become::new(argv))
}
