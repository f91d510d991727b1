//! `RUN`: a step's command really runs, in a container of the stage's files.

use super::image::Line;
use super::mounts::{Kind, Mount as Wanted};
use super::plan::Work;
use drydock_container::engine::start::StartError;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::machines::Nowhere;
use drydock_container::space::Mount;
use drydock_container::spec::{Config, ContainerSpec};
use drydock_container::{Machines, SpaceId};
use std::sync::Arc;

/// A command that runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Running {
    pub space: SpaceId,
    /// Simulated milliseconds.
    pub started: u64,
    /// Log entries already passed on.
    pub read: u64,
    /// Volumes to forget afterwards.
    pub volumes: Vec<u32>,
    /// Mount points that were not in the image, deepest first.
    pub made: Vec<Arc<str>>,
}

/// What a mount shows.
pub enum Shown {
    /// A tree, changes thrown away.
    Copy(Filesystem),
    /// A volume that stays.
    Volume(u32),
    /// Not there, and not required.
    Nothing,
}

/// Starts a step. `show` says what a mount shows.
///
/// # Errors
/// Why the container could not be started; what it printed is none.
pub fn start(
    machines: &mut Machines,
    host: SpaceId,
    line: &Line,
    work: &Work,
    hostname: &str,
    show: &mut dyn FnMut(&mut Machines, &Wanted) -> Result<Shown, String>,
) -> Result<Running, Result<StartError, String>> {
    let Work::Run { argv, env, cwd, user, mounts, script, .. } = work else {
        return Err(Err("no command specified".into()));
    };
    let image = Arc::new(line.image(true, ""));
    let mut running = Running { started: machines.clock.now, ..Running::default() };
    let mut points: Vec<(Arc<str>, Mount)> = Vec::new();
    let mut env: Vec<(Arc<str>, Arc<str>)> =
        env.iter().map(|(k, v)| (Arc::from(k.as_str()), Arc::from(v.as_str()))).collect();
    for wanted in mounts {
        let shown = show(machines, wanted).map_err(Err)?;
        let volume = match shown {
            Shown::Nothing => continue,
            Shown::Volume(volume) => volume,
            Shown::Copy(tree) => {
                if wanted.kind == Kind::Secret && !wanted.env.is_empty() {
                    let secret = tree.get("/secret").map(|i| i.content.clone());
                    if let Some(Content::File(bytes)) = secret {
                        env.push((wanted.env.as_str().into(), String::from_utf8_lossy(&bytes).into()));
                    }
                    continue;
                }
                let volume = machines.add_volume_of(tree);
                running.volumes.push(volume);
                volume
            }
        };
        let sub_path = if wanted.kind == Kind::Secret { "/secret" } else { "" };
        let mount = Mount { volume, sub_path: sub_path.into(), read_only: wanted.read_only };
        points.push((wanted.target.as_str().into(), mount));
    }
    if let Some(script) = script {
        let mut tree = Filesystem::default();
        let bytes: Arc<[u8]> = script.text().into_bytes().into();
        let (size, content) = (bytes.len() as u64, Content::File(bytes));
        _ = tree.put(
            &format!("/{}", script.name),
            Inode { content, mode: 0o755, uid: 0, gid: 0, mtime: 0, links: 1, size },
        );
        let volume = machines.add_volume_of(tree);
        running.volumes.push(volume);
        points.push(("/dev/pipes".into(), Mount { volume, sub_path: "".into(), read_only: true }));
    }
    for (point, _) in &points {
        let mut at: &str = point;
        while at != "/" && line.root.get(at).is_none() {
            running.made.push(at.into());
            at = drydock_container::filesystem::parent(at);
        }
    }
    let mut variables: imbl::OrdMap<Arc<str>, Arc<str>> = env.into_iter().collect();
    variables
        .entry("PATH".into())
        .or_insert_with(|| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into());
    if !variables.contains_key("HOME") {
        let home = drydock_container::engine::start::find_user(&image.root, user)
            .map_or_else(|_| "/".into(), |u| u.home);
        variables.insert("HOME".into(), home);
    }
    let config = Config {
        argv: argv.iter().map(|a| Arc::from(a.as_str())).collect(),
        env: variables,
        cwd: cwd.as_str().into(),
        user: user.as_str().into(),
        ..Config::default()
    };
    let net = machines.space(host).map(|s| s.net).unwrap_or_default();
    let spec = ContainerSpec {
        image,
        config: Arc::new(config),
        hostname: hostname.into(),
        host,
        net,
        mounts: points.into(),
    };
    running.space = machines.create_container(spec);
    machines.watched_logs.insert(running.space);
    match machines.start_container(&mut Nowhere, running.space) {
        Ok(_) => Ok(running),
        Err(error) => {
            finish(machines, &running);
            Err(Ok(error))
        }
    }
}

/// Takes the container away and gives its files as the step's result.
pub fn finish(machines: &mut Machines, running: &Running) -> Arc<Filesystem> {
    let mut root = machines.space(running.space).map(|s| s.root.clone()).unwrap_or_default();
    machines.remove_container(running.space);
    for volume in &running.volumes {
        machines.remove_volume(*volume);
    }
    for point in &running.made {
        // Mount points the runtime made do not stay in the layer.
        if root.get(point).is_some() {
            drydock_container::tree::remove_all(Arc::make_mut(&mut root), point);
        }
    }
    root
}
