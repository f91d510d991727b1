//! What must hold whatever happens: a watch tells as much as a list, the rolling hash is the full
//! hash, writing the same again writes nothing, equal seeds give equal worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::Cluster;
use drydock_cluster::boot::Config;
use drydock_container::Machines;
use drydock_container::machines::Frame;
use drydock_container::program::Programs;
use drydock_machinery::random::Random;
use drydock_machinery::{Clock, Value, value};
use drydock_network::http::{Body, Method, Request, Stream};
use std::collections::BTreeMap;

fn world(seed: u64) -> (Cluster, Machines) {
    let mut machines = Machines::new(Clock::new(seed, 1_795_000_000), Programs::default());
    let cluster = Cluster::boot(&mut machines, &Config::default());
    (cluster, machines)
}

const KINDS: &[&str] = &["configmaps", "pods", "services"];

fn body(kind: &str, name: &str, n: u64) -> Value {
    let meta = value!({"name": name, "labels": {"n": (n % 3).to_string()}});
    match kind {
        "pods" => value!({"metadata": meta, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}),
        "services" => {
            value!({"metadata": meta, "spec": {"selector": {"a": name}, "ports": [{"port": 80 + n % 9}]}})
        }
        _ => value!({"metadata": meta, "data": {"n": n.to_string()}}),
    }
}

/// One request of somebody who types at random; most are refused.
fn anything(random: &mut Random) -> Request {
    let kind = KINDS[random.below(KINDS.len() as u64) as usize];
    let name = format!("{}{}", &kind[..1], random.below(6));
    let root = format!("/api/v1/namespaces/default/{kind}");
    let n = random.next_u64();
    match random.below(5) {
        0 | 1 => Request::new(Method::Post, root).body(Body::Json(body(kind, &name, n))),
        2 => Request::new(Method::Put, format!("{root}/{name}")).body(Body::Json(body(kind, &name, n))),
        3 => Request::new(Method::Patch, format!("{root}/{name}"))
            .header("content-type", "application/merge-patch+json")
            .body(Body::Json(value!({"metadata": {"labels": {"n": (n % 3).to_string(), "p": null}}}))),
        _ => Request::new(Method::Delete, format!("{root}/{name}")),
    }
}

type Seen = BTreeMap<String, Value>;

fn name_of(object: &Value) -> String {
    object["metadata"]["name"].text().to_string()
}

