//! git: repositories with real objects (blobs, trees and commits named by SHA-1), an index, branches,
//! tags, and remotes that live beside the simulated network. Follows git 2.43's words. Left out: merges
//! that are no fast-forward, rebase, stash, submodules, hooks, packs, line-ending conversion.

mod checkout;
mod differences;
mod elsewhere;
mod history;
mod objects;
mod remote;
mod repository;
mod samples;
mod status;
mod work;

use super::filter::ended;
use super::packages::{Act, acting};
use crate::sys::Sys;
use repository::Repository;
use std::sync::Arc;

/// What a command came to: text for stdout and stderr, and its status.
#[derive(Default)]
pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i32,
    /// Milliseconds it takes: fetching from elsewhere.
    pub(super) ms: u64,
}

impl Said {
    pub(super) fn out(text: impl Into<String>) -> Said {
        Said { out: text.into(), ..Said::default() }
    }
    pub(super) fn err(text: impl Into<String>) -> Said {
        Said { err: text.into(), ..Said::default() }
    }
    pub(super) fn fatal(text: impl std::fmt::Display) -> Said {
        Said { err: format!("fatal: {text}\n"), code: 128, ..Said::default() }
    }
    pub(super) fn error(text: impl std::fmt::Display) -> Said {
        Said { err: format!("error: {text}\n"), code: 1, ..Said::default() }
    }
}

pub(super) type Words = [Arc<str>];

pub(super) fn has(words: &Words, names: &[&str]) -> bool {
    words.iter().any(|w| names.contains(&&**w))
}

/// The value after an option, or behind its `=`.
pub(super) fn value(words: &Words, names: &[&str]) -> Option<String> {
    let at = words.iter().position(|w| names.contains(&&**w));
    let after = at.and_then(|a| words.get(a + 1)).map(|w| w.to_string());
    after.or_else(|| {
        words.iter().find_map(|w| w.split_once('=').filter(|s| names.contains(&s.0)).map(|s| s.1.to_string()))
    })
}

/// Words that are no options, with those of `valued` and their values left out.
pub(super) fn plain(words: &Words, valued: &[&str]) -> Vec<String> {
    let (mut out, mut rest, mut all) = (Vec::new(), words.iter(), false);
    while let Some(word) = rest.next() {
        if &**word == "--" {
            all = true;
        } else if !all && word.starts_with('-') && word.len() > 1 {
            if valued.contains(&&**word) {
                rest.next();
            }
        } else {
            out.push(word.to_string());
        }
    }
    out
}

const HELP: &str = "usage: git [-v | --version] [-h | --help] [-C <path>] [-c <name>=<value>]\n           <command> [<args>]\n\nThese are common Git commands used in various situations:\n\nstart a working area\n   clone     Clone a repository into a new directory\n   init      Create an empty Git repository or reinitialize an existing one\n\nwork on the current change\n   add       Add file contents to the index\n   mv        Move or rename a file, a directory, or a symlink\n   restore   Restore working tree files\n   rm        Remove files from the working tree and from the index\n\nexamine the history and state\n   diff      Show changes between commits, commit and working tree, etc\n   log       Show commit logs\n   show      Show various types of objects\n   status    Show the working tree status\n\ngrow, mark and tweak your common history\n   branch    List, create, or delete branches\n   commit    Record changes to the repository\n   merge     Join two or more development histories together\n   reset     Reset current HEAD to the specified state\n   switch    Switch branches\n   tag       Create, list, delete or verify a tag object signed with GPG\n\ncollaborate\n   fetch     Download objects and refs from another repository\n   pull      Fetch from and integrate with another repository or a local branch\n   push      Update remote refs along with associated objects\n";

pub fn git(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let mut words: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
    let mut settings = Vec::new();
    loop {
        match words.first().map(|w| &**w) {
            Some("-C") => {
                let dir = words.get(1).cloned().unwrap_or_default();
                if let Err(errno) = sys.chdir(&dir) {
                    sys.eprint(&format!("fatal: cannot change to '{dir}': {errno}\n"));
                    return ended(128);
                }
                words.drain(..2.min(words.len()));
            }
            Some("-c") => {
                settings.extend(words.get(1).cloned());
                words.drain(..2.min(words.len()));
            }
            Some("--no-pager" | "-P") => _ = words.remove(0),
            _ => break,
        }
    }
    let verb = words.first().cloned().unwrap_or_default();
    let rest = words.get(1..).unwrap_or(&[]).to_vec();
    let said = run(sys, &verb, &rest, &settings);
    if said.ms > 0 {
        let acts = vec![Act::Pause(said.ms), Act::Print(said.out), Act::Complain(said.err)];
        return acting(acts, said.code);
    }
    sys.print(&said.out);
    sys.eprint(&said.err);
    ended(said.code)
}

