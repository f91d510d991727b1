//! What compose asks the engine for: bodies of containers, networks and volumes. Follows compose 2.26
//! `pkg/compose/create.go`: labels, names, aliases, and how each attribute of a service is passed on.

use super::model::canonical::{is_true, text_of};
use super::model::{Project, check};
use crate::docker::units;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, time, value};

const VERSION: &str = "2.26.1";

fn texts(value: &Value) -> Value {
    value.items().iter().map(|i| Value::from(text_of(i))).collect()
}
fn or_null(value: &Value) -> Value {
    if value.is_list() { texts(value) } else { Value::Null }
}

/// `app-web-1`, or what the service calls its container.
#[must_use]
pub fn container_name(project: &Project, service: &str, number: i64) -> String {
    let own = project.services.get(service).map(|s| text_of(&s["container_name"])).unwrap_or_default();
    if own.is_empty() { format!("{}-{service}-{number}", project.name) } else { own }
}

/// Labels of a service's container.
fn labels(project: &Project, service: &str, number: i64, oneoff: bool, image: &str) -> Value {
    let given = project.services.get(service).map(|s| s["labels"].clone()).unwrap_or_default();
    let depends: Vec<String> = project
        .dependencies(service)
        .iter()
        .map(|(name, condition, _)| format!("{name}:{condition}:false"))
        .collect();
    let mut out = if given.is_map() { given } else { Value::empty_map() };
    for (key, value) in [
        ("config-hash", project.config_hash(service)),
        ("container-number", number.to_string()),
        ("depends_on", depends.join(",")),
        ("image", image.to_string()),
        ("oneoff", if oneoff { "True".into() } else { "False".into() }),
        ("project", project.name.clone()),
        ("project.config_files", project.files.join(",")),
        ("project.working_dir", project.folder.clone()),
        ("service", service.to_string()),
        ("version", VERSION.into()),
    ] {
        out = out.with(format!("com.docker.compose.{key}").as_str(), value);
    }
    out
}

fn nanos(value: &Value) -> i64 {
    time::parse_go_nanos(&text_of(value)).unwrap_or(0)
}
fn memory(value: &Value) -> i64 {
    units::parse_memory(&text_of(value)).unwrap_or(0)
}

