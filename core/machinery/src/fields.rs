//! Which fields of an object somebody owns, and how declared fields are merged into it: sets of field
//! paths, schemas as merging sees them, comparison, merge and removal by schema
//! (`sigs.k8s.io/structured-merge-diff/v4`, as Kubernetes v1.33 uses it).
//!
//! Left out: several list types within one value (deduced types are deduced from either side).

mod atomic;
mod compare;
mod element;
mod merge;
mod owners;
mod remove;
mod set;
mod typed;
mod walk;

pub use compare::{Comparison, compare};
pub use element::{Element, path_text};
pub use merge::merge;
pub use owners::{Conflict, Converted, Owned, Owner, Owners, View, apply, update};
pub use remove::remove_items;
pub use set::Set;
pub use typed::{Atom, Scalar, Typed, empty};
pub use walk::{set_of, validate};

#[cfg(test)]
mod tests;
