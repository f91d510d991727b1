//! Startup, liveness and readiness probes: `exec`, `httpGet`, `tcpSocket`, `grpc` (as a connection), with
//! all their timing fields. Follows `pkg/kubelet/prober` of Kubernetes 1.33.

use super::containers::tell;
use super::notices::Purpose;
use super::{Worker, spec_of, terminate};
use crate::cluster::Cluster;
use crate::object::Object;
use drydock_container::Machines;
use drydock_container::engine::exec::ExecHandle;
use drydock_container::spec::ExecSpec;
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::Request;
use std::sync::Arc;

/// Which of a container's probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    Startup,
    Liveness,
    Readiness,
}

impl Which {
    pub const ALL: [Which; 3] = [Which::Startup, Which::Liveness, Which::Readiness];
    fn field(self) -> &'static str {
        match self {
            Which::Startup => "startupProbe",
            Which::Liveness => "livenessProbe",
            Which::Readiness => "readinessProbe",
        }
    }
    fn word(self) -> &'static str {
        match self {
            Which::Startup => "Startup",
            Which::Liveness => "Liveness",
            Which::Readiness => "Readiness",
        }
    }
}

/// One probe's progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// When the next attempt is due, simulated milliseconds; 0 for no such probe.
    pub next: u64,
    pub successes: u32,
    pub failures: u32,
    /// An attempt is under way since then; 0 for none.
    pub busy: u64,
}

/// The probes of one running container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probes(pub [Progress; 3]);

fn period(probe: &Value) -> u64 {
    probe["periodSeconds"].as_int().unwrap_or(10).max(1) as u64 * 1000
}
fn timeout(probe: &Value) -> u64 {
    probe["timeoutSeconds"].as_int().unwrap_or(1).max(1) as u64 * 1000
}

/// The probes a container that has just started has; none for a container without.
#[must_use]
pub fn of(machines: &Machines, spec: &Value, now: u64) -> Option<Arc<Probes>> {
    let mut probes = Probes::default();
    let mut any = false;
    for (progress, which) in probes.0.iter_mut().zip(Which::ALL) {
        let probe = &spec[which.field()];
        if probe.is_null() {
            continue;
        }
        any = true;
        // The worker ticks once a period from the start; the delay only makes it skip ticks.
        let delay = probe["initialDelaySeconds"].int().max(0) as u64 * 1000;
        let period = period(probe);
        let offset = 300 + machines.clock.chance(now ^ which as u64, 500);
        let ticks = delay.saturating_sub(offset).div_ceil(period);
        progress.next = now + offset + ticks * period;
    }
    any.then(|| Arc::new(probes))
}

fn progress(worker: &mut Worker, unit: usize, which: Which) -> Option<&mut Progress> {
    let probes = worker.units.get_mut(unit)?.probes.as_mut()?;
    Arc::make_mut(probes).0.get_mut(which as usize)
}

/// Starts the attempts that are due and asks to be woken for the next ones.
pub fn run(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) {
    let now = machines.clock.now;
    for unit in 0..worker.units.len() {
        let Some(state) = worker.units.get(unit).filter(|u| u.is_running() && u.kill_at.is_none()) else {
            continue;
        };
        let Some(probes) = state.probes.clone() else { continue };
        let started = state.started;
        for (mine, which) in probes.0.iter().zip(Which::ALL) {
            // Until the startup probe has succeeded the others wait; afterwards it is done.
            let wanted = if which == Which::Startup { !started } else { started };
            if mine.next == 0 || mine.busy != 0 || !wanted {
                continue;
            }
            if mine.next > now {
                worker.arm(machines, pod.id, mine.next - now);
            } else {
                attempt(cluster, machines, pod, worker, unit, which);
            }
        }
    }
}

