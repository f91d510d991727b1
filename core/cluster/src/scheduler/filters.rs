//! Filters: why a pod may not go to a node, in the order of the default profile; the first one that
//! refuses speaks. Texts as the plugins of Kubernetes 1.33 have them.

use super::affinity;
use super::demand::Demand;
use super::pods::Surroundings;
use super::rooms::Room;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// A refusal: the plugin, its reasons, and whether evicting pods could change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub plugin: &'static str,
    pub reasons: Vec<String>,
    pub resolvable: bool,
}

fn refuse(plugin: &'static str, resolvable: bool, reason: impl Into<String>) -> Option<Refusal> {
    Some(Refusal { plugin, reasons: vec![reason.into()], resolvable })
}

/// What is looked at for one pod.
pub struct Question<'a> {
    pub spec: &'a Value,
    pub demand: &'a Demand,
    pub surroundings: &'a Surroundings,
}

/// One filter; none means it has nothing against the node.
pub type Filter = fn(&Question<'_>, &Room) -> Option<Refusal>;

/// The default profile's filters in order.
pub const FILTERS: &[Filter] =
    &[unschedulable, node_name, taints, node_affinity, ports, resources, topology_spread, pod_affinity];

/// The first refusal.
#[must_use]
pub fn check(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    FILTERS.iter().find_map(|filter| filter(question, room))
}

fn unschedulable(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    if !room.unschedulable {
        return None;
    }
    let taint =
        drydock_machinery::value!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    if affinity::tolerates(&question.spec["tolerations"], &taint) {
        return None;
    }
    refuse("NodeUnschedulable", false, "node(s) were unschedulable")
}

fn node_name(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    let wanted = question.spec["nodeName"].text();
    if wanted.is_empty() || wanted == &*room.name {
        return None;
    }
    refuse("NodeName", false, "node(s) didn't match the requested node name")
}

fn taints(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    if room.taints.items().is_empty() {
        return None;
    }
    let effects = ["NoSchedule", "NoExecute"];
    let taint = affinity::untolerated(&question.spec["tolerations"], &room.taints, &effects)?;
    let (key, value) = (taint["key"].text(), taint["value"].text());
    refuse("TaintToleration", false, format!("node(s) had untolerated taint {{{key}: {value}}}"))
}

fn node_affinity(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    if affinity::allows(question.spec, &room.labels, &room.name) {
        return None;
    }
    refuse("NodeAffinity", false, "node(s) didn't match Pod's node affinity/selector")
}

fn ports(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    let taken = |wanted: &super::demand::HostPort| room.ports.iter().any(|p| p.collides(wanted));
    if !question.demand.ports.iter().any(taken) {
        return None;
    }
    refuse("NodePorts", true, "node(s) didn't have free ports for the requested pod ports")
}

fn resources(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    let (asked, used, total) = (&question.demand.amounts, &room.used, &room.total);
    let mut reasons = Vec::new();
    let mut resolvable = true;
    if room.pods + 1 > room.max_pods {
        reasons.push("Too many pods".to_string());
    }
    let mut lacks = |name: &str, asked: i64, used: i64, total: i64| {
        if asked > 0 && asked > total - used {
            reasons.push(format!("Insufficient {name}"));
            resolvable &= asked <= total;
        }
    };
    lacks("cpu", asked.cpu, used.cpu, total.cpu);
    lacks("memory", asked.memory, used.memory, total.memory);
    lacks("ephemeral-storage", asked.storage, used.storage, total.storage);
    for (name, n) in &asked.other {
        let of = |m: &std::collections::BTreeMap<_, i64>| m.get(name).copied().unwrap_or(0);
        lacks(name.text(), *n, of(&used.other), of(&total.other));
    }
    (!reasons.is_empty()).then_some(Refusal { plugin: "NodeResourcesFit", reasons, resolvable })
}

fn topology_spread(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    question.surroundings.spread_refusal(room)
}

fn pod_affinity(question: &Question<'_>, room: &Room) -> Option<Refusal> {
    question.surroundings.affinity_refusal(room)
}

/// `FitError`'s text: how many nodes refuse for which reason, and that preemption cannot help.
#[must_use]
pub fn message(nodes: usize, refusals: &[Refusal], preemption: Preemption) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let filters = refusals.iter().flat_map(|r| r.reasons.iter().cloned());
    let after = match preemption {
        Preemption::Never => " preemption: not eligible due to preemptionPolicy=Never.".to_string(),
        Preemption::NoVictims => {
            let outcome = |r: &Refusal| {
                if r.resolvable {
                    "No preemption victims found for incoming pod"
                } else {
                    "Preemption is not helpful for scheduling"
                }
            };
            let list = histogram(refusals.iter().map(|r| outcome(r).to_string()));
            format!(" preemption: 0/{nodes} nodes are available: {list}.")
        }
    };
    format!("0/{nodes} nodes are available: {}.{after}", histogram(filters))
}

/// What preemption came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemption {
    NoVictims,
    Never,
}

/// `1 a, 2 b`: sorted as text, counts included.
fn histogram(reasons: impl Iterator<Item = String>) -> String {
    let mut counts: std::collections::BTreeMap<String, usize> = Default::default();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut lines: Vec<String> = counts.into_iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    lines.arrange();
    lines.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_and_sorted_as_text() {
        let taint = Refusal {
            plugin: "TaintToleration",
            reasons: vec!["node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }".into()],
            resolvable: false,
        };
        let lack = Refusal {
            plugin: "NodeResourcesFit",
            reasons: vec!["Insufficient cpu".into(), "Insufficient memory".into()],
            resolvable: true,
        };
        assert_eq!(
            message(3, &[taint, lack.clone(), lack], Preemption::NoVictims),
            "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, \
             2 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available: 1 Preemption is not \
             helpful for scheduling, 2 No preemption victims found for incoming pod."
        );
        assert_eq!(message(0, &[], Preemption::NoVictims), "no nodes available to schedule pods");
    }
}
