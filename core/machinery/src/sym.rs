//! Interned map keys and fixed words: one pointer to compare, ordered by text.
//!
//! The order of interning differs between processes and must never show: `Ord` and hashing use the
//! text. Keys are field names, label keys and data keys; their text is kept for the process' life.

use crate::digest::hash_bytes;
use std::sync::{LazyLock, Mutex};

/// An interned text.
#[derive(Clone, Copy)]
pub struct Sym(&'static Entry);

struct Entry {
    text: &'static str,
    hash: u64,
}

// Looked up, never iterated: its order cannot leak.
#[allow(clippy::disallowed_types)]
type Table = std::collections::HashMap<&'static str, Sym>;

static INTERNED: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

impl Sym {
    /// The symbol of `text`, interning it on first sight.
    #[must_use]
    pub fn new(text: &str) -> Sym {
        let mut table = INTERNED.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(sym) = table.get(text) {
            return *sym;
        }
        let text: &'static str = Box::leak(text.into());
        let sym = Sym(Box::leak(Box::new(Entry { text, hash: hash_bytes(text.as_bytes()) })));
        table.insert(text, sym);
        sym
    }
    /// The text itself.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.0.text
    }
    /// The same on every platform.
    #[must_use]
    pub fn content_hash(self) -> u64 {
        self.0.hash
    }
}

impl PartialEq for Sym {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
impl Eq for Sym {}
impl PartialOrd for Sym {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Sym {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self == other { std::cmp::Ordering::Equal } else { self.0.text.cmp(other.0.text) }
    }
}
impl std::hash::Hash for Sym {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}
impl std::fmt::Debug for Sym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.0.text, f)
    }
}
impl std::fmt::Display for Sym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.text)
    }
}
impl From<&str> for Sym {
    fn from(text: &str) -> Sym {
        Sym::new(text)
    }
}
impl From<&String> for Sym {
    fn from(text: &String) -> Sym {
        Sym::new(text)
    }
}
impl From<String> for Sym {
    fn from(text: String) -> Sym {
        Sym::new(&text)
    }
}
