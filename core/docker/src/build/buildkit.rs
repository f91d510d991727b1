//! The BuildKit builder: definition, metadata, sources, then the stages the target needs, each step
//! answered from the cache where its key is known. Follows BuildKit v0.13 in dockerd 26.1 with the docker
//! driver. Left out: stages run one after the other, not at once; no provenance.

use super::cache::{self, Record, RecordKind, StepResult};
use super::image::Line;
use super::instruction::stages;
use super::job::{self, Base, Failure, Job, Pause, Phase};
use super::plan::{self, Manner, Planned, Scope, Work};
use super::trace::{Vertex, sent};
use super::graph::{first_uses, froms, place_of, stage_before};
use super::keys::{ignores_cache, key_of, needed_paths, source_tree, start_line};
use super::{dockerfile, fetch, mounting, run};
use crate::Docker;
use drydock_container::Machines;
use drydock_container::filesystem::Content;
use drydock_machinery::value;
use std::sync::Arc;

type Step = Result<Pause, Failure>;

impl Docker {
    pub(crate) fn step_buildkit(&mut self, machines: &mut Machines, job: &mut Job, ended: Option<i32>) -> Step {
        let now = machines.clock.now.saturating_sub(job.started);
        match job.phase {
            Phase::Definition => definition(job, now),
            Phase::Parse => self.parse(job),
            Phase::Metadata(n) => self.metadata(machines, job, n, now),
            Phase::Plan => plan_stages(job),
            Phase::Ignore => {
                let vertex = job.trace.start("[internal] load .dockerignore", now);
                let bytes = job.ignore.map_or(sent::END, |size| {
                    sent::description(".dockerignore", 0o644, 0, 0, size, "") + sent::content(0, size) + sent::END
                });
                job.trace.status(vertex, "transferring context:", bytes, (now, now + 4));
                job.trace.done(vertex, now + 20);
                job.phase = Phase::From(0);
                Ok(Pause::After(20))
            }
            Phase::From(n) => self.from(machines, job, n, now),
            Phase::Context => self.load_context(job, now),
            Phase::Steps => self.step(machines, job, ended, now),
            Phase::Export | Phase::Tag => self.export(machines, job, now),
            Phase::Over => Ok(Pause::Over),
        }
    }
    fn parse(&mut self, job: &mut Job) -> Step {
        let Some(text) = job.text.clone() else {
            let name = &job.options.dockerfile;
            return Err(Failure::new(format!(
                "failed to read dockerfile: open {name}: no such file or directory"
            )));
        };
        if text.is_empty() {
            return Err(Failure::new("the Dockerfile cannot be empty"));
        }
        job.file = dockerfile::parse(&text)?;
        job.plan = stages(&job.file)?;
        job.global = plan::global_args(&job.plan, &job.options.args, job.file.escape)?;
        let target = plan::target(&job.plan, &job.options.target)?;
        let mut wanted = vec![target];
        let mut externals = Vec::new();
        while let Some(at) = wanted.pop() {
            if job.order.contains(&at) {
                continue;
            }
            job.order.push(at);
            let Some(stage) = job.plan.stages.get(at) else { continue };
            let base = plan::base_of(stage, &job.global, job.file.escape)?;
            match stage_before(job, &base, at) {
                Some(other) => wanted.push(other),
                None => externals.push((at, base, stage.lines, true)),
            }
            for (name, lines) in froms(stage) {
                match plan::stage_named(&job.plan, &name, at) {
                    Some(other) => wanted.push(other),
                    None => externals.push((at, name, lines, false)),
                }
            }
        }
        job.order.sort_unstable();
        externals.sort_by_key(|e| (e.0, !e.3));
        for (_, typed, lines, is_base) in externals {
            if typed == "scratch" || job.bases.contains_key(&typed) {
                continue;
            }
            let reference = match fetch::reference(&typed) {
                Ok(reference) => reference,
                Err(text) if is_base => {
                    let name = drydock_machinery::quote::go(&typed);
                    return Err(Failure::at(format!("failed to parse stage name {name}: {text}"), lines));
                }
                Err(text) => {
                    let name = drydock_machinery::quote::go(&typed);
                    return Err(Failure::at(format!("failed to parse {name}: {text}"), lines));
                }
            };
            let base = Base { shown: reference.clone(), reference, lines, typed: typed.clone(), ..Base::default() };
            job.bases.insert(typed, base);
        }
        job.phase = Phase::Metadata(0);
        Ok(Pause::Now)
    }
    fn metadata(&mut self, machines: &mut Machines, job: &mut Job, n: usize, now: u64) -> Step {
        // In the order the file names them.
        let mut names: Vec<(usize, String)> = job.bases.values().map(|b| (b.lines.0, b.typed.clone())).collect();
        names.sort();
        let Some((_, typed)) = names.get(n) else {
            job.phase = Phase::Plan;
            return Ok(Pause::Now);
        };
        job.phase = Phase::Metadata(n + 1);
        let Some(mut base) = job.bases.get(typed).cloned() else { return Ok(Pause::Now) };
        let vertex = job.trace.start(&format!("[internal] load metadata for {}", base.reference), now);
        let local = if job.options.pull { None } else { self.images.get(typed).map(|r| r.image.clone()) };
        if let Some(image) = local {
            base.image = Some(image);
            job.bases.insert(typed.clone(), base);
            job.trace.done(vertex, now + 5);
            return Ok(Pause::After(5));
        }
        match machines.find_image(typed) {
            Ok((_, image)) => {
                base.remote = !self.builds.cache.bases.contains_key(base.reference.as_str());
                base.shown = format!("{}@sha256:{}", base.reference, image.digest);
                base.image = Some(image);
                job.bases.insert(typed.clone(), base);
                job.trace.done(vertex, now + 640);
                Ok(Pause::After(640))
            }
            Err(error) => {
                let text = fetch::buildkit_error(&error);
                job.trace.failed(vertex, now + 700, &text);
                let (typed, reference) = (&base.typed, &base.reference);
                let text = format!("{typed}: failed to resolve source metadata for {reference}: {text}");
                Err(Failure::at(text, base.lines))
            }
        }
    }
    fn from(&mut self, machines: &mut Machines, job: &mut Job, n: usize, now: u64) -> Step {
        let firsts = first_uses(job);
        let Some((name, typed)) = firsts.get(n).cloned() else {
            job.phase = Phase::Context;
            return Ok(Pause::Now);
        };
        job.phase = Phase::From(n + 1);
        let Some(base) = job.bases.get(&typed).cloned() else { return Ok(Pause::Now) };
        let Some(image) = base.image.clone() else { return Ok(Pause::Now) };
        if base.remote {
            let vertex = job.trace.start(&name, now);
            let took = fetch::trace_pull(machines, &mut job.trace, vertex, self.host, &base, &image, now);
            self.builds.cache.bases.insert(base.reference.as_str().into(), image.clone());
            self.builds.cache.opened.insert(image.id.clone());
            job.trace.done(vertex, now + took);
            return Ok(Pause::After(took));
        }
        let vertex = job.trace.start(&name, now);
        let known = self.builds.cache.opened.contains(&image.id);
        if known && self.is_opened(job, &typed, &image.id) {
            job.trace.done_cached(vertex, now);
        } else {
            job.trace.done(vertex, now + 3);
        }
        self.builds.cache.opened.insert(image.id.clone());
        Ok(Pause::Now)
    }
    /// Whether some stage on this base really needs its files: its first step is not in the cache.
    fn is_opened(&mut self, job: &Job, typed: &str, id: &str) -> bool {
        job.order.iter().any(|at| {
            let Some(stage) = job.plan.stages.get(*at) else { return false };
            let base = plan::base_of(stage, &job.global, job.file.escape).unwrap_or_default();
            if base != typed {
                return false;
            }
            let first = job.works.get(*at).and_then(|w| w.iter().find(|p| p.work.is_some()));
            let Some(first) = first else { return true };
            let line = Line { key: id.to_string(), ..job.bases.get(typed).and_then(|b| b.image.as_ref()).map(|i| Line::of(i)).unwrap_or_default() };
            match key_of(job, &line, first) {
                Ok(key) => !self.builds.cache.has(&key) || ignores_cache(job, first),
                Err(_) => true,
            }
        })
    }
    fn load_context(&mut self, job: &mut Job, now: u64) -> Step {
        job.phase = Phase::Steps;
        job.at = (0, 0);
        let Some(needed) = needed_paths(job) else {
            if job.works.iter().flatten().any(|p| matches!(&p.work, Some(Work::Transfer { transfer, .. }) if !transfer.heredocs.is_empty())) {
                let vertex = job.trace.start("[internal] preparing inline document", now);
                job.trace.done(vertex, now + 2);
            }
            return Ok(Pause::Now);
        };
        let vertex = job.trace.start("[internal] load build context", now);
        let (mut bytes, mut index, mut sizes) = (sent::END, 0, 0);
        let folder: Arc<str> = job.options.folder.as_str().into();
        let mut before = self.builds.cache.sent.get(&folder).cloned().unwrap_or_default();
        for (path, inode) in job.context.walk("/") {
            let path = path.trim_start_matches('/');
            if path.is_empty() || !needed.wants(path) {
                continue;
            }
            let (mode, size, link) = match &inode.content {
                Content::File(b) => (u64::from(inode.mode), b.len() as u64, ""),
                Content::Directory => (1 << 31 | u64::from(inode.mode), 0, ""),
                Content::Symlink(to) => (1 << 27 | 0o777, 0, &**to),
                _ => (u64::from(inode.mode), inode.size, ""),
            };
            bytes += sent::description(path, mode, inode.uid.into(), inode.gid.into(), size, link);
            let stat = (inode.mode, inode.mtime, size);
            let is_file = !matches!(inode.content, Content::Directory | Content::Symlink(_));
            if is_file && before.insert(path.into(), stat) != Some(stat) {
                bytes += sent::content(index, size);
                sizes += size;
            }
            index += 1;
        }
        self.builds.cache.sent.insert(folder, before);
        let took = 10 + sizes / 200_000;
        job.trace.status(vertex, "transferring context:", bytes, (now, now + took));
        job.trace.done(vertex, now + took + 10);
        Ok(Pause::After(took + 10))
    }
    fn step(&mut self, machines: &mut Machines, job: &mut Job, ended: Option<i32>, now: u64) -> Step {
        let (place, at) = job.at;
        let Some(stage) = job.order.get(place).copied() else {
            job.phase = Phase::Export;
            return Ok(Pause::Now);
        };
        if at == 0 && job.running.is_none() {
            job.line = start_line(job, stage);
        }
        let works = job.works.get(stage).cloned().unwrap_or_default();
        let Some(planned) = works.get(at) else {
            job.lines.insert(stage, std::mem::take(&mut job.line));
            job.at = (place + 1, 0);
            return Ok(Pause::Now);
        };
        let Some(work) = &planned.work else {
            job.line.config = planned.config.clone();
            let created = job.line.created;
            job.line.note(&planned.created_by, true, created);
            job.at.1 += 1;
            return Ok(Pause::Now);
        };
        if let Some(code) = ended {
            return self.ran(machines, job, planned, code, now);
        }
        let name = format!("{}{}", place_of(job, stage, at), planned.name);
        let key = match key_of(job, &job.line, planned) {
            Ok(key) => key,
            Err(missing) => {
                let vertex = job.trace.start(&name, now);
                let record = cache::record_id(&mut self.random);
                let text = if missing.starts_with('/') {
                    let id = self.random.uuid();
                    format!("failed to calculate checksum of ref {id}::{record}: \"{missing}\": not found")
                } else {
                    missing
                };
                job.trace.failed(vertex, now, &text);
                let text = if text.starts_with("failed to calculate") { format!("failed to compute cache key: {text}") } else { text };
                return Err(Failure::at(text, planned.lines));
            }
        };
        if !ignores_cache(job, planned)
            && let Some(result) = self.builds.cache.hit(&key, machines.clock.now)
        {
            job.trace.cached(&name, now);
            self.take(job, planned, key, result);
            return Ok(Pause::Now);
        }
        let vertex = job.trace.start(&name, now);
        job.vertex = vertex;
        let unix = machines.clock.unix();
        let (result, took) = match work {
            Work::Run { .. } => return self.start_run(machines, job, planned, vertex, now),
            Work::Workdir(path) => (job::make_workdir(&job.line, path, &planned.created_by, unix), 30),
            Work::Transfer { transfer, destination } => {
                let fail = |job: &mut Job, text: String, prefix: &str, lines| {
                    job.trace.failed(vertex, now + 10, &text);
                    Failure::at(format!("{prefix}{text}"), lines)
                };
                let from = source_tree(job, &transfer.from);
                let options = match job::copy_options(transfer, destination, &job.line.root, unix) {
                    Ok(options) => options,
                    Err(text) => return Err(fail(job, text, "", planned.lines)),
                };
                let mut found = job::sources(&from, transfer).unwrap_or_default();
                for url in transfer.sources.iter().filter(|s| transfer.add && fetch::is_url(s)) {
                    match fetch::url(machines, url) {
                        Ok(file) => found.push(file),
                        Err(text) => return Err(fail(job, text, "failed to load cache key: ", (0, 0))),
                    }
                }
                let several = transfer.sources.len() > 1;
                match job::copy_into(&from, &found, &job.line, &options, several, &planned.created_by) {
                    Ok(made) => (made, 40),
                    Err(text) => return Err(fail(job, text, "", planned.lines)),
                }
            }
        };
        let (root, layer) = result;
        job.trace.done(vertex, now + took);
        let result = StepResult { root, layer, created: unix };
        self.keep(machines, &key, planned, &result);
        self.take(job, planned, key, result);
        Ok(Pause::After(took))
    }
    fn keep(&mut self, machines: &Machines, key: &str, planned: &Planned, result: &StepResult) {
        let now = machines.clock.now;
        let (kind, description) = match &planned.work {
            Some(Work::Run { argv, .. }) => (RecordKind::Regular, format!("mount / from exec {}", argv.join(" "))),
            _ => (RecordKind::Regular, planned.name.clone()),
        };
        let record = Record {
            id: "".into(),
            kind,
            description: description.into(),
            size: result.layer.size,
            created: now,
            used: now,
            uses: 1,
            number: 0,
            result: Some(result.clone()),
        };
        self.builds.cache.keep(&mut self.random, key, record);
    }
    /// A step's result becomes the stage's state.
    fn take(&mut self, job: &mut Job, planned: &Planned, key: String, result: StepResult) {
        job.line.config = planned.config.clone();
        let layer = drydock_container::images::Layer { created_by: planned.created_by.as_str().into(), ..result.layer };
        job.line.add_layer(layer, result.root, true, result.created);
        job.line.key = key;
        job.at.1 += 1;
    }
    fn start_run(&mut self, machines: &mut Machines, job: &mut Job, planned: &Planned, vertex: Vertex, now: u64) -> Step {
        let Some(work) = &planned.work else { return Ok(Pause::Now) };
        let (host, line, random) = (self.host, job.line.clone(), &mut self.random);
        let mut mounting = mounting::Mounting { cache: &mut self.builds.cache, job, random };
        let started = run::start(machines, host, &line, work, "buildkitsandbox", &mut |m, w| mounting.show(m, w));
        match started {
            Ok(running) => {
                job.running = Some(running);
                Ok(Pause::Container)
            }
            Err(reason) => {
                let Work::Run { argv, .. } = work else { return Ok(Pause::Now) };
                let argv = argv.join(" ");
                let why = match reason {
                    Ok(error) if error.text.starts_with("unable to find") => error.text,
                    Ok(error) => {
                        let text = format!("runc run failed: unable to start container process: {}\n", error.text);
                        job.trace.log(vertex, true, text.as_bytes(), 140);
                        "exit code: 1".to_string()
                    }
                    Err(text) => {
                        job.trace.failed(vertex, now + 10, &text);
                        return Err(Failure::at(text, planned.lines));
                    }
                };
                let text = format!("process \"{argv}\" did not complete successfully: {why}");
                job.trace.failed(vertex, now + 150, &text);
                Err(Failure::at(text, planned.lines))
            }
        }
    }
    fn ran(&mut self, machines: &mut Machines, job: &mut Job, planned: &Planned, code: i32, now: u64) -> Step {
        job::pass_on_log(machines, job);
        let Some(running) = job.running.take() else { return Ok(Pause::Now) };
        let root = run::finish(machines, &running);
        let vertex = job.vertex;
        if code != 0 {
            let argv = match &planned.work {
                Some(Work::Run { argv, .. }) => argv.join(" "),
                _ => String::new(),
            };
            let text = format!("process \"{argv}\" did not complete successfully: exit code: {code}");
            job.trace.failed(vertex, now + 180, &text);
            return Err(Failure::at(text, planned.lines));
        }
        let layer = cache::layer(&job.line.root, &root, &planned.created_by);
        let result = StepResult { root, layer, created: machines.clock.unix() };
        job.trace.done(vertex, now + 190);
        let key = key_of(job, &job.line, planned).unwrap_or_default();
        self.keep(machines, &key, planned, &result);
        self.take(job, planned, key, result);
        Ok(Pause::After(190))
    }
    fn export(&mut self, machines: &mut Machines, job: &mut Job, now: u64) -> Step {
        if job.phase == Phase::Tag {
            job.phase = Phase::Over;
            return Ok(Pause::Over);
        }
        let target = plan::target(&job.plan, &job.options.target)?;
        let mut line = job.lines.get(&target).cloned().unwrap_or_else(Line::scratch);
        for (name, value) in &job.options.labels {
            line.config.labels.insert(name.clone(), value.clone());
        }
        let image = Arc::new(line.image(true, ""));
        let fresh = image.layers.len() as u64 * 8;
        let vertex = job.trace.start("exporting to image", now);
        job.trace.status(vertex, "exporting layers", 0, (now, now + fresh));
        job.trace.status(vertex, &format!("writing image sha256:{}", image.id), 0, (now + fresh, now + fresh));
        for tag in &job.options.tags {
            let shown = tag.strip_suffix(":latest").unwrap_or(tag);
            job.trace.status(vertex, &format!("naming to {shown}"), 0, (now + fresh, now + fresh));
        }
        job.trace.done(vertex, now + fresh + 20);
        let id = self.store_built(machines, image, "", &job.options.tags);
        job.trace.pending.push(value!({ "id": "moby.image.id", "aux": { "ID": format!("sha256:{id}") } }));
        job.phase = Phase::Tag;
        Ok(Pause::After(fresh + 20))
    }
    /// Stores an image and names it.
    pub(crate) fn store_built(
        &mut self,
        machines: &mut Machines,
        image: Arc<drydock_container::images::Image>,
        parent: &str,
        tags: &[String],
    ) -> Arc<str> {
        let id = self.images.add(image, parent);
        for tag in tags {
            if let Ok(reference) = drydock_container::images::reference::Reference::parse(tag) {
                self.images.tag(&reference, &id, machines.clock.now);
            }
        }
        id
    }
}

