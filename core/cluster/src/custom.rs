//! Kinds of CustomResourceDefinitions: made when the definition is written
//! (`k8s.io/apiextensions-apiserver`, v1.33), with their printer columns.

pub(crate) mod ending;
mod formats;
mod rules;
mod scale;
pub(crate) mod schema;

use crate::cluster::Cluster;
use crate::field::Errors;
use crate::kinds::{self, FIRST_DYNAMIC, Kind, KindId, Served, Subresource};
use crate::object::{Object, find_condition};
use crate::store::Change;
use crate::table::View;
use drydock_container::Machines;
use drydock_machinery::jsonpath::Template;
use drydock_machinery::schema::openapi;
use drydock_machinery::{Sym, Timestamp, Value, value};
use std::sync::Arc;

/// An `additionalPrinterColumns` entry.
#[derive(Clone, Debug)]
pub(crate) struct CustomColumn {
    name: String,
    kind: String,
    format: String,
    priority: i64,
    path: String,
}

impl CustomColumn {
    fn new(column: &Value) -> CustomColumn {
        CustomColumn {
            name: column["name"].text().into(),
            kind: column["type"].text().into(),
            format: column["format"].text().into(),
            priority: column["priority"].int(),
            path: column["jsonPath"].text().into(),
        }
    }
    pub(crate) fn definition(&self) -> Value {
        value!({
            "name": &self.name, "type": &self.kind, "format": &self.format, "description": "",
            "priority": self.priority,
        })
    }
    /// Only the first result is shown; a date as its age.
    pub(crate) fn cell(&self, object: &Object, view: &View<'_>) -> Value {
        let Ok(template) = Template::parse(&format!("{{{}}}", self.path)) else { return Value::Null };
        let found = template.find(&object.value()).unwrap_or_default();
        let Some(first) = found.into_iter().find(|v| !v.is_null()) else { return Value::Null };
        match self.kind.as_str() {
            "date" => Timestamp::parse(first.text()).map_or(Value::Null, |t| view.age(t.0)),
            "string" if first.is_list() || first.is_map() => {
                drydock_machinery::json::to_string(&first).into()
            }
            "string" => {
                first.as_str().map_or_else(|| drydock_machinery::json::to_string(&first).into(), Value::from)
            }
            _ => first,
        }
    }
}

/// The printer columns of a dynamic kind; `None` for built-in ones.
pub(crate) fn columns(cluster: &Cluster, kind: &Kind) -> Option<Vec<CustomColumn>> {
    if kinds::find(&kind.api_version(), kind.kind).is_some() {
        return None;
    }
    let name = format!("{}.{}", kind.plural, kind.group);
    let definition = cluster.find(kinds::CUSTOM_RESOURCE_DEFINITION, "", &name)?;
    let versions = definition.spec()["versions"].items();
    let version = versions.iter().find(|v| v["name"] == kind.version)?;
    let columns = version["additionalPrinterColumns"].items();
    // Without columns the kind's own stand: just the age.
    (!columns.is_empty()).then(|| columns.iter().map(CustomColumn::new).collect())
}

pub(crate) use formats::fits;
pub(crate) use rules::misread;

/// Judges a tree by a schema alone.
pub(crate) fn check(schema: &Value, value: &Value, errors: &mut Errors) {
    schema::check(schema, value, None, &crate::field::Path::ROOT, errors, drydock_machinery::limits::DEPTH);
}

/// The entry of `spec.versions` behind a version of a dynamic kind.
pub(crate) fn version(cluster: &Cluster, kind: &Kind, version: &str) -> Option<Value> {
    let name = format!("{}.{}", kind.plural, kind.group);
    let definition = cluster.find(kinds::CUSTOM_RESOURCE_DEFINITION, "", &name)?;
    definition.spec()["versions"].items().iter().find(|v| v["name"] == version).cloned()
}

