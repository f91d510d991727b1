//! What changed between two filesystems, as `docker diff` lists it and as a layer would hold it. Shared
//! parts of the two values are passed over without looking.

use crate::filesystem::{Filesystem, Inode, parent};
use imbl::ordmap::DiffItem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    Changed,
    Added,
    Deleted,
}

impl Change {
    /// `C`, `A` or `D`.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Change::Changed => 'C',
            Change::Added => 'A',
            Change::Deleted => 'D',
        }
    }
}

/// Paths that differ, sorted, each folder above a difference as changed. What lies in an added or a
/// deleted folder: added files are listed, deleted ones are not.
#[must_use]
pub fn difference(from: &Filesystem, to: &Filesystem) -> Vec<(Arc<str>, Change)> {
    let mut found: BTreeMap<Arc<str>, Change> = BTreeMap::new();
    for item in from.names().diff(to.names()) {
        match item {
            DiffItem::Add(path, _) => _ = found.insert(path.clone(), Change::Added),
            DiffItem::Remove(path, _) => _ = found.insert(path.clone(), Change::Deleted),
            DiffItem::Update { new: (path, _), .. } => _ = found.insert(path.clone(), Change::Changed),
        }
    }
    let changed: BTreeSet<u64> = from
        .inodes()
        .diff(to.inodes())
        .filter_map(|item| match item {
            DiffItem::Update { old: (ino, old), new: (_, new) } if differs(old, new) => Some(*ino),
            _ => None,
        })
        .collect();
    if !changed.is_empty() {
        for (path, ino) in to.names() {
            if changed.contains(ino) {
                found.entry(path.clone()).or_insert(Change::Changed);
            }
        }
    }
    // What lies in a deleted folder goes without saying.
    let gone: BTreeSet<Arc<str>> =
        found.iter().filter(|f| *f.1 == Change::Deleted).map(|f| f.0.clone()).collect();
    found.retain(|path, change| *change != Change::Deleted || !gone.contains(parent(path)));
    let above: Vec<Arc<str>> = found.keys().cloned().collect();
    for path in above {
        let mut at = parent(&path);
        while at != "/" && !found.contains_key(at) {
            found.insert(at.into(), Change::Changed);
            at = parent(at);
        }
    }
    found.into_iter().filter(|(path, _)| &**path != "/").collect()
}

fn differs(old: &Arc<Inode>, new: &Arc<Inode>) -> bool {
    !Arc::ptr_eq(old, new)
        && (old.content != new.content
            || old.mode != new.mode
            || old.uid != new.uid
            || old.gid != new.gid
            || old.mtime != new.mtime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Content;

    #[test]
    fn lists_as_docker_diff_does() {
        let mut from = Filesystem::default();
        let file = |text: &str| Inode {
            content: Content::File(text.as_bytes().into()),
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            links: 1,
            size: text.len() as u64,
        };
        crate::Machines::make_directories(&mut from, "/etc/old/deep", 0);
        crate::Machines::make_directories(&mut from, "/usr", 0);
        from.put("/etc/a", file("1")).unwrap();
        from.put("/etc/old/deep/x", file("1")).unwrap();
        from.put("/usr/same", file("1")).unwrap();
        let mut to = from.clone();
        to.put("/etc/a", file("2")).unwrap();
        crate::Machines::make_directories(&mut to, "/new/dir", 0);
        to.put("/new/dir/f", file("3")).unwrap();
        for path in ["/etc/old/deep/x", "/etc/old/deep", "/etc/old"] {
            to.unlink(path).unwrap();
        }
        let shown: Vec<String> =
            difference(&from, &to).iter().map(|(p, c)| format!("{} {p}", c.letter())).collect();
        assert_eq!(shown, ["C /etc", "C /etc/a", "D /etc/old", "A /new", "A /new/dir", "A /new/dir/f"]);
        assert!(difference(&from, &from.clone()).is_empty());
    }
}
