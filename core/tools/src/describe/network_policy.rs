//! NetworkPolicies.

use super::Ask;
use super::page::{Page, join, line, plain, seconds, selector};
use crate::kubectl::Failure;
use drydock_machinery::{Timestamp, Value};

pub fn describe(ask: &mut Ask<'_, '_, '_>, policy: &Value) -> Result<String, Failure> {
    let (metadata, spec) = (&policy["metadata"], &policy["spec"]);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    line!(page, 0, "Namespace:\t{}", metadata["namespace"].text());
    let created = seconds(&metadata["creationTimestamp"]).unwrap_or_default();
    line!(page, 0, "Created on:\t{}", Timestamp(created).go_string());
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    page.line(0, "Spec:");
    let chosen = match selector(&spec["podSelector"]).as_str() {
        "<none>" => "<none> (Allowing the specific traffic to all pods in this namespace)".to_string(),
        chosen => chosen.to_string(),
    };
    line!(page, 1, "PodSelector:     {chosen}");
    let has = |wanted: &str| spec["policyTypes"].items().iter().any(|t| *t == wanted);
    for (kind, word, rules, peers) in
        [("Ingress", "ingress", "ingress", "from"), ("Egress", "egress", "egress", "to")]
    {
        if has(kind) {
            line!(page, 1, "Allowing {word} traffic:");
            write_rules(&mut page, &spec[rules], word, peers);
        } else {
            line!(page, 1, "Not affecting {word} traffic");
        }
    }
    line!(page, 1, "Policy Types: {}", join(&spec["policyTypes"], ", "));
    Ok(page.finish())
}

fn write_rules(page: &mut Page, rules: &Value, word: &str, peers: &str) {
    let (title, end) = if peers == "from" { ("From", "source") } else { ("To", "destination") };
    let count = rules.items().len();
    if count == 0 {
        line!(page, 2, "<none> (Selected pods are isolated for {word} connectivity)");
    }
    for (at, rule) in rules.items().iter().enumerate() {
        if rule["ports"].items().is_empty() {
            page.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in rule["ports"].items() {
            let protocol = if port["protocol"].is_null() { "TCP" } else { port["protocol"].text() };
            let number = if port["port"].is_null() { "<nil>".into() } else { plain(&port["port"]) };
            match port["endPort"].as_int() {
                Some(end) => line!(page, 2, "To Port Range: {number}-{end}/{protocol}"),
                None => line!(page, 2, "To Port: {number}/{protocol}"),
            }
        }
        if rule[peers].items().is_empty() {
            line!(page, 2, "{title}: <any> (traffic not restricted by {end})");
        }
        for peer in rule[peers].items() {
            line!(page, 2, "{title}:");
            for (name, field) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")]
            {
                if peer[field].is_map() {
                    line!(page, 3, "{name}: {}", selector(&peer[field]));
                }
            }
            let block = &peer["ipBlock"];
            if block.is_map() && !peer["podSelector"].is_map() && !peer["namespaceSelector"].is_map() {
                page.line(3, "IPBlock:");
                line!(page, 4, "CIDR: {}", block["cidr"].text());
                line!(page, 4, "Except: {}", join(&block["except"], ", "));
            }
        }
        if at + 1 != count {
            page.line(2, "----------");
        }
    }
}
