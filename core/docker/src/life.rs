//! A container's life: started, ended, started again by its restart policy, stopped, killed, paused.
//! Follows `daemon/{start,stop,kill,monitor,pause}.go` and `restartmanager` of moby 26.1.

use crate::Docker;
use crate::container::{Container, Health, Status};
use crate::docker::{Pending, Waiting, actor};
use crate::fault::Fault;
use drydock_container::engine::start::StartError;
use drydock_container::machines::Nowhere;
use drydock_container::{Machines, Signal};
use drydock_machinery::{Value, value};
use std::sync::Arc;

/// The first delay before a restart, and the longest, in milliseconds.
const FIRST_DELAY: u64 = 100;
const LONGEST_DELAY: u64 = 60_000;
/// Running this long makes a container's next restart as quick as the first.
const STEADY: u64 = 10_000;

impl Docker {
    /// Starts a container; false when it runs already.
    ///
    /// # Errors
    /// What dockerd or runc refuse. The container then keeps the error and an exit code.
    pub fn start(&mut self, machines: &mut Machines, id: &Arc<str>) -> Result<bool, Fault> {
        let Some(container) = self.containers.get(id).cloned() else { return Err(Fault::no_container(id)) };
        match container.state.status {
            Status::Running | Status::Restarting if container.restart_at == 0 => return Ok(false),
            Status::Running => return Ok(false),
            Status::Paused => {
                return Err(Fault::conflict("cannot start a paused container, try unpause instead"));
            }
            Status::Removing | Status::Dead => {
                return Err(Fault::conflict("container is marked for removal and cannot be started"));
            }
            Status::Created | Status::Exited | Status::Restarting => {}
        }
        if let Some(container) = self.container_mut(id) {
            container.restart_at = 0;
            if container.state.status != Status::Restarting {
                container.state.restarts = 0;
                container.state.delay = 0;
            }
            container.state.by_hand = false;
            container.state.error = "".into();
        }
        self.try_start(machines, id).map(|()| true)
    }
    fn try_start(&mut self, machines: &mut Machines, id: &Arc<str>) -> Result<(), Fault> {
        let refused = match self.join_networks(machines, id) {
            Ok(()) => match self.publish(machines, id) {
                Ok(()) => None,
                Err(fault) => Some((fault, 128)),
            },
            Err(fault) => Some((fault, 128)),
        };
        let refused = refused.or_else(|| {
            let container = self.containers.get(id)?;
            let (space, tmpfs) = (container.space, container.mounts.clone());
            self.clear_tmpfs(machines, space, &tmpfs);
            machines.watched_logs.insert(space);
            match machines.start_container(&mut Nowhere, space) {
                Ok(_) => None,
                Err(error) => Some((start_fault(&error), error.code)),
            }
        });
        if let Some((fault, code)) = refused {
            self.leave_networks(machines, id);
            let now = machines.clock.now;
            if let Some(container) = self.container_mut(id) {
                container.state.error = fault.message.as_str().into();
                container.state.exit_code = code;
                container.state.status =
                    if container.state.started.is_some() { Status::Exited } else { Status::Created };
                container.state.finished = container.state.started.map(|_| now);
            }
            if self.containers.get(id).is_some_and(|c| c.auto_remove()) {
                self.remove(machines, id, true);
            }
            return Err(fault);
        }
        let now = machines.clock.now;
        if let Some(container) = self.container_mut(id) {
            container.state.status = Status::Running;
            container.state.exit_code = 0;
            container.state.oom = false;
            container.state.started = Some(now);
            container.starts += 1;
        }
        self.give_input(machines, id);
        self.begin_health(machines, id);
        self.note_container(machines, id, "start", &[]);
        Ok(())
    }
    /// What the client sent before there was a process to read it.
    fn give_input(&mut self, machines: &mut Machines, id: &Arc<str>) {
        let Some(container) = self.container_mut(id) else { return };
        let (input, closed, space) =
            (std::mem::take(&mut container.input), container.input_closed, container.space);
        let Some(space) = machines.space(space) else { return };
        let (tty, stdin) = (space.tty, space.stdin);
        if !input.is_empty() {
            crate::streams::push_input(machines, tty, stdin, &input);
        }
        if closed {
            crate::streams::close_input(machines, tty, stdin);
        }
    }
    fn clear_tmpfs(
        &mut self,
        machines: &mut Machines,
        space: drydock_container::SpaceId,
        points: &[crate::container::MountPoint],
    ) {
        let Some(mounts) = machines.space(space).map(|s| s.mounts.clone()) else { return };
        for point in points.iter().filter(|p| &*p.kind == "tmpfs") {
            if let Some((_, mount)) = mounts.iter().find(|m| m.0 == point.destination) {
                let empty = machines.empty_volume.clone();
                machines.volumes.insert(mount.volume, empty);
            }
        }
    }
    /// A container's first process has ended.
    pub(crate) fn ended(&mut self, machines: &mut Machines, id: &Arc<str>, code: i32) {
        let now = machines.clock.now;
        let Some(container) = self.containers.get(id).cloned() else { return };
        let oom = machines.space(container.space).is_some_and(|s| s.oom_killed);
        let ran = now.saturating_sub(container.state.started.unwrap_or(now));
        if oom {
            self.note_container(machines, id, "oom", &[]);
        }
        let (shown, seconds) = (code.to_string(), (ran / 1000).to_string());
        self.note_container(machines, id, "die", &[("exitCode", &shown), ("execDuration", &seconds)]);
        self.leave_networks(machines, id);
        let again = self.restarts_now(&container, code);
        if let Some(container) = self.container_mut(id) {
            container.state.exit_code = code;
            container.state.oom = oom;
            container.state.finished = Some(now);
            container.state.status = if again { Status::Restarting } else { Status::Exited };
            container.execs.clear();
            container.kill_at = 0;
            container.health_at = 0;
            if let Some(health) = &mut container.state.health
                && !again
            {
                health.status = "unhealthy".into();
            }
            if again {
                let steady = ran >= STEADY;
                let delay = if steady || container.state.delay == 0 {
                    FIRST_DELAY
                } else {
                    container.state.delay * 2
                };
                container.state.delay = delay.min(LONGEST_DELAY);
                container.restart_at = now + container.state.delay;
                let (delay, number) = (container.state.delay, container.number);
                machines.clock.after(delay, actor::CONTAINER, number);
            }
        }
        self.end_outputs(machines, id, again);
        self.answer_waiting(machines, id, |w| matches!(w, Waiting::Exit | Waiting::Stop | Waiting::Restart));
        if !again && container.auto_remove() {
            self.remove(machines, id, true);
        }
    }
    /// Whether the restart policy starts a container again that has just ended.
    fn restarts_now(&self, container: &Container, code: i32) -> bool {
        let policy = &container.host_config["RestartPolicy"];
        if container.state.by_hand {
            return false;
        }
        match policy["Name"].text() {
            "always" | "unless-stopped" => true,
            "on-failure" => {
                let most = policy["MaximumRetryCount"].int();
                code != 0 && (most == 0 || i64::from(container.state.restarts) < most)
            }
            _ => false,
        }
    }
    /// A timer of a container has come: kill what would not stop, start what ended, look at its health.
    pub(crate) fn timer(&mut self, machines: &mut Machines, number: u64) {
        let now = machines.clock.now;
        let found = self.containers.values().find(|c| c.number == number);
        let Some(container) = found.cloned() else { return };
        let id = container.id.clone();
        let due = |at: u64| at != 0 && at <= now;
        if due(container.kill_at) {
            if let Some(container) = self.container_mut(&id) {
                container.kill_at = 0;
            }
            self.signal(machines, &id, Signal::Kill);
        }
        if due(container.restart_at) {
            if let Some(container) = self.container_mut(&id) {
                container.restart_at = 0;
                container.state.restarts += 1;
            }
            // What refuses to start again stays ended with its error.
            if self.try_start(machines, &id).is_err()
                && let Some(container) = self.container_mut(&id)
            {
                container.state.status = Status::Exited;
            }
        }
        if due(container.health_at) {
            self.check_health(machines, &id);
        }
    }
    /// Sends a signal to a container's first process.
    pub(crate) fn signal(&mut self, machines: &mut Machines, id: &Arc<str>, signal: Signal) {
        let Some(container) = self.containers.get(id) else { return };
        let space = container.space;
        if signal == Signal::Kill && container.state.status == Status::Paused {
            machines.freeze(space, false);
        }
        if let Some(init) = machines.space(space).map(|s| s.init).filter(|p| *p != 0) {
            machines.kill(init, signal);
        }
        let shown = signal.number().to_string();
        self.note_container(machines, id, "kill", &[("signal", &shown)]);
    }
    /// Asks a container to end, and kills it after `timeout` milliseconds. False when it does not run.
    pub(crate) fn stop(
        &mut self,
        machines: &mut Machines,
        id: &Arc<str>,
        timeout: Option<u64>,
        signal: Option<Signal>,
    ) -> bool {
        let Some(container) = self.container_mut(id) else { return false };
        container.state.by_hand = true;
        if container.state.status == Status::Restarting {
            container.restart_at = 0;
            container.state.status = Status::Exited;
            return false;
        }
        if !container.state.status.is_up() {
            return false;
        }
        let own = Signal::parse(container.config["StopSignal"].text());
        let signal = signal.or(own).unwrap_or(Signal::Term);
        let number = container.number;
        match timeout {
            Some(0) => {}
            Some(ms) => {
                container.kill_at = machines.clock.now.saturating_add(ms);
                machines.clock.after(ms, actor::CONTAINER, number);
            }
            None => container.kill_at = 0,
        }
        self.signal(machines, id, if timeout == Some(0) { Signal::Kill } else { signal });
        true
    }
    /// Takes a container away with everything that is only its own; with its unnamed volumes if asked.
    pub fn remove(&mut self, machines: &mut Machines, id: &Arc<str>, volumes: bool) {
        let Some(container) = self.containers.get(id).cloned() else { return };
        if container.state.status.is_up() {
            if let Some(container) = self.container_mut(id) {
                container.state.by_hand = true;
            }
            self.signal(machines, id, Signal::Kill);
            let code = 137;
            if let Some(container) = self.container_mut(id) {
                container.state.status = Status::Removing;
                container.state.exit_code = code;
            }
            self.note_container(machines, id, "die", &[("exitCode", "137"), ("execDuration", "0")]);
            self.leave_networks(machines, id);
        }
        self.end_outputs(machines, id, false);
        machines.remove_container(container.space);
        machines.remove_net(container.net);
        self.spaces.remove(&container.space);
        self.names.remove(&*container.name);
        self.execs = self
            .execs
            .iter()
            .filter(|(_, e)| e.container != *id)
            .map(|(k, e)| (k.clone(), e.clone()))
            .collect();
        self.note_container(machines, id, "destroy", &[]);
        self.answer_waiting(machines, id, |_| true);
        self.containers.remove(id);
        if volumes {
            for point in container.mounts.iter().filter(|p| p.anonymous && &*p.kind == "volume") {
                if self.users_of_volume(&point.name).is_empty() {
                    self.drop_volume(machines, &point.name);
                }
            }
        }
    }
    /// Has a stream answered once something happens to a container.
    pub(crate) fn wait_for(
        &mut self,
        id: &Arc<str>,
        stream: drydock_network::http::Stream,
        waiting: Waiting,
    ) {
        self.pending.push_back(Pending { container: id.clone(), stream, waiting });
    }
    /// Answers those who waited for what has now happened.
    pub(crate) fn answer_waiting(
        &mut self,
        machines: &mut Machines,
        id: &Arc<str>,
        which: impl Fn(Waiting) -> bool,
    ) {
        let (now, later): (Vec<Pending>, Vec<Pending>) =
            self.pending.iter().cloned().partition(|p| p.container == *id && which(p.waiting));
        self.pending = later.into_iter().collect();
        let code = self.containers.get(id).map_or(0, |c| c.state.exit_code);
        for pending in now {
            let message: Value = match pending.waiting {
                Waiting::Exit | Waiting::Removal => value!({"StatusCode": code}),
                Waiting::Stop => value!({"status": 204, "body": null}),
                Waiting::Restart => match self.start(machines, id) {
                    Ok(_) => {
                        self.note_container(machines, id, "restart", &[]);
                        value!({"status": 204, "body": null})
                    }
                    Err(fault) => value!({"status": fault.status, "body": {"message": fault.message}}),
                },
            };
            self.say(machines, pending.stream, message);
            self.end_stream(machines, pending.stream);
        }
    }
    fn begin_health(&mut self, machines: &mut Machines, id: &Arc<str>) {
        let Some(container) = self.container_mut(id) else { return };
        let check = container.config["Healthcheck"].clone();
        let test = crate::create::strings(&check["Test"]);
        if test.is_empty() || matches!(test.first().map(|t| &**t), Some("NONE")) {
            return;
        }
        container.state.health = Some(Health { status: "starting".into(), ..Health::default() });
        self.next_health(machines, id);
    }
}

/// What dockerd says when runc could not start a container.
fn start_fault(error: &StartError) -> Fault {
    if error.text.starts_with("unable to find user") || error.text.starts_with("unable to find group") {
        return Fault::invalid(error.text.clone());
    }
    let text = format!("failed to create task for container: {}", error.create_text());
    Fault::new(if matches!(error.code, 126 | 127) { 400 } else { 500 }, text)
}
