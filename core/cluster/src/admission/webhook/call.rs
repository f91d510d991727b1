//! Where a webhook is called: a service of the cluster or an address of the world, and what comes of it.
//! The API server waits for the answer, so that only servers that answer at once can give one: those of
//! [`SERVERS`]. Of any other it says what a TLS client would say of it.

use crate::cluster::Cluster;
use crate::kinds;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::address::Ip;

/// A program that answers admission reviews, known by the image its pods run.
pub struct Server {
    /// The last part of the image's name, without tag.
    pub image: &'static str,
    /// Answers an `AdmissionReview` sent to a path.
    pub answer: fn(&Cluster, &str, &Value) -> Value,
}

/// One line for each program with webhooks.
pub static SERVERS: &[&Server] = &[];

/// The API server's own secure port on the first node.
const SECURE: u16 = 6443;

/// Posts a review to a hook.
///
/// # Errors
/// What the client of the hook says.
pub(super) fn post(
    cluster: &Cluster,
    machines: &Machines,
    hook: &Value,
    review: &Value,
) -> Result<Value, String> {
    let client = &hook["clientConfig"];
    let seconds = hook["timeoutSeconds"].as_int().unwrap_or(10);
    let service = &client["service"];
    if !service.is_null() {
        let (namespace, name) = (service["namespace"].text(), service["name"].text());
        let port = service["port"].as_int().unwrap_or(443);
        let path = service["path"].text();
        let path = if path.is_empty() { "/" } else { path };
        let url = format!("https://{name}.{namespace}.svc:{port}{path}?timeout={seconds}s");
        let failed = |why: String| format!("Post \"{url}\": {why}");
        let (ip, target, pod) = endpoint(cluster, namespace, name, port).map_err(failed)?;
        let server = pod.and_then(|pod| server_of(cluster, namespace, &pod));
        if let Some(server) = server {
            return Ok((server.answer)(cluster, path, review));
        }
        return Err(failed(dial(cluster, machines, ip, target)));
    }
    let text = client["url"].text();
    let mark = if text.contains('?') { "&" } else { "?" };
    let failed = |why: String| format!("Post \"{text}{mark}timeout={seconds}s\": {why}");
    let rest = text.strip_prefix("https://").unwrap_or(text);
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap_or(443)),
        None => (authority, 443),
    };
    let Some(ip) = resolve(cluster, host) else {
        return Err(failed(format!("dial tcp: lookup {host} on 172.18.0.1:53: no such host")));
    };
    Err(failed(dial(cluster, machines, ip, port)))
}

/// An endpoint of a service: address, port and pod.
fn endpoint(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
    port: i64,
) -> Result<(Ip, u16, Option<String>), String> {
    let Some(service) = cluster.find(kinds::SERVICE, namespace, name) else {
        return Err(format!("service \"{name}\" not found"));
    };
    let ports = service.spec()["ports"].items();
    let Some(wanted) = ports.iter().find(|p| p["port"].int() == port) else {
        return Err(format!("no service port {port} found for service \"{name}\""));
    };
    let none = || format!("no endpoints available for service \"{name}\"");
    let endpoints = cluster.find(kinds::ENDPOINTS, namespace, name).ok_or_else(none)?;
    for subset in endpoints.field("subsets").items() {
        let same = |p: &&Value| p["name"].text() == wanted["name"].text();
        let Some(target) = subset["ports"].items().iter().find(same) else { continue };
        for address in subset["addresses"].items() {
            let Some(ip) = Ip::parse(address["ip"].text()) else { continue };
            let pod = address["targetRef"]["name"].as_str().map(str::to_string);
            return Ok((ip, u16::try_from(target["port"].int()).unwrap_or(0), pod));
        }
    }
    Err(none())
}

fn server_of(cluster: &Cluster, namespace: &str, pod: &str) -> Option<&'static Server> {
    let pod = cluster.find(kinds::POD, namespace, pod)?;
    let last = |image: &str| {
        let name = image.rsplit('/').next().unwrap_or(image);
        name.split([':', '@']).next().unwrap_or(name).to_string()
    };
    let images: Vec<String> =
        pod.spec()["containers"].items().iter().map(|c| last(c["image"].text())).collect();
    SERVERS.iter().copied().find(|server| images.iter().any(|image| image == server.image))
}

/// An address, or that of a name the first node knows.
fn resolve(cluster: &Cluster, host: &str) -> Option<Ip> {
    if host == "localhost" {
        return Ip::parse("127.0.0.1");
    }
    Ip::parse(host).or_else(|| {
        let node = cluster.find(kinds::NODE, "", host)?;
        let addresses = node.status()["addresses"].items();
        Ip::parse(addresses.iter().find(|a| a["type"] == "InternalIP")?["address"].text())
    })
}

/// What a TLS client of the first node says of a place that cannot answer it.
fn dial(cluster: &Cluster, machines: &Machines, ip: Ip, port: u16) -> String {
    let refused = format!("dial tcp {ip}:{port}: connect: connection refused");
    let own = resolve(cluster, crate::boot::CONTROL_PLANE);
    let loopback = ip.to_string().starts_with("127.");
    let first = if loopback { own } else { Some(ip) };
    if port % 10_000 == SECURE && (loopback || first == own) {
        return "x509: certificate signed by unknown authority".into();
    }
    let Some(net) = first.and_then(|ip| machines.addresses.get(&ip)) else {
        // Packets to nobody vanish; a node without this address refuses its loopback's.
        return if loopback { refused } else { "context deadline exceeded".into() };
    };
    match machines.listeners.contains_key(&(*net, port)) {
        true => "http: server gave HTTP response to HTTPS client".into(),
        false => refused,
    }
}
