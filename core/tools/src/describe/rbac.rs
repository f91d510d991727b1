//! Roles, ClusterRoles and their bindings.

use super::Ask;
use super::page::{bracketed, line};
use crate::kubectl::Failure;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};

pub fn role(ask: &mut Ask<'_, '_, '_>, role: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", role["metadata"]["name"].text());
    page.labels("Labels", &role["metadata"]["labels"]);
    page.annotations("Annotations", &role["metadata"]["annotations"]);
    page.line(0, "PolicyRule:");
    page.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    page.line(1, "---------\t-----------------\t--------------\t-----");
    for rule in compact(role["rules"].items()) {
        let (urls, names) = (bracketed(&rule["nonResourceURLs"]), bracketed(&rule["resourceNames"]));
        line!(page, 1, "{}\t{urls}\t{names}\t{}", subject(&rule), bracketed(&rule["verbs"]));
    }
    Ok(page.finish())
}

/// One resource and group a rule, verbs of equal ones joined, in the order of their Go text.
fn compact(rules: &[Value]) -> Vec<Value> {
    let mut simple: Vec<Value> = Vec::new();
    for rule in rules {
        for part in split(rule) {
            let same = |known: &&mut Value| {
                ["apiGroups", "resources", "resourceNames", "nonResourceURLs"]
                    .iter()
                    .all(|f| known[*f] == part[*f])
            };
            match simple.iter_mut().find(same) {
                Some(known) => {
                    let more = part["verbs"].items().iter().cloned();
                    let verbs: Vec<Value> = known["verbs"].items().iter().cloned().chain(more).collect();
                    *known = known.with("verbs", verbs);
                }
                None => simple.push(part),
            }
        }
    }
    let text = |rule: &Value| {
        ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"]
            .map(|f| bracketed(&rule[f]))
            .join(",")
    };
    simple.arrange_by_key(text);
    simple
}

fn split(rule: &Value) -> Vec<Value> {
    let mut parts = Vec::new();
    let one = |v: &Value| Value::from_items(vec![v.clone()]);
    for group in rule["apiGroups"].items() {
        for resource in rule["resources"].items() {
            let base = value!({"apiGroups": (one(group)), "resources": (one(resource)), "verbs": (rule["verbs"].clone())});
            let names = rule["resourceNames"].items();
            if names.is_empty() {
                parts.push(base);
            } else {
                parts.extend(names.iter().map(|n| base.with("resourceNames", one(n))));
            }
        }
    }
    for url in rule["nonResourceURLs"].items() {
        parts.push(value!({"nonResourceURLs": (one(url)), "verbs": (rule["verbs"].clone())}));
    }
    parts
}

/// `deployments.apps/scale`.
fn subject(rule: &Value) -> String {
    let (resource, group) = (rule["resources"][0].text(), rule["apiGroups"][0].text());
    let (name, sub) = resource.split_once('/').map_or((resource, None), |(n, s)| (n, Some(s)));
    let dot = if group.is_empty() { String::new() } else { format!(".{group}") };
    let slash = sub.map_or(String::new(), |s| format!("/{s}"));
    format!("{name}{dot}{slash}")
}

pub fn binding(ask: &mut Ask<'_, '_, '_>, binding: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", binding["metadata"]["name"].text());
    page.labels("Labels", &binding["metadata"]["labels"]);
    page.annotations("Annotations", &binding["metadata"]["annotations"]);
    page.line(0, "Role:");
    line!(page, 1, "Kind:\t{}", binding["roleRef"]["kind"].text());
    line!(page, 1, "Name:\t{}", binding["roleRef"]["name"].text());
    page.line(0, "Subjects:");
    page.line(1, "Kind\tName\tNamespace");
    page.line(1, "----\t----\t---------");
    for s in binding["subjects"].items() {
        line!(page, 1, "{}\t{}\t{}", s["kind"].text(), s["name"].text(), s["namespace"].text());
    }
    Ok(page.finish())
}
