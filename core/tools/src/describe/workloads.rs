//! ReplicaSets, ReplicationControllers, DaemonSets and StatefulSets.

use super::page::{Page, controller, date, line, pairs, plain, quantity, selector, selector_text};
use super::{Ask, events, template};
use crate::kubectl::Failure;
use drydock_machinery::{Value, value};

/// `3 Running / 0 Waiting / 0 Succeeded / 0 Failed` of the pods an object controls.
fn pods_status(ask: &mut Ask<'_, '_, '_>, object: &Value, labels: &str) -> Result<String, Failure> {
    let uid = object["metadata"]["uid"].text().to_string();
    let pods = ask.pods(labels)?;
    let count = |phase: &str| {
        let mine = |p: &&Value| {
            let owners = p["metadata"]["ownerReferences"].items();
            owners.iter().any(|o| o["controller"].bool() && o["uid"] == uid.as_str())
        };
        pods.iter().filter(mine).filter(|p| p["status"]["phase"] == phase).count()
    };
    Ok(format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    ))
}

pub(super) fn name(page: &mut Page, object: &Value) {
    line!(page, 0, "Name:\t{}", object["metadata"]["name"].text());
    line!(page, 0, "Namespace:\t{}", object["metadata"]["namespace"].text());
}

pub(super) fn marks(page: &mut Page, object: &Value) {
    page.labels("Labels", &object["metadata"]["labels"]);
    page.annotations("Annotations", &object["metadata"]["annotations"]);
}

pub fn replica_set(ask: &mut Ask<'_, '_, '_>, rs: &Value) -> Result<String, Failure> {
    let (spec, status) = (&rs["spec"], &rs["status"]);
    let pods = pods_status(ask, rs, &selector_text(&spec["selector"]));
    let happened = ask.events_of(rs);
    let mut page = ask.page();
    name(&mut page, rs);
    line!(page, 0, "Selector:\t{}", selector(&spec["selector"]));
    marks(&mut page, rs);
    if let Some(owner) = controller(rs) {
        line!(page, 0, "Controlled By:\t{owner}");
    }
    line!(page, 0, "Replicas:\t{} current / {} desired", status["replicas"].int(), spec["replicas"].int());
    match pods {
        Ok(text) => line!(page, 0, "Pods Status:\t{text}"),
        Err(failure) => line!(page, 0, "Pods Status:\terror in fetching pods: {}", failure.text()),
    }
    template::write(&mut page, &spec["template"]);
    page.conditions(&status["conditions"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn replication_controller(ask: &mut Ask<'_, '_, '_>, rc: &Value) -> Result<String, Failure> {
    let (spec, status) = (&rc["spec"], &rc["status"]);
    let labels = value!({"matchLabels": (spec["selector"].clone())});
    let pods = pods_status(ask, rc, &selector_text(&labels))?;
    let happened = ask.events_of(rc);
    let mut page = ask.page();
    name(&mut page, rc);
    line!(page, 0, "Selector:\t{}", pairs(&spec["selector"]));
    marks(&mut page, rc);
    line!(page, 0, "Replicas:\t{} current / {} desired", status["replicas"].int(), spec["replicas"].int());
    line!(page, 0, "Pods Status:\t{pods}");
    template::write(&mut page, &spec["template"]);
    page.conditions(&status["conditions"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn daemon_set(ask: &mut Ask<'_, '_, '_>, ds: &Value) -> Result<String, Failure> {
    let (spec, status) = (&ds["spec"], &ds["status"]);
    let pods = pods_status(ask, ds, &selector_text(&spec["selector"]))?;
    let happened = ask.events_of(ds);
    let mut page = ask.page();
    name(&mut page, ds);
    line!(page, 0, "Selector:\t{}", selector_text(&spec["selector"]));
    line!(page, 0, "Node-Selector:\t{}", pairs(&spec["template"]["spec"]["nodeSelector"]));
    marks(&mut page, ds);
    for (title, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        line!(page, 0, "{title}: {}", status[field].int());
    }
    line!(page, 0, "Pods Status:\t{pods}");
    template::write(&mut page, &spec["template"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn stateful_set(ask: &mut Ask<'_, '_, '_>, sts: &Value) -> Result<String, Failure> {
    let (spec, status) = (&sts["spec"], &sts["status"]);
    let pods = pods_status(ask, sts, &selector_text(&spec["selector"]))?;
    let happened = ask.events_of(sts);
    let mut page = ask.page();
    name(&mut page, sts);
    line!(page, 0, "CreationTimestamp:\t{}", date(&sts["metadata"]["creationTimestamp"]));
    line!(page, 0, "Selector:\t{}", selector_text(&spec["selector"]));
    marks(&mut page, sts);
    line!(page, 0, "Replicas:\t{} desired | {} total", spec["replicas"].int(), status["replicas"].int());
    let strategy = &spec["updateStrategy"];
    line!(page, 0, "Update Strategy:\t{}", strategy["type"].text());
    let rolling = &strategy["rollingUpdate"];
    if let Some(partition) = rolling["partition"].as_int() {
        line!(page, 1, "Partition:\t{partition}");
        if !rolling["maxUnavailable"].is_null() {
            line!(page, 1, "MaxUnavailable:\t{}", plain(&rolling["maxUnavailable"]));
        }
    }
    line!(page, 0, "Pods Status:\t{pods}");
    template::write(&mut page, &spec["template"]);
    claims(&mut page, &spec["volumeClaimTemplates"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn claims(page: &mut Page, templates: &Value) {
    if templates.items().is_empty() {
        page.line(0, "Volume Claims:\t<none>");
        return;
    }
    page.line(0, "Volume Claims:");
    for claim in templates.items() {
        let (metadata, spec) = (&claim["metadata"], &claim["spec"]);
        line!(page, 1, "Name:\t{}", metadata["name"].text());
        line!(page, 1, "StorageClass:\t{}", spec["storageClassName"].text());
        page.labels_indented("  ", "Labels", &metadata["labels"]);
        page.labels_indented("  ", "Annotations", &metadata["annotations"]);
        let storage = &spec["resources"]["requests"]["storage"];
        let capacity = if storage.is_null() { "<default>".into() } else { quantity(storage) };
        line!(page, 1, "Capacity:\t{capacity}");
        line!(page, 1, "Access Modes:\t{}", super::page::bracketed(&spec["accessModes"]));
    }
}
