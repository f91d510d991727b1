//! The classic builder's FROM: the base image is fetched if need be, and its triggers are gathered.

use super::classic::{say, total};
use super::image::Line;
use super::instruction::instruction;
use super::job::{Failure, Job, Pause};
use super::plan::{self, Scope};
use super::{dockerfile, fetch};
use crate::Docker;
use crate::ids::short;
use drydock_container::Machines;
use drydock_machinery::value;

type Step = Result<Pause, Failure>;

impl Docker {
    pub(crate) fn classic_from(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        stage: &super::instruction::Stage,
    ) -> Step {
        let place = job.at.0;
        let base = plan::base_of(stage, &job.global, job.file.escape)?;
        if !std::mem::take(&mut job.pulled) {
            job.shown += 1;
            let text = format!("Step {}/{} : {}\n", job.shown, total(job), stage.original);
            say(job, &text);
            let known = plan::stage_named(&job.plan, &base, place).is_some() || base == "scratch";
            if !known && (job.options.pull || self.images.get(&base).is_none()) {
                let took = self.classic_pull(machines, job, &base)?;
                job.pulled = true;
                return Ok(Pause::After(took));
            }
        }
        let mut line = match plan::stage_named(&job.plan, &base, place) {
            Some(other) if !job.plan.stages.get(other).is_none_or(|s| s.name.is_empty()) => {
                job.lines.get(&other).cloned().unwrap_or_default()
            }
            _ if base == "scratch" => Line::scratch(),
            _ => {
                let image = self.images.find(&base).map_err(|f| Failure::new(f.message))?;
                Line::of(&image.image)
            }
        };
        line.config.cmd_set = false;
        if line.image.is_empty() {
            say(job, " ---> \n");
        } else {
            let text = format!(" ---> {}\n", short(&line.image));
            say(job, &text);
        }
        let triggers = std::mem::take(&mut line.config.onbuild);
        if !triggers.is_empty() {
            let plural = if triggers.len() == 1 { "" } else { "s" };
            let text = format!("# Executing {} build trigger{plural}\n", triggers.len());
            say(job, &text);
        }
        for trigger in triggers {
            let node = dockerfile::parse(&trigger)?.nodes.into_iter().next().unwrap_or_default();
            job.triggers.push_back(instruction(&node).map_err(Failure::new)?);
        }
        job.scope = Scope { config: line.config.clone(), args: Vec::new() };
        job.line = line;
        job.at.1 = 1;
        Ok(Pause::After(5))
    }
    /// Fetches a base image, saying so as `docker pull` does.
    pub(crate) fn classic_pull(
        &mut self,
        machines: &mut Machines,
        job: &mut Job,
        base: &str,
    ) -> Result<u64, Failure> {
        let typed = fetch::reference(base).map_err(Failure::new)?;
        let (reference, image) = machines.find_image(&typed).map_err(|e| Failure::new(e.docker()))?;
        let took = machines.pull_ms(self.host, &image).max(300);
        let status = |job: &mut Job, id: &str, text: &str| {
            let message = value!({ "status": text });
            job.trace.pending.push(if id.is_empty() { message } else { message.with("id", id) });
        };
        if !job.options.quiet {
            let tag = reference.tag.as_deref().unwrap_or("latest").to_string();
            status(job, &tag, &format!("Pulling from {}", reference.path));
            let there = |diff: &str| {
                self.images.records.values().any(|r| r.image.layers.iter().any(|l| &*l.diff_id == diff))
            };
            for layer in image.layers.iter().filter(|l| !there(&l.diff_id)) {
                let id = short(&crate::images::transfer::blob_id(layer)).to_string();
                for text in ["Pulling fs layer", "Verifying Checksum", "Download complete", "Pull complete"] {
                    status(job, &id, text);
                }
            }
            status(job, "", &format!("Digest: sha256:{}", image.digest));
            status(job, "", &format!("Status: Downloaded newer image for {}", reference.familiar()));
        }
        let digest = image.digest.clone();
        let id = self.images.add(image, "");
        self.images.tag(&reference, &id, machines.clock.now);
        self.images.add_digest(&reference, &digest, &id);
        Ok(took)
    }
}
