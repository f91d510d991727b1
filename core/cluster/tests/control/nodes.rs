//! Scheduling and nodes: what fits where and why not, machines that go away and come back.

use crate::world::{ADMIN, World, pod};
use drydock_cluster::{Cluster, Edit, kinds};
use drydock_machinery::{Value, value};

fn ask(cpu: &str) -> Value {
    value!({"containers": [{"name": "c", "image": "server:1", "resources": {"requests": {"cpu": cpu}}}]})
}

#[test]
fn what_does_not_fit_waits_and_says_why() {
    let mut w = World::new(3);
    let node = w.cluster.find(kinds::NODE, "", "node-1").unwrap().clone();
    let taints = value!([{"key": "k", "value": "v", "effect": "NoSchedule"}]);
    w.cluster
        .update(&mut w.machines, &ADMIN, node.id, None, Edit::spec(node.spec().with("taints", taints)))
        .unwrap();
    w.create(kinds::POD, pod("big", "server:1", ask("5")));
    w.run(200);
    let text = "0/3 nodes are available: 1 node(s) had untolerated taint {k: v}, 2 Insufficient cpu. \
                preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    assert!(
        w.events("big").iter().any(|e| e.starts_with(&format!("Warning FailedScheduling {text}"))),
        "{:?}",
        w.events("big")
    );
    let p = w.get(kinds::POD, "big");
    assert_eq!(p["status"]["conditions"][0]["reason"], "Unschedulable");
    let id = w.cluster.find(kinds::POD, "default", "big").unwrap().id;
    assert_eq!(w.cluster.control.scheduler.why(id).unwrap().refused.len(), 3);
    w.node(4, "8", 110);
    w.until(15_000, |w| w.ready() == 1).expect("a larger node came");
}

#[test]
fn selectors_spread_and_anti_affinity_decide() {
    let mut w = World::new(3);
    w.create(kinds::POD, pod("picky", "server:1", value!({"nodeSelector": {"disk": "ssd"}})));
    w.run(3_000);
    assert_eq!(w.ready(), 0);
    assert!(w.events("picky")[0].contains("3 node(s) didn't match Pod's node affinity/selector"));
    let node = w.cluster.find(kinds::NODE, "", "node-2").unwrap().clone();
    let labels = node.labels().with("disk", "ssd");
    w.cluster
        .update(
            &mut w.machines,
            &ADMIN,
            node.id,
            None,
            Edit::metadata(node.metadata.value.with("labels", labels)),
        )
        .unwrap();
    w.until(15_000, |w| w.ready() == 1).unwrap();
    assert_eq!(w.pods()[0].spec()["nodeName"], "node-2");
    let apart = value!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"labelSelector": {"matchLabels": {"role": "lone"}}, "topologyKey": "kubernetes.io/hostname"}]}}});
    for n in 0..4 {
        let p = pod(&format!("lone-{n}"), "server:1", apart.clone())
            .with_at(&["metadata", "labels"], value!({"role": "lone"}));
        w.create(kinds::POD, p);
    }
    w.run(5_000);
    let placed = w.pods().iter().filter(|p| p.name.starts_with("lone") && p.node.is_some()).count();
    assert_eq!(placed, 3);
    assert!(
        w.events("lone").iter().any(|e| e.contains("3 node(s) didn't match pod anti-affinity rules")),
        "{:?}",
        w.events("lone")
    );
}

#[test]
fn a_node_that_goes_silent_loses_its_pods_after_the_toleration() {
    let mut w = World::new(3);
    let tolerations = value!([{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}]);
    let d = crate::world::deployment("web", 3, "server:1")
        .with_at(&["spec", "template", "spec", "tolerations"], tolerations);
    w.create(kinds::DEPLOYMENT, d);
    w.create(
        kinds::SERVICE,
        value!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    );
    w.until(20_000, |w| w.ready() == 3).unwrap();
    w.run(1_000);
    assert!(w.cluster.stop_node(&mut w.machines, "node-1"));
    w.run(45_000);
    assert_eq!(w.ready(), 3, "nobody has noticed yet");
    w.run(7_000);
    let node = w.cluster.find(kinds::NODE, "", "node-1").unwrap().clone();
    assert_eq!(node.condition("Ready")["status"], "Unknown");
    assert_eq!(node.spec()["taints"].items().len(), 1, "nothing new comes here");
    w.run(5_000);
    let node = w.cluster.find(kinds::NODE, "", "node-1").unwrap().clone();
    assert_eq!(node.spec()["taints"].items().len(), 2, "the next look also condemns what is there");
    assert_eq!(w.ready(), 2);
    assert_eq!(w.get(kinds::ENDPOINTS, "web")["subsets"][0]["addresses"].items().len(), 2);
    assert!(w.events("web").iter().any(|e| e.starts_with("Warning NodeNotReady Node is not ready")));
    w.run(40_000);
    assert_eq!(w.ready(), 3, "a replacement runs elsewhere");
    assert_eq!(w.pods().len(), 4, "the old pod stays Terminating");
    assert!(
        w.events("web")
            .iter()
            .any(|e| e.contains("TaintManagerEviction Marking for deletion Pod default/web-"))
    );
    assert!(w.cluster.start_node(&mut w.machines, "node-1"));
    w.run(10_000);
    assert_eq!(w.pods().len(), 3);
    let node = w.cluster.find(kinds::NODE, "", "node-1").unwrap().clone();
    assert!(node.is_condition("Ready") && node.spec()["taints"].is_null());
}

#[test]
fn a_machine_that_comes_back_in_time_restarts_its_pods() {
    let mut w = World::new(1);
    w.create(kinds::POD, pod("p", "server:1", Value::Null));
    w.until(10_000, |w| w.ready() == 1).unwrap();
    w.cluster.stop_node(&mut w.machines, "node-1");
    w.run(20_000);
    w.cluster.start_node(&mut w.machines, "node-1");
    w.run(5_000);
    assert_eq!(w.ready(), 1);
    assert_eq!(w.get(kinds::POD, "p")["status"]["containerStatuses"][0]["restartCount"].int(), 1);
}

#[test]
fn a_booted_cluster_is_quiet() {
    let clock = drydock_machinery::Clock::new(3, 1_790_000_000);
    let programs = drydock_container::program::Programs(&[drydock_container::images::PROGRAMS]);
    let mut machines = drydock_container::Machines::new(clock, programs);
    let cluster = Cluster::boot(&mut machines, &Default::default());
    let mut w = World { machines, cluster };
    w.run(10_000);
    let before = w.cluster.store.revision;
    let pods: Vec<String> = w
        .cluster
        .store
        .list(kinds::POD)
        .map(|p| format!("{} {}", p.name, p.status()["phase"].text()))
        .collect();
    assert!(pods.iter().all(|p| p.ends_with("Running")), "{pods:?}");
    w.run(600_000);
    assert_eq!(w.cluster.store.revision, before, "nothing writes");
    w.deployment("web", 3, "nginx:1.27");
    let took = w.until(20_000, |w| w.ready() == 3).expect("ready");
    assert!(took < 10_000, "{took}");
    assert!(w.pods().iter().all(|p| p.spec()["nodeName"] != "control-plane"));
}
