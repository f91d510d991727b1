//! The classic builder: every instruction a step, every step an image, steps found again by parent and
//! instruction. Follows `builder/dockerfile` of moby 26.1; `DOCKER_BUILDKIT=0 docker build`.

use super::cache;
use super::copy::{self, Source};
use super::image::Line;
use super::instruction::{Instruction, Transfer, What, stages};
use super::job::{self, Failure, Job, Pause, Phase};
use super::plan::{self, Manner, Planned, Scope, Work};
use super::{dockerfile, fetch, run};
use crate::Docker;
use crate::ids::short;
use drydock_container::Machines;
use drydock_container::filesystem::Content;
use drydock_machinery::value;
use std::sync::Arc;

type Step = Result<Pause, Failure>;

pub(super) fn say(job: &mut Job, text: &str) {
    if !job.options.quiet {
        job.trace.pending.push(value!({ "stream": text }));
    }
}

impl Docker {
    pub(crate) fn step_classic(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        ended: Option<i32>,
    ) -> Step {
        match job.phase {
            Phase::Steps => self.classic_step(machines, job, ended),
            Phase::Tag => self.classic_tag(machines, job),
            _ => Ok(Pause::Over),
        }
    }
    /// Reads the Dockerfile; what is wrong with it is answered at once, not in the stream.
    ///
    /// # Errors
    /// The texts behind `Error response from daemon: `.
    pub(crate) fn begin_classic(&mut self, job: &mut Job) -> Result<(), String> {
        let name = job.options.dockerfile.clone();
        let Some(text) = job.text.clone() else {
            return Err(format!("Cannot locate specified Dockerfile: {name}"));
        };
        if text.is_empty() {
            return Err(format!("the Dockerfile ({name}) cannot be empty"));
        }
        job.file = dockerfile::parse(&text).map_err(|f| format!("failed to parse {name}: {}", f.text))?;
        job.plan = stages(&job.file).map_err(|f| f.text)?;
        let target = plan::target(&job.plan, &job.options.target).map_err(|f| f.text)?;
        job.order = (0..=target).collect();
        job.global = plan::global_args(&job.plan, &job.options.args, job.file.escape).map_err(|f| f.text)?;
        job.phase = Phase::Steps;
        // Steps before the first stage are the ARGs in front of it.
        let arguments = job.plan.arguments.clone();
        let total = total(job);
        for argument in &arguments {
            job.shown += 1;
            let text = format!("Step {}/{total} : {}\n", job.shown, argument.original);
            say(job, &text);
            note_consumed(job, &argument.what);
        }
        Ok(())
    }
    fn classic_step(&mut self, machines: &mut Machines, job: &mut Job, ended: Option<i32>) -> Step {
        let (place, at) = job.at;
        let Some(stage) = job.order.get(place).copied().and_then(|s| job.plan.stages.get(s)).cloned() else {
            job.phase = Phase::Tag;
            return Ok(Pause::Now);
        };
        if at == 0 {
            return self.classic_from(machines, job, &stage);
        }
        if let Some(trigger) = job.triggers.front().cloned() {
            return self.classic_one(machines, job, &trigger, ended, true);
        }
        let Some(next) = stage.instructions.get(at - 1).cloned() else {
            job.lines.insert(place, job.line.clone());
            job.at = (place + 1, 0);
            return Ok(Pause::Now);
        };
        self.classic_one(machines, job, &next, ended, false)
    }
    fn classic_one(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        next: &Instruction,
        ended: Option<i32>,
        trigger: bool,
    ) -> Step {
        let given = job.options.args.clone();
        let global = job.global.clone();
        let manner = Manner { escape: job.file.escape, given: &given, global: &global, buildkit: false };
        let mut scope = job.scope.clone();
        scope.config.cmd_set = job.line.config.cmd_set;
        let fresh = ended.is_none() && job.container.is_empty();
        if fresh && !trigger {
            job.shown += 1;
            let text = format!("Step {}/{} : {}\n", job.shown, total(job), next.original);
            say(job, &text);
        }
        note_consumed(job, &next.what);
        if let What::Run { mounts, .. } = &next.what
            && !mounts.is_empty()
        {
            return Err(Failure::new(
                "the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled",
            ));
        }
        let planned = plan::prepare(next, &mut scope, &manner).map_err(Failure::new)?;
        let mut made = match ended {
            Some(code) => self.classic_ran(machines, job, &planned, code)?,
            None => match self.classic_begin(machines, job, &planned, &scope)? {
                Begun::Waits => return Ok(Pause::Container),
                Begun::Cached(line) => {
                    (job.scope, job.line) = (scope, *line);
                    advance(job, trigger);
                    return Ok(Pause::After(1));
                }
                Begun::Made(line) => *line,
            },
        };
        made.config = scope.config.clone();
        let (parent, key) = (job.line.image.clone(), classic_key(&job.line, made.created_by(), &scope));
        made.created = machines.clock.unix();
        let salt = format!("{parent} {}", self.builds.cache.made);
        self.builds.cache.made += 1;
        let image = Arc::new(made.image(false, &salt));
        made.image = self.images.add(image, &parent);
        made.key = made.image.to_string();
        self.builds.cache.images.insert(key.into(), made.image.clone());
        let text = format!(" ---> {}\n", short(&made.image));
        say(job, &text);
        (job.scope, job.line) = (scope, made);
        job.container = "".into();
        advance(job, trigger);
        Ok(Pause::After(40))
    }
    /// Begins a step: finds it in the cache, does what takes no container, or starts the container.
    fn classic_begin(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        planned: &Planned,
        scope: &Scope,
    ) -> Result<Begun, Failure> {
        let unix = machines.clock.unix();
        let mut line = job.line.clone();
        let copied = match &planned.work {
            Some(Work::Transfer { transfer, destination }) => {
                Some(self.classic_sources(machines, job, transfer, destination)?)
            }
            _ => None,
        };
        let created_by = match (&copied, &planned.work) {
            (Some(copied), Some(Work::Transfer { transfer, destination })) => {
                format!("{}{} in {destination} ", planned.created_by, copied.shown(transfer))
            }
            _ => planned.created_by.clone(),
        };
        let key = classic_key(&job.line, &created_by, scope);
        if !job.options.no_cache
            && let Some(record) =
                self.builds.cache.images.get(key.as_str()).and_then(|id| self.images.records.get(id))
        {
            let image = record.image.clone();
            let text = format!(" ---> Using cache\n ---> {}\n", short(&image.id));
            say(job, &text);
            let mut line = Line::of(&image);
            line.config = planned.config.clone();
            line.image = image.id.clone();
            return Ok(Begun::Cached(Box::new(line)));
        }
        match (&planned.work, copied) {
            (None, _) => {
                self.say_container(job);
                line.note(&created_by, false, unix);
                Ok(Begun::Made(Box::new(line)))
            }
            (Some(Work::Workdir(path)), _) => {
                self.say_container(job);
                let (root, layer) = job::make_workdir(&line, path, &created_by, unix);
                line.add_layer(layer, root, false, unix);
                Ok(Begun::Made(Box::new(line)))
            }
            (Some(Work::Run { .. }), _) => {
                let id = self.fresh_id();
                let text = format!(" ---> Running in {}\n", short(&id));
                say(job, &text);
                let Some(work) = planned.work.as_ref().map(|w| with_volumes(w, &line)) else {
                    return Ok(Begun::Waits);
                };
                let hostname = short(&id).to_string();
                match run::start(machines, self.host, &line, &work, &hostname, &mut |_, mount| {
                    Ok(run::Shown::Copy(super::mounting::below(&line.root, &mount.source)))
                }) {
                    Ok(running) => {
                        (job.running, job.container) = (Some(running), id);
                        Ok(Begun::Waits)
                    }
                    Err(Ok(error)) if error.text.starts_with("unable to find") => {
                        Err(Failure::new(error.text))
                    }
                    Err(Ok(error)) => Err(Failure::new(format!(
                        "failed to create task for container: {}",
                        error.create_text()
                    ))),
                    Err(Err(text)) => Err(Failure::new(text)),
                }
            }
            (Some(Work::Transfer { transfer, .. }), Some(copied)) => {
                let several = transfer.sources.len() > 1;
                let made =
                    job::copy_into(&copied.from, &copied.found, &line, &copied.options, several, &created_by);
                let (root, layer) =
                    made.map_err(|text| Failure::new(format!("{} failed: {text}", word(transfer))))?;
                line.add_layer(layer, root, false, unix);
                Ok(Begun::Made(Box::new(line)))
            }
            _ => Ok(Begun::Made(Box::new(line))),
        }
    }
    fn say_container(&mut self, job: &mut Job) {
        let id = self.fresh_id();
        let text = format!(" ---> Running in {0}\n ---> Removed intermediate container {0}\n", short(&id));
        say(job, &text);
    }
    fn classic_ran(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        planned: &Planned,
        code: i32,
    ) -> Result<Line, Failure> {
        job::pass_on_log(machines, job);
        let Some(running) = job.running.take() else { return Ok(job.line.clone()) };
        let root = run::finish(machines, &running);
        let id = std::mem::replace(&mut job.container, "".into());
        if code != 0 {
            let argv = match &planned.work {
                Some(Work::Run { argv, .. }) => argv.join(" "),
                _ => String::new(),
            };
            self.keep_failed(machines, job, planned, &id, root, code);
            return Err(Failure {
                code,
                ..Failure::new(format!("The command '{argv}' returned a non-zero code: {code}"))
            });
        }
        let text = format!(" ---> Removed intermediate container {}\n", short(&id));
        say(job, &text);
        let mut line = job.line.clone();
        let layer = cache::layer(&line.root, &root, &planned.created_by);
        line.add_layer(layer, root, false, machines.clock.unix());
        Ok(line)
    }
    /// Sources of a COPY or ADD, looked up and summed.
    fn classic_sources(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        transfer: &Transfer,
        destination: &str,
    ) -> Result<Copied, Failure> {
        let what = word(transfer);
        let failed = |text: String| Failure::new(format!("{what} failed: {text}"));
        let from = if transfer.from.is_empty() {
            job.context.clone()
        } else if let Some(stage) = plan::stage_named(&job.plan, &transfer.from, job.at.0) {
            job.lines.get(&stage).map(|l| l.root.clone()).unwrap_or_default()
        } else {
            if self.images.get(&transfer.from).is_none() {
                self.classic_pull(machines, job, &transfer.from).map_err(|f| {
                    Failure::new(format!("invalid from flag value {}: {}", transfer.from, f.text))
                })?;
            }
            self.images.find(&transfer.from).map_err(|f| Failure::new(f.message))?.image.root.clone()
        };
        let mut found = Vec::new();
        for source in &transfer.sources {
            if transfer.add && fetch::is_url(source) {
                found.push(fetch::url(machines, source).map_err(failed)?);
                continue;
            }
            if dockerfile::heredoc(source, job.file.escape).is_some() {
                continue;
            }
            if source.split('/').next() == Some("..") && transfer.from.is_empty() {
                return Err(failed(format!("forbidden path outside the build context: {source} ()")));
            }
            match copy::expand(&from, source) {
                Ok(paths) => found.extend(paths.into_iter().map(Source::Path)),
                Err(missing) if transfer.from.is_empty() => {
                    let shown = missing.trim_start_matches('/');
                    return Err(failed(format!(
                        "file not found in build context or excluded by .dockerignore: stat {shown}: file does not exist"
                    )));
                }
                Err(missing) => {
                    return Err(failed(format!(
                        "stat {}: file does not exist",
                        missing.trim_start_matches('/')
                    )));
                }
            }
        }
        if found.is_empty() {
            return Err(failed("no source files were specified".into()));
        }
        if found.len() > 1 && !destination.ends_with('/') {
            return Err(Failure::new(format!(
                "When using {what} with more than one source file, the destination must be a directory and end with a /"
            )));
        }
        let options = job::copy_options(transfer, destination, &job.line.root, machines.clock.unix())
            .map_err(Failure::new)?;
        Ok(Copied { from, found, options })
    }
    fn classic_tag(&mut self, machines: &mut Machines, job: &mut Job) -> Step {
        job.phase = Phase::Over;
        let unused: Vec<String> = job
            .options
            .args
            .iter()
            .map(|a| a.0.clone())
            .filter(|name| !job.consumed.contains(name) && !name.to_ascii_lowercase().ends_with("_proxy"))
            .collect();
        if !unused.is_empty() {
            let text = format!("[Warning] One or more build-args [{}] were not consumed\n", unused.join(" "));
            say(job, &text);
        }
        if !job.options.labels.is_empty() {
            let mut line = job.line.clone();
            line.config.labels.extend(job.options.labels.iter().cloned());
            let image = Arc::new(line.image(false, &line.image));
            line.image = self.images.add(image, &job.line.image);
            job.line = line;
        }
        let id = job.line.image.clone();
        if id.is_empty() {
            return Err(Failure::new("No image was generated. Is your Dockerfile empty?"));
        }
        if job.options.quiet {
            let text = format!("sha256:{id}\n");
            job.trace.pending.push(value!({ "stream": text }));
        } else {
            job.trace.pending.push(value!({ "aux": { "ID": format!("sha256:{id}") } }));
            let text = format!("Successfully built {}\n", short(&id));
            say(job, &text);
        }
        for tag in job.options.tags.clone() {
            let Ok(reference) = drydock_container::images::reference::Reference::parse(&tag) else {
                continue;
            };
            self.images.tag(&reference, &id, machines.clock.now);
            let text = format!("Successfully tagged {}\n", reference.familiar());
            say(job, &text);
        }
        Ok(Pause::Over)
    }
}

