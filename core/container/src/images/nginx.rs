//! The nginx image: entrypoint, web server with its configuration, welcome page and log lines, as
//! docker-library's `nginx` on Debian and Alpine.
//!
//! Left out: TLS, caching, FastCGI, rewrite rules; see `conf` for what is understood.

pub mod answer;
pub mod conf;
pub mod server;
pub mod syntax;

use crate::images::{Catalogued, Draft, Flavour, Image, base, linux};
use crate::machine::{Machine, Once};
use crate::program::{Program, Programs};
use crate::signal::Signal;
use crate::sys::Sys;
use std::sync::Arc;

/// The version a tag stands for.
fn version(tag: &str) -> &str {
    let number = tag.split('-').next().unwrap_or("");
    match number {
        "latest" | "mainline" | "alpine" | "perl" | "1" | "1.29" => "1.29.3",
        "stable" | "1.28" => "1.28.0",
        "1.27" => "1.27.5",
        "1.26" => "1.26.3",
        "1.25" => "1.25.5",
        "1.24" => "1.24.0",
        "1.23" => "1.23.4",
        "1.22" => "1.22.1",
        "1.21" => "1.21.6",
        "1.20" => "1.20.2",
        "1.19" => "1.19.10",
        "1.18" => "1.18.0",
        "1.17" => "1.17.10",
        "1.16" => "1.16.1",
        "1.15" => "1.15.12",
        "1.14" => "1.14.2",
        "1.13" => "1.13.12",
        "1.12" => "1.12.2",
        "1.11" => "1.11.13",
        "1.10" => "1.10.3",
        "1.9" => "1.9.15",
        "1.8" => "1.8.1",
        "1.7" => "1.7.12",
        full => full,
    }
}

pub const IMAGE: Catalogued = Catalogued {
    names: &["docker.io/library/nginx"],
    tags: &[
        "latest",
        "mainline",
        "stable",
        "1",
        "alpine",
        "stable-alpine",
        "mainline-alpine",
        "alpine-slim",
        "1-alpine",
        "1.29",
        "1.29.3",
        "1.29-alpine",
        "1.28",
        "1.28.0",
        "1.28-alpine",
        "1.27",
        "1.27.0",
        "1.27.5",
        "1.27-alpine",
        "1.26",
        "1.26.3",
        "1.26-alpine",
        "1.25",
        "1.25.0",
        "1.25.3",
        "1.25.5",
        "1.25-alpine",
        "1.24",
        "1.24.0",
        "1.24-alpine",
        "1.23",
        "1.23.4",
        "1.23-alpine",
        "1.22",
        "1.22.1",
        "1.21",
        "1.21.0",
        "1.21.6",
        "1.21-alpine",
        "1.20",
        "1.20.2",
        "1.19",
        "1.19.0",
        "1.19.10",
        "1.18",
        "1.18.0",
        "1.17",
        "1.17.1",
        "1.17.10",
        "1.16",
        "1.16.0",
        "1.16.1",
        "1.15",
        "1.15.12",
        "1.14",
        "1.14.0",
        "1.14.2",
        "1.13",
        "1.13.12",
        "1.12",
        "1.12.2",
        "1.11",
        "1.10",
        "1.10.3",
        "1.9",
        "1.9.1",
        "1.8",
        "1.7",
        "1.7.9",
        "perl",
    ],
    make,
};

