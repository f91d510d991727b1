//! One kustomization: reads its file, its resources and bases, and applies what it says in kustomize's
//! order.

use super::{generate, patches, references, transform};
use crate::cli::Invocation;
use crate::kubectl::{Failure, manifests};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, yaml};

/// What a kustomization may hold.
const FIELDS: &[&str] = &[
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "imageTags",
    "images",
    "inventory",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "secretGenerator",
    "sortOptions",
    "transformers",
    "validators",
    "vars",
];
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Bases within bases.
const DEPTH: usize = 20;

/// An object under construction.
#[derive(Clone, Debug)]
pub struct Built {
    pub object: Value,
    /// The name it was written with; what references say.
    pub original: String,
    /// The suffix of its content is still to come.
    pub hashed: bool,
}

/// Builds the directory at `path`.
///
/// # Errors
/// In kustomize's words.
pub fn directory(
    invocation: &mut Invocation<'_, '_>,
    path: &str,
    depth: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<Built>, Failure> {
    if depth > DEPTH {
        return Err(
            format!("cycle not allowed: candidate root '{path}' contains visited root '{path}'").into()
        );
    }
    let kustomization = read(invocation, path)?;
    warn(&kustomization, warnings);
    let mut objects: Vec<Built> = Vec::new();
    let lists = ["resources", "bases", "components"];
    for entry in lists.iter().flat_map(|l| kustomization[*l].items()) {
        let child = join(path, entry.text());
        let accumulation = |why: String, file: &str| {
            format!(
                "accumulating resources: accumulation err='accumulating resources from '{}': {why}': must build at directory: '{file}': file is not directory",
                entry.text()
            )
        };
        let (new, folder) = match manifests::list(invocation.sys, &child) {
            Ok(Some(_)) => (directory(invocation, &child, depth + 1, warnings)?, true),
            Ok(None) => {
                if let Some(why) = outside(invocation, path, &child) {
                    return Err(accumulation(why, &absolute(invocation, &child)).into());
                }
                (load(invocation, &child, entry.text())?, false)
            }
            Err(_) => return Err(missing_resource(invocation, &child, entry.text())),
        };
        for built in new {
            if let Some(id) =
                objects.iter().any(|b| identity(b) == identity(&built)).then(|| identity(&built))
            {
                let why = format!("may not add resource with an already registered id: {id}");
                let file = absolute(invocation, &child);
                return Err(match folder {
                    true => format!(
                        "accumulating resources: accumulation err='accumulating resources from '{}': '{file}' must resolve to a file': recursed merging from path '{file}': {why}",
                        entry.text()
                    ),
                    false => accumulation(why, &file)
                        .replacen("err='accumulating resources from", "err='merging resources from", 1),
                }
                .into());
            }
            objects.push(built);
        }
    }
    generate::run(invocation, path, &kustomization, &mut objects)?;
    patches::run(invocation, path, &kustomization, &mut objects)?;
    transform::run(&kustomization, &mut objects);
    references::rename(&mut objects);
    Ok(objects)
}

fn read(invocation: &mut Invocation<'_, '_>, path: &str) -> Result<Value, Failure> {
    let absolute = absolute(invocation, path);
    if !matches!(manifests::list(invocation.sys, path), Ok(Some(_))) {
        return Err(match invocation.sys.read_file(path) {
            Ok(_) => format!("must build at directory: '{path}': file is not directory"),
            Err(_) => format!(
                "must build at directory: not a valid directory: evalsymlink failure on '{path}' : lstat {absolute}: no such file or directory"
            ),
        }
        .into());
    }
    for name in NAMES {
        let file = join(path, name);
        if let Ok(bytes) = invocation.sys.read_file(&file) {
            let text = String::from_utf8_lossy(&bytes);
            let documents = yaml::load(&text).map_err(|e| {
                Failure::Message(format!("invalid Kustomization: error converting YAML to JSON: {e}"))
            })?;
            let found = documents.into_iter().next().map(|d| d.value).unwrap_or_default();
            if let Some((key, _)) = found.entries().iter().find(|(key, _)| !FIELDS.contains(&key.text())) {
                let key = drydock_machinery::quote::go(key.text());
                return Err(format!("invalid Kustomization: json: unknown field {key}").into());
            }
            return Ok(found);
        }
    }
    Err(format!(
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{absolute}'"
    )
    .into())
}

/// `Deployment.v1.apps/web.[noNs]`: what tells objects apart.
fn identity(built: &Built) -> String {
    let object = &built.object;
    let api_version = object["apiVersion"].text();
    let (group, version) = api_version.split_once('/').unwrap_or(("[noGrp]", api_version));
    let namespace = match object["metadata"]["namespace"].text() {
        "" => "[noNs]",
        namespace => namespace,
    };
    format!("{}.{version}.{group}/{}.{namespace}", object["kind"].text(), object["metadata"]["name"].text())
}

/// Why a file may not be loaded: it lies outside the kustomization's folder.
#[must_use]
pub fn outside(invocation: &Invocation<'_, '_>, directory: &str, file: &str) -> Option<String> {
    if invocation.flags.has("load-restrictor") && invocation.str("load-restrictor") == "LoadRestrictionsNone"
    {
        return None;
    }
    let (root, file) = (absolute(invocation, directory), absolute(invocation, file));
    let within = file.strip_prefix(root.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
    (!within).then(|| format!("security; file '{file}' is not in or below '{root}'"))
}

fn missing_resource(invocation: &Invocation<'_, '_>, child: &str, entry: &str) -> Failure {
    let file = absolute(invocation, child);
    Failure::Message(format!(
        "accumulating resources: accumulation err='accumulating resources from '{entry}': evalsymlink failure on '{file}' : lstat {file}: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '{file}' : lstat {file}: no such file or directory"
    ))
}

fn load(invocation: &mut Invocation<'_, '_>, file: &str, entry: &str) -> Result<Vec<Built>, Failure> {
    let bytes = invocation.sys.read_file(file).map_err(|e| Failure::Message(e.text().to_lowercase()))?;
    let text = String::from_utf8_lossy(&bytes);
    let documents = yaml::load(&text).map_err(|e| {
        Failure::Message(format!(
            "accumulating resources: accumulation err='accumulating resources from '{entry}': MalformedYAMLError: {e} in File: {entry}'"
        ))
    })?;
    let mut out = Vec::new();
    for document in documents.into_iter().filter(|d| !d.value.is_null()) {
        let value = document.value;
        if value["kind"].text().ends_with("List") && value["items"].is_list() {
            out.extend(value["items"].items().iter().cloned().map(built));
        } else {
            out.push(built(value));
        }
    }
    Ok(out)
}

/// An object as it came from a file.
#[must_use]
pub fn built(object: Value) -> Built {
    let original = object["metadata"]["name"].text().to_string();
    Built { object, original, hashed: false }
}

fn warn(kustomization: &Value, warnings: &mut Vec<String>) {
    let fix = "Run 'kustomize edit fix' to update your Kustomization automatically.";
    for (field, instead) in [
        ("bases", "resources"),
        ("commonLabels", "labels"),
        ("patchesJson6902", "patches"),
        ("patchesStrategicMerge", "patches"),
        ("vars", "replacements"),
        ("imageTags", "images"),
    ] {
        if kustomization.find(field).is_some() {
            warnings
                .push(format!("# Warning: '{field}' is deprecated. Please use '{instead}' instead. {fix}\n"));
        }
    }
}

/// A path relative to a directory.
#[must_use]
pub fn join(directory: &str, entry: &str) -> String {
    if entry.starts_with('/') {
        return entry.into();
    }
    let mut parts: Vec<&str> = directory.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if directory.starts_with('/') { "/" } else { "" };
    let path = format!("{root}{}", parts.join("/"));
    if path.is_empty() { ".".into() } else { path }
}

fn absolute(invocation: &Invocation<'_, '_>, path: &str) -> String {
    if path.starts_with('/') { path.into() } else { join(&invocation.sys.cwd(), path) }
}

/// Kinds that must be there before others, in kustomize's "legacy" order.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The objects in the order they should be created.
#[must_use]
pub fn sorted(mut objects: Vec<Value>) -> Vec<Value> {
    let rank = |object: &Value| {
        let kind = object["kind"].text();
        match (FIRST.iter().position(|k| *k == kind), LAST.iter().position(|k| *k == kind)) {
            (Some(at), _) => at,
            (None, Some(at)) => FIRST.len() + 1 + at,
            (None, None) => FIRST.len(),
        }
    };
    let text = |object: &Value, field: &str| object[field].text().to_string();
    objects.arrange_by_key(|o| {
        (
            rank(o),
            text(o, "apiVersion"),
            text(o, "kind"),
            o["metadata"]["namespace"].text().to_string(),
            o["metadata"]["name"].text().to_string(),
        )
    });
    objects
}
