//! Between images as machines run them and the configuration a build works on.

use super::config::Config;
use super::instruction::Healthcheck;
use drydock_container::Signal;
use drydock_container::filesystem::Filesystem;
use drydock_container::images::{Extras, Flavour, History, Image, Layer};
use drydock_machinery::Value;
use drydock_machinery::hash::sha256_hex;
use std::sync::Arc;

/// A stage's state while it is built: the image it would be now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub config: Config,
    pub root: Arc<Filesystem>,
    pub layers: Vec<Layer>,
    pub history: Vec<History>,
    /// Bytes that the layers do not account for.
    pub base_size: u64,
    pub flavour: Flavour,
    /// Cache key of its files.
    pub key: String,
    /// The image it is, for the classic builder; "" before the first.
    pub image: Arc<str>,
    /// Unix seconds of the newest layer.
    pub created: i64,
}

fn texts(list: &[String]) -> Arc<[Arc<str>]> {
    list.iter().map(|t| Arc::from(t.as_str())).collect()
}

impl Line {
    /// Nothing: `FROM scratch`.
    #[must_use]
    pub fn scratch() -> Line {
        Line { key: "scratch".into(), ..Line::default() }
    }
    /// What an image leaves to a stage.
    #[must_use]
    pub fn of(image: &Image) -> Line {
        let extras = &image.extras;
        let env = if extras.env.is_empty() {
            image.env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
        } else {
            let split = |e: &Arc<str>| e.split_once('=').map(|(k, v)| (k.to_string(), v.to_string()));
            extras.env.iter().filter_map(split).collect()
        };
        let some = |list: &[Arc<str>]| {
            (!list.is_empty()).then(|| list.iter().map(|w| w.to_string()).collect::<Vec<_>>())
        };
        let config = Config {
            env,
            cmd: some(&image.cmd),
            entrypoint: some(&image.entrypoint),
            labels: image.labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            user: image.user.to_string(),
            workdir: image.cwd.to_string(),
            exposed: image.exposed.iter().map(|p| p.to_string()).collect(),
            volumes: image.volumes.iter().map(|p| p.to_string()).collect(),
            stop_signal: image.stop_signal.map_or(String::new(), |s| format!("SIG{}", s.name())),
            healthcheck: healthcheck(&extras.healthcheck),
            onbuild: extras.on_build.iter().map(|t| t.to_string()).collect(),
            shell: extras.shell.iter().map(|t| t.to_string()).collect(),
            author: extras.author.to_string(),
            ..Config::default()
        };
        let layers = image.layers.to_vec();
        let counted: u64 = layers.iter().map(|l| l.size).sum();
        Line {
            config,
            root: image.root.clone(),
            base_size: image.size.saturating_sub(counted),
            layers,
            history: extras.history.clone(),
            flavour: image.flavour,
            key: image.id.to_string(),
            image: image.id.clone(),
            created: image.created,
        }
    }
    /// The image as it stands. `salt` tells apart what is made at different moments.
    #[must_use]
    pub fn image(&self, buildkit: bool, salt: &str) -> Image {
        let config = &self.config;
        let id = {
            let layers: Vec<&str> = self.layers.iter().map(|l| &*l.diff_id).collect();
            let sum = format!("{} {:?} {:?} {salt}", config.summary(), layers, self.history);
            sha256_hex(sum.as_bytes())
        };
        let extras = Extras {
            env: config.env_list().into_iter().map(Arc::from).collect(),
            author: config.author.as_str().into(),
            comment: if buildkit { "buildkit.dockerfile.v0".into() } else { "".into() },
            healthcheck: config.healthcheck_value(),
            on_build: config.onbuild.iter().map(|t| Arc::from(t.as_str())).collect(),
            shell: config.shell.iter().map(|t| Arc::from(t.as_str())).collect(),
            args_escaped: buildkit && config.args_escaped,
            history: self.history.clone(),
            docker_version: if buildkit { "".into() } else { "26.1.5".into() },
        };
        Image {
            id: id.into(),
            digest: "".into(),
            entrypoint: texts(config.entrypoint.as_deref().unwrap_or_default()),
            cmd: texts(config.cmd.as_deref().unwrap_or_default()),
            env: config.env.iter().map(|(k, v)| (Arc::from(k.as_str()), Arc::from(v.as_str()))).collect(),
            cwd: config.workdir.as_str().into(),
            user: config.user.as_str().into(),
            exposed: config.exposed.iter().map(|p| Arc::from(p.as_str())).collect(),
            volumes: config.volumes.iter().map(|p| Arc::from(p.as_str())).collect(),
            labels: config
                .labels
                .iter()
                .map(|(k, v)| (Arc::from(k.as_str()), Arc::from(v.as_str())))
                .collect(),
            stop_signal: Signal::parse(&config.stop_signal),
            layers: self.layers.clone().into(),
            size: self.base_size + self.layers.iter().map(|l| l.size).sum::<u64>(),
            created: self.created,
            flavour: self.flavour,
            root: self.root.clone(),
            extras: Arc::new(extras),
        }
    }
    /// Adds a line of history that brings no layer.
    pub fn note(&mut self, created_by: &str, buildkit: bool, created: i64) {
        self.history.push(History {
            created,
            created_by: created_by.into(),
            comment: if buildkit { "buildkit.dockerfile.v0".into() } else { "".into() },
            author: self.config.author.as_str().into(),
            empty: true,
            size: 0,
        });
    }
    /// Adds a layer with its line of history.
    pub fn add_layer(&mut self, layer: Layer, root: Arc<Filesystem>, buildkit: bool, created: i64) {
        self.note(&layer.created_by.clone(), buildkit, created);
        if let Some(last) = self.history.last_mut() {
            (last.empty, last.size) = (false, layer.size);
        }
        (self.root, self.created) = (root, created);
        self.layers.push(layer);
    }
}

fn healthcheck(value: &Value) -> Option<Healthcheck> {
    value.is_map().then(|| Healthcheck {
        test: value["Test"].items().iter().map(|t| t.text().to_string()).collect(),
        interval: value["Interval"].int(),
        timeout: value["Timeout"].int(),
        start_period: value["StartPeriod"].int(),
        start_interval: value["StartInterval"].int(),
        retries: value["Retries"].int(),
    })
}
