//! The images of [`super::SITES`]: names, sizes, entry points, ports, environment.

use super::MARKER;
use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::program::Programs;

/// What a row says beyond its names and tags.
struct Row {
    family: &'static str,
    size: u64,
    layers: usize,
    /// `debian`, `alpine` or `scratch`.
    base: &'static str,
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
    exposed: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    cwd: &'static str,
    user: &'static str,
    volumes: &'static [&'static str],
    /// Files that start the server.
    servers: &'static [&'static str],
    /// Other programs of the image.
    tools: &'static [&'static str],
}

const ROW: Row = Row {
    family: "",
    size: 0,
    layers: 5,
    base: "debian",
    entrypoint: &[],
    cmd: &[],
    exposed: &[],
    env: &[],
    cwd: "",
    user: "",
    volumes: &[],
    servers: &[],
    tools: &[],
};

fn draft(row: &Row, tag: &str, programs: Programs) -> Draft {
    let created =
        1_740_000_000 + i64::from(drydock_machinery::hash::adler32(row.family.as_bytes()) % 9_000_000);
    let alpine = row.base == "alpine";
    let mut root = match row.base {
        "alpine" => base::alpine(programs, created, linux::alpine_version("3.22")),
        "scratch" => base::Root::new(programs, created),
        _ => base::debian(programs, created, &linux::debian_release("12")),
    };
    root.dir("/tmp", 0o1777);
    root.file(MARKER, &format!("{}\n", row.family));
    for path in row.servers {
        // Debian's /bin and /sbin are links.
        let usr = row.base == "debian" && (path.starts_with("/bin/") || path.starts_with("/sbin/"));
        root.program(&format!("{}{path}", if usr { "/usr" } else { "" }), "site", 4_000_000);
    }
    root.programs("/usr/bin", row.tools);
    for (name, program) in row.tools.iter().filter_map(|t| t.split_once('=')) {
        root.program(&format!("/usr/bin/{name}"), program, 20_000);
    }
    if !row.user.is_empty() && !row.user.starts_with(|c: char| c.is_ascii_digit()) && row.base != "scratch" {
        let shell = if alpine { "/sbin/nologin" } else { "/bin/sh" };
        root.file(
            "/etc/passwd",
            &format!("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n{0}:x:1000:1000::/home/{0}:{shell}\n", row.user),
        );
        root.file("/etc/group", &format!("root:x:0:\n{}:x:1000:\nnobody:x:65534:\n", row.user));
        root.owner(1000).dirs(row.volumes).owner(0);
    } else {
        root.dirs(row.volumes);
    }
    if !row.cwd.is_empty() {
        root.dirs(&[row.cwd]);
    }
    let mut env = linux::path();
    env.extend(row.env.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())));
    if row.family == "recommendation" {
        let version = tag.split(['.', '-']).next().unwrap_or("v1");
        let version = if version.starts_with('v') { version } else { "v1" };
        env.push(("SITE_VERSION".into(), version.into()));
        if tag.contains("timeout") {
            env.push(("SITE_SLOW_MS".into(), "3000".into()));
        }
        if version == "v3" && tag != "v3" {
            env.push(("SITE_ASKS_TIME".into(), "1".into()));
        }
    }
    Draft {
        family: row.family,
        version: tag.into(),
        base: match row.base {
            "alpine" => "alpine",
            "scratch" => row.family,
            _ => "debian-slim",
        },
        base_size: match row.base {
            "alpine" => 7_797_760.min(row.size),
            "scratch" => row.size / 2,
            _ => 74_800_000.min(row.size),
        },
        layers: row.layers,
        size: row.size,
        entrypoint: row.entrypoint,
        cmd: row.cmd,
        env,
        cwd: row.cwd,
        user: row.user,
        exposed: row.exposed,
        volumes: row.volumes,
        created,
        flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
        root: root.fs,
        ..Draft::default()
    }
}

macro_rules! image {
    ($names:expr, $tags:expr, { $($field:ident: $value:expr),* $(,)? }) => {
        Catalogued {
            names: &$names,
            tags: &$tags,
            make: |_, tag, programs| draft(&Row { $($field: $value,)* ..ROW }, tag, programs),
        }
    };
}

