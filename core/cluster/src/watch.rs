//! Watches: a selection and a position in the log. What a watcher is told depends on whether the
//! object was, and is, within the selection (`k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go`).

use crate::cluster::Cluster;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::rest::{Selection, Shape, partial};
use crate::status::Status;
use crate::store::Entry;
use crate::table;
use drydock_container::Machines;
use drydock_container::machines::Frame;
use drydock_machinery::{Value, value};
use imbl::Vector;
use std::sync::Arc;

/// What is watched and how it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub kind: KindId,
    pub group: Arc<str>,
    pub version: Arc<str>,
    pub namespace: Arc<str>,
    pub selection: Selection,
    pub shape: Shape,
    /// Without managed fields.
    pub lean: bool,
    pub bookmarks: bool,
    /// When `timeoutSeconds` is over, in milliseconds of simulated time.
    pub deadline: Option<u64>,
}

/// Milliseconds between bookmarks of a quiet watch.
const BOOKMARK_MS: u64 = 60_000;

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Watch {
    subject: Arc<Subject>,
    /// The newest revision looked at.
    seen: u64,
    /// Objects to tell first: what was there when the watch began.
    present: Vector<Arc<Object>>,
    /// A bookmark says when all of them have been told (`sendInitialEvents`).
    marked: bool,
    error: Option<Status>,
    /// The first table of a watch brings the column definitions.
    headed: bool,
    ended: bool,
    bookmarked: u64,
}

impl Watch {
    pub(crate) fn new(subject: Subject) -> Watch {
        Watch {
            subject: Arc::new(subject),
            seen: 0,
            present: Vector::new(),
            marked: false,
            error: None,
            headed: false,
            ended: false,
            bookmarked: 0,
        }
    }
    /// Tells what happens after `revision`.
    pub(crate) fn since(self, revision: u64) -> Watch {
        Watch { seen: revision, ..self }
    }
    /// Tells what is there, then what happens; with a mark between the two if asked for.
    pub(crate) fn with_present(self, cluster: &Cluster, machines: &Machines, marked: bool) -> Watch {
        let subject = self.subject.clone();
        let kind = cluster.kind(subject.kind).copied().unwrap_or(Kind::BASE);
        let all = cluster.listed(machines, subject.kind, &subject.namespace);
        let present = all.into_iter().filter(|o| subject.selection.matches(&kind, o)).collect();
        let marked = marked && subject.bookmarks;
        Watch { seen: cluster.store.revision, present, marked, ..self }
    }
    pub(crate) fn expired(self, revision: u64, oldest: u64) -> Watch {
        let message = format!("too old resource version: {revision} ({oldest})");
        Watch { error: Some(Status::gone(message)), ..self }
    }

    /// The next event, if there is one.
    pub(crate) fn next(&mut self, cluster: &Cluster, machines: &Machines) -> Frame {
        if self.ended {
            return Frame::End;
        }
        if let Some(error) = self.error.take() {
            self.ended = true;
            return Frame::Json(value!({"type": "ERROR", "object": error.value()}));
        }
        if let Some(object) = self.present.pop_front() {
            return self.tell(cluster, machines, "ADDED", &object);
        }
        let subject = self.subject.clone();
        let kind = cluster.kind(subject.kind).copied().unwrap_or(Kind::BASE);
        if std::mem::take(&mut self.marked) {
            let annotations = value!({"k8s.io/initial-events-end": "true"});
            let mark = bookmark(&subject, &kind, self.seen);
            return Frame::Json(mark.with_at(&["object", "metadata", "annotations"], annotations));
        }
        while self.seen < cluster.store.revision {
            if self.seen + 1 < cluster.store.oldest() {
                let message = format!("too old resource version: {} ({})", self.seen, cluster.store.oldest());
                self.ended = true;
                let gone = Status::gone(message);
                return Frame::Json(value!({"type": "ERROR", "object": gone.value()}));
            }
            self.seen += 1;
            let Some(entry) = cluster.store.logged(self.seen) else { continue };
            if let Some((verb, object)) = judge(cluster, machines, &subject, &kind, entry) {
                return self.tell(cluster, machines, verb, &object);
            }
        }
        let now = machines.clock.now;
        if subject.deadline.is_some_and(|deadline| now >= deadline) {
            self.ended = true;
            return Frame::End;
        }
        if subject.bookmarks && now >= self.bookmarked + BOOKMARK_MS && self.bookmarked > 0 {
            self.bookmarked = now;
            return Frame::Json(bookmark(&subject, &kind, self.seen));
        }
        self.bookmarked =
            self.bookmarked.max(now).min(if self.bookmarked == 0 { now } else { self.bookmarked });
        Frame::Pending
    }

    fn tell(&mut self, cluster: &Cluster, machines: &Machines, verb: &str, object: &Arc<Object>) -> Frame {
        let subject = &self.subject;
        let shown = match subject.shape {
            Shape::Metadata => partial(cluster, object, subject.lean),
            Shape::Full => show(cluster, machines, subject, object),
            Shape::Table { .. } => {
                let head = !std::mem::replace(&mut self.headed, true);
                let kind = cluster.kind(subject.kind).copied().unwrap_or(Kind::BASE);
                let rows = std::slice::from_ref(object);
                table::sheet(
                    cluster,
                    machines,
                    &kind,
                    rows,
                    subject.shape,
                    object.revision,
                    None,
                    head,
                    subject.lean,
                )
            }
        };
        Frame::Json(value!({"type": verb, "object": shown}))
    }
}

fn show(cluster: &Cluster, machines: &Machines, subject: &Subject, object: &Object) -> Value {
    let value = cluster.shown_to(machines, object, subject.lean);
    let alternative =
        cluster.kind(subject.kind).and_then(|k| k.alternative(&subject.group, &subject.version));
    match alternative {
        None => value,
        Some(served) => {
            let api_version = kinds::api_version(&subject.group, &subject.version);
            (served.show)(&value).with("apiVersion", api_version)
        }
    }
}

/// What a log entry means to a watcher.
fn judge(
    cluster: &Cluster,
    machines: &Machines,
    subject: &Subject,
    kind: &Kind,
    entry: &Entry,
) -> Option<(&'static str, Arc<Object>)> {
    let inside = |o: &Arc<Object>| {
        o.kind == subject.kind
            && (subject.namespace.is_empty() || o.namespace == subject.namespace)
            && subject.selection.matches(kind, o)
    };
    match entry {
        Entry::Event { row, added } => {
            if subject.kind != kinds::EVENT {
                return None;
            }
            let event = cluster.events.render(machines, *row)?;
            inside(&event).then_some((if *added { "ADDED" } else { "MODIFIED" }, event))
        }
        Entry::Object(change) => {
            let before = change.before.as_ref().is_some_and(&inside);
            let after = change.after.as_ref().filter(|o| inside(o));
            match (before, after) {
                (false, Some(new)) => Some(("ADDED", new.clone())),
                (true, Some(new)) => Some(("MODIFIED", new.clone())),
                (true, None) => {
                    // The last state, at the revision of the deletion.
                    let last = change.before.as_ref()?;
                    Some(("DELETED", Arc::new(Object { revision: change.revision, ..Object::clone(last) })))
                }
                (false, None) => None,
            }
        }
    }
}

fn bookmark(subject: &Subject, kind: &Kind, revision: u64) -> Value {
    value!({"type": "BOOKMARK", "object": {
        "kind": kind.kind, "apiVersion": kinds::api_version(&subject.group, &subject.version),
        "metadata": {"resourceVersion": revision.to_string(), "creationTimestamp": null},
    }})
}
