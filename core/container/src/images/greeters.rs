//! Greeting and echo servers that tutorials use: http-echo, whoami, hello-app, kubernetes-bootcamp,
//! the liveness example and agnhost. Texts as the real programs print them.

use crate::images::serve::{App, Reply, Visit, start};
use crate::images::small::{Pause, scratch};
use crate::images::web::{self, stamp};
use crate::images::{Catalogued, Draft, base, linux};
use crate::machine::{Machine, Once};
use crate::program::Program;
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::time::Timestamp;
use std::sync::Arc;

pub const HTTP_ECHO: Catalogued = Catalogued {
    names: &["docker.io/hashicorp/http-echo"],
    tags: &["latest", "1.0", "1.0.0", "0.2.3", "alpine"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/http-echo"],
        exposed: &["5678/tcp"],
        layers: 3,
        ..scratch(
            programs,
            "http-echo",
            if tag == "0.2.3" { tag } else { "1.0.0" },
            "/http-echo",
            "http-echo",
            10_500_000,
        )
    },
};
pub const WHOAMI: Catalogued = Catalogued {
    names: &["docker.io/traefik/whoami", "docker.io/containous/whoami"],
    tags: &["latest", "v1.10", "v1.10.2", "v1.8", "v1.11"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/whoami"],
        exposed: &["80/tcp"],
        layers: 3,
        ..scratch(programs, "whoami", tag, "/whoami", "whoami-server", 6_600_000)
    },
};
pub const HELLO_APP: Catalogued = Catalogued {
    names: &["gcr.io/google-samples/hello-app", "us-docker.pkg.dev/google-samples/containers/gke/hello-app"],
    tags: &["1.0", "2.0"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/hello-app"],
        exposed: &["8080/tcp"],
        layers: 3,
        ..scratch(
            programs,
            "hello-app",
            tag,
            "/hello-app",
            "hello-app",
            if tag == "1.0" { 11_500_000 } else { 11_600_000 },
        )
    },
};
pub const BOOTCAMP: Catalogued = Catalogued {
    names: &[
        "gcr.io/google-samples/kubernetes-bootcamp",
        "docker.io/jocatalin/kubernetes-bootcamp",
        "gcr.io/k8s-minikube/kubernetes-bootcamp",
    ],
    tags: &["v1", "v2"],
    make: |_, tag, programs| {
        let created = 1_502_000_000;
        let mut root = base::debian(programs, created, &linux::debian_release("10"));
        root.program("/usr/local/bin/bootcamp", "bootcamp", 30_000_000).programs("/usr/bin", &["curl", "ps"]);
        Draft {
            family: "kubernetes-bootcamp",
            version: tag.into(),
            base: "node-bootcamp",
            base_size: 211_000_000,
            layers: 6,
            size: 211_336_459,
            cmd: if tag == "v2" { &["/usr/local/bin/bootcamp", "v2"] } else { &["/usr/local/bin/bootcamp"] },
            exposed: &["8080/tcp"],
            env: linux::path(),
            created,
            root: root.fs,
            ..Draft::default()
        }
    },
};
pub const LIVENESS: Catalogued = Catalogued {
    names: &["registry.k8s.io/liveness", "k8s.gcr.io/liveness", "registry.k8s.io/e2e-test-images/agnhost"],
    tags: &["latest", "2.40", "2.39", "2.45", "2.53"],
    make: |name, tag, programs| {
        if name.ends_with("agnhost") {
            let mut draft = scratch(programs, "agnhost", tag, "/agnhost", "agnhost", 128_000_000);
            draft.root = {
                let mut root = base::alpine(programs, draft.created, "3.19.4");
                root.program("/agnhost", "agnhost", 60_000_000).program("/usr/bin/curl", "curl", 259_000);
                root.fs
            };
            return Draft { entrypoint: &["/agnhost"], cmd: &["pause"], ..draft };
        }
        Draft {
            cmd: &["/server"],
            exposed: &["8080/tcp"],
            layers: 3,
            ..scratch(programs, "liveness", tag, "/server", "liveness", 4_900_000)
        }
    },
};

