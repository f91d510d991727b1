//! The compose model: files read, interpolated, checked, merged, and made one project. Follows compose-go
//! v2.0 as compose 2.26 uses it. The rest of this folder is pure; only `load` reads files.

pub mod canonical;
pub mod check;
pub mod dotenv;
pub mod emit;
pub mod interpolate;
pub mod load;
pub mod merge;
pub mod schema;

use drydock_machinery::{Value, hash, json};
use std::collections::{BTreeMap, BTreeSet};

/// Why a project cannot be had, with the exit code of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wrong {
    pub text: String,
    /// 14 a file is missing, 15 the model makes no sense, 1 anything else.
    pub code: i32,
}

impl Wrong {
    /// The model makes no sense.
    #[must_use]
    pub fn model(text: impl Into<String>) -> Wrong {
        Wrong { text: text.into(), code: 15 }
    }
    /// A file is not there.
    #[must_use]
    pub fn missing(text: impl Into<String>) -> Wrong {
        Wrong { text: text.into(), code: 14 }
    }
}

/// A project. Services, networks and volumes are in their long form.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Project {
    pub name: String,
    /// Where relative paths begin.
    pub folder: String,
    pub files: Vec<String>,
    /// Those whose profiles are active.
    pub services: BTreeMap<String, Value>,
    /// The others.
    pub disabled: BTreeMap<String, Value>,
    pub networks: BTreeMap<String, Value>,
    pub volumes: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, Value>,
    pub configs: BTreeMap<String, Value>,
    /// What variables had when the files were read.
    pub environment: BTreeMap<String, String>,
    /// Lines for stderr that came up while reading.
    pub warnings: Vec<String>,
}

impl Project {
    /// How many containers a service is to have.
    #[must_use]
    pub fn scale(&self, service: &str) -> i64 {
        let Some(value) = self.services.get(service) else { return 0 };
        let given = value.find("scale").or_else(|| value["deploy"].find("replicas"));
        given.and_then(|g| canonical::text_of(g).parse().ok()).unwrap_or(1)
    }
    /// The image of a service: its own, or the one that is built.
    #[must_use]
    pub fn image(&self, service: &str) -> String {
        let Some(value) = self.services.get(service) else { return String::new() };
        match value.find("image") {
            Some(image) => canonical::text_of(image),
            None => format!("{}-{service}", self.name),
        }
    }
    /// What a service waits for: name, condition, whether it must exist.
    #[must_use]
    pub fn dependencies(&self, service: &str) -> Vec<(String, String, bool)> {
        let Some(value) = self.services.get(service) else { return Vec::new() };
        let mut out: Vec<(String, String, bool)> = value["depends_on"]
            .entries()
            .iter()
            .map(|(k, v)| (k.text().to_string(), v["condition"].text().to_string(), v["required"].bool()))
            .collect();
        let mut more: Vec<String> = value["links"]
            .items()
            .iter()
            .map(|l| l.text().split(':').next().unwrap_or("").to_string())
            .collect();
        for key in ["network_mode", "ipc", "pid"] {
            more.extend(value[key].text().strip_prefix("service:").map(str::to_string));
        }
        more.extend(
            value["volumes_from"]
                .items()
                .iter()
                .filter(|v| !v.text().starts_with("container:"))
                .map(|v| v.text().split(':').next().unwrap_or("").to_string()),
        );
        for name in more {
            if !out.iter().any(|o| o.0 == name) {
                out.push((name, "service_started".into(), true));
            }
        }
        out
    }
    /// Services in the order they are started: what others need comes first.
    #[must_use]
    pub fn ordered(&self, wanted: &BTreeSet<String>) -> Vec<String> {
        fn visit(
            project: &Project,
            name: &str,
            wanted: &BTreeSet<String>,
            out: &mut Vec<String>,
            seen: &mut BTreeSet<String>,
        ) {
            if !seen.insert(name.to_string()) {
                return;
            }
            for (before, ..) in project.dependencies(name) {
                if project.services.contains_key(&before) {
                    visit(project, &before, wanted, out, seen);
                }
            }
            if wanted.contains(name) {
                out.push(name.to_string());
            }
        }
        let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
        for name in self.services.keys() {
            visit(self, name, wanted, &mut out, &mut seen);
        }
        out
    }
    /// The services named, with all they depend on; all when none is named.
    ///
    /// # Errors
    /// `no such service: x`.
    pub fn selected(&self, names: &[String], dependencies: bool) -> Result<BTreeSet<String>, Wrong> {
        if names.is_empty() {
            return Ok(self.services.keys().cloned().collect());
        }
        let mut out = BTreeSet::new();
        let mut next: Vec<String> = names.to_vec();
        while let Some(name) = next.pop() {
            if !self.services.contains_key(&name) {
                if names.contains(&name) {
                    return Err(Wrong { text: format!("no such service: {name}"), code: 1 });
                }
                continue;
            }
            if out.insert(name.clone()) && dependencies {
                next.extend(self.dependencies(&name).into_iter().map(|d| d.0));
            }
        }
        Ok(out)
    }
    /// What tells whether a service's containers are still what the files say.
    #[must_use]
    pub fn config_hash(&self, service: &str) -> String {
        let Some(value) = self.services.get(service) else { return String::new() };
        let kept = ["build", "pull_policy", "scale", "deploy", "depends_on", "profiles"]
            .iter()
            .fold(value.clone(), |v, key| v.without(key));
        hash::sha256_hex(json::to_string(&kept).as_bytes())
    }
    /// The project as one document, as `docker compose config` shows it.
    #[must_use]
    pub fn document(&self) -> Value {
        let services = self.services.iter().map(|(name, service)| {
            let mut out = service.clone();
            for key in ["command", "entrypoint"] {
                if out.find(key).is_none() {
                    out = out.with(key, Value::Null);
                }
            }
            (name.clone(), out.without("env_file"))
        });
        let mut out = vec![
            ("name".to_string(), Value::from(&self.name)),
            ("services".into(), canonical::map(services.collect())),
        ];
        for (key, items) in [
            ("networks", &self.networks),
            ("volumes", &self.volumes),
            ("secrets", &self.secrets),
            ("configs", &self.configs),
        ] {
            if !items.is_empty() {
                out.push((
                    key.into(),
                    canonical::map(items.iter().map(|(k, v)| (k.clone(), v.clone())).collect()),
                ));
            }
        }
        canonical::map(out)
    }
}
