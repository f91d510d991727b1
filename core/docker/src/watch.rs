//! Looking into a container from outside: `top`, `stats`, `changes`, `resize`. Follows
//! `daemon/{top_unix,stats,changes}.go` of moby 26.1.

use crate::container::Container;
use crate::docker::actor;
use crate::door::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::streams::Streaming;
use crate::system::answer;
use crate::{Docker, ids, json};
use drydock_container::Machines;
use drydock_container::difference::{Change, difference};
use drydock_container::process::Process;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::{Body, Response};
use imbl::Vector;
use std::sync::Arc;

/// `GET /containers/{id}/top`: `ps` of the host, its rows those of the container.
///
/// # Errors
/// Not running; columns `ps` does not have.
pub fn top(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    if !container.state.status.is_up() {
        return Err(Fault::conflict(format!("container {} is not running", container.id)));
    }
    let args = call.param("ps_args");
    let columns = columns(if args.is_empty() { "-ef" } else { args })?;
    let machines = &*call.machines;
    let residents = machines.residents.range((container.space, 0)..=(container.space, u32::MAX));
    let processes = residents.filter_map(|r| machines.process(r.1)).filter(|p| p.is_alive());
    let rows = processes.map(|p| Json::strings(columns.iter().map(|c| cell(machines, p, c))));
    let body =
        json!({"Processes": Json::list(rows), "Titles": Json::strings(columns.iter().map(|c| c.title()))});
    Ok(answer(200, &body))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Uid,
    User,
    Pid,
    Ppid,
    C,
    Stime,
    Tty,
    Time,
    Cmd,
    Command,
    Comm,
    Cpu,
    Mem,
    Vsz,
    Rss,
    Stat,
    Start,
    Etime,
    Ni,
    Pri,
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Column::Uid => "UID",
            Column::User => "USER",
            Column::Pid => "PID",
            Column::Ppid => "PPID",
            Column::C => "C",
            Column::Stime => "STIME",
            Column::Tty => "TTY",
            Column::Time => "TIME",
            Column::Cmd => "CMD",
            Column::Command | Column::Comm => "COMMAND",
            Column::Cpu => "%CPU",
            Column::Mem => "%MEM",
            Column::Vsz => "VSZ",
            Column::Rss => "RSS",
            Column::Stat => "STAT",
            Column::Start => "START",
            Column::Etime => "ELAPSED",
            Column::Ni => "NI",
            Column::Pri => "PRI",
        }
    }
    fn named(name: &str) -> Option<Column> {
        Some(match name {
            "uid" => Column::Uid,
            "user" | "euser" => Column::User,
            "pid" => Column::Pid,
            "ppid" => Column::Ppid,
            "c" => Column::C,
            "stime" => Column::Stime,
            "tty" | "tt" | "tname" => Column::Tty,
            "time" | "cputime" => Column::Time,
            "cmd" => Column::Cmd,
            "args" | "command" => Column::Command,
            "comm" | "ucmd" => Column::Comm,
            "pcpu" | "%cpu" => Column::Cpu,
            "pmem" | "%mem" => Column::Mem,
            "vsz" | "vsize" => Column::Vsz,
            "rss" | "rssize" => Column::Rss,
            "stat" | "state" | "s" => Column::Stat,
            "start" | "lstart" | "bsdstart" => Column::Start,
            "etime" => Column::Etime,
            "ni" | "nice" => Column::Ni,
            "pri" => Column::Pri,
            _ => return None,
        })
    }
}

