//! `drydock bench`: measured figures. They are printed, never asserted.

use drydock_container::machines::Frame as HostFrame;
use drydock_network::http::{Body, Method, Request, Stream};
use drydock_sandbox::{FrameMark, Input, Sandbox, World};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// Names of figures; all if none.
    names: Vec<String>,
    /// One JSON object per figure.
    #[arg(long)]
    json: bool,
}

/// A figure with its name and unit.
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
}

type Bench = (&'static str, fn() -> Vec<Figure>);

/// One line a benchmark.
const BENCHES: &[Bench] = &[
    ("boot", boot),
    ("pods", pods),
    ("growth", growth),
    ("hash", hash),
    ("undo", undo),
    ("frame", frame),
    ("command", command),
    ("docker", crate::bench_docker::figures),
    ("api", api),
    ("page", page),
];

pub fn main(args: &Args) -> Result<ExitCode, String> {
    if let Some(name) = args.names.iter().find(|n| BENCHES.iter().all(|b| b.0 != n.as_str())) {
        let known: Vec<&str> = BENCHES.iter().map(|b| b.0).collect();
        return Err(format!("no benchmark {name}; there are {}", known.join(", ")));
    }
    for (name, run) in BENCHES {
        if !args.names.is_empty() && !args.names.iter().any(|n| n == name) {
            continue;
        }
        for figure in run() {
            if args.json {
                println!(
                    "{}",
                    serde_json::json!({"name": figure.name, "value": figure.value, "unit": figure.unit})
                );
            } else {
                println!("{:<44} {:>12.3} {}", figure.name, figure.value, figure.unit);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// Resident memory of this process in MiB, where /proc tells.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:"));
    let kib = line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// A world with a Deployment of `n` pods on enough nodes, all Ready; the time and memory it took.
fn deployment(n: u32) -> (World, Duration, f64) {
    let config = drydock_sandbox::Config { nodes: (n / 30).max(3), ..Default::default() };
    let mut world = World::new(&config);
    let before = memory();
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: load}}\nspec:\n  replicas: {n}\n  selector: {{matchLabels: {{app: load}}}}\n  template:\n    metadata: {{labels: {{app: load}}}}\n    spec: {{containers: [{{name: c, image: nginx, resources: {{requests: {{cpu: 100m}}}}}}]}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: load}}\nspec: {{selector: {{app: load}}, ports: [{{port: 80}}]}}\n"
    );
    let begin = Instant::now();
    world.apply(&Input::Apply { manifest });
    for _ in 0..600 {
        world.run_for(1_000, usize::MAX);
        let status = world.read("/apis/apps/v1/namespaces/default/deployments/load");
        if status.is_some_and(|d| d["status"]["readyReplicas"].int() == i64::from(n)) {
            break;
        }
    }
    (world, begin.elapsed(), memory() - before)
}

fn boot() -> Vec<Figure> {
    let begin = Instant::now();
    let sandbox = Sandbox::new(1);
    let took = begin.elapsed();
    drop(sandbox);
    vec![Figure { name: "default world, booted", value: ms(took), unit: "ms" }]
}

fn pods() -> Vec<Figure> {
    let (_, took, mib) = deployment(1_000);
    vec![
        Figure { name: "deployment of 1,000 pods ready", value: ms(took), unit: "ms" },
        Figure { name: "pods ready per second", value: 1_000.0 / took.as_secs_f64(), unit: "pods/s" },
        Figure { name: "memory per pod (of 1,000)", value: mib * 1024.0 / 1_000.0, unit: "KiB" },
    ]
}

fn growth() -> Vec<Figure> {
    let (_, small, _) = deployment(1_000);
    let (_, large, mib) = deployment(10_000);
    vec![
        Figure { name: "deployment of 10,000 pods ready", value: ms(large), unit: "ms" },
        Figure { name: "memory per pod (of 10,000)", value: mib * 1024.0 / 10_000.0, unit: "KiB" },
        Figure {
            name: "growth exponent, 1,000 to 10,000 pods",
            value: (large.as_secs_f64() / small.as_secs_f64()).log10(),
            unit: "",
        },
    ]
}

fn hash() -> Vec<Figure> {
    let (world, _, _) = deployment(1_000);
    let begin = Instant::now();
    for _ in 0..10 {
        std::hint::black_box(world.hash());
    }
    vec![Figure { name: "state hash, 1,000 pods", value: ms(begin.elapsed()) / 10.0, unit: "ms" }]
}

fn undo() -> Vec<Figure> {
    let mut sandbox = Sandbox::new(1);
    sandbox.run_line("kubectl create deployment web --image=nginx --replicas=50");
    sandbox.settle(60_000);
    for n in 0..100 {
        sandbox.run_line(&format!("kubectl scale deployment web --replicas={}", 50 + n % 2));
    }
    let begin = Instant::now();
    for _ in 0..50 {
        sandbox.undo();
    }
    let undo = begin.elapsed();
    let world = sandbox.experiment();
    let begin = Instant::now();
    for _ in 0..1_000 {
        std::hint::black_box(world.clone());
    }
    let copy = begin.elapsed();
    let target = sandbox.now() / 2;
    let begin = Instant::now();
    sandbox.goto(target);
    let jump = begin.elapsed();
    vec![
        Figure { name: "undo", value: ms(undo) / 50.0, unit: "ms" },
        Figure { name: "copy of a world", value: copy.as_secs_f64() * 1e6 / 1_000.0, unit: "µs" },
        Figure { name: "jump to the middle of a session", value: ms(jump), unit: "ms" },
    ]
}

fn frame() -> Vec<Figure> {
    let (world, _, _) = deployment(500);
    let begin = Instant::now();
    for _ in 0..20 {
        std::hint::black_box(world.frame(FrameMark::default()));
    }
    vec![Figure { name: "frame of 500 pods", value: ms(begin.elapsed()) / 20.0, unit: "ms" }]
}

fn command() -> Vec<Figure> {
    let mut sandbox = Sandbox::new(1);
    sandbox.run_line("kubectl create deployment web --image=nginx --replicas=20");
    sandbox.settle(60_000);
    let begin = Instant::now();
    for _ in 0..20 {
        sandbox.run_line("kubectl get pods -A");
    }
    vec![Figure { name: "kubectl get pods -A, to the prompt", value: ms(begin.elapsed()) / 20.0, unit: "ms" }]
}

/// The API server's door under load: a long list as a table, one change told to many watchers, many applies.
fn api() -> Vec<Figure> {
    const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let (mut world, _, _) = deployment(10_000);
    let list = Request::get("/api/v1/namespaces/default/pods").header("Accept", TABLE);
    let begin = Instant::now();
    let bytes = world.request(&list).body.bytes().len();
    let listed = begin.elapsed();
    let mut world = World::new(&drydock_sandbox::Config::default());
    let watch = Request::get("/api/v1/namespaces/default/configmaps").query("watch", "true");
    let streams: Vec<Stream> = (0..100)
        .filter_map(|_| match world.request(&watch).body {
            Body::Stream(stream) => Some(stream),
            _ => None,
        })
        .collect();
    for stream in &streams {
        while world.cluster.read_stream(&mut world.machines, *stream) != HostFrame::Pending {}
    }
    let configmap = |n: u32, manager: &str| {
        let path = format!("/api/v1/namespaces/default/configmaps/c-{n}");
        let object = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"c-{n}\"}},\"data\":{{\"n\":\"{n}\"}}}}"
        );
        Request::new(Method::Patch, path)
            .query("fieldManager", manager)
            .header("Content-Type", "application/apply-patch+yaml")
            .body(Body::text(&object))
    };
    let begin = Instant::now();
    for n in 0..1_000 {
        std::hint::black_box(world.request(&configmap(n, "bench")));
    }
    let applied = begin.elapsed();
    let begin = Instant::now();
    let mut told = 0_u32;
    for stream in &streams {
        while world.cluster.read_stream(&mut world.machines, *stream) != HostFrame::Pending {
            told += 1;
        }
    }
    let fanned = begin.elapsed();
    vec![
        Figure { name: "list of 10,000 pods as Table", value: ms(listed), unit: "ms" },
        Figure { name: "its size", value: bytes as f64 / 1024.0, unit: "KiB" },
        Figure { name: "apply of 1,000 objects", value: ms(applied), unit: "ms" },
        Figure { name: "1,000 changes told to 100 watchers", value: ms(fanned), unit: "ms" },
        Figure {
            name: "a change told to a watcher",
            value: fanned.as_secs_f64() * 1e6 / f64::from(told.max(1)),
            unit: "µs",
        },
    ]
}

