//! Deployments, with their ReplicaSets.

use super::page::{date, line, plain, selector_text};
use super::{Ask, events, template};
use crate::kubectl::Failure;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

pub fn describe(ask: &mut Ask<'_, '_, '_>, deployment: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&deployment["metadata"], &deployment["spec"], &deployment["status"]);
    let happened = ask.events_of(deployment);
    let labels = selector_text(&spec["selector"]);
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", ask.namespace);
    let sets = ask.list(&path, &labels, "", true).unwrap_or_default();
    let (old, new) = split(deployment, sets);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    line!(page, 0, "Namespace:\t{}", metadata["namespace"].text());
    line!(page, 0, "CreationTimestamp:\t{}", date(&metadata["creationTimestamp"]));
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "Selector:\t{labels}");
    let n = |field: &str| status[field].int();
    line!(
        page,
        0,
        "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
        spec["replicas"].int(),
        n("updatedReplicas"),
        n("replicas"),
        n("availableReplicas"),
        n("unavailableReplicas")
    );
    line!(page, 0, "StrategyType:\t{}", spec["strategy"]["type"].text());
    line!(page, 0, "MinReadySeconds:\t{}", spec["minReadySeconds"].int());
    let rolling = &spec["strategy"]["rollingUpdate"];
    if rolling.is_map() {
        let (unavailable, surge) = (plain(&rolling["maxUnavailable"]), plain(&rolling["maxSurge"]));
        line!(page, 0, "RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge");
    }
    template::write(&mut page, &spec["template"]);
    page.conditions(&status["conditions"]);
    if !old.is_empty() || !new.is_empty() {
        line!(page, 0, "OldReplicaSets:\t{}", names(&old));
        line!(page, 0, "NewReplicaSet:\t{}", names(&new));
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

/// The sets of earlier templates, and the one (or none) of the present template.
#[must_use]
pub fn split(deployment: &Value, sets: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    let uid = deployment["metadata"]["uid"].text();
    let owned = |rs: &Value| {
        let owners = rs["metadata"]["ownerReferences"].items();
        owners.iter().any(|o| o["controller"].bool() && o["uid"] == uid)
    };
    let mut mine: Vec<Value> = sets.into_iter().filter(owned).collect();
    mine.arrange_by(|a, b| {
        let key = |v: &Value| {
            let m = &v["metadata"];
            (m["creationTimestamp"].text().to_string(), m["name"].text().to_string())
        };
        key(a).cmp(&key(b))
    });
    let bare = |template: &Value| template.without_at(&["metadata", "labels", "pod-template-hash"]);
    let wanted = bare(&deployment["spec"]["template"]);
    let new = mine.iter().position(|rs| bare(&rs["spec"]["template"]) == wanted);
    let new: Vec<Value> = new.map(|at| mine.remove(at)).into_iter().collect();
    (mine, new)
}

fn names(sets: &[Value]) -> String {
    let each = |rs: &Value| {
        let (have, want) = (rs["status"]["replicas"].int(), rs["spec"]["replicas"].int());
        format!("{} ({have}/{want} replicas created)", rs["metadata"]["name"].text())
    };
    let names: Vec<String> = sets.iter().map(each).collect();
    if names.is_empty() { "<none>".into() } else { names.join(", ") }
}
