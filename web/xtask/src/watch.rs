//! Notices changed sources by asking for their times twice a second: no dependency, works in
//! containers and on shared folders where change notices do not arrive.
use crate::run::root;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What the page is made of.
const SOURCES: &[&str] =
    &["core", "web/src", "web/Cargo.toml", "lessons", "static", "Cargo.toml", "Cargo.lock"];

fn newest(path: &Path) -> SystemTime {
    let own = fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|e| newest(&e.path())).fold(own, SystemTime::max),
        Err(_) => own,
    }
}

fn sources() -> SystemTime {
    SOURCES.iter().map(|p| newest(&root().join(p))).max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Calls `changed` after each change of the sources, for ever.
pub fn forever(mut changed: impl FnMut()) {
    let mut seen = sources();
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let now = sources();
        if now != seen {
            seen = now;
            changed();
        }
    }
}
