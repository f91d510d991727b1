//! `/_ping`, `/version`, `/info`: what the engine says of itself, as Docker Engine 26.1.5 of Debian does.

use crate::container::Status;
use crate::door::Call;
use crate::json::{Json, ToJson};
use crate::{ids, json};
use drydock_container::host::{KERNEL, MEMORY};
use drydock_network::http::{Body, Method, Response};

/// The engine's version.
pub const ENGINE: &str = "26.1.5+dfsg1";
const CONTAINERD: &str = "1.7.24~ds1";
const CONTAINERD_COMMIT: &str = "1.7.24~ds1-6+deb13u1";
const RUNC: &str = "1.1.15+ds1";
const RUNC_COMMIT: &str = "1.1.15+ds1-2+b4";
const GO: &str = "go1.24.4";
const COMMIT: &str = "411e817";
const BUILT: &str = "2026-08-13T05:35:47.000000000+00:00";

/// An answer of JSON.
#[must_use]
pub fn answer(status: u16, body: &Json) -> Response {
    Response::new(status, Body::text(&format!("{}\n", body.0))).header("Content-Type", "application/json")
}

/// `GET` and `HEAD /_ping`.
#[must_use]
pub fn ping(call: &Call<'_>) -> Response {
    let head = call.request.method == Method::Head;
    Response::new(200, if head { Body::Empty } else { Body::text("OK") })
        .header("Builder-Version", "2")
        .header("Swarm", "inactive")
        .header("Cache-Control", "no-cache, no-store, must-revalidate")
        .header("Content-Type", "text/plain; charset=utf-8")
}

/// `GET /version`.
#[must_use]
pub fn version(call: &Call<'_>) -> Response {
    _ = call;
    let component = |name: &str, version: &str, details: Json| json!({"Name": name, "Version": version, "Details": details});
    let engine = json!({
        "ApiVersion": "1.45",
        "Arch": "amd64",
        "BuildTime": BUILT,
        "Experimental": "false",
        "GitCommit": COMMIT,
        "GoVersion": GO,
        "KernelVersion": KERNEL,
        "MinAPIVersion": "1.24",
        "Os": "linux",
    });
    let body = json!({
        "Platform": json!({"Name": ""}),
        "Components": Json::list([
            component("Engine", ENGINE, engine),
            component("containerd", CONTAINERD, json!({"GitCommit": CONTAINERD_COMMIT})),
            component("runc", RUNC, json!({"GitCommit": RUNC_COMMIT})),
            component("docker-init", "0.19.0", json!({"GitCommit": ""})),
        ]),
        "Version": ENGINE,
        "ApiVersion": "1.45",
        "MinAPIVersion": "1.24",
        "GitCommit": COMMIT,
        "GoVersion": GO,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": KERNEL,
        "BuildTime": BUILT,
    });
    answer(200, &body)
}

/// `GET /info`.
#[must_use]
pub fn info(call: &Call<'_>) -> Response {
    let count = |wanted: &[Status]| {
        call.docker.containers.values().filter(|c| wanted.contains(&c.state.status)).count()
    };
    let (cpus, memory) = match call.machines.space(call.docker.host) {
        Some(space) => call.machines.host_size(space.id),
        None => (0, MEMORY),
    };
    let name = call.machines.space(call.docker.host).map_or_else(|| "dock".into(), |s| s.hostname.clone());
    let strings = |items: &[&str]| Json::strings(items.iter());
    let driver_status = [
        ["Backing Filesystem", "extfs"],
        ["Supports d_type", "true"],
        ["Using metacopy", "false"],
        ["Native Overlay Diff", "true"],
        ["userxattr", "false"],
    ];
    let commit = |text: &str| json!({"ID": text, "Expected": text});
    let body = json!({
        "ID": &call.docker.id,
        "Containers": call.docker.containers.len(),
        "ContainersRunning": count(&[Status::Running]),
        "ContainersPaused": count(&[Status::Paused]),
        "ContainersStopped": count(&[Status::Created, Status::Exited, Status::Restarting, Status::Dead, Status::Removing]),
        "Images": call.docker.images.records.len(),
        "Driver": "overlay2",
        "DriverStatus": Json::list(driver_status.iter().map(|pair| Json::strings(pair.iter()))),
        "Plugins": json!({
            "Volume": strings(&["local"]),
            "Network": strings(&["bridge", "host", "ipvlan", "macvlan", "null", "overlay"]),
            "Authorization": Json::null(),
            "Log": strings(&["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"]),
        }),
        "MemoryLimit": true,
        "SwapLimit": true,
        "CpuCfsPeriod": true,
        "CpuCfsQuota": true,
        "CPUShares": true,
        "CPUSet": true,
        "PidsLimit": true,
        "IPv4Forwarding": true,
        "BridgeNfIptables": true,
        "BridgeNfIp6tables": true,
        "Debug": false,
        "NFd": 24,
        "OomKillDisable": false,
        "NGoroutines": 39,
        "SystemTime": ids::moment(call.machines, call.machines.clock.now),
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": "1",
        "NEventsListener": 0,
        "KernelVersion": KERNEL,
        "OperatingSystem": "Ubuntu 24.04.1 LTS",
        "OSVersion": "24.04",
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": json!({
            "AllowNondistributableArtifactsCIDRs": Json::null(),
            "AllowNondistributableArtifactsHostnames": Json::null(),
            "InsecureRegistryCIDRs": strings(&["127.0.0.0/8"]),
            "IndexConfigs": json!({
                "docker.io": json!({"Name": "docker.io", "Mirrors": Json::list([]), "Secure": true, "Official": true}),
            }),
            "Mirrors": Json::null(),
        }),
        "NCPU": cpus,
        "MemTotal": memory,
        "GenericResources": Json::null(),
        "DockerRootDir": "/var/lib/docker",
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": name,
        "Labels": Json::list([]),
        "ExperimentalBuild": false,
        "ServerVersion": ENGINE,
        "Runtimes": json!({"io.containerd.runc.v2": json!({"path": "runc"}), "runc": json!({"path": "runc"})}),
        "DefaultRuntime": "runc",
        "Swarm": json!({
            "NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "",
            "RemoteManagers": Json::null(),
        }),
        "LiveRestoreEnabled": false,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": commit(CONTAINERD_COMMIT),
        "RuncCommit": commit(RUNC_COMMIT),
        "InitCommit": json!({"ID": "", "Expected": ""}),
        "SecurityOptions": strings(&["name=seccomp,profile=builtin"]),
        "CDISpecDirs": Json::null(),
        "DefaultAddressPools": Json::list([json!({"Base": "172.17.0.0/12", "Size": 16})]),
        "Warnings": Json::null(),
    });
    answer(200, &body.to_json())
}
