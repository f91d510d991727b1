//! What is not a resource: version, health, the index of paths, OpenAPI.

use super::{discovery, openapi, pretty, swagger};
use crate::cluster::Cluster;
use crate::status::Status;
use drydock_machinery::value;
use drydock_network::http::{Request, Response};

/// The version every part of the simulation follows.
pub const VERSION: &str = "v1.33.1";

const CHECKS: &[&str] = &[
    "ping",
    "log",
    "etcd",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/aggregator-reload-proxy-client-cert",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
];

pub(super) fn answer(cluster: &Cluster, request: &Request) -> Result<Response, Status> {
    let path = request.path.trim_end_matches('/');
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    match steps.as_slice() {
        [] => Ok(index(cluster)),
        ["version"] => Ok(raw(&version())),
        ["healthz" | "livez" | "readyz", rest @ ..] => health(steps.first().unwrap_or(&""), rest, request),
        // A recorded server had nothing to say here, which is enough for every client.
        ["openapi", "v2"] if cluster.replay => {
            // Asked for with an "@", which no media type may have, and answered without.
            let media = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
            Ok(Response::text(200, "").header("Content-Type", media))
        }
        ["openapi", "v2"] => Ok(swagger::answer(cluster)),
        ["openapi", "v3", rest @ ..] => openapi::answer(cluster, rest),
        _ => Ok(super::no_page()),
    }
}

fn version() -> drydock_machinery::Value {
    value!({
        "major": "1", "minor": "33", "emulationMajor": "1", "emulationMinor": "33",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "32", "gitVersion": VERSION,
        "gitCommit": "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828", "gitTreeState": "clean",
        "buildDate": "2025-05-15T08:19:08Z", "goVersion": "go1.24.2", "compiler": "gc",
        "platform": "linux/amd64",
    })
}

/// What the server writes indented for everybody.
fn raw(value: &drydock_machinery::Value) -> Response {
    Response::text(200, &pretty::indented(value)).header("Content-Type", "application/json")
}

fn plain(text: &str) -> Response {
    Response::text(200, text).header("Content-Type", "text/plain; charset=utf-8")
}

fn health(name: &str, rest: &[&str], request: &Request) -> Result<Response, Status> {
    let check = rest.join("/");
    if !check.is_empty() {
        let known = CHECKS.contains(&check.as_str());
        return if known { Ok(plain("ok")) } else { Err(Status::no_such_resource()) };
    }
    if request.param("verbose").is_none() {
        return Ok(plain("ok"));
    }
    let mut text: String = CHECKS.iter().map(|check| format!("[+]{check} ok\n")).collect();
    if name == "readyz" {
        text.push_str("[+]shutdown ok\n");
    }
    text.push_str(&format!("{name} check passed\n"));
    Ok(plain(&text))
}

fn index(cluster: &Cluster) -> Response {
    let mut paths = vec!["/api".to_string(), "/api/v1".into(), "/apis".into(), "/apis/".into()];
    for group in discovery::group_names(cluster) {
        paths.push(format!("/apis/{group}"));
        paths.extend(discovery::versions(cluster, group).iter().map(|v| format!("/apis/{group}/{v}")));
    }
    for path in ["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/readyz", "/version"] {
        paths.push(path.into());
    }
    let paths: drydock_machinery::Value = paths.into_iter().map(drydock_machinery::Value::from).collect();
    raw(&value!({"paths": paths}))
}
