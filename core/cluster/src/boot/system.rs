//! What runs in `kube-system` on every cluster, as objects only: their pods say Running and no process
//! stands behind them. The services they stand for (DNS, proxying, the API) are simulated directly.

use super::{CONTROL_PLANE, node_address};
use crate::cluster::Cluster;
use crate::controllers::registration;
use crate::kinds;
use crate::object::Id;
use drydock_container::Machines;
use drydock_machinery::digest::hash_bytes;
use drydock_machinery::{Timestamp, Value, random, value};

const SYSTEM: &str = "kube-system";
/// The cluster IP of DNS, as in every pod's `/etc/resolv.conf`.
pub const DNS_IP: &str = "10.96.0.10";

/// Namespace kube-system, and the Service `kubernetes`.
pub(super) fn install(cluster: &mut Cluster, machines: &mut Machines) {
    for (name, value) in
        [("system-cluster-critical", 2_000_000_000i64), ("system-node-critical", 2_000_001_000)]
    {
        let description = match name {
            "system-node-critical" => {
                "Used for system critical pods that must not be moved from their current node."
            }
            _ => {
                "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
            }
        };
        let class = value!({"metadata": {"name": name}, "value": value, "description": description});
        cluster.plant(machines, kinds::PRIORITY_CLASS, "", class);
    }
    let class = value!({
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "rancher.io/local-path", "volumeBindingMode": "WaitForFirstConsumer",
    });
    cluster.plant(machines, kinds::STORAGE_CLASS, "", class);
    for name in ["controller-manager", "scheduler", "etcd-0"] {
        let healthy = value!({"type": "Healthy", "status": "True", "message": "ok"});
        let status = value!({"metadata": {"name": name}, "conditions": [healthy]});
        cluster.plant(machines, kinds::COMPONENT_STATUS, "", status);
    }
    groups(cluster, machines);
    flows(cluster, machines);
    kubernetes(cluster, machines);
    dns(cluster, machines);
    proxies(cluster, machines);
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        static_pod(cluster, machines, name);
    }
    crate::rbac::bootstrap::install(cluster, machines);
}

/// The APIService of every group and version the server answers for itself.
fn groups(cluster: &mut Cluster, machines: &mut Machines) {
    let mut known: Vec<(&str, &str)> = Vec::new();
    for kind in kinds::BUILTIN {
        let others = kind.served.iter().map(|s| (s.group, s.version));
        for pair in std::iter::once((kind.group, kind.version)).chain(others) {
            // The aggregator's own group is not registered with it.
            if pair.0 != "apiregistration.k8s.io" && !known.contains(&pair) {
                known.push(pair);
            }
        }
    }
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    for (group, version) in known {
        let service = registration::registration(group, version, false);
        let available = registration::local().with("lastTransitionTime", now.as_str());
        let status = value!({"conditions": [available]});
        cluster.plant_running(machines, kinds::API_SERVICE, "", service, status);
    }
}

/// Priority levels and flow schemas.
fn flows(cluster: &mut Cluster, machines: &mut Machines) {
    let (levels, schemas) = kinds::flow_control::bootstrap();
    for level in levels {
        cluster.plant(machines, kinds::PRIORITY_LEVEL_CONFIGURATION, "", level);
    }
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    for (schema, status) in schemas {
        let conditions = status["conditions"].items().iter();
        let conditions: Value = conditions.map(|c| c.with("lastTransitionTime", now.as_str())).collect();
        let status = status.with("conditions", conditions);
        cluster.plant_running(machines, kinds::FLOW_SCHEMA, "", schema, status);
    }
}

/// The Service `kubernetes`: the API server's own address.
fn kubernetes(cluster: &mut Cluster, machines: &mut Machines) {
    let labels = value!({"component": "apiserver", "provider": "kubernetes"});
    let service = value!({
        "metadata": {"name": "kubernetes", "labels": labels},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "targetPort": 6443}]},
    });
    cluster.plant(machines, kinds::SERVICE, "default", service);
    let address = node_address(0).to_string();
    let mirrored = value!({"endpointslice.kubernetes.io/skip-mirror": "true"});
    let endpoints = value!({
        "metadata": {"name": "kubernetes", "labels": mirrored},
        "subsets": [{"addresses": [{"ip": &address}], "ports": [{"name": "https", "port": 6443}]}],
    });
    cluster.plant(machines, kinds::ENDPOINTS, "default", endpoints);
    let slice = value!({
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [&address], "conditions": {"ready": true}}],
        "ports": [{"name": "https", "port": 6443}],
    });
    cluster.plant(machines, kinds::ENDPOINT_SLICE, "default", slice);
}

