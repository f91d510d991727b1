//! Pulling images: found by reference in the simulated registries, transferred in a time that follows
//! from the size of the layers the host does not have yet. Errors in the words of containerd and dockerd.

use crate::images::reference::Reference;
use crate::images::{Image, REGISTRY};
use crate::machines::{Machines, Notice, actor};
use crate::space::SpaceId;
use drydock_machinery::digest::hash_bytes;
use std::sync::Arc;

/// Why a pull failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullError {
    /// `invalid reference format` and its like.
    Invalid(&'static str),
    /// The repository has no such tag or digest.
    NoTag(Reference),
    /// The registry has no such repository, or hides it.
    NoRepository(Reference),
    /// Nobody has that registry's name.
    NoRegistry(Reference),
}

impl PullError {
    /// What containerd tells the kubelet, with the gRPC code.
    #[must_use]
    pub fn containerd(&self, typed: &str) -> String {
        let (code, reference, reason) = match self {
            PullError::Invalid(text) => {
                return format!(
                    "failed to apply default image tag \"{typed}\": couldn't parse image name \"{typed}\": {text}"
                );
            }
            PullError::NoTag(r) => ("NotFound", r, format!("{r}: not found")),
            PullError::NoRepository(r) if &*r.domain == "docker.io" => (
                "Unknown",
                r,
                "pull access denied, repository does not exist or may require authorization: \
                 server message: insufficient_scope: authorization failed"
                    .to_string(),
            ),
            PullError::NoRepository(r) => ("NotFound", r, format!("{r}: not found")),
            PullError::NoRegistry(r) => (
                "Unknown",
                r,
                format!(
                    "failed to do request: Head \"https://{}/v2/{}/manifests/{}\": dial tcp: lookup {}: no such host",
                    r.domain,
                    r.path,
                    r.tag.as_deref().or(r.digest.as_deref()).unwrap_or("latest"),
                    r.domain.split(':').next().unwrap_or("")
                ),
            ),
        };
        format!(
            "rpc error: code = {code} desc = failed to pull and unpack image \"{reference}\": \
             failed to resolve reference \"{reference}\": {reason}"
        )
    }
    /// What dockerd says after `Error response from daemon: `.
    #[must_use]
    pub fn docker(&self) -> String {
        match self {
            PullError::Invalid(text) => (*text).to_string(),
            PullError::NoTag(r) => {
                format!("manifest for {} not found: manifest unknown: manifest unknown", r.familiar())
            }
            PullError::NoRepository(r) => format!(
                "pull access denied for {}, repository does not exist or may require 'docker login': \
                 denied: requested access to the resource is denied",
                r.familiar_name()
            ),
            PullError::NoRegistry(r) => {
                let host = r.domain.split(':').next().unwrap_or("");
                format!("Get \"https://{}/v2/\": dial tcp: lookup {host}: no such host", r.domain)
            }
        }
    }
}

/// A pull under way or over.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub host: SpaceId,
    /// As asked for, normalised.
    pub reference: Arc<str>,
    pub started: u64,
    pub ends: u64,
    pub result: Result<Arc<Image>, PullError>,
}

