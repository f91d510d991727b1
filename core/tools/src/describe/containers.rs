//! Containers of pods and pod templates.

use super::page::{Page, date, line, plain, quantity, truth};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Quantity, Value, quote};

/// Whether fields of the pod itself can be looked up for `valueFrom.fieldRef`.
pub type Resolver<'p> = Option<&'p Value>;

/// A block of containers. `space` indents the block inside a pod template.
pub fn write(
    page: &mut Page,
    label: &str,
    containers: &Value,
    statuses: Option<&Value>,
    pod: Resolver<'_>,
    space: &str,
) {
    let none = if containers.items().is_empty() { " <none>" } else { "" };
    line!(page, 0, "{space}{label}:{none}");
    for container in containers.items() {
        let status = statuses
            .and_then(|all| all.items().iter().find(|s| s["name"].text() == container["name"].text()));
        let name_indent = if space.is_empty() { "" } else { " " };
        line!(page, 1, "{name_indent}{}:", container["name"].text());
        basic(page, container, status);
        for (title, field) in [("Command", "command"), ("Args", "args")] {
            let words = container[field].items();
            if !words.is_empty() {
                line!(page, 2, "{title}:");
                words.iter().flat_map(|w| w.text().split('\n')).for_each(|part| page.line(3, part));
            }
        }
        if let Some(status) = status {
            state(page, "State", &status["state"]);
            if status["lastState"]["terminated"].is_map() {
                state(page, "Last State", &status["lastState"]);
            }
            line!(page, 2, "Ready:\t{}", truth(status["ready"].bool()));
            line!(page, 2, "Restart Count:\t{}", status["restartCount"].int());
        }
        resources(page, &container["resources"], 2);
        for (title, field) in
            [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
        {
            if container[field].is_map() {
                line!(page, 2, "{title}:\t{}", probe(&container[field]));
            }
        }
        env_from(page, &container["envFrom"]);
        env(page, container, pod);
        mounts(page, container);
    }
}

fn basic(page: &mut Page, container: &Value, status: Option<&Value>) {
    if let Some(status) = status {
        line!(page, 2, "Container ID:\t{}", status["containerID"].text());
    }
    line!(page, 2, "Image:\t{}", container["image"].text());
    if let Some(status) = status {
        line!(page, 2, "Image ID:\t{}", status["imageID"].text());
    }
    for (title, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let ports: Vec<String> = container["ports"]
            .items()
            .iter()
            .map(|p| format!("{}/{}", p[field].int(), p["protocol"].text()))
            .collect();
        match ports.as_slice() {
            [] => line!(page, 2, "{title}:\t<none>"),
            [one] => line!(page, 2, "{title}:\t{one}"),
            many => line!(page, 2, "{title}s:\t{}", many.join(", ")),
        }
    }
    let seccomp = &container["securityContext"]["seccompProfile"];
    if seccomp.is_map() {
        line!(page, 2, "SeccompProfile:\t{}", seccomp["type"].text());
        if seccomp["type"] == "Localhost" {
            line!(page, 3, "LocalhostProfile:\t{}", seccomp["localhostProfile"].text());
        }
    }
}

fn state(page: &mut Page, title: &str, state: &Value) {
    let (running, waiting, terminated) = (&state["running"], &state["waiting"], &state["terminated"]);
    if running.is_map() {
        line!(page, 2, "{title}:\tRunning");
        line!(page, 3, "Started:\t{}", date(&running["startedAt"]));
    } else if waiting.is_map() || !terminated.is_map() {
        line!(page, 2, "{title}:\tWaiting");
        if !waiting["reason"].is_empty() {
            line!(page, 3, "Reason:\t{}", waiting["reason"].text());
        }
    } else {
        line!(page, 2, "{title}:\tTerminated");
        for (title, field) in [("Reason", "reason"), ("Message", "message")] {
            if !terminated[field].is_empty() {
                line!(page, 3, "{title}:\t{}", terminated[field].text());
            }
        }
        line!(page, 3, "Exit Code:\t{}", terminated["exitCode"].int());
        if terminated["signal"].int() > 0 {
            line!(page, 3, "Signal:\t{}", terminated["signal"].int());
        }
        line!(page, 3, "Started:\t{}", date(&terminated["startedAt"]));
        line!(page, 3, "Finished:\t{}", date(&terminated["finishedAt"]));
    }
}

/// Limits and requests, each by name.
pub fn resources(page: &mut Page, resources: &Value, level: usize) {
    for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
        if !resources[field].entries().is_empty() {
            line!(page, level, "{title}:");
        }
        for (name, amount) in resources[field].entries() {
            line!(page, level + 1, "{name}:\t{}", quantity(amount));
        }
    }
}

/// `http-get http://:80/ delay=5s timeout=1s period=10s #success=1 #failure=3`.
#[must_use]
pub fn probe(probe: &Value) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe["initialDelaySeconds"].int(),
        probe["timeoutSeconds"].int(),
        probe["periodSeconds"].int(),
        probe["successThreshold"].int(),
        probe["failureThreshold"].int()
    );
    let what = if probe["exec"].is_map() {
        format!("exec {}", super::page::bracketed(&probe["exec"]["command"]))
    } else if probe["httpGet"].is_map() {
        let get = &probe["httpGet"];
        let host = match plain(&get["port"]) {
            port if port.is_empty() => get["host"].text().to_string(),
            port if get["host"].text().contains(':') => format!("[{}]:{port}", get["host"].text()),
            port => format!("{}:{port}", get["host"].text()),
        };
        let path = get["path"].text();
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let scheme = get["scheme"].text().to_lowercase();
        let colon = if scheme.is_empty() { "" } else { ":" };
        format!("http-get {scheme}{colon}//{host}{slash}{path}")
    } else if probe["tcpSocket"].is_map() {
        format!("tcp-socket {}:{}", probe["tcpSocket"]["host"].text(), plain(&probe["tcpSocket"]["port"]))
    } else if probe["grpc"].is_map() {
        format!("grpc <pod>:{} {}", probe["grpc"]["port"].int(), probe["grpc"]["service"].text())
    } else {
        "unknown".into()
    };
    format!("{what} {attributes}")
}

