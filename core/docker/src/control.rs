//! `/containers/{id}/…` that change its life: start, stop, restart, kill, pause, wait, rename, update,
//! remove, prune. Follows `api/server/router/container` of moby 26.1.

use crate::container::Status;
use crate::docker::Waiting;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::json::{Json, ToJson};
use crate::system::answer;
use crate::{check, ids, json};
use drydock_container::Signal;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// Signals of Linux that do nothing to the simulated processes, beside those that do.
const OTHERS: &[&str] = &[
    "ILL", "TRAP", "BUS", "FPE", "STKFLT", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "IO",
    "PWR", "SYS", "POLL", "IOT", "RTMIN", "RTMAX",
];

fn none() -> Response {
    Response::new(204, Body::Empty)
}

/// `POST /containers/{id}/start`.
///
/// # Errors
/// See `Docker::start`.
pub fn start(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let started = call.docker.start(call.machines, &container.id)?;
    Ok(if started { none() } else { Response::new(304, Body::Empty) })
}

/// The time-out asked for in milliseconds; nothing for no end.
fn timeout(call: &Call<'_>, config: &Value) -> Option<u64> {
    let seconds =
        call.param("t").parse::<i64>().ok().or_else(|| config["StopTimeout"].as_int()).unwrap_or(10);
    u64::try_from(seconds).ok().map(|s| s.saturating_mul(1000))
}

fn signal(text: &str) -> Result<Option<Signal>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.to_ascii_uppercase();
    let bare = bare.strip_prefix("SIG").unwrap_or(&bare);
    match Signal::parse(text) {
        Some(signal) => Ok(Some(signal)),
        None if OTHERS.contains(&bare) || bare.parse::<u8>().is_ok_and(|n| (1..=64).contains(&n)) => Ok(None),
        None => Err(Fault::invalid(format!("invalid signal: {text}"))),
    }
}

/// `POST /containers/{id}/stop`.
///
/// # Errors
/// No such container; a signal that is none.
pub fn stop(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let given = signal(call.param("signal"))?;
    let container = call.docker.container(typed)?;
    let id = container.id.clone();
    let timeout = timeout(call, &container.config);
    if !container.state.status.is_up() && container.state.status != Status::Restarting {
        return Ok(Response::new(304, Body::Empty));
    }
    if !call.docker.stop(call.machines, &id, timeout, given) {
        call.docker.note_container(call.machines, &id, "stop", &[]);
        return Ok(none());
    }
    let (stream, response) = call.docker.later(call.machines);
    call.docker.wait_for(&id, stream, Waiting::Stop);
    Ok(response)
}

/// `POST /containers/{id}/restart`.
///
/// # Errors
/// No such container; what start refuses.
pub fn restart(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let given = signal(call.param("signal"))?;
    let container = call.docker.container(typed)?;
    let id = container.id.clone();
    let timeout = timeout(call, &container.config);
    if call.docker.stop(call.machines, &id, timeout, given) {
        let (stream, response) = call.docker.later(call.machines);
        call.docker.wait_for(&id, stream, Waiting::Restart);
        return Ok(response);
    }
    call.docker.start(call.machines, &id)?;
    call.docker.note_container(call.machines, &id, "restart", &[]);
    Ok(none())
}

/// `POST /containers/{id}/kill`.
///
/// # Errors
/// With `cannot kill container: x: ` before the reason.
pub fn kill(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let wrap =
        |fault: Fault| Fault::new(fault.status, format!("cannot kill container: {typed}: {}", fault.message));
    let text = call.param("signal").to_string();
    let given = signal(&text).map_err(wrap)?;
    let container = call.docker.container(typed).map_err(wrap)?;
    let id = container.id.clone();
    if !container.state.status.is_up() {
        return Err(wrap(Fault::conflict(format!("container {id} is not running"))));
    }
    if let Some(container) = call.docker.container_mut(&id) {
        container.state.by_hand = true;
    }
    let given = if text.is_empty() { Some(Signal::Kill) } else { given };
    let Some(given) = given else { return Ok(none()) };
    if given == Signal::Kill {
        let (stream, response) = call.docker.later(call.machines);
        call.docker.wait_for(&id, stream, Waiting::Stop);
        call.docker.signal(call.machines, &id, given);
        return Ok(response);
    }
    call.docker.signal(call.machines, &id, given);
    Ok(none())
}