fn attempt(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    unit: usize,
    which: Which,
) {
    let now = machines.clock.now;
    let spec = spec_of(pod, unit);
    let probe = &spec[which.field()];
    let Some(space) = worker.units.get(unit).map(|u| u.space) else { return };
    let number = u16::try_from(unit).unwrap_or(0);
    if let Some(mine) = progress(worker, unit, which) {
        mine.busy = now.max(1);
        mine.next = now + period(probe);
    }
    if !probe["exec"].is_null() {
        let argv: Vec<Arc<str>> = probe["exec"]["command"].items().iter().map(Value::shared).collect();
        match machines.exec(cluster, space, ExecSpec { argv, ..ExecSpec::default() }) {
            Ok(handle) => {
                let purpose = Purpose::Probe { pod: pod.id, unit: number, which, handle };
                cluster.control.kubelets.execs.insert(handle.pid, purpose);
            }
            Err(error) => {
                let text = format!(
                    "rpc error: code = Unknown desc = failed to exec in container: failed to start exec: {}",
                    error.exec_text()
                );
                settle(
                    cluster,
                    machines,
                    pod,
                    worker,
                    unit,
                    which,
                    Err(format!("probe errored and resulted in unknown state: {text}")),
                );
            }
        }
        return;
    }
    let (kind, handler) = ["httpGet", "tcpSocket", "grpc"]
        .iter()
        .find_map(|k| (!probe[*k].is_null()).then(|| (*k, &probe[*k])))
        .unwrap_or(("tcpSocket", probe));
    let Some(port) = port(&handler["port"], spec) else {
        let text = format!(
            "probe errored and resulted in unknown state: couldn't find port: {}",
            handler["port"].text()
        );
        return settle(cluster, machines, pod, worker, unit, which, Err(text));
    };
    let host = Ip::parse(handler["host"].text()).unwrap_or(worker.ip);
    let Some(net) = cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.net) else { return };
    let payload = if kind == "httpGet" {
        let path = handler["path"].text();
        let path = if path.is_empty() { "/" } else { path };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::get(path)
            .header("Host", &format!("{host}:{port}"))
            .header("User-Agent", "kube-probe/1.33")
            .header("Accept", "*/*")
            .header("Connection", "close");
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, value);
        }
        for header in handler["httpHeaders"].items() {
            request = request.header(header["name"].text(), header["value"].text());
        }
        Payload::Http(request)
    } else {
        Payload::Connect
    };
    let exchange = machines.probe(net, Target { ip: host, port }, payload, timeout(probe));
    cluster.control.kubelets.exchanges.insert(exchange, (pod.id, number, which));
}

/// A port by number or by the name it has in the container.
fn port(port: &Value, container: &Value) -> Option<u16> {
    let number = match port {
        Value::Int(n) => *n,
        named => {
            let name = named.text();
            match name.parse() {
                Ok(n) => n,
                Err(_) => {
                    container["ports"].items().iter().find(|p| p["name"] == name)?["containerPort"].int()
                }
            }
        }
    };
    u16::try_from(number).ok().filter(|n| *n > 0)
}

/// A probe's process is done.
#[allow(clippy::too_many_arguments)]
pub fn exec_ended(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    unit: u16,
    which: Which,
    handle: ExecHandle,
    code: i32,
) {
    let mut output = Vec::new();
    for pipe in [handle.stdout, handle.stderr] {
        while let Some(bytes) = machines.take_output(pipe, 10 * 1024).filter(|b| !b.is_empty()) {
            output.extend(bytes);
        }
    }
    machines.close_exec(handle);
    let unit = usize::from(unit);
    let probe = &spec_of(pod, unit)[which.field()];
    let began = progress(worker, unit, which).map_or(0, |p| p.busy);
    let took = machines.clock.now.saturating_sub(began);
    let result = if took > timeout(probe) {
        let words: Vec<&str> = probe["exec"]["command"].items().iter().map(Value::text).collect();
        Err(format!("command timed out: \"{}\" timed out after {}s", words.join(" "), timeout(probe) / 1000))
    } else if code == 0 {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output).into_owned())
    };
    settle(cluster, machines, pod, worker, unit, which, result);
}

