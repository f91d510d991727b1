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
    // "c" and the root certificate are left.
    assert_eq!(first["metadata"]["remainingItemCount"], Value::Int(2));
    let token = first["metadata"]["continue"].text().to_string();
    let second = send(&mut w, Request::get(CM).query("limit", "2").query("continue", token)).1;
    assert_eq!(second["items"][0]["metadata"]["name"], "c");
    assert!(second["items"][0]["kind"].is_null());
    let chosen = send(&mut w, Request::get(CM).query("labelSelector", "a in (b,c)")).1;
    assert_eq!(chosen["items"].items().len(), 2);
    let one = send(&mut w, Request::get(CM).query("fieldSelector", "metadata.name=b")).1;
    assert_eq!(one["items"].items().len(), 1);
}

fn settle(w: &mut (Cluster, Machines)) {
    let until = w.1.clock.now + 1_000;
    while let Some(task) = w.1.clock.next(until) {
        w.0.run_task(&mut w.1, task);
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].items().iter().map(|o| o["metadata"]["name"].text()).collect()
}

#[test]
fn lists_are_of_the_moment_asked_for() {
    let mut w = world();
    for name in ["a", "b", "c"] {
        post(&mut w, CM, config_map(name));
    }
    let first = send(&mut w, Request::get(CM).query("limit", "2")).1;
    let then = first["metadata"]["resourceVersion"].text().to_string();
    send(&mut w, Request::new(Method::Delete, format!("{CM}/c")));
    post(&mut w, CM, config_map("bb"));
    // A page is of the moment of the first one.
    let token = first["metadata"]["continue"].text().to_string();
    let second = send(&mut w, Request::get(CM).query("continue", token.as_str())).1;
    assert_eq!(names(&second), ["c", "kube-root-ca.crt"]);
    assert_eq!(second["metadata"]["resourceVersion"], then.as_str());
    let exact = |rule: &str| {
        Request::get(CM).query("resourceVersion", then.as_str()).query("resourceVersionMatch", rule)
    };
    assert_eq!(names(&send(&mut w, exact("Exact")).1), ["a", "b", "c", "kube-root-ca.crt"]);
    assert_eq!(names(&send(&mut w, exact("NotOlderThan")).1), ["a", "b", "bb", "kube-root-ca.crt"]);
    let (code, refused) = send(&mut w, exact("Nope"));
    let want = "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Nope\": supported values: \"Exact\", \"NotOlderThan\", \"\"";
    assert_eq!((code, refused["message"].text()), (422, want));
    // What is forgotten is gone; a list under way may go on with the present.
    for turn in 0..4_200 {
        let patch = Request::new(Method::Patch, format!("{CM}/a"))
            .header("content-type", "application/merge-patch+json")
            .body(Body::Json(value!({"data": {"x": turn.to_string()}})));
        assert_eq!(send(&mut w, patch).0, 200);
    }
    let (code, gone) = send(&mut w, exact("Exact"));
    let want = "The resourceVersion for the provided list is too old.";
    assert_eq!((code, gone["message"].text(), gone["reason"].text()), (410, want, "Expired"));
    let (code, gone) = send(&mut w, Request::get(CM).query("continue", token));
    assert_eq!((code, gone["reason"].text()), (410, "Expired"));
    let on = gone["metadata"]["continue"].text().to_string();
    assert_eq!(names(&send(&mut w, Request::get(CM).query("continue", on)).1), ["bb", "kube-root-ca.crt"]);
}