fn columns(args: &str) -> Result<Vec<Column>, Fault> {
    use Column::{C, Cmd, Command, Cpu, Mem, Pid, Ppid, Rss, Start, Stat, Stime, Time, Tty, Uid, User, Vsz};
    let words: Vec<&str> = args.split_whitespace().collect();
    let at = words
        .iter()
        .position(|w| matches!(*w, "-o" | "o" | "--format" | "-eo" | "-axo" | "axo" | "eo" | "-Ao"));
    let joined = words.iter().find_map(|w| w.strip_prefix("-o").or_else(|| w.strip_prefix("--format=")));
    let list = at.and_then(|at| words.get(at + 1)).copied().or(joined.filter(|j| !j.is_empty()));
    if let Some(list) = list {
        let mut out = Vec::new();
        for name in list.split(',') {
            let name = name.split('=').next().unwrap_or(name);
            match Column::named(&name.to_ascii_lowercase()) {
                Some(column) => out.push(column),
                None => {
                    return Err(Fault::internal(format!(
                        "ps: error: unknown user-defined format specifier \"{name}\""
                    )));
                }
            }
        }
        if !out.contains(&Pid) {
            return Err(Fault::internal("Couldn't find PID field in ps output"));
        }
        return Ok(out);
    }
    let flags: String = words.concat();
    Ok(match flags.as_str() {
        f if f.contains('u') && !f.starts_with('-') => {
            vec![User, Pid, Cpu, Mem, Vsz, Rss, Tty, Stat, Start, Time, Command]
        }
        "-aux" => vec![User, Pid, Cpu, Mem, Vsz, Rss, Tty, Stat, Start, Time, Command],
        "ax" | "x" | "a" => vec![Pid, Tty, Stat, Time, Command],
        f if f.contains('f') => vec![Uid, Pid, Ppid, C, Stime, Tty, Time, Cmd],
        "-e" | "-A" => vec![Pid, Tty, Time, Cmd],
        _ => vec![Uid, Pid, Ppid, C, Stime, Tty, Time, Cmd],
    })
}

fn cell(machines: &Machines, p: &Process, column: &Column) -> String {
    let started = Timestamp(ids::unix(machines, p.started)).civil();
    let parent = if p.parent == 0 { p.pid.saturating_sub(23).max(1) } else { p.parent };
    let text = |p: &Process| p.argv.iter().map(|a| a.to_string()).collect::<Vec<_>>().join(" ");
    let memory = if p.memory == 0 { 2 << 20 } else { p.memory };
    match column {
        Column::Uid | Column::User if p.uid == 0 => "root".into(),
        Column::Uid | Column::User => p.uid.to_string(),
        Column::Pid => p.pid.to_string(),
        Column::Ppid => parent.to_string(),
        Column::C | Column::Ni => "0".into(),
        Column::Pri => "19".into(),
        Column::Stime | Column::Start => format!("{:02}:{:02}", started.hour, started.minute),
        Column::Tty => "?".into(),
        Column::Time => "00:00:00".into(),
        Column::Cmd | Column::Command => text(p),
        Column::Comm => drydock_container::pseudo::comm(p).into(),
        Column::Cpu | Column::Mem => "0.0".into(),
        Column::Vsz => (memory / 256).to_string(),
        Column::Rss => (memory / 1024).to_string(),
        Column::Stat => format!("{}s", drydock_container::pseudo::state_letter(p)),
        Column::Etime => {
            let seconds = machines.clock.now.saturating_sub(p.started) / 1000;
            format!("{:02}:{:02}", seconds / 60, seconds % 60)
        }
    }
}

/// `GET /containers/{id}/stats`: once, or every second.
///
/// # Errors
/// No such container.
pub fn stats(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let once = call.request.param("stream").is_some() && !call.flag("stream");
    let report = report(call.machines, &container);
    if once {
        return Ok(Response::json(200, report));
    }
    let state =
        Streaming::Stats { container: container.id.clone(), queue: Vector::unit(report), done: false };
    let stream = call.docker.open_stream(call.machines, state);
    call.machines.clock.after(1_000, actor::STATS, stream.0);
    Ok(Response::new(200, Body::Stream(stream)).header("Content-Type", "application/json"))
}

impl Docker {
    /// A second has passed for somebody who watches.
    pub(crate) fn next_stats(&mut self, machines: &mut Machines, key: u64) {
        // Followers of events look again: their time may be over.
        machines.wake(drydock_container::wait::Key::Streams);
        let stream = drydock_network::http::Stream(key);
        let Some(Streaming::Stats { container, queue, .. }) = self.streams.get(&key).map(|s| (**s).clone())
        else {
            return;
        };
        let Some(container) = self.containers.get(&container).cloned() else {
            return self.end_stream(machines, stream);
        };
        // Nobody reads: the reports wait until somebody does.
        if queue.len() < 4 {
            let report = report(machines, &container);
            self.say(machines, stream, report);
        }
        machines.clock.after(1_000, actor::STATS, key);
    }
}