/// `HostConfig`.
fn host_config(project: &Project, service: &str, given: &Value, mode: &str) -> Value {
    let mut host = value!({ "NetworkMode": mode });
    let mut bindings: Vec<(String, Vec<Value>)> = Vec::new();
    for port in given["ports"].items() {
        let key = format!("{}/{}", text_of(&port["target"]), text_of(&port["protocol"]));
        let entry = value!({ "HostIp": text_of(&port["host_ip"]), "HostPort": text_of(&port["published"]) });
        match bindings.iter_mut().find(|b| b.0 == key) {
            Some(slot) => slot.1.push(entry),
            None => bindings.push((key, vec![entry])),
        }
    }
    host = host.with(
        "PortBindings",
        super::model::canonical::map(bindings.into_iter().map(|(k, v)| (k, Value::from_items(v))).collect()),
    );
    let (mut binds, mut mounts) = (Vec::new(), Vec::new());
    for volume in given["volumes"].items() {
        let (source, target) = (volume["source"].text(), volume["target"].text());
        let mode = if is_true(&volume["read_only"]) { "ro" } else { "rw" };
        match volume["type"].text() {
            "bind" if is_true(&volume["bind"]["create_host_path"]) => {
                binds.push(Value::from(format!("{source}:{target}:{mode}")))
            }
            "bind" => mounts.push(
                value!({ "Type": "bind", "Source": source, "Target": target, "ReadOnly": mode == "ro" }),
            ),
            "tmpfs" => mounts.push(value!({ "Type": "tmpfs", "Target": target })),
            _ if source.is_empty() => {}
            _ => {
                let name = project.volumes.get(source).map_or(source.to_string(), |v| text_of(&v["name"]));
                binds.push(Value::from(format!("{name}:{target}:{mode}")));
            }
        }
    }
    for (key, known, folder) in
        [("secrets", &project.secrets, "/run/secrets/"), ("configs", &project.configs, "/")]
    {
        for item in given[key].items() {
            let source = item["source"].text();
            let target = item.find("target").map_or_else(
                || format!("{folder}{source}"),
                |t| {
                    if t.text().starts_with('/') {
                        t.text().to_string()
                    } else {
                        format!("{folder}{}", t.text())
                    }
                },
            );
            if let Some(file) = known.get(source).and_then(|s| s.find("file")) {
                binds.push(Value::from(format!("{}:{target}:ro", file.text())));
            }
        }
    }
    if !binds.is_empty() {
        host = host.with("Binds", Value::from_items(binds));
    }
    if !mounts.is_empty() {
        host = host.with("Mounts", Value::from_items(mounts));
    }
    if let Some(restart) = given.find("restart") {
        let text = text_of(restart);
        let (name, count) = text.split_once(':').unwrap_or((&text, "0"));
        host = host.with(
            "RestartPolicy",
            value!({ "Name": name, "MaximumRetryCount": count.parse::<i64>().unwrap_or(0) }),
        );
    }
    let limits = given["deploy"]["resources"].get("limits");
    let limit = [given.find("mem_limit"), limits.find("memory")].into_iter().flatten().next();
    if let Some(limit) = limit {
        host = host.with("Memory", memory(limit));
    }
    let cpus = [given.find("cpus"), limits.find("cpus")].into_iter().flatten().next();
    if let Some(nano) = cpus.and_then(|c| units::parse_cpus(&text_of(c)).ok()) {
        host = host.with("NanoCpus", nano);
    }
    for (key, field) in [
        ("cap_add", "CapAdd"),
        ("cap_drop", "CapDrop"),
        ("dns", "Dns"),
        ("dns_search", "DnsSearch"),
        ("dns_opt", "DnsOptions"),
        ("security_opt", "SecurityOpt"),
        ("group_add", "GroupAdd"),
    ] {
        if given.find(key).is_some() {
            host = host.with(field, texts(given.get(key)));
        }
    }
    if given.find("extra_hosts").is_some() {
        let hosts: Value = given["extra_hosts"]
            .items()
            .iter()
            .map(|h| Value::from(text_of(h).replacen('=', ":", 1)))
            .collect();
        host = host.with("ExtraHosts", hosts);
    }
    for (key, field) in [("privileged", "Privileged"), ("read_only", "ReadonlyRootfs"), ("init", "Init")] {
        if given.find(key).is_some() {
            host = host.with(field, is_true(given.get(key)));
        }
    }
    if given.find("tmpfs").is_some() {
        let pairs = given["tmpfs"].items().iter().map(|t| {
            let text = text_of(t);
            let (path, options) = text.split_once(':').unwrap_or((&text, ""));
            (path.to_string(), Value::from(options))
        });
        host = host.with("Tmpfs", super::model::canonical::map(pairs.collect()));
    }
    if let Some(driver) = given["logging"].find("driver") {
        host = host.with("LogConfig", value!({ "Type": driver, "Config": given["logging"].get("options") }));
    }
    if given.find("shm_size").is_some() {
        host = host.with("ShmSize", memory(given.get("shm_size")));
    }
    for (key, field) in
        [("ipc", "IpcMode"), ("pid", "PidMode"), ("userns_mode", "UsernsMode"), ("uts", "UTSMode")]
    {
        if let Some(mode) = given.find(key) {
            host = host.with(field, shared_mode(project, &text_of(mode)));
        }
    }
    if given.find("sysctls").is_some() {
        host = host.with("Sysctls", given.get("sysctls"));
    }
    let ulimits: Vec<Value> = given["ulimits"]
        .entries()
        .iter()
        .map(|(name, limit)| {
            let of = |key: &str| {
                if limit.is_map() { limit[key].int() } else { text_of(limit).parse().unwrap_or(0) }
            };
            value!({ "Name": name.text(), "Soft": of("soft"), "Hard": of("hard") })
        })
        .collect();
    if !ulimits.is_empty() {
        host = host.with("Ulimits", Value::from_items(ulimits));
    }
    _ = service;
    host
}

