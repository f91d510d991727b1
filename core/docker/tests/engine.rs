//! The engine through its door: what a client sees of containers, images, networks and volumes.
// Tests may use what the engine itself must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "engine/world.rs"]
mod world;

use drydock_machinery::Value;
use drydock_network::http::Method;
use world::{World, plain, with_host};

#[test]
fn a_container_runs_prints_ends_and_is_removed() {
    let mut w = World::new();
    w.pull("busybox");
    assert_eq!(w.run_container("", plain("busybox", &["echo", "hello"])), ("hello\n".into(), "".into(), 0));
    assert_eq!(
        w.run_container("", plain("busybox", &["sh", "-c", "echo no >&2; exit 3"])),
        ("".into(), "no\n".into(), 3)
    );
    let (_, err, code) = w.run_container("bad", plain("busybox", &["nosuchcmd"]));
    assert_eq!(code, 125);
    assert_eq!(
        err,
        "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: exec: \"nosuchcmd\": executable file not found in $PATH: unknown"
    );
    assert_eq!(w.status("bad"), "Created");
    assert_eq!(w.get("/containers/bad/json").body["State"]["ExitCode"].int(), 127);
    assert_eq!(w.create("bad", plain("busybox", &[])).unwrap_err().split(". ").next(), Some("Conflict"));
    assert_eq!(w.ask(Method::Delete, "/containers/bad", None).status, 204);
    assert_eq!(w.get("/containers/bad/json").body["message"], "No such container: bad");
    let env = plain("busybox", &["env"]).with("Env", drydock_machinery::value!(["A=1", "B=2"]));
    let (out, _, _) = w.run_container("envs", env);
    let names: Vec<&str> = out.lines().map(|l| l.split('=').next().unwrap()).collect();
    assert_eq!(names, ["PATH", "HOSTNAME", "A", "B", "HOME"], "{out}");
}

