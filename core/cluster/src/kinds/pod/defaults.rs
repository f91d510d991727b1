//! Defaults of pods and pod templates (`k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`, v1.33).

use crate::kinds::fill::Fill;
use drydock_machinery::{Value, value};

/// A pod: its spec, and what only pods get.
#[must_use]
pub fn pod(object: &Value) -> Value {
    let mut fill = Fill::new(object);
    let full = spec(fill.get("spec"));
    let mut own = Fill::new(&full);
    own.or("enableServiceLinks", true);
    own.items("containers", requests_from_limits);
    own.items("initContainers", requests_from_limits);
    let full = own.done();
    fill.set("spec", full);
    fill.done()
}

/// A pod template: `metadata` and `spec`.
#[must_use]
pub fn template(template: &Value) -> Value {
    let mut fill = Fill::new(template);
    fill.each("spec", spec);
    fill.done()
}

/// A pod's spec.
#[must_use]
pub fn spec(spec: &Value) -> Value {
    let mut fill = Fill::new(spec);
    fill.word("restartPolicy", "Always");
    fill.word("dnsPolicy", "ClusterFirst");
    fill.word("schedulerName", "default-scheduler");
    fill.or("terminationGracePeriodSeconds", 30);
    fill.or("securityContext", Value::empty_map());
    let host_network = fill.get("hostNetwork").bool();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        fill.items(list, |c| container(c, host_network));
    }
    fill.items("volumes", volume);
    // The old name of a field and its new one are always both there.
    let (old, new) = (fill.get("serviceAccount").clone(), fill.get("serviceAccountName").clone());
    if new.is_empty() && !old.is_empty() {
        fill.set("serviceAccountName", old);
    } else if !new.is_empty() && new != old {
        fill.set("serviceAccount", new);
    }
    fill.done()
}

fn container(container: &Value, host_network: bool) -> Value {
    let mut fill = Fill::new(container);
    let policy = if wants_pull(fill.get("image").text()) { "Always" } else { "IfNotPresent" };
    fill.word("imagePullPolicy", policy);
    fill.word("terminationMessagePath", "/dev/termination-log");
    fill.word("terminationMessagePolicy", "File");
    fill.or("resources", Value::empty_map());
    fill.items("ports", |port| {
        let mut fill = Fill::new(port);
        fill.word("protocol", "TCP");
        if host_network {
            let number = fill.get("containerPort").clone();
            fill.or("hostPort", number);
        }
        fill.done()
    });
    fill.items("env", |variable| {
        let mut fill = Fill::new(variable);
        fill.each("valueFrom", |source| {
            let mut fill = Fill::new(source);
            fill.each("fieldRef", field_ref);
            fill.each("resourceFieldRef", resource_ref);
            fill.done()
        });
        fill.done()
    });
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        fill.each(name, probe);
    }
    fill.each("lifecycle", |lifecycle| {
        let mut fill = Fill::new(lifecycle);
        for hook in ["postStart", "preStop"] {
            fill.each(hook, |handler| {
                let mut fill = Fill::new(handler);
                fill.each("httpGet", http_get);
                fill.done()
            });
        }
        fill.done()
    });
    fill.done()
}

/// True for images without a tag and with the tag `latest`, which may have changed.
fn wants_pull(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn field_ref(reference: &Value) -> Value {
    let mut fill = Fill::new(reference);
    fill.word("apiVersion", "v1");
    fill.done()
}

fn resource_ref(reference: &Value) -> Value {
    let mut fill = Fill::new(reference);
    fill.or("divisor", "0");
    fill.done()
}

fn http_get(action: &Value) -> Value {
    let mut fill = Fill::new(action);
    fill.word("path", "/");
    fill.word("scheme", "HTTP");
    fill.done()
}

fn probe(probe: &Value) -> Value {
    let mut fill = Fill::new(probe);
    for (field, default) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        if fill.get(field).int() == 0 {
            fill.set(field, default);
        }
    }
    fill.each("httpGet", http_get);
    fill.each("grpc", |grpc| {
        let mut fill = Fill::new(grpc);
        fill.or("service", "");
        fill.done()
    });
    fill.done()
}