impl Machines {
    /// Looks an image up in the registries, as a pull does, without transferring it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn find_image(&mut self, typed: &str) -> Result<(Reference, Arc<Image>), PullError> {
        let reference = Reference::parse(typed).map_err(PullError::Invalid)?;
        let full: Arc<str> = reference.to_string().into();
        if let Some(image) = self.images.registry.get(&full).or_else(|| self.images.made.get(&full)) {
            return Ok((reference, image.clone()));
        }
        let name = reference.name();
        let Some(entry) = REGISTRY.iter().find(|e| e.names.contains(&name.as_str())) else {
            let domain = &*reference.domain;
            let known = REGISTRY.iter().flat_map(|e| e.names).any(|n| n.split('/').next() == Some(domain));
            let pushed = self.images.registry.keys().any(|r| r.starts_with(&format!("{domain}/")));
            let same = self.images.registry.keys().any(|r| r.starts_with(&format!("{name}:")));
            return Err(match (same, known || pushed) {
                (true, _) => PullError::NoTag(reference),
                (false, true) => PullError::NoRepository(reference),
                (false, false) => PullError::NoRegistry(reference),
            });
        };
        // A digest finds the tag that has it.
        let draft = match (&reference.tag, &reference.digest) {
            (_, Some(digest)) => {
                let digest = digest.trim_start_matches("sha256:");
                let images = entry.tags.iter().filter_map(|tag| self.made_image(entry, &name, tag));
                images.collect::<Vec<_>>().into_iter().find(|i| &*i.digest == digest)
            }
            (Some(tag), None) => self.made_image(entry, &name, tag),
            (None, None) => None,
        };
        draft.map(|image| (reference.clone(), image)).ok_or(PullError::NoTag(reference))
    }
    /// Begins to pull an image onto a host; `Notice::Job` tells when it is over.
    pub fn pull(&mut self, host: SpaceId, typed: &str) -> u64 {
        let job = self.fresh_id();
        let now = self.clock.now;
        let result = self.find_image(typed);
        let took = match &result {
            Ok((_, image)) => self.pull_ms(host, image),
            Err(PullError::Invalid(_)) => 0,
            Err(_) => 600 + self.clock.chance(hash_bytes(typed.as_bytes()) ^ u64::from(host.0), 500),
        };
        let reference = match &result {
            Ok((reference, _)) => reference.to_string().into(),
            Err(_) => Reference::parse(typed).map_or_else(|_| typed.into(), |r| r.to_string().into()),
        };
        let result = result.map(|r| r.1);
        self.images.jobs.insert(job, Job { host, reference, started: now, ends: now + took, result });
        self.clock.after(took, actor::ENGINE, job);
        job
    }
    /// Milliseconds a pull takes: a request to the registry, then the layers the host lacks.
    #[must_use]
    pub fn pull_ms(&self, host: SpaceId, image: &Image) -> u64 {
        let local = || self.images.on_host(host).map(|(_, image)| image);
        let missing: u64 = image
            .layers
            .iter()
            .filter(|layer| !local().any(|i| i.layers.iter().any(|l| l.diff_id == layer.diff_id)))
            .map(|layer| layer.size)
            .sum();
        let about = hash_bytes(image.digest.as_bytes()) ^ u64::from(host.0);
        let jitter = self.clock.chance(about, 300);
        if missing == 0 { 350 + jitter } else { (800 + jitter + missing / 125_000).min(4_500) }
    }
    /// The handler of `actor::ENGINE`.
    pub fn finish_job(&mut self, id: u64) {
        let Some(job) = self.images.jobs.get(&id) else { return };
        if let Ok(image) = &job.result {
            let key = (job.host, job.reference.clone());
            self.images.local.insert(key, image.clone());
        }
        self.notices.push_back(Notice::Job { job: id });
    }
    /// The outcome of a pull that is over; forgets the job.
    pub fn take_job(&mut self, id: u64) -> Option<Job> {
        if self.images.jobs.get(&id)?.ends > self.clock.now {
            return None;
        }
        self.images.jobs.remove(&id)
    }
    /// The image a host has under a reference as typed, or by id or its beginning.
    #[must_use]
    pub fn has_image(&self, host: SpaceId, typed: &str) -> Option<Arc<Image>> {
        if let Ok(reference) = Reference::parse(typed) {
            let full: Arc<str> = reference.to_string().into();
            if let Some(image) = self.images.local.get(&(host, full)) {
                return Some(image.clone());
            }
            if let Some(digest) = &reference.digest {
                let digest = digest.trim_start_matches("sha256:");
                let prefix = format!("{}:", reference.name());
                let mut same = self.images.on_host(host).filter(|(name, _)| name.starts_with(&prefix));
                return same.find(|(_, i)| &*i.digest == digest).map(|(_, i)| i.clone());
            }
        }
        let id = typed.strip_prefix("sha256:").unwrap_or(typed);
        let by_id = id.len() >= 4 && id.bytes().all(|b| b.is_ascii_hexdigit());
        by_id
            .then(|| self.images.on_host(host).find(|(_, i)| i.id.starts_with(id)).map(|(_, i)| i.clone()))?
    }
    /// Puts an image onto a host at once, under a reference: a build, a load, a node's preloaded images.
    ///
    /// # Errors
    /// When the reference is invalid.
    pub fn add_image(&mut self, host: SpaceId, typed: &str, image: Arc<Image>) -> Result<(), &'static str> {
        let reference = Reference::parse(typed)?;
        self.images.local.insert((host, reference.to_string().into()), image);
        Ok(())
    }
}
