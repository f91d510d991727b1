//! Mounts of a container.

use crate::field::{Errors, Path};
use drydock_machinery::Value;

pub(super) fn validate(container: &Value, volumes: &[(&str, &Value)], path: &Path<'_>, errors: &mut Errors) {
    let list = path.child("volumeMounts");
    let mut places: Vec<&str> = Vec::new();
    for (at, mount) in container["volumeMounts"].items().iter().enumerate() {
        let path = list.index(at);
        let (name, place) = (mount["name"].text(), mount["mountPath"].text());
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        }
        if !volumes.iter().any(|v| v.0 == name) {
            errors.not_found(&path.child("name"), name);
        }
        if place.is_empty() {
            errors.required(&path.child("mountPath"), "");
        }
        if places.contains(&place) {
            errors.invalid(&path.child("mountPath"), place, "must be unique");
        }
        places.push(place);
        // The index is missing in these paths of the real server, too.
        let sub = mount["subPath"].text();
        if !sub.is_empty() {
            relative(sub, &list.child("subPath"), errors);
        }
        let expression = mount["subPathExpr"].text();
        if !expression.is_empty() {
            if !sub.is_empty() {
                errors.invalid(
                    &path.child("subPathExpr"),
                    expression,
                    "subPathExpr and subPath are mutually exclusive",
                );
            }
            relative(expression, &list.child("subPathExpr"), errors);
        }
        propagation(mount, container, &list.child("mountPropagation"), errors);
    }
}

/// A path that stays below where it is put.
pub(super) fn relative(text: &str, path: &Path<'_>, errors: &mut Errors) {
    if text.starts_with('/') {
        errors.invalid(path, text, "must be a relative path");
    }
    no_back_steps(text, path, errors);
}

pub(super) fn no_back_steps(text: &str, path: &Path<'_>, errors: &mut Errors) {
    if text.split('/').any(|step| step == "..") {
        errors.invalid(path, text, "must not contain '..'");
    }
}

const PROPAGATIONS: &[&str] = &["Bidirectional", "HostToContainer", "None"];

fn propagation(mount: &Value, container: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mode = mount["mountPropagation"].text();
    if mode.is_empty() {
        return;
    }
    if !PROPAGATIONS.contains(&mode) {
        errors.unsupported(path, mode, PROPAGATIONS);
    }
    if mode == "Bidirectional" && !container["securityContext"]["privileged"].bool() {
        errors.forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
    }
}
