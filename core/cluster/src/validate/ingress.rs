//! Ingresses and their classes (`pkg/apis/networking/validation`, v1.33).

use super::common::port;
use crate::field::{Errors, Path};
use crate::kinds::rbac::path_segment;
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");
const CLASS: &str = "kubernetes.io/ingress.class";

pub fn ingress(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if spec["rules"].is_empty() && spec["defaultBackend"].is_null() {
        errors.invalid(&SPEC, Value::Null, "either `defaultBackend` or `rules` must be specified");
    }
    if !spec["defaultBackend"].is_null() {
        backend(&spec["defaultBackend"], &SPEC.child("defaultBackend"), errors);
    }
    let list = SPEC.child("rules");
    for (at, rule) in spec["rules"].items().iter().enumerate() {
        self::rule(rule, &list.index(at), errors);
    }
    let list = SPEC.child("tls");
    for (at, tls) in spec["tls"].items().iter().enumerate() {
        let path = list.index(at);
        let hosts = path.child("hosts");
        for (at, name) in tls["hosts"].items().iter().enumerate() {
            host(name.text(), &hosts.index(at), errors);
        }
        let secret = tls["secretName"].text();
        if !secret.is_empty() {
            errors.each(&path.child("secretName"), secret, names::is_dns1123_subdomain(secret));
        }
    }
    let class = spec["ingressClassName"].text();
    if !spec["ingressClassName"].is_null() {
        errors.each(&SPEC.child("ingressClassName"), class, names::is_dns1123_subdomain(class));
        let old_way = &new["metadata"]["annotations"][CLASS];
        if old.is_none() && !old_way.is_null() && old_way.text() != class {
            let annotations = Path::new("annotations");
            let detail = "must match `ingressClassName` when both are specified";
            errors.invalid(&annotations.child(CLASS), old_way, detail);
        }
    }
}

fn host(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let wrong = match name.contains('*') {
        true => names::is_wildcard_dns1123_subdomain(name),
        false => names::is_dns1123_subdomain(name),
    };
    errors.each(path, name, wrong);
}

fn rule(rule: &Value, path: &Path<'_>, errors: &mut Errors) {
    let name = rule["host"].text();
    if !name.is_empty() {
        let place = path.child("host");
        if names::is_ip(name).is_empty() {
            errors.invalid(&place, name, "must be a DNS name, not an IP address");
        }
        host(name, &place, errors);
    }
    if rule["http"].is_null() {
        return;
    }
    let http = path.child("http");
    let list = http.child("paths");
    if rule["http"]["paths"].is_empty() {
        errors.required(&list, "");
    }
    for (at, entry) in rule["http"]["paths"].items().iter().enumerate() {
        http_path(entry, &list.index(at), errors);
    }
}

fn http_path(entry: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (text, place) = (entry["path"].text(), path.child("path"));
    match entry["pathType"].text() {
        "" => {
            errors.required(&path.child("pathType"), "pathType must be specified");
            return;
        }
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                errors.invalid(&place, text, "must be an absolute path");
            }
            for wrong in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(wrong) {
                    errors.invalid(&place, text, &format!("must not contain '{wrong}'"));
                }
            }
            for wrong in ["/..", "/."] {
                if text.ends_with(wrong) {
                    errors.invalid(&place, text, &format!("cannot end with '{wrong}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                errors.invalid(&place, text, "must be an absolute path");
            }
        }
        other => {
            errors.unsupported(
                &path.child("pathType"),
                other,
                &["Exact", "ImplementationSpecific", "Prefix"],
            );
        }
    }
    backend(&entry["backend"], &path.child("backend"), errors);
}

fn backend(backend: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (resource, service) = (&backend["resource"], &backend["service"]);
    match (resource.is_map(), service.is_map()) {
        (true, true) => errors.invalid(path, "", "cannot set both resource and service backends"),
        (true, false) => local_reference(resource, &path.child("resource"), errors),
        (false, false) => errors.invalid(path, "", "resource or service backend is required"),
        (false, true) => {
            let place = path.child("service");
            let name = service["name"].text();
            if name.is_empty() {
                errors.required(&place.child("name"), "");
            } else {
                errors.each(&place.child("name"), name, names::is_dns1035_label(name));
            }
            let ports = place.child("port");
            match (service["port"]["name"].text(), service["port"]["number"].int()) {
                ("", 0) => errors.required(path, "port name or number is required"),
                ("", number) => port(number, &ports.child("number"), errors),
                (name, 0) => errors.each(&ports.child("name"), name, names::is_port_name(name)),
                _ => errors.invalid(path, "", "cannot set both port name & port number"),
            }
        }
    }
}

/// `TypedLocalObjectReference`.
fn local_reference(reference: &Value, path: &Path<'_>, errors: &mut Errors) {
    let group = &reference["apiGroup"];
    if !group.is_null() {
        errors.each(&path.child("apiGroup"), group.text(), names::is_dns1123_subdomain(group.text()));
    }
    for field in ["kind", "name"] {
        let text = reference[field].text();
        if text.is_empty() {
            errors.required(&path.child(field), &format!("{field} is required"));
        } else {
            errors.each(&path.child(field), text, path_segment(text));
        }
    }
}

/// Longest name of a controller.
const MAX_CONTROLLER: usize = 250;

pub fn class(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let (spec, path) = (&new["spec"], SPEC.child("controller"));
    let controller = spec["controller"].text();
    if let Some(old) = old
        && old["spec"]["controller"] != spec["controller"]
    {
        errors.invalid(&path, controller, "field is immutable");
        return;
    }
    if controller.len() > MAX_CONTROLLER {
        errors.too_long(&path, MAX_CONTROLLER);
    } else if controller.is_empty() {
        errors.required(&path, "");
    } else {
        match controller.split_once('/') {
            Some((domain, rest)) if !domain.is_empty() && !rest.is_empty() => {
                errors.each(&path, domain, names::is_dns1123_subdomain(domain));
            }
            _ => {
                let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
                errors.invalid(&path, controller, detail);
            }
        }
    }
    let (given, path) = (&spec["parameters"], SPEC.child("parameters"));
    if given.is_null() {
        return;
    }
    local_reference(given, &path, errors);
    let namespace = given["namespace"].text();
    match given["scope"].text() {
        "Cluster" if !given["namespace"].is_null() => {
            let detail = "`parameters.scope` is set to 'Cluster'";
            errors.forbidden(&path.child("namespace"), detail);
        }
        "Namespace" if namespace.is_empty() => {
            let detail = "`parameters.scope` is set to 'Namespace'";
            errors.required(&path.child("namespace"), detail);
        }
        "Namespace" => errors.each(&path.child("namespace"), namespace, names::is_dns1123_label(namespace)),
        "Cluster" => {}
        "" => errors.required(&path.child("scope"), ""),
        other => errors.unsupported(&path.child("scope"), other, &["Cluster", "Namespace"]),
    }
}
