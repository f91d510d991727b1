use super::decode::{Strictness, check};
use super::*;
use crate::{Value, value};

fn errors(value: &Value) -> Vec<String> {
    let ty = builtin().kind(value["apiVersion"].text(), value["kind"].text()).unwrap();
    check(builtin(), ty, value, Strictness::Strict).err().unwrap_or_default()
}

#[test]
fn the_table_is_whole() {
    let schema = builtin();
    assert!(schema.types().count() > 400);
    let containers = schema.by_name("io.k8s.api.core.v1.PodSpec").unwrap().field("containers").unwrap();
    assert_eq!((containers.patch_strategy, containers.patch_merge_key), ("merge", "name"));
    assert_eq!((containers.list_type, containers.list_map_keys.as_slice()), ("map", ["name"].as_slice()));
    assert!(containers.required && schema.object_of(containers.ty).unwrap().name == "core.v1.Container");
    assert_eq!(schema.kind("discovery.k8s.io/v1", "EndpointSlice").unwrap().short_name(), "EndpointSlice");
    assert_eq!(schema.kind("v1", "Deployment").map(|t| t.name), None);
    let fields = schema.types().flat_map(|t| t.fields.iter().map(move |f| (t.name, f)));
    let any: Vec<_> = fields.filter(|(_, f)| f.ty == Ty::Any).map(|(t, f)| (t, f.json)).collect();
    // Only what is any JSON in Kubernetes too; a reference that leads nowhere would show here.
    assert!(any.len() < 15, "{any:?}");
}

#[test]
fn unknown_fields_have_paths() {
    let deployment = value!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "lables": {}},
        "spec": {"replica": 3, "template": {"spec": {"containers": [{"name": "a", "imagee": "b", "ports": [{"containerport": 80}]}]}}}});
    assert_eq!(
        errors(&deployment),
        [
            "unknown field \"metadata.lables\"",
            "unknown field \"spec.replica\"",
            "unknown field \"spec.template.spec.containers[0].imagee\"",
            "unknown field \"spec.template.spec.containers[0].ports[0].containerport\"",
        ]
    );
}

#[test]
fn type_errors_are_gos() {
    let pod =
        |container: Value| value!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [(container)]}});
    for (object, error) in [
        (
            value!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": "3"}}),
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            pod(value!({"env": [{"name": "A", "value": 5}]})),
            "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
        ),
        (
            pod(value!({"command": "sh"})),
            "json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string",
        ),
        (
            pod(value!({"ports": [{"containerPort": 80.5}]})),
            "json: cannot unmarshal number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            pod(value!({"imagePullPolicy": true})),
            "json: cannot unmarshal bool into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
        ),
        (
            value!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": ["b"]}}),
            "json: cannot unmarshal array into Go struct field ConfigMap.data of type string",
        ),
        (
            value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": {"a": 1}}}),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            value!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "not base64!"}}),
            "illegal base64 data at input byte 3",
        ),
        (
            pod(value!({"resources": {"limits": {"cpu": "x"}}})),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
    ] {
        assert_eq!(errors(&object), [error]);
    }
}

#[test]
fn typed_objects_print_in_go_order() {
    let deployment = value!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 1, "selector": {}, "template": {"spec": {"containers": [{"image": "nginx", "name": "web"}]}}}});
    let ty = builtin().kind("apps/v1", "Deployment").unwrap();
    let typed = go::typed(builtin(), ty, &deployment);
    assert_eq!(
        go::to_string(builtin(), ty, &typed),
        "{\"kind\":\"Deployment\",\"apiVersion\":\"apps/v1\",\"metadata\":{\"name\":\"web\",\"creationTimestamp\":null},\
         \"spec\":{\"replicas\":1,\"selector\":{},\"template\":{\"metadata\":{\"creationTimestamp\":null},\
         \"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"nginx\",\"resources\":{}}]}},\"strategy\":{}},\"status\":{}}"
    );
}

#[test]
fn descriptions_are_of_things_that_exist() {
    let mut ty = None;
    for line in include_str!("describe.txt").lines() {
        if let Some(head) = line.strip_prefix('=') {
            ty = builtin().by_name(head.split(' ').next().unwrap());
            assert!(ty.is_some(), "{head}");
        } else {
            let field = line.split(' ').next().unwrap();
            assert!(ty.unwrap().field(field).is_some(), "{line}");
        }
    }
    assert!(description("core.v1.Container", "image").is_some() && description("core.v1.Pod", "").is_some());
    assert_eq!(description("core.v1.Pod", "nope"), None);
}
