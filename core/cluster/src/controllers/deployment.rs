//! Deployments: one ReplicaSet per template, moved from the old ones to the new one within maxSurge and
//! maxUnavailable (or all at once for Recreate), with revisions, pause and the progress deadline.
//!
//! Follows `pkg/controller/deployment` of Kubernetes 1.33. Rollback is what kubectl makes of it: a patch
//! of the template. Left out: the deprecated rollback annotation.

use drydock_machinery::sort::Arrange;
pub mod rolling;
pub mod sets;
pub mod status;

use crate::access::actor;
use crate::cluster::Cluster;
use crate::conditions::{self, Condition};
use crate::controller::Controller;
use crate::door::Edit;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use rolling::Budget;
use sets::{numbers, replicas, revision};
use status::PROGRESSING;
use std::sync::Arc;

const NAME: &str = "deployment-controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 5, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(_: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        // Of the status too: what somebody else writes there is put right.
        kinds::DEPLOYMENT
            if change.differs(|o| (o.spec.hash, o.metadata.hash, o.status.hash, o.deleting.is_some())) =>
        {
            mark(object.id)
        }
        kinds::REPLICA_SET => {
            for owner in [&change.before, &change.after].into_iter().flatten().filter_map(|o| o.controller) {
                mark(owner);
            }
            if object.controller.is_none() {
                // An orphan may be somebody's; only who selects it finds out.
                mark(object.id);
            }
        }
        // Recreate waits for the last old pod to go.
        kinds::POD if change.after.is_none() => {
            if let Some(set) = object.controller {
                mark(set);
            }
        }
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, key: Id) {
    let Some(object) = cluster.object(key) else { return };
    match object.kind {
        kinds::DEPLOYMENT => sync(cluster, machines, key),
        // A pod of a set went away, or a set has no owner: find the Deployments concerned.
        kinds::REPLICA_SET => match object.controller {
            Some(owner) => {
                let waits =
                    |o: &Object| o.kind == kinds::DEPLOYMENT && o.spec()["strategy"]["type"] == "Recreate";
                if cluster.object(owner).is_some_and(|o| waits(&o)) {
                    sync(cluster, machines, owner);
                }
            }
            None => {
                for deployment in cluster.in_namespace(kinds::DEPLOYMENT, &object.namespace) {
                    if cluster.selects(&deployment, object.labels()) {
                        sync(cluster, machines, deployment.id);
                    }
                }
            }
        },
        _ => {}
    }
}

/// The Deployment being worked on and what it may do.
struct Rollout {
    deployment: Arc<Object>,
    budget: Budget,
    recreate: bool,
}

fn sync(cluster: &mut Cluster, machines: &mut Machines, key: Id) {
    let Some(deployment) = cluster.object(key).filter(|o| o.kind == kinds::DEPLOYMENT) else { return };
    let spec = deployment.spec();
    let budget = Budget::of(
        spec["replicas"].as_int().unwrap_or(1),
        &spec["strategy"],
        deployment.status()["replicas"].int(),
    );
    let recreate = spec["strategy"]["type"] == "Recreate";
    let paused = spec["paused"].bool();
    cluster.claim(machines, &deployment, kinds::REPLICA_SET, NAME);
    let rollout = Rollout { deployment: deployment.clone(), budget, recreate };
    if deployment.deleting.is_some() {
        return rollout.write_status(cluster, machines);
    }
    if !rollout.note_pause(cluster, machines, paused) {
        return;
    }
    let Some(rollout) = rollout.fresh(cluster) else { return };
    if paused || rollout.is_scaling(cluster) {
        rollout.set_for_template(cluster, machines, false);
        rollout.scale(cluster, machines);
        if paused {
            rollout.clean_up(cluster, machines);
        }
        return rollout.write_status(cluster, machines);
    }
    if recreate { rollout.recreate(cluster, machines) } else { rollout.roll(cluster, machines) }
}