/// The schema of a version of a dynamic kind; `None` for built-in kinds.
pub(crate) fn schema_of(cluster: &Cluster, kind: &Kind, wanted: &str) -> Option<Value> {
    let schema = version(cluster, kind, wanted)?["schema"]["openAPIV3Schema"].clone();
    schema.is_map().then_some(schema)
}

/// A custom resource without what its schema does not know and with the defaults it gives.
pub(crate) fn complete(schema: &Value, object: &Value) -> Value {
    openapi::with_defaults(schema, &openapi::prune(schema, object))
}

/// Judges a custom resource by its version's schema and the paths of its scale.
pub(crate) fn judge(
    cluster: &Cluster,
    kind: &Kind,
    object: &Value,
    old: Option<&Value>,
    errors: &mut Errors,
) {
    let Some(version) = version(cluster, kind, kind.version) else { return };
    schema::judge(&version["schema"]["openAPIV3Schema"], object, old, errors);
    scale::judge(&version["subresources"]["scale"], object, errors);
}

/// A text that lives as long as the process: names of kinds are few.
fn kept(text: &str) -> &'static str {
    Sym::new(text).text()
}

/// Lists of texts by content, so that defining a kind again leaks nothing new.
fn kept_list(texts: Vec<&'static str>) -> &'static [&'static str] {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    static LISTS: Mutex<BTreeMap<Vec<&'static str>, &'static [&'static str]>> = Mutex::new(BTreeMap::new());
    let mut lists = LISTS.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(list) = lists.get(&texts) {
        return list;
    }
    let list: &'static [&'static str] = Box::leak(texts.clone().into());
    lists.insert(texts, list);
    list
}

const SUBRESOURCES: [&[Subresource]; 4] =
    [&[], &[kinds::status_of("")], &[kinds::SCALE], &[kinds::SCALE, kinds::status_of("")]];

/// The kind a definition makes, for its storage version.
fn kind_of(definition: &Object) -> Option<Kind> {
    let spec = definition.spec();
    let names = &spec["names"];
    let versions = spec["versions"].items();
    // Objects are read and written in the version they are stored in, if that one is served.
    let mut served = versions.iter().filter(|v| v["served"].bool());
    let storage = served.clone().find(|v| v["storage"].bool()).or_else(|| served.next())?;
    let texts = |list: &Value| kept_list(list.items().iter().map(|v| kept(v.text())).collect());
    let (status, scale) =
        (storage["subresources"]["status"].is_map(), storage["subresources"]["scale"].is_map());
    let lower = names["kind"].text().to_lowercase();
    let singular = if names["singular"].is_empty() { kept(&lower) } else { kept(names["singular"].text()) };
    let which = usize::from(status) + 2 * usize::from(scale);
    let group = kept(spec["group"].text());
    let name = kept(storage["name"].text());
    Some(Kind {
        group,
        version: name,
        kind: kept(names["kind"].text()),
        plural: kept(names["plural"].text()),
        singular,
        short: texts(&names["shortNames"]),
        categories: texts(&names["categories"]),
        namespaced: spec["scope"] != "Cluster",
        status,
        generation: true,
        // A custom resource has no status until somebody writes one.
        begin: |_| Value::Null,
        selectable: selected,
        selectable_fields: {
            let fields = storage["selectableFields"].items().iter();
            kept_list(fields.map(|f| kept(f["jsonPath"].text().trim_start_matches('.'))).collect())
        },
        subresources: SUBRESOURCES.get(which).copied().unwrap_or_default(),
        served: kept_versions(group, name, versions),
        ..Kind::BASE
    })
}

/// What a field selector finds at a path of plain steps.
fn selected(object: &Object, path: &str) -> Option<String> {
    let value = object.value();
    let found = path.split('.').try_fold(&value, |at, step| at.find(step))?;
    Some(found.as_str().map_or_else(|| drydock_machinery::json::to_string(found), str::to_string))
}

