//! Storage classes and the records of CSI (`pkg/apis/storage/validation`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");
/// Bytes the parameters of a class may have together, and how many there may be.
const MAX_PARAMETERS: usize = 256 * 1024;
const MOST_PARAMETERS: usize = 512;

pub fn class(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let mode = &new["volumeBindingMode"];
    if let Some(old) = old {
        if new["parameters"] != old["parameters"] {
            errors.forbidden(&Path::new("parameters"), "updates to parameters are forbidden.");
        }
        for field in ["provisioner", "reclaimPolicy"] {
            if new[field] != old[field] {
                errors.forbidden(&Path::new(field), &format!("updates to {field} are forbidden."));
            }
        }
        if *mode != old["volumeBindingMode"] {
            errors.invalid(&Path::new("volumeBindingMode"), mode, "field is immutable");
        }
        topologies(&new["allowedTopologies"], errors);
        return;
    }
    let (provisioner, path) = (new["provisioner"].text(), Path::new("provisioner"));
    if provisioner.is_empty() {
        errors.required(&path, "");
    } else {
        errors.each(&path, provisioner, names::is_qualified_name(&provisioner.to_lowercase()));
    }
    parameters(&new["parameters"], errors);
    const POLICIES: &[&str] = &["Delete", "Retain"];
    let policy = new["reclaimPolicy"].text();
    if !policy.is_empty() && !POLICIES.contains(&policy) {
        errors.unsupported(&Path::new("reclaimPolicy"), policy, POLICIES);
    }
    const MODES: &[&str] = &["Immediate", "WaitForFirstConsumer"];
    let path = Path::new("volumeBindingMode");
    if mode.is_null() {
        errors.required(&path, "");
    } else if !MODES.contains(&mode.text()) {
        errors.unsupported(&path, mode, MODES);
    }
    topologies(&new["allowedTopologies"], errors);
}

fn parameters(parameters: &Value, errors: &mut Errors) {
    let path = Path::new("parameters");
    let entries = parameters.entries();
    if entries.len() > MOST_PARAMETERS {
        errors.too_long(&path, MOST_PARAMETERS);
        return;
    }
    let mut size = 0;
    for (key, value) in entries {
        if key.text().is_empty() {
            errors.invalid(&path, "", "field can not be empty.");
        }
        size += key.text().len() + value.text().len();
    }
    if size > MAX_PARAMETERS {
        errors.too_long(&path, MAX_PARAMETERS);
    }
}

fn topologies(topologies: &Value, errors: &mut Errors) {
    let list = Path::new("allowedTopologies");
    for (at, term) in topologies.items().iter().enumerate() {
        let path = list.index(at);
        let list = path.child("matchLabelExpressions");
        let mut seen: Vec<&str> = Vec::new();
        for (at, expression) in term["matchLabelExpressions"].items().iter().enumerate() {
            let path = list.index(at);
            let values = path.child("values");
            if expression["values"].is_empty() {
                errors.required(&values, "");
            }
            let given = expression["values"].items();
            for (at, value) in given.iter().enumerate() {
                if given.iter().take(at).any(|v| v == value) {
                    errors.duplicate(&values.index(at), value);
                }
            }
            let key = expression["key"].text();
            errors.each(&path.child("key"), key, names::is_qualified_name(key));
            if seen.contains(&key) {
                errors.duplicate(&path.child("key"), key);
            }
            seen.push(key);
        }
    }
}

/// `ValidateCSIDriverName`.
pub(super) fn driver_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(path, "");
    }
    if name.len() > 63 {
        errors.too_long(path, 63);
    }
    errors.each(path, name, names::is_dns1123_subdomain(&name.to_lowercase()));
}

pub fn csi_driver(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    for field in ["attachRequired", "podInfoOnMount", "storageCapacity"] {
        if spec[field].is_null() {
            errors.required(&SPEC.child(field), "");
        }
    }
    const GROUPS: &[&str] = &["File", "None", "ReadWriteOnceWithFSType"];
    let (policy, path) = (&spec["fsGroupPolicy"], SPEC.child("fsGroupPolicy"));
    if policy.is_null() {
        errors.required(&path, "");
    } else if !GROUPS.contains(&policy.text()) {
        errors.unsupported(&path, policy, GROUPS);
    }
    let audiences = SPEC.child("tokenRequests");
    let mut seen: Vec<&str> = Vec::new();
    for (at, request) in spec["tokenRequests"].items().iter().enumerate() {
        let path = audiences.index(at);
        let audience = request["audience"].text();
        if seen.contains(&audience) {
            errors.duplicate(&path.child("audience"), audience);
        }
        seen.push(audience);
        if request["expirationSeconds"].as_int().is_some_and(|s| s < 600) {
            let detail = "may not specify a duration less than 10 minutes";
            errors.invalid(&path.child("expirationSeconds"), &request["expirationSeconds"], detail);
        }
    }
    const MODES: &[&str] = &["Ephemeral", "Persistent"];
    for mode in spec["volumeLifecycleModes"].items().iter().filter(|m| !MODES.contains(&m.text())) {
        errors.unsupported(&SPEC.child("volumeLifecycleModes"), mode, MODES);
    }
    let Some(old) = old else { return };
    // The real path of the first one has its own spelling.
    for (field, shown) in
        [("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")]
    {
        if spec[field] != old["spec"][field] {
            errors.invalid(&SPEC.child(shown), &spec[field], "field is immutable");
        }
    }
}

pub fn csi_node(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let list = SPEC.child("drivers");
    let mut seen: Vec<&str> = Vec::new();
    for (at, driver) in new["spec"]["drivers"].items().iter().enumerate() {
        let path = list.index(at);
        let name = driver["name"].text();
        driver_name(name, &path.child("name"), errors);
        if driver["nodeID"].is_empty() {
            errors.required(&path.child("nodeID"), "");
        }
        if seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
    }
}

pub fn volume_attachment(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if let Some(old) = old
        && *spec != old["spec"]
    {
        errors.invalid(&SPEC, spec, "field is immutable");
        return;
    }
    driver_name(spec["attacher"].text(), &SPEC.child("attacher"), errors);
    let (source, path) = (&spec["source"], SPEC.child("source"));
    let volume = source["persistentVolumeName"].text();
    let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (source["inlineVolumeSpec"].is_null(), source["persistentVolumeName"].is_null()) {
        (true, true) => errors.required(&path, detail),
        (false, false) => errors.forbidden(&path, detail),
        (true, false) if volume.is_empty() => {
            let detail = "must specify non empty persistentVolumeName";
            errors.required(&path.child("persistentVolumeName"), detail);
        }
        _ => {}
    }
    let node = spec["nodeName"].text();
    errors.each(&SPEC.child("nodeName"), node, names::is_dns1123_subdomain(node));
}