/// One report.
fn report(machines: &Machines, c: &Arc<Container>) -> Value {
    let now = machines.clock.now;
    let read = ids::moment(machines, now);
    if !c.state.status.is_up() {
        return value!({
            "read": ids::ZERO_TIME, "preread": ids::ZERO_TIME, "pids_stats": {}, "blkio_stats": {}, "num_procs": 0,
            "storage_stats": {}, "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "precpu_stats": {"cpu_usage": {"total_usage": 0}},
            "memory_stats": {}, "name": format!("/{}", c.name), "id": &c.id,
        });
    }
    let usage = machines.usage(c.space);
    let space = machines.space(c.space);
    let host = space.map_or(drydock_container::SpaceId(0), |s| s.host);
    let (cpus, memory) = machines.host_size(host);
    let limit = match c.host_config["Memory"].int() {
        n if n > 0 => n as u64,
        _ => memory,
    };
    let pids = machines.residents.range((c.space, 0)..=(c.space, u32::MAX)).count();
    let up = now.saturating_sub(c.state.started.unwrap_or(now));
    // Nanoseconds of processor time: what is used now, for as long as it has run.
    let total = |ms: u64| usage.cpu_milli.saturating_mul(ms).saturating_mul(1_000);
    let system = |ms: u64| ms.saturating_mul(1_000_000).saturating_mul(u64::from(cpus));
    let cpu = |ms: u64| {
        value!({
            "cpu_usage": {"total_usage": total(ms), "usage_in_kernelmode": total(ms) / 3, "usage_in_usermode": total(ms) * 2 / 3},
            "system_cpu_usage": system(ms), "online_cpus": cpus,
            "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
        })
    };
    let (received, sent) = traffic(machines, c);
    let networks: Value = if c.network_mode() == "host" || c.network_mode() == "none" {
        Value::Null
    } else {
        let one = value!({
            "rx_bytes": received, "rx_packets": received / 90, "rx_errors": 0, "rx_dropped": 0,
            "tx_bytes": sent, "tx_packets": sent / 90, "tx_errors": 0, "tx_dropped": 0,
        });
        Value::from_iter([("eth0", one)])
    };
    let mut out = value!({
        "read": read, "preread": ids::moment(machines, now.saturating_sub(1_000)),
        "pids_stats": {"current": pids, "limit": 9_381},
        "blkio_stats": {"io_service_bytes_recursive": [], "io_serviced_recursive": null},
        "num_procs": 0, "storage_stats": {},
        "cpu_stats": cpu(up + 1_000), "precpu_stats": cpu(up),
        "memory_stats": {"usage": usage.memory, "stats": {"inactive_file": 0}, "limit": limit},
        "name": format!("/{}", c.name), "id": &c.id,
    });
    if !networks.is_null() {
        out = out.with("networks", networks);
    }
    out
}

/// Bytes received and sent, as far as traffic is remembered: a start's own packets and each exchange.
fn traffic(machines: &Machines, c: &Container) -> (u64, u64) {
    let start = c.state.started.unwrap_or(0);
    let mine = machines.net(c.net).map(|n| n.address).unwrap_or_default();
    let (mut received, mut sent) = (626, 0);
    for hop in machines.traffic.iter().filter(|h| h.started >= start) {
        if hop.to.ip == mine {
            (received, sent) = (received + 744, sent + 724);
        } else if hop.from == c.net {
            (received, sent) = (received + 724, sent + 744);
        }
    }
    (received, sent)
}

/// `GET /containers/{id}/changes`.
///
/// # Errors
/// No such container.
pub fn changes(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let Some(space) = call.machines.space(container.space) else { return Ok(answer(200, &Json::null())) };
    let kind = |change: Change| match change {
        Change::Changed => 0,
        Change::Added => 1,
        Change::Deleted => 2,
    };
    let found = difference(&space.image.root, &space.root);
    let hidden = |path: &str| {
        container
            .mounts
            .iter()
            .any(|m| path == &*m.destination || path.starts_with(&format!("{}/", m.destination)))
    };
    let rows = found.iter().filter(|(path, _)| !hidden(path));
    let rows = rows.map(|(path, change)| json!({"Path": path, "Kind": kind(*change)}));
    Ok(answer(200, &Json::list_or_null(rows)))
}

/// `POST /containers/{id}/resize`.
///
/// # Errors
/// Not running; sizes that are none.
pub fn resize(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let (height, width) = crate::exec::size(call)?;
    let container = call.docker.container(typed)?;
    if !container.state.status.is_up() {
        return Err(Fault::conflict(format!("container {} is not running", container.id)));
    }
    let tty = call.machines.space(container.space).map_or(0, |s| s.tty);
    call.machines.resize(tty, width, height);
    Ok(Response::new(200, Body::Empty))
}