pub const PROGRAMS: &[Program] = &[
    Program { name: "http-echo", about: "answers every request with one text", start: http_echo },
    Program { name: "whoami-server", about: "tells a client about its request", start: whoami },
    Program { name: "hello-app", about: "greets with version and host name", start: hello_app },
    Program { name: "bootcamp", about: "greets with the pod's name", start: bootcamp },
    Program { name: "liveness", about: "is healthy for ten seconds", start: liveness },
    Program { name: "agnhost", about: "test server with subcommands", start: agnhost },
];

#[derive(Clone, Hash)]
struct Echo {
    text: Arc<str>,
    listen: Arc<str>,
    status: u16,
}
static ECHO: App<Echo> = App { name: "http-echo", handle: echo, on_term: Some(0) };
fn http_echo(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let (mut text, mut listen, mut status) = (sys.env("ECHO_TEXT"), Arc::<str>::from(":5678"), 200);
    let args = sys.args();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let flag = word.trim_start_matches('-');
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(Arc::from(value))),
            None => (
                flag,
                if matches!(flag, "text" | "listen" | "status-code") { words.next().cloned() } else { None },
            ),
        };
        match (name, value) {
            ("text", value) => text = value,
            ("listen", Some(value)) => listen = value,
            ("status-code", Some(value)) => status = value.parse().unwrap_or(200),
            ("version", _) => {
                sys.eprint("http-echo v1.0.0 (e1a1b3d)\n");
                return Box::new(Once(|_| 0));
            }
            (other, _) => {
                sys.eprint(&format!("flag provided but not defined: -{other}\nUsage of /http-echo:\n"));
                return Box::new(Once(|_| 2));
            }
        }
    }
    let Some(text) = text.filter(|t| !t.is_empty()) else {
        sys.eprint("Missing -text option!\n");
        return Box::new(Once(|_| 127));
    };
    let port = listen.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(5678);
    let at = stamp(sys.unix());
    sys.print(&format!("{at} [INFO] server is listening on {listen}\n"));
    let taken = format!("{at} [ERR] server exited with: listen tcp {listen}: bind: address already in use\n");
    start(sys, &ECHO, port, Echo { text, listen, status }, &taken)
}
fn echo(state: &mut Echo, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let unix = sys.unix();
    let body = format!("{}\n", state.text);
    let request = visit.request;
    sys.print(&format!(
        "{} {} {}:{} \"{} {} HTTP/1.1\" {} {} \"{}\" 18.7µs\n",
        stamp(unix),
        request.headers.get("Host").unwrap_or(""),
        visit.from,
        visit.from_port,
        request.method.name(),
        web::request_uri(request),
        state.status,
        body.len(),
        request.headers.get("User-Agent").unwrap_or("")
    ));
    let (date, length) = (web::http_date(unix), body.len().to_string());
    let headers = [
        ("X-App-Name", "http-echo"),
        ("X-App-Version", "1.0.0"),
        ("Date", &date),
        ("Content-Length", &length),
        ("Content-Type", "text/plain; charset=utf-8"),
    ];
    Reply::Now(web::reply(request, state.status, &headers, body.as_bytes()))
}

static WHO: App<()> = App { name: "whoami", handle: who, on_term: Some(2) };
fn whoami(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let flag = args.iter().skip_while(|a| !a.trim_start_matches('-').starts_with("port"));
    let flag: Vec<&str> = flag.flat_map(|a| a.split('=')).collect();
    let port = flag.get(1).and_then(|p| p.parse().ok());
    let port = port.or_else(|| sys.env("WHOAMI_PORT_NUMBER").and_then(|p| p.parse().ok())).unwrap_or(80);
    let at = stamp(sys.unix());
    sys.eprint(&format!("{at} Starting up on port {port}\n"));
    start(sys, &WHO, port, (), &format!("{at} listen tcp :{port}: bind: address already in use\n"))
}
fn who(_: &mut (), sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let request = visit.request;
    let own = sys.address().unwrap_or_default();
    let mut text = format!(
        "Hostname: {}\nIP: 127.0.0.1\nIP: ::1\nIP: {own}\nRemoteAddr: {}:{}\n{} {} HTTP/1.1\n",
        sys.hostname(),
        visit.from,
        visit.from_port,
        request.method.name(),
        web::request_uri(request)
    );
    let mut fields: Vec<(&str, &str)> = request.headers.0.iter().map(|(n, v)| (&**n, &**v)).collect();
    // Go prints the host first and the rest by name.
    fields.arrange_by_key(|f| (!f.0.eq_ignore_ascii_case("Host"), f.0));
    fields.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
    text.push('\n');
    Reply::Now(web::text(request, sys.unix(), 200, &text))
}

