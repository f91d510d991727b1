//! The engine's slower side: health checks, standard input, files in and out, events, waiting.
// Tests may use what the engine itself must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "engine/world.rs"]
mod world;

use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Method, Request};
use world::{World, plain, with_host};

#[test]
fn health_checks_go_from_starting_to_unhealthy_and_back() {
    let mut w = World::new();
    w.pull("busybox");
    let body = plain("busybox", &["sleep", "1000"]).with(
        "Healthcheck",
        value!({"Test": ["CMD-SHELL", "test -f /ok"], "Interval": 1_000_000_000, "Timeout": 1_000_000_000, "Retries": 2}),
    );
    w.create("hc", body).unwrap();
    w.ask(Method::Post, "/containers/hc/start", None);
    w.run(500);
    assert_eq!(w.status("hc"), "Up Less than a second (health: starting)");
    w.run(3_000);
    assert_eq!(w.status("hc"), "Up 3 seconds (unhealthy)");
    let seen = w.get("/containers/hc/json").body["State"]["Health"].clone();
    assert_eq!((seen["FailingStreak"].int() >= 2, seen["Log"][0]["ExitCode"].int()), (true, 1));
    w.exec("hc", &["touch", "/ok"]);
    w.run(2_000);
    assert!(w.status("hc").ends_with("(healthy)"), "{}", w.status("hc"));
    let events = w.get("/events?since=0&until=1767603606");
    let actions: Vec<&str> = events.messages.iter().map(|e| e["Action"].text()).collect();
    assert!(
        actions.contains(&"health_status: unhealthy") && actions.contains(&"health_status: healthy"),
        "{actions:?}"
    );
}

#[test]
fn input_reaches_a_container_that_starts_later() {
    let mut w = World::new();
    w.pull("busybox");
    let body = plain("busybox", &["cat"]).with("OpenStdin", true).with("StdinOnce", true);
    w.create("cat", body).unwrap();
    let attach = Request::new(Method::Post, "/containers/cat/attach")
        .query("stream", "1")
        .query("stdin", "1")
        .query("stdout", "1");
    let attached = w.send(&attach);
    let Body::Stream(stream) = attached.body else { panic!("{attached:?}") };
    w.docker.write_stream(&mut w.machines, stream, 0, b"piped\n");
    w.docker.write_stream(&mut w.machines, stream, 255, &[0]);
    assert_eq!(w.ask(Method::Post, "/containers/cat/start", None).status, 204);
    assert_eq!(w.finish(attached).out, "piped\n");
    assert_eq!(w.status("cat"), "Exited (0) Less than a second ago");
}

#[test]
fn files_are_copied_in_and_out_as_archives() {
    let mut w = World::new();
    w.pull("busybox");
    w.create("box", plain("busybox", &["cat", "/tmp/dir/f"])).unwrap();
    let inode = |content, mode, size| drydock_container::filesystem::Inode {
        content,
        mode,
        uid: 0,
        gid: 0,
        mtime: 5,
        links: 1,
        size,
    };
    use drydock_container::filesystem::Content;
    let entries = [
        ("dir", inode(Content::Directory, 0o755, 4096)),
        ("dir/f", inode(Content::File(b"copied\n".as_slice().into()), 0o600, 7)),
    ];
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(path, inode)| drydock_container::tar::Entry { path: path.into(), inode, hard_link: None })
        .collect();
    let put = Request::new(Method::Put, "/containers/box/archive")
        .query("path", "/tmp")
        .body(Body::Bytes(drydock_container::tar::pack(&entries).into()));
    assert_eq!(w.send(&put).status, 200);
    let got = w.get("/containers/box/archive?path=/tmp/dir");
    let back = drydock_container::tar::unpack(&got.bytes).unwrap();
    assert_eq!(back.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), ["dir", "dir/f"]);
    let missing = w.get("/containers/box/archive?path=/nope");
    assert_eq!(
        (missing.status, missing.body["message"].text()),
        (404, "Could not find the file /nope in container box")
    );
    let no_folder = Request::new(Method::Put, "/containers/box/archive")
        .query("path", "/no/such")
        .body(Body::Bytes(drydock_container::tar::pack(&entries).into()));
    assert_eq!(w.send(&no_folder).status, 404);
    let started = w.ask(Method::Post, "/containers/box/start", None);
    assert_eq!(started.status, 204);
    w.run(100);
    assert_eq!(w.get("/containers/box/logs?stdout=1").out, "copied\n");
}

