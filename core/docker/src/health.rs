//! Health checks: a command run in the container again and again. Follows `daemon/health.go` of
//! moby 26.1.

use crate::Docker;
use crate::container::{HealthResult, Status};
use crate::create::strings;
use crate::docker::{Check, actor};
use drydock_container::engine::exec::ExecHandle;
use drydock_container::machines::Nowhere;
use drydock_container::process::Pid;
use drydock_container::{ExecSpec, Machines, Signal};
use drydock_machinery::Value;
use std::sync::Arc;

/// Results kept, and bytes of each one's output.
const KEPT: usize = 5;
const OUTPUT: usize = 4096;

/// A duration of a health check in milliseconds.
fn duration(check: &Value, field: &str, default: u64) -> u64 {
    match check[field].int() {
        n if n > 0 => (n / 1_000_000) as u64,
        _ => default,
    }
}

impl Docker {
    /// Arms the next run of a container's check.
    pub(crate) fn next_health(&mut self, machines: &mut Machines, id: &Arc<str>) {
        let now = machines.clock.now;
        let Some(container) = self.container_mut(id) else { return };
        let check = &container.config["Healthcheck"];
        let started = container.state.started.unwrap_or(now);
        let in_start = now < started + duration(check, "StartPeriod", 0);
        let first = container.state.health.as_ref().is_some_and(|h| &*h.status == "starting");
        let interval = duration(check, "Interval", 30_000);
        let wait =
            if in_start && first { duration(check, "StartInterval", 5_000).min(interval) } else { interval };
        container.health_at = now + wait;
        let number = container.number;
        machines.clock.after(wait, actor::CONTAINER, number);
    }
    /// Runs a container's check now, or ends one that takes too long.
    pub(crate) fn check_health(&mut self, machines: &mut Machines, id: &Arc<str>) {
        if let Some((pid, check)) =
            self.checks.iter().find(|c| c.1.container == *id).map(|(p, c)| (*p, c.clone()))
        {
            machines.kill(pid, Signal::Kill);
            self.checks.remove(&pid);
            let seconds = duration(&self.health_of(id), "Timeout", 30_000) / 1000;
            let output = format!("Health check exceeded timeout ({seconds}s)");
            machines.close_exec(check.handle);
            return self.health_result(machines, id, check.started, -1, &output);
        }
        let Some(container) = self.container_mut(id) else { return };
        container.health_at = 0;
        if container.state.status != Status::Running {
            return self.next_health(machines, id);
        }
        let (space, config) = (container.space, container.config["Healthcheck"].clone());
        let shell = strings(&container.config["Shell"]);
        let test = strings(&config["Test"]);
        let argv: Vec<Arc<str>> = match test.split_first() {
            Some((kind, rest)) if &**kind == "CMD" => rest.to_vec(),
            Some((kind, rest)) if &**kind == "CMD-SHELL" => {
                let shell = if shell.is_empty() { vec!["/bin/sh".into(), "-c".into()] } else { shell };
                shell.into_iter().chain(rest.iter().cloned()).collect()
            }
            _ => return,
        };
        let now = machines.clock.now;
        let number = container.number;
        match machines.exec(&mut Nowhere, space, ExecSpec { argv, ..ExecSpec::default() }) {
            Ok(handle) => {
                let timeout = duration(&config, "Timeout", 30_000);
                if let Some(container) = self.container_mut(id) {
                    container.health_at = now + timeout;
                }
                machines.clock.after(timeout, actor::CONTAINER, number);
                self.checks.insert(handle.pid, Check { container: id.clone(), started: now, handle });
            }
            Err(error) => self.health_result(machines, id, now, -1, &error.exec_text()),
        }
    }
    fn health_of(&self, id: &Arc<str>) -> Value {
        self.containers.get(id).map(|c| c.config["Healthcheck"].clone()).unwrap_or_default()
    }
    /// A check's process has ended. False when it was none.
    pub(crate) fn check_ended(&mut self, machines: &mut Machines, pid: Pid, code: i32) -> bool {
        let Some(check) = self.checks.remove(&pid) else { return false };
        let output = read_all(machines, check.handle);
        machines.close_exec(check.handle);
        self.health_result(machines, &check.container, check.started, code, &output);
        true
    }
    fn health_result(&mut self, machines: &mut Machines, id: &Arc<str>, start: u64, code: i32, output: &str) {
        let now = machines.clock.now;
        let Some(container) = self.container_mut(id) else { return };
        if container.state.status != Status::Running {
            return;
        }
        let check = container.config["Healthcheck"].clone();
        let retries = match check["Retries"].int() {
            n if n > 0 => n as u32,
            _ => 3,
        };
        let in_start = now < container.state.started.unwrap_or(now) + duration(&check, "StartPeriod", 0);
        let Some(health) = &mut container.state.health else { return };
        let before = health.status.clone();
        let output: Arc<str> = output.get(..output.len().min(OUTPUT)).unwrap_or(output).into();
        health.log.push(HealthResult { start, end: now, code, output });
        if health.log.len() > KEPT {
            health.log.remove(0);
        }
        if code == 0 {
            health.failing = 0;
            health.status = "healthy".into();
        } else if !(in_start && &*health.status == "starting") {
            health.failing += 1;
            if health.failing >= retries {
                health.status = "unhealthy".into();
            }
        }
        let after = health.status.clone();
        if before != after {
            self.note_container(machines, id, &format!("health_status: {after}"), &[]);
        }
        self.next_health(machines, id);
    }
}

fn read_all(machines: &mut Machines, handle: ExecHandle) -> String {
    let mut bytes = Vec::new();
    for pipe in [handle.stdout, handle.stderr] {
        while let Some(more) =
            machines.take_output(pipe, OUTPUT).filter(|b| !b.is_empty() && bytes.len() < OUTPUT)
        {
            bytes.extend(more);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
