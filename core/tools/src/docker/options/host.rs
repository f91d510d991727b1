//! The `HostConfig` document: limits, mounts, ports, namespaces.

use super::{checks, mounts, ports, variables};
use crate::cli::Flags;
use crate::docker::units;
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, value};

fn texts(items: &[String]) -> Value {
    items.iter().map(Value::from).collect()
}
fn texts_or_null(items: &[String]) -> Value {
    if items.is_empty() { Value::Null } else { texts(items) }
}
fn bytes(flags: &Flags, name: &str) -> i64 {
    match flags.str(name) {
        "" => 0,
        "-1" => -1,
        text => units::parse_memory(text).unwrap_or(0),
    }
}

/// `no`, `on-failure:3`.
///
/// # Errors
/// `invalid restart policy format: maximum retry count must be an integer`.
pub fn restart_policy(text: &str) -> Result<Value, String> {
    let (name, count) = text.split_once(':').map_or((text, None), |(n, c)| (n, Some(c)));
    if name.is_empty() && count.is_some() {
        return Err("invalid restart policy format: no policy provided before colon".into());
    }
    let count = match count {
        None | Some("") => 0,
        Some(text) => text.parse::<i64>().map_err(|_| {
            "invalid restart policy format: maximum retry count must be an integer".to_string()
        })?,
    };
    Ok(value!({"Name": name, "MaximumRetryCount": count}))
}

/// Limits, as `create` and `update` both send them.
#[must_use]
pub fn resources(flags: &Flags) -> Value {
    value!({
        "CpuShares": (flags.int("cpu-shares")), "Memory": (bytes(flags, "memory")),
        "NanoCpus": (units::parse_cpus(flags.str("cpus")).unwrap_or(0)), "CgroupParent": (flags.str("cgroup-parent")),
        "BlkioWeight": (flags.int("blkio-weight")), "CpuPeriod": (flags.int("cpu-period")),
        "CpuQuota": (flags.int("cpu-quota")), "CpuRealtimePeriod": (flags.int("cpu-rt-period")),
        "CpuRealtimeRuntime": (flags.int("cpu-rt-runtime")), "CpusetCpus": (flags.str("cpuset-cpus")),
        "CpusetMems": (flags.str("cpuset-mems")), "MemoryReservation": (bytes(flags, "memory-reservation")),
        "MemorySwap": (bytes(flags, "memory-swap")), "CpuCount": (flags.int("cpu-count")),
        "CpuPercent": (flags.int("cpu-percent")), "IOMaximumIOps": 0, "IOMaximumBandwidth": 0
    })
}

/// What `create` adds to the limits.
///
/// # Errors
/// Whatever the client refuses before it asks the daemon.
pub fn host_config(
    sys: &mut Sys<'_>,
    flags: &Flags,
    bindings: &ports::Bindings,
    mode: &str,
) -> Result<Value, String> {
    check_namespaces(flags)?;
    let swappiness = flags.int("memory-swappiness");
    if swappiness != -1 && !(0..=100).contains(&swappiness) {
        return Err(format!("invalid value: {swappiness}. Valid memory swappiness range is 0-100"));
    }
    let restart = restart_policy(flags.str("restart"))?;
    if flags.bool("rm") && !matches!(restart["Name"].text(), "" | "no") {
        return Err("conflicting options: cannot specify both --restart and --rm".into());
    }
    let driver = flags.str("log-driver");
    if driver == "none" && !flags.list("log-opt").is_empty() {
        return Err("invalid logging opts for driver none".into());
    }
    if flags.list("storage-opt").iter().any(|o| !o.contains('=')) {
        return Err("invalid storage option".into());
    }
    let (binds, _) = mounts::volumes(sys, &flags.list("volume"))?;
    let bindings: Value = bindings
        .iter()
        .map(|(port, list)| {
            let list: Value =
                list.iter().map(|(ip, port)| value!({"HostIp": (ip), "HostPort": (port)})).collect();
            (port.as_str(), list)
        })
        .collect();
    let hosts: Vec<String> = flags
        .list("add-host")
        .iter()
        .filter_map(|h| checks::split_host(h).map(|(name, address)| format!("{name}:{address}")))
        .collect();
    let dns_options: Vec<String> =
        flags.list("dns-option").into_iter().chain(flags.list("dns-opt")).collect();
    let ulimits: Value = flags
        .list("ulimit")
        .iter()
        .filter_map(|u| checks::parse_ulimit(u).ok())
        .map(|(name, soft, hard)| value!({"Name": (name), "Hard": hard, "Soft": soft}))
        .collect();
    let mut devices = Vec::new();
    for text in flags.list("device") {
        devices.push(device(&text)?);
    }
    let mut host = resources(flags);
    for (key, item) in value!({
        "Binds": (texts_or_null(&binds)), "ContainerIDFile": (flags.str("cidfile")),
        "LogConfig": {"Type": driver, "Config": (variables::pairs(&flags.list("log-opt")))},
        "NetworkMode": mode, "PortBindings": (bindings), "RestartPolicy": (restart),
        "AutoRemove": (flags.bool("rm")), "VolumeDriver": (flags.str("volume-driver")),
        "VolumesFrom": (texts_or_null(&flags.list("volumes-from"))), "ConsoleSize": [0, 0],
        "CapAdd": (capabilities(&flags.list("cap-add"))), "CapDrop": (capabilities(&flags.list("cap-drop"))),
        "CgroupnsMode": (flags.str("cgroupns")), "Dns": (texts(&flags.list("dns"))),
        "DnsOptions": (texts(&dns_options)), "DnsSearch": (texts(&flags.list("dns-search"))),
        "ExtraHosts": (texts_or_null(&hosts)), "GroupAdd": (texts_or_null(&flags.list("group-add"))),
        "IpcMode": (flags.str("ipc")), "Cgroup": "", "Links": (texts_or_null(&flags.list("link"))),
        "OomScoreAdj": (flags.int("oom-score-adj")), "PidMode": (flags.str("pid")),
        "Privileged": (flags.bool("privileged")), "PublishAllPorts": (flags.bool("publish-all")),
        "ReadonlyRootfs": (flags.bool("read-only")), "SecurityOpt": (security(sys, &flags.list("security-opt"))?),
        "UTSMode": (flags.str("uts")), "UsernsMode": (flags.str("userns")),
        "ShmSize": (bytes(flags, "shm-size")), "Isolation": (flags.str("isolation")),
        "BlkioWeightDevice": [], "BlkioDeviceReadBps": [], "BlkioDeviceWriteBps": [],
        "BlkioDeviceReadIOps": [], "BlkioDeviceWriteIOps": [], "Devices": (Value::from_items(devices)),
        "DeviceCgroupRules": (texts_or_null(&flags.list("device-cgroup-rule"))), "DeviceRequests": null,
        "MemorySwappiness": swappiness, "OomKillDisable": (flags.bool("oom-kill-disable")),
        "PidsLimit": (flags.int("pids-limit")), "Ulimits": (ulimits), "MaskedPaths": null, "ReadonlyPaths": null
    })
    .entries()
    {
        host = host.with(*key, item.clone());
    }
    let tmpfs: Value = flags
        .list("tmpfs")
        .iter()
        .map(|t| {
            let (path, options) = t.split_once(':').unwrap_or((t, ""));
            (path, Value::from(options))
        })
        .collect();
    let mounted: Value = flags
        .list("mount")
        .iter()
        .filter_map(|m| mounts::parse(m).ok())
        .map(|m| mounts::absolute(sys, &m))
        .collect();
    let optional = [
        ("Tmpfs", tmpfs),
        ("Mounts", mounted),
        ("Sysctls", variables::pairs(&flags.list("sysctl"))),
        ("StorageOpt", variables::pairs(&flags.list("storage-opt"))),
        ("Annotations", variables::pairs(&flags.list("annotation"))),
    ];
    for (key, item) in optional.into_iter().filter(|(_, v)| !v.is_empty()) {
        host = host.with(key, item);
    }
    if flags.changed("runtime") {
        host = host.with("Runtime", flags.str("runtime"));
    }
    if flags.changed("init") {
        host = host.with("Init", flags.bool("init"));
    }
    if flags.changed("gpus") {
        let count = flags.str("gpus").parse::<i64>().unwrap_or(-1);
        let request = value!({"Driver": "", "Count": count, "DeviceIDs": null, "Capabilities": [["gpu"]], "Options": {}});
        host = host.with("DeviceRequests", Value::from_items(vec![request]));
    }
    Ok(host)
}

