//! Building images: `POST /build` of the Engine API for the classic builder, and BuildKit's way for our
//! own client, which sends version 2 and a tar with the folders `dockerfile/`, `context/` and `secrets/`
//! instead of a gRPC session. Progress comes as JSON messages in the answer's stream. The rest of this
//! folder: `dockerfile`, `words`, `expand`, `instruction`, `mounts` read; `plan`, `graph`, `keys`, `cache`
//! decide; `job`, `classic`, `buildkit`, `run`, `copy`, `fetch` do; `prune` and `lint` beside.

mod arguments;
mod base;
mod buildkit;
pub mod cache;
mod classic;
pub mod config;
pub mod copy;
pub mod dockerfile;
pub mod expand;
mod failed;
pub mod fetch;
mod graph;
pub mod ignore;
pub mod image;
pub mod instruction;
pub mod job;
mod keys;
pub mod lint;
mod mounting;
pub mod mounts;
pub mod plan;
pub mod prune;
mod run;
mod sources;
pub mod target;
pub mod trace;
pub mod words;

use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::streams::Streaming;
use cache::Cache;
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::tar::{self, Entry};
use drydock_container::{SpaceId, tree};
use drydock_machinery::digest::mix;
use drydock_machinery::json;
use drydock_network::http::{Body, Response};
use ignore::Ignore;
use imbl::{OrdMap, Vector};
use job::{Job, Options};
use std::sync::Arc;

/// Builds under way and what past ones left.
#[derive(Clone, Debug, Default)]
pub struct Builds {
    /// By their stream.
    pub jobs: OrdMap<u64, Arc<Job>>,
    /// Whose step a container is.
    pub spaces: OrdMap<SpaceId, u64>,
    pub cache: Cache,
}

impl Builds {
    #[must_use]
    pub fn digest(&self) -> u64 {
        let jobs = self.jobs.iter().fold(self.cache.digest(), |h, (id, job)| {
            mix(mix(h, *id), drydock_machinery::Digest::of(&(job.phase, job.at, &job.trace)))
        });
        self.spaces.iter().fold(jobs, |h, (space, stream)| mix(h, mix(u64::from(space.0), *stream)))
    }
}

/// `POST /build`.
///
/// # Errors
/// A context that is no archive, a bad reference, what is wrong with the Dockerfile (classic builder).
pub fn build(call: &mut Call<'_>) -> Result<Response, Fault> {
    let mut options = options(call)?;
    options.buildkit = call.param("version") == "2";
    let bytes = call.request.body.bytes();
    let remote = call.param("remote").to_string();
    if !remote.is_empty() && remote != "client-session" {
        let host = remote.split("://").nth(1).unwrap_or(&remote).split('/').next().unwrap_or("").to_string();
        return Err(Fault::internal(format!(
            "failed to download remote context {remote}: Get \"{remote}\": dial tcp: lookup {host}: no such host"
        )));
    }
    let Some(members) = tar::read(&bytes) else {
        return Err(Fault::internal("Error processing tar file(exit status 1): unexpected EOF"));
    };
    let mut job = Job { started: call.machines.clock.now, ..Job::default() };
    if options.buildkit {
        job.context = Arc::new(filesystem(&below(&members, "context/")));
        let definition = filesystem(&below(&members, "dockerfile/"));
        job.text = text_of(&definition, &options.dockerfile);
        job.ignore = text_of(&definition, ".dockerignore").map(|t| t.len() as u64);
        for member in below(&members, "secrets/") {
            if let Content::File(bytes) = member.inode.content {
                options.secrets.push((member.path, bytes));
            }
        }
        job.options = options;
    } else {
        let mut context = filesystem(&members);
        job.text = text_of(&context, &options.dockerfile);
        let ignore = text_of(&context, ".dockerignore").map(|t| Ignore::parse(&t)).unwrap_or_default();
        for name in [".dockerignore", options.dockerfile.as_str()] {
            if ignore.matches(name) {
                _ = context.unlink(&format!("/{name}"));
            }
        }
        job.context = Arc::new(context);
        job.options = options;
        // What cannot be begun is answered with a status, not in the stream.
        call.docker.begin_classic(&mut job).map_err(|text| {
            if text.starts_with("Cannot locate") { Fault::not_found(text) } else { Fault::invalid(text) }
        })?;
    }
    let stream =
        call.docker.open_stream(call.machines, Streaming::Messages { queue: Vector::new(), done: false });
    job.stream = stream.0;
    call.docker.builds.jobs.insert(stream.0, Arc::new(job));
    call.docker.advance_build(call.machines, stream.0, None);
    Ok(Response::new(200, Body::Stream(stream)).header("Content-Type", "application/json"))
}

fn options(call: &Call<'_>) -> Result<Options, Fault> {
    let mut options = Options {
        dockerfile: match call.param("dockerfile") {
            "" => "Dockerfile".into(),
            name => drydock_container::filesystem::normalise("/", name).trim_start_matches('/').to_string(),
        },
        target: call.param("target").into(),
        no_cache: call.flag("nocache"),
        pull: call.flag("pull"),
        quiet: call.flag("q"),
        keep: call.flag("forcerm"),
        folder: call.param("folder").into(),
        ..Options::default()
    };
    for (name, value) in call.request.query.iter().filter(|q| !q.1.is_empty()) {
        if &**name == "t" {
            let full = fetch::reference(value).map_err(|text| {
                Fault::invalid(format!("invalid reference format: {text}").replace(
                    "invalid reference format: invalid reference format",
                    "invalid reference format",
                ))
            })?;
            if !options.tags.contains(&full) {
                options.tags.push(full);
            }
        }
    }
    let pairs = |name: &str| -> Result<Vec<(String, Option<String>)>, Fault> {
        let text = call.param(name);
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let value = json::parse(text.as_bytes())
            .map_err(|e| Fault::invalid(format!("error reading {name}: {e:?}")))?;
        Ok(value.entries().iter().map(|(k, v)| (k.text().to_string(), v.as_str().map(Into::into))).collect())
    };
    options.args = pairs("buildargs")?;
    options.labels = pairs("labels")?.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect();
    Ok(options)
}

/// Members of one folder of an archive, named from there.
fn below(members: &[Entry], folder: &str) -> Vec<Entry> {
    let inner = members.iter().filter_map(|m| {
        let path = m.path.strip_prefix(folder).filter(|p| !p.is_empty())?;
        let hard_link = m.hard_link.as_deref().map(|to| to.strip_prefix(folder).unwrap_or(to).to_string());
        Some(Entry { path: path.into(), hard_link, ..m.clone() })
    });
    inner.collect()
}

/// A context from an archive: what of it can be placed.
fn filesystem(members: &[Entry]) -> Filesystem {
    let mut fs = Filesystem::default();
    for member in members {
        _ = tar::extract(&mut fs, "/", std::slice::from_ref(member), None, member.inode.mtime);
    }
    fs
}

/// A file as text.
fn text_of(fs: &Filesystem, path: &str) -> Option<Arc<str>> {
    let real = tree::resolve(fs, &format!("/{path}"))?;
    match &fs.get(&real)?.content {
        Content::File(bytes) => Some(String::from_utf8_lossy(bytes).into()),
        _ => None,
    }
}

impl Docker {
    /// Bytes the build cache holds (`docker system df`).
    #[must_use]
    pub fn build_cache_size(&self) -> u64 {
        self.builds.cache.size()
    }
}
