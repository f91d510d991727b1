//! Persistent volumes and claims (`pkg/apis/core/validation`, v1.33).
//!
//! Left out: what older volume plugins (ceph, gluster, …) demand beyond their required fields.

use super::common::label_selector;
use super::pod;
use super::storage::driver_name;
use crate::field::{Errors, Path};
use drydock_machinery::{Quantity, Value, names};

const SPEC: Path<'static> = Path::new("spec");
const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES: &[&str] = &["Block", "Filesystem"];
/// In the order in which the real server looks.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn access_modes(modes: &Value, errors: &mut Errors) {
    let path = SPEC.child("accessModes");
    for mode in modes.items().iter().filter(|m| !MODES.contains(&m.text())) {
        errors.unsupported(&path, mode, MODES);
    }
    let alone = modes.items().iter().any(|m| *m == "ReadWriteOncePod");
    if alone && modes.items().iter().any(|m| *m != "ReadWriteOncePod") {
        errors.forbidden(&path, "may not use ReadWriteOncePod with other access modes");
    }
}

fn class_and_mode(spec: &Value, errors: &mut Errors) {
    let class = spec["storageClassName"].text();
    if !class.is_empty() {
        errors.each(&SPEC.child("storageClassName"), class, names::is_dns1123_subdomain(class));
    }
    let mode = &spec["volumeMode"];
    if !mode.is_null() && !VOLUME_MODES.contains(&mode.text()) {
        errors.unsupported(&SPEC.child("volumeMode"), mode, VOLUME_MODES);
    }
}

/// Complains about an amount of nothing or less.
fn positive(amount: &Value, path: &Path<'_>, errors: &mut Errors) {
    if let Some(quantity) = Quantity::from_value(amount).filter(|q| q.sign() != 1) {
        errors.invalid(path, quantity.canonical(), "must be greater than zero");
    }
}

pub fn volume(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if spec["accessModes"].is_empty() {
        errors.required(&SPEC.child("accessModes"), "");
    }
    access_modes(&spec["accessModes"], errors);
    let (capacity, path) = (&spec["capacity"], SPEC.child("capacity"));
    if capacity.is_empty() {
        errors.required(&path, "");
    }
    if capacity["storage"].is_null() || capacity.entries().len() > 1 {
        let shown = if capacity.is_empty() { Value::Null } else { capacity.clone() };
        errors.unsupported(&path, shown, &["storage"]);
    }
    for (name, amount) in capacity.entries() {
        positive(amount, &path.key(name.text()), errors);
    }
    const POLICIES: &[&str] = &["Delete", "Recycle", "Retain"];
    let (policy, path) =
        (spec["persistentVolumeReclaimPolicy"].text(), SPEC.child("persistentVolumeReclaimPolicy"));
    if !policy.is_empty() && !POLICIES.contains(&policy) {
        errors.unsupported(&path, policy, POLICIES);
    }
    let affinity = &spec["nodeAffinity"];
    if !affinity.is_null() {
        let path = SPEC.child("nodeAffinity");
        if affinity["required"].is_null() {
            errors.required(&path.child("required"), "must specify required node constraints");
        } else {
            pod::node_selector(&affinity["required"], &path.child("required"), errors);
        }
    }
    let mut count = 0;
    for kind in SOURCES.iter().filter(|kind| spec[**kind].is_map()) {
        count += 1;
        if count > 1 {
            errors.forbidden(&SPEC.child(kind), "may not specify more than 1 volume type");
            continue;
        }
        if *kind == "local" && affinity.is_null() {
            errors.required(&SPEC.child("nodeAffinity"), "Local volume requires node affinity");
        }
        source(kind, &spec[*kind], &SPEC.child(kind), errors);
    }
    if count == 0 {
        errors.required(&SPEC, "must specify a volume type");
    }
    let host = spec["hostPath"]["path"].text();
    if policy == "Recycle" && !host.is_empty() && host.trim_end_matches(['/', '.']).is_empty() {
        errors.forbidden(&path, "may not be 'recycle' for a hostPath mount of '/'");
    }
    class_and_mode(spec, errors);
    if let Some(old) = old {
        let before = &old["spec"];
        if SOURCES.iter().any(|kind| spec[*kind] != before[*kind]) {
            let detail = "spec.persistentvolumesource is immutable after creation";
            errors.forbidden(&SPEC.child("persistentvolumesource"), detail);
        }
        if spec["volumeMode"] != before["volumeMode"] {
            errors.invalid(&Path::new("volumeMode"), &spec["volumeMode"], "field is immutable");
        }
        if !before["nodeAffinity"].is_null() && *affinity != before["nodeAffinity"] {
            errors.invalid(&Path::new("nodeAffinity"), affinity, "field is immutable");
        }
    }
}

