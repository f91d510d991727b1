//! PUT and PATCH at the door: what they may create, change and must name, in the server's words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::Cluster;
use drydock_cluster::boot::Config;
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, json, value};
use drydock_network::http::{Body, Method, Request};

const NS: &str = "/api/v1/namespaces/default";

struct World(Cluster, Machines);

impl World {
    fn new() -> World {
        let mut machines = Machines::new(Clock::new(3, 1_795_000_000), Programs::default());
        let mut cluster = Cluster::boot(&mut machines, &Config::default());
        cluster.alive = false;
        World(cluster, machines)
    }
    /// Code and message, or the object as JSON.
    fn send(&mut self, method: Method, path: &str, media: &str, body: Value) -> (u16, Value) {
        let request = Request::new(method, path).query("fieldManager", "me");
        let request = request.header("content-type", &format!("application/{media}")).body(Body::Json(body));
        let response = self.0.handle(&mut self.1, &request);
        (response.status, response.body.json().unwrap_or_default())
    }
    fn post(&mut self, path: &str, body: Value) -> Value {
        let (code, made) = self.send(Method::Post, path, "json", body);
        assert_eq!(code, 201, "{}", made["message"].text());
        made
    }
    fn put(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Put, path, "json", body)
    }
    fn patch(&mut self, path: &str, media: &str, body: Value) -> (u16, Value) {
        self.send(Method::Patch, path, media, body)
    }
}

fn pod() -> Value {
    value!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "p"}}, "spec": {"containers": [
        {"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}}]}})
}

#[test]
fn some_kinds_are_created_by_a_put() {
    let mut w = World::new();
    let role = value!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": []});
    let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/r";
    let (code, made) = w.put(path, role);
    assert_eq!((code, made["metadata"]["name"].text()), (201, "r"));
    assert_eq!(made["metadata"]["managedFields"][0]["operation"], "Update");
    let map = value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}});
    let (code, refused) = w.put(&format!("{NS}/configmaps/c"), map);
    assert_eq!((code, refused["message"].text()), (404, "configmaps \"c\" not found"));
}

#[test]
fn some_kinds_want_the_version_they_replace() {
    let mut w = World::new();
    let lease = value!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}, "spec": {}});
    let list = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    w.post(list, lease.clone());
    let (code, refused) = w.put(&format!("{list}/l"), lease);
    assert_eq!(code, 422);
    assert_eq!(
        refused["message"],
        "leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
    );
}

#[test]
fn debug_containers_are_only_added() {
    let mut w = World::new();
    w.post(&format!("{NS}/pods"), pod());
    let path = format!("{NS}/pods/p/ephemeralcontainers");
    let debugger = |image: &str| value!({"spec": {"ephemeralContainers": [{"name": "d", "image": image}]}});
    let (code, object) = w.patch(&path, "strategic-merge-patch+json", debugger("busybox"));
    assert_eq!((code, object["spec"]["ephemeralContainers"][0]["image"].text()), (200, "busybox"));
    let entry = &object["metadata"]["managedFields"][1];
    assert_eq!(entry["subresource"], "ephemeralcontainers");
    let (code, refused) = w.patch(&path, "strategic-merge-patch+json", debugger("other"));
    assert_eq!(code, 422);
    assert!(refused["message"].text().contains("existing ephemeral containers \"d\" may not be changed"));
    // Nothing else can be written there, and they cannot be written elsewhere.
    let other = value!({"metadata": {"labels": {"x": "y"}}, "spec": {"activeDeadlineSeconds": 5}});
    let (code, object) = w.patch(&path, "merge-patch+json", other);
    assert_eq!(code, 200);
    assert!(object["metadata"]["labels"]["x"].is_null() && object["spec"]["activeDeadlineSeconds"].is_null());
    let second = value!({"spec": {"ephemeralContainers": [{"name": "e", "image": "x"}]}});
    let (code, refused) = w.patch(&format!("{NS}/pods/p"), "strategic-merge-patch+json", second);
    assert_eq!(code, 422);
    assert!(refused["message"].text().contains("pod updates may not change fields other than"));
}

#[test]
fn resources_are_resized_below_their_own_path() {
    let mut w = World::new();
    w.post(&format!("{NS}/pods"), pod());
    let sized = |resources: Value| value!({"spec": {"containers": [{"name": "c", "resources": resources}]}});
    let more = sized(value!({"requests": {"cpu": "200m"}}));
    let strategic = "strategic-merge-patch+json";
    assert_eq!(w.patch(&format!("{NS}/pods/p"), strategic, more.clone()).0, 422);
    let path = format!("{NS}/pods/p/resize");
    let (code, object) = w.patch(&path, strategic, more);
    assert_eq!(code, 200, "{}", object["message"].text());
    assert_eq!(object["spec"]["containers"][0]["resources"]["requests"]["cpu"], "200m");
    for (resources, message) in [
        (
            value!({"limits": {"memory": "100Mi"}}),
            "Pod \"p\" is invalid: spec.containers[0].resources.limits[memory]: Forbidden: memory limits cannot be decreased unless resizePolicy is RestartContainer",
        ),
        (
            value!({"requests": {"cpu": null}}),
            "Pod \"p\" is invalid: spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
        ),
        (
            value!({"requests": {"cpu": "1", "memory": "128Mi"}, "limits": {"cpu": "1"}}),
            "Pod \"p\" is invalid: spec: Invalid value: \"Guaranteed\": Pod QOS Class may not change as a result of resizing",
        ),
    ] {
        let (code, refused) = w.patch(&path, strategic, sized(resources));
        assert_eq!((code, refused["message"].text()), (422, message));
    }
}