/// `service:db` means that service's container.
fn shared_mode(project: &Project, mode: &str) -> String {
    match mode.strip_prefix("service:") {
        Some(service) => format!("container:{}", container_name(project, service, 1)),
        None => mode.to_string(),
    }
}

/// Networks a service joins, as the project names them, the first one first.
#[must_use]
pub fn networks_of(project: &Project, given: &Value) -> Vec<(String, Value)> {
    let mut out: Vec<(String, Value, i64)> = given["networks"]
        .entries()
        .iter()
        .map(|(key, config)| {
            let name =
                project.networks.get(key.text()).map_or(key.text().to_string(), |n| text_of(&n["name"]));
            (name, config.clone(), text_of(&config["priority"]).parse().unwrap_or(0))
        })
        .collect();
    out.arrange_by_key(|n| std::cmp::Reverse(n.2));
    out.into_iter().map(|(name, config, _)| (name, config)).collect()
}

/// The body of `POST /containers/create`.
#[must_use]
pub fn container(
    project: &Project,
    service: &str,
    number: i64,
    name: &str,
    image_id: &str,
    oneoff: bool,
) -> Value {
    let Some(given) = project.services.get(service) else { return Value::empty_map() };
    let mode = match given.find("network_mode") {
        Some(mode) => shared_mode(project, &text_of(mode)),
        None => networks_of(project, given).first().map_or("none".into(), |n| n.0.clone()),
    };
    let mut exposed: Vec<(String, Value)> = Vec::new();
    for port in given["ports"].items() {
        exposed.push((
            format!("{}/{}", text_of(&port["target"]), text_of(&port["protocol"])),
            Value::empty_map(),
        ));
    }
    for port in given["expose"].items() {
        let text = text_of(port);
        exposed.push((if text.contains('/') { text } else { format!("{text}/tcp") }, Value::empty_map()));
    }
    let environment: Vec<Value> = given["environment"]
        .entries()
        .iter()
        .filter(|(_, v)| !v.is_null())
        .map(|(k, v)| Value::from(format!("{}={}", k.text(), text_of(v))))
        .collect();
    let endpoints: Vec<(String, Value)> = if given.find("network_mode").is_some() {
        Vec::new()
    } else {
        networks_of(project, given)
            .into_iter()
            .map(|(network, config)| {
                let mut aliases = vec![Value::from(name), Value::from(service)];
                if oneoff {
                    aliases.truncate(1);
                }
                aliases.extend(config["aliases"].items().iter().cloned());
                let mut endpoint = value!({ "Aliases": Value::from_items(aliases) });
                if let Some(ip) = config.find("ipv4_address") {
                    endpoint = endpoint.with("IPAMConfig", value!({ "IPv4Address": ip }));
                }
                let links: Vec<Value> = given["links"]
                    .items()
                    .iter()
                    .map(|l| {
                        let text = text_of(l);
                        let (target, alias) = text.split_once(':').unwrap_or((&text, &text));
                        Value::from(format!("{}:{alias}", container_name(project, target, 1)))
                    })
                    .collect();
                if !links.is_empty() {
                    endpoint = endpoint.with("Links", Value::from_items(links));
                }
                (network, endpoint)
            })
            .collect()
    };
    let anonymous: Vec<(String, Value)> = given["volumes"]
        .items()
        .iter()
        .filter(|v| v["type"].text() == "volume" && v["source"].text().is_empty())
        .map(|v| (v["target"].text().to_string(), Value::empty_map()))
        .collect();
    let map = super::model::canonical::map;
    let mut body = value!({
        "Image": project.image(service),
        "Hostname": text_of(&given["hostname"]),
        "Domainname": text_of(&given["domainname"]),
        "User": text_of(&given["user"]),
        "WorkingDir": text_of(&given["working_dir"]),
        "Tty": is_true(&given["tty"]),
        "OpenStdin": is_true(&given["stdin_open"]),
        "AttachStdout": true,
        "AttachStderr": true,
        "Env": Value::from_items(environment),
        "Cmd": or_null(&given["command"]),
        "Entrypoint": or_null(&given["entrypoint"]),
        "Labels": labels(project, service, number, oneoff, image_id),
        "ExposedPorts": map(exposed),
        "Volumes": map(anonymous),
        "HostConfig": host_config(project, service, given, &mode),
        "NetworkingConfig": { "EndpointsConfig": map(endpoints) }
    });
    if let Some(check) = given.find("healthcheck") {
        let mut out =
            if is_true(&check["disable"]) { value!({ "Test": ["NONE"] }) } else { Value::empty_map() };
        if let (true, Some(test)) = (out.is_empty(), check.find("test")) {
            out = out.with("Test", texts(test));
        }
        for (key, field) in [
            ("interval", "Interval"),
            ("timeout", "Timeout"),
            ("start_period", "StartPeriod"),
            ("start_interval", "StartInterval"),
        ] {
            if let Some(duration) = check.find(key) {
                out = out.with(field, nanos(duration));
            }
        }
        if let Some(retries) = check.find("retries") {
            out = out.with("Retries", text_of(retries).parse::<i64>().unwrap_or(0));
        }
        body = body.with("Healthcheck", out);
    }
    if let Some(signal) = given.find("stop_signal") {
        body = body.with("StopSignal", text_of(signal));
    }
    if let Some(grace) = given.find("stop_grace_period") {
        body = body.with("StopTimeout", nanos(grace) / 1_000_000_000);
    }
    body
}

