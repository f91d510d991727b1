//! The keys by which results of steps are known, and which of the context's files steps read. Follows
//! BuildKit: a step's key is its parent's and its own words; what is copied counts by content, not by
//! name or time; the environment counts for RUN only.

use super::copy;
use super::dockerfile;
use super::fetch;
use super::graph::stage_before;
use super::ignore::Ignore;
use super::image::Line;
use super::job::{self, Job};
use super::mounts::Kind;
use super::plan::{self, Planned, Work};
use drydock_container::filesystem::{Filesystem, normalise};
use drydock_machinery::hash::sha256_hex;
use std::sync::Arc;

pub fn start_line(job: &Job, stage: usize) -> Line {
    let Some(s) = job.plan.stages.get(stage) else { return Line::scratch() };
    let base = plan::base_of(s, &job.global, job.file.escape).unwrap_or_default();
    let mut line = match stage_before(job, &base, stage) {
        Some(other) => job.lines.get(&other).cloned().unwrap_or_default(),
        None => {
            job.bases.get(&base).and_then(|b| b.image.as_ref()).map_or_else(Line::scratch, |i| Line::of(i))
        }
    };
    line.config.onbuild.clear();
    line.config.cmd_set = false;
    line
}

/// The files COPY reads.
pub fn source_tree(job: &Job, from: &str) -> Arc<Filesystem> {
    if from.is_empty() {
        return job.context.clone();
    }
    let stage = job.order.get(job.at.0).copied().unwrap_or(0);
    match plan::stage_named(&job.plan, from, stage) {
        Some(other) => job.lines.get(&other).map(|l| l.root.clone()).unwrap_or_default(),
        None => {
            job.bases.get(from).and_then(|b| b.image.as_ref()).map(|i| i.root.clone()).unwrap_or_default()
        }
    }
}

/// `--no-cache`; making a working directory is not asked, as BuildKit 0.13 does.
pub fn ignores_cache(job: &Job, planned: &Planned) -> bool {
    job.options.no_cache && !matches!(planned.work, Some(Work::Workdir(_)))
}

/// The key under which a step's result is known.
///
/// # Errors
/// A source that is not there.
pub fn key_of(job: &Job, line: &Line, planned: &Planned) -> Result<String, String> {
    let parent = &line.key;
    let text = match &planned.work {
        None => String::new(),
        Some(Work::Workdir(path)) => format!("workdir {path}"),
        Some(Work::Run { argv, env, cwd, user, mounts, script, network }) => {
            let binds: Vec<String> = mounts
                .iter()
                .filter(|m| m.kind == Kind::Bind)
                .map(|m| {
                    let tree = source_tree(job, &m.from);
                    let path = normalise("/", &m.source);
                    copy::checksum(&tree, &[copy::Source::Path(path)], &copy::Options::default())
                })
                .collect();
            format!("run {argv:?} {env:?} {cwd} {user} {mounts:?} {binds:?} {script:?} {network}")
        }
        Some(Work::Transfer { transfer, destination }) => {
            let from = source_tree(job, &transfer.from);
            let local: Vec<String> =
                transfer.sources.iter().filter(|s| !(transfer.add && fetch::is_url(s))).cloned().collect();
            let only = super::instruction::Transfer { sources: local, ..transfer.clone() };
            let found = match job::sources(&from, &only) {
                Ok(found) => found,
                Err(missing) if transfer.sources.iter().any(|s| copy::is_pattern(s)) => {
                    return Err(format!(
                        "lstat /var/lib/docker/tmp/buildkit-mount{missing}: no such file or directory"
                    ));
                }
                Err(missing) => return Err(missing),
            };
            let options = job::copy_options(transfer, destination, &line.root, 0).unwrap_or_default();
            let sum = copy::checksum(&from, &found, &options);
            format!(
                "copy {} {:?} {sum} {destination} {:?}",
                transfer.add,
                transfer.sources.len() > 1,
                transfer.chown
            )
        }
    };
    Ok(sha256_hex(format!("{parent} {text}").as_bytes()))
}

/// The paths of the context that steps read; none if no step reads any.
pub struct Needed {
    all: bool,
    patterns: Ignore,
    sources: Vec<String>,
}

impl Needed {
    /// Whether a path, relative to the context, is read or leads to what is.
    #[must_use]
    pub fn wants(&self, path: &str) -> bool {
        self.all
            || self.patterns.matches(path)
            || self.sources.iter().any(|s| s.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

pub fn needed_paths(job: &Job) -> Option<Needed> {
    let mut sources = Vec::new();
    for at in &job.order {
        for planned in job.works.get(*at).into_iter().flatten() {
            match &planned.work {
                Some(Work::Transfer { transfer, .. }) if transfer.from.is_empty() => {
                    let local = transfer.sources.iter().filter(|s| {
                        !(transfer.add && fetch::is_url(s)) && dockerfile::heredoc(s, '\\').is_none()
                    });
                    sources.extend(local.map(|s| clean(s)));
                }
                Some(Work::Run { mounts, .. }) => {
                    let binds = mounts.iter().filter(|m| m.kind == Kind::Bind && m.from.is_empty());
                    sources.extend(binds.map(|m| clean(&m.source)));
                }
                _ => {}
            }
        }
    }
    if sources.is_empty() {
        return None;
    }
    let all = sources.iter().any(String::is_empty);
    Some(Needed { all, patterns: Ignore::parse(&sources.join("\n")), sources })
}

fn clean(source: &str) -> String {
    normalise("/", source).trim_start_matches('/').to_string()
}
