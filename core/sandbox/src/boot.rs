//! How a world begins: a laptop with its tools, a cluster that has settled, a shell at its prompt.

use crate::world::{Config, World};
use drydock_cluster::Cluster;
use drydock_container::fd::Fd;
use drydock_container::filesystem::{Content, Inode, parent};
use drydock_container::kernel::Spawn;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::tty::Tty;
use drydock_container::{Machines, SpaceId};
use drydock_docker::Docker;
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// Every program that exists: what containers run, what shells call, what the learner types.
pub(crate) static PROGRAMS: &[&[drydock_container::Program]] = &[
    drydock_tools::PROGRAMS,
    drydock_docker::PROGRAMS,
    drydock_container::shell::PROGRAMS,
    drydock_container::utilities::PROGRAMS,
    drydock_container::images::PROGRAMS,
];

/// Simulated milliseconds from power-on to the first prompt: images of the system's pods are pulled and
/// their probes pass within it.
const BOOT_MS: u64 = 60_000;

/// The learner's user.
pub(crate) const UID: u32 = 1000;
pub(crate) const HOME: &str = "/home/learner";

pub(crate) fn world(config: &Config) -> World {
    let clock = Clock::new(config.seed, config.epoch);
    let mut machines = Machines::new(clock, Programs(PROGRAMS));
    let laptop = machines.add_host("dock", Ip::new(192, 168, 65, 1), SpaceKind::Laptop);
    let cluster = if config.cluster {
        Cluster::boot(
            &mut machines,
            &drydock_cluster::boot::Config { workers: config.nodes, ..Default::default() },
        )
    } else {
        Cluster::default()
    };
    let docker = Docker::boot(&mut machines, laptop);
    crate::internet::install(&mut machines);
    let mut world = World {
        machines,
        cluster,
        docker,
        browser: Default::default(),
        laptop,
        inputs: 0,
        opened: Vector::new(),
        answers: OrdMap::new(),
    };
    put_home(&mut world);
    world.run_for(BOOT_MS, usize::MAX);
    terminal(&mut world, 0);
    world.run_for(1, usize::MAX);
    world
}

/// Opens a terminal on the laptop with a login shell. Opening one that is open does nothing.
pub(crate) fn terminal(world: &mut World, tty: u32) {
    if tty > 7 || world.machines.ttys.contains_key(&tty) {
        return;
    }
    let env: OrdMap<Arc<str>, Arc<str>> = [
        ("HOME", HOME),
        ("USER", "learner"),
        ("LOGNAME", "learner"),
        ("SHELL", "/bin/bash"),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PWD", HOME),
        ("HOSTNAME", "dock"),
    ]
    .into_iter()
    .map(|(k, v)| (Arc::from(k), Arc::from(v)))
    .collect();
    let mut terminal = Tty { columns: 100, rows: 30, ..Tty::default() };
    (terminal.input.readers, terminal.input.writers) = (1, 1);
    world.machines.ttys.insert(tty, Arc::new(terminal));
    let fd = |error| Fd::Tty { tty, error };
    let spawn = Spawn {
        parent: 0,
        group: 0,
        space: world.laptop,
        argv: Arc::from(["bash".into()]),
        env,
        implicit_env: false,
        cwd: HOME.into(),
        uid: UID,
        gid: UID,
        umask: 0o022,
        fds: [(0_u32, fd(false)), (1, fd(false)), (2, fd(true))].into_iter().collect(),
    };
    // The laptop always has bash; a world whose shell cannot start shows an empty terminal.
    if let Ok(pid) = world.machines.spawn(&mut world.cluster, spawn)
        && let Some(terminal) = world.machines.tty_mut(tty)
    {
        (terminal.shell, terminal.foreground) = (pid, pid);
    }
}

/// The client configuration and an empty workspace.
fn put_home(world: &mut World) {
    let config = drydock_tools::kubeconfig_text();
    put_file(&mut world.machines, world.laptop, &format!("{HOME}/.kube/config"), &config);
}

/// Writes a file of the laptop as the learner, folders included. What the disk has no room for is left
/// out, as an editor's failed save is.
pub(crate) fn put_file(machines: &mut Machines, laptop: SpaceId, path: &str, text: &str) {
    let mtime = machines.clock.unix();
    let located = machines.locate(laptop, path);
    let Some(fs) = machines.filesystem_mut(laptop, located.volume) else { return };
    let inode = |content, mode, size| Inode { content, mode, uid: UID, gid: UID, mtime, links: 1, size };
    let mut missing = Vec::new();
    let mut dir = parent(&located.path).to_string();
    while fs.get(&dir).is_none() {
        missing.push(dir.clone());
        dir = parent(&dir).to_string();
    }
    for dir in missing.into_iter().rev() {
        _ = fs.put(&dir, inode(Content::Directory, 0o755, 4096));
    }
    let mode = fs.get(&located.path).map_or(0o644, |old| old.mode);
    _ = fs.put(&located.path, inode(Content::File(text.as_bytes().into()), mode, text.len() as u64));
}
