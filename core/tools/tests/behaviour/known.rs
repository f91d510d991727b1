//! The known differences (`tests/goldens/behaviour-known-failures.txt`), one a line: `scenario | n |
//! command # class: reason`. A line without a class and a reason fails the test.

use super::record;
use std::collections::BTreeMap;

const FILE: &str = "behaviour-known-failures.txt";

/// Why a command's answer differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It needs a controller that does not exist yet; not counted against the share.
    Controller,
    /// Between v1.20 and v1.33.
    Changed,
    /// It shows a moment of something that moves.
    Timing,
    /// The recorded machines, being fake, or other scenarios in the same cluster.
    Recording,
    /// Ours to do.
    Missing,
}

impl Class {
    pub const ALL: &[(&'static str, Class)] = &[
        ("controller", Class::Controller),
        ("changed since 1.20", Class::Changed),
        ("timing", Class::Timing),
        ("recording", Class::Recording),
        ("missing", Class::Missing),
    ];
    /// The class a reason names before its colon, when something follows it.
    pub fn of(reason: &str) -> Option<Class> {
        let (word, why) = reason.split_once(':')?;
        if why.trim().is_empty() {
            return None;
        }
        Class::ALL.iter().find(|(name, _)| *name == word.trim()).map(|(_, class)| *class)
    }
}

/// Name of a difference to its reason.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<String, String>);

/// The scenario of a difference's name.
pub fn scenario(name: &str) -> &str {
    name.split(" | ").next().unwrap_or("")
}

impl Known {
    pub fn read() -> Known {
        let text = record::read(FILE);
        let mut all = BTreeMap::new();
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            let (name, reason) = line.split_once(" # ").unwrap_or((line, ""));
            // Of two lines of one name, left by a merge, the one with a reason stays.
            let slot: &mut String = all.entry(name.to_string()).or_default();
            if Class::of(reason).is_some() || slot.is_empty() {
                *slot = reason.to_string();
            }
        }
        Known(all)
    }
    pub fn reason(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    pub fn class(&self, name: &str) -> Option<Class> {
        Class::of(self.reason(name))
    }
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
    /// Writes the list anew: what of the played scenarios differs, and everything of the others.
    pub fn rewrite(&self, failed: &[&str], is_played: impl Fn(&str) -> bool) {
        let mut lines: BTreeMap<&str, &str> = self
            .0
            .iter()
            .filter(|k| !is_played(scenario(k.0)))
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        for name in failed {
            lines.insert(name, self.reason(name));
        }
        let line = |(name, reason): (&&str, &&str)| match *reason {
            "" => format!("{name}\n"),
            reason => format!("{name} # {reason}\n"),
        };
        record::write(FILE, &lines.iter().map(line).collect::<String>());
    }
}
