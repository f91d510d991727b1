//! Images of a cluster's own parts: control plane, kube-proxy, CoreDNS, metrics-server and add-ons. The
//! work itself is done by the cluster below the simulation; these processes run, log their first lines,
//! answer their health checks and end as told.

use crate::images::serve::{App, Reply, Visit};
use crate::images::{Catalogued, Draft, base, linux, web};
use crate::machine::Machine;
use crate::program::{Program, Programs};
use crate::sys::Sys;
use drydock_machinery::time::Timestamp;

/// One component.
struct Component {
    name: &'static str,
    path: &'static str,
    entrypoint: &'static [&'static str],
    user: &'static str,
    size: u64,
    /// Ports with health checks.
    ports: &'static [u16],
    /// First lines of its log; `%t` is klog's time, `%v` the version.
    log: &'static str,
}

const COMPONENTS: &[Component] = &[
    Component {
        name: "coredns",
        path: "/coredns",
        entrypoint: &["/coredns"],
        user: "nonroot:nonroot",
        size: 70_100_000,
        ports: &[8080, 8181, 9153],
        log: ".:53\n[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908\nCoreDNS-%v\nlinux/amd64, go1.23.3, 51e11f166\n",
    },
    Component {
        name: "kube-proxy",
        path: "/usr/local/bin/kube-proxy",
        entrypoint: &[],
        user: "",
        size: 97_900_000,
        ports: &[10_256],
        log: "I%t       1 server_linux.go:63] \"Using iptables proxy\"\nI%t       1 server.go:516] \"Version info\" version=\"v%v\"\nI%t       1 config.go:199] \"Starting service config controller\"\nI%t       1 config.go:105] \"Starting endpoint slice config controller\"\nI%t       1 config.go:329] \"Starting node config controller\"\nI%t       1 shared_informer.go:357] \"Caches are synced\" controller=\"service config\"\nI%t       1 shared_informer.go:357] \"Caches are synced\" controller=\"endpoint slice config\"\n",
    },
    Component {
        name: "kube-apiserver",
        path: "/usr/local/bin/kube-apiserver",
        entrypoint: &[],
        user: "",
        size: 102_000_000,
        ports: &[],
        log: "I%t       1 server.go:148] Version: v%v\nI%t       1 secure_serving.go:213] Serving securely on [::]:6443\nI%t       1 apiservice_controller.go:100] Starting APIServiceRegistrationController\n",
    },
    Component {
        name: "kube-controller-manager",
        path: "/usr/local/bin/kube-controller-manager",
        entrypoint: &[],
        user: "",
        size: 94_600_000,
        ports: &[10_257],
        log: "I%t       1 serving.go:386] Generated self-signed cert in-memory\nI%t       1 controllermanager.go:188] \"Starting\" version=\"v%v\"\nI%t       1 leaderelection.go:271] successfully acquired lease kube-system/kube-controller-manager\n",
    },
    Component {
        name: "kube-scheduler",
        path: "/usr/local/bin/kube-scheduler",
        entrypoint: &[],
        user: "",
        size: 73_400_000,
        ports: &[10_259],
        log: "I%t       1 serving.go:386] Generated self-signed cert in-memory\nI%t       1 server.go:171] \"Starting Kubernetes Scheduler\" version=\"v%v\"\nI%t       1 leaderelection.go:271] successfully acquired lease kube-system/kube-scheduler\n",
    },
    Component {
        name: "etcd",
        path: "/usr/local/bin/etcd",
        entrypoint: &[],
        user: "",
        size: 153_000_000,
        ports: &[2381],
        log: "{\"level\":\"info\",\"ts\":\"%r\",\"caller\":\"etcdmain/etcd.go:73\",\"msg\":\"Running: \",\"args\":[\"etcd\"]}\n{\"level\":\"info\",\"ts\":\"%r\",\"caller\":\"embed/serve.go:210\",\"msg\":\"serving client traffic securely\",\"address\":\"127.0.0.1:2379\"}\n",
    },
    Component {
        name: "metrics-server",
        path: "/metrics-server",
        entrypoint: &["/metrics-server"],
        user: "65534",
        size: 67_200_000,
        ports: &[10_250, 4443],
        log: "I%t       1 serving.go:374] Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)\nI%t       1 secure_serving.go:213] Serving securely on [::]:10250\n",
    },
    Component {
        name: "local-path-provisioner",
        path: "/usr/bin/local-path-provisioner",
        entrypoint: &["local-path-provisioner"],
        user: "",
        size: 54_300_000,
        ports: &[],
        log: "I%t       1 controller.go:811] Starting provisioner controller rancher.io/local-path\n",
    },
];