fn source(kind: &str, source: &Value, path: &Path<'_>, errors: &mut Errors) {
    let needed: &[&str] = match kind {
        "hostPath" | "local" => &["path"],
        "nfs" => &["server", "path"],
        "iscsi" => &["targetPortal", "iqn"],
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "cinder" => &["volumeID"],
        "azureDisk" => &["diskName", "diskURI"],
        "azureFile" => &["secretName", "shareName"],
        "rbd" => &["monitors", "image"],
        "cephfs" => &["monitors"],
        "glusterfs" => &["endpoints", "path"],
        "vsphereVolume" => &["volumePath"],
        _ => &[],
    };
    for field in needed.iter().filter(|field| source[**field].is_empty()) {
        errors.required(&path.child(field), "");
    }
    let place = source["path"].text();
    match kind {
        "hostPath" | "local" if place.split('/').any(|step| step == "..") => {
            errors.invalid(&path.child("path"), place, "must not contain '..'");
        }
        "nfs" if !place.is_empty() && !place.starts_with('/') => {
            errors.invalid(&path.child("path"), place, "must be an absolute path");
        }
        "csi" => {
            driver_name(source["driver"].text(), &path.child("driver"), errors);
            if source["volumeHandle"].is_empty() {
                errors.required(&path.child("volumeHandle"), "");
            }
        }
        _ => {}
    }
}

pub fn claim(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if spec["accessModes"].is_empty() {
        errors.required(&SPEC.child("accessModes"), "at least 1 access mode is required");
    }
    if !spec["selector"].is_null() {
        label_selector(&spec["selector"], &SPEC.child("selector"), errors);
    }
    access_modes(&spec["accessModes"], errors);
    let resources = SPEC.child("resources");
    let path = resources.key("storage");
    match &spec["resources"]["requests"]["storage"] {
        Value::Null => errors.required(&path, ""),
        amount => positive(amount, &path, errors),
    }
    class_and_mode(spec, errors);
    if let Some(old) = old {
        claim_update(new, old, errors);
    }
}

fn claim_update(new: &Value, old: &Value, errors: &mut Errors) {
    let (spec, before) = (&new["spec"], &old["spec"]);
    let size = ["resources", "requests", "storage"];
    let mut fixed = spec.clone();
    let mut known = before.clone();
    if before["volumeName"].is_empty() {
        known = known.without("volumeName");
        fixed = fixed.without("volumeName");
    }
    if new["status"]["phase"] == "Bound" {
        fixed = fixed.with_at(&size, before.at(&size).clone()).without("volumeAttributesClassName");
        known = known.without("volumeAttributesClassName");
    }
    if fixed != known {
        let detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        errors.forbidden(&SPEC, detail);
    }
    let amount = |tree: &Value, path: &[&str]| Quantity::from_value(tree.at(path)).unwrap_or_default();
    let (now, was) = (amount(spec, &size), amount(before, &size));
    // A claim may be made smaller again down to what its volume has already.
    if now < was && now <= amount(old, &["status", "capacity", "storage"]) {
        let resources = SPEC.child("resources");
        let requests = resources.child("requests");
        errors.forbidden(&requests.child("storage"), "field can not be less than status.capacity");
    }
    if spec["volumeMode"] != before["volumeMode"] {
        errors.invalid(&Path::new("volumeMode"), &spec["volumeMode"], "field is immutable");
    }
}
