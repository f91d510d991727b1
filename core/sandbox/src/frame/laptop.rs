//! The laptop on the map: a berth of its own, with the containers of its engine as tiles.

use super::{NodeView, Phase, Place, PodView};
use crate::world::World;
use drydock_docker::container::{Container, Status};
use drydock_machinery::digest::mix;
use drydock_machinery::sort::Arrange;
use drydock_network::address::Ip;
use drydock_network::http::Request;

/// Ids of containers lie above those of the cluster's objects.
const CONTAINERS: u32 = 1 << 31;

/// The laptop's name on the map.
pub const LAPTOP: &str = "laptop";

fn id(container: &Container) -> u32 {
    CONTAINERS | container.number as u32
}

impl World {
    /// Grows or differs with every change that the map can show.
    pub(crate) fn version(&self) -> u64 {
        let containers = self.docker.containers.values();
        let engine = containers.fold(0, |hash, c| {
            let health = c.state.health.as_ref().map_or(0, |h| h.status.len() as u64);
            [c.number, c.state.status as u64, health, c.name.len() as u64].into_iter().fold(hash, mix)
        });
        if engine == 0 { self.cluster.store.revision } else { mix(engine, self.cluster.store.revision) }
    }
    pub(super) fn laptop_view(&self) -> Option<NodeView> {
        (!self.docker.containers.is_empty()).then(|| NodeView {
            name: LAPTOP.into(),
            laptop: true,
            ready: true,
            schedulable: true,
            ..NodeView::default()
        })
    }
    pub(super) fn container_views(&self) -> Vec<PodView> {
        let now = self.machines.clock.now;
        let mut views: Vec<PodView> = self
            .docker
            .containers
            .values()
            .map(|c| PodView {
                id: id(c),
                container: true,
                name: c.name.to_string(),
                node: Some(LAPTOP.into()),
                phase: phase(c),
                status: drydock_docker::status::text(c, now),
                ready: String::new(),
                restarts: c.state.restarts,
                ip: c
                    .endpoints
                    .values()
                    .map(|e| e.ip)
                    .find(|ip| *ip != Ip::default())
                    .map(|ip| ip.to_string()),
                created_ms: c.created,
                image: c.image_name.to_string(),
                ..PodView::default()
            })
            .collect();
        views.arrange_by_key(|v| v.id);
        views
    }
    pub(super) fn container_places(&self) -> impl Iterator<Item = (Ip, Place)> {
        self.docker.containers.values().flat_map(|c| {
            let here = Place::Pod(id(c));
            c.endpoints.values().filter(|e| e.ip != Ip::default()).map(move |e| (e.ip, here.clone()))
        })
    }
    /// GET of the engine, as `docker` asks it; `None` for anything but 200.
    #[must_use]
    pub fn engine(&self, path: &str) -> Option<drydock_machinery::Value> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::get(path);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            request = request.query(name, value);
        }
        let mut copy = self.clone();
        let response = copy.docker.handle(&mut copy.machines, &request);
        if response.status == 200 { response.body.json().ok() } else { None }
    }
    /// What a container of the laptop printed, its last `lines`.
    #[must_use]
    pub fn container_logs(&self, name: &str, lines: usize) -> Option<String> {
        let container = self.docker.containers.get(self.docker.names.get(name)?)?;
        let log = self.machines.logs(container.space)?;
        let all = log.lines();
        let from = all.len().saturating_sub(lines);
        Some(all.iter().skip(from).map(|line| String::from_utf8_lossy(&line.bytes).into_owned()).collect())
    }
}

fn phase(container: &Container) -> Phase {
    match container.state.status {
        Status::Created => Phase::Pending,
        Status::Running => match container.state.health.as_ref().map(|h| &*h.status) {
            Some("starting") => Phase::Running,
            Some("unhealthy") => Phase::Failing,
            _ => Phase::Ready,
        },
        Status::Paused => Phase::Running,
        Status::Restarting => Phase::Failing,
        Status::Removing => Phase::Terminating,
        Status::Exited if container.state.exit_code == 0 => Phase::Succeeded,
        Status::Exited | Status::Dead => Phase::Failed,
    }
}