/// The built page: bytes of its wasm, and how long it took to accept a command when the browser tests ran
/// last. Needs `cargo xtask build --release`, and for the time `cargo xtask test`.
fn page() -> Vec<Figure> {
    let mut figures = Vec::new();
    let size = |path: &std::path::Path| std::fs::metadata(path).ok().map(|m| m.len() as f64 / 1024.0);
    let entries = std::fs::read_dir("target/dist").into_iter().flatten().flatten();
    let wasm = entries.map(|e| e.path().join("app_bg.wasm")).find(|p| p.is_file());
    match wasm {
        Some(raw) => {
            let packed = |suffix: &str| raw.with_extension(format!("wasm.{suffix}"));
            let all =
                [("wasm, raw", raw.clone()), ("wasm, gzip", packed("gz")), ("wasm, brotli", packed("br"))];
            figures.extend(
                all.iter().filter_map(|(name, path)| Some(Figure { name, value: size(path)?, unit: "KiB" })),
            );
        }
        None => eprintln!("drydock: no page in target/dist; `cargo xtask build --release` builds it"),
    }
    let ready = std::fs::read_to_string("target/page-ready-ms").ok().and_then(|t| t.trim().parse().ok());
    match ready {
        Some(value) => {
            figures.push(Figure { name: "page open to a prompt that accepts a command", value, unit: "ms" })
        }
        None => eprintln!("drydock: no target/page-ready-ms; `cargo xtask test browser` writes it"),
    }
    figures
}