static HELLO_SERVER: App<Arc<str>> = App { name: "hello-app", handle: greet, on_term: Some(2) };
fn hello_app(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let version = sys.process().and_then(|p| sys.machines.space(p.space)).map_or(0, |s| s.image.size);
    let version: Arc<str> = if version == 11_600_000 { "2.0.0" } else { "1.0.0" }.into();
    let port = sys.env("PORT").and_then(|p| p.parse().ok()).unwrap_or(8080);
    sys.eprint(&format!("{} Server listening on port {port}\n", stamp(sys.unix())));
    start(sys, &HELLO_SERVER, port, version, "listen tcp :8080: bind: address already in use\n")
}
fn greet(version: &mut Arc<str>, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    sys.eprint(&format!("{} Serving request: {}\n", stamp(sys.unix()), visit.request.path));
    let text = format!("Hello, world!\nVersion: {version}\nHostname: {}\n", sys.hostname());
    Reply::Now(web::text(visit.request, sys.unix(), 200, &text))
}

#[derive(Clone, Hash)]
struct Camp {
    started: u64,
    requests: u64,
    version: u8,
}
static CAMP: App<Camp> = App { name: "bootcamp", handle: camp, on_term: None };
fn bootcamp(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let version = if sys.args().iter().any(|a| &**a == "v2") { 2 } else { 1 };
    let at = Timestamp(sys.unix()).to_rfc3339();
    let at = at.trim_end_matches('Z');
    sys.print(&format!(
        "Kubernetes Bootcamp App Started At: {at}.000Z | Running On:  {} \n\n",
        sys.hostname()
    ));
    start(
        sys,
        &CAMP,
        8080,
        Camp { started: sys.now(), requests: 0, version },
        "Error: listen EADDRINUSE :::8080\n",
    )
}
fn camp(state: &mut Camp, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    state.requests += 1;
    let (host, up) = (sys.hostname(), sys.now() - state.started);
    let at = Timestamp(sys.unix()).to_rfc3339();
    sys.print(&format!(
        "Running On:  {host} | Total Requests: {} | App Uptime: {}.{:03} seconds | Log Time: {}.000Z\n",
        state.requests,
        up / 1000,
        up % 1000,
        at.trim_end_matches('Z')
    ));
    let text = format!("Hello Kubernetes bootcamp! | Running on: {host} | v={}\n", state.version);
    let date = web::http_date(sys.unix());
    let headers = [
        ("Content-Type", "text/plain"),
        ("Date", &*date),
        ("Connection", "keep-alive"),
        ("Transfer-Encoding", "chunked"),
    ];
    Reply::Now(web::reply(visit.request, 200, &headers, text.as_bytes()))
}

static LIVE: App<u64> = App { name: "liveness", handle: live, on_term: Some(2) };
fn liveness(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let now = sys.now();
    start(sys, &LIVE, 8080, now, "listen tcp :8080: bind: address already in use\n")
}
fn live(started: &mut u64, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let up = sys.now() - *started;
    let (status, text) = match &*visit.request.path {
        "/healthz" if up > 10_000 => (500, format!("error: {}.{:06}", up / 1000, up % 1000 * 1000)),
        "/healthz" => (200, "ok".into()),
        "/started" => (200, format!("{}.{:06}s", up / 1000, up % 1000 * 1000)),
        _ => (404, "404 page not found\n".into()),
    };
    Reply::Now(web::text(visit.request, sys.unix(), status, &text))
}

