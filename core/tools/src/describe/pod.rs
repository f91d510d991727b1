//! Pods.

use super::page::{controller, date, line};
use super::{Ask, containers, events, template, volumes};
use crate::kubectl::Failure;
use drydock_machinery::{Quantity, Value};

const MIRROR: &str = "kubernetes.io/config.mirror";

pub fn describe(ask: &mut Ask<'_, '_, '_>, pod: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&pod["metadata"], &pod["spec"], &pod["status"]);
    let uid = match metadata["annotations"][MIRROR].text() {
        "" => metadata["uid"].text(),
        mirror => mirror,
    };
    let happened = ask.events_about(None, uid);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    line!(page, 0, "Namespace:\t{}", metadata["namespace"].text());
    if let Some(priority) = spec["priority"].as_int() {
        line!(page, 0, "Priority:\t{priority}");
    }
    for (title, field) in [
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ] {
        if !spec[field].is_empty() {
            line!(page, 0, "{title}:\t{}", spec[field].text());
        }
    }
    match spec["nodeName"].text() {
        "" => page.line(0, "Node:\t<none>"),
        node => line!(page, 0, "Node:\t{node}/{}", status["hostIP"].text()),
    }
    if !status["startTime"].is_empty() {
        line!(page, 0, "Start Time:\t{}", date(&status["startTime"]));
    }
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    let phase = status["phase"].text();
    if !metadata["deletionTimestamp"].is_empty() && !matches!(phase, "Failed" | "Succeeded") {
        line!(page, 0, "Status:\tTerminating (lasts {})", page.since(&metadata["deletionTimestamp"]));
        line!(page, 0, "Termination Grace Period:\t{}s", metadata["deletionGracePeriodSeconds"].int());
    } else {
        line!(page, 0, "Status:\t{phase}");
    }
    for (title, field) in [("Reason", "reason"), ("Message", "message")] {
        if !status[field].is_empty() {
            line!(page, 0, "{title}:\t{}", status[field].text());
        }
    }
    let seccomp = &spec["securityContext"]["seccompProfile"];
    if seccomp.is_map() {
        line!(page, 0, "SeccompProfile:\t{}", seccomp["type"].text());
        if seccomp["type"] == "Localhost" {
            line!(page, 0, "LocalhostProfile:\t{}", seccomp["localhostProfile"].text());
        }
    }
    line!(page, 0, "IP:\t{}", status["podIP"].text());
    let ips = status["podIPs"].items();
    page.line(0, if ips.is_empty() { "IPs:\t<none>" } else { "IPs:" });
    for ip in ips {
        line!(page, 1, "IP:\t{}", ip["ip"].text());
    }
    if let Some(owner) = controller(pod) {
        line!(page, 0, "Controlled By:\t{owner}");
    }
    if !status["nominatedNodeName"].is_empty() {
        line!(page, 0, "NominatedNodeName:\t{}", status["nominatedNodeName"].text());
    }
    if spec["resources"].is_map() {
        page.line(0, "Resources:");
        containers::resources(&mut page, &spec["resources"], 1);
    }
    if !spec["initContainers"].items().is_empty() {
        let statuses = Some(&status["initContainerStatuses"]);
        containers::write(&mut page, "Init Containers", &spec["initContainers"], statuses, Some(pod), "");
    }
    let statuses = Some(&status["containerStatuses"]);
    containers::write(&mut page, "Containers", &spec["containers"], statuses, Some(pod), "");
    if !spec["ephemeralContainers"].items().is_empty() {
        let statuses = Some(&status["ephemeralContainerStatuses"]);
        let list = &spec["ephemeralContainers"];
        containers::write(&mut page, "Ephemeral Containers", list, statuses, Some(pod), "");
    }
    let conditions = status["conditions"].items();
    if !spec["readinessGates"].items().is_empty() {
        page.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in spec["readinessGates"].items() {
            let name = gate["conditionType"].text();
            let found = conditions.iter().find(|c| c["type"] == name);
            line!(page, 1, "{name} \t{} ", found.map_or("<none>", |c| c["status"].text()));
        }
    }
    if !conditions.is_empty() {
        page.line(0, "Conditions:\n  Type\tStatus");
        for c in conditions {
            line!(page, 1, "{} \t{} ", c["type"].text(), c["status"].text());
        }
    }
    volumes::write(&mut page, &spec["volumes"], "");
    line!(page, 0, "QoS Class:\t{}", qos(pod));
    page.labels("Node-Selectors", &spec["nodeSelector"]);
    template::tolerations(&mut page, "Tolerations", &spec["tolerations"]);
    template::spread(&mut page, &spec["topologySpreadConstraints"], "");
    events::write(&mut page, happened);
    Ok(page.finish())
}

/// The class in the status, else worked out from requests and limits.
#[must_use]
pub fn qos(pod: &Value) -> &str {
    let known = pod["status"]["qosClass"].text();
    if !known.is_empty() {
        return known;
    }
    let spec = &pod["spec"];
    let all = || spec["initContainers"].items().iter().chain(spec["containers"].items());
    let set = |v: &Value| Quantity::from_value(v).filter(|q| !q.is_zero());
    let (mut any, mut guaranteed) = (false, true);
    for container in all() {
        for name in ["cpu", "memory"] {
            let limit = set(&container["resources"]["limits"][name]);
            let request = set(&container["resources"]["requests"][name]);
            any |= limit.is_some() || request.is_some();
            guaranteed &= limit.is_some() && (request.is_none() || request == limit);
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}
