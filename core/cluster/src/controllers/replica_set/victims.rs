//! Which pods go first when there are too many: `ActivePodsWithRanks` of `pkg/controller`, with
//! deletion cost and logarithmic ages.

use crate::cluster::Cluster;
use crate::object::{Id, Object};
use drydock_machinery::Timestamp;
use drydock_machinery::sort::Arrange;
use std::collections::BTreeMap;
use std::sync::Arc;

const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Above this many pods only those that are not ready are ranked; then the youngest go.
const RANKED: usize = 2_000;

/// The `count` pods of a set that go first.
#[must_use]
pub fn choose(cluster: &Cluster, set: &Object, count: usize, now: i64) -> Vec<Arc<Object>> {
    let active = |p: &&Arc<Object>| p.deleting.is_none() && !p.is_finished();
    let unready: Vec<Arc<Object>> = cluster.store.unready(set.id).filter(active).cloned().collect();
    let total = cluster.store.tally(set.id).active as usize;
    if total > RANKED {
        let ready = cluster.store.children(set.id).rev().filter(|p| p.is_ready()).filter(active).cloned();
        return rank(unready, now).into_iter().chain(ready).take(count).collect();
    }
    let all: Vec<Arc<Object>> = cluster.store.children(set.id).filter(active).cloned().collect();
    rank(all, now).into_iter().take(count).collect()
}

/// Two times compare by the order of magnitude of their ages, so that a burst of pods counts as one.
fn magnitude(age: i64) -> u32 {
    age.max(0).checked_ilog2().map_or(0, |log| log + 1)
}

fn rank(pods: Vec<Arc<Object>>, now: i64) -> Vec<Arc<Object>> {
    let mut on_node: BTreeMap<Option<Id>, i64> = BTreeMap::new();
    for pod in pods.iter().filter(|p| p.is_ready()) {
        *on_node.entry(pod.node).or_default() += 1;
    }
    let mut keyed: Vec<_> = pods
        .into_iter()
        .map(|pod| {
            let phase = match pod.status()["phase"].text() {
                "Running" => 2,
                "Unknown" => 1,
                _ => 0,
            };
            let ready = pod.is_ready();
            let cost: i64 = pod.annotation(COST).parse().unwrap_or(0);
            let doubled = on_node.get(&pod.node).copied().unwrap_or(0);
            let since =
                Timestamp::parse(pod.condition("Ready")["lastTransitionTime"].text()).map_or(now, |t| t.0);
            let ready_age = if ready { magnitude(now - since) } else { 0 };
            let restarts: i64 = pod.status()["containerStatuses"]
                .items()
                .iter()
                .map(|c| c["restartCount"].int())
                .max()
                .unwrap_or(0);
            let key = (
                (pod.node.is_some(), phase, ready, cost),
                (-doubled, ready_age, -restarts, magnitude(now - pod.created)),
                pod.uid.clone(),
            );
            (key, pod)
        })
        .collect();
    keyed.arrange_by(|a, b| a.0.cmp(&b.0));
    keyed.into_iter().map(|k| k.1).collect()
}
