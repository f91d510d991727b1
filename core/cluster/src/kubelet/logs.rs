//! Container logs as the kubelet serves them: `follow`, `previous`, `sinceSeconds`, `sinceTime`,
//! `timestamps`, `tailLines`, `limitBytes`. Follows `kuberuntime/logs` and `server.go`.

use super::{State, specs};
use crate::cluster::Cluster;
use crate::object::{Id, Object};
use crate::status::Status;
use drydock_container::log::LogEntry;
use drydock_container::machines::Frame;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::time::nano_string;
use drydock_machinery::{Timestamp, Value};
use std::sync::Arc;

/// `PodLogOptions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogOptions {
    pub container: Arc<str>,
    pub follow: bool,
    pub previous: bool,
    pub timestamps: bool,
    /// Unix seconds before which nothing is shown.
    pub since: Option<i64>,
    pub tail: Option<usize>,
    pub limit: Option<usize>,
}

/// A followed log.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    pub pod: Id,
    pub space: SpaceId,
    /// Entries already told.
    pub told: u64,
    /// What has been read but not given out, before following begins.
    pub first: Vec<u8>,
    pub timestamps: bool,
    /// The last byte told ended a line.
    pub at_line: bool,
    /// Bytes that may still be told.
    pub left: usize,
}

/// Which container is meant, in the words of `pod/strategy.go` where that is not clear.
///
/// # Errors
/// 400, as the API server says it.
pub fn container_name(pod: &Object, asked: &str, verb: &str) -> Result<usize, Status> {
    let names: Vec<&str> = specs(pod).map(|c| c["name"].text()).collect();
    let inits = pod.spec()["initContainers"].items().len();
    let mains = inits + pod.spec()["containers"].items().len();
    let (first, rest) = names.get(..mains).unwrap_or(&names).split_at(inits.min(names.len()));
    if asked.is_empty() {
        if rest.len() == 1 {
            return Ok(inits);
        }
        let mut text = format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            pod.name,
            rest.join(" ")
        );
        if !first.is_empty() {
            text = format!("{text} or one of the init containers: [{}]", first.join(" "));
        }
        return Err(Status::bad_request(text));
    }
    let _ = verb;
    let found = names.iter().position(|n| *n == asked);
    found.ok_or_else(|| Status::bad_request(format!("container {asked} is not valid for pod {}", pod.name)))
}

/// The log, or a followed one.
pub enum Logs {
    Text(Vec<u8>),
    Follow(Following),
}

/// Answers `GET pods/NAME/log`.
///
/// # Errors
/// The API server's refusals: which container, not started yet, no earlier one.
pub fn read(
    cluster: &Cluster,
    machines: &Machines,
    pod: &Arc<Object>,
    options: &LogOptions,
) -> Result<Logs, Status> {
    let at = container_name(pod, &options.container, "log")?;
    let name = specs(pod).nth(at).map(|c| c["name"].text().to_string()).unwrap_or_default();
    let Some(node) = pod.node else { return Ok(Logs::Text(Vec::new())) };
    if cluster.is_node_stopped(node) {
        let address = cluster.control.kubelets.nodes.get(&node).map(|n| n.ip).unwrap_or_default();
        let text = format!(
            "Get \"https://{address}:10250/containerLogs/{}/{}/{name}\": dial tcp {address}:10250: connect: no route to host",
            pod.namespace, pod.name
        );
        return Err(Status::new(500, "", text));
    }
    let Some(worker) = cluster.control.kubelets.worker(pod.id) else { return Ok(Logs::Text(Vec::new())) };
    let Some(unit) = worker.units.get(at) else { return Ok(Logs::Text(Vec::new())) };
    let space = if options.previous { unit.previous } else { unit.space };
    // One that is about to be started again shows the log of the one that ended.
    if space.0 == 0 {
        if options.previous {
            let text = format!("previous terminated container \"{name}\" in pod \"{}\" not found", pod.name);
            return Err(Status::bad_request(text));
        }
        let reason = match &unit.state {
            State::Waiting {
                reason: "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull",
                ..
            } => "trying and failing to pull image",
            State::Waiting { reason, .. } => reason,
            _ => "ContainerCreating",
        };
        let text = format!("container \"{name}\" in pod \"{}\" is waiting to start: {reason}", pod.name);
        return Err(Status::bad_request(text));
    }
    let Some(log) = machines.logs(space) else { return Ok(Logs::Text(Vec::new())) };
    let epoch = machines.clock.epoch;
    let lines = log.lines();
    let mut lines: &[LogEntry] = &lines;
    if let Some(since) = options.since {
        let skip = lines.iter().take_while(|l| epoch + (l.time / 1000) as i64 <= since).count();
        lines = lines.get(skip..).unwrap_or(&[]);
    }
    if let Some(tail) = options.tail {
        lines = lines.get(lines.len().saturating_sub(tail)..).unwrap_or(&[]);
    }
    let mut text = Vec::new();
    for line in lines {
        if options.timestamps {
            text.extend(stamp(epoch, line.time).into_bytes());
        }
        text.extend_from_slice(&line.bytes);
    }
    let limit = options.limit.unwrap_or(usize::MAX);
    text.truncate(limit);
    if !options.follow {
        return Ok(Logs::Text(text));
    }
    let at_line = text.last().is_none_or(|b| *b == b'\n');
    let left = limit - text.len();
    let told = log.written();
    Ok(Logs::Follow(Following {
        pod: pod.id,
        space,
        told,
        first: text,
        timestamps: options.timestamps,
        at_line,
        left,
    }))
}

fn stamp(epoch: i64, ms: u64) -> String {
    let seconds = epoch + (ms / 1000) as i64;
    format!("{} ", nano_string(seconds, (ms % 1000) as u32 * 1_000_000 + 123_457))
}

/// The next piece of a followed log.
pub fn next(cluster: &Cluster, machines: &Machines, following: &mut Following) -> Frame {
    if !following.first.is_empty() {
        return Frame::Bytes { channel: 1, bytes: std::mem::take(&mut following.first) };
    }
    if following.left == 0 {
        return Frame::End;
    }
    let Some(log) = machines.logs(following.space) else { return Frame::End };
    if log.written() > following.told {
        let mut bytes = Vec::new();
        for entry in log.since(following.told) {
            for part in entry.bytes.split_inclusive(|b| *b == b'\n') {
                if following.timestamps && following.at_line {
                    bytes.extend(stamp(machines.clock.epoch, entry.time).into_bytes());
                }
                following.at_line = part.ends_with(b"\n");
                bytes.extend_from_slice(part);
            }
        }
        following.told = log.written();
        bytes.truncate(following.left);
        following.left -= bytes.len();
        return Frame::Bytes { channel: 1, bytes };
    }
    let running = cluster
        .control
        .kubelets
        .worker(following.pod)
        .is_some_and(|w| w.units.iter().any(|u| u.space == following.space && u.is_running()));
    if running { Frame::Pending } else { Frame::End }
}

/// `sinceSeconds` and `sinceTime` as unix seconds.
#[must_use]
pub fn since(machines: &Machines, seconds: Option<i64>, time: &Value) -> Option<i64> {
    let at = Timestamp::parse(time.text()).map(|t| t.0);
    at.or_else(|| seconds.map(|s| machines.clock.unix() - s))
}
