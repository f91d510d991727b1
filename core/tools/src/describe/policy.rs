//! PodDisruptionBudgets and PriorityClasses.

use super::page::{line, pairs, plain, selector};
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::Value;

pub fn budget(ask: &mut Ask<'_, '_, '_>, budget: &Value) -> Result<String, Failure> {
    let (spec, status) = (&budget["spec"], &budget["status"]);
    let happened = ask.events_of(budget);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", budget["metadata"]["name"].text());
    line!(page, 0, "Namespace:\t{}", budget["metadata"]["namespace"].text());
    if !spec["minAvailable"].is_null() {
        line!(page, 0, "Min available:\t{}", plain(&spec["minAvailable"]));
    } else if !spec["maxUnavailable"].is_null() {
        line!(page, 0, "Max unavailable:\t{}", plain(&spec["maxUnavailable"]));
    }
    let chosen = if spec["selector"].is_map() { selector(&spec["selector"]) } else { "<unset>".into() };
    line!(page, 0, "Selector:\t{chosen}");
    page.line(0, "Status:");
    for (title, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        line!(page, 2, "{title}:\t{}", status[field].int());
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn priority_class(ask: &mut Ask<'_, '_, '_>, class: &Value) -> Result<String, Failure> {
    let happened = ask.events_of(class);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", class["metadata"]["name"].text());
    line!(page, 0, "Value:\t{}", class["value"].int());
    line!(page, 0, "GlobalDefault:\t{}", class["globalDefault"].bool());
    let preemption = if class["preemptionPolicy"].is_null() {
        "PreemptLowerPriority"
    } else {
        class["preemptionPolicy"].text()
    };
    line!(page, 0, "PreemptionPolicy:\t{preemption}");
    line!(page, 0, "Description:\t{}", class["description"].text());
    line!(page, 0, "Annotations:\t{}", pairs(&class["metadata"]["annotations"]));
    events::write(&mut page, happened);
    Ok(page.finish())
}
