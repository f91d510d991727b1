//! Pod templates of workloads, and the scheduling lines pods share with them.

use super::page::{Page, line, selector};
use super::{containers, volumes};
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// The Pod Template block.
pub fn write(page: &mut Page, template: &Value) {
    page.line(0, "Pod Template:");
    let (metadata, spec) = (&template["metadata"], &template["spec"]);
    page.labels("  Labels", &metadata["labels"]);
    if !metadata["annotations"].entries().is_empty() {
        page.annotations("  Annotations", &metadata["annotations"]);
    }
    if !spec["serviceAccountName"].is_empty() {
        line!(page, 1, "Service Account:\t{}", spec["serviceAccountName"].text());
    }
    if !spec["initContainers"].items().is_empty() {
        containers::write(page, "Init Containers", &spec["initContainers"], None, None, "  ");
    }
    containers::write(page, "Containers", &spec["containers"], None, None, "  ");
    volumes::write(page, &spec["volumes"], "  ");
    spread(page, &spec["topologySpreadConstraints"], "  ");
    if !spec["priorityClassName"].is_empty() {
        line!(page, 1, "Priority Class Name:\t{}", spec["priorityClassName"].text());
    }
    page.labels("  Node-Selectors", &spec["nodeSelector"]);
    tolerations(page, "  Tolerations", &spec["tolerations"]);
}

/// One toleration a line: `key=value:Effect op=Exists for 300s`.
pub fn tolerations(page: &mut Page, title: &str, tolerations: &Value) {
    page.put(0, &format!("{title}:\t"));
    let mut sorted: Vec<&Value> = tolerations.items().iter().collect();
    sorted.arrange_by_key(|t| t["key"].text());
    if sorted.is_empty() {
        page.line(0, "<none>");
    }
    for (at, toleration) in sorted.iter().enumerate() {
        if at > 0 {
            page.put(0, "\t");
        }
        let mut text = toleration["key"].text().to_string();
        if !toleration["value"].is_empty() {
            text += &format!("={}", toleration["value"].text());
        }
        if !toleration["effect"].is_empty() {
            text += &format!(":{}", toleration["effect"].text());
        }
        if toleration["operator"] == "Exists" && toleration["value"].is_empty() {
            text += if text.is_empty() { "op=Exists" } else { " op=Exists" };
        }
        if let Some(seconds) = toleration["tolerationSeconds"].as_int() {
            text += &format!(" for {seconds}s");
        }
        page.line(0, &text);
    }
}

/// Topology spread constraints, when there are any.
pub fn spread(page: &mut Page, constraints: &Value, space: &str) {
    let mut sorted: Vec<&Value> = constraints.items().iter().collect();
    if sorted.is_empty() {
        return;
    }
    sorted.arrange_by_key(|c| c["topologyKey"].text());
    page.put(0, &format!("{space}Topology Spread Constraints:\t"));
    for (at, constraint) in sorted.iter().enumerate() {
        if at > 0 {
            page.put(0, &format!("{space}\t"));
        }
        let mut text = format!(
            "{}:{} when max skew {} is exceeded",
            constraint["topologyKey"].text(),
            constraint["whenUnsatisfiable"].text(),
            constraint["maxSkew"].int()
        );
        if constraint["labelSelector"].is_map() {
            text += &format!(" for selector {}", selector(&constraint["labelSelector"]));
        }
        page.line(0, &text);
    }
}
