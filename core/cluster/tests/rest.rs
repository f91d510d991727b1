//! The REST door from outside: paths, verbs, versions, watches.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::Cluster;
use drydock_cluster::boot::Config;
use drydock_container::Machines;
use drydock_container::machines::Frame;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, value};
use drydock_network::http::{Body, Method, Request, Response};

fn world() -> (Cluster, Machines) {
    let mut machines = Machines::new(Clock::new(7, 1_795_000_000), Programs::default());
    let cluster = Cluster::boot(&mut machines, &Config::default());
    (cluster, machines)
}

fn send(w: &mut (Cluster, Machines), request: Request) -> (u16, Value) {
    let Response { status, body, .. } = w.0.handle(&mut w.1, &request);
    (status, body.json().unwrap_or_default())
}

fn post(w: &mut (Cluster, Machines), path: &str, body: Value) -> (u16, Value) {
    send(w, Request::new(Method::Post, path).body(Body::Json(body)))
}

fn get(w: &mut (Cluster, Machines), path: &str) -> (u16, Value) {
    send(w, Request::get(path))
}

const CM: &str = "/api/v1/namespaces/default/configmaps";

fn config_map(name: &str) -> Value {
    value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"a": name}}, "data": {"x": "1"}})
}

#[test]
fn create_read_update_delete() {
    let mut w = world();
    let (code, made) = post(&mut w, CM, config_map("a"));
    assert_eq!((code, made["metadata"]["namespace"].text()), (201, "default"));
    assert_eq!(made["data"]["x"], "1");
    let (code, again) = post(&mut w, CM, config_map("a"));
    assert_eq!((code, again["message"].text()), (409, "configmaps \"a\" already exists"));
    let patch = Request::new(Method::Patch, format!("{CM}/a"))
        .header("content-type", "application/merge-patch+json")
        .body(Body::Json(value!({"data": {"y": "2"}})));
    let (code, patched) = send(&mut w, patch.clone());
    assert_eq!((code, patched["data"]["y"].text()), (200, "2"));
    // A patch that changes nothing writes nothing.
    let (_, same) = send(&mut w, patch);
    assert_eq!(same["metadata"]["resourceVersion"], patched["metadata"]["resourceVersion"]);
    let stale = made.with_at(&["data", "x"], "9");
    let put = Request::new(Method::Put, format!("{CM}/a")).body(Body::Json(stale));
    let (code, refused) = send(&mut w, put);
    assert_eq!(code, 409);
    assert!(
        refused["message"]
            .text()
            .starts_with("Operation cannot be fulfilled on configmaps \"a\": the object has been modified")
    );
    let (code, gone) = send(&mut w, Request::new(Method::Delete, format!("{CM}/a")));
    assert_eq!((code, gone["status"].text(), gone["details"]["kind"].text()), (200, "Success", "configmaps"));
    let (code, missing) = get(&mut w, &format!("{CM}/a"));
    assert_eq!((code, missing["message"].text()), (404, "configmaps \"a\" not found"));
}

#[test]
fn list_pages_and_selects() {
    let mut w = world();
    for name in ["a", "b", "c"] {
        post(&mut w, CM, config_map(name));
    }
    let first = send(&mut w, Request::get(CM).query("limit", "2")).1;
    assert_eq!(first["items"].items().len(), 2);
    assert_eq!(first["metadata"]["remainingItemCount"], Value::Int(1));
    let token = first["metadata"]["continue"].text().to_string();
    let second = send(&mut w, Request::get(CM).query("limit", "2").query("continue", token)).1;
    assert_eq!(second["items"][0]["metadata"]["name"], "c");
    assert!(second["items"][0]["kind"].is_null());
    let chosen = send(&mut w, Request::get(CM).query("labelSelector", "a in (b,c)")).1;
    assert_eq!(chosen["items"].items().len(), 2);
    let one = send(&mut w, Request::get(CM).query("fieldSelector", "metadata.name=b")).1;
    assert_eq!(one["items"].items().len(), 1);
}

#[test]
fn watch_tells_what_enters_and_leaves() {
    let mut w = world();
    let from = w.0.store.revision.to_string();
    let request =
        Request::get(CM).query("watch", "true").query("labelSelector", "a=b").query("resourceVersion", from);
    let response = w.0.handle(&mut w.1, &request);
    let Body::Stream(stream) = response.body else { panic!("no stream") };
    post(&mut w, CM, config_map("a"));
    post(&mut w, CM, config_map("b"));
    let relabel = Request::new(Method::Patch, format!("{CM}/b"))
        .header("content-type", "application/merge-patch+json")
        .body(Body::Json(value!({"metadata": {"labels": {"a": "z"}}})));
    send(&mut w, relabel);
    let mut told = Vec::new();
    while let Frame::Json(event) = w.0.read_stream(&mut w.1, stream) {
        told.push(format!("{} {}", event["type"].text(), event["object"]["metadata"]["name"].text()));
    }
    assert_eq!(told, ["ADDED b", "DELETED b"]);
}

#[test]
fn discovery_is_negotiated() {
    let mut w = world();
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let (_, apis) = send(&mut w, Request::get("/apis").header("accept", accept));
    assert_eq!(apis["apiVersion"], "apidiscovery.k8s.io/v2");
    let apps = apis["items"].items().iter().find(|g| g["metadata"]["name"] == "apps").unwrap();
    let names: Vec<&str> =
        apps["versions"][0]["resources"].items().iter().map(|r| r["resource"].text()).collect();
    assert_eq!(names, ["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]);
    let (_, legacy) = get(&mut w, "/api/v1");
    assert!(
        legacy["resources"].items().iter().any(|r| r["name"] == "pods/eviction" && r["group"] == "policy")
    );
    let (_, version) = get(&mut w, "/version");
    assert_eq!(version["gitVersion"], "v1.33.1");
    let (_, index) = get(&mut w, "/openapi/v3");
    assert!(
        index["paths"]["apis/apps/v1"]["serverRelativeURL"]
            .text()
            .starts_with("/openapi/v3/apis/apps/v1?hash=")
    );
    let (code, document) = get(&mut w, "/openapi/v3/apis/apps/v1");
    assert_eq!(code, 200);
    assert!(document["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"].is_map());
}

#[test]
fn rolling_hash_is_the_full_hash() {
    let mut w = world();
    for name in ["a", "b", "c"] {
        post(&mut w, CM, config_map(name));
    }
    send(&mut w, Request::new(Method::Delete, format!("{CM}/b")));
    assert_eq!(w.0.store.hash, w.0.store.full_hash());
}