/// What is said to everybody who uses a version that is going.
pub(crate) fn deprecation(cluster: &Cluster, kind: &Kind, wanted: &str) -> Option<String> {
    let version = version(cluster, kind, wanted)?;
    let text = version["deprecationWarning"].text();
    let plain = || format!("{}/{wanted} {} is deprecated", kind.group, kind.kind);
    version["deprecated"].bool().then(|| if text.is_empty() { plain() } else { text.to_string() })
}

/// The other served versions; the `None` conversion changes apiVersion only.
fn kept_versions(group: &'static str, storage: &str, versions: &[Value]) -> &'static [Served] {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    type Lists = BTreeMap<(&'static str, Vec<&'static str>), &'static [Served]>;
    static LISTS: Mutex<Lists> = Mutex::new(BTreeMap::new());
    let others = versions.iter().filter(|v| v["served"].bool() && v["name"] != storage);
    let names: Vec<&'static str> = others.map(|v| kept(v["name"].text())).collect();
    let mut lists = LISTS.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(list) = lists.get(&(group, names.clone())) {
        return list;
    }
    let served = |version: &&'static str| Served { group, version, show: Value::clone, read: Value::clone };
    let list: &'static [Served] = Box::leak(names.iter().map(served).collect());
    lists.insert((group, names), list);
    list
}

impl Cluster {
    /// A definition was written: its kind appears, changes or goes, and with it its objects' place.
    pub(crate) fn redefine(&mut self, change: &Change) {
        let named = |object: &Object| {
            let spec = object.spec();
            (spec["group"].text().to_string(), spec["names"]["plural"].text().to_string())
        };
        let Some(object) = change.object() else { return };
        let (group, plural) = named(object);
        let all = self.dynamic.iter().chain(self.dormant.iter());
        let known = all.into_iter().find(|(_, k)| k.group == group && k.plural == plural).map(|(id, _)| *id);
        match &change.after {
            None => {
                if let Some(id) = known {
                    self.dynamic.remove(&id);
                    self.dormant.remove(&id);
                }
            }
            Some(_) if self.replay && known.is_some() => {}
            Some(definition) => {
                // Of two definitions that want the same names one is not served.
                let refused = find_condition(definition.status(), "Established")["status"] == "False";
                let Some(kind) = kind_of(definition).filter(|_| !refused || self.replay) else {
                    // Nothing is served: its objects stay, and nobody gets at them.
                    if let Some((id, kind)) = known.and_then(|id| Some((id, self.dynamic.remove(&id)?))) {
                        self.dormant.insert(id, kind);
                    }
                    return;
                };
                // A number is used once: objects of a kind that went must not turn into another's.
                let id = known.unwrap_or(KindId(FIRST_DYNAMIC + self.defined));
                self.defined = self.defined.max(id.0 - FIRST_DYNAMIC + 1);
                self.dormant.remove(&id);
                self.dynamic.insert(id, Arc::new(kind));
            }
        }
    }
    /// A definition goes and takes its objects with it.
    pub(crate) fn sweep_custom(&mut self, machines: &mut Machines, change: &Change) {
        let (Some(definition), None) = (&change.before, &change.after) else { return };
        let (group, plural) =
            (definition.spec()["group"].text(), definition.spec()["names"]["plural"].text());
        let mut all = self.dynamic.iter().chain(self.dormant.iter());
        let kind = all.find(|(_, k)| k.group == group && k.plural == plural);
        let Some(kind) = kind.map(|(id, _)| *id) else { return };
        let objects: Vec<_> = self.store.list(kind).map(|object| object.id).collect();
        for id in objects {
            self.remove(machines, id);
        }
    }
    /// Defines a kind without a definition object.
    pub(crate) fn define(&mut self, kind: Kind) {
        let id = KindId(FIRST_DYNAMIC + self.defined);
        self.defined += 1;
        self.dynamic.insert(id, Arc::new(kind));
    }
}
