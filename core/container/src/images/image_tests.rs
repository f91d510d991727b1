//! The images at work, as containers.

use crate::machines::{Machines, Nowhere};
use crate::space::SpaceId;
use crate::spec::Overrides;
use crate::testing::*;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Payload, Target};
use drydock_network::http::{Body, Method, Request};

/// Status and body of a request to the container at 10.1.0.1.
fn ask(m: &mut Machines, port: u16, request: Request) -> (u16, String) {
    let net = m.nets.keys().next().copied().unwrap();
    let to = Target { ip: Ip::new(10, 1, 0, 1), port };
    let id = m.probe(net, to, Payload::Http(request.header("Host", "app")), 1_000);
    run(m, 20);
    match m.take_exchange(id) {
        Some(Ok(Answer::Http(r))) => (r.status, String::from_utf8(r.body.bytes().to_vec()).unwrap()),
        other => panic!("{other:?}"),
    }
}
fn started(name: &str, over: Overrides) -> (Machines, SpaceId) {
    let (mut m, host) = world();
    let c = container(&mut m, host, name, 1, over);
    m.start_container(&mut Nowhere, c).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    run(&mut m, 20);
    (m, c)
}
fn exec_output(m: &mut Machines, c: SpaceId, words: &[&str]) -> String {
    let h = m.exec(&mut Nowhere, c, exec_of(words)).unwrap();
    run(m, 50);
    let out = [m.take_output(h.stdout, 9_999), m.take_output(h.stderr, 9_999)]
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    String::from_utf8(out).unwrap()
}

#[test]
fn kubia_greets_and_its_versions_differ() {
    let (mut m, c) = started("luksa/kubia", Overrides::default());
    assert_eq!(ask(&mut m, 8080, Request::get("/")), (200, "You've hit c1\n".into()));
    assert_eq!(log_text(&m, c), "Kubia server starting...\nReceived request from ::ffff:10.0.0.2\n");
    m.stop(c, None);
    run(&mut m, 20);
    assert_eq!(ended(&m, c), None, "node as PID 1 ignores SIGTERM");
    let (mut m, _) = started("luksa/kubia:v3", Overrides::default());
    for _ in 0..4 {
        assert_eq!(ask(&mut m, 8080, Request::get("/")), (200, "This is v3 running in pod c1\n".into()));
    }
    assert_eq!(ask(&mut m, 8080, Request::get("/")).0, 500);
    let (mut m, _) = started("luksa/kubia-pet", Overrides::default());
    let post = Request::new(Method::Post, "/").body(Body::text("hey"));
    assert_eq!(ask(&mut m, 8080, post).1, "cannot write /var/data/kubia.txt\n");
}

#[test]
fn httpd_works() {
    let (mut m, c) = started("httpd:2.4", Overrides::default());
    assert_eq!(
        ask(&mut m, 80, Request::get("/")),
        (200, "<html><body><h1>It works!</h1></body></html>\n".into())
    );
    assert_eq!(ask(&mut m, 80, Request::get("/x")).1.len(), 196);
    assert!(log_text(&m, c).contains("AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 10.1.0.1."));
    m.stop(c, None);
    run(&mut m, 20);
    assert_eq!(ended(&m, c), Some(0));
}

#[test]
fn redis_keeps_and_saves() {
    let (mut m, c) = started("redis", Overrides::default());
    assert!(log_text(&m, c).ends_with("* Ready to accept connections tcp\n"));
    assert_eq!(exec_output(&mut m, c, &["redis-cli", "ping"]), "PONG\n");
    assert_eq!(exec_output(&mut m, c, &["redis-cli", "set", "k", "hello world"]), "OK\n");
    assert_eq!(exec_output(&mut m, c, &["redis-cli", "incr", "n"]), "1\n");
    assert_eq!(exec_output(&mut m, c, &["redis-cli", "--no-raw", "keys", "*"]), "1) \"k\"\n2) \"n\"\n");
    assert_eq!(
        exec_output(&mut m, c, &["redis-cli", "-p", "1", "ping"]),
        "Could not connect to Redis at 127.0.0.1:1: Connection refused\n"
    );
    m.stop(c, None);
    run(&mut m, 20);
    assert_eq!(ended(&m, c), Some(0));
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 20);
    assert_eq!(exec_output(&mut m, c, &["redis-cli", "get", "k"]), "hello world\n");
}