fn make(_: &str, tag: &str, programs: Programs) -> Draft {
    let version = version(tag);
    let alpine = tag.contains("alpine");
    let created =
        1_727_900_000 + i64::from(drydock_machinery::hash::adler32(version.as_bytes()) % 10_000_000);
    let mut root = if alpine {
        base::alpine(programs, created, linux::alpine_version("3.22"))
    } else {
        base::debian(programs, created, &linux::debian_release("12"))
    };
    if alpine {
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n\
             nginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin\n",
        );
        root.program("/usr/bin/curl", "curl", 259_000);
    } else {
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
             nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
             nginx:x:101:101:nginx user:/nonexistent:/bin/false\n",
        );
        root.program("/usr/bin/curl", "curl", 285_832);
    }
    root.program("/docker-entrypoint.sh", ENTRYPOINT.name, 1_620).program(
        "/usr/sbin/nginx",
        "nginx",
        1_522_912,
    );
    root.dirs(&[
        "/docker-entrypoint.d",
        "/usr/share/nginx/html",
        "/etc/nginx/conf.d",
        "/var/cache/nginx",
        "/var/log/nginx",
    ]);
    for (name, what) in [
        ("10-listen-on-ipv6-by-default.sh", "adds an IPv6 listener to the packaged configuration"),
        ("15-local-resolvers.envsh", "exports the resolvers of this container"),
        ("20-envsubst-on-templates.sh", "fills /etc/nginx/templates from the environment"),
        ("30-tune-worker-processes.sh", "sets the number of workers from the CPU limit"),
    ] {
        root.script(&format!("/docker-entrypoint.d/{name}"), &format!("#!/bin/sh\n# {what}\nexit 0\n"));
    }
    root.file("/usr/share/nginx/html/index.html", WELCOME).file("/usr/share/nginx/html/50x.html", ERROR_PAGE);
    root.file("/etc/nginx/nginx.conf", NGINX_CONF).file("/etc/nginx/conf.d/default.conf", DEFAULT_CONF);
    root.file("/etc/nginx/mime.types", "types {\n    text/html html htm shtml;\n    text/css css;\n}\n");
    root.link("/var/log/nginx/access.log", "/dev/stdout").link("/var/log/nginx/error.log", "/dev/stderr");
    let mut env = linux::path();
    env.push(("NGINX_VERSION".into(), version.into()));
    env.push(("PKG_RELEASE".into(), if alpine { "1".into() } else { "1~bookworm".to_string() }));
    Draft {
        family: if alpine { "nginx-alpine" } else { "nginx" },
        version: version.into(),
        base: if alpine { "alpine" } else { "debian-slim" },
        base_size: if alpine { 7_797_760 } else { 74_800_000 },
        layers: if alpine { 8 } else { 7 },
        size: if alpine { 48_200_000 } else { 192_000_000 },
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        env,
        exposed: &["80/tcp"],
        labels: &[("maintainer", "NGINX Docker Maintainers <docker-maint@nginx.com>")],
        stop_signal: Some(Signal::Quit),
        created,
        flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
        root: root.fs,
        ..Draft::default()
    }
}

/// `/docker-entrypoint.sh`: prepares when the command is nginx, then becomes it.
pub const ENTRYPOINT: Program =
    Program { name: "nginx-entrypoint", about: "start script of the nginx image", start: start_entrypoint };
/// The server and its maintenance flags.
pub const NGINX: Program = Program { name: "nginx", about: "web server", start: start_nginx };

const PREPARED: &str = "\
/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf
10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf
/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
";

fn start_entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let rest: Arc<[Arc<str>]> = match image(sys) {
        Some(image) if args.get(1..) == Some(&*image.cmd) => image.cmd.clone(),
        _ => args.iter().skip(1).cloned().collect(),
    };
    match rest.first().map(|a| &**a) {
        None => return Box::new(Once(|_| 0)),
        Some("nginx" | "nginx-debug") => {
            // Replicas share the text: it never changes.
            let text = sys.shared_text("nginx-entrypoint", |_| PREPARED.into());
            sys.write_shared(1, text);
        }
        Some(_) => {}
    }
    // `exec "$@"`: the shortest way when nothing was changed.
    let plain = sys.unchanged("/usr/sbin/nginx") && rest.first().is_some_and(|a| &**a == "nginx");
    if plain {
        sys.set_args(rest);
        return start_nginx(sys);
    }
    Box::new(crate::machine::ExecAll::new(rest, "/docker-entrypoint.sh: 47: exec"))
}

