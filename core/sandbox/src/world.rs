//! The world as a value, and the only way it changes: one input at a time.

use crate::boot;
use crate::browser::Browser;
use crate::doors::Doors;
use crate::input::Input;
use drydock_cluster::Cluster;
use drydock_container::machines::Frame;
use drydock_container::{Machines, SpaceId};
use drydock_docker::Docker;
use drydock_machinery::digest::mix;
use drydock_machinery::queue::Actor;
use drydock_machinery::{limits, yaml};
use drydock_network::http::{Body, Method, Request, Response, Stream};
use serde::{Deserialize, Serialize};

/// Input noted in the trace; the key is the input's number.
pub(crate) const PERSON: Actor = Actor(96);

/// What a world starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub seed: u64,
    /// Worker nodes beside the control plane.
    pub nodes: u32,
    /// Unix seconds at which the world begins.
    pub epoch: i64,
    /// A cluster that exists when the world begins; without it the laptop is alone.
    pub cluster: bool,
}

impl Default for Config {
    fn default() -> Self {
        // A Monday morning; any fixed moment would do.
        Config { seed: 1, nodes: 3, epoch: 1_767_603_600, cluster: true }
    }
}

/// Laptop, engine, cluster and network as one value: cloning takes a snapshot.
#[derive(Clone, Debug)]
pub struct World {
    pub machines: Machines,
    pub cluster: Cluster,
    /// The laptop's container engine.
    pub docker: Docker,
    pub browser: Browser,
    pub laptop: SpaceId,
    /// Inputs applied so far.
    pub(crate) inputs: u64,
    /// What the page showed and what was answered, for lesson checks: oldest first.
    pub opened: imbl::Vector<std::sync::Arc<str>>,
    pub answers: imbl::OrdMap<std::sync::Arc<str>, std::sync::Arc<str>>,
}

