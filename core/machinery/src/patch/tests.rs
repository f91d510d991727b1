use super::*;
use crate::schema::{self, Type};
use crate::{json, value};

fn deployment() -> &'static Type {
    schema::builtin().kind("apps/v1", "Deployment").unwrap()
}
fn read(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap()
}

#[test]
fn merge_patches() {
    let target = value!({"a": {"b": 1, "c": 2}, "d": [1, 2]});
    assert_eq!(
        merge(&target, &value!({"a": {"b": null, "e": {"f": null}}, "d": [3]})),
        value!({"a": {"c": 2, "e": {}}, "d": [3]})
    );
    assert_eq!(merge(&target, &value!(["x"])), value!(["x"]));
}

#[test]
fn json_patches() {
    let target = value!({"a": [1, 2], "b": {"c": null}, "x/y": 1});
    for (ops, result) in [
        (r#"[{"op":"add","path":"/a/-","value":3}]"#, r#"{"a":[1,2,3],"b":{"c":null},"x/y":1}"#),
        (r#"[{"op":"add","path":"/a/0","value":0}]"#, r#"{"a":[0,1,2],"b":{"c":null},"x/y":1}"#),
        (
            r#"[{"op":"remove","path":"/x~1y"},{"op":"move","from":"/a/1","path":"/b/d"}]"#,
            r#"{"a":[1],"b":{"c":null,"d":2}}"#,
        ),
        (
            r#"[{"op":"test","path":"/b/c","value":null},{"op":"copy","from":"/a","path":"/b/c"}]"#,
            r#"{"a":[1,2],"b":{"c":[1,2]},"x/y":1}"#,
        ),
        (
            r#"[{"op":"remove","path":"/nope"}]"#,
            "error in remove for path: '/nope': Unable to remove nonexistent key: nope: missing value",
        ),
        (
            r#"[{"op":"add","path":"/n/x","value":2}]"#,
            "add operation does not apply: doc is missing path: \"/n/x\": missing value",
        ),
        (
            r#"[{"op":"add","path":"/a/9","value":2}]"#,
            "error in add for path: '/a/9': Unable to access invalid index: 9: invalid index referenced",
        ),
        (r#"[{"op":"test","path":"/a/0","value":9}]"#, "testing value /a/0 failed: test failed"),
        (
            r#"[{"op":"replace","path":"/a/7","value":9}]"#,
            "replace operation does not apply: doc is missing key: /a/7: missing value",
        ),
        (r#"[{"op":"foo","path":"/a"}]"#, "Unexpected kind: foo"),
        (r#"{"a":"b"}"#, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
    ] {
        let got = json_patch(&target, &read(ops)).map_or_else(|e| e, |v| json::to_string(&v));
        assert_eq!(got, result, "{ops}");
    }
}

fn pod_spec(text: &str) -> Value {
    Value::empty_map().with_at(&["spec", "template", "spec"], read(text))
}

/// Original, modified, current as pod specs; the patch `kubectl apply` makes, within the pod spec.
fn three_way(original: &str, modified: &str, current: &str) -> String {
    let patch = strategic_diff(
        &pod_spec(original),
        &pod_spec(modified),
        &pod_spec(current),
        schema::builtin(),
        deployment(),
    );
    json::to_string(patch.unwrap().at(&["spec", "template", "spec"]))
}

#[test]
fn apply_patches_carry_their_directives() {
    let one = r#"{"containers":[{"name":"a","image":"x","env":[{"name":"A","value":"1"}]}]}"#;
    let live = r#"{"containers":[{"name":"a","image":"x","env":[{"name":"A","value":"1"}],"imagePullPolicy":"Always"},{"name":"sidecar","image":"s"}]}"#;
    assert_eq!(three_way(one, one, live), r#"{"$setElementOrder/containers":[{"name":"a"}]}"#);
    assert_eq!(
        three_way(one, r#"{"containers":[{"name":"a","image":"y"}]}"#, live),
        r#"{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"env":null,"image":"y","name":"a"}]}"#
    );
    assert_eq!(
        three_way(
            r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            r#"{"containers":[{"name":"b"}]}"#,
            r#"{"containers":[{"name":"a"},{"name":"b"}]}"#
        ),
        r#"{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"$patch":"delete","name":"a"}]}"#
    );
    assert_eq!(
        three_way(
            r#"{"volumes":[{"name":"v","emptyDir":{}}]}"#,
            r#"{"volumes":[{"name":"v","configMap":{"name":"c"}}]}"#,
            r#"{"volumes":[{"name":"v","emptyDir":{}}]}"#
        ),
        r#"{"$setElementOrder/volumes":[{"name":"v"}],"volumes":[{"$retainKeys":["configMap","name"],"configMap":{"name":"c"},"emptyDir":null,"name":"v"}]}"#
    );
}

#[test]
fn custom_resources_get_merge_patches() {
    let (original, modified) =
        (value!({"spec": {"a": 1, "b": 2, "l": [1]}}), value!({"spec": {"a": 3, "l": [1, 2], "n": {}}}));
    let current = value!({"spec": {"a": 1, "b": 2, "l": [1], "d": 4}});
    let patch = three_way_json_merge(&original, &modified, &current);
    assert_eq!(json::to_string(&patch), r#"{"spec":{"a":3,"b":null,"l":[1,2],"n":{}}}"#);
}

#[test]
fn wrong_patches_are_refused_in_its_words() {
    let target = pod_spec(r#"{"containers":[{"name":"a","image":"x"}]}"#);
    let apply = |patch: &str| strategic(&target, &pod_spec(patch), schema::builtin(), deployment());
    assert_eq!(
        apply(r#"{"containers":[{"image":"noname"}]}"#),
        Err("map: map[image:noname] does not contain declared merge key: name".into())
    );
    assert_eq!(
        apply(r#"{"containers":[{"name":"a","$patch":"merge"}]}"#),
        Err("merging lists cannot yet be specified in the patch".into())
    );
}
