//! Nodes: condition, capacity, and how much of it the pods asked for.

use super::page::{Page, date, join, line, quantity};
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Quantity, Value};
use std::collections::BTreeMap;

type Amounts = BTreeMap<String, Quantity>;

pub fn describe(ask: &mut Ask<'_, '_, '_>, node: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&node["metadata"], &node["spec"], &node["status"]);
    let name = metadata["name"].text();
    let fields = format!("spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed");
    let pods = match ask.list("/api/v1/pods", "", &fields, true) {
        Ok(pods) => Some(pods),
        Err(failure) if failure.reason() == "Forbidden" => None,
        Err(failure) => return Err(failure),
    };
    // The node controller knows the node by its uid, the kubelet by its name.
    let mut happened = ask.events_about(Some("Node"), metadata["uid"].text());
    if let (Some(all), Some(more)) = (&mut happened, ask.events_about(Some("Node"), name)) {
        all.extend(more);
    }
    let mut page = ask.page();
    line!(page, 0, "Name:\t{name}");
    line!(page, 0, "Roles:\t{}", roles(node));
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "CreationTimestamp:\t{}", date(&metadata["creationTimestamp"]));
    taints(&mut page, &spec["taints"]);
    line!(page, 0, "Unschedulable:\t{}", spec["unschedulable"].bool());
    match ask.get(&format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}")) {
        Ok(lease) => lease_lines(&mut page, &lease["spec"]),
        Err(failure) => line!(page, 0, "Lease:\tFailed to get lease: {}", failure.text()),
    }
    if !status["conditions"].items().is_empty() {
        page.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for c in status["conditions"].items() {
        let (kind, state) = (c["type"].text(), c["status"].text());
        let (beat, since) = (date(&c["lastHeartbeatTime"]), date(&c["lastTransitionTime"]));
        let (reason, message) = (c["reason"].text(), c["message"].text());
        line!(page, 1, "{kind} \t{state} \t{beat} \t{since} \t{reason} \t{message}");
    }
    page.line(0, "Addresses:");
    for address in status["addresses"].items() {
        line!(page, 1, "{}:\t{}", address["type"].text(), address["address"].text());
    }
    for (title, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        if !status[field].entries().is_empty() {
            line!(page, 0, "{title}:");
        }
        for (resource, amount) in status[field].entries() {
            line!(page, 0, "  {resource}:\t{}", quantity(amount));
        }
    }
    system(&mut page, &status["nodeInfo"]);
    if !spec["podCIDR"].is_empty() {
        line!(page, 0, "PodCIDR:\t{}", spec["podCIDR"].text());
    }
    if !spec["podCIDRs"].items().is_empty() {
        line!(page, 0, "PodCIDRs:\t{}", join(&spec["podCIDRs"], ","));
    }
    if !spec["providerID"].is_empty() {
        line!(page, 0, "ProviderID:\t{}", spec["providerID"].text());
    }
    match pods {
        Some(pods) => resources(&mut page, node, &pods),
        None => page.line(0, "Pods:\tnot authorized"),
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn roles(node: &Value) -> String {
    let mut roles: Vec<&str> = Vec::new();
    for (key, value) in node["metadata"]["labels"].entries() {
        match key.text().strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => roles.push(role),
            _ if key.text() == "kubernetes.io/role" && !value.is_empty() => roles.push(value.text()),
            _ => {}
        }
    }
    roles.arrange();
    roles.dedup();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

fn taints(page: &mut Page, taints: &Value) {
    page.put(0, "Taints:\t");
    let text = |t: &Value| match t["value"].text() {
        "" => format!("{}:{}", t["key"].text(), t["effect"].text()),
        value => format!("{}={value}:{}", t["key"].text(), t["effect"].text()),
    };
    let mut sorted: Vec<&Value> = taints.items().iter().collect();
    sorted.arrange_by_key(|t| (t["effect"].text(), t["key"].text()));
    if sorted.is_empty() {
        page.line(0, "<none>");
    }
    for (at, taint) in sorted.iter().enumerate() {
        if at > 0 {
            page.put(0, "\t");
        }
        page.line(0, &text(taint));
    }
}

fn lease_lines(page: &mut Page, spec: &Value) {
    let time = |value: &Value| if value.is_empty() { "<unset>".into() } else { date(value) };
    page.line(0, "Lease:");
    let holder = if spec["holderIdentity"].is_null() { "<unset>" } else { spec["holderIdentity"].text() };
    line!(page, 1, "HolderIdentity:\t{holder}");
    line!(page, 1, "AcquireTime:\t{}", time(&spec["acquireTime"]));
    line!(page, 1, "RenewTime:\t{}", time(&spec["renewTime"]));
}

fn system(page: &mut Page, info: &Value) {
    page.line(0, "System Info:");
    for (title, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
        ("Kube-Proxy Version", "kubeProxyVersion"),
    ] {
        line!(page, 0, "  {title}:\t{}", info[field].text());
    }
}

/// What a pod asks for: its containers together, or the largest init container if that is more.
#[must_use]
pub fn pod_amounts(pod: &Value, field: &str) -> Amounts {
    let amounts = |container: &Value| -> Amounts {
        let list = container["resources"][field].entries();
        list.iter().filter_map(|(k, v)| Some((k.text().to_string(), Quantity::from_value(v)?))).collect()
    };
    let spec = &pod["spec"];
    let mut sum = Amounts::new();
    let mut sidecars = Amounts::new();
    let mut largest = Amounts::new();
    for container in spec["containers"].items() {
        add(&mut sum, &amounts(container));
    }
    for container in spec["initContainers"].items() {
        let mut own = amounts(container);
        if container["restartPolicy"] == "Always" {
            add(&mut sidecars, &own);
            add(&mut sum, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        for (name, amount) in own {
            let held = largest.entry(name).or_insert(amount);
            *held = (*held).max(amount);
        }
    }
    for (name, amount) in largest {
        let held = sum.entry(name).or_insert(amount);
        *held = (*held).max(amount);
    }
    // A limit of the pod's overhead alone would be none.
    for (name, amount) in spec["overhead"].entries() {
        if let Some(amount) = Quantity::from_value(amount)
            && (field == "requests" || sum.contains_key(name.text()))
        {
            add(&mut sum, &Amounts::from([(name.text().to_string(), amount)]));
        }
    }
    sum
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        match sum.get_mut(name) {
            Some(held) => *held += *amount,
            None => {
                sum.insert(name.clone(), *amount);
            }
        }
    }
}

fn resources(page: &mut Page, node: &Value, pods: &[Value]) {
    let status = &node["status"];
    let allocatable =
        if status["allocatable"].entries().is_empty() { &status["capacity"] } else { &status["allocatable"] };
    let share = |amounts: &Amounts, name: &str| -> String {
        let held = amounts.get(name);
        let all = Quantity::from_value(&allocatable[name]);
        // CPU in thousandths, everything else in whole units, as the real one divides.
        let number = |q: Option<&Quantity>| -> f64 {
            q.map_or(0.0, |q| if name == "cpu" { q.milli() as f64 } else { q.value() as f64 })
        };
        let whole = number(all.as_ref());
        let percent = if whole == 0.0 { 0.0 } else { number(held) / whole * 100.0 };
        format!("{} ({}%)", held.map_or("0".into(), |q| q.canonical()), percent as i64)
    };
    line!(page, 0, "Non-terminated Pods:\t({} in total)", pods.len());
    page.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    page.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let (asks, may) = (pod_amounts(pod, "requests"), pod_amounts(pod, "limits"));
        line!(
            page,
            1,
            "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
            pod["metadata"]["namespace"].text(),
            pod["metadata"]["name"].text(),
            share(&asks, "cpu"),
            share(&may, "cpu"),
            share(&asks, "memory"),
            share(&may, "memory"),
            page.since(&pod["metadata"]["creationTimestamp"])
        );
        add(&mut requests, &asks);
        add(&mut limits, &may);
    }
    page.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    page.line(1, "Resource\tRequests\tLimits");
    page.line(1, "--------\t--------\t------");
    let names: Vec<&str> = allocatable.entries().iter().map(|e| e.0.text()).collect();
    let huge = names.iter().copied().filter(|n| n.starts_with("hugepages-"));
    for name in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(huge) {
        line!(page, 1, "{name}\t{}\t{}", share(&requests, name), share(&limits, name));
    }
    let standard = |n: &&str| {
        matches!(*n, "cpu" | "memory" | "ephemeral-storage" | "pods") || n.starts_with("hugepages-")
    };
    for name in names.iter().copied().filter(|n| !standard(n)) {
        let amount = |of: &Amounts| of.get(name).map_or("0".into(), |q| q.canonical());
        line!(page, 1, "{name}\t{}\t{}", amount(&requests), amount(&limits));
    }
}
