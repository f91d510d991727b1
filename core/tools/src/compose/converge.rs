//! From what there is to what the project says: which containers stay, which are made, replaced, started
//! or taken away, and in what order. Follows compose 2.26 `pkg/compose/convergence.go` and `down.go`.

use super::body::{self, container_name};
use super::model::Project;
use super::progress::{Status, warn};
use super::state::{Found, containers, image_id};
use super::work::{Act, Call, Work, post};
use crate::docker::api::{Engine, Failure};
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_network::http::{Method, Request};
use std::collections::{BTreeMap, BTreeSet};

fn delete(path: String) -> Request {
    Request::new(Method::Delete, path)
}

/// A stop of a container.
#[must_use]
pub fn stop_call(found: &Found, timeout: Option<i64>) -> Call {
    let request = post(format!("/containers/{}/stop", found.id));
    let request = match timeout {
        Some(seconds) => request.query("t", seconds.to_string()),
        None => request,
    };
    Call {
        request,
        id: format!("Container {}", found.name),
        before: "Stopping",
        after: "Stopped",
        tolerated: &[304, 404],
    }
}

/// A removal of a container.
#[must_use]
pub fn remove_call(found: &Found, volumes: bool) -> Call {
    let request = delete(format!("/containers/{}", found.id)).query("force", "1");
    let request = if volumes { request.query("v", "1") } else { request };
    Call {
        request,
        id: format!("Container {}", found.name),
        before: "Removing",
        after: "Removed",
        tolerated: &[404],
    }
}

fn start_call(name: &str) -> Call {
    Call {
        request: post(format!("/containers/{name}/start")),
        id: format!("Container {name}"),
        before: "Starting",
        after: "Started",
        tolerated: &[304],
    }
}

/// Containers grouped so that whoever needs another one comes before it.
#[must_use]
pub fn levels(project: &Project, found: &[Found]) -> Vec<Vec<Found>> {
    let mut left: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for container in found {
        left.entry(container.service.clone()).or_default().push(container.clone());
    }
    let mut out = Vec::new();
    while !left.is_empty() {
        let needed: BTreeSet<String> = left
            .keys()
            .flat_map(|s| project.dependencies(s))
            .map(|d| d.0)
            .filter(|d| left.contains_key(d))
            .collect();
        let mut free: Vec<String> = left.keys().filter(|s| !needed.contains(*s)).cloned().collect();
        if free.is_empty() {
            free = left.keys().cloned().collect();
        }
        out.push(free.iter().filter_map(|s| left.remove(s)).flatten().collect());
    }
    out
}

/// Stops containers, those that need others first.
#[must_use]
pub fn stop(project: &Project, found: &[Found], timeout: Option<i64>) -> Vec<Act> {
    let calls = |level: Vec<Found>| level.iter().map(|f| stop_call(f, timeout)).collect();
    levels(project, found).into_iter().map(|level| Act::All(calls(level))).collect()
}

/// Stops and removes containers.
#[must_use]
pub fn remove(project: &Project, found: &[Found], timeout: Option<i64>, volumes: bool) -> Vec<Act> {
    let mut out = Vec::new();
    for level in levels(project, found) {
        let running: Vec<Call> = level.iter().map(|f| stop_call(f, timeout)).collect();
        out.push(Act::All(running));
        out.push(Act::All(level.iter().map(|f| remove_call(f, volumes)).collect()));
    }
    out
}

/// Networks and volumes that services need and that are not there.
///
/// # Errors
/// External ones that are not there; the daemon's refusal.
pub fn resources(
    sys: &mut Sys<'_>,
    engine: &Engine,
    project: &Project,
    services: &[String],
) -> Result<Vec<Act>, String> {
    let mut out = Vec::new();
    let is_missing = |result: Result<_, Failure>| -> Result<bool, String> {
        match result {
            Ok::<drydock_machinery::Value, Failure>(_) => Ok(false),
            Err(failure) if failure.status == 404 => Ok(true),
            Err(failure) => Err(failure.text),
        }
    };
    let used = |key: &str, what: &str| {
        services.iter().filter_map(|s| project.services.get(s)).any(|s| match what {
            "networks" => s["networks"].find(key).is_some(),
            _ => {
                s["volumes"].items().iter().any(|v| v["source"].text() == key && v["type"].text() == "volume")
            }
        })
    };
    for (key, given) in project.networks.iter().filter(|(k, _)| used(k, "networks")) {
        let name = given["name"].text();
        if !is_missing(engine.get(sys, format!("/networks/{name}")))? {
            continue;
        }
        if !body::is_own(given) {
            return Err(format!("network {name} declared as external, but could not be found"));
        }
        out.push(Act::Call(Call {
            request: crate::docker::api::post("/networks/create", body::network(project, key)),
            id: format!("Network {name}"),
            before: "Creating",
            after: "Created",
            tolerated: &[],
        }));
    }
    for (key, given) in project.volumes.iter().filter(|(k, _)| used(k, "volumes")) {
        let name = given["name"].text();
        if !is_missing(engine.get(sys, format!("/volumes/{name}")))? {
            continue;
        }
        if !body::is_own(given) {
            return Err(format!("external volume {} not found", drydock_machinery::quote::go(name)));
        }
        out.push(Act::Call(Call {
            request: crate::docker::api::post("/volumes/create", body::volume(project, key)),
            id: format!("Volume \"{name}\""),
            before: "Creating",
            after: "Created",
            tolerated: &[],
        }));
    }
    Ok(out)
}