fn follow(w: &mut (Cluster, Machines), stream: Stream, seen: &mut Seen) {
    while let Frame::Json(event) = w.0.read_stream(&mut w.1, stream) {
        let object = &event["object"];
        match event["type"].text() {
            "ADDED" => assert!(seen.insert(name_of(object), object.clone()).is_none(), "added twice"),
            "MODIFIED" => assert!(seen.insert(name_of(object), object.clone()).is_some(), "never added"),
            "DELETED" => assert!(seen.remove(&name_of(object)).is_some(), "never added"),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_watch_tells_as_much_as_a_list() {
    for seed in 1..6 {
        let mut w = world(seed);
        let mut random = Random::new(seed);
        let watches: Vec<(Request, Stream)> = KINDS
            .iter()
            .flat_map(|kind| {
                let all = Request::get(format!("/api/v1/namespaces/default/{kind}"));
                [all.clone(), all.query("labelSelector", "n=1")]
            })
            .map(|list| {
                let watch = list.clone().query("watch", "true");
                let Body::Stream(stream) = w.0.handle(&mut w.1, &watch).body else { panic!() };
                (list, stream)
            })
            .collect();
        let mut seen: Vec<Seen> = vec![Seen::new(); watches.len()];
        for step in 0..300 {
            let request = anything(&mut random);
            w.0.handle(&mut w.1, &request);
            if step % 7 == 0 {
                for ((_, stream), seen) in watches.iter().zip(&mut seen) {
                    follow(&mut w, *stream, seen);
                }
            }
        }
        for ((list, stream), seen) in watches.iter().zip(&mut seen) {
            follow(&mut w, *stream, seen);
            let listed = w.0.handle(&mut w.1, list).body.json().unwrap();
            let listed: Seen = listed["items"].items().iter().map(|o| (name_of(o), o.clone())).collect();
            // List items leave out what the list itself says.
            let told: Seen = seen
                .iter()
                .map(|(name, o)| (name.clone(), o.without("apiVersion").without("kind")))
                .collect();
            assert_eq!(told, listed, "seed {seed}");
        }
        assert_eq!(w.0.store.hash, w.0.store.full_hash());
    }
}

#[test]
fn equal_seeds_give_equal_worlds() {
    let run = || {
        let (mut w, mut random) = (world(3), Random::new(9));
        let codes: Vec<u16> = (0..200).map(|_| w.0.handle(&mut w.1, &anything(&mut random)).status).collect();
        (codes, w.0.hash(), w.1.clock.hash())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_clone_keeps_its_own_future() {
    let mut w = world(1);
    let mut random = Random::new(2);
    for _ in 0..50 {
        w.0.handle(&mut w.1, &anything(&mut random));
    }
    let (kept, hash) = (w.0.clone(), w.0.hash());
    for _ in 0..50 {
        w.0.handle(&mut w.1, &anything(&mut random));
    }
    assert_ne!(w.0.hash(), hash);
    assert_eq!(kept.hash(), hash);
    assert_eq!(kept.store.hash, kept.store.full_hash());
}

#[test]
fn applying_twice_changes_nothing() {
    let mut w = world(1);
    let deployment = value!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
            "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}},
    });
    let path = "/apis/apps/v1/namespaces/default/deployments/web";
    for media in [
        "application/apply-patch+yaml",
        "application/strategic-merge-patch+json",
        "application/merge-patch+json",
    ] {
        let apply = Request::new(Method::Patch, path)
            .query("fieldManager", "me")
            .header("content-type", media)
            .body(Body::Json(deployment.clone()));
        let first = w.0.handle(&mut w.1, &apply).body.json().unwrap();
        let revision = w.0.store.revision;
        let again = w.0.handle(&mut w.1, &apply).body.json().unwrap();
        assert_eq!(first, again, "{media}");
        assert_eq!(w.0.store.revision, revision, "{media}");
    }
    // A field the manager no longer sends goes away.
    let more = deployment.with_at(&["spec", "minReadySeconds"], 5);
    let less = deployment.clone();
    for (sent, wanted) in [(more, 5), (less, 0)] {
        let apply = Request::new(Method::Patch, path)
            .query("fieldManager", "me")
            .header("content-type", "application/apply-patch+yaml")
            .body(Body::Json(sent));
        let object = w.0.handle(&mut w.1, &apply).body.json().unwrap();
        assert_eq!(object["spec"]["minReadySeconds"].int(), wanted);
        assert_eq!(object["spec"]["replicas"].int(), 1);
    }
}

#[test]
fn a_watcher_too_far_behind_must_list_again() {
    let mut w = world(1);
    let first = w.0.store.revision;
    let patch = |n: u64| {
        Request::new(Method::Patch, "/api/v1/namespaces/default")
            .header("content-type", "application/merge-patch+json")
            .body(Body::Json(value!({"metadata": {"labels": {"n": n.to_string()}}})))
    };
    for n in 0..drydock_machinery::limits::WATCH_WINDOW as u64 + 10 {
        w.0.handle(&mut w.1, &patch(n));
    }
    let watch =
        Request::get("/api/v1/namespaces").query("watch", "1").query("resourceVersion", first.to_string());
    let Body::Stream(stream) = w.0.handle(&mut w.1, &watch).body else { panic!() };
    let Frame::Json(event) = w.0.read_stream(&mut w.1, stream) else { panic!() };
    assert_eq!((event["type"].text(), event["object"]["code"].int()), ("ERROR", 410));
    assert_eq!(event["object"]["reason"], "Expired");
    assert_eq!(w.0.read_stream(&mut w.1, stream), Frame::End);
}
