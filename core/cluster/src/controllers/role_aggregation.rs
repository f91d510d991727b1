//! ClusterRoles whose rules are the sum of other roles'
//! (`pkg/controller/clusterroleaggregation`, v1.33).

use crate::access::{actor, selector_matches};
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::door::Edit;
use crate::kinds;
use crate::object::Id;
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Value;

const NAME: &str = "clusterrole-aggregation-controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 5, observe, reconcile: aggregate, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object().filter(|o| o.kind == kinds::CLUSTER_ROLE) else { return };
    if !change.differs(|o| (o.rest.hash, o.metadata.value.get("labels").content_hash())) {
        return;
    }
    // Any role may be part of any that aggregates; there are few of those.
    let sums = cluster.store.list(kinds::CLUSTER_ROLE);
    for role in sums.filter(|role| !role.field("aggregationRule").is_empty()) {
        if role.id == object.id || selects(role.field("aggregationRule"), change) {
            mark(role.id);
        }
    }
}

fn selects(rule: &Value, change: &Change) -> bool {
    let sides = [&change.before, &change.after];
    let mut labels = sides.into_iter().flatten().map(|o| o.labels());
    labels.any(|labels| matches(rule, labels))
}

fn matches(rule: &Value, labels: &Value) -> bool {
    rule["clusterRoleSelectors"].items().iter().any(|selector| {
        // An empty selector selects every role.
        selector.entries().is_empty() || selector_matches(selector, labels)
    })
}

/// Writes the sum of the selected roles' rules, each once, in the order of the selectors and names.
pub(crate) fn aggregate(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(role) = cluster.object(id).filter(|o| o.kind == kinds::CLUSTER_ROLE) else { return };
    let rule = role.field("aggregationRule");
    if rule.is_empty() {
        return;
    }
    let mut rules: Vec<Value> = Vec::new();
    for selector in rule["clusterRoleSelectors"].items() {
        for part in cluster.store.list(kinds::CLUSTER_ROLE).filter(|part| part.id != role.id) {
            if !(selector.entries().is_empty() || selector_matches(selector, part.labels())) {
                continue;
            }
            for rule in part.field("rules").items() {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    let rules = Value::from_items(rules);
    if *role.field("rules") != rules {
        let rest = role.rest.value.with("rules", rules);
        // Gone meanwhile is as good as written.
        let _ = cluster.update(machines, &actor(NAME), role.id, None, Edit::rest(rest));
    }
}
