//! What builds leave behind for the next one: results of steps by key, base images that BuildKit keeps
//! for itself, what clients have sent before, cache mounts. Follows BuildKit's cache manager and the
//! classic builder's image cache.

use drydock_container::difference::{Change, difference};
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::images::{Image, Layer};
use drydock_machinery::Digest;
use drydock_machinery::digest::mix;
use drydock_machinery::hash::sha256_hex;
use drydock_machinery::random::Random;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// The kinds of records `docker buildx du --verbose` tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    Regular,
    Source,
    CacheMount,
}

impl RecordKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::Regular => "regular",
            RecordKind::Source => "source.local",
            RecordKind::CacheMount => "exec.cachemount",
        }
    }
}

/// One record. Times are simulated milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub id: Arc<str>,
    pub kind: RecordKind,
    pub description: Arc<str>,
    pub size: u64,
    pub created: u64,
    pub used: u64,
    pub uses: u32,
    /// Order of making.
    pub number: u64,
    /// A step's result; none for sources and mounts.
    pub result: Option<StepResult>,
}

/// What a step made.
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    pub root: Arc<Filesystem>,
    pub layer: Layer,
    /// Unix seconds, for history.
    pub created: i64,
}

/// Mode, modification time and size of files by path.
pub type Sent = OrdMap<Arc<str>, (u16, i64, u64)>;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cache {
    /// By cache key.
    pub records: OrdMap<Arc<str>, Arc<Record>>,
    /// The classic builder's: parent and instruction to image.
    pub images: OrdMap<Arc<str>, Arc<str>>,
    /// Base images that were pulled for builds, by full reference.
    pub bases: OrdMap<Arc<str>, Arc<Image>>,
    /// Ids of images whose files a build has used.
    pub opened: OrdSet<Arc<str>>,
    /// What a client sent of a folder: path to mode, time and size.
    pub sent: OrdMap<Arc<str>, Sent>,
    /// Cache mounts by id: volumes.
    pub mounts: OrdMap<Arc<str>, u32>,
    pub made: u64,
}

impl Cache {
    /// Looks a step up; using it counts.
    pub fn hit(&mut self, key: &str, now: u64) -> Option<StepResult> {
        let record = Arc::make_mut(self.records.get_mut(key)?);
        let result = record.result.clone()?;
        record.used = now;
        record.uses += 1;
        Some(result)
    }
    /// Whether a step is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.records.get(key).is_some_and(|r| r.result.is_some())
    }
    /// Keeps a record.
    pub fn keep(&mut self, random: &mut Random, key: &str, record: Record) {
        self.made += 1;
        let record = Record { id: record_id(random), number: self.made, ..record };
        self.records.insert(key.into(), Arc::new(record));
    }
    /// Bytes of all records.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.records.values().map(|r| r.size).sum()
    }
    /// Takes records away: all of them, or just those no image of the engine holds. Gives ids and bytes.
    pub fn prune(&mut self, keep: &dyn Fn(&Record) -> bool) -> (Vec<Arc<str>>, u64) {
        let gone: Vec<(Arc<str>, Arc<Record>)> =
            self.records.iter().filter(|(_, r)| !keep(r)).map(|(k, r)| (k.clone(), r.clone())).collect();
        for (key, _) in &gone {
            self.records.remove(key);
        }
        (gone.iter().map(|g| g.1.id.clone()).collect(), gone.iter().map(|g| g.1.size).sum())
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        let records = self.records.iter().fold(self.made, |h, (key, r)| mix(h, Digest::of(&(key, r.used))));
        self.images.iter().fold(records, |h, i| mix(h, Digest::of(&i)))
    }
}

/// 25 lower-case letters and digits.
#[must_use]
pub fn record_id(random: &mut Random) -> Arc<str> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |n: u32| LETTERS.get(n as usize % LETTERS.len()).copied().unwrap_or(b'a') as char;
    (0..25).map(|_| letter(random.next_u32())).collect::<String>().into()
}

/// What changed between two filesystems, as a layer: its digest follows from its content, so that equal
/// layers are one; its size is that of the files it holds.
#[must_use]
pub fn layer(before: &Filesystem, after: &Filesystem, created_by: &str) -> Layer {
    let (mut size, mut sum) = (0, String::new());
    for (path, change) in difference(before, after) {
        if change == Change::Deleted {
            sum.push_str(&format!("D {path}\n"));
            continue;
        }
        let Some(inode) = after.get(&path) else { continue };
        let content = match &inode.content {
            Content::File(bytes) => {
                size += bytes.len() as u64;
                sha256_hex(bytes)
            }
            Content::Program(name) => {
                size += inode.size;
                format!("program {name}")
            }
            other => format!("{other:?}"),
        };
        sum.push_str(&format!("{path} {content} {:o} {}:{}\n", inode.mode, inode.uid, inode.gid));
    }
    Layer { diff_id: sha256_hex(sum.as_bytes()).into(), size, created_by: created_by.into() }
}
