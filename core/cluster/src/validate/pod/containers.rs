//! Containers of a pod: names, images, ports, and what only some of them may have.

use super::{env, mounts, probes, resources, security};
use crate::field::{Errors, Path};
use crate::validate::common::{PROTOCOLS, number_between};
use drydock_machinery::{Value, names};

pub(super) fn validate(spec: &Value, volumes: &[(&str, &Value)], path: &Path<'_>, errors: &mut Errors) {
    let list = path.child("containers");
    let containers = spec["containers"].items();
    if containers.is_empty() {
        errors.required(&list, "");
    }
    let mut seen: Vec<&str> = Vec::new();
    let grace = spec["terminationGracePeriodSeconds"].as_int();
    for (at, container) in containers.iter().enumerate() {
        let path = list.index(at);
        common(container, volumes, &path, errors);
        let name = container["name"].text();
        if !name.is_empty() && seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
        probes::lifecycle(&container["lifecycle"], &path.child("lifecycle"), errors);
        probes::all(container, grace, &path, errors);
        if !container["restartPolicy"].is_null() {
            errors.forbidden(&path.child("restartPolicy"), "may not be set for non-init containers");
        }
    }
    host_ports(containers, &list, errors);
    if spec["hostNetwork"].bool() {
        host_network(containers, &list, errors);
    }
    inits(spec, volumes, seen, path, errors);
}

fn inits<'a>(
    spec: &'a Value,
    volumes: &[(&str, &Value)],
    mut seen: Vec<&'a str>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let list = path.child("initContainers");
    let grace = spec["terminationGracePeriodSeconds"].as_int();
    for (at, container) in spec["initContainers"].items().iter().enumerate() {
        let path = list.index(at);
        common(container, volumes, &path, errors);
        let name = container["name"].text();
        if !name.is_empty() && seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
        let one = std::slice::from_ref(container);
        host_ports(one, &list, errors);
        if container["restartPolicy"] == "Always" {
            probes::lifecycle(&container["lifecycle"], &path.child("lifecycle"), errors);
            probes::all(container, grace, &path, errors);
            continue;
        }
        if !container["restartPolicy"].is_null() {
            errors.unsupported(&path.child("restartPolicy"), &container["restartPolicy"], &["Always"]);
        }
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if container[field].is_map() {
                errors.forbidden(
                    &path.child(field),
                    "may not be set for init containers without restartPolicy=Always",
                );
            }
        }
    }
}

fn common(container: &Value, volumes: &[(&str, &Value)], path: &Path<'_>, errors: &mut Errors) {
    let (name, image) = (container["name"].text(), container["image"].text());
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    } else {
        errors.each(&path.child("name"), name, names::is_dns1123_label(name));
    }
    if image.is_empty() {
        errors.required(&path.child("image"), "");
    } else if image.trim() != image {
        errors.invalid(&path.child("image"), image, "must not have leading or trailing whitespace");
    }
    match container["terminationMessagePolicy"].text() {
        "File" | "FallbackToLogsOnError" => {}
        "" => errors.required(&path.child("terminationMessagePolicy"), ""),
        other => errors.invalid(
            &path.child("terminationMessagePolicy"),
            other,
            "must be 'File' or 'FallbackToLogsOnError'",
        ),
    }
    ports(&container["ports"], &path.child("ports"), errors);
    env::variables(&container["env"], &path.child("env"), errors);
    env::sources(&container["envFrom"], &path.child("envFrom"), errors);
    mounts::validate(container, volumes, path, errors);
    match container["imagePullPolicy"].text() {
        "Always" | "IfNotPresent" | "Never" => {}
        "" => errors.required(&path.child("imagePullPolicy"), ""),
        other => {
            errors.unsupported(&path.child("imagePullPolicy"), other, &["Always", "IfNotPresent", "Never"]);
        }
    }
    resources::container(&container["resources"], &path.child("resources"), errors);
    security::container(&container["securityContext"], &path.child("securityContext"), errors);
}

fn ports(ports: &Value, list: &Path<'_>, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for (at, port) in ports.items().iter().enumerate() {
        let path = list.index(at);
        let name = port["name"].text();
        if !name.is_empty() {
            let wrong = names::is_port_name(name);
            if !wrong.is_empty() {
                errors.each(&path.child("name"), name, wrong);
            } else if seen.contains(&name) {
                errors.duplicate(&path.child("name"), name);
            } else {
                seen.push(name);
            }
        }
        match port["containerPort"].int() {
            0 => errors.required(&path.child("containerPort"), ""),
            number => number_between(number, 1, 65535, &path.child("containerPort"), errors),
        }
        if port["hostPort"].int() != 0 {
            number_between(port["hostPort"].int(), 1, 65535, &path.child("hostPort"), errors);
        }
        match port["protocol"].text() {
            "" => errors.required(&path.child("protocol"), ""),
            protocol if !PROTOCOLS.contains(&protocol) => {
                errors.unsupported(&path.child("protocol"), protocol, PROTOCOLS);
            }
            _ => {}
        }
    }
}

/// Two containers cannot have the same port of the host.
fn host_ports(containers: &[Value], list: &Path<'_>, errors: &mut Errors) {
    let mut taken: Vec<String> = Vec::new();
    for (at, container) in containers.iter().enumerate() {
        let path = list.index(at);
        for (number, port) in container["ports"].items().iter().enumerate() {
            if port["hostPort"].int() == 0 {
                continue;
            }
            let key =
                format!("{}/{}/{}", port["protocol"].text(), port["hostIP"].text(), port["hostPort"].int());
            if taken.contains(&key) {
                let ports = path.child("ports");
                errors.duplicate(&ports.index(number).child("hostPort"), key.as_str());
            }
            taken.push(key);
        }
    }
}

fn host_network(containers: &[Value], list: &Path<'_>, errors: &mut Errors) {
    for (at, container) in containers.iter().enumerate() {
        let path = list.index(at);
        for (number, port) in container["ports"].items().iter().enumerate() {
            if port["hostPort"] != port["containerPort"] {
                let ports = path.child("ports");
                let path = ports.index(number);
                let detail = "must match `hostPort` when `hostNetwork` is true";
                errors.invalid(&path.child("containerPort"), &port["containerPort"], detail);
            }
        }
    }
}
