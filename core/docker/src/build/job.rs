//! A build under way: what was asked for, how far it is, and what both builders share. It is advanced
//! whenever its timer fires or its container ends; between that it is plain data.

use super::cache;
use super::copy::{self, Options as CopyOptions, Source};
use super::dockerfile::{Dockerfile, Fault};
use super::ignore::Ignore;
use super::image::Line;
use super::instruction::{Plan, Transfer};
use super::plan::{Given, Planned, Scope};
use super::run::Running;
use super::trace::{Trace, Vertex};
use crate::Docker;
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::images::{Image, Layer};
use drydock_container::{Machines, Notice, SpaceId, tree};
use drydock_machinery::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What a client asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    pub buildkit: bool,
    /// Path of the Dockerfile in its source.
    pub dockerfile: String,
    /// Full references with tags.
    pub tags: Vec<String>,
    pub target: String,
    pub args: Given,
    pub no_cache: bool,
    pub pull: bool,
    pub quiet: bool,
    pub keep: bool,
    pub labels: Vec<(String, String)>,
    /// `--secret`: id and content.
    pub secrets: Vec<(String, Arc<[u8]>)>,
    /// What the client calls the folder it sends; files sent before are not sent again.
    pub folder: String,
    /// The Dockerfile came as a file of its own (stdin, or outside of the context).
    pub no_context: bool,
}

/// Why a build ended early.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    pub text: String,
    pub lines: (usize, usize),
    /// The classic builder's exit code.
    pub code: i32,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure { text: fault.text, lines: fault.lines, code: 1 }
    }
}

impl Failure {
    pub fn new(text: impl Into<String>) -> Failure {
        Failure { text: text.into(), lines: (0, 0), code: 1 }
    }
    pub fn at(text: impl Into<String>, lines: (usize, usize)) -> Failure {
        Failure { text: text.into(), lines, code: 1 }
    }
}

/// How a step of a build ended.
pub enum Pause {
    /// Go on.
    Now,
    /// Go on after that many simulated milliseconds.
    After(u64),
    /// A container runs; its end goes on with the build.
    Container,
    Over,
}

/// Where a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    #[default]
    Definition,
    Parse,
    Metadata(usize),
    Plan,
    Ignore,
    From(usize),
    Context,
    Steps,
    Export,
    Tag,
    Over,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    pub stream: u64,
    pub options: Options,
    pub context: Arc<Filesystem>,
    /// The Dockerfile's text, if there is one.
    pub text: Option<Arc<str>>,
    /// Bytes of `.dockerignore`, if there is one.
    pub ignore: Option<u64>,
    pub started: u64,
    pub trace: Trace,
    pub phase: Phase,
    pub file: Dockerfile,
    pub plan: Plan,
    pub global: Vec<(String, Option<String>)>,
    /// Stages to build, in order.
    pub order: Vec<usize>,
    /// Bases by the name stages say: image, and how it is shown.
    pub bases: BTreeMap<String, Base>,
    /// Planned work by stage.
    pub works: Vec<Vec<Planned>>,
    /// Finished stages.
    pub lines: BTreeMap<usize, Line>,
    /// The stage being built: which of `order`, its next instruction.
    pub at: (usize, usize),
    pub line: Line,
    pub scope: Scope,
    /// ONBUILD triggers still to run before the stage's own instructions (classic builder).
    pub triggers: VecDeque<super::instruction::Instruction>,
    pub running: Option<Running>,
    pub vertex: Vertex,
    /// Steps shown so far (classic builder).
    pub shown: usize,
    /// The id of the container a step runs in (classic builder).
    pub container: Arc<str>,
    /// The pull that went on while the step waited is over.
    pub pulled: bool,
    /// The files that steps read were not sent yet (BuildKit).
    pub context_pending: bool,
    /// Build arguments some stage has declared.
    pub consumed: Vec<String>,
}

/// A base image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Base {
    /// `docker.io/library/nginx:latest`.
    pub reference: String,
    /// With digest when a registry said it.
    pub shown: String,
    /// None for `scratch`.
    pub image: Option<Arc<Image>>,
    /// It must be fetched first.
    pub remote: bool,
    /// Where the Dockerfile names it.
    pub lines: (usize, usize),
    /// As typed.
    pub typed: String,
}

