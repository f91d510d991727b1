//! Sessions in containers: `exec` starts a process, `attach` takes part in the first one. Frames are
//! those of `v5.channel.k8s.io`: 0 stdin, 1 stdout, 2 stderr, 3 the closing status, 4 resize, 255 closes
//! a channel. Follows `cri-api` streaming and `remotecommand` of Kubernetes 1.33.

use super::logs::container_name;
use super::notices::Purpose;
use super::specs;
use crate::cluster::Cluster;
use crate::object::{Id, Object};
use crate::status::Status;
use crate::streams::StreamState;
use drydock_container::engine::exec::ExecHandle;
use drydock_container::machines::Frame;
use drydock_container::spec::ExecSpec;
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::{Value, value};
use drydock_network::http::Stream;
use std::sync::Arc;

/// `PodExecOptions` and `PodAttachOptions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecOptions {
    pub container: Arc<str>,
    pub command: Vec<Arc<str>>,
    pub stdin: bool,
    pub tty: bool,
}

/// A session under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub handle: ExecHandle,
    /// The closing status, once the process has ended or could not be started.
    pub status: Option<Value>,
}

/// Taking part in a container's first process.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    pub pod: Id,
    pub space: SpaceId,
    /// Entries of its log already told.
    pub told: u64,
    pub stdin: bool,
}

/// The running container that is meant.
fn target(cluster: &Cluster, pod: &Arc<Object>, container: &str) -> Result<SpaceId, Status> {
    let at = container_name(pod, container, "exec")?;
    let Some(node) = pod.node else {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name)));
    };
    if cluster.is_node_stopped(node) {
        let address = cluster.control.kubelets.nodes.get(&node).map(|n| n.ip).unwrap_or_default();
        let text = format!("error dialing backend: dial tcp {address}:10250: connect: no route to host");
        return Err(Status::new(500, "", text));
    }
    let name = specs(pod).nth(at).map(|c| c["name"].text().to_string()).unwrap_or_default();
    let unit = cluster.control.kubelets.worker(pod.id).and_then(|w| w.units.get(at));
    match unit.filter(|u| u.is_running()) {
        Some(unit) => Ok(unit.space),
        None => {
            let text = format!("unable to upgrade connection: container not found (\"{name}\")");
            Err(Status::new(500, "InternalError", text))
        }
    }
}

/// Starts a process in a container.
///
/// # Errors
/// When there is no such running container; a command that cannot be started ends the session instead.
pub fn exec(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    options: &ExecOptions,
) -> Result<Stream, Status> {
    if options.command.is_empty() {
        return Err(Status::bad_request("you must specify at least 1 command"));
    }
    let space = target(cluster, pod, &options.container)?;
    let spec = ExecSpec {
        argv: options.command.clone(),
        tty: options.tty,
        stdin: options.stdin,
        ..ExecSpec::default()
    };
    let (handle, status) = match machines.exec(cluster, space, spec) {
        Ok(handle) => (handle, None),
        Err(error) => {
            let text = format!(
                "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{:016x}{:016x}\": {}",
                machines.clock.chance(1, u64::MAX),
                machines.clock.chance(u64::from(space.0) ^ machines.clock.now, u64::MAX),
                error.exec_text()
            );
            let status = value!({
                "metadata": {}, "status": "Failure", "message": text.as_str(), "reason": "InternalError", "code": 500,
                "details": {"causes": [{"message": text.as_str()}]},
            });
            (ExecHandle::default(), Some(status))
        }
    };
    let stream = cluster.open_stream(machines, StreamState::Exec(Arc::new(Session { handle, status })));
    if handle.pid != 0 {
        cluster.control.kubelets.execs.insert(handle.pid, Purpose::Session(stream.0));
    }
    Ok(stream)
}

/// A session's process is done.
pub fn ended(cluster: &mut Cluster, machines: &mut Machines, stream: u64, code: i32) {
    let Some(StreamState::Exec(session)) = cluster.stream_state(stream) else { return };
    let session = Session { status: Some(closing(code)), ..Session::clone(&session) };
    cluster.set_stream(stream, StreamState::Exec(Arc::new(session)));
    machines.wake(Key::Streams);
}

