//! The engine's image store: images by id, what they are called, and which digests a registry gave them.
//! Follows moby's reference store: a name holds one image, an image may have many names or none.

use drydock_machinery::sort::Arrange;
pub mod archive;
pub mod commit;
pub mod inspect;
pub mod list;
pub mod make;
pub mod pull;
pub mod push;
pub mod remove;
pub mod search;
pub mod transfer;

use crate::fault::Fault;
use drydock_container::images::Image;
use drydock_container::images::reference::Reference;
use drydock_machinery::Digest;
use drydock_machinery::digest::mix;
use imbl::OrdMap;
use std::sync::Arc;

/// An image on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub image: Arc<Image>,
    /// Id of the image it was built or committed from here; "" for pulled ones.
    pub parent: Arc<str>,
    /// When a name was last given to it here, simulated milliseconds.
    pub tagged: Option<u64>,
    /// Order of arrival.
    pub number: u64,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images {
    /// By id, without `sha256:`.
    pub records: OrdMap<Arc<str>, Arc<Record>>,
    /// Full reference with tag (`docker.io/library/nginx:latest`) to id.
    pub tags: OrdMap<Arc<str>, Arc<str>>,
    /// Full reference with digest (`docker.io/library/nginx@sha256:…`) to id.
    pub digests: OrdMap<Arc<str>, Arc<str>>,
    /// Images ever stored.
    pub stored: u64,
}

impl Images {
    /// Keeps an image; one that is there already stays as it is. Gives its id.
    pub fn add(&mut self, image: Arc<Image>, parent: &str) -> Arc<str> {
        let id = image.id.clone();
        if !self.records.contains_key(&id) {
            self.stored += 1;
            let record = Record { image, parent: parent.into(), tagged: None, number: self.stored };
            self.records.insert(id.clone(), Arc::new(record));
        }
        id
    }
    /// Names an image; the name leaves the image that had it. Gives that one's id.
    pub fn tag(&mut self, reference: &Reference, id: &Arc<str>, now: u64) -> Option<Arc<str>> {
        let full: Arc<str> = Reference { digest: None, ..reference.clone() }.to_string().into();
        if let Some(record) = self.records.get_mut(id) {
            Arc::make_mut(record).tagged = Some(now);
        }
        self.tags.insert(full, id.clone()).filter(|old| old != id)
    }
    /// Notes the digest under which a registry knows an image.
    pub fn add_digest(&mut self, reference: &Reference, digest: &str, id: &Arc<str>) {
        let full = format!("{}@sha256:{}", reference.name(), digest.trim_start_matches("sha256:"));
        self.digests.insert(full.into(), id.clone());
    }
    /// Finds an image by name, name with digest, id or the beginning of one.
    #[must_use]
    pub fn get(&self, typed: &str) -> Option<&Arc<Record>> {
        if let Ok(reference) = Reference::parse(typed) {
            let by_digest = reference
                .digest
                .as_ref()
                .and_then(|digest| self.digests.get(format!("{}@{digest}", reference.name()).as_str()));
            let by_tag =
                || self.tags.get(reference.to_string().as_str()).filter(|_| reference.digest.is_none());
            if let Some(id) = by_digest.or_else(by_tag) {
                return self.records.get(id);
            }
        }
        let id = typed.strip_prefix("sha256:").unwrap_or(typed);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut found = self.records.range(Arc::<str>::from(id)..).take_while(|(k, _)| k.starts_with(id));
        let first = found.next()?;
        // The beginning must be that of one image only.
        found.next().is_none().then_some(first.1)
    }
    /// As [`Images::get`].
    ///
    /// # Errors
    /// `No such image: name:latest`, with the name as people write it.
    pub fn find(&self, typed: &str) -> Result<Arc<Record>, Fault> {
        if let Some(record) = self.get(typed) {
            return Ok(record.clone());
        }
        match Reference::parse(typed) {
            Ok(reference) => Err(Fault::no_image(&reference.familiar())),
            Err(text) if typed.len() == 64 || typed.starts_with("sha256:") => {
                _ = text;
                Err(Fault::no_image(typed))
            }
            Err(text) => Err(Fault::invalid(text)),
        }
    }
    /// Names with tags of an image, as people write them, sorted.
    #[must_use]
    pub fn tags_of(&self, id: &str) -> Vec<String> {
        self.familiar(self.tags.iter().filter(|t| &**t.1 == id).map(|t| t.0))
    }
    /// Names with digests of an image, as people write them, sorted.
    #[must_use]
    pub fn digests_of(&self, id: &str) -> Vec<String> {
        self.familiar(self.digests.iter().filter(|t| &**t.1 == id).map(|t| t.0))
    }
    fn familiar<'a>(&self, names: impl Iterator<Item = &'a Arc<str>>) -> Vec<String> {
        let mut all: Vec<String> =
            names.filter_map(|n| Reference::parse(n).ok()).map(|r| r.familiar()).collect();
        all.arrange();
        all
    }
    /// Images built here directly on top of this one.
    pub fn children_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Arc<Record>> {
        self.records.values().filter(move |r| &*r.parent == id)
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        let records =
            self.records.iter().fold(0, |h, (id, r)| mix(h, Digest::of(&(id, &r.parent, r.tagged))));
        let tags = self.tags.iter().fold(records, |h, t| mix(h, Digest::of(&t)));
        self.digests.iter().fold(tags, |h, t| mix(h, Digest::of(&t)))
    }
}

/// `1.2MB`: base 1000 and four figures, as `go-units.HumanSize`.
#[must_use]
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut at, mut whole) = (0, 1u64);
    while bytes / whole >= 1000 && at + 1 < UNITS.len() {
        (at, whole) = (at + 1, whole * 1000);
    }
    // Thousandths, to stay with whole numbers.
    let scaled = (u128::from(bytes) * 1000 / u128::from(whole)) as u64;
    let digits = match scaled {
        s if s >= 100_000 => 1,
        s if s >= 10_000 => 2,
        _ => 3,
    };
    let cut = 10u64.pow(3 - digits);
    let rounded = (scaled + cut / 2) / cut * cut;
    let text = format!("{}.{:03}", rounded / 1000, rounded % 1000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{}", UNITS.get(at).unwrap_or(&"B"))
}