/// The Dockerfile's lines around a fault, as the client shows them.
#[must_use]
pub fn source(job: &Job, lines: (usize, usize)) -> Value {
    let Some(text) = job.text.as_ref().filter(|_| lines.0 > 0) else { return Value::Null };
    let name = drydock_container::filesystem::base_name(&job.options.dockerfile);
    drydock_machinery::value!({ "filename": name, "start": lines.0, "end": lines.1, "data": text })
}

/// The sources of a COPY or ADD in a filesystem, local ones only.
///
/// # Errors
/// The path that is not there.
pub fn sources(from: &Filesystem, transfer: &Transfer) -> Result<Vec<Source>, String> {
    let mut out = Vec::new();
    let mut documents = transfer.heredocs.iter();
    for source in &transfer.sources {
        if super::dockerfile::heredoc(source, '\\').is_some() {
            if let Some(document) = documents.next() {
                let bytes: Arc<[u8]> = document.text().into_bytes().into();
                out.push(Source::File { name: document.name.clone(), bytes, mode: 0o644, mtime: 0 });
            }
            continue;
        }
        out.extend(copy::expand(from, source)?.into_iter().map(Source::Path));
    }
    Ok(out)
}

/// How a COPY or ADD is to be done in a stage.
///
/// # Errors
/// A name that is no user, a mode that is none.
pub fn copy_options(
    transfer: &Transfer,
    destination: &str,
    root: &Filesystem,
    now: i64,
) -> Result<CopyOptions, String> {
    let mode = match transfer.chmod.as_str() {
        "" => None,
        text => Some(u16::from_str_radix(text, 8).ok().filter(|m| *m <= 0o7777).ok_or_else(|| {
            format!("invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")
        })?),
    };
    Ok(CopyOptions {
        destination: destination.into(),
        owner: copy::owner(root, &transfer.chown)?,
        mode,
        unpack: transfer.add,
        parents: transfer.parents,
        now,
        exclude: Ignore::parse(&transfer.exclude.join("\n")),
    })
}

/// Copies into a stage's files and gives the layer.
///
/// # Errors
/// What the filesystem refuses.
pub fn copy_into(
    from: &Filesystem,
    found: &[Source],
    line: &Line,
    options: &CopyOptions,
    several: bool,
    created_by: &str,
) -> Result<(Arc<Filesystem>, Layer), String> {
    let mut root = Filesystem::clone(&line.root);
    copy::copy(from, found, &mut root, options, several).map_err(|(error, path)| match error {
        drydock_container::Errno::Eisdir => format!("cannot replace to directory {path} with file"),
        error => format!("failed to copy files: {path}: {}", error.text().to_lowercase()),
    })?;
    let layer = cache::layer(&line.root, &root, created_by);
    Ok((Arc::new(root), layer))
}

/// Makes a working directory.
#[must_use]
pub fn make_workdir(line: &Line, path: &str, created_by: &str, now: i64) -> (Arc<Filesystem>, Layer) {
    let real = tree::resolve_new(&line.root, path);
    if line.root.get(&real).is_some_and(|i| i.content == Content::Directory) {
        return (line.root.clone(), cache::layer(&line.root, &line.root, created_by));
    }
    let mut root = Filesystem::clone(&line.root);
    Machines::make_directories(&mut root, &real, now);
    let layer = cache::layer(&line.root, &root, created_by);
    (Arc::new(root), layer)
}