/// `POST /containers/{id}/pause` and `unpause`.
///
/// # Errors
/// States that do not allow it.
pub fn pause(call: &mut Call<'_>, typed: &str, freeze: bool) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let id = container.id.clone();
    let refuse = |text: String| Err(Fault::conflict(text));
    match (freeze, container.state.status) {
        (true, Status::Running) | (false, Status::Paused) => {}
        (true, Status::Paused) => return refuse(format!("Container {id} is already paused")),
        (true, Status::Restarting) => {
            return refuse(format!("Container {id} is restarting, wait until the container is running"));
        }
        (true, _) => return refuse(format!("container {id} is not running")),
        (false, _) => return Err(Fault::internal(format!("Container {id} is not paused"))),
    }
    call.machines.freeze(container.space, freeze);
    if let Some(container) = call.docker.container_mut(&id) {
        container.state.status = if freeze { Status::Paused } else { Status::Running };
    }
    call.docker.note_container(call.machines, &id, if freeze { "pause" } else { "unpause" }, &[]);
    Ok(none())
}

/// `POST /containers/{id}/wait`.
///
/// # Errors
/// No such container; a condition that is none.
pub fn wait(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let condition = call.param("condition").to_string();
    let waiting = match condition.as_str() {
        "" | "not-running" | "next-exit" => Waiting::Exit,
        "removed" => Waiting::Removal,
        other => return Err(Fault::invalid(format!("invalid condition: {other:?}"))),
    };
    let container = call.docker.container(typed)?;
    let (stream, response) = call.docker.messages(call.machines);
    let over = matches!(condition.as_str(), "" | "not-running")
        && !container.state.status.is_up()
        && container.restart_at == 0;
    if over {
        call.docker.say(call.machines, stream, value!({"StatusCode": container.state.exit_code}));
        call.docker.end_stream(call.machines, stream);
    } else {
        call.docker.wait_for(&container.id, stream, waiting);
    }
    Ok(response)
}

/// `POST /containers/{id}/rename`.
///
/// # Errors
/// Names that are empty, wrong or in use.
pub fn rename(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let name = call.param("name").trim_start_matches('/').to_string();
    let container = call.docker.container(typed)?;
    if name.is_empty() || typed.is_empty() {
        return Err(Fault::invalid("Neither old nor new names may be empty"));
    }
    if *name == *container.name {
        return Err(Fault::invalid("Renaming a container with the same name as its current name"));
    }
    let id = container.id.clone();
    let taken = call
        .docker
        .reserve_name(&name, &id)
        .map_err(|f| Fault::new(f.status, format!("Error when allocating new name: {}", f.message)))?;
    call.docker.names.remove(&*container.name);
    let old = format!("/{}", container.name);
    let networks: Vec<Arc<str>> = container.endpoints.values().map(|e| e.network.clone()).collect();
    if let Some(container) = call.docker.container_mut(&id) {
        let before = std::mem::replace(&mut container.name, taken.clone());
        let keys: Vec<Arc<str>> = container.endpoints.keys().cloned().collect();
        for key in keys {
            if let Some(end) = container.endpoints.get_mut(&key) {
                let renamed =
                    end.dns_names.iter().map(|n| if *n == before { taken.clone() } else { n.clone() });
                end.dns_names = renamed.collect();
            }
        }
    }
    for network in networks {
        call.docker.refresh_names(call.machines, &network);
    }
    call.docker.note_container(call.machines, &id, "rename", &[("oldName", &old)]);
    Ok(none())
}

