//! Controllers, scheduler, kubelet and service routing at work together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "control/world.rs"]
mod world;

use drydock_cluster::kinds;
use world::World;

#[test]
fn a_deployment_of_three_becomes_ready() {
    let mut w = World::new(3);
    w.deployment("web", 3, "server:1");
    let took = w.until(20_000, |w| w.ready() == 3);
    for e in w.events("web") {
        println!("{e}");
    }
    println!("took {took:?}");
    for p in w.pods() {
        println!("{}", drydock_machinery::yaml::emit(&p.value()));
    }
    println!("{}", drydock_machinery::yaml::emit(&w.get(kinds::DEPLOYMENT, "web")));
    assert!(took.is_some());
}
