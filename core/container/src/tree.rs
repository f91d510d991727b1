//! Paths of a filesystem value on its own, without mounts or a process: symbolic links followed as a chroot
//! keeps them (they never lead out), and trees taken away.

use crate::filesystem::{Content, Filesystem, normalise, parent};
use std::sync::Arc;

/// Symbolic links followed on one path (Linux: 40).
const LINKS: usize = 40;

/// Follows symbolic links on a path; the last one too. `None` when something is missing or goes round.
#[must_use]
pub fn resolve(fs: &Filesystem, path: &str) -> Option<String> {
    let mut pending: Vec<String> = path.split('/').filter(|p| !p.is_empty()).rev().map(Into::into).collect();
    let (mut at, mut links) = (String::new(), 0);
    while let Some(part) = pending.pop() {
        match &*part {
            "." => continue,
            ".." => {
                at.truncate(at.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let next = format!("{at}/{part}");
        match &fs.get(&next)?.content {
            Content::Symlink(to) => {
                links += 1;
                if links > LINKS {
                    return None;
                }
                if to.starts_with('/') {
                    at.clear();
                }
                pending.extend(to.split('/').filter(|p| !p.is_empty()).rev().map(String::from));
            }
            _ => at = next,
        }
    }
    Some(if at.is_empty() { "/".into() } else { at })
}

/// As [`resolve`], for a path whose end does not exist yet: what is there is followed, the rest kept.
#[must_use]
pub fn resolve_new(fs: &Filesystem, path: &str) -> String {
    let path = normalise("/", path);
    let mut above: &str = &path;
    loop {
        if let Some(real) = resolve(fs, above) {
            let rest = path.get(above.len()..).unwrap_or("");
            return normalise("/", &format!("{real}/{rest}"));
        }
        if above == "/" {
            return path;
        }
        above = parent(above);
    }
}

/// Takes a path away with all below it.
pub fn remove_all(fs: &mut Filesystem, path: &str) {
    let all: Vec<Arc<str>> = fs.walk(path).map(|(at, _)| at.clone()).collect();
    for at in all.iter().rev() {
        _ = fs.unlink(at);
    }
}
