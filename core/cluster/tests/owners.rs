//! Who owns which fields: what holds for any sequence of writes, and the cases a real server is known
//! for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::Cluster;
use drydock_cluster::boot::Config;
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::fields::{self, Owners, Typed};
use drydock_machinery::random::Random;
use drydock_machinery::{Clock, Value, json, patch, schema, value};
use drydock_network::http::{Body, Method, Request};

const PATH: &str = "/apis/apps/v1/namespaces/default/deployments/web";
const LIST: &str = "/apis/apps/v1/namespaces/default/deployments";

struct World(Cluster, Machines);

impl World {
    fn new(seed: u64) -> World {
        let mut machines = Machines::new(Clock::new(seed, 1_795_000_000), Programs::default());
        let mut cluster = Cluster::boot(&mut machines, &Config::default());
        // Nothing reconciles: only the test writes.
        cluster.alive = false;
        World(cluster, machines)
    }
    fn send(&mut self, request: Request) -> (u16, Value) {
        let response = self.0.handle(&mut self.1, &request);
        (response.status, response.body.json().unwrap_or_default())
    }
    fn patch(&mut self, media: &str, manager: &str, body: Value) -> (u16, Value) {
        self.send(patching(PATH, media, manager, body))
    }
    fn apply(&mut self, manager: &str, force: bool, body: Value) -> (u16, Value) {
        let request = patching(PATH, "apply-patch+yaml", manager, body);
        self.send(request.query("force", if force { "true" } else { "false" }))
    }
    fn live(&mut self) -> Value {
        self.send(Request::get(PATH)).1
    }
}

fn patching(path: &str, media: &str, manager: &str, body: Value) -> Request {
    Request::new(Method::Patch, path)
        .query("fieldManager", manager)
        .header("content-type", &format!("application/{media}"))
        .body(Body::Json(body))
}

/// A declaration of somebody who cares for a few things.
fn declaration(random: &mut Random) -> Value {
    let mut labels = value!({"app": "web"});
    for at in 0..random.below(3) {
        labels = labels.with(format!("l{at}"), random.below(3).to_string());
    }
    let mut containers = Vec::new();
    for name in ["a", "b", "c"] {
        if name == "a" || random.below(3) == 0 {
            let mut container = value!({"name": name, "image": (format!("i:{}", random.below(3)))});
            if random.below(2) == 0 {
                let env: Value = (0..1 + random.below(3))
                    .map(|at| value!({"name": (format!("E{at}")), "value": (random.below(2).to_string())}))
                    .collect();
                container = container.with("env", env);
            }
            containers.push(container);
        }
    }
    let mut spec = value!({
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}},
    });
    if random.below(2) == 0 {
        spec = spec.with("replicas", 1 + random.below(4));
    }
    if random.below(3) == 0 {
        spec = spec.with("minReadySeconds", 1 + random.below(4));
    }
    value!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": labels}, "spec": spec})
}

const MANAGERS: &[&str] = &["one", "two", "three"];

/// One random write; most succeed.
fn write(w: &mut World, random: &mut Random) {
    let manager = MANAGERS[random.below(3) as usize];
    match random.below(6) {
        0..3 => _ = w.apply(manager, random.below(2) == 0, declaration(random)),
        3 => {
            let body = value!({"spec": {"replicas": random.below(5)}, "metadata": {"labels": {"x": (random.below(3).to_string())}}});
            _ = w.patch("merge-patch+json", manager, body);
        }
        4 => {
            let env = value!([{"name": "E1", "value": (random.below(3).to_string())}]);
            let body = value!({"spec": {"template": {"spec": {"containers": [{"name": "a", "env": env}]}}}});
            _ = w.patch("strategic-merge-patch+json", manager, body);
        }
        _ => {
            let body = value!({"spec": {"minReadySeconds": null}, "metadata": {"labels": {"l0": null}}});
            _ = w.patch("merge-patch+json", manager, body);
        }
    }
}

