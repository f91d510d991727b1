//! A container's output: `logs` with its options, `attach`. What was printed lies in the space's log;
//! a reader goes along it, and keeps the rest when the container goes away under it.

use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::ids::moment;
use crate::streams::Streaming;
use drydock_container::Machines;
use drydock_container::log::LogEntry;
use drydock_container::machines::Frame;
use drydock_machinery::Timestamp;
use drydock_network::http::{Body, Response};
use imbl::Vector;
use std::sync::Arc;

/// Somebody who reads a container's output.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    pub container: Arc<str>,
    pub tty: bool,
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub timestamps: bool,
    /// Entries of the log already taken.
    pub told: u64,
    /// Taken and not yet read: channel and bytes.
    pub queue: Vector<(u8, Arc<[u8]>)>,
    /// More may come.
    pub open: bool,
    /// Waits for the first start rather than for the end: attached before the container runs.
    pub starts: u64,
    pub until: Option<i64>,
    /// The last byte of each stream ended a line.
    pub at_line: [bool; 2],
}

impl Reader {
    fn takes(&self, entry: &LogEntry) -> bool {
        if entry.error && !self.tty { self.stderr } else { self.stdout }
    }
    /// Moves what was printed since into the queue.
    fn take(&mut self, machines: &Machines, log: &drydock_container::log::Log) {
        if log.written() <= self.told {
            return;
        }
        let entries: Vec<LogEntry> = log.since(self.told).cloned().collect();
        self.told = log.written();
        for entry in entries {
            let late = self.until.is_some_and(|u| crate::ids::unix(machines, entry.time) > u);
            if !self.takes(&entry) || late {
                continue;
            }
            let channel = if entry.error && !self.tty { 2 } else { 1 };
            if !self.timestamps {
                self.queue.push_back((channel, entry.bytes));
                continue;
            }
            let mut bytes = Vec::new();
            for part in entry.bytes.split_inclusive(|b| *b == b'\n') {
                if let Some(at_line) = self.at_line.get_mut(usize::from(entry.error)) {
                    if *at_line {
                        bytes.extend(format!("{} ", moment(machines, entry.time)).into_bytes());
                    }
                    *at_line = part.ends_with(b"\n");
                }
                bytes.extend_from_slice(part);
            }
            self.queue.push_back((channel, bytes.into()));
        }
    }
    /// The next frame.
    pub(crate) fn next(&mut self, docker: &Docker, machines: &Machines) -> Frame {
        if let Some((channel, bytes)) = self.queue.pop_front() {
            return Frame::Bytes { channel, bytes: bytes.to_vec() };
        }
        if !self.open {
            return Frame::End;
        }
        let Some(container) = docker.containers.get(&self.container) else { return Frame::End };
        if let Some(log) = machines.logs(container.space) {
            self.take(machines, log);
        }
        if let Some((channel, bytes)) = self.queue.pop_front() {
            return Frame::Bytes { channel, bytes: bytes.to_vec() };
        }
        if self.until.is_some_and(|u| machines.clock.unix() > u) { Frame::End } else { Frame::Pending }
    }
}

impl Docker {
    /// A container's output has ended, or goes on after a restart: readers keep what is left.
    pub(crate) fn end_outputs(&mut self, machines: &Machines, id: &Arc<str>, again: bool) {
        let Some(container) = self.containers.get(id).cloned() else { return };
        let keys: Vec<u64> = self.streams.keys().copied().collect();
        for key in keys {
            let Some(state) = self.streams.get(&key).cloned() else { continue };
            let Streaming::Output(reader) = &*state else { continue };
            if reader.container != *id || !reader.open {
                continue;
            }
            let mut reader = reader.clone();
            if let Some(log) = machines.logs(container.space) {
                reader.take(machines, log);
            }
            // `logs -f` follows a container through its restarts, attach does not.
            reader.open = again && reader.starts == u64::MAX;
            self.streams.insert(key, Arc::new(Streaming::Output(reader)));
        }
    }
}

