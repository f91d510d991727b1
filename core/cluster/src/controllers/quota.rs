//! Counts what a namespace uses of its quotas (`pkg/controller/resourcequota`, v1.33): when a quota is
//! made or changed, and when something goes that was counted. What is added is charged by admission.

use crate::access::Fields;
use crate::admission::{add, amounts, listed, usage};
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Quantity;
use std::collections::BTreeMap;
use std::sync::Arc;

const NAME: &str = "resourcequota-controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 50, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object().filter(|o| !o.namespace.is_empty()) else { return };
    if object.kind == kinds::RESOURCE_QUOTA && !change.is_removed() && change.spec_differs() {
        mark(object.id);
    }
    let less = match object.kind {
        _ if change.is_removed() => true,
        _ if change.is_created() => false,
        kinds::POD => change.differs(Object::is_finished),
        kinds::SERVICE | kinds::PERSISTENT_VOLUME_CLAIM => change.differs(|o| o.spec.hash),
        _ => false,
    };
    if less {
        cluster.store.list_in(kinds::RESOURCE_QUOTA, &object.namespace).for_each(|quota| mark(quota.id));
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(quota) = cluster.object(id).filter(|o| o.kind == kinds::RESOURCE_QUOTA) else { return };
    let hard = amounts(&quota.spec()["hard"]);
    let mut used: BTreeMap<String, Quantity> =
        hard.keys().map(|name| (name.clone(), Quantity::from_int(0))).collect();
    let now = machines.clock.unix();
    let counted: Vec<_> =
        cluster.kinds().filter(|(_, kind)| kind.namespaced).map(|(id, kind)| (id, *kind)).collect();
    for (kind, record) in counted {
        let probe = usage::Subject {
            kind,
            record: &record,
            spec: &drydock_machinery::Value::Null,
            status: &drydock_machinery::Value::Null,
            ended: false,
        };
        if !hard.keys().any(|name| usage::covers(&probe, name)) {
            continue;
        }
        let objects: Vec<Arc<Object>> = cluster.in_namespace(kind, &quota.namespace);
        for object in objects {
            let ended = object.deleting.is_some_and(|d| d.at < now);
            let subject = usage::Subject { spec: object.spec(), status: object.status(), ended, ..probe };
            let scoped = usage::in_scope(&quota, &subject);
            if scoped {
                let own = usage::of(&subject);
                let own = own.into_iter().filter(|(name, _)| hard.contains_key(name)).collect();
                add(&mut used, &own);
            }
        }
    }
    let mut status = Fields::default();
    status.put("hard", quota.spec()["hard"].clone());
    status.put("used", listed(&used));
    cluster.write_status(machines, NAME, &quota, status.value());
}
