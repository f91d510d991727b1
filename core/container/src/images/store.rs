//! Images on hosts, images pushed to registries, and pulls under way.

use crate::engine::pull::Job;
use crate::images::{Catalogued, Draft, Extras, History, Image, Layer};
use crate::machines::Machines;
use crate::space::{SpaceId, SpaceKind};
use drydock_machinery::hash::sha256_hex;
use imbl::OrdMap;
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images {
    /// By host and full reference (`docker.io/library/nginx:latest`).
    pub local: OrdMap<(SpaceId, Arc<str>), Arc<Image>>,
    /// Pushed to a registry, by full reference.
    pub registry: OrdMap<Arc<str>, Arc<Image>>,
    /// Repositories that cloud registries know and when each was made, in unix seconds: without one nothing is
    /// pushed there.
    pub repositories: OrdMap<Arc<str>, i64>,
    /// Built-in images made so far, by full reference: a cache.
    pub made: OrdMap<Arc<str>, Arc<Image>>,
    pub jobs: OrdMap<u64, Job>,
}

impl Images {
    /// References and images of one host, by reference.
    pub fn on_host(&self, host: SpaceId) -> impl Iterator<Item = (&Arc<str>, &Arc<Image>)> {
        let from = (host, Arc::from(""));
        let to = (SpaceId(host.0 + 1), Arc::from(""));
        self.local.range(from..to).map(|((_, name), image)| (name, image))
    }
}

impl Machines {
    /// A built-in image, made on first sight.
    pub(crate) fn made_image(&mut self, entry: &Catalogued, name: &str, tag: &str) -> Option<Arc<Image>> {
        let full: Arc<str> = format!("{name}:{tag}").into();
        if let Some(image) = self.images.made.get(&full) {
            return Some(image.clone());
        }
        if !entry.tags.contains(&tag) {
            return None;
        }
        let draft = (entry.make)(name, tag, self.programs);
        let image = Arc::new(finish(draft, name, tag));
        self.images.made.insert(full, image.clone());
        Some(image)
    }
    /// What a host of this kind runs.
    pub(crate) fn host_image(&mut self, kind: SpaceKind) -> Arc<Image> {
        let name = match kind {
            SpaceKind::Laptop => "laptop",
            _ => "node",
        };
        let full: Arc<str> = format!("host/{name}").into();
        if let Some(image) = self.images.made.get(&full) {
            return image.clone();
        }
        let image = Arc::new(finish(crate::images::hosts::make(kind, self.programs), name, "host"));
        self.images.made.insert(full, image.clone());
        image
    }
}

/// Gives a draft its digests: sums over what it is, so that they never change from run to run.
fn finish(draft: Draft, name: &str, tag: &str) -> Image {
    let strings = |list: &[&str]| list.iter().map(|t| Arc::from(*t)).collect::<Arc<[Arc<str>]>>();
    let count = draft.layers.max(1);
    // The base layer is the same in every image of a distribution and weighs most.
    let base = draft.size.min(draft.base_size);
    let layers: Arc<[Layer]> = (0..count)
        .map(|n| {
            let (what, size) = match n {
                0 => (format!("base {}", draft.base), if count == 1 { draft.size } else { base }),
                n => {
                    let rest = draft.size.saturating_sub(base);
                    let share = if n == 1 { rest - rest / 10 } else { rest / 10 / (count as u64 - 2).max(1) };
                    (format!("layer {n} {} {}", draft.family, draft.version), share)
                }
            };
            let created_by = match n {
                0 => format!("/bin/sh -c #(nop) ADD file:{} in / ", &sha256_hex(what.as_bytes())),
                _ => format!("RUN /bin/sh -c set -x # {} {}", draft.family, draft.version),
            };
            Layer { diff_id: sha256_hex(what.as_bytes()).into(), size, created_by: created_by.into() }
        })
        .collect();
    let env: OrdMap<Arc<str>, Arc<str>> =
        draft.env.iter().map(|(k, v)| (Arc::from(k.as_str()), Arc::from(v.as_str()))).collect();
    let sum = format!(
        "{} {} {:?} {:?} {:?} {}",
        draft.family,
        draft.version,
        draft.entrypoint,
        draft.cmd,
        draft.env,
        draft.root.digest()
    );
    _ = (name, tag);
    let extras = extras_of(&draft, &layers);
    Image {
        id: sha256_hex(format!("config {sum}").as_bytes()).into(),
        digest: sha256_hex(format!("manifest {sum}").as_bytes()).into(),
        entrypoint: strings(draft.entrypoint),
        cmd: strings(draft.cmd),
        env,
        cwd: draft.cwd.into(),
        user: draft.user.into(),
        exposed: strings(draft.exposed),
        volumes: strings(draft.volumes),
        labels: draft.labels.iter().map(|(k, v)| (Arc::from(*k), Arc::from(*v))).collect(),
        stop_signal: draft.stop_signal,
        layers,
        size: draft.size,
        created: draft.created,
        flavour: draft.flavour,
        extras: Arc::new(extras),
        root: Arc::new(draft.root),
    }
}

/// Configuration in its order, and the history a Dockerfile of this image would have left.
fn extras_of(draft: &Draft, layers: &[Layer]) -> Extras {
    let entry = |by: String, comment: &str, size: u64, empty: bool| History {
        created: draft.created,
        created_by: by.into(),
        comment: comment.into(),
        author: "".into(),
        empty,
        size,
    };
    const BUILDKIT: &str = "buildkit.dockerfile.v0";
    let mut history: Vec<History> = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        let comment = if at == 0 { "" } else { BUILDKIT };
        history.push(entry(layer.created_by.to_string(), comment, layer.size, false));
        if at == 0 {
            for (name, value) in draft.env.iter().filter(|e| e.0 != "PATH") {
                history.push(entry(format!("ENV {name}={value}"), BUILDKIT, 0, true));
            }
        }
    }
    if !draft.volumes.is_empty() {
        history.push(entry(format!("VOLUME [{}]", draft.volumes.join(" ")), BUILDKIT, 0, true));
    }
    if !draft.cwd.is_empty() && draft.cwd != "/" {
        history.push(entry(format!("WORKDIR {}", draft.cwd), BUILDKIT, 0, true));
    }
    if !draft.entrypoint.is_empty() {
        history.push(entry(format!("ENTRYPOINT [{}]", quoted(draft.entrypoint)), BUILDKIT, 0, true));
    }
    for port in draft.exposed {
        history.push(entry(format!("EXPOSE map[{port}:{{}}]"), BUILDKIT, 0, true));
    }
    if let Some(signal) = draft.stop_signal {
        history.push(entry(format!("STOPSIGNAL SIG{}", signal.name()), BUILDKIT, 0, true));
    }
    if !draft.cmd.is_empty() {
        let comment = if layers.len() == 1 { "" } else { BUILDKIT };
        history.push(entry(format!("CMD [{}]", quoted(draft.cmd)), comment, 0, true));
    }
    let env = draft.env.iter().map(|(k, v)| Arc::from(format!("{k}={v}"))).collect();
    Extras { env, history, ..Extras::default() }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(" ")
}
