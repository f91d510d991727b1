//! `HostConfig`: its fields in the order of the Go struct, with the values dockerd fills in. Follows
//! `api/types/container/hostconfig.go` of moby 26.1.

use crate::json::{Json, Object, ToJson};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json};

/// Field, and what it is when nobody said anything; "" for fields that are then left out.
const FIELDS: &[(&str, &str)] = &[
    ("Binds", "null"),
    ("ContainerIDFile", "\"\""),
    ("LogConfig", "{}"),
    ("NetworkMode", "\"bridge\""),
    ("PortBindings", "{}"),
    ("RestartPolicy", "{}"),
    ("AutoRemove", "false"),
    ("VolumeDriver", "\"\""),
    ("VolumesFrom", "null"),
    ("ConsoleSize", "[0,0]"),
    ("Annotations", ""),
    ("CapAdd", "null"),
    ("CapDrop", "null"),
    ("CgroupnsMode", "\"host\""),
    ("Dns", "[]"),
    ("DnsOptions", "[]"),
    ("DnsSearch", "[]"),
    ("ExtraHosts", "null"),
    ("GroupAdd", "null"),
    ("IpcMode", "\"private\""),
    ("Cgroup", "\"\""),
    ("Links", "null"),
    ("OomScoreAdj", "0"),
    ("PidMode", "\"\""),
    ("Privileged", "false"),
    ("PublishAllPorts", "false"),
    ("ReadonlyRootfs", "false"),
    ("SecurityOpt", "null"),
    ("StorageOpt", ""),
    ("Tmpfs", ""),
    ("UTSMode", "\"\""),
    ("UsernsMode", "\"\""),
    ("ShmSize", "67108864"),
    ("Sysctls", ""),
    ("Runtime", "\"runc\""),
    ("Isolation", "\"\""),
    ("CpuShares", "0"),
    ("Memory", "0"),
    ("NanoCpus", "0"),
    ("CgroupParent", "\"\""),
    ("BlkioWeight", "0"),
    ("BlkioWeightDevice", "[]"),
    ("BlkioDeviceReadBps", "[]"),
    ("BlkioDeviceWriteBps", "[]"),
    ("BlkioDeviceReadIOps", "[]"),
    ("BlkioDeviceWriteIOps", "[]"),
    ("CpuPeriod", "0"),
    ("CpuQuota", "0"),
    ("CpuRealtimePeriod", "0"),
    ("CpuRealtimeRuntime", "0"),
    ("CpusetCpus", "\"\""),
    ("CpusetMems", "\"\""),
    ("Devices", "[]"),
    ("DeviceCgroupRules", "null"),
    ("DeviceRequests", "null"),
    ("MemoryReservation", "0"),
    ("MemorySwap", "0"),
    ("MemorySwappiness", "null"),
    ("OomKillDisable", "false"),
    ("PidsLimit", "null"),
    ("Ulimits", "[]"),
    ("CpuCount", "0"),
    ("CpuPercent", "0"),
    ("IOMaximumIOps", "0"),
    ("IOMaximumBandwidth", "0"),
    ("Mounts", ""),
    ("MaskedPaths", "null"),
    ("ReadonlyPaths", "null"),
    ("Init", ""),
];
const MASKED: &[&str] = &[
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
];
const READ_ONLY: &[&str] = &["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Fields of the structs inside, in order; what is not listed comes after, sorted.
const INNER: &[&str] = &[
    "Type",
    "Source",
    "Target",
    "ReadOnly",
    "Consistency",
    "BindOptions",
    "VolumeOptions",
    "TmpfsOptions",
    "Config",
    "HostIp",
    "HostPort",
    "Name",
    "MaximumRetryCount",
    "Hard",
    "Soft",
    "PathOnHost",
    "PathInContainer",
    "CgroupPermissions",
    "Propagation",
    "NonRecursive",
    "CreateMountpoint",
    "NoCopy",
    "Labels",
    "DriverConfig",
    "SizeBytes",
    "Mode",
    "Driver",
    "Count",
    "DeviceIDs",
    "Capabilities",
    "Options",
    "Test",
    "Interval",
    "Timeout",
    "StartPeriod",
    "StartInterval",
    "Retries",
];

/// A value whose maps are in the order of the engine's structs.
#[must_use]
pub fn ordered(value: &Value) -> Json {
    if value.is_list() {
        return Json::list(value.items().iter().map(ordered));
    }
    if !value.is_map() {
        return value.to_json();
    }
    let place = |key: &str| INNER.iter().position(|k| *k == key).unwrap_or(INNER.len());
    let mut entries: Vec<(&str, &Value)> = value.entries().iter().map(|(k, v)| (k.text(), v)).collect();
    entries.arrange_by_key(|e| place(e.0));
    let mut object = Object::default();
    for (key, value) in entries {
        object.put(key, ordered(value));
    }
    object.done()
}

/// What was asked for with the engine's own choices filled in.
#[must_use]
pub fn completed(asked: &Value) -> Value {
    let mut host = if asked.is_map() { asked.clone() } else { Value::empty_map() };
    let mut set = |field: &str, when: bool, to: Value| {
        if when {
            host = host.with(field, to);
        }
    };
    let text = |field: &str| asked[field].text().to_string();
    set("NetworkMode", matches!(text("NetworkMode").as_str(), "" | "default"), "bridge".into());
    // Control groups of the first version: containers see the host's.
    set("CgroupnsMode", text("CgroupnsMode").is_empty(), "host".into());
    set("IpcMode", text("IpcMode").is_empty(), "private".into());
    set("Runtime", text("Runtime").is_empty(), "runc".into());
    set("ShmSize", asked["ShmSize"].int() == 0, Value::Int(67_108_864));
    let (memory, swap) = (asked["Memory"].int(), asked["MemorySwap"].int());
    set("MemorySwap", memory > 0 && swap == 0, Value::Int(memory.saturating_mul(2)));
    set("MemorySwappiness", asked["MemorySwappiness"].as_int() == Some(-1), Value::Null);
    set("PidsLimit", asked["PidsLimit"].int() <= 0, Value::Null);
    set("OomKillDisable", asked["OomKillDisable"].is_null(), Value::Bool(false));
    let driver = asked["LogConfig"]["Type"].text();
    let config = &asked["LogConfig"]["Config"];
    let log = drydock_machinery::value!({
        "Type": if driver.is_empty() { "json-file" } else { driver },
        "Config": if config.is_map() { config.clone() } else { Value::empty_map() },
    });
    set("LogConfig", true, log);
    let privileged = asked["Privileged"].bool();
    let paths = |list: &[&str]| -> Value {
        if privileged { Value::Null } else { list.iter().map(|p| Value::from(*p)).collect() }
    };
    set("MaskedPaths", asked["MaskedPaths"].is_null(), paths(MASKED));
    set("ReadonlyPaths", asked["ReadonlyPaths"].is_null(), paths(READ_ONLY));
    set(
        "SecurityOpt",
        privileged && asked["SecurityOpt"].is_null(),
        drydock_machinery::value!(["label=disable"]),
    );
    host
}

/// As `docker inspect` shows it.
#[must_use]
pub fn shown(host: &Value) -> Json {
    let mut object = Object::default();
    for (field, default) in FIELDS {
        match host.find(field) {
            Some(value) if default.is_empty() && (value.is_null() || value.is_empty()) => {}
            Some(value) if *field == "Init" => {
                object.put(field, value);
            }
            Some(value) if value.is_null() && *default != "null" && !default.is_empty() => {
                object.put(field, Json((*default).into()));
            }
            Some(value) => {
                object.put(field, ordered(value));
            }
            None if default.is_empty() => {}
            None => {
                object.put(field, Json((*default).into()));
            }
        }
    }
    object.done()
}

/// Whether all text constants above are JSON; used by the tests.
#[must_use]
pub fn defaults_are_json() -> bool {
    FIELDS.iter().all(|(_, default)| default.is_empty() || json::parse(default.as_bytes()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_the_structs_order() {
        assert!(defaults_are_json());
        let asked = drydock_machinery::value!({
            "RestartPolicy": {"MaximumRetryCount": 0, "Name": "no"}, "Memory": 8_388_608, "Init": true,
        });
        let text = shown(&completed(&asked)).0;
        assert!(text.contains(r#""RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false"#));
        assert!(text.contains(r#""LogConfig":{"Type":"json-file","Config":{}}"#));
        assert!(text.contains(r#""MemorySwap":16777216"#) && text.ends_with(r#""Init":true}"#));
    }
}
