//! How much a cluster of many pods costs. Prints figures; asserts no time.

use crate::world::World;
use drydock_cluster::kinds;
use drydock_machinery::value;
use std::time::Instant;

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 4096
}

fn measure(pods: i64, nodes: u32) {
    let before = resident();
    let begin = Instant::now();
    let mut w = World::new(nodes);
    let made = begin.elapsed();
    w.create(
        kinds::SERVICE,
        value!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    );
    let begin = Instant::now();
    w.deployment("web", pods, "nginx:1.27");
    let mut took = 0;
    while w.cluster.find(kinds::DEPLOYMENT, "default", "web").unwrap().status()["readyReplicas"].int() < pods
        && took < 600_000
    {
        w.run(1_000);
        took += 1_000;
    }
    let spent = begin.elapsed();
    println!(
        "{pods} pods on {nodes} nodes: {:.3} s CPU (nodes {:.3} s), {:.1} MiB, {} objects, revision {}, {took} ms simulated, {} tasks",
        spent.as_secs_f64(),
        made.as_secs_f64(),
        (resident() - before) as f64 / 1048576.0,
        w.cluster.store.len(),
        w.cluster.store.revision,
        w.machines.clock.queue.popped
    );
}

#[test]
#[ignore = "prints figures"]
fn scale() {
    let list = if cfg!(debug_assertions) {
        vec![(1_000, 20), (2_000, 20)]
    } else {
        vec![(1_000, 20), (1_000, 20), (10_000, 200)]
    };
    for (pods, nodes) in list {
        measure(pods, nodes);
    }
}

#[test]
#[ignore = "prints figures; a minute in debug"]
fn the_largest_cluster() {
    measure(150_000, 5_000);
}
