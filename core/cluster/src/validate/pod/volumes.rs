//! Volumes of a pod: names and sources.

use super::env;
use super::mounts::{no_back_steps, relative};
use crate::field::{Errors, Path};
use drydock_machinery::{Quantity, Value, names};

/// Names and sources of good volumes.
pub(super) fn validate<'a>(
    volumes: &'a Value,
    list: &Path<'_>,
    errors: &mut Errors,
) -> Vec<(&'a str, &'a Value)> {
    let mut good: Vec<(&str, &Value)> = Vec::new();
    for (at, volume) in volumes.items().iter().enumerate() {
        let path = list.index(at);
        let name = volume["name"].text();
        let before = errors.0.len();
        source(volume, &path, errors);
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else {
            errors.each(&path.child("name"), name, names::is_dns1123_label(name));
        }
        if !name.is_empty() && good.iter().any(|v| v.0 == name) {
            errors.duplicate(&path.child("name"), name);
        }
        if errors.0.len() == before {
            good.push((name, volume));
        }
    }
    good
}

/// In the order in which the real server looks.
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

fn source(volume: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut count = 0;
    for kind in SOURCES {
        let source = &volume[*kind];
        if !source.is_map() {
            continue;
        }
        let path = path.child(kind);
        if count > 0 {
            errors.forbidden(&path, "may not specify more than 1 volume type");
            count += 1;
            continue;
        }
        count += 1;
        one(kind, source, &path, errors);
    }
    if count == 0 {
        errors.required(path, "must specify a volume type");
    }
}

const HOST_PATHS: &[&str] =
    &["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

fn one(kind: &str, source: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut required = |field: &str| {
        if source[field].is_empty() {
            errors.required(&path.child(field), "");
        }
    };
    match kind {
        "emptyDir" => {
            let size = &source["sizeLimit"];
            if Quantity::from_value(size).is_some_and(|q| q.sign() < 0) {
                errors
                    .forbidden(&path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
            }
        }
        "hostPath" => {
            let place = source["path"].text();
            if place.is_empty() {
                errors.required(&path.child("path"), "");
                return;
            }
            no_back_steps(place, &path.child("path"), errors);
            if !HOST_PATHS.contains(&source["type"].text()) {
                errors.unsupported(&path.child("type"), &source["type"], HOST_PATHS);
            }
        }
        "secret" => {
            required("secretName");
            files(source, path, errors);
        }
        "configMap" => {
            required("name");
            files(source, path, errors);
        }
        "persistentVolumeClaim" => required("claimName"),
        "nfs" => {
            required("server");
            required("path");
            if !source["path"].text().starts_with('/') {
                errors.invalid(&path.child("path"), source["path"].text(), "must be an absolute path");
            }
        }
        "downwardAPI" => {
            mode(&source["defaultMode"], &path.child("defaultMode"), errors);
            downward(&source["items"], path, errors);
        }
        "projected" => {
            mode(&source["defaultMode"], &path.child("defaultMode"), errors);
            projected(&source["sources"], &path.child("sources"), errors);
        }
        "csi" => {
            let driver = source["driver"].text();
            required("driver");
            let wrong = names::is_dns1123_subdomain(&driver.to_lowercase());
            errors.each(&path.child("driver"), driver, wrong);
        }
        "azureDisk" => {
            required("diskName");
            required("diskURI");
            let (managed, uri) = (source["kind"] == "Managed", source["diskURI"].text());
            let (start, example) = match managed {
                true => (
                    "/subscriptions/",
                    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}",
                ),
                false => (
                    "https://",
                    "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd",
                ),
            };
            if !uri.is_empty() && !uri.starts_with(start) {
                errors.unsupported(&path.child("diskURI"), uri, &[example]);
            }
        }
        "iscsi" => {
            required("targetPortal");
            required("iqn");
        }
        "rbd" => {
            required("monitors");
            required("image");
        }
        "ephemeral" if source["volumeClaimTemplate"].is_null() => {
            errors.required(&path.child("volumeClaimTemplate"), "");
        }
        _ => {}
    }
}

fn mode(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(number) = value.as_int() else { return };
    if !(0..=0o777).contains(&number) {
        errors.invalid(path, number, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// `items` of a config map or secret.
fn files(source: &Value, path: &Path<'_>, errors: &mut Errors) {
    mode(&source["defaultMode"], &path.child("defaultMode"), errors);
    let list = path.child("items");
    for (at, item) in source["items"].items().iter().enumerate() {
        let path = list.index(at);
        if item["key"].is_empty() {
            errors.required(&path.child("key"), "");
        }
        file_path(item["path"].text(), &path.child("path"), errors);
        mode(&item["mode"], &path.child("mode"), errors);
    }
}

fn file_path(text: &str, path: &Path<'_>, errors: &mut Errors) {
    if text.is_empty() {
        errors.required(path, "");
        return;
    }
    relative(text, path, errors);
    if text.starts_with("..") && !text.starts_with("../") {
        errors.invalid(path, text, "must not start with '..'");
    }
}

fn downward(items: &Value, path: &Path<'_>, errors: &mut Errors) {
    // The real server names no index here.
    for item in items.items() {
        if item["path"].is_empty() {
            errors.required(&path.child("path"), "");
        } else {
            file_path(item["path"].text(), &path.child("path"), errors);
        }
        let (field, resource) = (&item["fieldRef"], &item["resourceFieldRef"]);
        if field.is_map() {
            let reference = path.child("fieldRef");
            env::downward_field(field["fieldPath"].text(), &reference.child("fieldPath"), errors);
            if resource.is_map() {
                errors.invalid(
                    path,
                    "resource",
                    "fieldRef and resourceFieldRef can not be specified simultaneously",
                );
            }
        } else if resource.is_map() {
            env::resource(resource, &path.child("resourceFieldRef"), true, errors);
        } else {
            errors.required(&path.child("fieldRef"), "one of fieldRef and resourceFieldRef is required");
        }
        mode(&item["mode"], &path.child("mode"), errors);
    }
}

fn projected(sources: &Value, list: &Path<'_>, errors: &mut Errors) {
    for (at, source) in sources.items().iter().enumerate() {
        let path = list.index(at);
        let mut count = 0;
        for kind in ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"] {
            let inner = &source[kind];
            if !inner.is_map() {
                continue;
            }
            let path = path.child(kind);
            if count > 0 {
                errors.forbidden(&path, "may not specify more than 1 volume type");
                continue;
            }
            count += 1;
            match kind {
                "secret" | "configMap" => {
                    if inner["name"].is_empty() {
                        errors.required(&path.child("name"), "");
                    }
                    files(inner, &path, errors);
                }
                "downwardAPI" => downward(&inner["items"], &path, errors),
                "serviceAccountToken" => {
                    let seconds = inner["expirationSeconds"].int();
                    if seconds < 600 {
                        let detail = "may not specify a duration less than 10 minutes";
                        errors.invalid(&path.child("expirationSeconds"), seconds, detail);
                    }
                    if inner["path"].is_empty() {
                        errors.required(&path.child("path"), "");
                    } else {
                        file_path(inner["path"].text(), &path.child("path"), errors);
                    }
                }
                _ => {}
            }
        }
    }
}
