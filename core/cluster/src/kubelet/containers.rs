//! One container: its image, making and starting it, and what happens when it has ended. Follows
//! `kuberuntime_container.go` and `image_manager.go` of Kubernetes 1.33 with containerd 2.

use super::hooks;
use super::sync::{RELIST, RETRY, jitter, source, stays_ended};
use super::{Ended, State, Unit, Worker, env, full_name, probes, spec_of, volumes};
use crate::cluster::Cluster;
use crate::object::Object;
use drydock_container::images::reference::Reference;
use drydock_container::spec::ContainerSpec;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::Value;
use drydock_machinery::time::go_duration_string;
use std::sync::Arc;

/// From a report of a container's end to its restart, in milliseconds.
const AFTER_REPORT: u64 = 900;

/// Events about one container of a pod.
pub struct Teller<'a> {
    pub pod: &'a Arc<Object>,
    pub worker: &'a Worker,
    pub unit: usize,
}

impl Teller<'_> {
    pub fn tell(
        &self,
        cluster: &mut Cluster,
        machines: &mut Machines,
        warning: bool,
        reason: &str,
        message: impl Into<Arc<str>>,
    ) {
        let source = source(cluster, self.worker);
        let name = spec_of(self.pod, self.unit)["name"].text();
        let list = match self.unit {
            at if at < self.worker.inits => "initContainers",
            at if at < self.worker.mains => "containers",
            _ => "ephemeralContainers",
        };
        let path: Arc<str> = format!("spec.{list}{{{name}}}").into();
        let kind = if warning { "Warning" } else { "Normal" };
        cluster.event_at(machines, self.pod, kind, reason, message, &source, Some(path));
    }
}

/// Says something about a unit without holding on to it.
pub fn tell(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &Worker,
    unit: usize,
    event: (bool, &str, String),
) {
    Teller { pod, worker, unit }.tell(cluster, machines, event.0, event.1, event.2);
}

/// Does what is due for one container.
pub fn advance(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    policy: &str,
) {
    let Some(unit) = worker.units.get(at) else { return };
    let now = machines.clock.now;
    match &unit.state {
        State::Running(_) => {
            if let Some(kill_at) = unit.kill_at {
                if kill_at <= now {
                    machines.stop(unit.space, Some(drydock_container::Signal::Kill));
                } else {
                    let hooked = !spec_of(pod, at).at(&["lifecycle", "preStop", "exec"]).is_null();
                    if hooked && unit.hook.is_none() {
                        machines.stop(unit.space, None);
                    }
                    worker.arm(machines, pod.id, kill_at - now);
                }
            }
        }
        State::Pulling(_) => {}
        State::Waiting { .. } => {
            // One that crashed waits here for its turn.
            let until = unit.last.as_ref().and_then(|last| unit.backoff.until(ended_ms(machines, last), now));
            match until {
                Some(until) if unit.restarts > 0 || unit.backoff.wait > 0 => {
                    crash_loop(cluster, machines, pod, worker, at, until)
                }
                _ => image(cluster, machines, pod, worker, at),
            }
        }
        State::Ended(ended) => {
            if stays_ended(policy, ended) {
                return;
            }
            let since = ended_ms(machines, ended);
            // What the runtime reported is shown for a moment before anything is done about it.
            if worker.report_at + AFTER_REPORT > now {
                return;
            }
            match unit.backoff.until(since, now) {
                Some(until) => {
                    let ended = ended.clone();
                    if let Some(unit) = worker.units.get_mut(at) {
                        unit.last = Some(ended);
                    }
                    crash_loop(cluster, machines, pod, worker, at, until);
                }
                None => {
                    let ended = ended.clone();
                    if let Some(unit) = worker.units.get_mut(at) {
                        unit.last = Some(ended);
                        unit.state = State::Waiting { reason: "ContainerCreating", message: None };
                    }
                    image(cluster, machines, pod, worker, at);
                }
            }
        }
    }
}

