//! What 10,000 containers cost in time and memory. Prints figures; asserts only that they all run.
//! `cargo test --release -p drydock-container --test cost -- --ignored --nocapture`

use drydock_container::images::PROGRAMS;
use drydock_container::machines::Nowhere;
use drydock_container::program::Programs;
use drydock_container::space::{Life, Mount, SpaceKind};
use drydock_container::{Config, ContainerSpec, Machines, Overrides};
use drydock_machinery::Clock;
use drydock_network::address::Ip;
use drydock_network::exchange::{Payload, Target};
use drydock_network::http::Request;
use std::sync::Arc;

/// Resident bytes of this process.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// Seconds this thread was on a processor: other work on the machine does not count.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

#[test]
#[ignore = "prints figures"]
fn ten_thousand_nginx() {
    const COUNT: u32 = 10_000;
    let mut m = Machines::new(Clock::new(1, 1_795_000_000), Programs(&[PROGRAMS]));
    let host = m.add_host("node-1", Ip::new(10, 0, 0, 2), SpaceKind::Node);
    let (_, image) = m.find_image("nginx").unwrap();
    let config = Arc::new(Config::of(&image, Overrides::default()));
    // As every pod has it: the service account's token, one volume for the whole namespace.
    let token = Mount { volume: m.add_volume(), sub_path: "".into(), read_only: true };
    let mounts: Arc<[(Arc<str>, Mount)]> =
        [("/run/secrets/kubernetes.io/serviceaccount".into(), token)].into();
    let before = resident();
    let begin = cpu();
    let mut ids = Vec::new();
    for n in 0..COUNT {
        let net = m.add_net(Ip(Ip::new(10, 1, 0, 1).0 + n), host);
        let spec = ContainerSpec {
            image: image.clone(),
            config: config.clone(),
            hostname: format!("web-7d4b9c6f5-{n:05}").into(),
            host,
            net,
            mounts: mounts.clone(),
        };
        let id = m.create_container(spec);
        m.start_container(&mut Nowhere, id).unwrap();
        ids.push(id);
    }
    let made = cpu() - begin;
    let mut tasks = 0;
    while let Some(task) = m.clock.next(1_000) {
        m.handle(&mut Nowhere, task);
        tasks += 1;
    }
    let run = cpu() - begin;
    let bytes = (resident() - before) as f64 / f64::from(COUNT);
    println!(
        "create+start {:.2} us, with first run {:.2} us, {bytes:.0} bytes each, {tasks} tasks, {} queued",
        made * 1e6 / f64::from(COUNT),
        run * 1e6 / f64::from(COUNT),
        m.clock.queue.len()
    );
    println!(
        "sizes: process {}, space {}, net {}",
        size_of::<drydock_container::Process>(),
        size_of::<drydock_container::Space>(),
        size_of::<drydock_container::space::Net>()
    );
    assert!(ids.iter().all(|id| m.space(*id).is_some_and(|s| s.life == Life::Running)));
    let net = m.space(host).map(|s| s.net).unwrap();
    let begin = cpu();
    for n in 0..COUNT {
        let to = Target { ip: Ip(Ip::new(10, 1, 0, 1).0 + n), port: 80 };
        let id = m.probe(net, to, Payload::Http(Request::get("/")), 1_000);
        while m.take_exchange(id).is_none() {
            let Some(task) = m.clock.next(u64::MAX) else { break };
            m.handle(&mut Nowhere, task);
        }
    }
    println!("exchange {:.2} us", (cpu() - begin) * 1e6 / f64::from(COUNT));
    let begin = cpu();
    let digest = m.digest();
    println!("digest {digest:016x} in {:.4} s", cpu() - begin);
}
