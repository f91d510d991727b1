//! From files to a project: which files there are, what their variables mean, overrides, `extends`,
//! `env_file`, profiles, the default network, names.

use super::canonical::{self, is_true, map, text_of};
use super::interpolate::Interpolation;
use super::merge::merge;
use super::{Project, Wrong, check, dotenv, schema};
use drydock_container::Sys;
use drydock_container::filesystem::{base_name, normalise, parent};
use drydock_machinery::{Value, value, yaml};
use std::collections::BTreeMap;

/// What the command line says about the project.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Wanted {
    pub files: Vec<String>,
    pub name: String,
    pub folder: String,
    pub profiles: Vec<String>,
    pub env_files: Vec<String>,
    /// Services named: their profiles are active.
    pub targets: Vec<String>,
}

const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

struct Loader<'a, 'b> {
    sys: &'a mut Sys<'b>,
    interpolation: Interpolation,
    home: String,
    warnings: Vec<String>,
    /// Files being extended from, so that a circle ends.
    depth: usize,
}

/// The files a project is made of, absolute.
///
/// # Errors
/// `no configuration file provided: not found`.
fn files(
    sys: &mut Sys<'_>,
    wanted: &Wanted,
    variables: &BTreeMap<String, String>,
) -> Result<Vec<String>, Wrong> {
    let cwd = sys.cwd().to_string();
    let given: Vec<String> = if wanted.files.is_empty() {
        let separator = variables.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
        let list = variables.get("COMPOSE_FILE").map(String::as_str).unwrap_or_default();
        list.split(separator).filter(|f| !f.is_empty()).map(String::from).collect()
    } else {
        wanted.files.clone()
    };
    if !given.is_empty() {
        return Ok(given.iter().map(|f| normalise(&cwd, f)).collect());
    }
    let mut folder = if wanted.folder.is_empty() { cwd.clone() } else { normalise(&cwd, &wanted.folder) };
    loop {
        let there: Vec<String> =
            DEFAULTS.iter().map(|n| normalise(&folder, n)).filter(|p| sys.stat(p).is_ok()).collect();
        if let Some(first) = there.first() {
            let mut out = vec![first.clone()];
            let over = OVERRIDES.iter().map(|n| normalise(&folder, n)).find(|p| sys.stat(p).is_ok());
            out.extend(over);
            return Ok(out);
        }
        if folder == "/" {
            return Err(Wrong::missing("no configuration file provided: not found"));
        }
        folder = parent(&folder).to_string();
    }
}

/// Reads the project the command line means.
///
/// # Errors
/// What compose says of files that are missing or make no sense.
pub fn load(sys: &mut Sys<'_>, wanted: &Wanted) -> Result<Project, Wrong> {
    let mut variables: BTreeMap<String, String> =
        sys.environment().iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let home = variables.get("HOME").cloned().unwrap_or_else(|| "/root".into());
    let cwd = sys.cwd().to_string();
    let paths = files(sys, wanted, &variables)?;
    let first = paths.first().cloned().unwrap_or_default();
    let folder =
        if wanted.folder.is_empty() { parent(&first).to_string() } else { normalise(&cwd, &wanted.folder) };
    for (path, required) in env_paths(wanted, &cwd, &folder) {
        let bytes = match sys.read_file(&path) {
            Ok(bytes) => bytes,
            Err(_) if !required => continue,
            Err(_) => return Err(Wrong::missing(format!("couldn't find env file: {path}"))),
        };
        let read = dotenv::parse(&String::from_utf8_lossy(&bytes), &variables)
            .map_err(|text| Wrong::model(format!("failed to read {path}: {text}")))?;
        for (name, value) in read {
            if let Some(value) = value {
                variables.entry(name).or_insert(value);
            }
        }
    }
    // `.env` may name the files, too.
    let paths = if wanted.files.is_empty() && variables.contains_key("COMPOSE_FILE") {
        files(sys, wanted, &variables)?
    } else {
        paths
    };
    let mut profiles = wanted.profiles.clone();
    let list = variables.get("COMPOSE_PROFILES").cloned().unwrap_or_default();
    profiles.extend(list.split(',').map(str::trim).filter(|p| !p.is_empty()).map(String::from));
    let mut name = [wanted.name.clone(), variables.get("COMPOSE_PROJECT_NAME").cloned().unwrap_or_default()]
        .into_iter()
        .find(|n| !n.is_empty())
        .unwrap_or_default();
    if !name.is_empty() && name != clean_name(&name) {
        return Err(Wrong::model(format!(
            "invalid project name {}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number",
            drydock_machinery::quote::go(&name)
        )));
    }
    let interpolation = Interpolation { variables, ..Interpolation::default() };
    let mut loader = Loader { sys, interpolation, home, warnings: Vec::new(), depth: 0 };
    let mut model = Value::empty_map();
    for path in &paths {
        if name.is_empty() {
            name = loader.own_name(path);
        }
        if name.is_empty() {
            name = clean_name(base_name(&folder));
        }
        loader.interpolation.variables.insert("COMPOSE_PROJECT_NAME".into(), name.clone());
        let document = loader.document(path, &folder)?;
        model = merge(&model, &document, "");
    }
    let unset: Vec<String> = loader.interpolation.unset.iter().cloned().collect();
    let mut warnings: Vec<String> = unset
        .iter()
        .map(|n| format!("The \"{n}\" variable is not set. Defaulting to a blank string."))
        .collect();
    warnings.append(&mut loader.warnings);
    let environment = std::mem::take(&mut loader.interpolation.variables);
    let mut project = Project { name, folder, files: paths, environment, warnings, ..Project::default() };
    fill(&mut project, &model, &profiles, &wanted.targets);
    environments(sys, &mut project)?;
    check::check(&project)?;
    Ok(project)
}