fn env_from(page: &mut Page, sources: &Value) {
    if sources.items().is_empty() {
        return;
    }
    page.line(2, "Environment Variables from:");
    for source in sources.items() {
        let (kind, reference) = if source["configMapRef"].is_map() {
            ("ConfigMap", &source["configMapRef"])
        } else {
            ("Secret", &source["secretRef"])
        };
        let prefix = match source["prefix"].text() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let optional = reference["optional"].bool();
        line!(page, 3, "{}\t{kind}{prefix}\tOptional: {optional}", reference["name"].text());
    }
}

fn env(page: &mut Page, container: &Value, pod: Resolver<'_>) {
    let variables = container["env"].items();
    line!(page, 2, "Environment:{}", if variables.is_empty() { "\t<none>" } else { "" });
    for variable in variables {
        let (name, from) = (variable["name"].text(), &variable["valueFrom"]);
        if !from.is_map() {
            for (at, part) in variable["value"].text().split('\n').enumerate() {
                let head = if at == 0 { format!("{name}:") } else { String::new() };
                line!(page, 3, "{head}\t{part}");
            }
        } else if from["fieldRef"].is_map() {
            let (version, path) = (&from["fieldRef"]["apiVersion"], from["fieldRef"]["fieldPath"].text());
            let version = if version.is_empty() { "v1" } else { version.text() };
            let value = pod.map(|pod| field(pod, path)).unwrap_or_default();
            line!(page, 3, "{name}:\t{value} ({version}:{path})");
        } else if from["resourceFieldRef"].is_map() {
            let reference = &from["resourceFieldRef"];
            let resource = reference["resource"].text();
            line!(page, 3, "{name}:\t{} ({resource})", resource_field(container, reference));
        } else if from["secretKeyRef"].is_map() {
            let r = &from["secretKeyRef"];
            let (key, secret, optional) = (r["key"].text(), r["name"].text(), r["optional"].bool());
            line!(page, 3, "{name}:\t<set to the key '{key}' in secret '{secret}'>\tOptional: {optional}");
        } else if from["configMapKeyRef"].is_map() {
            let r = &from["configMapKeyRef"];
            let (key, map, optional) = (r["key"].text(), r["name"].text(), r["optional"].bool());
            line!(page, 3, "{name}:\t<set to the key '{key}' of config map '{map}'>\tOptional: {optional}");
        }
    }
}

/// The metadata a field path can name; other paths are known only on the node.
fn field(pod: &Value, path: &str) -> String {
    let metadata = &pod["metadata"];
    match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" => {
            metadata[path.trim_start_matches("metadata.")].text().into()
        }
        "metadata.labels" | "metadata.annotations" => {
            let map = &metadata[path.trim_start_matches("metadata.")];
            let lines: Vec<String> =
                map.entries().iter().map(|(k, v)| format!("{k}={}", quote::go(v.text()))).collect();
            lines.join("\n")
        }
        _ => {
            let keyed = path.strip_suffix("']").and_then(|p| p.split_once("['"));
            match keyed {
                Some(("metadata.labels", key)) => metadata["labels"][key].text().into(),
                Some(("metadata.annotations", key)) => metadata["annotations"][key].text().into(),
                _ => String::new(),
            }
        }
    }
}

/// A container's own limit or request in units of the divisor, rounded up.
fn resource_field(container: &Value, reference: &Value) -> String {
    let resource = reference["resource"].text();
    let (part, name) = resource.split_once('.').unwrap_or(("", ""));
    let held = Quantity::from_value(&container["resources"][part][name]);
    let divisor =
        Quantity::from_value(&reference["divisor"]).filter(|d| !d.is_zero()).map_or(1000, |d| d.milli());
    let amount = held.map_or(0, |q| q.milli());
    let units = amount.div_euclid(divisor.max(1)) + i128::from(amount.rem_euclid(divisor.max(1)) != 0);
    if units == 0 && matches!(resource, "limits.cpu" | "limits.memory") {
        return "node allocatable".into();
    }
    units.to_string()
}

fn mounts(page: &mut Page, container: &Value) {
    let mut mounts: Vec<&Value> = container["volumeMounts"].items().iter().collect();
    let none = if mounts.is_empty() { "\t<none>" } else { "" };
    line!(page, 2, "Mounts:{none}");
    mounts.arrange_by_key(|m| m["mountPath"].text());
    for mount in mounts {
        let mode = if mount["readOnly"].bool() { "ro" } else { "rw" };
        let path = match mount["subPath"].text() {
            "" => String::new(),
            path => format!(",path={}", quote::go(path)),
        };
        line!(page, 3, "{} from {} ({mode}{path})", mount["mountPath"].text(), mount["name"].text());
    }
    let mut devices: Vec<&Value> = container["volumeDevices"].items().iter().collect();
    if !devices.is_empty() {
        line!(page, 2, "Devices:{none}");
        devices.arrange_by_key(|d| d["devicePath"].text());
        for device in devices {
            line!(page, 3, "{} from {}", device["devicePath"].text(), device["name"].text());
        }
    }
}
