//! Probes and lifecycle hooks.

use crate::field::{Errors, Path};
use crate::validate::common::{not_negative, port, port_or_name};
use drydock_machinery::Value;

pub(super) fn all(container: &Value, grace: Option<i64>, path: &Path<'_>, errors: &mut Errors) {
    for (field, once) in [("livenessProbe", true), ("readinessProbe", false), ("startupProbe", true)] {
        let probe = &container[field];
        if probe.is_null() {
            continue;
        }
        let path = path.child(field);
        probe_of(probe, &path, errors);
        if once && probe["successThreshold"].int() != 1 {
            errors.invalid(&path.child("successThreshold"), &probe["successThreshold"], "must be 1");
        }
        let own = probe["terminationGracePeriodSeconds"].as_int();
        if !once && own.is_some() {
            let detail = "must not be set for readinessProbes";
            errors.invalid(
                &path.child("terminationGracePeriodSeconds"),
                &probe["terminationGracePeriodSeconds"],
                detail,
            );
        } else if own.is_some_and(|own| own <= 0) {
            let detail = "must be greater than 0";
            errors.invalid(
                &path.child("terminationGracePeriodSeconds"),
                &probe["terminationGracePeriodSeconds"],
                detail,
            );
        }
        let _ = grace;
    }
}

fn probe_of(probe: &Value, path: &Path<'_>, errors: &mut Errors) {
    handler(probe, path, true, errors);
    for field in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        not_negative(&probe[field], &path.child(field), errors);
    }
}

pub(super) fn lifecycle(lifecycle: &Value, path: &Path<'_>, errors: &mut Errors) {
    for hook in ["postStart", "preStop"] {
        if !lifecycle[hook].is_null() {
            handler(&lifecycle[hook], &path.child(hook), false, errors);
        }
    }
}

/// Exactly one way to ask or to act.
fn handler(handler: &Value, path: &Path<'_>, is_probe: bool, errors: &mut Errors) {
    let mut count = 0;
    let kinds: &[&str] = if is_probe {
        &["exec", "httpGet", "tcpSocket", "grpc"]
    } else {
        &["exec", "httpGet", "tcpSocket", "sleep"]
    };
    for kind in kinds {
        let action = &handler[*kind];
        if !action.is_map() {
            continue;
        }
        let path = path.child(kind);
        if count > 0 {
            errors.forbidden(&path, "may not specify more than 1 handler type");
            continue;
        }
        count += 1;
        match *kind {
            "exec" => {
                if action["command"].is_empty() {
                    errors.required(&path.child("command"), "");
                }
            }
            "httpGet" => http_get(action, &path, errors),
            "tcpSocket" => port_or_name(&action["port"], &path.child("port"), errors),
            "grpc" => port(action["port"].int(), &path.child("port"), errors),
            _ => {
                let seconds = action["seconds"].int();
                if seconds < 0 {
                    errors.invalid(&path.child("seconds"), seconds, "must be greater than or equal to 0");
                }
            }
        }
    }
    if count == 0 {
        errors.required(path, "must specify a handler type");
    }
}

fn http_get(action: &Value, path: &Path<'_>, errors: &mut Errors) {
    if action["path"].is_empty() {
        errors.required(&path.child("path"), "");
    }
    port_or_name(&action["port"], &path.child("port"), errors);
    http_scheme(&action["scheme"], &path.child("scheme"), errors);
    for header in action["httpHeaders"].items() {
        let name = header["name"].text();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let detail = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
            errors.invalid(&path.child("httpHeaders"), name, detail);
        }
    }
}

/// `HTTP` or `HTTPS`.
fn http_scheme(scheme: &Value, path: &Path<'_>, errors: &mut Errors) {
    if !matches!(scheme.text(), "HTTP" | "HTTPS") {
        errors.unsupported(path, scheme.text(), &["HTTP", "HTTPS"]);
    }
}