/// Requests that are not given are the limits; for pods only, templates show what was written.
fn requests_from_limits(container: &Value) -> Value {
    let limits = container["resources"]["limits"].entries();
    if limits.is_empty() {
        return container.clone();
    }
    let mut requests = Fill::new(&container["resources"]["requests"]);
    for (name, amount) in limits {
        requests.or(name.text(), amount);
    }
    let requests = requests.done();
    if requests.is_same(&container["resources"]["requests"]) {
        return container.clone();
    }
    container.with_at(&["resources", "requests"], requests)
}

/// `0644`, the mode of projected files.
const FILE_MODE: i32 = 420;

fn volume(volume: &Value) -> Value {
    let mut fill = Fill::new(volume);
    if volume.entries().iter().all(|e| e.0.text() == "name") {
        fill.set("emptyDir", Value::empty_map());
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        fill.each(source, |source| {
            let mut fill = Fill::new(source);
            fill.or("defaultMode", FILE_MODE);
            fill.items("items", downward_item);
            fill.items("sources", projection);
            fill.done()
        });
    }
    volume_source(&mut fill);
    fill.each("ephemeral", |ephemeral| {
        if !ephemeral["volumeClaimTemplate"]["spec"].is_map() {
            return ephemeral.clone();
        }
        let spec = &ephemeral["volumeClaimTemplate"]["spec"];
        if spec["volumeMode"].is_null() {
            return ephemeral.with_at(&["volumeClaimTemplate", "spec", "volumeMode"], "Filesystem");
        }
        ephemeral.clone()
    });
    fill.done()
}

/// What sources of volumes that are not the pod's own business get: in pods and in persistent volumes.
pub fn volume_source(fill: &mut Fill<'_>) {
    const WORDS: &[(&str, &[(&str, &str)])] = &[
        ("iscsi", &[("iscsiInterface", "default")]),
        ("rbd", &[("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")]),
        ("azureDisk", &[("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")]),
        ("scaleIO", &[("storageMode", "ThinProvisioned"), ("fsType", "xfs")]),
    ];
    for (source, words) in WORDS {
        fill.each(source, |given| {
            let mut fill = Fill::new(given);
            for (field, word) in *words {
                fill.word(field, word);
            }
            if *source == "azureDisk" {
                fill.or("readOnly", false);
            }
            fill.done()
        });
    }
    fill.each("hostPath", |path| {
        let mut fill = Fill::new(path);
        fill.or("type", "");
        fill.done()
    });
}

fn downward_item(item: &Value) -> Value {
    let mut fill = Fill::new(item);
    fill.each("fieldRef", field_ref);
    fill.each("resourceFieldRef", resource_ref);
    fill.done()
}

fn projection(source: &Value) -> Value {
    let mut fill = Fill::new(source);
    fill.each("serviceAccountToken", |token| {
        let mut fill = Fill::new(token);
        fill.or("expirationSeconds", 3600);
        fill.done()
    });
    fill.each("downwardAPI", |api| {
        let mut fill = Fill::new(api);
        fill.items("items", downward_item);
        fill.done()
    });
    fill.done()
}

/// The status of a pod just created.
#[must_use]
pub fn begin(spec: &Value) -> Value {
    value!({"phase": "Pending", "qosClass": quality(spec)})
}

/// The quality-of-service class (`pkg/apis/core/v1/helper/qos/qos.go`).
#[must_use]
pub fn quality(spec: &Value) -> &'static str {
    let mut any = false;
    let mut guaranteed = true;
    let lists = [&spec["initContainers"], &spec["containers"]];
    for container in lists.iter().flat_map(|list| list.items()) {
        let (limits, requests) = (&container["resources"]["limits"], &container["resources"]["requests"]);
        for resource in ["cpu", "memory"] {
            let (limit, request) = (amount(&limits[resource]), amount(&requests[resource]));
            any |= limit > 0 || request > 0;
            guaranteed &= limit > 0 && (request == limit || requests[resource].is_null());
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

fn amount(value: &Value) -> i128 {
    drydock_machinery::Quantity::from_value(value).map_or(0, |q| q.milli())
}
