//! What a real server said to bad objects, said again (`tests/data/validation.json`: recorded from a
//! control plane of v1.20, texts that changed until v1.33 adapted).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::Cluster;
use drydock_cluster::boot::Config;
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, json, value};
use drydock_network::http::{Body, Method, Request};

const PLACES: &[(&str, &str, bool)] = &[
    ("Pod", "/api/v1|pods", true),
    ("ReplicationController", "/api/v1|replicationcontrollers", true),
    ("Deployment", "/apis/apps/v1|deployments", true),
    ("ReplicaSet", "/apis/apps/v1|replicasets", true),
    ("DaemonSet", "/apis/apps/v1|daemonsets", true),
    ("StatefulSet", "/apis/apps/v1|statefulsets", true),
    ("Service", "/api/v1|services", true),
    ("Endpoints", "/api/v1|endpoints", true),
    ("EndpointSlice", "/apis/discovery.k8s.io/v1|endpointslices", true),
    ("ConfigMap", "/api/v1|configmaps", true),
    ("Secret", "/api/v1|secrets", true),
    ("ServiceAccount", "/api/v1|serviceaccounts", true),
    ("Lease", "/apis/coordination.k8s.io/v1|leases", true),
    ("Event", "/api/v1|events", true),
    ("Namespace", "/api/v1|namespaces", false),
    ("Node", "/api/v1|nodes", false),
    ("Job", "/apis/batch/v1|jobs", true),
    ("CronJob", "/apis/batch/v1|cronjobs", true),
    ("HorizontalPodAutoscaler", "/apis/autoscaling/v2|horizontalpodautoscalers", true),
    ("Ingress", "/apis/networking.k8s.io/v1|ingresses", true),
    ("IngressClass", "/apis/networking.k8s.io/v1|ingressclasses", false),
    ("NetworkPolicy", "/apis/networking.k8s.io/v1|networkpolicies", true),
    ("PersistentVolume", "/api/v1|persistentvolumes", false),
    ("PersistentVolumeClaim", "/api/v1|persistentvolumeclaims", true),
    ("StorageClass", "/apis/storage.k8s.io/v1|storageclasses", false),
    ("CSIDriver", "/apis/storage.k8s.io/v1|csidrivers", false),
    ("Role", "/apis/rbac.authorization.k8s.io/v1|roles", true),
    ("ClusterRole", "/apis/rbac.authorization.k8s.io/v1|clusterroles", false),
    ("RoleBinding", "/apis/rbac.authorization.k8s.io/v1|rolebindings", true),
    ("ClusterRoleBinding", "/apis/rbac.authorization.k8s.io/v1|clusterrolebindings", false),
    ("PodDisruptionBudget", "/apis/policy/v1|poddisruptionbudgets", true),
    ("PriorityClass", "/apis/scheduling.k8s.io/v1|priorityclasses", false),
    ("RuntimeClass", "/apis/node.k8s.io/v1|runtimeclasses", false),
    ("ResourceQuota", "/api/v1|resourcequotas", true),
    ("LimitRange", "/api/v1|limitranges", true),
    ("CertificateSigningRequest", "/apis/certificates.k8s.io/v1|certificatesigningrequests", false),
    ("CustomResourceDefinition", "/apis/apiextensions.k8s.io/v1|customresourcedefinitions", false),
    (
        "MutatingWebhookConfiguration",
        "/apis/admissionregistration.k8s.io/v1|mutatingwebhookconfigurations",
        false,
    ),
    (
        "ValidatingWebhookConfiguration",
        "/apis/admissionregistration.k8s.io/v1|validatingwebhookconfigurations",
        false,
    ),
];

