//! Removing images: what is untagged, what is deleted, and what stands in the way. Follows
//! `daemon/images/image_delete.go` of moby 26.1.

use crate::Docker;
use crate::container::Status;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::images::list::labels;
use crate::json::Json;
use crate::system::answer;
use crate::{ids, json};
use drydock_container::Machines;
use drydock_container::images::reference::Reference;
use drydock_machinery::hash::sha256_hex;
use drydock_network::http::Response;
use std::sync::Arc;

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    Untagged(String),
    Deleted(String),
}

impl Gone {
    fn json(&self) -> Json {
        match self {
            Gone::Untagged(name) => json!({"Untagged": name}),
            Gone::Deleted(id) => json!({"Deleted": id}),
        }
    }
}

/// `DELETE /images/{name}`.
///
/// # Errors
/// Conflicts with containers, children and further names.
pub fn remove(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let (force, prune) = (call.flag("force"), !call.flag("noprune"));
    let gone = call.docker.remove_image(call.machines, typed, force, prune)?;
    Ok(answer(200, &Json::list(gone.iter().map(Gone::json))))
}

/// The ids of a layer chain, the top one first.
fn chain(layers: &[drydock_container::images::Layer]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for layer in layers {
        let id = match out.last() {
            None => layer.diff_id.to_string(),
            Some(below) => sha256_hex(format!("sha256:{below} sha256:{}", layer.diff_id).as_bytes()),
        };
        out.push(id);
    }
    out.reverse();
    out
}

impl Docker {
    /// Removes a name, or an image with all its names.
    ///
    /// # Errors
    /// See [`remove`].
    pub fn remove_image(
        &mut self,
        machines: &mut Machines,
        typed: &str,
        force: bool,
        prune: bool,
    ) -> Result<Vec<Gone>, Fault> {
        let record = self.images.find(typed)?;
        let id = record.image.id.clone();
        let mut gone = Vec::new();
        let bare = typed.strip_prefix("sha256:").unwrap_or(typed);
        let by_id = id.starts_with(bare);
        if by_id {
            let names = self.names_of(&id);
            let repositories: std::collections::BTreeSet<String> =
                names.iter().map(Reference::name).collect();
            let tags = names.iter().filter(|r| r.digest.is_none()).count();
            if repositories.len() > 1 || tags > 1 {
                if !force {
                    return Err(conflict(
                        &id,
                        "must be forced",
                        "image is referenced in multiple repositories",
                    ));
                }
                if let Some(text) = self.hard_conflict(&id) {
                    return Err(conflict(&id, "cannot be forced", &text));
                }
            } else if let Some((hard, text)) = self.any_conflict(&id)
                && (hard || !force)
            {
                let how = if hard { "cannot be forced" } else { "must be forced" };
                return Err(conflict(&id, how, &text));
            }
            for name in names {
                self.untag(machines, &name, &id, &mut gone);
            }
        } else {
            let reference = Reference::parse(typed).map_err(Fault::invalid)?;
            let single = {
                let names = self.names_of(&id);
                let repositories: std::collections::BTreeSet<String> =
                    names.iter().map(Reference::name).collect();
                names.iter().filter(|r| r.digest.is_none()).count() <= 1 && repositories.len() == 1
            };
            let user = self.containers.values().filter(|c| c.image.id == id).max_by_key(|c| c.number);
            if let Some(user) = user.filter(|_| single && !force) {
                return Err(Fault::conflict(format!(
                    "conflict: unable to remove repository reference \"{typed}\" (must force) - container {} is using its referenced image {}",
                    user.short_id(),
                    ids::short(&id)
                )));
            }
            self.untag(machines, &reference, &id, &mut gone);
            let rest = self.names_of(&id);
            let same = |r: &Reference| r.name() == reference.name();
            // Digests of a repository without tags go with its last tag.
            if reference.digest.is_none() && !rest.iter().any(|r| same(r) && r.digest.is_none()) {
                for name in rest.iter().filter(|r| same(r)) {
                    self.untag(machines, name, &id, &mut gone);
                }
            }
            if !self.names_of(&id).is_empty() {
                return Ok(gone);
            }
            if self.hard_conflict(&id).is_some() || (self.any_conflict(&id).is_some() && !force) {
                return Ok(gone);
            }
        }
        self.delete(machines, &id, prune, &mut gone);
        Ok(gone)
    }
    fn names_of(&self, id: &str) -> Vec<Reference> {
        let tags = self.images.tags.iter().filter(|t| &**t.1 == id);
        let digests = self.images.digests.iter().filter(|t| &**t.1 == id);
        tags.chain(digests).filter_map(|t| Reference::parse(t.0).ok()).collect()
    }
    fn untag(&mut self, machines: &mut Machines, name: &Reference, id: &Arc<str>, gone: &mut Vec<Gone>) {
        let full = name.to_string();
        let removed = if name.digest.is_some() {
            self.images.digests.remove(full.as_str())
        } else {
            self.images.tags.remove(full.as_str())
        };
        if removed.is_some() {
            gone.push(Gone::Untagged(name.familiar()));
            let shown = format!("sha256:{id}");
            self.note_event(machines, "image", "untag", &shown, &[("name", &shown)]);
        }
    }
    /// What keeps an image whatever is said: containers that run from it, images built on it.
    fn hard_conflict(&self, id: &str) -> Option<String> {
        if let Some(c) = self.containers.values().find(|c| &*c.image.id == id && c.state.status.is_up()) {
            return Some(format!("image is being used by running container {}", c.short_id()));
        }
        let child = self.images.children_of(id).next();
        child.map(|_| "image has dependent child images".to_string())
    }
    fn any_conflict(&self, id: &str) -> Option<(bool, String)> {
        if let Some(text) = self.hard_conflict(id) {
            return Some((true, text));
        }
        let stopped =
            self.containers.values().find(|c| &*c.image.id == id && c.state.status != Status::Running);
        stopped.map(|c| (false, format!("image is being used by stopped container {}", c.short_id())))
    }
    /// Deletes an image without names, and the unnamed images below that only it needed.
    fn delete(&mut self, machines: &mut Machines, id: &Arc<str>, prune: bool, gone: &mut Vec<Gone>) {
        let mut at = id.clone();
        for _ in 0..256 {
            let Some(record) = self.images.records.remove(&at) else { return };
            let shown = format!("sha256:{at}");
            self.note_event(machines, "image", "delete", &shown, &[("name", &shown)]);
            gone.push(Gone::Deleted(shown));
            let kept: std::collections::BTreeSet<String> = self
                .images
                .records
                .values()
                .map(|r| &r.image)
                .chain(self.containers.values().map(|c| &c.image))
                .flat_map(|i| chain(&i.layers))
                .collect();
            for layer in chain(&record.image.layers).into_iter().filter(|l| !kept.contains(l)) {
                gone.push(Gone::Deleted(format!("sha256:{layer}")));
            }
            let parent = record.parent.clone();
            let free = !parent.is_empty()
                && self.names_of(&parent).is_empty()
                && self.any_conflict(&parent).is_none();
            if !prune || !free {
                return;
            }
            at = parent;
        }
    }
}

