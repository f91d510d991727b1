//! Patches of a kustomization: strategic ones find their object by kind and name, JSON patches by their
//! target, which may be a pattern or a selector.

use super::build::{Built, join, outside};
use super::transform::type_of;
use crate::cli::Invocation;
use crate::kubectl::Failure;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Value, patch, schema, yaml};

/// Applies `patches`, `patchesStrategicMerge` and `patchesJson6902`.
///
/// # Errors
/// A patch that finds nothing or cannot be applied.
pub fn run(
    invocation: &mut Invocation<'_, '_>,
    path: &str,
    kustomization: &Value,
    objects: &mut Vec<Built>,
) -> Result<(), Failure> {
    for entry in kustomization["patchesStrategicMerge"].items() {
        let text = entry.text();
        let text = if text.contains('\n') { text.to_string() } else { file(invocation, path, text)? };
        for change in documents(&text)? {
            strategic(objects, &change, &Value::Null)?;
        }
    }
    let lists = ["patches", "patchesJson6902"];
    for entry in lists.iter().flat_map(|l| kustomization[*l].items()) {
        let text = match (entry["patch"].as_str(), entry["path"].as_str()) {
            (Some(text), _) => text.to_string(),
            (None, Some(name)) => file(invocation, path, name)?,
            (None, None) => {
                return Err("must specify one of patch and path in\n".into());
            }
        };
        for change in documents(&text)? {
            if change.is_list() {
                json(objects, &change, &entry["target"])?;
            } else {
                strategic(objects, &change, &entry["target"])?;
            }
        }
    }
    Ok(())
}

fn file(invocation: &mut Invocation<'_, '_>, directory: &str, name: &str) -> Result<String, Failure> {
    let path = join(directory, name);
    if let Some(why) = outside(invocation, directory, &path) {
        return Err(Failure::Message(format!("failed to get the patch file from path({name}): {why}")));
    }
    let bytes = invocation.sys.read_file(&path).map_err(|e| {
        Failure::Message(format!(
            "failed to get the patch file from path({name}): open {path}: {}",
            e.text().to_lowercase()
        ))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn documents(text: &str) -> Result<Vec<Value>, Failure> {
    let documents = yaml::load(text)
        .map_err(|e| Failure::Message(format!("unable to parse SM or JSON patch from [{text}]: {e}")))?;
    Ok(documents.into_iter().map(|d| d.value).filter(|v| !v.is_null()).collect())
}

fn strategic(objects: &mut Vec<Built>, change: &Value, target: &Value) -> Result<(), Failure> {
    let mut found = false;
    let mut removed = Vec::new();
    for (at, built) in objects.iter_mut().enumerate() {
        let fits = if target.is_null() {
            let same_group = group(&change["apiVersion"]) == group(&built.object["apiVersion"]);
            let name = change["metadata"]["name"].text();
            let namespace = change["metadata"]["namespace"].text();
            same_group
                && change["kind"] == built.object["kind"]
                && (name == built.original || name == built.object["metadata"]["name"].text())
                && (namespace.is_empty() || namespace == built.object["metadata"]["namespace"].text())
        } else {
            selects(target, built)
        };
        if !fits {
            continue;
        }
        found = true;
        if change["$patch"] == "delete" {
            removed.push(at);
            continue;
        }
        // A target decides alone; the patch's own identity must not rename anything.
        let mut body = change.without("apiVersion").without("kind");
        let metadata = change["metadata"].without("name").without("namespace");
        body = if metadata.is_empty() { body.without("metadata") } else { body.with("metadata", metadata) };
        built.object = match type_of(&built.object) {
            Some(ty) => patch::strategic(&built.object, &body, schema::builtin(), ty)?,
            None => patch::merge(&built.object, &body),
        };
    }
    for at in removed.into_iter().rev() {
        objects.remove(at);
    }
    if found || !target.is_null() {
        return Ok(());
    }
    let (version, kind) = (change["apiVersion"].text(), change["kind"].text());
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let dot = if group.is_empty() { String::new() } else { format!(".{group}") };
    let namespace = match change["metadata"]["namespace"].text() {
        "" => "[noNs]",
        namespace => namespace,
    };
    Err(format!(
        "no resource matches strategic merge patch \"{kind}.{version}{dot}/{}.{namespace}\": no matches for Id {kind}.{version}{dot}/{}.{namespace}; failed to find unique target for patch {kind}.{version}{dot}/{}.{namespace}",
        change["metadata"]["name"].text(),
        change["metadata"]["name"].text(),
        change["metadata"]["name"].text()
    )
    .into())
}

fn json(objects: &mut [Built], change: &Value, target: &Value) -> Result<(), Failure> {
    if target.is_null() {
        return Err("must specify a target for JSON patch".into());
    }
    for built in objects.iter_mut().filter(|b| selects(target, b)) {
        built.object = patch::json_patch(&built.object, change)?;
    }
    Ok(())
}

fn group(api_version: &Value) -> &str {
    api_version.text().split_once('/').map_or("", |v| v.0)
}

/// Whether a target means an object. Names are anchored patterns.
fn selects(target: &Value, built: &Built) -> bool {
    let object = &built.object;
    let (object_group, object_version) =
        object["apiVersion"].text().split_once('/').unwrap_or(("", object["apiVersion"].text()));
    let same = |field: &str, text: &str| target[field].is_empty() || target[field] == text;
    let labels = |field: &str, map: &Value| {
        let text = target[field].text();
        text.is_empty() || LabelSelector::parse(text).is_ok_and(|s| s.matches(map))
    };
    let metadata = &object["metadata"];
    same("group", object_group)
        && same("version", object_version)
        && same("kind", object["kind"].text())
        && (matches(target["name"].text(), &built.original)
            || matches(target["name"].text(), metadata["name"].text()))
        && matches(target["namespace"].text(), metadata["namespace"].text())
        && labels("labelSelector", &metadata["labels"])
        && labels("annotationSelector", &metadata["annotations"])
}

fn matches(pattern: &str, text: &str) -> bool {
    if pattern.is_empty() || pattern == text {
        return true;
    }
    regex_lite::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|r| r.is_match(text))
}
