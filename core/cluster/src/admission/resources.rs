//! What the containers of a pod ask for together (`k8s.io/component-helpers/resource`, v1.33): the sum
//! of those that run, or what an init container needs alone if that is more.

use drydock_machinery::{Quantity, Value};
use std::collections::BTreeMap;

/// Amounts by resource name.
pub(crate) type Amounts = BTreeMap<String, Quantity>;

/// The amounts of a ResourceList; what cannot be read is left out.
pub(crate) fn amounts(list: &Value) -> Amounts {
    let entries = list.entries().iter();
    entries.filter_map(|(name, text)| Some((name.text().to_string(), Quantity::from_value(text)?))).collect()
}

pub(crate) fn add(to: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        let sum = to.get(name).map_or(*amount, |known| *known + *amount);
        to.insert(name.clone(), sum);
    }
}

fn most(to: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        if to.get(name).is_none_or(|known| known < amount) {
            to.insert(name.clone(), *amount);
        }
    }
}

/// `field` is `requests` or `limits`.
pub(super) fn of_pod(spec: &Value, field: &str) -> Amounts {
    let of = |container: &Value| amounts(&container["resources"][field]);
    let mut sum = Amounts::new();
    for container in spec["containers"].items() {
        add(&mut sum, &of(container));
    }
    let (mut sidecars, mut peak) = (Amounts::new(), Amounts::new());
    for container in spec["initContainers"].items() {
        let mut own = of(container);
        if container["restartPolicy"] == "Always" {
            add(&mut sum, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        most(&mut peak, &own);
    }
    most(&mut sum, &peak);
    for (name, amount) in amounts(&spec["overhead"]) {
        // A limit there is none of is not made by overhead.
        if field == "requests" || sum.contains_key(&name) {
            add(&mut sum, &Amounts::from([(name, amount)]));
        }
    }
    sum
}

/// Every container of a pod's spec, init containers too.
pub(super) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    spec["containers"].items().iter().chain(spec["initContainers"].items())
}
