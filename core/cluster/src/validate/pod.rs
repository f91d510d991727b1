//! Pods and pod templates (`ValidatePodSpec`, `pkg/apis/core/validation/validation.go`, v1.33).

mod containers;
mod env;
mod mounts;
mod part;
mod probes;
mod resources;
mod scheduling;
mod security;
mod update;
mod volumes;

pub(crate) use part::beside;
pub(super) use scheduling::node_selector;

use super::common::{number_between, one_of};
use crate::field::{Errors, Path};
use crate::metadata;
use drydock_machinery::{Value, names};

/// A pod, new or updated.
pub fn validate(pod: &Value, old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    spec(&pod["spec"], &path, errors);
    match old {
        None => {
            if !pod["spec"]["ephemeralContainers"].is_empty() {
                errors.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
            }
        }
        Some(old) => update::validate(pod, old, errors),
    }
}

/// A pod template under `spec.template` of a workload.
pub fn template(template: &Value, path: &Path<'_>, errors: &mut Errors) {
    let meta = &template["metadata"];
    metadata::labels(&meta["labels"], &path.child("labels"), errors);
    metadata::annotations(&meta["annotations"], &path.child("annotations"), errors);
    spec(&template["spec"], &path.child("spec"), errors);
    if !template["spec"]["ephemeralContainers"].is_empty() {
        let spec = path.child("spec");
        errors.forbidden(
            &spec.child("ephemeralContainers"),
            "ephemeral containers not allowed in pod template",
        );
    }
}

const RESTART: &[&str] = &["Always", "OnFailure", "Never"];
const DNS: &[&str] = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/// A pod's spec.
pub fn spec(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let volumes = volumes::validate(&spec["volumes"], &path.child("volumes"), errors);
    containers::validate(spec, &volumes, path, errors);
    one_of(&spec["restartPolicy"], RESTART, &path.child("restartPolicy"), errors);
    one_of(&spec["dnsPolicy"], DNS, &path.child("dnsPolicy"), errors);
    metadata::labels(&spec["nodeSelector"], &path.child("nodeSelector"), errors);
    security::pod(spec, path, errors);
    scheduling::affinity(&spec["affinity"], &path.child("affinity"), errors);
    dns_config(spec, path, errors);
    for (at, gate) in spec["readinessGates"].items().iter().enumerate() {
        let text = gate["conditionType"].text();
        let list = path.child("readinessGates");
        let gate = list.index(at);
        errors.each(&gate.child("conditionType"), text, names::is_qualified_name(text));
    }
    for (at, gate) in spec["schedulingGates"].items().iter().enumerate() {
        let text = gate["name"].text();
        let list = path.child("schedulingGates");
        errors.each(&list.index(at), text, names::is_qualified_name(text));
    }
    scheduling::spread(&spec["topologySpreadConstraints"], &path.child("topologySpreadConstraints"), errors);
    let mut subdomain = |field: &str| {
        let text = spec[field].text();
        if !text.is_empty() {
            errors.each(&path.child(field), text, names::is_dns1123_subdomain(text));
        }
    };
    subdomain("serviceAccountName");
    subdomain("nodeName");
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_int() {
        number_between(seconds, 1, i64::from(i32::MAX), &path.child("activeDeadlineSeconds"), errors);
    }
    for field in ["hostname", "subdomain"] {
        let text = spec[field].text();
        if !text.is_empty() {
            errors.each(&path.child(field), text, names::is_dns1123_label(text));
        }
    }
    scheduling::tolerations(&spec["tolerations"], &path.child("tolerations"), errors);
    for alias in spec["hostAliases"].items() {
        let path = path.child("hostAliases");
        if !names::is_ip(alias["ip"].text()).is_empty() {
            errors.invalid(
                &path.child("ip"),
                &alias["ip"],
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            );
        }
        for name in alias["hostnames"].items() {
            errors.each(&path.child("hostnames"), name.text(), names::is_dns1123_subdomain(name.text()));
        }
    }
    for field in ["priorityClassName", "runtimeClassName"] {
        let text = spec[field].text();
        if !text.is_empty() {
            errors.each(&path.child(field), text, names::is_dns1123_subdomain(text));
        }
    }
}

/// Longest list of search domains and their length.
const SEARCHES: usize = 32;
const NAMESERVERS: usize = 3;

fn dns_config(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (config, path) = (&spec["dnsConfig"], path.child("dnsConfig"));
    if spec["dnsPolicy"] == "None" {
        if config.is_null() {
            errors.required(&path, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if config["nameservers"].is_empty() {
            errors.required(
                &path.child("nameservers"),
                "must provide at least one DNS nameserver when `dnsPolicy` is None",
            );
            return;
        }
    }
    if config.is_null() {
        return;
    }
    let (servers, list) = (config["nameservers"].items(), path.child("nameservers"));
    if servers.len() > NAMESERVERS {
        let detail = format!("must not have more than {NAMESERVERS} nameservers");
        errors.invalid(&list, &config["nameservers"], &detail);
    }
    for (at, server) in servers.iter().enumerate() {
        if !names::is_ip(server.text()).is_empty() {
            errors.invalid(
                &list.index(at),
                server,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            );
        }
    }
    let (searches, list) = (config["searches"].items(), path.child("searches"));
    if searches.len() > SEARCHES {
        let detail = format!("must not have more than {SEARCHES} search paths");
        errors.invalid(&list, &config["searches"], &detail);
    }
    for (at, search) in searches.iter().enumerate() {
        // A trailing dot makes a name absolute; a lone one is the root.
        let text = search.text();
        let bare = text.strip_suffix('.').unwrap_or(text);
        if text != "." {
            errors.each(&list.index(at), text, names::is_dns1123_subdomain(bare));
        }
    }
    for (at, option) in config["options"].items().iter().enumerate() {
        if option["name"].is_empty() {
            let list = path.child("options");
            errors.required(&list.index(at), "must not be empty");
        }
    }
}
