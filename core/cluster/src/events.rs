//! Events as rows. The simulation writes four or five per pod; a full object each would cost more
//! than the pods. Rows are rendered on read, and repeats counted, as client-go's `EventCorrelator`
//! does it (`k8s.io/client-go/tools/record/events_cache.go`).

use crate::cluster::Cluster;
use crate::kinds::KindId;
use crate::object::{Id, Object, Uid};
use crate::store::Entry;
use drydock_container::Machines;
use drydock_machinery::Sym;
use drydock_machinery::digest::{hash_bytes, mix};
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// Who tells: `source.component` and, for kubelets, `source.host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub component: Sym,
    pub host: Option<Arc<str>>,
    /// Written through events.k8s.io (the scheduler): eventTime and reporting fields instead of
    /// source and timestamps.
    pub modern: bool,
}

impl Source {
    #[must_use]
    pub fn component(name: &str) -> Source {
        Source { component: Sym::new(name), host: None, modern: false }
    }
    #[must_use]
    pub fn kubelet(node: &Arc<str>) -> Source {
        Source { component: Sym::new("kubelet"), host: Some(node.clone()), modern: false }
    }
    #[must_use]
    pub fn scheduler() -> Source {
        Source { component: Sym::new("default-scheduler"), host: None, modern: true }
    }
}

/// Distinct messages of one reason before they are combined, and for how long they count as similar
/// (`defaultAggregateMaxEvents`, `defaultAggregateIntervalInSeconds`).
const SIMILAR: usize = 10;
const SIMILAR_MS: u64 = 600_000;
const COMBINED: &str = "(combined from similar events): ";
/// Events of one source about one object at once, and how long one more takes (`defaultSpamBurst`,
/// `defaultSpamQPS`).
const FLOOD: u64 = 25;
const FLOOD_REFILL_MS: u64 = 300_000;

/// How long an event is kept after it last happened (`--event-ttl`), in milliseconds.
pub(crate) const TTL_MS: u64 = 3_600_000;
/// Rows between two looks for expired ones.
const PRUNE_EVERY: u32 = 512;

/// The involved object: events outlive it, and keep no more of it than a reference. Shared by all
/// rows about it.
#[derive(Clone, Debug)]
pub struct About {
    pub id: Id,
    pub kind: KindId,
    pub namespace: Arc<str>,
    pub name: Arc<str>,
    pub uid: Uid,
    pub revision: u64,
}

/// One event.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub about: Arc<About>,
    pub warning: bool,
    pub reason: Sym,
    pub message: Arc<str>,
    pub source: Source,
    /// Milliseconds of simulated time.
    pub first: u64,
    pub last: u64,
    pub count: u32,
    pub revision: u64,
    /// `involvedObject.fieldPath`, as kubelet events about one container have it.
    pub field_path: Option<Arc<str>>,
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Events {
    pub(crate) rows: OrdMap<u32, Arc<EventRow>>,
    pub(crate) by_object: OrdSet<(Id, u32)>,
    next: u32,
    pub(crate) hash: u64,
}

impl Cluster {
    /// Records an event about an object, as a component's event recorder would.
    pub fn event(
        &mut self,
        machines: &mut Machines,
        about: &Arc<Object>,
        event_type: &str,
        reason: &str,
        message: impl Into<Arc<str>>,
        source: &Source,
    ) {
        self.event_at(machines, about, event_type, reason, message, source, None);
    }
    /// As [`Cluster::event`], about a part of the object: `spec.containers{nginx}`.
    #[allow(clippy::too_many_arguments)]
    pub fn event_at(
        &mut self,
        machines: &mut Machines,
        about: &Arc<Object>,
        event_type: &str,
        reason: &str,
        message: impl Into<Arc<str>>,
        source: &Source,
        field_path: Option<Arc<str>>,
    ) {
        let mut message: Arc<str> = message.into();
        let (now, warning, reason) = (machines.clock.now, event_type == "Warning", Sym::new(reason));
        let alike = |row: &EventRow| row.reason == reason && row.warning == warning && row.source == *source;
        // Many events of one source about one object are a flood; many of one reason are told as one.
        let (mut told, mut first, mut kinds) = (0, now, 0);
        let (mut same, mut combined) = (None, None);
        for (number, row) in self.events.of(about.id).filter(|(_, row)| row.source == *source) {
            told += u64::from(row.count);
            first = first.min(row.first);
            if !alike(row) || now.saturating_sub(row.last) > SIMILAR_MS {
                continue;
            }
            if row.message.starts_with(COMBINED) {
                combined = Some(number);
            } else {
                kinds += 1;
                if row.message == message && row.field_path == field_path {
                    same = Some(number);
                }
            }
        }
        if !source.modern && told >= FLOOD + (now - first) / FLOOD_REFILL_MS {
            return;
        }
        if !source.modern && same.is_none() && kinds + 1 >= SIMILAR {
            message = format!("{COMBINED}{message}").into();
            same = combined;
        }
        self.store.revision += 1;
        let revision = self.store.revision;
        let known = same.and_then(|number| Some((number, &**self.events.rows.get(&number)?)));
        let known = known.map(|(number, row)| (number, EventRow::clone(row)));
        let (row, added) = match known {
            Some((number, old)) => {
                let next =
                    EventRow { count: old.count + 1, last: now, revision, message: message.clone(), ..old };
                self.events.rows.insert(number, Arc::new(next));
                (number, false)
            }
            None => {
                let number = self.events.next;
                self.events.next += 1;
                let row = EventRow {
                    about: self.events.about(about),
                    warning,
                    reason,
                    message: message.clone(),
                    source: source.clone(),
                    first: now,
                    last: now,
                    count: 1,
                    revision,
                    field_path,
                };
                self.events.rows.insert(number, Arc::new(row));
                self.events.by_object.insert((about.id, number));
                (number, true)
            }
        };
        let content = mix(hash_bytes(reason.text().as_bytes()), hash_bytes(message.as_bytes()));
        self.events.hash = mix(mix(self.events.hash, now), mix(u64::from(about.id), content));
        if added && row.is_multiple_of(PRUNE_EVERY) {
            self.events.prune(now);
        }
        self.store.log(Entry::Event { row, added });
        self.wake_streams(machines);
    }
}

impl Cluster {
    /// Every row, oldest first.
    pub fn event_rows(&self) -> impl Iterator<Item = &EventRow> + '_ {
        self.events.rows.values().map(|row| &**row)
    }
}

impl Events {
    fn about(&self, object: &Object) -> Arc<About> {
        if let Some((_, row)) = self.of(object.id).next() {
            return row.about.clone();
        }
        Arc::new(About {
            id: object.id,
            kind: object.kind,
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            uid: object.uid.clone(),
            revision: object.revision,
        })
    }
    /// Forgets rows that have expired.
    fn prune(&mut self, now: u64) {
        let old = self.rows.iter().filter(|(_, row)| row.last + TTL_MS < now);
        let old: Vec<(Id, u32)> = old.map(|(number, row)| (row.about.id, *number)).collect();
        for key in old {
            self.rows.remove(&key.1);
            self.by_object.remove(&key);
        }
    }
    /// Rows about one object, oldest first.
    pub fn of(&self, id: Id) -> impl Iterator<Item = (u32, &EventRow)> + '_ {
        let numbers = self.by_object.range((id, 0)..=(id, u32::MAX));
        numbers.filter_map(|pair| Some((pair.1, &**self.rows.get(&pair.1)?)))
    }
}