/// The body of `POST /networks/create`.
#[must_use]
pub fn network(project: &Project, key: &str) -> Value {
    let Some(given) = project.networks.get(key) else { return Value::empty_map() };
    let labels = given["labels"].clone();
    let labels = if labels.is_map() { labels } else { Value::empty_map() }
        .with("com.docker.compose.network", key)
        .with("com.docker.compose.project", project.name.as_str())
        .with("com.docker.compose.version", VERSION);
    let mut body = value!({
        "Name": text_of(&given["name"]),
        "Driver": given.find("driver").map_or("bridge".to_string(), text_of),
        "Internal": is_true(&given["internal"]),
        "Attachable": is_true(&given["attachable"]),
        "Labels": labels
    });
    if let Some(options) = given.find("driver_opts") {
        body = body.with("Options", options);
    }
    let pools: Vec<Value> = given["ipam"]["config"]
        .items()
        .iter()
        .map(|p| {
            [("subnet", "Subnet"), ("gateway", "Gateway"), ("ip_range", "IPRange")]
                .iter()
                .filter_map(|(k, f)| Some((*f, p.find(k)?)))
                .fold(Value::empty_map(), |out, (field, v)| out.with(field, text_of(v)))
        })
        .collect();
    if !pools.is_empty() {
        body = body.with("IPAM", value!({ "Driver": "default", "Config": Value::from_items(pools) }));
    }
    body
}

/// The body of `POST /volumes/create`.
#[must_use]
pub fn volume(project: &Project, key: &str) -> Value {
    let Some(given) = project.volumes.get(key) else { return Value::empty_map() };
    let labels = given["labels"].clone();
    let labels = if labels.is_map() { labels } else { Value::empty_map() }
        .with("com.docker.compose.project", project.name.as_str())
        .with("com.docker.compose.version", VERSION)
        .with("com.docker.compose.volume", key);
    let mut body = value!({ "Name": text_of(&given["name"]), "Labels": labels });
    if let Some(driver) = given.find("driver") {
        body = body.with("Driver", text_of(driver));
    }
    if let Some(options) = given.find("driver_opts") {
        body = body.with("DriverOpts", options);
    }
    body
}

/// A filter on the project's labels, as the Engine API takes it.
#[must_use]
pub fn project_filter(project: &str) -> String {
    json::to_string(
        &value!({ "label": { (format!("com.docker.compose.project={project}").as_str()): true } }),
    )
}

/// Whether a network or volume of the project is made by it.
#[must_use]
pub fn is_own(item: &Value) -> bool {
    !check::is_external(item)
}