pub const IMAGES: &[Catalogued] = &[
    image!(["docker.io/library/registry"], ["latest", "2", "2.8", "2.8.3", "2.7", "3"], {
        family: "registry", size: 25_400_000, base: "alpine", entrypoint: &["/entrypoint.sh"],
        cmd: &["/etc/docker/registry/config.yml"], exposed: &["5000/tcp"], volumes: &["/var/lib/registry"],
        servers: &["/entrypoint.sh", "/bin/registry"],
    }),
    image!(["docker.io/prom/prometheus", "quay.io/prometheus/prometheus"], ["latest", "v3.7.1", "v2.45.0", "v2.53.0"], {
        family: "prometheus", size: 270_000_000, layers: 12, base: "alpine", entrypoint: &["/bin/prometheus"],
        cmd: &["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
        exposed: &["9090/tcp"], cwd: "/prometheus", user: "nobody", volumes: &["/prometheus"],
        servers: &["/bin/prometheus"],
    }),
    image!(["docker.io/grafana/grafana"], ["latest", "12.2.0", "11.0.0", "10.0.0", "9.5.0", "8.5.0"], {
        family: "grafana", size: 400_000_000, layers: 10, base: "alpine", entrypoint: &["/run.sh"],
        exposed: &["3000/tcp"], cwd: "/usr/share/grafana", user: "472", servers: &["/run.sh"],
        env: &[("GF_PATHS_HOME", "/usr/share/grafana"), ("GF_PATHS_DATA", "/var/lib/grafana")],
    }),
    image!(["docker.io/library/tomcat"], ["latest", "9", "9.0", "10", "10.1", "8.5", "8.0", "11", "9-jdk17"], {
        family: "tomcat", size: 480_000_000, layers: 10, cmd: &["catalina.sh", "run"], exposed: &["8080/tcp"],
        cwd: "/usr/local/tomcat", env: &[("CATALINA_HOME", "/usr/local/tomcat"), ("TOMCAT_VERSION", "9.0.111")],
        servers: &["/usr/local/bin/catalina.sh"], volumes: &[], tools: &["curl"],
    }),
    image!(["docker.io/jenkins/jenkins"], ["latest", "lts", "lts-jdk17", "2.516.3", "alpine"], {
        family: "jenkins", size: 470_000_000, layers: 14, entrypoint: &["/usr/bin/tini", "--", "/usr/local/bin/jenkins.sh"],
        exposed: &["8080/tcp", "50000/tcp"], user: "jenkins", volumes: &["/var/jenkins_home"],
        env: &[("JENKINS_HOME", "/var/jenkins_home"), ("JENKINS_VERSION", "2.516.3")],
        servers: &["/usr/bin/tini", "/usr/local/bin/jenkins.sh"], tools: &["curl", "git"],
    }),
    image!(["docker.io/library/elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch"],
        ["7.17.29", "7.17.0", "7.10.1", "7.6.2", "7.3.1", "7.1.1", "6.8.0", "8.15.0"], {
        family: "elasticsearch", size: 800_000_000, layers: 9,
        entrypoint: &["/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh"], cmd: &["eswrapper"],
        exposed: &["9200/tcp", "9300/tcp"], cwd: "/usr/share/elasticsearch",
        servers: &["/bin/tini", "/usr/local/bin/docker-entrypoint.sh"], tools: &["curl"],
    }),
    image!(["docker.io/library/kibana", "docker.elastic.co/kibana/kibana"], ["7.17.29", "7.17.0", "7.10.1", "7.6.2", "8.15.0"], {
        family: "kibana", size: 790_000_000, layers: 9, cmd: &["/usr/local/bin/kibana-docker"], exposed: &["5601/tcp"],
        cwd: "/usr/share/kibana", servers: &["/usr/local/bin/kibana-docker"], tools: &["curl"],
    }),
    image!(["docker.io/library/rabbitmq"], ["latest", "3", "3-management", "3.13", "3.13-management", "4", "4-management", "management", "3-alpine", "3-management-alpine"], {
        family: "rabbitmq", size: 250_000_000, layers: 10, entrypoint: &["docker-entrypoint.sh"], cmd: &["rabbitmq-server"],
        exposed: &["4369/tcp", "5671/tcp", "5672/tcp", "15691/tcp", "15692/tcp", "25672/tcp"], volumes: &["/var/lib/rabbitmq"],
        env: &[("RABBITMQ_VERSION", "3.13.7"), ("RABBITMQ_DATA_DIR", "/var/lib/rabbitmq")],
        servers: &["/usr/local/bin/docker-entrypoint.sh", "/opt/rabbitmq/sbin/rabbitmq-server"],
        tools: &["rabbitmqctl", "rabbitmq-diagnostics=rabbitmqctl"],
    }),
    image!(["docker.io/fluent/fluentd", "k8s.gcr.io/fluentd-elasticsearch", "quay.io/fluentd_elasticsearch/fluentd"],
        ["latest", "v1.16", "v1.16-1", "v1.14-1", "1.20", "v2.5.2", "v1.17.0"], {
        family: "fluentd", size: 140_000_000, layers: 6, base: "alpine",
        entrypoint: &["tini", "--", "/bin/entrypoint.sh"], cmd: &["fluentd"], exposed: &["24224/tcp", "5140/tcp"],
        user: "fluent", servers: &["/sbin/tini", "/bin/entrypoint.sh", "/usr/bin/fluentd"],
    }),
    image!(["docker.io/dockersamples/101-tutorial", "docker.io/docker/getting-started"], ["latest"], {
        family: "getting-started", size: 47_000_000, layers: 8, base: "alpine", entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"], exposed: &["80/tcp"], servers: &["/docker-entrypoint.sh", "/usr/sbin/nginx"],
    }),
    image!(["docker.io/library/wordpress"], ["latest", "6", "6.8", "6.8.3", "6.8-apache", "5.6", "5.1.1-php7.3-apache", "4.8-apache", "php8.3", "apache"], {
        family: "wordpress", size: 700_000_000, layers: 22, entrypoint: &["docker-entrypoint.sh"], cmd: &["apache2-foreground"],
        exposed: &["80/tcp"], cwd: "/var/www/html", volumes: &["/var/www/html"],
        env: &[("WORDPRESS_VERSION", "6.8.3"), ("PHP_VERSION", "8.3.26"), ("APACHE_CONFDIR", "/etc/apache2")],
        servers: &["/usr/local/bin/docker-entrypoint.sh", "/usr/local/bin/apache2-foreground"], tools: &["curl"],
    }),
    image!(["gcr.io/google_samples/gb-frontend", "gcr.io/google-samples/gb-frontend", "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend"],
        ["latest", "v3", "v4", "v5"], {
        family: "gb-frontend", size: 510_000_000, layers: 20, cmd: &["apache2-foreground"], exposed: &["80/tcp"],
        cwd: "/var/www/html", env: &[("GET_HOSTS_FROM", "dns"), ("PHP_VERSION", "7.4.28")],
        servers: &["/usr/local/bin/apache2-foreground"], tools: &["curl"],
    }),
    image!(["docker.io/dockersamples/examplevotingapp_vote", "docker.io/kodekloud/examplevotingapp_vote"], ["latest", "v1", "v2", "before", "after"], {
        family: "vote", size: 128_000_000, layers: 7, cmd: &["gunicorn", "app:app", "-b", "0.0.0.0:80"], exposed: &["80/tcp"],
        cwd: "/app", servers: &["/usr/local/bin/gunicorn"], tools: &["curl"],
    }),
    image!(["docker.io/dockersamples/examplevotingapp_result", "docker.io/kodekloud/examplevotingapp_result"], ["latest", "v1", "before", "after"], {
        family: "result", size: 230_000_000, layers: 8, cmd: &["node", "server.js"], exposed: &["80/tcp"], cwd: "/app",
        servers: &["/usr/local/bin/node"], tools: &["curl"],
    }),
    image!(["docker.io/dockersamples/examplevotingapp_worker", "docker.io/kodekloud/examplevotingapp_worker"], ["latest", "v1", "before", "after"], {
        family: "worker", size: 195_000_000, layers: 5, entrypoint: &["dotnet", "Worker.dll"], cwd: "/app",
        servers: &["/usr/bin/dotnet"],
    }),
    image!(["docker.io/luksa/kubectl-proxy"], ["latest", "1.6.2"], {
        family: "kubectl-proxy", size: 60_000_000, layers: 3, base: "alpine", entrypoint: &["/kubectl-proxy.sh"],
        servers: &["/kubectl-proxy.sh"],
    }),
    image!(["docker.io/library/adminer"], ["latest", "4", "5"], {
        family: "adminer", size: 118_000_000, layers: 16, base: "alpine", entrypoint: &["entrypoint.sh", "docker-php-entrypoint"],
        cmd: &["php", "-S", "[::]:8080", "-t", "/var/www/html"], exposed: &["8080/tcp"], cwd: "/var/www/html", user: "adminer",
        servers: &["/usr/local/bin/entrypoint.sh", "/usr/local/bin/docker-php-entrypoint", "/usr/local/bin/php"],
    }),
    image!(["docker.io/kennethreitz/httpbin", "docker.io/kong/httpbin"], ["latest", "0.1.0"], {
        family: "httpbin", size: 534_000_000, layers: 9, cmd: &["gunicorn", "-b", "0.0.0.0:80", "httpbin:app", "-k", "gevent"],
        exposed: &["80/tcp"], servers: &["/usr/local/bin/gunicorn"],
    }),
    image!(["k8s.gcr.io/echoserver", "registry.k8s.io/echoserver", "gcr.io/google_containers/echoserver", "gcr.io/google-containers/echoserver"],
        ["1.4", "1.10", "1.9", "1.8", "2.5"], {
        family: "echoserver", size: 95_400_000, layers: 6, cmd: &["/run.sh"], exposed: &["8080/tcp"],
        servers: &["/run.sh", "/usr/sbin/nginx"],
    }),
    image!(["docker.io/jwilder/whoami"], ["latest"], {
        family: "jwilder-whoami", size: 10_100_000, layers: 2, base: "scratch", cmd: &["/app/http"], exposed: &["8000/tcp"],
        servers: &["/app/http"],
    }),
    image!(["docker.io/training/webapp"], ["latest"], {
        family: "webapp", size: 349_000_000, layers: 12, cmd: &["python", "app.py"], exposed: &["5000/tcp"], cwd: "/opt/webapp",
        servers: &["/usr/bin/python"],
    }),
    image!(["k8s.gcr.io/goproxy", "registry.k8s.io/goproxy"], ["0.1"], {
        family: "goproxy", size: 5_500_000, layers: 2, base: "scratch", entrypoint: &["/goproxy"], exposed: &["8080/tcp"],
        servers: &["/goproxy"],
    }),
    image!(["quay.io/rhdevelopers/istio-tutorial-customer"], ["latest", "v1.1", "v1"], {
        family: "customer", size: 500_000_000, layers: 9, cmd: &["/deployments/run-java.sh"], exposed: &["8080/tcp", "8778/tcp", "9779/tcp"],
        env: &[("JAEGER_SERVICE_NAME", "customer"), ("JAVA_APP_DIR", "/deployments")],
        servers: &["/deployments/run-java.sh"], tools: &["curl"],
    }),
    image!(["quay.io/rhdevelopers/istio-tutorial-preference"], ["latest", "v1.1", "v1"], {
        family: "preference", size: 500_000_000, layers: 9, cmd: &["/deployments/run-java.sh"], exposed: &["8080/tcp"],
        env: &[("JAEGER_SERVICE_NAME", "preference")], servers: &["/deployments/run-java.sh"], tools: &["curl"],
    }),
    image!(["quay.io/rhdevelopers/istio-tutorial-recommendation"],
        ["latest", "v1.1", "v1.2", "v2.1", "v2.2", "v3.1", "v3.2", "v1", "v2", "v3", "v2.2-timeout", "v2-timeout"], {
        family: "recommendation", size: 500_000_000, layers: 9, cmd: &["/deployments/run-java.sh"], exposed: &["8080/tcp"],
        env: &[("JAEGER_SERVICE_NAME", "recommendation")], servers: &["/deployments/run-java.sh"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-productpage-v1"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "productpage", size: 230_000_000, layers: 10, cmd: &["gunicorn", "-b", "[::]:9080", "productpage:app"], exposed: &["9080/tcp"],
        user: "1000", servers: &["/usr/local/bin/gunicorn"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-details-v1"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "details", size: 160_000_000, layers: 10, cmd: &["/opt/microservices/details.rb", "9080"], exposed: &["9080/tcp"],
        user: "1000", servers: &["/opt/microservices/details.rb"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-ratings-v1"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "ratings", size: 170_000_000, layers: 10, cmd: &["/opt/microservices/ratings.js", "9080"], exposed: &["9080/tcp"],
        user: "1000", servers: &["/opt/microservices/ratings.js"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-reviews-v1"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "reviews", size: 480_000_000, layers: 10, cmd: &["/opt/ol/wlp/bin/server", "run"], exposed: &["9080/tcp"],
        user: "1000", env: &[("SERVICE_VERSION", "v1")], servers: &["/opt/ol/wlp/bin/server"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-reviews-v2"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "reviews", size: 480_000_001, layers: 10, cmd: &["/opt/ol/wlp/bin/server", "run"], exposed: &["9080/tcp"],
        user: "1000", env: &[("SERVICE_VERSION", "v2")], servers: &["/opt/ol/wlp/bin/server"], tools: &["curl"],
    }),
    image!(["docker.io/istio/examples-bookinfo-reviews-v3"], ["latest", "1.20.3", "1.20.2", "1.18.0", "1.17.0", "1.16.2", "1.15.0"], {
        family: "reviews", size: 480_000_002, layers: 10, cmd: &["/opt/ol/wlp/bin/server", "run"], exposed: &["9080/tcp"],
        user: "1000", env: &[("SERVICE_VERSION", "v3")], servers: &["/opt/ol/wlp/bin/server"], tools: &["curl"],
    }),
];