impl World {
    /// A booted world at its first quiet moment.
    #[must_use]
    pub fn new(config: &Config) -> World {
        boot::world(config)
    }
    /// Applies one input. Time only passes by `Input::Advance`.
    pub fn apply(&mut self, input: &Input) {
        self.inputs += 1;
        self.machines.clock.cause = 0;
        if input.is_action() && !matches!(input, Input::Answer { .. }) {
            self.machines.clock.note(PERSON, self.inputs, Some(input.label().into()));
        }
        match input {
            Input::Line { tty, text } => self.type_line(*tty, text),
            Input::Keys { tty, text } => {
                let mut end = text.len().min(drydock_machinery::limits::LINE_BYTES);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                self.machines.type_keys(*tty, text.get(..end).unwrap_or(""));
            }
            Input::Interrupt { tty } => self.machines.interrupt(*tty),
            Input::Eof { tty } => self.machines.end_of_input(*tty),
            Input::Stop { tty } => self.machines.suspend(*tty),
            Input::Terminal { tty } => boot::terminal(self, *tty),
            Input::File { path, text } => self.save_file(path, text),
            Input::Remove { path } => self.remove_file(path),
            Input::Edit { tty, text } => self.machines.finish_edit(*tty, text.as_deref().map(Into::into)),
            Input::Advance { ms } => _ = self.run_for(*ms, usize::MAX),
            Input::Apply { manifest } => self.apply_manifest(manifest),
            Input::Request { method, path, body } => self.admin(method, path, body),
            Input::Node { name, on } => {
                if *on {
                    _ = self.cluster.start_node(&mut self.machines, name);
                } else {
                    _ = self.cluster.stop_node(&mut self.machines, name);
                }
            }
            Input::Browse { address } => self.browse(address),
            Input::Opened { what } => {
                self.opened.push_back(what.as_str().into());
                if self.opened.len() > 1_000 {
                    self.opened.pop_front();
                }
            }
            Input::Answer { quiz, option } => {
                self.answers.insert(quiz.as_str().into(), option.as_str().into());
            }
        }
        self.run_due();
    }
    /// Runs what is due at this very moment: an input's direct effects belong to it.
    fn run_due(&mut self) {
        let now = self.machines.clock.now;
        self.run_until(now, usize::MAX);
    }
    /// Lets time pass by `ms`, or less: it stops at a moment's end once `max_tasks` have run. Gives the
    /// milliseconds that passed.
    pub fn run_for(&mut self, ms: u64, max_tasks: usize) -> u64 {
        let start = self.machines.clock.now;
        let target = start.saturating_add(ms);
        let whole = self.run_until(target, max_tasks);
        if whole {
            self.machines.clock.now = target;
        }
        self.machines.clock.now - start
    }
    /// Runs tasks due by `until`. False when `max_tasks` stopped it; then every task of the present
    /// moment has run, so that the elapsed time alone says what happened.
    fn run_until(&mut self, until: u64, max_tasks: usize) -> bool {
        let mut count = 0;
        loop {
            let clock = &self.machines.clock;
            if count >= max_tasks && clock.queue.next_time().is_some_and(|next| next > clock.now) {
                return false;
            }
            let Some(task) = self.machines.clock.next(until) else { return true };
            count += 1;
            let mut doors = Doors { docker: &mut self.docker, cluster: &mut self.cluster };
            if !self.machines.handle(&mut doors, task) && !self.docker.run_task(&mut self.machines, task) {
                self.cluster.run_task(&mut self.machines, task);
            }
            self.pass_notices();
            self.turn_page();
        }
    }
    /// A request to the API server as its administrator, at this moment.
    pub fn request(&mut self, request: &Request) -> Response {
        let response = self.cluster.handle(&mut self.machines, request);
        self.pass_notices();
        response
    }
    /// A request to the laptop's container engine.
    pub fn request_docker(&mut self, request: &Request) -> Response {
        let response = self.docker.handle(&mut self.machines, request);
        self.pass_notices();
        response
    }
    /// The next frame of a stream that either of the two servers gave out.
    pub fn read_stream(&mut self, stream: Stream) -> Frame {
        if self.docker.has_stream(stream) {
            return self.docker.read_stream(&mut self.machines, stream);
        }
        self.cluster.read_stream(&mut self.machines, stream)
    }
    /// Sends into such a stream.
    pub fn write_stream(&mut self, stream: Stream, channel: u8, bytes: &[u8]) {
        if self.docker.has_stream(stream) {
            self.docker.write_stream(&mut self.machines, stream, channel, bytes);
        } else {
            self.cluster.write_stream(&mut self.machines, stream, channel, bytes);
        }
        self.pass_notices();
    }
    /// Ends such a stream.
    pub fn close_stream(&mut self, stream: Stream) {
        if self.docker.has_stream(stream) {
            self.docker.close_stream(&mut self.machines, stream);
        } else {
            self.cluster.close_stream(&mut self.machines, stream);
        }
        self.pass_notices();
    }
    /// Tells the engine and the cluster what happened below them.
    fn pass_notices(&mut self) {
        if !self.machines.notices.is_empty() {
            self.docker.take_notices(&mut self.machines);
        }
        if !self.machines.notices.is_empty() {
            self.cluster.take_notices(&mut self.machines);
        }
    }
    fn admin(&mut self, method: &str, path: &str, body: &str) {
        let Some(method) = Method::parse(method) else { return };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(method, path);
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, value);
        }
        if !body.is_empty() && body.len() <= limits::BODY_BYTES {
            let kind = match method {
                Method::Patch => "application/merge-patch+json",
                _ => "application/json",
            };
            request = request.header("Content-Type", kind).body(Body::text(body));
        }
        self.request(&request);
    }
    /// Creates every object of a manifest that is not there yet.
    fn apply_manifest(&mut self, manifest: &str) {
        let Ok(documents) = yaml::load(manifest) else { return };
        for document in documents {
            let Some(path) = self.cluster.collection_path(&document.value) else { continue };
            let request = Request::new(Method::Post, path).body(Body::Json(document.value));
            self.request(&request);
        }
    }
    /// Whether the cluster, the containers or the laptop's files are others than in an earlier copy of this world.
    pub(crate) fn differs_from(&self, before: &World) -> bool {
        let files = |w: &World| w.machines.space(w.laptop).map(|space| space.root.clone());
        let same = match (files(self), files(before)) {
            (Some(a), Some(b)) => std::sync::Arc::ptr_eq(&a, &b),
            (a, b) => a.is_none() && b.is_none(),
        };
        !same
            || self.cluster.store.revision != before.cluster.store.revision
            || self.docker.noted != before.docker.noted
    }
    /// Content hash of everything that matters for what happens next.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let looked = drydock_machinery::Digest::of(&(
            &self.browser,
            self.opened.iter().collect::<Vec<_>>(),
            self.answers.iter().collect::<Vec<_>>(),
        ));
        [self.machines.digest(), self.docker.hash(), self.cluster.hash(), self.inputs, looked]
            .into_iter()
            .fold(0, mix)
    }
}