/// The status on channel 3.
#[must_use]
pub fn closing(code: i32) -> Value {
    if code == 0 {
        return value!({"metadata": {}, "status": "Success"});
    }
    value!({
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": format!("command terminated with non-zero exit code: error executing command, exit code {code}"),
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

/// The next frame of a session; `End` after the status.
pub fn read(machines: &mut Machines, session: &Session) -> (Frame, bool) {
    const MOST: usize = 64 * 1024;
    for (pipe, channel) in [(session.handle.stdout, 1), (session.handle.stderr, 2)] {
        if pipe != 0
            && let Some(bytes) = machines.take_output(pipe, MOST).filter(|b| !b.is_empty())
        {
            return (Frame::Bytes { channel, bytes }, false);
        }
    }
    match &session.status {
        Some(status) => {
            machines.close_exec(session.handle);
            (Frame::Json(status.clone()), true)
        }
        None => (Frame::Pending, false),
    }
}

/// What the client sends.
pub fn write(machines: &mut Machines, session: &Session, channel: u8, bytes: &[u8]) {
    let handle = session.handle;
    match channel {
        0 if handle.tty != 0 => machines.feed(handle.tty, bytes),
        0 => _ = machines.write_input(handle.stdin, bytes),
        4 => resize(machines, handle.tty, bytes),
        255 if handle.tty != 0 => machines.end_of_input(handle.tty),
        255 => machines.close_input(handle.stdin),
        _ => {}
    }
}

/// `{"Width":80,"Height":24}`.
fn resize(machines: &mut Machines, tty: u32, bytes: &[u8]) {
    let Ok(size) = drydock_machinery::json::parse(bytes) else { return };
    let number = |field: &str| u16::try_from(size[field].int()).ok().filter(|n| *n > 0);
    if let (Some(width), Some(height)) = (number("Width"), number("Height")) {
        machines.resize(tty, width, height);
    }
}

/// The client has gone: the process loses its ends.
pub fn close(cluster: &mut Cluster, machines: &mut Machines, session: &Session) {
    if session.status.is_none() {
        cluster.control.kubelets.execs.remove(&session.handle.pid);
        machines.close_exec(session.handle);
    }
}

/// Attaches to a container's first process: what it prints from now on.
///
/// # Errors
/// As [`exec`].
pub fn attach(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    options: &ExecOptions,
) -> Result<Stream, Status> {
    let space = target(cluster, pod, &options.container)?;
    let told = machines.logs(space).map_or(0, |l| l.written());
    machines.watched_logs.insert(space);
    let state = Attached { pod: pod.id, space, told, stdin: options.stdin };
    Ok(cluster.open_stream(machines, StreamState::Attach(Arc::new(state))))
}

/// The next frame of an attached session.
pub fn read_attached(cluster: &Cluster, machines: &Machines, attached: &mut Attached) -> Frame {
    let Some(space) = machines.space(attached.space) else { return Frame::End };
    if let Some(entry) = space.log.since(attached.told).next() {
        attached.told += 1;
        return Frame::Bytes { channel: if entry.error { 2 } else { 1 }, bytes: entry.bytes.to_vec() };
    }
    let running = cluster
        .control
        .kubelets
        .worker(attached.pod)
        .is_some_and(|w| w.units.iter().any(|u| u.space == attached.space && u.is_running()));
    if running { Frame::Pending } else { Frame::End }
}

/// What an attached client types.
pub fn write_attached(machines: &mut Machines, attached: &Attached, channel: u8, bytes: &[u8]) {
    let Some((tty, stdin)) = machines.space(attached.space).map(|s| (s.tty, s.stdin)) else { return };
    match channel {
        0 if tty != 0 => machines.feed(tty, bytes),
        0 => _ = machines.write_input(stdin, bytes),
        4 => resize(machines, tty, bytes),
        255 if tty == 0 => machines.close_input(stdin),
        _ => {}
    }
}
