//! The registries of the sandbox: who may log in, pull and push where. Docker Hub with the learner's
//! account, private registries with the same account, cloud registries whose repositories must exist,
//! and registries on the laptop that are there while a container serves their port.

use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::json;
use crate::system::answer;
use drydock_container::Machines;
use drydock_container::images::REGISTRY;
use drydock_container::images::reference::Reference;
use drydock_machinery::{Value, hash, json as json_text};
use drydock_network::http::{Request, Response};
use std::collections::{BTreeMap, BTreeSet};

/// User names and passwords, the same everywhere.
const ACCOUNTS: &[(&str, &str)] = &[("learner", "secret"), ("other", "secret2")];
/// Private registries: nothing without a login.
const PRIVATE: &[&str] = &["registry.drydock.local", "registry.example.com"];
const DENIED: &str = "denied: requested access to the resource is denied";

/// Whether a name is a cloud registry's, such as `123456789012.dkr.ecr.us-east-1.amazonaws.com`.
fn is_cloud(domain: &str) -> bool {
    domain.contains(".dkr.ecr.") && domain.ends_with(".amazonaws.com")
}

fn is_local(domain: &str) -> bool {
    let host = domain.split(':').next().unwrap_or("");
    host == "localhost" || host.starts_with("127.")
}

/// The credentials of a request: `X-Registry-Auth`, base64 in either alphabet.
#[must_use]
pub fn auth(request: &Request) -> Value {
    let text = request.headers.get("X-Registry-Auth").unwrap_or("");
    let standard: String = text
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let padded = format!("{standard}{}", "=".repeat((4 - standard.len() % 4) % 4));
    let bytes = hash::base64_decode(&padded).unwrap_or_default();
    json_text::parse(&bytes).unwrap_or_default()
}

/// Whose credentials these are.
fn user(auth: &Value) -> Option<&str> {
    let (name, password) = (auth["username"].text(), auth["password"].text());
    let cloud = name == "AWS" && !password.is_empty();
    let known = ACCOUNTS.iter().any(|a| a.0 == name && a.1 == password);
    (known || cloud).then_some(name)
}

/// `lookup x: no such host`.
#[must_use]
pub fn unknown_host(domain: &str) -> Fault {
    let host = domain.split(':').next().unwrap_or("");
    let server = drydock_container::host::NAME_SERVER;
    Fault::internal(format!(
        "Get \"https://{domain}/v2/\": dial tcp: lookup {host} on {server}:53: no such host"
    ))
}

/// Whether a registry answers at all. One on the laptop does while something listens on its port.
///
/// # Errors
/// `connection refused`.
pub fn reachable(docker: &Docker, machines: &Machines, domain: &str) -> Result<(), Fault> {
    if !is_local(domain) {
        return Ok(());
    }
    let port: u16 = domain.split(':').nth(1).and_then(|p| p.parse().ok()).unwrap_or(443);
    let net = machines.space(docker.host).map(|h| h.net).unwrap_or_default();
    let published = machines.published.range((net, port, drydock_network::address::Ip(0))..).next();
    let there = published.is_some_and(|p| p.0.0 == net && p.0.1 == port)
        || machines.listeners.contains_key(&(net, port));
    if there {
        return Ok(());
    }
    let host = domain.split(':').next().unwrap_or("");
    let at = if host == "localhost" { "[::1]".to_string() } else { host.to_string() };
    Err(Fault::internal(format!(
        "Get \"http://{domain}/v2/\": dial tcp {at}:{port}: connect: connection refused"
    )))
}

/// Whether somebody may pull.
///
/// # Errors
/// Private registries without a login.
pub fn may_pull(docker: &Docker, reference: &Reference, auth: &Value) -> Result<(), Fault> {
    _ = docker;
    let domain = &*reference.domain;
    if PRIVATE.contains(&domain) && user(auth).is_none() {
        return Err(Fault::internal(format!(
            "Head \"https://{domain}/v2/{}/manifests/{}\": no basic auth credentials",
            reference.path,
            reference.tag.as_deref().or(reference.digest.as_deref()).unwrap_or("latest")
        )));
    }
    if is_cloud(domain) && user(auth).is_none() {
        return Err(Fault::internal(format!(
            "Head \"https://{domain}/v2/{}/manifests/{}\": no basic auth credentials",
            reference.path,
            reference.tag.as_deref().unwrap_or("latest")
        )));
    }
    Ok(())
}

