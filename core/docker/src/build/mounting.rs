//! What the mounts of a RUN show: the context, other stages, caches that stay, secrets.

use super::cache::{Cache, Record, RecordKind};
use super::job::Job;
use super::keys::source_tree;
use super::mounts::{Kind, Mount};
use super::run::Shown;
use drydock_container::filesystem::{Content, Filesystem, Inode, normalise};
use drydock_container::{Machines, tree};
use drydock_machinery::random::Random;

/// What is needed to answer.
pub struct Mounting<'a> {
    pub cache: &'a mut Cache,
    pub job: &'a Job,
    pub random: &'a mut Random,
}

impl Mounting<'_> {
    /// What a mount shows.
    ///
    /// # Errors
    /// BuildKit's texts.
    pub fn show(&mut self, machines: &mut Machines, wanted: &Mount) -> Result<Shown, String> {
        match wanted.kind {
            Kind::Tmpfs => Ok(Shown::Copy(Filesystem::default())),
            Kind::Ssh if !wanted.required => Ok(Shown::Nothing),
            Kind::Ssh => Err("no SSH key \"default\" forwarded from the client".into()),
            Kind::Bind => {
                let tree = source_tree(self.job, &wanted.from);
                let path = normalise("/", &wanted.source);
                let Some(real) = tree::resolve(&tree, &path) else {
                    return Err(format!(
                        "failed to compute cache key: failed to calculate checksum of ref: \"{path}\": not found"
                    ));
                };
                Ok(Shown::Copy(below(&tree, &real)))
            }
            Kind::Cache => {
                let id = if wanted.id.is_empty() { wanted.target.as_str() } else { &wanted.id };
                if let Some(volume) = self.cache.mounts.get(id) {
                    return Ok(Shown::Volume(*volume));
                }
                let volume = machines.add_volume();
                self.cache.mounts.insert(id.into(), volume);
                let now = machines.clock.now;
                let record = Record {
                    id: "".into(),
                    kind: RecordKind::CacheMount,
                    description: format!("cached mount {} from exec", wanted.target).into(),
                    size: 0,
                    created: now,
                    used: now,
                    uses: 1,
                    number: 0,
                    result: None,
                };
                self.cache.keep(self.random, &format!("mount {id}"), record);
                Ok(Shown::Volume(volume))
            }
            Kind::Secret => {
                let id = if wanted.id.is_empty() { wanted.env.as_str() } else { &wanted.id };
                let Some((_, bytes)) = self.job.options.secrets.iter().find(|s| s.0 == id) else {
                    return if wanted.required {
                        Err(format!("secret {id}: not found"))
                    } else {
                        Ok(Shown::Nothing)
                    };
                };
                let mut out = Filesystem::default();
                let (size, mode) = (bytes.len() as u64, wanted.mode.unwrap_or(0o400));
                let (uid, gid, content) = (wanted.uid, wanted.gid, Content::File(bytes.clone()));
                _ = out.put(
                    "/secret",
                    Inode { content, mode, uid, gid, mtime: machines.clock.unix(), links: 1, size },
                );
                Ok(Shown::Copy(out))
            }
        }
    }
}

/// What lies at and below a path, as a filesystem of its own.
pub(super) fn below(tree: &Filesystem, path: &str) -> Filesystem {
    let mut out = Filesystem::default();
    let real = tree::resolve(tree, path).unwrap_or_else(|| path.to_string());
    for (at, inode) in tree.walk(&real) {
        let inner = at.strip_prefix(real.trim_end_matches('/')).unwrap_or(at);
        _ = out.put(if inner.is_empty() { "/" } else { inner }, Inode::clone(inode));
    }
    out
}
