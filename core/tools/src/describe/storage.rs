//! PersistentVolumes, their claims and StorageClasses.

use super::page::{access_modes, bracketed, date, join, line, pairs, quantity, truth};
use super::{Ask, events, volumes};
use crate::kubectl::Failure;
use drydock_machinery::Value;

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const OLD_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

fn class_of(object: &Value) -> &str {
    match object["metadata"]["annotations"][OLD_CLASS].text() {
        "" => object["spec"]["storageClassName"].text(),
        old => old,
    }
}

pub fn claim(ask: &mut Ask<'_, '_, '_>, claim: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&claim["metadata"], &claim["spec"], &claim["status"]);
    let name = metadata["name"].text();
    let pods = ask.pods("")?;
    let mounts = |pod: &&Value| {
        let volumes = pod["spec"]["volumes"].items();
        volumes.iter().any(|v| {
            let ephemeral = format!("{}-{}", pod["metadata"]["name"].text(), v["name"].text());
            v["persistentVolumeClaim"]["claimName"] == name || v["ephemeral"].is_map() && ephemeral == name
        })
    };
    let users: Vec<&str> = pods.iter().filter(mounts).map(|p| p["metadata"]["name"].text()).collect();
    let happened = ask.events_of(claim);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{name}");
    line!(page, 0, "Namespace:\t{}", metadata["namespace"].text());
    line!(page, 0, "StorageClass:\t{}", class_of(claim));
    if metadata["deletionTimestamp"].is_empty() {
        line!(page, 0, "Status:\t{}", status["phase"].text());
    } else {
        line!(page, 0, "Status:\tTerminating (lasts {})", page.since(&metadata["deletionTimestamp"]));
    }
    line!(page, 0, "Volume:\t{}", spec["volumeName"].text());
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "Finalizers:\t{}", bracketed(&metadata["finalizers"]));
    let bound = !spec["volumeName"].is_empty();
    line!(
        page,
        0,
        "Capacity:\t{}",
        if bound { quantity(&status["capacity"]["storage"]) } else { String::new() }
    );
    line!(
        page,
        0,
        "Access Modes:\t{}",
        if bound { access_modes(&status["accessModes"]) } else { String::new() }
    );
    if !spec["volumeMode"].is_null() {
        line!(page, 0, "VolumeMode:\t{}", spec["volumeMode"].text());
    }
    let source = &spec["dataSource"];
    if source.is_map() {
        page.line(0, "DataSource:");
        if !source["apiGroup"].is_null() {
            line!(page, 1, "APIGroup:\t{}", source["apiGroup"].text());
        }
        line!(page, 1, "Kind:\t{}", source["kind"].text());
        line!(page, 1, "Name:\t{}", source["name"].text());
    }
    line!(page, 0, "Used By:\t{}", if users.is_empty() { "<none>".into() } else { users.join("\n\t") });
    if !status["conditions"].items().is_empty() {
        page.line(0, "Conditions:\n  Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for c in status["conditions"].items() {
        let (probed, since) = (date(&c["lastProbeTime"]), date(&c["lastTransitionTime"]));
        let (kind, state, reason) = (c["type"].text(), c["status"].text(), c["reason"].text());
        line!(page, 1, "{kind} \t{state} \t{probed} \t{since} \t{reason} \t{}", c["message"].text());
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn volume(ask: &mut Ask<'_, '_, '_>, volume: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&volume["metadata"], &volume["spec"], &volume["status"]);
    let happened = ask.events_of(volume);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "Finalizers:\t{}", bracketed(&metadata["finalizers"]));
    line!(page, 0, "StorageClass:\t{}", class_of(volume));
    if metadata["deletionTimestamp"].is_empty() {
        line!(page, 0, "Status:\t{}", status["phase"].text());
    } else {
        line!(page, 0, "Status:\tTerminating (lasts {})", page.since(&metadata["deletionTimestamp"]));
    }
    let claim = &spec["claimRef"];
    let claim = if claim.is_map() {
        format!("{}/{}", claim["namespace"].text(), claim["name"].text())
    } else {
        String::new()
    };
    line!(page, 0, "Claim:\t{claim}");
    line!(page, 0, "Reclaim Policy:\t{}", spec["persistentVolumeReclaimPolicy"].text());
    line!(page, 0, "Access Modes:\t{}", access_modes(&spec["accessModes"]));
    if !spec["volumeMode"].is_null() {
        line!(page, 0, "VolumeMode:\t{}", spec["volumeMode"].text());
    }
    line!(page, 0, "Capacity:\t{}", quantity(&spec["capacity"]["storage"]));
    affinity(&mut page, &spec["nodeAffinity"]);
    line!(page, 0, "Message:\t{}", status["message"].text());
    page.line(0, "Source:");
    volumes::source(&mut page, spec);
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn affinity(page: &mut super::page::Page, affinity: &Value) {
    let terms = affinity["required"]["nodeSelectorTerms"].items();
    if !affinity["required"].is_map() {
        page.line(0, "Node Affinity:\t<none>");
        return;
    }
    page.line(0, "Node Affinity:\t");
    page.line(1, if terms.is_empty() { "Required Terms:\t<none>" } else { "Required Terms:\t" });
    for (at, term) in terms.iter().enumerate() {
        let expressions = term["matchExpressions"].items();
        let none = if expressions.is_empty() { "<none>\n" } else { "" };
        page.put(2, &format!("Term {at}:\t{none}"));
        for (at, e) in expressions.iter().enumerate() {
            let indent = if at > 0 { "\t" } else { "" };
            let operator = e["operator"].text().to_lowercase();
            if at > 0 {
                page.put(2, "");
            }
            match operator.as_str() {
                "exists" | "doesnotexist" => line!(page, 0, "{indent}{} {operator}", e["key"].text()),
                _ => line!(page, 0, "{indent}{} {operator} [{}]", e["key"].text(), join(&e["values"], ", ")),
            }
        }
    }
}

pub fn class(ask: &mut Ask<'_, '_, '_>, class: &Value) -> Result<String, Failure> {
    let metadata = &class["metadata"];
    let happened = ask.events_of(class);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    let default = metadata["annotations"][DEFAULT_CLASS] == "true";
    line!(page, 0, "IsDefaultClass:\t{}", if default { "Yes" } else { "No" });
    line!(page, 0, "Annotations:\t{}", pairs(&metadata["annotations"]));
    line!(page, 0, "Provisioner:\t{}", class["provisioner"].text());
    line!(page, 0, "Parameters:\t{}", pairs(&class["parameters"]));
    let expands = class["allowVolumeExpansion"].as_bool().map_or("<unset>", truth);
    line!(page, 0, "AllowVolumeExpansion:\t{expands}");
    if class["mountOptions"].items().is_empty() {
        page.line(0, "MountOptions:\t<none>");
    } else {
        page.line(0, "MountOptions:");
        class["mountOptions"].items().iter().for_each(|option| page.line(1, option.text()));
    }
    for (title, field) in [("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")] {
        if !class[field].is_null() {
            line!(page, 0, "{title}:\t{}", class[field].text());
        }
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}
