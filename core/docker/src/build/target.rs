//! Which stages there are to build: arguments in front of the first FROM, bases after expansion, names.

use super::dockerfile::Fault;
use super::expand::Expand;
use super::instruction::{Plan, Stage, What};
use super::plan::Given;
use drydock_machinery::quote;

/// What the builder itself knows; declared by name where it is wanted.
const PLATFORM: &[(&str, &str)] = &[
    ("BUILDPLATFORM", "linux/amd64"),
    ("BUILDOS", "linux"),
    ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", ""),
    ("TARGETPLATFORM", "linux/amd64"),
    ("TARGETOS", "linux"),
    ("TARGETARCH", "amd64"),
    ("TARGETVARIANT", ""),
];

/// Values of the arguments in front of the first FROM.
///
/// # Errors
/// What expanding their defaults gives.
pub fn global_args(plan: &Plan, given: &Given, escape: char) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut out: Vec<(String, Option<String>)> =
        PLATFORM.iter().map(|(n, v)| ((*n).to_string(), Some((*v).to_string()))).collect();
    for instruction in &plan.arguments {
        let What::Arg(args) = &instruction.what else { continue };
        for (name, default) in args {
            let lookup = |name: &str| out.iter().rev().find(|a| a.0 == name).and_then(|a| a.1.clone());
            let expand = Expand { escape, lookup: &lookup, shown: false };
            let default = match default {
                Some(text) => Some(expand.word(text).map_err(|e| Fault::at(e, instruction.lines))?),
                None => None,
            };
            let value = given.iter().find(|g| g.0 == *name).and_then(|g| g.1.clone()).or(default);
            out.push((name.clone(), value));
        }
    }
    Ok(out)
}

/// The base of a stage after expansion.
///
/// # Errors
/// `base name (…) should not be blank`.
pub fn base_of(stage: &Stage, global: &[(String, Option<String>)], escape: char) -> Result<String, Fault> {
    let lookup = |name: &str| global.iter().rev().find(|a| a.0 == name).and_then(|a| a.1.clone());
    let expand = Expand { escape, lookup: &lookup, shown: false };
    let base = expand.word(&stage.base).map_err(|e| Fault::at(e, stage.lines))?;
    if base.is_empty() {
        return Err(Fault::at(format!("base name ({}) should not be blank", stage.base), stage.lines));
    }
    Ok(base)
}

/// The stage a name or number means, among those before `before`.
#[must_use]
pub fn stage_named(plan: &Plan, name: &str, before: usize) -> Option<usize> {
    let lower = name.to_lowercase();
    let by_name = plan.stages.iter().take(before).rposition(|s| !s.name.is_empty() && s.name == lower);
    by_name.or_else(|| lower.parse().ok().filter(|n: &usize| *n < before))
}

/// The stage `--target` names.
///
/// # Errors
/// `target stage "x" could not be found`.
pub fn target(plan: &Plan, target: &str) -> Result<usize, Fault> {
    let last = plan.stages.len().saturating_sub(1);
    if target.is_empty() {
        return Ok(last);
    }
    let lower = target.to_lowercase();
    let found = plan.stages.iter().position(|s| s.name == lower && !s.name.is_empty());
    found
        .or_else(|| lower.parse().ok().filter(|n| *n <= last))
        .ok_or_else(|| Fault::new(format!("target stage {} could not be found", quote::go(target))))
}