/// Whether somebody may push.
///
/// # Errors
/// The registry's words.
pub fn may_push(
    docker: &Docker,
    machines: &Machines,
    reference: &Reference,
    auth: &Value,
) -> Result<(), String> {
    _ = docker;
    let (domain, path) = (&*reference.domain, &*reference.path);
    if is_local(domain) {
        return Ok(());
    }
    let user = user(auth);
    if domain == "docker.io" {
        let mine = user.is_some_and(|u| path.split('/').next() == Some(u));
        return if mine { Ok(()) } else { Err(DENIED.into()) };
    }
    if is_cloud(domain) {
        if user.is_none() {
            return Err("no basic auth credentials".into());
        }
        if !machines.images.repositories.contains_key(reference.name().as_str()) {
            let account = domain.split('.').next().unwrap_or("");
            return Err(format!(
                "name unknown: The repository with name '{path}' does not exist in the registry with id '{account}'"
            ));
        }
        return Ok(());
    }
    if user.is_some() {
        return Ok(());
    }
    if PRIVATE.contains(&domain) {
        Err("no basic auth credentials".into())
    } else {
        Err("unauthorized: authentication required".into())
    }
}

/// Tags of a repository.
#[must_use]
pub fn tags(machines: &Machines, name: &str) -> BTreeSet<String> {
    let prefix = format!("{name}:");
    let pushed =
        machines.images.registry.keys().filter_map(|k| k.strip_prefix(prefix.as_str())).map(String::from);
    let entry = REGISTRY.iter().find(|e| e.names.contains(&name));
    pushed.chain(entry.into_iter().flat_map(|e| e.tags.iter().map(|t| t.to_string()))).collect()
}

/// Which repositories of a registry hold which layers.
#[must_use]
pub fn layers_of(machines: &mut Machines, domain: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let prefix = format!("{domain}/");
    let all = machines.images.registry.iter().chain(machines.images.made.iter());
    for (name, image) in all {
        let Some(rest) = name.strip_prefix(prefix.as_str()) else { continue };
        let repository = rest.rsplit_once(':').map_or(rest, |(r, _)| r);
        for layer in image.layers.iter() {
            out.entry(layer.diff_id.to_string()).or_default().insert(repository.to_string());
        }
    }
    out
}

/// `POST /auth`.
///
/// # Errors
/// Wrong passwords, registries that are not there.
pub fn login(call: &mut Call<'_>) -> Result<Response, Fault> {
    let body = call.body()?;
    let server = body["serveraddress"].text();
    let domain = server.trim_start_matches("https://").trim_start_matches("http://");
    let domain = domain.split('/').next().unwrap_or("");
    let hub = matches!(domain, "" | "docker.io" | "index.docker.io" | "registry-1.docker.io");
    let fine = answer(200, &json!({"IdentityToken": "", "Status": "Login Succeeded"}));
    if is_local(domain) {
        reachable(call.docker, call.machines, domain)?;
        return Ok(fine);
    }
    let known = hub
        || PRIVATE.contains(&domain)
        || is_cloud(domain)
        || ["ghcr.io", "quay.io", "gcr.io", "registry.gitlab.com"].contains(&domain);
    if !known {
        return Err(unknown_host(domain));
    }
    if user(&body).is_some() {
        return Ok(fine);
    }
    let text = if hub {
        "Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password".to_string()
    } else if is_cloud(domain) {
        format!("login attempt to https://{domain}/v2/ failed with status: 400 Bad Request")
    } else {
        format!("Get \"https://{domain}/v2/\": unauthorized: authentication required")
    };
    Err(Fault::new(401, text))
}