static NETEXEC: App<u64> = App { name: "netexec", handle: netexec, on_term: Some(0) };
fn agnhost(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let port = |name: &str, default: u16| {
        let mut words = args.iter().flat_map(|a| a.split('='));
        words
            .find(|w| w.trim_start_matches('-') == name)
            .and_then(|_| words.next())
            .and_then(|p| p.parse().ok())
            .unwrap_or(default)
    };
    let now = sys.now();
    match args.get(1).map(|a| &**a) {
        None | Some("pause") => Box::new(Pause(false)),
        Some("netexec") => {
            let port = port("http-port", 8080);
            sys.print(&format!("Started HTTP server on port {port}\nStarted UDP server on port  8081\n"));
            start(sys, &NETEXEC, port, now, "listen tcp: bind: address already in use\n")
        }
        Some("serve-hostname") => {
            let port = port("port", 9376);
            sys.print("Serving on port 9376.\n");
            start(sys, &HOSTNAME, port, (), "listen tcp: bind: address already in use\n")
        }
        Some("liveness") => start(sys, &LIVE, 8080, now, "listen tcp :8080: bind: address already in use\n"),
        Some("entrypoint-tester") => {
            let words: Vec<&str> = args.iter().map(|a| &**a).collect();
            sys.print(&format!("[{}]\n", words.join(" ")));
            Box::new(Once(|_| 0))
        }
        Some("logs-generator") => {
            let total = port("log-lines-total", 0);
            let name = sys.hostname();
            let at = Timestamp(sys.unix()).to_rfc3339();
            for line in 0..total.min(10_000) {
                sys.eprint(&format!("{at} {line} GET /api/v1/namespaces/default/pods/{name} 200\n"));
            }
            Box::new(Once(|_| 0))
        }
        Some("porter") => {
            // `SERVE_PORT_80=text` answers with its text on port 80.
            for (name, _) in sys.environment().iter() {
                if let Some(number) = name.strip_prefix("SERVE_PORT_").and_then(|n| n.parse().ok()) {
                    _ = sys.listen(number);
                }
            }
            crate::images::serve::serving(&PORTER, ())
        }
        Some(other) => {
            sys.eprint(&format!(
                "Error: unknown command \"{other}\" for \"app\"\nRun 'app --help' for usage.\n"
            ));
            Box::new(Once(|_| 1))
        }
    }
}
fn netexec(started: &mut u64, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let request = visit.request;
    let (status, text) = match &*request.path {
        "/" => (
            200,
            format!(
                "NOW: {} +0000 UTC m=+{}.{:03}",
                Timestamp(sys.unix()).to_rfc3339(),
                (sys.now() - *started) / 1000,
                sys.now() % 1000
            ),
        ),
        "/hostname" | "/hostName" => (200, sys.hostname().to_string()),
        "/echo" => {
            let code = request.param("code").and_then(|c| c.parse().ok()).unwrap_or(200);
            (code, request.param("msg").unwrap_or("").to_string())
        }
        "/clientip" => (200, format!("{}:{}", visit.from, visit.from_port)),
        "/healthz" | "/readyz" => (200, String::new()),
        "/exit" => {
            let code = request.param("code").and_then(|c| c.parse().ok()).unwrap_or(0);
            return Reply::Last(web::text(request, sys.unix(), 200, ""), code);
        }
        _ => (404, "404 page not found\n".into()),
    };
    Reply::Now(web::text(request, sys.unix(), status, &text))
}
static PORTER: App<()> = App {
    name: "porter",
    handle: |_, sys, visit| {
        let text = sys.env(&format!("SERVE_PORT_{}", visit.port)).unwrap_or_default();
        Reply::Now(web::text(visit.request, sys.unix(), 200, &text))
    },
    on_term: Some(0),
};
static HOSTNAME: App<()> = App {
    name: "serve-hostname",
    handle: |_, sys, visit| Reply::Now(web::text(visit.request, sys.unix(), 200, &sys.hostname())),
    on_term: Some(0),
};