#[test]
fn owned_fields_exist_and_declared_fields_are_owned() {
    let typed = Typed::kind("apps/v1", "Deployment").unwrap();
    let mut settled = 0;
    for seed in 1..14 {
        let (mut w, mut random) = (World::new(seed), Random::new(seed));
        for _ in 0..30 {
            write(&mut w, &mut random);
            let live = w.live();
            if live["kind"] != "Deployment" {
                continue;
            }
            let owners = Owners::from_value(&live["metadata"]["managedFields"]).unwrap();
            let everything = fields::set_of(typed, &live).with_named_fields(typed);
            for (owner, owned) in &owners.0 {
                let strayed = owned.set.difference(&everything);
                // A list or map may be owned as such.
                let strayed = strayed.difference(&whole(&live));
                assert!(
                    strayed.is_empty(),
                    "seed {seed}: {owner:?} owns {:?}",
                    json::to_string(&strayed.to_value())
                );
            }
            assert_eq!(Owners::from_value(&owners.to_value()).unwrap(), owners);
        }
        // What is applied with force is what the object then says, and is owned.
        let declared = declaration(&mut random);
        let (code, object) = w.apply("one", true, declared.clone());
        if code == 422 {
            // Of a container one manager holds by name another may have taken the image along.
            assert!(object["message"].text().ends_with("image: Required value"));
            continue;
        }
        assert!(code == 200 || code == 201, "{}", object["message"].text());
        settled += 1;
        let compared = fields::compare(typed, &declared, &object);
        assert!(compared.modified.is_empty() && compared.removed.is_empty(), "seed {seed}");
        let owners = Owners::from_value(&object["metadata"]["managedFields"]).unwrap();
        let mine = owners.0.iter().find(|(o, _)| o.apply && &*o.manager == "one").unwrap().1;
        let own = ["apiVersion", "kind", "metadata"].map(|n| [fields::Element::Field(n.into())]);
        let mut declared_set = fields::set_of(typed, &declared);
        let mut server = fields::Set::default();
        own.iter().for_each(|path| server.insert(path));
        server.insert(&[fields::Element::Field("metadata".into()), fields::Element::Field("name".into())]);
        declared_set = declared_set.difference(&server);
        assert_eq!(*mine.set, declared_set, "seed {seed}");
        // Again changes nothing.
        let revision = w.0.store.revision;
        assert_eq!(w.apply("one", false, declared).1, object);
        assert_eq!(w.0.store.revision, revision, "seed {seed}");
        assert_eq!(w.0.store.hash, w.0.store.full_hash());
    }
    assert!(settled > 6, "{settled}");
}

/// The paths of lists and maps an owner may hold as a whole.
fn whole(live: &Value) -> fields::Set {
    let mut set = fields::Set::default();
    let f = |name: &str| fields::Element::Field(name.into());
    let containers = [f("spec"), f("template"), f("spec"), f("containers")];
    set.insert(&containers);
    set.insert(&[f("metadata"), f("labels")]);
    set.insert(&[f("spec"), f("template"), f("metadata"), f("labels")]);
    set.insert(&[f("spec"), f("strategy"), f("rollingUpdate")]);
    for container in live["spec"]["template"]["spec"]["containers"].items() {
        let key = fields::Element::key(value!({"name": (container["name"].clone())}));
        let path: Vec<_> = containers.iter().cloned().chain([key, f("env")]).collect();
        set.insert(&path);
    }
    set
}

/// `kubectl apply`'s three-way patch and the server's merge agree when one manager declares alone.
#[test]
fn client_and_server_side_apply_agree() {
    let ty = schema::builtin().kind("apps/v1", "Deployment").unwrap();
    let bare = |object: &Value| {
        let keys = ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp"];
        keys.iter().fold(object.clone(), |o, key| o.without_at(&["metadata", key])).without("status")
    };
    for seed in 1..25 {
        let mut random = Random::new(seed);
        let (mut server, mut client) = (World::new(seed), World::new(seed));
        let mut original = value!({});
        for step in 0..8 {
            let declared = declaration(&mut random);
            let (code, applied) = server.apply("kubectl", false, declared.clone());
            assert!(code < 300, "{}", applied["message"].text());
            let (code, patched) = if step == 0 {
                client.send(Request::new(Method::Post, LIST).body(Body::Json(declared.clone())))
            } else {
                let current = client.live();
                let body = patch::strategic_diff(&original, &declared, &current, schema::builtin(), ty);
                client.patch("strategic-merge-patch+json", "kubectl-client-side-apply", body.unwrap())
            };
            assert!(code < 300, "{}", patched["message"].text());
            assert_eq!(sorted(&bare(&applied)), sorted(&bare(&patched)), "seed {seed}, step {step}");
            original = declared;
        }
    }
}

