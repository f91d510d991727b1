//! Environment variables and where they come from.

use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

pub(super) fn variables(variables: &Value, list: &Path<'_>, errors: &mut Errors) {
    for (at, variable) in variables.items().iter().enumerate() {
        let path = list.index(at);
        let name = variable["name"].text();
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else {
            errors.each(&path.child("name"), name, names::is_relaxed_env_var_name(name));
        }
        if !variable["valueFrom"].is_null() {
            source(variable, &path.child("valueFrom"), errors);
        }
    }
}

const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

fn source(variable: &Value, path: &Path<'_>, errors: &mut Errors) {
    let from = &variable["valueFrom"];
    let mut count = 0;
    if from["fieldRef"].is_map() {
        count += 1;
        let path = path.child("fieldRef");
        match (from["fieldRef"]["apiVersion"].text(), from["fieldRef"]["fieldPath"].text()) {
            ("", _) => errors.required(&path.child("apiVersion"), ""),
            (_, "") => errors.required(&path.child("fieldPath"), ""),
            (_, field) => env_field(field, &path.child("fieldPath"), errors),
        }
    }
    if from["resourceFieldRef"].is_map() {
        count += 1;
        resource(&from["resourceFieldRef"], &path.child("resourceFieldRef"), false, errors);
    }
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        if from[reference].is_map() {
            count += 1;
            let path = path.child(reference);
            let (name, key) = (from[reference]["name"].text(), from[reference]["key"].text());
            errors.each(&path.child("name"), name, names::is_dns1123_subdomain(name));
            if key.is_empty() {
                errors.required(&path.child("key"), "");
            } else {
                errors.each(&path.child("key"), key, names::is_config_map_key(key));
            }
        }
    }
    if count == 0 {
        let detail =
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
        errors.invalid(path, "", detail);
    } else if !variable["value"].is_empty() {
        errors.invalid(path, "", "may not be specified when `value` is not empty");
    } else if count > 1 {
        errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

/// Fields of a pod a variable may show.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

fn env_field(field: &str, path: &Path<'_>, errors: &mut Errors) {
    if let Some((base, key)) = subscript(field) {
        if base == "metadata.labels" || base == "metadata.annotations" {
            let lower = key.to_lowercase();
            let key = if base == "metadata.annotations" { lower.as_str() } else { key };
            errors.each(path, key, names::is_qualified_name(key));
        } else {
            errors.invalid(
                path,
                field,
                &format!("error converting fieldPath: field label does not support subscript: {field}"),
            );
        }
        return;
    }
    if !FIELDS.contains(&field) {
        // Known to downward volumes, but too long for a variable.
        if matches!(field, "metadata.labels" | "metadata.annotations") {
            errors.unsupported(path, field, FIELDS);
        } else {
            errors.invalid(
                path,
                field,
                &format!("error converting fieldPath: field label not supported: {field}"),
            );
        }
    }
}

/// `metadata.labels['app']` as base and key.
fn subscript(field: &str) -> Option<(&str, &str)> {
    let (base, rest) = field.split_once("['")?;
    Some((base, rest.strip_suffix("']")?))
}

/// A `fieldRef` of a downward API volume.
pub(super) fn downward_field(field: &str, path: &Path<'_>, errors: &mut Errors) {
    const VOLUME: &[&str] =
        &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
    if subscript(field).is_some() {
        return env_field(field, path, errors);
    }
    if FIELDS.contains(&field) && !VOLUME.contains(&field) {
        errors.unsupported(path, field, VOLUME);
    } else if !VOLUME.contains(&field) {
        errors.invalid(
            path,
            field,
            &format!("error converting fieldPath: field label not supported: {field}"),
        );
    }
}

/// A `resourceFieldRef`; volumes must name the container.
pub(super) fn resource(reference: &Value, path: &Path<'_>, volume: bool, errors: &mut Errors) {
    let name = reference["resource"].text();
    if volume && reference["containerName"].is_empty() {
        errors.required(&path.child("containerName"), "");
    } else if name.is_empty() {
        errors.required(&path.child("resource"), "");
    } else if !RESOURCES.contains(&name) && !name.contains(".hugepages-") {
        errors.unsupported(&path.child("resource"), name, RESOURCES);
    }
}

pub(super) fn sources(sources: &Value, list: &Path<'_>, errors: &mut Errors) {
    for (at, source) in sources.items().iter().enumerate() {
        let path = list.index(at);
        let prefix = source["prefix"].text();
        if !prefix.is_empty() {
            errors.each(&path.child("prefix"), prefix, names::is_relaxed_env_var_name(prefix));
        }
        let mut count = 0;
        for reference in ["configMapRef", "secretRef"] {
            if source[reference].is_map() {
                count += 1;
                let name = source[reference]["name"].text();
                let path = path.child(reference);
                errors.each(&path.child("name"), name, names::is_dns1123_subdomain(name));
            }
        }
        // The real server forgets the index here.
        if count == 0 {
            errors.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
        } else if count > 1 {
            errors.invalid(list, "", "may not have more than one field specified at a time");
        }
    }
}
