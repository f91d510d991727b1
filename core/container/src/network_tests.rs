//! Exchanges with a real server program: routing, refusal, timeouts, resets, names.

use crate::Signal;
use crate::machines::{Machines, Notice, Nowhere};
use crate::space::{NetId, SpaceId};
use crate::spec::Overrides;
use crate::testing::*;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Method, Request, Response};
use drydock_network::routing::Service;

fn get(m: &mut Machines, from: NetId, to: Target, path: &str) -> Result<Answer, Failure> {
    send(
        m,
        from,
        to,
        Payload::Http(Request::get(path).header("Host", "web").header("User-Agent", "curl/8.5.0")),
    )
}
fn send(m: &mut Machines, from: NetId, to: Target, payload: Payload) -> Result<Answer, Failure> {
    let id = m.probe(from, to, payload, 2_000);
    run(m, 2_100);
    assert!(m.notices.contains(&Notice::Exchanged { exchange: id }));
    m.take_exchange(id).unwrap()
}
fn http(answer: Result<Answer, Failure>) -> Response {
    match answer {
        Ok(Answer::Http(response)) => response,
        other => panic!("{other:?}"),
    }
}
fn text(response: &Response) -> String {
    String::from_utf8(response.body.bytes().to_vec()).unwrap()
}
fn at(n: u8, port: u16) -> Target {
    Target { ip: Ip::new(10, 1, 0, n), port }
}
/// An nginx at 10.1.0.1, and the namespace of its host.
fn nginx() -> (Machines, SpaceId, NetId) {
    let (mut m, host) = world();
    let c = container(&mut m, host, "nginx:1.27", 1, Overrides::default());
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 10);
    let net = m.space(host).unwrap().net;
    (m, c, net)
}

#[test]
fn nginx_serves_and_logs() {
    let (mut m, c, net) = nginx();
    let start = log_text(&m, c);
    assert!(start.contains("Configuration complete; ready for start up\n"), "{start}");
    assert!(start.ends_with("[notice] 1#1: start worker process 32\n"), "{start}");
    let page = http(get(&mut m, net, at(1, 80), "/"));
    assert_eq!((page.status, page.body.bytes().len()), (200, 615));
    let names: Vec<&str> = page.headers.0.iter().map(|h| &*h.0).collect();
    let real = [
        "Server",
        "Date",
        "Content-Type",
        "Content-Length",
        "Last-Modified",
        "Connection",
        "ETag",
        "Accept-Ranges",
    ];
    assert_eq!(names, real);
    assert_eq!(page.headers.get("Server"), Some("nginx/1.27.5"));
    let missing = http(get(&mut m, net, at(1, 80), "/nope"));
    assert_eq!((missing.status, missing.body.bytes().len()), (404, 153));
    let log = log_text(&m, c);
    assert!(log.contains("\"GET / HTTP/1.1\" 200 615 \"-\" \"curl/8.5.0\" \"-\"\n"), "{log}");
    assert!(log.contains("open() \"/usr/share/nginx/html/nope\" failed (2: No such file or directory), client: 10.0.0.2, server: localhost"));
    // Files written in the container are served.
    m.write_file(c, "/usr/share/nginx/html/index.html", b"hi\n", 0).unwrap();
    assert_eq!(text(&http(get(&mut m, net, at(1, 80), "/"))), "hi\n");
    let head = Request::new(Method::Head, "/");
    let answer = http(send(&mut m, net, at(1, 80), Payload::Http(head)));
    assert_eq!((answer.headers.get("Content-Length"), answer.body.bytes().len()), (Some("3"), 0));
}

#[test]
fn nginx_obeys_its_configuration_and_signals() {
    let (mut m, c, net) = nginx();
    let conf = "server { listen 8080; location /a { return 200 'yes $uri'; } location = /r { return 301 /a; }\n\
                location / { proxy_pass http://10.1.0.1:80/; } }\n";
    m.write_file(c, "/etc/nginx/conf.d/extra.conf", conf.as_bytes(), 0).unwrap();
    let reload = m.exec(&mut Nowhere, c, exec_of(&["nginx", "-s", "reload"])).unwrap();
    run(&mut m, 10);
    assert!(m.notices.contains(&Notice::ExecEnded { pid: reload.pid, code: 0 }));
    assert_eq!(text(&http(get(&mut m, net, at(1, 8080), "/a/b"))), "yes /a/b");
    assert_eq!(http(get(&mut m, net, at(1, 8080), "/r")).headers.get("Location"), Some("/a"));
    assert_eq!(http(get(&mut m, net, at(1, 8080), "/")).body.bytes().len(), 615, "proxied to itself");
    // A broken configuration is refused at the test and at the start.
    m.write_file(c, "/etc/nginx/conf.d/extra.conf", b"server {\n  lisen 81;\n}\n", 0).unwrap();
    let test = m.exec(&mut Nowhere, c, exec_of(&["nginx", "-t"])).unwrap();
    run(&mut m, 10);
    let said = String::from_utf8(m.take_output(test.stderr, 999).unwrap()).unwrap();
    assert_eq!(
        said,
        "nginx: [emerg] unknown directive \"lisen\" in /etc/nginx/conf.d/extra.conf:2\n\
         nginx: configuration file /etc/nginx/nginx.conf test failed\n"
    );
    m.stop(c, None);
    run(&mut m, 10);
    assert_eq!(ended(&m, c), Some(0));
    assert!(log_text(&m, c).contains("[notice] 1#1: signal 3 (SIGQUIT) received, shutting down\n"));
    m.start_container(&mut Nowhere, c).unwrap();
    run(&mut m, 10);
    assert!(
        log_text(&m, c)
            .ends_with("nginx: [emerg] unknown directive \"lisen\" in /etc/nginx/conf.d/extra.conf:2\n")
    );
}