/// A probe's exchange is over.
#[allow(clippy::too_many_arguments)]
pub fn answered(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    unit: u16,
    which: Which,
    answer: Option<Result<Answer, Failure>>,
) {
    let unit = usize::from(unit);
    let spec = spec_of(pod, unit);
    let probe = &spec[which.field()];
    let http = &probe["httpGet"];
    let handler = if !http.is_null() {
        http
    } else if probe["tcpSocket"].is_null() {
        &probe["grpc"]
    } else {
        &probe["tcpSocket"]
    };
    let host = Ip::parse(handler["host"].text()).unwrap_or(worker.ip);
    let port = port(&handler["port"], spec).unwrap_or(0);
    let dial = |text: &str| {
        if http.is_null() {
            format!("dial tcp {host}:{port}: {text}")
        } else {
            let scheme = if http["scheme"] == "HTTPS" { "https" } else { "http" };
            let path = http["path"].text();
            let path = if path.is_empty() { "/" } else { path };
            format!("Get \"{scheme}://{host}:{port}{path}\": dial tcp {host}:{port}: {text}")
        }
    };
    let result = match answer {
        Some(Ok(Answer::Http(response))) if (200..400).contains(&response.status) => Ok(()),
        Some(Ok(Answer::Http(response))) => {
            Err(format!("HTTP probe failed with statuscode: {}", response.status))
        }
        Some(Ok(_)) => Ok(()),
        Some(Err(Failure::Refused)) => Err(dial("connect: connection refused")),
        Some(Err(Failure::Unreachable)) => Err(dial("connect: no route to host")),
        Some(Err(Failure::Reset)) if !http.is_null() => {
            Err(dial("").replace(&format!("dial tcp {host}:{port}: "), "EOF"))
        }
        Some(Err(_)) if http.is_null() => Err(dial("i/o timeout")),
        Some(Err(_)) => {
            let text = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            Err(dial("").replace(&format!("dial tcp {host}:{port}: "), text))
        }
        None => return,
    };
    settle(cluster, machines, pod, worker, unit, which, result);
}

/// Counts an outcome against the thresholds and acts on it.
fn settle(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    unit: usize,
    which: Which,
    result: Result<(), String>,
) {
    let spec = spec_of(pod, unit);
    let probe = &spec[which.field()];
    let now = machines.clock.now;
    // The container may have ended or be on its way out: what it said does not matter any more.
    if worker.units.get(unit).is_none_or(|u| !u.is_running() || u.kill_at.is_some()) {
        return;
    }
    let Some(mine) = progress(worker, unit, which) else { return };
    mine.busy = 0;
    let wait = mine.next.saturating_sub(now);
    let wanted = |field: &str, default: i64| {
        u32::try_from(probe[field].as_int().unwrap_or(default)).unwrap_or(1).max(1)
    };
    let failed = result.is_err();
    let reached = if failed {
        mine.failures += 1;
        mine.successes = 0;
        mine.failures >= wanted("failureThreshold", 3)
    } else {
        mine.successes += 1;
        mine.failures = 0;
        mine.successes >= wanted("successThreshold", 1)
    };
    worker.arm(machines, pod.id, wait);
    if let Err(text) = result {
        let separator = if text.starts_with("probe errored") { " " } else { ": " };
        let verb = if separator == " " {
            format!("{} {text}", which.word())
        } else {
            format!("{} probe failed: {text}", which.word())
        };
        tell(cluster, machines, pod, worker, unit, (true, "Unhealthy", verb));
    }
    if !reached {
        return;
    }
    let mut changed = false;
    match (which, failed) {
        (Which::Readiness, failed) => {
            if let Some(unit) = worker.units.get_mut(unit).filter(|u| u.ready == failed) {
                unit.ready = !failed;
                changed = true;
            }
        }
        (Which::Startup, false) => {
            if let Some(unit) = worker.units.get_mut(unit) {
                unit.started = true;
                unit.ready = spec["readinessProbe"].is_null();
                // The others begin at once.
                if let Some(probes) = unit.probes.as_mut() {
                    for other in Arc::make_mut(probes).0.iter_mut().skip(1).filter(|p| p.next != 0) {
                        other.next = other.next.min(now + 100).max(now + 100);
                    }
                }
                worker.arm(machines, pod.id, 100);
                changed = true;
            }
        }
        (Which::Liveness, false) => {}
        (Which::Liveness | Which::Startup, true) => {
            let name = spec["name"].text();
            let kind = if which == Which::Liveness { "liveness" } else { "startup" };
            let text = format!("Container {name} failed {kind} probe, will be restarted");
            tell(cluster, machines, pod, worker, unit, (false, "Killing", text));
            let grace = probe["terminationGracePeriodSeconds"].as_int();
            terminate::kill(cluster, machines, pod, worker, unit, grace);
        }
    }
    if changed {
        super::sync::report(cluster, machines, pod, worker);
    }
}
