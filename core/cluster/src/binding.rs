//! Binding: a pod's place on a node, written once (`BindingREST` of
//! `k8s.io/kubernetes/pkg/registry/core/pod/storage`, v1.33). Nobody owns the fields it sets.

use crate::cluster::Cluster;
use crate::door::gone;
use crate::kinds::{self, Kind};
use crate::object::{Id, Object, Part};
use crate::status::Status;
use drydock_container::Machines;
use std::sync::Arc;

impl Cluster {
    /// Binds a pod to a node, as the scheduler does.
    pub fn bind(&mut self, machines: &mut Machines, pod: Id, node: Id) -> Result<Arc<Object>, Status> {
        let (Some(old), Some(node)) = (self.store.get(pod).cloned(), self.store.get(node).cloned()) else {
            return Err(gone());
        };
        if let Some(bound) = old.node.and_then(|id| self.store.get(id)) {
            let record = Kind { plural: "pods/binding", ..kinds::POD_KIND };
            let why = format!("pod {} is already assigned to node \"{}\"", old.name, bound.name);
            return Err(Status::conflict(&record, &old.name, &why));
        }
        let spec = old.spec.value.with("nodeName", &node.name);
        let spec = self.shared_spec(&old, node.id, spec.into());
        let status = self.scheduled_status(machines, &old);
        self.commit(machines, Object { node: Some(node.id), spec, status, ..Object::clone(&old) })
    }
    /// The same spec a sibling on that node has, so that it is kept once.
    fn shared_spec(&self, pod: &Object, node: Id, spec: Part) -> Part {
        let siblings = self.store.pods_on(node).rev().take(8);
        let mut same = siblings.filter(|s| s.controller == pod.controller && s.spec == spec);
        same.next().map_or(spec, |sibling| sibling.spec.clone())
    }
}
