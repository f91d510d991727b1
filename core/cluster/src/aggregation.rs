//! Servers behind APIServices (`kube-aggregator`, v1.33): an APIService hands a group and version to a
//! Service; behind that must be a pod whose process is one of the servers below. Until the condition
//! Available says so, requests get a plain 503 and discovery calls the group stale.
//!
//! Left out: certificates between aggregator and server; the server's own log of requests.

pub mod metrics;
pub(crate) mod scrape;

use crate::cluster::Cluster;
use crate::kinds::{self, Kind};
use crate::object::Object;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::http::{Request, Response};
use std::sync::Arc;

/// What a request to an aggregated group is about; "" where it does not apply.
pub(crate) struct Ask<'a> {
    pub request: &'a Request,
    pub kind: &'static Kind,
    pub namespace: &'a str,
    pub name: &'a str,
}

/// One server.
pub(crate) struct Server {
    /// The name of its command.
    pub command: &'static str,
    /// What it serves.
    pub kinds: &'static [Kind],
    pub answer: fn(&Cluster, &Machines, &Ask<'_>) -> Result<Response, Status>,
}

static SERVERS: &[&Server] = &[&metrics::SERVER];

/// Who answers for a group and version.
pub(crate) enum Behind {
    /// This server itself, or nobody.
    Local,
    /// A Service that cannot be reached.
    Down,
    Server(&'static Server),
}

/// Whether the APIService of a group and version names a Service.
fn remote<'a>(cluster: &'a Cluster, group: &str, version: &str) -> Option<&'a Arc<Object>> {
    if group.is_empty() {
        return None;
    }
    let found = cluster.find(kinds::API_SERVICE, "", &format!("{version}.{group}"))?;
    found.spec()["service"].is_map().then_some(found)
}

/// Who is asked about a group and version.
pub(crate) fn behind(cluster: &Cluster, group: &str, version: &str) -> Behind {
    let Some(service) = remote(cluster, group, version) else { return Behind::Local };
    if service.condition("Available")["status"] != "True" {
        return Behind::Down;
    }
    match serving(group, version) {
        Some(server) => Behind::Server(server),
        None => Behind::Down,
    }
}

fn serving(group: &str, version: &str) -> Option<&'static Server> {
    SERVERS.iter().copied().find(|s| s.kinds.iter().any(|k| k.serves(group, version)))
}

/// Groups and versions handed to Services, in the order of their APIServices' names.
pub(crate) fn versions(cluster: &Cluster) -> impl Iterator<Item = (&Value, &Value)> {
    let services = cluster.store.list(kinds::API_SERVICE).map(|s| s.spec());
    services.filter(|spec| spec["service"].is_map()).map(|spec| (&spec["group"], &spec["version"]))
}

/// The kinds a reachable server has in a group and version; `None` where no Service is asked.
pub(crate) fn served(cluster: &Cluster, group: &str, version: &str) -> Option<Vec<Kind>> {
    match behind(cluster, group, version) {
        Behind::Local => None,
        Behind::Down => Some(Vec::new()),
        Behind::Server(server) => {
            Some(server.kinds.iter().filter(|k| k.serves(group, version)).copied().collect())
        }
    }
}

/// The server of a group that a process listening at an address is.
pub(crate) fn server_at(machines: &Machines, ip: Ip, port: u16, spec: &Value) -> Option<&'static Server> {
    let net = *machines.addresses.get(&ip)?;
    let pid = *machines.listeners.get(&(net, port))?;
    let process = machines.process(pid).filter(|p| p.is_alive())?;
    let server = serving(spec["group"].text(), spec["version"].text())?;
    (command(process.argv.first()?) == server.command).then_some(server)
}

/// The last step of a path.
fn command(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What the proxy says of a server it cannot reach.
pub(crate) fn unavailable() -> Response {
    Response::text(503, "service unavailable\n")
        .header("Content-Type", "text/plain; charset=utf-8")
        .header("X-Content-Type-Options", "nosniff")
}
