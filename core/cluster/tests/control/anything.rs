//! Any sequence of requests to a living cluster keeps what must hold: revisions grow, nothing outlives
//! its owner once deletions have settled, the rolling hash is the full hash, fields have owners that can
//! be read, and a component that owns a status is the one that wrote it.

use crate::world::{World, deployment, pod};
use drydock_machinery::fields::Owners;
use drydock_machinery::random::Random;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Method, Request};

const APPS: &str = "/apis/apps/v1/namespaces/default";
const CORE: &str = "/api/v1/namespaces/default";

/// One request of somebody who types at random; some are refused.
fn anything(random: &mut Random) -> Request {
    let name = format!("w{}", random.below(3));
    let path = format!("{APPS}/deployments/{name}");
    let patch = |path: &str, media: &str, body: Value| {
        Request::new(Method::Patch, path)
            .query("fieldManager", "somebody")
            .header("content-type", &format!("application/{media}"))
            .body(Body::Json(body))
    };
    let image = if random.below(4) == 0 { "missing:1" } else { "nginx:1.27" };
    match random.below(9) {
        0 | 1 => {
            let body = deployment(&name, random.below(4) as i64, image);
            Request::new(Method::Post, format!("{APPS}/deployments")).body(Body::Json(body))
        }
        2 => {
            let body = deployment(&name, random.below(4) as i64, image);
            let body = body.with("apiVersion", "apps/v1").with("kind", "Deployment");
            patch(&path, "apply-patch+yaml", body).query("force", "true")
        }
        3 => patch(
            &format!("{path}/scale"),
            "merge-patch+json",
            value!({"spec": {"replicas": random.below(5)}}),
        ),
        4 => {
            let containers = value!([{"name": "c", "image": image}]);
            patch(
                &path,
                "strategic-merge-patch+json",
                value!({"spec": {"template": {"spec": {"containers": containers}}}}),
            )
        }
        5 => {
            let policy = ["Background", "Foreground", "Orphan"][random.below(3) as usize];
            Request::new(Method::Delete, path).query("propagationPolicy", policy)
        }
        6 => Request::new(Method::Delete, format!("{APPS}/replicasets"))
            .query("labelSelector", format!("app={name}")),
        7 => Request::new(Method::Delete, format!("{CORE}/pods"))
            .query("labelSelector", format!("app={name}"))
            .query("gracePeriodSeconds", random.below(3).to_string()),
        _ => {
            let body = pod(&format!("p{}", random.below(3)), image, value!({}));
            Request::new(Method::Post, format!("{CORE}/pods")).body(Body::Json(body))
        }
    }
}

#[test]
fn any_sequence_of_requests_keeps_what_must_hold() {
    for seed in 1..6 {
        let (mut w, mut random) = (World::new(2), Random::new(seed));
        for _ in 0..25 {
            let before = w.cluster.store.revision;
            w.cluster.handle(&mut w.machines, &anything(&mut random));
            assert!(w.cluster.store.revision >= before);
            w.run(random.below(4_000));
        }
        // Everything that was asked for has come to rest.
        w.run(120_000);
        assert_eq!(w.cluster.store.hash, w.cluster.store.full_hash(), "seed {seed}");
        for object in w.cluster.store.all() {
            for owner in object.owners() {
                let there = w.cluster.owner(&object.namespace, owner).is_some();
                assert!(there, "seed {seed}: {} outlives {}", object.name, owner["name"].text());
            }
            let managed = w.cluster.managed_fields(object);
            let owners = Owners::from_value(&managed).unwrap();
            assert_eq!(owners.to_value(), if managed.is_null() { value!([]) } else { managed.clone() });
            for (owner, owned) in owners.0.iter().filter(|(o, _)| &*o.subresource == "status") {
                assert!(!owned.set.is_empty());
                if object.kind == drydock_cluster::kinds::NODE {
                    // The test's own.
                    continue;
                }
                let component = ["kubelet", "kube-controller-manager", "kube-scheduler"];
                assert!(component.contains(&&*owner.manager), "seed {seed}: {owner:?} of {}", object.name);
            }
        }
    }
}
