//! Who owns which fields: what a plain write and an apply do to the owners of an object
//! (structured-merge-diff's `merge.Updater` under Kubernetes' managers of managed fields).

use super::compare::{Comparison, compare};
use super::element::{Element, path_text};
use super::merge::merge;
use super::remove::remove_items;
use super::set::Set;
use super::typed::Typed;
use super::walk::set_of;
use crate::sort::Arrange;
use crate::{Sym, Timestamp, Value, value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Managers by plain writes an object keeps; older ones become `ancient-changes`.
const MOST_UPDATERS: usize = 10;
/// Who the older plain writes are ascribed to.
const ANCIENT: &str = "ancient-changes";

/// Who wrote how. The order is that of managers in conflicts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    pub manager: Arc<str>,
    /// By apply; else by a plain write.
    pub apply: bool,
    pub api_version: Arc<str>,
    pub subresource: Arc<str>,
}

impl Owner {
    fn with_apply_first(&self) -> (&str, bool, &str, &str) {
        (&self.manager, !self.apply, &self.api_version, &self.subresource)
    }
}

/// What an owner owns, and since when (unix seconds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub set: Arc<Set>,
    pub time: Option<i64>,
}

/// All owners of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners(pub BTreeMap<Owner, Owned>);

/// A field that would change though another owns it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub owner: Owner,
    pub path: Vec<Element>,
}

impl Conflict {
    /// `"kubectl-scale" with subresource "scale" using apps/v1`.
    #[must_use]
    pub fn manager(&self) -> String {
        let mut text = crate::quote::go(&self.owner.manager);
        if !self.owner.subresource.is_empty() {
            text += &format!(" with subresource {}", crate::quote::go(&self.owner.subresource));
        }
        if !self.owner.apply {
            text += &format!(" using {}", self.owner.api_version);
        }
        text
    }
    /// The message of a refused apply.
    #[must_use]
    pub fn message(conflicts: &[Conflict]) -> String {
        if let [one] = conflicts {
            return format!(
                "Apply failed with 1 conflict: conflict with {}: {}",
                one.manager(),
                path_text(&one.path)
            );
        }
        let mut managers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for conflict in conflicts {
            managers.entry(conflict.manager()).or_default().push(format!("- {}", path_text(&conflict.path)));
        }
        let lines: Vec<String> = managers
            .into_iter()
            .flat_map(|(manager, paths)| [vec![format!("conflicts with {manager}:")], paths].concat())
            .collect();
        format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
    }
}

/// How the objects of a write look.
pub struct View<'a> {
    pub api_version: &'a str,
    pub typed: Typed<'a>,
    /// Paths nobody owns: what the server fills in, what this write cannot reach.
    pub ignored: &'a Set,
    /// An object of this version in another one, with its type there.
    pub other: &'a Converted<'a>,
}

/// An object in the version of this name, with its type there; nothing where nobody serves it.
pub type Converted<'a> = dyn Fn(&str, &Value) -> Option<(Typed<'a>, Value)> + 'a;

impl View<'_> {
    fn compared(&self, api_version: &str, old: &Value, new: &Value) -> Option<Comparison> {
        let compared = if api_version == self.api_version {
            compare(self.typed, old, new)
        } else {
            let (typed, old) = (self.other)(api_version, old)?;
            let (_, new) = (self.other)(api_version, new)?;
            compare(typed, &old, &new)
        };
        Some(compared.without(self.ignored))
    }
}

/// Takes what changes from its other owners, or tells that they mind.
fn take(
    view: &View<'_>,
    owners: &mut Owners,
    me: Option<&Owner>,
    old: &Value,
    new: &Value,
    force: bool,
) -> Result<Comparison, Vec<Conflict>> {
    let mut versions: BTreeMap<Arc<str>, Option<Comparison>> = BTreeMap::new();
    let own = view.compared(view.api_version, old, new).unwrap_or_default();
    versions.insert(view.api_version.into(), Some(own.clone()));
    let (mut conflicts, mut left) = (Vec::new(), BTreeMap::new());
    for (owner, owned) in owners.0.iter().filter(|(owner, _)| Some(*owner) != me) {
        let version = versions
            .entry(owner.api_version.clone())
            .or_insert_with(|| view.compared(&owner.api_version, old, new));
        let Some(compared) = version else {
            // Nobody serves that version any more.
            left.insert(owner.clone(), Set::default());
            continue;
        };
        let disputed = owned.set.intersection(&compared.set());
        disputed.each(&mut |path| {
            conflicts.push(Conflict { owner: owner.clone(), path: path.to_vec() });
        });
        if !disputed.is_empty() || !compared.removed.is_empty() {
            left.insert(owner.clone(), owned.set.difference(&disputed).difference(&compared.removed));
        }
    }
    if !force && !conflicts.is_empty() {
        return Err(conflicts);
    }
    for (owner, set) in left {
        if set.is_empty() {
            owners.0.remove(&owner);
        } else if let Some(owned) = owners.0.get_mut(&owner)
            && *owned.set != set
        {
            owned.set = set.into();
        }
    }
    Ok(own)
}