fn dns(cluster: &mut Cluster, machines: &mut Machines) {
    let labels = value!({
        "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS",
    });
    let service = value!({
        "metadata": {"name": "kube-dns", "labels": labels},
        "spec": {"clusterIP": DNS_IP, "selector": {"k8s-app": "kube-dns"}, "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
            {"name": "metrics", "port": 9153, "protocol": "TCP"},
        ]},
    });
    cluster.plant(machines, kinds::SERVICE, SYSTEM, service);
    let corefile = ".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    prometheus :9153\n    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    cache 30\n    loop\n    reload\n    loadbalance\n}\n";
    let map = value!({"metadata": {"name": "coredns"}, "data": {"Corefile": corefile}});
    cluster.plant(machines, kinds::CONFIG_MAP, SYSTEM, map);
    cluster.plant(machines, kinds::SERVICE_ACCOUNT, SYSTEM, value!({"metadata": {"name": "coredns"}}));
    let hash = "674b8bbfcf";
    let container = value!({
        "name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.12.0", "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
        "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
        "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": true}],
    });
    let spec = value!({
        "containers": [container], "dnsPolicy": "Default", "nodeSelector": {"kubernetes.io/os": "linux"},
        "priorityClassName": "system-cluster-critical", "serviceAccountName": "coredns",
        "tolerations": [
            {"key": "CriticalAddonsOnly", "operator": "Exists"},
            {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
        ],
        "volumes": [{"name": "config-volume", "configMap": {
            "name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}],
        }}],
    });
    let app = value!({"k8s-app": "kube-dns"});
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    let deployment = value!({
        "metadata": {"name": "coredns", "labels": &app, "annotations": {"deployment.kubernetes.io/revision": "1"}},
        "spec": {"replicas": 2, "selector": {"matchLabels": &app},
            "strategy": {"rollingUpdate": {"maxUnavailable": 1}},
            "template": {"metadata": {"labels": &app}, "spec": &spec}},
    });
    let status = value!({
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
        "conditions": [
            {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
             "message": "Deployment has minimum availability.", "lastUpdateTime": &now, "lastTransitionTime": &now},
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
             "message": format!("ReplicaSet \"coredns-{hash}\" has successfully progressed."),
             "lastUpdateTime": &now, "lastTransitionTime": &now},
        ],
    });
    let owner = cluster.plant_running(machines, kinds::DEPLOYMENT, SYSTEM, deployment, status);
    let hashed = app.with("pod-template-hash", hash);
    // The stored template, so that its ReplicaSet is recognised as the newest.
    let stored = owner.and_then(|id| cluster.get(id)).map(|d| d.spec()["template"]["spec"].clone());
    let spec = stored.unwrap_or(spec);
    let set = value!({
        "metadata": {"name": format!("coredns-{hash}"), "labels": &hashed, "ownerReferences": reference(cluster, owner),
            "annotations": {
                "deployment.kubernetes.io/desired-replicas": "2", "deployment.kubernetes.io/max-replicas": "3",
                "deployment.kubernetes.io/revision": "1",
            }},
        "spec": {"replicas": 2, "selector": {"matchLabels": &hashed},
            "template": {"metadata": {"labels": &hashed}, "spec": &spec}},
    });
    let counts = value!({
        "observedGeneration": 1, "replicas": 2, "fullyLabeledReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
    });
    let owner = cluster.plant_running(machines, kinds::REPLICA_SET, SYSTEM, set, counts);
    for n in 0..2u32 {
        let suffix = machines.clock.random.suffix(5);
        let pod = value!({
            "metadata": {"name": format!("coredns-{hash}-{suffix}"), "generateName": format!("coredns-{hash}-"),
                "labels": &hashed, "ownerReferences": reference(cluster, owner)},
            "spec": spec.with("nodeName", CONTROL_PLANE),
        });
        let status = running(machines, &pod, &format!("10.244.0.{}", n + 2), 0);
        cluster.plant_running(machines, kinds::POD, SYSTEM, pod, status);
    }
}

fn reference(cluster: &Cluster, owner: Option<Id>) -> Value {
    owner.and_then(|id| cluster.get(id)).map(|o| value!([o.controller_reference()])).unwrap_or_default()
}

