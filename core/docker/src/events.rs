//! What happened, for `docker events`: containers, images, networks and volumes. The engine remembers
//! the last 256. Follows `daemon/events` of moby 26.1.

use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::images::list::until_seconds;
use crate::streams::Streaming;
use drydock_container::Machines;
use drydock_container::wait::Key;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// Events remembered.
const KEPT: usize = 256;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Number in the engine's life, from 1.
    pub number: u64,
    /// Simulated milliseconds.
    pub time: u64,
    /// `container`, `image`, `network`, `volume`, `builder`, `daemon`.
    pub kind: &'static str,
    pub action: Arc<str>,
    pub actor: Arc<str>,
    pub attributes: Vec<(Arc<str>, Arc<str>)>,
}

impl Event {
    /// As the API sends it.
    #[must_use]
    pub fn value(&self, machines: &Machines) -> Value {
        let attributes: Value = self.attributes.iter().map(|(k, v)| (&**k, Value::from(v))).collect();
        let seconds = crate::ids::unix(machines, self.time);
        let nanos = seconds.saturating_mul(1_000_000_000)
            + (self.time % 1000) as i64 * 1_000_000
            + (self.number % 1000) as i64;
        let mut out = value!({
            "Type": self.kind, "Action": &self.action,
            "Actor": {"ID": &self.actor, "Attributes": attributes},
            "scope": "local", "time": seconds, "timeNano": nanos,
        });
        if matches!(self.kind, "container" | "image") {
            out = out.with("status", &self.action).with("id", &self.actor);
        }
        if self.kind == "container" {
            let image = self.attributes.iter().find(|a| &*a.0 == "image").map(|a| a.1.clone());
            out = out.with("from", image.unwrap_or_default());
        }
        out
    }
}

impl Docker {
    /// Remembers an event and tells who follows.
    pub fn note_event(
        &mut self,
        machines: &mut Machines,
        kind: &'static str,
        action: &str,
        actor: &str,
        attributes: &[(&str, &str)],
    ) {
        self.noted += 1;
        let mut attributes: Vec<(Arc<str>, Arc<str>)> =
            attributes.iter().map(|(k, v)| (Arc::from(*k), Arc::from(*v))).collect();
        attributes.arrange();
        let event = Event {
            number: self.noted,
            time: machines.clock.now,
            kind,
            action: action.into(),
            actor: actor.into(),
            attributes,
        };
        self.events.push_back(event);
        if self.events.len() > KEPT {
            self.events.pop_front();
        }
        machines.wake(Key::Streams);
    }
    /// An event of a container: its image, name and labels come along.
    pub fn note_container(&mut self, machines: &mut Machines, id: &str, action: &str, more: &[(&str, &str)]) {
        let Some(container) = self.containers.get(id).cloned() else { return };
        let labels: Vec<(&str, &str)> =
            container.labels().entries().iter().map(|(k, v)| (k.text(), v.text())).collect();
        let own = [("image", &*container.image_name), ("name", &*container.name)];
        let all: Vec<(&str, &str)> = labels.into_iter().chain(own).chain(more.iter().copied()).collect();
        self.note_event(machines, "container", action, id, &all);
    }
}

/// A client that follows events.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    pub filters: Filters,
    /// Number of the last event looked at.
    pub told: u64,
    /// Unix seconds after which nothing is told anymore.
    pub until: Option<i64>,
    pub since: Option<i64>,
}

const FILTERS: &[&str] = &[
    "config",
    "container",
    "daemon",
    "event",
    "image",
    "label",
    "network",
    "node",
    "plugin",
    "scope",
    "secret",
    "service",
    "type",
    "volume",
];

/// `GET /events`.
///
/// # Errors
/// Unknown filters.
pub fn follow(call: &mut Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, FILTERS)?;
    let moment = |name: &str| Some(call.param(name)).filter(|t| !t.is_empty()).and_then(until_seconds);
    let (since, until) = (moment("since"), moment("until"));
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        return Err(Fault::invalid(format!(
            "`since` time ({}) cannot be after `until` time ({})",
            call.param("since"),
            call.param("until")
        )));
    }
    let told = if since.is_some() || until.is_some_and(|u| u <= call.machines.clock.unix()) {
        0
    } else {
        call.docker.noted
    };
    if let Some(until) = until {
        let left = until.saturating_sub(call.machines.clock.epoch).max(0).unsigned_abs().saturating_mul(1000);
        let delay = left.saturating_sub(call.machines.clock.now);
        call.machines.clock.after(delay.saturating_add(1), crate::docker::actor::STATS, 0);
    }
    let state = Streaming::Events(Following { filters, told, until, since });
    let stream = call.docker.open_stream(call.machines, state);
    Ok(Response::new(200, Body::Stream(stream)).header("Content-Type", "application/json"))
}

/// The next event for a follower; `Ok(None)` when there is none yet, `Err` when it is over.
pub(crate) fn next(
    docker: &Docker,
    machines: &Machines,
    following: &mut Following,
) -> Result<Option<Value>, ()> {
    let told = following.told;
    for event in docker.events.iter().filter(|e| e.number > told) {
        following.told = event.number;
        let at = crate::ids::unix(machines, event.time);
        if following.since.is_some_and(|s| at < s) || following.until.is_some_and(|u| at > u) {
            continue;
        }
        if wanted(docker, event, &following.filters) {
            return Ok(Some(event.value(machines)));
        }
    }
    match following.until {
        Some(until) if machines.clock.unix() >= until => Err(()),
        _ => Ok(None),
    }
}

fn wanted(docker: &Docker, event: &Event, filters: &Filters) -> bool {
    let attribute = |name: &str| event.attributes.iter().find(|a| &*a.0 == name).map(|a| &*a.1);
    let action = event.action.split(':').next().unwrap_or("");
    let labels: Value = event.attributes.iter().map(|(k, v)| (&**k, Value::from(v))).collect();
    let named = |kind: &str| {
        filters.any(kind, |want| {
            event.kind == kind
                && (event.actor.starts_with(want)
                    || attribute("name").is_some_and(|n| n == want.trim_start_matches('/')))
        })
    };
    let image = filters.any("image", |want| {
        let shown = attribute(if event.kind == "image" { "name" } else { "image" }).unwrap_or("");
        shown == want
            || shown.split(':').next() == Some(want)
            || event.kind == "image" && *event.actor == *want
    });
    _ = docker;
    filters.any("type", |t| t == event.kind)
        && filters.any("event", |e| e == &*event.action || e == action)
        && filters.any("scope", |s| s == "local")
        && filters.labels(&labels)
        && named("container")
        && named("network")
        && named("volume")
        && image
}