/// A plain write: the writer owns what it changed, nobody else does.
#[must_use]
pub fn update(view: &View<'_>, owners: &Owners, me: &Owner, old: &Value, new: &Value, now: i64) -> Owners {
    let mut owners = owners.clone();
    // With force there are no conflicts.
    let Ok(compared) = take(view, &mut owners, None, old, new, true) else { return owners };
    let set = stripped(&compared.set());
    if !set.is_empty() {
        let before = owners.0.remove(me).map(|owned| owned.set).unwrap_or_default();
        let set = if before.is_empty() { set.into() } else { Arc::new(before.union(&set)) };
        owners.0.insert(me.clone(), Owned { set, time: Some(now) });
        cap(&mut owners);
    }
    owners
}

/// An apply: fields the manager no longer declares go unless others own them, declared ones are merged.
/// `None` for an object that stays as it is.
///
/// # Errors
/// Fields others own that would change, unless forced.
pub fn apply(
    view: &View<'_>,
    owners: &Owners,
    me: &Owner,
    live: &Value,
    declared: &Value,
    force: bool,
    now: i64,
) -> Result<(Option<Value>, Owners), Vec<Conflict>> {
    let mut owners = owners.clone();
    let merged = merge(view.typed, live, declared);
    // One manager applies in one version: an older one's entry is its own past.
    let last = owners
        .0
        .keys()
        .find(|o| o.apply && o.manager == me.manager && o.subresource == me.subresource)
        .cloned()
        .and_then(|key| owners.0.remove(&key).map(|owned| (key, owned)));
    let set = stripped(&set_of(view.typed, declared).recursive_difference(view.ignored));
    let time = last.as_ref().and_then(|(_, owned)| owned.time);
    owners.0.insert(me.clone(), Owned { set: set.clone().into(), time });
    let merged = match &last {
        Some((key, owned)) => prune(view, &owners, key, &owned.set, &merged),
        None => merged,
    };
    take(view, &mut owners, Some(me), live, &merged, force)?;
    let changed = *live != merged;
    if set.is_empty() {
        owners.0.remove(me);
    } else if let Some(owned) = owners.0.get_mut(me)
        && (changed || time.is_none())
    {
        owned.time = Some(now);
    }
    Ok((changed.then_some(merged), owners))
}

/// Takes out what the manager declared last time, no longer declares, and nobody else owns.
fn prune(view: &View<'_>, owners: &Owners, last: &Owner, last_set: &Set, merged: &Value) -> Value {
    let (typed, merged_then) = match (view.other)(&last.api_version, merged) {
        Some(there) if *last.api_version != *view.api_version => there,
        _ => (view.typed, merged.clone()),
    };
    let named = |set: &Set| set.with_named_fields(typed);
    let pruned = remove_items(typed, &merged_then, &named(last_set));
    let mut owned = Set::default();
    for (owner, theirs) in &owners.0 {
        if owner.api_version == last.api_version || *owner.api_version == *view.api_version {
            owned = owned.union(&theirs.set);
        }
    }
    let whole = named(&set_of(typed, &merged_then));
    let kept = named(&set_of(typed, &pruned)).union(&named(&owned));
    let pruned = remove_items(typed, &merged_then, &whole.difference(&kept));
    // Items that only hang below what is gone, but were never this manager's, stay.
    let left = named(&set_of(typed, &pruned));
    let gone = whole.difference(&left).intersection(&named(last_set));
    let pruned = remove_items(typed, &merged_then, &gone);
    if *last.api_version == *view.api_version {
        return pruned;
    }
    // What went there goes here too: the paths are mostly the same.
    remove_items(view.typed, merged, &gone)
}

