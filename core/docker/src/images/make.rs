//! Images made here: a configuration, a filesystem and one more layer. The ground of commit, import and
//! build.

use crate::create::strings;
use drydock_container::Signal;
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::images::{Extras, History, Image, Layer};
use drydock_machinery::hash::sha256_hex;
use drydock_machinery::{Value, json};
use imbl::OrdMap;
use std::sync::Arc;

/// What a layer is: the sum over what it changes.
#[must_use]
pub fn layer_of(from: &Filesystem, to: &Filesystem, created_by: &str) -> Layer {
    use drydock_container::difference::{Change, difference};
    let changes = difference(from, to);
    let mut sum = String::new();
    let mut size = 0;
    for (path, change) in &changes {
        let inode = to.get(path);
        // Folders above a change are not part of what the layer holds, only their names.
        let content = match inode.map(|i| &i.content) {
            Some(Content::File(bytes)) => sha256_hex(bytes),
            Some(Content::Program(name)) => name.to_string(),
            Some(Content::Symlink(to)) => to.to_string(),
            _ => String::new(),
        };
        let owner = inode.map_or((0, 0, 0), |i| (i.mode, i.uid, i.gid));
        sum.push_str(&format!("{} {path} {content} {owner:?}\n", change.letter()));
        if *change != Change::Deleted
            && let Some(inode) = inode.filter(|i| matches!(i.content, Content::File(_) | Content::Program(_)))
        {
            size += inode.size;
        }
    }
    Layer {
        diff_id: sha256_hex(format!("layer {sum}").as_bytes()).into(),
        size,
        created_by: created_by.into(),
    }
}

/// What an image is made from.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    /// As a container's configuration.
    pub config: &'a Value,
    pub root: Arc<Filesystem>,
    pub layers: Vec<Layer>,
    pub history: Vec<History>,
    pub author: &'a str,
    pub comment: &'a str,
    /// Unix seconds.
    pub created: i64,
    /// What tells two images of one moment apart; the engine's own chance.
    pub salt: u64,
    pub flavour: drydock_container::images::Flavour,
    pub docker_version: &'a str,
}

/// Makes an image; its id is the sum over its configuration.
#[must_use]
pub fn image(recipe: Recipe<'_>) -> Image {
    let config = recipe.config;
    let keys = |v: &Value| v.entries().iter().map(|(k, _)| Arc::from(k.text())).collect::<Arc<[Arc<str>]>>();
    let env_list = strings(&config["Env"]);
    let env: OrdMap<Arc<str>, Arc<str>> = env_list
        .iter()
        .filter_map(|e| e.split_once('='))
        .map(|(k, v)| (Arc::from(k), Arc::from(v)))
        .collect();
    let labels = config["Labels"].entries().iter().map(|(k, v)| (Arc::from(k.text()), v.shared())).collect();
    let extras = Extras {
        env: env_list,
        author: recipe.author.into(),
        comment: recipe.comment.into(),
        healthcheck: config["Healthcheck"].clone(),
        args_escaped: config["ArgsEscaped"].bool(),
        on_build: strings(&config["OnBuild"]),
        shell: strings(&config["Shell"]),
        history: recipe.history,
        docker_version: recipe.docker_version.into(),
    };
    let layers: Vec<&str> = recipe.layers.iter().map(|l| &*l.diff_id).collect();
    let steps: Vec<&str> = extras.history.iter().map(|h| &*h.created_by).collect();
    let sum = format!(
        "{} {layers:?} {steps:?} {} {} {} {}",
        json::to_plain(config),
        recipe.created,
        recipe.author,
        recipe.comment,
        recipe.salt
    );
    Image {
        id: sha256_hex(sum.as_bytes()).into(),
        digest: "".into(),
        entrypoint: strings(&config["Entrypoint"]).into(),
        cmd: strings(&config["Cmd"]).into(),
        env,
        cwd: config["WorkingDir"].shared(),
        user: config["User"].shared(),
        exposed: keys(&config["ExposedPorts"]),
        volumes: keys(&config["Volumes"]),
        labels,
        stop_signal: Signal::parse(config["StopSignal"].text()),
        size: recipe.layers.iter().map(|l| l.size).sum(),
        layers: recipe.layers.into(),
        created: recipe.created,
        flavour: recipe.flavour,
        root: recipe.root,
        extras: Arc::new(extras),
    }
}
