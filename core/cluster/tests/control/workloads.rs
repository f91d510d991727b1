//! Deployments and ReplicaSets: rollouts, scaling, pause, deadlines, adoption, deletion.

use crate::world::{ADMIN, World, deployment, pod};
use drydock_cluster::{DeleteOptions, kinds};
use drydock_machinery::{Value, value};

fn image(spec: &Value, image: &str) -> Value {
    let containers = vec![spec["template"]["spec"]["containers"][0].with("image", image)];
    spec.with_at(&["template", "spec", "containers"], containers)
}

#[test]
fn a_deployment_of_three_becomes_ready() {
    let mut w = World::new(3);
    w.deployment("web", 3, "server:1");
    let took = w.until(20_000, |w| w.ready() == 3).expect("ready");
    assert!((800..4_000).contains(&took), "{took}");
    w.run(1_000);
    let d = w.get(kinds::DEPLOYMENT, "web");
    let s = &d["status"];
    assert_eq!(
        (s["readyReplicas"].int(), s["availableReplicas"].int(), s["updatedReplicas"].int()),
        (3, 3, 3)
    );
    assert_eq!(d["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    let conditions = s["conditions"].items();
    let text = |n: usize| conditions[n]["message"].text().to_string();
    let set = w.cluster.store.list_in(kinds::REPLICA_SET, "default").next().unwrap().name.to_string();
    assert_eq!(conditions[0]["type"], "Available");
    assert_eq!(text(0), "Deployment has minimum availability.");
    assert_eq!(text(1), format!("ReplicaSet \"{set}\" has successfully progressed."));
    let nodes: std::collections::BTreeSet<_> = w.pods().iter().map(|p| p.node).collect();
    assert_eq!(nodes.len(), 3, "one pod per node");
    assert!(
        w.events("web")
            .contains(&format!("Normal ScalingReplicaSet Scaled up replica set {set} from 0 to 3 x1"))
    );
}

#[test]
fn scaling_goes_up_and_down_without_a_new_revision() {
    let mut w = World::new(3);
    w.deployment("web", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.edit(kinds::DEPLOYMENT, "web", |s| s.with("replicas", 5));
    w.until(20_000, |w| w.ready() == 5).unwrap();
    w.edit(kinds::DEPLOYMENT, "web", |s| s.with("replicas", 0));
    w.until(60_000, |w| w.pods().is_empty()).unwrap();
    assert_eq!(w.cluster.store.list_in(kinds::REPLICA_SET, "default").count(), 1);
}

#[test]
fn a_rolling_update_keeps_the_minimum_available_and_an_undo_reuses_the_set() {
    let mut w = World::new(3);
    w.deployment("web", 4, "server:1");
    w.until(20_000, |w| w.ready() == 4).unwrap();
    w.run(2_000);
    w.edit(kinds::DEPLOYMENT, "web", |s| image(s, "slow:1"));
    let done = |w: &World| {
        let s = w.get(kinds::DEPLOYMENT, "web")["status"].clone();
        s["updatedReplicas"].int() == 4
            && s["replicas"].int() == 4
            && s["availableReplicas"].int() == 4
            && w.pods().len() == 4
    };
    let mut least = 4;
    let mut most = 0;
    for _ in 0..2_000 {
        w.run(50);
        least = least.min(w.ready());
        most = most.max(w.pods().iter().filter(|p| p.deleting.is_none()).count());
        if done(&w) {
            break;
        }
    }
    assert!(done(&w), "{:?}", w.events("web"));
    assert!(least >= 3 && most <= 5, "{least} {most}");
    w.edit(kinds::DEPLOYMENT, "web", |s| image(s, "server:1"));
    w.run(1_000);
    w.until(60_000, done).unwrap();
    assert_eq!(w.cluster.store.list_in(kinds::REPLICA_SET, "default").count(), 2);
    let d = w.get(kinds::DEPLOYMENT, "web");
    assert_eq!(d["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
}

#[test]
fn recreate_stops_the_old_pods_first() {
    let mut w = World::new(2);
    let mut d = deployment("web", 3, "server:1");
    d = d.with_at(&["spec", "strategy"], value!({"type": "Recreate"}));
    w.create(kinds::DEPLOYMENT, d);
    w.until(20_000, |w| w.ready() == 3).unwrap();
    w.edit(kinds::DEPLOYMENT, "web", |s| image(s, "slow:1"));
    for _ in 0..600 {
        w.run(50);
        let images: std::collections::BTreeSet<String> =
            w.pods().iter().map(|p| p.spec()["containers"][0]["image"].text().to_string()).collect();
        assert!(images.len() <= 1, "{images:?}");
    }
    assert_eq!(w.ready(), 3);
}

#[test]
fn a_rollout_that_does_not_move_times_out() {
    let mut w = World::new(2);
    w.create(
        kinds::DEPLOYMENT,
        deployment("web", 2, "server:1").with_at(&["spec", "progressDeadlineSeconds"], 15),
    );
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.run(2_000);
    w.edit(kinds::DEPLOYMENT, "web", |s| image(s, "nope:1"));
    w.run(40_000);
    let d = w.get(kinds::DEPLOYMENT, "web");
    let progressing =
        d["status"]["conditions"].items().iter().find(|c| c["type"] == "Progressing").unwrap().clone();
    assert_eq!(progressing["reason"], "ProgressDeadlineExceeded");
    assert!(progressing["message"].text().ends_with("has timed out progressing."));
    assert_eq!(w.ready(), 2, "the old pods still serve");
}

#[test]
fn a_paused_deployment_scales_but_does_not_roll() {
    let mut w = World::new(2);
    w.deployment("web", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.edit(kinds::DEPLOYMENT, "web", |s| s.with("paused", true));
    w.edit(kinds::DEPLOYMENT, "web", |s| image(s, "slow:1").with("replicas", 3));
    w.until(20_000, |w| w.ready() == 3).unwrap();
    assert!(w.pods().iter().all(|p| p.spec()["containers"][0]["image"] == "server:1"));
    let d = w.get(kinds::DEPLOYMENT, "web");
    let reasons: Vec<&str> = d["status"]["conditions"].items().iter().map(|c| c["reason"].text()).collect();
    assert!(reasons.contains(&"DeploymentPaused"), "{reasons:?}");
    w.edit(kinds::DEPLOYMENT, "web", |s| s.without("paused"));
    w.until(90_000, |w| {
        w.ready() == 3 && w.pods().iter().all(|p| p.spec()["containers"][0]["image"] == "slow:1")
    })
    .unwrap();
}

#[test]
fn pods_are_let_go_and_adopted_by_their_labels() {
    let mut w = World::new(2);
    w.deployment("web", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    let one = w.pods()[0].clone();
    let labels = one.labels().with("app", "other");
    let edit = drydock_cluster::Edit::metadata(one.metadata.value.with("labels", labels));
    w.cluster.update(&mut w.machines, &ADMIN, one.id, None, edit).unwrap();
    w.run(5_000);
    assert_eq!(w.pods().len(), 3, "a replacement appears");
    assert!(w.cluster.get(one.id).unwrap().owners().is_empty());
    let set = w.cluster.store.list_in(kinds::REPLICA_SET, "default").next().unwrap().clone();
    let hash = set.label("pod-template-hash").to_string();
    let stray = pod("stray", "server:1", Value::Null)
        .with_at(&["metadata", "labels"], value!({"app": "web", "pod-template-hash": hash}));
    w.create(kinds::POD, stray);
    w.run(200);
    let owned =
        w.cluster.store.children(set.id).filter(|p| p.kind == kinds::POD && p.deleting.is_none()).count();
    assert_eq!(owned, 2, "one too many: the youngest goes");
}

#[test]
fn deletion_cascades_orphans_and_waits() {
    let mut w = World::new(2);
    let d = w.deployment("web", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    let orphan = DeleteOptions { propagation: "Orphan".into(), ..DeleteOptions::default() };
    w.cluster.delete(&mut w.machines, &ADMIN, d.id, &orphan).unwrap();
    w.run(2_000);
    assert!(w.cluster.get(d.id).is_none());
    let set = w.cluster.store.list_in(kinds::REPLICA_SET, "default").next().unwrap().clone();
    assert!(set.owners().is_empty());
    let foreground = DeleteOptions { propagation: "Foreground".into(), ..DeleteOptions::default() };
    w.cluster.delete(&mut w.machines, &ADMIN, set.id, &foreground).unwrap();
    w.run(200);
    assert!(w.cluster.get(set.id).is_some(), "it goes after its pods");
    w.run(5_000);
    assert!(w.cluster.get(set.id).is_none() && w.pods().is_empty());

    let d = w.deployment("api", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.cluster.delete(&mut w.machines, &ADMIN, d.id, &DeleteOptions::default()).unwrap();
    w.run(5_000);
    assert_eq!(w.pods().len(), 0);
    assert_eq!(w.cluster.store.list_in(kinds::REPLICA_SET, "default").count(), 0);
    assert!(w.machines.spaces.values().all(|s| s.is_host()), "no container is left");
}

#[test]
fn a_namespace_goes_with_everything_in_it() {
    let mut w = World::new(2);
    let ns = w.create_in("", kinds::NAMESPACE, value!({"metadata": {"name": "shop"}}));
    w.run(200);
    assert!(w.cluster.find(kinds::SERVICE_ACCOUNT, "shop", "default").is_some());
    assert!(w.cluster.find(kinds::CONFIG_MAP, "shop", "kube-root-ca.crt").is_some());
    w.create_in(
        "shop",
        kinds::DEPLOYMENT,
        deployment("web", 2, "server:1").with_at(&["metadata", "namespace"], "shop"),
    );
    w.run(5_000);
    w.cluster.delete(&mut w.machines, &ADMIN, ns.id, &DeleteOptions::default()).unwrap();
    assert_eq!(w.cluster.get(ns.id).unwrap().status()["phase"], "Terminating");
    w.run(20_000);
    assert!(w.cluster.get(ns.id).is_none());
    assert_eq!(w.cluster.store.all().filter(|o| &*o.namespace == "shop").count(), 0);
}