/// Paths that belong to the server in every object.
fn stripped(set: &Set) -> Set {
    let mut own = Set::default();
    let field = |name: &str| Element::Field(Sym::new(name));
    for name in ["apiVersion", "kind", "metadata"] {
        own.insert(&[field(name)]);
    }
    for name in [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "generation",
        "managedFields",
        "resourceVersion",
    ] {
        own.insert(&[field("metadata"), field(name)]);
    }
    set.difference(&own)
}

/// Lays the oldest plain writes of each version together when there are too many writers.
fn cap(owners: &mut Owners) {
    let mut updaters: Vec<(Option<i64>, Owner)> =
        owners.0.iter().filter(|(o, _)| !o.apply).map(|(o, owned)| (owned.time, o.clone())).collect();
    let mut count = updaters.len();
    updaters.arrange();
    let mut first: BTreeMap<Arc<str>, Owner> = BTreeMap::new();
    for (_, owner) in updaters {
        if count <= MOST_UPDATERS {
            return;
        }
        let bucket = Owner {
            manager: ANCIENT.into(),
            apply: false,
            api_version: owner.api_version.clone(),
            subresource: "".into(),
        };
        let Some(oldest) = first.get(&owner.api_version) else {
            first.insert(owner.api_version.clone(), owner);
            continue;
        };
        if !owners.0.contains_key(&bucket)
            && let Some(owned) = owners.0.remove(oldest)
        {
            owners.0.insert(bucket.clone(), owned);
        }
        let (Some(owned), Some(old)) = (owners.0.remove(&owner), owners.0.get(&bucket)) else { continue };
        let set = Arc::new(old.set.union(&owned.set));
        owners.0.insert(bucket, Owned { set, time: owned.time });
        count -= 1;
    }
}

impl Owners {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The same owners of the same fields, whenever they wrote.
    #[must_use]
    pub fn same_fields(&self, other: &Owners) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(a, b)| a.0 == b.0 && a.1.set == b.1.set)
    }
    /// `metadata.managedFields`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut entries: Vec<(&Owner, &Owned)> = self.0.iter().collect();
        entries.arrange_by_key(|(owner, owned)| {
            let (manager, plain, api_version, subresource) = owner.with_apply_first();
            (plain, owned.time, manager.to_owned(), api_version.to_owned(), subresource.to_owned())
        });
        entries
            .into_iter()
            .map(|(owner, owned)| {
                let mut entry = value!({
                    "manager": &owner.manager,
                    "operation": (if owner.apply { "Apply" } else { "Update" }),
                    "apiVersion": &owner.api_version,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": (owned.set.to_value()),
                });
                if let Some(time) = owned.time {
                    entry = entry.with("time", Timestamp(time).to_rfc3339());
                }
                if !owner.subresource.is_empty() {
                    entry = entry.with("subresource", &owner.subresource);
                }
                entry
            })
            .collect()
    }
    /// Reads [`Owners::to_value`]; `None` if any entry cannot be read.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Owners> {
        let mut owners = Owners::default();
        for entry in value.items() {
            let apply = match entry["operation"].text() {
                "Apply" => true,
                "Update" => false,
                _ => return None,
            };
            if entry["fieldsType"] != "FieldsV1" {
                return None;
            }
            let owner = Owner {
                manager: entry["manager"].shared(),
                apply,
                api_version: entry["apiVersion"].shared(),
                subresource: entry["subresource"].shared(),
            };
            let set = match entry.get("fieldsV1") {
                Value::Null => Set::default(),
                fields => Set::from_value(fields)?,
            };
            let time = Timestamp::parse(entry["time"].text()).map(|t| t.0);
            owners.0.insert(owner, Owned { set: set.into(), time });
        }
        Some(owners)
    }
    /// The same on every platform.
    #[must_use]
    pub fn content_hash(&self) -> u64 {
        use crate::digest::{hash_bytes, mix};
        self.0.iter().fold(0x0b5, |hash, (owner, owned)| {
            let names = [&owner.manager, &owner.api_version, &owner.subresource];
            let names = names.iter().fold(u64::from(owner.apply), |h, n| mix(h, hash_bytes(n.as_bytes())));
            mix(mix(hash, names), mix(owned.set.content_hash(), owned.time.unwrap_or(-1) as u64))
        })
    }
}
