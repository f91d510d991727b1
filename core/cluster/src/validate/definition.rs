//! CustomResourceDefinitions (`apiextensions-apiserver/pkg/apis/apiextensions/validation`, v1.33).
//!
//! What all versions say alike is judged once, under the path the internal type has for it
//! (`spec.validation`, `spec.subresources`, `spec.additionalPrinterColumns`). Schemas are in
//! `definition/schema.rs`. Left out: selectable fields.

use drydock_machinery::sort::Arrange;
mod schema;

use super::webhook;
use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");
/// The annotation of definitions in groups of the project.
const APPROVED: &str = "api-approved.kubernetes.io";

pub fn validate(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if old.is_none() {
        let name = new["metadata"]["name"].text();
        if name != format!("{}.{}", spec["names"]["plural"].text(), spec["group"].text()) {
            let metadata = Path::new("metadata");
            errors.invalid(&metadata.child("name"), name, "must be spec.names.plural+\".\"+spec.group");
        }
    }
    group(spec["group"].text(), errors);
    one_of(spec["scope"].text(), &["Cluster", "Namespaced"], &SPEC.child("scope"), errors);
    versions(spec, errors);
    self::names(&spec["names"], errors);
    shared(spec, errors);
    conversion(&spec["conversion"], errors);
    if let Some(old) = old {
        unchanged(spec, old, errors);
    }
    stored(&new["status"]["storedVersions"], spec, errors);
    approval(new, errors);
    if spec["preserveUnknownFields"].bool() {
        let detail =
            "cannot set to true, set x-preserve-unknown-fields to true in spec.versions[*].schema instead";
        errors.invalid(&SPEC.child("preserveUnknownFields"), true, detail);
    }
}

fn one_of(text: &str, supported: &[&str], path: &Path<'_>, errors: &mut Errors) {
    if text.is_empty() {
        errors.required(path, "");
    } else if !supported.contains(&text) {
        errors.unsupported(path, text, supported);
    }
}

/// All that is wrong with a name as one error.
fn joined(path: &Path<'_>, text: &str, wrong: Vec<String>, errors: &mut Errors) {
    if !wrong.is_empty() {
        errors.invalid(path, text, &wrong.join(","));
    }
}

fn group(group: &str, errors: &mut Errors) {
    let path = SPEC.child("group");
    let wrong = names::is_dns1123_subdomain(group);
    if group.is_empty() {
        errors.required(&path, "");
    } else if !wrong.is_empty() {
        joined(&path, group, wrong, errors);
    } else if !group.contains('.') {
        errors.invalid(&path, group, "should be a domain with at least one dot");
    }
}

