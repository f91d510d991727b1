//! The row of a pod in `kubectl get pods` (`printPod`, v1.33).

use crate::object::{Object, find_condition};
use crate::table::{Column, View, column, wide, word};
use drydock_machinery::{Timestamp, Value, time};

pub const COLUMNS: &[Column] = &[
    column("Ready"),
    column("Status"),
    column("Restarts"),
    column("Age"),
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];

pub fn row(pod: &Object, view: &View<'_>) -> Vec<Value> {
    let (spec, status) = (pod.spec(), pod.status());
    let summary = summarize(pod);
    let restarts = match summary.last_restart {
        Some(at) if summary.restarts > 0 => {
            format!("{} ({} ago)", summary.restarts, time::human_duration(view.now - at))
        }
        _ => summary.restarts.to_string(),
    };
    let or_none = |value: &Value| if value.is_empty() { word("<none>") } else { value.clone() };
    let gates = spec["readinessGates"].items();
    let open = gates.iter().filter(|g| {
        let condition = find_condition(status, g["conditionType"].text());
        condition["status"] == "True"
    });
    let gates =
        if gates.is_empty() { word("<none>") } else { format!("{}/{}", open.count(), gates.len()).into() };
    let ip = if status["podIPs"].is_empty() { &status["podIP"] } else { &status["podIPs"][0]["ip"] };
    vec![
        format!("{}/{}", summary.ready, summary.total).into(),
        summary.reason.into(),
        restarts.into(),
        view.age(pod.created),
        or_none(ip),
        or_none(&spec["nodeName"]),
        or_none(&status["nominatedNodeName"]),
        gates,
    ]
}

/// READY, STATUS and RESTARTS of a pod.
#[derive(Debug)]
pub struct Summary {
    pub ready: usize,
    pub total: usize,
    pub reason: String,
    pub restarts: i64,
    /// Unix seconds.
    pub last_restart: Option<i64>,
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

fn last_end(status: &Value) -> Option<i64> {
    Timestamp::parse(status["lastState"]["terminated"]["finishedAt"].text()).map(|t| t.0)
}

/// Works out what `kubectl get pods` says about a pod.
#[must_use]
pub fn summarize(pod: &Object) -> Summary {
    let (spec, status) = (pod.spec(), pod.status());
    let inits = spec["initContainers"].items();
    let sidecars: Vec<&str> = inits.iter().filter(|c| is_sidecar(c)).map(|c| c["name"].text()).collect();
    let total = spec["containers"].items().len() + sidecars.len();
    let phase = status["phase"].text();
    let mut reason = if status["reason"].is_empty() { phase } else { status["reason"].text() }.to_string();
    if find_condition(status, "PodScheduled")["reason"] == "SchedulingGated" {
        reason = "SchedulingGated".into();
    }
    let (mut restarts, mut sidecar_restarts) = (0, 0);
    let (mut last, mut sidecar_last): (Option<i64>, Option<i64>) = (None, None);
    let (mut ready, mut initializing) = (0, false);
    for (at, container) in status["initContainerStatuses"].items().iter().enumerate() {
        let sidecar = sidecars.contains(&container["name"].text());
        restarts += container["restartCount"].int();
        last = last.max(last_end(container));
        if sidecar {
            sidecar_restarts += container["restartCount"].int();
            sidecar_last = sidecar_last.max(last_end(container));
        }
        let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
        if terminated.is_map() && terminated["exitCode"].int() == 0 {
            continue;
        }
        if sidecar && container["started"].bool() {
            ready += usize::from(container["ready"].bool());
            continue;
        }
        reason = if terminated.is_map() {
            match (terminated["reason"].text(), terminated["signal"].int()) {
                ("", 0) => format!("Init:ExitCode:{}", terminated["exitCode"].int()),
                ("", signal) => format!("Init:Signal:{signal}"),
                (reason, _) => format!("Init:{reason}"),
            }
        } else if !waiting["reason"].is_empty() && waiting["reason"] != "PodInitializing" {
            format!("Init:{}", waiting["reason"].text())
        } else {
            format!("Init:{at}/{}", inits.len())
        };
        initializing = true;
        break;
    }
    if !initializing || find_condition(status, "Initialized")["status"] == "True" {
        (restarts, last) = (sidecar_restarts, sidecar_last);
        let mut running = false;
        for container in status["containerStatuses"].items().iter().rev() {
            restarts += container["restartCount"].int();
            last = last.max(last_end(container));
            let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
            if !waiting["reason"].is_empty() {
                reason = waiting["reason"].text().into();
            } else if !terminated["reason"].is_empty() {
                reason = terminated["reason"].text().into();
            } else if terminated.is_map() {
                reason = match terminated["signal"].int() {
                    0 => format!("ExitCode:{}", terminated["exitCode"].int()),
                    signal => format!("Signal:{signal}"),
                };
            } else if container["ready"].bool() && container["state"]["running"].is_map() {
                running = true;
                ready += 1;
            }
        }
        if reason == "Completed" && running {
            let ready = find_condition(status, "Ready")["status"] == "True";
            reason = if ready { "Running" } else { "NotReady" }.into();
        }
    }
    if pod.deleting.is_some() {
        if status["reason"] == "NodeLost" {
            reason = "Unknown".into();
        } else if !pod.is_finished() {
            reason = "Terminating".into();
        }
    }
    Summary { ready, total, reason, restarts, last_restart: last }
}