/// Simulated milliseconds at which a container ended.
fn ended_ms(machines: &Machines, ended: &Ended) -> u64 {
    let space = machines.space(ended.space).map(|s| s.finished).filter(|t| *t > 0);
    space.unwrap_or_else(|| u64::try_from((ended.finished - machines.clock.epoch).max(0)).unwrap_or(0) * 1000)
}

fn crash_loop(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    until: u64,
) {
    let name = spec_of(pod, at)["name"].text().to_string();
    let now = machines.clock.now;
    let Some(unit) = worker.units.get_mut(at) else { return };
    let wait = go_duration_string(unit.backoff.wait as i64);
    let message = format!("back-off {wait} restarting failed container={name} pod={}", full_name(pod));
    unit.state = State::Waiting { reason: "CrashLoopBackOff", message: Some(message.into()) };
    let text = format!("Back-off restarting failed container {name} in pod {}", full_name(pod));
    tell(cluster, machines, pod, worker, at, (true, "BackOff", text));
    let wait = jitter(machines, RETRY, u64::from(pod.id)).min(until - now);
    worker.arm(machines, pod.id, wait);
}

/// Makes sure the image is there, by the container's pull policy, and goes on to start it.
fn image(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker, at: usize) {
    let spec = spec_of(pod, at);
    let name = spec["image"].text();
    let Some(host) = cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.host) else { return };
    let now = machines.clock.now;
    if let Err(problem) = Reference::parse(name) {
        let text = format!(
            "Failed to apply default image tag \"{name}\": couldn't parse image name \"{name}\": {problem}"
        );
        tell(cluster, machines, pod, worker, at, (true, "InspectFailed", text.clone()));
        tell(cluster, machines, pod, worker, at, (true, "Failed", "Error: InvalidImageName".into()));
        return wait(machines, pod, worker, at, "InvalidImageName", text);
    }
    let present = machines.has_image(host, name);
    let policy = spec["imagePullPolicy"].text();
    match (present, policy) {
        (Some(image), "IfNotPresent" | "Never" | "") => {
            let text = format!("Container image \"{name}\" already present on machine");
            tell(cluster, machines, pod, worker, at, (false, "Pulled", text));
            if let Some(unit) = worker.units.get_mut(at) {
                unit.image = Some(image);
            }
            start(cluster, machines, pod, worker, at);
        }
        (None, "Never") => {
            let text = format!("Container image \"{name}\" is not present with pull policy of Never");
            tell(cluster, machines, pod, worker, at, (true, "ErrImageNeverPull", text.clone()));
            tell(cluster, machines, pod, worker, at, (true, "Failed", "Error: ErrImageNeverPull".into()));
            wait(machines, pod, worker, at, "ErrImageNeverPull", text);
        }
        _ => {
            let Some(unit) = worker.units.get(at) else { return };
            if unit.pull_backoff.until(unit.pull_backoff.updated, now).is_some() {
                let last = match &unit.state {
                    State::Waiting { reason: "ErrImagePull", message: Some(message) } => {
                        format!("Back-off pulling image \"{name}\": ErrImagePull: {message}")
                    }
                    State::Waiting { reason: "ImagePullBackOff", message: Some(message) } => {
                        message.to_string()
                    }
                    _ => format!("Back-off pulling image \"{name}\""),
                };
                let text = format!("Back-off pulling image \"{name}\"");
                tell(cluster, machines, pod, worker, at, (false, "BackOff", text));
                tell(cluster, machines, pod, worker, at, (true, "Failed", "Error: ImagePullBackOff".into()));
                return wait(machines, pod, worker, at, "ImagePullBackOff", last);
            }
            tell(cluster, machines, pod, worker, at, (false, "Pulling", format!("Pulling image \"{name}\"")));
            let job = machines.pull(host, name);
            cluster.control.kubelets.jobs.insert(job, pod.id);
            if let Some(unit) = worker.units.get_mut(at) {
                unit.state = State::Pulling(job);
            }
        }
    }
}

