//! Starting a container's first process, and the texts of runc when it cannot.

use crate::errno::Errno;
use crate::fd::{Fd, STDERR, STDIN, STDOUT};
use crate::filesystem::{Content, Filesystem};
use crate::kernel::Spawn;
use crate::machine::{Behave, Step};
use crate::machines::{Machines, Outside};
use crate::process::Pid;
use crate::space::{Life, SpaceId};
use crate::sys::Sys;
use imbl::OrdMap;
use std::sync::Arc;

/// Why a process could not be started in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// runc's own words, such as `exec: "nope": executable file not found in $PATH`.
    pub text: String,
    /// 127 not found, 126 not executable, 128 anything else: Docker's exit code.
    pub code: i32,
    /// dockerd adds `: permission denied` after the runtime's message.
    pub denied: bool,
}

impl StartError {
    fn new(code: i32, text: String) -> StartError {
        StartError { text, code, denied: false }
    }
    /// The message of a failed start as containerd gives it to the kubelet and, after
    /// `failed to create task for container: `, to Docker.
    #[must_use]
    pub fn create_text(&self) -> String {
        format!(
            "failed to create shim task: OCI runtime create failed: runc create failed: \
             unable to start container process: {}: unknown{}",
            self.text,
            if self.denied { ": permission denied" } else { "" }
        )
    }
    /// The message of a failed exec.
    #[must_use]
    pub fn exec_text(&self) -> String {
        format!(
            "OCI runtime exec failed: exec failed: unable to start container process: {}: unknown",
            self.text
        )
    }
}

/// A user as a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
    pub home: Arc<str>,
}

/// User and group id of `user[:group]`; sparing the reading of files for root.
///
/// # Errors
/// As [`find_user`].
pub fn find_ids(fs: &Filesystem, user: &str) -> Result<(u32, u32), String> {
    match user {
        "" | "0" | "root" | "0:0" | "root:root" => Ok((0, 0)),
        _ => find_user(fs, user).map(|u| (u.uid, u.gid)),
    }
}

/// Finds `user[:group]` in a filesystem's `/etc/passwd` and `/etc/group`.
///
/// # Errors
/// runc's texts for names that are not there.
pub fn find_user(fs: &Filesystem, user: &str) -> Result<User, String> {
    let (name, group) = user.split_once(':').map_or((user, None), |(u, g)| (u, Some(g)));
    let name = if name.is_empty() { "0" } else { name };
    let passwd = text_of(fs, "/etc/passwd");
    let entry = passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| {
        f.first() == Some(&name) || (f.get(2) == Some(&name) && name.bytes().all(|b| b.is_ascii_digit()))
    });
    let field = |n: usize| entry.as_ref().and_then(|f| f.get(n).copied());
    let (uid, gid, home) = match (field(2).and_then(|u| u.parse().ok()), name.parse::<u32>()) {
        (Some(uid), _) => (uid, field(3).and_then(|g| g.parse().ok()).unwrap_or(0), field(5).unwrap_or("/")),
        (None, Ok(0)) => (0, 0, "/root"),
        (None, Ok(uid)) => (uid, 0, "/"),
        (None, Err(_)) => {
            return Err(format!("unable to find user {name}: no matching entries in passwd file"));
        }
    };
    let gid = match group {
        None => gid,
        Some(group) => {
            let groups = text_of(fs, "/etc/group");
            let found =
                groups.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.first() == Some(&group));
            let number =
                found.and_then(|f| f.get(2).and_then(|g| g.parse().ok())).or_else(|| group.parse().ok());
            number
                .ok_or_else(|| format!("unable to find group {group}: no matching entries in group file"))?
        }
    };
    Ok(User { uid, gid, home: home.into() })
}