/// `GET /containers/{id}/logs`.
///
/// # Errors
/// No such container; neither stream asked for; times that are none.
pub fn logs(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let (stdout, stderr) = (call.flag("stdout"), call.flag("stderr"));
    if !stdout && !stderr {
        return Err(Fault::invalid("Bad parameters: you must choose at least one stream"));
    }
    let driver = container.host_config["LogConfig"]["Type"].text();
    if driver == "none" {
        return Err(Fault::new(501, "configured logging driver does not support reading"));
    }
    let time = |name: &str| -> Result<Option<i64>, Fault> {
        match call.param(name) {
            "" | "0" => Ok(None),
            text => {
                let seconds = text.split('.').next().unwrap_or(text).parse().ok();
                let found = seconds.or_else(|| Timestamp::parse(text).map(|t| t.0));
                found.map(Some).ok_or_else(|| Fault::invalid(format!("invalid value for {name:?}: {text}")))
            }
        }
    };
    let (since, until) = (time("since")?, time("until")?);
    let follow = call.flag("follow") && container.state.status.is_up()
        || call.flag("follow") && container.restart_at != 0;
    let mut reader = Reader {
        container: container.id.clone(),
        tty: container.has_tty(),
        stdin: false,
        stdout,
        stderr,
        timestamps: call.flag("timestamps"),
        told: 0,
        queue: Vector::new(),
        open: follow,
        starts: u64::MAX,
        until,
        at_line: [true, true],
    };
    let epoch = |entry: &LogEntry| crate::ids::unix(call.machines, entry.time);
    if let Some(log) = call.machines.logs(container.space) {
        let lines = log.lines();
        let fits = |e: &&LogEntry| {
            reader.takes(e) && since.is_none_or(|s| epoch(e) >= s) && until.is_none_or(|u| epoch(e) <= u)
        };
        let mut kept: Vec<&LogEntry> = lines.iter().filter(fits).collect();
        // A number that is none means all, as in the engine.
        if let Ok(tail) = call.param("tail").parse::<i64>()
            && let Ok(tail) = usize::try_from(tail)
        {
            kept = kept.split_off(kept.len().saturating_sub(tail));
        }
        let (tty, stamped) = (reader.tty, reader.timestamps);
        for entry in kept {
            let channel = if entry.error && !tty { 2 } else { 1 };
            let bytes: Arc<[u8]> = if stamped {
                let stamp = format!("{} ", moment(call.machines, entry.time)).into_bytes();
                stamp.into_iter().chain(entry.bytes.iter().copied()).collect()
            } else {
                entry.bytes.clone()
            };
            reader.queue.push_back((channel, bytes));
        }
        reader.told = log.written();
    }
    if follow {
        call.machines.watched_logs.insert(container.space);
    }
    Ok(opened(call, reader, 200))
}

fn opened(call: &mut Call<'_>, reader: Reader, status: u16) -> Response {
    let kind = if reader.tty { "raw" } else { "multiplexed" };
    let stream = call.docker.open_stream(call.machines, Streaming::Output(reader));
    let media = format!("application/vnd.docker.{kind}-stream");
    let response = Response::new(status, Body::Stream(stream)).header("Content-Type", &media);
    if status == 101 { response.header("Connection", "Upgrade").header("Upgrade", "tcp") } else { response }
}

/// `POST /containers/{id}/attach`: takes part in the first process from now on.
///
/// # Errors
/// No such container; a paused or a restarting one.
pub fn attach(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    match container.state.status {
        crate::container::Status::Paused => {
            return Err(Fault::conflict(format!(
                "container {typed} is paused, unpause the container before attach"
            )));
        }
        crate::container::Status::Restarting => {
            return Err(Fault::conflict(format!(
                "container {typed} is restarting, wait until the container is running"
            )));
        }
        _ => {}
    }
    let log = call.machines.logs(container.space);
    let written = log.map_or(0, |l| l.written());
    let reader = Reader {
        container: container.id.clone(),
        tty: container.has_tty(),
        stdin: call.flag("stdin") && container.config["OpenStdin"].bool(),
        stdout: call.flag("stdout"),
        stderr: call.flag("stderr"),
        timestamps: false,
        told: if call.flag("logs") { 0 } else { written },
        queue: Vector::new(),
        open: true,
        starts: container.starts,
        until: None,
        at_line: [true, true],
    };
    if !call.flag("stream") {
        let mut reader = Reader { told: 0, ..reader };
        if let Some(log) = call.machines.logs(container.space) {
            reader.take(call.machines, log);
        }
        reader.open = false;
        return Ok(opened(call, reader, 101));
    }
    call.machines.watched_logs.insert(container.space);
    call.docker.note_container(call.machines, &container.id, "attach", &[]);
    Ok(opened(call, reader, 101))
}