fn env_paths(wanted: &Wanted, cwd: &str, folder: &str) -> Vec<(String, bool)> {
    if wanted.env_files.is_empty() {
        return vec![(normalise(folder, ".env"), false)];
    }
    wanted.env_files.iter().map(|f| (normalise(cwd, f), true)).collect()
}

/// A name as projects may have it.
#[must_use]
pub fn clean_name(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept: String = lower
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        .collect();
    kept.trim_start_matches(['_', '-']).to_string()
}

impl Loader<'_, '_> {
    fn text(&mut self, path: &str) -> Result<String, Wrong> {
        let bytes = self
            .sys
            .read_file(path)
            .map_err(|error| Wrong::missing(format!("open {path}: {}", error.text().to_lowercase())))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
    /// `name:` at the top of a file.
    fn own_name(&mut self, path: &str) -> String {
        let Ok(text) = self.text(path) else { return String::new() };
        let Ok(documents) = yaml::load_core(&text) else { return String::new() };
        let name = documents.first().map(|d| d.value["name"].text().to_string()).unwrap_or_default();
        self.interpolation.text(&name, "name").unwrap_or_default()
    }
    fn raw(&mut self, path: &str) -> Result<Value, Wrong> {
        let text = self.text(path)?;
        let documents = yaml::load_core(&text).map_err(|e| Wrong::model(e.to_string()))?;
        let Some(document) = documents.into_iter().find(|d| !d.value.is_null()) else {
            return Err(Wrong::model("empty compose file"));
        };
        if let Some(twice) = document.duplicates.first() {
            let (line, _) = document.spans.get(&twice.path).unwrap_or((1, 1));
            let key = twice.path.rsplit('.').next().unwrap_or("");
            return Err(Wrong::model(format!(
                "yaml: unmarshal errors:\n  line {line}: mapping key \"{key}\" already defined"
            )));
        }
        if !document.value.is_map() {
            return Err(Wrong::model("Top-level object must be a mapping"));
        }
        let value = self.interpolation.document(&document.value, "").map_err(Wrong::model)?;
        Ok(value)
    }
    /// A file with its services in the long form.
    fn document(&mut self, path: &str, folder: &str) -> Result<Value, Wrong> {
        let mut document = self.raw(path)?;
        schema::check(&document, &schema::ROOT, "")
            .map_err(|text| Wrong::model(format!("validating {path}: {text}")))?;
        if document.find("version").is_some() {
            self.warnings.push(format!("{path}: `version` is obsolete"));
            document = document.without("version");
        }
        let mut services = Vec::new();
        for (name, given) in document["services"].clone().entries() {
            let long = self.service(&document, given, name.text(), path, folder)?;
            services.push((name.text().to_string(), long));
        }
        Ok(document.with("services", map(services)))
    }
    fn service(
        &mut self,
        document: &Value,
        given: &Value,
        name: &str,
        path: &str,
        folder: &str,
    ) -> Result<Value, Wrong> {
        let long = canonical::service(given, name, folder, &self.home).map_err(Wrong::model)?;
        let Some(extends) = long.find("extends").cloned() else { return Ok(long) };
        self.depth += 1;
        if self.depth > 16 {
            return Err(Wrong::model(format!("Circular reference:\n  {name} in {path}")));
        }
        let service = extends["service"].text().to_string();
        let file = extends.find("file").map(|f| normalise(folder, f.text()));
        let base = match &file {
            Some(file) if file != path => {
                let other = self.raw(file)?;
                let Some(found) = other["services"].find(&service) else {
                    return Err(Wrong::model(format!(
                        "cannot extend service \"{name}\" in {file}: service not found"
                    )));
                };
                let folder = parent(file).to_string();
                self.service(&other, &found.clone(), &service, file, &folder)?
            }
            _ => {
                let Some(found) = document["services"].find(&service) else {
                    return Err(Wrong::model(format!(
                        "cannot extend service \"{name}\" in {path}: service not found"
                    )));
                };
                self.service(document, &found.clone(), &service, path, folder)?
            }
        };
        self.depth -= 1;
        Ok(merge(&base, &long.without("extends"), name))
    }
}

/// Services by whether they are active, networks and volumes with their names.
fn fill(project: &mut Project, model: &Value, profiles: &[String], targets: &[String]) {
    for (name, service) in model["services"].entries() {
        let name = name.text().to_string();
        let own: Vec<&str> = service["profiles"].items().iter().map(Value::text).collect();
        let active = own.is_empty()
            || targets.contains(&name)
            || profiles.iter().any(|p| p == "*" || own.contains(&p.as_str()));
        let mut service = service.clone();
        if service.find("network_mode").is_none() && service["networks"].is_empty() {
            service = service.with("networks", value!({ "default": null }));
        }
        if active { &mut project.services } else { &mut project.disabled }.insert(name, service);
    }
    let named = |key: &str, given: &Value, project: &str| {
        let given = if given.is_map() { given.clone() } else { Value::empty_map() };
        let external = given.find("external").cloned().unwrap_or_default();
        let is_external = is_true(&external) || external.is_map();
        let name = match (given.find("name"), external.find("name")) {
            (Some(name), _) | (None, Some(name)) => text_of(name),
            _ if is_external => key.to_string(),
            _ => format!("{project}_{key}"),
        };
        let mut out = given.without("external").with("name", name);
        for field in ["labels", "driver_opts"] {
            if let Some(list) = given.find(field) {
                out = out.with(field, canonical::pairs(list));
            }
        }
        if is_external { out.with("external", true) } else { out }
    };
    let owner = project.name.clone();
    let mut networks = model["networks"].clone();
    let uses_default = project.services.values().any(|s| s["networks"].find("default").is_some());
    if uses_default && networks.find("default").is_none() {
        networks = if networks.is_map() { networks } else { Value::empty_map() }.with("default", Value::Null);
    }
    project.networks =
        networks.entries().iter().map(|(k, v)| (k.text().into(), named(k.text(), v, &owner))).collect();
    for (items, key) in [
        (&mut project.volumes, "volumes"),
        (&mut project.secrets, "secrets"),
        (&mut project.configs, "configs"),
    ] {
        *items =
            model[key].entries().iter().map(|(k, v)| (k.text().into(), named(k.text(), v, &owner))).collect();
    }
    let folder = project.folder.clone();
    for item in project.secrets.values_mut().chain(project.configs.values_mut()) {
        if let Some(file) = item.find("file") {
            let path = normalise(&folder, file.text());
            *item = item.with("file", path);
        }
    }
}

/// `env_file` below `environment`, and values that come from outside.
fn environments(sys: &mut Sys<'_>, project: &mut Project) -> Result<(), Wrong> {
    let known = project.environment.clone();
    for service in project.services.values_mut() {
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for entry in service["env_file"].clone().items() {
            let path = entry["path"].text().to_string();
            let bytes = match sys.read_file(&path) {
                Ok(bytes) => bytes,
                Err(_) if !entry["required"].bool() => continue,
                Err(_) => {
                    return Err(Wrong::missing(format!(
                        "env file {path} not found: stat {path}: no such file or directory"
                    )));
                }
            };
            let read = dotenv::parse(&String::from_utf8_lossy(&bytes), &known)
                .map_err(|text| Wrong::model(format!("failed to read {path}: {text}")))?;
            for (name, value) in read {
                all.insert(name, value.map_or(Value::Null, Value::from));
            }
        }
        for (name, value) in service["environment"].entries() {
            let value = if value.is_null() {
                known.get(name.text()).map_or(Value::Null, Value::from)
            } else {
                value.clone()
            };
            all.insert(name.text().to_string(), value);
        }
        if !all.is_empty() {
            *service = service.with("environment", map(all.into_iter().collect()));
        }
        if let Some(args) = service["build"].find("args") {
            let args = args.entries().iter().map(|(k, v)| {
                let value = if v.is_null() {
                    known.get(k.text()).map_or(Value::Null, Value::from)
                } else {
                    v.clone()
                };
                (k.text().to_string(), value)
            });
            let args = map(args.collect());
            *service = service.with_at(&["build", "args"], args);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_projects() {
        assert_eq!(clean_name("My App_2"), "myapp_2");
        assert_eq!(clean_name("_-x.y"), "xy");
    }
}
