//! ResourceQuota (`k8s.io/apiserver/pkg/admission/plugin/resourcequota` and `pkg/quota/v1`, v1.33): what
//! an object adds to the usage of its namespace's quotas, and the refusal where that is too much.

pub(crate) mod usage;

use super::resources::{Amounts, add, amounts};
use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::{Id, Object};
use crate::status::Status;
use drydock_machinery::{Quantity, Sym, Value};
use std::sync::Arc;
use usage::Subject;

/// The new usage of quotas, to be written once the object is.
pub(crate) type Charges = Vec<(Id, Value)>;

/// True where quotas watch over a namespace: no remembered admission holds there.
pub(crate) fn watches(cluster: &Cluster, namespace: &str) -> bool {
    !namespace.is_empty() && cluster.store.list_in(kinds::RESOURCE_QUOTA, namespace).next().is_some()
}

/// Checks an object against its namespace's quotas; `old` is the one it replaces.
pub(crate) fn check(
    cluster: &Cluster,
    kind: KindId,
    record: &Kind,
    draft: &Draft,
    old: Option<&Object>,
) -> Result<Charges, Status> {
    let mut charges = Charges::new();
    if !watches(cluster, &draft.namespace) {
        return Ok(charges);
    }
    // Only claims and services may come to use more later.
    if old.is_some() && !matches!(kind, kinds::PERSISTENT_VOLUME_CLAIM | kinds::SERVICE) {
        return Ok(charges);
    }
    let subject = Subject { kind, record, spec: &draft.spec, status: &draft.status, ended: false };
    let refuse = |why: String| Err(Status::forbidden(record, &draft.name, &why));
    let mut delta = usage::of(&subject);
    if let Some(old) = old {
        let before = Subject { spec: old.spec(), status: old.status(), ..subject };
        for (name, amount) in usage::of(&before) {
            let now = delta.get(&name).copied().unwrap_or(Quantity::from_int(0));
            delta.insert(name, now - amount);
        }
    }
    delta.retain(|_, amount| !amount.is_zero());
    let quotas: Vec<Arc<Object>> =
        cluster.store.list_in(kinds::RESOURCE_QUOTA, &draft.namespace).cloned().collect();
    let mut interesting = Vec::new();
    for quota in &quotas {
        let hard = &quota.status()["hard"];
        let hard = if hard.is_null() { &quota.spec()["hard"] } else { hard };
        let names: Vec<&str> = hard.entries().iter().map(|(name, _)| name.text()).collect();
        let matching: Vec<&str> = names.into_iter().filter(|name| usage::covers(&subject, name)).collect();
        if matching.is_empty() || !usage::in_scope(quota, &subject) {
            continue;
        }
        if kind == kinds::POD
            && let Some(missing) = usage::missing(&draft.spec, &matching)
        {
            return refuse(format!("failed quota: {}: must specify {missing}", quota.name));
        }
        let used = &quota.status()["used"];
        if !matching.iter().all(|name| used.find(name).is_some()) {
            let names = matching.join(",");
            return refuse(format!("status unknown for quota: {}, resources: {names}", quota.name));
        }
        interesting.push(quota);
    }
    for quota in interesting {
        let (hard, used) = (amounts(&quota.status()["hard"]), amounts(&quota.status()["used"]));
        let asked: Amounts = delta
            .iter()
            .filter(|(name, _)| hard.contains_key(*name))
            .map(|(name, amount)| (name.clone(), *amount))
            .collect();
        let mut sum = used.clone();
        add(&mut sum, &asked);
        let over: Vec<&String> = asked
            .keys()
            .filter(|name| matches!((sum.get(*name), hard.get(*name)), (Some(s), Some(h)) if s > h))
            .collect();
        if !over.is_empty() {
            let list = |amounts: &Amounts| {
                let texts = over.iter().filter_map(|n| Some(format!("{n}={}", amounts.get(*n)?)));
                texts.collect::<Vec<_>>().join(",")
            };
            return refuse(format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                quota.name,
                list(&asked),
                list(&used),
                list(&hard)
            ));
        }
        if !asked.is_empty() {
            charges.push((quota.id, quota.status().with("used", listed(&sum))));
        }
    }
    Ok(charges)
}

/// Amounts as an object holds them.
pub(crate) fn listed(amounts: &Amounts) -> Value {
    Value::from_entries(amounts.iter().map(|(k, v)| (Sym::new(k), v.to_string().into())).collect())
}