fn versions(spec: &Value, errors: &mut Errors) {
    let list = SPEC.child("versions");
    let versions = spec["versions"].items();
    for (at, version) in versions.iter().enumerate() {
        if version["schema"]["openAPIV3Schema"].is_null() {
            let path = list.index(at);
            let schema = path.child("schema");
            errors.required(&schema.child("openAPIV3Schema"), "schemas are required");
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        let path = list.index(at);
        let name = version["name"].text();
        joined(&path.child("name"), name, names::is_dns1035_label(name), errors);
        seen.push(name);
        let warning = version["deprecationWarning"].text();
        let path_of_warning = path.child("deprecationWarning");
        if warning.len() > 256 {
            errors.too_long(&path_of_warning, 256);
        }
        if !version["deprecationWarning"].is_null() && !version["deprecated"].bool() {
            let detail = "can only be set for deprecated versions";
            errors.invalid(&path_of_warning, warning, detail);
        }
    }
    seen.arrange();
    let count = seen.len();
    seen.dedup();
    if seen.len() != count {
        errors.invalid(&list, &spec["versions"], "must contain unique version names");
    }
    if versions.iter().filter(|v| v["storage"].bool()).count() != 1 {
        let shown =
            if versions.is_empty() { Value::from(Vec::<Value>::new()) } else { spec["versions"].clone() };
        errors.invalid(&list, shown, "must have exactly one version marked as storage version");
    }
    if let Some(first) = versions.first() {
        let name = first["name"].text();
        joined(&SPEC.child("version"), name, names::is_dns1035_label(name), errors);
    }
}

fn names(given: &Value, errors: &mut Errors) {
    let path = SPEC.child("names");
    for field in ["plural", "singular", "kind", "listKind"] {
        if given[field].is_empty() {
            errors.required(&path.child(field), "");
        }
    }
    for field in ["plural", "singular"] {
        let text = given[field].text();
        if !text.is_empty() {
            joined(&path.child(field), text, names::is_dns1035_label(text), errors);
        }
    }
    for field in ["kind", "listKind"] {
        let text = given[field].text();
        let wrong = names::is_dns1035_label(&text.to_lowercase());
        if !text.is_empty() && !wrong.is_empty() {
            let detail = format!("may have mixed case, but should otherwise match: {}", wrong.join(","));
            errors.invalid(&path.child(field), text, &detail);
        }
    }
    for field in ["shortNames", "categories"] {
        let list = path.child(field);
        for (at, name) in given[field].items().iter().enumerate() {
            joined(&list.index(at), name.text(), names::is_dns1035_label(name.text()), errors);
        }
    }
    if !given["kind"].is_empty() && given["kind"] == given["listKind"] {
        let detail = "kind and listKind may not be the same";
        errors.invalid(&path.child("listKind"), &given["listKind"], detail);
    }
}

/// Judges one of them; the flag says whether the status subresource is on.
type Job = fn(&Value, bool, &Path<'_>, &mut Errors);

/// Schemas, subresources and columns: of all versions at once if they say the same.
fn shared(spec: &Value, errors: &mut Errors) {
    let versions = spec["versions"].items();
    let Some(first) = versions.first() else { return };
    let alike = |field: &str| versions.iter().all(|v| v[field] == first[field]);
    let status = |version: &Value| version["subresources"]["status"].is_map();
    let list = SPEC.child("versions");
    let jobs: [(&str, &str, Job); 3] = [
        ("schema", "validation", |given, status, path, errors| {
            schema::validate(&given["openAPIV3Schema"], status, &path.child("openAPIV3Schema"), errors);
        }),
        ("subresources", "subresources", |given, _, path, errors| subresources(given, path, errors)),
        ("additionalPrinterColumns", "additionalPrinterColumns", |given, _, path, errors| {
            for (at, column) in given.items().iter().enumerate() {
                self::column(column, &path.index(at), errors);
            }
        }),
    ];
    for (field, top, job) in jobs {
        if alike(field) {
            job(&first[field], versions.iter().any(status), &SPEC.child(top), errors);
            continue;
        }
        for (at, version) in versions.iter().enumerate() {
            let path = list.index(at);
            job(&version[field], status(version), &path.child(field), errors);
        }
    }
}

/// A path of plain steps.
fn simple_path(text: &str, path: &Path<'_>, errors: &mut Errors) -> bool {
    match text.chars().next() {
        None => errors.invalid(path, text, "must not be empty"),
        Some('.') => return true,
        Some(_) => errors.invalid(path, text, "must be a simple json path starting with ."),
    }
    false
}

fn subresources(given: &Value, path: &Path<'_>, errors: &mut Errors) {
    let scale = &given["scale"];
    if !scale.is_map() {
        return;
    }
    let path = path.child("scale");
    for (field, below) in [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")] {
        let (text, path) = (scale[field].text(), path.child(field));
        if text.is_empty() {
            errors.required(&path, "");
        } else if simple_path(text, &path, errors) && !text.starts_with(&format!("{below}.")) {
            errors.invalid(&path, text, &format!("should be a json path under {below}"));
        }
    }
    let (text, path) = (scale["labelSelectorPath"].text(), path.child("labelSelectorPath"));
    if !text.is_empty()
        && simple_path(text, &path, errors)
        && !text.starts_with(".spec.")
        && !text.starts_with(".status.")
    {
        errors.invalid(&path, text, "should be a json path under either .spec or .status");
    }
}

fn column(column: &Value, path: &Path<'_>, errors: &mut Errors) {
    const TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
    const FORMATS: &[&str] = &["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
    if column["name"].is_empty() {
        errors.required(&path.child("name"), "");
    }
    let (kind, types) = (column["type"].text(), format!("must be one of {}", TYPES.join(",")));
    if kind.is_empty() {
        errors.required(&path.child("type"), &types);
    } else if !TYPES.contains(&kind) {
        errors.invalid(&path.child("type"), kind, &types);
    }
    let format = column["format"].text();
    if !format.is_empty() && !FORMATS.contains(&format) {
        let detail = format!("must be one of {}", FORMATS.join(","));
        errors.invalid(&path.child("format"), format, &detail);
    }
    let (text, path) = (column["jsonPath"].text(), path.child("JSONPath"));
    if text.is_empty() {
        errors.required(&path, "");
    } else {
        simple_path(text, &path, errors);
    }
}

fn conversion(given: &Value, errors: &mut Errors) {
    let path = SPEC.child("conversion");
    one_of(given["strategy"].text(), &["None", "Webhook"], &path.child("strategy"), errors);
    let hook = &given["webhook"];
    let (client, reviews) = (path.child("webhookClientConfig"), path.child("conversionReviewVersions"));
    if given["strategy"] == "Webhook" {
        match (&hook["clientConfig"]["url"], &hook["clientConfig"]["service"]) {
            _ if hook["clientConfig"].is_null() => {
                errors.required(&client, "required when strategy is set to Webhook");
            }
            (Value::Null, service) if service.is_map() => {
                webhook::backend(service, &client.child("service"), errors);
            }
            (url, Value::Null) if !url.is_null() => {
                webhook::address(url.text(), &client.child("url"), errors);
            }
            _ => errors.required(&client, "exactly one of url or service is required"),
        }
        if hook["conversionReviewVersions"].is_empty() {
            errors.required(&reviews, "");
        }
    } else if !hook.is_null() {
        let detail = "should not be set when strategy is not set to Webhook";
        if !hook["clientConfig"].is_null() {
            errors.forbidden(&client, detail);
        }
        if !hook["conversionReviewVersions"].is_empty() {
            errors.forbidden(&reviews, detail);
        }
    }
}

/// What is stored under the old definition must stay readable.
fn unchanged(spec: &Value, old: &Value, errors: &mut Errors) {
    let before = &old["spec"];
    let established = old["status"]["conditions"]
        .items()
        .iter()
        .any(|c| c["type"] == "Established" && c["status"] == "True");
    let names = SPEC.child("names");
    let mut fixed = |path: &Path<'_>, new: &Value, old: &Value| {
        if new != old {
            errors.invalid(path, new, "field is immutable");
        }
    };
    if established {
        fixed(&SPEC.child("scope"), &spec["scope"], &before["scope"]);
        fixed(&names.child("kind"), &spec["names"]["kind"], &before["names"]["kind"]);
    }
    fixed(&SPEC.child("group"), &spec["group"], &before["group"]);
    fixed(&names.child("plural"), &spec["names"]["plural"], &before["names"]["plural"]);
}

fn stored(stored: &Value, spec: &Value, errors: &mut Errors) {
    let status = Path::new("status");
    let path = status.child("storedVersions");
    if stored.is_empty() {
        errors.invalid(&path, Value::Null, "must have at least one stored version");
        return;
    }
    let versions = spec["versions"].items();
    for version in versions.iter().filter(|v| v["storage"].bool()) {
        if !stored.items().contains(&version["name"]) {
            let detail = format!("must have the storage version {}", version["name"].text());
            errors.invalid(&path, stored, &detail);
        }
    }
    for (at, name) in stored.items().iter().enumerate() {
        if !versions.iter().any(|v| v["name"] == *name) {
            errors.invalid(&path.index(at), name, "must appear in spec.versions");
        }
    }
}

fn approval(new: &Value, errors: &mut Errors) {
    let group = new["spec"]["group"].text();
    let protected = ["k8s.io", "kubernetes.io"];
    if !protected.iter().any(|p| group == *p || group.ends_with(&format!(".{p}"))) {
        return;
    }
    let metadata = Path::new("metadata");
    let annotations = metadata.child("annotations");
    let path = annotations.key(APPROVED);
    let start = "protected groups must have approval annotation \"api-approved.kubernetes.io\"";
    let link = "see https://github.com/kubernetes/enhancements/pull/1111";
    match new["metadata"]["annotations"][APPROVED].text() {
        "" => errors.required(&path, &format!("{start}, {link}")),
        text if text.starts_with("unapproved") || text.contains("://") => {}
        text => {
            let detail =
                format!("{start} with either a URL or a reason starting with \"unapproved\", {link}");
            errors.invalid(&path, text, &detail);
        }
    }
}
