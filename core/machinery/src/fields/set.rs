//! A set of field paths as a tree, and its form in `managedFields` (`FieldsV1`).

use super::element::Element;
use super::typed::{Atom, Typed};
use crate::digest::mix;
use crate::{Sym, Value, limits};
use std::collections::BTreeMap;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    nodes: BTreeMap<Element, Node>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    /// The path that ends here belongs to the set.
    member: bool,
    below: Set,
}

impl Node {
    fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }
}

impl Set {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
    /// Adds a path; the empty path is no member of any set.
    pub fn insert(&mut self, path: &[Element]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = match self.nodes.get_mut(first) {
            Some(node) => node,
            None => self.nodes.entry(first.clone()).or_default(),
        };
        if rest.is_empty() { node.member = true } else { node.below.insert(rest) }
    }
    #[must_use]
    pub fn has(&self, path: &[Element]) -> bool {
        let Some((first, rest)) = path.split_first() else { return false };
        self.nodes.get(first).is_some_and(|n| if rest.is_empty() { n.member } else { n.below.has(rest) })
    }
    /// The element itself is a member.
    #[must_use]
    pub fn has_member(&self, element: &Element) -> bool {
        self.nodes.get(element).is_some_and(|node| node.member)
    }
    /// What lies below an element; `None` where nothing does.
    #[must_use]
    pub fn below(&self, element: &Element) -> Option<&Set> {
        self.nodes.get(element).map(|node| &node.below).filter(|below| !below.is_empty())
    }
    #[must_use]
    pub fn union(&self, other: &Set) -> Set {
        if self.is_empty() {
            return other.clone();
        }
        let mut nodes = self.nodes.clone();
        for (element, node) in &other.nodes {
            let mine = nodes.entry(element.clone()).or_default();
            mine.member |= node.member;
            if !node.below.is_empty() {
                mine.below = mine.below.union(&node.below);
            }
        }
        Set { nodes }
    }
    #[must_use]
    pub fn intersection(&self, other: &Set) -> Set {
        self.combine(other, |mine, theirs| match theirs {
            Some(theirs) => {
                Node { member: mine.member && theirs.member, below: mine.below.intersection(&theirs.below) }
            }
            None => Node::default(),
        })
    }
    /// Without the members of the other set; what lies below a member stays.
    #[must_use]
    pub fn difference(&self, other: &Set) -> Set {
        if other.is_empty() {
            return self.clone();
        }
        self.combine(other, |mine, theirs| match theirs {
            Some(theirs) => {
                Node { member: mine.member && !theirs.member, below: mine.below.difference(&theirs.below) }
            }
            None => mine.clone(),
        })
    }
    /// Without the members of the other set and all below them.
    #[must_use]
    pub fn recursive_difference(&self, other: &Set) -> Set {
        if other.is_empty() {
            return self.clone();
        }
        self.combine(other, |mine, theirs| match theirs {
            Some(theirs) if theirs.member => Node::default(),
            Some(theirs) => {
                Node { member: mine.member, below: mine.below.recursive_difference(&theirs.below) }
            }
            None => mine.clone(),
        })
    }
    fn combine(&self, other: &Set, with: impl Fn(&Node, Option<&Node>) -> Node) -> Set {
        let nodes = self.nodes.iter().map(|(element, node)| {
            let node = with(node, other.nodes.get(element));
            (element.clone(), node)
        });
        Set { nodes: nodes.filter(|(_, node)| !node.is_empty()).collect() }
    }
    /// With every named field on the way to a member as a member too.
    #[must_use]
    pub fn with_named_fields(&self, typed: Typed<'_>) -> Set {
        let atom = typed.atom(None);
        let nodes = self.nodes.iter().map(|(element, node)| {
            let (named, inner) = match (&atom, element) {
                (Atom::Map(map), Element::Field(name)) => (map.names(*name), map.of(*name)),
                (Atom::List(list), _) => (false, list.items),
                _ => (false, Typed::Untyped),
            };
            let member = node.member || (named && !node.below.is_empty());
            let below = node.below.with_named_fields(inner);
            (element.clone(), Node { member, below })
        });
        Set { nodes: nodes.collect() }
    }
    /// Every member, shallow ones of a level before what lies below.
    pub fn each(&self, visit: &mut dyn FnMut(&[Element])) {
        self.each_from(&mut Vec::new(), visit);
    }
    fn each_from(&self, path: &mut Vec<Element>, visit: &mut dyn FnMut(&[Element])) {
        for (element, _) in self.nodes.iter().filter(|(_, node)| node.member) {
            path.push(element.clone());
            visit(path);
            path.pop();
        }
        for (element, node) in self.nodes.iter().filter(|(_, node)| !node.below.is_empty()) {
            path.push(element.clone());
            node.below.each_from(path, visit);
            path.pop();
        }
    }
    /// `FieldsV1`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let entries = self.nodes.iter().map(|(element, node)| {
            let below = node.below.to_value();
            let shown = if node.member && !node.below.is_empty() {
                below.with(Sym::new("."), Value::empty_map())
            } else {
                below
            };
            (element.encode(), shown)
        });
        Value::from_entries(entries.collect())
    }
    /// Reads `FieldsV1`; `None` for anything else.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Set> {
        Set::read(value, limits::DEPTH)
    }
    fn read(value: &Value, depth: usize) -> Option<Set> {
        let mut set = Set::default();
        if depth == 0 || !value.is_map() {
            return None;
        }
        for (key, inner) in value.entries().iter().filter(|(key, _)| key.text() != ".") {
            let below = Set::read(inner, depth - 1)?;
            let member = below.is_empty() || inner.find(".").is_some();
            set.nodes.insert(Element::decode(key.text())?, Node { member, below });
        }
        Some(set)
    }
    /// The same on every platform.
    #[must_use]
    pub fn content_hash(&self) -> u64 {
        self.nodes.iter().fold(0x5e7, |hash, (element, node)| {
            let own = mix(element.content_hash(), u64::from(node.member));
            mix(mix(hash, own), node.below.content_hash())
        })
    }
}
