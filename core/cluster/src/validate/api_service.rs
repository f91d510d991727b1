//! API services (`k8s.io/kube-aggregator/pkg/apis/apiregistration/validation`, v1.33).

use crate::field::{Errors, Path};
use crate::kinds::rbac::path_segment;
use drydock_machinery::{Value, names, quote};

const SPEC: Path<'static> = Path::new("spec");

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    let (group, version) = (spec["group"].text(), spec["version"].text());
    let (name, wanted) = (new["metadata"]["name"].text(), format!("{version}.{group}"));
    if path_segment(name).is_empty() && name != wanted {
        let detail = format!("must be `spec.version+\".\"+spec.group`: {}", quote::go(&wanted));
        let metadata = Path::new("metadata");
        errors.invalid(&metadata.child("name"), name, &detail);
    }
    if group.is_empty() && version != "v1" {
        let detail = "only v1 may have an empty group and it better be legacy kube";
        errors.required(&SPEC.child("group"), detail);
    }
    if !group.is_empty() {
        errors.each(&SPEC.child("group"), group, names::is_dns1123_subdomain(group));
    }
    errors.each(&SPEC.child("version"), version, names::is_dns1035_label(version));
    for (field, most) in [("groupPriorityMinimum", 20000), ("versionPriority", 1000)] {
        let given = spec[field].int();
        if !(1..=most).contains(&given) {
            let detail = format!("must be positive and less than {most}");
            errors.invalid(&SPEC.child(field), given, &detail);
        }
    }
    let service = &spec["service"];
    let insecure = spec["insecureSkipTLSVerify"].bool();
    let path = SPEC.child("insecureSkipTLSVerify");
    if service.is_null() {
        if !spec["caBundle"].is_empty() {
            let bytes = format!("{} bytes", spec["caBundle"].text().len() * 3 / 4);
            errors.invalid(&SPEC.child("caBundle"), bytes, "local APIServices may not have a caBundle");
        }
        if insecure {
            errors.invalid(&path, true, "local APIServices may not have insecureSkipTLSVerify");
        }
        return;
    }
    let place = SPEC.child("service");
    for field in ["namespace", "name"] {
        if service[field].is_empty() {
            errors.required(&place.child(field), "");
        }
    }
    let port = service["port"].as_int().unwrap_or(443);
    if !(1..=65535).contains(&port) {
        let detail = "port is not valid: must be between 1 and 65535, inclusive";
        errors.invalid(&place.child("port"), port, detail);
    }
    if insecure && !spec["caBundle"].is_empty() {
        errors.invalid(&path, true, "may not be true if caBundle is present");
    }
}
