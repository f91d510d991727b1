//! Transfers: pull and push as a schedule of messages along simulated time, and what is done at their
//! end. Follows `distribution/{pull,push}_v2.go` of moby 26.1.

use crate::Docker;
use crate::docker::actor;
use drydock_container::Machines;
use drydock_container::images::reference::Reference;
use drydock_container::images::{Image, Layer};
use drydock_machinery::hash::sha256_hex;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::Stream;
use imbl::Vector;
use std::sync::Arc;

/// A transfer under way.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Moments and messages still to come.
    pub steps: Vector<(u64, Value)>,
    pub end: End,
}

/// What is done once everything was said.
#[derive(Clone, Debug)]
pub enum End {
    /// Nothing: it failed.
    Nothing,
    /// The image is here under this name (unless it was pulled by digest alone).
    Pulled { reference: Reference, image: Arc<Image> },
    /// The registry has it.
    Pushed { reference: Reference, image: Arc<Image> },
}

/// Bytes a millisecond: about 40 MB/s of uncompressed layers.
const RATE: u64 = 40_000;
/// The longest a transfer's layers take together, in milliseconds: people wait for it.
const LONGEST: u64 = 12_000;
/// Layers in work at once.
const PARALLEL: usize = 3;

/// The id of a layer's compressed blob, as pull shows it.
#[must_use]
pub fn blob_id(layer: &Layer) -> String {
    sha256_hex(format!("blob {}", layer.diff_id).as_bytes())
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// A progress message about a layer.
#[must_use]
pub fn about(id: &str, status: &str) -> Value {
    value!({"status": status, "progressDetail": {}, "id": short(id)})
}

fn progress(id: &str, status: &str, current: u64, total: u64) -> Value {
    let bar = bar(current, total);
    value!({"status": status, "progressDetail": {"current": current, "total": total}, "progress": bar, "id": short(id)})
}

/// `[==>     ]  1.2MB/29MB`, as the engine renders it for old clients.
fn bar(current: u64, total: u64) -> String {
    let done = (current * 50).checked_div(total).unwrap_or(50).min(50) as usize;
    let arrow = if done < 50 { ">" } else { "" };
    let blank = 50 - done - arrow.len().min(50 - done);
    let size = crate::images::size_text;
    format!("[{}{arrow}{}]  {}/{}", "=".repeat(done), " ".repeat(blank), size(current), size(total))
}

/// The messages of a stream that failed.
#[must_use]
pub fn failed(text: &str) -> Value {
    value!({"errorDetail": {"message": text}, "error": text})
}

/// The schedule of a pull's layers: when each message comes. Gives the moment all is done.
#[must_use]
pub fn pull_steps(layers: &[Layer], has: impl Fn(&Layer) -> bool, begin: u64) -> (Vec<(u64, Value)>, u64) {
    let mut steps = Vec::new();
    let missing: u64 = layers.iter().filter(|l| !has(l)).map(|l| l.size).sum();
    let whole = (missing / RATE).min(LONGEST);
    let time = |bytes: u64| (bytes.saturating_mul(whole)).checked_div(missing).unwrap_or(0).max(20);
    let mut queued = 0;
    for layer in layers {
        let id = blob_id(layer);
        if has(layer) {
            steps.push((begin, about(&id, "Already exists")));
            continue;
        }
        steps.push((begin, about(&id, "Pulling fs layer")));
        queued += 1;
        if queued > PARALLEL {
            steps.push((begin + 1, about(&id, "Waiting")));
        }
    }
    // Three lanes download; extracting goes in order.
    let mut lanes = [begin + 10; PARALLEL];
    let mut extracted = begin;
    for layer in layers.iter().filter(|l| !has(l)) {
        let id = blob_id(layer);
        let lane = (0..PARALLEL).min_by_key(|n| lanes.get(*n).copied().unwrap_or(u64::MAX)).unwrap_or(0);
        let start = lanes.get(lane).copied().unwrap_or(begin);
        let packed = (layer.size * 2 / 5).max(1);
        let download = time(layer.size);
        let pieces = (download / 200).clamp(1, 24);
        for n in 1..=pieces {
            steps.push((
                start + download * n / (pieces + 1),
                progress(&id, "Downloading", packed * n / pieces, packed),
            ));
        }
        let done = start + download;
        steps.push((done, about(&id, "Verifying Checksum")));
        steps.push((done, about(&id, "Download complete")));
        if let Some(lane) = lanes.get_mut(lane) {
            *lane = done;
        }
        let unpack = done.max(extracted);
        let took = time(layer.size) / 2;
        // The first report comes after half a megabyte.
        let pieces = (took / 200).clamp(1, 12);
        for n in 0..=pieces {
            let current = (packed * n / pieces).max(557_056).min(packed);
            steps.push((unpack + took * n / pieces, progress(&id, "Extracting", current, packed)));
        }
        steps.push((unpack + took, about(&id, "Pull complete")));
        extracted = unpack + took;
    }
    steps.arrange_by_key(|s| s.0);
    let end = steps.last().map_or(begin, |s| s.0);
    (steps, end)
}

/// The schedule of a push's layers, the top one first. `place` says where the registry has a layer:
/// `None` nowhere, `Some("")` in this repository, else in another one.
#[must_use]
pub fn push_steps(
    layers: &[Layer],
    place: impl Fn(&Layer) -> Option<String>,
    begin: u64,
) -> (Vec<(u64, Value)>, u64) {
    let mut steps = Vec::new();
    for (at, layer) in layers.iter().rev().enumerate() {
        steps.push((begin, about(&layer.diff_id, "Preparing")));
        if at >= 5 {
            steps.push((begin + 1, about(&layer.diff_id, "Waiting")));
        }
    }
    let new: u64 = layers.iter().filter(|l| place(l).is_none()).map(|l| l.size).sum();
    let whole = (new / RATE * 2).min(LONGEST);
    let mut at = begin + 200;
    for layer in layers.iter().rev() {
        match place(layer) {
            Some(other) => {
                at += 15;
                let text = if other.is_empty() {
                    "Layer already exists".into()
                } else {
                    format!("Mounted from {other}")
                };
                steps.push((at, about(&layer.diff_id, &text)));
            }
            None => {
                let took = (layer.size * whole).checked_div(new).unwrap_or(0).max(40);
                for n in 1..=3 {
                    let text = progress(&layer.diff_id, "Pushing", layer.size * n / 4, layer.size);
                    steps.push((at + took * n / 4, text));
                }
                at += took;
                steps.push((at, about(&layer.diff_id, "Pushed")));
            }
        }
    }
    steps.arrange_by_key(|s| s.0);
    (steps, at + 150)
}

impl Docker {
    /// Begins to say what a transfer has to say.
    pub fn begin_transfer(&mut self, machines: &mut Machines, stream: Stream, transfer: Transfer) {
        self.transfers.insert(stream.0, Arc::new(transfer));
        self.next_transfer(machines, stream.0);
    }
    /// Says what is due and comes back for the rest.
    pub(crate) fn next_transfer(&mut self, machines: &mut Machines, key: u64) {
        let now = machines.clock.now;
        let Some(mut transfer) = self.transfers.remove(&key) else { return };
        let stream = Stream(key);
        let work = Arc::make_mut(&mut transfer);
        while work.steps.front().is_some_and(|s| s.0 <= now) {
            if let Some((_, message)) = work.steps.pop_front() {
                self.say(machines, stream, message);
            }
        }
        if let Some((next, _)) = work.steps.front() {
            machines.clock.after(next - now, actor::TRANSFER, key);
            self.transfers.insert(key, transfer);
            return;
        }
        match work.end.clone() {
            End::Nothing => {}
            End::Pulled { reference, image } => self.keep_pulled(machines, &reference, image),
            End::Pushed { reference, image } => {
                let digest = image.digest.clone();
                let id = image.id.clone();
                machines.images.registry.insert(reference.to_string().into(), image);
                self.images.add_digest(&reference, &digest, &id);
                let name = reference.familiar();
                self.note_event(machines, "image", "push", &name, &[("name", &reference.familiar_name())]);
            }
        }
        self.end_stream(machines, stream);
    }
    /// A pulled image is here.
    pub(crate) fn keep_pulled(&mut self, machines: &mut Machines, reference: &Reference, image: Arc<Image>) {
        let digest = image.digest.clone();
        let id = self.images.add(image, "");
        if reference.digest.is_none() {
            let now = machines.clock.now;
            self.images.tag(reference, &id, now);
        }
        self.images.add_digest(reference, &digest, &id);
        let name = reference.familiar();
        self.note_event(machines, "image", "pull", &name, &[("name", &reference.familiar_name())]);
    }
}
