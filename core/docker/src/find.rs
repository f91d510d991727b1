//! Finding a container by what people type: its id, its name, or the beginning of its id.

use crate::Docker;
use crate::container::Container;
use crate::fault::Fault;
use drydock_container::Machines;
use drydock_container::difference::{Change, difference};
use std::sync::Arc;

impl Docker {
    /// The container that is meant.
    ///
    /// # Errors
    /// `No such container: x`; several that begin so.
    pub fn container(&self, typed: &str) -> Result<Arc<Container>, Fault> {
        if let Some(container) = self.containers.get(typed) {
            return Ok(container.clone());
        }
        let name = typed.strip_prefix('/').unwrap_or(typed);
        if let Some(container) = self.names.get(name).and_then(|id| self.containers.get(id)) {
            return Ok(container.clone());
        }
        if typed.is_empty() {
            return Err(Fault::invalid("bad parameter: container name or ID is required"));
        }
        let mut found =
            self.containers.range(Arc::<str>::from(typed)..).take_while(|(id, _)| id.starts_with(typed));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.1.clone()),
            (Some(_), Some(_)) => {
                Err(Fault::invalid(format!("Multiple IDs found with provided prefix: {typed}")))
            }
            _ => Err(Fault::no_container(typed)),
        }
    }
    /// A container to be changed in place.
    pub fn container_mut(&mut self, id: &str) -> Option<&mut Container> {
        self.containers.get_mut(id).map(Arc::make_mut)
    }
    /// Bytes of the files a container added or changed in its own layer.
    #[must_use]
    pub fn rw_size(&self, machines: &Machines, container: &Container) -> u64 {
        let Some(space) = machines.space(container.space) else { return 0 };
        if Arc::ptr_eq(&space.root, &space.image.root) {
            return 0;
        }
        let changes = difference(&space.image.root, &space.root);
        let kept = changes.iter().filter(|(_, change)| *change != Change::Deleted);
        kept.filter_map(|(path, _)| space.root.get(path))
            .filter(|inode| matches!(inode.content, drydock_container::filesystem::Content::File(_)))
            .map(|inode| inode.size)
            .sum()
    }
}
