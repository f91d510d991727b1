//! The beginning of a BuildKit build: the definition is read, the bases' metadata looked up, every stage
//! planned, then bases and context brought in.

use super::graph::{first_uses, froms, stage_before};
use super::image::Line;
use super::instruction::stages;
use super::job::{Base, Failure, Job, Pause, Phase};
use super::keys::{ignores_cache, key_of, needed_paths};
use super::plan::{self, Manner, Scope, Work};
use super::trace::sent;
use super::{dockerfile, fetch};
use crate::Docker;
use drydock_container::Machines;
use drydock_container::filesystem::Content;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

type Step = Result<Pause, Failure>;

impl Docker {
    pub(crate) fn bk_parse(&mut self, job: &mut Job) -> Step {
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
        job.order.arrange();
        externals.arrange_by_key(|e| (e.0, !e.3));
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
            let base =
                Base { shown: reference.clone(), reference, lines, typed: typed.clone(), ..Base::default() };
            job.bases.insert(typed, base);
        }
        job.phase = Phase::Metadata(0);
        Ok(Pause::Now)
    }
    pub(crate) fn bk_metadata(&mut self, machines: &mut Machines, job: &mut Job, n: usize, now: u64) -> Step {
        // In the order the file names them.
        let mut names: Vec<(usize, String)> =
            job.bases.values().map(|b| (b.lines.0, b.typed.clone())).collect();
        names.arrange();
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
    pub(crate) fn bk_from(&mut self, machines: &mut Machines, job: &mut Job, n: usize, now: u64) -> Step {
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
            let line = Line {
                key: id.to_string(),
                ..job.bases.get(typed).and_then(|b| b.image.as_ref()).map(|i| Line::of(i)).unwrap_or_default()
            };
            match key_of(job, &line, first) {
                Ok(key) => !self.builds.cache.has(&key) || ignores_cache(job, first),
                Err(_) => true,
            }
        })
    }
    pub(crate) fn bk_load_context(&mut self, job: &mut Job, now: u64) -> Step {
        job.phase = Phase::Steps;
        job.at = (0, 0);
        // Without the cache, steps that need no files go first, as their results are asked for one by one.
        job.context_pending = true;
        if job.options.no_cache { Ok(Pause::Now) } else { self.bk_read_context(job, now) }
    }
    /// Brings in the files that steps read, if there are any.
    pub(crate) fn bk_read_context(&mut self, job: &mut Job, now: u64) -> Step {
        job.context_pending = false;
        let inline = |p: &super::plan::Planned| matches!(&p.work, Some(Work::Transfer { transfer, .. }) if !transfer.heredocs.is_empty());
        if job.works.iter().flatten().any(inline) {
            let vertex = job.trace.start("[internal] preparing inline document", now);
            job.trace.done(vertex, now + 2);
        }
        let Some(needed) = needed_paths(job) else { return Ok(Pause::Now) };
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
}

pub(super) fn definition(job: &mut Job, now: u64) -> Step {
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
pub(super) fn plan_stages(job: &mut Job) -> Step {
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
            let instruction =
                super::instruction::instruction(&node).map_err(|e| Failure::at(e, stage.lines))?;
            instructions.push(super::instruction::Instruction { lines: stage.lines, ..instruction });
        }
        instructions.extend(stage.instructions.iter().cloned());
        for instruction in &instructions {
            let planned = plan::prepare(instruction, &mut scope, &manner)
                .map_err(|e| Failure::at(e, instruction.lines))?;
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