fn conflict(id: &str, how: &str, text: &str) -> Fault {
    Fault::conflict(format!("conflict: unable to delete {} ({how}) - {text}", ids::short(id)))
}

/// `POST /images/prune`: unnamed images, or with `dangling=false` all that no container needs.
///
/// # Errors
/// Unknown filters.
pub fn prune(call: &mut Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, &["dangling", "label", "label!", "until"])?;
    let dangling = filters.flag("dangling")?.unwrap_or(true);
    let until = filters.values("until").next().and_then(crate::images::list::until_seconds);
    let before = layer_sizes(call.docker);
    let mut gone = Vec::new();
    let candidates: Vec<Arc<str>> = call
        .docker
        .images
        .records
        .values()
        .filter(|r| until.is_none_or(|u| r.image.created < u) && filters.labels(&labels(r)))
        .map(|r| r.image.id.clone())
        .collect();
    for id in candidates {
        let names = call.docker.names_of(&id);
        let tagged = names.iter().any(|n| n.digest.is_none());
        let used = call.docker.containers.values().any(|c| c.image.id == id);
        if call.docker.images.children_of(&id).next().is_some() && !tagged || used || dangling && tagged {
            continue;
        }
        if !call.docker.images.records.contains_key(&id) {
            continue;
        }
        for name in names {
            call.docker.untag(call.machines, &name, &id, &mut gone);
        }
        if call.docker.any_conflict(&id).is_none() {
            call.docker.delete(call.machines, &id, true, &mut gone);
        }
    }
    let freed = before.saturating_sub(layer_sizes(call.docker));
    let list = Json::list_or_null(gone.iter().map(Gone::json));
    Ok(answer(200, &json!({"ImagesDeleted": list, "SpaceReclaimed": freed})))
}

/// Bytes of all layers here, each counted once.
#[must_use]
pub fn layer_sizes(docker: &Docker) -> u64 {
    let mut all: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for record in docker.images.records.values() {
        for (id, layer) in chain(&record.image.layers).into_iter().rev().zip(record.image.layers.iter()) {
            all.insert(id, layer.size);
        }
    }
    all.values().sum()
}
