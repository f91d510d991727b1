//! The BuildKit builder: definition, metadata, sources, then the stages the target needs, each step
//! answered from the cache where its key is known. Follows BuildKit v0.13 in dockerd 26.1 with the docker
//! driver. Left out: stages run one after the other, not at once; no provenance.

use super::cache::{self, Record, RecordKind, StepResult};
use super::graph::place_of;
use super::image::Line;
use super::job::{self, Failure, Job, Pause, Phase};
use super::keys::{ignores_cache, key_of, source_tree, start_line};
use super::plan::{self, Planned, Work};
use super::sources::{definition, plan_stages};
use super::trace::{Vertex, sent};
use super::{fetch, mounting, run};
use crate::Docker;
use drydock_container::Machines;
use drydock_machinery::value;
use std::sync::Arc;

type Step = Result<Pause, Failure>;

impl Docker {
    pub(crate) fn step_buildkit(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        ended: Option<i32>,
    ) -> Step {
        let now = machines.clock.now.saturating_sub(job.started);
        match job.phase {
            Phase::Definition => definition(job, now),
            Phase::Parse => self.bk_parse(job),
            Phase::Metadata(n) => self.bk_metadata(machines, job, n, now),
            Phase::Plan => plan_stages(job),
            Phase::Ignore => {
                let vertex = job.trace.start("[internal] load .dockerignore", now);
                let bytes = job.ignore.map_or(sent::END, |size| {
                    sent::description(".dockerignore", 0o644, 0, 0, size, "")
                        + sent::content(0, size)
                        + sent::END
                });
                job.trace.status(vertex, "transferring context:", bytes, (now, now + 4));
                job.trace.done(vertex, now + 20);
                job.phase = Phase::From(0);
                Ok(Pause::After(20))
            }
            Phase::From(n) => self.bk_from(machines, job, n, now),
            Phase::Context => self.bk_load_context(job, now),
            Phase::Steps => self.step(machines, job, ended, now),
            Phase::Export | Phase::Tag => self.export(machines, job, now),
            Phase::Over => Ok(Pause::Over),
        }
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
        if job.context_pending && !matches!(work, Work::Workdir(_)) {
            return self.bk_read_context(job, now);
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
                let text = if text.starts_with("failed to calculate") {
                    format!("failed to compute cache key: {text}")
                } else {
                    text
                };
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
            Some(Work::Run { argv, .. }) => {
                (RecordKind::Regular, format!("mount / from exec {}", argv.join(" ")))
            }
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
        let layer = drydock_container::images::Layer {
            created_by: planned.created_by.as_str().into(),
            ..result.layer
        };
        job.line.add_layer(layer, result.root, true, result.created);
        job.line.key = key;
        job.at.1 += 1;
    }
    fn start_run(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        planned: &Planned,
        vertex: Vertex,
        now: u64,
    ) -> Step {
        let Some(work) = &planned.work else { return Ok(Pause::Now) };
        let (host, line, random) = (self.host, job.line.clone(), &mut self.random);
        let mut mounting = mounting::Mounting { cache: &mut self.builds.cache, job, random };
        let started =
            run::start(machines, host, &line, work, "buildkitsandbox", &mut |m, w| mounting.show(m, w));
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
                        let text =
                            format!("runc run failed: unable to start container process: {}\n", error.text);
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
    fn ran(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        planned: &Planned,
        code: i32,
        now: u64,
    ) -> Step {
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
        job.trace.status(
            vertex,
            &format!("writing image sha256:{}", image.id),
            0,
            (now + fresh, now + fresh),
        );
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