/// How a step began.
enum Begun {
    Waits,
    Cached(Box<Line>),
    Made(Box<Line>),
}

/// Sources found, and how they go.
struct Copied {
    from: Arc<drydock_container::filesystem::Filesystem>,
    found: Vec<Source>,
    options: copy::Options,
}

impl Copied {
    /// `file:HASH`, `dir:HASH` or `multi:HASH`, as history shows them.
    fn shown(&self, transfer: &Transfer) -> String {
        let is_folder = |s: &Source| matches!(s, Source::Path(p) if self.from.get(p).is_some_and(|i| i.content == Content::Directory));
        let kind = match self.found.as_slice() {
            [one] if is_folder(one) => "dir",
            [_] => "file",
            _ => "multi",
        };
        let owner =
            if transfer.chown.is_empty() { String::new() } else { format!("--chown={} ", transfer.chown) };
        format!("{owner}{kind}:{}", copy::checksum(&self.from, &self.found, &self.options))
    }
}

impl Line {
    /// What the newest line of history says.
    fn created_by(&self) -> &str {
        self.history.last().map_or("", |h| &h.created_by)
    }
}

/// A step's container mounts the image's volumes: what it changes there is gone with it.
fn with_volumes(work: &Work, line: &Line) -> Work {
    let mut work = work.clone();
    if let Work::Run { mounts, .. } = &mut work {
        mounts.extend(line.config.volumes.iter().map(|path| super::mounts::Mount {
            source: path.clone(),
            target: path.clone(),
            ..super::mounts::Mount::default()
        }));
    }
    work
}

fn word(transfer: &Transfer) -> &'static str {
    if transfer.add { "ADD" } else { "COPY" }
}

fn advance(job: &mut Job, trigger: bool) {
    if trigger {
        job.triggers.pop_front();
    } else {
        job.at.1 += 1;
    }
}

/// Parent, instruction and the configuration it gives.
fn classic_key(line: &Line, created_by: &str, scope: &Scope) -> String {
    let config = super::config::Config { cmd_set: false, ..scope.config.clone() };
    drydock_machinery::hash::sha256_hex(
        format!("{} {created_by} {}", line.image, config.summary()).as_bytes(),
    )
}

pub(super) fn total(job: &Job) -> usize {
    let stages = job.order.iter().filter_map(|s| job.plan.stages.get(*s));
    job.plan.arguments.len() + stages.map(|s| s.instructions.len() + 1).sum::<usize>()
}

fn note_consumed(job: &mut Job, what: &What) {
    if let What::Arg(args) = what {
        job.consumed.extend(args.iter().map(|a| a.0.clone()));
    }
}
