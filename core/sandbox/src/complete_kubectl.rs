//! What may follow in a kubectl line: verbs, flags, kinds, names of objects, containers.

use crate::complete::Candidate;
use crate::world::World;
use drydock_machinery::sort::Arrange;
use drydock_tools::cli::{Command, Flag};
use drydock_tools::kubectl::ROOT;

/// Verbs whose first argument is a kind (or `kind/name`).
const KINDS_FIRST: &[&str] = &[
    "get",
    "describe",
    "delete",
    "edit",
    "label",
    "annotate",
    "scale",
    "patch",
    "expose",
    "autoscale",
    "explain",
    "wait",
    "status",
    "history",
    "undo",
    "restart",
    "pause",
    "resume",
    "image",
    "env",
    "resources",
    "selector",
];
/// Verbs whose first argument is a pod.
const PODS_FIRST: &[&str] = &["logs", "exec", "attach", "port-forward", "debug", "cp"];
/// Verbs whose first argument is a node.
const NODES_FIRST: &[&str] = &["cordon", "uncordon", "drain"];

/// Candidates for `word`, which follows the complete words `given` (`kubectl` first).
pub(crate) fn kubectl(world: &World, given: &[&str], word: &str) -> Vec<Candidate> {
    let mut command: &'static Command = &ROOT;
    let mut plain: Vec<&str> = Vec::new();
    let mut namespace = None;
    let mut words = given.iter().skip(1);
    while let Some(w) = words.next() {
        match *w {
            "-n" | "--namespace" => namespace = words.next().copied(),
            "--" => return Vec::new(),
            flag if flag.starts_with('-') => {
                namespace = flag.strip_prefix("--namespace=").or(namespace);
                if !flag.contains('=') && takes_value(command, flag) {
                    words.next();
                }
            }
            name => match command.subcommand(name).filter(|_| plain.is_empty()) {
                Some(sub) => command = sub,
                None => plain.push(name),
            },
        }
    }
    let namespace = namespace.map_or_else(|| world.namespace(), String::from);
    if let Some(found) = flag_value(world, given, word) {
        return found;
    }
    if word.starts_with('-') {
        return flags(command, word);
    }
    if !command.subcommands.is_empty() && plain.is_empty() {
        let subs = command.subcommands.iter().filter(|c| !c.hidden && c.name.starts_with(word));
        return subs.map(|c| candidate(c.name, c.short)).collect();
    }
    let verb = command.name;
    if PODS_FIRST.contains(&verb) {
        return if plain.is_empty() { names(world, "pods", &namespace, word, "") } else { Vec::new() };
    }
    if NODES_FIRST.contains(&verb) {
        return names(world, "nodes", "", word, "");
    }
    if !KINDS_FIRST.contains(&verb) {
        return Vec::new();
    }
    match (plain.first(), word.split_once('/')) {
        (None, Some((kind, name))) => names(world, kind, &namespace, name, &format!("{kind}/")),
        (None, None) => kinds(world, word),
        (Some(kind), _) if !kind.contains('/') => {
            let taken = plain.iter().skip(1).collect::<Vec<_>>();
            let found = names(world, kind, &namespace, word, "");
            found.into_iter().filter(|c| !taken.iter().any(|t| **t == c.text)).collect()
        }
        _ => Vec::new(),
    }
}

fn candidate(text: &str, about: &str) -> Candidate {
    Candidate { text: text.to_string(), about: about.to_string() }
}

fn find_flag(command: &Command, word: &str) -> Option<&'static Flag> {
    let own = command.own_flags().chain(drydock_tools::kubectl::GLOBAL.iter());
    let long = word.strip_prefix("--");
    let short = word.strip_prefix('-').and_then(|s| s.chars().next());
    let mut all = own.filter(|f| match long {
        Some(name) => f.name == name,
        None => Some(f.short) == short,
    });
    all.next()
}

fn takes_value(command: &Command, word: &str) -> bool {
    let glued = !word.starts_with("--") && word.len() > 2;
    !glued && find_flag(command, word).is_some_and(|f| f.alone.is_empty())
}

fn flags(command: &Command, word: &str) -> Vec<Candidate> {
    let all = command.own_flags().chain(drydock_tools::kubectl::GLOBAL.iter());
    let mut found: Vec<Candidate> = all
        .filter(|f| !f.hidden)
        .map(|f| candidate(&format!("--{}{}", f.name, if f.alone.is_empty() { "=" } else { "" }), f.about))
        .filter(|c| c.text.starts_with(word))
        .collect();
    found.arrange_by(|a, b| a.text.cmp(&b.text));
    found.dedup();
    found
}

/// Values of the flag right before the word.
fn flag_value(world: &World, given: &[&str], word: &str) -> Option<Vec<Candidate>> {
    let list =
        |values: &[&str]| values.iter().filter(|v| v.starts_with(word)).map(|v| candidate(v, "")).collect();
    match *given.last()? {
        "-n" | "--namespace" => Some(names(world, "namespaces", "", word, "")),
        "-o" | "--output" => {
            Some(list(&["custom-columns=", "go-template=", "json", "jsonpath=", "name", "wide", "yaml"]))
        }
        _ => None,
    }
}

fn kinds(world: &World, word: &str) -> Vec<Candidate> {
    let all = world.cluster.kinds().map(|(_, kind)| kind).filter(|k| k.has_verb("list"));
    let mut found: Vec<Candidate> = all
        .filter(|k| k.plural.starts_with(word))
        .map(|k| candidate(k.plural, &k.short.join(", ")))
        .collect();
    found.arrange_by(|a, b| a.text.cmp(&b.text));
    found.dedup();
    found
}

fn names(world: &World, kind: &str, namespace: &str, word: &str, prefix: &str) -> Vec<Candidate> {
    let objects = world.list(kind, namespace).unwrap_or_default();
    let names = objects.iter().map(|o| o["metadata"]["name"].text()).filter(|n| n.starts_with(word));
    names.map(|n| candidate(&format!("{prefix}{n}"), "")).collect()
}
