//! The cluster's first moment: what `kubeadm` leaves behind, with the nodes joined and ready.

mod system;

use crate::cluster::{Actor, Cluster};
use crate::kinds::{self, KindId};
use crate::object::Id;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::address::Ip;

pub(crate) const BOOT: Actor = Actor::system("system:apiserver", "kube-apiserver");

/// The name of the first node.
pub const CONTROL_PLANE: &str = "control-plane";
/// The image of the nodes' system.
const OS_IMAGE: &str = "Debian GNU/Linux 12 (bookworm)";

/// How the cluster is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Worker nodes, named `node-1` and so on.
    pub workers: u32,
    /// CPUs and GiB of memory of each node.
    pub cpus: u32,
    pub memory_gib: u32,
    /// Whether a cloud gives addresses to services of type LoadBalancer.
    pub cloud: bool,
    /// `--node-monitor-grace-period`: milliseconds after which a silent node is not ready.
    pub node_grace_ms: u64,
    /// `--node-monitor-period`: how often nodes are looked at.
    pub node_monitor_ms: u64,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            workers: 3,
            cpus: 4,
            memory_gib: 8,
            cloud: true,
            node_grace_ms: 50_000,
            node_monitor_ms: 5_000,
        }
    }
}

/// The address of the `n`-th node; 0 is the control plane.
#[must_use]
pub fn node_address(n: u32) -> Ip {
    Ip(Ip::new(172, 18, 0, 2).0 + n)
}

/// The pod network of the `n`-th node.
#[must_use]
pub fn pod_cidr(n: u32) -> String {
    format!("10.{}.{}.0/24", 244 + n / 256, n % 256)
}

impl Cluster {
    /// A cluster with its namespaces, nodes and system objects.
    #[must_use]
    pub fn boot(machines: &mut Machines, config: &Config) -> Cluster {
        let mut cluster = Cluster::empty();
        // Nothing moves until everything stands.
        cluster.alive = false;
        cluster.control.config = config.clone();
        for name in ["kube-system", "kube-public", "kube-node-lease", "default"] {
            cluster.plant(machines, kinds::NAMESPACE, "", value!({"metadata": {"name": name}}));
            cluster.furnish(machines, name);
        }
        for n in 0..=config.workers {
            cluster.join(machines, config, n);
        }
        system::install(&mut cluster, machines);
        cluster.begin(machines);
        cluster
    }

    /// Creates an object that is known to be good.
    pub(crate) fn plant(
        &mut self,
        machines: &mut Machines,
        kind: KindId,
        namespace: &str,
        object: Value,
    ) -> Option<Id> {
        let actor = if kind == kinds::NODE { crate::kubelet::ACTOR } else { BOOT };
        let made = self.create(machines, &actor, kind, namespace, object);
        debug_assert!(made.is_ok(), "{made:?}");
        made.ok().map(|object| object.id)
    }

    /// As [`Cluster::plant`], with a status.
    pub(crate) fn plant_running(
        &mut self,
        machines: &mut Machines,
        kind: KindId,
        namespace: &str,
        object: Value,
        status: Value,
    ) -> Option<Id> {
        let id = self.plant(machines, kind, namespace, object)?;
        let actor = if matches!(kind, kinds::NODE | kinds::POD) { crate::kubelet::ACTOR } else { BOOT };
        self.update_status(machines, &actor, id, status).ok()?;
        Some(id)
    }

    /// What every namespace gets: a service account and the root certificate.
    fn furnish(&mut self, machines: &mut Machines, namespace: &str) {
        self.plant(machines, kinds::SERVICE_ACCOUNT, namespace, value!({"metadata": {"name": "default"}}));
        self.plant(machines, kinds::CONFIG_MAP, namespace, root_certificate());
    }

    /// Adds the `n`-th node with its lease; 0 is the control plane.
    fn join(&mut self, machines: &mut Machines, config: &Config, n: u32) {
        let name = if n == 0 { CONTROL_PLANE.to_string() } else { format!("node-{n}") };
        let object = node(&name, n);
        let status = node_status(machines, config, &name, n);
        self.plant_running(machines, kinds::NODE, "", object, status);
        let lease = value!({
            "metadata": {"name": &name},
            "spec": {"holderIdentity": &name, "leaseDurationSeconds": 40},
        });
        self.plant(machines, kinds::LEASE, "kube-node-lease", lease);
    }

    /// Adds one more worker node to a running cluster; it is ready at once.
    pub fn add_node(&mut self, machines: &mut Machines, config: &Config) -> Option<Id> {
        let n = (1..).find(|n| self.find(kinds::NODE, "", &format!("node-{n}")).is_none())?;
        let alive = std::mem::replace(&mut self.alive, false);
        self.join(machines, config, n);
        self.alive = alive;
        let node = self.find(kinds::NODE, "", &format!("node-{n}")).cloned()?;
        let change =
            crate::store::Change { revision: node.revision, before: None, after: Some(node.clone()) };
        self.notify(machines, &change);
        Some(node.id)
    }
}

/// The ConfigMap with the certificate of the cluster's authority.
#[must_use]
pub fn root_certificate() -> Value {
    let text = drydock_machinery::x509::authority();
    value!({
        "metadata": {"name": "kube-root-ca.crt", "annotations": {
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
        }},
        "data": {"ca.crt": text},
    })
}

fn node(name: &str, n: u32) -> Value {
    let mut labels = value!({
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name,
    });
    let mut spec = value!({"podCIDR": pod_cidr(n), "podCIDRs": [pod_cidr(n)]});
    if n == 0 {
        labels = labels
            .with("node-role.kubernetes.io/control-plane", "")
            .with("node.kubernetes.io/exclude-from-external-load-balancers", "");
        let taint = value!({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"});
        spec = spec.with("taints", value!([taint]));
    }
    value!({
        "metadata": {"name": name, "labels": labels, "annotations": {
            "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/containerd/containerd.sock",
            "node.alpha.kubernetes.io/ttl": "0",
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        }},
        "spec": spec,
    })
}

fn node_status(machines: &Machines, config: &Config, name: &str, n: u32) -> Value {
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        value!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": &now, "lastTransitionTime": &now,
        })
    };
    let memory = format!("{}Gi", config.memory_gib);
    let resources = value!({
        "cpu": config.cpus.to_string(), "ephemeral-storage": "100Gi", "hugepages-1Gi": "0",
        "hugepages-2Mi": "0", "memory": memory, "pods": "110",
    });
    let seed = machines.clock.seed;
    let id = |about: u64| crate::object::Uid::draw(seed, 0xB007_0000 + about + u64::from(n) * 4).to_string();
    let (boot, machine, system) = (id(0), id(1).replace('-', ""), id(2));
    value!({
        "addresses": [
            {"type": "InternalIP", "address": node_address(n).to_string()},
            {"type": "Hostname", "address": name},
        ],
        "allocatable": &resources,
        "capacity": &resources,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64", "bootID": boot, "containerRuntimeVersion": "containerd://2.0.5",
            "kernelVersion": "6.8.0-60-generic", "kubeProxyVersion": "", "kubeletVersion": "v1.33.1",
            "machineID": machine, "operatingSystem": "linux", "osImage": OS_IMAGE, "systemUUID": system,
        },
    })
}