fn proxies(cluster: &mut Cluster, machines: &mut Machines) {
    cluster.plant(machines, kinds::SERVICE_ACCOUNT, SYSTEM, value!({"metadata": {"name": "kube-proxy"}}));
    let app = value!({"k8s-app": "kube-proxy"});
    let spec = value!({
        "containers": [{
            "name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1.33.1",
            "command": ["/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf", "--hostname-override=$(NODE_NAME)"],
            "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            "securityContext": {"privileged": true},
        }],
        "hostNetwork": true, "nodeSelector": {"kubernetes.io/os": "linux"},
        "priorityClassName": "system-node-critical", "serviceAccountName": "kube-proxy",
        "tolerations": [{"operator": "Exists"}],
    });
    let nodes: Vec<(String, u32)> = nodes(cluster);
    let count = nodes.len();
    let set = value!({
        "metadata": {"name": "kube-proxy", "labels": &app, "annotations": {"deprecated.daemonset.template.generation": "1"}},
        "spec": {"selector": {"matchLabels": &app}, "template": {"metadata": {"labels": &app}, "spec": &spec}},
    });
    let status = value!({
        "currentNumberScheduled": count, "desiredNumberScheduled": count, "numberAvailable": count,
        "numberMisscheduled": 0, "numberReady": count, "observedGeneration": 1, "updatedNumberScheduled": count,
    });
    let owner = cluster.plant_running(machines, kinds::DAEMON_SET, SYSTEM, set, status);
    let labels = app.with("controller-revision-hash", "6c6f5c77b6").with("pod-template-generation", "1");
    for (node, n) in nodes {
        let suffix = machines.clock.random.suffix(5);
        let pod = value!({
            "metadata": {"name": format!("kube-proxy-{suffix}"), "generateName": "kube-proxy-", "labels": &labels,
                "ownerReferences": reference(cluster, owner)},
            "spec": spec.with("nodeName", &node),
        });
        let status = running(machines, &pod, &node_address(n).to_string(), n);
        cluster.plant_running(machines, kinds::POD, SYSTEM, pod, status);
    }
}

/// Names of the nodes and their numbers.
fn nodes(cluster: &Cluster) -> Vec<(String, u32)> {
    let names = cluster.store.list(kinds::NODE).map(|node| node.name.to_string());
    let number = |name: &str| name.strip_prefix("node-").and_then(|n| n.parse().ok()).unwrap_or(0);
    names.map(|name| (name.clone(), number(&name))).collect()
}

fn static_pod(cluster: &mut Cluster, machines: &mut Machines, component: &str) {
    let version = if component == "etcd" { "3.5.21-0" } else { "v1.33.1" };
    let cpu = if component == "kube-apiserver" {
        "250m"
    } else if component == "kube-controller-manager" {
        "200m"
    } else {
        "100m"
    };
    let digest = format!("{:016x}", hash_bytes(component.as_bytes()));
    let config = format!("{digest}{}", random::safe_encode(&digest)).chars().take(32).collect::<String>();
    let owner = cluster.find(kinds::NODE, "", CONTROL_PLANE).map(|node| {
        value!([{
            "apiVersion": "v1", "kind": "Node", "name": CONTROL_PLANE, "uid": node.uid.to_string(), "controller": true,
        }])
    });
    let pod = value!({
        "metadata": {
            "name": format!("{component}-{CONTROL_PLANE}"), "labels": {"component": component, "tier": "control-plane"},
            "annotations": {
                "kubernetes.io/config.hash": &config, "kubernetes.io/config.mirror": &config,
                "kubernetes.io/config.seen": "2025-05-15T08:27:33Z", "kubernetes.io/config.source": "file",
            },
            "ownerReferences": owner.unwrap_or_default(),
        },
        "spec": {
            "containers": [{
                "name": component, "image": format!("registry.k8s.io/{component}:{version}"), "command": [component],
                "resources": {"requests": {"cpu": cpu}},
            }],
            "hostNetwork": true, "nodeName": CONTROL_PLANE, "priorityClassName": "system-node-critical",
            "tolerations": [{"effect": "NoExecute", "operator": "Exists"}],
        },
    });
    let status = running(machines, &pod, &node_address(0).to_string(), 0);
    cluster.plant_running(machines, kinds::POD, SYSTEM, pod, status);
}

/// The status of a pod that has been running since the first moment.
fn running(machines: &Machines, pod: &Value, ip: &str, node: u32) -> Value {
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    let condition = |kind: &str| value!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": &now});
    let container = &pod["spec"]["containers"][0];
    let (name, image) = (container["name"].text(), container["image"].text());
    let digest = drydock_machinery::hash::sha256_hex(format!("{image} {ip} {name}").as_bytes());
    let image_id = drydock_machinery::hash::sha256_hex(image.as_bytes());
    let repository = image.rsplit_once(':').map_or(image, |(repository, _)| repository);
    value!({
        "phase": "Running", "hostIP": node_address(node).to_string(), "hostIPs": [{"ip": node_address(node).to_string()}],
        "podIP": ip, "podIPs": [{"ip": ip}], "startTime": &now,
        "qosClass": crate::kinds::pod::defaults::quality(&pod["spec"]),
        "conditions": [
            condition("PodReadyToStartContainers"), condition("Initialized"), condition("Ready"),
            condition("ContainersReady"), condition("PodScheduled"),
        ],
        "containerStatuses": [{
            "name": name, "image": image, "imageID": format!("{repository}@sha256:{image_id}"),
            "containerID": format!("containerd://{digest}"), "ready": true, "started": true, "restartCount": 0,
            "lastState": {}, "state": {"running": {"startedAt": &now}},
        }],
    })
}