/// `POST /containers/{id}/update`.
///
/// # Errors
/// Limits the kernel would not take; a memory limit above its swap limit.
pub fn update(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let body = call.body()?;
    let container = call.docker.container(typed)?;
    let (cpus, _) = call.machines.host_size(call.docker.host);
    let wrap = |fault: Fault| {
        Fault::new(fault.status, format!("Cannot update container {}: {}", container.id, fault.message))
    };
    let warnings = check::resources(&body, cpus)?;
    check::restart_policy(&body)?;
    let mut host = container.host_config.clone();
    let policy = body["RestartPolicy"]["Name"].text();
    if !policy.is_empty() {
        if container.auto_remove() && policy != "no" {
            return Err(wrap(Fault::conflict(
                "Restart policy cannot be updated because AutoRemove is enabled for the container",
            )));
        }
        host = host.with("RestartPolicy", &body["RestartPolicy"]);
    }
    let (memory, swap) = (body["Memory"].int(), body["MemorySwap"].int());
    let present = host["MemorySwap"].int();
    if memory > 0 && swap == 0 && present > 0 && memory > present {
        return Err(wrap(Fault::conflict(
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
        )));
    }
    for field in [
        "CpuShares",
        "Memory",
        "NanoCpus",
        "BlkioWeight",
        "CpuPeriod",
        "CpuQuota",
        "CpuRealtimePeriod",
        "CpuRealtimeRuntime",
        "MemoryReservation",
        "MemorySwap",
        "PidsLimit",
    ] {
        if body[field].int() != 0 {
            host = host.with(field, &body[field]);
        }
    }
    for field in ["CpusetCpus", "CpusetMems"] {
        if !body[field].text().is_empty() {
            host = host.with(field, &body[field]);
        }
    }
    let space = container.space;
    let milli = host["NanoCpus"].int() / 1_000_000;
    if let Some(space) = call.machines.space_mut(space) {
        let config = Arc::make_mut(&mut space.config);
        config.memory = u64::try_from(host["Memory"].int()).unwrap_or(0);
        if milli > 0 {
            config.cpu_milli = milli as u64;
        }
    }
    let id = container.id.clone();
    if let Some(container) = call.docker.container_mut(&id) {
        container.host_config = host;
    }
    call.docker.note_container(call.machines, &id, "update", &[]);
    Ok(answer(200, &json!({"Warnings": Json::list_or_null(warnings.iter().map(ToJson::to_json))})))
}

/// `DELETE /containers/{id}`.
///
/// # Errors
/// Running ones without force; links that are not there.
pub fn remove(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let id = container.id.clone();
    if !call.flag("force") {
        let hint = match container.state.status {
            Status::Paused => Some("container is paused and must be unpaused first"),
            Status::Running => {
                Some("container is running: stop the container before removing or force remove")
            }
            Status::Restarting => {
                Some("container is restarting: stop the container before removing or force remove")
            }
            _ => None,
        };
        if let Some(hint) = hint {
            return Err(Fault::conflict(format!("cannot remove container \"/{}\": {hint}", container.name)));
        }
    }
    call.docker.remove(call.machines, &id, call.flag("v"));
    Ok(none())
}

/// `POST /containers/prune`.
///
/// # Errors
/// Unknown filters.
pub fn prune(call: &mut Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, &["label", "label!", "until"])?;
    let until = filters.values("until").next().and_then(crate::images::list::until_seconds);
    let mut gone: Vec<(u64, Arc<str>, u64)> = call
        .docker
        .containers
        .values()
        .filter(|c| !c.state.status.is_up() && c.state.status != Status::Restarting)
        .filter(|c| filters.labels(c.labels()))
        .filter(|c| until.is_none_or(|u| ids::unix(call.machines, c.created) < u))
        .map(|c| (c.number, c.id.clone(), call.docker.rw_size(call.machines, c)))
        .collect();
    gone.arrange();
    let mut freed = 0;
    for (_, id, size) in &gone {
        freed += size;
        call.docker.remove(call.machines, id, false);
    }
    let ids = Json::list_or_null(gone.iter().map(|(_, id, _)| (&**id).to_json()));
    Ok(answer(200, &json!({"ContainersDeleted": ids, "SpaceReclaimed": freed})))
}