/// The recording's names of kinds that are not the kind in small letters.
const SHORT: &[(&str, &str)] = &[
    ("rc", "ReplicationController"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("pv", "PersistentVolume"),
    ("pvc", "PersistentVolumeClaim"),
    ("pdb", "PodDisruptionBudget"),
    ("crd", "CustomResourceDefinition"),
    ("csr", "CertificateSigningRequest"),
    ("mutatingwebhook", "MutatingWebhookConfiguration"),
    ("validatingwebhook", "ValidatingWebhookConfiguration"),
];

fn place(kind: &str, namespace: &str) -> String {
    let (_, path, namespaced) = PLACES.iter().find(|p| p.0 == kind).unwrap_or_else(|| panic!("{kind}"));
    let (root, plural) = path.split_once('|').unwrap();
    if *namespaced { format!("{root}/namespaces/{namespace}/{plural}") } else { format!("{root}/{plural}") }
}

/// `…` in the expected text stands for a dumped value, whose form is the server's own business.
fn fits(expected: &str, got: &str) -> bool {
    match expected.split_once('…') {
        Some((head, tail)) => got.starts_with(head) && got.ends_with(tail),
        None => expected == got,
    }
}

fn scenario_kind(name: &str) -> &'static str {
    let short = SHORT.iter().find(|s| s.0 == name).map(|s| s.1);
    short
        .or_else(|| PLACES.iter().map(|p| p.0).find(|k| k.to_lowercase() == name))
        .unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn bad_objects_are_refused_in_the_real_words() {
    let cases = json::parse(include_bytes!("data/validation.json")).unwrap();
    let mut machines = Machines::new(Clock::new(7, 1_795_000_000), Programs::default());
    let mut cluster = Cluster::boot(&mut machines, &Config::default());
    let mut failed = Vec::new();
    for case in cases.items() {
        let namespace = format!("val-{}", case["kind"].text());
        if cluster.find(drydock_cluster::kinds::NAMESPACE, "", &namespace).is_none() {
            for (path, name) in [
                ("/api/v1/namespaces".to_string(), namespace.as_str()),
                (place("ServiceAccount", &namespace), "default"),
            ] {
                let body = Body::Json(value!({"metadata": {"name": name}}));
                let _ = cluster.handle(&mut machines, &Request::new(Method::Post, path).body(body));
            }
        }
        let request = match case["op"].text() {
            "create" => {
                let object = &case["object"];
                let own = object["metadata"]["namespace"].text();
                let namespace = if own.is_empty() { namespace.as_str() } else { own };
                let (mut path, version) =
                    (place(object["kind"].text(), namespace), object["apiVersion"].text());
                if version == "events.k8s.io/v1" {
                    path = path.replace("/api/v1", "/apis/events.k8s.io/v1");
                }
                Request::new(Method::Post, path)
                    .query("fieldValidation", "Ignore")
                    .body(Body::Json(object.clone()))
            }
            _ => {
                let media = match case["type"].text() {
                    "merge" => "application/merge-patch+json",
                    "json" => "application/json-patch+json",
                    _ => "application/strategic-merge-patch+json",
                };
                let kind = scenario_kind(case["kind"].text());
                let path = format!("{}/{}", place(kind, &namespace), case["name"].text());
                Request::new(Method::Patch, path)
                    .header("content-type", media)
                    .body(Body::Json(case["patch"].clone()))
            }
        };
        let response = cluster.handle(&mut machines, &request);
        let body = response.body.json().unwrap();
        let mut got: Vec<String> = body["details"]["causes"]
            .items()
            .iter()
            .map(|c| format!("{}: {}", c["field"].text(), c["message"].text().lines().next().unwrap_or("")))
            .collect();
        // Said twice, compared once: so does the client print it.
        let all = got.clone();
        let mut seen = 0..;
        got.retain(|text| seen.next().is_some_and(|at: usize| !all[..at].contains(text)));
        let ok = match (&case["expect"], &case["message"]) {
            (Value::Null, Value::Null) => response.status < 300,
            (Value::Null, message) => response.status >= 400 && fits(message.text(), body["message"].text()),
            (list, _) => {
                // Errors about entries of a Go map come in any order.
                let expected = list.items();
                expected.len() == got.len() && expected.iter().all(|e| got.iter().any(|g| fits(e.text(), g)))
            }
        };
        if !ok {
            let wanted = if case["expect"].is_null() { &case["message"] } else { &case["expect"] };
            failed.push(format!(
                "{}/{} ({})\n  want {}\n  got  {}",
                case["kind"].text(),
                case["note"].text(),
                response.status,
                json::to_pretty(wanted),
                if got.is_empty() { body["message"].text().to_string() } else { got.join("\n       ") },
            ));
        }
    }
    let total = cases.items().len();
    assert!(failed.is_empty(), "{} of {total} differ:\n{}", failed.len(), failed.join("\n"));
}
