//! Warnings the API server answers about deprecated or doubtful fields
//! (`k8s.io/kubernetes/pkg/api/pod/warnings.go`, v1.33).

use crate::kinds::Kind;
use drydock_machinery::Value;

/// What every request for a kind that is to go is warned of.
#[must_use]
pub fn deprecated(kind: &Kind) -> Option<&'static str> {
    match (kind.group, kind.kind) {
        ("", "ComponentStatus") => Some("v1 ComponentStatus is deprecated in v1.19+"),
        ("", "Endpoints") => {
            Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
        }
        _ => None,
    }
}

/// Warnings about a new object.
#[must_use]
pub fn of(kind: &Kind, object: &Value) -> Vec<String> {
    match kind.kind {
        "Pod" => pod(&object["metadata"], &object["spec"], "spec"),
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" | "ReplicationController" => {
            let template = &object["spec"]["template"];
            pod(&template["metadata"], &template["spec"], "spec.template.spec")
        }
        _ => Vec::new(),
    }
}

fn pod(_metadata: &Value, spec: &Value, path: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    for (list, containers) in
        [("initContainers", &spec["initContainers"]), ("containers", &spec["containers"])]
    {
        for (at, container) in containers.items().iter().enumerate() {
            let path = format!("{path}.{list}[{at}]");
            let mut seen: Vec<&str> = Vec::new();
            for (number, variable) in container["env"].items().iter().enumerate() {
                let name = variable["name"].text();
                if seen.contains(&name) {
                    warnings.push(format!("{path}.env[{number}]: hides previous definition of \"{name}\", which may be dropped when using apply"));
                }
                seen.push(name);
            }
            for (resource, amount) in container["resources"]["limits"].entries() {
                let milli = resource.text() == "memory" && amount.text().ends_with('m');
                if milli {
                    warnings.push(format!("{path}.resources.limits[memory]: fractional byte value \"{}\" is invalid, must be an integer", amount.text()));
                }
            }
        }
    }
    if spec["serviceAccount"].as_str().is_some_and(|s| !s.is_empty()) && spec["serviceAccountName"].is_empty()
    {
        warnings.push(format!("{path}.serviceAccount: deprecated, use {path}.serviceAccountName instead"));
    }
    warnings
}