impl Docker {
    /// Whether a container is a step's.
    #[must_use]
    pub fn is_building(&self, space: SpaceId) -> bool {
        self.builds.spaces.contains_key(&space)
    }
    /// Goes on with a build: its timer has fired, or its container has ended with `code`.
    pub fn advance_build(&mut self, machines: &mut Machines, stream: u64, ended: Option<i32>) {
        let Some(mut job) = self.builds.jobs.remove(&stream).map(Arc::unwrap_or_clone) else { return };
        let mut ended = ended;
        loop {
            let step = if job.options.buildkit {
                self.step_buildkit(machines, &mut job, ended.take())
            } else {
                self.step_classic(machines, &mut job, ended.take())
            };
            let handle = drydock_network::http::Stream(stream);
            for message in std::mem::take(&mut job.trace.pending) {
                self.say(machines, handle, message);
            }
            match step {
                Ok(Pause::Now) => {}
                Ok(Pause::After(ms)) => {
                    machines.clock.after(ms, crate::docker::actor::BUILD, stream);
                    self.builds.jobs.insert(stream, Arc::new(job));
                    return;
                }
                Ok(Pause::Container) => {
                    if let Some(running) = &job.running {
                        self.builds.spaces.insert(running.space, stream);
                    }
                    self.builds.jobs.insert(stream, Arc::new(job));
                    return;
                }
                Ok(Pause::Over) => {
                    self.end_stream(machines, handle);
                    return;
                }
                Err(failure) => {
                    let message = drydock_machinery::value!({
                        "errorDetail": { "code": failure.code, "message": failure.text.as_str() },
                        "error": failure.text.as_str()
                    });
                    let source = source(&job, failure.lines);
                    let buildkit = job.options.buildkit && !source.is_null();
                    self.say(
                        machines,
                        handle,
                        if buildkit { message.with("source", source) } else { message },
                    );
                    self.end_stream(machines, handle);
                    return;
                }
            }
        }
    }
    /// A step's container has ended.
    pub fn build_space_ended(&mut self, machines: &mut Machines, space: SpaceId, code: i32) {
        if let Some(stream) = self.builds.spaces.remove(&space) {
            self.advance_build(machines, stream, Some(code));
        }
    }
    /// A step's container has printed something: the client gets it now.
    pub fn build_space_logged(&mut self, machines: &mut Machines, space: SpaceId) {
        let Some(stream) = self.builds.spaces.get(&space).copied() else { return };
        let Some(job) = self.builds.jobs.get_mut(&stream).map(Arc::make_mut) else { return };
        pass_on_log(machines, job);
        for message in std::mem::take(&mut job.trace.pending) {
            self.say(machines, drydock_network::http::Stream(stream), message);
        }
    }
    /// Takes the notices that are about steps; the others stay in their order.
    pub fn take_build_notices(&mut self, machines: &mut Machines) {
        if self.builds.spaces.is_empty() {
            return;
        }
        let notices = std::mem::take(&mut machines.notices);
        let mut rest = imbl::Vector::new();
        for notice in notices {
            match notice {
                Notice::SpaceEnded { space, code } if self.is_building(space) => {
                    self.build_space_ended(machines, space, code);
                }
                Notice::Logged { space } if self.is_building(space) => {
                    self.build_space_logged(machines, space)
                }
                other => rest.push_back(other),
            }
        }
        rest.append(std::mem::take(&mut machines.notices));
        machines.notices = rest;
    }
    /// The client has gone: the build stops where it is.
    pub fn cancel_build(&mut self, machines: &mut Machines, stream: u64) {
        let Some(job) = self.builds.jobs.remove(&stream) else { return };
        if let Some(running) = &job.running {
            self.builds.spaces.remove(&running.space);
            super::run::finish(machines, running);
        }
    }
}

/// Passes on what a step has printed since the last time.
pub fn pass_on_log(machines: &mut Machines, job: &mut Job) {
    let Some(running) = &mut job.running else { return };
    let Some(space) = machines.space(running.space) else { return };
    for entry in space.log.since(running.read) {
        if job.options.buildkit {
            let at = entry.time.saturating_sub(running.started) + 160;
            job.trace.log(job.vertex, entry.error, &entry.bytes, at);
        } else if !job.options.quiet {
            let text = String::from_utf8_lossy(&entry.bytes);
            let text = if entry.error { format!("\u{1b}[91m{text}\u{1b}[0m") } else { text.into_owned() };
            job.trace.pending.push(drydock_machinery::value!({ "stream": text }));
        }
    }
    running.read = space.log.written();
}