fn run(sys: &mut Sys<'_>, verb: &str, words: &Words, settings: &[Arc<str>]) -> Said {
    match verb {
        "" | "help" | "--help" | "-h" => {
            return Said { out: HELP.into(), code: i32::from(verb.is_empty()), ..Said::default() };
        }
        "version" | "--version" | "-v" => return Said::out("git version 2.43.0\n"),
        "init" => return repository::init(sys, words),
        "clone" => return remote::clone(sys, words),
        "config" if has(words, &["--global", "--system"]) => return repository::config(sys, None, words),
        "ls-remote" if words.iter().any(|w| w.contains("://")) => return remote::list(sys, None, words),
        _ => {}
    }
    let Some(mut repo) = Repository::find(sys) else {
        const NEEDS: &[&str] = &[
            "add",
            "branch",
            "cat-file",
            "checkout",
            "commit",
            "diff",
            "fetch",
            "log",
            "ls-files",
            "ls-remote",
            "merge",
            "mv",
            "pull",
            "push",
            "remote",
            "reset",
            "restore",
            "rev-parse",
            "rm",
            "show",
            "stash",
            "status",
            "switch",
            "tag",
            "describe",
            "rev-list",
        ];
        return match verb {
            "config" => repository::config(sys, None, words),
            _ if NEEDS.contains(&verb) => {
                Said::fatal("not a git repository (or any of the parent directories): .git")
            }
            _ => unknown(verb),
        };
    };
    repo.settings = settings.to_vec();
    match verb {
        "add" | "stage" => work::add(sys, &mut repo, words),
        "branch" => history::branch(sys, &repo, words),
        "cat-file" => objects::cat_file(sys, &repo, words),
        "checkout" => checkout::checkout(sys, &mut repo, words),
        "commit" => work::commit(sys, &mut repo, words),
        "config" => repository::config(sys, Some(&repo), words),
        "describe" => history::describe(sys, &repo),
        "diff" => differences::diff(sys, &repo, words),
        "fetch" => remote::fetch(sys, &repo, words),
        "log" => history::log(sys, &repo, words),
        "ls-files" => work::ls_files(sys, &repo),
        "ls-remote" => remote::list(sys, Some(&repo), words),
        "merge" => work::merge(sys, &mut repo, words),
        "mv" => work::rename(sys, &mut repo, words),
        "pull" => remote::pull(sys, &mut repo, words),
        "push" => remote::push(sys, &repo, words),
        "remote" => remote::remote(sys, &repo, words),
        "reset" => checkout::reset(sys, &mut repo, words),
        "restore" => checkout::restore(sys, &mut repo, words),
        "rev-parse" => history::rev_parse(sys, &repo, words),
        "rm" => work::remove(sys, &mut repo, words),
        "show" => history::show(sys, &repo, words),
        "status" => status::status(sys, &repo, words),
        "switch" => checkout::switch(sys, &mut repo, words),
        "tag" => history::tag(sys, &repo, words),
        "rebase" | "stash" | "cherry-pick" | "revert" | "bisect" | "submodule" | "worktree" | "blame"
        | "clean" | "gc" | "fsck" | "archive" | "grep" | "reflog" | "shortlog" | "notes" | "am" | "apply" => {
            Said::fatal(format!("git {verb} is not simulated in this sandbox"))
        }
        other => unknown(other),
    }
}

fn unknown(verb: &str) -> Said {
    const VERBS: &[&str] = &[
        "add", "branch", "checkout", "clone", "commit", "diff", "fetch", "init", "log", "merge", "pull",
        "push", "remote", "reset", "show", "stash", "status", "switch", "tag",
    ];
    let shared = |v: &str| v.chars().filter(|c| verb.contains(*c)).count();
    let near: Vec<&&str> = VERBS
        .iter()
        .filter(|v| {
            shared(v) + 1 >= v.len()
                && v.len().abs_diff(verb.len()) <= 1
                && v.chars().next() == verb.chars().next()
        })
        .collect();
    let hint = match near.as_slice() {
        [] => String::new(),
        [one] => format!("\nThe most similar command is\n\t{one}\n"),
        many => format!(
            "\nThe most similar commands are\n{}",
            many.iter().map(|m| format!("\t{m}\n")).collect::<String>()
        ),
    };
    Said {
        err: format!("git: '{verb}' is not a git command. See 'git --help'.\n{hint}"),
        code: 1,
        ..Said::default()
    }
}
