//! How BuildKit names the parts of a build: which stage a step is in, its place among the stage's steps,
//! and the base images in the order they are met.

use super::instruction::{Stage, What};
use super::job::Job;
use super::mounts::Kind;
use super::plan;

/// The stage a base means, if it is one.
pub fn stage_before(job: &Job, base: &str, at: usize) -> Option<usize> {
    let lower = base.to_lowercase();
    job.plan.stages.iter().take(at).rposition(|s| !s.name.is_empty() && s.name == lower)
}

/// What COPY --from and RUN --mount from name, with their lines.
pub fn froms(stage: &Stage) -> Vec<(String, (usize, usize))> {
    let mut out = Vec::new();
    for instruction in &stage.instructions {
        match &instruction.what {
            What::Transfer(t) if !t.from.is_empty() => out.push((t.from.clone(), instruction.lines)),
            What::Run { mounts, .. } => {
                out.extend(
                    mounts.iter().filter(|m| !m.from.is_empty()).map(|m| (m.from.clone(), instruction.lines)),
                );
            }
            _ => {}
        }
    }
    out
}

/// How many states there are besides the stages: images that are only copied from, empty ones that cache
/// mounts begin with. With more than one, steps are shown with their stage's name.
fn states(job: &Job) -> usize {
    let bases = job.order.iter().filter_map(|at| job.plan.stages.get(*at));
    let named: std::collections::BTreeSet<String> =
        bases.filter_map(|s| plan::base_of(s, &job.global, job.file.escape).ok()).collect();
    let copied = job.bases.keys().filter(|k| !named.contains(*k)).count();
    let cached = job.plan.stages.iter().flat_map(|s| &s.instructions).any(|i| {
        matches!(&i.what, What::Run { mounts, .. } if mounts.iter().any(|m| m.kind == Kind::Cache && m.from.is_empty()))
    });
    job.plan.stages.len() + copied + usize::from(cached)
}

fn stage_name(job: &Job, stage: usize) -> String {
    match job.plan.stages.get(stage) {
        Some(s) if !s.name.is_empty() => s.name.clone(),
        _ => format!("stage-{stage}"),
    }
}

/// Whether a stage's base is an image whose FROM counts as a step.
pub fn counts_from(job: &Job, stage: usize) -> bool {
    let Some(s) = job.plan.stages.get(stage) else { return false };
    let base = plan::base_of(s, &job.global, job.file.escape).unwrap_or_default();
    base != "scratch" && stage_before(job, &base, stage).is_none()
}

fn bracket(job: &Job, stage: usize, number: usize) -> String {
    let work = job.works.get(stage).map_or(0, |w| w.iter().filter(|p| p.work.is_some()).count());
    let total = work + usize::from(counts_from(job, stage));
    let width = total.to_string().len();
    let name = if states(job) > 1 { format!("{} ", stage_name(job, stage)) } else { String::new() };
    format!("[{name}{number:>width$}/{total}] ")
}

/// `[stage 2/4] ` of the work at a place.
pub fn place_of(job: &Job, stage: usize, at: usize) -> String {
    let before =
        job.works.get(stage).map_or(0, |w| w.iter().take(at + 1).filter(|p| p.work.is_some()).count());
    bracket(job, stage, before + usize::from(counts_from(job, stage)))
}

/// The FROM vertexes: each base once, named by the first stage that uses it.
pub fn first_uses(job: &Job) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for stage in &job.order {
        let Some(s) = job.plan.stages.get(*stage) else { continue };
        let base = plan::base_of(s, &job.global, job.file.escape).unwrap_or_default();
        if counts_from(job, *stage) && !out.iter().any(|o| o.1 == base) {
            let shown = job.bases.get(&base).map_or("", |b| &b.shown);
            out.push((format!("{}FROM {shown}", bracket(job, *stage, 1)), base));
        }
    }
    for (typed, base) in &job.bases {
        if !out.iter().any(|o| o.1 == *typed) {
            out.push((format!("FROM {}", base.shown), typed.clone()));
        }
    }
    out
}