#[test]
fn stop_kill_pause_and_restart_follow_the_signals() {
    let mut w = World::new();
    w.pull("busybox");
    w.run_container("x", plain("busybox", &["true"]));
    for (name, host, cmd, code) in [
        ("ignores", "{}", vec!["sleep", "1000"], 137),
        ("init", r#"{"Init":true}"#, vec!["sleep", "1000"], 143),
        ("trap", "{}", vec!["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"], 7),
    ] {
        w.create(name, with_host(&plain("busybox", &cmd), host)).unwrap();
        assert_eq!(w.ask(Method::Post, &format!("/containers/{name}/start"), None).status, 204);
        w.run(500);
        assert_eq!(w.ask(Method::Post, &format!("/containers/{name}/start"), None).status, 304);
        assert_eq!(w.ask(Method::Post, &format!("/containers/{name}/stop?t=2"), None).status, 204);
        assert_eq!(w.status(name), format!("Exited ({code}) Less than a second ago"));
        assert_eq!(w.ask(Method::Post, &format!("/containers/{name}/stop"), None).status, 304);
    }
    assert_eq!(w.ask(Method::Post, "/containers/ignores/restart?t=0", None).status, 204);
    w.run(2_000);
    assert_eq!(w.ask(Method::Post, "/containers/ignores/pause", None).status, 204);
    assert_eq!(w.status("ignores"), "Up 2 seconds (Paused)");
    let (_, text, _) = w.exec("ignores", &["ls"]);
    assert_eq!(text, "Container ignores is paused, unpause the container before exec");
    assert_eq!(w.ask(Method::Post, "/containers/ignores/unpause", None).status, 204);
    assert_eq!(w.ask(Method::Post, "/containers/ignores/kill", None).status, 204);
    assert_eq!(w.status("ignores"), "Exited (137) Less than a second ago");
    let again = w.ask(Method::Post, "/containers/ignores/kill", None);
    assert!(
        again.body["message"].text().starts_with("cannot kill container: ignores: container "),
        "{again:?}"
    );
}

#[test]
fn policies_start_again_with_growing_delays() {
    let mut w = World::new();
    w.pull("busybox");
    let crash = plain("busybox", &["sh", "-c", "exit 5"]);
    let host = r#"{"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":2}}"#;
    w.create("crash", with_host(&crash, host)).unwrap();
    w.ask(Method::Post, "/containers/crash/start", None);
    w.run(4_000);
    assert_eq!(w.status("crash"), "Exited (5) 3 seconds ago");
    let seen = w.get("/containers/crash/json").body;
    assert_eq!((seen["RestartCount"].int(), seen["State"]["Status"].text()), (2, "exited"));
    w.create("always", with_host(&crash, r#"{"RestartPolicy":{"Name":"always"}}"#)).unwrap();
    w.ask(Method::Post, "/containers/always/start", None);
    w.run(9_000);
    assert!(w.status("always").starts_with("Restarting (5) "), "{}", w.status("always"));
    let refused = w.ask(Method::Delete, "/containers/always", None);
    assert_eq!(
        refused.body["message"],
        "cannot remove container \"/always\": container is restarting: stop the container before removing or force remove"
    );
    assert_eq!(w.ask(Method::Delete, "/containers/always?force=1", None).status, 204);
}

#[test]
fn published_ports_lead_to_the_container() {
    let mut w = World::new();
    w.pull("nginx");
    let web =
        with_host(&plain("nginx", &[]), r#"{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8888"}]}}"#);
    w.create("web", web.clone()).unwrap();
    assert_eq!(w.ask(Method::Post, "/containers/web/start", None).status, 204);
    w.run(1_000);
    let page = w.on_laptop(&["curl", "-s", "localhost:8888"]);
    assert!(page.contains("Welcome to nginx!"), "{page}");
    let logs = w.get("/containers/web/logs?stdout=1&stderr=1");
    assert!(logs.out.contains("172.17.0.1 - - "), "{}", logs.out);
    w.create("web2", web).unwrap();
    let refused = w.ask(Method::Post, "/containers/web2/start", None);
    let text = refused.body["message"].text();
    assert!(text.ends_with("): Bind for 0.0.0.0:8888 failed: port is already allocated"), "{text}");
    assert_eq!(w.get("/containers/web2/json").body["State"]["ExitCode"].int(), 128);
    let ports = w.get("/containers/json").body[0]["Ports"].clone();
    assert_eq!(ports.items().len(), 2);
    w.ask(Method::Post, "/containers/web/stop", None);
    assert!(!w.on_laptop(&["curl", "-s", "localhost:8888"]).contains("nginx"));
}

#[test]
fn user_networks_have_names_and_keep_apart() {
    let mut w = World::new();
    w.pull("nginx");
    w.pull("busybox");
    for net in ["front", "back"] {
        assert_eq!(
            w.post("/networks/create", Value::from_iter([("Name", net)].map(|(k, v)| (k, Value::from(v)))))
                .status,
            201
        );
    }
    for (name, net) in [("web", "front"), ("other", "back"), ("plain", "bridge")] {
        w.create(name, with_host(&plain("nginx", &[]), &format!(r#"{{"NetworkMode":"{net}"}}"#))).unwrap();
        assert_eq!(w.ask(Method::Post, &format!("/containers/{name}/start"), None).status, 204);
    }
    w.run(1_000);
    let mut from = |net: &str, url: &str| {
        let body = with_host(
            &plain("busybox", &["wget", "-T", "2", "-qO-", url]),
            &format!(r#"{{"NetworkMode":"{net}"}}"#),
        );
        w.run_container("", body)
    };
    assert!(from("front", "http://web").0.contains("Welcome"));
    let (_, err, code) = from("front", "http://other");
    assert_eq!((err.trim(), code), ("wget: bad address 'other'", 1));
    let (_, err, _) = from("bridge", "http://plain");
    assert_eq!(err.trim(), "wget: bad address 'plain'");
    assert!(from("bridge", "http://172.17.0.2").0.contains("Welcome"));
    assert_eq!(from("front", "http://172.17.0.2").2, 1);
    let connected = Value::from_iter([("Container", Value::from("other"))]);
    assert_eq!(w.post("/networks/front/connect", connected).status, 200);
    let body = with_host(&plain("busybox", &["wget", "-qO-", "http://other"]), r#"{"NetworkMode":"front"}"#);
    assert!(w.run_container("", body).0.contains("Welcome"));
    let busy = w.ask(Method::Delete, "/networks/front", None);
    assert!(busy.body["message"].text().contains("has active endpoints"), "{busy:?}");
}

#[test]
fn volumes_are_filled_kept_and_pruned() {
    let mut w = World::new();
    w.pull("nginx");
    w.pull("busybox");
    let host = r#"{"Binds":["html:/usr/share/nginx/html"]}"#;
    let (out, _, _) =
        w.run_container("ca", with_host(&plain("nginx", &["ls", "/usr/share/nginx/html"]), host));
    assert_eq!(out, "50x.html\nindex.html\n");
    let write = plain("busybox", &["sh", "-c", "echo hi > /v/new"]);
    w.run_container("cb", with_host(&write, r#"{"Binds":["html:/v"]}"#));
    let read = plain("busybox", &["cat", "/v/new"]);
    assert_eq!(w.run_container("cc", with_host(&read, r#"{"Binds":["html:/v:ro"]}"#)).0, "hi\n");
    let (_, err, code) = w.run_container("cd", with_host(&write, r#"{"Binds":["html:/v:ro"]}"#));
    assert_eq!((err.trim(), code), ("sh: can't create /v/new: Read-only file system", 1));
    let busy = w.ask(Method::Delete, "/volumes/html", None);
    assert!(busy.body["message"].text().starts_with("remove html: volume is in use - ["), "{busy:?}");
    let bad = w.create("ce", with_host(&write, r#"{"Binds":["rel/path:/x"]}"#)).unwrap_err();
    assert!(
        bad.starts_with("create rel/path: \"rel/path\" includes invalid characters for a local volume name"),
        "{bad}"
    );
    let bind = plain("busybox", &["sh", "-c", "cat /w/f; echo back > /w/g"]);
    w.machines.write_file(w.docker.host, "/srv/data/f", b"from the laptop\n", 0).unwrap();
    let (out, err, _) = w.run_container("cf", with_host(&bind, r#"{"Binds":["/srv/data:/w"]}"#));
    assert_eq!((out.as_str(), err.as_str()), ("from the laptop\n", ""));
    assert_eq!(&*w.machines.read_file(w.docker.host, "/srv/data/g").unwrap(), b"back\n");
}

#[test]
fn images_are_tagged_untagged_committed_and_carried() {
    let mut w = World::new();
    w.pull("nginx");
    w.pull("busybox");
    w.run_container("cc", plain("busybox", &["sh", "-c", "echo data > /file; rm /bin/vi 2>/dev/null; true"]));
    let changes = w.get("/containers/cc/changes").body;
    assert!(changes.items().iter().any(|c| c["Path"] == "/file" && c["Kind"].int() == 1), "{changes:?}");
    let made = w.ask(Method::Post, "/commit?container=cc&repo=mine&tag=v1&comment=why", None);
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(w.run_container("", plain("mine:v1", &["cat", "/file"])).0, "data\n");
    assert_eq!(w.ask(Method::Post, "/images/nginx/tag?repo=learner/web&tag=1", None).status, 201);
    let gone = w.ask(Method::Delete, "/images/nginx", None).body;
    // The digest goes with the last tag of its repository.
    assert_eq!(gone.items().len(), 2, "{gone:?}");
    let saved = w.get("/images/get?names=mine:v1");
    for id in w.get("/containers/json?all=1").body.items().to_vec() {
        w.ask(Method::Delete, &format!("/containers/{}", id["Id"].text()), None);
    }
    let gone = w.ask(Method::Delete, "/images/mine:v1", None);
    assert_eq!(gone.body[0]["Untagged"], "mine:v1");
    let load = drydock_network::http::Request::new(Method::Post, "/images/load")
        .body(drydock_network::http::Body::Bytes(saved.bytes.clone()));
    let loaded = w.send(&load);
    assert_eq!(w.finish(loaded).messages[0]["stream"], "Loaded image: mine:v1\n");
    assert_eq!(w.run_container("", plain("mine:v1", &["cat", "/file"])).0, "data\n");
}

#[test]
fn pushes_need_the_account_and_nodes_can_pull_them() {
    let mut w = World::new();
    w.pull("busybox");
    w.ask(Method::Post, "/images/busybox/tag?repo=learner/app&tag=v1", None);
    let denied = w.ask(Method::Post, "/images/learner/app/push?tag=v1", None);
    assert_eq!(
        denied.messages.last().unwrap()["error"],
        "denied: requested access to the resource is denied"
    );
    let auth = drydock_machinery::hash::base64_encode(br#"{"username":"learner","password":"secret"}"#);
    let push = drydock_network::http::Request::new(Method::Post, "/images/learner/app/push")
        .query("tag", "v1")
        .header("X-Registry-Auth", &auth);
    let sent = w.send(&push);
    let pushed = w.finish(sent);
    assert!(pushed.messages.iter().any(|m| m["status"] == "Mounted from library/busybox"), "{pushed:?}");
    assert_eq!(pushed.messages.last().unwrap()["aux"]["Tag"], "v1");
    assert!(w.machines.find_image("learner/app:v1").is_ok());
}

#[test]
fn networks_refuse_in_the_engines_words() {
    let mut w = World::new();
    w.pull("busybox");
    let net = |name: &str, config: &str| {
        let text = format!(r#"{{"Name":"{name}","IPAM":{{"Config":[{config}]}}}}"#);
        drydock_machinery::json::parse(text.as_bytes()).unwrap()
    };
    let mut refused = |name: &str, config: &str| {
        let answer = w.post("/networks/create", net(name, config));
        (answer.status, answer.body["message"].text().to_string())
    };
    assert_eq!(refused("plain", "").0, 201);
    assert_eq!(refused("plain", ""), (409, "network with name plain already exists".into()));
    assert_eq!(refused("own", r#"{"Subnet":"10.9.0.0/24"}"#).0, 201);
    assert_eq!(
        refused("two", r#"{"Subnet":"10.9.0.0/16"}"#),
        (403, "Pool overlaps with other one on this address space".into())
    );
    assert_eq!(
        refused("x1", r#"{"Subnet":"10.8.0.1/24","Gateway":"10.7.0.1"}"#).1,
        "invalid network config:\n* invalid subnet 10.8.0.1/24: it should be 10.8.0.0/24\n\
         * invalid gateway 10.7.0.1: parent subnet 10.8.0.1/24 doesn't contain this address"
    );
    assert_eq!(
        refused("x2", r#"{"Subnet":"nonsense"}"#).1,
        "invalid network config:\ninvalid subnet nonsense: invalid CIDR block notation"
    );
    let on = |net: &str, settings: &str| {
        let text = format!(
            r#"{{"Image":"busybox","HostConfig":{{"NetworkMode":"{net}"}},"NetworkingConfig":{{"EndpointsConfig":{{"{net}":{settings}}}}}}}"#
        );
        drydock_machinery::json::parse(text.as_bytes()).unwrap()
    };
    let ip = |ip: &str| format!(r#"{{"IPAMConfig":{{"IPv4Address":"{ip}"}}}}"#);
    for (net, settings, text) in [
        ("bridge", ip("172.17.0.9"), "user specified IP address is supported on user defined networks only"),
        (
            "plain",
            ip("172.18.0.9"),
            "user specified IP address is supported only when connecting to networks with user configured subnets",
        ),
        ("own", ip("10.1.0.9"), "no configured subnet or ip-range contain the IP address 10.1.0.9"),
        (
            "bridge",
            r#"{"Aliases":["db"]}"#.to_string(),
            "network-scoped alias is supported only for containers in user defined networks",
        ),
    ] {
        let answer = w.create("", on(net, &settings)).unwrap_err();
        assert_eq!(answer, format!("invalid config for network {net}: invalid endpoint settings:\n{text}"));
    }
    assert!(w.create("fine", on("own", &ip("10.9.0.7"))).is_ok());
}