fn check_namespaces(flags: &Flags) -> Result<(), String> {
    let host_or = |text: &str, container: bool| {
        matches!(text, "" | "host") || (container && text.starts_with("container:"))
    };
    if !host_or(flags.str("pid"), true) {
        return Err("--pid: invalid PID mode".into());
    }
    if !host_or(flags.str("uts"), false) {
        return Err("--uts: invalid UTS mode".into());
    }
    if !host_or(flags.str("userns"), false) {
        return Err("--userns: invalid USER mode".into());
    }
    if !matches!(flags.str("cgroupns"), "" | "host" | "private") {
        return Err("--cgroupns: invalid CGROUP mode".into());
    }
    Ok(())
}

/// `NET_ADMIN` becomes `CAP_NET_ADMIN`.
fn capabilities(given: &[String]) -> Value {
    let mut names: Vec<String> = given
        .iter()
        .map(|name| name.to_uppercase())
        .map(|name| if name == "ALL" || name.starts_with("CAP_") { name } else { format!("CAP_{name}") })
        .collect();
    names.arrange();
    names.dedup();
    if names.iter().any(|n| n == "ALL") {
        names = vec!["ALL".into()];
    }
    texts_or_null(&names)
}

fn security(sys: &mut Sys<'_>, given: &[String]) -> Result<Value, String> {
    let mut out = Vec::new();
    for option in given {
        let Some((key, value)) = option.split_once('=').or_else(|| option.split_once(':')) else {
            if option != "no-new-privileges" {
                return Err(format!("Invalid --security-opt: \"{option}\""));
            }
            out.push(option.clone());
            continue;
        };
        if key == "seccomp" && value != "unconfined" && value != "builtin" {
            let bytes = sys.read_file(value).map_err(|e| {
                format!("opening seccomp profile ({value}) failed: open {value}: {}", e.text().to_lowercase())
            })?;
            let profile = json::parse(&bytes)
                .map_err(|e| format!("compacting json for seccomp profile ({value}) failed: {e}"))?;
            out.push(format!("seccomp={}", json::to_string(&profile)));
            continue;
        }
        out.push(option.clone());
    }
    Ok(texts_or_null(&out))
}

/// `/dev/a:/dev/b:rwm`.
fn device(text: &str) -> Result<Value, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let valid = |mode: &str| !mode.is_empty() && mode.chars().all(|c| "rwm".contains(c));
    let (outside, inside, mode) = match parts.as_slice() {
        [path] => (*path, *path, "rwm"),
        [path, mode] if valid(mode) => (*path, *path, *mode),
        [path, inside] => (*path, *inside, "rwm"),
        [path, inside, mode] if valid(mode) => (*path, *inside, *mode),
        [_, _, mode] => return Err(format!("bad mode specified: {mode}")),
        _ => return Err(format!("bad format for path: {text}")),
    };
    Ok(value!({"PathOnHost": outside, "PathInContainer": inside, "CgroupPermissions": mode}))
}