fn definition(job: &mut Job, now: u64) -> Step {
    let name = job.options.dockerfile.clone();
    let shown = drydock_container::filesystem::base_name(&name).to_string();
    let vertex = job.trace.start(&format!("[internal] load build definition from {shown}"), now);
    let bytes = job.text.as_ref().map_or(sent::END, |text| {
        let size = text.len() as u64;
        sent::description(&shown, 0o644, 0, 0, size, "") + sent::content(0, size) + sent::END
    });
    job.trace.status(vertex, "transferring dockerfile:", bytes, (now, now + 6));
    job.trace.done(vertex, now + 30);
    job.phase = Phase::Parse;
    Ok(Pause::After(30))
}

/// Plans every stage, bases first.
fn plan_stages(job: &mut Job) -> Step {
    let mut scopes: Vec<Scope> = Vec::new();
    let manner_global = job.global.clone();
    let (given, escape) = (job.options.args.clone(), job.file.escape);
    let manner = Manner { escape, given: &given, global: &manner_global, buildkit: true };
    for (at, stage) in job.plan.stages.clone().iter().enumerate() {
        job.works.push(Vec::new());
        scopes.push(Scope::default());
        if !job.order.contains(&at) {
            continue;
        }
        let base = plan::base_of(stage, &job.global, escape)?;
        let mut scope = Scope::default();
        let mut triggers = Vec::new();
        if let Some(other) = stage_before(job, &base, at) {
            scope.config = scopes.get(other).map(|s| s.config.clone()).unwrap_or_default();
        } else if let Some(image) = job.bases.get(&base).and_then(|b| b.image.clone()) {
            scope.config = Line::of(&image).config;
            triggers = std::mem::take(&mut scope.config.onbuild);
        }
        scope.config.cmd_set = false;
        let mut instructions = Vec::new();
        for trigger in triggers {
            let node = dockerfile::parse(&trigger)?.nodes.into_iter().next().unwrap_or_default();
            let instruction = super::instruction::instruction(&node).map_err(|e| Failure::at(e, stage.lines))?;
            instructions.push(super::instruction::Instruction { lines: stage.lines, ..instruction });
        }
        instructions.extend(stage.instructions.iter().cloned());
        for instruction in &instructions {
            let planned = plan::prepare(instruction, &mut scope, &manner).map_err(|e| Failure::at(e, instruction.lines))?;
            if let Some(works) = job.works.get_mut(at) {
                works.push(planned);
            }
        }
        if let Some(slot) = scopes.get_mut(at) {
            *slot = scope;
        }
    }
    job.phase = Phase::Ignore;
    Ok(Pause::Now)
}