fn start_nginx(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let version = image_version(sys);
    let mut config: Arc<str> = "/etc/nginx/nginx.conf".into();
    let mut words = args.iter().skip(1);
    let mut mode = ' ';
    let mut signal: Arc<str> = "".into();
    while let Some(word) = words.next() {
        match &**word {
            "-v" | "-V" | "-t" | "-T" | "-q" => mode = word.chars().nth(1).unwrap_or(' '),
            "-h" | "-?" => mode = 'h',
            "-s" => {
                mode = 's';
                signal = words.next().cloned().unwrap_or_default();
            }
            "-c" => config = words.next().cloned().unwrap_or(config),
            "-g" | "-p" | "-e" => _ = words.next(),
            other => {
                sys.eprint(&format!("nginx: invalid option: \"{other}\"\n"));
                return Box::new(Once(|_| 1));
            }
        }
    }
    match mode {
        'v' | 'V' => {
            sys.eprint(&format!("nginx version: nginx/{version}\n"));
            if mode == 'V' {
                sys.eprint("built by gcc 12.2.0 (Debian 12.2.0-14) \nTLS SNI support enabled\n");
            }
            Box::new(Once(|_| 0))
        }
        'h' => {
            sys.eprint(&format!(
                "nginx version: nginx/{version}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             \
                 [-e filename] [-c filename] [-g directives]\n"
            ));
            Box::new(Once(|_| 0))
        }
        't' | 'T' => match conf::load(sys, &config) {
            Ok(_) => {
                sys.eprint(&format!(
                    "nginx: the configuration file {config} syntax is ok\n\
                     nginx: configuration file {config} test is successful\n"
                ));
                Box::new(Once(|_| 0))
            }
            Err(text) => {
                sys.eprint(&format!(
                    "nginx: [emerg] {text}\nnginx: configuration file {config} test failed\n"
                ));
                Box::new(Once(|_| 1))
            }
        },
        's' => {
            let send = match &*signal {
                "stop" => Signal::Term,
                "quit" => Signal::Quit,
                "reload" => Signal::Hup,
                "reopen" => Signal::Usr1,
                other => {
                    sys.eprint(&format!("nginx: invalid option: \"-s {other}\"\n"));
                    return Box::new(Once(|_| 1));
                }
            };
            let notice = format!("{} [notice] ", crate::images::web::stamp(sys.unix()));
            let own = sys.process().map_or(0, |p| p.ns_pid);
            sys.eprint(&format!("{notice}{own}#{own}: signal process started\n"));
            match sys.pid_from_namespace(1) {
                Some(pid) => sys.kill(pid, send),
                None => sys.eprint("nginx: [error] invalid PID number \"\" in \"/run/nginx.pid\"\n"),
            }
            Box::new(Once(|_| 0))
        }
        _ => server::start(sys, config, version),
    }
}

fn image(sys: &Sys<'_>) -> Option<Arc<Image>> {
    sys.machines.space(sys.process()?.space).map(|s| s.image.clone())
}
/// `NGINX_VERSION` of the image (not of the environment, which anybody may set).
fn image_version(sys: &Sys<'_>) -> Arc<str> {
    image(sys).and_then(|i| i.env.get("NGINX_VERSION").cloned()).unwrap_or_else(|| "1.29.3".into())
}

const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n\
html { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\n\
font-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n\
<p>If you see this page, the nginx web server is successfully installed and\n\
working. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n\
<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n\
<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";

const ERROR_PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n<style>\n\
html { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\n\
font-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>An error occurred.</h1>\n\
<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again later.</p>\n\
<p>If you are the system administrator of this resource then you should check\n\
the error log for details.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n";

const NGINX_CONF: &str = "\nuser  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\n\
pid        /run/nginx.pid;\n\n\nevents {\n    worker_connections  1024;\n}\n\n\nhttp {\n\
\x20   include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n\n\
\x20   log_format  main  '$remote_addr - $remote_user [$time_local] \"$request\" '\n\
\x20                     '$status $body_bytes_sent \"$http_referer\" '\n\
\x20                     '\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n\
\x20   access_log  /var/log/nginx/access.log  main;\n\n    sendfile        on;\n    #tcp_nopush     on;\n\n\
\x20   keepalive_timeout  65;\n\n    #gzip  on;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n";

const DEFAULT_CONF: &str = "server {\n    listen       80;\n    listen  [::]:80;\n    server_name  localhost;\n\n\
\x20   #access_log  /var/log/nginx/host.access.log  main;\n\n    location / {\n\
\x20       root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n\n\
\x20   #error_page  404              /404.html;\n\n\
\x20   # redirect server error pages to the static page /50x.html\n    #\n\
\x20   error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n\
\x20       root   /usr/share/nginx/html;\n    }\n}\n\n";

#[cfg(test)]
mod tests {
    #[test]
    fn pages_have_their_real_sizes() {
        assert_eq!(super::WELCOME.len(), 615);
        assert_eq!(super::ERROR_PAGE.len(), 497);
    }
}