#[test]
fn small_images_do_what_they_say() {
    let (mut m, c) = started("drydock/crash", Overrides::default());
    run(&mut m, 1_900);
    assert_eq!(ended(&m, c), None);
    run(&mut m, 200);
    assert_eq!(ended(&m, c), Some(1));
    let (mut m, _) = started("drydock/slow-start", Overrides::default());
    assert_eq!(ask(&mut m, 8080, Request::get("/ready")).0, 503);
    run(&mut m, 20_000);
    assert_eq!(ask(&mut m, 8080, Request::get("/ready")), (200, "ready\n".into()));
    let (mut m, c) = started("hashicorp/http-echo", args(&["-text=hi", "-listen", ":80"]));
    assert_eq!(ask(&mut m, 80, Request::get("/")), (200, "hi\n".into()));
    assert!(log_text(&m, c).contains("[INFO] server is listening on :80\n"));
    let (m, c) = started("hashicorp/http-echo", Overrides::default());
    assert_eq!((ended(&m, c), log_text(&m, c)), (Some(127), "Missing -text option!\n".into()));
    let (mut m, _) = started("traefik/whoami", Overrides::default());
    let text = ask(&mut m, 80, Request::get("/x").query("a", "b")).1;
    assert!(
        text.starts_with("Hostname: c1\nIP: 127.0.0.1\nIP: ::1\nIP: 10.1.0.1\nRemoteAddr: 10.0.0.2:"),
        "{text}"
    );
    assert!(text.ends_with("GET /x?a=b HTTP/1.1\nHost: app\n\n"), "{text}");
    let (mut m, c) = started("registry.k8s.io/pause:3.10", Overrides::default());
    assert_eq!(m.processes.values().map(|p| p.uid).collect::<Vec<_>>(), [65_535]);
    m.stop(c, None);
    run(&mut m, 20);
    assert_eq!(ended(&m, c), Some(0));
    let (m, c) = started("hello-world", Overrides::default());
    assert_eq!(ended(&m, c), Some(0));
    assert!(log_text(&m, c).starts_with("\nHello from Docker!\n"));
    let (mut m, _) = started("gcr.io/google-samples/hello-app:2.0", Overrides::default());
    assert_eq!(ask(&mut m, 8080, Request::get("/")).1, "Hello, world!\nVersion: 2.0.0\nHostname: c1\n");
    let (mut m, _) = started("gcr.io/google-samples/kubernetes-bootcamp:v1", Overrides::default());
    assert_eq!(ask(&mut m, 8080, Request::get("/")).1, "Hello Kubernetes bootcamp! | Running on: c1 | v=1\n");
    let (mut m, _) = started("busybox", args(&["httpd", "-f", "-p", "8000", "-h", "/etc"]));
    assert_eq!(ask(&mut m, 8000, Request::get("/hostname")), (200, "c1\n".into()));
    let missing = "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n";
    assert_eq!(ask(&mut m, 8000, Request::get("/nope")), (404, missing.into()));
}

#[test]
fn databases_insist_on_their_password() {
    let (m, c) = started("mysql:8.0", Overrides::default());
    assert_eq!(ended(&m, c), Some(1));
    assert!(log_text(&m, c).contains("Database is uninitialized and password option is not specified\n"));
    let secret = Overrides { env: vec![("POSTGRES_PASSWORD".into(), "x".into())], ..Overrides::default() };
    let (mut m, c) = started("postgres:16", secret);
    let to = Target { ip: Ip::new(10, 1, 0, 1), port: 5432 };
    let net = m.nets.keys().next().copied().unwrap();
    let connect = |m: &mut Machines| {
        let id = m.probe(net, to, Payload::Connect, 1_000);
        run(m, 20);
        m.take_exchange(id)
    };
    assert_eq!(connect(&mut m), Some(Err(drydock_network::exchange::Failure::Refused)));
    run(&mut m, 4_000);
    assert_eq!(connect(&mut m), Some(Ok(Answer::Connected)));
    assert!(log_text(&m, c).ends_with("LOG:  database system is ready to accept connections\n"));
    m.stop(c, None);
    run(&mut m, 20);
    assert_eq!(ended(&m, c), Some(0));
}

#[test]
fn too_much_memory_kills_and_load_is_measured() {
    let stress = Overrides {
        memory: 100 << 20,
        ..args(&["stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"])
    };
    let (m, c) = started("polinux/stress", stress);
    assert_eq!((ended(&m, c), m.space(c).map(|s| s.oom_killed)), (Some(137), Some(true)));
    let within = Overrides {
        memory: 200 << 20,
        ..args(&["stress", "--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1"])
    };
    let (m, c) = started("polinux/stress", within);
    assert_eq!((ended(&m, c), m.usage(c).memory), (None, 150 << 20));
    let (m, c) = started("vish/stress", Overrides { cpu_milli: 1_000, ..args(&["-cpus", "2"]) });
    assert_eq!(m.usage(c).cpu_milli, 1_000, "throttled");
    let (mut m, c) = started("registry.k8s.io/hpa-example", Overrides::default());
    let net = m.nets.keys().next().copied().unwrap();
    for _ in 0..100 {
        m.probe(net, Target { ip: Ip::new(10, 1, 0, 1), port: 80 }, Payload::Http(Request::get("/")), 1_000);
        run(&mut m, 100);
    }
    let busy = m.usage(c).cpu_milli;
    assert!((400..700).contains(&busy), "{busy}");
    run(&mut m, 20_000);
    assert!(m.usage(c).cpu_milli < 5);
}