fn text_of(fs: &Filesystem, path: &str) -> String {
    match fs.get(path).map(|i| &i.content) {
        Some(Content::File(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// A first process whose program the kernel refused: prints why and ends, as runc's init does.
#[derive(Clone, Hash)]
struct Failed(Arc<str>);

impl Behave for Failed {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let text = self.0.clone();
        sys.eprint(&text);
        Step::Exit(255)
    }
}

impl Machines {
    /// Starts a created or exited container.
    ///
    /// # Errors
    /// What runc refuses; the container then counts as exited with the error's code.
    pub fn start_container(&mut self, outside: &mut dyn Outside, id: SpaceId) -> Result<Pid, StartError> {
        let result = self.try_start(outside, id);
        let now = self.clock.now;
        if let Some(space) = self.space_mut(id) {
            match &result {
                Ok(_) => {
                    space.life = Life::Running;
                    space.started = now;
                }
                Err(error) => {
                    space.life = Life::Exited(error.code);
                    space.finished = now;
                    space.init = 0;
                }
            }
        }
        result
    }
    fn try_start(&mut self, outside: &mut dyn Outside, id: SpaceId) -> Result<Pid, StartError> {
        let mtime = self.clock.unix();
        let space = self.space(id).ok_or_else(|| StartError::new(128, "container not found".into()))?;
        if space.init != 0 || space.is_host() {
            return Err(StartError::new(128, "container already running".into()));
        }
        let config = space.config.clone();
        let (uid, gid) = find_ids(&space.root, &config.user).map_err(|text| StartError::new(126, text))?;
        let cwd: Arc<str> = if config.cwd.is_empty() { "/".into() } else { config.cwd.clone() };
        if space.root.get(&cwd).is_none() && self.inode_at(id, &cwd).is_none() {
            let located = self.locate(id, &cwd);
            if let Some(fs) = self.filesystem_mut(id, located.volume) {
                Machines::make_directories(fs, &located.path, mtime);
            }
        }
        let (tty, stdin, fds) = self.first_descriptors(id, config.tty, config.stdin);
        if let Some(space) = self.space_mut(id) {
            (space.tty, space.stdin) = (tty, stdin);
            space.next_ns_pid = 1;
            space.oom_killed = false;
        }
        let spawn = Spawn {
            parent: 0,
            group: 0,
            space: id,
            argv: config.argv.clone(),
            env: config.env.clone(),
            implicit_env: true,
            cwd,
            uid,
            gid,
            umask: 0o022,
            fds,
        };
        let result = self.start_or_explain(outside, spawn);
        if let Ok(pid) = result
            && let Some(tty) = self.tty_mut(tty)
        {
            (tty.foreground, tty.shell) = (pid, pid);
        }
        result
    }
    /// Spawns, and words the failure as runc does.
    pub(crate) fn start_or_explain(
        &mut self,
        outside: &mut dyn Outside,
        spawn: Spawn,
    ) -> Result<Pid, StartError> {
        let Some(name) = spawn.argv.first().cloned() else {
            return Err(StartError::new(128, "no command specified".into()));
        };
        let (space, cwd) = (spawn.space, spawn.cwd.clone());
        // runc looks the program up before it starts anything; the kernel's own refusal comes later.
        let explain = |machines: &Machines, error: Errno| -> StartError {
            let directory = name.contains('/')
                && machines
                    .real_path(space, &cwd, &name)
                    .ok()
                    .and_then(|p| machines.inode_at(space, &p))
                    .is_some_and(|i| i.content == Content::Directory);
            match error {
                _ if directory => StartError {
                    denied: true,
                    ..StartError::new(126, format!("exec: \"{name}\": is a directory"))
                },
                Errno::Eacces => StartError::new(126, format!("exec: \"{name}\": permission denied")),
                Errno::Enoent | Errno::Enotdir if name.contains('/') => {
                    let reason =
                        if error == Errno::Enoent { "no such file or directory" } else { "not a directory" };
                    StartError::new(127, format!("exec: \"{name}\": stat {name}: {reason}"))
                }
                Errno::Enoent => {
                    StartError::new(127, format!("exec: \"{name}\": executable file not found in $PATH"))
                }
                other => StartError::new(126, format!("exec: \"{name}\": {}", other.text().to_lowercase())),
            }
        };
        let found = match self.find_executable(&spawn, &name) {
            Ok((path, called)) => self.interpret(&spawn, &path, &called),
            Err(error) => return Err(explain(self, error)),
        };
        let started = match found {
            Ok((program, argv)) => self.spawn_program(outside, Spawn { argv, ..spawn }, program),
            Err(error) => {
                let text = format!("exec {name}: {}\n", error.text().to_lowercase());
                self.spawn_machine(spawn, Box::new(Failed(text.into())))
            }
        };
        started.map_err(|error| match error {
            Errno::Eagain => {
                let text = "can't get final child's PID from pipe: EOF: resource temporarily unavailable";
                StartError::new(128, text.into())
            }
            error => explain(self, error),
        })
    }
    /// The standard descriptors of a container's first process: terminal number, stdin pipe, table.
    fn first_descriptors(&mut self, id: SpaceId, tty: bool, stdin: bool) -> (u32, u32, OrdMap<u32, Fd>) {
        if tty {
            let number = self.open_tty(80, 24);
            if let Some(tty) = self.tty_mut(number) {
                tty.log = Some(id);
            }
            return (number, 0, Machines::tty_descriptors(number));
        }
        if !stdin {
            return (0, 0, self.standard_fds.clone());
        }
        let pipe = self.outside_input();
        (0, pipe, self.standard_fds.update(STDIN, Fd::PipeRead(pipe)))
    }
    pub(crate) fn tty_descriptors(tty: u32) -> OrdMap<u32, Fd> {
        [(STDIN, false), (STDOUT, false), (STDERR, true)]
            .into_iter()
            .map(|(n, error)| (n, Fd::Tty { tty, error }))
            .collect()
    }
}
