//! `kubectl taint`: adds, changes and removes taints of nodes; the patch carries the whole list.

use super::client::content;
use super::common::{self, DryRun, field_manager};
use super::failure::aggregate;
use super::local::{self, Targets};
use super::output::Output;
use super::writing::patch_request;
use super::{Failure, output};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::{Value, names, quote, value};

pub const COMMAND: Command = Command {
    name: "taint",
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    short: "Update the taints on one or more nodes",
    long: "Update the taints on one or more nodes.\n\n  *  A taint consists of a key, value, and effect. As an argument here, it is expressed as key=value:effect.\n  *  The key must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 253 characters.\n  *  The effect must be NoSchedule, PreferNoSchedule or NoExecute.\n  *  Currently taint can only apply to node.",
    examples: "# Update node 'foo' with a taint with key 'dedicated' and value 'special-user' and effect 'NoSchedule'\nkubectl taint nodes foo dedicated=special-user:NoSchedule\n\n# Remove from node 'foo' the taint with key 'dedicated' and effect 'NoSchedule' if one exists\nkubectl taint nodes foo dedicated:NoSchedule-",
    flags: &[
        common::SELECTOR,
        common::ALL,
        common::DRY_RUN,
        common::VALIDATE,
        printers::FLAGS,
        FLAGS,
        &[field_manager("kubectl-taint")],
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[Flag::bool(
    "overwrite",
    '\0',
    false,
    "If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.",
)];

#[derive(Clone, Debug, PartialEq)]
struct Taint {
    key: String,
    value: String,
    /// Empty only when removing.
    effect: String,
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let (mut resources, mut specs) = (Vec::new(), Vec::new());
    for arg in &invocation.args {
        let is_taint = arg.contains('=') || arg.contains(':') || arg.ends_with('-');
        match (is_taint, specs.is_empty()) {
            (true, _) => specs.push(arg.clone()),
            (false, true) => resources.push(arg.clone()),
            (false, false) => {
                return Err(Error::new(format_args!(
                    "all resources must be specified before taint changes: {arg}"
                )));
            }
        }
    }
    if resources.is_empty() {
        return Err(Error::new("one or more resources must be specified as <resource> <name>"));
    }
    if specs.is_empty() {
        return Err(Error::new("at least one taint update is required"));
    }
    let (set, removed) = parse(&specs)?;
    if let Some(first) = resources.first()
        && !["node", "nodes", "no"].contains(&first.split('/').next().unwrap_or(first))
    {
        let valid = "node(s)";
        return Err(Error::new(format_args!("invalid resource type {first}, only {valid} is supported")));
    }
    let Targets { client, infos, mut failures, .. } = local::targets(invocation, &resources)?;
    for info in infos {
        let changed = change(&info.object, &set, &removed, invocation.bool("overwrite"));
        let result = changed.and_then(|(taints, operation)| {
            let object = info.object.with_at(&["spec", "taints"], &taints);
            if output.dry_run == DryRun::Client {
                return Ok((object, operation));
            }
            let body = if taints.is_empty() { Value::Null } else { taints };
            let patch = value!({"spec": {"taints": body}});
            let manager = invocation.str("field-manager");
            let request = patch_request(&info.path(), content::STRATEGIC, patch, output.dry_run, manager)
                .query("fieldValidation", output::field_validation(invocation)?);
            client.call(invocation.sys, request).map(|object| (object, operation))
        });
        match result {
            Ok((object, operation)) => output.print_typed(invocation.sys, &object, operation)?,
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn parse(specs: &[String]) -> Result<(Vec<Taint>, Vec<Taint>), Error> {
    let (mut set, mut removed): (Vec<Taint>, Vec<Taint>) = (Vec::new(), Vec::new());
    for spec in specs {
        if let Some(spec) = spec.strip_suffix('-') {
            removed.push(one(spec, true)?);
            continue;
        }
        let taint = one(spec, false)?;
        if set.iter().any(|t| t.key == taint.key && t.effect == taint.effect) {
            return Err(Error::new(format_args!(
                "duplicated taints with the same key and effect: {{{} {} {} <nil>}}",
                taint.key, taint.value, taint.effect
            )));
        }
        set.push(taint);
    }
    for taint in &removed {
        if set.iter().any(|t| t.key == taint.key && (taint.effect.is_empty() || t.effect == taint.effect)) {
            return Err(Error::new(format_args!(
                "can not both modify and remove the following taint(s) in the same command: {}",
                taint.key
            )));
        }
    }
    Ok((set, removed))
}

fn one(spec: &str, removing: bool) -> Result<Taint, Error> {
    let (pair, effect) = match spec.split(':').collect::<Vec<_>>().as_slice() {
        [pair] => (*pair, ""),
        [pair, effect] => (*pair, *effect),
        _ => return Err(Error::new(format_args!("invalid taint spec: {spec}"))),
    };
    let (key, value) = match pair.split('=').collect::<Vec<_>>().as_slice() {
        [key] => (*key, ""),
        [key, value] => (*key, *value),
        _ => return Err(Error::new(format_args!("invalid taint spec: {spec}"))),
    };
    let faults = names::is_label_value(value);
    if !faults.is_empty() {
        return Err(Error::new(format_args!("invalid taint spec: {spec}, {}", faults.join("; "))));
    }
    let faults = names::is_qualified_name(key);
    if !faults.is_empty() {
        return Err(Error::new(format_args!("invalid taint spec: {spec}, {}", faults.join("; "))));
    }
    let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect);
    let any = removing && effect.is_empty();
    if !known && !any {
        if effect.is_empty() {
            return Err(Error::new(format_args!("invalid taint spec: {spec}")));
        }
        return Err(Error::new(format_args!(
            "invalid taint effect: {effect}, unsupported taint effect\nSee 'kubectl taint -h' for help and examples"
        )));
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
}

/// The whole new list, new taints first, and what to call the change.
fn change(
    node: &Value,
    set: &[Taint],
    removed: &[Taint],
    overwrite: bool,
) -> Result<(Value, &'static str), Failure> {
    let old = node["spec"]["taints"].items();
    let is = |value: &Value, taint: &Taint| {
        value["key"] == taint.key.as_str()
            && (taint.effect.is_empty() || value["effect"] == taint.effect.as_str())
    };
    if !overwrite {
        let clash: Vec<String> = set
            .iter()
            .filter(|taint| old.iter().any(|value| is(value, taint)))
            .map(|taint| taint.key.clone())
            .collect();
        if !clash.is_empty() {
            let name = node["metadata"]["name"].text();
            return Err(format!(
                "node {name} already has {} taint(s) with same effect(s) and --overwrite is false",
                clash.join(", ")
            )
            .into());
        }
    }
    let mut missing = Vec::new();
    for taint in removed {
        if !old.iter().any(|value| is(value, taint)) {
            let effect = if taint.effect.is_empty() { String::new() } else { format!(":{}", taint.effect) };
            missing.push(format!("taint {} not found", quote::go(&format!("{}{effect}", taint.key))));
        }
    }
    if let [one] = missing.as_slice() {
        return Err(Failure::Message(one.clone()));
    } else if !missing.is_empty() {
        return Err(Failure::Message(format!("[{}]", missing.join(", "))));
    }
    let mut list: Vec<Value> = set
        .iter()
        .map(|taint| {
            let made = value!({"effect": (&taint.effect), "key": (&taint.key)});
            if taint.value.is_empty() { made } else { made.with("value", &taint.value) }
        })
        .collect();
    let replaced = old.iter().any(|value| set.iter().any(|taint| is(value, taint)));
    list.extend(
        old.iter()
            .filter(|value| !set.iter().any(|t| is(value, t)) && !removed.iter().any(|t| is(value, t)))
            .cloned(),
    );
    let operation = match (set.is_empty(), removed.is_empty()) {
        (false, false) => "modified",
        (true, _) => "untainted",
        _ if replaced => "modified",
        _ => "tainted",
    };
    Ok((Value::from_items(list), operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_are_added_replaced_and_removed() {
        let node = value!({"spec": {"taints": [{"key": "a", "value": "1", "effect": "NoSchedule"}]}});
        let parsed = |specs: &[&str]| parse(&specs.iter().map(|s| (*s).to_string()).collect::<Vec<_>>());
        let apply = |specs: &[&str], overwrite| {
            let (set, removed) = parsed(specs).unwrap_or_default();
            change(&node, &set, &removed, overwrite).map(|(list, word)| (list.items().len(), word))
        };
        assert_eq!(apply(&["b=2:NoExecute"], false).ok(), Some((2, "tainted")));
        assert_eq!(apply(&["a=2:NoSchedule"], true).ok(), Some((1, "modified")));
        assert!(apply(&["a=2:NoSchedule"], false).is_err());
        assert_eq!(apply(&["a-"], false).ok(), Some((0, "untainted")));
        assert!(parsed(&["a=1:Never"]).is_err());
    }
}
