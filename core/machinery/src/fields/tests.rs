use super::*;
use crate::{Value, json, value};
use std::collections::BTreeMap;

fn deployment() -> Typed<'static> {
    Typed::kind("apps/v1", "Deployment").unwrap()
}
fn owner(manager: &str, apply: bool) -> Owner {
    Owner { manager: manager.into(), apply, api_version: "apps/v1".into(), subresource: "".into() }
}
fn no_other<'a>(_: &str, _: &Value) -> Option<(Typed<'a>, Value)> {
    None
}
fn manifest(replicas: Option<i64>, containers: &[(&str, &str)]) -> Value {
    let containers: Value =
        containers.iter().map(|(name, image)| value!({"name": *name, "image": *image})).collect();
    let spec = value!({"selector": {"matchLabels": {"app": "web"}}, "template": {
        "metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}}});
    let spec = replicas.map_or(spec.clone(), |n| spec.with("replicas", n));
    value!({"metadata": {"labels": {"app": "web"}}, "spec": spec})
}
fn view(ignored: &Set) -> View<'_> {
    View { api_version: "apps/v1", typed: deployment(), ignored, other: &no_other }
}

#[test]
fn declared_fields_are_owned_by_name_and_key() {
    let set = set_of(deployment(), &manifest(Some(2), &[("c", "nginx:1")]));
    assert_eq!(
        json::to_string(&set.to_value()),
        r#"{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{}}}}}}}"#
    );
    assert_eq!(Set::from_value(&set.to_value()), Some(set));
}

#[test]
fn a_plain_write_owns_what_it_changed() {
    let crate::fields::Typed::Struct(schema, ty) = deployment() else { panic!() };
    let (start, nothing) = (empty(schema, ty), Set::default());
    let object = manifest(Some(2), &[("c", "nginx:1")]);
    let owners = update(&view(&nothing), &Owners::default(), &owner("a", false), &start, &object, 1);
    assert_eq!(
        json::to_string(&owners.0[&owner("a", false)].set.to_value()),
        r#"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{}}}}}}}"#
    );
    let scaled = object.with_at(&["spec", "replicas"], 5);
    let owners = update(&view(&nothing), &owners, &owner("b", false), &object, &scaled, 2);
    assert_eq!(
        json::to_string(&owners.0[&owner("b", false)].set.to_value()),
        r#"{"f:spec":{"f:replicas":{}}}"#
    );
    assert!(!json::to_string(&owners.0[&owner("a", false)].set.to_value()).contains("replicas"));
}

/// Applies by several managers one after the other; the outcome or the conflicts.
struct Play {
    live: Value,
    owners: Owners,
}
impl Play {
    fn apply(&mut self, manager: &str, declared: &Value, force: bool) -> Result<(), String> {
        let nothing = Set::default();
        let view = view(&nothing);
        let done = apply(&view, &self.owners, &owner(manager, true), &self.live, declared, force, 1);
        let (object, owners) = done.map_err(|c| Conflict::message(&c))?;
        self.live = object.unwrap_or(self.live.clone());
        self.owners = owners;
        Ok(())
    }
}

#[test]
fn applies_share_conflict_and_let_go() {
    let mut play = Play { live: value!({}), owners: Owners::default() };
    play.apply("kubectl", &manifest(Some(2), &[("c", "nginx:1")]), false).unwrap();
    let theirs = manifest(Some(3), &[("c", "nginx:2")]);
    assert_eq!(
        play.apply("other", &theirs, false).unwrap_err(),
        "Apply failed with 2 conflicts: conflicts with \"kubectl\":\n- .spec.replicas\n- .spec.template.spec.containers[name=\"c\"].image"
    );
    play.apply("other", &theirs, true).unwrap();
    assert_eq!(
        play.apply("kubectl", &manifest(Some(2), &[("c", "nginx:2")]), false).unwrap_err(),
        "Apply failed with 1 conflict: conflict with \"other\": .spec.replicas"
    );
    // Not declaring it leaves it to the other; then nobody declares it and it goes.
    play.apply("kubectl", &manifest(None, &[("c", "nginx:2")]), false).unwrap();
    assert_eq!(play.live["spec"]["replicas"], Value::Int(3));
    play.apply("other", &manifest(None, &[("c", "nginx:2")]), false).unwrap();
    assert!(play.live["spec"]["replicas"].is_null());
    // An item only one of them declares goes with its declaration.
    play.apply("other", &manifest(None, &[("c", "nginx:2"), ("side", "busybox")]), false).unwrap();
    assert_eq!(play.live["spec"]["template"]["spec"]["containers"].items().len(), 2);
    play.apply("other", &manifest(None, &[("c", "nginx:2")]), false).unwrap();
    assert_eq!(play.live["spec"]["template"]["spec"]["containers"].items().len(), 1);
}

#[test]
fn keyed_lists_merge_in_the_declared_order() {
    let list = |names: &str| -> Value {
        let names: Vec<(&str, &str)> = names.split_whitespace().map(|n| (n, "i")).collect();
        manifest(None, &names)
    };
    for (live, declared, merged) in [
        ("a b", "b a", "b a"),
        ("a b c", "c a", "b c a"),
        ("x a y b z", "b a", "x y b a z"),
        ("a", "b a c", "b a c"),
        ("a b", "n b", "a n b"),
        ("", "a", "a"),
    ] {
        let out = merge(deployment(), &list(live), &list(declared));
        let names: Vec<String> = out["spec"]["template"]["spec"]["containers"]
            .items()
            .iter()
            .map(|c| c["name"].text().to_owned())
            .collect();
        let mut wanted: Vec<&str> = merged.split_whitespace().collect();
        let mut got: Vec<&str> = names.iter().map(String::as_str).collect();
        if live.contains('x') {
            // Only the shared ones' order is promised.
            wanted.retain(|n| "ab".contains(n));
            got.retain(|n| "ab".contains(n));
        }
        assert_eq!(got, wanted, "{live} + {declared}");
    }
}

#[test]
fn faults_are_named_with_their_path() {
    let bad = manifest(Some(1), &[("c", "i"), ("c", "j")]);
    assert_eq!(
        validate(deployment(), &bad).unwrap_err(),
        ".spec.template.spec.containers: duplicate entries for key [name=\"c\"]"
    );
    let bad = value!({"spec": {"replicas": "x", "nope": 1}});
    assert_eq!(
        validate(deployment(), &bad).unwrap_err(),
        "errors:\n  .spec.nope: field not declared in schema\n  .spec.replicas: expected numeric (int or float), got string"
    );
    let port = value!({"spec": {"ports": [{"protocol": "UDP"}]}});
    assert_eq!(validate(Typed::kind("v1", "Service").unwrap(), &port), Ok(()));
}

#[test]
fn structural_schemas_say_how_lists_merge() {
    let schema = value!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "rows": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"], "items": {
            "type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}}},
        "plain": {"type": "array", "items": {"type": "string"}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}});
    let typed = Typed::Open(&schema, true);
    let declared = value!({"spec": {"set": ["a"], "rows": [{"id": "1", "n": 2}], "plain": ["x"], "free": {"k": {"l": 1}}}});
    assert_eq!(
        json::to_string(&set_of(typed, &declared).to_value()),
        r#"{"f:spec":{"f:free":{"f:k":{".":{},"f:l":{}}},"f:plain":{},"f:rows":{"k:{\"id\":\"1\"}":{".":{},"f:id":{},"f:n":{}}},"f:set":{"v:\"a\"":{}}}}"#
    );
    let live = value!({"spec": {"set": ["b"], "rows": [{"id": "0"}]}});
    let merged = merge(typed, &live, &declared);
    assert_eq!(merged["spec"]["set"], value!(["b", "a"]));
    assert_eq!(merged["spec"]["rows"], value!([{"id": "0"}, {"id": "1", "n": 2}]));
    let missing = value!({"spec": {"rows": [{"n": 1}]}});
    assert_eq!(
        validate(typed, &missing).unwrap_err(),
        ".spec.rows: element 0: associative list with keys has an element that omits key field \"id\" (and doesn't have default value)"
    );
}

#[test]
fn too_many_writers_become_ancient() {
    let nothing = Set::default();
    let (mut owners, mut live) = (Owners::default(), value!({}));
    for at in 0..14 {
        let next = live.with_at(&["metadata", "labels", &format!("l{at}")], "x");
        owners = update(&view(&nothing), &owners, &owner(&format!("m{at}"), false), &live, &next, at);
        live = next;
    }
    let names: BTreeMap<String, usize> = owners.0.keys().map(|o| (o.manager.to_string(), 1)).collect();
    assert_eq!(owners.0.len(), 10);
    assert!(names.contains_key("ancient-changes") && names.contains_key("m13") && !names.contains_key("m3"));
}
