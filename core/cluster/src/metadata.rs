//! `metadata`: generated names and what may stand in it
//! (`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`, v1.33).

use crate::draft::Draft;
use crate::field::{Errors, Path};
use crate::kinds::Kind;
use crate::object::Object;
use drydock_container::Machines;
use drydock_machinery::{Value, names};

/// Longest name a generated suffix is put behind.
const MAX_BASE: usize = 58;
/// Bytes all annotations may have together.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// Draws a name where only `generateName` is given; true if it did.
pub(crate) fn generate_name(machines: &mut Machines, draft: &mut Draft, suffix: Option<&str>) -> bool {
    let base = draft.metadata.get("generateName").text();
    if !draft.name.is_empty() || base.is_empty() {
        return false;
    }
    let base: String = base.chars().take(MAX_BASE).collect();
    let suffix = suffix.map_or_else(|| machines.clock.random.suffix(5), str::to_string);
    draft.name = format!("{base}{suffix}").into();
    true
}

const METADATA: Path<'static> = Path::new("metadata");

pub(crate) fn validate_new(kind: &Kind, draft: &Draft, errors: &mut Errors) {
    let generated = draft.metadata.get("generateName").text();
    if !generated.is_empty() {
        // A trailing dash is fine: the suffix follows.
        let stem = generated.strip_suffix('-').map_or_else(|| generated.to_string(), |s| format!("{s}a"));
        errors.each(&METADATA.child("generateName"), generated, (kind.name)(&stem));
    }
    if draft.name.is_empty() {
        errors.required(&METADATA.child("name"), "name or generateName is required");
    } else {
        errors.each(&METADATA.child("name"), &draft.name, (kind.name)(&draft.name));
    }
    common(draft, errors);
}

pub(crate) fn validate_update(kind: &Kind, draft: &Draft, old: &Object, errors: &mut Errors) {
    let _ = kind;
    common(draft, errors);
    if old.deleting.is_some() {
        let added: Vec<String> = draft
            .metadata
            .get("finalizers")
            .items()
            .iter()
            .filter(|f| !old.finalizers().contains(f))
            .map(|f| drydock_machinery::quote::go(f.text()))
            .collect();
        if !added.is_empty() {
            let list = added.join(", ");
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"
            );
            errors.forbidden(&METADATA.child("finalizers"), &detail);
        }
    }
}

fn common(draft: &Draft, errors: &mut Errors) {
    let meta = &draft.metadata;
    annotations(meta.get("annotations"), &METADATA.child("annotations"), errors);
    labels(meta.get("labels"), &METADATA.child("labels"), errors);
    owners(meta.get("ownerReferences"), &METADATA.child("ownerReferences"), errors);
    for (at, finalizer) in meta.get("finalizers").items().iter().enumerate() {
        let list = METADATA.child("finalizers");
        let path = list.index(at);
        let text = finalizer.text();
        errors.each(&path, text, names::is_qualified_name(text));
        if !text.contains('/') && !matches!(text, "orphan" | "foregroundDeletion" | "kubernetes") {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path, text, detail);
        }
    }
}

/// Label keys and values.
pub fn labels(labels: &Value, path: &Path<'_>, errors: &mut Errors) {
    for (key, value) in labels.entries() {
        errors.each(path, key.text(), names::is_qualified_name(key.text()));
        errors.each(path, value.text(), names::is_label_value(value.text()));
    }
}

/// Annotation keys (in any case) and the size of all.
pub fn annotations(annotations: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in annotations.entries() {
        let lower = key.text().to_lowercase();
        errors.each(path, key.text(), names::is_qualified_name(&lower));
        size += key.text().len() + value.text().len();
    }
    if size > MAX_ANNOTATIONS {
        errors.too_long(path, MAX_ANNOTATIONS);
    }
}

fn owners(owners: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut controllers = 0;
    for owner in owners.items() {
        if owner["apiVersion"].is_empty() {
            errors.invalid(&path.child("apiVersion"), "", "version must not be empty");
        }
        for field in ["kind", "name", "uid"] {
            if owner[field].is_empty() {
                errors.invalid(&path.child(field), "", &format!("{field} must not be empty"));
            }
        }
        controllers += usize::from(owner["controller"].bool());
    }
    if controllers > 1 {
        let detail = "Only one reference can have Controller set to true. Found \"true\" in references";
        errors.invalid(path, owners, detail);
    }
}
