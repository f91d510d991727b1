//! Services: endpoints, routing, names, load balancers.

use crate::world::{ADMIN, World, pod};
use drydock_cluster::{DeleteOptions, kinds};
use drydock_machinery::{Value, value};
use drydock_network::address::Ip;
use drydock_network::exchange::Target;
use drydock_network::routing::Route;

fn service(name: &str, more: Value) -> Value {
    let mut spec = value!({"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]});
    for (key, value) in more.entries() {
        spec = spec.with(*key, value.clone());
    }
    value!({"metadata": {"name": name}, "spec": spec})
}

fn target(ip: &str, port: u16) -> Target {
    Target { ip: Ip::parse(ip).unwrap(), port }
}

#[test]
fn ready_pods_stand_behind_a_service() {
    let mut w = World::new(2);
    w.create(kinds::SERVICE, service("web", Value::Null));
    w.run(500);
    let ip = w.get(kinds::SERVICE, "web")["spec"]["clusterIP"].text().to_string();
    let from = Ip::new(10, 244, 0, 99);
    assert!(
        matches!(w.machines.routing.route(from, target(&ip, 80), 0), Route::Refused { .. }),
        "nobody is behind it"
    );
    assert!(w.get(kinds::ENDPOINTS, "web")["subsets"].is_null());
    let slices: Vec<_> = w.cluster.store.list_in(kinds::ENDPOINT_SLICE, "default").cloned().collect();
    assert_eq!(slices.len(), 1);
    assert!(slices[0].field("ports").is_null());
    w.deployment("web", 2, "server:1");
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.run(500);
    let subset = w.get(kinds::ENDPOINTS, "web")["subsets"][0].clone();
    assert_eq!(subset["addresses"].items().len(), 2);
    assert_eq!(subset["ports"][0]["port"].int(), 80);
    let slice = w.cluster.get(slices[0].id).unwrap();
    assert_eq!(slice.field("endpoints").items().len(), 2);
    let mut hit = std::collections::BTreeSet::new();
    for chance in 0..20 {
        let Route::Backend { to, .. } = w.machines.routing.route(from, target(&ip, 80), chance) else {
            panic!()
        };
        hit.insert(to);
    }
    assert_eq!(hit.len(), 2);
    let dns = w.machines.dns.absolute(drydock_cluster::dns::SERVER, "web.default.svc.cluster.local").unwrap();
    assert_eq!(dns.ips, [Ip::parse(&ip).unwrap()]);
    // Relabelled, a pod leaves; deleted, the service leaves the tables.
    let one = w.pods()[0].clone();
    let edit = drydock_cluster::Edit::metadata(one.metadata.value.with("labels", value!({"app": "x"})));
    w.cluster.update(&mut w.machines, &ADMIN, one.id, None, edit).unwrap();
    w.run(100);
    let ips: Vec<Value> = w.get(kinds::ENDPOINTS, "web")["subsets"][0]["addresses"]
        .items()
        .iter()
        .map(|a| a["ip"].clone())
        .collect();
    assert!(!ips.contains(&one.status()["podIP"]));
    let id = w.cluster.find(kinds::SERVICE, "default", "web").unwrap().id;
    w.cluster.delete(&mut w.machines, &ADMIN, id, &DeleteOptions::default()).unwrap();
    w.run(1_000);
    assert!(matches!(w.machines.routing.route(from, target(&ip, 80), 0), Route::Direct(_)));
    assert!(w.machines.dns.absolute(drydock_cluster::dns::SERVER, "web.default.svc.cluster.local").is_none());
    assert_eq!(w.cluster.store.list_in(kinds::ENDPOINT_SLICE, "default").count(), 0);
}

#[test]
fn a_pod_that_is_not_ready_is_listed_and_not_served() {
    let mut w = World::new(1);
    let probe = value!({"httpGet": {"path": "/ready", "port": 80}, "periodSeconds": 2, "failureThreshold": 1, "successThreshold": 1, "timeoutSeconds": 1});
    let container = value!([{"name": "c", "image": "slow:1", "readinessProbe": probe, "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}]);
    w.create(
        kinds::SERVICE,
        service(
            "web",
            value!({"ports": [{"name": "web", "port": 8080, "targetPort": "http", "protocol": "TCP"}]}),
        ),
    );
    w.create(kinds::POD, pod("web", "slow:1", value!({"containers": container})));
    w.run(10_000);
    let e = w.get(kinds::ENDPOINTS, "web");
    assert_eq!(e["subsets"][0]["notReadyAddresses"].items().len(), 1);
    assert_eq!(e["subsets"][0]["ports"][0]["port"].int(), 80, "the port's name was looked up in the pod");
    w.run(20_000);
    let e = w.get(kinds::ENDPOINTS, "web");
    assert_eq!(e["subsets"][0]["addresses"].items().len(), 1);
    assert!(e["subsets"][0]["notReadyAddresses"].is_null());
}

#[test]
fn headless_external_and_balanced_services() {
    let mut w = World::new(2);
    w.deployment("web", 2, "server:1");
    w.create(kinds::SERVICE, service("head", value!({"clusterIP": "None"})));
    w.create(kinds::SERVICE, value!({"metadata": {"name": "out"}, "spec": {"type": "ExternalName", "externalName": "example.com"}}));
    w.create(kinds::SERVICE, service("lb", value!({"type": "LoadBalancer"})));
    w.run(1_000);
    assert!(
        w.get(kinds::SERVICE, "lb")["status"]["loadBalancer"]["ingress"].is_null(),
        "the cloud takes its time"
    );
    w.until(20_000, |w| w.ready() == 2).unwrap();
    w.run(3_000);
    assert_eq!(
        w.machines
            .dns
            .absolute(drydock_cluster::dns::SERVER, "head.default.svc.cluster.local")
            .unwrap()
            .ips
            .len(),
        2
    );
    let lb = w.get(kinds::SERVICE, "lb");
    let ip = lb["status"]["loadBalancer"]["ingress"][0]["ip"].text().to_string();
    assert_eq!(ip, "203.0.113.10");
    let from = Ip::new(10, 0, 0, 1);
    assert!(matches!(w.machines.routing.route(from, target(&ip, 80), 1), Route::Backend { .. }));
    let port = u16::try_from(lb["spec"]["ports"][0]["nodePort"].int()).unwrap();
    assert!(matches!(w.machines.routing.route(from, target("172.18.0.3", port), 1), Route::Backend { .. }));
    let id = w.cluster.find(kinds::SERVICE, "default", "lb").unwrap().id;
    w.cluster.delete(&mut w.machines, &ADMIN, id, &DeleteOptions::default()).unwrap();
    w.run(2_000);
    assert!(w.cluster.get(id).is_none(), "the cloud lets go of it");
}