#[test]
fn auto_removal_tells_who_waits_and_takes_unnamed_volumes() {
    let mut w = World::new();
    w.pull("busybox");
    let body = with_host(&plain("busybox", &["sh", "-c", "echo x > /v/f; exit 4"]), r#"{"AutoRemove":true}"#)
        .with("Volumes", value!({"/v": {}}));
    w.create("gone", body).unwrap();
    assert_eq!(w.get("/volumes").body["Volumes"].items().len(), 1);
    let wait = w.send(&Request::new(Method::Post, "/containers/gone/wait").query("condition", "removed"));
    w.ask(Method::Post, "/containers/gone/start", None);
    assert_eq!(w.finish(wait).messages, [value!({"StatusCode": 4})]);
    assert_eq!(w.get("/containers/gone/json").status, 404);
    assert!(w.get("/volumes").body["Volumes"].items().is_empty());
}

#[test]
fn memory_limits_kill_and_shared_namespaces_are_shared() {
    let mut w = World::new();
    w.pull("busybox");
    w.pull("nginx");
    let hog = with_host(&plain("busybox", &["tail", "/dev/zero"]), r#"{"Memory":8388608}"#);
    assert_eq!(w.run_container("oom", hog).2, 137);
    assert_eq!(w.get("/containers/oom/json").body["State"]["OOMKilled"], Value::Bool(true));
    w.create("web", plain("nginx", &[])).unwrap();
    let peer = with_host(
        &plain("busybox", &["wget", "-qO-", "http://localhost"]),
        r#"{"NetworkMode":"container:web"}"#,
    );
    let (_, err, _) = w.run_container("early", peer.clone());
    assert!(err.starts_with("cannot join network of a non running container: "), "{err}");
    w.ask(Method::Post, "/containers/web/start", None);
    w.run(500);
    assert!(w.run_container("peer", peer).0.contains("Welcome to nginx!"));
    let alone = with_host(
        &plain("busybox", &["wget", "-T", "1", "-qO-", "http://172.17.0.2"]),
        r#"{"NetworkMode":"none"}"#,
    );
    assert_eq!(w.run_container("alone", alone).2, 1);
    let host = with_host(&plain("nginx", &[]), r#"{"NetworkMode":"host"}"#);
    w.create("host", host).unwrap();
    w.ask(Method::Post, "/containers/host/start", None);
    w.run(500);
    assert!(w.on_laptop(&["curl", "-s", "localhost"]).contains("Welcome to nginx!"));
}

#[test]
fn two_worlds_of_one_seed_are_equal() {
    let play = || {
        let mut w = World::new();
        w.pull("nginx");
        w.create("", plain("nginx", &[])).unwrap();
        let id = w.get("/containers/json?all=1").body[0]["Id"].text().to_string();
        w.ask(Method::Post, &format!("/containers/{id}/start"), None);
        w.run(1_000);
        (w.docker.hash(), w.machines.digest(), id)
    };
    assert_eq!(play(), play());
}

#[test]
fn a_filesystem_goes_out_and_comes_back_as_an_image() {
    let mut w = World::new();
    w.pull("nginx");
    w.create("box", plain("nginx", &[])).unwrap();
    let out = w.get("/containers/box/export");
    let import = Request::new(Method::Post, "/images/create")
        .query("fromSrc", "-")
        .query("repo", "flat")
        .query("changes", "CMD [\"cat\", \"/etc/hostname\"]")
        .body(Body::Bytes(out.bytes.clone()));
    let answer = w.send(&import);
    assert!(w.finish(answer).messages[0]["status"].text().starts_with("sha256:"));
    let sizes: Vec<i64> = w.get("/images/json").body.items().iter().map(|i| i["Size"].int()).collect();
    assert_eq!(sizes[0], sizes[1], "the archive says what it does not hold");
    let (out, err, code) = w.run_container("flat", plain("flat", &[]));
    assert_eq!((out.len(), err.as_str(), code), (13, "", 0));
    let history = w.get("/images/flat/history").body;
    assert_eq!((history.items().len(), history[0]["Comment"].text()), (1, "Imported from -"));
}

#[test]
fn an_exec_that_cannot_start_says_so_and_leaves_nothing() {
    let mut w = World::new();
    w.pull("busybox");
    w.create("box", plain("busybox", &["sleep", "100"])).unwrap();
    w.ask(Method::Post, "/containers/box/start", None);
    let (out, err, code) = w.exec("box", &["nosuchcmd"]);
    let text = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuchcmd\": executable file not found in $PATH: unknown\n";
    assert_eq!((out.as_str(), err.as_str(), code), (text, "", 126));
    assert!(w.get("/containers/box/json").body["ExecIDs"].is_null());
    // From within, nobody kills the first process.
    assert_eq!(w.exec("box", &["sh", "-c", "kill -9 1; echo survived"]).0, "survived\n");
    let (_, err, _) = w.exec("gone", &["ls"]);
    assert_eq!(err, "No such container: gone");
}

#[test]
fn hostile_numbers_are_harmless() {
    let mut w = World::new();
    w.pull("busybox");
    w.create("box", plain("busybox", &["sleep", "100"])).unwrap();
    w.ask(Method::Post, "/containers/box/start", None);
    for path in [
        "/events?since=0&until=9223372036854775807",
        "/containers/box/logs?stdout=1&tail=9223372036854775807&since=9223372036854775807",
        "/containers/json?limit=9223372036854775807",
        "/containers/box/stats?stream=0",
        "/containers/box/top?ps_args=-o",
        "/images/json?filters=%7B",
        "/v9999999999.1/info",
        "/containers//json",
    ] {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(Method::Get, path);
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            request = request.query(name, value);
        }
        w.send(&request);
    }
    let huge = r#"[{"Config":"c","Layers":[],"RepoTags":["huge:1"]}]"#;
    let config =
        r#"{"layers":[{"size":9223372036854775807},{"size":9223372036854775807}],"size":-5,"config":{}}"#;
    let file = |path: &str, text: &str| drydock_container::tar::Entry {
        path: path.into(),
        inode: drydock_container::filesystem::Inode {
            content: drydock_container::filesystem::Content::File(text.as_bytes().into()),
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            links: 1,
            size: text.len() as u64,
        },
        hard_link: None,
    };
    let archive = drydock_container::tar::pack(&[file("manifest.json", huge), file("c", config)]);
    let load = Request::new(Method::Post, "/images/load").body(Body::Bytes(archive.into()));
    let answer = w.send(&load);
    assert_eq!(w.finish(answer).messages[0]["stream"], "Loaded image: huge:1\n");
    w.get("/system/df");
    let stop = w.send(&Request::new(Method::Post, "/containers/box/stop").query("t", "9223372036854775807"));
    assert_eq!(stop.status, 102);
    w.run(1_000);
    assert_eq!(w.ask(Method::Delete, "/containers/box?force=1", None).status, 204);
    assert_eq!(w.finish(stop).status, 204);
}
