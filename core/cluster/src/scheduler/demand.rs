//! What a pod asks of a node: resources, host ports, and the quality-of-service class that follows from
//! them. Follows `pkg/api/v1/resource`, `noderesources/fit.go` and `qos.go` of Kubernetes 1.33.

use drydock_machinery::{Quantity, Sym, Value};
use std::collections::BTreeMap;

/// What a container without a request counts as when nodes are compared.
const DEFAULT_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// Amounts: CPU in thousandths, bytes, and anything else by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub cpu: i64,
    pub memory: i64,
    pub storage: i64,
    pub other: BTreeMap<Sym, i64>,
}

/// One host port in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    pub port: i64,
    pub protocol: String,
    /// "" stands for every address of the node.
    pub ip: String,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub amounts: Amounts,
    /// CPU and memory with the defaults put in, for scores.
    pub scored_cpu: i64,
    pub scored_memory: i64,
    pub ports: Vec<HostPort>,
}

impl Amounts {
    /// A resource list such as `requests` or `allocatable`.
    #[must_use]
    pub fn of(list: &Value) -> Amounts {
        let mut amounts = Amounts::default();
        for (name, value) in list.entries() {
            let Some(quantity) = Quantity::from_value(value) else { continue };
            match name.text() {
                "cpu" => amounts.cpu = i64::try_from(quantity.milli()).unwrap_or(i64::MAX),
                "memory" => amounts.memory = quantity.value(),
                "ephemeral-storage" => amounts.storage = quantity.value(),
                _ => _ = amounts.other.insert(*name, quantity.value()),
            }
        }
        amounts
    }
    pub fn add(&mut self, more: &Amounts) {
        self.cpu += more.cpu;
        self.memory += more.memory;
        self.storage += more.storage;
        for (name, n) in &more.other {
            *self.other.entry(*name).or_default() += n;
        }
    }
    pub fn take(&mut self, less: &Amounts) {
        self.cpu -= less.cpu;
        self.memory -= less.memory;
        self.storage -= less.storage;
        for (name, n) in &less.other {
            *self.other.entry(*name).or_default() -= n;
        }
    }
    /// The larger of both, each for itself.
    fn widen(&mut self, other: &Amounts) {
        self.cpu = self.cpu.max(other.cpu);
        self.memory = self.memory.max(other.memory);
        self.storage = self.storage.max(other.storage);
        for (name, n) in &other.other {
            let entry = self.other.entry(*name).or_default();
            *entry = (*entry).max(*n);
        }
    }
}

/// Requests of a container; a limit without a request stands for both.
fn requests(container: &Value) -> Amounts {
    Amounts::of(&container["resources"]["requests"])
}

impl Demand {
    /// Sums containers and sidecars, takes the largest init container where it is larger, adds overhead.
    #[must_use]
    pub fn of(spec: &Value) -> Demand {
        let mut demand = Demand::default();
        for container in spec["containers"].items() {
            let asked = requests(container);
            demand.scored_cpu += if asked.cpu == 0 { DEFAULT_CPU } else { asked.cpu };
            demand.scored_memory += if asked.memory == 0 { DEFAULT_MEMORY } else { asked.memory };
            demand.amounts.add(&asked);
            demand.ports.extend(container["ports"].items().iter().filter_map(host_port));
        }
        let (mut sidecars, mut largest) = (Amounts::default(), Amounts::default());
        for container in spec["initContainers"].items() {
            let mut asked = requests(container);
            if container["restartPolicy"] == "Always" {
                demand.amounts.add(&asked);
                demand.scored_cpu += if asked.cpu == 0 { DEFAULT_CPU } else { asked.cpu };
                demand.scored_memory += if asked.memory == 0 { DEFAULT_MEMORY } else { asked.memory };
                sidecars.add(&asked);
                asked = sidecars.clone();
            } else {
                asked.add(&sidecars);
            }
            largest.widen(&asked);
        }
        demand.amounts.widen(&largest);
        demand.amounts.add(&Amounts::of(&spec["overhead"]));
        demand.scored_cpu = demand.scored_cpu.max(demand.amounts.cpu);
        demand.scored_memory = demand.scored_memory.max(demand.amounts.memory);
        demand
    }
}

fn host_port(port: &Value) -> Option<HostPort> {
    let number = port["hostPort"].int();
    let ip = port["hostIP"].text();
    (number > 0).then(|| HostPort {
        port: number,
        protocol: if port["protocol"].text().is_empty() {
            "TCP".into()
        } else {
            port["protocol"].text().into()
        },
        ip: if ip == "0.0.0.0" { String::new() } else { ip.into() },
    })
}

impl HostPort {
    #[must_use]
    pub fn collides(&self, other: &HostPort) -> bool {
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || self.ip.is_empty() || other.ip.is_empty())
    }
}

/// `status.qosClass`: Guaranteed when every container's CPU and memory are limited to what they
/// request, BestEffort when none asks for anything, else Burstable.
#[must_use]
pub fn qos_class(spec: &Value) -> &'static str {
    let all = || spec["containers"].items().iter().chain(spec["initContainers"].items());
    let (mut asks, mut guaranteed) = (false, true);
    for container in all() {
        let amounts = |list: &str| Amounts::of(&container["resources"][list]);
        let (requests, limits) = (amounts("requests"), amounts("limits"));
        asks |= requests.cpu > 0 || requests.memory > 0 || limits.cpu > 0 || limits.memory > 0;
        let equal = |request: i64, limit: i64| limit > 0 && (request == limit || request == 0);
        guaranteed &= equal(requests.cpu, limits.cpu) && equal(requests.memory, limits.memory);
    }
    match (asks, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        _ => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn init_containers_count_only_where_they_are_larger() {
        let spec = value!({
            "initContainers": [{"resources": {"requests": {"cpu": "500m", "memory": "10Mi"}}}],
            "containers": [
                {"resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}, "ports": [{"hostPort": 80}]},
                {"name": "free"},
            ],
        });
        let demand = Demand::of(&spec);
        assert_eq!((demand.amounts.cpu, demand.amounts.memory), (500, 64 << 20));
        assert_eq!(demand.ports.len(), 1);
        assert_eq!(demand.scored_memory, (264 << 20));
    }
    #[test]
    fn quality_of_service_follows_the_least_bound_container() {
        let full = value!({"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}});
        let some = value!({"resources": {"requests": {"cpu": "1"}}});
        assert_eq!(qos_class(&value!({"containers": [full.clone()]})), "Guaranteed");
        assert_eq!(qos_class(&value!({"containers": [full, some]})), "Burstable");
        assert_eq!(qos_class(&value!({"containers": [{"name": "c"}]})), "BestEffort");
    }
}
