//! Checks on what was typed, on files and on what was printed: the last resort, where no effect could
//! be looked at. Commands are compared after aliases and short names are resolved, never as raw text.

use super::format::{Command, FileCheck};
use super::{Context, Reason, Verdict};
use drydock_sandbox::World;

pub(super) fn command(check: &Command, context: &Context<'_>) -> Verdict {
    let from = context.before.commands(0).len();
    let found = context.world.commands(0).iter().skip(from).any(|done| {
        check.ok.is_none_or(|ok| (done.status == 0) == ok)
            && parts(&done.command).iter().any(|words| fits(check, words, context.world))
    });
    if found {
        Ok(())
    } else {
        Err(Reason::new("notYet", format!("{} {}", check.tool, check.verb.join("|"))))
    }
}

/// The simple commands of a line: words between `;`, `|`, `&&` and `||`, quotes taken off.
fn parts(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    let mut started = false;
    let push = |commands: &mut Vec<Vec<String>>, word: &mut String, started: &mut bool| {
        if std::mem::take(started) {
            let done = std::mem::take(word);
            commands.iter_mut().last().into_iter().for_each(|c| c.push(done.clone()));
        }
    };
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                started = true;
            }
            (None, ';' | '|' | '&' | '\n') => {
                push(&mut commands, &mut word, &mut started);
                commands.push(Vec::new());
            }
            (None, c) if c.is_whitespace() => push(&mut commands, &mut word, &mut started),
            (None, c) => {
                word.push(c);
                started = true;
            }
        }
    }
    push(&mut commands, &mut word, &mut started);
    commands.retain(|c| !c.is_empty());
    commands
}

/// kubectl flags that take the next word as their value.
const VALUED: &[&str] = &[
    "-n",
    "--namespace",
    "-o",
    "--output",
    "-l",
    "--selector",
    "-f",
    "--filename",
    "-c",
    "--container",
    "--context",
    "--kubeconfig",
    "--tail",
    "-p",
    "--patch",
    "--field-selector",
    "--sort-by",
];

fn fits(check: &Command, words: &[String], world: &World) -> bool {
    let mut words = words.iter().map(String::as_str).skip_while(|w| *w == "sudo" || w.contains('='));
    let tool = match words.next() {
        Some("k") => "kubectl",
        Some(tool) => tool.rsplit('/').next().unwrap_or(tool),
        None => return false,
    };
    if tool != check.tool {
        return false;
    }
    let all: Vec<&str> = words.collect();
    if check
        .has
        .as_deref()
        .is_some_and(|has| !all.iter().any(|w| *w == has || w.starts_with(&format!("{has}="))))
    {
        return false;
    }
    let mut plain = Vec::new();
    let mut skip = false;
    for word in &all {
        match *word {
            _ if std::mem::take(&mut skip) => {}
            "--" => break,
            flag if flag.starts_with('-') => skip = VALUED.contains(&flag),
            word => plain.push(word),
        }
    }
    let mut plain = plain.into_iter();
    if !check.verb.is_empty() && !plain.next().is_some_and(|v| check.verb.iter().any(|w| w == v)) {
        return false;
    }
    if check.kind.is_empty() && check.name.is_none() {
        return true;
    }
    let mut kinds = Vec::new();
    let mut names = Vec::new();
    for (i, word) in plain.enumerate() {
        match word.split_once('/') {
            Some((kind, name)) => {
                kinds.extend(world.plural(kind));
                names.push(name);
            }
            None if i == 0 => kinds.extend(word.split(',').filter_map(|k| world.plural(k))),
            None => names.push(word),
        }
    }
    (check.kind.is_empty() || kinds.iter().any(|k| check.kind.contains(k)))
        && check.name.as_deref().is_none_or(|n| names.contains(&n))
}

pub(super) fn file(check: &FileCheck, context: &Context<'_>) -> Verdict {
    match (context.world.read_file(&check.path), &check.contains) {
        (None, _) => Err(Reason::new("missing", check.path.clone())),
        (Some(text), Some(wanted)) if !text.contains(wanted.as_str()) => {
            Err(Reason::new("differs", check.path.clone()).wanted(wanted.clone(), "-"))
        }
        _ => Ok(()),
    }
}

pub(super) fn printed(contains: &str, context: &Context<'_>) -> Verdict {
    let from = context.before.printed_len(0);
    if context.world.printed(0, from).contains(contains) {
        Ok(())
    } else {
        Err(Reason::new("notYet", contains))
    }
}