#[test]
fn definitions_wait_for_their_last_object() {
    let mut w = world();
    const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let definition = |plural: &str, kind: &str| {
        value!({"metadata": {"name": format!("{plural}.x.io")}, "spec": {"group": "x.io", "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
    };
    assert_eq!(post(&mut w, CRDS, definition("foos", "Foo")).0, 201);
    settle(&mut w);
    // Another plural for the same kind is never established, and not served.
    assert_eq!(post(&mut w, CRDS, definition("fooos", "Foo")).0, 201);
    settle(&mut w);
    let (_, second) = get(&mut w, &format!("{CRDS}/fooos.x.io"));
    let told: Vec<&str> = second["status"]["conditions"].items().iter().map(|c| c["reason"].text()).collect();
    assert_eq!(told, ["ListKindConflict", "NotAccepted"]);
    assert_eq!(get(&mut w, "/apis/x.io/v1/namespaces/default/fooos").0, 404);
    let foos = "/apis/x.io/v1/namespaces/default/foos";
    let held = value!({"metadata": {"name": "a", "finalizers": ["x.io/held"]}});
    assert_eq!(post(&mut w, foos, held).0, 201);
    let (code, going) = send(&mut w, Request::new(Method::Delete, format!("{CRDS}/foos.x.io")));
    assert_eq!(
        (code, going["metadata"]["finalizers"][0].text()),
        (200, "customresourcecleanup.apiextensions.k8s.io")
    );
    settle(&mut w);
    let (_, waiting) = get(&mut w, &format!("{CRDS}/foos.x.io"));
    let last = waiting["status"]["conditions"].items().iter().find(|c| c["type"] == "Terminating").cloned();
    assert_eq!(last.unwrap()["reason"], "InstanceDeletionInProgress");
    let (code, refused) = post(&mut w, foos, value!({"metadata": {"name": "b"}}));
    let want = "create not allowed while custom resource definition is terminating";
    assert_eq!((code, refused["message"].text()), (405, want));
    let free = Request::new(Method::Patch, format!("{foos}/a"))
        .header("content-type", "application/merge-patch+json")
        .body(Body::Json(value!({"metadata": {"finalizers": null}})));
    assert_eq!(send(&mut w, free).0, 200);
    settle(&mut w);
    assert_eq!(get(&mut w, &format!("{CRDS}/foos.x.io")).0, 404);
    // Its names are free now.
    settle(&mut w);
    assert_eq!(get(&mut w, "/apis/x.io/v1/namespaces/default/fooos").0, 200);
}

#[test]
fn a_watch_marks_the_end_of_what_is_there() {
    let mut w = world();
    post(&mut w, CM, config_map("a"));
    let ask = Request::get(CM).query("watch", "true").query("sendInitialEvents", "true");
    assert_eq!(send(&mut w, ask.clone()).0, 422);
    let ask = ask.query("resourceVersionMatch", "NotOlderThan").query("allowWatchBookmarks", "true");
    let Body::Stream(stream) = w.0.handle(&mut w.1, &ask).body else { panic!("no stream") };
    let mut told = Vec::new();
    while let Frame::Json(event) = w.0.read_stream(&mut w.1, stream) {
        let metadata = &event["object"]["metadata"];
        let mark = metadata["annotations"]["k8s.io/initial-events-end"].text();
        told.push(format!("{} {}{mark}", event["type"].text(), metadata["name"].text()));
    }
    assert_eq!(told, ["ADDED a", "ADDED kube-root-ca.crt", "BOOKMARK true"]);
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

fn rows(table: &Value) -> Vec<String> {
    let cell = |v: &Value| v.as_str().map_or_else(|| drydock_machinery::json::to_string(v), str::to_string);
    table["rows"]
        .items()
        .iter()
        .map(|r| r["cells"].items().iter().map(cell).collect::<Vec<_>>().join(" | "))
        .collect()
}

fn table(w: &mut (Cluster, Machines), path: &str) -> Value {
    let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    send(w, Request::get(path).header("accept", accept)).1
}

#[test]
fn a_booted_cluster_looks_like_one() {
    let mut w = world();
    let nodes = rows(&table(&mut w, "/api/v1/nodes"));
    assert_eq!(
        nodes[0],
        "control-plane | Ready | control-plane | 0s | v1.33.1 | 172.18.0.2 | <none> | Debian GNU/Linux 12 (bookworm) | 6.8.0-60-generic | containerd://2.0.5"
    );
    assert_eq!(nodes.len(), 4);
    let services = rows(&table(&mut w, "/api/v1/services"));
    assert_eq!(
        services,
        [
            "kubernetes | ClusterIP | 10.96.0.1 | <none> | 443/TCP | 0s | <none>",
            "kube-dns | ClusterIP | 10.96.0.10 | <none> | 53/UDP,53/TCP,9153/TCP | 0s | k8s-app=kube-dns",
        ]
    );
    let pods = rows(&table(&mut w, "/api/v1/namespaces/kube-system/pods"));
    assert_eq!(pods.len(), 10);
    assert!(pods.iter().all(|p| p.contains("1/1 | Running | 0")), "{pods:#?}");
    let classes = rows(&table(&mut w, "/apis/storage.k8s.io/v1/storageclasses"));
    assert_eq!(
        classes,
        ["standard (default) | rancher.io/local-path | Delete | WaitForFirstConsumer | false | 0s"]
    );
}

#[test]
fn a_pod_gets_what_the_real_server_gives_it() {
    let mut w = world();
    let pod = value!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "creationTimestamp": null},
        "spec": {"containers": [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80}],
            "resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}}}]}, "status": {}});
    let (code, made) = post(&mut w, "/api/v1/namespaces/default/pods", pod);
    assert_eq!(code, 201, "{made:?}");
    let spec = &made["spec"];
    let container = &spec["containers"][0];
    assert_eq!(container["imagePullPolicy"], "Always");
    assert_eq!(container["ports"][0]["protocol"], "TCP");
    assert_eq!(container["resources"]["limits"], value!({"cpu": "500m", "memory": "1Gi"}));
    assert_eq!(container["resources"]["requests"], value!({"cpu": "500m", "memory": "1Gi"}));
    assert_eq!(made["status"], value!({"phase": "Pending", "qosClass": "Guaranteed"}));
    assert_eq!(spec["tolerations"].items().len(), 2);
    assert_eq!((spec["priority"].int(), spec["serviceAccount"].text()), (0, "default"));
    let volume = &spec["volumes"][0];
    assert!(volume["name"].text().starts_with("kube-api-access-"));
    assert_eq!(container["volumeMounts"][0]["name"], volume["name"]);
    let (code, refused) = post(
        &mut w,
        "/api/v1/namespaces/nope/pods",
        value!({"metadata": {"name": "x"}, "spec": {"containers": []}}),
    );
    assert_eq!((code, refused["message"].text()), (404, "namespaces \"nope\" not found"));
}

#[test]
fn services_get_addresses_and_ports() {
    let mut w = world();
    let path = "/api/v1/namespaces/default/services";
    let service = value!({"metadata": {"name": "web"}, "spec": {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 80}]}});
    let (code, made) = post(&mut w, path, service);
    assert_eq!(code, 201, "{made:?}");
    assert!((30000..=32767).contains(&made["spec"]["ports"][0]["nodePort"].int()));
    assert!(made["spec"]["clusterIP"].text().starts_with("10."));
    assert_eq!(made["spec"]["ports"][0]["targetPort"].int(), 80);
    let taken =
        value!({"metadata": {"name": "two"}, "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}});
    let (code, refused) = post(&mut w, path, taken);
    assert_eq!(code, 422);
    assert_eq!(
        refused["message"],
        "Service \"two\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: failed to allocate IP 10.96.0.1: provided IP is already allocated"
    );
    let patch = Request::new(Method::Patch, format!("{path}/web"))
        .header("content-type", "application/merge-patch+json")
        .body(Body::Json(value!({"spec": {"type": "ClusterIP"}})));
    let (code, back) = send(&mut w, patch);
    assert_eq!((code, back["spec"]["ports"][0]["nodePort"].is_null()), (200, true), "{back:?}");
    assert_eq!(back["spec"]["clusterIP"], made["spec"]["clusterIP"]);
}

#[test]
fn a_definition_makes_a_kind() {
    let mut w = world();
    let crd = value!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "boats.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced",
            "names": {"plural": "boats", "kind": "Boat", "shortNames": ["bt"]},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                "additionalPrinterColumns": [
                    {"name": "Sails", "type": "integer", "jsonPath": ".spec.sails"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ]}]},
    });
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let (code, made) = post(&mut w, definitions, crd);
    assert_eq!((code, made["spec"]["names"]["listKind"].text()), (201, "BoatList"), "{made:?}");
    let boats = "/apis/example.com/v1/namespaces/default/boats";
    let boat = value!({"apiVersion": "example.com/v1", "kind": "Boat", "metadata": {"name": "a"}, "spec": {"sails": 3}});
    let (code, made) = post(&mut w, boats, boat);
    assert_eq!(
        (code, made["spec"]["sails"].int(), made["metadata"]["generation"].int()),
        (201, 3, 1),
        "{made:?}"
    );
    let shown = table(&mut w, boats);
    assert_eq!(shown["columnDefinitions"][1]["name"], "Sails");
    assert_eq!(rows(&shown), ["a | 3 | 0s"]);
    let (_, list) = get(&mut w, "/apis/example.com/v1");
    assert_eq!(list["resources"][0]["shortNames"][0], "bt");
    let strategic = Request::new(Method::Patch, format!("{boats}/a"))
        .header("content-type", "application/strategic-merge-patch+json")
        .body(Body::Json(value!({"spec": {"sails": 4}})));
    assert_eq!(send(&mut w, strategic).0, 415);
    let (code, _) = send(&mut w, Request::new(Method::Delete, format!("{definitions}/boats.example.com")));
    assert_eq!(code, 200);
    settle(&mut w);
    assert_eq!(w.0.handle(&mut w.1, &Request::get(boats)).status, 404);
    assert_eq!(w.0.store.hash, w.0.store.full_hash());
    assert!(w.0.store.all().all(|o| &*o.name != "a"), "its objects went with it");
}