impl Rollout {
    fn fresh(self, cluster: &Cluster) -> Option<Rollout> {
        let deployment = cluster.object(self.deployment.id)?;
        Some(Rollout { deployment, ..self })
    }
    fn all(&self, cluster: &Cluster) -> Vec<Arc<Object>> {
        cluster.owned(self.deployment.id, kinds::REPLICA_SET)
    }
    /// The set of the present template, and the others.
    fn split(&self, cluster: &Cluster) -> (Option<Arc<Object>>, Vec<Arc<Object>>) {
        let template = &self.deployment.spec()["template"];
        let mut olds = self.all(cluster);
        let new = olds.iter().position(|s| sets::is_of(template, s)).map(|at| olds.remove(at));
        (new, olds)
    }
    /// Conditions DeploymentPaused and DeploymentResumed. False when a write says "come again".
    fn note_pause(&self, cluster: &mut Cluster, machines: &mut Machines, paused: bool) -> bool {
        if status::deadline(&self.deployment).is_none() {
            return true;
        }
        let mut list = self.deployment.status()["conditions"].items().to_vec();
        let reason = conditions::get(&list, PROGRESSING)["reason"].text().to_string();
        if reason == status::TIMED_OUT {
            return true;
        }
        let noted = reason == "DeploymentPaused";
        let (reason, message) = match (paused, noted) {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return true,
        };
        let now = cluster.stamp(machines);
        let new = Condition { kind: PROGRESSING, status: "Unknown", reason, message };
        conditions::set_workload(&mut list, &now, true, &new);
        let status = self.deployment.status().with("conditions", list);
        cluster.write_status(machines, NAME, &self.deployment, status)
    }
    /// True when an active set was sized for another number of replicas.
    fn is_scaling(&self, cluster: &Cluster) -> bool {
        let desired = |s: &Arc<Object>| s.annotation(sets::DESIRED).parse::<i64>().ok();
        let differs = |s: &Arc<Object>| desired(s).is_some_and(|n| n != self.budget.replicas);
        self.all(cluster).iter().any(|s| replicas(s) > 0 && differs(s))
    }
    /// Finds the set of the present template and keeps revisions up to date; makes it if asked to.
    fn set_for_template(
        &self,
        cluster: &mut Cluster,
        machines: &mut Machines,
        make: bool,
    ) -> Option<Arc<Object>> {
        let (new, olds) = self.split(cluster);
        let next = olds.iter().map(|s| revision(s)).max().unwrap_or(0) + 1;
        if let Some(set) = new {
            let wanted = sets::annotations(&self.deployment, set.annotations(), next);
            let ready = self.deployment.spec()["minReadySeconds"].clone();
            if wanted != *set.annotations() || ready.int() != set.spec()["minReadySeconds"].int() {
                let spec = if ready.int() == set.spec()["minReadySeconds"].int() {
                    set.spec().clone()
                } else {
                    set.spec().with("minReadySeconds", ready)
                };
                let metadata = set.metadata.value.with("annotations", wanted);
                cluster.write(machines, NAME, &set, Some(metadata), Some(spec));
            }
            let set = cluster.object(set.id)?;
            self.set_revision(cluster, machines, set.annotation(sets::REVISION));
            self.note_found(
                cluster,
                machines,
                "FoundNewReplicaSet",
                &format!("Found new replica set \"{}\"", set.name),
                false,
            );
            return Some(set);
        }
        if !make {
            return None;
        }
        let total: i64 = olds.iter().map(|s| replicas(s)).sum();
        let size = rolling::new_set_size(&self.budget, self.recreate, 0, total);
        let mut collisions = self.deployment.status()["collisionCount"].int();
        let made = loop {
            let hash = sets::template_hash(&self.deployment.spec()["template"], collisions);
            let manifest = sets::manifest(&self.deployment, &self.budget, next, size, &hash);
            match cluster.create(
                machines,
                &actor(NAME),
                kinds::REPLICA_SET,
                &self.deployment.namespace,
                manifest,
            ) {
                Ok(set) => break set,
                Err(status) if status.is_already_exists() && collisions < 8 => collisions += 1,
                Err(status) => {
                    let message = format!("Failed to create new replica set: {}", status.message);
                    self.note_found(cluster, machines, "ReplicaSetCreateError", &status.message, true);
                    cluster.warn(machines, &self.deployment, "ReplicaSetCreateError", message, NAME);
                    return None;
                }
            }
        };
        if size > 0 {
            self.announce(cluster, machines, &made, 0, size);
        }
        self.set_revision(cluster, machines, &next.to_string());
        let message = format!("Created new replica set \"{}\"", made.name);
        self.note_found(cluster, machines, "NewReplicaSetCreated", &message, true);
        Some(made)
    }
    fn set_revision(&self, cluster: &mut Cluster, machines: &mut Machines, revision: &str) {
        let Some(deployment) = cluster.object(self.deployment.id) else { return };
        if deployment.annotation(sets::REVISION) != revision {
            let metadata = deployment.metadata.value.with_at(&["annotations", sets::REVISION], revision);
            // Written with the status, as the real controller does: so its owner is noted.
            let edit = Edit { subresource: Some("status"), ..Edit::metadata(metadata) };
            let _ = cluster.update(machines, &actor(NAME), deployment.id, None, edit);
        }
    }
    /// Says in condition Progressing where the new set comes from; `always` also over another reason.
    fn note_found(
        &self,
        cluster: &mut Cluster,
        machines: &mut Machines,
        reason: &str,
        message: &str,
        always: bool,
    ) {
        let Some(deployment) = cluster.object(self.deployment.id) else { return };
        if status::deadline(&deployment).is_none() {
            return;
        }
        let mut list = deployment.status()["conditions"].items().to_vec();
        if !always && !conditions::get(&list, PROGRESSING).is_null() {
            return;
        }
        let now = cluster.stamp(machines);
        let is_failure = reason == "ReplicaSetCreateError";
        let new = Condition {
            kind: PROGRESSING,
            status: if is_failure { "False" } else { "True" },
            reason,
            message,
        };
        conditions::set_workload(&mut list, &now, true, &new);
        cluster.write_status(machines, NAME, &deployment, deployment.status().with("conditions", list));
    }
    fn announce(&self, cluster: &mut Cluster, machines: &mut Machines, set: &Object, from: i64, to: i64) {
        let way = if to > from { "up" } else { "down" };
        let message = format!("Scaled {way} replica set {} from {from} to {to}", set.name);
        cluster.inform(machines, &self.deployment, "ScalingReplicaSet", message, NAME);
    }
    /// Gives a set its size and the annotations that go with it. True when the size changed.
    fn resize(&self, cluster: &mut Cluster, machines: &mut Machines, set: &Arc<Object>, size: i64) -> bool {
        let annotations = sets::sized(set.annotations(), &self.budget);
        let before = replicas(set);
        if before == size && annotations == *set.annotations() {
            return false;
        }
        let metadata = set.metadata.value.with("annotations", annotations);
        let spec = (before != size).then(|| set.spec().with("replicas", size));
        cluster.write(machines, NAME, set, Some(metadata), spec);
        if before != size {
            self.announce(cluster, machines, set, before, size);
        }
        before != size
    }
    fn roll(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let Some(new) = self.set_for_template(cluster, machines, true) else {
            return self.write_rollout_status(cluster, machines);
        };
        let (_, olds) = self.split(cluster);
        let total = replicas(&new) + olds.iter().map(|s| replicas(s)).sum::<i64>();
        let size = rolling::new_set_size(&self.budget, false, replicas(&new), total);
        if size != replicas(&new) && self.resize(cluster, machines, &new, size) {
            return self.write_rollout_status(cluster, machines);
        }
        if olds.iter().any(|s| replicas(s) > 0) {
            let figures: Vec<_> = olds.iter().map(|s| numbers(s)).collect();
            let sizes = rolling::old_set_sizes(&self.budget, numbers(&new), &figures);
            for (set, size) in olds.iter().zip(sizes) {
                if size != replicas(set) {
                    self.resize(cluster, machines, set, size);
                }
            }
        }
        self.finish(cluster, machines);
    }
    fn recreate(&self, cluster: &mut Cluster, machines: &mut Machines) {
        self.set_for_template(cluster, machines, false);
        let (_, olds) = self.split(cluster);
        let mut scaled = false;
        for set in olds.iter().filter(|s| replicas(s) > 0) {
            scaled |= self.resize(cluster, machines, set, 0);
        }
        let runs = |s: &Arc<Object>| cluster.owned(s.id, kinds::POD).iter().any(|p| !p.is_finished());
        if scaled || olds.iter().any(runs) {
            return self.write_rollout_status(cluster, machines);
        }
        if let Some(new) = self.set_for_template(cluster, machines, true) {
            self.resize(cluster, machines, &new, self.budget.replicas);
        }
        self.finish(cluster, machines);
    }
    fn finish(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let complete = cluster
            .object(self.deployment.id)
            .is_some_and(|d| status::is_complete(&d, &self.budget, d.status()));
        if complete {
            self.clean_up(cluster, machines);
        }
        self.write_rollout_status(cluster, machines);
    }
    /// A change of `spec.replicas`, not of the template.
    fn scale(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let (new, olds) = self.split(cluster);
        let mut active: Vec<Arc<Object>> =
            olds.iter().chain(&new).filter(|s| replicas(s) > 0).cloned().collect();
        let single = match active.len() {
            0 => new.clone().or_else(|| olds.iter().max_by_key(|s| s.id).cloned()),
            1 => active.first().cloned(),
            _ => None,
        };
        if let Some(set) = single {
            if replicas(&set) != self.budget.replicas {
                self.resize(cluster, machines, &set, self.budget.replicas);
            } else {
                self.resize(cluster, machines, &set, replicas(&set));
            }
            return;
        }
        let want = self.budget.replicas;
        let saturated = |s: &Arc<Object>| {
            replicas(s) == want
                && s.annotation(sets::DESIRED).parse() == Ok(want)
                && s.status()["availableReplicas"].int() == want
        };
        if new.as_ref().is_some_and(saturated) {
            for set in olds.iter().filter(|s| replicas(s) > 0) {
                self.resize(cluster, machines, set, 0);
            }
            return;
        }
        if !self.recreate {
            active.arrange_by_key(|s| s.id);
            let figures: Vec<_> = active.iter().map(|s| numbers(s)).collect();
            for (set, size) in active.iter().zip(rolling::proportional(&self.budget, &figures)) {
                self.resize(cluster, machines, set, size);
            }
        }
    }
    fn clean_up(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let (_, olds) = self.split(cluster);
        for set in sets::outdated(&self.deployment, &olds) {
            cluster.drop_object(machines, NAME, set.id);
        }
    }
    fn write_status(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let Some(deployment) = cluster.object(self.deployment.id) else { return };
        let (new, _) = self.split(cluster);
        let now = cluster.stamp(machines);
        let status = status::calculate(&deployment, &self.budget, &self.all(cluster), new.as_ref(), &now);
        cluster.write_status(machines, NAME, &deployment, status);
    }
    fn write_rollout_status(&self, cluster: &mut Cluster, machines: &mut Machines) {
        let Some(deployment) = cluster.object(self.deployment.id) else { return };
        let (new, _) = self.split(cluster);
        let (unix, now) = (machines.clock.unix(), cluster.stamp(machines));
        let status =
            status::of_rollout(&deployment, &self.budget, &self.all(cluster), new.as_ref(), unix, &now);
        if let Some(at) = status::times_out_at(&deployment, &status) {
            let wait = (at + 1 - unix).max(1) as u64;
            cluster.mark_later(machines, NAME, deployment.id, wait * 1000);
        }
        cluster.write_status(machines, NAME, &deployment, status);
    }
}
