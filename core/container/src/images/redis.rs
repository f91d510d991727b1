//! The redis image: the server with the commands lessons use, kept in its memory and saved to
//! `/data/dump.rdb` when it ends (or as it changes, with `--appendonly yes`), replicas that follow it, and
//! `redis-cli`. Commands travel as RESP.
//!
//! Left out: clustering, scripting, streams, pub/sub and transactions.

pub mod cli;
mod collections;
pub mod data;
mod more;
pub mod resp;
mod server;
mod sorted;

use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::machine::{ExecAll, Machine};
use crate::program::Program;
use crate::sys::Sys;
use std::sync::Arc;

pub const IMAGE: Catalogued = Catalogued {
    names: &[
        "docker.io/library/redis",
        "registry.k8s.io/redis",
        "gcr.io/google-samples/gb-redis-follower",
        "gcr.io/google_samples/gb-redis-follower",
        "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower",
        "gcr.io/google_samples/gb-redisslave",
        "gcr.io/google-samples/gb-redisslave",
    ],
    tags: &[
        "latest",
        "8",
        "8.2",
        "7",
        "7.4",
        "7.2",
        "7.0",
        "6",
        "6.2",
        "6.0",
        "5",
        "5.0",
        "5.0.4",
        "4",
        "3.2",
        "alpine",
        "7-alpine",
        "7.4-alpine",
        "7.2-alpine",
        "6-alpine",
        "6.2-alpine",
        "e2e",
        "v1",
        "v2",
        "v3",
        "8-alpine",
        "8.2.1",
        "7.4.5",
        "bookworm",
        "7.2.4",
        "6.0.5",
    ],
    make: |name, tag, programs| {
        let created = 1_727_900_000;
        let alpine = tag.contains("alpine");
        let version = match tag.split('-').next().unwrap_or("") {
            "7" | "7.4" => "7.4.5",
            "7.2" => "7.2.10",
            "7.2.4" => "7.2.4",
            "7.0" => "7.0.15",
            "6" | "6.2" => "6.2.19",
            "6.0" | "6.0.5" => "6.0.20",
            "5" | "5.0" | "5.0.4" => "5.0.14",
            "4" => "4.0.14",
            "3.2" | "e2e" | "v1" => "3.2.12",
            _ => "8.2.1",
        };
        let mut root = if alpine {
            base::alpine(programs, created, linux::alpine_version("3.22"))
        } else {
            base::debian(programs, created, &linux::debian_release("12"))
        };
        root.program("/usr/local/bin/docker-entrypoint.sh", "redis-entrypoint", 661)
            .program("/usr/local/bin/redis-server", "redis-server", 16_500_000)
            .program("/usr/local/bin/redis-cli", "redis-cli", 7_100_000);
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
             redis:x:999:999::/home/redis:/bin/sh\n",
        );
        root.file("/etc/group", "root:x:0:\nredis:x:999:\nnogroup:x:65534:\n");
        root.owner(999).dir("/data", 0o755);
        let mut env = linux::path();
        env.push(("REDIS_VERSION".into(), version.into()));
        Draft {
            family: "redis",
            version: format!("{version}{}", if alpine { "-alpine" } else { "" }),
            base: if alpine { "alpine" } else { "debian-slim" },
            base_size: if alpine { 7_797_760 } else { 74_800_000 },
            layers: 8,
            size: if alpine { 41_400_000 } else { 117_000_000 },
            entrypoint: &["docker-entrypoint.sh"],
            cmd: match name {
                n if n.ends_with("gb-redis-follower") => {
                    &["redis-server", "--slaveof", "redis-leader", "6379"]
                }
                n if n.ends_with("gb-redisslave") => &["redis-server", "--slaveof", "redis-master", "6379"],
                _ => &["redis-server"],
            },
            exposed: &["6379/tcp"],
            volumes: &["/data"],
            cwd: "/data",
            env,
            created,
            flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
            root: root.fs,
            ..Draft::default()
        }
    },
};

pub const PROGRAMS: &[Program] = &[
    Program { name: "redis-entrypoint", about: "start script of the redis image", start: start_entrypoint },
    Program { name: "redis-server", about: "key-value server", start: server::start },
    Program { name: "redis-cli", about: "client of the key-value server", start: cli::start },
];

fn start_entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let rest: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
    let flag = rest.first().is_none_or(|a| a.starts_with('-') || a.ends_with(".conf"));
    let argv = if flag { [Arc::from("redis-server")].into_iter().chain(rest).collect() } else { rest };
    Box::new(ExecAll::new(argv.into(), "/usr/local/bin/docker-entrypoint.sh: 27: exec"))
}