#[test]
fn an_eviction_asks_the_budgets() {
    let mut w = World::new();
    w.post(&format!("{NS}/pods"), pod());
    let budget = value!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}}});
    let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    w.post(budgets, budget);
    let running = value!({"status": {"phase": "Running"}});
    assert_eq!(w.patch(&format!("{NS}/pods/p/status"), "merge-patch+json", running).0, 200);
    let evict = |w: &mut World, name: &str| {
        let body = value!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
        w.send(Method::Post, &format!("{NS}/pods/p/eviction"), "json", body)
    };
    let (code, refused) = evict(&mut w, "q");
    assert_eq!(
        (code, refused["message"].text()),
        (400, "name in URL does not match name in Eviction object")
    );
    let (code, refused) = evict(&mut w, "p");
    assert_eq!((code, refused["reason"].text()), (429, "TooManyRequests"));
    assert_eq!(
        refused["details"]["causes"][0]["message"],
        "The disruption budget b is still being processed by the server."
    );
    let seen = |allowed: i64| value!({"status": {"observedGeneration": 1, "disruptionsAllowed": allowed, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}});
    let status = format!("{budgets}/b/status");
    w.patch(&status, "merge-patch+json", seen(0));
    assert_eq!(
        evict(&mut w, "p").1["details"]["causes"][0]["message"],
        "The disruption budget b needs 1 healthy pods and has 1 currently"
    );
    w.patch(&status, "merge-patch+json", seen(1));
    assert_eq!(evict(&mut w, "p").0, 201);
}

/// `patch | type | code | message, or a path of the outcome and its value`.
const PATCHES: &str = r#"
{"data":{"b":"2","a":null}} | merge | 200 | .data={"b":"2"}
[1] | merge | 400 | error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}
[1] | strategic | 400 | json: cannot unmarshal array into Go value of type map[string]interface {}
{"a":"b"} | json | 400 | error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp
[{"op":"test","path":"/data/a","value":"9"}] | json | 422 | the server rejected our request due to an error in our request
[{"op":"remove","path":"/data/nope"}] | json | 422 | the server rejected our request due to an error in our request
[{"op":"move","from":"/data/a","path":"/data/z"}] | json | 200 | .data={"z":"1"}
{"data":{"a":1}} | strategic | 422 | "" is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string
{"data":"x"} | strategic | 422 | "" is invalid: patch: Invalid value: "map[data:x]": cannot restore map from string
{"data":{"$patch":"replace","n":"1"}} | strategic | 200 | .data={"n":"1"}
{"data":{"$patch":"odd"}} | strategic | 500 | unknown patch type: odd in map: map[$patch:odd]
{"metadata":{"resourceVersion":"1"}} | merge | 409 | Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again
{"metadata":{"name":"d"}} | merge | 400 | the name of the object (d) does not match the name on the URL (c)
{"metadata":{"finalizers":["a.b/c"]}} | strategic | 200 | .metadata.finalizers=["a.b/c"]
{"metadata":{"$deleteFromPrimitiveList/finalizers":["a.b/c"]}} | strategic | 200 | .metadata.finalizers=null
"#;

#[test]
fn patches_are_answered_as_the_server_answers_them() {
    for line in PATCHES.trim().lines() {
        let [patch, kind, code, wanted] = line.splitn(4, " | ").collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let mut w = World::new();
        let map =
            value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}});
        w.post(&format!("{NS}/configmaps"), map);
        let media = match kind {
            "json" => "json-patch+json",
            "merge" => "merge-patch+json",
            _ => "strategic-merge-patch+json",
        };
        let body = json::parse(patch.as_bytes()).unwrap();
        let (got, object) = w.patch(&format!("{NS}/configmaps/c"), media, body);
        assert_eq!(got.to_string(), code, "{line}: {}", object["message"].text());
        match wanted.strip_prefix('.').and_then(|w| w.split_once('=')) {
            Some((path, value)) => {
                let path: Vec<&str> = path.split('.').collect();
                assert_eq!(json::to_string(object.at(&path)), value, "{line}");
            }
            None => assert_eq!(object["message"].text().trim_start(), wanted, "{line}"),
        }
    }
}

#[test]
fn patches_say_what_they_are() {
    let mut w = World::new();
    let map = value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}});
    w.post(&format!("{NS}/configmaps"), map);
    let (code, refused) = w.patch(&format!("{NS}/configmaps/c"), "json", value!({}));
    assert_eq!((code, refused["reason"].text()), (415, "UnsupportedMediaType"));
}
