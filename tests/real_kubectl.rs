//! Real kubectls run a course-like script against `drydock apiserver`: one that sends JSON and one that
//! sends protocol buffers. Skipped loudly where none is installed.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A running `drydock apiserver` and its kubeconfig; dropping it ends it.
struct Server {
    child: Child,
    kubeconfig: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A server of its own for each caller: tests run side by side.
fn start() -> Server {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(&cargo)
        .args(["build", "--quiet", "--package", "drydock-headless"])
        .current_dir(&root)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "drydock does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let kubeconfig = target.join(format!("kubeconfig-{}-{number}", std::process::id()));
    let mut child = Command::new(target.join("debug/drydock"))
        .args(["apiserver", "--speed", "20", "--kubeconfig"])
        .arg(&kubeconfig)
        .stdout(Stdio::piped())
        .spawn()
        .expect("drydock starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("stdout is a pipe");
    BufReader::new(out).read_line(&mut line).expect("drydock says where it listens");
    assert!(line.contains("apiserver"), "{line}");
    Server { child, kubeconfig }
}

/// The real kubectls here: one that sends JSON, one that sends protocol buffers (since 1.32).
fn real_kubectls() -> Vec<PathBuf> {
    let dirs = ["/usr/lib/google-cloud-sdk/bin", "/usr/local/bin", "/usr/bin"];
    let newest = |names: &[&str]| {
        let mut paths = names.iter().flat_map(|name| dirs.iter().map(move |dir| Path::new(dir).join(name)));
        paths.find(|path| path.is_file())
    };
    let mut found: Vec<PathBuf> = newest(&["kubectl.1.31", "kubectl.1.30"]).into_iter().collect();
    found.extend(newest(&["kubectl.1.33", "kubectl.1.32", "kubectl"]));
    if found.is_empty() {
        println!("SKIPPED: no real kubectl on this machine; nothing was compared with it");
    }
    found
}

/// Commands, and a text each must print.
const SCRIPT: &[(&str, &str)] = &[
    ("version", "Server Version: v1.33.1"),
    ("get nodes", "control-plane"),
    ("create deployment web --image=nginx --replicas=2", "deployment.apps/web created"),
    ("rollout status deployment web --timeout=120s", "deployment \"web\" successfully rolled out"),
    ("get pods -l app=web", "1/1     Running"),
    ("get deployment web -o jsonpath={.status.readyReplicas}", "2"),
    ("scale deployment web --replicas=3", "deployment.apps/web scaled"),
    ("rollout status deployment web --timeout=120s", "successfully rolled out"),
    ("expose deployment web --port=80", "service/web exposed"),
    ("get endpoints web", ":80"),
    ("label deployment web tier=front", "deployment.apps/web labeled"),
    ("get deployment -l tier=front -o name", "deployment.apps/web"),
    ("describe deployment web", "Scaled up replica set"),
    ("logs deployment/web", "start worker process"),
    ("get all", "replicaset.apps/web-"),
    ("get pods -o wide", "node-"),
    ("get events", "Scheduled"),
    ("set image deployment/web nginx=nginx:alpine", "deployment.apps/web image updated"),
    ("rollout history deployment web", "REVISION"),
    ("delete deployment web", "deployment.apps \"web\" deleted"),
    ("delete service web", "service \"web\" deleted"),
    ("get namespaces", "kube-system"),
    ("create configmap c --from-literal=a=b", "configmap/c created"),
    ("get configmap c -o yaml", "a: b"),
    ("create secret generic s --from-literal=password=geheim", "secret/s created"),
    ("get secret s -o jsonpath={.data.password}", "Z2VoZWlt"),
    ("create service clusterip web --tcp=80:8080", "service/web created"),
    ("get service web -o jsonpath={.spec.ports[0].targetPort}", "8080"),
    ("create job hello --image=busybox -- echo hi", "job.batch/hello created"),
    ("get job hello -o jsonpath={.spec.template.spec.containers[0].command}", "[\"echo\",\"hi\"]"),
    ("create namespace team", "namespace/team created"),
    ("create serviceaccount bot", "serviceaccount/bot created"),
    ("create role reader --verb=get,list --resource=pods", "reader created"),
    ("create rolebinding rb --role=reader --serviceaccount=default:bot", "rb created"),
    ("auth can-i list pods --as=system:serviceaccount:default:bot", "yes"),
    ("create quota q --hard=cpu=1,memory=1Gi -n team", "resourcequota/q created"),
    ("create poddisruptionbudget p --selector=app=web --min-available=50%", "p created"),
    ("create ingress i --rule=shop.example.com/*=web:80", "i created"),
    ("create token bot", "."),
];

#[test]
fn the_real_kubectl_runs_a_course_like_script() {
    for kubectl in real_kubectls() {
        run_script(&kubectl);
    }
}

fn run_script(kubectl: &Path) {
    let server = start();
    for (line, expected) in SCRIPT {
        let out = Command::new(kubectl)
            .args(line.split(' '))
            .env("KUBECONFIG", &server.kubeconfig)
            .env("HOME", std::env::temp_dir())
            .output()
            .expect("kubectl runs");
        let text = String::from_utf8_lossy(&out.stdout);
        let errors = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{} {line}: {text}{errors}", kubectl.display());
        assert!(text.contains(expected), "{} {line}: no {expected:?} in {text}{errors}", kubectl.display());
    }
}

#[test]
fn the_real_kubectl_applies_watches_and_is_refused() {
    for kubectl in real_kubectls() {
        apply_and_watch(&kubectl);
    }
}

fn apply_and_watch(kubectl: &Path) {
    let server = start();
    let dir = std::env::temp_dir().join(format!("drydock-apply-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("pod.yaml");
    std::fs::write(
        &file,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec: {containers: [{name: c, image: nginx}]}\n",
    )
    .unwrap();
    let run = |args: &[&str]| {
        let out = Command::new(kubectl)
            .args(args)
            .env("KUBECONFIG", &server.kubeconfig)
            .env("HOME", &dir)
            .output()
            .expect("kubectl runs");
        (
            out.status.code(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        )
    };
    let path = file.to_str().unwrap();
    assert_eq!(run(&["apply", "-f", path]).1, "pod/one created\n");
    assert_eq!(run(&["apply", "-f", path]).1, "pod/one unchanged\n");
    assert_eq!(
        run(&["create", "-f", path]).2,
        format!(
            "Error from server (AlreadyExists): error when creating \"{path}\": pods \"one\" already exists\n"
        )
    );
    let waited = run(&["wait", "--for=condition=Ready", "pod/one", "--timeout=120s"]);
    assert_eq!(waited.1, "pod/one condition met\n", "{}", waited.2);
    let mut followed = Command::new(kubectl)
        .args(["logs", "--follow", "one"])
        .env("KUBECONFIG", &server.kubeconfig)
        .env("HOME", &dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("kubectl runs");
    let mut line = String::new();
    let lines = followed.stdout.take().expect("stdout is a pipe");
    BufReader::new(lines).read_line(&mut line).expect("the log has a line");
    // It may have ended by itself.
    _ = followed.kill();
    followed.wait().expect("kubectl ends");
    assert!(!line.is_empty(), "logs --follow printed nothing");
    std::fs::write(
        &file,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec: {containers: [{name: c, imagee: nginx}]}\n",
    )
    .unwrap();
    let refused = run(&["create", "-f", path]);
    assert!(refused.2.contains("unknown field \"spec.containers[0].imagee\""), "{}", refused.2);
    assert_eq!(run(&["get", "pod", "nope"]).2, "Error from server (NotFound): pods \"nope\" not found\n");
    assert_eq!(run(&["delete", "pod", "one"]).1, "pod \"one\" deleted\n");
    std::fs::remove_dir_all(&dir).unwrap();
}