/// Stays waiting for a reason and is looked at again later.
fn wait(
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    reason: &'static str,
    message: String,
) {
    if let Some(unit) = worker.units.get_mut(at) {
        unit.state = State::Waiting { reason, message: Some(message.into()) };
    }
    worker.arm(machines, pod.id, jitter(machines, RETRY, u64::from(pod.id)));
}

/// A pull is over.
pub fn pulled(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    job: u64,
) {
    let Some(at) = worker.units.iter().position(|u| u.state == State::Pulling(job)) else { return };
    let name = spec_of(pod, at)["image"].text().to_string();
    let Some(done) = machines.take_job(job) else { return };
    match done.result {
        Ok(image) => {
            let took = go_duration_string((done.ends - done.started) as i64);
            let size = image.size;
            let text = format!(
                "Successfully pulled image \"{name}\" in {took} ({took} including waiting). Image size: {size} bytes."
            );
            if let Some(unit) = worker.units.get_mut(at) {
                unit.image = Some(image);
                unit.state = State::Waiting { reason: "ContainerCreating", message: None };
            }
            tell(cluster, machines, pod, worker, at, (false, "Pulled", text));
            start(cluster, machines, pod, worker, at);
        }
        Err(error) => {
            let problem = error.containerd(&name);
            tell(
                cluster,
                machines,
                pod,
                worker,
                at,
                (true, "Failed", format!("Failed to pull image \"{name}\": {problem}")),
            );
            tell(cluster, machines, pod, worker, at, (true, "Failed", "Error: ErrImagePull".into()));
            let now = machines.clock.now;
            let mut first = false;
            if let Some(unit) = worker.units.get_mut(at) {
                first = unit.pull_backoff.wait == 0;
                unit.pull_backoff.next(now);
                unit.state = State::Waiting { reason: "ErrImagePull", message: Some(problem.into()) };
            }
            // The new sandbox has the pod looked at once more soon after.
            let range = if first { (900, 600) } else { RETRY };
            worker.arm(machines, pod.id, jitter(machines, range, u64::from(pod.id)));
        }
    }
}

/// Makes the container and starts its process.
fn start(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker, at: usize) {
    let Some(image) = worker.units.get(at).and_then(|u| u.image.clone()) else { return };
    let Some(host) = cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.host) else { return };
    let spec = spec_of(pod, at);
    let config = match env::config(cluster, pod, worker, spec, &image) {
        Ok(config) => config,
        Err(problem) => {
            tell(cluster, machines, pod, worker, at, (true, "Failed", format!("Error: {problem}")));
            return wait(machines, pod, worker, at, "CreateContainerConfigError", problem);
        }
    };
    let mounts = volumes::mounts(cluster, worker, spec);
    let hostname = if worker.units.len() > worker.inits { env::hostname(pod) } else { pod.name.clone() };
    let space =
        machines.create_container(ContainerSpec { image, config, hostname, host, net: worker.net, mounts });
    let name = spec["name"].text();
    tell(cluster, machines, pod, worker, at, (false, "Created", format!("Created container: {name}")));
    let now = machines.clock.now;
    let unix = machines.clock.unix();
    if let Some(unit) = worker.units.get_mut(at) {
        if unit.previous.0 != 0 {
            machines.remove_container(unit.previous);
        }
        // A container that ran is followed by another one: the earlier one keeps its log.
        if unit.last.is_some() || unit.space.0 != 0 {
            unit.restarts += 1;
            unit.previous = unit.space;
            unit.backoff.next(now);
        }
        cluster.control.kubelets.spaces.remove(&unit.space);
        unit.space = space;
        (unit.ready, unit.started, unit.kill_at, unit.hook) = (false, false, None, None);
    }
    cluster.control.kubelets.spaces.insert(space, pod.id);
    let started = machines.start_container(cluster, space);
    match started {
        Ok(_) => {
            tell(cluster, machines, pod, worker, at, (false, "Started", format!("Started container {name}")));
            if let Some(unit) = worker.units.get_mut(at) {
                unit.state = State::Running(unix);
                unit.started = spec["startupProbe"].is_null();
                unit.ready = unit.started && spec["readinessProbe"].is_null();
                unit.probes = probes::of(machines, spec, now);
            }
            hooks::post_start(cluster, machines, pod, worker, at);
            worker.report_at = now + jitter(machines, RELIST, u64::from(pod.id));
            worker.arm(machines, pod.id, worker.report_at - now);
        }
        Err(error) => {
            let problem = format!("failed to create containerd task: {}", error.create_text());
            tell(cluster, machines, pod, worker, at, (true, "Failed", format!("Error: {problem}")));
            let ended = Ended {
                code: if error.code == 127 || error.code == 126 { 128 } else { error.code },
                reason: "StartError",
                message: Some(problem.into()),
                started: 0,
                finished: unix,
                space,
            };
            finish(machines, pod, worker, at, ended);
        }
    }
}