/// Lists by name: where the two roads differ is the place of what only one of them knows.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Map(entries) => entries.iter().map(|(k, v)| (*k, sorted(v))).collect(),
        Value::List(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(|v| v["name"].text().to_string());
            Value::from_items(items)
        }
        other => other.clone(),
    }
}

fn managed(object: &Value, manager: &str) -> String {
    let entries = object["metadata"]["managedFields"].items();
    let found = entries.iter().find(|e| e["manager"] == manager);
    found.map_or(String::new(), |e| {
        let sub = e["subresource"].text();
        format!("{} {}{}", e["operation"].text(), sub, json::to_string(&e["fieldsV1"]))
    })
}

fn config_map(data: Value) -> Value {
    value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data})
}

#[test]
fn plain_writers_take_over_and_are_named_in_conflicts() {
    let mut w = World::new(1);
    let path = "/api/v1/namespaces/default/configmaps/c";
    let applied = config_map(value!({"a": "1", "b": "2"}));
    let (code, made) = w.send(patching(path, "apply-patch+yaml", "kubectl", applied.clone()));
    assert_eq!((code, managed(&made, "kubectl").as_str()), (201, r#"Apply {"f:data":{"f:a":{},"f:b":{}}}"#));
    let change = value!({"data": {"b": "3", "c": "4"}});
    let (_, changed) = w.send(patching(path, "merge-patch+json", "kubectl-patch", change));
    assert_eq!(managed(&changed, "kubectl"), r#"Apply {"f:data":{"f:a":{}}}"#);
    assert_eq!(managed(&changed, "kubectl-patch"), r#"Update {"f:data":{"f:b":{},"f:c":{}}}"#);
    let (code, refused) = w.send(patching(path, "apply-patch+yaml", "kubectl", applied));
    assert_eq!(code, 409);
    assert_eq!(
        json::to_string(&refused),
        r#"{"apiVersion":"v1","code":409,"details":{"causes":[{"field":".data.b","message":"conflict with \"kubectl-patch\" using v1","reason":"FieldManagerConflict"}]},"kind":"Status","message":"Apply failed with 1 conflict: conflict with \"kubectl-patch\" using v1: .data.b","metadata":{},"reason":"Conflict","status":"Failure"}"#
    );
    // The same value is no conflict, and is shared.
    let shared = config_map(value!({"a": "1", "b": "3"}));
    let (code, both) = w.send(patching(path, "apply-patch+yaml", "kubectl", shared));
    assert_eq!((code, managed(&both, "kubectl").as_str()), (200, r#"Apply {"f:data":{"f:a":{},"f:b":{}}}"#));
    assert_eq!(managed(&both, "kubectl-patch"), r#"Update {"f:data":{"f:b":{},"f:c":{}}}"#);
    // Let go of by one, it stays for the other; let go of by the last, it goes.
    let (_, left) = w.send(patching(path, "apply-patch+yaml", "kubectl", config_map(value!({"a": "1"}))));
    assert_eq!(left["data"], value!({"a": "1", "b": "3", "c": "4"}));
    let (_, gone) = w.send(patching(path, "apply-patch+yaml", "kubectl", config_map(value!({"x": "1"}))));
    assert_eq!(gone["data"], value!({"b": "3", "c": "4", "x": "1"}));
}

#[test]
fn subresources_have_owners_of_their_own() {
    let mut w = World::new(1);
    let mut random = Random::new(5);
    w.apply("kubectl", false, declaration(&mut random).with_at(&["spec", "replicas"], 2));
    let scale =
        patching(&format!("{PATH}/scale"), "merge-patch+json", "hpa", value!({"spec": {"replicas": 4}}));
    assert_eq!(w.send(scale).0, 200);
    let live = w.live();
    assert_eq!(managed(&live, "hpa"), r#"Update scale{"f:spec":{"f:replicas":{}}}"#);
    let declared = declaration(&mut random).with_at(&["spec", "replicas"], 2);
    let (_, refused) = w.apply("kubectl", false, declared);
    let message = refused["message"].text();
    assert!(
        message.contains("conflict with \"hpa\" with subresource \"scale\" using apps/v1: .spec.replicas"),
        "{message}"
    );
    let status = value!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "status": {"replicas": 4, "conditions": [{"type": "Odd", "status": "True"}]}});
    let request = patching(&format!("{PATH}/status"), "apply-patch+yaml", "me", status);
    let (code, object) = w.send(request);
    assert_eq!((code, object["status"]["replicas"].int()), (200, 4));
    assert_eq!(
        managed(&object, "me"),
        r#"Apply status{"f:status":{"f:conditions":{"k:{\"type\":\"Odd\"}":{".":{},"f:status":{},"f:type":{}}},"f:replicas":{}}}"#
    );
}

#[test]
fn managed_fields_can_be_given_reset_and_not_broken() {
    let mut w = World::new(1);
    let mut random = Random::new(5);
    w.apply("kubectl", false, declaration(&mut random));
    let set = |value: Value| value!([{"op": "replace", "path": "/metadata/managedFields", "value": value}]);
    let before = w.live()["metadata"]["managedFields"].clone();
    // What cannot be read is no word about it.
    let odd = value!([{"manager": "x", "operation": "Odd", "fieldsType": "FieldsV1"}]);
    let (code, object) = w.patch("json-patch+json", "k", set(odd));
    assert_eq!((code, &object["metadata"]["managedFields"]), (200, &before));
    let renamed = value!([before[0].with("manager", "other")]);
    let (_, object) = w.patch("json-patch+json", "k", set(renamed.clone()));
    assert_eq!(object["metadata"]["managedFields"], renamed);
    let (_, object) = w.patch("json-patch+json", "k", set(value!([{}])));
    assert!(object["metadata"].find("managedFields").is_none());
    // Nobody is tracked then, until somebody applies.
    let (_, object) = w.patch("merge-patch+json", "k", value!({"spec": {"replicas": 3}}));
    assert!(object["metadata"].find("managedFields").is_none());
    let (_, refused) = w.apply("new", false, declaration(&mut random).with_at(&["spec", "replicas"], 1));
    assert!(refused["message"].text().contains("\"before-first-apply\" using apps/v1"));
}

#[test]
fn what_does_not_fit_is_refused_in_the_servers_words() {
    let mut w = World::new(1);
    let declared = declaration(&mut Random::new(5));
    let about = "failed to create typed patch object (/web; apps/v1, Kind=Deployment): ";
    for (body, code, message) in [
        (declared.with_at(&["spec", "bogus"], 1), 500, format!("{about}.spec.bogus: field not declared in schema")),
        (
            declared.with_at(&["spec", "replicas"], "x"),
            500,
            format!("{about}.spec.replicas: expected numeric (int or float), got string"),
        ),
        (
            declared.with_at(&["metadata", "managedFields"], value!([{"manager": "x"}])),
            400,
            "metadata.managedFields must be nil".into(),
        ),
        (
            declared.with("apiVersion", "apps/v1beta1"),
            400,
            "Incorrect version specified in apply patch. Specified patch version: apps/v1beta1, expected: apps/v1".into(),
        ),
    ] {
        let (status, refused) = w.apply("me", false, body);
        assert_eq!((status, refused["message"].text()), (code, message.as_str()));
    }
    let (_, refused) = w.send(patching(PATH, "apply-patch+yaml", "", declared.clone()));
    assert_eq!(
        refused["message"],
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
    );
    let forced = patching(PATH, "merge-patch+json", "me", value!({})).query("force", "true");
    assert_eq!(
        w.send(forced).1["message"],
        "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"
    );
}

/// Custom resources merge by the schema of their definition.
#[test]
fn custom_resources_merge_by_their_schema() {
    let mut w = World::new(1);
    let rows = value!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
        "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}}});
    let schema = value!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "rows": rows, "plain": {"type": "array", "items": {"type": "string"}}, "size": {"type": "integer"}}}}});
    let definition = value!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.ex.com"}, "spec": {"group": "ex.com", "scope": "Namespaced",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]}});
    let list = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let (code, made) = w.send(Request::new(Method::Post, list).body(Body::Json(definition)));
    assert_eq!(code, 201, "{}", made["message"].text());
    let path = "/apis/ex.com/v1/namespaces/default/things/t";
    let thing = |spec: Value| value!({"apiVersion": "ex.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec});
    let mut apply =
        |manager: &str, spec: Value| w.send(patching(path, "apply-patch+yaml", manager, thing(spec)));
    let (code, made) = apply("a", value!({"rows": [{"id": "1", "n": 1}], "plain": ["x"]}));
    assert_eq!(code, 201, "{}", made["message"].text());
    let (code, both) = apply("b", value!({"rows": [{"id": "2", "n": 2}], "size": 3}));
    assert_eq!(code, 200, "{}", both["message"].text());
    assert_eq!(both["spec"]["rows"], value!([{"id": "1", "n": 1}, {"id": "2", "n": 2}]));
    assert_eq!(
        managed(&both, "b"),
        r#"Apply {"f:spec":{"f:rows":{"k:{\"id\":\"2\"}":{".":{},"f:id":{},"f:n":{}}},"f:size":{}}}"#
    );
    let (code, refused) = apply("b", value!({"plain": ["x", "y"]}));
    assert_eq!(
        (code, refused["message"].text()),
        (409, "Apply failed with 1 conflict: conflict with \"a\": .spec.plain")
    );
    let (_, left) = apply("a", value!({"plain": ["x"]}));
    assert_eq!(left["spec"]["rows"], value!([{"id": "2", "n": 2}]));
    let (code, refused) = apply("a", value!({"nope": 1}));
    assert_eq!(code, 500);
    assert_eq!(
        refused["message"],
        "failed to create typed patch object (/t; ex.com/v1, Kind=Thing): .spec.nope: field not declared in schema"
    );
}

/// Owners are kept in the version their manager speaks.
#[test]
fn owners_speak_their_own_versions() {
    let mut w = World::new(1);
    let v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h";
    let v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/h";
    let target = value!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let scaler = |version: &str, spec: Value| value!({"apiVersion": version, "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": spec});
    let newer = scaler(
        "autoscaling/v2",
        value!({"scaleTargetRef": target.clone(), "minReplicas": 1, "maxReplicas": 3}),
    );
    let (code, made) = w.send(patching(v2, "apply-patch+yaml", "a", newer));
    assert_eq!(code, 201, "{}", made["message"].text());
    let (code, changed) = w.send(patching(v1, "merge-patch+json", "b", value!({"spec": {"maxReplicas": 5}})));
    assert_eq!(code, 200, "{}", changed["message"].text());
    let entry = |manager: &str| {
        let entries = changed["metadata"]["managedFields"].items();
        entries.iter().find(|e| e["manager"] == manager).cloned().unwrap_or_default()
    };
    assert_eq!(entry("a")["apiVersion"], "autoscaling/v2");
    assert_eq!(entry("b")["apiVersion"], "autoscaling/v1");
    assert_eq!(json::to_string(&entry("b")["fieldsV1"]), r#"{"f:spec":{"f:maxReplicas":{}}}"#);
    assert!(!json::to_string(&entry("a")["fieldsV1"]).contains("maxReplicas"));
    let older = scaler("autoscaling/v1", value!({"scaleTargetRef": target, "maxReplicas": 4}));
    let (_, refused) = w.send(patching(v1, "apply-patch+yaml", "c", older));
    assert_eq!(
        refused["message"],
        "Apply failed with 1 conflict: conflict with \"b\" using autoscaling/v1: .spec.maxReplicas"
    );
}