/// The acts that make and start what is missing.
///
/// # Errors
/// The daemon's refusal.
pub fn plan(sys: &mut Sys<'_>, work: &mut Work) -> Result<Vec<Act>, String> {
    let project = work.project.clone();
    let options = work.options.clone();
    let existing = containers(sys, &work.engine, &project.name, false).map_err(|f| f.text)?;
    let mut acts = orphans(sys, &project, &existing, &options);
    let (mut starts, mut running): (BTreeMap<String, Vec<String>>, BTreeSet<String>) = Default::default();
    for service in &options.services {
        let scale =
            options.scale.get(service).copied().unwrap_or_else(|| project.scale(service)).clamp(0, 1_000);
        if scale > 1 && project.services.get(service).is_some_and(|s| s.find("container_name").is_some()) {
            let name = container_name(&project, service, 1);
            return Err(format!(
                "WARNING: The \"{service}\" service is using the custom container name \"{name}\". Docker requires each container to have a unique name. Remove the custom name to scale the service"
            ));
        }
        let image = image_id(sys, &work.engine, &project.image(service));
        let hash = project.config_hash(service);
        let mut mine: Vec<&Found> = existing.iter().filter(|f| f.service == *service).collect();
        mine.arrange_by_key(|f| f.number);
        while mine.len() as i64 > scale {
            if let Some(extra) = mine.pop() {
                acts.push(Act::Call(stop_call(extra, options.timeout)));
                acts.push(Act::Call(remove_call(extra, false)));
            }
        }
        let names = starts.entry(service.clone()).or_default();
        for found in &mine {
            let id = format!("Container {}", found.name);
            let stale = found.hash != hash
                || (!image.is_empty() && !found.image_id.is_empty() && found.image_id != image);
            if options.force_recreate || (stale && !options.no_recreate) {
                acts.push(Act::Event(id.clone(), "Recreate", Status::Working));
                acts.push(Act::Call(Call { id: String::new(), ..stop_call(found, options.timeout) }));
                acts.push(Act::Call(Call { id: String::new(), ..remove_call(found, false) }));
                let document = body::container(&project, service, found.number, &found.name, &image, false);
                let request = crate::docker::api::post("/containers/create", document)
                    .query("name", found.name.as_str());
                acts.push(Act::Call(Call { request, id, before: "", after: "Recreated", tolerated: &[] }));
            } else if found.is_running() {
                acts.push(Act::Event(id, "Running", Status::Done));
                running.insert(found.name.clone());
            } else {
                acts.push(Act::Event(id, "Created", Status::Done));
            }
            names.push(found.name.clone());
        }
        let mut number = mine.iter().map(|f| f.number).max().unwrap_or(0);
        for _ in mine.len() as i64..scale {
            number += 1;
            let name = container_name(&project, service, number);
            let document = body::container(&project, service, number, &name, &image, false);
            let request =
                crate::docker::api::post("/containers/create", document).query("name", name.as_str());
            let id = format!("Container {name}");
            acts.push(Act::Call(Call { request, id, before: "Creating", after: "Created", tolerated: &[] }));
            names.push(name);
        }
    }
    if options.no_start {
        return Ok(acts);
    }
    for service in &options.services {
        let names = starts.get(service).cloned().unwrap_or_default();
        let waiting: Vec<String> = names.into_iter().filter(|n| !running.contains(n)).collect();
        if waiting.is_empty() {
            continue;
        }
        for (needed, condition, _) in project.dependencies(service) {
            if condition == "service_started"
                || !options.services.contains(&needed) && !existing.iter().any(|f| f.service == needed)
            {
                continue;
            }
            let there = starts.get(&needed).cloned().unwrap_or_else(|| {
                existing.iter().filter(|f| f.service == needed).map(|f| f.name.clone()).collect()
            });
            for name in &there {
                acts.push(Act::Event(format!("Container {name}"), "Waiting", Status::Working));
            }
            for container in there {
                acts.push(Act::Await { container, service: needed.clone(), condition: condition.clone() });
            }
        }
        acts.push(Act::All(waiting.iter().map(|n| start_call(n)).collect()));
    }
    if options.wait {
        let all: Vec<String> = starts.values().flatten().cloned().collect();
        for name in &all {
            acts.push(Act::Event(format!("Container {name}"), "Waiting", Status::Working));
        }
        for container in all {
            acts.push(Act::Await { container, service: String::new(), condition: "wait".into() });
        }
    }
    Ok(acts)
}

/// Containers of services the files no longer have: taken away, or told of.
fn orphans(
    sys: &mut Sys<'_>,
    project: &Project,
    existing: &[Found],
    options: &super::work::Options,
) -> Vec<Act> {
    let known =
        |f: &&Found| !project.services.contains_key(&f.service) && !project.disabled.contains_key(&f.service);
    let orphans: Vec<Found> = existing.iter().filter(known).cloned().collect();
    if orphans.is_empty() {
        return Vec::new();
    }
    if options.remove_orphans {
        return remove(project, &orphans, options.timeout, false);
    }
    let ignored = project.environment.get("COMPOSE_IGNORE_ORPHANS").is_some_and(|v| v == "1" || v == "true");
    if !ignored {
        let names: Vec<&str> = orphans.iter().map(|f| f.name.as_str()).collect();
        warn(
            sys,
            &format!(
                "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.",
                names.join(" ")
            ),
        );
    }
    Vec::new()
}