/// A container has ended: takes down how, and looks again when the runtime has been asked.
pub fn finish(machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker, at: usize, ended: Ended) {
    let now = machines.clock.now;
    if let Some(unit) = worker.units.get_mut(at) {
        unit.state = State::Ended(Arc::new(ended));
        (unit.ready, unit.started, unit.probes, unit.kill_at) = (false, false, None, None);
    }
    worker.report_at = now + jitter(machines, RELIST, u64::from(pod.id));
    worker.arm(machines, pod.id, worker.report_at - now);
    // Then the restart, one relist later.
    machines.clock.after(
        worker.report_at - now + AFTER_REPORT,
        crate::control::POD_WORKER,
        u64::from(pod.id),
    );
}

/// The first process of a container has ended with `code`.
pub fn exited(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    space: SpaceId,
    code: i32,
) {
    let Some(at) = worker.units.iter().position(|u| u.space == space && u.is_running()) else { return };
    let Some(State::Running(started)) = worker.units.get(at).map(|u| u.state.clone()) else { return };
    let ended = Ended {
        code,
        reason: match code {
            _ if machines.space(space).is_some_and(|s| s.oom_killed) => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        },
        message: termination_message(machines, spec_of(pod, at), space, code),
        started,
        finished: machines.clock.unix(),
        space,
    };
    finish(machines, pod, worker, at, ended);
    let _ = cluster;
}

/// What the container left in `/dev/termination-log`, or the end of its log if so asked.
fn termination_message(machines: &Machines, spec: &Value, space: SpaceId, code: i32) -> Option<Arc<str>> {
    let path = spec["terminationMessagePath"].text();
    let path = if path.is_empty() { "/dev/termination-log" } else { path };
    let file = machines.read_file(space, path).ok().filter(|b| !b.is_empty());
    let bytes = match file {
        Some(bytes) => bytes.to_vec(),
        None if spec["terminationMessagePolicy"] == "FallbackToLogsOnError" && code != 0 => {
            let lines = machines.logs(space)?.lines();
            let tail = lines.get(lines.len().saturating_sub(80)..).unwrap_or(&[]);
            tail.iter().flat_map(|l| l.bytes.to_vec()).collect()
        }
        None => return None,
    };
    let start = bytes.len().saturating_sub(4096);
    let text = String::from_utf8_lossy(bytes.get(start..).unwrap_or(&[])).into_owned();
    (!text.is_empty()).then(|| text.into())
}

/// A unit's container id as containerd prints it: 64 hexadecimal digits.
#[must_use]
pub fn container_id(machines: &Machines, space: SpaceId) -> String {
    use drydock_machinery::digest::mix;
    let part = |n: u64| mix(mix(machines.clock.seed, u64::from(space.0)), 0xC0_4741 + n);
    format!("containerd://{:016x}{:016x}{:016x}{:016x}", part(0), part(1), part(2), part(3))
}

impl Unit {
    /// The full reference of the image, as the runtime names it.
    #[must_use]
    pub fn image_name(&self, typed: &str) -> String {
        Reference::parse(typed).map_or_else(|_| typed.to_string(), |r| r.to_string())
    }
}