#[test]
fn nobody_there_refuses_times_out_or_resets() {
    let (mut m, c, net) = nginx();
    assert_eq!(get(&mut m, net, at(1, 81), "/"), Err(Failure::Refused));
    let before = m.clock.now;
    assert_eq!(get(&mut m, net, at(99, 80), "/"), Err(Failure::TimedOut));
    let last = m.traffic.back().unwrap();
    assert_eq!((last.started, last.ended), (before, before + 2_000));
    assert_eq!(send(&mut m, net, at(1, 80), Payload::Connect), Ok(Answer::Connected));
    // The server dies while it has the message.
    m.freeze(c, true);
    run(&mut m, 5);
    let id = m.probe(net, at(1, 80), Payload::Http(Request::get("/")), 2_000);
    run(&mut m, 10);
    m.stop(c, Some(Signal::Kill));
    run(&mut m, 10);
    assert_eq!(m.take_exchange(id), Some(Err(Failure::Reset)));
    assert!(m.exchanges.is_empty() && m.backlog.is_empty() && m.listeners.is_empty());
}

#[test]
fn services_spread_connections() {
    let (mut m, host) = world();
    let net = m.space(host).unwrap().net;
    for n in 1..=2 {
        let c = container(&mut m, host, "nginx", n, Overrides::default());
        m.start_container(&mut Nowhere, c).unwrap();
    }
    let service = Target { ip: Ip::new(10, 96, 0, 10), port: 80 };
    let backends = [at(1, 80), at(2, 80)].into_iter().collect();
    m.routing.set(service, Service { backends, sticky: false, about: 7 });
    for _ in 0..40 {
        assert_eq!(http(get(&mut m, net, service, "/")).status, 200);
    }
    let to_first = m.traffic.iter().filter(|h| h.to == at(1, 80)).count();
    assert!((10..30).contains(&to_first), "{to_first}");
    assert!(m.traffic.iter().all(|h| h.about == 7 && h.status == 200 && h.dialled == service));
    m.routing.set(service, Service { about: 7, ..Service::default() });
    assert_eq!(get(&mut m, net, service, "/"), Err(Failure::Refused));
}

#[test]
fn ports_are_one_per_network_namespace() {
    let (mut m, c, _) = nginx();
    let second = m.exec(&mut Nowhere, c, exec_of(&["nginx", "-g", "daemon off;"])).unwrap();
    run(&mut m, 10);
    let said = String::from_utf8(m.take_output(second.stderr, 999).unwrap()).unwrap();
    assert!(
        said.ends_with("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n"),
        "{said}"
    );
}

#[test]
fn pulls_take_time_and_fail_as_registries_do() {
    let (mut m, host) = world();
    let job = m.pull(host, "nginx");
    run(&mut m, 100);
    assert_eq!(m.take_job(job), None);
    run(&mut m, 5_000);
    let done = m.take_job(job).unwrap();
    let took = done.ends - done.started;
    assert!((1_000..4_500).contains(&took), "{took}");
    assert!(m.has_image(host, "docker.io/library/nginx:latest").is_some());
    let image = m.has_image(host, "nginx").unwrap();
    assert!(m.has_image(host, &image.id[..12]).is_some());
    assert!(m.pull_ms(host, &image) < 1_000, "its layers are there");
    let fail = |m: &mut Machines, name: &str| m.find_image(name).unwrap_err();
    assert_eq!(
        fail(&mut m, "nginx:nope").containerd("nginx:nope"),
        "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nginx:nope\": \
         failed to resolve reference \"docker.io/library/nginx:nope\": docker.io/library/nginx:nope: not found"
    );
    assert_eq!(
        fail(&mut m, "nginx:nope").docker(),
        "manifest for nginx:nope not found: manifest unknown: manifest unknown"
    );
    assert_eq!(
        fail(&mut m, "nosuch").docker(),
        "pull access denied for nosuch, repository does not exist or may require 'docker login': \
         denied: requested access to the resource is denied"
    );
    assert_eq!(
        fail(&mut m, "no.such.host/x").docker(),
        "Get \"https://no.such.host/v2/\": dial tcp: lookup no.such.host: no such host"
    );
    let by_digest = format!("nginx@sha256:{}", image.digest);
    assert!(m.find_image(&by_digest).is_ok());
}