const KUBERNETES: &[&str] = &[
    "v1.29.0", "v1.30.0", "v1.31.0", "v1.32.0", "v1.32.1", "v1.33.0", "v1.33.1", "v1.33.2", "v1.33.3",
    "v1.33.4", "v1.33.5",
];

macro_rules! component {
    ($name:ident, [$($repository:literal),*], $tags:expr) => {
        pub const $name: Catalogued = Catalogued { names: &[$($repository),*], tags: $tags, make };
    };
}
component!(
    COREDNS,
    ["registry.k8s.io/coredns/coredns", "docker.io/coredns/coredns"],
    &["v1.12.0", "v1.11.3", "v1.11.1", "v1.12.1", "1.12.0", "latest"]
);
component!(
    CONTROL_PLANE,
    [
        "registry.k8s.io/kube-proxy",
        "registry.k8s.io/kube-apiserver",
        "registry.k8s.io/kube-controller-manager",
        "registry.k8s.io/kube-scheduler"
    ],
    KUBERNETES
);
component!(
    ETCD,
    ["registry.k8s.io/etcd", "quay.io/coreos/etcd"],
    &["3.5.21-0", "3.5.16-0", "3.5.15-0", "v3.5.21", "v3.5.0"]
);
component!(
    METRICS_SERVER,
    ["registry.k8s.io/metrics-server/metrics-server"],
    &["v0.8.0", "v0.7.2", "v0.7.1", "v0.6.4"]
);
component!(
    LOCAL_PATH,
    ["docker.io/rancher/local-path-provisioner"],
    &["v0.0.30", "v0.0.31", "v0.0.32", "master-head"]
);

/// The component of a repository or a command.
fn find(path: &str) -> Option<&'static Component> {
    let name = crate::filesystem::base_name(path);
    COMPONENTS.iter().find(|c| c.name == name)
}

fn make(name: &str, tag: &str, programs: Programs) -> Draft {
    let created = 1_747_300_000;
    let mut root = base::Root::new(programs, created);
    root.dir("/tmp", 0o1777).dirs(&["/usr/local/bin", "/etc/ssl/certs"]);
    root.file(
        "/etc/passwd",
        "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n\
         nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    );
    root.file("/etc/group", "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n");
    let Some(component) = find(name) else { return Draft { root: root.fs, size: 1, ..Draft::default() } };
    root.program(component.path, "cluster-component", component.size);
    let mut env = linux::path();
    env.push(("SSL_CERT_FILE".into(), "/etc/ssl/certs/ca-certificates.crt".into()));
    env.push(("COMPONENT_VERSION".into(), tag.trim_start_matches('v').into()));
    Draft {
        family: component.name,
        version: tag.into(),
        base: "distroless-static",
        base_size: 2_400_000,
        layers: 5,
        size: component.size,
        entrypoint: component.entrypoint,
        user: component.user,
        cwd: "/",
        env,
        created,
        root: root.fs,
        ..Draft::default()
    }
}

pub const PROGRAM: Program =
    Program { name: "cluster-component", about: "part of a cluster's own machinery", start };

static APP: App<()> = App { name: "cluster-component", handle, on_term: Some(0) };

fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let version = sys.env("COMPONENT_VERSION").unwrap_or_default();
    let component = args.first().and_then(|a| find(a));
    if args.iter().any(|a| matches!(&**a, "--version" | "-version")) {
        sys.print(&format!("Kubernetes v{version}\n"));
        return Box::new(crate::machine::Once(|_| 0));
    }
    if let Some(component) = component {
        let t = Timestamp(sys.unix()).civil();
        let klog = format!(
            "{:02}{:02} {:02}:{:02}:{:02}.{:03}000",
            t.month,
            t.day,
            t.hour,
            t.minute,
            t.second,
            sys.now() % 1000
        );
        let rfc = Timestamp(sys.unix()).to_rfc3339();
        let text = component.log.replace("%t", &klog).replace("%v", &version).replace("%r", &rfc);
        if component.name == "coredns" {
            sys.print(&text)
        } else {
            sys.eprint(&text)
        }
        for port in component.ports {
            // On a host's network another instance may have it: the health check then fails as it should.
            _ = sys.listen(*port);
        }
    }
    crate::images::serve::serving(&APP, ())
}

fn handle(_: &mut (), sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let (status, text) = match (visit.port, &*visit.request.path) {
        (8080, "/health") | (8181, "/ready") => (200, "OK"),
        (_, "/healthz" | "/livez" | "/readyz" | "/health") => (200, "ok"),
        (9153 | 2381 | 10_249, "/metrics") => (
            200,
            "# HELP go_goroutines Number of goroutines that currently exist.\n# TYPE go_goroutines gauge\ngo_goroutines 42\n",
        ),
        _ => (404, "404 page not found\n"),
    };
    Reply::Now(web::text(visit.request, sys.unix(), status, text))
}
